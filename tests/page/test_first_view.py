"""What a page shows when it is first seen: all of its picture, also if it was hidden while it loaded, or its frame has changed.

A page that was hidden at load must look, once it is shown, as one that never was: every element at the same place and size.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from examples import lecture

import nn
from autograd import quiz, sin
from autograd.page import Page, quiz_page, to_html
from autograd.value import Value

Browse = Callable[..., Any]

STILL = {"reduced_motion": "reduce"}  # a film does not play by itself


def network() -> Value:
    y: Value = nn.MLP(2, [4, 4, 1], activation="tanh", seed=1)([Value(1.0, "x1"), Value(-2.0, "x2")])
    y.label = "y"
    return y


def film() -> Page:
    inputs, targets = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
    page: Page = nn.page(nn.MLP(2, [3, 1], activation="tanh", seed=1), (inputs, targets), epochs=3)
    return page


PAGES: dict[str, Callable[[], Page]] = {
    "graph": lambda: to_html(lecture()),
    "upright": lambda: to_html(sin(Value(0.5, "x")).tanh().exp(), rankdir="TB"),
    "large": lambda: to_html(network()),
    "folded": lambda: to_html(network(), fold="neuron"),
    "layers": lambda: to_html(network(), fold="layer"),
    "quiz": lambda: quiz_page(quiz(lecture(), seed=3)),
    "film": film,
}
FRAME = '<!DOCTYPE html><meta charset="utf-8"><body style="margin: 0"><div id="first" style="height: 20px"></div>{}'
HIDDEN = {  # how it is hidden, and how it is shown
    "tab": ('<div id="tab" style="display: none">{}</div>', "tab.style.display = 'block'"),
    "slide": ('<div id="tab" hidden>{}</div>', "tab.hidden = false"),
    "details": ('<details id="tab"><summary>The page</summary>{}</details>', "tab.open = true"),
    "accordion": ('<div id="tab" style="width: 0; height: 0; overflow: hidden">{}</div>', "tab.style = ''"),
    "unmounted": ('<div id="tab" style="content-visibility: hidden">{}</div>', "tab.style = ''"),
}
# The place of every element, from the corner of the frame; what is drawn on a canvas too.
LOOK = """JSON.stringify([...document.body.querySelectorAll('*')].filter((e) => e.tagName !== 'SCRIPT').map((e) => {
  const { left, top, width, height } = e.getBoundingClientRect();
  return [e.tagName, e.id, ...[left, top, width, height].map(Math.round), e.tagName === 'CANVAS' ? e.toDataURL() : ''];
}))"""
RESTING = "typeof isBegun === 'undefined' || (pause(), moveTo(0))"  # a film in a frame may begin, unasked, under load
SETTLED = "new Promise((done) => { let n = 6; const next = () => (n-- ? requestAnimationFrame(next) : done()); next(); })"
OUTSIDE = """(() => {
  const stage = document.querySelector('.stage').getBoundingClientRect();
  return [...document.querySelectorAll('.card')].filter((card) => {
    const { left, top, right, bottom } = card.getBoundingClientRect();
    const isBeside = left < stage.left - 1 || right > stage.right + 1;
    return right - left < 10 || isBeside || top < stage.top - 1 || bottom > stage.bottom + 1;
  }).map((card) => card.id);
})()"""


@pytest.fixture
def framed(browse: Browse, tmp_path: Path) -> Callable[..., Any]:
    """framed(page, holder) is the page in a notebook's frame inside the holder, and the document around it."""

    def framed(page: Page, holder: str = "{}", **options: Any) -> tuple[Any, Any]:
        path = tmp_path / "notebook.html"
        path.write_text(FRAME.format(holder.format(page._repr_html_())), encoding="utf-8")
        around = browse(path, **STILL, **options)
        (inner,) = [frame for frame in around.frames if frame != around.main_frame]
        inner.wait_for_load_state("load")
        return around, inner

    return framed


def look(frame: Any) -> Any:
    """The places of all elements, when they are twice the same: on a busy machine a page takes more frames to settle."""
    seen = ""
    for _ in range(20):
        frame.evaluate(RESTING)
        frame.evaluate(SETTLED)
        before, seen = seen, frame.evaluate(LOOK)
        if seen == before:
            break
    return json.loads(seen)


