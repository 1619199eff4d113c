"""The tape: its adjoints are backward's to the bit, and its steps chain."""

from __future__ import annotations

import math
import sys

import pytest
from examples import ROWS, baydin, gated, lecture, of_row, same
from hypothesis import given
from hypothesis import strategies as st

from autograd import ops
from autograd.errors import GraphSizeError, OperandError, OptionError, StaleGraphError
from autograd.ops import Op
from autograd.show.tape import Quantity, record
from autograd.testing import Expression, graphs
from autograd.value import Value, toposort


def assert_is_backward(root: Value, seed: float = 1.0) -> None:
    tape = record(root, seed=seed)
    root.zero_grad()
    root.backward(seed)
    assert [repr(tape.adjoint(node)) for node in tape.nodes] == [repr(node.grad) for node in tape.nodes]
    reached = {step.node for step in tape if step.kind == "backward" and step.is_reached}
    assert reached == {node for node in tape.nodes if node.operands and node.reached}


# ---------------------------------------------------------------------------------------------------------------- the numbers


@given(graphs(), st.sampled_from([1.0, -2.0, 0.0, math.inf, math.nan, 1e300]))
def test_the_adjoints_are_those_of_backward_to_the_bit(expression: Expression, seed: float) -> None:
    assert_is_backward(expression.nodes()[-1], seed)


@pytest.mark.parametrize("row", ROWS)
def test_the_adjoints_of_every_row_are_those_of_backward(row: Op) -> None:
    assert_is_backward(of_row(row))


@pytest.mark.parametrize("x", [0.0, 1.0, math.inf, math.nan])
def test_closed_gates_infinities_and_nan_flow_as_in_backward(x: float) -> None:
    v = Value(x, "x")
    root = ops.relu(ops.sqrt(v) - 1) * v + ops.where(False, v * v, v) + ops.sqrt(v) ** 2
    assert_is_backward(root)
    assert_is_backward(root, math.inf)


def test_no_grad_is_looked_at_or_changed() -> None:
    root = lecture()
    record(root)
    assert not any(node.reached for node in toposort(root))
    root.backward(3.0)
    before = [node.grad for node in toposort(root)]
    assert record(root).adjoint(root) == 1.0
    assert [node.grad for node in toposort(root)] == before


@given(graphs())
def test_before_and_after_chain_from_nothing_to_the_adjoint(expression: Expression) -> None:
    tape = record(expression.nodes()[-1])
    sums: dict[Value, float] = {}
    for step in tape:
        if step.kind == "seed":
            assert (step.node, step.after) == (tape.root, 1.0)
        if step.kind == "backward":
            assert step.operand is not None
            assert repr(step.before) == repr(sums.get(step.operand, 0.0))
            sums[step.operand] = step.after if step.after is not None else math.nan
            if step.completes:
                assert repr(step.after) == repr(tape.adjoint(step.operand))
    assert {step.operand for step in tape if step.completes} == set(tape.nodes[:-1])


def test_a_contribution_is_upstream_times_partial_and_none_through_a_closed_gate() -> None:
    for step in record(gated()):
        if step.kind == "backward":
            assert step.upstream is not None
            assert step.partial is not None
            flows = step.is_open and step.is_reached
            assert step.contribution == (step.upstream * step.partial if flows else 0.0)
    states = [(step.is_reached, step.is_open) for step in record(gated()) if step.kind == "backward"]
    assert states == [(True, True), (True, True), (True, False), (False, True), (False, True), (False, True)]


def test_the_example_of_baydin_has_the_digits_that_were_printed() -> None:
    tape = record(baydin())
    data = {node.op.__name__ if node.op else node.label: f"{node.data:.3f}" for node in tape.nodes}
    assert data == {
        "x1": "2.000",
        "x2": "5.000",
        "log": "0.693",
        "mul": "10.000",
        "add": "10.693",
        "sin": "-0.959",
        "sub": "11.652",
    }
    assert [f"{tape.adjoint(leaf):.3f}" for leaf in tape.nodes if leaf.op is None] == ["5.500", "1.716"]
    x1, _, x2 = tape.nodes[:3]
    assert [f"{step.after:.3f}" for step in tape if step.operand is x2] == ["-0.284", "1.716"]
    assert [f"{step.after:.3f}" for step in tape if step.operand is x1] == ["5.000", "5.500"]


def test_a_tape_keeps_the_numbers_it_recorded() -> None:
    x = Value(3.0, "x")
    tape = record(x * x)
    text, tree = str(tape), tape.tree()
    x.data = 4.0
    assert (str(tape), tape.tree()) == (text, tree)
    assert tape[0].formula() == "x = 3"


@pytest.mark.parametrize("seed", [-0.0, 0.0, -1.5, math.inf])
def test_the_adjoints_of_any_seed_are_those_of_backward_to_the_bit(seed: float) -> None:
    x = Value(3.0)
    y = x * 2.0
    y.backward(seed)
    tape = record(y, seed=seed)
    assert (tape.adjoint(y).hex(), tape.adjoint(x).hex()) == (y.grad.hex(), x.grad.hex())
    contribution = tape.edge(y, 0).contribution
    assert contribution is not None
    assert contribution.hex() == y.edges[0][2].hex()


# ------------------------------------------------------------------------------------------------------------------ the steps


