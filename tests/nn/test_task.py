"""Tests of `nn.task`: how wrong a model is on examples."""

import math

import pytest

from autograd import Value
from nn import Linear, Module, losses
from nn.errors import SettingError, ShapeError
from nn.task import Task, loss_function


class Pair(Module):
    """Two outputs for each input."""

    def __init__(self):
        self.w = Value(2.0)

    def forward(self, x):
        return [self.w * x, x]


def test_targets_become_plain_numbers():
    task = Task(Pair(), [1.0, 2.0], [Value(1.0), [Value(0.0), 1]], "mse")
    assert task.y == [1.0, [0.0, 1]]
    assert len(task) == 2


def test_a_loss_of_one_target_for_several_outputs_is_the_mean_over_examples():
    task = Task(Pair(), [1.0, 2.0], [0, 1], "cross_entropy")
    outputs = [task.model(x) for x in task.X]
    each = [losses.cross_entropy(output, target) for output, target in zip(outputs, [0, 1], strict=True)]
    assert task.loss_of(outputs, [0, 1]).data == pytest.approx((each[0].data + each[1].data) / 2, rel=1e-15)
    assert task.right(outputs, [0, 1]) == 1


def test_what_is_measured_is_put_together_as_the_loss_says():
    halves, sums = (Task(Linear(1, 1), [[1.0]] * 3, [1.0, 0.0, 1.0], loss) for loss in ("mse", "squared_error"))
    measured, batches = [(1.0, 2), (4.0, 0)], [[0, 1], [2]]
    assert halves.together(measured, batches) == (2.0, 2 / 3)
    assert sums.together(measured, batches) == (5.0, 2 / 3)
    assert halves.together([(1.0, -1)], [[0, 1, 2]]) == (1.0, None)


def test_whether_there_is_an_accuracy_may_depend_on_the_outputs():
    assert Task(Pair(), [1.0], [0.5], "mse").has_accuracy is False
    assert Task(Pair(), [1.0], [1], "mse").has_accuracy is True
    assert Task(Pair(), [1.0], [2], "mse").has_accuracy is None


def test_a_logit_is_parted_at_nought():
    for loss, threshold in (("bce_with_logits", 0.0), ("hinge", 0.0), ("mse", 0.5)):
        assert Task(Pair(), [1.0], [1], loss).threshold == threshold


def test_the_reason_for_a_number_that_is_not_finite():
    model = Linear(1, 1, init="zeros")
    task = Task(model, [[1.0], [math.inf]], [0.0, 1.0], "mse")
    assert task.reason([0, 1])[0].startswith("example 1: its input 0 is inf")
    model.parameters()[0].data = math.nan
    assert task.reason([0])[0].startswith("neurons[0].w[0] became nan")


@pytest.mark.parametrize(("loss", "message"), [("msee", "not known; take one of"), (5, "cannot be called"), ("l2", "not known")])
def test_what_is_no_loss_is_refused(loss, message):
    with pytest.raises(SettingError, match=message):
        loss_function(loss)


def test_examples_without_targets_are_refused():
    with pytest.raises(ShapeError, match="2 inputs and 1 targets"):
        Task(Pair(), [1.0, 2.0], [1.0], "mse")
    with pytest.raises(ShapeError, match="no examples"):
        Task(Pair(), [], [], "mse")
