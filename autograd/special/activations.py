"""Activations whose formulas in books lose digits in the tails or near a root, and Huber's loss."""

from __future__ import annotations

import math

from autograd.special.arithmetic import INF, two_product
from autograd.special.exponentials import sech, sigmoid, softplus
from autograd.special.normal import density_times, mills, normal_cdf, normal_pdf


def relu(x: float) -> float:
    """max(x, 0)."""
    return x if x > 0.0 or x != x else 0.0


def silu(x: float) -> float:
    """x/(1 + e⁻ˣ), with its limit −0 at −inf; below −700 scaled, since x times a subnormal eˣ magnifies its rounding."""
    if x < -700.0:
        return x * math.exp(x + 64.0) * math.exp(-64.0) if x > -INF else -0.0
    return x * sigmoid(x)


# Slopes of silu, gelu, mish, gelu_tanh near their one root, where the sum that they are cancels: the root as a sum of two
# floats, and the Taylor coefficients there. `tests/test_special.py` computes them again.
# fmt: off
_SILU_ROOT, _SILU_ROOT_LOW = -1.2784645427610737, -1.0946994183093437e-16
_SILU_SERIES = (
    0.2178117057198001, 0.1466487969969469, 0.018874814223782312, -0.015222655223188032, -0.006606589138356696,
    0.000126627410081122, 0.0007985218818397998, 0.00018570724361186496, -4.090534237428612e-05, -2.9733542213263917e-05,
    -2.942631888842464e-06, 2.346029682463866e-06, 8.599695028268575e-07,
)
_GELU_ROOT, _GELU_ROOT_LOW = -0.7517915246935645, 1.4956759177009883e-17
_GELU_SERIES = (
    0.4314939923140469, 0.388284982990552, -0.018199676398671087, -0.1140082332972217, -0.014771522148244337,
    0.019421679838189067, 0.004539228379125415, -0.002239538068073497, -0.0007448268386746817, 0.00018633974623233514,
    8.615947861116571e-05, -1.121438018842664e-05, -7.74846130700372e-06,
)
_MISH_ROOT, _MISH_ROOT_LOW = -1.1924312145154952, -4.8484829848031044e-17
_MISH_SERIES = (
    0.2669479140495345, 0.20473126408010586, 0.04190782104360987, -0.020271822716684245, -0.01582112656173338,
    -0.0033606849270232685, 0.0010924055409445854, 0.0009898181021289196, 0.00025412936386191073, -4.1961496031696126e-05,
    -5.582891567360688e-05, -1.72992708103044e-05, 9.427361327376651e-07,
)
_GELU_TANH_ROOT, _GELU_TANH_ROOT_LOW = -0.7524614220710163, 3.635560509207687e-17
_GELU_TANH_SERIES = (
    0.4304000910248585, 0.38751844613578895, -0.01578285352184803, -0.11394448308095899, -0.01661932834305256,
    0.019682309459833118, 0.005261059254921912, -0.0024227318458750974, -0.0009274420230205449, 0.00026392764052681053,
    0.00012425227802639782, -3.4956171694436116e-05, -1.5950896871645105e-05,
)


# fmt: on


def _taylor(t: float, coefficients: tuple[float, ...]) -> float:
    """c₁t + c₂t² + …"""
    total = 0.0
    for coefficient in reversed(coefficients):
        total = (total + coefficient) * t
    return total


def silu_slope(x: float) -> float:
    """silu′(x) = s(x)(1 + x·s(−x)), s the sigmoid; by its Taylor series near its root, and scaled below −700."""
    if abs(x - _SILU_ROOT) < 0.1:
        return _taylor((x - _SILU_ROOT) - _SILU_ROOT_LOW, _SILU_SERIES)
    if abs(x) > 700.0:
        return 1.0 if x > 0.0 else math.exp(x + 64.0) * (1.0 + x) * math.exp(-64.0) if x > -1000.0 else 0.0
    return sigmoid(x) * (1.0 + x * sigmoid(-x))


def mish_slope(x: float) -> float:
    """mish′(x) = tanh s + silu(x)·sech² s, s = softplus(x); by its Taylor series near its root; below −40 it is silu′(x)."""
    if abs(x - _MISH_ROOT) < 0.1:
        return _taylor((x - _MISH_ROOT) - _MISH_ROOT_LOW, _MISH_SERIES)
    if x < -40.0:
        return silu_slope(x)
    if x >= 20.0:
        return 1.0
    if x < 0.0:  # the same as a quotient of polynomials in eˣ, of which two terms only cancel
        e = math.exp(x)
        below = 2.0 + e * (2.0 + e)
        return e * (4.0 * (1.0 + x) + e * (4.0 * x + 6.0 + e * (4.0 + e))) / (below * below)
    s = softplus(x)
    return math.tanh(s) + silu(x) * (sech(s) * sech(s))


def mish(x: float) -> float:
    """x·tanh(softplus x), with its limit −0 at −inf; below −40 tanh(softplus x) is eˣ, and so is sigmoid(x)."""
    return silu(x) if x < -40.0 else x * math.tanh(softplus(x))


