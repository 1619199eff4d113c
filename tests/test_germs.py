"""One-sided germs against the limits that are known from each side, and the calls that use them at kinks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from autograd import (
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
    hardtanh,
    hypot,
    leaky_relu,
    log,
    log1p,
    max,
    min,
    relu,
    selu,
    sign,
    sin,
    softsign,
    sqrt,
    tan,
    tanh,
    where,
    xlogy,
)
from autograd.errors import SeriesError
from autograd.transforms.germs import one_sided

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


def test_a_high_order_is_as_exact_as_a_low_one() -> None:
    found = one_sided(lambda x: tan(abs(x)), [0.0], [-1.0], 9)
    assert found == pytest.approx([0, 1, 0, 2, 0, 16, 0, 272, 0, 7936], rel=1e-12)


def test_several_operands_move_along_the_direction() -> None:
    assert one_sided(lambda x, y: x * abs(y), [2.0, 0.0], [3.0, -5.0], 2) == [0.0, 10.0, 30.0]
    assert one_sided(lambda x, y: hypot(x, y), [0.0, 0.0], [3.0, -4.0], 2) == [0.0, 5.0, 0.0]


def test_what_has_no_series_says_so() -> None:
    with pytest.raises(SeriesError, match="no series"):
        one_sided(lambda x: exp(-1 / x) if x > 0 else 0.0, [0.0], [1.0], 2)
    assert one_sided(lambda x: exp(-1 / x) if x > 0 else 0.0, [0.0], [-1.0], 2) == [0.0, 0.0, 0.0]
