"""The logarithmic widths of arrows: their order, their ends, the legend, and the page, which computes them by itself."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from examples import gated, lecture

from autograd import to_html
from autograd.show.drawing import to_dot
from autograd.show.scale import IDLE, SPANS, THICK, THIN, Scale
from autograd.show.scene import scene_of
from autograd.show.view import view_of
from autograd.text.numbers import short
from autograd.value import Value
from nn import MLP


def deep() -> Value:
    root: Value = MLP(2, [3, 3, 3, 3, 1], activation="sigmoid", seed=5)([1.0, -2.0])
    return root


GRAPHS: dict[str, tuple[Callable[[], Value], str | None]] = {
    "lecture": (lecture, None),
    "gated": (gated, None),
    "deep": (deep, None),
    "layers": (deep, "layer"),
}


@pytest.mark.parametrize(("decades", "span"), [(0, 1), (0.9, 1), (1.5, 2), (3, 4), (5, 8), (300, 8)])
def test_the_scale_has_as_many_decades_as_the_flows(decades: float, span: int) -> None:
    largest = 1e300
    scale = Scale.of([largest, -largest / 10.0**decades, 0.0, None, math.inf, math.nan])
    assert scale == (largest, span)
    widths = [scale.width(-largest / 10.0 ** (span * step)) for step in (0.0, 0.25, 0.5, 1.0)]
    assert widths == pytest.approx([THICK, THICK - (THICK - THIN) / 4, (THICK + THIN) / 2, THIN])  # a factor is a difference
    assert scale.width(5e-324) == THIN
    assert [scale.width(flow) for flow in (0.0, -0.0, None, math.inf, math.nan)] == [IDLE, IDLE, IDLE, THICK, THICK]


def test_the_legend_says_what_flows_at_three_widths() -> None:
    assert Scale.of([5e-324, 1.0]).marks() == [(THICK, 1.0), (3.0, 1e-4), (THIN, 1e-8)]
    assert Scale.of([0.0, None]).marks() == []
    assert tuple(sorted(SPANS)) == SPANS
    root = deep()
    assert "logarithmic" not in to_dot(root)
    root.backward()
    source = to_dot(root)
    assert "width, logarithmic:" in source
    heights = [int(height) for height in re.findall(r'HEIGHT="(\d+)" WIDTH="24" BGCOLOR', source)]
    assert heights == [THICK, 3, THIN]


@pytest.mark.parametrize("name", GRAPHS)
def test_a_page_has_the_widths_dashes_and_legend_of_the_picture(name: str, browse: Callable[..., Any], tmp_path: Path) -> None:
    graph, fold = GRAPHS[name]
    root = graph()
    root.backward()
    source = to_dot(root, fold=fold)
    drawn = {
        id: (float(width), bool(dashes))
        for id, width, dashes in re.findall(r"\[id=(e\w+), .*?penwidth=([\d.]+)(, style=dashed)?", source)
    }
    to_html(root, tmp_path / "page.html", fold=fold)
    page = browse(tmp_path / "page.html")
    look = "(line) => [line.parentElement.id, parseFloat(line.style.strokeWidth), getComputedStyle(line).strokeDasharray != 'none']"
    shown = {id: (width, dashes) for id, width, dashes in page.eval_on_selector_all(".line", f"(lines) => lines.map({look})")}
    assert shown.keys() == drawn.keys()
    for id, (width, dashes) in drawn.items():
        assert shown[id] == (pytest.approx(width, abs=0.011), dashes), id
    marks = [short(flow) for _, flow in Scale.of(_flows(root, fold)).marks()]
    assert page.locator("#scale b").all_text_contents() == marks
    page.keyboard.press("Home")
    assert not page.locator("#scale").is_visible()  # nothing has flowed yet
    assert not page.locator(".line:is(.idle, .closed)").count()


def _flows(root: Value, fold: str | None) -> list[float | None]:
    return [arrow.flow for arrow in scene_of(view_of(root, fold=fold)).arrows]
