r"""Formulas of lessons: one source, in LaTeX's notation with Unicode's signs, written as text for a terminal and as MathML.

    >>> formula = Formula(r"\frac{∂E}{∂w_i} = -Σ_n x_i^n (t^n - y^n),   η = {rate:.2g}", rate=0.5)
    >>> print(formula.text)
    ∂E/∂wᵢ = −Σₙ xᵢⁿ (tⁿ − yⁿ),   η = 0.5
    >>> formula.mathml.startswith('<math display="block"'), "<mfrac>" in formula.mathml
    (True, True)

A field's value is source too. An index or a power may also be a sign, xᵢⁿ. Three letters or more in a row are a name, upright, as
log and softmax; words are `\text{...}`. Two spaces or more are a wide space, and a new line begins a new formula. Both are written
from the tree into which `autograd.text.templates` reads the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Any, Final

from autograd.text.mathml import LETTER, MATHML, SIGN_OF, element_of
from autograd.text.numbers import MINUS
from autograd.text.templates import OPEN, Group, Item, Template, tree_of
from autograd.text.terminal import LOWERED, RAISED

__all__ = ["Formula"]

LOW, HIGH = ({chr(letter): chr(sign) for sign, letter in table.items() if isinstance(letter, int)} for table in (LOWERED, RAISED))
SCRIPTS = {"_": LOW, "^": HIGH}
RUN = {sign: re.compile(f"[{''.join(table.values())}]+") for sign, table in SCRIPTS.items()}
WORD = re.compile(r"(\\(?:text|operatorname)\{[^{}]*\}|\\[A-Za-z]+)|([A-Za-z]{3,})")
COMMAND = {"−": "-", "·": r"\cdot", "Σ": r"\sum"}  # of a sign in the source
SIGN = {"-": MINUS, r"\cdot": "·", r"\sum": "Σ", r"\quad": "   "}  # in text, where it is not MathML's


class Formula:
    """A formula, or several, a line each; `text` and `mathml` are written from one tree."""

    def __init__(self, source: str, **fields: Any) -> None:
        self.source: Final = _filled(source, fields)
        self._trees = [_tree(line) for line in self.source.splitlines()]

    @property
    def text(self) -> str:
        """For a terminal, a line for each formula."""
        return "\n".join(map(_text, self._trees))

    @property
    def mathml(self) -> str:
        """For a browser, an element for each formula."""
        return "\n".join(element_of([MATHML.filled(_template(tree), {})], is_block=True) for tree in self._trees)


def _filled(source: str, fields: dict[str, Any]) -> str:
    """The source with its fields filled; other braces are LaTeX's."""

    def value(match: re.Match[str]) -> str:
        return format(fields[match[1]], match[2] or "") if match[1] in fields else match[0]

    return re.sub(r"\{(\w+)(?::([^{}]*))?\}", value, source)


def _tree(line: str) -> tuple[Item, ...]:
    """The tree of a line: signs that are indices and powers are scripts, and words are names."""
    for sign, table in SCRIPTS.items():
        back = str.maketrans({lowered: letter for letter, lowered in table.items()})
        line = RUN[sign].sub(lambda run, sign=sign, back=back: f"{sign}{{{run[0].translate(back)}}}", line)  # type: ignore[misc]
    line = WORD.sub(lambda word: word[1] or rf"\operatorname{{{word[2]}}}", line)
    return tuple(_normal(tree_of(line)))


def _normal(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Group):
            yield item._replace(items=tuple(_normal(item.items)))
        else:
            yield COMMAND.get(item, item) if isinstance(item, str) else item


def _template(tree: Sequence[Item]) -> Template:
    """The tree as MathML takes it."""
    return Template(tuple(map(_for_mathml, tree)), OPEN, {}, frozenset(), frozenset())


def _for_mathml(item: Item) -> Item:
    """There alone a wide space is a command, and a bracket is as high as what it holds."""
    if isinstance(item, Group):
        fences = (r"\left" + item.opening, r"\right" + item.closing) if item.opening in ("(", "[") else (item.opening, item.closing)
        return Group(fences[0], tuple(map(_for_mathml, item.items)), fences[1])
    return r"\quad" if isinstance(item, str) and item.isspace() and len(item) > 1 else item


# ------------------------------------------------------------------------------------------------------------------ as text


def _text(items: Sequence[Item]) -> str:
    """The items on one line: a/b, √(2E), xᵢⁿ."""
    out, rest = list[str](), list(reversed(items))

    def argument() -> str:
        item = rest.pop()
        while isinstance(item, str) and item.isspace():
            item = rest.pop()
        return _text(item.items) if isinstance(item, Group) and item.opening == "{" else _text([item])

    while rest:
        item = rest.pop()
        if isinstance(item, Group):
            marks = [_word(mark.removeprefix(r"\left").removeprefix(r"\right")) for mark in (item.opening, item.closing)]
            out.append(_text(item.items).join(["", ""] if item.opening == "{" else marks))
        elif item in ("_", "^"):
            out.append(_script(str(item), argument()))
        elif item == r"\frac":
            out.append(f"{_bracketed(argument())}/{_bracketed(argument())}")
        elif item == r"\sqrt":
            inside = argument()
            out.append(f"√{inside}" if len(inside) == 1 else f"√({inside})")
        else:
            out.append(_word(str(item)))
    return "".join(out)


def _script(sign: str, text: str) -> str:
    """The text as an index or a power: in small letters, where Unicode has all of them."""
    small = SCRIPTS[sign]
    letters = text.replace(MINUS, "-")
    if re.fullmatch("[a-z]{3,}", text) or not small.keys() >= set(letters):
        return f"{sign}{_bracketed(text)}"
    return "".join([small[letter] for letter in letters])


def _bracketed(text: str) -> str:
    """The text in brackets, if it is more than one factor."""
    is_one = not re.search(rf"[ /+{MINUS}]", text) or re.fullmatch(rf"\([^()]*\){RUN['^'].pattern[:-1]}*", text)
    return text if is_one else f"({text})"


def _word(token: str) -> str:
    """A token as text."""
    _, brace, content = token.removesuffix("}").partition("{")
    if token.startswith("\\") and brace:
        return content
    return SIGN.get(token) or LETTER.get(token) or unescape(SIGN_OF.get(token, token)).removeprefix("\\")
