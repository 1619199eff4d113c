/* The rows of the table as kernels, printed from their Python by `python docs/kernels.py`: change the rows, and run it again.

   `rows_table` has the rows in the order of the table. `a` has the operands, `k` the parameters in the order in which the row's
   Python lists them, whole numbers and truths as doubles too.

       a row of `arity` operands, at most 32:
           double NAME_value(const double *a, const double *k)
           double NAME_rule(const double *a, const double *k, unsigned active, double *partials)
       a row of any number of them, whose arity is -1:
           double NAME_value(const double *a, long n, const double *k)
           double NAME_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials)

   All give the value. A rule also writes partials[i], the partial with respect to operand number i, where bit i of active is set;
   other places it leaves alone. If n is not fixed, active has a truth for each operand, NULL if all are active, and a rule writes
   all n partials. One that is closed is a NaN with bits that no computation gives: ask rows_is_closed(partials[i]) before any arithmetic.

   Where Python raises, `rows_raised` is set, and value and partials mean nothing: set it to 0 before the call and look at it
   after, unless the row has not the flag ROWS_MAY_RAISE; to raise, call the row in Python. It is each thread's own, as the pool is,
   which every kernel leaves empty; see ROWS_LOCAL in intrinsics.h.
   Build with -ffp-contract=off and never with -ffast-math: then the bits are Python's. */

#ifndef ROWS_KERNELS_H
#define ROWS_KERNELS_H
#ifdef __GNUC__ /* a file may use some of the rows, and a row some of its operands */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-const-variable"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#endif
#include "../rowcode/intrinsics.h"

enum { ROWS_TAKES_ACTIVE = 1, ROWS_MAY_RAISE = 2 }; /* partials depend on which operands are active; see rows_raised */

typedef struct {
    const char *name;
    int arity, parameters; /* how many; the arity is -1 for any number of operands */
    unsigned flags;
    double (*value)(const double *a, const double *k); /* these two are NULL if the arity is -1 */
    double (*rule)(const double *a, const double *k, unsigned active, double *partials);
    double (*value_of_many)(const double *a, long n, const double *k); /* and these if it is not */
    double (*rule_of_many)(const double *a, long n, const double *k, const unsigned char *active, double *partials);
} rows_row;

