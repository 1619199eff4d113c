"""Tests of `nn.families`: the tree of modules has the owner of each parameter."""

import copy

from autograd import Value, draw
from nn import MLP, Layer, Linear, Module, Neuron, Sequential
from nn.families import ITSELF, families_of, neurons_of


def names(model):
    return [(family.name, family.layer) for family in families_of(model)]


def test_the_neurons_of_a_network_and_their_layers():
    model = MLP(2, [2, 1], seed=1)
    assert names(model) == [
        ("layers[0].neurons[0]", "layers[0]"),
        ("layers[0].neurons[1]", "layers[0]"),
        ("layers[1].neurons[0]", "layers[1]"),
    ]
    assert [family.neuron for family in families_of(model)] == [*model.layers[0].neurons, *model.layers[1].neurons]
    assert set(neurons_of(model)) == set(model.parameters())


def test_a_model_that_is_a_neuron_or_a_layer():
    assert names(Neuron(2)) == [(ITSELF, ITSELF)]
    assert names(Layer(2, 2)) == [("neurons[0]", ITSELF), ("neurons[1]", ITSELF)]


class Own(Module):
    """Neurons wherever a module can have them."""

    def __init__(self):
        self.first = Neuron(2)
        self.cells = [[Neuron(2), Neuron(2)], (Neuron(2),)]
        self.by_name = {"left": Neuron(2)}
        self.inner = Sequential(Linear(2, 1), self.first)
        self.scale = Value(2.0)


def test_neurons_in_attributes_lists_and_dicts():
    assert names(Own()) == [
        ("first", "first"),
        ("cells[0][0]", "cells[0]"),
        ("cells[0][1]", "cells[0]"),
        ("cells[1][0]", "cells[1]"),
        ("by_name['left']", "by_name"),
        ("inner.layers[0].neurons[0]", "inner.layers[0]"),
    ]
    model = Own()
    assert set(model.parameters()) - set(neurons_of(model)) == {model.scale}


class Cell(Module):
    """A neuron that is no `Neuron`."""

    def __init__(self):
        self.gate, self.weights = Neuron(1), [Value(1.0), Value(2.0)]


class Population(Module):
    def __init__(self):
        self.neurons = [Cell(), Cell()]


def test_any_module_in_a_list_of_neurons_is_one_and_has_what_is_inside():
    model = Population()
    families = families_of(model)
    assert [(family.name, family.layer, len(family.parameters)) for family in families[:2]] == [
        ("neurons[0]", ITSELF, 4),
        ("neurons[1]", ITSELF, 4),
    ]
    assert [len(family.parameters) for family in families[2:]] == [0, 0]  # the gates are parts of the cells
    assert set(neurons_of(model).values()) == {"neurons[0]", "neurons[1]"}


def test_a_shared_weight_belongs_to_the_first_neuron():
    model = Layer(1, 2)
    model.neurons[1].w = model.neurons[0].w
    assert neurons_of(model)[model.neurons[1].w[0]] == "neurons[0]"


def test_a_list_that_holds_itself_ends():
    model = Own()
    model.cells.append(model.cells)
    assert names(model) == names(Own())


def test_a_picture_folds_by_the_tree_whatever_the_labels_say():
    model = MLP(2, [2, 1], seed=1)
    expected = draw(model([1.0, 2.0]), fold="neuron").text
    twin = copy.deepcopy(model)
    for parameter in twin.parameters():
        parameter.label = "w"
    assert draw(twin([1.0, 2.0]), fold=neurons_of(twin)).text == expected
