"""Ctrl-C and errors in the middle: what changes several numbers changes all of them or none, wherever it is cut off."""

from __future__ import annotations

import math
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from types import FrameType
from typing import Any

import pytest

import autograd
import nn
from autograd import AnomalyError, Value, detect_anomaly, ops, toposort, zero_grad
from autograd.value import sweep_apart
from nn.classes import predict
from nn.optim import SGD, AdaGrad, Adam, AdamW, LinearDecay, Momentum, Nesterov, RMSProp, Scheduler, clip_grad_norm, clip_grad_value

pytestmark = pytest.mark.thorough

LONG = {"pure": 5_000, "native": 200_000}[autograd.engine_info()["engine"]]  # nodes of a walk that lasts for some alarms

OURS = tuple(str(Path(package.__file__).parent) for package in (autograd, nn))  # type: ignore[type-var]  # both are folders


def cut_off(action: Callable[[], Any], line: int) -> int:
    """Run the action, with a KeyboardInterrupt before that line of our code, counted as they run; how many lines there were."""
    lines = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal lines
        if event == "line" and frame.f_code.co_filename.startswith(OURS):
            lines += 1
            if lines == line:
                raise KeyboardInterrupt
        return trace

    sys.settrace(trace)
    try:
        action()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(None)
    return lines


def numbers_of(*nodes: Value) -> list[tuple[float, float, bool]]:
    return [(node.data, node.grad, node.reached) for node in nodes]


class Graph:
    """Leaves of which some have a gradient, below a root, and what may be done with them."""

    def __init__(self) -> None:
        self.leaves = [Value(0.5 + i, f"x{i}") for i in range(4)]
        (self.leaves[0] * 7.0 + self.leaves[1] * self.leaves[1]).backward()
        self.leaves[2].grad = 0.0
        hidden = [(a * b).tanh() for a in self.leaves for b in self.leaves[1:]]
        self.root = ops.sum(hidden) * ops.relu(hidden[0] - 5.0)
        self.nodes = toposort(self.root)
        self.inner = hidden[1]
        self.inner.grad = 2.0

    def state(self) -> Any:
        return numbers_of(*self.nodes)


class Learning:
    """A perceptron with an example that it has wrong."""

    def __init__(self) -> None:
        self.perceptron = nn.Perceptron(2)

    def state(self) -> Any:
        return self.perceptron.state_dict()


class Training:
    """A model with gradients, an optimiser with a memory, a scheduler."""

    def __init__(self, kind: Callable[..., Any] = Momentum) -> None:
        self.model = nn.MLP(2, [2, 1], activation="tanh", seed=1)
        self.optimizer = kind(self.model.parameters(), lr=0.125)
        self.scheduler = Scheduler(self.optimizer, LinearDecay(0.5, steps=8))
        for _ in range(2):
            (self.model([0.5, -1.0]) ** 2).backward()
            self.optimizer.step()
        self.other = {name: 2.0 * x + 1.0 for name, x in self.model.state_dict().items()}

    def state(self) -> Any:
        return numbers_of(*self.model.parameters()), self.optimizer.state_dict(), self.scheduler.state_dict()


ACTIONS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "backward": (Graph, lambda graph: graph.root.backward()),
    "backward from inside": (Graph, lambda graph: graph.inner.backward(3.0)),
    "backward of a leaf": (Graph, lambda graph: graph.leaves[0].backward()),
    "one step of backward by hand": (Graph, lambda graph: graph.inner._backward()),
    "zero_grad of a root": (Graph, lambda graph: graph.root.zero_grad()),
    "zero_grad of nodes": (Graph, lambda graph: zero_grad(graph.leaves)),
    "zero_grad of a model": (Training, lambda training: training.model.zero_grad()),
    "zero_grad of an optimiser": (Training, lambda training: training.optimizer.zero_grad()),
    "load_state_dict": (Training, lambda training: training.model.load_state_dict(training.other)),
    "clip_grad_norm": (Training, lambda training: clip_grad_norm(training.model.parameters(), 1e-3)),
    "clip_grad_value": (Training, lambda training: clip_grad_value(training.model.parameters(), 1e-3)),
    "learning of a perceptron": (Learning, lambda learning: learning.perceptron.learn([1.0, 2.0], 0.0)),
    "step of a scheduler": (Training, lambda training: training.scheduler.step()),
    **{
        f"step of {kind.__name__}": (lambda kind=kind: Training(kind), lambda training: training.optimizer.step())
        for kind in (SGD, Momentum, Nesterov, AdaGrad, RMSProp, Adam, AdamW)
    },
}


