"""MathML: formulas that a browser shows without a script.

What is written is a tuple of elements, so that an operand joins the row that it is put into. A row's LaTeX template is read once
into a tree, `autograd.text.templates`, and this module writes the elements of that tree.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from autograd.text.language import Language, Part
from autograd.text.latex import GREEK, RELATIONS, SIGNS, Latex, pieces_of
from autograd.text.templates import OPEN, Group, Hole, Item, Template, split, tree_of

__all__ = ["MATHML", "element_of"]

SIGN_OF = {
    r"\cdot": "⋅",
    r"\times": "×",
    r"\approx": "≈",
    r"\partial": "∂",
    r"\dots": "…",
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
FUNCTION = re.compile(r"<mi>\w\w+</mi>")
THIN = '<mspace width="0.17em"/>'


class Mathml(Latex):
    """Formulas as elements of MathML; precedences are those of LaTeX."""

    def name(self, name: str) -> Part:
        pieces, index = pieces_of(name)
        row = [element for kind, letters in pieces for element in _piece(kind, letters)]
        base = row if len(pieces) == 1 else [_closed(row)]
        if index:
            base = [*base[:-1], f"<msub>{base[-1]}{_closed(_digits(index))}</msub>"]
        return Language.name(self, name)._replace(text=tuple(base))

    def digits(self, text: str, x: float) -> Part:
        part = super().digits(text, x)
        return part if type(part.text) is tuple else part._replace(text=tuple(_digits(text)))

    def power_of_ten(self, mantissa: str, exponent: str) -> Any:
        power = f"<msup><mn>10</mn>{_closed(_digits(exponent))}</msup>"
        return (power,) if mantissa == "1" else (*_digits(mantissa), "<mo>⋅</mo>", power)

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        condition = (*left.text, *_elements(tree_of(RELATIONS[relation]), {}), *right.text)
        return Part((_cases([[a.text, (_text("if "), *condition)], [b.text, (_text("otherwise"),)]]),), OPEN)

    def parameter(self, x: Any) -> Any:
        written = super().parameter(x)
        return written if type(written) is tuple else tuple(_elements(tree_of(written), {}))

    def bracketed(self, text: Any) -> Any:
        return (_fenced("(", text, ")"),)

    def listed(self, texts: Sequence[Any]) -> Any:
        return tuple([element for text in texts for element in ("<mo>,</mo>", *text)][1:])

    def filled(self, template: Template, written: Mapping[str, Any]) -> Any:
        return tuple(_elements(template.items, written))

    def definition(self, name: Any, text: Any) -> Any:
        return (*name, "<mo>=</mo>", *text)


MATHML = Mathml()


def element_of(statements: Sequence[Sequence[str]]) -> str:
    """Return the statements, one after another, as a MathML element."""
    row = [element for statement in statements for element in ("<mo>,</mo>", '<mspace width="1em"/>', *statement)][2:]
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{_closed(row)}</math>'


def _elements(items: Sequence[Item], written: Mapping[str, Sequence[str]]) -> list[str]:
    """The elements of a template, with what is written in its holes."""
    row: list[str] = []
    rest = (item for item in items if not (isinstance(item, str) and item.isspace()))

    def argument() -> str:
        return _closed(_elements([next(rest)], written))

    for item in rest:
        if isinstance(item, Hole):
            row += written[item.name]
        elif isinstance(item, Group):
            row += _group(item, written)
        elif item in ("^", "_"):
            tag, base = "msup" if item == "^" else "msub", row.pop() if row else "<mrow></mrow>"
            row.append(f"<{tag}>{base}{argument()}</{tag}>")
        elif item == r"\frac":
            row.append(f"<mfrac>{argument()}{argument()}</mfrac>")
        elif item == r"\sqrt":
            row.append(f"<msqrt>{argument()}</msqrt>")
        elif item.startswith(r"\sqrt["):
            row.append(f"<mroot>{argument()}<mn>{item[6:-1]}</mn></mroot>")
        else:
            row.append(_element(item))
    return row


def _group(group: Group, written: Mapping[str, Sequence[str]]) -> list[str]:
    if group.opening.startswith(r"\begin"):
        rows = [[_elements(cell, written) for cell in split(row, "&")] for row in split(group.items, r"\\")]
        return [_cases(rows)]
    inside = _elements(group.items, written)
    if group.opening == "{":
        return [_closed(inside)]
    if group.opening.startswith(r"\left"):
        return [_fenced(group.opening.removeprefix(r"\left"), inside, group.closing.removeprefix(r"\right"))]
    return [_element(group.opening), *inside, _element(group.closing)]


def _closed(row: Sequence[str]) -> str:
    return row[0] if len(row) == 1 else f"<mrow>{_spaced(row)}</mrow>"


def _fenced(opening: str, row: Sequence[str], closing: str) -> str:
    marks = [f"<mo>{DELIMITER.get(mark, mark)}</mo>" for mark in (opening, closing)]
    return f"<mrow>{marks[0]}{_spaced(row)}{marks[1]}</mrow>"


def _cases(rows: Sequence[Sequence[Sequence[str]]]) -> str:
    cells = [[f'<mtd style="text-align: left">{_spaced(cell)}</mtd>' for cell in row] for row in rows]
    lines = [f"<mtr>{''.join(row)}</mtr>" for row in cells]
    return f"<mrow><mo>{{</mo><mtable>{''.join(lines)}</mtable></mrow>"


def _spaced(row: Sequence[str]) -> str:
    """The elements, a function's name apart from its neighbours, as LaTeX has it: x ln(y), ln softmax(x)."""
    parts = list(row[:1])
    for before, after in itertools.pairwise(row):
        is_beside = (
            after.startswith(("<mi", "<msq", "<msub><mi", "<msup><mi")) if FUNCTION.fullmatch(before) else FUNCTION.fullmatch(after)
        )
        parts += [THIN, after] if is_beside and not before.startswith(("<mo", "<mt", "</")) else [after]
    return "".join(parts)


