"""Tests of `nn.loss_terms`: which losses are a mean or a sum of terms, and that what is around it is applied as nodes apply it."""

import pytest

from autograd import mean, ops
from autograd.compiling.tracing import trace
from nn import MLP, losses, traces
from nn.engines import Untraceable
from nn.loss_terms import OURS, Terms, unwrapped
from nn.task import Task
from nn.traces import Examples

X = [[0.5, 1.0], [-1.0, 2.0], [0.3, 0.1]]


@pytest.fixture(autouse=True)
def in_python(monkeypatch):
    monkeypatch.setattr(traces, "compiled", lambda *_, **__: None)


def terms_of(loss, y, outputs=1):
    model = MLP(2, [outputs], activation=["sigmoid"], seed=1)
    return Terms(Task(model, X, y, loss), Examples(X), model.parameters(), exact=True)


@pytest.mark.parametrize("loss", OURS, ids=lambda loss: loss.__name__)
def test_every_loss_of_this_package_has_terms(loss):
    outputs = 3 if loss is losses.cross_entropy else 1
    terms = terms_of(loss, [1, 1, 1], outputs)
    found = terms.run(Examples(X).columns([2, 0]), [2, 0], (model := terms_model(outputs)).parameters())
    expected = Task(model, X, [1, 1, 1], loss).loss_of([model(X[2]), model(X[0])], [2, 0])
    expected.backward()
    assert (found.loss, found.gradient) == (expected.data, [p.grad for p in model.parameters()])


def terms_model(outputs):
    return MLP(2, [outputs], activation=["sigmoid"], seed=1)


def test_other_losses_and_lists_of_targets_have_none():
    with pytest.raises(Untraceable):
        terms_of(lambda y, t: losses.mse(y, t), [1, 1, 1])
    with pytest.raises(Untraceable):
        terms_of(losses.mse, [[1.0, 0.0]] * 3, outputs=2)


def test_rows_around_the_mean_are_found_from_the_outside():
    tape, (root,), _ = trace(lambda x: -(2.0 * mean([x * x])), [0])
    outer, row, term = unwrapped(tape, root)
    assert [each.row for each in outer] == [ops.neg, ops.mul]
    assert [each.applied(3.0) for each in outer] == [(-3.0, -1.0), (6.0, 2.0)]
    assert (row, tape.instructions[term].what.row) == (ops.mean, ops.mul)
    for f in (lambda x: x * mean([x]), lambda x: x * x, lambda x: mean([x, x])):
        tape, (root,), _ = trace(f, [0])
        with pytest.raises(Untraceable):
            unwrapped(tape, root)
