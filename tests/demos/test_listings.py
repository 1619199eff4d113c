"""A lesson's file as steps."""

from __future__ import annotations

import re
from html import unescape

from demos.lesson import lessons
from demos.listings import Program

SOURCE = '''"""A lesson."""

import math

A = 1


def main(page):
    """What it does. And more."""
    a = 'text'
    page.say("""
        A long text that goes on and on until it is cut, since it is beside the program anyway.
        """)
    page.table([], [])
    other(page, a)
    page.say("the end")
    return a


def other(page, a):
    page.listing(helper(a))


def helper(a):
    return deeper(a)


def deeper(a):
    return math.pi * A
'''


def test_a_function_is_cut_after_what_it_shows() -> None:
    program = Program(SOURCE)
    assert [(step.function, step.first, step.last, step.doc) for step in program.steps] == [
        ("main", 8, 14, "What it does"),
        ("main", 15, 15, ""),
        ("main", 16, 17, ""),
        ("other", 20, 21, ""),
    ]
    assert program.step_at(21) == program.steps[-1]
    assert program.step_at(25) is None


def test_helpers_are_what_a_step_uses_and_what_that_uses() -> None:
    assert Program(SOURCE).helpers([(20, 21)]) == ["helper", "deeper"]
    assert Program(SOURCE).helpers([(16, 17)]) == []


def test_what_is_said_is_cut_short_in_the_code_and_nothing_else_is() -> None:
    program = Program(SOURCE)
    shown = unescape(re.sub("<[^>]+>", "", program.html([(8, 17)])))
    assert 'page.say("A long text that goes on and on until it is …")' in shown
    assert 'page.say("the end")' in shown
    assert "a = 'text'" in shown


def test_the_code_of_every_lesson_is_its_file_but_for_what_is_said() -> None:
    for lesson in lessons():
        program = lesson.program
        for name in program.definitions.keys() - program.speakers.keys() - {"answer"}:
            lines = program.lines_of(name)
            assert unescape(re.sub("<[^>]+>", "", program.html([lines]))) == program.text(*lines) + "\n"
        assert program.speakers, lesson.name
