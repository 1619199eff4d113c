"""Tests of the promises about numbers: NaN, kinks, edges, closed gates.

Where a derivative is a convention, a table here has the expected number.
"""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from promises import AS_MATH, INF, LARGEST, NAN, SMALLEST, bits, gradient, same, value_and_gradient

import autograd
from autograd import Value, ops
from autograd.ops import TABLE

# --------------------------------------------------------------------------------------------------------------- NaN

VARIADIC = {"dot": (4,), "affine": (3, 5)}  # how many numbers they take; the others: one, two or three
PARAMETERS = {
    "where": lambda n: [{"condition": True}, {"condition": False}],
    "polygamma": lambda n: [{"n": 0}, {"n": 1}, {"n": 3}],
    **{name: lambda n: [{"k": k} for k in range(n)] for name, row in TABLE.items() if row.variadic and "k" in row.required},
    "cross_entropy": lambda n: [{"target": k} for k in range(n)],
}


def _applications(name):
    """Every way to put one NaN among ordinary operands: (operands, its place, parameters)."""
    row = TABLE[name]
    for n in VARIADIC.get(name, (1, 2, 3)) if row.variadic else (len(row.operands),):
        for parameters in PARAMETERS.get(name, lambda n: [{}])(n):
            for place in range(n):
                yield [NAN if i == place else 1.5 for i in range(n)], place, parameters


def _is_a_number_in_math(name, point):
    """Whether Python's `math` itself gives a number for this NaN, as copysign does."""
    return name in AS_MATH and not math.isnan(getattr(math, name)(*point))


@pytest.mark.parametrize("name", TABLE)
def test_nan_in_gives_a_nan_value_and_a_nan_gradient(name):
    for point, place, parameters in _applications(name):
        nodes = [Value(x) for x in point]
        y = TABLE[name].apply(tuple(nodes), parameters)
        y.backward()
        if _is_a_number_in_math(name, point):
            assert nodes[place].grad == 0.0  # it only looks at the sign of the NaN
            continue
        if name == "where" and parameters["condition"] != (place == 0):
            assert (y.data, nodes[place].grad, nodes[place].reached) == (1.5, 0.0, False)  # the branch not taken
            continue
        assert math.isnan(y.data), (point, parameters)
        if not math.isnan(nodes[place].grad):  # then it is a slope that is the same wherever the operand is
            assert nodes[place].grad != 0.0
            for elsewhere in (1.5, 2.75, -1.5):
                others = [Value(elsewhere if i == place else 1.5) for i in range(len(point))]
                TABLE[name].apply(tuple(others), parameters).backward()
                assert others[place].grad == nodes[place].grad, (point, parameters)


@pytest.mark.parametrize("name", TABLE)
def test_nan_on_plain_numbers_gives_nan(name):
    for point, place, parameters in _applications(name):
        if (name != "where" or parameters["condition"] == (place == 0)) and not _is_a_number_in_math(name, point):
            assert math.isnan(TABLE[name].apply(tuple(point), parameters)), (point, parameters)


@pytest.mark.parametrize("pair", [(NAN, 1.0), (1.0, NAN), (NAN, NAN), (NAN, INF), (-INF, NAN)], ids=str)
@pytest.mark.parametrize("name", ["max", "min"])
def test_max_and_min_give_nan_in_either_order(name, pair):
    a, b = pair
    for operands in ((Value(a), Value(b)), (Value(a), b), (a, Value(b)), (a, b)):
        y = TABLE[name](*operands)
        assert math.isnan(y.data if isinstance(y, Value) else y)
    for x, slope in zip(pair, gradient(TABLE[name], a, b), strict=True):
        assert same(slope, NAN if math.isnan(x) else 0.0)


def test_nan_as_a_bound_of_clamp_is_nan():
    for point in ((0.0, NAN, 1.0), (0.0, -1.0, NAN), (NAN, -1.0, 1.0), (NAN, NAN, NAN)):
        assert math.isnan(autograd.clamp(*map(Value, point)).data)


