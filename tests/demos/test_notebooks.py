"""Tests of the notebooks: the cells are the lesson's own code, and one lesson runs as a notebook from end to end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from autograd.errors import MissingExtraError
from demos import notebooks
from demos.lesson import named

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """The notebook of the cafeteria, made by the command."""
    folder = tmp_path_factory.mktemp("notebooks")
    done = subprocess.run(
        [sys.executable, "-m", "demos.notebooks", "cafeteria", "--out", str(folder)],
        cwd=ROOT, capture_output=True, encoding="utf-8", timeout=300,
        env={**os.environ, "JUPYTER_DATA_DIR": str(folder / "jupyter")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "lesson_04_cafeteria.ipynb" in done.stdout
    path = folder / "lesson_04_cafeteria.ipynb"
    assert is_trusted(path, folder / "jupyter")
    assert not is_trusted(path, folder / "another")
    return json.loads(path.read_text(encoding="utf-8"))


def is_trusted(path, data):
    """Whether the notebook server of the user with this folder of data plays what the notebook holds."""
    data.mkdir(exist_ok=True)
    return NotebookNotary(data_dir=str(data)).check_signature(nbformat.read(path, as_version=4))


def outputs_of(notebook):
    return [output for cell in notebook["cells"] for output in cell.get("outputs", [])]


def test_a_notebook_opens_with_the_question_and_ends_with_something_to_try(notebook):
    (lesson,) = named(["cafeteria"])
    first, last, answer = ("".join(notebook["cells"][place]["source"]) for place in (0, -2, -1))
    assert first == f"# {lesson.title}\n\n{lesson.question}"
    assert last.startswith(f"**Try it.** {lesson.experiment.question}")
    assert "    FIRST_WEEK = " in last
    assert "show_answer" in answer
    assert "<summary>What happens</summary>" in "".join(notebook["cells"][-1]["outputs"][-1]["data"]["text/html"])


def test_every_cell_was_run_in_order_and_none_failed(notebook):
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert {output["output_type"] for output in outputs_of(notebook)} == {"display_data"}  # no error, nothing on stderr


def test_a_step_is_a_cell_with_text_between(notebook):
    showing = [cell for cell in notebook["cells"] if cell.get("outputs")]
    assert len(showing) >= 8
    texts = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    assert "## One step of the delta rule, by hand and by the engine" in texts
    assert any(text.startswith("The engine knows no delta rule.") for text in texts)
    assert not any("def main" in "".join(cell["source"]) for cell in notebook["cells"])


def test_numbers_and_pictures_stand_in_the_notebook_each_once(notebook):
    html = ["".join(output["data"]["text/html"]) for output in outputs_of(notebook)]
    text = " ".join(" ".join("".join(output["data"]["text/plain"]).split()) for output in outputs_of(notebook))
    assert "coffee 5 0.50 +0.50 −17.50 +0.50 1.00 0.50" in text
    assert sum("<table>" in block for block in html) == 4
    assert sum("data:image/svg+xml;base64," in block for block in html) == 5  # two figures, the stills of two pages, the answer
    assert not [block for block in html if 'href="' in block]  # nothing outside is needed
    assert sum('<iframe sandbox="allow-scripts"' in block for block in html) == 2  # the quiz, and the graph to play with


def test_a_notebook_is_the_same_file_again_but_for_what_it_shows(notebook, tmp_path):
    (lesson,) = named(["cafeteria"])
    assert [cell["id"] for cell in notebook["cells"]] == [f"cell-{place}" for place in range(len(notebook["cells"]))]
    assert notebooks.as_text(lesson, tmp_path) == notebooks.as_text(lesson, tmp_path)


def test_without_jupytext_it_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "jupytext", None)
    with pytest.raises(MissingExtraError, match=r"scalar-autograd\[notebooks\]"):
        notebooks.execute(named(["cafeteria"])[0], tmp_path)
    assert notebooks.main(["cafeteria", "--out", str(tmp_path)]) == 1
    assert "scalar-autograd[notebooks]" in capsys.readouterr().err


def test_an_unknown_lesson_is_refused(capsys):
    with pytest.raises(SystemExit):
        notebooks.main(["tea"])
    assert "no lesson 'tea'" in capsys.readouterr().err


def test_the_closing_line_opens_the_notebooks_with_what_is_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv" / "bin" / "python"))
    assert notebooks.opening(Path("out")) == "python3 run.py notebooks installs JupyterLab, which opens them: jupyter lab out"
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "jupyter-lab").touch()
    assert notebooks.opening(Path("out")) == "Open one with: .venv/bin/jupyter-lab out"
