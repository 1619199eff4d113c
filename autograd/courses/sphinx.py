"""An extension of Sphinx: a directive that shows an expression as a page to play with, and as a picture in LaTeX.

In conf.py: `extensions = ["autograd.courses.sphinx"]`. In a document, or as ```{autograd} in MyST:

    .. autograd:: L = (a*b + c)*f
       :numbers: a=2 b=-3 c=10 f=-2
       :height: 500

Options: `numbers`, the value of each name; `height` of the page in pixels; `fold`, a box such as neuron=a,b (several are
separated by blanks); `quiz`, which asks for the gradients.
"""

from __future__ import annotations

from typing import Any

from autograd.courses import HEIGHT, embedded
from autograd.errors import AutogradError, RenderError
from autograd.expressions import Refusal

__all__ = ["setup"]


def setup(app: Any) -> dict[str, Any]:
    """Add the directive, and TikZ to LaTeX documents; Sphinx calls this."""
    from docutils import nodes
    from docutils.parsers.rst import Directive, directives

    class Autograd(Directive):  # type: ignore[misc]  # docutils has no types
        """The directive; what it makes is raw HTML and raw LaTeX, each for its own documents."""

        required_arguments = 1
        final_argument_whitespace = True
        option_spec = {  # noqa: RUF012  # docutils reads it from the class
            "numbers": directives.unchanged,
            "height": directives.positive_int,
            "fold": directives.unchanged,
            "quiz": directives.flag,
        }

        def run(self) -> list[Any]:
            numbers, fold = (self.options.get(name, "").split() for name in ("numbers", "fold"))
            try:
                embedding = embedded(self.arguments[0], numbers, fold=fold, is_quiz="quiz" in self.options)
                shown = [nodes.raw("", embedding.html(self.options.get("height", HEIGHT)), format="html")]
            except Refusal as refusal:
                raise self.error(refusal.shown("utf-8").removeprefix("error: ")) from None
            except AutogradError as error:
                raise self.error(str(error)) from None
            try:
                return [*shown, nodes.raw("", embedding.latex(), format="latex")]
            except RenderError:  # no engine: a page needs none
                return shown

    app.add_latex_package("tikz")
    app.add_directive("autograd", Autograd)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
