"""The film of a tape: a sheet for every step, in the formats of slides, and errors that say what is missing."""

from __future__ import annotations

import io
import itertools
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from every import every
from examples import gated, lecture
from needed import program

from autograd import Value
from autograd.errors import GraphSizeError, MissingExtraError, OptionError, RenderError
from autograd.show.animation import LINES, wrapped
from autograd.show.tape import record

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("matplotlib")


def steps_of(path: Path) -> list[Any]:
    """The frames of a GIF as pictures, and how long each stays."""
    found = []
    with Image.open(path) as film:
        for index in range(film.n_frames):
            film.seek(index)
            found.append((film.convert("RGB"), film.info["duration"]))
    return found


def test_a_gif_has_a_frame_for_every_step_each_unlike_the_one_before(tmp_path: Path) -> None:
    tape = record(gated())
    path = tape.save(tmp_path / "new" / "sweep.GIF", seconds=0.5)
    frames = steps_of(path)
    assert [duration for _, duration in frames] == [500] * (len(tape) - 1) + [1000]
    pixels = [picture.tobytes() for picture, _ in frames]
    assert all(before != after for before, after in itertools.pairwise(pixels))
    assert len({picture.size for picture, _ in frames}) == 1
    with Image.open(path) as film:
        assert film.info["loop"] == 0


def test_the_text_of_each_step_is_below_its_picture(tmp_path: Path) -> None:
    tape = record(lecture())
    with Image.open(io.BytesIO(next(tape.frames()).png())) as picture:
        height = picture.height
    frames = [picture for picture, _ in steps_of(tape.save(tmp_path / "sweep.gif"))]
    below = [picture.crop((0, height, picture.width, picture.height)) for picture in frames]
    assert all(text.getextrema() != ((255, 255),) * 3 for text in below)
    assert len({text.tobytes() for text in below}) == len(frames)


def test_a_pdf_has_a_page_for_every_step(tmp_path: Path) -> None:
    tape = record(lecture())
    pdf = tape.save(tmp_path / "sweep.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert int(re.search(rb"/Count (\d+)", pdf)[1]) == len(tape)  # type: ignore[index]


FAKE = """#!/bin/sh
for last; do :; done
echo "$@" > "{folder}/arguments"
cat > "$last"
exit {code}
"""


def fake_ffmpeg(folder: Path, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program on the PATH that writes the pixels as they come."""
    if os.name != "posix":
        pytest.skip("a shell script is the program")
    program = folder / "ffmpeg"
    program.write_text(FAKE.format(folder=folder, code=code))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


def test_ffmpeg_gets_every_sheet_in_even_size_and_the_last_one_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_ffmpeg(tmp_path, 0, monkeypatch)
    tape = record(lecture())
    pixels = tape.save(tmp_path / "sweep.mp4", seconds=2).read_bytes()
    arguments = (tmp_path / "arguments").read_text()
    width, height = map(int, re.search(r"-pix_fmt rgb24 -s (\d+)x(\d+) -r 0.500000 -i -", arguments).groups())  # type: ignore[union-attr]
    assert (width % 2, height % 2) == (0, 0)
    assert len(pixels) == width * height * 3 * (len(tape) + 1)
    sheet = width * height * 3
    assert pixels[-sheet:] == pixels[-2 * sheet : -sheet] != pixels[:sheet]


def test_what_ffmpeg_cannot_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_ffmpeg(tmp_path, 1, monkeypatch)
    old = tmp_path / "sweep.mp4"
    old.write_text("old")
    with pytest.raises(RenderError, match="ffmpeg could not write the video"):
        record(lecture()).save(old)
    assert old.read_text() == "old"


def test_a_video_without_ffmpeg_is_refused_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match=r"a video needs ffmpeg .*; a .gif or .pdf needs none"):
        record(lecture()).save(tmp_path / "sweep.mp4")
    assert not (tmp_path / "sweep.mp4").exists()


@pytest.mark.thorough
def test_a_real_video_is_as_long_as_its_steps(tmp_path: Path) -> None:
    import subprocess

    probe = program("ffprobe", "ffmpeg")
    tape = record(Value(2.0, "x") * 3.0)
    path = tape.save(tmp_path / "sweep.mp4", seconds=1)
    asked = ["-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    printed = subprocess.run([probe, "-v", "error", *asked], capture_output=True, text=True, check=True).stdout
    assert float(printed) == pytest.approx(len(tape) + 1, abs=1.0)


@every("library", ["PIL", "matplotlib"])
def test_without_the_extra_the_error_names_it(library: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, library, None)
        with pytest.raises(MissingExtraError, match=r"pip install 'scalar-autograd\[plot\]'"):
            record(lecture()).save("sweep.gif")


@every("name", ["sweep.avi", "sweep", "sweep.svg"])
def test_other_suffixes_are_refused(name: str) -> None:
    with pytest.raises(OptionError, match=rf"'{name}': the suffix names the film's format; give one of .gif, .mp4, .pdf"):
        record(lecture()).save(name)


@every("seconds", [0, -1.0, "2", float("nan"), 1e9, None])
def test_a_time_that_is_none_is_refused(seconds: Any) -> None:
    with pytest.raises(OptionError, match=r"give the time of a step, from 0.02 to 60"):
        record(lecture()).save("sweep.gif", seconds=seconds)


def test_a_film_nobody_could_watch_is_refused_with_the_option_that_allows_it() -> None:
    x = y = Value(2.0, "x")
    for _ in range(120):
        y = y + x
    with pytest.raises(GraphSizeError, match=r"max_nodes=... raises the limit"):
        record(y).save("sweep.gif")


def test_a_long_text_keeps_its_formula() -> None:
    lines = wrapped("word " * 100 + "\ny = x", 20)
    assert len(lines) == LINES
    assert (lines[-2], lines[-1]) == ("…", "y = x")
