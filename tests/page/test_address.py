"""The address of a page: it has the whole state, opens it again, and what it cannot mean is ignored with a note."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from examples import lecture

from autograd.page import to_html
from autograd.value import Value

Browse = Callable[..., Any]

ALL = "JSON.stringify([fragment(), autograd.state, movable.map((leaf) => String(leaf.data)), hiddenParts(), openPanels()])"

BAD = {
    "step=-1": "step=-1 is no step",
    "leaf.a=three": "leaf.a=three is no number",
    "leaf.q=3": "there is no leaf q",
    "leaf.d=3": "there is no leaf d",  # it is computed
    "view=1,2": "view=1,2 is no place: give x,y,scale",
    "view=1,2,-3": "give x,y,scale",
    "open=learn,window": "there is no window; there are learn",
    "hide=everything": "there is no everything; there are heading, words",
    "eta=-1": "eta=-1 is no number",
    "curve=[3": "there is no leaf [3",
    "frog": "frog is no part of the state of this page",
    "a=%E0%A4": "a=%E0%A4 is no part of the state of this page",
    "__proto__=1&constructor=2": "constructor is no part",
}


def note(page: Any) -> str:
    text: str = page.locator("#note").text_content()
    return text


def test_the_address_has_the_whole_state_and_opens_it_again(opened: Browse, tmp_path: Path) -> None:
    page = opened(lecture())
    page.evaluate("autograd.set('a', 1 / 3); autograd.set('b', -0); autograd.set('c', Infinity); autograd.goto(5); zoom(1.5)")
    page.evaluate("openPanel('learn'); openPanel('share'); byId('eta').value = '0.03'; hide(['tape', 'words'])")
    page.get_by_role("button", name="Copy link").click()  # the picture has its last size by now
    page.wait_for_function("location.hash === fragment()")
    before = page.evaluate(ALL)
    assert all(
        part in before
        for part in ("leaf.a=0.3333333333333333&", "leaf.b=-0&", "leaf.c=inf&", "step=5", "hide=words,tape", "eta=0.03")
    )
    again = opened(lecture(), hash=page.evaluate("location.hash"))
    again.wait_for_function("viewNow() !== null")
    assert again.evaluate(ALL) == before
    assert not again.locator("#note").is_visible()
    assert not again.locator(".saying").is_visible()
    assert page.get_by_label("Link").input_value() == again.url


def test_a_link_followed_inside_the_page_gives_that_state_and_no_other(opened: Browse) -> None:
    page = opened(lecture(), hash="#leaf.a=5&hide=leaves&open=learn")
    page.evaluate("location.hash = '#leaf.b=4'")
    page.wait_for_function("autograd.data('b') === 4")
    assert page.evaluate("[autograd.data('a'), hiddenParts().length, openPanels().length]") == [2, 0, 0]


def test_what_an_address_cannot_mean_is_ignored_with_a_note(opened: Browse) -> None:
    page = opened(lecture(), hash="#step=99&leaf.b=7")
    assert note(page) == "Part of the address is ignored: step=99 is no step; they are counted from 0 to 12."
    assert page.locator("#note").is_visible()
    for hash, words in BAD.items():
        complaints = page.evaluate("hash => restore(hash)", f"#{hash}&leaf.b=7")
        assert words in "; ".join(complaints), hash
        assert page.evaluate("[autograd.data('b'), autograd.data('a'), autograd.state.step]") == [7, 2, 12], hash
    assert page.evaluate("restore('#leaf.b=7')") == []


def test_leaves_of_any_name_are_in_the_address(opened: Browse) -> None:
    strange = ["a=b&c", "50% + 1", "#", "w₁,₂", "leaf.x", "ä ö"]
    root = Value(1.0, strange[0])
    for label in strange[1:]:
        root = root * Value(2.0, label)
    page = opened(root)
    page.evaluate("names => names.forEach((name, i) => autograd.set(name, i + 0.5))", strange)
    again = opened(root, hash=page.evaluate("fragment()"))
    assert again.evaluate("names => names.map(name => autograd.data(name))", strange) == [place + 0.5 for place in range(6)]
    assert not again.locator("#note").is_visible()


def test_a_page_that_cannot_compute_keeps_its_numbers(opened: Browse) -> None:
    from autograd.ops import TABLE, op

    try:

        @op(partials=(lambda a, y: float(str(1.0)),), name="spelled")
        def spelled(a: float) -> float:
            "The operand, by way of its digits."
            return float(str(a))

        page = opened(spelled(Value(2.0, "a")), hash="#leaf.a=3&open=learn,curve")
    finally:
        TABLE.pop("spelled", None)
    assert "a page cannot compute spelled" in note(page)
    assert page.evaluate("autograd.data('a')") == 2
    assert page.get_by_role("button", name="Once").is_disabled()


def test_the_code_of_a_frame_shows_the_page_as_it_is(opened: Browse, browse: Browse, tmp_path: Path) -> None:
    page = opened(lecture(), hash="#leaf.a=-4&hide=heading,tape&open=share")
    page.get_by_label("Height").fill("480")
    code = page.get_by_label("Frame").input_value()
    assert 'style="width: 100%; height: 480px; border: 0"' in code
    (tmp_path / "course.html").write_text(f"<!DOCTYPE html><meta charset=utf-8>{code}", encoding="utf-8")
    context = page.context.browser.new_context()
    around = context.new_page()
    around.goto((tmp_path / "course.html").as_uri())
    inner = around.frames[1]
    inner.wait_for_load_state("load")
    assert inner.evaluate("autograd.data('a')") == -4
    assert not inner.locator("h1").is_visible()
    context.close()


@pytest.mark.parametrize("sandbox", ["", ' sandbox="allow-scripts"'])
def test_the_address_works_over_http_and_in_a_frame_there(sandbox: str, chromium: Any) -> None:
    html, hash = to_html(lecture()).html, "#leaf.a=3&step=4"
    frame = f'<!DOCTYPE html><iframe{sandbox} src="/page.html{hash}" width=900 height=700></iframe>'
    context, complaints = chromium.new_context(), []
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.route(
        "**",
        lambda route: route.fulfill(
            body=html if "page.html" in route.request.url else frame, content_type="text/html; charset=utf-8"
        ),
    )
    page.goto("http://course.test/page.html" + hash)
    page.evaluate("autograd.set('b', 9)")
    page.wait_for_function("location.hash.includes('leaf.b=9')")
    page.goto("http://course.test/")
    inner = page.frames[1]
    inner.wait_for_load_state("load")
    inner.evaluate("autograd.set('b', 9)")
    inner.wait_for_function("location.hash.includes('leaf.b=9')")
    assert inner.evaluate("[autograd.data('a'), autograd.state.step]") == [3, 4]
    context.close()
    assert not complaints


def test_a_page_in_a_notebook_has_no_address_and_says_what_to_do(browse: Browse, tmp_path: Path) -> None:
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html>{to_html(lecture())._repr_html_()}", encoding="utf-8")
    frame = browse(path).frames[1]
    frame.wait_for_load_state("load")
    frame.evaluate("autograd.set('a', 6); openPanel('share')")
    frame.wait_for_function("byId('link').value.startsWith('#leaf.a=6')")
    assert "Inside a notebook a page has no address" in frame.locator("#panel-share").text_content()
    assert not frame.get_by_label("Frame").is_visible()
    frame.get_by_role("button", name="Copy link").click()
    assert frame.locator("#copied").text_content() != ""
    assert "leaf.a" in frame.get_by_label("Link").input_value()
