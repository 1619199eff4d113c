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

`health` looks at a network that does not learn, and says what is wrong with which neuron. Start reading at `fit`.
"""

from __future__ import annotations

import contextlib
import math
import random
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import Value, detect_anomaly, no_grad
from autograd.errors import AnomalyError, AutogradError, MissingExtraError
from autograd.files import AnyPath
from autograd.graph import families
from autograd.ops import mean, number
from autograd.value import exhaust, restoring_gradients, toposort
from nn import losses as _losses
from nn.checkpoint import Run, read, write
from nn.errors import SettingError, ShapeError
from nn.history import History, aligned
from nn.module import Module
from nn.optim import SGD, Optimizer, Scheduler, clip_grad_norm

__all__ = ["Confusion", "Health", "History", "LayerHealth", "TrainingError", "accuracy", "confusion", "fit", "health", "predict"]

Loss = str | Callable[[Any, Any], Any]
"""The name of one in `nn.losses`, or a function of outputs and targets."""


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
    task = _Task(model, X, y, loss)
    aside = None if validation is None else _Task(model, *_pair(validation), loss)
    optimiser = _optimiser(model, optimizer)
    size = len(task) if batch_size is None else _at_least("batch_size", batch_size, 1)
    epochs, checkpoint_every = _at_least("epochs", epochs, 0), _at_least("checkpoint_every", checkpoint_every, 1)
    patience = None if patience is None else _at_least("patience", patience, 1)
    callbacks = list(callbacks)
    run = _begun(model, optimiser, schedule, seed, resume, task, aside)
    history = run.history
    history.stopped = ""
    step = _Step(task, optimiser, history, clip)
    with _bar(epochs, history.epochs, progress) as bar, _mode(model, training=True):
        try:
            for epoch in range(history.epochs, epochs):
                before = model.state_dict() if aside is None and size >= len(task) else None
                rate = optimiser.lr
                order = list(range(len(task)))
                if shuffle and size < len(task):
                    run.rng.shuffle(order)
                batches = [order[start : start + size] for start in range(0, len(order), size)]
                measured = [step(batch) for batch in batches]
                run.record(rate, *task.together(measured, batches), aside.measure() if aside else None)
                # A whole batch's loss belongs to the parameters before the step; any other to those after the epoch.
                is_best = run.keep_if_best(before or model.state_dict())
                if run.scheduler is not None:
                    run.scheduler.step()
                bar(history)
                stops = [callback(history) is True for callback in callbacks]
                if any(stops):
                    history.stopped = f"a callback ended it after epoch {epoch + 1}"
                elif patience is not None and not is_best and epoch - (history.best_epoch or 0) >= patience:
                    history.stopped = f"no better loss for {patience} epochs; the parameters of the best are back"
                    run.put_back_best()
                if checkpoint is not None and (history.epochs % checkpoint_every == 0 or epoch + 1 == epochs or history.stopped):
                    write(checkpoint, run)
                if history.stopped:
                    break
        except KeyboardInterrupt:
            run.put_back_best()
            history.stopped = f"interrupted in epoch {history.epochs + 1}; the best parameters are back"
        except (TrainingError, ArithmeticError, ValueError):
            run.put_back_best()
            raise
    return history


@dataclass
class _Step:
    """Forward, backward and a step on the examples of a batch; gives their loss, and how many were right."""

    task: _Task
    optimiser: Optimizer
    history: History
    clip: float | None

    def __call__(self, batch: list[int]) -> tuple[float, int]:
        task, optimiser, where = self.task, self.optimiser, f"epoch {self.history.epochs + 1}"
        try:
            outputs = [task.model(task.X[index]) for index in batch]
            loss = task.loss_of(outputs, batch)
            value, right = _data(loss), task.right(outputs, batch)
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


class _Task:
    """Examples, and how wrong a model is on them."""

    def __init__(self, model: Module, X: Sequence[Any], y: Sequence[Any], loss: Loss) -> None:
        if len(X) != len(y):
            raise ShapeError(f"{len(X)} inputs and {len(y)} targets; each input needs its target")
        if not len(X):
            raise ShapeError("there are no examples; at least one is needed")
        self.model: Any = model
        self.X, self.y = X, [_plain(target) for target in y]
        self.loss = _loss(loss)
        on_logits = self.loss is _losses.bce_with_logits or self.loss is _losses.hinge
        self.threshold = _threshold(self.y, 0.0 if on_logits else None)
        self.classes = [_target_class(target) for target in self.y] if _names_classes(self.y) else []
        self.is_sum = self.loss is _losses.squared_error  # E = ½ Σ over all examples, where others are means

    def __len__(self) -> int:
        return len(self.X)

    def loss_of(self, outputs: list[Any], batch: Sequence[int]) -> Any:
        """The loss of these outputs, those of the examples in the batch."""
        targets = [self.y[index] for index in batch]
        if isinstance(outputs[0], Sequence) and not isinstance(targets[0], list):
            each = [self.loss(output, target) for output, target in zip(outputs, targets, strict=True)]
            return mean(each)
        return self.loss(_flat(outputs), _flat(targets))

    @property
    def has_accuracy(self) -> bool | None:
        """Whether the targets are classes that outputs can name; None if it depends on the number of outputs."""
        return bool(self.classes) and (self.threshold is not None or None)

    def right(self, outputs: list[Any], batch: Sequence[int]) -> int:
        """How many of these outputs name the right class; -1 if the targets are no classes."""
        if not self.classes or (self.threshold is None and not isinstance(outputs[0], Sequence)):
            return -1
        return sum(_class_of(output, self.threshold) == self.classes[i] for output, i in zip(outputs, batch, strict=True))

    def together(self, measured: list[tuple[float, int]], batches: list[list[int]]) -> tuple[float, float | None]:
        """The loss and the accuracy of an epoch from those of its batches."""
        if self.is_sum:
            loss = math.fsum(value for value, _ in measured)
        elif len(batches) == 1:
            loss = measured[0][0]
        else:
            loss = math.fsum(value * len(batch) for (value, _), batch in zip(measured, batches, strict=True)) / len(self)
        return loss, (None if measured[0][1] < 0 else sum(right for _, right in measured) / len(self))

    def measure(self) -> tuple[float, float | None]:
        """The loss and the accuracy as they are, without a graph."""
        everything = range(len(self))
        with no_grad(), _mode(self.model, training=False):
            outputs = [self.model(x) for x in self.X]
            return self.together([(_data(self.loss_of(outputs, everything)), self.right(outputs, everything))], [list(everything)])

    def reason(self, batch: list[int]) -> str:
        """Which parameter, example and node a number that is not finite came from: the batch again, example by example."""
        for name, parameter in self.model.named_parameters():
            if not math.isfinite(parameter.data):
                return f"{name} became {parameter.data!r} in the step before; take a smaller learning rate, or clip the gradients"
        for index in batch:
            for place, x in enumerate(_flat([self.X[index]])):
                if not math.isfinite(_data(x)):
                    return f"example {index}: its input {place} is {_data(x)!r}; leave the example out, or repair it"
        for index in batch:
            try:
                with detect_anomaly():
                    loss = self.loss_of([self.model(self.X[index])], [index])
                    loss.backward()
            except (AutogradError, ArithmeticError) as error:
                return f"example {index}: {error}"
        return "each example alone is finite, and their sum is too large for a float; take a smaller learning rate"

    def offender(self, batch: list[int]) -> int | None:
        """The first example of the batch that cannot be computed alone, if there is one."""
        for index in batch:
            try:
                self.loss_of([self.model(self.X[index])], [index])
            except (ArithmeticError, ValueError):
                return index
        return None


class _Run(Run):
    """The run of one call of `fit`."""

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
    model: Module, optimiser: Optimizer, schedule: Any, seed: int | None, resume: AnyPath | None, task: _Task, aside: _Task | None
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


# ------------------------------------------------------------------------------------------------------------- using a model


def predict(model: Callable[[Any], Any], X: Sequence[Any], *, threshold: float | None = None) -> list[Any]:
    """For each input what the model says: of several outputs the index of the largest, of one the number itself.

    With `threshold=`, one output is a class too: 1 above the threshold, 0 otherwise (½ for a probability, 0 for a logit).
    """
    with no_grad(), _mode(model, training=False):
        outputs = [model(x) for x in X]
    return [_data(y) if threshold is None and not isinstance(y, Sequence) else _class_of(y, threshold) for y in outputs]


def accuracy(model: Callable[[Any], Any], X: Sequence[Any], y: Sequence[Any], *, threshold: float | None = None) -> float:
    """The part of the inputs whose class the model names.

    One output counts as class 1 above the threshold: 0 for targets −1 and 1, ½ for targets 0 and 1 unless `threshold=` says
    otherwise, as it must for logits (0).
    """
    return confusion(model, X, y, threshold=threshold).accuracy


def confusion(model: Callable[[Any], Any], X: Sequence[Any], y: Sequence[Any], *, threshold: float | None = None) -> Confusion:
    """How often each class was taken for each; the threshold is that of `accuracy`."""
    if len(X) != len(y):
        raise ShapeError(f"{len(X)} inputs and {len(y)} targets; each input needs its target")
    if not len(X):
        raise ShapeError("there are no examples; at least one is needed")
    targets = [_plain(target) for target in y]
    if not _names_classes(targets):
        raise SettingError(f"y = {targets!r:.60}: classes are needed: 0, 1, 2, ..., or -1 and 1, or lists with a single 1")
    with no_grad(), _mode(model, training=False):
        outputs = [model(x) for x in X]
    several = isinstance(outputs[0], Sequence)
    if not several and _threshold(targets, threshold) is None:
        raise SettingError(f"one output tells two classes, and the targets are {sorted(set(targets))}; give it an output for each")
    named = [_class_of(output, _threshold(targets, threshold)) for output in outputs]
    actual = [_target_class(target) for target in targets]
    n = max(len(outputs[0]) if several else 2, max(actual) + 1)
    counts = [[0] * n for _ in range(n)]
    for truth, answer in zip(actual, named, strict=True):
        counts[truth][answer] += 1
    return Confusion(counts, ["-1", "1"] if -1.0 in targets else [str(index) for index in range(n)])


@dataclass(frozen=True)
class Confusion:
    """`counts[actual][named]`: how often a class was given which name. Printed, it is a table; a point is a zero."""

    counts: list[list[int]]
    classes: list[str]

    @property
    def accuracy(self) -> float:
        """The part on the diagonal."""
        return sum(row[index] for index, row in enumerate(self.counts)) / sum(map(sum, self.counts))

    def __str__(self) -> str:
        rows = [["actual", *self.classes, "right"]]
        for index, (name, row) in enumerate(zip(self.classes, self.counts, strict=True)):
            share = f"{row[index] / sum(row):.0%}" if sum(row) else ""
            rows.append([name, *[str(count) if count else "·" for count in row], share])
        return aligned(rows)


# ------------------------------------------------------------------------------------------------------------------ health

SATURATED = 0.05  # of the steepest slope: below it a neuron hardly learns (|tanh| > 0.975, sigmoid < 0.013 or > 0.987)
MOSTLY = 0.9  # of the examples
FADED = 1e-3  # of the deltas of the last layer, below which a layer's have vanished; above the inverse they explode
STEEPEST = {"sigmoid": 0.25, "tanh": 1.0, "softsign": 1.0, "hardtanh": 1.0}


@dataclass(frozen=True)
class LayerHealth:
    """One layer over all examples: the names of its neurons in trouble, and how large its activities and deltas are."""

    name: str
    activation: str
    neurons: int
    dead: list[str]  # a gate that no example opens
    saturated: list[str]  # a slope next to nothing for nearly all examples
    activity: float  # root mean square of the outputs
    delta: float  # root mean square of ∂E/∂z


@dataclass(frozen=True)
class Health:
    """What `health` found: the layers, the parameters that nothing depends on, and what to do. Printed, it is a report."""

    layers: list[LayerHealth]
    disconnected: list[str]
    advice: list[str]

    @property
    def healthy(self) -> bool:
        """Whether nothing was found."""
        return not self.advice

    def __str__(self) -> str:
        rows = [["layer", "activation", "neurons", "dead", "saturated", "activity", "delta"]]
        for layer in self.layers:
            counts = [str(layer.neurons), str(len(layer.dead)), str(len(layer.saturated))]
            rows.append([layer.name, layer.activation, *counts, f"{layer.activity:.2e}", f"{layer.delta:.2e}"])
        return "\n".join([aligned(rows), *(f"• {line}" for line in self.advice or ["nothing wrong was found"])])


def health(model: Module, X: Sequence[Any], y: Sequence[Any] | None = None, *, loss: Loss = "mse") -> Health:
    """Run every example forward and backward, and look for what keeps a network from learning.

    Dead relus, saturated sigmoids, deltas ∂E/∂z that vanish or explode on their way back, and parameters that the output does
    not depend on. Without targets E is the sum of the outputs. Gradients and parameters are left as they were.
    """
    task = _Task(model, X, [0.0] * len(X) if y is None else y, loss)
    names = {parameter: name for name, parameter in model.named_parameters()}
    undo = restoring_gradients(list(names))
    connected: set[Value] = set()
    neurons: dict[str, _Neuron] = {}
    try:
        for index, x in enumerate(X):
            with _mode(model, training=False):
                output = task.model(x)
            root: Any = sum(_flat([output])) if y is None else task.loss_of([output], [index])
            if type(root) is not Value:
                continue  # nothing depends on any parameter
            root.backward()
            order = toposort(*[node for node in _flat([output]) if type(node) is Value])
            connected.update(node for node in order if node in names)
            _visit(order, neurons)
    finally:
        exhaust(undo)
    places = [parameter.label for parameter in names]
    in_order = sorted(neurons, key=lambda name: next(i for i, label in enumerate(places) if label.startswith(name + ".")))
    layers = _layers({name: neurons[name] for name in in_order})
    disconnected = [name for parameter, name in names.items() if parameter not in connected]
    return Health(layers, disconnected, list(_advice(layers, disconnected)))


@dataclass
class _Neuron:
    """What is summed up for one neuron over the examples."""

    activation: str = "linear"
    closed: int = 0
    flat: int = 0
    uses: int = 0
    squares: float = 0.0
    delta_squares: float = 0.0


def _visit(order: list[Value], neurons: dict[str, _Neuron]) -> None:
    """Add one example's graph, after its backward."""
    tops: dict[str, Value] = {}
    home = families(order, "neuron")
    for node in order:
        if node.operands and node in home:
            tops[home[node]] = node  # the last one, operands before users: the neuron's output
    for name, top in tops.items():
        neuron = neurons.setdefault(name, _Neuron())
        z = top
        neuron.uses += 1
        neuron.squares += top.data * top.data
        if len(top.operands) == 1 and top.operands[0].operands and home.get(top.operands[0]) == name and top.op is not None:
            ((z, slope, _, is_open),) = top.edges
            neuron.activation = top.op.__name__
            neuron.closed += not is_open
            steepest = STEEPEST.get(neuron.activation)
            neuron.flat += steepest is not None and (not is_open or slope < SATURATED * steepest)
        neuron.delta_squares += z.grad * z.grad


