"""How sentences and formulas about a graph are kept and written: templates and pieces, whose numbers stay Quantities until the end.

    >>> Sentence("{name} is used by {count} nodes", {"name": "a", "count": "2"}).written()
    'a is used by 2 nodes'

A reader of the data, such as the page, fills in other numbers; `Notation` writes them as text or LaTeX.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from autograd.text.language import TEXT, Language, Part, applied
from autograd.text.latex import LATEX
from autograd.text.numbers import short
from autograd.text.rules import partial_of
from autograd.text.templates import OPEN
from autograd.value import Value

__all__ = ["Factor", "Notation", "Operation", "Piece", "Quantity", "Say", "Sentence", "Side", "four_digits"]

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


class Sentence(NamedTuple):
    """A template with named fields, and what to put into them; a translation replaces the template alone."""

    template: str
    fields: Mapping[str, str | Quantity]

    def written(self, say: Say = four_digits) -> str:
        """Return the text, with the numbers as `say` writes them."""
        return self.template.format_map({name: say(x) if type(x) is Quantity else x for name, x in self.fields.items()})


class Factor(NamedTuple):
    """A number after a sign of multiplication; LaTeX puts a negative one in brackets there."""

    quantity: Quantity


class Operation(NamedTuple):
    """The operation that made a node, written on the numbers of its operands."""

    node: Value
    operands: Mapping[Value, Quantity]


Piece = str | Quantity | Factor | Operation
Side = Sequence[Piece]  # of an equation


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

    def symbols(self, node: Value) -> str:
        """Return the operation that made the node, written on the names of its operands."""
        return self._operation(node, {operand: self.language.name(self.names[operand]) for operand in node.operands})

    def write(self, side: Side) -> str:
        """Return the pieces as one text."""
        return "".join(map(self._piece, side))

    def _piece(self, piece: Piece) -> str:
        if isinstance(piece, str):
            return piece
        if isinstance(piece, Operation):
            return self._operation(piece.node, {operand: self._digits(each) for operand, each in piece.operands.items()})
        if isinstance(piece, Quantity):
            return str(self._digits(piece).text)
        part = self._digits(piece.quantity)
        return str(self.language.bracketed(part.text) if self.language.is_odd(part) else part.text)

    def _digits(self, quantity: Quantity) -> Part:
        return self.language.digits(self.say(quantity), quantity.value)

    def _operation(self, node: Value, written: Mapping[Value, Part]) -> str:
        assert node.op is not None
        if len(node.arguments) <= MOST:
            return str(applied(node, written, self.language).text)
        first, second, *_, last = [written[a].text if a in written else self.language.number(a).text for a in node.arguments]
        if self.latex:
            name = node.op.__name__.replace("_", r"\_")
            return rf"\operatorname{{{name}}}\left({first}, {second}, \ldots, {last}\right)"
        return f"{node.op.__name__}({first}, {second}, …, {last})"
