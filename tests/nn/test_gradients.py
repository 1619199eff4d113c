"""Tests of `nn.gradients`: the gradient that compiled programs give is that of one graph of nodes for the batch, to the bit."""

import itertools

import pytest
from every import every

from autograd import Value, detect_anomaly, no_grad
from nn import MLP, SGD, gradients, losses, traces
from nn.data import make_moons
from nn.engines import Untraceable
from nn.gradients import Compiled
from nn.loss_terms import Terms
from nn.module import Module
from nn.task import Task

X, CLASSES = make_moons(9, noise=0.2, random_state=1)
SIGNS = [2 * c - 1 for c in CLASSES]
TARGETS = {
    losses.mse: [0.1 * k for k in range(9)],
    losses.mae: [0.1 * k for k in range(9)],
    losses.huber: [2.0 * k - 4.0 for k in range(9)],
    losses.squared_error: [0.1 * k for k in range(9)],
    losses.hinge: SIGNS,
    losses.bce: CLASSES,
    losses.bce_with_logits: [0.0, 1.0, 0.3] * 3,
}
ACTIVATIONS = ("tanh", "relu", "sigmoid", "softplus", "gelu", "linear")
BATCHES = ([4], [0, 1, 2], [8, 0, 3, 5], list(range(9)))


@pytest.fixture(autouse=True)
def in_python(monkeypatch):
    """Programs run in Python, which needs no compilation."""
    monkeypatch.setattr(traces, "compiled", lambda *_, **__: None)


def by_nodes(task, batch):
    outputs = [task.model(task.X[index]) for index in batch]
    loss = task.loss_of(outputs, batch)
    task.model.zero_grad()
    loss.backward()
    return (loss.data, task.right(outputs, batch)), [parameter.grad.hex() for parameter in task.model.parameters()]


def no_terms(*_, **__):
    raise Untraceable("the loss stays on nodes")


def assert_same_bits(task, has_terms=False):
    """With model and loss in one program, where they can be, and with the loss on nodes."""
    for terms in (Terms, no_terms):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gradients, "Terms", terms)
            engine = Compiled(task, SGD(task.model.parameters()), None, exact=True)
        assert (engine.terms is not None) is (has_terms and terms is Terms)
        for batch in BATCHES:
            expected = by_nodes(task, batch)
            found = engine.gradient(batch)
            assert (found, [parameter.grad.hex() for parameter in task.model.parameters()]) == expected


@every("case", list(itertools.product(TARGETS, ACTIVATIONS)), ids=lambda case: f"{case[0].__name__}, {case[1]}")
def test_every_loss_with_every_activation_has_the_bits_of_nodes(case):
    loss, activation = case
    last = "sigmoid" if loss is losses.bce else "linear"
    model = MLP(2, [3, 2, 1], activation=[activation, activation, last], seed=1)
    assert_same_bits(Task(model, X, TARGETS[loss], loss), has_terms=True)


def test_several_outputs_have_the_bits_of_nodes():
    model = MLP(2, [4, 3], activation="tanh", seed=2)
    assert_same_bits(Task(model, X, [k % 3 for k in range(9)], "cross_entropy"), has_terms=True)
    assert_same_bits(Task(model, X, [[float(k % 3 == j) for j in range(3)] for k in range(9)], "mse"))
    assert_same_bits(Task(model, X, [k % 3 for k in range(9)], lambda y, t: (y[0] * y[1] - y[t]) ** 2))


def test_a_penalty_is_added_before_the_examples():
    model = MLP(2, [4, 1], activation="tanh", seed=3)
    parameters = model.parameters()
    assert_same_bits(Task(model, X, SIGNS, lambda y, t: losses.hinge(y, t) + losses.l2(parameters, 0.1)))
    penalty = lambda: 0.1 * sum(abs(p) * p**2 for p in parameters)  # noqa: E731  # several flows into each
    assert_same_bits(Task(model, X, SIGNS, lambda y, t: losses.mse(y, t) + losses.l2(parameters, 0.1) + penalty()))


def test_a_loss_in_another_order_is_refused():
    model = MLP(2, [2, 1], seed=3)
    parameters = model.parameters()
    for loss in (
        lambda y, t: losses.l2(parameters, 0.1) + losses.mse(y, t),
        lambda y, t: losses.mse(y[::-1], t[::-1]),
        lambda y, t: y[0] * parameters[0] + losses.mse(y, t),
    ):
        engine = Compiled(Task(model, X, SIGNS, loss), SGD(parameters), None, exact=True)
        with pytest.raises(Untraceable, match="order"):
            engine.gradient(list(range(9)))


def test_the_fast_engine_agrees_to_rounding():
    task = Task(MLP(2, [4, 1], activation="tanh", seed=1), X, SIGNS, "hinge")
    (loss, right), grads = by_nodes(task, list(range(9)))
    found = Compiled(task, SGD(task.model.parameters()), None, exact=False).gradient(list(range(9)))
    assert found == (pytest.approx(loss, rel=1e-13), right)
    assert [p.grad for p in task.model.parameters()] == pytest.approx(list(map(float.fromhex, grads)), rel=1e-12, abs=1e-15)


def test_what_the_optimiser_does_not_reset_is_added_to():
    model = MLP(2, [2, 1], activation="tanh", seed=1)
    task, batch = Task(model, X, SIGNS, "mse"), list(range(9))
    moved = model.layers[0].parameters()
    optimiser = SGD(moved)
    for _ in range(2):
        by = [task.model(x) for x in X]
        optimiser.zero_grad()
        task.loss_of(by, batch).backward()
    expected = [p.grad for p in model.parameters()]
    model.zero_grad()
    engine = Compiled(task, optimiser, None, exact=True)
    engine.gradient(batch)
    engine.gradient(batch)
    assert [p.grad for p in model.parameters()] == expected


def test_numbers_that_are_not_finite_and_errors_are_left_to_nodes():
    class Root(Module):
        def __init__(self):
            self.w = Value(1.0, "w")

        def forward(self, x):
            return (self.w * x) ** 0.5

    task = Task(Root(), [1.0, -1.0, 1e200], [1.0, 1.0, 1.0], "mse")
    task.model.w.grad = 7.0
    engine = Compiled(task, SGD([task.model.w]), None, exact=True)
    assert engine.gradient([0, 1]) is None  # the root of a negative number
    task.model.w.data = 1e200
    assert engine.gradient([0, 2]) is None  # the square of 1e200
    assert task.model.w.grad == 7.0
    task.model.w.data = 4.0
    assert engine.gradient([0]) == (1.0, 1)


def test_a_hook_and_a_mode_need_nodes():
    task = Task(MLP(2, [1], seed=1), X, SIGNS, "mse")
    for mode in (detect_anomaly, no_grad):
        with mode(), pytest.raises(Untraceable, match="need the nodes"):
            Compiled(task, SGD(task.model.parameters()), None, exact=True)
    engine = Compiled(task, SGD(task.model.parameters()), None, exact=True)
    handle = task.model.parameters()[0].register_hook(lambda grad: 2.0 * grad)
    assert engine.gradient([0]) is None
    handle.remove()
    assert engine.gradient([0]) is not None
