"""Explanations: both sums are the gradient, the largest paths are the largest, and what is printed is what a student reads."""

from __future__ import annotations

import itertools
import math
import random
import re
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from examples import same
from hypothesis import assume, given
from hypothesis import strategies as st

from autograd import ops
from autograd.errors import OperandError, OptionError, StaleGraphError
from autograd.ops import TABLE, op
from autograd.show.explanation import Explanation, explain
from autograd.show.tape import record
from autograd.special import exact_sum
from autograd.testing import Expression, graphs, random_expression
from autograd.text.formula import to_latex, to_text
from autograd.text.programs import to_python
from autograd.text.tables import columns
from autograd.value import Value, toposort

EPSILON = sys.float_info.epsilon
TINY = 1e-290  # what underflow on the way may cost


def worked_example() -> dict[str, Value]:
    a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    L = (a * b + c) * f
    L.label = "L"
    return {"a": a, "b": b, "c": c, "f": f, "L": L}


def gates() -> tuple[Value, Value]:
    x, z = Value(3.0, "x"), Value(-1.0, "z")
    return (x.relu() * z.relu() + ops.max(x, z) * z).leaky_relu(), z


def doubled(times: int) -> tuple[Value, Value]:
    x = Value(1.0, "x")
    y = x
    for _ in range(times):
        y = y + y
    return y, x


def every_path(root: Value, wrt: Value) -> Iterator[tuple[tuple[tuple[Value, int], ...], float, bool]]:
    """Each path as edges, its product from the root on, and whether it is open; by trying all of them."""
    waiting: list[tuple[Value, tuple[tuple[Value, int], ...], float, bool]] = [(root, (), 1.0, True)]
    while waiting:
        node, edges, product, is_open = waiting.pop()
        if node is wrt:
            yield edges, product, is_open
            continue
        for slot, (operand, partial, _, gate) in enumerate(node.edges):
            waiting.append((operand, (*edges, (node, slot)), product * (partial if gate else 0.0), is_open and gate))


# ---------------------------------------------------------------------------------------------------------------- golden text


def test_the_worked_example_is_explained_for_a_terminal() -> None:
    nodes = worked_example()
    assert explain(nodes["L"], nodes["a"]).text() == (
        """\
∂L/∂a = 6, where L = (a·b + c)·f
with v1 = a·b, v2 = v1 + c

a is used by 1 node:
  v1 = a·b   ∂L/∂v1 · ∂v1/∂a = −2 · b = −2 · (−3) = 6
    Multiplication swaps: each operand gets the adjoint times the other
sum over the users: 6, which is ∂L/∂a

1 path leads from L to a:
  L → v2 → v1 → a   ∂L/∂v2 · ∂v2/∂v1 · ∂v1/∂a = f · 1 · b = −2 · 1 · (−3) = 6
    multiplication swaps, addition distributes, multiplication swaps
sum over the paths: 6, the same"""
    )


def test_the_worked_example_is_explained_in_markdown() -> None:
    nodes = worked_example()
    assert explain(nodes["L"], nodes["f"]).to_markdown() == (
        r"""$\frac{\partial L}{\partial f} = 4$, where $L = \left(a \cdot b + c\right) \cdot f$
with $v_{1} = a \cdot b$, $v_{2} = v_{1} + c$

$f$ is used by 1 node:

| user | adjoint · local derivative | rule |
|---|---|---|
| $L = v_{2} \cdot f$ | $\displaystyle \frac{\partial L}{\partial L} \cdot v_{2} = 1 \cdot v_{2} = 1 \cdot 4 = 4$ | """
        r"""Multiplication swaps: each operand gets the adjoint times the other |

sum over the users: $4$, which is $\frac{\partial L}{\partial f}$

1 path leads from $L$ to $f$:

| path | product of the local derivatives | rules |
|---|---|---|
| $L \to f$ | $\displaystyle v_{2} = 4$ | multiplication swaps |

sum over the paths: $4$, the same"""
    )


