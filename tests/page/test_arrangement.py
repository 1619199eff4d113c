"""The arrangement of a page: nothing lies on anything else, whatever the direction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from examples import baydin, lecture
from pages import chain, network

from autograd.show.dot_text import DIRECTIONS
from autograd.value import Value

Browse = Callable[..., Any]

# Every box by its sides; the text of every arrow that has some.
BOXES = """[...plan.cards, ...plan.circles.values()].map(({ at: [x, y, w, h] }) => [x - w / 2, y - h / 2, x + w / 2, y + h / 2])"""
TEXTS = """plan.arrows.filter(({ isQuiet }) => !isQuiet).map(({ label: [x, y] }) => [x - 30, y - 14, x + 30, y + 14])"""


def overlapping(boxes: list[list[float]]) -> list[tuple[int, int]]:
    return [
        (i, j)
        for i, (left, top, right, bottom) in enumerate(boxes)
        for j, (x0, y0, x1, y1) in enumerate(boxes[:i])
        if left < x1 and x0 < right and top < y1 and y0 < bottom
    ]


@pytest.mark.parametrize("rankdir", DIRECTIONS)
@pytest.mark.parametrize(
    "make", [lecture, baydin, lambda: network([4, 1]), lambda: chain(60)], ids=["lecture", "baydin", "network", "chain"]
)
def test_no_card_and_no_text_lies_on_another(make: Callable[[], Value], rankdir: str, opened: Browse) -> None:
    page = opened(make(), rankdir=rankdir)
    boxes, texts, (width, height) = page.evaluate(f"[{BOXES}, {TEXTS}, plan.size]")
    assert overlapping(boxes) == []
    assert rankdir in ("TB", "BT") or overlapping(boxes + texts) == []
    assert all(min(left, top) >= 0 and right <= width and bottom <= height for left, top, right, bottom in boxes)


def test_the_direction_is_that_of_the_flow(opened: Browse) -> None:
    ends = "[nodes[0], root].map((node) => shapeOf(node).at.slice(0, 2))"
    for rankdir, side, sign in (("LR", 0, 1), ("RL", 0, -1), ("TB", 1, 1), ("BT", 1, -1)):
        first, last = opened(lecture(), rankdir=rankdir).evaluate(ends)
        assert sign * (last[side] - first[side]) > 100


def test_the_edges_of_a_square_are_apart(opened: Browse) -> None:
    x = Value(3.0, "x")
    first, second = opened(x * x).evaluate("plan.arrows.map(({ label }) => label)")
    assert abs(first[1] - second[1]) >= 30


def test_a_long_line_goes_round_what_is_in_its_way(opened: Browse) -> None:
    x = Value(0.5, "x")
    page = opened(x.tanh().exp().sin() + x)
    hits = """plan.arrows.flatMap((arrow) => {
      const line = document.querySelector(`#${arrow.id} .line`);
      const points = Array.from({ length: 40 }, (_, i) => line.getPointAtLength((line.getTotalLength() * i) / 40));
      return plan.cards.filter((card) => ![arrow.tail, arrow.head].includes(card) && points.some(({ x, y }) =>
        Math.abs(x - card.at[0]) < card.at[2] / 2 && Math.abs(y - card.at[1]) < card.at[3] / 2));
    }).length"""
    assert page.evaluate(hits) == 0
