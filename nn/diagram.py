"""A network at work on one example, as a picture: `nn.draw(model, x)` makes the inputs labelled nodes, x₁, x₂, ...

>>> from nn import MLP
>>> picture = draw(MLP(2, [2, 1], activation="tanh", seed=1), [1.0, -2.0], 0.5)
>>> print(picture.text.splitlines()[0])
x₁   data 1    grad 0.005321
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

from autograd import Value
from autograd import draw as draw_graph
from autograd.errors import OptionError
from autograd.folding import Fold
from autograd.network import subscript
from autograd.ops import number
from autograd.ops import sum as total
from autograd.show.circles import circles_of
from autograd.show.rendering import Drawing
from autograd.show.scene import as_table, scene_of
from autograd.show.view import view_of
from nn.errors import SettingError
from nn.losses import squared_error
from nn.module import Module
from nn.outputs import sequence

__all__ = ["draw", "labelled"]
STYLES = ("boxes", "circles")


def labelled(x: Any) -> list[Value]:
    """Return the inputs as leaves labelled x₁, x₂, ...; one made of a node has the node's label, if it has one.

    >>> [node.label for node in labelled([1.0, Value(-2.0, "hours")])]
    ['x₁', 'hours']
    """
    return [
        Value(each.data if isinstance(each, Value) else number(each), getattr(each, "label", "") or f"x{subscript(place)}")
        for place, each in enumerate(sequence(x), 1)
    ]


def draw(
    model: Module,
    x: Sequence[Any],
    t: Any = None,
    *,
    style: str = "boxes",
    lr: float | None = None,
    fold: Fold | None = "neuron",
    rankdir: str = "LR",
    engine: str | None = None,
) -> Drawing:
    """Draw the network at work on one example, with the inputs as its first column; the model and its gradients stay as they are.

    x       the inputs, which become leaves labelled x₁, x₂, ...; those made of nodes have the nodes' labels
    t       the target, or the targets: E = ½ Σ (t − y)² is computed and goes back through the network. None: the outputs do
    style   "boxes", as `autograd.draw(..., fold="neuron")`; "circles" as in books: δ = ∂E/∂z below each neuron, and on each line
            the weight and ∂E/∂w. Where more than 12 lines run between two layers, colour and width alone show the weights
    lr      the learning rate η; circles then have the update Δw = −η ∂E/∂w on each line
    others  as for `autograd.draw`

    Raises a SettingError for another style, or for a learning rate without circles.
    """
    if not isinstance(model, Module):
        raise SettingError(f"{model!r:.60} is no module; give a model, such as MLP(2, [3, 1])")
    if style not in STYLES:
        raise SettingError(f"style={style!r:.60}: give one of {', '.join(map(repr, STYLES))}")
    if lr is not None and (style != "circles" or not math.isfinite(number(lr))):
        raise SettingError(
            f"lr={lr!r:.60}: give a finite learning rate with style='circles', which shows the update of each weight"
        )
    model = copy.deepcopy(model)
    model.zero_grad()
    y = model(labelled(x))
    outputs = list(y) if isinstance(y, Sequence) else [y]
    if t is None:
        roots, summed = outputs, outputs[0] if len(outputs) == 1 else total(outputs)
    else:
        summed = squared_error(outputs, list(t) if isinstance(t, Sequence) else [t])
        summed.label = "E"
        roots = [summed]
    summed.backward()
    if style == "boxes":
        return draw_graph(roots, rankdir=rankdir, fold=fold, engine=engine)
    view = view_of(roots, fold=fold)
    try:
        return Drawing(circles_of(view, rankdir, lr), text=as_table(view, scene_of(view)), engine=engine)
    except OptionError as error:
        raise SettingError(str(error)) from None
