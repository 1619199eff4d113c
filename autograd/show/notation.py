"""How sentences and formulas about a graph are kept and written: templates and pieces, which stay data until the end.

    >>> a = Value(2.0, "a")
    >>> Notation({a: "a"}, a).sentence(Sentence("{name} is used by {count} nodes", {"name": a, "count": "2"}))
    'a is used by 2 nodes'

A piece of a formula is a node (its name), a derivative, an operation, a sign, or a number as the Quantity that it is. `Notation`
writes pieces in a language of `autograd.text`; a page writes them with holes for names and numbers, see `autograd.page.formulas`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from autograd.text import rules
from autograd.text.formula import statements
from autograd.text.language import BOOK, Language, Part, applied
from autograd.text.names import Names
from autograd.text.numbers import short
from autograd.text.rules import Case, partial_of
from autograd.text.templates import OPEN
from autograd.value import Value

__all__ = [
    *("Adjoint", "Bare", "Derivative", "Notation", "Operation", "Piece", "Quantity", "Say", "Sentence", "Side", "Sign"),
    *("Slope", "four_digits", "in_book"),
]

MOST = 6  # arguments of an operation that are all written out


def in_book(root: Value, names: Names = None) -> str:
    """Return the formula of a graph on one line, as books write it.

    >>> x = Value(3.0)
    >>> in_book(8.5 - 0.5 * x**2, locals())
    '8.5 − ½·x²'
    """
    return "; ".join(statements(root, names, BOOK))


class Sign(Enum):
    """A sign between the pieces of a formula, by its name in `Language`."""

    TIMES, ADDS = "times", "adds"


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


class Slope(NamedTuple):
    """The local derivative of a node with respect to operand number `slot`, in symbols; as a factor in the brackets it needs."""

    node: Value
    slot: int
    case: Case | None = None  # see `text.rules`
    is_factor: bool = True


class Bare(NamedTuple):
    """The name of a node, without brackets even if it is a formula."""

    node: Value


class Sentence(NamedTuple):
    """A template with named fields; a translation replaces templates alone. In a formula it is words.

    A field is a text, a node (its name), a piece of a formula, another sentence, or a list of these.
    """

    template: str
    fields: Mapping[str, Any]


Piece = Value | Adjoint | Derivative | Quantity | Operation | Slope | Bare | Sentence | Sign
Side = Sequence[Piece]  # of an equation


class Notation:
    """Writes names, derivatives, operations and sides of equations in a language: as texts, or as elements of MathML."""

    def __init__(self, names: Mapping[Value, str], root: Value, language: Language = BOOK, say: Say = four_digits) -> None:
        self.names, self.root, self.language, self.say = names, root, language, say

    def name(self, node: Value) -> Any:
        """Return the name, in brackets if it is a formula."""
        return self.label(self.names[node])

    def label(self, name: str) -> Any:
        part = self.language.name(name)
        return self.language.bracketed(part.text) if part.level == OPEN else part.text

    def adjoint(self, node: Value) -> Any:
        """Return ∂root/∂node."""
        return self.derivative(self.root, node)

    def derivative(self, above: Value, below: Value) -> Any:
        return partial_of(self.names[above], self.names[below], self.language)

    def sentence(self, sentence: Sentence) -> str:
        """Return the text of a sentence."""
        return sentence.template.format_map({name: self._field(x) for name, x in sentence.fields.items()})

    def _field(self, field: Any) -> str:
        if isinstance(field, list):
            return ", ".join(map(self._field, field))
        if isinstance(field, Value):
            return self.names[field]
        if isinstance(field, Sentence):
            return self.sentence(field)
        return field if isinstance(field, str) else str(self._piece(field))

    def write(self, side: Side) -> Any:
        """Return the pieces, one after the other; LaTeX has brackets around a negative number after a sign of multiplication."""
        after = zip([None, *side], side, strict=False)
        return self.language.joined([self._piece(piece, before is Sign.TIMES) for before, piece in after])

    def parts(self, sides: Iterable[Side]) -> list[Any]:
        """Return what is between the equals signs; an operation that is written like its result is there once."""
        return [part for part, _ in itertools.groupby(map(self.write, sides))]

    def _piece(self, piece: Piece, is_factor: bool = False) -> Any:
        match piece:
            case Value():
                return self.name(piece)
            case Adjoint():
                return self.adjoint(piece.node)
            case Derivative():
                return self.derivative(*piece)
            case Operation(node, numbers):
                return self.operation(node, {operand: self.digits(x) for operand, x in numbers.items()} if numbers else None)
            case Quantity():
                return self.language.after_sign(self.digits(piece)) if is_factor else self.digits(piece).text
            case Slope(node, slot, case):
                slope = rules.slope(node, slot, self.names, self.language, case)
                return slope.factor if piece.is_factor else slope.text
            case Bare(node):
                return self.language.name(self.names[node]).text
            case Sentence():
                return self.language.words(self.sentence(piece))
        return getattr(self.language, piece.value)

    def digits(self, quantity: Quantity) -> Part:
        return self.language.digits(self.say(quantity), quantity.value)

    def operation(self, node: Value, written: Mapping[Value, Part] | None = None) -> Any:
        """Return the operation that made the node, on operands already written, or on their names."""
        if written is None:
            written = {operand: self.language.name(self.names[operand]) for operand in node.operands}
        assert node.op is not None
        if len(node.arguments) <= MOST:
            return applied(node, written, self.language).text
        first, second, *_, last = [written[a].text if a in written else self.language.number(a).text for a in node.arguments]
        return self.language.call(node.op.__name__, [first, second, self.language.dots, last])
