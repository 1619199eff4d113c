"""The gradient step of a page: it moves the leaves as Python's gradient descent does, and is honest where that leads nowhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from pages import network

from autograd import graph, ops
from autograd.value import Value

Browse = Callable[..., Any]


def neuron() -> Value:
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.0, "b")
    loss = ((w * x + b).tanh() - 0.7) ** 2
    loss.label = "L"
    return loss


def descended(root: Value, rate: float, count: int, learns: Callable[[str], bool] = lambda name: True) -> dict[str, float]:
    """The leaves after so many steps, computed by Python."""
    for _ in range(count):
        root = graph.replay(root, {})
        root.backward()
        moved = {leaf: leaf.data - rate * leaf.grad for leaf in graph.leaves(root) if learns(leaf.label)}
        root = graph.replay(root, moved)
    return {leaf.label: leaf.data for leaf in graph.leaves(root)}


def said(page: Any) -> str:
    text: str = page.locator("#learned").text_content()
    return text


def leaves(page: Any) -> dict[str, float]:
    found: dict[str, float] = page.evaluate("Object.fromEntries(movable.map((leaf) => [pathOf(leaf), leaf.data]))")
    return found


@pytest.mark.parametrize(("button", "count"), [("Once", 1), ("Ten times", 10)])
def test_steps_are_those_of_python(button: str, count: int, opened: Browse) -> None:
    page = opened(neuron(), hash="#open=learn&eta=0.05")
    page.get_by_role("button", name=button).click()
    assert leaves(page) == pytest.approx(descended(neuron(), 0.05, count), rel=1e-12)
    assert said(page).startswith("L fell from 0.49 to ")


def test_a_step_is_written_with_its_numbers(opened: Browse) -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    page = opened(a * b, hash="#open=learn&eta=0.5")
    page.wait_for_function("document.querySelector('.formulas').textContent")
    assert page.locator(".formulas > span").all_text_contents() == ["a←a−η·∂v1∂a=2−0.5·(−3)=3.5", "b←b−η·∂v1∂b=−3−0.5·2=−4"]
    page.get_by_role("button", name="Once").click()
    assert said(page) == "v1 fell from −6 to −14. A step so short that the gradient stays the same falls by η · |∇v1|² = 6.5."
    assert page.get_by_label("a, as a number").input_value() == "3.5"


def test_of_a_network_the_parameters_learn_and_the_inputs_do_not(opened: Browse) -> None:
    page = opened(network([3, 1]), hash="#open=learn&eta=0.01")
    page.get_by_role("button", name="Ten times").click()
    assert leaves(page) == pytest.approx(descended(network([3, 1]), 0.01, 10, lambda name: "layers" in name), rel=1e-12)
    assert page.locator("#panel-learn svg").get_attribute("aria-label").startswith("loss over 10 steps, from ")


def test_the_leaves_that_learn_are_chosen_and_kept_in_the_address(opened: Browse) -> None:
    page = opened(neuron(), hash="#open=learn")
    page.get_by_text("Which leaves learn").first.click()
    page.get_by_role("checkbox", name="x learns").uncheck()
    page.get_by_role("button", name="Once").click()
    assert leaves(page)["x"] == 2.0
    assert leaves(page)["w"] != 0.5
    again = opened(neuron(), hash=page.evaluate("fragment()"))
    assert again.evaluate("namesOf(learners)") == ["w", "b"]
    again.evaluate("document.querySelectorAll('#panel-learn [type=checkbox]:checked').forEach((box) => box.click())")
    again.wait_for_function("byId('learned').textContent === 'No leaf learns: choose one.'")


def test_undo_takes_a_click_back_and_home_all_of_them(opened: Browse) -> None:
    page = opened(neuron(), hash="#open=learn")
    page.get_by_role("button", name="Once").click()
    once = leaves(page)
    page.get_by_role("button", name="Ten times").click()
    page.get_by_role("button", name="Once").click()
    for _ in range(2):
        page.get_by_role("button", name="Undo").click()
    assert leaves(page) == once
    page.get_by_role("button", name="Ten times").press("Home")
    assert leaves(page) == {"w": 0.5, "x": 2.0, "b": -1.0}
    assert said(page) == "L is 0.49 again."
    page.wait_for_function("byId('undo').disabled")
    page.get_by_role("button", name="Once").click()
    page.get_by_label("w", exact=True).fill("1")  # by hand: what was is forgotten
    assert said(page) == ""
    page.wait_for_function("byId('undo').disabled")


@pytest.mark.parametrize(
    ("make", "eta", "words"),
    [
        (lambda x: x**2.0, "1.5", "v1 rose from 4 to 16: the step is too long, the gradient holds only nearby. Try a smaller η."),
        (lambda x: x**2.0, "1", "v1 stays 4: the gradient of every leaf that learns is 0, or too small for this η."),
        (lambda x: ops.log(x), "9", "After the step v1 has no value: η is too large. Undo takes the step back."),
        (lambda x: x**4.0, "1e80", "After the step v1 has no value: η is too large. Undo takes the step back."),
        (lambda x: x * x, "1e200", "After the step v1 is inf: η is too large. Undo takes the step back."),
        (lambda x: x * 1e300, "1e300", "No step is taken: x would be −inf. Try a smaller η."),
        (lambda x: ops.sqrt(x - 2.0), "0.1", "No step is taken: ∂v2/∂x is inf, and x would be no number."),
        (lambda x: ops.sqrt(x - 2.0) ** 2.0, "0.1", "No step is taken: ∂v3/∂x is nan, and x would be no number."),
        (lambda x: x * x, "-1", "η must be a positive number."),
        (lambda x: x * x, "much", "η must be a positive number."),
    ],
)
def test_where_a_step_leads_nowhere_the_page_says_so(make: Any, eta: str, words: str, opened: Browse) -> None:
    page = opened(make(Value(2.0, "x")), hash="#open=learn")
    page.get_by_label("η").fill(eta)
    page.get_by_role("button", name="Once").click()
    assert said(page) == words
    if words.startswith(("No step", "η must")):
        assert leaves(page) == {"x": 2.0}
    else:
        page.get_by_role("button", name="Undo").click()
        assert leaves(page) == {"x": 2.0}


def test_ten_steps_end_where_there_is_no_number(opened: Browse) -> None:
    page = opened(Value(2.0, "x") ** 4.0, hash="#open=learn&eta=1")
    page.get_by_role("button", name="Ten times").click()
    assert "η is too large" in said(page)
    assert math.isfinite(leaves(page)["x"])
    assert page.evaluate("trail.states.length") < 11
