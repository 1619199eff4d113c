"""The paths from a root to a node: their number, the sum of their products, and the largest of them.

Nothing follows path by path: a graph of 61 nodes may have 2⁶⁰ of them. No path leads through a closed gate, but it is counted as
closed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

from autograd.value import Value

__all__ = ["Path", "PathSums", "between_of", "largest_paths", "path_sums"]


class Path(NamedTuple):
    """One path from the root to the node, along edges that are open."""

    nodes: tuple[Value, ...]  # the root first
    slots: tuple[int, ...]  # nodes[i].operands[slots[i]] is nodes[i + 1]
    product: float  # of the local derivatives on the way


def between_of(order: Sequence[Value], wrt: Value) -> set[Value]:
    """Return the nodes that depend on wrt, itself included."""
    found = {wrt}
    for node in order:
        if not found.isdisjoint(node.operands):
            found.add(node)
    return found


class PathSums(NamedTuple):
    """What the open paths of one graph to one node come to."""

    number: int
    closed: int  # the number of the other paths
    total: float  # of the products of the open ones
    size: float  # the total of the sizes of these products
    edges: int  # the number of open edges that they go along


def path_sums(order: Sequence[Value], wrt: Value, between: set[Value]) -> PathSums:
    """Count the paths and add up their products, from wrt towards the root: in the opposite order of the sweep."""
    sums = {wrt: (1, 1, 1.0, 1.0)}  # open, open and closed, sum of products, sum of sizes
    uses = dict.fromkeys(between, 0)
    for node in order:
        for operand in node.operands if node in between else ():
            if operand in between:
                uses[operand] += 1
    edges = 0
    for node in order:
        if node not in between or node is wrt:
            continue
        count, every, total, size = 0, 0, 0.0, 0.0
        for operand, partial, _, is_open in node.edges:
            if operand not in between:
                continue
            below = sums[operand]
            every += below[1]
            if is_open and below[0]:
                count, total, size = count + below[0], total + partial * below[2], size + abs(partial) * below[3]
                edges += 1
            uses[operand] -= 1
            if not uses[operand] and operand is not wrt:
                del sums[operand]  # numbers of paths grow long
        sums[node] = (count, every, total, size)
    count, every, total, size = sums[order[-1]]
    return PathSums(count, every - count, total, size, edges)


class _Reached(NamedTuple):
    """A path from the root to a node on the way: its product m · 2ᵉ, which neither over- nor underflows, and its last edge."""

    mantissa: float
    exponent: int
    node: Value
    slot: int
    before: _Reached | None

    @property
    def kind(self) -> int:
        """0 for a product that is 0, 1 for most, 2 for an infinite one, 3 for NaN."""
        x = self.mantissa
        return 3 if x != x else 2 if math.isinf(x) else 1 if x else 0

    @property
    def size(self) -> tuple[int, int, float]:
        kind = self.kind
        return (kind, self.exponent, abs(self.mantissa)) if kind == 1 else (kind, 0, 0.0)

    def along(self, node: Value, slot: int, partial: float) -> _Reached:
        """Return the path that goes one edge further."""
        mantissa, exponent = math.frexp(partial)
        mantissa, shift = math.frexp(self.mantissa * mantissa)
        return _Reached(mantissa, self.exponent + exponent + shift, node, slot, self)


def largest_paths(order: Sequence[Value], wrt: Value, between: set[Value], top: int) -> list[Path]:
    """Return the paths whose products are the largest in size: NaN first, then infinite ones.

    A local derivative keeps the order of the products it multiplies, so the `top` best of a node are among the `top` best of its
    users, one edge further. That is so within a kind: 0 · inf is NaN, so each node keeps the best of every kind.
    """
    if top == 0:
        return []
    arrived: dict[Value, list[_Reached]] = {order[-1]: [_Reached(0.5, 1, order[-1], 0, None)]}
    for node in reversed(order):
        if node is wrt or node not in between or node not in arrived:
            continue
        best = _best_of_every_kind(arrived.pop(node), top)
        for slot, (operand, partial, _, is_open) in enumerate(node.edges):
            if is_open and operand in between:
                arrived.setdefault(operand, []).extend([path.along(node, slot, partial) for path in best])
    return [_path(last, wrt) for last in sorted(arrived.get(wrt, []), key=lambda last: last.size, reverse=True)[:top]]


def _best_of_every_kind(paths: list[_Reached], top: int) -> list[_Reached]:
    paths = sorted(paths, key=lambda path: path.size, reverse=True)
    return [path for _, same in itertools.groupby(paths, key=lambda path: path.kind) for path in itertools.islice(same, top)]


def _path(last: _Reached, wrt: Value) -> Path:
    edges: list[tuple[Value, int]] = []
    step: _Reached = last
    while step.before is not None:
        edges.append((step.node, step.slot))
        step = step.before
    edges.reverse()
    return Path((*[node for node, _ in edges], wrt), tuple([slot for _, slot in edges]), _scaled(last.mantissa, last.exponent))


def _scaled(mantissa: float, exponent: int) -> float:
    try:
        return math.ldexp(mantissa, exponent)
    except OverflowError:
        return math.copysign(math.inf, mantissa)
