"""The page: one self-contained file that plays the chain rule forward and backward, with sliders on the leaves.

    >>> from autograd.value import Value
    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> to_html(a * b).title
    'a·b'

`to_html(L, "L.html")` writes it. The page computes by itself, in JavaScript that was made from the rows of the table. Its
sentences at every step are those of Python's tape. It requests nothing from the network.

`scene.py` describes the page as data, `steps.py` writes the steps; `player.js` computes and
plays, `sentences.js` fills sentences in, `arrangement.js` places the picture,
`picture.js` draws it, `sliders.js` sets the leaves. Read `to_html`, then
`forward` and `backward` in `player.js`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd.errors import GraphSizeError, OptionError
from autograd.folding import Fold
from autograd.graph import total_of
from autograd.page.document import HEIGHT, Page, page_of_graph
from autograd.page.javascript import operations
from autograd.page.quizzes import feedback, quiz_page
from autograd.page.scene import scene
from autograd.page.shared import shared
from autograd.show.dot_text import dot_of, refuse_if_no_direction
from autograd.show.notation import in_book
from autograd.show.recording import recorded as record_of
from autograd.show.rendering import Drawing
from autograd.show.scene import Scene, as_table, scene_of
from autograd.show.tape import Tape
from autograd.show.view import MAX_NODES, View, view_of
from autograd.text.formula import statements
from autograd.text.language import BOOK
from autograd.text.mathml import MATHML, element_of
from autograd.value import Value

if TYPE_CHECKING:
    from anywidget import AnyWidget

__all__ = ["Page", "quiz_page", "to_html", "to_widget"]

LARGEST_STILL = 200  # cards of a picture that a page shows where it cannot play, which takes half a second
TOOLS = (
    "panels.js",
    "address.js",
    "plot.js",
    "learn.js",
    "curve.js",
    "answers.js",
    "predict.js",
    "exercise.js",
    "share.js",
    "panels.css",
)
LONGEST_FORMULA = 90  # characters of a formula that is a page's heading


def to_html(
    root: Value | Sequence[Value],
    path: str | Path | None = None,
    *,
    names: Mapping[str, Any] | None = None,
    fold: Fold | None = None,
    expand: bool | Collection[str] = False,
    rankdir: str | None = None,
    title: str = "",
    max_nodes: int = MAX_NODES,
    max_edges: int | None = None,
    height: int = HEIGHT,
) -> Page:
    """The graph of the root as an interactive page, written to `path` if there is one; the same graph gives the same bytes.

    names, fold, expand, max_nodes, max_edges   as for `draw`
    rankdir                                     as for `draw`; without one the page runs from left to right, and on an upright
                                                screen from top to bottom if the graph is then larger
    title                                       the page's heading; otherwise the formula itself, if it is short
    height                                      pixels of the page in a notebook

    Of several results, `to_html([y, z])`, the page has the sum: its gradient is the sum of theirs.

    No `grad` is changed: the page starts from the seed 1. Where a row cannot be translated, the page gives the reason, shows the
    recorded numbers, and its sliders are disabled.
    """
    view = view_of(total_of(root, "a page"), names, fold, expand, max_nodes, max_edges)
    page = _page_of(view, names, rankdir, title, height=height)
    if path is not None:
        page.save(path)
    return page


def to_widget(
    root: Value | Sequence[Value],
    *,
    names: Mapping[str, Any] | None = None,
    fold: Fold | None = None,
    rankdir: str | None = None,
    title: str = "",
    max_nodes: int = MAX_NODES,
    max_edges: int | None = None,
    height: int = HEIGHT,
) -> AnyWidget:
    """The page of `to_html` as a widget of a notebook, in which sliders and the leaves in Python have the same numbers.

    A slider that moves sets `leaf.data`. Setting `leaf.data` moves the page when the cell ends, and at `.refresh()`. Of the widget
    that is returned, an anywidget.AnyWidget,

    .values            are the numbers of the leaves by name; `w.values = {"a": 2}` sets some
    .root              is the result computed again from the leaves as they are; `w.root.backward()` adds to their gradients
    .observe(f, "values")   calls f whenever a number has changed, there or here

    Arguments as for `to_html`. Needs the extra "notebooks"; raises a MissingExtraError without it.
    """
    from autograd.page.widget import widget_of

    view = view_of(total_of(root, "a page"), names, fold, False, max_nodes, max_edges)
    page = _page_of(view, names, rankdir, title, ("link.js",), height=height)
    return widget_of(page, view.roots[0], {view.names[node]: node for node in view.nodes if node.op is None})


def _page_of(
    view: View, names: Mapping[str, Any] | None, rankdir: str | None, title: str, extra: Sequence[str] = (), **options: Any
) -> Page:
    if rankdir is not None:
        refuse_if_no_direction(rankdir)
    if not isinstance(title, str):
        raise OptionError(f"title={title!r:.60}: give a text")
    (root,) = view.roots
    drawn, recorded = scene_of(view), Tape(record_of(view))
    seen, conditions = scene(recorded, rankdir)
    script = operations(dict.fromkeys(node.op for node in recorded.nodes if node.op is not None), conditions)
    data = {**seen, "missing": script.missing, "answers": feedback()}
    if title or not _is_short(root, names):
        heading = title or f"{recorded.names[root]}, a graph of {len(recorded.nodes)} nodes"
        mathematics = escape(heading)
    else:
        name = recorded.names[root] if root.label and root.op is not None else ""
        heading = "; ".join(statements(root, names, BOOK, result=name))
        mathematics = element_of(statements(root, names, MATHML, result=name))
    text = as_table(view, drawn)
    picture = partial(_image, drawn, rankdir or "LR", text) if len(drawn.cards) <= LARGEST_STILL else None
    code, scripts = shared() + script.source, (*TOOLS, *extra)
    return page_of_graph(heading, mathematics, text, data, code, scripts, picture=picture, **options)


def _image(drawn: Scene, rankdir: str, text: str) -> str:
    return Drawing(dot_of(drawn, rankdir, True), text=text).image()


def _is_short(root: Value, names: Mapping[str, Any] | None) -> bool:
    """Whether the formula of the graph fits into a heading."""
    try:
        return len(in_book(root, names)) <= LONGEST_FORMULA
    except GraphSizeError:
        return False
