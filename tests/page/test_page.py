"""The page, in a real browser: what it shows is what Python computes, wherever its sliders are."""

from __future__ import annotations

import gzip
import json
import math
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from examples import lecture

import nn
from autograd import graph, ops
from autograd.errors import GraphSizeError, StaleGraphError
from autograd.ops import TABLE, Op, op
from autograd.page import layout, to_html
from autograd.show import tape
from autograd.show.dot_text import DIRECTIONS
from autograd.text.numbers import short
from autograd.value import Value, toposort

Browse = Callable[..., Any]


def baydin() -> Value:
    x1, x2 = Value(2.0, "x1"), Value(5.0, "x2")
    y = ops.log(x1) + x1 * x2 - ops.sin(x2)
    y.label = "y"
    return y


def network(sizes: list[int]) -> Value:
    model = nn.MLP(2, sizes)
    for place, parameter in enumerate(model.parameters()):
        parameter.data = math.sin(place + 1.0)
    loss = (model([Value(0.5, "x1"), Value(-1.0, "x2")]) - 1.0) ** 2
    loss.label = "loss"
    return loss


def chain(count: int) -> Value:
    """A graph of that many nodes, in which every operation takes what came just before, and something a little older."""
    pool = [Value(0.1 * place - 0.4, f"x{place}") for place in range(8)]
    while len(pool) < count:
        older = pool[-2 - len(pool) % 5]
        pool.append([pool[-1] * older, pool[-1] + older, pool[-1].tanh(), pool[-1] - older][len(pool) % 4])
    return graph.replay(pool[-1])


@pytest.fixture
def opened(browse: Browse, tmp_path: Path) -> Browse:
    """opened(root, width=..., **options of to_html) is the page of the root, in the browser."""

    def opened(root: Value, hash: str = "", look: dict[str, Any] | None = None, **options: Any) -> Any:
        path = tmp_path / "page.html"
        to_html(root, path, **options)
        page = browse(path, **(look or {}))
        if hash:
            page.goto(path.as_uri() + hash)
        return page

    return opened


def shown(page: Any, id: str, name: str) -> str:
    """What stands in a card or on an arrow."""
    text: str = page.locator(f"#{id} .{name}").text_content()
    return text


def ulps(x: float, y: float) -> int:
    """How many floats lie between two."""
    if x == y or (x != x and y != y):
        return 0
    if not (math.isfinite(x) and math.isfinite(y)):
        return 2**63
    order = [struct.unpack("<q", struct.pack("<d", number))[0] for number in (x, y)]
    order = [place if place >= 0 else -(place & (2**63 - 1)) for place in order]
    return abs(order[0] - order[1])


def numbers(page: Any, kind: str) -> list[float]:
    """data or grad of every node, as the page has them."""
    code = f"JSON.stringify(autograd.state.nodes.map((_, i) => String(autograd.{kind}(i))))"
    return [float(text.replace("Infinity", "inf").replace("undefined", "nan")) for text in json.loads(page.evaluate(code))]


def assert_agrees(page: Any, root: Value, values: dict[Value, float]) -> None:
    """The page's numbers are Python's, on these leaves."""
    again = graph.replay(root, values)
    again.backward()
    for kind in ("data", "grad"):
        expected = [getattr(node, kind) for node in toposort(again)]
        found = numbers(page, kind)
        assert max(map(ulps, expected, found)) <= 4, (kind, expected, found)


# ------------------------------------------------------------------------------------------------------- Python's numbers


POINTS = ((0.5, 0.25, 0.3), (-1.5, 0.75, 1.25), (2.5, 3.5, -4.0))


def example(row: Op, leaves: list[Value]) -> Value | None:
    """The row applied to leaves, or None outside its domain."""
    count = 3 if row.variadic and len(row.operands) == 1 else len(row.operands)
    try:
        node: Value = row.apply(tuple(leaves[:count]), dict.fromkeys(row.required, 1))
    except (ValueError, ArithmeticError):
        return None
    return node


