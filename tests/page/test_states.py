"""What a page says of an edge after a slider has moved: what Python says of that graph computed afresh, word for word."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd import graph, ops
from autograd.ops import CLOSED, TABLE, Op, op
from autograd.page import to_html
from autograd.show import tape
from autograd.text.rules import cases
from autograd.value import Value

Browse = Callable[..., Any]

POOL = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 5.0, 100.0, 101.0, -5000.0, -5001.0, 0.01, -0.1, -0.2, -0.3)
SAID = """JSON.stringify(steps.map((step) => { const { words, formula } = stated(step); return [words, filled(formula)]; }))"""


def said(page: Any) -> list[list[str]]:
    found: list[list[str]] = json.loads(page.evaluate(SAID))
    return found


def expected(root: Value, values: dict[Value, float]) -> list[list[str]]:
    """Python's own sentences, without the leaves."""
    return [[step.words(), step.formula()] for step in tape.record(graph.replay(root, values)) if step.kind != "leaf"]


def assert_says_the_same(page: Any, root: Value, values: dict[Value, float]) -> None:
    page.evaluate("moves => moves.forEach(([name, x]) => autograd.set(name, x))", [[leaf.label, x] for leaf, x in values.items()])
    for found, wanted in zip(said(page)[2:-1], expected(root, values), strict=True):
        assert found == wanted


class Term:
    """A row on leaves and constants, and other numbers for its leaves at which it has a value."""

    def __init__(self, row: Op, rng: random.Random, name: str) -> None:
        self.row, self.rng = row, rng
        count = rng.choice([1, 2, 3]) if row.variadic else len(row.operands)
        count += count % 2 if row.__name__ in ODD else 0
        self.leaves = [Value(rng.choice(POOL), f"{name}_{place}") for place in range(count)]
        self.arguments: list[Any] = list(self.leaves)
        for place in range(count):
            chosen = rng.random()
            if count > 1 and place and chosen < 0.3:
                self.arguments[place] = rng.choice(POOL)  # a constant
            elif count > 1 and place and chosen < 0.4:
                self.arguments[place] = self.leaves[0]  # the same node twice
        self.parameters = {name: rng.choice([0, 1]) for name in row.required}
        self.node: Value | None = None
        for _ in range(60):
            numbers = {leaf: self.draw() for leaf in self.leaves}
            if self.applied(numbers) is not None:
                for leaf, x in numbers.items():
                    leaf.data = x
                self.node = self.applied({})
                break

    def draw(self) -> float:
        return self.rng.choice([self.rng.choice(POOL), round(self.rng.uniform(-4, 4), 2)])

    def applied(self, numbers: dict[Value, float]) -> Value | None:
        swapped = {leaf: Value(x) for leaf, x in numbers.items()}
        arguments = tuple([swapped.get(a, a) if type(a) is Value else a for a in self.arguments])
        try:
            node: Value = self.row.apply(arguments, self.parameters)
        except (ValueError, ArithmeticError, LookupError):
            return None
        return node

    def moved(self) -> dict[Value, float]:
        used = [leaf for leaf in self.leaves if any(leaf is a for a in self.arguments)]
        numbers = {leaf: self.draw() for leaf in used}
        return numbers if self.applied(numbers) is not None else {leaf: leaf.data for leaf in used}


ODD = {row.__name__ for row in TABLE.values() if row.variadic and len(row.operands) == 2}  # as many of each


def terms(rng: random.Random) -> list[Term]:
    every = [Term(row, rng, f"{name}{place}") for place, (name, row) in enumerate(TABLE.items())]
    return [term for term in every if term.node is not None]


@pytest.mark.parametrize("seed", range(4))
def test_what_the_page_says_is_what_python_says_of_the_graph_computed_afresh(seed: int, browse: Browse, tmp_path: Path) -> None:
    rng = random.Random(seed)
    every = terms(rng)
    for start in range(0, len(every), 25):
        part = every[start : start + 25]
        weights = [Value(rng.choice([1.0, -2.0, 0.5]), f"weight{start}_{place}") for place in range(len(part))]
        root = ops.sum([term.node * weight for term, weight in zip(part, weights, strict=True) if term.node is not None])
        to_html(root, tmp_path / "page.html", max_nodes=1000)
        page = browse(tmp_path / "page.html")
        assert_says_the_same(page, root, {})
        for _ in range(6):
            values = {leaf: x for term in part for leaf, x in term.moved().items()}
            assert_says_the_same(page, root, values)


