"""Numbers that do not share the engine's blind spots, for use as operands of the table's own operations.

`Real` is an mpmath number of many digits: a row is evaluated by the mpmath function of its name, or through its
decomposition. `Dual` is a pair (value, derivative) whose rules are written here, not in the table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath

from autograd import ops

# Rows whose name in mpmath is another, or which mpmath has not.
_REAL: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "abs": abs,
    "sign": mpmath.sign,
    "pow": mpmath.power,
    "cbrt": lambda a: mpmath.sign(a) * mpmath.cbrt(abs(a)),
    "lgamma": lambda a: mpmath.log(abs(mpmath.gamma(a))),
    "digamma": lambda a: mpmath.psi(0, a),
    "polygamma": lambda x, n: mpmath.psi(n, x),
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "where": lambda a, b, condition: a if condition else b,
    "normal_cdf": lambda a: mpmath.erfc(-a / mpmath.sqrt(2)) / 2,
    "normal_pdf": lambda a: mpmath.exp(-a * a / 2) / mpmath.sqrt(2 * mpmath.pi),
    "gelu_tanh": lambda a: a / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (a + mpmath.mpf("0.044715") * a**3))),
    "exp2": lambda a: mpmath.power(2, a),
    "log2": lambda a: mpmath.log(a, 2),
    "selu": lambda a: mpmath.mpf(ops.SELU_SCALE) * (a if a > 0 else mpmath.mpf(ops.SELU_ALPHA) * mpmath.expm1(a)),
}


class Real:
    """An exact enough real number that the table's operations accept."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, x: Any) -> None:
        self.x = mpmath.mpf(x)

    @staticmethod
    def __autograd_op__(op: ops.Op, operands: Sequence[Any], parameters: Mapping[str, Any]) -> Any:
        parameters = op.complete(operands, parameters)
        name = op.__name__
        function = _REAL.get(name) or (getattr(mpmath, name, None) if op.decomposition is None or hasattr(math, name) else None)
        if function is not None:
            return Real(function(*(a.x if isinstance(a, Real) else mpmath.mpf(a) for a in operands), **parameters))
        reals = [a if isinstance(a, Real) else Real(a) for a in operands]
        return op.decomposition(reals, **parameters) if op.variadic else op.decomposition(*reals, **parameters)

    def __lt__(self, other: Any) -> bool:
        return bool(self.x < (other.x if isinstance(other, Real) else other))

    def __le__(self, other: Any) -> bool:
        return bool(self.x <= (other.x if isinstance(other, Real) else other))

    def __gt__(self, other: Any) -> bool:
        return not self <= other

    def __ge__(self, other: Any) -> bool:
        return not self < other

    def __add__(self, other: Any) -> Any:
        return ops.add(self, other)

    def __sub__(self, other: Any) -> Any:
        return ops.sub(self, other)

    def __mul__(self, other: Any) -> Any:
        return ops.mul(self, other)

    def __truediv__(self, other: Any) -> Any:
        return ops.div(self, other)

    def __neg__(self) -> Any:
        return ops.neg(self)

    def __radd__(self, other: Any) -> Any:
        return ops.add(other, self)

    def __rsub__(self, other: Any) -> Any:
        return ops.sub(other, self)

    def __rmul__(self, other: Any) -> Any:
        return ops.mul(other, self)

    def __rtruediv__(self, other: Any) -> Any:
        return ops.div(other, self)


DIGITS = 450  # enough for e^−745 beside 1, and for the squares of what a float can hold


def real_value(op: ops.Op, operands: Sequence[float], parameters: Mapping[str, Any]) -> Any:
    """The operation at these operands, to some hundred digits."""
    with mpmath.workdps(DIGITS):
        return op.apply(tuple(map(Real, operands)), parameters).x


def real_partial(op: ops.Op, operands: Sequence[float], parameters: Mapping[str, Any], index: int) -> Any:
    """Its partial derivative there, by a central difference of twice as many digits."""
    with mpmath.workdps(2 * DIGITS):
        x = mpmath.mpf(operands[index])
        h = mpmath.power(10, -DIGITS // 2) * (abs(x) or 1)

        def at(shifted: Any) -> Any:
            reals = [Real(a) for a in operands]
            reals[index].x = shifted
            return op.apply(tuple(reals), parameters).x

        return (at(x + h) - at(x - h)) / (2 * h)
