"""A tape: a function of numbers as a list of instructions, operands first.

An instruction is one of these kinds:

    input       number k of an example                      parameter   number k of the nodes that a program learns
    constant    a float, or None, a closed gate             seed        ∂(result of the batch)/∂(result of the example)
    row         a row of the table, applied                 compare     left < right, or another of the six relations
    choose      its second operand where its first, a comparison, holds, else its third
    slopes      the partials of a row at its operands and result, a tuple
    item        number k of such a tuple                    flow        adjoint · partial; 0 through a closed gate
    total       0 + its operands, one after the other

The first four make up what a user's function computes; `tracing` records them, `sweep` appends the rest.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from autograd.calls import NO_PARAMETERS
from autograd.ops import Op

__all__ = [
    "CHOOSE",
    "COMPARE",
    "CONSTANT",
    "FLOW",
    "INPUT",
    "ITEM",
    "PARAMETER",
    "RELATIONS",
    "ROW",
    "SEED",
    "SLOPES",
    "TOTAL",
    "Applied",
    "Instruction",
    "Tape",
]

INPUT, PARAMETER, CONSTANT, SEED = "input", "parameter", "constant", "seed"
ROW, COMPARE, CHOOSE = "row", "compare", "choose"
RELATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
PLAIN = (int, str, type(None))  # of what an instruction is, where equal things are one
SLOPES, ITEM, FLOW, TOTAL = "slopes", "item", "flow", "total"


class Instruction(NamedTuple):
    """One step: its kind, the places of its operands on the tape, and what else it needs."""

    kind: str
    operands: tuple[int, ...] = ()
    what: Any = None  # the number k; the float; the relation; the `Applied` of a row or of its slopes


class Applied(NamedTuple):
    """A row with its parameters, and for its slopes which operands have one."""

    row: Op
    parameters: Mapping[str, Any] = NO_PARAMETERS
    active: tuple[bool, ...] | None = None


class Tape:
    """Instructions, each after its operands; the same instruction on the same operands is added once.

    `is_shared` false keeps every application of a row apart, as a graph of nodes does: the order of the sums in a sweep, and so
    their bits, are then those of the graph.

    An instruction is certain if it runs for every example; one that only a branch of a choice asks for, given to `where` as a
    function, counts only where that branch is taken.
    """

    def __init__(self, *, is_shared: bool = True) -> None:
        self.instructions: list[Instruction] = []
        self.is_shared = is_shared
        self.certain: set[int] = set()
        self.branches = 0  # how many branches that are functions are being traced, one inside the other
        self._places: dict[Any, int] = {}

    def add(self, kind: str, operands: Sequence[int] = (), what: Any = None) -> int:
        """The place of this instruction, which is appended unless it is there."""
        operands = tuple(operands)
        key = kind, operands, what if type(what) in PLAIN else _key(what)
        place = self._places.get(key)
        if place is None or (kind == ROW and not self.is_shared):
            place = self._places[key] = len(self.instructions)
            self.instructions.append(Instruction(kind, operands, what))
        if not self.branches:
            self.certain.add(place)
        return place

    @contextmanager
    def branch(self) -> Iterator[None]:
        """While a branch of a choice is traced."""
        self.branches += 1
        try:
            yield
        finally:
            self.branches -= 1

    def constant(self, x: float | None) -> int:
        """The place of a number, or of a closed gate."""
        return self.add(CONSTANT, (), x)

    def number(self, place: int) -> float | None:
        """The number there, if it is a constant."""
        kind, _, what = self.instructions[place]
        return what if kind == CONSTANT else None

    def needed(self, roots: Iterable[int]) -> set[int]:
        """The places that the roots depend on, the roots themselves among them."""
        found: set[int] = set()
        waiting = list(roots)
        while waiting:
            place = waiting.pop()
            if place not in found:
                found.add(place)
                waiting += self.instructions[place].operands
        return found

    def dependent(self, leaves: Iterable[int], end: int) -> list[bool]:
        """For each place before `end` whether it depends on one of the leaves through operands that have a derivative."""
        wanted = set(leaves)
        found: list[bool] = []
        for place, (kind, operands, _) in enumerate(self.instructions[:end]):
            moving = operands[1:] if kind == CHOOSE else operands
            found.append(place in wanted or (kind != COMPARE and any(found[x] for x in moving)))
        return found


def _key(what: Any) -> Any:
    """What tells two instructions apart: 0.0 and −0.0 are two numbers, and NaN is one."""
    if type(what) is float:
        return what.hex()
    if type(what) is Applied:
        row, parameters, active = what
        written = tuple([(name, type(x), repr(x)) for name, x in sorted(parameters.items())]) if parameters else ()
        return id(row), written, active
    return what
