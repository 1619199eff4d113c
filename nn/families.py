"""The neuron and the layer that each parameter of a model belongs to, read from the tree of modules and not from labels.

    >>> from nn import MLP
    >>> model = MLP(2, [2, 1], seed=1)
    >>> neurons_of(model)[model.layers[0].neurons[1].b]
    'layers[0].neurons[1]'
    >>> [(family.name, family.layer) for family in families_of(model)]
    [('layers[0].neurons[0]', 'layers[0]'), ('layers[0].neurons[1]', 'layers[0]'), ('layers[1].neurons[0]', 'layers[1]')]

A neuron is a `Neuron`, or any module in the list `neurons` of another. `draw(model(x), fold=neurons_of(model))` folds a picture by
neurons although parameters have your own labels; `fold="neuron"` reads the labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from autograd import Value
from nn.layers import Neuron
from nn.module import Module, walk

__all__ = ["ITSELF", "Family", "families_of", "neurons_of"]

ITSELF = "(itself)"  # the name of a model among its own parts


class Family(NamedTuple):
    """A neuron of a model, its name, the name of its layer, and its parameters."""

    neuron: Module
    name: str
    layer: str
    parameters: list[Value]


def families_of(model: Module) -> list[Family]:
    """Return every neuron of the model once, in the order of definition.

    The layer of a neuron in the list `neurons` of a module is that module; of one in another list, that list; any other neuron is a
    layer by itself. A parameter that several neurons share belongs to the first.
    """
    found: dict[int, Family] = {}
    claimed: set[Value] = set()
    names = {id(thing): name or ITSELF for name, thing in walk(model)}
    for neuron, layer in _neurons_with_layers(model):
        if id(neuron) not in found:
            parameters = [parameter for parameter in neuron.parameters() if parameter not in claimed]
            claimed.update(parameters)
            found[id(neuron)] = Family(neuron, names[id(neuron)], layer or names[id(neuron)], parameters)
    return list(found.values())


def neurons_of(model: Module) -> dict[Value, str]:
    """Return the name of its neuron for every parameter that belongs to one."""
    return {parameter: family.name for family in families_of(model) for parameter in family.parameters}


def _neurons_with_layers(model: Module) -> Iterator[tuple[Module, str]]:
    """Yield every neuron with the name of its layer, or "" if it is in no list."""
    if isinstance(model, Neuron):
        yield model, ""
    for name, module in walk(model):
        if not isinstance(module, Module):
            continue
        for attribute, part in vars(module).items():
            holds_neurons = attribute == "neurons"
            path = f"{name}.{attribute}" if name else attribute
            for inside, container in _modules_in(part, path):
                if isinstance(inside, Neuron) or holds_neurons:
                    yield inside, (name or ITSELF) if holds_neurons else container


def _modules_in(part: Any, path: str) -> Iterator[tuple[Module, str]]:
    """Yield the modules in an attribute and in its nested lists, tuples and dicts, with the name of the innermost one, or ""."""
    seen: set[int] = set()
    waiting: list[tuple[Any, str, str]] = [(part, path, "")]
    while waiting:
        thing, name, container = waiting.pop()
        if isinstance(thing, Module):
            yield thing, container
        elif isinstance(thing, (list, tuple, dict)) and id(thing) not in seen:
            seen.add(id(thing))
            inside = thing.items() if isinstance(thing, dict) else enumerate(thing)
            waiting += reversed([(each, f"{name}[{key!r}]", name) for key, each in inside])
