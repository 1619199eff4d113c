"""Training: the loop of every lesson, written once, with what one wants around it.

    >>> from nn import MLP, Adam
    >>> from nn.data import make_moons
    >>> X, y = make_moons(40, noise=0.1, random_state=1)
    >>> model = MLP(2, [8, 1], activation="tanh", seed=1)
    >>> history = fit(model, X, y, loss="bce_with_logits", optimizer=lambda p: Adam(p, lr=0.1), epochs=80)
    >>> history.losses[0] > 10 * history.losses[-1], history.accuracies[-1]
    (True, 1.0)
    >>> predict(model, [[0.0, 1.0], [1.0, -0.5]], threshold=0.0)
    [0, 1]

One epoch goes over all the examples, one step of the optimiser goes down one batch: forward, loss, backward, step. The order
of the examples is drawn from `seed=`, nothing else is random, and no order depends on hashes: the same seed gives the same
bits. A checkpoint is JSON, exact to the bit, so that a run resumed from it is the run that was never interrupted.

Start reading at `fit`. What a model has learnt is measured by `predict`, `accuracy` and `confusion` of `nn.classes`, and `health`
of `nn.health` says what is wrong with which neuron of a network that does not learn; they are names of this module too.
"""

from __future__ import annotations

import contextlib
import math
import random
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import Value
from autograd.errors import AnomalyError, MissingExtraError
from autograd.files import AnyPath
from autograd.text.numbers import short
from nn.checkpoint import Run, read, write
from nn.classes import Confusion, accuracy, confusion, predict
from nn.errors import SettingError
from nn.health import Health, LayerHealth, health
from nn.history import History
from nn.module import Module, in_mode
from nn.optim import Optimizer, Scheduler, clip_grad_norm, optimizer_for
from nn.outputs import data_of
from nn.settings import whole
from nn.task import Loss, Task

__all__ = ["Confusion", "Health", "History", "LayerHealth", "TrainingError", "accuracy", "confusion", "fit", "health", "predict"]


class TrainingError(AnomalyError):
    """Training met a number that is not finite; `history` is what there was before, and the model has its best parameters."""

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


# -------------------------------------------------------------------------------------------------------------------- fit


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
) -> History:
    """Train the model on examples X with targets y, and return what happened.

    loss             a name in `nn.losses`, or a function of outputs and targets. With several outputs and one number as target
                     it is asked for each example, and the mean taken; else for all outputs and targets at once.
    optimizer        one made for these parameters, or a function that makes it of them; SGD with η = 0.1 if none is given
    epochs           how many times over all examples, those before a checkpoint included
    batch_size       None: all examples in each step (batch); 1: online; or any number between
    shuffle          whether the batches are dealt anew for each epoch, in an order drawn from `seed`
    schedule         a function from the number of epochs done to the learning rate, such as those in `nn.optim`
    clip             the length to which a longer gradient is shortened before each step
    validation       (X, y) put aside, whose loss and accuracy are measured after each epoch
    callbacks        functions called with the history after each epoch; one that returns True ends the training
    patience         epochs without a better loss, the validation's if there is one, before training ends; the best
                     parameters are then put back
    checkpoint       a file written after every `checkpoint_every` epochs, and after the last
    resume           such a file, to go on from: model, optimiser, order of the examples and history continue bit for bit
    progress         True or False; None: a bar where a terminal or a notebook shows it and tqdm is installed

    Ctrl-C puts the best parameters back and returns the history so far. A number that is not finite does the same and raises
    a TrainingError, which says in which example and which node it arose.
    """
    task = Task(model, X, y, loss)
    aside = None if validation is None else Task(model, *_pair(validation), loss)
    optimiser = optimizer_for(model, optimizer)
    size = len(task) if batch_size is None else whole("batch_size", batch_size)
    epochs, every = whole("epochs", epochs, least=0), whole("checkpoint_every", checkpoint_every)
    ends = _Ends(epochs, list(callbacks), None if patience is None else whole("patience", patience), checkpoint, every)
    run = _begun(model, optimiser, schedule, seed, resume, task, aside)
    step = _Step(task, optimiser, run.history, clip)
    with _bar(epochs, run.history.epochs, progress) as bar, in_mode(model, training=True):
        _train(run, step, aside, size, shuffle, ends, bar)
    return run.history


@dataclass
class _Ends:
    """When training ends, and when it is written to a file."""

    epochs: int
    callbacks: list[Callable[[History], Any]]
    patience: int | None
    checkpoint: AnyPath | None
    checkpoint_every: int

    def after(self, run: _Run, is_best: bool) -> bool:
        """Call the callbacks after an epoch, write the checkpoint, and return whether training ends."""
        history = run.history
        stops = [callback(history) is True for callback in self.callbacks]
        if any(stops):
            history.stopped = f"a callback ended it after epoch {history.epochs}"
        elif self.patience is not None and not is_best and history.epochs - 1 - (history.best_epoch or 0) >= self.patience:
            history.stopped = f"no better loss for {self.patience} epochs; the parameters of the best are back"
            run.put_back_best()
        is_last = history.epochs == self.epochs or bool(history.stopped)
        if self.checkpoint is not None and (history.epochs % self.checkpoint_every == 0 or is_last):
            write(self.checkpoint, run)
        return bool(history.stopped)