def test_the_worked_example_is_explained_in_latex() -> None:
    nodes = worked_example()
    assert explain(nodes["L"], nodes["b"]).to_latex() == (
        r"""\begin{aligned}
\frac{\partial L}{\partial b} &= \sum_u \frac{\partial L}{\partial u} \cdot \frac{\partial u}{\partial b} && \text{$b$ is used """
        r"""by 1 node} \\
\text{$v_{1} = a \cdot b$:}\quad & \frac{\partial L}{\partial v_{1}} \cdot \frac{\partial v_{1}}{\partial b} = -2 \cdot a = -2 """
        r"""\cdot 2 = -4 && \text{Multiplication swaps: each operand gets the adjoint times the other} \\
&= -4 && \text{sum over the users: $-4$, which is $\frac{\partial L}{\partial b}$} \\
\frac{\partial L}{\partial b} &= \sum_{\text{paths}} \prod_{u \to v} \frac{\partial u}{\partial v} && \text{1 path leads from """
        r"""$L$ to $b$} \\
\text{$L \to v_{2} \to v_{1} \to b$:}\quad & \frac{\partial L}{\partial v_{2}} \cdot \frac{\partial v_{2}}{\partial v_{1}} """
        r"""\cdot \frac{\partial v_{1}}{\partial b} = f \cdot 1 \cdot a = -2 \cdot 1 \cdot 2 = -4 && \text{multiplication """
        r"""swaps, addition distributes, multiplication swaps} \\
&= -4 && \text{sum over the paths: $-4$, the same}
\end{aligned}"""
    )


def test_a_node_that_is_used_twice_by_one_user_has_two_edges_and_two_terms() -> None:
    x = Value(3.0, "x")
    explanation = explain(x * x + x, x)
    assert [(term.user.op and term.user.op.symbol, term.slot, term.contribution) for term in explanation.users] == [
        ("+", 1, 1.0),
        ("*", 0, 3.0),
        ("*", 1, 3.0),
    ]
    assert str(explanation) == (
        """\
∂v2/∂x = 7, where v2 = x·x + x
with v1 = x·x

x is used by 2 nodes, along 3 edges:
  v2 = v1 + x             ∂v2/∂v2 · 1 = 1 · 1 = 1
    Addition distributes: every operand gets the adjoint as it is
  v1 = x·x, edge 1 of 2   ∂v2/∂v1 · ∂v1/∂x = 1 · x = 1 · 3 = 3
    Multiplication swaps: each operand gets the adjoint times the other, here the same node
  v1 = x·x, edge 2 of 2   ∂v2/∂v1 · ∂v1/∂x = 1 · x = 1 · 3 = 3
    Multiplication swaps: each operand gets the adjoint times the other, here the same node
sum over the users: 7, which is ∂v2/∂x

3 paths lead from v2 to x:
  v2 → v1 → x, 2 times   ∂v2/∂v1 · ∂v1/∂x = 1 · x = 1 · 3 = 3   addition distributes, multiplication swaps
  v2 → x                 1                                      addition distributes
sum over the paths: 7, the same"""
    )


def test_closed_gates_are_no_paths_but_are_counted() -> None:
    root, z = gates()
    explanation = explain(root, z)
    assert (explanation.number_of_paths, explanation.closed_paths, explanation.is_complete) == (1, 2, True)
    assert [(term.flows, term.contribution) for term in explanation.users] == [(True, 0.03), (False, 0.0), (False, 0.0)]
    assert explanation.text() == (
        """\
∂v7/∂z = 0.03, where v7 = leaky_relu(relu(x)·relu(z) + max(x, z)·z, negative_slope=0.01)
with v1 = relu(x), v2 = relu(z), v3 = v1·v2, v4 = max(x, z), v5 = v4·z, v6 = v3 + v5

z is used by 3 nodes:
  v5 = v4·z        ∂v7/∂v5 · ∂v5/∂z = 0.01 · v4 = 0.01 · 3 = 0.03
    Multiplication swaps: each operand gets the adjoint times the other
  v4 = max(x, z)   ∂v7/∂v4 · ∂v4/∂z = 0
    The maximum routes: the adjoint goes to the operand that was taken, not to this one
  v2 = relu(z)     ∂v7/∂v2 · ∂v2/∂z = 0
    relu routes: its gate is closed here, nothing passes
sum over the users: 0.03, which is ∂v7/∂z

1 path leads from v7 to z, and 2 closed ones:
  v7 → v6 → v5 → z   ∂v7/∂v6 · ∂v6/∂v5 · ∂v5/∂z = 0.01 · 1 · v4 = 0.01 · 1 · 3 = 0.03
    leaky_relu scales, addition distributes, multiplication swaps
sum over the paths: 0.03, the same"""
    )


