"""Buffers that a program keeps for its ordinary calls, by the shapes of their arguments; one call at a time has each.

A call takes them out of a list and puts them back when it is done, which other threads cannot interrupt halfway.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from autograd.compiling.buffers import Buffers
from autograd.compiling.columns import Columns, Shapes, columns_of, shapes_of
from autograd.engine import in_c

__all__ = ["Held", "Pool"]

SHAPES = 16  # of arguments for which a program keeps buffers


class Held(NamedTuple):
    """Buffers for arguments of some shapes, and what a call of them needs."""

    buffers: Buffers
    fill: Callable[[tuple[Any, ...]], bool]  # sets their inputs to arguments, unless these have other shapes
    others: list[Any]  # of the same shapes, not in use, where they go back to


class Pool:
    """The buffers that no call uses; `make` gives new ones, or None where no machine code runs a program."""

    def __init__(self, make: Callable[[Columns, bool], Buffers | None]) -> None:
        self._make = make
        self._spare: dict[tuple[Shapes, bool], list[Held]] = {}
        self._recent: dict[bool, list[Held]] = {False: [], True: []}  # those of the last call, without and with inputs

    def held(self, arguments: tuple[Any, ...], *, with_inputs: bool) -> Held | None:
        """Buffers that hold these arguments; append them to their `others` after the call."""
        recent = self._recent[with_inputs]
        try:
            held = recent.pop()
        except IndexError:
            return self._other(arguments, with_inputs)
        if held.fill(arguments):
            return held
        recent.append(held)
        return self._other(arguments, with_inputs)

    def _other(self, arguments: tuple[Any, ...], with_inputs: bool) -> Held | None:
        """Buffers for other shapes than those of the last call, or for lists."""
        shapes = shapes_of(arguments)
        columns = columns_of(arguments) if shapes is None else None
        key = columns.shapes() if columns is not None else shapes or (), with_inputs
        try:
            held = self._spare[key].pop()
        except LookupError:
            return self._new(key, columns or columns_of(arguments))
        if columns is None:
            if not held.fill(arguments):  # of arrays of whole numbers, for example
                filled(held.buffers, key[0], arguments)
            self._recent[with_inputs] = held.others
        else:
            held.buffers.fill(columns)
        return held

    def _new(self, key: tuple[Shapes, bool], columns: Columns) -> Held | None:
        buffers = self._make(columns, key[1])
        if buffers is None:
            return None
        if len(self._spare) >= SHAPES:
            self._spare.clear()
        others = self._spare.setdefault(key, [])
        self._recent[key[1]] = others
        native = in_c("fill_rows")
        if native is None:
            return Held(buffers, functools.partial(filled, buffers, key[0]), others)
        rows = buffers.rows
        return Held(buffers, functools.partial(native, key[0], rows.ctypes.data, rows.strides[0] // 8, columns.size), others)


def filled(buffers: Buffers, shapes: Shapes, arguments: tuple[Any, ...]) -> bool:
    """Set the inputs to arguments, if these have the shapes."""
    if shapes_of(arguments) != shapes:
        return False
    for mine, x in zip(buffers.inputs, arguments, strict=True):
        mine[...] = x
    return True
