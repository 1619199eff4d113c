"""The gallery: index.html with a card for each lesson that has been run, and a page a lesson, in the lecture's order and parts.

A lesson's page has its program beside what that shows, step by step (`demos.listings`), and is put together again whenever a lesson
is run: each lesson's folder keeps what its page and its card are made of. `gallery.css` and `gallery.js` are in every page, so
that the folder can be copied anywhere and asks the network for nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from autograd.files import write
from autograd.page.document import resource
from autograd.text.terms import TERMS, marked
from demos.experiments import shell, started
from demos.lesson import Lesson, Part, part_of
from demos.listings import Program, Step
from demos.page import Block, Page, command, marked_up

__all__ = ["experiment", "write_gallery", "write_section"]

KEPT = "page.json"  # in each lesson's folder, so that running one lesson again keeps the others
TITLE = "Backpropagation, lesson by lesson"
BEST = 1.6  # the width of a card's picture, its height being 1
ABOUT = """Every number and every picture here was computed by the engine, which knows nothing but local derivatives and the chain
rule. Each lesson has its program beside its results. Where it says ▶, a page to play with opens: step through its graph, forward
and back, with each rule in words; move a slider, and all of it is computed again. Some pages are the film of a training, and some
are a quiz. The keys ← and → lead from lesson to lesson."""

DOCUMENT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{description}">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
{style}</style>
</head>
<body{kind}>
{body}
<script>
{script}</script>
</body>
</html>
"""


class Kept(NamedTuple):
    """What a lesson's folder keeps for the gallery, as HTML: its steps with the experiment, and the picture of its card."""

    body: str
    picture: str


# ---------------------------------------------------------------------------------------------------------------- one lesson


def experiment(lesson: Lesson, answer: Sequence[str]) -> str:
    """What a lesson invites to try, what to type for it, and the answer, folded."""
    if lesson.experiment is None:
        return ""
    commands = "\n".join(map(command, lesson.commands()))
    blocks = "\n".join(answer)
    folded = f"<details>\n<summary>What happens</summary>\n{blocks}\n</details>" if answer else ""
    return f"""<section class="try" aria-label="Experiment"><p><b>Try it.</b> {marked_up(lesson.experiment.question)}</p>
{commands}
{folded}</section>"""


def write_section(lesson: Lesson, page: Page, answer: Sequence[str] = ()) -> None:
    """Keep what a lesson's page and card are made of beside its pictures, with the answer to its experiment."""
    changes = "\n".join(command(shell(name, value)) for name, value in lesson.changes.items())
    body = "\n".join([changes, *_steps(lesson.program, _explained(page.html)), experiment(lesson, answer)])
    kept = Kept(body, _picture_of(page))
    write(page.folder / KEPT, json.dumps(kept._asdict(), ensure_ascii=False))


def _explained(blocks: Sequence[Block]) -> list[Block]:
    """The blocks; in the prose the words of the field are explained where they occur first."""
    prose = [block for block in blocks if block.kind == "prose"]
    told = iter(marked("\n".join(prose), _term).split("\n"))
    return [
        Block(next(told), block.kind, lines=block.lines, is_wide=block.is_wide) if block.kind == "prose" else block
        for block in blocks
    ]


def _steps(program: Program, blocks: Sequence[Block]) -> Iterator[str]:
    """The program's steps as they were run, each beside the blocks that it made."""
    shown: set[Step] = set()
    helped: set[str] = set()

    def step_of(block: Block) -> Step | None:
        return program.step_at(block.lines[-1]) if block.lines else None

    for step, members in groupby(blocks, step_of):
        made = list(members)
        new = [each for line in made[0].lines if (each := program.step_at(line)) and each not in shown]
        new = list(dict.fromkeys(new))
        code = _code(program, new, helped, is_first=not shown)
        shown.update(new)
        if step and not new:
            code = f'<p class="again">Again <code>{step.function}</code>, lines {step.first} to {step.last}.</p>'
        heading = f"<h2>{marked_up(step.doc)}</h2>\n" if step and step in new and step.doc else ""
        yield _pair(heading, code, made)


