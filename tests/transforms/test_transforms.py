"""Derivatives of functions in every mode: Hessians right to the last digits, nesting, and where higher orders do not exist."""

from __future__ import annotations

import functools
import itertools
import json
import math
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    Dual,
    OperandError,
    Value,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    nth_derivative,
    ops,
    taylor,
    value_and_grad,
    vjp,
)
from autograd.ops import TABLE, op
from autograd.transforms import reverse
from autograd.value import sweep_apart

PUBLISHED = json.loads((Path(__file__).parents[1] / "data" / "published.json").read_text(encoding="utf-8"))["cases"]


def forward(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x: jvp(f, (x,), (1.0,))[1]


MODES: dict[str, Callable[..., Any]] = {"reverse": grad, "forward": forward, "series": lambda f: nth_derivative(f, 1)}
each_mode = pytest.mark.parametrize("D", [pytest.param(mode, id=name) for name, mode in MODES.items()])

# ---------------------------------------------------------------------------------------------------- against other oracles


def many(x: Any) -> Any:
    """A function of one number through rows of every kind."""
    y = ops.sin(x) * ops.exp(-x * x / 3) + ops.tanh(x / 2) ** 2 / (1.5 + ops.cos(x))
    return ops.logsumexp([y, x, 0.3]) + ops.hypot(x, y) + ops.gelu(y - x)


@given(st.floats(0.1, 3.0))
def test_grad_is_backward_to_the_bit_and_forward_mode_agrees(x: float) -> None:
    leaf = Value(x)
    many(leaf).backward()
    assert grad(many)(x) == leaf.grad
    for D in MODES.values():
        assert D(many)(x) == pytest.approx(leaf.grad, rel=1e-13)


@pytest.mark.thorough
@given(st.floats(0.2, 2.0), st.integers(2, 5))
def test_orders_2_to_5_agree_in_every_mode(x: float, n: int) -> None:
    series = nth_derivative(many, n)(x)
    for D in (grad, forward):
        assert nested(D, n)(many)(x) == pytest.approx(series, rel=1e-8, abs=1e-9)
    assert taylor(many, x, n)[n] == pytest.approx(series / math.factorial(n), rel=1e-15)


def nested(D: Callable[..., Any], n: int) -> Callable[..., Any]:
    return lambda f: functools.reduce(lambda g, _: D(g), range(n), f)


@given(st.lists(st.floats(-2, 2), min_size=3, max_size=3), st.lists(st.floats(-2, 2), min_size=3, max_size=3))
def test_products_with_the_jacobian_and_the_hessian_are_those_of_the_matrices(v: list[float], t: list[float]) -> None:
    def f(v: Any) -> Any:
        return [v[0] * ops.sin(v[1]), ops.dot(v, v), ops.exp(v[2] / 3) * v[0]]

    def energy(v: Any) -> Any:
        return ops.sum(f(v)) * v[1]

    J, H = jacobian(f)(v), hessian(energy)(v)
    assert jvp(f, (v,), (t,))[1] == pytest.approx([math.fsum(a * b for a, b in zip(row, t, strict=True)) for row in J], abs=1e-12)
    assert vjp(f, v)[1](t)[0] == pytest.approx([math.fsum(J[i][j] * t[i] for i in range(3)) for j in range(3)], abs=1e-12)
    assert hvp(energy, (v,), (t,))[0] == pytest.approx(
        [math.fsum(a * b for a, b in zip(row, t, strict=True)) for row in H], abs=1e-11
    )
    assert [[H[j][i] for j in range(3)] for i in range(3)] == [pytest.approx(row, abs=1e-12) for row in H]


def rosenbrock(v: Any) -> Any:
    return ops.sum([100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(v)])


def test_the_hessian_of_rosenbrock_in_50_variables_is_that_of_exact_arithmetic() -> None:
    v = [math.sin(3 * i + 1) * 2 for i in range(50)]
    exact = [[Fraction(0)] * 50 for _ in range(50)]
    for i, (a, b) in enumerate(itertools.pairwise(map(Fraction, v))):
        exact[i][i] += 1200 * a * a - 400 * b + 2
        exact[i][i + 1] = exact[i + 1][i] = -400 * a
        exact[i + 1][i + 1] += 200
    tangent = [math.cos(i) for i in range(50)]
    product = [sum(h * Fraction(t) for h, t in zip(line, tangent, strict=True)) for line in exact]
    for computed, line in zip(hessian(rosenbrock)(v), exact, strict=True):
        assert all(abs(h - k) <= Fraction(1, 10**13) * abs(k) for h, k in zip(computed, line, strict=True))
    (computed,) = hvp(rosenbrock, (v,), (tangent,))
    assert all(abs(h - k) <= Fraction(1, 10**12) * abs(k) for h, k in zip(computed, product, strict=True))


EXACTLY = SimpleNamespace(
    **{
        name: getattr(mpmath, name)
        for name in ("exp", "log", "sin", "cos", "tan", "tanh", "sqrt", "atan", "atan2", "log1p", "expm1")
    },
    **{name: getattr(mpmath, name) for name in ("sinh", "cosh", "asin", "acos", "erf", "hypot")},
    sigmoid=lambda x: 1 / (1 + mpmath.exp(-x)),
    softplus=lambda x: mpmath.log(1 + mpmath.exp(x)),
    relu=lambda x: x if x > 0 else 0 * x,
    max=lambda a, b: a if a > b else b,
    min=lambda a, b: a if a < b else b,
    abs=abs,
    pi=math.pi,
)
# At these points the second derivative jumps, or is asked for at a pole of it.
NOT_TWICE = {"x*relu(x) at 0 identity", "x*relu(x) at 0"}
TWICE = [case for case in PUBLISHED if case["name"] not in NOT_TWICE and len(case["names"]) <= 10]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in TWICE])
def test_the_hessian_of_a_published_function_is_right_to_ten_digits(case: dict[str, Any]) -> None:
    scope: dict[str, Any] = {}
    exec(case["source"], scope)
    f, x = scope["f"], list(map(float.fromhex, case["x_hex"]))
    computed = hessian(lambda v: f(v, SimpleNamespace(**TABLE, pi=math.pi)))(x)
    h = mpmath.mpf(10) ** -40
    with mpmath.workdps(130):

        @functools.cache
        def at(*steps: int) -> Any:
            return f([mpmath.mpf(a) + h * step for a, step in zip(x, steps, strict=True)], EXACTLY)

        def shifted(i: int, j: int, s: int, t: int) -> Any:
            return at(*[s * (k == i) + t * (k == j) for k in range(len(x))])

        known = [
            [sum(s * t * shifted(i, j, s, t) for s in (-1, 1) for t in (-1, 1)) / (4 * h * h) for j in range(len(x))]
            for i in range(len(x))
        ]
    scale = max(abs(entry) for line in known for entry in line)
    for line, exact in zip(computed, known, strict=True):
        for entry, k in zip(line, exact, strict=True):
            assert abs(entry - k) <= 1e-10 * abs(k) + 1e-14 * scale


