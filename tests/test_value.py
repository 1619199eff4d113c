"""Tests of the node: accumulation, order, saved local derivatives, what it refuses, and how it gets on with Python and numpy."""

import fractions
import math
import operator
import os
import random
import subprocess
import sys

import numpy as np
import pytest
from examples import same, within
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import AutogradError, OperandError, ReadOnlyError, Value, ops, toposort, zero_grad
from autograd.ops import TABLE

# ----------------------------------------------------------------------------------------------------------- accumulation


def diamond():
    """A graph with sharing at every level, whose gradients are exact: (x, y, root)."""
    x, y = Value(3.0, "x"), Value(-2.0, "y")
    p = x * y
    q = p + x
    return x, y, (p * q + q) * p


def test_backward_twice_doubles_every_leaf_gradient():
    x, y, root = diamond()
    root.backward()
    first = x.grad, y.grad
    root.backward()
    assert (x.grad, y.grad) == (2 * first[0], 2 * first[1])
    root.backward()
    assert (x.grad, y.grad) == (3 * first[0], 3 * first[1])


data = st.floats(-2.0, 2.0)


@settings(deadline=None, max_examples=50)
@given(xs=st.lists(data, min_size=2, max_size=6), seed=data)
def test_backward_twice_doubles_every_leaf_gradient_to_the_bit(xs, seed):
    leaves = [Value(x) for x in xs]
    root = ops.sum([a * b for a in leaves for b in leaves]).tanh()
    root.backward(seed)
    first = [leaf.grad for leaf in leaves]
    root.backward(seed)
    assert [leaf.grad for leaf in leaves] == [2 * grad for grad in first]


@settings(deadline=None, max_examples=50)
@given(a=data, b=data)
def test_two_roots_sharing_a_subgraph_add_up_in_the_leaves_to_the_bit(a, b):
    def gradients(*which):
        x, y = Value(a), Value(b)
        shared = (x * y).tanh()
        roots = shared * x + shared * y, shared * shared * x
        for i in which:
            roots[i].backward()
        return x.grad, y.grad

    assert gradients(0, 1) == tuple(p + q for p, q in zip(gradients(0), gradients(1), strict=True))


@pytest.mark.parametrize("seed", [None, "1", 1j, [1.0], 10**400], ids=lambda seed: type(seed).__name__)
def test_a_refused_seed_leaves_every_gradient_as_it_was(seed):
    x = Value(2.0)
    y = x * x
    y.backward()
    with pytest.raises((TypeError, OverflowError)):
        y.backward(seed)
    assert (x.grad, y.grad) == (4.0, 1.0)


def test_backward_twice_compounds_nothing_inside():
    x = Value(3.0)
    squared = x * x
    fourth = squared * squared
    fourth.backward()
    assert x.grad == 108.0
    inside = squared.grad, fourth.grad
    fourth.backward()
    assert x.grad == 216.0
    assert (squared.grad, fourth.grad) == inside == (18.0, 1.0)


def test_the_gradients_of_an_expression_with_sharing_are_those_of_calculus():
    x, y, root = diamond()
    root.backward()
    # root = p²q + pq with p = xy, q = xy + x
    p, q = -6.0, -3.0
    by_p, by_q = 2 * p * q + q, p * p + p
    assert root.data == p * p * q + p * q
    assert x.grad == by_p * -2.0 + by_q * (-2.0 + 1.0)
    assert y.grad == by_p * 3.0 + by_q * 3.0


@pytest.mark.parametrize(
    "forget", [lambda root: root.zero_grad(), lambda root: zero_grad(toposort(root))], ids=["method", "function"]
)
def test_zero_grad_then_backward_repeats_the_first_result_to_the_bit(forget):
    x, y = Value(0.1), Value(0.7)
    root = (x / y + x.sin() * y.exp()) ** 3
    root.backward()
    first = [node.grad.hex() for node in toposort(root)]
    forget(root)
    assert [(node.grad, node.reached) for node in toposort(root)] == [(0.0, False)] * len(first)
    root.backward()
    assert [node.grad.hex() for node in toposort(root)] == first


def test_setting_grad_of_the_leaves_to_zero_then_backward_repeats_the_first_result():
    x, y, root = diamond()
    root.backward()
    first = x.grad, y.grad
    x.grad = 0
    y.grad = 0
    root.backward()
    assert (x.grad, y.grad) == first


def test_backward_of_2_is_twice_backward():
    _, _, root = diamond()
    root.backward()
    first = [node.grad for node in toposort(root)]
    root.zero_grad()
    root.backward(2.0)
    assert [node.grad for node in toposort(root)] == [2 * grad for grad in first]
    root.zero_grad()
    root.backward(seed=-0.5)
    assert [node.grad for node in toposort(root)] == [-0.5 * grad for grad in first]


