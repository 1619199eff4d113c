"""The training film of a network: one HTML file with a scrubber over the epochs, which shows what gradient descent does to it.

    >>> from nn import MLP
    >>> from nn.data import make_moons
    >>> film = page(MLP(2, [4, 1], activation="tanh", seed=1), make_moons(30, noise=0.1, random_state=1), epochs=5)
    >>> film.title, "http" in film.html
    ('Training of MLP 2 → 4 → 1', False)

Every epoch is one step on all examples, so the gradients of a frame are those that the next step descends. A frame is the network
after some number of steps: its weights, ∂E/∂w, the activity of each neuron and its ∂E/∂z. From the weights the page computes the
output of the network, and of each neuron, at any place of the plane: the activations are rows of the table, printed as JavaScript
by `autograd.page.javascript`.

Start reading at `page`, then `_Film`; the page's scripts are `film.js` and what it names.
"""

from __future__ import annotations

import copy
import itertools
import math
import sys
from array import array
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from html import escape
from io import BytesIO
from pathlib import Path
from string import Template
from typing import Any

from autograd import Value, no_grad
from autograd.errors import AutogradError
from autograd.files import AnyPath
from autograd.ops import Op, number
from autograd.page.document import HEIGHT, Page, document, resource, stripped
from autograd.page.javascript import operations
from autograd.progress import watched
from autograd.show.rendering import image_of
from autograd.text.numbers import MINUS, short
from autograd.value import toposort
from nn import plot
from nn.classes import refuse_uneven
from nn.data import surroundings
from nn.errors import SettingError, ShapeError
from nn.families import families_of
from nn.health import NeuronRecord, layer_reports, observe
from nn.history import History
from nn.layers import Layer, Neuron
from nn.live import live_training
from nn.losses import bce_with_logits
from nn.module import Module, in_mode
from nn.optim import Adam, Optimizer, optimizer_for
from nn.outputs import data_of, flattened, plain
from nn.settings import whole
from nn.task import Loss, Task
from nn.train import TrainingError, fit

__all__ = ["page"]

NUMBERS = 80_000  # weights and gradients in one file, which then has about 450 kB; a larger network has fewer frames
FEWEST = 8  # frames, however large the network
LISTED = 60  # parameters, where there are no neurons to draw
ABOUT = "{kind}, {count} parameters, {examples} examples; {steps} steps of {method}, each on all examples; loss E: {loss}."
ABOUT_ONE = "{kind}, {count} parameters, {examples} examples; 1 step of {method}, each on all examples; loss E: {loss}."
ACROSS = 20  # places in each direction where Python computes the outputs, if the page cannot


def page(
    model: Module,
    data: tuple[Sequence[Any], Sequence[Any]],
    path: AnyPath | None = None,
    *,
    epochs: int = 100,
    loss: Loss | None = None,
    optimizer: Callable[[list[Value]], Optimizer] | None = None,
    frames: int = 40,
    seed: int = 0,
    title: str = "",
    names: Sequence[str] | None = None,
    height: int = HEIGHT,
) -> Page:
    """Train a copy of the model on the examples `data`, a pair (X, y), and return its training as an interactive page.

    The model itself is unchanged. The same arguments give the same bytes.

    path        a file to write the page to
    epochs      steps, each on all examples
    loss        as for `nn.train.fit`. None: cross_entropy for several outputs and the number of a class as target, else mse
    optimizer   a function of the copy's parameters, as lambda p: SGD(p, lr=0.1); None: Adam with η = 0.05
    frames      moments that are shown, denser at the beginning; a network of many weights has fewer, so that the file stays small
    seed        as for `fit`
    title       of the page
    names       of the inputs
    height      pixels of the page in a notebook

    Two inputs give a map of the outputs over the plane, one input a curve, more inputs a table of classes or outputs against
    targets. A training that meets a number that is not finite is shown up to there, with the reason.
    Raises ShapeError or SettingError for examples that are no pair (X, y) of one width or hold a nan or an infinity, and for a
    model without parameters; OperandError for what is no number; and the errors of `fit`.
    """
    if not isinstance(model, Module) or not model.parameters():
        raise SettingError(f"{model!r:.60} has no parameters to train; give a module that has, such as MLP(2, [8, 1])")
    film = _Film(model, data, loss, names)
    epochs, frames = whole("epochs", epochs), whole("frames", frames, least=2)
    film.train(epochs, frames, optimizer or partial(Adam, lr=0.05), seed)
    title = title or f"Training of {film.kind}"
    text = f"{title}\n{film.about}\n{film.history}"
    made = Page(film.html(title), title=title, text=text, height=height, picture=film.image)
    if path is not None:
        made.save(path)
    return made


