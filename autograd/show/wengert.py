"""The Wengert table of a tape, forward beside reverse, and the graph as a tree: for terminals, notebooks, Markdown and LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any, NamedTuple, final

from autograd.errors import OptionError, whole
from autograd.show.notation import Notation, Quantity, Say
from autograd.show.recording import Sweep
from autograd.show.steps import step_along, step_of
from autograd.text.language import BOOK, Language
from autograd.text.latex import LATEX, pieces_of
from autograd.text.numbers import short
from autograd.text.tables import aligned
from autograd.value import Value

__all__ = ["LIMIT", "Table", "code", "fence", "tree_of"]

LIMIT = 60  # lines of a table or a tree
STYLES = ("labels", "wengert")
FORWARD, BACKWARD = "forward", "backward, read upward"
SUBSCRIPTS = str.maketrans("-0123456789", "₋₀₁₂₃₄₅₆₇₈₉")


class Wengert(Notation):
    """The names of the literature: v₁, v₂, ... for what is computed, before them the leaves, up to v₀; and bars for adjoints."""

    def __init__(self, nodes: Sequence[Value], language: Language, say: Say) -> None:
        leaves = [node for node in nodes if node.op is None]
        numbered = enumerate([*leaves, *(node for node in nodes if node.op is not None)], 1 - len(leaves))
        names = {node: "v" + str(place).translate(SUBSCRIPTS) for place, node in numbered}
        super().__init__(names, nodes[-1], language, say)

    def adjoint(self, node: Value) -> Any:
        """Return v̄."""
        return self.language.barred(self.names[node])


Cell = tuple[str, str, str]  # what is computed, how, and what it comes to
EMPTY: Cell = ("", "", "")


class Line(NamedTuple):
    """A line of the table: a leaf, an edge, or beside the seed the root again."""

    place: int
    slot: int | None = None


@final
class Table:
    """The Wengert table of a tape; `str()`, `.to_markdown()` and `.to_latex()` write it, and a notebook shows it."""

    __slots__ = ("limit", "number", "style", "sweep")

    def __init__(self, sweep: Sweep, style: str = "labels", limit: int = LIMIT, number: Callable[[float], str] = short) -> None:
        if style not in STYLES:
            raise OptionError(f"style={style!r}: give one of {', '.join(STYLES)}")
        self.sweep, self.style, self.limit, self.number = sweep, style, whole("limit", limit, 2), number

    def __str__(self) -> str:
        head, more, tail = self._cells()
        halves = [aligned(half, " ") for half in zip(*head, *tail, strict=True)]
        lines = aligned([(FORWARD, BACKWARD), *zip(*halves, strict=True)], " | ")
        if more:
            lines.insert(1 + len(head), more)
        return "\n".join(lines)

    def to_markdown(self) -> str:
        """A Markdown table, with code in its cells."""
        head, more, tail = self._cells()
        lines = [f"| {_code(forward)} | {_code(backward)} |" for forward, backward in (*head, *tail)]
        if more:
            lines.insert(len(head), f"| {more} | |")
        return "\n".join([f"| {FORWARD} | {BACKWARD} |", "| :-- | :-- |", *lines])

    def to_latex(self) -> str:
        """An array for LaTeX's mathematics, without dollar signs."""
        head, more, tail = self._cells(LATEX)
        lines = [" & ".join([*forward, *backward]) for forward, backward in (*head, *tail)]
        if more:
            lines.insert(len(head), rf"\rlap{{\text{{{more}}}}} & & & & &")
        title = rf"\rlap{{\text{{{FORWARD}}}}} & & & \rlap{{\text{{{BACKWARD}}}}} & & \\ \hline"
        return "\n".join([r"\begin{array}{lll|lll}", title, *[rf"{line} \\" for line in lines], r"\end{array}"])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """HTML for a notebook, and text for whoever sees only that."""
        return {"text/html": self._html(), "text/plain": str(self)}

    def _html(self) -> str:
        head, more, tail = self._cells()
        look = "text-align: left; white-space: pre; font-family: monospace; padding: 1px 6px"
        rule = "; border-left: 1px solid #9AA5B1"
        cells = [f'<td style="{look}{rule * (column == 3)}">%s</td>' for column in range(6)]
        lines = [
            f"<tr>{''.join([cell % escape(text) for cell, text in zip(cells, (*forward, *backward), strict=True)])}</tr>"
            for forward, backward in (*head, *tail)
        ]
        if more:
            lines.insert(len(head), f'<tr><td colspan="6" style="{look}">{more}</td></tr>')
        title = f'<th colspan="3" style="{look}">{FORWARD}</th><th colspan="3" style="{look}{rule}">{BACKWARD}</th>'
        return f"<table><thead><tr>{title}</tr></thead><tbody>{''.join(lines)}</tbody></table>"

    def __repr__(self) -> str:
        return f"<Table of <{self.sweep.summary()}>; print it>"

    # ------------------------------------------------------------------------------------------------------------- its cells

    def _cells(self, language: Language = BOOK) -> tuple[list[tuple[Cell, Cell]], str, list[tuple[Cell, Cell]]]:
        """The first lines, how many steps are left out, the last lines."""
        view, half = self.sweep.view, self.limit // 2

        def say(quantity: Quantity) -> str:
            return self.number(quantity.value)

        is_list = self.style == "wengert"
        notation = Wengert(view.nodes, language, say) if is_list else Notation(view.names, view.nodes[-1], language, say)
        lines = self._lines()
        if len(lines) <= 2 * half:
            return [self._line(line, notation) for line in lines], "", []
        hidden = sum(map(self._steps, lines[half:-half]))
        head, tail = ([self._line(line, notation) for line in part] for part in (lines[:half], lines[-half:]))
        return head, f"... {hidden:,} steps more", tail

    def _lines(self) -> list[Line]:
        """The leaves; for every operation its edges, the first one lowest; at the foot the root, whose adjoint is the seed."""
        nodes = self.sweep.view.nodes
        leaves = [Line(place) for place, node in enumerate(nodes) if node.op is None]
        edges = [Line(place, slot) for place, node in enumerate(nodes) for slot in reversed(range(len(node.operands)))]
        return [*leaves, *edges, *([Line(len(nodes) - 1)] if edges else [])]

    def _is_top(self, line: Line) -> bool:
        """Whether it is the first line of its node: the reverse sweep, read upward, leaves the node there."""
        return line.slot is None or line.slot == len(self.sweep.view.nodes[line.place].operands) - 1

    def _steps(self, line: Line) -> int:
        return 1 if line.slot is None else 1 + self._is_top(line)

    def _line(self, line: Line, notation: Notation) -> tuple[Cell, Cell]:
        node = self.sweep.view.nodes[line.place]
        if line.slot is not None:
            name, *how, value = notation.parts(step_of(self.sweep, line.place).sides())
            made = (name, f"= {' = '.join(how)}", f"= {value}") if self._is_top(line) else EMPTY
            return made, self._edge(line.place, line.slot, notation)
        value, adjoint = (f"= {notation.write([self.sweep.quantity(kind, line.place)])}" for kind in ("data", "adjoint"))
        name, bar = notation.name(node), notation.adjoint(node)
        label = barred = ""  # in a Wengert list, the node's own name, if it has one
        if isinstance(notation, Wengert) and node in self.sweep.view.named:
            own = self.sweep.view.names[node]
            label = notation.label(own)
            (kind, _), *more = pieces_of(own)[0]
            barred = notation.language.barred(own) if kind == "letter" and not more else ""
        if node.op is None:
            return (name, label and f"= {label}", value), (barred, f"= {bar}", adjoint) if barred else (bar, "", adjoint)
        return (label, f"= {name}", value) if label else EMPTY, (bar, barred and f"= {barred}", adjoint)

    def _edge(self, place: int, slot: int, notation: Notation) -> Cell:
        step = step_along(self.sweep, place, slot)
        assert step.operand is not None
        sink, after = notation.adjoint(step.operand), f"= {notation.write([step.quantity('after')])}"
        if not step.is_open or not step.is_reached:
            nothing = "closed: nothing flows" if step.is_reached else "not reached: nothing flows"
            return sink, notation.language.words(nothing), after
        products = step.products()
        symbols = f"{notation.adjoint(step.node)}{notation.write(products[0][1:])}"
        numbers = notation.write(products[-1])
        if not self.sweep.edges[self.sweep.index(place, slot)].is_first:
            symbols, numbers = f"{sink} + {symbols}", f"{notation.write([step.quantity('before')])} + {numbers}"
        return sink, f"= {symbols} = {numbers}", after


