"""Sums rounded once, extremes, quotients, steps and scaling of floats, and the constants of the other modules."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence

INF = math.inf
NAN = math.nan
SQRT2, SQRT2_LOW = 1.4142135623730951, -9.667293313452913e-17  # √2 to 32 digits, as a sum of two floats
INV_SQRT_2PI = 0.3989422804014327  # 1/√(2π)
TWO_OVER_SQRT_PI = 1.1283791670955126  # 2/√π
LOG2E = 1.4426950408889634  # log₂ e
LOG10E = 0.4342944819032518  # log₁₀ e
LN2 = 0.6931471805599453
DEGREES_IN_A_RADIAN, RADIANS_IN_A_DEGREE = 57.29577951308232, 0.017453292519943295
HIGHEST_ORDER = 100  # of a derivative that a row has as its parameter


def exact_sum(xs: Sequence[float]) -> float:
    """Σ xs, rounded once; like `+` it overflows to ±inf, and inf − inf is NaN."""
    try:
        return math.fsum(xs)
    except ValueError:  # inf and -inf among xs
        return NAN
    except OverflowError:  # a partial sum overflowed: the total need not
        try:
            return math.ldexp(math.fsum(math.ldexp(x, -64) for x in xs), 64)
        except OverflowError:
            return math.copysign(INF, math.fsum(math.ldexp(x, -64) for x in xs))


def dot(xs: tuple[float, ...]) -> float:
    """Σ wᵢxᵢ of w₁ … wₙ, x₁ … xₙ: products rounded once each, their sum once."""
    products = tuple(map(operator.mul, xs, xs[len(xs) // 2 :]))
    try:
        return math.fsum(products)
    except (ValueError, OverflowError):
        return exact_sum(products)


def affine(xs: tuple[float, ...]) -> float:
    """Σ wᵢxᵢ + b of w₁ … wₙ, x₁ … xₙ, b: products rounded once each, their sum once."""
    terms = (*map(operator.mul, xs, xs[len(xs) // 2 : -1]), xs[-1])
    try:
        return math.fsum(terms)
    except (ValueError, OverflowError):
        return exact_sum(terms)


def exact_mean(xs: tuple[float, ...]) -> float:
    """Σ xs / n, with no overflow where the mean itself is a float."""
    total, n = exact_sum(xs), len(xs)
    if math.isinf(total) and all(map(math.isfinite, xs)):
        return math.ldexp(math.fsum(math.ldexp(x, -64) for x in xs) / n, 64)
    return total / n


def sign(x: float) -> float:
    """−1, ±0 or 1."""
    return x if x == 0 or x != x else math.copysign(1.0, x)


def larger(a: float, b: float) -> float:
    """The larger of two, NaN if either is: `builtins.max` keeps or loses a NaN by its place."""
    return a if a > b or a != a else b


def smaller(a: float, b: float) -> float:
    """The smaller of two, NaN if either is."""
    return a if a < b or a != a else b


def between(x: float, low: float, high: float) -> float:
    """x kept within [low, high]."""
    if low > high:
        raise ValueError("low > high")
    return smaller(larger(x, low), high)


def power(a: float, b: float) -> float:
    """aᵇ as `math.pow`, except that 0 to a negative power divides by zero, as Python's `**` says."""
    if a == 0.0 and -INF < b < 0.0:
        raise ZeroDivisionError("0.0 cannot be raised to a negative power")
    return math.pow(a, b)


def quotient(a: float, b: float) -> float:
    """a / b."""
    return a / b


def reciprocal(x: float) -> float:
    """1 / x."""
    return 1.0 / x


def floor(x: float) -> float:
    """The largest whole number not above x, as a float; NaN stays NaN."""
    return x if x != x else float(math.floor(x))


def ceil(x: float) -> float:
    """The smallest whole number not below x, as a float; NaN stays NaN."""
    return x if x != x else float(math.ceil(x))


def trunc(x: float) -> float:
    """x without its fraction, as a float; NaN stays NaN."""
    return x if x != x else float(math.trunc(x))


def rounded(x: float, *, ndigits: int = 0) -> float:
    """x rounded half to even, as Python's `round`, as a float; NaN stays NaN."""
    if x != x:
        return x
    return float(round(x)) if ndigits == 0 else round(x, ndigits)


def to_a_multiple(a: float, b: float) -> float:
    """How far a is from the nearest multiple of b; 1 where there is none, and 0 where they are too dense for differences."""
    if not (-INF < a < INF and b == b != 0.0):
        return 1.0
    return math.remainder(a, b) if abs(a) < 2.0**31 * abs(b) else 0.0


def to_a_step(a: float, b: float) -> float:
    """How far a is from the nearest multiple of b that is not 0; 1 where there is none."""
    return to_a_multiple(a, b) if abs(a) > 0.5 * abs(b) else 1.0


def two_product(a: float, b: float) -> tuple[float, float]:
    """(p, e) with p + e = a·b exactly (Dekker 1971); |a|, |b| below 1e150."""
    p, s, t = a * b, 134217729.0 * a, 134217729.0 * b
    a_high, b_high = s - (s - a), t - (t - b)
    a_low, b_low = a - a_high, b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


def scaled(x: float, n: int) -> float:
    """x·2ⁿ, which overflows to ±inf."""
    try:
        return math.ldexp(x, n)
    except OverflowError:
        return math.copysign(INF, x)


# ------------------------------------------------------------------------------------------------ rows that people ask for


def lerp(a: float, b: float, t: float) -> float:
    """(1 − t)·a + t·b, rounded once: exact at t = 0 and t = 1, between a and b for t in [0, 1], and rising or falling in t."""
    if not (abs(a) < INF and abs(b) < INF and abs(t) < INF):
        return (1.0 - t) * a + t * b
    if a == b or t == 0.0 or t == 1.0:
        return a if t == 0.0 else b
    size, shift = math.frexp(larger(abs(a), abs(b)))[1], math.frexp(t)[1]
    if a != 0.0 and math.frexp(a)[1] - size - shift > 900:  # the rest is far below half a unit of a
        return a
    start = math.ldexp(a, -size - shift)
    a, b, t = math.ldexp(a, -size), math.ldexp(b, -size), math.ldexp(t, -shift)
    (p, p_low), (q, q_low) = two_product(t, b), two_product(-t, a)
    return scaled(math.fsum((start, p, p_low, q, q_low)), size + shift)


def place_of_largest(xs: tuple[float, ...]) -> int:
    """The place of the largest, or of a NaN if there is one."""
    best = 0
    for i, x in enumerate(xs):
        if x > xs[best] or x != x:
            best = i
    return best
