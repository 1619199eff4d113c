"""DOT text of a scene: the cards as HTML-like tables, the widths and colours of the arrows, and the legend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from autograd.errors import OptionError
from autograd.show.columns import INPUTS
from autograd.show.scale import THICK, Scale
from autograd.show.scene import (
    FAINT,
    INK,
    LINE,
    MARKED,
    MIXED,
    NEGATIVE,
    POSITIVE,
    Arrow,
    Card,
    Cell,
    Circle,
    Frame,
    Rank,
    Scene,
    colour_of,
)
from autograd.text.numbers import short

__all__ = ["DIRECTIONS", "FREE", "SIDES", "dot_of", "framed", "hint", "html", "order_of", "quoted", "refuse_if_no_direction"]

DIRECTIONS = ("LR", "RL", "TB", "BT")
UPRIGHT = ("TB", "BT")
SIDES = {"LR": (":e", ":w"), "RL": (":w", ":e"), "TB": (":s", ":n"), "BT": (":n", ":s")}  # where a line leaves and arrives
FREE = ("", "")  # wherever the engine likes
LONGEST = 40  # characters of a label that are shown
LEGEND = 'CELLPADDING="3" BORDER="0"'
PLAIN = 'CELLPADDING="1" BORDER="0"'
BESIDE = '<TD WIDTH="6"></TD>'  # the same where edges go up or down, and their text is at their right
CLEARANCE = '<TR><TD HEIGHT="3"></TD></TR>'  # between the text on an edge and the widest edge
BARE = 'CELLPADDING="0" BORDER="0"'
THINNED = 0.6  # the width of a line among many
SWATCH = 21  # the height of a piece of a line in the legend
BAR = 40  # the height of the highest bar of the strip
SIGN = 20  # points of a sign that is alone in its circle: a dot is small


def refuse_if_no_direction(rankdir: Any) -> None:
    """Raise an OptionError if this is no direction in which a picture can grow."""
    if rankdir not in DIRECTIONS:
        raise OptionError(f"rankdir={rankdir!r}: give one of {', '.join(DIRECTIONS)}")


def dot_of(scene: Scene, rankdir: str, legend: bool, whole: Scene | None = None) -> str:
    """DOT text; a frame of a film has the legend and the scale of the `whole`."""
    whole = whole or scene
    body = [*_body(scene, _scale(whole), rankdir), *_rank_lines(scene.ranks, _is_dense(scene))]
    if scene.layers and not _has_heads(scene.ranks):
        look = "labelloc=t, labeljust=l, peripheries=0"
        body = ["  subgraph cluster_strip {", f"  graph [label={_strip(scene.layers)}, {look}]", *body, "  }"]
    if _is_dense(scene):
        body = ["  graph [splines=line, nodesep=0.04, ranksep=1.4]", *body]
    return _document(rankdir, whole if legend else None, body)


def framed(frames: Sequence[Frame], rankdir: str) -> str:
    """DOT text of several scenes side by side, each in its frame, with one scale; the last one is on top or on the left."""
    whole = Scene([], [], [arrow for frame in frames for arrow in frame.scene.arrows])
    lines = []
    for frame in frames:
        lines += [
            f"  subgraph cluster_{frame.name} {{",
            f"  graph [label={quoted(frame.caption)}, labelloc=t, labeljust=l, fontsize=12]",
            f'  graph [style=rounded, color="{frame.colour}", fontcolor="{frame.colour}"]',
            *_body(frame.scene, _scale(whole), rankdir),
            "  }",
        ]
    return _document(rankdir, whole, lines)


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


def _scale(scene: Scene) -> Scale:
    return Scale.of([arrow.flow for arrow in scene.arrows])


def _body(scene: Scene, scale: Scale, rankdir: str) -> list[str]:
    """The lines of the scene's cards, circles and arrows."""
    ranked = {card for rank in scene.ranks for card in rank.cards}
    sides = SIDES.get(rankdir, FREE) if _is_dense(scene) else FREE
    return [
        *map(_card_line, scene.cards),
        *(line for circle in scene.circles for line in _circle_lines(circle)),
        *(_arrow_line(arrow, scale, sides if {arrow.tail, arrow.head} <= ranked else FREE, rankdir) for arrow in scene.arrows),
    ]


def _is_dense(scene: Scene) -> bool:
    """Whether there are columns with so many lines between them that these are straight, thin and without text."""
    return bool(scene.ranks) and any(arrow.is_quiet for arrow in scene.arrows)


