"""Tables as text: columns of cells, aligned by the width that a terminal gives each letter.

>>> print(*aligned([("name", "data"), ("価格", "2"), ("b", "-3.5")], right={1}), sep="\\n")
name   data
価格      2
b      -3.5
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence

__all__ = ["aligned", "columns", "padded"]


def aligned(rows: Sequence[Sequence[str]], gap: str = "   ", *, right: Collection[int] = ()) -> list[str]:
    """Return a line for each row; the columns numbered in `right` are flush right.

    A row with fewer cells than others may be longer than their columns: its last cell widens none.
    """
    count = max(map(len, rows), default=0)
    widths = [0] * count
    for row in rows:
        for column, cell in enumerate(row if len(row) == count else row[:-1]):
            widths[column] = max(widths[column], columns(cell))
    lines = ([padded(cell, widths[column], column in right) for column, cell in enumerate(row)] for row in rows)
    return [gap.join(line).rstrip() for line in lines]


def columns(text: str) -> int:
    """Return how many columns of a terminal the text takes: none for a combining character, two for a wide one."""
    hidden = ("Mn", "Me", "Cf")
    return sum([0 if unicodedata.category(c) in hidden else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text])


def padded(text: str, width: int, right: bool = False) -> str:
    """Return the text with blanks after it, or before it if `right`, so that it takes at least so many columns."""
    blanks = " " * (width - columns(text))
    return blanks + text if right else text + blanks
