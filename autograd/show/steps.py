"""The steps of a tape: what each does, in sentences and as a formula.

A step's sentences and formula keep their numbers as Quantities, which a function `say` writes. A sentence depends only on the
graph, on whether its gate `is_open` and on whether anything had reached its node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, final

from autograd.show.notation import Adjoint, Derivative, Notation, Operation, Quantity, Say, Sentence, Side, Sign, Slope, four_digits
from autograd.show.recording import Sweep
from autograd.text import rules
from autograd.text.language import BOOK, Language
from autograd.text.latex import LATEX
from autograd.text.numbers import short
from autograd.value import Value

__all__ = ["Step", "step_along", "step_of"]

# The sentences of a step, whole; `Step.sentences` gives their fields.
GIVEN = "{name} is given: a leaf, which no operation made."
MADE = "{name} = {symbols}: {meaning}."
MADE_OF = "{name} = {symbols}: {meaning}; here {operands}."
OPERAND = "{name} = {operand}"
START = "Start at the root: {adjoint} = {number}."
SEEDED = "Start at the root with the seed {number}: all that follows is that many times as large."
# Along an edge: the only one between its nodes, or one of several.
UNREACHED = (
    "From {node} to {operand}: nothing has reached {node}, so nothing flows on; {sink} stays {before}.",
    "From {node} to {operand}, edge {index} of {count}: nothing has reached {node}, so nothing flows on; {sink} stays {before}.",
)
CLOSED = (
    "From {node} to {operand}: closed, nothing flows; {sink} stays {before}.",
    "From {node} to {operand}, edge {index} of {count}: closed, nothing flows; {sink} stays {before}.",
)
ADDS = (
    "From {node} to {operand}: the adjoint {adjoint} times the local derivative {partial} adds {contribution} to {sink}, "
    "which was {before}.",
    "From {node} to {operand}, edge {index} of {count}: the adjoint {adjoint} times the local derivative {partial} "
    "adds {contribution} to {sink}, which was {before}.",
)
ADDS_SYMBOLS = (
    "From {node} to {operand}: the adjoint {adjoint} times the local derivative {slope} = {partial} adds {contribution} to {sink}, "
    "which was {before}.",
    "From {node} to {operand}, edge {index} of {count}: the adjoint {adjoint} times the local derivative {slope} = {partial} "
    "adds {contribution} to {sink}, which was {before}.",
)
RULE = "{rule}."
ONLY_USER = "{operand} has no other user: {sink} = {number} is complete."
LAST_USER = "All contributions to {sink} are in: {sink} = {number}."


@final
@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """One step: a leaf that is given, an operation, the seed, or the chain rule along one edge. What does not apply is None."""

    sweep: Sweep = field(compare=False)
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
        view = self.sweep.view
        return self.operand is not None and self.sweep.last[view.place[self.operand]] == self.index - len(view.nodes) - 1

    def words(self, say: Say = four_digits) -> str:
        """What happens, in a sentence or two.

        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> from autograd.show.tape import record
        >>> tape = record(a * b)
        >>> print(tape[2].words(), tape[4].words(), sep="\\n")
        v1 = a·b: the product of two.
        From v1 to a: the adjoint 1 times the local derivative b = −3 adds −3 to ∂v1/∂a, which was 0. \
