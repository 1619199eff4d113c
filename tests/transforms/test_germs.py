"""One-sided germs against the limits that are known from each side, and the calls that use them at kinks."""

from __future__ import annotations

import builtins
import contextlib
import itertools
import json
import math
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import mpmath
import pytest
from every import every
from oracles import Real

from autograd import (
    Value,
    abs,
    acos,
    asin,
    atan,
    atan2,
    cbrt,
    ceil,
    clamp,
    cos,
    elu,
    exp,
    floor,
    grad,
    gradient,
    hardtanh,
    hessian,
    hvp,
    hypot,
    jacobian,
    jvp,
    leaky_relu,
    log,
    log1p,
    max,
    min,
    nth_derivative,
    op,
    ops,
    relu,
    selu,
    sign,
    sin,
    softsign,
    sqrt,
    square,
    stop_gradient,
    sum,
    tan,
    tanh,
    taylor,
    value_and_grad,
    vjp,
    where,
    xlogy,
)
from autograd.errors import AutogradError, SeriesError
from autograd.transforms.germs import one_sided
from autograd.transforms.kinks import directions

INF = math.inf
SELU, SELU_LEFT = 1.0507009873554805, 1.7580993408473768

# f at 0, and (f, f′, f″) by x from the right and from the left; None where f is not defined on that side.
SIDES: dict[str, tuple[Callable[[Any], Any], list[float] | None, list[float] | None]] = {
    "abs(-x²)": (lambda x: abs(-x * x), [0, 0, 2], [0, 0, 2]),
    "abs(x)²": (lambda x: abs(x) ** 2, [0, 0, 2], [0, 0, 2]),
    "abs(x)·abs(x)": (lambda x: abs(x) * abs(x), [0, 0, 2], [0, 0, 2]),
    "relu(x²)": (lambda x: relu(x * x), [0, 0, 2], [0, 0, 2]),
    "max(x², 0)": (lambda x: max(x * x, 0.0), [0, 0, 2], [0, 0, 2]),
    "min(-x², 0)": (lambda x: min(-x * x, 0.0), [0, 0, -2], [0, 0, -2]),
    "clamp(x², 0, 1)": (lambda x: clamp(x * x, 0.0, 1.0), [0, 0, 2], [0, 0, 2]),
    "clamp(x², 0, inf)": (lambda x: clamp(x * x, 0.0, INF), [0, 0, 2], [0, 0, 2]),
    "max(x², x⁴)": (lambda x: max(x * x, x**4), [0, 0, 2], [0, 0, 2]),
    "max of what differs in order 8": (lambda x: max(x**8 + x * x, x * x), [0, 0, 2], [0, 0, 2]),
    "relu": (relu, [0, 1, 0], [0, 0, 0]),
    "abs": (abs, [0, 1, 0], [0, -1, 0]),
    "leaky_relu": (leaky_relu, [0, 1, 0], [0, 0.01, 0]),
    "hardtanh": (lambda x: hardtanh(x - 1.0), [-1, 1, 0], [-1, 0, 0]),
    "x·abs(x)": (lambda x: x * abs(x), [0, 0, 2], [0, 0, -2]),
    "softsign": (softsign, [0, 1, -2], [0, 1, 2]),
    "relu(x)²": (lambda x: relu(x) ** 2, [0, 0, 2], [0, 0, 0]),
    "elu": (elu, [0, 1, 0], [0, 1, 1]),
    "selu": (selu, [0, SELU, 0], [0, SELU_LEFT, SELU_LEFT]),
    "sqrt(x⁴)": (lambda x: sqrt(x**4), [0, 0, 2], [0, 0, 2]),
    "cos(abs x)": (lambda x: cos(abs(x)), [1, 0, -1], [1, 0, -1]),
    "tanh(abs x)²": (lambda x: tanh(abs(x)) ** 2, [0, 0, 2], [0, 0, 2]),
    "log1p(abs x) - abs(x)": (lambda x: log1p(abs(x)) - abs(x), [0, 0, -1], [0, 0, -1]),
    "sin(x)/x with a guard": (lambda x: where(abs(x) > 0, lambda: sin(x) / x, lambda: 1.0), [1, 0, -1 / 3], [1, 0, -1 / 3]),
    "where(x > 0, x², -x³)": (lambda x: where(x > 0, x**2, -(x**3)), [0, 0, 2], [0, 0, 0]),
    "x² if x > 0 else -x": (lambda x: x**2 if x > 0 else -x, [0, 0, 2], [0, -1, 0]),
    "cos(sqrt x)": (lambda x: cos(sqrt(x)), [1, -0.5, 1 / 12], None),
    "sqrt": (sqrt, [0, INF, -INF], None),
    "x^1.5": (lambda x: x**1.5, [0, 0, INF], None),
    "(x^0.1)^10": (lambda x: (x**0.1) ** 10, [0, 1, 0], None),
    "asin(1 - x)": (lambda x: asin(1 - x), [math.pi / 2, -INF, INF], None),
    "cbrt": (cbrt, [0, INF, -INF], [0, INF, INF]),
    "xlogy(x, x)": (lambda x: xlogy(x, x), [0, -INF, INF], None),
    "x·log(x)": (lambda x: x * log(x), [0, -INF, INF], None),
    "x^x": (lambda x: x**x, [1, -INF, INF], None),
    "acos(1 - x²)": (lambda x: acos(1 - x * x), [0, math.sqrt(2), 0], [0, -math.sqrt(2), 0]),
    "abs + x - 2·relu": (lambda x: abs(x) + x - 2 * relu(x), [0, 0, 0], [0, 0, 0]),
    "relu(x) - relu(-x)": (lambda x: relu(x) - relu(-x), [0, 1, 0], [0, 1, 0]),
    "sign": (sign, [1, 0, 0], [-1, 0, 0]),
    "floor": (floor, [0, 0, 0], [-1, 0, 0]),
    "ceil": (ceil, [1, 0, 0], [0, 0, 0]),
    "atan2 at its cut": (lambda x: atan2(x, -1.0), [math.pi, -1, 0], [-math.pi, -1, 0]),
    "hypot(x, x)": (lambda x: hypot(x, x), [0, math.sqrt(2), 0], [0, -math.sqrt(2), 0]),
    "atan(1/x)": (lambda x: atan(1 / x), [math.pi / 2, -1, 0], [-math.pi / 2, -1, 0]),
    "a tie but for rounding": (lambda x: max(0.1 * 3 * x + x * x, 0.3 * x), [0, 0.3, 2], [0, 0.3, 2]),
    "a constant": (lambda x: 3, [3, 0, 0], [3, 0, 0]),
}  # fmt: skip


