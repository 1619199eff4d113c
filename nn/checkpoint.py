"""A checkpoint: everything that training changes, in one JSON file, exact to the bit.

`write` replaces an old checkpoint only when the new one is complete. `read` checks every entry before it sets anything: for a
file that does not fit it raises a StateError that names the entry, and model, optimiser, schedule and generators are unchanged.

JSON has no nan and no tuple: nan is {"float": "nan"}, a tuple {"tuple": [...]}, a dict {"pairs": [[key, entry], ...]}. Floats
are written as Python's repr.
"""

from __future__ import annotations

import json
import math
import os
import random
import sys
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from autograd.files import AnyPath
from autograd.files import write as write_file
from nn.errors import StateError
from nn.history import History
from nn.module import Module, contents
from nn.optim import Optimizer, Scheduler
from nn.states import entries, generator_state, read_json, real_number, real_numbers, whole_number

__all__ = ["Run", "read", "write"]

FORMAT = 1
ENTRIES = ("format", "model", "generators", "optimizer", "scheduler", "rng", "best", "history")
HISTORY = [field.name for field in fields(History) if field.compare]  # and so not the engine: any one may resume the run


@dataclass
class Run:
    """Everything that training changes, and so the contents of a checkpoint."""

    model: Module
    optimiser: Optimizer
    scheduler: Scheduler | None
    rng: random.Random  # of the order of the examples
    history: History
    best: dict[str, float]  # the parameters of the best epoch


def write(path: AnyPath, run: Run) -> None:
    """Write the run to a file; an old file stays until the new one is complete."""
    state = {
        "format": FORMAT,
        "model": run.model.state_dict(),
        "generators": {name: _generator(generator) for name, generator in _generators(run.model)},
        "optimizer": run.optimiser.state_dict(),
        "scheduler": None if run.scheduler is None else run.scheduler.state_dict(),
        "rng": _generator(run.rng),
        "best": run.best,
        "history": {name: getattr(run.history, name) for name in HISTORY},
    }
    write_file(path, json.dumps(_packed(state), allow_nan=False))


def read(path: AnyPath, run: Run, measured: Mapping[str, bool | None]) -> None:
    """Set the run to the one in the file. `measured` has the lists of the history and whether this run has each; None: unknown."""
    packed = read_json(path, "fit(checkpoint=)")
    try:
        _set(run, _unpacked(packed, "the file"), measured)
    except (StateError, RecursionError) as error:
        reason = "is nested too deep" if isinstance(error, RecursionError) else f"cannot be resumed: {error}"
        raise StateError(f"{os.fspath(path)!r} {reason}; give a file that fit(checkpoint=) wrote") from None


def _set(run: Run, state: Any, measured: Mapping[str, bool | None]) -> None:
    if not isinstance(state, dict) or type(state.get("format")) is not int or state["format"] != FORMAT:
        raise StateError(f"it is not a checkpoint of format {FORMAT}")
    state = entries(state, ENTRIES, "the checkpoint")
    scheduler = run.scheduler
    if (state["scheduler"] is None) is not (scheduler is None):
        raise StateError(f"it was written {'without' if scheduler else 'with'} a schedule; resume it so")
    history = _history(state["history"])
    for name, is_wanted in measured.items():
        if history.epochs and is_wanted is not None and bool(getattr(history, name)) is not is_wanted:
            raise StateError(f"it was written {'without' if is_wanted else 'with'} {name}; resume it with the same kind of targets")
    now = run.model.state_dict()
    model, best = (_like(state[entry], now, entry) for entry in ("model", "best"))
    generators = dict(_generators(run.model))
    places = entries(state["generators"], generators, "generators")
    found = [(generators[place], generator_state(inside, f"generators, {place}")) for place, inside in places.items()]
    found.append((run.rng, generator_state(state["rng"], "rng")))
    before = run.optimiser.state_dict()
    loading = "optimizer"
    try:
        run.optimiser.load_state_dict(state["optimizer"])
        loading = "model"
        run.model.load_state_dict(model)
        loading = "scheduler"
        if scheduler is not None:
            scheduler.load_state_dict(state["scheduler"])
    except Exception as error:  # the user's own optimiser, model or schedule may raise anything
        run.optimiser.load_state_dict(before)
        run.model.load_state_dict(now)
        raise StateError(f"{loading}: {error}") from error
    for generator, generator_now in found:
        generator.setstate(generator_now)
    run.best, run.history = best, history


