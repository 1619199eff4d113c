"""The complex step: Im f(x + ih)/h is f′(x), with no rule of differentiation and no cancellation (Squire and Trapp, 1998).

    >>> from autograd.ops import exp
    >>> complex_slope(lambda v: exp(v[0]), [1.0], 0)
    2.718281828459045

f must be analytic near x. A row needs a value on complex numbers, its own or that of `cmath`, or a decomposition that keeps its
digits.

Start reading at `complex_slope`, then at `Complex`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import BuiltinFunctionType
from typing import Any, final

from autograd.analytic import CONTINUED, NotAnalytic
from autograd.declaration import as_declared
from autograd.operators import Carrier
from autograd.ops import Op, number
from autograd.value import Value

__all__ = ["Complex", "NotAnalytic", "complex_slope", "error_of_complex_step", "rule_of"]


@final
class Complex(Carrier):
    """A complex number as an operand of the table's rows, for the complex step: x + ih with h so small that h² vanishes.

    The real part is always the row's own value on floats; only the imaginary part, the derivative, comes from its value on complex
    numbers, or from the row's decomposition if that keeps its digits. Rows with branches (max, abs, floor) are analytic on each
    side of their kink, and choose by the real part.
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
        rule = rule_of(op)
        if rule is not None:
            continued = rule(tuple(zs), **parameters) if op.variadic else rule(*zs, **parameters)
            return Complex(complex(y, _not_underflown(op, (y, *data), complex(continued).imag)))
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


def rule_of(op: Op) -> Callable[..., complex] | None:
    """Return the row's value on complex numbers: as the row declares it, or the function of Python's that continues its own."""
    value = as_declared(op.value)
    return op.analytic or (CONTINUED.get(value) if isinstance(value, BuiltinFunctionType) else None)


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
    except (AttributeError, TypeError, ValueError, ArithmeticError):  # not analytic, or beyond the floats
        return None
    slope: float = y.z.imag / h if type(y) is Complex else 0.0
    return slope if math.isfinite(slope) else None