def _code(cell: Cell) -> str:
    """A cell as code in a Markdown table; the bars in a label are escaped."""
    text = " ".join([part for part in cell if part]).replace("|", r"\|")
    return code(text) if text else ""


def code(text: str) -> str:
    """The text as code in a line of Markdown, between more backticks than it has."""
    mark, blank = fence(text, 1), " " * ("`" in text)
    return f"{mark}{blank}{text}{blank}{mark}"


def fence(text: str, least: int) -> str:
    """Backticks, more of them than the text has in a row."""
    return "`" * max(least, 1 + max(map(len, re.findall("`+", text)), default=0))


def tree_of(sweep: Sweep, limit: int) -> Iterator[str]:
    """The lines: from the root down, operands in order, a node met again as a reference."""
    view = sweep.view
    notation, shown = Notation(view.names, view.nodes[-1]), set[Value]()
    lines: list[tuple[str, ...]] = []
    waiting = [(view.nodes[-1], "", "")]  # with what is before it, and before what is below it
    while waiting and len(lines) < limit:
        node, stem, margin = waiting.pop()
        place = view.place[node]
        if node in shown:
            lines.append((f"{stem}↑ #{place} {view.names[node]}",))
            continue
        shown.add(node)
        data, adjoint = (notation.write([sweep.quantity(kind, place)]) for kind in ("data", "adjoint"))
        made = " = ".join(dict.fromkeys([notation.name(node), *([notation.operation(node)] if node.op else []), data]))
        is_reached = sweep.adjoints[place] is not None
        lines.append((f"{stem}#{place} {made}", f"{notation.adjoint(node)} = {adjoint}" if is_reached else "not reached"))
        below = [(operand, f"{margin}├─ ", f"{margin}│  ") for operand in node.operands]
        below[-1:] = [(operand, f"{margin}└─ ", f"{margin}   ") for operand in node.operands[-1:]]
        waiting += reversed(below)
    yield from aligned(lines, "    ")
    if waiting:
        yield f"... {len(view.nodes) - len(shown):,} nodes more"
