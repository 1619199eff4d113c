"""The tape: its adjoints are backward's to the bit, its steps chain, and what it says and shows is known letter by letter."""

from __future__ import annotations

import itertools
import math
import re
import sys
from dataclasses import replace
from typing import Any

import pytest
from examples import lecture, same, within
from hypothesis import given
from hypothesis import strategies as st

from autograd import ops
from autograd.errors import GraphSizeError, OperandError, OptionError, StaleGraphError
from autograd.ops import TABLE, Op
from autograd.show.tape import Quantity, record
from autograd.testing import Expression, graphs
from autograd.value import Value, toposort

ROWS = [pytest.param(row, id=name) for name, row in list(TABLE.items())]
FREE = {"condition": True, "k": 1, "target": 0, "n": 1}


def baydin() -> Value:
    x1, x2 = Value(2.0, "x1"), Value(5.0, "x2")
    y: Value = ops.log(x1) + x1 * x2 - ops.sin(x2)
    y.label = "y"
    return y


def gated() -> Value:
    """A closed gate, and behind it what nothing reaches."""
    x = Value(3.0, "x")
    y: Value = ops.relu(x * x - 20) + x
    y.label = "y"
    return y


def of_row(row: Op) -> Value:
    count = len(row.operands) if not row.variadic else 5 if row.__name__ == "affine" else 4
    parameters = {name: FREE.get(name, default) for name, default in row.parameters.items()}
    start = within(row, 0.3)
    root: Value = row.apply(tuple([Value(start + 0.125 * i, f"x{i}") for i in range(count)]), parameters)
    return root


def assert_is_backward(root: Value, seed: float = 1.0) -> None:
    tape = record(root, seed=seed)
    root.zero_grad()
    root.backward(seed)
    assert [repr(tape.adjoint(node)) for node in tape.nodes] == [repr(node.grad) for node in tape.nodes]
    reached = {step.node for step in tape if step.kind == "backward" and step.is_reached}
    assert reached == {node for node in tape.nodes if node.operands and node.reached}


# ------------------------------------------------------------------------------------------------------------------ the numbers


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


# ------------------------------------------------------------------------------------------------------------------- the steps


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
    for _ in range(20_000):
        y = y + 1
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(150)
        tape = record(y)
        table, tree = str(tape.table(limit=4)), tape.tree(limit=3)
    finally:
        sys.setrecursionlimit(limit)
    assert len(tape) == 40_002
    assert "... 39,996 steps more" in table
    assert len(table.splitlines()) == 6
    assert tree.splitlines()[-1] == "... 19,998 nodes more"


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
    with pytest.raises(OperandError, match=r"record takes the node that a computation ended in, not 3\.0"):
        record(3.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="style='bars': give one of labels, wengert"):
        record(lecture()).table("bars")
    with pytest.raises(GraphSizeError, match="max_nodes"):
        record(lecture()).frames(max_nodes=3)
    with pytest.raises(ValueError, match="rankdir='XX'"):
        next(record(lecture()).frames(rankdir="XX"))


# ------------------------------------------------------------------------------------------------------------------- in words

WORDS = """\
x is given: a leaf, which no operation made.
v1 = x * x: the product of two.
v2 = v1 - 20: the difference of two.
v3 = relu(v2): the rectified linear unit: the operand above 0, else 0.
y = v3 + x: the sum of two.
Start at the root: ∂y/∂y = 1.
From y to v3: the adjoint 1 times the local derivative 1 adds 1 to ∂y/∂v3, which was 0. \
add distributes: every operand gets the adjoint as it is. v3 has no other user: ∂y/∂v3 = 1 is complete.
From y to x: the adjoint 1 times the local derivative 1 adds 1 to ∂y/∂x, which was 0. \
add distributes: every operand gets the adjoint as it is.
From v3 to v2: closed, nothing flows; ∂y/∂v2 stays 0. \
relu routes: its gate is closed here, nothing passes. v2 has no other user: ∂y/∂v2 = 0 is complete.
From v2 to v1: nothing has reached v2, so nothing flows on; ∂y/∂v1 stays 0. v1 has no other user: ∂y/∂v1 = 0 is complete.
From v1 to x, edge 1 of 2: nothing has reached v1, so nothing flows on; ∂y/∂x stays 1.
From v1 to x, edge 2 of 2: nothing has reached v1, so nothing flows on; ∂y/∂x stays 1. \
All users of x have answered: ∂y/∂x = 1 is complete."""


