"""The command line: an expression and its numbers in; its value, its gradients, and how the chain rule finds them out.

    python -m autograd "relu(a*b + c)" a=2 b=-3 c=10
    python -m autograd "L = (a*b + c)*f" a=2 b=-3 c=10 f=-2 --open
    python -m autograd "d = a*b; d + sin(d)" a=0.5 b=2 --latex - --python steps.py

`autograd.expressions` reads the expression and points at what it cannot read. Exit codes: 0 all is well, 1 the mathematics or the
drawing failed, 2 the command was not understood.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import TextIO

from autograd import files
from autograd.errors import AutogradError, GraphSizeError
from autograd.expressions import CONSTANTS, FAILED, Boxes, Refusal, boxes_of, result
from autograd.ops import TABLE
from autograd.show.explanation import explain
from autograd.show.tape import record
from autograd.show.view import MAX_NODES
from autograd.text.formula import statements, to_latex
from autograd.text.language import TEXT
from autograd.text.programs import to_python
from autograd.text.tables import aligned
from autograd.text.terminal import say
from autograd.value import Value, toposort

LARGEST = 60  # nodes of a graph that is explained without being asked


def report(
    root: Value, leaves: Mapping[str, Value], *, brief: bool, heading: Callable[[str], str], name: str = ""
) -> Iterator[str]:
    """What is printed, line by line; `name` is the result's in the expression, if it has one there."""
    count = len(toposort(root))
    short = count <= LARGEST
    own = name if root.op is not None else ""
    formula = "; ".join(statements(root, None, TEXT, result=own)) if short else own or "the expression"
    yield f"{formula} = {root.data!r}"
    yield ""
    yield heading("gradients")
    adjoint = f"∂{name}/∂"
    yield from aligned([(leaf, f"= {x.data!r}  ", adjoint + leaf, f"= {x.grad!r}") for leaf, x in leaves.items()], " ")
    if brief:
        return
    yield ""
    if not short:
        yield f"no tape and no explanations: {count} nodes are more than {LARGEST}; write a program: record(y), explain(y, x)"
        return
    yield heading("tape")
    yield str(record(root).table())
    for x in leaves.values():
        first, *rest = explain(root, x).lines()
        yield from ("", heading(first), *rest)


def colourful(stream: TextIO) -> bool:
    """Return whether to write in bold: on a terminal, unless NO_COLOR is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


# ---------------------------------------------------------------------------------------------------------------------- files


def write(text: str, path: str) -> None:
    """Into the file, making the folders above it, or for - onto the screen."""
    if path == "-":
        say(text)
    else:
        files.write(path, text + "\n" * (not text.endswith("\n")))


def write_svg(root: Value, path: str, boxes: Boxes) -> None:
    from autograd.show.drawing import draw

    write(draw(root, fold=boxes or None).svg(), path)


def write_html(root: Value, path: str, boxes: Boxes) -> None:
    from autograd.page import to_html

    if path == "-":
        raise Refusal("a page is too long for the screen; give --html a file")
    to_html(root, path, fold=boxes or None)


def write_quiz(root: Value, path: str, boxes: Boxes) -> None:
    from autograd.page import quiz_page
    from autograd.show.quizzes import quiz

    questions = quiz(root)
    if path == "-":
        say(f"{questions}\n\n{questions.key()}")
    elif Path(path).suffix.lower() in (".html", ".htm"):
        quiz_page(questions, path)
    else:
        questions.save(path)


WRITERS: Mapping[str, tuple[Callable[[Value, str, Boxes], None], str]] = {
    "svg": (write_svg, "the picture"),
    "html": (write_html, "the page to play with"),
    "quiz": (write_quiz, "the quiz: a page (.html), a worksheet (.md), or for Moodle (.xml, .gift), as FILE ends,"),
    "latex": (lambda root, path, boxes: write(to_latex(root), path), "the formula in LaTeX"),
    "python": (lambda root, path, boxes: write(to_python(root), path), "backpropagation written out as a program"),
}


def open_page(page: Path) -> None:
    """Show the file in the browser, or say that there is none."""
    import webbrowser

    if not webbrowser.open(page.absolute().as_uri()):
        say(f"no browser was found here; open {page} in one")


def write_files(root: Value, leaves: Mapping[str, Value], options: argparse.Namespace) -> None:
    """Write what the options ask for, and say where it is."""
    asked = {name: path for name in WRITERS if (path := getattr(options, name)) is not None}
    if options.open and "html" not in asked:
        asked["html"] = str(Path(mkdtemp(prefix="autograd-"), "page.html"))
    boxes = boxes_of(options.fold, leaves)
    for name, path in asked.items():
        writer, what = WRITERS[name]
        try:
            writer(root, path, boxes)
        except GraphSizeError:
            count = len(toposort(root))
            raise Refusal(f"--{name} takes at most {MAX_NODES} nodes, and the expression has {count}", code=FAILED) from None
        if path != "-":
            say(f"{what.partition(':')[0]}: {files.expanded(path)}")
    if options.open:
        open_page(files.expanded(asked["html"]))


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(
        prog="python -m autograd",
        description="The value and the gradients of an expression, and how the chain rule finds them.",
        epilog=f"Operations: {', '.join(TABLE)}. Constants: {', '.join(CONSTANTS)}.",
    )
    arguments.add_argument("expression", help='such as "relu(a*b + c)", "L = (a*b + c)*f", or "d = a*b; d + sin(d)"')
    arguments.add_argument("numbers", nargs="*", metavar="name=number", help="the value of each name, such as a=2 b=-3")
    for name, (_, what) in WRITERS.items():
        arguments.add_argument(f"--{name}", metavar="FILE", help=f"write {what} to FILE" + (" (- prints it)" * (name != "html")))
    arguments.add_argument(
        "--open", action="store_true", help="open the page in the browser; without --html, from a temporary file"
    )
    fold = "draw these names, and the operations that belong to them, as one box: neuron=w1,w2,b; may be given again"
    arguments.add_argument("--fold", metavar="BOX=NAMES", action="append", default=[], help=fold)
    arguments.add_argument("--brief", action="store_true", help="print the value and the gradients alone")
    return arguments


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is returned."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # A formula may begin with a minus: a blank before it distinguishes it from an option.
    given = [argument if re.match(r"(?!-)|-$|-h$|--$|--[a-z]{3}", argument) else f" {argument}" for argument in given]
    options = parser().parse_intermixed_args(given)
    try:
        root, leaves, name = result(options.expression, options.numbers)
        bold = colourful(sys.stdout)
        heading = "\x1b[1m{}\x1b[0m".format if bold else str
        for line in report(root, leaves, brief=options.brief, heading=heading, name=name):
            say(line)
        write_files(root, leaves, options)
    except Refusal as refusal:
        say(refusal.shown(sys.stderr.encoding or "utf-8"), sys.stderr)
        return refusal.code
    except BrokenPipeError:  # whoever reads has seen enough, as head has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (AutogradError, OSError) as error:
        say(f"error: {error}", sys.stderr)
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