@pytest.mark.parametrize(("prepare", "action"), ACTIONS.values(), ids=ACTIONS)
def test_a_keyboard_interrupt_before_any_line_leaves_all_as_before_or_all_done(
    prepare: Callable[[], Any], action: Callable[[Any], Any]
) -> None:
    before, finished = prepare().state(), prepare()
    lines = cut_off(lambda: action(finished), 0)
    done = finished.state()
    assert done != before
    for line in range(1, lines + 1):
        subject = prepare()
        cut_off(lambda subject=subject: action(subject), line)
        assert subject.state() in (before, done), f"line {line} of {lines}"
        action(subject)
    assert prepare().state() == before


def test_an_interrupted_evaluation_leaves_every_part_of_the_model_in_training() -> None:
    model = nn.MLP(2, [2, 1], seed=1)
    lines = cut_off(lambda: predict(model, [[0.5, -1.0]]), 0)
    for line in range(1, lines + 1):
        cut_off(lambda: predict(model, [[0.5, -1.0]]), line)
        assert all(part.training for part in model.modules()), f"line {line} of {lines}"


def test_an_interrupted_backward_may_be_called_again() -> None:
    for line in range(1, cut_off(lambda: Graph().root.backward(), 0)):
        graph, whole = Graph(), Graph()
        cut_off(lambda graph=graph: graph.root.zero_grad(), 0)
        cut_off(lambda graph=graph: graph.root.backward(), line)
        zero_grad(graph.leaves)
        graph.root.backward()
        whole.root.zero_grad()
        whole.root.backward()
        assert graph.state() == whole.state()


@pytest.mark.parametrize("interval", [0.0, 1e-4], ids=["once", "again and again"])
def test_real_signals_leave_all_gradients_as_before_or_all_done(alarm: Any, interval: float) -> None:
    leaves = [Value(1.0) for _ in range(LONG)]
    root = ops.sum([x * 1.0 for x in leaves])
    seen: set[float] = set()
    for k in range(80):
        for leaf in leaves:
            leaf.grad = 7.0
        try:
            alarm(5e-5 * 1.12**k, interval)  # from before the sweep's first node to after its last
            root.backward()
            time.sleep(60.0 * bool(interval))  # until the next one comes
        except KeyboardInterrupt:
            alarm.armed = False  # before the jump, at which newer versions of Python look for signals
        alarm.armed = False
        found = {leaf.grad for leaf in leaves}
        assert found in ({7.0}, {8.0})
        seen |= found
    assert seen == {7.0, 8.0}  # some were cut off, some were not


@pytest.mark.parametrize(
    "walk",
    [lambda order: order[-1].backward(), lambda order: toposort(order[-1]), lambda order: sweep_apart(order, order[:9])],
    ids=["backward", "toposort", "grad"],
)
def test_a_long_walk_ends_soon_after_a_signal_and_leaves_nothing_that_disturbs_the_next(alarm: Any, walk: Any) -> None:
    leaves = [Value(1.0) for _ in range(LONG)]
    order = toposort(ops.sum([x * 1.0 for x in leaves]))

    def seconds(signal_after: float = 60.0) -> float:
        start = time.process_time()
        try:
            alarm(signal_after)
            walk(order)
        except KeyboardInterrupt:
            alarm.armed = False  # before the jump, at which newer versions of Python look for signals
        alarm.armed = False
        return time.process_time() - start

    seconds()
    pairs = [(whole := seconds(), seconds(whole / 10)) for _ in range(15)]
    assert median(cut_off / whole for whole, cut_off in pairs) < 0.85
    zero_grad(toposort(order[-1]))
    order[-1].backward()
    assert {leaf.grad for leaf in leaves} == {1.0}


