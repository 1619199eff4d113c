"""The quiz for Moodle: both formats are read back by readers written from Moodle's documentation, and graded as Moodle grades."""

from __future__ import annotations

import base64
import html
import math
import re
from pathlib import Path
from typing import Any, NamedTuple
from xml.dom import minidom

import pytest
from every import every
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, exp, quiz, to_latex
from autograd.errors import OptionError, RenderError
from autograd.show.moodle import Item, to_gift, to_moodle, tolerance
from autograd.show.quizzes import Quiz

KINDS = ["grads", "data", "partials", "contributions"]


class Imported(NamedTuple):
    """A question as a learning platform keeps it."""

    name: str
    kind: str  # "numerical" or "shortanswer"
    text: str
    answers: list[tuple[str, float, float, str]]  # text, tolerance, fraction of the mark, feedback
    explanation: str
    hints: list[str]

    def graded(self, response: str) -> tuple[float, str]:
        """The fraction and the feedback of the first answer that fits, as Moodle finds it."""
        for text, within, fraction, feedback in self.answers:
            if text == response if self.kind == "shortanswer" else abs(float(text) - float(response)) <= within:
                return fraction, feedback
        return 0.0, ""


def text_of(node: Any, *path: str) -> str:
    for name in path:
        node = next(child for child in node.childNodes if child.nodeName == name)
    return "".join(child.data for child in node.childNodes)


def read_xml(source: str) -> tuple[str, list[Imported]]:
    """The category and the questions of Moodle XML."""
    first, *questions = minidom.parseString(source.encode()).getElementsByTagName("question")
    assert first.getAttribute("type") == "category"
    found = []
    for question in questions:
        kind = question.getAttribute("type")
        answers = []
        for answer in question.getElementsByTagName("answer"):
            within = float(text_of(answer, "tolerance")) if kind == "numerical" else 0.0
            fraction = float(answer.getAttribute("fraction")) / 100
            answers.append((text_of(answer, "text"), within, fraction, text_of(answer, "feedback", "text")))
        text, explanation = text_of(question, "questiontext", "text"), text_of(question, "generalfeedback", "text")
        hints = [text_of(hint, "text") for hint in question.getElementsByTagName("hint")]
        found.append(Imported(text_of(question, "name", "text"), kind, text, answers, explanation, hints))
    return text_of(first, "category", "text"), found


MARK = "\0"  # before each special character that a backslash escaped


def unescaped(text: str) -> str:
    return text.replace(MARK + "n", "\n").replace(MARK, "")


def parts(text: str, sign: str) -> list[str]:
    """The text split at the sign, where it is not escaped."""
    return re.split(f"(?<!{MARK}){re.escape(sign)}", text)


def read_gift(source: str) -> tuple[str, list[Imported]]:
    """The category and the questions of GIFT; questions are separated by empty lines."""
    assert set(re.findall(r"\\(.)", source)) <= set("\\~=#{}:n")
    marked = re.sub(r"\\(.)", lambda match: MARK + match[1], source)
    first, *blocks = [block.strip() for block in marked.split("\n\n") if block.strip()]
    found = []
    for block in blocks:
        _, name, rest = parts(block, "::")
        text, body = parts(rest, "{")
        assert text.startswith("[html]")
        assert body.endswith("}")
        assert not body.endswith(MARK + "}")
        given, explanation = parts(body[:-1], "####")
        kind, given = ("numerical", given[1:]) if given.startswith("#") else ("shortanswer", given)
        answers = []
        for answer in parts(given.strip(), "=")[1:]:
            match = re.fullmatch(r"%(\d+)%([^#]*)(?:#(.*))?", answer.strip(), re.DOTALL)
            assert match, answer
            number, _, within = match[2].strip().partition(":")
            answers.append((unescaped(number), float(within or 0), float(match[1]) / 100, unescaped(match[3] or "")))
        found.append(Imported(unescaped(name), kind, unescaped(text[6:]), answers, unescaped(explanation), []))
    return first.removeprefix("$CATEGORY: "), found


def lecture() -> Quiz:
    a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    L = (a * b + c) * f + a * a
    L.label = "L"
    return quiz(L, hide=KINDS)


READERS = {"xml": (Quiz.to_moodle, read_xml), "gift": (Quiz.to_gift, read_gift)}
formats = pytest.mark.parametrize(("write", "read"), READERS.values(), ids=READERS)


@formats
def test_every_question_is_read_back_with_its_answer_mistakes_and_explanation(write: Any, read: Any) -> None:
    q = lecture()
    category, questions = read(write(q))
    assert category == "$course$/top/Quiz: L"
    assert len(questions) == len(q) > 15
    for question, imported in zip(q.questions, questions, strict=True):
        assert imported.name == f"L {question.number:02}: {question.asked}"
        assert float(imported.answers[0][0]) == question.answer
        wrong = [(float(text), fraction, words) for text, _, fraction, words in imported.answers[1:]]
        assert wrong == [(-question.answer, 0.0, "the sign is wrong"), *((x, 0.0, words) for x, words in question.mistakes)]
        assert imported.explanation == "<br>".join(q.hints(question.number))