def places(row: Op) -> tuple[tuple[float, ...], ...]:
    """The points at which the row has a value."""
    return tuple(point for point in POINTS if example(row, list(map(Value, point))) is not None)


@pytest.mark.parametrize("points", sorted({places(row) for row in TABLE.values()}), ids=repr)
def test_the_page_computes_every_row_as_python_does(points: tuple[tuple[float, ...], ...], opened: Browse) -> None:
    leaves = [Value(x, f"x{place}") for place, x in enumerate(points[0])]
    root = ops.sum([example(row, leaves) for row in TABLE.values() if places(row) == points])
    page = opened(root)
    for point in points:
        values = {leaf: x for leaf, x in zip(leaves, point, strict=True) if leaf in set(graph.leaves(root))}
        page.evaluate(
            "leaves => leaves.forEach(([name, x]) => autograd.set(name, x))", [[leaf.label, x] for leaf, x in values.items()]
        )
        again = toposort(graph.replay(root, values))
        computed = json.loads(page.evaluate("JSON.stringify(nodes.map((_, i) => autograd.partials(i)))"))
        for node, data, partials in zip(again, numbers(page, "data"), computed, strict=True):
            assert ulps(node.data, data) <= 4, node.op
            for (_, expected, _, is_open), partial in zip(node.edges, partials, strict=True):
                assert (partial is None) == (not is_open), node.op
                assert ulps(expected or 0.0, partial or 0.0) <= 4, node.op  # both None at a closed gate


def test_the_first_numbers_are_those_that_were_recorded(opened: Browse) -> None:
    root = baydin()
    page = opened(root)
    root.backward()
    assert numbers(page, "data") == [node.data for node in toposort(root)]
    assert numbers(page, "grad") == [node.grad for node in toposort(root)]


def test_a_page_changes_no_gradient() -> None:
    root = lecture()
    root.backward(3.0)
    before = [node.grad for node in toposort(root)]
    to_html(root)
    assert [node.grad for node in toposort(root)] == before


@pytest.mark.parametrize("make", [lecture, baydin, lambda: network([3, 1])], ids=["lecture", "baydin", "network"])
def test_moved_sliders_recompute_forward_and_backward(make: Callable[[], Value], opened: Browse) -> None:
    root = make()
    page = opened(root)
    leaves = graph.leaves(root)
    for shift in (0.5, 1.25, 3.0):
        values = {leaf: leaf.data + shift * (1 + place) for place, leaf in enumerate(leaves)}
        for leaf, x in values.items():
            page.evaluate("([name, x]) => autograd.set(name, x)", [leaf.label, x])
        assert_agrees(page, root, values)


def test_a_slider_that_is_dragged_moves_the_numbers_in_the_picture(opened: Browse) -> None:
    page = opened(lecture())
    slider = page.get_by_label("a", exact=True)
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    a = page.evaluate("autograd.data('a')")
    assert a < 0
    assert shown(page, "n0", "data") == short(a)
    assert shown(page, "n6", "data") == short((a * -3.0 + 10.0) * -2.0)
    slider.dblclick()
    assert page.evaluate("autograd.data('a')") == 2


def test_a_number_that_is_typed_beyond_the_slider_widens_it(opened: Browse) -> None:
    page = opened(lecture())
    page.get_by_label("b, as a number").fill("-123.5")
    page.get_by_label("b, as a number").press("Enter")
    assert page.evaluate("autograd.data('b')") == -123.5
    assert float(page.get_by_label("b", exact=True).get_attribute("max")) >= 123.5
    page.get_by_label("b, as a number").fill("minus three")
    page.get_by_label("b, as a number").press("Enter")
    assert page.get_by_label("b, as a number").get_attribute("aria-invalid") == "true"
    assert page.evaluate("autograd.data('b')") == -123.5
    page.get_by_role("button", name="As recorded").click()
    assert page.evaluate("autograd.data('b')") == -3


