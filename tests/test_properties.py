"""Random expressions with sharing: the engine against forward mode, and laws that hold for every expression."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import BeyondReach, Dual, as_numbers

from autograd import Value, ops, toposort, zero_grad
from autograd.ops import TABLE

ROWS = [row for row in TABLE.values() if not row.variadic and row.call is None and not row.required]
NUMBERS = st.sampled_from([0.0, 1.0, -1.0, 0.5, 2.0]) | st.floats(-3.0, 3.0)
Program = tuple[list[float], list[tuple[Any, tuple[int, ...]]]]


@st.composite
def programs(draw: st.DrawFn, most: int = 12) -> Program:
    """Leaves, and operations on the places of earlier nodes: any node may be used again."""
    leaves = draw(st.lists(NUMBERS, min_size=1, max_size=4))
    steps: list[tuple[Any, tuple[int, ...]]] = []
    for _ in range(draw(st.integers(1, most))):
        row = draw(st.sampled_from(ROWS))
        places = st.integers(0, len(leaves) + len(steps) - 1)
        steps.append((row, tuple(draw(places) for _ in row.operands)))
    return leaves, steps


def run(program: Program, lift: Callable[[float], Any]) -> list[Any]:
    """Every number of the program, leaves first, in the number type to which the leaves are lifted."""
    leaves, steps = program
    made = [lift(leaf) for leaf in leaves]
    for row, places in steps:
        made.append(row(*(made[place] for place in places)))
    return made


def nodes_of(program: Program) -> list[Any]:
    """The nodes, if every operation has a value of ordinary size there and no kink is near."""
    try:
        made = run(program, Value)
    except (ValueError, ZeroDivisionError, OverflowError):
        assume(False)
    assume(all(math.isfinite(node.data) and abs(node.data) < 1e6 for node in made))
    for node in made:
        if node.op is not None:
            at = [operand.data for operand in node.arguments]
            assume(all(abs(kink.margin(*at)) > 1e-3 for kink in node.op.kinks))
            assume(all(math.isfinite(p) and abs(p) < 1e6 for p in as_numbers(node.partials)))
    return made


@given(programs())
def test_backward_agrees_with_forward_mode(program: Program) -> None:
    made = nodes_of(program)
    leaves = made[: len(program[0])]
    made[-1].backward()
    for i, leaf in enumerate(leaves):
        derivative = [float(j == i) for j in range(len(leaves))]
        try:
            lifted = iter(derivative)
            dual = run(program, lambda x, lifted=lifted: Dual(x, next(lifted)))[-1]
        except (BeyondReach, ValueError, ZeroDivisionError, OverflowError):
            assume(False)
        scale = max(1.0, sum(abs(p) for node in made for p in as_numbers(node.partials)))
        assert leaf.grad == pytest.approx(dual.derivative, rel=1e-8, abs=1e-9 * scale**2)


@given(programs(), st.floats(-4.0, 4.0))
def test_gradient_is_linear_in_the_seed(program: Program, seed: float) -> None:
    made = nodes_of(program)
    leaves = made[: len(program[0])]
    made[-1].backward()
    once = [leaf.grad for leaf in leaves]
    zero_grad(made)
    made[-1].backward(seed)
    scale = max(1.0, sum(abs(p) for node in made for p in as_numbers(node.partials)))
    assert [leaf.grad for leaf in leaves] == pytest.approx([seed * grad for grad in once], rel=1e-9, abs=1e-12 * scale**2)


def test_a_seed_that_is_no_number_is_refused_and_changes_nothing() -> None:
    x = Value(3.0)
    y = x * x
    y.backward()
    with pytest.raises(TypeError, match="number is needed"):
        y.backward("1")  # type: ignore[arg-type]
    assert (x.grad, y.grad) == (6.0, 1.0)


@given(programs())
def test_a_second_backward_doubles_and_a_reset_repeats_to_the_bit(program: Program) -> None:
    made = nodes_of(program)
    leaves = made[: len(program[0])]
    made[-1].backward()
    once = [leaf.grad for leaf in leaves]
    made[-1].backward()
    assert [leaf.grad for leaf in leaves] == [2 * grad for grad in once]
    made[-1].zero_grad()
    made[-1].backward()
    assert [leaf.grad for leaf in leaves] == once


@given(programs(), st.data())
def test_gradient_of_a_sum_is_the_sum_of_the_gradients(program: Program, data: st.DataObject) -> None:
    made = nodes_of(program)
    first, second = (data.draw(st.sampled_from(made[len(program[0]) :])) for _ in range(2))
    first.backward()
    second.backward()
    separate = [leaf.grad for leaf in made[: len(program[0])]]
    zero_grad(made)
    (first + second).backward()
    scale = max(1.0, sum(abs(p) for node in made for p in as_numbers(node.partials)))
    assert [leaf.grad for leaf in made[: len(program[0])]] == pytest.approx(separate, rel=1e-9, abs=1e-12 * scale**2)


@given(programs())
def test_a_shared_node_has_the_gradients_of_one_that_is_computed_again(program: Program) -> None:
    made = nodes_of(program)
    count = len(program[0])
    made[-1].backward()
    leaves = [Value(x) for x in program[0]]

    def alone(place: int) -> Any:
        if place < count:
            return leaves[place]
        row, places = program[1][place - count]
        return row(*(alone(p) for p in places))

    assume(sum(2 ** len(places) for _, places in program[1]) < 60)
    alone(len(made) - 1).backward()
    scale = max(1.0, sum(abs(p) for node in made for p in as_numbers(node.partials)))
    for leaf, again in zip(made, leaves, strict=False):
        assert leaf.grad == pytest.approx(again.grad, rel=1e-9, abs=1e-10 * scale**2)


@given(programs())
def test_order_has_operands_before_users_and_every_node_once(program: Program) -> None:
    made = nodes_of(program)
    order = toposort(made[-1])
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is made[-1]
    assert all(place[operand] < place[node] for node in order for operand in node.operands)


ODD = (
    "neg",
    "sin",
    "tan",
    "asin",
    "atan",
    "sinh",
    "tanh",
    "asinh",
    "atanh",
    "cbrt",
    "erf",
    "softsign",
    "hardtanh",
    "sign",
    "reciprocal",
)
EVEN = ("abs", "cos", "cosh", "square", "gaussian", "normal_pdf")


@given(st.floats(-30.0, 30.0))
@pytest.mark.parametrize(("name", "sign"), [*((name, -1.0) for name in ODD), *((name, 1.0) for name in EVEN)])
def test_odd_and_even_functions_mirror_to_the_bit(name: str, sign: float, x: float) -> None:
    row = TABLE[name]
    assume(x != 0.0 and x in row.domain[0] and -x in row.domain[0])
    right, left = Value(x), Value(-x)
    a, b = row(right), row(left)
    a.backward()
    b.backward()
    assert b.data == sign * a.data
    assert left.grad == -sign * right.grad


@given(st.floats(-300.0, 300.0))
def test_sigmoid_and_its_mirror_image_have_the_same_slope_to_the_bit(x: float) -> None:
    a, b = Value(x), Value(-x)
    ops.sigmoid(a).backward()
    ops.sigmoid(b).backward()
    assert a.grad == b.grad > 0.0


INVERSES = [
    ("exp", "log"),
    ("expm1", "log1p"),
    ("sinh", "asinh"),
    ("tan", "atan"),
    ("square", "sqrt"),
    ("tanh", "atanh"),
    ("sin", "asin"),
]


@given(st.floats(0.05, 1.5))
@pytest.mark.parametrize(("outer", "inner"), [(g, f) for f, g in INVERSES])
def test_a_function_and_its_inverse_have_slopes_whose_product_is_one(outer: str, inner: str, x: float) -> None:
    node = Value(x)
    round_trip = TABLE[outer](TABLE[inner](node))
    round_trip.backward()
    assert round_trip.data == pytest.approx(x, rel=1e-12)
    assert node.grad == pytest.approx(1.0, rel=1e-11)