typedef struct { double f0; double f1; double f2; double f3; } rows_4_double_double_double_double;
typedef struct { double f0; double f1; int f2; } rows_3_double_double_int;
typedef struct { rows_array f0; double f1; } rows_2_array_double;
typedef struct { double f0; double f1; double f2; } rows_3_double_double_double;
static const double rows_table_0[] = {1.4302966531242027, 2.459024032956761, 3.47088972434702, 4.477408583432515, 5.481536650607196, 6.484387126386342, 7.486474247962769, 8.488068696093448, 9.48932661808597, 10.49034444429462, 11.491184957771223, 12.491890798229646};
static const double rows_table_1[] = {2.5173451966260676e-17, 1.8290102056584814e-16, -3.9889161264824234e-17, 2.4252725266067408e-16, 3.135382465176162e-16, 3.976463193586804e-17, -4.321835149961335e-17, 6.85525033772e-16, -7.839423677774487e-16, -3.085789712069599e-16, -4.536868778036171e-16, -2.5120080415557297e-17};
static const double rows_table_2[] = {0.0, 0.0, 0.0, 1.0, 2.0, 4.0, 6.0};
static const double rows_table_3[] = {1.0, 1.7320508075688772, 0.7419637843027258, 2.3344142183389773, 1.355626179974266, 2.8569700138728056};
static const double rows_table_4[] = {0.0, 1.0035084221806903e-16, 5.369440972972686e-17, -9.219523906702006e-17, -6.65847569665231e-17, 7.367188270201619e-17};
static const double rows_table_5[] = {13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0};
static const double rows_table_6[] = {0.4314939923140469, 0.388284982990552, -0.018199676398671087, -0.1140082332972217, -0.014771522148244337, 0.019421679838189067, 0.004539228379125415, -0.002239538068073497, -0.0007448268386746817, 0.00018633974623233514, 8.615947861116571e-05, -1.121438018842664e-05, -7.74846130700372e-06};
static const double rows_table_7[] = {0.4304000910248585, 0.38751844613578895, -0.01578285352184803, -0.11394448308095899, -0.01661932834305256, 0.019682309459833118, 0.005261059254921912, -0.0024227318458750974, -0.0009274420230205449, 0.00026392764052681053, 0.00012425227802639782, -3.4956171694436116e-05, -1.5950896871645105e-05};
static const double rows_table_8[] = {0.2178117057198001, 0.1466487969969469, 0.018874814223782312, -0.015222655223188032, -0.006606589138356696, 0.000126627410081122, 0.0007985218818397998, 0.00018570724361186496, -4.090534237428612e-05, -2.9733542213263917e-05, -2.942631888842464e-06, 2.346029682463866e-06, 8.599695028268575e-07};
static const double rows_table_9[] = {0.2669479140495345, 0.20473126408010586, 0.04190782104360987, -0.020271822716684245, -0.01582112656173338, -0.0033606849270232685, 0.0010924055409445854, 0.0009898181021289196, 0.00025412936386191073, -4.1961496031696126e-05, -5.582891567360688e-05, -1.72992708103044e-05, 9.427361327376651e-07};
static const double rows_table_10[] = {0.7071067811865476, 1.224744871391589, 0.5246476232752904, 1.6506801238857844, 0.9585724646138185, 2.0201828704560856};
static const double rows_table_11[] = {-4.833646656726457e-17, 1.084308259051623e-16, -3.5577681434244456e-17, 1.1094631065375309e-16, -1.881088219589814e-18, 5.5313611163312725e-17};
static const double rows_table_12[] = {1.0, 1.0, 2.0, 6.0, 24.0, 120.0, 720.0, 5040.0, 40320.0, 362880.0, 3628800.0, 39916800.0, 479001600.0, 6227020800.0, 87178291200.0, 1307674368000.0, 20922789888000.0, 355687428096000.0, 6402373705728000.0, 1.21645100408832e+17, 2.43290200817664e+18, 5.109094217170944e+19, 1.1240007277776077e+21, 2.585201673888498e+22, 6.204484017332394e+23, 1.5511210043330986e+25, 4.0329146112660565e+26, 1.0888869450418352e+28, 3.0488834461171387e+29, 8.841761993739702e+30, 2.6525285981219107e+32, 8.222838654177922e+33, 2.631308369336935e+35, 8.683317618811886e+36, 2.9523279903960416e+38, 1.0333147966386145e+40, 3.7199332678990125e+41, 1.3763753091226346e+43, 5.230226174666011e+44, 2.0397882081197444e+46, 8.159152832478977e+47, 3.345252661316381e+49, 1.40500611775288e+51, 6.041526306337383e+52, 2.658271574788449e+54, 1.1962222086548019e+56, 5.502622159812089e+57, 2.5862324151116818e+59, 1.2413915592536073e+61, 6.082818640342675e+62, 3.0414093201713376e+64, 1.5511187532873822e+66, 8.065817517094388e+67, 4.2748832840600255e+69, 2.308436973392414e+71, 1.2696403353658276e+73, 7.109985878048635e+74, 4.0526919504877214e+76, 2.3505613312828785e+78, 1.3868311854568984e+80, 8.32098711274139e+81, 5.075802138772248e+83, 3.146997326038794e+85, 1.98260831540444e+87, 1.2688693218588417e+89, 8.247650592082472e+90, 5.443449390774431e+92, 3.647111091818868e+94, 2.4800355424368305e+96, 1.711224524281413e+98, 1.1978571669969892e+100, 8.504785885678623e+101, 6.1234458376886085e+103, 4.4701154615126844e+105, 3.307885441519386e+107, 2.48091408113954e+109, 1.8854947016660504e+111, 1.4518309202828587e+113, 1.1324281178206297e+115, 8.946182130782976e+116, 7.156945704626381e+118, 5.797126020747368e+120, 4.753643337012842e+122, 3.945523969720659e+124, 3.314240134565353e+126, 2.81710411438055e+128, 2.4227095383672734e+130, 2.107757298379528e+132, 1.8548264225739844e+134, 1.650795516090846e+136, 1.4857159644817615e+138, 1.352001527678403e+140, 1.2438414054641308e+142, 1.1567725070816416e+144, 1.087366156656743e+146, 1.032997848823906e+148, 9.916779348709496e+149, 9.619275968248212e+151, 9.426890448883248e+153, 9.332621544394415e+155, 9.332621544394415e+157, 9.42594775983836e+159, 9.614466715035127e+161, 9.90290071648618e+163, 1.0299016745145628e+166, 1.081396758240291e+168, 1.1462805637347084e+170, 1.226520203196138e+172, 1.324641819451829e+174, 1.4438595832024937e+176, 1.588245541522743e+178, 1.7629525510902446e+180, 1.974506857221074e+182, 2.2311927486598138e+184, 2.5435597334721877e+186, 2.925093693493016e+188, 3.393108684451898e+190, 3.969937160808721e+192, 4.684525849754291e+194, 5.574585761207606e+196, 6.689502913449127e+198, 8.094298525273444e+200, 9.875044200833601e+202, 1.214630436702533e+205, 1.506141741511141e+207, 1.882677176888926e+209, 2.372173242880047e+211, 3.0126600184576594e+213, 3.856204823625804e+215, 4.974504222477287e+217, 6.466855489220474e+219, 8.47158069087882e+221, 1.1182486511960043e+224, 1.4872707060906857e+226, 1.9929427461615188e+228, 2.6904727073180504e+230, 3.659042881952549e+232, 5.012888748274992e+234, 6.917786472619489e+236, 9.615723196941089e+238, 1.3462012475717526e+241, 1.898143759076171e+243, 2.695364137888163e+245, 3.854370717180073e+247, 5.5502938327393044e+249, 8.047926057471992e+251, 1.1749972043909107e+254, 1.727245890454639e+256, 2.5563239178728654e+258, 3.80892263763057e+260, 5.713383956445855e+262, 8.62720977423324e+264, 1.3113358856834524e+267, 2.0063439050956823e+269, 3.0897696138473508e+271, 4.789142901463394e+273, 7.471062926282894e+275, 1.1729568794264145e+278, 1.853271869493735e+280, 2.9467022724950384e+282, 4.7147236359920616e+284, 7.590705053947219e+286, 1.2296942187394494e+289, 2.0044015765453026e+291, 3.287218585534296e+293, 5.423910666131589e+295, 9.003691705778438e+297, 1.503616514864999e+300, 2.5260757449731984e+302, 4.269068009004705e+304, 7.257415615307999e+306};
static const double rows_table_13[] = {23531376880.41076, 42919803642.6491, 35711959237.35567, 17921034426.03721, 6039542586.352028, 1439720407.3117216, 248874557.86205417, 31426415.585400194, 2876370.6289353725, 186056.26539522348, 8071.672002365816, 210.82427775157936, 2.5066282746310002};
static const double rows_table_14[] = {0.0, 39916800.0, 120543840.0, 150917976.0, 105258076.0, 45995730.0, 13339535.0, 2637558.0, 357423.0, 32670.0, 1925.0, 66.0, 1.0};
static const double rows_table_15[] = {0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914, 0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-05, 3.058823630702049e-05, 1.528225940865187e-05, 7.637197637899763e-06, 3.81729326499984e-06, 1.908212716553939e-06, 9.539620338727962e-07, 4.769329867878064e-07, 2.38450502727733e-07, 1.1921992596531106e-07, 5.960818905125948e-08, 2.980350351465228e-08, 1.4901554828365043e-08, 7.45071178983543e-09, 3.725334024788457e-09, 1.862659723513049e-09, 9.313274324196682e-10, 4.656629065033784e-10, 2.3283118336765053e-10, 1.164155017270052e-10, 5.820772087902701e-11, 2.9103850444971e-11, 1.4551921891041985e-11, 7.275959835057482e-12, 3.637979547378651e-12, 1.818989650307066e-12, 9.094947840263888e-13, 4.547473783042154e-13};
static const double rows_table_16[] = {1.4616321449683622, -0.5040830082644554, -1.5734984731623904, -2.6107208684441447, -3.635293366436901, -4.653237761743142, -5.6671624415568855, -6.678418213073427, -7.687788325031626, -8.695764163816401, -9.702672540001863, -10.708740838254144, -11.714133061228955};
static const double rows_table_17[] = {9.549995429965697e-17, -8.15428206243813e-18, -1.574185691077347e-17, 9.881960746978353e-17, 5.454396163173039e-17, -2.5492686201468193e-16, -3.2153051074948335e-18, 3.470798723495241e-16, -1.351562494643672e-16, -3.2859903716289447e-16, -3.2563178405401477e-16, -6.287211750540301e-16, 8.598250154343834e-16};
static const double rows_table_18[] = {0.16666666666666666, -0.03333333333333333, 0.023809523809523808, -0.03333333333333333, 0.07575757575757576, -0.2531135531135531, 1.1666666666666667, -7.092156862745098, 54.971177944862156, -529.1242424242424};
static const double rows_table_19[] = {2.0, 1.0, -0.5, -1.5, -2.4570247382208006, -2.7476826467274127, -3.14358088834998, -3.955294284858598, -4.039361839740537, -4.991544640560048, -5.0082181683225935, -5.998607480080875, -6.001385294453155, -6.999801507890638, -7.000198333407325, -7.999975197095821, -8.000024800270682, -8.999997244250977, -9.000002755714823, -9.99999972442663, -10.000000275573013, -10.99999997494789, -11.000000025052106, -11.999999997912324};
static const double rows_table_20[] = {0.0, 0.0, 0.0, 0.0, -3.7075610815513266e-17, 9.055340329338315e-17, -2.1818179852331714e-16, -1.999428391746348e-17, 2.1143995503980602e-16, 1.5174411760571722e-16, -4.3926353491015815e-17, -3.311862478893795e-16, 6.415847287933042e-17, 1.0550130037400023e-17, 2.504354173632409e-16, -5.261737128572354e-17, -4.354586297860107e-16, -2.2185620509727132e-16, -9.491348611623208e-17, 4.883037618642443e-16, -3.4909708332642057e-16, 1.9843998306985407e-16, -6.850849812286175e-16, -1.0020693920103036e-16};
static const double rows_table_21[] = {0.0, 0.0, 1.2655121234846454, 0.860047015376481, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
static double row_where(double a_, double b_, int condition_);
static double row_div(double a_, double b_);
static double row_pow(double a_, double b_);
static double row_quotient(double a_, double b_, double y_);
static double row_root_slope(double a_, double b_, double y_);
static double row_small_pole_slope(double a_, double b_);
static double row_pole_slope(double a_, double b_, double y_);
static double row_low_power_slope(double a_, double b_, double y_);
static double row_small_slope(double a_, double b_);
static double row_edge_slope(double a_, double b_);
static double row_square(double a_);
static double row_reciprocal(double x_);
static double row_log1mexp(double x_);
static double row_logit(double p_);
static double row_one_minus_square(double a_);
static double row_middle_odds(double p_);
static double row_odds(double p_);
static double row_exprel_derivative(double x_, double n_);
static double row_exprel(double x_);
static double row_xlogy(double x_, double y_);
static double row_slope_of_xlogy_x(double x_, double y_, double z_);
static double row_slope_of_xlogy_y(double x_, double y_, double z_);
static double row_math_degrees(double x_);
static double row_math_radians(double x_);
static double row_modulo_whole(double a_, double b_);
static rows_2_double_double row_sin_cos_pi(double x_);
static double row_sinc_slope(double x_);
static double row_sinc_derivative(double x_, double n_);
static double row_sinc(double x_);
static double row_larger(double a_, double b_);
static double row_smaller(double a_, double b_);
static double row_scaled(double x_, double n_);
static rows_2_double_double row_inverse_power(double a_, double b_, double n_);
static double row_inverse_power_real(double a_, double b_, double n_);
static double row_inverse_power_imaginary(double a_, double b_, double n_);
static double row_slope_of_atan2_y(double y_, double x_, double angle_);
static double row_slope_of_atan2_x(double y_, double x_, double angle_);
static double row_sign(double x_);
static rows_2_double_double row_two_product(double a_, double b_);
static double row_math_hypot(double a_, double b_);
static double row_polar_power(double a_, double b_, double cosines_, double sines_, double radii_);
static double row_polar_slope(double a_, double b_, double cosines_, double sines_, double radii_);
static double row_polar_swapped(double a_, double b_, double cosines_, double sines_, double radii_);
static double row_sech(double x_);
static double row_logcosh(double x_);
static double row_sigmoid(double x_);
static double row_sigmoid_slope(double x_);
static double row_softplus(double x_);
static double row_logsigmoid(double a_);
static double row_relu(double x_);
static double row_leaky_relu(double x_, double negative_slope_);
static double row_greater(double a_, double b_);
static double row_between(double x_, double low_, double high_);
static double row_nearest_to_zero(double low_, double high_);
static double row_elu(double x_, double alpha_);
static double row_selu(double a_);
static double row_celu(double x_, double alpha_);
static double row_huber(double x_, double delta_);
static rows_2_double_double row_square_split(double x_);
static double row_normal_pdf(double x_);
static double row_hermite(double x_, double n_, double scale_);
static double row_density_times(double x_, double factor_);
static double row_normal_pdf_derivative(double x_, double n_);
static double row_gaussian(double x_);
static double row_normal_cdf(double x_);
static double row_mills(double x_);
static double row_log_normal_cdf(double x_);
static double row_truncated_cumulant(double u_, double n_);
static double row_log_normal_cdf_derivative(double x_, double n_);
static double row_gelu(double x_);
static double row_taylor(double t_, rows_array coefficients_);
static double row_gelu_slope(double x_);
static rows_2_double_double row_product(rows_2_double_double a_, rows_2_double_double b_);
static rows_2_double_double row_exp_twice_u(double x_);
static double row_gelu_tanh(double x_);
static double row_gelu_tanh_slope(double x_);
static double row_gelu_u(double a_);
static double row_gelu_u_slope(double a_);
static double row_gelu_tanh_curvature(double a_);
static double row_silu(double x_);
static double row_silu_slope(double x_);
static double row_silu_curvature(double a_);
static double row_mish(double x_);
static double row_mish_slope(double x_);
static double row_mish_curvature(double a_, double s_);
static double row_hardtanh(double a_);
static double row_relu6(double a_);
static double row_hardsigmoid(double a_);
static double row_hardswish(double x_);
static double row_softsign(double x_);
static double row_hermite_2(double x_, double n_, double scale_);
static double row_gaussian_derivative(double x_, double n_);
static double row_erf_excess(double x_, double p_);
static double row_erfinv(double p_);
static double row_erfinv_slope(double p_);
static double row_math_factorial(double n_);
static double row_finite(double x_);
static double row_sin_pi(double x_);
static double row_lanczos(double x_);
static double row_math_gamma(double x_);
static rows_2_double_double row_two_sum(double a_, double b_);
static double row_fsum(rows_array xs_);
static double row_math_fsum(rows_array xs_);
static double row_digamma_near(double x_, double root_, double low_);
static rows_array row_cot_pi(double x_, double n_);
static double row_digamma(double x_);
static double row_math_lgamma(double x_);
static int row_same_side(double x_, double other_);
static double row_math_ulp(double x_);
static double row_lgamma(double x_);
static double row_inverse_power_2(double x_, double n_);
static double row_exact_sum(rows_array xs_);
static double row_polygamma(double x_, double n_);
static double row_floor(double x_);
static double row_ceil(double x_);
static double row_trunc(double x_);
static double row_round(double x_, double ndigits_);
static double row_floor_divide(double a_, double b_);
static double row_modulo(double a_, double b_);
static double row_share(double a_, double b_, int active_0_, int active_1_);
static double row_clamp(double x_, double low_, double high_);
static double row_room(double x_, double low_, int active_0_, int active_1_);
static double row_at_low(double x_, double low_, double high_, int active_0_, int active_1_, int active_2_);
static double row_inside_share(double x_, double low_, double high_, int active_0_, int active_1_, int active_2_);
static double row_lerp(double a_, double b_, double t_);
static double row_count_of(rows_array truths_);
static double row_mean(rows_array xs_);
static double row_error_of_difference(double a_, double b_);
static rows_array row_deviations(rows_array xs_);
static double row_deviation(rows_array xs_, double k_);
static double row_unless_nan(double slope_, double y_);
static double row_exponent(rows_array xs_);
static double row_norm(rows_array xs_);
static double row_var(rows_array xs_);
static rows_array row_variance_slopes(rows_array xs_, double n_);
static rows_2_array_double row_scaled_deviations(rows_array xs_);
static double row_std(rows_array xs_);
static rows_array row_deviation_slopes(rows_array xs_, double y_);
static rows_3_double_double_double row_times(double high_, double low_, double x_);
static double row_prod(rows_array xs_);
static rows_array row_products_of_others(rows_array xs_);
static double row_part_on_floats(rows_array xs_, double i_, double y_);
static double row_scaled_norm_slope(rows_array xs_, double i_, double s_);
static double row_far_norm_slope(rows_array xs_, double i_);
static double row_norm_slope(rows_array xs_, double i_, double y_);
static double row_place_of_largest(rows_array xs_);
static double row_max_of(rows_array xs_);
static rows_array row_shares_on_floats(rows_array xs_, rows_array active_);
static double row_min_of(rows_array xs_);
static double row_dot(rows_array xs_);
static double row_affine(rows_array xs_);
static double row_exp_sub(double a_, double b_);
static double row_greatest(rows_array xs_);
static rows_array row_divided(rows_array a_, double k_);
static rows_array row_carried(rows_array a_);
static rows_array row_times_2(rows_array a_, rows_array b_);
static rows_array row_exponential(double x_, double places_);
static double row_exponentials_less_one(rows_array xs_);
static double row_logsumexp(rows_array xs_);
static rows_array row_probabilities(rows_array xs_);
static double row_softmax(rows_array xs_, double k_);
static double row_share_2(double a_, double b_);
static double row_logaddexp(double a_, double b_);
static rows_array row_softmax_slopes_of_two(double a_, double b_, rows_array p_, double k_);
static double row_complement(rows_array p_, double k_);
static rows_array row_softmax_slopes(rows_array p_, double k_);
static double row_cross_entropy(rows_array xs_, double target_);
static double row_log_softmax(rows_array xs_, double k_);
static rows_array row_cross_entropy_slopes(rows_array p_, double target_);
static rows_array row_slopes_of_log_softmax(rows_array xs_, double y_, double k_);
static rows_2_double_double row_SGD_formula(double p_, double g_, double v_, double lr_, double momentum_, double weight_decay_);
static rows_2_double_double row_Nesterov_formula(double p_, double g_, double v_, double lr_, double momentum_, double weight_decay_);
static rows_2_double_double row_AdaGrad_formula(double p_, double g_, double s_, double rate_, double weight_decay_, double eps_);
static rows_3_double_double_double row_RMSProp_formula(double p_, double g_, double s_, double v_, double lr_, double alpha_, double eps_, double weight_decay_, double momentum_);
static rows_3_double_double_double row_by_means(double g_, double m_, double s_, double lr_, double b1_, double b2_, double c1_, double c2_, double eps_);
static rows_3_double_double_double row_Adam_formula(double p_, double g_, double m_, double s_, double lr_, double b1_, double b2_, double c1_, double c2_, double eps_, double decay_);
static rows_3_double_double_double row_AdamW_formula(double p_, double g_, double m_, double s_, double lr_, double b1_, double b2_, double c1_, double c2_, double eps_, double decay_);

static double row_where(double a_, double b_, int condition_) {
    return condition_ ? a_ : b_;
}
static double row_div(double a_, double b_) {
    return rows_divide(a_, b_);
}
static double row_pow(double a_, double b_) {
    if (a_ == 0.0 && (-INFINITY < b_ && b_ < 0.0)) {
        rows_raise(rows_ZeroDivisionError);
        return (double){0};
    }
    return rows_pow(a_, b_);
}
static double row_quotient(double a_, double b_, double y_) {
    return fabs(a_) > 1e-300 ? y_ * rows_divide(b_, a_) : rows_divide(b_ * y_, a_);
}
static double row_root_slope(double a_, double b_, double y_) {
    return fabs(a_) <= 0.0 ? INFINITY * (1.0 - y_) : b_ >= 0.5 ? b_ * row_pow(a_, b_ - 1.0) : fabs(a_) > 1.0 ? (fabs(a_) < INFINITY ? rows_divide(b_ * y_, a_) : b_ * row_pow(a_, b_ - 1.0)) : row_quotient(a_, b_, y_);
}
static double row_small_pole_slope(double a_, double b_) {
    return a_ > 0.0 ? row_pow(a_, b_ / 2.0) * rows_divide(b_ * row_pow(a_, b_ / 2.0), a_) : rows_divide(b_ * row_pow(a_, b_), a_);
}
static double row_pole_slope(double a_, double b_, double y_) {
    return b_ >= 0.0 ? (fabs(a_) > 1e-300 ? b_ * rows_divide(y_, a_) : 0.0) : fabs(a_) <= 0.0 ? b_ : fabs(y_) > 1e-290 ? y_ * rows_divide(b_, a_) : row_small_pole_slope(a_, b_);
}
static double row_low_power_slope(double a_, double b_, double y_) {
    return b_ > 0.0 ? row_root_slope(a_, b_, y_) : row_pole_slope(a_, b_, y_);
}
static double row_small_slope(double a_, double b_) {
    return a_ < 1.0 ? row_pow(a_, b_ - 1.0) * rows_log(a_) * a_ : row_pow(a_, b_ / 2.0) * (row_pow(a_, b_ / 2.0) * rows_log(a_));
}
static double row_edge_slope(double a_, double b_) {
    return a_ >= 0.0 ? (b_ <= b_ ? 0.0 : NAN) : NAN;
}
static double row_square(double a_) {
    return a_ * a_;
}
static double row_reciprocal(double x_) {
    return rows_divide(1.0, x_);
}
static double row_log1mexp(double x_) {
    if (x_ >= 0.0) {
        rows_raise(rows_ValueError);
        return (double){0};
    }
    return x_ > -0.6931471805599453 ? rows_log(-rows_expm1(x_)) : rows_log1p(-rows_exp(x_));
}
static double row_logit(double p_) {
    if (p_ <= 0.0 || p_ >= 1.0) {
        rows_raise(rows_ValueError);
        return (double){0};
    }
    if (fabs(p_ - 0.5) < 0.25) {
        return 2.0 * rows_atanh(2.0 * p_ - 1.0);
    }
    return p_ < 0.5 ? rows_log(rows_divide(p_, 1.0 - p_)) : -rows_log(rows_divide(1.0 - p_, p_));
}
static double row_one_minus_square(double a_) {
    return (1.0 - a_) * (1.0 + a_);
}
static double row_middle_odds(double p_) {
    return rows_divide(4.0, row_one_minus_square(2.0 * p_ - 1.0));
}
static double row_odds(double p_) {
    return row_reciprocal(p_) + row_reciprocal(1.0 - p_);
}
static double row_exprel_derivative(double x_, double n_) {
    double half_ = {0};
    double e_ = {0};
    double start_ = {0};
    double total_ = {0};
    double k_ = {0};
    if (!(0 <= n_ && n_ <= 100)) {
        rows_raise(rows_ValueError);
        return (double){0};
    }
    if (!(fabs(x_) < INFINITY)) {
        return x_ > 0.0 || x_ != x_ ? x_ : 0.0;
    }
    half_ = x_ > 700.0 ? rows_exp(0.5 * x_) : 1.0;
    e_ = x_ > 700.0 ? half_ : rows_exp(x_);
    if (fabs(x_) <= 0.0 + n_ + 2.0 && n_ > 0) {
        start_ = n_ + 32 + rows_floor((0.0 + 4 * n_) / 5.0);
        total_ = rows_divide(e_, 0.0 + start_ + 1.0);
        double t1 = start_ - n_;
        for (long i_ = 0; i_ < t1; i_ += 1) {
            k_ = start_ - i_;
            total_ = rows_divide(e_ - x_ * total_, 0.0 + k_);
        }
        return total_;
    }
    total_ = x_ == 0.0 ? 1.0 : x_ > 700.0 ? rows_divide(half_, x_) : rows_divide(rows_expm1(x_), x_);
    double t2 = n_ + 1 - 1;
    for (long j_ = 0; j_ < t2; j_ += 1) {
        k_ = 1 + j_;
        total_ = rows_divide(e_ - (0.0 + k_) * total_, x_);
    }
    total_ = total_ * half_;
    if (total_ == INFINITY) {
        rows_raise(rows_OverflowError);
        return (double){0};
    }
    return total_;
}
static double row_exprel(double x_) {
    return row_exprel_derivative(x_, 0);
}
static double row_xlogy(double x_, double y_) {
    if (x_ == 0.0 && y_ >= 0.0) {
        return 0.0;
    }
    return x_ * rows_log(y_);
}
static double row_slope_of_xlogy_x(double x_, double y_, double z_) {
    return y_ <= 0.0 ? -INFINITY * rows_exp(-y_) : rows_log(y_);
}
static double row_slope_of_xlogy_y(double x_, double y_, double z_) {
    return y_ <= 0.0 ? cbrt(x_) : rows_divide(x_, y_);
}
static double row_math_degrees(double x_) {
    return x_ * 57.29577951308232;
}
static double row_math_radians(double x_) {
    return x_ * 0.017453292519943295;
}
static double row_modulo_whole(double a_, double b_) {
    return a_ - b_ * rows_floor(rows_divide(0.0 + a_, 0.0 + b_));
}
static rows_2_double_double row_sin_cos_pi(double x_) {
    double half_turns_ = {0};
    double r_ = {0};
    double s_ = {0};
    double c_ = {0};
    rows_4_double_double_double_double turned_ = {0};
    double quarter_ = {0};
    if (!(fabs(x_) < 9007199254740992.0)) {
        return (rows_2_double_double){0.0, 1.0};
    }
    half_turns_ = rows_round(2.0 * x_);
    r_ = x_ - 0.5 * (0.0 + half_turns_);
    s_ = rows_sin(3.141592653589793 * r_);
    c_ = rows_cos(3.141592653589793 * r_);
    turned_ = (rows_4_double_double_double_double){s_, c_, -s_, -c_};
    quarter_ = row_modulo_whole(half_turns_, 4);
    rows_array t1 = rows_new(1 + 1 + 1 + 1);
    rows_push(&t1, turned_.f0);
    rows_push(&t1, turned_.f1);
    rows_push(&t1, turned_.f2);
    rows_push(&t1, turned_.f3);
    rows_array t2 = rows_new(1 + 1 + 1 + 1);
    rows_push(&t2, turned_.f0);
    rows_push(&t2, turned_.f1);
    rows_push(&t2, turned_.f2);
    rows_push(&t2, turned_.f3);
    return (rows_2_double_double){rows_at(t1, quarter_), rows_at(t2, row_modulo_whole(quarter_ + 1, 4))};
}
static double row_sinc_slope(double x_) {
    double at_ = {0};
    double at_low_ = {0};
    double root_ = {0};
    double low_ = {0};
    double d_ = {0};
    double angle_ = {0};
    double cosine_ = {0};
    at_ = 1.4302966531242027;
    at_low_ = 2.5173451966260676e-17;
    for (long i_ = 0; i_ < 12; i_ += 1) {
        root_ = rows_at((rows_array){(double *)rows_table_0, 12, 12}, i_);
        low_ = rows_at((rows_array){(double *)rows_table_1, 12, 12}, i_);
        if (fabs(x_ - root_) < fabs(x_ - at_)) {
            at_ = root_;
            at_low_ = low_;
        }
    }
    d_ = 3.141592653589793 * (x_ - at_ - at_low_);
    angle_ = 3.141592653589793 * at_;
    cosine_ = copysign(rows_divide(1.0, rows_sqrt(1.0 + angle_ * angle_)), rows_cos(angle_));
    return rows_divide(rows_divide(cosine_ * (d_ * rows_cos(d_) - rows_sin(d_) * (1.0 + angle_ * angle_ + angle_ * d_)), x_), 3.141592653589793 * x_);
}
static double row_sinc_derivative(double x_, double n_) {
    double s_ = {0};
    double c_ = {0};
    rows_4_double_double_double_double turned_ = {0};
    double start_ = {0};
    double power_ = {0};
    double total_ = {0};
    double k_ = {0};
    if (!(0 <= n_ && n_ <= 100)) {
        rows_raise(rows_ValueError);
        return (double){0};
    }
    if (!(fabs(x_) < INFINITY)) {
        return x_ != x_ ? x_ : 0.0;
    }
    rows_2_double_double t1 = row_sin_cos_pi(x_);
    s_ = t1.f0;
    c_ = t1.f1;
    turned_ = (rows_4_double_double_double_double){s_, c_, -s_, -c_};
    if (fabs(3.141592653589793 * x_) <= 0.0 + n_ + 2.0 && n_ > 0) {
        start_ = n_ + 32 + rows_floor((0.0 + 4 * n_) / 5.0);
        power_ = row_pow(3.141592653589793, 0.0 + start_);
        rows_array t2 = rows_new(1 + 1 + 1 + 1);
        rows_push(&t2, turned_.f0);
        rows_push(&t2, turned_.f1);
        rows_push(&t2, turned_.f2);
        rows_push(&t2, turned_.f3);
        total_ = rows_divide(power_ * rows_at(t2, row_modulo_whole(start_, 4)), 0.0 + start_ + 1.0);
        double t3 = start_ - n_;
        for (long i_ = 0; i_ < t3; i_ += 1) {
            k_ = start_ - i_;
            power_ = power_ / 3.141592653589793;
            rows_array t4 = rows_new(1 + 1 + 1 + 1);
            rows_push(&t4, turned_.f0);
            rows_push(&t4, turned_.f1);
            rows_push(&t4, turned_.f2);
            rows_push(&t4, turned_.f3);
            total_ = rows_divide(power_ * rows_at(t4, row_modulo_whole(k_, 4)) - x_ * total_, 0.0 + k_);
        }
        return total_;
    }
    if (n_ == 1 && fabs(x_) < 13.0) {
        return copysign(1.0, x_) * row_sinc_slope(fabs(x_));
    }
    total_ = x_ == 0.0 ? 1.0 : rows_divide(s_ / 3.141592653589793, x_);
    power_ = 1.0;
    double t5 = n_ + 1 - 1;
    for (long j_ = 0; j_ < t5; j_ += 1) {
        k_ = 1 + j_;
        rows_array t6 = rows_new(1 + 1 + 1 + 1);
        rows_push(&t6, turned_.f0);
        rows_push(&t6, turned_.f1);
        rows_push(&t6, turned_.f2);
        rows_push(&t6, turned_.f3);
        total_ = rows_divide(power_ * rows_at(t6, row_modulo_whole(k_, 4)) - (0.0 + k_) * total_, x_);
        power_ = power_ * 3.141592653589793;
    }
    return total_;
}
static double row_sinc(double x_) {
    return row_sinc_derivative(x_, 0);
}
static double row_larger(double a_, double b_) {
    return a_ > b_ || a_ != a_ ? a_ : b_;
}
static double row_smaller(double a_, double b_) {
    return a_ < b_ || a_ != a_ ? a_ : b_;
}
static double row_scaled(double x_, double n_) {
    int saved_1 = rows_raised;
    rows_raised = 0;
    {
        double t2 = rows_ldexp(x_, n_);
        if (rows_raised) goto handler_1;
        return t2;
    }
    rows_raised = saved_1;
    if (0) handler_1: {
    if (rows_raised == rows_OverflowError) {
    rows_raised = saved_1;
        return copysign(INFINITY, x_);
    } else
    { return (double){0}; }
    }
}
static rows_2_double_double row_inverse_power(double a_, double b_, double n_) {
    double size_ = {0};
    double exponent_ = {0};
    double lifted_ = {0};
    int linear_in_real_ = {0};
    double length_ = {0};
    double real_ = {0};
    double imaginary_ = {0};
    double square_real_ = {0};
    double square_imaginary_ = {0};
    double real_exponent_ = {0};
    if (a_ != a_ || b_ != b_) {
        return (rows_2_double_double){NAN, NAN};
    }
    if (!(0 <= n_ && n_ <= 100)) {
        rows_raise(rows_ValueError);
        return (rows_2_double_double){0};
    }
    size_ = row_larger(fabs(a_), fabs(b_));
    if (size_ == 0.0) {
        rows_raise(rows_ZeroDivisionError);
        return (rows_2_double_double){0};
    }
    if (size_ == INFINITY) {
        return fabs(a_) == fabs(b_) ? (rows_2_double_double){NAN, NAN} : n_ != 0 ? (rows_2_double_double){0.0, 0.0} : (rows_2_double_double){1.0, 0.0};
    }
    exponent_ = rows_frexp(size_).f1;
    a_ = rows_ldexp(a_, -exponent_);
    b_ = rows_ldexp(b_, -exponent_);
    lifted_ = 0.0 < row_smaller(fabs(a_), fabs(b_)) && row_smaller(fabs(a_), fabs(b_)) < 1.1830521861667747e-271 ? 512 : 0;
    rows_3_double_double_int t1 = fabs(a_) < fabs(b_) ? (rows_3_double_double_int){rows_ldexp(a_, lifted_), b_, row_modulo_whole(n_, 2) == 1} : (rows_3_double_double_int){a_, rows_ldexp(b_, lifted_), 0};
    a_ = t1.f0;
    b_ = t1.f1;
    linear_in_real_ = t1.f2;
    length_ = a_ * a_ + b_ * b_;
    rows_2_double_double t2 = row_modulo_whole(n_, 2) == 1 ? (rows_2_double_double){rows_divide(a_, length_), rows_divide(-b_, length_)} : (rows_2_double_double){1.0, 0.0};
    real_ = t2.f0;
    imaginary_ = t2.f1;
    square_real_ = rows_divide((a_ - b_) * (a_ + b_), length_ * length_);
    square_imaginary_ = rows_divide(-2.0 * a_ * b_, length_ * length_);
    double t3 = rows_floor((0.0 + n_) / 2.0);
    for (long __ = 0; __ < t3; __ += 1) {
        rows_2_double_double t4 = (rows_2_double_double){real_ * square_real_ - imaginary_ * square_imaginary_, real_ * square_imaginary_ + imaginary_ * square_real_};
        real_ = t4.f0;
        imaginary_ = t4.f1;
    }
    real_exponent_ = -exponent_ * n_ - (linear_in_real_ ? lifted_ : 0);
    return (rows_2_double_double){row_scaled(real_, real_exponent_), row_scaled(imaginary_, -exponent_ * n_ - (linear_in_real_ ? 0 : lifted_))};
}
static double row_inverse_power_real(double a_, double b_, double n_) {
    return row_inverse_power(a_, b_, n_).f0;
}
static double row_inverse_power_imaginary(double a_, double b_, double n_) {
    return row_inverse_power(a_, b_, n_).f1;
}
static double row_slope_of_atan2_y(double y_, double x_, double angle_) {
    return row_larger(fabs(x_), fabs(y_)) <= 0.0 ? NAN : row_inverse_power_real(x_, y_, 1);
}
static double row_slope_of_atan2_x(double y_, double x_, double angle_) {
    return row_larger(fabs(x_), fabs(y_)) <= 0.0 ? NAN : row_inverse_power_imaginary(x_, y_, 1);
}
static double row_sign(double x_) {
    return x_ == 0.0 || x_ != x_ ? x_ : copysign(1.0, x_);
}
static rows_2_double_double row_two_product(double a_, double b_) {
    double p_ = {0};
    double s_ = {0};
    double t_ = {0};
    double a_high_ = {0};
    double b_high_ = {0};
    double a_low_ = {0};
    double b_low_ = {0};
    p_ = a_ * b_;
    s_ = 134217729.0 * a_;
    t_ = 134217729.0 * b_;
    a_high_ = s_ - (s_ - a_);
    b_high_ = t_ - (t_ - b_);
    a_low_ = a_ - a_high_;
    b_low_ = b_ - b_high_;
    return (rows_2_double_double){p_, a_high_ * b_high_ - p_ + a_high_ * b_low_ + a_low_ * b_high_ + a_low_ * b_low_};
}
static double row_math_hypot(double a_, double b_) {
    double most_ = {0};
    double less_ = {0};
    double exponent_ = {0};
    double x_ = {0};
    double y_ = {0};
    double xx_ = {0};
    double xx_low_ = {0};
    double yy_ = {0};
    double yy_low_ = {0};
    double s_ = {0};
    double h_ = {0};
    double hh_ = {0};
    double hh_low_ = {0};
    double low_ = {0};
    a_ = fabs(a_);
    b_ = fabs(b_);
    if (a_ == INFINITY || b_ == INFINITY) {
        return INFINITY;
    }
    if (a_ != a_ || b_ != b_) {
        return NAN;
    }
    rows_2_double_double t1 = a_ > b_ ? (rows_2_double_double){a_, b_} : (rows_2_double_double){b_, a_};
    most_ = t1.f0;
    less_ = t1.f1;
    if (less_ == 0.0) {
        return most_;
    }
    exponent_ = rows_frexp(most_).f1;
    exponent_ = exponent_ > -1000 ? exponent_ : -1000;
    x_ = rows_ldexp(most_, -exponent_);
    y_ = rows_ldexp(less_, -exponent_);
    rows_2_double_double t2 = row_two_product(x_, x_);
    xx_ = t2.f0;
    xx_low_ = t2.f1;
    rows_2_double_double t3 = row_two_product(y_, y_);
    yy_ = t3.f0;
    yy_low_ = t3.f1;
    s_ = xx_ + yy_;
    h_ = rows_sqrt(s_);
    rows_2_double_double t4 = row_two_product(h_, h_);
    hh_ = t4.f0;
    hh_low_ = t4.f1;
    low_ = xx_low_ + yy_low_ + (yy_ - (s_ - xx_));
    return row_scaled(h_ + rows_divide(s_ - hh_ - hh_low_ + low_, 2.0 * h_), exponent_);
}
static double row_polar_power(double a_, double b_, double cosines_, double sines_, double radii_) {
    rows_array xs_ = {0};
    double count_ = {0};
    double size_ = {0};
    double cosine_ = {0};
    double sine_ = {0};
    double exponent_ = {0};
    double x_ = {0};
    double x_exponent_ = {0};
    double y_ = {0};
    double y_exponent_ = {0};
    double radius_ = {0};
    double total_ = {0};
    if (a_ != a_ || b_ != b_) {
        return NAN;
    }
    rows_array t1 = rows_new(1 + 1 + 1);
    rows_push(&t1, cosines_);
    rows_push(&t1, sines_);
    rows_push(&t1, radii_);
    xs_ = t1;
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        count_ = xs_.p[i_];
        if (!(0 <= count_ && count_ <= 100)) {
            rows_raise(rows_ValueError);
            return (double){0};
        }
    }
    size_ = row_larger(fabs(a_), fabs(b_));
    if (size_ == 0.0) {
        rows_raise(rows_ZeroDivisionError);
        return (double){0};
    }
    if (size_ == INFINITY) {
        if (fabs(a_) == fabs(b_)) {
            return NAN;
        }
        rows_2_double_double t2 = fabs(a_) == INFINITY ? (rows_2_double_double){row_sign(a_), 0.0} : (rows_2_double_double){0.0, row_sign(b_)};
        cosine_ = t2.f0;
        sine_ = t2.f1;
        return radii_ == 0 ? row_pow(cosine_, 0.0 + cosines_) * row_pow(sine_, 0.0 + sines_) : 0.0;
    }
    exponent_ = rows_frexp(size_).f1;
    rows_2_double_double t3 = rows_frexp(a_);
    x_ = t3.f0;
    x_exponent_ = t3.f1;
    rows_2_double_double t4 = rows_frexp(b_);
    y_ = t4.f0;
    y_exponent_ = t4.f1;
    radius_ = row_math_hypot(rows_ldexp(x_, x_exponent_ - exponent_), rows_ldexp(y_, y_exponent_ - exponent_));
    total_ = rows_divide(row_pow(x_, 0.0 + cosines_) * row_pow(y_, 0.0 + sines_), row_pow(radius_, 0.0 + cosines_ + sines_ + radii_));
    return row_scaled(total_, (x_exponent_ - exponent_) * cosines_ + (y_exponent_ - exponent_) * sines_ - exponent_ * radii_);
}
static double row_polar_slope(double a_, double b_, double cosines_, double sines_, double radii_) {
    double rise_ = {0};
    if (cosines_ == 0) {
        return (0.0 + -(sines_ + radii_)) * row_polar_power(a_, b_, 1, sines_, radii_ + 1);
    }
    rise_ = (0.0 + cosines_) * row_polar_power(a_, b_, cosines_ - 1, sines_ + 2, radii_ + 1);
    if (sines_ + radii_ == 0) {
        return rise_;
    }
    return rise_ - (0.0 + sines_ + radii_) * row_polar_power(a_, b_, cosines_ + 1, sines_, radii_ + 1);
}
static double row_polar_swapped(double a_, double b_, double cosines_, double sines_, double radii_) {
    double rise_ = {0};
    if (sines_ == 0) {
        return (0.0 + -(cosines_ + radii_)) * row_polar_power(a_, b_, cosines_, 1, radii_ + 1);
    }
    rise_ = (0.0 + sines_) * row_polar_power(a_, b_, cosines_ + 2, sines_ - 1, radii_ + 1);
    if (cosines_ + radii_ == 0) {
        return rise_;
    }
    return rise_ - (0.0 + cosines_ + radii_) * row_polar_power(a_, b_, cosines_, sines_ + 1, radii_ + 1);
}
static double row_sech(double x_) {
    double e_ = {0};
    e_ = rows_exp(-fabs(x_));
    return rows_divide(2.0 * e_, 1.0 + e_ * e_);
}
static double row_logcosh(double x_) {
    double s_ = {0};
    if (fabs(x_) < 1.0) {
        s_ = rows_sinh(0.5 * x_);
        return rows_log1p(2.0 * s_ * s_);
    }
    return fabs(x_) - 0.6931471805599453 + rows_log1p(rows_exp(-2.0 * fabs(x_)));
}
static double row_sigmoid(double x_) {
    double e_ = {0};
    if (x_ >= 0.0) {
        return rows_divide(1.0, 1.0 + rows_exp(-x_));
    }
    e_ = rows_exp(x_);
    return rows_divide(e_, 1.0 + e_);
}
static double row_sigmoid_slope(double x_) {
    double e_ = {0};
    e_ = rows_exp(-fabs(x_));
    return rows_divide(e_, (1.0 + e_) * (1.0 + e_));
}
static double row_softplus(double x_) {
    return row_larger(x_, 0.0) + rows_log1p(rows_exp(-fabs(x_)));
}
static double row_logsigmoid(double a_) {
    return -row_softplus(-a_);
}
static double row_relu(double x_) {
    return x_ > 0.0 || x_ != x_ ? x_ : 0.0;
}
static double row_leaky_relu(double x_, double negative_slope_) {
    return x_ > 0.0 ? x_ : negative_slope_ * x_;
}
static double row_greater(double a_, double b_) {
    return b_ > a_ ? b_ : a_;
}
static double row_between(double x_, double low_, double high_) {
    if (low_ > high_) {
        rows_raise(rows_ValueError);
        return (double){0};
    }
    return row_smaller(row_larger(x_, low_), high_);
}
static double row_nearest_to_zero(double low_, double high_) {
    return row_between(0.0, -row_greater(-low_, -high_), row_greater(low_, high_));
}
static double row_elu(double x_, double alpha_) {
    return x_ > 0.0 ? x_ : alpha_ * rows_expm1(x_);
}
static double row_selu(double a_) {
    return a_ > 0.0 ? 1.0507009873554805 * a_ : 1.7580993408473768 * rows_expm1(a_);
}
static double row_celu(double x_, double alpha_) {
    if (alpha_ == 0.0) {
        rows_raise(rows_ZeroDivisionError);
        return (double){0};
    }
    return x_ > 0.0 ? x_ : alpha_ * rows_expm1(rows_divide(x_, alpha_));
}
static double row_huber(double x_, double delta_) {
    if (!(delta_ > 0.0)) {
        rows_raise(rows_ValueError);
        return (double){0};
    }
    return fabs(x_) <= delta_ ? 0.5 * x_ * x_ : delta_ * (fabs(x_) - 0.5 * delta_);
}
static rows_2_double_double row_square_split(double x_) {
    double head_ = {0};
    head_ = (0.0 + rows_round(x_ * 64.0)) / 64.0;
    return (rows_2_double_double){head_ * head_, (x_ - head_) * (x_ + head_)};
}
static double row_normal_pdf(double x_) {
    double square_ = {0};
    double rest_ = {0};
    if (!(fabs(x_) < 39.0)) {
        return x_ == x_ ? 0.0 : x_;
    }
    rows_2_double_double t1 = row_square_split(x_);
    square_ = t1.f0;
    rest_ = t1.f1;
    return rows_exp(-0.5 * square_) * rows_exp(-0.5 * rest_) * 0.3989422804014327;
}
static double row_hermite(double x_, double n_, double scale_) {
    double total_ = {0};
    double root_ = {0};
    double low_ = {0};
    double before_ = {0};
    double k_ = {0};
    if (!(0 <= n_ && n_ <= 100)) {
        rows_raise(rows_ValueError);
        return (double){0};
    }
    if (n_ < 6) {
        total_ = row_modulo_whole(n_, 2) == 1 ? -scale_ * x_ : 1.0;
        double t1 = rows_at((rows_array){(double *)rows_table_2, 7, 7}, n_ + 1) - rows_at((rows_array){(double *)rows_table_2, 7, 7}, n_);
        for (long i_ = 0; i_ < t1; i_ += 1) {
            root_ = rows_at((rows_array){(double *)rows_table_3, 6, 6}, rows_at((rows_array){(double *)rows_table_2, 7, 7}, n_) + i_);
            low_ = rows_at((rows_array){(double *)rows_table_4, 6, 6}, rows_at((rows_array){(double *)rows_table_2, 7, 7}, n_) + i_);
            total_ = total_ * (scale_ * scale_ * (x_ - root_ - low_) * (x_ + root_ + low_));
        }
        return total_;
    }
    before_ = 1.0;
    total_ = -scale_ * x_;
    double t2 = n_ - 1;
    for (long j_ = 0; j_ < t2; j_ += 1) {
        k_ = 1 + j_;
        rows_2_double_double t3 = (rows_2_double_double){total_, -scale_ * (x_ * total_ + (0.0 + k_) * before_)};
        before_ = t3.f0;
        total_ = t3.f1;
    }
    return total_;
}
static double row_density_times(double x_, double factor_) {
    double square_ = {0};
    double rest_ = {0};
    double half_ = {0};
    if (!(fabs(x_) < 40.0)) {
        return x_ == x_ ? 0.0 : x_;
    }
    rows_2_double_double t1 = row_square_split(x_);
    square_ = t1.f0;
    rest_ = t1.f1;
    half_ = rows_exp(-0.25 * square_);
    return half_ * rows_exp(-0.5 * rest_) * 0.3989422804014327 * factor_ * half_;
}
static double row_normal_pdf_derivative(double x_, double n_) {
    return row_density_times(x_, row_hermite(x_, n_, 1.0));
}
static double row_gaussian(double x_) {
    double square_ = {0};
    double rest_ = {0};
    if (!(fabs(x_) < 28.0)) {
        return x_ == x_ ? 0.0 : x_;
    }
    rows_2_double_double t1 = row_square_split(x_);
    square_ = t1.f0;
    rest_ = t1.f1;
    return rows_exp(-square_) * rows_exp(-rest_);
}
static double row_normal_cdf(double x_) {
    double t_ = {0};
    double product_ = {0};
    double error_ = {0};
    double missing_ = {0};
    t_ = -x_ / 1.4142135623730951;
    if (!(0.7 < t_ && t_ < 40.0)) {
        return 0.5 * erfc(t_);
    }
    rows_2_double_double t1 = row_two_product(t_, 1.4142135623730951);
    product_ = t1.f0;
    error_ = t1.f1;
    missing_ = (-x_ - product_ - error_ - t_ * -9.667293313452913e-17) / 1.4142135623730951;
    return 0.5 * (erfc(t_) - 1.1283791670955126 * row_gaussian(t_) * missing_);
}
static double row_mills(double x_) {
    double r_ = {0};
    double total_ = {0};
    double k_ = {0};
    r_ = rows_divide(1.0, x_ * x_);
    total_ = 1.0;
    for (long i_ = 0; i_ < 7; i_ += 1) {
        k_ = rows_at((rows_array){(double *)rows_table_5, 7, 7}, i_);
        total_ = 1.0 - k_ * r_ * total_;
    }
    return total_;
}
static double row_log_normal_cdf(double x_) {
    if (x_ > 0.0) {
        return rows_log1p(-row_normal_cdf(-x_));
    }
    if (x_ < -37.0) {
        return rows_log(row_mills(x_)) - 0.9189385332046727 - rows_log(-x_) - 0.5 * x_ * x_;
    }
    return rows_log(row_normal_cdf(x_));
}
static double row_truncated_cumulant(double u_, double n_) {
    double terms_ = {0};
    double ratio_ = {0};
    rows_array moments_ = {0};
    double k_ = {0};
    rows_array cumulants_ = {0};
    double total_ = {0};
    double binomial_ = {0};
    double j_ = {0};
    terms_ = 2 * n_ + 60 + rows_trunc(rows_divide(300.0, u_ * u_));
    ratio_ = 0.5 * (rows_sqrt(u_ * u_ + 4.0 * (0.0 + terms_ + 1)) - u_);
    rows_array t1 = rows_new(n_ + 1);
    double t2 = n_ + 1;
    for (long i_ = 0; i_ < t2; i_ += 1) {
        rows_push(&t1, 1.0);
    }
    moments_ = t1;
    for (long i_ = 0; i_ < terms_; i_ += 1) {
        k_ = terms_ - i_;
        ratio_ = rows_divide(0.0 + k_, u_ + ratio_);
        if (k_ <= n_) {
            rows_put(moments_, k_, ratio_);
        }
    }
    double t3 = n_ + 1 - 1;
    for (long l_ = 0; l_ < t3; l_ += 1) {
        k_ = 1 + l_;
        rows_put(moments_, k_, rows_at(moments_, k_) * rows_at(moments_, k_ - 1));
    }
    rows_array t4 = rows_new(1);
    rows_push(&t4, 0.0);
    cumulants_ = t4;
    double t5 = n_ + 1 - 1;
    for (long m_ = 0; m_ < t5; m_ += 1) {
        k_ = 1 + m_;
        total_ = rows_at(moments_, k_);
        binomial_ = 1.0;
        double t6 = k_ - 1;
        for (long i_2_ = 0; i_2_ < t6; i_2_ += 1) {
            j_ = 1 + i_2_;
            total_ = total_ - binomial_ * rows_at(cumulants_, j_) * rows_at(moments_, k_ - j_);
            binomial_ = rows_divide(binomial_ * (0.0 + k_ - j_), 0.0 + j_);
        }
        rows_push(&cumulants_, total_);
    }
    return rows_at(cumulants_, n_);
}
static double row_log_normal_cdf_derivative(double x_, double n_) {
    rows_array slopes_ = {0};
    double total_ = {0};
    double binomial_ = {0};
    if (!(1 <= n_ && n_ <= 100)) {
        rows_raise(rows_ValueError);
        return (double){0};
    }
    if (!(-INFINITY < x_ && x_ < INFINITY)) {
        return x_ != x_ ? x_ : x_ > 0.0 || n_ > 2 ? 0.0 : n_ == 2 ? -1.0 : INFINITY;
    }
    if (n_ == 1) {
        if (x_ < -37.0) {
            return rows_divide(-x_, row_mills(x_));
        }
        return rows_divide(row_normal_pdf(x_), row_normal_cdf(x_));
    }
    if (x_ > 12.0) {
        return row_normal_pdf_derivative(x_, n_ - 1);
    }
    if (x_ < -1.0) {
        return row_truncated_cumulant(-x_, n_) - (n_ == 2 ? 1.0 : 0.0);
    }
    rows_array t1 = rows_new(1);
    rows_push(&t1, rows_divide(row_normal_pdf(x_), row_normal_cdf(x_)));
    slopes_ = t1;
    double t2 = n_ - 1;
    for (long k_ = 0; k_ < t2; k_ += 1) {
        total_ = -x_ * rows_at(slopes_, k_) - (k_ != 0 ? (0.0 + k_) * rows_at(slopes_, k_ - 1) : 0.0);
        binomial_ = 1.0;
        double t3 = k_ + 1;
        for (long j_ = 0; j_ < t3; j_ += 1) {
            total_ = total_ - binomial_ * rows_at(slopes_, j_) * rows_at(slopes_, k_ - j_);
            binomial_ = rows_divide(binomial_ * (0.0 + k_ - j_), 0.0 + j_ + 1);
        }
        rows_push(&slopes_, total_);
    }
    return rows_at(slopes_, n_ - 1);
}
static double row_gelu(double x_) {
    return x_ < -37.0 ? -row_density_times(x_, row_mills(x_)) : x_ * row_normal_cdf(x_);
}
static double row_taylor(double t_, rows_array coefficients_) {
    double total_ = {0};
    double coefficient_ = {0};
    total_ = 0.0;
    for (long i_ = 0; i_ < coefficients_.n; i_ += 1) {
        coefficient_ = rows_at(coefficients_, coefficients_.n - 1 - i_);
        total_ = (total_ + coefficient_) * t_;
    }
    return total_;
}
static double row_gelu_slope(double x_) {
    if (fabs(x_ - -0.7517915246935645) < 0.1) {
        return row_taylor(x_ - -0.7517915246935645 - 1.4956759177009883e-17, (rows_array){(double *)rows_table_6, 13, 13});
    }
    if (x_ < -37.0) {
        return row_density_times(x_, x_ - rows_divide(row_mills(x_), x_));
    }
    return !(x_ > 40.0) ? row_normal_cdf(x_) + x_ * row_normal_pdf(x_) : 1.0;
}
static rows_2_double_double row_product(rows_2_double_double a_, rows_2_double_double b_) {
    double p_ = {0};
    double e_ = {0};
    rows_2_double_double t1 = row_two_product(a_.f0, b_.f0);
    p_ = t1.f0;
    e_ = t1.f1;
    return (rows_2_double_double){p_, e_ + a_.f0 * b_.f1 + a_.f1 * b_.f0};
}
static rows_2_double_double row_exp_twice_u(double x_) {
    double cubic_ = {0};
    double rest_ = {0};
    double bracket_ = {0};
    double twice_u_ = {0};
    double low_ = {0};
    rows_2_double_double t1 = row_product((rows_2_double_double){0.044715, 2.1960211427085595e-18}, row_two_product(x_, x_));
    cubic_ = t1.f0;
    rest_ = t1.f1;
    bracket_ = 1.0 + cubic_;
    rows_2_double_double t2 = row_product(row_product((rows_2_double_double){1.5957691216057308, -9.96930880911092e-17}, (rows_2_double_double){x_, 0.0}), (rows_2_double_double){bracket_, 1.0 - bracket_ + cubic_ + rest_});
    twice_u_ = t2.f0;
    low_ = t2.f1;
    if (twice_u_ > -650.0) {
        return (rows_2_double_double){rows_exp(twice_u_) * (1.0 + low_), 1.0};
    }
    return (rows_2_double_double){twice_u_ > -1000.0 ? rows_exp(twice_u_ + 128.0) * (1.0 + low_) : 0.0, rows_exp(-128.0)};
}
static double row_gelu_tanh(double x_) {
    double e_ = {0};
    double rest_ = {0};
    if (!(-40.0 < x_ && x_ < -1.0)) {
        return x_ > -INFINITY || x_ != x_ ? x_ * row_sigmoid(1.5957691216057308 * x_ * (1.0 + 0.044715 * x_ * x_)) : -0.0;
    }
    rows_2_double_double t1 = row_exp_twice_u(x_);
    e_ = t1.f0;
    rest_ = t1.f1;
    return rest_ == 1.0 ? x_ * rows_divide(e_, 1.0 + e_) : x_ * e_ * rest_;
}
static double row_gelu_tanh_slope(double x_) {
    double slope_ = {0};
    double e_ = {0};
    double rest_ = {0};
    double twice_u_ = {0};
    if (fabs(x_ - -0.7524614220710163) < 0.1) {
        return row_taylor(x_ - -0.7524614220710163 - 3.635560509207687e-17, (rows_array){(double *)rows_table_7, 13, 13});
    }
    if (!(fabs(x_) < 40.0)) {
        return x_ != x_ ? x_ : x_ > 0.0 ? 1.0 : 0.0;
    }
    slope_ = 1.5957691216057308 * (1.0 + 0.134145 * x_ * x_);
    if (x_ < -1.0) {
        rows_2_double_double t1 = row_exp_twice_u(x_);
        e_ = t1.f0;
        rest_ = t1.f1;
        return rest_ == 1.0 ? rows_divide(e_, 1.0 + e_) * (1.0 + rows_divide(x_ * slope_, 1.0 + e_)) : e_ * (1.0 + x_ * slope_) * rest_;
    }
    twice_u_ = 1.5957691216057308 * x_ * (1.0 + 0.044715 * x_ * x_);
    return row_sigmoid(twice_u_) * (1.0 + x_ * row_sigmoid(-twice_u_) * slope_);
}
static double row_gelu_u(double a_) {
    return 0.7978845608028654 * a_ * (1.0 + 0.044715 * row_square(a_));
}
static double row_gelu_u_slope(double a_) {
    return 0.7978845608028654 * (1.0 + 0.044715 * row_square(a_) * 3.0);
}
static double row_gelu_tanh_curvature(double a_) {
    double u_ = {0};
    double slope_ = {0};
    double bend_ = {0};
    u_ = row_gelu_u(a_);
    slope_ = row_gelu_u_slope(a_);
    bend_ = 0.10703222440890038 * a_;
    return row_sech(u_) * (row_sech(u_) * (slope_ + a_ * (bend_ - row_square(slope_) * tanh(u_))));
}
static double row_silu(double x_) {
    if (x_ < -700.0) {
        return x_ > -INFINITY ? x_ * rows_exp(x_ + 64.0) * rows_exp(-64.0) : -0.0;
    }
    return x_ * row_sigmoid(x_);
}
static double row_silu_slope(double x_) {
    if (fabs(x_ - -1.2784645427610737) < 0.1) {
        return row_taylor(x_ - -1.2784645427610737 - -1.0946994183093437e-16, (rows_array){(double *)rows_table_8, 13, 13});
    }
    if (fabs(x_) > 700.0) {
        return x_ > 0.0 ? 1.0 : x_ > -1000.0 ? rows_exp(x_ + 64.0) * (1.0 + x_) * rows_exp(-64.0) : 0.0;
    }
    return row_sigmoid(x_) * (1.0 + x_ * row_sigmoid(-x_));
}
static double row_silu_curvature(double a_) {
    return row_sech(a_ / 2.0) * (row_sech(a_ / 2.0) * (2.0 - a_ * tanh(a_ / 2.0))) / 4.0;
}
static double row_mish(double x_) {
    return x_ < -40.0 ? row_silu(x_) : x_ * tanh(row_softplus(x_));
}
static double row_mish_slope(double x_) {
    double e_ = {0};
    double below_ = {0};
    double s_ = {0};
    if (fabs(x_ - -1.1924312145154952) < 0.1) {
        return row_taylor(x_ - -1.1924312145154952 - -4.8484829848031044e-17, (rows_array){(double *)rows_table_9, 13, 13});
    }
    if (x_ < -40.0) {
        return row_silu_slope(x_);
    }
    if (x_ >= 20.0) {
        return 1.0;
    }
    if (x_ < 0.0) {
        e_ = rows_exp(x_);
        below_ = 2.0 + e_ * (2.0 + e_);
        return rows_divide(e_ * (4.0 * (1.0 + x_) + e_ * (4.0 * x_ + 6.0 + e_ * (4.0 + e_))), below_ * below_);
    }
    s_ = row_softplus(x_);
    return tanh(s_) + row_silu(x_) * (row_sech(s_) * row_sech(s_));
}
static double row_mish_curvature(double a_, double s_) {
    return row_sech(s_) * (row_sech(s_) * (row_sigmoid(a_) + row_silu_slope(a_) - 2.0 * row_silu(a_) * tanh(s_) * row_sigmoid(a_)));
}
static double row_hardtanh(double a_) {
    return row_between(a_, -1.0, 1.0);
}
static double row_relu6(double a_) {
    return row_between(a_, 0.0, 6.0);
}
static double row_hardsigmoid(double a_) {
    return row_between(a_ + 3.0, 0.0, 6.0) / 6.0;
}
static double row_hardswish(double x_) {
    if (x_ <= -3.0) {
        return -0.0;
    }
    return x_ < 3.0 ? x_ * (x_ + 3.0) / 6.0 : x_;
}
static double row_softsign(double x_) {
    return fabs(x_) != INFINITY ? rows_divide(x_, 1.0 + fabs(x_)) : copysign(1.0, x_);
}
static double row_hermite_2(double x_, double n_, double scale_) {
    double total_ = {0};
    double root_ = {0};
    double low_ = {0};
    double before_ = {0};
    double k_ = {0};
    if (!(0 <= n_ && n_ <= 100)) {
        rows_raise(rows_ValueError);
        return (double){0};
    }
    if (n_ < 6) {
        total_ = row_modulo_whole(n_, 2) == 1 ? -scale_ * x_ : 1.0;
        double t1 = rows_at((rows_array){(double *)rows_table_2, 7, 7}, n_ + 1) - rows_at((rows_array){(double *)rows_table_2, 7, 7}, n_);
        for (long i_ = 0; i_ < t1; i_ += 1) {
            root_ = rows_at((rows_array){(double *)rows_table_10, 6, 6}, rows_at((rows_array){(double *)rows_table_2, 7, 7}, n_) + i_);
            low_ = rows_at((rows_array){(double *)rows_table_11, 6, 6}, rows_at((rows_array){(double *)rows_table_2, 7, 7}, n_) + i_);
            total_ = total_ * (scale_ * scale_ * (x_ - root_ - low_) * (x_ + root_ + low_));
        }
        return total_;
    }
    before_ = 1.0;
    total_ = -scale_ * x_;
    double t2 = n_ - 1;
    for (long j_ = 0; j_ < t2; j_ += 1) {
        k_ = 1 + j_;
        rows_2_double_double t3 = (rows_2_double_double){total_, -scale_ * (x_ * total_ + (0.0 + k_) * before_)};
        before_ = t3.f0;
        total_ = t3.f1;
    }
    return total_;
}
static double row_gaussian_derivative(double x_, double n_) {
    double square_ = {0};
    double rest_ = {0};
    double half_ = {0};
    if (!(fabs(x_) < 40.0)) {
        return x_ == x_ ? 0.0 : x_;
    }
    rows_2_double_double t1 = row_square_split(x_);
    square_ = t1.f0;
    rest_ = t1.f1;
    half_ = rows_exp(-0.5 * square_);
    return half_ * rows_exp(-rest_) * row_hermite_2(x_, n_, 2.0) * half_;
}
static double row_erf_excess(double x_, double p_) {
    double excess_ = {0};
    excess_ = fabs(p_) < 0.5 ? erf(x_) - p_ : copysign(1.0, p_) * (1.0 - fabs(p_) - erfc(fabs(x_)));
    return rows_divide(excess_ * 0.886226925452758, row_gaussian(x_));
}
static double row_erfinv(double p_) {
    double x_ = {0};
    double half_ = {0};
    double t_ = {0};
    double step_ = {0};
    if (!(-1.0 < p_ && p_ < 1.0)) {
        if (p_ != p_) {
            return p_;
        }
        rows_raise(rows_ValueError);
        return (double){0};
    }
    if (fabs(p_) < 0.5) {
        x_ = 0.886226925452758 * p_ * (1.0 + p_ * p_ * 0.2617993877991494);
    } else {
        half_ = 0.5 * rows_log((1.0 - p_) * (1.0 + p_));
        t_ = 4.330746750799873 + half_;
        x_ = copysign(rows_sqrt(rows_sqrt(t_ * t_ - 2.0 * half_ / 0.147) - t_), p_);
    }
    for (long __ = 0; __ < 3; __ += 1) {
        step_ = row_erf_excess(x_, p_);
        x_ = x_ - rows_divide(step_, 1.0 + x_ * step_);
    }
    return x_;
}
static double row_erfinv_slope(double p_) {
    double x_ = {0};
    x_ = row_erfinv(p_);
    return rows_divide(0.886226925452758, row_gaussian(x_)) * (1.0 - 2.0 * x_ * row_erf_excess(x_, p_));
}
static double row_math_factorial(double n_) {
    if (n_ < 0) {
        rows_raise(rows_ValueError);
        return (double){0};
    }
    if (n_ > 170) {
        rows_raise(rows_OverflowError);
        return (double){0};
    }
    return rows_at((rows_array){(double *)rows_table_12, 171, 171}, n_);
}
static double row_finite(double x_) {
    if (fabs(x_) == INFINITY) {
        rows_raise(rows_OverflowError);
        return (double){0};
    }
    return x_;
}
static double row_sin_pi(double x_) {
    double y_ = {0};
    y_ = rows_fmod(x_, 2.0);
    if (y_ < 0.25) {
        return rows_sin(3.141592653589793 * y_);
    }
    if (y_ < 0.75) {
        return rows_cos(3.141592653589793 * (y_ - 0.5));
    }
    if (y_ < 1.25) {
        return rows_sin(3.141592653589793 * (1.0 - y_));
    }
    return y_ < 1.75 ? -rows_cos(3.141592653589793 * (y_ - 1.5)) : rows_sin(3.141592653589793 * (y_ - 2.0));
}
static double row_lanczos(double x_) {
    double above_ = {0};
    double below_ = {0};
    double p_ = {0};
    double q_ = {0};
    above_ = 0.0;
    below_ = 0.0;
    if (x_ < 5.0) {
        for (long i_ = 0; i_ < 13; i_ += 1) {
            p_ = rows_at((rows_array){(double *)rows_table_13, 13, 13}, 12 - i_);
            q_ = rows_at((rows_array){(double *)rows_table_14, 13, 13}, 12 - i_);
            above_ = above_ * x_ + p_;
            below_ = below_ * x_ + q_;
        }
    } else {
        for (long j_ = 0; j_ < 13; j_ += 1) {
            p_ = rows_at((rows_array){(double *)rows_table_13, 13, 13}, j_);
            q_ = rows_at((rows_array){(double *)rows_table_14, 13, 13}, j_);
            above_ = rows_divide(above_, x_) + p_;
            below_ = rows_divide(below_, x_) + q_;
        }
    }
    return rows_divide(above_, below_);
}
static double row_math_gamma(double x_) {
    double size_ = {0};
    double y_ = {0};
    double lost_ = {0};
    double z_ = {0};
    double r_ = {0};
    double power_ = {0};
    double root_ = {0};
    size_ = fabs(x_);
    if (x_ == -INFINITY || (x_ <= 0.0 && x_ == 0.0 + rows_floor(x_))) {
        rows_raise(rows_ValueError);
        return (double){0};
    }
    if (!(size_ < INFINITY)) {
        return x_;
    }
    if (x_ == 0.0 + rows_floor(x_) && x_ <= 23.0) {
        return row_math_factorial(rows_trunc(x_) - 1);
    }
    if (size_ < 1e-20) {
        return row_finite(rows_divide(1.0, x_));
    }
    if (size_ > 200.0) {
        return x_ < 0.0 ? copysign(0.0, -row_sin_pi(size_)) : row_finite(INFINITY);
    }
    y_ = size_ + 5.52468004077673;
    lost_ = size_ > 5.52468004077673 ? y_ - size_ - 5.52468004077673 : y_ - 5.52468004077673 - size_;
    z_ = rows_divide(lost_ * 6.02468004077673, y_);
    r_ = x_ < 0.0 ? rows_divide(rows_divide(rows_divide(-3.141592653589793, row_sin_pi(size_)), size_) * rows_exp(y_), row_lanczos(size_)) : rows_divide(row_lanczos(size_), rows_exp(y_));
    r_ = x_ < 0.0 ? r_ - z_ * r_ : r_ + z_ * r_;
    if (size_ < 140.0) {
        power_ = rows_pow(y_, size_ - 0.5);
        return row_finite(x_ < 0.0 ? rows_divide(r_, power_) : r_ * power_);
    }
    root_ = rows_pow(y_, size_ / 2.0 - 0.25);
    return row_finite(x_ < 0.0 ? rows_divide(rows_divide(r_, root_), root_) : r_ * root_ * root_);
}
static rows_2_double_double row_two_sum(double a_, double b_) {
    double s_ = {0};
    double back_ = {0};
    s_ = a_ + b_;
    back_ = s_ - a_;
    return (rows_2_double_double){s_, a_ - (s_ - back_) + (b_ - back_)};
}
static double row_fsum(rows_array xs_) {
    rows_array partials_ = {0};
    double count_ = {0};
    double special_ = {0};
    double infinite_ = {0};
    double given_ = {0};
    double x_ = {0};
    double kept_ = {0};
    double low_ = {0};
    double total_ = {0};
    double rest_ = {0};
    double twice_ = {0};
    rows_array t1 = rows_new(xs_.n + 1);
    double t2 = xs_.n + 1;
    for (long i_ = 0; i_ < t2; i_ += 1) {
        rows_push(&t1, 0.0);
    }
    partials_ = t1;
    count_ = 0;
    special_ = 0.0;
    infinite_ = 0.0;
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        given_ = xs_.p[i_];
        x_ = given_;
        kept_ = 0;
        for (long j_ = 0; j_ < count_; j_ += 1) {
            rows_2_double_double t3 = row_two_sum(x_, rows_at(partials_, j_));
            x_ = t3.f0;
            low_ = t3.f1;
            if (low_ != 0.0) {
                rows_put(partials_, kept_, low_);
                kept_ = kept_ + 1;
            }
        }
        count_ = kept_;
        if (!(fabs(x_) < INFINITY)) {
            if (fabs(given_) < INFINITY) {
                rows_raise(rows_OverflowError);
                return (double){0};
            }
            special_ = special_ + given_;
            infinite_ = given_ == given_ ? infinite_ + given_ : infinite_;
            count_ = 0;
        } else {
            if (x_ != 0.0) {
                rows_put(partials_, count_, x_);
                count_ = count_ + 1;
            }
        }
    }
    if (special_ != 0.0) {
        if (infinite_ != infinite_) {
            rows_raise(rows_ValueError);
            return (double){0};
        }
        return special_;
    }
    total_ = 0.0;
    rest_ = 0.0;
    for (;;) {
        if (!(count_ > 0 && rest_ == 0.0) || rows_raised) break;
        count_ = count_ - 1;
        rows_2_double_double t4 = row_two_sum(total_, rows_at(partials_, count_));
        total_ = t4.f0;
        rest_ = t4.f1;
    }
    if (count_ > 0 && (rest_ < 0.0) == (rows_at(partials_, count_ - 1) < 0.0)) {
        twice_ = 2.0 * rest_;
        if (total_ + twice_ - total_ == twice_) {
            return total_ + twice_;
        }
    }
    return total_;
}
static double row_math_fsum(rows_array xs_) {
    double high_ = {0};
    double low_ = {0};
    double lost_ = {0};
    double x_ = {0};
    double error_ = {0};
    double rest_ = {0};
    double slack_ = {0};
    high_ = 0.0;
    low_ = 0.0;
    lost_ = 0.0;
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        x_ = xs_.p[i_];
        rows_2_double_double t1 = row_two_sum(high_, x_);
        high_ = t1.f0;
        error_ = t1.f1;
        rows_2_double_double t2 = row_two_sum(low_, error_);
        low_ = t2.f0;
        error_ = t2.f1;
        lost_ = lost_ + fabs(error_);
    }
    rows_2_double_double t3 = row_two_sum(high_, low_);
    high_ = t3.f0;
    rest_ = t3.f1;
    slack_ = lost_ > 0.0 ? 2.0 * lost_ + 4.440892098500626e-16 * fabs(rest_) : lost_;
    return high_ + (rest_ - slack_) == high_ && high_ + (rest_ + slack_) == high_ ? high_ : row_fsum(xs_);
}
static double row_digamma_near(double x_, double root_, double low_) {
    double d_ = {0};
    double shift_ = {0};
    rows_array terms_ = {0};
    double before_ = {0};
    double now_ = {0};
    double power_ = {0};
    double ratio_ = {0};
    double m_ = {0};
    double zeta_ = {0};
    d_ = x_ - root_ - low_;
    shift_ = rows_round(2.0 - root_);
    rows_array t1 = rows_new(shift_);
    for (long k_ = 0; k_ < shift_; k_ += 1) {
        rows_push(&t1, rows_divide(1.0, (x_ + (0.0 + k_)) * (root_ + (0.0 + k_) + low_)));
    }
    terms_ = t1;
    before_ = root_ + (0.0 + shift_) - 2.0 + low_;
    now_ = before_ + d_;
    power_ = 1.0;
    ratio_ = 0.0;
    for (long i_ = 0; i_ < 40; i_ += 1) {
        m_ = 2 + i_;
        zeta_ = rows_at((rows_array){(double *)rows_table_15, 40, 40}, i_);
        ratio_ = ratio_ * now_ + power_;
        rows_push(&terms_, (row_modulo_whole(m_, 2) != 0 ? -zeta_ : zeta_) * ratio_);
        power_ = power_ * before_;
    }
    return d_ * row_math_fsum(terms_);
}
static rows_array row_cot_pi(double x_, double n_) {
    double r_ = {0};
    int near_ = {0};
    double c_ = {0};
    rows_array polynomial_ = {0};
    rows_array values_ = {0};
    rows_array derived_ = {0};
    double power_of_c_ = {0};
    double coefficient_ = {0};
    double total_ = {0};
    r_ = x_ - (0.0 + rows_round(x_));
    near_ = fabs(r_) < 0.25;
    c_ = near_ ? rows_divide(1.0, rows_tan(3.141592653589793 * r_)) : copysign(rows_tan(3.141592653589793 * (0.5 - fabs(r_))), r_);
    rows_array t1 = rows_new(1 + 1);
    rows_push(&t1, 0.0);
    rows_push(&t1, 1.0);
    polynomial_ = t1;
    rows_array t2 = rows_new(1);
    rows_push(&t2, c_);
    values_ = t2;
    for (long __ = 0; __ < n_; __ += 1) {
        rows_array t3 = rows_new(polynomial_.n + 1);
        double t4 = polynomial_.n + 1;
        for (long i_ = 0; i_ < t4; i_ += 1) {
            rows_push(&t3, 0.0);
        }
        derived_ = t3;
        for (long i_ = 0; i_ < polynomial_.n; i_ += 1) {
            power_of_c_ = i_;
            coefficient_ = polynomial_.p[i_];
            if (power_of_c_ != 0) {
                rows_put(derived_, power_of_c_ - 1, rows_at(derived_, power_of_c_ - 1) - (0.0 + power_of_c_) * coefficient_);
                rows_put(derived_, power_of_c_ + 1, rows_at(derived_, power_of_c_ + 1) - (0.0 + power_of_c_) * coefficient_);
            }
        }
        polynomial_ = derived_;
        total_ = 0.0;
        for (long j_ = 0; j_ < polynomial_.n; j_ += 1) {
            coefficient_ = rows_at(polynomial_, polynomial_.n - 1 - j_);
            total_ = total_ * c_ + coefficient_;
        }
        rows_push(&values_, total_);
    }
    return values_;
}
static double row_digamma(double x_) {
    double root_ = {0};
    double low_ = {0};
    rows_array shifted_ = {0};
    double r_ = {0};
    double series_ = {0};
    double square_ = {0};
    double k_ = {0};
    if (x_ != x_ || x_ == INFINITY) {
        return x_;
    }
    if (x_ <= 0.0) {
        if (x_ == -INFINITY || x_ == 0.0 + rows_floor(x_)) {
            rows_raise(rows_ValueError);
            return (double){0};
        }
        if (x_ > -0.001) {
            return row_digamma(1.0 + x_) - rows_divide(1.0, x_);
        }
    }
    for (long i_ = 0; i_ < 13; i_ += 1) {
        root_ = rows_at((rows_array){(double *)rows_table_16, 13, 13}, i_);
        low_ = rows_at((rows_array){(double *)rows_table_17, 13, 13}, i_);
        if (fabs(x_ - root_) < 0.25) {
            return row_digamma_near(x_, root_, low_);
        }
    }
    if (x_ < 0.0) {
        return row_digamma(1.0 - x_) - 3.141592653589793 * rows_at(row_cot_pi(x_, 0), 0);
    }
    rows_array t1 = rows_new(0);
    shifted_ = t1;
    for (;;) {
        if (!(x_ < 12.0) || rows_raised) break;
        rows_push(&shifted_, rows_divide(-1.0, x_));
        x_ = x_ + 1.0;
    }
    r_ = rows_divide(1.0, x_);
    series_ = 0.0;
    square_ = r_ * r_;
    for (long j_ = 0; j_ < 7; j_ += 1) {
        k_ = 7 - j_;
        series_ = (series_ + rows_divide(rows_at((rows_array){(double *)rows_table_18, 10, 10}, k_ - 1), 0.0 + 2 * k_)) * square_;
    }
    rows_array t2 = rows_new(1 + 1 + 1 + shifted_.n);
    rows_push(&t2, rows_log(x_));
    rows_push(&t2, -0.5 * r_);
    rows_push(&t2, -series_);
    rows_extend(&t2, shifted_);
    return row_math_fsum(t2);
}
static double row_math_lgamma(double x_) {
    double size_ = {0};
    double r_ = {0};
    size_ = fabs(x_);
    if (!(size_ < INFINITY)) {
        return x_ != x_ ? x_ : INFINITY;
    }
    if (x_ == 0.0 + rows_floor(x_) && x_ <= 2.0) {
        if (x_ <= 0.0) {
            rows_raise(rows_ValueError);
            return (double){0};
        }
        return 0.0;
    }
    if (size_ < 1e-20) {
        return -rows_log(size_);
    }
    r_ = rows_log(row_lanczos(size_)) - 6.02468004077673;
    r_ = r_ + (size_ - 0.5) * (rows_log(size_ + 6.02468004077673 - 0.5) - 1.0);
    return row_finite(x_ < 0.0 ? 1.1447298858494002 - rows_log(fabs(row_sin_pi(size_))) - rows_log(size_) - r_ : r_);
}
static int row_same_side(double x_, double other_) {
    return (x_ > 0.0 && other_ > 0.0) || rows_floor(x_) == rows_floor(other_);
}
static double row_math_ulp(double x_) {
    double exponent_ = {0};
    exponent_ = rows_frexp(x_).f1 - 53;
    return !(fabs(x_) < INFINITY) ? fabs(x_) : rows_ldexp(1.0, exponent_ > -1074 && x_ != 0.0 ? exponent_ : -1074);
}
static double row_lgamma(double x_) {
    double y_ = {0};
    double at_ = {0};
    double low_ = {0};
    double known_ = {0};
    double candidate_ = {0};
    double candidate_low_ = {0};
    double candidate_known_ = {0};
    double shift_ = {0};
    double d_ = {0};
    rows_array terms_ = {0};
    double below_ = {0};
    double before_ = {0};
    double now_ = {0};
    double power_ = {0};
    double ratio_ = {0};
    double m_ = {0};
    double zeta_ = {0};
    double exact_ = {0};
    y_ = row_math_lgamma(x_);
    if (!((-12.0 < x_ && x_ < 2.75) && fabs(y_) < (x_ < 0.0 ? 8.0 : 1.25))) {
        return y_;
    }
    at_ = 2.0;
    low_ = 0.0;
    known_ = 0.0;
    for (long i_ = 0; i_ < 24; i_ += 1) {
        candidate_ = rows_at((rows_array){(double *)rows_table_19, 24, 24}, i_);
        candidate_low_ = rows_at((rows_array){(double *)rows_table_20, 24, 24}, i_);
        candidate_known_ = rows_at((rows_array){(double *)rows_table_21, 24, 24}, i_);
        if (fabs(x_ - candidate_) < fabs(x_ - at_) && row_same_side(x_, candidate_)) {
            at_ = candidate_;
            low_ = candidate_low_;
            known_ = candidate_known_;
        }
    }
    shift_ = rows_round(2.0 - (x_ < 0.0 ? x_ : at_));
    d_ = x_ - at_ - low_;
    rows_array t1 = rows_new(1 + 1);
    rows_push(&t1, known_);
    rows_push(&t1, 0.42278433509846713 * d_);
    terms_ = t1;
    for (long k_ = 0; k_ < shift_; k_ += 1) {
        below_ = at_ + (0.0 + k_) + low_;
        rows_push(&terms_, fabs(d_) < 0.5 * fabs(below_) ? -rows_log1p(rows_divide(d_, below_)) : -rows_log(rows_divide(x_ + (0.0 + k_), below_)));
    }
    before_ = at_ + (0.0 + shift_) - 2.0 + low_;
    now_ = before_ + d_;
    power_ = before_;
    ratio_ = 1.0;
    for (long j_ = 0; j_ < 40; j_ += 1) {
        m_ = 2 + j_;
        zeta_ = rows_at((rows_array){(double *)rows_table_15, 40, 40}, j_);
        ratio_ = ratio_ * now_ + power_;
        rows_push(&terms_, rows_divide(row_modulo_whole(m_, 2) != 0 ? -zeta_ : zeta_, 0.0 + m_) * ratio_ * d_);
        power_ = power_ * before_;
    }
    exact_ = row_math_fsum(terms_);
    return fabs(y_ - exact_) <= 2.0 * row_math_ulp(exact_) ? y_ : exact_;
}
static double row_inverse_power_2(double x_, double n_) {
    double r_ = {0};
    double total_ = {0};
    r_ = rows_divide(1.0, x_);
    total_ = 1.0;
    for (long __ = 0; __ < n_; __ += 1) {
        total_ = total_ * r_;
    }
    return total_;
}
static double row_exact_sum(rows_array xs_) {
    int saved_1 = rows_raised;
    rows_raised = 0;
    {
        double t2 = row_math_fsum(xs_);
        if (rows_raised) goto handler_1;
        return t2;
    }
    rows_raised = saved_1;
    if (0) handler_1: {
    if (rows_raised == rows_ValueError) {
    rows_raised = saved_1;
        return NAN;
    } else
    if (rows_raised == rows_OverflowError) {
    rows_raised = saved_1;
        int saved_3 = rows_raised;
        rows_raised = 0;
        {
            rows_array t4 = rows_new(xs_.n);
            for (long i_ = 0; i_ < xs_.n; i_ += 1) {
                rows_push(&t4, rows_ldexp(xs_.p[i_], -64));
            }
            double t5 = rows_ldexp(row_math_fsum(t4), 64);
            if (rows_raised) goto handler_3;
            return t5;
        }
        rows_raised = saved_3;
        if (0) handler_3: {
        if (rows_raised == rows_OverflowError) {
        rows_raised = saved_3;
            rows_array t6 = rows_new(xs_.n);
            for (long i_ = 0; i_ < xs_.n; i_ += 1) {
                rows_push(&t6, rows_ldexp(xs_.p[i_], -64));
            }
            return copysign(INFINITY, row_math_fsum(t6));
        } else
        { return (double){0}; }
        }
    } else
    { return (double){0}; }
    }
}
static double row_polygamma(double x_, double n_) {
    double sign_n_ = {0};
    double factorial_ = {0};
    rows_array terms_ = {0};
    double k_ = {0};
    double bernoulli_ = {0};
    if (n_ < 0 || n_ > 151) {
        rows_raise(rows_ValueError);
        return (double){0};
    }
    if (n_ == 0) {
        return row_digamma(x_);
    }
    if (x_ != x_) {
        return x_;
    }
    sign_n_ = row_modulo_whole(n_, 2) == 0 ? -1.0 : 1.0;
    if (x_ == INFINITY) {
        return 0.0;
    }
    if (x_ <= 0.0) {
        if (x_ == -INFINITY || x_ == 0.0 + rows_floor(x_)) {
            rows_raise(rows_ValueError);
            return (double){0};
        }
        if (x_ > -0.25) {
            return row_polygamma(1.0 + x_, n_) + sign_n_ * row_math_factorial(n_) * row_inverse_power_2(x_, n_ + 1);
        }
        return -sign_n_ * row_polygamma(1.0 - x_, n_) - row_pow(3.141592653589793, 0.0 + n_ + 1) * rows_at(row_cot_pi(x_, n_), n_);
    }
    factorial_ = row_math_factorial(n_);
    rows_array t1 = rows_new(0);
    terms_ = t1;
    for (;;) {
        if (!(x_ < 16.0 + (0.0 + n_)) || rows_raised) break;
        rows_push(&terms_, factorial_ * row_inverse_power_2(x_, n_ + 1));
        x_ = x_ + 1.0;
    }
    rows_push(&terms_, row_math_factorial(n_ - 1) * row_inverse_power_2(x_, n_));
    rows_push(&terms_, 0.5 * factorial_ * row_inverse_power_2(x_, n_ + 1));
    for (long i_ = 0; i_ < 10; i_ += 1) {
        k_ = 1 + i_;
        bernoulli_ = rows_at((rows_array){(double *)rows_table_18, 10, 10}, i_);
        rows_push(&terms_, bernoulli_ * rows_divide(row_math_factorial(2 * k_ + n_ - 1), row_math_factorial(2 * k_)) * row_inverse_power_2(x_, 2 * k_ + n_));
    }
    return sign_n_ * row_exact_sum(terms_);
}
static double row_floor(double x_) {
    return x_ != x_ ? x_ : 0.0 + rows_floor(x_);
}
static double row_ceil(double x_) {
    return x_ != x_ ? x_ : 0.0 + rows_ceil(x_);
}
static double row_trunc(double x_) {
    return x_ != x_ ? x_ : 0.0 + rows_trunc(x_);
}
static double row_round(double x_, double ndigits_) {
    if (x_ != x_) {
        return x_;
    }
    return ndigits_ == 0 ? 0.0 + rows_round(x_) : rows_round_to(x_, ndigits_);
}
static double row_floor_divide(double a_, double b_) {
    double rest_ = {0};
    double quotient_ = {0};
    double below_ = {0};
    if (b_ == 0.0) {
        rows_raise(rows_ZeroDivisionError);
        return (double){0};
    }
    rest_ = fabs(a_) < INFINITY ? rows_fmod(a_, b_) : NAN;
    quotient_ = rows_divide(a_ - rest_, b_);
    if (rest_ != 0.0 && (rest_ < 0.0) != (b_ < 0.0)) {
        quotient_ = quotient_ - 1.0;
    }
    if (quotient_ == 0.0 || !(fabs(quotient_) < INFINITY)) {
        return quotient_ != 0.0 ? quotient_ : copysign(0.0, rows_divide(a_, b_));
    }
    below_ = 0.0 + rows_floor(quotient_);
    return quotient_ - below_ > 0.5 ? below_ + 1.0 : below_;
}
static double row_modulo(double a_, double b_) {
    double rest_ = {0};
    if (b_ == 0.0) {
        rows_raise(rows_ZeroDivisionError);
        return (double){0};
    }
    rest_ = fabs(a_) < INFINITY ? rows_fmod(a_, b_) : NAN;
    if (rest_ == 0.0) {
        return copysign(0.0, b_);
    }
    return (rest_ < 0.0) != (b_ < 0.0) ? rest_ + b_ : rest_;
}
static double row_share(double a_, double b_, int active_0_, int active_1_) {
    return a_ > b_ ? 1.0 : a_ < b_ ? rows_closed() : a_ <= b_ ? (active_0_ && active_1_ ? 0.5 : rows_closed()) : a_ <= a_ ? rows_closed() : NAN;
}
static double row_clamp(double x_, double low_, double high_) {
    return row_between(x_, low_, high_);
}
static double row_room(double x_, double low_, int active_0_, int active_1_) {
    return low_ <= -INFINITY ? (x_ > low_ ? 1.0 : x_ <= low_ ? (active_0_ && active_1_ ? 0.5 : 1.0) : NAN) : row_share(x_, low_, active_0_, active_1_);
}
static double row_at_low(double x_, double low_, double high_, int active_0_, int active_1_, int active_2_) {
    return low_ < high_ ? row_room(x_, low_, active_0_, active_1_) : x_ <= x_ ? rows_closed() : NAN;
}
static double row_inside_share(double x_, double low_, double high_, int active_0_, int active_1_, int active_2_) {
    return x_ > low_ ? row_room(-x_, -high_, active_0_, active_2_) : row_at_low(x_, low_, high_, active_0_, active_1_, active_2_);
}
static double row_lerp(double a_, double b_, double t_) {
    double size_ = {0};
    double shift_ = {0};
    double start_ = {0};
    double p_ = {0};
    double p_low_ = {0};
    double q_ = {0};
    double q_low_ = {0};
    if (!(fabs(a_) < INFINITY && fabs(b_) < INFINITY && fabs(t_) < INFINITY)) {
        return (1.0 - t_) * a_ + t_ * b_;
    }
    if (a_ == b_ || t_ == 0.0 || t_ == 1.0) {
        return t_ == 0.0 ? a_ : b_;
    }
    size_ = rows_frexp(row_larger(fabs(a_), fabs(b_))).f1;
    shift_ = rows_frexp(t_).f1;
    if (a_ != 0.0 && rows_frexp(a_).f1 - size_ - shift_ > 900) {
        return a_;
    }
    start_ = rows_ldexp(a_, -size_ - shift_);
    a_ = rows_ldexp(a_, -size_);
    b_ = rows_ldexp(b_, -size_);
    t_ = rows_ldexp(t_, -shift_);
    rows_2_double_double t1 = row_two_product(t_, b_);
    p_ = t1.f0;
    p_low_ = t1.f1;
    rows_2_double_double t2 = row_two_product(-t_, a_);
    q_ = t2.f0;
    q_low_ = t2.f1;
    rows_array t3 = rows_new(1 + 1 + 1 + 1 + 1);
    rows_push(&t3, start_);
    rows_push(&t3, p_);
    rows_push(&t3, p_low_);
    rows_push(&t3, q_);
    rows_push(&t3, q_low_);
    return row_scaled(row_math_fsum(t3), size_ + shift_);
}
static double row_count_of(rows_array truths_) {
    double count_ = {0};
    int x_ = {0};
    count_ = 0;
    for (long i_ = 0; i_ < truths_.n; i_ += 1) {
        x_ = truths_.p[i_];
        count_ = count_ + (x_ ? 1 : 0);
    }
    return count_;
}
static double row_mean(rows_array xs_) {
    double total_ = {0};
    double n_ = {0};
    total_ = row_exact_sum(xs_);
    n_ = xs_.n;
    int t1 = {0};
    if (isinf(total_)) {
        rows_array t2 = rows_new(xs_.n);
        for (long i_ = 0; i_ < xs_.n; i_ += 1) {
            rows_push(&t2, isfinite(xs_.p[i_]));
        }
        t1 = row_count_of(t2) == xs_.n;
    } else {
        t1 = 0;
    }
    if (t1) {
        rows_array t3 = rows_new(xs_.n);
        for (long i_ = 0; i_ < xs_.n; i_ += 1) {
            rows_push(&t3, rows_ldexp(xs_.p[i_], -64));
        }
        return rows_ldexp(rows_divide(row_math_fsum(t3), 0.0 + n_), 64);
    }
    return rows_divide(total_, 0.0 + n_);
}
static double row_error_of_difference(double a_, double b_) {
    double d_ = {0};
    double back_ = {0};
    double error_ = {0};
    d_ = a_ - b_;
    back_ = d_ - a_;
    error_ = a_ - (d_ - back_) - (b_ + back_);
    return fabs(d_) < INFINITY ? error_ : 0.0;
}
static rows_array row_deviations(rows_array xs_) {
    double m_ = {0};
    rows_array errors_ = {0};
    double x_ = {0};
    double rest_ = {0};
    m_ = row_mean(xs_);
    if (!(fabs(m_) < INFINITY)) {
        rows_array t1 = rows_new(xs_.n);
        for (long i_ = 0; i_ < xs_.n; i_ += 1) {
            rows_push(&t1, xs_.p[i_] - m_);
        }
        return t1;
    }
    rows_array t2 = rows_new(0);
    errors_ = t2;
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        x_ = xs_.p[i_];
        rows_push(&errors_, x_ - m_);
        rows_push(&errors_, row_error_of_difference(x_, m_));
    }
    rest_ = rows_divide(row_exact_sum(errors_), 0.0 + xs_.n);
    rows_array t3 = rows_new(xs_.n);
    for (long j_ = 0; j_ < xs_.n; j_ += 1) {
        rows_push(&t3, xs_.p[j_] - m_ + (row_error_of_difference(xs_.p[j_], m_) - rest_));
    }
    return t3;
}
static double row_deviation(rows_array xs_, double k_) {
    return rows_at(row_deviations(xs_), k_);
}
static double row_unless_nan(double slope_, double y_) {
    return y_ <= y_ ? slope_ : NAN;
}
static double row_exponent(rows_array xs_) {
    double top_ = {0};
    double x_ = {0};
    top_ = 0.0;
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        x_ = xs_.p[i_];
        top_ = row_larger(top_, fabs(x_));
    }
    return rows_frexp(top_).f1;
}
static double row_norm(rows_array xs_) {
    double x_ = {0};
    double exponent_ = {0};
    rows_array pieces_ = {0};
    double small_ = {0};
    double square_ = {0};
    double error_ = {0};
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        x_ = xs_.p[i_];
        if (fabs(x_) == INFINITY) {
            return INFINITY;
        }
    }
    exponent_ = row_exponent(xs_);
    rows_array t1 = rows_new(0);
    pieces_ = t1;
    for (long j_ = 0; j_ < xs_.n; j_ += 1) {
        x_ = xs_.p[j_];
        small_ = rows_ldexp(x_, -exponent_);
        rows_2_double_double t2 = row_two_product(small_, small_);
        square_ = t2.f0;
        error_ = t2.f1;
        rows_push(&pieces_, square_);
        rows_push(&pieces_, error_);
    }
    return row_scaled(rows_sqrt(row_math_fsum(pieces_)), exponent_);
}
static double row_var(rows_array xs_) {
    double length_ = {0};
    length_ = row_norm(row_deviations(xs_));
    return rows_divide(length_, 0.0 + xs_.n) * length_;
}
static rows_array row_variance_slopes(rows_array xs_, double n_) {
    rows_array xs_2_ = {0};
    xs_2_ = row_deviations(xs_);
    rows_array t1 = rows_new(xs_2_.n);
    for (long i_ = 0; i_ < xs_2_.n; i_ += 1) {
        rows_push(&t1, xs_2_.p[i_] * rows_divide(2.0, 0.0 + n_));
    }
    return t1;
}
static rows_2_array_double row_scaled_deviations(rows_array xs_) {
    double exponent_ = {0};
    exponent_ = row_exponent(xs_);
    rows_array t1 = rows_new(xs_.n);
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        rows_push(&t1, rows_ldexp(xs_.p[i_], -exponent_));
    }
    return (rows_2_array_double){row_deviations(t1), exponent_};
}
static double row_std(rows_array xs_) {
    rows_array differences_ = {0};
    double exponent_ = {0};
    double length_ = {0};
    rows_2_array_double t1 = row_scaled_deviations(xs_);
    differences_ = t1.f0;
    exponent_ = t1.f1;
    length_ = row_norm(differences_);
    return length_ > 0.0 ? row_larger(row_scaled(rows_divide(length_, rows_sqrt(0.0 + xs_.n)), exponent_), 5e-324) : length_;
}
static rows_array row_deviation_slopes(rows_array xs_, double y_) {
    rows_array differences_ = {0};
    double __ = {0};
    double length_ = {0};
    if (y_ <= 0.0) {
        rows_array t1 = rows_new(xs_.n);
        for (long i_ = 0; i_ < xs_.n; i_ += 1) {
            rows_push(&t1, 0.0);
        }
        return t1;
    }
    rows_2_array_double t2 = row_scaled_deviations(xs_);
    differences_ = t2.f0;
    __ = t2.f1;
    length_ = row_norm(differences_) * rows_sqrt(0.0 + xs_.n);
    rows_array t3 = rows_new(differences_.n);
    for (long i_ = 0; i_ < differences_.n; i_ += 1) {
        rows_push(&t3, rows_divide(differences_.p[i_], length_));
    }
    return t3;
}
static rows_3_double_double_double row_times(double high_, double low_, double x_) {
    double m_ = {0};
    double exponent_ = {0};
    double p_ = {0};
    double error_ = {0};
    double total_ = {0};
    double shift_ = {0};
    rows_2_double_double t1 = rows_frexp(x_);
    m_ = t1.f0;
    exponent_ = t1.f1;
    rows_2_double_double t2 = row_two_product(high_, m_);
    p_ = t2.f0;
    error_ = t2.f1;
    if (!(fabs(p_) < INFINITY)) {
        return (rows_3_double_double_double){p_, 0.0, 0};
    }
    rows_2_double_double t3 = rows_frexp(p_);
    total_ = t3.f0;
    shift_ = t3.f1;
    return (rows_3_double_double_double){total_, rows_ldexp(low_ * m_ + error_, -shift_), exponent_ + shift_};
}
static double row_prod(rows_array xs_) {
    double high_ = {0};
    double low_ = {0};
    double exponent_ = {0};
    double x_ = {0};
    double shift_ = {0};
    high_ = 1.0;
    low_ = 0.0;
    exponent_ = 0;
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        x_ = xs_.p[i_];
        rows_3_double_double_double t1 = row_times(high_, low_, x_);
        high_ = t1.f0;
        low_ = t1.f1;
        shift_ = t1.f2;
        exponent_ = exponent_ + shift_;
    }
    return row_scaled(low_ == 0.0 ? high_ : high_ + low_, exponent_);
}
static rows_array row_products_of_others(rows_array xs_) {
    rows_array highs_ = {0};
    rows_array lows_ = {0};
    rows_array exponents_ = {0};
    double high_ = {0};
    double low_ = {0};
    double exponent_ = {0};
    double i_ = {0};
    double shift_ = {0};
    rows_array found_ = {0};
    double k_ = {0};
    double p_ = {0};
    double error_ = {0};
    double rest_ = {0};
    rows_array t1 = rows_new(0);
    highs_ = t1;
    rows_array t2 = rows_new(0);
    lows_ = t2;
    rows_array t3 = rows_new(0);
    exponents_ = t3;
    high_ = 1.0;
    low_ = 0.0;
    exponent_ = 0;
    for (long j_ = 0; j_ < xs_.n; j_ += 1) {
        i_ = j_;
        rows_push(&highs_, high_);
        rows_push(&lows_, low_);
        rows_push(&exponents_, 0.0 + exponent_);
        rows_3_double_double_double t4 = row_times(high_, low_, rows_at(xs_, xs_.n - 1 - i_));
        high_ = t4.f0;
        low_ = t4.f1;
        shift_ = t4.f2;
        exponent_ = exponent_ + shift_;
    }
    high_ = 1.0;
    low_ = 0.0;
    exponent_ = 0;
    rows_array t5 = rows_new(0);
    found_ = t5;
    for (long l_ = 0; l_ < xs_.n; l_ += 1) {
        i_ = l_;
        k_ = xs_.n - 1 - i_;
        rows_2_double_double t6 = row_two_product(high_, rows_at(highs_, k_));
        p_ = t6.f0;
        error_ = t6.f1;
        rest_ = fabs(p_) < INFINITY ? error_ + (high_ * rows_at(lows_, k_) + low_ * rows_at(highs_, k_)) : 0.0;
        rows_push(&found_, row_scaled(rest_ == 0.0 ? p_ : p_ + rest_, exponent_ + rows_trunc(rows_at(exponents_, k_))));
        rows_3_double_double_double t7 = row_times(high_, low_, rows_at(xs_, i_));
        high_ = t7.f0;
        low_ = t7.f1;
        shift_ = t7.f2;
        exponent_ = exponent_ + shift_;
    }
    return found_;
}
static double row_part_on_floats(rows_array xs_, double i_, double y_) {
    return rows_divide(rows_at(xs_, i_), y_);
}
static double row_scaled_norm_slope(rows_array xs_, double i_, double s_) {
    rows_array scaled_ = {0};
    rows_array t1 = rows_new(xs_.n);
    for (long j_ = 0; j_ < xs_.n; j_ += 1) {
        rows_push(&t1, xs_.p[j_] * s_);
    }
    scaled_ = t1;
    return row_part_on_floats(scaled_, i_, row_norm(scaled_));
}
static double row_far_norm_slope(rows_array xs_, double i_) {
    double infinite_ = {0};
    rows_array t1 = rows_new(xs_.n);
    for (long j_ = 0; j_ < xs_.n; j_ += 1) {
        rows_push(&t1, fabs(xs_.p[j_]) >= INFINITY ? 1.0 : 0.0);
    }
    infinite_ = row_exact_sum(t1);
    return fabs(rows_at(xs_, i_)) >= INFINITY ? (infinite_ > 1.0 ? NAN : row_sign(rows_at(xs_, i_))) : row_scaled_norm_slope(xs_, i_, 5.421010862427522e-20);
}
static double row_norm_slope(rows_array xs_, double i_, double y_) {
    return y_ < 1e-290 ? (y_ <= 0.0 ? 0.0 : row_scaled_norm_slope(xs_, i_, 1.6069380442589903e+60)) : y_ < INFINITY ? row_part_on_floats(xs_, i_, y_) : row_far_norm_slope(xs_, i_);
}
static double row_place_of_largest(rows_array xs_) {
    double best_ = {0};
    double i_ = {0};
    double x_ = {0};
    best_ = 0;
    for (long j_ = 0; j_ < xs_.n; j_ += 1) {
        i_ = j_;
        x_ = xs_.p[j_];
        if (x_ > rows_at(xs_, best_) || x_ != x_) {
            best_ = i_;
        }
    }
    return best_;
}
static double row_max_of(rows_array xs_) {
    return rows_at(xs_, row_place_of_largest(xs_));
}
static rows_array row_shares_on_floats(rows_array xs_, rows_array active_) {
    double top_ = {0};
    rows_array ties_ = {0};
    double fixed_ = {0};
    double share_ = {0};
    top_ = row_max_of(xs_);
    rows_array t1 = rows_new(xs_.n);
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        rows_push(&t1, xs_.p[i_] >= top_ ? 1.0 : 0.0);
    }
    ties_ = t1;
    rows_array t2 = rows_new(ties_.n);
    for (long i_ = 0; i_ < ties_.n; i_ += 1) {
        rows_push(&t2, rows_at(active_, i_) ? 0.0 : ties_.p[i_]);
    }
    fixed_ = row_exact_sum(t2);
    share_ = fixed_ > 0.0 ? rows_closed() : top_ == top_ ? rows_divide(1.0, row_exact_sum(ties_)) : NAN;
    rows_array t3 = rows_new(xs_.n);
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        rows_push(&t3, xs_.p[i_] < top_ ? rows_closed() : share_);
    }
    return t3;
}
static double row_min_of(rows_array xs_) {
    double best_ = {0};
    double x_ = {0};
    best_ = rows_at(xs_, 0);
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        x_ = xs_.p[i_];
        if (x_ < best_ || x_ != x_) {
            best_ = x_;
        }
    }
    return best_;
}
static double row_dot(rows_array xs_) {
    rows_array xs_2_ = {0};
    rows_array products_ = {0};
    xs_2_ = rows_slice(xs_, rows_floor((0.0 + xs_.n) / 2.0), INFINITY);
    rows_array t1 = rows_new((xs_2_.n < xs_.n ? xs_2_.n : xs_.n));
    double t2 = (xs_2_.n < xs_.n ? xs_2_.n : xs_.n);
    for (long i_ = 0; i_ < t2; i_ += 1) {
        rows_push(&t1, xs_.p[i_] * xs_2_.p[i_]);
    }
    products_ = t1;
    int saved_3 = rows_raised;
    rows_raised = 0;
    {
        double t4 = row_math_fsum(products_);
        if (rows_raised) goto handler_3;
        return t4;
    }
    rows_raised = saved_3;
    if (0) handler_3: {
    if (rows_raised == rows_ValueError || rows_raised == rows_OverflowError) {
    rows_raised = saved_3;
        return row_exact_sum(products_);
    } else
    { return (double){0}; }
    }
}
static double row_affine(rows_array xs_) {
    rows_array xs_2_ = {0};
    rows_array terms_ = {0};
    xs_2_ = rows_slice(xs_, rows_floor((0.0 + xs_.n) / 2.0), -1);
    rows_array t1 = rows_new((xs_2_.n < xs_.n ? xs_2_.n : xs_.n) + 1);
    double t2 = (xs_2_.n < xs_.n ? xs_2_.n : xs_.n);
    for (long i_ = 0; i_ < t2; i_ += 1) {
        rows_push(&t1, xs_.p[i_] * xs_2_.p[i_]);
    }
    rows_push(&t1, rows_at(xs_, xs_.n - 1));
    terms_ = t1;
    int saved_3 = rows_raised;
    rows_raised = 0;
    {
        double t4 = row_math_fsum(terms_);
        if (rows_raised) goto handler_3;
        return t4;
    }
    rows_raised = saved_3;
    if (0) handler_3: {
    if (rows_raised == rows_ValueError || rows_raised == rows_OverflowError) {
    rows_raised = saved_3;
        return row_exact_sum(terms_);
    } else
    { return (double){0}; }
    }
}
static double row_exp_sub(double a_, double b_) {
    double d_ = {0};
    double back_ = {0};
    double error_ = {0};
    d_ = a_ - b_;
    if (!(-INFINITY < d_ && d_ < INFINITY)) {
        return a_ == b_ ? 1.0 : rows_exp(d_);
    }
    back_ = d_ - a_;
    error_ = a_ - (d_ - back_) - (b_ + back_);
    return rows_exp(d_) * (1.0 + error_);
}
static double row_greatest(rows_array xs_) {
    double best_ = {0};
    double x_ = {0};
    best_ = rows_at(xs_, 0);
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        x_ = xs_.p[i_];
        best_ = row_greater(best_, x_);
    }
    return best_;
}
static rows_array row_divided(rows_array a_, double k_) {
    double over_ = {0};
    over_ = 0.0;
    for (long i_ = 0; i_ < a_.n; i_ += 1) {
        over_ = over_ * 4194304.0 + a_.p[i_];
        rows_put(a_, i_, 0.0 + rows_floor(rows_divide(over_, 0.0 + k_)));
        over_ = over_ - a_.p[i_] * (0.0 + k_);
    }
    return a_;
}
static rows_array row_carried(rows_array a_) {
    double i_ = {0};
    double over_ = {0};
    double t1 = a_.n - 1;
    for (long j_ = 0; j_ < t1; j_ += 1) {
        i_ = a_.n - 1 - j_;
        over_ = 0.0 + rows_floor(rows_at(a_, i_) / 4194304.0);
        rows_put(a_, i_, rows_at(a_, i_) - over_ * 4194304.0);
        rows_put(a_, i_ - 1, rows_at(a_, i_ - 1) + over_);
    }
    return a_;
}
static rows_array row_times_2(rows_array a_, rows_array b_) {
    rows_array found_ = {0};
    rows_array t1 = rows_new(a_.n);
    for (long k_ = 0; k_ < a_.n; k_ += 1) {
        rows_push(&t1, 0.0);
    }
    found_ = t1;
    for (long i_ = 0; i_ < a_.n; i_ += 1) {
        double t2 = a_.n - i_;
        for (long j_ = 0; j_ < t2; j_ += 1) {
            rows_put(found_, i_ + j_, rows_at(found_, i_ + j_) + a_.p[i_] * rows_at(b_, j_));
        }
    }
    return row_carried(found_);
}
static rows_array row_exponential(double x_, double places_) {
    rows_array t_ = {0};
    rows_array term_ = {0};
    rows_array total_ = {0};
    double sign_ = {0};
    double k_ = {0};
    rows_array t1 = rows_new(1 + places_);
    rows_push(&t1, x_);
    for (long i_ = 0; i_ < places_; i_ += 1) {
        rows_push(&t1, 0.0);
    }
    t_ = row_divided(t1, 256);
    rows_array t2 = rows_new(1 + places_);
    rows_push(&t2, 1.0);
    for (long i_ = 0; i_ < places_; i_ += 1) {
        rows_push(&t2, 0.0);
    }
    term_ = t2;
    rows_array t3 = rows_new(places_ + 1);
    double t4 = places_ + 1;
    for (long i_ = 0; i_ < t4; i_ += 1) {
        rows_push(&t3, 0.0);
    }
    total_ = t3;
    sign_ = 1.0;
    k_ = 0;
    for (;;) {
        if (!(row_greatest(term_) > 0.0) || rows_raised) break;
        rows_array t5 = rows_new(total_.n);
        for (long i_ = 0; i_ < total_.n; i_ += 1) {
            rows_push(&t5, total_.p[i_] + sign_ * rows_at(term_, i_));
        }
        total_ = t5;
        sign_ = -sign_;
        k_ = k_ + 1;
        term_ = row_divided(row_times_2(term_, t_), k_);
    }
    total_ = row_carried(total_);
    for (long __ = 0; __ < 8; __ += 1) {
        total_ = row_times_2(total_, total_);
    }
    return total_;
}
static double row_exponentials_less_one(rows_array xs_) {
    double places_ = {0};
    rows_array parts_ = {0};
    double x_ = {0};
    rows_array xs_2_ = {0};
    double place_ = {0};
    double digit_ = {0};
    places_ = rows_floor((0.0 + 288 - rows_frexp(row_greatest(xs_)).f1) / 22.0) + 4;
    rows_array t1 = rows_new(1);
    rows_push(&t1, -4.149515568880993e+180);
    parts_ = t1;
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        x_ = xs_.p[i_];
        if (x_ > -22.0 * (0.0 + places_)) {
            xs_2_ = row_exponential(-x_, places_);
            for (long j_ = 0; j_ < xs_2_.n; j_ += 1) {
                place_ = j_;
                digit_ = xs_2_.p[j_];
                rows_push(&parts_, rows_ldexp(digit_, 600 - 22 * place_));
            }
        }
    }
    return rows_ldexp(row_fsum(parts_), -600);
}
static double row_logsumexp(rows_array xs_) {
    double top_ = {0};
    double y_ = {0};
    top_ = row_place_of_largest(xs_);
    if (!(fabs(rows_at(xs_, top_)) < INFINITY)) {
        return rows_at(xs_, top_);
    }
    rows_array t1 = rows_new(xs_.n);
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        if (i_ != top_) {
            rows_push(&t1, row_exp_sub(xs_.p[i_], rows_at(xs_, top_)));
        }
    }
    y_ = rows_at(xs_, top_) + rows_log1p(row_exact_sum(t1));
    return fabs(y_) < -0.25 * rows_at(xs_, top_) ? rows_log1p(row_exponentials_less_one(xs_)) : y_;
}
static rows_array row_probabilities(rows_array xs_) {
    double top_ = {0};
    rows_array weights_ = {0};
    double total_ = {0};
    top_ = rows_at(xs_, row_place_of_largest(xs_));
    if (top_ != top_) {
        rows_array t1 = rows_new(xs_.n);
        for (long i_ = 0; i_ < xs_.n; i_ += 1) {
            rows_push(&t1, NAN);
        }
        return t1;
    }
    rows_array t2 = rows_new(xs_.n);
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        rows_push(&t2, row_exp_sub(xs_.p[i_], top_));
    }
    weights_ = t2;
    total_ = row_exact_sum(weights_);
    rows_array t3 = rows_new(weights_.n);
    for (long i_ = 0; i_ < weights_.n; i_ += 1) {
        rows_push(&t3, rows_divide(weights_.p[i_], total_));
    }
    return t3;
}
static double row_softmax(rows_array xs_, double k_) {
    return rows_at(row_probabilities(xs_), k_);
}
static double row_share_2(double a_, double b_) {
    rows_array t1 = rows_new(1 + 1);
    rows_push(&t1, a_);
    rows_push(&t1, b_);
    return row_softmax(t1, 0);
}
static double row_logaddexp(double a_, double b_) {
    rows_array t1 = rows_new(1 + 1);
    rows_push(&t1, a_);
    rows_push(&t1, b_);
    return row_logsumexp(t1);
}
static rows_array row_softmax_slopes_of_two(double a_, double b_, rows_array p_, double k_) {
    double slope_ = {0};
    slope_ = fabs(a_ - b_) < 8.0 ? row_sigmoid_slope(a_ - b_) : rows_at(p_, 0) * rows_at(p_, 1);
    rows_array t1 = rows_new(1 + 1);
    rows_push(&t1, (k_ == 0 ? (rows_2_double_double){slope_, -slope_} : (rows_2_double_double){-slope_, slope_}).f0);
    rows_push(&t1, (k_ == 0 ? (rows_2_double_double){slope_, -slope_} : (rows_2_double_double){-slope_, slope_}).f1);
    return t1;
}
static double row_complement(rows_array p_, double k_) {
    double t1 = {0};
    if (rows_at(p_, k_) > 0.5) {
        rows_array t2 = rows_new(8 + 8);
        rows_extend(&t2, rows_slice(p_, 0, k_));
        rows_extend(&t2, rows_slice(p_, k_ + 1, INFINITY));
        t1 = row_exact_sum(t2);
    } else {
        t1 = 1.0 - rows_at(p_, k_);
    }
    return t1;
}
static rows_array row_softmax_slopes(rows_array p_, double k_) {
    double opposite_ = {0};
    opposite_ = -rows_at(p_, k_);
    rows_array t1 = rows_new(p_.n);
    for (long i_ = 0; i_ < p_.n; i_ += 1) {
        rows_push(&t1, i_ == k_ ? rows_at(p_, k_) * row_complement(p_, k_) : opposite_ * p_.p[i_]);
    }
    return t1;
}
static double row_cross_entropy(rows_array xs_, double target_) {
    double top_ = {0};
    double distance_ = {0};
    top_ = rows_at(xs_, target_) == rows_at(xs_, row_place_of_largest(xs_)) ? target_ : row_place_of_largest(xs_);
    if (rows_at(xs_, top_) != rows_at(xs_, top_)) {
        return NAN;
    }
    distance_ = top_ == target_ ? 0.0 : rows_at(xs_, top_) - rows_at(xs_, target_);
    rows_array t1 = rows_new(xs_.n);
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        if (i_ != top_) {
            rows_push(&t1, row_exp_sub(xs_.p[i_], rows_at(xs_, top_)));
        }
    }
    return distance_ + rows_log1p(row_exact_sum(t1));
}
static double row_log_softmax(rows_array xs_, double k_) {
    return -row_cross_entropy(xs_, k_);
}
static rows_array row_cross_entropy_slopes(rows_array p_, double target_) {
    rows_array t1 = rows_new(p_.n);
    for (long i_ = 0; i_ < p_.n; i_ += 1) {
        rows_push(&t1, i_ == target_ ? -row_complement(p_, target_) : p_.p[i_]);
    }
    return t1;
}
static rows_array row_slopes_of_log_softmax(rows_array xs_, double y_, double k_) {
    rows_array xs_2_ = {0};
    xs_2_ = row_cross_entropy_slopes(row_probabilities(xs_), k_);
    rows_array t1 = rows_new(xs_2_.n);
    for (long i_ = 0; i_ < xs_2_.n; i_ += 1) {
        rows_push(&t1, -xs_2_.p[i_]);
    }
    return t1;
}
static rows_2_double_double row_SGD_formula(double p_, double g_, double v_, double lr_, double momentum_, double weight_decay_) {
    if (weight_decay_ != 0.0) {
        g_ = g_ + weight_decay_ * p_;
    }
    if (momentum_ != 0.0) {
        g_ = g_ + momentum_ * v_;
        v_ = g_;
    }
    return (rows_2_double_double){lr_ * g_, v_};
}
static rows_2_double_double row_Nesterov_formula(double p_, double g_, double v_, double lr_, double momentum_, double weight_decay_) {
    if (weight_decay_ != 0.0) {
        g_ = g_ + weight_decay_ * p_;
    }
    v_ = momentum_ * v_ + g_;
    return (rows_2_double_double){lr_ * (g_ + momentum_ * v_), v_};
}
static rows_2_double_double row_AdaGrad_formula(double p_, double g_, double s_, double rate_, double weight_decay_, double eps_) {
    g_ = g_ + weight_decay_ * p_;
    s_ = s_ + g_ * g_;
    return (rows_2_double_double){rows_divide(rate_ * g_, rows_sqrt(s_) + eps_), s_};
}
static rows_3_double_double_double row_RMSProp_formula(double p_, double g_, double s_, double v_, double lr_, double alpha_, double eps_, double weight_decay_, double momentum_) {
    g_ = g_ + weight_decay_ * p_;
    s_ = alpha_ * s_ + (1.0 - alpha_) * g_ * g_;
    v_ = momentum_ * v_ + rows_divide(g_, rows_sqrt(s_) + eps_);
    return (rows_3_double_double_double){lr_ * v_, s_, v_};
}
static rows_3_double_double_double row_by_means(double g_, double m_, double s_, double lr_, double b1_, double b2_, double c1_, double c2_, double eps_) {
    m_ = b1_ * m_ + (1.0 - b1_) * g_;
    s_ = b2_ * s_ + (1.0 - b2_) * g_ * g_;
    return (rows_3_double_double_double){rows_divide(lr_ * rows_divide(m_, c1_), rows_sqrt(rows_divide(s_, c2_)) + eps_), m_, s_};
}
static rows_3_double_double_double row_Adam_formula(double p_, double g_, double m_, double s_, double lr_, double b1_, double b2_, double c1_, double c2_, double eps_, double decay_) {
    return row_by_means(g_ + decay_ * p_, m_, s_, lr_, b1_, b2_, c1_, c2_, eps_);
}
static rows_3_double_double_double row_AdamW_formula(double p_, double g_, double m_, double s_, double lr_, double b1_, double b2_, double c1_, double c2_, double eps_, double decay_) {
    double change_ = {0};
    rows_3_double_double_double t1 = row_by_means(g_, m_, s_, lr_, b1_, b2_, c1_, c2_, eps_);
    change_ = t1.f0;
    m_ = t1.f1;
    s_ = t1.f2;
    return (rows_3_double_double_double){lr_ * decay_ * p_ + change_, m_, s_};
}

