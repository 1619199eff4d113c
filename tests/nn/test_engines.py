"""Tests of `nn.engines`: whichever engine trains, history, parameters and checkpoints are those of nodes."""

import random
import signal
import sys

import pytest

from autograd import Value
from autograd.errors import MissingExtraError
from nn import MLP, SGD, Adam, engines, losses, traces
from nn.checkpoint import HISTORY
from nn.data import make_moons
from nn.errors import SettingError
from nn.module import Module
from nn.optim import LinearDecay
from nn.train import TrainingError, fit

X, CLASSES = make_moons(24, noise=0.1, random_state=1)
ASIDE = make_moons(16, noise=0.1, random_state=2)


@pytest.fixture
def in_python(monkeypatch):
    """Programs run in Python, which needs no compilation."""
    monkeypatch.setattr(traces, "compiled", lambda *_, **__: None)


def trained(engine, epochs=4, model=None, **options):
    model = model or MLP(2, [4, 1], activation="tanh", seed=1)
    options = {"loss": "bce_with_logits", "optimizer": lambda p: Adam(p, lr=0.1), "validation": ASIDE, "seed": 1} | options
    history = fit(model, X, CLASSES, epochs=epochs, engine=engine, **options)
    return history, [parameter.data.hex() for parameter in model.parameters()]


def small():
    return MLP(2, [2, 1], activation="tanh", seed=1)


@pytest.mark.parametrize("batch_size", [None, 1, 7])
def test_a_strict_training_is_an_eager_one(batch_size, in_python, tmp_path):
    options = {"batch_size": batch_size, "schedule": LinearDecay(0.1, 4), "clip": 0.5}
    eager, strict = [trained(engine, checkpoint=tmp_path / engine, **options) for engine in ("eager", "strict")]
    assert strict == eager
    assert (eager[0].engine, strict[0].engine) == ("eager", "strict")
    assert (tmp_path / "strict").read_bytes() == (tmp_path / "eager").read_bytes()


def test_a_strict_training_in_machine_code_is_an_eager_one():
    strict, eager = [trained(engine, model=small(), batch_size=7, validation=None) for engine in ("strict", "eager")]
    assert strict == eager


def test_patience_ends_at_the_same_epoch(in_python):
    options = {"epochs": 40, "optimizer": lambda p: SGD(p, lr=8.0), "patience": 3}
    strict = trained("strict", **options)
    assert strict == trained("eager", **options)
    assert "no better loss" in strict[0].stopped


@pytest.mark.parametrize(("first", "second"), [("eager", "strict"), ("strict", "eager")])
def test_a_checkpoint_of_one_engine_is_resumed_by_another(first, second, in_python, tmp_path):
    trained(first, epochs=3, batch_size=7, checkpoint=tmp_path / "run")
    assert trained(second, epochs=6, batch_size=7, resume=tmp_path / "run") == trained("eager", epochs=6, batch_size=7)


def test_fast_says_so_and_ends_near(in_python):
    eager, fast = trained("eager"), trained("fast")
    assert fast[0].engine == "fast"
    assert fast[0].losses == pytest.approx(eager[0].losses, rel=1e-10)


def test_auto_waits_for_machine_code_and_keeps_the_bits(monkeypatch):
    calls = []
    monkeypatch.setattr(engines, "PAYS", {"pure": 1, "native": 1})
    ready = traces.Traced.is_ready
    monkeypatch.setattr(
        traces.Traced, "is_ready", lambda self: calls.append(self) or (len(calls) > 2 and (self.wait(), ready(self))[1])
    )
    auto, eager = [trained(engine, model=small()) for engine in ("auto", "eager")]
    assert auto == eager
    assert auto[0].engine == "strict"
    assert len(calls) == 3  # the first steps were nodes'


def test_auto_takes_nodes_where_compilation_does_not_pay():
    assert trained("auto")[0].engine == "eager"


class Noisy(Module):
    def __init__(self):
        self.w, self.rng = Value(1.0), random.Random(1)

    def forward(self, x):
        return self.w * x[0] if self.rng.random() < 0.5 else self.w * x[1]


def test_what_cannot_be_traced_is_eager_in_auto_and_an_error_else(monkeypatch):
    monkeypatch.setattr(engines, "PAYS", {"pure": 1, "native": 1})
    assert trained("auto", model=Noisy()) == trained("eager", model=Noisy())
    model = Noisy()
    for engine in ("strict", "fast"):
        with pytest.raises(SettingError, match=f"engine = '{engine}': Noisy draws random numbers.*engine='eager'"):
            trained(engine, model=model)
    assert (model.w.data, model.rng.getstate()) == (1.0, random.Random(1).getstate())


def test_a_loss_in_another_order_is_eager_in_auto_and_an_error_else(monkeypatch, in_python):
    loss = lambda y, t: losses.mse(y[::-1], t[::-1])  # noqa: E731
    with pytest.raises(SettingError, match="another order"):
        trained("strict", loss=loss)
    monkeypatch.setattr(engines, "PAYS", {"pure": 1, "native": 1})
    monkeypatch.setattr(traces.Traced, "prepare", lambda self: None)
    monkeypatch.setattr(traces.Traced, "is_ready", lambda self: True)
    history = trained("auto", loss=loss)
    assert history == trained("eager", loss=loss)
    assert history[0].engine == "eager"


def test_callbacks_may_change_model_and_examples(in_python):
    def changes(model):
        def change(history):
            if history.epochs == 2:
                model.layers[0].neurons[0].activation = None
            if history.epochs == 3:
                points[0] = [5.0, 5.0]
            if history.epochs == 4:
                model.layers[1].neurons[0].w[0].data = 0.0

        return change

    found = []
    for engine in ("eager", "strict"):
        model, points = MLP(2, [4, 1], activation="tanh", seed=1), list(X)
        history = fit(model, points, CLASSES, epochs=6, callbacks=[changes(model)], engine=engine)
        found.append((history, [p.data for p in model.parameters()]))
    assert found[0] == found[1]
    assert found[1][0].engine == "strict"


def test_an_error_is_that_of_nodes(in_python):
    found = []
    for engine in ("eager", "strict"):
        with pytest.raises(TrainingError) as caught:
            trained(engine, loss="mse", optimizer=lambda p: SGD(p, lr=1e200), model=MLP(2, [2, 1], activation="linear", seed=1))
        found.append((str(caught.value), [repr(getattr(caught.value.history, name)) for name in HISTORY]))
    assert found[0] == found[1]


def test_an_interrupt_restores_the_best_parameters(in_python):
    """By a real signal; a process that was started in the background ignores it at first."""

    def interrupt(history):
        if history.epochs == 3:
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        strict, eager = [trained(engine, epochs=9, callbacks=[interrupt]) for engine in ("strict", "eager")]
    finally:
        signal.signal(signal.SIGINT, before)
    assert strict == eager
    assert "interrupted" in strict[0].stopped


def test_unknown_engines_and_missing_libraries(monkeypatch):
    with pytest.raises(SettingError, match="engine = 'jit': give one of auto, eager, strict, fast"):
        trained("jit")
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="compile"):
        trained("fast")
    monkeypatch.setattr(engines, "PAYS", {"pure": 1, "native": 1})
    assert trained("auto")[0].engine == "eager"


def test_a_training_on_nodes_imports_no_compiler():
    import subprocess

    program = (
        "import sys, nn.train; nn.train.fit(nn.MLP(1, [1]), [[1.0]], [1.0]); assert 'autograd.compiling.program' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
