"""The worksheet: a quiz whose page has no answer, in any form, neither in its file nor in its script's numbers."""

from __future__ import annotations

import base64
import json
import math
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd import ops, quiz, quiz_page
from autograd.show.quizzes import KINDS, Quiz
from autograd.value import Value

Browse = Callable[..., Any]


def ungainly() -> Value:
    """A graph whose numbers have digits by which they are known."""
    a, b, c = Value(1.3717, "a"), Value(-2.9131, "b"), Value(0.7193, "c")
    d = ops.tanh(a * b + c)
    d.label = "d"
    return d * d * a + ops.exp(c) * 1.7159 + ops.relu(b)


def forms(x: float) -> Iterator[str]:
    """How a number may be written."""
    yield repr(x).lstrip("-")
    yield x.hex().lstrip("-")
    yield from (f"{abs(x):.{digits}g}" for digits in range(4, 17))
    yield from (f"{abs(x):.{digits}f}" for digits in range(4, 17))
    yield f"{abs(x):.3e}"
    for order in "<>":
        packed = struct.pack(f"{order}d", x)
        yield packed.hex()
        yield base64.b64encode(packed).decode().rstrip("=")[:-1]
    yield base64.b64encode(repr(x).encode()).decode().rstrip("=")[:-1]
    yield repr(x)[::-1]


def secrets(questions: Quiz) -> list[float]:
    """The hidden numbers that are not shown elsewhere, nor as plain as 0 or 1."""
    shown: set[float] = set()
    hidden: set[float] = set()
    for i, node in enumerate(questions.nodes):
        places = [("data", i, 0), ("adjoint", i, 0)]
        places += [(kind, i, slot) for kind in ("partial", "contribution") for slot in range(len(node.operands))]
        for place in places:
            (hidden if place in questions.hidden else shown).add(abs(questions.value(place)))
    constants = {abs(a) for node in questions.nodes for a in node.arguments if type(a) is not Value}  # which the picture shows
    return [x for x in hidden - shown - constants if x != round(x, 2)]


@pytest.mark.parametrize("hide", [*KINDS, ["grads", "contributions"]], ids=str)
def test_no_answer_is_in_the_page(hide: Any) -> None:
    for seed in (None, 1, 2):
        questions = quiz(ungainly(), hide, seed=seed)
        page = quiz_page(questions, key=False).html
        with_key = quiz_page(questions).html
        assert secrets(questions)
        for x in secrets(questions):
            assert [form for form in forms(x) if form in page] == []
        answers = {abs(question.answer) for question in questions.questions} & set(secrets(questions))
        assert all(any(form in with_key for form in forms(x)) for x in answers)
        for number in range(1, len(questions.questions) + 1):  # a hint may give a local derivative in symbols
            assert questions.hints(number)[-1] not in page


NUMBERS = """() => {
  const lists = (node) => [...node.partials, ...node.flows, ...node.before, ...node.after];
  const found = nodes.flatMap((node) => [node.data, node.grad, node.sum, ...lists(node)]);
  const written = [...document.body.innerText.matchAll(/[\\d.]+(?:e[-+]?\\d+)?/g)].map((match) => match[0]);
  return [...found, ...written].map(Number);
}"""


@pytest.mark.parametrize("hide", KINDS)
def test_no_answer_is_in_the_memory_of_the_page_or_on_it(hide: str, browse: Browse, tmp_path: Path) -> None:
    questions = quiz(ungainly(), hide)
    page = browse(quiz_page(questions, key=False).save(tmp_path / "sheet.html"))
    assert page.evaluate("typeof autograd") == "undefined"
    page.mouse.move(300, 200)  # over the picture
    assert given_away(questions, page) == []
    assert given_away(questions, browse(quiz_page(questions).save(tmp_path / "key.html")))  # which it would find


def given_away(questions: Any, page: Any) -> list[float]:
    """The hidden numbers that are in the memory of a page, or written on it."""
    found = [abs(x) for x in page.evaluate(NUMBERS) if x is not None and math.isfinite(x)]
    return [x for x in secrets(questions) if any(math.isclose(x, y, rel_tol=1e-3) for y in found)]


def test_what_is_shown_is_what_the_picture_of_the_quiz_shows(browse: Browse, tmp_path: Path) -> None:
    questions = quiz(ungainly(), "grads", seed=2)
    pages = [browse(quiz_page(questions, key=key).save(tmp_path / f"{key}.html")) for key in (True, False)]
    texts = [page.evaluate("texts.map(({ element }) => element.textContent + element.getAttribute('class'))") for page in pages]
    cards = [[text for text in each if text] for each in texts]
    assert cards[0] == cards[1]


def test_answers_are_copied_as_a_list_that_the_quiz_checks(browse: Browse, tmp_path: Path) -> None:
    questions = quiz(ungainly(), seed=3)
    page = browse(quiz_page(questions, key=False).save(tmp_path / "sheet.html"))
    for field, question in zip(page.locator(".quiz input").all(), questions.questions, strict=True):
        field.fill(f"{question.answer:.4g}")
    assert page.locator("button.check, button.reveal, .quiz .key, .score").count() == 0
    page.evaluate("document.execCommand = () => (window.copied = document.activeElement.value, true)")
    page.get_by_role("button", name="Copy answers").click()
    assert all(feedback.is_right for feedback in questions.check(json.loads(page.evaluate("copied"))))
