"""Functions of floats that Python's `math` lacks, accurate to a few units in the last place over the whole range.

They are the values of rows in `autograd.ops`; no derivative is stated here. Each docstring names the formula that loses
accuracy and the one used instead. NaN in gives NaN out. `tests/test_special.py` measures them against mpmath.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Sequence

INF = math.inf
NAN = math.nan
SQRT2, SQRT2_LOW = 1.4142135623730951, -9.667293313452913e-17  # √2 to 32 digits, as a sum of two floats
INV_SQRT_2PI = 0.3989422804014327  # 1/√(2π)
TWO_OVER_SQRT_PI = 1.1283791670955126  # 2/√π
LOG2E = 1.4426950408889634  # log₂ e
LOG10E = 0.4342944819032518  # log₁₀ e
LN2 = 0.6931471805599453
DEGREES_IN_A_RADIAN, RADIANS_IN_A_DEGREE = 57.29577951308232, 0.017453292519943295


def exact_sum(xs: Sequence[float]) -> float:
    """Σ xs, rounded once; like `+` it overflows to ±inf, and inf − inf is NaN."""
    try:
        return math.fsum(xs)
    except ValueError:  # inf and -inf among xs
        return NAN
    except OverflowError:  # a partial sum overflowed: the total need not
        try:
            return math.ldexp(math.fsum(math.ldexp(x, -64) for x in xs), 64)
        except OverflowError:
            return math.copysign(INF, math.fsum(math.ldexp(x, -64) for x in xs))


def dot(xs: tuple[float, ...]) -> float:
    """Σ wᵢxᵢ of w₁ … wₙ, x₁ … xₙ: products rounded once each, their sum once."""
    products = tuple(map(operator.mul, xs, xs[len(xs) // 2 :]))
    try:
        return math.fsum(products)
    except (ValueError, OverflowError):
        return exact_sum(products)


def affine(xs: tuple[float, ...]) -> float:
    """Σ wᵢxᵢ + b of w₁ … wₙ, x₁ … xₙ, b: products rounded once each, their sum once."""
    terms = (*map(operator.mul, xs, xs[len(xs) // 2 : -1]), xs[-1])
    try:
        return math.fsum(terms)
    except (ValueError, OverflowError):
        return exact_sum(terms)


def exact_mean(xs: tuple[float, ...]) -> float:
    """Σ xs / n, with no overflow where the mean itself is a float."""
    total, n = exact_sum(xs), len(xs)
    if math.isinf(total) and all(map(math.isfinite, xs)):
        return math.ldexp(math.fsum(math.ldexp(x, -64) for x in xs) / n, 64)
    return total / n


def exp_of_difference(a: float, b: float) -> float:
    """exp(a − b) for a ≤ b: the rounding error of a − b, up to 700 units in the last place of the result, is put back."""
    d = a - b
    if not -INF < d < INF:
        return 1.0 if a == b else math.exp(d)  # equal infinities weigh the same
    back = d - a
    error = (a - (d - back)) - (b + back)
    return math.exp(d) * (1.0 + error)


def sign(x: float) -> float:
    """−1, ±0 or 1."""
    return x if x == 0 or x != x else math.copysign(1.0, x)


def larger(a: float, b: float) -> float:
    """The larger of two, NaN if either is: `builtins.max` keeps or loses a NaN by its place."""
    return a if a > b or a != a else b


def relu(x: float) -> float:
    """max(x, 0)."""
    return x if x > 0.0 or x != x else 0.0


def smaller(a: float, b: float) -> float:
    """The smaller of two, NaN if either is."""
    return a if a < b or a != a else b


def between(x: float, low: float, high: float) -> float:
    """x kept within [low, high]."""
    if low > high:
        raise ValueError("low > high")
    return smaller(larger(x, low), high)


def power(a: float, b: float) -> float:
    """aᵇ as `math.pow`, except that 0 to a negative power divides by zero, as Python's `**` says."""
    if a == 0.0 and -INF < b < 0.0:
        raise ZeroDivisionError("0.0 cannot be raised to a negative power")
    return math.pow(a, b)


def quotient(a: float, b: float) -> float:
    """a / b."""
    return a / b


def reciprocal(x: float) -> float:
    """1 / x."""
    return 1.0 / x


def floor(x: float) -> float:
    """The largest whole number not above x, as a float; NaN stays NaN."""
    return x if x != x else float(math.floor(x))


def ceil(x: float) -> float:
    """The smallest whole number not below x, as a float; NaN stays NaN."""
    return x if x != x else float(math.ceil(x))


def trunc(x: float) -> float:
    """x without its fraction, as a float; NaN stays NaN."""
    return x if x != x else float(math.trunc(x))


def rounded(x: float, *, ndigits: int = 0) -> float:
    """x rounded half to even, as Python's `round`, as a float; NaN stays NaN."""
    if x != x:
        return x
    return float(round(x)) if ndigits == 0 else round(x, ndigits)


def to_a_multiple(a: float, b: float) -> float:
    """How far a is from the nearest multiple of b; 1 where there is none, and 0 where they are too dense for differences."""
    if not (-INF < a < INF and b == b != 0.0):
        return 1.0
    return math.remainder(a, b) if abs(a) < 2.0**31 * abs(b) else 0.0


def to_a_step(a: float, b: float) -> float:
    """How far a is from the nearest multiple of b that is not 0; 1 where there is none."""
    return to_a_multiple(a, b) if abs(a) > 0.5 * abs(b) else 1.0


