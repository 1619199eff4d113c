"""Losses: their values and gradients against the formulas, at ordinary points and at the edges."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from examples import same
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Value
from nn import SettingError, ShapeError, losses
from nn.losses import bce, bce_with_logits, cross_entropy, hinge, huber, l2, mae, mse, slopes, squared_error

ORDINARY = st.floats(-1e3, 1e3) | st.sampled_from([0.0, -0.0, 1.0, -1.0])
PAIRS = st.lists(st.tuples(ORDINARY, ORDINARY), min_size=1, max_size=5)
few = settings(max_examples=40, deadline=None)


def value_and_grads(loss, outputs, *targets, **options):
    nodes = [Value(y) for y in outputs]
    result = loss(nodes, *targets, **options)
    result.backward()
    return result.data, [node.grad for node in nodes]


def near(expected, rel=1e-13):
    return pytest.approx(expected, rel=rel, abs=0.0)


@given(pairs=PAIRS)
@few
def test_squared_error_is_half_the_sum_of_squares_with_gradient_minus_the_residual(pairs):
    ys, ts = zip(*pairs, strict=True)
    value, grads = value_and_grads(squared_error, ys, ts)
    exact = sum((Fraction(t) - Fraction(y)) ** 2 for y, t in pairs) / 2
    assert value == near(float(exact))
    assert grads == [-(t - y) for y, t in pairs]


@given(pairs=PAIRS)
@few
def test_mse_is_the_mean_of_squares_with_gradient_twice_the_residual_over_n(pairs):
    ys, ts = zip(*pairs, strict=True)
    value, grads = value_and_grads(mse, ys, ts)
    exact = sum((Fraction(t) - Fraction(y)) ** 2 for y, t in pairs) / len(pairs)
    assert value == near(float(exact))
    assert grads == near([2 * (y - t) / len(pairs) for y, t in pairs])


def test_the_cafeterias_first_residual_and_gradient():
    prices, portions = [Value(0.5), Value(0.5), Value(0.5)], [5, 2, 3]
    error = squared_error([sum(x * w for x, w in zip(portions, prices, strict=True))], [8.5])
    error.backward()
    assert error.data == 3.5**2 / 2
    assert [w.grad for w in prices] == [-x * 3.5 for x in portions]


@given(pairs=st.lists(st.tuples(ORDINARY, st.sampled_from([-1, 1, -1.0, 1.0])), min_size=1, max_size=5))
@few
def test_hinge_is_the_mean_shortfall_of_the_margin(pairs):
    ys, ts = zip(*pairs, strict=True)
    value, grads = value_and_grads(hinge, ys, ts)
    n = len(pairs)
    assert value == pytest.approx(sum(max(0.0, 1 - t * y) for y, t in pairs) / n, rel=1e-13, abs=1e-13)
    assert grads == near([-t / n if t * y < 1 else 0.0 for y, t in pairs])


def test_hinge_at_the_margin_itself_has_derivative_zero():
    assert value_and_grads(hinge, [1.0, -1.0], [1, -1]) == (0.0, [0.0, 0.0])


@given(pairs=st.lists(st.tuples(st.floats(1e-6, 1 - 1e-6), st.floats(0, 1) | st.sampled_from([0.0, 1.0])), min_size=1, max_size=5))
@few
def test_bce_is_minus_the_mean_log_likelihood(pairs):
    ps, ts = zip(*pairs, strict=True)
    value, grads = value_and_grads(bce, ps, ts)
    n = len(pairs)
    assert value == near(-sum(t * math.log(p) + (1 - t) * math.log1p(-p) for p, t in pairs) / n)
    scale = max(1 / (p * (1 - p)) for p in ps)
    assert grads == pytest.approx([(p - t) / (n * p * (1 - p)) for p, t in pairs], rel=1e-9, abs=1e-15 * scale)


def test_bce_of_a_certain_output_that_is_right_is_zero():
    assert value_and_grads(bce, [0.0, 1.0], [0, 1]) == (0.0, [0.5, -0.5])


def test_bce_keeps_the_digits_of_a_small_probability():
    assert bce([1e-20], [0.0]) == 1e-20


@pytest.mark.parametrize(("output", "target"), [(0.0, 1), (1.0, 0), (0.0, 0.5), (1.0, 0.5)])
def test_bce_of_a_certain_output_that_is_wrong_is_refused(output, target):
    with pytest.raises(ValueError, match=r"outputs\[1\] = .* infinite loss; use bce_with_logits"):
        bce([0.5, Value(output)], [1, target])


@given(pairs=st.lists(st.tuples(st.floats(-30, 30), st.floats(0, 1) | st.sampled_from([0.0, 1.0])), min_size=1, max_size=5))
@few
def test_bce_with_logits_is_bce_of_the_sigmoid(pairs):
    zs, ts = zip(*pairs, strict=True)
    value, grads = value_and_grads(bce_with_logits, zs, ts)
    n = len(pairs)
    exact = sum(max(z, 0.0) - t * z + math.log1p(math.exp(-abs(z))) for z, t in pairs) / n
    assert value == pytest.approx(exact, rel=1e-12, abs=1e-14)
    assert grads == pytest.approx([(1 / (1 + math.exp(-z)) - t) / n for z, t in pairs], rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(
    ("z", "target", "value", "grad"),
    [
        (1000.0, 1, 0.0, 0.0),
        (1000.0, 0, 1000.0, 1.0),
        (-1000.0, 1, 1000.0, -1.0),
        (-1000.0, 0, 0.0, 0.0),
        (math.inf, 1, 0.0, 0.0),
        (-math.inf, 0, 0.0, 0.0),
        (1000.0, 0.25, 750.0, 0.75),
        (-1000.0, 0.25, 250.0, -0.25),
        (40.0, 1, 4.248354255291589e-18, -4.248354255291589e-18),
        (-40.0, 0, 4.248354255291589e-18, 4.248354255291589e-18),
    ],
)
def test_bce_with_logits_is_stable_and_accurate_far_out(z, target, value, grad):
    got, (slope,) = value_and_grads(bce_with_logits, [z], [target])
    assert (got, slope) == (near(value), near(grad))


@given(zs=st.lists(st.floats(-30, 30), min_size=2, max_size=5), data=st.data())
@few
def test_cross_entropy_is_minus_the_log_probability_with_gradient_probability_minus_target(zs, data):
    target = data.draw(st.integers(0, len(zs) - 1))
    value, grads = value_and_grads(cross_entropy, zs, target)
    total = sum(math.exp(z) for z in zs)
    probabilities = [math.exp(z) / total for z in zs]
    assert value == pytest.approx(-math.log(probabilities[target]), rel=1e-9, abs=1e-12)
    assert grads == pytest.approx([p - (j == target) for j, p in enumerate(probabilities)], rel=1e-9, abs=1e-15)


def test_cross_entropy_is_stable_far_out_and_one_node():
    value, grads = value_and_grads(cross_entropy, [1000.0, -1000.0], 1)
    assert (value, grads) == (2000.0, [1.0, -1.0])
    zs = [Value(1.0), Value(2.0)]
    assert same(cross_entropy(zs, 0).operands, *zs)


def test_l2_is_the_penalty_with_gradient_twice_the_parameter():
    value, grads = value_and_grads(l2, [3.0, -4.0], 0.5)
    assert (value, grads) == (12.5, [3.0, -4.0])


def test_losses_take_bare_values_plain_numbers_and_any_sequence():
    assert squared_error(Value(3.0), 1.0).data == 2.0
    assert mse((y for y in (1.0, 2.0)), range(2)) == 1.0
    assert hinge([Value(0.5), 0.5], (1, 1)).data == 0.5
    assert bce_with_logits(Value(0.0), 1).data == near(math.log(2))


def test_a_node_as_target_of_a_squared_error_has_its_gradient():
    t = Value(3.0)
    squared_error([Value(1.0)], [t]).backward()
    assert t.grad == 2.0


def test_a_node_as_target_of_a_classification_counts_as_its_number():
    t = Value(1.0)
    for loss in (hinge, bce, bce_with_logits):
        result = loss([Value(0.25)], [t])
        result.backward()
        assert result.data == loss([0.25], [1.0])
        assert not t.reached


@pytest.mark.parametrize("loss", [squared_error, mse, mae, huber, hinge, bce, bce_with_logits])
def test_lengths_that_differ_are_refused_naming_both(loss):
    with pytest.raises(ShapeError, match=f"{loss.__name__}: 2 outputs and 1 targets") as refusal:
        loss([Value(0.5), Value(0.5)], [1])
    assert isinstance(refusal.value, ValueError)
    with pytest.raises(ShapeError, match="no outputs"):
        loss([], [])


@pytest.mark.parametrize(
    ("loss", "target"),
    [(hinge, 0), (hinge, 0.5), (hinge, math.nan), (hinge, 2)]
    + [(loss, t) for loss in (bce, bce_with_logits) for t in (-1, 1.5, math.nan, math.inf)],
)
def test_targets_outside_the_domain_are_refused_by_their_place(loss, target):
    with pytest.raises(ValueError, match=rf"{loss.__name__}: targets\[1\]"):
        loss([Value(0.5), Value(0.5)], [1, target])


@pytest.mark.parametrize("output", [-0.1, 1.1, math.nan])
def test_bce_refuses_outputs_that_are_no_probabilities(output):
    with pytest.raises(ValueError, match=r"outputs\[0\]"):
        bce([Value(output)], [1])


@pytest.mark.parametrize("loss", [squared_error, mse, mae, huber, hinge, bce, bce_with_logits])
@pytest.mark.parametrize("target", ["1", None, [1.0]], ids=["text", "None", "list"])
def test_targets_that_are_no_numbers_are_refused(loss, target):
    with pytest.raises(TypeError):
        loss([Value(0.5)], [target])


@pytest.mark.parametrize(
    ("target", "error"), [(2, ValueError), (-1, ValueError), (0.5, TypeError), ("0", TypeError), ([0], TypeError)]
)
def test_cross_entropy_refuses_a_target_that_is_no_index_of_a_class(target, error):
    with pytest.raises(error):
        cross_entropy([Value(1.0), Value(2.0)], target)


def test_cross_entropy_of_no_classes_is_refused():
    with pytest.raises(ShapeError, match="no logits"):
        cross_entropy([], 0)


# ------------------------------------------------------------------------------------------------------------ robust losses


@given(pairs=PAIRS)
@few
def test_mae_is_the_mean_distance_with_the_sign_as_gradient(pairs):
    ys, ts = zip(*pairs, strict=True)
    value, grads = value_and_grads(mae, ys, ts)
    assert value == near(float(sum(abs(Fraction(y) - Fraction(t)) for y, t in pairs) / len(pairs)), rel=1e-12)
    assert grads == near([((y > t) - (y < t)) / len(pairs) for y, t in pairs])


@given(pairs=PAIRS, delta=st.sampled_from([0.5, 1.0, 3.0]))
@few
def test_huber_is_a_parabola_up_to_delta_and_straight_beyond(pairs, delta):
    ys, ts = zip(*pairs, strict=True)
    value, grads = value_and_grads(huber, ys, ts, delta=delta)
    rs, d = [abs(Fraction(y - t)) for y, t in pairs], Fraction(delta)
    assert value == near(float(sum(r * r / 2 if r <= d else d * (r - d / 2) for r in rs) / len(rs)), rel=1e-12)
    assert grads == near([max(-delta, min(delta, y - t)) / len(pairs) for y, t in pairs])


def test_huber_is_continuous_at_its_bend_and_a_bound_that_is_none_is_refused():
    assert huber([2.0], [0.0], delta=2.0) == 2.0
    assert huber([math.nextafter(2.0, 3.0)], [0.0], delta=2.0) == near(2.0)
    for delta in (0, -1.0, math.nan):
        with pytest.raises(SettingError, match="delta = "):
            huber([1.0], [0.0], delta=delta)


# ------------------------------------------------------------------------------------------------ slopes, without a graph

TARGETS = {
    "hinge": st.sampled_from([-1.0, 1.0]),
    "bce": st.sampled_from([0.0, 0.25, 1.0]),
    "bce_with_logits": st.sampled_from([0.0, 0.25, 1.0]),
}


@pytest.mark.parametrize("name", [name for name in losses.__all__ if name not in ("l2", "cross_entropy")])
@given(data=st.data())
@few
def test_the_slopes_of_a_loss_are_the_gradients_of_its_graph(name, data):
    outputs = st.floats(0.01, 0.99) if name == "bce" else st.floats(-30, 30) | st.sampled_from([0.0, 1.0, -1.0])
    pairs = data.draw(st.lists(st.tuples(outputs, TARGETS.get(name, st.floats(-30, 30) | st.just(0.0))), min_size=1, max_size=4))
    ys, ts = zip(*pairs, strict=True)
    _, grads = value_and_grads(getattr(losses, name), ys, ts)
    assert slopes(name, ys, ts) == pytest.approx(grads, rel=1e-12, abs=1e-16)
    assert slopes(getattr(losses, name), [Value(y) for y in ys], ts) == slopes(name, ys, ts)


@given(zs=st.lists(st.floats(-30, 30), min_size=1, max_size=5), data=st.data())
@few
def test_the_slopes_of_cross_entropy_are_the_gradients_of_its_graph_to_the_last_digits(zs, data):
    target = data.draw(st.integers(0, len(zs) - 1))
    assert slopes("cross_entropy", zs, target) == near(value_and_grads(cross_entropy, zs, target)[1], rel=1e-12)


def test_slopes_refuse_what_the_loss_refuses_and_losses_they_do_not_know():
    with pytest.raises(ShapeError, match="2 outputs and 1 targets"):
        slopes("mse", [1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match=r"hinge: targets\[0\]"):
        slopes("hinge", [1.0], [0.5])
    for unknown in ("mean", "l2", "slopes", lambda y, t: 0.0):
        with pytest.raises(SettingError, match="is not known; take one of squared_error"):
            slopes(unknown, [1.0], [1.0])
