"""A graph prepared once for all that shows it: its order, names and families, for picture, page, tape, explanation and quiz.

    >>> a, b = Value(2.0, "a"), Value(-3.0)
    >>> view = view_of(a * b + a, {"b": b})
    >>> list(view.names.values()), view.place[b]
    (['a', 'b', 'v1', 'v2'], 1)

`view_of` checks the arguments and walks the graph; the writers read the View and do neither.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from autograd.errors import GraphSizeError, whole
from autograd.folding import LOSS, Fold, families, with_loss
from autograd.graph import expand_all, is_larger, results_of
from autograd.network import Network, network_of
from autograd.text.names import found_names, named
from autograd.value import Value, toposort

__all__ = ["MAX_NODES", "Family", "Flow", "View", "view_of"]

MAX_NODES = 500
EDGES_PER_NODE = 10  # a graph with more than this on average is a thicket


class Flow(NamedTuple):
    """The numbers of one edge in a picture."""

    partial: float  # 0.0 at a closed gate
    contribution: float | None  # None where no backward has been
    is_open: bool


class Family(NamedTuple):
    """The nodes that are folded into one box."""

    parameters: list[Value]
    operations: list[Value]
    outputs: list[Value]  # the operations that nodes outside use


@dataclass(frozen=True, eq=False)
class View:
    """A graph ready to be shown. What is computed from it is computed once, when it is first read."""

    roots: tuple[Value, ...]
    nodes: list[Value]  # in topological order, operands before users
    names: dict[Value, str]  # of every node, as formulas have them
    home: dict[Value, str]  # the name of the family of each node that is folded
    network: Network  # what there is of one in the graph, folded or not
    named: Set[Value]  # the nodes that have a name of theirs; the others are numbered

    @classmethod
    def of(cls, root: Value, names: Mapping[str, Any] | None = None) -> View:
        """Return the whole graph of one root, of any size, with nothing folded."""
        return cls._prepared((root,), toposort(root), names, {})

    @classmethod
    def _prepared(
        cls, roots: tuple[Value, ...], nodes: list[Value], names: Mapping[str, Any] | None, home: dict[Value, str]
    ) -> View:
        network, found = network_of(nodes), found_names(names)
        own = {node for node in nodes if node.label or node in found or node in network.names}
        return cls(roots, nodes, named(nodes, names, known=network.names), home, network, own)

    @cached_property
    def place(self) -> dict[Value, int]:
        """The index of every node in `nodes`."""
        return {node: place for place, node in enumerate(self.nodes)}

    @cached_property
    def _slots(self) -> dict[Value, dict[Value, list[int]]]:
        return {}

    def slots(self, user: Value, operand: Value) -> list[int]:
        """The slots at which `user` takes `operand`: x*x takes x at 0 and at 1."""
        if user not in self._slots:
            found: dict[Value, list[int]] = {}
            for slot, other in enumerate(user.operands):
                found.setdefault(other, []).append(slot)
            self._slots[user] = found
        return self._slots[user][operand]

    @cached_property
    def families(self) -> dict[str, Family]:
        """Every family by its name, in topological order."""
        found: dict[str, Family] = {}
        used_outside = set(self.roots)
        for node in self.nodes:
            home = self.home.get(node)
            used_outside.update(operand for operand in node.operands if self.home.get(operand) != home)
            if home is not None:
                family = found.setdefault(home, Family([], [], []))
                (family.operations if node.op else family.parameters).append(node)
        for family in found.values():
            family.outputs.extend(node for node in family.operations if node in used_outside)
        return found

    def title(self, family: str) -> str:
        """What is written on the box of a family: a neuron has the name of its output, a layer the head of its column."""
        outputs = self.families[family].outputs
        if family == LOSS:
            return self.names[outputs[-1]] if outputs[-1] in self.named else LOSS
        if any(family == neuron.name for layer in self.network.layers for neuron in layer.neurons) and outputs:
            return self.names[outputs[0]]
        return next((layer.head for layer in self.network.layers if layer.name == family), family)

    @cached_property
    def _cut_off(self) -> set[Value]:
        """The nodes below a root that a backward began from, all of whose paths to such a root lead through closed gates."""
        begun = [root for root in self.roots if root.reached]
        if not begun:
            return set()
        reached = set(begun)
        for node in reversed(self.nodes):
            if node in reached:
                reached.update(operand for operand, _, _, is_open in node.edges if is_open)
        below = self.nodes if len(begun) == len(self.roots) else toposort(*begun)
        return set(below) - reached

    def adjoint(self, node: Value) -> float | None:
        """The node's grad; None where no backward has been, 0.0 where one has been and nothing could flow."""
        return node.grad if node.reached else 0.0 if node in self._cut_off else None

    def flows(self, node: Value) -> list[Flow]:
        """What the last backward made flow along the edges to the node's operands."""
        is_reached = self.adjoint(node) is not None
        return [
            Flow(partial if is_open else 0.0, contribution if is_reached else None, is_open)
            for _, partial, contribution, is_open in node.edges
        ]


def view_of(
    root: Value | Sequence[Value],
    names: Mapping[str, Any] | None = None,
    fold: Fold | None = None,
    expand: bool | Collection[str] = False,
    max_nodes: int = MAX_NODES,
    max_edges: int | None = None,
) -> View:
    """Return the graph of the root, or of several, ready to be shown; every option of a picture is checked here.

    Raises an OperandError for what is no node, an OptionError for a wrong option, a GraphSizeError for too large a graph.
    """
    roots, found = results_of(root, "a picture"), found_names(names)
    max_nodes = whole("max_nodes", max_nodes, 1)
    most = EDGES_PER_NODE * max_nodes if max_edges is None else whole("max_edges", max_edges, 0)
    if fold is None:
        _refuse_larger(is_larger(roots, max_nodes), "nodes", max_nodes, "max_nodes")
    nodes = toposort(*roots)
    if expand:
        roots, origin = expand_all(roots, None if expand is True else [expand] if isinstance(expand, str) else expand, found)
        nodes = toposort(*roots)
        if isinstance(fold, Mapping):
            fold = {node: fold[origin[node]] for node in nodes if node.op is None and origin[node] in fold}
    home = families(nodes, fold) if fold is not None else {}
    if isinstance(fold, str):
        home = with_loss(nodes, home)
    drawn = len(nodes) - len(home) + len(set(home.values()))
    _refuse_larger(drawn > max_nodes, "nodes and boxes" if fold else "nodes", max_nodes, "max_nodes")
    _refuse_larger(_edges(nodes, home) > most, "edges", most, "max_edges")
    return View._prepared(roots, nodes, names, home)


def _edges(nodes: Sequence[Value], home: Mapping[Value, str]) -> int:
    """The number of edges that are drawn: all from one box to another are one."""
    between = set[tuple[str | Value, str | Value]]()
    single = 0
    for node in nodes:
        own = home.get(node)
        for operand in node.operands:
            other = home.get(operand)
            if own is None and other is None:
                single += 1
            elif own != other:
                between.add((other or operand, own or node))
    return single + len(between)


def _refuse_larger(is_too_large: bool, what: str, most: int, option: str) -> None:
    if is_too_large:
        raise GraphSizeError(
            f"more than {most} {what} make no readable picture; fold='neuron' or fold='layer' folds a network with labelled "
            "parameters, expand=False or fewer names in it opens less, draw(node) shows the part of the graph below that node, "
            f"{option}=... raises the limit"
        )
