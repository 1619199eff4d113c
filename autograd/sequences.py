"""Functions of a sequence of floats that Python lacks or rounds badly: extremes, products, lengths, deviations from the mean.

They are the values of rows in `autograd.ops`, and what the partials of those rows are on floats. Nothing here overflows or
underflows where the result does not. `tests/test_sequences.py` measures them against mpmath.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

from autograd.special import INF, exact_mean, exact_sum, larger, place_of_largest, scaled, two_product


def largest(xs: tuple[float, ...]) -> float:
    """The largest; NaN if one of them is."""
    return xs[place_of_largest(xs)]


def smallest(xs: tuple[float, ...]) -> float:
    """The smallest; NaN if one of them is."""
    best = xs[0]
    for x in xs:
        if x < best or x != x:
            best = x
    return best


def gap(xs: Sequence[float]) -> float:
    """How far the second largest is from the largest; 1 of a single number."""
    if len(xs) == 1:
        return 1.0
    top = place_of_largest(tuple(xs))
    second = largest(tuple([x for i, x in enumerate(xs) if i != top]))
    return 0.0 if second == xs[top] else xs[top] - second


def product(xs: tuple[float, ...]) -> float:
    """∏ xs, as if rounded once: mantissas are multiplied as sums of two floats, their exponents added."""
    high, low, exponent = 1.0, 0.0, 0
    for x in xs:
        high, low, shift = _times(high, low, x)
        exponent += shift
    return scaled(high if low == 0.0 else high + low, exponent)


def _times(high: float, low: float, x: float) -> tuple[float, float, int]:
    """(high + low)·x as a sum of two floats, the larger in [½, 1), and the exponent of 2 taken out."""
    m, exponent = math.frexp(x)
    p, error = two_product(high, m)
    if not abs(p) < INF:  # an infinite or NaN factor decides
        return p, 0.0, 0
    total, shift = math.frexp(p)
    return total, math.ldexp(low * m + error, -shift), exponent + shift


def products_of_others(xs: tuple[float, ...]) -> tuple[float, ...]:
    """∏ⱼ xⱼ over j ≠ i for each i, as `product` gives it: what comes before i times what comes after."""
    highs: list[float] = []
    lows: list[float] = []
    exponents: list[float] = []
    high, low, exponent = 1.0, 0.0, 0
    for i in range(len(xs)):  # what comes after, from the last
        highs.append(high)
        lows.append(low)
        exponents.append(float(exponent))
        high, low, shift = _times(high, low, xs[len(xs) - 1 - i])
        exponent += shift
    high, low, exponent = 1.0, 0.0, 0
    found: list[float] = []
    for i in range(len(xs)):  # what comes before, from the first
        k = len(xs) - 1 - i
        p, error = two_product(high, highs[k])
        rest = error + (high * lows[k] + low * highs[k]) if abs(p) < INF else 0.0
        found.append(scaled(p if rest == 0.0 else p + rest, exponent + int(exponents[k])))
        high, low, shift = _times(high, low, xs[i])
        exponent += shift
    return tuple(found)


def _exponent(xs: tuple[float, ...]) -> int:
    """The exponent of 2 of the largest size; 0 if that is 0, infinite or NaN."""
    top = 0.0
    for x in xs:
        top = larger(top, abs(x))
    return math.frexp(top)[1]


def norm(xs: tuple[float, ...]) -> float:
    """√Σ xᵢ²: squares exact as sums of two floats, scaled by a power of two, their sum rounded once."""
    for x in xs:
        if abs(x) == INF:
            return INF
    exponent = _exponent(xs)
    pieces: list[float] = []
    for x in xs:
        small = math.ldexp(x, -exponent)
        square, error = two_product(small, small)
        pieces.append(square)
        pieces.append(error)
    return scaled(math.sqrt(math.fsum(pieces)), exponent)


@functools.lru_cache(maxsize=2)  # of one sequence they are asked for one after the other
def deviations(xs: tuple[float, ...]) -> tuple[float, ...]:
    """xᵢ − m, m the mean, with the digits that rounding m and the difference takes put back."""
    m = exact_mean(xs)
    if not abs(m) < INF:
        return tuple([x - m for x in xs])
    errors: list[float] = []
    for x in xs:
        errors.append(x - m)
        errors.append(_error_of_difference(x, m))
    rest = exact_sum(errors) / len(xs)  # the mean, less m
    return tuple([(x - m) + (_error_of_difference(x, m) - rest) for x in xs])


def _error_of_difference(a: float, b: float) -> float:
    """What rounding takes from a − b (Knuth)."""
    d = a - b
    back = d - a
    error = (a - (d - back)) - (b + back)
    return error if abs(d) < INF else 0.0


def variance(xs: tuple[float, ...]) -> float:
    """Σ (xᵢ − m)²/n."""
    length = norm(deviations(xs))
    return length / len(xs) * length


def deviation(xs: tuple[float, ...], *, k: int) -> float:
    """x_k − m."""
    return deviations(xs)[k]


@functools.lru_cache(maxsize=2)
def _scaled_deviations(xs: tuple[float, ...]) -> tuple[tuple[float, ...], int]:
    """The deviations of xs/2ᵏ, and the exponent k, with which the largest x has a size in [½, 1): no square is lost."""
    exponent = _exponent(xs)
    return deviations(tuple([math.ldexp(x, -exponent) for x in xs])), exponent


def standard_deviation(xs: tuple[float, ...]) -> float:
    """√(Σ (xᵢ − m)²/n); 0 only where all are equal, never by underflow."""
    differences, exponent = _scaled_deviations(xs)
    length = norm(differences)
    return larger(scaled(length / math.sqrt(len(xs)), exponent), 5e-324) if length > 0.0 else length


def deviation_slopes(xs: tuple[float, ...], y: float) -> tuple[float, ...]:
    """(xᵢ − m)/(n·y), y the standard deviation; 0 where it is 0."""
    if y <= 0.0:
        return (0.0,) * len(xs)
    differences, _ = _scaled_deviations(xs)
    length = norm(differences) * math.sqrt(len(xs))
    return tuple([d / length for d in differences])
