"""Lessons as cells: run one after the other, they say and find what the lesson does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lesson_runs import EACH, Unsaved

from demos.lesson import Lesson
from demos.narrative import cells_of

QUICK = {"chain_rule", "cafeteria", "sigmoid", "batch_online"}
RUN = [
    pytest.param(*each.values, id=each.id, marks=[*each.marks, *([] if each.id in QUICK else [pytest.mark.long])]) for each in EACH
]

SOURCE = '''"""A lesson."""

from math import pi

A = 2.0


def main(page):
    """Do it."""
    a = helper(A)
    # Why it is so: 2 * 3.
    page.say("A text with a *.")
    page.table([], [[a]])
    page.say("The end is {a}.", a=a)
    return first(page, a) | second(page, 5) | third(page)


def helper(a):
    return a * pi


def first(page, a):
    """The first of them. It clashes with nothing."""
    b = a + 1
    page.listing(f"b = {b}")
    return {"b": b}


def second(page, a):
    """The second: its a is another."""
    page.listing(f"a = {a}")
    return {"a": a}


def third(page):
    if A > 1:
        return {"early": True}
    page.say("never")
    return {}
'''


def test_a_step_is_a_cell_with_text_between() -> None:
    cells = cells_of(SOURCE)
    assert [cell.text for cell in cells] == [
        "from math import pi",
        "A = 2.0",
        "## Do it",
        "def helper(a):\n    return a * pi",
        "a = helper(A)",
        "Why it is so: 2 \\* 3.",
        "A text with a \\*.",
        "page.table([], [[a]])",
        'page.say("The end is {a}.", a=a)',
        "## The first of them. It clashes with nothing",
        'b = a + 1\npage.listing(f"b = {b}")',
        'first_found = {"b": b}',
        "## The second: its a is another",
        'def second(page, a):\n    """The second: its a is another."""\n    page.listing(f"a = {a}")\n    return {"a": a}',
        "second_found = second(page, 5)",
        'def third(page):\n    if A > 1:\n        return {"early": True}\n    page.say("never")\n    return {}',
        "third_found = third(page)",
        "outcome = first_found | second_found | third_found",
    ]
    assert [place for place, cell in enumerate(cells) if not cell.is_code] == [2, 5, 6, 9, 12]


@pytest.mark.parametrize("lesson", RUN)
def test_the_cells_of_a_lesson_find_and_say_what_the_lesson_does(
    lesson: Lesson, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = lesson.run(Unsaved(tmp_path / "lesson"))
    said = capsys.readouterr().out
    names: dict[str, Any] = {"page": Unsaved(tmp_path / "cells"), "__name__": "__main__"}
    for cell in cells_of(lesson.program.source):
        if cell.is_code:
            exec(compile(cell.text, "cell", "exec", dont_inherit=True), names)
        elif not cell.text.startswith("## "):
            print(cell.text)
    assert names["outcome"] == found
    assert capsys.readouterr().out.replace("\\", "").split() == said.replace("\\", "").split()