@pytest.mark.parametrize("seed", [2, True, np.float32(0.5), fractions.Fraction(1, 4)], ids=repr)
def test_a_seed_may_be_any_number(seed):
    x = Value(3.0)
    (x * 4).backward(seed)
    assert x.grad == 4.0 * float(seed)


def test_two_roots_sharing_a_subgraph_add_up_in_the_leaves():
    x, y = Value(3.0), Value(-2.0)
    shared = x * y
    first, second = shared * shared, shared + x
    first.backward()
    second.backward()
    assert x.grad == 2 * -6.0 * -2.0 + (-2.0 + 1.0)
    assert y.grad == 2 * -6.0 * 3.0 + 3.0
    assert shared.grad == 1.0  # of the last call
    assert first.grad == 1.0


def test_backward_from_inside_a_graph_leaves_the_rest_alone():
    x = Value(3.0)
    inner = x * x
    outer = inner * x
    inner.backward()
    assert (x.grad, inner.grad, outer.grad, outer.reached) == (6.0, 1.0, 0.0, False)


def test_backward_on_a_leaf_sets_its_own_gradient_to_1():
    x = Value(3.0)
    x.backward()
    assert (x.grad, x.reached) == (1.0, True)
    x.backward()
    assert x.grad == 2.0  # leaves accumulate


def test_the_gradient_of_the_root_is_the_seed_however_often():
    _, _, root = diamond()
    for seed in (1.0, 2.5, 1.0):
        root.backward(seed)
        assert root.grad == seed


def test_an_unused_leaf_has_gradient_0():
    x, unused = Value(3.0), Value(4.0)
    (x * 2).backward()
    assert (unused.grad, unused.reached) == (0.0, False)
    assert type(unused.grad) is float


def test_a_node_not_reached_is_told_from_one_whose_gradient_is_0():
    x, y = Value(0.0), Value(5.0)
    product = x * y
    assert [node.reached for node in (x, y, product)] == [False] * 3
    product.backward()
    assert (y.grad, y.reached) == (0.0, True)
    y.zero_grad()
    assert (y.grad, y.reached) == (0.0, False)
    y.grad = 0.0
    assert y.reached


def test_reading_grad_and_writing_it_back_does_not_hide_a_later_flow():
    x, y = Value(2.0), Value(3.0)
    y.grad = x.grad  # the 0.0 of a node that was not reached
    assert (x.reached, y.reached) == (False, True)
    (x * y).backward()
    assert (x.grad, y.grad) == (3.0, 2.0)
    (Value(2.0) * x).backward(x.data * 0.0)
    assert x.grad == 3.0


def test_gradients_that_cancel_leave_a_node_reached():
    x = Value(2.0)
    (x - x).backward()
    assert (x.grad, x.reached) == (0.0, True)


# --------------------------------------------------------------------------------------------------------- the structure


def test_adding_x_to_itself_sixty_times_costs_sixty_one_nodes():
    leaf = x = Value(1.0)
    for _ in range(60):
        x = x + x
    x.backward()
    assert len(toposort(x)) == 61
    assert (x.data, leaf.grad) == (2.0**60, 2.0**60)


def test_operands_are_ordered_and_repeated():
    x, y = Value(2.0), Value(3.0)
    assert same((x - y).operands, x, y)
    assert same((y - x).operands, y, x)
    assert same((x * x).operands, x, x)
    assert same((x * 3).operands, x)
    assert same((3 - x).operands, x)
    assert same((3 - x).arguments, 3.0, x)
    assert same(ops.dot([x, 5.0], [y, x]).operands, x, y, x)
    assert same(ops.dot([x, 5.0], [y, x]).arguments, x, 5.0, y, x)


def test_local_derivatives_stand_beside_their_operands():
    x, y = Value(2.0), Value(4.0)
    assert (x * y).partials == (4.0, 2.0)
    assert (x * x).partials == (2.0, 2.0)
    assert (x / y).partials == (0.25, -0.125)
    assert (3 - x).partials == (-1.0,)
    assert ops.affine([x], [y], Value(1.0)).partials == (4.0, 2.0, 1.0)
    assert x.partials == ()


def test_edges_tell_operand_local_derivative_contribution_and_gate():
    x, y = Value(2.0), Value(4.0)
    root = ops.max(x, y) * x
    larger = root.operands[0]
    assert larger.edges == ((x, None, 0.0, False), (y, 1.0, 0.0, True))
    root.backward(3.0)
    assert root.edges == ((larger, 2.0, 6.0, True), (x, 4.0, 12.0, True))
    assert larger.edges == ((x, None, 0.0, False), (y, 1.0, 6.0, True))


