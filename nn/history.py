"""The history of a training: what was measured in each epoch, and its table."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from autograd.text.numbers import short
from autograd.text.tables import aligned

__all__ = ["History"]


@dataclass
class History:
    """What happened in each epoch. The loss and the accuracy of an epoch are those of its forward passes, before its steps.

    Printed, it is a table; `table(every=10)` leaves lines out.
    """

    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)  # empty where the targets are no classes
    validation_losses: list[float] = field(default_factory=list)
    validation_accuracies: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)  # the learning rate η
    best_epoch: int | None = None  # counted from 0
    best_loss: float = math.inf  # of the validation set, if there is one
    stopped: str = ""  # why training ended before the last epoch

    @property
    def epochs(self) -> int:
        """How many epochs were completed."""
        return len(self.losses)

    def __len__(self) -> int:
        return len(self.losses)

    def table(self, every: int = 1) -> str:
        """Every `every`-th epoch as a line, and the last; an asterisk marks the best."""
        loss, percent, rate = functools.partial(short, zeros=True), "{:.1%}".format, functools.partial(short, digits=3)
        columns: list[tuple[str, list[float], Callable[[float], str]]] = [
            ("loss", self.losses, loss),
            ("accuracy", self.accuracies, percent),
            ("validation loss", self.validation_losses, loss),
            ("validation accuracy", self.validation_accuracies, percent),
            ("rate", self.rates, rate),
        ]
        shown = [(name, numbers, write) for name, numbers, write in columns if numbers]
        rows = [["epoch", *[name for name, _, _ in shown], ""]]
        for epoch in range(self.epochs):
            if epoch % every == 0 or epoch == self.epochs - 1:
                cells = [write(numbers[epoch]) for _, numbers, write in shown]
                rows.append([str(epoch + 1), *cells, "*" if epoch == self.best_epoch else ""])
        lines = aligned(rows, "  ", right=range(1, len(rows[0])))
        return "\n".join([*lines, *([f"stopped: {self.stopped}"] if self.stopped else [])])

    def __str__(self) -> str:
        return self.table(max(1, self.epochs // 20))
