"""The README and the page for teachers: every block of code runs as a reader copies it, and prints what is printed beside it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$\n?", re.M | re.S)
CONTINUES = "# continues the block above\n"
ARROW = "# -> "
SCRIPT, SHELL = ["-W", "error", "-"], ["-W", "error", "-iq"]
NO_ECHO = "import sys; sys.displayhook = lambda x: None\n"  # what a shell shows beyond what is printed
# IPython, which notebooks run: each cell as it stands, and the last expression of it made ready to be shown, but not printed.
NOTEBOOK = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(history_load_length=0)
shell.history_manager.enabled = False
shell.displayhook.write_output_prompt = shell.displayhook.write_format_data = lambda *_: None
for cell in {cells!r}:
    shell.run_cell(cell).raise_error()
"""


class Block(NamedTuple):
    """A block of Python, and the output that the document shows: after `# ->` on its lines, then in a text block below it."""

    code: str
    output: str
    line: int


def blocks(document: Path, language: str = "python") -> Iterator[Block]:
    text = document.read_text(encoding="utf-8")
    fences = list(FENCE.finditer(text))
    for place, fence in enumerate(fences):
        if fence[1] != language:
            continue
        shown = [line.partition(ARROW)[2] + "\n" for line in fence[2].splitlines() if ARROW in line]
        after = fences[place + 1] if place + 1 < len(fences) else None
        if after and after[1] == "text" and not text[fence.end() : after.start()].strip():
            shown.append(after[2])
        yield Block(fence[2], "".join(shown), text.count("\n", 0, fence.start()) + 1)


def programs() -> Iterator[tuple[Path, Block]]:
    """Each block with those that it continues."""
    for document in DOCUMENTS:
        earlier = Block("", "", 0)
        for block in blocks(document):
            if block.code.startswith(CONTINUES):
                block = Block(f"{earlier.code}\n{block.code}", earlier.output + block.output, block.line)
            earlier = block
            yield document, block


PROGRAMS = [pytest.param(block, id=f"{document.name}:{block.line}") for document, block in programs()]


def run(arguments: list[str], code: str, folder: Path) -> tuple[str, str]:
    """What a fresh interpreter prints, and its complaints."""
    environment = os.environ | {
        "IPYTHONDIR": str(folder / ".ipython"),
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(
        [sys.executable, *arguments], input=code, capture_output=True, encoding="utf-8", env=environment, cwd=folder, timeout=120
    )
    return done.stdout, done.stderr


def test_every_document_shows_code_and_its_output() -> None:
    found = [block for document in DOCUMENTS for block in blocks(document)]
    assert len(found) >= 10
    assert sum(bool(block.output) for block in found) >= 8
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        assert ">>>" not in text, f"{document.name}: a prompt cannot be pasted"
        assert all(fence[1] for fence in FENCE.finditer(text)), f"{document.name}: a block names no language"
        assert len(re.findall("^```", text, re.M)) == 2 * len(FENCE.findall(text))


@pytest.mark.parametrize("block", PROGRAMS)
def test_a_block_runs_as_a_script_in_a_fresh_interpreter(block: Block, tmp_path: Path) -> None:
    assert run(SCRIPT, block.code, tmp_path) == (block.output, "")


@pytest.mark.parametrize("block", PROGRAMS)
def test_a_block_can_be_pasted_into_a_python_shell(block: Block, tmp_path: Path) -> None:
    printed, complaints = run(SHELL, NO_ECHO + block.code, tmp_path)
    assert not re.sub(r"(>>> |\.\.\. )", "", complaints).strip()
    assert printed == block.output


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_the_blocks_of_a_document_are_the_cells_of_one_notebook(document: Path, tmp_path: Path) -> None:
    cells = list(blocks(document))
    code = NOTEBOOK.format(cells=[cell.code for cell in cells])
    assert run(SCRIPT, code, tmp_path) == ("".join(cell.output for cell in cells), "")


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "ARCHITECTURE.md"], ids=lambda document: document.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, place = target.partition("#")
        assert "//" in target or (document.parent / path).exists(), target
        if place and "//" not in target:
            linked = (document.parent / path if path else document).read_text(encoding="utf-8")
            headings = [
                re.sub(r"[^\w\- ]", "", line.lstrip("# ")).lower().replace(" ", "-") for line in re.findall("^#+ .*", linked, re.M)
            ]
            assert place in headings, target


def test_the_commands_of_the_readme_are_there(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    known = subprocess.run([sys.executable, "run.py", "--help"], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60).stdout
    commands = re.findall(r"^python3 run\.py (\w+)", text, re.M)
    assert commands
    assert all(re.search(rf"\b{command}\b", known) for command in commands)
    (example,) = re.findall(r'`python -m autograd "(.+?)" (.+?)`', text)
    done = subprocess.run(
        [sys.executable, "-m", "autograd", example[0], *example[1].split()],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
