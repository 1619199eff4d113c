"""Derivatives of functions: arguments and results in their structures, closures over nodes, threads, and what is refused."""

from __future__ import annotations

import functools
import math
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from examples import within
from test_transforms import MODES, forward

from autograd import (
    AnomalyError,
    GraphSizeError,
    OperandError,
    StaleGraphError,
    Value,
    detect_anomaly,
    draw_dot,
    grad,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    nth_derivative,
    ops,
    taylor,
    value_and_grad,
    vjp,
)
from autograd.ops import TABLE, op

Pair = namedtuple("Pair", "left right")


# ---------------------------------------------------------------------------------------------------- arguments and results


def test_grad_and_value_and_grad_of_one_number() -> None:
    assert grad(lambda x: x**3)(2.0) == 12.0
    assert value_and_grad(lambda x: x**3)(2.0) == (8.0, 12.0)
    assert type(grad(lambda x: x**3)(2)) is float


def test_argnums_choose_arguments_and_negative_ones_count_from_the_end() -> None:
    def f(x: Any, y: Any, z: Any) -> Any:
        return x * y * y + z

    assert grad(f, 1)(2.0, 3.0, 5.0) == 12.0
    assert grad(f, -2)(2.0, 3.0, 5.0) == 12.0
    assert grad(f, (2, 0))(2.0, 3.0, 5.0) == (1.0, 9.0)
    assert grad(f, [0])(2.0, 3.0, 5.0) == (9.0,)
    assert grad(f, ())(2.0, 3.0, 5.0) == ()
    assert grad(f, np.int64(1))(2.0, 3.0, 5.0) == 12.0
    assert value_and_grad(f, (-1, 1))(2.0, 3.0, 5.0) == (23.0, (1.0, 12.0))


def test_keyword_arguments_reach_the_function_and_are_not_differentiated() -> None:
    assert grad(lambda x, *, power, shift=0.0: (x + shift) ** power)(2.0, power=3, shift=1.0) == 27.0


def test_arguments_that_are_not_chosen_may_be_anything() -> None:
    assert grad(lambda x, name, table: x * table[name])(2.0, "k", {"k": 7}) == 7.0


STRUCTURES = {
    "a list": [2.0, 3.0],
    "a tuple": (2.0, 3.0),
    "a dict": {"w": 2.0, "b": 3.0},
    "a namedtuple": Pair(2.0, 3.0),
    "lists in a dict": {"w": [2.0, 3.0], "b": (1.0, {"c": 5.0})},
    "empty containers": [[], {}, (), [2.0]],
    "an OrderedDict": OrderedDict(b=2.0, a=3.0),
    "namedtuples in a list": [Pair(1.0, 2.0), Pair([3.0], {"x": 4.0})],
    "other numbers": [2, Fraction(1, 2), np.float64(4.0), np.float32(0.5), np.int64(3)],
}


