"""Compiled programs against graphs of nodes: the bits in strict mode, a bound in the default, the same errors in both."""

from __future__ import annotations

import gc
import json
import math
import random
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy
import pytest

import nn.losses
from autograd import ModeError, OperandError, OptionError, Program, Value, compile, draw_dot, exp, log, max, relu, where
from autograd.compiling import specialised
from autograd.graph import leaves
from autograd.ops import TABLE, Op, op
from autograd.testing import random_expression
from autograd.value import sweep_apart, toposort
from nn import MLP
from nn.data import make_moons

GOLDEN = json.loads((Path(__file__).parent.parent / "data" / "golden.json").read_text(encoding="utf-8"))["cases"]
MODES = pytest.mark.parametrize("strict", [False, True], ids=["default", "strict"])


def bits(x: float) -> bytes:
    return b"nan" if x != x else struct.pack("<d", x + 0.0)


def on_nodes(f: Callable[..., Any], x: Sequence[float]) -> list[float]:
    """The value and the derivatives of f by its graph."""
    leaves = list(map(Value, x))
    y = f(*leaves)
    return [y.data, *sweep_apart(toposort(y), leaves)] if type(y) is Value else [y, *[0.0] * len(x)]


def compiled(f: Callable[..., Any], x: Sequence[float], *, strict: bool) -> list[float]:
    value, gradients = compile(f, strict=strict).value_and_grad(*x)
    return [value, *gradients.inputs]


def outcome(run: Callable[[], list[float]]) -> Any:
    """The numbers, or the class and message of the error."""
    try:
        return run()
    except (ValueError, ArithmeticError) as error:
        return type(error), str(error)


def assert_agrees(found: Any, expected: Any, *, strict: bool, floor: float = 1e-300) -> None:
    """`floor` is for sums whose terms cancel: their error is relative to the terms."""
    if strict or not isinstance(expected, list):
        assert [bits(x) for x in found] == [bits(x) for x in expected] if isinstance(expected, list) else found == expected
    else:
        for x, y in zip(found, expected, strict=True):
            assert math.isclose(x, y, rel_tol=1e-12, abs_tol=floor) or bits(x) == bits(y), (found, expected)


def parameters_of(case: dict[str, Any]) -> dict[str, Any]:
    """The keywords, as the row calls them."""
    given = case.get("params") or {}
    return {"condition": given["cond"]} if "cond" in given else given


@MODES
@pytest.mark.parametrize("name", sorted({case["fn"] for case in GOLDEN if case["fn"] in TABLE}))
def test_a_row_at_known_points(name: str, strict: bool) -> None:
    """At every known point of the row, those where it raises among them."""
    row = TABLE[name]
    for case in [case for case in GOLDEN if case["fn"] == name]:
        x = [float(a) if a in ("nan", "inf", "-inf") else float.fromhex(a) for a in case["args_hex"]]
        f = lambda *xs, case=case: row.apply(xs, parameters_of(case))  # noqa: E731
        assert_agrees(
            outcome(lambda f=f, x=x: compiled(f, x, strict=strict)), outcome(lambda f=f, x=x: on_nodes(f, x)), strict=strict
        )


