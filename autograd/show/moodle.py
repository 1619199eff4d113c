"""Questions for a learning platform: Moodle XML and GIFT, the two formats that Moodle imports and that others read too.

    >>> item = Item("L 01: ∂L/∂a", "<p>What is ∂L/∂a?</p>", 6.0, [(-6.0, "the sign is wrong")], ["look at b"], "it is 6")
    >>> print(to_gift([item], "L"))
    $CATEGORY: $course$/top/L
    <BLANKLINE>
    ::L 01\\: ∂L/∂a::[html]<p>What is ∂L/∂a?</p>{#
    =%100%6.0:0.05
    =%0%-6.0:0.05#the sign is wrong
    ####it is 6}
    <BLANKLINE>

Texts are HTML with formulas as `\\(...\\)`, which Moodle's MathJax filter writes. An answer is right within half a unit of its
second digit, as `answers.judged` asks for two digits, but never where a known mistake is nearer.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from autograd.show.answers import ENOUGH, WORDS

__all__ = ["Item", "to_gift", "to_moodle"]

SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\~=#{}:"} | {"\n": r"\n", "\r": ""})  # of GIFT


class Item(NamedTuple):
    """A question whose answer is one number; the texts but `name` are HTML."""

    name: str
    text: str
    answer: float
    mistakes: Sequence[tuple[float, str]]  # what a known mistake gives, and the feedback on it
    hints: Sequence[str]
    explanation: str  # shown at the end


def tolerance(x: float, others: Sequence[float] = ()) -> float:
    """Half a unit of the second digit of x, or half the way to the nearest of the others.

    >>> tolerance(0.4197), tolerance(-6.0), tolerance(6.0, [6.02]), tolerance(0.0)
    (0.005, 0.05, 0.01, 0.0)
    """
    if x == 0.0:
        return 0.0
    half = 5.0 * 10.0 ** (math.floor(math.log10(abs(x))) - ENOUGH)
    return float(f"{min([half, *(abs(x - other) / 2 for other in others)]):.6g}")


def _answers(item: Item) -> Iterator[tuple[str, float | None, int, str]]:
    """Every answer as text, its tolerance, the percentage of the mark, and the feedback; no tolerance for a word such as inf."""
    x = item.answer
    if not math.isfinite(x):
        yield from ((word, None, 100, "") for word, value in WORDS.items() if value == x or (value != value and x != x))
        return
    yield _digits(x), tolerance(x, [wrong for wrong, _ in item.mistakes]), 100, ""
    for wrong, words in item.mistakes:
        yield _digits(wrong), tolerance(wrong), 0, words


def _digits(x: float) -> str:
    return f"{Decimal(repr(x)):f}"  # without an exponent, which not every reader of GIFT knows


def _plain(text: str) -> str:
    return "".join([c if c.isprintable() or c == "\n" else " " for c in text])  # XML has no control characters


# ------------------------------------------------------------------------------------------------------------------------- XML


def to_moodle(items: Sequence[Item], category: str) -> str:
    """Return the questions as Moodle XML, in a category of the course into which they are imported."""
    quiz = ET.Element("quiz")
    _text(ET.SubElement(ET.SubElement(quiz, "question", type="category"), "category"), _path(category))
    for item in items:
        is_number = math.isfinite(item.answer)
        question = ET.SubElement(quiz, "question", type="numerical" if is_number else "shortanswer")
        _text(ET.SubElement(question, "name"), item.name)
        _text(ET.SubElement(question, "questiontext", format="html"), item.text)
        _text(ET.SubElement(question, "generalfeedback", format="html"), item.explanation)
        ET.SubElement(question, "defaultgrade").text = "1"
        if not is_number:
            ET.SubElement(question, "usecase").text = "0"
        for text, within, percent, feedback in _answers(item):
            answer = ET.SubElement(question, "answer", fraction=str(percent), format="moodle_auto_format")
            _text(answer, text)
            _text(ET.SubElement(answer, "feedback", format="html"), feedback)
            if within is not None:
                ET.SubElement(answer, "tolerance").text = _digits(within)
        for hint in item.hints:
            _text(ET.SubElement(question, "hint", format="html"), hint)
    ET.indent(quiz)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(quiz, encoding="unicode", short_empty_elements=False)}\n'


def _text(element: ET.Element, text: str) -> None:
    ET.SubElement(element, "text").text = _plain(text)


def _path(category: str) -> str:
    name = _plain(category).replace("\n", " ").replace("/", "//")  # a single stroke begins a category inside it
    return f"$course$/top/{name}"


# ------------------------------------------------------------------------------------------------------------------------ GIFT


def to_gift(items: Sequence[Item], category: str) -> str:
    """Return the questions as GIFT, which has no hints."""
    questions = [f"$CATEGORY: {_path(category)}\n"]
    for item in items:
        sign = "#" if math.isfinite(item.answer) else ""
        lines = [f"::{_escaped(item.name)}::[html]{_escaped(item.text)}{{{sign}"]
        for text, within, percent, feedback in _answers(item):
            margin = "" if within is None else f":{_digits(within)}"
            lines.append(f"=%{percent}%{text}{margin}{'#' * bool(feedback)}{_escaped(feedback)}")
        questions.append("\n".join([*lines, f"####{_escaped(item.explanation)}}}\n"]))
    return "\n".join(questions)


def _escaped(text: str) -> str:
    return _plain(text).translate(SPECIAL)
