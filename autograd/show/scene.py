"""What there is to see in a picture of a graph, as plain data: cards, circles and arrows, which `show.dot_text` writes down.

A card is a node: its label, data and grad. A circle is the operation that made the node. An arrow is an edge: × the local
derivative, = the contribution to the operand's grad, whose size is the arrow's width and whose sign its colour. An arrow of
several edges, from box to box, has the norm of their contributions: their sum over different operands would mean nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.folding import layer_of
from autograd.show.columns import columns_of
from autograd.show.marks import marks_of
from autograd.show.view import Family, Flow, View
from autograd.text.language import SHORT, applied, in_circle
from autograd.text.numbers import short
from autograd.text.tables import aligned
from autograd.value import Value

__all__ = [
    "Arrow", "Card", "Cell", "Circle", "Frame", "Rank", "Scene", "arrow_of", "as_table", "colour_of", "layers_of", "row_of",
    "scene_of",
]  # fmt: skip

OUTPUTS_LISTED = 8  # of a folded box; more are summed up by their range
CROWD = 12  # boxes; more have two lines each
LABELLED = 12  # arrows between two ranks; where there are more, none between ranks has its text
THICKET, BUNDLE = 4, 6  # arrows for each card, and at one card; where there are more, there is no room for their text
LISTED = 24  # arguments of an operation that are all written in the table: it pads every line to the longest

# Blue and vermillion stay apart for every kind of colour blindness; as in the field's playgrounds, blue is positive.
POSITIVE, NEGATIVE, NOT_FINITE, MIXED = "#0072B2", "#C04F00", "#B0208F", "#3E4C59"
MARKED = NOT_FINITE  # a card on which something is wrong
INK, FAINT, LINE = "#1F2933", "#6B7785", "#9AA5B1"
LEAF, INTERIOR, RESULT, BOX, CIRCLE, LIT = "#FFF8E1", "#FFFFFF", "#E8F5E9", "#EEF2F7", "#E4E7EB", "#FFE082"


Ends = tuple[int, int]  # of an edge: the place of the node that uses the operand, and the slot at which it does


class Cell(NamedTuple):
    """A piece of text in a card."""

    text: str
    colour: str = INK
    align: str = "RIGHT"


NO_GRAD = Cell("no grad yet", FAINT)
PARAMETERS = (  # of a folded box: on its card and in full, by whether it has none, one or more
    ("", "{name}: 0 parameters, {operations} operations"),
    ("1 parameter", "{name}: 1 parameter, {operations} operations, {norm}"),
    ("{count} parameters", "{name}: {count} parameters, {operations} operations, {norm}"),
)


class Card(NamedTuple):
    """A node, or the folded box of many: a title over rows of cells."""

    id: str
    title: str
    rows: list[list[Cell]]
    fill: str
    hint: str  # the numbers in full
    border: int = 1
    mark: str = ""  # what is wrong with it
    is_compact: bool = False  # the title is in the first row, in the place of its key


class Circle(NamedTuple):
    """The operation that made the node on card `card`."""

    id: str
    text: str
    card: str
    stem: str  # the id of the line from here to the card
    place: int  # of the node
    fill: str = CIRCLE


class Arrow(NamedTuple):
    """An edge: the line above has the local derivative (of several edges, their number), the one below what flows."""

    id: str
    tail: str
    head: str
    above: str
    below: str
    flow: float | None  # the contribution, or the norm of several with the sign that they share; None where no backward has been
    edges: tuple[Ends, ...]  # of the graph, one or several
    is_mixed: bool = False  # contributions of both signs
    is_open: bool = True
    weight: int = 1  # how straight and short the layout is to keep it
    fill: str = ""  # of the ground of its text
    is_quiet: bool = False  # no room for its text

    @property
    def is_idle(self) -> bool:
        """Whether nothing flows here."""
        return not self.is_open or self.flow == 0.0


class Rank(NamedTuple):
    """Cards one below the other, by their ids, in this order; what is written above, and the norm of its layers' gradients."""

    head: str
    cards: tuple[str, ...]
    norm: float | None = None


class Scene(NamedTuple):
    """What there is to see."""

    cards: list[Card]
    circles: list[Circle]
    arrows: list[Arrow]
    layers: Sequence[tuple[str, float]] = ()  # of a folded network, from input to output: the norm of ∂root/∂parameters
    ranks: Sequence[Rank] = ()  # of a folded network, from input to output

    def marked(self, mark: str) -> Scene:
        """The same scene with `mark` before every id, so that several fit in one picture."""
        return Scene(
            [card._replace(id=mark + card.id) for card in self.cards],
            [circle._replace(id=mark + circle.id, card=mark + circle.card, stem=mark + circle.stem) for circle in self.circles],
            [arrow._replace(id=mark + arrow.id, tail=mark + arrow.tail, head=mark + arrow.head) for arrow in self.arrows],
        )


