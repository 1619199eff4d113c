"""Tests of `nn.draw`: a network at work on one example, as boxes and as circles."""

from __future__ import annotations

import re
import struct
from typing import Any

import pytest
from engines import each_engine

import nn
from autograd import Value
from autograd.text.numbers import short
from nn import MLP, Module, SettingError
from nn.deltas import DeltaNetwork
from nn.losses import squared_error

X, T = [0.5, -1.0], [0.25]


def model() -> MLP:
    return MLP(2, [3, 1], activation="tanh", seed=1)


def trained_on(network: MLP) -> MLP:
    """The network with the gradients of the example."""
    squared_error([network(X)], T).backward()
    return network


def test_the_inputs_are_a_labelled_column_and_the_model_stays_as_it_is() -> None:
    network = trained_on(model())
    before = [(parameter.data, parameter.grad, parameter.label) for parameter in network.parameters()]
    text = nn.draw(network, X, T).text
    assert [line.split()[:3] for line in text.splitlines()[:2]] == [["x₁", "data", "0.5"], ["x₂", "data", "−1"]]
    assert [(parameter.data, parameter.grad, parameter.label) for parameter in network.parameters()] == before
    assert isinstance(network(X), Value)


def test_nodes_as_inputs_keep_their_labels_and_their_gradients() -> None:
    x = [Value(0.5, "hours"), Value(-1.0, "sleep")]
    assert nn.draw(model(), x).text.startswith("hours")
    assert [node.grad for node in x] == [0.0, 0.0]


def test_without_a_target_the_outputs_go_back_and_with_one_the_error() -> None:
    two = MLP(2, [2, 2], seed=1)
    assert ">E<" not in nn.draw(two, X).source
    assert ">out₂<" in nn.draw(two, X).source
    assert ">E<" in nn.draw(two, X, [1.0, 0.0]).source


def test_every_circle_has_its_delta_and_every_line_its_weight_and_what_it_learns() -> None:
    network = trained_on(model())
    source = nn.draw(network, X, T, style="circles").source
    texts = re.findall(r">([^<>]+)</FONT>", source)
    by_hand = DeltaNetwork.of(model())
    by_hand.forward(X)
    by_hand.backward(T)
    deltas = [delta for layer in by_hand.layers for delta in layer.deltas]
    assert [text for text in texts if text.startswith("δ")] == [f"δ{'₁₂₃₄'[j]} = {short(delta)}" for j, delta in enumerate(deltas)]
    first = network.layers[0].neurons[1].w[0]
    assert f"w₁₂ = {short(first.data)}" in texts
    assert texts[texts.index(f"w₁₂ = {short(first.data)}") + 1] == f"∂w = {short(first.grad)}"
    assert len([text for text in texts if text.startswith("∂w")]) == 9
    assert 'tooltip="layers[0].neurons[1]: ' in source


def test_with_a_learning_rate_a_line_has_the_update() -> None:
    network = trained_on(model())
    texts = re.findall(r">([^<>]+)</FONT>", nn.draw(network, X, T, style="circles", lr=0.5).source)
    weight = network.layers[1].neurons[0].w[2]
    assert texts[texts.index(f"w₃₄ = {short(weight.data)}") + 1] == f"Δw = {short(-0.5 * weight.grad)}"


def test_of_many_weights_colour_and_width_alone_are_drawn() -> None:
    source = nn.draw(MLP(2, [8, 8, 1], seed=1), X, style="circles").source
    assert "δ" not in source
    assert len(re.findall(r"\[id=e_c\d+_c\d+, color=", source)) == 2 * 8 + 8 * 8 + 8


@each_engine
def test_every_engine_draws_circles(engine: str) -> None:
    for sizes in ([3, 1], [16, 16, 1]):
        png = nn.draw(MLP(2, sizes, seed=1), X, style="circles", engine=engine).png()
        width, height = struct.unpack(">II", png[16:24])
        assert max(width, height) <= 2000


def test_neurons_that_add_product_by_product_have_the_same_circles() -> None:
    fused, apart = [MLP(2, [2, 1], fused=fused, seed=1) for fused in (True, False)]
    lines = [sorted(re.findall(r">(w[^<>]+)</FONT>", nn.draw(each, X, style="circles").source)) for each in (fused, apart)]
    assert lines[0] == lines[1]
    assert len(lines[0]) == 6


class Free(Module):
    """A model without neurons."""

    def __init__(self) -> None:
        self.slope = Value(2.0)

    def forward(self, x: Any) -> Value:
        return self.slope * x[0]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((lambda x: x, X), {}, "is no module"),
        ((model(), X), {"style": "squares"}, "'boxes', 'circles'"),
        ((model(), X), {"lr": 0.5}, "style='circles'"),
        ((Free(), X), {"style": "circles"}, "style='boxes' draws every other model"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments: Any, options: Any, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        nn.draw(*arguments, **options)
