"""The typed form as C: equal to Python to the bit where the platform's `libm` is the one that Python uses.

An error sets a flag, and the arithmetic goes on; arrays are in a pool that the entry point empties; a closed gate is a NaN with
bits that no computation gives. `intrinsics.h` has what the printed functions call.

Start reading at `Printer.expression`: an expression that needs statements writes them first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.rowcode import form
from autograd.rowcode.form import FLOAT, TRUTH, WHOLE, Function, Number, Type, is_array

__all__ = ["Printer", "number"]

KINDS = {"ValueError": "VALUE_ERROR", "ZeroDivisionError": "ZERO_DIVISION_ERROR", "OverflowError": "OVERFLOW_ERROR"}
TRUE, FALSE = Number(True, TRUTH), Number(False, TRUTH)


def number(x: float) -> str:
    """A float as C writes it, to the bit."""
    return x.hex() if math.isfinite(x) else "NAN" if x != x else "INFINITY" if x > 0 else "-INFINITY"


class Printer:
    """Functions of the form as C."""

    def __init__(self) -> None:
        self.tuples: dict[Any, str] = {(FLOAT, WHOLE): "rows_mantissa_and_exponent"}  # the names of types of tuples
        self.tables: dict[tuple[float, ...], str] = {}
        self.lines: list[str] = []  # statements that the expression being written needs first
        self.count = 0  # of temporary variables
        self.handler = ""  # where an error goes, inside try

    def type(self, t: Type) -> str:
        if isinstance(t, tuple):
            _ = [self.type(part) for part in t]  # a tuple inside is declared before
            return self.tuples.setdefault(t, f"rows_tuple_{len(self.tuples)}")
        return "rows_array" if is_array(t) else "int" if t == TRUTH else "double"

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
            case form.Number():
                return f"({number(float(x.value))})" if x.type != TRUTH else str(int(x.value))
            case form.Closed():
                return "rows_closed()"
            case form.Name():
                return f"{x.name}_"
            case form.Table():
                name = self.tables.setdefault(x.numbers, f"rows_table_{len(self.tables)}")
                return f"((rows_array){{(double *){name}, {len(x.numbers)}, {len(x.numbers)}}})"
            case form.Unary():
                return f"({ {'-': '-', 'not': '!', 'float': '0.0 + '}[x.sign] }{self.expression(x.operand)})"
            case form.Binary():
                return f"({self.expression(x.left)} {x.sign} {self.expression(x.right)})"
            case form.Logic():
                text = self.expression(x.parts[0])
                for part in x.parts[1:]:
                    text = self.choice(TRUTH, text, *((part, FALSE) if x.sign == "and" else (TRUE, part)))
                return text
            case form.Choice():
                return self.choice(x.type, self.expression(x.condition), x.a, x.b)
            case form.Call():
                name = f"row_{x.function.name}" if isinstance(x.function, Function) else "rows_" + x.function.name.partition(".")[2]
                return f"{name}({', '.join(map(self.expression, x.arguments))})"
            case form.Tuple():
                return f"(({self.type(x.type)}){{{', '.join(map(self.expression, x.parts))}}})"
            case form.Item():
                return f"{self.expression(x.of)}.f{x.index}"
            case form.Length():
                return f"({self.expression(x.of)}).n"
            case form.Element():
                text = f"rows_at({self.expression(x.of)}, {self.expression(x.index)})"
                return f"({text} != 0)" if x.type == TRUTH else text
            case form.Slice():
                of = self.temporary(x.of.type, self.expression(x.of))
                low, high = self.expression(x.low) if x.low else "0", self.expression(x.high) if x.high else f"{of}.n"
                return f"rows_slice({of}, {low}, {high})"
            case form.Join():
                name = self.temporary(x.type, f"rows_new({len(x.parts)})")
                for part in x.parts:
                    text = self.expression(part)
                    self.lines.append(f"rows_{'extend' if is_array(part.type) else 'push'}(&{name}, {text});")
                return name
            case form.Comprehension():
                name = self.temporary(x.type, "rows_new(8)")
                (before, element), (before_test, test) = self.aside(x.element), self.aside(x.condition or TRUE)
                add = f"rows_{'extend' if is_array(x.element.type) else 'push'}(&{name}, {element});"
                self.lines += [self.head(x), *before_test, f"if ({test}) {{", *before, add, "}", "}"]
                return name
        raise TypeError(f"{x!r} is no expression of the form")

    def head(self, x: Any) -> str:
        low, high = self.expression(x.low), self.expression(x.high)
        return f"for (double {x.name}_ = {low}; {x.name}_ {'<' if x.step > 0 else '>'} {high}; {x.name}_ += {x.step}) {{"

    # -------------------------------------------------------------------------------------------------------------- statements

    def signature(self, function: Function) -> str:
        parameters = ", ".join([f"{self.type(p.type)} {p.name}_" for p in function.parameters])
        return f"static {self.type(function.type)} row_{function.name}({parameters})"

    def function(self, function: Function) -> str:
        """The function with its name; its local variables begin at 0."""
        self.made = function
        own = [f"{self.type(t)} {name}_ = {self.zero(t)};" for name, t in function.locals.items()]
        return "\n".join([f"{self.signature(function)} {{", *own, *self.block(function.body), "}"])

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
                return [f"{self.expression(s.of)}.p[(long){self.expression(s.index)}] = {self.expression(s.value)};"]
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
        made = {t: name for t, name in self.tuples.items() if name.startswith("rows_tuple")}
        fields = {name: " ".join([f"{self.type(part)} f{i};" for i, part in enumerate(t)]) for t, name in made.items()}
        types = [f"typedef struct {{ {inner} }} {name};" for name, inner in fields.items()]
        tables = [f"static const double {name}[] = {{{', '.join(map(number, xs))}}};" for xs, name in self.tables.items()]
        return [*types, *tables, *[f"{self.signature(function)};" for function in functions]]