@pytest.mark.parametrize(
    ("x", "written"),
    [
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
        (1.25e300, "1.25e300"),
        (5e-324, "5e-324"),
        (1.7e308, "1.7e308"),
        (1 / 3, "0.333333"),
    ],
)
def test_a_leaf_of_any_size_is_written_as_it_can_be_typed(x: float, written: str, opened: Browse) -> None:
    page = opened(Value(x, "x") * 0.5)
    box = page.get_by_label("x, as a number")
    assert box.input_value() == written
    box.fill("2")
    box.press("Enter")
    box.fill(written)
    box.press("Enter")
    assert box.get_attribute("aria-invalid") is None
    assert numbers(page, "data")[0] == pytest.approx(x, rel=1e-5, nan_ok=True)
    page.get_by_label("x", exact=True).press("ArrowLeft")
    assert math.isfinite(numbers(page, "data")[0])


def test_a_slider_says_what_the_result_answers(opened: Browse) -> None:
    page = opened(baydin())
    page.get_by_label("x1", exact=True).fill("3")
    assert page.locator("#spoken").text_content() == "y = 17.06, ∂y/∂x1 = 5.333"
    page.get_by_label("x1", exact=True).fill("-1")
    assert page.locator("#spoken").text_content().startswith("log(-1.0): -1.0 is outside (0, inf)")
    assert page.locator("#sliders output:not([aria-live=off])").count() == 0


def test_arrow_keys_move_a_slider_and_no_step(opened: Browse) -> None:
    page = opened(lecture())
    page.get_by_label("c", exact=True).press("ArrowRight")
    assert page.evaluate("autograd.data('c')") > 10
    assert page.evaluate("autograd.state.step") == 12


def test_the_page_writes_numbers_as_python_does(opened: Browse) -> None:
    page = opened(lecture())
    tried = [1234.5, 1233.5, -1234.5, 0.5, 1 / 3, 2.0, -0.0, 1e-9, 123456.7, 999999.0, 1e6, 1.5e6, 0.00012345, 0.000012345, 99995.0]
    tried += [
        math.inf,
        -math.inf,
        math.nan,
        5e-324,
        1.7976931348623157e308,
        12.345,
        9999.5,
        10005.0 / 1e4,
        0.1 + 0.2,
        1e22,
        2.0**-9,
    ]
    tried += [sign * (1000.5 + last) for last in range(10) for sign in (1, -1)]  # a tie after each digit
    written = page.evaluate("xs => xs.map(x => short(Number(x)))", [str(x).replace("inf", "Infinity") for x in tried])
    assert written == [short(x) for x in tried]


# ------------------------------------------------------------------------------------------------------------------ steps


def test_steps_forward_and_back_show_what_is_known_by_then(opened: Browse) -> None:
    page = opened(lecture())
    assert page.evaluate("autograd.state.steps") == 13  # the beginning, the leaves, 3 operations, the seed, 6 edges, the end
    assert page.evaluate("autograd.state.step") == 12
    page.get_by_role("button", name="To the start").click()
    assert (shown(page, "n0", "data"), shown(page, "n2", "data"), shown(page, "e2_0", "flow")) == ("", "", "")
    page.get_by_role("button", name="A step forward").click()
    assert (shown(page, "n0", "data"), shown(page, "n2", "data")) == ("2", "")
    page.keyboard.press("ArrowRight")
    assert (shown(page, "n2", "data"), shown(page, "e2_0", "partial"), shown(page, "n2", "grad")) == ("-6", "× -3", "")
    page.get_by_role("button", name="To the turn").click()
    assert (shown(page, "n6", "data"), shown(page, "n6", "grad")) == ("-8", "")
    page.evaluate("autograd.step(); autograd.step()")
    assert (shown(page, "n6", "grad"), shown(page, "n4", "grad"), shown(page, "e6_0", "flow")) == ("1", "-2", "= -2")
    page.keyboard.press("ArrowLeft")
    assert (shown(page, "n4", "grad"), shown(page, "e6_0", "flow")) == ("", "")
    page.keyboard.press("End")
    assert page.evaluate("autograd.state.kind") == "end"


