"""Sweeps: every trial against the same `fit` alone, here and on workers of Dask, with errors, interrupts and workers that die."""

from __future__ import annotations

import math
import os
import pickle
import signal
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from autograd import sigmoid
from nn import MLP, Adam, SettingError, ShapeError
from nn.classes import predict
from nn.data import make_moons
from nn.ensembles import Ensemble
from nn.train import Trial, ensemble, fit, sweep

X, Y = make_moons(12, noise=0.1, random_state=1)
ASIDE = make_moons(8, noise=0.1, random_state=2)
GRID = {"hidden": [2, 3], "lr": [0.05, 0.5]}
OPTIONS: dict[str, Any] = {"loss": "bce_with_logits", "epochs": 3, "batch_size": 5, "validation": ASIDE}


def build(hidden: int, seed: int) -> MLP:
    return MLP(2, [hidden, 1], activation="tanh", seed=seed)


def alone(hidden: int, lr: float, seed: int) -> tuple[Any, list[float]]:
    """The history and the parameters of one `fit`."""
    model = build(hidden, seed)
    history = fit(model, X, Y, optimizer=lambda p: Adam(p, lr=lr), seed=seed, **OPTIONS)
    return history, [parameter.data for parameter in model.parameters()]


def outcomes(found: Any) -> list[Any]:
    return [(trial.setting, trial.seed, trial.history, list(trial.numbers), trial.error) for trial in found]


EXPECTED = [({"hidden": h, "lr": lr}, s, *alone(h, lr, s), "") for h in (2, 3) for lr in (0.05, 0.5) for s in (0, 7)]


def test_every_trial_is_what_fit_gives_alone() -> None:
    found = sweep(build, X, Y, settings=GRID, seeds=[0, 7], optimizer=Adam, **OPTIONS)
    assert outcomes(found) == EXPECTED
    assert found.best == min(found, key=lambda trial: trial.loss)
    assert [p.data for p in found.model().parameters()] == list(found.best.numbers)


def test_workers_give_the_same_bits_in_any_order(client: Any) -> None:
    arrived: list[Trial] = []
    found = sweep(build, X, Y, settings=GRID, seeds=[0, 7], optimizer=Adam, client=client, on_trial=arrived.append, **OPTIONS)
    assert outcomes(found) == EXPECTED
    assert sorted(trial.number for trial in arrived) == list(range(8))


def test_functions_without_a_name_travel_too(client: Any) -> None:
    widths = {"hidden": [1, 2]}
    here, there = [
        sweep(lambda hidden, seed: build(hidden, seed), X, Y, settings=widths, epochs=2, client=c) for c in (None, client)
    ]
    assert outcomes(here) == outcomes(there)
    assert not here.failed


def doomed(hidden: int, seed: int) -> MLP:
    if hidden == 9:
        raise ZeroDivisionError("nine")
    return build(hidden, seed)


@pytest.mark.parametrize("where", ["here", "there"])
def test_an_error_names_its_setting_and_loses_no_other(where: str, client: Any) -> None:
    there = client if where == "there" else None
    settings = [{"hidden": 2}, {"hidden": 9}, {"hidden": 3, "loss": "none"}, {"hidden": 3, "lr": 1e200}]
    found = sweep(doomed, X, Y, settings=settings, epochs=3, client=there)
    assert [bool(trial.error) for trial in found] == [False, True, True, True]
    assert found.failed[0].error == "ZeroDivisionError: nine"
    assert found.failed[1].error.startswith("SettingError: loss 'none' is not known")
    assert "the loss is" in found.failed[2].error or "outside" in found.failed[2].error
    assert "hidden=9, seed=0: ZeroDivisionError: nine" in str(found)
    assert found.best.setting == {"hidden": 2}
    with pytest.raises(SettingError, match="hidden=9, seed=0 has no trained model; it ended with ZeroDivisionError: nine"):
        found.model(found[1])


