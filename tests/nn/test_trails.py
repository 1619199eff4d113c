"""A walk over a model that follows the last one's trail: every change is seen, also one that leaves each address as it was."""

from __future__ import annotations

import copy
import random

import pytest
from test_module import Bag, as_named

from autograd import Value
from nn import MLP, Layer, Module, Neuron


def test_a_thing_in_the_place_in_memory_of_a_part_that_died_is_seen():
    bag, shared = Bag(parts=[None], part=None), Value(9.0)
    makers = [
        lambda: Value(1.0), lambda: shared * 2.0, lambda: [Value(2.0)], lambda: [3.0], lambda: (Value(4.0),), lambda: 0.5, object,
        lambda: {"a": Value(5.0)}, lambda: Bag(w=Value(6.0)), lambda: Bag(w=[Value(7.0)], v=1.0), lambda: Neuron(1, seed=1),
        lambda: [[Value(8.0)]],
    ]  # fmt: skip
    rng = random.Random(1)
    for _ in range(2_000):
        if rng.random() < 0.7:  # the next of its kind has its address
            bag.parts[rng.randrange(len(bag.parts))] = None
            bag.part = None
        bag.parts[rng.randrange(len(bag.parts))] = rng.choice(makers)()
        bag.part = rng.choice(makers)() if rng.random() < 0.1 else bag.part
        if rng.random() < 0.1:
            bag.parts.insert(0, bag.parts.pop()) if rng.random() < 0.5 or len(bag.parts) > 4 else bag.parts.append(None)
        as_named(bag)


def test_a_result_in_the_place_of_a_parameter_that_died_is_none():
    bag, shared = Bag(parts=[Value(1.0)]), Value(9.0)
    for make, wanted in [(lambda: shared * 2.0, []), (lambda: Value(3.0), [3]), (lambda: shared * 4.0, [])]:
        as_named(bag)
        bag.parts[0] = None
        bag.parts[0] = make()
        assert as_named(bag) == wanted


def test_another_dict_of_a_module_is_seen_while_the_first_one_lives():
    inner = Bag(w=Value(1.0))
    bag, first = Bag(parts=[inner]), vars(inner)
    assert as_named(bag) == [1]
    inner.__dict__ = {"w": Value(2.0)}
    assert as_named(bag) == [2]
    inner.__dict__ = first
    assert as_named(bag) == [1]
    first["w"] = Value(3.0)
    assert as_named(bag) == [3]


@pytest.mark.parametrize(
    "change",
    [
        lambda neuron: setattr(neuron, "b", Value(9.0)),
        lambda neuron: setattr(neuron, "w", [Value(8.0), Value(9.0)]),
        lambda neuron: setattr(neuron, "extra", Value(9.0)),  # the objects of its class have no such attribute
        lambda neuron: delattr(neuron, "b"),
        lambda neuron: vars(neuron).update(extra=Value(8.0), b=Value(9.0)),
        lambda neuron: vars(neuron).setdefault("extra", Value(9.0)),
        lambda neuron: vars(neuron).__ior__({"b": Value(9.0)}),
        lambda neuron: vars(neuron).pop("w"),
        lambda neuron: vars(neuron).popitem(),
        lambda neuron: vars(neuron).clear(),
        lambda neuron: setattr(neuron, "__dict__", {**vars(neuron), "b": Value(9.0)}),
        lambda neuron: setattr(neuron, "forward", lambda x: 7.0),
    ],
)
def test_every_change_of_the_attributes_of_a_neuron_is_seen(change):
    layer = Layer(2, 2, seed=1)
    for _ in range(2):  # the second time with all that is remembered
        as_named(layer)
        layer([1.0, 2.0])
        change(layer.neurons[0])
        as_named(layer)
        try:
            outputs = [neuron([1.0, 2.0]) for neuron in layer.neurons]
        except AttributeError:
            with pytest.raises(AttributeError):
                layer([1.0, 2.0])
            return
        assert [float(getattr(y, "data", y)) for y in layer([1.0, 2.0])] == [float(getattr(y, "data", y)) for y in outputs]


def test_a_class_that_changes_after_a_walk_is_seen():
    class Part(Module):
        def __init__(self):
            self.w = Value(1.0)

    class Thing:
        pass

    bag = Bag(parts=[Part()], thing=Thing(), function=as_named, last=Value(3.0))
    assert as_named(bag) == as_named(bag) == [1, 3]
    Part.__getattribute__ = lambda self, name: {"w": Value(4.0)} if name == "__dict__" else object.__getattribute__(self, name)
    assert [parameter.data for parameter in bag.parameters()] == [4, 3]
    del Part.__getattribute__
    assert as_named(bag) == [1, 3]
    bag.thing.__class__ = Part
    bag.thing.w = Value(5.0)
    assert as_named(bag) == [1, 5, 3]
    bag.parts[0].__class__ = Thing
    assert as_named(bag) == [5, 3]


def test_walks_over_models_in_turns_and_sweeps_between_them_find_each_its_own():
    models = [MLP(2, [3, 1], seed=seed) for seed in range(3)]
    wanted = [as_named(model) for model in models]
    for turn in range(30):
        model = models[turn % 3 if turn < 20 else 0]
        assert as_named(model) == wanted[models.index(model)]
        model([0.5, 1.0]).backward()
        assert any(p.reached for p in model.parameters())
        model.zero_grad()
        assert not any(p.reached for p in model.parameters())
        copy.deepcopy(model).zero_grad()
