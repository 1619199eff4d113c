"""All six comparisons compare data, on every number type, so that a function takes the branch that it takes on floats."""

from __future__ import annotations

import math
import operator
import re
import sys
from collections import deque
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from number_types import NUMBERS

import autograd
import nn
from autograd import Value, grad, jvp, nth_derivative, ops, taylor, value_and_grad
from autograd.operators import Operators
from autograd.text.symbols import Condition, Symbol
from autograd.transforms.lifting import Forward
from autograd.weak import WeakByIdentity
from nn.train import fit

RELATIONS = {name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")}
FLOATS = st.sampled_from([0.0, -0.0, 1.0, math.inf, -math.inf, math.nan, 2.0**53]) | st.floats()
OTHERS = st.sampled_from([1, 2**53 + 1, 10**400, -(10**400), True, Fraction(1, 3), Decimal("0.1"), np.float64(1.0), np.int32(1)])


def subclasses(kind: type) -> set[type]:
    return {kind, *(inner for outer in kind.__subclasses__() for inner in subclasses(outer))}


def test_every_forward_number_is_among_those_tried():
    tried = {type(make(1.0)) for make in NUMBERS.values()}
    assert {kind for kind in subclasses(Forward) if kind.__module__.startswith("autograd")} - {Forward} <= tried


@pytest.mark.parametrize("kind", NUMBERS)
@given(a=FLOATS, b=FLOATS | OTHERS)
@example(a=0.1, b=Fraction(1, 10))
@example(a=float(2**53), b=2**53 + 1)
def test_a_comparison_is_that_of_the_floats(kind, a, b):
    assume(not (math.isnan(a) and type(b) is Decimal))  # floats raise there too
    make = NUMBERS[kind]
    for name, relation in RELATIONS.items():
        assert bool(relation(make(a), b)) is bool(relation(a, b)), name
        assert bool(relation(b, make(a))) is bool(relation(b, a)), name
        if type(b) is float:
            assert relation(make(a), make(b)) is relation(a, b), name
            assert relation(make(a), Value(b)) is relation(a, b), name
            assert relation(Value(a), make(b)) is relation(a, b), name


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_number_that_is_not_a_number_is_unequal_to_itself(kind):
    x = NUMBERS[kind](math.nan)
    assert x != x  # the test for NaN that everybody writes
    assert not x == x  # noqa: SIM201


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("other", [None, "a", "2.0", [2.0], (), object(), {}], ids=lambda other: type(other).__name__)
def test_what_is_no_number_is_unequal_and_has_no_order(kind, other):
    x = NUMBERS[kind](2.0)
    assert (x == other) is (other == x) is False
    assert (x != other) is (other != x) is True
    with pytest.raises(TypeError, match="has no order"):
        x < other  # noqa: B015


@pytest.mark.parametrize("kind", NUMBERS)
def test_hash_is_identity(kind):
    x, y = NUMBERS[kind](2.0), NUMBERS[kind](2.0)
    assert len({x, y, x}) == 2
    assert {x: 1, y: 2}[y] == 2
    assert 2.0 not in {x}  # by identity: README
    assert x not in {2.0, 3.0}


@pytest.mark.parametrize("kind", NUMBERS)
def test_an_array_is_compared_element_by_element(kind):
    make = NUMBERS[kind]
    numbers = np.array([make(1.0), make(3.0)], dtype=object)
    for relation in RELATIONS.values():
        expected = relation(np.array([1.0, 3.0]), 3.0).tolist()
        assert relation(numbers, 3.0).tolist() == relation(numbers, make(3.0)).tolist() == expected
        assert relation(numbers, np.array([3.0, 3.0])).tolist() == expected
        assert np.asarray(relation(make(3.0), np.array([1.0, 3.0]))).tolist() == relation(3.0, np.array([1.0, 3.0])).tolist()


# ------------------------------------------------------------------------------------------------- the branches of functions


def by_match(x):
    match x:
        case 0.5 | 1:
            return 3.0 * x
        case 2.0:
            return x * x
        case None | "a":
            return 11.0 * x
    return 7.0 * x


def by_loop(x):
    last, guess = None, x
    while guess != last:
        last, guess = guess, 0.5 * (guess + 2.0 / guess)
    return guess


def by_early_exit(x):
    total = 1.0
    for factor in (x, 0.0 * x, x):
        total = total * factor
        if total == 0:
            break
    return total + x


BRANCHES = {
    "==": lambda x: 10.0 * x if x == 2 else x * x,
    "!=": lambda x: 10.0 * x if x != 2 else x * x,
    "== a node": lambda x: 10.0 * x if x == x * 1.0 else x * x,
    "== reversed": lambda x: 10.0 * x if 2 == x else x * x,  # noqa: SIM300
    "is not NaN": lambda x: 10.0 * x if x == x else x * x,
    "in a tuple": lambda x: 3.0 * x if x in (0.5, 1, 2) else 5.0 * x,
    "in a deque": lambda x: 3.0 * x if x in deque([0.5, 2.0]) else 5.0 * x,
    "not in": lambda x: 3.0 * x if x not in [0.5, 2.0] else 5.0 * x,
    "index": lambda x: x * float([0.5, 1.0, 2.0, x].index(x)),
    "count": lambda x: x * float([0.0, 1.0, 2.0, 2.0, x].count(x)),
    "tuples": lambda x: 3.0 * x if (x, 1) == (2, 1.0) else 5.0 * x,
    "lists": lambda x: 3.0 * x if [x, 2] < [2, x] else 5.0 * x,
    "None": lambda x: x if x == None or x == "2" else 4.0 * x,  # noqa: E711
    "match": by_match,
    "while": by_loop,
    "break": by_early_exit,
    "max": lambda x: max(x, 1, 2) * 3.0,
    "sorted": lambda x: sorted([3.0, x, 1.0])[1] * 2.0,
    "where": lambda x: ops.where(x == 2, 10.0 * x, x * x),
}


@pytest.mark.parametrize("name", BRANCHES)
@pytest.mark.parametrize("x", [0.5, 1.0, 2.0, 3.0])
def test_a_function_takes_the_branch_of_floats_in_every_mode(name, x):
    f = BRANCHES[name]
    value = f(x)
    slope = pytest.approx(jvp(f, (x,), (1.0,))[1], abs=1e-15)  # Newton's iteration ends with slopes of rounding size
    assert value_and_grad(f)(x) == (value, slope)
    assert jvp(f, (x,), (1.0,))[0] == value
    assert taylor(f, x, 1) == [value, slope]
    assert nth_derivative(f, 2)(x) == pytest.approx(grad(grad(f))(x), abs=1e-15)
    assert jvp(grad(f), (x,), (1.0,))[0] == slope
    for make in NUMBERS.values():
        y = f(make(x))
        assert (y if type(y) is float else y.comparand() if hasattr(y, "comparand") else y.data) == value


def test_the_slope_belongs_to_the_branch_that_was_taken():
    assert value_and_grad(BRANCHES["=="])(2.0) == (20.0, 10.0)
    assert value_and_grad(BRANCHES["in a tuple"])(1.0) == (3.0, 3.0)
    assert value_and_grad(by_match)(1.0) == (3.0, 3.0)
    assert value_and_grad(by_loop)(2.0)[0] == by_loop(2.0)


# --------------------------------------------------------------------------------------------------------------- symbols


def test_equality_of_symbols_is_a_condition_and_not_silently_false():
    a = Symbol("a")
    assert repr(a == 0.0) == "a == 0.0"
    assert repr(a != Symbol("b")) == "a != b"
    chosen = ops.where(a == 0.0, 1.0, lambda: a * a)
    assert isinstance(chosen.parameters["condition"], Condition)
    assert repr(chosen) == "where(a == 0.0, 1.0, mul(a, a))"
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(a == 0.0)


def test_a_partial_that_asks_for_equality_is_printed_with_it():
    name = "square_but_at_zero"
    try:
        row = autograd.op(lambda a: a * a, name=name, doc="a².", partials=(lambda a, y: ops.where(a == 0.0, 0.0, lambda: 2.0 * a),))
        y = row(Value(3.0, "x"))
        y.backward()
        assert "x == 0" in autograd.to_python(y)
        assert "===" in autograd.to_html(y).html or "==" in autograd.to_html(y).html
        assert autograd.explain(y, y.operands[0]).gradient == 6.0
    finally:
        ops.TABLE.pop(name)


# ---------------------------------------------------------------------------------------- our own code distinguishes nodes


def test_our_own_code_never_compares_nodes_to_tell_them_apart(monkeypatch):
    """Nodes of equal data, through every room; a comparison of two of them by our code fails."""
    ours = re.compile(rf"{re.escape(str(Path(autograd.__file__).parent))}|{re.escape(str(Path(nn.__file__).parent))}")

    def watched(compare: Any) -> Any:
        def method(self: Any, other: Any) -> Any:
            caller = sys._getframe(1)
            of_numbers = caller.f_code.co_name == "compared" or caller.f_globals["__name__"] == Operators.__module__
            assert of_numbers or not ours.match(caller.f_code.co_filename) or not hasattr(type(other), "__autograd_op__"), caller
            return compare(self, other)

        return method

    for name in ("__eq__", "__ne__"):
        monkeypatch.setattr(Value, name, watched(getattr(Value, name)))
    a, b, c = Value(1.0, "a"), Value(1.0, "b"), Value(1.0, "c")
    y = ops.sum([a * b * c, b * a, a * a, a.max(b), ops.dot([a, b], [b, a]), ops.softmax([a, b])[0]]) * 1.0
    y.backward()
    for show in (
        autograd.draw,
        autograd.to_dot,
        autograd.to_text,
        autograd.to_latex,
        autograd.to_mathml,
        autograd.to_python,
        autograd.to_html,
        autograd.quiz,
        autograd.leaves,
        autograd.trace,
        autograd.expand,
    ):
        show(y)
    for wrt in (a, b, y.operands[0]):
        print(autograd.explain(y, wrt))
    tape = autograd.record(y)
    print(tape.table(), tape.tree(), [step.formula() for step in tape])
    quiz = autograd.quiz(y, seed=1)
    print(quiz, quiz.key())
    autograd.users(a, y)
    autograd.replay(y, {a: 2.0})
    autograd.gradient(y, [a, b])
    autograd.hessian(lambda v: v[0] * v[1] + v[0].max(v[1]))([1.0, 1.0])
    autograd.check_grad(lambda x, z: x * z + x.max(z), 1.0, 1.0)
    model = nn.MLP(2, [2, 1], seed=1)
    for parameter in model.parameters():
        parameter.data = 0.5
    fit(model, [[1.0, 1.0], [0.0, 1.0]], [1.0, 0.0], epochs=2)


def test_what_is_kept_beside_nodes_is_found_by_identity():
    kept: WeakByIdentity[Value, str] = WeakByIdentity()
    nan, one, other = Value(math.nan), Value(1.0), Value(1.0)
    kept[nan], kept[one] = "nan", "one"
    assert (kept.get(nan), kept.get(one), kept.get(other), kept.get(other, "none")) == ("nan", "one", None, "none")
    del nan
    assert len(kept) == 1
    kept[one] = "again"
    assert kept.get(one) == "again"
    kept.pop(one)
    kept.pop(other)
    assert not kept


def test_a_gradient_at_nan_is_a_float():
    assert math.isnan(grad(lambda x: x * x)(math.nan))
    assert type(grad(lambda x: x * x)(math.nan)) is float
