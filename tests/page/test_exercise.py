"""Exercises of a page: questions whose numbers and answers it computes itself, away from kinks, and a score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from examples import baydin, lecture
from pages import network

from autograd import graph, ops
from autograd.show.questions import Sheet
from autograd.value import Value

Browse = Callable[..., Any]


def kinky() -> Value:
    a, b = Value(2.0, "a"), Value(-1.0, "b")
    return ops.relu(a * b + 1.0) + ops.log(a) * ops.max(a, b) + abs(b)


def again(page: Any, root: Value) -> Sheet:
    """The graph at the page's numbers, in Python."""
    leaves = page.evaluate("Object.fromEntries(movable.map((leaf) => [pathOf(leaf), leaf.data]))")
    return Sheet(graph.replay(root, {leaf: leaves[leaf.label] for leaf in graph.leaves(root)}), None)


@pytest.mark.parametrize("make", [lecture, baydin, kinky, lambda: network([2, 1])], ids=["lecture", "baydin", "kinky", "network"])
def test_answers_are_those_of_python_and_no_number_is_at_a_kink(make: Callable[[], Value], opened: Browse) -> None:
    root = make()
    page = opened(root, hash="#open=exercise")
    page.evaluate("chance = mulberry(7)")
    kinds = set()
    for _ in range(12):
        page.evaluate("newExercise()")
        kind, index, slot, answer = page.evaluate("[exercise.kind, exercise.node.index, exercise.slot, solution()]")
        kinds.add(kind)
        sheet = again(page, root)
        assert answer == pytest.approx(sheet.value((kind, index, slot)), rel=1e-9, abs=1e-12)
        assert page.evaluate("nodes.every((node) => nearestKink(node).distance > 0.05)")
        hidden = {f"{what} {i} {end}" for what, i, end in sheet.hidden([(kind, index, slot)])}
        assert hidden - set(page.evaluate("[...exercise.hidden]")) <= {f"adjoint {len(sheet.nodes) - 1} 0"}
    assert len(kinds) > 1


def test_a_right_answer_counts_and_a_shown_one_does_not(opened: Browse) -> None:
    page = opened(lecture(), hash="#open=exercise")
    field, score = page.locator("#solution"), page.locator("#panel-exercise .score")
    field.fill(str(page.evaluate("solution()")))
    field.press("Enter")
    assert page.locator("#judgement").text_content() == "✓ right"
    assert score.text_content() == "1 of 1 right."
    field.press("Enter")  # the next one
    field.fill("12345")
    page.get_by_role("button", name="Check").click()
    assert page.locator("#judgement").text_content() == "✗ not yet"
    page.get_by_role("button", name="Show").click()
    assert page.locator("#judgement").text_content().startswith("It is ")
    assert page.locator("#panel-exercise .formulas math").count() > 0
    assert score.text_content() == "1 of 2 right."


def test_the_hidden_number_is_not_in_the_page_and_the_leaves_come_back(opened: Browse) -> None:
    page = opened(baydin(), hash="#open=exercise")
    page.evaluate("exercise = null; setLeaves([[movable[0], 2.7], [movable[1], 5.3]])")
    page.evaluate(
        "exercise = { kind: 'adjoint', node: nodes[0], slot: 0, isOver: false, hidden: new Set(['adjoint 0 0']) }; show()"
    )
    assert page.locator("#n0 .grad").text_content() == "[?]"
    assert "5.67" not in page.locator("body").inner_text()
    page.evaluate("openPanel('exercise', false)")
    assert page.evaluate("movable.map((leaf) => leaf.data)") == [2, 5]
    assert page.locator("#n0 .grad").text_content() == "5.5"


def test_what_hides_numbers_is_open_without_what_shows_them(opened: Browse) -> None:
    page = opened(lecture(), hash="#open=learn,curve,share")
    page.get_by_role("button", name="Predict").click()
    assert page.evaluate("openPanels()") == ["predict", "share"]
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("button", name="Exercises").click()
    assert page.evaluate("openPanels()") == ["exercise"]
    page.get_by_role("button", name="Predict").click()
    assert page.evaluate("[openPanels(), exercise]") == [["predict"], None]
    page.get_by_role("button", name="Curve").click()
    assert page.evaluate("[openPanels(), shownUpTo === Infinity]") == [["curve"], True]