def test_where_every_gate_is_closed_nothing_flows() -> None:
    x = Value(-1.0, "x")
    explanation = explain((x * 2).relu(), x)
    assert (explanation.gradient, explanation.by_users, explanation.by_paths, explanation.paths) == (0.0, 0.0, 0.0, [])
    assert explanation.text() == (
        """\
∂v2/∂x = 0, where v2 = relu(x·2)
with v1 = x·2

x is used by 1 node:
  v1 = x·2   ∂v2/∂v1 · ∂v1/∂x = 0   nothing flowed to v1
sum over the users: 0, since nothing flows to x

no open path leads from v2 to x; 1 path is closed"""
    )


def test_nothing_flows_through_a_closed_gate_even_where_the_slope_behind_it_is_infinite() -> None:
    x = Value(0.0, "x")
    explanation = explain((x.sqrt() - 1).relu() + 2 * x, x)
    assert (explanation.gradient, explanation.by_users, explanation.by_paths) == (2.0, 2.0, 2.0)
    assert (explanation.number_of_paths, explanation.closed_paths) == (1, 1)


# -------------------------------------------------------------------------------------------------------- said in words alone


def test_what_the_root_does_not_depend_on_is_said_in_words() -> None:
    nodes = worked_example()
    explanation = explain(nodes["L"], Value(1.0, "w"))
    assert explanation.text() == (
        "∂L/∂w = 0, where L = (a·b + c)·f\nL does not depend on w: no path leads from one to the other, so ∂L/∂w is 0."
    )
    assert (explanation.gradient, explanation.users, explanation.number_of_paths, explanation.by_paths) == (0.0, [], 0, 0.0)
    assert explanation.to_latex().startswith("\\begin{aligned}\n\\frac{\\partial L}{\\partial w} &= 0 && \\text{$L$ does not")
    assert "so $\\frac{\\partial L}{\\partial w}$ is 0." in explanation.to_markdown()


def test_the_root_itself_needs_no_chain_rule() -> None:
    L = worked_example()["L"]
    explanation = explain(L, L)
    assert explanation.text().endswith("L is the root itself, so ∂L/∂L is 1, and no chain rule is needed.")
    assert (explanation.gradient, explanation.by_users, explanation.by_paths, explanation.number_of_paths) == (1.0, 1.0, 1.0, 1)
    assert same(explanation.paths[0].nodes, L)
    assert explanation.paths[0].product == 1.0


def test_a_graph_of_one_node_is_explained() -> None:
    x = Value(3.0, "x")
    assert explain(x, x).text() == "∂x/∂x = 1\nx is the root itself, so ∂x/∂x is 1, and no chain rule is needed."


def test_an_inner_node_is_explained_as_a_leaf_is() -> None:
    nodes = worked_example()
    inner = nodes["L"].operands[0]
    explanation = explain(nodes["L"], inner)
    assert explanation.gradient == -2.0
    assert explanation.text().startswith("∂L/∂v2 = −2, where L = (a·b + c)·f")
    assert "v2 is used by 1 node:" in explanation.text()


def test_names_are_given_as_locals() -> None:
    a, b = Value(2.0), Value(3.0)
    c = a * b
    assert explain(c, a, names=locals()).text().startswith("∂c/∂a = 3, where c = a·b\n")
    assert explain(c, Value(0.0), names={"a": a, "b": b, "c": c}).text().startswith("∂c/∂v1 = 0")


