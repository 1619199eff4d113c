"""Where a compiled program keeps its numbers, and in which order its blocks run.

A place that an input moves has a row of the workspace, a lane for each example; any other has one number in `fixed`, after the
parameters. Element-wise blocks that follow each other member by member are one loop: what only that loop needs has no row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autograd.compiling.grouping import GATED, LINEAR, Block, Grouping
from autograd.compiling.tape import CHOOSE, COMPARE, CONSTANT, FLOW, INPUT, PARAMETER, ROW, SEED, SLOPES, TOTAL, Tape

__all__ = ["Layout", "Step", "Where"]

LOOPS = (ROW, COMPARE, CHOOSE, FLOW, GATED, TOTAL)


class Where(NamedTuple):
    """A row of the workspace, or a number in `fixed`."""

    moves: bool
    number: int


class Step:
    """Blocks that run as one."""

    def __init__(self, block: Block) -> None:
        self.blocks = [block]

    @property
    def is_loop(self) -> bool:
        return self.blocks[-1].kind in LOOPS


class Layout:
    """The places of a grouping: `where` each is, and the steps that compute them."""

    def __init__(self, tape: Tape, grouping: Grouping, kept: Sequence[int], parameters: int) -> None:
        self.tape, self.grouping = tape, grouping
        self.seed, self.one, self.zero, self.refused = range(parameters, parameters + 4)
        self.fixed: list[float] = [0.0] * parameters + [1.0, 1.0, 0.0, 0.0]  # the last is 1 where all examples are refused
        self.rows = 1  # in row 0 the examples that were refused
        self.where: dict[int, Where] = {}
        self.inputs: list[tuple[int, int]] = []  # the number of an input and its row
        self.spread: dict[int, int] = {}  # for some numbers in `fixed` a row that has them in every lane
        self._readers = self._all_readers(kept)
        self.steps = self._fused()
        stored = {id(block) for step in self.steps for block in step.blocks if self._is_stored(step, block)}
        for block in grouping.blocks:
            if block.kind in (INPUT, PARAMETER, CONSTANT, SEED) or id(block) in stored:
                self._place(block)

    def row_of(self, where: Where) -> int:
        """The row of a place; a number in `fixed` gets one, which is filled first."""
        if where.moves:
            return where.number
        if where.number not in self.spread:
            self.spread[where.number] = self.new_rows(1)
        return self.spread[where.number]

    def new_rows(self, count: int) -> int:
        self.rows += count
        return self.rows - count

    def new_fixed(self, count: int) -> int:
        self.fixed += [0.0] * count
        return len(self.fixed) - count

    def is_fused(self, step: Step, block: Block, places: Sequence[int]) -> bool:
        """Whether these operands are members of a block of the step itself."""
        number = self.grouping.where[places[0]][0]
        return any(self.grouping.blocks[number] is other for other in step.blocks) and self.grouping.blocks[number] is not block

    def _place(self, block: Block) -> None:
        width = sum(block.what.active or ()) if block.kind == SLOPES else 1
        if block.kind == PARAMETER:
            self.where |= {place: Where(False, k) for place, k in zip(block.members, block.what, strict=True)}
            return
        if block.kind == SEED:
            self.where |= {place: Where(False, self.seed) for place in block.members}
            return
        first = self.new_rows(width * len(block.members)) if block.moves else self.new_fixed(width * len(block.members))
        for r, place in enumerate(block.members):
            self.where[place] = Where(block.moves, first + width * r)
            if block.kind == CONSTANT:
                self.fixed[first + r] = 0.0 if block.what[r] is None else block.what[r]
            elif block.kind == INPUT:
                self.inputs.append((block.what[r], first + r))

    def _all_readers(self, kept: Sequence[int]) -> dict[int, set[int]]:
        """For each block the numbers of the blocks that read it; −1 is whoever reads it at the end."""
        found: dict[int, set[int]] = {}
        for number, block in enumerate(self.grouping.blocks):
            for places in (*block.slots, *block.matrix):
                for place in places:
                    found.setdefault(self.grouping.where[place][0], set()).add(number)
        for place in kept:
            found.setdefault(self.grouping.where[place][0], set()).add(-1)
        return found

    def _fused(self) -> list[Step]:
        """The steps in order: from the end, each block joins the first step that reads it, if it can."""
        order: list[Step] = []
        places: dict[int, int] = {}  # of the step of each block in `order`
        for number in reversed(range(len(self.grouping.blocks))):
            block = self.grouping.blocks[number]
            if block.kind in (INPUT, PARAMETER, CONSTANT, SEED):
                continue
            first = max([places[x] for x in self._readers.get(number, ()) if x >= 0], default=-1)
            if first >= 0 and self._joins(number, order[first]):
                order[first].blocks.insert(0, block)
                places[number] = first
            else:
                places[number] = len(order)
                order.append(Step(block))
        return order[::-1]

    def _joins(self, number: int, step: Step) -> bool:
        """Whether every block of the step that reads the block reads it member by member."""
        block = self.grouping.blocks[number]
        if block.kind not in LOOPS or not step.is_loop or len(step.blocks) > 12:
            return False
        if any(len(other.members) != len(block.members) or other.moves != block.moves for other in step.blocks):
            return False
        members = set(block.members)
        slots = [slot for other in step.blocks for slot in other.slots if not members.isdisjoint(slot)]
        return all(slot == block.members for slot in slots)

    def _is_stored(self, step: Step, block: Block) -> bool:
        number = self.grouping.where[block.members[0]][0]
        inside = {self.grouping.where[other.members[0]][0] for other in step.blocks}
        return not self._readers.get(number, {-1}) <= inside or block.kind not in LOOPS


assert LINEAR not in LOOPS
