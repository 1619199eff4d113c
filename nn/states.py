"""Checks of a saved state: every entry is checked before anything is set, and a StateError names the entry that does not fit.

The functions take a value that was read from JSON and the name of its entry; they return it checked, in Python's types.

    >>> whole_number(3, "steps"), real_number(0.5, "best_loss")
    (3, 0.5)
    >>> whole_number(-1, "steps")
    Traceback (most recent call last):
        ...
    nn.errors.StateError: steps is -1: a whole number from 0 to 9007199254740992 is needed
"""

from __future__ import annotations

import json
import math
import os
import random
from collections.abc import Iterable, Mapping
from typing import Any

from autograd.errors import AutogradError
from autograd.files import AnyPath, expanded
from autograd.ops import number
from autograd.text.numbers import short
from nn.errors import StateError

__all__ = ["entries", "generator_state", "numbers_by_name", "read_json", "real_number", "real_numbers", "shown", "whole_number"]

MOST = 2**53  # the largest count: a float holds every whole number up to it


def read_json(path: AnyPath, written_by: str) -> Any:
    """Return the contents of the JSON file; raise a StateError if it is not JSON, or is nested deeper than Python can read."""
    with open(expanded(path), encoding="utf-8") as file:
        try:
            return json.load(file, parse_constant=_refused_constant)
        except (ValueError, RecursionError) as error:
            reason = "nested too deep" if isinstance(error, RecursionError) else f"not JSON ({error})"
            raise StateError(f"{os.fspath(path)!r} is {reason}; give a file that {written_by} wrote") from None


def _refused_constant(word: str) -> None:
    raise ValueError(f"{word} is no number in JSON")


def entries(state: Any, names: Iterable[str], where: str) -> dict[str, Any]:
    """Return the entries of the state; raise a StateError unless it is a dict with exactly these names."""
    if not isinstance(state, Mapping):
        raise StateError(f"{where} is a dict, not {_kind(state)}; state_dict() returns one")
    wanted = dict.fromkeys(names)
    wrong = ""
    for what, among, others in (("missing", wanted, state), ("unexpected", state, wanted)):
        found = [f"{name!s:.60}" for name in among if name not in others]
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        wrong += f"; {what}: {', '.join(found[:5])}{more}" if found else ""
    if wrong:
        raise StateError(f"{where} does not fit{wrong}; load it into what it was saved from")
    return {name: state[name] for name in wanted}


def _kind(x: Any) -> str:
    kind = type(x).__name__
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def real_number(x: Any, where: str, *, least: float = -math.inf, most: float = math.inf) -> float:
    """Return x as a float between the bounds; nan is accepted only without bounds."""
    try:
        converted = number(x)
    except (AutogradError, ArithmeticError, TypeError, ValueError) as error:
        raise StateError(f"{where} cannot be loaded: {error}") from None
    if isinstance(x, bool):
        raise StateError(f"{where} cannot be loaded: a number is needed, not {x}")
    if (least > -math.inf or most < math.inf) and not least <= converted <= most:
        raise StateError(f"{where} is {x!r}: a number from {short(least)} to {short(most)} is needed")
    return converted


def real_numbers(xs: Any, where: str, count: int, *, least: float = -math.inf, most: float = math.inf) -> list[float]:
    """Return a list of exactly `count` numbers."""
    if not isinstance(xs, (list, tuple)) or len(xs) != count:
        raise StateError(f"{where} is {shown(xs)}: a list of {count} numbers is needed")
    return [real_number(x, f"{where}[{index}]", least=least, most=most) for index, x in enumerate(xs)]


def whole_number(n: Any, where: str, *, least: int = 0, most: int = MOST) -> int:
    """Return n, a whole number between the bounds."""
    if type(n) is not int or not least <= n <= most:
        raise StateError(f"{where} is {shown(n)}: a whole number from {least} to {most} is needed")
    return n


def numbers_by_name(state: Any, names: Iterable[str], where: str) -> dict[str, float]:
    """Return the number of each name."""
    return {name: real_number(x, f"{where}, {name}") for name, x in entries(state, names, where).items()}


def generator_state(state: Any, where: str) -> tuple[Any, ...]:
    """Return the state of a random.Random for `setstate`: (3, 624 words and a place among them, a normal number or None)."""
    if not isinstance(state, (list, tuple)) or len(state) != 3 or not isinstance(state[1], (list, tuple)):
        raise StateError(f"{where} is {shown(state)}: the result of getstate() of a random.Random is needed, as a list")
    version, words, normal = state
    for index, word in enumerate(words):
        whole_number(word, f"{where}[1][{index}]", most=2**32 - 1)
    if normal is not None:
        real_number(normal, f"{where}[2]", least=-100.0, most=100.0)
    checked = (version, tuple(words), normal)
    try:
        random.Random().setstate(checked)
        if not any(words[:-1]):
            raise ValueError("it draws nothing but zeros")
    except (ValueError, TypeError, OverflowError) as error:
        raise StateError(f"{where} is the state of no generator ({error}); the result of getstate() is needed, as a list") from None
    return checked


def shown(x: Any) -> str:
    """Return the entry as text for a message, shortened if it is large or deeply nested."""
    try:
        return f"{x!r:.60}"
    except (RecursionError, ValueError):  # nested too deep, or an int of thousands of digits
        return f"{_kind(x)} too large to show"
