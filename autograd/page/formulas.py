"""Sentences and formulas of a page: templates with numbered holes, and what is in the holes, as data.

    template   a text, and if it is a formula its MathML, in runs between which a line may be broken; a negative number in {0!} is
               in brackets, and the number in {0^} is an exponent
    field      the place of a node, for its name; [template, ...fields]; [kind, node, slot], a number, of which [kind] alone is
               one of the step's own edge; a text; {"of": fields, "sign": what is between them}

Text and MathML are written by the languages of `autograd.text`, with holes for names and numbers. Read `Formulas.side`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from string import Formatter
from typing import Any

from autograd.operation import UNARY
from autograd.show.notation import Notation, Quantity, Sentence, Side
from autograd.show.tape import Tape
from autograd.text.language import Book, Language, Part, guardable
from autograd.text.mathml import MATHML, OPERAND, Element, Mathml, runs_of
from autograd.text.templates import Hole, Template
from autograd.value import Value

__all__ = ["Formulas", "html_of"]

LONG = 60  # characters of a side that may be broken at plus signs
Edge = tuple[int, int]  # a node and a slot


class NumberHole(Element):
    """The place of a number, which gets brackets only if that is negative."""

    @property
    def guarded(self) -> Element:
        return Element(f"{self[:-1]}!}}")

    @property
    def raised(self) -> str:
        """The number as an exponent on the line."""
        return f"{self[:-1]}^}}"


class HoledBook(Book):
    """A formula on one line, with holes for names."""

    def __init__(self, hole: Callable[[str], str]) -> None:
        self.hole = hole

    def name(self, name: str) -> Part:
        return super().name(name)._replace(text=self.hole(name))

    def number_in(self, hole: NumberHole) -> Any:
        return hole

    def exponent(self, part: Part, is_loose: bool) -> Any:
        return part.text.raised if isinstance(part.text, NumberHole) else super().exponent(part, is_loose)

    def bracketed(self, text: Any) -> Any:
        return text.guarded if isinstance(text, NumberHole) else super().bracketed(text)

    def after_sign(self, part: Part) -> Any:
        return part.text.guarded if isinstance(part.text, NumberHole) else super().after_sign(part)

    def filled(self, template: Template, written: Mapping[str, Any]) -> Any:
        text, first = super().filled(template, written), template.items[0]
        if type(first) is not Hole or not isinstance(written[first.name], NumberHole):
            return text
        return guardable(text, template.filled({**written, first.name: written[first.name].guarded}))


class HoledMathml(Mathml):
    """A formula as elements of MathML, with holes for names."""

    def __init__(self, hole: Callable[[str], str]) -> None:
        self.hole = hole

    def name(self, name: str) -> Part:
        return Language.name(self, name)._replace(text=(Element(self.hole(name), OPERAND),))

    def number_in(self, hole: NumberHole) -> Any:
        return (hole,)

    def bracketed(self, text: Any) -> Any:
        return _guarded(text) if len(text) == 1 and isinstance(text[0], NumberHole) else super().bracketed(text)

    def after_sign(self, part: Part) -> Any:
        return _guarded(part.text) if isinstance(part.text[0], NumberHole) else super().after_sign(part)


def _guarded(text: Any) -> Any:
    return (text[0].guarded, *text[1:])


class HoledNotation(Notation):
    """Formulas with holes for numbers too."""

    def __init__(self, tape: Tape, language: Any, hole: Callable[[Any], str]) -> None:
        super().__init__(tape.names, tape.root, language)
        self.hole = hole

    def digits(self, quantity: Quantity) -> Part:
        hole = NumberHole(self.hole(quantity[: 2 if quantity.kind in ("data", "adjoint") else 3]))
        return Part(self.language.number_in(hole), UNARY, quantity.value, signed=True)  # type: ignore[attr-defined]


class Formulas:
    """Makes the sentences and formulas of one page, and numbers their templates."""

    def __init__(self, tape: Tape) -> None:
        self.place = tape.place
        self.templates: dict[tuple[str, ...], int] = {}
        self._holes: dict[Any, int] = {}  # of the side that is being written: the number of each field's hole
        places = {name: tape.place[node] for node, name in tape.names.items()}

        def hole_of_name(name: str) -> str:
            return self._hole(places[name])

        languages = HoledBook(hole_of_name), HoledMathml(hole_of_name)
        self.text, self.mathml = (HoledNotation(tape, language, self._hole) for language in languages)

    def _hole(self, field: Any) -> str:
        return f"{{{self._holes.setdefault(field, len(self._holes))}}}"

    def number(self, *template: str) -> int:
        """Return the number of a template, which is new or was there before."""
        return self.templates.setdefault(template, len(self.templates))

    def side(self, side: Side, edge: Edge | None = None, *, is_in_words: bool = False) -> Any:
        """Return the side of an equation as a field; in words it has no MathML."""
        self._holes = {}
        text = self.text.write(side)
        runs = () if is_in_words else runs_of(self.mathml.write(side), len(text) > LONG)
        fields = [field if type(field) is int else _of_edge(field, edge) for field in self._holes]
        return fields[0] if text == "{0}" else [self.number(text, *runs), *fields]

    def words(self, template: str) -> int:
        """Return the number of a sentence's template."""
        return self.number(_numbered(template)[0])

    def sentence(self, sentence: Sentence, edge: Edge | None = None) -> list[Any]:
        names = _numbered(sentence.template)[1]
        return [self.words(sentence.template), *[self.field(sentence.fields[name], edge) for name in names]]

    def field(self, field: Any, edge: Edge | None = None) -> Any:
        """Return the field of a sentence."""
        if isinstance(field, list):
            return {"of": [self.field(each, edge) for each in field], "sign": ", "}
        if isinstance(field, Sentence):
            return self.sentence(field, edge)
        if isinstance(field, Value):
            return self.place[field]
        return field if isinstance(field, str) else self.side([field], edge, is_in_words=True)


def html_of(parts: list[Any]) -> str:
    """Return the sides of an equation, written in MathML, as HTML: a line may be broken between its elements."""
    runs = [run for place, row in enumerate(parts) for run in runs_of((*MATHML.equals, *row) if place else row)]
    return "".join([f"<math><mrow>{run}</mrow></math>" for run in runs])


def _of_edge(number: tuple[Any, ...], edge: Edge | None) -> list[Any]:
    """The number, without its place where that is the step's own edge, or the node that the edge starts from."""
    kind, *place = number
    is_own = edge is not None and kind != "data" and tuple(place) == edge[: len(place)]
    return [kind] if is_own else [kind, *place]


@cache
def _numbered(template: str) -> tuple[str, list[str]]:
    """A template with the numbers of its fields in place of their names, and the names, each once."""
    names = list(dict.fromkeys([name for _, name, _, _ in Formatter().parse(template) if name]))
    return template.format_map({name: f"{{{place}}}" for place, name in enumerate(names)}), names
