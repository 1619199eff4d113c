"""The boxes of a page, which open and close there: those of the fold, the layers around neurons, the neurons in layers, the inputs.

    >>> from autograd.ops import affine
    >>> from autograd.show.view import view_of
    >>> from autograd.value import Value
    >>> y = affine([Value(3.0, "layers[0].neurons[0].w[0]")], [Value(2.0, "x")], Value(1.0, "layers[0].neurons[0].b")).tanh()
    >>> [(box["title"], box["open"], box.get("in")) for box in boxes_of(view_of(y, fold="neuron"))[0]]
    [('out', False, 1), ('output (tanh)', True, None), ('inputs', True, None)]

What is in a box that is closed is drawn in the page alone, so that its data comes with every page.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autograd.folding import index_in
from autograd.show.columns import INPUTS, columns_of
from autograd.show.marks import activations_of, judged_of
from autograd.show.view import View
from autograd.value import Value

__all__ = ["boxes_of"]


def boxes_of(view: View) -> tuple[list[dict[str, Any]], dict[Value, int]]:
    """Return the boxes, and for every node that is in one the place of the innermost.

    A box has its id, the name and the title of its family, its order among those beside it, whether it is open at first, the place
    of the box that it is in, and the activations that its marks are made from; that of the inputs has these, in their order.
    """
    outer, inner = _homes(view)
    levels = [replace(view, home=home) for home in (outer, inner)]
    level_of = {name: level for level in levels for name in level.families}
    places = {name: place for place, name in enumerate([*view.families, *(name for name in level_of if name not in view.families)])}
    parents = {inner[node]: outer[node] for node in inner}
    boxes = [
        {
            "id": f"b{place}",
            "name": name,
            "title": level_of[name].title(name),
            "order": index_in(name),
            "open": name not in view.families and name not in parents,
            **({"in": places[parents[name]]} if name in parents else {}),
        }
        for name, place in places.items()
    ]
    for level in levels:
        for name, family in judged_of(level).items():
            activations = activations_of(family)
            boxes[places[name]]["activations"] = [[view.place[node], steepest] for node, steepest in activations.items()]
    columns = columns_of(view)
    if columns and columns[0].head == INPUTS:
        inputs = [view.place[node] for node in columns[0].members if isinstance(node, Value)]
        boxes.append({"id": f"b{len(boxes)}", "name": INPUTS, "title": INPUTS, "order": 0, "open": True, "inputs": inputs})
    return boxes, {node: places[inner.get(node, name)] for node, name in outer.items()}


def _homes(view: View) -> tuple[dict[Value, str], dict[Value, str]]:
    """The outer and the inner box of every node that has one: a layer and its neuron, whichever of the two the fold names."""
    layer_of = {neuron.name: layer.name for layer in view.network.layers for neuron in layer.neurons}
    outer, inner = dict[Value, str](), dict[Value, str]()
    for node, family in view.home.items():
        neuron = family if family in layer_of else view.network.home.get(node, "")
        layer = layer_of.get(neuron, "")
        if layer != neuron and family in (layer, neuron) and family:
            outer[node], inner[node] = layer, neuron
        else:
            outer[node] = family
    return outer, inner
