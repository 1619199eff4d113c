"""Text for a terminal: wrapped, in colour where colour is wanted, and readable where the encoding lacks our signs."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Sequence
from typing import TextIO

__all__ = ["aligned", "bold", "faint", "paragraphs", "rule", "width", "wrapped", "write"]

# For an encoding without mathematical signs. What is neither here nor a letter becomes a question mark.
PLAIN = str.maketrans(
    {"─": "-", "━": "=", "·": "*", "−": "-", "–": "-", "→": "->", "×": "x", "½": "1/2", "€": "EUR", "’": "'", "′": "'", "…": "..."}
    | {"Δ": "D", "∂": "d", "Σ": "sum ", "√": "sqrt", "≤": "<=", "≥": ">=", "≈": "~", "±": "+-", "°": " deg"}
)
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵃⁿᵏᶻᵀ", "0123456789-+ankzT")
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₙᵢⱼₖₚₜₘ", "0123456789nijkptm")


def width() -> int:
    """The columns to write in: the terminal's, but not more than reads well."""
    return min(shutil.get_terminal_size((100, 24)).columns, 100)


def write(text: str = "", stream: TextIO | None = None) -> None:
    """Print a line in whatever encoding the stream has."""
    stream = stream or sys.stdout
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = _plain(text, encoding)
    print(text, file=stream, flush=True)


def _plain(text: str, encoding: str) -> str:
    """The text in the signs that the encoding has."""
    for sign, signs in (("^", RAISED), ("_", LOWERED)):
        run = f"[{''.join(map(chr, signs))}]+"
        text = re.sub(run, lambda match, sign=sign, signs=signs: sign + match[0].translate(signs), text)  # type: ignore[misc]
    letters = [c if _has(encoding, c) else _spelt(c) for c in text.translate(PLAIN)]
    return "".join(letters).encode(encoding, "replace").decode(encoding)


def _spelt(character: str) -> str:
    """The name of a Greek letter; another letter without its accent."""
    kind, _, name = unicodedata.name(character, "").lower().rpartition("letter ")
    return name if kind.startswith("greek") else unicodedata.normalize("NFD", character)[0]


def _has(encoding: str, character: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def bold(text: str) -> str:
    """In bold, where the terminal can."""
    return f"\033[1m{text}\033[0m" if _colourful() else text


def faint(text: str) -> str:
    """In a fainter colour, where the terminal can."""
    return f"\033[2m{text}\033[0m" if _colourful() else text


def _colourful() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def rule(text: str, ending: str = "") -> str:
    """A heading: the text, and a line to the right margin, where the ending stands."""
    line = "━" * max(2, width() - len(text) - len(ending) - 5)
    return bold(f"━━ {text} {line} {ending}".rstrip())


def wrapped(text: str, indent: str = "") -> str:
    """The paragraphs of a text, within the width."""
    fill = textwrap.TextWrapper(
        width(), initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n\n".join(map(fill.fill, paragraphs(text)))


def paragraphs(text: str) -> list[str]:
    """The paragraphs, which an empty line separates, each on one line."""
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text.strip())]


def aligned(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """A table: columns as wide as they need, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        return (
            "  "
            + "   ".join(
                cell.rjust(n) if to_the_right else cell.ljust(n) for cell, n, to_the_right in zip(cells, widths, right, strict=True)
            ).rstrip()
        )

    return "\n".join([bold(line(headings)), faint("  " + "─" * (sum(widths) + 3 * (len(widths) - 1))), *map(line, rows)])
