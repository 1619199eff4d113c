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
from typing import Any, NamedTuple, final, overload

from autograd import rules
from autograd.drawing import short
from autograd.errors import OperandError
from autograd.formula import LATEX, OPEN, TEXT, Part, applied, named
from autograd.functional import partials_now
from autograd.ops import ATOM, PRODUCT, UNARY, number
from autograd.value import Value, toposort

__all__ = ["Quantity", "Step", "Tape", "record"]


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
    if type(root) is not Value:
        raise OperandError(f"record takes the node that a computation ended in, not {root!r:.60}")
    nodes = toposort(root)
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
            tape._edges.append(Edge(place, slot, partial, contribution, before, is_open, arrived is None))
    return tape


@final
class Tape(Sequence["Step"]):
    """What `record` recorded: a sequence of steps, and the views of it."""

    __slots__ = ("_adjoints", "_edges", "_first", "_last", "_uses", "names", "nodes", "place", "seed")

    def __init__(self, nodes: list[Value], names: dict[Value, str], seed: float) -> None:
        self.nodes = nodes  # operands before users; the root is the last
        self.names = names  # of every node, as formulas have them
        self.seed = seed
        self.place = {node: place for place, node in enumerate(nodes)}
        # The rest is the record itself, by place: None is the adjoint of a node that nothing reached.
        self._adjoints: list[float | None] = [None] * len(nodes)
        self._edges: list[Edge] = []  # in the order of the sweep
        self._first = [0] * len(nodes)  # of the edges to a node's operands
        self._last = [-1] * len(nodes)  # of the edges from a node's users: the one that completes its adjoint
        self._uses = [0] * len(nodes)  # how many there are

    @property
    def root(self) -> Value:
        return self.nodes[-1]

    @property
    def steps(self) -> list[Step]:
        """All of them."""
        return list(self)

    def adjoint(self, node: Value) -> float:
        """The seed times ∂root/∂node; 0.0 for a node that nothing reached."""
        return self._adjoints[self.place[node]] or 0.0

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
        return self[len(self.nodes) + 1 + self._first[self.place[node]] + slot]

    def quantity(self, kind: str, node: int, slot: int = 0) -> Quantity:
        """The number of that kind at nodes[node], or on its edge to operand number `slot`."""
        if kind == "data":
            return Quantity(kind, node, 0, self.nodes[node].data)
        if kind == "adjoint":
            return Quantity(kind, node, 0, self._adjoints[node] or 0.0)
        step = self.edge(self.nodes[node], slot)
        return Quantity(kind, node, slot, getattr(step, kind))

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

    @property
    def completes(self) -> bool:
        """Whether this is the last edge to its operand, so that the operand's adjoint is complete."""
        tape = self.tape
        return self.operand is not None and tape._last[tape.place[self.operand]] == self.index - len(tape.nodes) - 1

    def words(self, say: Say = said) -> str:
        """What happens, in a sentence or two.

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
        return " ".join([f"{self._way()}: {self._flow(hand)}", *self._end(hand)])

    def _way(self) -> str:
        """From where to where, and along which edge, if there are several."""
        assert self.operand is not None
        assert self.slot is not None
        names, operands = self.tape.names, self.node.operands
        way = f"From {names[self.node]} to {names[self.operand]}"
        count = operands.count(self.operand)
        return way if count == 1 else f"{way}, edge {operands[: self.slot].count(self.operand) + 1} of {count}"

    def _flow(self, hand: Hand) -> str:
        assert self.operand is not None
        assert self.slot is not None
        sink, before = hand.adjoint(self.operand), hand.on_edge("before", self)
        if not self.is_reached:
            return f"nothing has reached {self.tape.names[self.node]}, so nothing flows on; {sink} stays {before}."
        rule = rules.rule(self.node, self.slot)
        if not self.is_open:
            return f"closed, nothing flows; {sink} stays {before}. {rule}."
        slope = hand.slope(self)
        factor = f"{slope} = {hand.on_edge('partial', self)}" if slope else hand.on_edge("partial", self)
        return (
            f"the adjoint {hand.number('adjoint', self.node)} times the local derivative {factor} adds "
            f"{hand.on_edge('contribution', self)} to {sink}, which was {before}. {rule}."
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
    if doc[1:2].islower() or doc[1:2] == " ":
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
        text = self.say(self.tape.quantity(kind, place, slot))
        match = re.fullmatch(r"(-?[\d.]+)e(-?\d+)", text)
        if self.latex and match:
            return Part(rf"{match[1]} \cdot 10^{{{match[2]}}}", PRODUCT, True)
        if self.latex and text in ("nan", "inf", "-inf"):
            return LATEX.number(float(text))
        return Part(text, UNARY if text.startswith("-") else ATOM, True)

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
            return barred(self.name(node), self.latex)
        root, x = self.name(self.tape.root), self.name(node)
        return rf"\frac{{\partial {root}}}{{\partial {x}}}" if self.latex else f"∂{root}/∂{x}"

    def slope(self, step: Step) -> str:
        """The local derivative in symbols; nothing where it is a number, or has no other name than ∂node/∂operand."""
        assert step.slot is not None
        text = rules.slope(step.node, step.slot, self.names)
        if text.startswith("∂") or re.fullmatch(r"-?(?:inf|nan|[\d.]+(?:e-?\d+)?)", text):
            return ""
        return rules.slope(step.node, step.slot, self.names, latex=True) if self.latex else text

    def products(self, step: Step) -> list[tuple[str, str]]:
        """The adjoint and the local derivative: the latter in symbols, if it has any; then in numbers."""
        upstream, partial = self.number("adjoint", step.node), self._factor("partial", self.tape.place[step.node], step.slot or 0)
        slope = self.slope(step)
        symbols = [(upstream, self.language.brackets.format(slope) if _is_loose(slope) else slope)] if slope else []
        return [*symbols, (upstream, partial)]

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
        d = r"\partial " if self.latex else "∂"
        above, below = f"{d}{self.name(node)}", f"{d}{self.name(step.operand)}"
        slope = rf"\frac{{{above}}}{{{below}}}" if self.latex else f"{above}/{below}"
        flow = [self.times.join(pair) for pair in self.products(step)] if step.is_open and step.is_reached else []
        return [
            f"{self.adjoint(step.operand)} {plus} {self.adjoint(node)}{self.times}{slope}",
            *flow,
            self.on_edge("contribution", step),
        ]


def _is_loose(text: str) -> bool:
    """Whether it is a sum or a quotient, so that brackets make it one factor; what stands in brackets is whole."""
    bare, inner = "", text
    while bare != inner:
        bare, inner = inner, re.sub(r"\{[^{}]*\}|\([^()]*\)|\[[^\[\]]*\]", "", inner)
    return re.search(r" [-+/<>] |^-", bare) is not None or r"\begin" in bare


SUBSCRIPTS = str.maketrans("-0123456789", "₋₀₁₂₃₄₅₆₇₈₉")


def wengert_names(nodes: Sequence[Value]) -> dict[Value, str]:
    """The names of the literature: v₁, v₂, ... for what is computed, and before them the leaves, up to v₀."""
    leaves = [node for node in nodes if node.op is None]
    computed = [node for node in nodes if node.op is not None]
    numbered = enumerate([*leaves, *computed], 1 - len(leaves))
    return {node: "v" + str(number).translate(SUBSCRIPTS) for number, node in numbered}


def barred(name: str, latex: bool) -> str:
    """The adjoint's name: v̄₁."""
    letter, index = name[:1], name[1:]
    return rf"\bar{{{letter}}}{index}" if latex else f"{letter}\u0304{index}"