def test_a_zeroth_power_and_a_power_of_one_are_one_even_of_nan():
    assert value_and_gradient(ops.pow, NAN, 0.0)[0] == math.pow(NAN, 0.0) == 1.0
    assert value_and_gradient(ops.pow, 1.0, NAN)[0] == math.pow(1.0, NAN) == 1.0
    slopes = gradient(ops.pow, NAN, 0.0)
    assert slopes[0] == 0.0
    assert math.isnan(slopes[1])


# --------------------------------------------------------------------------------------------------- kinks and edges

LAMBDA, ALPHA = 1.0507009873554805, 1.6732632423543773
KINKS = {
    "abs(0)": (ops.abs, (0.0,), 0.0, (0.0,)),
    "abs(-0.0)": (ops.abs, (-0.0,), 0.0, (0.0,)),
    "relu(0)": (autograd.relu, (0.0,), 0.0, (0.0,)),
    "relu(-0.0)": (autograd.relu, (-0.0,), 0.0, (0.0,)),
    "hardtanh(1)": (autograd.hardtanh, (1.0,), 1.0, (0.0,)),
    "hardtanh(-1)": (autograd.hardtanh, (-1.0,), -1.0, (0.0,)),
    "hardtanh(1 - 2**-53)": (autograd.hardtanh, (math.nextafter(1.0, 0.0),), math.nextafter(1.0, 0.0), (1.0,)),
    "clamp(1, -1, 1)": (lambda x: autograd.clamp(x, -1, 1), (1.0,), 1.0, (0.0,)),
    "clamp(-1, -1, 1)": (lambda x: autograd.clamp(x, -1, 1), (-1.0,), -1.0, (0.0,)),
    "clamp(-0.0, 0, inf)": (lambda x: autograd.clamp(x, 0, INF), (-0.0,), 0.0, (0.0,)),
    "clamp(2, 2, 2)": (lambda x: autograd.clamp(x, 2, 2), (2.0,), 2.0, (0.0,)),
    "leaky_relu(0)": (autograd.leaky_relu, (0.0,), 0.0, (0.01,)),
    "leaky_relu(-0.0)": (autograd.leaky_relu, (-0.0,), -0.0, (0.01,)),
    "leaky_relu(0, slope 0.3)": (lambda x: autograd.leaky_relu(x, negative_slope=0.3), (0.0,), 0.0, (0.3,)),
    "leaky_relu(0, slope 3)": (lambda x: autograd.leaky_relu(x, negative_slope=3.0), (0.0,), 0.0, (1.0,)),
    "leaky_relu(0, slope -1)": (lambda x: autograd.leaky_relu(x, negative_slope=-1.0), (0.0,), -0.0, (0.0,)),
    "elu(0, alpha 0.5)": (lambda x: autograd.elu(x, alpha=0.5), (0.0,), 0.0, (0.5,)),
    "elu(-0.0, alpha 0.5)": (lambda x: autograd.elu(x, alpha=0.5), (-0.0,), -0.0, (0.5,)),
    "elu(0)": (autograd.elu, (0.0,), 0.0, (1.0,)),
    "selu(0)": (autograd.selu, (0.0,), 0.0, (LAMBDA * ALPHA,)),
    "selu(-0.0)": (autograd.selu, (-0.0,), -0.0, (LAMBDA * ALPHA,)),
    "selu(5e-324)": (autograd.selu, (SMALLEST,), SMALLEST, (LAMBDA,)),
    "max(a, a)": (ops.max, (2.0, 2.0), 2.0, (0.5, 0.5)),
    "max(0, -0.0)": (ops.max, (0.0, -0.0), None, (0.5, 0.5)),
    "max(inf, inf)": (ops.max, (INF, INF), INF, (0.5, 0.5)),
    "min(a, a)": (ops.min, (-3.0, -3.0), -3.0, (0.5, 0.5)),
    "min(-inf, -inf)": (ops.min, (-INF, -INF), -INF, (0.5, 0.5)),
    "max(x, x)": (lambda x: ops.max(x, x), (2.0,), 2.0, (1.0,)),
    "min(x, x)": (lambda x: ops.min(x, x), (2.0,), 2.0, (1.0,)),
    "max(x, 2)": (lambda x: ops.max(x, 2), (2.0,), 2.0, (0.0,)),
    "max(2, x)": (lambda x: ops.max(2, x), (2.0,), 2.0, (0.0,)),
    "min(x, 2)": (lambda x: ops.min(x, 2), (2.0,), 2.0, (0.0,)),
    "max(x, 0) at -0.0": (lambda x: ops.max(x, 0), (-0.0,), 0.0, (0.0,)),
    "clamp(x, low, 5) at low": (lambda x, low: autograd.clamp(x, low, 5), (2.0, 2.0), 2.0, (0.5, 0.5)),
    "clamp(x, 0, high) at high": (lambda x, high: autograd.clamp(x, 0, high), (2.0, 2.0), 2.0, (0.5, 0.5)),
    "sign(0)": (autograd.sign, (0.0,), 0.0, (0.0,)),
    "sign(-3)": (autograd.sign, (-3.0,), -1.0, (0.0,)),
    "floor(2)": (autograd.floor, (2.0,), 2.0, (0.0,)),
    "floor(-0.5)": (autograd.floor, (-0.5,), -1.0, (0.0,)),
    "ceil(2)": (autograd.ceil, (2.0,), 2.0, (0.0,)),
    "ceil(2.5)": (autograd.ceil, (2.5,), 3.0, (0.0,)),
    "sqrt(0)": (autograd.sqrt, (0.0,), 0.0, (INF,)),
    "sqrt(-0.0)": (autograd.sqrt, (-0.0,), -0.0, (INF,)),
    "cbrt(0)": (autograd.cbrt, (0.0,), 0.0, (INF,)),
    "cbrt(-0.0)": (autograd.cbrt, (-0.0,), -0.0, (INF,)),
    "asin(1)": (autograd.asin, (1.0,), math.pi / 2, (INF,)),
    "asin(-1)": (autograd.asin, (-1.0,), -math.pi / 2, (INF,)),
    "acos(1)": (autograd.acos, (1.0,), 0.0, (-INF,)),
    "acos(-1)": (autograd.acos, (-1.0,), math.pi, (-INF,)),
    "acosh(1)": (autograd.acosh, (1.0,), 0.0, (INF,)),
    **{f"{x}**{p}": (lambda x, p=p: x**p, (x,), 0.0, (INF,)) for x in (0.0, -0.0) for p in (0.5, 0.25, 1 / 3, 0.999, 1e-300)},
    **{f"{x}**{p} of two nodes": (ops.pow, (x, p), 0.0, (INF, 0.0)) for x in (0.0, -0.0) for p in (0.5, 0.25)},
    "0**1": (ops.pow, (0.0, 1.0), 0.0, (1.0, 0.0)),
    "0**1.5": (ops.pow, (0.0, 1.5), 0.0, (0.0, 0.0)),
    "0**2": (ops.pow, (0.0, 2.0), 0.0, (0.0, 0.0)),
    "-0.0**3": (ops.pow, (-0.0, 3.0), -0.0, (0.0, 0.0)),
    "0**p": (lambda p: 0**p, (2.5,), 0.0, (0.0,)),
    "0**0": (ops.pow, (0.0, 0.0), 1.0, (0.0, 0.0)),
    "-0.0**0": (ops.pow, (-0.0, 0.0), 1.0, (0.0, 0.0)),
    "0**-0.0": (ops.pow, (0.0, -0.0), 1.0, (0.0, 0.0)),
    "x**0 at 0": (lambda x: x**0, (0.0,), 1.0, (0.0,)),
    "0**p at 0": (lambda p: 0**p, (0.0,), 1.0, (0.0,)),
    "(-2)**3": (ops.pow, (-2.0, 3.0), -8.0, (12.0, NAN)),
    "(-2)**-1": (ops.pow, (-2.0, -1.0), -0.5, (-0.25, NAN)),
    "(-2)**0": (ops.pow, (-2.0, 0.0), 1.0, (0.0, NAN)),
    "(-2)**1": (ops.pow, (-2.0, 1.0), -2.0, (1.0, NAN)),
    "x**3 at -2": (lambda x: x**3, (-2.0,), -8.0, (12.0,)),
    "(-2)**p at 3": (lambda p: (-2) ** p, (3.0,), -8.0, (NAN,)),
    "hypot(0, 0)": (autograd.hypot, (0.0, 0.0), 0.0, (0.0, 0.0)),
    "hypot(-0.0, 0)": (autograd.hypot, (-0.0, 0.0), 0.0, (0.0, 0.0)),
    "atan2(0, 0)": (autograd.atan2, (0.0, 0.0), 0.0, (NAN, NAN)),
    "atan2(-0.0, 0)": (autograd.atan2, (-0.0, 0.0), -0.0, (NAN, NAN)),
    "atan2(0, -0.0)": (autograd.atan2, (0.0, -0.0), math.pi, (NAN, NAN)),
    "xlogy(0, 0)": (autograd.xlogy, (0.0, 0.0), 0.0, (-INF, 0.0)),
    "xlogy(0, 2)": (autograd.xlogy, (0.0, 2.0), 0.0, (math.log(2.0), 0.0)),
    "logaddexp(-inf, -inf)": (autograd.logaddexp, (-INF, -INF), -INF, (0.5, 0.5)),
    "logsumexp(-inf, -inf)": (lambda *xs: autograd.logsumexp(xs), (-INF, -INF), -INF, (0.5, 0.5)),
    "logsumexp of four -inf": (lambda *xs: autograd.logsumexp(xs), (-INF,) * 4, -INF, (0.25,) * 4),
    "logsumexp of one -inf": (lambda *xs: autograd.logsumexp(xs), (-INF,), -INF, (1.0,)),
    "gelu(-inf)": (autograd.gelu, (-INF,), -0.0, (0.0,)),
    "gelu_tanh(-inf)": (autograd.gelu_tanh, (-INF,), -0.0, (0.0,)),
    "silu(-inf)": (autograd.silu, (-INF,), -0.0, (0.0,)),
    "mish(-inf)": (autograd.mish, (-INF,), -0.0, (0.0,)),
    "softsign(inf)": (autograd.softsign, (INF,), 1.0, (0.0,)),
    "softsign(-inf)": (autograd.softsign, (-INF,), -1.0, (0.0,)),
}


