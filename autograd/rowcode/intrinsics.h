/* What the functions of rows call: Python's math and its operators on doubles. Errors set `rows_raised`, the first one wins, and the
   arithmetic goes on; the caller looks once. Build without contraction (-ffp-contract=off) and never with -ffast-math.
   Each thread has its own error and its own pool; who holds a lock around every call may define ROWS_LOCAL as nothing. */
#ifndef ROWS_INTRINSICS_H
#define ROWS_INTRINSICS_H
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef ROWS_LOCAL
#ifdef _MSC_VER
#define ROWS_LOCAL __declspec(thread)
#else
#define ROWS_LOCAL _Thread_local
#endif
#endif

enum { rows_ValueError = 1, rows_ZeroDivisionError, rows_OverflowError, rows_MemoryError };
static ROWS_LOCAL int rows_raised;

static inline double rows_raise(int kind) {
    if (!rows_raised) rows_raised = kind;
    return NAN;
}

/* The closed gate, the partial through which nothing flows: a NaN with bits that no computation gives. There is no arithmetic on it. */
static const union { uint64_t bits; double x; } rows_gate = {0x7ff8c105edc105edULL};
static inline double rows_closed(void) { return rows_gate.x; }
static inline int rows_is_closed(double x) { return memcmp(&x, &rows_gate, sizeof x) == 0; }

/* ---------------------------------------------------------------------------------------------- arrays, in a pool that is emptied at once */
typedef struct { double *p; long n, room; } rows_array;
typedef struct rows_block { struct rows_block *next; double numbers[]; } rows_block;
static ROWS_LOCAL double rows_first[512];  /* the beginning of the pool */
static ROWS_LOCAL long rows_used;          /* how many of them */
static ROWS_LOCAL rows_block *rows_pool;   /* what found no room there */

static void rows_empty_pool(void) {
    rows_used = 0;
    while (rows_pool) {
        rows_block *next = rows_pool->next;
        free(rows_pool);
        rows_pool = next;
    }
}

static rows_array rows_new(double wanted) {
    long room = wanted >= 1 && wanted < 1e9 ? (long)wanted : 1;
    if (room <= 512 - rows_used) {
        rows_used += room;
        return (rows_array){rows_first + rows_used - room, 0, room};
    }
    rows_block *block = malloc(sizeof(rows_block) + (size_t)room * sizeof(double));
    if (!block) { rows_raise(rows_MemoryError); return (rows_array){0}; }
    block->next = rows_pool;
    rows_pool = block;
    return (rows_array){block->numbers, 0, room};
}

static void rows_extend(rows_array *a, rows_array b) {
    if (b.n > a->room - a->n) {
        rows_array wider = rows_new(2.0 * (double)a->n + (double)b.n);
        if (wider.room < a->n + b.n) return;
        if (a->n) memcpy(wider.p, a->p, (size_t)a->n * sizeof(double));
        wider.n = a->n;
        *a = wider;
    }
    if (b.n) memcpy(a->p + a->n, b.p, (size_t)b.n * sizeof(double));
    a->n += b.n;
}

static inline void rows_push(rows_array *a, double x) {
    if (a->n < a->room) a->p[a->n++] = x;
    else rows_extend(a, (rows_array){&x, 1, 1});
}

static inline double rows_at(rows_array a, double i) { return i >= 0 && i < (double)a.n ? a.p[(long)i] : rows_raise(rows_ValueError); }

static inline void rows_put(rows_array a, double i, double x) {
    if (i >= 0 && i < (double)a.n) a.p[(long)i] = x;
    else rows_raise(rows_ValueError);
}

static rows_array rows_truths(const unsigned char *truths, long n) { /* NULL: all are true */
    rows_array made = rows_new((double)n);
    for (long i = 0; i < n; i++) rows_push(&made, !truths || truths[i]);
    return made;
}

static rows_array rows_slice(rows_array a, double low, double high) { /* shares the numbers */
    if (low < 0) low += (double)a.n;
    if (high < 0) high += (double)a.n;
    if (low < 0) low = 0;
    if (high > (double)a.n) high = (double)a.n;
    if (high < low) high = low;
    if (!a.n) return a;
    return (rows_array){a.p + (long)low, (long)(high - low), (long)(high - low)};
}

