"""The algorithm written from the lecture's formulas alone agrees with the chain rule over the graph."""

from __future__ import annotations

import ast
import math
import random
from pathlib import Path

import pytest
from examples import within

import nn.deltas
from autograd import Value, ops, sin, tanh
from nn import MLP, SGD, Layer, Linear, Neuron, Sequential, SettingError, ShapeError, losses
from nn.deltas import DeltaLayer, DeltaNetwork, compare_with_graph, relative_difference

ACTIVATIONS = [
    "linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "gelu_tanh", "silu", "mish", "softplus",
    "logsigmoid", "hardtanh", "softsign", "erf", "atan", "asinh", "sin", "cos", "abs",
]  # fmt: skip
LOSSES = ["squared_error", "mse", "mae", "huber", "hinge", "bce", "bce_with_logits", "cross_entropy"]
NETWORKS, BLOCKS = 500, 10


def random_case(rng):
    """A network of 1 to 4 layers, a loss, and examples that fit; inputs of 0 and 1 among them, where kinks are."""
    loss = rng.choice(LOSSES)
    sizes = [rng.randint(1, 4) for _ in range(rng.randint(1, 4))]
    if loss == "cross_entropy":
        sizes[-1] = rng.randint(2, 4)
    activations = [rng.choice(ACTIVATIONS) for _ in sizes]
    if loss == "bce":
        activations[-1] = "sigmoid"
    model = MLP(rng.randint(1, 4), sizes, activation=activations, init=rng.choice(["uniform", "xavier_normal"]), rng=rng)
    for p in model.parameters():
        p.data += rng.uniform(-0.1, 0.1)  # so that biases are not 0
    examples = []
    for _ in range(3):
        x = [rng.choice([0.0, 1.0, -1.0]) if rng.random() < 0.2 else rng.uniform(-2, 2) for _ in model.layers[0].neurons[0].w]
        examples.append((x, random_target(rng, loss, sizes[-1])))
    return model, loss, examples


def random_target(rng, loss, outputs):
    if loss == "cross_entropy":
        return rng.randrange(outputs)
    draw = {"hinge": lambda: rng.choice([-1.0, 1.0]), "bce": rng.random, "bce_with_logits": lambda: rng.choice([0.0, 0.3, 1.0])}
    return [draw.get(loss, lambda: rng.uniform(-1, 1))() for _ in range(outputs)]


def graph_step(model, optimizer, x, t, loss):
    optimizer.zero_grad()
    getattr(losses, loss)(model(x), t).backward()
    optimizer.step()