static double where_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    int condition_ = k[0] != 0.0;
    double made = row_where(a_, b_, condition_);
    return made;
}
static double where_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = where_value(a, k);
    int condition_ = k[0] != 0.0;
    if (active & 1u) {
        partials[0] = condition_ ? 1.0 : rows_closed();
    }
    if (active & 2u) {
        partials[1] = condition_ ? rows_closed() : 1.0;
    }
    return y_;
}
static double add_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = a_ + b_;
    return made;
}
static double add_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = add_value(a, k);
    if (active & 1u) {
        partials[0] = 1.0;
    }
    if (active & 2u) {
        partials[1] = 1.0;
    }
    return y_;
}
static double sub_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = a_ - b_;
    return made;
}
static double sub_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = sub_value(a, k);
    if (active & 1u) {
        partials[0] = 1.0;
    }
    if (active & 2u) {
        partials[1] = -1.0;
    }
    return y_;
}
static double neg_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = -a_;
    return made;
}
static double neg_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = neg_value(a, k);
    if (active & 1u) {
        partials[0] = -1.0;
    }
    return y_;
}
static double identity_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = a_;
    return made;
}
static double identity_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = identity_value(a, k);
    if (active & 1u) {
        partials[0] = 1.0;
    }
    return y_;
}
static double mul_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = a_ * b_;
    return made;
}
static double mul_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = mul_value(a, k);
    double a_ = a[0];
    double b_ = a[1];
    if (active & 1u) {
        partials[0] = b_;
    }
    if (active & 2u) {
        partials[1] = a_;
    }
    return y_;
}
static double div_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = row_div(a_, b_);
    return made;
}
static double div_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = div_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    double b_ = a[1];
    if (active & 1u) {
        partials[0] = rows_divide(1.0, b_);
    }
    if (active & 2u) {
        partials[1] = rows_chosen(fabs(y_) > 1e-290, -rows_divide(y_, b_), -rows_divide(rows_divide(a_ * 4.611686018427388e+18, b_), b_ * 4.611686018427388e+18));
    }
    return y_;
}
static double pow_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = row_pow(a_, b_);
    return made;
}
static double pow_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = pow_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    double b_ = a[1];
    if (active & 1u) {
        partials[0] = b_ >= 1.0 ? b_ * row_pow(a_, b_ - 1.0) : row_low_power_slope(a_, b_, y_);
    }
    if (active & 2u) {
        partials[1] = a_ > 0.0 ? (fabs(y_) > 1e-290 ? y_ * rows_log(a_) : row_small_slope(a_, b_)) : row_edge_slope(a_, b_);
    }
    return y_;
}
static double square_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_square(a_);
    return made;
}
static double square_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = square_value(a, k);
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = 2.0 * a_;
    }
    return y_;
}
static double reciprocal_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_reciprocal(a_);
    return made;
}
static double reciprocal_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = reciprocal_value(a, k);
    if (rows_raised) return y_;
    if (active & 1u) {
        partials[0] = -(y_ * y_);
    }
    return y_;
}
static double sqrt_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_sqrt(a_);
    return made;
}
static double sqrt_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = sqrt_value(a, k);
    if (rows_raised) return y_;
    if (active & 1u) {
        partials[0] = y_ <= 0.0 ? INFINITY * (1.0 - y_) : rows_divide(0.5, y_);
    }
    return y_;
}
static double cbrt_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = cbrt(a_);
    return made;
}
static double cbrt_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = cbrt_value(a, k);
    if (active & 1u) {
        partials[0] = fabs(y_) <= 0.0 ? INFINITY * (1.0 - fabs(y_)) : rows_divide(rows_divide(1.0, 3.0 * y_), y_);
    }
    return y_;
}
static double exp_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_exp(a_);
    return made;
}
static double exp_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = exp_value(a, k);
    if (rows_raised) return y_;
    if (active & 1u) {
        partials[0] = y_;
    }
    return y_;
}
static double exp2_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_exp2(a_);
    return made;
}
static double exp2_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = exp2_value(a, k);
    if (rows_raised) return y_;
    if (active & 1u) {
        partials[0] = y_ * 0.6931471805599453;
    }
    return y_;
}
static double expm1_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_expm1(a_);
    return made;
}
static double expm1_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = expm1_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = rows_exp(a_);
    }
    return y_;
}
static double log_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_log(a_);
    return made;
}
static double log_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = log_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = rows_divide(1.0, a_);
    }
    return y_;
}
static double log2_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_log2(a_);
    return made;
}
static double log2_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = log2_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = rows_divide(1.4426950408889634, a_);
    }
    return y_;
}
static double log10_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_log10(a_);
    return made;
}
static double log10_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = log10_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = rows_divide(0.4342944819032518, a_);
    }
    return y_;
}
static double log1p_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_log1p(a_);
    return made;
}
static double log1p_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = log1p_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = rows_divide(1.0, 1.0 + a_);
    }
    return y_;
}
static double log1mexp_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_log1mexp(a_);
    return made;
}
static double log1mexp_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = log1mexp_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = rows_divide(rows_exp(a_), rows_expm1(a_));
    }
    return y_;
}
static double logit_value(const double *a, const double *k) {
    double p_ = a[0];
    double made = row_logit(p_);
    return made;
}
static double logit_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = logit_value(a, k);
    if (rows_raised) return y_;
    double p_ = a[0];
    if (active & 1u) {
        partials[0] = p_ > 0.25 ? (p_ < 0.75 ? row_middle_odds(p_) : row_odds(p_)) : row_odds(p_);
    }
    return y_;
}
static double exprel_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_exprel(a_);
    return made;
}
static double exprel_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = exprel_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_exprel_derivative(a_, 1);
    }
    return y_;
}
static double exprel_derivative_value(const double *a, const double *k) {
    double x_ = a[0];
    double n_ = k[0];
    double made = row_exprel_derivative(x_, n_);
    return made;
}
static double exprel_derivative_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = exprel_derivative_value(a, k);
    if (rows_raised) return y_;
    double x_ = a[0];
    double n_ = k[0];
    if (active & 1u) {
        partials[0] = row_exprel_derivative(x_, n_ + 1);
    }
    return y_;
}
static double xlogy_value(const double *a, const double *k) {
    double x_ = a[0];
    double y_ = a[1];
    double made = row_xlogy(x_, y_);
    return made;
}
static double xlogy_rule(const double *a, const double *k, unsigned active, double *partials) {
    double result_ = xlogy_value(a, k);
    if (rows_raised) return result_;
    double x_ = a[0];
    double y_ = a[1];
    if (active & 1u) {
        partials[0] = row_slope_of_xlogy_x(x_, y_, result_);
    }
    if (active & 2u) {
        partials[1] = row_slope_of_xlogy_y(x_, y_, result_);
    }
    return result_;
}
static double sin_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_sin(a_);
    return made;
}
static double sin_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = sin_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = rows_cos(a_);
    }
    return y_;
}
static double cos_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_cos(a_);
    return made;
}
static double cos_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = cos_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = -rows_sin(a_);
    }
    return y_;
}
static double tan_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_tan(a_);
    return made;
}
static double tan_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = tan_value(a, k);
    if (rows_raised) return y_;
    if (active & 1u) {
        partials[0] = 1.0 + row_square(y_);
    }
    return y_;
}
static double degrees_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_math_degrees(a_);
    return made;
}
static double degrees_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = degrees_value(a, k);
    if (active & 1u) {
        partials[0] = 57.29577951308232;
    }
    return y_;
}
static double radians_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_math_radians(a_);
    return made;
}
static double radians_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = radians_value(a, k);
    if (active & 1u) {
        partials[0] = 0.017453292519943295;
    }
    return y_;
}
static double sinc_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_sinc(a_);
    rows_empty_pool();
    return made;
}
static double sinc_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = sinc_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_sinc_derivative(a_, 1);
    }
    rows_empty_pool();
    return y_;
}
static double sinc_derivative_value(const double *a, const double *k) {
    double x_ = a[0];
    double n_ = k[0];
    double made = row_sinc_derivative(x_, n_);
    rows_empty_pool();
    return made;
}
static double sinc_derivative_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = sinc_derivative_value(a, k);
    if (rows_raised) return y_;
    double x_ = a[0];
    double n_ = k[0];
    if (active & 1u) {
        partials[0] = row_sinc_derivative(x_, n_ + 1);
    }
    rows_empty_pool();
    return y_;
}
static double one_minus_square_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_one_minus_square(a_);
    return made;
}
static double one_minus_square_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = one_minus_square_value(a, k);
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = -2.0 * a_;
    }
    return y_;
}
static double asin_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_asin(a_);
    return made;
}
static double asin_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = asin_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = fabs(a_) >= 1.0 ? INFINITY * row_square(y_) : rows_divide(1.0, rows_sqrt(row_one_minus_square(a_)));
    }
    return y_;
}
static double acos_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_acos(a_);
    return made;
}
static double acos_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = acos_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = fabs(a_) >= 1.0 ? -INFINITY * row_square(rows_asin(a_)) : rows_divide(-1.0, rows_sqrt(row_one_minus_square(a_)));
    }
    return y_;
}
static double atan_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = atan(a_);
    return made;
}
static double atan_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = atan_value(a, k);
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = fabs(a_) < 100000000.0 ? rows_divide(1.0, 1.0 + row_square(a_)) : row_square(rows_divide(1.0, a_));
    }
    return y_;
}
static double inverse_power_real_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double n_ = k[0];
    double made = row_inverse_power_real(a_, b_, n_);
    return made;
}
static double inverse_power_real_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = inverse_power_real_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    double b_ = a[1];
    double n_ = k[0];
    if (active & 1u) {
        partials[0] = (0.0 + -n_) * row_inverse_power_real(a_, b_, n_ + 1);
    }
    if (active & 2u) {
        partials[1] = (0.0 + n_) * row_inverse_power_imaginary(a_, b_, n_ + 1);
    }
    return y_;
}
static double inverse_power_imaginary_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double n_ = k[0];
    double made = row_inverse_power_imaginary(a_, b_, n_);
    return made;
}
static double inverse_power_imaginary_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = inverse_power_imaginary_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    double b_ = a[1];
    double n_ = k[0];
    if (active & 1u) {
        partials[0] = (0.0 + -n_) * row_inverse_power_imaginary(a_, b_, n_ + 1);
    }
    if (active & 2u) {
        partials[1] = (0.0 + -n_) * row_inverse_power_real(a_, b_, n_ + 1);
    }
    return y_;
}
static double atan2_value(const double *a, const double *k) {
    double y_ = a[0];
    double x_ = a[1];
    double made = atan2(y_, x_);
    return made;
}
static double atan2_rule(const double *a, const double *k, unsigned active, double *partials) {
    double result_ = atan2_value(a, k);
    double y_ = a[0];
    double x_ = a[1];
    if (active & 1u) {
        partials[0] = row_slope_of_atan2_y(y_, x_, result_);
    }
    if (active & 2u) {
        partials[1] = row_slope_of_atan2_x(y_, x_, result_);
    }
    return result_;
}
static double polar_power_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double cosines_ = k[0];
    double sines_ = k[1];
    double radii_ = k[2];
    double made = row_polar_power(a_, b_, cosines_, sines_, radii_);
    rows_empty_pool();
    return made;
}
static double polar_power_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = polar_power_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    double b_ = a[1];
    double cosines_ = k[0];
    double sines_ = k[1];
    double radii_ = k[2];
    if (active & 1u) {
        partials[0] = row_polar_slope(a_, b_, cosines_, sines_, radii_);
    }
    if (active & 2u) {
        partials[1] = row_polar_swapped(a_, b_, cosines_, sines_, radii_);
    }
    rows_empty_pool();
    return y_;
}
static double hypot_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = row_math_hypot(a_, b_);
    return made;
}
static double hypot_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = hypot_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    double b_ = a[1];
    if (active & 1u) {
        partials[0] = y_ <= 0.0 ? 0.0 : row_polar_power(a_, b_, 1, 0, 0);
    }
    if (active & 2u) {
        partials[1] = y_ <= 0.0 ? 0.0 : row_polar_power(a_, b_, 0, 1, 0);
    }
    rows_empty_pool();
    return y_;
}
static double sinh_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_sinh(a_);
    return made;
}
static double sinh_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = sinh_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = rows_cosh(a_);
    }
    return y_;
}
static double cosh_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_cosh(a_);
    return made;
}
static double cosh_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = cosh_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = rows_sinh(a_);
    }
    return y_;
}
static double sech_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_sech(a_);
    return made;
}
static double sech_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = sech_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = -y_ * tanh(a_);
    }
    return y_;
}
static double tanh_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = tanh(a_);
    return made;
}
static double tanh_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = tanh_value(a, k);
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_square(row_sech(a_));
    }
    return y_;
}
static double logcosh_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_logcosh(a_);
    return made;
}
static double logcosh_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = logcosh_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = tanh(a_);
    }
    return y_;
}
static double asinh_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = asinh(a_);
    return made;
}
static double asinh_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = asinh_value(a, k);
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = rows_divide(1.0, row_math_hypot(1.0, a_));
    }
    return y_;
}
static double acosh_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_acosh(a_);
    return made;
}
static double acosh_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = acosh_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = a_ <= 1.0 ? INFINITY * (1.0 - y_) : rows_divide(1.0, rows_sqrt(a_ - 1.0) * rows_sqrt(a_ + 1.0));
    }
    return y_;
}
static double atanh_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = rows_atanh(a_);
    return made;
}
static double atanh_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = atanh_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = rows_divide(1.0, row_one_minus_square(a_));
    }
    return y_;
}
static double sigmoid_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_sigmoid(a_);
    return made;
}
static double sigmoid_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = sigmoid_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_sigmoid_slope(a_);
    }
    return y_;
}
static double sigmoid_slope_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_sigmoid_slope(a_);
    return made;
}
static double sigmoid_slope_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = sigmoid_slope_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = -y_ * tanh(a_ / 2.0);
    }
    return y_;
}
static double logsigmoid_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_logsigmoid(a_);
    return made;
}
static double logsigmoid_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = logsigmoid_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_sigmoid(-a_);
    }
    return y_;
}
static double softplus_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_softplus(a_);
    return made;
}
static double softplus_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = softplus_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_sigmoid(a_);
    }
    return y_;
}
static double relu_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_relu(a_);
    return made;
}
static double relu_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = relu_value(a, k);
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = a_ > 0.0 ? 1.0 : a_ <= 0.0 ? rows_closed() : NAN;
    }
    return y_;
}
static double leaky_relu_value(const double *a, const double *k) {
    double x_ = a[0];
    double negative_slope_ = k[0];
    double made = row_leaky_relu(x_, negative_slope_);
    return made;
}
static double leaky_relu_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = leaky_relu_value(a, k);
    double x_ = a[0];
    double negative_slope_ = k[0];
    if (active & 1u) {
        partials[0] = x_ > 0.0 ? 1.0 : x_ < 0.0 ? negative_slope_ : rows_chosen(x_ <= 0.0, row_nearest_to_zero(negative_slope_, 1.0), NAN);
    }
    return y_;
}
static double elu_value(const double *a, const double *k) {
    double x_ = a[0];
    double alpha_ = k[0];
    double made = row_elu(x_, alpha_);
    return made;
}
static double elu_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = elu_value(a, k);
    if (rows_raised) return y_;
    double x_ = a[0];
    double alpha_ = k[0];
    if (active & 1u) {
        partials[0] = x_ > 0.0 ? 1.0 : x_ < 0.0 ? alpha_ * rows_exp(x_) : rows_chosen(x_ <= 0.0, row_nearest_to_zero(alpha_, 1.0), NAN);
    }
    return y_;
}
static double selu_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_selu(a_);
    return made;
}
static double selu_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = selu_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = a_ > 0.0 ? 1.0507009873554805 : 1.7580993408473768 * rows_exp(a_);
    }
    return y_;
}
static double celu_value(const double *a, const double *k) {
    double x_ = a[0];
    double alpha_ = k[0];
    double made = row_celu(x_, alpha_);
    return made;
}
static double celu_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = celu_value(a, k);
    if (rows_raised) return y_;
    double x_ = a[0];
    double alpha_ = k[0];
    if (active & 1u) {
        partials[0] = x_ > 0.0 ? 1.0 : rows_exp(rows_divide(x_, alpha_));
    }
    return y_;
}
static double huber_value(const double *a, const double *k) {
    double x_ = a[0];
    double delta_ = k[0];
    double made = row_huber(x_, delta_);
    return made;
}
static double huber_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = huber_value(a, k);
    if (rows_raised) return y_;
    double x_ = a[0];
    double delta_ = k[0];
    if (active & 1u) {
        partials[0] = x_ > delta_ ? delta_ : x_ < -delta_ ? -delta_ : x_;
    }
    return y_;
}
static double normal_pdf_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_normal_pdf(a_);
    return made;
}
static double normal_pdf_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = normal_pdf_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_normal_pdf_derivative(a_, 1);
    }
    return y_;
}
static double normal_pdf_derivative_value(const double *a, const double *k) {
    double x_ = a[0];
    double n_ = k[0];
    double made = row_normal_pdf_derivative(x_, n_);
    return made;
}
static double normal_pdf_derivative_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = normal_pdf_derivative_value(a, k);
    if (rows_raised) return y_;
    double x_ = a[0];
    double n_ = k[0];
    if (active & 1u) {
        partials[0] = row_normal_pdf_derivative(x_, n_ + 1);
    }
    return y_;
}
static double normal_cdf_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_normal_cdf(a_);
    return made;
}
static double normal_cdf_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = normal_cdf_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_normal_pdf(a_);
    }
    return y_;
}
static double log_normal_cdf_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_log_normal_cdf(a_);
    return made;
}
static double log_normal_cdf_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = log_normal_cdf_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_log_normal_cdf_derivative(a_, 1);
    }
    rows_empty_pool();
    return y_;
}
static double log_normal_cdf_derivative_value(const double *a, const double *k) {
    double x_ = a[0];
    double n_ = k[0];
    double made = row_log_normal_cdf_derivative(x_, n_);
    rows_empty_pool();
    return made;
}
static double log_normal_cdf_derivative_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = log_normal_cdf_derivative_value(a, k);
    if (rows_raised) return y_;
    double x_ = a[0];
    double n_ = k[0];
    if (active & 1u) {
        partials[0] = row_log_normal_cdf_derivative(x_, n_ + 1);
    }
    rows_empty_pool();
    return y_;
}
static double gelu_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_gelu(a_);
    return made;
}
static double gelu_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = gelu_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_gelu_slope(a_);
    }
    return y_;
}
static double gelu_slope_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_gelu_slope(a_);
    return made;
}
static double gelu_slope_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = gelu_slope_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_normal_pdf(a_) - row_normal_pdf_derivative(a_, 2);
    }
    return y_;
}
static double gelu_tanh_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_gelu_tanh(a_);
    return made;
}
static double gelu_tanh_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = gelu_tanh_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_gelu_tanh_slope(a_);
    }
    return y_;
}
static double gelu_tanh_slope_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_gelu_tanh_slope(a_);
    return made;
}
static double gelu_tanh_slope_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = gelu_tanh_slope_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = fabs(a_) < 40.0 ? row_gelu_tanh_curvature(a_) : 0.0 * y_;
    }
    return y_;
}
static double silu_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_silu(a_);
    return made;
}
static double silu_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = silu_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_silu_slope(a_);
    }
    return y_;
}
static double silu_slope_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_silu_slope(a_);
    return made;
}
static double silu_slope_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = silu_slope_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = fabs(a_) < 800.0 ? row_silu_curvature(a_) : 0.0 * y_;
    }
    return y_;
}
static double mish_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_mish(a_);
    return made;
}
static double mish_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = mish_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_mish_slope(a_);
    }
    return y_;
}
static double mish_slope_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_mish_slope(a_);
    return made;
}
static double mish_slope_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = mish_slope_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = fabs(a_) < 800.0 ? row_mish_curvature(a_, row_softplus(a_)) : 0.0 * y_;
    }
    return y_;
}
static double hardtanh_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_hardtanh(a_);
    return made;
}
static double hardtanh_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = hardtanh_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = fabs(a_) < 1.0 ? 1.0 : fabs(a_) >= 1.0 ? rows_closed() : NAN;
    }
    return y_;
}
static double relu6_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_relu6(a_);
    return made;
}
static double relu6_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = relu6_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = a_ > 0.0 ? (a_ < 6.0 ? 1.0 : rows_closed()) : a_ <= 0.0 ? rows_closed() : NAN;
    }
    return y_;
}
static double hardsigmoid_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_hardsigmoid(a_);
    return made;
}
static double hardsigmoid_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = hardsigmoid_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = fabs(a_) < 3.0 ? 0.16666666666666666 : fabs(a_) >= 3.0 ? rows_closed() : NAN;
    }
    return y_;
}
static double hardswish_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_hardswish(a_);
    return made;
}
static double hardswish_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = hardswish_value(a, k);
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = a_ < 3.0 ? (a_ > -3.0 ? (2.0 * a_ + 3.0) / 6.0 : rows_closed()) : a_ >= 3.0 ? 1.0 : NAN;
    }
    return y_;
}
static double softsign_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_softsign(a_);
    return made;
}
static double softsign_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = softsign_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_square(rows_divide(1.0, 1.0 + fabs(a_)));
    }
    return y_;
}
static double gaussian_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_gaussian(a_);
    return made;
}
static double gaussian_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = gaussian_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_gaussian_derivative(a_, 1);
    }
    return y_;
}
static double gaussian_derivative_value(const double *a, const double *k) {
    double x_ = a[0];
    double n_ = k[0];
    double made = row_gaussian_derivative(x_, n_);
    return made;
}
static double gaussian_derivative_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = gaussian_derivative_value(a, k);
    if (rows_raised) return y_;
    double x_ = a[0];
    double n_ = k[0];
    if (active & 1u) {
        partials[0] = row_gaussian_derivative(x_, n_ + 1);
    }
    return y_;
}
static double erf_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = erf(a_);
    return made;
}
static double erf_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = erf_value(a, k);
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = 1.1283791670955126 * row_gaussian(a_);
    }
    return y_;
}
static double erfc_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = erfc(a_);
    return made;
}
static double erfc_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = erfc_value(a, k);
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = -1.1283791670955126 * row_gaussian(a_);
    }
    return y_;
}
static double erfinv_value(const double *a, const double *k) {
    double p_ = a[0];
    double made = row_erfinv(p_);
    return made;
}
static double erfinv_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = erfinv_value(a, k);
    if (rows_raised) return y_;
    double p_ = a[0];
    if (active & 1u) {
        partials[0] = row_erfinv_slope(p_);
    }
    return y_;
}
static double erfinv_slope_value(const double *a, const double *k) {
    double p_ = a[0];
    double made = row_erfinv_slope(p_);
    return made;
}
static double erfinv_slope_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = erfinv_slope_value(a, k);
    if (rows_raised) return y_;
    double p_ = a[0];
    if (active & 1u) {
        partials[0] = 2.0 * row_erfinv(p_) * row_square(y_);
    }
    return y_;
}
static double gamma_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_math_gamma(a_);
    return made;
}
static double gamma_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = gamma_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = y_ * row_digamma(a_);
    }
    rows_empty_pool();
    return y_;
}
static double lgamma_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_lgamma(a_);
    rows_empty_pool();
    return made;
}
static double lgamma_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = lgamma_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = a_ <= -INFINITY ? NAN : row_digamma(a_);
    }
    rows_empty_pool();
    return y_;
}
static double digamma_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_digamma(a_);
    rows_empty_pool();
    return made;
}
static double digamma_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = digamma_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_polygamma(a_, 1);
    }
    rows_empty_pool();
    return y_;
}
static double polygamma_value(const double *a, const double *k) {
    double x_ = a[0];
    double n_ = k[0];
    double made = row_polygamma(x_, n_);
    rows_empty_pool();
    return made;
}
static double polygamma_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = polygamma_value(a, k);
    if (rows_raised) return y_;
    double x_ = a[0];
    double n_ = k[0];
    if (active & 1u) {
        partials[0] = row_polygamma(x_, n_ + 1);
    }
    rows_empty_pool();
    return y_;
}
static double abs_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = fabs(a_);
    return made;
}
static double abs_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = abs_value(a, k);
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = row_sign(a_);
    }
    return y_;
}
static double sign_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_sign(a_);
    return made;
}
static double sign_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = sign_value(a, k);
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = a_ <= a_ ? rows_closed() : NAN;
    }
    return y_;
}
static double floor_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_floor(a_);
    return made;
}
static double floor_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = floor_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = a_ <= a_ ? rows_closed() : NAN;
    }
    return y_;
}
static double ceil_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_ceil(a_);
    return made;
}
static double ceil_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = ceil_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = a_ <= a_ ? rows_closed() : NAN;
    }
    return y_;
}
static double trunc_value(const double *a, const double *k) {
    double a_ = a[0];
    double made = row_trunc(a_);
    return made;
}
static double trunc_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = trunc_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = a_ <= a_ ? rows_closed() : NAN;
    }
    return y_;
}
static double round_value(const double *a, const double *k) {
    double a_ = a[0];
    double ndigits_ = k[0];
    double made = row_round(a_, ndigits_);
    return made;
}
static double round_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = round_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    if (active & 1u) {
        partials[0] = a_ <= a_ ? rows_closed() : NAN;
    }
    return y_;
}
static double floor_div_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = row_floor_divide(a_, b_);
    return made;
}
static double floor_div_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = floor_div_value(a, k);
    if (rows_raised) return y_;
    if (active & 1u) {
        partials[0] = y_ < INFINITY ? rows_closed() : y_ <= y_ ? rows_closed() : NAN;
    }
    if (active & 2u) {
        partials[1] = y_ < INFINITY ? rows_closed() : y_ <= y_ ? rows_closed() : NAN;
    }
    return y_;
}
static double mod_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = row_modulo(a_, b_);
    return made;
}
static double mod_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = mod_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    double b_ = a[1];
    if (active & 1u) {
        partials[0] = y_ < INFINITY ? 1.0 : y_ <= y_ ? 1.0 : NAN;
    }
    if (active & 2u) {
        partials[1] = -row_floor_divide(a_, b_);
    }
    return y_;
}
static double fmod_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = rows_fmod(a_, b_);
    return made;
}
static double fmod_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = fmod_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    double b_ = a[1];
    if (active & 1u) {
        partials[0] = y_ < INFINITY ? 1.0 : y_ <= y_ ? 1.0 : NAN;
    }
    if (active & 2u) {
        partials[1] = fabs(b_) > 0.0 ? -(row_sign(a_) * row_sign(b_) * row_floor_divide(fabs(a_), fabs(b_))) : NAN;
    }
    return y_;
}
static double copysign_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = copysign(a_, b_);
    return made;
}
static double copysign_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = copysign_value(a, k);
    double a_ = a[0];
    double b_ = a[1];
    if (active & 1u) {
        partials[0] = row_sign(a_) * copysign(1.0, b_);
    }
    if (active & 2u) {
        partials[1] = rows_closed();
    }
    return y_;
}
static double max_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = row_larger(a_, b_);
    return made;
}
static double max_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = max_value(a, k);
    double a_ = a[0];
    double b_ = a[1];
    int active_0_ = active >> 0 & 1;
    int active_1_ = active >> 1 & 1;
    if (active & 1u) {
        partials[0] = row_share(a_, b_, active_0_, active_1_);
    }
    if (active & 2u) {
        partials[1] = row_share(b_, a_, active_0_, active_1_);
    }
    return y_;
}
static double min_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = row_smaller(a_, b_);
    return made;
}
static double min_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = min_value(a, k);
    double a_ = a[0];
    double b_ = a[1];
    int active_0_ = active >> 0 & 1;
    int active_1_ = active >> 1 & 1;
    if (active & 1u) {
        partials[0] = row_share(-a_, -b_, active_0_, active_1_);
    }
    if (active & 2u) {
        partials[1] = row_share(-b_, -a_, active_0_, active_1_);
    }
    return y_;
}
static double clamp_value(const double *a, const double *k) {
    double x_ = a[0];
    double low_ = a[1];
    double high_ = a[2];
    double made = row_clamp(x_, low_, high_);
    return made;
}
static double clamp_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = clamp_value(a, k);
    if (rows_raised) return y_;
    double x_ = a[0];
    double low_ = a[1];
    double high_ = a[2];
    int active_0_ = active >> 0 & 1;
    int active_1_ = active >> 1 & 1;
    int active_2_ = active >> 2 & 1;
    if (active & 1u) {
        partials[0] = row_inside_share(x_, low_, high_, active_0_, active_1_, active_2_);
    }
    if (active & 2u) {
        partials[1] = x_ <= x_ ? row_share(low_, x_, active_0_, active_1_) : rows_closed();
    }
    if (active & 4u) {
        partials[2] = x_ <= x_ ? row_share(-high_, -x_, active_0_, active_2_) : rows_closed();
    }
    return y_;
}
static double lerp_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double t_ = a[2];
    double made = row_lerp(a_, b_, t_);
    rows_empty_pool();
    return made;
}
static double lerp_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = lerp_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    double b_ = a[1];
    double t_ = a[2];
    if (active & 1u) {
        partials[0] = 1.0 - t_;
    }
    if (active & 2u) {
        partials[1] = t_;
    }
    if (active & 4u) {
        partials[2] = t_ <= t_ ? b_ - a_ : NAN;
    }
    return y_;
}
static double sum_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double made = row_exact_sum(xs_);
    rows_empty_pool();
    return made;
}
static double sum_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = sum_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    rows_array made = {partials, 0, n};
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        rows_push(&made, 1.0);
    }
    rows_empty_pool();
    return y_;
}
static double mean_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double made = row_mean(xs_);
    rows_empty_pool();
    return made;
}
static double mean_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = mean_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    rows_array made = {partials, 0, n};
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        rows_push(&made, rows_divide(1.0, 0.0 + xs_.n));
    }
    rows_empty_pool();
    return y_;
}
static double deviation_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double k_ = k[0];
    double made = row_deviation(xs_, k_);
    rows_empty_pool();
    return made;
}
static double deviation_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = deviation_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    double k_ = k[0];
    rows_array made = {partials, 0, n};
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        rows_push(&made, row_unless_nan((i_ == k_ ? 1.0 : 0.0) - rows_divide(1.0, 0.0 + xs_.n), y_));
    }
    rows_empty_pool();
    return y_;
}
static double var_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double made = row_var(xs_);
    rows_empty_pool();
    return made;
}
static double var_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = var_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    rows_array made = {partials, 0, n};
    rows_extend(&made, row_variance_slopes(xs_, xs_.n));
    rows_empty_pool();
    return y_;
}
static double std_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double made = row_std(xs_);
    rows_empty_pool();
    return made;
}
static double std_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = std_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    rows_array made = {partials, 0, n};
    rows_extend(&made, row_deviation_slopes(xs_, y_));
    rows_empty_pool();
    return y_;
}
static double prod_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double made = row_prod(xs_);
    return made;
}
static double prod_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = prod_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    rows_array made = {partials, 0, n};
    rows_extend(&made, row_products_of_others(xs_));
    rows_empty_pool();
    return y_;
}
static double norm_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double made = row_norm(xs_);
    rows_empty_pool();
    return made;
}
static double norm_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = norm_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    rows_array made = {partials, 0, n};
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        rows_push(&made, row_norm_slope(xs_, i_, y_));
    }
    rows_empty_pool();
    return y_;
}
static double max_of_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double made = row_max_of(xs_);
    return made;
}
static double max_of_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = max_of_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    rows_array active_ = rows_truths(active, n);
    rows_array made = {partials, 0, n};
    rows_extend(&made, row_shares_on_floats(xs_, active_));
    rows_empty_pool();
    return y_;
}
static double min_of_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double made = row_min_of(xs_);
    return made;
}
static double min_of_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = min_of_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    rows_array active_ = rows_truths(active, n);
    rows_array made = {partials, 0, n};
    rows_array t2 = rows_new(xs_.n);
    for (long i_ = 0; i_ < xs_.n; i_ += 1) {
        rows_push(&t2, -xs_.p[i_]);
    }
    rows_extend(&made, row_shares_on_floats(t2, active_));
    rows_empty_pool();
    return y_;
}
static double dot_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double made = row_dot(xs_);
    rows_empty_pool();
    return made;
}
static double dot_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = dot_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    rows_array made = {partials, 0, n};
    rows_extend(&made, rows_slice(xs_, rows_floor((0.0 + xs_.n) / 2.0), INFINITY));
    rows_extend(&made, rows_slice(xs_, 0, rows_floor((0.0 + xs_.n) / 2.0)));
    rows_empty_pool();
    return y_;
}
static double affine_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double made = row_affine(xs_);
    rows_empty_pool();
    return made;
}
static double affine_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = affine_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    rows_array made = {partials, 0, n};
    rows_extend(&made, rows_slice(xs_, rows_floor((0.0 + xs_.n) / 2.0), -1));
    rows_extend(&made, rows_slice(xs_, 0, rows_floor((0.0 + xs_.n) / 2.0)));
    rows_push(&made, 1.0);
    rows_empty_pool();
    return y_;
}
static double exp_sub_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = row_exp_sub(a_, b_);
    return made;
}
static double exp_sub_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = exp_sub_value(a, k);
    if (rows_raised) return y_;
    if (active & 1u) {
        partials[0] = y_;
    }
    if (active & 2u) {
        partials[1] = -y_;
    }
    return y_;
}
static double logsumexp_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double made = row_logsumexp(xs_);
    rows_empty_pool();
    return made;
}
static double logsumexp_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = logsumexp_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    rows_array made = {partials, 0, n};
    rows_extend(&made, row_probabilities(xs_));
    rows_empty_pool();
    return y_;
}
static double share_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = row_share_2(a_, b_);
    rows_empty_pool();
    return made;
}
static double share_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = share_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    double b_ = a[1];
    if (active & 1u) {
        partials[0] = row_sigmoid_slope(a_ - b_);
    }
    if (active & 2u) {
        partials[1] = -row_sigmoid_slope(a_ - b_);
    }
    return y_;
}
static double logaddexp_value(const double *a, const double *k) {
    double a_ = a[0];
    double b_ = a[1];
    double made = row_logaddexp(a_, b_);
    rows_empty_pool();
    return made;
}
static double logaddexp_rule(const double *a, const double *k, unsigned active, double *partials) {
    double y_ = logaddexp_value(a, k);
    if (rows_raised) return y_;
    double a_ = a[0];
    double b_ = a[1];
    if (active & 1u) {
        partials[0] = row_share_2(a_, b_);
    }
    if (active & 2u) {
        partials[1] = row_share_2(b_, a_);
    }
    rows_empty_pool();
    return y_;
}
static double softmax_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double k_ = k[0];
    double made = row_softmax(xs_, k_);
    rows_empty_pool();
    return made;
}
static double softmax_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = softmax_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    double k_ = k[0];
    rows_array made = {partials, 0, n};
    rows_extend(&made, xs_.n == 2 ? row_softmax_slopes_of_two(rows_at(xs_, 0), rows_at(xs_, 1), row_probabilities(xs_), k_) : row_softmax_slopes(row_probabilities(xs_), k_));
    rows_empty_pool();
    return y_;
}
static double log_softmax_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double k_ = k[0];
    double made = row_log_softmax(xs_, k_);
    rows_empty_pool();
    return made;
}
static double log_softmax_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = log_softmax_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    double k_ = k[0];
    rows_array made = {partials, 0, n};
    rows_extend(&made, row_slopes_of_log_softmax(xs_, y_, k_));
    rows_empty_pool();
    return y_;
}
static double cross_entropy_value(const double *a, long n, const double *k) {
    rows_array xs_ = {(double *)a, n, n};
    double target_ = k[0];
    double made = row_cross_entropy(xs_, target_);
    rows_empty_pool();
    return made;
}
static double cross_entropy_rule(const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    double y_ = cross_entropy_value(a, n, k);
    if (rows_raised) return y_;
    rows_array xs_ = {(double *)a, n, n};
    double target_ = k[0];
    rows_array made = {partials, 0, n};
    rows_extend(&made, row_cross_entropy_slopes(row_probabilities(xs_), target_));
    rows_empty_pool();
    return y_;
}

