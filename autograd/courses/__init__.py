"""Pages inside documents: an expression and its numbers become a page to play with, or a picture where the document is printed.

    >>> embedding = embedded("L = a*b", ["a=2", "b=-3"])
    >>> embedding.html(height=400)[:53]
    '<iframe sandbox="allow-scripts" title="L = a·b" style'

`autograd.courses.sphinx` is an extension of Sphinx with a directive; the Quarto shortcode in docs/quarto prints what
`python -m autograd.courses` writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autograd.expressions import Boxes, boxes_of, result
from autograd.page import quiz_page, to_html
from autograd.page.document import HEIGHT
from autograd.show.drawing import draw
from autograd.show.quizzes import Quiz, quiz
from autograd.value import Value

__all__ = ["HEIGHT", "Embedding", "embedded"]

FITTED = r"\par\noindent\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{"  # no wider than the text


class Embedding(NamedTuple):
    """What a document shows of an expression; `embedded` makes one."""

    root: Value
    boxes: Boxes | None
    quiz: Quiz | None

    def html(self, height: int = HEIGHT) -> str:
        """The page in an <iframe> of so many pixels."""
        page = quiz_page(self.quiz) if self.quiz else to_html(self.root, fold=self.boxes)
        return page.embedded(height)

    def latex(self) -> str:
        """The picture as TikZ, no wider than the text; it needs an engine, as every picture does."""
        drawing = self.quiz.drawing() if self.quiz else draw(self.root, fold=self.boxes)
        return f"{FITTED}%\n{drawing.tikz()}}}"


def embedded(expression: str, numbers: Sequence[str], *, fold: Sequence[str] = (), is_quiz: bool = False) -> Embedding:
    """Return what to show of the expression at these numbers, written as on the command line: "L = a*b", ["a=2", "b=-3"].

    `fold` has boxes, "neuron=a,b"; `is_quiz` asks for the gradients. Raises the Refusal of `autograd.expressions` for what
    cannot be read.
    """
    root, leaves, _ = result(expression, numbers)
    return Embedding(root, boxes_of(fold, leaves) or None, quiz(root) if is_quiz else None)