def _layers(neurons: Mapping[str, _Neuron]) -> list[LayerHealth]:
    grouped: dict[str, dict[str, _Neuron]] = {}
    for name, neuron in neurons.items():
        grouped.setdefault(name.rpartition(".neurons[")[0] or name, {})[name] = neuron
    return [
        LayerHealth(
            layer,
            ", ".join(dict.fromkeys(neuron.activation for neuron in group.values())),
            len(group),
            [name for name, n in group.items() if n.closed == n.uses and n.activation not in STEEPEST],
            [name for name, n in group.items() if n.flat >= MOSTLY * n.uses],
            _root_mean_square([(n.squares, n.uses) for n in group.values()]),
            _root_mean_square([(n.delta_squares, n.uses) for n in group.values()]),
        )
        for layer, group in grouped.items()
    ]


def _advice(layers: list[LayerHealth], disconnected: list[str]) -> Iterator[str]:
    for layer in layers:
        if layer.dead:
            yield (
                f"{layer.name}: {len(layer.dead)} of {layer.neurons} neurons are dead, no example opens them "
                f"({_some(layer.dead)}): start again with a smaller learning rate, or take leaky_relu"
            )
        if layer.saturated:
            yield (
                f"{layer.name}: {len(layer.saturated)} of {layer.neurons} neurons are saturated ({_some(layer.saturated)}): "
                "standardise the inputs, start from smaller weights, or take relu; at the output, a loss on the logit"
            )
    last = layers[-1].delta if layers else 0.0
    for layer in layers:
        if not math.isfinite(layer.delta) or (last > 0.0 and layer.delta > last / FADED):
            yield (
                f"{layer.name}: deltas explode, {layer.delta:.1e} against {last:.1e} at the output: start from smaller weights "
                "(xavier or he), clip the gradients, or take a smaller learning rate"
            )
        elif 0.0 <= layer.delta < last * FADED and len(layer.dead) < layer.neurons:
            yield (
                f"{layer.name}: deltas vanish, {layer.delta:.1e} against {last:.1e} at the output: take relu or tanh, weights "
                "of the right size (xavier or he), or fewer layers"
            )
    if disconnected:
        yield (
            f"{len(disconnected)} parameters are disconnected, no output depends on them ({_some(disconnected)}): use them in "
            "the forward pass, or remove them"
        )


