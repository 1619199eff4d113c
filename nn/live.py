"""What a film needs to train its network in the page: the program of the loss as JavaScript, and the optimiser's step.

The page has the examples, and starts from weights that it draws like the film's first ones. The program is traced and printed
without numpy or llvmlite. A film whose network, loss or optimiser has no such form is shown without training in the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd import Value
from autograd.compiling.scripting import script_of
from autograd.neurons import MOSTLY, is_flat, steepest_slope
from autograd.ops import Op
from autograd.page.javascript import functions
from nn import losses
from nn.module import in_mode
from nn.optim import Optimizer, plain_rule
from nn.outputs import flattened
from nn.task import Task

__all__ = ["Live", "live_training"]

MEANS = (losses.bce, losses.bce_with_logits, losses.cross_entropy, losses.hinge, losses.huber, losses.mae, losses.mse)


class Live(NamedTuple):
    """A training in the page."""

    script: str  # defines makeProgram, RULE and HEALTH
    data: dict[str, Any]  # what the page's DATA.live holds


def live_training(
    task: Task, parameters: Sequence[Value], optimiser: Optimizer, rows: Sequence[Sequence[Op] | None], *, several: bool
) -> Live | None:
    """The training of a task whose model is a chain of layers with these rows, with `several` outputs or one; None if a page
    cannot do it."""
    rule = plain_rule(optimiser)
    if rule is None or list(rule.parameters) != list(parameters) or any(each is None or len(each) > 1 for each in rows):
        return None
    alone = several and not isinstance(task.y[0], list)
    if not alone and task.loss not in (*MEANS, losses.squared_error):
        return None  # a function of all outputs at once, which need be no mean over the examples
    width, count = len(task.X[0]), len(flattened([task.y[0]]))
    arguments = [list(range(width)), width if not isinstance(task.y[0], list) else list(range(width, width + count))]
    try:
        with in_mode(task.model, training=True):
            reduction = "sum" if task.is_sum else "mean"
            program = script_of(_of_one(task, alone=alone), arguments, parameters, reduction=reduction, with_numbers=False)
    except Exception:  # of the user's loss or rows, which may do anything with a number that has no value
        return None
    formulas = [rule.formula] if rule.in_step is None else [rule.formula, rule.in_step]
    script = "\n".join([program, functions("RULE", formulas), functions("HEALTH", [is_flat])])
    return Live(
        script,
        {
            "method": type(rule).__name__,
            "numbers": rule.numbers(),
            "memory": [getattr(rule, name)[0] for name in rule.memory],
            "steepest": [steepest_slope(each[0]) if each else 0.0 for each in rows],
            "mostly": MOSTLY,
            "isSum": task.is_sum,
        },
    )


def _of_one(task: Task, *, alone: bool) -> Callable[[Any, Any], Any]:
    """The loss of one example."""

    def loss(x: Any, t: Any) -> Any:
        y = task.model(x)
        return task.loss(y, t) if alone else task.loss(flattened([y]), flattened([t]))

    return loss
