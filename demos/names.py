"""The lecture's names for the parts of a graph, so that a page to play with shows t1 − y1 where it would count v1, v2, v3."""

from __future__ import annotations

from typing import Any

from autograd import Value

__all__ = ["name_error", "outputs", "subscript"]


def subscript(number: int) -> str:
    """The number as an index: ₁₂."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def outputs(layer: Any, x: Any) -> list[Value]:
    """The outputs of a layer as a list, also where it is one neuron, which returns its bare output."""
    return [neuron(x) for neuron in layer.neurons]


def name_error(E: Value) -> None:
    """Name the parts of E = ½ Σ (tᵢ − yᵢ)² that have no label yet: y1, t1 − y1, (t1 − y1)², ..., sum, E.

    An output yᵢ may have its own label, o1 or y4; the number in it is then that of the target.
    """
    (total,) = E.operands
    names = [(E, "E"), (total, "sum")]
    for place, square in enumerate(total.operands, 1):
        (residual,) = square.operands
        (y,) = residual.operands
        output = y.label or f"y{place}"
        names += [(y, output), (residual, f"t{output[1:]} − {output}"), (square, f"(t{output[1:]} − {output})²")]
    for node, name in names:
        node.label = node.label or name
