"""Each lesson is run once in a session, however many tests ask for what it found.

    from lesson_runs import run_of
    run_of("cafeteria").outcome["y"]            what `main` returned
    run_of("cafeteria").text                    what it said in the terminal
    run_of("cafeteria").page.pictures           where its pictures are

All of them write into one folder, as `python -m demos` does.
"""

import contextlib
import functools
import io
import tempfile
from pathlib import Path
from typing import NamedTuple

from demos.gallery import write_section
from demos.lesson import lessons, named
from demos.page import Page

SLOW = {"digits"}  # a minute of training, and no test of ours; its own tests learn from fewer examples
QUICK = [lesson for lesson in lessons() if lesson.name not in SLOW]


class Run(NamedTuple):
    """What running a lesson has left behind."""

    outcome: dict
    text: str
    page: Page


@functools.cache
def _folder():
    return tempfile.TemporaryDirectory(prefix="gallery")  # removed when Python ends


def gallery_folder():
    """Where every lesson of this session writes."""
    return Path(_folder().name)


@functools.cache
def run_of(name):
    """The run of the lesson of this name; the first call runs it."""
    (lesson,) = named([name])
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        page = Page(gallery_folder() / lesson.slug)
        outcome = lesson.run(page)
    write_section(lesson, page)
    return Run(outcome, said.getvalue(), page)
