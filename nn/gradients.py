"""The gradient of a batch by compiled programs of the model, with the bits of one graph of nodes for the whole batch.

A model is traced once, for one example. In each step a program computes the outputs of a batch; these become leaves, and the loss
of them a small graph, whose sweep gives ∂E/∂y of every output. A second program, the reverse sweep of the model, takes these to
the parameters. What flows into a parameter is added in the order in which the sweep of one whole graph adds it: first what comes
of the loss itself, a penalty, then the examples, from the last to the first.

    >>> from nn import SGD, Linear
    >>> model = Linear(1, 1, init="zeros")
    >>> task = Task(model, [[1.0], [2.0]], [1.0, 3.0], "mse")
    >>> Compiled(task, SGD(model.parameters()), None, exact=True).gradient([0, 1]), [p.grad for p in model.parameters()]
    ((5.0, -1), [-7.0, -4.0])
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain, compress, islice
from typing import Any

from autograd import Value
from autograd.beside import KEPT
from autograd.compiling.columns import Columns
from autograd.modes import is_altered, is_recording
from autograd.undo import set_all
from autograd.value import GRAD, sweep_apart, toposort
from nn.engines import Untraceable
from nn.loss_terms import OURS, Terms
from nn.module import contents, in_mode
from nn.optim import Optimizer
from nn.task import Task
from nn.traces import Examples, Traced

__all__ = ["Compiled"]


class Compiled:
    """The gradient of a task's batches by a compiled program; `exact` gives the bits of graphs of nodes."""

    def __init__(
        self, task: Task, optimiser: Optimizer, held_out: Task | None, *, exact: bool, in_machine_code: bool = False
    ) -> None:
        if is_altered() or not is_recording():
            raise Untraceable("detect_anomaly(), no_grad() and replaced parts of the engine need the nodes")
        self.task, self.optimiser, self.held_out = task, optimiser, held_out
        self.name = "strict" if exact else "fast"
        self.parameters = list(dict.fromkeys([*task.model.parameters(), *optimiser.parameters]))
        self._known = set(self.parameters)
        self._is_ours, self._waits = task.loss in OURS, in_machine_code
        self.examples = Examples(task.X)
        self.terms: Terms | None = None
        if not in_machine_code:
            with suppress(Untraceable):
                self.terms = Terms(task, self.examples, self.parameters, exact=exact)
        if self.terms is None:
            self.model = Traced(task.model, self.examples, self.parameters, exact=exact)
            if in_machine_code:
                self.model.prepare()
        self._contents = [thing for _, thing in contents(task.model)]
        self._aside: tuple[Examples, Traced] | None = None
        if held_out is not None:
            with suppress(Untraceable), in_mode(task.model, training=False):
                examples = Examples(held_out.X)
                tested = Traced(task.model, examples, self.parameters, exact=exact, with_sweep=False)
                self._aside = examples, self.model if self.terms is None and self.model.is_like(tested) else tested

    def is_current(self) -> bool:
        """Whether the model has the parts that it was traced with, and the examples their numbers: callbacks may change both."""
        now = [thing for _, thing in contents(self.task.model)]
        are_same = len(now) == len(self._contents) and all(map(operator.is_, now, self._contents))
        return are_same and self.examples.is_like(self.task.X)

    def measure(self) -> tuple[float, float | None]:
        """The loss and the accuracy on the held-out examples."""
        assert self.held_out is not None
        if self._aside is None or self._waits:
            return self.held_out.measure()
        examples, model = self._aside
        everything = range(len(self.held_out))
        found = model.outputs(examples.columns(everything), [parameter.data for parameter in self.parameters])
        return self.held_out.measure(found and [model.structure(map(Value, each)) for each in zip(*found, strict=True)])

    def gradient(self, batch: Sequence[int]) -> tuple[float, int] | None:
        """Set the gradients of a batch; return the loss and the number of right outputs.

        The result is None, and nothing has changed, where nodes must do it: before the optimised code is there, if that is waited
        for; where a number is not finite or anything raises, so that they say why. An `Untraceable` names a loss that the
        program cannot serve.
        """
        if self._has_hooks() or (self._waits and not self.model.is_ready()):
            return None
        self._waits = False
        given = self.examples.columns(batch)
        if self.terms is not None:
            made = self.terms.run(given, batch, self.parameters)
            if made is None:
                return None
            self.optimiser.zero_grad()
            self._set(made.gradient, self.terms.used)
            return made.loss, self.task.right(made.outputs, batch)
        return self._with_loss_on_nodes(given, batch)

    def _with_loss_on_nodes(self, given: Columns, batch: Sequence[int]) -> tuple[float, int] | None:
        numbers = [parameter.data for parameter in self.parameters]
        found = self.model.outputs(given, numbers)
        if found is None:
            return None
        outputs: list[list[Any]] = [
            list(map(Value, column)) if moves else column for column, moves in zip(found, self.model.moves, strict=True)
        ]
        examples = [self.model.structure(each) for each in zip(*outputs, strict=True)]
        try:
            loss, right = self.task.loss_of(examples, batch), self.task.right(examples, batch)
        except Exception:  # nodes raise it again
            return None
        if type(loss) is not Value or not math.isfinite(loss.data):
            return None
        moving = [column for column, moves in zip(outputs, self.model.moves, strict=True) if moves]
        order = toposort(loss)
        own = self._own_parameters(order, [y for each in zip(*moving, strict=True) for y in each])
        adjoints = iter(sweep_apart(order, [*chain(*moving), *own]))
        slopes = [list(islice(adjoints, len(batch))) for _ in moving]
        start = dict(zip(own, adjoints, strict=True))
        learned = self.model.learned(given, slopes, numbers, [start.get(parameter, 0.0) for parameter in self.parameters])
        if learned is None:
            return None
        self.optimiser.zero_grad()
        self._set(learned, [is_used or node in start for node, is_used in zip(self.parameters, self.model.used, strict=True)])
        return loss.data, right

    def _has_hooks(self) -> bool:
        """Whether hooks are registered on parameters, which only a backward calls."""
        return bool(KEPT) and any((kept := KEPT.get(node)) is not None and kept.hooks for node in self.parameters)

    def _set(self, learned: Sequence[float], reached: Sequence[bool]) -> None:
        """Set the gradients that a backward would reach; those that the optimiser has not reset are added to."""
        nodes, grads = self.parameters, learned
        if not all(reached):
            nodes, grads = [list(compress(each, reached)) for each in (nodes, grads)]
        earlier = list(map(GRAD.__get__, nodes))
        if earlier != [None] * len(nodes):
            grads = [grad if old is None else old + grad for old, grad in zip(earlier, grads, strict=True)]
        set_all(GRAD, nodes, grads)

    def _own_parameters(self, order: Sequence[Value], outputs: Sequence[Value]) -> list[Value]:
        """The parameters that the loss itself uses; its graph must be swept in the order in which the programs add.

        That is, it reaches the outputs one example after the other, and uses parameters only then.
        """
        if self._is_ours:
            return []
        places = {node: k for k, node in enumerate(order)}
        reached = [places[y] for y in outputs if y in places]
        own = [node for node in order if node in self._known]
        first = min([k for k, node in enumerate(order) if own and not self._known.isdisjoint(node.operands)], default=len(order))
        if sorted(reached) != reached or first < max(reached, default=-1):
            raise Untraceable("the loss uses the outputs in another order than the examples have, or parameters before all outputs")
        return own
