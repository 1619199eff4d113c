"""The quiz of every lesson: there is one, it comes before the answers, and they are what the engine computes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from lesson_runs import EACH, QUICK, run_of

from autograd.table import TABLE
from autograd.value import Value
from demos import lesson_18_digits as digits
from demos.lesson import Lesson
from demos.page import Page

pytestmark = pytest.mark.thorough


def quiz_in(folder: Path) -> dict[str, Any]:
    """What the page of a quiz has: the graph, and the questions with their answers."""
    path = folder / "quiz.html"
    assert path.exists(), f"{folder.name} has no quiz"
    match = re.search(r"^const DATA = (.*);$", path.read_text(encoding="utf-8"), re.M)
    assert match is not None
    data: dict[str, Any] = json.loads(match[1])
    return data


def computed_again(graph: list[dict[str, Any]]) -> list[Value]:
    """The nodes of the page's graph, each operation run again from the leaves on, and one backward from the last."""
    nodes: list[Value] = []
    for each in graph:
        if "op" not in each:
            nodes.append(Value(each["data"]))
            continue
        arguments = [nodes[a] if isinstance(a, int) else a[0] for a in each["arguments"]]
        nodes.append(Value.__autograd_op__(TABLE[each["op"]], arguments, each.get("parameters", {})))
    nodes[-1].backward()
    return nodes


def answer(nodes: list[Value], kind: str, node: int, slot: int) -> float:
    found = nodes[node]
    if kind == "data":
        return found.data
    if kind == "adjoint":
        return found.grad
    _, partial, contribution, _ = found.edges[slot]
    return (partial if kind == "partial" else contribution) or 0.0


@pytest.mark.parametrize("lesson", EACH)
def test_every_lesson_has_a_quiz_whose_answers_the_engine_computes(lesson: Lesson) -> None:
    judge(quiz_in(run_of(lesson.name).page.folder))


def test_the_quiz_of_the_digits_has_the_slopes_of_the_cross_entropy(tmp_path: Path) -> None:
    digits.prediction(Page(tmp_path / "lesson"))
    data = quiz_in(tmp_path / "lesson")
    judge(data)
    assert [question["answer"] for question in data["quiz"]["questions"]] == pytest.approx([-5.0, 0.1, -0.8, 0.7])


def judge(data: dict[str, Any]) -> None:
    """Each answer is the number of the computation done again."""
    nodes = computed_again(data["nodes"])
    questions = data["quiz"]["questions"]
    assert questions
    for question in questions:
        assert question["answer"] == answer(nodes, *question["place"]), question["asked"]


@pytest.mark.parametrize("lesson", [lesson for lesson in QUICK if lesson.number <= 18], ids=lambda lesson: lesson.name)
def test_the_lectures_lessons_ask_before_they_answer(lesson: Lesson) -> None:
    blocks = run_of(lesson.name).page.html
    place = next(index for index, block in enumerate(blocks) if "/quiz.html" in block)
    assert not [block for block in blocks[:place] if "<table>" in block or "<iframe" in block]


@pytest.mark.parametrize("lesson", EACH)
def test_a_quiz_asks_for_names_and_not_for_numbers_of_nodes(lesson: Lesson) -> None:
    assert not [
        node["name"] for node in quiz_in(run_of(lesson.name).page.folder)["nodes"] if re.search(r"(^|\W)v\d+", node["name"])
    ]
