"""Models that leave for other libraries: each activation with each loss, on stated weights and points.

`run.py test peers` compares them with PyTorch and ONNX, and writes what these gave into tests/data/peers.json, which the other
tests compare with.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from examples import within

from autograd import ops, softmax
from autograd.ops import Op
from nn import MLP, Layer, Linear, Module, Sequential, losses
from nn.layers import has_one_operand
from nn.outputs import data_of

RECORD = Path(__file__).parent / "data" / "peers.json"
ACTIVATIONS = {name: row for name, row in ops.TABLE.items() if has_one_operand(row)}
POINTS = [[0.3, -0.2], [0.05, 0.4], [0.1, 0.15]]


class Case(NamedTuple):
    """What a loss is computed of: a target for each point, the number of outputs, and what their logits go through."""

    targets: list[float]
    outputs: int = 1
    through: tuple[Op, ...] = ()


LOSSES = {
    "squared_error": Case([0.5, -1.0, 2.0]),
    "mse": Case([0.5, -1.0, 2.0]),
    "mae": Case([0.5, -1.0, 2.0]),
    "huber": Case([0.5, -1.0, 20.0]),
    "hinge": Case([1, -1, -1]),
    "bce": Case([0.0, 1.0, 0.25], through=(ops.sigmoid,)),
    "bce_with_logits": Case([0.0, 1.0, 0.25]),
    "cross_entropy": Case([0, 2, 1], outputs=3),
}

PARTS = {"acos", "asin", "asinh", "atan", "cbrt", "digamma", "erf", "erfinv", "gamma", "lgamma", "round"}
NOT_IN_ONNX = PARTS | {"erfc", "erfinv_slope", "gelu", "gelu_slope", "log_normal_cdf", "log_normal_cdf_derivative", "normal_cdf"}
# onnxruntime has neither the former in double precision, nor what is made of them.

ONNX_MODELS = {
    "softmax": (Sequential(MLP(2, [3], activation=["tanh"], seed=1), lambda ys: softmax(ys)), ["Gemm", "Tanh", "Split"]),
    "one output": (Sequential(Linear(2, 1, seed=1), lambda y: y * y), ["Gemm", "Split", "Mul", "Concat"]),
    "a choice": (
        MLP(2, [3, 1], activation=lambda z: ops.where(z > 0.1, z, lambda: 0.5 * z), seed=1),
        ["Gemm", "Mul", "Greater", "Where"],
    ),
    "a choice made": (MLP(2, [3, 1], activation=lambda z: ops.where(False, 1.0, z), seed=1), ["Gemm", "Gemm"]),
    "nothing": (MLP(2, [3, 2], activation=["tanh", lambda z: z], seed=1), ["Gemm", "Tanh", "Gemm"]),
    "the inputs after a layer": (Sequential(Layer(2, 2, seed=1), lambda ys: ys[::-1]), ["Gemm", "Relu", "Split", "Concat"]),
}  # fmt: skip


def model_of(activation: Op, case: Case = LOSSES["mse"]) -> Sequential:
    """A layer of three, whose logits are in the row's domain, and a layer of outputs."""
    model = Sequential(Layer(2, 3, activation=activation, seed=3), Linear(3, case.outputs, seed=4), *case.through)
    for neuron in model[0].neurons:
        for w in neuron.w:
            w.data *= 0.2
        neuron.b.data = within(activation, 0.6)
    for neuron in model[1].neurons:
        for w in neuron.w:
            w.data /= max(1.0, abs(activation(within(activation, 0.6))))  # no probability is 1 to the last digit
    return model


def outputs_of(model: Module, points: list[list[float]] = POINTS) -> list[list[Any]]:
    """A list of nodes for each point."""
    found = [model(x) for x in points]
    return [[*y] if isinstance(y, (list, tuple)) else [y] for y in found]


def numbers(outputs: list[list[Any]]) -> list[list[float]]:
    return [[data_of(y) for y in each] for each in outputs]


def loss_and_gradients(name: str, model: Module) -> tuple[float, list[float]]:
    """The mean loss over the points and its gradient with respect to every parameter, in order."""
    outputs, targets = outputs_of(model), LOSSES[name].targets
    if name == "cross_entropy":
        loss = ops.mean([losses.cross_entropy(y, t) for y, t in zip(outputs, targets, strict=True)])
    else:
        loss = getattr(losses, name)([y for (y,) in outputs], targets)
    model.zero_grad()
    loss.backward()
    return loss.data, [p.grad for p in model.parameters()]


def recorded() -> dict[str, Any]:
    return dict(json.loads(RECORD.read_text(encoding="utf-8")))
