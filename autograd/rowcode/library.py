"""The builtins of Python that are computed while a function is read: loops, lengths, conversions, extremes."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from typing import Any

from autograd.rowcode import form
from autograd.rowcode.form import FLOAT, TRUTH, WHOLE, Number, Unreadable
from autograd.rowcode.intrinsics import INTRINSICS
from autograd.rowcode.reading import ZERO, Reader
from autograd.rowcode.values import Local, Parts, Range, Static, binary, called, choice, compare, truth, typed

__all__ = ["LIBRARY"]


def _range(reader: Reader, *bounds: Any) -> Range:
    low, high, step = (Static(0), bounds[0], Static(1)) if len(bounds) == 1 else (*bounds, Static(1))[:3]
    if not isinstance(step, Static):
        raise Unreadable("a range whose step is not known")
    return Range(typed(low, WHOLE), typed(high, WHOLE), step.value, lambda i: i)


def _zip(reader: Reader, *sequences: Any, strict: Any = Static(False)) -> Range:  # noqa: B008  # a constant
    ranges = [reader.counted(x) for x in sequences]
    least = ranges[0].high
    for other in ranges[1:]:
        if other.high != least and not strict.value:
            least = choice(compare("<", typed(other.high), typed(least)), other.high, least)
    return Range(ZERO, typed(least), 1, lambda i: Parts(tuple(r.bind(i) for r in ranges)))


def _enumerate(reader: Reader, x: Any, start: Any = Static(0)) -> Range:  # noqa: B008
    over = reader.counted(x)
    return Range(ZERO, over.high, 1, lambda i: Parts((i if start == Static(0) else binary("+", start, i), over.bind(i))))


def _reversed(reader: Reader, x: Any) -> Range:
    over = reader.counted(x)
    return Range(typed(binary("-", over.high, Static(1))), Number(-1, WHOLE), -1, over.bind)


def _map(reader: Reader, function: Any, *sequences: Any) -> Range:
    over = _zip(reader, *sequences)

    def bind(i: Any) -> Any:
        parts = list(over.bind(i).parts)
        return reader.inlined(function, parts) if isinstance(function, Local) else reader.dispatch(function.value, parts, {})

    return Range(over.low, over.high, over.step, bind)


def _float(reader: Reader, x: Any) -> Any:
    return Static(float(x.value)) if isinstance(x, Static) else typed(x, FLOAT)


def _int(reader: Reader, x: Any) -> Any:
    return Static(int(x.value)) if isinstance(x, Static) else x if x.type == WHOLE else called(INTRINSICS["math.trunc"], x)


def _len(reader: Reader, x: Any) -> Any:
    known = x.parts if isinstance(x, Parts) else x.numbers if isinstance(x, form.Table) else getattr(x, "value", None)
    return Static(len(known)) if isinstance(known, tuple) else form.Length(reader.array(x))


def _sequence(reader: Reader, x: Any = Static(())) -> Any:  # noqa: B008
    return x if isinstance(x, (Parts, Static)) else reader.array(x)


def _round(reader: Reader, x: Any, *digits: Any) -> Any:
    return called(INTRINSICS["python.round_to" if digits else "python.round"], x, *digits)


def _extreme(name: str, of_array: str) -> Callable[..., Any]:
    def extreme(reader: Reader, *arguments: Any) -> Any:
        if len(arguments) == 1 and not isinstance(arguments[0], Parts):
            return called(INTRINSICS[f"python.{of_array}"], reader.array(arguments[0]))
        best, *others = arguments[0].parts if len(arguments) == 1 else arguments
        for other in others:
            known = isinstance(best, Static) and isinstance(other, Static)
            both = (best, other)
            best = (
                Static(getattr(builtins, name)(*[x.value for x in both])) if known else called(INTRINSICS[f"python.{name}"], *both)
            )
        return best

    return extreme


def _quantified(name: str) -> Callable[..., Any]:
    def quantified(reader: Reader, x: Any) -> Any:
        if not isinstance(x, Parts):
            return form.Call(INTRINSICS[f"python.{name}"], (reader.array(x),), TRUTH)
        return form.Logic("or" if name == "any" else "and", tuple(typed(truth(part)) for part in x.parts))

    return quantified


LIBRARY: dict[Any, Callable[..., Any]] = {
    range: _range, zip: _zip, enumerate: _enumerate, reversed: _reversed, map: _map, float: _float, int: _int, len: _len,
    bool: lambda reader, x: truth(x), tuple: _sequence, list: _sequence, iter: _sequence, operator.index: lambda reader, x: x,
    round: _round,
    min: _extreme("min", "smallest"), max: _extreme("max", "largest"), any: _quantified("any"), all: _quantified("all"),
    sum: lambda reader, x: called(INTRINSICS["python.sum"], reader.array(x)),
}  # fmt: skip
"""By the builtin: a function of the reader and the arguments."""
