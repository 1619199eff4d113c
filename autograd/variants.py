"""Rows that are in no table: a row with another value or other partials, and a user's function with a rule of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.declaration import listed
from autograd.errors import DeclarationError
from autograd.operation import ATOM, CLOSED, Op, escaped, rule_of
from autograd.signatures import asks_active
from autograd.table import TABLE

__all__ = ["unlisted", "variant"]


def variant(row: Op, *, value: Callable[..., float] | None = None, partials: Any = ()) -> Op:
    """A row with another value or other partials, in no table; `modes.replaced` can put it in the row's place.

    `partials` is a tuple with one partial for each operand, None where the row's own stays; for an n-ary row, one function.

    >>> from autograd.modes import replaced
    >>> from autograd.ops import square
    >>> with replaced({square: variant(square, partials=(lambda a, y: a,))}):
    ...     square.local_derivatives((3.0,), 9.0)
    (3.0,)
    """
    if partials and not row.variadic and len(partials) != len(row.operands):
        count, names = len(row.operands), ", ".join(row.operands)
        needed = f"{count} operands ({names}) need {count} partials, not {len(partials)}"
        raise DeclarationError(f"a variant of {row.__name__}: {needed}")
    other = Op()
    vars(other).update(vars(row))
    other.value, other.listed = value or row.value, False
    for field, made in (("partials", _as_it_is), ("_rebound", none_if_closed)) if partials else ():
        kept = getattr(row, field)
        merged = () if row.variadic else [old if p is None else made(p) for p, old in zip(partials, kept, strict=True)]
        setattr(other, field, made(partials) if row.variadic else tuple(merged))
    other.takes_active = any(asks_active(p) for p in listed(other.partials) if type(p) is not float)
    other.plain = row.variadic and not row.parameters and not other.takes_active
    other.rule = rule_of(other)
    return other


def _as_it_is(partial: Any) -> Any:
    return partial


def none_if_closed(partial: Any) -> Any:
    """The partial with None for `CLOSED`, as a row has it on floats."""

    def on_floats(*arguments: Any, **parameters: Any) -> Any:
        slopes = partial(*arguments, **parameters)
        if type(slopes) is tuple:
            return tuple([None if slope is CLOSED else slope for slope in slopes])
        return None if slopes is CLOSED else slopes

    return on_floats if callable(partial) else partial


def unlisted(name: str, value: Callable[..., float], partials: Callable[..., Sequence[Any]]) -> Op:
    """A row in no table, on any number of operands: a user's function whose rule is no expression over rows.

    `partials(operands, y, *, active)` gives one for each operand; those of operands that are not active may be anything.
    """
    row = Op()
    vars(row).update(vars(TABLE["sum"]))  # the simplest row of this kind
    spelling = rf"\operatorname{{{escaped(name)}}}\left(<{row.operands[0]}>\right)"
    vars(row).update(
        __name__=name, __doc__=f"{name}, a function with a rule of its own.", value=value, partials=partials, on_floats=value,
        _rebound=partials, symbol=name, text=f"{name}(<{row.operands[0]}>)", latex=spelling, precedence=ATOM, kinks=(),
        decomposition=None, textbook=None, takes_active=True, plain=False, listed=False, trusted=True, empty=None,
    )  # fmt: skip
    row.rule = rule_of(row)
    return row
