"""Backpropagation as it is written on a blackboard: formulas alone, without a graph or the engine.

Errors are propagated as deltas, δⱼ = ∂E/∂zⱼ, from the output layer back to the input:

    forward            zⱼ = Σᵢ xᵢ wᵢⱼ + bⱼ,   yⱼ = f(zⱼ)                layer after layer; the y of one are the x of the next
    output neurons     δⱼ = f'(zⱼ) ∂E/∂yⱼ                              which for E = ½ Σ (t − y)² is f'(zⱼ)(yⱼ − tⱼ)
    hidden neurons     δⱼ = f'(zⱼ) Σₚ δₚ wⱼₚ                           the sum over the neurons p of the next layer: over the paths
    gradients          ∂E/∂wᵢⱼ = xᵢ δⱼ,   ∂E/∂bⱼ = δⱼ
    update             Δwᵢⱼ = −η xᵢ δⱼ,   Δbⱼ = −η δⱼ

A hidden neuron has no target, but we can compute how the error changes with its activity: it acts on the output along
several paths, and their effects add up. That holds for any activation f and any number of layers. Only f and f', on plain
numbers, and the slope ∂E/∂y of the loss come from other modules. The graph agrees:

    >>> from nn import MLP
    >>> print(compare_with_graph(MLP(2, [2, 1], activation="sigmoid", seed=1), x=[1.0, -1.0], t=[0.5]))
    neuron                     delta δ                adjoint ∂E/∂z          relative difference
    layers[0].neurons[0]       0.0008212680521093124  0.0008212680521093124                0.0e0
    layers[0].neurons[1]       0.011347035231808826   0.011347035231808826                 0.0e0
    layers[1].neurons[0]       -0.5759628518897998    -0.5759628518897998                  0.0e0
    gradients of 9 parameters                                                              0.0e0

Backpropagation is the chain rule over the graph. Source of the algorithm: Rumelhart, Hinton and Williams, Learning
representations by back-propagating errors, 1986; in this notation, Haykin, Neural networks and learning machines, 4.4.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from autograd import Value
from autograd.ops import TABLE, Op, number
from autograd.text.numbers import scientific
from autograd.text.tables import aligned
from nn import losses
from nn.errors import SettingError, ShapeError
from nn.layers import MLP, Layer, Neuron, Sequential, has_one_operand
from nn.module import Module, walk
from nn.outputs import sequence

__all__ = ["Comparison", "DeltaLayer", "DeltaNetwork", "compare_with_graph"]

Slope = Callable[[float], float]
Loss = str | Callable[..., Any] | tuple[Callable[..., Any], Callable[..., Sequence[float]]]
"""A loss of `nn.losses` or its name; or the pair (E, slopes) of functions of outputs and targets, the latter giving ∂E/∂yⱼ."""


class DeltaLayer:
    """The numbers of one layer: `weights[j][i]` is wᵢⱼ, from input i to neuron j; x, z, y and deltas are of the last passes.

    `activation` is "linear", the name of a row of the table or the row itself, or the pair (f, f') of functions of a number; a
    list has one for each neuron.
    """

    def __init__(self, weights: Iterable[Iterable[float]], biases: Iterable[float], activation: Any = "linear") -> None:
        self.weights = [[number(w) for w in row] for row in weights]
        self.biases = [number(b) for b in biases]
        if not self.weights or len(self.biases) != len(self.weights) or len({len(row) for row in self.weights}) != 1:
            raise ShapeError(
                f"weights of {[len(row) for row in self.weights]} inputs and {len(self.biases)} biases; "
                "each neuron needs one bias, and as many weights as the others"
            )
        named = activation if isinstance(activation, list) else [activation] * len(self.weights)
        if len(named) != len(self.weights):
            raise ShapeError(f"{len(self.weights)} neurons and {len(named)} activations; give one, or one for each neuron")
        self.activations = [_function_and_slope(f) for f in named]
        self.x, self.z, self.y, self.deltas = list[float](), list[float](), list[float](), list[float]()

    def forward(self, x: Sequence[float]) -> list[float]:
        """Compute zⱼ = Σᵢ xᵢ wᵢⱼ + bⱼ and return yⱼ = f(zⱼ); both are kept for `backward`."""
        if len(x) != len(self.weights[0]):
            raise ShapeError(f"a layer of {len(self.weights[0])} inputs got {len(x)}")
        self.x = list(x)
        rows = zip(self.weights, self.biases, strict=True)
        self.z = [_sum([w * xi for w, xi in zip(row, x, strict=True)] + [b]) for row, b in rows]
        self.y = [f(z) for (f, _), z in zip(self.activations, self.z, strict=True)]
        return self.y

    def backward(self, slopes: Sequence[float]) -> list[float]:
        """Return δⱼ = f'(zⱼ) ∂E/∂yⱼ, given ∂E/∂yⱼ."""
        self.deltas = [slope(z) * s for (_, slope), z, s in zip(self.activations, self.z, slopes, strict=True)]
        return self.deltas

    def passed_back(self) -> list[float]:
        """Return ∂E/∂xᵢ = Σⱼ δⱼ wᵢⱼ: how the error changes with each input, summed over the neurons that it acts on."""
        totals = [0.0] * len(self.x)
        # From the last neuron to the first, in the order of backward(), so that sums are rounded alike.
        for row, delta in zip(reversed(self.weights), reversed(self.deltas), strict=True):
            totals = [total + delta * w for total, w in zip(totals, row, strict=True)]
        return totals

    def gradients(self) -> tuple[list[list[float]], list[float]]:
        """Return ∂E/∂wᵢⱼ = xᵢ δⱼ in the order of `weights`, and ∂E/∂bⱼ = δⱼ."""
        return [[xi * delta for xi in self.x] for delta in self.deltas], list(self.deltas)

    def update(self, lr: float) -> None:
        """Apply Δwᵢⱼ = −η xᵢ δⱼ and Δbⱼ = −η δⱼ."""
        dw, db = self.gradients()
        self.weights = [[w - lr * g for w, g in zip(row, rises, strict=True)] for row, rises in zip(self.weights, dw, strict=True)]
        self.biases = [b - lr * g for b, g in zip(self.biases, db, strict=True)]


class DeltaNetwork:
    """Layers in sequence, trained by deltas alone.

    >>> cafeteria = DeltaNetwork([DeltaLayer([[0.5, 0.5, 0.5]], [0.0])])     # one linear neuron: the prices
    >>> cafeteria.forward([5, 2, 3])
    [5.0]
    >>> cafeteria.backward([8.5])                                            # y − t
    [[-3.5]]
    >>> cafeteria.update(lr=1 / 35)
    >>> [round(w, 12) for w in cafeteria.layers[0].weights[0]]               # the delta rule
    [1.0, 0.7, 0.8]
    """

    def __init__(self, layers: Iterable[DeltaLayer]) -> None:
        self.layers = list(layers)
        if not self.layers:
            raise SettingError("there are no layers; at least one is needed")
        for index, (layer, following) in enumerate(zip(self.layers, self.layers[1:], strict=False)):
            if len(following.weights[0]) != len(layer.weights):
                raise ShapeError(
                    f"layer {index} has {len(layer.weights)} neurons and layer {index + 1} {len(following.weights[0])} inputs; "
                    "the outputs of one are the inputs of the next"
                )

    @classmethod
    def of(cls, model: Module) -> DeltaNetwork:
        """Return the network of a Neuron, a Layer, an MLP or a Sequential of layers, with copies of its numbers."""
        layers = [
            DeltaLayer([[w.data for w in n.w] for n in neurons], [n.b.data for n in neurons], activations)
            for neurons, activations in _stages(model)
        ]
        return cls(layers)

    def forward(self, x: Any) -> list[float]:
        """Return the outputs; z and y of every layer are kept."""
        y = [number(xi) for xi in sequence(x)]
        for layer in self.layers:
            y = layer.forward(y)
        return list(y)

    def backward(self, t: Any, loss: Loss = "squared_error") -> list[list[float]]:
        """Return the deltas of every layer, computed from the output layer back, for the inputs of the last `forward`."""
        if not self.layers[-1].z:
            raise SettingError("there are no outputs yet; call forward(x) first")
        y = self.layers[-1].y
        slopes = [number(s) for s in loss[1](y, t)] if isinstance(loss, tuple) else losses.slopes(loss, y, t)
        for layer in reversed(self.layers):
            layer.backward(slopes)
            slopes = layer.passed_back()
        return [list(layer.deltas) for layer in self.layers]

    def gradients(self) -> list[float]:
        """Return ∂E/∂w and ∂E/∂b in the order of `parameters()`: for each neuron its weights, then its bias."""
        return [g for layer in self.layers for dw, db in zip(*layer.gradients(), strict=True) for g in (*dw, db)]

    def parameters(self) -> list[float]:
        """Return the weights of each neuron, then its bias."""
        return [p for layer in self.layers for row, b in zip(layer.weights, layer.biases, strict=True) for p in (*row, b)]

    def update(self, lr: float) -> None:
        """Apply Δw = −η x δ in every layer."""
        for layer in self.layers:
            layer.update(lr)

    def step(self, x: Any, t: Any, lr: float, loss: Loss = "squared_error") -> list[list[float]]:
        """Run forward, backward and update for one example; return the deltas."""
        self.forward(x)
        deltas = self.backward(t, loss)
        self.update(lr)
        return deltas


class Comparison(NamedTuple):
    """Each delta beside the adjoint ∂E/∂z of its node in the graph; it prints as a table."""

    rows: tuple[tuple[str, float, float], ...]  # the neuron's label, δ, and the node's ∂E/∂z
    gradients: tuple[tuple[str, float, float], ...]  # the parameter's label, ∂E/∂w by deltas and by the graph

    @property
    def largest_difference(self) -> float:
        """The largest relative difference of a delta from its adjoint, or of a gradient from the graph's."""
        return max(relative_difference(a, b) for _, a, b in (*self.rows, *self.gradients))

    def __str__(self) -> str:
        table = [("neuron", "delta δ", "adjoint ∂E/∂z", "relative difference")]
        table += [(label, repr(a), repr(b), scientific(relative_difference(a, b))) for label, a, b in self.rows]
        largest = max(relative_difference(a, b) for _, a, b in self.gradients)
        table += [(f"gradients of {len(self.gradients)} parameters", "", "", scientific(largest))]
        return "\n".join(aligned(table, "  ", right={3}))


def compare_with_graph(model: Module, x: Any, t: Any, loss: Loss = "squared_error") -> Comparison:
    """Return the deltas of this module's formulas beside the adjoints that `backward()` computes, for one example.

    The model is a Neuron, a Layer, an MLP or a Sequential of layers; its numbers and gradients are not changed.
    """
    network = DeltaNetwork.of(model)
    network.forward(x)
    deltas = network.backward(t, loss)

    twin = copy.deepcopy(model)
    twin.zero_grad()
    names = {id(thing): name or "neuron" for name, thing in walk(twin)}
    logits: list[tuple[str, Value]] = []
    y: Any = list(sequence(x))
    for neurons, activations in _stages(twin):
        outputs = [neuron(y) for neuron in neurons]
        for neuron, v in zip(neurons, outputs, strict=True):
            logits.append((names[id(neuron)], v if neuron.activation is None else v.operands[0]))
        applied = zip(neurons, outputs, activations, strict=True)
        y = [v if n.activation is f or f is None else f(v) for n, v, f in applied]
    (loss[0] if isinstance(loss, tuple) else losses.loss_function(loss))(y, t).backward()
    flat = [delta for layer in deltas for delta in layer]
    owned = [p for neurons, _ in _stages(twin) for n in neurons for p in (*n.w, n.b)]
    return Comparison(
        tuple([(name, delta, z.grad) for (name, z), delta in zip(logits, flat, strict=True)]),
        tuple([(names[id(p)], by_deltas, p.grad) for p, by_deltas in zip(owned, network.gradients(), strict=True)]),
    )


def relative_difference(a: float, b: float) -> float:
    """Return |a − b| / max(|a|, |b|), and 0 for equal numbers or two nans."""
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0.0
    return abs(a - b) / max(abs(a), abs(b))


def _stages(model: Module) -> list[tuple[list[Neuron], list[Any]]]:
    """Return the neurons of each layer, and the activation of each neuron."""
    if isinstance(model, Neuron):
        return [([model], [model.activation])]
    stages: list[tuple[list[Neuron], list[Any]]] = []
    for part in model.layers if isinstance(model, MLP | Sequential) else [model]:
        if isinstance(part, Layer):
            stages.append((part.neurons, [n.activation for n in part.neurons]))
        elif isinstance(part, Op) and stages and set(stages[-1][1]) == {None}:
            stages[-1][1][:] = [part] * len(stages[-1][0])  # the activation after a linear layer
        else:
            raise SettingError(
                f"{part!r:.60} has no deltas, which only neurons have; give a Neuron, a Layer, or an MLP or Sequential of layers"
            )
    return stages


def _function_and_slope(activation: Any) -> tuple[Slope, Slope]:
    """Return f and f' as functions of a number."""
    if activation is None or activation == "linear":
        return (lambda z: z), (lambda z: 1.0)
    if isinstance(activation, tuple) and len(activation) == 2:
        f, slope = activation
        return (lambda z: number(f(z))), (lambda z: number(slope(z)))
    row: Any = TABLE.get(activation, activation) if isinstance(activation, str) else activation
    if not isinstance(row, Op) or not has_one_operand(row):
        raise SettingError(
            f"the slope of {activation!r} is not known; take the name of an operation of one operand, or give (f, f')"
        )

    def f_of(z: float) -> float:
        return row.evaluate((z,), row.parameters)

    return f_of, lambda z: float(row.local_derivatives((z,), f_of(z), row.parameters)[0] or 0.0)


def _sum(terms: list[float]) -> float:
    """Return Σ rounded once; with infinities or an overflow, the sum as Python adds."""
    try:
        return math.fsum(terms)
    except (ValueError, OverflowError):
        return sum(terms)
