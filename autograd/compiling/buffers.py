"""A program on arrays that are made once: inputs, parameters, gradient and results, all float64, that a call reads and writes.

>>> from autograd import Value, compile
>>> w = Value(2.0, "w")
>>> program = compile(lambda x, t: (w * x - t) ** 2, parameters=[w])
>>> buffers = program.buffers([1.0, 2.0, 3.0], [2.0, 4.0, 5.0])
>>> buffers(), buffers.gradient  # the mean of the results, and ∂mean/∂w
(0.3333333333333333, array([2.]))
>>> buffers.parameters -= 0.1 * buffers.gradient
>>> buffers.inputs[1][:] = [2.0, 4.0, 6.0]
>>> round(buffers(), 12)
0.186666666667
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, final

from autograd.compiling.columns import Columns
from autograd.compiling.frames import Frame, aligned, load
from autograd.compiling.specialised import Specialised, Swept, reduced, seed_of
from autograd.engine import in_c
from autograd.errors import MissingExtraError, OperandError
from autograd.ops import Op
from autograd.undo import set_all
from autograd.value import DATA, GRAD

__all__ = ["Buffers"]


def kept(name: str) -> Any:
    """A property whose array stays the same one: what is assigned is written into it."""

    def write(self: Any, x: Any) -> None:
        array = vars(self).setdefault(f"_{name}", x)
        if array is not x:
            array[:] = x

    return property(attrgetter(f"_{name}"), write)


@final
class Buffers:
    """The arrays of a program for a number of examples. `buffers()` runs it on what they hold, in one thread at a time.

    inputs            for each argument an array as it was given, (examples,) or (examples, k); write the next batch into it
    parameters        one number for each parameter of the program, at first its data
    gradient          of the mean (or the sum) of the results, for each parameter; each call sets it
    values            the result of each example; each call sets them
    input_gradients   for each argument an array as `inputs` has it, if it was asked for, else ()

    The parameters of the program keep their data and grad. After an error, what a call sets is of no use.
    """

    parameters, gradient, values = map(kept, ("parameters", "gradient", "values"))

    def __init__(
        self,
        traced: Specialised,
        columns: Columns,
        parameters: Sequence[float],
        row: Op,
        *,
        with_inputs: bool,
        like: Buffers | None = None,
    ) -> None:
        try:
            import numpy
        except ImportError:
            raise MissingExtraError("numpy", "compile") from None
        self.traced, self._row, self._with_inputs = traced, row, with_inputs
        if like is not None and (like.traced is not traced or like._with_inputs is not with_inputs):
            raise OperandError("like= are buffers of another program, of arguments of other widths, or of other derivatives")
        count, inputs = columns.size, len(columns.inputs)
        self._seed = seed_of(row, columns)
        code = traced.runner(with_inputs=with_inputs).machine(count)
        beside = None if like is None else like._frame
        self._frame: Frame | None = None if code is None else Frame(code, inputs, count, beside, traced.threads)
        if self._frame is not None:
            self._frame.seed(self._seed, round(1.0 / self._seed))  # by n of the mean, by 1 of the sum
            given, found = self._frame.given, self._frame.found[1:]
            self.parameters = self._frame.parameters
            self.gradient = self._frame.sums
        else:
            given, found = aligned(inputs, count), aligned(1 + inputs * with_inputs, count)
            self.parameters = numpy.zeros(len(parameters)) if like is None else like.parameters
            self.gradient = numpy.zeros(len(parameters)) if like is None else like.gradient
        if like is None:
            self.parameters[:] = parameters
        self._nodes = tuple(traced.parameters)
        self._write, self._add = map(in_c, ("write_data", "add_grads"))
        self._parameters_at, self._gradient_at = self.parameters.ctypes.data, self.gradient.ctypes.data
        self.values = found[0]
        self._slopes = found[1:]
        self.columns = columns._replace(inputs=list(given), has_arrays=True)
        self.rows = given
        self.fill(columns)
        self.inputs: tuple[Any, ...] = columns.split(given)
        self.input_gradients: tuple[Any, ...] = columns.split(self._slopes) if with_inputs else ()

    def __call__(self) -> float:
        """Run the program on the arrays; return the mean (or the sum) of the results. Errors are those of an ordinary call."""
        if self._frame is None:
            return self._swept()
        value = self._frame.run()
        if math.isfinite(value) and not self.traced.is_exact:
            return value
        if math.isfinite(value) or not (self._frame.refused() or not all(map(math.isfinite, self.gradient.tolist()))):
            return reduced(self._row, self.values.tolist(), self.columns)
        return self._taken(self.traced.on_nodes(self.columns, self.parameters.tolist(), self._seed, with_inputs=self._with_inputs))

    def fill(self, columns: Columns) -> None:
        """Set `inputs` to other columns of the same sizes."""
        for mine, column in zip(self.columns.inputs, columns.inputs, strict=True):
            mine[:] = column

    def load(self) -> None:
        """Set `parameters` to the data of the program's parameters."""
        load(self.parameters, self._parameters_at, self._nodes)

    def store(self) -> None:
        """Set the data of the program's parameters to `parameters`: of all or of none."""
        if self._write is None or not self._write(self._nodes, self._parameters_at):
            set_all(DATA, self._nodes, self.parameters.tolist())

    def accumulate(self) -> None:
        """Add `gradient` to the grad of the program's parameters: of all or of none."""
        if self._add is not None:
            self._add(self._nodes, self._gradient_at)
            return
        found = zip(self._nodes, self.gradient.tolist(), strict=True)
        set_all(GRAD, self._nodes, [node.grad + grad if node.reached else grad for node, grad in found])

    def _swept(self) -> float:
        """Run the program without machine code."""
        numbers = self.parameters.tolist()
        return self._taken(self.traced.sweep(self.columns, numbers, self._seed, with_inputs=self._with_inputs))

    def _taken(self, found: Swept) -> float:
        """Write what a sweep found into the arrays; the reduced result."""
        self.values[:], self.gradient[:] = found.values, found.parameters
        for mine, column in zip(self._slopes, found.inputs, strict=True):
            mine[:] = column
        return reduced(self._row, self.values.tolist(), self.columns)
