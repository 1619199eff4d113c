"""A lesson as the runner sees it: a file of this folder, with its number, name, title and question."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from demos.page import Page

__all__ = ["PARTS", "Lesson", "Part", "UnknownLessonError", "lessons", "named", "part_of"]

FILE = re.compile(r"lesson_(\d+)_(\w+)\.py")


class Part(NamedTuple):
    """A part of the lecture: the number of its first lesson, its title, and its title in Spanish."""

    first: int
    title: str
    spanish: str = ""


PARTS = (
    Part(0, "Begin here"),
    Part(1, "Multilayer networks", "redes multicapa"),
    Part(4, "The linear neuron", "neurona lineal"),
    Part(10, "The sigmoid neuron", "neurona sigmoidal"),
    Part(12, "Hidden neurons", "neuronas ocultas"),
    Part(14, "The backpropagation algorithm", "algoritmo de propagación de errores"),
    Part(16, "Beyond the lecture"),
)


class UnknownLessonError(LookupError):
    """A name or number that no lesson has."""


@dataclass(frozen=True)
class Lesson:
    """One module `demos.lesson_NN_name`; all of it is read from the file, so nothing is written twice."""

    number: int
    name: str
    module: ModuleType

    @property
    def title(self) -> str:
        """The docstring's first sentence, without its full stop."""
        return (self.module.__doc__ or "").partition("\n")[0].rstrip(".")

    @property
    def question(self) -> str:
        """The rest of the docstring, as one paragraph."""
        return " ".join((self.module.__doc__ or "").partition("\n")[2].split())

    @property
    def experiment(self) -> str:
        """The experiment for the reader."""
        return getattr(self.module, "TRY", "")

    @property
    def slug(self) -> str:
        """The name of its folder of pictures, and of its place in the gallery."""
        return self.module.__name__.rpartition(".")[2]

    def run(self, page: Page) -> Mapping[str, Any]:
        """Do the lesson on this page; the result is what it found."""
        outcome: Mapping[str, Any] = self.module.main(page)
        return outcome


def part_of(lesson: Lesson) -> Part:
    """The part of the lecture that a lesson belongs to: the last one that begins with it or before."""
    return next((part for part in reversed(PARTS) if part.first <= lesson.number), PARTS[0])


def lessons() -> list[Lesson]:
    """Every lesson, in the lecture's order."""
    matches = [match for path in Path(__file__).parent.iterdir() if (match := FILE.fullmatch(path.name))]
    found = [Lesson(int(m[1]), m[2], importlib.import_module(f"demos.{m[0].removesuffix('.py')}")) for m in matches]
    return sorted(found, key=lambda lesson: (lesson.number, lesson.name))


def named(names: Sequence[str]) -> list[Lesson]:
    """The lessons of these names or numbers, in the lecture's order; all of them if none is named."""
    every = lessons()
    chosen: set[str] = set()
    for name in names:
        fitting = [
            lesson for lesson in every if name in (lesson.name, lesson.slug) or (name.isdecimal() and int(name) == lesson.number)
        ]
        if not fitting:
            known = ", ".join(f"{lesson.number} {lesson.name}" for lesson in every)
            raise UnknownLessonError(f"there is no lesson {name!r}; choose from: {known}")
        chosen.update(lesson.slug for lesson in fitting)
    return [lesson for lesson in every if not names or lesson.slug in chosen]
