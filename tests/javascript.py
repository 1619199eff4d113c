"""Rows in Python and in a page beside each other: how far apart the answers are."""

from __future__ import annotations

import builtins
import json
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from autograd.ops import Op

UNITS = 4  # in the last place: the tolerance

ANSWERS = """
(asked) => {
  const [name, points] = JSON.parse(asked);
  const sent = (x) => (typeof x === "number" ? (Object.is(x, -0) ? "-0" : String(x)) : x);
  const attempt = (f) => { try { return f(); } catch (error) { return { name: error.name, message: error.message }; } };
  return JSON.stringify(points.map(({ xs, y, parameters, active }) => {
    xs = xs.map(Number);
    const value = attempt(() => sent(OPERATIONS[name].value(xs, parameters)));
    return [value, y === null ? null : attempt(() => OPERATIONS[name].partials(xs, Number(y), parameters, active).map(sent))];
  }));
}
"""


class Point(NamedTuple):
    """Where a row is asked."""

    xs: tuple[float, ...]
    parameters: dict[str, Any]
    active: tuple[bool, ...]


def in_python(row: Op, point: Point) -> tuple[Any, Any]:
    """The value and the active partials; an exception in place of what raises it."""
    y: Any
    try:
        y = row.evaluate(point.xs, row.complete(point.xs, point.parameters))
        return y, row.local_derivatives(point.xs, y, row.complete(point.xs, point.parameters), point.active)
    except row_errors as error:
        return (error, None) if "y" not in locals() else (y, error)


row_errors = (ValueError, ZeroDivisionError, OverflowError)


def in_javascript(page: Any, row: Op, points: list[Point], ys: list[Any]) -> list[tuple[Any, Any]]:
    """The same from the page: the partials are those at Python's value, so that no difference counts twice."""
    sent = [
        {
            "xs": list(map(written, point.xs)),
            "y": written(y) if isinstance(y, float) else None,
            "parameters": point.parameters,
            "active": list(point.active),
        }
        for point, y in zip(points, ys, strict=True)
    ]
    answers = json.loads(page.evaluate(ANSWERS, json.dumps([row.__name__, sent])))  # as text: much quicker than as values
    return [(read(value), read(partials)) for value, partials in answers]


def written(x: float) -> str:
    """A float for JavaScript's Number()."""
    return repr(x).replace("inf", "Infinity").replace("nan", "NaN")


def read(x: Any) -> Any:
    """What the page sends back, with Python's floats."""
    return tuple(map(read, x)) if isinstance(x, list) else float(x) if isinstance(x, str) else x


def units(expected: float, got: float, moved: float = 0.0) -> float:
    """How far apart two numbers are: in units in the last place, or in moves of the operands, if these count for more."""
    if expected == got or (expected != expected and got != got):
        return 0.0
    return abs(got - expected) / max(math.ulp(expected), moved) if math.isfinite(got - expected) else math.inf


def differs(expected: Any, got: Any, around: list[Any]) -> float:
    """How far an answer is from Python's; infinitely, if only one is an exception, a closed gate, or not finite."""
    if isinstance(expected, Exception):
        return 0.0 if isinstance(got, dict) and isinstance(expected, getattr(builtins, got["name"], ())) else math.inf
    if isinstance(got, dict):
        return math.inf
    if isinstance(expected, tuple):
        if len(expected) != len(got):
            return math.inf
        near = [other for other in around if isinstance(other, tuple)]
        each = enumerate(zip(expected, got, strict=True))
        return max([differs(e, g, [other[i] for other in near]) for i, (e, g) in each], default=0.0)
    if expected is None or got is None:
        return 0.0 if expected is got else math.inf
    if units(expected, got) <= UNITS:
        return units(expected, got)
    moves = [abs(other - expected) for other in around if isinstance(other, float) and math.isfinite(other)]
    return units(expected, got, max(moves, default=0.0))


def neighbours(point: Point) -> Iterator[Point]:
    """The same point with one operand moved by one unit in the last place."""
    for i, x in enumerate(point.xs):
        for end in (math.inf, -math.inf):
            yield point._replace(xs=(*point.xs[:i], math.nextafter(x, end), *point.xs[i + 1 :]))


def farthest(page: Any, row: Op, points: list[Point]) -> tuple[float, Any]:
    """The largest difference over the points, and all that is known of it."""
    expected = [in_python(row, point) for point in points]
    got = in_javascript(page, row, points, [value for value, _ in expected])
    found = []
    for point, e, g in zip(points, expected, got, strict=True):
        around = [in_python(row, near) for near in neighbours(point)] if differs(e, g, []) > UNITS else []
        found.append((max(differs(e[i], g[i], [other[i] for other in around]) for i in (0, 1) if e[i] is not None), (point, e, g)))
    return max(found, key=lambda pair: pair[0])