def test_every_step_says_what_happens() -> None:
    tape = record(gated())
    assert "\n".join(step.words() for step in tape) == WORDS
    assert "\n".join(map(str, tape)) == WORDS


def test_a_local_derivative_is_said_in_symbols_and_in_numbers() -> None:
    h = ops.tanh(Value(0.5, "z"))
    h.label = "h"
    step = record(h)[3]
    start = "From h to z: the adjoint 1 times the local derivative 1 - h ** 2 = 0.7864 adds 0.7864 to ∂h/∂z, which was 0. tanh "
    assert step.words().startswith(start)
    assert step.formula() == "∂h/∂z += ∂h/∂h · ∂h/∂z = 1 · (1 - h ** 2) = 1 · 0.7864 = 0.7864"


def test_a_seed_other_than_one_is_said() -> None:
    tape = record(lecture(), seed=-0.5)
    assert tape[7].words() == "Start at the root with the seed -0.5: all that follows is that many times as large."
    assert tape[8].formula() == "∂L/∂d += ∂L/∂L · ∂L/∂d = -0.5 · f = -0.5 · -2 = 1"


def test_the_words_of_a_row_say_which_operand_is_which() -> None:
    u, v = Value(2.0, "u"), Value(3.0, "v")
    assert record(u**v)[2].words() == "v1 = u ** v: a to the power b; here a is u and b is v."
    assert record(ops.log1p(u))[1].words() == "v1 = log1p(u): log(1 + a), accurate near 0; here a is u."
    assert (
        record(u.clamp(0, 1))[1].words() == "v1 = clamp(u, 0, 1): the operand kept within [low, high]; here low is 0 and high is 1."
    )
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert record(a**b)[2].words() == "v1 = a ** b: a to the power b."


def test_a_row_of_ones_own_speaks_too() -> None:
    @ops.op(partials=(lambda a, y: 3 * ops.square(a),), text="<a>³", name="tape_cube")
    def cube(a: float) -> float:
        """ReLU has nothing to do with it.

        This is the cube.
        """
        return a * a * a

    try:
        tape = record(cube(Value(2.0, "x")))
    finally:
        del TABLE["tape_cube"]
    assert tape[1].words() == "v1 = x³: ReLU has nothing to do with it."
    assert tape[3].formula() == "∂v1/∂x += ∂v1/∂v1 · ∂v1/∂x = 1 · (3 * x ** 2) = 1 · 12 = 12"


def test_a_slope_that_cannot_be_written_is_its_number_alone() -> None:
    @ops.op(partials=(lambda a, y: math.cos(float(a)),), name="tape_sine")
    def sine(a: float) -> float:
        """Sine."""
        return math.sin(a)

    try:
        step = record(sine(Value(0.0, "x")))[3]
        assert step.formula() == "∂v1/∂x += ∂v1/∂v1 · ∂v1/∂x = 1 · 1 = 1"
        assert "times the local derivative 1 adds" in step.words()
    finally:
        del TABLE["tape_sine"]


def test_many_operands_are_not_all_written_out() -> None:
    x = [Value(float(i), f"x{i}") for i in range(9)]
    step = record(ops.sum(x))[9]
    assert step.formula() == "v1 = sum(x0, x1, …, x8) = sum(0, 1, …, 8) = 36"
    assert step.formula(latex=True).startswith(r"v_{1} = \operatorname{sum}\left(x_{0}, x_{1}, \ldots, x_{8}\right) = ")


def test_names_are_those_of_formulas() -> None:
    u, v = Value(1.0), Value(2.0)
    tape = record(u + v, names={"left": u, "right": v})
    assert [step.formula() for step in tape[:3]] == ["left = 1", "right = 2", "v1 = left + right = 1 + 2 = 3"]
    assert list(tape.names.values()) == ["left", "right", "v1"]


def test_a_label_that_is_a_formula_stands_in_brackets() -> None:
    s = Value(1.0, "a + b") * Value(2.0, "c")
    assert record(s)[4].formula() == "∂v1/∂(a + b) += ∂v1/∂v1 · ∂v1/∂(a + b) = 1 · c = 1 · 2 = 2"


