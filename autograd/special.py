"""Functions of floats that Python's `math` lacks, accurate to a few units in the last place over the whole range.

They are the values of rows in `autograd.ops`; no derivative is stated here. Each docstring names the formula that loses
accuracy and the one used instead. NaN in gives NaN out. `tests/test_special.py` measures them against mpmath.
"""

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


def exp_of_difference(a: float, b: float) -> float:
    """exp(a − b) for a ≤ b: the rounding error of a − b, up to 700 units in the last place of the result, is put back."""
    d = a - b
    if not -INF < d < INF:
        return 1.0 if a == b else math.exp(d)  # equal infinities weigh the same
    back = d - a
    error = (a - (d - back)) - (b + back)
    return math.exp(d) * (1.0 + error)


def sign(x: float) -> float:
    """−1, ±0 or 1."""
    return x if x == 0 or x != x else math.copysign(1.0, x)


def larger(a: float, b: float) -> float:
    """The larger of two, NaN if either is: `builtins.max` keeps or loses a NaN by its place."""
    return a if a > b or a != a else b


def relu(x: float) -> float:
    """max(x, 0)."""
    return x if x > 0.0 or x != x else 0.0


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


def sigmoid(x: float) -> float:
    """1/(1 + e⁻ˣ), by eˣ/(1 + eˣ) below 0: no overflow, and the left tail keeps its digits."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def softplus(x: float) -> float:
    """log(1 + eˣ) = max(x, 0) + log1p(e^−|x|): no overflow above 709, no loss below −37."""
    return larger(x, 0.0) + math.log1p(math.exp(-abs(x)))


def silu(x: float) -> float:
    """x/(1 + e⁻ˣ), with its limit −0 at −inf; below −700 scaled, since x times a subnormal eˣ magnifies its rounding."""
    if x < -700.0:
        return x * math.exp(x + 64.0) * math.exp(-64.0) if x > -INF else -0.0
    return x * sigmoid(x)


def mish(x: float) -> float:
    """x·tanh(softplus x), with its limit −0 at −inf; below −40 tanh(softplus x) is eˣ, and so is sigmoid(x)."""
    return silu(x) if x < -40.0 else x * math.tanh(softplus(x))


def softsign(x: float) -> float:
    """x/(1 + |x|), with its limits ±1 at ±inf."""
    return x / (1.0 + abs(x)) if abs(x) != INF else math.copysign(1.0, x)


def _square_split(x: float) -> tuple[float, float]:
    """(s, r) with s + r = x², s exact: exp(−x²) by exp(−x·x) loses x² units in the last place."""
    head = round(x * 64.0) / 64.0
    return head * head, (x - head) * (x + head)


def gaussian(x: float) -> float:
    """exp(−x²)."""
    if not abs(x) < 28.0:
        return 0.0 if x == x else x
    square, rest = _square_split(x)
    return math.exp(-square) * math.exp(-rest)


def normal_pdf(x: float) -> float:
    """exp(−x²/2)/√(2π)."""
    if not abs(x) < 39.0:
        return 0.0 if x == x else x
    square, rest = _square_split(x)
    return math.exp(-0.5 * square) * math.exp(-0.5 * rest) * INV_SQRT_2PI


def _two_product(a: float, b: float) -> tuple[float, float]:
    """(p, e) with p + e = a·b exactly (Dekker 1971); |a|, |b| below 1e150."""
    p, s, t = a * b, 134217729.0 * a, 134217729.0 * b
    a_high, b_high = s - (s - a), t - (t - b)
    a_low, b_low = a - a_high, b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


def normal_cdf(x: float) -> float:
    """Φ(x) = erfc(−x/√2)/2; ½(1 + erf) has no digits left below −8.

    Below −1 the rounding error of t = −x/√2, magnified 2t² times, is put back: erfc(t + δ) ≈ erfc(t) − 2/√π·e^(−t²)·δ.
    """
    t = -x / SQRT2
    if not 0.7 < t < 40.0:
        return 0.5 * math.erfc(t)
    product, error = _two_product(t, SQRT2)
    missing = (((-x - product) - error) - t * SQRT2_LOW) / SQRT2
    return 0.5 * (math.erfc(t) - TWO_OVER_SQRT_PI * gaussian(t) * missing)


def gelu(x: float) -> float:
    """x·Φ(x), with its limit −0 at −inf; below −37, where Φ is subnormal, by its series −φ(x)(1 − 1/x² + 3/x⁴ − …)."""
    if x < -37.0:
        r = 1.0 / (x * x)
        return -normal_pdf(x) * (1.0 - r * (1.0 - 3.0 * r * (1.0 - 5.0 * r * (1.0 - 7.0 * r))))
    return x * normal_cdf(x)


SQRT_2_OVER_PI, GELU_CUBIC = 0.7978845608028654, 0.044715
_TWICE_C, _CUBIC = (
    (1.5957691216057308, -9.96930880911092e-17),
    (0.044715, 2.1960211427085595e-18),
)  # 2√(2/π) and 0.044715, as sums of two floats


def _product(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    """The product of two numbers that are sums of two floats, to about 30 digits."""
    p, e = _two_product(a[0], b[0])
    return p, e + a[0] * b[1] + a[1] * b[0]


def gelu_tanh(x: float) -> float:
    """½x(1 + tanh u) = x·sigmoid(2u), u = √(2/π)(x + 0.044715x³): 1 + tanh(u) cancels below −2.

    In the left tail e²ᵘ magnifies the rounding error of 2u by 2u, so 2u is kept as a sum of two floats there.
    """
    if not -40.0 < x < -1.0:
        return x * sigmoid(2.0 * SQRT_2_OVER_PI * x * (1.0 + GELU_CUBIC * x * x)) if x > -INF or x != x else -0.0
    cubic, rest = _product(_CUBIC, _two_product(x, x))
    bracket = 1.0 + cubic
    twice_u, low = _product(_product(_TWICE_C, (x, 0.0)), (bracket, (1.0 - bracket) + cubic + rest))
    e = math.exp(twice_u) * (1.0 + low)
    return x * (e / (1.0 + e))


def logsumexp(xs: tuple[float, ...]) -> float:
    """log Σ exp(xᵢ) = m + log1p(Σ of the others' exp(xᵢ − m)), m the largest."""
    top = _largest(xs)
    if not abs(xs[top]) < INF:
        return xs[top]
    return xs[top] + math.log1p(exact_sum([exp_of_difference(x, xs[top]) for i, x in enumerate(xs) if i != top]))


def softmax(xs: tuple[float, ...], *, k: int) -> float:
    """exp(x_k) / Σ exp(xᵢ), shifted by the largest."""
    top = xs[_largest(xs)]
    if top != top:
        return NAN
    weights = [exp_of_difference(x, top) for x in xs]
    return weights[k] / exact_sum(weights)


def cross_entropy(xs: tuple[float, ...], *, target: int) -> float:
    """−log softmax(x)[target] = (m − x_target) + log1p(Σ of the others' exp(xᵢ − m)): no 1 − p anywhere."""
    top = target if xs[target] == xs[_largest(xs)] else _largest(xs)
    if xs[top] != xs[top]:
        return NAN
    distance = 0.0 if top == target else xs[top] - xs[target]
    return distance + math.log1p(exact_sum([exp_of_difference(x, xs[top]) for i, x in enumerate(xs) if i != top]))


def _largest(xs: tuple[float, ...]) -> int:
    """The place of the largest, or of a NaN if there is one."""
    best = 0
    for i, x in enumerate(xs):
        if x > xs[best] or x != x:
            best = i
    return best


def xlogy(x: float, y: float) -> float:
    """x·log y, with its limit 0 at x = y = 0."""
    if x == 0.0 and y >= 0.0:
        return 0.0
    return x * math.log(y)


# ψ near its positive root, where the general formula keeps no relative accuracy: x₀ and the Taylor coefficients ψ⁽ᵏ⁾(x₀)/k!
_ROOT, _ROOT_LOW = 1.4616321449683622, 9.549995429965697e-17
# fmt: off
_ROOT_SERIES = (
    0.9676722454476212, -0.4427631689835921, 0.258499760955651, -0.16394270544240652, 0.10782405069126237, -0.07219956125645471,
    0.04880428816414311, -0.03316112647484736, 0.022597648232218104, -0.01542476590494896, 0.010538791616612175,
    -0.007204534386356869, 0.004926781395729853, -0.003369801655439328, 0.002305126326734928, -0.0015769367714301972,
    0.0010788252019162967, -0.0007380709389960052, 0.000504953265834602, -0.0003454680251063077, 0.00023635601564027053,
)
_BERNOULLI = (1/6, -1/30, 1/42, -1/30, 5/66, -691/2730, 7/6, -3617/510, 43867/798, -174611/330)  # B₂, B₄, ...
# fmt: on


def digamma(x: float) -> float:
    """ψ(x) = Γ′(x)/Γ(x): asymptotic series above 12, recurrence below, reflection left of 0, Taylor series at its root."""
    if x != x or x == INF:
        return x
    if x <= 0.0:
        if x == -INF or x == math.floor(x):
            raise ValueError("pole of digamma")
        return digamma(1.0 - x) - math.pi * _cot_pi(x)[0] if x < -1e-3 else digamma(1.0 + x) - 1.0 / x
    if abs(x - _ROOT) < 0.25:
        t, total = (x - _ROOT) - _ROOT_LOW, 0.0
        for coefficient in reversed(_ROOT_SERIES):
            total = (total + coefficient) * t
        return total
    shifted: list[float] = []
    while x < 12.0:
        shifted.append(-1.0 / x)
        x += 1.0
    r = 1.0 / x
    series, square = 0.0, r * r
    for k in range(7, 0, -1):
        series = (series + _BERNOULLI[k - 1] / (2 * k)) * square
    return math.fsum((math.log(x), -0.5 * r, -series, *shifted))


def polygamma(x: float, *, n: int) -> float:
    """ψ⁽ⁿ⁾(x), n ≥ 0: asymptotic series from 16 + n, recurrence below, reflection left of 0."""
    if n == 0:
        return digamma(x)
    if x != x:
        return x
    sign_n = -1.0 if n % 2 == 0 else 1.0  # (−1)ⁿ⁺¹
    if x == INF:
        return 0.0
    if x <= 0.0:
        if x == -INF or x == math.floor(x):
            raise ValueError("pole of polygamma")
        return -sign_n * polygamma(1.0 - x, n=n) - math.pi ** (n + 1) * _cot_pi(x, n)[n]
    factorial = math.factorial(n)
    terms: list[float] = []
    while x < 16.0 + n:
        terms.append(factorial * _inverse_power(x, n + 1))
        x += 1.0
    terms.append(math.factorial(n - 1) * _inverse_power(x, n))
    terms.append(0.5 * factorial * _inverse_power(x, n + 1))
    for k, bernoulli in enumerate(_BERNOULLI, 1):
        terms.append(bernoulli * (math.factorial(2 * k + n - 1) / math.factorial(2 * k)) * _inverse_power(x, 2 * k + n))
    return sign_n * exact_sum(terms)


def _inverse_power(x: float, n: int) -> float:
    """x⁻ⁿ by products: overflows to inf where `**` raises."""
    r, total = 1.0 / x, 1.0
    for _ in range(n):
        total *= r
    return total


def _cot_pi(x: float, n: int = 0) -> list[float]:
    """cot(πx) and its derivatives with respect to πx, by c′ = −(1 + c²); the reduction of x is exact."""
    r = x - round(x)
    near = abs(r) < 0.25  # beyond, where c is small, it is the tangent of what is missing to ½
    c = 1.0 / math.tan(math.pi * r) if near else math.copysign(math.tan(math.pi * (0.5 - abs(r))), r)
    polynomial, values = [0.0, 1.0], [c]  # coefficients of powers of c
    for _ in range(n):
        derived = [0.0] * (len(polynomial) + 1)
        for power_of_c, coefficient in enumerate(polynomial):
            if power_of_c:
                derived[power_of_c - 1] -= power_of_c * coefficient
                derived[power_of_c + 1] -= power_of_c * coefficient
        polynomial, total = derived, 0.0
        for coefficient in reversed(polynomial):
            total = total * c + coefficient
        values.append(total)
    return values
