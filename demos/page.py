"""The page a lesson writes on: its text appears in the terminal at once, and in its section of the gallery.

page.say("A paragraph.")
page.formula("Δwᵢ = η xᵢ (t − y)")
page.listing(to_python(loss))                        a program, a tape, an explanation, as a terminal shows them
page.table(["week", "bill"], [[1, 8.5], [2, 7.0]])
page.figure("picture", draw(loss))                   a drawing, or anything else that saves itself as a picture
page.graph("graph", loss)                            the picture of a graph that opens the page on which it is played
page.plot("curve", lambda axes: axes.plot(errors))   matplotlib's axes, styled, without a window
page.play("quiz", quiz_page(quiz(loss)), "a quiz")   a page to play with that has no picture
for step in page.progress(range(100), "training"):   a bar, in a terminal
"""

from __future__ import annotations

import math
import os
import re
import shutil
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from html import escape
from pathlib import Path
from types import FrameType
from typing import Any, Literal, TypeVar

from autograd.errors import AutogradError, MissingExtraError
from autograd.files import replacing
from autograd.page import Page as Playable
from autograd.page import to_html
from autograd.show.drawing import draw
from autograd.text.numbers import short
from autograd.value import Value
from demos import terminal
from demos.typesetting import Formula
from nn.plot import canvas

__all__ = ["Block", "Page", "command", "filled", "fraction", "marked_up", "typeset"]

T = TypeVar("T")
Kind = Literal["prose", "formula", "listing", "table", "figure", "live"]

IN_A_LESSON = re.compile(r"demos\.lesson_\d+_\w+$")
WIDEST = {"formula": 56, "listing": 72, "table": 66, "figure": 600}  # characters, or pixels, beside the program
BETWEEN = 3  # characters between the columns of a table
SMALLEST = 11  # pixels of the smallest text in a picture of the gallery
BLUE, ORANGE, GREEN, RED, PURPLE, SKY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"
"""Okabe and Ito's colours, which the colour-blind can tell apart; a plot takes them in this order."""


class Block(str):
    """A block of a page as HTML, what it is, and the lines of the lesson that were running, the outermost first."""

    kind: Kind
    lines: tuple[int, ...]
    is_wide: bool  # needs the whole width of a page

    def __new__(cls, html: str, kind: Kind, *, lines: tuple[int, ...] = (), is_wide: bool = False) -> Block:
        block = super().__new__(cls, html)
        block.kind, block.lines, block.is_wide = kind, lines, is_wide
        return block


