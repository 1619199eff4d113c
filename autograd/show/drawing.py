"""The graph as a picture: what every node is worth, and what flowed along every edge when the chain rule went through it.

    >>> from autograd.value import Value
    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> c = a * b
    >>> c.backward()
    >>> print(draw(c).text)
    a            data 2    grad -3
    b            data -3   grad 2
    v1 = a * b   data -6   grad 1

`draw(c).save("c.svg")` writes the picture; in a notebook it shows itself. A card is a node: label, data, grad. A circle is
the operation that made it. The text on an edge is the chain rule of that edge: × the local derivative, = the contribution
to the operand's grad, whose size is the edge's width and whose sign its colour. A closed gate, through which nothing can
flow, is dashed.

Two steps: `scene_of` says what there is to see, as plain data; `dot_of` writes that down. Read `Scene` first.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from autograd.errors import GraphSizeError, OptionError, whole
from autograd.folding import Fold, families
from autograd.graph import expand_all, is_larger, results_of
from autograd.show.rendering import Drawing
from autograd.text.formula import found_names, named
from autograd.text.numbers import short
from autograd.text.tables import aligned
from autograd.value import Value, toposort

__all__ = ["Drawing", "draw", "draw_dot", "to_dot"]

MAX_NODES = 500
EDGES_PER_NODE = 10  # more than this on average is a thicket
DIRECTIONS = ("LR", "RL", "TB", "BT")
OUTPUTS_LISTED = 8  # of a folded box; more are summed up by their range

# Blue and vermillion stay apart for every kind of colour blindness; as in the field's playgrounds, blue is positive.
POSITIVE, NEGATIVE, NOT_FINITE = "#0072B2", "#C04F00", "#B0208F"
INK, FAINT, LINE = "#1F2933", "#6B7785", "#9AA5B1"
LEAF, INTERIOR, RESULT, BOX, CIRCLE, LIT = "#FFF8E1", "#FFFFFF", "#E8F5E9", "#EEF2F7", "#E4E7EB", "#FFE082"
LISTED = 24  # arguments of an operation that are all written in the table: it pads every line to the longest
LONGEST = 40  # characters of a label that are shown
LEGEND = 'CELLPADDING="3" BORDER="0"'
PLAIN = 'CELLPADDING="1" BORDER="0"'
CLEARANCE = '<TR><TD HEIGHT="3"></TD></TR>'  # between the text on an edge and the widest edge
THIN, THICK = 0.8, 5.0  # pen widths of no flow and of the largest

Edge = tuple[float, float | None, bool]  # local derivative, what flowed, whether the gate is open


class Cell(NamedTuple):
    """A piece of text in a card."""

    text: str
    colour: str = INK
    align: str = "RIGHT"


NO_GRAD = Cell("no grad yet", FAINT)


class Card(NamedTuple):
    """A node, or the folded box of many: a title over rows of cells."""

    id: str
    title: str
    rows: list[list[Cell]]
    fill: str
    hint: str  # the numbers in full
    border: int = 1


class Circle(NamedTuple):
    """The operation that made the node on card `card`."""

    id: str
    text: str
    card: str
    fill: str = CIRCLE


class Arrow(NamedTuple):
    """An edge: the line above says the local derivative (of several edges, how many), the one below what flowed."""

    id: str
    tail: str
    head: str
    above: str
    below: str
    flow: float | None  # None where no backward has been
    is_open: bool = True
    weight: int = 1  # how straight and short the layout is to keep it
    fill: str = ""  # behind its text


class Scene(NamedTuple):
    """What there is to see."""

    cards: list[Card]
    circles: list[Circle]
    arrows: list[Arrow]

    def marked(self, mark: str) -> Scene:
        """The same scene with `mark` before every id, so that several fit in one picture."""
        return Scene(
            [card._replace(id=mark + card.id) for card in self.cards],
            [circle._replace(id=mark + circle.id, card=mark + circle.card) for circle in self.circles],
            [arrow._replace(id=mark + arrow.id, tail=mark + arrow.tail, head=mark + arrow.head) for arrow in self.arrows],
        )


class Frame(NamedTuple):
    """A scene in a coloured frame with a caption above it, beside others in one picture."""

    name: str
    caption: str
    colour: str
    scene: Scene


# ------------------------------------------------------------------------------------------------------------------ public


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
    picture = prepared(_several(root, more), max_nodes, fold, expand, names, max_edges)
    return dot_of(scene_of(picture), rankdir, legend)


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
    picture = prepared(_several(root, more), max_nodes, fold, expand, names, max_edges)
    scene = scene_of(picture)
    return Drawing(dot_of(scene, rankdir, legend), text=as_table(picture, scene), engine=engine)


def draw_dot(root: Value | Sequence[Value], format: str = "svg", rankdir: str = "LR") -> Drawing:
    """micrograd's `draw_dot`: a Drawing that takes `.render("file")` and `.view()` as a graphviz.Digraph does."""
    drawing = draw(root, rankdir=rankdir)
    return Drawing(drawing.source, text=drawing.text, format=format)


