"""Classes: which one an output names, and how often it is the right one.

    >>> confusion(lambda x: x, [0.2, 0.9, 0.7], [0, 1, 0]).counts
    [[1, 1], [0, 1]]
    >>> accuracy(lambda x: x, [0.2, 0.9, 0.7, 0.8], [0, 1, 0, 1])
    0.75

Targets are the numbers of classes, 0, 1, 2, ..., or -1 and 1, or lists of zeros with a single 1.
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

__all__ = ["Confusion", "accuracy", "class_of", "confusion", "names_classes", "predict", "target_class", "threshold_of"]


def predict(model: Callable[[Any], Any], X: Sequence[Any], *, threshold: float | None = None) -> list[Any]:
    """For each input what the model says: of several outputs the index of the largest, of one the number itself.

    With `threshold=`, one output is a class too: 1 above the threshold, 0 otherwise (½ for a probability, 0 for a logit).
    """
    with no_grad(), in_mode(model, training=False):
        outputs = [model(x) for x in X]
    return [data_of(y) if threshold is None and not isinstance(y, Sequence) else class_of(y, threshold) for y in outputs]


def accuracy(model: Callable[[Any], Any], X: Sequence[Any], y: Sequence[Any], *, threshold: float | None = None) -> float:
    """The part of the inputs whose class the model names.

    One output counts as class 1 above the threshold: 0 for targets −1 and 1, ½ for targets 0 and 1 unless `threshold=` says
    otherwise, as it must for logits (0).
    """
    return confusion(model, X, y, threshold=threshold).accuracy


def confusion(model: Callable[[Any], Any], X: Sequence[Any], y: Sequence[Any], *, threshold: float | None = None) -> Confusion:
    """How often each class was taken for each; the threshold is that of `accuracy`."""
    if len(X) != len(y):
        raise ShapeError(f"{len(X)} inputs and {len(y)} targets; each input needs its target")
    if not len(X):
        raise ShapeError("there are no examples; at least one is needed")
    targets = [plain(target) for target in y]
    if not names_classes(targets):
        raise SettingError(f"y = {targets!r:.60}: classes are needed: 0, 1, 2, ..., or -1 and 1, or lists with a single 1")
    with no_grad(), in_mode(model, training=False):
        outputs = [model(x) for x in X]
    several = isinstance(outputs[0], Sequence)
    if not several and threshold_of(targets, threshold) is None:
        raise SettingError(f"one output tells two classes, and the targets are {sorted(set(targets))}; give it an output for each")
    named = [class_of(output, threshold_of(targets, threshold)) for output in outputs]
    actual = [target_class(target) for target in targets]
    n = max(len(outputs[0]) if several else 2, max(actual) + 1)
    counts = [[0] * n for _ in range(n)]
    for truth, answer in zip(actual, named, strict=True):
        counts[truth][answer] += 1
    return Confusion(counts, ["-1", "1"] if -1.0 in targets else [str(index) for index in range(n)])


@dataclass(frozen=True)
class Confusion:
    """`counts[actual][named]`: how often a class was given which name. Printed, it is a table; a point is a zero."""

    counts: list[list[int]]
    classes: list[str]

    @property
    def accuracy(self) -> float:
        """The part on the diagonal."""
        return sum(row[index] for index, row in enumerate(self.counts)) / sum(map(sum, self.counts))

    def __str__(self) -> str:
        rows = [["actual", *self.classes, "right"]]
        for index, (name, row) in enumerate(zip(self.classes, self.counts, strict=True)):
            share = f"{row[index] / sum(row):.0%}" if sum(row) else ""
            rows.append([name, *[str(count) if count else "·" for count in row], share])
        return "\n".join(aligned(rows, "  ", right=range(1, len(rows[0]))))


# ------------------------------------------------------------------------------------------------- classes of numbers


def names_classes(targets: Sequence[Any]) -> bool:
    """Whether these are 0, 1, 2, ..., or -1 and 1, or lists of zeros and a single one."""
    if any(isinstance(target, list) for target in targets):
        return all(isinstance(t, list) and t.count(1) == 1 and t.count(0) == len(t) - 1 for t in targets)
    return set(targets) <= {-1, 1} or all(target >= 0 and target == int(target) for target in targets)


def threshold_of(targets: Sequence[Any], asked: float | None) -> float | None:
    """What one output must exceed for the upper of two classes; None if the targets are not two classes."""
    if any(isinstance(target, list) for target in targets):
        return None
    classes = set(targets)
    if classes <= {0, 1}:
        return 0.5 if asked is None else asked
    if classes <= {-1, 1}:
        return 0.0 if asked is None else asked
    return None


def class_of(output: Any, threshold: float | None) -> int:
    if isinstance(output, Sequence):
        numbers = [data_of(y) for y in output]
        return numbers.index(max(numbers))
    return int(data_of(output) > (0.5 if threshold is None else threshold))


def target_class(target: Any) -> int:
    return target.index(1) if isinstance(target, list) else max(0, int(target))
