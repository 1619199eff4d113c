"""Boxes that open and close in a page: layers, neurons, the loss; drawing what is in view, and the minimap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pages import chain, network

from autograd.page.boxes import boxes_of
from autograd.show.scene import scene_of
from autograd.show.view import view_of
from autograd.value import Value

Browse = Callable[..., Any]

TITLES = "plan.cards.map(({ title }) => title).sort()"
LAYERS = ["hidden 1 (3, relu)", "loss", "output (linear)"]
LOOK = {"width": 1366, "height": 768}
# No two shapes of a group overlap, and each is inside its frame.
APART = """() => plan.frames.concat(plan.top).every(({ children, at, kind }) => children.every((one, i) => {
  const gap = (a, b, side) => Math.abs(a.at[side] - b.at[side]) - (a.at[side + 2] + b.at[side + 2]) / 2;
  const isInside = [0, 1].every((side) => Math.abs(one.at[side] - at[side]) <= (at[side + 2] - one.at[side + 2]) / 2 + 1);
  const isApart = (other) => Math.max(gap(one, other, 0), gap(one, other, 1)) > -1.5;
  return (kind === "top" || isInside) && children.slice(0, i).every(isApart);
}))"""


@pytest.mark.parametrize("fold", ["neuron", "layer"])
def test_at_first_a_page_has_the_boxes_and_the_arrows_of_the_picture(fold: str, opened: Browse) -> None:
    root = network([3, 2, 1])
    page = opened(root, fold=fold)
    drawn = scene_of(view_of(root, fold=fold))
    assert page.evaluate("plan.cards.map(({ id }) => id).sort()") == sorted(card.id for card in drawn.cards)
    assert page.evaluate("plan.arrows.map(({ id }) => id).sort()") == sorted(arrow.id for arrow in drawn.arrows)


def test_a_layer_opens_to_neurons_and_a_neuron_to_operations_in_place(opened: Browse) -> None:
    page = opened(network([3, 1]), fold="layer", look=LOOK)
    assert page.evaluate(TITLES) == [*LAYERS, "x1", "x2"]
    page.locator(".card.box", has_text="hidden 1").click()
    assert page.evaluate(TITLES) == ["loss", "output (linear)", "x1", "x2", "y₁", "y₂", "y₃"]
    page.locator(".card.box", has_text="y₂").click()
    assert {"w₁₂", "w₂₂", "b₂", "z₂", "y₂"} < set(page.evaluate(TITLES))
    assert page.evaluate(APART)
    steps = page.evaluate("autograd.state.steps")
    page.evaluate("autograd.goto(3)")
    page.evaluate("autograd.set('x1', 2)")
    assert page.evaluate("autograd.state.steps") == steps
    page.locator(".frame .shut[aria-label='Close y₂']").click()
    page.locator(".frame .shut[aria-label^='Close hidden 1']").click()
    assert page.evaluate(TITLES) == [*LAYERS, "x1", "x2"]
    page.locator(".card.box", has_text="loss").click()
    assert "loss" in page.evaluate("plan.frames.map(({ title }) => title)")


def test_a_layer_is_one_column_in_index_order_between_inputs_and_loss(opened: Browse) -> None:
    page = opened(network([12, 12, 1]), fold="neuron", look=LOOK)
    columns = page.evaluate("plan.frames.map(({ children }) => children.map(({ title, at }) => [title, ...at.slice(0, 2)]))")
    by_place = sorted(columns, key=lambda column: column[0][1])
    assert [column[0][0] for column in by_place] == ["x1", "y₁", "y₁₃", "out"]
    for column in columns:
        xs, ys = [x for _, x, _ in column], [y for _, _, y in column]
        assert len(set(xs)) == 1
        assert ys == sorted(ys)
    assert [title for title, _, _ in by_place[1]] == [
        f"y{str(i).translate(str.maketrans('0123456789', '₀₁₂₃₄₅₆₇₈₉'))}" for i in range(1, 13)
    ]


def test_the_keyboard_opens_and_closes_boxes_and_keeps_its_place(opened: Browse) -> None:
    page = opened(network([3, 1]), fold="neuron", look=LOOK)
    page.evaluate("move(plan.cards.find(({ title }) => title === 'y₃'))")
    page.keyboard.press("Enter")
    assert page.evaluate("cardOf.get(document.activeElement).node.name") == "y₃"
    assert page.locator("#spoken").text_content() == "y₃ is open."
    page.keyboard.press("Backspace")
    assert page.evaluate("cardOf.get(document.activeElement).box.title") == "y₃"
    page.keyboard.press("Backspace")
    assert page.evaluate("cardOf.get(document.activeElement).title") == "hidden 1 (3, relu)"


def test_all_boxes_open_and_close_and_are_in_the_address(opened: Browse) -> None:
    page = opened(network([3, 1]), fold="layer", look=LOOK)
    page.get_by_role("button", name="Open all boxes").click()
    assert page.evaluate("plan.cards.length") == page.evaluate("nodes.length")
    assert page.evaluate(APART)
    state = page.evaluate("fragment()")
    page.get_by_role("button", name="Close all boxes").click()
    assert page.evaluate(TITLES) == sorted([*LAYERS, "inputs"])
    assert page.evaluate("(text) => restore(text)", state) == []
    assert page.evaluate("plan.cards.length") == page.evaluate("nodes.length")
    assert page.evaluate("restore('#boxes=b0,b77')") == ["boxes=b0,b77: there is no b77; there are b0, b1, b2, b3, b4, b5, b6, b7"]
    assert page.evaluate("restore('')") == []
    assert "hidden 1 (3, relu)" in page.evaluate(TITLES)
    assert "boxes" not in page.evaluate("fragment()")


def test_a_callable_fold_gives_boxes_that_open_too(opened: Browse) -> None:
    page = opened(network([2, 1]), fold=lambda label: label.split(".")[0] if "." in label else None)
    page.evaluate("openAll(true)")
    assert page.evaluate("plan.cards.length") == page.evaluate("nodes.length")
    assert page.evaluate(APART)


def test_a_graph_that_is_not_folded_has_no_boxes(opened: Browse) -> None:
    page = opened(network([2, 1]))
    assert boxes_of(view_of(Value(1.0, "x").tanh())) == ([], {})
    assert not page.get_by_role("button", name="Open all boxes").is_visible()


# ------------------------------------------------------------------------------------------------------------------- in view


def test_only_what_is_in_view_is_in_the_document_and_looks_as_it_must(opened: Browse) -> None:
    page = opened(chain(300), look=LOOK)
    page.evaluate("autograd.goto(autograd.state.turn)")
    page.evaluate("centre(shapeOf(nodes[150]), 1)")
    assert page.locator(".card").count() < 60
    page.evaluate("pin(nodes[290])")
    page.evaluate("autograd.goto(100); autograd.set('x7', 0.25); centre(shapeOf(nodes[20]), 1)")
    shown = page.evaluate("elementOf.get(nodes[20]).querySelector('.data').textContent")
    assert shown == page.evaluate("short(autograd.data(20))")
    step = page.evaluate("steps[100].nodes[0]")
    page.evaluate("(index) => centre(shapeOf(nodes[index]), 1)", step)
    assert page.locator(f"#n{step}.now").count() == 1
    page.emulate_media(media="print")
    page.wait_for_function("document.querySelectorAll('.card').length === nodes.length")


def test_dashes_are_as_long_as_their_line_asks_for(opened: Browse) -> None:
    page = opened(network([12, 12, 1]), look=LOOK)  # painting a dash takes as long as painting a line
    page.evaluate("lookAtAll()")
    counts = page.eval_on_selector_all(
        ".line:is(.idle, .closed)",
        "lines => lines.map((line) => line.getTotalLength() / parseFloat(getComputedStyle(line).strokeDasharray))",
    )
    assert len(counts) > 20
    assert max(counts) < 200


def test_the_minimap_is_there_while_not_all_is_in_view_and_moves_the_view(opened: Browse) -> None:
    page = opened(network([3, 1]), fold="neuron", look=LOOK)
    minimap = page.locator("#minimap")
    assert not minimap.is_visible()
    page.evaluate("centre(shapeOf(root), 2)")
    assert minimap.is_visible()
    before, box = page.evaluate("view.x"), minimap.bounding_box()
    page.mouse.click(box["x"] + 4, box["y"] + box["height"] / 2)
    assert page.evaluate("view.x") < before - 100
    page.keyboard.press("0")
    assert not minimap.is_visible()
