"""Graphs that several rooms are tested on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd.ops import Op
from autograd.value import Value


def lecture() -> Value:
    """L = d · f with d = a · b + c, as the core's docstring works it out."""
    a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    d = a * b + c
    d.label = "d"
    L = d * f
    L.label = "L"
    return L


def same(found: Iterable[Any], *expected: Any) -> bool:
    """Whether these are the very nodes expected, in order; `==` would ask for no more than equal data."""
    found = list(found)
    pairs = zip(found, expected, strict=False)
    return len(found) == len(expected) and all(a is b if isinstance(b, Value) else a == b for a, b in pairs)


def within(row: Op, x: float, operand: int = 0) -> float:
    """x, or what is made of it simply, such that it is in the row's domain."""
    return next(a for a in (x, x / 4, x + 1.25, -x) if a in row.domain_of(operand))
