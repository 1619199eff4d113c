"""The arrays that machine code reads and writes for a number of examples, and the block of their addresses that it is given.

Rows of examples begin at multiples of 64 bytes. A frame is for one call at a time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.compiling.columns import Columns
from autograd.compiling.compiled import Compiled
from autograd.compiling.interpreter import Run
from autograd.compiling.printing import BLOCK
from autograd.engine import in_c
from autograd.value import DATA

__all__ = ["Frame", "aligned", "load"]

WIDEST = 112  # lanes of a tile: what a network of [128, 128] has then fits into the second cache
ROOM = 1 << 16  # of the pool of arrays, for rows that take lists
LONG = 200_000  # numbers that are read: from here on, some 50 µs, the interpreter's lock is released


class Frame:
    """What one caller has for one program: the inputs, a row for each, and all that a run needs and gives."""

    def __init__(self, code: Compiled, inputs: int, count: int, like: Frame | None = None) -> None:
        import numpy

        self._code, self.count = code, count
        self.given = aligned(inputs, count)
        self.fixed: Any = numpy.array(code.fixed) if like is None else like.fixed
        self.parameters = self.fixed[: code.parameters]
        self.parameters_at: int = self.parameters.ctypes.data
        self.sums: Any = numpy.zeros(code.sums) if like is None else like.sums
        self._start = numpy.zeros(code.sums)
        self.found = aligned(code.roots + 1, count)  # the refused examples, and the roots
        most = min(WIDEST, -(-count // 16) * 16)
        self._work = aligned(code.rows, most + 8)  # so that rows do not share the places of the first cache
        self._numbers = numpy.empty(ROOM)
        self._pool = numpy.array([0, ROOM, self._numbers.ctypes.data], dtype=numpy.int64)
        self._block = numpy.zeros(len(BLOCK), dtype=numpy.int64)
        arrays = {"inputs": self.given, "fixed": self.fixed, "work": self._work, "results": self.found, "pool": self._pool}
        arrays |= {"sums": self.sums, "start": self._start}
        for name, array in arrays.items():
            self._set(name, array.ctypes.data)
        for name, x in {"first": 0, "end": count, "most": most}.items():
            self._set(name, x)
        for name, array in {"apart": self.given, "stride": self._work, "between": self.found}.items():
            self._set(name, array.strides[0] // 8)
        self._seeds: Any = None
        self.seed()
        self._address = self._block.ctypes.data
        self._is_long = count * (code.rows + 2 * len(self.fixed)) > LONG

    def _set(self, name: str, x: int) -> None:
        self._block[BLOCK.index(name)] = x

    def seed(self, seed: float = 1.0, divisor: float = 1.0, start: Sequence[float] | None = None) -> None:
        """Set the adjoint of each result, what the sum of the results is divided by, and the numbers that the sums begin with."""
        seeds = seed, divisor, None if start is None else tuple(start)
        if self._seeds == seeds:
            return
        self._seeds = seeds
        numbers = self._block.view(float)
        numbers[BLOCK.index("seed")], numbers[BLOCK.index("divisor")] = seed, divisor
        self._start[:] = 0.0 if start is None else start

    def run(self) -> float:
        """Run the program: what the first results, divided by the divisor, add up to; NaN if an example was refused, or if a
        result or a sum is no finite number."""
        return self._code(self._address, self._is_long)

    def refused(self) -> list[int]:
        """The examples that a row refused in the last run, or whose results are no finite numbers."""
        import numpy

        if self.fixed[self._code.refused]:
            return list(range(self.count))
        bad = (self.found[0] != 0.0) | ~numpy.isfinite(self.found[1:]).all(axis=0)
        return numpy.flatnonzero(bad).tolist()

    def result(self, columns: Columns, parameters: Any, seed: float = 1.0) -> Run:
        """What a batch of this size gives; the arrays in it are its own. Parameters are numbers, or a tuple of nodes."""
        for row, column in zip(self.given, columns.inputs, strict=True):
            row[:] = column
        load(self.parameters, self.parameters_at, parameters)
        self.seed(seed)
        refused = [] if math.isfinite(self.run()) else self.refused()
        return Run(list(self.found[1:].copy()), refused, self.sums.tolist())


def load(array: Any, at: int, parameters: Any) -> None:
    """Set the numbers of an array at this address to some numbers, or to the data of a tuple of nodes."""
    if type(parameters) is not tuple:
        array[:] = parameters
        return
    read = in_c("read_data")
    if read is None:
        array[:] = list(map(DATA.__get__, parameters))
    else:
        read(parameters, at)


def aligned(rows: int, count: int) -> Any:
    """An array of this shape; each row begins at a multiple of 64 bytes, unless there is less in it."""
    import numpy

    apart = -(-count // 8) * 8 if count > 8 else count
    whole = numpy.zeros(max(rows, 1) * apart + 8)
    first = (-whole.ctypes.data // 8) % 8
    return whole[first : first + max(rows, 1) * apart].reshape(-1, apart)[:rows, :count]
