"""The runner: `python -m demos` runs every lesson and writes the gallery; with names or numbers, those alone."""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd.files import expanded
from demos import terminal
from demos.experiments import GALLERY, ConstantError, literal, shell
from demos.gallery import write_gallery, write_section
from demos.lesson import Lesson, UnknownLessonError, lessons, named
from demos.page import Page, filled


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for; the result is the process's exit code."""
    parser = argparse.ArgumentParser(prog="demos", description="Run the lessons, and write their pictures and a gallery.")
    parser.add_argument("lesson", nargs="*", help="a lesson's name or number; all of them if none is given")
    parser.add_argument("--list", action="store_true", help="say which lessons there are")
    parser.add_argument("--out", type=expanded, default=GALLERY, metavar="FOLDER", help=f"where the gallery goes ({GALLERY.name})")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help='a constant of the one lesson, in capitals in its file, and another value of it: --set WEEKS="[(3, 1)]"',
    )
    options = parser.parse_args(arguments)
    try:
        chosen = named(options.lesson)
        if options.set:
            chosen = [_changed(chosen, dict(map(literal, options.set)))]
    except (UnknownLessonError, ConstantError) as error:
        parser.error(str(error))
    if options.list:
        terminal.write(
            terminal.aligned(["", "name", "lesson"], [[str(x.number), x.name, x.title] for x in chosen], [True, False, False])
        )
        return 0
    return run(chosen, options.out)


def _changed(chosen: Sequence[Lesson], values: dict[str, Any]) -> Lesson:
    """The one lesson with other constants."""
    if len(chosen) != 1:
        raise ConstantError(f"--set is for one lesson, and {len(chosen)} are chosen; name one, such as 6")
    return chosen[0].with_constants(values)


def run(chosen: Sequence[Lesson], out: Path) -> int:
    """Run these lessons one after the other; one that fails is reported and does not stop the next."""
    rows: list[list[str]] = []
    for place, lesson in enumerate(chosen, 1):
        terminal.write(terminal.rule(f"{lesson.number} · {lesson.title}", f"{place}/{len(chosen)}" if len(chosen) > 1 else ""))
        terminal.write(terminal.faint(terminal.wrapped(lesson.question)) + "\n")
        for name, value in lesson.changes.items():
            terminal.write(f"    {shell(name, value)}\n")
        start = time.perf_counter()
        page = Page(out / lesson.slug)
        try:
            usual = lesson.run(page)
            write_section(lesson, page, lesson.what_happens(page, usual))
        except BrokenPipeError:
            raise
        except ConstantError as error:
            terminal.write(terminal.wrapped(str(error)), sys.stderr)
            ending = "FAILED"
        except Exception:
            traceback.print_exc()
            ending = "FAILED"
        else:
            ending = "done"
            _invite(lesson)
        rows.append([str(lesson.number), lesson.name, str(len(page.pictures)), f"{time.perf_counter() - start:.1f} s", ending])
    index = write_gallery(out, lessons())
    terminal.write(terminal.rule("the gallery"))
    terminal.write(terminal.aligned(["", "lesson", "pictures", "time", ""], rows, [True, False, True, True, False]))
    terminal.write(f"\n  Open {index.resolve().as_uri()}")
    return 1 if any(row[-1] == "FAILED" for row in rows) else 0


def _invite(lesson: Lesson) -> None:
    """Say what to try, and what to type for it."""
    if lesson.experiment:
        terminal.write(terminal.wrapped(filled("Try it. {question}", question=lesson.experiment.question)) + "\n")
        terminal.write("\n".join(f"    {command}" for command in lesson.commands()) + "\n")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader, `| head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
