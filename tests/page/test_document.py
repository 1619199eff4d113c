"""What a page is in a notebook: a frame to play in, and its last picture where the notebook takes the frame away."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest
from examples import lecture

import nn
from autograd import quiz
from autograd.errors import OptionError
from autograd.page import Page, quiz_page, to_html
from autograd.page.document import HEIGHT

Browse = Callable[..., Any]

REMOVED = re.compile(r"<(style|script|iframe|svg)\b.*?</\1>", re.S)  # by what cleans the outputs of a notebook that is not trusted


def film(**options: Any) -> Page:
    examples = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
    page: Page = nn.page(nn.MLP(2, [3, 1], activation="tanh", seed=1), examples, epochs=3, **options)
    return page


PAGES: dict[str, Callable[..., Page]] = {
    "graph": lambda **options: to_html(lecture(), **options),
    "folded": lambda **options: to_html(nn.MLP(2, [3, 1], seed=1)([1.0, -2.0]), fold="neuron", **options),
    "quiz": lambda **options: quiz_page(quiz(lecture(), seed=3), **options),
    "film": film,
}


def shown(browse: Browse, path: Path, html: str) -> Any:
    path.write_text(f'<!DOCTYPE html><meta charset="utf-8">{html}', encoding="utf-8")
    return browse(path)


@pytest.mark.parametrize("name", PAGES)
def test_a_notebook_shows_the_page_or_its_last_picture(name: str, browse: Browse, tmp_path: Path) -> None:
    page = PAGES[name]()
    trusted = shown(browse, tmp_path / "trusted.html", page._repr_html_())
    assert trusted.locator("iframe").bounding_box()["height"] == HEIGHT
    assert not trusted.locator(".autograd-still").is_visible()
    received = shown(browse, tmp_path / "received.html", REMOVED.sub("", page._repr_html_()))
    assert received.locator("iframe").count() == 0
    assert received.get_by_text(f"a page to play with: {page.title}.").is_visible()
    assert received.evaluate("[...document.images].map((image) => image.complete && image.naturalWidth > 200)") == [True]


def test_the_picture_is_that_of_the_graph_when_the_page_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    L = lecture()
    page = to_html(L)
    assert page.picture is not None
    before = page.picture()
    L.backward()
    assert page.picture() == before != to_html(L).picture()  # type: ignore[misc]


def test_without_an_engine_or_in_a_large_graph_the_numbers_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    large = to_html(nn.MLP(2, [16, 16, 1], seed=1)([1.0, -2.0]))
    assert large.picture is None
    monkeypatch.setenv("AUTOGRAD_ENGINE", "none")
    for page in (large, to_html(lecture())):
        left = REMOVED.sub("", page._repr_html_())
        assert "<img" not in left
        assert f"{escape(page.text)}</pre>" in left
        assert f"These are the numbers of a page to play with: {escape(page.title)}." in left


@pytest.mark.parametrize("name", PAGES)
def test_the_height_in_a_notebook_is_chosen(name: str) -> None:
    page = PAGES[name](height=345)
    assert "height: 345px" in page._repr_html_()
    assert "height: 345px" in page.embedded()
    assert "height: 200px" in page.embedded(200)
    assert f"height: {HEIGHT}px" in PAGES[name]().embedded()


@pytest.mark.parametrize("height", [0, -1, 2.5, "345", None, True])
def test_what_is_no_height_is_refused(height: Any) -> None:
    with pytest.raises(OptionError, match=re.escape(f"height={height!r}: give the pixels")):
        to_html(lecture(), height=height)
