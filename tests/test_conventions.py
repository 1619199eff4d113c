"""Tests of the promises about numbers: values and errors as `math` has them, the tails, the edges.

Where mathematics gives a number, it is computed by `oracles` to some hundred digits.
"""

import decimal
import fractions
import itertools
import math
import operator
import re

import numpy as np
import pytest
from draws import drawn, tuples_of
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracles import improves_on_math, real_partial, real_value
from promises import AS_MATH, FLOATS, INF, LARGEST, NAN, SMALLEST, WHOLE, bits, gradient, outcome, value_and_gradient

import autograd
from autograd import AutogradError, DivisionError, DomainError, RangeError, Value, ops
from autograd.ops import TABLE

# ------------------------------------------------------------------------------------------------------ values and errors

ANY = st.floats()


def _points(name):
    return list(itertools.product(FLOATS, repeat=len(TABLE[name].operands)))


@pytest.mark.parametrize("name", AS_MATH)
def test_value_is_what_math_gives_to_the_bit_and_it_raises_what_math_raises(name):
    for point in _points(name):
        expected = outcome(getattr(math, name), *point)
        assert outcome(TABLE[name], *map(Value, point)) == outcome(TABLE[name], *point), point  # and on plain numbers
        assert outcome(TABLE[name], *point) == expected or improves_on_math(TABLE[name], point), point


@pytest.mark.parametrize("name", AS_MATH)
def test_value_is_what_math_gives_at_any_float(name):
    for point in drawn(tuples_of(ANY, len(TABLE[name].operands)), 50):
        assert outcome(TABLE[name], *map(Value, point)) == outcome(TABLE[name], *point), point
        expected = outcome(getattr(math, name), *point)
        assert outcome(TABLE[name], *point) == expected or improves_on_math(TABLE[name], point), point


def test_every_elementary_function_of_math_is_among_those_compared():
    expected = (
        "sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 hypot sinh cosh tanh asinh acosh atanh"
    )
    assert set(AS_MATH) >= {*expected.split(), "erf", "erfc", "gamma", "lgamma", "fmod", "copysign", "degrees", "radians"}


@pytest.mark.parametrize("name", WHOLE)
def test_floor_ceil_and_trunc_give_the_float_that_math_gives_as_an_integer(name):
    for x in FLOATS:
        expected = bits(x) if math.isnan(x) else outcome(getattr(math, name), x)
        assert outcome(TABLE[name], Value(x)) == outcome(TABLE[name], x) == expected, x


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv"])
def test_arithmetic_gives_the_bits_that_python_floats_give(name):
    python = getattr(operator, name)
    for a, b in itertools.product(FLOATS, repeat=2):
        expected = outcome(python, a, b)
        assert outcome(python, Value(a), Value(b)) == expected, (a, b)
        assert outcome(python, Value(a), b) == outcome(python, a, Value(b)) == expected, (a, b)


def test_powers_are_those_of_math_except_that_0_to_a_negative_power_divides_by_zero():
    for a, b in itertools.product(FLOATS, repeat=2):
        if a == 0 and (b == -INF or math.isnan(b)):
            continue
        expected = ZeroDivisionError if a == 0 and b < 0 else outcome(math.pow, a, b)
        assert outcome(operator.pow, Value(a), Value(b)) == expected, (a, b)
        assert outcome(operator.pow, Value(a), b) == outcome(operator.pow, a, Value(b)) == expected, (a, b)
        assert outcome(ops.pow, a, b) == expected, (a, b)


def test_neg_and_abs_keep_the_bits():
    for x in FLOATS:
        assert bits((-Value(x)).data) == bits(-x)
        assert bits(abs(Value(x)).data) == bits(abs(x))


def test_products_and_sums_overflow_to_infinity_as_python_floats_do():
    assert (Value(1e308) * 10).data == (Value(1e308) + Value(1e308)).data == INF
    assert (Value(-1e308) * 10).data == (-Value(1e308) - 1e308).data == -INF
    assert ops.sum([Value(1e308), 1e308]).data == ops.dot([Value(1e308)], [10.0]).data == INF
    assert math.isnan((Value(INF) - INF).data)