@given(graphs())
def test_there_is_a_step_for_every_node_one_for_the_seed_and_one_for_every_edge(expression: Expression) -> None:
    root = expression.nodes()[-1]
    tape = record(root)
    nodes, edges = toposort(root), sum(len(node.operands) for node in toposort(root))
    assert len(tape) == len(nodes) + 1 + edges == len(tape.steps)
    assert same(tape.nodes, *nodes)
    assert [step.index for step in tape] == list(range(len(tape)))
    assert same([step.node for step in tape[: len(nodes)]], *nodes)
    assert tape[len(nodes)].kind == "seed"
    swept = [(node, slot, operand) for node in reversed(nodes) for slot, operand in enumerate(node.operands)]
    assert [(step.node, step.slot, step.operand) for step in tape[len(nodes) + 1 :]] == swept


def test_steps_are_indexed_sliced_and_found_by_their_edge() -> None:
    tape = record(lecture())
    assert [step.kind for step in tape[:4]] == ["leaf", "leaf", "forward", "leaf"]
    assert tape[-1].index == len(tape) - 1
    assert [step.index for step in tape[-2:]] == [len(tape) - 2, len(tape) - 1]
    assert [step.index for step in tape[::-7]] == [13, 6]
    for step in tape[len(tape.nodes) + 1 :]:
        assert step.slot is not None
        assert tape.edge(step.node, step.slot) == step
    with pytest.raises(IndexError, match="has 14 steps; there is none numbered 14"):
        tape[14]


def test_every_quantity_can_be_asked_for() -> None:
    tape = record(lecture())
    for step in tape[len(tape.nodes) + 1 :]:
        assert step.slot is not None
        for kind in ("partial", "contribution", "before", "after"):
            node = tape.place[step.node]
            assert tape.quantity(kind, node, step.slot) == Quantity(kind, node, step.slot, getattr(step, kind))
    assert tape.quantity("data", 2).value == -6.0
    assert tape.quantity("adjoint", 2).value == -2.0


def test_a_leaf_alone_is_a_tape_of_two_steps() -> None:
    tape = record(Value(2.0, "a"))
    assert [step.formula() for step in tape] == ["a = 2", "∂a/∂a = 1"]
    assert str(tape) == "forward | backward, read upward\na  = 2  | ∂a/∂a  = 1"
    assert tape.tree() == "#0 a = 2    ∂a/∂a = 1"


def test_a_long_chain_is_recorded_shown_and_counted_without_recursion() -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(5_000):
        y = y + 1
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(150)
        tape = record(y)
        table, tree = str(tape.table(limit=4)), tape.tree(limit=3)
    finally:
        sys.setrecursionlimit(limit)
    assert len(tape) == 10_002
    assert "... 9,996 steps more" in table
    assert len(table.splitlines()) == 6
    assert tree.splitlines()[-1] == "... 4,998 nodes more"


def test_a_wide_operation_is_recorded_in_time_proportional_to_its_edges() -> None:
    x = [Value(float(i), f"x{i}") for i in range(5_000)]
    tape = record(ops.sum(x))
    assert sum(step.contribution or 0.0 for step in tape) == 5_000.0


# ------------------------------------------------------------------------------------------------------------------- refusals


def test_a_graph_whose_leaf_was_set_since_is_refused_by_the_name_of_the_node() -> None:
    x = Value(3.0, "x")
    y = ops.log(x)
    y.label = "y"
    root = y * 2
    x.data = 3.5
    with pytest.raises(StaleGraphError, match=r"^y: log was computed as 1\.09\d+, and its operands have other data now"):
        record(root)
    x.data = -1.0  # where there is no logarithm at all
    with pytest.raises(StaleGraphError, match="compute the graph again"):
        record(root)
    x.data = 3.0
    assert len(record(root)) == 6


def test_a_leaf_set_to_where_only_the_slope_differs_is_refused_too() -> None:
    x, w = Value(3.0, "x"), Value(0.0, "w")
    root = w * x
    x.data = 4.0
    with pytest.raises(StaleGraphError, match="v1: mul"):
        record(root)


def test_what_is_no_node_or_no_style_or_no_readable_picture_is_refused_with_the_cure() -> None:
    with pytest.raises(OperandError, match=r"record takes the node that a computation ended in, or a list of such nodes, not 3\.0"):
        record(3.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="style='bars': give one of labels, wengert"):
        record(lecture()).table("bars")
    with pytest.raises(GraphSizeError, match="max_nodes"):
        record(lecture()).frames(max_nodes=3)
    with pytest.raises(ValueError, match="rankdir='XX'"):
        next(record(lecture()).frames(rankdir="XX"))


def test_what_a_tape_does_not_have_is_refused_with_the_cure() -> None:
    x, stranger = Value(2.0, "x"), Value(3.0)
    tape = record(x * x)
    for ask in (lambda: tape.adjoint(stranger), lambda: tape.adjoint("x"), lambda: tape.edge(stranger, 0)):  # type: ignore[arg-type]
        with pytest.raises(OperandError, match=r"is no node of this tape; tape\.nodes lists them"):
            ask()
    for slot in (2, -1):  # not the step of another edge
        with pytest.raises(IndexError, match=f"has 2 operands; there is no slot {slot}"):
            tape.edge(tape.root, slot)
    with pytest.raises(IndexError, match="has 0 operands"):
        tape.edge(x, 0)
    with pytest.raises(OptionError, match="kind='grad': give one of data, adjoint, partial, contribution, before, after"):
        tape.quantity("grad", 0)
    for ask in (lambda: tape.table(limit="x"), lambda: tape.tree(limit=0)):  # type: ignore[arg-type]
        with pytest.raises(OptionError, match=r"limit=.*: give a whole number"):
            ask()
