"""Comparisons of nodes and of numbers that carry derivatives: they compare numbers, and note where a program may branch.

At equal numbers a program may take either branch, and so a higher derivative may have two sides: `MET` remembers that it happened.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from autograd.errors import OperandError

__all__ = ["MET", "Compared", "compared", "meet_kink"]

MET: ContextVar[tuple[object, object]] = ContextVar("met", default=(None, None))
"""Two objects, replaced when this thread or task meets a kink, or takes a derivative inside another call's function. A kink is a
point where a program may branch: equal numbers in a comparison, or the kink of a row in a second derivative. A call compares the
objects from before and after it."""


def meet_kink() -> None:
    MET.set((object(), MET.get()[1]))


def compared(relation: Callable[[Any, Any], Any], a: Any, b: Any) -> bool:
    """relation(a, b) of two numbers, as for floats; every comparison of a node or a dual number calls this."""
    try:
        if isinstance(b, (float, int)) and a == b:
            meet_kink()
        return relation(a, b)  # type: ignore[no-any-return]  # an array answers with an array
    except TypeError:
        raise OperandError(
            f"{b!r:.60} of type {type(b).__name__} has no order; a node is compared with nodes and plain numbers"
        ) from None


class Compared:
    """The six comparisons by data, and identity as the hash: sets and dictionaries hold nodes, equal data or not."""

    __slots__ = ()

    def comparand(self) -> Any:
        """The number that comparisons look at: a float, or a number of an older level."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return compared(operator.eq, self.comparand(), _comparand(other))

    def __ne__(self, other: object) -> bool:
        return compared(operator.ne, self.comparand(), _comparand(other))

    def __lt__(self, other: Any) -> bool:
        return compared(operator.lt, self.comparand(), _comparand(other))

    def __le__(self, other: Any) -> bool:
        number = self.comparand()
        if other is self:  # how a row asks for NaN: no choice between two sides
            return bool(number <= number)
        return compared(operator.le, number, _comparand(other))

    def __gt__(self, other: Any) -> bool:
        return compared(operator.gt, self.comparand(), _comparand(other))

    def __ge__(self, other: Any) -> bool:
        number = self.comparand()
        if other is self:
            return bool(number >= number)
        return compared(operator.ge, number, _comparand(other))

    __hash__ = object.__hash__


def _comparand(other: Any) -> Any:
    return other.comparand() if isinstance(other, Compared) else other