Multiplication swaps: each operand gets the adjoint times the other. a has no other user: ∂v1/∂a = −3 is complete.
        """
        return " ".join(map(self._notation(say=say).sentence, self.sentences()))

    def sentences(self) -> list[Sentence]:
        """What happens, as data."""
        if self.kind == "leaf":
            return [Sentence(GIVEN, {"name": self.node})]
        if self.kind == "forward":
            return [_made(self.node, self.sweep.view.names)]
        if self.kind == "seed":
            template = START if self.sweep.seed == 1.0 else SEEDED
            return [Sentence(template, {"adjoint": Adjoint(self.node), "number": self._of("adjoint", self.node)})]
        return [*self._flow(), *self._completion()]

    def _notation(self, language: Language = BOOK, say: Say = four_digits) -> Notation:
        return Notation(self.sweep.view.names, self.sweep.view.nodes[-1], language, say)

    def _of(self, kind: str, node: Value) -> Quantity:
        return self.sweep.quantity(kind, self.sweep.view.place[node])

    def quantity(self, kind: str) -> Quantity:
        """A number of this edge: "partial", "contribution", "before" or "after"."""
        assert self.slot is not None
        return Quantity(kind, self.sweep.view.place[self.node], self.slot, getattr(self, kind))

    def _flow(self) -> Iterator[Sentence]:
        """From where to where, along which edge if there are several, and what flows."""
        assert self.operand is not None
        assert self.slot is not None
        fields: dict[str, Any] = {"node": self.node, "operand": self.operand}
        fields |= {"sink": Adjoint(self.operand), "before": self.quantity("before")}
        slots = self.sweep.view.slots(self.node, self.operand)
        if len(slots) > 1:
            fields |= {"index": str(slots.index(self.slot) + 1), "count": str(len(slots))}
        if not self.is_reached:
            yield Sentence(UNREACHED[len(slots) > 1], fields)
            return
        templates = ADDS if self.is_open else CLOSED
        if self.is_open:
            fields |= {"adjoint": self._of("adjoint", self.node)}
            fields |= {kind: self.quantity(kind) for kind in ("partial", "contribution")}
            if self._is_symbolic:
                templates, fields["slope"] = ADDS_SYMBOLS, Slope(self.node, self.slot, self.case, is_factor=False)
        yield Sentence(templates[len(slots) > 1], fields)
        rule = rules.rule(self.node, self.slot, self.case)
        if rule is not rules.UNKNOWN:
            yield Sentence(RULE, {"rule": Sentence(rule.whole, rule.fields)})

    def _completion(self) -> Iterator[Sentence]:
        if self.completes:
            assert self.operand is not None
            is_only = self.sweep.uses[self.sweep.view.place[self.operand]] == 1
            number = self._of("adjoint", self.operand)
            fields = {"operand": self.operand, "sink": Adjoint(self.operand), "number": number}
            yield Sentence(ONLY_USER if is_only else LAST_USER, fields)

    def formula(self, say: Say = four_digits, *, latex: bool = False) -> str:
        """The formula of the step, in symbols and then in numbers."""
        return " = ".join(self._notation(LATEX if latex else BOOK, say).parts(self.sides()))

    def sides(self) -> list[Side]:
        """What is between the equals signs of the formula, as data."""
        node = self.node
        if self.kind == "leaf":
            return [[node], [self._of("data", node)]]
        if self.kind == "forward":
            numbers = Operation(node, {operand: self._of("data", operand) for operand in node.operands})
            return [[node], [Operation(node)], [numbers], [self._of("data", node)]]
        if self.kind == "seed":
            return [[Adjoint(node)], [self._of("adjoint", node)]]
        assert self.operand is not None
        symbols: Side = [Adjoint(node), Sign.TIMES, Derivative(node, self.operand)]
        flow = self.products() if self.is_open and self.is_reached else []
        if flow and node is self.sweep.view.nodes[-1]:  # where ∂root/∂operand would be explained by itself
            assert self.slot is not None
            symbols = [Adjoint(node), Sign.TIMES, Slope(node, self.slot, self.case)]
        return [[Adjoint(self.operand), Sign.ADDS, *symbols], *flow, [self.quantity("contribution")]]

    def products(self) -> list[Side]:
        """The adjoint times the local derivative: the latter in symbols, if it has any; then in numbers."""
        assert self.slot is not None
        before: Side = [self._of("adjoint", self.node), Sign.TIMES]
        symbols: list[Side] = [[*before, Slope(self.node, self.slot, self.case)]] if self._is_symbolic else []
        return [*symbols, [*before, self.quantity("partial")]]

    @property
    def _is_symbolic(self) -> bool:
        """Whether the local derivative can be written in symbols, and is no number."""
        assert self.slot is not None
        return rules.slope(self.node, self.slot, self.sweep.view.names, case=self.case).is_symbolic

    def __str__(self) -> str:
        return self.words()

    def __repr__(self) -> str:
        return f"<step {self.index}, {self.kind}: {self.formula()}>"


def _made(node: Value, names: Mapping[Value, str]) -> Sentence:
    """What the operation is, in its row's own words, and which operand is which where these name them."""
    assert node.op is not None
    doc = " ".join((node.op.__doc__ or "").partition("\n\n")[0].split()).rstrip(".")
    if doc.partition(" ")[0].istitle():  # a word, and not ReLU
        doc = doc[0].lower() + doc[1:]
    fields: dict[str, Any] = {"name": node, "symbols": Operation(node), "meaning": doc}
    here = []
    for name, argument in zip(node.op.operands, node.arguments, strict=True) if not node.op.variadic else ():
        own = names[argument] if type(argument) is Value else short(argument)
        if own != name and name in node.op.named:
            here.append(Sentence(OPERAND, {"name": name, "operand": own}))
    return Sentence(MADE_OF, {**fields, "operands": here}) if here else Sentence(MADE, fields)


def step_of(sweep: Sweep, index: int) -> Step:
    """Return step number `index`: a node, in topological order; then the seed; then an edge, in the order of the sweep."""
    nodes = sweep.view.nodes
    if index < len(nodes):
        return Step(sweep, index, "leaf" if nodes[index].op is None else "forward", nodes[index])
    if index == len(nodes):
        return Step(sweep, index, "seed", nodes[-1], after=sweep.adjoints[-1])
    edge = sweep.edges[index - len(nodes) - 1]
    node, upstream = nodes[edge.node], sweep.adjoints[edge.node]
    numbers = (upstream or 0.0, edge.partial, edge.contribution, edge.before, edge.after)
    return Step(sweep, index, "backward", node, node.operands[edge.slot], edge.slot, *numbers, edge.is_open, upstream is not None)


def step_along(sweep: Sweep, place: int, slot: int) -> Step:
    """Return the step back from nodes[place] to its operand number `slot`; raise an IndexError if there is none."""
    return step_of(sweep, len(sweep.view.nodes) + 1 + sweep.index(place, slot))
