"""The numbers an operand may be: what counts as a number, and the intervals where operations are defined.

>>> number(True), 0.0 in POSITIVE, 5e-324 in POSITIVE
(1.0, False, True)
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from numbers import Complex, Real
from typing import Any

from autograd.errors import DeclarationError, OperandError, RangeError
from autograd.special import INF

__all__ = ["FINITE", "NONNEGATIVE", "NONZERO", "POSITIVE", "REAL", "Domain", "number", "plain"]


class Domain:
    """The floats an operand may take: an interval, less isolated poles.

    >>> Domain("(0, inf)"), 0.0 in Domain("(0, inf)"), 5e-324 in Domain("(0, inf)")
    (Domain('(0, inf)'), False, True)
    """

    __slots__ = ("high", "is_pole", "low", "text")

    def __init__(self, interval: str, *, poles: str = "", is_pole: Callable[[float], bool] | None = None) -> None:
        match = re.fullmatch(r"([\[(])(\S+), (\S+)([\])])", interval)
        if match is None or bool(poles) != bool(is_pole):
            raise DeclarationError(f"Domain({interval!r}): write an interval such as '(0, inf)' or '[-1, 1]'; poles with is_pole")
        opening, low, high, closing = match.groups()
        # The bounds are kept as the smallest and the largest float inside.
        self.low = float(low) if opening == "[" else math.nextafter(float(low), INF)
        self.high = float(high) if closing == "]" else math.nextafter(float(high), -INF)
        interval = interval.replace("[-inf", "(-inf").replace("inf]", "inf)")  # as books write it, infinity inside or not
        self.text = f"{interval} without {poles}" if poles else interval
        self.is_pole = is_pole

    def __contains__(self, x: float) -> bool:
        return x != x or (self.low <= x <= self.high and not (self.is_pole is not None and self.is_pole(x)))

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Domain({self.text!r})"


REAL = Domain("[-inf, inf]")
FINITE = Domain("(-inf, inf)")
POSITIVE = Domain("(0, inf]")
NONNEGATIVE = Domain("[0, inf]")
NONZERO = Domain("[-inf, inf]", poles="0", is_pole=lambda x: x == 0.0)


def number(x: Any) -> float:
    """x as a float, for what `float()` turns into one without losing meaning; a TypeError or OverflowError otherwise."""
    if type(x) is float:
        return x
    try:
        if type(x) is int:
            return float(x)
        if isinstance(x, (str, bytes, bytearray)) or getattr(x, "ndim", 0) != 0:
            cure = "; convert it, or take its elements one by one"
            raise OperandError(f"a number is needed, not {x!r:.60} of type {type(x).__name__}{cure}")
        if isinstance(x, Complex) and not isinstance(x, Real):  # numpy's would drop the imaginary part with no more than a warning
            raise TypeError
        converted = float(x)
    except TypeError as error:
        if isinstance(error, OperandError):
            raise
        raise OperandError(f"a number is needed, not {x!r:.60} of type {type(x).__name__}") from None
    except OverflowError:
        raise RangeError(f"a number of type {type(x).__name__} is beyond the largest float, 1.8e308; scale it first") from None
    if math.isinf(converted) and converted != x:
        raise RangeError(f"{x!r:.60} is beyond the largest float, 1.8e308; scale it first")
    return converted


PLAIN = (type(None), bool, int, float, complex, str, bytes)


def plain(x: Any, name: str) -> Any:
    """A parameter as a node keeps it: data that can never refer back to the node. An OperandError for anything else."""
    try:
        if type(x) is tuple:
            return tuple([plain(part, name) for part in x])
        if type(x) in PLAIN:
            return x
        return str.__str__(x) if isinstance(x, str) else operator.index(x) if hasattr(x, "__index__") else number(x)
    except TypeError:
        wanted = "None, a truth value, a number, str, bytes or a tuple of these"
        raise OperandError(f"{name} = {x!r:.60} is kept in the graph, so it must be {wanted}") from None
