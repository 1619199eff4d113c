"""Floats that `math` lacks, measured against hundreds of digits over the whole range, tails and cancellations included."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from oracles import real_partial, real_value, slopes_of

from autograd import DomainError, Dual, Value, ops, special
from autograd.ops import TABLE, Op
from autograd.special import activations, angles, gammas, normal

# (row, most units in the last place for the value, for the derivative); cancellation at a zero is judged absolutely, below.
MEASURED = [
    ("sigmoid", 4, 4), ("tanh", 4, 8), ("softplus", 4, 4), ("logsigmoid", 4, 4), ("silu", 4, 16), ("gelu", 4, 16),
    ("gelu_tanh", 8, 16), ("mish", 4, 16), ("softsign", 4, 8), ("gaussian", 4, 4), ("normal_pdf", 8, 8),
    ("normal_cdf", 4, 8), ("erf", 4, 4), ("erfc", 4, 4), ("asin", 4, 4), ("acos", 4, 4), ("atanh", 4, 4),
    ("acosh", 4, 4), ("asinh", 4, 4), ("atan", 4, 8), ("log1p", 4, 4), ("expm1", 4, 4), ("cbrt", 4, 8), ("sqrt", 4, 4),
    ("reciprocal", 4, 4), ("exp2", 4, 4), ("log2", 4, 4), ("log10", 4, 4), ("selu", 4, 4), ("tan", 4, 8),
    ("digamma", 16, 16),
]  # fmt: skip


def spread(row: Op, count: int) -> list[float]:
    """Points of every size inside the domain: ordinary, tails, next to 0 and to ±1, huge and tiny."""
    rng = random.Random(row.__name__)
    points: list[float] = []
    while len(points) < count:
        sign = rng.choice((-1.0, 1.0))
        x = rng.choice(
            (
                rng.uniform(-4.0, 4.0),
                rng.uniform(-38.0, 38.0),
                rng.uniform(-700.0, 700.0),
                sign * 10.0 ** rng.uniform(-18, 0),
                sign * 10.0 ** rng.uniform(0, 18),
                sign * (1.0 - 10.0 ** rng.uniform(-15, -1)),
            )
        )
        if x in row.domain[0]:
            points.append(x)
    return points


def off_by(computed: float, known: mpmath.mpf) -> float:
    """Units in the last place; an excess within 4e-16 of 1 is a zero of the function near by, where digits must cancel."""
    if abs(known) > mpmath.mpf(1.7976931348623157e308):
        return 0.0 if math.isinf(computed) and (computed > 0) == (known > 0) else math.inf
    distance = abs(mpmath.mpf(computed) - known)
    return 0.0 if distance <= 4e-16 and abs(known) > 1e-3 else float(distance / math.ulp(float(known)))


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "value_ulps", "slope_ulps"), [pytest.param(*row, id=row[0]) for row in MEASURED])
def test_value_and_derivative_keep_their_digits_over_the_whole_range(name: str, value_ulps: int, slope_ulps: int) -> None:
    row = TABLE[name]
    for x in spread(row, 25):
        try:
            y = row.evaluate((x,), {})
        except OverflowError:
            continue
        assert off_by(y, real_value(row, (x,), {})) <= value_ulps, x
        assert off_by(slopes_of(row, (x,), y)[0], real_partial(row, (x,), {}, 0)) <= slope_ulps, x


# ------------------------------------------------------------------------------------------------------ tables of constants


def two_floats(x: mpmath.mpf) -> tuple[float, float]:
    """x as the nearest float and what that lacks."""
    return float(x), float(x - mpmath.mpf(float(x)))


def polished(f: Callable[[Any], Any], start: float) -> mpmath.mpf:
    """The root of f near a float that is right to its last digit, by Newton's steps."""
    root = mpmath.mpf(start)
    for _ in range(4):
        root -= f(root) / mpmath.diff(f, root, h=mpmath.mpf(10) ** -40)
    return root


SLOPES: dict[str, Callable[[Any], Any]] = {
    "silu": lambda x: mpmath.diff(lambda t: t / (1 + mpmath.exp(-t)), x),
    "gelu": lambda x: mpmath.ncdf(x) + x * mpmath.npdf(x),
    "mish": lambda x: mpmath.diff(lambda t: t * mpmath.tanh(mpmath.log1p(mpmath.exp(t))), x),
    "gelu_tanh": lambda x: mpmath.diff(
        lambda t: t / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (t + mpmath.mpf("0.044715") * t**3))), x
    ),
}


