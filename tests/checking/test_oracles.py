"""The oracles, one by one: differences with their estimated error, the complex step, and the sweep of steps."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import mpmath
import pytest
from test_judgement import ROWS, applied, ordinary_points, wrong

from autograd import MissingExtraError, ops
from autograd.analytic import CONTINUED
from autograd.checking import Complex, check_grad, compare_oracles, complex_step, step_sweep
from autograd.checking.differences import EPSILON, Estimate, central, limit_of_slopes, one_side
from autograd.ops import TABLE, Op

# ---------------------------------------------------------------------------------------------------------- differences


def finite(f: Callable[[float], float]) -> Callable[[float], float | None]:
    def value(x: float) -> float | None:
        try:
            y = f(x)
        except (ValueError, ArithmeticError):
            return None
        return y if math.isfinite(y) else None

    return value


@pytest.mark.parametrize(
    ("f", "x", "slopes"),
    [
        (abs, 0.0, (-1.0, 1.0)),
        (lambda x: abs(x - 3.0), 3.0, (-1.0, 1.0)),
        (lambda x: x if x < 1.0 else x * x + 4.0, 1.0, (1.0, 2.0)),
        (lambda x: max(math.exp(x), 1.0 - x), 0.0, (-1.0, 1.0)),
        (math.floor, 2.0, (0.0, 0.0)),
        (math.sqrt, 0.0, (None, math.inf)),
        (math.cbrt, 0.0, (math.inf, math.inf)),
        (lambda x: math.sqrt(x - 1.0), 1.0, (None, math.inf)),
        (lambda x: x * math.log(x), 0.0, (None, -math.inf)),
        (math.acos, 1.0, (-math.inf, None)),
        (lambda x: min(x, 5e-60), 0.0, (1.0, None)),
    ],
)
def test_one_sided_slopes_are_those_of_the_side_or_unseen(
    f: Callable[[float], float], x: float, slopes: tuple[float | None, float | None]
) -> None:
    for sign, slope in zip((-1.0, 1.0), slopes, strict=True):
        side = one_side(finite(f), x, 0.0, sign)
        if slope is None:
            assert side.slope is None
        elif math.isinf(slope):
            assert side.slope is not None
            assert side.slope.value == slope
        else:
            assert side.slope is not None
            assert abs(side.slope.value - slope) <= side.slope.error <= 1e-9


@pytest.mark.parametrize(("f", "limits"), [(math.floor, (1.0, 2.0)), (lambda x: x if x <= 2.0 else x + 1e-9, (2.0, 2.0 + 1e-9))])
def test_the_limits_of_the_sides_are_told_from_the_value(f: Callable[[float], float], limits: tuple[float, float]) -> None:
    for sign, limit in zip((-1.0, 1.0), limits, strict=True):
        side = one_side(f, 2.0, 0.0, sign)
        assert side.limit is not None
        assert abs(side.limit.value - limit) <= side.limit.error <= 1e-13


def test_a_kink_hidden_from_large_steps_is_met_by_small_ones() -> None:
    def f(x: float) -> float:
        return max(x - 1.0, 1e-9)

    assert central(f, 1.0, 0.0) is not None
    assert central(f, 1.0, 0.0).value == 0.0  # type: ignore[union-attr]  # not None
    assert central(f, 1.0 + 2e-9, 0.0) is None or abs(central(f, 1.0 + 2e-9, 0.0).value - 1.0) < 1e-3  # type: ignore[union-attr]


def test_limits_of_slopes_are_extrapolated_or_infinite() -> None:
    limit = limit_of_slopes(lambda t: central(math.sin, 0.5 + t, 0.0))
    assert limit is not None
    assert limit.value == pytest.approx(math.cos(0.5), rel=1e-8)
    assert limit_of_slopes(lambda t: central(finite(math.log), t, 0.0)) == Estimate(math.inf)
    assert limit_of_slopes(lambda t: None) is None


def test_an_oracle_that_does_not_apply_says_so_and_the_others_decide() -> None:
    row = compare_oracles(lambda x: ops.lgamma(x) * 2.0, 2.5).rows[0]
    assert row.complex_step is None
    assert "n/a" in str(compare_oracles(ops.lgamma, 2.5))
    peeking = check_grad(lambda x: x * x if x.data > 0 else -x, 2.0, order=1)
    assert peeking.entries[0].oracles.forward == peeking.entries[0].oracles.complex_step == 4.0
    assert [entry.verdict for entry in peeking.entries] == ["agree"]


@pytest.mark.parametrize(
    ("name", "x"),
    [("exp", 1.0), ("exp", 700.0), ("log", 1e-300), ("sin", 1e6), ("tan", 1.57), ("erf", 0.3), ("gamma", 5.5), ("sqrt", 1e-12),
     ("atan", 1e8), ("acosh", 1.0001), ("asin", 0.9999), ("lgamma", 2.0), ("digamma", 0.01), ("cbrt", -1e9)],
)  # fmt: skip
def test_differences_are_within_their_own_estimated_error(name: str, x: float) -> None:
    row = compare_oracles(TABLE[name], x).rows[0]
    mp = {"digamma": mpmath.digamma, "lgamma": mpmath.loggamma, "cbrt": lambda t: -mpmath.cbrt(-t)}.get(name) or getattr(
        mpmath, name
    )
    with mpmath.workdps(60):
        known = float(
            mpmath.diff(mp, mpmath.mpf(x), h=mpmath.mpf(10) ** -320 if abs(x) < 1e-100 else None)
            if abs(x) > 1e-100
            else 1 / mpmath.mpf(x)
        )
    assert row.differences is not None
    assert row.error is not None
    assert abs(row.differences - known) <= row.error
    assert row.error <= 1e-4 * abs(known)


@pytest.mark.parametrize("row", [ops.sin, ops.cos, ops.tan], ids=lambda row: row.__name__)
def test_where_neighbouring_floats_lie_periods_apart_there_are_no_differences(row: Op) -> None:
    rng = random.Random(1)
    for _ in range(150):
        assert compare_oracles(row, 10.0 ** rng.uniform(20.0, 300.0)).rows[0].differences is None


def test_what_larger_steps_agree_on_is_given_up_where_smaller_ones_contradict() -> None:
    """A bend of width 1e−11, the same on both sides: steps above see the slope 1 to ten digits, at the point it is 2.

    Values near 1 are known to EPSILON, and over a tenth of the bend that leaves 2e-4 of the slope unknown.
    """
    row = compare_oracles(lambda x: 1.0 + x + 1e-11 * ops.tanh(x / 1e-11), 0.0).rows[0]
    assert row.reverse == 2.0
    assert row.differences is not None
    assert row.error is not None
    assert abs(row.differences - 2.0) <= min(row.error, EPSILON / 1e-12)
    assert row.error <= 0.01


@pytest.mark.parametrize("x", [0.5, 1.0, 2.5])
@pytest.mark.parametrize("large", [1e6, 1e10, 1e14])
def test_what_cancellation_leaves_of_the_digits_is_known_from_the_graph(large: float, x: float) -> None:
    (entry,) = check_grad(lambda x: (large + ops.sin(x)) - large, x, order=1).entries
    assert entry.verdict != "wrong"
    assert entry.oracles.error is None or entry.oracles.error >= 1e-17 * large


@pytest.mark.parametrize(
    ("row", "point"),
    [
        (ops.div, (5e-324, 1.2412897139265962e-79)),
        (ops.div, (-1e-300, 170.0)),
        (ops.mul, (-1e-300, 5e-324)),
        (ops.mul, (1e-300, 0.0)),
        (ops.logaddexp, (-1e300, -700.0)),
        (ops.xlogy, (-1e-300, 1 - 1e-12)),
        (ops.lgamma, (1e-300,)),
        (ops.lgamma, (2.0,)),
        (ops.gamma, (-1e-300,)),
        (ops.log, (5e-324,)),
    ],
    ids=lambda thing: thing.__name__ if isinstance(thing, Op) else None,
)
def test_what_is_lost_below_the_smallest_float_or_beside_a_pole_raises_no_alarm(row: Op, point: tuple[float, ...]) -> None:
    check = check_grad(row, *point)
    assert not wrong(check), check


def test_at_the_end_of_a_domain_differences_are_taken_on_one_side() -> None:
    row = compare_oracles(lambda x: x**2.5, 0.0).rows[0]
    assert row.differences == pytest.approx(0.0, abs=1e-6)
    assert compare_oracles(ops.sin, 1e300).rows[0].differences is None


@pytest.mark.parametrize("row", [row for row in ROWS if complex_step.rule_of(TABLE[row.id]) is not None])
def test_the_complex_rules_agree_with_arithmetic_of_many_digits(row: Op) -> None:
    from oracles import real_partial

    f = applied(row)
    parameters = {name: 1 if name in row.required else default for name, default in row.parameters.items()}
    for point in ordinary_points(row, 4):
        for i, x in enumerate(point):
            lifted = [Complex(complex(a, 1e-24 * (i == k))) for k, a in enumerate(point)]
            known = float(real_partial(row, point, parameters, i))
            if row is ops.pow and point[0] < 0.0:
                continue
            y = f(*lifted)
            assert y.z.imag / 1e-24 == pytest.approx(known, rel=1e-11, abs=1e-15), (point, x)


def test_a_row_of_ones_own_is_continued_as_it_says_or_as_python_continues_its_value() -> None:
    cube = ops.op(
        lambda a: a * a * a, name="cube_on_the_plane", doc="The cube.", partials=(lambda a, y: 3 * ops.square(a),),
        analytic=lambda a: a * a * a,
    )  # fmt: skip
    assert complex_step.complex_slope(lambda xs: cube(xs[0]), [2.0], 0) == 12.0
    sine = ops.op(math.sin, name="sine_again", doc="The sine.", partials=(lambda a, y: ops.cos(a),))
    assert complex_step.complex_slope(lambda xs: sine(xs[0]), [0.0], 0) == 1.0
    length = ops.op(
        lambda xs: sum(xs), name="sum_on_the_plane", doc="The sum.", partials=lambda xs, y: (1.0,) * len(xs), analytic=sum
    )
    assert complex_step.complex_slope(lambda xs: length(xs), [0.5, 2.0], 1) == 1.0
    wrong_sine = ops.op(math.sin, name="wrong_sine", doc="The sine.", partials=(lambda a, y: ops.cos(a) + 1e-6,))
    assert wrong(check_grad(wrong_sine, 0.5))


def test_functions_that_python_continues_are_those_of_cmath() -> None:
    names = "acos acosh asin asinh atan atanh cos cosh exp log log10 sin sinh sqrt tan tanh"
    assert {f.__name__ for f in CONTINUED if f.__module__ == "math"} == set(names.split())


def test_complex_numbers_refuse_what_would_lose_the_step() -> None:
    z = Complex(complex(2.0, 1e-20))
    assert (z > 1.0, z < 1.0, z >= 1.0, z >= z) == (True, False, True, True)
    assert z.sin().z.imag == pytest.approx(1e-20 * math.cos(2.0))
    assert repr(z) == "Complex((2+1e-20j))"
    for lossy in (bool, float, int, complex, math.sin):
        with pytest.raises(TypeError, match="Complex"):
            lossy(z)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        z.nonsense  # noqa: B018  # reading it is the point


# ---------------------------------------------------------------------------------------------------------- step sweep


def test_errors_of_differences_make_a_v_and_the_complex_step_has_no_right_arm() -> None:
    sweep = step_sweep(ops.exp, 1.0)
    assert sweep.derivative == math.e
    forward, central = sweep.best("forward"), sweep.best("central")
    assert 1e-9 <= forward.step <= 1e-7
    assert 1e-6 <= central.step <= 1e-4
    assert central.central is not None
    assert forward.forward is not None
    assert central.central < forward.forward / 10
    first, last = sweep.rows[0], sweep.rows[-1]
    assert min(first.forward, last.forward, first.central, last.central) > 0.1  # type: ignore[type-var]  # not None here
    assert all(row.complex_step < 1e-15 for row in sweep.rows if row.step <= 1e-8)  # type: ignore[operator]  # not None here
    assert len(sweep.table().splitlines()) == 18
    assert "n/a" in str(step_sweep(ops.gamma, 2.5, steps=[1e-3]))
    with pytest.raises(TypeError, match="complex_step"):
        step_sweep(ops.gamma, 2.5, steps=[1e-3]).best("complex_step")


class Axes:
    """What a plot asks of matplotlib's axes, written down."""

    def __init__(self) -> None:
        self.curves: dict[str, list[float]] = {}

    def loglog(self, steps: Any, errors: Any, *, label: str, **style: Any) -> None:
        self.curves[label] = list(errors)

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments, **options: None


def test_the_plot_draws_one_curve_for_each_way_on_the_axes_given_or_on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    axes = Axes()
    assert step_sweep(ops.exp, 1.0).plot(axes) is axes
    assert set(axes.curves) == {"forward", "central", "complex step"}
    assert all(error >= 1e-17 for curve in axes.curves.values() for error in curve)
    own = Axes()
    monkeypatch.setitem(sys.modules, "matplotlib", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", SimpleNamespace(subplots=lambda: (None, own)))
    assert step_sweep(ops.gamma, 2.5).plot() is own
    assert set(own.curves) == {"forward", "central"}


def test_without_matplotlib_the_plot_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)
    with pytest.raises(MissingExtraError, match=r"\[plot\]"):
        step_sweep(ops.exp, 1.0).plot()
