"""MathML from LaTeX: what a browser shows without a script, from the same spelling that everything else is written in.

    >>> from_latex(r"\\frac{1}{x_{1}}")
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><mfrac><mn>1</mn><msub><mi>x</mi><mn>1</mn></msub></mfrac></math>'

Not all of LaTeX: what the rows of the table and the formulas of this package use of it.
"""

from __future__ import annotations

import html
import itertools
import re
import unicodedata

__all__: list[str] = []

GREEK = re.findall(
    r"\w+",
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega",
)
LATEX_TOKENS = re.compile(
    r"\\(?:left|right)(?:\\[a-z]+|.)|\\(?:begin|end)\{cases\}|\\text\{[^{}]*\}|\\(?:operatorname|mathrm|mathbf)\{(?:\\.|[^{}\\])*\}"
    r"|\\(?:hat|tilde)\{\\ \}|\\sqrt\[\w+\]|\\\\|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|."
)


def _case(letter: str) -> str:
    return "SMALL" if letter[0].islower() else "CAPITAL"


SIGN_OF = {
    r"\cdot": "⋅",
    r"\times": "×",
    r"\approx": "≈",
    r"\partial": "∂",
    r"\dots": "…",
    r"\le": "≤",
    r"\ge": "≥",
    "-": "−",
    r"\sum": "∑",
    "<": "&lt;",
    ">": "&gt;",
    **{sign: sign for sign in ",=+/()[]|!;"},
}
DELIMITER = {r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉"}
LETTER = {rf"\{name}": unicodedata.lookup(f"GREEK {_case(name)} LETTER {name.replace('ambda', 'amda')}") for name in GREEK}
LETTER |= {r"\varphi": "φ", r"\infty": "∞", r"\backslash": "\\", r"\hat{\ }": "^", r"\tilde{\ }": "~"}


FUNCTION = re.compile(r"<mi>\w\w+</mi>")
CELL = '<mtd style="text-align: left">'
THIN = '<mspace width="0.17em"/>'


class _Row:
    """A group being read: the elements so far, and the constructions that still wait for theirs."""

    def __init__(self, opening: str = "") -> None:
        self.opening = opening
        self.elements: list[str] = []
        self.waiting: list[tuple[str, int, list[str]]] = []

    def take(self, element: str) -> None:
        while self.waiting:
            tag, count, arguments = self.waiting[-1]
            arguments.append(element)
            if len(arguments) < count:
                return
            self.waiting.pop()
            element = f"<{tag}>{''.join(reversed(arguments) if tag == 'mroot' else arguments)}</{tag}>"
        self.elements.append(element)

    def expect(self, tag: str, count: int, *arguments: str) -> None:
        self.waiting.append((tag, count, list(arguments)))

    def closed(self) -> str:
        return self.elements[0] if len(self.elements) == 1 else f"<mrow>{self.spaced()}</mrow>"

    def spaced(self) -> str:
        """The elements, a function's name set off from what it stands beside, as LaTeX does: x ln(y), ln softmax(x)."""
        parts = self.elements[:1]
        for before, after in itertools.pairwise(self.elements):
            is_beside = (
                after.startswith(("<mi", "<msq", "<msub><mi", "<msup><mi"))
                if FUNCTION.fullmatch(before)
                else FUNCTION.fullmatch(after)
            )
            parts += [THIN, after] if is_beside and not before.startswith(("<mo", "<mt", "</")) else [after]
        return "".join(parts)


def from_latex(latex: str, *, block: bool = False) -> str:
    """This LaTeX as a MathML element, for the middle of a line, or as a block of its own; a stack instead of recursion."""
    stack = [_Row()]
    for token in LATEX_TOKENS.findall(latex):
        top = stack[-1]
        if token.isspace():
            continue
        if token == "{":
            stack.append(_Row())
        elif token == "}":
            stack.pop()
            stack[-1].take(top.closed())
        elif token.startswith(r"\left"):
            stack.append(_Row(token.removeprefix(r"\left")))
        elif token.startswith(r"\right"):
            stack.pop()
            fences = [f"<mo>{DELIMITER.get(mark, mark)}</mo>" for mark in (top.opening, token.removeprefix(r"\right"))]
            stack[-1].take(f"<mrow>{fences[0]}{top.spaced()}{fences[1]}</mrow>")
        elif token == r"\begin{cases}":
            stack.append(_Row())
            top = stack[-1]
            top.elements.append(f"<mtr>{CELL}")
        elif token == "&":
            top.elements.append(f"</mtd>{CELL}")
        elif token == r"\\":
            top.elements.append(f"</mtd></mtr><mtr>{CELL}")
        elif token == r"\end{cases}":
            stack.pop()
            stack[-1].take(f"<mrow><mo>{{</mo><mtable>{top.spaced()}</mtd></mtr></mtable></mrow>")
        elif token in ("^", "_"):
            _script(top, "msup" if token == "^" else "msub")
        elif token == r"\frac":
            top.expect("mfrac", 2)
        elif token == r"\sqrt":
            top.expect("msqrt", 1)
        elif token.startswith(r"\sqrt["):
            top.expect("mroot", 2, f"<mn>{token[6:-1]}</mn>")
        else:
            top.take(_element(token))
    display = ' display="block"' if block else ""
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML"{display}>{stack[0].closed()}</math>'


def _script(row: _Row, tag: str) -> None:
    base = row.elements.pop() if row.elements and not row.waiting else "<mrow></mrow>"
    row.expect(tag, 2, base)


def _element(token: str) -> str:
    if token[0].isdigit():
        return f"<mn>{token}</mn>"
    if token in SIGN_OF:
        return f"<mo>{SIGN_OF[token]}</mo>"
    if token == r"\quad":
        return '<mspace width="1em"/>'
    if token in LETTER:
        return f"<mi>{LETTER[token]}</mi>"
    named = re.fullmatch(r"\\(text|operatorname|mathrm|mathbf)\{(.*)\}", token)
    if named:
        content = html.escape(re.sub(r"\\(.)", r"\1", named[2]), quote=False)
        if named[1] == "text":
            return f"<mtext>{content.replace(' ', chr(160))}</mtext>"
        return f'<mi mathvariant="bold">{content}</mi>' if named[1] == "mathbf" else f"<mi>{content}</mi>"
    return f"<mi>{html.escape(token.removeprefix(chr(92)), quote=False)}</mi>"