NATIVE = {
    "-x": (operator.neg, "neg", 1),
    "x - y": (operator.sub, "sub", 2),
    "x / y": (operator.truediv, "div", 2),
    "x ** y": (operator.pow, "pow", 2),
    "x + y": (operator.add, "add", 2),
    "x * y": (operator.mul, "mul", 2),
    "abs(x)": (operator.abs, "abs", 1),
    "x % y": (operator.mod, "mod", 2),
    "x // y": (operator.floordiv, "floor_div", 2),
    "round(x)": (round, "round", 1),
    "math.trunc(x)": (math.trunc, "trunc", 1),
    "math.floor(x)": (math.floor, "floor", 1),
    "math.ceil(x)": (math.ceil, "ceil", 1),
}


@pytest.mark.parametrize(("function", "name", "count"), NATIVE.values(), ids=NATIVE)
def test_an_operator_is_one_node_of_its_own(function, name, count):
    nodes = [Value(2.0), Value(3.0)][:count]
    y = function(*nodes)
    assert y.op is TABLE[name]
    assert same(y.operands, *nodes)
    if count == 2:
        assert same(function(nodes[0], 3.0).operands, nodes[0])
        assert same(function(2.0, nodes[1]).operands, nodes[1])
        assert function(nodes[0], 3.0).op is function(2, nodes[1]).op is TABLE[name]


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if len(row.operands) == 1 and not row.variadic])
def test_a_row_of_one_operand_is_a_method_and_a_function_alike(name):
    parameters = {"n": 1} if name == "polygamma" else {}
    x = Value(within(TABLE[name], 0.5))
    by_method, by_function = getattr(x, name)(**parameters), TABLE[name](x, **parameters)
    assert (by_method.data, by_method.op, by_method.partials) == (by_function.data, TABLE[name], by_function.partials)


def test_a_row_of_more_operands_is_a_method_of_its_first():
    x, y = Value(2.0), Value(3.0)
    for node in (x.max(y), x.hypot(y), x.atan2(y)):
        assert same(node.operands, x, y)
    assert x.clamp(0, 1).data == 1.0


def test_toposort_gives_operands_before_users_each_once_and_in_the_same_order_always():
    _, _, root = diamond()
    order = toposort(root)
    places = {node: i for i, node in enumerate(order)}
    assert len(places) == len(order) == 7
    assert all(places[operand] < places[node] for node in order for operand in node.operands)
    assert order[-1] is root
    assert same(toposort(root), *order)


def test_toposort_of_several_roots_lists_what_they_share_once():
    x = Value(2.0)
    shared = x * x
    a, b = shared + 1, shared + 2
    assert same(toposort(a, b), x, shared, a, b)
    assert same(toposort(b, a, a), x, shared, b, a)
    assert toposort() == []


# -------------------------------------------------------------------------------------------- data saved, set, read-only


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if not row.variadic])
def test_setting_the_data_of_a_leaf_afterwards_changes_no_saved_derivative(name):
    row = TABLE[name]
    parameters = {"polygamma": {"n": 1}, "where": {"condition": True}}.get(name, {})
    points = [within(row, 1.5, i) for i in range(len(row.operands))]

    def gradients(disturbed):
        nodes = [Value(x) for x in points]
        y = row.apply(tuple(nodes), parameters)
        if disturbed:
            for node in nodes:
                node.data *= 1.125
        y.backward()
        return y.data, [node.grad for node in nodes]

    assert gradients(disturbed=True) == gradients(disturbed=False)


def test_a_gradient_belongs_to_the_forward_pass_it_came_from():
    x = Value(3.0)
    y = x * x
    x.data = 100.0
    y.backward()
    assert (x.grad, y.data) == (6.0, 9.0)
    (x * x).backward()
    assert x.grad == 6.0 + 200.0


def test_the_data_of_an_interior_node_is_read_only_and_the_message_says_what_to_do():
    x = Value(3.0)
    y = x * x
    with pytest.raises(AttributeError, match=r"data of Value\(data=9\.0\).*read-only.*set the data of a leaf"):
        y.data = 1.0
    y.label = "y"
    with pytest.raises(AttributeError, match=r"data of y came from .*mul"):
        y.data += 1.0
    assert y.data == 9.0


def test_the_data_of_a_leaf_may_be_set_and_is_a_float():
    x = Value(3)
    x.data -= 1
    assert (x.data, type(x.data)) == (2.0, float)
    x.data = np.float32(0.5)
    assert (x.data, type(x.data)) == (0.5, float)
    assert x.item() == 0.5


def test_grad_may_be_set_on_any_node():
    x = Value(3.0)
    y = x * x
    y.grad = 2
    assert (y.grad, type(y.grad), y.reached) == (2.0, float, True)
    x.grad += 5
    assert x.grad == 5.0


def test_backpropagation_by_hand_is_one_step_of_the_chain_rule_at_a_time():
    x, y, root = diamond()
    root.backward()
    expected = x.grad, y.grad
    root.zero_grad()
    root.grad = 1.0
    for node in reversed(toposort(root)):
        node._backward()
    assert (x.grad, y.grad) == expected


