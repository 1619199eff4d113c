"""Prints an expression for a document, as HTML or as TikZ: `python -m autograd.courses "L = a*b" a=2 b=-3 --height 500`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from autograd.courses import HEIGHT, embedded
from autograd.errors import AutogradError
from autograd.expressions import FAILED, Refusal
from autograd.text.terminal import say


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page in an <iframe>, or with --latex the picture; the exit code is returned."""
    parser = argparse.ArgumentParser(prog="python -m autograd.courses", description="An expression for a document.")
    parser.add_argument("expression", help='such as "L = (a*b + c)*f"; a blank may precede a minus')
    parser.add_argument("numbers", nargs="*", metavar="name=number")
    parser.add_argument("--height", type=int, default=HEIGHT, help="pixels of the page (default %(default)s)")
    parser.add_argument("--fold", action="append", default=[], metavar="BOX=NAMES")
    parser.add_argument("--quiz", action="store_true", help="ask for the gradients")
    parser.add_argument("--latex", action="store_true", help="print the picture as TikZ")
    options = parser.parse_intermixed_args(arguments)
    try:
        embedding = embedded(options.expression, options.numbers, fold=options.fold, is_quiz=options.quiz)
        text = embedding.latex() if options.latex else embedding.html(options.height)
    except Refusal as refusal:
        say(refusal.shown(sys.stderr.encoding or "utf-8"), sys.stderr)
        return refusal.code
    except AutogradError as error:
        say(f"error: {error}", sys.stderr)
        return FAILED
    sys.stdout.buffer.write(f"{text}\n".encode())  # documents are UTF-8 on every terminal
    return 0


if __name__ == "__main__":
    sys.exit(main())