def _has_heads(ranks: Sequence[Rank]) -> bool:
    """Whether columns have heads: where each is one box, its title is enough."""
    return any(len(rank.cards) > 1 for rank in ranks if rank.head != INPUTS)


def _rank_lines(ranks: Sequence[Rank], is_dense: bool) -> list[str]:
    scale = Scale.of([rank.norm for rank in ranks])
    highest = BAR // (1 + is_dense)
    heads = [f"  h{index} [id=h{index}, shape=plain, label=<{_head(rank, scale, highest)}>]" for index, rank in enumerate(ranks)]
    return order_of([rank.cards for rank in ranks], heads if _has_heads(ranks) else [])


def order_of(stacks: Sequence[Sequence[str]], heads: Sequence[str]) -> list[str]:
    """Lines that keep the nodes of a stack one below the other, in order, from its head h0, h1, ... on; the heads are in one line.

    Every engine keeps the order of nodes of one rank along edges between them, which are not seen.
    """
    lines = list(heads)
    for index, stack in enumerate(stacks):
        nodes = [*([f"h{index}"] if heads else []), *stack]
        if len(nodes) > 1:
            lines += [f"  {{ rank=same; {'; '.join(nodes)} }}", f"  {' -> '.join(nodes)} [style=invis]"]
    if len(heads) > 1:
        lines.append(f"  {' -> '.join([f'h{index}' for index in range(len(heads))])} [style=invis, weight=100]")
    return lines


def _head(rank: Rank, scale: Scale, highest: int) -> str:
    """The head of a column: the norm of its layer's gradient as a bar and a number, where there is one, and the name."""
    rows = []
    if rank.norm is not None:
        height = round(highest * scale.width(rank.norm) / THICK) if rank.norm else 0
        rows = [_bar(highest - height, height), _cell(Cell(f"‖grad‖ {short(rank.norm)}", INK, "CENTER"))]
    rows.append(_cell(Cell(rank.head, FAINT, "CENTER")))
    return _table("".join([f"<TR>{row}</TR>" for row in rows]), LEGEND)


def _card_line(card: Card) -> str:
    cells = [list(map(_cell, row)) for row in card.rows]
    title = mark = ""
    if card.is_compact:
        cells[0][0] = f'<TD ALIGN="LEFT">{_bold(card.title)}</TD>'
    else:
        title = f'<TR><TD COLSPAN="2">{_bold(card.title)}</TD></TR>' if card.title else ""
        mark = f'<TR><TD COLSPAN="2"><FONT COLOR="{MARKED}">{html(card.mark)}</FONT></TD></TR>' if card.mark else ""
    rows = mark + "".join(f"<TR>{''.join(row)}</TR>" for row in cells)
    padding = 1 if card.is_compact else 3
    colour = MARKED if card.mark else LINE
    style = f'STYLE="ROUNDED" CELLPADDING="{padding}" BORDER="{card.border}" COLOR="{colour}" BGCOLOR="{card.fill}"'
    return f"  {card.id} [id={card.id}, shape=plain, tooltip={hint(card.hint)}, label=<{_table(title + rows, style)}>]"


def _bold(text: str) -> str:
    """A title in bold letters, unless it has an index, for which engines have no bold letters."""
    return f"<B>{html(text)}</B>" if text.isascii() else f'<FONT COLOR="{INK}">{html(text)}</FONT>'


def _table(rows: str, style: str) -> str:
    return f'<TABLE CELLBORDER="0" CELLSPACING="0" {style}>{rows}</TABLE>'


def _cell(cell: Cell) -> str:
    return f'<TD ALIGN="{cell.align}"><FONT COLOR="{cell.colour}">{html(cell.text)}</FONT></TD>'


def _circle_lines(circle: Circle) -> list[str]:
    is_sign = len(circle.text) <= 3
    shape = "shape=circle, style=filled, fixedsize=true, width=0.4" if is_sign else 'shape=box, style="rounded,filled", height=0.3'
    margin = "0" if is_sign else '"0.08,0.04"'
    look = f'{shape}, margin={margin}, fillcolor="{circle.fill}", color="{LINE}"'
    text = quoted(circle.text) + (f", fontsize={SIGN}" if len(circle.text) == 1 else "")
    return [
        f"  {circle.id} [id={circle.id}, {look}, label={text}, tooltip={hint(circle.text)}]",
        f"  {circle.id} -> {circle.card} [id={circle.stem}, arrowhead=none, weight=8, penwidth=1.2]",
    ]


