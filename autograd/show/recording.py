"""The numbers of a computation and of the reverse sweep back from its root, recorded by place and by edge.

The sweep starts from nothing, and no `grad` is looked at or changed. The record stays as it is when a leaf is set later.
Read `recorded`: it is the chain rule.
"""

from __future__ import annotations

from typing import NamedTuple

from autograd.beside import refuse_kept
from autograd.errors import OptionError
from autograd.show.notation import Quantity
from autograd.show.view import Flow, View
from autograd.transforms.reverse import partials_now
from autograd.value import Value

__all__ = ["Edge", "Sweep", "recorded"]

ON_EDGES = ("partial", "contribution", "before", "after")  # the kinds of numbers that an edge has


class Edge(NamedTuple):
    """What happened along one edge of the sweep."""

    node: int
    slot: int
    partial: float  # 0.0 at a closed gate
    contribution: float
    before: float
    is_open: bool
    is_first: bool  # nothing had flowed to the operand before

    @property
    def after(self) -> float:
        return self.before + self.contribution


class Sweep:
    """A record: lists by the place of a node, and the edges in the order of the sweep."""

    __slots__ = ("adjoints", "data", "edges", "first", "last", "seed", "uses", "view")

    def __init__(self, view: View, seed: float) -> None:
        count = len(view.nodes)
        self.view, self.seed = view, seed
        self.data = [node.data for node in view.nodes]
        self.adjoints: list[float | None] = [None] * count  # None for a node that nothing reached
        self.edges: list[Edge] = []
        self.first = [0] * count  # index of the first edge to a node's operands
        self.last = [-1] * count  # index of the last edge from a node's users, which completes its adjoint
        self.uses = [0] * count  # number of edges from a node's users

    def summary(self) -> str:
        """Return what it is a record of, and how long it is."""
        name, nodes, edges = self.view.names[self.view.nodes[-1]], len(self.data), len(self.edges)
        return f"Tape of {name}: {nodes + 1 + edges} steps, from {nodes} nodes and {edges} edges"

    def edges_of(self, place: int) -> list[Edge]:
        """Return the edges to the operands of nodes[place]."""
        first = self.first[place]
        return self.edges[first : first + len(self.view.nodes[place].operands)]

    def index(self, place: int, slot: int) -> int:
        """Return the index of the edge from nodes[place] to its operand number `slot`; raise an IndexError if there is none."""
        node = self.view.nodes[place]
        if slot not in range(len(node.operands)):
            raise IndexError(f"{node!r} has {len(node.operands)} operands; there is no slot {slot}")
        return self.first[place] + slot

    def flows(self, node: Value) -> list[Flow]:
        """Return what flowed along the edges to the node's operands, for a picture."""
        return [Flow(edge.partial, edge.contribution, edge.is_open) for edge in self.edges_of(self.view.place[node])]

    def quantity(self, kind: str, node: int, slot: int = 0) -> Quantity:
        """The number of that kind at nodes[node], or on its edge to operand number `slot`."""
        if kind == "data":
            return Quantity(kind, node, 0, self.data[node])
        if kind == "adjoint":
            return Quantity(kind, node, 0, self.adjoints[node] or 0.0)
        if kind not in ON_EDGES:
            raise OptionError(f"kind={kind!r}: give one of data, adjoint, {', '.join(ON_EDGES)}")
        return Quantity(kind, node, slot, getattr(self.edges[self.index(node, slot)], kind))


def recorded(view: View, seed: float = 1.0) -> Sweep:
    """Return the record of a graph with one root; its adjoints are those of zero_grad and backward(seed), to the bit.

    Raises a StaleGraphError where a leaf was set to other data since the graph was made.
    """
    refuse_kept(view.nodes, "record")
    for node in view.nodes:
        if node.op is not None:
            partials_now(node, view.names[node])
    sweep = Sweep(view, seed)
    adjoints = sweep.adjoints
    adjoints[-1] = 0.0 + seed
    for place in reversed(range(len(view.nodes))):
        adjoint = adjoints[place]
        sweep.first[place] = len(sweep.edges)
        for slot, (operand, partial, _, is_open) in enumerate(view.nodes[place].edges):
            target = view.place[operand]
            arrived = adjoints[target]
            before = 0.0 if arrived is None else arrived
            contribution = 0.0
            if adjoint is not None and is_open:
                contribution = adjoint * partial
                adjoints[target] = before + contribution
            sweep.last[target] = len(sweep.edges)
            sweep.uses[target] += 1
            sweep.edges.append(Edge(place, slot, partial if is_open else 0.0, contribution, before, is_open, arrived is None))
    return sweep
