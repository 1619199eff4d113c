"""Pickled programs against the programs themselves: the same bits, the same tape, the same errors."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from autograd import ModeError, Program, Value, compile, exp, log, sqrt, where
from autograd.testing import random_expression
from nn import MLP, losses
from nn.data import make_moons

MODES = pytest.mark.parametrize("strict", [False, True], ids=["default", "strict"])
POINTS, LABELS = make_moons(20, noise=0.1, random_state=1)
SIGNS = [2.0 * label - 1.0 for label in LABELS]


def travelled(program: Program) -> Program:
    return pickle.loads(pickle.dumps(program))  # type: ignore[no-any-return]


def outcome(run: Callable[[], Any]) -> Any:
    """What a call gives, to the bit and with NaN, or the class and message of its error."""
    try:
        return repr(run())
    except (ValueError, ArithmeticError) as error:
        return type(error), str(error)


def assert_same(a: Program, b: Program, *arguments: Any) -> None:
    assert outcome(lambda: a(*arguments)) == outcome(lambda: b(*arguments))
    assert outcome(lambda: a.value_and_grad(*arguments)) == outcome(lambda: b.value_and_grad(*arguments))


@MODES
def test_a_network_arrives_with_its_parameters_and_its_bits(strict: bool) -> None:
    model = MLP(2, [5, 4, 1], seed=1, activation=["tanh", "relu", "linear"])
    program = compile(lambda x, t: losses.hinge(model(x), t), parameters=model.parameters(), strict=strict)
    program(POINTS, SIGNS)
    arrived_model, arrived = pickle.loads(pickle.dumps((model, program)))
    assert all(a is b for a, b in zip(arrived_model.parameters(), arrived.parameters, strict=True))
    assert_same(program, arrived, POINTS, SIGNS)
    assert_same(program, travelled(arrived), POINTS, SIGNS)
    assert (arrived.source, repr(arrived)) == (program.source, repr(program))
    assert arrived.backward(POINTS, SIGNS) == program.backward(POINTS, SIGNS)
    assert [p.grad for p in arrived_model.parameters()] == [p.grad for p in model.parameters()]


def test_random_programs_arrive_with_the_bits_and_errors_of_their_graphs() -> None:
    rng = random.Random(8)
    for _ in range(200):
        expression = random_expression(rng)
        program = compile(expression, strict=True)
        outcome(lambda p=program, x=expression.point: p(*x))  # traces it, whether or not it has a value there
        assert_same(program, travelled(program), *expression.point)


@MODES
def test_a_branch_that_is_a_function_arrives_as_one(strict: bool) -> None:
    """Only the branch that is taken runs on nodes, and so raises; elsewhere its instructions are no part of the sweep."""
    inner = lambda x: where(x < -1, lambda: sqrt(x + 5), lambda: exp(100 * x))  # noqa: E731
    program = compile(lambda x: where(x > 0, lambda: log(x), lambda: inner(x)) + log(x + 10), strict=strict)
    program(1.0)
    arrived = travelled(program)
    for x in (1.0, -2.0, -0.5, -6.0, -11.0, 0.0, 1e308, [1.0, 2.0, -6.0], [-0.5, float("inf")], float("nan")):
        assert_same(program, arrived, x)
    assert arrived.source == program.source


def test_an_error_of_the_function_itself_arrives_as_the_nan_of_its_tape() -> None:
    program = compile(losses.hinge)
    function = travelled(program)
    program(0.5, 1.0)
    for f in (program, function):
        with pytest.raises(ValueError, match=r"hinge: targets\[0\] = 0.0 is neither -1 nor 1"):
            f(0.5, 0.0)
    assert str(travelled(program)(0.5, 0.0)) == "nan"


@dataclass
class Pair:
    first: Any
    name: str
    others: list[Any]


def test_the_structure_of_the_results_arrives() -> None:
    program = compile(lambda x, y: Pair(x * y, "product", [x + y, 1.0]))
    program(1.0, 2.0)
    assert travelled(program)(2.0, 3.0) == Pair(6.0, "product", [5.0, 1.0])


def test_what_is_computed_of_parameters_alone_follows_them() -> None:
    w = Value(2.0)
    program = compile(lambda x: exp(w * w) * x + w * w, parameters=[w], strict=True)
    program(1.0)
    arrived = travelled(program)
    w.data = arrived.parameters[0].data = 0.5
    assert_same(program, arrived, [1.0, 2.0])
    w.data = arrived.parameters[0].data = 50.0
    assert_same(program, arrived, [1.0, 2.0])


def test_a_copy_shares_the_parameters_and_a_deep_copy_has_others() -> None:
    w = Value(2.0)
    program = compile(lambda x: w * x, parameters=[w])
    program([1.0])
    shallow, deep = copy.copy(program), copy.deepcopy(program)
    assert shallow.parameters[0] is w
    assert shallow([3.0]) == [6.0]
    deep.backward([3.0])
    assert (w.grad, deep.parameters[0].grad) == (0.0, 3.0)
    deep.backward([float("inf")])  # replayed on nodes, on those of the copy
    assert (w.grad, deep.parameters[0].grad) == (0.0, float("inf"))


def halved(x: Any) -> Any:
    return (x[0] if isinstance(x, list) else x) / 2


def test_a_function_of_a_module_arrives_and_is_traced_for_other_arguments() -> None:
    program = travelled(compile(halved))
    assert program(3.0) == 1.5
    assert travelled(program)([[3.0, 0.0]]) == [1.5]


def test_any_other_function_stays_behind_and_the_error_says_so() -> None:
    program = compile(lambda x, y: x * y)
    with pytest.raises(ModeError, match="none before its first call; call it once"):
        pickle.dumps(program)
    program(1.0, 2.0)
    with pytest.raises(ModeError, match=r"for \(a number, a number\), not for \(2 numbers, a number\); call it so before"):
        travelled(program)([[1.0, 2.0]], 3.0)
