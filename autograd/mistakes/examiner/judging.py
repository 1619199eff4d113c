"""Judging: questions, their right answers, and the comparison of an engine's answers with them.

An answer arrives as lists of strings (`running.answer`), and is converted to numbers and compared here. Nothing that the engine's
process sends counts but the number itself.
"""

from __future__ import annotations

import builtins
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from random import Random
from typing import Any, Final, NamedTuple

from .catalogue import CRASH, MISSING
from .reference import right_answer
from .results import Outcome

__all__ = ["HUNG", "REFUSED", "Case", "Check", "Engine", "EngineEndedError", "Hung", "Raised", "attempt", "decoded", "is_the"]

REFUSED: Final = "an error, or nan"


class EngineEndedError(Exception):
    """The process of the engine ended, hung, or sent something that is not an answer."""


class Raised(NamedTuple):
    """The answer of a program that raised an exception."""

    name: str
    kinds: tuple[type[BaseException], ...]  # its built-in classes
    text: str

    def is_a(self, *kinds: type) -> bool:
        return any(issubclass(kind, kinds) for kind in self.kinds)

    def __str__(self) -> str:
        return f"{self.name}: {self.text}"[:200] if self.text else self.name


class Hung:
    """The answer of a program that was cut off."""

    def __str__(self) -> str:
        return "no answer within the time limit"


HUNG: Final = Hung()


class Case(NamedTuple):
    """A program, a question, the right answer, and known wrong answers."""

    program: str
    asked: str
    expected: Any
    known: Mapping[Any, str] = {}  # from a wrong answer, or the type of one or of an exception, to the mistake that it shows
    tolerance: float = 1e-9  # relative
    may_refuse: bool = False  # an exception is right too
    draw: Callable[[Random], str] | None = None  # draws a program of the same kind; None: the same program with other numbers
    draw_after: Sequence[str] = ()  # checks that must have passed for that program to show anything new


class Check(NamedTuple):
    """Cases in order of size; the first that fails is the finding."""

    name: str  # of the finding for a wrong answer that is not a known one
    points: int
    cases: Sequence[Case]
    after: Sequence[str] = ()  # the checks that this one builds on
    needs: str = ""  # an optional method or function of the engine
    refusals: tuple[type[BaseException], ...] = ()  # exceptions that mean that the engine does not offer this
    watched: str = ""  # a program after which the engine's process must be as large as before


class Engine:
    """An engine to be examined: the base of one in this process and of one in a separate process."""

    functions: Sequence[str] = ()  # the names of its functions besides methods

    def answer(self, program: str, asked: str) -> list[Any]:
        """Return the answer of `running.answer`."""
        raise NotImplementedError

    def offers(self, name: str) -> bool:
        """Return True if it has the method."""
        raise NotImplementedError

    def growth(self, program: str) -> int | None:
        """Return by how many bytes its process grew while it ran the program; None if that is not known."""
        return None

    def end(self) -> None:
        """End its process, if it has a separate one."""


