"""Tests of operators and methods of rows: on nodes, with numpy's numbers and arrays, and with Python's builtins."""

import fractions
import math
import operator

import numpy as np
import pytest
from examples import same, within

import autograd
from autograd import OperandError, Value
from autograd.ops import TABLE

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
    x = Value(2.0)
    assert +x is x


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