def test_a_gradient_grows_with_every_contribution(opened: Browse) -> None:
    x = Value(3.0, "x")
    page = opened(x * x + x)
    growth = []
    for step in range(page.evaluate("autograd.state.turn") + 1, page.evaluate("autograd.state.steps")):
        page.evaluate("k => autograd.goto(k)", step)
        growth.append(shown(page, "n0", "grad"))
    assert growth == ["", "", "1", "4", "7", "7"]


def test_every_step_says_what_the_tape_says(opened: Browse) -> None:
    root = baydin()
    page = opened(root)
    recorded = [step for step in tape.record(root) if step.kind != "leaf"]
    for place, step in enumerate(recorded, 2):
        page.evaluate("k => autograd.goto(k)", place)
        state = page.evaluate("autograd.state")
        assert (state["kind"], state["words"], state["formula"]) == (step.kind, step.words(), step.formula())
        assert page.locator("#words").text_content() == step.words()


def test_sentences_follow_the_sliders(opened: Browse) -> None:
    root = lecture()
    page = opened(root)
    page.evaluate("autograd.set('a', 5)")
    moved = tape.record(graph.replay(root, {graph.leaves(root)[0]: 5.0}))
    for place, step in enumerate([step for step in moved if step.kind != "leaf"], 2):
        page.evaluate("k => autograd.goto(k)", place)
        assert page.evaluate("autograd.state.words") == step.words()
        assert page.evaluate("autograd.state.formula") == step.formula()


def test_a_negative_base_is_bracketed(opened: Browse) -> None:
    x = Value(3.0, "x")
    page = opened((x**2.0).exp() * x)
    page.evaluate("autograd.set('x', -1.5); autograd.goto(2)")
    assert page.evaluate("autograd.state.formula") == "v1 = x ** 2 = (-1.5) ** 2 = 2.25"
    assert page.locator("#formula math").all_text_contents() == ["v1", "=x2", "=(−1.5)2", "=2.25"]


def test_formulas_are_mathematics(opened: Browse) -> None:
    page = opened(lecture())
    page.evaluate("autograd.goto(11)")
    assert page.locator("#formula math").all_text_contents() == ["∂L∂b", "+=∂L∂v1⋅∂v1∂b", "=−2⋅a", "=−2⋅2", "=−4"]
    assert page.locator("#formula mfrac").count() == 3
    assert page.locator("#formula .negative").count() == 3


@pytest.mark.parametrize("before", [-1.0, 2.0])
def test_a_gate_that_a_slider_opens_or_closes_is_said_to_be_so(before: float, opened: Browse) -> None:
    x, w = Value(before, "x"), Value(3.0, "w")
    root = (x * w).relu()
    page = opened(root)
    page.evaluate("x => autograd.set('x', x)", -before)
    moved = tape.record(graph.replay(root, {x: -before}))
    for place, step in enumerate([step for step in moved if step.kind != "leaf"], 2):
        page.evaluate("k => autograd.goto(k)", place)
        assert page.evaluate("autograd.state.words") == step.words()
        assert page.evaluate("autograd.state.formula") == step.formula()


def test_a_local_derivative_in_symbols_is_the_one_that_holds_now(opened: Browse) -> None:
    x = Value(2.0, "x")
    page = opened(ops.elu(x) * 3.0)
    page.evaluate("autograd.set('x', -1); autograd.goto(6)")
    state = page.evaluate("autograd.state")
    assert state["formula"] == "∂v2/∂x += ∂v2/∂v1 · ∂v1/∂x = 3 · exp(x) = 3 · 0.3679 = 1.104"
    assert "0.3679" in state["words"]
    page.evaluate("autograd.goto(1e9)")
    assert page.evaluate("filled(sumOverUsers(nodes[0]))") == "∂v2/∂x = ∂v2/∂v1 · exp(x) = 3 · 0.3679 = 1.104"


