/* The limit: loss and gradient of a network over a batch, of Rosenbrock's function and of an energy, written by hand for one core.

   A network is fully connected with relu between its layers; the loss is the mean of relu(1 - target * score). Parameters, and
   the gradient, are one array: layer by layer, neuron by neuron, its weights and then its bias. Activations and errors lie by
   neuron, a row of examples for each, in tiles of examples that stay in the cache; the loops keep a block of results
   in registers. */

#include <math.h>
#include <string.h>

#ifdef __AVX512F__
#define LANES 8
#else
#define LANES 4
#endif
#ifndef TILE
#define TILE 112 /* examples, a multiple of 2 LANES */
#endif
#define STRIDE (TILE + 8) /* so that rows do not share the places of the first cache */
#define ROWS (LANES == 8 ? 8 : 4) /* results of a product that are in registers at once, each of two vectors */
#define SIDE (LANES == 8 ? 4 : 3) /* of the square of dot products that are in registers at once */
#define MOST 8 /* layers */

typedef double vector __attribute__((vector_size(8 * LANES)));
typedef long mask __attribute__((vector_size(8 * LANES)));

static inline vector *at(double *row, long s) { return (vector *)(row + s); }
static inline vector load(const double *row, long s) { return *(const vector *)(row + s); }
static inline vector all(double x) { return x - (vector){0}; }
static inline vector where_positive(vector x, vector y) { return (vector)((mask)(x > 0.0) & (mask)y); }

static inline double total(vector x) {
    for (int half = LANES / 2; half; half /= 2)
        for (int k = 0; k < half; k++) x[k] += x[k + half];
    return x[0];
}

/* What becomes of a sum of products. */
enum after { NOTHING, RELU, GATE };

static inline __attribute__((always_inline)) void rows_of_product(
    int rows, int terms, const double *weights, long across, long along, const double *bias, const double *in, double *out,
    long count, enum after after, const double *gate) {
    for (long s = 0; s < count; s += 2 * LANES) {
        vector sum[ROWS][2];
        for (int k = 0; k < rows; k++) sum[k][0] = sum[k][1] = all(bias ? bias[k * across] : 0.0);
        for (int j = 0; j < terms; j++) {
            vector x = load(in + j * STRIDE, s), y = load(in + j * STRIDE, s + LANES);
            for (int k = 0; k < rows; k++) {
                vector w = all(weights[k * across + j * along]);
                sum[k][0] += w * x;
                sum[k][1] += w * y;
            }
        }
        for (int k = 0; k < rows; k++)
            for (int half = 0; half < 2; half++) {
                long place = s + half * LANES;
                vector x = sum[k][half];
                if (after == RELU) x = where_positive(x, x);
                if (after == GATE) x = where_positive(load(gate + k * STRIDE, place), x);
                *at(out + k * STRIDE, place) = x;
            }
    }
}

/* out[k] = sum of weights[k * across + j * along] * in[j] over j, for whole rows of examples. */
static inline __attribute__((always_inline)) void product(
    int results, int terms, const double *weights, long across, long along, const double *bias, const double *in, double *out,
    long count, enum after after, const double *gate) {
    int k = 0;
    for (; k + ROWS <= results; k += ROWS)
        rows_of_product(ROWS, terms, weights + k * across, across, along, bias ? bias + k * across : 0, in, out + k * STRIDE, count,
                        after, gate + k * STRIDE);
    for (; k < results; k++)
        rows_of_product(1, terms, weights + k * across, across, along, bias ? bias + k * across : 0, in, out + k * STRIDE, count,
                        after, gate + k * STRIDE);
}

static inline __attribute__((always_inline)) void square_of_dots(
    int rows, int columns, const double *errors, const double *in, double *gradient, long across, long count) {
    vector sum[SIDE][SIDE];
    memset(sum, 0, sizeof sum);
    for (long s = 0; s < count; s += LANES)
        for (int k = 0; k < rows; k++) {
            vector e = load(errors + k * STRIDE, s);
            for (int j = 0; j < columns; j++) sum[k][j] += e * load(in + j * STRIDE, s);
        }
    for (int k = 0; k < rows; k++)
        for (int j = 0; j < columns; j++) gradient[k * across + j] += total(sum[k][j]);
}

/* gradient[k][j] += sum of errors[k] * in[j] over the examples; the sum of errors[k] is that of the bias. */
static void add_products(int neurons, int inputs, const double *errors, const double *in, double *gradient, long count) {
    long across = inputs + 1;
    for (int k = 0; k < neurons; k++) {
        vector sum = {0};
        for (long s = 0; s < count; s += LANES) sum += load(errors + k * STRIDE, s);
        gradient[k * across + inputs] += total(sum);
    }
    for (int k = 0; k < neurons;) {
        int rows = k + SIDE <= neurons ? SIDE : 1;
        for (int j = 0; j < inputs;) {
            int columns = j + SIDE <= inputs ? SIDE : 1;
            const double *e = errors + k * STRIDE, *x = in + j * STRIDE;
            double *to = gradient + k * across + j;
            if (rows == SIDE && columns == SIDE) square_of_dots(SIDE, SIDE, e, x, to, across, count);
            else if (rows == SIDE) square_of_dots(SIDE, 1, e, x, to, across, count);
            else if (columns == SIDE) square_of_dots(1, SIDE, e, x, to, across, count);
            else square_of_dots(1, 1, e, x, to, across, count);
            j += columns;
        }
        k += rows;
    }
}

