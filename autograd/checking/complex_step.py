"""The complex step: Im f(x + ih)/h is f′(x), with no rule of differentiation and no cancellation (Squire and Trapp, 1998).

    >>> from autograd.ops import exp
    >>> complex_slope(lambda v: exp(v[0]), [1.0], 0)
    2.718281828459045

f must be analytic near x. A row needs a rule in `RULES`, or a decomposition that keeps its digits.

Start reading at `complex_slope`, then at `Complex`.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

from autograd.operators import Carrier
from autograd.ops import Op, number
from autograd.value import Value

__all__ = ["RULES", "Complex", "NotAnalytic", "complex_slope", "error_of_complex_step"]


class NotAnalytic(TypeError):
    """The complex step does not support this operation."""


@final
class Complex(Carrier):
    """A complex number as an operand of the table's rows, for the complex step: x + ih with h so small that h² vanishes.

    The real part is always the row's own value; only the imaginary part, the derivative, comes from the rule here, or from the
    row's decomposition if that keeps its digits. Rows with branches (max, abs, floor) are analytic on each side of their kink,
    and choose by the real part.
    """

    __slots__ = ("z",)

    def __init__(self, z: complex) -> None:
        self.z = complex(z)

    @staticmethod
    def __autograd_op__(op: Op, operands: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        if any(hasattr(type(x), "__autograd_op__") for x in operands if type(x) not in (Complex, Value)):
            return NotImplemented  # dual numbers over complex ones: the complex step of a derivative
        parameters = op.complete(operands, parameters)
        zs = [x.z if type(x) is Complex else complex(x.data if type(x) is Value else number(x)) for x in operands]
        data = tuple([z.real for z in zs])
        y = op.evaluate(data, parameters)
        rule = RULES.get(op.__name__)
        if rule is not None:
            return Complex(complex(y, _not_underflown(op, (y, *data), rule(*zs, **parameters).imag)))
        if op.decomposition is None:
            raise NotAnalytic(f"{op.__name__} has neither a complex rule nor a decomposition")
        lifted = tuple(map(Complex, zs))
        inside = op.decomposition(lifted, **parameters) if op.variadic else op.decomposition(*lifted, **parameters)
        if type(inside) is not Complex:
            return Complex(complex(y))
        moved = max(abs(z.imag / (z.real or 1.0)) for z in zs)
        if not math.isclose(inside.z.real, y, rel_tol=1e-10) or abs(inside.z.imag) < 1e-5 * moved * abs(y):
            raise NotAnalytic(f"the decomposition of {op.__name__} has lost digits here")
        return Complex(complex(y, inside.z.imag))

    def comparand(self) -> float:
        return self.z.real

    def detach(self) -> Complex:
        return Complex(complex(self.z.real))

    def __repr__(self) -> str:
        return f"Complex({self.z!r})"


def _not_underflown(op: Op, numbers: Sequence[float], imaginary: float) -> float:
    if 0.0 < abs(imaginary) < 2.0**-960 or (imaginary == 0.0 and any(0.0 < abs(x) < 2.0**-900 for x in numbers)):
        raise NotAnalytic(f"the step of {op.__name__} is lost below the smallest float")
    return imaginary


def _power(a: complex, b: complex) -> complex:
    if a.real < 0.0:
        if b.imag:
            raise NotAnalytic("a negative base has no power near a whole exponent")
        return (-1.0 if b.real % 2.0 else 1.0) * _power(-a, b)
    return cmath.exp(b * cmath.log(a)) if a else 0j


def _cube_root(a: complex) -> complex:
    return -_cube_root(-a) if a.real < 0.0 else _power(a, 1 / 3 + 0j)


def _angle(y: complex, x: complex) -> complex:
    """Return the angle up to a constant, by the arc tangent of the smaller ratio."""
    return cmath.atan(y / x) if abs(x.real) > abs(y.real) else -cmath.atan(x / y)


def _erfc(a: complex) -> complex:
    """Below 2 by Σ 2ⁿa²ⁿ⁺¹/(1·3·…·(2n+1)), above by Laplace's continued fraction 1/(a + ½/(a + 1/(a + 3⁄2/…)))."""
    if a.real < 0.0:
        return 2.0 - _erfc(-a)
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


# Only the imaginary part of a rule's result is used.
RULES: dict[str, Callable[..., complex]] = {
    "where": lambda a, b, *, condition: a if condition else b,
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "neg": lambda a: -a,
    "identity": lambda a: a,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": _power,
    "cbrt": _cube_root,
    "expm1": cmath.exp,
    "sigmoid": lambda a: 1.0 / (1.0 + cmath.exp(-a)),
    "log1p": lambda a: cmath.log(1.0 + a),
    "atan2": _angle,
    "erf": lambda a: -_erfc(a),
    "erfc": _erfc,
    "abs": lambda a: -a if a.real < 0.0 else a,
    "sign": lambda a: 0j,
    "floor": lambda a: 0j,
    "ceil": lambda a: 0j,
    "max": lambda a, b: a if a.real > b.real else b,
    "min": lambda a, b: a if a.real < b.real else b,
    **{name: getattr(cmath, name) for name in ("sqrt", "exp", "log", "log10", "sin", "cos", "tan", "asin", "acos", "atan")},
    **{name: getattr(cmath, name) for name in ("sinh", "cosh", "tanh", "asinh", "acosh", "atanh")},
}


def _imaginary_step(x: float) -> float:
    """Return h for the complex step at x: h² is negligible against x² and 1, but h times a small slope does not underflow."""
    return 2.0**-80 * min(abs(x), 2.0**40) if x else 2.0**-200


def error_of_complex_step(x: float) -> float:
    """Return the size below which a slope may be lost, to underflow or to the term h²·f‴(x)/6."""
    h = max(_imaginary_step(x), 2.0**-1000)
    return 2.0**-1000 / h + (h * h if x else h)


def complex_slope(f: Callable[[Sequence[Any]], Any], point: Sequence[float], i: int, h: float | None = None) -> float | None:
    """Return Im f(x + ih)/h, without a subtraction, as f(x + ih) = f(x) + ih·f′(x) − …; None where f is not analytic."""
    if h is None and point[i] == 0.0:  # the right size of the step is unknown: two must agree
        one, other = (complex_slope(f, point, i, 2.0**-k) for k in (200, 260))
        return one if one is not None and other is not None and math.isclose(one, other, rel_tol=1e-9) else None
    h = _imaginary_step(point[i]) if h is None else h
    if not 2.0**-1000 < h < math.inf:
        return None
    try:
        y = f([Complex(complex(x, h)) if k == i else x for k, x in enumerate(point)])
    except (AttributeError, TypeError, ValueError, ArithmeticError):  # beyond these rules or beyond the floats
        return None
    slope: float = y.z.imag / h if type(y) is Complex else 0.0
    return slope if math.isfinite(slope) else None
