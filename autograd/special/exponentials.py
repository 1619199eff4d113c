"""Exponentials and logarithms that neither overflow on their way nor cancel: sigmoid to softmax."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

from autograd.special.arithmetic import HIGHEST_ORDER, INF, LN2, NAN, exact_sum, larger, place_of_largest


def exp_of_difference(a: float, b: float) -> float:
    """exp(a − b) for a ≤ b: the rounding error of a − b, up to 700 units in the last place of the result, is put back."""
    d = a - b
    if not -INF < d < INF:
        return 1.0 if a == b else math.exp(d)  # equal infinities weigh the same
    back = d - a
    error = (a - (d - back)) - (b + back)
    return math.exp(d) * (1.0 + error)


def sigmoid(x: float) -> float:
    """1/(1 + e⁻ˣ), by eˣ/(1 + eˣ) below 0: no overflow, and the left tail keeps its digits."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def sech(x: float) -> float:
    """1/cosh x = 2e/(1 + e²), e = e^−|x|: 1/cosh overflows on its way, and tanh′ as its square keeps its digits in every order."""
    e = math.exp(-abs(x))
    return 2.0 * e / (1.0 + e * e)


def sigmoid_slope(x: float) -> float:
    """s(x)·s(−x) = e/(1 + e)², e = e^−|x|: no 1 − s, and the same to the bit on both sides."""
    e = math.exp(-abs(x))
    return e / ((1.0 + e) * (1.0 + e))


def softplus(x: float) -> float:
    """log(1 + eˣ) = max(x, 0) + log1p(e^−|x|): no overflow above 709, no loss below −37."""
    return larger(x, 0.0) + math.log1p(math.exp(-abs(x)))


def logcosh(x: float) -> float:
    """log cosh x = |x| − log 2 + log1p(e^−2|x|): cosh overflows; near 0, where that cancels, log1p(2·sinh²(x/2))."""
    if abs(x) < 1.0:
        s = math.sinh(0.5 * x)
        return math.log1p(2.0 * s * s)
    return abs(x) - LN2 + math.log1p(math.exp(-2.0 * abs(x)))


def log1mexp(x: float) -> float:
    """log(1 − eˣ), x < 0: by expm1 near 0, where 1 − eˣ cancels, else by log1p (Mächler 2012)."""
    if x >= 0.0:
        raise ValueError("log1mexp is defined below 0")
    return math.log(-math.expm1(x)) if x > -LN2 else math.log1p(-math.exp(x))


def logit(p: float) -> float:
    """log(p/(1 − p)); about ½, where that is near log 1, 2·artanh(2p − 1)."""
    if p <= 0.0 or p >= 1.0:
        raise ValueError("logit is defined between 0 and 1")
    if abs(p - 0.5) < 0.25:
        return 2.0 * math.atanh(2.0 * p - 1.0)
    return math.log(p / (1.0 - p)) if p < 0.5 else -math.log((1.0 - p) / p)


def xlogy(x: float, y: float) -> float:
    """x·log y, with its limit 0 at x = y = 0."""
    if x == 0.0 and y >= 0.0:
        return 0.0
    return x * math.log(y)


def exprel(x: float) -> float:
    """(eˣ − 1)/x, and 1 at 0; from 700 on in two halves, since eˣ overflows before it."""
    return exprel_derivative(x, n=0)


def exprel_derivative(x: float, *, n: int = 1) -> float:
    """The n-th derivative of exprel, Eₙ(x) = ∫ tⁿeˣᵗdt from 0 to 1, by x·Eₙ = eˣ − n·Eₙ₋₁.

    Upward where |x| is large; downward, from an n where any beginning will do, where it is not.
    """
    if not 0 <= n <= HIGHEST_ORDER:
        raise ValueError("the order n must be a whole number from 0 to 100")
    if not abs(x) < INF:
        return x if x > 0.0 or x != x else 0.0
    half = math.exp(0.5 * x) if x > 700.0 else 1.0
    e = half if x > 700.0 else math.exp(x)
    if abs(x) <= n + 2.0 and n > 0:
        start = n + 32 + 4 * n // 5
        total = e / (start + 1.0)
        for k in range(start, n, -1):
            total = (e - x * total) / k
        return total
    total = 1.0 if x == 0.0 else (half / x if x > 700.0 else math.expm1(x) / x)
    for k in range(1, n + 1):
        total = (e - k * total) / x
    total *= half
    if total == INF:
        raise OverflowError("math range error")
    return total


