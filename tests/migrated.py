"""Graphs that are written as programs for other libraries, and the running of such a program."""

from __future__ import annotations

from typing import Any

from examples import PUBLISHED, graph_of, operands_of, parameters_of, within

from autograd.ops import TABLE
from autograd.value import Value


def run(source: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(source, scope)
    return scope


def graphs() -> list[tuple[str, Value]]:
    """The published functions, and every row at an ordinary point."""
    found = [(case["name"], graph_of(case)[0]) for case in PUBLISHED if case["name"] != "chain 5000 adds"]
    for name, row in TABLE.items():
        start = within(row, 0.3)
        leaves = operands_of(row, lambda i, start=start: Value(start + 0.17 * i, f"x{i}"))
        found.append((name, row.apply(leaves, parameters_of(row))))
    return found