# ------------------------------------------------------------------------------------------------------------ sums and counts


@given(graphs(max_nodes=10))
def test_both_sums_are_the_gradient_on_random_graphs(expression: Expression) -> None:
    """By users to the bit; by paths within 2n · ε · Σ |products|: n edges, a product and a sum each, one way and the other."""
    root, *leaves = built(expression)
    root.backward()
    for node in [*leaves, *[node for node in toposort(root) if node.op is not None][-3:]]:
        explanation = explain(root, node)
        assert explanation.gradient == node.grad or (math.isnan(explanation.gradient) and math.isnan(node.grad))
        assert explanation.by_users == node.grad or math.isnan(node.grad)
        for top in (0, 3, 10_000):
            again = explain(root, node, top=top)
            products = [product for _, product, is_open in every_path(root, node) if is_open]
            edges = sum(len(user.operands) for user in toposort(root))
            bound = 2 * edges * EPSILON * exact_sum([abs(product) for product in products]) + TINY
            if math.isfinite(bound):
                assert abs(again.by_paths - node.grad) <= bound


def built(expression: Expression) -> list[Value]:
    leaves = [Value(x, f"x{i}") for i, x in enumerate(expression.point)]
    root = expression(*leaves)
    assume(type(root) is Value)
    return [root, *leaves]


@given(graphs(max_nodes=9), st.integers(0, 7))
def test_the_largest_paths_are_those_that_trying_all_of_them_finds(expression: Expression, top: int) -> None:
    root, *leaves = built(expression)
    for leaf in leaves:
        paths = list(every_path(root, leaf))
        explanation = explain(root, leaf, top=top)
        products = sorted([size(product) for _, product, is_open in paths if is_open], reverse=True)
        assert explanation.number_of_paths == len(products)
        assert explanation.closed_paths == len(paths) - len(products)
        assert [size(path.product) for path in explanation.paths] == pytest.approx(products[:top], rel=1e-12, abs=TINY)
        assert len({(path.nodes, path.slots) for path in explanation.paths}) == len(explanation.paths)
        for path in explanation.paths:
            assert tuple(zip(path.nodes, path.slots, strict=False)) in {edges for edges, _, is_open in paths if is_open}


def size(product: float) -> float:
    return math.inf if math.isnan(product) else abs(product)


def test_random_expressions_of_pythons_random_agree_too() -> None:
    """Hypothesis prefers small graphs; these are as large as they come."""
    rng = random.Random(5)
    for _ in range(40):
        expression = random_expression(rng, max_nodes=25)
        leaves = [Value(x, f"x{i}") for i, x in enumerate(expression.point)]
        root = expression(*leaves)
        for leaf in leaves:
            explanation = explain(root, leaf)
            assert explanation.by_users == explanation.gradient
            assert abs(explanation.by_paths - explanation.gradient) <= explanation.margin + TINY


def test_two_to_the_sixty_paths_are_counted_and_not_listed() -> None:
    root, x = doubled(60)
    begun = time.perf_counter()
    explanation = explain(root, x)
    text = explanation.text()
    assert time.perf_counter() - begun < 0.5
    assert explanation.number_of_paths == 2**60
    assert explanation.by_paths == explanation.by_users == explanation.gradient == 2.0**60
    assert not explanation.is_complete
    assert (
        text.partition("\n\n")[2].partition("\n\n")[2]
        == """\
1,152,921,504,606,846,976 paths lead from v60 to x; the 5 largest:
  v60 → v59 → v58 → … 55 nodes … → v2 → v1 → x, 5 times
    ∂v60/∂v59 · ∂v59/∂v58 · ∂v58/∂v57 · … 54 factors … · ∂v3/∂v2 · ∂v2/∂v1 · ∂v1/∂x
    = 1 · 1 · 1 · … 54 factors … · 1 · 1 · 1 = 1
    addition distributes 60 times
sum over all paths: 1.153e18, the same"""
    )


