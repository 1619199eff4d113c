"""The Quarto shortcode, run by pandoc: a filter hands its arguments over as Quarto does. Quarto itself is not here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from needed import program

from autograd.courses import embedded

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "docs" / "quarto" / "_extensions" / "autograd"

pytestmark = pytest.mark.thorough

# Quarto gives positional arguments and the values of named ones as lists of inlines, in no order.
FILTER = """
local shortcodes = dofile("%s")
function Para(paragraph)
  local words = pandoc.utils.stringify(paragraph):match("^{{< autograd (.*) >}}$")
  if not words then return nil end
  local expression, rest = words:match('^"(.-)"(.*)$')
  local kwargs = {}
  for name, value in rest:gmatch("(%%S-)=(%%S+)") do kwargs[name] = { pandoc.Str(value) } end
  return shortcodes["autograd"]({ { pandoc.Str(expression) } }, kwargs, {}, {})
end
"""


def converted(folder: Path, document: str, to: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "filter.lua").write_text(FILTER % (FOLDER / "autograd.lua").as_posix())
    surroundings = {**os.environ, "QUARTO_PYTHON": sys.executable, "PYTHONPATH": str(ROOT), **environment}
    command = [program("pandoc", "pandoc"), "--from", "markdown-smart", "--to", to, "--lua-filter", "filter.lua"]
    return subprocess.run(command, input=document, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)


CODE = r'Before.{0}{0}{{{{< autograd "L = (a\*b + c)\*f" a=2 b=-3 c=10 f=-2 {1} >}}}}{0}{0}After.{0}'
NUMBERS = ["a=2", "b=-3", "c=10", "f=-2"]


@pytest.mark.parametrize("to", ["html", "revealjs"])
def test_a_web_page_shows_the_page_to_play_with(to: str, tmp_path: Path) -> None:
    done = converted(tmp_path, CODE.format("\n", "height=345"), to)
    assert done.stderr == ""
    assert embedded("L = (a*b + c)*f", NUMBERS).html(345) in done.stdout
    assert "<p>After.</p>" in done.stdout


@pytest.mark.parametrize("to", ["latex", "beamer"])
def test_latex_shows_the_picture(to: str, tmp_path: Path) -> None:
    done = converted(tmp_path, CODE.format("\n", "fold=box=a,b"), to)
    assert done.stderr == ""
    assert embedded("L = (a*b + c)*f", NUMBERS, fold=["box=a,b"]).latex() in done.stdout


def test_a_quiz_asks(tmp_path: Path) -> None:
    done = converted(tmp_path, CODE.format("\n", "quiz=true"), "html")
    assert embedded("L = (a*b + c)*f", NUMBERS, is_quiz=True).html() in done.stdout
    assert embedded("L = (a*b + c)*f", NUMBERS).html() in converted(tmp_path, CODE.format("\n", "quiz=false"), "html").stdout


def test_other_formats_show_the_expression(tmp_path: Path) -> None:
    done = converted(tmp_path, CODE.format("\n", ""), "plain", QUARTO_PYTHON="/nowhere")
    assert (done.returncode, done.stdout) == (0, "Before.\n\nL = (a*b + c)*f\n\nAfter.\n")


def test_a_mistake_stops_the_conversion_and_is_pointed_at(tmp_path: Path) -> None:
    done = converted(tmp_path, '{{< autograd "2\\^a" a=1 >}}\n', "html")
    assert done.returncode != 0
    assert "error: the power is written **: 2**a\n" in done.stderr


def test_the_extension_names_its_shortcode() -> None:
    described = (FOLDER / "_extension.yml").read_text(encoding="utf-8")
    assert re.search(r"^contributes:\n  shortcodes:\n    - autograd\.lua\n", described, re.MULTILINE)
    assert 'return { ["autograd"] = shown }' in (FOLDER / "autograd.lua").read_text(encoding="utf-8")
