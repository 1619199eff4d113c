"""Threads over a batch: the same bits for any number of them, the same errors, and none where there is nothing to share."""

from __future__ import annotations

import threading

import numpy
import pytest
from needed import unavailable

import nn.losses
from autograd import OptionError, Value, compile, log
from autograd.compiling import frames
from autograd.compiling.crews import SHARDS, WIDEST, Crew, shard_of
from autograd.rowcode.machine import is_there
from nn import MLP
from nn.data import make_moons


def test_shards_are_tiles_of_a_part_that_the_number_of_examples_alone_decides() -> None:
    assert [shard_of(count) for count in (1, 224, 225, 1000)] == [2 * WIDEST] * 4
    for count in (14_337, 20_000, 1_000_003):
        assert shard_of(count) % WIDEST == 0
        assert -(-count // shard_of(count)) <= SHARDS


def test_a_crew_adds_shards_in_their_order_whoever_runs_them() -> None:
    numbers = [1e16, 1.0, -1e16, 3.0, 2.0**-30]
    for threads in (2, 3, 7):
        turn = threading.Barrier(2)

        def member(first: int, end: int, partial: numpy.ndarray, turn: threading.Barrier = turn) -> float:
            if first < 2:
                turn.wait(10)  # two members run at the same time
            partial[:] = numbers[first]
            return float(end)

        sums = numpy.zeros(1)
        assert Crew([member] * threads, 5, 1, 1).run(numpy.array([0.5]), sums) == 15.0
        assert sums.tolist() == [((((0.5 + 1e16) + 1.0) - 1e16) + 3.0) + 2.0**-30]


@pytest.mark.parametrize("count", [224, 225, 500])
def test_any_number_of_threads_gives_the_same_bits(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if not is_there():
        unavailable("no llvmlite: pip install scalar-autograd[compile]")
    monkeypatch.setattr(frames, "LONG", 0)
    points, labels = map(numpy.array, make_moons(count, noise=0.1, random_state=1))
    model = MLP(2, [5, 1], seed=1)
    found = []
    for threads in (1, 2, 3):
        program = compile(lambda x, t: nn.losses.hinge(model(x), t), parameters=model.parameters(), threads=threads)
        value, gradients = program.value_and_grad(points, 2.0 * labels - 1.0)
        again = program.buffers(points, 2.0 * labels - 1.0)
        found.append([value, gradients.parameters.tolist(), gradients.inputs[0].tolist()])
        assert [again() for _ in range(3)] == [value] * 3
        assert again.gradient.tolist() == pytest.approx(gradients.parameters.tolist(), rel=1e-13, abs=1e-16)
    assert found[0] == found[1] == found[2]


def test_threads_raise_what_one_thread_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "LONG", 0)
    w = Value(1.0, "w")
    program = compile(lambda x: log(w * x), parameters=[w], threads=2)
    column = numpy.linspace(1.0, 2.0, 500)
    program.backward(column)
    before = w.grad
    column[300] = -1.0
    for call in (program, program.backward):
        with pytest.raises(ValueError, match=r"example 300: log\(-1.0\)"):
            call(column)
    assert w.grad == before


def test_threads_are_a_whole_number_and_not_for_strict_programs() -> None:
    with pytest.raises(OptionError, match="threads=0: give a whole number, 1 or more"):
        compile(lambda x: x, threads=0)
    with pytest.raises(OptionError, match="strict=True adds from the last example to the first"):
        compile(lambda x: x, threads=2, strict=True)
