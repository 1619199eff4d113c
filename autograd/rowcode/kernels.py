"""Rows as kernels in C: the header of the native engine, `header(TABLE.values())`, and the program of a user's row.

A kernel is what the native node calls: it takes operands from an array, and gives the value, and the partials that are asked for.
The template says how. `docs/kernels.py` writes the header of the whole table to autograd/native/kernels.h.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from autograd.ops import Op
from autograd.rowcode import form
from autograd.rowcode.algorithms import ALGORITHMS, quick_fsum
from autograd.rowcode.c import Printer
from autograd.rowcode.form import FLOAT, GATE, TRUTH
from autograd.rowcode.program import Program, active_of, operands_of, parameters_of, result_of
from autograd.rowcode.values import converted, is_operation, typed

SUBSTITUTES = {**ALGORITHMS, math.fsum: quick_fsum}  # a page has the shorter one


def header(rows: Iterable[Op], formulas: Iterable[tuple[Callable[..., Any], str]] = ()) -> str:
    """The text of a header in C with the kernels of these rows and their table; an Unreadable if one cannot be read.

    `formulas` are those of optimisers with their names: formula(p, g, *memory, *constants) returns the amount to subtract from a
    parameter p with the gradient g, and the new memory.
    """
    program, printer, entries, kernels = Program(substitutes=SUBSTITUTES), Printer(), list[str](), list[str]()
    read = [(row, program.value(row), program.partials(row)) for row in rows]
    updates = [(name, program.function(f, _numbers_of(f), name=f"{name}_formula")) for f, name in formulas]
    functions = list(program.functions.values())
    bodies = [printer.function(function) for function in functions]
    for row, value, partials in read:
        kernels += _kernels(printer, row, value, [_checked(row, typed(p)) for p in partials])
        entries.append(_entry(row, [value, *partials]))
    parts = {"functions": [*printer.structs.declarations(functions), "", *bodies], "kernels": kernels, "entries": entries}
    parts["updates"] = _updates(printer, updates) if updates else []
    return re.sub("@(.*)@", lambda name: "\n".join(parts[name[1]]), resource("kernels.template.h"))


def kernel_source(row: Op) -> str:
    """A library in C that needs no other file, for the row of a user; an Unreadable if the row cannot be read.

    `rows_own` returns the row's entry, as `rows_table` has it; `rows_own_error` whether a call raised since it was last asked.
    Numbers that the row's functions see in closures and globals are those of now.
    """
    return "#define ROWS_OWN\n" + header([row]).replace('#include "../rowcode/intrinsics.h"', resource("intrinsics.h"))


def resource(name: str) -> str:
    """The text of a file beside this one."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _numbers_of(formula: Callable[..., Any]) -> list[form.Name]:
    return [form.Name(name, FLOAT) for name in inspect.signature(formula).parameters]


def _updates(printer: Printer, updates: Sequence[tuple[str, form.Call]]) -> list[str]:
    """The lines of the functions that an optimiser's formulas are called by, and their table."""
    lines, entries = [UPDATE], []
    for name, call in updates:
        memory, constants = len(call.type) - 1, len(call.parts) - len(call.type) - 1
        given = ["p", "g", *[f"memory[{i}]" for i in range(memory)], *[f"k[{i}]" for i in range(constants)]]
        lines += [
            f"static double {name}_update(double p, double g, double *memory, const double *k) {{",
            f"    {printer.structs.type(call.type)} made = {printer.callee(call.function)}({', '.join(given)});",
            *[f"    memory[{i}] = made.f{i + 1};" for i in range(memory)],
            "    return made.f0;",
            "}",
        ]
        entries.append(f'    {{"{name}", {memory}, {constants}, {name}_update}},')
    return [*lines, "", "static const rows_update rows_updates[] = {", *entries, "};"]


UPDATE = """\
/* The formulas of optimisers: what is subtracted from a parameter p with the gradient g; the memory becomes the new one. */
typedef struct {
    const char *name;
    int memory, constants; /* how many */
    double (*update)(double p, double g, double *memory, const double *k);
} rows_update;
"""


def _checked(row: Op, partial: Any) -> Any:
    """A partial, which must be a number or a closed gate, or an array of them if the row takes any number of operands."""
    if not row.variadic:
        return converted(partial, GATE)
    return partial if isinstance(partial.type, form.Array) else converted(partial, form.Array(GATE))


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
    return is_unsafe or form.may_raise(thing) or form.makes_array(form.reached(thing))


def _kernels(printer: Printer, row: Op, value: Any, partials: Sequence[Any]) -> list[str]:
    """The lines of the two kernels of a row."""
    name, n, asked = (row.__name__, "long n, ", "const unsigned char *") if row.variadic else (row.__name__, "", "unsigned ")

    def end(parts: Any, y: str) -> list[str]:
        return [*(["rows_empty_pool();"] if form.makes_array(form.reached(parts)) else []), f"return {y};"]

    def first() -> None:
        printer.lines += _loaded(printer, row, [value])
        printer.set("double made", value)
        printer.lines += end(value, "made")

    def second() -> None:
        y = f"{result_of(row).name}_"
        printer.lines.append(f"double {y} = {name}_value(a, {n and 'n, '}k);")
        if _may_raise(value):
            printer.lines.append(f"if (rows_raised) return {y};")
        printer.lines += _loaded(printer, row, partials)
        if row.variadic:
            printer.lines.append("rows_array made = {partials, 0, n};")
            printer.add("made", partials[0])
        for i, partial in enumerate([] if row.variadic else partials):
            printer.lines += [f"if (active & {1 << i}u) {{", *printer.aside(printer.set, f"partials[{i}]", partial), "}"]
        printer.lines += end(partials, y)

    operands = f"const double *a, {n}const double *k"
    head = f"static double {name}_rule({operands}, {asked}active, double *partials) {{"
    return [f"static double {name}_value({operands}) {{", *printer.aside(first), "}", head, *printer.aside(second), "}"]


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