def attempt(check: Check, engine: Engine, random: Random, failed: Collection[str]) -> Outcome:
    """Return the outcome of the check; `failed` has the checks that failed before it."""
    last = (check.cases[0].program, check.cases[0].asked, str(check.cases[0].expected))

    def answered(program: str, asked: str, expected: str) -> Any:
        nonlocal last
        last = program, asked, expected
        return decoded(engine.answer(program, asked))

    try:
        is_function = check.needs in engine.functions
        if check.needs and not is_function and not engine.offers(check.needs):
            return Outcome("not offered")
        for case in check.cases:
            program = _called(case.program, check.needs) if is_function else case.program
            got = answered(program, case.asked, str(case.expected))
            if isinstance(got, Raised) and got.is_a(*check.refusals) and not got.is_a(RecursionError):
                return Outcome("not offered")
            if not _is_right(got, case):
                lacks = ("TypeError: unsupported operand", "TypeError: bad operand")
                usual = MISSING if isinstance(got, Raised) and str(got).startswith(lacks) else check.name
                name = next((name for wrong, name in case.known.items() if is_the(got, wrong, case.tolerance)), usual)
                return Outcome("failed", name, *last, str(got))
        for case in check.cases:
            program = case.draw(random) if case.draw is not None else _with_other_numbers(case.program, random)
            is_number = isinstance(case.expected, float | tuple) or case.expected is REFUSED
            if program == case.program or not is_number or not set(failed).isdisjoint(case.draw_after):
                continue
            got = answered(_called(program, check.needs) if is_function else program, case.asked, "the computed number")
            # Computed only now: while the engine ran, the right answer existed nowhere.
            right = REFUSED if case.expected is REFUSED else right_answer(program, case.asked)
            if not _is_right(got, case._replace(expected=right)):
                return Outcome("failed", check.name, program, case.asked, str(right), str(got))
        if check.watched:
            last = check.watched, "memory", "a process as large as before"
            growth = engine.growth(check.watched)
            if growth is not None and growth > MOST_GROWTH:
                return Outcome("failed", check.name, *last, f"a process that grew by {growth / 2**20:.0f} MB")
    except EngineEndedError as error:
        return Outcome("failed", CRASH, *last, str(error))
    return Outcome("passed")


MOST_GROWTH = 3 * 2**20  # bytes


def _with_other_numbers(program: str, random: Random) -> str:
    """Return the program with each of its floats a little larger or smaller, so that its answer cannot be looked up."""
    drawn: dict[str, str] = {}

    def other(found: re.Match[str]) -> str:
        number = found.group()
        if number not in drawn:
            drawn[number] = repr(float(f"{float(number) * random.uniform(*SPREAD):.6g}"))
        return drawn[number]

    return re.sub(r"\d+\.\d+(?:e[-+]?\d+)?|\d+e[-+]?\d+", other, program)


SPREAD = (0.8, 1.25)


def _called(program: str, function: str) -> str:
    """Return the program with tanh(x) for x.tanh()."""
    return re.sub(rf"(\w+)\.{function}\(\)", rf"{function}(\1)", program)


def _is_right(got: Any, case: Case) -> bool:
    if case.may_refuse and isinstance(got, Raised):
        return not got.is_a(RecursionError)
    if case.expected is REFUSED:
        return isinstance(got, Raised) or (isinstance(got, float) and got != got)
    return is_the(got, case.expected, case.tolerance)


def is_the(got: Any, expected: Any, tolerance: float) -> bool:
    """Return True if the answer is that number, tuple of numbers or text, or is of that type."""
    if isinstance(expected, type):
        return isinstance(got, expected) or (isinstance(got, Raised) and got.is_a(expected))
    if isinstance(expected, tuple):
        is_tuple = type(got) is tuple and len(got) == len(expected)
        return is_tuple and all(is_the(x, y, tolerance) for x, y in zip(got, expected, strict=True))
    if not isinstance(expected, float) or not isinstance(got, float):
        return got is expected or (isinstance(got, str) and got == expected)
    return math.isclose(got, expected, rel_tol=tolerance) or (got != got and expected != expected)


def decoded(answer: Any) -> Any:
    """Return the answer as a number, a text, a tuple of them, a Raised or HUNG; raise an EngineEndedError for anything else."""
    try:
        kind, *parts = answer
        if kind == "tuple":
            return tuple(decoded(part) for part in parts[0])
        if kind == "raised":
            name, kinds, text = parts
            found = tuple(getattr(builtins, name) for name in kinds)
            classes = tuple(kind for kind in found if isinstance(kind, type) and issubclass(kind, BaseException))
            return Raised(str(name), classes, str(text))
        return READERS[kind](*parts)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, RecursionError):
        raise EngineEndedError(f"its process sent {answer!r:.60}, which is not an answer") from None


READERS: dict[str, Callable[..., Any]] = {
    "number": float.fromhex,
    "text": str,
    "complex": complex,
    "none": lambda: None,
    "hung": lambda: HUNG,
}
