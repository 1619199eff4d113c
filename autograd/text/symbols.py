"""Symbols: the fourth thing that the table's expressions are evaluated on, after floats, nodes and dual numbers.

A row applied to symbols gives an expression, a tree of rows over names and numbers, which can then be written in any
language: as a formula, as LaTeX, as the code of a page or of a kernel.

    >>> from autograd import ops
    >>> a, y = Symbol("a"), Symbol("y")
    >>> slope_of(ops.tanh)[0]
    sech(a) ** 2
    >>> slope_of(ops.relu)[0]
    where(a > 0.0, 1.0, where(a <= 0.0, 0.0, nan))

A comparison of symbols is a `Condition`, which `where` keeps as it is: both branches become part of the expression. That is why
the partials of the table choose with `where` and never with `if`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, final

from autograd import ops
from autograd.calls import NO_PARAMETERS
from autograd.errors import OperandError
from autograd.operation import ATOM, UNARY
from autograd.operators import Operators
from autograd.ops import Op, number

__all__ = ["Condition", "Symbol", "partial_symbol", "slope_of", "symbolic"]


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
        """where(self, a, b), with both branches; None is a closed gate."""
        return Symbol(op=ops.where, operands=(partial_symbol(a), partial_symbol(b)), parameters={"condition": self})

    def __repr__(self) -> str:
        return f"{self.left!r} {self.relation} {self.right!r}"


@final
class Symbol(Operators, _Comparable):
    """A name, a number, or an operation applied to symbols."""

    __slots__ = ("is_closed", "name", "op", "operands", "parameters", "value")

    def __init__(
        self,
        name: str = "",
        *,
        value: float | None = None,
        op: Op | None = None,
        operands: tuple[Symbol, ...] = (),
        parameters: Mapping[str, Any] = NO_PARAMETERS,
        is_closed: bool = False,
    ) -> None:
        self.name, self.value, self.op, self.operands, self.parameters = name, value, op, operands, parameters
        self.is_closed = is_closed  # a closed gate: it is written as 0, and nothing flows through it

    @staticmethod
    def __autograd_op__(op: Op, operands: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        return Symbol(op=op, operands=tuple(map(symbolic, operands)), parameters=op.complete(operands, parameters))

    def __repr__(self) -> str:
        if self.value is not None:
            return repr(self.value)
        if self.op is None:
            return self.name
        parts = [_in_brackets(operand, self.op, place) for place, operand in enumerate(self.operands)]
        names = (
            dict(zip(self.op.operands, parts, strict=False)) if not self.op.variadic else {self.op.operands[0]: ", ".join(parts)}
        )
        return self.op.spell({**names, **{name: repr(value) for name, value in self.parameters.items()}})

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


def slope_of(
    op: Op,
    operands: Sequence[Symbol] = (),
    y: Symbol | None = None,
    *,
    textbook: bool = False,
    parameters: Mapping[str, Any] = NO_PARAMETERS,
) -> tuple[Symbol, ...]:
    """∂y/∂operand for every operand as symbols, in the row's own names if none are given; `textbook` takes the books' form."""
    names = tuple(operands) or tuple([Symbol(name) for name in op.operands])
    result = Symbol("y") if y is None else y
    if textbook and op.textbook is not None:
        partials: Sequence[Any] = [partial(*names, result) for partial in op.textbook]
    else:
        partials = op.local_derivatives(names, result, parameters)
    return tuple(map(partial_symbol, partials))


def _in_brackets(operand: Symbol, user: Op, place: int) -> str:
    """The operand as it is written inside an operation: in brackets where it binds less tightly, or as tightly but on the right."""
    written = repr(operand)
    while operand.op is ops.identity:  # which leaves no trace in what is written
        (operand,) = operand.operands
    if user.precedence == ATOM:
        return written
    inner = UNARY if written.startswith("-") else ATOM if operand.op is None else operand.op.precedence
    return f"({written})" if inner < user.precedence or (inner == user.precedence and place > 0) else written
