"""Arguments of every kind: arrays, records, constants among numbers, and what is refused with the place it was found at."""

from __future__ import annotations

import dataclasses
import enum
import sys
from collections import OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import OperandError, Value, grad, gradient, hessian, hvp, jacobian, jvp, ops, value_and_grad, vjp
from autograd.transforms.structures import flatten, flatten_like


class Pair(NamedTuple):
    first: Any
    second: Any


@dataclass
class Record:
    w: Any
    name: str = "record"
    bias: Any = None


@dataclass(frozen=True, slots=True)
class Frozen:
    w: Any
    b: Any


@dataclass
class Derived:
    side: Any
    area: Any = field(init=False)

    def __post_init__(self) -> None:
        if not self.side > 0:
            raise ValueError("a side is positive")
        self.area = self.side * self.side


@dataclass
class Based:
    x: Any
    shift: InitVar[float]

    def __post_init__(self, shift: float) -> None:
        self.y = self.x + shift


Own = namedtuple("Own", "a b", defaults=(None,))

# A structure of numbers, and what it is after each number x became 2x.
STRUCTURES: dict[str, tuple[Any, Any]] = {
    "array": (np.array([1.0, 2.0]), np.array([2.0, 4.0])),
    "matrix": (np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([[2.0, 4.0, 6.0], [8.0, 10.0, 12.0]])),
    "no elements": (np.zeros((0, 3)), np.zeros((0, 3))),
    "float32": (np.array([1.0, 2.0], dtype=np.float32), np.array([2.0, 4.0])),
    "whole numbers": (np.array([1, 2]), np.array([2.0, 4.0])),
    "0-d": (np.array(3.0), np.array(6.0)),
    "transposed": (np.arange(6.0).reshape(2, 3).T, 2 * np.arange(6.0).reshape(2, 3).T),
    "array in a dict": ({"w": np.array([1.0]), "b": 2.0}, {"w": np.array([2.0]), "b": 4.0}),
    "None and strings": ({"w": 1.0, "bias": None, "act": "relu"}, {"w": 2.0, "bias": None, "act": "relu"}),
    "flags": ([1.0, True, np.True_, [False, 2]], [2.0, True, np.True_, [False, 4.0]]),
    "array of flags": ((1.0, np.array([True, False])), (2.0, np.array([True, False]))),
    "named tuple": (Pair(1.0, Pair(2.0, None)), Pair(2.0, Pair(4.0, None))),
    "named tuple with defaults": (Own(1.0), Own(2.0)),
    "dataclass": (Record(1.0, "a", [2.0, None]), Record(2.0, "a", [4.0, None])),
    "frozen dataclass": (Frozen(1.0, (2.0,)), Frozen(2.0, (4.0,))),
    "deque": (deque([1.0, 2.0], 5), deque([2.0, 4.0], 5)),
    "OrderedDict": (OrderedDict(b=1.0, a=2.0), OrderedDict(b=2.0, a=4.0)),
    "defaultdict": (defaultdict(float, a=1.0), defaultdict(float, a=2.0)),
    "mapping": (MappingProxyType({"a": 1.0}), {"a": 2.0}),
    "nothing but constants": ([None, "a"], [None, "a"]),
}


