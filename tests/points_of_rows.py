"""Points of rows, golden ones and random ones, and what a row gives there, for tests of what is printed of rows."""

from __future__ import annotations

import json
import math
import random
import struct
from pathlib import Path
from typing import Any

import pytest

from autograd.ops import TABLE, Op

GOLDEN = json.loads((Path(__file__).parent / "data" / "golden.json").read_text(encoding="utf-8"))["cases"]
ROWS = [pytest.param(row, id=name) for name, row in TABLE.items()]
EXTREMES = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, 1e-300, -1e-300, 700.0, -700.0, 40.0, -40.0, 1e300, -1e300, 5e-324, -1e-310,
            math.inf, -math.inf, math.nan)  # fmt: skip
FREE: dict[str, tuple[Any, ...]] = {
    "condition": (True, False),
    "k": (0, 1),
    "target": (1, 0),
    "n": (1, 2, 0, 5),
    "ndigits": (0, 1, -1, 2, -2, 5),
}
REFUSALS = (ValueError, ArithmeticError)


def bits(x: Any) -> Any:
    """x such that two answers are the same bits: any NaN is a NaN."""
    return "nan" if x != x else struct.pack("d", x) if type(x) is float else x


def number_of(text: str) -> float:
    return float(text) if "n" in text else float.fromhex(text)


def points_of(row: Op) -> list[tuple[tuple[float, ...], dict[str, Any], list[bool]]]:
    """Golden points of the row, and 300 random ones with extremes."""
    rng, points = random.Random(row.__name__), []
    for case in GOLDEN:
        xs, parameters = tuple(map(number_of, case["args_hex"])), {**row.parameters, **case.get("params", {})}
        if (
            case["fn"] == row.__name__
            and not row.variadic
            and len(xs) == len(row.operands)
            and set(parameters) == set(row.parameters)
        ):
            points.append((xs, parameters, [True] * len(xs)))
    for _ in range(300):
        count = len(row.operands) if not row.variadic else 2 * rng.randint(1, 4) + (row.arrange is TABLE["affine"].arrange)
        xs = tuple(
            rng.choice(EXTREMES) if rng.random() < 0.3 else rng.uniform(-3, 3) * 10 ** rng.randint(-3, 3) for _ in range(count)
        )
        parameters = {name: rng.choice(FREE[name]) if name in FREE else default for name, default in row.parameters.items()}
        points.append((xs, parameters, [rng.random() < 0.7 for _ in xs]))
    return points


def attempt(function: Any, *arguments: Any) -> Any:
    """What a call gives, as bits, or the builtin exception that it raises."""
    try:
        answer = function(*arguments)
    except REFUSALS as error:
        return next(kind for kind in (ZeroDivisionError, OverflowError, ValueError) if isinstance(error, kind))
    return [bits(x) for x in answer] if isinstance(answer, (list, tuple)) else bits(float(answer))


def partials(row: Op, xs: tuple[float, ...], y: float, parameters: dict[str, Any], active: list[bool]) -> list[Any]:
    return [None if p is None else float(p) for p in row.local_derivatives(xs, y, parameters, active)]
