"""What an engine answers for nodes that share operands, as lines of text: `python networks.py SEED COUNT`; see outcomes.py."""

from __future__ import annotations

import copy
import pickle
import random
import sys
from collections.abc import Iterator
from typing import Any

from outcomes import EDGES, answer, outcome

import nn
from autograd import Value, detect_anomaly, enable_grad, grad, no_grad, ops, sum, toposort, zero_grad
from autograd.modes import replaced
from autograd.value import DATA, further_order

Layers = list[list[tuple[list[Any], Any]]]


def a_number(rng: random.Random) -> float:
    return rng.choice(EDGES) if rng.random() < 0.02 else rng.uniform(-1.0, 1.0)


def layers_of(rng: random.Random, nin: int) -> Layers:
    """Weights and a bias for each neuron; a few are numbers, and a few leaves are in several places."""
    made, leaves = [], [Value(a_number(rng), f"shared {i}") for i in range(2)]
    for nout in (rng.randint(1, 4), rng.randint(1, 4), 1):
        draw: Any = lambda: rng.choice([Value(a_number(rng))] * 12 + [a_number(rng), rng.choice(leaves), 2])  # noqa: E731
        made.append([([draw() for _ in range(nin)], draw()) for _ in range(nout)])
        nin = nout
    return made


def run(layers: Layers, x: list[Any], rng: random.Random) -> list[Any]:
    """Every node of the forward pass, the last one last."""
    nodes = []
    for layer in layers:
        form = rng.randrange(3)
        if form == 0:
            z = [ops.affine(ws, x, b) for ws, b in layer]
        elif form == 1:
            z = [ops.dot(ws, x) + b for ws, b in layer]
        else:
            z = [ops.dot(x, ws) for ws, _ in layer]
        x = [ops.tanh(zi) for zi in z]
        nodes += [*z, *x]
        if rng.random() < 0.3:
            nodes += [ops.sum(x), ops.dot(x, x), *ops.softmax(x)]
    return [node for node in nodes if type(node) is Value]


def change(rng: random.Random, leaf: Value) -> None:
    """Set the number of a leaf by one of the roads there are."""
    x = a_number(rng)
    road = rng.randrange(4)
    if road == 0:
        leaf.data = x
    elif road == 1:
        DATA.__set__(leaf, x)
    elif road == 2:
        Value.__init__(leaf, x)
    else:
        leaf.__setstate__(x) if hasattr(leaf, "__setstate__") else setattr(leaf, "data", x)


def everything(root: Value) -> Iterator[str]:
    """All that the nodes of a graph hold, and their order."""
    order = toposort(root)
    places = {id(node): str(place) for place, node in enumerate(order)}
    yield " ".join([places[id(x)] for node in order for x in node.operands])
    yield from (answer(node) for node in order)


def of_shared_operands(rng: random.Random, count: int) -> Iterator[str]:
    for _ in range(count):
        nin = rng.randint(1, 5)
        layers = layers_of(rng, nin)
        leaves = [x for layer in layers for ws, b in layer for x in (*ws, b) if type(x) is Value]
        losses = []
        for _ in range(4):
            if rng.random() < 0.5 and leaves:
                change(rng, rng.choice(leaves))
            nodes = run(layers, [Value(a_number(rng)) if rng.random() < 0.2 else a_number(rng) for _ in range(nin)], rng)
            losses += nodes[-1:]
        if not losses:
            continue
        root = ops.mean(losses) + 1e-3 * ops.dot(leaves, leaves) if leaves else ops.mean(losses)
        if rng.random() < 0.5 and leaves:
            change(rng, rng.choice(leaves))
        root.backward()
        yield from everything(root)
        (losses[0] * 2.0).backward()
        seen = {losses[0]}
        yield str(len(further_order([losses[-1], root], seen))) + f" {len(seen)}"
        yield from everything(root)
        for copied in (copy.deepcopy(root), pickle.loads(pickle.dumps(root))):
            zero_grad(toposort(copied))
            copied.backward()
            yield from everything(copied)
        handle = losses[0].register_hook(lambda adjoint: 3.0 * adjoint)
        yield outcome(root.backward)
        handle.remove()
        yield from everything(root)
        first = losses[0]
        del losses, root, copied, nodes, handle  # blocks go, and nodes that were in them stay
        first.backward()
        yield from everything(first)


def of_modes(rng: random.Random, count: int) -> Iterator[str]:
    for _ in range(count):
        layers = layers_of(rng, 3)
        x = [a_number(rng) for _ in range(3)]
        state = rng.getstate()
        for mode in (no_grad, enable_grad, detect_anomaly):
            rng.setstate(state)
            with mode():
                yield outcome(lambda: [answer(node) for node in run(layers, x, rng)]).replace(__file__, "")  # noqa: B023
        yield outcome(lambda: grad(lambda v: sum(run(layers, list(v), random.Random(1))))(x))  # noqa: B023
        yield outcome(lambda: grad(lambda a: ops.affine([a, a, 2.0], [a, 3.0, a], a))(x[0]))  # noqa: B023


ACTIVATIONS = ("relu", "tanh", "sigmoid", "linear", "leaky_relu", "elu", "gelu", "exp", "log", "softplus", ops.sin, lambda z: z * z)


