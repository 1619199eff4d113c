"""The typed form as C: equal to Python to the bit where the platform's `libm` is the one that Python uses.

An error sets a flag, and the arithmetic goes on; arrays are in a pool that the entry point empties; a closed gate is a NaN with
bits that no computation gives. `intrinsics.h` has what the printed functions call. The same functions give the same text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.rowcode import form
from autograd.rowcode.asides import Asides, number
from autograd.rowcode.braces import ATOM, CHOICE, PRODUCT, SUM, TEMPLATES, UNARY
from autograd.rowcode.form import TRUTH, Constant, Function, Name, Operation

ERRORS = ("ValueError", "ZeroDivisionError", "OverflowError")  # as `intrinsics.h` numbers them; any other counts as the first
TRUE, FALSE = Constant(True, TRUTH), Constant(False, TRUTH)


class Printer(Asides):
    """Functions of the form as C."""

    indent, index, push, store = "    ", "long", "rows_push(&{}, {});", "rows_put({}, {}, {});"
    templates = TEMPLATES | {
        "float": (SUM, "0.0 + {}", SUM, PRODUCT), "length": (ATOM, "{}.n", ATOM), "item": (ATOM, "{}.f{}", ATOM, ATOM),
        "element": (ATOM, "rows_at({}, {})", CHOICE, CHOICE),
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.handler = ""  # where an error goes, inside try

    def callee(self, function: Any) -> str:
        if isinstance(function, Function):
            return f"row_{function.name}"
        is_libms = function.place == "math" and not function.raises and function.own_name != "frexp"
        return str(function.own_name) if is_libms else f"rows_{function.own_name}"

    def expression(self, x: Any) -> tuple[str, int]:
        """The expression, and how tightly it binds; the statements that it needs first are added to `lines`."""
        match x:
            case Constant(value=tuple()):
                return self.structs.table(x.value), ATOM
            case Constant():
                text = "rows_closed()" if x.value is None else number(x.value)
                return text, UNARY if text.startswith("-") else ATOM
            case Operation(sign="and" | "or", parts=(first, *others)) if form.makes_array(form.walk(others)):
                rest = Operation(x.sign, tuple(others), TRUTH) if len(others) > 1 else others[0]
                branches = (rest, FALSE) if x.sign == "and" else (TRUE, rest)
                return self.expression(Operation("choose", (first, *branches), TRUTH))
            case Operation(sign="choose", parts=(condition, *branches)) if form.makes_array(form.walk(branches)):
                return self.branched(x.type, condition, branches), ATOM
            case Operation(sign="element", parts=(Name() as array, Name() as index)) if self.is_inside(array, index):
                return f"{self.name(array.name)}.p[{self.name(index.name)}]", ATOM
            case Operation(sign="tuple"):
                return f"({self.structs.type(x.type)}){{{self.text(*x.parts)}}}", ATOM
            case Operation(sign="slice"):
                return f"rows_slice({self.text(*x.parts)}{', INFINITY' if len(x.parts) == 2 else ''})", ATOM
            case form.Comprehension() | Operation(sign="join"):
                return self.made_of(x), ATOM
        return super().expression(x)

    def function(self, function: Function) -> str:
        """The function with its name; its local variables begin at 0."""
        self.made, self.count, self.whole = function, 0, {}
        own = [f"    {self.structs.type(t)} {name}_ = {{0}};" for name, t in function.locals.items()]
        return "\n".join([f"{self.structs.signature(function)} {{", *own, *self.block(function.body), "}"])

    def block(self, statements: Sequence[Any]) -> list[str]:
        return self.aside(self.write, statements)

    def write(self, statements: Sequence[Any]) -> None:
        for place, s in enumerate(statements):
            self.lines += self.statement(s, statements[place:])
            if self.handler and not isinstance(s, (form.Return, form.Raise)):
                self.lines.append(f"if (rows_raised) goto {self.handler};")

    def statement(self, s: Any, rest: Sequence[Any]) -> list[str]:
        match s:
            case form.Assign(names=(name,)):
                return [f"{name}_ = {self.text(s.value)};"]
            case form.Assign():
                made = self.temporary(s.value.type, self.text(s.value))
                return [f"{name}_ = {made}.f{i};" for i, name in enumerate(s.names)]
            case form.While():
                test = self.aside(lambda: self.lines.append(f"if (!({self.text(s.condition)}) || rows_raised) break;"))
                return ["for (;;) {", *test, *self.block(s.body), "}"]
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
