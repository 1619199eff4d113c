"""The arrays that machine code reads and writes for a number of examples, and the block of their addresses that it is given.

Rows of examples begin at multiples of 64 bytes; those of a single example are numbers, one after the other. A frame is for one call
at a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd.compiling.columns import Columns
from autograd.compiling.compiled import Compiled
from autograd.compiling.crews import WIDEST, Crew, shard_of
from autograd.compiling.interpreter import Run
from autograd.compiling.printing import BLOCK
from autograd.engine import in_c
from autograd.value import DATA

__all__ = ["Frame", "aligned", "load"]

ROOM = 1 << 16  # of the pool of arrays, for rows that take lists
LONG = 200_000  # numbers that are read: from here on, some 50 µs, the interpreter's lock is released


class Block:
    """The block of a run: the addresses of its arrays, which it keeps alive, and its whole numbers."""

    def __init__(self, **arrays: Any) -> None:
        import numpy

        self._numbers = numpy.zeros(len(BLOCK), dtype=numpy.int64)
        self.at: int = self._numbers.ctypes.data
        self.fixed, self.kept = arrays["fixed"], list(arrays.values())
        self.set(**{name: array.ctypes.data for name, array in arrays.items()})

    def set(self, **numbers: int) -> None:
        """Set fields of the block."""
        for name, x in numbers.items():
            self._numbers[BLOCK.index(name)] = x

    def seed(self, seed: float, divisor: float) -> None:
        """Set the two that are floats."""
        numbers = self._numbers.view(float)
        numbers[BLOCK.index("seed")], numbers[BLOCK.index("divisor")] = seed, divisor


class Frame:
    """What one caller has for one program: the inputs, a row for each, and all that a run needs and gives."""

    def __init__(self, code: Compiled, inputs: int, count: int, like: Frame | None = None, threads: int = 1) -> None:
        import numpy

        self._code, self.count = code, count
        self.given = aligned(inputs, count)
        self.fixed: Any = numpy.array(code.fixed) if like is None or like._code is not code else like.fixed
        self._mine: Any = self.fixed[: code.parameters]
        self.parameters: Any = self._mine if like is None else like.parameters
        self._shares = like is None or like.fixed is self.fixed
        self.parameters_at: int = self.parameters.ctypes.data
        self.sums: Any = numpy.zeros(code.sums) if like is None else like.sums
        self._start = numpy.zeros(code.sums)
        self.found = aligned(code.roots + 1, count)  # the refused examples, and the roots
        self._shard = shard_of(count) if code.has_shards else count
        self._block = self._room(self.fixed, self.sums, self._start)
        self._address = self._block.at
        self._is_long = count * (code.rows + 2 * len(self.fixed)) > LONG
        threads = min(threads, -(-count // self._shard))
        self._blocks: list[Block] = []
        self._crew = self._crew_of(threads) if threads > 1 and self._is_long else None
        self._seeds: Any = None
        self.seed()

    def _room(self, fixed: Any, sums: Any, start: Any) -> Block:
        """A block with a separate workspace."""
        import numpy

        most, gap = (1, 0) if self._code.single else (min(WIDEST, -(-self.count // 16) * 16), 8)
        work = aligned(self._code.rows, most + gap)  # so that rows do not share the places of the first cache
        numbers = numpy.empty(ROOM)
        pool = numpy.array([0, ROOM, numbers.ctypes.data], dtype=numpy.int64)
        partial = numpy.zeros(self._code.sums) if self._shard < self.count else sums
        block = Block(
            inputs=self.given, fixed=fixed, work=work, results=self.found, pool=pool, sums=sums, start=start, partial=partial
        )
        block.kept.append(numbers)
        block.set(first=0, end=self.count, most=most, shard=self._shard)
        block.set(apart=distance(self.given), stride=distance(work), between=distance(self.found))
        return block

    def _crew_of(self, threads: int) -> Crew:
        """Threads with a block each, which run shards into partial sums."""
        import numpy

        zeros = numpy.zeros(self._code.sums)
        self._blocks = [self._room(numpy.array(self.fixed), zeros, zeros) for _ in range(threads)]

        def member(block: Block) -> Callable[[int, int, Any], float]:
            def run(first: int, end: int, partial: Any) -> float:
                block.set(first=first, end=end, sums=partial.ctypes.data)
                return self._code(block.at, True)

            return run

        return Crew(list(map(member, self._blocks)), self.count, self._shard, self._code.sums)

    def seed(self, seed: float = 1.0, divisor: float = 1.0, start: Sequence[float] | None = None) -> None:
        """Set the adjoint of each result, what the sum of the results is divided by, and the numbers that the sums begin with."""
        seeds = seed, divisor, None if start is None else tuple(start)
        if self._seeds == seeds:
            return
        self._seeds = seeds
        self._block.seed(seed, divisor)
        self._divisor = divisor
        for block in self._blocks:
            block.seed(seed, 1.0)
        self._start[:] = 0.0 if start is None else start

    def run(self) -> float:
        """Run the program: what the first results, divided by the divisor, add up to; NaN if an example was refused, or if a
        result or a sum is no finite number."""
        if not self._shares:
            self._mine[:] = self.parameters
        if self._crew is not None:
            return self._in_threads(self._crew)
        return self._code(self._address, self._is_long)

    def _in_threads(self, crew: Crew) -> float:
        import numpy

        for block in self._blocks:
            block.fixed[: self._code.parameters] = self.parameters
        total = crew.run(self._start, self.sums) / self._divisor
        refused = self._code.refused
        self.fixed[refused] = max([block.fixed[refused] for block in self._blocks])
        return total if numpy.isfinite(self.sums).all() else math.nan

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


def distance(array: Any) -> int:
    """Of the rows of an array, in numbers."""
    return array.strides[0] // 8  # type: ignore[no-any-return]
