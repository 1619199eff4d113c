"""An ensemble: several networks, whose outputs are averaged.

    >>> from math import fsum
    >>> from nn import MLP
    >>> from nn.classes import predict
    >>> members = [MLP(2, [4, 1], activation="tanh", seed=seed) for seed in range(3)]
    >>> (y,) = predict(Ensemble(members), [[0.5, -1.0]])
    >>> y == fsum(predict(member, [[0.5, -1.0]])[0] for member in members) / 3
    True

`nn.train.ensemble` trains one. Source: Hansen and Salamon, Neural network ensembles, 1990.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.ops import mean
from nn.errors import SettingError, ShapeError
from nn.history import History
from nn.module import Module

__all__ = ["Ensemble"]


class Ensemble(Module):
    """A model whose output is the mean of its members' outputs, each given through a function before.

    `through=softmax` or `through=sigmoid` averages the probabilities of members that return logits; the outputs of the ensemble are
    then probabilities too.
    """

    def __init__(self, members: Sequence[Module], *, through: Callable[[Any], Any] | None = None) -> None:
        self.members = list(members)
        self.through = through
        self.histories: list[History] = []  # of the trainings, a member each
        if not self.members:
            raise SettingError("an ensemble needs a member or more")

    def forward(self, x: Any) -> Any:
        """Return the mean of the outputs, or of each output."""
        outputs = [member(x) if self.through is None else self.through(member(x)) for member in self.members]
        several = [isinstance(output, Sequence) for output in outputs]
        if not any(several):
            return mean(outputs)
        sizes = {len(output) if is_several else 0 for output, is_several in zip(outputs, several, strict=True)}
        if len(sizes) > 1:
            raise ShapeError(f"members of an ensemble with {sorted(sizes)} outputs; give members with the same number")
        return [mean(column) for column in zip(*outputs, strict=True)]
