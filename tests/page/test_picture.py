"""The picture of a page in a real browser: nodes that are looked at, networks, screens and paper."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from examples import baydin, lecture
from pages import network, numbers

from autograd import graph, ops
from autograd.show.drawing import to_dot
from autograd.text.numbers import short
from autograd.value import Value
from nn import MLP
from nn.losses import squared_error

Browse = Callable[..., Any]


# ----------------------------------------------------------------------------------------------------------- looking at nodes


def test_pointing_at_a_node_lights_its_paths_and_shows_its_sum(opened: Browse) -> None:
    page = opened(baydin())
    page.locator("#n0").hover()
    assert page.locator("#phase").text_content() == "The gradient of x1"
    assert page.evaluate("filled(sumOverUsers(nodes[0]))") == "∂y/∂x1 = ∂y/∂v1 · (1/x1) + ∂y/∂v2 · x2 = 1 · 0.5 + 1 · 5 = 5.5"
    lit = page.evaluate("[...document.querySelectorAll('.card.lit')].map(card => card.id)")
    assert lit == ["n0", "n1", "n3", "n4", "n6"]
    page.mouse.move(640, 780)
    assert page.evaluate("document.querySelectorAll('.lit').length") == 0


def test_before_the_gradient_is_known_its_sum_has_no_numbers(opened: Browse) -> None:
    page = opened(baydin())
    page.evaluate("autograd.goto(autograd.state.turn); pin(nodes[0])")
    assert page.evaluate("filled(sumOverUsers(nodes[0]))") == "∂y/∂x1 = ∂y/∂v1 · (1/x1) + ∂y/∂v2 · x2"


def test_the_keyboard_reaches_every_node(opened: Browse) -> None:
    page = opened(lecture())
    page.evaluate("elementOf.get(root).focus()")
    visited = [page.evaluate("document.activeElement.id")]
    for key in ("ArrowLeft", "ArrowUp", "ArrowLeft", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
        visited.append(page.evaluate("document.activeElement.id"))
    assert visited[0] == "n6"
    assert len(set(visited)) > 3
    assert page.evaluate("autograd.state.step") == 12
    assert page.locator("#phase").text_content().startswith("The gradient of")
    page.keyboard.press("Escape")
    assert page.locator("#phase").text_content() == "End"


def test_the_tab_key_stops_once_in_the_picture(opened: Browse) -> None:
    page = opened(lecture())
    page.get_by_role("button", name="Keys and gestures").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "n6"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "closer"


def test_the_interface_refuses_what_makes_no_sense(opened: Browse) -> None:
    page = opened(lecture())
    refused = "(action) => { try { action(); return ''; } catch (error) { return `${error.name}: ${error.message}`; } }"
    asked = ["autograd.set('a', 'two')", "autograd.set('d', 1)", "autograd.set('z', 1)", "autograd.set('a', undefined)"]
    assert [page.evaluate(f"({refused})(() => {action})") for action in asked] == [
        "TypeError: a: two is no number",
        "TypeError: d is computed; set a leaf",
        "RangeError: no node is called z; there are a, b, v1, c, d, f, L",
        "TypeError: a: undefined is no number",
    ]
    assert numbers(page, "data")[0] == 2.0
    page.evaluate("autograd.goto(NaN)")
    assert page.evaluate("autograd.state.step") == 0


def test_enter_on_a_leaf_goes_to_its_slider(opened: Browse) -> None:
    page = opened(lecture())
    page.evaluate("elementOf.get(nodes[1]).focus()")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "slider1"


def test_a_reader_of_screens_hears_each_step_and_each_node(opened: Browse) -> None:
    page = opened(lecture())
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert page.locator("#spoken").text_content().startswith("Forward, step 1. The leaves are given")
    assert page.locator("#n0").get_attribute("aria-label") == "a, a leaf, data 2, gradient not known yet"
    assert page.locator("#n6").get_attribute("aria-label") == "L, the result, by mul, data not computed yet, gradient not known yet"
    assert "×" not in page.locator("#picture").aria_snapshot()  # the numbers on the edges are read in the tape, in order


def test_the_tape_is_a_table_with_the_numbers_of_now(opened: Browse) -> None:
    page = opened(lecture())
    page.locator("#tape summary").click()
    rows = page.locator("#tape tbody tr").all_text_contents()
    assert len(rows) == 11
    assert "L = d·f = 4·(−2) = −8" in rows[3]
    page.evaluate("autograd.set('f', 1)")
    assert "L = d·f = 4·1 = 4" in page.locator("#tape tbody tr").all_text_contents()[3]


def test_the_picture_zooms_and_pans_and_comes_back(opened: Browse) -> None:
    page = opened(lecture())
    first = page.evaluate("({...view})")
    page.get_by_role("button", name="Closer").click()
    assert page.evaluate("view.scale") == pytest.approx(1.25 * first["scale"])
    page.keyboard.press("0")
    assert page.evaluate("({...view})") == first
    left = page.locator("#n0").bounding_box()["x"]
    page.mouse.move(500, 300)
    page.mouse.down()
    page.mouse.move(560, 320, steps=3)
    page.mouse.up()
    assert page.locator("#n0").bounding_box()["x"] == pytest.approx(left + 60, abs=1)
    page.mouse.wheel(0, 50)  # without Ctrl the page is what scrolls
    assert page.evaluate("view.scale") == first["scale"]


def test_two_fingers_zoom(opened: Browse) -> None:
    page = opened(lecture(), look={"has_touch": True, "width": 390, "height": 844})
    before = page.evaluate("view.scale")
    page.evaluate(
        """() => { const fire = (name, id, x) => picture.dispatchEvent(new PointerEvent(name,
            { pointerId: id, clientX: x, clientY: 200, pointerType: 'touch', bubbles: true }));
            fire('pointerdown', 1, 150); fire('pointerdown', 2, 200); fire('pointermove', 2, 250); fire('pointerup', 1, 150); }"""
    )
    assert page.evaluate("view.scale") == pytest.approx(2 * before)


def test_two_fingers_tap_no_node_and_one_does(opened: Browse) -> None:
    page = opened(lecture(), look={"has_touch": True, "width": 390, "height": 844})
    page.evaluate(
        """() => { const fire = (name, id, x) => elementOf.get(root).dispatchEvent(new PointerEvent(name,
            { pointerId: id, clientX: x, clientY: 200, pointerType: 'touch', bubbles: true }));
            fire('pointerdown', 1, 150); fire('pointerdown', 2, 200); fire('pointermove', 2, 250);
            fire('pointerup', 1, 150); fire('pointerup', 2, 250); }"""
    )
    assert page.evaluate("pinned") is None
    page.evaluate("fit()")
    page.locator("#n6").tap()
    assert page.evaluate("pinned === root")


def test_a_drag_goes_on_beyond_the_frame(opened: Browse) -> None:
    page = opened(lecture())
    before = page.evaluate("view.y * view.scale")
    page.mouse.move(600, 300)
    page.mouse.down()
    page.mouse.move(600, 500, steps=4)
    page.mouse.move(600, 700, steps=4)
    page.mouse.up()
    assert page.evaluate("view.y * view.scale") == pytest.approx(before - 400, abs=2)


def test_a_bundle_has_the_norm_and_the_colour_that_the_picture_has(opened: Browse) -> None:
    model = MLP(1, [2, 1], activation="tanh", seed=1)
    loss = squared_error([model([x]) for x in (-1.0, 1.0)], [0.0, 0.0])
    loss.backward()
    page = opened(loss, fold="neuron")
    texts = page.locator(".arrow .flow").all_text_contents()
    drawn = re.findall(r">((?:= |norm )[^<]*)</FONT></TD></TR><TR><TD HEIGHT", to_dot(loss, fold="neuron"))
    assert sorted(texts) == sorted(drawn)
    bundles = [text for text in texts if text.startswith("norm")]
    assert len(bundles) == page.locator(".line.mixed").count() == 3
    assert "norm 0" not in bundles


# ------------------------------------------------------------------------------------------------------------------- networks


def test_folded_by_layer_a_network_shows_its_boxes_with_live_numbers(opened: Browse) -> None:
    root = network([4, 4, 1])
    page = opened(root, fold="layer")
    assert page.locator(".card.box").count() == 4
    assert page.evaluate("autograd.state.steps") < 25
    norm = page.locator(".card.box", has_text="output").locator(".grad").last
    before = norm.text_content()
    page.evaluate("autograd.set('x1', 3)")
    again = graph.replay(root, {leaf: 3.0 for leaf in graph.leaves(root) if leaf.label == "x1"})
    again.backward()
    parameters = [leaf for leaf in graph.leaves(again) if leaf.label.startswith("layers[2]")]
    assert norm.text_content() == short(math.hypot(*(leaf.grad for leaf in parameters))) != before


def test_folded_by_neuron_a_network_fits_a_laptop(opened: Browse) -> None:
    page = opened(network([16, 16, 1]), fold="neuron", look={"width": 1366, "height": 768})
    assert page.evaluate("view.scale") > 0.7
    assert page.locator(".card.box").count() == 34
    assert page.evaluate("autograd.state.steps") < 80
    for step in range(0, page.evaluate("autograd.state.steps"), 9):
        page.evaluate("k => autograd.goto(k)", step)
    page.evaluate("autograd.goto(1e9)")


def test_the_leaves_of_a_network_are_found_by_name_and_by_a_click(opened: Browse) -> None:
    page = opened(network([3, 1]))
    if page.locator("#leaves").get_attribute("aria-expanded") == "false":
        page.locator("#leaves").click()
    page.locator("#search").fill("layers[1]")
    assert page.locator(".slider:visible").count() == 4
    page.locator("#search").fill("")
    leaf = page.evaluate("nodes.find(node => node.name === 'b₃').index")
    page.locator(f"#n{leaf}").click()
    assert page.locator(".slider.chosen label").get_attribute("title") == "layers[0].neurons[2].b"
    assert page.locator(".slider.chosen").is_visible()


# ------------------------------------------------------------------------------------------------------------- look and print


def test_dark_and_light_follow_the_system_and_the_button(opened: Browse) -> None:
    page = opened(lecture(), look={"color_scheme": "dark"})
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(21, 23, 26)"
    page.get_by_role("button", name="Dark or light").click()
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.get_by_role("button", name="Dark or light").click()
    assert page.evaluate(ground) == "rgb(21, 23, 26)"


def test_on_paper_everything_is_shown_and_no_control(opened: Browse) -> None:
    page = opened(lecture())
    page.evaluate("autograd.goto(3)")
    page.emulate_media(media="print")
    page.wait_for_function("autograd.state.kind === 'end'")
    assert not page.locator(".transport").is_visible()
    assert not page.locator("#sliders").is_visible()
    assert page.locator("#n0 .grad").text_content() == "6"
    page.emulate_media(media="screen")
    page.wait_for_function("autograd.state.step === 3")


@pytest.mark.parametrize("width", [390, 701, 708, 760, 1366])
def test_no_page_is_wider_than_the_screen(width: int, opened: Browse) -> None:
    page = opened(network([3, 1]), look={"width": width, "height": 768})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    right = "(name) => document.querySelector(name).getBoundingClientRect().right"
    assert page.evaluate(right, ".speed") <= page.evaluate(right, ".transport") + 1


def test_the_button_of_the_leaves_is_there_only_where_they_take_room(opened: Browse) -> None:
    page = opened(network([3, 1]), look={"width": 1366, "height": 768})
    page.get_by_role("button", name="Leaves").click()
    assert page.locator(".leaves").is_visible()
    page.get_by_role("button", name="Leaves").click()
    assert not page.locator(".leaves").is_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.locator(".leaves").is_visible()
    assert not page.get_by_role("button", name="Leaves").is_visible()


def test_a_tall_heading_leaves_the_sliders_on_the_screen(opened: Browse) -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    page = opened(ops.where(a < b, ops.where(a < b, a, b), b) * 2.0, look={"width": 1366, "height": 768})
    assert page.locator("header").bounding_box()["height"] > 60
    box = page.get_by_label("b", exact=True).bounding_box()
    assert box["y"] + box["height"] < 768


def test_no_button_lies_on_a_node_in_the_corner(opened: Browse) -> None:
    page = opened(Value(0.5, "x").tanh().tanh(), rankdir="TB", look={"width": 390, "height": 844})
    page.evaluate("zoom(1.5 / view.scale), centre(shapeOf(root))")
    result, buttons = page.locator(".card.result").bounding_box(), page.locator(".zoom").bounding_box()
    assert result["y"] + result["height"] <= buttons["y"] or result["x"] + result["width"] <= buttons["x"]


def test_the_keys_are_explained(opened: Browse) -> None:
    page = opened(lecture())
    assert not page.locator("#keys").is_visible()
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    assert page.locator("#help").get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()


def test_pointing_at_nodes_does_not_move_the_stage(opened: Browse) -> None:
    page = opened(network([4, 4, 1]), fold="neuron", look={"width": 1366, "height": 768})
    heights = """nodes.map((node) => {
      point(node);
      return document.querySelector('.stage').offsetHeight;
    })"""
    assert len(set(page.evaluate(heights))) == 1


def test_an_infinite_flow_is_a_line_and_no_wedge(opened: Browse) -> None:
    page = opened(lecture())
    page.evaluate("['a', 'b'].forEach((name) => autograd.set(name, 1e308))")
    fills = page.eval_on_selector_all(".line.nan", "lines => lines.map((line) => getComputedStyle(line).fill)")
    assert fills
    assert set(fills) == {"none"}


@pytest.mark.parametrize("width", [390, 1366])
def test_names_of_sliders_are_whole_and_in_natural_order(width: int, opened: Browse) -> None:
    leaves = [Value(0.1 * place, f"weight_{place}") for place in (10, 2, *range(20, 31))]
    page = opened(ops.sum([leaf * leaf for leaf in leaves]), look={"width": width, "height": 768})
    if page.locator("#leaves").get_attribute("aria-expanded") == "false":
        page.evaluate("toggleLeaves(true)")
    labels = "labels => labels.map((label) => [label.textContent, label.scrollWidth <= label.clientWidth])"
    expected = [[f"weight_{place}", True] for place in (2, 10, *range(20, 31))]
    assert page.eval_on_selector_all(".slider label", labels) == expected
