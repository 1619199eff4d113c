"""The exceptions of the engine: each subclasses the built-in one a caller would catch, and its message ends with the cure.

Nothing here is imported from the rest of the package, so every room can raise.
"""

from __future__ import annotations

import operator
from typing import Any

__all__ = [
    "AnomalyError",
    "AutogradError",
    "DeclarationError",
    "DivisionError",
    "DomainError",
    "GraphSizeError",
    "MissingExtraError",
    "ModeError",
    "OperandError",
    "OptionError",
    "RangeError",
    "ReadOnlyError",
    "RenderError",
    "SeriesError",
    "StaleGraphError",
]

DISTRIBUTION = "scalar-autograd"  # the name pip knows; `autograd` there is another project


class AutogradError(Exception):
    """The base of all of them: `except AutogradError` catches what this engine refuses, and nothing else."""

    failure: Any = None  # what an operation of a user's own did wrong: a PartialFailure, where it is one of those


class DomainError(AutogradError, ValueError):
    """An operand lies where the function has no real value: log(-1), sqrt(-1), a pole of gamma."""


class DivisionError(AutogradError, ZeroDivisionError):
    """A division by zero: x / 0, reciprocal(0), 0 ** -1."""


class RangeError(AutogradError, OverflowError):
    """A result beyond the largest float, where Python's `math` raises too: exp(710), gamma(172)."""


class OperandError(AutogradError, TypeError):
    """Something that is neither a node nor a number, or a node where its gradient would be lost."""


class OptionError(AutogradError, ValueError):
    """An option that is none of those there are: a style that is not known, a number of lines below 0."""


class DeclarationError(AutogradError, TypeError):
    """A row of the table of operations that is incomplete or contradicts itself."""


class ReadOnlyError(AutogradError, AttributeError):
    """An assignment to a result of an operation: operands, local derivatives, the data of an interior node."""


class AnomalyError(AutogradError, FloatingPointError):
    """The first value or adjoint that is not finite, met under `detect_anomaly()`.

    `brief` is the message without the places in a program that made the nodes.
    """

    brief = ""


class GraphSizeError(AutogradError, ValueError):
    """A graph too large for what was asked of it, such as a readable picture."""


class ModeError(AutogradError, TypeError):
    """A request that a mode cannot answer: forward mode through a `custom_vjp`, or a hook where there is no graph."""


class RenderError(AutogradError, RuntimeError):
    """A picture that could not be made here."""


class SeriesError(AutogradError, ArithmeticError):
    """A function that has no one-sided series of powers and logarithms at a point, or not in the orders that are tried."""


class StaleGraphError(AutogradError, RuntimeError):
    """A graph whose leaves were set to other data since it was made, asked for something that would mix old and new."""


class MissingExtraError(AutogradError, ImportError):
    """An optional library that is not installed; the message gives the command that installs it."""

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(f"this needs {library}, which is not installed: pip install '{DISTRIBUTION}[{extra}]'", name=library)


_OURS: dict[type, type[AutogradError]] = {
    ZeroDivisionError: DivisionError, OverflowError: RangeError, ValueError: DomainError, TypeError: OperandError,
}  # fmt: skip


def ours(error: Exception, message: str) -> AutogradError:
    """An AutogradError with this message that is also of the built-in class of `error`, so that who catches one catches both."""
    if isinstance(error, AutogradError) and not hasattr(type(error).__init__, "__code__"):
        return type(error)(message)
    kind = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins" and not issubclass(kind, UnicodeError))
    if kind not in _OURS:
        methods = {"__str__": Exception.__str__, "__reduce__": lambda self: (ours, (kind(), str(self)))}
        _OURS[kind] = type(kind.__name__, (AutogradError, kind), methods)
    return _OURS[kind](message)


def whole(option: str, x: Any, least: int) -> int:
    """The option as an int; what is no whole number, or is smaller than the least, is refused with an OptionError."""
    try:
        n = operator.index(x)
    except TypeError:
        n = least - 1
    if n < least:
        raise OptionError(f"{option}={x!r:.60}: give a whole number, {least} or more")
    return n