def _like(state: Any, now: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the entries of a model's state, each a number where the model has one now."""
    found = entries(state, now, where)
    return {name: real_number(x, f"{where}, {name}") if isinstance(now[name], float) else x for name, x in found.items()}


def _history(state: Any) -> History:
    """Return a history whose lists have one length, or are empty if nothing was measured."""
    found = entries(state, HISTORY, "history")
    epochs = len(found["losses"]) if isinstance(found["losses"], list) else 0
    lists: dict[str, Any] = {
        name: real_numbers(
            found[name], f"history.{name}", epochs if found[name] or name in ("losses", "rates") else 0, least=least, most=most
        )
        for name, least, most in (
            ("losses", -math.inf, math.inf),
            ("rates", 0.0, sys.float_info.max),
            ("accuracies", 0.0, 1.0),
            ("validation_losses", -math.inf, math.inf),
            ("validation_accuracies", 0.0, 1.0),
        )
    }
    best_loss = real_number(found["best_loss"], "history.best_loss")
    if math.isnan(best_loss):
        raise StateError("history.best_loss is nan: the smallest loss is needed, or inf")
    best_epoch = found["best_epoch"]
    if best_epoch is not None:
        best_epoch = whole_number(best_epoch, "history.best_epoch", most=epochs - 1)
    if not isinstance(found["stopped"], str):
        raise StateError(f"history.stopped is {found['stopped']!r:.60}: a string is needed")
    return History(**lists, best_epoch=best_epoch, best_loss=best_loss, stopped=found["stopped"])


def _packed(thing: Any) -> Any:
    if isinstance(thing, float) and not math.isfinite(thing):
        return {"float": repr(thing)}
    if isinstance(thing, tuple):
        return {"tuple": [_packed(part) for part in thing]}
    if isinstance(thing, list):
        return [_packed(part) for part in thing]
    if isinstance(thing, dict):
        return {"pairs": [[_packed(key), _packed(part)] for key, part in thing.items()]}
    if thing is None or isinstance(thing, (bool, int, float, str)):
        return thing
    raise StateError(f"{thing!r:.60} cannot be written to a checkpoint; let state_dict() return numbers, strings, lists and dicts")


def _unpacked(thing: Any, where: str) -> Any:
    if isinstance(thing, list):
        return [_unpacked(part, f"{where}[{index}]") for index, part in enumerate(thing)]
    if not isinstance(thing, dict):
        return thing
    if len(thing) == 1:
        ((kind, inside),) = thing.items()
        if kind == "float" and inside in ("nan", "inf", "-inf"):
            return float(inside)
        if kind == "tuple" and isinstance(inside, list):
            return tuple(_unpacked(inside, where))
        if kind == "pairs" and isinstance(inside, list):
            return dict(_pairs(inside, where))
    raise StateError(f"{where} is {thing!r:.60}: an object with the single key 'float', 'tuple' or 'pairs' is needed")


def _pairs(pairs: list[Any], where: str) -> Iterator[tuple[Any, Any]]:
    seen: set[Any] = set()
    for index, pair in enumerate(pairs):
        if not isinstance(pair, list) or len(pair) != 2:
            raise StateError(f"{where}: pair {index} is {pair!r:.60}: a name and its entry are needed")
        key = _unpacked(pair[0], f"{where}: name {index}")
        if not isinstance(key, Hashable):
            raise StateError(f"{where}: name {index} is {key!r:.60}: a string or a number is needed")
        if key in seen:
            raise StateError(f"{where}: {key!r:.60} is there twice")
        seen.add(key)
        yield key, _unpacked(pair[1], f"{where}, {key!s:.60}" if where != "the file" else f"{key!s:.60}")


def _generators(model: Module) -> list[tuple[str, random.Random]]:
    """Return the generators of random numbers inside a model by name, such as that of a dropout layer of the user's."""
    names = {thing: f".{name}" for name, thing in contents(model) if isinstance(thing, random.Random)}
    return sorted(((name, generator) for generator, name in names.items()), key=lambda pair: pair[0])


def _generator(generator: random.Random) -> list[Any]:
    version, words, following = generator.getstate()
    return [version, list(words), following]
