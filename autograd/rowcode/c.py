"""The typed form as C: equal to Python to the bit where the platform's `libm` is the one that Python uses.

An error sets a flag, and the arithmetic goes on; arrays are in a pool that the entry point empties; a closed gate is a NaN with
bits that no computation gives. `intrinsics.h` has what the printed functions call. The same functions give the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.rowcode import form
from autograd.rowcode.braces import ATOM, CHOICE, PRODUCT, SUM, TEMPLATES, UNARY, Braces
from autograd.rowcode.form import TRUTH, WHOLE, Array, Constant, Function, Name, Operation, Type
from autograd.rowcode.structs import Structs, number
from autograd.rowcode.values import is_operation

ERRORS = ("ValueError", "ZeroDivisionError", "OverflowError")  # as `intrinsics.h` numbers them; any other counts as the first
TRUE, FALSE = Constant(True, TRUTH), Constant(False, TRUTH)


class Printer(Braces):
    """Functions of the form as C."""

    indent, index, push, store = "    ", "long", "rows_push(&{}, {});", "rows_put({}, {}, {});"
    templates = TEMPLATES | {
        "float": (SUM, "0.0 + {}", SUM, PRODUCT), "length": (ATOM, "{}.n", ATOM), "item": (ATOM, "{}.f{}", ATOM, ATOM),
        "element": (ATOM, "rows_at({}, {})", CHOICE, CHOICE),
    }  # fmt: skip

    def __init__(self) -> None:
        self.structs = Structs()
        self.lines: list[str] = []  # statements that the expression being written needs first
        self.count = 0  # of temporary variables
        self.handler = ""  # where an error goes, inside try
        self.whole: dict[str, list[Any]] = {}  # the arrays that have an element for every value of an index

    def name(self, name: str) -> str:
        return f"{name}_"

    def callee(self, function: Any) -> str:
        if isinstance(function, Function):
            return f"row_{function.name}"
        is_libms = function.place == "math" and not function.raises and function.own_name != "frexp"
        return str(function.own_name) if is_libms else f"rows_{function.own_name}"

    def temporary(self, t: Type, value: str) -> str:
        self.count += 1
        self.lines.append(f"{self.structs.type(t)} t{self.count} = {value};")
        return f"t{self.count}"

    def aside(self, write: Callable[..., Any], *arguments: Any) -> list[str]:
        """The lines of a block whose statements something writes."""
        kept, self.lines = self.lines, []
        write(*arguments)
        lines, self.lines = self.lines, kept
        return self.indented(lines)

    def set(self, target: str, x: Any) -> None:
        """Write the statements that give a variable its value."""
        self.lines.append(f"{target} = {self.text(x)};")

    def branched(self, t: Type, condition: Any, *branches: Any) -> tuple[str, int]:
        """A choice as a statement, since a branch needs statements."""
        test, name = self.text(condition), self.temporary(t, "{0}")
        first, second = [self.aside(self.set, name, branch) for branch in branches]
        self.lines += [f"if ({test}) {{", *first, "} else {", *second, "}"]
        return name, ATOM

    def add(self, name: str, x: Any, condition: Any = None) -> None:
        """Write the statements that add a number, or all numbers of an array, to the array with that name, if a condition holds."""
        match x:
            case _ if condition is not None:
                test = self.text(condition)
                self.lines += [f"if ({test}) {{", *self.aside(self.add, name, x), "}"]
            case Operation(sign="join"):
                for part in x.parts:
                    self.add(name, part)
            case form.Comprehension():
                self.lines += [self.head(x), *self.aside(self.add, name, x.element, x.condition), "}"]
            case _:
                self.lines.append(f"rows_{'extend' if isinstance(x.type, Array) else 'push'}(&{name}, {self.text(x)});")

    def head(self, x: Any) -> str:
        """The head of a loop, whose number of turns is computed once."""
        self.whole[x.name] = _arrays(x.count)
        is_plain = all(isinstance(part, (Constant, Name)) or is_operation(part, "length") for part in form.walk(x.count))
        count = self.inside(x.count, SUM)
        return self.loop(self.name(x.name), count if is_plain else self.temporary(WHOLE, count))

    def room(self, x: Any) -> str:
        """About how many numbers an array has."""
        if is_operation(x, "join"):
            return " + ".join(map(self.room, x.parts)) or "0"
        if isinstance(x, form.Comprehension):
            return "8" if any(isinstance(part, form.Call) for part in form.walk(x.count)) else self.inside(x.count, SUM)
        return "1" if not isinstance(x.type, Array) else f"{self.name(x.name)}.n" if isinstance(x, Name) else "8"

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
                return self.branched(TRUTH, first, *((rest, FALSE) if x.sign == "and" else (TRUE, rest)))
            case Operation(sign="choose", parts=(condition, *branches)) if form.makes_array(form.walk(branches)):
                return self.branched(x.type, condition, *branches)
            case Operation(sign="element", parts=(Name() as array, Name() as index)) if array in self.whole.get(index.name, []):
                return f"{self.name(array.name)}.p[{self.name(index.name)}]", ATOM
            case Operation(sign="tuple"):
                return f"({self.structs.type(x.type)}){{{self.text(*x.parts)}}}", ATOM
            case Operation(sign="slice"):
                return f"rows_slice({self.text(*x.parts)}{', INFINITY' if len(x.parts) == 2 else ''})", ATOM
            case form.Comprehension() | Operation(sign="join"):
                name = self.temporary(x.type, f"rows_new({self.room(x)})")
                self.add(name, x)
                return name, ATOM
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


def _arrays(count: Any) -> list[Any]:
    """The arrays that are at least as long as a number of turns."""
    if is_operation(count, "choose") and count.parts[0] == Operation("<", count.parts[1:], TRUTH):  # the lesser of two
        return _arrays(count.parts[1]) + _arrays(count.parts[2])
    return [count.parts[0]] if is_operation(count, "length") else []
