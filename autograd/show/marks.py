"""What is wrong with a folded neuron or layer, in the words of its card: dead, saturated, a gradient that explodes or vanishes."""

from __future__ import annotations

import math

from autograd.folding import PENALTY
from autograd.neurons import FADED, MOSTLY, is_flat, steepest_slope
from autograd.show.view import Family, View
from autograd.value import Value

__all__ = ["marks_of"]


def marks_of(view: View) -> dict[str, str]:
    """Return a mark for each family in which something is wrong; a gradient is compared with that of the family that ends last."""
    families = {name: family for name, family in view.families.items() if name != PENALTY and family.outputs}
    sizes = {name: _size(family, view) for name, family in families.items()}
    last = max(families, key=lambda name: view.place[families[name].outputs[-1]], default="")
    found = {name: _gates(family) or _gradient(sizes[name], sizes[last]) for name, family in families.items()}
    return {name: mark for name, mark in found.items() if mark}


def _size(family: Family, view: View) -> float | None:
    """The root mean square of the gradients of the outputs; None where no backward has been."""
    grads = [grad for grad in map(view.adjoint, family.outputs) if grad is not None]
    return math.hypot(*grads) / math.sqrt(len(grads)) if grads else None


def _gates(family: Family) -> str:
    inside = set(family.operations)
    activations = [node for node in family.operations if len(node.operands) == 1 and node.operands[0] in inside]
    slopes = [(node, slope, is_open) for node in activations for _, slope, _, is_open in node.edges]
    count = len(slopes)
    closed = sum([not is_open and not _steepest(node) for node, _, is_open in slopes])
    flat = sum([is_flat(slope, is_open, _steepest(node)) for node, slope, is_open in slopes])
    if closed and closed == count:
        return f"dead: {closed} of {count} gates closed"
    return f"saturated: {flat} of {count} slopes flat" if flat and flat >= MOSTLY * count else ""


def _steepest(node: Value) -> float:
    assert node.op is not None
    return steepest_slope(node.op, node.parameters)


def _gradient(size: float | None, last: float | None) -> str:
    if size is None or last is None:
        return ""
    if not math.isfinite(size) or 0.0 < last < size * FADED:
        return "exploding gradient"
    return "vanishing gradient" if 0.0 < size < last * FADED else ""
