"""From the call of an operation to its operands and parameters: `elu(x, 0.5)`, `dot(ws=..., xs=...)`, `log(a, base)`.

The first argument `row` is an operation, an `Op`; `call` and `complete` are its methods.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from autograd import refusals
from autograd.domain import number, plain
from autograd.errors import AutogradError, OperandError
from autograd.signatures import REQUIRED, signature, takes_any_number

__all__ = ["NO_PARAMETERS", "call", "complete"]

NO_PARAMETERS: Mapping[str, Any] = MappingProxyType({})
NO_SEQUENCES = {str, bytes, bytearray, memoryview, dict}  # iterables that are no list of operands


def call(row: Any, *arguments: Any, **parameters: Any) -> Any:
    if len(arguments) == row.bare and not parameters:
        handler = getattr(type(arguments[0]), "__autograd_op__", None)  # as `apply` does, without a further call
        answer = NotImplemented if handler is None else handler(row, arguments, NO_PARAMETERS)
        return row.apply(arguments) if answer is NotImplemented else answer
    if row.variadic and not NO_SEQUENCES.isdisjoint(map(type, arguments[: row.count])):
        raise row.misuse(arguments, TypeError("text, bytes and mappings are no such list"))
    if row.call is not None:
        try:
            return row.call(row.apply, *arguments, **parameters)
        except TypeError as error:
            if isinstance(error, AutogradError) or (refusals.is_from_inside(error) and not row.variadic):
                raise
            _check_kinds(row, arguments, parameters)
            raise row.misuse(arguments, error) from (error if refusals.is_from_inside(error) else None)
    if len(arguments) != row.count >= 0 or (parameters and row.overload is not None):
        if row.overload is not None and _fits_overload(row, len(arguments), parameters):
            return row.overload(*arguments, **parameters)
        missing = row.names[len(arguments) :]
        by_name = not parameters.keys().isdisjoint(missing)
        if row.arrange is None or by_name or not arguments:
            arguments, parameters = _bound(row, arguments, parameters, missing)
    operands = arguments
    if row.arrange is not None:
        try:
            operands = row.arrange(*arguments)
        except TypeError as error:
            if isinstance(error, AutogradError):
                raise
            raise row.misuse(arguments, error) from (error if refusals.is_from_inside(error) else None)
    return row.apply(operands, parameters)


def _fits_overload(row: Any, count: int, parameters: Mapping[str, Any]) -> bool:
    names = signature(row.overload)[0]
    if takes_any_number(row.overload):
        return not parameters
    return count + len(parameters) == len(names) and parameters.keys() <= {*names[count:]}


def _or_more(row: Any) -> str:
    """The arguments of the overload, for a message."""
    return f" or ({', '.join(signature(row.overload)[0])})" if row.overload is not None and signature(row.overload)[0] else ""


def _check_kinds(row: Any, arguments: tuple[Any, ...], parameters: Mapping[str, Any]) -> None:
    """Refuse a parameter of the wrong kind that was given to a row with a `call`."""
    in_order = zip(signature(row.call)[0][1:], arguments, strict=False)
    for name, value in (*in_order, *parameters.items()):
        if name in row.kinds:
            _parameter(row, name, value)


def _bound(
    row: Any, arguments: tuple[Any, ...], parameters: Mapping[str, Any], missing: tuple[str, ...]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The public arguments in order and the parameters: operands given by keyword, or parameters given in order."""
    unknown = [name for name in parameters if name not in missing and name not in row.parameters]
    if unknown:
        takes = ", ".join([*row.names, *row.parameters])
        raise OperandError(f"{row.__name__} has no parameter {', '.join(unknown)} left; it takes {takes}{_or_more(row)}")
    if len(arguments) > row.count:  # elu(x, 0.5)
        return arguments[: row.count], {**_in_order(row, arguments[row.count :]), **parameters}
    lacking = [name for name in missing if name not in parameters]
    if lacking:
        takes = f"{_operands(row.count)} ({', '.join(row.names)}){_or_more(row)}, not {row.count - len(lacking)}"
        raise OperandError(f"{row.__name__} takes {takes}: {lacking[0]!r} is missing")
    rest = {name: value for name, value in parameters.items() if name not in missing}
    return (*arguments, *[parameters[name] for name in missing]), rest


def _in_order(row: Any, arguments: tuple[Any, ...]) -> dict[str, Any]:
    if len(arguments) > len(row.parameters):
        most = row.count + len(row.parameters)
        takes = f"at most {most} arguments" if row.parameters else f"{_operands(most)} ({', '.join(row.names)}){_or_more(row)}"
        raise OperandError(f"{row.__name__} takes {takes}, not {row.count + len(arguments)}")
    return dict(zip(row.parameters, arguments, strict=False))


def _operands(count: int) -> str:
    return "1 operand" if count == 1 else f"{count} operands"


def complete(row: Any, operands: Sequence[Any], parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters with their defaults; a TypeError if operands or parameters do not fit the row."""
    if not row.variadic and len(operands) != len(row.operands):
        raise OperandError(f"{row.__name__} takes {_operands(len(row.operands))} ({', '.join(row.operands)}), not {len(operands)}")
    if row.variadic and not operands:
        raise OperandError(f"{row.__name__} takes at least one operand; the sequence is empty")
    if not row.parameters and not parameters:
        return NO_PARAMETERS
    complete = {**row.parameters, **parameters}
    if len(complete) > len(row.parameters):
        unknown = ", ".join(sorted(set(parameters) - set(row.parameters)))
        takes = f"it has {', '.join(row.parameters) or 'none'}, and the operands {', '.join(row.names)}"
        raise OperandError(f"{row.__name__} has no parameter {unknown}; {takes}")
    for name, value in parameters.items():
        complete[name] = _parameter(row, name, value)
    missing = [name for name in row.required if complete[name] is REQUIRED]
    if missing:
        raise OperandError(f"{row.__name__} needs the parameter {missing[0]}=...")
    return complete


def _parameter(row: Any, name: str, value: Any) -> Any:
    """A parameter as the row takes it; an OperandError for what is not of its kind."""
    if hasattr(type(value), "__autograd_op__"):
        raise OperandError(f"{row.__name__}: the parameter {name} takes no gradient; give it a number, v.data")
    kind = row.kinds.get(name)
    if kind is None:
        return plain(value, f"{row.__name__}: {name}")
    try:
        return operator.index(value) if kind == "int" else number(value) if type(value) is not int else value
    except TypeError:
        wanted = "whole number" if kind == "int" else "number"
        raise OperandError(f"{row.__name__}: {name} = {value!r:.60} is no {wanted}; give it a {wanted}") from None