def test_the_address_opens_a_step(opened: Browse) -> None:
    page = opened(lecture(), hash="#step=5")
    assert page.evaluate("autograd.state.step") == 5
    page.evaluate("autograd.goto(7)")
    page.wait_for_function("location.hash === '#step=7'")


def test_playing_goes_from_the_start_to_the_end_and_stops(opened: Browse) -> None:
    page = opened(Value(2.0, "a") * 3.0)
    page.locator("#speed").select_option("fast")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    assert page.evaluate("autograd.state.step") == 0
    assert "Pause" in page.locator("#play").text_content()
    page.wait_for_function("autograd.state.kind === 'end'")
    page.wait_for_function("document.getElementById('play').textContent.includes('Play')")


def test_the_scrubber_begins_at_the_last_step(opened: Browse) -> None:
    page = opened(chain(40))
    assert page.locator("#scrubber").input_value() == page.locator("#scrubber").get_attribute("max")


def test_the_scrubber_goes_anywhere(opened: Browse) -> None:
    page = opened(lecture())
    page.locator("#scrubber").fill("4")
    assert page.evaluate("autograd.state.step") == 4
    assert page.locator("#count").text_content() == "4 / 12"
    page.locator("#scrubber").press("Space")
    assert "Pause" in page.locator("#play").text_content()
    page.locator("#scrubber").press("Home")
    for key, step in [("ArrowRight", 1), ("PageUp", 6), ("PageUp", 11), ("PageUp", 12), ("PageDown", 7), ("End", 12), ("Home", 0)]:
        page.locator("#scrubber").press(key)
        assert page.evaluate("autograd.state.step") == step, key


LONG_NAME = "a name so long that sentences about it take more than one line of the page, and some of them even more than two"


def test_the_picture_keeps_its_place_when_sentences_grow_longer(opened: Browse) -> None:
    x = Value(2.0, LONG_NAME)
    page = opened(x.tanh() * x, look={"width": 800, "height": 900})
    heights, said = [], []
    for step in (4, 5, 0, 4, 5, 0):
        page.evaluate("k => autograd.goto(k)", step)
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        heights.append(page.evaluate("picture.clientHeight"))
        said.append(page.evaluate("byId('formula').getBoundingClientRect().bottom - byId('words').getBoundingClientRect().top"))
    assert len(set(said)) > 1
    assert len(set(heights[1:])) == 1


def test_what_is_looked_at_stays_when_the_window_changes(opened: Browse) -> None:
    page = opened(lecture())
    page.set_viewport_size({"width": 900, "height": 700})
    page.wait_for_function("frame[0] < 900")
    assert page.evaluate("view.scale === whole()")
    page.get_by_role("button", name="Closer").click()
    before = page.evaluate("view.scale")
    page.set_viewport_size({"width": 1200, "height": 700})
    page.wait_for_function("frame[0] > 900")
    assert page.evaluate("view.scale") == before


# -------------------------------------------------------------------------------------------------------- looking at nodes


def test_pointing_at_a_node_lights_its_paths_and_shows_its_sum(opened: Browse) -> None:
    page = opened(baydin())
    page.locator("#n0").hover()
    assert page.locator("#phase").text_content() == "The gradient of x1"
    assert page.evaluate("filled(sumOverUsers(nodes[0]))") == "∂y/∂x1 = ∂y/∂v1 · (1 / x1) + ∂y/∂v2 · x2 = 1 · 0.5 + 1 · 5 = 5.5"
    lit = page.evaluate("[...document.querySelectorAll('.card.lit')].map(card => card.id)")
    assert lit == ["n0", "n1", "n3", "n4", "n6"]
    page.mouse.move(640, 780)
    assert page.evaluate("document.querySelectorAll('.lit').length") == 0


