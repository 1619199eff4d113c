"""Classes: the class that an output names, and how often it is the right one.

    >>> confusion(lambda x: x, [0.2, 0.9, 0.7], [0, 1, 0]).counts
    [[1, 1], [0, 1]]
    >>> accuracy(lambda x: x, [0.2, 0.9, 0.7, 0.8], [0, 1, 0, 1])
    0.75

Targets are the numbers of the classes, 0, 1, 2, ..., or -1 and 1, or lists of zeros with a single 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import no_grad
from autograd.text.tables import aligned
from nn.errors import SettingError, ShapeError
from nn.module import in_mode
from nn.outputs import data_of, plain

__all__ = ["Confusion", "accuracy", "confusion", "predict"]


def predict(model: Callable[[Any], Any], X: Sequence[Any], *, threshold: float | None = None) -> list[Any]:
    """Return for each input the argmax of several outputs, or the single output itself.

    With `threshold=`, a single output is a class too: 1 above the threshold, 0 otherwise (½ for a probability, 0 for a logit).
    """
    outputs = _outputs(model, X)
    return [data_of(y) if threshold is None and not isinstance(y, Sequence) else class_of(y, threshold) for y in outputs]


def accuracy(model: Callable[[Any], Any], X: Sequence[Any], y: Sequence[Any], *, threshold: float | None = None) -> float:
    """Return the fraction of the inputs whose class the model names.

    A single output names class 1 above the threshold, by default 0 for targets −1 and 1, and ½ for targets 0 and 1; for
    logits give `threshold=0`.
    """
    return confusion(model, X, y, threshold=threshold).accuracy


def confusion(model: Callable[[Any], Any], X: Sequence[Any], y: Sequence[Any], *, threshold: float | None = None) -> Confusion:
    """Count how often each class was named as each; the threshold is that of `accuracy`."""
    refuse_uneven(X, y)
    targets = [plain(target) for target in y]
    if not names_classes(targets):
        raise SettingError(f"y = {targets!r:.60}: classes are needed: 0, 1, 2, ..., or -1 and 1, or lists with a single 1")
    outputs = _outputs(model, X)
    several = isinstance(outputs[0], Sequence)
    if not several and threshold_of(targets, threshold) is None:
        raise SettingError(f"one output names two classes, and the targets are {sorted(set(targets))}; give an output for each")
    named = [class_of(output, threshold_of(targets, threshold)) for output in outputs]
    actual = [target_class(target) for target in targets]
    n = max(len(outputs[0]) if several else 2, max(actual) + 1)
    counts = [[0] * n for _ in range(n)]
    for truth, answer in zip(actual, named, strict=True):
        counts[truth][answer] += 1
    return Confusion(counts, ["-1", "1"] if -1.0 in targets else [str(index) for index in range(n)])


@dataclass(frozen=True)
class Confusion:
    """`counts[actual][named]`: how often each class was named as each. It prints as a table, a zero as a point."""

    counts: list[list[int]]
    classes: list[str]

    @property
    def accuracy(self) -> float:
        """The fraction on the diagonal."""
        return sum(row[index] for index, row in enumerate(self.counts)) / sum(map(sum, self.counts))

    def __str__(self) -> str:
        rows = [["actual", *self.classes, "right"]]
        for index, (name, row) in enumerate(zip(self.classes, self.counts, strict=True)):
            share = f"{row[index] / sum(row):.0%}" if sum(row) else ""
            rows.append([name, *[str(count) if count else "·" for count in row], share])
        return "\n".join(aligned(rows, "  ", right=range(1, len(rows[0]))))


def _outputs(model: Callable[[Any], Any], X: Sequence[Any]) -> list[Any]:
    with no_grad(), in_mode(model, training=False):
        return [model(x) for x in X]


def refuse_uneven(X: Sequence[Any], y: Sequence[Any]) -> None:
    """Raise a ShapeError unless there are examples, each with a target."""
    if len(X) != len(y):
        raise ShapeError(f"{len(X)} inputs and {len(y)} targets; each input needs its target")
    if not len(X):
        raise ShapeError("there are no examples; at least one is needed")


def names_classes(targets: Sequence[Any]) -> bool:
    """True if these are 0, 1, 2, ..., or -1 and 1, or lists of zeros with a single 1."""
    if any(isinstance(target, list) for target in targets):
        return all(isinstance(t, list) and t.count(1) == 1 and t.count(0) == len(t) - 1 for t in targets)
    return set(targets) <= {-1, 1} or all(target >= 0 and target == int(target) for target in targets)


def threshold_of(targets: Sequence[Any], asked: float | None) -> float | None:
    """Return the number above which one output names the upper of two classes; None if the targets are not two classes."""
    if not any(isinstance(target, list) for target in targets):
        for classes, usual in (({0, 1}, 0.5), ({-1, 1}, 0.0)):
            if set(targets) <= classes:
                return usual if asked is None else asked
    return None


def class_of(output: Any, threshold: float | None) -> int:
    """Return the class that an output names: the argmax of several, or 1 above the threshold (½ by default)."""
    if type(output) is list or isinstance(output, Sequence):
        numbers = output if set(map(type, output)) == {float} else [data_of(y) for y in output]
        return numbers.index(max(numbers))
    return int(data_of(output) > (0.5 if threshold is None else threshold))


def target_class(target: Any) -> int:
    """Return the class of a target as an index."""
    return target.index(1) if isinstance(target, list) else max(0, int(target))
