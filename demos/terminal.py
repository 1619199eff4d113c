"""Text for a terminal: wrapped, in colour where colour is wanted, and readable where the encoding lacks our signs."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Sequence

from autograd.text import tables
from autograd.text.terminal import say as write

__all__ = ["aligned", "bold", "faint", "paragraphs", "rule", "width", "wrapped", "write"]


def width() -> int:
    """The columns to write in: the terminal's, but not more than reads well."""
    return min(shutil.get_terminal_size((100, 24)).columns, 100)


def bold(text: str) -> str:
    """In bold, where the terminal can."""
    return f"\033[1m{text}\033[0m" if _colourful() else text


def faint(text: str) -> str:
    """In a fainter colour, where the terminal can."""
    return f"\033[2m{text}\033[0m" if _colourful() else text


def _colourful() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def rule(text: str, ending: str = "") -> str:
    """A heading: the text, and a line to the right margin, with the ending there."""
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
    head, *lines = tables.aligned([headings, *rows], right={place for place, to_the_right in enumerate(right) if to_the_right})
    line = "─" * max(map(tables.columns, (head, *lines)))
    return "\n".join([bold(f"  {head}"), faint(f"  {line}"), *[f"  {line}" for line in lines]])
