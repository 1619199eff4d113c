"""What the benchmarks compute, written once for every engine: expressions, a training step, a step of a scalar transformer.

An engine is one of `_engines.ENGINES`. Every workload is a function of an engine that returns a function to be timed; the latter
returns numbers on which all engines must agree, NaN where an engine has none. If it has `phases`, what is timed is that: an
iterator whose every step ends a phase; `calls` says how often a phase does it, 1 if it is not there.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import cos, pi, sin
from typing import Any

N_NODES, N_LEAVES = 20_000, 200
N_POINTS = 100
Recipe = tuple[list[float], list[tuple[str, int, int]]]


# ------------------------------------------------------------------------------------- the expressions: + * relu, with sharing


def random_recipe(seed: int) -> Recipe:
    """Leaves, and operations on the numbers of earlier nodes; every node is used, many of them several times.

    All choices are made here, outside the timing. Data stay of ordinary size: where they would grow, the other operand is a leaf.
    """
    rng = random.Random(seed)
    leaves = [rng.uniform(-2.0, 2.0) for _ in range(N_LEAVES)]
    data, unused, steps = list(leaves), list(range(N_LEAVES)), []
    while len(data) < N_NODES:
        joining = N_NODES - len(data) < len(unused)  # the last nodes add up what is not used yet
        i = unused.pop(rng.randrange(len(unused)))
        j = unused.pop() if joining else rng.randrange(max(0, len(data) - 2_000), len(data))
        kind = "+" if joining else rng.choice("++**r")
        if not joining and max(abs(data[i] * data[j]), abs(data[i] + data[j])) > 100.0:
            j = rng.randrange(N_LEAVES)
        steps.append((kind, i, j))
        unused.append(len(data))
        data.append(data[i] + data[j] if kind == "+" else data[i] * data[j] if kind == "*" else max(data[i], 0.0))
    return leaves, steps


def sum_recipe(seed: int) -> Recipe:
    """Σ relu(xᵢxⱼ + x_k), the shape of a loss: totals of 200 terms each (micrograd recurses), then the sum of the totals."""
    rng = random.Random(seed)
    leaves = [rng.uniform(-2.0, 2.0) for _ in range(N_LEAVES)]
    steps: list[tuple[str, int, int]] = []
    totals = [0]
    while N_LEAVES + len(steps) + len(totals) < N_NODES - 4:
        i, j, k = (rng.randrange(N_LEAVES) for _ in range(3))
        place = N_LEAVES + len(steps)
        steps += [("*", i, j), ("+", place, k), ("r", place + 1, 0), ("+", totals[-1], place + 2)]
        totals[-1] = place + 3
        if len(steps) % 800 == 0:
            totals.append(0)
    for total in totals[:-1]:
        steps.append(("+", total, N_LEAVES + len(steps) - 1))
    return leaves, steps


def forward(engine: Any, recipe: Recipe) -> list[Any]:
    """The nodes of a recipe."""
    leaves, steps = recipe
    relu, nodes = engine.relu, [engine.leaf(x) for x in leaves]
    engine.begin(nodes)
    for kind, i, j in steps:
        if kind == "+":
            nodes.append(nodes[i] + nodes[j])
        elif kind == "*":
            nodes.append(nodes[i] * nodes[j])
        else:
            nodes.append(relu(nodes[i]))
    return nodes


class Expressions:
    """Forward and backward of a recipe."""

    PHASES = ("forward", "backward", "freed")

    def __init__(self, engine: Any, make: Callable[[int], Recipe]) -> None:
        self.engine, self.recipe = engine, make(1)

    def __call__(self) -> tuple[float, float]:
        """The value, and the sum of the gradients."""
        nodes = forward(self.engine, self.recipe)
        self.engine.backward(nodes[-1])
        return self.engine.data(nodes[-1]), float(sum(map(self.engine.grad, nodes[:N_LEAVES])))

    def phases(self) -> Iterator[None]:
        nodes = forward(self.engine, self.recipe)
        yield
        self.engine.backward(nodes[-1])
        yield
        del nodes
        yield


# ------------------------------------------------------------------------------------------------------------------- the moons


def moons(seed: int = 1, count: int = N_POINTS) -> tuple[list[tuple[float, float]], list[float]]:
    """Two interleaved half circles with a little noise, and the class of each point, −1 or 1."""
    rng = random.Random(seed)
    points, targets = [], []
    for index in range(count):
        angle = pi * rng.random()
        x, y = (cos(angle), sin(angle)) if index % 2 else (1.0 - cos(angle), 0.5 - sin(angle))
        points.append((x + rng.gauss(0.0, 0.1), y + rng.gauss(0.0, 0.1)))
        targets.append(2.0 * (index % 2) - 1.0)
    return points, targets


SIZES = (2, 16, 16, 1)


def layers_of(sizes: Sequence[int]) -> list[list[list[float]]]:
    """For each layer, for each neuron, its weights and then its bias."""
    rng = random.Random(1)
    return [[[rng.uniform(-1.0, 1.0) for _ in range(n)] + [0.0] for _ in range(m)] for n, m in pairwise(sizes)]


def first_weights() -> list[list[list[float]]]:
    return layers_of(SIZES)


def moons_step(engine: Any) -> Callable[[], float]:
    """A step of MLP(2, [16, 16, 1]): scores, hinge loss and weight decay, backward, descent; neuron by neuron."""
    points, targets = moons()
    numbers = [x for layer in first_weights() for neuron in layer for x in neuron]
    shapes = [(len(layer), len(layer[0])) for layer in first_weights()]
    constant, relu = engine.constant, engine.relu
    parameters = [engine.leaf(x) for x in numbers]

    def score(layers: list[Any], inputs: Iterable[float]) -> Any:
        xs: list[Any] = [constant(x) for x in inputs]
        for place, layer in enumerate(layers):
            outputs = []
            for *weights, total in layer:
                for w, x in zip(weights, xs, strict=True):
                    total = total + w * x
                outputs.append(total if place == len(layers) - 1 else relu(total))
            xs = outputs
        return xs[0]

    def run() -> float:
        nonlocal parameters
        engine.begin(parameters)
        rest = iter(parameters)
        layers = [[[next(rest) for _ in range(count)] for _ in range(neurons)] for neurons, count in shapes]
        loss = constant(0.0)
        for x, target in zip(points, targets, strict=True):
            loss = loss + relu(score(layers, x) * constant(-target) + constant(1.0))
        decay = constant(0.0)
        for p in parameters:
            decay = decay + p * p
        loss = loss * constant(1.0 / N_POINTS) + decay * constant(1e-4)
        engine.backward(loss)
        value = float(engine.data(loss))
        parameters = engine.step(parameters, 0.1)
        return value

    return run


def moons_step_of_ours() -> Callable[[], float]:
    """The same with `nn`."""
    import nn
    from nn.losses import hinge, l2

    points, targets = moons()
    model = nn.MLP(SIZES[0], list(SIZES[1:]))
    for p, x in zip(model.parameters(), [x for layer in first_weights() for neuron in layer for x in neuron], strict=True):
        p.data = x
    optimizer = nn.SGD(model.parameters(), lr=0.1)

    def run() -> float:
        loss = hinge([model(x) for x in points], targets) + l2(model.parameters(), 1e-4)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.data)

    return run


def moons_step_of_pytorch() -> Callable[[], float]:
    """The same with tensors of float64, as a user of PyTorch writes it."""
    import torch

    torch.set_num_threads(1)
    points, targets = (torch.tensor(x, dtype=torch.float64) for x in moons())
    linear = [torch.nn.Linear(n, m, dtype=torch.float64) for n, m in pairwise(SIZES)]
    for layer, neurons in zip(linear, first_weights(), strict=True):
        with torch.no_grad():
            layer.weight.copy_(torch.tensor([neuron[:-1] for neuron in neurons], dtype=torch.float64))
            layer.bias.copy_(torch.tensor([neuron[-1] for neuron in neurons], dtype=torch.float64))
    model = torch.nn.Sequential(linear[0], torch.nn.ReLU(), linear[1], torch.nn.ReLU(), linear[2])
    parameters = list(model.parameters())
    optimizer = torch.optim.SGD(parameters, lr=0.1)

    def run() -> float:
        decay = sum((p * p).sum() for p in parameters)
        loss = torch.relu(1 - targets * model(points)[:, 0]).mean() + 1e-4 * decay
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return run


# ----------------------------------------------------------------------------------------------------------------- a transformer


class Transformer:
    """A transformer of one layer, 16 channels, 4 heads, on 27 letters: scalar code throughout, the shape of microgpt."""

    WIDTH, HEADS, LETTERS = 16, 4, 27

    def __init__(self, node: Callable[[float], Any], softmax: Callable[[list[Any]], Sequence[Any]] | None = None) -> None:
        rng, width = random.Random(42), self.WIDTH
        self.softmax = softmax or shares_of

        def matrix(rows: int, columns: int) -> list[list[Any]]:
            return [[node(rng.gauss(0, 0.08)) for _ in range(columns)] for _ in range(rows)]

        self.weights = {name: matrix(self.LETTERS, width) for name in ("letter", "head")} | {"place": matrix(16, width)}
        self.weights |= {name: matrix(width, width) for name in "qkvo"}
        self.weights |= {"up": matrix(4 * width, width), "down": matrix(width, 4 * width)}
        self.parameters = [p for m in self.weights.values() for row in m for p in row]
        self.keys: list[Any] = []
        self.values: list[Any] = []

    def linear(self, x: list[Any], name: str) -> list[Any]:
        return [dot(row, x) for row in self.weights[name]]

    def scores(self, token: int, place: int) -> list[Any]:
        """The scores of the next letter."""
        weights, width = self.weights, self.WIDTH
        x = normalised([a + b for a, b in zip(weights["letter"][token], weights["place"][place], strict=True)])
        z = normalised(x)
        q, k, v = (self.linear(z, name) for name in "qkv")
        self.keys.append(k)
        self.values.append(v)
        out, size = [], width // self.HEADS
        for h in range(0, width, size):
            shares = self.softmax([dot(q[h : h + size], k[h : h + size]) * size**-0.5 for k in self.keys])
            out += [dot(shares, [v[h + j] for v in self.values]) for j in range(size)]
        x = [a + b for a, b in zip(self.linear(out, "o"), x, strict=True)]
        up = [a.relu() for a in self.linear(normalised(x), "up")]
        return self.linear([a + b for a, b in zip(self.linear(up, "down"), x, strict=True)], "head")


def total(terms: Iterable[Any]) -> Any:
    first, *others = terms
    for term in others:
        first = first + term
    return first


def dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    return total(x * y for x, y in zip(a, b, strict=True))


def shares_of(z: list[Any]) -> list[Any]:
    most = max(v.data for v in z)
    e = [(v - most).exp() for v in z]
    whole = total(e)
    return [v / whole for v in e]


def normalised(x: list[Any]) -> list[Any]:
    scale = (total(v * v for v in x) * (1.0 / len(x)) + 1e-5) ** -0.5
    return [v * scale for v in x]


NAME = [26, 12, 0, 17, 8, 4, 11, 0, 26]
"""A name of seven letters, between two marks."""


def gpt_loss(model: Transformer) -> Any:
    """The mean loss of the next letter, at every place of the name."""
    model.keys, model.values = [], []
    losses = []
    for place in range(len(NAME) - 1):
        shares = model.softmax(model.scores(NAME[place], place))
        losses.append(-shares[NAME[place + 1]].log())
    return total(losses) * (1.0 / len(losses))


def gpt_step(node: Callable[[float], Any]) -> Callable[[], float]:
    """One training step of the transformer on a name."""
    model = Transformer(node)

    def run() -> float:
        loss = gpt_loss(model)
        for p in model.parameters:
            p.grad = 0.0
        loss.backward()
        for p in model.parameters:
            p.data -= 0.01 * p.grad
        return float(loss.data)

    return run
