"""The printed C of rows, compiled and called from Python: `kernels(rows)` answers as the rows do."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd.ops import Op
from autograd.rowcode import c
from autograd.rowcode.form import FLOAT, Constant
from autograd.rowcode.program import Program, operands_of, parameters_of, result_of
from autograd.rowcode.values import typed

ERRORS = {1: ValueError, 2: ZeroDivisionError, 3: OverflowError}
FLAGS = ("-O1", "-std=c11", "-Wall", "-Wextra", "-Wno-unused", "-Werror", "-ffp-contract=off", "-shared", "-fPIC")
TAIL = """
int taken_error(void) { int kind = rows_raised; rows_raised = 0; return kind; }
int is_closed(double x) { return rows_is_closed(x); }
"""


class Kernels:
    """Rows in C."""

    def __init__(self, rows: Sequence[Op], folder: Path, compiler: str) -> None:
        source, library = folder / "rows.c", folder / "rows.so"
        source.write_text(program_of(rows), encoding="utf-8")
        headers = Path(c.__file__).parent
        command = [compiler, *FLAGS, "-I", str(headers), str(source), "-o", str(library), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert not done.returncode, done.stderr
        self.library = ctypes.CDLL(str(library))
        self.library.is_closed.argtypes = [ctypes.c_double]

    def value(self, row: Op, xs: Sequence[float], parameters: dict[str, Any]) -> float:
        """The row's value; raises as the row does."""
        function = getattr(self.library, f"value_{row.__name__}")
        function.restype = ctypes.c_double
        y: float = function(_doubles(xs), ctypes.c_long(len(xs)), _doubles(list(map(float, parameters.values()))))
        self._raise()
        return y

    def partials(self, row: Op, xs: Sequence[float], y: float, parameters: dict[str, Any], active: Sequence[bool]) -> list[Any]:
        """The partials of the active operands, None for a closed gate; raises as they do."""
        function, out = getattr(self.library, f"partials_{row.__name__}"), _doubles([0.0] * (len(xs) + 1))
        function.restype = ctypes.c_long
        given = _doubles(list(map(float, parameters.values())))
        function(_doubles(xs), ctypes.c_long(len(xs)), ctypes.c_double(y), given, _doubles(list(map(float, active))), out)
        self._raise()
        return [None if self.library.is_closed(p) else p for p, on in zip(out, active, strict=False) if on]

    def _raise(self) -> None:
        kind = self.library.taken_error()
        if kind:
            raise ERRORS[kind]


def _doubles(xs: Sequence[float]) -> Any:
    return (ctypes.c_double * max(len(xs), 1))(*xs)


def program_of(rows: Sequence[Op]) -> str:
    """A C program with `value_NAME` and `partials_NAME` for each row."""
    program, printer = Program(), c.Printer()
    read = [(row, program.value(row), program.partials(row)) for row in rows]
    functions = list(program.functions.values())
    bodies = [printer.function(function) for function in functions]
    entries = [entry for row, value, partials in read for entry in _entries(printer, row, value, partials)]
    return "\n".join(['#include "intrinsics.h"', *printer.declarations(functions), *bodies, *entries, TAIL])


def _entries(printer: c.Printer, row: Op, value: Any, partials: Sequence[Any]) -> list[str]:
    names = [p.name for p in operands_of(row)]
    load = [f"rows_array {names[0]}_ = {{(double *)xs, n, n}};"] if row.variadic else []
    load += [] if row.variadic else [f"double {name}_ = xs[{i}];" for i, name in enumerate(names)]
    load += [f"{printer.structs.type(p.type)} {p.name}_ = given[{i}];" for i, p in enumerate(parameters_of(row))]
    made = printer.text(value)
    first = [*load, *printer.lines, f"double made = {made};", "rows_empty_pool();", "return made;"]
    printer.lines = []
    load.append(f"double {result_of(row).name}_ = result;")
    if row.variadic:
        load.append("rows_array active_ = {(double *)active, n, n};")
        made = printer.text(partials[0])
        store = [f"rows_array made = {made};", "for (long i = 0; i < made.n; i++) out[i] = made.p[i];", "long count = made.n;"]
    else:
        load += [f"int active_{i}_ = active[{i}] != 0;" for i in range(len(names))] if row.takes_active else []
        written = [printer.text(Constant(p, FLOAT) if type(p) is float else typed(p)) for p in partials]
        store = [*[f"out[{i}] = {text};" for i, text in enumerate(written)], f"long count = {len(written)};"]
    second = [*load, *printer.lines, *store, "rows_empty_pool();", "return count;"]
    printer.lines = []
    common = "const double *xs, long n"
    return [
        f"double value_{row.__name__}({common}, const double *given) {{ {' '.join(first)} }}",
        f"long partials_{row.__name__}({common}, double result, const double *given, const double *active, double *out) "
        f"{{ {' '.join(second)} }}",
    ]
