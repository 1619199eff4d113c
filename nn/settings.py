"""Checks of settings: a number or a whole number within bounds, or a SettingError that names the setting.

>>> whole("epochs", 0)
Traceback (most recent call last):
    ...
nn.errors.SettingError: epochs = 0: a whole number of at least 1 is needed
"""

from __future__ import annotations

import math
from typing import Any

from autograd.ops import number
from autograd.text.numbers import short
from nn.errors import SettingError

__all__ = ["setting", "whole", "within"]


def setting(name: str, x: Any, *, positive: bool = False, below: float = math.inf) -> float:
    """x as a finite float of at least 0, above 0 if `positive`, and below a number; else a SettingError."""
    converted = number(x)
    if not 0.0 <= converted < below or (positive and converted == 0.0):
        raise SettingError(f"{name} = {x!r}: a finite number {within(positive=positive, below=below)} is needed")
    return converted


def within(*, positive: bool = False, below: float = math.inf) -> str:
    """The bounds of `setting` in words."""
    return ("above 0" if positive else "of at least 0") + ("" if below == math.inf else f" and below {short(below)}")


def whole(name: str, n: Any, least: int = 1) -> int:
    """n, if it is a whole number of at least `least`; else a SettingError."""
    if isinstance(n, bool) or not isinstance(n, int) or n < least:
        raise SettingError(f"{name} = {n!r}: a whole number of at least {least} is needed")
    return n