@pytest.mark.parametrize("row", ROWS)
def test_every_number_in_a_sentence_or_formula_is_written_by_say(row: Op) -> None:
    asked: list[Quantity] = []

    def say(quantity: Quantity) -> str:
        asked.append(quantity)
        return f"<{quantity.kind} {quantity.node} {quantity.slot}>"

    tape = record(of_row(row))
    root = tape.place[tape.root]
    for step in tape:
        asked.clear()
        text = step.words(say) + step.formula(say) + step.formula(say, latex=True)
        assert text.count("<") >= len(asked) > 0
        assert all(quantity == tape.quantity(*quantity[:3]) for quantity in asked)
        if step.kind == "backward" and step.is_open:
            wanted = {("adjoint", root, 0), *((kind, root, step.slot) for kind in ("partial", "contribution", "before"))}
            assert wanted <= {quantity[:3] for quantity in asked}


def test_the_sentence_for_the_other_state_of_a_gate_can_be_asked_for() -> None:
    step = next(step for step in record(gated()) if not step.is_open)
    assert "closed, nothing flows" in step.words()
    assert "times the local derivative" in replace(step, is_open=True).words()


# --------------------------------------------------------------------------------------------------------------------- formulas

LATEX = [
    r"a = 2",
    r"b = -3",
    r"v_{1} = a \cdot b = 2 \cdot \left(-3\right) = -6",
    r"c = 10",
    r"d = v_{1} + c = -6 + 10 = 4",
    r"f = -2",
    r"L = d \cdot f = 4 \cdot \left(-2\right) = -8",
    r"\frac{\partial L}{\partial L} = 1",
    r"\frac{\partial L}{\partial d} \mathrel{+}= \frac{\partial L}{\partial L} \cdot \frac{\partial L}{\partial d}"
    r" = 1 \cdot f = 1 \cdot \left(-2\right) = -2",
]


def test_the_formulas_of_steps_in_latex() -> None:
    assert [step.formula(latex=True) for step in record(lecture())[:9]] == LATEX


def test_small_numbers_are_powers_of_ten_in_latex() -> None:
    x = Value(3e-9, "x")
    assert record(x * 1e-300 * 1e-300)[0].formula(latex=True) == r"x = 3 \cdot 10^{-9}"
    assert record(x + math.inf)[1].formula(latex=True).endswith(r"3 \cdot 10^{-9} + \infty = \infty")


@pytest.mark.parametrize("row", ROWS)
def test_braces_balance_in_the_latex_of_every_row(row: Op) -> None:
    tape = record(of_row(row))
    for text in [*(step.formula(latex=True) for step in tape), tape.table("wengert").to_latex()]:
        depth = list(itertools.accumulate({"{": 1, "}": -1}.get(c, 0) for c in re.sub(r"\\[{}]", "", text)))
        assert depth[-1] == 0 <= min(depth)
        assert text.count(r"\left") == text.count(r"\right")


# -------------------------------------------------------------------------------------------------------------------- the table

TERMINAL = """\
forward                                  | backward, read upward
x1                             = 2       | ∂y/∂x1                                            = 5.5
x2                             = 5       | ∂y/∂x2                                            = 1.716
v1 = log(x1) = log(2)          = 0.6931  | ∂y/∂x1 = ∂y/∂x1 + ∂y/∂v1 · (1 / x1) = 5 + 1 · 0.5 = 5.5
v2 = x1 * x2 = 2 * 5           = 10      | ∂y/∂x2 = ∂y/∂x2 + ∂y/∂v2 · x1 = -0.2837 + 1 · 2   = 1.716
                                         | ∂y/∂x1 = ∂y/∂v2 · x2 = 1 · 5                      = 5
v3 = v1 + v2 = 0.6931 + 10     = 10.69   | ∂y/∂v2 = ∂y/∂v3 · 1 = 1 · 1                       = 1
                                         | ∂y/∂v1 = ∂y/∂v3 · 1 = 1 · 1                       = 1
v4 = sin(x2) = sin(5)          = -0.9589 | ∂y/∂x2 = ∂y/∂v4 · cos(x2) = -1 · 0.2837           = -0.2837
y  = v3 - v4 = 10.69 - -0.9589 = 11.65   | ∂y/∂v4 = ∂y/∂y · -1 = 1 · -1                      = -1
                                         | ∂y/∂v3 = ∂y/∂y · 1 = 1 · 1                        = 1
                                         | ∂y/∂y                                             = 1"""

