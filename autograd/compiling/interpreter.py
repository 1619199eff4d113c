"""A tape run on floats, one example at a time: the reference, which gives the bits of a graph of nodes.

>>> from autograd.compiling.tracing import trace
>>> tape, places, _ = trace(lambda x: 3.0 * x * x, [0])
>>> Interpreter(tape, places).example([2.0])
[12.0]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd.compiling.columns import Columns
from autograd.compiling.tape import (
    CHOOSE,
    COMPARE,
    CONSTANT,
    FLOW,
    INPUT,
    ITEM,
    PARAMETER,
    RELATIONS,
    ROW,
    SEED,
    SLOPES,
    Instruction,
    Tape,
)
from autograd.errors import AutogradError

__all__ = ["Failed", "Interpreter", "Run", "evaluated"]


class Run(NamedTuple):
    """What a batch gives."""

    found: list[Any]  # a column for each root
    refused: list[int]  # the examples at which a row raises
    sums: list[float]  # of each list of places what they add up to over all examples


class Failed(NamedTuple):
    """In the place of a number that has none; it is raised if an instruction that is certain needs it."""

    error: Exception


class Interpreter:
    """The instructions that some places of a tape depend on, ready to run."""

    def __init__(self, tape: Tape, roots: Sequence[int], sums: Sequence[Sequence[int]] = ()) -> None:
        self.tape, self.roots, self.sums = tape, [*roots, *[place for places in sums for place in places]], sums
        self.columns = len(roots)
        self.steps = [(place, tape.instructions[place]) for place in sorted(tape.needed(self.roots))]

    def run(self, columns: Columns, parameters: Sequence[float], seed: float = 1.0, start: Sequence[float] | None = None) -> Run:
        """The columns at the roots and the sums, which begin at `start`. An example is refused too if its result is no finite
        number."""
        rows: list[list[float]] = []
        refused = []
        for i, example in enumerate(columns.examples()):
            try:
                rows.append(self.example(example, parameters, seed))
            except (AutogradError, ValueError, ArithmeticError):
                rows.append([0.0] * len(self.roots))
                refused.append(i)
            else:
                if not all(map(math.isfinite, rows[-1])):
                    refused.append(i)
        found = [list(column) for column in zip(*rows, strict=True)]
        parts = iter(found[self.columns :])
        sums = [
            _sum([next(parts) for _ in places], first)
            for places, first in zip(self.sums, start or [0.0] * len(self.sums), strict=True)
        ]
        return Run(found[: self.columns], refused, sums)

    def example(self, inputs: Sequence[float], parameters: Sequence[float] = (), seed: float = 1.0) -> list[float]:
        """The numbers at the roots; raises what a row raises on floats, unless only a branch that is not taken needs it."""
        leaves = {INPUT: inputs, PARAMETER: parameters}
        found: dict[int, Any] = {}
        for place, step in self.steps:
            kind, operands, what = step
            if kind in leaves:
                x: Any = leaves[kind][what]
            elif kind == CONSTANT:
                x = what
            elif kind == SEED:
                x = seed
            elif place in self.tape.certain:
                x = evaluated(step, [found[operand] for operand in operands])
                if type(x) is Failed:
                    raise x.error
            else:
                x = attempted(step, [found[operand] for operand in operands])
            found[place] = x
        for root in self.roots:
            if type(found[root]) is Failed:
                raise found[root].error
        return [found[root] for root in self.roots]


def _sum(columns: Sequence[Sequence[float]], total: float) -> float:
    """What flows into a parameter over all examples, added as a graph's sweep adds it: from the last example to the first."""
    for each in reversed(list(zip(*columns, strict=True))):
        for flow in each:
            total += flow
    return total


def attempted(step: Instruction, operands: Sequence[Any]) -> Any:
    """What an instruction gives, or why it gives nothing."""
    if step.kind not in (CHOOSE, FLOW):
        for x in operands:
            if type(x) is Failed:
                return x
    try:
        return evaluated(step, operands)
    except (AutogradError, ValueError, ArithmeticError) as error:
        return Failed(error)


def evaluated(step: Instruction, operands: Sequence[Any]) -> Any:
    """What an instruction that is no leaf gives."""
    kind, _, what = step
    if kind == ROW:
        return what.row.evaluate(tuple(operands), what.parameters)
    if kind == COMPARE:
        return RELATIONS[what](*operands)
    if kind == CHOOSE:
        return operands[0] if type(operands[0]) is Failed else operands[1] if operands[0] else operands[2]
    if kind == SLOPES:
        return what.row.local_derivatives(tuple(operands[:-1]), operands[-1], what.parameters, what.active)
    if kind == ITEM:
        return operands[0][what]
    if kind == FLOW:
        return flow(*operands)
    total = 0.0
    for x in operands:
        total += x
    return total


def flow(adjoint: Any, partial: Any) -> Any:
    """adjoint · partial; 0 through a closed gate, and from a branch that was not taken, of which the adjoint is 0."""
    if partial is None:
        return 0.0
    if type(adjoint) is Failed or type(partial) is Failed:
        return 0.0 if adjoint == 0.0 else adjoint if type(adjoint) is Failed else partial
    return adjoint * partial
