"""Where a compiled program keeps its numbers, and in which order its blocks run.

A place that an input moves has a row of the workspace, a lane for each example; any other has one number in `fixed`, after the
parameters. Element-wise blocks that follow each other member by member are one loop, and short blocks that follow each other are
straight code: what only that step needs has no row.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from autograd.compiling.grouping import GATED, LINEAR, Block, Grouping
from autograd.compiling.tape import CHOOSE, COMPARE, CONSTANT, FLOW, INPUT, PARAMETER, ROW, SEED, SLOPES, TOTAL, Tape

__all__ = ["Layout", "Step", "Where"]

LOOPS = (ROW, COMPARE, CHOOSE, FLOW, GATED, TOTAL)
LEAVES = (INPUT, PARAMETER, CONSTANT, SEED)
SHORT = 3  # members of a block that is no loop
LONG = 24  # operands of a total that is a loop over them
BLOCKS = 16  # in one loop: so their numbers stay in registers
INSTRUCTIONS = 400  # of straight code in one function: so LLVM takes time in proportion


class Where(NamedTuple):
    """A row of the workspace, or a number in `fixed`."""

    moves: bool
    number: int


class Step:
    """Blocks that run as one: a loop over their members, straight code, or one block by itself."""

    def __init__(self, *blocks: Block) -> None:
        self.blocks = list(blocks)
        self.room = 1.0  # the part that is free

    def add(self, block: Block) -> None:
        """Add a block of the kind of the others."""
        self.blocks.append(block)
        length = len(block.members) * max(1, len(block.slots) - 1)
        self.room -= length / INSTRUCTIONS if self.is_straight else 1 / BLOCKS if kind_of(block) else 1.0

    @property
    def is_straight(self) -> bool:
        return kind_of(self.blocks[0]) == SHORT

    @property
    def moves(self) -> bool:
        return self.blocks[0].moves


def kind_of(block: Block) -> int:
    """SHORT for straight code; the number of iterations of a loop that others may share; 0 for a block by itself."""
    count = len(block.members)
    if is_long(block) or block.kind not in (*LOOPS, SLOPES):
        return 0
    return SHORT if count <= SHORT else count if block.kind in LOOPS else 0


def is_long(block: Block) -> bool:
    """Whether a total is a loop over its operands, since they are many."""
    return block.kind == TOTAL and len(block.slots) > LONG


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
        self.steps = self._gathered()
        stored = {id(block) for step in self.steps for block in self._stored(step)}
        for block in grouping.blocks:
            if block.kind in LEAVES or id(block) in stored:
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

    def _all_readers(self, kept: Sequence[int]) -> dict[int, dict[int, bool]]:
        """For each block the numbers of the blocks that read it, and whether each reads it member by member; −1 is whoever reads it
        at the end."""
        found: dict[int, dict[int, bool]] = {}
        for number, block in enumerate(self.grouping.blocks):
            for slot in (*block.slots, *block.matrix):
                first = self.grouping.where[slot[0]][0]
                if slot == self.grouping.blocks[first].members:
                    found.setdefault(first, {}).setdefault(number, True)
                else:
                    for other in {self.grouping.where[place][0] for place in slot}:
                        found.setdefault(other, {})[number] = False
        for place in kept:
            found.setdefault(self.grouping.where[place][0], {})[-1] = False
        return found

    def _gathered(self) -> list[Step]:
        """The steps in order: each block joins the last one that comes before all that read it, if it can.

        So what a sweep needs of a layer is computed where it is needed, and not kept until then.
        """
        steps: list[Step] = []  # from the last to the first
        places: dict[int, int] = {}  # of the step of each block
        partly: dict[tuple[int, bool], list[int]] = {}  # steps that have room, by kind
        for number in reversed(range(len(self.grouping.blocks))):
            block = self.grouping.blocks[number]
            if block.kind in LEAVES:
                continue
            kind = kind_of(block)
            first = 0
            for other, is_member_by_member in self._readers.get(number, {}).items():
                if other in places and self.grouping.blocks[other].moves == block.moves:  # what no input moves comes first
                    step = steps[places[other]]
                    joins = step.is_straight if kind == SHORT else is_member_by_member and kind_of(step.blocks[0]) == kind > 0
                    first = max(first, places[other] + (not joins))
            fitting = partly.setdefault((kind, block.moves), [])
            k = bisect_left(fitting, first)
            if k == len(fitting):
                fitting.append(len(steps))
                steps.append(Step())
            places[number], step = fitting[k], steps[fitting[k]]
            step.add(block)
            if step.room <= 0:
                del fitting[k]
        for step in steps:
            step.blocks.reverse()
        return steps[::-1]

    def _stored(self, step: Step) -> Iterator[Block]:
        """The blocks of a step that others read too, or that are no numbers of a loop."""
        numbers = [self.grouping.where[block.members[0]][0] for block in step.blocks]
        inside = set(numbers)
        for number, block in zip(numbers, step.blocks, strict=True):
            if not self._readers.get(number, {-1: False}).keys() <= inside or not (step.is_straight or block.kind in LOOPS):
                yield block


assert LINEAR not in LOOPS
