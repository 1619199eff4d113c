"""Optimisers, against recurrences worked out by hand in exact fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest

from autograd import Value
from nn import MLP, SGD, SettingError
from nn.losses import mse


def path(gradients, start=1.0, **settings):
    """Where SGD takes one parameter on these gradients."""
    p = Value(start)
    optimizer = SGD([p], **settings)
    seen = []
    for g in gradients:
        optimizer.zero_grad()
        p.grad = g
        optimizer.step()
        seen.append(p.data)
    return seen


def pytorchs(gradients, start=1, lr=0, momentum=0, weight_decay=0):
    """The recurrence that PyTorch documents, in fractions."""
    p, v, seen = Fraction(start), None, []
    lr, momentum, weight_decay = (Fraction(str(x)) for x in (lr, momentum, weight_decay))
    for g in gradients:
        g = Fraction(str(g)) + weight_decay * p
        v = g if v is None else momentum * v + g
        p -= lr * v
        seen.append(float(p))
    return seen


@pytest.mark.parametrize(
    ("settings", "by_hand"),
    [
        ({"lr": 0.1}, [0.95, 0.97, 0.96]),
        ({"lr": 0.1, "momentum": 0.9}, [0.95, 0.925, 0.8925]),
        ({"lr": 0.1, "weight_decay": 0.01}, [0.949, 0.968051, 0.957082949]),
        ({"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}, [0.949, 0.922151, 0.887064749]),
    ],
    ids=["plain", "momentum", "decay", "both"],
)
def test_sgd_takes_the_path_worked_out_by_hand(settings, by_hand):
    gradients = [0.5, -0.2, 0.1]
    assert path(gradients, **settings) == pytest.approx(by_hand, rel=1e-14)
    assert pytorchs(gradients, **settings) == pytest.approx(by_hand, rel=1e-14)


def test_sgd_follows_pytorchs_recurrence_for_many_steps():
    gradients = [((7 * k) % 11 - 5) / 10 for k in range(50)]
    settings = {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.02}
    assert path(gradients, **settings) == pytest.approx(pytorchs(gradients, **settings), rel=1e-12)


def test_momentum_carries_on_where_the_gradient_is_zero():
    assert path([1.0, 0.0, 0.0], lr=1.0, momentum=0.5) == [0.0, -0.5, -0.75]


def test_each_parameter_has_a_momentum_of_its_own():
    a, b = Value(0.0), Value(0.0)
    optimizer = SGD([a, b], lr=1.0, momentum=0.5)
    a.grad, b.grad = 1.0, -2.0
    optimizer.step()
    optimizer.zero_grad()
    optimizer.step()
    assert (a.data, b.data) == (-1.5, 3.0)


def test_the_first_step_on_the_cafeteria_is_that_of_the_delta_rule():
    prices, portions = [Value(0.5) for _ in range(3)], [5, 2, 3]
    optimizer = SGD(prices, lr=1 / 35)
    (0.5 * (8.5 - sum(x * w for x, w in zip(portions, prices, strict=True))) ** 2).backward()
    optimizer.step()
    assert [w.data for w in prices] == pytest.approx([1.0, 0.7, 0.8], rel=1e-15)


def test_settings_may_change_between_steps():
    p = Value(0.0)
    optimizer = SGD([p], lr=1.0)
    for lr in (1.0, 0.5):
        optimizer.lr = lr
        p.grad = 1.0
        optimizer.step()
    assert p.data == -1.5


def test_the_default_is_a_hundredth_of_the_gradient():
    assert path([1.0]) == [0.99]


def test_zero_grad_forgets_the_gradients_of_its_parameters_alone():
    p, q = Value(1.0), Value(1.0)
    p.grad = q.grad = 3.0
    SGD([p]).zero_grad()
    assert (p.grad, q.grad) == (0.0, 3.0)
    assert not p.reached


def test_sgd_moves_nothing_but_its_parameters_and_keeps_their_gradients():
    p, q = Value(1.0), Value(1.0)
    p.grad = q.grad = 3.0
    SGD([p], lr=0.5).step()
    assert (p.data, q.data) == (-0.5, 1.0)
    assert p.grad == 3.0


def test_training_a_network_lowers_its_loss():
    model = MLP(1, [8, 1], activation="tanh", seed=1)
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9)
    xs = [-1.0 + k / 5 for k in range(11)]
    losses = []
    for _ in range(200):
        loss = mse([model([x]) for x in xs], [x * x for x in xs])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
    assert losses[-1] < 0.01 < losses[0]


def test_parameters_may_come_from_a_generator():
    p = Value(1.0)
    optimizer = SGD(parameter for parameter in [p])
    assert optimizer.parameters == [p]


@pytest.mark.parametrize("name", ["lr", "momentum", "weight_decay"])
@pytest.mark.parametrize("setting", [-0.1, float("nan"), float("inf")])
def test_a_setting_that_makes_no_sense_is_refused_by_name(name, setting):
    with pytest.raises(SettingError, match=f"{name} = "):
        SGD([Value(1.0)], **{name: setting})


def test_a_learning_rate_of_zero_is_refused_and_text_too():
    with pytest.raises(ValueError, match="lr = 0: a finite number above 0"):
        SGD([Value(1.0)], lr=0)
    with pytest.raises(TypeError):
        SGD([Value(1.0)], lr="0.1")


def test_what_cannot_be_optimised_is_refused():
    p = Value(1.0)
    with pytest.raises(ValueError, match="no parameters"):
        SGD([])
    with pytest.raises(TypeError, match=r"write \[parameter\]"):
        SGD(p)
    with pytest.raises(TypeError, match="not a leaf"):
        SGD([p * 2])
    with pytest.raises(TypeError, match="not a node"):
        SGD([1.0])
    with pytest.raises(ValueError, match="twice"):
        SGD([p, p])


def test_the_representation_shows_the_settings():
    assert repr(SGD([Value(1.0)], lr=0.5)) == "SGD(1 parameters, lr=0.5, momentum=0.0, weight_decay=0.0)"
