"""Lessons as Jupyter notebooks: `python -m demos.notebooks 4` writes demos/out/notebooks/lesson_04_cafeteria.ipynb, executed.

A notebook is the lesson's own program, a step a cell, on a page that shows everything right there, with text between
(`demos.narrative`). Change a cell, run it and those below again, and see what comes of it. With no name, every lesson is turned
into a notebook.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import io
import mimetypes
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograd.errors import MissingExtraError
from autograd.files import expanded, write
from autograd.page import Page as Playable
from demos import terminal
from demos.experiments import GALLERY
from demos.lesson import Lesson, UnknownLessonError, named
from demos.narrative import cells_of
from demos.page import Page

__all__ = ["NotebookPage", "as_text", "execute", "show_answer"]

ROOT = Path(__file__).parent.parent
OUT = GALLERY / "notebooks"
LONGEST = 600  # seconds for one cell

STYLE = """<style>
.lesson table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.lesson caption { caption-side: bottom; text-align: left; opacity: .7; }
.lesson th, .lesson td { padding: .2rem 1rem .2rem 0; text-align: left; }
.lesson .number { text-align: right; }
.lesson .formula { font-family: "STIX Two Text", "Cambria Math", serif; border-left: 3px solid #0062a3; padding: .5rem 1rem; }
.lesson .listing { overflow-x: auto; font-size: .85rem; }
.lesson img { max-width: 100%; height: auto; }
.lesson figcaption { opacity: .7; }
</style>"""


# ------------------------------------------------------------------------------------------------------- inside a notebook


class NotebookPage(Page):
    """A page that shows each block in the cell that runs, as HTML; where HTML is not shown, as in the terminal."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(folder or Path(tempfile.mkdtemp()) / "lesson")
        self._display(STYLE, "")

    def say(self, text: str, **fields: Any) -> None:
        self._shown(super().say, text, **fields)

    def formula(self, text: str, **fields: Any) -> None:
        self._shown(super().formula, text, **fields)

    def listing(self, text: str) -> None:
        self._shown(super().listing, text)

    def table(self, *arguments: Any, **options: Any) -> None:
        self._shown(super().table, *arguments, **options)

    def figure(self, name: str, picture: Any, caption: str = "", play: Playable | None = None) -> None:
        self._shown(super().figure, name, picture, caption)
        if play:
            self.play(name, play, caption)

    def plot(self, *arguments: Any, **options: Any) -> None:
        self._shown(super().plot, *arguments, **options)

    def play(self, name: str, page: Playable, caption: str, *, embedded: bool = False) -> None:
        self._display(page._repr_html_(), f"{page.title}\n\n{page}")

    def _shown(self, write: Callable[..., None], *arguments: Any, **options: Any) -> None:
        first, text = len(self.html), io.StringIO()
        with contextlib.redirect_stdout(text):
            write(*arguments, **options)
        blocks = self.html[first:]
        self.html[first:] = []  # shown once, also where one method calls another
        if blocks:
            self._display("\n".join(map(self._inlined, blocks)), text.getvalue())

    def _inlined(self, block: str) -> str:
        """The block with its pictures inside, since a notebook travels alone."""

        def inside(match: re.Match[str]) -> str:
            path = self.folder / match[1]
            kind = mimetypes.guess_type(path.name)[0] or "image/svg+xml"
            return f'src="data:{kind};base64,{base64.b64encode(path.read_bytes()).decode("ascii")}"'

        block = re.sub(r'<a href="[^"]*">(<img [^>]*>)</a>', r"\1", block)
        return re.sub(rf'src="{re.escape(self.folder.name)}/([^"]+)"', inside, block)

    @staticmethod
    def _display(html: str, text: str) -> None:
        from IPython.display import display

        display({"text/html": f'<div class="lesson">{html}</div>', "text/plain": text}, raw=True)


def show_answer(name: str, outcome: Mapping[str, Any]) -> None:
    """Make the experiment of the lesson of this name, which found `outcome`, and show the answer, folded."""
    (lesson,) = named([name])
    page = NotebookPage()
    blocks = "\n".join(map(page._inlined, lesson.what_happens(page, outcome)))
    page._display(f"<details>\n<summary>What happens</summary>\n{blocks}\n</details>", "What happens is folded in here.")


# -------------------------------------------------------------------------------------------------------- making a notebook


def as_text(lesson: Lesson, here: Path = OUT) -> str:
    """The lesson in jupytext's percent format, for a notebook in this folder."""
    source = Path(str(lesson.module.__file__)).read_text(encoding="utf-8")
    try:
        place = Path(os.path.relpath(ROOT, here)).as_posix()
    except ValueError:  # another drive
        place = ROOT.as_posix()
    cells = [
        _markdown(f"# {lesson.title}\n\n{lesson.question}"),
        _code(
            f"import sys\n\nsys.path.insert(0, {place!r})  # where the project is, seen from here\n\n"
            "from demos.notebooks import NotebookPage\n\npage = NotebookPage()"
        ),
        *(_code(cell.text) if cell.is_code else _markdown(cell.text) for cell in cells_of(source)),
    ]
    if lesson.experiment:
        changes = [f"    {name} = {value!r}" for change in lesson.experiment.changes for name, value in change.items()]
        cells.append(_markdown("\n".join([f"**Try it.** {lesson.experiment.question}", "", *changes]).strip()))
    if lesson.experiment and lesson.experiment.changes:
        cells.append(_code(f"from demos.notebooks import show_answer\n\nshow_answer({lesson.slug!r}, outcome)"))
    return "\n\n".join(cells) + "\n"


def _markdown(text: str) -> str:
    return "# %% [markdown]\n" + "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def _code(text: str) -> str:
    return f"# %%\n{text}"


def execute(lesson: Lesson, folder: Path) -> tuple[Path, str]:
    """Write the lesson as a notebook with its results into this folder; its path, and what failed, or "".

    The file is signed, so that this user's JupyterLab trusts it and plays its pages.
    """
    try:
        import jupytext
        import nbclient
        import nbformat
        from nbformat.sign import NotebookNotary
    except ImportError:
        raise MissingExtraError("jupytext", "notebooks") from None
    folder.mkdir(parents=True, exist_ok=True)
    path, failure = folder / f"{lesson.slug}.ipynb", ""
    notebook = jupytext.reads(as_text(lesson, folder), fmt="py:percent")
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{place}"  # the same lesson is the same file
    os.environ.setdefault("TQDM_DISABLE", "1")  # a bar would stay in the notebook, frozen
    client = nbclient.NotebookClient(
        notebook,
        timeout=LONGEST,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=40"],  # errors alone: the kernel listens on this machine only, and warns of it each time
    )
    try:
        client.execute()
    except (nbclient.exceptions.CellExecutionError, nbclient.exceptions.CellTimeoutError) as error:
        failure = str(error)
    write(path, nbformat.writes(notebook) + "\n")
    NotebookNotary().sign(nbformat.read(path, as_version=nbformat.NO_CONVERT))
    return path, failure


def opening(folder: Path) -> str:
    """Return the command that opens the folder, with the JupyterLab of this environment."""
    program = Path(sys.executable).with_name("jupyter-lab").with_suffix(Path(sys.executable).suffix)
    if not program.exists():
        return f"python3 run.py notebooks installs JupyterLab, which opens them: jupyter lab {folder}"
    near = program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program
    return f"Open one with: {near} {folder}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the notebooks that the arguments ask for; the result is the process's exit code."""
    parser = argparse.ArgumentParser(prog="demos.notebooks", description="Turn lessons into executed Jupyter notebooks.")
    parser.add_argument("lesson", nargs="*", help="a lesson's name or number; all of them if none is given")
    parser.add_argument("--out", type=expanded, default=OUT, metavar="FOLDER", help=f"where they go ({OUT.name})")
    options = parser.parse_args(arguments)
    try:
        chosen = named(options.lesson)
    except UnknownLessonError as error:
        parser.error(str(error))
    failed = 0
    for place, lesson in enumerate(chosen, 1):
        start = time.perf_counter()
        try:
            path, failure = execute(lesson, options.out.resolve())
        except MissingExtraError as error:
            terminal.write(str(error), sys.stderr)
            return 1
        failed += bool(failure)
        ending = "FAILED" if failure else "done"
        terminal.write(f"  {place}/{len(chosen)}  {path.name}  {time.perf_counter() - start:.1f} s  {ending}")
        if failure:
            terminal.write(failure, sys.stderr)
    terminal.write(f"\n  {opening(options.out)}")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
