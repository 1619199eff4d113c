"""The tape: the forward computation and the reverse sweep, recorded as steps that can be read one by one.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> tape = record(a * b + a)
    >>> for step in tape:
    ...     print(step.formula())
    a = 2
    b = -3
    v1 = a * b = 2 * -3 = -6
    v2 = v1 + a = -6 + 2 = -4
    ∂v2/∂v2 = 1
    ∂v2/∂v1 += ∂v2/∂v2 · ∂v2/∂v1 = 1 · 1 = 1
    ∂v2/∂a += ∂v2/∂v2 · ∂v2/∂a = 1 · 1 = 1
    ∂v2/∂a += ∂v2/∂v1 · ∂v1/∂a = 1 · b = 1 · -3 = -3
    ∂v2/∂b += ∂v2/∂v1 · ∂v1/∂b = 1 · a = 1 · 2 = 2

First every node, operands before users; then the seed; then every edge, in the order in which `backward` goes along them. The
sweep is the tape's own: it starts from nothing, and no `grad` is looked at or changed. `tape.table()` is the table of the
literature, forward beside reverse; `tape.tree()` shows the graph in a terminal; `tape.frames()` draws it step by step.

Numbers are written by a function `say` that is given the Quantity: a page writes holes that it fills later. A step's sentence
depends on nothing but the graph, on whether its gate `is_open` and on whether anything had `is_reached` its node.

Read `record`, which is the sweep, then `Step`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple, final, overload

from autograd.beside import refuse_kept
from autograd.errors import OperandError, OptionError, whole
from autograd.graph import refuse_if_no_node
from autograd.ops import number
from autograd.show import drawing
from autograd.show.drawing import Arrow, Card, Drawing, Scene
from autograd.text import rules
from autograd.text.formula import LATEX, OPEN, TEXT, Part, applied, named
from autograd.text.numbers import short
from autograd.text.tables import aligned
from autograd.transforms.reverse import partials_now
from autograd.value import Value, toposort

__all__ = ["Quantity", "Step", "Table", "Tape", "record"]


class Quantity(NamedTuple):
    """A number on the tape: what it is, where it stands, and what it is worth.

    "data", "adjoint" (the whole sum): of nodes[node]. "partial", "contribution": of the edge from nodes[node] to its operand
    number `slot`; "before", "after": the operand's adjoint around the step along that edge.
    """

    kind: str
    node: int
    slot: int
    value: float


Say = Callable[[Quantity], str]
MOST = 6  # arguments of an operation that are all written out
LIMIT = 60  # lines of a table or a tree
ON_EDGES = ("partial", "contribution", "before", "after")  # the kinds of numbers that an edge has
STYLES = ("labels", "wengert")
FORWARD, BACKWARD = "forward", "backward, read upward"


def said(quantity: Quantity) -> str:
    """The number in four significant digits."""
    return short(quantity.value)


class Edge(NamedTuple):
    """What happened along one edge of the sweep."""

    node: int
    slot: int
    partial: float
    contribution: float
    before: float
    is_open: bool
    is_first: bool  # nothing had flowed to the operand before


# ------------------------------------------------------------------------------------------------------------------ recording


def record(root: Value, *, names: Mapping[str, Any] | None = None, seed: float = 1.0) -> Tape:
    """The computation of the root and the sweep back from it, as a tape of nodes + 1 + edges steps.

    The adjoints are those that zero_grad and backward(seed) would leave in `grad`, to the bit; no `grad` is changed. `names`
    has names for nodes without a label, as `names=locals()`. A graph whose leaves were set to other data since it was made is
    refused with a StaleGraphError: its numbers would be of two computations.

    >>> x = Value(3.0, "x")
    >>> tape = record(x * x)
    >>> len(tape), tape.adjoint(x), x.grad
    (5, 6.0, 0.0)
    """
    refuse_if_no_node(root, "record")
    nodes = toposort(root)
    refuse_kept(nodes, "record")
    tape = Tape(nodes, named(nodes, names), number(seed))
    for node in nodes:
        if node.op is not None:
            partials_now(node, tape.names[node])
    adjoints = tape._adjoints
    adjoints[-1] = 0.0 + tape.seed
    for place in reversed(range(len(nodes))):
        adjoint = adjoints[place]
        tape._first[place] = len(tape._edges)
        for slot, (operand, partial, _, is_open) in enumerate(nodes[place].edges):
            arrived = adjoints[tape.place[operand]]
            before = 0.0 if arrived is None else arrived
            contribution = 0.0
            if adjoint is not None and is_open:
                contribution = adjoint * partial
                adjoints[tape.place[operand]] = before + contribution
            tape._last[tape.place[operand]] = len(tape._edges)
            tape._uses[tape.place[operand]] += 1
            tape._edges.append(Edge(place, slot, partial if is_open else 0.0, contribution, before, is_open, arrived is None))
    return tape


@final
class Tape(Sequence["Step"]):
    """What `record` recorded: a sequence of steps, and the views of it."""

    __slots__ = ("_adjoints", "_data", "_edges", "_first", "_last", "_slots", "_uses", "names", "nodes", "place", "seed")

    def __init__(self, nodes: list[Value], names: dict[Value, str], seed: float) -> None:
        self.nodes = nodes  # operands before users; the root is the last
        self.names = names  # of every node, as formulas have them
        self.seed = seed
        self.place = {node: place for place, node in enumerate(nodes)}
        # The rest is the record itself, by place; it stays when a leaf is set. None is the adjoint of a node that nothing reached.
        self._data = [node.data for node in nodes]
        self._adjoints: list[float | None] = [None] * len(nodes)
        self._edges: list[Edge] = []  # in the order of the sweep
        self._first = [0] * len(nodes)  # of the edges to a node's operands
        self._last = [-1] * len(nodes)  # of the edges from a node's users: the one that completes its adjoint
        self._uses = [0] * len(nodes)  # how many there are
        self._slots: dict[Value, dict[Value, list[int]]] = {}

    @property
    def root(self) -> Value:
        return self.nodes[-1]

    @property
    def steps(self) -> list[Step]:
        """All of them."""
        return list(self)

    def adjoint(self, node: Value) -> float:
        """The seed times ∂root/∂node; 0.0 for a node that nothing reached."""
        return self._adjoints[self._place(node)] or 0.0

    def slots(self, node: Value) -> dict[Value, list[int]]:
        """For each operand of the node, the places at which the node uses it."""
        if node not in self._slots:
            places: dict[Value, list[int]] = {}
            for slot, operand in enumerate(node.operands):
                places.setdefault(operand, []).append(slot)
            self._slots[node] = places
        return self._slots[node]

    def _place(self, node: Value) -> int:
        try:
            return self.place[node]
        except (KeyError, TypeError):
            raise OperandError(f"{node!r:.60} is no node of this tape; tape.nodes lists them") from None

    def __len__(self) -> int:
        return len(self.nodes) + 1 + len(self._edges)

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> list[Step]: ...
    def __getitem__(self, index: int | slice) -> Step | list[Step]:
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        try:
            return self._step(range(len(self))[index])
        except IndexError:
            raise IndexError(f"this tape has {len(self)} steps; there is none numbered {index}") from None

    def _step(self, index: int) -> Step:
        if index < len(self.nodes):
            node = self.nodes[index]
            return Step(self, index, "leaf" if node.op is None else "forward", node)
        if index == len(self.nodes):
            return Step(self, index, "seed", self.root, after=self._adjoints[-1])
        edge = self._edges[index - len(self.nodes) - 1]
        node, upstream = self.nodes[edge.node], self._adjoints[edge.node]
        return Step(
            self,
            index,
            "backward",
            node,
            node.operands[edge.slot],
            edge.slot,
            upstream or 0.0,
            edge.partial,
            edge.contribution,
            edge.before,
            edge.before + edge.contribution,
            edge.is_open,
            upstream is not None,
        )

    def edge(self, node: Value, slot: int) -> Step:
        """The step back along the edge from this node to its operand number `slot`."""
        place, slots = self._place(node), range(len(node.operands))
        if slot not in slots:
            raise IndexError(f"{node!r} has {len(slots)} operands; there is no slot {slot}")
        return self[len(self.nodes) + 1 + self._first[place] + slot]

    def quantity(self, kind: str, node: int, slot: int = 0) -> Quantity:
        """The number of that kind at nodes[node], or on its edge to operand number `slot`."""
        if kind == "data":
            return Quantity(kind, node, 0, self._data[node])
        if kind == "adjoint":
            return Quantity(kind, node, 0, self._adjoints[node] or 0.0)
        if kind not in ON_EDGES:
            raise OptionError(f"kind={kind!r}: give one of data, adjoint, {', '.join(ON_EDGES)}")
        step = self.edge(self.nodes[node], slot)
        return Quantity(kind, node, slot, getattr(step, kind))

    # ------------------------------------------------------------------------------------------------------------- the views

    def table(self, style: str = "labels", *, limit: int = LIMIT, number: Callable[[float], str] = short) -> Table:
        """The Wengert table: forward on the left, downward; reverse on the right, upward, beside the node whose adjoint flows.

        Leaves stand first. `style` "labels" has the nodes' own names and ∂L/∂x; "wengert" has those of the literature, v₁ and
        v̄₁ (Baydin, Pearlmutter, Radul and Siskind, 2018, table 3). Of a long table, `limit` lines are shown, half of them at
        each end. `number` writes a float.
        """
        return Table(self, style, limit, number)

    def tree(self, *, limit: int = LIMIT) -> str:
        """The graph as a tree, for a terminal: a node above its operands, each shown once; ↑ #n says where it stands already.

        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> print(record(a * b + a).tree())
        #3 v2 = v1 + a = -4      ∂v2/∂v2 = 1
        ├─ #2 v1 = a * b = -6    ∂v2/∂v1 = 1
        │  ├─ #0 a = 2           ∂v2/∂a = -2
        │  └─ #1 b = -3          ∂v2/∂b = 2
        └─ ↑ #0 a

        The number is the node's place on the tape. After `limit` lines the rest is counted.
        """
        return "\n".join(_tree(self, whole("limit", limit, 1)))

    def frames(
        self,
        *,
        rankdir: str = "LR",
        max_nodes: int = drawing.MAX_NODES,
        legend: bool = True,
        engine: str | None = None,
    ) -> Iterator[Drawing]:
        """A picture for every step, with what is known by then; the step's node or edge is lit up. The layout never moves.

        Options as for `draw`.
        """
        picture = drawing.prepared(self.root, max_nodes, None, False, None)._replace(names=self.names)
        return _frames(self, drawing.scene_of(picture), rankdir, legend, engine)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """In a notebook a tape is its table."""
        return self.table()._repr_mimebundle_()

    def __str__(self) -> str:
        return str(self.table())

    def __repr__(self) -> str:
        return f"<Tape of {self.names[self.root]}: {len(self)} steps, from {len(self.nodes)} nodes and {len(self._edges)} edges>"


# --------------------------------------------------------------------------------------------------------------------- a step


@final
@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """One step: a leaf that is given, an operation, the seed, or the chain rule along one edge. What does not apply is None."""

    tape: Tape = field(compare=False)
    index: int
    kind: str  # "leaf", "forward", "seed" or "backward"
    node: Value  # of an edge: the user, whose adjoint flows
    operand: Value | None = None
    slot: int | None = None  # which of the node's operands this is
    upstream: float | None = None  # the adjoint of the node
    partial: float | None = None  # the local derivative
    contribution: float | None = None  # their product, which is added to the operand's adjoint
    before: float | None = None  # the operand's adjoint until then
    after: float | None = None
    is_open: bool = True  # whether the gate lets anything through
    is_reached: bool = True  # whether anything has flowed to the node
    case: rules.Case | None = None  # of the choices in the local derivative; None for the one that was recorded

    @property
    def target(self) -> Value:
        """The node whose number is computed: its data, or its adjoint."""
        return self.node if self.operand is None else self.operand

    @property
    def completes(self) -> bool:
        """Whether this is the last edge to its operand, so that the operand's adjoint is complete."""
        tape = self.tape
        return self.operand is not None and tape._last[tape.place[self.operand]] == self.index - len(tape.nodes) - 1

    def words(self, say: Say = said, *, mark: Callable[[str], str] = str) -> str:
        """What happens, in a sentence or two; `mark` gets the rule of an edge and gives what is written for it.

        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> tape = record(a * b)
        >>> print(tape[2].words(), tape[4].words(), sep="\\n")
        v1 = a * b: the product of two.
        From v1 to a: the adjoint 1 times the local derivative b = -3 adds -3 to ∂v1/∂a, which was 0. \
mul swaps: each operand gets the adjoint times the other. a has no other user: ∂v1/∂a = -3 is complete.
        """
        hand = Hand(self.tape, say)
        name = self.tape.names[self.node]
        if self.kind == "leaf":
            return f"{name} is given: a leaf, which no operation made."
        if self.kind == "forward":
            return f"{name} = {hand.symbols(self.node)}: {_meaning(self.node, self.tape.names)}."
        if self.kind == "seed":
            if self.tape.seed == 1.0:
                return f"Start at the root: {hand.adjoint(self.node)} = {hand.number('adjoint', self.node)}."
            seed = hand.number("adjoint", self.node)
            return f"Start at the root with the seed {seed}: all that follows is that many times as large."
        return " ".join([f"{self._way()}: {self._flow(hand, mark)}", *self._end(hand)])

    def _way(self) -> str:
        """From where to where, and along which edge, if there are several."""
        assert self.operand is not None
        assert self.slot is not None
        names, places = self.tape.names, self.tape.slots(self.node)[self.operand]
        way = f"From {names[self.node]} to {names[self.operand]}"
        return way if len(places) == 1 else f"{way}, edge {places.index(self.slot) + 1} of {len(places)}"

    def _flow(self, hand: Hand, mark: Callable[[str], str]) -> str:
        assert self.operand is not None
        assert self.slot is not None
        sink, before = hand.adjoint(self.operand), hand.on_edge("before", self)
        if not self.is_reached:
            return f"nothing has reached {self.tape.names[self.node]}, so nothing flows on; {sink} stays {before}."
        rule = rules.rule(self.node, self.slot, self.case)
        rule = f" {mark(rule)}." if rule else ""
        if not self.is_open:
            return f"closed, nothing flows; {sink} stays {before}.{rule}"
        slope = hand.slope(self)
        factor = f"{slope} = {hand.on_edge('partial', self)}" if slope else hand.on_edge("partial", self)
        return (
            f"the adjoint {hand.number('adjoint', self.node)} times the local derivative {factor} adds "
            f"{hand.on_edge('contribution', self)} to {sink}, which was {before}.{rule}"
        )

    def _end(self, hand: Hand) -> Iterator[str]:
        if self.completes:
            assert self.operand is not None
            name = self.tape.names[self.operand]
            is_only = self.tape._uses[self.tape.place[self.operand]] == 1
            sink = f"{hand.adjoint(self.operand)} = {hand.number('adjoint', self.operand)} is complete."
            yield f"{name} has no other user: {sink}" if is_only else f"All users of {name} have answered: {sink}"

    def formula(self, say: Say = said, *, latex: bool = False) -> str:
        """The formula of the step, in symbols and then in numbers."""
        hand = Hand(self.tape, say, latex)
        return " = ".join(hand.step(self))

    def __str__(self) -> str:
        return self.words()

    def __repr__(self) -> str:
        return f"<step {self.index}, {self.kind}: {self.formula()}>"


