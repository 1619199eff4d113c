"""A task: examples and a loss, and measures of a model on them. `fit`, `health` and the film of a training share it.

>>> from nn import Linear
>>> task = Task(Linear(1, 1, init="zeros"), [[1.0], [2.0]], [1.0, 3.0], "mse")
>>> task.measure()
(5.0, None)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd import detect_anomaly, no_grad
from autograd.errors import AutogradError
from autograd.ops import mean
from nn import losses
from nn.classes import class_of, names_classes, refuse_uneven, target_class, threshold_of
from nn.losses import Loss, loss_function
from nn.module import Module, in_mode
from nn.outputs import data_of, flattened, plain

__all__ = ["Loss", "Task", "loss_function"]


class Task:
    """Examples, a loss, and the model that is measured on them."""

    def __init__(self, model: Module, X: Sequence[Any], y: Sequence[Any], loss: Loss) -> None:
        refuse_uneven(X, y)
        self.model: Any = model
        self.X, self.y = X, [plain(target) for target in y]
        self.loss = loss_function(loss)
        on_logits = self.loss is losses.bce_with_logits or self.loss is losses.hinge
        self.threshold = threshold_of(self.y, 0.0 if on_logits else None)
        self.classes = [target_class(target) for target in self.y] if names_classes(self.y) else []
        self.is_sum = self.loss is losses.squared_error  # E = ½ Σ over all examples, where others are means

    def __len__(self) -> int:
        return len(self.X)

    def loss_of(self, outputs: list[Any], batch: Sequence[int]) -> Any:
        """Return the loss of these outputs, which belong to the examples in the batch."""
        targets = [self.y[index] for index in batch]
        if isinstance(outputs[0], Sequence) and not isinstance(targets[0], list):
            return mean([self.loss(output, target) for output, target in zip(outputs, targets, strict=True)])
        return self.loss(flattened(outputs), flattened(targets))

    @property
    def has_accuracy(self) -> bool | None:
        """True if the targets are classes that outputs can name; None if it depends on the number of outputs."""
        return bool(self.classes) and (self.threshold is not None or None)

    def right(self, outputs: list[Any], batch: Sequence[int]) -> int:
        """Return how many of these outputs name the right class; -1 if the targets are no classes."""
        if not self.classes or (self.threshold is None and not isinstance(outputs[0], Sequence)):
            return -1
        if self.threshold is not None and set(map(type, outputs)) == {float}:  # many numbers at once
            return sum([(y > self.threshold) == self.classes[i] for y, i in zip(outputs, batch, strict=True)])
        return sum(class_of(output, self.threshold) == self.classes[i] for output, i in zip(outputs, batch, strict=True))

    def together(self, measured: list[tuple[float, int]], batches: list[list[int]]) -> tuple[float, float | None]:
        """Return the loss and the accuracy of an epoch, given those of its batches."""
        if self.is_sum:
            loss = math.fsum(value for value, _ in measured)
        elif len(batches) == 1:
            loss = measured[0][0]
        else:
            loss = math.fsum(value * len(batch) for (value, _), batch in zip(measured, batches, strict=True)) / len(self)
        return loss, (None if measured[0][1] < 0 else sum(right for _, right in measured) / len(self))

    def measure(self, outputs: list[Any] | None = None) -> tuple[float, float | None]:
        """Return the present loss and accuracy, computed in evaluation mode without a graph; of outputs that are known already."""
        everything = range(len(self))
        with no_grad(), in_mode(self.model, training=False):
            outputs = outputs or [self.model(x) for x in self.X]
            measured = data_of(self.loss_of(outputs, everything)), self.right(outputs, everything)
        return self.together([measured], [list(everything)])

    def reason(self, batch: list[int]) -> tuple[str, str]:
        """Return in words what made a number that is not finite, and the same without the places in a program that made nodes."""
        for index in [] if (found := self._wrong_number(batch)) else batch:
            try:
                with detect_anomaly():
                    loss = self.loss_of([self.model(self.X[index])], [index])
                    loss.backward()
            except (AutogradError, ArithmeticError) as error:
                return f"example {index}: {error}", f"example {index}: {getattr(error, 'brief', error)}"
        found = found or "each example alone is finite, but their sum is too large for a float; take a smaller learning rate"
        return found, found

    def _wrong_number(self, batch: list[int]) -> str:
        """Return in words which parameter or input is not finite; "" if all are."""
        for name, parameter in self.model.named_parameters():
            if not math.isfinite(parameter.data):
                return f"{name} became {parameter.data!r} in the step before; take a smaller learning rate, or clip the gradients"
        for index in batch:
            for place, x in enumerate(flattened([self.X[index]])):
                if not math.isfinite(data_of(x)):
                    return f"example {index}: its input {place} is {data_of(x)!r}; leave the example out, or correct it"
        return ""

    def offender(self, batch: list[int]) -> int | None:
        """Return the first example of the batch for which the loss raises an error; None if there is none."""
        for index in batch:
            try:
                self.loss_of([self.model(self.X[index])], [index])
            except (ArithmeticError, ValueError):
                return index
        return None
