"""What is wrong with a folded neuron or layer, in the words of its card: dead, saturated, a gradient that explodes or vanishes.

`mark_of` and the functions of floats that it needs are what a page computes with too: `page.javascript` prints them.
"""

from __future__ import annotations

import math

from autograd.folding import LOSS, PENALTY
from autograd.neurons import FADED, MOSTLY, is_flat, steepest_slope
from autograd.show.view import Family, View
from autograd.value import Value

__all__ = ["MARKS", "activations_of", "is_dead", "judged_of", "last_of", "mark_of", "marks_of", "size_of"]

FINE, DEAD, SATURATED, EXPLODING, VANISHING = range(5)
MARKS = (  # by these numbers
    "",
    "dead: {closed} of {count} gates closed",
    "saturated: {flat} of {count} slopes flat",
    "exploding gradient",
    "vanishing gradient",
)


def marks_of(view: View) -> dict[str, str]:
    """Return a mark for each family in which something is wrong; a gradient is compared with that of the family that ends last."""
    families = judged_of(view)
    sizes = {name: _size(family, view) for name, family in families.items()}
    last = last_of(view)
    found = {name: _mark(family, sizes[name], sizes[last]) for name, family in families.items()}
    return {name: mark for name, mark in found.items() if mark}


def judged_of(view: View) -> dict[str, Family]:
    """Return the families that can have a mark: all but the loss, and the penalty on parameters."""
    return {name: family for name, family in view.families.items() if name not in (PENALTY, LOSS) and family.outputs}


def last_of(view: View) -> str:
    """Return the name of the family that ends last; "" if there is none."""
    families = judged_of(view)
    return max(families, key=lambda name: view.place[families[name].outputs[-1]], default="")


def activations_of(family: Family) -> dict[Value, float]:
    """Return the activations of the family's neurons, each with the size of its slope at 0 if it is S-shaped, 0 otherwise."""
    inside = set(family.operations)
    found = [node for node in family.operations if len(node.operands) == 1 and node.operands[0] in inside]
    return {node: steepest_slope(node.op, node.parameters) for node in found if node.op is not None}


def _size(family: Family, view: View) -> float:
    """The root mean square of the gradients of the outputs; 0 where no backward has been."""
    grads = [grad for grad in map(view.adjoint, family.outputs) if grad is not None]
    return size_of(math.hypot(*grads), len(grads)) if grads else 0.0


def _mark(family: Family, size: float, last: float) -> str:
    steepest_of = activations_of(family)
    slopes = [(slope, is_open, steepest) for node, steepest in steepest_of.items() for _, slope, _, is_open in node.edges]
    closed = sum([is_dead(is_open, steepest) for _, is_open, steepest in slopes])
    flat = sum([is_flat(*each) for each in slopes])
    return MARKS[mark_of(closed, flat, len(slopes), size, last)].format(closed=closed, flat=flat, count=len(slopes))


# ------------------------------------------------------------------------------------------- for a picture and for a page


def size_of(norm: float, count: int) -> float:
    """Return the root mean square of so many numbers."""
    return norm / math.sqrt(count)


def is_dead(is_open: bool, steepest: float) -> bool:
    """Return whether a gate is closed that is no tail of an S-shaped function."""
    return not is_open and steepest == 0.0


def mark_of(closed: int, flat: int, count: int, size: float, last: float) -> int:
    """Return the number of a mark, FINE if nothing is wrong.

    closed, flat   how many of the `count` gates of a family's activations are closed, and how many slopes are flat
    size, last     the size of its gradient and that of the last family's; 0 where they are not known
    """
    if count > 0 and closed == count:
        return DEAD
    if flat > 0 and flat >= MOSTLY * count:
        return SATURATED
    if not math.isfinite(size) or 0.0 < last < size * FADED:
        return EXPLODING
    return VANISHING if 0.0 < size < last * FADED else FINE
