"""The typed form as C: equal to Python to the bit where the platform's `libm` is the one that Python uses.

An error sets a flag, and the arithmetic goes on; arrays are in a pool that the entry point empties; a closed gate is a NaN with
bits that no computation gives. `intrinsics.h` has what the printed functions call. The same functions give the same text.

Start reading at `Printer.expression`: an expression that needs statements writes them first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.rowcode import form
from autograd.rowcode.form import TRUTH, Constant, Function, Operation, Type, is_array

__all__ = ["Printer", "number"]

KINDS = {"ValueError": "VALUE_ERROR", "ZeroDivisionError": "ZERO_DIVISION_ERROR", "OverflowError": "OVERFLOW_ERROR"}
TEMPLATES = {
    **{sign: f"({{}} {sign} {{}})" for sign in ("+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=")},
    "neg": "(-{})", "not": "(!{})", "float": "(0.0 + {})", "length": "({}).n", "element": "rows_at({}, {})",
}  # fmt: skip
TRUE, FALSE = Constant(True, TRUTH), Constant(False, TRUTH)


def number(x: float) -> str:
    """A float as C writes it, to the bit."""
    return repr(x) if math.isfinite(x) else "NAN" if x != x else "INFINITY" if x > 0 else "-INFINITY"


class Printer:
    """Functions of the form as C."""

    def __init__(self) -> None:
        self.tuples = {"rows_2_double_double": ""}  # the definitions of types of tuples, by name; this one is in intrinsics.h
        self.tables: dict[str, str] = {}  # the names of tables, by their numbers
        self.lines: list[str] = []  # statements that the expression being written needs first
        self.count = 0  # of temporary variables
        self.handler = ""  # where an error goes, inside try

    def type(self, t: Type) -> str:
        if not isinstance(t, tuple):
            return "rows_array" if is_array(t) else "int" if t == TRUTH else "double"
        parts = [self.type(part) for part in t]
        name = f"rows_{len(t)}_" + "_".join([part.removeprefix("rows_") for part in parts])
        fields = " ".join([f"{part} f{i};" for i, part in enumerate(parts)])
        self.tuples.setdefault(name, f"typedef struct {{ {fields} }} {name};")
        return name

    def zero(self, t: Type) -> str:
        return f"({self.type(t)}){{0}}" if isinstance(t, tuple) or is_array(t) else "0"

    def temporary(self, t: Type, value: str) -> str:
        self.count += 1
        self.lines.append(f"{self.type(t)} t{self.count} = {value};")
        return f"t{self.count}"

    def aside(self, x: Any) -> tuple[list[str], str]:
        """The statements that an expression needs, and the expression."""
        kept, self.lines = self.lines, []
        text = self.expression(x)
        lines, self.lines = self.lines, kept
        return lines, text

    def choice(self, t: Type, condition: str, a: Any, b: Any) -> str:
        (before_a, text_a), (before_b, text_b) = self.aside(a), self.aside(b)
        if not before_a and not before_b:
            return f"({condition} ? {text_a} : {text_b})"
        name = self.temporary(t, self.zero(t))
        self.lines += [f"if ({condition}) {{", *before_a, f"{name} = {text_a};", "} else {", *before_b, f"{name} = {text_b};", "}"]
        return name

    def expression(self, x: Any) -> str:
        """The expression; what it needs first is added to `lines`."""
        match x:
            case Constant(value=tuple()):
                name = self.tables.setdefault(", ".join(map(number, x.value)), f"rows_table_{len(self.tables)}")
                return f"((rows_array){{(double *){name}, {len(x.value)}, {len(x.value)}}})"
            case Constant():
                return "rows_closed()" if x.value is None else str(int(x.value)) if x.type == TRUTH else number(float(x.value))
            case form.Name():
                return f"{x.name}_"
            case Operation(sign="and" | "or"):
                text = self.expression(x.parts[0])
                for part in x.parts[1:]:
                    text = self.choice(TRUTH, text, *((part, FALSE) if x.sign == "and" else (TRUE, part)))
                return text
            case Operation(sign="choose", parts=(condition, a, b)):
                return self.choice(x.type, self.expression(condition), a, b)
            case Operation(sign="tuple"):
                return f"(({self.type(x.type)}){{{', '.join(map(self.expression, x.parts))}}})"
            case Operation(sign="item", parts=(of, index)):
                return f"{self.expression(of)}.f{index.value}"
            case Operation(sign="slice", parts=(of, *ends)):
                array = self.temporary(of.type, self.expression(of))
                low, high = [*map(self.expression, ends), f"{array}.n"][:2]
                return f"rows_slice({array}, {low}, {high})"
            case Operation(sign="join"):
                name = self.temporary(x.type, f"rows_new({len(x.parts)})")
                for part in x.parts:
                    text = self.expression(part)
                    self.lines.append(self.added(name, part.type, text))
                return name
            case Operation():
                text = TEMPLATES[x.sign].format(*map(self.expression, x.parts))
                return f"({text} != 0)" if x.sign == "element" and x.type == TRUTH else text
            case form.Call():
                name = f"row_{x.function.name}" if isinstance(x.function, Function) else "rows_" + x.function.name.partition(".")[2]
                return f"{name}({', '.join(map(self.expression, x.parts))})"
            case form.Comprehension():
                name = self.temporary(x.type, "rows_new(8)")
                (before, element), (before_test, test) = self.aside(x.element), self.aside(x.condition or TRUE)
                add = self.added(name, x.element.type, element)
                self.lines += [self.head(x), *before_test, f"if ({test}) {{", *before, add, "}", "}"]
                return name
        raise TypeError(f"{x!r} is no expression of the form")

    def added(self, array: str, t: Type, text: str) -> str:
        return f"rows_{'extend' if is_array(t) else 'push'}(&{array}, {text});"

    def head(self, x: Any) -> str:
        return f"for (double {x.name}_ = 0; {x.name}_ < {self.expression(x.count)}; {x.name}_++) {{"

    # -------------------------------------------------------------------------------------------------------------- statements

    def signature(self, function: Function) -> str:
        parameters = ", ".join([f"{self.type(p.type)} {p.name}_" for p in function.parameters])
        return f"static {self.type(function.type)} row_{function.name}({parameters})"

    def function(self, function: Function) -> str:
        """The function with its name; its local variables begin at 0."""
        self.made, self.count = function, 0
        own = [f"{self.type(t)} {name}_ = {self.zero(t)};" for name, t in function.locals.items()]
        return "\n    ".join([f"{self.signature(function)} {{", *own, *self.block(function.body)]) + "\n}"

    def block(self, statements: Sequence[Any]) -> list[str]:
        lines: list[str] = []
        for statement in statements:
            written = self.statement(statement)
            lines, self.lines = [*lines, *self.lines, *written], []
            if self.handler and not isinstance(statement, (form.Return, form.Raise)):
                lines.append(f"if (rows_raised) goto {self.handler};")
        return lines

    def statement(self, s: Any) -> list[str]:
        match s:
            case form.Assign(names=(name,)):
                return [f"{name}_ = {self.expression(s.value)};"]
            case form.Assign():
                made = self.temporary(s.value.type, self.expression(s.value))
                return [f"{name}_ = {made}.f{i};" for i, name in enumerate(s.names)]
            case form.Append():
                return [f"rows_push(&{s.name}_, {self.expression(s.value)});"]
            case form.SetElement():
                return [f"{s.name}_.p[(long){self.expression(s.index)}] = {self.expression(s.value)};"]
            case form.If():
                before, test = self.aside(s.condition)
                return [*before, f"if ({test}) {{", *self.block(s.body), "} else {", *self.block(s.otherwise), "}"]
            case form.While():
                before, test = self.aside(s.condition)
                return ["for (;;) {", *before, f"if (!({test}) || rows_raised) break;", *self.block(s.body), "}"]
            case form.For():
                before, head = self.lines, self.head(s)
                before, self.lines = self.lines, []
                return [*before, head, *self.block(s.body), "}"]
            case form.Leave():
                return [f"{s.word};"]
            case form.Return() if not self.handler:
                return [f"return {self.expression(s.value)};"]
            case form.Return():
                made = self.temporary(self.made.type, self.expression(s.value))
                return [f"if (rows_raised) goto {self.handler};", f"return {made};"]
            case form.Raise():
                return [f"rows_raise({KINDS.get(s.kind, 'VALUE_ERROR')});", self.leave()]
            case form.Try():
                return self.attempt(s)
        raise TypeError(f"{s!r} is no statement of the form")

    def leave(self) -> str:
        return f"goto {self.handler};" if self.handler else f"return {self.zero(self.made.type)};"

    def attempt(self, s: form.Try) -> list[str]:
        self.count += 1
        saved, outer, self.handler = f"saved_{self.count}", self.handler, f"handler_{self.count}"
        lines = [f"int {saved} = rows_raised;", "rows_raised = 0;", "{", *self.block(s.body), "}", f"rows_raised = {saved};"]
        lines, self.handler = [*lines, f"if (0) {self.handler}: {{"], outer
        for kinds, handled in s.handlers:
            test = " || ".join(f"rows_raised == {KINDS[kind]}" for kind in kinds)
            lines += [f"if ({test}) {{", f"rows_raised = {saved};", *self.block(handled), "} else"]
        return [*lines, f"{{ {self.leave()} }}", "}"]

    def declarations(self, functions: Sequence[Function]) -> list[str]:
        """Types, tables and signatures for the functions printed so far."""
        signatures = [f"{self.signature(function)};" for function in functions]
        tables = [f"static const double {name}[] = {{{numbers}}};" for numbers, name in self.tables.items()]
        return [*self.tuples.values(), *tables, *signatures]
