"""Tests of the lessons: what each one claims, and that the gallery shows it."""

import ast
import html
import io
import os
import re
import shutil
import subprocess
import sys
import textwrap
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from lesson_runs import EACH, QUICK, gallery_folder, run_of

import demos
from autograd.text.terminal import plain
from demos import __main__ as runner
from demos import terminal
from demos.gallery import write_gallery
from demos.lesson import FILE, PARTS, Lesson, UnknownLessonError, lessons, named, part_of
from demos.page import Page, marked_up, typeset

pytestmark = pytest.mark.thorough

EVERY = lessons()
ids = [lesson.name for lesson in EVERY]


class Gallery(NamedTuple):
    """The results and files of all lessons but the slowest."""

    folder: Path
    pages: dict


@pytest.fixture(scope="session")
def gallery():
    pages = {lesson.name: run_of(lesson.name).page for lesson in QUICK}
    write_gallery(gallery_folder(), EVERY)
    return Gallery(gallery_folder(), pages)


# ----------------------------------------------------------------------------------------------------- what they claim


def test_the_cafeteria_reproduces_the_lectures_numbers():
    outcome = run_of("cafeteria").outcome
    exactly = {"rel": 1e-14, "abs": 1e-14}
    assert outcome["y"] == 5.0
    assert outcome["residual"] == 3.5
    assert outcome["steps"] == pytest.approx([0.5, 0.2, 0.3], **exactly)
    assert outcome["gradients"] == [-17.5, -7.0, -10.5]  # the engine's
    assert outcome["new_prices"] == pytest.approx([1.0, 0.7, 0.8], **exactly)
    assert outcome["new_bill"] == pytest.approx(8.8, **exactly)
    assert outcome["new_error"] == pytest.approx(-0.3, rel=1e-13)
    assert outcome["worse"] == ["coffee"]


def test_the_cafeteria_prints_the_lectures_numbers():
    text = " ".join(run_of("cafeteria").text.split())
    for said in (
        "t = 8.50 €", "= 5.00 €", "t − y = 3.50 €", "η = 1/35", "y = 8.80 €", "−0.30 €", "the estimate for coffee got worse",
        "coffee 5 0.50 +0.50 −17.50 +0.50 1.00 0.50",
        "juice 2 0.50 +0.20 −7.00 +0.20 0.70 1.50",
        "toast 3 0.50 +0.30 −10.50 +0.30 0.80 1.00",
    ):  # fmt: skip
        assert said in text


def test_the_cafeteria_finds_every_price_to_the_cent_and_not_at_once():
    outcome = run_of("cafeteria").outcome
    assert [round(price, 2) for price in outcome["prices"]] == [0.50, 1.50, 1.00]
    assert 10 < outcome["found"] <= 60


def test_the_first_minute_shows_slopes_that_can_be_measured_and_explained():
    outcome = run_of("chain_rule").outcome
    for _, slope, measured in outcome["slopes"].values():
        assert measured == pytest.approx(slope, rel=1e-9)
    assert outcome["by_users"] == outcome["by_paths"] == outcome["slopes"]["a"][1] == 6.0
    text = run_of("chain_rule").text
    assert all(said in text for said in ("multiplication swaps", "1 path leads from L to a", "da += de * b"))


@pytest.mark.thorough
def test_the_moons_are_told_apart_without_a_mistake():
    outcome = run_of("moons").outcome
    assert outcome["accuracy"] == 1.0
    assert 0 < outcome["first"] < 60
    assert outcome["losses"][0] > 0.5
    assert outcome["loss"] == outcome["losses"][-1] < 0.02
    assert outcome["margin"] > 0  # the hardest point too is on its own side
    assert "100%" in run_of("moons").text


def test_a_lesson_gives_the_same_numbers_and_pictures_again(tmp_path):
    (lesson,) = named(["cafeteria"])
    page = Page(tmp_path / lesson.slug)
    assert lesson.run(page) == run_of("cafeteria").outcome
    for picture in page.pictures:
        assert picture.read_bytes() == (gallery_folder() / lesson.slug / picture.name).read_bytes(), picture.name


