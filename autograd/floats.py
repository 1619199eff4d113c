"""The table's expressions on floats: the same functions with other global names, so that no call is dispatched.

A partial such as `lambda a, y: 2 * square(a)` builds a graph on nodes, since `square` is an operation. `on_floats` returns the
same function with the globals `FLOATS`, where `square` is a function of floats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

__all__ = ["FLOATS", "OWN", "begin_table", "end_table", "expression", "expression_or", "on_floats", "public_on_floats"]

FLOATS: dict[str, Any] = {"CLOSED": None}
"""The globals of the table's expressions on floats: the name of a row is bound to its function of floats."""


class _OwnTable:
    """The module of the table's own rows: its names, and whether it is still being run."""

    names: Mapping[str, Any] = {}
    is_loading = False


OWN = _OwnTable()


def public_on_floats(row: Any) -> Callable[..., Any]:
    """The public function of the row on floats alone, with no dispatch."""
    value: Callable[..., Any] = row.value
    arrange, call = row.arrange, row.call
    if call is not None:
        apply = (
            (lambda xs, parameters: value(xs, **parameters)) if row.variadic else (lambda xs, parameters: value(*xs, **parameters))
        )
        return lambda *arguments, **parameters: call(apply, *arguments, **parameters)
    if arrange is not None:
        return lambda *arguments, **parameters: value(arrange(*arguments), **parameters)
    return value


def on_floats(expression: Callable[..., Any]) -> Callable[..., Any]:
    # Elsewhere a name may be bound again after the declaration, so expressions of other modules keep their own names.
    if not isinstance(expression, FunctionType) or expression.__globals__ is not OWN.names:
        return expression
    if hasattr(expression, "on_floats"):
        return on_floats(expression.on_floats)
    rebound = FunctionType(expression.__code__, FLOATS, expression.__name__, expression.__defaults__, expression.__closure__)
    rebound.__kwdefaults__ = expression.__kwdefaults__
    return rebound


def expression(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a helper that partials of the table call, so that it too runs on floats without dispatch."""
    FLOATS[function.__name__] = on_floats(function)
    return function


def expression_or(value: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark such a helper that has a simpler or faster form on floats: `value` replaces it there, in C and in JavaScript."""

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        function.on_floats = value  # type: ignore[attr-defined]  # the reader of rows looks for it
        FLOATS[function.__name__] = on_floats(function)
        return function

    return mark


def begin_table(names: dict[str, Any]) -> None:
    """From here on, rows belong to the table's own module; `names` are its globals."""
    OWN.names, OWN.is_loading = names, True


def end_table() -> None:
    """From here on, rows are a user's. All other names in the table's expressions keep their meaning on floats."""
    FLOATS.update({name: thing for name, thing in OWN.names.items() if name not in FLOATS})
    OWN.is_loading = False