def _several(root: Any, more: tuple[Any, ...]) -> Any:
    return [root, *more] if more else root


# ------------------------------------------------------------------------------------------------------------- what to see


class Picture(NamedTuple):
    """A graph ready to be drawn: its nodes in topological order, their names, and the family of those that are folded."""

    order: list[Value]
    names: dict[Value, str]  # the titles of the cards; "" for none
    called: dict[Value, str]  # what the text calls them, as formulas do: every node has a name there
    home: dict[Value, str]
    shut: set[Value]  # those from which every way to a root that a backward began from leads through a closed gate
    roots: tuple[Value, ...]

    def adjoint(self, node: Value) -> float | None:
        """The grad to be shown; None where no backward has been, 0 where one has been and nothing could flow."""
        return node.grad if node.reached else 0.0 if node in self.shut else None


def prepared(
    root: Value | Sequence[Value],
    max_nodes: int,
    fold: Fold | None,
    expand: bool | Collection[str],
    names: Mapping[str, Any] | None,
    max_edges: int | None = None,
) -> Picture:
    """The graph of the root, or of several, ready to be drawn; every option of a picture is checked here.

    Raises an OperandError for what is no node, an OptionError for a wrong option, a GraphSizeError for too large a graph.
    """
    roots, found = results_of(root, "a picture"), found_names(names)
    max_nodes = whole("max_nodes", max_nodes, 1)
    most = EDGES_PER_NODE * max_nodes if max_edges is None else whole("max_edges", max_edges, 0)
    if fold is None:
        _refuse_larger(is_larger(roots, max_nodes), "nodes", max_nodes, "max_nodes")
    order = toposort(*roots)
    if expand:
        roots, origin = expand_all(roots, None if expand is True else [expand] if isinstance(expand, str) else expand, found)
        order = toposort(*roots)
        if isinstance(fold, Mapping):
            fold = {node: fold[origin[node]] for node in order if node.op is None and origin[node] in fold}
    home = families(order, fold) if fold is not None else {}
    drawn = len(order) - len(home) + len(set(home.values()))
    _refuse_larger(drawn > max_nodes, "nodes and boxes" if fold else "nodes", max_nodes, "max_nodes")
    edges = sum([len(node.operands) for node in order if node not in home])
    _refuse_larger(edges > most, "edges", most, "max_edges")
    titles = {node: node.label or found.get(node, "") for node in order}
    return Picture(order, titles, named(order, names), home, _shut(order, roots), roots)


def _shut(order: Sequence[Value], roots: Sequence[Value]) -> set[Value]:
    """The nodes below the roots that a backward began from, and which it could not reach."""
    begun = [root for root in roots if root.reached]
    if not begun:
        return set()
    reached = set(begun)
    for node in reversed(order):
        if node in reached:
            reached.update(operand for operand, _, _, is_open in node.edges if is_open)
    below = order if len(begun) == len(roots) else toposort(*begun)
    return set(below) - reached


def refuse_if_no_direction(rankdir: Any) -> None:
    """Raise an OptionError if this is no direction in which a picture can grow."""
    if rankdir not in DIRECTIONS:
        raise OptionError(f"rankdir={rankdir!r}: give one of {', '.join(DIRECTIONS)}")


def _refuse_larger(is_too_large: bool, what: str, most: int, option: str) -> None:
    if is_too_large:
        raise GraphSizeError(
            f"more than {most} {what} make no readable picture; fold='neuron' or fold='layer' folds a network with labelled "
            "parameters, expand=False or fewer names in it opens less, draw(node) shows the part of the graph below that node, "
            f"{option}=... raises the limit"
        )


