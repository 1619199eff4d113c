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

@functions@

@kernels@

static const rows_row rows_table[] = {
@entries@
};
enum { ROWS_COUNT = sizeof rows_table / sizeof *rows_table };

@updates@

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