@pytest.mark.parametrize(("function", "point", "value", "slopes"), KINKS.values(), ids=KINKS)
def test_at_a_kink_or_an_edge_value_and_gradient_are_those_promised(function, point, value, slopes):
    y, found = value_and_gradient(function, *point)
    if value is not None:
        assert same(y, value)
    assert len(found) == len(slopes)
    assert all(map(same, found, slopes)), found


SIGNED_ZEROS = [
    "gelu(-inf)",
    "gelu_tanh(-inf)",
    "silu(-inf)",
    "mish(-inf)",
    "atan2(-0.0, 0)",
    "atan2(0, 0)",
    "cbrt(-0.0)",
    "sqrt(-0.0)",
]
SIGNED_ZEROS += ["xlogy(0, 0)", "hypot(-0.0, 0)", "relu(-0.0)", "abs(-0.0)"]


@pytest.mark.parametrize("case", SIGNED_ZEROS)
def test_the_sign_of_a_zero_value_is_that_of_the_limit(case):
    function, point, value, _ = KINKS[case]
    assert bits(function(*map(Value, point)).data) == bits(value)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "selu", "softplus", "gelu", "gelu_tanh", "silu", "mish"])
def test_at_infinity_a_rectifier_is_the_identity(name):
    y, (slope,) = value_and_gradient(TABLE[name], INF)
    assert y == INF
    assert slope == (LAMBDA if name == "selu" else 1.0)