@pytest.mark.parametrize("name", SIDES)
def test_the_derivatives_of_both_sides_are_the_known_ones(name: str) -> None:
    f, right, left = SIDES[name]
    for side, known in ((1.0, right), (-1.0, left)):
        found = one_sided(f, [0.0], [side], 2)
        if known is None:
            assert found is None
        else:
            assert found is not None
            assert [y * side**k for k, y in enumerate(found)] == pytest.approx(known, rel=1e-14, abs=1e-15)


NAN = math.nan

# What a higher derivative is: the common value of both sides; between them the convention's; else nearest to 0, or NaN.
SECOND = {
    "abs(-x²)": 2, "abs(x)²": 2, "abs(x)·abs(x)": 2, "relu(x²)": 2, "max(x², 0)": 2, "min(-x², 0)": -2, "clamp(x², 0, 1)": 2,
    "clamp(x², 0, inf)": 2, "max(x², x⁴)": 2, "max of what differs in order 8": 2, "relu": 0, "abs": 0, "leaky_relu": 0,
    "hardtanh": 0,
    "x·abs(x)": 0, "softsign": 0, "relu(x)²": 0, "elu": 0, "selu": SELU_LEFT, "sqrt(x⁴)": 2, "cos(abs x)": -1, "tanh(abs x)²": 2,
    "log1p(abs x) - abs(x)": -1, "sin(x)/x with a guard": -1 / 3, "where(x > 0, x², -x³)": 0, "x² if x > 0 else -x": 0,
    "cos(sqrt x)": 1 / 12, "sqrt": -INF, "x^1.5": INF, "(x^0.1)^10": 0, "asin(1 - x)": INF, "cbrt": NAN, "xlogy(x, x)": INF,
    "x^x": INF,
    "acos(1 - x²)": 0, "abs + x - 2·relu": 0, "relu(x) - relu(-x)": 0, "sign": 0, "floor": 0, "ceil": 0, "atan2 at its cut": 0,
    "hypot(x, x)": 0, "a tie but for rounding": 2, "a constant": 0,
}  # fmt: skip
WAYS: dict[str, Callable[[Callable[[Any], Any]], float]] = {
    "grad(grad)": lambda f: grad(grad(f))(0.0),
    "hessian": lambda f: hessian(f)(0.0),
    "jacobian(grad)": lambda f: jacobian(grad(f))(0.0),
    "value_and_grad(grad)": lambda f: value_and_grad(grad(f))(0.0)[1],
    "grad(value_and_grad)": lambda f: grad(lambda x: value_and_grad(f)(x)[1])(0.0),
    "hvp": lambda f: hvp(f, (0.0,), (1.0,))[0],
    "jvp(grad)": lambda f: jvp(grad(f), (0.0,), (1.0,))[1],
    "grad(jvp)": lambda f: grad(lambda x: jvp(f, (x,), (1.0,))[1])(0.0),
    "jvp(jvp)": lambda f: jvp(lambda x: jvp(f, (x,), (1.0,))[1], (0.0,), (1.0,))[1],
    "vjp(grad)": lambda f: vjp(grad(f), 0.0)[1](1.0)[0],
    "nth_derivative": lambda f: nth_derivative(f, 2)(0.0),
    "nth_derivative of grad": lambda f: nth_derivative(grad(f), 1)(0.0),
    "taylor": lambda f: 2 * taylor(f, 0.0, 2)[2],
    "in a list": lambda f: hessian(lambda v: f(v["x"][0]))({"x": [0.0]})["x"][0]["x"][0],
    "inside another function": lambda f: grad(lambda c: c * grad(grad(f))(0.0))(1.0),
    "of a node": lambda f: grad(grad(f))(Value(0.0)).data,
}