def _pair(heading: str, code: str, made: Sequence[Block]) -> str:
    """A step: its program on the left, what it made on the right, and what needs the whole width below both."""
    place = next((place for place, block in enumerate(made) if block.is_wide), len(made))
    beside, below = "\n".join(made[:place]), "\n".join(made[place:])
    kind = "step" if beside and code else "step stacked"
    parts = [f'<div class="program">{code}</div>' if code else "", f'<div class="result">{beside}</div>' if beside else ""]
    parts.append(f'<div class="below">{below}</div>' if below else "")
    return f'<section class="{kind}">\n{heading}' + "\n".join(filter(None, parts)) + "\n</section>"


def _code(program: Program, steps: Sequence[Step], helped: set[str], *, is_first: bool) -> str:
    """The lines of these steps, and folded below them the definitions that they are the first to use."""
    if not steps:
        return ""
    ranges = _joined([(step.first, step.last) for step in steps])
    beginning = _joined(program.beginning) if is_first else []
    helpers = [name for name in program.helpers([*beginning, *ranges]) if name not in helped]
    helped.update(helpers)
    folds = [(f"def {name}", [program.lines_of(name)]) for name in helpers]
    if is_first:
        folds.insert(0, ("import", _joined(program.imports)))
    whole = f'<pre class="code">{program.html([*beginning, *ranges])}</pre>'
    folded = [_fold(f"<code>{escape(name)}</code>", program.html(lines)) for name, lines in folds if lines]
    return "\n".join([whole, *folded])


def _fold(name: str, code: str) -> str:
    return f'<details class="helper"><summary>{name}</summary><pre class="code">{code}</pre></details>'