/* --------------------------------------------------------------------------------------------------------- operators and builtins */
static inline double rows_divide(double a, double b) { return b == 0 ? rows_raise(rows_ZeroDivisionError) : a / b; }
static inline double rows_chosen(int condition, double a, double b) { return condition ? a : b; }

static double rows_pow(double a, double b) {
    double y = pow(a, b);
    if (isfinite(y) || !isfinite(a) || !isfinite(b)) return y;
    return rows_raise(isnan(y) || a == 0 ? rows_ValueError : rows_OverflowError);
}

/* ------------------------------------------------------------------------------------------------------------------ module math */
#define ROWS_CHECKED(name, function, infinite) \
    static inline double rows_##name(double x) { \
        double y = function(x); \
        if (isnan(y) && !isnan(x)) return rows_raise(rows_ValueError); \
        return isinf(y) && isfinite(x) ? rows_raise(infinite) : y; \
    }
ROWS_CHECKED(sqrt, sqrt, rows_ValueError)
ROWS_CHECKED(exp, exp, rows_OverflowError)
ROWS_CHECKED(exp2, exp2, rows_OverflowError)
ROWS_CHECKED(expm1, expm1, rows_OverflowError)
ROWS_CHECKED(log, log, rows_ValueError)
ROWS_CHECKED(log2, log2, rows_ValueError)
ROWS_CHECKED(log10, log10, rows_ValueError)
ROWS_CHECKED(log1p, log1p, rows_ValueError)
ROWS_CHECKED(sin, sin, rows_ValueError)
ROWS_CHECKED(cos, cos, rows_ValueError)
ROWS_CHECKED(tan, tan, rows_ValueError)
ROWS_CHECKED(asin, asin, rows_ValueError)
ROWS_CHECKED(acos, acos, rows_ValueError)
ROWS_CHECKED(sinh, sinh, rows_OverflowError)
ROWS_CHECKED(cosh, cosh, rows_OverflowError)
ROWS_CHECKED(acosh, acosh, rows_ValueError)
ROWS_CHECKED(atanh, atanh, rows_ValueError)

#define ROWS_WHOLE(name, function) \
    static inline double rows_##name(double x) { \
        return isfinite(x) ? function(x) + 0.0 : rows_raise(isnan(x) ? rows_ValueError : rows_OverflowError); \
    }
ROWS_WHOLE(floor, floor)
ROWS_WHOLE(ceil, ceil)
ROWS_WHOLE(trunc, trunc)
ROWS_WHOLE(round, nearbyint)

/* round(x, digits): the exact decimal digits of x, rounded half to even, read back as the nearest float. */
static double rows_round_to(double x, double places) {
    char text[1100];
    if (!isfinite(x) || x == 0 || !(places <= 323)) return x;
    if (places < -308) return 0.0 * x;
    long digits = (long)places;
    if (digits >= 0) snprintf(text, sizeof text, "%.*f", (int)digits, fabs(x));
    else {
        snprintf(text, sizeof text, "%.770e", fabs(x)); /* every digit of a float */
        char *exponent = strchr(text, 'e');
        long kept = strtol(exponent + 1, 0, 10) + 1 + digits; /* digits that stay */
        *exponent = 0;
        int up = text[0] > '5' || (text[0] == '5' && strspn(text + 2, "0") < 770);
        if (kept > 0) snprintf(text, sizeof text, "%.*e", (int)kept - 1, fabs(x));
        else snprintf(text, sizeof text, "%de%ld", kept == 0 && up, -digits);
    }
    double y = strtod(text, 0);
    return isinf(y) ? rows_raise(rows_OverflowError) : copysign(y, x);
}

typedef struct { double f0, f1; } rows_2_double_double;

static rows_2_double_double rows_frexp(double x) {
    int exponent = 0;
    double mantissa = isfinite(x) ? frexp(x, &exponent) : x;
    return (rows_2_double_double){mantissa, exponent};
}

static double rows_fmod(double a, double b) {
    if (isinf(b) && isfinite(a)) return a;
    double y = fmod(a, b);
    return isnan(y) && !isnan(a) && !isnan(b) ? rows_raise(rows_ValueError) : y;
}

static double rows_ldexp(double x, double n) {
    double y = ldexp(x, n > 9999 ? 9999 : n > -9999 ? (int)n : -9999);
    return isinf(y) && isfinite(x) ? rows_raise(rows_OverflowError) : y;
}
#endif
