"""Answers to a quiz: numbers read as people write them, and the feedback on each."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from autograd.ops import number

__all__ = ["ENOUGH", "RIGHT", "ROUGH", "SHOWN", "SIGN", "UNREADABLE", "WORDS", "WRONG", "judged", "read"]

SHOWN = 5e-4  # relative: the numbers that answers are computed from are shown in four digits
ENOUGH = 2  # significant digits of an answer
ROUGH = "right as far as it goes; give two significant digits or more"
SIGN = "the sign is wrong"
WRONG = "not yet"
UNREADABLE = "write a number, such as 3, -0.5, 1/3 or 2e-3"
RIGHT = "right"


class Given(NamedTuple):
    """An answer read: its number, the place of its last digit (0 if it is exact), and its significant digits."""

    x: float
    unit: float
    digits: int


DECIMAL = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?"
WORDS = {"nan": math.nan, "inf": math.inf, "+inf": math.inf, "-inf": -math.inf, "∞": math.inf, "-∞": -math.inf}


def read(answer: Any) -> Given | None:
    """Read a number, or a text that holds one: 3, -0.5, 1/3, 2e-3; return None for anything else."""
    if isinstance(answer, Fraction):
        return Given(number(answer), 0.0, ENOUGH)
    text = answer if isinstance(answer, str) else repr(number(answer))
    text = re.sub(r"\s", "", text).replace("−", "-").replace(",", ".").lower()
    if text in WORDS:
        return Given(WORDS[text], 0.0, ENOUGH)
    fraction = re.fullmatch(rf"({DECIMAL})/({DECIMAL})", text)
    if fraction:
        below = float(fraction[2])
        return Given(float(fraction[1]) / below, 0.0, ENOUGH) if below else None
    if not re.fullmatch(DECIMAL, text):
        return None
    mantissa, _, exponent = text.partition("e")
    digits = mantissa.lstrip("+-").replace(".", "")
    decimals = len(mantissa.partition(".")[2])
    return Given(float(text), float(f"1e{int(exponent or 0) - decimals}"), len(digits.lstrip("0")))


def judged(answer: Any, x: float, mistakes: Sequence[tuple[float, str]]) -> str:
    """Return the feedback on an answer where x is right: RIGHT, or what is wrong with it."""
    given = read(answer)
    if given is None:
        return UNREADABLE
    if _is_near(given, x):
        return RIGHT
    if _is_rounded(given, x):
        return RIGHT if given.digits >= ENOUGH else ROUGH
    for wrong, words in [(-x, SIGN), *mistakes]:
        if _is_near(given, wrong) or (given.digits >= ENOUGH and _is_rounded(given, wrong)):
            return words
    return WRONG


def _is_near(given: Given, x: float) -> bool:
    return given.x == x or (given.x != given.x and x != x) or abs(given.x - x) <= SHOWN * abs(x) < math.inf


def _is_rounded(given: Given, x: float) -> bool:
    """True if the answer is x rounded, or cut off, at the answer's last digit."""
    is_cut = given.x * x > 0 and 0 <= abs(x) - abs(given.x) < given.unit
    return given.digits > 0 and math.isfinite(given.x) and (abs(given.x - x) <= given.unit * 0.500001 or is_cut)