def logsumexp(xs: tuple[float, ...]) -> float:
    """log Σ exp(xᵢ) = m + log1p(Σ of the others' exp(xᵢ − m)), m the largest; where these cancel, log1p(Σ exp(xᵢ) − 1)."""
    top = place_of_largest(xs)
    if not abs(xs[top]) < INF:
        return xs[top]
    y = xs[top] + math.log1p(exact_sum([exp_of_difference(x, xs[top]) for i, x in enumerate(xs) if i != top]))
    return math.log1p(exponentials_less_one(xs)) if abs(y) < -0.25 * xs[top] else y


def exponentials_less_one(xs: tuple[float, ...]) -> float:
    """Σ exp(xᵢ) − 1 of negative numbers, rounded once, however far it cancels: in whole numbers of 2⁻ᵖ.

    This is the one value that floats cannot spell: at a zero of logaddexp even pairs of them lose every digit. Pages have
    their own version of it.
    """
    bits = 288 - math.frexp(max(xs))[1]  # 256 more than the number nearest 0 needs, and 32 that rounding may spoil
    return sum([-(1 << bits), *[_exponential_in_bits(x, bits) for x in xs if x > -bits]]) / (1 << bits)


def _exponential_in_bits(x: float, bits: int) -> int:
    """exp(x)·2ᵇⁱᵗˢ as a whole number: the Taylor series of exp(x/256), squared eight times."""
    numerator, denominator = x.as_integer_ratio()
    t = (numerator << bits) // (denominator << 8)
    total, term, k = 0, 1 << bits, 0
    while term not in (0, -1):  # -1 is where a negative one comes to rest, rounded down
        total, k = total + term, k + 1
        term = (term * t >> bits) // k
    for _ in range(8):
        total = total * total >> bits
    return total


@functools.lru_cache(maxsize=2)  # the components of one softmax, and their partials, are asked for one after the other
def probabilities(xs: tuple[float, ...]) -> tuple[float, ...]:
    """exp(x_k) / Σ exp(xᵢ) for every k, shifted by the largest."""
    top = xs[place_of_largest(xs)]
    if top != top:
        return (NAN,) * len(xs)
    weights = [exp_of_difference(x, top) for x in xs]
    total = exact_sum(weights)
    return tuple([weight / total for weight in weights])


def complement(p: Sequence[float], k: int) -> float:
    """1 − p_k for probabilities p; as the sum of the others where 1 − p_k would cancel."""
    return exact_sum((*p[:k], *p[k + 1 :])) if p[k] > 0.5 else 1.0 - p[k]


def softmax(xs: tuple[float, ...], *, k: int) -> float:
    """exp(x_k) / Σ exp(xᵢ)."""
    return probabilities(xs)[k]


def log_softmax(xs: tuple[float, ...], *, k: int) -> float:
    """log softmax(x)[k], as −cross_entropy: the logarithm of a probability that underflows is lost."""
    return -cross_entropy(xs, target=k)


def cross_entropy(xs: tuple[float, ...], *, target: int) -> float:
    """−log softmax(x)[target] = (m − x_target) + log1p(Σ of the others' exp(xᵢ − m)): no 1 − p anywhere."""
    top = target if xs[target] == xs[place_of_largest(xs)] else place_of_largest(xs)
    if xs[top] != xs[top]:
        return NAN
    distance = 0.0 if top == target else xs[top] - xs[target]
    return distance + math.log1p(exact_sum([exp_of_difference(x, xs[top]) for i, x in enumerate(xs) if i != top]))
