"""The picture as TikZ: every line, shape and text of the SVG at its place, and a document that LaTeX sets."""

from __future__ import annotations

import re
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest
from every import every
from needed import program

from autograd import Value, draw, quiz
from autograd.errors import OptionError, RenderError
from autograd.show.rendering import Drawing
from autograd.show.tikz import document, to_tikz

SVG = "{http://www.w3.org/2000/svg}"


def drawing() -> Drawing:
    a, w = Value(2.0, "a_{1}% #&$~^\\"), Value(-1.0, "w₁₁")
    y = (a * w).relu() + w**2
    y.label = "∂α²"
    y.backward()
    return draw(y)


def shapes(svg: str) -> Counter[str]:
    """How many shapes that are seen there are: the white ground is none."""
    seen = (element for tag in ("path", "polygon", "ellipse") for element in ET.fromstring(svg).iter(SVG + tag))
    ground = {("white", "none"), ("white", "transparent"), ("none", "none")}
    return Counter(element.tag.removeprefix(SVG) for element in seen if (element.get("fill"), element.get("stroke")) not in ground)


def test_every_shape_and_text_of_the_picture_is_drawn() -> None:
    svg = drawing().svg()
    tikz = to_tikz(svg)
    paths = re.findall(r"^\\path\[.*\] (.*);$", tikz, re.MULTILINE)
    kinds = Counter("ellipse" if "ellipse" in path else "polygon" if path.endswith("cycle") else "path" for path in paths)
    assert kinds == shapes(svg)
    texts = [text.text or "" for text in ET.fromstring(svg).iter(SVG + "text")]
    assert tikz.count(r"\node[") == len([text for text in texts if text.strip()]) > 20


def test_texts_stand_where_the_layout_put_them() -> None:
    svg = drawing().svg()
    places = re.findall(r"at \((.*?),(.*?)\) \{", to_tikz(svg))
    texts = [text for text in ET.fromstring(svg).iter(SVG + "text") if (text.text or "").strip()]
    assert places == [tuple(f"{float(text.get(name, '')):g}" for name in "xy") for text in texts]


def test_cards_and_circles_are_coordinates() -> None:
    picture = drawing()
    named = re.findall(r"\\coordinate \((.*?)\) at \(.*?,.*?\);", picture.tikz())
    assert sorted(named) == sorted(re.findall(r"^  (\w+) \[id=", picture.source, re.MULTILINE))


def test_lines_have_width_colour_and_dashes() -> None:
    tikz = drawing().tikz()
    assert r"\path[draw=autogradc04f00, line width=5bp] (" in tikz
    assert re.search(r"\\path\[draw=autograd[0-9a-f]{6}, line width=0.8bp, dash pattern=on 5bp off 2bp\] \(", tikz)
    used, defined = (set(re.findall(pattern, tikz)) for pattern in (r"=(autograd\w+)", r"\\definecolor\{(\w+)\}\{HTML\}"))
    assert used == defined != set()


@every(
    "sign",
    [
        ("a_{1}% #&$", r"a\_\{1\}\%~\#\&\$"),
        ("~^\\", r"\textasciitilde{}\textasciicircum{}\textbackslash{}"),
        ("w₁₂", r"w\textsubscript{12}"),
        ("∂α²", r"\(\partial\)\(\alpha\)\textsuperscript{2}"),
        ("× −½ é", r"\(\times\)~\(-\)\(\frac12\)~é"),
    ],
)
def test_signs_are_written_as_latex_has_them(sign: tuple[str, str]) -> None:
    text, written = sign
    svg = f'<svg viewBox="0 0 9 9"><text x="1" y="2" font-size="10"> {text.replace("&", "&amp;")} </text></svg>'
    assert f"at (1,2) {{~{written}~}};" in to_tikz(svg)


def test_a_blank_number_is_no_node() -> None:
    assert r"\node" not in to_tikz('<svg viewBox="0 0 9 9"><text x="1" y="2">   </text></svg>')


def test_the_suffix_chooses_a_picture_to_input_or_a_document(tmp_path: Path) -> None:
    picture = drawing()
    assert picture.save(tmp_path / "p.TIKZ").read_text(encoding="utf-8") == picture.tikz()
    written = picture.save(tmp_path / "p.tex").read_text(encoding="utf-8")
    assert written == document(picture.svg())
    *_, width, height = re.split(r"[ \"]", re.findall(r'viewBox="[^"]*', picture.svg())[0])
    assert f"paperwidth={float(width):g}bp, paperheight={float(height):g}bp" in written
    assert picture.pipe("tikz").decode() in written
    assert quiz(Value(2.0, "x") * 3.0).drawing().tikz().startswith(r"\definecolor")


def test_a_picture_without_an_engine_has_no_tikz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_ENGINE", "none")
    with pytest.raises(RenderError, match="pip install"):
        drawing().tikz()


@pytest.mark.thorough
def test_latex_sets_the_document_on_one_page_without_an_error(tmp_path: Path) -> None:
    latex = program("pdflatex", "texlive-pictures")
    drawing().save(tmp_path / "p.tex")
    ran = subprocess.run(
        [latex, "-halt-on-error", "-interaction=nonstopmode", "p.tex"], cwd=tmp_path, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-2000:].decode(errors="replace")
    assert b"Output written on p.pdf (1 page" in ran.stdout
    assert b"Overfull" not in ran.stdout


@every("format", ["jpg", "jpeg"])
def test_jpeg_is_refused_with_the_cure(format: str) -> None:
    for ask in (lambda: drawing().save(f"x.{format.upper()}"), lambda: drawing().pipe(format), lambda: Drawing("", format=format)):
        with pytest.raises(OptionError, match=r"JPEG blurs lines and letters; give png, or x\.png as the path"):
            ask()
