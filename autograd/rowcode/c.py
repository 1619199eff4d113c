"""The typed form as C: equal to Python to the bit where the platform's `libm` is the one that Python uses.

An error sets a flag, and the arithmetic goes on; arrays are in a pool that the entry point empties; a closed gate is a NaN with
bits that no computation gives. `intrinsics.h` has what the printed functions call. The same functions give the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.rowcode import form
from autograd.rowcode.braces import ATOM, CHOICE, PRODUCT, SUM, TEMPLATES, UNARY, Braces
from autograd.rowcode.form import TRUTH, WHOLE, Constant, Function, Operation, Type, is_array
from autograd.rowcode.structs import Structs, number
from autograd.rowcode.values import is_operation

ERRORS = ("ValueError", "ZeroDivisionError", "OverflowError")  # as `intrinsics.h` numbers them; any other counts as the first
TRUE, FALSE = Constant(True, TRUTH), Constant(False, TRUTH)


class Printer(Braces):
    """Functions of the form as C."""

    indent, index, push, store = "    ", "double", "rows_push(&{}, {});", "rows_put({}, {}, {});"
    templates = TEMPLATES | {
        "float": (SUM, "0.0 + {}", SUM, PRODUCT), "length": (ATOM, "{}.n", ATOM), "item": (ATOM, "{}.f{}", ATOM, ATOM),
        "element": (ATOM, "rows_at({}, {})", CHOICE, CHOICE),
    }  # fmt: skip

    def __init__(self) -> None:
        self.structs = Structs()
        self.lines: list[str] = []  # statements that the expression being written needs first
        self.count = 0  # of temporary variables
        self.handler = ""  # where an error goes, inside try

    def name(self, name: str) -> str:
        return f"{name}_"

    def callee(self, function: Any) -> str:
        if isinstance(function, Function):
            return f"row_{function.name}"
        place, _, name = function.name.partition(".")
        return name if place == "math" and not function.raises and name != "frexp" else f"rows_{name}"  # libm's own

    def temporary(self, t: Type, value: str) -> str:
        self.count += 1
        self.lines.append(f"{self.structs.type(t)} t{self.count} = {value};")
        return f"t{self.count}"

    def aside(self, write: Callable[..., Any], *arguments: Any) -> tuple[list[str], Any]:
        """The statements that something needs first where it is written, and what is written."""
        kept, self.lines = self.lines, []
        written = write(*arguments)
        lines, self.lines = self.lines, kept
        return lines, written

    def branched(self, t: Type, condition: Any, a: Any, b: Any) -> tuple[str, int]:
        """A choice as a statement, since a branch needs statements."""
        test, (before_a, text_a), (before_b, text_b) = self.text(condition), self.aside(self.text, a), self.aside(self.text, b)
        name = self.temporary(t, "{0}")
        first, second = [*before_a, f"{name} = {text_a};"], [*before_b, f"{name} = {text_b};"]
        self.lines += [f"if ({test}) {{", *self.indented(first), "} else {", *self.indented(second), "}"]
        return name, ATOM

    def add(self, name: str, x: Any) -> None:
        """Write statements that add a number, or all numbers of an array, to the array with that name."""
        match x:
            case Operation(sign="join"):
                for part in x.parts:
                    self.add(name, part)
            case form.Comprehension():
                head = self.loop(self.name(x.name), self.bound(x.count))
                inner, _ = self.aside(self.add, name, x.element)
                if x.condition is not None:
                    before, test = self.aside(self.text, x.condition)
                    inner = [*before, f"if ({test}) {{", *self.indented(inner), "}"]
                self.lines += [head, *self.indented(inner), "}"]
            case _:
                added = f"rows_{'extend' if is_array(x.type) else 'push'}(&{name}, {self.text(x)});"
                self.lines.append(added)

    def bound(self, count: Any) -> str:
        """The number of turns of a loop, computed once."""
        text = self.inside(count, SUM)
        is_plain = all(isinstance(part, (Constant, form.Name)) or is_operation(part, "length") for part in form.walk(count))
        return text if is_plain else self.temporary(WHOLE, text)

    def expression(self, x: Any) -> tuple[str, int]:
        """The expression, and how tightly it binds; the statements that it needs first are added to `lines`."""
        match x:
            case Constant(value=tuple()):
                return self.structs.table(x.value), ATOM
            case Constant():
                text = "rows_closed()" if x.value is None else number(x.value)
                return text, UNARY if text.startswith("-") else ATOM
            case Operation(sign="and" | "or", parts=(first, *others)) if _needs_statements(others):
                rest = Operation(x.sign, tuple(others), TRUTH) if len(others) > 1 else others[0]
                return self.branched(TRUTH, first, *((rest, FALSE) if x.sign == "and" else (TRUE, rest)))
            case Operation(sign="choose", parts=(condition, *branches)) if _needs_statements(branches):
                return self.branched(x.type, condition, *branches)
            case Operation(sign="tuple"):
                return f"({self.structs.type(x.type)}){{{self.text(*x.parts)}}}", ATOM
            case Operation(sign="slice"):
                return f"rows_slice({self.text(*x.parts)}{', INFINITY' if len(x.parts) == 2 else ''})", ATOM
            case form.Comprehension() | Operation(sign="join"):
                room = self.text(x.count) if isinstance(x, form.Comprehension) else len(x.parts)
                name = self.temporary(x.type, f"rows_new({room})")
                self.add(name, x)
                return name, ATOM
        return super().expression(x)

    def signature(self, function: Function) -> str:
        parameters = ", ".join([f"{self.structs.type(p.type)} {p.name}_" for p in function.parameters])
        return f"static {self.structs.type(function.type)} row_{function.name}({parameters})"

    def function(self, function: Function) -> str:
        """The function with its name; its local variables begin at 0."""
        self.made, self.count = function, 0
        own = [f"    {self.structs.type(t)} {name}_ = {{0}};" for name, t in function.locals.items()]
        return "\n".join([f"{self.signature(function)} {{", *own, *self.block(function.body), "}"])

    def block(self, statements: Sequence[Any]) -> list[str]:
        outer, lines = self.lines, list[str]()
        for place, s in enumerate(statements):
            self.lines = []
            written = self.statement(s, statements[place:])
            lines += [*self.lines, *written]
            if self.handler and not isinstance(s, (form.Return, form.Raise)):
                lines.append(f"if (rows_raised) goto {self.handler};")
        self.lines = outer
        return self.indented(lines)

    def statement(self, s: Any, rest: Sequence[Any]) -> list[str]:
        match s:
            case form.Assign(names=(name,)):
                return [f"{name}_ = {self.text(s.value)};"]
            case form.Assign():
                made = self.temporary(s.value.type, self.text(s.value))
                return [f"{name}_ = {made}.f{i};" for i, name in enumerate(s.names)]
            case form.While():
                before, test = self.aside(self.text, s.condition)
                return ["for (;;) {", *before, f"if (!({test}) || rows_raised) break;", *self.block(s.body), "}"]
            case form.Return() if self.handler:
                made = self.temporary(self.made.type, self.text(s.value))
                return [f"if (rows_raised) goto {self.handler};", f"return {made};"]
            case form.Raise():
                return [f"rows_raise(rows_{s.kind if s.kind in ERRORS else ERRORS[0]});", self.leave()]
        return super().statement(s, rest)

    def leave(self) -> str:
        return f"goto {self.handler};" if self.handler else f"return ({self.structs.type(self.made.type)}){{0}};"

    def attempt(self, s: form.Try) -> list[str]:
        self.count += 1
        saved, outer, self.handler = f"saved_{self.count}", self.handler, f"handler_{self.count}"
        lines = [f"int {saved} = rows_raised;", "rows_raised = 0;", "{", *self.block(s.body), "}", f"rows_raised = {saved};"]
        lines, self.handler = [*lines, f"if (0) {self.handler}: {{"], outer
        for kinds, handled in s.handlers:
            test = " || ".join(f"rows_raised == rows_{kind}" for kind in kinds)
            lines += [f"if ({test}) {{", f"rows_raised = {saved};", *self.block(handled), "} else"]
        return [*lines, f"{{ {self.leave()} }}", "}"]

    def declarations(self, functions: Sequence[Function]) -> list[str]:
        """Return the lines that a file needs before the functions printed so far."""
        return [*self.structs.definitions(), *[f"{self.signature(function)};" for function in functions]]


def _needs_statements(expressions: Sequence[Any]) -> bool:
    return any(map(form.makes_array, form.walk(list(expressions))))
