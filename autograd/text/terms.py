"""The words of the field that a reader may not know yet, each with its meaning: one dictionary, for pages and the gallery."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["FORMS", "TERMS", "marked"]

TERMS = {
    "adjoint": "how fast the result changes with this node, ∂result/∂node; the backward sweep finds it, and it is the node's grad",
    "leaf": "a node that no operation made: an input, a target or a weight",
    "local derivative": "how fast the result of one operation changes with one of its operands, while the others stay",
    "operand": "a node that an operation takes",
    "root": "the node whose derivatives are asked for, the result; the backward sweep starts there",
    "seed": "the adjoint of the root, with which the backward sweep starts: 1, unless another is given",
    "user": "an operation that takes this node as an operand, and the node it makes",
}
FORMS = {"adjoints": "adjoint", "leaves": "leaf", "local derivatives": "local derivative", "operands": "operand", "users": "user"}
WORDS = re.compile(rf"\b({'|'.join(sorted([*TERMS, *FORMS], key=len, reverse=True))})\b")


def marked(html: str, mark: Callable[[str, str], str]) -> str:
    """Return HTML that is text alone, with mark(word, term) in place of the first word for each term.

    >>> marked("the adjoint of a leaf, an adjoint too", lambda word, term: f"<dfn>{word}</dfn>")
    'the <dfn>adjoint</dfn> of a <dfn>leaf</dfn>, an adjoint too'
    """
    seen: set[str] = set()

    def first(match: re.Match[str]) -> str:
        word = match[1]
        term = FORMS.get(word, word)
        if term in seen:
            return word
        seen.add(term)
        return mark(word, term)

    return WORDS.sub(first, html)
