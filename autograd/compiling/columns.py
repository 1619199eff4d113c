"""Arguments of a program as columns of floats, one for each input, and columns of results as the arguments were given."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from autograd.errors import OperandError
from autograd.ops import number

__all__ = ["Columns", "Shapes", "as_given", "columns_of", "is_array", "shapes_of"]

Shapes = tuple[tuple[int, ...], ...]
"""For each argument () for one number, (examples,) or (examples, k)."""


class Columns(NamedTuple):
    """The inputs of a batch."""

    inputs: list[Any]  # for each a column, a list or an array, or one number for all examples
    widths: tuple[int | None, ...]  # for each argument how many numbers an example has: None for one, k for a list of k
    size: int  # the number of examples
    is_single: bool  # whether every argument is a number, and so every result
    has_arrays: bool

    def examples(self) -> list[tuple[float, ...]]:
        """The inputs of each example."""
        spread = [[x] * self.size if type(x) is float else x if type(x) is list else x.tolist() for x in self.inputs]
        return list(zip(*spread, strict=True)) if spread else [()] * self.size

    def split(self, array: Any) -> tuple[Any, ...]:
        """An array with a row for each input as one for each argument, (examples,) or (examples, k), of the same memory."""
        found, start = [], 0
        for width in self.widths:
            found.append(array[start] if width is None else array[start : start + width].T)
            start += 1 if width is None else width
        return tuple(found)

    def shapes(self) -> Shapes:
        """The shape of each argument as an array."""
        found: list[tuple[int, ...]] = []
        start = 0
        for width in self.widths:
            is_number = width is None and type(self.inputs[start]) is float
            found.append(() if is_number else (self.size,) if width is None else (self.size, width))
            start += 1 if width is None else width
        return tuple(found)

    def first(self) -> list[float]:
        """The inputs of the first example."""
        return [x if type(x) is float else float(x[0]) for x in self.inputs]

    def arranged(self, parts: Sequence[Any]) -> tuple[Any, ...]:
        """One part for each input as one for each argument; those of a list of k numbers become rows of k."""
        found, start = [], 0
        for width in self.widths:
            mine = parts[start : start + (width or 1)]
            start += 1 if width is None else width
            found.append(mine[0] if width is None else _rows(mine, self) if width else [])
        return tuple(found)


def _rows(parts: Sequence[Any], columns: Columns) -> Any:
    if columns.has_arrays:
        import numpy

        return numpy.stack(parts, axis=-1)
    return [list(row) for row in zip(*parts, strict=True)]


def is_array(x: Any) -> bool:
    """Whether x is an array of numpy, which is imported then."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.ndarray)


def shapes_of(arguments: Sequence[Any]) -> Shapes | None:
    """The shapes of arguments that are arrays of real numbers, or floats; None for others, which `columns_of` reads."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    array, found = numpy.ndarray, []
    for x in arguments:
        if type(x) is array and x.dtype.kind in "fiub":
            found.append(x.shape)
        elif type(x) is float:
            found.append(())
        else:
            return None
    return tuple(found)


def columns_of(arguments: Sequence[Any]) -> Columns:
    """The columns of some arguments; an OperandError for what is neither a number, a column nor a table of rows."""
    inputs: list[Any] = []
    widths: list[int | None] = []
    counts: dict[int, int] = {}  # of examples, with the place of the first argument that has so many
    for place, argument in enumerate(arguments):
        width, mine, count = _split(argument, f"argument {place}")
        widths.append(width)
        inputs += mine
        if count is not None:
            counts.setdefault(count, place)
    if len(counts) > 1:
        (a, first), (b, second) = list(counts.items())[:2]
        raise OperandError(f"argument {first} has {a} examples, and argument {second} has {b}; give every column the same length")
    if 0 in counts:
        raise OperandError("the columns are empty; give one example or more")
    has_arrays = any(map(is_array, arguments))
    return Columns(inputs, tuple(widths), next(iter(counts), 1), not counts, has_arrays)


def _split(argument: Any, name: str) -> tuple[int | None, list[Any], int | None]:
    """The width of an argument, its columns, and the number of its examples."""
    if is_array(argument) and argument.ndim:
        return _split_array(argument, name)
    if not isinstance(argument, (list, tuple)):
        return None, [_number(argument, name)], None
    plain = _split_plain(argument)
    if plain is not None:
        return plain
    if not any(isinstance(row, (list, tuple)) or (is_array(row) and row.ndim) for row in argument):
        return None, [[_number(x, f"{name}[{i}]") for i, x in enumerate(argument)]], len(argument)
    widths = {len(row) if hasattr(row, "__len__") else None for row in argument}
    if len(widths) > 1 or None in widths:
        raise OperandError(f"{name} has rows of different lengths, {sorted(map(str, widths))}; give each example as many numbers")
    rows = [[_number(x, f"{name}[{i}][{j}]") for j, x in enumerate(row)] for i, row in enumerate(argument)]
    return len(rows[0]), [list(column) for column in zip(*rows, strict=True)], len(rows)


def _split_plain(argument: Sequence[Any]) -> tuple[int | None, list[Any], int] | None:
    """`_split` of a list of floats, or of lists of floats, which need no look at each."""
    types = set(map(type, argument))
    if types == {float}:
        return None, [list(argument)], len(argument)
    if types == {list} and set(map(type, chain.from_iterable(argument))) == {float} and len(set(map(len, argument))) == 1:
        return len(argument[0]), list(map(list, zip(*argument, strict=True))), len(argument)
    return None


def _split_array(argument: Any, name: str) -> tuple[int | None, list[Any], int | None]:
    import numpy

    if argument.ndim > 2 or argument.dtype.kind not in "biuf":
        shape = f"an array of shape {argument.shape} and type {argument.dtype}"
        raise OperandError(f"{name} is {shape}; give real numbers, of shape (examples,) or (examples, k)")
    numbers = numpy.ascontiguousarray(argument.T, dtype=float)
    return (None, [numbers], len(argument)) if argument.ndim == 1 else (argument.shape[1], list(numbers), len(argument))


def _number(x: Any, name: str) -> float:
    try:
        return number(x)
    except TypeError as error:
        raise OperandError(f"{name}: {error}") from None


def as_given(column: Any, columns: Columns) -> Any:
    """A column of results as the arguments were given: an array, a list, or one number."""
    if columns.is_single:
        return float(column[0])
    if columns.has_arrays:
        import numpy

        return numpy.asarray(column, dtype=float)
    return [float(x) for x in column]
