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
from autograd.show import answers
from autograd.show.dot_text import refuse_if_no_direction
from autograd.show.quizzes import Question, Quiz
from autograd.show.recording import recorded
from autograd.show.scene import scene_of
from autograd.show.tape import Tape
from autograd.show.view import view_of
from autograd.text.mathml import MATHML
from autograd.text.numbers import short

__all__ = ["quiz_page"]


def quiz_page(quiz: Quiz, path: str | Path | None = None, *, rankdir: str = "LR", title: str = "", height: int = HEIGHT) -> Page:
    """The quiz as an interactive page, written to `path` if there is one; the same quiz gives the same bytes.

    Answers are typed beside the picture and checked at once; each question has its hints, one by one, and the answer.
    The leaves stay as they are. rankdir as for `draw`; `title` is the page's heading, `height` its pixels in a notebook.
    """
    if type(quiz) is not Quiz:
        raise OperandError(f"quiz_page takes a quiz, quiz_page(quiz(root, seed=3)), not {quiz!r:.60}")
    refuse_if_no_direction(rankdir)
    root = quiz.nodes[-1]
    heading = title or f"Quiz: {root.label}"
    view = view_of(root)
    seen, _ = scene(Tape(recorded(view)), scene_of(view), rankdir)
    data = {**seen, "missing": {}, "quiz": _data(quiz)}
    code = shared() + "const [OPERATIONS, CONDITIONS] = [{}, []];\n"
    options = {"height": height, "picture": quiz.drawing(rankdir=rankdir).image}
    return page_of_graph(heading, escape(heading), quiz.text(), data, code, ("quiz.js", "quiz.css"), path, **options)


def _data(quiz: Quiz) -> dict[str, Any]:
    words = {name.lower(): getattr(answers, name) for name in ("RIGHT", "ROUGH", "SIGN", "WRONG", "UNREADABLE")}
    return {
        "questions": [_question(quiz, question) for question in quiz.questions],
        "hidden": sorted(quiz.hidden),
        "words": words,
        "shown": answers.SHOWN,
        "enough": answers.ENOUGH,
    }


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
