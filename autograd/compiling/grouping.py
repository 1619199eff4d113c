"""Alike instructions of a tape gathered into steps over whole blocks: a layer of neurons becomes one product of matrices.

A *block* is an array of rows, one for each instruction that was gathered, and a column for each example; a block that no input
moves has one column. Instructions are gathered where they have the same row and the same depth, sums of products where one factor
of each product is the same row by row, so that the others form a matrix. Only the order of sums changes.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from autograd import ops
from autograd.compiling.tape import CONSTANT, FLOW, INPUT, ITEM, PARAMETER, ROW, SEED, SLOPES, TOTAL, Tape
from autograd.compiling.tracing import trace
from autograd.ops import Op

__all__ = ["GATED", "LINEAR", "Block", "Grouping", "Terms", "terms_of"]

LINEAR = "linear"  # a matrix of numbers that no input moves, times rows
PRODUCTS = (-1.0, 2.0, 3.0)  # exponents of powers that have their own code
GATED = "gated"  # an adjoint times one of the partials that a row computes, with its gate


class Terms(NamedTuple):
    """A sum of products of operands and of operands, over a number: their places among the operands."""

    pairs: tuple[tuple[int, int], ...]
    alone: tuple[int, ...]
    divisor: float = 1.0


class Block(NamedTuple):
    """Alike instructions: what they are, and for each slot of theirs the places of its rows."""

    kind: str
    what: Any
    members: tuple[int, ...]  # the places on the tape, one a row
    slots: tuple[tuple[int, ...], ...]  # for each operand one place a row; of LINEAR see `matrix`
    moves: bool  # whether an input moves it: one column for each example, else one column
    matrix: tuple[tuple[int, ...], ...] = ()  # of LINEAR for each row the factors of the places in slots[0]; slots[1:] are added


@functools.lru_cache(maxsize=1024)
def terms_of(row: Op, count: int) -> Terms | None:
    """The terms of a row whose decomposition is a sum of operands and of products of two; None for other rows.

    >>> from autograd.ops import affine
    >>> terms_of(affine, 5)  # w₁ w₂ x₁ x₂ b
    Terms(pairs=((0, 2), (1, 3)), alone=(4,), divisor=1.0)
    """
    if not row.plain or not row.trusted or row.decomposition is None:
        return None
    tape, (root,), _ = trace(row.decomposition, [tuple(range(count))])
    return _terms(tape, root)


def _terms(tape: Tape, root: int) -> Terms | None:
    """The terms of what is there; the order is that of the sum."""
    divisor, pairs, alone = 1.0, list[tuple[int, int]](), list[int]()
    waiting = [root]
    while waiting:
        kind, operands, what = tape.instructions[waiting.pop()]
        row = what.row if kind == ROW else None
        leaves = [tape.instructions[x].what for x in operands if tape.instructions[x].kind == INPUT]
        if kind == INPUT:
            alone.append(what)
        elif row is ops.mul and len(leaves) == 2:
            pairs.append((leaves[0], leaves[1]))
        elif row is ops.add or row is ops.sum:
            waiting += reversed(operands)
        elif row is ops.div and not waiting and not pairs and not alone and (by := tape.number(operands[1])) is not None:
            divisor *= by
            waiting.append(operands[0])
        else:
            return None
    return Terms(tuple(pairs), tuple(alone), divisor)


class Grouping:
    """The blocks that compute some places of a tape, each after those that it needs.

    `sums` are places of which only the sum over the examples is asked; a product among them is never computed example by example.
    `exact` keeps rows and sums as they are on the tape; `gathers_slopes` gathers alike slopes too; `single`, for one example, makes
    no products of matrices.
    """

    def __init__(
        self,
        tape: Tape,
        roots: Sequence[int],
        sums: Iterable[int] = (),
        *,
        exact: bool = False,
        gathers_slopes: bool = False,
        single: bool = False,
    ) -> None:
        self.tape, self.exact, self.gathers_slopes, self.single = tape, exact, gathers_slopes, single
        self.where: dict[int, tuple[int, int]] = {}  # for each place the number of its block and of its row
        self.blocks: list[Block] = []
        self.moves: dict[int, bool] = {}
        self._gather([*roots, *[x for place in sums for x in self.factors(place)]])

    def factors(self, place: int) -> tuple[int, ...]:
        """The places whose product this is; itself if it is no product."""
        return self.tape.instructions[place].operands if self._kind(place) == FLOW and not self.exact else (place,)

    def _kind(self, place: int) -> str:
        """The kind of the instruction, or GATED."""
        kind, operands, _ = self.tape.instructions[place]
        return GATED if kind == FLOW and self.tape.instructions[operands[1]].kind == ITEM else kind

    def terms(self, place: int) -> tuple[list[tuple[int, int]], list[int], float] | None:
        """The pairs, the places alone and the divisor of a sum of products."""
        kind, operands, what = self.tape.instructions[place]
        if self.exact:
            return None
        if kind == TOTAL:
            parts = [self.factors(x) for x in operands]
            return [(a, b) for a, b in [p for p in parts if len(p) == 2]], [p[0] for p in parts if len(p) == 1], 1.0
        made = terms_of(what.row, len(operands)) if kind == ROW else None
        if made is None:
            return None
        return [(operands[i], operands[j]) for i, j in made.pairs], [operands[i] for i in made.alone], made.divisor

    def _operands(self, place: int) -> tuple[int, ...]:
        terms = self.terms(place)
        operands = self.tape.instructions[place].operands
        if self._kind(place) == GATED:
            return operands[0], *self.tape.instructions[operands[1]].operands
        if terms is None:
            return operands
        return tuple([x for pair in terms[0] for x in pair] + terms[1])

    def _gather(self, roots: Iterable[int]) -> None:
        needed: set[int] = set()
        waiting = list(roots)
        while waiting:
            place = waiting.pop()
            if place not in needed:
                needed.add(place)
                waiting += self._operands(place)
        depths: dict[int, int] = {}
        alike: dict[Any, list[int]] = {}
        for place in sorted(needed):
            kind = self.tape.instructions[place].kind
            operands = self._operands(place)
            self.moves[place] = kind == INPUT or any(self.moves[x] for x in operands)
            depths[place] = 1 + max([depths[x] for x in operands], default=0)
            alike.setdefault((depths[place], self._signature(place)), []).append(place)
        for (_, _), members in sorted(alike.items(), key=lambda entry: (entry[0][0], entry[1][0])):
            self._add(self._aligned(members))

    def _aligned(self, members: Sequence[int]) -> Sequence[int]:
        """The members in the order of the rows that they read first, so that blocks read each other row by row."""
        for slot in zip(*map(self._operands, members), strict=False) if len(members) > 1 else ():
            rows = [self.where[x] for x in slot]
            if len(set(rows)) == len(rows):
                return [place for _, place in sorted(zip(rows, members, strict=True))]
        return members

    def _signature(self, place: int) -> Any:
        """What instructions of one depth must have in common to be gathered."""
        _, operands, what = self.tape.instructions[place]
        kind = self._kind(place)
        is_certain, moves = place in self.tape.certain, self.moves[place]
        linear = self._linear(place)
        if linear is not None:
            return LINEAR, moves, len(linear[2]), linear[1], linear[3]
        if kind == ROW:
            exponent = self.tape.number(operands[1]) if what.row is ops.pow else None
            special = exponent if exponent in PRODUCTS else None
            return kind, moves, is_certain, id(what.row), len(operands), tuple(sorted(what.parameters.items())), special
        if kind in (SLOPES, GATED) and not self.gathers_slopes:
            return kind, place
        if kind == SLOPES:
            return kind, moves, is_certain, id(what.row), len(operands), repr(sorted(what.parameters.items())), repr(what.active)
        if kind == GATED:
            return kind, moves, is_certain, self.tape.instructions[operands[1]].what
        terms = self.terms(place)
        shape = None if terms is None else (len(terms[0]), len(terms[1]), terms[2])
        if kind == TOTAL and shape is None:
            shape = len(operands), 0, 1.0
        return kind, moves, is_certain, what if kind not in (CONSTANT, INPUT, PARAMETER, SEED) else None, shape

    def _linear(self, place: int) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], float] | None:
        """Of a sum of products of which no input moves one factor: these factors, the others, what is added, the divisor."""
        terms = self.terms(place)
        if terms is None or len(terms[0]) < 2 or self.single:
            return None
        fixed, moving = [], []
        for a, b in terms[0]:
            if self.moves[a] and self.moves[b]:
                return None
            fixed.append(b if self.moves[a] else a)
            moving.append(a if self.moves[a] else b)
        return tuple(fixed), tuple(moving), tuple(terms[1]), terms[2]

    def _add(self, members: Sequence[int]) -> None:
        first = members[0]
        _, operands, what = self.tape.instructions[first]
        kind = self._kind(first)
        linear = [self._linear(place) for place in members]
        if linear[0] is not None:
            made = [x for x in linear if x is not None]
            added = zip(*[x[2] for x in made], strict=True)
            slots = (made[0][1], *added)
            block = Block(LINEAR, made[0][3], tuple(members), slots, self.moves[first], tuple([x[0] for x in made]))
        else:
            terms = self.terms(first)
            slots = tuple(zip(*[self._operands(place) for place in members], strict=True))
            if terms is not None:
                kind, what = TOTAL, (len(terms[0]), terms[2])
            elif kind == GATED:
                what = self.tape.instructions[operands[1]].what
            elif kind in (CONSTANT, INPUT, PARAMETER):
                what = tuple([self.tape.instructions[place].what for place in members])
            block = Block(kind, what, tuple(members), slots, self.moves[first])
        for row, place in enumerate(members):
            self.where[place] = len(self.blocks), row
        self.blocks.append(block)