HIDINGS = [(name, "tab") for name in PAGES] + [(name, way) for name in ("graph", "film") for way in HIDDEN if way != "tab"]


@pytest.mark.parametrize(("name", "way"), HIDINGS)
def test_a_page_that_was_hidden_at_load_looks_as_one_that_was_not(name: str, way: str, framed: Callable[..., Any]) -> None:
    page = PAGES[name]()
    holder, show = HIDDEN[way]
    around, inner = framed(page, holder)
    around.evaluate(show)
    shown = look(inner)
    _, inner = framed(page)
    assert shown == look(inner)
    if name != "film":
        assert inner.evaluate(OUTSIDE) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_turned_screen_shows_what_a_page_opened_on_it_does(name: str, browse: Browse, tmp_path: Path) -> None:
    path = PAGES[name]().save(tmp_path / "page.html")
    page = browse(path, width=390, height=844, **STILL)
    page.evaluate(SETTLED)
    for width, height in ((844, 390), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(f"innerWidth === {width}")
        assert look(page) == look(browse(path, width=width, height=height, **STILL))
        if name != "film":
            assert page.evaluate(OUTSIDE) == []


def test_a_graph_runs_from_top_to_bottom_where_it_is_then_larger(browse: Browse, tmp_path: Path) -> None:
    path = to_html(lecture()).save(tmp_path / "page.html")
    page = browse(path, width=390, height=844, **STILL)
    assert page.evaluate("direction") == "TB"
    assert page.evaluate("view.scale === whole() && sizeIn('TB') > 1.1 * sizeIn('LR')")
    page.evaluate("zoom(1.3)")
    own = page.evaluate("fragment()")
    assert "direction=TB" in own
    page.set_viewport_size({"width": 844, "height": 390})
    page.evaluate(SETTLED)
    assert page.evaluate("direction") == "TB"  # the reader has chosen the view
    broad = browse(path, width=1366, height=768, **STILL)
    assert broad.evaluate("[direction, fragment()]") == ["LR", "#"]
    broad.evaluate(f"location.hash = {own!r}")
    broad.wait_for_function("direction === 'TB'")
    assert broad.evaluate("fragment()") == own
    fixed = browse(to_html(lecture(), rankdir="LR").save(tmp_path / "page.html"), width=390, height=844, **STILL)
    assert fixed.evaluate("direction") == "LR"


@pytest.mark.parametrize("name", ["graph", "large", "quiz"])
def test_what_the_reader_has_chosen_stays_when_the_frame_changes(name: str, browse: Browse, tmp_path: Path) -> None:
    page = browse(PAGES[name]().save(tmp_path / "page.html"), **STILL)
    page.evaluate("zoom(1.3)")
    chosen = page.evaluate("({...view})")
    page.set_viewport_size({"width": 700, "height": 900})
    page.wait_for_function("frame[0] < 800")
    page.evaluate(SETTLED)
    assert page.evaluate("({...view})") == chosen
    page.get_by_role("button", name="All of it").click()
    page.set_viewport_size({"width": 1100, "height": 900})
    page.wait_for_function("frame[0] > 800")
    page.evaluate(SETTLED)
    assert page.evaluate("view.scale === whole()")


def test_leaves_that_the_reader_asks_for_stay_beside_the_picture(browse: Browse, tmp_path: Path) -> None:
    page = browse(PAGES["large"]().save(tmp_path / "page.html"), width=1100, height=800, **STILL)
    assert not page.locator(".leaves").is_visible()
    page.get_by_role("button", name="Leaves").click()
    page.set_viewport_size({"width": 1150, "height": 800})
    page.wait_for_function("innerWidth === 1150")
    page.evaluate(SETTLED)
    assert page.locator(".leaves").is_visible()


def test_a_step_taken_while_the_page_is_hidden_is_in_sight_when_it_is_shown(framed: Callable[..., Any]) -> None:
    around, inner = framed(PAGES["large"](), HIDDEN["tab"][0])
    inner.evaluate("autograd.goto(3)")
    around.evaluate(HIDDEN["tab"][1])
    inner.evaluate(SETTLED)
    inside = """(() => {
      const [stage, card] = [document.querySelector('.stage'), focal.group].map((e) => e.getBoundingClientRect());
      return card.left >= stage.left && card.right <= stage.right && card.top >= stage.top && card.bottom <= stage.bottom;
    })()"""
    assert inner.evaluate(inside)
