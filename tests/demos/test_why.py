"""The pages on three lines of every engine: their last numbers are those of the engine without and with the mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd.bugs import LABORATORY
from autograd.page import Page
from autograd.text.numbers import short
from autograd.value import Value
from demos.why import why_add, why_order, why_zero_grad

RATE, STEPS = 0.1, 30


def residual(x: Value) -> Value:
    u = x + 3.0
    return u * (u + 2.0)


def two_paths(x: Value) -> Value:
    return (x + 2.0) * (x + 5.0)


def data_of(page: Page) -> dict[str, Any]:
    match = re.search(r"^const DATA = (.*);$", page.html, re.M)
    assert match is not None
    data: dict[str, Any] = json.loads(match[1])
    return data


def slope(program: Callable[[Value], Value]) -> str:
    x = Value(2.0)
    program(x).backward()
    return short(x.grad)


@pytest.mark.parametrize(
    ("page", "bug", "program"), [(why_order, "wrong_order", residual), (why_add, "overwrite", two_paths)], ids=["order", "add"]
)
def test_the_last_step_has_what_the_engine_computes_without_and_with_the_mistake(page: Any, bug: str, program: Any) -> None:
    data = data_of(page())
    last = data["steps"][-1]
    place = data["names"].index("x")
    assert last["right"][place] == slope(program)
    with LABORATORY[bug]:
        assert last["wrong"][place] == slope(program)
    assert last["wrong"][place] != last["right"][place]
    assert last["right"][place] in page().text


def test_without_zero_grad_each_step_follows_the_sum_of_all_slopes() -> None:
    steps = data_of(why_zero_grad(RATE, STEPS))["steps"]
    w, total = 1.0, 0.0
    for step in steps:
        total += 2.0 * (w - 3.0)
        assert step["wrong"] == [short(w), short(total)]
        w -= RATE * total
    assert len(steps) == STEPS


@pytest.mark.parametrize("make", [why_order, why_add, lambda: why_zero_grad(RATE, STEPS)], ids=["order", "add", "zero_grad"])
def test_a_page_goes_through_both_computations_by_keys_and_marks_where_they_differ(make: Any, browse: Any, tmp_path: Path) -> None:
    page = browse(make().save(tmp_path / "why.html"))
    assert page.locator("svg").count() == 1
    assert page.locator("td.apart").count() == 0
    page.keyboard.press("End")
    assert page.locator("td.apart").count() >= 1
    assert page.locator("#on").is_disabled()
    page.keyboard.press("Home")
    page.locator("#on").click()
    assert page.locator("#step").input_value() == "1"