def as_table(picture: Picture, scene: Scene) -> str:
    """The graph as a table: every node with what made it, its data and its grad; then the folded boxes."""
    nodes = [node for node in picture.order if node not in picture.home]
    rows = [
        (_call(node, picture), f"data {short(node.data)}", "no grad yet" if grad is None else f"grad {short(grad)}")
        for node, grad in zip(nodes, map(picture.adjoint, nodes), strict=True)
    ]
    return "\n".join([*aligned(rows), *(card.hint for card in scene.cards[len(nodes) :])])


def _call(node: Value, picture: Picture) -> str:
    name = picture.called[node]
    if node.op is None:
        return name
    arguments = [picture.called[a] if type(a) is Value else short(a) for a in node.arguments]
    if node.op.variadic:
        first, last = ([*arguments[:2], "…"], arguments[-1:]) if len(arguments) > LISTED else (arguments, [])
        return f"{name} = {node.op.__name__}({', '.join([*first, *last])})"
    parameters = {key: str(value) for key, value in node.parameters.items()}
    return f"{name} = {node.op.spell(dict(zip(node.op.operands, arguments, strict=True)) | parameters)}"


# ------------------------------------------------------------------------------------------------------- the graph as it is


def scene_of(picture: Picture) -> Scene:
    number = {node: index for index, node in enumerate(picture.order)}
    scene = Scene([], [], [])
    members = boxes_of(picture)
    boxes = {name: f"b{index}" for index, name in enumerate(members)}
    place = {node: boxes[picture.home[node]] if node in picture.home else f"n{number[node]}" for node in picture.order}
    folded: dict[tuple[str, str], list[Edge]] = {}
    for index, node in enumerate(picture.order):
        if node not in picture.home:
            scene.cards.append(_card(node, f"n{index}", picture))
            if node.op is not None:
                scene.circles.append(Circle(f"o{index}", node.op.caption(node.arguments), f"n{index}"))
        for slot, (operand, partial, contribution, is_open) in enumerate(node.edges):
            flow = None if picture.adjoint(node) is None else contribution
            partial = partial if is_open else 0.0
            tail, head = place[operand], place[node] if node in picture.home else f"o{index}"
            if node not in picture.home and operand not in picture.home:
                scene.arrows.append(
                    arrow_of(f"e{index}_{slot}", tail, head, [(partial, flow, is_open)], 4 if len(node.operands) == 1 else 1)
                )
            elif tail != head:
                folded.setdefault((tail, head), []).append((partial, flow, is_open))
    scene.cards.extend(_box(name, boxes[name], family, picture) for name, family in members.items())
    scene.arrows.extend(arrow_of(f"e_{tail}_{head}", tail, head, edges) for (tail, head), edges in folded.items())
    return scene


def _card(node: Value, id: str, picture: Picture) -> Card:
    name, grad = picture.names[node], picture.adjoint(node)
    fill = RESULT if any(node is root for root in picture.roots) else INTERIOR if node.op else LEAF
    in_full = f"{name or id}: data = {node.data!r}, {NO_GRAD.text if grad is None else f'grad = {grad!r}'}"
    return Card(id, name, [row_of("data", node.data), row_of("grad", grad)], fill, in_full)


def arrow_of(id: str, tail: str, head: str, edges: Sequence[Edge], weight: int = 1) -> Arrow:
    """One edge of the graph, or several between the same two folded boxes with all that flowed through them."""
    is_open = any(edge[2] for edge in edges)
    flows = [flow for _, flow, _ in edges if flow is not None]
    flow = sum(flows) if flows else None
    above = f"× {short(edges[0][0])}" if len(edges) == 1 else f"{len(edges)} edges"
    below = "closed" if not is_open else "" if flow is None else f"= {short(flow)}"
    return Arrow(id, tail, head, above, below, flow, is_open, weight)


# --------------------------------------------------------------------------------------------------- neurons, layers folded


class Family(NamedTuple):
    """The nodes folded into one box."""

    parameters: list[Value]
    operations: list[Value]
    outputs: list[Value]  # the operations that something outside uses