static const rows_row rows_table[] = {
    {"where", 2, 1, 0, where_value, where_rule, NULL, NULL},
    {"add", 2, 0, 0, add_value, add_rule, NULL, NULL},
    {"sub", 2, 0, 0, sub_value, sub_rule, NULL, NULL},
    {"neg", 1, 0, 0, neg_value, neg_rule, NULL, NULL},
    {"identity", 1, 0, 0, identity_value, identity_rule, NULL, NULL},
    {"mul", 2, 0, 0, mul_value, mul_rule, NULL, NULL},
    {"div", 2, 0, ROWS_MAY_RAISE, div_value, div_rule, NULL, NULL},
    {"pow", 2, 0, ROWS_MAY_RAISE, pow_value, pow_rule, NULL, NULL},
    {"square", 1, 0, 0, square_value, square_rule, NULL, NULL},
    {"reciprocal", 1, 0, ROWS_MAY_RAISE, reciprocal_value, reciprocal_rule, NULL, NULL},
    {"sqrt", 1, 0, ROWS_MAY_RAISE, sqrt_value, sqrt_rule, NULL, NULL},
    {"cbrt", 1, 0, ROWS_MAY_RAISE, cbrt_value, cbrt_rule, NULL, NULL},
    {"exp", 1, 0, ROWS_MAY_RAISE, exp_value, exp_rule, NULL, NULL},
    {"exp2", 1, 0, ROWS_MAY_RAISE, exp2_value, exp2_rule, NULL, NULL},
    {"expm1", 1, 0, ROWS_MAY_RAISE, expm1_value, expm1_rule, NULL, NULL},
    {"log", 1, 0, ROWS_MAY_RAISE, log_value, log_rule, NULL, NULL},
    {"log2", 1, 0, ROWS_MAY_RAISE, log2_value, log2_rule, NULL, NULL},
    {"log10", 1, 0, ROWS_MAY_RAISE, log10_value, log10_rule, NULL, NULL},
    {"log1p", 1, 0, ROWS_MAY_RAISE, log1p_value, log1p_rule, NULL, NULL},
    {"log1mexp", 1, 0, ROWS_MAY_RAISE, log1mexp_value, log1mexp_rule, NULL, NULL},
    {"logit", 1, 0, ROWS_MAY_RAISE, logit_value, logit_rule, NULL, NULL},
    {"exprel", 1, 0, ROWS_MAY_RAISE, exprel_value, exprel_rule, NULL, NULL},
    {"exprel_derivative", 1, 1, ROWS_MAY_RAISE, exprel_derivative_value, exprel_derivative_rule, NULL, NULL},
    {"xlogy", 2, 0, ROWS_MAY_RAISE, xlogy_value, xlogy_rule, NULL, NULL},
    {"sin", 1, 0, ROWS_MAY_RAISE, sin_value, sin_rule, NULL, NULL},
    {"cos", 1, 0, ROWS_MAY_RAISE, cos_value, cos_rule, NULL, NULL},
    {"tan", 1, 0, ROWS_MAY_RAISE, tan_value, tan_rule, NULL, NULL},
    {"degrees", 1, 0, 0, degrees_value, degrees_rule, NULL, NULL},
    {"radians", 1, 0, 0, radians_value, radians_rule, NULL, NULL},
    {"sinc", 1, 0, ROWS_MAY_RAISE, sinc_value, sinc_rule, NULL, NULL},
    {"sinc_derivative", 1, 1, ROWS_MAY_RAISE, sinc_derivative_value, sinc_derivative_rule, NULL, NULL},
    {"one_minus_square", 1, 0, 0, one_minus_square_value, one_minus_square_rule, NULL, NULL},
    {"asin", 1, 0, ROWS_MAY_RAISE, asin_value, asin_rule, NULL, NULL},
    {"acos", 1, 0, ROWS_MAY_RAISE, acos_value, acos_rule, NULL, NULL},
    {"atan", 1, 0, ROWS_MAY_RAISE, atan_value, atan_rule, NULL, NULL},
    {"inverse_power_real", 2, 1, ROWS_MAY_RAISE, inverse_power_real_value, inverse_power_real_rule, NULL, NULL},
    {"inverse_power_imaginary", 2, 1, ROWS_MAY_RAISE, inverse_power_imaginary_value, inverse_power_imaginary_rule, NULL, NULL},
    {"atan2", 2, 0, ROWS_MAY_RAISE, atan2_value, atan2_rule, NULL, NULL},
    {"polar_power", 2, 3, ROWS_MAY_RAISE, polar_power_value, polar_power_rule, NULL, NULL},
    {"hypot", 2, 0, ROWS_MAY_RAISE, hypot_value, hypot_rule, NULL, NULL},
    {"sinh", 1, 0, ROWS_MAY_RAISE, sinh_value, sinh_rule, NULL, NULL},
    {"cosh", 1, 0, ROWS_MAY_RAISE, cosh_value, cosh_rule, NULL, NULL},
    {"sech", 1, 0, ROWS_MAY_RAISE, sech_value, sech_rule, NULL, NULL},
    {"tanh", 1, 0, ROWS_MAY_RAISE, tanh_value, tanh_rule, NULL, NULL},
    {"logcosh", 1, 0, ROWS_MAY_RAISE, logcosh_value, logcosh_rule, NULL, NULL},
    {"asinh", 1, 0, ROWS_MAY_RAISE, asinh_value, asinh_rule, NULL, NULL},
    {"acosh", 1, 0, ROWS_MAY_RAISE, acosh_value, acosh_rule, NULL, NULL},
    {"atanh", 1, 0, ROWS_MAY_RAISE, atanh_value, atanh_rule, NULL, NULL},
    {"sigmoid", 1, 0, ROWS_MAY_RAISE, sigmoid_value, sigmoid_rule, NULL, NULL},
    {"sigmoid_slope", 1, 0, ROWS_MAY_RAISE, sigmoid_slope_value, sigmoid_slope_rule, NULL, NULL},
    {"logsigmoid", 1, 0, ROWS_MAY_RAISE, logsigmoid_value, logsigmoid_rule, NULL, NULL},
    {"softplus", 1, 0, ROWS_MAY_RAISE, softplus_value, softplus_rule, NULL, NULL},
    {"relu", 1, 0, 0, relu_value, relu_rule, NULL, NULL},
    {"leaky_relu", 1, 1, ROWS_MAY_RAISE, leaky_relu_value, leaky_relu_rule, NULL, NULL},
    {"elu", 1, 1, ROWS_MAY_RAISE, elu_value, elu_rule, NULL, NULL},
    {"selu", 1, 0, ROWS_MAY_RAISE, selu_value, selu_rule, NULL, NULL},
    {"celu", 1, 1, ROWS_MAY_RAISE, celu_value, celu_rule, NULL, NULL},
    {"huber", 1, 1, ROWS_MAY_RAISE, huber_value, huber_rule, NULL, NULL},
    {"normal_pdf", 1, 0, ROWS_MAY_RAISE, normal_pdf_value, normal_pdf_rule, NULL, NULL},
    {"normal_pdf_derivative", 1, 1, ROWS_MAY_RAISE, normal_pdf_derivative_value, normal_pdf_derivative_rule, NULL, NULL},
    {"normal_cdf", 1, 0, ROWS_MAY_RAISE, normal_cdf_value, normal_cdf_rule, NULL, NULL},
    {"log_normal_cdf", 1, 0, ROWS_MAY_RAISE, log_normal_cdf_value, log_normal_cdf_rule, NULL, NULL},
    {"log_normal_cdf_derivative", 1, 1, ROWS_MAY_RAISE, log_normal_cdf_derivative_value, log_normal_cdf_derivative_rule, NULL, NULL},
    {"gelu", 1, 0, ROWS_MAY_RAISE, gelu_value, gelu_rule, NULL, NULL},
    {"gelu_slope", 1, 0, ROWS_MAY_RAISE, gelu_slope_value, gelu_slope_rule, NULL, NULL},
    {"gelu_tanh", 1, 0, ROWS_MAY_RAISE, gelu_tanh_value, gelu_tanh_rule, NULL, NULL},
    {"gelu_tanh_slope", 1, 0, ROWS_MAY_RAISE, gelu_tanh_slope_value, gelu_tanh_slope_rule, NULL, NULL},
    {"silu", 1, 0, ROWS_MAY_RAISE, silu_value, silu_rule, NULL, NULL},
    {"silu_slope", 1, 0, ROWS_MAY_RAISE, silu_slope_value, silu_slope_rule, NULL, NULL},
    {"mish", 1, 0, ROWS_MAY_RAISE, mish_value, mish_rule, NULL, NULL},
    {"mish_slope", 1, 0, ROWS_MAY_RAISE, mish_slope_value, mish_slope_rule, NULL, NULL},
    {"hardtanh", 1, 0, ROWS_MAY_RAISE, hardtanh_value, hardtanh_rule, NULL, NULL},
    {"relu6", 1, 0, ROWS_MAY_RAISE, relu6_value, relu6_rule, NULL, NULL},
    {"hardsigmoid", 1, 0, ROWS_MAY_RAISE, hardsigmoid_value, hardsigmoid_rule, NULL, NULL},
    {"hardswish", 1, 0, 0, hardswish_value, hardswish_rule, NULL, NULL},
    {"softsign", 1, 0, ROWS_MAY_RAISE, softsign_value, softsign_rule, NULL, NULL},
    {"gaussian", 1, 0, ROWS_MAY_RAISE, gaussian_value, gaussian_rule, NULL, NULL},
    {"gaussian_derivative", 1, 1, ROWS_MAY_RAISE, gaussian_derivative_value, gaussian_derivative_rule, NULL, NULL},
    {"erf", 1, 0, ROWS_MAY_RAISE, erf_value, erf_rule, NULL, NULL},
    {"erfc", 1, 0, ROWS_MAY_RAISE, erfc_value, erfc_rule, NULL, NULL},
    {"erfinv", 1, 0, ROWS_MAY_RAISE, erfinv_value, erfinv_rule, NULL, NULL},
    {"erfinv_slope", 1, 0, ROWS_MAY_RAISE, erfinv_slope_value, erfinv_slope_rule, NULL, NULL},
    {"gamma", 1, 0, ROWS_MAY_RAISE, gamma_value, gamma_rule, NULL, NULL},
    {"lgamma", 1, 0, ROWS_MAY_RAISE, lgamma_value, lgamma_rule, NULL, NULL},
    {"digamma", 1, 0, ROWS_MAY_RAISE, digamma_value, digamma_rule, NULL, NULL},
    {"polygamma", 1, 1, ROWS_MAY_RAISE, polygamma_value, polygamma_rule, NULL, NULL},
    {"abs", 1, 0, 0, abs_value, abs_rule, NULL, NULL},
    {"sign", 1, 0, 0, sign_value, sign_rule, NULL, NULL},
    {"floor", 1, 0, ROWS_MAY_RAISE, floor_value, floor_rule, NULL, NULL},
    {"ceil", 1, 0, ROWS_MAY_RAISE, ceil_value, ceil_rule, NULL, NULL},
    {"trunc", 1, 0, ROWS_MAY_RAISE, trunc_value, trunc_rule, NULL, NULL},
    {"round", 1, 1, ROWS_MAY_RAISE, round_value, round_rule, NULL, NULL},
    {"floor_div", 2, 0, ROWS_MAY_RAISE, floor_div_value, floor_div_rule, NULL, NULL},
    {"mod", 2, 0, ROWS_MAY_RAISE, mod_value, mod_rule, NULL, NULL},
    {"fmod", 2, 0, ROWS_MAY_RAISE, fmod_value, fmod_rule, NULL, NULL},
    {"copysign", 2, 0, 0, copysign_value, copysign_rule, NULL, NULL},
    {"max", 2, 0, ROWS_TAKES_ACTIVE, max_value, max_rule, NULL, NULL},
    {"min", 2, 0, ROWS_TAKES_ACTIVE, min_value, min_rule, NULL, NULL},
    {"clamp", 3, 0, ROWS_TAKES_ACTIVE | ROWS_MAY_RAISE, clamp_value, clamp_rule, NULL, NULL},
    {"lerp", 3, 0, ROWS_MAY_RAISE, lerp_value, lerp_rule, NULL, NULL},
    {"sum", -1, 0, ROWS_MAY_RAISE, NULL, NULL, sum_value, sum_rule},
    {"mean", -1, 0, ROWS_MAY_RAISE, NULL, NULL, mean_value, mean_rule},
    {"deviation", -1, 1, ROWS_MAY_RAISE, NULL, NULL, deviation_value, deviation_rule},
    {"var", -1, 0, ROWS_MAY_RAISE, NULL, NULL, var_value, var_rule},
    {"std", -1, 0, ROWS_MAY_RAISE, NULL, NULL, std_value, std_rule},
    {"prod", -1, 0, ROWS_MAY_RAISE, NULL, NULL, prod_value, prod_rule},
    {"norm", -1, 0, ROWS_MAY_RAISE, NULL, NULL, norm_value, norm_rule},
    {"max_of", -1, 0, ROWS_TAKES_ACTIVE | ROWS_MAY_RAISE, NULL, NULL, max_of_value, max_of_rule},
    {"min_of", -1, 0, ROWS_TAKES_ACTIVE | ROWS_MAY_RAISE, NULL, NULL, min_of_value, min_of_rule},
    {"dot", -1, 0, ROWS_MAY_RAISE, NULL, NULL, dot_value, dot_rule},
    {"affine", -1, 0, ROWS_MAY_RAISE, NULL, NULL, affine_value, affine_rule},
    {"exp_sub", 2, 0, ROWS_MAY_RAISE, exp_sub_value, exp_sub_rule, NULL, NULL},
    {"logsumexp", -1, 0, ROWS_MAY_RAISE, NULL, NULL, logsumexp_value, logsumexp_rule},
    {"share", 2, 0, ROWS_MAY_RAISE, share_value, share_rule, NULL, NULL},
    {"logaddexp", 2, 0, ROWS_MAY_RAISE, logaddexp_value, logaddexp_rule, NULL, NULL},
    {"softmax", -1, 1, ROWS_MAY_RAISE, NULL, NULL, softmax_value, softmax_rule},
    {"log_softmax", -1, 1, ROWS_MAY_RAISE, NULL, NULL, log_softmax_value, log_softmax_rule},
    {"cross_entropy", -1, 1, ROWS_MAY_RAISE, NULL, NULL, cross_entropy_value, cross_entropy_rule},
};
enum { ROWS_COUNT = sizeof rows_table / sizeof *rows_table };