# ------------------------------------------------------------------------------------------------------------- single elements


def _piece(kind: str, letters: str) -> list[str]:
    if kind == "text":
        return [_text(letters)]
    if kind in SIGNS:
        return [f"<mi>{kind}</mi>"] * len(letters)
    return [_element(f"\\{letters}")] if kind == "greek" else [f"<mi>{html.escape(letters, quote=False)}</mi>"]


def _digits(text: str) -> list[str]:
    """A number without a power of ten."""
    size = text.removeprefix("-")
    named = {"nan": "<mi>NaN</mi>", "inf": "<mi>∞</mi>"}
    return [*["<mo>−</mo>"][: len(text) - len(size)], named.get(size, f"<mn>{size}</mn>")]


def _text(text: str) -> str:
    return f"<mtext>{html.escape(text, quote=False).replace(' ', chr(160))}</mtext>"


def _element(token: str) -> str:
    """The element of a token of a template."""
    if token[0].isdigit():
        return f"<mn>{token}</mn>"
    if token in SIGN_OF:
        return f"<mo>{SIGN_OF[token]}</mo>"
    if token == r"\quad":
        return '<mspace width="1em"/>'
    if token in LETTER:
        return f"<mi>{LETTER[token]}</mi>"
    command, brace, content = token.removesuffix("}").partition("{")
    if brace and command in (r"\text", r"\operatorname", r"\mathrm", r"\mathbf"):
        content = re.sub(r"\\(.)", r"\1", content)
        if command == r"\text":
            return _text(content)
        bold = ' mathvariant="bold"' if command == r"\mathbf" else ""
        return f"<mi{bold}>{html.escape(content, quote=False)}</mi>"
    return f"<mi>{html.escape(token.removeprefix(chr(92)), quote=False)}</mi>"