/* The last row of scores becomes that of their errors; examples beyond the batch have none. */
static double hinge(double *scores, const double *targets, long here, long whole, long batch) {
    double loss = 0.0;
    for (long s = 0; s < here; s++) {
        double margin = 1.0 - targets[s] * scores[s];
        loss += margin > 0.0 ? margin : 0.0;
        scores[s] = margin > 0.0 ? -targets[s] / batch : 0.0;
    }
    for (long s = here; s < whole; s++) scores[s] = 0.0;
    return loss / batch;
}

/* Numbers of `work`: for every neuron a tile of activations and one of errors. */
long network_work(int layers, const int *sizes) {
    long neurons = 0;
    for (int l = 0; l <= layers; l++) neurons += sizes[l];
    return 2 * neurons * STRIDE;
}

/* The loss and its gradient; `inputs` are columns, a row of the batch for each; `work` begins at a multiple of 64 bytes. */
double network(int layers, const int *sizes, long batch, const double *inputs, const double *targets, const double *parameters,
               double *gradient, double *work) {
    double *active[MOST + 1], *errors[MOST + 1], loss = 0.0;
    long first[MOST + 1];
    first[0] = 0;
    for (int l = 0; l <= layers; l++) {
        active[l] = work, errors[l] = work + (long)sizes[l] * STRIDE;
        work += 2 * (long)sizes[l] * STRIDE;
        if (l < layers) first[l + 1] = first[l] + (long)sizes[l + 1] * (sizes[l] + 1);
    }
    memset(gradient, 0, first[layers] * sizeof *gradient);
    for (long start = 0; start < batch; start += TILE) {
        long here = batch - start < TILE ? batch - start : TILE, whole = (here + 2 * LANES - 1) / (2 * LANES) * (2 * LANES);
        for (int i = 0; i < sizes[0]; i++) {
            memcpy(active[0] + i * STRIDE, inputs + i * batch + start, here * sizeof *inputs);
            memset(active[0] + i * STRIDE + here, 0, (whole - here) * sizeof *inputs);
        }
        for (int l = 0; l < layers; l++) {
            const double *w = parameters + first[l], *x = active[l];
            if (l < layers - 1)
                product(sizes[l + 1], sizes[l], w, sizes[l] + 1, 1, w + sizes[l], x, active[l + 1], whole, RELU, x);
            else
                product(sizes[l + 1], sizes[l], w, sizes[l] + 1, 1, w + sizes[l], x, errors[l + 1], whole, NOTHING, x);
        }
        loss += hinge(errors[layers], targets + start, here, whole, batch);
        for (int l = layers - 1; l >= 0; l--) {
            add_products(sizes[l + 1], sizes[l], errors[l + 1], active[l], gradient + first[l], whole);
            if (l)
                product(sizes[l], sizes[l + 1], parameters + first[l], 1, sizes[l] + 1, 0, errors[l + 1], errors[l], whole, GATE,
                        active[l]);
        }
    }
    return loss;
}

/* Rosenbrock's function of n numbers, and its gradient. */
double rosenbrock(long n, const double *restrict x, double *restrict gradient) {
    double sum = 0.0, carried = 0.0;
    for (long i = 0; i + 1 < n; i++) {
        double t = x[i + 1] - x[i] * x[i], u = 1.0 - x[i];
        sum += 100.0 * t * t + u * u;
        gradient[i] = carried - 400.0 * t * x[i] - 2.0 * u;
        carried = 200.0 * t;
    }
    gradient[n - 1] = carried;
    return sum;
}

#define SOFTENING 0.01

/* The energy of bodies in a plane, the sum of 1/√(distance² + softening) over pairs, and its gradient; each body has two of n numbers. */
double energy(long n, const double *restrict x, double *restrict gradient) {
    double sum = 0.0;
    memset(gradient, 0, n * sizeof(double));
    for (long i = 0; i < n; i += 2) {
        double x0 = x[i], x1 = x[i + 1], g0 = 0.0, g1 = 0.0;
        for (long j = i + 2; j < n; j += 2) {
            double d0 = x0 - x[j], d1 = x1 - x[j + 1], s = 1.0 / sqrt(d0 * d0 + d1 * d1 + SOFTENING), c = s * s * s;
            sum += s;
            g0 -= c * d0;
            g1 -= c * d1;
            gradient[j] += c * d0;
            gradient[j + 1] += c * d1;
        }
        gradient[i] += g0;
        gradient[i + 1] += g1;
    }
    return sum;
}
