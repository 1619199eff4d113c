"""Text that is read from the back row: none is drawn under 11 pixels, on the pages and in the pictures of every lesson."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lesson_runs import EACH, gallery_folder, run_of
from pages import network

from autograd.page import to_html
from autograd.value import Value
from demos.gallery import write_gallery
from demos.lesson import Lesson, named

Browse = Callable[..., Any]

SMALLEST = 11.0
SCREENS = [(1366, 768), (1920, 1080)]
QUICK = {"chain_rule", "xor", "backpropagation"}
# Every text that is to be seen, with its size on the screen.
SMALL = """(least) => {
  const found = [];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const [text, element] = [walker.currentNode, walker.currentNode.parentElement];
    if (!text.data.trim() || element.closest('script, style, noscript, option, title, desc, .unseen')) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const { width, left, right, top, bottom } = range.getBoundingClientRect();
    const stage = element.closest('.stage') && element.closest('.stage').getBoundingClientRect();
    if (!width || (stage && (right < stage.left || left > stage.right || bottom < stage.top || top > stage.bottom))) continue;
    const matrix = element.ownerSVGElement ? element.getScreenCTM() : { a: 1, b: 0 };
    found.push([parseFloat(getComputedStyle(element).fontSize) * Math.hypot(matrix.a, matrix.b), text.data.trim()]);
  }
  for (const letters of document.querySelectorAll('svg g:has(> use)')) { // matplotlib draws each letter as a path
    const matrix = letters.getScreenCTM();
    if (/scale/.test(letters.getAttribute('transform'))) found.push([100 * Math.hypot(matrix.a, matrix.b), 'letters']);
  }
  return found.filter(([size]) => size < least - 0.01);
}"""
SIZES = SMALL.replace("found.filter(([size]) => size < least - 0.01)", "found.map(([size]) => size)")


@pytest.fixture(scope="module")
def screen(chromium: Any) -> Iterator[Any]:
    """One page of the browser for all lessons."""
    context = chromium.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


def lessons_of(marks: Any) -> list[Any]:
    """All lessons; those that are not in the quick run have the mark."""
    return [
        pytest.param(*param.values, id=param.id, marks=[*param.marks, *([] if param.id in QUICK else [marks])]) for param in EACH
    ]


@pytest.mark.parametrize("lesson", lessons_of(pytest.mark.long))
def test_no_text_on_the_pages_of_a_lesson_is_small(lesson: Lesson, screen: Any) -> None:
    small = {}
    for path in run_of(lesson.name).page.pages:
        for width, height in SCREENS:
            screen.set_viewport_size({"width": width, "height": height})
            screen.goto(path.as_uri())
            small[path.name, width, "first"] = screen.evaluate(SMALL, SMALLEST)
            if screen.evaluate("'autograd' in window && !('quiz' in window)"):
                for part in (0, 0.3, 0.7):
                    screen.evaluate(f"autograd.goto(Math.round(moments.last * {part}))")
                    small[path.name, width, part] = screen.evaluate(SMALL, SMALLEST)
    assert {place: texts[:3] for place, texts in small.items() if texts} == {}


@pytest.mark.parametrize("lesson", lessons_of(pytest.mark.long))
def test_no_text_in_the_pictures_of_a_lesson_is_small_in_the_gallery(lesson: Lesson, screen: Any) -> None:
    pictures = run_of(lesson.name).page.pictures
    shown_on = write_gallery(gallery_folder(), named([lesson.name])).with_name(lesson.file)
    small = {}
    for width, height in SCREENS:
        screen.set_viewport_size({"width": width, "height": height})
        screen.goto(shown_on.as_uri())
        shown = dict(screen.evaluate("[...document.querySelectorAll('figure img')].map((e) => [e.getAttribute('src'), e.width])"))
        for path in pictures:
            screen.goto(path.as_uri())
            natural = screen.evaluate("document.documentElement.getBoundingClientRect().width")
            texts = screen.evaluate(SIZES, SMALLEST)
            small[path.name, width] = min(texts, default=SMALLEST) * shown[f"{path.parent.name}/{path.name}"] / natural
    assert {place: size for place, size in small.items() if size < SMALLEST - 0.05} == {}


@pytest.mark.parametrize("fold", [None, "neuron"])
def test_no_text_is_small_at_any_scale(fold: Any, browse: Browse, tmp_path: Path) -> None:
    path = to_html(network([3, 1]), tmp_path / "page.html", fold=fold).save(tmp_path / "page.html")
    page = browse(path, width=1366, height=768)
    for scale in (0.05, 0.15, 0.25, 0.38, 0.41, 0.5, 0.6, 0.74, 0.8, 0.9, 1.0, 1.3):
        page.evaluate(f"setView(0, 0, {scale})")
        assert page.evaluate(SMALL, SMALLEST) == [], scale


@pytest.fixture
def example() -> Value:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    y: Value = ((a * b).tanh() + a).exp()
    y.label = "y"
    return y


def test_what_a_small_card_leaves_out_is_beside_the_node_that_is_pointed_at(example: Value, browse: Browse, tmp_path: Path) -> None:
    page = browse(to_html(example).save(tmp_path / "page.html"))
    lens = page.locator("#lens")
    page.evaluate("setView(0, 0, 0.4)")
    assert not lens.is_visible()
    page.locator("#n1").hover()
    assert lens.inner_text().split() == ["b", "data", "−3", "grad", page.evaluate("short(autograd.grad('b'))")]
    page.evaluate("setView(0, 0, 1)")
    page.locator("#n0").hover()
    assert not lens.is_visible()  # all of it is on the card


def test_words_and_numbers_of_edges_come_with_the_zoom(example: Value, browse: Browse, tmp_path: Path) -> None:
    page = browse(to_html(example).save(tmp_path / "page.html"))
    key, partial = page.locator("#n0 .key").first, page.locator(".arrow .partial").first
    for scale, has_words, has_numbers in ((1.0, True, True), (0.8, False, True), (0.6, False, False), (1.0, True, True)):
        page.evaluate(f"setView(0, 0, {scale})")
        assert (key.is_visible(), partial.is_visible()) == (has_words, has_numbers), scale


def test_on_a_projector_the_picture_fills_the_window_and_text_is_larger(example: Value, browse: Browse, tmp_path: Path) -> None:
    page = browse(to_html(example).save(tmp_path / "page.html"), width=1366, height=768)
    before = page.evaluate("getComputedStyle(document.querySelector('#words')).fontSize")
    box = "(({ x, y, width, height }) => [x, y, width, height])(document.querySelector('.stage').getBoundingClientRect())"
    page.keyboard.press("p")
    assert page.evaluate(box) == [0, 0, 1366, 768]
    assert page.locator("#words").is_visible()
    assert float(page.evaluate("getComputedStyle(document.querySelector('#words')).fontSize")[:-2]) > 1.2 * float(before[:-2])
    page.wait_for_function("frame[0] === 1366")
    assert page.evaluate(SMALL, 14.0) == []
    page.keyboard.press("p")
    assert page.evaluate(box) != [0, 0, 1366, 768]
    assert page.evaluate("getComputedStyle(document.querySelector('#words')).fontSize") == before
    page.keyboard.press("?")
    assert "projector" in page.locator("#keys").inner_text()


def test_a_word_of_the_field_explains_itself(example: Value, browse: Browse, tmp_path: Path) -> None:
    page = browse(to_html(example).save(tmp_path / "page.html"))
    page.evaluate("autograd.goto(moments.last - 1)")
    word, meaning = page.locator("#words dfn", has_text="adjoint").first, page.locator("#meaning")
    assert not meaning.is_visible()
    word.hover()
    assert "∂result/∂node" in meaning.inner_text()
    page.mouse.move(5, 5)
    assert not meaning.is_visible()
    word.focus()
    assert meaning.is_visible()
    assert "∂result/∂node" in page.evaluate("(e) => byId(e.getAttribute('aria-describedby')).textContent", word.element_handle())
    page.keyboard.press("Escape")
    assert not meaning.is_visible()
