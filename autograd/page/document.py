"""The document: one HTML file that needs nothing else, and the object that shows it, in a notebook or saved.

Every document has the palette of `style.css` and the functions of `library.js`; its scripts find its data under `DATA`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any, final

from autograd.errors import MissingExtraError, OptionError, RenderError
from autograd.files import AnyPath, write

__all__ = ["Page", "document", "page_of_graph", "resource"]

SCRIPTS = (  # of the page of a graph, in this order
    *(
        "boxes.js",
        "arrangement.js",
        "picture.js",
        "sight.js",
        "minimap.js",
        "finder.js",
        "detail.js",
        "marks.js",
        "terms.js",
        "projector.js",
        "sliders.js",
        "sentences.js",
        "player.js",
    ),
)
BLOCK, ASIDE = re.compile(r"/\*.*?\*/", re.DOTALL), re.compile(r"(?<=[;{,]) // .*$|\s+// [^\"'`]*$")  # comments of scripts
HEIGHT = 640  # pixels of a page inside a notebook

# What a notebook shows that is not trusted: it removes the frame, and the style that hides the picture before a frame.
PLAYED = """<div class="autograd-page"><style>.autograd-page:has(iframe) .autograd-still {{ display: none }}</style>
{still}{frame}</div>"""
STILL = """<div class="autograd-still">{picture}
<p>This is the last picture of a page to play with: {title}. A notebook that is not trusted plays no page: run its cell, or trust
the notebook (in JupyterLab: View, Activate Command Palette, Trust Notebook).</p></div>
"""
STILL_TEXT = """<div class="autograd-still"><pre style="max-height: 30em; overflow: auto">{text}</pre>
<p>These are the numbers of a page to play with: {title}. A notebook that is not trusted plays no page: run its cell, or trust
the notebook (in JupyterLab: View, Activate Command Palette, Trust Notebook).</p></div>
"""


@final
class Page:
    """A page to play with: it shows itself in a notebook, and `.save("page.html")` writes it.

    `height` is that of its frame in a notebook, in pixels.
    """

    __slots__ = ("height", "html", "picture", "text", "title")

    def __init__(
        self, html: str, *, title: str, text: str = "", height: int = HEIGHT, picture: Callable[[], str] | None = None
    ) -> None:
        if type(height) is not int or height < 1:
            raise OptionError(f"height={height!r:.60}: give the pixels of the page's frame in a notebook, height={HEIGHT}")
        self.html = html  # the whole file
        self.title = title
        self.text = text  # the same for a reader of text
        self.height = height
        self.picture = picture  # makes its last state as HTML, with nothing that plays

    def save(self, path: AnyPath) -> Path:
        """Write the file, making the folders above it; the path is returned."""
        return write(path, self.html)

    def _repr_html_(self) -> str:
        """Return the page in its frame, and before it what is seen where no frame is shown."""
        return PLAYED.format(still=self.still(), frame=self.embedded())

    def still(self) -> str:
        """Return the last picture of the page, or its text if there is none, and how to play it, as HTML."""
        try:
            picture = self.picture() if self.picture else ""
        except (RenderError, MissingExtraError):  # no engine here
            picture = ""
        fields = {"picture": picture, "text": escape(self.text), "title": escape(self.title)}
        return (STILL if picture else STILL_TEXT).format(**fields)

    def embedded(self, height: int | None = None) -> str:
        """Return the page in an <iframe> of so many pixels, which may run the page's script and nothing else."""
        look = f'style="width: 100%; height: {self.height if height is None else height}px; border: 0"'
        return f'<iframe sandbox="allow-scripts" title="{escape(self.title)}" {look} srcdoc="{escape(self.html)}"></iframe>'

    def __repr__(self) -> str:
        return f"<Page {self.title!r}, {len(self.html) // 1000} kB; .save('page.html') writes it>"

    def __str__(self) -> str:
        return self.text or repr(self)


def document(title: str, body: str, *, style: str = "", script: str = "", data: Any = None) -> str:
    """The whole file: `body` is HTML, `script` runs after it, and finds `data` as DATA."""
    # A string in JSON may hold </script> or <!--, which would end the script or hide its end.
    embedded = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    html = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
{style_of("style.css")}{style}</style>
</head>
<body>
{body}
<script>
"use strict";
const DATA = {embedded};
{script_of("library.js")}{script}</script>
</body>
</html>
"""
    return html.encode("utf-8", "replace").decode()  # UTF-8 cannot hold half of a surrogate pair, which a label may have


def page_of_graph(
    heading: str,
    mathematics: str,
    text: str,
    data: Any,
    code: str,
    extra: Sequence[str] = (),
    path: AnyPath | None = None,
    **options: Any,
) -> Page:
    """Return the page of a graph, saved at `path` if there is one.

    `mathematics` is the heading as HTML, `code` defines OPERATIONS and CONDITIONS; `extra` names scripts and styles beyond those
    that every graph has; `options` are those of a Page.
    """
    body = Template(resource("page.html")).substitute(heading=mathematics, title=escape(heading), text=escape(text))
    scripts = [*SCRIPTS, *(name for name in extra if name.endswith(".js"))]
    styles = ["page.css", "detail.css", *(name for name in extra if name.endswith(".css"))]
    style, script = "".join(map(style_of, styles)), "\n".join([code, *map(script_of, scripts)])
    page = Page(document(heading, body, style=style, script=script, data=data), title=heading, text=text, **options)
    if path is not None:
        page.save(path)
    return page


@cache
def script_of(name: str) -> str:
    """Return a script of this folder as `stripped` leaves it."""
    return stripped(resource(name))


def stripped(script: str) -> str:
    """Return a script without its comments and its indentation, a fifth of a page's size.

    No text of a script goes over several lines, and none has what begins a comment.
    """
    lines = [line.strip() for line in BLOCK.sub("", script).splitlines()]
    return "\n".join([ASIDE.sub("", line) for line in lines if line and not line.startswith("//")]) + "\n"


@cache
def style_of(name: str) -> str:
    """Return a style of this folder without its comments."""
    return BLOCK.sub("", resource(name))


@cache
def resource(name: str, folder: Path = Path(__file__).parent) -> str:
    """Return a file of this folder, or of another, as text."""
    return (folder / name).read_text(encoding="utf-8")
