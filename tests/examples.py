"""Graphs that several rooms are tested on."""

from __future__ import annotations

from autograd.value import Value


def lecture() -> Value:
    """L = d · f with d = a · b + c, as the core's docstring works it out."""
    a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    d = a * b + c
    d.label = "d"
    L = d * f
    L.label = "L"
    return L
