"""What the printers read in place of Python's own algorithms: the same bits and the same exceptions, in Python already."""

from __future__ import annotations

import math
import operator
import random
import struct
from collections.abc import Callable
from typing import Any

import pytest

from autograd import special
from autograd.rowcode import algorithms

EXTREMES = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 22.0, 23.0, 24.0, 170.5, 171.7, -170.5, -200.5, -0.5, 1e-21, -1e-21, 1e-300,
            5e-324, -5e-324, 1e300, -1e300, 1.7e308, math.inf, -math.inf, math.nan)  # fmt: skip


def answer(function: Callable[..., Any], *arguments: Any) -> Any:
    """The result as bits, or the exception."""
    try:
        y = float(function(*arguments))
    except (ValueError, ArithmeticError) as error:
        return next(kind for kind in (ZeroDivisionError, OverflowError, ValueError) if isinstance(error, kind))
    return "nan" if y != y else struct.pack("d", y)


def numbers(rng: random.Random, count: int) -> list[float]:
    return [rng.choice(EXTREMES) if rng.random() < 0.3 else rng.uniform(-9, 9) * 10 ** rng.randint(-3, 3) for _ in range(count)]


OF_ONE = [(math.gamma, algorithms.gamma), (math.ulp, algorithms.ulp), (math.degrees, algorithms.degrees),
          (math.radians, algorithms.radians)]  # fmt: skip
OF_TWO = [(math.hypot, algorithms.hypot), (operator.mod, algorithms.modulo), (operator.floordiv, algorithms.floor_divide),
          (max, algorithms.greater)]  # fmt: skip
OF_MANY = [(math.fsum, algorithms.fsum), (math.fsum, algorithms.quick_fsum), (math.prod, algorithms.product),
           (sum, algorithms.ALGORITHMS[sum]), (max, algorithms.greatest)]  # fmt: skip


@pytest.mark.parametrize(("known", "own"), OF_ONE + OF_TWO, ids=lambda f: f.__name__)
def test_a_function_of_floats_gives_the_bits_of_pythons(known: Callable[..., Any], own: Callable[..., Any]) -> None:
    rng, count = random.Random(own.__name__), 1 if (known, own) in OF_ONE else 2
    points = [(x,) for x in EXTREMES] if count == 1 else [(a, b) for a in EXTREMES for b in EXTREMES]
    for xs in [*points, *[tuple(numbers(rng, count)) for _ in range(3_000)]]:
        assert answer(own, *xs) == answer(known, *xs), xs


@pytest.mark.parametrize(("known", "own"), OF_MANY, ids=lambda f: f.__name__)
def test_a_function_of_a_sequence_gives_the_bits_of_pythons(known: Callable[..., Any], own: Callable[..., Any]) -> None:
    rng = random.Random(own.__name__)
    sequences = [tuple(numbers(rng, rng.randint(1, 12))) for _ in range(3_000)]
    sequences += [
        tuple(rng.choice((1.0, 2.0**-53, 2.0**-110, -(2.0**-110), 1.7e308, -1.7e308)) for _ in range(5)) for _ in range(500)
    ]
    beside_ties = [2.0**k for k in (53, 52, 1, 0, -53, -54, -106, -1074)]
    sequences += [tuple(rng.choice((1, -1)) * rng.choice(beside_ties) for _ in range(rng.randint(2, 9))) for _ in range(5_000)]
    for xs in sequences:
        assert answer(own, xs) == answer(known, xs), xs


@pytest.mark.parametrize("b", [1, 2, 3, 7, -2, 0])
def test_whole_numbers_have_pythons_remainder(b: int) -> None:
    for a in range(-20, 21):
        assert answer(algorithms.modulo_whole, a, b) == answer(operator.mod, a, b)


def test_counts_and_factorials_are_pythons() -> None:
    for truths in ((), (False,), (True,), (False, True), (True, True)):
        assert algorithms.count_of(truths) == sum(truths)
    for n in range(-1, 172):
        assert answer(algorithms.factorial, n) == answer(lambda n: float(math.factorial(n)), n)


def test_fine_log_is_the_logarithm_to_the_last_digit() -> None:
    rng = random.Random(1)
    points = [rng.uniform(0.0, 3.0) * 2.0 ** rng.randint(-900, 900) for _ in range(3_000)]
    points += [rng.uniform(0.5, 2.0) for _ in range(3_000)]
    differing = [x for x in points if algorithms.fine_log(x) != math.log(x)]
    assert len(differing) <= 20  # of 6,000: where the platform's logarithm is not the nearest float
    assert all(abs(algorithms.fine_log(x) - math.log(x)) <= math.ulp(math.log(x)) for x in differing)


def test_lgamma_is_pythons_but_for_the_last_digits_of_its_logarithms() -> None:
    rng = random.Random(2)
    for x in [*EXTREMES, *numbers(rng, 1_000)]:
        expected, got = answer(math.lgamma, x), answer(algorithms.lgamma, x)
        if isinstance(expected, bytes) and math.isfinite(math.lgamma(x)):
            assert abs(algorithms.lgamma(x) - math.lgamma(x)) <= 4e-16 * max(8.0, abs(math.lgamma(x))), x
        else:
            assert got == expected, x


def test_exponentials_cancel_without_whole_numbers_as_with_them() -> None:
    rng = random.Random(3)
    cases = [(-1e-300, -700.0), (-5e-324, -745.0), (-0.4586751453870819, -1.0), (-22.3, -2e-10), (-math.log(2.0), -math.log(2.0))]
    for x in [-(10.0 ** rng.uniform(-20, 1.5)) for _ in range(20)]:
        y = math.log(-math.expm1(x))
        cases += [(x, y), (x, math.nextafter(y, 0.0)), (x, x)]
    for xs in cases:
        assert algorithms.exponentials_less_one(xs) == special.exponentials_less_one(xs), xs
