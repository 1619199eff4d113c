"""The steps of a page in a real browser: what each shows, and how one moves through them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from examples import baydin, lecture
from pages import chain, shown

from autograd import graph, ops
from autograd.show import tape
from autograd.value import Value

Browse = Callable[..., Any]


def test_steps_forward_and_back_show_what_is_known_by_then(opened: Browse) -> None:
    page = opened(lecture())
    assert page.evaluate("autograd.state.steps") == 13  # the beginning, the leaves, 3 operations, the seed, 6 edges, the end
    assert page.evaluate("autograd.state.step") == 12
    page.get_by_role("button", name="To the start").click()
    assert (shown(page, "n0", "data"), shown(page, "n2", "data"), shown(page, "e2_0", "flow")) == ("", "", "")
    page.get_by_role("button", name="A step forward").click()
    assert (shown(page, "n0", "data"), shown(page, "n2", "data")) == ("2", "")
    page.keyboard.press("ArrowRight")
    assert (shown(page, "n2", "data"), shown(page, "e2_0", "partial"), shown(page, "n2", "grad")) == ("−6", "× −3", "")
    page.get_by_role("button", name="To the turn").click()
    assert (shown(page, "n6", "data"), shown(page, "n6", "grad")) == ("−8", "")
    page.evaluate("autograd.step(); autograd.step()")
    assert (shown(page, "n6", "grad"), shown(page, "n4", "grad"), shown(page, "e6_0", "flow")) == ("1", "−2", "= −2")
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
    assert page.evaluate("autograd.state.formula") == "v1 = x² = (−1.5)² = 2.25"
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
