"""Schedules: functions from the number of steps taken to the learning rate of the next step.

    >>> [LinearDecay(0.5, steps=4)(step) for step in range(6)]
    [0.5, 0.375, 0.25, 0.125, 0.0, 0.0]

A schedule is independent of an optimiser; `nn.optim.Scheduler` sets the learning rate of one.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from autograd.errors import OperandError
from nn.settings import setting, whole

__all__ = ["Constant", "CosineDecay", "ExponentialDecay", "LinearDecay", "MultiStepDecay", "Schedule", "StepDecay", "WarmUp"]
__all__ += ["checked_schedule"]

Schedule = Callable[[int], float]
"""From the number of steps taken, 0 at first, to the learning rate of the next step."""


class _Planned(ABC):
    """Base of the schedules here, which are equal if their settings are."""

    @abstractmethod
    def __call__(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), repr(self)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join([f'{name}={setting!r}' for name, setting in vars(self).items()])})"


class Constant(_Planned):
    """A constant learning rate: η(k) = η₀."""

    def __init__(self, lr: float) -> None:
        self.lr = setting("lr", lr)

    def __call__(self, step: int) -> float:
        return self.lr


class StepDecay(_Planned):
    """A factor γ every `every` steps: η(k) = η₀ γ^⌊k/every⌋. PyTorch's StepLR."""

    def __init__(self, lr: float, every: int, factor: float = 0.1) -> None:
        self.lr = setting("lr", lr, positive=True)
        self.every = whole("every", every)
        self.factor = setting("factor", factor)

    def __call__(self, step: int) -> float:
        return self.lr * math.pow(self.factor, step // self.every)


class MultiStepDecay(_Planned):
    """A factor γ at each milestone: η(k) = η₀ γ^(milestones ≤ k). PyTorch's MultiStepLR."""

    def __init__(self, lr: float, milestones: Sequence[int], factor: float = 0.1) -> None:
        self.lr = setting("lr", lr, positive=True)
        self.milestones = [whole("milestones", milestone) for milestone in milestones]
        self.factor = setting("factor", factor)

    def __call__(self, step: int) -> float:
        return self.lr * math.pow(self.factor, sum(milestone <= step for milestone in self.milestones))


class ExponentialDecay(_Planned):
    """A factor γ every step: η(k) = η₀ γᵏ. PyTorch's ExponentialLR."""

    def __init__(self, lr: float, factor: float) -> None:
        self.lr = setting("lr", lr, positive=True)
        self.factor = setting("factor", factor)

    def __call__(self, step: int) -> float:
        return self.lr * math.pow(self.factor, step)


class LinearDecay(_Planned):
    """A straight line from η₀ to `end` in n steps, then constant. PyTorch's LinearLR."""

    def __init__(self, lr: float, steps: int, end: float = 0.0) -> None:
        self.lr = setting("lr", lr)
        self.steps = whole("steps", steps)
        self.end = setting("end", end)

    def __call__(self, step: int) -> float:
        return self.end if step >= self.steps else self.lr + (self.end - self.lr) * step / self.steps


class CosineDecay(_Planned):
    """Half a cosine wave from η₀ to `end` in n steps, then constant: η(k) = end + (η₀ − end)(1 + cos(πk/n))/2.

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017, without the restarts;
    PyTorch's CosineAnnealingLR, whose wave would rise again after n steps.
    """

    def __init__(self, lr: float, steps: int, end: float = 0.0) -> None:
        self.lr = setting("lr", lr, positive=True)
        self.steps = whole("steps", steps)
        self.end = setting("end", end)

    def __call__(self, step: int) -> float:
        return self.end + (self.lr - self.end) * (1.0 + math.cos(math.pi * min(step, self.steps) / self.steps)) / 2.0


class WarmUp(_Planned):
    """A straight line in n steps, from the factor `start` of another schedule's first learning rate to it, `then` that schedule.

    Source: Goyal et al., Accurate, large minibatch SGD, 2017; PyTorch's LinearLR and the other in a SequentialLR.

    >>> [round(WarmUp(2, then=ExponentialDecay(0.8, 0.5), start=0.0)(step), 3) for step in range(5)]
    [0.0, 0.4, 0.8, 0.4, 0.2]
    """

    def __init__(self, steps: int, then: Schedule, start: float = 0.1) -> None:
        self.steps = whole("steps", steps)
        self.then = checked_schedule("then", then)
        self.start = setting("start", start)

    def __call__(self, step: int) -> float:
        if step < self.steps:
            return self.then(0) * (self.start + (1.0 - self.start) * step / self.steps)
        return self.then(step - self.steps)


def checked_schedule(name: str, schedule: Any) -> Schedule:
    """Return the schedule; raise an OperandError if it cannot be called."""
    if not callable(schedule):
        raise OperandError(
            f"{name} = {schedule!r}: a function from the step to a learning rate is needed, such as CosineDecay(0.1, steps=100)"
        )
    return schedule  # type: ignore[no-any-return]  # the result is checked where it is called
