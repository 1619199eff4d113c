"""Real SymPy: the expression of a graph has its value, and its derivatives are the gradients."""

from __future__ import annotations

from typing import Any

import pytest
from examples import of_row

from autograd import leaves, ops, to_sympy
from autograd.ops import TABLE, Op
from autograd.value import Value
from nn import MLP

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore")]

STEPS = (ops.floor, ops.ceil, ops.trunc, ops.floor_div, ops.mod, ops.fmod)  # SymPy gives their derivatives no numbers


def assert_is_the_graph(root: Value, *, with_gradients: bool = True) -> None:
    expression: Any = to_sympy(root)
    root.backward()
    symbols = {str(symbol): symbol for symbol in expression.free_symbols}
    point = {symbols[leaf.label]: leaf.data for leaf in leaves(root) if leaf.label in symbols}
    assert float(expression.subs(point).evalf(17)) == pytest.approx(root.data, rel=1e-12)
    for leaf in leaves(root) if with_gradients else ():
        slope = expression.diff(symbols[leaf.label]).subs(point).doit().evalf(17) if leaf.label in symbols else 0.0
        assert float(slope) == pytest.approx(leaf.grad, rel=1e-9, abs=1e-12), leaf.label


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TABLE.items() if row is not ops.round])
def test_the_expression_of_every_row_has_its_value_and_gradients(row: Op) -> None:
    assert_is_the_graph(of_row(row), with_gradients=row not in STEPS)


def test_the_expression_of_a_network_has_its_value_and_gradients() -> None:
    model = MLP(2, [2, 1], activation="tanh", seed=1)
    for index, p in enumerate(model.parameters()):
        p.label = f"w{index}"
    assert_is_the_graph(model([Value(0.5, "x"), Value(-1.0, "y")]) * 0.1)


def test_an_expression_is_simplified_by_sympy_alone() -> None:
    x, y = Value(3.0, "x"), Value(2.0, "y")
    assert str(to_sympy(x.sigmoid() * x**2 / 2)) == "x**2/(2*(1 + exp(-x)))"
    assert str(to_sympy(ops.where(x > y, x, y) - 0.1 * abs(x))) == "x - 0.1*Abs(x)"
    assert str(to_sympy(ops.relu(x).log() + y**-0.5)) == "log(Max(0, x)) + 1/sqrt(y)"
    assert to_sympy(x).is_real