class Frame(NamedTuple):
    """A scene in a coloured frame with a caption above it, beside others in one picture."""

    name: str
    caption: str
    colour: str
    scene: Scene


# ------------------------------------------------------------------------------------------------------- the graph as it is


def scene_of(view: View, flows: Callable[[Value], Sequence[Flow]] | None = None) -> Scene:
    """Return the scene of a graph; the numbers on its edges are those of `flows`, by default what the last backward left."""
    flows = flows or view.flows
    boxes = {name: f"b{index}" for index, name in enumerate(view.families)}
    ids = [boxes[view.home[node]] if node in view.home else f"n{place}" for place, node in enumerate(view.nodes)]
    scene = Scene([], [], [])
    between_boxes: dict[tuple[str, str], list[tuple[Ends, Flow]]] = {}
    for place, node in enumerate(view.nodes):
        is_folded = node in view.home
        head = ids[place] if is_folded else f"o{place}"
        if not is_folded:
            scene.cards.append(_card(node, ids[place], view))
            if node.op is not None:
                scene.circles.append(
                    Circle(head, in_circle(node.op, node.arguments, dict(node.parameters)), ids[place], f"r{place}", place)
                )
        for slot, (operand, flow) in enumerate(zip(node.operands, flows(node), strict=True)):
            tail, ends = ids[view.place[operand]], (place, slot)
            if not is_folded and operand not in view.home:
                weight = 4 if len(node.operands) == 1 else 1
                scene.arrows.append(arrow_of(f"e{place}_{slot}", tail, head, [(ends, flow)], weight))
            elif tail != head:
                between_boxes.setdefault((tail, head), []).append((ends, flow))
    marks = marks_of(view)
    is_crowd = len(view.families) > CROWD
    scene.cards.extend(
        _box(name, boxes[name], family, view, marks.get(name, ""), is_crowd) for name, family in view.families.items()
    )
    scene.arrows.extend(arrow_of(f"e_{tail}_{head}", tail, head, edges) for (tail, head), edges in between_boxes.items())
    layers = _norms(view)
    ranks = _ranks(view, {**boxes, **dict(zip(view.nodes, ids, strict=True))}, dict(layers))
    if is_crowd:
        ranked = {card for rank in ranks for card in rank.cards}
        scene.cards[:] = [card._replace(is_compact=card.is_compact or card.id in ranked) for card in scene.cards]
    quiet = _quiet(scene.arrows, len(scene.cards), ranks)
    arrows = [arrow._replace(is_quiet=arrow.id in quiet) for arrow in scene.arrows]
    titles = {layer.name: layer.title for layer in view.network.layers}
    strip = [(titles.get(name, name), norm) for name, norm in layers]
    return scene._replace(arrows=arrows, layers=strip, ranks=ranks)


def _ranks(view: View, ids: Mapping[Any, str], norms: Mapping[str, float]) -> list[Rank]:
    ranks = []
    for column in columns_of(view):
        known = [norms[name] for name in column.layers if name in norms]
        ranks.append(Rank(column.head, tuple([ids[member] for member in column.members]), math.hypot(*known) if known else None))
    return ranks


def _quiet(arrows: Sequence[Arrow], cards: int, ranks: Sequence[Rank]) -> set[str]:
    """The arrows without room for their text: between the ranks of a network, and where many begin or end."""
    place = {id: index for index, rank in enumerate(ranks) for id in rank.cards}
    between = [arrow for arrow in arrows if arrow.tail in place and arrow.head in place]
    crowded = max(Counter([(place[arrow.tail], place[arrow.head]) for arrow in between]).values(), default=0) > LABELLED
    quiet = {arrow.id for arrow in between} if crowded else set[str]()
    if len(arrows) > THICKET * cards:
        count = Counter([end for arrow in arrows for end in (arrow.tail, arrow.head)])
        quiet |= {arrow.id for arrow in arrows if max(count[arrow.tail], count[arrow.head]) > BUNDLE}
    return quiet


def layers_of(view: View) -> dict[str, list[Value]]:
    """Return the parameters of every layer of a folded network, from input to output."""
    layers: dict[str, list[Value]] = {}
    ends = {name: view.place[family.outputs[-1]] for name, family in view.families.items() if family.outputs}
    for name in sorted(ends, key=lambda name: ends[name]):
        if view.families[name].parameters:
            layers.setdefault(layer_of(name), []).extend(view.families[name].parameters)
    return layers


def _norms(view: View) -> list[tuple[str, float]]:
    """The layers that have gradients, each with their norm; none where there is but one."""
    known = {name: _known(map(view.adjoint, parameters)) for name, parameters in layers_of(view).items()}
    norms = [(name, math.hypot(*grads)) for name, grads in known.items() if grads]
    return norms if len(norms) > 1 else []


def _card(node: Value, id: str, view: View) -> Card:
    title, grad = view.names[node], view.adjoint(node)
    fill = RESULT if any(node is root for root in view.roots) else INTERIOR if node.op else LEAF
    path = f"{node.label}, " if node.op is None and node in view.network.names else ""
    in_full = f"{title}: {path}data = {node.data!r}, {NO_GRAD.text if grad is None else f'grad = {grad!r}'}"
    return Card(id, title, [row_of("data", node.data), row_of("grad", grad)], fill, in_full)