class Doubled(nn.Neuron):
    """A neuron that defines forward."""

    def forward(self, x: Any) -> Any:
        return 2.0 * super().forward(x)


def tampered(rng: random.Random, model: Any) -> None:
    """Change a model as a user may."""
    layer = rng.choice(model.layers)
    neuron, other = rng.choice(layer.neurons), a_number(rng)
    changes: list[Any] = [
        lambda: setattr(neuron, "w", tuple(neuron.w)),
        lambda: neuron.w.__setitem__(0, Value(other)),
        lambda: neuron.w.__setitem__(0, other),
        lambda: neuron.w.__setitem__(-1, True),
        lambda: [setattr(w, "data", rng.choice(EDGES)) for w in neuron.w],
        lambda: [setattr(w, "data", rng.choice(EDGES)) for n in layer.neurons for w in n.w],
        lambda: neuron.w.append(Value(other)),
        lambda: neuron.w.reverse(),
        lambda: setattr(neuron, "w", [0.5] * len(neuron.w)),
        lambda: setattr(neuron, "b", other),
        lambda: setattr(neuron, "b", "b"),
        lambda: setattr(neuron, "b", model.layers[0].neurons[0].w[0]),
        lambda: delattr(neuron, "b"),
        lambda: setattr(neuron, "fused", False),
        lambda: setattr(neuron, "activation", rng.choice([None, ops.tanh, ops.add, abs, "tanh"])),
        lambda: setattr(neuron, "forward", lambda x: x[0]),
        lambda: setattr(neuron, "note", "mine"),
        lambda: layer.neurons.__setitem__(0, Doubled(len(neuron.w), seed=1)),
        lambda: layer.neurons.append(neuron),
        lambda: layer.neurons.append(lambda x: x[-1]),
        lambda: layer.neurons.clear(),
        lambda: setattr(layer, "neurons", tuple(layer.neurons)),
        lambda: setattr(layer, "forward", lambda x: [2.0 * xi for xi in x]),
        lambda: model.layers.append(lambda x: x),
        lambda: model.layers.insert(0, nn.Linear(len(model.layers[0].neurons[0].w), 1, rng=rng)),
        lambda: setattr(model, "layers", tuple(model.layers)),
        lambda: model.layers.clear(),
    ]
    rng.choice(changes)()


def inputs_of(rng: random.Random, nin: int) -> Any:
    x: list[Any] = [Value(a_number(rng)) if rng.random() < 0.2 else a_number(rng) for _ in range(nin)]
    forms: list[Any] = [tuple, tuple, list, list, iter, lambda x: x[0], lambda x: [*x, 1.0], lambda x: list(range(len(x)))]
    forms += [lambda x: [*x[1:], 10**400], lambda x: [*x[1:], True], lambda x: "ab", lambda x: [*x[1:], "a"], lambda x: []]
    forms += [lambda x: [rng.choice(EDGES) for _ in x]] * 4
    return forms[rng.randrange(4)](x) if rng.random() < 0.8 else rng.choice(forms)(x)


def everything_of(compute: Any) -> str:
    """All about the nodes that a computation made, or its error."""

    def found() -> str:
        made = compute()
        listed = made if isinstance(made, list) else [made]
        roots = [node for node in listed if type(node) is Value]
        if roots:
            sum(roots).backward()
        numbers = [x.data if type(x) is Value else x if type(x) is float else type(x) for x in listed]
        return "\n".join([f"{type(made)} {numbers}", *(line for root in roots for line in everything(root))])

    return outcome(found).replace(__file__, "").replace("\\n", "\n")


def of_models(rng: random.Random, count: int) -> Iterator[str]:
    for _ in range(count):
        sizes = [rng.randint(1, 4) for _ in range(rng.randint(2, 4))]
        activation = [rng.choice(ACTIVATIONS[:7] if rng.random() < 0.8 else ACTIVATIONS) for _ in sizes[1:]]
        model = nn.MLP(sizes[0], sizes[1:], activation=activation, fused=rng.random() < 0.9, rng=rng)
        optimizer = nn.SGD(model.parameters(), lr=0.1)
        for step in range(6):
            x = inputs_of(rng, sizes[0])
            x = x if not hasattr(x, "__next__") else list(x)
            for part in (model, rng.choice(model.layers) if len(model.layers) else model):
                yield everything_of(lambda: part(iter(x) if type(x) is list and step == 3 else x))  # noqa: B023
            for mode in (no_grad, detect_anomaly, lambda: replaced({ops.tanh: ops.sin})):
                with mode():
                    yield everything_of(lambda: model(x))  # noqa: B023
            if rng.random() < 0.5:
                optimizer.step()
            if rng.random() < 0.3:
                yield outcome(lambda: tampered(rng, model))  # noqa: B023
        yield everything_of(lambda: copy.deepcopy(model)([0.5] * sizes[0]))  # noqa: B023


def main(seed: int, count: int) -> None:
    for lines in (of_shared_operands, of_modes, of_models):
        for line in lines(random.Random(f"{seed} {lines.__name__}"), count):
            print(line)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
