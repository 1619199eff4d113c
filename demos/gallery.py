"""The gallery: one page, demos/out/index.html, with every lesson that has been run, in the lecture's order and parts."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from autograd.files import write
from autograd.text.terms import TERMS, marked
from demos.experiments import shell, started
from demos.lesson import Lesson, Part, part_of
from demos.page import Page, command, marked_up

__all__ = ["experiment", "write_gallery", "write_section"]

SECTION = "section.html"  # in each lesson's folder, so that running one lesson again keeps the others

STYLE = """
:root { color-scheme: light dark;
  --ground: #fff; --ink: #1d2433; --faint: #5d6778; --line: #dfe3ea; --soft: #f5f7fa; --accent: #0062a3; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 17px/1.6 system-ui, -apple-system, "Segoe UI", Roboto,
  "Noto Sans", "DejaVu Sans", sans-serif; }
header, nav, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { font-size: 2.1rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.015em; }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 0; letter-spacing: -.005em; }
h3 { font-size: 1.55rem; line-height: 1.25; margin: 0 0 .6rem; letter-spacing: -.01em; }
i { font-style: italic; font-weight: 400; color: var(--faint); }
p, .question { max-width: 42rem; }
a { color: var(--accent); }
nav { margin-top: 1.5rem; }
nav h2 { font-size: 1rem; margin: 1.5rem 0 .3rem; }
nav ol { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
nav a { display: grid; grid-template-columns: 2.2rem 1fr; padding: .4rem 0; border-bottom: 1px solid var(--line); color: inherit;
  text-decoration: none; }
nav a:hover, nav a:focus-visible { background: var(--soft); color: var(--accent); }
.place { color: var(--faint); font-variant-numeric: tabular-nums; }
.part { margin: 4.5rem 0 0; padding: .8rem 0 0; border-top: 3px solid var(--accent); }
main > .part:first-child { margin-top: 1.6rem; }
main > .part:first-child + section { padding-top: .8rem; }
section { padding: 2.6rem 0 1rem; scroll-margin-top: .5rem; }
section .place { margin: 0; font-size: .9rem; }
.question { font-size: 1.15rem; color: var(--faint); margin: 0 0 1.6rem; }
.formula { background: var(--soft); border-left: 3px solid var(--accent); padding: .7rem 1.1rem; margin: 1.3rem 0; overflow-x: auto;
  font: 1.05rem/1.6 "STIX Two Text", "Cambria Math", Cambria, Georgia, "DejaVu Serif", serif; max-width: 42rem; }
.listing { display: inline-block; min-width: 42rem; margin: .3rem 0 1.3rem; padding: .7rem 1.1rem; background: var(--soft);
  font: .82rem/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 1.2rem 0; font-variant-numeric: tabular-nums; font-size: .95rem; }
caption { caption-side: bottom; text-align: left; color: var(--faint); font-size: .9rem; padding-top: .5rem; }
th, td { padding: .3rem 1.4rem .3rem 0; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line); }
th, thead td { color: var(--faint); font-weight: 600; border-bottom: 2px solid var(--line); }
.number { text-align: right; }
figure { margin: 1.8rem 0; }
figure img { display: block; max-width: 100%; min-width: var(--least); height: auto; } /* it scrolls before text is small */
dfn { position: relative; font-style: inherit; cursor: help; text-decoration: underline dotted; text-underline-offset: .2em; }
dfn:is(:hover, :focus)::after { content: attr(data-meaning); position: absolute; z-index: 2; left: 0; bottom: 1.7em;
  width: max-content; max-width: min(22rem, 60vw); padding: .35rem .7rem; font-size: .9rem; line-height: 1.4;
  background: var(--soft); border: 1px solid var(--line); border-radius: .4rem; pointer-events: none; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; }