def test_a_sweep_in_which_all_fails_says_why() -> None:
    found = sweep(doomed, X, Y, settings={"hidden": [9]})
    with pytest.raises(SettingError, match="none of 1 trials has a loss; the first error is that of hidden=9, seed=0: Zero"):
        found.best  # noqa: B018


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"settings": {"hiden": [1]}}, r"hiden = 1: none of <lambda>\(...\), fit\(...\) and SGD\(...\) takes 'hiden'"),
        ({"settings": {"hidden": 3}}, r"settings\['hidden'\] = 3: a list of one or more"),
        ({"settings": [3]}, r"settings\[0\] = 3: a setting is a dict"),
        ({"settings": {"seed": [3]}}, "'seed' is no setting of a sweep; seeds are given as seeds="),
        ({"checkpoint": "file"}, "'checkpoint' is no setting of a sweep"),
        ({"seeds": 5}, "seeds = 5: a list of one or more"),
        ({"client": "tcp://here"}, "client = 'tcp://here': give a distributed.Client"),
    ],
)
def test_what_no_sweep_can_mean_is_refused_before_any_training(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        sweep(lambda hidden, seed: pytest.fail("it trains"), X, Y, **options)
    with pytest.raises(SettingError, match="takes no seed; give a function such as lambda seed"):
        sweep(lambda hidden: build(hidden, 1), X, Y)
    with pytest.raises(ShapeError):
        sweep(build, X, Y[1:])


def test_no_trial_sees_what_another_one_changed() -> None:
    seen: list[int] = []

    class Counting:
        def __init__(self) -> None:
            self.calls = 0

        def __call__(self, epochs: int) -> float:
            self.calls += 1
            seen.append(self.calls)
            return 0.1

    sweep(build, X, Y, hidden=2, seeds=[0, 1], epochs=2, schedule=Counting())
    assert seen == [*seen[: len(seen) // 2]] * 2


@pytest.mark.parametrize("where", ["here", "there"])
def test_an_interrupt_returns_the_trials_so_far(where: str, client: Any) -> None:
    def interrupt(trial: Trial) -> None:
        if len(arrived := [*arrivals, trial]) == 3:
            raise KeyboardInterrupt
        arrivals[:] = arrived

    arrivals: list[Trial] = []
    there = client if where == "there" else None
    found = sweep(build, X, Y, settings=GRID, seeds=[0, 7], optimizer=Adam, client=there, on_trial=interrupt, **OPTIONS)
    assert found.stopped == "interrupted after 3 of 8 trials"
    assert all(outcome in EXPECTED for outcome in outcomes(found))
    assert len(found) == 3
    assert str(found).endswith("stopped: interrupted after 3 of 8 trials")


def test_an_interrupted_training_is_no_trial() -> None:
    """`fit` returns after Ctrl-C, and such a model is not the trial's."""

    def interrupt(history: Any) -> None:
        raise KeyboardInterrupt

    found = sweep(build, X, Y, hidden=2, seeds=[0, 1], epochs=2, callbacks=[interrupt])
    assert (len(found), found.stopped) == (0, "interrupted after 0 of 2 trials")


def test_a_true_callback_ends_the_sweep() -> None:
    found = sweep(build, X, Y, hidden=2, seeds=range(9), epochs=1, on_trial=lambda trial: trial.number == 1)
    assert (len(found), found.stopped) == (2, "on_trial ended it after 2 of 9 trials")


def killing(hidden: int, seed: int, once: str) -> MLP:
    """Kill this worker, the first time that one comes to 3 neurons."""
    if hidden == 3:
        with suppress(FileExistsError), open(once, "x"):
            os.kill(os.getpid(), signal.SIGKILL)
    return build(hidden, seed)


def test_a_worker_that_is_killed_loses_nothing(processes: Any, tmp_path: Any) -> None:
    settings = {"hidden": [2, 3, 4, 5], "lr": [0.05, 0.5]}
    found = sweep(killing, X, Y, settings=settings, once=str(tmp_path / "once"), client=processes, optimizer=Adam, **OPTIONS)
    assert (tmp_path / "once").exists()
    expected = sweep(build, X, Y, settings=settings, optimizer=Adam, **OPTIONS)
    assert outcomes(found) == outcomes(expected)


def test_a_table_is_sorted_by_any_column() -> None:
    found = sweep(build, X, Y, settings=GRID, optimizer=Adam, **OPTIONS)
    assert [trial.setting["lr"] for trial in found.sorted("lr", descending=True)] == [0.5, 0.5, 0.05, 0.05]
    assert found.sorted("best loss") == found.sorted(lambda trial: trial.loss)
    heading, *lines = found.table("seed").splitlines()
    assert heading.split()[:2] == ["hidden", "lr"]
    assert [line.split()[:3] for line in lines] == [["2", "0.05", "0"], ["2", "0.5", "0"], ["3", "0.05", "0"], ["3", "0.5", "0"]]
    with pytest.raises(SettingError, match="by = 'los': no column of that name; there are hidden, lr, seed, best loss"):
        found.sorted("los")
    assert len(found.summary().splitlines()) == 5


def test_a_pickled_trial_is_small_and_the_same() -> None:
    (trial,) = sweep(build, X, Y, hidden=2, epochs=50)
    data = pickle.dumps(trial)
    assert outcomes([pickle.loads(data)]) == outcomes([trial])
    assert len(data) < 50 * 3 * 8 + 800  # three numbers an epoch


# ---------------------------------------------------------------------------------------------------------------- ensembles


def test_an_ensemble_averages_what_its_members_give() -> None:
    options: dict[str, Any] = {"loss": "bce_with_logits", "epochs": 3}
    made = ensemble(partial(build, 3), X, Y, seeds=[1, 2, 3], through=sigmoid, **options)
    members = []
    for seed in (1, 2, 3):
        members.append(build(3, seed))
        history = fit(members[-1], X, Y, seed=seed, **options)
        assert made.histories[seed - 1] == history
    for x, y in zip(X, predict(made, X), strict=True):
        assert y == math.fsum(sigmoid(member(x)).data for member in members) / 3
    assert len(made.parameters()) == 3 * len(members[0].parameters())
    assert made.state_dict()["members[2].layers[0].neurons[1].w[0]"] == members[2].layers[0].neurons[1].w[0].data


def test_an_ensemble_of_several_outputs_averages_each() -> None:
    members = [MLP(2, [3], seed=seed) for seed in (1, 2)]
    (found,) = [[y.data for y in Ensemble(members)([0.5, 1.0])]]
    assert found == [(a.data + b.data) / 2 for a, b in zip(*[member([0.5, 1.0]) for member in members], strict=True)]
    with pytest.raises(ShapeError, match=r"members of an ensemble with \[2, 3\] outputs"):
        Ensemble([MLP(2, [3]), MLP(2, [2])])([0.5, 1.0])
    with pytest.raises(SettingError, match="a member or more"):
        Ensemble([])


def test_an_ensemble_whose_training_failed_names_the_member() -> None:
    with pytest.raises(SettingError, match="hidden=9, seed=0 has no trained model; it ended with ZeroDivisionError: nine"):
        sweep(doomed, X, Y, settings={"hidden": [9, 2]}).ensemble({"hidden": 9})