/* The formulas of optimisers: what is subtracted from a parameter p with the gradient g; the memory becomes the new one. */
typedef struct {
    const char *name;
    int memory, constants; /* how many */
    double (*update)(double p, double g, double *memory, const double *k);
} rows_update;

static double SGD_update(double p, double g, double *memory, const double *k) {
    rows_2_double_double made = row_SGD_formula(p, g, memory[0], k[0], k[1], k[2]);
    memory[0] = made.f1;
    return made.f0;
}
static double Nesterov_update(double p, double g, double *memory, const double *k) {
    rows_2_double_double made = row_Nesterov_formula(p, g, memory[0], k[0], k[1], k[2]);
    memory[0] = made.f1;
    return made.f0;
}
static double AdaGrad_update(double p, double g, double *memory, const double *k) {
    rows_2_double_double made = row_AdaGrad_formula(p, g, memory[0], k[0], k[1], k[2]);
    memory[0] = made.f1;
    return made.f0;
}
static double RMSProp_update(double p, double g, double *memory, const double *k) {
    rows_3_double_double_double made = row_RMSProp_formula(p, g, memory[0], memory[1], k[0], k[1], k[2], k[3], k[4]);
    memory[0] = made.f1;
    memory[1] = made.f2;
    return made.f0;
}
static double Adam_update(double p, double g, double *memory, const double *k) {
    rows_3_double_double_double made = row_Adam_formula(p, g, memory[0], memory[1], k[0], k[1], k[2], k[3], k[4], k[5], k[6]);
    memory[0] = made.f1;
    memory[1] = made.f2;
    return made.f0;
}
static double AdamW_update(double p, double g, double *memory, const double *k) {
    rows_3_double_double_double made = row_AdamW_formula(p, g, memory[0], memory[1], k[0], k[1], k[2], k[3], k[4], k[5], k[6]);
    memory[0] = made.f1;
    memory[1] = made.f2;
    return made.f0;
}

static const rows_update rows_updates[] = {
    {"SGD", 1, 3, SGD_update},
    {"Nesterov", 1, 3, Nesterov_update},
    {"AdaGrad", 1, 3, AdaGrad_update},
    {"RMSProp", 2, 5, RMSProp_update},
    {"Adam", 2, 7, Adam_update},
    {"AdamW", 2, 7, AdamW_update},
};

#ifdef ROWS_OWN /* a library of one row */
#ifdef _WIN32
#define ROWS_EXPORT __declspec(dllexport)
#else
#define ROWS_EXPORT
#endif
ROWS_EXPORT const rows_row *rows_own(void) { return rows_table; }
ROWS_EXPORT int rows_own_error(void) { int kind = rows_raised; rows_raised = 0; return kind; }
#endif
#ifdef __GNUC__
#pragma GCC diagnostic pop
#endif
#endif
