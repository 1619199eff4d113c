"""Ordinary calls on buffers that a program keeps: whatever the arguments are like, and whatever the call before was like."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import chain, product
from typing import Any

import numpy
import pytest

from autograd import OperandError, Value, compile

POINTS = numpy.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
LIKE: dict[str, tuple[Any, Any]] = {
    "arrays": (POINTS, numpy.array([0.5, 1.5, 2.5])),
    "another size": (POINTS[:2], numpy.array([0.5, 1.5])),
    "columns in the order of Fortran": (numpy.asfortranarray(POINTS), numpy.array([0.5, 1.5, 2.5])),
    "every second row, backwards": (numpy.repeat(POINTS, 2, axis=0)[::-2], numpy.array([0.5, 1.5, 2.5, 7.0])[2::-1]),
    "whole numbers": (POINTS.astype(int), numpy.array([1, 2, 3])),
    "half precision": (POINTS.astype("float16"), numpy.array([0.5, 1.5, 2.5], dtype="float32")),
    "other bytes first": (POINTS.astype(">f8"), numpy.array([0.5, 1.5, 2.5])),
    "a number for all": (POINTS, 0.5),
    "one example": (POINTS[:1], numpy.array([0.5])),
    "lists": (POINTS.tolist(), [0.5, 1.5, 2.5]),
    "lists of whole numbers": ([[1, 2], [3, 4]], [1, 2]),
}


def summed() -> tuple[Any, Value]:
    w = Value(2.0)
    return compile(lambda v, t: w * v[0] * t + v[1], parameters=[w], reduction="sum"), w


def test_a_call_gives_the_same_whatever_was_called_before() -> None:
    program, w = summed()
    for name in chain.from_iterable(product(LIKE, LIKE)):
        points, targets = LIKE[name]
        rows = numpy.array(points, dtype=float)
        column = numpy.broadcast_to(numpy.array(targets, dtype=float), len(rows))
        w.grad = 0.0
        assert program.backward(points, targets) == float((2.0 * rows[:, 0] * column + rows[:, 1]).sum())
        assert w.grad == float((rows[:, 0] * column).sum())
        inputs, parameters = program.value_and_grad(points, targets)[1]
        assert type(inputs[0]) is type(points)
        assert numpy.array(inputs[0]).tolist() == [[2.0 * t, 1.0] for t in column]
        assert list(parameters) == [w.grad]
        assert program.objective([3.0], points, targets)[0] == float((3.0 * rows[:, 0] * column + rows[:, 1]).sum())


def test_arguments_that_do_not_fit_are_refused_after_a_call_that_fitted() -> None:
    program, _ = summed()
    points, targets = LIKE["arrays"]
    program.backward(points, targets)
    with pytest.raises(OperandError, match="argument 0 has 3 examples, and argument 1 has 2"):
        program.backward(points, targets[:2])
    with pytest.raises(OperandError, match="real numbers"):
        program.backward(points.astype(complex), targets)
    with pytest.raises(OperandError, match="real numbers"):
        program.backward(points[None], targets)
    assert program.objective([3.0], points, targets)[0] == 3.0 * 17.5 + 12.0


def test_threads_call_a_program_at_the_same_time() -> None:
    program = summed()[0]
    program.backward(*LIKE["arrays"])
    found: list[float] = []

    def run(scale: float) -> Callable[[], None]:
        points, targets = LIKE["arrays"]
        return lambda: found.extend([program.objective([scale], points, targets)[0] for _ in range(200)])

    threads = [threading.Thread(target=run(scale)) for scale in (0.0, 1.0, 2.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [12.0] * 200 + [12.0 + 17.5] * 200 + [12.0 + 35.0] * 200
