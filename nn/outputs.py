"""Inputs, outputs and targets of a model as sequences and plain numbers.

>>> from autograd import Value
>>> data_of(Value(2.0)), flattened([1.0, [2.0, [3.0]]]), plain([Value(1.0), 0])
(2.0, [1.0, 2.0, 3.0], [1.0, 0])
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd import Value
from autograd.ops import number

__all__ = ["data_of", "flattened", "is_traced", "plain", "sequence"]


def data_of(x: Any) -> float:
    """Return the data of a node, or a number as a float, or one of a function that is compiled; else raise an OperandError."""
    return x.data if type(x) is Value else x if type(x) is float or is_traced(x) else number(x)


def is_traced(x: Any) -> bool:
    """Return True for a number of a function that is compiled, which has no value yet."""
    return getattr(type(x), "is_traced", False)


def sequence(xs: Any) -> tuple[Any, ...]:
    """Return the items of an iterable, or a tuple of one for anything else."""
    return (xs,) if type(xs) is Value or not isinstance(xs, Iterable) else tuple(xs)


def plain(target: Any) -> Any:
    """Return a target as a constant: a number, or a list of them."""
    if type(target) is Value:
        return target.data
    return [plain(t) for t in target] if _is_list(target) else target


def flattened(outputs: Iterable[Any]) -> list[Any]:
    """Return the numbers and nodes in nested lists as one list; a string stays whole."""
    found: list[Any] = []
    for output in outputs:
        found += flattened(output) if _is_list(output) else [output]
    return found


def _is_list(x: Any) -> bool:
    return isinstance(x, Iterable) and not isinstance(x, (str, bytes))
