"""Text on a terminal whose encoding may lack our signs.

>>> plain("∂L/∂x₁ = −2 · x₁⁻¹, η → 0", "ascii")
'dL/dx_1 = -2 * x_1^-1, eta -> 0'
"""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import TextIO

__all__ = ["has", "plain", "say"]

# What is neither here nor a letter becomes a question mark.
SIGNS = str.maketrans(
    {"─": "-", "━": "=", "│": "|", "├": "+", "└": "`", "┼": "+", "·": "*", "−": "-", "–": "-", "—": "-", "→": "->", "←": "<-"}
    | {
        "↑": "^",
        "×": "x",
        "½": "1/2",
        "€": "EUR",
        "’": "'",
        "′": "'",
        "″": "''",
        "‴": "'''",
        "…": "...",
        "Δ": "D",
        "∂": "d",
        "Σ": "sum ",
        "√": "sqrt",
    }
    | {"‖": "|", "≤": "<=", "≥": ">=", "≈": "~", "±": "+-", "°": " deg", "\N{COMBINING MACRON}": "'", "\N{COMBINING OVERLINE}": "'"}
)
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵃⁿᵏˣᶻᵀ", "0123456789-+ankxzT")
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉₋ₙᵢⱼₖₚₜₘ", "0123456789-nijkptm")


def say(text: str = "", stream: TextIO | None = None) -> None:
    """Print a line in the encoding of the stream."""
    stream = stream or sys.stdout
    encoding = stream.encoding or "utf-8"
    print(text if has(encoding, text) else plain(text, encoding), file=stream, flush=True)


def plain(text: str, encoding: str) -> str:
    """The text in the signs that the encoding has."""
    for sign, signs in (("^", RAISED), ("_", LOWERED)):
        run = f"[{''.join(map(chr, signs))}]+"
        text = re.sub(run, lambda match, sign=sign, signs=signs: sign + match[0].translate(signs), text)  # type: ignore[misc]
    letters = [c if has(encoding, c) else _spelt(c) for c in text.translate(SIGNS)]
    return "".join(letters).encode(encoding, "replace").decode(encoding)


def _spelt(character: str) -> str:
    """The name of a Greek letter; another letter without its accent."""
    kind, _, name = unicodedata.name(character, "").lower().rpartition("letter ")
    return name if kind.startswith("greek") else unicodedata.normalize("NFD", character)[0]


def has(encoding: str, text: str) -> bool:
    """Whether the encoding has all signs of the text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
