"""The network in a graph: its layers and their neurons in order, and the lecture's names of what belongs to a neuron.

    >>> from autograd.ops import affine
    >>> from autograd.value import Value, toposort
    >>> x, w, b = Value(2.0, "x"), Value(3.0, "layers[0].neurons[0].w[0]"), Value(1.0, "layers[0].neurons[0].b")
    >>> y = affine([w], [x], b).tanh()
    >>> network = network_of(toposort(y))
    >>> [network.names.get(node, "") for node in (w, b, y.operands[0], y)], network.layers[0].head
    (['w₁₁', 'b₁', 'z₁', 'out'], 'output (tanh)')

Neurons are numbered through all layers, from 1: neuron j has the logit zⱼ, the output yⱼ, the bias bⱼ, and wᵢⱼ is its weight for
the output of neuron i, or for input number i. The outputs of the last layer are out, or out₁, out₂, ... Whose parameter a leaf is
says its label, the path that a module wrote there.

Pictures, pages, tapes, explanations and quizzes have their names and their columns from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograd.folding import families, index_in, spread
from autograd.value import Value

__all__ = ["ITSELF", "Layer", "Network", "Neuron", "network_of", "subscript"]

ITSELF = "(itself)"  # the name of a neuron that is a whole model: the paths of its parameters are w[0], w[1], b
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
TITLES = {False: "hidden {number}", True: "output"}  # of a layer, by whether it is the last one
HEADS = {False: "{title} ({activation})", True: "{title} ({count}, {activation})"}  # by whether there are several neurons


@dataclass(frozen=True)
class Neuron:
    """A neuron by its path, `layers[0].neurons[1]`: its index in its layer from 0, its number in the network from 1."""

    name: str
    index: int
    number: int


@dataclass(frozen=True)
class Layer:
    """A layer by its path, `layers[0]`, and its neurons by index; layers are numbered from 1."""

    name: str
    number: int
    neurons: Sequence[Neuron]
    activation: str  # the name of the row; "linear" for none, "" for several
    is_last: bool

    @property
    def title(self) -> str:
        """What it is called where room is small: hidden 1, output."""
        return TITLES[self.is_last].format(number=self.number)

    @property
    def head(self) -> str:
        """What is above its column: hidden 1 (16, relu)."""
        count = len(self.neurons)
        return HEADS[count > 1].format(title=self.title, count=count, activation=self.activation or "mixed")


@dataclass(frozen=True, eq=False)
class Network:
    """The layers from the input to the output, the neuron of every node that belongs to one, and the short names of these nodes.

    `logits` has the logit of every output; where there is no activation it is the output itself.
    """

    layers: Sequence[Layer]
    home: Mapping[Value, str]
    names: Mapping[Value, str]
    logits: Mapping[Value, Value]


NONE = Network((), {}, {}, {})


def subscript(*numbers: int) -> str:
    """Return numbers as an index: ₁₂ of 1 and 2, ₁,₁₂ of 1 and 12.

    >>> subscript(1, 2), subscript(1, 12)
    ('₁₂', '₁,₁₂')
    """
    return ("," if max(numbers, default=0) > 9 else "").join([str(number).translate(LOWERED) for number in numbers])


def network_of(order: Sequence[Value]) -> Network:
    """Return the network in a graph, of which `order` is a topological order; one without layers where there is none."""
    home = _home(order)
    if not home:
        return NONE
    logits, outputs = _logits_and_outputs(order, home)
    first: dict[str, list[str]] = {}  # the neurons of every layer, the layers as the computation meets them
    for node in order:
        if node.op is not None and node in home and home[node] not in first.setdefault(_layer_of(home[node]), []):
            first[_layer_of(home[node])].append(home[node])
    hidden = _hidden(order, home)
    layers: list[Layer] = []
    count = 0
    for name, paths in first.items():
        neurons = [Neuron(path, index_in(path), count + index_in(path) + 1) for path in sorted(paths, key=index_in)]
        count = neurons[-1].number
        rows = {home[y]: y.op.__name__ if y.op and z is not y else "linear" for y, z in outputs.items() if home[y] in paths}
        activations = set(rows.values())
        activation = activations.pop() if len(activations) == 1 else ""
        layers.append(Layer(name, len(layers) + 1, neurons, activation, name not in hidden))
    return Network(layers, home, _names(order, home, layers, logits, outputs), outputs)


def _layer_of(neuron: str) -> str:
    """The path of the module in whose list of neurons this one is."""
    return neuron.rpartition("neurons[")[0].removesuffix(".") or ITSELF


def _home(order: Sequence[Value]) -> dict[Value, str]:
    """The neuron of every node that belongs to one."""
    labelled = [node for node in order if node.op is None and node.label]
    if any("neurons[" in node.label for node in labelled):
        found = families(order, "neuron")
        return {node: name for node, name in found.items() if "neurons[" in name}
    if not any(node.label == "w[0]" for node in labelled):
        return {}
    own = {node: ITSELF for node in labelled if node.label == "b" or (node.label.startswith("w[") and node.label.endswith("]"))}
    return {node: name for node, name in spread(order, own).items() if name == ITSELF}


def _logits_and_outputs(order: Sequence[Value], home: Mapping[Value, str]) -> tuple[dict[Value, Value], dict[Value, Value]]:
    """Every logit with its output, and every output with its logit, which is the output itself where there is no activation."""
    used, used_outside = set[Value](), set[Value]()
    for node in order:
        used.update(node.operands)
        used_outside.update(operand for operand in node.operands if home.get(operand) != home.get(node))
    outputs = {}
    for node in order:
        if node.op is not None and node in home and (node in used_outside or node not in used):
            below = node.operands[0] if len(node.operands) == 1 else node
            outputs[node] = below if below.op is not None and home.get(below) == home[node] else node
    return {z: y for y, z in outputs.items()}, outputs


def _hidden(order: Sequence[Value], home: Mapping[Value, str]) -> set[str]:
    """The layers whose outputs reach another layer."""
    hidden, feeds = set[str](), set[Value]()
    for node in reversed(order):
        layer = _layer_of(home[node]) if node in home else None
        for operand in node.operands:
            own = _layer_of(home[operand]) if operand in home else None
            if node in feeds or (layer is not None and own != layer):
                feeds.add(operand)
                if own is not None and own != layer:
                    hidden.add(own)
    return hidden


def _names(
    order: Sequence[Value],
    home: Mapping[Value, str],
    layers: Sequence[Layer],
    logits: Mapping[Value, Value],
    outputs: Mapping[Value, Value],
) -> dict[Value, str]:
    where = {neuron.name: (layer, neuron) for layer in layers for neuron in layer.neurons}
    before = _before(order, home, where)
    names: dict[Value, str] = {}
    for node in order:
        if node not in home or home[node] not in where:
            continue
        layer, neuron = where[home[node]]
        own = () if neuron.name == ITSELF else (neuron.number,)
        if node.op is None:
            attribute, *indices = node.label.removeprefix(f"{neuron.name}.").replace("]", "").split("[")
            if all(index.isdecimal() for index in indices) and len(attribute) <= len("gamma") and "." not in attribute:
                shift = before.get(neuron.name, 0) if len(indices) == 1 else 0
                names[node] = attribute + subscript(*[int(index) + 1 + shift for index in indices], *own)
        elif node in outputs and layer.is_last:
            names[node] = "out" + (subscript(neuron.index + 1) if len(layer.neurons) > 1 else "")
        elif node in outputs:
            names[node] = "y" + subscript(neuron.number)
        elif node in logits:
            names[node] = "z" + subscript(*own)
    return names


def _before(order: Sequence[Value], home: Mapping[Value, str], where: Mapping[str, tuple[Layer, Neuron]]) -> dict[str, int]:
    """The number of neurons before the layer that a neuron takes all its inputs from; 0 where they come from elsewhere too."""
    feeding: dict[str, set[str]] = {}
    weights: dict[str, int] = {}
    for node in order:
        own = home.get(node)
        if own is None:
            continue
        if node.op is None:
            weights[own] = weights.get(own, 0) + node.label.endswith("]")
        else:
            inputs = [operand for operand in node.operands if home.get(operand) != own]
            feeding.setdefault(own, set()).update(home.get(operand, "") for operand in inputs)
    found = {}
    for name, sources in feeding.items():
        layers = {where[source][0].name for source in sources if source in where}
        if len(layers) == 1 and all(source in where for source in sources):
            layer = where[next(iter(sources))][0]
            if len(layer.neurons) == weights.get(name):
                found[name] = layer.neurons[0].number - layer.neurons[0].index - 1
    return found
