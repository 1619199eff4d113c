"""The graph as a picture: the number of every node, and what flowed along every edge when the chain rule went through it.

    >>> from autograd.value import Value
    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> c = a * b
    >>> c.backward()
    >>> print(draw(c).text)
    a          data 2    grad −3
    b          data −3   grad 2
    v1 = a·b   data −6   grad 1

`draw(c).save("c.svg")` writes the picture; in a notebook it shows itself. A card is a node: label, data, grad. A circle is
the operation that made it. The text on an edge is the chain rule of that edge: × the local derivative, = the contribution
to the operand's grad, whose size is the edge's width, on a logarithmic scale, and whose sign its colour. Where nothing
flows the edge is dashed.

Three steps: `view_of` prepares the graph, `scene_of` makes plain data of what there is to see, `dot_of` writes that down.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from autograd.folding import Fold
from autograd.show.dot_text import dot_of
from autograd.show.rendering import Drawing
from autograd.show.scene import as_table, scene_of
from autograd.show.view import MAX_NODES, view_of
from autograd.value import Value

__all__ = ["Drawing", "draw", "draw_dot", "to_dot"]


def to_dot(
    root: Value | Sequence[Value],
    *more: Value,
    rankdir: str = "LR",
    max_nodes: int = MAX_NODES,
    max_edges: int | None = None,
    fold: Fold | None = None,
    expand: bool | Collection[str] = False,
    names: Mapping[str, Any] | None = None,
    legend: bool = True,
) -> str:
    """The picture of what the root depends on, as DOT text: the same graph gives the same text, on every machine.

    root       the node that a computation ended in; of several, `to_dot(y, z)` or `to_dot([y, z])`, all are in one picture
    rankdir    "LR", from left to right; or "RL", "TB", "BT"
    max_nodes  a graph with more is refused with a GraphSizeError
    max_edges  one with more edges too; ten times max_nodes, if nothing is given
    fold       "neuron" or "layer": one box for each, read from the labels of the parameters; or a function from a label to the
               name of a box or None; or a mapping from parameters to names, as `nn.families.neurons_of(model)` gives it
    expand     True opens composite operations into what they are made of; or the names of those to open
    names      names for nodes without a label: `names=locals()`
    legend     whether a line below explains the signs
    """
    view = view_of(_several(root, more), names, fold, expand, max_nodes, max_edges)
    return dot_of(scene_of(view), rankdir, legend)


def draw(
    root: Value | Sequence[Value],
    *more: Value,
    rankdir: str = "LR",
    max_nodes: int = MAX_NODES,
    max_edges: int | None = None,
    fold: Fold | None = None,
    expand: bool | Collection[str] = False,
    names: Mapping[str, Any] | None = None,
    legend: bool = True,
    engine: str | None = None,
) -> Drawing:
    """The picture of what the root depends on: shows itself in a notebook; `.save("x.svg")` writes it, `.view()` opens it.

    Arguments as for `to_dot`; `engine` says which layout engine is to draw ("dot", "graphviz-pure", "pygraphviz").
    """
    view = view_of(_several(root, more), names, fold, expand, max_nodes, max_edges)
    scene = scene_of(view)
    return Drawing(dot_of(scene, rankdir, legend), text=as_table(view, scene), engine=engine)


def draw_dot(root: Value | Sequence[Value], format: str = "svg", rankdir: str = "LR") -> Drawing:
    """micrograd's `draw_dot`: a Drawing that takes `.render("file")` and `.view()` as a graphviz.Digraph does."""
    drawing = draw(root, rankdir=rankdir)
    return Drawing(drawing.source, text=drawing.text, format=format)


def _several(root: Any, more: tuple[Any, ...]) -> Any:
    return [root, *more] if more else root
