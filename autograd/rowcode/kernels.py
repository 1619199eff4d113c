"""Rows as kernels in C: the header of the native engine, `header(TABLE.values())`, and the program of a user's row.

A kernel is what the native node calls: it takes operands from an array, and gives the value, and the partials that are asked for.
`HEAD` says how. `docs/kernels.py` writes the header of the whole table to autograd/native/kernels.h.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from autograd.ops import Op
from autograd.rowcode import form
from autograd.rowcode.algorithms import ALGORITHMS, quick_fsum
from autograd.rowcode.c import Printer
from autograd.rowcode.form import GATE, TRUTH
from autograd.rowcode.program import Program, active_of, operands_of, parameters_of, result_of
from autograd.rowcode.values import converted, is_operation, typed

HEAD = """\
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
   all n partials. One that is closed is a NaN with bits of its own: ask rows_is_closed(partials[i]) before any arithmetic.

   Where Python raises, `rows_raised` is set, and value and partials mean nothing: set it to 0 before the call and look at it
   after, unless the row has not the flag ROWS_MAY_RAISE; to raise, call the row in Python. It is each thread's own, as the pool is,
   which every kernel leaves empty; see ROWS_LOCAL in intrinsics.h.
   Build with -ffp-contract=off and never with -ffast-math: then the bits are Python's. */