@pytest.mark.parametrize("name", ["operands", "partials", "reached", "edges"])
def test_what_a_node_computed_cannot_be_assigned_by_a_misspelling(name):
    with pytest.raises(AttributeError):
        Value(1.0).gard = 1.0
    assert hasattr(Value(1.0), name)


def test_augmented_assignment_leaves_the_other_name_alone():
    for change in (operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ipow):
        a = Value(3.0)
        b = a
        b = change(b, 2)
        assert b is not a
        assert (a.data, a.operands) == (3.0, ())
        assert same(b.operands, a)


# ---------------------------------------------------------------------------------------------------- comparing, sorting


def test_hash_is_identity_so_sets_and_dictionaries_hold_nodes():
    a, b = Value(2.0), Value(2.0)
    assert len({a, b, a}) == 2
    assert {a: "a", b: "b"}[b] == "b"
    assert hash(a) == object.__hash__(a)


COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
number = st.sampled_from([0.0, -0.0, 1.0, math.inf, -math.inf, math.nan]) | st.floats()


@pytest.mark.parametrize("compare", COMPARISONS, ids=lambda compare: compare.__name__)
@settings(deadline=None, max_examples=50)
@given(a=number, b=number)
def test_comparisons_compare_data(compare, a, b):
    expected = compare(a, b)
    assert compare(Value(a), Value(b)) is compare(Value(a), b) is compare(a, Value(b)) is expected
    assert bool(compare(np.float64(a), Value(b))) is bool(compare(Value(a), np.float64(b))) is expected


@pytest.mark.parametrize("other", [None, "2", 1j, [1.0], object()], ids=lambda other: type(other).__name__)
def test_what_is_no_number_is_unequal_and_has_no_order(other):
    assert (Value(1.0) == other) is (other == Value(1.0)) is False
    assert (Value(1.0) != other) is (other != Value(1.0)) is True
    for compare in COMPARISONS[2:]:
        with pytest.raises(OperandError, match=f"of type {type(other).__name__} has no order"):
            compare(Value(1.0), other)


def test_sorted_and_the_builtin_max_and_min_work():
    a, b, c = Value(3.0), Value(1.0), Value(2.0)
    assert same(sorted([a, b, c]), b, c, a)
    assert same(sorted([a, b, c], reverse=True), a, c, b)
    assert max(a, b, c) is a
    assert min([a, b, c]) is b
    assert max(b, 1.5) == 1.5


def test_a_comparison_takes_a_branch():
    def f(x):
        if x > 0:
            return x * 2
        return -x

    for point, slope in ((3.0, 2.0), (-3.0, -1.0)):
        x = Value(point)
        f(x).backward()
        assert x.grad == slope


# --------------------------------------------------------------------------------------------------------- what it refuses

v = Value(2.0, "v")
REFUSALS = {
    "bool(v)": (bool, r"v > 0|v\.data"),
    "if v": (lambda v: 1 if v else 2, r"v > 0|v\.data"),
    "v and 1": (lambda v: v and 1, r"v > 0|v\.data"),
    "not v": (operator.not_, r"v > 0|v\.data"),
    "any([v])": (lambda v: any([v]), r"v > 0|v\.data"),
    "where(v, 1, 2)": (lambda v: autograd.where(v, 1.0, 2.0), r"v > 0|v\.data"),
    "float(v)": (float, r"v\.data"),
    "int(v)": (int, r"v\.data"),
    "complex(v)": (complex, r"v\.data"),
    "math.sin(v)": (math.sin, r"autograd\.sin"),
    "math.exp(v)": (math.exp, "autograd"),
    "math.pow(v, 2)": (lambda v: math.pow(v, 2), "autograd"),
    "math.hypot(v, 1)": (lambda v: math.hypot(v, 1), "autograd"),
    "math.fsum([v])": (lambda v: math.fsum([v]), r"autograd\.sum"),
    "math.isnan(v)": (math.isnan, r"v\.data"),
    "np.asarray(v, float)": (lambda v: np.asarray(v, float), r"v\.data"),
    "np.array([v], float)": (lambda v: np.array([v], float), r"v\.data"),
    "np.zeros(1)[0] = v": (lambda v: np.zeros(1).__setitem__(0, v), None),
    "np.float64(v)": (np.float64, r"v\.data"),
    "'%.2f' % v": (lambda v: "%.2f" % v, r"v\.data"),  # noqa: UP031  # it is this spelling that is refused
    "Value(v)": (Value, r"v\.data"),
    "backward(v)": (lambda v: Value(1.0).backward(v), r"v\.data"),
}