def _train(
    run: _Run, step: _Step, aside: Task | None, size: int, shuffle: bool, ends: _Ends, show: Callable[[History], None]
) -> None:
    """Run epochs until one of the ends is reached; after Ctrl-C or an error the best parameters are back."""
    history = run.history
    history.stopped = ""
    try:
        for _ in range(history.epochs, ends.epochs):
            is_best = run.epoch(step, aside, size, shuffle)
            show(history)
            if ends.after(run, is_best):
                break
    except KeyboardInterrupt:
        run.put_back_best()
        history.stopped = f"interrupted in epoch {history.epochs + 1}; the best parameters are back"
    except (TrainingError, ArithmeticError, ValueError):
        run.put_back_best()
        raise


@dataclass
class _Step:
    """Forward, backward and a step on the examples of a batch; gives their loss, and how many were right."""

    task: Task
    optimiser: Optimizer
    history: History
    clip: float | None

    def __call__(self, batch: list[int]) -> tuple[float, int]:
        task, optimiser, where = self.task, self.optimiser, f"epoch {self.history.epochs + 1}"
        try:
            outputs = [task.model(task.X[index]) for index in batch]
            loss = task.loss_of(outputs, batch)
            value, right = data_of(loss), task.right(outputs, batch)
            optimiser.zero_grad()
            if type(loss) is Value:
                loss.backward()
        except (ArithmeticError, ValueError) as error:
            index = task.offender(batch)
            error.add_note(f"in {where}" + ("" if index is None else f", example {index}: X[{index}] = {task.X[index]!r:.80}"))
            raise
        if not math.isfinite(value) or not all(math.isfinite(parameter.grad) for parameter in optimiser.parameters):
            what = "a gradient is not finite" if math.isfinite(value) else f"the loss is {value!r}"
            self.history.stopped = f"{where}: {what}; {task.reason(batch)}"
            raise TrainingError(self.history.stopped, self.history)
        if self.clip is not None:
            clip_grad_norm(optimiser.parameters, self.clip)
        optimiser.step()
        return value, right


class _Run(Run):
    """The run of one call of `fit`."""

    def epoch(self, step: _Step, aside: Task | None, size: int, shuffle: bool) -> bool:
        """Take a step for each batch of an epoch, record what was measured, and return whether its loss is the best so far."""
        task = step.task
        before = self.model.state_dict() if aside is None and size >= len(task) else None
        rate = step.optimiser.lr
        order = list(range(len(task)))
        if shuffle and size < len(task):
            self.rng.shuffle(order)
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        measured = [step(batch) for batch in batches]
        self.record(rate, *task.together(measured, batches), aside.measure() if aside else None)
        # A whole batch's loss belongs to the parameters before the step; any other to those after the epoch.
        is_best = self.keep_if_best(before or self.model.state_dict())
        if self.scheduler is not None:
            self.scheduler.step()
        return is_best

    def record(self, rate: float, loss: float, right: float | None, aside: tuple[float, float | None] | None) -> None:
        history = self.history
        history.rates.append(rate)
        history.losses.append(loss)
        if right is not None:
            history.accuracies.append(right)
        if aside is not None:
            history.validation_losses.append(aside[0])
            if aside[1] is not None:
                history.validation_accuracies.append(aside[1])

    def keep_if_best(self, state: dict[str, float]) -> bool:
        history = self.history
        loss = (history.validation_losses or history.losses)[-1]
        if loss < history.best_loss:
            history.best_loss, history.best_epoch, self.best = loss, history.epochs - 1, state
            return True
        return False

    def put_back_best(self) -> None:
        self.model.load_state_dict(self.best)


def _begun(
    model: Module, optimiser: Optimizer, schedule: Any, seed: int | None, resume: AnyPath | None, task: Task, aside: Task | None
) -> _Run:
    """A new run, or that of a checkpoint; if it does not fit, all is as it was."""
    rate = optimiser.lr
    try:
        scheduler = schedule if schedule is None or isinstance(schedule, Scheduler) else Scheduler(optimiser, schedule)
        run = _Run(model, optimiser, scheduler, random.Random(seed), History(), model.state_dict())
        if resume is not None:
            accuracies = {"accuracies": task.has_accuracy, "validation_accuracies": aside is not None and aside.has_accuracy}
            read(resume, run, {"validation_losses": aside is not None, **accuracies})
    except BaseException:
        optimiser.lr = rate
        raise
    return run


# ---------------------------------------------------------------------------------------------------------- what arguments mean


def _pair(validation: Any) -> tuple[Sequence[Any], Sequence[Any]]:
    try:
        X, y = validation
    except (TypeError, ValueError):
        raise SettingError(
            f"validation = {validation!r:.60}: a pair (X, y) is needed, examples that training does not see"
        ) from None
    return X, y


@contextlib.contextmanager
def _bar(epochs: int, done: int, progress: bool | None) -> Iterator[Callable[[History], None]]:
    """A function to call after each epoch, which moves a bar where one is wanted."""
    if progress is False or (progress is None and not (sys.stderr.isatty() or "ipykernel" in sys.modules)):
        yield lambda history: None
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # in a notebook without widgets the bar is one of text, and says so
            from tqdm.auto import tqdm
    except ImportError:
        if progress:
            raise MissingExtraError("tqdm", "progress") from None
        yield lambda history: None
        return
    with tqdm(total=epochs, initial=done, desc="training", unit="epoch", leave=False) as bar:

        def move(history: History) -> None:
            bar.set_postfix_str(f"loss {short(history.losses[-1])}", refresh=False)
            bar.update()

        yield move
