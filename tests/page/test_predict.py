"""Predict, then reveal: nothing is shown before it was asked for, and answers are judged as a quiz judges them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from examples import baydin, lecture
from pages import network, shown

from autograd import ops
from autograd.show.answers import judged
from autograd.show.questions import Sheet
from autograd.value import Value, toposort

Browse = Callable[..., Any]

PREDICTING = "#open=predict"


def verdict(page: Any) -> str:
    text: str = page.locator("#verdict").text_content()
    return text


def test_the_page_begins_with_nothing_computed_and_asks_for_every_number(opened: Browse) -> None:
    page = opened(lecture(), hash=PREDICTING)
    assert [shown(page, id, "data") for id in ("n0", "n2", "n6")] == ["", "", ""]
    page.keyboard.press("ArrowRight")
    assert shown(page, "n0", "data") == "2"
    page.keyboard.press("ArrowRight")
    assert (shown(page, "n2", "data"), shown(page, "e2_0", "partial")) == ("?", "")
    assert page.locator("#words").text_content() == "Predict the number of this step, then check or reveal it."
    page.keyboard.press("End")  # no step is passed over
    assert page.evaluate("autograd.state.step") == 2
    page.get_by_label("v1 = a·b").fill("6")
    page.get_by_label("v1 = a·b").press("Enter")
    assert verdict(page) == "✗ the sign is wrong"
    page.get_by_label("v1 = a·b").fill("-6")
    page.get_by_role("button", name="Check").click()
    assert verdict(page) == "✓ right"
    assert shown(page, "n2", "data") == "−6"
    page.wait_for_function("!byId('onward').disabled")
    page.get_by_role("button", name="Next step").click()
    page.get_by_role("button", name="Reveal").click()
    assert (verdict(page), shown(page, "n4", "data")) == ("It is 4.", "4")
    page.wait_for_function("document.querySelector('.tally').textContent === '1 right, 1 revealed.'")


def test_a_known_mistake_has_its_name(opened: Browse) -> None:
    page = opened(lecture(), hash="#open=predict&predict=6&step=7")
    assert page.evaluate("questionOf(steps[at]).slice(0, 1).concat(answerNow())") == ["contribution", 4]
    page.evaluate("predict('1')")
    assert verdict(page) == "✗ that is ∂L/∂L alone; times the local derivative ∂L/∂f"


def test_every_mistake_is_judged_as_the_quiz_judges_it(opened: Browse) -> None:
    x, w = Value(1.5, "x"), Value(-2.0, "a + b")
    root = x * w + ops.tanh(x * 0.5) * x + w
    root.label = "L"
    page = opened(root)
    sheet = Sheet(root, None)
    for i, node in enumerate(toposort(root)[:-1]):
        edges = [(kind, i, slot) for kind in ("partial", "contribution") for slot in range(len(node.operands))]
        for kind, place, slot in [("adjoint", i, 0), *edges]:
            mistakes = dict(sheet.mistakes((kind, place, slot)))
            found = page.evaluate("([kind, i, slot]) => mistakesOf(kind, nodes[i], slot)", [kind, place, slot])
            answer = sheet.value((kind, place, slot))
            for wrong, words in found:
                assert mistakes[wrong] == words or judged(repr(wrong), answer, tuple(mistakes.items())) == words
            assert {words for _, words in found} == {words for words in mistakes.values() if "along the other edge" not in words}


def test_what_is_ahead_is_nowhere_in_the_page(opened: Browse) -> None:
    page = opened(ops.relu(Value(-1.3, "x")) * Value(2.7, "w") + Value(5.9, "z"), hash="#open=predict")
    page.evaluate("byId('tape').open = true; drawTape(); moveTo(1); moveTo(2)")
    text = page.locator("body").inner_text()
    assert "closed" not in text
    assert page.locator(".line.closed").count() == 0
    assert "0" not in [shown(page, id, "data") for id in ("n1", "n3")]
    page.evaluate("pin(nodes[0])")
    assert "0" not in page.locator("#formula").inner_text()
    page.get_by_role("button", name="Predict").click()  # the panel is closed: all is shown
    assert page.locator(".line.closed").count() == 1


def test_a_number_that_is_ahead_is_not_drawn_nor_spoken(opened: Browse) -> None:
    page = opened(baydin(), hash="#open=predict")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    seen = [*page.evaluate("texts.map((text) => text.characters.data)"), page.locator("#spoken").text_content()]
    assert not any("0.6931" in text for text in seen)
    assert all("not computed yet" in label for label in page.evaluate("['n1', 'n3', 'n6'].map((id) => byId(id).ariaLabel)")[1:])


def test_a_folded_step_is_passed_without_a_question(opened: Browse) -> None:
    page = opened(network([2, 1]), hash="#open=predict", fold="layer")
    for step in range(1, page.evaluate("autograd.state.steps")):
        page.evaluate("autograd.step(); isAsked() && settleQuestion('shown', '')")
        assert page.evaluate("[at, shownUpTo]") == [step, step]


def test_the_state_of_a_prediction_is_in_the_address(opened: Browse) -> None:
    page = opened(lecture(), hash="#open=predict&predict=4&step=5")
    assert page.evaluate("[at, shownUpTo, isAsked()]") == [5, 4, True]
    assert page.evaluate("fragment()") == "#open=predict&step=5&predict=4"
    page.get_by_role("button", name="Start over").click()
    assert page.evaluate("[at, shownUpTo]") == [0, 1]
