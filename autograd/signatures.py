"""The arguments of a function that declares a row: names, kinds and defaults, without `inspect`, which is slow to import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType, MappingProxyType
from typing import Any

__all__ = ["REQUIRED", "asks_active", "set_arguments", "signature", "takes_any_number"]

REQUIRED: Any = type("REQUIRED", (), {"__repr__": lambda self: "..."})()  # the default of a parameter that has none
CO_VARARGS = 4  # as `inspect` has it


def signature(function: Any) -> tuple[list[str], dict[str, Any]]:
    """The names of the positional arguments, and the keyword-only ones with their defaults."""
    if not isinstance(function, FunctionType):
        import inspect  # slow to import, and the table itself does without

        parameters = inspect.signature(function).parameters.values()
        keywords = {p.name: REQUIRED if p.default is p.empty else p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        return [p.name for p in parameters if p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD)], keywords
    code, defaults = function.__code__, function.__kwdefaults__ or {}
    split, end = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
    return list(code.co_varnames[:split]), {name: defaults.get(name, REQUIRED) for name in code.co_varnames[split:end]}


def kinds(value: Any, parameters: Mapping[str, Any]) -> dict[str, str]:
    """The kind of each checked parameter: as the value annotates it, or "float" if its default is a number."""
    hints = {name: kind if isinstance(kind, str) else getattr(kind, "__name__", "") for name, kind in _annotations(value).items()}
    known = {name: hints.get(name, "float" if type(default) in (float, int) else "") for name, default in parameters.items()}
    return {name: kind for name, kind in known.items() if kind in ("float", "int")}


def _annotations(function: Any) -> Mapping[str, Any]:
    return getattr(function, "__annotations__", None) or {}


def set_arguments(row: Any, value: Any, partials: tuple[Any, ...]) -> None:
    """Set the fields of a row, an `Op`, that its value and partials determine: operands, parameters, how it may be called."""
    functions = [p for p in partials if type(p) is not float]
    row.variadic = callable(row.partials)
    row.arrange = row.arrange or (tuple if row.variadic else None)
    row.parameters = MappingProxyType(signature(value)[1] if isinstance(value, FunctionType) else {})
    row.required = tuple([name for name, default in row.parameters.items() if default is REQUIRED])
    row.operands = operands_of(value, functions, row.variadic, len(partials))
    row.kinds = kinds(value, row.parameters)
    row.names = row.operands if row.arrange in (None, tuple) else tuple(signature(row.arrange)[0])
    row.count = -1 if takes_any_number(row.arrange) else len(row.names)
    row.takes_active = any(map(asks_active, functions))
    row.plain = row.variadic and not row.parameters and not row.takes_active
    takes_more = row.variadic or row.parameters or row.arrange or row.call
    row.bare = -1 if takes_more else len(row.operands)


def takes_any_number(arrange: Any) -> bool:
    return isinstance(arrange, FunctionType) and bool(arrange.__code__.co_flags & CO_VARARGS)


def operands_of(value: Callable[..., float], functions: list[Any], variadic: bool, count: int) -> tuple[str, ...]:
    """The operands' names: those of a partial before y, unless the value, if it is Python, has another number of them."""
    own = tuple(signature(value)[0]) if isinstance(value, FunctionType) else ()
    if variadic or not functions or not isinstance(functions[0], FunctionType):
        return own or tuple("abcdefgh"[:count])
    written = tuple(signature(functions[0])[0][:-1])
    return own if own and len(own) != len(written) else written


def asks_active(partial: Any) -> bool:
    return callable(partial) and "active" in signature(partial)[1]
