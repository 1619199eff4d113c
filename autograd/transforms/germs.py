"""One-sided germs: numbers x(t) for t → 0+, on which a program takes the branches of one side of a kink.

A germ is a sum of terms c·t^a·(log t)^m. Germs are ordered by the leading term of their difference, so `x > 0`, in the program or
inside the partial of a row, has the answer that is right on the whole side. |x|² at 0, to the right and to the left:

    >>> from autograd import abs
    >>> one_sided(lambda x: abs(x) ** 2, [0.0], [1.0], 2)           # x = 0 + t: f, f′ and f″ by t
    [0.0, 0.0, 2.0]
    >>> one_sided(lambda x: abs(x) ** 2, [0.0], [-1.0], 2)          # x = 0 − t
    [0.0, 0.0, 2.0]

The slope of |x| is 1 on one side, −1 on the other and 0 by convention at the kink itself; germs have the first two, and f″ is 2
on both sides. The exponents a are fractions, so that √x = t^½ and its infinite slope are germs too, and so is x·log x.

A row acts on germs by the first of these that applies:

1. Field operations (`FIELD`: sums, products, powers, exp and log) have their own rules, the arithmetic of series, which computes
   the other rows. They work even where an operand is infinite or its power is not 1.
2. At a kink of the row, or where an operand is infinite, a row with a decomposition is replaced by it.
3. Every other row is y = y(0) + ∫ Σ p·x′ dt, where p are its partials evaluated on germs. They may depend on y, as that of exp
   does; each round of the integral determines y to a higher order.

Every germ has the last order that it knows, `valid`. An answer that needs more is computed again with more orders, never
truncated silently. Start reading at `Germ`, then at `_by_partials`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, NamedTuple, final

from autograd import ops
from autograd.errors import DivisionError, DomainError, OperandError, SeriesError
from autograd.operators import Carrier
from autograd.ops import Op, number
from autograd.transforms.lifting import is_kink
from autograd.transforms.orders import Exponent, Pass, TooFewOrdersError, with_enough_orders
from autograd.value import Value

Terms = dict[tuple[Exponent, int], float]

RESIDUE = 2.0**-44  # a sum smaller than this part of its summands is 0 with a rounding error
CONSTANT = (0, 0)
INF = math.inf


def _relation(holds: Callable[[float, float], bool]) -> Callable[[Any, Any], Any]:
    """Return a comparison of a germ with another number."""
    return lambda self, other: NotImplemented if _is_of_later_kind(other) else holds(self.compared(other), 0.0)


@final
class Germ(Carrier):
    """x(t) = Σ c·t^a·(log t)^m + o(t^valid) for t → 0+; `terms` maps (a, m) to c."""

    __slots__ = ("_key", "pass_", "terms", "valid")

    def __init__(self, pass_: Pass, terms: Terms, valid: Exponent = INF) -> None:
        if not all(map(math.isfinite, terms.values())):
            terms, valid = {}, -INF  # it is unknown; the program may not need it
        last = min(valid, pass_.cap)
        self.pass_, self.terms = pass_, {key: c for key, c in terms.items() if c != 0.0 and key[0] <= last}
        self.valid = valid
        if valid > pass_.cap and any(key[0] > last and c != 0.0 for key, c in terms.items()):
            self.valid = pass_.cap
        self._key: Any = None

    @staticmethod
    def __autograd_op__(op: Op, operands: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        if any(hasattr(type(x), "__autograd_op__") for x in operands if type(x) not in (Germ, Value)):
            return NotImplemented
        operands = tuple([x if type(x) is Germ else x.data if type(x) is Value else number(x) for x in operands])
        pass_ = next(x for x in operands if type(x) is Germ).pass_
        return _applied(_Call(pass_, op, operands, op.complete(operands, parameters)))

    @property
    def key(self) -> Any:
        """The key of a dictionary of germs: equal for equal terms."""
        if self._key is None:
            self._key = frozenset(self.terms.items()), self.valid
        return self._key

    def lead(self) -> tuple[Exponent, int] | None:
        """Return the key of the largest term for t → 0; None if there is none."""
        return min(self.terms, key=_size) if self.terms else None

    def order(self) -> Exponent:
        """Return the exponent of the largest term, or a lower bound of it."""
        return min([a for a, _ in self.terms], default=self.valid)

    def is_zero(self) -> bool:
        """Return True if it is exactly 0 on this side."""
        return not self.terms and self.valid == INF

    def limit(self) -> float:
        """Return x(0+), which may be infinite."""
        lead = self.lead()
        if lead is not None and (lead[0] < 0 or (lead[0] == 0 and lead[1] > 0)):
            return math.copysign(INF, self.sign(lead))
        if self.valid < 0:
            raise self._too_short("the series ends before its limit")
        return self.terms.get(CONSTANT, 0.0)

    def at(self, t: float) -> float:
        """Return the sum of the known terms at a small t."""
        return math.fsum([c * t ** float(a) * math.log(t) ** m for (a, m), c in self.terms.items()])

    def moving(self) -> Germ:
        """Return x(t) − x(0)."""
        return Germ(self.pass_, {key: c for key, c in self.terms.items() if key != CONSTANT}, self.valid)

    def derivative(self) -> Germ:
        """Return dx/dt."""
        terms: Terms = {}
        for (a, m), c in self.terms.items():
            _put(terms, (a - 1, m), float(a) * c)
            if m:
                _put(terms, (a - 1, m - 1), m * c)
        return Germ(self.pass_, terms, self.valid - 1)

    def integral(self) -> Germ:
        """Return ∫ x dt without a constant; ∫ t⁻¹(log t)^m = (log t)^(m+1)/(m+1), otherwise by parts."""
        terms: Terms = {}
        for (a, m), c in self.terms.items():
            if a == -1:
                _put(terms, (0, m + 1), c / (m + 1))
                continue
            factor = c / float(a + 1)
            for power in range(m, -1, -1):
                _put(terms, (a + 1, power), factor)
                factor *= -power / float(a + 1)
        return Germ(self.pass_, terms, self.valid + 1)

    def sign(self, key: tuple[Exponent, int]) -> float:
        """Return the sign of a term for small t, where log t is negative."""
        return math.copysign(1.0, self.terms[key]) * (-1.0) ** key[1]

    def _too_short(self, problem: str) -> SeriesError:
        return SeriesError("a coefficient of the series is not finite") if self.valid == -INF else TooFewOrdersError(problem)

    def compared(self, other: Any) -> float:
        """Return −1, 0 or 1 if x is below, at or above the other number on this side; NaN for a comparison with NaN."""
        if other is self:
            return math.nan if self.valid == -INF else 0.0
        if type(other) is Value:
            other = other.data
        if type(other) is not Germ:
            other = number(other)
            if not math.isfinite(other):
                return math.nan if other != other else math.copysign(1.0, -other)
        with _uncapped(self.pass_):
            difference = _sum(self, _scaled(_germ(self.pass_, other), -1.0))
        lead = difference.lead()
        if lead is not None:
            return difference.sign(lead)
        if difference.valid == -INF or (difference.valid < INF and not self.pass_.is_last):
            raise difference._too_short("the known orders do not decide a comparison")
        return 0.0

    __lt__, __le__ = _relation(operator.lt), _relation(operator.le)
    __gt__, __ge__ = _relation(operator.gt), _relation(operator.ge)
    __ne__ = object.__ne__  # the opposite of __eq__

    def __eq__(self, other: Any) -> bool:
        if _is_of_later_kind(other):
            return NotImplemented
        try:
            return self.compared(other) == 0.0
        except OperandError:
            return False

    __hash__ = object.__hash__

    def comparand(self) -> Germ:
        return self

    def detach(self) -> Germ:
        """Return the germ itself: it is a point that moves, and numbers that carry derivatives are made of it."""
        self.pass_.stopped = True
        return self

    @property
    def data(self) -> Any:
        """The germ itself, as `detach`."""
        return self.detach()

    def __format__(self, spec: str) -> str:
        return format(self.limit(), spec) if spec else repr(self)

    def __repr__(self) -> str:
        keys = sorted(self.terms, key=_size)
        parts = [f"{self.terms[a, m]!r}·t^{a}" + (f"·log(t)^{m}" if m else "") for a, m in keys]
        return f"Germ({' + '.join(parts) or '0.0'}{f' + o(t^{self.valid})' if self.valid < INF else ''})"


def _is_of_later_kind(other: Any) -> bool:
    return type(other) not in (Germ, Value) and hasattr(type(other), "__autograd_op__")


def _size(key: tuple[Exponent, int]) -> tuple[Exponent, int]:
    return key[0], -key[1]


def _germ(pass_: Pass, x: Any) -> Germ:
    return x if type(x) is Germ else Germ(pass_, {CONSTANT: x})


@contextmanager
def _uncapped(pass_: Pass) -> Iterator[None]:
    before, pass_.cap = pass_.cap, INF
    try:
        yield
    finally:
        pass_.cap = before


def _put(terms: Terms, key: tuple[Exponent, int], c: float) -> None:
    terms[key] = terms.get(key, 0.0) + c


def _sum(x: Germ, y: Germ) -> Germ:
    """Return x + y; a term no larger than the rounding of its summands is 0, except the constant, which is as on floats."""
    terms = dict(x.terms)
    for key, c in y.terms.items():
        before = terms.get(key, 0.0)
        total = before + c
        is_residue = key != CONSTANT and abs(total) <= RESIDUE * max(abs(before), abs(c))
        terms[key] = 0.0 if is_residue else total
    return Germ(x.pass_, terms, min(x.valid, y.valid))


def _scaled(x: Germ, factor: float) -> Germ:
    return Germ(x.pass_, {key: c * factor for key, c in x.terms.items()}, x.valid)


def _product(x: Germ, y: Germ) -> Germ:
    # The unknown terms of one are multiplied by the lead of the other.
    valid = min([u.valid + v.order() for u, v in ((x, y), (y, x)) if u.valid < INF and v.order() < INF], default=INF)
    last = min(valid, x.pass_.cap)
    terms: Terms = {}
    summed: Terms = {}
    for (a, m), c in x.terms.items():
        for (b, k), d in y.terms.items():
            key = (a + b, m + k)
            if key[0] <= last:
                _put(terms, key, c * d)
                _put(summed, key, abs(c * d))
            elif valid > last:
                valid = last
    return Germ(x.pass_, {key: c for key, c in terms.items() if not abs(c) <= RESIDUE * summed[key] < INF}, valid)


def _parted(x: Germ) -> tuple[float, Exponent, Germ]:
    """Return (c, a, u) of x = c·t^a·(1 + u), u → 0."""
    lead = x.lead()
    if lead is None and x.valid == INF:
        raise DivisionError("a division by 0")
    if lead is None:
        raise TooFewOrdersError("the leading term of the series is not known")
    a, m = lead
    if m:
        raise SeriesError("a power or a logarithm of log t has no series of powers and logarithms")
    c = x.terms[lead]
    with _uncapped(x.pass_):
        rest = Germ(x.pass_, {(b - a, k): d / c for (b, k), d in x.terms.items() if (b, k) != lead}, x.valid - a)
    return c, a, rest


def _composed(u: Germ, coefficient: Callable[[int], float], last: Exponent) -> Germ:
    """Return Σ coefficient(k)·u^k for a small u, to the order `last`."""
    pass_ = u.pass_
    before, pass_.cap = pass_.cap, min(u.valid, last)
    try:
        total, power, k = Germ(pass_, {CONSTANT: coefficient(0)}), Germ(pass_, {CONSTANT: 1.0}), 0
        while power.terms and u.terms:
            k += 1
            power = _product(power, u)
            c = coefficient(k)
            if c == 0.0:
                return total
            total = _sum(total, _scaled(power, c))
        return Germ(pass_, total.terms, min(total.valid, u.valid))
    finally:
        pass_.cap = before


def _shifted(x: Germ, factor: float, a: Exponent) -> Germ:
    """factor·t^a·x."""
    return Germ(x.pass_, {(b + a, m): factor * c for (b, m), c in x.terms.items()}, x.valid + a)


def _power(x: Germ, e: Exponent) -> Germ:
    """x^e: (c·t^a)^e·Σ binomial(e, k)·u^k."""
    if e == int(e) and 0 <= e <= 3:
        total = Germ(x.pass_, {CONSTANT: 1.0})
        for _ in range(int(e)):
            total = _product(total, x)
        return total
    if x.is_zero() and e > 0:
        return x
    c, a, u = _parted(x)
    if c < 0.0 and e != int(e):
        raise DomainError("a fractional power of a number that is negative on this side")
    factors = [1.0]

    def binomial(k: int) -> float:
        while len(factors) <= k:
            j = len(factors)
            factors.append(factors[-1] * float(e - j + 1) / j)
        return factors[k]

    return _shifted(_composed(u, binomial, x.pass_.cap - e * a), math.pow(c, e), e * a)


def _root(x: Germ, n: int) -> Germ:
    """Return the n-th root, of a negative number too if n is odd."""
    if x.terms and n % 2 and x.sign(min(x.terms, key=_size)) < 0.0:
        return _scaled(_root(_scaled(x, -1.0), n), -1.0)
    return _power(x, Fraction(1, n))


def _log(x: Germ) -> Germ:
    """log(c·t^a·(1 + u)) = log c + a·log t + log(1 + u)."""
    if x.is_zero():
        raise DomainError("the logarithm of 0")
    c, a, u = _parted(x)
    if c < 0.0:
        raise DomainError("the logarithm of a number that is negative on this side")
    rest = _composed(u, lambda k: (-1.0) ** (k + 1) / k if k else 0.0, x.pass_.cap)
    return _sum(Germ(x.pass_, {CONSTANT: math.log(c), (0, 1): float(a)}), rest)


def _exp(x: Germ) -> Germ:
    """exp(β + γ·log t + u) = e^β·t^γ·Σ u^k/k!."""
    if any(a < 0 or (a == 0 and m > 1) for a, m in x.terms) or x.valid < 0:
        raise SeriesError("exp of a number that is infinite on this side has no series of powers and logarithms")
    gamma = _fraction(x.terms.get((0, 1), 0.0))
    with _uncapped(x.pass_):
        u = Germ(x.pass_, {key: c for key, c in x.terms.items() if key[0] > 0}, x.valid)
    series = _composed(u, lambda k: 1.0 / math.factorial(k), x.pass_.cap - gamma)
    return _shifted(series, math.exp(x.terms.get(CONSTANT, 0.0)), gamma)


def _fraction(e: float) -> Exponent:
    """Return the exponent as a fraction: 1/10 for 0.1."""
    near = Fraction(e).limit_denominator(1000)
    exact = near if float(near) == e else Fraction(e)
    return int(exact) if exact.denominator == 1 else exact


def _pow(a: Germ, b: Germ) -> Germ:
    if b.moving().is_zero():
        return _power(a, _fraction(b.terms.get(CONSTANT, 0.0)))
    if not a.is_zero():
        return _exp(_product(b, _log(a)))
    if b.compared(0.0) < 0.0:
        raise DomainError("0 to a power that is negative on this side")
    return a


FIELD: dict[Op, Callable[..., Germ]] = {
    ops.add: _sum,
    ops.sub: lambda a, b: _sum(a, _scaled(b, -1.0)),
    ops.neg: lambda a: _scaled(a, -1.0),
    ops.abs: lambda a: _scaled(a, -1.0) if a.compared(0.0) < 0.0 else a,
    ops.mul: _product,
    ops.square: lambda a: _product(a, a),
    ops.div: lambda a, b: _product(a, _power(b, -1)),
    ops.reciprocal: lambda a: _power(a, -1),
    ops.sqrt: lambda a: _root(a, 2),
    ops.cbrt: lambda a: _root(a, 3),
    ops.pow: _pow,
    ops.exp: _exp,
    ops.log: _log,
}
"""The arithmetic of series. It uses no derivatives: y′ = p·x′ has no initial value where x, y or p is infinite."""


class _Call(NamedTuple):
    """One application of a row to operands that are germs and floats."""

    pass_: Pass
    op: Op
    operands: tuple[Any, ...]
    parameters: Mapping[str, Any]

    def evaluated(self, number_for: Callable[[Germ], float]) -> float:
        """Return the row's value on floats, with a number in the place of each germ."""
        return self.op.evaluate(tuple([number_for(x) if type(x) is Germ else x for x in self.operands]), self.parameters)