def _arrow_line(arrow: Arrow, scale: Scale, ports: tuple[str, str], rankdir: str) -> str:
    colour = MIXED if arrow.is_mixed else colour_of(arrow.flow or 0.0, FAINT if arrow.is_open else LINE)
    style = ", style=dashed" if arrow.is_idle else ""
    texts = [
        Cell(arrow.above, FAINT, "LEFT"),
        *([Cell(arrow.below, colour if arrow.is_open else FAINT, "LEFT")] if arrow.below else []),
    ]
    room = BESIDE if rankdir in UPRIGHT else ""
    rows = "".join(f"<TR>{room}{_cell(text)}</TR>" for text in texts) + CLEARANCE
    width = scale.width(arrow.flow) * (THINNED if arrow.is_quiet else 1.0)
    look = f'color="{colour}", penwidth={width:.3g}{style}, weight={arrow.weight}'
    ground = f' BGCOLOR="{arrow.fill}"' if arrow.fill else ""
    ends = f"{arrow.tail}{ports[0]} -> {arrow.head}{ports[1]}"
    if arrow.is_quiet:
        return f"  {ends} [id={arrow.id}, {look}, arrowhead=none, tooltip={hint(f'{arrow.above} {arrow.below}')}]"
    return f"  {ends} [id={arrow.id}, {look}, label=<{_table(rows, PLAIN + ground)}>]"


def _legend(scene: Scene) -> str:
    """What the signs on the edges mean, of those that occur; below it, what their widths and dashes mean."""
    is_silent = all(arrow.is_quiet for arrow in scene.arrows)
    parts = [("colour:" if is_silent else "on an edge:", FAINT)] + [("× local derivative", INK)] * (not is_silent)
    if any(arrow.flow is not None for arrow in scene.arrows):
        parts += [
            ("contribution to grad," if is_silent else "= contribution to grad,", INK),
            ("positive", POSITIVE),
            ("or", FAINT),
            ("negative", NEGATIVE),
        ]
    if any(arrow.flow is not None and len(arrow.edges) > 1 for arrow in scene.arrows):
        parts += [("norm of several edges' contributions,", INK)]
    if any(arrow.is_mixed for arrow in scene.arrows):
        parts += [("of both signs", MIXED)]
    rows = ["".join(_cell(Cell(text, colour)) for text, colour in parts)]
    factor = THINNED if is_silent else 1.0
    widths = "".join(
        _swatch(max(width * factor, 1.0)) + _cell(Cell(short(flow), INK, "LEFT")) for width, flow in _scale(scene).marks()
    )
    dashes = _cell(Cell("dashed: nothing flows", FAINT, "LEFT")) if any(arrow.is_idle for arrow in scene.arrows) else ""
    if widths or dashes:
        rows.append((_cell(Cell("width, logarithmic:", FAINT, "LEFT")) + widths if widths else "") + dashes)
    lines = "".join(f'<TR><TD ALIGN="LEFT">{_table(f"<TR>{row}</TR>", LEGEND)}</TD></TR>' for row in rows)
    return f"<{_table(lines, PLAIN)}>"


def _strip(layers: Sequence[tuple[str, float]]) -> str:
    """A bar for each layer, as high as the norm of its gradient, on a logarithmic scale; below it the number and the name."""
    scale = Scale.of([norm for _, norm in layers])
    heights = [round(BAR * scale.width(norm) / THICK) if norm else 0 for _, norm in layers]
    bars = "".join([_bar(BAR - height, height) for height in heights])
    norms = "".join([_cell(Cell(short(norm), INK, "CENTER")) for _, norm in layers])
    names = "".join([_cell(Cell(name, FAINT, "CENTER")) for name, _ in layers])
    heads = [_cell(Cell(text, FAINT, "LEFT")) for text in ("", "‖grad‖", "logarithmic")]
    rows = "".join([f"<TR>{head}{row}</TR>" for head, row in zip(heads, (bars, norms, names), strict=True)])
    return f"<{_table(rows, LEGEND)}>"


def _swatch(width: float) -> str:
    """A piece of a line of this width, in so much room that an engine need not stretch it."""
    room = SWATCH - round(width)
    return _bar(room // 2, round(width), room - room // 2)


def _bar(above: int, height: int, below: int = 0) -> str:
    """A cell with a bar of this height, and so much room above and below it."""
    look = f' WIDTH="24" BGCOLOR="{LINE}"'
    parts = ((above, ""), (height, look), (below, ""))
    rows = "".join([f'<TR><TD HEIGHT="{size}"{look}></TD></TR>' for size, look in parts if size])
    return f"<TD>{_table(rows, BARE)}</TD>"


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
