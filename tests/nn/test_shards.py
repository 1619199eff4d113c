"""Gradients in shards: the same bits here and on any number of workers, close to those of one graph, with the same errors."""

from __future__ import annotations

import os
import random
import signal
import warnings
from typing import Any

import pytest

from nn import MLP, SGD, Adam, SettingError, shards
from nn.data import make_moons
from nn.shards import Sharded, tree
from nn.task import Task
from nn.train import TrainingError, fit

X, Y = make_moons(90, noise=0.1, random_state=1)
OPTIONS: dict[str, Any] = {"loss": "bce_with_logits", "epochs": 2, "batch_size": 70, "seed": 3}


def trained(client: Any, *, outputs: int = 1, **options: Any) -> tuple[Any, ...]:
    model = MLP(2, [3, outputs], activation="tanh", seed=1)
    history = fit(model, X, Y, optimizer=lambda p: Adam(p, lr=0.1), client=client, **(OPTIONS | options))
    return history, [parameter.data for parameter in model.parameters()]


@pytest.fixture
def everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every shard has work enough for a task."""
    monkeypatch.setattr(shards, "PAYS", 0.0)
    monkeypatch.setattr(shards, "LEAST", 4)


def test_the_sum_of_branches_is_the_tree_of_all_parts() -> None:
    rng = random.Random(1)
    for count in range(1, 35):
        parts = [rng.uniform(-1, 1) * 10 ** rng.randrange(9) for _ in range(count)]
        for size in (1, 2, 4, 8, 16):
            assert tree([tree(parts[start : start + size]) for start in range(0, count, size)]) == tree(parts)


@pytest.mark.filterwarnings("ignore:fit")
@pytest.mark.parametrize("case", ["strict", "fast", "several outputs", "a sum"])
def test_any_number_of_workers_gives_the_same_bits(
    case: str, client: Any, everywhere: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = MLP(2, [3, 2 if case == "several outputs" else 1], activation="tanh", seed=1)
    task = Task(model, X, Y, {"several outputs": "cross_entropy", "a sum": "squared_error"}.get(case, "bce_with_logits"))
    optimiser, batch = SGD(model.parameters(), lr=0.1), list(range(90))[::-1]
    sharded = Sharded(client, task, optimiser, None, exact=case == "strict")
    found, sizes = [], []
    for threads in (1, 2, 7, 0):
        monkeypatch.setattr(client, "ncores", lambda threads=threads: {"a worker": threads})
        monkeypatch.setattr(sharded, "seconds", 1e9 if threads else 0.0)
        monkeypatch.setattr(shards, "PAYS", 1.0)
        sizes.append(len(sharded.branches(batch)))
        found.append((sharded.gradient(batch), [parameter.grad for parameter in model.parameters()]))
    assert sizes == [2, 3, 11, 1]
    assert found[0] == found[1] == found[2] == found[3]
    outputs = [model(X[index]) for index in batch]
    loss = task.loss_of(outputs, batch)
    optimiser.zero_grad()
    loss.backward()
    (total, right), grads = found[0]
    assert (total, right) == (pytest.approx(loss.data, rel=1e-12), task.right(outputs, batch))
    assert grads == pytest.approx([parameter.grad for parameter in model.parameters()], rel=1e-10, abs=1e-15)


def test_a_training_is_the_same_on_workers_and_here(client: Any, everywhere: None, monkeypatch: pytest.MonkeyPatch) -> None:
    history, parameters = trained(client, engine="fast")
    assert history.engine == "fast, in shards"
    monkeypatch.setattr(shards, "PAYS", 1e9)
    with pytest.warns(UserWarning, match=r"fit\(client=\): a step of .* ms is too little for tasks of Dask, and runs here"):
        assert trained(client, engine="fast") == (history, parameters)


def test_a_number_that_is_not_finite_raises_what_it_raises_without_a_client(client: Any, everywhere: None) -> None:
    points = [[x * 1e308 for x in point] for point in X]
    messages = []
    for where in (None, client):
        model = MLP(2, [2, 1], activation="relu", seed=1)
        with pytest.raises((TrainingError, ArithmeticError)) as caught:
            fit(model, points, Y, optimizer=SGD(model.parameters(), lr=0.1), epochs=2, client=where)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


def test_what_cannot_be_sharded_is_refused(client: Any) -> None:
    for options, message in [
        ({"engine": "eager"}, "engine = 'eager': with client= a compiled program runs; give one of auto, strict, fast"),
        (
            {"loss": lambda y, t: y[0]},
            "shards need a loss of nn.losses, which is a sum or a mean over examples; leave client= away",
        ),
    ]:
        with pytest.raises(SettingError, match=message):
            trained(client, **options)
    with pytest.raises(SettingError, match=r"client = 3: give a distributed\.Client"):
        trained(3)


def test_a_worker_that_is_killed_changes_no_bit(processes: Any, everywhere: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(history: Any) -> None:
        if history.epochs == 2:
            os.kill(next(iter(processes.run(os.getpid).values())), signal.SIGKILL)

    options: dict[str, Any] = {"engine": "fast", "epochs": 4}
    found = trained(processes, callbacks=[kill], **options)
    monkeypatch.setattr(shards, "PAYS", 1e9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert trained(processes, **options) == found
