"""Functions that are made of functions: pickled if those can be, sent to processes, with their names and signatures."""

from __future__ import annotations

import copy
import inspect
import multiprocessing
import pickle
from typing import Any

import pytest

import autograd
from autograd import exp, grad, hessian, jacobian, nth_derivative, value_and_grad


def cube(x: Any, scale: float = 1.0) -> Any:
    """The cube, scaled."""
    return scale * x**3


def vector(v: Any) -> Any:
    return [v[0] * v[1], v[0] ** 2]


def with_aux(x: Any) -> Any:
    return x * x, {"x": x}


@grad
def slope_of_square(x: Any) -> Any:
    """Bound to the name of what it is made of."""
    return x * x


class Power:
    def __init__(self, n: int) -> None:
        self.n = n

    def __call__(self, x: Any) -> Any:
        return x**self.n

    def half(self, x: Any) -> Any:
        return 0.5 * self(x)

    slope = grad(lambda self, x: self.half(x), 1)


MADE: dict[str, tuple[Any, tuple[Any, ...], Any]] = {
    "grad": (grad(cube), (2.0,), 12.0),
    "grad with settings": (grad(cube, argnums=(0, 1)), (2.0, 3.0), (36.0, 8.0)),
    "grad with aux": (grad(with_aux, has_aux=True), (3.0,), (6.0, {"x": 3.0})),
    "grad of grad": (grad(grad(cube)), (2.0,), 12.0),
    "grad of a row": (grad(exp), (0.0,), 1.0),
    "grad of an instance": (grad(Power(4)), (2.0,), 32.0),
    "grad of a method": (grad(Power(4).half), (2.0,), 16.0),
    "value_and_grad": (value_and_grad(cube), (2.0,), (8.0, 12.0)),
    "jacobian": (jacobian(vector), ([2.0, 3.0],), [[3.0, 2.0], [4.0, 0.0]]),
    "hessian": (hessian(cube), (2.0,), 12.0),
    "hessian of a gradient": (hessian(grad(cube)), (2.0,), 6.0),
    "nth_derivative": (nth_derivative(cube, 2), (2.0,), 12.0),
    "a decorated function": (slope_of_square, (3.0,), 6.0),
}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_function_of_ours_is_pickled(name: str, protocol: int) -> None:
    function, arguments, expected = MADE[name]
    again = pickle.loads(pickle.dumps(function, protocol))
    assert again(*arguments) == function(*arguments) == expected
    assert copy.deepcopy(function)(*arguments) == expected


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_function_of_ours_is_sent_to_processes(method: str) -> None:
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(grad(cube), [1.0, 2.0, 3.0]) == [3.0, 12.0, 27.0]


def test_what_cannot_be_pickled_is_the_users_function() -> None:
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(grad(lambda x: x))


@pytest.mark.parametrize("make", [grad, value_and_grad, jacobian, hessian, lambda f: nth_derivative(f, 1)])
def test_name_documentation_and_signature_are_those_of_the_function(make: Any) -> None:
    function = make(cube)
    assert (function.__name__, function.__doc__, function.__module__) == ("cube", "The cube, scaled.", __name__)
    assert inspect.signature(function) == inspect.signature(cube)
    assert function.__wrapped__ is not None
    assert "cube" in repr(function)
    assert callable(function)


def test_a_function_says_what_it_is() -> None:
    assert repr(grad(cube)) == "<grad of cube>"
    assert repr(grad(f=cube)) == "<grad of cube>"
    assert repr(hessian(exp)).startswith("<hessian of <op exp")


def test_a_gradient_in_a_class_is_a_method() -> None:
    assert Power(4).slope(2.0) == 16.0
    assert Power.slope(Power(3), 2.0) == 6.0


def test_settings_of_the_function_are_not_mixed_up_with_its_own_attributes() -> None:
    def f(x: Any) -> Any:
        return x * x

    f._function = f.args = f.f = "the user's"  # type: ignore[attr-defined]
    assert grad(grad(f))(3.0) == 2.0


@pytest.mark.parametrize("make", [grad, value_and_grad, jacobian, hessian])
def test_the_makers_keep_their_own_documentation(make: Any) -> None:
    assert make.__doc__
    assert next(iter(inspect.signature(make).parameters)) == "f"
    assert pickle.loads(pickle.dumps(make)) is make
    assert getattr(autograd, make.__name__) is make
