"""Tests of `nn.traces`: what a model may not do if one trace of it is to serve every example and every step."""

import random

import numpy
import numpy.random
import pytest

from autograd import Value, relu
from nn import MLP
from nn.engines import Untraceable
from nn.module import Module
from nn.traces import Examples, Traced

SEEN = Examples([[1.0, 2.0], [3.0, 4.0]])


class Model(Module):
    """A model of one function of (model, inputs)."""

    def __init__(self, function):
        self.w, self.function, self.rng = Value(2.0, "w"), function, random.Random(1)
        self.kept = self.w * 3.0

    def forward(self, x):
        return self.function(self, x)


def traced(function, examples=SEEN):
    model = Model(function)
    return Traced(model, examples, model.parameters(), exact=True)


@pytest.mark.parametrize(
    ("reason", "function"),
    {
        "branch": lambda m, x: x[0] if x[0] > 0 else m.w,
        "random": lambda m, x: m.w * random.random(),
        "random ": lambda m, x: m.w * x[0] if m.rng.random() < 0.5 else m.w,
        "random  ": lambda m, x: m.w * numpy.random.random() * x[0],
        "reads a parameter": lambda m, x: m.w * x[0] * m.w.data,
        "reads a parameter's": lambda m, x: m.w * x[0] if m.w > 0 else x[0],
        "computed before": lambda m, x: m.kept * x[0],
        "is a parameter": lambda m, x: [m.w, m.w * x[0]],
        "part of another": lambda m, x: (lambda y: [y, y * y])(m.w * x[0]),
        "float": lambda m, x: m.w * float(x[0]),
        "IndexError|index": lambda m, x: m.w * x[2],
    }.items(),
)
def test_a_model_that_needs_nodes_is_refused(reason, function):
    with pytest.raises(Untraceable, match=reason.strip()):
        traced(function)


def test_a_trace_changes_neither_parameters_nor_generators():
    states = random.getstate(), numpy.random.get_state()[1].tolist()
    model = Model(lambda m, x: m.w * x[0] * m.rng.random() * random.random() * numpy.random.random())
    before = model.rng.getstate()
    with pytest.raises(Untraceable, match="random"):
        Traced(model, SEEN, model.parameters(), exact=True)
    assert (random.getstate(), numpy.random.get_state()[1].tolist()) == states
    assert (model.rng.getstate(), model.w.data) == (before, 2.0)


def test_what_is_computed_of_parameters_alone_is_computed_again_in_each_step():
    model = traced(lambda m, x: relu(m.w) ** 2 * x[0])
    columns = SEEN.columns([1])
    assert [model.outputs(columns, [w]) for w in (2.0, -2.0, 3.0)] == [[[12.0]], [[0.0]], [[27.0]]]


@pytest.mark.parametrize(
    "X", [[1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]], [(1, 2), (3, 4)], numpy.arange(6.0).reshape(2, 3), numpy.arange(2)], ids=repr
)
def test_examples_are_numbers_or_rows_of_numbers(X):
    examples = Examples(X)
    rows = numpy.array(X, dtype=float).reshape(2, -1)
    assert [column[0] for column in examples.columns([1]).inputs] == rows[1].tolist()
    assert numpy.array(examples.columns(range(2)).inputs).T.tolist() == rows.tolist()
    assert type(examples.argument) is type(X[0]) or examples.argument == 0
    assert examples.is_like(X)
    assert not examples.is_like(X[::-1])


@pytest.mark.parametrize(
    "X", [range(2), [[1.0], [1.0, 2.0]], [Value(1.0)], [[Value(1.0)]], [["a"]], [[[1.0]], [[2.0]]], [[True]]], ids=repr
)
def test_other_examples_are_refused(X):
    with pytest.raises(Untraceable):
        Examples(X)


def test_a_model_of_this_package_is_traced_once(monkeypatch):
    calls = []
    forward = MLP.forward
    monkeypatch.setattr(MLP, "forward", lambda self, x: (calls.append(self), forward(self, x))[1])
    for count, activation in ((1, "tanh"), (5, lambda z: z * z)):
        calls.clear()
        model = MLP(2, [1, 1], activation=activation)
        Traced(model, SEEN, model.parameters(), exact=True)
        assert len(calls) == count


def test_traces_of_one_function_are_alike():
    model = MLP(2, [3, 1], seed=1)
    first, second = [Traced(model, SEEN, model.parameters(), exact=True) for _ in range(2)]
    other = MLP(2, [3, 1], activation="tanh", seed=1)
    assert first.is_like(second)
    assert not first.is_like(Traced(other, SEEN, other.parameters(), exact=True))
