"""Training: the loop of every lesson, with batches, schedules, validation, checkpoints and progress.

    >>> from nn import MLP, Adam
    >>> from nn.data import make_moons
    >>> X, y = make_moons(40, noise=0.1, random_state=1)
    >>> model = MLP(2, [8, 1], activation="tanh", seed=1)
    >>> history = fit(model, X, y, loss="bce_with_logits", optimizer=lambda p: Adam(p, lr=0.1), epochs=80)
    >>> history.losses[0] > 10 * history.losses[-1], history.accuracies[-1]
    (True, 1.0)
    >>> predict(model, [[0.0, 1.0], [1.0, -0.5]], threshold=0.0)
    [0, 1]

An epoch goes over all the examples; a step of the optimiser uses one batch: forward, loss, backward, step. The order of the
examples is drawn from `seed=`, nothing else is random, and no order depends on hashes: equal seeds give equal bits. A checkpoint
is JSON, exact to the bit, so that a run resumed from it equals the uninterrupted run.

Start reading at `fit`. `predict`, `accuracy` and `confusion` of `nn.classes` measure a trained model, and `health` of `nn.health`
finds the neurons that keep a network from learning; this module exports these names too.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd import Value
from autograd.errors import AnomalyError
from autograd.files import AnyPath
from autograd.progress import bar
from autograd.text.numbers import short
from autograd.value import DATA
from nn import checkpoint as checkpoints
from nn.classes import Confusion, accuracy, confusion, predict
from nn.engines import Untraceable, compiled_for
from nn.ensembles import Ensemble
from nn.errors import SettingError
from nn.health import Health, LayerHealth, health
from nn.history import INTERRUPTED, History
from nn.module import Module, in_mode
from nn.optim import Optimizer, Scheduler, clip_grad_norm, optimizer_for
from nn.outputs import data_of
from nn.settings import whole
from nn.sweeps import Settings, Sweep, swept
from nn.task import Loss, Task
from nn.trials import Trial

if TYPE_CHECKING:
    from nn.gradients import Compiled
    from nn.shards import Sharded

__all__ = ["Confusion", "Health", "History", "LayerHealth", "TrainingError", "accuracy", "confusion", "fit", "health", "predict"]
__all__ += ["Ensemble", "Sweep", "Trial", "ensemble", "sweep"]


class TrainingError(AnomalyError):
    """Training met a number that is not finite. `history` has the epochs before, and the model has its best parameters."""

    def __init__(self, message: str, history: History, brief: str = "") -> None:
        super().__init__(message)
        self.history, self.brief = history, brief


def fit(
    model: Module,
    X: Sequence[Any],
    y: Sequence[Any],
    *,
    loss: Loss = "mse",
    optimizer: Optimizer | Callable[[list[Value]], Optimizer] | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    shuffle: bool = True,
    schedule: Callable[[int], float] | Scheduler | None = None,
    clip: float | None = None,
    validation: tuple[Sequence[Any], Sequence[Any]] | None = None,
    callbacks: Iterable[Callable[[History], Any]] = (),
    patience: int | None = None,
    seed: int | None = None,
    checkpoint: AnyPath | None = None,
    checkpoint_every: int = 1,
    resume: AnyPath | None = None,
    progress: bool | None = None,
    engine: str = "auto",
    client: Any = None,
) -> History:
    """Train the model on examples X with targets y, and return the history.

    loss             a name in `nn.losses`, or a function of outputs and targets. With several outputs and one number as target
                     it is called for each example, and the mean taken; else for all outputs and targets at once.
    optimizer        one made for these parameters, or a function from parameters to one; SGD with η = 0.1 by default
    epochs           the number of passes over all examples, including those before a checkpoint
    batch_size       None: all examples in each step (batch); 1: online; or any number between
    shuffle          whether each epoch has new batches, in an order drawn from `seed`
    schedule         a function from the number of complete epochs to the learning rate, such as those in `nn.optim`
    clip             the length to which a longer gradient is shortened before each step
    validation       held-out (X, y), whose loss and accuracy are measured after each epoch
    callbacks        functions called with the history after each epoch; one that returns True ends the training
    patience         the number of epochs without a better loss (on the validation set, if there is one) after which training
                     ends; the model then has its best parameters
    checkpoint       a file written after every `checkpoint_every` epochs, and after the last
    resume           such a file to go on from: model, optimiser, order of the examples and history continue bit for bit
    progress         True or False; None: a bar if tqdm is installed and a terminal or a notebook can show it
    engine           "eager": graphs of nodes; "strict": a compiled program of the model, with the same bits; "fast": one that
                     adds in the order that is fastest, and so ends in other last digits; "auto": strict in a long training
                     where nodes are pure Python, else eager
    client           a distributed.Client (extra `distributed`), whose workers compute the gradient of each batch in shards, if a
                     shard takes longer than a task; a warning says if not. The sums have the bits of a fixed tree of shards, on any
                     number of workers and on none, and not those of one graph. It needs a loss of `nn.losses`

    After Ctrl-C the model has its best parameters and the history so far is returned. After a number that is not finite the
    model has its best parameters too, and a TrainingError names the example and the node in which it arose.

    A compiled program is traced once from the model, which must be a function of its inputs and parameters: a Python branch on a
    number, random numbers for each example, or a hook need nodes. "auto" then uses them, and "strict" and "fast" raise a
    SettingError that names the reason. The loss may be any function. `history.engine` says which engine ran.
    """
    task = Task(model, X, y, loss)
    held_out = None if validation is None else Task(model, *_pair(validation), loss)
    optimiser = optimizer_for(model, optimizer)
    rate = optimiser.lr
    try:
        scheduler = schedule if schedule is None or isinstance(schedule, Scheduler) else Scheduler(optimiser, schedule)
        parts = (model, optimiser, scheduler, random.Random(seed), History(), model.state_dict(), task, held_out)
        run = _Run(*parts, batch_size, epochs, shuffle, clip, callbacks, patience, checkpoint, checkpoint_every, engine, client)
        run.choose_engine()
        if resume is not None:
            run.resume(resume)
    except BaseException:
        optimiser.lr = rate
        raise
    with bar(run.epochs, "training", "epoch", progress, done=run.history.epochs) as move, in_mode(model, training=True):
        run.train(lambda history: move(f"loss {short(history.losses[-1])}"))
    return run.history


def sweep(
    build: Callable[..., Module],
    X: Sequence[Any],
    y: Sequence[Any],
    *,
    settings: Settings = None,
    seeds: Iterable[int] = (0,),
    client: Any = None,
    on_trial: Callable[[Trial], Any] | None = None,
    progress: bool | None = None,
    **options: Any,
) -> Sweep:
    """Train a model for each setting and each seed, and return the trials, which print as a table.

    build      a function of `seed` and of the settings that it names, which returns a model
    settings   a grid, {"hidden": [4, 8], "lr": [0.1, 1.0]}, of which each combination is a setting, or a list of dicts. A name is
               an argument of `build`, else an option of `fit`, else one of the optimiser
    seeds      of the models and of the order of the examples
    client     a distributed.Client (extra `distributed`): its workers train, many trials a task; None: this process does
    on_trial   called with each trial as it is done; one that returns True ends the sweep
    progress   as in `fit`
    options    settings that all trials share: epochs, loss, optimizer, ...

    A trial is what `fit(build(seed=seed, ...), X, y, seed=seed, ...)` gives, to the bit, in any order and on any worker of the same
    processor and libraries. An error ends its own trial, whose `error` names it. After Ctrl-C the trials so far are returned; a
    worker that dies loses none. `found.best`, `found.model()`, `found.ensemble()` and `found.summary()` are what to ask next.
    """
    return swept(
        fit, build, X, y,
        settings=settings, seeds=seeds, client=client, on_trial=on_trial, progress=progress, options=options,
    )  # fmt: skip


def ensemble(
    build: Callable[..., Module],
    X: Sequence[Any],
    y: Sequence[Any],
    *,
    seeds: Iterable[int] = range(5),
    through: Callable[[Any], Any] | None = None,
    **options: Any,
) -> Ensemble:
    """Train a model for each seed, as `sweep` does with its options, and return the model that averages their outputs.

    `through`, such as `sigmoid` or `softmax`, is what each model's outputs go through before. A SettingError names a training that
    failed.
    """
    return sweep(build, X, y, seeds=seeds, **options).ensemble({}, through=through)


@dataclass
class _Run(checkpoints.Run):
    """The training of one call of `fit`, with its settings."""

    task: Task
    held_out: Task | None
    batch_size: int | None
    epochs: int
    shuffle: bool
    clip: float | None
    callbacks: Iterable[Callable[[History], Any]]
    patience: int | None
    checkpoint: AnyPath | None
    checkpoint_every: int
    engine: str
    client: Any

    def __post_init__(self) -> None:
        self.size = len(self.task) if self.batch_size is None else whole("batch_size", self.batch_size)
        self.epochs = whole("epochs", self.epochs, least=0)
        self.patience = None if self.patience is None else whole("patience", self.patience)
        self.checkpoint_every = whole("checkpoint_every", self.checkpoint_every)
        self.callbacks = list(self.callbacks)
        self.compiled: Compiled | Sharded | None = None
        self._named: dict[str, Value] = {}

    def choose_engine(self) -> None:
        """Compile the model, if that is asked for or saves time."""
        passes = (self.epochs - self.history.epochs) * len(self.task)
        with in_mode(self.model, training=True):
            if self.client is not None:
                from nn.shards import sharded_for

                self.compiled = sharded_for(self.client, self.engine, self.task, self.optimiser, self.held_out)
                return
            self.compiled = compiled_for(self.engine, self.task, self.optimiser, self.held_out, passes)

    def resume(self, path: AnyPath) -> None:
        """Continue the run of a checkpoint, which must have measured the same."""
        measured = {"validation_losses": self.held_out is not None, "accuracies": self.task.has_accuracy}
        validated = self.held_out.has_accuracy if self.held_out else False
        checkpoints.read(path, self, {**measured, "validation_accuracies": validated})

    def train(self, show: Callable[[History], None]) -> None:
        """Run the epochs; after Ctrl-C or an error the model has its best parameters."""
        history = self.history
        history.stopped = ""
        history.engine = "eager" if self.compiled is None else self.compiled.name
        try:
            while history.epochs < self.epochs and not history.stopped:
                is_best = self._epoch()
                show(history)
                self._after_epoch(is_best)
        except KeyboardInterrupt:
            self.model.load_state_dict(self.best)
            history.stopped = f"{INTERRUPTED} {history.epochs + 1}; the best parameters are restored"
        except (TrainingError, ArithmeticError, ValueError):
            self.model.load_state_dict(self.best)
            raise

    def _epoch(self) -> bool:
        """Take a step for each batch, record the measures, and return True if the loss is the best so far."""
        task, size, history = self.task, self.size, self.history
        before = self._state() if self.held_out is None and size >= len(task) else None
        rate = self.optimiser.lr
        order = list(range(len(task)))
        if self.shuffle and size < len(task):
            self.rng.shuffle(order)
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        loss, accuracy = task.together([self._step(batch) for batch in batches], batches)
        validation = (self.compiled or self.held_out).measure() if self.held_out else (None, None)
        history.rates.append(rate)
        history.losses.append(loss)
        for measures, x in (
            (history.accuracies, accuracy),
            (history.validation_losses, validation[0]),
            (history.validation_accuracies, validation[1]),
        ):
            measures += [] if x is None else [x]
        loss = (history.validation_losses or history.losses)[-1]
        is_best = loss < history.best_loss
        if is_best:
            # A whole batch's loss belongs to the parameters before the step; any other to those after the epoch.
            history.best_loss, history.best_epoch, self.best = loss, history.epochs - 1, before or self._state()
        if self.scheduler is not None:
            self.scheduler.step()
        return is_best

    def _state(self) -> dict[str, float]:
        """The model's `state_dict`; the names of parameters are looked up again only if the model has other ones."""
        if type(self.model).state_dict is not Module.state_dict or type(self.model).named_parameters is not Module.named_parameters:
            return self.model.state_dict()
        parameters = self.model.parameters()
        if len(parameters) != len(self._named) or not all(map(operator.is_, parameters, self._named.values())):
            self._named = dict(self.model.named_parameters())
        return dict(zip(self._named, map(DATA.__get__, self._named.values()), strict=True))

    def _step(self, batch: list[int]) -> tuple[float, int]:
        """Run forward, backward and a step of the optimiser on a batch; return the loss and the number of right outputs."""
        value, right = self._by_program(batch) or self._gradient(batch)
        if self.clip is not None:
            clip_grad_norm(self.optimiser.parameters, self.clip)
        self.optimiser.step()
        return value, right

    def _by_program(self, batch: list[int]) -> tuple[float, int] | None:
        """Set the gradients by the compiled program; None where there is none, or nodes must do it."""
        try:
            return None if self.compiled is None else self.compiled.gradient(batch)
        except Untraceable as error:
            if self.engine != "auto":
                raise SettingError(f"engine = {self.engine!r}: {error}; take engine='eager'") from None
            self.compiled, self.history.engine = None, "eager"
            return None

    def _gradient(self, batch: list[int]) -> tuple[float, int]:
        """Run forward and backward on nodes; return the loss and the number of right outputs."""
        task, history, where = self.task, self.history, f"epoch {self.history.epochs + 1}"
        try:
            outputs = [task.model(task.X[index]) for index in batch]
            loss = task.loss_of(outputs, batch)
            value, right = data_of(loss), task.right(outputs, batch)
            self.optimiser.zero_grad()
            if type(loss) is Value:
                loss.backward()
        except (ArithmeticError, ValueError) as error:
            index = task.offender(batch)
            error.add_note(f"in {where}" + ("" if index is None else f", example {index}: X[{index}] = {task.X[index]!r:.80}"))
            raise
        if not math.isfinite(value) or not all(map(math.isfinite, map(_grad_of, self.optimiser.parameters))):
            what = "a gradient is not finite" if math.isfinite(value) else f"the loss is {value!r}"
            history.stopped, brief = [f"{where}: {what}; {reason}" for reason in task.reason(batch)]
            raise TrainingError(history.stopped, history, brief)
        return value, right

    def _after_epoch(self, is_best: bool) -> None:
        """Call the callbacks, set `history.stopped` if training ends early, and write the checkpoint."""
        history = self.history
        stops = [callback(history) is True for callback in self.callbacks]
        if self.callbacks and self.compiled is not None and not self.compiled.is_current():
            self.choose_engine()
        if any(stops):
            history.stopped = f"a callback ended it after epoch {history.epochs}"
        elif self.patience is not None and not is_best and history.epochs - 1 - (history.best_epoch or 0) >= self.patience:
            history.stopped = f"no better loss for {self.patience} epochs; the best parameters are restored"
            self.model.load_state_dict(self.best)
        is_last = history.epochs == self.epochs or bool(history.stopped)
        if self.checkpoint is not None and (history.epochs % self.checkpoint_every == 0 or is_last):
            checkpoints.write(self.checkpoint, self)


_grad_of = operator.attrgetter("grad")


def _pair(validation: Any) -> tuple[Sequence[Any], Sequence[Any]]:
    try:
        X, y = validation
    except (TypeError, ValueError):
        raise SettingError(f"validation = {validation!r:.60}: a pair (X, y) of held-out examples is needed") from None
    return X, y
