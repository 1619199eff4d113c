"""A lesson as the runner sees it: a file of this folder, with its number, name, title and question."""

from __future__ import annotations

import contextlib
import importlib
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from autograd.errors import AutogradError
from demos.experiments import ConstantError, Try, changed, constants, shell, started
from demos.listings import Program
from demos.page import Page, command

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
    changes: Mapping[str, Any] = field(default_factory=dict)  # constants that are not the lecture's

    @property
    def title(self) -> str:
        """The docstring's first sentence, without its full stop."""
        return (self.module.__doc__ or "").partition("\n")[0].rstrip(".")

    @property
    def question(self) -> str:
        """The rest of the docstring, as one paragraph."""
        return " ".join((self.module.__doc__ or "").partition("\n")[2].split())

    @property
    def experiment(self) -> Try | None:
        """The experiment for the reader."""
        return getattr(self.module, "TRY", None)

    @property
    def constants(self) -> dict[str, Any]:
        """The constants that can be changed, and their values."""
        return constants(self.module)

    def with_constants(self, changes: Mapping[str, Any]) -> Lesson:
        """The lesson with other values of these constants."""
        every = {**self.changes, **changes}
        with _refused(every):
            return replace(self, module=changed(self.module, every), changes=every)

    @property
    def slug(self) -> str:
        """The name of its folder of pictures, and of its place in the gallery."""
        return self.module.__name__.rpartition(".")[2]

    @property
    def file(self) -> str:
        """The name of its page of the gallery."""
        return f"{self.slug.removeprefix('lesson_')}.html"

    @property
    def program(self) -> Program:
        """Its source; empty, if it has no file."""
        path = getattr(self.module, "__file__", None)
        return Program(Path(path).read_text(encoding="utf-8") if path else "")

    def run(self, page: Page) -> Mapping[str, Any]:
        """Do the lesson on this page; the result is what it found."""
        with _refused(self.changes):
            outcome: Mapping[str, Any] = self.module.main(page)
            if not _is_finite(outcome):
                raise OverflowError("a number of the lesson is not finite")
            return outcome

    def commands(self) -> list[str]:
        """What one types to make each change of the experiment."""
        changes = self.experiment.changes if self.experiment else ()
        return [
            " ".join([started(), str(self.number), *[shell(name, value) for name, value in change.items()]]) for change in changes
        ]

    def experimented(self, change: Mapping[str, Any], page: Page) -> Mapping[str, Any]:
        """Do the lesson with these changes and without a word in the terminal; the result is what it found."""
        with contextlib.redirect_stdout(io.StringIO()):
            return self.with_constants(change).run(page)

    def what_happens(self, page: Page, usual: Mapping[str, Any]) -> list[str]:
        """Make the experiment beside this page of the lesson, which found `usual`; what happens, as blocks of HTML."""
        if self.experiment is None or not self.experiment.changes or self.changes:
            return []
        pages = [
            Page(page.folder / f"try-{place}", root=page.root, only=self.experiment.pictures)
            for place in range(1, len(self.experiment.changes) + 1)
        ]
        outcomes = [self.experimented(change, each) for change, each in zip(self.experiment.changes, pages, strict=True)]
        answer = Page(page.folder / "try", root=page.root)
        with contextlib.redirect_stdout(io.StringIO()):
            self.module.answer(answer, usual, *outcomes)
        drawn = [[command(typed), *each.drawn] for typed, each in zip(self.commands(), pages, strict=True) if each.drawn]
        return [*answer.html, *[block for blocks in drawn for block in (blocks if len(drawn) > 1 else blocks[1:])]]


def _is_finite(found: Any) -> bool:
    """True if no number in these nested results is infinite or NaN."""
    if isinstance(found, Mapping):
        return all(map(_is_finite, found.values()))
    if isinstance(found, list | tuple):
        return all(map(_is_finite, found))
    return not isinstance(found, float) or math.isfinite(found)


@contextlib.contextmanager
def _refused(changes: Mapping[str, Any]) -> Iterator[None]:
    """If constants were changed: what the engine refuses in the block is an error about constants."""
    try:
        yield
    except OverflowError as error:
        if not changes:
            raise
        raise ConstantError(
            "with these constants the numbers grow beyond what a float can hold; take a smaller rate or fewer steps"
        ) from error
    except AutogradError as error:
        if not changes:
            raise
        raise ConstantError(f"these constants do not fit together: {error}") from error


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