@pytest.mark.parametrize(
    ("make", "before", "after"),
    [
        (lambda x: ops.clamp(x, 3.0, 5.0), 0.0, 4.0),
        (lambda x: ops.clamp(x, -0.3, -0.1), 0.0, -0.2),
        (lambda x: ops.max(x, 100.0), 0.0, 101.0),
        (lambda x: ops.min(x, -5000.0), 0.0, -5001.0),
        (lambda x: ops.max(x, x * x), 0.5, 1.0),
        (lambda x: ops.relu(ops.relu(x - 1000.0)), 0.0, 2000.0),
        (lambda x: x * x * x, 2.0, float("inf")),
        (lambda x: ops.sqrt(x) * ops.sqrt(x), 1.0, 0.0),
    ],
)
def test_a_gate_far_from_the_recorded_numbers_is_known_to_open(
    make: Any, before: float, after: float, browse: Browse, tmp_path: Path
) -> None:
    x, w = Value(before, "x"), Value(2.0, "w")
    root = make(x) * w
    to_html(root, tmp_path / "page.html")
    page = browse(tmp_path / "page.html")
    for number in (after, before, after):
        assert_says_the_same(page, root, {x: number})


def test_rows_of_ones_own_are_read_too(browse: Browse, tmp_path: Path) -> None:
    @op(partials=(lambda a, y: ops.where(a > 100.0, 2.0, CLOSED),))
    def corner(a: float) -> float:
        "Twice what is above 100."
        return 2.0 * (a - 100.0) if a > 100.0 else 0.0

    @op(partials=(lambda a, y: 2.0 if a > 100.0 else CLOSED,))
    def opaque(a: float) -> float:
        "The same, with a partial that asks symbols what they cannot answer."
        return 2.0 * (a - 100.0) if a > 100.0 else 0.0

    try:
        x, w = Value(0.0, "x"), Value(3.0, "w")
        for row in (corner, opaque):
            root = row(x) * w
            to_html(root, tmp_path / "page.html")
            page = browse(tmp_path / "page.html")
            for number in (0.0, 150.0, 100.0):
                assert_says_the_same(page, root, {x: number})
    finally:
        del TABLE["corner"], TABLE["opaque"]


def test_of_too_many_cases_no_rule_is_told_and_every_number_is(browse: Browse, tmp_path: Path) -> None:
    def slope(a: Any, y: Any) -> Any:
        steps = [ops.where(a > float(corner), 1.0, 0.0) for corner in range(6)]
        return ops.where(a > 3.5, steps[0] + steps[1] + steps[2] + steps[3] + steps[4] + steps[5], CLOSED)

    @op(partials=(slope,))
    def stairs(a: float) -> float:
        "The integral of a staircase, from 3.5 on."
        return sum([max(a - corner, 0.0) for corner in range(6)]) if a > 3.5 else 0.0

    try:
        x, w = Value(0.0, "x"), Value(3.0, "w")
        root = stairs(x) * w
        assert [case.is_loose for case in cases(root.operands[0], 0)] == [True, True]
        to_html(root, tmp_path / "page.html")
        page = browse(tmp_path / "page.html")
        assert said(page)[-2] == expected(root, {})[-1]
        page.evaluate("autograd.set('x', 4.5)")
        assert said(page)[-2] == [
            "From v1 to x: the adjoint 3 times the local derivative 5 adds 15 to ∂v2/∂x, which was 0. "
            "x has no other user: ∂v2/∂x = 15 is complete.",
            "∂v2/∂x += ∂v2/∂v1 · ∂v1/∂x = 3 · 5 = 15",
        ]
        page.evaluate("autograd.set('x', 1)")
        assert said(page)[-2][0].startswith("From v1 to x: closed, nothing flows; ∂v2/∂x stays 0. x has no other user")
    finally:
        del TABLE["stairs"]
