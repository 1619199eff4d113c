"""The gallery for those who use the keyboard and readers of screens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from demos.gallery import write_gallery, write_section
from demos.lesson import named
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
