"""Walks over a graph: what they list, what a replay computes again, what is inside a composite operation."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from examples import same, within

from autograd import Value, affine, gelu, no_grad, ops, sigmoid, softmax, toposort, where
from autograd.errors import OperandError
from autograd.graph import expand, is_larger, leaves, replay, trace, users
from autograd.ops import TABLE, op


def chain(length):
    x = Value(1.0, "x")
    y = x
    for _ in range(length):
        y = y + 1.0
    return x, y


def arithmetic():
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    return a, b, c, a * b + c * c


def ordinary(row, count=3):
    """Operands in the middle of the row's domain, at no kink, no two of them the same."""
    count = count if row.variadic else len(row.operands)
    if row.__name__ == "clamp":
        return [0.3, -1.0, 1.0]
    return [within(row, 0.35 + 0.2 * index, index) for index in range(count)]


def parameters_for(row):
    given = {"condition": True, "k": 1, "target": 1}
    return {name: given.get(name, value) for name, value in row.parameters.items()}


COMPOSITES = [row for row in ops.TABLE.values() if row.decomposition is not None]
composites = pytest.mark.parametrize("row", COMPOSITES, ids=lambda row: row.__name__)


def composite(row):
    xs = [Value(x, f"x{index}") for index, x in enumerate(ordinary(row))]
    return xs, row.apply(tuple(xs), parameters_for(row))


class TestWalks:
    def test_trace_gives_the_sets_that_micrograd_gives(self):
        x = Value(3.0)
        y = x * x
        z = y + x
        assert trace(z) == ({x, y, z}, {(x, y), (y, z), (x, z)})

    def test_leaves_come_in_topological_order(self):
        a, b, c, y = arithmetic()
        assert same(leaves(y), a, b, c)

    def test_a_leaf_is_its_own_only_node(self):
        x = Value(1.0)
        assert trace(x) == ({x}, set())
        assert same(leaves(x), x)

    def test_users_are_listed_once_for_each_use(self):
        x = Value(3.0)
        square = x * x
        result = square + x
        assert {node: [(user.data, slot) for user, slot in found] for node, found in users(result).items()} == {
            x: [(9.0, 0), (9.0, 1), (12.0, 1)],
            square: [(12.0, 0)],
            result: [],
        }

    def test_is_larger_counts_every_node_once(self):
        y = Value(1.0)
        for _ in range(60):  # 2**60 paths
            y = y + y
        assert is_larger(y, 60)
        assert not is_larger(y, 61)

    @pytest.mark.thorough
    def test_a_million_nodes_are_walked_without_recursion(self):
        limit = sys.getrecursionlimit()
        x, y = chain(1_000_000)
        started = time.perf_counter()
        assert is_larger(y, 500)
        assert time.perf_counter() - started < 0.1
        assert same(leaves(y), x)
        assert len(users(y)) == 1_000_001
        assert sys.getrecursionlimit() == limit


class TestReplay:
    def test_a_long_chain_is_replayed_without_recursion(self):
        x, y = chain(20_000)
        assert replay(y, {x: 2.0}).data == 20_002.0

    def test_replay_computes_again_on_other_numbers(self):
        a, _, c, y = arithmetic()
        assert replay(y, {a: 4.0, c: 1.0}).data == 4.0 * -3.0 + 1.0

    def test_replay_without_numbers_gives_the_same_bits(self):
        _, y = composite(ops.TABLE["gelu"])
        assert replay(y).data == y.data

    def test_replay_leaves_the_original_alone_and_keeps_labels(self):
        a, b, c, y = arithmetic()
        y.label = "y"
        y.backward()
        copy = replay(y, {a: 5.0})
        assert (a.data, a.grad, y.data) == (2.0, -3.0, 94.0)
        assert [leaf.label for leaf in leaves(copy)] == ["a", "b", "c"]
        assert copy.label == "y"
        assert not copy.reached
        assert not {a, b, c} & set(toposort(copy))

    def test_replay_keeps_sharing_and_multiplicity(self):
        x = Value(3.0)
        copy = replay(x * x + x, {x: 2.0})
        copy.backward()
        (leaf,) = leaves(copy)
        assert (copy.data, leaf.grad) == (6.0, 5.0)

    def test_replay_takes_numbers_for_leaves_only(self):
        a, b, _, y = arithmetic()
        for stranger in (y, a * b, Value(1.0)):
            with pytest.raises(OperandError, match="not a leaf of this graph"):
                replay(y, {stranger: 1.0})

    def test_replay_keeps_constants_and_parameters(self):
        x = Value(-2.0)
        y = 3.0 - x.leaky_relu(negative_slope=0.5) ** 2
        assert replay(y, {x: -4.0}).data == 3.0 - 4.0

    def test_replay_keeps_the_branch_that_was_chosen(self):
        a, b = Value(1.0), Value(2.0)
        assert replay(where(a > b, a, b), {a: 5.0}).data == 2.0


