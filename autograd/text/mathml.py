"""MathML: formulas that a browser shows without a script.

What is written is a tuple of elements, so that an operand joins the row that it is put into; each knows its kind. A row's LaTeX
template is read once into a tree, `autograd.text.templates`, and this module writes the elements of that tree.
"""

from __future__ import annotations

import html
import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autograd.text.language import FRACTIONS, Language, Part
from autograd.text.latex import GREEK, RELATIONS, SIGNS, Latex, pieces_of
from autograd.text.numbers import MINUS
from autograd.text.templates import OPEN, Group, Hole, Item, Template, split

__all__ = ["MATHML", "OPERAND", "Element", "Mathml", "element_of", "runs_of"]

SIGN_OF = {
    r"\cdot": "⋅",
    r"\times": "×",
    r"\approx": "≈",
    r"\partial": "∂",
    r"\dots": "…",
    r"\ne": "≠",
    r"\le": "≤",
    r"\ge": "≥",
    "-": "−",
    r"\sum": "∑",
    "<": "&lt;",
    ">": "&gt;",
    **{sign: sign for sign in ",=+/()[]|!;"},
}
DELIMITER = {r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉"}
LETTER = {f"\\{name}": letter for name, letter in GREEK.items()} | {latex: sign for sign, latex in SIGNS.items()}
LETTER |= {r"\varphi": "φ", r"\infty": "∞"}
BEYOND = {"nan": "NaN", "inf": "∞"}
FUNCTION, OPERAND, SIGN, OTHER = range(4)  # kinds of elements, which decide on the space between neighbours


class Element(str):
    """An element, and its kind."""

    kind: int

    def __new__(cls, text: str, kind: int = OTHER) -> Element:
        element = super().__new__(cls, text)
        element.kind = kind
        return element


def _sign(text: str) -> Element:
    return Element(f"<mo>{text}</mo>", SIGN)


Row = tuple[Element, ...]
THIN, WIDE = (Element(f'<mspace width="{width}em"/>') for width in ("0.17", "1"))
PLUS, ADDS, EQUALS, COMMA, SUM = map(_sign, ("+", "+=", "=", ",", "∑"))


class Mathml(Latex):
    """Formulas as elements of MathML; precedences are those of LaTeX."""

    times: Any = (_sign("⋅"),)
    adds: Any = (ADDS,)
    equals: Any = (EQUALS,)
    dots: Any = (Element("<mo>…</mo>"),)
    fractions: Mapping[float, Any] = {x: (Element(f"<mn>{sign}</mn>"),) for x, sign in FRACTIONS.items()}

    def name(self, name: str) -> Part:
        pieces, index = pieces_of(name)
        row = [element for kind, letters in pieces for element in _piece(kind, letters)]
        base = row if len(pieces) == 1 else [_closed(row)]
        if index:
            base = [*base[:-1], _scripted("msub", base[-1], _closed(_digits(index)))]
        return Language.name(self, name)._replace(text=tuple(base))

    def digits(self, text: str, x: float) -> Part:
        text = text.replace(MINUS, "-")
        part = super().digits(text, x)
        return part if type(part.text) is tuple else part._replace(text=tuple(_digits(text)))

    def power_of_ten(self, mantissa: str, exponent: str) -> Any:
        power = _scripted("msup", Element("<mn>10</mn>"), _closed(_digits(exponent)))
        return (power,) if mantissa == "1" else (*_digits(mantissa), *self.times, power)

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        condition = (*left.text, _element(RELATIONS[relation]), *right.text)
        return Part((_cases([[a.text, (_text("if "), *condition)], [b.text, (_text("otherwise"),)]]),), OPEN)

    def literal(self, x: Any) -> Any:
        return self.words(str(x).lower() if type(x) is bool else repr(x))

    def words(self, text: str) -> Any:
        return (_text(text),)

    def bracketed(self, text: Any) -> Any:
        return (_fenced("(", text, ")"),)

    def listed(self, texts: Sequence[Any]) -> Any:
        return tuple([element for text in texts for element in (COMMA, *text)][1:])

    def joined(self, texts: Iterable[Any]) -> Any:
        return tuple(itertools.chain.from_iterable(texts))

    def call(self, name: str, texts: Sequence[Any]) -> Any:
        return (_identifier(name), _fenced("(", self.listed(texts), ")"))

    def derivative(self, above: Any, below: Any) -> Any:
        parts = [_closed([_sign("∂"), *name]) for name in (above, below)]
        return (Element(f"<mfrac>{''.join(parts)}</mfrac>"),)

    def filled(self, template: Template, written: Mapping[str, Any]) -> Any:
        return tuple(_elements(template.items, written))


MATHML = Mathml()


def element_of(statements: Sequence[Row], *, is_block: bool = False) -> str:
    """Return the statements, one after another, as a MathML element; one that is a block is a line alone."""
    row = [element for statement in statements for element in (COMMA, WIDE, *statement)][2:]
    display = ' display="block"' if is_block else ""
    return f'<math{display} xmlns="http://www.w3.org/1998/Math/MathML">{_closed(row)}</math>'


def runs_of(row: Row, is_long: bool = False) -> list[str]:
    """Return the row in runs between which a line may be broken: before +=, and in a long row before plus signs."""
    runs: list[list[Element]] = [[]]
    for element in row:
        is_plus = is_long and element == PLUS
        if runs[-1] and (element == ADDS or is_plus):
            runs.append([])
        runs[-1].append(Element('<mo form="infix">+</mo>', SIGN) if is_plus else element)
    return list(map(_spaced, runs))


def _elements(items: Sequence[Item], written: Mapping[str, Row]) -> list[Element]:
    """The elements of a template, with what is written in its holes."""
    row: list[Element] = []
    rest = [item for item in reversed(items) if not (isinstance(item, str) and item.isspace())]

    def argument() -> Element:
        return _closed(_elements([rest.pop()], written))

    while rest:
        item = rest.pop()
        if isinstance(item, Hole):
            row += written[item.name]
        elif isinstance(item, Group):
            row += _group(item, written)
        elif item in ("^", "_"):
            base = row.pop() if row else Element("<mrow></mrow>")
            scripts: dict[Item, Element] = {item: argument()}
            if rest and rest[-1] in {"^", "_"} - {item}:
                scripts |= {rest.pop(): argument()}
            row.append(_with_scripts(base, scripts))
        elif item == r"\frac":
            row.append(Element(f"<mfrac>{argument()}{argument()}</mfrac>"))
        elif item == r"\sqrt":
            row.append(Element(f"<msqrt>{argument()}</msqrt>", OPERAND))
        elif item.startswith(r"\sqrt["):
            row.append(Element(f"<mroot>{argument()}<mn>{item[6:-1]}</mn></mroot>"))
        else:
            row.append(_element(item))
    return row


def _group(group: Group, written: Mapping[str, Row]) -> list[Element]:
    if group.opening.startswith(r"\begin"):
        rows = [[_elements(cell, written) for cell in split(row, "&")] for row in split(group.items, r"\\")]
        return [_cases(rows)]
    inside = _elements(group.items, written)
    if group.opening == "{":
        return [_closed(inside)]
    if group.opening.startswith(r"\left"):
        return [_fenced(group.opening.removeprefix(r"\left"), inside, group.closing.removeprefix(r"\right"))]
    return [_element(group.opening), *inside, _element(group.closing)]


def _closed(row: Sequence[Element]) -> Element:
    return row[0] if len(row) == 1 else Element(f"<mrow>{_spaced(row)}</mrow>")


def _scripted(tag: str, base: Element, script: Element) -> Element:
    return Element(f"<{tag}>{base}{script}</{tag}>", OPERAND if base.kind in (FUNCTION, OPERAND) else OTHER)


def _with_scripts(base: Element, scripts: Mapping[Item, Element]) -> Element:
    """The base with what is below it, above it, or both; under and over a sum, beside anything else."""
    names = ("munder", "mover", "munderover") if base == SUM else ("msub", "msup", "msubsup")
    tag = names[2] if len(scripts) == 2 else names[0] if "_" in scripts else names[1]
    return _scripted(tag, base, Element("".join([scripts[sign] for sign in "_^" if sign in scripts])))


def _fenced(opening: str, row: Sequence[Element], closing: str) -> Element:
    marks = [_sign(DELIMITER.get(mark, mark)) for mark in (opening, closing)]
    return Element(f"<mrow>{marks[0]}{_spaced(row)}{marks[1]}</mrow>")


def _cases(rows: Sequence[Sequence[Sequence[Element]]]) -> Element:
    cells = [[f'<mtd style="text-align: left">{_spaced(cell)}</mtd>' for cell in row] for row in rows]
    lines = [f"<mtr>{''.join(row)}</mtr>" for row in cells]
    return Element(f"<mrow>{_sign('{')}<mtable>{''.join(lines)}</mtable></mrow>")


def _spaced(row: Sequence[Element]) -> str:
    """The elements, a function's name apart from its neighbours, as LaTeX has it: x ln(y), ln softmax(x)."""
    parts = list(row[:1])
    for before, after in itertools.pairwise(row):
        is_beside = after.kind in (FUNCTION, OPERAND) if before.kind == FUNCTION else after.kind == FUNCTION
        parts += [THIN, after] if is_beside and before.kind != SIGN else [after]
    return "".join(parts)


# ------------------------------------------------------------------------------------------------------------- single elements


def _piece(kind: str, letters: str) -> list[Element]:
    if kind == "text":
        return [_text(letters)]
    if kind in SIGNS:
        return [_identifier(kind)] * len(letters)
    return [_identifier(GREEK[letters] if kind == "greek" else letters)]


def _digits(text: str) -> list[Element]:
    """A number without a power of ten."""
    size = text.removeprefix("-")
    number = _identifier(BEYOND[size]) if size in BEYOND else Element(f"<mn>{size}</mn>")
    return [number] if size == text else [_sign("−"), number]


def _text(text: str) -> Element:
    return Element(f"<mtext>{html.escape(text, quote=False).replace(' ', chr(160))}</mtext>", SIGN)


def _identifier(letters: str, look: str = "") -> Element:
    is_function = len(letters) > 1 and not look and re.fullmatch(r"\w+", letters)
    return Element(f"<mi{look}>{html.escape(letters, quote=False)}</mi>", FUNCTION if is_function else OPERAND)


def _element(token: str) -> Element:
    """The element of a token of a template."""
    if token[0].isnumeric():  # ½ too
        return Element(f"<mn>{token}</mn>")
    if token in SIGN_OF:
        return _sign(SIGN_OF[token])
    if len(token) == 1 and unicodedata.category(token)[0] in "SP":  # → and ′, as they are
        return _sign(html.escape(token, quote=False))
    if token == r"\quad":
        return WIDE
    if token in LETTER:
        return _identifier(LETTER[token])
    command, brace, content = token.removesuffix("}").partition("{")
    if brace and command in (r"\text", r"\operatorname", r"\mathrm", r"\mathbf"):
        content = re.sub(r"\\(.)", r"\1", content)
        return _text(content) if command == r"\text" else _identifier(content, ' mathvariant="bold"' * (command == r"\mathbf"))
    return _identifier(token.removeprefix(chr(92)))
