"""Every row keeps its digits: value, slope and orders 2 to 4, near 0, in the tails, at edges, poles and zeros; see `row_digits`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from row_digits import along, distance, findings, inside, judged
from test_ops import ROWS, operand_count, parameters_of

from autograd import Value, grad, hessian, hvp, nth_derivative, ops, taylor
from autograd.ops import TABLE, Op, op
from autograd.special import gammas

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("row", ROWS)
def test_value_and_derivatives_to_order_4_keep_their_digits_over_the_whole_domain(row: Op) -> None:
    counts = (2, 3) if row.variadic and operand_count(row) == 3 else (operand_count(row),)
    measured = [finding for count in counts for finding in findings(row, parameters_of(row), count)]
    assert len(measured) >= 100
    wrong = sorted((finding for finding in measured if finding.error > 1), key=lambda finding: -finding.error)
    assert not wrong, "\n".join(map(str, wrong[:5]))


@pytest.mark.parametrize("row", [row for row in ROWS if row.values[0].losses])
def test_what_a_row_says_it_loses_is_lost_somewhere_and_is_said_in_words(row: Op) -> None:
    for loss in row.losses:
        assert loss.where
        assert 0 <= loss.order <= 1


def test_a_loss_of_digits_is_seen_in_every_order() -> None:
    """The judge itself: tanh with the slope that books give loses its tails; with a product of sigmoids it loses order 2 near 0."""
    spellings: dict[str, Callable[[Any, Any], Any]] = {
        "1 - y²": lambda a, y: 1 - ops.square(y),
        "4·s(2a)·s(-2a)": lambda a, y: 4 * ops.sigmoid(2 * a) * ops.sigmoid(-2 * a),
    }
    wrong = {}
    for name, partial in spellings.items():
        row = op(math.tanh, name="worse_tanh", doc="tanh.", partials=(partial,), decomposition=lambda a: ops.tanh(a))
        wrong[name] = {(f.order, abs(f.point[0])) for f in findings(row, {}, 1) if f.error > 1}
    del TABLE["worse_tanh"]
    assert {(1, 20.0), (2, 300.5)} <= wrong["1 - y²"]
    assert {(2, 1e-8), (2, 1e-17), (2, 1e-160), (4, 1e-17)} <= wrong["4·s(2a)·s(-2a)"]
    assert not any(order < 2 for order, _ in wrong["4·s(2a)·s(-2a)"])


def test_the_judge_knows_derivatives_to_18_digits() -> None:
    with mpmath.workdps(40):
        for k, known in enumerate(along(ops.exp, (1.5,), {}, (1.0,))):
            assert abs(known / mpmath.exp(1.5) - 1) < 1e-18, k
        assert abs(along(ops.tanh, (1e-160,), {}, (1.0,))[2] / mpmath.mpf(-2e-160) - 1) < 1e-18
        assert abs(along(ops.tanh, (300.0,), {}, (1.0,))[1] / (4 * mpmath.exp(-600)) - 1) < 1e-18
    assert distance(1.0 + 3e-12, mpmath.mpf(1), 0.0, 2) > 1 > distance(1.0 + 3e-13, mpmath.mpf(1), 0.0, 2)
    assert distance(math.nan, mpmath.mpf(1), 0.0, 1) == math.inf


def test_second_derivatives_near_0_by_every_call() -> None:
    odd = {"tanh": -2.0, "asin": 1.0, "acos": -1.0, "atanh": 2.0, "sigmoid": -0.125}
    for name, coefficient in odd.items():
        f = TABLE[name]
        for x in (1e-8, -1e-9, 1e-17, -1e-20, 1e-160):
            known = pytest.approx(coefficient * x, rel=1e-13)
            assert grad(grad(f))(x) == known
            assert nth_derivative(f, 2)(x) == known
            assert 2 * taylor(f, x, 2)[2] == known
            assert hessian(lambda v, f=f: f(v[0]))([x])[0][0] == known
            assert hvp(f, (x,), (1.0,))[0] == known
    assert taylor(ops.tanh, 1e-9, 6)[6] == pytest.approx(-17 / 45 * 1e-9, rel=1e-12)
    assert taylor(ops.silu, 1e-9, 5)[5] == pytest.approx(1.25e-11, rel=1e-12)
    assert nth_derivative(ops.softplus, 3)(1e-9) == pytest.approx(-1.25e-10, rel=1e-12)


def test_softmax_and_logaddexp_of_two_nearly_equal_numbers_keep_their_digits() -> None:
    for gap in (1e-9, 1e-17, -1e-12):
        assert grad(grad(lambda a: ops.softmax([a, 0.0])[0]))(gap) == pytest.approx(-gap / 8, rel=1e-12)
        assert nth_derivative(lambda a: ops.logaddexp(a, 0.0), 3)(gap) == pytest.approx(-gap / 8, rel=1e-12)
        assert nth_derivative(lambda a: ops.logsumexp([a, 0.0]), 3)(gap) == pytest.approx(-gap / 8, rel=1e-12)
        assert nth_derivative(lambda a: ops.cross_entropy([a, 0.0], 1), 3)(gap) == pytest.approx(-gap / 8, rel=1e-12)


def test_an_intermediate_that_overflows_or_is_subnormal_spoils_no_slope() -> None:
    assert Value(1e-307).__pow__(-0.01).partials[0] == pytest.approx(-1.1748975549395299e308, rel=1e-14)
    assert ops.div(Value(4.41e-321), Value(-2.101371582988645e-09)).partials[1] == pytest.approx(-9.99149340028018e-304, rel=1e-14)
    assert grad(grad(lambda a: a**1e-160))(1e-160) == pytest.approx(-1e160, rel=1e-14)
    assert grad(grad(ops.atan2, 0), 1)(1e-160, 1e-160) == 0.0
    for first, second in ((0, 1), (1, 0)):
        assert grad(grad(ops.atan2, first), second)(3e-155, 4e-155) == pytest.approx(-1.12e308, rel=1e-13)
    assert grad(grad(grad(ops.cbrt)))(1e-130) == math.inf
    assert ops.digamma(Value(-1e-320)).partials == ops.digamma(Value(-5e-324)).partials == (math.inf,)


def test_hypot_of_an_infinity_and_a_nan_has_no_slope() -> None:
    for point in ((math.inf, math.nan), (math.nan, -math.inf)):
        y = ops.hypot(*map(Value, point))
        assert y.data == math.inf
        assert all(map(math.isnan, y.partials))
    assert ops.hypot(Value(-math.inf), Value(2.0)).partials == (-1.0, 0.0)


@pytest.mark.parametrize("name", ["lgamma", "digamma"])
def test_the_zeros_from_minus_12_on_keep_every_digit(name: str) -> None:
    """Beside each of them, to the last bit on either side."""
    row, seen = TABLE[name], 0
    for zero, *_ in gammas._LGAMMA_KNOWN if name == "lgamma" else gammas._DIGAMMA_ROOTS:
        for x in (zero, math.nextafter(zero, -20.0), math.nextafter(zero, 20.0), zero * (1 + 1e-13), zero * (1 - 1e-6)):
            if inside(row, (x,), {}):
                assert all(finding.error <= 1 for finding in judged(row, (x,), {}, (1.0,))), x
                seen += 1
    assert seen >= 65
