"""What is kept beside a graph: hooks, which change gradients on purpose."""

from __future__ import annotations

import copy
import gc
import pickle
from typing import Any

import pytest

import autograd
from autograd import (
    OperandError,
    Value,
    check_grad,
    checkpoint,
    grad,
    gradient,
    jacobian,
    sin,
    vjp,
)
from autograd.beside import KEPT


def hooked(x: Any, hook: Any) -> Any:
    y = x * x
    y.register_hook(hook)
    return 2 * y


def test_a_hook_changes_the_adjoint_in_backward_and_grad_alike() -> None:
    x = Value(3.0)
    hooked(x, lambda adjoint: 0.5 * adjoint).backward()
    assert x.grad == 6.0
    assert grad(lambda x: hooked(x, lambda adjoint: 0.5 * adjoint))(3.0) == 6.0
    assert vjp(lambda x: hooked(x, lambda adjoint: 0.5 * adjoint), 3.0)[1](1.0) == (6.0,)
    assert jacobian(lambda x: [hooked(x, lambda adjoint: 0.5 * adjoint)])(3.0) == [6.0]
    y = hooked(x, lambda adjoint: 0.5 * adjoint)
    assert gradient(y, x).data == 6.0


def test_a_hook_sees_the_complete_adjoint_once_in_each_sweep() -> None:
    seen: list[float] = []
    x = Value(3.0)
    y = x * x
    y.register_hook(seen.append)
    z = y * 2 + y * 3 + sin(y) * 0.0 + y
    z.backward()
    assert (seen, y.grad, x.grad) == ([6.0], 6.0, 36.0)
    z.backward(2.0)
    assert (seen, y.grad, x.grad) == ([6.0, 12.0], 12.0, 108.0)


def test_hooks_run_in_order_and_are_removed_by_their_handles() -> None:
    x = Value(1.0)
    y = x * 1.0
    first = y.register_hook(lambda adjoint: adjoint + 1.0)
    second = y.register_hook(lambda adjoint: adjoint * 10.0)
    for expected in (20.0, 11.0 - 1.0, 1.0):
        x.zero_grad()
        y.backward()
        assert x.grad == expected
        (first if expected == 20.0 else second).remove()
    first.remove()  # a second time does nothing
    with y.register_hook(lambda adjoint: 7.0):
        x.zero_grad()
        y.backward()
        assert x.grad == 7.0
    x.zero_grad()
    y.backward()
    assert x.grad == 1.0


def test_a_hook_on_a_leaf_sees_this_sweep_alone() -> None:
    seen: list[float] = []
    x = Value(3.0)
    x.register_hook(lambda adjoint: seen.append(adjoint) or -adjoint)  # type: ignore[func-returns-value]  # None or
    (x * x).backward()
    (x * x).backward()
    assert (seen, x.grad) == ([6.0, 6.0], -12.0)

    def f(v: Any) -> Any:
        v.register_hook(lambda adjoint: -adjoint)
        return v * v

    assert grad(f)(3.0) == -6.0
    outer = Value(3.0)
    assert grad(lambda v: f(v) * outer)(3.0).data == -18.0
    assert gradient(x * x, x).data == -6.0


def test_a_hook_on_the_root_and_on_unreached_nodes() -> None:
    x, unused = Value(2.0), Value(5.0)
    y = x * 3
    y.register_hook(lambda adjoint: 10 * adjoint)
    unused.register_hook(lambda adjoint: pytest.fail("nothing reaches it"))
    closed = autograd.where(True, y, unused * 2)
    closed.backward()
    assert (x.grad, unused.grad) == (30.0, 0.0)


def test_a_hook_in_a_second_derivative_gets_a_node() -> None:
    def f(x: Any) -> Any:
        y = x**3
        y.register_hook(lambda adjoint: adjoint * 2.0)
        return y

    assert grad(f)(3.0) == 54.0
    assert grad(grad(f))(3.0) == 36.0  # (2·3x²)′: the hook's factor is a constant of the second sweep
    kinds: list[type] = []

    def g(x: Any) -> Any:
        y = x * x
        y.register_hook(lambda adjoint: kinds.append(type(adjoint)))
        return y * y

    assert grad(grad(g))(2.0) == 48.0
    assert Value in kinds


def test_a_hook_that_raises_or_answers_nonsense_leaves_every_gradient() -> None:
    x = Value(3.0)
    (x * x).backward()
    y = x * x

    def fails(adjoint: float) -> None:
        raise RuntimeError("the hook's own")

    for hook, error in ((fails, RuntimeError), (lambda adjoint: "2", OperandError), (lambda adjoint: Value(1.0), OperandError)):
        with y.register_hook(hook):
            with pytest.raises(error):
                (y * 2).backward()
            with pytest.raises(error):
                (y + x).backward()
    assert (x.grad, y.grad) == (6.0, 0.0)
    with pytest.raises(OperandError, match="takes a function of the adjoint, not 3"):
        y.register_hook(3)  # type: ignore[arg-type]  # what is refused


def test_hooks_are_kept_beside_the_graph_and_what_would_lose_them_says_so() -> None:
    x = Value(3.0, "x")
    y = x * x
    y.label = "y"
    handle = y.register_hook(lambda adjoint: adjoint)
    for call in (
        copy.copy,
        copy.deepcopy,
        pickle.dumps,
        autograd.replay,
        autograd.expand,
        autograd.record,
        autograd.to_python,
        autograd.to_html,
        lambda y: autograd.explain(y, x),
        autograd.quiz,
    ):
        with pytest.raises(OperandError, match=r"y has a hook, which is kept beside the graph.*remove it"):
            call(y)
    autograd.draw(y).svg()
    handle.remove()
    assert copy.deepcopy(y).data == 9.0
    autograd.record(y)


def test_nothing_is_kept_of_nodes_that_are_gone() -> None:
    gc.disable()
    try:
        before = len(KEPT)
        y = Value(3.0) * 2
        y.register_hook(lambda adjoint: adjoint)
        assert len(KEPT) == before + 1
        del y
        f = checkpoint(lambda x: [sin(x) * x, x * x])
        z = f(Value(1.0))
        assert len(KEPT) == before + 3
        del z
        assert len(KEPT) == before
    finally:
        gc.enable()


def test_check_grad_examines_hooks_as_they_are() -> None:
    assert not check_grad(lambda x: hooked(x, lambda adjoint: 2.0 * adjoint), 2.0, order=1).ok
