"""The rules in words and the local derivatives in symbols: read from the rows, and true of the numbers that the nodes saved."""

from __future__ import annotations

import math
from typing import Any

import pytest
from examples import within
from oracles import as_numbers

from autograd import ops
from autograd.ops import CLOSED, TABLE, Op, op
from autograd.text import rules
from autograd.text.language import TEXT
from autograd.text.latex import LATEX
from autograd.text.rules import LONGEST
from autograd.value import Value

ROWS = [pytest.param(row, id=name) for name, row in list(TABLE.items())]
FREE = {"condition": True, "k": 1, "target": 0, "n": 1}
POINT = {"clamp": (0.4, 0.2, 0.9)}
NAMES = "abcde"


def applied(row: Op, point: tuple[float, ...] = ()) -> Value:
    count = len(row.operands) if not row.variadic else 5 if row.__name__ == "affine" else 4
    point = point or POINT.get(row.__name__, (0.4, 0.7, 0.9, 1.2, 1.5))[:count]
    point = tuple([within(row, x, i) for i, x in enumerate(point)])
    leaves = tuple([Value(x, name) for x, name in zip(point, NAMES, strict=False)])
    node: Value = row.apply(leaves, {name: FREE.get(name, default) for name, default in row.parameters.items()})
    return node


def rule(node: Value, slot: int) -> str:
    return str(rules.rule(node, slot))


def slope(node: Value, slot: int, names: dict[Value, str], latex: bool = False) -> str:
    return rules.slope(node, slot, names, LATEX if latex else TEXT).text  # type: ignore[no-any-return]


def names_of(*nodes: Value) -> dict[Value, str]:
    return {operand: operand.label for node in nodes for operand in node.operands} | {node: node.label or "y" for node in nodes}


x, u, v = Value(0.5, "x"), Value(2.0, "u"), Value(-3.0, "v")

GOLDEN = [
    (u + v, 0, "Addition distributes: every operand gets the adjoint as it is", "1"),
    (x + 3, 0, "Addition distributes: every operand gets the adjoint as it is", "1"),
    (u - v, 0, "Subtraction distributes: this operand gets the adjoint as it is", "1"),
    (u - v, 1, "Subtraction distributes: this operand gets the adjoint with its sign turned", "-1"),
    (-u, 0, "Negation turns the sign of the adjoint", "-1"),
    (ops.identity(u), 0, "The identity passes the adjoint on as it is", "1"),
    (ops.sum([u, v, x]), 2, "The sum distributes: every operand gets the adjoint as it is", "1"),
    (ops.mean([u, v, x, x]), 1, "The mean shares: each of its 4 operands gets 1/4 of the adjoint", "0.25"),
    (u * v, 0, "Multiplication swaps: each operand gets the adjoint times the other", "v"),
    (u * v, 1, "Multiplication swaps: each operand gets the adjoint times the other", "u"),
    (u * u, 0, "Multiplication swaps: each operand gets the adjoint times the other, here the same node", "u"),
    (u * u, 1, "Multiplication swaps: each operand gets the adjoint times the other, here the same node", "u"),
    (3 * v, 0, "Multiplication scales: the adjoint times 3, a constant", "3"),
    (u / 2, 0, "Division scales: the adjoint times 0.5, a constant", "0.5"),
    (u / 3, 0, "Division scales: the adjoint times 0.3333, a constant", "1 / 3"),
    (ops.dot([u, v], [x, x]), 0, "The scalar product swaps: each factor gets the adjoint times the other", "x"),
    (ops.dot([u, v], [2.5, x]), 0, "The scalar product scales: the adjoint times 2.5, a constant", "2.5"),
    (ops.affine([u], [x], v), 1, "The weighted sum swaps: each factor gets the adjoint times the other", "u"),
    (ops.affine([u], [x], v), 2, "The weighted sum adds this operand: it gets the adjoint as it is", "1"),
    (ops.max(u, v), 0, "The maximum routes: the adjoint goes to the operand that was taken, this one", "1"),
    (ops.max(u, v), 1, "The maximum routes: the adjoint goes to the operand that was taken, not to this one", "0"),
    (ops.max(u, u), 0, "The maximum routes: at this tie the operand gets the adjoint times 0.5", "0.5"),
    (ops.min(u, 1.0), 0, "The minimum routes: the adjoint goes to the operand that was taken, not to this one", "0"),
    (ops.where(u > v, u, v), 0, "The choice routes: the adjoint goes to the operand that was taken, this one", "1"),
    (ops.where(u > v, u, v), 1, "The choice routes: the adjoint goes to the operand that was taken, not to this one", "0"),
    (ops.where(u > v, 0.0, v), 0, "The choice routes: the adjoint goes to the operand that was taken, not to this one", "0"),
    (ops.clamp(u, -1.0, 1.0), 0, "clamp routes: the adjoint goes to the operand that was taken, not to this one", "0"),
    (u.relu(), 0, "relu routes: its gate is open here, the adjoint passes as it is", "1"),
    (v.relu(), 0, "relu routes: its gate is closed here, nothing passes", "0"),
    (Value(math.nan).relu(), 0, "relu has no slope here: its local derivative is NaN", "nan"),
    (x.hardtanh(), 0, "hardtanh routes: its gate is open here, the adjoint passes as it is", "1"),
    (v.leaky_relu(), 0, "leaky_relu scales: the adjoint times 0.01 on this side", "0.01"),
    (u.elu(), 0, "elu scales: the adjoint times 1 on this side", "1"),
    (v.elu(0.5), 0, "elu scales: the adjoint times its slope at the operand", "0.5 * exp(v)"),
    (u.sign(), 0, "The sign passes nothing: its slope is 0 wherever it has one", "0"),
    (u.floor(), 0, "floor passes nothing: its slope is 0 wherever it has one", "0"),
    (u.exp(), 0, "The exponential keeps: the local derivative is the result itself", "y"),
    (u.exp2(), 0, "exp2 scales: the adjoint times its slope, which depends on the result alone", "y * 0.6931"),
    (u.tanh(), 0, "tanh scales: the adjoint times its slope, which depends on the result alone", "1 - y ** 2"),
    (u.log(), 0, "The logarithm scales: the adjoint times its slope at the operand", "1 / u"),
    (u**2, 0, "The power scales: the adjoint times its slope at the operands", "2 * u"),
    (u**1, 0, "The power scales: the adjoint times 1, a constant", "1"),
    (u**3, 0, "The power scales: the adjoint times its slope at the operands", "3 * u ** 2"),
    (u**0.5, 0, "The power scales: the adjoint times its slope at the operands", "0.5 * u ** -0.5"),
    (u**x, 0, "The power scales: the adjoint times its slope at the operands", "x * u ** (x - 1)"),
    (10**u, 0, "The power scales: the adjoint times its slope, which depends on the result alone", "y * log(10)"),
    (ops.logsumexp([u, v]), 1, "logsumexp scales: the adjoint times its slope at the operands", "softmax([u, v], k=1)"),
    (ops.mish_slope(u), 0, "mish_slope scales: the adjoint times its slope at the operand", "∂y/∂u"),
]  # fmt: skip