@pytest.mark.parametrize(("attempt", "cure"), REFUSALS.values(), ids=REFUSALS)
def test_what_would_silently_drop_a_gradient_is_a_type_error_that_names_the_right_call(attempt, cure):
    with pytest.raises(TypeError, match=cure) as refusal:
        attempt(Value(2.0, "speed"))
    if cure is not None:
        assert isinstance(refusal.value, OperandError)
        assert "speed" in str(refusal.value)


NOT_SUPPORTED = {
    "len(v)": len,
    "iter(v)": iter,
    "list(v)": list,
    "a, b = v": lambda v: (lambda a, b: a)(*v),
    "v[0]": lambda v: v[0],
    "v[0] = 1": lambda v: operator.setitem(v, 0, 1),
    "1 in v": lambda v: 1 in v,
    "v()": lambda v: v(),
    "range(v)": range,
    "[1, 2, 3][v]": lambda v: [1, 2, 3][v],
    "'ab' * v": lambda v: "ab" * v,
    "v @ v": lambda v: v @ v,
    "v & 1": lambda v: v & 1,
    "~v": operator.invert,
    "'%d' % v": lambda v: "%d" % v,  # noqa: UP031  # it is this spelling that is refused
    "autograd.sum(v)": autograd.ops.sum,
    "Value(1, 2)": lambda v: Value(1.0, 2),
    "Value()": lambda v: Value(),
    "Value(1, label=None)": lambda v: Value(1.0, label=None),
}


@pytest.mark.parametrize("attempt", NOT_SUPPORTED.values(), ids=NOT_SUPPORTED)
def test_a_node_is_no_sequence_and_no_integer(attempt):
    with pytest.raises(TypeError):
        attempt(Value(2.0))


@pytest.mark.parametrize("name", ["daat", "gard", "backwards", "zero_grads", "__len__", "softmaxx", "sum", "where"])
def test_a_misspelt_attribute_is_an_attribute_error(name):
    with pytest.raises(AttributeError, match=name):
        getattr(Value(2.0), name)


def test_a_misspelt_attribute_cannot_be_set():
    with pytest.raises(AttributeError, match="gard"):
        Value(2.0).gard = 1.0


def test_a_subclass_is_refused_when_it_is_defined():
    with pytest.raises(TypeError, match=r"as Mine would be.*@op") as refusal:

        class Mine(Value):
            pass

    assert isinstance(refusal.value, OperandError)
    assert not hasattr(Value(1.0), "__dict__")
    assert Value.__final__


READ_ONLY = ["op", "operands", "arguments", "parameters", "partials", "edges", "reached", "is_leaf", "_prev", "_op"]


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_made_a_node_is_read_only(name):
    x = Value(1.0)
    y = x * 2
    z = y * 3
    before = getattr(y, name)
    with pytest.raises(AttributeError, match=f"the {name} of Value") as refusal:
        setattr(y, name, (z,))  # operands: a cycle
    assert isinstance(refusal.value, ReadOnlyError)
    with pytest.raises(AttributeError):
        delattr(y, name)
    assert getattr(y, name) == before
    z.backward()
    assert x.grad == 6.0


def test_everything_that_a_node_holds_is_read_only_or_checked():
    attributes = {name for name, thing in vars(Value).items() if hasattr(type(thing), "__set__") and not name.startswith("_")}
    settable = attributes - {*READ_ONLY}
    assert settable == {"data", "grad", "label"}
    y = autograd.leaky_relu(Value(-1.0), negative_slope=0.5)
    with pytest.raises(TypeError):
        y.parameters["negative_slope"] = 2.0
    assert type(y.operands) is type(y.arguments) is type(y.partials) is tuple


@pytest.mark.parametrize("label", [5, None, b"x", ("x",), Value(1.0)], ids=repr)
def test_a_label_that_is_no_text_is_refused_when_it_is_assigned(label):
    x = Value(2.0, "x")
    with pytest.raises(TypeError, match="a label is a str, not") as refusal:
        x.label = label
    assert isinstance(refusal.value, OperandError)
    assert x.label == "x"


def test_a_gradient_that_is_set_is_reached_whichever_zero_it_was():
    x, other = Value(-1.0), Value(2.0)
    y = x.relu()
    assert (y.partials, y.edges) == ((None,), ((x, None, 0.0, False),))
    assert not other.reached
    x.grad = other.grad
    assert x.reached
    (y * x).backward()
    assert x.grad == 0.0


def test_nothing_flows_along_the_edges_of_a_node_that_no_backward_has_reached():
    x = Value(0.0)
    root = x.sqrt()
    (root * 1.0 - 1.0).relu().backward()
    assert (root.reached, root.edges[0][1:]) == (False, (math.inf, 0.0, True))
    root.backward()
    assert root.edges[0][1:] == (math.inf, math.inf, True)


# --------------------------------------------------------------------------------- what PyTorch and micrograd write otherwise