def _root_mean_square(sums: list[tuple[float, int]]) -> float:
    count = sum(n for _, n in sums)
    return math.sqrt(sum(total for total, _ in sums) / count) if count else 0.0


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


# ---------------------------------------------------------------------------------------------------------- what arguments mean


def _loss(loss: Loss) -> Callable[[Any, Any], Any]:
    if isinstance(loss, str):
        known = [name for name in _losses.__all__ if name != "l2"]
        if loss not in known:
            raise SettingError(f"loss {loss!r} is not known; take one of {', '.join(known)}, or a function of outputs and targets")
        loss = getattr(_losses, loss)
    if not callable(loss):
        raise SettingError(f"loss {loss!r:.60} cannot be called; take the name of one in nn.losses, or a function")
    return loss


def _optimiser(model: Module, optimizer: Any) -> Optimizer:
    if optimizer is None:
        return SGD(model.parameters(), lr=0.1)
    made = optimizer if isinstance(optimizer, Optimizer) else optimizer(model.parameters()) if callable(optimizer) else None
    if not isinstance(made, Optimizer):
        raise SettingError(
            f"optimizer {optimizer!r:.60} is none; give SGD(model.parameters(), lr=0.1), or lambda parameters: SGD(parameters)"
        )
    return made


def _pair(validation: Any) -> tuple[Sequence[Any], Sequence[Any]]:
    try:
        X, y = validation
    except (TypeError, ValueError):
        raise SettingError(
            f"validation = {validation!r:.60}: a pair (X, y) is needed, examples that training does not see"
        ) from None
    return X, y


