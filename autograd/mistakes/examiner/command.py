"""The command line of the examiner."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path

from .examination import LIMIT, MEMORY, examine_module
from .results import EngineImportError

__all__ = ["main"]


def main(
    arguments: Sequence[str] | None = None,
    *,
    write: Callable[[str, str], object] = lambda path, text: Path(path).write_text(text, encoding="utf-8"),
    program: str = "python -m autograd.examine",
) -> int:
    """Examine the engine that the arguments name; return 0 without findings, 1 with findings, 2 if the import failed."""
    parser = ArgumentParser(prog=program, description="Examine an autodiff engine and name its mistakes.")
    parser.add_argument("engine", metavar="module:Class", help="makes a leaf from a number; path/file.py:Class works too")
    parser.add_argument("--json", metavar="FILE", help="write the result as JSON; - for the standard output, instead of the table")
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="SECONDS", help="time for one case (default %(default)g)")
    parser.add_argument(
        "--memory", type=int, default=MEMORY >> 20, metavar="MB", help="memory of the engine's process (default %(default)s)"
    )
    options = parser.parse_args(arguments)
    if not 0 < options.limit < 1e6:
        parser.error(f"--limit {options.limit:g}: give a time above 0, in seconds")
    if not 64 <= options.memory < 2**40:
        parser.error(f"--memory {options.memory}: give at least 64, in MB")
    try:
        examination = examine_module(options.engine, limit=options.limit, memory=options.memory << 20)
    except EngineImportError as error:
        print(error, file=sys.stderr)
        return 2
    print(examination.to_json() if options.json == "-" else examination)
    if options.json not in (None, "-"):
        write(options.json, examination.to_json() + "\n")
    return examination.exit_code
