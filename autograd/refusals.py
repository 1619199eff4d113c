"""The errors of a row: the call, its operands, and the cure.

The first argument `row` is an operation, an `Op`, which has these functions as methods.

    >>> from autograd.ops import log
    >>> log(-1.0)
    Traceback (most recent call last):
    autograd.errors.DomainError: log(-1.0): -1.0 is outside (0, inf); keep the operand inside
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd.errors import AutogradError, DeclarationError, DivisionError, DomainError, OperandError, RangeError, ours
from autograd.signatures import signature

__all__ = ["PartialFailure", "asked_of", "is_from_inside", "misuse", "partial_refusal", "refusal"]

SHOWN = 12  # operands that a message lists


class PartialFailure(NamedTuple):
    """The failure of a user's partial; a caller that knows the labels of the operands words it again with them."""

    operands: tuple[Any, ...]
    problem: str
    error: Exception | None  # what it raised, if it raised


def refusal(row: Any, error: Exception, data: tuple[float, ...], labels: Sequence[str]) -> Exception:
    """The exception for a value that could not be computed: the call, its operands, and the cure."""
    asked, named = asked_of(row, data), _labelled(data, labels)
    if isinstance(error, OverflowError):
        beyond = "the result is beyond the largest float, 1.8e308; scale the operands, or work with logarithms"
        return RangeError(f"{asked}{named}: {beyond}")
    for index, x in enumerate(data):
        if x not in row.domain_of(index):
            name = f"{labels[index]} = " if index < len(labels) and labels[index] else ""
            problem = f"{asked}: {name}{x!r} is outside {row.domain_of(index)}; keep the operand inside"
            return (DivisionError if isinstance(error, ZeroDivisionError) else DomainError)(problem)
    problem = f"{asked}{named}: {row.restriction or error}"
    return (DivisionError if isinstance(error, ZeroDivisionError) else DomainError)(problem)


def partial_refusal(row: Any, failure: PartialFailure, labels: Sequence[str] = ()) -> AutogradError:
    """The exception for a partial of a user's that could not be used: the operation, its operands, and the cure."""
    operands, problem, error = failure
    problem = f"{asked_of(row, operands)}{_labelled(operands, labels)}: {problem}"
    refusal = DeclarationError(problem) if error is None else ours(error, problem)
    refusal.failure = failure
    return refusal


def misuse(row: Any, arguments: tuple[Any, ...], error: TypeError) -> OperandError:
    """The refusal of arguments that do not fit `call` or `arrange`, the row's own function for calls; it shows the call."""
    names, options = signature(row.call) if row.call is not None else signature(row.arrange)
    if names == ["iterable"]:
        names = list(row.operands)  # `tuple` itself
    shown = ", ".join([*names[row.call is not None :], *(f"{name}=" for name in options)])
    asked = f"{row.__name__} is called {row.__name__}({shown})"
    if row.variadic and (is_from_inside(error) or "iter" in str(error) or error.__traceback__ is None):
        return OperandError(f"{asked} with a list of numbers and nodes: {error}; put the operands in one, [a, b]")
    problem = str(error).partition("() ")[2]  # after Python's name of the function: missing 1 required ... 'b'
    if not problem or problem.startswith("takes"):  # and counts an argument that users do not give
        problem = "not with 1 argument" if len(arguments) == 1 else f"not with {len(arguments)} arguments"
    return OperandError(f"{asked}: {problem}")


def is_from_inside(error: TypeError) -> bool:
    """True if the called function raised it; False if Python did, since the arguments do not fit the function."""
    return error.__traceback__ is not None and error.__traceback__.tb_next is not None


def asked_of(row: Any, operands: Sequence[Any]) -> str:
    """The call in a message; of many operands the first and the last."""
    shown = [f"{x!r:.60}" for x in (operands if len(operands) <= SHOWN else operands[: SHOWN - 1])]
    return f"{row.__name__}({', '.join(shown)}{f', …, {operands[-1]!r:.60}' if len(operands) > SHOWN else ''})"


def _labelled(data: Sequence[Any], labels: Sequence[str]) -> str:
    """The operands that have labels, for a message; the first few."""
    named = [f"{label} = {x!r:.60}" for label, x in zip(labels, data, strict=False) if label]
    return f": {', '.join(named[:SHOWN])}{', …' * (len(named) > SHOWN)}" if named else ""