def test_a_number_of_paths_with_thousands_of_digits_is_told_roughly() -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(15_000):
        y = ops.mean([y, y])
    explanation = explain(y, x, top=0)
    assert explanation.number_of_paths == 2**15_000
    assert explanation.by_paths == explanation.gradient == 1.0
    assert "about 2.8e4515 paths lead from" in explanation.text()


def test_products_are_told_apart_where_floats_on_the_way_would_overflow() -> None:
    x = Value(1.0, "x")
    far = x * 1e-200 * 1e-200 * 1e300 * 1e100 * 3
    root = far + x * 2
    assert [path.product for path in explain(root, x).paths] == [pytest.approx(3.0), 2.0]


def test_a_path_that_is_not_a_number_comes_first_then_infinite_ones() -> None:
    x = Value(0.0, "x")
    root = x.sqrt() ** 2 + x.sqrt() + 5 * x + 0 * x
    explanation = explain(root, x, top=3)
    products = [path.product for path in explanation.paths]
    assert math.isnan(products[0])
    assert products[1:] == [math.inf, 5.0]
    assert math.isnan(explanation.gradient)
    assert math.isnan(explanation.by_paths)
    assert "sum over the users: nan, which is" in explanation.text()


def test_a_product_of_zero_becomes_the_first_where_the_next_slope_is_infinite() -> None:
    """A node that kept only its largest products would have lost it: 0 · inf is NaN."""
    x = Value(0.0, "x")
    root_of_x = x.sqrt()
    root = ops.sum([root_of_x * 5, root_of_x * 4, root_of_x * 0])
    products = [path.product for path in explain(root, x, top=1).paths]
    assert len(products) == 1
    assert math.isnan(products[0])


def test_a_sum_that_overflowed_on_the_way_is_reported_as_different() -> None:
    x = Value(1.0, "x")
    y = x * 1e-300
    root = (y * 1e200) * 1e200
    assert explain(root, y).text().endswith("sum over the paths: inf, the same")
    assert explain(root, x).by_paths == pytest.approx(1e100)
    assert explain(root, x).text().endswith("sum over the paths: 1e100, but the sweep found inf")


def test_sums_that_differ_for_rounding_say_by_how_much() -> None:
    x = Value(1.0, "x")
    root = ops.sum([0.1 * x, 0.7 * x, 0.2 * x])
    explanation = explain(root, x)
    assert explanation.by_users != explanation.by_paths
    assert "sum over the paths: 1, the same but for rounding, 1.11e−16 apart" in explanation.text()


def test_a_wrong_sum_is_not_taken_for_rounding() -> None:
    nodes = worked_example()
    explanation = explain(nodes["L"], nodes["a"])
    explanation.by_users, explanation.by_paths = 6.5, 6.0 + 1e-9
    assert "sum over the users: 6.5, but the sweep found 6" in explanation.text()
    assert "sum over the paths: 6, but the sweep found 6" in explanation.text()


# ------------------------------------------------------------------------------------------------------------------ at any size


def test_a_graph_of_five_hundred_nodes_is_explained_at_once_and_readably() -> None:
    rng = random.Random(1)
    x = Value(0.5, "x")
    nodes = [x]
    for _ in range(170):
        nodes.append(nodes[-1].sin() * rng.choice(nodes) + nodes[-1])
    timings = []
    for _ in range(3):
        begun = time.perf_counter()
        text = explain(nodes[-1], x).text()
        timings.append(time.perf_counter() - begun)
    assert min(timings) < 0.4  # 0.09 alone on a laptop
    lines = text.splitlines()
    assert len(lines) < 60
    assert max(map(len, lines)) <= 120


def test_many_users_are_summed_up() -> None:
    x = Value(1.0, "x")
    root = ops.sum([x * float(i) for i in range(1, 23)])
    text = explain(root, x).text()
    assert "x is used by 22 nodes; the 10 largest:" in text
    assert "\n  … and 12 more, together 78\nsum over the users: 253, which is ∂v23/∂x\n" in text
    assert "22 paths lead from v23 to x; the 5 largest:" in text
    assert "… and 12 more, together $78$" in explain(root, x).to_markdown()
    assert r"\text{\ldots and 12 more, together $78$}" in explain(root, x).to_latex()


