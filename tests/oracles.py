"""Numbers that do not share the engine's blind spots, made to be operands of the table's own operations.

* `Real`: hundreds of digits. A row is the mpmath function of its name, or its decomposition.
* `Dual`: value and derivative in forward mode, by rules written here and not in the table, or by the decomposition.
* `Complex`: for the complex step, Im f(x + ih)/h, which knows no rule of differentiation at all.

An oracle that cannot judge a row returns None.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import mpmath

from autograd import ops, special
from autograd.ops import Op


class BeyondReach(Exception):
    """The row has neither a rule in this oracle nor a decomposition."""


class Lifted:
    """A number type that answers for the table: its own rule where it has one, else the row's decomposition."""

    rules: ClassVar[Mapping[str, Callable[..., Any]]]
    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def lift(cls, x: Any) -> Any:
        raise NotImplementedError

    @classmethod
    def rule(cls, op: ops.Op) -> Callable[..., Any] | None:
        return cls.rules.get(op.__name__)

    @classmethod
    def __autograd_op__(cls, op: ops.Op, operands: Sequence[Any], parameters: Mapping[str, Any]) -> Any:
        parameters = op.complete(operands, parameters)
        lifted = [x if isinstance(x, cls) else cls.lift(x) for x in operands]
        rule = cls.rule(op)
        if rule is not None:
            return rule(*lifted, **parameters)
        if op.decomposition is None:
            raise BeyondReach(op.__name__)
        return op.decomposition(lifted, **parameters) if op.variadic else op.decomposition(*lifted, **parameters)

    def size(self) -> Any:
        """What comparisons look at."""
        raise NotImplementedError

    def _other(self, other: Any) -> Any:
        return other.size() if isinstance(other, Lifted) else other

    def __lt__(self, other: Any) -> bool:
        return bool(self.size() < self._other(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.size() <= self._other(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.size() > self._other(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.size() >= self._other(other))

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


# ---------------------------------------------------------------------------------------------------- hundreds of digits

DIGITS = 450  # enough for e^−745 beside 1, and for the squares of what a float can hold


_CONSTANTS: dict[float, Callable[[], Any]] = {
    special.SQRT2: lambda: mpmath.sqrt(2),
    special.INV_SQRT_2PI: lambda: 1 / mpmath.sqrt(2 * mpmath.pi),
    special.TWO_OVER_SQRT_PI: lambda: 2 / mpmath.sqrt(mpmath.pi),
    special.SQRT_2_OVER_PI: lambda: mpmath.sqrt(2 / mpmath.pi),
    special.GELU_CUBIC: lambda: mpmath.mpf("0.044715"),
    special.HALF_SQRT_PI: lambda: mpmath.sqrt(mpmath.pi) / 2,
    math.pi: lambda: +mpmath.pi,
    special.LN2: lambda: mpmath.log(2),
    special.LOG2E: lambda: 1 / mpmath.log(2),
    special.LOG10E: lambda: 1 / mpmath.log(10),
}
"""What a float in a decomposition means."""


def _on_reals(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *operands, **parameters: Real(function(*(a.x for a in operands), **parameters))


def _erfc(a: Any) -> Any:
    """mpmath's overflows far out, where the smallest term of the asymptotic series is below every digit."""
    if abs(a) < 1e3:
        return mpmath.erfc(a)
    total, term, k = mpmath.mpf(0), mpmath.mpf(1), 1
    while abs(term) > mpmath.eps:
        total, term, k = total + term, -term * k / (2 * a * a), k + 2
    tail = mpmath.exp(-a * a) / (abs(a) * mpmath.sqrt(mpmath.pi)) * total
    return tail if a > 0 else 2 - tail


def _erfinv(p: Any) -> Any:
    """By Newton's steps, first with few digits; mpmath's own stops early where p is tiny."""
    x = mpmath.sqrt(mpmath.pi) / 2 * p
    for digits, most in ((30, 200), (mpmath.mp.dps, 20)):
        with mpmath.workdps(digits):
            for _ in range(most):
                step = (mpmath.erf(x) - p) * mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(x * x)
                x -= step
                if abs(step) <= abs(x) * mpmath.mpf(10) ** (-digits // 2 - 5):
                    break
    return x


def _exprel_derivative(x: Any, n: int) -> Any:
    """By its series near 0, where the recurrence cancels."""
    if abs(x) < 0.1:
        return _series(x, lambda j: mpmath.mpf(1) / (j + n + 1))
    total = mpmath.expm1(x) / x
    for k in range(1, n + 1):
        total = (mpmath.exp(x) - k * total) / x
    return total


def _sinc_derivative(x: Any, n: int) -> Any:
    if abs(x) < 0.1:
        return mpmath.pi**n * _series(mpmath.pi * x, lambda j: mpmath.mpf((1, 0, -1, 0)[(j + n) % 4]) / (j + n + 1))
    z, total = mpmath.pi * x, mpmath.sin(mpmath.pi * x) / (mpmath.pi * x)
    for k in range(1, n + 1):
        total = (mpmath.sin(z + k * mpmath.pi / 2) - k * total) / z
    return mpmath.pi**n * total


def _series(x: Any, coefficient: Callable[[int], Any]) -> Any:
    """Σ coefficient(j)·xʲ/j!, to the last digit, whichever term is the first that is not 0."""
    total, power, j = mpmath.mpf(0), mpmath.mpf(1), 0
    while j < 4 or abs(power) > mpmath.eps * abs(total):
        total, power, j = total + coefficient(j) * power, power * x / (j + 1), j + 1
    return total


class Real(Lifted):
    """An mpmath number."""

    rules: ClassVar = {
        name: _on_reals(function)
        for name, function in {
            "identity": lambda a: a,
            "add": lambda a, b: a + b,
            "sub": lambda a, b: a - b,
            "mul": lambda a, b: a * b,
            "div": lambda a, b: a / b,
            "neg": lambda a: -a,
            "abs": abs,
            "pow": mpmath.power,
            "exp2": lambda a: mpmath.power(2, a),
            "log2": lambda a: mpmath.log(a, 2),
            "cbrt": lambda a: mpmath.sign(a) * mpmath.cbrt(abs(a)),
            "lgamma": lambda a: mpmath.log(abs(mpmath.gamma(a))),
            "digamma": lambda a: mpmath.psi(0, a),
            "polygamma": lambda x, n: mpmath.psi(n, x),
            "where": lambda a, b, condition: a if condition else b,
            "max": max,
            "min": min,
            "fmod": lambda a, b: a - b * mpmath.floor(abs(a / b)) * mpmath.sign(a / b),
            "round": lambda a, ndigits: mpmath.nint(a * mpmath.mpf(10) ** ndigits) / mpmath.mpf(10) ** ndigits,
            "erfc": _erfc,
            "normal_cdf": lambda a: _erfc(-a / mpmath.sqrt(2)) / 2,
            "erfinv": _erfinv,
            "exprel_derivative": _exprel_derivative,
            "sinc_derivative": _sinc_derivative,
            "normal_pdf": lambda a: mpmath.exp(-a * a / 2) / mpmath.sqrt(2 * mpmath.pi),
            "gelu_tanh": lambda a: a / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (a + mpmath.mpf("0.044715") * a**3))),
        }.items()
    }

    def __init__(self, x: Any) -> None:
        self.x = mpmath.mpf(x)

    @classmethod
    def lift(cls, x: Any) -> Real:
        return cls(_CONSTANTS[x]() if x in _CONSTANTS else x)

    @classmethod
    def rule(cls, op: ops.Op) -> Callable[..., Any] | None:
        own = cls.rules.get(op.__name__)
        if own is None and (op.decomposition is None or hasattr(math, op.__name__)) and hasattr(mpmath, op.__name__):
            own = _on_reals(getattr(mpmath, op.__name__))
        return own

    def size(self) -> Any:
        return self.x


def real_value(op: ops.Op, operands: Sequence[float], parameters: Mapping[str, Any]) -> Any:
    """The operation at these operands, to some hundred digits."""
    try:
        with mpmath.workdps(DIGITS):
            return op.apply(tuple(map(Real, operands)), parameters).x
    except BeyondReach:
        return None


def improves_on_math(op: ops.Op, operands: Sequence[float]) -> bool:
    """True if the row declares that it differs from `math`, and is nearer to the truth here."""
    if f"math.{op.__name__}" not in (op.__doc__ or ""):
        return False
    known = real_value(op, operands, {})
    return bool(abs(op.evaluate(tuple(operands), {}) - known) < abs(getattr(math, op.__name__)(*operands) - known))


def real_partial(op: ops.Op, operands: Sequence[float], parameters: Mapping[str, Any], index: int) -> Any:
    """Its partial derivative there, by a central difference of twice as many digits."""
    with mpmath.workdps(2 * DIGITS):
        x = mpmath.mpf(operands[index])
        h = mpmath.power(10, -DIGITS // 2) * (abs(x) or 1)

        def at(shifted: Any) -> Any:
            reals = [Real(a) for a in operands]
            reals[index] = Real(shifted)
            return op.apply(tuple(reals), parameters).x

        return (at(x + h) - at(x - h)) / (2 * h)


# ----------------------------------------------------------------------------------------------------------- forward mode


def _by(value: Callable[..., float], *slopes: Callable[..., float]) -> Callable[..., Any]:
    """A rule from a value and its textbook derivatives, all functions of floats."""

    def rule(*operands: Any) -> Dual:
        at = [a.value for a in operands]
        return Dual(value(*at), math.fsum(slope(*at) * a.derivative for slope, a in zip(slopes, operands, strict=True)))

    return rule


def _select(better: Callable[[float, float], bool]) -> Callable[..., Any]:
    return lambda a, b: a if better(a.value, b.value) else b


def _psi(n: int, x: float) -> float:
    return float(mpmath.psi(n, x))


def _exprel(n: int, x: float) -> float:
    return math.fsum(x**k / (math.factorial(k) * (k + n + 1)) for k in range(60))


_TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)


class Dual(Lifted):
    """value + derivative·ε with ε² = 0."""

    rules: ClassVar = {
        "identity": lambda a: a,
        "add": _by(lambda a, b: a + b, lambda a, b: 1, lambda a, b: 1),
        "sub": _by(lambda a, b: a - b, lambda a, b: 1, lambda a, b: -1),
        "mul": _by(lambda a, b: a * b, lambda a, b: b, lambda a, b: a),
        "div": _by(lambda a, b: a / b, lambda a, b: 1 / b, lambda a, b: -a / b**2),
        "neg": _by(lambda a: -a, lambda a: -1),
        "pow": _by(math.pow, lambda a, b: b * math.pow(a, b - 1), lambda a, b: math.pow(a, b) * math.log(a)),
        "sqrt": _by(math.sqrt, lambda a: 1 / (2 * math.sqrt(a))),
        "cbrt": _by(math.cbrt, lambda a: 1 / (3 * math.cbrt(a) ** 2)),
        "exp": _by(math.exp, math.exp),
        "log": _by(math.log, lambda a: 1 / a),
        "sin": _by(math.sin, math.cos),
        "cos": _by(math.cos, lambda a: -math.sin(a)),
        "asin": _by(math.asin, lambda a: 1 / math.sqrt(1 - a * a)),
        "acos": _by(math.acos, lambda a: -1 / math.sqrt(1 - a * a)),
        "atan": _by(math.atan, lambda a: 1 / (1 + a * a)),
        "atan2": _by(math.atan2, lambda y, x: x / (x * x + y * y), lambda y, x: -y / (x * x + y * y)),
        "asinh": _by(math.asinh, lambda a: 1 / math.sqrt(1 + a * a)),
        "erf": _by(math.erf, lambda a: _TWO_OVER_SQRT_PI * math.exp(-a * a)),
        "gamma": _by(math.gamma, lambda a: math.gamma(a) * _psi(0, a)),
        "lgamma": _by(math.lgamma, lambda a: _psi(0, a)),
        "digamma": _by(lambda a: _psi(0, a), lambda a: _psi(1, a)),
        "polygamma": lambda x, n: _by(lambda a: _psi(n, a), lambda a: _psi(n + 1, a))(x),
        "exprel_derivative": lambda x, n: _by(lambda a: _exprel(n, a), lambda a: _exprel(n + 1, a))(x),
        "abs": lambda a: a if a.value > 0 else Dual(-a.value, -a.derivative),
        "sign": _by(lambda a: math.copysign(1, a), lambda a: 0),
        "floor": _by(math.floor, lambda a: 0),
        "ceil": _by(math.ceil, lambda a: 0),
        "round": lambda a, ndigits: Dual(round(a.value, ndigits), 0),
        "max": _select(lambda a, b: a > b),
        "min": _select(lambda a, b: a < b),
        "where": lambda a, b, condition: a if condition else b,
        "sum": lambda *xs: Dual(math.fsum(x.value for x in xs), math.fsum(x.derivative for x in xs)),
    }

    def __init__(self, value: float, derivative: float = 0.0) -> None:
        self.value, self.derivative = float(value), float(derivative)

    lift = classmethod(lambda cls, x: cls(x))

    def size(self) -> float:
        return self.value


def dual_partial(op: ops.Op, operands: Sequence[float], parameters: Mapping[str, Any], index: int) -> float | None:
    """∂op/∂operand by forward mode."""
    try:
        derivative: float = op.apply(tuple([Dual(x, i == index) for i, x in enumerate(operands)]), parameters).derivative
    except BeyondReach:
        return None
    return derivative


# ----------------------------------------------------------------------------------------------------------- complex step


def _on_complex(function: Callable[..., complex]) -> Callable[..., Any]:
    return lambda *operands: Complex(function(*(a.z for a in operands)))


_TRIGONOMETRIC = ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh")


class Complex(Lifted):
    """A complex number; rows that are not analytic are beyond reach."""

    rules: ClassVar = {
        "identity": lambda a: a,
        "add": _on_complex(lambda a, b: a + b),
        "sub": _on_complex(lambda a, b: a - b),
        "mul": _on_complex(lambda a, b: a * b),
        "div": _on_complex(lambda a, b: a / b),
        "neg": _on_complex(lambda a: -a),
        "pow": _on_complex(lambda a, b: cmath.exp(b * cmath.log(a))),
        "where": lambda a, b, condition: a if condition else b,
        "max": lambda a, b: a if a > b else b,
        "min": lambda a, b: a if a < b else b,
        "sum": lambda *xs: Complex(sum(x.z for x in xs)),
        **{
            name: _on_complex(getattr(cmath, name))
            for name in ("sqrt", "exp", "log", *_TRIGONOMETRIC)
        },
    }  # fmt: skip

    def __init__(self, z: complex) -> None:
        self.z = complex(z)

    lift = classmethod(lambda cls, x: cls(x))

    def size(self) -> float:
        return self.z.real


def complex_step_partial(op: ops.Op, operands: Sequence[float], parameters: Mapping[str, Any], index: int) -> float | None:
    """Im op(x + ih)/h with h = 1e-200, which has no cancellation."""
    try:
        stepped = op.apply(tuple([Complex(complex(x, 1e-200 * (i == index))) for i, x in enumerate(operands)]), parameters)
    except BeyondReach:
        return None
    return float(stepped.z.imag / 1e-200)


def as_numbers(partials: Iterable[Any]) -> tuple[Any, ...]:
    """Local derivatives with 0 for a closed gate, which is None."""
    return tuple([0.0 if partial is None else partial for partial in partials])


def slopes_of(row: Op, *arguments: Any) -> tuple[Any, ...]:
    """The row's local derivatives, with 0 for a closed gate."""
    return as_numbers(row.local_derivatives(*arguments))
