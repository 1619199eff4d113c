"""Rows of a user that are compiled when they are declared, and what they answer, as lines: `python users_rows.py SEED`."""

from __future__ import annotations

import math
import random
import sys

from outcomes import number, outcome, swept

from autograd import Value, no_grad, op, ops
from autograd.ops import CLOSED

SCALE = 0.75


@op(partials=(lambda a, y: 4 * a**3,), native=True)
def fourth_power(a: float) -> float:
    """The fourth power."""
    return a**4


@op(partials=(lambda a, y: 1.0 / a if a > 1.0 else CLOSED,), native=True)
def log_above(a: float) -> float:
    """The logarithm, 0 below 1."""
    return math.log(a) if not a < 1.0 else 0.0


@op(partials=(lambda a, b, y: a / y, lambda a, b, y: SCALE * SCALE * b / y), native=True)
def stretched(a: float, b: float) -> float:
    """A length."""
    return math.sqrt(a * a + (SCALE * b) * (SCALE * b))


@op(partials=(lambda a, y, *, by, shift: by, ), native=True)  # fmt: skip
def scaled(a: float, *, by: float = 2.0, shift: int = 1) -> float:
    """A multiple, shifted."""
    return a * by + shift


@op(partials=(1.0, -1.0, 2.0, lambda a, b, c, d, e, y: e, lambda a, b, c, d, e, y: d), native=True)
def five(a: float, b: float, c: float, d: float, e: float) -> float:
    """A sum with a product."""
    return a - b + 2.0 * c + d * e


@op(partials=lambda xs, y: tuple([2.0 * x for x in xs]), native=True)
def squares(xs: tuple[float, ...]) -> float:
    """The sum of squares."""
    return math.fsum([x * x for x in xs])


@op(partials=(lambda a, y: y - ops.sin(a),), native=True)
def wave(a: float) -> float:
    """A row of the table inside."""
    return ops.sinc(a) + math.cos(a)


@op(
    partials=(lambda a, b, y, *, active: 1.0 if all(active) else 2.0, lambda a, b, y, *, active: CLOSED if active[0] else b),
    native=True,
)
def picked(a: float, b: float) -> float:
    """A sum whose partials depend on which operands are nodes."""
    return a + b


@op(
    partials=lambda xs, y, *, power, active: tuple([power * x if on else 0.0 for x, on in zip(xs, active, strict=True)]),
    native=True,
)
def powers(xs: tuple[float, ...], *, power: float = 2.0) -> float:
    """A weighted sum."""
    return math.fsum([power * x for x in xs]) if power > -2.0 else math.log(xs[0])


ROWS = (fourth_power, log_above, stretched, scaled, five, squares, wave, picked, powers)


def main(seed: int) -> None:
    rng = random.Random(seed)
    for row in ROWS:
        for _ in range(300):
            count = rng.randint(1, 6) if row.variadic else len(row.operands)
            operands = [Value(number(rng)) if rng.random() < 0.7 else number(rng) for _ in range(count)]
            operands[rng.randrange(count)] = Value(number(rng))
            given = {"by": number(rng), "shift": rng.randint(-3, 3)} if row is scaled and rng.random() < 0.5 else {}
            given |= {"power": number(rng)} if row is powers and rng.random() < 0.5 else {}
            called = [operands] if row.variadic else operands
            print(row.__name__, outcome(lambda: swept(row(*called, **given))))  # noqa: B023  # called at once
            with no_grad():
                print(outcome(lambda: row(*called, **given)))  # noqa: B023


if __name__ == "__main__":
    main(int(sys.argv[1]))
