"""Tests of `nn.classes`: which class an output names, and how often it is the right one."""

import pytest

from autograd import Value
from nn import train
from nn.classes import Confusion, accuracy, confusion, names_classes, predict, target_class, threshold_of
from nn.errors import SettingError, ShapeError


def doubled(x):
    return Value(2.0) * x


def test_predict_names_the_largest_output_or_gives_the_number():
    assert predict(lambda x: [x, -x, 0.5], [2.0, -3.0, 0.1]) == [0, 1, 2]
    assert predict(doubled, [1.0, 2.0]) == [2.0, 4.0]
    assert predict(doubled, [0.1, 2.0], threshold=0.5) == [0, 1]


def test_accuracy_takes_the_threshold_that_suits_the_targets():
    outputs = [-0.2, 0.2, 0.7, 2.0]
    assert accuracy(lambda x: x, outputs, [0, 0, 1, 1]) == 1.0
    assert accuracy(lambda x: x, outputs, [0, 1, 1, 1]) == 0.75
    assert accuracy(lambda x: x, outputs, [0, 1, 1, 1], threshold=0.0) == 1.0
    assert accuracy(lambda x: x, outputs, [-1, 1, 1, -1]) == 0.75
    with pytest.raises(SettingError, match="one output names two classes"):
        accuracy(lambda x: x, outputs, [0, 1, 2, 3])
    with pytest.raises(SettingError, match="classes are needed"):
        accuracy(lambda x: x, outputs, [0.5, 1.5, 0.1, 0.2])


def test_confusion_counts_what_was_taken_for_what():
    table = confusion(lambda x: [float(x == k) for k in range(3)], [0, 1, 1, 2, 2], [0, 0, 1, 2, 1])
    assert table.counts == [[1, 1, 0], [0, 1, 1], [0, 0, 1]]
    assert table.accuracy == 3 / 5
    assert [line.split() for line in str(table).splitlines()] == [
        ["actual", "0", "1", "2", "right"],
        ["0", "1", "1", "·", "50%"],
        ["1", "·", "1", "1", "50%"],
        ["2", "·", "·", "1", "100%"],
    ]
    assert confusion(lambda x: x, [-2.0, 3.0], [-1, -1]).classes == ["-1", "1"]


@pytest.mark.parametrize(
    ("targets", "classes", "threshold"),
    [
        ([0, 1, 1], [0, 1, 1], 0.5),
        ([-1, 1.0], [0, 1], 0.0),
        ([0, 3, 2], [0, 3, 2], None),
        ([[0, 1, 0], [1, 0, 0]], [1, 0], None),
    ],
)
def test_targets_that_name_classes(targets, classes, threshold):
    assert names_classes(targets)
    assert [target_class(target) for target in targets] == classes
    assert threshold_of(targets, None) == threshold
    assert threshold_of(targets, 0.25) == (None if threshold is None else 0.25)


@pytest.mark.parametrize("targets", [[0.5], [-1, 0], [[0, 2]], [[1, 1]], [[0, 1], 1]])
def test_targets_that_are_no_classes(targets):
    assert not names_classes(targets)


def test_inputs_without_targets_are_refused():
    with pytest.raises(ShapeError, match="2 inputs and 1 targets"):
        confusion(doubled, [1.0, 2.0], [0])
    with pytest.raises(ShapeError, match="no examples"):
        confusion(doubled, [], [])


def test_these_are_names_of_the_training_too():
    assert (train.predict, train.accuracy, train.confusion, train.Confusion) == (predict, accuracy, confusion, Confusion)