dd { margin: 0; max-width: 42rem; }
figcaption { color: var(--faint); font-size: .92rem; margin-top: .5rem; max-width: 42rem; }
.play { display: inline-block; margin-right: .6rem; background: var(--accent); color: var(--ground); border-radius: .4rem;
  padding: .1rem .8rem; text-decoration: none; white-space: nowrap; }
.play::before { content: "\\25B6\\FE0E"; margin-right: .4rem; }
.play:hover, .play:focus-visible { text-decoration: underline; }
.opens { color: var(--faint); margin: 1rem 0 1.8rem; }
iframe { display: block; width: 100%; height: 40rem; max-height: 92vh; border: 1px solid var(--line); border-radius: .5rem; }
.try { background: var(--soft); border-radius: .5rem; padding: .8rem 1.1rem; margin: 1.8rem 0 0; }
.try > p { margin: 0; }
.try b, summary { color: var(--accent); }
.try summary { cursor: pointer; font-weight: 600; margin: .6rem 0 0; }
.command { margin: .5rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere;
  font: .85rem/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.again { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; justify-content: space-between; max-width: 42rem; margin: 1rem 0 0;
  color: var(--faint); font-size: .9rem; }
.again a { text-decoration: none; }
.again a:hover { text-decoration: underline; }
code { font: .92em ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
footer { padding-top: 2rem; padding-bottom: 3rem; color: var(--faint); font-size: .9rem; }
@media (max-width: 40rem) {
  body { font-size: 16px; }
  header { padding-top: 1.8rem; }
  h1 { font-size: 1.7rem; }
  table { font-size: .88rem; }
  th, td { padding-right: .9rem; }
}
@media screen and (min-width: 84rem) { /* room for the contents beside the lessons, always in sight */
  body { padding-left: 19rem; }
  nav { position: fixed; inset: 0 auto 0 0; width: 19rem; margin: 0; padding: 1.2rem 1.2rem 2rem; overflow-y: auto;
    border-right: 1px solid var(--line); font-size: .88rem; line-height: 1.4; }
  nav h2 { font-size: .9rem; margin-top: 1.1rem; }
  nav h2 i { display: none; }
  nav ol { border: 0; }
  nav a { grid-template-columns: 1.8rem 1fr; padding: .2rem 0; border: 0; }
  nav .rest, .up { display: none; }
  header, main, footer { max-width: 76rem; padding-left: 2.5rem; padding-right: 2.5rem; }
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #141414; --ink: #e4e6ea; --faint: #a0a7b3; --line: #333840; --soft: #1f2226; --accent: #6cb6ee; }
  figure img { filter: invert(.92) hue-rotate(180deg); } /* white becomes the ground, a colour its light twin */
}
@media (prefers-reduced-motion: reduce) {
  html { scroll-behavior: auto; }
}
@media print {
  :root { --ground: #fff; --ink: #000; --faint: #444; --line: #bbb; --soft: #fff; --accent: #000; }
  body { font-size: 10.5pt; }
  nav, footer, .again, .play, .opens { display: none; }
  figure, tr, .try, .formula { break-inside: avoid; }
  h2, h3, .question { break-after: avoid; }
  figure img { filter: none; min-width: 0; max-height: 20cm; }
  .scroll { overflow: visible; }
}
"""

SCRIPT = """
// What is wider than its place can be scrolled with the arrow keys; the Tab key stops at nothing else.
const wide = [...document.querySelectorAll("[role=group]")];
function reach() {
  for (const part of wide) {
    if (part.scrollWidth > part.clientWidth && !part.querySelector("a")) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }
}
addEventListener("resize", reach);
addEventListener("toggle", reach, true);
document.fonts.ready.then(reach);
reach();
"""


def experiment(lesson: Lesson, answer: Sequence[str]) -> str:
    """What a lesson invites to try, what to type for it, and the answer, folded."""
    if lesson.experiment is None:
        return ""
    commands = "\n".join(map(command, lesson.commands()))
    blocks = "\n".join(answer)
    folded = f"<details>\n<summary>What happens</summary>\n{blocks}\n</details>" if answer else ""
    return f"""<div class="try"><p><b>Try it.</b> {marked_up(lesson.experiment.question)}</p>
{commands}
{folded}</div>"""


def write_section(lesson: Lesson, page: Page, answer: Sequence[str] = ()) -> None:
    """Keep a lesson's part of the gallery beside its pictures, with the answer to its experiment."""
    changes = "\n".join(command(shell(name, value)) for name, value in lesson.changes.items())
    prose = "\n".join(block for block in page.html if block.startswith("<p>"))
    told = dict(zip(prose.split("\n"), marked(prose, _term).split("\n"), strict=True))
    written = [told.get(block, block) for block in page.html]
    blocks = "\n".join([changes, *written] if changes else written)
    again = f"Run it: <code>{started()} {lesson.number}</code> · change it: <code>demos/{lesson.slug}.py</code>"
    text = f"""<section id="{lesson.slug}">
<p class="place">{lesson.number}</p>
<h3>{escape(lesson.title)}</h3>
<p class="question">{marked_up(lesson.question)}</p>
{blocks}
{experiment(lesson, answer)}
<p class="again"><span>{again}</span>
<a class="up" href="#contents">Contents ↑</a></p>
</section>
"""
    write(page.folder / SECTION, text)


def write_gallery(folder: Path, lessons: Sequence[Lesson]) -> Path:
    """Write index.html from the lessons that have a section in this folder."""
    present = [lesson for lesson in lessons if (folder / lesson.slug / SECTION).exists()]
    parts = [(part, list(members)) for part, members in groupby(present, part_of)]
    contents = "\n".join(
        f"<h2>{_heading(part)}</h2>\n<ol>\n" + "\n".join(map(_entry, members)) + "\n</ol>" for part, members in parts
    )
    sections = "\n".join(
        f'<h2 class="part">{_heading(part)}</h2>\n'
        + "\n".join((folder / lesson.slug / SECTION).read_text(encoding="utf-8") for lesson in members)
        for part, members in parts
    )
    return write(
        folder / "index.html",
        f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Backpropagation, lesson by lesson</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>Backpropagation, lesson by lesson</h1>
<p>Every number and every picture here was computed by the engine, which knows nothing but local derivatives and the chain rule.
In every lesson ▶ opens a page to play with: step through its graph, forward and back, with each rule in words; move a slider, and
all of it is computed again. Some pages are the film of a training, and one is a quiz.</p>
</header>
<nav id="contents" aria-label="Lessons">
{contents}
</nav>
<main>
{sections}
</main>
<footer><dl>
{_glossary()}
</dl>
Written by <code>python -m demos</code>. A picture without ▶ opens in full size when it is followed.</footer>
<script>{SCRIPT}</script>
</body>
</html>
""",
    )


def _term(word: str, term: str) -> str:
    return f'<dfn tabindex="0" aria-describedby="term-{term.replace(" ", "-")}" data-meaning="{escape(TERMS[term])}">{word}</dfn>'


def _glossary() -> str:
    rows = [f'<dt>{term}</dt><dd id="term-{term.replace(" ", "-")}">{escape(text)}</dd>' for term, text in TERMS.items()]
    return "\n".join(rows)


def _heading(part: Part) -> str:
    """A part's title, with the Spanish one in brackets."""
    spanish = f' <i lang="es">({escape(part.spanish)})</i>' if part.spanish else ""
    return escape(part.title) + spanish


def _entry(lesson: Lesson) -> str:
    """A line of the contents; where space is narrow, only the title up to its colon is shown."""
    short, colon, rest = lesson.title.partition(":")
    title = escape(short) + (f'<span class="rest">{colon}{escape(rest)}</span>' if colon else "")
    return f'<li><a href="#{lesson.slug}"><span class="place">{lesson.number}</span><span>{title}</span></a></li>'