WENGERT = """\
forward                                  | backward, read upward
v₋₁ = x1                        = 2.000  | x̄1  = v̄₋₁                                          = 5.500
v₀  = x2                        = 5.000  | x̄2  = v̄₀                                           = 1.716
v₁  = log(v₋₁) = log(2.000)     = 0.693  | v̄₋₁ = v̄₋₁ + v̄₁ · (1 / v₋₁) = 5.000 + 1.000 · 0.500 = 5.500
v₂  = v₋₁ * v₀ = 2.000 * 5.000  = 10.000 | v̄₀  = v̄₀ + v̄₂ · v₋₁ = -0.284 + 1.000 · 2.000       = 1.716
                                         | v̄₋₁ = v̄₂ · v₀ = 1.000 · 5.000                      = 5.000
v₃  = v₁ + v₂ = 0.693 + 10.000  = 10.693 | v̄₂  = v̄₃ · 1.000 = 1.000 · 1.000                   = 1.000
                                         | v̄₁  = v̄₃ · 1.000 = 1.000 · 1.000                   = 1.000
v₄  = sin(v₀) = sin(5.000)      = -0.959 | v̄₀  = v̄₄ · cos(v₀) = -1.000 · 0.284                = -0.284
v₅  = v₃ - v₄ = 10.693 - -0.959 = 11.652 | v̄₄  = v̄₅ · -1.000 = 1.000 · -1.000                 = -1.000
                                         | v̄₃  = v̄₅ · 1.000 = 1.000 · 1.000                   = 1.000
y   = v₅                        = 11.652 | v̄₅  = ȳ                                            = 1.000"""

MARKDOWN = """\
| forward | backward, read upward |
| :-- | :-- |
| `x = 3` | `∂y/∂x = 1` |
| `v1 = x * x = 3 * 3 = 9` | `∂y/∂x not reached: nothing flows = 1` |
|  | `∂y/∂x not reached: nothing flows = 1` |
| `v2 = v1 - 20 = 9 - 20 = -11` | `∂y/∂v1 not reached: nothing flows = 0` |
| `v3 = relu(v2) = relu(-11) = 0` | `∂y/∂v2 closed: nothing flows = 0` |
| `y = v3 + x = 0 + 3 = 3` | `∂y/∂x = ∂y/∂y · 1 = 1 · 1 = 1` |
|  | `∂y/∂v3 = ∂y/∂y · 1 = 1 · 1 = 1` |
|  | `∂y/∂y = 1` |"""


LATEX_TABLE = r"""\begin{array}{lll|lll}
\rlap{\text{forward}} & & & \rlap{\text{backward, read upward}} & & \\ \hline
v_{-1} & = x_{1} & = 2 & \bar{x}_{1} & = \bar{v}_{-1} & = 5.5 \\
v_{0} & = x_{2} & = 5 & \bar{x}_{2} & = \bar{v}_{0} & = 1.716 \\
v_{1} & = \ln\left(v_{-1}\right) = \ln\left(2\right) & = 0.6931 & \bar{v}_{-1} & = \bar{v}_{-1} + \bar{v}_{1} \cdot \frac{1}{v_{-1}} = 5 + 1 \cdot 0.5 & = 5.5 \\
v_{2} & = v_{-1} \cdot v_{0} = 2 \cdot 5 & = 10 & \bar{v}_{0} & = \bar{v}_{0} + \bar{v}_{2} \cdot v_{-1} = -0.2837 + 1 \cdot 2 & = 1.716 \\
 &  &  & \bar{v}_{-1} & = \bar{v}_{2} \cdot v_{0} = 1 \cdot 5 & = 5 \\
v_{3} & = v_{1} + v_{2} = 0.6931 + 10 & = 10.69 & \bar{v}_{2} & = \bar{v}_{3} \cdot 1 = 1 \cdot 1 & = 1 \\
 &  &  & \bar{v}_{1} & = \bar{v}_{3} \cdot 1 = 1 \cdot 1 & = 1 \\
v_{4} & = \sin\left(v_{0}\right) = \sin\left(5\right) & = -0.9589 & \bar{v}_{0} & = \bar{v}_{4} \cdot \cos\left(v_{0}\right) = -1 \cdot 0.2837 & = -0.2837 \\
v_{5} & = v_{3} - v_{4} = 10.69 - \left(-0.9589\right) & = 11.65 & \bar{v}_{4} & = \bar{v}_{5} \cdot \left(-1\right) = 1 \cdot \left(-1\right) & = -1 \\
 &  &  & \bar{v}_{3} & = \bar{v}_{5} \cdot 1 = 1 \cdot 1 & = 1 \\
y & = v_{5} & = 11.65 & \bar{v}_{5} & = \bar{y} & = 1 \\
\end{array}"""  # noqa: E501  # as it is printed