IDS = ["−□" for i, (_, _, words, _) in enumerate(GOLDEN)]


@pytest.mark.parametrize(("node", "slot", "words", "symbols"), GOLDEN, ids=IDS)
def test_an_edge_is_told_in_words_and_in_symbols(node: Value, slot: int, words: str, symbols: str) -> None:
    assert rule(node, slot) == words
    assert slope(node, slot, names_of(node)) == symbols


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_a_short_sentence_of_its_own_name(row: Op) -> None:
    node = applied(row)
    for slot in range(len(node.operands)):
        assert rule(node, slot).startswith(f"{rules.opening(row)} ")
        assert len(rule(node, slot)) < 90


@pytest.mark.parametrize("row", ROWS)
def test_what_is_written_is_worth_the_local_derivative(row: Op) -> None:
    """Four digits of each constant are written, so four digits agree."""
    node = applied(row)
    names = names_of(node)
    scope: dict[str, Any] = {**{name: op.on_floats for name, op in TABLE.items()}, **{name: n.data for n, name in names.items()}}
    for slot in range(len(node.operands)):
        written = slope(node, slot, names)
        assert len(written) <= LONGEST
        if not written.startswith("∂"):
            assert eval(written, scope) == pytest.approx(as_numbers(node.partials)[slot], rel=1e-3)


def test_a_few_rows_only_are_too_long_to_be_written() -> None:
    long = set()
    for name, row in TABLE.items():
        node = applied(row)
        if any(slope(node, slot, names_of(node)).startswith("∂") for slot in range(len(node.operands))):
            long.add(name)
    assert long == {"gelu_tanh_slope", "mish", "mish_slope", "softmax", "log_softmax", "cross_entropy"}


def test_latex_has_the_writers_letters() -> None:
    alpha, x1 = Value(2.0, "alpha"), Value(3.0, "x1")
    node = alpha / x1
    assert slope(node, 1, names_of(node), latex=True) == r"\frac{-\alpha}{{x_{1}}^2}"
    assert slope(alpha.mish_slope(), 0, {alpha: "alpha"}, latex=True) == r"\frac{\partial y}{\partial \alpha}"


FACTORS = [
    (u * v, "v", "v"),
    (-u, "(−1)", r"\left(-1\right)"),
    (u.tanh(), "(1 − y²)", r"\left(1 - {y}^2\right)"),
    (u.log(), "(1/u)", r"\frac{1}{u}"),
    (u.square(), "(2·u)", r"2 \cdot u"),
    (u.cos(), "(−sin(u))", r"\left(-\sin\left(u\right)\right)"),
    (u.mish_slope(), "∂y/∂u", r"\frac{\partial y}{\partial u}"),
]