# --------------------------------------------------------------------------------------------------------- every lesson


def test_every_lessons_file_is_found():
    files = sorted(path.stem for path in Path(demos.__file__).parent.glob("lesson_*.py"))
    assert [lesson.slug for lesson in EVERY] == sorted(files, key=lambda stem: int(FILE.fullmatch(stem + ".py")[1]))
    assert {4, *range(10, 17)} <= {lesson.number for lesson in EVERY}


@pytest.mark.parametrize("lesson", EVERY, ids=ids)
def test_every_lesson_has_a_title_a_question_and_an_experiment(lesson):
    assert lesson.title
    assert "?" in lesson.question
    assert lesson.experiment


@pytest.mark.parametrize("lesson", EACH)
def test_every_lesson_shows_a_table_and_pictures(lesson):
    page = run_of(lesson.name).page
    assert any("<table>" in block for block in page.html)
    assert page.pictures or any("<iframe" in block for block in page.html)
    for picture in page.pictures:
        assert picture.read_text(encoding="utf-8").rstrip().endswith("</svg>")
    assert "No picture" not in run_of(lesson.name).text


@pytest.mark.parametrize("lesson", EACH)
def test_every_lesson_opens_its_expression_as_a_page_to_play_with(lesson, browse):
    pages = run_of(lesson.name).page.pages
    assert pages
    assert 'class="play"' in "".join(run_of(lesson.name).page.html)
    for path in pages:
        page = browse(path)
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        assert page.locator("svg").count()


@pytest.mark.parametrize("lesson", EACH)
def test_a_picture_shows_the_slopes_that_its_page_computes(lesson):
    for slopes in run_of(lesson.name).page.slopes.values():
        drawn, computed = zip(*slopes, strict=True)
        assert drawn == computed  # not what a training before has left in the leaves


def test_a_picture_opens_its_page_and_is_kept_apart_from_it():
    html = "".join(run_of("xor").page.html)
    for name in ("graph", "film"):
        page = f"lesson_02_xor/{name}.html"
        assert f'<a href="{page}"><img src="lesson_02_xor/{name}.svg"' in html
        assert f'<figcaption><a class="play" href="{page}" data-title=' in html
    assert '<a href="lesson_02_xor/losses.svg"><img src="lesson_02_xor/losses.svg"' in html  # nothing to play


UNNAMED = re.compile(r"(^|\W)(v\d+$|layers\[|neurons\[|out[₁₂]?$|.*_\d+$)")  # counted names, paths, one name twice


@pytest.mark.parametrize("lesson", EACH)
def test_the_nodes_of_a_page_have_the_lectures_names_folded_ones_too(lesson):
    found = {graph: list(filter(UNNAMED.search, names)) for graph, names in run_of(lesson.name).page.names.items()}
    assert {graph: names for graph, names in found.items() if names} == {}


@pytest.mark.parametrize("lesson", EACH)
def test_the_pictures_of_graphs_have_the_lectures_names(lesson):
    page = run_of(lesson.name).page
    for name in page.names:
        svg = (page.folder / f"{name}.svg").read_text(encoding="utf-8")
        texts = [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]+)</text>", svg)]
        assert texts
        assert list(filter(UNNAMED.search, texts)) == [], name


@pytest.mark.parametrize(
    ("name", "pictures"),
    [
        ("cafeteria", {"graph", "prices"}),
        pytest.param("moons", {"training", "boundary", "layers", "neurons", "neuron"}, marks=pytest.mark.thorough),
    ],
)
def test_the_first_lessons_draw_curves_and_the_flow_of_the_gradient(name, pictures):
    assert {picture.stem for picture in run_of(name).page.pictures} == pictures


