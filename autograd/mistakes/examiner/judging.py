"""Judging: questions, their right answers, and what an answer that came from an engine is.

An answer comes as plain words and texts (`running.answer`), is read here into numbers, and is compared here. Nothing that the
engine's process says is believed but the number itself.
"""

from __future__ import annotations

import builtins
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from random import Random
from typing import Any, Final, NamedTuple, Protocol

from .catalogue import MISSING
from .reference import right_answer
from .results import Outcome

__all__ = ["HUNG", "REFUSED", "Case", "Check", "Engine", "EngineEndedError", "Hung", "Raised", "attempt", "decoded", "is_the"]

REFUSED: Final = "an error, or nan"


class EngineEndedError(Exception):
    """The process of the engine ended, hung, or sent what is no answer."""


class Raised(NamedTuple):
    """The answer of a program that raised."""

    name: str
    kinds: tuple[type[BaseException], ...]  # the built-in exceptions it belongs to
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
    """A program, a question, the right answer, and the wrong ones that are known."""

    program: str
    asked: str
    expected: Any
    known: Mapping[Any, str] = {}  # a wrong answer, or the type of one or of an exception: the mistake it gives away
    tolerance: float = 1e-9  # relative
    may_refuse: bool = False  # an exception is as good an answer
    draw: Callable[[Random], str] | None = None  # another program of its kind; None: the same with other numbers
    draw_after: Sequence[str] = ()  # checks without which that program says nothing new


class Check(NamedTuple):
    """Cases in order of size; the first that fails is the finding."""

    name: str  # of the finding, if the wrong answer is none of the known ones
    points: int
    cases: Sequence[Case]
    after: Sequence[str] = ()  # the checks that this one builds on
    needs: str = ""  # what an engine need not offer
    refusals: tuple[type[BaseException], ...] = ()  # exceptions that say that it does not
    watched: str = ""  # a program after which the engine's process is to be as large as before


class Engine(Protocol):
    """What is examined, in this process or in one of its own."""

    @property
    def functions(self) -> Sequence[str]:
        """What it offers beside methods."""

    def answer(self, program: str, asked: str) -> list[Any]:
        """What `running.answer` says of the program."""

    def offers(self, name: str) -> bool:
        """Whether it has the method."""

    def growth(self, program: str) -> int | None:
        """By how many bytes the process grew in running the program; None where that cannot be seen."""


def attempt(
    check: Check, engine: Engine, random: Random, failed: Collection[str], running: Callable[[str, str, str], None]
) -> Outcome:
    """What comes of the check, after those that `failed`; `running` is called first with each program, question and answer."""
    is_function = check.needs in engine.functions
    if check.needs and not is_function and not engine.offers(check.needs):
        return Outcome("not offered")

    def answered(program: str, asked: str, expected: str) -> Any:
        running(program, asked, expected)
        return decoded(engine.answer(program, asked))

    for case in check.cases:
        program = _called(case.program, check.needs) if is_function else case.program
        got = answered(program, case.asked, str(case.expected))
        if isinstance(got, Raised) and got.is_a(*check.refusals) and not got.is_a(RecursionError):
            return Outcome("not offered")
        if not _is_right(got, case):
            usual = MISSING if _lacks_operator(got) else check.name
            name = next((name for wrong, name in case.known.items() if is_the(got, wrong, case.tolerance)), usual)
            return Outcome("failed", name, program, case.asked, str(case.expected), str(got))
    for case in check.cases:
        program = case.draw(random) if case.draw is not None else _with_other_numbers(case.program, random)
        is_number = isinstance(case.expected, float | tuple) or case.expected is REFUSED
        if program == case.program or not is_number or not set(failed).isdisjoint(case.draw_after):
            continue
        got = answered(_called(program, check.needs) if is_function else program, case.asked, "what it computes")
        # Computed now: while the engine ran the right answer was nowhere to be found.
        right = REFUSED if case.expected is REFUSED else right_answer(program, case.asked)
        if not _is_right(got, case._replace(expected=right)):
            return Outcome("failed", check.name, program, case.asked, str(right), str(got))
    if check.watched:
        running(check.watched, "", "memory as before")
        growth = engine.growth(check.watched)
        if growth is not None and growth > MOST_GROWTH:
            got = f"a process that grew by {growth / 2**20:.0f} MB"
            return Outcome("failed", check.name, check.watched, "memory", "a process as large as before", got)
    return Outcome("passed")


MOST_GROWTH = 3 * 2**20  # bytes


def _with_other_numbers(program: str, random: Random) -> str:
    """The program with each of its floats a little larger or smaller, so that no answer can have been looked up."""
    drawn: dict[str, str] = {}

    def other(found: re.Match[str]) -> str:
        number = found.group()
        if number not in drawn:
            drawn[number] = repr(float(f"{float(number) * random.uniform(*SPREAD):.6g}"))
        return drawn[number]

    return re.sub(r"\d+\.\d+(?:e[-+]?\d+)?|\d+e[-+]?\d+", other, program)


SPREAD = (0.8, 1.25)


def _called(program: str, function: str) -> str:
    """tanh(x) for x.tanh()."""
    return re.sub(rf"(\w+)\.{function}\(\)", rf"{function}(\1)", program)


def _lacks_operator(got: Any) -> bool:
    return isinstance(got, Raised) and got.name == "TypeError" and got.text.startswith(("unsupported operand", "bad operand"))


def _is_right(got: Any, case: Case) -> bool:
    if case.may_refuse and isinstance(got, Raised):
        return not got.is_a(RecursionError)
    if case.expected is REFUSED:
        return isinstance(got, Raised) or (isinstance(got, float) and got != got)
    return is_the(got, case.expected, case.tolerance)


def is_the(got: Any, expected: Any, tolerance: float) -> bool:
    """Whether an answer is that number, tuple of numbers, text, or of that type."""
    if isinstance(expected, type):
        return isinstance(got, expected) or (isinstance(got, Raised) and got.is_a(expected))
    if isinstance(expected, tuple):
        return (
            type(got) is tuple
            and len(got) == len(expected)
            and all(is_the(x, y, tolerance) for x, y in zip(got, expected, strict=True))
        )
    if not isinstance(expected, float) or not isinstance(got, float):
        return got is expected or (isinstance(got, str) and got == expected)
    return math.isclose(got, expected, rel_tol=tolerance) or (got != got and expected != expected)


def decoded(answer: Any) -> Any:
    """The answer as a number, a text, a tuple of them, a Raised or HUNG; an EngineEndedError if it is none of these."""
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
        raise EngineEndedError(f"its process sent {answer!r:.60}, which is no answer") from None


READERS: dict[str, Callable[..., Any]] = {
    "number": float.fromhex,
    "text": str,
    "complex": complex,
    "none": lambda: None,
    "hung": lambda: HUNG,
}
