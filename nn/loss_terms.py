"""A model and its loss as one program, where the loss of a batch is a mean or a sum of terms, one for each example.

    >>> from nn import Linear
    >>> task = Task(Linear(1, 1, init="zeros"), [[1.0], [2.0]], [1.0, 3.0], "squared_error")
    >>> examples, parameters = Examples(task.X), task.model.parameters()
    >>> Terms(task, examples, parameters, exact=True).run(examples.columns([0, 1]), [0, 1], parameters)
    Found(loss=5.0, outputs=[0.0, 0.0], gradient=[-7.0, -4.0])

The losses of this package are of this kind, if a model has one output, or the loss takes all of them at once. Around the mean there
may be rows such as a factor, whose partials are the same whatever the numbers are: so every term has the same adjoint.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd import Value, ops
from autograd.compiling.columns import Columns
from autograd.compiling.program import REDUCTIONS
from autograd.compiling.sweep import append_sweep
from autograd.compiling.tape import PARAMETER, ROW, Tape
from autograd.ops import Op
from nn import losses
from nn.engines import Untraceable
from nn.task import Task
from nn.traces import Examples, data_of_all, runner, traced

__all__ = ["OURS", "Terms"]

OURS = [getattr(losses, name) for name in losses.__all__ if name != "l2"]  # they use outputs in order, and no parameter


class Found(NamedTuple):
    """What a batch gives."""

    loss: float
    outputs: list[Any]
    gradient: list[float]


class Outer(NamedTuple):
    """A row around the mean or the sum."""

    row: Op
    parameters: Any
    operands: tuple[float | None, ...]  # its constants
    place: int  # of the operand that moves

    def applied(self, x: float) -> tuple[float, float]:
        """The value at x, and the partial."""
        operands = tuple([x if k == self.place else operand for k, operand in enumerate(self.operands)])
        y = self.row.evaluate(operands, self.parameters)  # type: ignore[arg-type]  # one operand moves
        return y, self.row.local_derivatives(operands, y, self.parameters)[self.place]


class Terms:
    """The program; `exact` gives the bits of one graph of nodes for the whole batch."""

    def __init__(self, task: Task, examples: Examples, parameters: Sequence[Value], *, exact: bool) -> None:
        if task.loss not in OURS or any(isinstance(target, list) for target in task.y):
            raise Untraceable("the loss is not a mean or a sum of terms")
        self._targets = [float(target) for target in task.y]
        model = task.model

        def both(x: Any, target: Any) -> list[Any]:
            y = model(x)
            return [y, task.loss(y if isinstance(y, Sequence) else [y], target if isinstance(y, Sequence) else [target])]

        arguments = [examples.argument, examples.count]
        self.tape, (*self.places, root), self.structure = traced(model, both, arguments, parameters, is_shared=not exact)
        is_mean = self.tape.instructions[root].kind != ROW or len(self.places) > 1
        self._outer, self._reduction, self.term = ([], ops.mean, root) if is_mean else unwrapped(self.tape, root)
        learned = [self.tape.add(PARAMETER, (), k) for k in range(len(parameters))]
        self._flows = append_sweep(self.tape, [self.term], learned, exact=exact)
        self.used = list(map(bool, self._flows))
        self.runner = runner(self.tape, [self.term, *self.places], self._flows, len(parameters), exact=exact)
        self._seeds: dict[int, float] = {}
        self._example = self.structure([0.0] * (1 + len(self.places)))[0]

    def run(self, given: Columns, batch: Sequence[int], parameters: Sequence[Value]) -> Found | None:
        """The loss, the outputs and the gradient; None where a row raises or a number is not finite."""
        columns = given._replace(inputs=[*given.inputs, [self._targets[index] for index in batch]])
        (terms, *outputs), refused, gradient = self.runner.run(
            columns, data_of_all(self.runner, parameters), self._seed(len(batch))
        )
        if refused or not all(map(math.isfinite, gradient)):
            return None
        loss = self._reduction.evaluate(tuple(terms), {})
        for row in reversed(self._outer):
            loss, _ = row.applied(loss)
        return Found(loss, self._as_outputs(outputs), gradient) if math.isfinite(loss) else None

    def _as_outputs(self, columns: Sequence[Any]) -> list[Any]:
        """The outputs of each example, as the model returns them."""
        if type(self._example) is float:
            return list(columns[0])
        if type(self._example) is list and set(map(type, self._example)) == {float}:
            return list(map(list, zip(*columns, strict=True)))
        return [self.structure([*each, 0.0])[0] for each in zip(*columns, strict=True)]

    def _seed(self, count: int) -> float:
        """The adjoint of every term in a batch of this size."""
        if count not in self._seeds:
            seed = 1.0
            for row in self._outer:
                seed = 0.0 + seed * row.applied(1.0)[1]
            partial = self._reduction.local_derivatives((1.0,) * count, 1.0)[0]
            assert partial is not None
            self._seeds[count] = 0.0 + seed * partial
        return self._seeds[count]


def unwrapped(tape: Tape, place: int) -> tuple[list[Outer], Op, int]:
    """The rows around the mean or the sum of one term, from the outside; the mean or the sum; and the term."""
    outer: list[Outer] = []
    while True:
        kind, operands, what = tape.instructions[place]
        if kind == ROW and what.row in REDUCTIONS.values() and len(operands) == 1:
            return outer, what.row, operands[0]
        moving = [k for k, x in enumerate(operands) if tape.number(x) is None]
        if kind != ROW or len(moving) != 1:
            raise Untraceable("the loss is not a mean or a sum of terms")
        outer.append(Outer(what.row, what.parameters, tuple(map(tape.number, operands)), moving[0]))
        place = operands[moving[0]]
