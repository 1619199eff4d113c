"""What a picture and a page cost: time and bytes grow with the edges, whatever the shape of the graph."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable

import pytest

from autograd import draw, ops, softmax, to_html
from autograd.value import Value, toposort

pytestmark = pytest.mark.thorough


def far(count: int) -> Value:
    """One leaf used along a whole chain: its edges cross more and more ranks."""
    x = Value(0.9, "x")
    y: Value = x
    for _ in range(count // 2):
        y = y * x + x
    return y


def ladder(count: int) -> Value:
    """Every node uses the last one, and one half as old."""
    nodes = [Value(0.5, "a")]
    for place in range(1, count):
        nodes.append(nodes[place // 2] * nodes[-1])
    return nodes[-1]


def braid(count: int) -> Value:
    nodes = [Value(0.1, "a"), Value(0.3, "b"), Value(0.2, "c")]
    while len(nodes) < count:
        nodes.append(nodes[-1] * nodes[-2] if len(nodes) % 2 else nodes[-1] + nodes[-3])
    return nodes[-1]


def wide(count: int) -> Value:
    total: Value = ops.sum([Value(0.1 * place, f"x{place}") for place in range(count)])
    return total


def gates(count: int) -> Value:
    x = y = Value(0.5, "x")
    for place in range(count // 4):
        y = ops.clamp(y, -1.0, 1.0).relu() if place % 2 else ops.max(y, x)
    return y


def dense(count: int) -> Value:
    total: Value = ops.sum(softmax([Value(0.01 * place) for place in range(round(count**0.5))]))
    return total


def page(root: Value) -> str:
    return to_html(root, max_nodes=2000).html


def table(root: Value) -> str:
    return draw(root, max_nodes=2000).text


def cost(work: Callable[[Value], str], root: Value) -> tuple[int, int]:
    """How many functions are called, and the size of the answer."""
    profile = cProfile.Profile()
    answer = profile.runcall(work, root)
    return pstats.Stats(profile).total_calls, len(answer)  # type: ignore[attr-defined]  # typeshed does not know it


@pytest.mark.parametrize("make", [far, ladder, braid, wide, gates, dense])
@pytest.mark.parametrize("work", [page, table])
def test_time_and_bytes_grow_with_the_edges(
    make: Callable[[int], Value], work: Callable[[Value], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRAD_ENGINE", "none")
    roots = [make(120), make(480)]
    work(roots[0])  # what is cached for good
    edges = [sum(len(node.operands) for node in toposort(root)) for root in roots]
    for few, many in zip(*[cost(work, root) for root in roots], strict=True):
        assert many / few < 1.25 * edges[1] / edges[0]


def test_a_page_within_the_default_limits_is_made_while_one_waits() -> None:
    calls, size = cost(page, far(490))
    assert calls < 6_000_000  # a second or two; it was 28 million
    assert size < 1_000_000