def _meaning(node: Value, names: Mapping[Value, str]) -> str:
    """What the operation is, in its row's own words, and which operand is which where these name them."""
    assert node.op is not None
    doc = " ".join((node.op.__doc__ or "").partition("\n\n")[0].split()).rstrip(".")
    if re.match(r"[A-Z][a-z]*\b", doc):  # a word, and not ReLU
        doc = doc[0].lower() + doc[1:]
    if node.op.variadic:
        return doc
    here = []
    for name, argument in zip(node.op.operands, node.arguments, strict=True):
        own = names[argument] if type(argument) is Value else short(argument)
        if own != name and re.search(rf"(?<![A-Za-z]){name}(?![A-Za-z])", doc):
            here.append(f"{name} is {own}")
    return doc + (f"; here {' and '.join(here)}" if here else "")


# ------------------------------------------------------------------------------------------------------------- how it is written


class Hand:
    """Writes the parts of a tape in text or in LaTeX; a Wengert list's hand has names and bars of its own."""

    def __init__(self, tape: Tape, say: Say = said, latex: bool = False, wengert: bool = False) -> None:
        self.tape, self.say, self.latex, self.wengert = tape, say, latex, wengert
        self.language = LATEX if latex else TEXT
        self.times = r" \cdot " if latex else " · "
        self.names = wengert_names(tape.nodes) if wengert else tape.names

    def name(self, node: Value) -> str:
        """In brackets where it is a formula itself."""
        return self._whole(self.language.name(self.names[node]))

    def _whole(self, part: Part) -> str:
        return self.language.brackets.format(part.text) if part.level == OPEN else part.text

    def number(self, kind: str, node: Value, slot: int = 0) -> str:
        return self._digits(kind, self.tape.place[node], slot).text

    def on_edge(self, kind: str, step: Step) -> str:
        return self.number(kind, step.node, step.slot or 0)

    def _digits(self, kind: str, place: int, slot: int = 0) -> Part:
        return self.language.digits(self.say(self.tape.quantity(kind, place, slot)))

    def _factor(self, kind: str, place: int, slot: int = 0) -> str:
        """A number behind a sign of operation, where LaTeX writes no minus."""
        part = self._digits(kind, place, slot)
        return self.language.brackets.format(part.text) if self.language.minus_is_odd(part) else part.text

    # ---------------------------------------------------------------------------------------------------------------- forward

    def symbols(self, node: Value) -> str:
        return self._operation(node, {operand: self.language.name(self.names[operand]) for operand in node.operands})

    def numbers(self, node: Value) -> str:
        return self._operation(node, {operand: self._digits("data", self.tape.place[operand]) for operand in node.operands})

    def _operation(self, node: Value, written: Mapping[Value, Part]) -> str:
        assert node.op is not None
        if len(node.arguments) <= MOST:
            return applied(node, written, self.language).text
        first, second, *_, last = [written[a].text if a in written else self.language.number(a).text for a in node.arguments]
        if self.latex:
            name = node.op.__name__.replace("_", r"\_")
            return rf"\operatorname{{{name}}}\left({first}, {second}, \ldots, {last}\right)"
        return f"{node.op.__name__}({first}, {second}, …, {last})"

    # --------------------------------------------------------------------------------------------------------------- backward

    def adjoint(self, node: Value) -> str:
        """∂L/∂x, or in a Wengert list x̄."""
        if self.wengert:
            return self._barred(self.name(node))
        return self._derivative(self.tape.root, node)

    def _derivative(self, above: Value, below: Value) -> str:
        return rules.partial_of(self.names[above], self.names[below], self.language)

    def _barred(self, name: str) -> str:
        return rf"\bar{{{name[:1]}}}{name[1:]}" if self.latex else f"{name[:1]}\u0304{name[1:]}"

    def label(self, node: Value) -> str:
        """In a Wengert list, what the node is called outside of it, if it has a name of its own."""
        name = self.tape.names[node]
        return "" if not self.wengert or re.fullmatch(r"v\d+", name) else self._whole(self.language.name(name))

    def barred_label(self, node: Value) -> str:
        """x̄₁, if the label is a letter that can carry a bar."""
        is_letter = re.fullmatch(r"[^\W\d_](_?\d+|₋?[₀-₉]+)?", self.tape.names[node])
        return self._barred(self.label(node)) if is_letter and self.label(node) else ""

    def slope(self, step: Step, write: Callable[..., str] = rules.slope) -> str:
        """The local derivative in symbols; nothing where it is a number, or has no name but ∂node/∂operand."""
        assert step.slot is not None
        text = rules.slope(step.node, step.slot, self.names, case=step.case)
        if text.startswith("∂") or re.fullmatch(r"-?(?:inf|nan|[\d.]+(?:e-?\d+)?)", text):
            return ""
        return write(step.node, step.slot, self.names, latex=self.latex, case=step.case)

    def products(self, step: Step) -> list[tuple[str, str]]:
        """The adjoint and the local derivative: the latter in symbols, if it has any; then in numbers."""
        upstream, partial = self.number("adjoint", step.node), self._factor("partial", self.tape.place[step.node], step.slot or 0)
        factor = self.slope(step, rules.factor)
        return [*([(upstream, factor)] if factor else []), (upstream, partial)]

    def step(self, step: Step) -> list[str]:
        """What stands between the equals signs of a step's formula."""
        node = step.node
        if step.kind == "leaf":
            return [self.name(node), self.number("data", node)]
        if step.kind == "forward":
            parts = [self.name(node), self.symbols(node), self.numbers(node), self.number("data", node)]
            return [part for part, _ in itertools.groupby(parts)]
        if step.kind == "seed":
            return [self.adjoint(node), self.number("adjoint", node)]
        assert step.operand is not None
        plus = r"\mathrel{+}=" if self.latex else "+="
        flow = [self.times.join(pair) for pair in self.products(step)] if step.is_open and step.is_reached else []
        return [
            f"{self.adjoint(step.operand)} {plus} {self.adjoint(node)}{self.times}{self._derivative(node, step.operand)}",
            *flow,
            self.on_edge("contribution", step),
        ]


