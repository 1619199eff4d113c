"""A film of pictures: a GIF, a video, or a PDF with a page for each, every picture above its own text.

Pictures come from the layout engine as PNGs. Pillow puts them on sheets of one size and writes GIFs; the letters are those of
matplotlib, which has the mathematical signs. `ffmpeg` writes videos.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from autograd.errors import MissingExtraError, OptionError, RenderError
from autograd.files import AnyPath, expanded, replacing, write
from autograd.progress import watched
from autograd.show.pdf import pages_of
from autograd.show.rendering import Drawing
from autograd.show.scene import INK

__all__ = ["LINES", "save_film", "wrapped"]

SUFFIXES = (".gif", ".mp4", ".pdf")
WIDEST, HIGHEST = 1920, 1080  # pixels of a picture, which is shrunk to fit
LETTER = 26  # pixels from a line of text to the next
MARGIN = 20  # pixels around the text
LINES = 4  # of text under a picture
DPI = 144  # of a page
Sheet = Any  # Pillow's Image; Pillow is optional


def save_film(frames: Iterable[Drawing], count: int, path: AnyPath, seconds: float) -> Path:
    """Write the pictures, `count` of them, as a film in the format that the suffix names; return the path."""
    place = expanded(path)
    suffix = place.suffix.lower()
    if suffix not in SUFFIXES:
        raise OptionError(f"{place.name!r}: the suffix names the film's format; give one of {', '.join(SUFFIXES)}")
    if not (isinstance(seconds, int | float) and 0.02 <= seconds <= 60):
        raise OptionError(f"seconds={seconds!r:.60}: give the time of a step, from 0.02 to 60")
    ffmpeg = _ffmpeg() if suffix == ".mp4" else ""
    sheets = _sheets(frames, count)
    if suffix == ".pdf":
        return write(place, pages_of(map(_png, sheets), DPI))
    with replacing(place) as file:
        if suffix == ".gif":
            times = [round(1000 * seconds)] * (count - 1) + [round(2000 * seconds)]
            sheets[0].save(file, format="GIF", save_all=True, append_images=sheets[1:], duration=times, loop=0)
        else:
            _video(ffmpeg, [*sheets, sheets[-1]], file, seconds)
    return place


def _ffmpeg() -> str:
    from shutil import which

    found = which("ffmpeg")
    if found is None:
        raise RenderError("a video needs ffmpeg (ffmpeg.org; sudo apt install ffmpeg); a .gif or .pdf needs none")
    return found


def _video(ffmpeg: str, sheets: Sequence[Sheet], file: Path, seconds: float) -> None:
    import subprocess

    width, height = sheets[0].size
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", f"{1 / seconds:.6f}", "-i", "-"]
    target = ["-r", "25", "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4", str(file)]
    pixels = b"".join([sheet.tobytes() for sheet in sheets])
    done = subprocess.run([ffmpeg, "-y", "-loglevel", "error", *source, *target], input=pixels, capture_output=True)
    if done.returncode:
        raise RenderError(f"ffmpeg could not write the video: {done.stderr.decode(errors='replace').strip()[-500:]}")


def _png(sheet: Sheet) -> bytes:
    content = io.BytesIO()
    sheet.save(content, format="PNG")
    return content.getvalue()


def _sheets(frames: Iterable[Drawing], count: int) -> list[Sheet]:
    """Return the pictures in order, each with its text below it, on white sheets of one size."""
    try:
        from matplotlib import get_data_path
        from PIL import Image, ImageDraw, ImageFont
    except ImportError:
        raise MissingExtraError("matplotlib", "plot") from None
    font = ImageFont.truetype(str(Path(get_data_path(), "fonts", "ttf", "DejaVuSansMono.ttf")), round(0.7 * LETTER))
    with ThreadPoolExecutor() as threads:  # each waits for the engine's process
        drawn = list(watched(threads.map(lambda frame: (frame.png(), frame.text), frames), count, "drawing", "frame"))
    pictures = [Image.open(io.BytesIO(png)).convert("RGBA") for png, _ in drawn]
    for picture in pictures:
        picture.thumbnail((WIDEST, HIGHEST), Image.Resampling.LANCZOS)
    width, height = (max(sizes) for sizes in zip(*[picture.size for picture in pictures], strict=True))
    width = max(width, 640)
    letters = int((width - 2 * MARGIN) / font.getlength("m"))
    texts = [wrapped(f"{number}/{count}  {text}", letters) for number, (_, text) in enumerate(drawn, 1)]
    below = max(map(len, texts)) * LETTER + MARGIN
    sheets = []
    for picture, lines in zip(pictures, texts, strict=True):
        sheet = Image.new("RGB", (width + width % 2, height + below + (height + below) % 2), "white")  # videos have even sizes
        sheet.paste(picture, (0, 0), picture)
        for number, line in enumerate(lines):
            ImageDraw.Draw(sheet).text((MARGIN, height + number * LETTER), line, font=font, fill=INK)
        sheets.append(sheet)
    return sheets


def wrapped(text: str, letters: int) -> list[str]:
    """Return the text in lines of so many letters, and few of them: of a long text the last one, its formula, is kept."""
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, letters)]
    return lines if len(lines) <= LINES else [*lines[: LINES - 2], "…", lines[-1]]