def boxes_of(picture: Picture) -> dict[str, Family]:
    """Every family by its name, in topological order."""
    found: dict[str, Family] = {}
    used_outside = set(picture.roots)
    for node in picture.order:
        home = picture.home.get(node)
        used_outside.update(operand for operand in node.operands if picture.home.get(operand) != home)
        if home is not None:
            family = found.setdefault(home, Family([], [], []))
            (family.operations if node.op else family.parameters).append(node)
    for family in found.values():
        family.outputs.extend(node for node in family.operations if node in used_outside)
    return found


def _box(name: str, id: str, family: Family, picture: Picture) -> Card:
    rows = _output_rows(family.outputs, picture)
    count = f"{len(family.parameters)} parameter{'s' * (len(family.parameters) != 1)}"
    in_full = f"{name}: {count}, {len(family.operations)} operations"
    if family.parameters:
        grads = _known(map(picture.adjoint, family.parameters))
        norm = f"|grad| {short(math.hypot(*grads))}" if grads else NO_GRAD.text
        rows.append([Cell(count, FAINT, "LEFT"), Cell(norm, FAINT)])
        in_full += f", {norm}"
    return Card(id, name, rows, BOX, in_full, 2)


def _output_rows(outputs: Sequence[Value], picture: Picture) -> list[list[Cell]]:
    """One output as on a card, a few as a table, many by their range."""
    if len(outputs) == 1:
        return [row_of("data", outputs[0].data), row_of("grad", picture.adjoint(outputs[0]))]
    if len(outputs) <= OUTPUTS_LISTED:
        return [_pair(node.data, picture.adjoint(node)) for node in outputs]
    grads = _known(map(picture.adjoint, outputs))
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


# --------------------------------------------------------------------------------------------------------- written as DOT


def dot_of(scene: Scene, rankdir: str, legend: bool, whole: Scene | None = None) -> str:
    """DOT text; a frame of a film has the legend and the scale of the `whole`."""
    whole = whole or scene
    return _document(rankdir, whole if legend else None, _body(scene, whole))


def framed(frames: Sequence[Frame], rankdir: str) -> str:
    """DOT text of several scenes side by side, each in its frame and with its own scale; the last one is on top or on the left."""
    lines = []
    for frame in frames:
        lines += [
            f"  subgraph cluster_{frame.name} {{",
            f"  graph [label={quoted(frame.caption)}, labelloc=t, labeljust=l, fontsize=12]",
            f'  graph [style=rounded, color="{frame.colour}", fontcolor="{frame.colour}"]',
            *_body(frame.scene, frame.scene),
            "  }",
        ]
    return _document(rankdir, Scene([], [], [arrow for frame in frames for arrow in frame.scene.arrows]), lines)


def _document(rankdir: str, legend: Scene | None, body: Iterable[str]) -> str:
    """The DOT text with this body, and the legend of a scene."""
    refuse_if_no_direction(rankdir)
    lines = [
        "digraph {",
        f"  graph [rankdir={rankdir}, bgcolor=white, pad=0.2, nodesep=0.22, ranksep=0.45]",
        "  graph [fontname=Courier, fontsize=10, labelloc=b, labeljust=l]",
        f'  node [fontname=Courier, fontsize=12, fontcolor="{INK}"]',
        f'  edge [fontname=Courier, fontsize=10, arrowsize=0.6, color="{LINE}"]',
        *([f"  graph [label={_legend(legend)}]"] if legend and legend.arrows else []),
        *body,
        "}",
    ]
    return "\n".join(lines) + "\n"


def _body(scene: Scene, whole: Scene) -> list[str]:
    """The lines of the scene's cards, circles and arrows, with the scale of the `whole`."""
    largest = max([abs(arrow.flow) for arrow in whole.arrows if arrow.flow is not None and math.isfinite(arrow.flow)], default=0.0)
    return [
        *map(_card_line, scene.cards),
        *(line for circle in scene.circles for line in _circle_lines(circle)),
        *(_arrow_line(arrow, largest) for arrow in scene.arrows),
    ]


def _card_line(card: Card) -> str:
    title = f'<TR><TD COLSPAN="2"><B>{html(card.title)}</B></TD></TR>' if card.title else ""
    rows = "".join(f"<TR>{''.join(map(_cell, row))}</TR>" for row in card.rows)
    style = f'STYLE="ROUNDED" CELLPADDING="3" BORDER="{card.border}" COLOR="{LINE}" BGCOLOR="{card.fill}"'
    return f"  {card.id} [id={card.id}, shape=plain, tooltip={hint(card.hint)}, label=<{_table(title + rows, style)}>]"


