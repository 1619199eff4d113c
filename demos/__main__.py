"""The runner: `python -m demos` runs every lesson and writes the gallery; with names or numbers, those alone."""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from autograd.files import expanded
from demos import terminal
from demos.gallery import write_gallery, write_section
from demos.lesson import Lesson, UnknownLessonError, lessons, named
from demos.page import Page

OUT = Path(__file__).parent / "out"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for; the result is the process's exit code."""
    parser = argparse.ArgumentParser(prog="demos", description="Run the lessons, and write their pictures and a gallery.")
    parser.add_argument("lesson", nargs="*", help="a lesson's name or number; all of them if none is given")
    parser.add_argument("--list", action="store_true", help="say which lessons there are")
    parser.add_argument("--out", type=expanded, default=OUT, metavar="FOLDER", help="where the gallery goes (demos/out)")
    options = parser.parse_args(arguments)
    try:
        chosen = named(options.lesson)
    except UnknownLessonError as error:
        parser.error(str(error))
    if options.list:
        terminal.write(
            terminal.aligned(["", "name", "lesson"], [[str(x.number), x.name, x.title] for x in chosen], [True, False, False])
        )
        return 0
    return run(chosen, options.out)


def run(chosen: Sequence[Lesson], out: Path) -> int:
    """Run these lessons one after the other; one that fails is reported and does not stop the next."""
    rows: list[list[str]] = []
    for place, lesson in enumerate(chosen, 1):
        terminal.write(terminal.rule(f"{lesson.number} · {lesson.title}", f"{place}/{len(chosen)}" if len(chosen) > 1 else ""))
        terminal.write(terminal.faint(terminal.wrapped(lesson.question)) + "\n")
        start = time.perf_counter()
        page = Page(out / lesson.slug)
        try:
            lesson.run(page)
        except BrokenPipeError:
            raise
        except Exception:
            traceback.print_exc()
            ending = "FAILED"
        else:
            write_section(lesson, page)
            ending = "done"
            terminal.write(terminal.wrapped(f"Try it. {lesson.experiment}") + "\n" if lesson.experiment else "")
        rows.append([str(lesson.number), lesson.name, str(len(page.pictures)), f"{time.perf_counter() - start:.1f} s", ending])
    index = write_gallery(out, lessons())
    terminal.write(terminal.rule("the gallery"))
    terminal.write(terminal.aligned(["", "lesson", "pictures", "time", ""], rows, [True, False, True, True, False]))
    terminal.write(f"\n  Open {index.resolve().as_uri()}")
    return 1 if any(row[-1] == "FAILED" for row in rows) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader, `| head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