SUBSCRIPTS = str.maketrans("-0123456789", "₋₀₁₂₃₄₅₆₇₈₉")


def wengert_names(nodes: Sequence[Value]) -> dict[Value, str]:
    """The names of the literature: v₁, v₂, ... for what is computed, and before them the leaves, up to v₀."""
    leaves = [node for node in nodes if node.op is None]
    numbered = enumerate([*leaves, *(node for node in nodes if node.op is not None)], 1 - len(leaves))
    return {node: "v" + str(place).translate(SUBSCRIPTS) for place, node in numbered}


# --------------------------------------------------------------------------------------------------------------------- the table

Cell = tuple[str, str, str]  # what is computed, how, and what it comes to
EMPTY: Cell = ("", "", "")


class Row(NamedTuple):
    """A line of the table: a leaf, an edge, or beside the seed the root again."""

    place: int
    slot: int | None = None


@final
class Table:
    """The Wengert table of a tape; `str()`, `.to_markdown()` and `.to_latex()` write it, and a notebook shows it."""

    __slots__ = ("limit", "number", "style", "tape")

    def __init__(self, tape: Tape, style: str = "labels", limit: int = LIMIT, number: Callable[[float], str] = short) -> None:
        if style not in STYLES:
            raise OptionError(f"style={style!r}: give one of {', '.join(STYLES)}")
        self.tape, self.style, self.limit, self.number = tape, style, whole("limit", limit, 2), number

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
        head, more, tail = self._cells(latex=True)
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
        return f"<Table of {self.tape!r}; print it>"

    # ------------------------------------------------------------------------------------------------------------- its cells

    def _cells(self, latex: bool = False) -> tuple[list[tuple[Cell, Cell]], str, list[tuple[Cell, Cell]]]:
        """The first lines, how many steps are left out, the last lines."""
        rows = _rows(self.tape)
        half = self.limit // 2
        hand = Hand(self.tape, lambda quantity: self.number(quantity.value), latex, self.style == "wengert")
        if len(rows) <= 2 * half:
            return [self._line(row, hand) for row in rows], "", []
        hidden = sum(map(self._steps, rows[half:-half]))
        head, tail = ([self._line(row, hand) for row in part] for part in (rows[:half], rows[-half:]))
        return head, f"... {hidden:,} steps more", tail

    def _is_top(self, row: Row) -> bool:
        """Whether it is the first line of its node: the reverse sweep, read upward, leaves the node there."""
        return row.slot is None or row.slot == len(self.tape.nodes[row.place].operands) - 1

    def _steps(self, row: Row) -> int:
        return 1 if row.slot is None else 1 + self._is_top(row)

    def _line(self, row: Row, hand: Hand) -> tuple[Cell, Cell]:
        node = self.tape.nodes[row.place]
        if row.slot is not None:
            return self._operation(node, hand) if self._is_top(row) else EMPTY, self._edge(self.tape.edge(node, row.slot), hand)
        value, adjoint = f"= {hand.number('data', node)}", f"= {hand.number('adjoint', node)}"
        name, label = hand.name(node), hand.label(node)
        bar, barred = hand.adjoint(node), hand.barred_label(node)
        if node.op is None:
            return (name, label and f"= {label}", value), (barred, f"= {bar}", adjoint) if barred else (bar, "", adjoint)
        return (label, f"= {name}", value) if label else EMPTY, (bar, barred and f"= {barred}", adjoint)

    def _operation(self, node: Value, hand: Hand) -> Cell:
        name, *how, value = hand.step(self.tape[self.tape.place[node]])
        return name, f"= {' = '.join(how)}", f"= {value}"

    def _edge(self, step: Step, hand: Hand) -> Cell:
        assert step.operand is not None
        sink, after = hand.adjoint(step.operand), f"= {hand.on_edge('after', step)}"
        if not step.is_open or not step.is_reached:
            nothing = "closed: nothing flows" if step.is_reached else "not reached: nothing flows"
            return sink, rf"\text{{{nothing}}}" if hand.latex else nothing, after
        products = hand.products(step)
        symbols, numbers = f"{hand.adjoint(step.node)}{hand.times}{products[0][1]}", hand.times.join(products[-1])
        if not self.tape._edges[step.index - len(self.tape.nodes) - 1].is_first:
            symbols, numbers = f"{sink} + {symbols}", f"{hand.on_edge('before', step)} + {numbers}"
        return sink, f"= {symbols} = {numbers}", after


