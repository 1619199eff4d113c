"""Symbols: the fourth number type of the table's expressions, after floats, nodes and dual numbers.

A row applied to symbols returns an expression, a tree of rows over names and numbers. `autograd.text.formula` writes it as a
formula, `autograd.text.programs` as a program; its repr shows the calls of rows.

    >>> from autograd import ops
    >>> partials_of(ops.tanh)
    (square(sech(a)),)
    >>> partials_of(ops.relu)
    (where(a > 0.0, 1.0, where(a <= 0.0, 0.0, nan)),)

A comparison of symbols is a `Condition`, which `where` keeps as it is: both branches become part of the expression. That is why
the partials of the table choose with `where` and never with `if`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import Any, NoReturn, final

from autograd import ops
from autograd.calls import NO_PARAMETERS
from autograd.errors import OperandError
from autograd.operators import Operators
from autograd.ops import Op, number
from autograd.value import Value, toposort

__all__ = ["Condition", "Symbol", "in_order", "is_dense", "partial_symbol", "partials_of", "parts_of", "places", "size", "symbolic"]

RESULT = "y"
# What a partial that was not written for symbols may raise on them.
NOT_FOR_SYMBOLS = (TypeError, AttributeError, ArithmeticError, ValueError, LookupError)


class _Comparable:
    """What symbols and conditions share: neither has a truth."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise OperandError(f"{self!r} is neither true nor false; choose with where(condition, a, b)")


@final
class Condition(_Comparable):
    """left < right, or with another of the six relations."""

    __slots__ = ("left", "relation", "right")

    def __init__(self, left: Any, relation: str, right: Any) -> None:
        self.left, self.relation, self.right = left, relation, right

    def __autograd_condition__(self, a: Any, b: Any) -> Symbol:
        """where(self, a, b), with both branches, each of which may be a function."""
        branches = [partial_symbol(x() if type(x) is FunctionType else x) for x in (a, b)]
        return Symbol(op=ops.where, operands=tuple(branches), parameters={"condition": self})

    def __repr__(self) -> str:
        return f"{self.left!r} {self.relation} {self.right!r}"


@final
class Symbol(Operators, _Comparable):
    """A name, a number, or an operation applied to symbols."""

    __slots__ = ("is_closed", "name", "op", "operands", "parameters", "place", "value")

    def __init__(
        self,
        name: str = "",
        *,
        value: float | None = None,
        op: Op | None = None,
        operands: tuple[Symbol, ...] = (),
        parameters: Mapping[str, Any] = NO_PARAMETERS,
        is_closed: bool = False,
        place: int | None = None,
    ) -> None:
        self.name, self.value, self.op, self.operands, self.parameters = name, value, op, operands, parameters
        self.place = place  # the number of the row's argument, see `places`
        self.is_closed = is_closed  # a closed gate: it is written as 0, and nothing flows through it

    @staticmethod
    def __autograd_op__(op: Op, operands: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        return Symbol(op=op, operands=tuple(map(symbolic, operands)), parameters=op.complete(operands, parameters))

    def __repr__(self) -> str:
        if self.value is not None:
            return repr(self.value)
        if self.op is None:
            return self.name
        given = [f"{name}={value!r}" for name, value in self.parameters.items() if name != "condition"]
        condition = [repr(self.parameters["condition"])] if "condition" in self.parameters else []
        return f"{self.op.__name__}({', '.join([*condition, *map(repr, self.operands), *given])})"

    @property
    def condition(self) -> Condition | None:
        """The condition by which this symbol chooses one of its two operands; None if it chooses by none."""
        condition = self.parameters.get("condition")
        return condition if type(condition) is Condition else None

    def __eq__(self, other: object) -> Any:
        return Condition(self, "==", symbolic(other))

    def __ne__(self, other: object) -> Any:
        return Condition(self, "!=", symbolic(other))

    __hash__ = object.__hash__

    def __lt__(self, other: Any) -> Any:
        return Condition(self, "<", symbolic(other))

    def __le__(self, other: Any) -> Any:
        return Condition(self, "<=", symbolic(other))

    def __gt__(self, other: Any) -> Any:
        return Condition(self, ">", symbolic(other))

    def __ge__(self, other: Any) -> Any:
        return Condition(self, ">=", symbolic(other))


def symbolic(x: Any) -> Symbol:
    """x as a symbol: a number becomes a constant."""
    return x if type(x) is Symbol else Symbol(value=number(x))


def partial_symbol(partial: Any) -> Symbol:
    """A local derivative as a symbol; None is a closed gate."""
    return Symbol(value=0.0, is_closed=True) if partial is None else symbolic(partial)


def partials_of(
    op: Op,
    operands: Sequence[Any] = (),
    y: Any = None,
    parameters: Mapping[str, Any] = NO_PARAMETERS,
    active: Sequence[bool] | None = None,
    *,
    textbook: bool = False,
) -> tuple[Symbol, ...] | None:
    """Return ∂y/∂operand of every active operand, as symbols; None if the row's partials cannot be evaluated on symbols.

    Without `operands`, in the row's own names; `textbook` takes the form that books give, where the row has one.
    """
    operands = tuple(operands) or tuple(map(Symbol, op.operands))
    y = Symbol(RESULT) if y is None else y
    try:
        if textbook and op.textbook is not None:
            return tuple([symbolic(partial(*operands, y)) for partial in op.textbook])
        return tuple(map(partial_symbol, op.local_derivatives(operands, y, parameters, active)))
    except NOT_FOR_SYMBOLS:
        return None


@functools.lru_cache(maxsize=256)
def places(count: int) -> tuple[Symbol, ...]:
    """Return symbols for the arguments of a row: `symbol.place` is the number of the argument, and its name."""
    return tuple([Symbol(str(place), place=place) for place in range(count)])


# ------------------------------------------------------------------------------------------------------------- walks


def in_order(expression: Any) -> list[Any]:
    """Return the nodes of a graph, or the symbols of an expression with those of its conditions, operands first."""
    if type(expression) is Value:
        return list(toposort(expression))
    order: dict[Symbol, None] = {}
    waiting: list[tuple[Symbol, bool]] = [(symbolic(expression), False)]
    while waiting:
        symbol, is_ready = waiting.pop()
        if is_ready:
            order[symbol] = None
        elif symbol not in order:
            waiting.append((symbol, True))
            waiting += [(part, False) for part in reversed(parts_of(symbol))]
    return list(order)


def parts_of(node: Any) -> tuple[Any, ...]:
    """Return the operands of a node or symbol, and before them the sides of its condition."""
    if type(node) is Symbol and node.condition is not None:
        return (node.condition.left, node.condition.right, *node.operands)
    return tuple(node.operands)


def size(symbol: Symbol) -> int:
    """Return the number of symbols in the expression, where what is shared counts at each use."""
    sizes: dict[Symbol, int] = {}
    for part in in_order(symbol):
        sizes[part] = 1 + sum(sizes[operand] for operand in part.operands)
    return sizes[symbol]


def is_dense(op: Op, count: int, parameters: Mapping[str, Any]) -> bool:
    """True if every partial mentions every operand (softmax does), so that printing all of them takes O(count²).

    Found on fewer operands: on twice as many, do the partials grow?
    """
    partials = [partials_of(op, places(few), None, parameters, [True] * few) for few in (6 + count % 2, 12 + count % 2)]
    return None in partials or len({max(map(size, found)) for found in partials if found is not None}) > 1