@pytest.mark.parametrize("name", SLOPES)
def test_the_root_of_a_slope_and_its_taylor_series_are_mpmaths(name: str) -> None:
    root, low, series = (getattr(activations, f"_{name.upper()}_{part}") for part in ("ROOT", "ROOT_LOW", "SERIES"))
    with mpmath.workdps(120):
        exact = mpmath.findroot(SLOPES[name], (root - 1e-9, root + 1e-9), tol=1e-80)
        assert two_floats(exact) == (root, low)
        coefficients = mpmath.taylor(SLOPES[name], exact, len(series) + 1)[1:]
        assert tuple(map(float, coefficients[:-1])) == series
        assert abs(coefficients[-1]) * 0.1 ** len(series) < 2.0**-53 * abs(series[0])  # what is left out at the seam


def test_roots_of_lgamma_digamma_and_hermite_polynomials_are_mpmaths() -> None:
    with mpmath.workdps(120):
        for root, low in gammas._DIGAMMA_ROOTS:
            assert two_floats(polished(mpmath.digamma, root)) == (root, low)
        for at, low, known in gammas._LGAMMA_KNOWN:
            size = mpmath.log(abs(mpmath.gamma(mpmath.mpf(at) + low)))
            assert abs(size - known) < 1e-16 * known + 1e-23, at
            if at not in (1.0, 2.0, -0.5, -1.5):
                assert two_floats(polished(lambda x: mpmath.log(abs(mpmath.gamma(x))), at)) == (at, low)
        for n in range(6):
            for roots, polynomial in ((normal._HERMITE_ROOTS, he), (normal._HALF_HERMITE_ROOTS, mpmath.hermite)):
                exact = [polished(lambda x, n=n, p=polynomial: p(n, x), root) for root, _ in roots[n]]
                assert [two_floats(x) for x in exact] == list(roots[n])
                assert len(exact) == n // 2
        assert tuple(float(mpmath.zeta(m) - 1) for m in range(2, 42)) == gammas._ZETA_LESS_ONE
        assert float(1 - mpmath.euler) == special.ONE_LESS_EULER


def he(n: int, x: Any) -> Any:
    """Heₙ(x)."""
    return mpmath.hermite(n, x / mpmath.sqrt(2)) / mpmath.sqrt(2) ** n


def test_zeros_of_the_slope_of_sinc_are_mpmaths_and_the_slope_keeps_its_digits_beside_them() -> None:
    with mpmath.workdps(120):
        for root, low in angles._SINC_ROOTS:
            assert two_floats(polished(lambda z: z * mpmath.cos(z) - mpmath.sin(z), math.pi * root) / mpmath.pi) == (root, low)
            for x in (root, math.nextafter(root, 20.0), -math.nextafter(root, 0.0), root * (1 + 1e-9), root - 0.3, -root - 0.4):
                exact = (mpmath.cospi(x) - mpmath.sinpi(x) / (mpmath.pi * x)) / x
                assert off_by(special.sinc_derivative(x), exact) <= 8, x
        assert len(angles._SINC_ROOTS) == 12


# Rows that are the n-th derivative of another, and points on both sides of every seam.
FAMILIES: dict[str, tuple[float, ...]] = {
    "sinc_derivative": (1e-9, -0.3, 0.95, 0.96, 1.0, -1.27, 1.28, 2.2, 2.3, 7.6, 13.1),
    "exprel_derivative": (0.0, 1e-17, -1e-9, 0.5, 3.0, 3.01, -3.0, -3.01, 4.0, 6.9, 7.1, 23.0, -40.0, 700.0, 715.0),
    "log_normal_cdf_derivative": (-36.9, -37.1, -100.0, -8.0, -2.0, -1.01, -0.99, -1e-9, 0.7, 5.0, 11.9, 12.1, 30.0),
}


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8])
@pytest.mark.parametrize("name", FAMILIES)
def test_the_nth_derivative_that_is_a_row_keeps_its_digits_at_every_seam(name: str, n: int) -> None:
    row = TABLE[name]
    for x in FAMILIES[name]:
        said = max([loss.size(x, n=n) for loss in row.losses if loss.order == 0], default=0.0)
        known = real_value(row, (x,), {"n": n})
        assert abs(row(x, n=n) - known) <= 16 * math.ulp(1.0) * n * max(abs(known), said), x