def test_the_lesson_shown_to_those_who_write_one_runs(tmp_path):
    example = textwrap.dedent(demos.__doc__.partition("This is a whole one:\n")[2].partition("Start reading")[0])
    module = ModuleType("demos.lesson_01_slope")
    exec(example, vars(module))
    module.__doc__ = ast.get_docstring(ast.parse(example))
    lesson, page = Lesson(1, "slope", module), Page(tmp_path / "lesson_01_slope")
    assert lesson.run(page) == {"slope": 6.0}
    assert lesson.title == "The slope: a derivative is a number that a program can compute"
    assert lesson.question == "How fast does x² grow at x = 3?"
    assert lesson.experiment
    assert len(page.pictures) == 1


# ---------------------------------------------------------------------------------------------------------- the gallery


class Links(HTMLParser):
    """The links and places of a page, and whether its tags are balanced."""

    def __init__(self, text):
        super().__init__()
        self.links, self.ids, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.links += [value for name, value in attributes if name in ("href", "src")]
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in ("meta", "img", "br", "link", "mspace"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def text_of(gallery, lesson):
    return (gallery.folder / lesson.file).read_text(encoding="utf-8")


def test_every_lesson_has_a_page_with_all_that_it_shows(gallery):
    for lesson in QUICK:
        text = text_of(gallery, lesson)
        links = Links(text)
        assert not links.open
        assert f'<a href="{lesson.file}" aria-current="page">' in text
        assert text.count('aria-current="page"') == 1
        assert set(links.links) >= {other.file for other in QUICK}
        without_terms = re.sub("</?dfn[^>]*>", "", text)
        for block in gallery.pages[lesson.name].html:
            assert block in without_terms


def test_the_index_has_a_card_for_every_lesson_in_order_each_with_a_picture(gallery):
    text = (gallery.folder / "index.html").read_text(encoding="utf-8")
    links = Links(text)
    assert not links.open
    cards = re.findall(r'<a class="card" href="([^"]+)"><span class="picture"><img [^>]*src="([^"]+)"', text)
    assert [link for link, _ in cards] == [lesson.file for lesson in QUICK]
    assert "▶, a page to play with opens" in " ".join(text.partition("<header>")[2].partition("</header>")[0].split())


def test_next_and_previous_lead_through_all_lessons_in_the_lectures_order(gallery):
    for before, after in pairwise(QUICK):
        assert f'rel="next" href="{after.file}"' in text_of(gallery, before)
        assert f'rel="prev" href="{before.file}"' in text_of(gallery, after)
    assert 'rel="prev"' not in text_of(gallery, QUICK[0])
    assert 'rel="next"' not in text_of(gallery, QUICK[-1])


def test_every_page_to_play_with_is_linked_and_the_first_lesson_plays_before_anything_else(gallery):
    for lesson in QUICK:
        opened = re.findall(r'<a class="play" href="([^"]+)"', text_of(gallery, lesson))
        assert opened == [f"{path.parent.name}/{path.name}" for path in gallery.pages[lesson.name].pages]
    first = text_of(gallery, QUICK[0])
    assert first.index("<iframe") < first.index("<table>")
    assert all('loading="lazy"' in frame for frame in re.findall("<iframe[^>]*>", first))


def test_the_program_is_beside_what_it_shows_each_line_once(gallery):
    for lesson in QUICK:
        text = text_of(gallery, lesson)
        shown = re.sub("<[^>]+>", "", "".join(re.findall(r'<pre class="code">(.*?)</pre>', text, re.DOTALL)))
        for name in [*lesson.program.speakers, *lesson.constants]:
            lines = [line for line in unescape(shown).splitlines() if re.match(rf"(def )?{name}\b", line)]
            assert len(lines) <= 1, (lesson.name, name)
        assert unescape(shown).count("def main(page") == 1


def test_the_contents_have_the_lectures_parts_in_both_languages(gallery):
    index, page = (gallery.folder / "index.html").read_text(encoding="utf-8"), text_of(gallery, QUICK[0])
    places = []
    for part in PARTS:
        spanish = f' <i lang="es">({part.spanish})</i>' if part.spanish else ""
        first = next(lesson for lesson in QUICK if part_of(lesson) == part)
        places += [index.index(f"<h2>{part.title}{spanish}</h2>"), index.index(f'href="{first.file}"><span class="picture">')]
        assert f"<p>{part.title}{spanish}</p>\n<ol>" in page
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("number", "part"),
    [(0, "Begin here"), (1, "Multilayer networks"), (3, "Multilayer networks"), (4, "The linear neuron"), (9, "The linear neuron"),
     (10, "The sigmoid neuron"), (13, "Hidden neurons"), (15, "The backpropagation algorithm"), (18, "Beyond the lecture")],
)  # fmt: skip
def test_a_lesson_belongs_to_the_lectures_part_of_its_row(number, part):
    assert part_of(lesson_of(number, "some", lambda page: None)).title == part