def largest(ours, theirs):
    return max(relative_difference(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.thorough
@pytest.mark.parametrize("block", range(BLOCKS))
def test_deltas_equal_the_graph_on_random_networks_after_one_step_and_after_a_hundred(block):
    """Every delta and every gradient to 1e-12 of itself; every weight, in every step, to what gradients and rounding explain.

    A new weight is w − η·g, each of the two operations rounded once. Hence a step adds to the difference of two weights at most
    η·|Δg| and one unit in the last place of η·g and of the result, which after steps 1 and 100 is 1e-12 of the larger of the two.
    """
    rng = random.Random(block)
    for _ in range(NETWORKS // BLOCKS):
        model, loss, examples = random_case(rng)
        network, optimizer = DeltaNetwork.of(model), SGD(model.parameters(), lr=0.02)
        explained = [0.0] * len(network.parameters())
        for step in range(100):
            x, t = examples[step % len(examples)]
            adjoints = compare_with_graph(model, x, t, loss) if step in (0, 99) else None
            deltas = network.step(x, t, 0.02, loss)
            graph_step(model, optimizer, x, t, loss)
            case = f"{model} {loss}, step {step}\n{adjoints}"
            parameters = list(model.parameters())
            for i, (ours, slope, p) in enumerate(zip(network.parameters(), network.gradients(), parameters, strict=True)):
                explained[i] += 0.02 * abs(slope - p.grad) + math.ulp(0.02 * p.grad) + math.ulp(p.data)
                assert abs(ours - p.data) <= explained[i], case
                assert not adjoints or abs(ours - p.data) <= 1e-12 * max(abs(p.data), abs(0.02 * p.grad)), case
            if adjoints:
                assert adjoints.largest_difference <= 1e-12, case
                assert largest([d for layer in deltas for d in layer], [a for _, _, a in adjoints.rows]) <= 1e-12, case


def test_the_random_networks_try_every_activation_and_loss_and_learn_something():
    seen, moved = set(), 0
    for block in range(BLOCKS):
        rng = random.Random(block)
        for _ in range(NETWORKS // BLOCKS):
            model, loss, examples = random_case(rng)
            seen |= {loss, *(n.activation.__name__ if n.activation else "linear" for layer in model.layers for n in layer.neurons)}
            moved += any(delta for _, delta, _ in compare_with_graph(model, *examples[0], loss).rows)
    assert seen == {*ACTIVATIONS, *LOSSES}
    assert moved > 0.9 * NETWORKS


@pytest.mark.parametrize("name", [name for name, row in ops.TABLE.items() if len(row.operands) == 1 and not row.variadic])
def test_every_row_of_one_operand_may_be_the_activation(name):
    if ops.TABLE[name].required:
        with pytest.raises(SettingError):
            DeltaLayer([[1.0]], [0.0], name)
        return
    model = MLP(1, [2, 1], activation=[name, "linear"], seed=1)
    for neuron, (w, b) in zip(model.layers[0].neurons, [(0.5, 0.1), (-0.3, 0.7)], strict=True):
        z = 0.4 * w + b
        neuron.w[0].data, neuron.b.data = w, b + within(ops.TABLE[name], z) - z
    assert compare_with_graph(model, [0.4], [0.9]).largest_difference <= 1e-14


def test_even_the_rounding_is_that_of_the_graph_where_sums_are_long():
    model = MLP(6, [9, 9, 9, 3], activation="tanh", seed=1)
    x, t = [0.1, -0.7, 0.3, 0.9, -0.2, 0.5], [0.2, 0.4, -0.3]
    assert all(delta == adjoint for _, delta, adjoint in compare_with_graph(model, x, t).rows)


# ------------------------------------------------------------------------------------------------------- by hand


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def test_the_formulas_of_the_lecture_on_two_sigmoid_layers_worked_out_by_hand():
    network = DeltaNetwork(
        [DeltaLayer([[0.1, -0.2], [0.4, 0.3]], [0.5, -0.1], "sigmoid"), DeltaLayer([[0.7, -0.6]], [0.2], "sigmoid")]
    )
    x, t, eta = [1.0, 2.0], 0.25, 0.5
    h = [sigmoid(0.1 - 0.4 + 0.5), sigmoid(0.4 + 0.6 - 0.1)]
    y = sigmoid(0.7 * h[0] - 0.6 * h[1] + 0.2)
    out = y * (1 - y) * (y - t)
    hidden = [h[0] * (1 - h[0]) * out * 0.7, h[1] * (1 - h[1]) * out * -0.6]
    assert network.forward(x) == pytest.approx([y], rel=1e-15)
    assert [layer.y for layer in network.layers] == [pytest.approx(h, rel=1e-15), pytest.approx([y], rel=1e-15)]
    assert network.layers[1].z == pytest.approx([0.7 * h[0] - 0.6 * h[1] + 0.2], rel=1e-15)
    assert network.backward([t]) == [pytest.approx(hidden, rel=1e-14), pytest.approx([out], rel=1e-14)]
    assert network.gradients() == pytest.approx(
        [hidden[0], 2 * hidden[0], hidden[0], hidden[1], 2 * hidden[1], hidden[1], h[0] * out, h[1] * out, out], rel=1e-14
    )
    before = network.parameters()
    expected = [p - eta * g for p, g in zip(before, network.gradients(), strict=True)]
    network.update(eta)
    assert network.parameters() == pytest.approx(expected, rel=1e-15)
    assert network.layers[0].weights[1][1] == pytest.approx(0.3 - eta * 2 * hidden[1], rel=1e-14)


def test_the_hidden_weights_move_by_the_weights_from_before_the_update():
    network = DeltaNetwork([DeltaLayer([[2.0]], [0.0]), DeltaLayer([[3.0]], [0.0])])
    network.step([1.0], [5.0], lr=0.5)  # y − t = 1: δ = 1 at the output and 3 in front of it
    assert network.parameters() == [2.0 - 0.5 * 3, -0.5 * 3, 3.0 - 0.5 * 2, -0.5]


def test_an_activation_and_a_loss_of_ones_own_are_pairs_with_their_slopes():
    network = DeltaNetwork([DeltaLayer([[2.0]], [0.0], (lambda z: z**3, lambda z: 3 * z * z))])
    network.forward([1.0])
    assert network.backward(0.0, loss=(None, lambda y, t: [y[0] ** 2])) == [[12.0 * 64.0]]


def test_each_neuron_of_a_layer_may_have_an_activation_of_its_own():
    layer = Layer(2, 2, activation="tanh", seed=1)
    layer.neurons[1] = Neuron(2, activation="softplus", seed=2)
    comparison = compare_with_graph(layer, [0.3, -0.4], [1.0, 2.0])
    assert comparison.largest_difference <= 1e-14
    assert [label for label, _, _ in comparison.rows] == ["neurons[0]", "neurons[1]"]


# ------------------------------------------------------------------------------------------------------- the comparison


@pytest.mark.parametrize(
    ("model", "labels"),
    [
        (Neuron(2, activation="tanh", seed=1), ["neuron"]),
        (Linear(2, 2, seed=1), ["neurons[0]", "neurons[1]"]),
        (MLP(2, [1, 1], fused=False, seed=1), ["layers[0].neurons[0]", "layers[1].neurons[0]"]),
        (Sequential(Linear(2, 1, seed=1), tanh, Layer(1, 1, seed=3)), ["layers[0].neurons[0]", "layers[2].neurons[0]"]),
    ],
    ids=["neuron", "layer", "network", "sequential"],
)
def test_any_stack_of_neurons_is_compared_by_its_labels(model, labels):
    comparison = compare_with_graph(model, [0.5, 0.25], [0.75] * (2 if type(model) is Linear else 1))
    assert [label for label, _, _ in comparison.rows] == labels
    assert comparison.largest_difference <= 1e-14
    assert [label for label, _, _ in comparison.gradients] == [p.label for p in model.parameters()]


def test_a_wrong_delta_shows_in_the_comparison(monkeypatch):
    model = MLP(2, [3, 2, 1], activation="sigmoid", seed=1)
    assert compare_with_graph(model, [0.5, 0.25], [0.75]).largest_difference <= 1e-14
    right = DeltaLayer.backward

    def off_by_a_millionth(self, slopes):
        self.deltas = [delta * (1 + 1e-6) for delta in right(self, slopes)]
        return self.deltas

    monkeypatch.setattr(DeltaLayer, "backward", off_by_a_millionth)
    comparison = compare_with_graph(model, [0.5, 0.25], [0.75])
    assert 0.9e-6 < comparison.largest_difference < 1e-5
    assert "1.0e-6" in str(comparison)


def test_the_adjoints_are_those_of_the_nodes_not_of_the_deltas(monkeypatch):
    monkeypatch.setattr(DeltaNetwork, "backward", lambda self, t, loss: [[7.0] * len(layer.weights) for layer in self.layers])
    for layer in (DeltaLayer,):
        monkeypatch.setattr(layer, "gradients", lambda self: ([[0.0] * len(self.x)] * len(self.weights), [0.0] * len(self.weights)))
    model = MLP(1, [1], seed=1)
    ((_, delta, adjoint),) = compare_with_graph(model, [2.0], [0.0]).rows
    assert delta == 7.0
    assert adjoint == model([2.0]).data


def test_a_comparison_leaves_the_model_and_its_gradients_alone():
    model = MLP(2, [2, 1], seed=1)
    for p in model.parameters():
        p.grad = 5.0
    before = model.state_dict()
    compare_with_graph(model, [1.0, 2.0], [0.0])
    assert model.state_dict() == before
    assert {p.grad for p in model.parameters()} == {5.0}


def test_the_numbers_of_a_network_are_copied():
    model = MLP(1, [1], seed=1)
    network = DeltaNetwork.of(model)
    network.step([1.0], [9.0], lr=0.1)
    assert network.parameters() != [p.data for p in model.parameters()]
    assert DeltaNetwork.of(model).parameters() == [p.data for p in model.parameters()]


def test_the_algorithm_makes_no_node():
    """Only the comparison may know what a graph is."""
    tree = ast.parse(Path(nn.deltas.__file__).read_text(encoding="utf-8"))
    algorithm = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in ("DeltaLayer", "DeltaNetwork")]
    assert len(algorithm) == 2
    names = {node.id for part in algorithm for node in ast.walk(part) if isinstance(node, ast.Name)}
    attributes = {node.attr for part in algorithm for node in ast.walk(part) if isinstance(node, ast.Attribute)}
    assert not names & {"Value", "autograd"}
    assert not attributes & {"grad", "operands", "partials"}


# ----------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DeltaNetwork([]), "no layers"),
        (lambda: DeltaLayer([], []), "each neuron needs one bias"),
        (lambda: DeltaLayer([[1.0], [1.0, 2.0]], [0.0, 0.0]), "as many weights"),
        (lambda: DeltaLayer([[1.0]], [0.0, 0.0]), "each neuron needs one bias"),
        (lambda: DeltaLayer([[1.0]], [0.0], ["tanh", "relu"]), "1 neurons and 2 activations"),
        (lambda: DeltaLayer([[1.0]], [0.0], "rleu"), r"'rleu' is not known; .* give \(f, f'\)"),
        (
            lambda: DeltaNetwork([DeltaLayer([[1.0]], [0.0]), DeltaLayer([[1.0, 1.0]], [0.0])]),
            "layer 0 has 1 neurons and layer 1 2 inputs",
        ),
        (lambda: DeltaNetwork([DeltaLayer([[1.0]], [0.0])]).forward([1.0, 2.0]), "1 inputs got 2"),
        (lambda: DeltaNetwork([DeltaLayer([[1.0]], [0.0])]).backward([1.0]), r"call forward\(x\) first"),
        (lambda: DeltaNetwork([DeltaLayer([[1.0]], [0.0])]).step([1.0], [1.0, 2.0], 0.1), "1 outputs and 2 targets"),
        (lambda: DeltaNetwork.of(Neuron(2, activation=lambda z: z * z)), "slope of .* is not known"),
        (lambda: DeltaNetwork.of(Sequential(tanh, Linear(1, 1))), "tanh.* has no deltas"),
        (lambda: DeltaNetwork.of(Sequential(Linear(1, 1), tanh, sin)), "sin.* has no deltas"),
        (lambda: compare_with_graph(MLP(1, [1]), [1.0], [1.0], "mean"), "slope of 'mean' is not known; take one of squared_error"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_cure(make, message):
    with pytest.raises((SettingError, ShapeError), match=message):
        make()


def test_infinite_inputs_give_what_floats_give():
    network = DeltaNetwork([DeltaLayer([[1.0, 1.0]], [0.0])])
    assert network.forward([math.inf, 1.0]) == [math.inf]
    assert math.isnan(network.forward([math.inf, -math.inf])[0])
    assert type(network.forward([1, 2])[0]) is float
    with pytest.raises(TypeError):
        network.forward([Value(1.0), 1.0])
