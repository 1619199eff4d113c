"""Rows as functions in LLVM IR that other IR calls: a value, and the partials of some operands, with the parameters inside.

    >>> from autograd import ops
    >>> entries = Entries()
    >>> entries.value(ops.mul, {}, 2)
    '@value.0'
    >>> print(entries.text().splitlines()[0])
    define internal double @value.0(ptr %e, ptr %p, double %a.0, double %b.0) alwaysinline nounwind {

A row that cannot be read is called back: the function of Python, on floats.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd.errors import AutogradError
from autograd.ops import Op
from autograd.rowcode.algorithms import ALGORITHMS
from autograd.rowcode.form import ARRAY, FLOAT, GATE, TRUTH, Array, Constant, Operation, Unreadable
from autograd.rowcode.llvm import ARITHMETIC, ARRAY_TYPE, Printer, number, reachable
from autograd.rowcode.machine import called_back
from autograd.rowcode.program import Program, operands_of, parameters_of, result_of
from autograd.rowcode.values import converted, typed

__all__ = ["Entries"]

REFUSALS = (AutogradError, ValueError, ArithmeticError)


class Entries:
    """The functions of the rows that were asked for so far; `substitutes` are as `Program` takes them."""

    def __init__(self, substitutes: Mapping[Callable[..., Any], Callable[..., Any]] = ALGORITHMS) -> None:
        self.program, self.printer = Program(substitutes=substitutes), Printer()
        self.called_back: list[str] = []  # the names of rows that run in Python
        self._texts: list[str] = []
        self._names: dict[Any, str] = {}
        self._signs: dict[Op, str] = {}

    def text(self) -> str:
        """The functions, with those that they call."""
        functions = [self.printer.function(function) for function in self.program.functions.values()]
        return "\n\n".join([*self._texts, *functions, *self.printer.declarations()])

    def sign(self, row: Op) -> str:
        """The instruction that a row of one operation is, such as fadd; empty for other rows."""
        if row not in self._signs:
            try:
                value = self.program.value(row)
            except Unreadable:
                value = None
            is_one = isinstance(value, Operation) and value.parts == tuple(operands_of(row))
            self._signs[row] = {**ARITHMETIC, "neg": "fneg"}.get(value.sign, "") if is_one else ""
        return self._signs[row]

    def value(self, row: Op, parameters: Mapping[str, Any], count: int) -> str:
        """The name of a function (error, pool, operands...) for that many operands."""
        return self._entry(("value", row, _key(parameters), count), lambda name: self._value(name, row, parameters, count))

    def slopes(self, row: Op, parameters: Mapping[str, Any], active: tuple[bool, ...]) -> str:
        """The name of a function (error, pool, operands..., result, out) that writes the partials of the active operands."""
        return self._entry(("slopes", row, _key(parameters), active), lambda name: self._slopes(name, row, parameters, active))

    def _entry(self, key: Any, write: Callable[[str], None]) -> str:
        if key not in self._names:
            self._names[key] = f"@{key[0]}.{len(self._names)}"
            write(self._names[key])
        return self._names[key]

    def _value(self, name: str, row: Op, parameters: Mapping[str, Any], count: int) -> None:
        head = f"define internal double {name}({_arguments(row, count)})"
        try:
            value = self.program.value(row)
        except Unreadable:
            evaluate = lambda xs: [row.evaluate(tuple(xs), parameters)]  # noqa: E731
            self._call_back(head, row, count, evaluate, ["%y = load double, ptr %out", "ret double %y"], 1)
            return
        self._begin(row, parameters, count)
        made = self.printer.expression(value)
        self._end(head, f"ret double {made}")

    def _slopes(self, name: str, row: Op, parameters: Mapping[str, Any], active: tuple[bool, ...]) -> None:
        count = len(active)
        head = f"define internal void {name}({_arguments(row, count)}, double %{_result(row)}.0, ptr %out)"
        try:
            partials = [typed(p) for p in self.program.partials(row)]
            partials = [converted(p, Array(GATE) if row.variadic else GATE) if p.type != Array(GATE) else p for p in partials]
        except Unreadable:
            local = lambda xs: row.local_derivatives(tuple(xs[:-1]), xs[-1], parameters, active)  # noqa: E731
            self._call_back(head, row, count, local, ["ret void"], sum(active))
            return
        self._begin(row, parameters, count)
        printer = self.printer
        printer.variable(_result(row), FLOAT, f"%{_result(row)}.0")
        if row.variadic:
            table = tuple(map(float, active))
            printer.variable("active", ARRAY, printer.expression(Constant(table, ARRAY)))
        else:
            for i, is_active in enumerate(active):
                printer.variable(f"active_{i}", TRUTH, str(is_active).lower())
        made = printer.expression(partials[0]) if row.variadic else ""
        places = [i for i, is_active in enumerate(active) if is_active]
        for k, i in enumerate(places):
            if row.variadic:
                x = printer.set(f"call double @rows.at(ptr %e, {ARRAY_TYPE} {made}, double {number(float(i))})")
            else:
                x = printer.expression(partials[i])
            printer.add(f"store double {x}, ptr {printer.set(f'getelementptr double, ptr %out, i64 {k}')}")
        self._end(head, "ret void")

    def _begin(self, row: Op, parameters: Mapping[str, Any], count: int) -> None:
        """The variables: operands, of which a row of any number has one array, and parameters, which are known."""
        printer = self.printer
        printer.lines, printer.stack, printer.places, printer.count = [], [], {}, 0
        for x in operands_of(row):
            printer.variable(x.name, x.type, f"%{x.name}.0")
        for x in parameters_of(row):
            value = {**row.parameters, **parameters}[x.name]
            printer.variable(x.name, x.type, str(bool(value)).lower() if x.type == TRUTH else number(float(value)))

    def _end(self, head: str, last: str) -> None:
        lines = reachable([*self.printer.stack, *self.printer.lines, last])
        self._texts.append("\n".join([f"{head} alwaysinline nounwind {{", *[f"  {line}" for line in lines], "}"]))

    def _call_back(self, head: str, row: Op, count: int, function: Any, last: Sequence[str], width: int) -> None:
        """A function that gives its operands to Python."""
        if row.variadic:
            raise Unreadable(f"{row.__name__}, which takes any number of operands,")
        self.called_back.append(row.__name__)
        names = [x.name for x in operands_of(row)] + ([_result(row)] if "void" in head else [])
        lines = [f"%given = alloca [{len(names)} x double]"]
        if "void" not in head:
            lines.append("%out = alloca double")
        for i, x in enumerate(names):
            lines += [f"%g{i} = getelementptr double, ptr %given, i64 {i}", f"store double %{x}.0, ptr %g{i}"]

        def run(error: int, given: int, out: int) -> None:
            flag = ctypes.c_int.from_address(error)
            before, flag.value = flag.value, 1
            try:
                made = function(list((ctypes.c_double * len(names)).from_address(given)))
            except REFUSALS:
                return
            closed = ctypes.c_uint64(0x7FF8C105EDC105ED)
            for k in range(width):
                ctypes.memmove(out + 8 * k, ctypes.byref(closed if made[k] is None else ctypes.c_double(made[k])), 8)
            flag.value = before

        lines += [f"call void @{called_back(run)}(ptr %e, ptr %given, ptr %out)", *last]
        self._texts.append("\n".join([f"{head} nounwind {{", *[f"  {line}" for line in lines], "}"]))


def _arguments(row: Op, count: int) -> str:
    given = [f"{ARRAY_TYPE} %{row.operands[0]}.0"] if row.variadic else [f"double %{x.name}.0" for x in operands_of(row)]
    return ", ".join(["ptr %e", "ptr %p", *given])


def _result(row: Op) -> str:
    return result_of(row).name


def _key(parameters: Mapping[str, Any]) -> Any:
    return tuple([(name, type(x), repr(x)) for name, x in sorted(parameters.items())])
