"""The history of a training: what was measured in each epoch, and its table."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

__all__ = ["History", "aligned"]


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
        columns: list[tuple[str, list[float], str]] = [
            ("loss", self.losses, "#.4g"),
            ("accuracy", self.accuracies, ".1%"),
            ("validation loss", self.validation_losses, "#.4g"),
            ("validation accuracy", self.validation_accuracies, ".1%"),
            ("rate", self.rates, ".3g"),
        ]
        shown = [(name, numbers, spec) for name, numbers, spec in columns if numbers]
        rows = [["epoch", *[name for name, _, _ in shown], ""]]
        for epoch in range(self.epochs):
            if epoch % every == 0 or epoch == self.epochs - 1:
                cells = [format(numbers[epoch], spec) for _, numbers, spec in shown]
                rows.append([str(epoch + 1), *cells, "*" if epoch == self.best_epoch else ""])
        return aligned(rows) + (f"\nstopped: {self.stopped}" if self.stopped else "")

    def __str__(self) -> str:
        return self.table(max(1, self.epochs // 20))


def aligned(rows: list[list[str]]) -> str:
    """Rows as text: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell.rjust(n) if place else cell.ljust(n) for place, (cell, n) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
