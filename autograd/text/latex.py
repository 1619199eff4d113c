"""LaTeX: formulas in its mathematics; greek labels are letters, and x1 has an index."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from autograd.operation import POWER, PRODUCT, escaped
from autograd.ops import Op
from autograd.text.language import Language, Part, is_written_out
from autograd.text.numbers import MINUS
from autograd.text.templates import OPEN, Template, template_of

__all__ = ["GREEK", "LATEX", "SIGNS", "Latex", "pieces_of"]


def _called(sign: str) -> str:
    """The name of a greek letter in LaTeX."""
    name = unicodedata.name(sign).rpartition(" ")[2].replace("LAMDA", "LAMBDA")
    return name.lower() if sign.islower() else name.capitalize()


GREEK = {_called(sign): sign for sign in "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"}
LOWERED = str.maketrans("₋₀₁₂₃₄₅₆₇₈₉", "-0123456789", "_")
BEYOND = {"nan": r"\mathrm{NaN}", "inf": r"\infty", "-inf": r"-\infty"}
RELATIONS = {"==": "=", "!=": r"\ne", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}
# Signs that LaTeX's mathematics has by a name only; an accent over a blank is the sign alone.
SIGNS = {"\\": r"\backslash", "^": r"\hat{\ }", "~": r"\tilde{\ }"}


class Latex(Language):
    """Formulas in LaTeX's mathematics."""

    times: Any = r" \cdot "
    adds: Any = r" \mathrel{+}= "
    dots: Any = r"\ldots"
    fractions: Mapping[float, Any] = {0.25: r"\tfrac{1}{4}", 0.5: r"\tfrac{1}{2}", 0.75: r"\tfrac{3}{4}"}
    is_flat = False

    def name(self, name: str) -> Part:
        return super().name(name)._replace(text=_indexed(name))

    def digits(self, text: str, x: float) -> Part:
        text = text.replace(MINUS, "-")
        part = super().digits(BEYOND.get(text, text), x)
        match = re.fullmatch(r"(-?[\d.]+)e([-+]?\d+)", text)
        if match is None:
            return part
        mantissa, exponent = match[1], str(int(match[2]))
        return part._replace(text=self.power_of_ten(mantissa, exponent), level=POWER if mantissa == "1" else PRODUCT)

    def power_of_ten(self, mantissa: str, exponent: str) -> Any:
        power = f"10^{{{exponent}}}"
        return power if mantissa == "1" else rf"{mantissa} \cdot {power}"

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        condition = f"{left.text} {RELATIONS[relation]} {right.text}"
        return Part(rf"\begin{{cases}}{a.text} & \text{{if }} {condition}\\{b.text} & \text{{otherwise}}\end{{cases}}", OPEN)

    def template(self, op: Op) -> Template:
        return template_of(op.latex)

    def bracketed(self, text: Any) -> Any:
        return rf"\left({text}\right)"

    def is_odd(self, part: Part) -> bool:
        return part.signed

    def words(self, text: str) -> Any:
        return rf"\text{{{text}}}"

    def call(self, name: str, texts: Sequence[Any]) -> Any:
        return rf"\operatorname{{{escaped(name)}}}\left({self.listed(texts)}\right)"

    def derivative(self, above: Any, below: Any) -> Any:
        return rf"\frac{{\partial {above}}}{{\partial {below}}}"

    def barred(self, name: str) -> Any:
        return _indexed(name, r"\bar{%s}")

    def literal(self, x: Any) -> Any:
        return self.words(str(x).lower()) if type(x) is bool else repr(x)

    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        return (self.decomposed if is_written_out(op, len(parts)) else self.spelled)(op, parts, parameters)


LATEX = Latex()


def pieces_of(name: str) -> tuple[list[tuple[str, str]], str]:
    """Return letters of one kind after another, and an index: "greek", "letter", "mathrm" (upright), "text", or a sign of SIGNS."""
    match = re.fullmatch(r"([^\W\d_₀-₉]+)(_?\d+|₋?[₀-₉]+(?:,[₀-₉]+)*)", name)
    base, index = (match[1], match[2].translate(LOWERED)) if match else (name, "")
    if base in GREEK:
        return [("greek", base)], index
    if len(base) == 1 and base.isalpha() and not _is_prose(base):
        return [("letter", base)], index
    return [(kind, "".join(letters)) for kind, letters in itertools.groupby(base, _kind)], index


def _indexed(name: str, base: str = "%s") -> str:
    """The name's letters as a base, and its index."""
    pieces, index = pieces_of(name)
    letters = base % "".join([_piece(kind, letters) for kind, letters in pieces])
    return (letters if len(pieces) == 1 else f"{{{letters}}}") + (f"_{{{index}}}" if index else "")


def _is_prose(letter: str) -> bool:
    """True if the letter belongs to text and not to mathematics: é and 日, but neither x nor α, ∂ or ℓ."""
    code = ord(letter)
    is_letter = unicodedata.category(letter)[0] in "LM"
    return is_letter and code > 127 and not (0x370 <= code < 0x400 or 0x2100 <= code < 0x2150 or 0x1D400 <= code < 0x1D800)


def _kind(letter: str) -> str:
    return letter if letter in SIGNS else "text" if _is_prose(letter) else "mathrm"


def _piece(kind: str, letters: str) -> str:
    if kind in SIGNS:
        return SIGNS[kind] * len(letters)
    if kind in ("greek", "letter"):
        return f"\\{letters}" if kind == "greek" else letters
    escaped = re.sub(r"[#$%&_{} ]", r"\\\g<0>", letters) if kind == "mathrm" else letters
    return rf"\{kind}{{{escaped}}}"
