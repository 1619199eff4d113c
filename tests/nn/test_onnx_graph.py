"""Graphs of ONNX: their operators, computed here by NumPy, give what the model gives; `run.py test peers` asks onnxruntime."""

from __future__ import annotations

import sys

import numpy
import pytest
from leaving import ACTIVATIONS, NOT_IN_ONNX, ONNX_MODELS, POINTS, model_of, numbers, outputs_of

from autograd import MissingExtraError, OperandError, ops
from nn import Layer, Linear, Sequential, to_onnx
from nn.onnx_graph import RELATIONS, graph_of

OPERATORS = {
    "Abs": numpy.abs, "Add": numpy.add, "Ceil": numpy.ceil, "Cos": numpy.cos, "Div": numpy.divide, "Equal": numpy.equal,
    "Exp": numpy.exp, "Floor": numpy.floor, "Greater": numpy.greater, "GreaterOrEqual": numpy.greater_equal,
    "Identity": lambda x: x, "Less": numpy.less, "LessOrEqual": numpy.less_equal, "Log": numpy.log, "Max": numpy.maximum,
    "Min": numpy.minimum, "Mul": numpy.multiply, "Neg": numpy.negative, "Pow": numpy.power, "Reciprocal": numpy.reciprocal,
    "Relu": lambda x: numpy.maximum(x, 0.0), "Sigmoid": lambda x: 1 / (1 + numpy.exp(-x)), "Sign": numpy.sign, "Sin": numpy.sin,
    "Sqrt": numpy.sqrt, "Sub": numpy.subtract, "Sum": lambda *xs: sum(xs), "Tanh": numpy.tanh, "Where": numpy.where,
    "Gemm": lambda x, w, b, transB: x @ (w.T if transB else w) + b,
    "Concat": lambda *xs, axis: numpy.concatenate(xs, axis),
}  # fmt: skip


def computed(graph):
    """The outputs for POINTS."""
    tensors = {name: numpy.array(numbers).reshape(shape) for name, (shape, numbers) in graph.constants.items()}
    tensors["x"] = numpy.array(POINTS)
    for node in graph.nodes:
        arguments = [tensors[name] for name in node.inputs]
        if node.operator == "Split":
            tensors |= zip(node.outputs, numpy.split(*arguments, len(node.outputs), **node.attributes), strict=True)
        else:
            tensors[node.outputs[0]] = OPERATORS[node.operator](*arguments, **node.attributes)
    assert tensors["y"].shape == (len(POINTS), graph.outputs)
    return tensors["y"].tolist()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_graph_computes_what_its_model_does_with_every_activation(name):
    model = model_of(ACTIVATIONS[name])
    if name in NOT_IN_ONNX:
        with pytest.raises(OperandError, match=r"layers\[0\]: onnxruntime has no \w+ in double precision"):
            graph_of(model)
        return
    graph = graph_of(model)
    for found, expected in zip(computed(graph), numbers(outputs_of(model)), strict=True):
        assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ONNX_MODELS)
def test_a_graph_computes_what_its_model_does(name):
    model, operators = ONNX_MODELS[name]
    graph = graph_of(model)
    assert [node.operator for node in graph.nodes][: len(operators)] == operators
    for found, expected in zip(computed(graph), numbers(outputs_of(model)), strict=True):
        assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("relation", RELATIONS)
def test_every_relation_chooses_as_python_does(relation):
    chosen = eval(f"lambda z: where(z {relation} 0.25, 2 * z, -z)", {"where": ops.where})
    model = Sequential(Layer(2, 1, activation=chosen, seed=1))
    (neuron,) = model[0].neurons
    neuron.w[0].data, neuron.w[1].data = 1.0, 0.25  # logits of 0.25, 0.15 and 0.1375
    for found, expected in zip(computed(graph_of(model)), numbers(outputs_of(model)), strict=True):
        assert found == expected


def test_a_layer_that_comes_again_has_its_numbers_once():
    layer = Linear(2, 2, seed=1)
    graph = graph_of(Sequential(layer, layer))
    assert [*graph.constants] == ["layers[0].weight", "layers[0].bias"]
    assert graph.constants["layers[0].weight"] == ((2, 2), [w.data for neuron in layer.neurons for w in neuron.w])


def test_a_model_whose_inputs_are_not_counted_is_refused():
    with pytest.raises(OperandError, match=r"layers\[0\]: how many inputs an activation has is not known"):
        graph_of(Sequential(ops.tanh, Linear(2, 1)))


def test_without_onnx_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"needs onnx.*scalar-autograd\[onnx\]"):
        to_onnx(Linear(2, 1))