@pytest.mark.parametrize(
    ("name", "limit"), [("sigmoid", 1.0), ("tanh", 1.0), ("erf", 1.0), ("atan", math.pi / 2), ("hardtanh", 1.0)]
)
def test_a_saturated_activation_has_its_limit_and_slope_0_at_infinity(name, limit):
    assert value_and_gradient(TABLE[name], INF) == (limit, (0.0,))


# every kink that a row of the table declares is a point its partials must not fail at
DECLARED = {f"{name} {point}": (name, point) for name, row in TABLE.items() for kink in row.kinks for point in kink.points}


@pytest.mark.parametrize(("name", "point"), DECLARED.values(), ids=DECLARED)
def test_a_declared_kink_has_margin_0_a_value_and_a_partial_for_each_operand(name, point):
    row = TABLE[name]
    nodes = [Value(x) for x in point]
    y = row.apply(tuple(nodes))
    assert not math.isnan(y.data)
    assert len(y.partials) == len(point)
    operands = (point,) if row.variadic else point
    assert any(kink.margin(*operands) == 0.0 for kink in row.kinks if point in kink.points)


RECTIFIERS = {
    "relu": autograd.relu,
    "max": lambda x: ops.max(x, 0),
    "max reversed": lambda x: ops.max(0.0, x),
    "clamp": lambda x: autograd.clamp(x, 0, INF),
    "where": lambda x: autograd.where(x > 0, x, 0),
    "min": lambda x: -ops.min(-x, 0),
}
any_number = st.sampled_from([0.0, -0.0, SMALLEST, -SMALLEST, 1.0, -1.0, LARGEST, INF, -INF]) | st.floats(allow_nan=False)


