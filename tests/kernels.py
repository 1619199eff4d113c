"""The printed C of rows, compiled and called from Python: `Kernels(...)` answers as the rows do."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from needed import unavailable

from autograd.ops import Op
from autograd.rowcode import c
from autograd.rowcode.kernels import header

ERRORS = {1: ValueError, 2: ZeroDivisionError, 3: OverflowError}
FLAGS = ("-O2", "-std=c11", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off", "-shared", "-fPIC")
HEADER = Path(c.__file__).parents[1] / "native" / "kernels.h"
CALLS = """
#include "kernels.h"
const rows_row *entry_of(const char *name) {
    for (int i = 0; i < ROWS_COUNT; i++) if (!strcmp(rows_table[i].name, name)) return rows_table + i;
    return NULL;
}
double value_of(const rows_row *row, const double *a, long n, const double *k) {
    return row->arity < 0 ? row->value_of_many(a, n, k) : row->value(a, k);
}
double rule_of(const rows_row *row, const double *a, long n, const double *k, const unsigned char *active, double *partials) {
    unsigned bits = 0;
    if (row->arity < 0) return row->rule_of_many(a, n, k, active, partials);
    for (int i = 0; i < row->arity; i++) bits |= (unsigned)(!active || active[i]) << i;
    return row->rule(a, k, bits, partials);
}
int taken_error(void) { int kind = rows_raised; rows_raised = 0; return kind; }
int is_closed(double x) { return rows_is_closed(x); }
long memory_in_use(void) { return rows_used + (rows_pool != NULL); }
"""


def compiler() -> str:
    found = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if found is None:
        unavailable("no C compiler: install gcc or clang, and the printed C of every row is compiled and compared")
    return found


class Entry(ctypes.Structure):
    """A row in `rows_table`, but for its kernels."""

    _fields_ = [("name", ctypes.c_char_p), ("arity", ctypes.c_int), ("parameters", ctypes.c_int), ("flags", ctypes.c_uint)]


class Kernels:
    """Rows in C: those of the table as they are checked in, or some of one's own."""

    def __init__(self, rows: Sequence[Op], folder: Path, compiler: str) -> None:
        if rows:
            (folder / "kernels.h").write_text(header(rows), encoding="utf-8")
        source, library = folder / "rows.c", folder / "rows.so"
        source.write_text(CALLS, encoding="utf-8")
        headers = ["-I", str(folder) if rows else str(HEADER.parent), "-I", str(Path(c.__file__).parent)]
        done = subprocess.run(
            [compiler, *FLAGS, *headers, str(source), "-o", str(library), "-lm"], capture_output=True, text=True, encoding="utf-8"
        )
        assert not done.returncode, done.stderr
        self.library = ctypes.CDLL(str(library))
        self.library.is_closed.argtypes = [ctypes.c_double]
        self.library.entry_of.restype = ctypes.POINTER(Entry)
        self.library.memory_in_use.restype = ctypes.c_long
        self.library.value_of.restype = self.library.rule_of.restype = ctypes.c_double

    def entry(self, row: Op) -> Any:
        """The row in `rows_table`."""
        found = self.library.entry_of(row.__name__.encode())
        assert found, f"{row!r} was not printed"
        return found

    def value(self, row: Op, xs: Sequence[float], parameters: dict[str, Any]) -> float:
        """The row's value; raises as the row does."""
        given = _doubles(list(map(float, parameters.values())))
        y: float = self.library.value_of(self.entry(row), _doubles(xs), ctypes.c_long(len(xs)), given)
        self._raise(row)
        return y

    def rule(
        self, row: Op, xs: Sequence[float], parameters: dict[str, Any], active: Sequence[bool] | None
    ) -> tuple[float, list[Any]]:
        """The value, and the partials of the active operands, None for a closed gate; raises as they do."""
        given, out = _doubles(list(map(float, parameters.values()))), _doubles([GUARD] * (len(xs) + 1))
        asked = None if active is None else (ctypes.c_ubyte * len(xs))(*active)
        y = self.library.rule_of(self.entry(row), _doubles(xs), ctypes.c_long(len(xs)), given, asked, out)
        self._raise(row)
        wanted = [True] * len(xs) if active is None else active
        assert out[len(xs)] == GUARD, "a rule writes to its own places only"
        assert row.variadic or all(on or out[i] == GUARD for i, on in enumerate(wanted))
        return y, [None if self.library.is_closed(p) else p for p, on in zip(out, wanted, strict=False) if on]

    def partials(self, row: Op, xs: Sequence[float], y: float, parameters: dict[str, Any], active: Sequence[bool]) -> list[Any]:
        """The partials alone; the value must be y."""
        value, partials = self.rule(row, xs, parameters, active)
        assert value == y or (value != value and y != y)
        return partials

    def _raise(self, row: Op) -> None:
        kind = self.library.taken_error()
        assert self.library.memory_in_use() == 0
        if kind:
            assert self.entry(row).contents.flags & MAY_RAISE
            raise ERRORS[kind](f"{row.__name__} raises")


GUARD, MAY_RAISE = -12345.678, 2


def _doubles(xs: Sequence[float]) -> Any:
    return (ctypes.c_double * max(len(xs), 1))(*xs)
