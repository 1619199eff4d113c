"""Tests of the node: accumulation, order, saved local derivatives, comparisons, the same bits each time."""

import fractions
import math
import operator
import os
import random
import subprocess
import sys
import weakref

import numpy as np
import pytest
from examples import same, within
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import OperandError, Value, ops, toposort, zero_grad
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


def test_a_label_is_kept_as_an_exact_str_and_so_never_refers_back_to_its_node():
    class Loud(str):
        def __str__(self):
            return "LOUD"

    x = Value(2.0, Loud("x"))
    y = x * x
    y.label = rule = Loud("y")
    rule.node = y
    assert [(node.label, type(node.label)) for node in (x, y)] == [("x", str), ("y", str)]
    x.__init__(3.0, Loud(""))
    assert (x.label, type(x.label)) == ("", str)
    ghost = weakref.ref(y)
    del y, rule  # no cycle: nothing waits for the collector
    assert ghost() is None
