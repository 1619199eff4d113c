"""A picture as text, and the layout engines that draw it; nothing is imported or looked for until a picture is asked for.

The engines are tried in this order, each only if it runs and writes the format:

    dot             Graphviz itself, if installed        SVG PNG PDF and more
    graphviz-pure   pip-installed, brings its fonts      SVG PNG, PDF with the PNG as its page
    pygraphviz      if importable                        SVG PNG PDF and more

The environment variable AUTOGRAD_ENGINE, or `engine=`, names the one to use; "none" acts as a machine without any.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import cache, partial
from pathlib import Path
from typing import Any, final

from autograd.errors import DISTRIBUTION, OptionError, RenderError
from autograd.files import AnyPath, expanded, write
from autograd.progress import waiting
from autograd.show.tikz import document, to_tikz

__all__ = ["Drawing", "awaited", "image_of", "render"]

FORMATS = (".svg", ".png", ".pdf", ".tikz", ".tex", ".dot", ".gv")
ENGINES = ("dot", "graphviz-pure", "pygraphviz")
CURE = f"pip install '{DISTRIBUTION}[render]' brings one that writes SVG, PNG and PDF; Graphviz itself (graphviz.org) writes more"
PATIENCE = 60.0  # seconds after which a layout is given up
PAUSE = 0.25  # seconds between two looks at a layout that runs
DPI = 144  # of a PNG: twice a screen's, so that text is sharp
LARGEST = 32_767  # pixels on a side of a PNG
PRINTED = 300  # of a PNG that is the page of a PDF
LARGE = 400  # lines of DOT, about 100 nodes; from there on a layout is not polished, and a PNG has the pixels of a screen
NATURAL = 72  # of a picture in its own size on a screen
LONGEST = 32_000  # pixels of a side; viewers open no longer ones

# Courier is what every engine can measure; these have its width and look better.
MONOSPACE = "ui-monospace,'SF Mono',Menlo,'DejaVu Sans Mono','Liberation Mono',Consolas,monospace"

Engine = Callable[[str, str], bytes]  # (DOT text, format) -> the picture


@final
class Drawing:
    """A picture as DOT text, drawn when it is asked for.

    `.save(path)` writes SVG, PNG, PDF, TikZ or DOT by the path's suffix; `.svg()`, `.png()` and `.tikz()` give the picture
    itself; `.view()`, `.render(filename)` and `.pipe()` do what those of graphviz.Digraph do.
    """

    __slots__ = ("engine", "format", "source", "text")

    def __init__(self, source: str, *, text: str = "", format: str = "svg", engine: str | None = None) -> None:
        refuse_if_no_format(format)
        self.source = source  # DOT
        self.text = text  # the graph as a table, one node on a line
        self.format = format
        self.engine = engine

    def svg(self) -> str:
        """Return the picture as SVG, beginning with <svg, ready for an HTML page."""
        svg = self.pipe("svg").decode()
        return svg[svg.index("<svg") :]

    def png(self) -> bytes:
        """The picture as PNG."""
        return self.pipe("png")

    def tikz(self) -> str:
        """The picture as a `tikzpicture` for LaTeX, with a coordinate for every card and circle."""
        return to_tikz(self.svg())

    def pipe(self, format: str | None = None) -> bytes:
        """The picture in that format, or in the drawing's own."""
        format = format or self.format
        refuse_if_no_format(format)
        if format in ("dot", "gv"):
            return self.source.encode()
        if format in ("tikz", "tex"):
            return (self.tikz() if format == "tikz" else document(self.svg())).encode()
        return render(self.source, format, self.engine)

    def save(self, path: AnyPath) -> Path:
        """Write the picture in the format that the suffix names, making the folders above it; the path is returned."""
        path = expanded(path)
        _refuse_jpeg(path.suffix.lower()[1:])
        if path.suffix.lower() not in FORMATS:
            raise ValueError(f"{path.name!r}: the suffix names the format; give one of {', '.join(FORMATS)}")
        return write(path, self.pipe(path.suffix.lower()[1:]))

    def render(
        self,
        filename: str | Path | None = None,
        directory: str | Path | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
    ) -> str:
        """Write the DOT text to `filename` and the picture to `filename.svg`, or another `format`; return the picture's path."""
        format = format or self.format
        source = expanded(directory or "") / expanded(filename or "graph.gv")
        picture = self.pipe(format)
        if not cleanup:
            write(source, self.source)
        path = write(source.with_name(f"{source.name}.{format}"), picture)
        if view:
            _show(path)
        return str(path)

    def view(self, filename: str | Path | None = None, directory: str | Path | None = None) -> str:
        """Open the picture in the platform's viewer; its path.

        The picture is written as `render` writes it; into a new temporary folder, if no place is given.
        """
        if filename is None and directory is None:
            from tempfile import mkdtemp

            directory = mkdtemp(prefix="autograd-")
        return self.render(filename or "graph", directory, view=True, cleanup=True)

    def image(self) -> str:
        """Return the picture as an <img> element of HTML that holds it."""
        return image_of(self.svg().encode(), "svg+xml", self.text)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The picture for a notebook, and the table for whoever sees only text; without an engine, the table and what to install.

        A notebook that is not trusted shows no SVG, but it shows an <img>.
        """
        try:
            svg = self.svg()
        except RenderError as error:
            return {"text/plain": f"{self.text}\n\nNo picture here: {error}"}
        image = image_of(svg.encode(), "svg+xml", self.text)
        return {"text/html": image, "image/svg+xml": svg, "text/plain": self.text}

    def __repr__(self) -> str:
        return f"<Drawing, {len(self.source)} characters of DOT; .save('graph.svg') writes the picture>"

    def __str__(self) -> str:
        return self.source


def image_of(picture: bytes, kind: str, text: str) -> str:
    """Return an <img> that holds the picture, no wider than its place; `kind` is "svg+xml" or "png", `text` its description."""
    from base64 import b64encode
    from html import escape

    data = b64encode(picture).decode("ascii")
    return f'<img alt="{escape(text)}" style="max-width: 100%; height: auto" src="data:image/{kind};base64,{data}">'


def refuse_if_no_format(format: Any) -> None:
    """Raise an OptionError if this cannot be the name of a format, or is JPEG."""
    _refuse_jpeg(format)
    if not (isinstance(format, str) and format.isalnum()):
        raise OptionError(f"format={format!r:.60}: give one of {', '.join(suffix[1:] for suffix in FORMATS)}")


def _refuse_jpeg(format: Any) -> None:
    if format in ("jpg", "jpeg", "jpe"):
        raise OptionError(f"{format}: JPEG blurs lines and letters; give png, or x.png as the path: it opens wherever a JPEG does")


def _show(path: Path) -> None:
    import graphviz

    try:
        graphviz.view(str(path))
    except (OSError, RuntimeError) as error:
        raise RenderError(f"no viewer opens pictures here ({error}); the picture is {path}") from error


# -------------------------------------------------------------------------------------------------------------- engines


def render(source: str, format: str, engine: str | None = None) -> bytes:
    """Return the picture in that format ("svg", "png", "pdf", ...), or raise a RenderError that names what to install."""
    from subprocess import SubprocessError

    problems = []
    for name, run in _engines(engine):
        try:
            picture = run(source, format)
        except (OSError, SubprocessError, RenderError, UnicodeError) as error:
            if getattr(error, "errno", None) in (errno.ENOSPC, errno.EFBIG):
                raise  # a full disk is no fault of an engine
            problems.append(f"{name}: {str(error).strip() or type(error).__name__}")
            continue
        if format == "png":
            _refuse_clipped(picture)
        return _with_better_font(picture) if format == "svg" else picture
    if not problems:
        if wanted := _wanted(engine):
            raise RenderError(f"no engine that lays out graphs was found ({wanted!r} was asked for): {CURE}")
        raise RenderError(f"no engine that lays out graphs was found: {CURE}")
    raise RenderError(f"no engine could write {format}: {'; '.join(problems)[:2000]}. {CURE}")


def _refuse_clipped(png: bytes) -> None:
    """Raise a RenderError for a side as long as engines and viewers can make it: dot has shrunk the picture to that."""
    width, height = (int.from_bytes(png[start : start + 4], "big") for start in (16, 20))
    if max(width, height) >= LARGEST:
        raise RenderError(
            f"this picture needs a PNG of {LARGEST:,} pixels or more on a side ({width:,} × {height:,}), in which nothing can be "
            "read; fold='neuron' or fold='layer' folds a network, draw(node) shows the part below that node, and SVG has no limit"
        )


def _wanted(engine: str | None) -> str:
    import os

    return engine or os.environ.get("AUTOGRAD_ENGINE", "")


def _engines(engine: str | None) -> Iterator[tuple[str, Engine]]:
    wanted = _wanted(engine)
    if wanted not in ("", "none", *ENGINES):
        raise RenderError(f"engine {wanted!r} is not known; there are {', '.join(ENGINES)}, and 'none'")
    for name in ENGINES:
        if wanted in ("", name):
            found = _FIND[name]()
            if found is not None:
                yield name, found


def _find_dot() -> Engine | None:
    from shutil import which

    binary = which("dot")
    return partial(_run, binary) if binary and _runs(binary) else None


def _find_pure() -> Engine | None:
    from shutil import which
    from sysconfig import get_path

    # The environment that runs this may not be the active one, so its scripts need not be on the PATH.
    binary = which("graphviz-pure") or which("graphviz-pure", path=get_path("scripts"))
    return partial(_run_pure, binary) if binary and _runs(binary) else None


def _find_pygraphviz() -> Engine | None:
    try:
        import pygraphviz  # type: ignore[import-not-found]  # optional: absent where types are checked
    except Exception:  # a library built for another Graphviz raises errors of other kinds
        return None
    return partial(_run_pygraphviz, pygraphviz)


_FIND: dict[str, Callable[[], Engine | None]] = {"dot": _find_dot, "graphviz-pure": _find_pure, "pygraphviz": _find_pygraphviz}


@cache
def _runs(binary: str) -> bool:
    """Whether it starts at all: one package on PyPI installs a `dot` that does not."""
    import subprocess

    try:
        return subprocess.run([binary, "-V"], capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _run(binary: str, source: str, format: str, dpi: int = 0) -> bytes:
    import subprocess
    from tempfile import TemporaryFile

    is_large = source.count("\n") > LARGE
    options = [f"-T{format}", *(["-Gnslimit=0.5"] if is_large else [])]
    if format == "png":
        dpi = dpi or (NATURAL if is_large else DPI)
        options += [f"-Gdpi={dpi}", f"-Gsize={LONGEST / dpi},{LONGEST / dpi}"]
    with TemporaryFile() as file:  # a pipe would not be filled any further after a timeout of `communicate`
        file.write(source.encode())
        file.seek(0)
        with subprocess.Popen([binary, *options], stdin=file, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                picture, complaint = awaited(process)
            except BaseException:
                process.kill()
                raise
    if process.returncode or not picture:
        raise RenderError(complaint.decode(errors="replace").strip() or f"exit status {process.returncode}")
    return picture


def awaited(process: Any) -> tuple[bytes, bytes]:
    """Return what the process writes, once it has ended; after a second a terminal or notebook shows that it runs."""
    import subprocess
    import threading
    from time import monotonic

    end, is_shown = monotonic() + PATIENCE, threading.current_thread() is threading.main_thread()  # many at once are a film
    with waiting("drawing") if is_shown else nullcontext() as tick:
        while True:
            try:
                written: tuple[bytes, bytes] = process.communicate(timeout=PAUSE)
                return written
            except subprocess.TimeoutExpired:
                if monotonic() > end:
                    raise RenderError(f"it was given up after {PATIENCE:.0f} seconds") from None
            if tick:
                tick()


def _run_pure(binary: str, source: str, format: str) -> bytes:
    if format == "pdf":
        from autograd.show.pdf import pages_of

        return pages_of([_run(binary, source, "png", PRINTED)], PRINTED)
    if format not in ("svg", "png"):
        raise RenderError(f"it writes SVG, PNG and PDF, not {format}")
    return _run(binary, source, format)


def _run_pygraphviz(pygraphviz: Any, source: str, format: str) -> bytes:
    try:
        picture: bytes = pygraphviz.AGraph(string=source).draw(prog="dot", format=format)
    except Exception as error:  # its exceptions differ from release to release
        raise RenderError(str(error)) from error
    return picture


def _with_better_font(svg: bytes) -> bytes:
    import re

    svg = re.sub(rb' font-family="Courier[^"]*"', b"", svg)
    return svg.replace(b"<svg ", f'<svg font-family="{MONOSPACE}" '.encode(), 1)  # once, inherited by every text