def test_top_says_how_many_paths_are_listed() -> None:
    x = Value(1.0, "x")
    root = ops.sum([x * float(i) for i in range(1, 23)])
    assert [path.product for path in explain(root, x, top=2).paths] == [22.0, 21.0]
    assert explain(root, x, top=0).text().endswith("22 paths lead from v23 to x\nsum over all paths: 253, the same")
    assert explain(root, x, top=99).is_complete
    for wrong in (-1, 2.5, "x", None):
        with pytest.raises(OptionError, match=re.escape(f"top={wrong!r}: give a whole number, 0 or more")):
            explain(root, x, top=wrong)  # type: ignore[arg-type]


def test_arguments_the_wrong_way_round_are_refused_with_the_cure() -> None:
    x = Value(1.0, "x")
    y = x.exp()
    for ask in (lambda: explain(x, y), lambda: y.explain(x)):
        with pytest.raises(OperandError, match="the second is computed from the first; give the result first"):
            ask()
    assert explain(y, Value(2.0)).gradient == 0.0  # a stranger is none


@pytest.mark.parametrize("names", [3, ["x"], {3: Value(1.0)}, {Value(1.0): "x"}], ids=["number", "list", "key", "turned round"])
def test_names_that_are_no_mapping_from_names_to_nodes_are_refused_everywhere(names: Any) -> None:
    x = Value(1.0, "x")
    for ask in (to_text, to_latex, to_python, lambda y, names: explain(y, x, names=names), lambda y, names: record(y, names=names)):
        with pytest.raises(OptionError, match="give a mapping from names to nodes, such as names="):
            ask(x * x, names)


def test_a_chain_of_ten_thousand_nodes_is_explained_without_recursion() -> None:
    x = Value(0.5, "x")
    y = x
    for _ in range(10_000):
        y = y + 1
    explanation = explain(y, x, top=1)
    assert explanation.by_paths == 1.0
    assert "addition distributes 10000 times" in explanation.text()


# ----------------------------------------------------------------------------------------------------------------- good manners


def test_asking_changes_no_gradient() -> None:
    nodes = worked_example()
    nodes["L"].backward(7.0)
    before = [node.grad for node in toposort(nodes["L"])]
    explain(nodes["L"], nodes["a"]).text()
    assert [node.grad for node in toposort(nodes["L"])] == before
    fresh = worked_example()
    explain(fresh["L"], fresh["a"]).text()
    assert not any(node.reached for node in toposort(fresh["L"]))


def test_a_graph_of_old_numbers_is_refused() -> None:
    nodes = worked_example()
    nodes["a"].data = 5.0
    with pytest.raises(StaleGraphError):
        explain(nodes["L"], nodes["a"])


def test_numbers_are_no_nodes() -> None:
    with pytest.raises(OperandError, match="explain takes two nodes"):
        explain(worked_example()["L"], 2.0)  # type: ignore[arg-type]


def test_a_notebook_gets_markdown_and_text_and_no_html() -> None:
    root, z = gates()
    explanation = explain(root, z)
    assert explanation._repr_mimebundle_() == {"text/markdown": explanation.to_markdown(), "text/plain": explanation.text()}
    assert not hasattr(explanation, "_repr_html_")
    assert repr(explanation) == "<Explanation of ∂v7/∂z = 0.03; print it>"


def test_bars_end_no_cell_of_a_table() -> None:
    x = Value(-2.0, "x")
    for line in explain(x.abs() * x, x).to_markdown().splitlines():
        if line.startswith("| "):
            assert line.count("|") == 4


