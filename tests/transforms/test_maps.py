"""Jacobians in both modes and what they cost, linearize, vmap."""

from __future__ import annotations

import pickle
from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_custom import own_exp, polar

import autograd
from autograd import (
    OperandError,
    OptionError,
    Value,
    checkpoint,
    count_passes,
    exp,
    grad,
    gradient,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    linearize,
    nth_derivative,
    sin,
    tanh,
    taylor,
    value_and_grad,
    vjp,
    vmap,
)
from autograd.errors import ModeError


def f(v: Any) -> Any:
    return [v[0] * v[1], sin(v[0]) * v[1] ** 2, v[2]]


def square(x: Any) -> Any:
    return x * x


FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...], Any]] = {
    "a list": (f, ([1.5, -0.5, 2.0],), 0),
    "one number": (lambda x: x**3, (2.0,), 0),
    "dicts": (lambda p: {"a": p["x"] * p["y"], "b": (p["x"], 3.0)}, ({"x": 2.0, "y": 3.0},), 0),
    "arrays": (lambda v: np.array([[v[0], v[1] * v[0]], [v[2], 1.0]]), (np.array([1.0, 2.0, 3.0]),), 0),
    "two arguments": (lambda x, y: [x / y, x * y], (6.0, 2.0), (0, 1)),
    "one of two": (lambda x, y: [x / y, x * y], (6.0, 2.0), 1),
    "constants": (lambda p: {"y": p["w"] ** 2, "name": p["name"]}, ({"w": 3.0, "name": "w", "none": None},), 0),
    "no numbers": (lambda v: [1.0, 2.0], ([],), 0),
    "a rule": (lambda v: polar(v)["r"], ([3.0, -4.0],), 0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_jacfwd_jacrev_and_jacobian_agree(name: str) -> None:
    function, arguments, argnums = FUNCTIONS[name]
    expected = jacobian(function, argnums)(*arguments)
    for found in (jacfwd(function, argnums)(*arguments), jacrev(function, argnums)(*arguments)):
        assert type(found) is type(expected)
        assert np.shape(found) == np.shape(expected) or isinstance(expected, dict)
        flat = lambda tree: autograd.transforms.structures.flatten(tree)[0]  # noqa: E731
        assert flat(found) == pytest.approx(flat(expected), rel=1e-14)


def test_keyword_arguments_reach_the_function() -> None:
    for make in (jacfwd, jacrev):
        assert make(lambda x, *, k: [k * x])(2.0, k=3.0) == [3.0]


def test_jacobians_of_jacobians() -> None:
    g = lambda v: v[0] ** 2 * v[1] + exp(v[1])  # noqa: E731
    expected = hessian(g)([2.0, 0.5])
    for outer in (jacfwd, jacrev):
        for inner in (grad, jacfwd, jacrev):
            assert outer(inner(g))([2.0, 0.5]) == [pytest.approx(row, rel=1e-14) for row in expected]
    x = Value(2.0)
    (by_x,) = jacfwd(lambda v: [v[0] ** 3])([x])[0]
    assert gradient(by_x, x).data == 12.0


@pytest.mark.parametrize(
    ("call", "forward", "reverse"),
    [
        pytest.param(lambda: jacfwd(f)([1.0, 2.0, 3.0]), 3, 0, id="jacfwd"),
        pytest.param(lambda: jacfwd(f)([1.0, 2.0, 3.0, 4.0]), 4, 0, id="jacfwd of more numbers"),
        pytest.param(lambda: jacrev(f)([1.0, 2.0, 3.0]), 0, 3, id="jacrev"),
        pytest.param(lambda: jacrev(lambda v: v[0])([1.0, 2.0, 3.0]), 0, 1, id="jacrev of one number"),
        pytest.param(lambda: grad(lambda v: v[0])([1.0, 2.0, 3.0]), 0, 1, id="grad"),
        pytest.param(lambda: value_and_grad(lambda v: v[0])([1.0, 2.0]), 0, 1, id="value_and_grad"),
        pytest.param(lambda: jvp(f, ([1.0, 2.0, 3.0],), ([1.0, 0.0, 0.0],)), 1, 0, id="jvp"),
        pytest.param(lambda: hvp(lambda v: v[0] ** 2, ([1.0],), ([1.0],)), 1, 1, id="hvp"),
        pytest.param(lambda: hessian(lambda v: v[0] * v[1])([1.0, 2.0]), 0, 3, id="hessian"),
        pytest.param(lambda: taylor(sin, 0.5, 5), 1, 0, id="taylor"),
        pytest.param(lambda: nth_derivative(sin, 5)(0.5), 1, 0, id="nth_derivative"),
        pytest.param(lambda: vjp(f, [1.0, 2.0, 3.0]), 0, 0, id="vjp alone"),
        pytest.param(lambda: [linearize(f, [1.0, 2.0, 3.0])[1]([1.0, 0.0, 0.0]) for _ in range(2)], 2, 0, id="linearize"),
        pytest.param(lambda: vmap(grad(square))([1.0, 2.0]), 0, 2, id="vmap"),
    ],
)
def test_what_a_derivative_costs_is_counted(call: Any, forward: int, reverse: int) -> None:
    with count_passes() as outer, count_passes() as passes:
        call()
    assert (passes.forward, passes.reverse) == (outer.forward, outer.reverse) == (forward, reverse)
    call()
    assert repr(passes) == f"Passes(forward={forward}, reverse={reverse})"  # no more after the block


# -------------------------------------------------------------------------------------------------------------- linearize


def test_linearize_gives_the_derivative_and_runs_the_function_once() -> None:
    runs = []

    def g(p: Any, s: Any) -> Any:
        runs.append(1)
        return {"y": [tanh(p["w"] * s), s * s], "name": p["name"]}

    p = {"w": np.array([0.5]), "name": "p"}
    y, push = linearize(lambda p, s: g({"w": p["w"][0], "name": p["name"]}, s), p, 2.0)
    assert y["name"] == "p"
    directions = [({"w": [1.0], "name": None}, 0.0), ({"w": np.array([0.0]), "name": "p"}, 1.0), ({"w": [2.0], "name": None}, -3.0)]
    for tangents in directions:
        expected = jvp(lambda p, s: g({"w": p["w"][0], "name": p["name"]}, s), (p, 2.0), tangents)
        found = push(*tangents)
        assert y == expected[0]
        assert found["y"] == pytest.approx(expected[1]["y"], rel=1e-14)
    assert len(runs) == 1 + 3  # ours, and the three of jvp
    with pytest.raises(OperandError, match="linearize: the tangents are"):
        push({"w": [1.0], "name": None})


@given(st.lists(st.floats(-2, 2), min_size=3, max_size=3), st.floats(-3, 3))
def test_the_derivative_is_linear(tangent: list[float], factor: float) -> None:
    _, push = linearize(f, [0.5, -1.0, 2.0])
    assert push([factor * t for t in tangent]) == pytest.approx([factor * y for y in push(tangent)], abs=1e-12)


def test_linearize_inside_other_derivatives() -> None:
    g = lambda x: linearize(lambda y: y**3 * x, x)[1](1.0)  # noqa: E731  # 3x²·x
    assert grad(g)(2.0) == pytest.approx(36.0)
    assert jvp(g, (2.0,), (1.0,)) == (24.0, 36.0)
    x = Value(2.0)
    push = linearize(lambda v: v * v, x)[1]
    assert gradient(push(1.0), x).data == 2.0
    w = Value(3.0)
    assert gradient(linearize(lambda v: v * w, 2.0)[1](1.0), w).data == 1.0
    assert linearize(lambda v: autograd.sqrt(v), 0.0)[1](0.0) == 0.0  # an exact 0 moves nothing
    assert linearize(lambda v: 5.0, 1.0)[1](1.0) == 0.0


def test_linearize_goes_through_rules_that_have_a_forward_mode() -> None:
    chain = checkpoint(lambda x: sin(sin(x)))
    y, push = linearize(lambda x: chain(x) * x, 0.5)
    assert (y, push(2.0)) == jvp(lambda x: sin(sin(x)) * x, (0.5,), (2.0,))
    assert linearize(lambda v: polar(v)["r"], [3.0, -4.0])[1]([1.0, 0.0]) == pytest.approx(0.6)
    with pytest.raises(ModeError, match=r"linearize: own_exp has a rule for reverse mode alone"):
        linearize(own_exp, 1.0)

    def hooked(x: Any) -> Any:
        y = x * x
        y.register_hook(lambda adjoint: adjoint)
        return y

    with pytest.raises(OperandError, match="has a hook"):
        linearize(hooked, 1.0)


# ------------------------------------------------------------------------------------------------------------------- vmap

Pair = namedtuple("Pair", "a b")


@dataclass
class Point:
    x: Any
    y: Any


def test_vmap_maps_lists_and_arrays() -> None:
    assert vmap(square)([1.0, 2.0, 3.0]) == [1.0, 4.0, 9.0]
    assert vmap(square)((1.0, 2.0)) == [1.0, 4.0]
    assert vmap(lambda x, y: x * y)([1.0, 2.0], [3.0, 4.0]) == [3.0, 8.0]
    assert vmap(lambda x, y: x * y, in_axes=(0, None))([1.0, 2.0], 10.0) == [10.0, 20.0]
    assert vmap(lambda x, y: x[0] * y, in_axes=(None, 0))([5.0], [1.0, 2.0]) == [5.0, 10.0]
    assert vmap(lambda v: [v[0] + v[1], v[0]])([[1.0, 2.0], [3.0, 4.0]]) == [[3.0, 1.0], [7.0, 3.0]]
    assert vmap(lambda v: v[0] + v[1], in_axes=1)([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]) == [11.0, 22.0, 33.0]
    a = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    rows = vmap(lambda v: v @ v)(a)
    assert isinstance(rows, np.ndarray)
    assert rows.tolist() == [5.0, 25.0, 61.0]
    assert vmap(lambda v: v.sum(), in_axes=1)(a).tolist() == [9.0, 12.0]
    assert vmap(lambda v: 2 * v)(a).shape == (3, 2)
    assert vmap(square)([]) == []
    assert vmap(lambda x, *, k: k * x)([1.0, 2.0], k=3.0) == [3.0, 6.0]


def test_vmap_maps_records_by_their_parts() -> None:
    total = vmap(lambda p: p["a"] * p["b"])
    assert total({"a": [1.0, 2.0], "b": [3.0, 4.0]}) == [3.0, 8.0]
    assert vmap(lambda p: p["a"] * p["b"], in_axes=({"a": 0, "b": None},))({"a": [1.0, 2.0], "b": 3.0}) == [3.0, 6.0]
    assert vmap(lambda p: p.a - p.b)(Pair([1.0, 2.0], [3.0, 5.0])) == [-2.0, -3.0]
    assert vmap(lambda p: p.x - p.y)(Point([1.0, 2.0], [3.0, 5.0])) == [-2.0, -3.0]
    assert vmap(lambda x: Pair(x, -x))([1.0, 2.0]) == Pair([1.0, 2.0], [-1.0, -2.0])
    assert vmap(lambda x: {"x": x, "name": "n"})([1.0, 2.0]) == {"x": [1.0, 2.0], "name": ["n", "n"]}


def test_vmap_and_derivatives_nest_either_way() -> None:
    def loss(w: Any, x: Any) -> Any:
        return (w * x - 1.0) ** 2

    xs = [1.0, 2.0, 3.0]
    slopes = [grad(loss)(0.5, x) for x in xs]
    assert vmap(grad(loss), in_axes=(None, 0))(0.5, xs) == slopes
    assert grad(lambda w: autograd.sum(vmap(loss, in_axes=(None, 0))(w, xs)))(0.5) == pytest.approx(sum(slopes))
    assert jvp(lambda w: autograd.sum(vmap(loss, (None, 0))(w, xs)), (0.5,), (1.0,))[1] == pytest.approx(sum(slopes))
    values, gradients = vmap(value_and_grad(loss), (None, 0))(0.5, np.array(xs))
    assert gradients.tolist() == slopes
    assert values.dtype == gradients.dtype == float
    assert vmap(vmap(square))([[1.0, 2.0], [3.0, 4.0]]) == [[1.0, 4.0], [9.0, 16.0]]
    assert [y.data for y in vmap(square)([Value(2.0), Value(3.0)])] == [4.0, 9.0]
    assert grad(lambda v: vmap(square)(v).sum())(np.array([1.0, 2.0])).tolist() == [2.0, 4.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(lambda: vmap(square)(1.0), r"1\.0 has no axis 0", id="a number"),
        pytest.param(lambda: vmap(square, None)([1.0]), "no argument has an axis", id="no axis"),
        pytest.param(lambda: vmap(lambda x, y: x)([1.0], [1.0, 2.0]), r"different lengths, \[1, 2\]", id="lengths"),
        pytest.param(lambda: vmap(square, (0, 0))([1.0]), "give one axis for each", id="number of axes"),
        pytest.param(lambda: vmap(square, "a")([1.0]), "the axis 'a'", id="no number"),
        pytest.param(lambda: vmap(square, -1)([1.0]), "the axis -1", id="negative"),
        pytest.param(lambda: vmap(square, True)([1.0]), "the axis True", id="a flag"),
        pytest.param(lambda: vmap(square, 1)([1.0]), "has no axis 0", id="too deep"),
    ],
)
def test_axes_that_are_not_there_are_refused(call: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        call()


def test_values_of_different_structures_are_refused() -> None:
    with pytest.raises(OperandError, match="always return the same structure"):
        vmap(lambda x: (x,) if x > 1 else (x, x))([1.0, 2.0])
    for make in (jacfwd, jacrev, vmap, checkpoint):
        with pytest.raises(OperandError, match="takes a function first"):
            make(3)  # type: ignore[operator]  # what is refused
    with pytest.raises(OperandError, match="takes a function first"):
        linearize(3, 1.0)  # type: ignore[arg-type]  # what is refused


@pytest.mark.parametrize("make", [jacfwd, jacrev, vmap, checkpoint], ids=lambda make: make.__name__)
def test_what_is_made_of_a_function_can_be_pickled(make: Any) -> None:
    argument: Any = [1.0, 2.0] if make is vmap else 3.0
    assert pickle.loads(pickle.dumps(make(square)))(argument) == make(square)(argument)
    assert make(square).__name__ == "square"
