"""Inverse powers in the plane, sines over their angles."""

from __future__ import annotations

import math

from autograd.special.arithmetic import HIGHEST_ORDER, INF, NAN, larger, scaled, sign, smaller


def inverse_power(a: float, b: float, n: int) -> tuple[float, float]:
    """(a + ib)⁻ⁿ as its real and imaginary parts: scaled to size 1 and back by powers of 2."""
    if a != a or b != b:
        return NAN, NAN
    if not 0 <= n <= HIGHEST_ORDER:
        raise ValueError("the power n must be a whole number from 0 to 100")
    size = larger(abs(a), abs(b))
    if size == 0.0:
        raise ZeroDivisionError("0 has no inverse; keep one of the two away from 0")
    if size == INF:
        return (NAN, NAN) if abs(a) == abs(b) else (0.0, 0.0) if n else (1.0, 0.0)
    exponent = math.frexp(size)[1]
    a, b = math.ldexp(a, -exponent), math.ldexp(b, -exponent)
    lifted = 512 if 0.0 < smaller(abs(a), abs(b)) < 2.0**-900 else 0  # so small, it counts in one of the two parts, there linearly
    a, b, linear_in_real = (math.ldexp(a, lifted), b, n % 2 == 1) if abs(a) < abs(b) else (a, math.ldexp(b, lifted), False)
    length = a * a + b * b
    real, imaginary = (a / length, -b / length) if n % 2 == 1 else (1.0, 0.0)
    square_real, square_imaginary = (a - b) * (a + b) / (length * length), -2.0 * a * b / (length * length)
    for _ in range(n // 2):
        real, imaginary = (
            real * square_real - imaginary * square_imaginary,
            real * square_imaginary + imaginary * square_real,
        )
    real_exponent = -exponent * n - (lifted if linear_in_real else 0)
    return scaled(real, real_exponent), scaled(imaginary, -exponent * n - (0 if linear_in_real else lifted))


def inverse_power_real(a: float, b: float, *, n: int = 1) -> float:
    """The real part of (a + ib)⁻ⁿ."""
    return inverse_power(a, b, n)[0]


def inverse_power_imaginary(a: float, b: float, *, n: int = 1) -> float:
    """The imaginary part of (a + ib)⁻ⁿ."""
    return inverse_power(a, b, n)[1]


def polar_power(a: float, b: float, *, cosines: int = 1, sines: int = 0, radii: int = 0) -> float:
    """cosⁱθ·sinʲθ/rᵐ of the point (a, b), i = cosines, j = sines, m = radii: powers of mantissas, their exponents apart.

    At infinity it has its limit, NaN if both are infinite.
    """
    if a != a or b != b:
        return NAN
    for count in (cosines, sines, radii):
        if not 0 <= count <= HIGHEST_ORDER:
            raise ValueError("the powers must be whole numbers from 0 to 100")
    size = larger(abs(a), abs(b))
    if size == 0.0:
        raise ZeroDivisionError("the point 0 has no angle; keep one of the two away from 0")
    if size == INF:
        if abs(a) == abs(b):
            return NAN
        cosine, sine = (sign(a), 0.0) if abs(a) == INF else (0.0, sign(b))
        return cosine**cosines * sine**sines if radii == 0 else 0.0
    exponent = math.frexp(size)[1]
    (x, x_exponent), (y, y_exponent) = math.frexp(a), math.frexp(b)
    radius = math.hypot(math.ldexp(x, x_exponent - exponent), math.ldexp(y, y_exponent - exponent))
    total = x**cosines * y**sines / radius ** (cosines + sines + radii)
    return scaled(total, (x_exponent - exponent) * cosines + (y_exponent - exponent) * sines - exponent * radii)


# The positive zeros of sinc′ below 13, each a sum of two floats.
_SINC_ROOTS = (
    (1.4302966531242027, 2.5173451966260676e-17), (2.459024032956761, 1.8290102056584814e-16),
    (3.47088972434702, -3.9889161264824234e-17), (4.477408583432515, 2.4252725266067408e-16),
    (5.481536650607196, 3.135382465176162e-16), (6.484387126386342, 3.976463193586804e-17),
    (7.486474247962769, -4.321835149961335e-17), (8.488068696093448, 6.85525033772e-16),
    (9.48932661808597, -7.839423677774487e-16), (10.49034444429462, -3.085789712069599e-16),
    (11.491184957771223, -4.536868778036171e-16), (12.491890798229646, -2.5120080415557297e-17),
)  # fmt: skip


def _sin_cos_pi(x: float) -> tuple[float, float]:
    """sin πx and cos πx; the reduction of x is exact."""
    if not abs(x) < 2.0**53:
        return 0.0, 1.0
    half_turns = round(2.0 * x)
    r = x - 0.5 * half_turns
    s, c = math.sin(math.pi * r), math.cos(math.pi * r)
    turned, quarter = (s, c, -s, -c), half_turns % 4  # before 1 is added: in C a whole number is a double
    return turned[quarter], turned[(quarter + 1) % 4]


def sinc(x: float) -> float:
    """sin(πx)/(πx), 1 at 0, 0 at every other whole number and at ±inf."""
    return sinc_derivative(x, n=0)


def sinc_derivative(x: float, *, n: int = 1) -> float:
    """The n-th derivative Dₙ of sinc, by x·Dₙ = πⁿ⁻¹·sin⁽ⁿ⁾(πx) − n·Dₙ₋₁.

    Upward where |x| is large; downward, from an n where any beginning will do, where it is not. The first derivative below 13 as a
    function of the distance from its nearest zero r, tan πr = πr.
    """
    if not 0 <= n <= HIGHEST_ORDER:
        raise ValueError("the order n must be a whole number from 0 to 100")
    if not abs(x) < INF:
        return x if x != x else 0.0
    s, c = _sin_cos_pi(x)
    turned = (s, c, -s, -c)
    if abs(math.pi * x) <= n + 2.0 and n > 0:
        start = n + 32 + 4 * n // 5
        power = math.pi**start
        total = power * turned[start % 4] / (start + 1.0)
        for k in range(start, n, -1):
            power /= math.pi
            total = (power * turned[k % 4] - x * total) / k
        return total
    if n == 1 and abs(x) < 13.0:
        return math.copysign(1.0, x) * _sinc_slope(abs(x))
    total, power = 1.0 if x == 0.0 else s / math.pi / x, 1.0
    for k in range(1, n + 1):
        total = (power * turned[k % 4] - k * total) / x
        power *= math.pi
    return total


def _sinc_slope(x: float) -> float:
    """sinc′(x) for ½ < x < 13."""
    at, at_low = _SINC_ROOTS[0]
    for root, low in _SINC_ROOTS:
        if abs(x - root) < abs(x - at):
            at, at_low = root, low
    d, angle = math.pi * ((x - at) - at_low), math.pi * at
    cosine = math.copysign(1.0 / math.sqrt(1.0 + angle * angle), math.cos(angle))
    return cosine * (d * math.cos(d) - math.sin(d) * (1.0 + angle * angle + angle * d)) / x / (math.pi * x)
