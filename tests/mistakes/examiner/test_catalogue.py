"""The catalogue of mistakes: each is described once, completely, and both laboratory and examiner read it."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from autograd.mistakes.examiner import CHECKS, MISTAKES, WHY, catalogue

FOLDER = Path(catalogue.__file__).parent
FILE = tomllib.loads((FOLDER / "catalogue.toml").read_text(encoding="utf-8"))
every_mistake = pytest.mark.parametrize("mistake", MISTAKES.values(), ids=list(MISTAKES))


def test_there_are_34_mistakes_with_titles_and_names_that_differ():
    assert len(MISTAKES) == len({mistake.title for mistake in MISTAKES.values()}) == 34
    assert all(name == mistake.name and name.isidentifier() for name, mistake in MISTAKES.items())


@every_mistake
def test_every_field_is_read_from_the_file(mistake):
    entry = FILE["mistakes"][mistake.name]
    assert {"name", "pictured", *entry} == set(vars(mistake))
    assert mistake.program.splitlines() == entry["program"].strip().splitlines()
    assert (mistake.title, mistake.was, mistake.now, mistake.asked) == tuple(entry[key] for key in ("title", "was", "now", "asked"))
    assert mistake.story.split() == entry["story"].split()
    assert "\n" not in mistake.story
    assert "\n" not in mistake.why


@every_mistake
def test_programs_ask_for_what_they_make_and_pictures_show_y(mistake):
    drawn = ast.parse(mistake.pictured or mistake.program)
    assert "y" in {node.id for node in ast.walk(drawn) if isinstance(node, ast.Name)}
    made = {node.id for node in ast.walk(ast.parse(mistake.program)) if isinstance(node, ast.Name)}
    assert {node.id for node in ast.walk(ast.parse(mistake.asked)) if isinstance(node, ast.Name)} <= made


@every_mistake
def test_answers_are_numbers_tuples_and_names_of_exceptions(mistake):
    for answer in (mistake.right, mistake.wrong):
        for part in answer if isinstance(answer, tuple) else (answer,):
            assert type(part) in (float, bool, complex) or re.fullmatch(r"[A-Z]\w+Error", part)
        assert not isinstance(answer, tuple) or len(answer) == len(ast.parse(mistake.asked).body[0].value.elts)


@every_mistake
def test_the_examiner_teaches_what_the_catalogue_says(mistake):
    assert WHY[mistake.title] == mistake.why
    named = {check.name for check in CHECKS.values()}
    named |= {name for check in CHECKS.values() for case in check.cases for name in case.known.values()}
    assert mistake.title in named


def test_no_text_of_the_catalogue_is_written_again_in_the_code():
    """Titles, programs and lessons are in one file; the modules name a mistake by its key."""
    texts = {text for mistake in MISTAKES.values() for text in (mistake.title, mistake.program, mistake.story, mistake.why)}
    for path in sorted(FOLDER.parent.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        assert not strings & texts, path.name