def test_the_gallery_loads_a_picture_when_it_comes_near(gallery):
    for lesson in QUICK:
        images = re.findall("<img[^>]*>", text_of(gallery, lesson))
        assert len(images) == len(gallery.pages[lesson.name].pictures)
        for image in images:
            assert 'loading="lazy"' in image
            assert re.search(r'width="[1-9]\d*" height="[1-9]\d*"', image)  # so that nothing moves when it comes


def test_the_gallery_says_how_to_run_and_change_each_lesson(gallery):
    for lesson in QUICK:
        text = text_of(gallery, lesson)
        assert f"<code>python3 run.py demo {lesson.number}</code>" in text
        assert f"<code>demos/{lesson.slug}.py</code>" in text


def test_the_gallery_has_no_broken_link_and_none_to_elsewhere(gallery):
    for name in ["index.html", *[lesson.file for lesson in QUICK]]:
        links = Links((gallery.folder / name).read_text(encoding="utf-8")).links
        for link in links:
            if not link.startswith(("data:", "#")):
                assert ":" not in link
                assert (gallery.folder / link).is_file(), link


def lesson_of(number, name, main):
    module = ModuleType(f"demos.lesson_{number:02}_{name}", f"{name.title()}: a lesson made up here.\n\nDoes it <work>?")
    module.main = main
    return Lesson(number, name, module)


