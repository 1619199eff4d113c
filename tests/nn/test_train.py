"""Tests of `nn.train`: the loop against the loop by hand, bits that repeat and resume, and its reports of trouble."""

import json
import math
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from autograd import Value
from autograd.errors import AutogradError, DomainError, MissingExtraError
from nn import MLP, SGD, losses
from nn.data import make_blobs, make_moons
from nn.errors import SettingError, ShapeError, StateError
from nn.module import Module
from nn.optim import Adam, ExponentialDecay, Scheduler, clip_grad_norm
from nn.train import TrainingError, accuracy, confusion, fit, predict

X, Y = make_moons(24, noise=0.1, random_state=1)
ASIDE = make_moons(16, noise=0.1, random_state=2)


def network(seed=1):
    return MLP(2, [4, 1], activation="tanh", seed=seed)


def bits(model):
    return [parameter.data.hex() for parameter in model.parameters()]


class Line(Module):
    """y = slope · x, with one parameter; made to go wrong."""

    def __init__(self, slope=1.0, function=lambda y: y):
        self.slope = Value(slope)
        self.function = function

    def __call__(self, x):
        return self.function(self.slope * x)


# ------------------------------------------------------------------------------------------------------------- the loop


def test_a_batch_epoch_is_the_step_one_writes_by_hand():
    model, twin = network(), network()
    history = fit(model, X, Y, loss="bce_with_logits", optimizer=SGD(model.parameters(), lr=0.5), epochs=5)
    optimizer, expected = SGD(twin.parameters(), lr=0.5), []
    for _ in range(5):
        loss = losses.bce_with_logits([twin(x) for x in X], Y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        expected.append(loss.data)
    assert history.losses == expected
    assert bits(model) == bits(twin)


def test_online_in_order_is_a_step_for_each_example():
    model, twin = network(), network()
    history = fit(
        model, X, Y, loss="squared_error", optimizer=SGD(model.parameters(), lr=0.1), epochs=2, batch_size=1, shuffle=False
    )
    optimizer, errors = SGD(twin.parameters(), lr=0.1), []
    for _ in range(2):
        for x, t in zip(X, Y, strict=True):
            loss = losses.squared_error(twin(x), t)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            errors.append(loss.data)
    assert bits(model) == bits(twin)
    assert history.losses == [math.fsum(errors[:24]), math.fsum(errors[24:])]  # E = ½ Σ (t − y)² over all examples


def test_every_example_is_seen_once_in_an_epoch_in_an_order_that_changes():
    seen = []

    class Spy(Line):
        def __call__(self, x):
            seen.append(x)
            return super().__call__(x)

    fit(Spy(), list(range(10)), [0.0] * 10, optimizer=lambda p: SGD(p, lr=1e-9), epochs=3, batch_size=4, seed=1)
    epochs = [seen[start : start + 10] for start in (0, 10, 20)]
    assert len(seen) == 30
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_the_loss_of_an_epoch_weighs_a_smaller_last_batch_less():
    history = fit(Line(), [1.0, 1.0, 4.0], [0.0] * 3, optimizer=lambda p: SGD(p, lr=1e-300), epochs=1, batch_size=2, shuffle=False)
    assert history.losses == [6.0]  # (1 + 1 + 16)/3


def test_several_outputs_with_a_class_or_with_a_list_of_targets():
    points, classes = make_blobs(15, random_state=3)
    by_class = MLP(2, [3], seed=1)
    history = fit(by_class, points, classes, loss=losses.cross_entropy, epochs=1)
    expected = [losses.cross_entropy(MLP(2, [3], seed=1)(x), c).data for x, c in zip(points, classes, strict=True)]
    assert history.losses == pytest.approx([math.fsum(expected) / 15], rel=1e-14)
    one_hot = [[float(c == k) for k in range(3)] for c in classes]
    history = fit(MLP(2, [3], seed=1), points, one_hot, loss="mse", epochs=1)
    outputs = [y.data for x in points for y in MLP(2, [3], seed=1)(x)]
    targets = [t for row in one_hot for t in row]
    assert history.losses == pytest.approx([sum((y - t) ** 2 for y, t in zip(outputs, targets, strict=True)) / 45], rel=1e-12)
    assert history.accuracies == [accuracy(MLP(2, [3], seed=1), points, classes)]


def test_a_schedule_sets_the_rate_of_every_epoch():
    model = network()
    history = fit(model, X, Y, optimizer=SGD(model.parameters(), lr=9.0), schedule=ExponentialDecay(0.2, 0.5), epochs=3)
    assert history.rates == [0.2, 0.1, 0.05]
    optimizer = SGD(model.parameters(), lr=9.0)
    assert fit(model, X, Y, optimizer=optimizer, schedule=Scheduler(optimizer, lambda k: 1 / (k + 1)), epochs=2).rates == [1.0, 0.5]


def test_clip_shortens_the_gradient_before_the_step():
    model, twin = Line(10.0), Line(10.0)
    fit(model, [1.0], [0.0], optimizer=lambda p: SGD(p, lr=1.0), epochs=1, clip=0.5)
    losses.mse(twin(1.0), 0.0).backward()
    clip_grad_norm([twin.slope], 0.5)
    assert model.slope.data == 10.0 - twin.slope.grad
    assert model.slope.data == pytest.approx(9.5, abs=1e-5)


def test_validation_is_measured_after_each_epoch_and_leaves_no_trace():
    model, twin = network(), network()
    history = fit(model, X, Y, loss="bce_with_logits", epochs=4, validation=ASIDE)
    assert history.accuracies == fit(twin, X, Y, loss="bce_with_logits", epochs=4).accuracies
    assert bits(model) == bits(twin)
    assert history.validation_losses[-1] == losses.bce_with_logits([model(x) for x in ASIDE[0]], ASIDE[1]).data
    assert history.validation_accuracies[-1] == accuracy(model, *ASIDE, threshold=0.0)
    assert history.best_loss == min(history.validation_losses)


def test_a_callback_sees_every_epoch_and_ends_the_training_by_returning_true():
    lengths = []
    history = fit(network(), X, Y, epochs=9, callbacks=[lambda h: lengths.append(h.epochs), lambda h: h.epochs == 3])
    assert lengths == [1, 2, 3]
    assert "callback" in history.stopped


def test_early_stopping_puts_the_best_parameters_back():
    states = []
    model = network()
    history = fit(
        model, X, Y, loss="bce_with_logits", optimizer=Adam(model.parameters(), lr=1.5), epochs=200, patience=3,
        validation=ASIDE, callbacks=[lambda h: states.append(bits(model))],
    )  # fmt: skip
    assert history.epochs == history.best_epoch + 4 < 200
    assert "no better loss for 3 epochs" in history.stopped
    assert bits(model) == states[history.best_epoch] != states[-1]


def test_the_history_reads_as_a_table():
    history = fit(network(), X, Y, loss="bce_with_logits", epochs=25, validation=ASIDE)
    lines = history.table(every=10).splitlines()
    assert lines[0].split() == ["epoch", "loss", "accuracy", "validation", "loss", "validation", "accuracy", "rate"]
    assert [line.split()[0] for line in lines[1:]] == ["1", "11", "21", "25"]
    assert "accuracy" not in str(fit(Line(), [1.0], [2.5], epochs=2))  # a regression


# -------------------------------------------------------------------------------------------------- the same bits again

SCRIPT = """
from nn import MLP
from nn.data import make_moons
from nn.optim import Adam
from nn.train import fit
X, y = make_moons(24, noise=0.1, random_state=1)
model = MLP(2, [4, 1], activation="tanh", seed=1)
history = fit(model, X, y, optimizer=lambda p: Adam(p, lr=0.05), epochs=3, batch_size=5, seed=7)
print([loss.hex() for loss in history.losses], [p.data.hex() for p in model.parameters()])
"""


def test_the_same_seed_gives_the_same_bits_whatever_the_hashes_are():
    root = Path(__file__).parents[2]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT], cwd=root, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "random")
    }
    assert len(outputs) == 1
    assert b"0x" in outputs.pop()


