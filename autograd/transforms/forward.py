"""Forward mode: dual numbers, a tangent along the whole computation, and series, every order in one pass.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)

Start reading at `Dual`.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, final

from autograd.errors import GraphSizeError, OperandError
from autograd.ops import Op
from autograd.transforms.derived import returns_function
from autograd.transforms.kinks import marks, nested, resolved
from autograd.transforms.lifting import LEVELS, Forward, innermost, partials_again, times, value_and_partials
from autograd.transforms.orders import running
from autograd.transforms.passes import count_forward
from autograd.transforms.structures import flatten_argument, flatten_like, flatten_output, is_lifted, refuse_no_function, scalar

__all__ = ["Dual", "Series", "jvp", "nth_derivative", "points_and_tangents", "taylor"]

Function = Callable[..., Any]


class _Fixed:
    def __repr__(self) -> str:
        return "FIXED"


FIXED = _Fixed()
"""The tangent of what is computed from constants of the pass alone."""


@final
class Dual(Forward):
    """A number with a tangent, primal + tangent·ε with ε² = 0: forward mode over the rows of the table.

    A row's value is computed on the primals, and the tangent is Σ ∂y/∂operand · tangent, with the row's own partials. The
    parts may be floats, nodes, or forward numbers of an older level, which is how derivatives nest; the tangent is None where
    nothing moves after a closed gate, and FIXED where only arguments went in that do not move: constants of this pass.

    >>> from autograd import exp
    >>> exp(Dual(0.0, 3.0))
    Dual(primal=1.0, tangent=3.0)
    """

    __slots__ = ("tangent",)

    def __init__(self, primal: Any, tangent: Any, level: int = 0) -> None:
        self.primal, self.tangent, self.level = primal, tangent, level

    @staticmethod
    def __autograd_op__(op: Op, operands: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        level = 0
        for x in operands:
            if isinstance(x, Forward) and x.level > level:
                level = x.level
        primals: list[Any] = []
        tangents: list[Any] = []
        moving = []
        for x in operands:
            moves = False
            if type(x) is Dual and x.level == level:
                moves = x.tangent is not FIXED
                if moves:
                    tangents.append(x.tangent)
                x = x.primal
            elif isinstance(x, Forward) and x.level == level:
                return NotImplemented
            primals.append(x)
            moving.append(moves)
        if not tangents:
            return Dual(op.apply(tuple(primals), parameters), FIXED, level)
        y, partials = value_and_partials(op, tuple(primals), parameters, moving)
        total = None
        for tangent, partial in zip(tangents, partials, strict=True):
            if partial is not None and tangent is not None:
                contribution = times(tangent, partial)
                total = contribution if total is None else total + contribution
        return Dual(y, total, level)

    def parts(self) -> list[Any]:
        return [self.primal, None if self.tangent is FIXED else self.tangent]

    def of_parts(self, parts: Sequence[Any]) -> Dual:
        primal, tangent = parts
        return Dual(primal, tangent, self.level)

    def __repr__(self) -> str:
        return f"Dual(primal={self.primal!r}, tangent={0.0 if self.tangent is FIXED else self.tangent!r})"


@final
class Tangents:
    """The tangents of several variables at once, by the number of the variable, in the place of one in a `Dual`."""

    __slots__ = ("by_variable",)

    def __init__(self, by_variable: dict[int, Any]) -> None:
        self.by_variable = by_variable

    def __mul__(self, factor: Any) -> Tangents:
        return Tangents({i: times(tangent, factor) for i, tangent in self.by_variable.items()})

    def __add__(self, other: Tangents) -> Tangents:
        total = dict(self.by_variable)
        for i, tangent in other.by_variable.items():
            total[i] = total[i] + tangent if i in total else tangent
        return Tangents(total)


@final
class Series(Forward):
    """A number as it moves with t: its derivatives by t at one point, of every order up to the one asked for, in one pass.

    y = op(x) moves by y′ = p·x′, p = ∂y/∂x the row's partial on series, so by Leibniz's rule

        y⁽ᵏ⁾ = Σ C(k−1, j) p⁽ʲ⁾ x⁽ᵏ⁻ʲ⁾,  j = 0 … k−1,

    which asks p for lower orders only. p may use y, as exp does, and other rows; so a derivative is computed when it is asked
    for. Orders cost their square, where dual numbers of dual numbers double with each. `taylor` and `nth_derivative` use it.
    """

    __slots__ = ("known", "pass_", "terms")

    def __init__(self, known: list[Any], pass_: Pass, terms: Callable[[Series], list[tuple[Any, Any]]] | None = None) -> None:
        self.known, self.primal = known, known[0]  # the derivatives of order 0, 1, …, as far as they were asked for
        self.pass_, self.level = pass_, pass_.level
        self.terms: Any = terms  # [(operand, partial)], or the function that finds them; None where nothing more moves

    @staticmethod
    def __autograd_op__(op: Op, operands: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        operands, mine = innermost(operands)
        if not all(type(operand) is Series for operand in itertools.compress(operands, mine)):
            return NotImplemented
        pass_ = operands[mine.index(True)].pass_

        def terms(y: Series) -> list[tuple[Any, Any]]:
            partials = partials_again(op, operands, y, parameters, mine)
            pairs = zip(itertools.compress(operands, mine), partials, strict=True)
            return [(operand, partial) for operand, partial in pairs if partial is not None]

        def record() -> Series:
            primals = tuple([x.primal if on else x for x, on in zip(operands, mine, strict=True)])
            return Series([op.apply(primals, parameters)], pass_, terms)

        if pass_.inner is not None:  # an operation inside a partial: computed as far as it is asked for, and once
            key = (op, tuple([x if isinstance(x, Forward) else repr(x) for x in operands]), repr(sorted(parameters.items())))
            if key not in pass_.inner:
                pass_.inner[key] = record()
            return pass_.inner[key]
        pass_.inner = {}
        try:
            y = record()
            y.derivative(pass_.order)
        finally:
            pass_.inner = None
        y.terms = None
        return y

    def derivative(self, k: int) -> Any:
        """dᵏ/dtᵏ; None for a zero that nothing moved."""
        while len(self.known) <= k:
            if callable(self.terms):
                self.terms = self.terms(self)
            self.known.append(self._next(len(self.known)))
        return self.known[k]

    def _next(self, k: int) -> Any:
        total = None
        for x, partial in self.terms or ():
            own = type(partial) is Series and partial.level == self.level
            for j in range(k) if own else (0,):
                moved = x.derivative(k - j)
                slope = None if moved is None else partial.derivative(j) if own else partial
                if slope is not None:
                    term = times(times(moved, slope), float(math.comb(k - 1, j)))
                    total = term if total is None else total + term
        return total

    def parts(self) -> list[Any]:
        return [self.derivative(k) for k in range(self.pass_.order + 1)]

    def of_parts(self, parts: Sequence[Any]) -> Series:
        return Series(list(parts), self.pass_)

    def __repr__(self) -> str:
        return f"Series({', '.join([repr(0.0 if part is None else part) for part in self.parts()])})"


class Pass:
    """One pass of series: its level, how many orders it carries, and the operations inside the partials of the current one."""

    def __init__(self, order: int) -> None:
        self.level, self.order = next(LEVELS), order
        self.inner: dict[Any, Series] | None = None


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """(f(x), J·t): the value and the derivative along the tangents, both of the structure of f(x), in one forward pass.

    A primal and a tangent for each argument of f. A tangent of exactly 0 moves nothing: an infinite slope in its direction
    does not make a NaN.

    >>> jvp(lambda v, s: [v[0] * s, v[1] / s], ([1.0, 2.0], 4.0), ([1.0, 0.0], 0.5))
    ([4.0, 0.5], [4.5, -0.0625])
    """
    refuse_no_function("jvp", f)
    at, along, rebuild = points_and_tangents("jvp", primals, tangents)
    count_forward()
    before, level = marks(), next(LEVELS)
    duals = [Dual(x, FIXED if type(t) is float and t == 0.0 else t, level) for x, t in zip(at, along, strict=True)]
    outputs, rebuild_outputs = flatten_output(f(*rebuild(duals)))
    pairs = [y.parts() if isinstance(y, Forward) and y.level == level else [y, None] for y in outputs]
    values, derivatives = [y for y, _ in pairs], [0.0 if t is None else t for _, t in pairs]
    if running() is not None or marks()[0] is not before[0]:

        def again(moved: Sequence[Any]) -> list[Any]:
            return flatten_output(jvp(f, rebuild(moved), tangents)[1])[0]

        derivatives = resolved(derivatives, before, at, again, values=values, level=level)
    if any(map(is_lifted, [*at, *values, *derivatives])):
        nested()
    return rebuild_outputs(values), rebuild_outputs(derivatives)


@returns_function
def nth_derivative(f: Function, n: int) -> Function:
    """The function that gives dⁿf/dxⁿ of a function of one number, in one forward pass.

    >>> [nth_derivative(lambda x: x**5, n)(1.0) for n in range(5)]
    [1.0, 5.0, 20.0, 60.0, 120.0]
    """
    refuse_no_function("nth_derivative", f)
    n = _order("nth_derivative", n)

    @functools.wraps(f)
    def derivative_of_f(x: Any) -> Any:
        return _derivatives_along(f, x, n, "nth_derivative")[n]

    return derivative_of_f


def taylor(f: Function, x: Any, n: int) -> list[Any]:
    """The coefficients f⁽ᵏ⁾(x)/k! for k = 0 … n, of the powers (t − x)ᵏ, in one forward pass.

    >>> from autograd import exp
    >>> taylor(exp, 0.0, 3)
    [1.0, 1.0, 0.5, 0.16666666666666666]
    """
    refuse_no_function("taylor", f)
    derivatives = _derivatives_along(f, x, _order("taylor", n), "taylor")
    return [*derivatives[:2], *(y / math.factorial(k) for k, y in enumerate(derivatives[2:], 2))]


def _derivatives_along(f: Function, x: Any, n: int, name: str) -> list[Any]:
    """f and its derivatives of order 1 … n by its one argument."""
    count_forward()
    before, pass_ = marks(), Pass(n)
    y = scalar(f(Series([scalar(x, name), 1.0], pass_)), name)
    parts = y.parts() if type(y) is Series and y.level == pass_.level else [y]
    value, *derivatives = [0.0 if part is None else part for part in (*parts, *[None] * n)][: n + 1]
    if running() is not None or marks()[0] is not before[0]:

        def again(moved: Sequence[Any]) -> list[Any]:
            return _derivatives_along(f, moved[0], n, name)[1:]

        derivatives = resolved(
            derivatives, before, [scalar(x, name)], again, values=[value], level=pass_.level, is_higher=n > 1, order=n, function=f
        )
    if any(map(is_lifted, [x, value, *derivatives])):
        nested()
    return [value, *derivatives]


_HIGHEST_ORDER = 64


def _order(name: str, n: Any) -> int:
    if not hasattr(type(n), "__index__") or isinstance(n, bool):
        raise OperandError(f"{name}: the order n = {n!r:.60} is not a whole number; give 0, 1, 2, …")
    if not 0 <= n <= _HIGHEST_ORDER:
        raise GraphSizeError(f"{name}: n = {n}; orders from 0 to {_HIGHEST_ORDER} are supported")
    return int(n)


def points_and_tangents(
    name: str, primals: Any, tangents: Any
) -> tuple[list[Any], list[Any], Callable[[Iterable[Any]], list[Any]]]:
    """The numbers of both in the same order, and what makes arguments of others in their places."""
    for given, what in ((primals, "primals"), (tangents, "tangents")):
        if not isinstance(given, (list, tuple)):
            raise OperandError(f"{name}: {what} = {given!r:.60}; give a tuple with one entry for each argument, ({given!r:.20},)")
    arguments = [flatten_argument(name, place, primal) for place, primal in enumerate(primals)]
    at = [x for numbers, _ in arguments for x in numbers]
    along = flatten_like(list(tangents), list(primals), f"{name}: the tangents are", "the primals")

    def rebuild(values: Iterable[Any]) -> list[Any]:
        given = iter(values)
        return [structure.argument(itertools.islice(given, len(numbers))) for numbers, structure in arguments]

    return at, along, rebuild