@every("way", WAYS)
@pytest.mark.parametrize("name", SECOND)
def test_every_way_to_a_second_derivative_compares_both_sides(name: str, way: str) -> None:
    assert WAYS[way](SIDES[name][0]) == pytest.approx(SECOND[name], rel=1e-13, abs=1e-14, nan_ok=True)


def test_a_second_derivative_lies_between_its_sides_in_the_tables_themselves() -> None:
    for name, second in SECOND.items():
        sides = [side[2] for side in SIDES[name][1:] if side is not None]
        if math.isnan(second):
            assert {-INF, INF} == set(sides)
        else:
            assert builtins.min(sides) <= second <= builtins.max(sides)


def test_a_branch_on_unequal_germs_is_taken_as_on_numbers() -> None:
    assert grad(grad(lambda x: x * x if x != 0 else 5.0 * x))(0.0) == 2.0
    assert grad(grad(lambda x: x * x if x != x else abs(x) ** 2))(0.0) == 2.0


def test_third_and_fourth_derivatives_compare_both_sides_too() -> None:
    cube = lambda x: abs(x) ** 3  # noqa: E731
    assert taylor(cube, 0.0, 4) == [0.0, 0.0, 0.0, 0.0, 0.0]  # ±6
    assert grad(grad(grad(lambda x: abs(x**3))))(0.0) == 0.0
    assert grad(grad(grad(lambda x: x * abs(x) ** 2)))(0.0) == nth_derivative(lambda x: x * abs(x) ** 2, 3)(0.0) == 6.0
    assert taylor(lambda x: cos(abs(x)), 0.0, 6) == pytest.approx([1, 0, -1 / 2, 0, 1 / 24, 0, -1 / 720], rel=1e-14)
    assert nth_derivative(lambda x: abs(x) ** 8, 8)(0.0) == math.factorial(8)


def test_taylor_and_first_derivatives() -> None:
    """One derivative is each row's convention; beside higher ones the first is the true one too."""
    assert grad(lambda x: relu(x) - relu(-x))(0.0) == nth_derivative(lambda x: relu(x) - relu(-x), 1)(0.0) == 0.0
    assert taylor(lambda x: relu(x) - relu(-x), 0.0, 1) == [0.0, 0.0]
    assert taylor(lambda x: relu(x) - relu(-x), 0.0, 2) == [0.0, 1.0, 0.0]
    assert taylor(lambda x: cos(sqrt(x)), 0.0, 2) == pytest.approx([1.0, -0.5, 1 / 24])
    assert taylor(floor, 2.0, 3) == [2.0, 0.0, 0.0, 0.0]


