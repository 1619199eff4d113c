"""Tests of `autograd.network`: the layers of a network in a graph, its neurons in order, and their names."""

from __future__ import annotations

from typing import Any

import pytest

from autograd import Value, explain, record, to_latex, to_python, to_text
from autograd.network import network_of, subscript
from autograd.text.names import named
from autograd.value import toposort
from nn import MLP, Layer, Linear, Module, Neuron
from nn.losses import squared_error


def names_of(*roots: Value) -> dict[str, str]:
    """The names of parameters by their labels."""
    nodes = toposort(*roots)
    names = named(nodes, known=network_of(nodes).names)
    return {node.label: names[node] for node in nodes if node.op is None and node.label}


def heads_of(*roots: Value) -> list[str]:
    return [layer.head for layer in network_of(toposort(*roots)).layers]


def test_neurons_are_numbered_through_all_layers_and_a_weight_has_both_its_ends() -> None:
    y: Any = MLP(2, [2, 1], activation="tanh", seed=1)([1.0, -2.0])
    names = names_of(y)
    assert [names[f"layers[0].neurons[{j}].w[{i}]"] for j in (0, 1) for i in (0, 1)] == ["w₁₁", "w₂₁", "w₁₂", "w₂₂"]
    assert [names[f"layers[1].neurons[0].w[{i}]"] for i in (0, 1)] == ["w₁₃", "w₂₃"]
    assert names["layers[1].neurons[0].b"] == "b₃"
    known = network_of(toposort(y)).names
    hidden = [node for node in y.operands if node.op]
    assert [[known[h.operands[0]], known[h]] for h in hidden] == [["z₁", "y₁"], ["z₂", "y₂"]]
    assert known[y] == "out"


def test_from_ten_neurons_on_a_comma_keeps_the_numbers_of_an_index_apart() -> None:
    names = names_of(MLP(2, [12, 2], seed=1)([1.0, -2.0])[0])
    assert names["layers[1].neurons[0].w[0]"] == "w₁,₁₃"
    assert names["layers[1].neurons[0].w[11]"] == "w₁₂,₁₃"
    assert len(set(names.values())) == len(names)
    assert subscript(3, 4) == "₃₄"


@pytest.mark.parametrize("fused", [True, False], ids=["fused", "by products"])
def test_a_lone_neuron_has_the_names_of_the_lecture(fused: bool) -> None:
    y = Neuron(2, activation="sigmoid", fused=fused, seed=1)([1.0, 2.0])
    assert names_of(y) == {"w[0]": "w₁", "w[1]": "w₂", "b": "b"}
    assert [network_of(toposort(y)).names[node] for node in (y.operands[0], y)] == ["z", "out"]


def test_a_lone_layer_is_one_layer() -> None:
    y: Any = Layer(2, 3, seed=1)([1.0, 2.0])
    assert heads_of(*y) == ["output (3, relu)"]
    assert [network_of(toposort(*y)).names[node] for node in y] == ["out₁", "out₂", "out₃"]


def test_layers_are_known_by_their_place_and_their_activation() -> None:
    y: Any = MLP(3, [4, 1, 2], activation=["relu", "tanh", "linear"], seed=1)([1.0, 2.0, 3.0])
    assert heads_of(*y) == ["hidden 1 (4, relu)", "hidden 2 (tanh)", "output (2, linear)"]


def test_an_expression_is_no_network_whatever_its_labels_are() -> None:
    a, b, w = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "w")
    assert not network_of(toposort((a * w + b).relu())).layers


def test_a_label_of_the_user_and_a_name_given_with_names_go_before_a_name_of_the_network() -> None:
    model = MLP(1, [1, 1], seed=1)
    model.layers[0].neurons[0].w[0].label = "slope"
    y: Any = model([1.0])
    (hidden,) = [node for node in y.operands if node.op]
    hidden.label = "h"
    tape = record(y, names={"score": y})
    assert [tape.names[node] for node in (hidden, y)] == ["h", "score"]
    assert "slope" in tape.names.values()


def test_several_examples_have_one_neuron_and_several_outputs() -> None:
    model = MLP(1, [1], activation=["tanh"], seed=1)
    loss = squared_error([model([x]) for x in (1.0, 2.0)], [0.0, 0.0])
    assert sorted(name for name in record(loss).names.values() if name.startswith("out")) == ["out", "out_2"]


def test_inputs_that_skip_a_layer_count_by_their_place_among_the_weights() -> None:
    class Skipping(Module):
        def __init__(self) -> None:
            self.layers = [Linear(1, 2, seed=1), Linear(3, 1, seed=2)]

        def forward(self, x: list[Any]) -> Any:
            first, second = self.layers
            return second([*x, *first(x)])

    names = names_of(Skipping()([Value(1.0, "x")]))
    assert [names[f"layers[1].neurons[0].w[{i}]"] for i in range(3)] == ["w₁₃", "w₂₃", "w₃₃"]


def test_tape_explanation_formula_and_program_have_the_names_of_the_picture() -> None:
    x = Value(2.0, "x")
    y: Any = MLP(1, [1, 1], activation="tanh", seed=1)([x])
    formula = to_text(y)
    assert "w₁₂" in formula
    assert "layers" not in formula
    assert "w_{12}" in to_latex(y)
    assert "∂out/∂y₁" in str(explain(y, x))
    assert "layers" not in str(explain(y, x))
    assert "w12 = " in to_python(y)
    assert "∂out/∂w₁₂" in str(record(y))


def test_latex_and_mathml_have_an_index_with_a_comma() -> None:
    y: Any = MLP(1, [12, 1], seed=1)([1.0])
    assert "w_{12,13}" in to_latex(y)