@pytest.mark.parametrize("name", FAMILIES)
def test_the_order_of_a_derivative_that_is_a_row_has_bounds(name: str) -> None:
    for n in (-1, 101):
        with pytest.raises(ValueError, match="the order n must be a whole number from"):
            TABLE[name](0.5, n=n)
    assert math.isfinite(TABLE[name](0.5, n=100))


def test_derivatives_of_log_normal_cdf_far_right_are_rounded_once_where_they_are_subnormal() -> None:
    for x in (37.9, 38.398537798035136, 38.68479287374427):
        for n in (2, 3, 4):
            known = real_value(ops.log_normal_cdf_derivative, (x,), {"n": n})
            assert abs(ops.log_normal_cdf_derivative(x, n=n) - known) <= 1e-14 * abs(known) + 5e-324


def test_limits_of_the_rows_that_people_ask_for() -> None:
    inf = math.inf
    limits = [
        (ops.sinc, inf, 0.0, 0.0), (ops.sinc, -inf, 0.0, 0.0), (ops.exprel, -inf, 0.0, 0.0), (ops.exprel, inf, inf, inf),
        (ops.log1mexp, -inf, 0.0, 0.0), (ops.log1mexp, -5e-324, math.log(5e-324), -inf), (ops.logcosh, inf, inf, 1.0),
        (ops.logcosh, -inf, inf, -1.0), (ops.log_normal_cdf, inf, 0.0, 0.0), (ops.log_normal_cdf, -inf, -inf, inf),
        (ops.relu6, inf, 6.0, 0.0), (ops.hardswish, -inf, 0.0, 0.0), (ops.hardswish, inf, inf, 1.0),
        (ops.hardsigmoid, inf, 1.0, 0.0), (ops.celu, -inf, -1.0, 0.0), (ops.huber, -inf, inf, -1.0),
        (ops.log_normal_cdf_derivative, -inf, inf, -1.0),
    ]  # fmt: skip
    for row, x, y, slope in limits:
        assert row(x) == pytest.approx(y, rel=1e-15), row
        assert (row.local_derivatives((x,), row(x))[0] or 0.0) == slope, row  # a closed gate is None


def test_lerp_is_rounded_once_and_keeps_its_promises_at_the_ends() -> None:
    rng = random.Random(7)
    for _ in range(400):
        a, b, t = (rng.choice((1.0, -1.0)) * 10.0 ** rng.uniform(-320, 305) for _ in range(3))
        t = rng.choice((t, rng.random(), -rng.random() * 8))
        with mpmath.workdps(700):
            assert off_by(special.lerp(a, b, t), (1 - mpmath.mpf(t)) * a + mpmath.mpf(t) * b) <= 1
        assert (special.lerp(a, b, 0.0), special.lerp(a, b, 1.0), special.lerp(a, a, t)) == (a, b, a)
        middle = [special.lerp(0.1, b, k / 16) for k in range(17)]
        assert middle == sorted(middle, reverse=b < 0.1)
    assert special.lerp(1e308, -1e308, 0.5) == 0.0
    assert special.lerp(1e308, 1.7e308, 3.0) == math.inf


def test_parameters_without_a_meaning_are_refused() -> None:
    with pytest.raises(ZeroDivisionError, match="alpha is 0"):
        ops.celu(-1.0, alpha=0.0)
    for delta in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="delta is not above 0"):
            ops.huber(1.0, delta=delta)


def test_derivatives_of_densities_beyond_the_table_of_roots_follow_the_recurrence() -> None:
    for n in (0, 1, 5, 6, 11):
        for x in (1e-17, -0.3, 2.0, 7.5):
            with mpmath.workdps(60):
                exact = (-1) ** n * he(n, mpmath.mpf(x)) * mpmath.npdf(x)
                assert special.normal_pdf_derivative(x, n=n) == pytest.approx(float(exact), rel=1e-13)
                exact = (-1) ** n * mpmath.hermite(n, mpmath.mpf(x)) * mpmath.exp(-(mpmath.mpf(x) ** 2))
                assert special.gaussian_derivative(x, n=n) == pytest.approx(float(exact), rel=1e-13)