def same_structure(a: Any, b: Any) -> bool:
    if isinstance(b, np.ndarray):
        return type(a) is np.ndarray and a.shape == b.shape and a.dtype == b.dtype and bool(np.all(a == b))
    if isinstance(b, dict):
        return type(a) is type(b) and list(a) == list(b) and all(same_structure(a[key], b[key]) for key in b)
    if isinstance(b, (list, tuple, deque)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same_structure, a, b))
    if dataclasses.is_dataclass(b):
        return type(a) is type(b) and all(same_structure(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(b))
    return type(a) is type(b) and bool(a == b)


def half_of_squares(tree: Any) -> Any:
    """Its gradient by each number is twice that number over 1, so that the numbers come back doubled."""
    return ops.sum([x * x for x in flatten(tree)[0]]) if flatten(tree)[0] else 0.0


@pytest.mark.parametrize("kind", STRUCTURES)
def test_derivatives_come_back_in_the_structure_of_the_argument(kind: str) -> None:
    tree, doubled = STRUCTURES[kind]
    assert same_structure(grad(half_of_squares)(tree), doubled)
    value, derivative = value_and_grad(lambda one, two: half_of_squares(one) + 0.0 * two, 0)(tree, 1.0)
    assert type(value) is float
    assert same_structure(derivative, doubled)
    assert same_structure(vjp(half_of_squares, tree)[1](1.0)[0], doubled)


@pytest.mark.parametrize("kind", STRUCTURES)
def test_forward_mode_takes_and_gives_the_same_structures(kind: str) -> None:
    tree, doubled = STRUCTURES[kind]
    numbers, structure = flatten(tree)
    along = structure([float(place + 1) for place in range(len(numbers))])
    expected = sum(2.0 * x * (place + 1) for place, x in enumerate(numbers))
    assert jvp(half_of_squares, (tree,), (along,))[1] == expected
    value, moved = jvp(lambda t: structure([2 * x for x in flatten(t)[0]]), (tree,), (tree,))
    assert same_structure(value, doubled)
    assert same_structure(moved, doubled)
    (curved,) = hvp(half_of_squares, (tree,), (along,))
    assert flatten(curved)[0] == [2.0 * (place + 1) for place in range(len(numbers))]


@pytest.mark.parametrize("kind", STRUCTURES)
def test_every_number_of_a_structure_is_a_node_and_every_constant_what_it_was(kind: str) -> None:
    tree, _ = STRUCTURES[kind]
    seen: list[Any] = []
    grad(lambda t: seen.append(t) or 0.0)(tree)
    assert all(type(x) is Value for x in flatten(seen[0])[0])
    assert len(flatten(seen[0])[0]) == len(flatten(tree)[0])


def test_a_node_in_a_structure_gives_a_node_as_its_derivative() -> None:
    x = Value(3.0)
    for make in (lambda v: [v, 1.0], lambda v: np.array([v, 1.0], dtype=object), lambda v: Record(v, "a", 1.0)):
        by_x, by_1 = flatten(grad(half_of_squares)(make(x)))[0]
        assert (type(by_x), by_x.data) == (Value, 6.0)
        assert gradient(by_x, x).data == 2.0
        assert by_1 == 2.0
    assert [dx.data for dx in gradient(x * x, np.array([x, x]))] == [6.0, 6.0]


def test_jacobians_of_arrays_are_matrices() -> None:
    a = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    x = np.array([1.0, -1.0, 2.0])
    assert same_structure(jacobian(lambda v: a @ v)(x), a)
    rows = np.array([[-1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert same_structure(jacobian(lambda v: np.array([v[0] * v[1], 7.0, v[2]]))(x), rows)
    assert same_structure(hessian(lambda v: v @ v * v[0])(x), np.array([[6.0, -2.0, 4.0], [-2.0, 2.0, 0.0], [4.0, 0.0, 2.0]]))
    assert np.shape(jacobian(lambda m: m @ np.ones(2))(np.ones((4, 2)))) == (4, 4, 2)
    assert same_structure(jacobian(lambda v: {"sum": v.sum(), "first": v[0]})(x)["sum"], np.ones(3))


def test_array_programs_run_on_nodes_in_both_modes() -> None:
    def f(v: Any) -> Any:
        return np.sum(np.exp(v) * v**2) + np.dot(v, v) - v.mean() + np.tanh(v[::-1]).sum()

    x = np.array([0.5, -1.0])
    slope = np.exp(x) * (x**2 + 2 * x) + 2 * x - 0.5 + 1 / np.cosh(x) ** 2
    assert grad(f)(x) == pytest.approx(slope, rel=1e-14)
    assert jvp(f, (x,), ([1.0, 0.0],))[1] == pytest.approx(slope[0], rel=1e-14)


def test_numpy_scalars_give_floats() -> None:
    for x in (np.float64(3.0), np.float32(3.0), np.int64(3), 3):
        assert type(grad(lambda v: v * v)(x)) is float
        assert type(value_and_grad(lambda v: v * v)(x)[0]) is float
        assert all(type(y) is float for y in jvp(lambda v: v * v, (x,), (np.float64(1.0),)))


def test_a_dataclass_computes_what_depends_on_its_fields_from_the_nodes() -> None:
    derivative = grad(lambda square: -3.0 * square.area)(Derived(2.0))
    assert type(derivative) is Derived
    assert derivative.side == -12.0  # no ValueError: a derivative is no argument and may be negative
    assert jvp(lambda square: square.area, (Derived(2.0),), (Derived(1.0),)) == (4.0, 4.0)


def test_a_dataclass_that_cannot_be_made_again_is_refused() -> None:
    with pytest.raises(OperandError, match=r"a Based cannot be made from its fields: .* give a dict"):
        grad(lambda based: based.y)(Based(1.0, 2.0))


class Colour(enum.Enum):
    RED = 1


CYCLE: list[Any] = [1.0]
CYCLE.append({"again": CYCLE})
REFUSED: dict[str, tuple[Any, str]] = {
    "an object": ({"w": [1.0, object()]}, r"at \['w'\]\[1\]: a number is needed, not <object"),
    "an enum": (Record([1.0, Colour.RED]), r"at \.w\[1\]: a number is needed, not <Colour"),
    "a set": ([{1.0}], r"at \[0\]: a number is needed"),
    "a complex number": (Pair(1.0, 2j), r"at \.second: a number is needed, not 2j"),
    "an array of complex": ([np.array([[1.0, 2j]])], r"at \[0\]\[0, 0\]: a number is needed"),
    "a class": ([Record], r"at \[0\]: a number is needed"),
    "a large int": ([10**400], r"at \[0\]|beyond the largest float"),
    "itself": (CYCLE, r"at \[1\]\['again'\]: a list contains itself"),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize(
    "transform",
    [
        pytest.param(lambda tree: grad(lambda t: 0.0)(tree), id="grad"),
        pytest.param(lambda tree: jacobian(lambda t: 0.0)(tree), id="jacobian"),
        pytest.param(lambda tree: hessian(lambda t: 0.0)(tree), id="hessian"),
        pytest.param(lambda tree: vjp(lambda t: 0.0, tree), id="vjp"),
        pytest.param(lambda tree: jvp(lambda t: 0.0, (tree,), (tree,)), id="jvp"),
        pytest.param(lambda tree: jvp(lambda t: tree, (1.0,), (1.0,)), id="result of jvp"),
        pytest.param(lambda tree: jacobian(lambda t: tree)(1.0), id="result of jacobian"),
    ],
)
def test_what_is_no_structure_of_numbers_is_refused_with_its_place(transform: Callable[[Any], Any], kind: str) -> None:
    tree, message = REFUSED[kind]
    with pytest.raises((OperandError, OverflowError), match=message):
        transform(tree)


def test_a_gradient_by_a_structure_that_holds_itself_is_refused() -> None:
    x = Value(1.0)
    cycle: list[Any] = [x]
    cycle.append(cycle)
    with pytest.raises(OperandError, match="contains itself"):
        gradient(x * x, cycle)
    with pytest.raises(OperandError, match="contains itself"):
        grad(lambda v: (v, cycle), has_aux=True)(1.0)


def test_nothing_recurses_in_deep_structures() -> None:
    deep: Any = 2.0
    for _ in range(10 * sys.getrecursionlimit()):
        deep = [deep]
    assert flatten(grad(lambda t: flatten(t)[0][0] ** 2)(deep))[0] == [4.0]
    assert flatten_like(deep, deep, "", "") == [2.0]


def test_the_same_list_twice_is_two_arguments() -> None:
    shared = [1.0, 2.0]
    assert grad(lambda v: v[0][0] * v[1][1])([shared, shared]) == [[2.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize(
    ("tangent", "message"),
    [
        pytest.param({"w": [1.0], "a": None, "m": np.ones((2, 2))}, "a sequence of length 2", id="too short"),
        pytest.param({"w": np.ones(2), "a": "tanh", "m": np.ones((2, 2))}, "of the constant 'relu'; give None", id="text"),
        pytest.param({"w": np.ones(2), "a": 1.0, "m": np.ones((2, 2))}, "in the place of the constant", id="number for a constant"),
        pytest.param({"w": np.ones(2), "a": None, "m": np.ones(4)}, r"an array of shape \(2, 2\)", id="shape"),
        pytest.param({"w": np.ones(2), "a": None}, "same keys", id="keys"),
        pytest.param([1.0, 2.0], "same keys", id="a list"),
    ],
)
def test_tangents_of_another_structure_are_refused(tangent: Any, message: str) -> None:
    point = {"w": [1.0, 2.0], "a": "relu", "m": np.eye(2)}
    with pytest.raises(OperandError, match=message):
        jvp(lambda p: p["w"][0], (point,), (tangent,))


def test_sequences_and_zeros_serve_as_tangents() -> None:
    point = {"w": np.array([1.0, 2.0]), "a": "relu", "m": np.eye(2)}
    for tangent in (
        {"w": [1.0, 0.0], "a": None, "m": [[0.0, 1.0], [0.0, 0.0]]},
        {"w": deque([1, 0]), "a": 0, "m": np.array([[0, 1], [0, 0]])},
        {"w": (1.0, 0.0), "a": "relu", "m": np.array([[0.0, 1.0], [0.0, 0.0]])},
    ):
        assert jvp(lambda p: p["w"][0] * 3 + p["m"][0, 1] * 2, (point,), (tangent,)) == (3.0, 5.0)


LEAVES = st.floats(-10, 10) | st.none() | st.booleans() | st.text()


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_flatten_takes_apart_what_its_structure_puts_together(tree: Any) -> None:
    numbers, structure = flatten([tree])
    assert structure(numbers) == [tree]
    assert structure.argument(numbers) == [tree]
    assert flatten_like([tree], [tree], "", "") == numbers


def test_aux_is_returned_with_plain_numbers_and_everything_else_as_it_was() -> None:
    anything, counts = object(), np.array([1, 2])
    _, aux = grad(lambda v: (v * v, {"y": v * 2, "record": Record(v), "object": anything, "counts": counts}), has_aux=True)(3.0)
    assert (aux["y"], aux["record"].w) == (6.0, 3.0)
    assert aux["object"] is anything
    assert aux["counts"].dtype == counts.dtype


# ----------------------------------------------------------------------------------------------------------------- scipy


def rosenbrock(v: Any) -> Any:
    return ops.sum([100.0 * (v[i + 1] - v[i] ** 2) ** 2 + (1 - v[i]) ** 2 for i in range(len(v) - 1)])


START = np.array([1.3, 0.7, 0.8, 1.9, 1.2])


@pytest.mark.parametrize("start", [START, START.tolist()], ids=["array", "list"])
@pytest.mark.parametrize("method", ["BFGS", "CG", "L-BFGS-B", "SLSQP", "TNC"])
def test_scipy_minimizes_with_value_and_gradient(method: str, start: Any) -> None:
    found = scipy.optimize.minimize(value_and_grad(rosenbrock), start, jac=True, method=method)
    assert found.x == pytest.approx(np.ones(5), abs=1e-2)
    assert scipy.optimize.minimize(rosenbrock, start, jac=grad(rosenbrock), method=method).fun < 1e-4


@pytest.mark.parametrize("method", ["Newton-CG", "trust-exact", "trust-ncg", "dogleg"])
def test_scipy_minimizes_with_hessians(method: str) -> None:
    start = np.array([1.3, 1.6])
    found = scipy.optimize.minimize(rosenbrock, start, jac=grad(rosenbrock), hess=hessian(rosenbrock), method=method)
    assert found.x == pytest.approx(np.ones(2), abs=1e-3)
    if "cg" in method.lower():
        product = lambda x, p: hvp(rosenbrock, (x,), (p,))[0]  # noqa: E731
        assert scipy.optimize.minimize(rosenbrock, start, jac=grad(rosenbrock), hessp=product, method=method).fun < 1e-8


def test_scipy_finds_roots_fits_and_checks_gradients() -> None:
    def circle_and_line(v: Any) -> Any:
        return np.array([v[0] ** 2 + v[1] ** 2 - 2.0, v[0] - v[1]])

    found = scipy.optimize.root(circle_and_line, np.array([2.0, 0.5]), jac=jacobian(circle_and_line))
    assert found.x == pytest.approx([1.0, 1.0], abs=1e-8)
    listed = lambda v: [v[0] ** 2 + v[1] ** 2 - 2.0, v[0] - v[1]]  # noqa: E731
    assert scipy.optimize.root(listed, [2.0, 0.5], jac=jacobian(listed)).success
    assert scipy.optimize.least_squares(listed, [2.0, 0.5], jac=jacobian(listed)).cost < 1e-16
    assert scipy.optimize.check_grad(rosenbrock, grad(rosenbrock), START) < 1e-3
    assert scipy.optimize.newton(autograd.cos, 1.0, fprime=grad(autograd.cos)) == pytest.approx(np.pi / 2)
    assert scipy.optimize.root_scalar(autograd.cos, x0=1.0, fprime=grad(autograd.cos), method="newton").converged