def test_the_table_of_a_terminal() -> None:
    assert str(record(baydin())) == str(record(baydin()).table()) == TERMINAL


def test_the_table_of_the_literature() -> None:
    assert str(record(baydin()).table("wengert", number=lambda x: f"{x:.3f}")) == WENGERT


def test_the_table_in_markdown_and_in_latex() -> None:
    assert record(gated()).table().to_markdown() == MARKDOWN
    assert record(baydin()).table("wengert").to_latex() == LATEX_TABLE
    assert r"\text{closed: nothing flows} & = 0" in record(gated()).table().to_latex()


def columns(text: str) -> int:
    """How wide a terminal writes it; the letters of these tests that are not one column wide."""
    return len(text) + text.count("宽") - text.count("\u0304")


def test_columns_stand_under_each_other_whatever_the_letters() -> None:
    a, b = Value(2.0, "宽宽"), Value(3.0, "a")
    for style in ("labels", "wengert"):
        lines = str(record(a * b).table(style)).splitlines()
        assert len({columns(line[: line.index(" | ")]) for line in lines}) == 1
        values = [line.rindex("= ") for line in lines[1:]]
        assert len({columns(line[:place]) for line, place in zip(lines[1:], values, strict=True)}) == 1
    tree = record(a * b + a).tree().splitlines()
    assert len({columns(line[: line.index("∂")]) for line in tree if "↑" not in line}) == 1


@pytest.mark.parametrize("limit", [2, 7, 20])
def test_a_long_table_has_a_head_a_count_and_a_tail(limit: int) -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(500):
        y = y * x
    tape = record(y)
    whole = str(tape.table(limit=10_000)).splitlines()
    lines = str(tape.table(limit=limit)).splitlines()
    half = limit // 2
    assert len(whole) == 1 + 1 + 1_000 + 1
    assert len(lines) == 1 + 2 * half + 1
    for short_line, line in zip([*lines[1 : 1 + half], *lines[-half:]], [*whole[1 : 1 + half], *whole[-half:]], strict=True):
        assert short_line.split() == line.split()
    shown = [*whole[1 : 1 + half], *whole[-half:]]
    steps = sum(1 for line in shown for side in line.split(" | ") if side.strip()) - 1  # ∂y/∂x of the leaf is no step
    assert lines[1 + half] == f"... {len(tape) - steps:,} steps more"
    table = tape.table(limit=limit)
    for text in (table.to_markdown(), table.to_latex(), table._repr_mimebundle_()["text/html"]):
        assert lines[1 + half] in text


def test_a_notebook_shows_the_table_and_its_text() -> None:
    tape = record(Value(2.0, "a<b>&") * Value(3.0, "c"))
    bundle = tape._repr_mimebundle_()
    assert bundle == tape.table()._repr_mimebundle_()
    assert list(bundle) == ["text/html", "text/plain"]
    assert bundle["text/plain"] == str(tape)
    assert "a&lt;b&gt;&amp;" in bundle["text/html"]
    assert "a<b" not in bundle["text/html"]
    assert bundle["text/html"].count("<tr>") == len(str(tape).splitlines())


def test_bars_and_backticks_of_a_label_do_not_break_a_markdown_table() -> None:
    lines = record(Value(2.0, "a|b") * Value(3.0, "`c``")).table().to_markdown().splitlines()
    assert r"`a\|b = 2`" in lines[2]
    assert "``` `c`` = 3 ```" in lines[3]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {3}


def test_the_short_form_says_what_it_is() -> None:
    tape = record(lecture())
    assert repr(tape) == "<Tape of L: 14 steps, from 7 nodes and 6 edges>"
    assert repr(tape.table()) == "<Table of <Tape of L: 14 steps, from 7 nodes and 6 edges>; print it>"
    assert repr(tape[2]) == "<step 2, forward: v1 = a * b = 2 * -3 = -6>"


# --------------------------------------------------------------------------------------------------------------------- the tree

TREE = """\
#4 y = v3 + x = 3            ∂y/∂y = 1
├─ #3 v3 = relu(v2) = 0      ∂y/∂v3 = 1
│  └─ #2 v2 = v1 - 20 = -11  not reached
│     └─ #1 v1 = x * x = 9   not reached
│        ├─ #0 x = 3         ∂y/∂x = 1
│        └─ ↑ #0 x
└─ ↑ #0 x"""