# f at a point, and its Hessian.
HESSIANS: dict[str, tuple[Callable[..., Any], tuple[float, ...], list[list[float]]]] = {
    "hypot": (hypot, (0.0, 0.0), [[INF, NAN], [NAN, INF]]),
    "hypot²": (lambda x, y: hypot(x, y) ** 2, (0.0, 0.0), [[2, 0], [0, 2]]),
    "x**y at (0, 1)": (lambda x, y: x**y, (0.0, 1.0), [[0, -INF], [-INF, 0]]),
    "x**y at (0, 2)": (lambda x, y: x**y, (0.0, 2.0), [[2, 0], [0, 0]]),
    "x**y at (0, 3)": (lambda x, y: x**y, (0.0, 3.0), [[0, 0], [0, 0]]),
    "max(x², y²)": (lambda x, y: max(x * x, y * y), (0.0, 0.0), [[1, 0], [0, 1]]),
    "max(x, y)²": (lambda x, y: max(x, y) ** 2, (1.0, 1.0), [[0.5, 0], [0, 0.5]]),
    "(max + min)²": (lambda x, y: (max(x, y) + min(x, y)) ** 2, (1.0, 1.0), [[2, 2], [2, 2]]),
    "relu(x² + y²)": (lambda x, y: relu(x * x + y * y), (0.0, 0.0), [[2, 0], [0, 2]]),
    "relu(y²) + x²": (lambda x, y: relu(y * y) + x * x, (0.0, 0.0), [[2, 0], [0, 2]]),
    "abs(xy)²": (lambda x, y: abs(x * y) ** 2, (0.0, 0.0), [[0, 0], [0, 0]]),
    "abs(x)·abs(y)": (lambda x, y: abs(x) * abs(y), (0.0, 0.0), [[0, 0], [0, 0]]),
    "relu(x)·y": (lambda x, y: relu(x) * y, (0.0, 0.0), [[0, 0], [0, 0]]),
    "atan2": (atan2, (0.0, 0.0), [[NAN, NAN], [NAN, NAN]]),
    "max of three": (lambda x, y, z: max(max(x * x, y * y), z * z), (0.0,) * 3, [[0.5, 0, 0], [0, 0.5, 0], [0, 0, 1]]),
    "relu of nine": (lambda *v: relu(sum([x * x for x in v])), (0.0,) * 9, [[2.0 * (i == j) for j in range(9)] for i in range(9)]),
}


@pytest.mark.parametrize("name", HESSIANS)
def test_a_hessian_at_a_kink_is_symmetric_and_its_products_are_its_columns(name: str) -> None:
    f, point, known = HESSIANS[name]
    every = tuple(range(len(point)))
    for way in (hessian(f, every), jacobian(grad(f, every), every)):
        found = [list(row) for row in way(*point)]
        assert found == [pytest.approx(row, nan_ok=True, abs=1e-14) for row in known]
    for i in every:
        column = hvp(f, point, tuple([1.0 * (i == j) for j in every]))
        for x, y, j in zip(column, known[i], every, strict=True):
            is_between = i == j and 0.0 <= x <= 2.0 * y  # another of the numbers between the sides of a maximum
            assert x == pytest.approx(y, nan_ok=True, abs=1e-14) or is_between, (i, j)


def test_a_high_order_is_as_exact_as_a_low_one() -> None:
    found = one_sided(lambda x: tan(abs(x)), [0.0], [-1.0], 9)
    assert found == pytest.approx([0, 1, 0, 2, 0, 16, 0, 272, 0, 7936], rel=1e-12)


def test_several_operands_move_along_the_direction() -> None:
    assert one_sided(lambda x, y: x * abs(y), [2.0, 0.0], [3.0, -5.0], 2) == [0.0, 10.0, 30.0]
    assert one_sided(lambda x, y: hypot(x, y), [0.0, 0.0], [3.0, -4.0], 2) == [0.0, 5.0, 0.0]


def test_germs_are_unequal_where_they_are_not_equal() -> None:
    assert one_sided(lambda x: 1.0 * x if x != 0.0 else 5.0 * x, [0.0], [1.0], 1) == [0.0, 1.0]
    assert one_sided(lambda x: 5.0 * x if x != x * 1.0 else x, [0.0], [1.0], 1) == [0.0, 1.0]
    assert one_sided(lambda x: 5.0 * x if x != Value(0.0) else x, [0.0], [1.0], 1) == [0.0, 5.0]