def test_before_the_gradient_is_known_its_sum_has_no_numbers(opened: Browse) -> None:
    page = opened(baydin())
    page.evaluate("autograd.goto(autograd.state.turn); pin(nodes[0])")
    assert page.evaluate("filled(sumOverUsers(nodes[0]))") == "∂y/∂x1 = ∂y/∂v1 · (1 / x1) + ∂y/∂v2 · x2"


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
    assert "L = d * f = 4 * -2 = -8" in rows[3]
    page.evaluate("autograd.set('f', 1)")
    assert "L = d * f = 4 * 1 = 4" in page.locator("#tape tbody tr").all_text_contents()[3]


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


# ------------------------------------------------------------------------------------------------ refusals and strange graphs


def test_where_an_operation_refuses_the_page_says_why_and_recovers(opened: Browse) -> None:
    page = opened(baydin())
    page.evaluate("autograd.set('x1', -1)")
    assert page.evaluate("autograd.message('v1')") == "log(-1.0): -1.0 is outside (0, inf); keep the operand inside"
    assert "log(-1.0): -1.0 is outside (0, inf)" in page.locator("#words").text_content()
    assert page.locator("#picture .message", has_text="log(-1.0)").count() == 1
    assert "refused" in page.locator("#n1").get_attribute("class")
    assert [shown(page, id, "data") for id in ("n1", "n3", "n6")] == ["—", "-5", "—"]
    assert shown(page, "n0", "grad") == "—"
    assert page.evaluate("autograd.grad('x1')") is None
    page.evaluate("autograd.set('x1', 2)")
    assert shown(page, "n0", "grad") == "5.5"
    assert page.evaluate("autograd.message('v1')") == ""


def test_parameters_that_were_recorded_stay_and_the_page_says_so(opened: Browse) -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    page = opened(ops.where(a < b, a, b) * 2.0)
    assert "where" in page.locator("#remark").text_content()
    page.evaluate("autograd.set('a', 5)")
    assert page.evaluate("autograd.data('v2')") == 10


def test_a_row_that_cannot_be_translated_rests_its_sliders(opened: Browse) -> None:
    table = dict(TABLE)
    try:

        @op(partials=(lambda a, y: float(str(1.0)),), name="told")
        def told(a: float) -> float:
            "The operand, by way of its digits."
            return float(str(a))

        page = opened(told(Value(2.0, "a")) * 3.0)
    finally:
        TABLE.clear()
        TABLE.update(table)
    assert "told" in page.locator("#remark").text_content()
    assert page.get_by_label("a", exact=True).is_disabled()
    assert (shown(page, "n2", "data"), shown(page, "n0", "grad")) == ("6", "3")


def test_labels_are_text_whatever_they_hold(opened: Browse) -> None:
    strange = ['</script><b id="x">', 'a & "b" <c>\'', "<!--", "{{}} ${x}", "ß∂/∂ü"]
    leaves = [Value(float(place + 1), label) for place, label in enumerate(strange)]
    root = ops.sum(leaves) * 2.0
    page = opened(root, title="<i>&amp;</i>")
    assert page.title() == "<i>&amp;</i>"
    assert page.locator("b#x").count() == 0
    for place, label in enumerate(strange):
        assert page.locator(f"#n{place} .title").text_content() == label
    page.evaluate("steps.forEach((_, k) => autograd.goto(k)); byId('tape').open = true; drawTape()")
    for place in range(5):
        page.evaluate("i => pin(nodes[i])", place)
    assert page.locator("b#x").count() == 0


def test_a_leaf_alone_has_a_page(opened: Browse) -> None:
    page = opened(Value(2.0, "a"))
    assert (shown(page, "n0", "data"), shown(page, "n0", "grad")) == ("2", "1")
    page.evaluate("autograd.goto(0); autograd.step(); autograd.set('a', 4)")
    assert shown(page, "n0", "data") == "4"
    assert page.locator("h1").text_content() == "a"


def test_numbers_that_are_not_finite_are_shown(opened: Browse) -> None:
    x = Value(1e200, "x")
    page = opened(x * x - x * x)
    assert shown(page, "n3", "data") == "nan"
    assert numbers(page, "data")[1] == math.inf