@pytest.mark.parametrize(
    ("options", "cure"),
    [
        ({"create_graph": True}, r"create_graph: gradient\("),
        ({"retain_graph": True}, r"retain_graph: .*call backward\(\) again"),
        ({"gradient": 2.0}, r"gradient: .*backward\(seed\)"),
        ({"inputs": []}, r"inputs: gradient\("),
        ({"sed": 2.0}, r"sed: .*backward\(seed\)"),
    ],
    ids=lambda value: "".join(value) if isinstance(value, dict) else "",
)
def test_an_option_of_backward_that_there_is_not_is_refused_with_what_to_use_instead(options, cure):
    x = Value(3.0)
    y = x * x
    with pytest.raises(TypeError, match=cure) as refusal:
        y.backward(**options)
    assert isinstance(refusal.value, OperandError)
    assert (x.reached, y.reached) == (False, False)
    y.backward(seed=2.0)
    assert x.grad == 12.0


def hand_made_tanh(x):
    t = math.tanh(x.data)
    return Value(t, (x,), "tanh")


def hand_made_product(x, y):
    return Value(x.data * y.data, _children=(x, y), _op="fancy product")


def course_swish(x):
    out = Value(x.data / (1 + math.exp(-x.data)))

    def _backward():
        x.grad += 1.0 * out.grad

    out._backward = _backward
    return out


HAND_MADE = {
    "positional": (lambda: hand_made_tanh(Value(0.5)), "tanh", "my_tanh", 1),
    "keywords": (lambda: hand_made_product(Value(0.5), Value(2.0)), "fancy product", "fancy_product", 2),
    "a sign": (lambda: Value(1.0, (Value(1.0), Value(2.0)), "+"), "add already: a + b", "operation", 2),
    "a set": (lambda: Value(1.0, {Value(1.0)}, "probit"), "probit", "probit", 1),
    "no name": (lambda: Value(1.0, (Value(1.0),)), "", "operation", 1),
    "with a label": (lambda: Value(1.0, (Value(1.0),), "probit", "y"), "probit", "probit", 1),
    "many": (lambda: Value(1.0, [Value(1.0)] * 9, "pool"), "pool", "pool", None),
    "a closure": (lambda: course_swish(Value(0.5)), "", "course_swish", 1),
}


@pytest.mark.parametrize(("make", "said", "row", "count"), HAND_MADE.values(), ids=HAND_MADE)
def test_a_node_made_by_hand_is_refused_with_a_declaration_to_paste(make, said, row, count):
    with pytest.raises((TypeError, AttributeError), match=r"@op\(partials=") as refusal:
        make()
    message = str(refusal.value)
    assert isinstance(refusal.value, AutogradError)
    assert said in message
    declaration = message[message.index("from autograd import op") : message.rindex(f"y = {row}(")]
    names = {}
    exec(declaration, names)  # as it is: it declares, and what is still to be written is asked for when it runs
    try:
        operands = [Value(1.0)] * (count or 9)
        with pytest.raises(TypeError, match=rf"^{row}\(.*its value is Ellipsis"):
            names[row](operands) if count is None else names[row](*operands)
        completed = declaration.replace("return ...", "return 1.0").replace("y: ...", "y: 2.0").replace("(...)", "(2.0,) * len(xs)")
        exec(completed, names)
        y = names[row](operands) if count is None else names[row](*operands)
        assert y.partials == (2.0,) * len(operands)
    finally:
        del TABLE[row]


def test_zero_grad_of_what_is_no_node_is_refused_and_forgets_nothing():
    x = Value(3.0)
    (x * x).backward()
    for nodes in ([x, 5], [x, None], {"x": x}, 5, None, "x", [[x]]):
        with pytest.raises(TypeError, match=r"zero_grad forgets the gradients of nodes, and .* is none"):
            zero_grad(nodes)
        assert x.grad == 6.0
    zero_grad(x)
    assert not x.reached


def test_a_wrong_number_of_operands_is_a_type_error_that_says_how_many():
    for attempt in (lambda: autograd.exp(), lambda: autograd.exp(v, v), lambda: ops.max(v), lambda: v.hypot()):
        with pytest.raises(TypeError, match=r"takes \d operands"):
            attempt()
    for attempt in (lambda: autograd.mean([]), lambda: autograd.logsumexp([])):
        with pytest.raises(TypeError, match="at least one operand"):
            attempt()
    for attempt in (lambda: autograd.dot([v], [v, v]), lambda: autograd.dot([], []), lambda: autograd.affine([v], [], v)):
        with pytest.raises(TypeError, match="same length"):
            attempt()


def test_an_unknown_or_a_missing_parameter_is_a_type_error_that_names_it():
    with pytest.raises(TypeError, match="slope"):
        autograd.leaky_relu(v, slope=0.1)
    with pytest.raises(TypeError, match="needs the parameter n"):
        autograd.polygamma(v)


