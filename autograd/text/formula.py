"""Formulas: a graph, or a row's partial, written as one line of text, LaTeX or MathML.

    >>> from autograd import ops
    >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    >>> to_text((a * b + c) ** 2)
    '(a * b + c) ** 2'
    >>> to_latex(ops.exp(a) / (a + b))
    '\\\\frac{e^{a}}{a + b}'
    >>> d = a * b
    >>> to_text(d + ops.sin(d))                 # what is used twice is named once
    'v1 = a * b; v1 + sin(v1)'

Names come from labels, then from `names=locals()`, then v1, v2, ... There are brackets only where the value would change without
them, to the bit: a + (b + c) keeps its own; see `autograd.text.language`.
"""

from __future__ import annotations

from typing import Any

from autograd.errors import GraphSizeError, whole
from autograd.graph import is_larger
from autograd.network import network_of
from autograd.text.language import TEXT, Language, write
from autograd.text.latex import LATEX
from autograd.text.mathml import MATHML, element_of
from autograd.text.names import Names, named
from autograd.text.symbols import Symbol, in_order, parts_of
from autograd.value import Value

__all__ = ["to_latex", "to_mathml", "to_text"]

LIMIT = 1000  # nodes in one line


def to_text(expression: Value | Symbol, names: Names = None, *, limit: int = LIMIT) -> str:
    """Return the formula on one line, as Python writes it; what is used more than once is defined before it, with semicolons.

    >>> x = Value(3.0)
    >>> to_text(3 * x**2 - 4 * x + 5, locals())
    '3 * x ** 2 - 4 * x + 5'
    """
    return "; ".join(statements(expression, names, TEXT, limit, "to_text"))


def to_latex(expression: Value | Symbol, names: Names = None, *, limit: int = LIMIT) -> str:
    """Return the formula in LaTeX's mathematics, without dollar signs; greek labels are letters, x1 has an index.

    >>> to_latex(Value(1.0, "alpha") * Value(2.0, "x1").sqrt())
    '\\\\alpha \\\\cdot \\\\sqrt{x_{1}}'
    """
    return r",\quad ".join(statements(expression, names, LATEX, limit, "to_latex"))


def to_mathml(expression: Value | Symbol, names: Names = None, *, limit: int = LIMIT) -> str:
    """Return the formula as a MathML element, which every current browser shows without a script.

    >>> to_mathml(Value(1.0, "x") ** 2)
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><msup><mi>x</mi><mn>2</mn></msup></math>'
    """
    return element_of(statements(expression, names, MATHML, limit, "to_mathml"))


def statements(
    expression: Value | Symbol, names: Names, language: Language, limit: int = LIMIT, asked: str = "a formula", result: str = ""
) -> list[Any]:
    """Return the definitions of what is used more than once, then the formula, as that of `result` if this is a name."""
    limit = whole("limit", limit, 1)
    order = [] if type(expression) is Value and is_larger(expression, limit) else in_order(expression)
    if not 0 < len(order) <= limit:
        raise GraphSizeError(
            f"{asked}: the graph has more than {limit} nodes, too many for one line; give limit=, or take to_python, a line a node"
        )
    uses = dict.fromkeys(order, 0)
    for node in order:
        for part in parts_of(node):
            uses[part] += language.repeats(node.op)
    leaves = [node for node in order if node.op is None and (type(node) is Value or node.value is None)]
    shared = [node for node in order if node.op is not None and uses[node] > 1]
    network = network_of(order).names if type(expression) is Value else {}
    known = {node: language.name(name) for node, name in named([*leaves, *shared], names, known=network).items()}
    lines: list[Any] = []
    formula = write(order, known, language, lines, set(shared)).text
    return [*lines, language.definition(language.name(result).text, formula) if result else formula]