REFUSED = {
    "log(0)": ("log", (0.0,), DomainError),
    "log(-0.0)": ("log", (-0.0,), DomainError),
    "log(-1)": ("log", (-1.0,), DomainError),
    "log2(0)": ("log2", (0.0,), DomainError),
    "log10(-1)": ("log10", (-1.0,), DomainError),
    "log1p(-1)": ("log1p", (-1.0,), DomainError),
    "sqrt(-1)": ("sqrt", (-1.0,), DomainError),
    "sqrt(-5e-324)": ("sqrt", (-SMALLEST,), DomainError),
    "asin(2)": ("asin", (2.0,), DomainError),
    "acos(-1.5)": ("acos", (-1.5,), DomainError),
    "acosh(0.5)": ("acosh", (0.5,), DomainError),
    "atanh(1)": ("atanh", (1.0,), DomainError),
    "atanh(-1)": ("atanh", (-1.0,), DomainError),
    "gamma(0)": ("gamma", (0.0,), DomainError),
    "gamma(-3)": ("gamma", (-3.0,), DomainError),
    "gamma(-inf)": ("gamma", (-INF,), DomainError),
    "lgamma(-2)": ("lgamma", (-2.0,), DomainError),
    "digamma(0)": ("digamma", (0.0,), DomainError),
    "digamma(-4)": ("digamma", (-4.0,), DomainError),
    "sin(inf)": ("sin", (INF,), DomainError),
    "cos(-inf)": ("cos", (-INF,), DomainError),
    "tan(inf)": ("tan", (INF,), DomainError),
    "floor(inf)": ("floor", (INF,), OverflowError),
    "(-8)**(1/3)": ("pow", (-8.0, 1 / 3), DomainError),
    "(-2)**0.5": ("pow", (-2.0, 0.5), DomainError),
    "xlogy(1, 0)": ("xlogy", (1.0, 0.0), DomainError),
    "xlogy(0, -1)": ("xlogy", (0.0, -1.0), DomainError),
    "clamp(0, 1, -1)": ("clamp", (0.0, 1.0, -1.0), DomainError),
    "1/0": ("div", (1.0, 0.0), DivisionError),
    "0/0": ("div", (0.0, 0.0), DivisionError),
    "inf/-0.0": ("div", (INF, -0.0), DivisionError),
    "reciprocal(0)": ("reciprocal", (0.0,), DivisionError),
    "reciprocal(-0.0)": ("reciprocal", (-0.0,), DivisionError),
    "0**-1": ("pow", (0.0, -1.0), DivisionError),
    "0**-0.5": ("pow", (-0.0, -0.5), DivisionError),
    "exp(710)": ("exp", (710.0,), RangeError),
    "exp2(1024)": ("exp2", (1024.0,), RangeError),
    "expm1(710)": ("expm1", (710.0,), RangeError),
    "cosh(711)": ("cosh", (711.0,), RangeError),
    "sinh(-711)": ("sinh", (-711.0,), RangeError),
    "gamma(172)": ("gamma", (172.0,), RangeError),
    "10**400": ("pow", (10.0, 400.0), RangeError),
    "(1e-200)**-2": ("pow", (1e-200, -2.0), RangeError),
}


@pytest.mark.parametrize(("name", "point", "kind"), REFUSED.values(), ids=REFUSED)
def test_outside_its_domain_an_operation_raises_and_names_itself_and_its_operands(name, point, kind):
    for operands in ([Value(x) for x in point], point, [Value(point[0]), *point[1:]]):
        with pytest.raises(kind) as refusal:
            TABLE[name](*operands)
        assert isinstance(refusal.value, AutogradError)
        assert f"{name}({', '.join(map(repr, point))})" in str(refusal.value)
        if len(point) == 1 and not issubclass(kind, OverflowError):
            assert f"{point[0]!r} is outside {TABLE[name].domain[0]}; " in str(refusal.value)  # and then the cure
        assert refusal.value.__cause__ is None
        assert refusal.value.__suppress_context__  # one error, not two


