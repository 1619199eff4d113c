"""Tests of `nn.health`: dead and saturated neurons, deltas that vanish or explode, parameters that nothing depends on."""

import copy
import math

import pytest

from autograd import Value, tanh
from autograd.neurons import steepest_slope
from autograd.ops import TABLE
from nn import MLP, Layer, Linear, Neuron, Sequential, losses, train
from nn.data import make_moons
from nn.families import ITSELF
from nn.health import health
from nn.module import Module

X, Y = make_moons(24, noise=0.1, random_state=1)


def network(seed=1):
    return MLP(2, [4, 1], activation="tanh", seed=seed)


def bits(model):
    return [parameter.data.hex() for parameter in model.parameters()]


def test_a_healthy_network_is_called_so_and_left_as_it_was():
    model = network()
    losses.mse([model(x) for x in X], Y).backward()
    gradients, numbers = [p.grad for p in model.parameters()], bits(model)
    report = health(model, X, Y)
    assert report.healthy
    assert "nothing wrong" in str(report)
    assert [p.grad for p in model.parameters()] == gradients
    assert bits(model) == numbers
    assert [(layer.name, layer.activation, layer.neurons) for layer in report.layers] == [
        ("layers[0]", "tanh", 4),
        ("layers[1]", "linear", 1),
    ]


def test_deltas_are_the_adjoints_of_the_logits():
    model = MLP(1, [1, 1], activation="tanh", seed=1)
    w, v = 0.8, -1.5
    model.layers[0].neurons[0].w[0].data, model.layers[1].neurons[0].w[0].data = w, v
    report = health(model, [[0.5]], [1.0], loss="squared_error")
    y = v * math.tanh(w * 0.5)
    delta = y - 1.0
    hidden = delta * v / math.cosh(w * 0.5) ** 2
    assert [layer.delta for layer in report.layers] == pytest.approx([abs(hidden), abs(delta)], rel=1e-14)
    assert report.layers[1].activity == pytest.approx(abs(y), rel=1e-14)


def test_a_relu_that_no_example_opens_is_dead():
    model = MLP(2, [3, 1], seed=1)
    model.layers[0].neurons[1].b.data = -100.0
    report = health(model, X, Y)
    assert "layers[0].neurons[1]" in report.layers[0].dead
    assert any("dead" in line and "leaky_relu" in line for line in report.advice)
    model.layers[0].neurons[1].b.data = 100.0
    assert "layers[0].neurons[1]" not in health(model, X, Y).layers[0].dead


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softsign", "hardtanh", "hardsigmoid", "atan", "erf"])
def test_a_neuron_without_slope_is_saturated(activation):
    model = MLP(2, [3, 1], activation=activation, seed=1)
    assert health(model, X).layers[0].saturated == []
    model.layers[0].neurons[2].b.data = -60.0
    report = health(model, X)
    assert report.layers[0].dead == []
    assert report.layers[0].saturated == ["layers[0].neurons[2]"]
    assert any("saturated" in line and "standardise" in line for line in report.advice)


def test_the_steepest_slope_of_an_s_shaped_row_follows_from_its_value_and_partial():
    known = {"sigmoid": 0.25, "tanh": 1.0, "softsign": 1.0, "hardtanh": 1.0, "hardsigmoid": 1 / 6, "erfc": 2 / math.sqrt(math.pi)}
    assert {name: steepest_slope(TABLE[name]) for name in known} == pytest.approx(known, rel=1e-15)
    others = ("relu", "relu6", "silu", "gaussian", "sin", "log", "sign", "max", "sum", "asinh", "identity", "cbrt", "elu", "trunc")
    assert [name for name in others if steepest_slope(TABLE[name], TABLE[name].parameters)] == []


def test_deltas_that_vanish_or_explode_are_named_with_their_layer():
    deep = MLP(2, [4] * 8 + [1], activation="sigmoid", seed=1)
    advice = health(deep, X, Y).advice
    assert any(line.startswith("layers[0]: deltas vanish") for line in advice)
    assert not any("explode" in line for line in advice)
    wide = MLP(2, [4] * 8 + [1], activation="leaky_relu", seed=1)
    for parameter in wide.parameters():
        parameter.data *= 10.0
    advice = health(wide, X, Y).advice
    assert any(line.startswith("layers[0]: deltas explode") for line in advice)
    assert not any("vanish" in line for line in advice)


def test_a_parameter_that_no_output_depends_on_is_disconnected():
    class Forgetful(Module):
        def __init__(self):
            self.used, self.unused = MLP(2, [1], seed=1), [Value(1.0), Value(2.0)]

        def __call__(self, x):
            return self.used(x)

    report = health(Forgetful(), X, Y)
    assert report.disconnected == ["unused[0]", "unused[1]"]
    assert any("2 parameters are disconnected" in line for line in report.advice)
    dead = MLP(2, [1, 1], seed=1)
    dead.layers[0].neurons[0].b.data = -100.0
    assert health(dead, X, Y).disconnected == []  # connected, though nothing flows


def test_labels_of_the_users_own_change_nothing_but_themselves():
    plain, relabelled = network(), network()
    for place, parameter in enumerate(relabelled.parameters()):
        parameter.label = "" if place % 2 else f"layers[9].neurons[{place}].w[0]"
    before = [parameter.label for parameter in relabelled.parameters()]
    assert health(relabelled, X, Y) == health(plain, X, Y)
    assert [parameter.label for parameter in relabelled.parameters()] == before


def test_the_health_of_a_copy_is_that_of_the_model():
    model = network()
    assert health(copy.deepcopy(model), X, Y) == health(model, X, Y)


@pytest.mark.parametrize(
    ("model", "layers"),
    [
        (Neuron(2, seed=1), [(ITSELF, 1)]),
        (Layer(2, 3, seed=1), [(ITSELF, 3)]),
        (Sequential(Linear(2, 3, seed=1), tanh, Linear(3, 1, seed=2)), [("layers[0]", 3), ("layers[2]", 1)]),
    ],
    ids=["neuron", "layer", "sequential"],
)
def test_every_model_of_neurons_has_its_layers(model, layers):
    y = None if isinstance(model, Layer) else Y
    assert [(layer.name, layer.neurons) for layer in health(model, X, y).layers] == layers


def test_health_is_a_name_of_the_training_too():
    assert train.health is health
