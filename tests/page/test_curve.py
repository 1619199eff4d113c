"""The curve of a page: the result against a leaf as Python computes it, with gaps, and the tangent whose slope is the gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from examples import baydin
from pages import chain

from autograd import graph, ops
from autograd.value import Value

Browse = Callable[..., Any]


def points(page: Any) -> list[Any]:
    """The points of the curve once the leaves rest: [x, y], or None for a gap."""
    page.wait_for_function("drawn.isFine")
    found: list[Any] = page.evaluate("drawn.points")
    return found


def gaps(page: Any) -> list[float]:
    """Where the curve is interrupted: the last place before each gap that is not at an end."""
    found = points(page)
    return [
        found[i - 1][0]
        for i, point in enumerate(found)
        if point is None and 0 < i < len(found) - 1 and found[i - 1] and any(found[i:])
    ]


def test_the_curve_is_what_python_computes(opened: Browse) -> None:
    root = baydin()
    page = opened(root, hash='#open=curve&curve=["x2"]')
    x2 = graph.leaves(root)[1]
    found = points(page)
    assert len(found) > 40
    assert [found[0][0], found[-1][0]] == [-10, 10]
    for x, y in found:
        assert y == pytest.approx(graph.replay(root, {x2: x}).data, rel=1e-12)
    assert page.evaluate("[autograd.data('x2'), autograd.data('y')]") == [x2.data, root.data]  # the graph keeps its numbers


def test_the_tangent_has_the_slope_of_the_gradient(opened: Browse) -> None:
    page = opened(baydin(), hash="#open=curve")
    points(page)
    assert page.locator("#slope").text_content() == "At x1 = 2, y = 11.65; its tangent has the slope ∂y/∂x1 = 5.5."
    slope = """() => {
      const [, a, b, c, d] = /M(.*),(.*)L(.*),(.*)/.exec(chart.querySelector('.tangent').getAttribute('d')).map(Number);
      const { x, y } = drawAxes(chart, [-4, 4], rangeOf(drawn.points.filter(Boolean).map(([, y]) => y), root.data));
      return (d - b) / (c - a) / ((y(1) - y(0)) / (x(1) - x(0)));
    }"""
    points(page)
    assert page.evaluate(slope) == pytest.approx(5.5, rel=1e-9)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda x: ops.floor(x) * 3.0, [-3, -2, -1, 0, 1, 2, 3, 4]),
        (lambda x: ops.sign(x + 0.3), [-0.3, -0.3]),  # at the jump it is 0, a point alone
        (lambda x: 1.0 / (x - 0.1), [0.1]),
        (lambda x: ops.tan(x), [-math.pi / 2, math.pi / 2]),
        (lambda x: ops.relu(x) + abs(x - 1.0) + ops.max(x, 2.0), []),  # kinks do not jump
        (lambda x: ops.sigmoid(50.0 * x), []),  # steep, but continuous
        (lambda x: ops.log(x * x - 1.0), [-1]),  # outside the domain from -1 to 1
        (lambda x: ops.sqrt(ops.cos(x - 2.0)), [2.0 - 1.5 * math.pi]),
    ],
)
def test_gaps_are_where_the_result_jumps_or_has_no_value(make: Any, expected: list[float], opened: Browse) -> None:
    page = opened(make(Value(2.0, "x")) + 0.0, hash="#open=curve")
    found = gaps(page)
    assert all(any(abs(gap - place) < 1e-4 for place in expected) for gap in found), found
    assert len({round(gap, 3) for gap in found}) == len({round(place, 3) for place in expected})


def test_the_leaf_whose_slider_moves_is_the_one_of_the_curve_which_stays(opened: Browse) -> None:
    page = opened(baydin(), hash="#open=curve")
    points(page)
    page.get_by_label("x2", exact=True).fill("3")
    page.wait_for_function("byId('along').value === '2'")
    points(page)
    page.evaluate("window.before = drawn.points")
    page.get_by_label("x2", exact=True).fill("4")  # the point moves on the same curve
    page.wait_for_function("byId('slope').textContent.startsWith('At x2 = 4, ')")
    assert page.evaluate("drawn.points === before")
    page.evaluate("autograd.set('x1', 3)")
    page.wait_for_function("byId('slope').textContent.startsWith('At x1 = 3, ')")
    assert page.evaluate("drawn.points !== before")


def test_while_a_slider_moves_a_large_graph_is_computed_coarsely(opened: Browse) -> None:
    page = opened(chain(120), hash='#open=curve&curve=["x3"]')
    points(page)
    assert page.evaluate("(autograd.set('x7', 0.5), autograd.set('x3', 0.25), updateCurve(), drawn.isFine)") is False
    assert len(points(page)) >= 24


KINK = "v2 is at a kink of sqrt, a = 0: the slope there is a convention, +inf."


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda x: ops.log(x - 3.0), "At x = 2, v2 has no value."),
        (
            lambda x: ops.sqrt(x - 2.0),
            "At x = 2, v2 = 0; ∂v2/∂x is inf: the tangent is vertical. " + KINK,
        ),
        (
            lambda x: ops.sqrt(x - 2.0) ** 2.0,
            "At x = 2, v3 = 0; ∂v3/∂x is nan: there is no tangent. " + KINK,
        ),
        (lambda x: ops.relu(x - 3.0), "At x = 2, v2 = 0; nothing flows back to x, and its gradient is 0."),
        (lambda x: x * 0.0, "At x = 2, v1 = 0; its tangent has the slope ∂v1/∂x = 0."),
    ],
)
def test_where_there_is_no_slope_the_page_says_so(make: Any, words: str, opened: Browse) -> None:
    x = Value(5.0, "x")
    page = opened(make(x), hash="#open=curve&leaf.x=2")
    page.wait_for_function("byId('slope').textContent")
    assert page.locator("#slope").text_content() == words


def test_of_two_leaves_there_are_contour_lines_and_the_gradient_is_across_them(opened: Browse) -> None:
    a, b = Value(0.5, "a"), Value(-1.0, "b")
    page = opened(a * 2.0 + b, hash='#open=curve&curve=["a","b"]')
    page.wait_for_function("drawn.isFine")
    lines = page.evaluate("drawn.lines")
    assert len(lines) == 9
    for segments in lines:
        heights = [2 * x + z for segment in segments for x, z in segment]
        assert max(heights) - min(heights) < 1e-9
    dx, dy = page.evaluate(
        "/l(-?[\\d.e-]+),(-?[\\d.e-]+)/.exec(chart.querySelector('.tangent').getAttribute('d')).slice(1).map(Number)"
    )
    assert -dy / dx == pytest.approx(0.5)
    assert page.locator("#slope").text_content().endswith("the arrow is the gradient (2, 1), and v2 grows fastest along it.")