def test_moodle_has_the_hints_without_the_answer() -> None:
    q = lecture()
    for number, imported in enumerate(read_xml(q.to_moodle())[1], 1):
        assert imported.hints == list(q.hints(number)[:-1])


@formats
def test_moodle_grades_as_check_does(write: Any, read: Any) -> None:
    q = lecture()
    for question, imported in zip(q.questions, read(write(q))[1], strict=True):
        given = [question.answer, -question.answer, 3.7e5, *(x for x, _ in question.mistakes)]
        for response in [f"{x:.4g}" for x in given]:
            ours = q.check(question.number, response)
            assert imported.graded(response) == (float(ours.is_right), "" if ours.words in ("right", "not yet") else ours.words)


@formats
def test_the_text_has_formulas_in_latex_and_the_picture_with_blanks(write: Any, read: Any) -> None:
    q = lecture()
    texts = [imported.text for imported in read(write(q))[1]]
    picture = re.search(r'<img alt="([^"]*)" style="[^"]*" src="data:image/svg\+xml;base64,([^"]*)">', texts[0])
    assert picture
    assert base64.b64decode(picture[2]).decode() == q.drawing().svg()
    assert "v1     a·b       [1]" in picture[1]
    assert texts[0].startswith(rf"<p>\(L = {to_latex(q.nodes[-1])}\)</p>")
    asked = [text[text.rindex("<p>") :] for text in texts]
    assert asked[0] == r"<p>[1] \(v_{1} = {?}\)</p>"
    assert asked[6] == r"<p>[7] \(\frac{\partial L}{\partial L} \cdot \frac{\partial L}{\partial v_{3}}\text{ (local)} = {?}\)</p>"
    assert r"\frac{\partial v_{4}}{\partial a}\text{ (operand 2)} = {?}" in "".join(asked)
    assert r"\frac{\partial L}{\partial v_{3}}\text{ (local)} = {?}" in "".join(asked)


ODD = '{x} = ~1 # ::a\\n\\ <b> & "c"//'


@formats
def test_labels_with_the_signs_of_the_format_come_back_as_they_are(write: Any, read: Any) -> None:
    root = Value(2.0, ODD) * 3.0
    root.label = "a/b\n\x07"
    category, (imported,) = read(write(quiz(root)))
    assert category.rstrip() == "$course$/top/Quiz: a//b"
    assert imported.name.endswith(f"∂({ODD})")
    assert html.unescape(imported.explanation).startswith(f"{ODD} is used once")
    assert "<b>" not in imported.explanation


@formats
def test_an_answer_that_is_no_finite_number_is_asked_as_a_word(write: Any, read: Any) -> None:
    x = Value(0.0, "x")
    q = quiz(x.sqrt() + x)
    infinite = next(imported for imported in read(write(q))[1] if imported.kind == "shortanswer")
    assert infinite.graded("inf") == infinite.graded("∞") == (1.0, "")
    assert infinite.graded("-inf")[0] == infinite.graded("nan")[0] == 0.0
    item = Item("n", "t", math.nan, [], [], "e")
    writer = {Quiz.to_moodle: to_moodle, Quiz.to_gift: to_gift}[write]
    (undefined,) = read(writer([item], "c"))[1]
    assert [answer[0] for answer in undefined.answers] == ["nan"]


@formats
def test_a_small_number_is_written_without_an_exponent(write: Any, read: Any) -> None:
    source = write(quiz(exp(Value(-20.0, "x"))))
    assert read(source)[1][0].answers[0][0] == "0.000000002061153622438558"


@given(st.floats(1e-300, 1e300) | st.integers(1, 10**6), st.sampled_from([1, -1]))
def test_an_answer_rounded_to_two_digits_is_right(x: float, sign: int) -> None:
    rounded = float(f"{x:.1e}")
    assert abs(sign * rounded - sign * x) <= tolerance(sign * x) * 1.00001


@every("x", [3.0, -0.02, 417.0])
def test_a_known_mistake_nearby_is_not_taken_for_the_answer(x: float) -> None:
    mistake = x * 1.003
    assert tolerance(x, [mistake]) < abs(mistake - x) < tolerance(x)


@every("suffix", [".xml", ".gift", ".txt", ".md"])
def test_the_suffix_names_the_format(suffix: str, tmp_path: Path) -> None:
    q = lecture()
    written = q.save(tmp_path / f"new/q{suffix.upper()}").read_text(encoding="utf-8")
    assert written == {".xml": q.to_moodle, ".md": q.to_markdown}.get(suffix, q.to_gift)()


def test_other_suffixes_are_refused_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"'q.html': the suffix names the format; quiz_page\(quiz, path\) writes the page"):
        lecture().save(tmp_path / "q.html")
    with pytest.raises(OptionError, match=r"'q': the suffix names the format; give one of .xml, .gift, .txt, .md"):
        lecture().save(tmp_path / "q")


def test_without_an_engine_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_ENGINE", "none")
    with pytest.raises(RenderError, match="pip install"):
        lecture().to_moodle()
