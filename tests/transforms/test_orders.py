"""Orders 1 to 4 of every row against arithmetic of hundreds of digits, by each of the three ways to a higher derivative."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import pytest
from oracles import BeyondReach, Real
from test_ops import ROWS, operand_count, ordinary_points, parameters_of

from autograd import grad, hessian, hvp, jvp, nth_derivative
from autograd.ops import TABLE, Op
from autograd.transforms import kinks

pytestmark = pytest.mark.thorough

ORDERS = 4
BAR = 1e-9  # relative

# Central differences of the fourth, fourth, second and second order in h: {shift in h: weight}, and the power of h.
STENCILS: list[tuple[dict[int, float], float]] = [
    ({-2: 1, -1: -8, 1: 8, 2: -1}, 12),
    ({-2: -1, -1: 16, 0: -30, 1: 16, 2: -1}, 12),
    ({-2: -1, -1: 2, 1: -2, 2: 1}, 2),
    ({-2: 1, -1: -4, 0: 6, 1: -4, 2: 1}, 1),
]
STEP, STEP_DIGITS = mpmath.mpf(10) ** -40, 600  # differences right to 80 digits; 160 are lost, and 260 where 1 + tanh cancels


def real(row: Op, point: Sequence[Any], parameters: dict[str, Any]) -> Any:
    return row.apply(tuple(map(Real, point)), parameters).x


def known_orders(row: Op, point: tuple[float, ...], parameters: dict[str, Any], index: int) -> list[Any]:
    """∂ᵏ row/∂operandᵏ for k = 1 … 4."""
    with mpmath.workdps(STEP_DIGITS):

        def at(shift: int) -> Any:
            return real(row, [x + shift * STEP * (i == index) for i, x in enumerate(map(mpmath.mpf, point))], parameters)

        values = {shift: at(shift) for shift in range(-2, 3)}
        sums = [mpmath.fsum(weight * values[shift] for shift, weight in weights.items()) for weights, _ in STENCILS]
        return [total / (divisor * STEP**k) for k, (total, (_, divisor)) in enumerate(zip(sums, STENCILS, strict=True), 1)]


def known_hessian(row: Op, point: tuple[float, ...], parameters: dict[str, Any]) -> list[list[Any]]:
    """∂² row/∂operandᵢ∂operandⱼ."""
    with mpmath.workdps(STEP_DIGITS):

        def at(i: int, j: int, s: int, t: int) -> Any:
            shifted = [mpmath.mpf(x) + STEP * (s * (k == i) + t * (k == j)) for k, x in enumerate(point)]
            return real(row, shifted, parameters)

        def entry(i: int, j: int) -> Any:
            return sum(s * t * at(i, j, s, t) for s in (-1, 1) for t in (-1, 1)) / (4 * STEP**2)

        return [[entry(i, j) for j in range(len(point))] for i in range(len(point))]


def disagreement(computed: float, known: Any, scale: Any) -> float:
    """The relative error; where the derivative is 0, the error in units of the row's own size."""
    size = abs(known) if abs(known) > mpmath.mpf("1e-60") * scale else (scale or 1) * mpmath.mpf("1e-6")
    return float(abs(computed - known) / size) if math.isfinite(computed) else math.inf


def smooth_points(row: Op) -> list[tuple[float, ...]]:
    """Ordinary points; 0, where many even or odd derivatives vanish; and points further out. All off the kinks."""
    count, parameters = operand_count(row), parameters_of(row)
    fixed = [0.0, 0.01, -0.01, 6.5, -6.5, 20.0, -20.0]
    points = [*ordinary_points(row, 3, seed=11)]
    for x in fixed:
        point = tuple([x * (1 - 0.25 * i) for i in range(count)])
        margins = [kink.margin(point) if row.variadic else kink.margin(*point) for kink in row.kinks]
        if all(a in row.domain_of(i) for i, a in enumerate(point)) and all(abs(margin) > 1e-3 for margin in margins):
            try:
                row.evaluate(point, parameters)
            except (ValueError, ZeroDivisionError, OverflowError):
                continue
            points.append(point)
    return points


def of_one_operand(row: Op, point: tuple[float, ...], parameters: dict[str, Any], index: int) -> Callable[[Any], Any]:
    return lambda x: row.apply((*point[:index], x, *point[index + 1 :]), parameters)


def nested(differentiate: Callable[[Any], Any], f: Any, k: int) -> Any:
    for _ in range(k):
        f = differentiate(f)
    return f