def test_constants_are_arguments_and_have_no_slider(opened: Browse) -> None:
    root = (3.0 - Value(2.0, "x")) ** 2.0
    page = opened(root)
    page.evaluate("autograd.set('x', 7)")
    assert page.evaluate("autograd.data(2)") == 16
    assert page.locator(".slider").count() == 1


# --------------------------------------------------------------------------------------------------------------- networks


def test_folded_by_layer_a_network_shows_its_boxes_with_live_numbers(opened: Browse) -> None:
    root = network([4, 4, 1])
    page = opened(root, fold="layer")
    assert page.locator(".card.box").count() == 3
    assert page.evaluate("autograd.state.steps") < 25
    norm = page.locator(".card.box", has_text="layers[2]").locator(".grad").last
    before = norm.text_content()
    page.evaluate("autograd.set('x1', 3)")
    again = graph.replay(root, {leaf: 3.0 for leaf in graph.leaves(root) if leaf.label == "x1"})
    again.backward()
    parameters = [leaf for leaf in graph.leaves(again) if leaf.label.startswith("layers[2]")]
    assert norm.text_content() == short(math.hypot(*(leaf.grad for leaf in parameters))) != before


def test_folded_by_neuron_a_network_fits_a_laptop(opened: Browse) -> None:
    page = opened(network([16, 16, 1]), fold="neuron", look={"width": 1366, "height": 768})
    assert page.evaluate("view.scale") > 0.7
    assert page.locator(".card.box").count() == 33
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
    leaf = page.evaluate("nodes.find(node => node.name === 'layers[0].neurons[2].b').index")
    page.locator(f"#n{leaf}").click()
    assert page.locator(".slider.chosen label").get_attribute("title") == "layers[0].neurons[2].b"
    assert page.locator(".slider.chosen").is_visible()


# ----------------------------------------------------------------------------------------------------- layout, size, limits


@pytest.mark.parametrize("rankdir", DIRECTIONS)
@pytest.mark.parametrize(
    "make", [lecture, baydin, lambda: network([4, 1]), lambda: chain(60)], ids=["lecture", "baydin", "network", "chain"]
)
def test_without_an_engine_nothing_lies_on_anything_else(
    make: Callable[[], Value], rankdir: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRAD_ENGINE", "none")
    assert_apart(data_of(make(), rankdir=rankdir))


def test_an_engine_places_the_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout._Layers, "layout", lambda self: pytest.fail("an engine is installed with the tests"))
    assert_apart(data_of(baydin()))


def data_of(root: Value, **options: Any) -> dict[str, Any]:
    """What stands in the page as JSON."""
    match = re.search(r"^const DATA = (.*);$", to_html(root, **options).html, re.M)
    assert match is not None
    data: dict[str, Any] = json.loads(match[1])
    return data


def assert_apart(data: dict[str, Any]) -> None:
    """No two boxes overlap, all lie within the picture, and every arrow has its curve and its text."""
    picture = data["picture"]
    places = [box["at"] for box in (*picture["cards"], *picture["circles"])]
    for index, (x, y, width, height) in enumerate(places):
        assert width / 2 <= x <= picture["size"][0] - width / 2
        assert height / 2 <= y <= picture["size"][1] - height / 2
        for u, v, other_width, other_height in places[:index]:
            assert abs(x - u) >= (width + other_width) / 2 or abs(y - v) >= (height + other_height) / 2
    for arrow in picture["arrows"]:
        assert re.fullmatch(r"M-?\d+,-?\d+(C( ?-?\d+,-?\d+)+)+", arrow["path"])
        assert arrow["label"]


def test_own_layout_keeps_the_edges_of_a_square_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_ENGINE", "none")
    x = Value(3.0, "x")
    first, second = data_of(x * x)["picture"]["arrows"]
    assert abs(first["label"][1] - second["label"][1]) >= 30


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert to_html(network([3, 1])).html == to_html(network([3, 1])).html


def doubled() -> Value:
    """Every node is used twice, so that there are twice as many edges as nodes."""
    x = Value(1.0, "x")
    for _ in range(59):
        x = x + x
    return x


