"""The gallery for those who use the keyboard and readers of screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from lesson_runs import EACH, answer_of, run_of

from demos.gallery import write_gallery, write_section
from demos.lesson import Lesson, named
from demos.page import Page

WIDE = """parts => parts
  .filter((part) => part.scrollWidth > part.clientWidth && /auto|scroll/.test(getComputedStyle(part).overflowX))
  .map((part) => part.ariaLabel)"""


@pytest.mark.parametrize("width", [1366, 390])
def test_what_is_wider_than_its_place_has_a_name_and_a_stop_of_the_tab_key(
    width: int, browse: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lesson,) = named(["xor"])
    page = Page(tmp_path / lesson.slug)
    page.say("A short text.")
    page.formula("y = " + " + ".join(["w x"] * 60))
    page.listing("a program " * 40)
    page.table(["", "a wide column"], [["row", "x" * 300]], "A table.")
    page.table(["", "narrow"], [["row", 1.0]])
    write_section(lesson, page)
    capsys.readouterr()
    shown = browse(write_gallery(tmp_path, [lesson]).with_name(lesson.file), width=width, height=800)
    assert shown.locator("th:empty").count() == 0
    assert shown.locator("thead").all_text_contents() == ["a wide column", "narrow"]
    reached = shown.eval_on_selector_all("[tabindex='0']", "parts => parts.map((part) => part.ariaLabel)")
    assert reached == shown.eval_on_selector_all("main *", WIDE)
    assert {"Formula", "Listing", "A table."} <= set(reached)
    assert "Table" not in reached


# ------------------------------------------------------------------------------------------- pages of lessons, in a browser

SIZES = [(1366, 768), (390, 844)]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
FINDINGS = """async () => {
  const { violations, passes } = await axe.run({ iframes: false });
  return [violations.map((x) => [x.id, x.nodes[0].html.slice(0, 200)]), passes.length];
}"""


@pytest.fixture(scope="module")
def screen(chromium: Any) -> Iterator[Any]:
    """One page of the browser for all lessons; at the end nothing may have been logged or asked of the network."""
    context = chromium.new_context(reduced_motion="reduce")
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: complaints.append(request.url) if not request.url.startswith(("file:", "data:", "blob:")) else None,
    )
    yield page
    context.close()
    assert not complaints


def findings(screen: Any, path: Path) -> list[Any]:
    """What axe finds on a page on laptop and phone, with everything unfolded; and whether it is wider than the screen."""
    found = []
    for width, height in SIZES:
        screen.set_viewport_size({"width": width, "height": height})
        screen.goto(path.as_uri())
        screen.evaluate("document.querySelectorAll('main details').forEach((part) => (part.open = true))")
        screen.add_script_tag(content=AXE)
        violations, passed = screen.evaluate(FINDINGS)
        assert passed > 10
        found += [(width, *each) for each in violations]
        found += [(width, "wider than the screen")] * (screen.evaluate("document.documentElement.scrollWidth") > width)
    return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The pages of three lessons, on which a page of each kind of block is written."""
    lessons, folder = named(["xor", "cafeteria", "paths"]), tmp_path_factory.mktemp("small")
    for lesson in lessons:
        page = Page(folder / lesson.slug)
        page.say("A leaf, and `code`.")
        page.formula(r"\frac{∂E}{∂w} = Σₙ xₙ")
        page.listing("a program")
        page.table(["", "column"], [["row", 1.0]], "A table.")
        page.plot("curve", lambda axes: axes.plot([1, 2]), "A curve.")
        write_section(lesson, page, ["<p>It happens.</p>"])
    index = write_gallery(folder, lessons)
    return [index, *[folder / lesson.file for lesson in lessons]]


def test_axe_finds_nothing_on_index_and_page(small: list[Path], screen: Any) -> None:
    assert [findings(screen, path) for path in small[:2]] == [[], []]


def test_the_arrow_keys_lead_from_lesson_to_lesson_and_not_out_of_a_field(small: list[Path], screen: Any) -> None:
    def pressed(key: str) -> str:
        screen.keyboard.press(key)
        screen.wait_for_load_state()
        return str(screen.url.rpartition("/")[2])

    screen.goto(small[1].as_uri())
    screen.evaluate("document.querySelector('dfn').focus()")
    assert pressed("ArrowRight") == small[1].name
    screen.evaluate("document.activeElement.blur()")
    assert pressed("Alt+ArrowDown") == small[1].name
    with screen.expect_navigation():
        screen.keyboard.press("ArrowRight")
    assert screen.url.endswith(small[2].name)
    with screen.expect_navigation():
        screen.keyboard.press("ArrowLeft")
    assert screen.url.endswith(small[1].name)


def test_the_list_is_at_the_side_on_a_laptop_and_a_drawer_on_a_phone(small: list[Path], screen: Any) -> None:
    contents, menu = screen.locator("#contents"), screen.locator(".menu")
    screen.set_viewport_size({"width": 1366, "height": 768})
    screen.goto(small[2].as_uri())
    assert (contents.is_visible(), menu.is_visible()) == (True, False)
    assert contents.locator("[aria-current]").inner_text().split("\n")[-1] == "The cafeteria"
    screen.set_viewport_size({"width": 390, "height": 844})
    assert (contents.is_visible(), menu.is_visible()) == (False, True)
    menu.click()
    assert contents.is_visible()
    screen.keyboard.press("Escape")
    assert not contents.is_visible()


def test_the_program_is_beside_the_result_on_a_laptop_above_it_on_a_phone_and_can_be_hidden(tmp_path: Path, screen: Any) -> None:
    (lesson,), folder = named(["chain_rule"]), tmp_path
    page = Page(folder / lesson.slug)
    page.say("A text.")
    page.html[-1].lines = (lesson.program.steps[0].first,)
    write_section(lesson, page)
    write_gallery(folder, [lesson])
    for width, is_beside in ((1366, True), (390, False)):
        screen.set_viewport_size({"width": width, "height": 768})
        screen.goto((folder / lesson.file).as_uri())
        program, result = (screen.locator(f".step > .{name}").bounding_box() for name in ("program", "result"))
        assert (result["x"] > program["x"] + program["width"]) == is_beside
        assert (result["y"] > program["y"] + program["height"]) == (not is_beside)
    screen.click(".hide")
    assert not screen.locator(".program").is_visible()
    screen.reload()
    assert not screen.locator(".program").is_visible()
    screen.click(".hide")
    assert screen.locator(".program").is_visible()


@pytest.mark.long
@pytest.mark.parametrize("lesson", EACH)
def test_axe_finds_nothing_on_the_page_of_a_lesson(lesson: Lesson, screen: Any) -> None:
    run = run_of(lesson.name)
    write_section(lesson, run.page, answer_of(lesson.name).html)
    index = write_gallery(run.page.folder.parent, named([lesson.name]))
    assert findings(screen, index.with_name(lesson.file)) == []
