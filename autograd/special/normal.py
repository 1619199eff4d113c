"""The bell curve, the normal distribution with its derivatives, and the inverse of erf."""

from __future__ import annotations

import math

from autograd.special.arithmetic import HIGHEST_ORDER, INF, INV_SQRT_2PI, SQRT2, SQRT2_LOW, TWO_OVER_SQRT_PI, two_product


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


# The positive roots of the Hermite polynomials Heₙ for n = 0 … 5, each a sum of two floats; beyond, the recurrence serves.
_HERMITE_ROOTS: tuple[tuple[tuple[float, float], ...], ...] = (
    (),
    (),
    ((1.0, 0.0),),
    ((1.7320508075688772, 1.0035084221806903e-16),),
    ((0.7419637843027258, 5.369440972972686e-17), (2.3344142183389773, -9.219523906702006e-17)),
    ((1.355626179974266, -6.65847569665231e-17), (2.8569700138728056, 7.367188270201619e-17)),
)
_HALF_HERMITE_ROOTS: tuple[tuple[tuple[float, float], ...], ...] = (
    (),
    (),
    ((0.7071067811865476, -4.833646656726457e-17),),
    ((1.224744871391589, 1.084308259051623e-16),),
    ((0.5246476232752904, -3.5577681434244456e-17), (1.6506801238857844, 1.1094631065375309e-16)),
    ((0.9585724646138185, -1.881088219589814e-18), (2.0201828704560856, 5.5313611163312725e-17)),
)  # the same over √2: the roots of Hₙ


def _hermite(x: float, n: int, scale: float, roots: tuple[tuple[tuple[float, float], ...], ...]) -> float:
    """(−1)ⁿHeₙ(x) for scale 1, (−1)ⁿHₙ(x) for scale 2: a product over the roots, so that it keeps its digits there."""
    if not 0 <= n <= HIGHEST_ORDER:
        raise ValueError("the order n must be a whole number from 0 to 100")
    if n < len(roots):
        total = -scale * x if n % 2 == 1 else 1.0
        for root, low in roots[n]:
            total *= scale * scale * ((x - root) - low) * ((x + root) + low)
        return total
    before, total = 1.0, -scale * x
    for k in range(1, n):
        before, total = total, -scale * (x * total + k * before)
    return total


def density_times(x: float, factor: float) -> float:
    """factor·φ(x), rounded once where φ(x) is subnormal; 0 beyond ±40."""
    if not abs(x) < 40.0:
        return 0.0 if x == x else x
    square, rest = _square_split(x)
    half = math.exp(-0.25 * square)
    return half * math.exp(-0.5 * rest) * INV_SQRT_2PI * factor * half


def normal_pdf_derivative(x: float, *, n: int = 1) -> float:
    """φ⁽ⁿ⁾(x) = (−1)ⁿHeₙ(x)·φ(x)."""
    return density_times(x, _hermite(x, n, 1.0, _HERMITE_ROOTS))


def gaussian_derivative(x: float, *, n: int = 1) -> float:
    """The n-th derivative of exp(−x²), (−1)ⁿHₙ(x)·exp(−x²)."""
    if not abs(x) < 40.0:
        return 0.0 if x == x else x
    square, rest = _square_split(x)
    half = math.exp(-0.5 * square)
    return half * math.exp(-rest) * _hermite(x, n, 2.0, _HALF_HERMITE_ROOTS) * half


def normal_cdf(x: float) -> float:
    """Φ(x) = erfc(−x/√2)/2; ½(1 + erf) has no digits left below −8.

    Below −1 the rounding error of t = −x/√2, magnified 2t² times, is put back: erfc(t + δ) ≈ erfc(t) − 2/√π·e^(−t²)·δ.
    """
    t = -x / SQRT2
    if not 0.7 < t < 40.0:
        return 0.5 * math.erfc(t)
    product, error = two_product(t, SQRT2)
    missing = (((-x - product) - error) - t * SQRT2_LOW) / SQRT2
    return 0.5 * (math.erfc(t) - TWO_OVER_SQRT_PI * gaussian(t) * missing)


def mills(x: float) -> float:
    """−x·Φ(x)/φ(x) for x < −37: 1 − 1/x² + 3/x⁴ − …"""
    r, total = 1.0 / (x * x), 1.0
    for k in (13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0):
        total = 1.0 - k * r * total
    return total


LOG_SQRT_2PI = 0.9189385332046727  # log √(2π)


