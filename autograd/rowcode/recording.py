"""The second door: a function whose source is not to be had is run on symbols, and the expression that it gives is taken.

That needs a function of a fixed number of operands that chooses with `where` alone. Code that compares for equality or catches
exceptions is refused, since on symbols it would take one way without an error.
"""

from __future__ import annotations

import dis
from collections.abc import Mapping, Sequence
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from autograd.ops import Op
from autograd.rowcode.form import FLOAT, GATE, Constant, Name, Unreadable
from autograd.rowcode.values import choice, compare, join, typed
from autograd.text.symbols import Condition, Symbol, partial_symbol

if TYPE_CHECKING:
    from autograd.rowcode.program import Program

__all__ = ["condition_of", "expression_of", "recorded"]

LONGEST = 400  # operations of an expression


def recorded(program: Program, row: Op, function: Any, operands: Sequence[Any], parameters: Mapping[str, Any]) -> Any:
    """The typed expression that a function of the row gives on these operands."""
    if row.variadic or row.takes_active or not isinstance(function, FunctionType) or _misleads(function.__code__):
        raise Unreadable(f"the source of {function.__name__} is not to be had")
    names = [f"operand {i}" for i in range(len(operands))]
    known = dict(zip(names, operands, strict=True)) | dict(parameters)
    try:
        result = partial_symbol(function(*map(Symbol, names), **{name: Symbol(name) for name in parameters}))
    except Exception as error:
        reason = f"on symbols it gives {type(error).__name__}: {error}"
        raise Unreadable(f"the source of {function.__name__} is not to be had, and {reason}") from None
    if _is_long(result):
        raise Unreadable(f"the expression of {row.__name__} is too long")
    return expression_of(program, result, known)


def expression_of(program: Program, symbol: Symbol, known: Mapping[str, Any]) -> Any:
    """A symbol as a typed expression over the names that are known."""
    if symbol.is_closed:
        return Constant(None, GATE)
    if symbol.op is None:
        return typed(symbol.value if symbol.value is not None else known.get(symbol.name, Name(symbol.name, FLOAT)))
    inner = [expression_of(program, operand, known) for operand in symbol.operands]
    condition = symbol.parameters.get("condition")
    if isinstance(condition, Condition):
        return choice(condition_of(program, condition, known), *inner)
    given = {k: expression_of(program, v, known) if isinstance(v, Symbol) else v for k, v in symbol.parameters.items()}
    operands = [join(inner)] if symbol.op.variadic else inner
    return typed(program.row(symbol.op, operands, given))


def condition_of(program: Program, condition: Condition, known: Mapping[str, Any]) -> Any:
    """A condition on symbols as a truth over the names that are known."""
    return compare(condition.relation, *[expression_of(program, side, known) for side in (condition.left, condition.right)])


def _is_long(symbol: Symbol) -> bool:
    """Whether the expression, written out, has more than LONGEST operations."""
    waiting, count = [symbol], 0
    while waiting and count <= LONGEST:
        part, count = waiting.pop(), count + 1
        condition = part.parameters.get("condition")
        waiting += [*part.operands, *((condition.left, condition.right) if isinstance(condition, Condition) else ())]
    return count > LONGEST


def _misleads(code: CodeType) -> bool:
    """Whether code compares for equality or catches exceptions: on symbols neither says anything."""
    steps = [(step.opname, step.argrepr) for step in dis.get_instructions(code)]
    misleading = any(
        name in ("CONTAINS_OP", "IS_OP") or (name == "COMPARE_OP" and sign[:2] in ("==", "!=")) for name, sign in steps
    )
    return misleading or bool(code.co_exceptiontable) or any(_misleads(c) for c in code.co_consts if isinstance(c, CodeType))
