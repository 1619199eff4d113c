"""Compiled programs as JavaScript, in a browser: the numbers that the program has in Python."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from points_of_rows import REFUSALS, ROWS, points_of

import nn.losses
from autograd import OperandError, Value, compile, exp, log, sqrt, where
from autograd.compiling.scripting import script_of
from autograd.ops import Op, op
from autograd.testing import random_expression
from autograd.value import sweep_apart, toposort
from nn import MLP
from nn.data import make_moons

RUN = """
(asked) => JSON.stringify(JSON.parse(asked).map(([text, rows]) => {
  const program = new Function(`${text} return makeProgram;`)()(rows.length);
  program.inputs.set(rows.flat().map(Number));
  const sent = (xs) => Array.from(xs, String);
  try {
    const value = program.run();
    return [value === undefined ? [] : [String(value)], sent(program.values), sent(program.gradient), sent(program.inputGradient)];
  } catch (error) {
    return [`${error.name}: ${error.message}`, ...["values", "gradient", "inputGradient"].map((name) => sent(program[name]))];
  }
}))
"""
Answer = Callable[[Sequence[tuple[str, Sequence[Sequence[float]]]]], list[Any]]


@pytest.fixture(scope="module")
def in_browser(chromium: Any) -> Iterator[Answer]:
    """in_browser([(script, examples), ...]) gives for each [value], values, gradient, and that of the inputs, all flat."""
    page = chromium.new_page()

    def written(x: float) -> str:
        return repr(float(x)).replace("inf", "Infinity").replace("nan", "NaN")

    def in_browser(programs: Sequence[tuple[str, Sequence[Sequence[float]]]]) -> list[Any]:
        asked = [(text, [list(map(written, row)) for row in rows]) for text, rows in programs]
        found = json.loads(page.evaluate(RUN, json.dumps(asked)))
        return [[x if isinstance(x, str) else list(map(float, x)) for x in each] for each in found]

    yield in_browser
    page.close()


def assert_near(found: Sequence[float], expected: Sequence[float], floor: float = 1e-300) -> None:
    """`floor` is for sums whose terms cancel."""
    assert len(found) == len(expected)
    for x, y in zip(found, expected, strict=True):
        assert math.isclose(x, y, rel_tol=1e-12, abs_tol=floor) or (x != x and y != y), (found, expected)


def on_nodes(f: Callable[..., Any], rows: Sequence[Sequence[float]], parameters: Sequence[Value] = ()) -> list[list[float]]:
    """By the graph of nodes: the mean, the values, ∂mean/∂parameter, ∂mean/∂input."""
    found = []
    for row in rows:
        leaves = list(map(Value, row))
        y = f(*leaves)
        found.append([y.data, *sweep_apart(toposort(y), [*leaves, *parameters])])
    n, k = len(rows), len(rows[0])
    values, *slopes = [list(column) for column in zip(*found, strict=True)]
    return [[sum(values) / n], values, [sum(column) / n for column in slopes[k:]], [x / n for row in found for x in row[1 : k + 1]]]


# ------------------------------------------------------------------------------------------------------- rows and programs


@pytest.mark.parametrize("row", ROWS)
def test_a_row_in_a_program(row: Op, in_browser: Answer) -> None:
    points = []
    for xs, parameters, _ in points_of(row):
        f = lambda *xs, parameters=parameters: row.apply(xs, parameters)  # noqa: E731
        try:
            points += [(f, xs, on_nodes(f, [xs]))] if all(0.01 < abs(x) < 30.0 for x in xs) else []
        except REFUSALS:
            continue  # outside the domain
        if len(points) == 3:
            break
    found = in_browser([(several(f, len(xs)), [xs]) for f, xs, _ in points])
    assert points
    for each, (_, _, expected) in zip(found, points, strict=True):
        assert_near(flat(each), flat(expected), floor=1e-14)


def flat(lists: Sequence[Sequence[float]]) -> list[float]:
    return [x for each in lists for x in each]


def several(f: Callable[..., Any], count: int) -> str:
    """The script of a function of any number of arguments, for this number of them."""
    return script_of(f, list(range(count)), (), with_inputs=True)


def test_random_programs(in_browser: Answer) -> None:
    rng = random.Random(14)
    asked, expected = [], []
    while len(asked) < 20:
        expression = random_expression(rng)
        x = expression.point
        try:
            answer = on_nodes(expression, [x])
        except REFUSALS:
            continue
        if all(map(math.isfinite, flat(answer))):
            asked.append((several(expression, len(x)), [x]))
            expected.append(answer)
    for found, answer in zip(in_browser(asked), expected, strict=True):
        assert_near(flat(found), flat(answer), floor=1e-12 * max(1.0, *map(abs, answer[3])))


POINTS, LABELS = make_moons(12, noise=0.1, random_state=1)
ACTIVATIONS = ["linear", "relu", "tanh", "sigmoid", "softplus", "elu", "selu", "gelu", "silu", "mish", "leaky_relu", "softsign"]


@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "hinge", "bce_with_logits", "squared_error", "cross_entropy"])
def test_a_network_with_each_activation(loss: str, in_browser: Answer) -> None:
    asked, expected = networks(loss)  # apart, since the browser's driver keeps the variables of who called it last
    for found, answer in zip(in_browser(asked), expected, strict=True):
        assert_near(flat(found), flat(answer), floor=1e-14)


def networks(loss: str) -> tuple[list[Any], list[Any]]:
    """Scripts of networks that learn, with their examples, and what their graphs give."""
    targets = [2.0 * label - 1.0 if loss == "hinge" else float(label) for label in LABELS]
    rows = [[*x, t] for x, t in zip(POINTS, targets, strict=True)]
    asked, expected = [], []
    for activation in ACTIVATIONS:
        model = MLP(2, [5, 4, 2 if loss == "cross_entropy" else 1], seed=2, activation=activation)
        learned = list(model.parameters())
        f = lambda x, t, model=model: getattr(nn.losses, loss)(model(x), t)  # noqa: E731
        asked.append((script_of(f, [[0, 1], 2], learned), rows))
        target = int if loss == "cross_entropy" else float
        expected.append(on_nodes(lambda a, b, t, f=f, target=target: f([a, b], target(t.data)), rows, learned)[:3])
    return asked, expected


def test_the_text_is_as_short_for_a_wide_network() -> None:
    lengths = []
    for width in (8, 32):
        model = MLP(2, [width, width, 1], seed=1)
        f = lambda x, t, model=model: nn.losses.hinge(model(x), t)  # noqa: E731
        lengths.append(len(script_of(f, [[0, 1], 2], list(model.parameters()), with_numbers=False)))
    assert lengths[1] < 1.1 * lengths[0] < 7_000


# ------------------------------------------------------------------------------------------------------------------ errors


def test_a_refused_example_is_named_and_changes_nothing(in_browser: Answer) -> None:
    (found,) = in_browser([(compile(lambda x: 2.0 * log(x)).javascript, [[1.0], [-1.0]])])
    assert found == ["ValueError: example 1: log: math domain error", [0.0, 0.0], [], [0.0, 0.0]]
    (found,) = in_browser([(compile(lambda x: exp(x) + 1.0 / x).javascript, [[0.0], [1.0]])])
    assert found[0] == "ZeroDivisionError: example 0: div: float division by zero"


def test_a_branch_that_is_not_taken_refuses_nothing(in_browser: Answer) -> None:
    f = lambda x: where(x > 0.0, lambda: sqrt(x) + log(x), lambda: x * x)  # noqa: E731
    rows = [[4.0], [-2.0]]
    assert_near(flat(in_browser([(compile(f).javascript, rows)])[0]), flat(on_nodes(f, rows)))
    ((_, values, _, _),) = in_browser([(compile(lambda x: where(x < 9.0, lambda: log(x), lambda: x)).javascript, [[-1.0], [10.0]])])
    assert_near(values, [math.nan, 10.0])


def test_several_results_have_values_alone(in_browser: Answer) -> None:
    program = compile(lambda x, y: [x * y, x + y, 3.0])
    assert in_browser([(program.javascript, [[2.0, 3.0], [4.0, 5.0]])]) == [[[], [6.0, 5.0, 3.0, 20.0, 9.0, 3.0], [], []]]


def test_a_row_without_typed_form_is_named() -> None:
    scope: dict[str, Any] = {"op": op, "math": math}
    exec("row = op(lambda a: math.sin(a), name='unread', doc='A sine.', partials=(1.0,))", scope)
    with pytest.raises(OperandError, match="unread cannot be written as JavaScript: the source of <lambda> is not to be had"):
        _ = compile(lambda x: scope["row"](x)).javascript