def _applied(call: _Call) -> Germ:
    """Return the row on germs, computed once for equal operands to the same order."""
    pass_, op, operands, parameters = call
    if op is ops.where:  # the other operand may be anything
        return _germ(pass_, operands[0 if parameters["condition"] else 1])
    if any(x.valid == -INF if type(x) is Germ else not math.isfinite(x) for x in operands) and op in FIELD:
        is_zero = op is ops.mul and any(x.is_zero() if type(x) is Germ else x == 0.0 for x in operands)
        return Germ(pass_, {}, INF if is_zero else -INF)  # a factor of 0 on this side gives 0, however steep the other is
    if any(type(x) is Germ and x.valid == -INF for x in operands):
        return Germ(pass_, {}, -INF)
    key = (op, tuple([x.key if type(x) is Germ else repr(x) for x in operands]), repr(sorted(parameters.items())))
    known_to, y = pass_.known.get(key, (-INF, None))
    if y is not None and known_to >= pass_.cap:
        return y  # type: ignore[no-any-return]  # a germ
    try:
        y = _by_arithmetic(call) if op in FIELD else _by_row(call)
    except OverflowError as error:
        raise SeriesError(f"a coefficient of {op.__name__} is beyond the largest float") from error
    pass_.known[key] = pass_.cap, y
    return y