@settings(deadline=None, max_examples=200)
@given(x=any_number)
def test_relu_max_clamp_and_where_agree_at_every_float(x):
    found = {name: value_and_gradient(f, x) for name, f in RECTIFIERS.items()}
    assert {bits(abs(y)) for y, _ in found.values()} == {bits(max(x, 0.0) + 0.0)}, found
    assert {slopes for _, slopes in found.values()} == {(1.0 if x > 0 else 0.0,)}, found


@pytest.mark.parametrize("name", RECTIFIERS)
def test_rectifiers_agree_below_and_above_a_square_root_at_zero(name):
    gate = RECTIFIERS[name]
    assert gradient(lambda x: gate(autograd.sqrt(x)), 0.0) == (0.0,)  # the gate is closed, and inf is before it
    assert gradient(lambda x: gate(autograd.sqrt(x) - 1), 0.0) == (0.0,)
    for x in (0.0, -0.0, -1.0, -INF):
        assert gradient(lambda x: autograd.sqrt(gate(x)), x) == (0.0,)  # inf arrives at the closed gate
    assert gradient(lambda x: autograd.sqrt(gate(x)), 4.0) == (0.25,)


# ------------------------------------------------------------------------------------------------------- closed gates

BEHIND = {
    "inf": (autograd.sqrt, 0.0),  # value 0, derivative inf
    "-inf": (lambda x: autograd.acos(x), 1.0),  # value 0, derivative −inf
    "nan": (lambda x: autograd.atan2(x, x), 0.0),  # value 0, derivatives NaN
}
GATES = {
    "relu": lambda h: autograd.relu(h - 1),
    "relu at 0": autograd.relu,
    "hardtanh above": lambda h: autograd.hardtanh(h + 7),
    "hardtanh below": lambda h: autograd.hardtanh(h - 7),
    "where not taken": lambda h: autograd.where(False, h, Value(2.0)),
    "where a not taken, constant": lambda h: autograd.where(False, h, 2.0),
    "where b not taken": lambda h: autograd.where(True, Value(2.0), h),
    "max loses to a node": lambda h: ops.max(h, Value(1.0)),
    "max loses to a number": lambda h: ops.max(1.0, h),
    "max ties with a number": lambda h: ops.max(h, 0.0),
    "min loses to a node": lambda h: ops.min(Value(-1.0), h),
    "min loses to a number": lambda h: ops.min(h, -1.0),
    "clamp above": lambda h: autograd.clamp(h, -2.0, -1.0),
    "clamp below": lambda h: autograd.clamp(h, 1.0, 2.0),
    "clamp between nodes": lambda h: autograd.clamp(h, Value(1.0), Value(2.0)),
    "clamp's idle bound": lambda h: autograd.clamp(Value(-5.0), -6.0, h),
    "clamp's other idle bound": lambda h: autograd.clamp(Value(5.0), h, 6.0),
    "sign": autograd.sign,
    "floor": lambda h: autograd.floor(h + 0.5),
    "ceil": lambda h: autograd.ceil(h + 0.5),
}


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("gate", GATES)
def test_a_closed_gate_passes_nothing_whatever_lies_behind_it(gate, behind):
    function, point = BEHIND[behind]
    x = Value(point)
    y = GATES[gate](function(x))
    y.backward()
    assert x.grad == 0.0
    assert not x.reached