@pytest.mark.parametrize("backend", ["python", "llvm"])
@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.thorough)])
def test_random_programs_have_the_bits_of_their_graphs(count: int, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In machine code a tenth of them, each of which is compiled."""
    rng = random.Random(20)
    if backend == "llvm":
        monkeypatch.setattr(specialised, "PATIENCE", 0)
        count //= 10
    for _ in range(count):
        expression = random_expression(rng)
        x = expression.point
        assert_agrees(
            outcome(lambda e=expression, x=x: compiled(e, x, strict=True)),
            outcome(lambda e=expression, x=x: on_nodes(e, x)),
            strict=True,
        )


POINTS, LABELS = make_moons(40, noise=0.1, random_state=1)
TARGETS = [2.0 * label - 1.0 for label in LABELS]


@MODES
def test_a_network_learns_the_same(strict: bool) -> None:
    """backward adds the gradients that the graph of the whole batch gives, twice if it is called twice."""
    model = MLP(2, [5, 4, 1], seed=1, activation=["tanh", "relu", "linear"])
    parameters = list(model.parameters())
    loss = nn.losses.hinge([model(x) for x in POINTS], TARGETS)
    loss.backward()
    expected = [p.grad for p in parameters]
    model.zero_grad()
    program = compile(lambda x, t: nn.losses.hinge(model(x), t), parameters=parameters, strict=strict)
    value = program.backward(POINTS, TARGETS)
    assert_agrees([value, *[p.grad for p in parameters]], [loss.data, *expected], strict=strict, floor=1e-15)
    program.backward(numpy.array(POINTS), numpy.array(TARGETS))
    assert_agrees([p.grad for p in parameters], [2 * grad for grad in expected], strict=strict, floor=2e-15)


def test_results_come_as_the_arguments_do() -> None:
    program = compile(lambda x, y: [x * y, x + y])
    assert program(2.0, 3) == [6.0, 5.0]
    assert program([1, 2], 3.0) == [[3.0, 6.0], [4.0, 5.0]]
    products, sums = program(numpy.array([1.0, 2.0]), [3.0, 4.0])
    assert isinstance(products, numpy.ndarray)
    assert (products.tolist(), sums.tolist()) == ([3.0, 8.0], [4.0, 6.0])
    value, gradients = compile(lambda v, s: (v[0] * v[1] + v[2]) * s).value_and_grad(
        numpy.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), 2.0
    )
    assert value == (10.0 + 52.0) / 2
    assert gradients.inputs[0].tolist() == [[2.0, 1.0, 1.0], [5.0, 4.0, 1.0]]
    assert gradients.inputs[1].tolist() == [2.5, 13.0]


def test_the_gradient_of_the_sum_is_that_of_every_example() -> None:
    program = compile(lambda x: x**2, reduction="sum")
    assert program.value_and_grad([1.0, 2.0])[0] == 5.0
    assert program.value_and_grad([1.0, 2.0])[1].inputs == ([2.0, 4.0],)
    with pytest.raises(OptionError, match="give one of mean, sum"):
        compile(lambda x: x, reduction="max")


def test_minimize_takes_an_objective() -> None:
    from scipy.optimize import minimize

    rosenbrock = compile(lambda v: (1 - v[0]) ** 2 + 100 * (v[1] - v[0] ** 2) ** 2)
    assert minimize(rosenbrock.objective, [-1.0, 2.0], jac=True).x == pytest.approx([1.0, 1.0], abs=1e-4)
    w, b = Value(0.0), Value(0.0)
    line = compile(lambda x, t: (w * x + b - t) ** 2, parameters=[w, b])
    found = minimize(line.objective, [0.0, 0.0], args=([0.0, 1.0, 2.0], [1.0, 3.0, 5.0]), jac=True)
    assert found.x == pytest.approx([2.0, 1.0], abs=1e-4)
    assert (w.data, w.grad, b.reached) == (0.0, 0.0, False)
    with pytest.raises(OperandError, match=r"shape \(3,\); give 2 numbers"):
        line.objective([0.0, 0.0, 0.0], [0.0], [1.0])


def test_a_decorator_makes_a_program() -> None:
    w = Value(3.0, "w")

    @compile(parameters=[w])
    def scaled(x: Any) -> Any:
        return w * x

    assert isinstance(scaled, Program)
    assert scaled([1.0, 2.0]) == [3.0, 6.0]
    assert scaled.source == "v1 = mul(w, x)\nresult = v1"
    w.data = 4.0
    assert scaled([1.0, 2.0]) == [4.0, 8.0]


@MODES
def test_a_branch_that_is_a_function_counts_where_it_is_taken(strict: bool) -> None:
    """Else log(−1) is the error that the graph raises, of the right example."""
    lazy = compile(lambda x: where(x > 0, lambda: log(x), 0.0), strict=strict)
    assert lazy([-1.0, 1.0, 0.0]) == [0.0, 0.0, 0.0]
    assert lazy.value_and_grad([-1.0, 2.0])[1].inputs == ([0.0, 0.25],)
    eager = compile(lambda x: where(x > 0, log(x), 0.0), strict=strict)
    with pytest.raises(ValueError, match=r"example 1: log\(-1.0\): -1.0 is outside \(0, inf\)"):
        eager([2.0, -1.0])


@MODES
def test_an_error_that_a_later_operation_would_hide_is_raised(strict: bool) -> None:
    program = compile(lambda x: 1.0 / exp(x), strict=strict)
    assert program([0.0]) == [1.0]
    for call in (program, program.backward, program.value_and_grad):
        with pytest.raises(OverflowError, match=r"example 1: exp\(1000.0\)"):
            call([0.0, 1000.0])


@MODES
def test_an_infinite_result_is_that_of_the_graph(strict: bool) -> None:
    program = compile(lambda x: max(x, 0.0) * 1e308 * 10, strict=strict)
    assert program([1.0, -1.0]) == [math.inf, 0.0]
    program = compile(lambda x: relu(log(x) - 1.0), strict=strict)
    assert program.value_and_grad([1e-320, 10.0])[1].inputs[0][0] == 0.0


REFUSED: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "branch": (lambda x: x if x > 0 else -x, ModeError, "a branch on the comparison.* where"),
    "truth": (lambda x: x and 1.0, ModeError, "the truth of a traced number"),
    "float": (lambda x: float(x), ModeError, "float"),
    "math": (lambda x: math.sin(x), ModeError, "float"),
    "data": (lambda x: x.data, AttributeError, r"`\.data` of a traced number"),
    "item": (lambda x: x.item(), ModeError, "item"),
    "stranger": (lambda x: x * STRANGER, ModeError, "is no parameter"),
}
STRANGER = Value(2.0)


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_trace_cannot_follow_is_refused_with_its_line(name: str) -> None:
    f, kind, words = REFUSED[name]
    with pytest.raises(kind, match=rf"test_program\.py:\d+: .*{words}"):
        compile(f)(1.0)


def test_columns_that_do_not_fit_are_refused() -> None:
    program = compile(lambda x, y: x * y)
    for arguments, words in {
        ((1.0, 2.0), (1.0, 2.0, 3.0)): "argument 0 has 2 examples, and argument 1 has 3",
        ((), 1.0): "the columns are empty",
        (("a",), 1.0): r"argument 0\[0\]: a number is needed",
        (((1.0, 2.0), (3.0,)), 1.0): "rows of different lengths",
    }.items():
        with pytest.raises(OperandError, match=words):
            program(*arguments)
    with pytest.raises(OperandError, match="return the one to differentiate"):
        compile(lambda x: [x, x]).backward([1.0])
    with pytest.raises(OperandError, match="the function returns None"):
        compile(lambda x: None)(1.0)
    with pytest.raises(OperandError, match=r"parameters\[0\] is .*; give leaves"):
        compile(lambda x: x, parameters=[Value(1.0) * 2])
    with pytest.raises(OperandError, match=r"parameters\[1\].* is there twice"):
        compile(lambda x: x, parameters=[STRANGER, STRANGER])


ROWS = [row for row in TABLE.values() if not row.required and row.count == len(row.operands) and not row.variadic]


def operands(row: Op, rng: random.Random) -> list[float]:
    return [next(x for x in iter(lambda: rng.uniform(-3.0, 3.0), None) if x in domain) for domain in row.domain]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_a_row_over_a_batch(row: Op) -> None:
    """The default, on arrays: values and slopes at fifty points."""
    rng = random.Random(row.__name__)
    batch = [operands(row, rng) for _ in range(50)]
    f = lambda *xs: row.apply(xs)  # noqa: E731
    expected = [outcome(lambda x=x: on_nodes(f, x)) for x in batch]
    batch = [x for x, numbers in zip(batch, expected, strict=True) if isinstance(numbers, list)]
    columns = [list(column) for column in zip(*batch, strict=True)]
    if not batch:
        with pytest.raises((ValueError, ArithmeticError)):
            compile(f)(*operands(row, rng))
        return
    values = compile(f)(*columns)
    slopes = compile(f, reduction="sum").value_and_grad(*columns)[1].inputs
    for x, found in zip(batch, zip(values, *slopes, strict=True), strict=True):
        assert_agrees(list(found), on_nodes(f, x), strict=False)


LOSSES = [name for name in nn.losses.__all__ if name != "l2"]


@pytest.mark.parametrize("name", LOSSES)
@MODES
def test_a_loss(name: str, strict: bool) -> None:
    """Over a batch, each target at once the same bits as the loss of one example; what a loss refuses is refused."""
    loss = getattr(nn.losses, name)
    labels = {"hinge": [1.0, -1.0, 1.0], "cross_entropy": [0, 2, 1]}.get(name, [1.0, 0.0, 0.25])
    outputs = [[0.3, 0.6, 0.2], [0.9, 0.1, 0.5], [0.7, 0.2, 0.4]]
    f = (lambda v, t: loss(v, t)) if name == "cross_entropy" else lambda v, t: loss([v[0]], [t])
    program = compile(f, strict=strict)
    gradients = program.value_and_grad(outputs, labels)[1].inputs[0]
    for v, t, gradient in zip(outputs, labels, gradients, strict=True):
        (value, *slopes) = on_nodes(lambda *v, t=t: f(v, t), v)
        assert_agrees(program([v], [t]), [value], strict=strict)
        assert_agrees([3.0 * x for x in gradient], slopes, strict=False)
    if name in ("hinge", "bce", "bce_with_logits"):
        with pytest.raises(ValueError, match=r"example 1: .*targets\[0\] = 3.0"):
            program(outputs[:2], [1.0, 3.0])


def test_a_row_of_a_user_that_branches_runs_example_by_example() -> None:
    @op(partials=(lambda a, y: 1.0 if a > 0 else -1.0,))
    def size_of(a: float) -> float:
        "The size."
        return float(str(a).lstrip("-"))

    program = compile(lambda x: size_of(x) * x, reduction="sum")
    assert program([-2.0, 3.0]) == [-4.0, 9.0]
    assert program.value_and_grad([-2.0, 3.0])[1].inputs == ([4.0, 6.0],)


def test_parameters_that_no_example_moves_count_once_an_example() -> None:
    w = Value(3.0)
    program = compile(lambda x: w * w + 0.0 * x, parameters=[w], reduction="sum")
    assert program.backward([1.0, 2.0, 5.0]) == 27.0
    assert w.grad == 18.0


# -------------------------------------------------------------------------------------------------------------- its graph


def test_the_graph_of_a_program_has_the_numbers_of_the_last_call() -> None:
    w = Value(2.0, "w")
    program = compile(lambda x, t: (w * x - t) ** 2, parameters=[w])
    assert [leaf.data for leaf in leaves(program.graph)] == [2.0, 1.0, 1.0]  # before any call arguments are 1
    assert [program(numpy.array([3.0, 4.0]), 5.0)[0], program.graph.data] == [1.0, 1.0]
    assert {leaf.label: leaf.data for leaf in leaves(program.graph)} == {"w": 2.0, "x": 3.0, "t": 5.0}
    w.data = 1.0
    program.graph.backward()  # its leaves are new nodes
    assert (program.graph.data, w.reached) == (4.0, False)


def test_the_graph_of_a_program_can_be_drawn_and_has_its_gradients() -> None:
    model = MLP(2, [3, 1], seed=1, activation="tanh")
    program = compile(lambda x, t: nn.losses.mse(model(x), t), parameters=model.parameters())
    value, gradients = program.value_and_grad([[0.5, -1.0]], 1.0)
    y = program.graph
    y.backward()
    found = {leaf.label: leaf.grad for leaf in leaves(y)}
    assert_agrees(
        [y.data, found["x[0]"], found["x[1]"], found["t"]], [value, *gradients.inputs[0][0], *gradients.inputs[1]], strict=False
    )
    assert "x[1]" in draw_dot(y).source


def test_the_graph_has_only_the_branch_that_is_taken_and_raises_as_the_row_does() -> None:
    program = compile(lambda x: {"y": where(x > 0.0, lambda: log(x), lambda: -x), "z": where(x > 0.0, x, 2.0 * x)})
    for x, operations in ((3.0, ["log", "where"]), (-3.0, ["neg", "where"])):
        program(x)
        found = program.graph
        assert [found["y"].op.__name__, found["z"].op.__name__] == operations
        assert [found["y"].data, found["z"].data] == pytest.approx([program(x)["y"], program(x)["z"]], rel=1e-12)
    assert compile(lambda x: 3.0).graph.data == 3.0
    with pytest.raises(ValueError, match="log"):
        _ = compile(lambda x: log(x - 1.0)).graph


def test_the_collector_of_garbage_rests_only_while_a_program_is_made() -> None:
    seen = []

    def f(x: Any) -> Any:
        seen.append(gc.isenabled())
        return x * x

    assert compile(f).value_and_grad([3.0])[0] == 9.0
    assert (seen, gc.isenabled()) == ([False], True)
    with pytest.raises(ZeroDivisionError):
        compile(lambda x: x / 0)([1.0])
    assert gc.isenabled()