def log_normal_cdf(x: float) -> float:
    """log Φ(x): log1p of the other tail right of 0; below −37, where Φ is subnormal, −x²/2 − log(−x√2π) and its series."""
    if x > 0.0:
        return math.log1p(-normal_cdf(-x))
    if x < -37.0:
        return math.log(mills(x)) - LOG_SQRT_2PI - math.log(-x) - 0.5 * x * x
    return math.log(normal_cdf(x))


def log_normal_cdf_derivative(x: float, *, n: int = 1) -> float:
    """The n-th derivative of log Φ; for n = 1 it is φ/Φ.

    Below −1, where λ = φ/Φ, its square and x·λ cancel, by the cumulants of the density e^(xt − t²/2) on t > 0: log Φ(x) is
    −x²/2 + log ∫ e^(xt − t²/2) dt and a constant. Right of it by λ′ = −λ² − xλ and the derivatives of that.
    """
    if not 1 <= n <= HIGHEST_ORDER:
        raise ValueError("the order n must be a whole number from 1 to 100")
    if not -INF < x < INF:
        return x if x != x else 0.0 if x > 0.0 or n > 2 else -1.0 if n == 2 else INF
    if n == 1:
        if x < -37.0:
            return -x / mills(x)
        return normal_pdf(x) / normal_cdf(x)
    if x > 12.0:  # Φ is 1
        return normal_pdf_derivative(x, n=n - 1)
    if x < -1.0:
        return _truncated_cumulant(-x, n) - (1.0 if n == 2 else 0.0)
    slopes = [normal_pdf(x) / normal_cdf(x)]
    for k in range(n - 1):
        total, binomial = -x * slopes[k] - (k * slopes[k - 1] if k else 0.0), 1.0
        for j in range(k + 1):
            total -= binomial * slopes[j] * slopes[k - j]
            binomial = binomial * (k - j) / (j + 1)
        slopes.append(total)
    return slopes[n - 1]


def _truncated_cumulant(u: float, n: int) -> float:
    """The n-th cumulant of the density e^(−ut − t²/2) on t > 0, u ≥ 1, from its moments, and these by a continued fraction."""
    terms = 2 * n + 60 + int(300.0 / (u * u))
    ratio, moments = 0.5 * (math.sqrt(u * u + 4.0 * (terms + 1)) - u), [1.0] * (n + 1)
    for k in range(terms, 0, -1):  # the k-th moment over the one before
        ratio = k / (u + ratio)
        if k <= n:
            moments[k] = ratio
    for k in range(1, n + 1):
        moments[k] *= moments[k - 1]
    cumulants = [0.0]
    for k in range(1, n + 1):
        total, binomial = moments[k], 1.0
        for j in range(1, k):
            total -= binomial * cumulants[j] * moments[k - j]
            binomial = binomial * (k - j) / j
        cumulants.append(total)
    return cumulants[n]


HALF_SQRT_PI = 0.886226925452758  # √π/2


def erfinv(p: float) -> float:
    """The x with erf(x) = p: Halley's steps from Winitzki's start, on erfc from ½ on."""
    if not -1.0 < p < 1.0:
        if p != p:
            return p
        raise ValueError("erfinv is defined between -1 and 1")
    if abs(p) < 0.5:
        x = HALF_SQRT_PI * p * (1.0 + p * p * (math.pi / 12.0))
    else:
        half = 0.5 * math.log((1.0 - p) * (1.0 + p))
        t = 2.0 / (math.pi * 0.147) + half
        x = math.copysign(math.sqrt(math.sqrt(t * t - 2.0 * half / 0.147) - t), p)
    for _ in range(3):
        step = _erf_excess(x, p)
        x -= step / (1.0 + x * step)
    return x


def _erf_excess(x: float, p: float) -> float:
    """(erf(x) − p)/erf′(x): how far x is from erfinv(p), to first order."""
    excess = math.erf(x) - p if abs(p) < 0.5 else math.copysign(1.0, p) * ((1.0 - abs(p)) - math.erfc(abs(x)))
    return excess * HALF_SQRT_PI / gaussian(x)


def erfinv_slope(p: float) -> float:
    """√π/2·exp(x²) at x = erfinv(p), with what x as a float lacks: the square would magnify it by 2x²."""
    x = erfinv(p)
    return HALF_SQRT_PI / gaussian(x) * (1.0 - 2.0 * x * _erf_excess(x, p))