def dense(v: Any) -> Any:
    return ops.dot(v, v) ** 2 * ops.sin(ops.sum(v))


def test_hvp_never_builds_the_hessian(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edges swept grow with the number of variables; a Hessian sweeps the graph once for each of them."""
    swept = 0

    def counting(order: list[Value], wanted: list[Value]) -> list[float]:
        nonlocal swept
        swept += sum(len(node.operands) for node in order)
        return sweep_apart(order, wanted)

    monkeypatch.setattr(reverse, "sweep_apart", counting)

    def work(compute: Callable[[list[float]], Any], n: int) -> int:
        nonlocal swept
        swept = 0
        compute([1.0 + 1 / (i + 1) for i in range(n)])
        return swept

    def product(v: list[float]) -> Any:
        return hvp(dense, (v,), (v,))

    assert 1.8 < work(product, 40) / work(product, 20) < 2.2
    assert work(hessian(dense), 40) / work(hessian(dense), 20) > 3.0
    assert work(hessian(dense), 40) > 10 * work(product, 40)


def test_all_orders_at_once_cost_less_than_a_multiple_of_their_square() -> None:
    evaluated = 0

    def counted(a: float) -> float:
        nonlocal evaluated
        evaluated += 1
        return math.exp(a)

    row = op(counted, name="counted", doc="exp.", partials=(lambda a, y: TABLE["counted"](a),))
    try:
        assert taylor(row, 0.0, 20) == pytest.approx([1 / math.factorial(k) for k in range(21)], rel=1e-14)
        assert evaluated <= 60
    finally:
        del TABLE["counted"]


def test_taylor_coefficients_of_known_series() -> None:
    assert taylor(ops.exp, 0.0, 12) == pytest.approx([1 / math.factorial(k) for k in range(13)], rel=1e-15)
    assert taylor(lambda x: 1 / (1 - x), 0.0, 25) == pytest.approx([1.0] * 26)
    assert taylor(ops.log1p, 0.0, 20) == pytest.approx([0.0, *((-1) ** (k + 1) / k for k in range(1, 21))])
    assert taylor(ops.sin, 0.0, 20)[1::2] == pytest.approx([(-1) ** k / math.factorial(2 * k + 1) for k in range(10)])
    assert taylor(lambda x: x**3, 2.0, 5) == [8.0, 12.0, 6.0, 1.0, 0.0, 0.0]
    assert taylor(lambda x: x**3, 2, 0) == [8.0]
    with mpmath.workdps(40):
        known = mpmath.taylor(lambda x: mpmath.tanh(x) / (2 + mpmath.sin(x)), mpmath.mpf("0.5"), 12)
    assert taylor(lambda x: ops.tanh(x) / (2 + ops.sin(x)), 0.5, 12) == pytest.approx([float(c) for c in known], rel=1e-9)


# ---------------------------------------------------------------------------------- nesting, and perturbations not confused


@pytest.mark.parametrize("modes", list(itertools.product(MODES, repeat=3)), ids="-".join)
def test_every_nesting_of_modes_to_depth_three(modes: tuple[str, str, str]) -> None:
    """D of D of D, and three closures: z = xy in D_z(xy²z³), y = x² in D_y(y · that) = 15x³y⁴, so D_x(x · 15x¹¹) = 180x¹¹."""
    D1, D2, D3 = (MODES[mode] for mode in modes)
    assert D1(D2(D3(lambda x: ops.sin(x * x))))(0.75) == pytest.approx(
        -12 * 0.75 * math.sin(0.5625) - 8 * 0.75**3 * math.cos(0.5625)
    )

    def of_x(x: Any) -> Any:
        def of_y(y: Any) -> Any:
            return y * D3(lambda z: x * y**2 * z**3)(x * y)

        return x * D2(of_y)(x * x)

    assert D1(of_x)(1.0) == 180.0
    assert D1(of_x)(1.5) == pytest.approx(180 * 1.5**11, rel=1e-14)


@pytest.mark.parametrize("inner", MODES)
@each_mode
def test_published_traps_of_perturbation_confusion(D: Any, inner: str) -> None:
    """Siskind and Pearlmutter 2005 and 2008; a confused engine answers 2, 7 or 0."""
    d = MODES[inner]
    assert D(lambda x: x * d(lambda y: x + y)(1.0))(1.0) == 1.0
    assert D(lambda x: x * d(lambda y: x * y)(2.0))(3.0) == 6.0
    assert D(lambda x: d(lambda y: x * y**2)(x))(5.0) == 20.0
    assert D(lambda x: d(lambda y: x)(2.0))(3.0) == 0.0
    assert D(lambda x: x * d(lambda y: y)(x))(3.0) == 1.0
    assert D(lambda x: d(lambda y: d(lambda z: x * y * z)(y) + x * y)(x))(3.0) == 2.0


@each_mode
def test_the_amazing_bug_of_higher_order_functions_does_not_appear(D: Any) -> None:
    """Manzyuk, Pearlmutter, Radul, Rush and Siskind 2019: with s(u)(f)(x) = f(x + u), D s 0 is D, and twice D is not 0."""

    def s(u: Any) -> Any:
        return lambda f: lambda x: f(x + u)

    def derivative(f: Any) -> Any:
        return lambda x: D(lambda u: s(u)(f)(x))(0.0)

    assert derivative(derivative(ops.exp))(1.0) == pytest.approx(math.e, rel=1e-15)
    assert derivative(derivative(lambda x: x**4))(2.0) == 48.0


@each_mode
def test_a_function_that_gives_a_function_is_refused_so_no_perturbation_escapes_in_it(D: Any) -> None:
    with pytest.raises(OperandError, match="a number is needed"):
        D(lambda u: lambda x: x + u)(0.0)


def test_a_number_that_outlives_its_pass_is_a_constant_to_others() -> None:
    escaped: list[Any] = []
    forward(lambda x: escaped.append(x) or x)(3.0)
    value, slope = jvp(lambda y: y * escaped[0].primal, (2.0,), (1.0,))
    assert (value, slope) == (6.0, 3.0)


@each_mode
def test_derivatives_of_derivatives_of_several_variables(D: Any) -> None:
    def f(x: Any, y: Any) -> Any:
        return ops.exp(x * y)

    mixed = D(lambda x: D(lambda y: f(x, y))(0.5))(2.0)
    assert mixed == pytest.approx(math.exp(1.0) * (1 + 1.0), rel=1e-15)
    assert D(lambda t: hessian(lambda v: v[0] * v[1] ** 2 * t**2)([3.0, 5.0])[0][1])(7.0) == 140.0
    assert D(lambda t: hvp(lambda v: v[0] * v[1] ** 2 * t, ([3.0, 5.0],), ([t, 0.0],))[0][1])(7.0) == 140.0
    assert D(lambda t: vjp(lambda x: [x * t, x * x], 3.0)[1]([t, 1.0])[0])(5.0) == 10.0
    assert D(lambda t: jacobian(lambda v: [v[0] * t, v[0] ** 2])([t])[1][0])(5.0) == 2.0
    assert D(lambda t: taylor(lambda x: ops.sin(x) * t * t, t, 3)[1])(0.5) == pytest.approx(
        2 * 0.5 * math.cos(0.5) - 0.25 * math.sin(0.5)
    )
    assert D(lambda t: value_and_grad(lambda x: x * x * t)(t)[0])(2.0) == 12.0


def test_many_threads_at_once_give_the_same_bits() -> None:
    def work(k: int) -> Any:
        x = 0.3 + k / 16
        return (
            [grad(grad(many))(x), forward(grad(many))(x), nth_derivative(many, 4)(x), taylor(many, x, 5)],
            hessian(rosenbrock)([x, 1.2, x * x]),
            hvp(rosenbrock, ([x, 1.2],), ([1.0, x],)),
            grad(lambda x: x * grad(lambda y: x + y)(1.0))(x),
        )

    alone = [work(k) for k in range(8)]
    together: list[Any] = [None] * 8
    start = threading.Barrier(8)

    def run(k: int) -> None:
        start.wait()
        together[k] = [work(k) for _ in range(5)]

    threads = [threading.Thread(target=run, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == [[found] * 5 for found in alone]


# ---------------------------------------------------------------------------------------- where higher orders do not exist

# (function, point, the lowest order that no number can be)
SINGULAR: dict[str, tuple[Callable[[Any], Any], float, int]] = {
    "sqrt at 0": (ops.sqrt, 0.0, 1),
    "sqrt at -0": (ops.sqrt, -0.0, 1),
    "cbrt at 0": (ops.cbrt, 0.0, 1),
    "asin at 1": (ops.asin, 1.0, 1),
    "asin at -1": (ops.asin, -1.0, 1),
    "acos at 1": (ops.acos, 1.0, 1),
    "acos at -1": (ops.acos, -1.0, 1),
    "acosh at 1": (ops.acosh, 1.0, 1),
    "x ** 0.5 at 0": (lambda x: x**0.5, 0.0, 1),
    "x ** 1.5 at 0": (lambda x: x**1.5, 0.0, 2),
    "x ** 2.5 at 0": (lambda x: x**2.5, 0.0, 3),
    "x * sqrt(x) at 0": (lambda x: x * ops.sqrt(x), 0.0, 1),
    "sqrt(sin(x)) at 0": (lambda x: ops.sqrt(ops.sin(x)), 0.0, 1),
    "atan2(x, 0) at 0": (lambda x: ops.atan2(x, 0.0), 0.0, 1),
    "atan2(0, x) at 0": (lambda x: ops.atan2(0.0, x), 0.0, 1),
    "relu at nan": (ops.relu, math.nan, 1),
    "hardtanh at nan": (ops.hardtanh, math.nan, 1),
    "floor at nan": (ops.floor, math.nan, 1),
    "max(x, 1) at nan": (lambda x: ops.max(x, 1.0), math.nan, 1),
    "elu at nan": (ops.elu, math.nan, 1),
    "gelu_tanh at nan": (ops.gelu_tanh, math.nan, 1),
}


@each_mode
@pytest.mark.parametrize(("f", "x", "lowest"), [pytest.param(*case, id=name) for name, case in SINGULAR.items()])
def test_no_order_is_a_finite_number_beyond_an_infinite_slope(f: Any, x: float, lowest: int, D: Any) -> None:
    for n in range(1, 5):
        assert math.isfinite(nested(D, n)(f)(x)) == (n < lowest), n
        assert math.isfinite(nth_derivative(f, n)(x)) == (n < lowest), n


@each_mode
def test_a_zero_times_an_infinite_slope_is_nan_and_higher_orders_are_their_limits(D: Any) -> None:
    def f(x: Any) -> Any:
        return ops.sqrt(x) ** 2

    assert math.isnan(D(f)(0.0))
    assert [nested(D, n)(f)(0.0) for n in (2, 3)] == [nth_derivative(f, n)(0.0) for n in (2, 3)] == [0.0, 0.0]


# The signs of the infinite limits of order 2, 3 and 4.
LIMITS: dict[str, str] = {
    "sqrt at 0": "-+-",
    "sqrt at -0": "-+-",
    "asin at 1": "+++",
    "asin at -1": "-+-",
    "acos at 1": "---",
    "acos at -1": "+-+",
    "acosh at 1": "-+-",
    "x ** 0.5 at 0": "-+-",
    "x ** 1.5 at 0": "+-+",
    "x ** 2.5 at 0": " +-",
}


@each_mode
@pytest.mark.parametrize(("name", "signs"), list(LIMITS.items()))
def test_an_infinite_order_has_the_sign_of_its_limit_or_is_nan(name: str, signs: str, D: Any) -> None:
    f, x, _ = SINGULAR[name]
    for n, sign in enumerate(signs, 2):
        for found in (nested(D, n)(f)(x), nth_derivative(f, n)(x)):
            assert math.isnan(found) or found == float(f"{sign}inf".replace(" inf", "0")), n


def test_no_order_of_a_users_row_is_finite_beyond_its_infinite_slope() -> None:
    row = op(math.sqrt, name="root", doc="√a.", partials=(lambda a, y: ops.where(y <= 0, math.inf, lambda: 0.5 / y),))
    try:
        for D in MODES.values():
            assert D(row)(0.0) == math.inf
            assert math.isnan(D(D(row))(0.0))
            assert D(D(row))(4.0) == -1 / 32
            assert math.isnan(D(D(lambda x: row(x * x) + x))(0.0))
            assert D(D(lambda x: math.inf * x))(1.0) == 0.0  # an infinite factor is a factor, and its line is straight
    finally:
        del TABLE["root"]


def test_second_derivatives_at_kinks_are_those_of_a_side() -> None:
    for D in MODES.values():
        assert D(D(ops.abs))(0.0) == 0.0
        assert D(D(ops.relu))(0.0) == 0.0
        assert D(D(lambda x: x**2))(0.0) == 2.0
        assert D(D(lambda x: x**3))(0.0) == 0.0
        assert D(D(D(lambda x: x**3)))(0.0) == 6.0
        assert D(D(lambda x: x * ops.relu(x)))(0.0) in (0.0, 2.0)
        assert D(lambda x, D=D: D(lambda y: x * y)(0.0))(0.0) == 1.0


def test_a_tangent_or_cotangent_of_exactly_0_moves_nothing() -> None:
    assert jvp(lambda x, y: ops.sqrt(x) + y, (0.0, 1.0), (0.0, 1.0)) == (1.0, 1.0)
    assert vjp(lambda x: [ops.sqrt(x), x], 0.0)[1]([0.0, 1.0]) == (1.0,)
    assert jacobian(lambda v: [ops.sqrt(v[0]), v[1]])([0.0, 1.0]) == [[math.inf, 0.0], [0.0, 1.0]]


# ------------------------------------------------------------------------------------------------------------ dual numbers


def test_a_dual_number_is_an_operand_like_others() -> None:
    x = Dual(3.0, 1.0)
    assert ((x**2).primal, (x**2).tangent) == (9.0, 6.0)
    assert ((2 / x).tangent, (2 - x).tangent, (+x) is x, abs(-x).tangent) == (-2 / 9, -1.0, True, 1.0)
    assert x.exp().tangent == ops.exp(x).tangent == math.exp(3.0)
    assert (np.float64(2.0) * x).tangent == (np.array([1.0, 2.0]) * x)[1].tangent == 2.0
    assert (Fraction(1, 2) * x).tangent == 0.5
    assert x > 2 and x >= 3 and not x < Dual(3.0, 5.0) and x <= Value(3.0)  # noqa: PT018
    assert repr(x) == "Dual(primal=3.0, tangent=1.0)"
    assert Dual(2.0, 1.0).relu().tangent == 1.0
    assert Dual(-2.0, 1.0).relu().tangent is None
    with pytest.raises(OperandError, match="compare it"):
        bool(x)
    with pytest.raises(OperandError, match="functions of autograd"):
        math.sin(x)
    with pytest.raises(AttributeError, match="'Dual' object has no attribute 'expp'"):
        x.expp()
    with pytest.raises(OperandError, match="a number is needed"):
        x + "1"
