"""The second door: a function whose source is not to be had is run on symbols, and the expression that it gives is taken.

That needs a function of a fixed number of operands that chooses with `where` alone. Code that compares for equality or catches
exceptions is refused, since on symbols it would take one way without an error.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator, Mapping, Sequence
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from autograd.ops import Op
from autograd.rowcode.form import FLOAT, GATE, Constant, Name, Unreadable
from autograd.rowcode.values import choice, compare, join, typed
from autograd.text.symbols import Condition, Symbol, partial_symbol

if TYPE_CHECKING:
    from autograd.rowcode.program import Program

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
    return expression_of(program, result, known, iter(range(LONGEST)))


def expression_of(program: Program, symbol: Symbol, known: Mapping[str, Any], turns: Iterator[int]) -> Any:
    """A symbol as a typed expression over the names that are known, with at most so many operations as there are turns."""
    if next(turns, None) is None:
        raise Unreadable("an expression that is too long")
    if symbol.is_closed:
        return Constant(None, GATE)
    if symbol.op is None:
        return typed(symbol.value if symbol.value is not None else known.get(symbol.name, Name(symbol.name, FLOAT)))
    inner = [expression_of(program, operand, known, turns) for operand in symbol.operands]
    condition = symbol.parameters.get("condition")
    if isinstance(condition, Condition):
        return choice(condition_of(program, condition, known, turns), *inner)
    given = {k: expression_of(program, v, known, turns) if isinstance(v, Symbol) else v for k, v in symbol.parameters.items()}
    return typed(program.row(symbol.op, [join(inner)] if symbol.op.variadic else inner, given))


def condition_of(program: Program, condition: Condition, known: Mapping[str, Any], turns: Iterator[int] | None = None) -> Any:
    """A condition on symbols as a truth over the names that are known."""
    turns = iter(range(LONGEST)) if turns is None else turns
    return compare(condition.relation, *[expression_of(program, x, known, turns) for x in (condition.left, condition.right)])


def _misleads(code: CodeType) -> bool:
    """Whether code compares for equality or catches exceptions, which symbols cannot answer."""
    steps = [(step.opname, step.argrepr) for step in dis.get_instructions(code)]
    misleading = any(
        name in ("CONTAINS_OP", "IS_OP") or (name == "COMPARE_OP" and sign[:2] in ("==", "!=")) for name, sign in steps
    )
    return misleading or bool(code.co_exceptiontable) or any(_misleads(c) for c in code.co_consts if isinstance(c, CodeType))