def test_the_tree_shows_every_node_once_and_then_where_it_stands() -> None:
    assert record(gated()).tree().replace("    ∂", "  ∂").replace("    not", "  not") == TREE


def test_a_tree_of_exponentially_many_paths_has_a_line_for_every_edge() -> None:
    x = Value(1.0, "x")
    for _ in range(40):
        x = x + x
    assert len(record(x).tree(limit=1000).splitlines()) == 1 + 80


def test_a_tree_that_just_fits_counts_nothing() -> None:
    tape = record(gated())
    assert tape.tree(limit=7) == tape.tree()
    assert tape.tree(limit=4).splitlines()[-1] == "... 1 nodes more"


# ------------------------------------------------------------------------------------------------------------------- the frames


def texts(source: str) -> list[str]:
    """What stands in the cells of the cards and on the edges."""
    return re.findall(r"<FONT[^>]*>([^<]*)</FONT>", source)


def numbers_of(source: str) -> str:
    lines = [line for line in source.splitlines() if "label=<" in line and "graph" not in line]
    return " ".join(" ".join(texts("".join(lines))).split())


def skeleton(source: str) -> str:
    """A frame without its colours and widths, and with as many letters as are there for any number."""
    source = re.sub(r' ?[A-Z]*(?i:color)="#\w+"|penwidth=[\d.]+|, style=dashed| (?=[>\]])', "", source)
    return re.sub(r">([^<>]+)</FONT>", lambda match: f">{len(match[1])}</FONT>", source)


def test_there_is_a_frame_for_every_step_and_it_says_what_the_step_says() -> None:
    tape = record(gated())
    frames = list(tape.frames())
    assert [frame.text for frame in frames] == [f"{step.words()}\n{step.formula()}" for step in tape]


@pytest.mark.parametrize("make", [lecture, baydin, gated])
def test_nothing_moves_from_frame_to_frame(make: Any) -> None:
    assert len({skeleton(frame.source) for frame in record(make()).frames()}) == 1


def test_a_frame_knows_what_is_known_by_then() -> None:
    root = lecture()
    root.backward(7.0)  # what is in `grad` is not what is drawn
    frames = [numbers_of(frame.source) for frame in record(root).frames()]
    assert re.findall(r"-?\d+", frames[0]) == ["2"]
    assert re.findall(r"-?\d+", frames[2]) == ["2", "-3", "-6", "-3", "2"]
    assert "=" not in frames[7]
    assert re.findall(r"= (-?\d+)", frames[8]) == ["-2"]
    assert sorted(map(int, re.findall(r"= (-?\d+)", frames[-1]))) == [-4, -2, -2, -2, 4, 6]
    assert re.findall(r"grad +(-?\d+)", frames[-1]) == ["6", "-4", "-2", "-2", "-2", "4", "1"]


def test_a_frame_lights_up_the_node_or_the_edge_of_its_step() -> None:
    tape = record(lecture())
    for step, frame in zip(tape, tape.frames(), strict=True):
        lit = {match[1] for line in frame.source.splitlines() if (match := re.match(r".*\[id=(\w+).*#FFE082", line))}
        node, target = tape.place[step.node], tape.place[step.target]
        wanted = {f"n{target}"}
        if step.kind in ("forward", "backward"):
            wanted.add(f"o{node}")
        if step.kind == "backward":
            wanted.add(f"e{node}_{step.slot}")
        assert lit == wanted, step


def test_a_closed_gate_is_dashed_once_it_is_known_to_be_closed() -> None:
    frames = [frame.source for frame in record(gated()).frames(legend=False)]
    assert ["dashed" in frame for frame in frames[:5]] == [False, False, False, True, True]
    assert all("dashed" in frame for frame in frames[5:])


def test_a_sum_that_is_still_growing_is_shown_as_it_is_by_then() -> None:
    frames = [numbers_of(frame.source) for frame in record(baydin()).frames()]
    grads = [re.findall(r"data 5 grad( -?[\d.]+)?", frame) for frame in frames]
    shown = [grad[0].strip() for grad in grads if grad]
    assert list(dict.fromkeys(shown)) == ["", "-0.2837", "1.716"]


def test_frames_are_drawn() -> None:
    frame = next(itertools.islice(record(lecture()).frames(), 8, None))
    assert frame.svg().lower().count("#ffe082") >= 3


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
