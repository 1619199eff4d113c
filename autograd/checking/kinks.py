"""The kinks that the rows of a graph declare within reach of a step.

Start reading at `kinks_met`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from autograd.errors import OperandError
from autograd.graph import replay
from autograd.value import Value, toposort

__all__ = ["Met", "crosses_jumps", "is_between_floats", "kinks_met"]

WHOLE = 2.0**52  # every float from here on is a whole number


class Met(NamedTuple):
    """A declared kink of a node that depends on the input."""

    words: str
    jumps: bool  # the row's value jumps there


class _Margin(NamedTuple):
    """How far a node is from a kink of its row; 0 at the kink."""

    met: Met
    size: float
    inescapable: bool  # its convention is infinite or NaN, or all floats near its operands are at the kink
    data: tuple[float, ...]  # the operands


def kinks_met(roots: Sequence[Value], leaf: Value, reach: float) -> Iterator[Met]:
    """Yield the kinks of the graphs within `reach` of the leaf.

    A margin of 0 that the step does not change belongs to a region, not a point (a negative base), or to a node that does not
    depend on this leaf; it counts only if it is inescapable. Jumps may be so close together that a step crosses many of them;
    there a margin of 0 counts if the operands move.
    """
    for own, others in _around(roots, leaf, reach):
        is_met = any(abs(own.size) <= abs(other.size - own.size) > 0.0 for other in others)
        is_at_step = own.met.jumps and abs(own.size) <= _grain(own.data) and any(other.data != own.data for other in others)
        if is_met or is_at_step or (own.size == 0.0 and (own.inescapable or len(others) < 2)):
            yield own.met


def is_between_floats(roots: Sequence[Value], leaf: Value) -> bool:
    """Return True if a declared kink is nearer than the next float everywhere around: round at 1e300, which has no sides."""
    for own, others in _around(roots, leaf, 8.0 * math.ulp(leaf.data), 2.0**-20 * (abs(leaf.data) or 1.0)):
        has_moved = others and all(other.data != own.data for other in others)
        is_coarse = own.met.jumps or max(map(abs, own.data)) >= WHOLE
        if is_coarse and has_moved and all(abs(other.size) <= _grain(own.data) for other in others):
            return True
    return False


def _around(roots: Sequence[Value], leaf: Value, *steps: float) -> Iterator[tuple[_Margin, list[_Margin]]]:
    """Yield each margin of the graphs, with the same margin at these steps of the leaf in both directions."""
    for root in roots:
        here = _margins(root, leaf)
        there = [margins for step in steps for margins in _moved_margins(root, leaf, step)] if here else []
        for place, own in enumerate(here):
            yield own, [margins[place] for margins in there]


def crosses_jumps(roots: Sequence[Value], leaf: Value, reach: float) -> bool:
    """Return True if steps up to `reach` cross several declared jumps, so that the margin is no straight line beyond half of it."""
    for root in roots:
        if any(own.met.jumps for own in _margins(root, leaf)):
            for points in zip(*(_moved_margins(root, leaf, part * reach) for part in (0.5, 0.75, 1.0)), strict=False):
                for near, middle, far in zip(*points, strict=True):
                    bend = abs(middle.size - 0.5 * (near.size + far.size))
                    if near.met.jumps and bend > 0.1 * abs(far.size - near.size) + _grain(near.data):
                        return True
    return False


def _grain(data: tuple[float, ...]) -> float:
    """Return the distance between neighbouring floats at the largest operand."""
    return max(map(math.ulp, data))


def _moved_margins(root: Value, leaf: Value, step: float) -> list[list[_Margin]]:
    moved = [_moved(root, leaf, sign * step) for sign in (1.0, -1.0)]
    return [_margins(*graph) for graph in moved if graph is not None]


def _moved(root: Value, leaf: Value, step: float) -> tuple[Value, Value] | None:
    """Return the graph replayed with the leaf moved, and the moved leaf."""
    try:
        again = replay(root, {leaf: leaf.data + step})
    except (OperandError, ValueError, ArithmeticError):  # a function with a custom rule cannot be replayed
        return None
    place = next(place for place, node in enumerate(toposort(root)) if node is leaf)
    return again, toposort(again)[place]


def _margins(root: Value, leaf: Value) -> list[_Margin]:
    """Return the margins of every node that depends on the leaf and whose row has a kink in an operand that moves."""
    margins: list[_Margin] = []
    dependent = {leaf}
    for node in toposort(root):
        if not dependent.isdisjoint(node.operands):
            assert node.op is not None
            dependent.add(node)
            data = tuple([a.data if type(a) is Value else a for a in node.arguments])
            inescapable = not all(math.isfinite(p or 0.0) for p in node.partials) or min(map(abs, data)) >= WHOLE
            named = zip(node.op.operands, node.arguments, strict=False)
            moving = {name for name, a in named if type(a) is Value and a in dependent}
            for kink in node.op.kinks:
                if kink.moving and moving.isdisjoint(kink.moving):
                    continue
                words = f"{node.op.__name__} at {kink.where}; the derivative there is {kink.convention} by convention"
                size = kink.margin(data) if node.op.variadic else kink.margin(*data)
                margins.append(_Margin(Met(words, kink.jumps), size, inescapable, data))
    return margins
