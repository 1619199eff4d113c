"""Checks of settings: a number or a whole number within bounds, or a SettingError that names the setting.

>>> whole("epochs", 0)
Traceback (most recent call last):
    ...
nn.errors.SettingError: epochs = 0: a whole number of at least 1 is needed
"""

from __future__ import annotations

import math
import operator
from typing import Any

from autograd.ops import number
from autograd.text.numbers import short
from nn.errors import SettingError

__all__ = ["setting", "whole"]


def setting(name: str, x: Any, *, positive: bool = False, below: float = math.inf, most: float = math.inf) -> float:
    """Return x as a finite float of at least 0, above 0 if `positive`, below `below` and at most `most`; else a SettingError."""
    converted = number(x)
    if not 0.0 <= converted < below or converted > most or (positive and converted == 0.0):
        least = "above 0" if positive else "of at least 0"
        end = f" and below {short(below)}" if below < math.inf else f" and at most {short(most)}" if most < math.inf else ""
        raise SettingError(f"{name} = {x!r}: a finite number {least}{end} is needed")
    return converted


def whole(name: str, n: Any, least: int = 1) -> int:
    """Return n as an int, if it is a whole number of at least `least`; else raise a SettingError."""
    try:
        converted = None if isinstance(n, bool) else operator.index(n)
    except TypeError:
        converted = None
    if converted is None or converted < least:
        raise SettingError(f"{name} = {n!r}: a whole number of at least {least} is needed")
    return converted