def _rows(tape: Tape) -> list[Row]:
    """The leaves; for every operation its edges, the first one lowest; at the foot the root, whose adjoint is the seed."""
    leaves = [Row(place) for place, node in enumerate(tape.nodes) if node.op is None]
    edges = [Row(place, slot) for place, node in enumerate(tape.nodes) for slot in reversed(range(len(node.operands)))]
    return [*leaves, *edges, *([Row(len(tape.nodes) - 1)] if edges else [])]


def _code(cell: Cell) -> str:
    """A cell as code in a Markdown table, whatever bars a label has."""
    text = " ".join([part for part in cell if part]).replace("|", r"\|")
    return code(text) if text else ""


def code(text: str) -> str:
    """The text as code in a line of Markdown, whatever backticks it has."""
    mark, blank = fence(text, 1), " " * ("`" in text)
    return f"{mark}{blank}{text}{blank}{mark}"


def fence(text: str, least: int) -> str:
    """Backticks, more of them than the text has in a row."""
    return "`" * max(least, 1 + max(map(len, re.findall("`+", text)), default=0))


# ---------------------------------------------------------------------------------------------------------------------- the tree


def _tree(tape: Tape, limit: int) -> Iterator[str]:
    """The lines: from the root down, operands in order, a node met again as a reference."""
    hand, shown = Hand(tape), set[Value]()
    lines: list[tuple[str, ...]] = []
    waiting = [(tape.root, "", "")]  # with what stands in front of it, and in front of what is below it
    while waiting and len(lines) < limit:
        node, stem, margin = waiting.pop()
        if node in shown:
            lines.append((f"{stem}↑ #{tape.place[node]} {tape.names[node]}",))
            continue
        shown.add(node)
        made = " = ".join(dict.fromkeys([hand.name(node), *([hand.symbols(node)] if node.op else []), hand.number("data", node)]))
        is_reached = tape._adjoints[tape.place[node]] is not None
        adjoint = f"{hand.adjoint(node)} = {hand.number('adjoint', node)}" if is_reached else "not reached"
        lines.append((f"{stem}#{tape.place[node]} {made}", adjoint))
        below = [(operand, f"{margin}├─ ", f"{margin}│  ") for operand in node.operands]
        below[-1:] = [(operand, f"{margin}└─ ", f"{margin}   ") for operand in node.operands[-1:]]
        waiting += reversed(below)
    yield from aligned(lines, "    ")
    if waiting:
        yield f"... {len(tape.nodes) - len(shown):,} nodes more"