# ----------------------------------------------------------------------------------------------------------------- numpy

SCALARS = [
    np.float64(3.0),
    np.float32(3.0),
    np.float16(3.0),
    np.int64(3),
    np.int8(3),
    np.uint8(3),
    np.longdouble(3.0),
    np.array(3.0),
]
OPERATORS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv,
]  # fmt: skip


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda scalar: type(scalar).__name__)
@pytest.mark.parametrize("apply", OPERATORS, ids=lambda apply: apply.__name__)
def test_a_numpy_scalar_on_either_side_gives_a_node_with_the_right_gradient(apply, scalar):
    for numpy_first in (True, False):
        found = []
        for constant in (scalar, 3.0):
            x = Value(2.0)
            y = apply(constant, x) if numpy_first else apply(x, constant)
            assert type(y) is Value
            y.backward()
            found.append((y.data, x.grad, y.op, y.operands == (x,), [type(a) for a in y.arguments]))
        assert found[0] == found[1]


@pytest.mark.parametrize("apply", OPERATORS, ids=lambda apply: apply.__name__)
def test_a_numpy_array_and_a_node_give_an_object_array_of_nodes(apply):
    for array in (np.array([1.0, 3.0]), np.array([1, 3]), np.array([[1.0], [3.0]])):
        for numpy_first in (True, False):
            x = Value(2.0)
            y = apply(array, x) if numpy_first else apply(x, array)
            assert y.dtype == object
            assert y.shape == array.shape
            for element, constant in zip(y.flat, array.flat, strict=True):
                expected = apply(float(constant), x) if numpy_first else apply(x, float(constant))
                assert (type(element), element.data, element.partials) == (Value, expected.data, expected.partials)


def test_object_arrays_of_nodes_sum_and_multiply_with_gradients():
    x, y = Value(2.0), Value(3.0)
    (np.array([10.0, 20.0]) @ np.array([x, y])).backward()
    assert (x.grad, y.grad) == (10.0, 20.0)
    np.sum(np.array([x, y, x])).backward()
    assert (x.grad, y.grad) == (12.0, 21.0)
    np.exp(np.array([x]))[0].backward()
    assert x.grad == 12.0 + math.exp(2.0)


# ------------------------------------------------------------------------------------------------------- Python's builtins


def test_the_builtin_sum_works_from_its_int_0():
    values = [Value(1.0), Value(2.0), Value(3.0)]
    total = sum(values)
    total.backward()
    assert total.data == 6.0
    assert [node.grad for node in values] == [1.0, 1.0, 1.0]
    assert sum(values, 0.5).data == 6.5
    assert math.prod(values).data == 6.0


@pytest.mark.parametrize("constant", [3, True, fractions.Fraction(1, 4), 2.5, 10**20], ids=repr)
@pytest.mark.parametrize("apply", OPERATORS, ids=lambda apply: apply.__name__)
def test_a_plain_number_on_either_side_is_a_constant(apply, constant):
    x = Value(2.0)
    if apply is not operator.pow or constant != 10**20:
        assert apply(x, constant).data == apply(2.0, float(constant))
        assert apply(constant, x).data == apply(float(constant), 2.0)
        assert all(same(node.operands, x) for node in (apply(x, constant), apply(constant, x)))