def _by_arithmetic(call: _Call) -> Germ:
    """Return the result of a field operation; its constant term is the row's value to the bit where that is regular."""
    y = FIELD[call.op](*[_germ(call.pass_, x) for x in call.operands])
    constant = y.terms.get(CONSTANT)
    if constant is not None and y.order() >= 0:
        try:
            now = call.evaluated(Germ.limit)
        except (ValueError, ArithmeticError):
            return y
        if abs(now - constant) <= 1e-9 * abs(constant):
            return Germ(call.pass_, {**y.terms, CONSTANT: now}, y.valid)
    return y


def _by_row(call: _Call) -> Germ:
    """Return the result of a row that is not a field operation, by its decomposition or its partials."""
    op = call.op
    limits = tuple([x.limit() if type(x) is Germ else x for x in call.operands])
    is_singular = is_kink(op, limits, [type(x) is Germ and bool(x.moving().terms) for x in call.operands])
    at_kink = is_singular
    for i, (x, at) in enumerate(zip(call.operands, limits, strict=True)):
        if type(x) is Germ:
            is_singular = is_singular or not math.isfinite(at)
            _refuse_outside(op, i, x, at)
    if is_singular and op.decomposition is not None:
        operands: Any = [call.operands] if op.variadic else call.operands
        return _germ(call.pass_, op.decomposition(*operands, **call.parameters))
    y = call.evaluated(Germ.limit)
    if at_kink:
        y = _beside_a_jump(call, y)
    if not math.isfinite(y):
        raise SeriesError(f"{op.__name__} is infinite here and has no decomposition")
    return _by_partials(call, y, is_singular)