def softsign(x: float) -> float:
    """x/(1 + |x|), with its limits ±1 at ±inf."""
    return x / (1.0 + abs(x)) if abs(x) != INF else math.copysign(1.0, x)


def gelu(x: float) -> float:
    """x·Φ(x), with its limit −0 at −inf; below −37, where Φ is subnormal, by its series −φ(x)(1 − 1/x² + 3/x⁴ − …)."""
    return -density_times(x, mills(x)) if x < -37.0 else x * normal_cdf(x)


def gelu_slope(x: float) -> float:
    """gelu′(x) = Φ(x) + x·φ(x); by its Taylor series near its root, and by the series of Φ below −37."""
    if abs(x - _GELU_ROOT) < 0.1:
        return _taylor((x - _GELU_ROOT) - _GELU_ROOT_LOW, _GELU_SERIES)
    if x < -37.0:
        return density_times(x, x - mills(x) / x)
    return normal_cdf(x) + x * normal_pdf(x) if not x > 40.0 else 1.0


SQRT_2_OVER_PI, GELU_CUBIC = 0.7978845608028654, 0.044715
_TWICE_C, _CUBIC = (
    (1.5957691216057308, -9.96930880911092e-17),
    (0.044715, 2.1960211427085595e-18),
)  # 2√(2/π) and 0.044715, as sums of two floats


def _product(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    """The product of two numbers that are sums of two floats, to about 30 digits."""
    p, e = two_product(a[0], b[0])
    return p, e + a[0] * b[1] + a[1] * b[0]


def gelu_tanh(x: float) -> float:
    """½x(1 + tanh u) = x·sigmoid(2u), u = √(2/π)(x + 0.044715x³): 1 + tanh(u) cancels below −2.

    In the left tail e²ᵘ magnifies the rounding error of 2u by 2u, so 2u is kept as a sum of two floats there.
    """
    if not -40.0 < x < -1.0:
        return x * sigmoid(2.0 * SQRT_2_OVER_PI * x * (1.0 + GELU_CUBIC * x * x)) if x > -INF or x != x else -0.0
    e, rest = _exp_twice_u(x)
    return x * (e / (1.0 + e)) if rest == 1.0 else x * e * rest


def _exp_twice_u(x: float) -> tuple[float, float]:
    """e²ᵘ of gelu_tanh for −40 < x < −1 as a product of two factors, the second 1 but where e²ᵘ itself would be subnormal."""
    cubic, rest = _product(_CUBIC, two_product(x, x))
    bracket = 1.0 + cubic
    twice_u, low = _product(_product(_TWICE_C, (x, 0.0)), (bracket, (1.0 - bracket) + cubic + rest))
    if twice_u > -650.0:
        return math.exp(twice_u) * (1.0 + low), 1.0
    return (math.exp(twice_u + 128.0) * (1.0 + low) if twice_u > -1000.0 else 0.0), math.exp(-128.0)


def gelu_tanh_slope(x: float) -> float:
    """s(2u)(1 + x·s(−2u)·2u′), s the sigmoid; 2u as in gelu_tanh; by its Taylor series near its root."""
    if abs(x - _GELU_TANH_ROOT) < 0.1:
        return _taylor((x - _GELU_TANH_ROOT) - _GELU_TANH_ROOT_LOW, _GELU_TANH_SERIES)
    if not abs(x) < 40.0:
        return x if x != x else 1.0 if x > 0.0 else 0.0
    slope = 2.0 * SQRT_2_OVER_PI * (1.0 + 3.0 * GELU_CUBIC * x * x)
    if x < -1.0:
        e, rest = _exp_twice_u(x)
        return e / (1.0 + e) * (1.0 + x * slope / (1.0 + e)) if rest == 1.0 else e * (1.0 + x * slope) * rest
    twice_u = 2.0 * SQRT_2_OVER_PI * x * (1.0 + GELU_CUBIC * x * x)
    return sigmoid(twice_u) * (1.0 + x * sigmoid(-twice_u) * slope)


def hardswish(x: float) -> float:
    """x·clamp(x + 3, 0, 6)/6, with its limit −0 at −inf."""
    if x <= -3.0:
        return -0.0
    return x * (x + 3.0) / 6.0 if x < 3.0 else x


def celu(x: float, *, alpha: float = 1.0) -> float:
    """x above 0, α·expm1(x/α) below."""
    if alpha == 0.0:
        raise ZeroDivisionError("alpha is 0; give celu another")
    return x if x > 0.0 else alpha * math.expm1(x / alpha)


def huber(x: float, *, delta: float = 1.0) -> float:
    """x²/2 within ±δ, δ(|x| − δ/2) beyond."""
    if not delta > 0.0:
        raise ValueError("delta is not above 0; give huber one that is")
    return 0.5 * x * x if abs(x) <= delta else delta * (abs(x) - 0.5 * delta)
