"""Reasons why a network does not learn: dead and saturated neurons, gradients that vanish or explode, unused parameters.

    >>> from nn import MLP
    >>> from nn.data import make_moons
    >>> X, y = make_moons(20, random_state=1)
    >>> model = MLP(2, [2, 1], seed=1)
    >>> model.layers[0].neurons[1].b.data = -100.0
    >>> health(model, X, y).layers[0].dead
    ['layers[0].neurons[1]']

Start reading at `health`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import Value
from autograd.folding import PENALTY, spread
from autograd.neurons import FADED, MOSTLY, is_flat, steepest_slope
from autograd.text.numbers import scientific
from autograd.text.tables import aligned
from autograd.undo import exhaust, restoring
from autograd.value import GRAD, toposort
from nn.families import Family, families_of
from nn.module import Module, in_mode
from nn.outputs import flattened
from nn.task import Loss, Task

__all__ = ["Health", "LayerHealth", "NeuronRecord", "health", "layer_reports", "observe"]


@dataclass(frozen=True)
class LayerHealth:
    """One layer over all examples: the names of its dead and saturated neurons, and the size of its activities and deltas."""

    name: str
    activation: str
    neurons: int
    dead: list[str]  # a gate that no example opens
    saturated: list[str]  # a slope next to nothing for nearly all examples
    activity: float  # root mean square of the outputs
    delta: float  # root mean square of ∂E/∂z


@dataclass(frozen=True)
class Health:
    """The findings of `health`: layers, parameters on which nothing depends, and advice. Printed, it is a report."""

    layers: list[LayerHealth]
    disconnected: list[str]
    advice: list[str]

    @property
    def healthy(self) -> bool:
        """True if there is no advice."""
        return not self.advice

    def __str__(self) -> str:
        rows = [["layer", "activation", "neurons", "dead", "saturated", "activity", "delta"]]
        for layer in self.layers:
            counts = [str(layer.neurons), str(len(layer.dead)), str(len(layer.saturated))]
            rows.append([layer.name, layer.activation, *counts, scientific(layer.activity, 3), scientific(layer.delta, 3)])
        return "\n".join(
            [*aligned(rows, "  ", right=range(1, 7)), *(f"• {line}" for line in self.advice or ["nothing wrong was found"])]
        )


def health(model: Module, X: Sequence[Any], y: Sequence[Any] | None = None, *, loss: Loss = "mse") -> Health:
    """Run every example forward and backward, and return what keeps a network from learning.

    That is: dead relus, saturated sigmoids, deltas ∂E/∂z that vanish or explode from layer to layer, and parameters on which no
    output depends. Without targets E is the sum of the outputs. Gradients and parameters are unchanged.
    """
    task = Task(model, X, [0.0] * len(X) if y is None else y, loss)
    names = {parameter: name for name, parameter in model.named_parameters()}
    neurons = families_of(model)
    home = {parameter: family.name for family in neurons for parameter in family.parameters}
    undo = restoring(GRAD, list(names))
    connected: set[Value] = set()
    records: dict[str, NeuronRecord] = {}
    try:
        for index, x in enumerate(X):
            with in_mode(model, training=False):
                output = task.model(x)
            root: Any = sum(flattened([output])) if y is None else task.loss_of([output], [index])
            if type(root) is not Value:
                continue  # nothing depends on any parameter
            root.backward()
            order = toposort(*[node for node in flattened([output]) if type(node) is Value])
            connected.update(node for node in order if node in names)
            observe(order, home, records)
    finally:
        exhaust(undo)
    layers = layer_reports(neurons, records)
    disconnected = [name for parameter, name in names.items() if parameter not in connected]
    return Health(layers, disconnected, list(_advice(layers, disconnected)))


@dataclass
class NeuronRecord:
    """Counts and sums of one neuron over the examples."""

    activation: str = "linear"
    steepest: float = 0.0
    closed: int = 0
    flat: int = 0
    uses: int = 0
    squares: float = 0.0
    delta_squares: float = 0.0


def observe(order: Sequence[Value], parameters: Mapping[Value, str], records: dict[str, NeuronRecord]) -> None:
    """Add one example to the records of its neurons; `order` has the nodes of its graph, operands first, after backward.

    `parameters` maps a parameter to the name of its neuron.
    """
    tops: dict[str, Value] = {}
    home = spread(order, parameters)
    for node in order:
        if node.operands and home.get(node, PENALTY) != PENALTY:
            tops[home[node]] = node  # the last one, operands before users: the neuron's output
    for name, top in tops.items():
        record = records.setdefault(name, NeuronRecord())
        z = top
        record.uses += 1
        record.squares += top.data * top.data
        if len(top.operands) == 1 and top.operands[0].operands and home.get(top.operands[0]) == name and top.op is not None:
            ((z, slope, _, is_open),) = top.edges
            if record.activation != top.op.__name__:
                record.activation, record.steepest = top.op.__name__, steepest_slope(top.op, top.parameters)
            record.closed += not is_open
            record.flat += is_flat(slope, is_open, record.steepest)
        record.delta_squares += z.grad * z.grad


def layer_reports(neurons: Sequence[Family], records: Mapping[str, NeuronRecord]) -> list[LayerHealth]:
    """Return a report for each layer, in the order of definition, without neurons that no example used."""
    grouped: dict[str, dict[str, NeuronRecord]] = {}
    for family in neurons:
        if family.name in records:
            grouped.setdefault(family.layer, {})[family.name] = records[family.name]
    return [
        LayerHealth(
            layer,
            ", ".join(dict.fromkeys(record.activation for record in group.values())),
            len(group),
            [name for name, n in group.items() if n.closed == n.uses and not n.steepest],
            [name for name, n in group.items() if n.flat >= MOSTLY * n.uses],
            _root_mean_square([(n.squares, n.uses) for n in group.values()]),
            _root_mean_square([(n.delta_squares, n.uses) for n in group.values()]),
        )
        for layer, group in grouped.items()
    ]


def _advice(layers: list[LayerHealth], disconnected: list[str]) -> Iterator[str]:
    for layer in layers:
        if layer.dead:
            yield (
                f"{layer.name}: {len(layer.dead)} of {layer.neurons} neurons are dead, no example opens them "
                f"({_some(layer.dead)}): start again with a smaller learning rate, or take leaky_relu"
            )
        if layer.saturated:
            yield (
                f"{layer.name}: {len(layer.saturated)} of {layer.neurons} neurons are saturated ({_some(layer.saturated)}): "
                "standardise the inputs, start from smaller weights, or take relu; at the output, a loss on the logit"
            )
    last = layers[-1].delta if layers else 0.0
    for layer in layers:
        delta = f"{scientific(layer.delta)} against {scientific(last)} at the output"
        if not math.isfinite(layer.delta) or (last > 0.0 and layer.delta > last / FADED):
            yield (
                f"{layer.name}: deltas explode, {delta}: start from smaller weights "
                "(xavier or he), clip the gradients, or take a smaller learning rate"
            )
        elif 0.0 <= layer.delta < last * FADED and len(layer.dead) < layer.neurons:
            yield (
                f"{layer.name}: deltas vanish, {delta}: take relu or tanh, weights "
                "of the right size (xavier or he), or fewer layers"
            )
    if disconnected:
        yield (
            f"{len(disconnected)} parameters are disconnected, no output depends on them ({_some(disconnected)}): use them in "
            "the forward pass, or remove them"
        )


def _root_mean_square(sums: list[tuple[float, int]]) -> float:
    count = sum(n for _, n in sums)
    return math.sqrt(sum(total for total, _ in sums) / count) if count else 0.0


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
