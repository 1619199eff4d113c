"""The scripts of whole pages: every name that they use is defined, once."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from examples import lecture

import nn
from autograd import quiz, quiz_page, to_html
from autograd.page import Page

ROOT = Path(__file__).parents[2]
OXLINT = shutil.which("oxlint", path=str(Path(sys.executable).parent))

pytestmark = pytest.mark.skipif(OXLINT is None, reason="oxlint has no build for this machine")


def film() -> Page:
    return nn.page(nn.MLP(2, [3, 1], activation="tanh", seed=1), ([[0.0, 1.0], [1.0, 0.0]], [0.0, 1.0]), epochs=2)


PAGES: dict[str, Callable[[], Page]] = {
    "page": lambda: to_html(lecture()),
    "quiz": lambda: quiz_page(quiz(lecture(), seed=3)),
    "film": film,
}


def lint(script: str, folder: Path) -> str:
    """What the linter complains of, one line a complaint."""
    path = folder / "script.js"
    path.write_text(script, encoding="utf-8")
    options = ["-c", str(ROOT / ".oxlintrc.json"), "-D", "no-undef", "-D", "no-redeclare", "--format", "unix"]
    return subprocess.run([str(OXLINT), *options, str(path)], capture_output=True, text=True, check=False).stdout


def script_of(page: Page) -> str:
    found = re.search(r"<script>\n(.*)</script>", page.html, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("name", PAGES)
def test_every_name_of_a_script_is_defined_once(name: str, tmp_path: Path) -> None:
    complaints = lint(script_of(PAGES[name]()), tmp_path)
    assert not re.findall(r".*(?:no-undef|no-redeclare).*", complaints)


def test_an_unknown_name_and_one_of_the_browser_are_found(tmp_path: Path) -> None:
    script = f"{script_of(film())}\nfunction escape() {{ return unknown; }}\n"
    complaints = lint(script, tmp_path)
    assert "'unknown' is not defined" in complaints
    assert "'escape' is already defined" in complaints