def _refuse_outside(op: Op, index: int, x: Germ, limit: float) -> None:
    """Raise a DomainError if the operand leaves the row's domain on this side."""
    domain, lead = op.domain_of(index), x.moving().lead()
    if lead is not None and math.isfinite(limit) and math.nextafter(limit, limit + x.sign(lead)) not in domain:
        raise DomainError(f"{op.__name__}: the operand {op.operands[0 if op.variadic else index]} leaves {domain} on this side")


def _beside_a_jump(call: _Call, y: float) -> float:
    """Return the limit on this side: y, or another number if the distance to y does not shrink with t."""
    far, near = [call.evaluated(lambda x, t=t: x.at(t)) for t in (2.0**-26, 2.0**-40)]  # type: ignore[misc]  # t is bound
    jumps = abs(near - y) > 1e-9 * abs(y) and abs(near - y) > 0.5 * abs(far - y)
    call.pass_.jumped |= jumps and call.pass_.depth == 0
    return near - (far - near) * 2.0**-14 if jumps else y


def _by_partials(call: _Call, at_0: float, is_singular: bool) -> Germ:
    """Return y(0) + ∫ Σ p·x′ dt, in rounds of increasing order, until the last order is known or a round adds none."""
    pass_ = call.pass_
    moving = [x.moving() for x in call.operands if type(x) is Germ]
    step = min([x.order() for x in moving])
    if step == INF:
        return Germ(pass_, {CONSTANT: at_0})
    lowest = _to_lowest_order(call, at_0, moving, step) if step >= pass_.cap and not is_singular else None
    if lowest is not None:
        return lowest
    active = [type(x) is Germ for x in call.operands]
    speeds = [x.derivative() for x in moving]
    y = Germ(pass_, {CONSTANT: at_0}, 0)
    while True:
        with pass_.inside_a_partial(pass_.cap - step):
            partials = call.op.local_derivatives(call.operands, y, call.parameters, active)
        with _uncapped(pass_):
            total = Germ(pass_, {})
            for p, speed in zip(partials, speeds, strict=True):
                if p is not None and (speed.terms or speed.valid < INF):
                    total = _sum(total, _product(_germ(pass_, p if type(p) is Germ else number(p)), speed))
        better = _sum(Germ(pass_, {CONSTANT: at_0}), total.integral())
        if better.terms and better.order() < 0:
            raise SeriesError(f"{call.op.__name__}: its value is finite and the integral of its slope is not")
        if better.valid <= y.valid or better.valid >= pass_.cap:
            return better
        y = better


