"""Functions of complex numbers that `cmath` lacks, for the rows whose values the complex step continues off the real line.

Only the imaginary part of a result is used, so it may be off by a real number. `autograd.checking.complex_step` says what for.
"""

from __future__ import annotations

import cmath
import math
import operator
from collections.abc import Callable
from typing import Any

__all__ = ["CONTINUED", "NotAnalytic", "angle", "cube_root", "erf", "erfc", "expm1", "level", "log1p", "power", "sigmoid"]


class NotAnalytic(TypeError):
    """The complex step does not support this operation."""


_SHARED = [name for name in dir(cmath) if callable(getattr(math, name, None)) and not name.startswith(("_", "is"))]
CONTINUED: dict[Any, Callable[..., complex]] = {
    **{getattr(math, name): getattr(cmath, name) for name in _SHARED},
    **{f: f for f in (operator.add, operator.sub, operator.mul, operator.truediv, operator.neg, operator.pos)},
}
"""Functions of floats that Python itself has on complex numbers too."""


def power(a: complex, b: complex) -> complex:
    if a.real < 0.0:
        if b.imag:
            raise NotAnalytic("a negative base has no power near a whole exponent")
        return (-1.0 if b.real % 2.0 else 1.0) * power(-a, b)
    return cmath.exp(b * cmath.log(a)) if a else 0j


def cube_root(a: complex) -> complex:
    return -cube_root(-a) if a.real < 0.0 else power(a, 1 / 3 + 0j)


def expm1(a: complex) -> complex:
    return cmath.exp(a)


def log1p(a: complex) -> complex:
    return cmath.log(1.0 + a)


def sigmoid(a: complex) -> complex:
    return 1.0 / (1.0 + cmath.exp(-a))


def angle(y: complex, x: complex) -> complex:
    """Return atan2, by the arc tangent of the smaller ratio."""
    return cmath.atan(y / x) if abs(x.real) > abs(y.real) else -cmath.atan(x / y)


def erf(a: complex) -> complex:
    return -erfc(a)


def erfc(a: complex) -> complex:
    """Below 2 by Σ 2ⁿa²ⁿ⁺¹/(1·3·…·(2n+1)), above by Laplace's continued fraction 1/(a + ½/(a + 1/(a + 3⁄2/…)))."""
    if a.real < 0.0:
        return 2.0 - erfc(-a)
    if a.real < 2.0:
        total = term = a
        for n in range(1, 60):
            term *= 2.0 * a * a / (2 * n + 1)
            total += term
        return 1.0 - 2.0 / math.sqrt(math.pi) * cmath.exp(-a * a) * total
    fraction = a
    for k in range(120, 0, -1):
        fraction = a + 0.5 * k / fraction
    return cmath.exp(-a * a) / (math.sqrt(math.pi) * fraction)


def level(a: complex) -> complex:
    """Return a constant: the continuation of a step, away from its jumps."""
    return 0j
