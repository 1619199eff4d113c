"""The gallery: one page, demos/out/index.html, with every lesson that has been run, in the lecture's order."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from demos.lesson import Lesson
from demos.page import Page

__all__ = ["write_gallery", "write_section"]

SECTION = "section.html"  # in each lesson's folder, so that running one lesson again keeps the others

STYLE = """
:root { color-scheme: light dark;
  --ground: #fff; --ink: #1d2433; --faint: #5d6778; --line: #dfe3ea; --soft: #f5f7fa; --accent: #0062a3; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 17px/1.6 system-ui, -apple-system, "Segoe UI", Roboto,
  "Noto Sans", "DejaVu Sans", sans-serif; }
header, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 3rem; }
h1 { font-size: 2.1rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.015em; }
h2 { font-size: 1.55rem; line-height: 1.25; margin: 0 0 .6rem; letter-spacing: -.01em; }
p, .question, .try { max-width: 42rem; }
a { color: var(--accent); }
nav { margin: 1.5rem 0 0; border-top: 1px solid var(--line); }
nav a { display: grid; grid-template-columns: 2.5rem 1fr; padding: .55rem 0; border-bottom: 1px solid var(--line); color: inherit;
  text-decoration: none; }
nav a:hover, nav a:focus-visible { background: var(--soft); color: var(--accent); }
.place { color: var(--faint); font-variant-numeric: tabular-nums; }
section { padding: 3.2rem 0 1rem; }
section .place { margin: 0; font-size: .9rem; }
.question { font-size: 1.15rem; color: var(--faint); margin: 0 0 1.6rem; }
.formula { background: var(--soft); border-left: 3px solid var(--accent); padding: .7rem 1.1rem; margin: 1.3rem 0; overflow-x: auto;
  font: 1.05rem/1.6 "STIX Two Text", "Cambria Math", Cambria, Georgia, "DejaVu Serif", serif; max-width: 42rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 1.2rem 0; font-variant-numeric: tabular-nums; font-size: .95rem; }
caption { caption-side: bottom; text-align: left; color: var(--faint); font-size: .9rem; padding-top: .5rem; }
th, td { padding: .3rem 1.4rem .3rem 0; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 600; border-bottom: 2px solid var(--line); }
.number { text-align: right; }
figure { margin: 1.8rem 0; }
figure img { display: block; max-width: 100%; min-width: calc(var(--natural) * .5); height: auto; } /* then it scrolls */
figcaption { color: var(--faint); font-size: .92rem; margin-top: .5rem; max-width: 42rem; }
.try { background: var(--soft); border-radius: .5rem; padding: .8rem 1.1rem; margin: 1.8rem 0 0; }
.try b { color: var(--accent); }
footer { padding-top: 2rem; padding-bottom: 3rem; color: var(--faint); font-size: .9rem; }
@media (max-width: 40rem) {
  body { font-size: 16px; }
  header { padding-top: 1.8rem; }
  h1 { font-size: 1.7rem; }
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #141414; --ink: #e4e6ea; --faint: #a0a7b3; --line: #333840; --soft: #1f2226; --accent: #6cb6ee; }
  figure img { filter: invert(.92) hue-rotate(180deg); } /* white becomes the ground, a colour its light twin */
}
@media print {
  :root { --ground: #fff; --ink: #000; --faint: #444; --line: #bbb; --soft: #fff; --accent: #000; }
  body { font-size: 10.5pt; }
  nav, footer { display: none; }
  figure, tr, .try, .formula { break-inside: avoid; }
  h2, .question { break-after: avoid; }
  figure img { filter: none; min-width: 0; max-height: 20cm; }
  .scroll { overflow: visible; }
}
"""


def write_section(lesson: Lesson, page: Page) -> None:
    """Keep a lesson's part of the gallery beside its pictures."""
    experiment = f'<p class="try"><b>Try it.</b> {escape(lesson.experiment)}</p>' if lesson.experiment else ""
    blocks = "\n".join(page.html)
    text = f"""<section id="{lesson.slug}">
<p class="place">{lesson.number}</p>
<h2>{escape(lesson.title)}</h2>
<p class="question">{escape(lesson.question)}</p>
{blocks}
{experiment}
</section>
"""
    (page.folder / SECTION).write_text(text, encoding="utf-8")


def write_gallery(folder: Path, lessons: Sequence[Lesson]) -> Path:
    """Write index.html from the lessons that have a section in this folder."""
    present = [lesson for lesson in lessons if (folder / lesson.slug / SECTION).exists()]
    contents = "\n".join(
        f'<a href="#{lesson.slug}"><span class="place">{lesson.number}</span><span>{escape(lesson.title)}</span></a>'
        for lesson in present
    )
    sections = "\n".join((folder / lesson.slug / SECTION).read_text(encoding="utf-8") for lesson in present)
    index = folder / "index.html"
    index.write_text(
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
<p>Every number and every picture here was computed by the engine, which knows nothing but local derivatives and the chain rule.</p>
<nav aria-label="Lessons">
{contents}
</nav>
</header>
<main>
{sections}
</main>
<footer>Written by <code>python -m demos</code>. A picture opens in full size when it is followed.</footer>
</body>
</html>
""",
        encoding="utf-8",
    )
    return index
