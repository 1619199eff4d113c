"""The page: one self-contained file that plays the chain rule forward and backward, with sliders on the leaves.

    >>> from autograd.value import Value
    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> to_html(a * b).title
    'a * b'

`to_html(L, "L.html")` writes it. The page computes by itself, in JavaScript that was made from the rows of the table. Its
sentences at every step are those of Python's tape. It requests nothing from the network.

`scene.py` describes the page as data, `layout.py` places the picture, `steps.py` writes the steps; `player.js` computes and
plays, `sentences.js` fills sentences in, `picture.js` draws, `sliders.js` sets the leaves. Read `to_html`, then
`forward` and `backward` in `player.js`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from autograd import ops
from autograd.errors import GraphSizeError, OperandError, OptionError
from autograd.folding import Fold
from autograd.graph import results_of
from autograd.page.document import HEIGHT, Page, page_of_graph
from autograd.page.javascript import operations
from autograd.page.quizzes import quiz_page
from autograd.page.scene import scene
from autograd.page.shared import shared
from autograd.show.dot_text import dot_of, refuse_if_no_direction
from autograd.show.recording import recorded as record_of
from autograd.show.rendering import Drawing
from autograd.show.scene import Scene, as_table, scene_of
from autograd.show.tape import Tape
from autograd.show.view import MAX_NODES, view_of
from autograd.text.formula import statements, to_text
from autograd.text.language import TEXT
from autograd.text.mathml import MATHML, element_of
from autograd.value import Value

__all__ = ["Page", "quiz_page", "to_html"]

LARGEST_STILL = 200  # cards of a picture that a page shows where it cannot play, which takes half a second
LONGEST_FORMULA = 90  # characters of a formula that is a page's heading


def to_html(
    root: Value | Sequence[Value],
    path: str | Path | None = None,
    *,
    names: Mapping[str, Any] | None = None,
    fold: Fold | None = None,
    expand: bool | Collection[str] = False,
    rankdir: str = "LR",
    title: str = "",
    max_nodes: int = MAX_NODES,
    max_edges: int | None = None,
    height: int = HEIGHT,
) -> Page:
    """The graph of the root as an interactive page, written to `path` if there is one; the same graph gives the same bytes.

    names, fold, expand, rankdir, max_nodes, max_edges   as for `draw`
    title                                                the page's heading; otherwise the formula itself, if it is short
    height                                               pixels of the page in a notebook

    Of several results, `to_html([y, z])`, the page has the sum: its gradient is the sum of theirs.

    No `grad` is changed: the page starts from the seed 1. Where a row cannot be translated, the page gives the reason, shows the
    recorded numbers, and its sliders are disabled.
    """
    refuse_if_no_direction(rankdir)
    if not isinstance(title, str):
        raise OptionError(f"title={title!r:.60}: give a text")
    view = view_of(_one(root), names, fold, expand, max_nodes, max_edges)
    (root,) = view.roots
    drawn, recorded = scene_of(view), Tape(record_of(view))
    seen, conditions = scene(recorded, drawn, rankdir)
    script = operations(dict.fromkeys(node.op for node in recorded.nodes if node.op is not None), conditions)
    data = {**seen, "missing": script.missing}
    if title or not _is_short(root, names):
        heading = title or f"{recorded.names[root]}, a graph of {len(recorded.nodes)} nodes"
        mathematics = escape(heading)
    else:
        name = recorded.names[root] if root.label and root.op is not None else ""
        heading = "; ".join(statements(root, names, TEXT, result=name))
        mathematics = element_of(statements(root, names, MATHML, result=name))
    text = as_table(view, drawn)
    picture = partial(_image, drawn, rankdir, text) if len(drawn.cards) <= LARGEST_STILL else None
    return page_of_graph(heading, mathematics, text, data, shared() + script.source, path=path, height=height, picture=picture)


def _image(drawn: Scene, rankdir: str, text: str) -> str:
    return Drawing(dot_of(drawn, rankdir, True), text=text).image()


def _one(root: Value | Sequence[Value]) -> Value:
    """The result, or the sum of several."""
    results = results_of(root, "a page")
    if len(results) == 1:
        return results[0]
    total: Value = ops.sum(results)
    if not total.operands:
        raise OperandError("a page of several results records their sum, and under no_grad() nothing is recorded; call it outside")
    return total


def _is_short(root: Value, names: Mapping[str, Any] | None) -> bool:
    """Whether the formula of the graph fits into a heading."""
    try:
        return len(to_text(root, names)) <= LONGEST_FORMULA
    except GraphSizeError:
        return False
