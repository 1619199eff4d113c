"""Real marimo: `marimo run` shows every page whole, and a widget follows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from notebook_frames import see

pytestmark = pytest.mark.server

APP = """import marimo

app = marimo.App()

@app.cell
def _():
    import nn
    from autograd import Value, quiz, quiz_page, to_html, to_widget
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    L = a * b + a
    L.label = "L"
    L.backward()
    return L, Value, nn, quiz, quiz_page, to_html, to_widget

@app.cell
def _(L, to_html):
    to_html(L)
    return

@app.cell
def _(Value, nn, to_html):
    to_html(nn.MLP(2, [4, 4, 1], seed=1)([Value(1.0, "x"), Value(-2.0, "y")]), fold="neuron")
    return

@app.cell
def _(L, quiz, quiz_page):
    quiz_page(quiz(L, seed=3))
    return

@app.cell
def _(L):
    L
    return

@app.cell
def _(L, to_widget):
    w = to_widget(L)
    w.observe(lambda change: open("seen.txt", "w").write(f"{w.root.data}"), "values")
    w
    return

if __name__ == "__main__":
    app.run()
"""


@pytest.fixture(scope="module")
def marimo(served: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    pytest.importorskip("marimo", reason="python3 run.py test notebooks installs it")
    folder = tmp_path_factory.mktemp("marimo")
    (folder / "app.py").write_text(APP, encoding="utf-8")
    options = ["run", "app.py", "--headless", "--host", "127.0.0.1", "--no-token"]
    return served(["marimo", *options], folder, r"http://localhost:\d+", XDG_CONFIG_HOME=str(folder)), folder


def test_every_page_is_whole_and_a_slider_reaches_python(marimo: tuple[str, Path], visit: Callable[..., Any]) -> None:
    address, folder = marimo
    page = visit(address)
    page.wait_for_function("document.querySelectorAll('iframe').length >= 3")
    for frame in page.locator("iframe").element_handles():
        frame.scroll_into_view_if_needed()
        see(frame.content_frame())
    assert not page.locator(".autograd-still").first.is_visible()
    assert (
        page.evaluate(
            "[...document.images].filter((i) => i.src.startsWith('data:') && i.naturalWidth > 200 && i.offsetParent).length"
        )
        == 1
    )
    page.wait_for_selector("iframe >> nth=3")
    frame = page.locator("iframe").nth(3).element_handle().content_frame()
    frame.get_by_label("a, as a number").fill("5")
    frame.get_by_label("a, as a number").press("Enter")
    seen = folder / "seen.txt"
    for _ in range(200):
        if seen.exists() and seen.read_text() == "-10.0":
            break
        page.wait_for_timeout(50)
    assert seen.read_text() == "-10.0"