def forward(f: Any) -> Any:
    return lambda x: jvp(f, (x,), (1.0,))[1]


WAYS = {
    "reverse over reverse": lambda f, k: nested(grad, f, k),
    "dual numbers of dual numbers": lambda f, k: nested(forward, f, k),
    "series": nth_derivative,
    "reverse over forward": lambda f, k: nested(lambda g: grad(forward(g)), nested(grad, f, k % 2), k // 2),
}

# softsign'' jumps at 0, from 2 to −2, as abs' does, and celu'' from 1 to 0, so they are smooth to order 1 only.
ONCE_ONLY = {"softsign": (0.0,), "celu": (0.0,)}


@pytest.mark.parametrize("row", ROWS)
def test_orders_1_to_4_of_every_operand_are_right_to_a_part_in_a_billion(row: Op) -> None:
    parameters = parameters_of(row)
    for point in smooth_points(row):
        if ONCE_ONLY.get(row.__name__) == point:
            continue
        for index, x in enumerate(point):
            try:
                known = known_orders(row, point, parameters, index)
            except BeyondReach:
                return
            f, scale = of_one_operand(row, point, parameters, index), max(map(abs, known))
            for way, derivative in WAYS.items():
                for k in range(1, ORDERS + 1):
                    error = disagreement(derivative(f, k)(x), known[k - 1], scale)
                    assert error <= BAR, (way, k, point, index, error)


@pytest.mark.parametrize("row", ROWS)
def test_only_kinks_are_searched_for_sides(row: Op, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison of equal numbers inside a partial, as of y with 0 in the quotient's, would cost a search of seconds."""
    searched: list[list[float]] = []
    answers = kinks.answers
    monkeypatch.setattr(
        kinks, "answers", lambda evaluate, point, *rest, **how: searched.append(point) or answers(evaluate, point, *rest, **how)
    )
    for point in smooth_points(row):
        if ONCE_ONLY.get(row.__name__) != point:
            for index, x in enumerate(point):
                for way, derivative in WAYS.items():
                    derivative(of_one_operand(row, point, parameters_of(row), index), ORDERS)(x)
                    assert not searched, (way, point, index)


@pytest.mark.parametrize("row", [row for row in ROWS if operand_count(row.values[0]) > 1])
def test_mixed_second_derivatives_are_right_to_a_part_in_a_billion(row: Op) -> None:
    parameters = parameters_of(row)
    for point in smooth_points(row):
        try:
            known = known_hessian(row, point, parameters)
        except BeyondReach:
            return
        value = abs(row.evaluate(point, parameters))  # beside which differences that should be 0 are noise
        count, scale = len(point), max([value, *[abs(entry) for line in known for entry in line]])

        def f(*operands: Any) -> Any:
            return row.apply(operands, parameters)

        units = [tuple([float(i == j) for j in range(count)]) for i in range(count)]
        ways = {
            "hessian": hessian(f, tuple(range(count)))(*point),
            "hvp": [hvp(f, point, unit) for unit in units],
            "forward over reverse": [jvp(grad(f, tuple(range(count))), point, unit)[1] for unit in units],
            "forward over forward": [[jvp(lambda *x, u=one: jvp(f, x, u)[1], point, other)[1] for other in units] for one in units],
        }
        for way, computed in ways.items():
            for i, j in itertools.product(range(count), repeat=2):
                assert disagreement(computed[i][j], known[i][j], scale) <= BAR, (way, i, j, point)


def test_most_rows_are_judged_at_0_and_far_out_too() -> None:
    """Points outside a row's domain are passed over without a word, so how many are judged is held here."""
    points = {name: smooth_points(row) for name, row in TABLE.items()}
    assert sum(len(of_row) for of_row in points.values()) >= 570
    assert {"sigmoid", "tanh", "gelu", "softplus", "asinh", "erf", "atan", "sin"} <= {n for n, p in points.items() if (0.0,) in p}


def test_an_order_wrong_by_a_part_in_a_hundred_million_is_seen() -> None:
    """The oracle itself: the second derivative of the cube, off in the eighth digit."""
    known = known_orders(TABLE["pow"], (1.5, 3.0), {}, 0)
    assert [disagreement(exact, k, 27) for exact, k in zip((6.75, 9.0, 6.0, 0.0), known, strict=True)] == pytest.approx([0.0] * 4)
    assert disagreement(9.0 * (1 + 1e-8), known[1], 27) > BAR