# -------------------------------------------------------------------------------------------------------------------- the frames


def _frames(tape: Tape, scene: Scene, rankdir: str, legend: bool, engine: str | None) -> Iterator[Drawing]:
    """A frame is the whole scene with blanks in it, as wide as what they stand for: nothing moves when it is known."""
    whole = scene._replace(arrows=[_arrow(arrow, edge) for arrow, edge in zip(scene.arrows, _by_node(tape), strict=True)])
    widths = _card_widths(tape)
    grads: list[float | None] = [None] * len(tape.nodes)
    for step in tape:
        if step.after is not None:
            grads[tape.place[step.target]] = step.after
        known = min(step.index + 1, len(tape.nodes))  # nodes that are computed
        gone = max(step.index - len(tape.nodes), 0)  # edges that the sweep has gone along
        cards = [
            _card(
                card,
                tape._data[place] if place < known else None,
                grads[place],
                widths[place],
                tape.nodes[place] is step.target,
            )
            for place, card in enumerate(scene.cards)
        ]
        circles = [
            circle._replace(fill=drawing.LIT) if step.kind != "seed" and circle.card == f"n{tape.place[step.node]}" else circle
            for circle in scene.circles
        ]
        arrows = [
            _at(arrow, edge.node < known, tape._first[edge.node] + edge.slot, gone)
            for arrow, edge in zip(whole.arrows, _by_node(tape), strict=True)
        ]
        frame = Scene(cards, circles, arrows)
        yield Drawing(drawing.dot_of(frame, rankdir, legend, whole), text=f"{step.words()}\n{step.formula()}", engine=engine)