def _to_lowest_order(call: _Call, at_0: float, moving: list[Germ], step: Exponent) -> Germ | None:
    """Return y(0) + Σ p(0)·(x − x(0)), which suffices if only the lowest order is kept; None if a p is not finite."""
    active = [type(x) is Germ for x in call.operands]
    limits = [x.limit() if type(x) is Germ else x for x in call.operands]
    numbers = [0.0 if p is None else p for p in call.op.local_derivatives(limits, at_0, call.parameters, active)]
    if not all(map(math.isfinite, numbers)):
        return None
    with _uncapped(call.pass_):
        y = Germ(call.pass_, {CONSTANT: at_0})
        for x, p in zip(moving, numbers, strict=True):
            y = _sum(y, _scaled(x, p))
        return Germ(call.pass_, {key: c for key, c in y.terms.items() if key[0] <= step}, min(step, y.valid))


def beside(pass_: Pass, x: float) -> Germ:
    """Return the germ of a point at which the program itself differentiates, in a direction different from others."""
    pass_.points += 1
    return Germ(pass_, {CONSTANT: x, (1, 0): pass_.side * 1.37 * (pass_.points + 1.0) ** -0.77})


def line(pass_: Pass, point: Sequence[float], direction: Sequence[float]) -> list[Germ]:
    """Return the germs of point + t·direction."""
    return [Germ(pass_, {CONSTANT: x, (1, 0): d}) for x, d in zip(point, direction, strict=True)]