class Page:
    """One lesson's page; its pictures go to `folder`, which is emptied first, and links to them start from `root`.

    A page for an experiment makes `only` some of the pictures.
    """

    def __init__(self, folder: Path, *, root: Path | None = None, only: Collection[str] | None = None) -> None:
        self.folder, self.root, self.only = folder, root or folder.parent, only
        self.html: list[Block] = []  # the page of the gallery, block by block
        self.drawn: list[Block] = []  # the blocks with a picture
        self.pictures: list[Path] = []
        self.still = ""  # the first picture of a page to play with, as HTML
        self.pages: list[Path] = []  # those to play with
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def say(self, text: str, **fields: Any) -> None:
        """Paragraphs of text with named fields, with an empty line between them; `code` between backticks."""
        text = typeset(filled(text, **fields))
        terminal.write(terminal.wrapped(text) + "\n")
        for paragraph in terminal.paragraphs(text):
            self._add("prose", f"<p>{marked_up(paragraph)}</p>")

    def _add(self, kind: Kind, html: str, *, is_wide: bool = False) -> None:
        """A block, and where in the lesson it comes from."""
        frame: FrameType | None = sys._getframe(1)
        lines = list[int]()
        while frame:
            if IN_A_LESSON.match(frame.f_globals.get("__name__", "")):
                lines.insert(0, frame.f_lineno)
            frame = frame.f_back
        self.html.append(Block(html, kind, lines=tuple(lines), is_wide=is_wide))

    def formula(self, text: str, **fields: Any) -> None:
        """A line of mathematics, or several, with named fields; the notation is that of `demos.typesetting`."""
        formula = Formula(text, **fields)
        terminal.write("\n".join("    " + line for line in formula.text.splitlines()) + "\n")
        wide = max(map(len, formula.text.splitlines())) > WIDEST["formula"]
        self._add("formula", f'<div class="formula" {_named("Formula")}>{formula.mathml}</div>', is_wide=wide)

    def listing(self, text: str) -> None:
        """Lines of text as a terminal shows them: a program, a tape, an explanation."""
        terminal.write("\n".join(f"    {line}".rstrip() for line in text.rstrip().splitlines()) + "\n")
        wide = max(map(len, text.splitlines()), default=0) > WIDEST["listing"]
        html = f'<div class="scroll" {_named("Listing")}><pre class="listing">{escape(text.rstrip())}</pre></div>'
        self._add("listing", html, is_wide=wide)

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "") -> None:
        """A table; a float appears with four significant digits, and what needs others comes as text."""
        cells = [[typeset(short(cell) if isinstance(cell, float) else str(cell)) for cell in row] for row in rows]
        right = [all(map(_is_number, column)) for column in zip(*cells, strict=True)] or [False] * len(headings)
        terminal.write(terminal.aligned(headings, cells, right))
        terminal.write(terminal.faint(f"  {caption}\n") if caption else "")

        def row_of(tag: str, row: Sequence[str]) -> str:
            kinds = [' class="number"' if to_the_right else "" for to_the_right in right]
            tags = [tag if cell else "td" for cell in row]  # an empty heading heads nothing
            cells = [f"<{tag}{kind}>{escape(cell)}</{tag}>" for tag, kind, cell in zip(tags, kinds, row, strict=True)]
            return f"<tr>{''.join(cells)}</tr>"

        body = "\n".join(row_of("td", row) for row in cells)
        title = f"<caption>{marked_up(caption)}</caption>" if caption else ""
        columns = zip(headings, *cells, strict=True)
        wide = sum(max(map(len, column)) + BETWEEN for column in columns) > WIDEST["table"]
        self._add(
            "table",
            f'<div class="scroll" {_named(caption or "Table")}><table>{title}\n<thead>{row_of("th", headings)}</thead>\n'
            f"<tbody>\n{body}\n</tbody></table></div>",
            is_wide=wide,
        )

    def figure(self, name: str, picture: Any, caption: str = "", play: Playable | None = None) -> None:
        """A picture: a `Drawing`, which has `save`, or a matplotlib figure, which has `savefig`; and the page it opens, if any."""
        if not self.wants(name):
            return
        path = self.folder / f"{name}.svg"
        try:
            if hasattr(picture, "savefig"):
                with replacing(path) as file:
                    picture.savefig(file, metadata={"Date": None}, bbox_inches="tight", pad_inches=0.15)
            else:
                picture.save(path)
        except AutogradError as error:
            self._without(name, error, caption, play)
            return
        self.pictures.append(path)
        terminal.write(f"  {terminal.faint('picture')}  {_shown(path)}{terminal.faint(f'  {caption}') if caption else ''}\n")
        source = self._link(path)
        link = self._saved(name, play, "the same to play with") if play else source
        title = escape(play.title, quote=True) if play else ""
        button = f'<a class="play" href="{link}" data-title="{title}">Play it</a> ' if play else ""
        description = escape(caption or name, quote=True)
        width, height = _natural_size(path)
        least = math.ceil(width * SMALLEST / _smallest_text(path))
        size = f'width="{width:.0f}" height="{height:.0f}" style="--least: {least}px" loading="lazy" decoding="async"'
        self._add(
            "figure",
            f'<figure><div class="scroll" {_named(caption or name)}>'
            f'<a href="{link}"><img src="{source}" alt="{description}" {size}></a></div>'
            f"<figcaption>{button}{marked_up(caption)}</figcaption></figure>",
            is_wide=least > WIDEST["figure"],
        )
        self.drawn.append(self.html[-1])

    def graph(self, name: str, root: Value, caption: str = "", *, rankdir: str = "LR", **options: Any) -> None:
        """The picture of a graph, and the page on which it is played; options as for `draw`.

        Also where the picture is upright, in the column of the lesson, the page is wide, as screens are.
        """
        if not self.wants(name):
            return
        page = to_html(root, title=caption.rstrip("."), **options)
        self.figure(name, draw(root, rankdir=rankdir, **options), caption, page)

    def play(self, name: str, page: Playable, caption: str, *, embedded: bool = False) -> None:
        """A page to play with that has no picture: itself within the lesson, folded unless it is `embedded`; it is loaded late."""
        if not self.wants(name):
            return
        link = self._saved(name, page, caption)
        frame = f'<iframe src="{link}" title="{escape(page.title)}" loading="lazy"></iframe>'
        summary = f"<summary>{escape(page.title)}</summary>"
        folded = f'<details class="live"{" open" if embedded else ""}>{summary}\n{frame}</details>'
        play = f'<p class="opens"><a class="play" href="{link}">Play it</a> {marked_up(caption)}</p>'
        self._add("live", f"{folded}\n{play}", is_wide=True)
        if page.picture and not self.still:
            self.still = page.picture()

    def _saved(self, name: str, page: Playable, caption: str) -> str:
        """Write a page to play with; the link to it."""
        path = page.save(self.folder / f"{name}.html")
        self.pages.append(path)
        terminal.write(f"  {terminal.faint('page')}     {_shown(path)}  {terminal.faint(caption)}\n")
        return self._link(path)

    def _link(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def wants(self, name: str) -> bool:
        """True if this page makes the picture of this name; a lesson asks before it computes long for one."""
        return self.only is None or name in self.only

    def plot(
        self,
        name: str,
        paint: Callable[..., object],
        caption: str = "",
        *,
        panels: int = 1,
        size: tuple[float, float] = (5.6, 3.6),
        play: Playable | None = None,
    ) -> None:
        """A figure that `paint` draws on as many of matplotlib's axes as there are panels; without matplotlib, a hint."""
        if not self.wants(name):
            return
        try:
            with canvas(None, size, panels) as axes:
                figure = axes[0].figure  # `paint` may replace the axes
                for each in axes:
                    each.set_prop_cycle(color=[BLUE, ORANGE, GREEN, RED, PURPLE, SKY])
                paint(*axes)
                self.figure(name, figure, caption, play)
        except MissingExtraError as error:
            self._without(name, error, caption, play)

    def progress(self, steps: Sequence[T], what: str = "") -> Iterable[T]:
        """The steps, with a bar that vanishes at the end where there is a terminal and tqdm."""
        if not sys.stderr.isatty():
            return steps
        try:
            from tqdm import tqdm
        except ImportError:
            return steps
        bar: Iterable[T] = tqdm(steps, desc=f"  {what}", leave=False, ncols=terminal.width())
        return bar

    def _without(self, name: str, error: Exception, caption: str, play: Playable | None) -> None:
        """Say why there is no picture, and link to the page that it would open; the lesson goes on."""
        text = f"No picture {name!r} here: {error}"
        terminal.write(text + "\n")  # not wrapped: it may end with a command to copy
        self._add("prose", f"<p>{escape(text)}</p>")
        if play:
            self.play(name, play, caption)


def filled(text: str, **fields: Any) -> str:
    """The template with its named fields filled: what a person reads is one whole sentence in the program."""
    return text.format_map(fields) if fields else text


def fraction(number: float) -> str:
    """The number as one over a whole number if it is that: 1/35."""
    whole = round(1 / number) if number else 0
    return (
        f"1/{whole}"
        if abs(whole) > 9 and abs(number * whole - 1) < 1e-9 and number < 0.1 and len(f"{number:g}") > 5
        else f"{number:g}"
    )


def command(text: str) -> str:
    """What one types in a terminal, as HTML."""
    return f'<pre class="command" {_named("Command")}>{escape(text)}</pre>'


def _named(name: str) -> str:
    """The attributes of what may be wider than its place: a name for readers of screens; the gallery lets the Tab key reach it."""
    return f'role="group" aria-label="{escape(name, quote=True)}"'


def typeset(text: str) -> str:
    """The text with a minus sign where a number is negative, as mathematics writes it."""
    return re.sub(r"(?<![\w)\]])-(?=[\d.])", "−", text)


def marked_up(text: str) -> str:
    """The text as HTML, with code between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _natural_size(path: Path) -> tuple[float, float]:
    """The width and height of an SVG file in pixels."""
    head = path.read_text(encoding="utf-8")[:2000]
    sizes = [re.search(rf'<svg[^>]*?\b{side}="([\d.]+)(pt|px)?"', head) for side in ("width", "height")]
    width, height = [float(size[1]) * (4 / 3 if size[2] == "pt" else 1) if size else 0.0 for size in sizes]
    return width, height


def _smallest_text(path: Path) -> float:
    """The size in pixels of the smallest text in an SVG file at its natural size; matplotlib draws each letter as a path."""
    svg = path.read_text(encoding="utf-8")
    view = re.search(r'viewBox="\S+ \S+ ([\d.]+)', svg)
    texts = [float(size) for size in re.findall(r'font-size[:=]\s*"?([\d.]+)', svg)]
    letters = [100 * float(scale) for scale in re.findall(r"scale\(([\d.]+) -[\d.]+\)", svg)]
    unit = _natural_size(path)[0] / float(view[1]) if view else 1.0
    return min([*texts, *letters], default=SMALLEST) * unit


def _is_number(cell: str) -> bool:
    try:
        return not math.isnan(float(cell.replace("−", "-").rstrip("%€ ")))
    except ValueError:
        return cell in ("", "–")


def _shown(path: Path) -> str:
    """The path as one would type it here."""
    try:
        return os.path.relpath(path)
    except ValueError:  # another drive
        return str(path)
