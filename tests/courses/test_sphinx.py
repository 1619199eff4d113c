"""The directive: documents that Sphinx builds show the page, LaTeX the picture, and a mistake is reported at its line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograd.courses import embedded

pytest.importorskip("sphinx")

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.thorough

DOCUMENT = """
Title
=====

.. autograd:: L = (a*b + c)*f
   :numbers: a=2 b=-3 c=10 f=-2
   :height: 333

.. autograd:: E = (tanh(w*x) - t)**2
   :numbers: w=2 x=3
             t=1
   :fold: neuron=w
   :quiz:
"""


def built(folder: Path, builder: str, document: str) -> tuple[str, str]:
    """What Sphinx writes of the document, and its warnings."""
    latex = 'latex_documents = [("index", "p.tex", "p", "a", "howto")]'
    (folder / "conf.py").write_text(f'extensions = ["autograd.courses.sphinx"]\nproject = "p"\n{latex}\n')
    (folder / "index.rst").write_text(document, encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "--no-color", "-b", builder, ".", "out"]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=True)
    written = folder / "out" / {"html": "index.html", "latex": "p.tex"}[builder]
    return written.read_text(encoding="utf-8"), done.stderr


def test_html_has_the_pages(tmp_path: Path) -> None:
    html, warnings = built(tmp_path, "html", DOCUMENT)
    assert warnings == ""
    assert embedded("L = (a*b + c)*f", ["a=2", "b=-3", "c=10", "f=-2"]).html(333) in html
    assert embedded("E = (tanh(w*x) - t)**2", ["w=2", "x=3", "t=1"], is_quiz=True).html() in html
    assert "tikzpicture" not in html


def test_latex_has_the_pictures_and_loads_tikz(tmp_path: Path) -> None:
    latex, warnings = built(tmp_path, "latex", DOCUMENT)
    assert warnings == ""
    assert embedded("L = (a*b + c)*f", ["a=2", "b=-3", "c=10", "f=-2"]).latex() in latex
    assert latex.count(r"\begin{tikzpicture}") == 2
    assert r"\usepackage{tikz}" in latex
    assert "<iframe" not in latex


@pytest.mark.parametrize(
    ("directive", "message"),
    [
        (".. autograd:: 2^a\n   :numbers: a=1", "index.rst:2: ERROR: the power is written **: 2**a\n  2^a\n  ^"),
        (".. autograd:: a*2\n   :numbers: a=1 b=2", "ERROR: b does not occur in the expression a*2"),
        (".. autograd:: log(a)\n   :numbers: a=-1", "ERROR: log(-1.0): a = -1.0 is outside (0, inf)"),
        (".. autograd:: a*2\n   :numbers: a=1\n   :height: tall", "invalid option value"),
    ],
)
def test_a_mistake_is_reported_at_its_line(directive: str, message: str, tmp_path: Path) -> None:
    html, warnings = built(tmp_path, "html", f"\n{directive}\n")
    assert message in warnings
    assert "<iframe" not in html


def test_without_an_engine_html_has_its_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_ENGINE", "none")
    html, warnings = built(tmp_path, "html", DOCUMENT)
    assert (html.count("<iframe"), warnings) == (2, "")