class _Film:
    """A copy of a model, its training, and the data of its page."""

    def __init__(self, model: Any, data: Any, loss: Loss | None, names: Sequence[str] | None) -> None:
        X, y = _examples(data)
        self.names = _input_names(names, len(X[0]))
        self.model: Any = copy.deepcopy(model)
        self.parameters = self.model.named_parameters()
        self.columns, self.rows = _columns(self.model, X[0])
        self.families = families_of(self.model)
        self.family = {id(family.neuron): family for family in self.families}
        with no_grad(), in_mode(self.model, training=False):
            first = self.model(X[0])
        self.is_several = several = isinstance(first, Sequence)
        self.width = len(first) if several else 1
        self.loss = loss or ("cross_entropy" if several and not isinstance(y[0], Iterable) else "mse")
        self.task = Task(self.model, X, y, self.loss)
        self.has_classes = self.task.right([first], [0]) >= 0
        self.script = operations([row for rows in self.rows for row in rows or ()])
        self.is_computed = bool(self.columns) and None not in self.rows and not self.script.missing
        sizes = [len(X[0]), *map(len, self.columns)]
        self.kind = type(model).__name__ + (f" {' → '.join(map(str, sizes))}" if self.columns else "")

    # ------------------------------------------------------------------------------------------------------------ training

    def train(self, epochs: int, frames: int, optimizer: Any, seed: int) -> None:
        """Train the copy with `fit`, and record the epochs of the frames."""
        if isinstance(optimizer, Optimizer) or not callable(optimizer):
            raise SettingError(
                f"optimizer {optimizer!r:.60}: the film trains a copy of the model; give a function that makes an optimiser of its "
                "parameters, as lambda parameters: SGD(parameters, lr=0.1)"
            )
        optimiser = optimizer_for(self.model, optimizer)
        frames = min(frames, max(FEWEST, NUMBERS // (2 * len(self.parameters))))
        wanted = _spread(epochs, frames)
        states = {0: self.model.state_dict()}
        parameters = [parameter for _, parameter in self.parameters]
        self.live = (
            live_training(self.task, parameters, optimiser, self.rows, several=self.is_several) if self.is_computed else None
        )

        def keep(history: History) -> None:
            done = len(history)
            states[done] = self.model.state_dict()
            if done - 2 not in wanted:  # done - 1 may be the last that is finite
                states.pop(done - 2, None)

        task, self.ended = self.task, ""
        options: dict[str, Any] = {"loss": self.loss, "optimizer": optimiser, "epochs": epochs, "seed": seed}
        loss, right = math.nan, None  # after the last step
        try:
            self.history = fit(self.model, task.X, task.y, callbacks=[keep], **options)
            loss, right = task.measure()
            if not math.isfinite(loss):
                self.ended = f"after the last step the loss is {loss!r}"
        except TrainingError as error:
            if not error.history.losses:
                raise
            self.history = error.history
            self.ended = error.brief
        self.losses, self.accuracies = list(self.history.losses), list(self.history.accuracies)
        if not self.ended:
            self.losses.append(loss)
            self.accuracies += [right] if right is not None else []
        last = len(self.losses) - 1
        self.epochs = sorted({epoch for epoch in wanted if epoch < last} | {last})
        looks = (self.look(states[epoch]) for epoch in self.epochs)
        self.frames = list(watched(looks, len(self.epochs), "looking at the training", "frame"))
        rule = self.loss if isinstance(self.loss, str) else getattr(self.loss, "__name__", "a function")
        self.about = (ABOUT_ONE if last == 1 else ABOUT).format(
            kind=self.kind, count=len(self.parameters), examples=len(task), steps=last, method=type(optimiser).__name__, loss=rule
        )

    def look(self, state: Mapping[str, float]) -> dict[str, Any]:
        """Return one frame: weights, ∂E/∂w; for each neuron the root mean squares of its activity and ∂E/∂z, and its trouble."""
        self.model.load_state_dict(state)
        self.model.zero_grad()
        task, records = self.task, dict[str, NeuronRecord]()
        with in_mode(self.model, training=False):
            outputs = [self.model(x) for x in task.X]
            loss = task.loss_of(outputs, range(len(task)))
            if type(loss) is Value:
                loss.backward()
        if self.columns:
            home = {parameter: family.name for family in self.families for parameter in family.parameters}
            for output in outputs:
                observe(toposort(*[y for y in flattened([output]) if type(y) is Value]), home, records)
        health = layer_reports(self.families, records)
        dead = {name for layer in health for name in layer.dead}
        saturated = {name for layer in health for name in layer.saturated}
        names = [self.family[id(neuron)].name for column in self.columns for neuron in column]
        seen = [records.get(name, NeuronRecord(uses=1)) for name in names]
        return {
            "weights": [parameter.data for _, parameter in self.parameters],
            "gradients": [parameter.grad for _, parameter in self.parameters],
            "activity": [math.sqrt(neuron.squares / neuron.uses) for neuron in seen],
            "deltas": [math.sqrt(neuron.delta_squares / neuron.uses) for neuron in seen],
            "troubles": "".join("d" if name in dead else "s" if name in saturated else "." for name in names),
            "outputs": [] if self.is_computed else [data_of(y) for y in flattened(outputs)],
            "field": [] if self.is_computed else self.field(),
        }

    # ------------------------------------------------------------------------------------------------------------ the page

    @property
    def view(self) -> str:
        """How outputs are shown: "plane", "curve", "table" (class against class) or "scatter" (outputs against targets)."""
        if len(self.names) == 2 and (self.has_classes or self.width == 1):
            return "plane"
        if len(self.names) == 1 and not (self.has_classes and self.width > 1):
            return "curve"
        return "table" if self.has_classes else "scatter"

    @property
    def limits(self) -> Any:
        """The range of each axis: ((left, right), (bottom, top))."""
        task = self.task
        targets = [number(t) for t in flattened(task.y)]
        if self.view == "plane":
            return surroundings(task.X)
        if self.view == "curve":
            across = [x for (x,) in task.X for _ in range(len(targets) // len(task))]
            return surroundings(list(zip(across, targets, strict=True)))
        return surroundings(list(zip(targets, targets, strict=True)))

    def field(self) -> list[float]:
        """Return the outputs over the plane or the line, row by row from below; NaN where the model cannot be computed."""
        if self.view not in ("plane", "curve"):
            return []
        across, up = self.limits
        sides = [across, up] if self.view == "plane" else [across]
        ticks = [[low + (high - low) * (k + 0.5) / ACROSS for k in range(ACROSS)] for low, high in sides]
        with no_grad(), in_mode(self.model, training=False):
            return [y for place in itertools.product(*reversed(ticks)) for y in self.outputs_at([*reversed(place)])]

    def outputs_at(self, x: list[float]) -> list[float]:
        try:
            return [data_of(y) for y in flattened([self.model(x)])]
        except (AutogradError, ArithmeticError, ValueError):
            return [math.nan] * self.width

    def html(self, title: str) -> str:
        """Return the whole file."""
        task, frames = self.task, self.frames
        names = [name for name, _ in self.parameters]
        columns = list(map(self.column, self.columns, self.rows))
        targets = [number(t) for t in flattened(task.y)]
        middle, reach = self.scale(targets)
        data = {
            "view": self.view,
            "names": self.names,
            "epochs": self.epochs,
            "losses": self.losses,
            "accuracies": self.accuracies,
            "ended": self.ended,
            "width": self.width,
            "X": _packed(x for row in task.X for x in row),
            "targets": _packed(targets),
            "classes": task.classes if self.has_classes else [],
            "called": [f"{MINUS}1", "1"] if -1 in targets and self.width == 1 else [],
            "threshold": task.threshold,
            "limits": [*itertools.chain(*self.limits)],
            "middle": middle,
            "reach": reach,
            "size": len(names),
            "parameters": [] if columns else names[:LISTED],
            "columns": columns,
            "computed": self.is_computed,
            "across": ACROSS,
            "troubles": [frame["troubles"] for frame in frames],
            "live": self.live.data if self.live else None,
            **{name: _packed(x for frame in frames for x in frame[name]) for name in PACKED},
        }
        live = resource("film_live.html", FOLDER) if self.live else ""
        texts = {"heading": escape(title), "about": escape(self.about), "text": escape(str(self.history)), "live": live}
        body = Template(resource("film.html", FOLDER)).substitute(texts)
        programs = [self.script.source, *([self.live.script] if self.live else [])]
        scripts = [resource(name, FOLDER) for name in SCRIPTS if self.live or name != "film_live.js"]
        script = "\n".join(map(stripped, [*programs, *scripts]))
        return document(title, body, style=resource("film.css", FOLDER), script=script, data=data)

    def image(self) -> str:
        """Return the end of the training as an <img>: the boundary between two classes on the plane, and the losses."""
        targets = [number(t) for t in flattened(self.task.y)]
        has_boundary = self.view == "plane" and self.width == 1 and len(set(targets)) <= 2
        with plot.canvas(None, (4.6, 3.6), 1 + has_boundary) as axes:
            plot.loss_curves(self.losses, ax=axes[-1:])
            if has_boundary:
                options: dict[str, Any] = {"threshold": self.scale(targets)[0], "margin": None, "resolution": 30}
                with in_mode(self.model, training=False):
                    plot.decision_boundary(
                        self.model, self.task.X, targets, names=(self.names[0], self.names[1]), ax=axes[:1], **options
                    )
            file = BytesIO()
            axes[0].figure.savefig(file, format="png", dpi=100)
        return image_of(
            file.getvalue(), "png", f"{self.about} The loss goes from {short(self.losses[0])} to {short(self.losses[-1])}."
        )

    def column(self, neurons: list[Neuron], rows: list[Op] | None) -> dict[str, Any]:
        """Return a column of neurons: its rows, the places of its parameters among all, and the name of its activation."""
        index = {parameter: place for place, (_, parameter) in enumerate(self.parameters)}
        names = [row.__name__ for row in rows or ()]
        return {
            "rows": names,
            "layer": self.family[id(neurons[0])].layer,
            "neurons": [{"name": self.family[id(n)].name, "w": [index[w] for w in n.w], "b": index[n.b]} for n in neurons],
            "name": "a function" if rows is None else " ∘ ".join(reversed(names)) or "linear",
        }

    def scale(self, targets: list[float]) -> tuple[float, float]:
        """Return the output that has no colour, and how far from it colours are full."""
        if not self.has_classes:
            low, high = min(targets), max(targets)
            return (low + high) / 2, (high - low) / 2 or 1.0
        threshold = self.task.threshold
        if threshold is None or self.task.loss is bce_with_logits:
            return threshold or 0.0, 3.0  # logits: a probability of 95 %
        return threshold, 1.0 if threshold == 0.0 else 0.5


FOLDER = Path(__file__).parent
SCRIPTS = ("film_outputs.js", "film_views.js", "film_network.js", "film_live.js", "film.js")
PACKED = ("weights", "gradients", "activity", "deltas", "outputs", "field")


# ----------------------------------------------------------------------------------------------------- what arguments mean


def _examples(data: Any) -> tuple[list[list[float]], list[Any]]:
    """Return X as rows of numbers of one width, and y."""
    try:
        X, y = map(list, data)
    except (TypeError, ValueError):
        raise SettingError(
            f"data = {data!r:.60}: a pair (X, y) of inputs and targets is needed, as make_moons(100) gives it"
        ) from None
    if not X:
        raise ShapeError("there are no examples; at least one is needed")
    rows = [[number(xi) for xi in x] if isinstance(x, Iterable) else [number(x)] for x in X]
    for index, row in enumerate(rows):
        if len(row) != len(rows[0]) or not row:
            raise ShapeError(f"X[{index}] has {len(row)} numbers and X[0] has {len(rows[0])}; all need the same, and at least one")
        for place, x in enumerate(row):
            if not math.isfinite(x):
                raise SettingError(f"X[{index}][{place}] = {x!r}: leave the example out, or repair it")
    refuse_uneven(rows, y)
    for index, target in enumerate(y):
        for t in flattened([plain(target)]):
            if not math.isfinite(number(t)):
                raise SettingError(f"y[{index}] = {target!r:.60}: leave the example out, or repair it")
    return rows, y


def _input_names(names: Sequence[str] | None, width: int) -> list[str]:
    if names is None:
        return [f"x{str(i).translate(SUBSCRIPTS)}" for i in range(1, width + 1)] if width > 1 else ["x"]
    if isinstance(names, str) or len(names) != width:
        raise SettingError(f"names = {names!r:.60}: a list of {width} names is needed, one for each input")
    return [str(name) for name in names]


SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _columns(model: Any, x: list[float]) -> tuple[list[list[Neuron]], list[list[Op] | None]]:
    """Return the layers of neurons if the model is a chain of them, and the rows applied to the logits of each; else ([], []).

    A layer with another function than a row has None instead of rows.
    """
    columns: list[list[Neuron]] = []
    rows: list[list[Op] | None] = []
    values: Any = x
    with no_grad(), in_mode(model, training=False):
        for part in getattr(model, "layers", [model]):
            neurons = part.neurons if isinstance(part, Layer) else [part] if isinstance(part, Neuron) else None
            if neurons is not None:
                if any(len(neuron.w) != len(values) for neuron in neurons):
                    return [], []
                values = [neuron(values) for neuron in neurons]
                activations = {neuron.activation for neuron in neurons}
                columns.append(neurons)
                rows.append(_as_rows(activations.pop()) if len(activations) == 1 else None)
            elif not columns or isinstance(part, Module):
                return [], []
            else:
                values = [part(y) for y in values] if isinstance(part, Op) else flattened([part(values)])
                before, own = rows[-1], _as_rows(part)
                rows[-1] = None if before is None or own is None else before + own
        is_chain = bool(columns) and [data_of(y) for y in values] == [data_of(y) for y in flattened([model(x)])]
    return (columns, rows) if is_chain else ([], [])


def _as_rows(activation: Any) -> list[Op] | None:
    return [] if activation is None else [activation] if isinstance(activation, Op) else None


def _spread(last: int, count: int) -> set[int]:
    """Return `count` whole numbers from 0 to `last`, or all if there are fewer; the gaps between them grow by a constant factor."""
    chosen = [0]
    while chosen[-1] < last:
        left = max(1, count - len(chosen))
        factor = ((last + 1) / (chosen[-1] + 1)) ** (1 / left)
        chosen.append(min(last, max(chosen[-1] + 1, round((chosen[-1] + 1) * factor) - 1)))
    return set(chosen)


def _packed(numbers: Iterable[float]) -> str:
    """Return numbers as a page reads them fastest: four bytes each, the lowest first, in base64."""
    packed = array("f", numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return b64encode(packed.tobytes()).decode()
