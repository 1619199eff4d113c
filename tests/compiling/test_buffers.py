"""Calls on arrays that are made once: what an ordinary call gives, from whichever of them was written last."""

from __future__ import annotations

import random
import sys
from typing import Any

import numpy
import pytest

import nn.losses
from autograd import OperandError, Value, compile, log
from autograd.compiling import frames, specialised
from autograd.errors import MissingExtraError
from nn import MLP
from nn.data import make_moons

POINTS, LABELS = map(numpy.array, make_moons(40, noise=0.1, random_state=1))
TARGETS = 2.0 * LABELS - 1.0
BACKENDS = pytest.mark.parametrize("backend", ["llvm", "numpy", "strict", "strict, llvm"])


def prepared(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose what runs a program; without llvmlite all backends are the interpreters."""
    if backend == "strict, llvm":
        monkeypatch.setattr(specialised, "PATIENCE", 0)
    if backend in ("numpy", "strict"):
        monkeypatch.setattr(specialised, "compiled", lambda *_, **__: None)


def classifier(**options: Any) -> tuple[Any, list[Value]]:
    model = MLP(2, [5, 4, 1], seed=1, activation=["tanh", "relu", "linear"])
    parameters = list(model.parameters())
    return compile(lambda x, t: nn.losses.hinge(model(x), t), parameters=parameters, **options), parameters


@BACKENDS
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_call_gives_what_an_ordinary_call_gives(backend: str, reduction: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared(backend, monkeypatch)
    program, parameters = classifier(strict="strict" in backend, reduction=reduction)
    buffers = program.buffers(POINTS, TARGETS, with_inputs=True)
    rng = random.Random(3)
    for count in range(4):
        for p in parameters:
            p.data = rng.uniform(-1.0, 1.0)
        buffers.parameters[:] = [p.data for p in parameters]
        buffers.inputs[0][:] = POINTS + 0.1 * count
        value, expected = program.value_and_grad(POINTS + 0.1 * count, TARGETS)
        assert buffers() == value
        assert buffers.gradient.tolist() == expected.parameters.tolist()
        assert [x.tolist() for x in buffers.input_gradients] == [x.tolist() for x in expected.inputs]
        assert buffers.values.shape == (40,)
        assert getattr(numpy, reduction)(buffers.values) == pytest.approx(value, rel=1e-14)
    assert not any(p.reached for p in parameters)


@BACKENDS
def test_buffers_of_a_smaller_batch_share_the_parameters(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared(backend, monkeypatch)
    program, _ = classifier(strict="strict" in backend)
    whole = program.buffers(POINTS, TARGETS)
    part = program.buffers(POINTS[:7], TARGETS[:7], like=whole)
    whole.parameters *= 0.5
    alone = program.buffers(POINTS[:7], TARGETS[:7])
    alone.parameters[:] = whole.parameters
    assert part() == alone()
    assert part.gradient is whole.gradient
    assert whole.gradient.tolist() == alone.gradient.tolist()
    with pytest.raises(OperandError, match="like= are buffers of another program"):
        program.buffers(POINTS, TARGETS, like=classifier()[0].buffers(POINTS, TARGETS))


@BACKENDS
def test_a_refused_example_raises_the_error_of_the_graph(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared(backend, monkeypatch)
    w = Value(1.0, "w")
    buffers = compile(lambda x: log(w * x), parameters=[w], strict="strict" in backend).buffers([1.0, 2.0, 4.0])
    expected = buffers()
    for bad, error, words in [(-1.0, ValueError, r"log\(-1.0\)"), (float("nan"), None, "")]:
        buffers.inputs[0][1] = bad
        if error is None:
            assert numpy.isnan(buffers())
        else:
            with pytest.raises(error, match=f"example 1: .*{words}"):
                buffers()
        buffers.inputs[0][1] = 2.0
        assert buffers() == expected
        assert buffers.gradient.tolist() == [1.0]


def test_one_example_and_a_list_of_numbers() -> None:
    buffers = compile(lambda v, s: (v[0] * v[1] + v[2]) * s).buffers([[1.0, 2.0, 3.0]], 2.0, with_inputs=True)
    assert buffers() == 10.0
    assert [x.tolist() for x in buffers.input_gradients] == [[[4.0, 2.0, 2.0]], [5.0]]
    assert [x.shape for x in buffers.inputs] == [(1, 3), (1,)]


def test_without_numpy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingExtraError, match=r"numpy.*\[compile\]"):
        compile(lambda x: x * x).buffers([1.0])


def test_parameters_move_between_buffers_and_nodes() -> None:
    program, parameters = classifier()
    buffers = program.buffers(POINTS, TARGETS)
    buffers()
    buffers.accumulate()
    buffers.accumulate()
    assert [p.grad for p in parameters] == (2.0 * buffers.gradient).tolist()
    array = buffers.parameters
    buffers.parameters -= 0.1 * buffers.gradient
    assert buffers.parameters is array
    buffers.store()
    assert [p.data for p in parameters] == array.tolist()
    parameters[3].data = 7.0
    buffers.load()
    assert [p.data for p in parameters] == array.tolist()
    assert array[3] == 7.0


def test_a_long_call_lets_others_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Released or not, the interpreter's lock changes no number."""
    program, _ = classifier()
    buffers = program.buffers(POINTS, TARGETS)
    expected = buffers()
    monkeypatch.setattr(frames, "LONG", 0)
    released = program.buffers(POINTS, TARGETS)
    assert [released() for _ in range(5)] == [expected] * 5
    assert released.gradient.tolist() == buffers.gradient.tolist()
