"""Real JupyterLab: Run All shows every output, a received notebook shows pictures, a signed one plays, a widget follows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from notebook_frames import see

pytestmark = pytest.mark.server
ROOT = Path(__file__).parents[2]

Visit = Callable[..., Any]

CELLS = {
    "graph": "import nn\nfrom autograd import Value, draw, quiz, quiz_page, record, to_html\n"
    "a, b, c = Value(2.0, 'a'), Value(-3.0, 'b'), Value(10.0, 'c')\nL = (a * b + c) * 2\nL.label = 'L'\nL.backward()\nto_html(L)",
    "folded": "to_html(nn.MLP(2, [4, 4, 1], seed=1)([Value(1.0, 'x'), Value(-2.0, 'y')]), fold='neuron', height=500)",
    "quiz": "quiz_page(quiz(L, seed=3))",
    "film": "nn.page(nn.MLP(2, [3, 1], seed=1), ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]), epochs=3)",
    "draw": "draw(L)",
    "node": "L",
    "tape": "record(L)",
}
PLAYING = ("graph", "folded", "quiz", "film")
WIDGET = [
    "from autograd import Value, to_widget\na, b = Value(2.0, 'a'), Value(-3.0, 'b')\nw = to_widget(a * b)\n"
    "w.observe(lambda change: open('seen.txt', 'w').write(f'{a.data} {w.root.data}'), 'values')\nw",
    "import time\na.data = 4.0\nfor _ in range(3): time.sleep(0.1)",
]
QUIET = {"@jupyterlab/apputils-extension": {"notification": {"fetchNews": "false", "checkForUpdates": False}}}
WHOLE = {"@jupyterlab/notebook-extension": {"tracker": {"windowingMode": "none"}}}  # cells out of sight are drawn too


@pytest.fixture(scope="module")
def lab(served: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The address of a server whose user trusts what `run.py notebooks` wrote, and nothing else; and its folder."""
    pytest.importorskip("jupyterlab", reason="python3 run.py test notebooks installs it")
    folder = tmp_path_factory.mktemp("lab")
    own = {name: str(folder / ".own" / name) for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR")}
    for plugin, settings in {**QUIET, **WHOLE}.items():
        for name, values in settings.items():
            path = folder / ".own" / "JUPYTERLAB_SETTINGS_DIR" / plugin / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values), encoding="utf-8")
    write(folder / "fresh.ipynb", list(CELLS.values()))
    write(folder / "widget.ipynb", WIDGET)
    execute(folder / "fresh.ipynb", folder / "received.ipynb")
    command = [sys.executable, "-m", "demos.notebooks", "chain_rule", "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **own}, check=True, capture_output=True, timeout=300)
    options = ["--no-browser", "--allow-root", "--port=0", "--ServerApp.ip=127.0.0.1", "--IdentityProvider.token="]
    address = served(["jupyterlab", *options], folder, r"http://127\.0\.0\.1:\d+/lab", **own)
    return address, folder


def write(path: Path, cells: list[str]) -> None:
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(notebook, path)


def execute(path: Path, to: Path) -> None:
    """Run a notebook as somebody else, whom this server does not know."""
    import nbclient
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", extra_arguments=["--log-level=40"]).execute()
    nbformat.write(notebook, to)


def opened(visit: Visit, lab: tuple[str, Path], name: str) -> Any:
    page = visit(f"{lab[0]}/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    return page


def ready(page: Any) -> Any:
    """The page when its kernel can run cells: before, JupyterLab asks which kernel is wanted."""
    page.get_by_text("| Idle").wait_for()
    return page


def run_all(page: Any) -> None:
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(
        r"[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].every((p) => /^\[\d+\]:$/.test(p.textContent))"
    )


def run_cell(page: Any, place: int) -> None:
    """Run a cell by the keyboard alone: a click that comes while the notebook scrolls meets the frame that was there before."""
    page.locator(".jp-CodeCell .cm-content").nth(place).press("Shift+Enter")


def cell_of(page: Any, name: str) -> Any:
    return page.locator(".jp-CodeCell").nth(list(CELLS).index(name))


def pictures(cell: Any) -> Any:
    return cell.evaluate(
        "(e) => [...e.querySelectorAll('.jp-OutputArea img')].filter((i) => i.offsetParent).map((i) => i.naturalWidth)"
    )


def test_run_all_shows_every_output(lab: tuple[str, Path], visit: Visit) -> None:
    page = ready(opened(visit, lab, "fresh.ipynb"))
    run_all(page)
    for name in PLAYING:
        cell = cell_of(page, name)
        cell.evaluate("(e) => e.scrollIntoView()")
        see(cell.locator("iframe").element_handle().content_frame())
        assert pictures(cell) == []  # the last picture is for those who do not see the frame
    for name in ("draw", "node"):
        (width,) = pictures(cell_of(page, name))
        assert width > 200
    assert "∂L/∂a" in cell_of(page, "tape").inner_text() or cell_of(page, "tape").locator("table").count()
    assert cell_of(page, "folded").locator("iframe").bounding_box()["height"] == 500


def test_a_received_notebook_shows_pictures_and_how_to_play(lab: tuple[str, Path], visit: Visit) -> None:
    page = opened(visit, lab, "received.ipynb")
    for name in CELLS:
        cell = cell_of(page, name)
        assert cell.locator("iframe").count() == 0
        if name != "tape":
            (width,) = pictures(cell)
            assert width > 200
        assert cell.get_by_text("a page to play with").count() == (name in PLAYING)


def test_a_notebook_of_ours_is_trusted(lab: tuple[str, Path], visit: Visit) -> None:
    page = opened(visit, lab, "lesson_00_chain_rule.ipynb")
    frame = page.locator(".jp-CodeCell iframe").first
    frame.evaluate("(e) => e.scrollIntoView()")
    see(frame.element_handle().content_frame())


def test_a_slider_sets_the_leaf_and_setting_the_leaf_moves_the_slider(lab: tuple[str, Path], visit: Visit) -> None:
    page = ready(opened(visit, lab, "widget.ipynb"))
    run_cell(page, 0)
    frame = page.locator(".jp-OutputArea iframe").element_handle().content_frame()
    see(frame)
    frame.get_by_label("a, as a number").fill("5")
    frame.get_by_label("a, as a number").press("Enter")
    seen = lab[1] / "seen.txt"
    for _ in range(200):
        if seen.exists() and seen.read_text() == "5.0 -15.0":
            break
        page.wait_for_timeout(50)
    assert seen.read_text() == "5.0 -15.0"
    run_cell(page, 1)
    frame.wait_for_function("autograd.data('a') === 4 && autograd.data(2) === -12")


def test_nbconvert_writes_html_that_shows_every_page(lab: tuple[str, Path], visit: Visit) -> None:
    folder = lab[1]
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "received.ipynb"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    page = visit((folder / "received.html").as_uri())
    for frame in page.locator("iframe").element_handles():
        frame.scroll_into_view_if_needed()
        see(frame.content_frame())
    assert page.locator("iframe").count() == len(PLAYING)
    assert not page.locator(".autograd-still").first.is_visible()
