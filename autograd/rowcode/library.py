"""The builtins of Python that are computed while a function is read: loops, lengths, conversions, extremes."""

from __future__ import annotations

import math
import operator
from typing import Any

from autograd.rowcode import algorithms
from autograd.rowcode.form import FLOAT, WHOLE, Unreadable
from autograd.rowcode.intrinsics import INTRINSICS, ROUND_TO
from autograd.rowcode.reading import LIBRARY, Evaluator
from autograd.rowcode.values import Range, called, choice, compare, is_fixed, is_known, length, truth, typed


def _range(reader: Evaluator, *bounds: Any) -> Range:
    low, high, step = (0, bounds[0], 1) if len(bounds) == 1 else (*bounds, 1)[:3]
    if not is_known(step):
        raise Unreadable("a range whose step is not known")
    binary, way = reader.binary, 1 if step > 0 else -1
    distance = binary("-", high, low) if step > 0 else binary("-", low, high)
    count = distance if step == way else binary("//", binary("+", distance, way * step - 1), way * step)
    return Range(count, lambda i: binary("+" if step > 0 else "-", low, i if step == way else binary("*", way * step, i)))


def _zip(reader: Evaluator, *sequences: Any, strict: bool = False) -> Range:
    ranges = [reader.iterable(x) for x in sequences]
    least = ranges[0].count
    for count in [over.count for over in ranges[1:]]:
        least = least if strict or count == least else choice(compare("<", count, least), count, least)
    return Range(least, lambda i: tuple([over.item(i) for over in ranges]))


def _enumerate(reader: Evaluator, x: Any, start: Any = 0) -> Range:
    over = reader.iterable(x)
    return Range(over.count, lambda i: (reader.binary("+", start, i), over.item(i)))


def _reversed(reader: Evaluator, x: Any) -> Range:
    over = reader.iterable(x)
    last = reader.binary("-", over.count, 1)
    return Range(over.count, lambda i: over.item(reader.binary("-", last, i)))


def _map(reader: Evaluator, function: Any, *sequences: Any) -> Range:
    over = _zip(reader, *sequences)
    return Range(over.count, lambda i: reader.call(function, *over.item(i)))


def _int(reader: Evaluator, x: Any) -> Any:
    return int(x) if is_known(x) else x if x.type == WHOLE else called(INTRINSICS[math.trunc], x)


def _sequence(reader: Evaluator, x: Any = ()) -> Any:
    return x if isinstance(x, (tuple, list)) else reader.array(x)


def _max(reader: Evaluator, *xs: Any) -> Any:
    if is_known(xs):
        return max(*xs)
    if len(xs) == 1 and not is_fixed(xs[0]):
        return reader.program.function(algorithms.greatest, [reader.array(xs[0])])
    best, *others = xs[0] if len(xs) == 1 else xs
    for other in others:
        best = reader.program.function(algorithms.greater, [best, other])
    return best


def _min(reader: Evaluator, *xs: Any) -> Any:
    if len(xs) == 1 and not is_fixed(xs[0]):
        return reader.negative(_max(reader, _map(reader, operator.neg, xs[0])))
    return reader.negative(_max(reader, *[reader.negative(x) for x in (xs[0] if len(xs) == 1 else xs)]))


def _quantified(reader: Evaluator, x: Any, sign: str) -> Any:
    if is_fixed(x):
        return reader.logic(sign, *[lambda part=part: typed(truth(part)) for part in x])
    over = reader.iterable(x)
    truths = reader.array(Range(over.count, lambda i: typed(truth(over.item(i)))))
    count = reader.program.function(algorithms.count_of, [truths])
    return compare(">", count, 0) if sign == "or" else compare("==", count, over.count)


LIBRARY |= {
    range: _range, zip: _zip, enumerate: _enumerate, reversed: _reversed, map: _map, tuple: _sequence, list: _sequence,
    iter: _sequence, int: _int, min: _min, max: _max, operator.neg: Evaluator.negative,
    float: lambda reader, x: float(x) if is_known(x) else typed(x, FLOAT),
    bool: lambda reader, x: truth(x),
    len: lambda reader, x: len(x) if is_fixed(x) else length(reader.array(x)),
    round: lambda reader, x, *digits: called(ROUND_TO if digits else INTRINSICS[round], x, *digits),
    operator.index: lambda reader, x: x,
    operator.pos: lambda reader, x: x,
    any: lambda reader, x: _quantified(reader, x, "or"),
    all: lambda reader, x: _quantified(reader, x, "and"),
}  # fmt: skip
