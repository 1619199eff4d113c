"""One training of a sweep: which setting and seed, and what became of it.

>>> Trial(0, {"hidden": 8, "lr": 0.1}, seed=3).name
'hidden=8, lr=0.1, seed=3'
"""

from __future__ import annotations

import copy
import inspect
import math
import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from autograd.text.numbers import short
from nn.errors import SettingError
from nn.history import History
from nn.module import Module
from nn.optim import SGD

__all__ = ["Trial", "Trials", "written"]

DATA = {"model", "X", "y"}
OURS = ("seed", "client", "progress", "checkpoint", "resume")
"""What `fit` takes and a sweep decides itself, or what no two trials can share."""


def written(x: Any) -> str:
    """A value of a setting as a table shows it."""
    return short(x) if type(x) is float else getattr(x, "__name__", None) or f"{x!r:.40}"


@dataclass
class Trial:
    """A training: `setting` and `seed`, and then `history`, the model's `numbers`, or the `error` that ended it."""

    number: int  # its place in the sweep
    setting: dict[str, Any]
    seed: Any
    history: History | None = None
    numbers: Sequence[float] = ()  # the parameters of the trained model, in order
    error: str = ""
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """The setting and the seed in words."""
        return ", ".join([f"{name}={written(x)}" for name, x in [*self.setting.items(), ("seed", self.seed)]])

    @property
    def loss(self) -> float:
        """The best loss of an epoch, of the validation set if there is one; inf after an error."""
        return math.inf if self.history is None or self.error else self.history.best_loss

    def __getstate__(self) -> dict[str, Any]:
        """With the numbers as bytes: a pickled float takes twice the place of a double."""
        return {**vars(self), "history": None if self.history is None else _packed(self.history)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        history = state["history"]
        vars(self).update(state, history=None if history is None else History(**_unpacked(history)))


def _packed(history: History) -> dict[str, Any]:
    found = {field.name: getattr(history, field.name) for field in fields(history)}
    return {name: array("d", x) if isinstance(x, list) else x for name, x in found.items()}


def _unpacked(state: dict[str, Any]) -> dict[str, Any]:
    return {name: list(x) if isinstance(x, array) else x for name, x in state.items()}


class Trials:
    """The trainings of a sweep, each of which can run by itself, here or on another machine.

    `train` is `fit`. A name in a setting is an argument of `build`, else an option of `train`, else one of the optimiser; what
    none of them names goes to a `build` that takes any name.
    """

    def __init__(
        self,
        train: Callable[..., History],
        build: Callable[..., Module],
        X: Sequence[Any],
        y: Sequence[Any],
        options: Mapping[str, Any],
    ) -> None:
        self.train, self.build, self.X, self.y, self.options = train, build, X, y, dict(options)
        if "seed" not in named(build) and not takes_any(build):
            raise SettingError(f"{called(build)} takes no seed; give a function such as lambda seed: MLP(2, [8, 1], seed=seed)")

    def check(self, setting: Mapping[str, Any]) -> None:
        """Raise a SettingError for a name that nothing takes, or that no sweep can have."""
        for name in {**self.options, **setting}:
            if name in OURS:
                raise SettingError(f"{name!r} is no setting of a sweep; seeds are given as seeds=[...], and trials share no file")
        _, training, optimising = self.parts(setting)
        optimizer = training.get("optimizer") or SGD
        for name, x in optimising.items():
            if name not in named(optimizer):
                takers = f"{called(self.build)}, {called(self.train)} and {called(optimizer)}"
                raise SettingError(f"{name} = {x!r:.60}: none of {takers} takes {name!r}")

    def parts(self, setting: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The setting as arguments of `build`, of `train` and of the optimiser."""
        parts: list[dict[str, Any]] = [{}, {}, {}]
        every = {**self.options, **setting}
        takers = [named(self.build), named(self.train) - DATA, named(every.get("optimizer") or SGD)]
        for name, x in every.items():
            place = next((place for place, names in enumerate(takers) if name in names), 0 if takes_any(self.build) else 2)
            parts[place][name] = x
        return parts

    def model(self, trial: Trial) -> Module:
        """The trained model: built again, with the trial's numbers."""
        model = self.build(**self.parts(trial.setting)[0], seed=trial.seed)
        names = [name for name, _ in model.named_parameters()]
        model.load_state_dict(dict(zip(names, trial.numbers, strict=True)))
        return model

    def run(self, trial: Trial) -> Trial:
        """The trial with its results; an error becomes text. A training that Ctrl-C ended is a KeyboardInterrupt."""
        done = Trial(trial.number, trial.setting, trial.seed)
        start = time.perf_counter()
        try:
            building, training, optimising = copy.deepcopy(self.parts(trial.setting))  # no trial sees what another one changed
            model = self.build(**building, seed=trial.seed)
            if optimising:
                training["optimizer"] = partial(training.get("optimizer") or SGD, **optimising)
            done.history = self.train(model, self.X, self.y, **training, seed=trial.seed, progress=False)
            done.numbers = array("d", [parameter.data for parameter in model.parameters()])
        except Exception as error:
            done.history = getattr(error, "history", None)
            done.error = "; ".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
        if done.history is not None and done.history.is_interrupted:
            raise KeyboardInterrupt
        done.seconds = time.perf_counter() - start
        return done


def named(f: Any) -> set[str]:
    """The names of the arguments of a function or class that may be given by name; none for what is no function."""
    return {p.name for p in _arguments(f) if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}


def takes_any(f: Any) -> bool:
    """Whether a function has an argument such as **options."""
    return any(p.kind is p.VAR_KEYWORD for p in _arguments(f))


def called(f: Any) -> str:
    """A function as a message shows it."""
    return f"{getattr(f, '__name__', type(f).__name__)}(...)"


def _arguments(f: Any) -> list[inspect.Parameter]:
    """Those of a class are those of its __init__: the metaclass of modules takes any."""
    if isinstance(f, partial):
        return [p for p in _arguments(f.func) if p.name not in f.keywords][len(f.args) :]
    arguments = inspect.signature(f.__init__ if isinstance(f, type) else f).parameters if callable(f) else {}  # type: ignore[misc]
    return list(arguments.values())[isinstance(f, type) :]