def test_another_seed_gives_another_order_and_the_global_random_state_is_left_alone():
    random.seed(3)
    before = random.getstate()
    runs = {seed: fit(network(), X, Y, epochs=2, batch_size=5, seed=seed).losses for seed in (1, 2, None)}
    assert len({tuple(run) for run in runs.values()}) == 3
    assert random.getstate() == before


class Noisy(Module):
    """A model with its own generator, as a dropout has."""

    def __init__(self):
        self.inner = network()
        self.rng = random.Random(5)
        self.training = True

    def __call__(self, x):
        y = self.inner(x)
        return y * (1 + self.rng.random()) if self.training else y


@pytest.mark.parametrize(
    "optimizer",
    [lambda p: SGD(p, lr=0.3, momentum=0.9), lambda p: Adam(p, lr=0.05)],
    ids=["SGD", "Adam"],
)
def test_a_resumed_run_is_the_uninterrupted_one_to_the_bit(tmp_path, optimizer):
    path = tmp_path / "run.json"
    options = {
        "loss": "bce_with_logits", "optimizer": optimizer, "batch_size": 5, "seed": 4, "validation": ASIDE,
        "schedule": ExponentialDecay(0.1, 0.9),
    }  # fmt: skip
    whole, part, rest = Noisy(), Noisy(), Noisy()
    rest.inner = network(seed=99)
    expected = fit(whole, X, Y, epochs=7, **options)
    fit(part, X, Y, epochs=3, checkpoint=path, **options)
    history = fit(rest, X, Y, epochs=7, resume=path, **{**options, "seed": 12345})
    assert bits(rest) == bits(whole) != bits(part)
    assert history == expected