def leaves(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [x for part in tree.values() for x in leaves(part)]
    return [x for part in tree for x in leaves(part)] if isinstance(tree, (list, tuple)) else [tree]


def shape(tree: Any) -> Any:
    """A structure without its numbers."""
    if isinstance(tree, dict):
        return type(tree), [(key, shape(part)) for key, part in tree.items()]
    return (type(tree), [shape(part) for part in tree]) if isinstance(tree, (list, tuple)) else None


@pytest.mark.parametrize("tree", [pytest.param(tree, id=name) for name, tree in STRUCTURES.items()])
def test_derivatives_come_back_in_the_structure_of_the_argument(tree: Any) -> None:
    def f(tree: Any) -> Any:
        return ops.sum([0.0, *[(k + 1) * x**2 for k, x in enumerate(leaves(tree))]])

    wanted = [2.0 * (k + 1) * x for k, x in enumerate(map(float, leaves(tree)))]
    units = [[float(i == j) for j in range(len(wanted))] for i in range(len(wanted))]
    for derivative in (grad(f)(tree), jacobian(f)(tree), vjp(f, tree)[1](1.0)[0], hvp(f, (tree,), (tree,))[0]):
        assert shape(derivative) == shape(tree)
    assert leaves(grad(f)(tree)) == wanted
    assert leaves(jacobian(f)(tree)) == wanted
    assert leaves(vjp(f, tree)[1](1.0)[0]) == wanted
    assert leaves(hvp(f, (tree,), (tree,))[0]) == pytest.approx(wanted)
    assert [entry for line in leaves(hessian(f)(tree)) for entry in [line]] == [
        2.0 * (i + 1) * entry for i, unit in enumerate(units) for entry in unit
    ]


def test_the_argument_itself_is_left_alone() -> None:
    tree = {"w": [1.0, 2.0]}
    grad(lambda t: t["w"][0] * t["w"][1])(tree)
    assert tree == {"w": [1.0, 2.0]}
    assert grad(lambda t: t["a"] ** 2)(MappingProxyType({"a": 3.0})) == {"a": 6.0}


def test_outputs_keep_their_structure_too() -> None:
    def f(v: Any) -> Any:
        return {"product": v[0] * v[1], "pair": Pair(v[0], [v[1] ** 2])}

    assert jacobian(f)([2.0, 3.0]) == {"product": [3.0, 2.0], "pair": Pair([1.0, 0.0], [[0.0, 6.0]])}
    assert jvp(f, ([2.0, 3.0],), ([1.0, 10.0],)) == (
        {"product": 6.0, "pair": Pair(2.0, [9.0])},
        {"product": 23.0, "pair": Pair(1.0, [60.0])},
    )
    y, pullback = vjp(f, [2.0, 3.0])
    assert y == {"product": 6.0, "pair": Pair(2.0, [9.0])}
    assert pullback({"pair": Pair(100.0, [1.0]), "product": 10.0}) == ([130.0, 26.0],)
    assert pullback(y) == ([20.0, 66.0],)


def test_tangents_and_cotangents_are_matched_by_their_keys() -> None:
    def f(d: Any) -> Any:
        return {"y": d["a"] * 10 + d["b"], "z": d["b"]}

    primal = {"a": 1.0, "b": 2.0}
    assert jvp(f, (primal,), ({"b": 1.0, "a": 0.0},))[1] == {"y": 1.0, "z": 1.0}
    assert vjp(f, primal)[1]({"z": 1.0, "y": 0.0}) == ({"a": 0.0, "b": 1.0},)
    assert hvp(lambda d: d["a"] ** 2 * d["b"], (primal,), ({"b": 1.0, "a": 0.0},)) == ({"a": 2.0, "b": 0.0},)


def test_constants_and_ignored_arguments_have_derivative_0() -> None:
    for constant in (7, 7.0, Fraction(7), np.float64(7.0)):
        assert value_and_grad(lambda x, c=constant: c)(2.0) == (7.0, 0.0)
        assert jvp(lambda x, c=constant: c, (2.0,), (1.0,)) == (7.0, 0.0)
        assert taylor(lambda x, c=constant: c, 2.0, 3) == [7.0, 0.0, 0.0, 0.0]
    assert grad(lambda x, y: x, (0, 1))(2.0, 3.0) == (1.0, 0.0)
    assert jacobian(lambda v: [v[0], 5.0])([1.0, 2.0]) == [[1.0, 0.0], [0.0, 0.0]]
    assert hessian(lambda v: v[0])([1.0, 2.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert grad(grad(lambda x: 2 * x))(1.0) == 0.0
    assert grad(lambda x: ops.floor(x))(1.5) == 0.0
    assert vjp(lambda x: 3.0, 1.0)[1](1.0) == (0.0,)
    assert vjp(lambda: 3.0)[1](1.0) == ()


def test_aux_comes_back_beside_the_value_with_plain_numbers() -> None:
    def f(x: Any) -> Any:
        return x**2, {"twice": 2 * x, "name": "f", "list": [x, None]}

    aux = {"twice": 6.0, "name": "f", "list": [3.0, None]}
    assert value_and_grad(f, has_aux=True)(3.0) == ((9.0, aux), 6.0)
    assert grad(f, has_aux=True)(3.0) == (6.0, aux)
    assert type(grad(f, has_aux=True)(3.0)[1]["twice"]) is float


def test_aux_of_an_inner_call_keeps_what_the_outer_one_differentiates() -> None:
    def outer(x: Any) -> Any:
        slope, aux = grad(lambda y: (x * y, x * x * y), has_aux=True)(2.0)
        return slope * aux

    assert grad(outer)(3.0) == 3 * 9 * 2.0  # (x · 2x²)′ = 6x²


def test_grad_has_the_name_and_the_sentence_of_its_function() -> None:
    def energy(x: Any) -> Any:
        """The energy."""
        return x

    for derivative in (grad(energy), value_and_grad(energy), jacobian(energy), nth_derivative(energy, 2)):
        assert (derivative.__name__, derivative.__doc__) == ("energy", "The energy.")
    assert grad(functools.partial(lambda k, x: k * x, 3.0))(1.0) == 3.0
    assert grad(ops.exp)(0.0) == 1.0


def test_control_flow_is_followed() -> None:
    def newton(a: Any) -> Any:
        x = a
        while abs(x * x - a) > 1e-13:
            x = (x + a / x) / 2
        return x

    def piecewise(x: Any) -> Any:
        return x * x if x > 0 else -3 * x

    for D in MODES.values():
        assert D(newton)(2.0) == pytest.approx(0.5 / math.sqrt(2.0), rel=1e-14)
        assert (D(piecewise)(2.0), D(piecewise)(-2.0)) == (4.0, -3.0)
        assert D(lambda x: max(x, 1.0) * sorted([x, 3.0])[0])(2.0) == 4.0


# ------------------------------------------------------------------------------------------------ nodes, closures and modes


def test_a_derivative_by_a_node_is_a_node_that_depends_on_it() -> None:
    x = Value(3.0, "x")
    dy = grad(lambda v: v**3)(x)
    assert dy.data == 27.0
    dy.backward()
    assert x.grad == 18.0
    value, constant = value_and_grad(lambda v: 2 * v)(x)
    assert (value.data, constant.data) == (6.0, 2.0)
    assert gradient(constant, x).data == 0.0
    assert grad(lambda v: 5.0)(x).data == 0.0


def test_no_gradient_is_lost_through_a_closure_over_a_node() -> None:
    w = Value(3.0, "w")
    (w * grad(lambda x: w * x * x)(2.0)).backward()  # w · 4w
    assert w.grad == 24.0
    w.zero_grad()
    (w * jvp(lambda x: w * x * x, (2.0,), (1.0,))[1]).backward()
    assert w.grad == 24.0
    y, pullback = vjp(lambda x: [w * x, x], 2.0)
    assert (y[0].data, y[1]) == (6.0, 2.0)
    assert gradient(pullback([w, 1.0])[0], w).data == 6.0


def test_derivatives_are_found_under_no_grad_too_and_are_plain() -> None:
    w = Value(2.0)
    with no_grad():
        assert grad(lambda x: x**2)(3.0) == 6.0
        assert grad(lambda x: w * x)(3.0) == 2.0
        assert grad(grad(lambda x: x**3))(3.0) == 18.0
        assert hessian(lambda v: v[0] * v[1])([1.0, 2.0]) == [[0.0, 1.0], [1.0, 0.0]]
        assert jvp(lambda x: x**2, (3.0,), (1.0,)) == (9.0, 6.0)
        y, pullback = vjp(lambda x: x * x, 3.0)
        assert (y, pullback(1.0)) == (9.0, (6.0,))
        dw = grad(lambda v: v**3)(w)
        assert (dw.data, dw.operands) == (12.0, ())
        assert (w * w).operands == ()
    assert len((w * w).operands) == 2
    assert grad(lambda x: no_grad()(lambda: x * 5.0)().data * x)(3.0) == 15.0


def test_no_grad_of_any_node_is_read_or_written() -> None:
    x, w = Value(3.0), Value(2.0)
    x.grad, w.grad = 7.0, 8.0
    for call in (grad, jacobian, hessian, value_and_grad):
        call(lambda v: v * v * w)(x)
        call(lambda v: v * v * w)(2.0)
    gradient(x * x * w, [x, w])
    assert (x.grad, w.grad) == (7.0, 8.0)


def test_an_anomaly_within_a_derivative_is_named() -> None:
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"mul.*= inf"):
        grad(lambda x: ops.exp(x) * 1e308 * 10)(5.0)


def test_long_chains_need_no_recursion() -> None:
    def chain(x: Any, length: int = 20_000) -> Any:
        for _ in range(length):
            x = x * 1.0001 + 0.0
        return x

    known = pytest.approx(1.0001**20_000, rel=1e-9)
    assert grad(chain)(1.0) == known
    assert forward(chain)(1.0) == known
    assert taylor(lambda x: chain(x, 3000), 1.0, 3) == pytest.approx([1.0001**3000] * 2 + [0.0, 0.0], rel=1e-9)


# -------------------------------------------------------------------------------------------------- graphs of derivatives


def test_gradient_gives_graphs_in_the_structure_asked_for() -> None:
    x, y, unused = Value(3.0, "x"), Value(4.0, "y"), Value(1.0)
    z = x * y + x**2
    d = gradient(z, {"x": x, "rest": [y, unused, z]})
    assert (d["x"].data, d["rest"][0].data, d["rest"][1].data, d["rest"][2].data) == (10.0, 3.0, 0.0, 1.0)
    assert gradient(d["x"], (x, y))[0].data == 2.0
    assert gradient(gradient(d["x"], y), y).data == 0.0
    assert gradient(z, x, seed=2).data == 20.0
    assert gradient(gradient(z, x, seed=y), y).data == 14.0
    assert gradient(x * y, x) is y


def test_a_gradient_can_be_drawn_and_swept_backward() -> None:
    x = Value(0.5, "x")
    dy = gradient(ops.sin(x) * x, x)
    assert "cos" in draw_dot(dy).source
    dy.backward()
    assert x.grad == pytest.approx(2 * math.cos(0.5) - 0.5 * math.sin(0.5), rel=1e-15)


def test_gradient_of_every_row_has_the_numbers_that_backward_has() -> None:
    for row in TABLE.values():
        x, y = Value(within(row, 0.7)), Value(0.4)
        operands = {1: (x,), 2: (x, y)}.get(len(row.operands))
        if operands is None or row.variadic or row.required:
            continue
        root = row(*operands)
        x.grad = y.grad = 0.0
        root.backward()
        assert [g.data for g in gradient(root, [x, y])] == [x.grad, y.grad], row


def test_nothing_flows_through_a_closed_gate() -> None:
    x = Value(0.0, "x")
    assert gradient(ops.relu(ops.sqrt(x) - 1), x).data == 0.0
    assert grad(lambda x: ops.where(x > 0, ops.sqrt(x), x))(0.0) == 1.0
    for D in MODES.values():
        assert D(lambda x: ops.relu(ops.sqrt(x) - 1) + x)(0.0) == 1.0
        assert D(D(lambda x: ops.max(ops.sqrt(x), 1.0) + x * x))(0.0) == 2.0


def test_a_graph_whose_leaf_was_set_since_is_refused() -> None:
    x, w, other = Value(3.0), Value(0.0), Value(1.0)
    y = w * x + other
    assert gradient(y, w).data == 3.0
    x.data = 4.0  # y is what it was, as w is 0, and ∂y/∂w is not
    with pytest.raises(StaleGraphError, match="compute the graph again"):
        gradient(y, w)
    assert gradient(y, other).data == 1.0  # through which x does not come
    inner = ops.exp(x)
    dy = gradient(inner * inner, inner)
    x.data = 2.0
    with pytest.raises(StaleGraphError, match="exp was computed"):
        gradient(dy, x)
    x.data = 4.0
    product = w * x
    x.data = 5.0
    with pytest.raises(StaleGraphError, match="mul was computed"):
        gradient(product, [w, x])
    x.data = 4.0
    assert gradient(product, w).data == 4.0
    nan = Value(math.nan)
    assert math.isnan(gradient(nan * nan, nan).data)


# ---------------------------------------------------------------------------------------------------------- what is refused


def square(x: Any) -> Any:
    return x * x


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(lambda: grad(lambda v: [v, v])(1.0), r"grad needs one number, not \[.*use jacobian", id="several outputs"),
        pytest.param(lambda: value_and_grad(lambda v: (v,))(1.0), "value_and_grad needs one number", id="a tuple of one"),
        pytest.param(lambda: hessian(lambda v: [v, v])(1.0), "hessian needs one number", id="several outputs of hessian"),
        pytest.param(lambda: hvp(lambda v: [v], (1.0,), (1.0,)), "hvp needs one number", id="several outputs of hvp"),
        pytest.param(lambda: nth_derivative(lambda v: [v], 2)(1.0), "nth_derivative needs one number", id="several outputs of nth"),
        pytest.param(lambda: taylor(square, [1.0, 2.0], 2), "taylor needs one number", id="taylor at a list"),
        pytest.param(lambda: grad(lambda v: None)(1.0), "returns None; let it return a number", id="no return"),
        pytest.param(lambda: jacobian(lambda v: None)(1.0), "returns None", id="no return of a vector"),
        pytest.param(lambda: grad(square)("2"), r"grad, argument 0: a number is needed, not '2'", id="text"),
        pytest.param(lambda: grad(lambda v: v[0])([1.0, 1j]), r"grad, argument 0: at \[1\]: a number", id="1j in a list"),
        pytest.param(lambda: grad(square)(1j), "argument 0: a number is needed", id="complex"),
        pytest.param(lambda: grad(lambda v: v[0])(np.array([1.0, 2j])), r"argument 0: at \[0\]: a number is needed", id="array"),
        pytest.param(lambda: grad(square)(None), "argument 0: a number is needed, not None", id="None"),
        pytest.param(lambda: grad(lambda v: v)({1.0, 2.0}), "not {.*of type set", id="set"),
        pytest.param(lambda: grad(square, 1)(1.0), "argnums = 1, but 1 .* given; count from 0 to 0", id="argnums too large"),
        pytest.param(lambda: grad(square, -2)(1.0), "argnums = -2", id="argnums too negative"),
        pytest.param(lambda: grad(square)(x=1.0), "differentiated arguments are positional", id="keyword only"),
        pytest.param(lambda: grad(square, "x"), "grad: argnums = 'x'; give the number of an argument", id="argnums by name"),
        pytest.param(lambda: grad(square, (0, 0.5)), "argnums", id="argnums a fraction"),
        pytest.param(lambda: grad(square, None), "argnums = None", id="argnums None"),
        pytest.param(lambda: grad(square, True), "argnums = True", id="argnums a bool"),
        pytest.param(lambda: grad(lambda x, y: x, (0, -2))(1.0, 2.0), "name an argument twice", id="argnums twice"),
        pytest.param(lambda: grad(square, has_aux=True)(1.0), r"has_aux needs a function that gives a pair", id="no aux"),
        pytest.param(lambda: grad(3.0), "grad takes a function first, not 3.0; give f itself", id="grad of a number"),
        pytest.param(lambda: vjp(Value(2.0), 1.0), "vjp takes a function first", id="vjp of a node"),
        pytest.param(lambda: jvp(square, 1.0, 1.0), r"jvp: primals = 1.0; give a tuple .*\(1.0,\)", id="primals no tuple"),
        pytest.param(lambda: jvp(square, (1.0,), 1.0), "jvp: tangents = 1.0", id="tangents no tuple"),
        pytest.param(lambda: jvp(square, (1.0,), (1.0, 2.0)), "length 1", id="more tangents than primals"),
        pytest.param(lambda: jvp(lambda v: v[0], ([1.0, 2.0],), ([1.0],)), "give a sequence of length 2", id="short tangent"),
        pytest.param(lambda: jvp(lambda v: v[0], ([1.0],), (1.0,)), "give a sequence of length 1", id="number for a list"),
        pytest.param(lambda: jvp(square, (1.0,), ([1.0],)), "give one number", id="list for a number"),
        pytest.param(lambda: jvp(lambda d: d["a"], ({"a": 1.0},), ({"b": 1.0},)), "a dict with the same keys", id="other keys"),
        pytest.param(lambda: hvp(square, (1.0,), ([1.0],)), "hvp: the tangents are", id="hvp structure"),
        pytest.param(lambda: vjp(lambda x: [x, x], 1.0)[1]([1.0]), "vjp: the cotangent is .*length 2", id="short cotangent"),
        pytest.param(lambda: vjp(square, 1.0)[1]("1"), "a number is needed", id="cotangent of text"),
        pytest.param(lambda: nth_derivative(square, 1.5), "n = 1.5 is not a whole number", id="order a fraction"),
        pytest.param(lambda: taylor(square, 1.0, "2"), "n = '2' is not a whole number", id="order of text"),
        pytest.param(lambda: gradient(3.0, Value(1.0)), "differentiates a node, not 3.0.*use grad", id="gradient of a number"),
        pytest.param(lambda: gradient(Value(1.0), 3.0), "with respect to nodes, not 3.0.*use grad", id="gradient by a number"),
        pytest.param(lambda: gradient(Value(1.0), Value(1.0), seed="1"), "a number is needed", id="seed of text"),
        pytest.param(lambda: grad(math.sin)(1.0), "autograd.sin", id="math on a node"),
        pytest.param(lambda: forward(math.sin)(1.0), "functions of autograd, not those of math", id="math on a dual number"),
    ],
)  # fmt: skip
def test_what_cannot_be_differentiated_is_refused_with_the_cure(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(OperandError, match=message):
        call()


@pytest.mark.parametrize("n", [-1, 65, 10**6])
def test_an_order_beyond_reason_is_refused(n: int) -> None:
    with pytest.raises(GraphSizeError, match=f"n = {n}; orders from 0 to 64"):
        nth_derivative(square, n)


def test_the_highest_order_is_reached_without_recursion_errors() -> None:
    assert nth_derivative(lambda x: ops.tanh(x) / x, 64)(1.0) != 0.0
    assert taylor(lambda x: 1 / (1 - x), 0.0, 64) == pytest.approx([1.0] * 65)


def test_errors_of_the_function_itself_come_through() -> None:
    for D in MODES.values():
        with pytest.raises(ValueError, match=r"log\(-1.0\)"):
            D(lambda x: ops.log(x))(-1.0)
        with pytest.raises(KeyError):
            D(lambda x: {}["k"])(1.0)
        assert D(lambda x: x**2)(3.0) == 6.0


def test_the_slope_of_a_partial_that_is_nan_is_nan() -> None:
    row = op(lambda a: a, name="nowhere", doc="Of a test.", partials=(lambda a, y: a + math.nan,))
    try:
        x = Value(2.0)
        for y in (row(x), row(x) * 3.0 + x):
            slope = gradient(y, x)
            assert math.isnan(slope.data)
            assert math.isnan(gradient(slope, x).data)
    finally:
        del TABLE["nowhere"]