@pytest.mark.parametrize("make", [gates, lambda: doubled(9), lambda: doubled(1)], ids=["gates", "doubled", "once"])
def test_latex_is_balanced(make: object) -> None:
    root, wrt = make()  # type: ignore[operator]
    source = explain(root, wrt).to_latex()
    assert source.count("{") == source.count("}")
    assert source.count(r"\left(") == source.count(r"\right)")
    assert source.count("$") % 2 == 0
    assert source.isascii()
    for line in source.splitlines()[1:-1]:
        outside = re.sub(r"\\text\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}", "", line)
        assert outside.count("&") in (3, 4), line


def test_labels_that_are_formulas_stand_in_brackets() -> None:
    total = Value(2.0, "a + b")
    assert "1 · (a + b) = 1 · 2 = 2" in explain(total * total, total).text()
    assert explain(total**3, total).text().startswith("∂v1/∂(a + b) = 12, where v1 = (a + b)³\n")


def test_a_row_of_ones_own_is_explained() -> None:
    @op(partials=(lambda a, b, y: 2 * a * b, lambda a, b, y: a * a))
    def explained(a: float, b: float) -> float:
        "A row for this test."
        return a * a * b

    try:
        a, b = Value(2.0, "a"), Value(5.0, "b")
        assert "∂v1/∂v1 · (2·a·b) = 1 · (2·a·b) = 1 · 20 = 20" in explain(explained(a, b), a).text()
    finally:
        del TABLE["explained"]


def test_the_same_graph_gives_the_same_text() -> None:
    texts = {
        (explain(root, z).text(), explain(root, z).to_latex(), explain(root, z).to_markdown()) for root, z in [gates(), gates()]
    }
    assert len(texts) == 1


def test_every_sign_that_is_printed_has_a_plain_one() -> None:
    """The command line must be able to write them on a terminal that has letters of the alphabet only."""
    examples = [gates(), doubled(60), doubled(300)]
    printed = set(itertools.chain.from_iterable(explain(*example).text() for example in examples))
    assert {sign for sign in printed if not sign.isascii()} <= set("∂·→…")


def test_an_explanation_is_what_is_documented() -> None:
    nodes = worked_example()
    explanation = explain(nodes["L"], nodes["a"])
    assert type(explanation) is Explanation
    assert explanation.root is nodes["L"]
    assert explanation.wrt is nodes["a"]
    assert explanation.names[nodes["a"]] == "a"
    (term,) = explanation.users
    assert (term.slot, term.upstream, term.partial, term.contribution) == (0, -2.0, -3.0, 6.0)
    (path,) = explanation.paths
    assert path.nodes[0] is nodes["L"]
    assert path.nodes[-1] is nodes["a"]
    assert (path.slots, path.product) == ((0, 0, 0), 6.0)


def test_a_slope_that_stands_alone_needs_no_brackets() -> None:
    x = Value(0.5, "x")
    assert r" & -1 && \text{negation turns the sign of the adjoint}" in explain(-x, x).to_latex()
    assert "v1 → x   1 − v1² = 0.7864" in explain(x.tanh(), x).text()


def test_wide_letters_stand_in_columns() -> None:
    x = Value(2.0, "数")
    users = [line for line in explain(x * x + x.exp(), x).text().split("\n") if line.startswith(("  v1 =", "  v2 ="))]
    assert len(users) == 3
    assert len({columns(line.partition("∂")[0]) for line in users}) == 1


def test_a_number_of_paths_beyond_every_list_lists_them_all() -> None:
    x = Value(2.0, "x")
    y = x * x + x
    assert len(explain(y, x, top=10**400).paths) == 3


def test_the_margin_for_rounding_is_that_of_each_products_edges_and_no_wider() -> None:
    x = Value(1.0, "x")
    y = x * 3.0 + x * -4.0  # four edges; the products are 3 and −4
    assert explain(y, x).margin == 2 * 4 * 7.0 * sys.float_info.epsilon


def test_the_largest_paths_are_the_largest_in_size_whatever_their_signs() -> None:
    x = Value(1.0, "x")
    y = ops.sum([x * slope for slope in (3.0, -5.0, 1.0, -0.5, 4.0, -7.0)])
    assert [path.product for path in explain(y, x, top=4).paths] == [-7.0, -5.0, 4.0, 3.0]