@pytest.mark.parametrize("number", [2, 2.0, np.float64(2.0), fractions.Fraction(2), True], ids=repr)
def test_divmod_of_nodes_and_numbers_is_pythons_with_the_slopes_of_its_two_parts(number):
    for x in (7.5, -7.5):
        node, expected = Value(x), divmod(x, float(number))
        quotient, rest = divmod(node, number)
        assert (quotient.data, rest.data) == expected
        assert (quotient.op, rest.op) == (TABLE["floor_div"], TABLE["mod"])
        (quotient + rest).backward()
        assert node.grad == 1.0
        divisor = Value(x)
        quotient, rest = divmod(number, divisor)
        assert (quotient.data, rest.data) == divmod(float(number), x) == (float(number) // x, float(number) % x)
        (quotient + 3 * rest).backward()
        assert divisor.grad == -3 * (float(number) // x)
    assert autograd.divmod(7.5, 2) == (3.0, 1.5)


def test_round_keeps_its_digits_and_goes_half_to_even():
    for x, n in [(2.5, 0), (3.5, 0), (2.675, 2), (1234.5, -2), (-0.125, 2), (1e300, 5)]:
        assert round(Value(x), n).data == round(x, n) == autograd.ops.round(x, n) == round(autograd.Dual(x, 1.0), n).primal
    assert round(Value(2.5)).data == round(2.5)
    with pytest.raises(OperandError, match=r"ndigits = 0\.5 is no whole number"):
        round(Value(2.5), 0.5)


@pytest.mark.parametrize(
    "attempt",
    [lambda v: v % 0, lambda v: v // 0.0, lambda v: divmod(v, 0), lambda v: 7 % (v - v), lambda v: 7 // (v - v)],
    ids=["v % 0", "v // 0", "divmod(v, 0)", "7 % v", "7 // v"],
)
def test_a_remainder_by_zero_is_a_division_error(attempt):
    for x in (Value(2.0), autograd.Dual(2.0, 1.0)):
        with pytest.raises(autograd.DivisionError, match=r"0\.0 is outside"):
            attempt(x)


EVERYWHERE = {
    **{name: function for name, (function, _, count) in NATIVE.items() if count == 1},
    **{f"x {name} 2.5": (lambda x, f=function: f(x, 2.5)) for name, (function, _, count) in NATIVE.items() if count == 2},
    **{f"2.5 {name} x": (lambda x, f=function: f(2.5, x)) for name, (function, _, count) in NATIVE.items() if count == 2},
    "round(x, 1)": lambda x: round(x, 1),
    "divmod(x, 2)[1]": lambda x: divmod(x, 2)[1],
    "divmod(9, x)[1]": lambda x: divmod(9, x)[1],
}


@pytest.mark.parametrize("apply", EVERYWHERE.values(), ids=EVERYWHERE)
def test_python_operators_have_one_answer_on_nodes_dual_numbers_series_and_symbols(apply):
    from autograd.text.symbols import Symbol

    x = Value(3.25)
    y = apply(x)
    y.backward()
    assert y.data == apply(3.25)
    assert autograd.jvp(apply, (3.25,), (1.0,)) == (y.data, x.grad)
    assert autograd.taylor(apply, 3.25, 1) == [y.data, x.grad]
    assert eval(repr(apply(Symbol("x"))), {**TABLE, "x": 3.25}) == y.data


def test_plus_x_is_x():
    assert +v is v


def test_repr_is_short_and_shows_data_and_grad():
    x = Value(2.0, "x")
    y = x * -1.5
    assert repr(y) == str(y) == f"{y}" == "Value(data=-3.0, grad=0.0)"
    y.backward()
    assert repr(x) == "Value(data=2.0, grad=-1.5)"
    assert repr(Value(math.nan)) == "Value(data=nan, grad=0.0)"
    assert (f"{x:.3f}", f"{x:>6}") == ("2.000", "   2.0")


def test_labels_name_nodes_and_change_nothing_else():
    x = Value(2.0, label="x")
    y = x * x
    y.label = "y"
    assert (x.label, y.label, Value(1.0).label) == ("x", "y", "")


# ------------------------------------------------------------------------------------------------------- the same bits

PROGRAM = """
import random
from autograd import Value, dot, exp, logsumexp, max, softmax, toposort
rng = random.Random(7)
leaves = [Value(rng.uniform(-1, 1), f"x{i}") for i in range(20)]
pool = list(leaves)
for _ in range(300):
    a, b, c = rng.sample(pool, 3)
    pool.append(rng.choice([
        lambda: (a * b + c).tanh(), lambda: a - b / (2 + c * c), lambda: max(a, b), lambda: logsumexp([a, b, c]),
        lambda: dot([a, b], [b, c]), lambda: softmax([a, b, c])[1], lambda: exp(-(a * a)), lambda: a.sigmoid() * b,
    ])())
root = sum(pool)
root.backward()
print(root.data.hex(), len(toposort(root)))
print([node.grad.hex() for node in leaves])
print([(node._op, node.data.hex(), node.grad.hex()) for node in toposort(root)])
"""


def test_the_same_program_gives_the_same_bits_whatever_the_hash_seed():
    root = os.path.dirname(os.path.dirname(os.path.abspath(autograd.__file__)))
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "1", "random")
    ]
    outputs = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert len(outputs[0]) > 10_000
    assert outputs[0] == outputs[1] == outputs[2]


def test_is_leaf_says_whether_a_node_came_from_an_operation():
    x = Value(2.0)
    assert x.is_leaf
    assert not (x * 3).is_leaf
    assert not (-x).is_leaf
    with autograd.no_grad():
        assert (x * 3).is_leaf
    with pytest.raises(AttributeError):
        x.is_leaf = False


def test_global_random_state_is_untouched():
    random.seed(5)
    np.random.seed(5)  # it is the global state that is watched
    before, numpy_before = random.getstate(), np.random.get_state()[1].tolist()
    _, _, root = diamond()
    root.backward()
    for row in TABLE.values():
        if len(row.operands) == 1 and not row.variadic and not row.required:
            row(Value(within(row, 0.5))).backward()
    assert random.getstate() == before
    assert np.random.get_state()[1].tolist() == numpy_before