def sigmoid(x: float) -> float:
    """1/(1 + e⁻ˣ), by eˣ/(1 + eˣ) below 0: no overflow, and the left tail keeps its digits."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def sech(x: float) -> float:
    """1/cosh x = 2e/(1 + e²), e = e^−|x|: 1/cosh overflows on its way, and tanh′ as its square keeps its digits in every order."""
    e = math.exp(-abs(x))
    return 2.0 * e / (1.0 + e * e)


def sigmoid_slope(x: float) -> float:
    """s(x)·s(−x) = e/(1 + e)², e = e^−|x|: no 1 − s, and the same to the bit on both sides."""
    e = math.exp(-abs(x))
    return e / ((1.0 + e) * (1.0 + e))


def softplus(x: float) -> float:
    """log(1 + eˣ) = max(x, 0) + log1p(e^−|x|): no overflow above 709, no loss below −37."""
    return larger(x, 0.0) + math.log1p(math.exp(-abs(x)))


def silu(x: float) -> float:
    """x/(1 + e⁻ˣ), with its limit −0 at −inf; below −700 scaled, since x times a subnormal eˣ magnifies its rounding."""
    if x < -700.0:
        return x * math.exp(x + 64.0) * math.exp(-64.0) if x > -INF else -0.0
    return x * sigmoid(x)


# Slopes of silu, gelu, mish, gelu_tanh near their one root, where the sum that they are cancels: the root as a sum of two
# floats, and the Taylor coefficients there. `tests/test_special.py` computes them again.
# fmt: off
_SILU_ROOT, _SILU_ROOT_LOW = -1.2784645427610737, -1.0946994183093437e-16
_SILU_SERIES = (
    0.2178117057198001, 0.1466487969969469, 0.018874814223782312, -0.015222655223188032, -0.006606589138356696,
    0.000126627410081122, 0.0007985218818397998, 0.00018570724361186496, -4.090534237428612e-05, -2.9733542213263917e-05,
    -2.942631888842464e-06, 2.346029682463866e-06, 8.599695028268575e-07,
)
_GELU_ROOT, _GELU_ROOT_LOW = -0.7517915246935645, 1.4956759177009883e-17
_GELU_SERIES = (
    0.4314939923140469, 0.388284982990552, -0.018199676398671087, -0.1140082332972217, -0.014771522148244337,
    0.019421679838189067, 0.004539228379125415, -0.002239538068073497, -0.0007448268386746817, 0.00018633974623233514,
    8.615947861116571e-05, -1.121438018842664e-05, -7.74846130700372e-06,
)
_MISH_ROOT, _MISH_ROOT_LOW = -1.1924312145154952, -4.8484829848031044e-17
_MISH_SERIES = (
    0.2669479140495345, 0.20473126408010586, 0.04190782104360987, -0.020271822716684245, -0.01582112656173338,
    -0.0033606849270232685, 0.0010924055409445854, 0.0009898181021289196, 0.00025412936386191073, -4.1961496031696126e-05,
    -5.582891567360688e-05, -1.72992708103044e-05, 9.427361327376651e-07,
)
_GELU_TANH_ROOT, _GELU_TANH_ROOT_LOW = -0.7524614220710163, 3.635560509207687e-17
_GELU_TANH_SERIES = (
    0.4304000910248585, 0.38751844613578895, -0.01578285352184803, -0.11394448308095899, -0.01661932834305256,
    0.019682309459833118, 0.005261059254921912, -0.0024227318458750974, -0.0009274420230205449, 0.00026392764052681053,
    0.00012425227802639782, -3.4956171694436116e-05, -1.5950896871645105e-05,
)
# fmt: on


def _taylor(t: float, coefficients: tuple[float, ...]) -> float:
    """c₁t + c₂t² + …"""
    total = 0.0
    for coefficient in reversed(coefficients):
        total = (total + coefficient) * t
    return total


def silu_slope(x: float) -> float:
    """silu′(x) = s(x)(1 + x·s(−x)), s the sigmoid; by its Taylor series near its root, and scaled below −700."""
    if abs(x - _SILU_ROOT) < 0.1:
        return _taylor((x - _SILU_ROOT) - _SILU_ROOT_LOW, _SILU_SERIES)
    if abs(x) > 700.0:
        return 1.0 if x > 0.0 else math.exp(x + 64.0) * (1.0 + x) * math.exp(-64.0) if x > -1000.0 else 0.0
    return sigmoid(x) * (1.0 + x * sigmoid(-x))


def mish_slope(x: float) -> float:
    """mish′(x) = tanh s + silu(x)·sech² s, s = softplus(x); by its Taylor series near its root; below −40 it is silu′(x)."""
    if abs(x - _MISH_ROOT) < 0.1:
        return _taylor((x - _MISH_ROOT) - _MISH_ROOT_LOW, _MISH_SERIES)
    if x < -40.0:
        return silu_slope(x)
    if x >= 20.0:
        return 1.0
    if x < 0.0:  # the same as a quotient of polynomials in eˣ, of which two terms only cancel
        e = math.exp(x)
        below = 2.0 + e * (2.0 + e)
        return e * (4.0 * (1.0 + x) + e * (4.0 * x + 6.0 + e * (4.0 + e))) / (below * below)
    s = softplus(x)
    return math.tanh(s) + silu(x) * (sech(s) * sech(s))


def mish(x: float) -> float:
    """x·tanh(softplus x), with its limit −0 at −inf; below −40 tanh(softplus x) is eˣ, and so is sigmoid(x)."""
    return silu(x) if x < -40.0 else x * math.tanh(softplus(x))


def softsign(x: float) -> float:
    """x/(1 + |x|), with its limits ±1 at ±inf."""
    return x / (1.0 + abs(x)) if abs(x) != INF else math.copysign(1.0, x)


def _square_split(x: float) -> tuple[float, float]:
    """(s, r) with s + r = x², s exact: exp(−x²) by exp(−x·x) loses x² units in the last place."""
    head = round(x * 64.0) / 64.0
    return head * head, (x - head) * (x + head)


def gaussian(x: float) -> float:
    """exp(−x²)."""
    if not abs(x) < 28.0:
        return 0.0 if x == x else x
    square, rest = _square_split(x)
    return math.exp(-square) * math.exp(-rest)


def normal_pdf(x: float) -> float:
    """exp(−x²/2)/√(2π)."""
    if not abs(x) < 39.0:
        return 0.0 if x == x else x
    square, rest = _square_split(x)
    return math.exp(-0.5 * square) * math.exp(-0.5 * rest) * INV_SQRT_2PI


# The positive roots of the Hermite polynomials Heₙ for n = 0 … 5, each a sum of two floats; beyond, the recurrence serves.
_HERMITE_ROOTS: tuple[tuple[tuple[float, float], ...], ...] = (
    (),
    (),
    ((1.0, 0.0),),
    ((1.7320508075688772, 1.0035084221806903e-16),),
    ((0.7419637843027258, 5.369440972972686e-17), (2.3344142183389773, -9.219523906702006e-17)),
    ((1.355626179974266, -6.65847569665231e-17), (2.8569700138728056, 7.367188270201619e-17)),
)
_HALF_HERMITE_ROOTS: tuple[tuple[tuple[float, float], ...], ...] = (
    (),
    (),
    ((0.7071067811865476, -4.833646656726457e-17),),
    ((1.224744871391589, 1.084308259051623e-16),),
    ((0.5246476232752904, -3.5577681434244456e-17), (1.6506801238857844, 1.1094631065375309e-16)),
    ((0.9585724646138185, -1.881088219589814e-18), (2.0201828704560856, 5.5313611163312725e-17)),
)  # the same over √2: the roots of Hₙ
HIGHEST_ORDER = 100  # of a derivative that a row has as its parameter


def _hermite(x: float, n: int, scale: float, roots: tuple[tuple[tuple[float, float], ...], ...]) -> float:
    """(−1)ⁿHeₙ(x) for scale 1, (−1)ⁿHₙ(x) for scale 2: a product over the roots, so that it keeps its digits there."""
    if not 0 <= n <= HIGHEST_ORDER:
        raise ValueError("the order n must be a whole number from 0 to 100")
    if n < len(roots):
        total = -scale * x if n % 2 == 1 else 1.0
        for root, low in roots[n]:
            total *= scale * scale * ((x - root) - low) * ((x + root) + low)
        return total
    before, total = 1.0, -scale * x
    for k in range(1, n):
        before, total = total, -scale * (x * total + k * before)
    return total


def _density_times(x: float, factor: float) -> float:
    """factor·φ(x), rounded once where φ(x) is subnormal; 0 beyond ±40."""
    if not abs(x) < 40.0:
        return 0.0 if x == x else x
    square, rest = _square_split(x)
    half = math.exp(-0.25 * square)
    return half * math.exp(-0.5 * rest) * INV_SQRT_2PI * factor * half


def normal_pdf_derivative(x: float, *, n: int = 1) -> float:
    """φ⁽ⁿ⁾(x) = (−1)ⁿHeₙ(x)·φ(x)."""
    return _density_times(x, _hermite(x, n, 1.0, _HERMITE_ROOTS))


def gaussian_derivative(x: float, *, n: int = 1) -> float:
    """The n-th derivative of exp(−x²), (−1)ⁿHₙ(x)·exp(−x²)."""
    if not abs(x) < 40.0:
        return 0.0 if x == x else x
    square, rest = _square_split(x)
    half = math.exp(-0.5 * square)
    return half * math.exp(-rest) * _hermite(x, n, 2.0, _HALF_HERMITE_ROOTS) * half


def two_product(a: float, b: float) -> tuple[float, float]:
    """(p, e) with p + e = a·b exactly (Dekker 1971); |a|, |b| below 1e150."""
    p, s, t = a * b, 134217729.0 * a, 134217729.0 * b
    a_high, b_high = s - (s - a), t - (t - b)
    a_low, b_low = a - a_high, b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


def normal_cdf(x: float) -> float:
    """Φ(x) = erfc(−x/√2)/2; ½(1 + erf) has no digits left below −8.

    Below −1 the rounding error of t = −x/√2, magnified 2t² times, is put back: erfc(t + δ) ≈ erfc(t) − 2/√π·e^(−t²)·δ.
    """
    t = -x / SQRT2
    if not 0.7 < t < 40.0:
        return 0.5 * math.erfc(t)
    product, error = two_product(t, SQRT2)
    missing = (((-x - product) - error) - t * SQRT2_LOW) / SQRT2
    return 0.5 * (math.erfc(t) - TWO_OVER_SQRT_PI * gaussian(t) * missing)


def _mills(x: float) -> float:
    """−x·Φ(x)/φ(x) for x < −37: 1 − 1/x² + 3/x⁴ − …"""
    r, total = 1.0 / (x * x), 1.0
    for k in (13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0):
        total = 1.0 - k * r * total
    return total


def gelu(x: float) -> float:
    """x·Φ(x), with its limit −0 at −inf; below −37, where Φ is subnormal, by its series −φ(x)(1 − 1/x² + 3/x⁴ − …)."""
    return -_density_times(x, _mills(x)) if x < -37.0 else x * normal_cdf(x)


def gelu_slope(x: float) -> float:
    """gelu′(x) = Φ(x) + x·φ(x); by its Taylor series near its root, and by the series of Φ below −37."""
    if abs(x - _GELU_ROOT) < 0.1:
        return _taylor((x - _GELU_ROOT) - _GELU_ROOT_LOW, _GELU_SERIES)
    if x < -37.0:
        return _density_times(x, x - _mills(x) / x)
    return normal_cdf(x) + x * normal_pdf(x) if not x > 40.0 else 1.0


SQRT_2_OVER_PI, GELU_CUBIC = 0.7978845608028654, 0.044715
_TWICE_C, _CUBIC = (
    (1.5957691216057308, -9.96930880911092e-17),
    (0.044715, 2.1960211427085595e-18),
)  # 2√(2/π) and 0.044715, as sums of two floats


def _product(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    """The product of two numbers that are sums of two floats, to about 30 digits."""
    p, e = two_product(a[0], b[0])
    return p, e + a[0] * b[1] + a[1] * b[0]


def gelu_tanh(x: float) -> float:
    """½x(1 + tanh u) = x·sigmoid(2u), u = √(2/π)(x + 0.044715x³): 1 + tanh(u) cancels below −2.

    In the left tail e²ᵘ magnifies the rounding error of 2u by 2u, so 2u is kept as a sum of two floats there.
    """
    if not -40.0 < x < -1.0:
        return x * sigmoid(2.0 * SQRT_2_OVER_PI * x * (1.0 + GELU_CUBIC * x * x)) if x > -INF or x != x else -0.0
    e, rest = _exp_twice_u(x)
    return x * (e / (1.0 + e)) if rest == 1.0 else x * e * rest


def _exp_twice_u(x: float) -> tuple[float, float]:
    """e²ᵘ of gelu_tanh for −40 < x < −1 as a product of two factors, the second 1 but where e²ᵘ itself would be subnormal."""
    cubic, rest = _product(_CUBIC, two_product(x, x))
    bracket = 1.0 + cubic
    twice_u, low = _product(_product(_TWICE_C, (x, 0.0)), (bracket, (1.0 - bracket) + cubic + rest))
    if twice_u > -650.0:
        return math.exp(twice_u) * (1.0 + low), 1.0
    return (math.exp(twice_u + 128.0) * (1.0 + low) if twice_u > -1000.0 else 0.0), math.exp(-128.0)


def gelu_tanh_slope(x: float) -> float:
    """s(2u)(1 + x·s(−2u)·2u′), s the sigmoid; 2u as in gelu_tanh; by its Taylor series near its root."""
    if abs(x - _GELU_TANH_ROOT) < 0.1:
        return _taylor((x - _GELU_TANH_ROOT) - _GELU_TANH_ROOT_LOW, _GELU_TANH_SERIES)
    if not abs(x) < 40.0:
        return x if x != x else 1.0 if x > 0.0 else 0.0
    slope = 2.0 * SQRT_2_OVER_PI * (1.0 + 3.0 * GELU_CUBIC * x * x)
    if x < -1.0:
        e, rest = _exp_twice_u(x)
        return e / (1.0 + e) * (1.0 + x * slope / (1.0 + e)) if rest == 1.0 else e * (1.0 + x * slope) * rest
    twice_u = 2.0 * SQRT_2_OVER_PI * x * (1.0 + GELU_CUBIC * x * x)
    return sigmoid(twice_u) * (1.0 + x * sigmoid(-twice_u) * slope)


def logsumexp(xs: tuple[float, ...]) -> float:
    """log Σ exp(xᵢ) = m + log1p(Σ of the others' exp(xᵢ − m)), m the largest; where these cancel, log1p(Σ exp(xᵢ) − 1)."""
    top = place_of_largest(xs)
    if not abs(xs[top]) < INF:
        return xs[top]
    y = xs[top] + math.log1p(exact_sum([exp_of_difference(x, xs[top]) for i, x in enumerate(xs) if i != top]))
    return math.log1p(exponentials_less_one(xs)) if abs(y) < -0.25 * xs[top] else y


def exponentials_less_one(xs: tuple[float, ...]) -> float:
    """Σ exp(xᵢ) − 1 of negative numbers, rounded once, however far it cancels: in whole numbers of 2⁻ᵖ.

    This is the one value that floats cannot spell: at a zero of logaddexp even pairs of them lose every digit. Pages have
    their own version of it.
    """
    bits = 288 - math.frexp(max(xs))[1]  # 256 more than the number nearest 0 needs, and 32 that rounding may spoil
    return sum([-(1 << bits), *[_exponential_in_bits(x, bits) for x in xs if x > -bits]]) / (1 << bits)


def _exponential_in_bits(x: float, bits: int) -> int:
    """exp(x)·2ᵇⁱᵗˢ as a whole number: the Taylor series of exp(x/256), squared eight times."""
    numerator, denominator = x.as_integer_ratio()
    t = (numerator << bits) // (denominator << 8)
    total, term, k = 0, 1 << bits, 0
    while term not in (0, -1):  # -1 is where a negative one comes to rest, rounded down
        total, k = total + term, k + 1
        term = (term * t >> bits) // k
    for _ in range(8):
        total = total * total >> bits
    return total


@functools.lru_cache(maxsize=2)  # the components of one softmax, and their partials, are asked for one after the other
def probabilities(xs: tuple[float, ...]) -> tuple[float, ...]:
    """exp(x_k) / Σ exp(xᵢ) for every k, shifted by the largest."""
    top = xs[place_of_largest(xs)]
    if top != top:
        return (NAN,) * len(xs)
    weights = [exp_of_difference(x, top) for x in xs]
    total = exact_sum(weights)
    return tuple([weight / total for weight in weights])


def complement(p: Sequence[float], k: int) -> float:
    """1 − p_k for probabilities p; as the sum of the others where 1 − p_k would cancel."""
    return exact_sum((*p[:k], *p[k + 1 :])) if p[k] > 0.5 else 1.0 - p[k]


def softmax(xs: tuple[float, ...], *, k: int) -> float:
    """exp(x_k) / Σ exp(xᵢ)."""
    return probabilities(xs)[k]


def log_softmax(xs: tuple[float, ...], *, k: int) -> float:
    """log softmax(x)[k], as −cross_entropy: the logarithm of a probability that underflows is lost."""
    return -cross_entropy(xs, target=k)


def cross_entropy(xs: tuple[float, ...], *, target: int) -> float:
    """−log softmax(x)[target] = (m − x_target) + log1p(Σ of the others' exp(xᵢ − m)): no 1 − p anywhere."""
    top = target if xs[target] == xs[place_of_largest(xs)] else place_of_largest(xs)
    if xs[top] != xs[top]:
        return NAN
    distance = 0.0 if top == target else xs[top] - xs[target]
    return distance + math.log1p(exact_sum([exp_of_difference(x, xs[top]) for i, x in enumerate(xs) if i != top]))


def place_of_largest(xs: tuple[float, ...]) -> int:
    """The place of the largest, or of a NaN if there is one."""
    best = 0
    for i, x in enumerate(xs):
        if x > xs[best] or x != x:
            best = i
    return best


def xlogy(x: float, y: float) -> float:
    """x·log y, with its limit 0 at x = y = 0."""
    if x == 0.0 and y >= 0.0:
        return 0.0
    return x * math.log(y)


# Where log|Γ| or ψ is known to be y₀, nearly always 0: (x₀, what x₀ as a float lacks, y₀), from right to left; there the general
# formulas keep no relative accuracy. And ζ(m) − 1 for m = 2, 3, …, the Taylor coefficients about 2 of both.
# fmt: off
_LGAMMA_KNOWN = (
    (2.0, 0.0, 0.0), (1.0, 0.0, 0.0), (-0.5, 0.0, 1.2655121234846454), (-1.5, 0.0, 0.8600470153764810),
    (-2.4570247382208006, -3.7075610815513266e-17, 0.0), (-2.7476826467274127, 9.055340329338315e-17, 0.0),
    (-3.14358088834998, -2.1818179852331714e-16, 0.0), (-3.955294284858598, -1.999428391746348e-17, 0.0),
    (-4.039361839740537, 2.1143995503980602e-16, 0.0), (-4.991544640560048, 1.5174411760571722e-16, 0.0),
    (-5.0082181683225935, -4.3926353491015815e-17, 0.0), (-5.998607480080875, -3.311862478893795e-16, 0.0),
    (-6.001385294453155, 6.415847287933042e-17, 0.0), (-6.999801507890638, 1.0550130037400023e-17, 0.0),
    (-7.000198333407325, 2.504354173632409e-16, 0.0), (-7.999975197095821, -5.261737128572354e-17, 0.0),
    (-8.000024800270682, -4.354586297860107e-16, 0.0), (-8.999997244250977, -2.2185620509727132e-16, 0.0),
    (-9.000002755714823, -9.491348611623208e-17, 0.0), (-9.99999972442663, 4.883037618642443e-16, 0.0),
    (-10.000000275573013, -3.4909708332642057e-16, 0.0), (-10.99999997494789, 1.9843998306985407e-16, 0.0),
    (-11.000000025052106, -6.850849812286175e-16, 0.0), (-11.999999997912324, -1.0020693920103036e-16, 0.0),
)
_DIGAMMA_ROOTS = (
    (1.4616321449683622, 9.549995429965697e-17), (-0.5040830082644554, -8.15428206243813e-18),
    (-1.5734984731623904, -1.574185691077347e-17), (-2.6107208684441447, 9.881960746978353e-17),
    (-3.635293366436901, 5.454396163173039e-17), (-4.653237761743142, -2.5492686201468193e-16),
    (-5.6671624415568855, -3.2153051074948335e-18), (-6.678418213073427, 3.470798723495241e-16),
    (-7.687788325031626, -1.351562494643672e-16), (-8.695764163816401, -3.2859903716289447e-16),
    (-9.702672540001863, -3.2563178405401477e-16), (-10.708740838254144, -6.287211750540301e-16),
    (-11.714133061228955, 8.598250154343834e-16),
)
_ZETA_LESS_ONE = (
    0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914, 0.008349277381922827,
    0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645, 0.0002460865533080483,
    0.00012271334757848915, 6.124813505870483e-05, 3.058823630702049e-05, 1.528225940865187e-05, 7.637197637899763e-06,
    3.81729326499984e-06, 1.908212716553939e-06, 9.539620338727962e-07, 4.769329867878064e-07, 2.38450502727733e-07,
    1.1921992596531106e-07, 5.960818905125948e-08, 2.980350351465228e-08, 1.4901554828365043e-08, 7.45071178983543e-09,
    3.725334024788457e-09, 1.862659723513049e-09, 9.313274324196682e-10, 4.656629065033784e-10, 2.3283118336765053e-10,
    1.164155017270052e-10, 5.820772087902701e-11, 2.9103850444971e-11, 1.4551921891041985e-11, 7.275959835057482e-12,
    3.637979547378651e-12, 1.818989650307066e-12, 9.094947840263888e-13, 4.547473783042154e-13,
)
ONE_LESS_EULER = 0.42278433509846713  # 1 − γ
_BERNOULLI = (1/6, -1/30, 1/42, -1/30, 5/66, -691/2730, 7/6, -3617/510, 43867/798, -174611/330)  # B₂, B₄, ...
# fmt: on


def lgamma(x: float) -> float:
    """log|Γ(x)| as `math` has it, but where that has lost more than a digit, near its zeros from −12 on.

    There it is the difference from the nearest x₀ at which log|Γ| is known. By the recurrence Γ(x) = Γ(x + n)/Π(x + k) that is
    −Σ log((x + k)/(x₀ + k)), each of them accurate, and a Taylor series about 2 for the rest.
    """
    y = math.lgamma(x)
    if not (-12.0 < x < 2.75 and abs(y) < (8.0 if x < 0.0 else 1.25)):
        return y
    at, low, known = _LGAMMA_KNOWN[0]
    for candidate, candidate_low, candidate_known in _LGAMMA_KNOWN:
        if abs(x - candidate) < abs(x - at) and _same_side(x, candidate):
            at, low, known = candidate, candidate_low, candidate_known
    shift, d = round(2.0 - (x if x < 0.0 else at)), (x - at) - low
    terms = [known, ONE_LESS_EULER * d]
    for k in range(shift):
        below = (at + k) + low
        terms.append(-math.log1p(d / below) if abs(d) < 0.5 * abs(below) else -math.log((x + k) / below))
    before = (at + shift - 2.0) + low
    now, power, ratio = before + d, before, 1.0  # ratio = (nowᵐ − beforeᵐ)/d
    for m, zeta in enumerate(_ZETA_LESS_ONE, 2):
        ratio = ratio * now + power
        terms.append((-zeta if m % 2 else zeta) / m * ratio * d)
        power *= before
    exact = math.fsum(terms)
    return y if abs(y - exact) <= 2.0 * math.ulp(exact) else exact


def _same_side(x: float, other: float) -> bool:
    """Whether no pole of Γ is between the two."""
    return (x > 0.0 and other > 0.0) or math.floor(x) == math.floor(other)


def _digamma_near(x: float, root: float, low: float) -> float:
    """ψ(x) within ¼ of a root, as ψ(x) − ψ(root): by the recurrence, and the Taylor series about 2 for the rest."""
    d, shift = (x - root) - low, round(2.0 - root)
    terms = [1.0 / ((x + k) * ((root + k) + low)) for k in range(shift)]
    before = (root + shift - 2.0) + low
    now, power, ratio = before + d, 1.0, 0.0  # ratio = (nowᵐ⁻¹ − beforeᵐ⁻¹)/d
    for m, zeta in enumerate(_ZETA_LESS_ONE, 2):
        ratio = ratio * now + power
        terms.append((-zeta if m % 2 else zeta) * ratio)
        power *= before
    return d * math.fsum(terms)


def digamma(x: float) -> float:
    """ψ(x) = Γ′(x)/Γ(x): asymptotic series above 12, recurrence below, reflection left of 0, differences from its roots."""
    if x != x or x == INF:
        return x
    if x <= 0.0:
        if x == -INF or x == math.floor(x):
            raise ValueError("pole of digamma")
        if x > -1e-3:
            return digamma(1.0 + x) - 1.0 / x
    for root, low in _DIGAMMA_ROOTS:
        if abs(x - root) < 0.25:
            return _digamma_near(x, root, low)
    if x < 0.0:
        return digamma(1.0 - x) - math.pi * _cot_pi(x)[0]
    shifted: list[float] = []
    while x < 12.0:
        shifted.append(-1.0 / x)
        x += 1.0
    r = 1.0 / x
    series, square = 0.0, r * r
    for k in range(7, 0, -1):
        series = (series + _BERNOULLI[k - 1] / (2 * k)) * square
    return math.fsum((math.log(x), -0.5 * r, -series, *shifted))


def polygamma(x: float, *, n: int) -> float:
    """ψ⁽ⁿ⁾(x), n ≥ 0: asymptotic series from 16 + n, recurrence below, reflection left of 0; 151 is for the slope of n = 150."""
    if n < 0 or n > 151:
        raise ValueError(f"n = {n} is outside 0 to 150, the orders whose factorials are floats; choose a lower order")
    if n == 0:
        return digamma(x)
    if x != x:
        return x
    sign_n = -1.0 if n % 2 == 0 else 1.0  # (−1)ⁿ⁺¹
    if x == INF:
        return 0.0
    if x <= 0.0:
        if x == -INF or x == math.floor(x):
            raise ValueError("pole of polygamma")
        if x > -0.25:  # by the recurrence, in which nothing overflows but the result
            return polygamma(1.0 + x, n=n) + sign_n * math.factorial(n) * _inverse_power(x, n + 1)
        return -sign_n * polygamma(1.0 - x, n=n) - math.pi ** (n + 1) * _cot_pi(x, n)[n]
    factorial = math.factorial(n)
    terms: list[float] = []
    while x < 16.0 + n:
        terms.append(factorial * _inverse_power(x, n + 1))
        x += 1.0
    terms.append(math.factorial(n - 1) * _inverse_power(x, n))
    terms.append(0.5 * factorial * _inverse_power(x, n + 1))
    for k, bernoulli in enumerate(_BERNOULLI, 1):
        terms.append(bernoulli * (math.factorial(2 * k + n - 1) / math.factorial(2 * k)) * _inverse_power(x, 2 * k + n))
    return sign_n * exact_sum(terms)


def _inverse_power(x: float, n: int) -> float:
    """x⁻ⁿ by products: overflows to inf where `**` raises."""
    r, total = 1.0 / x, 1.0
    for _ in range(n):
        total *= r
    return total


def _cot_pi(x: float, n: int = 0) -> list[float]:
    """cot(πx) and its derivatives with respect to πx, by c′ = −(1 + c²); the reduction of x is exact."""
    r = x - round(x)
    near = abs(r) < 0.25  # beyond, where c is small, it is the tangent of what is missing to ½
    c = 1.0 / math.tan(math.pi * r) if near else math.copysign(math.tan(math.pi * (0.5 - abs(r))), r)
    polynomial, values = [0.0, 1.0], [c]  # coefficients of powers of c
    for _ in range(n):
        derived = [0.0] * (len(polynomial) + 1)
        for power_of_c, coefficient in enumerate(polynomial):
            if power_of_c:
                derived[power_of_c - 1] -= power_of_c * coefficient
                derived[power_of_c + 1] -= power_of_c * coefficient
        polynomial, total = derived, 0.0
        for coefficient in reversed(polynomial):
            total = total * c + coefficient
        values.append(total)
    return values


def inverse_power(a: float, b: float, n: int) -> tuple[float, float]:
    """(a + ib)⁻ⁿ as its real and imaginary parts: scaled to size 1 and back by powers of 2."""
    if a != a or b != b:
        return NAN, NAN
    if not 0 <= n <= HIGHEST_ORDER:
        raise ValueError("the power n must be a whole number from 0 to 100")
    size = larger(abs(a), abs(b))
    if size == 0.0:
        raise ZeroDivisionError("0 has no inverse; keep one of the two away from 0")
    if size == INF:
        return (NAN, NAN) if abs(a) == abs(b) else (0.0, 0.0) if n else (1.0, 0.0)
    exponent = math.frexp(size)[1]
    a, b = math.ldexp(a, -exponent), math.ldexp(b, -exponent)
    lifted = 512 if 0.0 < smaller(abs(a), abs(b)) < 2.0**-900 else 0  # so small, it counts in one of the two parts, there linearly
    a, b, linear_in_real = (math.ldexp(a, lifted), b, n % 2 == 1) if abs(a) < abs(b) else (a, math.ldexp(b, lifted), False)
    length = a * a + b * b
    real, imaginary = (a / length, -b / length) if n % 2 == 1 else (1.0, 0.0)
    square_real, square_imaginary = (a - b) * (a + b) / (length * length), -2.0 * a * b / (length * length)
    for _ in range(n // 2):
        real, imaginary = (
            real * square_real - imaginary * square_imaginary,
            real * square_imaginary + imaginary * square_real,
        )
    real_exponent = -exponent * n - (lifted if linear_in_real else 0)
    return scaled(real, real_exponent), scaled(imaginary, -exponent * n - (0 if linear_in_real else lifted))


def inverse_power_real(a: float, b: float, *, n: int = 1) -> float:
    """The real part of (a + ib)⁻ⁿ."""
    return inverse_power(a, b, n)[0]


def inverse_power_imaginary(a: float, b: float, *, n: int = 1) -> float:
    """The imaginary part of (a + ib)⁻ⁿ."""
    return inverse_power(a, b, n)[1]


def polar_power(a: float, b: float, *, cosines: int = 1, sines: int = 0, radii: int = 0) -> float:
    """cosⁱθ·sinʲθ/rᵐ of the point (a, b), i = cosines, j = sines, m = radii: powers of mantissas, their exponents apart.

    At infinity it has its limit, NaN if both are infinite.
    """
    if a != a or b != b:
        return NAN
    for count in (cosines, sines, radii):
        if not 0 <= count <= HIGHEST_ORDER:
            raise ValueError("the powers must be whole numbers from 0 to 100")
    size = larger(abs(a), abs(b))
    if size == 0.0:
        raise ZeroDivisionError("the point 0 has no angle; keep one of the two away from 0")
    if size == INF:
        if abs(a) == abs(b):
            return NAN
        cosine, sine = (sign(a), 0.0) if abs(a) == INF else (0.0, sign(b))
        return cosine**cosines * sine**sines if radii == 0 else 0.0
    exponent = math.frexp(size)[1]
    (x, x_exponent), (y, y_exponent) = math.frexp(a), math.frexp(b)
    radius = math.hypot(math.ldexp(x, x_exponent - exponent), math.ldexp(y, y_exponent - exponent))
    total = x**cosines * y**sines / radius ** (cosines + sines + radii)
    return scaled(total, (x_exponent - exponent) * cosines + (y_exponent - exponent) * sines - exponent * radii)


def scaled(x: float, n: int) -> float:
    """x·2ⁿ, which overflows to ±inf."""
    try:
        return math.ldexp(x, n)
    except OverflowError:
        return math.copysign(INF, x)


# ------------------------------------------------------------------------------------------------ rows that people ask for


def lerp(a: float, b: float, t: float) -> float:
    """(1 − t)·a + t·b, rounded once: exact at t = 0 and t = 1, between a and b for t in [0, 1], and rising or falling in t."""
    if not (abs(a) < INF and abs(b) < INF and abs(t) < INF):
        return (1.0 - t) * a + t * b
    if a == b or t == 0.0 or t == 1.0:
        return a if t == 0.0 else b
    size, shift = math.frexp(larger(abs(a), abs(b)))[1], math.frexp(t)[1]
    if a != 0.0 and math.frexp(a)[1] - size - shift > 900:  # the rest is far below half a unit of a
        return a
    start = math.ldexp(a, -size - shift)
    a, b, t = math.ldexp(a, -size), math.ldexp(b, -size), math.ldexp(t, -shift)
    (p, p_low), (q, q_low) = two_product(t, b), two_product(-t, a)
    return scaled(math.fsum((start, p, p_low, q, q_low)), size + shift)


def hardswish(x: float) -> float:
    """x·clamp(x + 3, 0, 6)/6, with its limit −0 at −inf."""
    if x <= -3.0:
        return -0.0
    return x * (x + 3.0) / 6.0 if x < 3.0 else x


def celu(x: float, *, alpha: float = 1.0) -> float:
    """x above 0, α·expm1(x/α) below."""
    if alpha == 0.0:
        raise ZeroDivisionError("alpha is 0; give celu another")
    return x if x > 0.0 else alpha * math.expm1(x / alpha)


def huber(x: float, *, delta: float = 1.0) -> float:
    """x²/2 within ±δ, δ(|x| − δ/2) beyond."""
    if not delta > 0.0:
        raise ValueError("delta is not above 0; give huber one that is")
    return 0.5 * x * x if abs(x) <= delta else delta * (abs(x) - 0.5 * delta)


def logcosh(x: float) -> float:
    """log cosh x = |x| − log 2 + log1p(e^−2|x|): cosh overflows; near 0, where that cancels, log1p(2·sinh²(x/2))."""
    if abs(x) < 1.0:
        s = math.sinh(0.5 * x)
        return math.log1p(2.0 * s * s)
    return abs(x) - LN2 + math.log1p(math.exp(-2.0 * abs(x)))


def log1mexp(x: float) -> float:
    """log(1 − eˣ), x < 0: by expm1 near 0, where 1 − eˣ cancels, else by log1p (Mächler 2012)."""
    if x >= 0.0:
        raise ValueError("log1mexp is defined below 0")
    return math.log(-math.expm1(x)) if x > -LN2 else math.log1p(-math.exp(x))


def logit(p: float) -> float:
    """log(p/(1 − p)); about ½, where that is near log 1, 2·artanh(2p − 1)."""
    if p <= 0.0 or p >= 1.0:
        raise ValueError("logit is defined between 0 and 1")
    if abs(p - 0.5) < 0.25:
        return 2.0 * math.atanh(2.0 * p - 1.0)
    return math.log(p / (1.0 - p)) if p < 0.5 else -math.log((1.0 - p) / p)


def exprel(x: float) -> float:
    """(eˣ − 1)/x, and 1 at 0; from 700 on in two halves, since eˣ overflows before it."""
    return exprel_derivative(x, n=0)


def exprel_derivative(x: float, *, n: int = 1) -> float:
    """The n-th derivative of exprel, Eₙ(x) = ∫ tⁿeˣᵗdt from 0 to 1, by x·Eₙ = eˣ − n·Eₙ₋₁.

    Upward where |x| is large; downward, from an n where any beginning will do, where it is not.
    """
    if not 0 <= n <= HIGHEST_ORDER:
        raise ValueError("the order n must be a whole number from 0 to 100")
    if not abs(x) < INF:
        return x if x > 0.0 or x != x else 0.0
    half = math.exp(0.5 * x) if x > 700.0 else 1.0
    e = half if x > 700.0 else math.exp(x)
    if abs(x) <= n + 2.0 and n > 0:
        start = n + 32 + 4 * n // 5
        total = e / (start + 1.0)
        for k in range(start, n, -1):
            total = (e - x * total) / k
        return total
    total = 1.0 if x == 0.0 else (half / x if x > 700.0 else math.expm1(x) / x)
    for k in range(1, n + 1):
        total = (e - k * total) / x
    total *= half
    if total == INF:
        raise OverflowError("math range error")
    return total


# The positive zeros of sinc′ below 13, each a sum of two floats.
_SINC_ROOTS = (
    (1.4302966531242027, 2.5173451966260676e-17), (2.459024032956761, 1.8290102056584814e-16),
    (3.47088972434702, -3.9889161264824234e-17), (4.477408583432515, 2.4252725266067408e-16),
    (5.481536650607196, 3.135382465176162e-16), (6.484387126386342, 3.976463193586804e-17),
    (7.486474247962769, -4.321835149961335e-17), (8.488068696093448, 6.85525033772e-16),
    (9.48932661808597, -7.839423677774487e-16), (10.49034444429462, -3.085789712069599e-16),
    (11.491184957771223, -4.536868778036171e-16), (12.491890798229646, -2.5120080415557297e-17),
)  # fmt: skip


def _sin_cos_pi(x: float) -> tuple[float, float]:
    """sin πx and cos πx; the reduction of x is exact."""
    if not abs(x) < 2.0**53:
        return 0.0, 1.0
    quarter = round(2.0 * x)
    r = x - 0.5 * quarter
    s, c = math.sin(math.pi * r), math.cos(math.pi * r)
    turned = (s, c, -s, -c)
    return turned[quarter % 4], turned[(quarter + 1) % 4]


def sinc(x: float) -> float:
    """sin(πx)/(πx), 1 at 0, 0 at every other whole number and at ±inf."""
    return sinc_derivative(x, n=0)


def sinc_derivative(x: float, *, n: int = 1) -> float:
    """The n-th derivative Dₙ of sinc, by x·Dₙ = πⁿ⁻¹·sin⁽ⁿ⁾(πx) − n·Dₙ₋₁.

    Upward where |x| is large; downward, from an n where any beginning will do, where it is not. The first derivative below 13 as a
    function of the distance from its nearest zero r, tan πr = πr.
    """
    if not 0 <= n <= HIGHEST_ORDER:
        raise ValueError("the order n must be a whole number from 0 to 100")
    if not abs(x) < INF:
        return x if x != x else 0.0
    s, c = _sin_cos_pi(x)
    turned = (s, c, -s, -c)
    if abs(math.pi * x) <= n + 2.0 and n > 0:
        start = n + 32 + 4 * n // 5
        power = math.pi**start
        total = power * turned[start % 4] / (start + 1.0)
        for k in range(start, n, -1):
            power /= math.pi
            total = (power * turned[k % 4] - x * total) / k
        return total
    if n == 1 and abs(x) < 13.0:
        return math.copysign(1.0, x) * _sinc_slope(abs(x))
    total, power = 1.0 if x == 0.0 else s / math.pi / x, 1.0
    for k in range(1, n + 1):
        total = (power * turned[k % 4] - k * total) / x
        power *= math.pi
    return total


def _sinc_slope(x: float) -> float:
    """sinc′(x) for ½ < x < 13."""
    at, at_low = _SINC_ROOTS[0]
    for root, low in _SINC_ROOTS:
        if abs(x - root) < abs(x - at):
            at, at_low = root, low
    d, angle = math.pi * ((x - at) - at_low), math.pi * at
    cosine = math.copysign(1.0 / math.sqrt(1.0 + angle * angle), math.cos(angle))
    return cosine * (d * math.cos(d) - math.sin(d) * (1.0 + angle * angle + angle * d)) / x / (math.pi * x)


LOG_SQRT_2PI = 0.9189385332046727  # log √(2π)


def log_normal_cdf(x: float) -> float:
    """log Φ(x): log1p of the other tail right of 0; below −37, where Φ is subnormal, −x²/2 − log(−x√2π) and its series."""
    if x > 0.0:
        return math.log1p(-normal_cdf(-x))
    if x < -37.0:
        return math.log(_mills(x)) - LOG_SQRT_2PI - math.log(-x) - 0.5 * x * x
    return math.log(normal_cdf(x))


def log_normal_cdf_derivative(x: float, *, n: int = 1) -> float:
    """The n-th derivative of log Φ; for n = 1 it is φ/Φ.

    Below −1, where λ = φ/Φ, its square and x·λ cancel, by the cumulants of the density e^(xt − t²/2) on t > 0: log Φ(x) is
    −x²/2 + log ∫ e^(xt − t²/2) dt and a constant. Right of it by λ′ = −λ² − xλ and the derivatives of that.
    """
    if not 1 <= n <= HIGHEST_ORDER:
        raise ValueError("the order n must be a whole number from 1 to 100")
    if not -INF < x < INF:
        return x if x != x else 0.0 if x > 0.0 or n > 2 else -1.0 if n == 2 else INF
    if n == 1:
        if x < -37.0:
            return -x / _mills(x)
        return normal_pdf(x) / normal_cdf(x)
    if x > 12.0:  # Φ is 1
        return normal_pdf_derivative(x, n=n - 1)
    if x < -1.0:
        return _truncated_cumulant(-x, n) - (1.0 if n == 2 else 0.0)
    slopes = [normal_pdf(x) / normal_cdf(x)]
    for k in range(n - 1):
        total, binomial = -x * slopes[k] - (k * slopes[k - 1] if k else 0.0), 1.0
        for j in range(k + 1):
            total -= binomial * slopes[j] * slopes[k - j]
            binomial = binomial * (k - j) / (j + 1)
        slopes.append(total)
    return slopes[n - 1]


def _truncated_cumulant(u: float, n: int) -> float:
    """The n-th cumulant of the density e^(−ut − t²/2) on t > 0, u ≥ 1, from its moments, and these by a continued fraction."""
    terms = 2 * n + 60 + int(300.0 / (u * u))
    ratio, moments = 0.5 * (math.sqrt(u * u + 4.0 * (terms + 1)) - u), [1.0] * (n + 1)
    for k in range(terms, 0, -1):  # the k-th moment over the one before
        ratio = k / (u + ratio)
        if k <= n:
            moments[k] = ratio
    for k in range(1, n + 1):
        moments[k] *= moments[k - 1]
    cumulants = [0.0]
    for k in range(1, n + 1):
        total, binomial = moments[k], 1.0
        for j in range(1, k):
            total -= binomial * cumulants[j] * moments[k - j]
            binomial = binomial * (k - j) / j
        cumulants.append(total)
    return cumulants[n]


HALF_SQRT_PI = 0.886226925452758  # √π/2


def erfinv(p: float) -> float:
    """The x with erf(x) = p: Halley's steps from Winitzki's start, on erfc from ½ on."""
    if not -1.0 < p < 1.0:
        if p != p:
            return p
        raise ValueError("erfinv is defined between -1 and 1")
    if abs(p) < 0.5:
        x = HALF_SQRT_PI * p * (1.0 + p * p * (math.pi / 12.0))
    else:
        half = 0.5 * math.log((1.0 - p) * (1.0 + p))
        t = 2.0 / (math.pi * 0.147) + half
        x = math.copysign(math.sqrt(math.sqrt(t * t - 2.0 * half / 0.147) - t), p)
    for _ in range(3):
        step = _erf_excess(x, p)
        x -= step / (1.0 + x * step)
    return x


def _erf_excess(x: float, p: float) -> float:
    """(erf(x) − p)/erf′(x): how far x is from erfinv(p), to first order."""
    excess = math.erf(x) - p if abs(p) < 0.5 else math.copysign(1.0, p) * ((1.0 - abs(p)) - math.erfc(abs(x)))
    return excess * HALF_SQRT_PI / gaussian(x)


def erfinv_slope(p: float) -> float:
    """√π/2·exp(x²) at x = erfinv(p), with what x as a float lacks: the square would magnify it by 2x²."""
    x = erfinv(p)
    return HALF_SQRT_PI / gaussian(x) * (1.0 - 2.0 * x * _erf_excess(x, p))
