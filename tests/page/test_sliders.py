"""The numbers of a page in a real browser are Python's, wherever its sliders are."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from typing import Any

import pytest
from examples import baydin, lecture
from pages import network, numbers, shown

from autograd import graph, ops
from autograd.ops import TABLE, Op
from autograd.page import to_html
from autograd.text.numbers import short
from autograd.value import Value, toposort

Browse = Callable[..., Any]


def ulps(x: float, y: float) -> int:
    """How many floats lie between two."""
    if x == y or (x != x and y != y):
        return 0
    if not (math.isfinite(x) and math.isfinite(y)):
        return 2**63
    order = [struct.unpack("<q", struct.pack("<d", number))[0] for number in (x, y)]
    order = [place if place >= 0 else -(place & (2**63 - 1)) for place in order]
    return abs(order[0] - order[1])


def assert_agrees(page: Any, root: Value, values: dict[Value, float]) -> None:
    """The page's numbers are Python's, on these leaves."""
    again = graph.replay(root, values)
    again.backward()
    for kind in ("data", "grad"):
        expected = [getattr(node, kind) for node in toposort(again)]
        found = numbers(page, kind)
        assert max(map(ulps, expected, found)) <= 4, (kind, expected, found)


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