def test_what_has_no_series_says_so() -> None:
    with pytest.raises(SeriesError, match="no series"):
        one_sided(lambda x: exp(-1 / x) if x > 0 else 0.0, [0.0], [1.0], 2)
    assert one_sided(lambda x: exp(-1 / x) if x > 0 else 0.0, [0.0], [-1.0], 2) == [0.0, 0.0, 0.0]


# ------------------------------------------------------------------------------------------- random programs at their kinks

UNARY = [abs, relu, sin, exp, tanh, leaky_relu, elu, softsign, sqrt, sign, floor, ceil, cbrt, hardtanh, selu, log1p, cos, square]
BINARY = [ops.add, ops.sub, ops.mul, max, min, hypot]
Program = Callable[[Sequence[Any]], Any]


def programs(draw: random.Random, depth: int, count: int) -> Program:
    """A composition of rows, most of them kinked, of `count` variables."""
    if depth == 0 or draw.random() < 0.1:
        place, constant = draw.randrange(count), draw.choice([0.0, 1.0, -1.0, 2.0])
        return (lambda v: v[place]) if draw.random() < 0.8 else (lambda v: constant)
    parts = [programs(draw, depth - 1, count) for _ in range(3)]
    unary, binary, kind = draw.choice(UNARY), draw.choice(BINARY), draw.random()
    if kind < 0.45:
        return lambda v: unary(parts[0](v))
    if kind < 0.9:
        return lambda v: binary(parts[0](v), parts[1](v))
    if kind < 0.95:
        return lambda v: where(parts[0](v) > 0.0, parts[1](v), parts[2](v))
    return lambda v: clamp(parts[0](v), 0.0, 1.0)


STEP, SHIFT, DIGITS = mpmath.mpf(10) ** -100, mpmath.mpf(10) ** -40, 420


def known_sides(f: Program, point: list[float], draw: random.Random) -> list[list[Any]]:
    """Second derivatives beside the point, flat, in many directions: differences of 420 digits in cells where f is smooth."""
    n = len(point)
    drawn = [[draw.uniform(-1.0, 1.0) for _ in point] for _ in range(4 * n if n > 1 else 0)]
    sides = []
    for direction in (*directions(n), *drawn):
        with mpmath.workdps(DIGITS):
            beside = [x + SHIFT * d for x, d in zip(point, direction, strict=True)]

            def at(i: int, s: int, j: int, u: int, beside: list[Any] = beside) -> Any:
                y = f([Real(x + STEP * (s * (k == i) + u * (k == j))) for k, x in enumerate(beside)])
                return y.x if isinstance(y, Real) else y

            def entry(i: int, j: int) -> Any:
                return mpmath.fsum([s * u * at(i, s, j, u) for s in (-1, 1) for u in (-1, 1)]) / (4 * STEP**2)

            with contextlib.suppress(AutogradError, ArithmeticError, ValueError, TypeError):  # not defined there
                sides.append([entry(i, j) for i in range(n) for j in range(n)])
    return sides


def bounded(x: Any) -> float:
    return float(x) if mpmath.fabs(x) < 1e9 else math.copysign(INF, x)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(120))
def test_second_derivatives_of_random_programs_lie_between_those_of_the_sides(seed: int) -> None:
    draw = random.Random(seed)
    n = draw.choice([1, 1, 2, 3])
    f, point = programs(draw, 3, n), [draw.choice([0.0, 0.0, 1.0, -1.0])] * n
    try:
        found = hessian(f)(point)
    except AutogradError:
        return
    entries = [x for row in found for x in row]
    sides = known_sides(f, point, draw)
    for i in range(n):
        for j in range(n):
            assert found[i][j] == pytest.approx(found[j][i], rel=1e-9, abs=1e-12, nan_ok=True)
    for x, limits in zip(entries, zip(*sides, strict=True), strict=True):
        low, high = bounded(builtins.min(limits)), bounded(builtins.max(limits))
        slack = 1e-9 * builtins.max([1.0, *(builtins.abs(y) for y in (low, high) if math.isfinite(y))])
        assert low - slack <= x <= high + slack or math.isnan(x)


# ------------------------------------------------------------------------------------------------------ symmetric everywhere

GOLDEN = json.loads((Path(__file__).parents[1] / "data" / "golden.json").read_text(encoding="utf-8"))["cases"]
OF_SEVERAL = [case for case in GOLDEN if len(case["args"]) > 1 and not case["raises"] and case["fn"] in ops.TABLE]