def test_an_alarm_rings_though_its_first_signal_is_lost(alarm: Any) -> None:
    """Else a test that waits for it never ends: CPython 3.11 looks for no signal that a thread without Python got."""
    signal.signal(signal.SIGALRM, lambda *event: None)
    alarm(1e-4)
    time.sleep(0.005)
    signal.signal(signal.SIGALRM, alarm.ring)
    with pytest.raises(KeyboardInterrupt):
        time.sleep(20)
    time.sleep(0.05)  # it raises once


def test_real_signals_leave_a_step_of_an_optimiser_as_before_or_done(alarm: Any) -> None:
    parameters = [Value(1.0) for _ in range(2_000)]
    optimizer = Momentum(parameters, lr=0.5)
    seen = set()
    for k in range(80):
        before = (parameters[0].data, optimizer.velocities[0], optimizer.steps)
        for parameter in parameters:
            parameter.grad = 1.0
        try:
            alarm(1e-6 * 1.17**k)  # from before the step to after it
            optimizer.step()
        except KeyboardInterrupt:
            alarm.armed = False  # before the jump, at which newer versions of Python look for signals
        alarm.armed = False
        states = {(p.data, v, optimizer.steps) for p, v in zip(parameters, optimizer.velocities, strict=True)}
        assert len(states) == 1
        seen.add(states == {before})
    assert seen == {True, False}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, StopIteration], ids=lambda error: error.__name__)
def test_a_hook_that_raises_leaves_all_gradients_as_before(error: type[BaseException]) -> None:
    graph = Graph()

    def fail(adjoint: Any) -> None:
        raise error("in the hook")

    with graph.inner.register_hook(fail):
        before = graph.state()
        with pytest.raises(error):
            graph.root.backward()
        assert graph.state() == before
    graph.root.backward()
    assert graph.state() != before


def test_an_anomaly_in_backward_leaves_interior_gradients_as_before_too() -> None:
    x = Value(0.0)
    inner = ops.sqrt(x * 1.0)
    inner.grad = 3.0
    with detect_anomaly(), pytest.raises(AnomalyError):
        (inner**2).backward()
    assert (inner.grad, x.grad, x.reached) == (3.0, 0.0, False)


class Failing(SGD):
    """Its change is refused for the last parameter."""

    def change(self, index: int, parameter: Value) -> float:
        change = super().change(index, parameter)
        return change if index < len(self.parameters) - 1 else math.sqrt(-1.0)


def test_a_step_that_fails_for_one_parameter_moves_none_and_remembers_nothing() -> None:
    parameters = [Value(1.0), Value(2.0), Value(3.0)]
    optimizer = Failing(parameters, lr=0.5, momentum=0.9)
    for parameter in parameters:
        parameter.grad = 1.0
    before = numbers_of(*parameters), optimizer.state_dict()
    with pytest.raises(ValueError, match="math domain"):
        optimizer.step()
    assert (numbers_of(*parameters), optimizer.state_dict()) == before


def test_a_schedule_that_gives_no_learning_rate_leaves_the_scheduler_where_it_was() -> None:
    optimizer = SGD([Value(1.0)], lr=0.5)
    scheduler = Scheduler(optimizer, lambda step: 0.25 if step < 1 else math.nan)
    with pytest.raises(nn.SettingError):
        scheduler.step()
    assert (scheduler.steps, optimizer.lr) == (0, 0.25)
