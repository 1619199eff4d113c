"""What a page says is true wherever its sliders are: of every step, of a node's users, of kinks; compared with Python there."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from autograd import graph, ops
from autograd.errors import AutogradError
from autograd.ops import TABLE
from autograd.show import tape
from autograd.show.notation import Notation
from autograd.value import Value, toposort

Browse = Callable[..., Any]

UNARY = (
    "relu",
    "abs",
    "tanh",
    "sigmoid",
    "elu",
    "leaky_relu",
    "hardtanh",
    "sqrt",
    "log",
    "floor",
    "sign",
    "exp",
    "cbrt",
    "relu6",
    "gelu",
)
BINARY = ("add", "sub", "mul", "div", "max", "min", "hypot")
CORNERS = (0.0, 1.0, -1.0, 2.0, 3.0, -3.0, 6.0, 0.5)  # where rows have kinks
SAID = """JSON.stringify([
  steps.map((step) => { const { words, formula } = stated(step); return [words, filled(formula)]; }),
  nodes.map((node) => node.users.map(([user, slot]) => [
    user.index, slot, written([DATA.product, hole("adjoint", user), user.slopes[slot].at(caseOf(user, slot))]),
  ])),
  nodes.map((node) => nearestKink(node).distance === 0),
])"""


def grown(rng: random.Random) -> Value:
    """A graph of operations that have kinks, closed gates and edges of domains, on four leaves."""
    while True:
        pool = [Value(rng.choice(CORNERS), name) for name in "abcd"]
        while len(pool) < 16:
            names, count = rng.choice([(UNARY, 1), (BINARY, 2)])
            row = TABLE[rng.choice(names)]
            try:
                pool.append(row.apply(tuple(rng.sample(pool[-6:], count)), {}))
            except (AutogradError, ArithmeticError, ValueError):
                continue
        root: Value = ops.sum([node for node in pool if node.op is not None])
        if abs(root.data) < 1e6:
            return graph.replay(root)


def replayed(root: Value, values: dict[Value, float]) -> Value | None:
    """The graph at other numbers; None outside the domain of one of its rows."""
    try:
        return graph.replay(root, values)
    except (AutogradError, ArithmeticError, ValueError):
        return None


def is_at_kink(node: Value) -> bool:
    """Whether a row declares a kink at the node's own operands."""
    xs = [a.data if type(a) is Value else a for a in node.arguments]
    kinks = node.op.kinks if node.op is not None else ()
    return any(kink.margin(*xs) == 0 for kink in kinks)


def in_python(root: Value) -> list[Any]:
    """The same as SAID, from Python."""
    record = tape.record(root)
    notation = Notation(record.names, root)
    place = record.place
    users: list[list[Any]] = [[] for _ in record.nodes]
    for step in record:
        if step.kind == "backward" and step.is_open and step.is_reached:
            text = notation.write(step.products()[0])
            users[place[step.operand]].append([place[step.node], step.slot, text])
    steps = [[step.words(), step.formula()] for step in record if step.kind != "leaf"]
    return [steps, users, [is_at_kink(node) for node in toposort(root)]]


@pytest.mark.parametrize("seed", range(3))
def test_every_sentence_is_true_wherever_the_sliders_are(seed: int, opened: Browse) -> None:
    rng = random.Random(seed)
    root = grown(rng)
    page = opened(root)
    compared = 0
    for _ in range(30):
        values = {leaf: rng.choice([rng.choice(CORNERS), round(rng.uniform(-4, 4), 1)]) for leaf in graph.leaves(root)}
        page.evaluate(
            "pairs => pairs.forEach(([name, x]) => autograd.set(name, x))", [[leaf.label, x] for leaf, x in values.items()]
        )
        again = replayed(root, values)
        if again is None:
            assert page.evaluate("[root.data, nodes.some((node) => node.message)]") == [None, True]
            continue
        steps, users, kinks = json.loads(page.evaluate(SAID))
        expected_steps, expected_users, expected_kinks = in_python(again)
        assert steps[2:-1] == expected_steps
        assert kinks == expected_kinks
        # A half is ½ where it is a constant of the row, and 0.5 where it was computed.
        users = json.loads(json.dumps(users, ensure_ascii=False).replace("½", "0.5"))
        for found, expected in zip(users, expected_users, strict=True):
            assert [each for each in sorted(found) if each[:2] in [other[:2] for other in expected]] == sorted(expected)
        compared += 1
    assert compared > 5


@pytest.mark.parametrize(
    ("make", "x", "words"),
    [
        (
            lambda x: ops.relu(x),
            0.0,
            "At x = 0, v1 = 0; nothing flows back to x, and its gradient is 0. v1 is at a kink of relu, a = 0",
        ),
        (lambda x: abs(x - 1.0), 1.0, "v2 is at a kink of abs, a = 0: the slope there is a convention, 0."),
        (lambda x: ops.floor(x) + x, 2.0, "v1 is where floor jumps, a whole: the slope there is a convention, 0."),
    ],
)
def test_at_a_kink_the_curve_says_that_its_slope_is_a_convention(make: Any, x: float, words: str, opened: Browse) -> None:
    page = opened(make(Value(0.3, "x")), hash=f"#open=curve&leaf.x={x}")
    page.wait_for_function("byId('slope').textContent")
    assert words in page.locator("#slope").text_content()
    page.evaluate("autograd.set('x', 1.3)")
    page.wait_for_function("byId('slope').textContent.startsWith('At x = 1.3')")
    assert "convention" not in page.locator("#slope").text_content()