@pytest.mark.parametrize("case", OF_SEVERAL, ids=[case["id"] for case in OF_SEVERAL])
def test_hessians_are_symmetric_at_every_golden_point(case: dict[str, Any]) -> None:
    operation, numbers = ops.TABLE[case["fn"]], [float.fromhex(x) if "x" in x else float(x) for x in case["args_hex"]]
    parameters = {"condition" if name == "cond" else name: x for name, x in (case.get("params") or {}).items()}
    found = hessian(lambda v: operation.apply(tuple(v), parameters))(numbers)
    largest = builtins.max([builtins.abs(x) for row in found for x in row if math.isfinite(x)], default=0.0)
    for i, j in itertools.combinations(range(len(numbers)), 2):
        a, b = found[i][j], found[j][i]
        if math.isfinite(a) and math.isfinite(b):
            assert a == pytest.approx(b, rel=1e-13, abs=4e-16 * largest)
        else:
            assert a == b or math.isnan(a) or math.isnan(b)


# ------------------------------------------------------------------------------------------------- graphs, threads, user rows


def test_a_graph_of_a_gradient_has_no_second_derivative_at_a_kink() -> None:
    for f, slope in ((lambda x: abs(x) ** 2, 0.0), (relu, 0.0), (lambda x: relu(sqrt(x)), 0.0), (lambda x: max(x, 0.0 * x), 0.5)):
        x = Value(0.0)
        dy = gradient(f(x), x)
        assert dy.data == slope
        assert math.isnan(gradient(dy, x).data)
        dy.backward()
        assert math.isnan(x.grad)
    x, y = Value(0.0), Value(3.0)
    _, dy = gradient(relu(x) + y**3, [x, y])
    assert gradient(dy, y).data == 18.0  # nothing at its kink depends on y
    assert gradient(gradient(relu(y), y), y).data == 0.0


def test_derivatives_at_nodes_have_the_number_and_no_further_derivative() -> None:
    x = Value(0.0)
    second = grad(grad(lambda x: abs(x) ** 2))(x)
    assert second.data == 2.0
    assert math.isnan(gradient(second, x).data)
    w = Value(3.0)
    second = grad(grad(lambda x: w * abs(x) ** 2))(0.0)  # the function closes over a node
    assert second.data == 6.0


def test_threads_and_tasks_do_not_see_each_others_kinks() -> None:
    def work(i: int) -> list[float]:
        return [grad(grad(lambda x: abs(x) ** 2))(0.0) + grad(grad(lambda x: x**3))(float(i)) for _ in range(20)]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(8))) == [[2.0 + 6.0 * i] * 20 for i in range(8)]


def test_a_users_row_takes_part_by_its_partials_and_an_unknown_one_keeps_its_answer() -> None:
    ramp = op(lambda a: a if a > 0 else 0.0, name="ramp", doc="relu.", partials=(lambda a, y: where(a > 0, 1.0, 0.0),))
    opaque = op(
        lambda a: a * a, name="opaque", doc="a².", partials=(lambda a, y: 2 * a if isinstance(a, (float, Value)) else None,)
    )
    try:
        assert grad(grad(lambda x: ramp(x * x)))(0.0) == 2.0
        assert hessian(lambda v: ramp(v[0] ** 2 + v[1] ** 2))([0.0, 0.0]) == [[2.0, 0.0], [0.0, 2.0]]
        assert grad(grad(lambda x: relu(x) + opaque(x)))(0.0) == 2.0
    finally:
        del ops.TABLE["ramp"], ops.TABLE["opaque"]


def test_points_that_a_function_differentiates_at_by_itself_are_approached_too() -> None:
    power = lambda x, y: x**y  # noqa: E731
    assert grad(grad(power, 0), 1)(0.0, 1.0) == grad(grad(power, 1), 0)(0.0, 1.0) == -INF
    assert grad(lambda c: c * hessian(lambda z: relu(z * z))(0.0))(3.0) == 2.0
    assert grad(lambda c: c * grad(abs)(0.0))(3.0) == 0.0


def test_data_and_stopped_numbers_are_constants_beside_a_kink() -> None:
    assert grad(grad(lambda x: abs(x) * abs(x.detach())))(0.0) == 0.0
    assert grad(grad(lambda x: abs(x) * stop_gradient(x) + relu(x * x)))(0.0) == 2.0
    assert grad(grad(lambda x: relu(x * x) if f"{x:.1f}" == "0.0" else x))(0.0) == 2.0