def _joined(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ranges of lines; those that follow each other are one."""
    joined: list[tuple[int, int]] = []
    for first, last in ranges:
        if joined and joined[-1][1] + 1 == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined


def _picture_of(page: Page) -> str:
    """The picture of a lesson's card: the one whose shape is nearest to the card's, without a word, since the title says it."""

    def distance(block: str) -> float:
        width, height = [float(re.search(rf'{side}="(\d+)"', block)[1]) for side in ("width", "height")]  # type: ignore[index]
        return max(width / height / BEST, BEST * height / width)

    if page.drawn:
        source = re.search('<img src="([^"]+)"', min(page.drawn, key=distance))
        return f'<img src="{source[1]}" alt="" loading="lazy" decoding="async">' if source else ""
    return re.sub('alt="[^"]*"', 'alt=""', page.still, count=1)


# ----------------------------------------------------------------------------------------------------------------- all of them


def write_gallery(folder: Path, lessons: Sequence[Lesson]) -> Path:
    """Write the page of each lesson that was run into this folder, and the index of them, which is returned."""
    present = [lesson for lesson in lessons if (folder / lesson.slug / KEPT).exists()]
    kept = [Kept(**json.loads((folder / lesson.slug / KEPT).read_text(encoding="utf-8"))) for lesson in present]
    for place, (lesson, each) in enumerate(zip(present, kept, strict=True)):
        before = present[place - 1] if place else None
        after = present[place + 1] if place + 1 < len(present) else None
        write(folder / lesson.file, _page(lesson, each, present, before, after))
    return write(folder / "index.html", _index(present, kept))


def _index(present: Sequence[Lesson], kept: Sequence[Kept]) -> str:
    pictures = {lesson.slug: each.picture for lesson, each in zip(present, kept, strict=True)}
    parts = "\n".join(
        f'<h2>{_heading(part)}</h2>\n<ol class="cards">\n' + "\n".join(_card(x, pictures[x.slug]) for x in members) + "\n</ol>"
        for part, members in groupby(present, part_of)
    )
    begin = (
        f'<p><a class="begin" rel="next" href="{present[0].file}">Begin: {escape(_short(present[0]))} →</a></p>' if present else ""
    )
    body = f"""<header>
<h1>{TITLE}</h1>
<p>{ABOUT}</p>
{begin}
</header>
<main>
{parts}
</main>
<footer>
<h2>Words of the field</h2>
{_glossary(TERMS)}
<p>Written by <code>python -m demos</code>.</p>
</footer>"""
    return _document(TITLE, body, TITLE, ' class="index"')


def _card(lesson: Lesson, picture: str) -> str:
    sentence = lesson.title.removeprefix(_short(lesson)).lstrip(": ")
    sentence = f"{sentence[:1].upper()}{sentence[1:]}." if sentence else lesson.question
    return f"""<li><a class="card" href="{lesson.file}"><span class="picture">{picture}</span>
<span class="place">{lesson.number}</span><span class="title">{escape(_short(lesson))}</span>
<span class="sentence">{escape(sentence)}</span></a></li>"""


def _page(lesson: Lesson, kept: Kept, present: Sequence[Lesson], before: Lesson | None, after: Lesson | None) -> str:
    again = f"Run it: <code>{started()} {lesson.number}</code> · change it: <code>demos/{lesson.slug}.py</code>"
    used = {term: TERMS[term] for term in TERMS if f'aria-describedby="{_place(term)}"' in kept.body}
    body = f"""<button class="menu" popovertarget="contents" aria-label="Lessons">☰<span> Lessons</span></button>
<nav id="contents" popover aria-label="Lessons">
<a class="home" href="index.html">{TITLE}</a>
{_contents(present, lesson)}
</nav>
<main>
<header>
<p class="place">Lesson {lesson.number} · {_heading(part_of(lesson))}</p>
<h1>{escape(lesson.title)}</h1>
<p class="question">{marked_up(lesson.question)}</p>
<button class="hide" aria-pressed="false" hidden>Results alone</button>
</header>
{kept.body}
<nav class="pager" aria-label="Next and previous lesson">
{_link(before, "prev", "←", "Previous")}
{_link(after, "next", "→", "Next")}
</nav>
<footer>
{_glossary(used)}
<p>{again}</p>
</footer>
</main>"""
    return _document(f"{lesson.number} · {lesson.title}", body, lesson.question)


def _document(title: str, body: str, description: str, kind: str = "") -> str:
    here = Path(__file__).parent
    return DOCUMENT.format(
        title=escape(title),
        description=escape(description, quote=True),
        style=resource("gallery.css", here),
        script=resource("gallery.js", here),
        body=body,
        kind=kind,
    )


def _contents(present: Sequence[Lesson], current: Lesson) -> str:
    """The side list, a part after the other, in which the lesson of the page is marked."""
    return "\n".join(
        f"<p>{_heading(part)}</p>\n<ol>\n" + "\n".join(_entry(lesson, lesson is current) for lesson in members) + "\n</ol>"
        for part, members in groupby(present, part_of)
    )


def _entry(lesson: Lesson, is_current: bool) -> str:
    here = ' aria-current="page"' if is_current else ""
    entry = f'<span class="place">{lesson.number}</span><span>{escape(_short(lesson))}</span>'
    return f'<li><a href="{lesson.file}"{here}>{entry}</a></li>'


def _link(lesson: Lesson | None, relation: str, arrow: str, word: str) -> str:
    """The way to the next lesson or the previous one; before the first and after the last, to the contents."""
    if lesson is None:
        return f'<a class="{relation}" href="index.html"><span>Contents</span></a>'
    return f'<a class="{relation}" rel="{relation}" href="{lesson.file}"><span>{word} {arrow}</span> {escape(_short(lesson))}</a>'


def _short(lesson: Lesson) -> str:
    """The title up to its colon, or its question mark."""
    return re.split(r":|(?<=\?) ", lesson.title, maxsplit=1)[0]


def _heading(part: Part) -> str:
    """A part's title, with the Spanish one in brackets."""
    spanish = f' <i lang="es">({escape(part.spanish)})</i>' if part.spanish else ""
    return escape(part.title) + spanish


def _place(term: str) -> str:
    return f"term-{term.replace(' ', '-')}"


def _term(word: str, term: str) -> str:
    return f'<dfn tabindex="0" aria-describedby="{_place(term)}" data-meaning="{escape(TERMS[term])}">{word}</dfn>'


def _glossary(terms: dict[str, str]) -> str:
    rows = [f'<dt>{term}</dt><dd id="{_place(term)}">{escape(text)}</dd>' for term, text in terms.items()]
    return "\n".join(["<dl>", *rows, "</dl>"]) if rows else ""