def _at_least(name: str, n: Any, least: int) -> int:
    if isinstance(n, bool) or not isinstance(n, int) or n < least:
        raise SettingError(f"{name} = {n!r}: a whole number of at least {least} is needed")
    return n


def _plain(target: Any) -> Any:
    """A target as a constant: a number, or a list of them."""
    if type(target) is Value:
        return target.data
    return [_plain(t) for t in target] if isinstance(target, Iterable) and not isinstance(target, str) else target


def _data(x: Any) -> float:
    return x.data if type(x) is Value else number(x)


def _flat(outputs: Iterable[Any]) -> list[Any]:
    """Numbers and nodes out of as many lists as there are around them."""
    return [
        x for output in outputs for x in (_flat(output) if isinstance(output, Iterable) and type(output) is not Value else [output])
    ]


# -------------------------------------------------------------------------------------------------------------------- classes


def _names_classes(targets: Sequence[Any]) -> bool:
    """Whether these are 0, 1, 2, ..., or -1 and 1, or lists of zeros and a single one."""
    if any(isinstance(target, list) for target in targets):
        return all(isinstance(t, list) and t.count(1) == 1 and t.count(0) == len(t) - 1 for t in targets)
    return set(targets) <= {-1, 1} or all(target >= 0 and target == int(target) for target in targets)


