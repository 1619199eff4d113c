"""Pages inside documents: what is shown of an expression, and the command that prints it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from every import every

from autograd import Value, draw, quiz, quiz_page, to_html
from autograd.courses import HEIGHT, embedded
from autograd.courses.__main__ import main
from autograd.errors import RenderError
from autograd.expressions import Refusal

LECTURE = ["L = a*b", "a=2", "b=-3"]


def lecture() -> Value:
    L = Value(2.0, "a") * Value(-3.0, "b")
    L.label = "L"
    L.backward()
    return L


def page_in(html: str) -> tuple[str, int]:
    """The page inside the <iframe>, and its height."""
    found = re.fullmatch(
        r'<iframe sandbox="allow-scripts" title="[^"]*" style="width: 100%; height: (\d+)px; border: 0" srcdoc="([^"]*)"></iframe>',
        html,
    )
    assert found
    return unescape(found[2]), int(found[1])


def test_html_is_the_page_in_a_frame_of_that_height() -> None:
    embedding = embedded(LECTURE[0], LECTURE[1:])
    assert page_in(embedding.html(300)) == (to_html(lecture()).html, 300)
    assert page_in(embedding.html())[1] == HEIGHT


def test_a_quiz_is_the_page_of_a_quiz_and_its_picture() -> None:
    embedding = embedded(LECTURE[0], LECTURE[1:], is_quiz=True)
    assert page_in(embedding.html())[0] == quiz_page(quiz(lecture())).html
    assert quiz(lecture()).drawing().tikz() in embedding.latex()


def test_latex_is_the_picture_no_wider_than_the_text() -> None:
    latex = embedded(LECTURE[0], LECTURE[1:]).latex()
    fitted = r"\par\noindent\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
    assert latex == f"{fitted}\n{draw(lecture()).tikz()}}}"


def test_fold_draws_a_box() -> None:
    embedding = embedded("E = (tanh(w*x + b) - t)**2", ["w=1", "x=2", "b=0", "t=1"], fold=["neuron=w,b"])
    assert "{neuron}" in embedding.latex()
    assert '"neuron"' in page_in(embedding.html())[0]


@every("case", [("2^a", ["a=1"], ()), ("a*b", ["a=1"], ()), ("a*2", ["a=1"], ("box=c",))])
def test_what_cannot_be_read_is_refused(case: tuple[str, list[str], tuple[str, ...]]) -> None:
    expression, numbers, fold = case
    with pytest.raises(Refusal):
        embedded(expression, numbers, fold=fold)


def test_the_command_prints_the_page_or_the_picture_as_utf_8(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    embedding = embedded(LECTURE[0], LECTURE[1:])
    assert main([f" {LECTURE[0]}", *LECTURE[1:], "--height", "300"]) == 0
    assert capfdbinary.readouterr().out.decode() == f"{embedding.html(300)}\n"
    assert main([*LECTURE, "--latex", "--fold", "box=a,b"]) == 0
    assert "{box}" in capfdbinary.readouterr().out.decode()
    assert main([*LECTURE, "--quiz"]) == 0
    assert '"questions":' in page_in(capfdbinary.readouterr().out.decode().strip())[0]


def test_the_command_refuses_and_points_as_the_other_does(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["2^a", "a=1"]) == 2
    assert capsys.readouterr() == ("", "error: the power is written **: 2**a\n  2^a\n  ^\n")
    assert main(["log(a)", "a=-1"]) == 1
    capsys.readouterr()
    monkeypatch.setenv("AUTOGRAD_ENGINE", "none")
    assert main([*LECTURE, "--latex"]) == 1
    assert "pip install" in capsys.readouterr().err
    with pytest.raises(RenderError):
        embedded(LECTURE[0], LECTURE[1:]).latex()