@pytest.mark.parametrize("n", [-1, 101])
def test_an_order_out_of_bounds_is_refused(n: int) -> None:
    for row in (ops.normal_pdf_derivative, ops.gaussian_derivative):
        with pytest.raises(ValueError, match="from 0 to 100"):
            row(1.0, n=n)
    for row in (ops.inverse_power_real, ops.inverse_power_imaginary):
        with pytest.raises(ValueError, match="from 0 to 100"):
            row(1.0, 2.0, n=n)
        with pytest.raises(ZeroDivisionError, match="0 has no inverse"):
            row(0.0, -0.0)


@pytest.mark.parametrize(
    "xs",
    [
        (-1.0, -0.45867514538708193),
        (-0.6931471805599453, -0.6931471805599453),
        (-22.3, -2e-10),
        (-1e-300, -690.7755278982137),
        (-1.0986122886681098, -1.0986122886681098, -1.0986122886681098),
        (-2.0, -2.0, -1.0, -1.0069, -6.0),
        (-5e-324, -744.4400719213812),
    ],
)
def test_logsumexp_keeps_its_digits_where_its_terms_cancel(xs: tuple[float, ...]) -> None:
    with mpmath.workdps(900):
        exact = mpmath.log(mpmath.fsum(mpmath.exp(mpmath.mpf(x)) for x in xs))
        assert off_by(special.logsumexp(xs), exact) <= 2


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_polygamma_keeps_thirteen_digits_on_both_sides_of_zero(n: int) -> None:
    rng = random.Random(n)
    for x in [rng.uniform(0.01, 40.0) for _ in range(10)] + [rng.uniform(-6.0, 0.0) for _ in range(10)]:
        known = mpmath.psi(n, x)
        assert abs(special.polygamma(x, n=n) - known) <= 1e-13 * abs(known) + 1e-13 * float(abs(mpmath.psi(n, 1 - x)))


@pytest.mark.parametrize("n", [-1, -(10**9), 152, 10**4, 10**9, 10**400])
def test_polygamma_refuses_an_order_it_cannot_have_at_once(n: int) -> None:
    for x in (1.5, -1.5, Value(1.5), Value(math.nan), Dual(1.5, 1.0)):
        with pytest.raises(DomainError, match=f"^polygamma.*: n = {n} is outside 0 to 150"):
            ops.polygamma(x, n=n)


def test_polygamma_of_the_highest_order_has_a_slope() -> None:
    x = Value(2.5)
    ops.polygamma(x, n=150).backward()
    with mpmath.workdps(60):
        assert abs(x.grad / mpmath.psi(151, 2.5) - 1) < 1e-13


def test_digamma_keeps_its_digits_at_its_root() -> None:
    root = 1.4616321449683622
    for x in (root, math.nextafter(root, 2.0), root + 1e-9, root - 0.2, root + 0.2):
        with mpmath.workdps(60):
            assert abs(special.digamma(x) / mpmath.digamma(x) - 1) < 1e-14


@pytest.mark.parametrize("x", [0.0, -1.0, -7.0, -math.inf])
def test_digamma_and_polygamma_refuse_their_poles(x: float) -> None:
    for function in (ops.digamma, lambda x: ops.polygamma(x, n=2)):
        with pytest.raises(ValueError, match="outside"):
            function(x)


@pytest.mark.parametrize(
    "xs", [(0.0, -40.0), (-800.0, -801.0), (1000.0, -1000.0), (0.1, -640.7, 3.3), (700.25, -3.9, 0.001), (1e300, -1e300)]
)
def test_softmax_keeps_the_smallest_probability(xs: tuple[float, ...]) -> None:
    with mpmath.workdps(60):
        total = mpmath.fsum(mpmath.exp(x) for x in xs)
        for k, x in enumerate(xs):
            known = mpmath.exp(x) / total
            assert off_by(special.softmax(xs, k=k), known) <= 8
