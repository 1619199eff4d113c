"""Graphs whose pages several files open, and what a page shows."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import nn
from autograd import graph
from autograd.page import to_html
from autograd.value import Value


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


def shown(page: Any, id: str, name: str) -> str:
    """The text in a card or on an arrow."""
    text: str = page.locator(f"#{id} .{name}").text_content()
    return text


def numbers(page: Any, kind: str) -> list[float]:
    """data or grad of every node, as the page has them."""
    code = f"JSON.stringify(autograd.state.nodes.map((_, i) => String(autograd.{kind}(i))))"
    return [float(text.replace("Infinity", "inf").replace("undefined", "nan")) for text in json.loads(page.evaluate(code))]


def data_of(root: Value, **options: Any) -> dict[str, Any]:
    """The data of the page."""
    match = re.search(r"^const DATA = (.*);$", to_html(root, **options).html, re.M)
    assert match is not None
    data: dict[str, Any] = json.loads(match[1])
    return data