def test_running_one_lesson_again_keeps_the_others_in_the_gallery(tmp_path, monkeypatch, capsys):
    two = [lesson_of(1, "first", lambda page: page.say("one")), lesson_of(2, "second", lambda page: page.say("a < b & c"))]
    monkeypatch.setattr(runner, "lessons", lambda: two)
    assert runner.run(two, tmp_path) == 0
    assert runner.run(two[:1], tmp_path) == 0
    assert sorted(path.name for path in tmp_path.glob("*.html")) == ["01_first.html", "02_second.html", "index.html"]
    for name in ("index.html", "02_second.html"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert {"01_first.html", "02_second.html"} <= set(Links(text).links)
        assert "Does it &lt;work&gt;?" in text or name == "index.html"
    assert "a &lt; b &amp; c" in text
    assert (tmp_path / "index.html").as_uri() in capsys.readouterr().out


def test_a_lesson_that_fails_is_reported_and_does_not_stop_the_next(tmp_path, monkeypatch, capsys):
    two = [lesson_of(1, "broken", lambda page: 1 / 0), lesson_of(2, "whole", lambda page: page.say("fine"))]
    monkeypatch.setattr(runner, "lessons", lambda: two)
    assert runner.run(two, tmp_path) == 1
    said = capsys.readouterr()
    assert "ZeroDivisionError" in said.err
    assert "FAILED" in said.out
    assert "fine" in said.out
    assert sorted(path.name for path in tmp_path.glob("*.html")) == ["02_whole.html", "index.html"]


# -------------------------------------------------------------------------------------------------------- the command


def test_list_names_every_lesson_and_runs_none(capsys):
    assert runner.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()[2:]
    assert len(lines) == len(EVERY)
    for line, lesson in zip(lines, EVERY, strict=True):
        assert line.split()[:2] == [str(lesson.number), lesson.name]
        assert line.endswith(lesson.title)


@pytest.mark.parametrize("name", ["cafeteria", "4", "04", "lesson_04_cafeteria"])
def test_a_lesson_is_named_by_name_or_number(name):
    assert [lesson.slug for lesson in named([name])] == ["lesson_04_cafeteria"]


def test_lessons_come_in_the_lectures_order_each_once():
    assert named(["moons", "4", "cafeteria"]) == [lesson for lesson in EVERY if lesson.number in (4, 16)]
    assert named([]) == EVERY


def test_an_unknown_lesson_is_refused_with_the_names_of_the_known(capsys):
    with pytest.raises(UnknownLessonError, match=r"no lesson 'tea'; choose from: .*4 cafeteria"):
        named(["tea"])
    with pytest.raises(SystemExit) as ending:
        runner.main(["tea"])
    assert ending.value.code == 2
    assert "no lesson 'tea'" in capsys.readouterr().err


def test_an_installed_package_writes_where_one_is_and_not_into_itself(tmp_path):
    installed, here = tmp_path / "site-packages", tmp_path / "here"
    shutil.copytree(Path(demos.__file__).parent, installed / "demos", ignore=shutil.ignore_patterns("out", "__pycache__"))
    here.mkdir()
    root = Path(demos.__file__).parent.parent
    before = sorted(path.name for path in (installed / "demos").iterdir() if path.name != "__pycache__")
    done = subprocess.run(
        [sys.executable, "-m", "demos", "0"],
        cwd=here, env={**os.environ, "PYTHONPATH": f"{installed}{os.pathsep}{root}"},
        capture_output=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (here / "lessons" / "index.html").exists()
    assert "-m demos 0 --set C=6.0" in done.stdout  # no run.py to name
    assert sorted(path.name for path in (installed / "demos").iterdir() if path.name != "__pycache__") == before


# ------------------------------------------------------------------------------------------------ page and terminal


def test_a_missing_library_costs_the_picture_and_not_the_lesson(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    page = Page(tmp_path / "lesson")
    page.plot("curve", lambda axes: axes.plot([1, 2]))
    assert not page.pictures
    assert "pip install 'scalar-autograd[plot]'" in capsys.readouterr().out
    assert "[plot]" in "".join(page.html)


def test_a_page_empties_its_folder_of_what_was_there(tmp_path):
    (tmp_path / "lesson").mkdir()
    (tmp_path / "lesson" / "old.svg").write_text("old")
    Page(tmp_path / "lesson")
    assert not list((tmp_path / "lesson").iterdir())


def test_a_table_puts_numbers_to_the_right(tmp_path, capsys):
    page = Page(tmp_path / "lesson")
    page.table(["what", "how much"], [["tea", 1.5], ["<b>", "-0.30 €"], ["cake", 12]])
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()][:5] == [
        "  what   how much",
        "  ───────────────",
        "  tea         1.5",
        "  <b>     −0.30 €",
        "  cake         12",
    ]
    assert '<td>&lt;b&gt;</td><td class="number">−0.30 €</td>' in page.html[0]


def test_a_negative_number_has_a_minus_sign_and_a_hyphen_stays_one():
    assert (
        typeset("-0.3, (-1, x-1) a-b layers[0]-1 two-step -.5 2026-01-01")
        == "−0.3, (−1, x-1) a-b layers[0]-1 two-step −.5 2026-01-01"
    )


def test_what_stands_between_backticks_is_code_and_the_rest_is_escaped():
    assert marked_up("a < b in `f(x) < 1`, `g`") == "a &lt; b in <code>f(x) &lt; 1</code>, <code>g</code>"


def test_progress_is_silent_where_there_is_no_terminal(tmp_path, capsys):
    assert list(Page(tmp_path / "lesson").progress(range(3), "training")) == [0, 1, 2]
    assert capsys.readouterr().err == ""


def test_a_stream_without_our_signs_gets_readable_text():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    terminal.write("Δwᵢ = −η ∂E/∂wᵢ ✗", stream)
    assert raw.getvalue().decode("ascii") == "Dw_i = -eta dE/dw_i ?\n"


@pytest.mark.parametrize(
    ("encoding", "text", "expected"),
    [
        ("ascii", "(1 + e⁻ᶻ)⁻¹ → e⁻ᶻ/(1 + e⁻ᶻ)²", "(1 + e^-z)^-1 -> e^-z/(1 + e^-z)^2"),
        ("ascii", "δⱼᵏ = f′(zⱼᵏ) Σₚ δₚᵏ⁺¹ wₚⱼᵏ⁺¹", "delta_j^k = f'(z_j^k) sum _p delta_p^k+1 w_pj^k+1"),
        ("ascii", "‖w‖ ≤ kγ", "|w| <= kgamma"),
        ("ascii", "f″ + f‴ = eˣ", "f'' + f''' = e^x"),
        ("ascii", "propagación", "propagacion"),
        ("latin-1", "propagación: ½ → y", "propagación: 1/2 -> y"),
    ],
)
def test_indices_powers_and_accents_stay_readable_in_plain_text(encoding, text, expected):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    terminal.write(text, stream)
    assert raw.getvalue().decode(encoding) == expected + "\n"


@pytest.mark.parametrize("lesson", EACH)
def test_no_sign_of_a_lesson_is_lost_in_plain_text(lesson):
    text = run_of(lesson.name).text
    assert plain(text, "ascii").count("?") == text.count("?")


@pytest.mark.parametrize(("settings", "colourful"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colour_is_only_for_a_terminal_that_wants_it(monkeypatch, settings, colourful):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert terminal.bold("x") == "x"  # pytest's stdout is no terminal
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert ("\033[" in terminal.bold("x")) is colourful


# ------------------------------------------------------------------------------------------------------ for teachers

TEACHERS = Path(demos.__file__).parent.parent / "docs" / "teachers.md"


def rows_of(heading):
    """The rows of the table below this heading of the page for teachers."""
    section = TEACHERS.read_text(encoding="utf-8").partition(f"\n## {heading}")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def test_the_page_for_teachers_has_every_lesson_in_order():
    rows = rows_of("A lesson for each row")
    assert [row[1].strip("`") for row in rows] == [lesson.name for lesson in EVERY]
    assert [int(row[0]) for row in rows if row[0] != "+"] == list(range(1, 16)) == [x.number for x in EVERY if 0 < x.number < 16]


@pytest.mark.parametrize(
    "spanish",
    [
        "red multicapa", "oculta", "neurona lineal", "filtro lineal", "superficie de error", "tasa de aprendizaje", "por lotes",
        "online", "neurona sigmoidal", "neurona oculta", "algoritmo de propagación de errores",
    ],
)  # fmt: skip
def test_the_glossary_has_the_lectures_terms_in_spanish(spanish):
    assert any("**" in row[1] and spanish in row[1] for row in rows_of("Glossary"))


def test_the_glossary_is_in_alphabetical_order_and_complete():
    rows = rows_of("Glossary")
    words = [row[0].replace("*", "").lower() for row in rows]
    assert words == sorted(words)
    assert all(row[0] and row[1] for row in rows)


def test_the_words_of_the_field_are_explained_where_a_lesson_first_has_them(gallery):
    found = set()
    for lesson in QUICK:
        text = text_of(gallery, lesson)
        terms = re.findall(r'<dfn tabindex="0" aria-describedby="term-([\w-]+)" data-meaning="[^"]+">', text)
        assert sorted(terms) == sorted(re.findall(r'<dd id="term-([\w-]+)">', text))
        found.update(terms)
    assert {"leaf", "local-derivative"} <= found