def _threshold(targets: Sequence[Any], asked: float | None) -> float | None:
    """What one output must exceed for the upper of two classes; None if the targets are not two classes."""
    if any(isinstance(target, list) for target in targets):
        return None
    classes = set(targets)
    if classes <= {0, 1}:
        return 0.5 if asked is None else asked
    if classes <= {-1, 1}:
        return 0.0 if asked is None else asked
    return None


def _class_of(output: Any, threshold: float | None) -> int:
    if isinstance(output, Sequence):
        numbers = [_data(y) for y in output]
        return numbers.index(max(numbers))
    return int(_data(output) > (0.5 if threshold is None else threshold))


def _target_class(target: Any) -> int:
    return target.index(1) if isinstance(target, list) else max(0, int(target))


# ----------------------------------------------------------------------------------------------------------- around the training


@contextlib.contextmanager
def _mode(model: Any, *, training: bool) -> Iterator[None]:
    """In the block, every module inside the model has this `training`; afterwards it is as before."""
    parts = model.modules() if isinstance(model, Module) else []
    changed = [part for part in parts if part.training is not training]
    for part in changed:
        part.training = training
    try:
        yield
    finally:
        for part in changed:
            part.training = not training


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
            bar.set_postfix_str(f"loss {history.losses[-1]:.4g}", refresh=False)
            bar.update()

        yield move
