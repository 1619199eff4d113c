"""A sweep: the trainings of every setting with every seed, as a table. `nn.train.sweep` makes one.

    >>> from nn import MLP
    >>> from nn.data import make_moons
    >>> from nn.train import sweep
    >>> def build(hidden, seed):
    ...     return MLP(2, [hidden, 1], activation="tanh", seed=seed)
    >>> moons = make_moons(20, noise=0.1, random_state=1)
    >>> found = sweep(build, *moons, settings={"hidden": [2, 4], "lr": [0.1, 1.0]}, loss="bce_with_logits", epochs=10)
    >>> print(found)
    hidden   lr  seed  best loss  accuracy
         4    1     0     0.4317     80.0%
         4  0.1     0     0.6013     80.0%
         2    1     0     0.6384     60.0%
         2  0.1     0     0.6921     50.0%
    >>> found.best.setting
    {'hidden': 4, 'lr': 1.0}

Every trial is what `fit` gives alone, to the bit, in whatever order and wherever it runs. Start reading at `swept`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

from autograd.progress import bar
from autograd.text.numbers import short
from autograd.text.tables import aligned
from nn.classes import refuse_uneven
from nn.clusters import refuse_no_client, streamed
from nn.ensembles import Ensemble
from nn.errors import SettingError
from nn.history import History
from nn.module import Module
from nn.trials import Trial, Trials, written

__all__ = ["Sweep", "swept"]

LOSS = "best loss"
SHARES = ("accuracy", "validation accuracy")
"""The columns of a table beside those of the settings."""

Settings = Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]] | None


def swept(
    train: Callable[..., History],
    build: Callable[..., Module],
    X: Sequence[Any],
    y: Sequence[Any],
    *,
    settings: Settings,
    seeds: Iterable[Any],
    client: Any,
    on_trial: Callable[[Trial], Any] | None,
    progress: bool | None,
    options: Mapping[str, Any],
) -> Sweep:
    """`nn.train.sweep`, of any function that trains as `fit` does."""
    refuse_uneven(X, y)
    trials = Trials(train, build, X, y, options)
    chosen = _combined(settings)
    for setting in chosen or [{}]:
        trials.check(setting)
    pairs = itertools.product(chosen, _listed("seeds", seeds))
    planned = [Trial(number, setting, seed) for number, (setting, seed) in enumerate(pairs)]
    if client is not None:
        refuse_no_client(client)
    found = Sweep(trials, len(planned))
    with bar(len(planned), "sweep", "trial", progress) as move:
        try:
            with closing(_here(trials, planned) if client is None else _there(client, trials, planned)) as arriving:
                for trial in arriving:
                    found.add(trial)
                    move(f"best loss {short(found.best_loss)}")
                    if on_trial is not None and on_trial(trial) is True:
                        found.stopped = f"on_trial ended it after {len(found)} of {len(planned)} trials"
                        break
        except KeyboardInterrupt:
            found.stopped = f"interrupted after {len(found)} of {len(planned)} trials"
    return found


def _here(trials: Trials, planned: Sequence[Trial]) -> Generator[Trial]:
    yield from map(trials.run, planned)


def _there(client: Any, trials: Trials, planned: Sequence[Trial]) -> Generator[Trial]:
    """The trials as workers finish them."""
    with closing(streamed(client, trials.run, planned)) as outcomes:
        for trial, done, error in outcomes:
            yield done or Trial(trial.number, trial.setting, trial.seed, error=error)


def _combined(settings: Settings) -> list[dict[str, Any]]:
    """The settings of a grid, the last name changing fastest, or those of a list."""
    if settings is None:
        return [{}]
    if isinstance(settings, Mapping):
        columns = [_listed(f"settings[{name!r}]", xs) for name, xs in settings.items()]
        return [dict(zip(settings, values, strict=True)) for values in itertools.product(*columns)]
    found = _listed("settings", settings)
    for number, setting in enumerate(found):
        if not isinstance(setting, Mapping):
            raise SettingError(f"settings[{number}] = {setting!r:.60}: a setting is a dict, such as {{'lr': 0.1}}")
    return [dict(setting) for setting in found]


def _listed(name: str, xs: Any) -> list[Any]:
    if isinstance(xs, (str, bytes)) or not isinstance(xs, Iterable) or not (found := list(xs)):
        raise SettingError(f"{name} = {xs!r:.60}: a list of one or more is needed")
    return found


class Sweep(Sequence[Trial]):
    """The trials that are done, in the order of settings and seeds. It prints as a table, the smallest loss first."""

    def __init__(self, trials: Trials, planned: int) -> None:
        self.planned = planned
        self.stopped = ""  # the reason why trials are missing
        self._trials = trials
        self._done: dict[int, Trial] = {}

    def add(self, trial: Trial) -> None:
        """Put in a trial that is done."""
        self._done[trial.number] = trial

    def __len__(self) -> int:
        return len(self._done)

    def __getitem__(self, place: Any) -> Any:
        return [self._done[number] for number in sorted(self._done)][place]

    @property
    def failed(self) -> list[Trial]:
        """The trials that an error ended."""
        return [trial for trial in self if trial.error]

    @property
    def best_loss(self) -> float:
        """The smallest loss of the trials; inf if none has one."""
        return min([trial.loss for trial in self._done.values()], default=math.inf)

    @property
    def best(self) -> Trial:
        """The trial with the smallest loss, the first of those that share it; a SettingError if no trial has a loss."""
        if self.best_loss == math.inf:
            first = f"; the first error is that of {self.failed[0].name}: {self.failed[0].error}" if self.failed else ""
            raise SettingError(f"none of {len(self)} trials has a loss{first}")
        return next(trial for trial in self if trial.loss == self.best_loss)

    def model(self, trial: Trial | None = None) -> Module:
        """The trained model of a trial, by default the best: built again, with the numbers that it had after training."""
        chosen = trial or self.best
        if chosen.error:
            raise SettingError(f"{chosen.name} has no trained model; it ended with {chosen.error}")
        return self._trials.model(chosen)

    def ensemble(self, setting: Mapping[str, Any] | None = None, *, through: Callable[[Any], Any] | None = None) -> Ensemble:
        """The models of one setting, by default that of the best trial, a model for each seed; `Ensemble` says what it gives."""
        chosen = self.best.setting if setting is None else setting
        members = [trial for trial in self if trial.setting == chosen]
        if not members:
            raise SettingError(f"no trial has the setting {chosen!r:.60}; there are {len(self)} trials")
        made = Ensemble([self.model(trial) for trial in members], through=through)
        made.histories = [trial.history for trial in members if trial.history is not None]
        return made

    def sorted(self, by: str | Callable[[Trial], Any] = LOSS, *, descending: bool = False) -> list[Trial]:
        """The trials by a column of the table, or by a function of a trial; those without an entry are last."""
        if callable(by):
            return sorted(self, key=by, reverse=descending)
        cells = {trial.number: self._cells(trial) for trial in self}
        names = dict.fromkeys([name for each in cells.values() for name in each])
        if names and by not in names:
            raise SettingError(f"by = {by!r:.60}: no column of that name; there are {', '.join(names)}")
        having = [trial for trial in self if by in cells[trial.number]]
        ranked = sorted(having, key=lambda trial: _rank(cells[trial.number][by]), reverse=descending)
        return ranked + [trial for trial in self if by not in cells[trial.number]]

    def table(self, by: str | Callable[[Trial], Any] = LOSS, *, descending: bool = False) -> str:
        """A line for each trial, its setting, seed and measures; then the errors."""
        cells = [self._cells(trial) for trial in self.sorted(by, descending=descending)]
        names = list(dict.fromkeys([name for each in cells for name in each]))
        rows = [names, *[[_written(name, each) for name in names] for each in cells]]
        lines = aligned(rows, "  ", right=range(len(names)))
        lines += [f"{trial.name}: {trial.error}" for trial in self.failed]
        return "\n".join([*lines, f"stopped: {self.stopped}"] if self.stopped else lines)

    def summary(self) -> str:
        """A line for each setting, the smallest mean loss first: the mean, the least and the largest over its seeds."""
        groups: dict[str, list[Trial]] = {}
        for trial in self:
            groups.setdefault(", ".join([f"{name}={written(x)}" for name, x in trial.setting.items()]) or "(one)", []).append(trial)
        rows = [["setting", "seeds", f"mean {LOSS}", "least", "largest"]]
        means = {name: math.fsum([trial.loss for trial in group]) / len(group) for name, group in groups.items()}
        for name in sorted(groups, key=means.__getitem__):
            losses = [trial.loss for trial in groups[name]]
            rows.append([name, str(len(losses)), *[short(x, zeros=True) for x in (means[name], min(losses), max(losses))]])
        return "\n".join(aligned(rows, "  ", right=range(1, 5)))

    def _cells(self, trial: Trial) -> dict[str, Any]:
        """The entries of a trial by the names of the columns."""
        cells: dict[str, Any] = {**trial.setting, "seed": trial.seed}
        if trial.history is not None and not trial.error:
            measures = [trial.history.accuracies, trial.history.validation_accuracies]
            cells[LOSS] = trial.loss
            cells |= {name: measured[-1] for name, measured in zip(SHARES, measures, strict=True) if measured}
        return cells

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return f"<sweep of {len(self)} trials of {self.planned}, {len(self.failed)} failed>"


def _written(name: str, cells: Mapping[str, Any]) -> str:
    x = cells.get(name, "")
    return x if x == "" else f"{x:.1%}" if name in SHARES else short(x, zeros=True) if name == LOSS else written(x)


def _rank(x: Any) -> tuple[bool, Any]:
    """Numbers first, in order; then all else by its text."""
    return (False, x) if isinstance(x, (int, float)) else (True, written(x))
