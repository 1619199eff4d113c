"""Alike instructions of a tape gathered into steps over whole blocks: a layer of neurons becomes one product of matrices.

A *block* is an array of rows, one for each instruction that was gathered, and a column for each example; a block that no input
moves has one column. Instructions are gathered where they have the same row and the same depth, sums of products where one factor
of each product is the same row by row, so that the others form a matrix. Only the order of sums changes.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from autograd import ops
from autograd.compiling.tape import CONSTANT, FLOW, INPUT, ITEM, PARAMETER, ROW, SEED, SLOPES, TOTAL, Tape
from autograd.compiling.tracing import trace
from autograd.ops import Op

__all__ = ["CERTIFIED", "GATED", "LINEAR", "Block", "Grouping", "Terms", "terms_of"]

LEAVES = (CONSTANT, INPUT, PARAMETER, SEED)
LINEAR = "linear"  # a matrix of numbers that no input moves, times rows
CERTIFIED = "certified"  # the same, each sum rounded once; the slots are those of the row
PRODUCTS = (-1.0, 2.0, 3.0)  # exponents of powers that have their own code
GATED = "gated"  # an adjoint times one of the partials that a row computes, with its gate


class Terms(NamedTuple):
    """A sum of products of operands and of operands, over a number: their places among the operands."""

    pairs: tuple[tuple[int, int], ...]
    alone: tuple[int, ...]
    divisor: float = 1.0


Shape = tuple[int, int, float]  # how many pairs, how many operands alone, and the divisor


class Parts(NamedTuple):
    """An instruction: its kind, the places that it reads, what it is, and the shape of a sum of products.

    Such a sum reads the factors of its pairs, one pair after the other, then the operands alone.
    """

    kind: str
    operands: tuple[int, ...]
    what: Any
    shape: Shape | None


class Block(NamedTuple):
    """Alike instructions: what they are, and for each slot of theirs the places of its rows."""

    kind: str
    what: Any
    members: tuple[int, ...]  # the places on the tape, one a row
    slots: tuple[tuple[int, ...], ...]  # for each operand one place a row; of LINEAR see `matrix`
    moves: bool  # whether an input moves it: one column for each example, else one column
    matrix: tuple[tuple[int, ...], ...] = ()  # of LINEAR for each row the factors of the places in slots[0]; slots[1:] are added
    inputs: tuple[int, ...] = ()  # of CERTIFIED the places that the matrix multiplies, the same for all members


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
    no products of matrices, and `certifies` makes those whose sums are rounded once.
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
        certifies: bool = False,
    ) -> None:
        self.certifies = certifies
        self.tape, self.exact, self.gathers_slopes, self.single = tape, exact, gathers_slopes, single
        self.where: dict[int, tuple[int, int]] = {}  # for each place the number of its block and of its row
        self.blocks: list[Block] = []
        self._parts: dict[int, Parts] = {}
        self.moves: dict[int, bool] = {}
        self._gather([*roots, *[x for place in sums for x in self.factors(place)]])

    def factors(self, place: int) -> tuple[int, ...]:
        """The places whose product this is; itself if it is no product."""
        kind, operands, _ = self.tape.instructions[place]
        return operands if kind == FLOW and self.tape.instructions[operands[1]].kind != ITEM else (place,)

    def _taken_apart(self, place: int) -> Parts:
        """What the instruction is here."""
        kind, operands, what = self.tape.instructions[place]
        if kind == FLOW and self.tape.instructions[operands[1]].kind == ITEM:
            _, slopes, which = self.tape.instructions[operands[1]]
            return Parts(GATED, (operands[0], *slopes), which, None)
        if self.exact or kind not in (TOTAL, ROW):
            return Parts(kind, operands, what, None)
        if kind == TOTAL:
            products = [self.factors(x) for x in operands]
            pairs = [x for product in products if len(product) == 2 for x in product]
            alone = [product[0] for product in products if len(product) == 1]
            return Parts(TOTAL, (*pairs, *alone), what, (len(pairs) // 2, len(alone), 1.0))
        terms = terms_of(what.row, len(operands))
        if terms is None:
            return Parts(ROW, operands, what, None)
        flat = [operands[i] for pair in terms.pairs for i in pair] + [operands[i] for i in terms.alone]
        return Parts(TOTAL, tuple(flat), None, (len(terms.pairs), len(terms.alone), terms.divisor))

    def _gather(self, roots: Iterable[int]) -> None:
        parts, moves, waiting = self._parts, self.moves, list(roots)
        while waiting:
            place = waiting.pop()
            if place not in parts:
                parts[place] = found = self._taken_apart(place)
                waiting += found.operands
        depths: dict[int, int] = {}
        alike: dict[Any, list[int]] = {}
        for place in sorted(parts):
            kind, operands, _, _ = parts[place]
            if operands:
                moves[place] = True in map(moves.__getitem__, operands)
                depth = 1 + max(map(depths.__getitem__, operands))
            else:
                moves[place], depth = kind == INPUT, 1
            depths[place] = depth
            alike.setdefault((depth, self._signature(place)), []).append(place)
        for (_, _), members in sorted(alike.items(), key=lambda entry: (entry[0][0], entry[1][0])):
            self._add(members)

    def _signature(self, place: int) -> Any:
        """What instructions of one depth must have in common to be gathered."""
        kind, operands, what, shape = self._parts[place]
        is_certain, moves = place in self.tape.certain, self.moves[place]
        if kind in LEAVES:
            return kind, moves, is_certain
        if kind == ROW:
            exponent = self.tape.number(operands[1]) if what.row is ops.pow else None
            special = exponent if exponent in PRODUCTS else None
            return kind, moves, is_certain, id(what.row), len(operands), _written(what.parameters), special
        if kind in (SLOPES, GATED) and not self.gathers_slopes:
            return kind, place
        if kind == SLOPES:
            return kind, moves, is_certain, id(what.row), len(operands), _written(what.parameters), what.active
        if kind != TOTAL:
            return kind, moves, is_certain, what
        if shape is not None and self._is_linear(operands, shape):
            return LINEAR, moves, shape, tuple([y if self.moves[y] else x for x, y in _pairs(operands, shape)])
        return kind, moves, is_certain, shape or len(operands)

    def _is_linear(self, operands: tuple[int, ...], shape: Shape) -> bool:
        """Whether no input moves one factor of each product of a sum of two or more."""
        moves = self.moves
        return shape[0] >= 2 and not self.single and not any(moves[x] and moves[y] for x, y in _pairs(operands, shape))

    def _add(self, members: Sequence[int]) -> None:
        kind, operands, what, shape = self._parts[members[0]]
        moves = self.moves
        if shape is not None and self._is_linear(operands, shape):
            pairs = list(_pairs(operands, shape))
            rows = tuple([y if moves[y] else x for x, y in pairs])
            matrix = tuple(
                [tuple([x if moves[y] else y for x, y in _pairs(self._parts[place].operands, shape)]) for place in members]
            )
            added = zip(*[self._parts[place].operands[2 * shape[0] :] for place in members], strict=True)
            block = Block(LINEAR, shape[2], tuple(members), (rows, *added), moves[members[0]], matrix)
        else:
            members = self._aligned(members)
            slots = tuple(zip(*[self._parts[place].operands for place in members], strict=True))
            if shape is not None:
                what = shape[0], shape[2]
            elif kind in (CONSTANT, INPUT, PARAMETER):
                what = tuple([self._parts[place].what for place in members])
            block = self._certified(Block(kind, what, tuple(members), slots, moves[members[0]]))
        for row, place in enumerate(members):
            self.where[place] = len(self.blocks), row
        self.blocks.append(block)

    def _aligned(self, members: Sequence[int]) -> Sequence[int]:
        """The members in the order of the rows that they read first, so that blocks read each other row by row."""
        if len(members) == 1:
            return members
        for slot in zip(*[self._parts[place].operands for place in members], strict=True):
            rows = [self.where[x] for x in slot]
            if len(set(rows)) == len(rows):
                return [place for _, place in sorted(zip(rows, members, strict=True))]
        return members

    def _certified(self, block: Block) -> Block:
        """The block as CERTIFIED, if it is affine functions of the same inputs by numbers that no input moves."""
        if not self.certifies or block.kind != ROW or not block.moves or block.what.row is not ops.affine:
            return block
        pairs, (bias,), _ = terms_of(ops.affine, len(block.slots))  # type: ignore[misc]  # it has terms
        moving = [j if self.moves[block.slots[j][0]] else i for i, j in pairs]
        fixed = [i + j - k for (i, j), k in zip(pairs, moving, strict=True)]
        if any(self.moves[x] for k in (*fixed, bias) for x in block.slots[k]) or any(len(set(block.slots[k])) > 1 for k in moving):
            return block
        matrix = tuple(zip(*[block.slots[k] for k in fixed], strict=True))
        return block._replace(kind=CERTIFIED, matrix=matrix, inputs=tuple([block.slots[k][0] for k in moving]))


def _pairs(operands: tuple[int, ...], shape: Shape) -> Iterator[tuple[int, int]]:
    """The pairs of a sum of products."""
    end = 2 * shape[0]
    return zip(operands[:end:2], operands[1:end:2], strict=True)


def _written(parameters: Mapping[str, Any]) -> Any:
    """The parameters of a row, as a part of a signature."""
    return repr(sorted(parameters.items())) if parameters else ""
