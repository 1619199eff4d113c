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

from collections.abc import Sequence
from typing import Any, final

from autograd.compiling.columns import Columns
from autograd.compiling.specialised import Specialised, Swept
from autograd.errors import MissingExtraError, OperandError
from autograd.ops import Op

__all__ = ["Buffers", "reduced", "seed_of"]


def seed_of(row: Op, columns: Columns) -> float:
    """∂(reduced result)/∂(result of an example), where a row, `mean` or `sum`, reduces them."""
    return 1.0 if columns.is_single else row.local_derivatives((0.0,) * columns.size, 0.0)[0]


def reduced(row: Op, values: Sequence[float], columns: Columns) -> float:
    """The results of a batch, reduced by a row."""
    return values[0] if columns.is_single else row.evaluate(tuple(values), {})


@final
class Buffers:
    """The arrays of a program for a number of examples. `buffers()` runs it on what they hold.

    inputs            for each argument an array as it was given, (examples,) or (examples, k); write the next batch into it
    parameters        one number for each parameter of the program, at first its data
    gradient          of the mean (or the sum) of the results, for each parameter; each call sets it
    values            the result of each example; each call sets them
    input_gradients   for each argument an array as `inputs` has it, if it was asked for, else ()

    The parameters of the program keep their data and grad. After an error, what a call sets is of no use.
    """

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
        self._traced, self._row, self._with_inputs = traced, row, with_inputs
        if like is not None and like._traced is not traced:
            raise OperandError("like= are buffers of another program, or of arguments of other widths; give its own")
        given = numpy.empty((len(columns.inputs), columns.size))
        for mine, column in zip(given, columns.inputs, strict=True):
            mine[:] = column
        self._columns = columns._replace(inputs=list(given), has_arrays=True)
        self._slopes = numpy.zeros((len(columns.inputs) if with_inputs else 0, columns.size))
        self.inputs: tuple[Any, ...] = columns.split(given)
        self.parameters: Any = numpy.array(parameters, dtype=float) if like is None else like.parameters
        self.gradient: Any = numpy.zeros(len(parameters)) if like is None else like.gradient
        self.values: Any = numpy.zeros(columns.size)
        self.input_gradients: tuple[Any, ...] = columns.split(self._slopes) if with_inputs else ()

    def __call__(self) -> float:
        """Run the program on the arrays; return the mean (or the sum) of the results. Errors are those of an ordinary call."""
        columns = self._columns
        found: Swept = self._traced.sweep(
            columns, self.parameters.tolist(), seed_of(self._row, columns), with_inputs=self._with_inputs
        )
        self.values[:], self.gradient[:] = found.values, found.parameters
        for mine, column in zip(self._slopes, found.inputs, strict=True):
            mine[:] = column
        return reduced(self._row, self.values.tolist(), columns)
