"""Sentences that repeat each other, written short: what occurs again and again is one character in them, and stands once in a list.

    >>> short, phrases = packed(["the adjoint of x1, times 2", "the adjoint of x2, times 3"], [])
    >>> phrases, [text.replace(FIRST, "[0]").replace(chr(ord(FIRST) + 1), "[1]") for text in short]
    (['the adjoint of x', ', times '], ['[0]1[1]2', '[0]2[1]3'])

Names come first, being what differs from sentence to sentence; numbers stay as they are; the text between them repeats.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

__all__ = ["FIRST", "packed"]

FIRST = "\ue100"  # the character of the first phrase; no name has one of these, which are for private use
MOST = 6000
LEAST = 4  # letters of a phrase: the character itself takes three bytes


def packed(texts: Sequence[str], names: Iterable[str]) -> tuple[list[str], list[str]]:
    """The texts with phrases as characters, and the phrases: character FIRST + i stands for number i."""
    long = sorted({name for name in names if len(name) >= LEAST}, key=lambda name: (-len(name), name))[: MOST // 2]
    character = {name: chr(ord(FIRST) + place) for place, name in enumerate(long)}
    if long:
        name = re.compile("|".join(map(re.escape, long)))
        texts = [name.sub(lambda match: character[match[0]], text) for text in texts]
    fixed = re.compile(rf"[^\d{FIRST}-\uf8ff]{{{LEAST},}}")
    count = Counter([phrase for text in texts for phrase in fixed.findall(text)])
    repeated = [phrase for phrase, times in count.items() if times > 1][: MOST // 2]
    character |= {phrase: chr(ord(FIRST) + len(long) + place) for place, phrase in enumerate(repeated)}
    return [fixed.sub(lambda match: character.get(match[0], match[0]), text) for text in texts], [*long, *repeated]
