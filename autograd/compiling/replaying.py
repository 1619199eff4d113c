"""A tape run again on any kind of number: on nodes it is the graph that the function makes, on traced numbers the same tape.

>>> from autograd.compiling.tracing import trace
>>> tape, places, _ = trace(lambda x: x * x + x, [0])
>>> (y,) = nodes_at(tape, places, [Value(3.0, "x")])
>>> y.data, [node.op for node in y.operands[0].operands], y.operands[1].label
(12.0, [None, None], 'x')

`Program.graph` gives such nodes to drawings, pages and explanations; a program that was pickled runs on them where a row raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import Any

from autograd.compiling.tape import CHOOSE, COMPARE, CONSTANT, INPUT, PARAMETER, RELATIONS, Instruction, Tape
from autograd.operation import CLOSED
from autograd.ops import where
from autograd.value import Value

__all__ = ["Replay", "nodes_at"]


def nodes_at(tape: Tape, roots: Sequence[int], inputs: Sequence[Value], parameters: Sequence[Value] = ()) -> list[Value]:
    """The nodes at the roots, computed from these leaves; raises what a row raises there.

    What a branch alone asks for, given to `where` as a function, is part of the graph only where the branch is taken.
    """
    replay = Replay(tape.instructions, tape.certain, inputs, parameters)
    return [y if type(y) is Value else Value(y) for y in replay.run(sorted(tape.needed(roots)), roots)]


class Replay:
    """One run of instructions, in their order; a branch that is a function runs if the choice asks for it."""

    def __init__(
        self, instructions: Sequence[Instruction], certain: Set[int], inputs: Sequence[Any], parameters: Sequence[Any]
    ) -> None:
        self.instructions, self.certain = instructions, certain
        self.leaves = {INPUT: inputs, PARAMETER: parameters}
        self.found: dict[int, Any] = {}

    def run(self, order: Sequence[int], roots: Sequence[int]) -> list[Any]:
        """The numbers at the roots, after those places in order that are certain."""
        for place in order:
            if place in self.certain:
                self.number(place)
        return [self.number(root) for root in roots]

    def number(self, place: int) -> Any:
        """The number at a place, which is computed once."""
        for each in () if place in self.found else sorted(self._missing(place)):
            self.found[each] = self._step(self.instructions[each])
        return self.found[place]

    def _missing(self, place: int) -> set[int]:
        """The places to compute first, but those of branches that a choice may never ask for, and the place itself."""
        missing: set[int] = set()
        waiting = [place]
        while waiting:
            each = waiting.pop()
            if each not in self.found and each not in missing:
                missing.add(each)
                waiting += self._operands(self.instructions[each])
        return missing

    def _operands(self, step: Instruction) -> Iterator[int]:
        for number, x in enumerate(step.operands):
            if step.kind != CHOOSE or number == 0 or x in self.certain:
                yield x

    def _step(self, step: Instruction) -> Any:
        kind, operands, what = step
        if kind in self.leaves:
            return self.leaves[kind][what]
        if kind == CONSTANT:
            return CLOSED if what is None else what
        if kind == CHOOSE:
            condition, a, b = operands
            return where(self.found[condition], self._branch(a), self._branch(b))
        given = tuple([self.found[x] for x in operands])
        return RELATIONS[what](*given) if kind == COMPARE else what.row.apply(given, what.parameters)

    def _branch(self, place: int) -> Any:
        return self.found[place] if place in self.certain else lambda: self.number(place)