@pytest.mark.parametrize(("node", "text", "latex"), FACTORS, ids=[text for _, text, _ in FACTORS])
def test_a_factor_has_the_brackets_that_a_product_needs(node: Value, text: str, latex: str) -> None:
    assert rules.slope(node, 0, names_of(node)).factor == text
    assert rules.slope(node, 0, names_of(node), LATEX).factor == latex


def test_labels_that_are_formulas_stand_in_brackets() -> None:
    total = Value(2.0, "a + b")
    node = total**3
    assert slope(node, 0, names_of(node)) == "3 * (a + b) ** 2"


def test_a_row_of_ones_own_is_told_from_its_partials() -> None:
    @op(partials=(lambda a, b, c, y: b * c, lambda a, b, c, y: a * c, 1.0))
    def twisted(a: float, b: float, c: float) -> float:
        "A row for this test."
        return a * b * c

    @op(partials=(lambda a, y: ops.where(a > 1, lambda: 2 * a, CLOSED),))
    def hinge(a: float) -> float:
        "A row for this test."
        return a * a if a > 1 else 1.0

    @op(partials=(0.25, 0.25))
    def faint(a: float, b: float) -> float:
        "A row for this test."
        return (a + b) / 4

    @op(partials=(lambda a, b, y: ops.where(a > b, lambda: 3 * a, CLOSED), -1.0))
    def leaning(a: float, b: float) -> float:
        "A row for this test."
        return 1.5 * a * a - b if a > b else -b

    @op(partials=(lambda a, b, y: 2 * a, -1.0))
    def lowered(a: float, b: float) -> float:
        "A row for this test."
        return a * a - b

    try:
        node = twisted(u, v, x)
        assert rule(leaning(u, v), 0) == "leaning routes: this operand gets the adjoint times its slope"
        assert rule(lowered(u, v), 1) == "lowered subtracts this operand: it gets the adjoint with its sign turned"
        assert rule(faint(u, v), 0) == "faint scales: the adjoint times 0.25, a constant"
        assert rule(node, 0) == "twisted scales: the adjoint times its slope at the operands"
        assert rule(node, 2) == "twisted adds this operand: it gets the adjoint as it is"
        assert slope(node, 0, names_of(node)) == "v * x"
        assert rule(hinge(u), 0) == "hinge routes: its gate is open here, the adjoint is scaled by its slope"
        assert rule(hinge(x), 0) == "hinge routes: its gate is closed here, nothing passes"
        assert slope(hinge(u), 0, {u: "u"}) == "2 * u"
    finally:
        del TABLE["twisted"], TABLE["hinge"], TABLE["faint"], TABLE["leaning"], TABLE["lowered"]


def test_a_row_whose_partial_cannot_be_evaluated_on_symbols_says_what_is_known() -> None:
    @op(partials=(lambda a, y: math.cos(a) if a > 0 else CLOSED,))
    def stubborn(a: float) -> float:
        "A row for this test."
        return math.sin(a) if a > 0 else 0.0

    try:
        assert rule(stubborn(u), 0) == "stubborn scales: the adjoint times its local derivative"
        assert rule(stubborn(v), 0) == "stubborn passes nothing: its gate is closed"
        assert slope(stubborn(u), 0, {u: "u"}) == "∂y/∂u"
    finally:
        del TABLE["stubborn"]


def test_a_partial_that_shares_its_parts_forty_times_over_is_called_by_name() -> None:
    def doubled(a: Any, y: Any) -> Any:
        for _ in range(40):
            a = a * a
        return a

    @op(partials=(doubled,))
    def sharing(a: float) -> float:
        "A row for this test."
        return a

    try:
        assert slope(sharing(Value(1.0)), 0, {}) == "∂y/∂x"
    finally:
        del TABLE["sharing"]


def test_wide_rows_are_told_without_being_evaluated_a_thousand_times() -> None:
    leaves = [Value(i / 1000) for i in range(1000)]
    assert rule(ops.dot(leaves, leaves[::-1]), 1500) == "The scalar product swaps: each factor gets the adjoint times the other"
    for node in (ops.softmax(leaves, k=0), ops.logsumexp(leaves)):  # each partial would have all thousand operands in it
        assert node.op is not None
        assert rule(node, 5) == f"{node.op.__name__} scales: the adjoint times its local derivative"


def test_a_slot_that_is_not_there_is_refused() -> None:
    with pytest.raises(IndexError, match="has 2 operands; there is no slot 2"):
        rule(u + v, 2)
    with pytest.raises(IndexError, match="has 0 operands"):
        slope(u, 0, {})


def test_asking_changes_no_gradient() -> None:
    node = u * v
    rule(node, 0), slope(node, 0, {})
    assert not node.reached
    assert not u.reached
