"""The steps of a tape: the words of each, and its formula, are known letter by letter."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace

import pytest
from examples import ROWS, gated, lecture, of_row

from autograd import ops
from autograd.ops import TABLE, Op
from autograd.show.tape import Quantity, record
from autograd.value import Value

# ------------------------------------------------------------------------------------------------------------------- in words


WORDS = """\
x is given: a leaf, which no operation made.
v1 = x·x: the product of two.
v2 = v1 − 20: the difference of two.
v3 = relu(v2): the rectified linear unit: the operand above 0, else 0.
y = v3 + x: the sum of two.
Start at the root: ∂y/∂y = 1.
From y to v3: the adjoint 1 times the local derivative 1 adds 1 to ∂y/∂v3, which was 0. \
Addition distributes: every operand gets the adjoint as it is. v3 has no other user: ∂y/∂v3 = 1 is complete.
From y to x: the adjoint 1 times the local derivative 1 adds 1 to ∂y/∂x, which was 0. \
Addition distributes: every operand gets the adjoint as it is.
From v3 to v2: closed, nothing flows; ∂y/∂v2 stays 0. \
relu routes: its gate is closed here, nothing passes. v2 has no other user: ∂y/∂v2 = 0 is complete.
From v2 to v1: nothing has reached v2, so nothing flows on; ∂y/∂v1 stays 0. v1 has no other user: ∂y/∂v1 = 0 is complete.
From v1 to x, edge 1 of 2: nothing has reached v1, so nothing flows on; ∂y/∂x stays 1.
From v1 to x, edge 2 of 2: nothing has reached v1, so nothing flows on; ∂y/∂x stays 1. \
All contributions to ∂y/∂x are in: ∂y/∂x = 1."""


def test_every_step_says_what_happens() -> None:
    tape = record(gated())
    assert "\n".join(step.words() for step in tape) == WORDS
    assert "\n".join(map(str, tape)) == WORDS


def test_a_local_derivative_is_said_in_symbols_and_in_numbers() -> None:
    h = ops.tanh(Value(0.5, "z"))
    h.label = "h"
    step = record(h)[3]
    start = "From h to z: the adjoint 1 times the local derivative 1 − h² = 0.7864 adds 0.7864 to ∂h/∂z, which was 0. tanh "
    assert step.words().startswith(start)
    assert step.formula() == "∂h/∂z += ∂h/∂h · (1 − h²) = 1 · (1 − h²) = 1 · 0.7864 = 0.7864"


def test_a_seed_other_than_one_is_said() -> None:
    tape = record(lecture(), seed=-0.5)
    assert tape[7].words() == "Start at the root with the seed −0.5: all that follows is that many times as large."
    assert tape[8].formula() == "∂L/∂d += ∂L/∂L · f = −0.5 · f = −0.5 · (−2) = 1"


def test_the_words_of_a_row_say_which_operand_is_which() -> None:
    u, v = Value(2.0, "u"), Value(3.0, "v")
    assert record(u**v)[2].words() == "v1 = u^v: a to the power b; here a = u, b = v."
    assert record(ops.log1p(u))[1].words() == "v1 = log1p(u): log(1 + a), accurate near 0; here a = u."
    assert record(u.clamp(0, 1))[1].words() == "v1 = clamp(u, 0, 1): the operand kept within [low, high]; here low = 0, high = 1."
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert record(a**b)[2].words() == "v1 = a^b: a to the power b."


def test_an_article_in_the_words_of_a_row_is_no_operand() -> None:
    u = Value(2.0, "u")
    assert record(ops.identity(u))[1].words() == "v1 = u: the operand itself, in a new node."
    assert record(u // 3.0)[1].words() == "v1 = u//3: the quotient rounded down to a whole number, Python's //."


def test_a_row_of_ones_own_may_name_its_operands() -> None:
    @ops.op(partials=(2.0, 1.0), name="tape_mixture")
    def mixture(a: float, b: float) -> float:
        "Twice <a> and a <b>."
        return 2 * a + b

    try:
        assert mixture.__doc__ == "Twice a and a b."
        assert record(mixture(Value(1.0, "u"), 2.0))[1].words() == "v1 = tape_mixture(u, 2): twice a and a b; here a = u, b = 2."
    finally:
        del TABLE["tape_mixture"]


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
    assert tape[3].formula() == "∂v1/∂x += ∂v1/∂v1 · (3·x²) = 1 · (3·x²) = 1 · 12 = 12"


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
    assert record(s)[4].formula() == "∂v1/∂(a + b) += ∂v1/∂v1 · c = 1 · c = 1 · 2 = 2"


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


# ------------------------------------------------------------------------------------------------------------------- formulas


LATEX = [
    r"a = 2",
    r"b = -3",
    r"v_{1} = a \cdot b = 2 \cdot \left(-3\right) = -6",
    r"c = 10",
    r"d = v_{1} + c = -6 + 10 = 4",
    r"f = -2",
    r"L = d \cdot f = 4 \cdot \left(-2\right) = -8",
    r"\frac{\partial L}{\partial L} = 1",
    r"\frac{\partial L}{\partial d} \mathrel{+}= \frac{\partial L}{\partial L} \cdot f = 1 \cdot f = 1 \cdot \left(-2\right) = -2",
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
