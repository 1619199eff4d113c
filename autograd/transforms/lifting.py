"""The base of the number types that carry derivatives: comparisons, levels, and a row's partials as numbers of that type.

Each differentiation has a level; a later one is an inner one. Start reading at `partials_again`.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from autograd import ops
from autograd.anomalies import refused
from autograd.comparisons import meet_kink
from autograd.errors import AutogradError
from autograd.modes import live, replacement
from autograd.operators import Carrier
from autograd.ops import Op, number
from autograd.transforms.structures import is_lifted
from autograd.value import Value

__all__ = ["LEVELS", "Forward", "broken", "innermost", "is_kink", "partials_again", "plain", "times", "value_and_partials"]

LEVELS = itertools.count(1)  # each differentiation has its own; a later one is an inner one


class Forward(Carrier):
    """The base class of numbers that carry derivatives along: they are compared by the primal, and made of parts."""

    __slots__ = ("level", "primal")

    level: int
    primal: Any

    def parts(self) -> list[Any]:
        """The primal and its derivatives; None for a derivative that is zero because nothing flows."""
        raise NotImplementedError

    def of_parts(self, parts: Sequence[Any]) -> Any:
        """Another number like this one, of other parts."""
        raise NotImplementedError

    def comparand(self) -> Any:
        return self.primal

    def detach(self) -> Any:
        primal, *moved = self.parts()
        return self.of_parts([primal.detach() if is_lifted(primal) else primal, *[None] * len(moved)])


def innermost(operands: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[bool]]:
    """The operands, plain numbers as floats, and which of them belong to the innermost pass among them."""
    level = max([operand.level for operand in operands if isinstance(operand, Forward)])
    mine = [isinstance(operand, Forward) and operand.level == level for operand in operands]
    return tuple([operand if is_lifted(operand) else number(operand) for operand in operands]), mine


def plain(x: Any) -> Any:
    """The number inside a node or a forward number: a float, or a germ."""
    while isinstance(x, Forward):
        x = x.primal
    return x.data if type(x) is Value else x


def times(adjoint: Any, partial: Any) -> Any:
    """adjoint · partial, without a node for a factor 1."""
    if type(partial) is float and partial == 1.0:
        return adjoint
    if type(adjoint) is float and adjoint == 1.0:
        return partial
    return adjoint * partial


def value_and_partials(
    op: Op, operands: tuple[Any, ...], parameters: Mapping[str, Any], active: list[bool]
) -> tuple[Any, tuple[Any, ...]]:
    """y, and the partials of the active operands: on floats from the row's rule, on other numbers to be differentiated again."""
    if not {float}.issuperset(map(type, operands)):
        operands = tuple([x if is_lifted(x) else number(x) for x in operands])
        if any(map(is_lifted, operands)):
            y = op.apply(operands, parameters)
            return y, partials_again(op, operands, y, parameters, active)
    try:
        return (replacement(op) if live else op).rule(operands, None if all(active) else active, parameters)
    except (AutogradError, ValueError, ArithmeticError) as error:
        raise refused(op, error, operands)  # noqa: B904  # it has its cause, if any


def partials_again(
    op: Op,
    operands: tuple[Any, ...],
    y: Any,
    parameters: Mapping[str, Any],
    active: list[bool],
    numbers: Sequence[float | None] | None = None,
) -> tuple[Any, ...]:
    """The row's partials, to be differentiated again; `numbers` are what they are on floats, where that is known.

    A gate that is closed on floats is closed. Where a partial is infinite by a convention, sqrt'(0) = +inf, or NaN, it is so
    at that point and not around it: its own derivative must not be the 0 of a constant, and is NaN.
    """
    if type(y) is float:
        return op.local_derivatives(operands, y, parameters, active)
    if numbers is None:
        at = plain(y)
        if type(at) is not float:  # a germ, whose partials are those of its side
            with at.pass_.inside_a_partial(at.pass_.cap):
                return op.local_derivatives(operands, y, parameters, active)
        numbers = op.local_derivatives(tuple(map(plain, operands)), at, parameters, active)
    partials = op.local_derivatives(operands, y, parameters, active)
    if op.kinks and is_kink(op, tuple(map(plain, operands)), active):
        meet_kink()
    pairs = zip(partials, numbers, strict=True)
    return tuple([None if n is None else _without_slope(p, operands) if _breaks(p, n, operands) else p for p, n in pairs])


def is_kink(op: Op, data: Sequence[float], moving: Sequence[bool]) -> bool:
    """Whether the row has a kink at these operands, of which those marked are differentiated."""
    try:
        for kink in op.kinks:
            if (kink.margin(data) if op.variadic else kink.margin(*data)) == 0.0:
                names = [name for name, moves in zip(op.operands, moving, strict=False) if moves]
                if not kink.moving or op.variadic or not set(kink.moving).isdisjoint(names):
                    return True
    except (ValueError, OverflowError):  # the distance of NaN from a whole number
        pass
    return False


def _breaks(partial: Any, number_now: float, operands: tuple[Any, ...]) -> bool:
    """Whether it is NaN, or a constant infinity that is not simply the other factor of a product."""
    if type(partial) is not float:
        return math.isnan(number_now)
    return not math.isfinite(partial) and not any(partial is operand for operand in operands)


def _without_slope(partial: Any, operands: tuple[Any, ...]) -> Any:
    meet_kink()
    return broken(partial, [x for x in operands if is_lifted(x)])


def broken(y: Any, variables: Sequence[Any]) -> Any:
    """y plus 0 for every one of these numbers, written √(0·atan x), of which no derivative exists: that of the sum is NaN."""
    return functools.reduce(ops.add, [ops.sqrt(0.0 * ops.atan(x)) for x in variables], y)
