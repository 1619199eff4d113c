"""The search for a node: by its name, path or operation; it opens the boxes that the node is in, and shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from examples import lecture
from pages import network

Browse = Callable[..., Any]


def test_a_hit_is_in_the_middle_marked_and_its_boxes_are_open(opened: Browse) -> None:
    page = opened(network([3, 1]), fold="layer", look={"width": 1366, "height": 768})
    page.keyboard.press("/")
    page.keyboard.type("W13")  # as it can be typed
    assert page.locator("#hits").text_content() == "1"
    page.keyboard.press("Enter")
    assert page.evaluate("plan.frames.map(({ title }) => title).sort()") == ["hidden 1 (3, relu)", "inputs", "y₃"]
    card, stage = page.locator(".card.found").bounding_box(), page.locator(".stage").bounding_box()
    assert stage["x"] < card["x"] < stage["x"] + stage["width"] - card["width"]
    assert stage["y"] < card["y"] < stage["y"] + stage["height"] - card["height"]
    assert page.locator(".card.found .title").text_content() == "w₁₃"
    assert page.locator("#phase").text_content() == "The gradient of w₁₃"
    assert page.evaluate("document.activeElement.id") == "finder"
    page.evaluate("find({ target: { value: 'w13' } })")  # among the leaves
    assert page.locator("#sliders details:not([hidden]) > summary").all_text_contents() == ["y₃ (3)"]
    assert page.locator("#sliders summary[title='layers[0].neurons[2]']").count() == 1


def test_enter_goes_from_hit_to_hit_and_back(opened: Browse) -> None:
    page = opened(network([3, 1]), look={"width": 1366, "height": 768})
    page.locator("#finder").fill("layers[0].neurons[1]")
    found = "[...document.querySelectorAll('.found')].map((card) => cardOf.get(card).name)"
    names = []
    for key in ("Enter", "Enter", "Enter", "Enter", "Shift+Enter"):
        page.keyboard.press(key)
        names.append(page.evaluate(found))
    assert sorted(name for each in names[:3] for name in each) == ["b₂", "w₁₂", "w₂₂"]
    assert names[3:] == [names[0], names[2]]
    assert page.locator("#hits").text_content() == "3/3"
    page.keyboard.press("Escape")
    assert page.evaluate(found) == []
    page.locator("#finder").fill("nothing of this name")
    assert page.locator("#hits").text_content() == "none"


def test_boxes_and_operations_are_found(opened: Browse) -> None:
    page = opened(network([3, 1]), fold="layer")
    page.locator("#finder").fill("hidden 1")
    page.keyboard.press("Enter")
    assert page.locator(".found .title").text_content() == "hidden 1 (3, relu)"
    page.locator("#finder").fill("relu")
    page.keyboard.press("Enter")
    assert page.evaluate("hits.length") == 4  # the layer and three operations


def test_a_small_graph_has_the_field_when_it_is_asked_for(opened: Browse) -> None:
    page = opened(lecture())
    assert not page.locator("#finder").is_visible()
    page.keyboard.press("/")
    page.keyboard.type("d")
    page.keyboard.press("Enter")
    assert page.locator(".found .title").text_content() == "d"
    page.keyboard.press("Escape")
    assert not page.locator("#finder").is_visible()
