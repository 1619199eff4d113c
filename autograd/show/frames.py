"""A picture for every step of a tape, with what is known by then."""

from __future__ import annotations

from collections.abc import Iterator

from autograd.show.dot_text import dot_of
from autograd.show.recording import Sweep
from autograd.show.rendering import Drawing
from autograd.show.scene import LIT, Arrow, Card, Scene, row_of
from autograd.show.steps import step_of
from autograd.text.numbers import short

__all__ = ["frames_of"]


def frames_of(sweep: Sweep, whole: Scene, rankdir: str, legend: bool, engine: str | None) -> Iterator[Drawing]:
    """A frame is the whole scene with blanks in it, as wide as what they replace: nothing moves when it is known."""
    widths = _card_widths(sweep)
    nodes = sweep.view.nodes
    grads: list[float | None] = [None] * len(nodes)
    for index in range(len(nodes) + 1 + len(sweep.edges)):
        step = step_of(sweep, index)
        place = sweep.view.place[step.target]
        if step.after is not None:
            grads[place] = step.after
        known = min(step.index + 1, len(nodes))  # nodes that are computed
        swept = max(step.index - len(nodes), 0)  # edges that the sweep has gone along
        cards = [
            _card(card, sweep.data[at] if at < known else None, grads[at], widths[at], at == place)
            for at, card in enumerate(whole.cards)
        ]
        made = sweep.view.place[step.node] if step.kind != "seed" else None
        circles = [circle._replace(fill=LIT) if circle.place == made else circle for circle in whole.circles]
        arrows = [_arrow(arrow, sweep, known, swept) for arrow in whole.arrows]
        text = f"{step.words()}\n{step.formula()}"
        yield Drawing(dot_of(Scene(cards, circles, arrows), rankdir, legend, whole), text=text, engine=engine)


def _card_widths(sweep: Sweep) -> list[int]:
    """The length of the longest number that each card will show."""
    view = sweep.view
    widths = [len(short(data)) for data in sweep.data]
    widths[-1] = max(widths[-1], len(short(sweep.adjoints[-1] or 0.0)))
    for edge in sweep.edges:
        place = view.place[view.nodes[edge.node].operands[edge.slot]]
        widths[place] = max(widths[place], len(short(edge.after)))
    return widths


def _card(card: Card, data: float | None, grad: float | None, width: int, is_lit: bool) -> Card:
    rows = [row_of("data", data), row_of("grad", grad)]
    shown = ["" if x is None else short(x) for x in (data, grad)]
    rows = [[key, cell._replace(text=text.rjust(width))] for (key, cell), text in zip(rows, shown, strict=True)]
    return card._replace(rows=rows, fill=LIT if is_lit else card.fill, hint=card.title)


def _arrow(arrow: Arrow, sweep: Sweep, known: int, swept: int) -> Arrow:
    """The arrow when so many nodes are known and the sweep has gone along so many edges."""
    ((place, slot),) = arrow.edges
    edge = sweep.first[place] + slot
    if edge < swept:
        return arrow._replace(fill=LIT if edge == swept - 1 else "")
    is_known = place < known
    above = arrow.above if is_known else arrow.above[0].ljust(len(arrow.above))  # the sign × stays
    return arrow._replace(above=above, below=" " * len(arrow.below), flow=None, is_open=arrow.is_open or not is_known)
