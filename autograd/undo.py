"""Putting attributes of nodes back to what they were: all of them or none, even if Ctrl-C interrupts again and again.

    undo = restoring(GRAD, nodes)
    try:
        ...
    except BaseException:
        exhaust(undo)
        raise

Python delivers a signal between two steps of Python code, never inside a function written in C; `undo` is made of such functions,
and so `exhaust(undo)` cannot be a method of a context manager written in Python.
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

__all__ = ["exhaust", "restoring", "set_all"]

exhaust = deque[None](maxlen=0).extend
"""Go through an iterator and keep nothing."""


def restoring(slot: Any, objects: Sequence[Any]) -> Iterator[None]:
    """An iterator that sets this slot of the objects to what it is now, once `exhaust` goes through it."""
    return map(slot.__set__, objects, list(map(operator.attrgetter(slot.__name__), objects)))


def set_all(slot: Any, objects: Iterable[Any], values: Iterable[Any]) -> None:
    """Set this slot of the objects to these values: all of them or none."""
    exhaust(map(slot.__set__, objects, values))
