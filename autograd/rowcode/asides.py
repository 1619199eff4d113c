"""What an expression needs in C around it: the types and tables of its file, and statements before it, which fill arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd.rowcode import form
from autograd.rowcode.braces import SUM, Braces
from autograd.rowcode.form import TRUTH, WHOLE, Array, Constant, Function, Name, Operation, Type
from autograd.rowcode.values import is_operation


def number(x: float) -> str:
    """A number as C writes it, to the bit."""
    if isinstance(x, int) and abs(x) < 2**31:
        return str(int(x))
    return repr(float(x)) if math.isfinite(x) else "NAN" if x != x else "INFINITY" if x > 0 else "-INFINITY"


def _word(t: Type) -> str:
    """What a type is called in the names of types."""
    if isinstance(t, tuple):
        return "_".join([str(len(t)), *map(_word, t)])
    return "array" if isinstance(t, Array) else "int" if t == TRUTH else "double"


class Structs:
    """The structs and tables that a file needs so far: an array is in the pool, a tuple is a struct, a table is a constant."""

    def __init__(self) -> None:
        self.tuples = {"rows_2_double_double": ""}  # the definitions of types of tuples, by name; this one is in intrinsics.h
        self.tables: dict[str, str] = {}  # the names of tables, by their numbers

    def type(self, t: Type) -> str:
        """The name of a type."""
        if not isinstance(t, tuple):
            return "rows_array" if isinstance(t, Array) else _word(t)
        name, parts = f"rows_{_word(t)}", [f"{self.type(part)} f{i};" for i, part in enumerate(t)]
        self.tuples.setdefault(name, f"typedef struct {{ {' '.join(parts)} }} {name};")
        return name

    def signature(self, function: Function) -> str:
        """The head of a function."""
        parameters = ", ".join([f"{self.type(p.type)} {p.name}_" for p in function.parameters])
        return f"static {self.type(function.type)} row_{function.name}({parameters})"

    def table(self, numbers: Sequence[float]) -> str:
        """A table as an array."""
        name = self.tables.setdefault(", ".join(map(number, numbers)), f"rows_table_{len(self.tables)}")
        return f"(rows_array){{(double *){name}, {len(numbers)}, {len(numbers)}}}"

    def declarations(self, functions: Sequence[Function]) -> list[str]:
        """Return the lines that a file needs before these functions."""
        tables = [f"static const double {name}[] = {{{numbers}}};" for numbers, name in self.tables.items()]
        return [*filter(None, self.tuples.values()), *tables, *[f"{self.signature(function)};" for function in functions]]


class Asides(Braces):
    """The part of the printer of C that writes statements aside, while it writes an expression."""

    def __init__(self) -> None:
        self.structs = Structs()
        self.lines: list[str] = []  # statements that the expression being written needs first
        self.count = 0  # of temporary variables
        self.whole: dict[str, list[Any]] = {}  # the arrays that have an element for every value of an index

    def name(self, name: str) -> str:
        return f"{name}_"

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

    def branched(self, t: Type, condition: Any, branches: Sequence[Any]) -> str:
        """A choice as a statement, since a branch needs statements: the name of its result."""
        test, name = self.text(condition), self.temporary(t, "{0}")
        first, second = [self.aside(self.set, name, branch) for branch in branches]
        self.lines += [f"if ({test}) {{", *first, "} else {", *second, "}"]
        return name

    def made_of(self, x: Any) -> str:
        """The name of a new array of what a comprehension or a join gives."""
        name = self.temporary(x.type, f"rows_new({self.room(x)})")
        self.add(name, x)
        return name

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

    def is_inside(self, array: Any, index: Any) -> bool:
        """Whether the array has an element for every value of a loop's index."""
        return array in self.whole.get(index.name, [])


def _arrays(count: Any) -> list[Any]:
    """The arrays that are at least as long as a number of turns."""
    if is_operation(count, "choose") and count.parts[0] == Operation("<", count.parts[1:], TRUTH):  # the lesser of two
        return _arrays(count.parts[1]) + _arrays(count.parts[2])
    return [count.parts[0]] if is_operation(count, "length") else []