def _table(rows: str, style: str) -> str:
    return f'<TABLE CELLBORDER="0" CELLSPACING="0" {style}>{rows}</TABLE>'


def _cell(cell: Cell) -> str:
    return f'<TD ALIGN="{cell.align}"><FONT COLOR="{cell.colour}">{html(cell.text)}</FONT></TD>'


def _circle_lines(circle: Circle) -> list[str]:
    is_sign = len(circle.text) <= 3
    shape = "shape=circle, style=filled, fixedsize=true, width=0.4" if is_sign else 'shape=box, style="rounded,filled", height=0.3'
    margin = "0" if is_sign else '"0.08,0.04"'
    look = f'{shape}, margin={margin}, fillcolor="{circle.fill}", color="{LINE}"'
    text = quoted(circle.text)
    return [
        f"  {circle.id} [id={circle.id}, {look}, label={text}, tooltip={hint(circle.text)}]",
        f"  {circle.id} -> {circle.card} [id={circle.id.replace('o', 'r', 1)}, arrowhead=none, weight=8, penwidth=1.2]",
    ]


def _arrow_line(arrow: Arrow, largest: float) -> str:
    colour = colour_of(arrow.flow or 0.0, FAINT if arrow.is_open else LINE)
    width = _width(arrow.flow, largest)
    style = "" if arrow.is_open else ", style=dashed"
    texts = [
        Cell(arrow.above, FAINT, "LEFT"),
        *([Cell(arrow.below, colour if arrow.is_open else FAINT, "LEFT")] if arrow.below else []),
    ]
    rows = "".join(f"<TR>{_cell(text)}</TR>" for text in texts) + CLEARANCE
    look = f'color="{colour}", penwidth={width}{style}, weight={arrow.weight}'
    behind = f' BGCOLOR="{arrow.fill}"' if arrow.fill else ""
    return f"  {arrow.tail} -> {arrow.head} [id={arrow.id}, {look}, label=<{_table(rows, PLAIN + behind)}>]"


def _width(flow: float | None, largest: float) -> str:
    """Wider for more flow; by the square root, so that a flow of a hundredth is still seen to be more than none."""
    if not flow:
        return f"{THIN:g}"
    if not math.isfinite(flow):
        return f"{THICK:g}"
    return f"{THIN + (THICK - THIN) * math.sqrt(abs(flow) / largest):.2f}"


def colour_of(x: float, nothing: str = INK) -> str:
    if not math.isfinite(x):
        return NOT_FINITE
    return POSITIVE if x > 0 else NEGATIVE if x < 0 else nothing


def _legend(scene: Scene) -> str:
    """What the signs on the edges mean, of those that occur."""
    parts = [("on an edge:", FAINT), ("× local derivative", INK)]
    if any(arrow.flow is not None for arrow in scene.arrows):
        parts += [
            ("= contribution to grad,", INK),
            ("positive", POSITIVE),
            ("or", FAINT),
            ("negative", NEGATIVE),
            ("(wider: larger)", FAINT),
        ]
    if not all(arrow.is_open for arrow in scene.arrows):
        parts += [("dashed: a closed gate, nothing flows", FAINT)]
    row = "".join(_cell(Cell(text, colour)) for text, colour in parts)
    return f"<{_table(f'<TR>{row}</TR>', LEGEND)}>"


def html(text: str) -> str:
    """Text for an HTML-like label: one line, not too long, its special characters escaped."""
    shown = _one_line(text)
    if len(shown) > LONGEST:
        shown = f"{shown[: LONGEST // 2 - 1]}...{shown[2 - LONGEST // 2 :]}"
    return _doubled(escape(shown)) or " "


def quoted(text: str) -> str:
    """A DOT string that shows this text."""
    return f'"{_doubled(escape(_one_line(text)))}"'


def hint(text: str) -> str:
    """A DOT string for an attribute that engines read twice, such as a tooltip."""
    return quoted(_doubled(text))


def _doubled(text: str) -> str:
    return text.replace("\\", "\\\\")  # one alone means something, even in an HTML-like label: \\N is the node's name


def _one_line(text: str) -> str:
    return "".join([c if c.isprintable() else " " for c in text])
