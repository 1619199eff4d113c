"""Rows on arrays: NumPy's function where it has one, else the typed form, else example by example."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd.compiling.interpreter import Failed, evaluated
from autograd.compiling.tape import ROW, SLOPES, Applied, Instruction
from autograd.errors import AutogradError
from autograd.ops import Op
from autograd.rowcode.algorithms import ALGORITHMS
from autograd.rowcode.form import Unreadable, may_raise
from autograd.rowcode.lanes import Gate, Lanes, Unsuited, rows
from autograd.rowcode.program import Program, operands_of
from autograd.special import exact_sum

__all__ = ["OnArrays", "how", "slopes_on_arrays", "value_on_arrays"]

OnArrays = Callable[[Sequence[Any]], tuple[Any, Any]]
"""From the operands as arrays to the result, and where Python would raise: an array of truths, or False."""


def plain_sum(xs: Sequence[float]) -> float:
    """Σ xs from the left."""
    total = 0.0
    for x in xs:
        total += x
    return total


SUBSTITUTES = {**ALGORITHMS, exact_sum: plain_sum, math.fsum: plain_sum}


@functools.lru_cache(maxsize=1024)
def typed_value(row: Op) -> Any:
    """The value of the row in typed form, with sums from the left; None if it cannot be read."""
    try:
        return Program(substitutes=SUBSTITUTES).value(row)
    except Unreadable:
        return None


@functools.lru_cache(maxsize=1024)
def may_refuse(row: Op) -> bool:
    """Whether the value of the row raises for some floats."""
    try:
        return may_raise(Program().value(row))
    except Unreadable:
        return True


def ufunc_of(applied: Applied, count: int) -> Any:
    """NumPy's function of the row; None if it has none."""
    import numpy

    row = applied.row
    found = getattr(numpy, (row.numpy or (row.__name__,))[0], None) if row.trusted and not applied.parameters else None
    return found if isinstance(found, numpy.ufunc) and not row.variadic and found.nin == count else None


def how(applied: Applied, count: int) -> str:
    """What runs the row on arrays: "numpy", "typed form" or "python"."""
    return "numpy" if ufunc_of(applied, count) is not None else "typed form" if typed_value(applied.row) is not None else "python"


def value_on_arrays(applied: Applied, count: int) -> OnArrays:
    """The value of a row."""
    import numpy

    ufunc, raises = ufunc_of(applied, count), may_refuse(applied.row)
    if ufunc is None:
        typed = typed_value(applied.row)
        each = functools.partial(one_by_one, Instruction(ROW, (), applied))
        return each if typed is None else functools.partial(from_typed_form, typed, applied, each)

    def direct(given: Sequence[Any]) -> tuple[Any, Any]:
        y = ufunc(*given)  # who calls it has NumPy's warnings switched off
        return y, ~numpy.isfinite(y) if raises else False

    return direct


def from_typed_form(typed: Any, applied: Applied, each: OnArrays, given: Sequence[Any]) -> tuple[Any, Any]:
    """The value from the typed form, or example by example where that asks for more than arrays can do."""
    import numpy

    names = [name.name for name in operands_of(applied.row)]
    operands = {names[0]: rows(given)} if applied.row.variadic else dict(zip(names, given, strict=True))
    lanes = Lanes()
    try:
        y = lanes.at({**operands, **applied.parameters}, typed)
    except Unsuited:
        return each(given)
    shape = numpy.broadcast_shapes(*[numpy.shape(x) for x in given])
    failed = lanes.failed
    return numpy.broadcast_to(y, shape), False if failed is False else numpy.broadcast_to(failed, shape)


def slopes_on_arrays(applied: Applied) -> OnArrays:
    """The partials of a row that are no expressions over rows, as a list of `Gate`s."""
    import numpy

    width = sum(applied.active or ())

    def slopes(given: Sequence[Any]) -> tuple[Any, Any]:
        made, failed = _each(Instruction(SLOPES, (), applied), given)
        shape = failed.shape
        columns = list(zip(*[x if type(x) is not Failed else (math.nan,) * width for x in made], strict=True))
        partials = [numpy.array([0.0 if x is None else x for x in column]).reshape(shape) for column in columns]
        closed = [numpy.array([x is None for x in column]).reshape(shape) for column in columns]
        return [Gate(*pair) for pair in zip(partials, closed, strict=True)], failed

    return slopes


def one_by_one(step: Instruction, given: Sequence[Any]) -> tuple[Any, Any]:
    """The value of a row, number by number."""
    import numpy

    made, failed = _each(step, given)
    return numpy.array([math.nan if type(x) is Failed else x for x in made]).reshape(failed.shape), failed


def _each(step: Instruction, given: Sequence[Any]) -> tuple[list[Any], Any]:
    import numpy

    arrays = numpy.broadcast_arrays(*given)
    made: list[Any] = []
    for operands in zip(*[x.ravel().tolist() for x in arrays], strict=True):
        try:
            made.append(evaluated(step, operands))
        except (AutogradError, ValueError, ArithmeticError) as error:
            made.append(Failed(error))
    return made, numpy.array([type(x) is Failed for x in made]).reshape(arrays[0].shape)
