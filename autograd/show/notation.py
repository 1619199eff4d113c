"""How sentences and formulas about a graph are kept and written: templates and pieces, which stay data until the end.

    >>> a = Value(2.0, "a")
    >>> Notation({a: "a"}, a).sentence(Sentence("{name} is used by {count} nodes", {"name": a, "count": "2"}))
    'a is used by 2 nodes'

A piece is a text, a node (its name), a derivative, or a number as the Quantity that it is. `Notation` writes pieces as text or
LaTeX; a reader of the data, such as the page, writes them with other numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.text.language import TEXT, Language, Part, applied
from autograd.text.latex import LATEX
from autograd.text.numbers import short
from autograd.text.rules import partial_of
from autograd.text.templates import OPEN
from autograd.value import Value

__all__ = [
    *("Adjoint", "Derivative", "Factor", "Notation", "Operation", "Piece", "Quantity", "Say", "Sentence", "Side"),
    "four_digits",
]

MOST = 6  # arguments of an operation that are all written out


class Quantity(NamedTuple):
    """A number on the tape: what it is, where it belongs, and its value.

    "data", "adjoint" (the whole sum): of nodes[node]. "partial", "contribution": of the edge from nodes[node] to its operand
    number `slot`; "before", "after": the operand's adjoint around the step along that edge.
    """

    kind: str
    node: int
    slot: int
    value: float


Say = Callable[[Quantity], str]


def four_digits(quantity: Quantity) -> str:
    """Return the number in four significant digits."""
    return short(quantity.value)


class Factor(NamedTuple):
    """A number after a sign of multiplication; LaTeX puts a negative one in brackets there."""

    quantity: Quantity


class Adjoint(NamedTuple):
    """∂root/∂node."""

    node: Value


class Derivative(NamedTuple):
    """∂above/∂below."""

    above: Value
    below: Value


class Operation(NamedTuple):
    """The operation that made a node, written on the names of its operands, or on their numbers."""

    node: Value
    operands: Mapping[Value, Quantity] | None = None


Piece = str | Value | Adjoint | Derivative | Quantity | Factor | Operation
Side = Sequence[Piece]  # of an equation


class Sentence(NamedTuple):
    """A template with named fields, and what to put into them, which may be a sentence; a translation replaces templates alone."""

    template: str
    fields: Mapping[str, Any]  # each a Piece or a Sentence


class Notation:
    """Writes names, derivatives, operations and sides of equations, in text or in LaTeX."""

    def __init__(self, names: Mapping[Value, str], root: Value, latex: bool = False, say: Say = four_digits) -> None:
        self.names, self.root, self.latex, self.say = names, root, latex, say
        self.language: Language = LATEX if latex else TEXT
        self.times = r" \cdot " if latex else " · "

    def name(self, node: Value) -> str:
        """Return the name, in brackets if it is a formula."""
        return self.label(self.names[node])

    def label(self, name: str) -> str:
        part = self.language.name(name)
        return str(self.language.bracketed(part.text) if part.level == OPEN else part.text)

    def adjoint(self, node: Value) -> str:
        """Return ∂root/∂node."""
        return self.derivative(self.root, node)

    def derivative(self, above: Value, below: Value) -> str:
        return partial_of(self.names[above], self.names[below], self.language)

    def sentence(self, sentence: Sentence) -> str:
        """Return the text of a sentence."""
        return sentence.template.format_map({name: self._field(x) for name, x in sentence.fields.items()})

    def _field(self, field: Piece | Sentence) -> str:
        if isinstance(field, Value):
            return self.names[field]
        return self.sentence(field) if isinstance(field, Sentence) else self._piece(field)

    def write(self, side: Side) -> str:
        """Return the pieces as one text."""
        return "".join(map(self._piece, side))

    def _piece(self, piece: Piece) -> str:
        if isinstance(piece, str):
            return piece
        if isinstance(piece, Value):
            return self.name(piece)
        if isinstance(piece, Adjoint):
            return self.adjoint(piece.node)
        if isinstance(piece, Derivative):
            return self.derivative(*piece)
        if isinstance(piece, Operation):
            if piece.operands is None:
                return self.operation(piece.node)
            return self.operation(piece.node, {operand: self._digits(each) for operand, each in piece.operands.items()})
        if isinstance(piece, Quantity):
            return str(self._digits(piece).text)
        part = self._digits(piece.quantity)
        return str(self.language.bracketed(part.text) if self.language.is_odd(part) else part.text)

    def _digits(self, quantity: Quantity) -> Part:
        return self.language.digits(self.say(quantity), quantity.value)

    def operation(self, node: Value, written: Mapping[Value, Part] | None = None) -> str:
        """Return the operation that made the node, on operands already written, or on their names."""
        if written is None:
            written = {operand: self.language.name(self.names[operand]) for operand in node.operands}
        assert node.op is not None
        if len(node.arguments) <= MOST:
            return str(applied(node, written, self.language).text)
        first, second, *_, last = [written[a].text if a in written else self.language.number(a).text for a in node.arguments]
        if self.latex:
            name = node.op.__name__.replace("_", r"\_")
            return rf"\operatorname{{{name}}}\left({first}, {second}, \ldots, {last}\right)"
        return f"{node.op.__name__}({first}, {second}, …, {last})"