def with_long_labels() -> Value:
    """A name of forty letters on every node."""
    inputs = [Value(0.1 * place, f"the_encoder.blocks[3].attention.weight[{place}]") for place in range(20)]
    y = inputs[0]
    for place, x in enumerate(inputs[1:]):
        y = y * x
        y.label = f"the_encoder.blocks[3].attention.product[{place}]"
        y = y.tanh()
        y.label = f"the_encoder.blocks[3].attention.activation[{place}]"
    return y


@pytest.mark.parametrize(
    "make", [lambda: chain(60), lambda: network([8, 1]), doubled, with_long_labels], ids=["chain", "network", "doubled", "labels"]
)
def test_a_page_of_sixty_nodes_is_small(make: Callable[[], Value]) -> None:
    assert 50 <= len(toposort(make())) <= 60
    assert len(gzip.compress(to_html(make()).html.encode())) < 40_000


CHANGES = """() => {
  const watcher = new MutationObserver(() => {});
  watcher.observe(document.body, { subtree: true, childList: true, characterData: true });
  return (action) => { watcher.takeRecords(); action(); return watcher.takeRecords().length; }; }"""


def test_a_step_of_a_large_graph_rewrites_only_what_it_changes(opened: Browse) -> None:
    page = opened(chain(500))
    page.evaluate(f"void (window.changes = ({CHANGES})())")
    page.evaluate("autograd.goto(autograd.state.turn + 50)")
    assert 0 < page.evaluate("changes(autograd.step)") < 30
    assert page.evaluate("changes(() => autograd.set('x7', autograd.data('x7')))") < 30
    assert page.evaluate("changes(() => autograd.set('x7', 3))") > 30


def test_too_large_a_graph_is_refused() -> None:
    with pytest.raises(GraphSizeError, match="more than 30 nodes"):
        to_html(chain(40), max_nodes=30)


def test_a_graph_whose_leaves_were_set_since_is_refused() -> None:
    x = Value(2.0, "x")
    y = x * x
    x.data = 3.0
    with pytest.raises(StaleGraphError):
        to_html(y)


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="rankdir='up'"):
        to_html(lecture(), rankdir="up")


# ------------------------------------------------------------------------------------------------------------ look and print


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
    page.evaluate("zoom(1.5 / view.scale), centre(elementOf.get(root))")
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


# --------------------------------------------------------------------------------------------------------------- in Python


def test_a_page_has_a_title_and_a_text() -> None:
    page = to_html(lecture())
    assert page.title == "L = (a * b + c) * f"
    assert page.text.splitlines()[-1] == "L = d * f    data -8   no grad yet"
    assert str(page) == page.text


def test_names_and_expanded_operations_reach_the_page() -> None:
    x = Value(0.5)
    data = data_of(x.sigmoid(), names={"x": x}, expand=True)
    assert [node["name"] for node in data["nodes"]] == ["x", "v1", "v2", "v3", "v4"]
    assert [node.get("op") for node in data["nodes"]] == [None, "neg", "exp", "add", "div"]


def test_a_page_in_a_notebook_plays_in_a_frame_of_its_own(browse: Browse, tmp_path: Path) -> None:
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html>{to_html(lecture())._repr_html_()}")
    frame = browse(path).frame_locator("iframe")
    frame.get_by_role("button", name="A step back").click()
    assert frame.locator("#count").text_content() == "11 / 12"


def test_many_steps_write_few_characters() -> None:
    data = data_of(network([3, 1]))
    said = json.dumps([data["steps"], data["templates"]], ensure_ascii=False)
    assert len(gzip.compress(said.encode())) < 65 * len(data["steps"])


def test_a_label_that_is_a_formula_stands_in_brackets_in_the_result(opened: Browse) -> None:
    a = Value(2.0, "a")
    total = a + 1.0
    total.label = "a + 1"
    page = opened(total)
    assert page.evaluate("autograd.state.formula") == "a + 1 = 3, ∂(a + 1)/∂a = 1"
