r"""A picture as TikZ, for LaTeX: the lines, shapes and texts of its SVG, at the places where the layout engine put them.

    >>> svg = '<svg><g class="node" id="n0"><ellipse fill="white" stroke="#9aa5b1" cx="9" cy="-9" rx="9" ry="9"/></g></svg>'
    >>> print(to_tikz(svg))
    \definecolor{autograd9aa5b1}{HTML}{9AA5B1}%
    \begin{tikzpicture}[x=1bp, y=-1bp, every node/.style={inner sep=0bp, outer sep=0bp}]
    % n0
    \coordinate (n0) at (9,-9);
    \path[draw=autograd9aa5b1, line width=1bp, fill=white] (9,-9) ellipse [x radius=9, y radius=9];
    \end{tikzpicture}
    <BLANKLINE>

`\input{picture.tikz}` draws it where `\usepackage{tikz}` is loaded; each card and circle has its id as a coordinate, to point at
from the slide. `document` is a whole file for pdflatex, xelatex or lualatex. The reader knows what Graphviz's engines
write, not all of SVG.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from autograd.text.latex import GREEK

__all__ = ["document", "to_tikz"]

WIDER = 0.6 / 0.525  # the width of a letter in Courier, which the layout measured, and in LaTeX's typewriter fonts
DOWN, UP = "₀₁₂₃₄₅₆₇₈₉₋", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
DIGITS = "0123456789-"
SIGNS = {
    **{c: f"\\{c}" for c in "{}$&#_%"},
    **{"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", " ": "~", "\N{NO-BREAK SPACE}": "~"},
    **{sign: rf"\(\{name}\)" for name, sign in GREEK.items()},
    **{"×": r"\(\times\)", "·": r"\(\cdot\)", "−": r"\(-\)", "∂": r"\(\partial\)", "→": r"\(\to\)", "∞": r"\(\infty\)"},
    **{"≤": r"\(\le\)", "≥": r"\(\ge\)", "≠": r"\(\ne\)", "√": r"\(\surd\)", "½": r"\(\frac12\)", "′": r"\('\)", "…": r"\dots{}"},
    **{"±": r"\(\pm\)", "□": r"{\fboxsep=.4ex\fbox{}}", "∑": r"\(\sum\)", "∥": r"\(\|\)", "‖": r"\(\|\)"},
}
DOCUMENT = r"""\RequirePackage{{fix-cm}}
\documentclass{{article}}
\usepackage[paperwidth={width}bp, paperheight={height}bp, margin=0bp]{{geometry}}
\usepackage{{tikz}}
\pagestyle{{empty}} \parindent=0bp \topskip=0bp
\begin{{document}}
\vbox to \textheight{{\vss\hbox to \textwidth{{\hss%"""
NODES = "every node/.style={inner sep=0bp, outer sep=0bp}"


def document(svg: str) -> str:
    """Return a whole LaTeX document, a page of the size of the picture; it needs nothing beyond LaTeX's base and TikZ."""
    *_, width, height = map(float, ET.fromstring(svg).get("viewBox", "").split())
    head = DOCUMENT.format(width=f"{width:g}", height=f"{height:g}")
    return f"{head}\n{to_tikz(svg)}\\unskip\\hss}}\\vss}}\n\\end{{document}}\n"


def to_tikz(svg: str) -> str:
    """Return the picture as a `tikzpicture`, after the definitions of its colours."""
    root = ET.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    lines = list(_lines(root))
    colours = sorted(set(re.findall(r"\bautograd[0-9a-f]{6}\b", "\n".join(lines))))
    definitions = [rf"\definecolor{{{name}}}{{HTML}}{{{name[-6:].upper()}}}%" for name in colours]
    begin = rf"\begin{{tikzpicture}}[x=1bp, y=-1bp, {NODES}]"
    return "\n".join([*definitions, begin, *lines, r"\end{tikzpicture}", ""])


def _lines(parent: ET.Element) -> Iterator[str]:
    for element in parent:
        kind = element.get("class")
        if kind in ("node", "edge"):
            yield f"% {' '.join(element.findtext('title', element.get('id', '')).split())}"
        if kind == "node" and (centre := _centre(element)):
            yield rf"\coordinate ({element.get('id')}) at {centre};"
        if element.tag == "text" and (element.text or "").strip():
            yield _text(element)
        elif shape := _shape(element):
            yield from _path(element, shape)
        yield from _lines(element)


def _points(element: ET.Element) -> list[str]:
    """The points of a path or polygon, in order: (x,y)."""
    numbers = [
        f"{float(number):g}" for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", element.get("points") or element.get("d") or "")
    ]
    return [f"({x},{y})" for x, y in zip(numbers[::2], numbers[1::2], strict=True)]


def _shape(element: ET.Element) -> str:
    """What TikZ draws for this element; "" for one that is no shape."""
    if element.tag == "ellipse":
        x, y, across, down = (f"{float(element.get(name, 0)):g}" for name in ("cx", "cy", "rx", "ry"))
        return f"({x},{y}) ellipse [x radius={across}, y radius={down}]"
    if element.tag == "polygon":
        return " -- ".join([*_points(element)[:-1], "cycle"])
    if element.tag == "polyline":
        return " -- ".join(_points(element))
    if element.tag != "path":
        return ""
    first, *rest = _points(element)
    curves = [f".. controls {a} and {b} .. {end}" for a, b, end in zip(rest[::3], rest[1::3], rest[2::3], strict=True)]
    return " ".join([first, *curves])


def _path(element: ET.Element, shape: str) -> Iterator[str]:
    """The line that draws the shape; none for the white ground, since a slide has its own."""
    stroke, fill = (_colour(element.get(name, "none")) for name in ("stroke", "fill"))
    if not stroke and (not fill or (fill == "white" and element.tag == "polygon")):
        return
    options = [f"draw={stroke}", f"line width={float(element.get('stroke-width', 1)):g}bp"] if stroke else []
    options += [f"fill={fill}"] if fill else []
    if dashes := re.findall(r"[\d.]+", element.get("stroke-dasharray", "")):
        options.append(f"dash pattern=on {dashes[0]}bp off {dashes[-1]}bp")
    yield rf"\path[{', '.join(options)}] {shape};"


def _colour(value: str) -> str:
    if value in ("none", "transparent"):
        return ""
    return f"autograd{value[1:].lower()}" if re.fullmatch(r"#[0-9a-fA-F]{6}", value) else value


def _text(element: ET.Element) -> str:
    size = float(element.get("font-size", 14)) * WIDER
    font = rf"\ttfamily\fontsize{{{size:.2f}}}{{{size:.2f}}}\selectfont" + r"\bfseries" * (element.get("font-weight") == "bold")
    anchor = {"start": "base west", "end": "base east"}.get(element.get("text-anchor", "start"), "base")
    colour = _colour(element.get("fill", "black"))
    x, y = (f"{float(element.get(name, 0)):g}" for name in ("x", "y"))
    return rf"\node[anchor={anchor}, text={colour}, font={font}] at ({x},{y}) {{{_escaped(element.text or '')}}};"


def _escaped(text: str) -> str:
    text = "".join([SIGNS.get(letter, letter) for letter in text])
    for signs, command in ((DOWN, "textsubscript"), (UP, "textsuperscript")):
        text = re.sub(f"[{signs}]+", rf"\\{command}{{\g<0>}}", text).translate(str.maketrans(signs, DIGITS))
    return text


def _centre(node: ET.Element) -> str:
    """The middle of the node's first shape."""
    for element in node.iter():
        if element.tag == "ellipse":
            return f"({float(element.get('cx', 0)):g},{float(element.get('cy', 0)):g})"
        if element.tag in ("path", "polygon"):
            points = [tuple(map(float, point[1:-1].split(","))) for point in _points(element)]
            x, y = ((min(numbers) + max(numbers)) / 2 for numbers in zip(*points, strict=True))
            return f"({x:g},{y:g})"
    return ""
