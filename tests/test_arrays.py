"""numpy's names on nodes and forward numbers: each is the row, with the row's values, slopes, ties and NaN."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from oracles import as_numbers, slopes_of

import autograd
from autograd import Dual, OperandError, Value, grad, jvp, ops
from autograd.arrays import row_of
from autograd.ops import op
from autograd.table import NUMPY, TABLE, NumpyMethods

# Every function of numpy that works on an array element by element: its name there and the row.
UFUNCS = {name: getattr(np, name) for name in dir(np) if isinstance(getattr(np, name), np.ufunc)}
MAPPED = {name: row_of(ufunc.__name__) for name, ufunc in UFUNCS.items() if row_of(ufunc.__name__) is not None}
TRUTHS = ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "isnan", "isinf", "isfinite"]
UNMAPPED = [name for name in UFUNCS if name not in MAPPED and name not in TRUTHS and name != "divmod"]


def point_of(name: str) -> tuple[float, ...]:
    row = MAPPED[name]
    assert row is not None
    point = (0.5, 2.0, 3.0)[: len(row.operands)]
    return point if all(x in row.domain_of(i) for i, x in enumerate(point)) else (1.5, 2.0, 3.0)[: len(row.operands)]


def test_every_name_that_a_row_gives_is_numpys_and_leads_to_it() -> None:
    assert {name: row for row in TABLE.values() for name in row.numpy} == NUMPY
    assert {name for name in NUMPY if name not in ("clip", "sinc")} <= {*UFUNCS}
    assert all(callable(getattr(np, name)) for name in NUMPY)
    assert len(MAPPED) >= 45
    assert {"arctan", "arctan2", "maximum", "add", "exp", "remainder", "logaddexp", "hypot", "trunc", "absolute"} <= {*MAPPED}


def test_a_row_of_ones_own_has_numpys_name_too_until_it_is_forgotten() -> None:
    for _ in range(2):  # a notebook's cell runs again

        @op(partials=(lambda a, b, y: ops.exp2(a - y), lambda a, b, y: ops.exp2(b - y)), numpy="logaddexp2")
        def add_in_bits(a: float, b: float) -> float:
            "log2(2^a + 2^b)."
            return math.log2(2**a + 2**b)

    a, b = Value(1.0), Value(2.0)
    assert np.logaddexp2(a, b).op is add_in_bits
    assert np.logaddexp2(a, np.array([1.0, 2.0]))[1].op is add_in_bits
    assert a.logaddexp2(b).op is add_in_bits
    autograd.forget("add_in_bits")
    assert "logaddexp2" not in NUMPY
    assert not hasattr(NumpyMethods, "logaddexp2")
    with pytest.raises(OperandError, match="no row of the table is this function"):
        np.logaddexp2(a, b)


@pytest.mark.parametrize("name", MAPPED)
def test_numpys_function_of_nodes_is_the_row(name: str) -> None:
    row, ufunc, point = MAPPED[name], UFUNCS[name], point_of(name)
    assert row is not None
    nodes = [Value(x) for x in point]
    y, expected = ufunc(*nodes), row(*map(Value, point))
    assert (type(y), y.op, y.data, y.partials) == (Value, row, expected.data, expected.partials)
    assert y.operands == tuple(nodes)
    assert y.data == pytest.approx(float(ufunc(*point)), rel=1e-14)  # the same function as numpy's on floats
    if len(nodes) > 1:
        of_array = ufunc(np.array([nodes[0]] * 2), *nodes[1:])
        assert of_array.shape == (2,)
        assert [(type(e), e.op, e.data, e.partials) for e in of_array] == [(Value, row, y.data, y.partials)] * 2
    value, slope = jvp(lambda x: ufunc(x, *point[1:]), (point[0],), (1.0,))
    assert (value, slope) == (y.data, *as_numbers(y.partials[:1]))


@pytest.mark.parametrize("name", [name for name, row in MAPPED.items() if row is not None and len(row.operands) == 1])
def test_on_an_array_of_nodes_alone_numpy_finds_the_method(name: str) -> None:
    if name == "sign":  # numpy compares the elements with 0 by itself, and gives whole numbers
        return
    point, row = point_of(name)[0], MAPPED[name]
    assert row is not None
    assert grad(lambda x: UFUNCS[name](np.array([x]))[0])(point) == slopes_of(row, (point,), row(point))[0]


@pytest.mark.parametrize("name", [name for name, row in MAPPED.items() if row is not None and len(row.operands) == 2])
def test_numbers_and_arrays_of_numbers_stay_constants_on_either_side(name: str) -> None:
    row, ufunc, (a, b) = MAPPED[name], UFUNCS[name], point_of(name)
    assert row is not None
    for number in (b, np.float64(b), np.float32(b), int(b), np.int64(b), np.array(b)):
        x = Value(a)
        y, z = ufunc(x, number), ufunc(number, x)
        assert (y.operands, y.data) == ((x,), row(a, b))
        assert (z.operands, z.data) == ((x,), row(b, a))
    x = Value(a)
    for y in (ufunc(x, np.array([[b], [b]])), ufunc(np.array([[b, b]]), x).T):
        assert (y.dtype, y.shape) == (object, (2, 1))
        assert all(type(element) is Value and element.operands == (x,) for element in y.flat)
    if "OO->O" not in ufunc.types:  # numpy itself refuses two arrays of objects
        return
    broadcast = ufunc(np.array([Value(a), Value(b)]), np.array([[a], [b]]))
    assert (broadcast.dtype, broadcast.shape) == (object, (2, 2))


@pytest.mark.parametrize("name", UNMAPPED)
def test_a_function_without_a_row_is_refused_with_the_cure(name: str) -> None:
    ufunc = UFUNCS[name]
    with pytest.raises(OperandError, match=rf"np\.{ufunc.__name__} of a node: no row .*v\.data"):
        ufunc(*[Value(0.5)] * ufunc.nin)


def test_ties_and_nan_are_those_of_the_row() -> None:
    a, b = Value(2.0), Value(2.0)
    np.maximum(a, b).backward()
    assert (a.grad, b.grad) == (0.5, 0.5)
    assert math.isnan(np.maximum(Value(math.nan), 1.0).data)
    assert math.isnan(np.minimum(1.0, Value(math.nan)).data)
    assert math.isnan(np.maximum(np.array([1.0]), Value(math.nan))[0].data)
    with pytest.raises(autograd.DomainError, match="log"):
        np.log(Value(-1.0))
    with pytest.raises(autograd.DivisionError):
        np.array([1.0]) / Value(0.0)


@pytest.mark.parametrize("make", [Value, lambda x: Dual(x, 1.0)], ids=["node", "dual number"])
def test_questions_about_data_give_truths_and_truths_alone(make: Callable[[float], Any]) -> None:
    x = make(2.0)
    assert (np.float64(1.0) < x, np.float64(3.0) < x, np.float64(2.0) == x, x != np.float64(2.0)) == (True, False, True, False)
    compared = np.array([1.0, 2.0, 3.0]) <= x
    assert (compared.dtype, compared.tolist()) == (bool, [True, True, False])
    assert (np.isnan(x), np.isinf(x), np.isfinite(x)) == (False, False, True)
    assert np.isnan(make(math.nan))
    assert np.isinf(make(-math.inf))


def test_divmod_gives_both_of_its_parts() -> None:
    x = Value(7.5)
    quotient, rest = np.divmod(x, 2.0)
    assert (quotient.data, rest.data, rest.op) == (3.0, 1.5, ops.mod)
    quotients, rests = np.divmod(np.array([7.5, -7.5]), Value(2.0))
    assert ([q.data for q in quotients], [r.data for r in rests]) == ([3.0, -4.0], [1.5, 0.5])


def test_what_would_put_nodes_into_an_array_of_floats_is_refused() -> None:
    x, floats, objects = Value(2.0), np.array([1.0, 2.0]), np.array([1.0, 2.0], dtype=object)
    with pytest.raises(TypeError, match=r"array of type float64 would lose its gradient; write a = a \* v"):
        floats *= x
    with pytest.raises(TypeError, match="would lose its gradient"):
        np.add(floats, x, out=floats)
    assert floats.tolist() == [1.0, 2.0]
    objects *= x
    assert [y.data for y in objects] == [2.0, 4.0]
    for attempt in (
        lambda: np.add.reduce(x),
        lambda: np.multiply.outer(floats, x),
        lambda: np.add.accumulate(x),
        lambda: np.add(floats, x, where=[True, False]),
        lambda: np.exp(x, dtype=float),
    ):
        with pytest.raises(OperandError, match=r"np\.(add|multiply|exp)"):
            attempt()


def test_statistics_of_an_array_of_nodes_have_their_gradients() -> None:
    xs = [1.0, 2.0, 4.0]

    def by_numpy(function: Any) -> Any:
        return grad(lambda v: function(np.array(v)))(xs)

    assert by_numpy(np.sum) == [1.0, 1.0, 1.0]
    assert by_numpy(np.mean) == pytest.approx([1 / 3] * 3)
    assert by_numpy(np.prod) == [8.0, 4.0, 2.0]
    assert by_numpy(np.var) == pytest.approx([2 / 3 * (x - 7 / 3) for x in xs])
    assert by_numpy(np.std) == pytest.approx([(x - 7 / 3) / 3 / np.std(xs) for x in xs])
    assert by_numpy(np.max) == [0.0, 0.0, 1.0]
    assert by_numpy(np.median) == [0.0, 1.0, 0.0]
    assert by_numpy(lambda v: np.linalg.norm(v)) == pytest.approx([x / math.hypot(*xs) for x in xs])
    assert by_numpy(lambda v: np.clip(v[0], 0.0, 3.0) + np.clip(v[2], 0, 3)) == [1.0, 0.0, 0.0]
    assert by_numpy(lambda v: np.dot(v, v)) == [2.0, 4.0, 8.0]


def test_numpys_names_are_methods_and_a_misspelt_one_is_an_attribute_error() -> None:
    x = Value(0.5)
    assert (x.arctan().op, x.absolute().op, x.power(2).op) == (ops.atan, ops.abs, ops.pow)
    for number in (x, Dual(0.5, 1.0)):
        with pytest.raises(AttributeError, match="arctam"):
            number.arctam()
        with pytest.raises(OperandError, match="leave out"):
            number.arctan(out=np.zeros(1))