"""
DECLARATIONS = """\
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
"""
SUBSTITUTES = {**ALGORITHMS, math.fsum: quick_fsum}  # a page has the shorter one
OWN = """\
#ifdef _WIN32
#define ROWS_EXPORT __declspec(dllexport)
#else
#define ROWS_EXPORT
#endif
ROWS_EXPORT const rows_row *rows_own(void) { return rows_table; }
ROWS_EXPORT int rows_own_error(void) { int kind = rows_raised; rows_raised = 0; return kind; }
"""
UNUSED = (
    "unused-function",
    "unused-parameter",
    "unused-but-set-variable",
    "unused-const-variable",
)  # what gcc and clang would warn of in a file that uses some of the rows


def header(rows: Iterable[Op]) -> str:
    """The text of a header in C with the kernels of these rows and their table; an Unreadable if one cannot be read."""
    program, printer, entries, kernels = Program(substitutes=SUBSTITUTES), Printer(), list[str](), list[str]()
    read = [(row, program.value(row), program.partials(row)) for row in rows]
    functions = list(program.functions.values())
    bodies = [printer.function(function) for function in functions]
    for row, value, partials in read:
        kernels += _kernels(printer, row, value, [_checked(row, typed(p)) for p in partials])
        entries.append(_entry(row, [value, *partials]))
    pragmas = [f'#pragma GCC diagnostic ignored "-W{name}"' for name in UNUSED]
    return "\n".join([
        HEAD, "#ifndef ROWS_KERNELS_H", "#define ROWS_KERNELS_H",
        "#ifdef __GNUC__", "#pragma GCC diagnostic push", *pragmas, "#endif",
        '#include "../rowcode/intrinsics.h"', "", DECLARATIONS, *printer.declarations(functions), "", *bodies, "", *kernels, "",
        "static const rows_row rows_table[] = {", *entries, "};", f"enum {{ ROWS_COUNT = {len(entries)} }};",
        "#ifdef __GNUC__", "#pragma GCC diagnostic pop", "#endif", "#endif", "",
    ])  # fmt: skip


def kernel_source(row: Op) -> str:
    """A library in C that needs no other file, for the row of a user; an Unreadable if the row cannot be read.

    `rows_own` returns the row's entry, as `rows_table` has it; `rows_own_error` whether a call raised since it was last asked.
    Numbers that the row's functions see in closures and globals are those of now.
    """
    intrinsics = (Path(__file__).parent / "intrinsics.h").read_text(encoding="utf-8")
    return header([row]).replace('#include "../rowcode/intrinsics.h"', intrinsics) + OWN


def _checked(row: Op, partial: Any) -> Any:
    """A partial, which must be a number or a closed gate, or an array of them if the row takes any number of operands."""
    if not row.variadic:
        return converted(partial, GATE)
    return partial if form.is_array(partial.type) else converted(partial, form.array_of(GATE))


def _entry(row: Op, parts: Sequence[Any]) -> str:
    """The row in `rows_table`."""
    flags = [("ROWS_TAKES_ACTIVE", row.takes_active), ("ROWS_MAY_RAISE", _may_raise(parts))]
    name, arity = row.__name__, -1 if row.variadic else len(row.operands)
    own, other = f"{name}_value, {name}_rule", "NULL, NULL"
    kernels = f"{other}, {own}" if row.variadic else f"{own}, {other}"
    return f'    {{"{name}", {arity}, {len(row.parameters)}, {" | ".join([f for f, on in flags if on]) or 0}, {kernels}}},'


def _may_raise(thing: Any) -> bool:
    """Whether C may set its flag: where Python may raise, where an index may be wrong or memory may be short."""
    is_unsafe = any(isinstance(part, form.SetElement) or is_operation(part, "element") for part in form.reached(thing))
    return is_unsafe or form.may_raise(thing) or _takes_memory(thing)


def _takes_memory(thing: Any) -> bool:
    return any(form.makes_array(part) or isinstance(part, form.Append) for part in form.reached(thing))


def _kernels(printer: Printer, row: Op, value: Any, partials: Sequence[Any]) -> list[str]:
    """The lines of the two kernels of a row."""
    name, count, asked = (row.__name__, "long n, ", "const unsigned char *") if row.variadic else (row.__name__, "", "unsigned ")
    empty = "rows_empty_pool();"
    lines, text = printer.aside(printer.text, value)
    if _takes_memory(value):
        lines, text = [*lines, f"double made = {text};", empty], "made"
    first = [*_loaded(printer, row, [value]), *lines, f"return {text};"]
    y = f"{result_of(row).name}_"
    second = [f"double {y} = {name}_value(a, {'n, ' if row.variadic else ''}k);"]
    if _may_raise(value):
        second.append(f"if (rows_raised) return {y};")
    second += [*_loaded(printer, row, partials), *_stored(printer, row, partials)]
    second += [empty, f"return {y};"] if _takes_memory(partials) else [f"return {y};"]
    operands = f"const double *a, {count}const double *k"
    return [
        *[f"static double {name}_value({operands}) {{", *printer.indented(first), "}"],
        *[f"static double {name}_rule({operands}, {asked}active, double *partials) {{", *printer.indented(second), "}"],
    ]


def _loaded(printer: Printer, row: Op, parts: Sequence[Any]) -> list[str]:
    """The lines that give the names in some parts their values."""
    if row.variadic:
        given = {operands_of(row)[0].name: "{(double *)a, n, n}", active_of(row).name: "rows_truths(active, n)"}
    else:
        given = {x.name: f"a[{i}]" for i, x in enumerate(operands_of(row))}
        given |= {x.name: f"active >> {i} & 1" for i, x in enumerate(active_of(row))}
    given |= {x.name: f"k[{i}] != 0.0" if x.type == TRUTH else f"k[{i}]" for i, x in enumerate(parameters_of(row))}
    used = {part.name: part for part in form.walk(parts) if isinstance(part, form.Name)}
    return [f"{printer.structs.type(used[name].type)} {name}_ = {text};" for name, text in given.items() if name in used]


def _stored(printer: Printer, row: Op, partials: Sequence[Any]) -> list[str]:
    """The lines that write the partials."""
    if row.variadic:
        lines, _ = printer.aside(printer.add, "made", partials[0])
        return ["rows_array made = {partials, 0, n};", *lines]
    written = [printer.aside(printer.text, partial) for partial in partials]
    return [
        line
        for i, (lines, text) in enumerate(written)
        for line in (f"if (active & {1 << i}u) {{", *printer.indented([*lines, f"partials[{i}] = {text};"]), "}")
    ]
