"""Each lesson is run once in a session, however many tests ask for what it found.

    from lesson_runs import run_of
    run_of("cafeteria").outcome["y"]            what `main` returned
    run_of("cafeteria").text                    what it said in the terminal
    run_of("cafeteria").page.pictures           where its pictures are
    run_of("cafeteria").page.slopes["graph"]    of each node of that picture: the slope it is drawn with, and the tape's

    answer_of("cafeteria").text                 what happens in its experiment
    answer_of("cafeteria").outcomes             what `main` returned with each change

All of them write into one folder, as `python -m demos` does.
"""

import atexit
import contextlib
import functools
import io
import re
import tempfile
from html import unescape
from pathlib import Path
from typing import NamedTuple

import pytest

from autograd import record
from demos.gallery import write_section
from demos.lesson import Lesson, lessons, named
from demos.page import Page

SLOW = {"digits"}  # a minute of training, and no test of ours; its own tests learn from fewer examples
QUICK = [lesson for lesson in lessons() if lesson.name not in SLOW]
LONG = {"moons", "bugs"}  # some seconds each
EACH = [pytest.param(lesson, id=lesson.name, marks=pytest.mark.thorough if lesson.name in LONG else ()) for lesson in QUICK]


class Watched(Page):
    """A page that keeps, of each graph, the slopes that the picture shows beside those that the page to play with computes,
    and the names of its nodes, folded or not."""

    def __init__(self, folder, **options):
        super().__init__(folder, **options)
        self.slopes, self.names = {}, {}

    def graph(self, name, root, caption="", **options):
        slopes, tape = {}, record(root, names=options.get("names"))
        for step in tape.steps:
            if step.kind in ("seed", "backward"):
                node = step.node if step.operand is None else step.operand
                slopes[node] = (node.grad, step.after)
        self.slopes[name] = list(slopes.values())
        self.names[name] = list(tape.names.values())
        super().graph(name, root, caption, **options)


class Unsaved(Page):
    """A page that paints its pictures and writes none of them."""

    def figure(self, name, picture, caption="", play=None):
        self.say(caption)

    def graph(self, name, root, caption="", **options):
        self.say(caption)

    def play(self, name, page, caption, *, embedded=False):
        self.say(caption)


class Run(NamedTuple):
    """The results and files of a lesson's run."""

    outcome: dict
    text: str
    page: Watched


@functools.cache
def _folder():
    folder = tempfile.TemporaryDirectory(prefix="gallery")
    atexit.register(folder.cleanup)  # what is left to the garbage collector is a ResourceWarning
    return folder


def gallery_folder():
    """Where every lesson of this session writes."""
    return Path(_folder().name)


@functools.cache
def run_of(name):
    """The run of the lesson of this name; the first call runs it."""
    (lesson,) = named([name])
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        page = Watched(gallery_folder() / lesson.slug)
        outcome = lesson.run(page)
    write_section(lesson, page)
    return Run(outcome, said.getvalue(), page)


class Answer(NamedTuple):
    """What happens in a lesson's experiment: the text, its HTML, what each change found."""

    text: str
    html: list[str]
    outcomes: list[dict]


@functools.cache
def answer_of(name):
    """What happens in the experiment of the lesson of this name; the first call makes it."""
    run = run_of(name)
    (lesson,) = named([name])
    outcomes = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lesson, "experimented", lambda *a: outcomes.append(experimented(*a)) or outcomes[-1])
        html = lesson.what_happens(run.page, run.outcome)
    text = " ".join(re.sub(r"<[^>]+>", " ", "\n".join(html)).split())
    return Answer(unescape(text), html, outcomes)


experimented = Lesson.experimented