def one_sided(f: Callable[..., Any], point: Sequence[float], direction: Sequence[float], order: int) -> list[float] | None:
    """Return the limits of f and its derivatives by t up to `order` at point + t·direction for t → 0+; they may be infinite.

    f takes the numbers of the point as its arguments and returns one number. Returns None if f is not defined on this side. Raises
    a SeriesError if f has no series of powers and logarithms there (exp(−1/x) at 0), or uses functions of other packages.
    Along an axis the other operands are constant and stay at their kinks; generic directions, with no component 0, leave them.

    >>> from autograd import sqrt
    >>> one_sided(sqrt, [0.0], [1.0], 2), one_sided(sqrt, [0.0], [-1.0], 2)
    ([0.0, inf, -inf], None)
    """
    point, direction = list(map(number, point)), list(map(number, direction))

    def evaluate(pass_: Pass) -> list[float]:
        return [y.limit() for y in derivatives_of(pass_, f(*line(pass_, point, direction)), order)]

    try:
        found: list[float] = with_enough_orders(order, evaluate)
    except (DomainError, ZeroDivisionError):
        return None
    return found


def derivatives_of(pass_: Pass, y: Any, order: int) -> list[Germ]:
    """Return a function's value on germs, or a number, and its derivatives by t up to `order`."""
    derivatives = [y if type(y) is Germ else _germ(pass_, number(y.data if type(y) is Value else y))]
    for _ in range(order):
        derivatives.append(derivatives[-1].derivative())
    return derivatives
