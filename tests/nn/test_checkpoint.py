"""Checkpoints: a file is resumed whole, or refused by name with nothing changed."""

from __future__ import annotations

import copy
import json
import math
import random
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Value
from nn import MLP, StateError
from nn.module import Module
from nn.optim import SGD, AdaGrad, Adam, ExponentialDecay, LinearDecay, RMSProp, Scheduler
from nn.train import fit

pytestmark = pytest.mark.thorough

X, Y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]], [1, 1, 0, 0]


class Noisy(Module):
    """A network with a generator inside, as a dropout has."""

    def __init__(self) -> None:
        self.inner = MLP(2, [2, 1], activation="tanh", seed=1)
        self.rng = random.Random(5)

    def forward(self, x: Any) -> Any:
        return self.inner(x) * (1 + 0.1 * self.rng.random())


OPTIMISERS = {
    "SGD": lambda p: SGD(p, lr=0.3, momentum=0.9),
    "Adam": lambda p: Adam(p, lr=0.05),
    "AdaGrad": lambda p: AdaGrad(p, lr=0.05),
    "RMSProp": lambda p: RMSProp(p, lr=0.05, momentum=0.5),
}


class Training:
    """A model, its optimiser and schedule, and all of their state that a checkpoint could change."""

    def __init__(self, kind: str = "Adam") -> None:
        self.model = Noisy()
        self.optimizer = OPTIMISERS[kind](self.model.parameters())
        self.scheduler = Scheduler(self.optimizer, ExponentialDecay(0.1, 0.9))

    def fit(self, epochs: int, **options: Any) -> Any:
        return fit(
            self.model, X, Y, optimizer=self.optimizer, schedule=self.scheduler, epochs=epochs, batch_size=3, seed=4,
            validation=(X, Y), progress=False, **options,
        )  # fmt: skip

    def state(self) -> Any:
        parts = self.model.state_dict(), self.optimizer.state_dict(), self.scheduler.state_dict(), self.model.rng.getstate()
        return copy.deepcopy(parts)


@cache
def text_of(kind: str, folder: Path) -> str:
    Training(kind).fit(2, checkpoint=folder / f"{kind}.json")
    return (folder / f"{kind}.json").read_text()


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    return lambda kind="Adam": json.loads(text_of(kind, folder))


