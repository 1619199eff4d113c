"""A tape run on columns of numbers with NumPy: blocks of alike instructions, a row for each, and a column for each example.

Functions are NumPy's own, a few units in the last place from those of `math`; rows that NumPy lacks are run from their typed form.
An example at which a row would raise is marked, and is left to the graph of nodes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd.compiling.columns import Columns
from autograd.compiling.grouping import GATED, LINEAR, Block, Grouping
from autograd.compiling.interpreter import Run
from autograd.compiling.rows import OnArrays, slopes_on_arrays, value_on_arrays
from autograd.compiling.tape import CHOOSE, COMPARE, CONSTANT, FLOW, INPUT, PARAMETER, RELATIONS, ROW, SEED, SLOPES, TOTAL, Tape

__all__ = ["Batches"]

Gather = Callable[[Sequence[Any]], Any]  # from the arrays of the blocks so far to the rows of one slot


class Step(NamedTuple):
    """A block that is ready to run."""

    block: Block
    run: OnArrays  # of the gathered slots
    slots: list[Gather]
    is_certain: bool


class Products(NamedTuple):
    """Products of rows of two blocks, or rows of one block, each to be summed over the examples."""

    blocks: tuple[int, ...]
    rows: tuple[Any, ...]  # for each of the blocks the rows, an array of indices
    targets: Any  # for each product the number of the sum that it belongs to


class Batches:
    """The instructions that some places of a tape depend on, ready to run on columns.

    `sums` are lists of places of which only the sum over all examples is wanted.
    """

    def __init__(self, tape: Tape, roots: Sequence[int], sums: Sequence[Sequence[int]] = ()) -> None:
        grouping = Grouping(tape, roots, [place for places in sums for place in places])
        self.where, self.count = grouping.where, len(sums)
        self.roots = [self.where[root] for root in roots]
        self.kinds = [block.kind for block in grouping.blocks]
        self.steps = [
            Step(block, self._function(block), list(map(self._gather, block.slots)), block.members[0] in tape.certain)
            for block in grouping.blocks
        ]
        self.moves = [block.moves for block in grouping.blocks]
        self.products = self._products(grouping, sums)

    def run(self, columns: Columns, parameters: Sequence[float], seed: float = 1.0, start: Sequence[float] | None = None) -> Run:
        """The columns at the roots, and the sums, which begin at `start`; an example whose result is no finite number is refused
        too."""
        import numpy

        leaves = {
            INPUT: [x if type(x) is float else numpy.asarray(x, dtype=float) for x in columns.inputs],
            PARAMETER: numpy.asarray(parameters, dtype=float),
            SEED: numpy.array([[seed]]),
        }
        with numpy.errstate(all="ignore"):
            arrays, refused = self._arrays(leaves, columns.size)
            found = [numpy.array(numpy.broadcast_to(arrays[block][row], columns.size)) for block, row in self.roots]
            sums = self._sums(arrays, columns.size, start)
        for column in found:
            refused = refused | ~numpy.isfinite(column)
        return Run(found, numpy.flatnonzero(numpy.broadcast_to(refused, columns.size)).tolist(), sums)

    def _arrays(self, leaves: dict[str, Any], count: int) -> tuple[list[Any], Any]:
        """The array of every block, and for each example whether a row refused it."""
        import numpy

        arrays: list[Any] = []
        bad: dict[int, Any] = {}  # of blocks that are not certain, where they have no number
        refused: Any = False
        for number, (block, run, slots, is_certain) in enumerate(self.steps):
            if block.kind == INPUT:
                arrays.append(numpy.stack([numpy.broadcast_to(leaves[INPUT][k], count) for k in block.what]))
                continue
            if block.kind in (PARAMETER, SEED):
                arrays.append(leaves[PARAMETER][list(block.what), None] if block.kind == PARAMETER else leaves[SEED])
                continue
            given = [slot(arrays) for slot in slots]
            made, failed = run(given) if block.kind != LINEAR else run([*given, arrays])
            arrays.append(made)
            if bad:
                failed = failed | _inherited(block, given, [slot(_masks(bad, arrays)) for slot in slots])
            if failed is not False and failed.any():
                if is_certain:
                    refused = refused | failed.any(axis=0)
                else:
                    bad[number] = failed
        for block_number, row in self.roots:
            refused = refused | (bad[block_number][row] if block_number in bad else False)
        return arrays, refused

    def _sums(self, arrays: Sequence[Any], count: int, start: Sequence[float] | None) -> list[float]:
        """Each product summed over the examples, added up for each target."""
        import numpy

        sums = numpy.zeros(self.count) if start is None else numpy.array(start)
        for blocks, rows, targets in self.products:
            if len(blocks) == 1:
                (array,) = [arrays[x] for x in blocks]
                each = array.sum(axis=1) if self.moves[blocks[0]] else count * array[:, 0]
                numpy.add.at(sums, targets, each[rows[0]])
                continue
            factors = [arrays[x] for x in blocks]
            moving = [self.moves[x] for x in blocks]
            if all(moving):
                numpy.add.at(sums, targets, (factors[0] @ factors[1].T)[rows])
                continue
            a, b = [x.sum(axis=1) if moves else x[:, 0] for x, moves in zip(factors, moving, strict=True)]
            numpy.add.at(sums, targets, (1.0 if any(moving) else count) * a[rows[0]] * b[rows[1]])
        return sums.tolist()

    # ---------------------------------------------------------------------------------------------------------- planning

    def _gather(self, places: Sequence[int]) -> Gather:
        """A function that gathers the rows of these places; without a copy where they stand together."""
        import numpy

        found = [self.where[place] for place in places]
        (number, first), rows = found[0], [row for _, row in found]
        if self.kinds[number] == SLOPES:
            return lambda arrays: arrays[number]  # a list of gates
        if len({block for block, _ in found}) > 1:
            pieces = [self._gather([place]) for place in places]
            return lambda arrays: numpy.concatenate(numpy.broadcast_arrays(*[piece(arrays) for piece in pieces]))
        if rows == list(range(first, first + len(rows))):
            return lambda arrays: arrays[number][first : first + len(rows)]
        if len(set(rows)) == 1:
            return lambda arrays: arrays[number][first : first + 1]
        index = numpy.array(rows)
        return lambda arrays: arrays[number][index]

    def _function(self, block: Block) -> OnArrays:
        """What computes a block from its slots, and where it has no number."""
        import numpy

        kind, what = block.kind, block.what
        if kind == ROW:
            return value_on_arrays(what, len(block.slots))
        if kind == SLOPES:
            return slopes_on_arrays(what)
        if kind == LINEAR:
            matrix = self._gather([place for row in block.matrix for place in row])
            return functools.partial(_linear, matrix, (len(block.members), len(block.slots[0])), what)
        functions: dict[str, Callable[[Sequence[Any]], Any]] = {
            CONSTANT: lambda given: numpy.array([[0.0 if x is None else x] for x in what]),
            COMPARE: lambda given: RELATIONS[what](*given),
            CHOOSE: lambda given: numpy.where(*given),
            FLOW: lambda given: given[0] * given[1],
            GATED: lambda given: numpy.where(given[1][what].closed, 0.0, given[0] * given[1][what].partials),
            TOTAL: lambda given: _total(given, *what),
        }
        made = functions.get(kind)
        return (lambda given: (made(given), False)) if made is not None else lambda given: (None, False)

    def _products(self, grouping: Grouping, sums: Sequence[Sequence[int]]) -> list[Products]:
        import numpy

        alike: dict[tuple[int, ...], list[tuple[tuple[int, ...], int]]] = {}
        for target, places in enumerate(sums):
            for place in places:
                found = [self.where[x] for x in grouping.factors(place)]
                blocks, rows = tuple([block for block, _ in found]), tuple([row for _, row in found])
                alike.setdefault(blocks, []).append((rows, target))
        return [
            Products(blocks, tuple(map(numpy.array, zip(*[rows for rows, _ in each], strict=True))), [k for _, k in each])
            for blocks, each in alike.items()
        ]


def _linear(matrix: Gather, shape: tuple[int, int], divisor: float, given: Sequence[Any]) -> tuple[Any, Any]:
    """A matrix times the rows of the first slot, and the other slots."""
    import numpy

    rows, *added, arrays = given
    numbers = numpy.broadcast_to(matrix(arrays)[:, 0], shape[0] * shape[1])  # one, where all of them are the same
    y = numbers.reshape(shape) @ numpy.broadcast_to(rows, (shape[1], rows.shape[1]))  # one, where all are the same
    for x in added:
        y = y + x
    return (y if divisor == 1.0 else y / divisor), False


def _total(given: Sequence[Any], pairs: int, divisor: float) -> Any:
    """The products of so many pairs of slots, and the other slots, added up."""
    total: Any = 0.0
    for k in range(pairs):
        total = total + given[2 * k] * given[2 * k + 1]
    for x in given[2 * pairs :]:
        total = total + x
    return total if divisor == 1.0 else total / divisor


def _masks(bad: dict[int, Any], arrays: Sequence[Any]) -> list[Any]:
    """For each block where it has no number."""
    import numpy

    good = numpy.zeros((1, 1), dtype=bool)
    return [
        bad.get(number, good) if isinstance(array, list) else numpy.broadcast_to(bad.get(number, good), array.shape)
        for number, array in enumerate(arrays)
    ]


def _inherited(block: Block, given: Sequence[Any], bad: Sequence[Any]) -> Any:
    """Where an operand that counts has no number."""
    import numpy

    if block.kind == CHOOSE:
        return bad[0] | numpy.where(given[0], bad[1], bad[2])
    if block.kind in (FLOW, GATED):
        return (bad[0] | bad[1]) & (given[0] != 0.0)
    return functools.reduce(numpy.logical_or, bad, False)