@pytest.mark.parametrize(("name", "point", "kind"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_names_an_operand_by_its_label(name, point, kind):
    labels = ["speed", "time", "width"][: len(point)]
    with pytest.raises(kind) as refusal:
        TABLE[name](*(Value(x, label) for x, label in zip(point, labels, strict=True)))
    assert any(f"{label} = {x!r}" in str(refusal.value) for x, label in zip(point, labels, strict=True))


def test_operators_and_methods_raise_what_the_functions_raise():
    zero = Value(0.0, "zero")
    for attempt in (lambda: 1 / zero, lambda: zero / zero, lambda: zero / 0, lambda: Value(1.0) / zero, lambda: zero**-1):
        with pytest.raises(DivisionError, match=r"(div|pow)\(.*0\.0"):
            attempt()
    for attempt in (zero.log, lambda: (zero - 1).sqrt(), lambda: (zero - 8) ** (1 / 3), lambda: (-8) ** (zero + 0.5)):
        with pytest.raises(DomainError):
            attempt()


def test_a_refused_operation_leaves_nothing_behind():
    x = Value(-1.0)
    with pytest.raises(DomainError):
        x.log()
    assert (x.data, x.grad, x.reached, x.operands) == (-1.0, 0.0, False, ())


ACCEPTED = {
    "int": 3,
    "bool": True,
    "float": 2.5,
    "Fraction": fractions.Fraction(1, 3),
    "Decimal": decimal.Decimal("0.1"),
    "int rounded": 2**53 + 1,
    "Decimal inf": decimal.Decimal("-Infinity"),
    "Decimal nan": decimal.Decimal("NaN"),
    "float64": np.float64(0.1),
    "float32": np.float32(0.1),
    "float16": np.float16(0.1),
    "int8": np.int8(-3),
    "uint64": np.uint64(2**63),
    "bool_": np.bool_(False),
    "longdouble": np.longdouble("0.25"),
    "array of no dimension": np.array(3.5),
    "nan": NAN,
    "inf": INF,
}


@pytest.mark.parametrize("x", ACCEPTED.values(), ids=ACCEPTED)
def test_a_number_without_loss_of_meaning_makes_a_leaf(x):
    node = Value(x)
    assert bits(node.data) == bits(float(x))
    assert node.operands == ()
    assert bits(autograd.add(Value(0.0), x).data) == bits(0.0 + float(x))  # and is a constant beside a node


REFUSED_AS_DATA = {
    "str": "1",
    "bytes": b"1",
    "bytearray": bytearray(b"1"),
    "None": None,
    "complex": 1j,
    "real complex": 1 + 0j,
    "list": [1.0],
    "tuple": (1.0,),
    "dict": {},
    "set": {1.0},
    "object": object(),
    "type": float,
    "function": len,
    "Value": Value(1.0),
    "list of Value": [Value(1.0)],
    "array of one": np.array([1.0]),
    "array": np.array([1.0, 2.0]),
    "str_": np.str_("1"),
    "memoryview": memoryview(b"1"),
}


@pytest.mark.parametrize("x", REFUSED_AS_DATA.values(), ids=REFUSED_AS_DATA)
def test_what_is_not_a_number_is_a_type_error(x):
    leaf = Value(1.0)
    with pytest.raises(TypeError):
        Value(x)
    with pytest.raises(TypeError):
        leaf.data = x
    with pytest.raises(TypeError):
        leaf.grad = x
    with pytest.raises(TypeError):
        leaf.backward(x)
    assert (leaf.data, leaf.grad) == (1.0, 0.0)
    if not isinstance(x, (Value, np.ndarray)):
        for attempt in (
            lambda: leaf + x,
            lambda: x * leaf,
            lambda: leaf**x,
            lambda: autograd.exp(x),
            lambda: autograd.hypot(leaf, x),
        ):
            with pytest.raises(TypeError):
                attempt()


HUGE = {
    "int": 10**400,
    "negative int": -(10**400),
    "Fraction": fractions.Fraction(10**400, 3),
    "Decimal": decimal.Decimal("1e400"),
    "longdouble": np.longdouble("1e400"),
}


@pytest.mark.parametrize("x", HUGE.values(), ids=HUGE)
def test_a_number_beyond_the_largest_float_is_an_overflow_error(x):
    with pytest.raises(OverflowError, match="beyond the largest float"):
        Value(x)
    with pytest.raises(OverflowError, match="beyond the largest float"):
        autograd.mul(Value(2.0), x)


# ---------------------------------------------------------------------------------------------------- tails without NaN

SMOOTH = ["sigmoid", "tanh", "softplus", "logsigmoid", "silu", "gelu", "gelu_tanh", "mish"]
EXTREMES = [
    s * x
    for s in (1.0, -1.0)
    for x in (0.0, SMALLEST, 1e-300, 1e-8, 0.5, 1.0, 20.0, 37.0, 40.0, 709.0, 745.2, 800.0, 1e154, 1e200, LARGEST)
]
finite = st.sampled_from(EXTREMES) | st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("name", SMOOTH)
@settings(deadline=None, max_examples=100)
@given(x=finite)
def test_smooth_activation_never_raises_and_never_gives_nan_for_finite_input(name, x):
    y, (slope,) = value_and_gradient(TABLE[name], x)
    assert math.isfinite(y)
    assert math.isfinite(slope)


@settings(deadline=None, max_examples=200)
@given(xs=st.lists(finite, min_size=1, max_size=4), which=st.integers(0, 3))
@example(xs=[LARGEST, LARGEST], which=0)
@example(xs=[-LARGEST, LARGEST], which=0)
@example(xs=[-LARGEST, -LARGEST, -LARGEST], which=2)
def test_softmax_and_its_kin_never_raise_and_never_give_nan_for_finite_input(xs, which):
    place = which % len(xs)
    for function in (
        lambda *nodes: autograd.logsumexp(nodes),
        lambda *nodes: autograd.softmax(nodes)[place],
        lambda *nodes: autograd.cross_entropy(nodes, place),
    ):
        y, slopes = value_and_gradient(function, *xs)
        assert not math.isnan(y)
        assert all(math.isfinite(slope) for slope in slopes)


@settings(deadline=None, max_examples=300)
@given(x=st.sampled_from(EXTREMES) | st.floats(-800.0, 800.0))
def test_the_slope_of_sigmoid_and_of_tanh_mirrors_to_the_bit(x):
    for name in ("sigmoid", "tanh"):
        assert bits(gradient(TABLE[name], x)[0]) == bits(gradient(TABLE[name], -x)[0])


def test_the_slopes_of_sigmoid_at_40_and_of_tanh_at_20_are_not_zero():
    assert gradient(autograd.sigmoid, 40.0)[0] == pytest.approx(math.exp(-40.0), rel=1e-15)
    assert gradient(autograd.tanh, 20.0)[0] == pytest.approx(4 * math.exp(-40.0), rel=1e-15)


# Each of these loses its digits in a formula from the books.
ACCURATE = {
    **{f"{name}({x})": (name, (x,)) for name in SMOOTH for x in (-300.0, -40.0, -20.0, -10.0, 10.0, 20.0, 40.0, 300.0)},
    "erfc(10)": ("erfc", (10.0,)),
    "erf(1e-9)": ("erf", (1e-9,)),
    "normal_cdf(-20)": ("normal_cdf", (-20.0,)),
    "softplus(-700)": ("softplus", (-700.0,)),
    "softmax([40, 0])[0]": ("softmax", (40.0, 0.0), {"k": 0}),
    "softmax([40, 0])[1]": ("softmax", (40.0, 0.0), {"k": 1}),
    "cross_entropy([40, 0], 0)": ("cross_entropy", (40.0, 0.0), {"target": 0}),
    "cross_entropy([1, 41, 2], 1)": ("cross_entropy", (1.0, 41.0, 2.0), {"target": 1}),
    "logsumexp([0, -40])": ("logsumexp", (0.0, -40.0)),
    "logsumexp([1000, 1000])": ("logsumexp", (1000.0, 1000.0)),
    "expm1(-40)": ("expm1", (-40.0,)),
    "expm1(1e-20)": ("expm1", (1e-20,)),
    "asin(1 - 1e-9)": ("asin", (1 - 1e-9,)),
    "acos(1e-9 - 1)": ("acos", (1e-9 - 1,)),
    "acosh(1 + 1e-9)": ("acosh", (1 + 1e-9,)),
    "atanh(1 - 1e-9)": ("atanh", (1 - 1e-9,)),
    "asin(1 - 2**-53)": ("asin", (math.nextafter(1.0, 0.0),)),
    "acos(2**-53 - 1)": ("acos", (math.nextafter(-1.0, 0.0),)),
    "acosh(1 + 2**-52)": ("acosh", (math.nextafter(1.0, 2.0),)),
    "acosh(1e200)": ("acosh", (1e200,)),
    "atanh(1 - 2**-53)": ("atanh", (math.nextafter(1.0, 0.0),)),
    "atan(1e200)": ("atan", (1e200,)),
    "asinh(1e200)": ("asinh", (1e200,)),
    "atan2(1e200, 3e200)": ("atan2", (1e200, 3e200)),
    "atan2(1e-200, 3e-200)": ("atan2", (1e-200, 3e-200)),
    "hypot(3e-320, 4e-320)": ("hypot", (3e-320, 4e-320)),
    "hypot(3e307, 1e308)": ("hypot", (3e307, 1e308)),
    "pow(1e-200, 2)": ("pow", (1e-200, 2.0)),
    "pow(3, -600)": ("pow", (3.0, -600.0)),
    "div(1, 1e200)": ("div", (1.0, 1e200)),
    "digamma(1.4616)": ("digamma", (1.4616,)),
    "digamma(7.5)": ("digamma", (7.5,)),
    "digamma(-2.5)": ("digamma", (-2.5,)),
    "log1p(1e-300)": ("log1p", (1e-300,)),
}


@pytest.mark.parametrize("case", ACCURATE.values(), ids=ACCURATE)
def test_value_and_slope_keep_their_digits_where_the_textbook_formula_loses_them(case):
    name, point, parameters = (*case, {})[:3]
    row, nodes = TABLE[name], [Value(x) for x in point]
    y = row.apply(tuple(nodes), parameters)
    expected = float(real_value(row, point, parameters))
    assert abs(y.data - expected) <= 16 * math.ulp(expected)
    y.backward()
    for i, node in enumerate(nodes):
        expected = float(real_partial(row, point, parameters, i))
        assert abs(node.grad - expected) <= 16 * math.ulp(expected), i


# ------------------------------------------------------------------------------------------------------- edges of the edges


@pytest.mark.parametrize("raised", [lambda: Value(0.0) ** Value(NAN), lambda: Value(0.0) ** NAN, lambda: 0.0 ** Value(NAN)])
def test_0_to_the_power_nan_is_nan_with_nan_slopes(raised):
    y = raised()
    assert math.isnan(y.data)
    assert all(math.isnan(partial) for partial in y.partials)


@pytest.mark.parametrize("point", [(NAN, INF), (NAN, -INF), (INF, NAN), (-INF, NAN)])
def test_atan2_of_nan_beside_infinity_has_nan_slopes(point):
    value, slopes = value_and_gradient(ops.atan2, *point)
    assert math.isnan(value)
    assert all(map(math.isnan, slopes))


def test_clamp_at_an_infinite_bound_is_no_clamp():
    assert value_and_gradient(lambda x: ops.clamp(x, 0, INF), INF) == (INF, (1.0,))
    assert value_and_gradient(lambda x: ops.clamp(x, -INF, 0), -INF) == (-INF, (1.0,))


@pytest.mark.parametrize("number", [np.complex128(1 + 2j), np.complex64(1)], ids=repr)
def test_a_complex_numpy_scalar_is_refused_before_its_imaginary_part_is_lost(number):
    with pytest.raises(TypeError, match="number is needed"):
        Value(number)
    with pytest.raises(TypeError):
        Value(1.0) * number


@pytest.mark.parametrize("row", [ops.elu, ops.leaky_relu, ops.polygamma], ids=lambda row: row.__name__)
@pytest.mark.parametrize("x", [1.5, -1.5])
def test_a_node_as_a_parameter_is_refused_since_its_gradient_would_be_lost(row, x):
    (name,) = row.parameters
    with pytest.raises(TypeError, match=f"parameter {name} takes no gradient"):
        row(Value(x), **{name: Value(1.0)})


def test_parameters_may_be_given_in_order_after_the_operands():
    x = Value(-2.0)
    assert ops.leaky_relu(x, 0.5).data == x.leaky_relu(0.5).data == ops.leaky_relu(-2.0, 0.5) == -1.0
    assert ops.elu(x, 3.0).parameters == {"alpha": 3.0}
    with pytest.raises(TypeError, match="at most 2 arguments, not 3"):
        ops.elu(x, 3.0, 4.0)


def test_comparisons_are_exact_where_a_float_of_the_integer_would_round():
    assert Value(2.0) < 10**400
    assert Value(2.0**53) < 2**53 + 1
    assert not Value(2.0**53) >= 2**53 + 1


OF_SEVERAL = [  # these take a list of nodes too
    autograd.draw, autograd.to_dot, autograd.draw_dot, autograd.to_html, autograd.record, autograd.quiz,
]  # fmt: skip
OF_ONE = [
    autograd.quiz_page, autograd.to_python, autograd.to_torch, autograd.to_jax, autograd.trace,
    autograd.replay, autograd.expand, autograd.leaves, autograd.users, autograd.toposort,
]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "thing"),
    [*[(call, thing) for call in OF_SEVERAL + OF_ONE for thing in (3.0, "a", None)], *[(call, [Value(1.0)]) for call in OF_ONE]],
    ids=lambda x: x.__name__ if callable(x) else str(x),
)
def test_what_asks_for_a_graph_refuses_anything_but_a_node(call, thing):
    with pytest.raises(autograd.errors.OperandError, match=re.escape(f"{thing!r:.60}")):
        call(thing)
