"""Every number type that takes the place of a node answers all that a node answers, so that a function runs in every mode."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
from typing import Any

import numpy as np
import pytest
from every import every
from examples import within
from number_types import FORWARD, NUMBERS

import autograd
from autograd import ModeError, Value, grad, hessian, hvp, jvp, nth_derivative, stop_gradient, taylor
from autograd.ops import TABLE
from autograd.signatures import REQUIRED

OTHERS = {kind: make for kind, make in NUMBERS.items() if kind != "node"}
NAMES = sorted({*dir(Value), *(name for name, row in TABLE.items() if row.call is None and not row.variadic)})
SWEEP = ("_backward", "backward", "explain", "register_hook")  # what only a graph can answer
OBJECT = {*dir(object), "__slots__", "__module__", "__weakref__", "__final__", "__annotations__"}
COPYING = {"__copy__", "__deepcopy__"}  # Python does without where nothing has to be shared


@pytest.mark.parametrize("kind", OTHERS)
@every("name", NAMES)
def test_a_number_has_every_attribute_of_a_node(kind: str, name: str) -> None:
    hidden = name.startswith("_") and not name.startswith("__")
    if name not in OBJECT | COPYING and (not hidden or name in ("_prev", "_op", "_backward", "_repr_mimebundle_")):
        number = OTHERS[kind](0.5)
        assert hasattr(number, name), name


def of_leaf(number: Any) -> dict[str, Any]:
    """The attributes of a leaf, as far as they are data."""
    read: dict[str, Any] = {}
    for name in dir(Value):
        if not name.startswith("_") and name not in SWEEP and inspect.isdatadescriptor(inspect.getattr_static(Value, name)):
            read[name] = getattr(number, name)
    return {**read, "_op": number._op, "_prev": set(number._prev), "parameters": dict(read["parameters"])}


@pytest.mark.parametrize("kind", OTHERS)
def test_the_data_attributes_of_a_number_are_those_of_a_leaf(kind: str) -> None:
    assert of_leaf(OTHERS[kind](0.5)) == of_leaf(Value(0.5))
    assert len(of_leaf(Value(0.5))) > 8


@pytest.mark.parametrize("kind", OTHERS)
def test_what_needs_a_graph_is_refused_with_the_cure(kind: str) -> None:
    number = OTHERS[kind](0.5)
    calls = {
        "backward": number.backward,
        "_backward": lambda: number._backward(),
        "explain": lambda: number.explain(number),
        "register_hook": lambda: number.register_hook(abs),
    }
    assert set(calls) == set(SWEEP)
    for name, call in calls.items():
        with pytest.raises(ModeError, match=rf"{name} needs a graph.*forward mode.*stop_gradient"):
            call()


@pytest.mark.parametrize("kind", ["node", *FORWARD])
def test_every_row_is_a_method(kind: str) -> None:
    for name, row in TABLE.items():
        if row.call is None and not row.variadic:
            x = within(row, 0.5)
            parameters = {key: 1 if default is REQUIRED else default for key, default in row.parameters.items()}
            others = [0.25] * (len(row.operands) - 1)
            assert getattr(NUMBERS[kind](x), name)(*others, **parameters) == row(x, *others, **parameters), name


SPECS = ["", ".3f", ">12", "+.2e", "08.3f", "%"]


@pytest.mark.parametrize("kind", OTHERS)
def test_a_number_is_formatted_as_a_node_is(kind: str) -> None:
    number, node = OTHERS[kind](0.5), Value(0.5)
    for spec in SPECS[1:]:
        assert format(number, spec) == format(node, spec) == format(0.5, spec)
    assert f"{number}" == str(number) == repr(number)
    assert number._repr_mimebundle_()["text/plain"] == repr(number)
    with pytest.raises(ValueError, match="format"):
        format(number, "d")
    for call in (float, int, complex, bool, math.sin, lambda x: "%.2f" % x, lambda x: np.asarray([x], float)):  # noqa: UP031
        with pytest.raises(TypeError, match=r"x\.data|x > 0"):
            call(number)


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_number_can_be_labelled_and_its_data_is_a_constant(kind: str) -> None:
    number = NUMBERS[kind](0.5)
    number.label = "x"
    assert number.label == "x"
    number.zero_grad()
    assert (type(number.data), type(number.item()), number.data, +number is number) == (float, float, 0.5, True)
    with pytest.raises(AttributeError):
        number.nonsense  # noqa: B018
    if kind != "node":
        with pytest.raises(AttributeError):
            number.data = 1.0


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_number_is_copied(kind: str) -> None:
    number = NUMBERS[kind](0.5)
    assert copy.copy(number) == copy.deepcopy(number) == pickle.loads(pickle.dumps(number)) == 0.5


# ------------------------------------------------------------------------------------------------------- in every mode

FUNCTIONS: dict[str, tuple[Any, Any]] = {  # f and the slope it should have at x
    "data": (lambda x: x * x.data, lambda x: x),
    "item": (lambda x: x * x.item(), lambda x: x),
    "a format": (lambda x: x * float(f"{x:.10f}"), lambda x: x),
    "detach": (lambda x: x * x.detach(), lambda x: x),
    "detach and a method": (lambda x: x * x.detach().exp(), math.exp),
    "stop_gradient": (lambda x: x * stop_gradient(x), lambda x: x),
    "stop_gradient of a structure": (lambda x: x * stop_gradient({"a": [x * x, None]})["a"][0], lambda x: x * x),
    "stop_gradient of an array": (lambda x: x * stop_gradient(np.array([x, x]))[1], lambda x: x),
    "stop_gradient of a number": (lambda x: x * stop_gradient(2.0), lambda x: 2.0),
    "stop_gradient inside": (lambda x: autograd.exp(x + stop_gradient(x)), lambda x: math.exp(2 * x)),
    "label": (lambda x: setattr(x, "label", "x") or x * x, lambda x: 2 * x),
    "a print": (lambda x: (f"{x:.3f} {x:>8} {x} {x!r}", x * x)[1], lambda x: 2 * x),
    "is_leaf and op": (lambda x: x * 3.0 if x.is_leaf or x.op else x, lambda x: 3.0),
    "methods": (lambda x: x.exp() * x.max(0.25).sqrt(), lambda x: math.exp(x) * (math.sqrt(x) + 0.5 / math.sqrt(x))),
    "straight through": (lambda x: x + stop_gradient(autograd.floor(x) - x), lambda x: 1.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("x", [0.5, 2.5])
def test_a_function_runs_alike_in_every_mode(name: str, x: float) -> None:
    f, slope_at = FUNCTIONS[name]
    value, slope = f(Value(x)).data, pytest.approx(slope_at(x), rel=1e-14)
    node = Value(x)
    f(node).backward()
    assert node.grad == slope
    assert grad(f)(x) == slope
    assert type(grad(f)(x)) is float
    assert jvp(f, (x,), (1.0,)) == (value, slope)
    assert taylor(f, x, 1) == [value, slope]
    assert autograd.gradient(f(y := Value(x)), y).data == slope
    assert grad(lambda v: jvp(f, (v,), (1.0,))[0])(x) == slope
    second = nth_derivative(f, 2)(x)
    assert grad(grad(f))(x) == hvp(f, (x,), (1.0,))[0] == hessian(f)(x) == pytest.approx(second, rel=1e-14)
    assert jvp(grad(f), (x,), (1.0,)) == (slope, pytest.approx(second, rel=1e-14))


@pytest.mark.parametrize("stop", [stop_gradient, lambda x: x.detach(), lambda x: x.data], ids=["stop_gradient", "detach", "data"])
def test_what_is_stopped_stays_a_constant_at_a_kink(stop: Any) -> None:
    f = lambda x: abs(x) * stop(abs(x)) + x * x  # noqa: E731  # |x|·c + x²: the curvature is 2
    for x in (0.0, 1.0):
        assert grad(grad(f))(x) == hessian(f)(x) == nth_derivative(f, 2)(x) == hvp(f, (x,), (1.0,))[0] == 2.0
        assert taylor(f, x, 2)[2] == 1.0


def test_detach_cuts_the_graph() -> None:
    x = Value(2.0, "x")
    y = (x * x).detach()
    assert (y.data, y.operands, y.op, y.is_leaf) == (4.0, (), None, True)
    z = y * x
    z.backward()
    assert (x.grad, y.grad) == (4.0, 2.0)


def test_a_detached_number_of_an_outer_call_is_a_constant_of_it() -> None:
    def outer(x: Any) -> Any:
        return grad(lambda y: y * y * x.detach() * x)(3.0)

    assert grad(outer)(2.0) == 12.0
    assert type(grad(outer)(2.0)) is float


def test_a_leaf_detached_before_the_call_is_the_users() -> None:
    c = (Value(2.0) * 3.0).detach()
    slope = grad(lambda x: c * x)(5.0)
    assert type(slope) is Value
    slope.backward()
    assert c.grad == 1.0


def test_what_holds_no_derivative_is_returned_as_it_is() -> None:
    for thing in (1.0, None, "a", [1.0, 2], np.array([1, 2]), object()):
        assert stop_gradient(thing) is thing
    node = Value(1.0)
    stopped = stop_gradient([node, 2, "a", np.array([node])])
    assert stopped[0] is not node
    assert (stopped[0].data, stopped[1:3], stopped[3][0].data) == (1.0, [2, "a"], 1.0)


@pytest.mark.parametrize("kind", FORWARD)
def test_a_detached_forward_number_is_of_its_own_kind(kind: str) -> None:
    number = FORWARD[kind](0.5)
    assert type(number.detach()) is type(number)
    assert all(part is None for part in number.detach().parts()[1:])
