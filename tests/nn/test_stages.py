"""What leaves for other libraries: the stages of a model, and what is refused by name."""

from __future__ import annotations

import functools
import math

import pytest

from autograd import OperandError, Value, ops, softmax
from nn import MLP, Layer, Linear, Neuron, Perceptron, Sequential
from nn.stages import Each, Logits, Mixed, stages_of


def kinds(model):
    return [type(stage) for stage in stages_of(model)]


def test_a_layer_is_its_logits_and_its_activation():
    model = MLP(2, [3, 1], activation="tanh")
    hidden, tanh, out = stages_of(model)
    assert (hidden.name, tanh.name, out.name) == ("layers[0]", "layers[0]", "layers[1]")
    assert [[*w, b] for w, b in zip(hidden.weights, hidden.biases, strict=True)] == [[*n.w, n.b] for n in model.layers[0].neurons]
    assert tanh.row is ops.tanh
    assert kinds(Linear(2, 2)) == [Logits]
    assert kinds(Neuron(2)) == [Logits, Each]
    assert kinds(Neuron(2, fused=False, nonlin=False)) == [Logits]


def test_what_is_inside_has_the_name_of_its_place():
    model = Sequential(Linear(2, 3), ops.relu, Sequential(MLP(3, [2, 1])))
    names = ["layers[0]", "layers[1]", *["layers[2].layers[0].layers[0]"] * 2, "layers[2].layers[0].layers[1]"]
    assert [stage.name for stage in stages_of(model)] == names


def test_a_row_with_parameters_is_still_that_row_and_a_function_of_several_is_none():
    def stage(activation):
        return stages_of(Layer(2, 3, activation=activation))[1]

    leaky = stage(functools.partial(ops.leaky_relu, negative_slope=0.5))
    assert (leaky.row, leaky.y.parameters) == (ops.leaky_relu, {"negative_slope": 0.5})
    for function in (lambda z: ops.tanh(z) * 2, lambda z: z, lambda z: ops.where(z > 0, z, 0.0), lambda z: z * z):
        assert stage(function).row is None


def test_a_function_of_all_outputs_and_neurons_that_differ_are_mixed():
    softmaxed = stages_of(Sequential(Layer(2, 3, activation="tanh"), lambda ys: softmax(ys), Linear(3, 1)))
    assert [type(stage) for stage in softmaxed] == [Logits, Each, Mixed, Logits]
    assert [y.op for y in softmaxed[2].ys] == [ops.softmax] * 3
    layer = Layer(2, 3)
    layer.neurons[1].activation = ops.tanh
    layer.neurons[2].activation = None
    mixed = stages_of(layer)[1]
    assert [y.op for y in mixed.ys] == [ops.relu, ops.tanh, None]


def test_a_function_gets_the_bare_output_of_one_neuron_as_in_a_model():
    assert len(stages_of(Sequential(Linear(2, 1), lambda y: [y, y * y], Linear(2, 1)))[1].ys) == 2
    assert len(stages_of(Sequential(Linear(2, 1), lambda y: y * y, lambda y: y + 1))) == 3


def test_a_layer_that_comes_again_is_one_stage_and_a_weight_that_does_is_refused():
    layer = Linear(2, 2)
    first, again = stages_of(Sequential(layer, layer))
    assert first is again
    other = Linear(2, 2)
    other.neurons[1].w[0] = layer.neurons[0].b
    with pytest.raises(OperandError, match=r"neurons\[0\].b is in layers\[0\] and again in layers\[1\]"):
        stages_of(Sequential(layer, other))
    layer.neurons[1] = layer.neurons[0]
    with pytest.raises(OperandError, match=r"is in linear and again in linear; only a whole layer may"):
        stages_of(layer)


class Own(Neuron):
    def forward(self, x):
        return super().forward(x) * 2


class Called(Linear):
    def __call__(self, x):
        return super().__call__(x)


def broken(change):
    layer = Layer(2, 2)
    change(layer.neurons)
    return layer


REFUSED = [
    (3, r"3 is no model; give a module of nn"),
    (Perceptron(2), r"the model is a Perceptron, which other libraries lack; take Linear"),
    (Sequential(Linear(2, 2), Perceptron(2)), r"layers\[1\] is a Perceptron"),
    (Sequential(Called(2, 2)), r"layers\[0\] is a Called"),
    (Own(2), r"the model is a Own, which"),
    (broken(lambda neurons: neurons.append(Own(2))), r"layer: a Own computes otherwise than a Neuron"),
    (broken(lambda neurons: neurons.append(Neuron(3))), r"layer: its neurons have different numbers of inputs"),
    (broken(lambda neurons: setattr(neurons[0], "b", 1.0)), r"layer: the parameter 1.0 is no leaf"),
    (broken(lambda neurons: setattr(neurons[0], "b", Value(1.0) * 2)), r"layer: the parameter .* is no leaf"),
    (Sequential(lambda x: x), r"layers\[0\]: how many inputs .* has is not known; begin with a layer"),
    (Sequential(Linear(2, 2), max), r"layers\[1\]: max cannot be traced .*neither true nor false"),
    (MLP(2, [1], activation=[math.sin]), r"layers\[0\]: sin cannot be traced"),
    (MLP(2, [1], activation=[lambda z: z.data]), r"layers\[0\]: <lambda> cannot be traced"),
    (MLP(2, [1], activation=[lambda z: 1.0]), r"layers\[0\]: the output 1.0 depends on no input"),
    (MLP(2, [1], activation=[lambda z: "one"]), r"layers\[0\]: 'one' is no number"),
]


@pytest.mark.parametrize(("model", "message"), REFUSED)
def test_what_other_libraries_lack_is_refused_by_its_place(model, message):
    with pytest.raises(OperandError, match=message):
        stages_of(model)
