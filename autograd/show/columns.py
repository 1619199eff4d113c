"""The columns of a folded network: its inputs, each layer with its neurons by index, the loss; for picture and page alike.

>>> from autograd.ops import affine
>>> from autograd.show.view import view_of
>>> x = Value(2.0, "x")
>>> labels = [[f"layers[0].neurons[{index}].{name}" for name in ("w[0]", "b")] for index in range(2)]
>>> y = [affine([Value(3.0, w)], [x], Value(1.0, b)) for w, b in labels]
>>> [(column.head, len(column.members)) for column in columns_of(view_of(y, fold="neuron"))]
[('inputs', 1), ('output (2, linear)', 2)]
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import NamedTuple

from autograd.folding import LOSS
from autograd.show.view import View
from autograd.value import Value

__all__ = ["INPUTS", "Column", "columns_of"]

INPUTS = "inputs"


class Column(NamedTuple):
    """What is one below the other: nodes that are inputs, or names of families; `head` is written above."""

    head: str
    members: tuple[Value | str, ...]
    layers: tuple[str, ...] = ()  # the paths of the layers in it


def columns_of(view: View) -> list[Column]:
    """Return the columns from the inputs to the loss; none where no network is folded, or where its layers run in a circle."""
    layers = {layer.name: layer for layer in view.network.layers}
    layer_of = {neuron.name: layer.name for layer in layers.values() for neuron in layer.neurons}
    inside = {name: layer_of.get(name, name) for name in view.families}
    if not any(name in layers for name in inside.values()):
        return []
    level = _levels(view, inside)
    if level is None:
        return []
    found: dict[int, Column] = {}
    for name, layer in sorted(layers.items(), key=lambda item: item[1].number):
        neurons = [neuron.name for neuron in layer.neurons if neuron.name in inside]
        members = tuple(neurons or [name] * (name in inside))
        if members:
            before = found.get(level[name], Column("", ()))
            head = f"{before.head} · {layer.head}" if before.head else layer.head
            found[level[name]] = Column(head, before.members + members, (*before.layers, name))
    columns = [found[at] for at in sorted(found)]
    inputs = _inputs(view, {name for name, layer in inside.items() if layer in layers})
    loss = [Column(LOSS, (LOSS,))] if LOSS in inside else []
    return [*([Column(INPUTS, inputs)] if inputs else []), *columns, *loss]


def _levels(view: View, inside: Mapping[str, str]) -> dict[Hashable, int] | None:
    """How many layers, boxes and nodes are at most on a path to each layer, box or node; None if there is a circle."""
    unit: dict[Value, Hashable] = {node: inside[view.home[node]] if node in view.home else node for node in view.nodes}
    users: dict[Hashable, set[Hashable]] = {each: set() for each in unit.values()}
    for node in view.nodes:
        for operand in node.operands:
            if unit[operand] != unit[node]:
                users[unit[operand]].add(unit[node])
    waits = dict.fromkeys(users, 0)
    for using in users.values():
        for user in using:
            waits[user] += 1
    ready = [each for each, count in waits.items() if not count]
    level = dict.fromkeys(ready, 0)
    while ready:
        each = ready.pop()
        for user in users[each]:
            level[user] = max(level.get(user, 0), level[each] + 1)
            waits[user] -= 1
            if not waits[user]:
                ready.append(user)
    return level if not any(waits.values()) else None


def _inputs(view: View, network: set[str]) -> tuple[Value, ...]:
    """The leaves that neurons take, in the order in which they take them."""
    taken = dict.fromkeys(operand for node in view.nodes if view.home.get(node) in network for operand in node.operands)
    return tuple([node for node in taken if node.op is None and node not in view.home])
