"""The command line of the examiner."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path

from .examination import LIMIT, MEMORY, examine_module
from .reports import to_gradescope, to_junit
from .results import EngineImportError, Examination

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
    parser.add_argument("--gradescope", metavar="FILE", help="write it as Gradescope's results.json, with a score of 100")
    parser.add_argument("--junit", metavar="FILE", help="write it as JUnit XML")
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="SECONDS", help="time for one case (default %(default)g)")
    parser.add_argument(
        "--memory", type=int, default=MEMORY >> 20, metavar="MB", help="memory of the engine's process (default %(default)s)"
    )
    options = parser.parse_args(arguments)
    if not 0 < options.limit < 1e6:
        parser.error(f"--limit {options.limit:g}: give a time above 0, in seconds")
    if not 64 <= options.memory < 2**40:
        parser.error(f"--memory {options.memory}: give at least 64, in MB")
    result: Examination | EngineImportError
    try:
        result = examine_module(options.engine, limit=options.limit, memory=options.memory << 20)
    except EngineImportError as error:
        result = error
    for path, report in ((options.gradescope, to_gradescope), (options.junit, to_junit)):
        if path is not None:
            write(path, report(result))
    if isinstance(result, EngineImportError):
        print(result, file=sys.stderr)
        return 2
    print(result.to_json() if options.json == "-" else result)
    if options.json not in (None, "-"):
        write(options.json, result.to_json() + "\n")
    return result.exit_code
