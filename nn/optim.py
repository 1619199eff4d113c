"""Optimisers: they move parameters against their gradients.

An optimiser is a list of parameters, its settings as plain attributes (change `lr` between steps for a schedule), and one
method that a subclass writes: `change(index, parameter)`, the amount to subtract.

    >>> from autograd import Value
    >>> w = Value(1.0, "w")
    >>> optimizer = SGD([w], lr=0.1)
    >>> for _ in range(100):
    ...     loss = (w - 3.0) ** 2
    ...     optimizer.zero_grad()
    ...     loss.backward()
    ...     optimizer.step()
    >>> round(w.data, 6)
    3.0
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import autograd
from autograd import Value
from autograd.errors import OperandError
from autograd.ops import number
from nn.errors import SettingError

__all__ = ["SGD", "Optimizer"]


class Optimizer(ABC):
    """What all optimisers share: the parameters, `zero_grad`, and `step`."""

    def __init__(self, parameters: Iterable[Value]) -> None:
        self.parameters = _leaves(parameters)

    def zero_grad(self) -> None:
        """Forget the gradients, before the next backward adds to them."""
        autograd.zero_grad(self.parameters)

    def step(self) -> None:
        """Move every parameter once."""
        for index, parameter in enumerate(self.parameters):
            parameter.data -= self.change(index, parameter)

    @abstractmethod
    def change(self, index: int, parameter: Value) -> float:
        """What to subtract from parameter number `index`."""


class SGD(Optimizer):
    """Stochastic gradient descent, with PyTorch's momentum μ and weight decay λ (Sutskever et al., 2013):

        g ← ∂L/∂p + λp,   v ← μv + g (v ← g at first),   p ← p − ηv

    A parameter that no backward has reached has gradient 0: decay and momentum still move it.
    """

    def __init__(self, params: Iterable[Value], lr: float = 0.01, momentum: float = 0.0, weight_decay: float = 0.0) -> None:
        super().__init__(params)
        self.lr = _setting("lr", lr, positive=True)
        self.momentum = _setting("momentum", momentum)
        self.weight_decay = _setting("weight_decay", weight_decay)
        self.velocities = [0.0] * len(self.parameters)

    def change(self, index: int, parameter: Value) -> float:
        g: float = parameter.grad
        if self.weight_decay:
            g += self.weight_decay * parameter.data
        if self.momentum:
            g += self.momentum * self.velocities[index]
            self.velocities[index] = g
        return self.lr * g

    def __repr__(self) -> str:
        settings = f"lr={self.lr}, momentum={self.momentum}, weight_decay={self.weight_decay}"
        return f"SGD({len(self.parameters)} parameters, {settings})"


def _leaves(parameters: Iterable[Value]) -> list[Value]:
    if isinstance(parameters, Value):
        raise OperandError("an optimiser takes a list of parameters; write [parameter] for one")
    leaves = list(parameters)
    if not leaves:
        raise SettingError("there are no parameters to optimise; give model.parameters()")
    for parameter in leaves:
        if not isinstance(parameter, Value):
            raise OperandError(f"{parameter!r:.60} is not a node, so it cannot be optimised; wrap it, Value({parameter!r:.60})")
        if parameter.operands:
            raise OperandError(f"{parameter!r} is the result of {parameter.op!r}, not a leaf; optimise what it was computed from")
    if len(set(leaves)) < len(leaves):
        raise SettingError("a parameter is given twice, and would be moved twice; give each once, as model.parameters() does")
    return leaves


def _setting(name: str, x: Any, *, positive: bool = False) -> float:
    setting = number(x)
    if not 0.0 <= setting < math.inf or (positive and setting == 0.0):
        raise SettingError(f"{name} = {x!r}: a finite number {'above 0' if positive else 'of at least 0'} is needed")
    return setting
