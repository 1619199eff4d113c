"""The quiz as a page: the picture with blanks, a question for each, answers that are checked as `Quiz.check` does.

The rules for judging an answer are those of `autograd.show.quizzes`, whose feedback and known mistakes come as data. `quiz.js`
reads the numbers that are typed and shows what is solved.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from autograd.errors import OperandError
from autograd.page.document import HEIGHT, Page, page_of_graph
from autograd.page.formulas import html_of
from autograd.page.scene import number, scene
from autograd.page.shared import shared
from autograd.show import answers, questions
from autograd.show.dot_text import refuse_if_no_direction
from autograd.show.quizzes import Question, Quiz
from autograd.show.recording import recorded
from autograd.show.tape import Tape
from autograd.show.view import view_of
from autograd.text.mathml import MATHML
from autograd.text.numbers import short

__all__ = ["feedback", "quiz_page"]


def quiz_page(
    quiz: Quiz,
    path: str | Path | None = None,
    *,
    key: bool = True,
    rankdir: str | None = None,
    title: str = "",
    height: int = HEIGHT,
) -> Page:
    """The quiz as an interactive page, written to `path` if there is one; the same quiz gives the same bytes.

    Answers are typed beside the picture and checked at once; each question has its hints, one by one, and the answer.
    With key=False the page is a worksheet: it has no answer in any form, checks nothing, and copies what was typed as a list,
    which `quiz.check` takes. rankdir as for `to_html`; `title` is the page's heading, `height` its pixels in a notebook.
    """
    if type(quiz) is not Quiz:
        raise OperandError(f"quiz_page takes a quiz, quiz_page(quiz(root, seed=3)), not {quiz!r:.60}")
    if rankdir is not None:
        refuse_if_no_direction(rankdir)
    root = quiz.nodes[-1]
    heading = title or f"Quiz: {root.label}"
    view = view_of(root)
    seen, _ = scene(Tape(recorded(view)), rankdir)
    data = {**seen, "missing": {}, "answers": feedback(), "quiz": _data(quiz)} if key else _without_key(quiz, seen)
    scripts = ("answers.js", "quiz.js", "quiz.css") if key else ("worksheet.js", "quiz.css")
    code = shared() + "const [OPERATIONS, CONDITIONS] = [{}, []];\n"
    options = {"height": height, "picture": quiz.drawing(rankdir=rankdir or "LR").image}
    return page_of_graph(heading, escape(heading), quiz.text(), data, code, scripts, path, **options)


EDGE = ("partial", "contribution")  # what an edge has
MISTAKES = (
    "FLOW",
    "WHOLE",
    "LOCAL",
    "UPSTREAM",
    "ONE_OF_TWO",
    "ONE_OF_MANY",
    "LOCALS",
    "UPSTREAMS",
    "PRODUCT_OF_TWO",
    "PRODUCT_OF_MANY",
)


def feedback() -> dict[str, Any]:
    """Return the rules by which a page judges answers, and the words of its feedback."""
    words = {name.lower(): getattr(answers, name) for name in ("RIGHT", "ROUGH", "SIGN", "WRONG", "UNREADABLE")}
    mistakes = {name.lower(): getattr(questions, name) for name in MISTAKES}
    return {**words, "shown": answers.SHOWN, "enough": answers.ENOUGH, "mistakes": mistakes}


def _data(quiz: Quiz) -> dict[str, Any]:
    return {"questions": [_question(quiz, question) for question in quiz.questions], "hidden": sorted(quiz.hidden)}


def _without_key(quiz: Quiz, seen: dict[str, Any]) -> dict[str, Any]:
    """The data of a worksheet: of all numbers only those that its picture shows, and no formula, since a slope may be a number."""
    shown = {
        (kind, i, slot): number(quiz.value((kind, i, slot)))
        for i, node in enumerate(quiz.nodes)
        for kind, slot in [("data", 0), ("adjoint", 0), *[(kind, s) for kind in EDGE for s in range(len(node.operands))]]
    }
    closed = {("partial", i, s) for i, node in enumerate(quiz.nodes) for s, edge in enumerate(node.edges) if not edge[-1]}
    given = [[place, None if place in closed else x] for place, x in shown.items() if place not in quiz.hidden]
    nodes = [_bare(node, ("data", i, 0) in quiz.hidden) for i, node in enumerate(seen["nodes"])]
    steps = [{name: step[name] for name in ("kind", "nodes", "edges") if name in step} for step in seen["steps"]]
    notation = quiz.notation(MATHML)
    asked = [
        {"place": place, "asked": question.asked, "html": html_of([notation.write(quiz.asked(question.number))])}
        for place, question in zip(quiz.places, quiz.questions, strict=True)
    ]
    plain = {"nodes": nodes, "steps": [{**step, "words": [], "formula": []} for step in steps], "templates": [], "kinds": []}
    return {**seen, **plain, "missing": {}, "worksheet": {"questions": asked, "given": given}}


def _bare(node: dict[str, Any], is_hidden: bool) -> dict[str, Any]:
    """The node of a page without its number, if that is hidden, and without local derivatives and formulas."""
    kept = {name: x for name, x in node.items() if name not in ("partials", "slopes", "gradient", "kind")}
    return {**kept, "data": None} if is_hidden else kept


def _question(quiz: Quiz, question: Question) -> dict[str, Any]:
    i, notation = question.number, quiz.notation(MATHML)
    asked, answer = notation.write(quiz.asked(i)), MATHML.digits(short(question.answer), question.answer).text
    hints = zip(quiz.hints(i)[:-1], quiz.early_hints(i), strict=False)
    return {
        "place": quiz.places[i - 1],
        "asked": question.asked,
        "answer": number(question.answer),
        "mistakes": [[x, words] for x, words in question.mistakes],
        "html": html_of([asked]),
        "key": html_of([asked, answer]),
        "hints": [(text, html_of(notation.parts(hint)) if isinstance(hint, list) else escape(text)) for text, hint in hints],
    }
