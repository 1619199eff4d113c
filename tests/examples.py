"""Graphs that several rooms are tested on."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograd import AnomalyError, ops
from autograd.ops import TABLE, Op
from autograd.value import Value

PUBLISHED = json.loads((Path(__file__).parent / "data" / "published.json").read_text(encoding="utf-8"))["cases"]
CASES = [pytest.param(case, id=case["name"]) for case in PUBLISHED]
ROWS = [pytest.param(row, id=name) for name, row in list(TABLE.items())]
FREE = {"condition": True, "k": 1, "target": 0, "n": 1}


def lecture() -> Value:
    """L = d · f with d = a · b + c, as the core's docstring works it out."""
    a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    d = a * b + c
    d.label = "d"
    L = d * f
    L.label = "L"
    return L


def baydin() -> Value:
    x1, x2 = Value(2.0, "x1"), Value(5.0, "x2")
    y: Value = ops.log(x1) + x1 * x2 - ops.sin(x2)
    y.label = "y"
    return y


def gated() -> Value:
    """A closed gate, and before it nodes that nothing reaches."""
    x = Value(3.0, "x")
    y: Value = ops.relu(x * x - 20) + x
    y.label = "y"
    return y


def same(found: Iterable[Any], *expected: Any) -> bool:
    """Whether these are the very nodes expected, in order; `==` would ask for no more than equal data."""
    found = list(found)
    pairs = zip(found, expected, strict=False)
    return len(found) == len(expected) and all(a is b if isinstance(b, Value) else a == b for a, b in pairs)


def within(row: Op, x: float, operand: int = 0) -> float:
    """x, or what is made of it simply, such that it is in the row's domain."""
    return next(a for a in (x, x / 4, x + 1.25, -x) if a in row.domain_of(operand))


def graph_of(case: dict[str, Any]) -> tuple[Value, list[Value]]:
    """The graph of a published function and its leaves."""
    scope: dict[str, Any] = {}
    exec(case["source"], scope)
    x = [Value(float.fromhex(text), name) for text, name in zip(case["x_hex"], case["names"], strict=True)]
    return scope["f"](x, SimpleNamespace(**TABLE, pi=math.pi)), x


def operands_of(row: Op, make: Any) -> tuple[Any, ...]:
    count = len(row.operands) if not row.variadic else 5 if row.__name__ == "affine" else 4
    return tuple([make(i) for i in range(count)])


def parameters_of(row: Op) -> dict[str, Any]:
    return {name: FREE.get(name, default) for name, default in row.parameters.items()}


def of_row(row: Op) -> Value:
    """The row on leaves in its domain, x0, x1, ..."""
    start = within(row, 0.3)
    root: Value = row.apply(operands_of(row, lambda i: Value(start + 0.125 * i, f"x{i}")), parameters_of(row))
    return root


def found() -> tuple[bool, bool]:
    """(whether operations are recorded, whether anomalies are detected), as an operation shows it."""
    recorded = bool((Value(2.0) * 3.0).operands)
    try:
        ops.square(Value(1e200))
    except AnomalyError:
        return recorded, True
    return recorded, False