def arrow_of(id: str, tail: str, head: str, edges: Sequence[tuple[Ends, Flow]], weight: int = 1) -> Arrow:
    """Return the arrow of one edge of the graph, or of several from box to box, with the norm of what flowed along them."""
    is_open = any(flow.is_open for _, flow in edges)
    contributions = [flow.contribution for _, flow in edges if flow.contribution is not None]
    is_one = len(edges) == 1
    above, sign = (f"× {short(edges[0][1].partial)}", "=") if is_one else (f"{len(edges)} edges", "norm")
    least, most, size = min(contributions, default=0.0), max(contributions, default=0.0), math.hypot(*contributions)
    is_mixed = least < 0.0 < most and math.isfinite(size)
    flow = None if not contributions else -size if least < 0.0 >= most else size
    below = "closed" if not is_open else "" if flow is None else f"{sign} {short(flow if is_one else size)}"
    return Arrow(id, tail, head, above, below, flow, tuple([ends for ends, _ in edges]), is_mixed, is_open, weight)


# --------------------------------------------------------------------------------------------------- neurons, layers folded


def _box(name: str, id: str, family: Family, view: View, mark: str, is_crowd: bool) -> Card:
    rows, grads = _output_rows(family.outputs, view, is_crowd), _known(map(view.adjoint, family.parameters))
    norm = f"|grad| {short(math.hypot(*grads))}" if grads else NO_GRAD.text
    count, hint = PARAMETERS[min(len(family.parameters), 2)]
    fields = {"name": name, "count": len(family.parameters), "operations": len(family.operations), "norm": norm}
    if family.parameters and not is_crowd:
        rows.append([Cell(count.format_map(fields), FAINT, "LEFT"), Cell(norm, FAINT)])
    in_full = hint.format_map(fields) + f", {mark}" * bool(mark)
    return Card(id, view.title(name), rows, BOX, in_full, 2, mark, is_crowd)


def _output_rows(outputs: Sequence[Value], view: View, is_crowd: bool) -> list[list[Cell]]:
    """One output as on a card, a few as a table, many by their range."""
    if len(outputs) == 1:
        return [row_of("data", outputs[0].data), row_of("grad", view.adjoint(outputs[0]))]
    if len(outputs) <= OUTPUTS_LISTED and not is_crowd:
        return [_pair(node.data, view.adjoint(node)) for node in outputs]
    grads = _known(map(view.adjoint, outputs))
    return [
        [Cell(f"{len(outputs)} outputs", FAINT, "LEFT"), Cell(_range([node.data for node in outputs]))],
        [Cell("grad", FAINT, "LEFT"), Cell(_range(grads)) if grads else NO_GRAD],
    ]


def _pair(data: float, grad: float | None) -> list[Cell]:
    return [Cell(f"data {short(data)}", INK, "LEFT"), NO_GRAD if grad is None else Cell(f"grad {short(grad)}", colour_of(grad))]


def _known(grads: Iterable[float | None]) -> list[float]:
    return [grad for grad in grads if grad is not None]


def row_of(key: str, x: float | None) -> list[Cell]:
    return [Cell(key, FAINT, "LEFT"), NO_GRAD if x is None else Cell(short(x), colour_of(x) if key == "grad" else INK)]


def _range(numbers: Sequence[float]) -> str:
    return f"{short(min(numbers))} to {short(max(numbers))}"


def colour_of(x: float, nothing: str = INK) -> str:
    if not math.isfinite(x):
        return NOT_FINITE
    return POSITIVE if x > 0 else NEGATIVE if x < 0 else nothing


# -------------------------------------------------------------------------------------------------------------- as a table


def as_table(view: View, scene: Scene) -> str:
    """The graph as a table: every node with what made it, its data and its grad; then the folded boxes."""
    nodes = [node for node in view.nodes if node not in view.home]
    rows = [
        (_call(node, view), f"data {short(node.data)}", NO_GRAD.text if grad is None else f"grad {short(grad)}")
        for node, grad in zip(nodes, map(view.adjoint, nodes), strict=True)
    ]
    return "\n".join([*aligned(rows), *(card.hint for card in scene.cards[len(nodes) :])])


def _call(node: Value, view: View) -> str:
    name = view.names[node]
    if node.op is None:
        return name
    if node.op.variadic:
        arguments = [view.names[a] if type(a) is Value else short(a) for a in node.arguments]
        first, last = ([*arguments[:2], "…"], arguments[-1:]) if len(arguments) > LISTED else (arguments, [])
        return f"{name} = {node.op.__name__}({', '.join([*first, *last])})"
    return f"{name} = {applied(node, {a: SHORT.name(view.names[a]) for a in node.operands}, SHORT).text}"
