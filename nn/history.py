"""The history of a training: the measures of each epoch, and their table."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from autograd.text.numbers import short
from autograd.text.tables import aligned

__all__ = ["INTERRUPTED", "History"]

INTERRUPTED = "interrupted in epoch"


@dataclass
class History:
    """The measures of each epoch. The loss and the accuracy of an epoch are those of its forward passes, before its steps.

    It prints as a table; `table(every=10)` has every tenth epoch.
    """

    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)  # empty if the targets are no classes
    validation_losses: list[float] = field(default_factory=list)
    validation_accuracies: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)  # the learning rate η
    best_epoch: int | None = None  # counted from 0
    best_loss: float = math.inf  # of the validation set, if there is one
    stopped: str = ""  # the reason why training ended before the last epoch
    engine: str = field(default="eager", compare=False)  # that ran: "eager", "strict" or "fast"; no part of a checkpoint

    @property
    def epochs(self) -> int:
        """The number of complete epochs."""
        return len(self.losses)

    @property
    def is_interrupted(self) -> bool:
        """True if Ctrl-C ended the training."""
        return self.stopped.startswith(INTERRUPTED)

    def __len__(self) -> int:
        return self.epochs

    def table(self, every: int = 1) -> str:
        """Return a line for every `every`-th epoch, and for the last; an asterisk marks the best."""
        loss, percent, rate = functools.partial(short, zeros=True), "{:.1%}".format, functools.partial(short, digits=3)
        columns: list[tuple[str, list[float], Callable[[float], str]]] = [
            ("loss", self.losses, loss),
            ("accuracy", self.accuracies, percent),
            ("validation loss", self.validation_losses, loss),
            ("validation accuracy", self.validation_accuracies, percent),
            ("rate", self.rates, rate),
        ]
        measured = [column for column in columns if column[1]]
        rows = [["epoch", *[name for name, _, _ in measured], ""]]
        for epoch in range(self.epochs):
            if epoch % every == 0 or epoch == self.epochs - 1:
                cells = [write(numbers[epoch]) for _, numbers, write in measured]
                rows.append([str(epoch + 1), *cells, "*" if epoch == self.best_epoch else ""])
        lines = aligned(rows, "  ", right=range(1, len(rows[0])))
        return "\n".join([*lines, f"stopped: {self.stopped}"] if self.stopped else lines)

    def __str__(self) -> str:
        return self.table(max(1, self.epochs // 20))