@pytest.mark.parametrize("gate", GATES)
def test_a_closed_gate_passes_no_infinite_or_nan_adjoint(gate):
    for seed in (INF, -INF, NAN):
        x = Value(0.0)
        GATES[gate](x).backward(seed)
        assert x.grad == 0.0
        assert not x.reached


@pytest.mark.parametrize("gate", GATES)
def test_the_edge_through_a_closed_gate_is_still_there_and_closed(gate):
    x = Value(0.0)
    y = GATES[gate](x)
    y.backward()
    order = autograd.toposort(y)
    assert x in set(order)
    closed = [
        (operand, partial, contribution) for node in order for operand, partial, contribution, is_open in node.edges if not is_open
    ]
    assert closed
    assert all(partial is None and contribution == 0.0 for _, partial, contribution in closed)


def test_the_open_side_of_a_gate_still_flows():
    x, other = Value(0.0), Value(3.0)
    ops.max(autograd.sqrt(x), other).backward(5.0)
    assert (x.grad, x.reached, other.grad) == (0.0, False, 5.0)


NUMERIC_ZEROS = {
    "sqrt(x)**2": lambda x: autograd.sqrt(x) ** 2,
    "square(sqrt(x))": lambda x: autograd.square(autograd.sqrt(x)),
    "sqrt(x) * 0": lambda x: autograd.sqrt(x) * 0.0,
    "sqrt(x) * sqrt(x)": lambda x: autograd.sqrt(x) * autograd.sqrt(x),
    "exp(sqrt(x)) - exp(sqrt(x))": lambda x: (autograd.exp(autograd.sqrt(x)) - autograd.exp(autograd.sqrt(x))) * 1.0,
    "where(True, 0 * sqrt(x), 1)": lambda x: autograd.where(True, 0 * autograd.sqrt(x), 1.0),
    "0 / sqrt(x) + 1": lambda x: 0 * (autograd.sqrt(x) + 1),
}


@pytest.mark.parametrize("function", NUMERIC_ZEROS.values(), ids=NUMERIC_ZEROS)
def test_a_numeric_zero_is_no_closed_gate_and_zero_times_infinity_is_nan(function):
    x = Value(0.0)
    function(x).backward()
    assert math.isnan(x.grad)
    assert x.reached
