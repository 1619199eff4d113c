"""The types of the form in C: a number is a double, an array is in the pool, a tuple is a struct, a table is a constant."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd.rowcode.form import TRUTH, Array, Function, Type


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
    """The structs and tables that a file needs so far."""

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