class TestExpand:
    @composites
    def test_the_inside_of_a_row_has_the_gradients_of_the_row(self, row):
        xs, y = composite(row)
        y.backward(1.5)
        inside = expand(y)
        found = {leaf.label: leaf.grad for leaf in leaves(inside)}
        assert inside.data == pytest.approx(y.data, rel=1e-12, abs=1e-15)
        assert found == {x.label: pytest.approx(x.grad, rel=1e-9, abs=1e-14) for x in xs if x.label in found}
        assert all(x.grad == 0.0 for x in xs if x.label not in found)

    @composites
    def test_what_is_inside_flows_into_the_leaves_completely(self, row):
        _, y = composite(row)
        y.backward()
        inside = expand(y)
        flow = dict.fromkeys(toposort(inside), 0.0)
        for node in toposort(inside):
            for operand, _, contribution, _ in node.edges:
                flow[operand] += contribution
        for leaf in leaves(inside):
            assert flow[leaf] == pytest.approx(leaf.grad, rel=1e-12, abs=1e-15)

    def test_composite_operations_are_opened_down_to_the_last(self):
        opened = {node.op.__name__ for node in toposort(expand(gelu(Value(0.5)))) if node.op}
        assert opened == {"div", "erf", "add", "mul"}

    def test_a_logit_is_opened_into_its_products(self):
        w, x, b = [Value(2.0), Value(3.0)], [Value(5.0), Value(7.0)], Value(1.0)
        symbols = [node.op.symbol for node in toposort(expand(affine(w, x, b))) if node.op]
        assert sorted(symbols) == ["*", "*", "+", "+"]

    def test_only_the_operations_named_are_opened(self):
        x = Value(0.5)
        names = [node.op.__name__ for node in toposort(expand(sigmoid(x) + x.tanh(), only={"sigmoid"})) if node.op]
        assert "tanh" in names
        assert "sigmoid" not in names

    def test_the_copy_keeps_labels_and_leaves_the_original_alone(self):
        x = Value(0.5, "x")
        y = sigmoid(x)
        y.label = "y"
        y.backward()
        copy = expand(y)
        assert copy.label == "y"
        assert copy is not y
        assert copy.reached
        assert [leaf.label for leaf in leaves(copy)] == ["x"]
        assert x.grad == y.partials[0]

    def test_names_are_given_to_nodes_without_a_label(self):
        x = Value(0.5)
        y = sigmoid(x)
        copy = expand(y, names={x: "input", y: "output"})
        assert (copy.label, leaves(copy)[0].label) == ("output", "input")

    def test_what_no_backward_has_reached_stays_unreached(self):
        assert not any(node.reached for node in toposort(expand(sigmoid(Value(0.5)))))

    def test_a_backward_by_hand_stays_as_far_as_it_came(self):
        x = Value(0.5)
        inner = x.exp()
        y = sigmoid(inner)
        y.grad = 1.0
        y._backward()
        copy = expand(y)
        by_op = {node.op.__name__ if node.op else "leaf": node for node in toposort(copy)}
        assert by_op["div"].reached
        assert not by_op["leaf"].reached

    @pytest.mark.parametrize("x", [-1000.0, 800.0])
    def test_a_node_stays_whole_where_its_inside_overflows(self, x):
        y = Value(x).tanh()
        y.backward()
        assert expand(y).op is ops.tanh

    def test_a_node_stays_whole_at_a_tie_that_its_inside_breaks_otherwise(self):
        a, b = Value(1.0, "a"), Value(1.0, "b")
        y = ops.max(a, b)
        y.backward()
        assert [leaf.grad for leaf in leaves(expand(y))] == [0.5, 0.5]

    def test_a_node_stays_whole_where_its_inside_would_be_the_operand_itself(self):
        x = Value(2.0, "x")
        y = x.elu()
        y.label = "y"
        assert expand(y).label == "y"

    def test_a_component_of_softmax_is_opened(self):
        xs = [Value(float(i), f"x{i}") for i in range(3)]
        y = softmax(xs)[1]
        y.backward()
        assert {x.label: x.grad for x in leaves(expand(y))} == {x.label: pytest.approx(x.grad, rel=1e-12) for x in xs}

    def test_expand_says_that_no_grad_records_nothing(self):
        y = sigmoid(Value(0.5))
        with no_grad(), pytest.raises(OperandError, match="no_grad"):
            expand(y)

    def test_a_long_chain_of_composites_is_opened_without_recursion(self):
        y = Value(0.5)
        for _ in range(5_000):
            y = y.relu()
        assert expand(y, only={"relu"}).data == 0.5


def test_a_replay_with_nan_is_nan():
    a, _, _, y = arithmetic()
    assert math.isnan(replay(y, {a: math.nan}).data)


@pytest.mark.parametrize(
    ("decomposition", "point"),
    [(lambda a: a * a * (1 + 1e-5), 2.0), (lambda a: a * a + 1e-8, 0.0), (lambda a: a * a + 1e-4 * a, 0.0)],
    ids=["off by a factor", "off near 0", "another slope"],
)
def test_a_decomposition_that_is_slightly_wrong_stays_closed(decomposition: Callable[..., Any], point: float) -> None:
    row = op(lambda a: a * a, name="near", doc="Of a test.", partials=(lambda a, y: 2 * a,), decomposition=decomposition)
    try:
        assert expand(row(Value(point))).op is row
        right = op(lambda a: a * a, name="near", doc="Of a test.", partials=(lambda a, y: 2 * a,), decomposition=lambda a: a * a)
        assert expand(right(Value(point))).op is TABLE["mul"]
    finally:
        del TABLE["near"]