def places(thing: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every entry of a JSON document, itself included; of the long states of generators to some."""
    inside = list(thing.items()) if isinstance(thing, dict) else list(enumerate(thing)) if isinstance(thing, list) else []
    if len(inside) > 100:
        inside = [inside[0], inside[300], inside[-1]]
    return [path, *[place for key, part in inside for place in places(part, (*path, key))]]


def at(thing: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        thing = thing[key]
    return thing


def changed(document: Any, path: tuple[Any, ...], entry: Any) -> Any:
    document = copy.deepcopy(document)
    if not path:
        return entry
    at(document, path[:-1])[path[-1]] = entry
    return document


def refused(document: Any, path: Path, kind: str = "Adam") -> str:
    """The message with which the file is refused, after seeing that nothing changed."""
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    training = Training(kind)
    before = training.state()
    with pytest.raises(StateError) as refusal:
        training.fit(3, resume=path)
    assert training.state() == before
    assert path.name in str(refusal.value)
    return str(refusal.value)


DELETED = object()
NEVER_RIGHT: list[Any] = [
    None, True, "text", "", [], [1], {}, {"a": 1}, {"float": "x"}, {"float": 1}, {"tuple": 3}, {"tuple": []}, {"pairs": [1]},
    {"pairs": [[1]]}, {"pairs": [[[1], 2]]}, {"pairs": [["a", 1], ["a", 2]]}, {"pairs": []}, -1, 0.5, 10**30, 10**400,
    {"float": "nan"}, {"float": "-inf"},
]  # fmt: skip


def may_be(was: Any, entry: Any) -> bool:
    """True if an entry of this form may replace the other: another number, text or whole state."""
    is_number = [isinstance(x, (int, float)) and not isinstance(x, bool) for x in (was, entry)]
    if all(is_number):
        return True
    if isinstance(was, float) and isinstance(entry, dict) and set(entry) == {"float"}:
        return True
    return type(was) is type(entry) is str or (was is None and is_number[1])


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_an_entry_of_the_wrong_kind_at_any_place_is_refused_and_changes_nothing(good, tmp_path, kind):
    document = good(kind)
    found = places(document)
    assert len(found) > 150
    generator = random.Random(kind)
    for place in found:
        was = at(document, place)
        wrong = [entry for entry in NEVER_RIGHT if not may_be(was, entry) and entry != was]
        for entry in generator.sample(wrong, 3):
            refused(changed(document, place, entry), tmp_path / "c.json", kind)


def test_every_entry_is_needed_and_no_other_is_known(good, tmp_path):
    document = good()
    for place in places(document):
        was = at(document, place)
        if isinstance(was, dict) and set(was) == {"pairs"}:
            for index, (name, _) in enumerate(was["pairs"]):
                pairs = was["pairs"][:index] + was["pairs"][index + 1 :]
                message = refused(changed(document, place, {"pairs": pairs}), tmp_path / "c.json")
                assert str(name) in message or name == "format"
            message = refused(changed(document, place, {"pairs": [*was["pairs"], ["new", 1.0]]}), tmp_path / "c.json")
            assert "new" in message
            refused(changed(document, place, {"pairs": [*was["pairs"], was["pairs"][0]]}), tmp_path / "c.json")
        elif isinstance(was, list):
            refused(changed(document, place, was[:-1]), tmp_path / "c.json")
            refused(changed(document, place, [*was, 1.0]), tmp_path / "c.json")


def entry_of(document: Any, *names: str) -> tuple[Any, ...]:
    """The way to an entry by its names."""
    way: tuple[Any, ...] = ()
    for name in names:
        pairs = at(document, way)["pairs"]
        way = (*way, "pairs", [key for key, _ in pairs].index(name), 1)
    return way


@pytest.mark.parametrize(
    ("names", "inside", "entry", "said"),
    [
        (["format"], (), 2, "format 1"),
        (["format"], (), True, "format 1"),
        (["model", "inner.layers[0].neurons[1].w[0]"], (), 10**400, r"model, inner\.layers\[0\]\.neurons\[1\]\.w\[0\]"),
        (["best", "inner.layers[1].neurons[0].b"], (), None, r"best, inner\.layers\[1\]\.neurons\[0\]\.b"),
        (["best"], (), {"pairs": [["a", 1]]}, "best does not fit; missing"),
        (["optimizer", "lr"], (), -0.1, "optimizer: this .*'s lr"),
        (["optimizer", "eps"], (), 0.0, "eps .* above 0"),
        (["optimizer", "betas"], (), {"tuple": [0.9, 1.0]}, "betas .* below 1"),
        (["optimizer", "squares"], (0,), -1.0, "squares"),
        (["optimizer", "steps"], (), 10**400, "steps"),
        (["optimizer", "steps"], (), 1.0, "steps"),
        (["optimizer", "optimizer"], (), "SGD", "'SGD', this is Adam"),
        (["scheduler", "steps"], (), -1, "scheduler: steps is"),
        (["scheduler", "steps"], (), 10**400, "scheduler: steps is"),
        (["scheduler"], (), None, "without a schedule"),
        (["generators"], (), None, "generators"),
        (["generators", ".rng"], (0,), 4, r"generators, \.rng is the state of no generator"),
        (["generators", ".rng"], (1, 5), -1, r"generators, \.rng\[1\]\[5\]"),
        (["generators", ".rng"], (1, 624), 625, "state of no generator"),
        (["rng"], (1,), [1, 2], "rng is the state of no generator"),
        (["rng"], (1,), [0] * 624 + [624], "nothing but zeros"),
        (["rng"], (1, 3), 2**32, r"rng\[1\]\[3\]"),
        (["rng"], (2,), {"float": "inf"}, r"rng\[2\]"),
        (["history", "losses"], (0,), None, r"history\.losses\[0\]"),
        (["history", "losses"], (), [1.0], r"history\.rates"),
        (["history", "rates"], (1,), {"float": "inf"}, r"history\.rates\[1\]"),
        (["history", "accuracies"], (0,), 1.5, r"history\.accuracies\[0\]"),
        (["history", "accuracies"], (), [], "without accuracies"),
        (["history", "validation_losses"], (), [], "without validation_losses"),
        (["history", "validation_accuracies"], (), [], "without validation_accuracies"),
        (["history", "best_epoch"], (), 2, r"history\.best_epoch"),
        (["history", "best_epoch"], (), 0.0, r"history\.best_epoch"),
        (["history", "best_loss"], (), {"float": "nan"}, r"history\.best_loss"),
        (["history", "stopped"], (), None, r"history\.stopped"),
    ],
)  # fmt: skip
def test_a_malformed_entry_is_named(good, tmp_path, names, inside, entry, said):
    document = good()
    message = refused(changed(document, (*entry_of(document, *names), *inside), entry), tmp_path / "c.json")
    assert re.search(said, message), message
    assert "is not JSON" not in message
    assert message.endswith("give a file that fit(checkpoint=) wrote")


@pytest.mark.parametrize(
    "text",
    ["", "{", "NaN", "[1, 2]", "null", "[" * 100_000 + "]" * 100_000, '{"pairs":' * 900 + "[]" + "}" * 900, "\udcff", "1" * 5000],
    ids=["empty", "brace", "NaN", "list", "null", "100,000 brackets", "900 pairs", "not UTF-8", "5000 digits"],
)  # fmt: skip
def test_what_is_no_checkpoint_at_all_is_refused(tmp_path, text):
    path = tmp_path / "c.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    training = Training()
    before = training.state()
    with pytest.raises(StateError, match=r"c\.json.*fit\(checkpoint=\)"):
        training.fit(3, resume=path)
    assert training.state() == before
    with pytest.raises(StateError, match=r"c\.json"):
        MLP(2, [1], seed=1).load(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["pairs", "tuple", "float", "x"]), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_anything_at_any_place_is_resumed_or_refused_and_never_half_loaded(good, tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "c.json"
    document = good()
    place = data.draw(st.sampled_from(places(document)))
    path.write_text(json.dumps(changed(document, place, data.draw(JSON))))
    training = Training()
    before = training.state()
    try:
        history = training.fit(2, resume=path)  # as many epochs as it has, so that nothing is trained
    except StateError:
        assert training.state() == before
    else:
        assert str(history)
        assert history.epochs == 2
        fitted = training.state()
        assert [type(x) for x in fitted[0].values()] == [float] * len(before[0])


def test_the_rate_that_a_schedule_set_is_taken_back_when_the_file_does_not_fit(tmp_path):
    (tmp_path / "c.json").write_text("{}")
    model = MLP(2, [1], seed=1)
    optimizer = SGD(model.parameters(), lr=0.7)
    with pytest.raises(StateError):
        fit(model, X, Y, optimizer=optimizer, schedule=LinearDecay(0.5, 3), resume=tmp_path / "c.json")
    assert optimizer.lr == 0.7


def test_a_part_of_the_users_that_refuses_its_entry_leaves_the_others_as_they_were(good, tmp_path):
    class Fragile(Noisy):
        def load_state_dict(self, state):
            if state["inner.layers[0].neurons[0].b"] != 0.0:
                raise KeyError("a mistake of the user's")
            super().load_state_dict(state)

    class Brittle(ExponentialDecay):
        def __call__(self, step):
            if step == 2:
                raise RuntimeError("a mistake of the user's")
            return super().__call__(step)

    path = tmp_path / "c.json"
    path.write_text(json.dumps(good()))
    for model, schedule, said in (
        (Fragile(), ExponentialDecay(0.1, 0.9), "model: .*a mistake"),
        (Noisy(), Brittle(0.1, 0.9), "scheduler: .*a mistake"),
    ):
        training = Training()
        training.model, training.optimizer = model, Adam(model.parameters(), lr=0.05)
        training.scheduler = Scheduler(training.optimizer, schedule)
        before = training.state()
        with pytest.raises(StateError, match=said):
            training.fit(3, resume=path)
        assert training.state() == before


def test_entries_of_a_models_own_that_are_no_numbers_pass_through(tmp_path):
    class Counting(Module):
        def __init__(self):
            self.w, self.names = Value(1.0), ["a"]

        def forward(self, x):
            return self.w * x

        def state_dict(self):
            return {**super().state_dict(), "names": list(self.names)}

        def load_state_dict(self, state):
            self.names = list(state["names"])
            super().load_state_dict({"w": state["w"]})

    model, twin = Counting(), Counting()
    model.names.append("b")
    fit(model, [1.0], [0.5], epochs=1, checkpoint=tmp_path / "c.json")
    fit(twin, [1.0], [0.5], epochs=1, resume=tmp_path / "c.json")
    assert twin.names == ["a", "b"]
    assert twin.w.data == model.w.data


# ---------------------------------------------------------------------------------------------------- states by themselves


NO_NUMBERS = [None, True, "text", [], {}, 10**400, -(10**5000), 1j, Value(1.0) * 2]


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_an_optimisers_state_is_loaded_whole_or_not_at_all(kind):
    training = Training(kind)
    training.fit(1)
    optimizer, before = training.optimizer, training.optimizer.state_dict()
    for name, was in before.items():
        for wrong in [*NO_NUMBERS, *([-1.0, math.nan, math.inf] if name in optimizer.settings else [])]:
            for entry in [wrong, [wrong], [*was[:-1], wrong]] if isinstance(was, (list, tuple)) else [wrong]:
                if entry == "text" and name == "optimizer":
                    entry = "Optimizer"
                with pytest.raises(StateError):
                    optimizer.load_state_dict({**before, name: entry})
                assert optimizer.state_dict() == before


def test_what_a_gradient_left_in_the_memory_is_loaded_again():
    optimizer = SGD([Value(1.0), Value(2.0)], momentum=0.9)
    optimizer.load_state_dict({**optimizer.state_dict(), "velocities": [-1.0, math.inf]})
    assert optimizer.velocities == [-1.0, math.inf]
    adam = Adam([Value(1.0)])
    adam.load_state_dict({**adam.state_dict(), "squares": [math.inf], "means": [-1.0]})
    assert (adam.squares, adam.means) == ([math.inf], [-1.0])


def test_a_schedulers_state_is_loaded_whole_or_not_at_all():
    def schedule(step):
        return 1.0 / (step - 5)

    optimizer = SGD([Value(1.0)], lr=1.0)
    scheduler = Scheduler(optimizer, lambda step: abs(schedule(step)))
    for steps in (5, -1, 2.0, True, None, "2", 10**400):
        with pytest.raises(StateError, match="steps is"):
            scheduler.load_state_dict({"steps": steps})
        assert (scheduler.steps, optimizer.lr) == (0, 0.2)
    scheduler.load_state_dict({"steps": 3})
    assert (scheduler.steps, optimizer.lr) == (3, 0.5)
    scheduler.step()
    with pytest.raises(ZeroDivisionError):
        scheduler.step()
    assert (scheduler.steps, optimizer.lr) == (4, 1.0)


def test_settings_that_are_no_numbers_are_kept_as_they_are():
    class Odd(SGD):
        settings = (*SGD.settings, "nesterov", "kind", "limit")

        def __init__(self, params, nesterov=True, kind="a", limit=None):
            super().__init__(params, lr=0.1)
            self.nesterov, self.kind, self.limit = nesterov, kind, limit

    optimizer = Odd([Value(1.0)])
    twin = Odd([Value(1.0)], nesterov=False, kind="b")
    twin.load_state_dict(optimizer.state_dict())
    assert twin.state_dict() == optimizer.state_dict()
    for name, entry in (("nesterov", 1), ("kind", None), ("limit", 2.0)):
        with pytest.raises(StateError, match=name):
            twin.load_state_dict({**optimizer.state_dict(), name: entry})