def test_the_best_parameters_survive_a_checkpoint(tmp_path):
    path, states = tmp_path / "run.json", []
    model, other = network(), network(seed=99)
    options = {"optimizer": lambda p: SGD(p, lr=1.7), "validation": ASIDE}  # too large a rate: the last epoch is not the best
    first = fit(model, X, Y, epochs=6, checkpoint=path, callbacks=[lambda h: states.append(bits(model))], **options)
    assert first.best_epoch < 5

    def interrupt(history):
        raise KeyboardInterrupt

    history = fit(other, X, Y, epochs=7, resume=path, callbacks=[interrupt], **options)
    assert history.best_epoch == first.best_epoch
    assert bits(other) == states[first.best_epoch]


def test_a_checkpoint_is_plain_json_and_complete_at_any_moment(tmp_path, monkeypatch):
    path = tmp_path / "run.json"
    fit(network(), X, Y, epochs=3, checkpoint=path, checkpoint_every=2)
    text = path.read_text(encoding="utf-8")
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    monkeypatch.setattr("nn.checkpoint.json.dumps", lambda *arguments, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fit(network(), X, Y, epochs=5, checkpoint=path)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("text", ["{", "[1, 2]", '{"pairs": [["format", 99]]}'])
def test_what_is_no_checkpoint_is_refused(tmp_path, text):
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(StateError, match="fit\\(checkpoint=\\)"):
        fit(network(), X, Y, resume=path)


def test_a_checkpoint_of_another_model_optimiser_or_schedule_is_refused(tmp_path):
    path = tmp_path / "run.json"
    fit(network(), X, Y, epochs=1, checkpoint=path)
    for model, options in (
        (MLP(2, [5, 1], seed=1), {}),
        (network(), {"optimizer": Adam}),
        (network(), {"schedule": ExponentialDecay(0.1, 0.5)}),
    ):
        with pytest.raises(StateError):
            fit(model, X, Y, resume=path, **options)


# --------------------------------------------------------------------------------------------------------------- trouble


def test_ctrl_c_keeps_the_best_model_and_the_history_so_far():
    states, model = [], network()

    def interrupt(history):
        states.append(bits(model))
        if history.epochs == 6:
            raise KeyboardInterrupt

    history = fit(model, X, Y, optimizer=SGD(model.parameters(), lr=1.7), epochs=50, validation=ASIDE, callbacks=[interrupt])
    assert history.epochs == 6
    assert "interrupted" in history.stopped
    assert history.validation_losses[-1] > min(history.validation_losses)
    assert bits(model) == states[history.best_epoch]


def test_a_whole_batchs_best_loss_belongs_to_the_parameters_before_its_step():
    model = network()

    def interrupt(history):
        if history.epochs == 5:
            raise KeyboardInterrupt

    history = fit(model, X, Y, epochs=50, callbacks=[interrupt])
    assert losses.mse([model(x) for x in X], Y).data == history.best_loss == min(history.losses)


def test_a_nan_stops_with_the_node_and_the_example_and_the_best_model_back():
    model = Line(1.0, lambda y: (y - 2.0).sqrt() if y > 1.5 else y)  # the third example meets sqrt′(0) = inf, and 0 · inf
    before = bits(model)
    with pytest.raises(TrainingError, match=r"epoch 1: a gradient is not finite; example 2: backward: sqrt") as caught:
        fit(model, [0.5, 1.0, 2.0], [0.0] * 3, epochs=3)
    assert bits(model) == before
    assert isinstance(caught.value, AutogradError)
    assert caught.value.history.epochs == 0
    assert caught.value.history.stopped in str(caught.value)


def test_an_overflow_names_the_first_node_that_is_not_finite():
    model = Line(1.0, lambda y: y * 1e200 * 1e200)
    with pytest.raises(TrainingError, match=r"the loss is inf; example 1: forward: mul\("):
        fit(model, [0.0, 1.0], [0.0, 0.0], epochs=1)
    assert model.slope.data == 1.0


def test_an_input_that_is_not_finite_is_named():
    broken = [*X[:3], [0.5, math.nan], *X[4:]]
    with pytest.raises(TrainingError, match=r"example 3: its input 1 is nan"):
        fit(network(), broken, Y, epochs=1)


def test_a_rate_so_large_that_the_parameters_burst_is_named_and_undone():
    model = Line(1.0)
    with pytest.raises(TrainingError, match=r"epoch \d+: .*slope became -?(inf|nan).*smaller learning rate") as caught:
        fit(model, [1.0], [0.0], optimizer=lambda p: SGD(p, lr=1e308), epochs=20)
    assert math.isfinite(model.slope.data)
    assert caught.value.history.losses[0] == 1.0


def test_an_error_of_the_model_keeps_its_type_and_says_at_which_example():
    with pytest.raises(DomainError) as caught:
        fit(Line(1.0, lambda y: y.log()), [1.0, 2.0, -1.0], [0.0] * 3, epochs=1)
    assert "example 2: X[2] = -1.0" in "".join(caught.value.__notes__)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"loss": "mes"}, "loss 'mes' is not known; take one of .*mse"),
        ({"loss": 3}, "cannot be called"),
        ({"optimizer": "Adam"}, "optimizer = 'Adam'"),
        ({"batch_size": 0}, "batch_size = 0"),
        ({"epochs": -1}, "epochs = -1"),
        ({"patience": 0}, "patience = 0"),
        ({"validation": 0.2}, "validation = 0.2"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_with_the_cure(options, said):
    with pytest.raises(SettingError, match=said):
        fit(network(), X, Y, **options)


def test_examples_without_targets_are_refused():
    for run in (fit, accuracy, confusion):
        with pytest.raises(ShapeError, match="24 inputs and 23 targets"):
            run(network(), X, Y[:-1])
        with pytest.raises(ShapeError, match="no examples"):
            run(network(), [], [])


def test_progress_asked_for_without_tqdm_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(MissingExtraError, match=r"scalar-autograd\[progress\]"):
        fit(network(), X, Y, epochs=1, progress=True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    fit(network(), X, Y, epochs=1)  # nobody asked
    assert capsys.readouterr().err == ""


def test_progress_is_shown_where_it_is_wanted_and_nowhere_else(capsys):
    fit(network(), X, Y, epochs=2, progress=True)
    assert "training:" in capsys.readouterr().err
    fit(network(), X, Y, epochs=2)
    assert capsys.readouterr().err == ""


# ------------------------------------------------------------------------------------------------------- using a model


def test_a_model_is_used_as_it_is_after_training():
    model = Noisy()
    assert predict(model, X[:2]) == [model.inner(x).data for x in X[:2]]
    assert model.training is True


def test_the_best_parameters_are_those_that_the_model_then_had():
    model = Line(2.0)

    def grow(history):
        if history.epochs == 2:
            model.extra = Value(0.5)
            model.function = lambda y: y * model.extra
        if history.epochs == 4:
            raise KeyboardInterrupt

    history = fit(model, [1.0], [0.0], optimizer=lambda p: SGD(p, lr=0.01), epochs=9, callbacks=[grow])
    assert "interrupted" in history.stopped
    assert model.extra.data == 0.5  # restored with the others