def _by_node(tape: Tape) -> Iterator[Edge]:
    """The edges in the order of a scene's arrows."""
    for place, node in enumerate(tape.nodes):
        yield from tape._edges[tape._first[place] : tape._first[place] + len(node.operands)]


def _card_widths(tape: Tape) -> list[int]:
    """The longest number that each card will show."""
    widths = [len(short(data)) for data in tape._data]
    for step in tape[len(tape.nodes) :]:
        place = tape.place[step.target]
        widths[place] = max(widths[place], len(short(step.after or 0.0)))
    return widths


def _card(card: Card, data: float | None, grad: float | None, width: int, is_lit: bool) -> Card:
    rows = [drawing.row_of("data", data), drawing.row_of("grad", grad)]
    shown = ["" if x is None else short(x) for x in (data, grad)]
    rows = [[key, cell._replace(text=text.rjust(width))] for (key, cell), text in zip(rows, shown, strict=True)]
    return card._replace(rows=rows, fill=drawing.LIT if is_lit else card.fill, hint=card.title)


def _arrow(arrow: Arrow, edge: Edge) -> Arrow:
    """The arrow with the numbers of the tape, which need not be those in `grad`."""
    return drawing.arrow_of(arrow.id, arrow.tail, arrow.head, [(edge.partial, edge.contribution, edge.is_open)], arrow.weight)


def _at(arrow: Arrow, is_computed: bool, place: int, gone: int) -> Arrow:
    """The arrow when the sweep has gone along so many edges, of which it is number `place`."""
    if place < gone:
        return arrow._replace(fill=drawing.LIT if place == gone - 1 else "")
    above = arrow.above if is_computed else arrow.above[0].ljust(len(arrow.above))  # the sign × stays
    return arrow._replace(above=above, below=" " * len(arrow.below), flow=None, is_open=arrow.is_open or not is_computed)
