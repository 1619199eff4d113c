"""Compiled programs on disk: optimised machine code under a name that says what it was made of.

The name is a digest of the tape, of what is asked of it, of the processor, and of the versions of LLVM, Python and this package:
of its very sources, so that no program outlives them. So a program that is there needs neither be printed nor compiled. Programs
with rows of users are not kept, since a tape does not have their sources; `autograd.rowcode.cache` has the folder, and says when
it is safe.
"""

from __future__ import annotations

import functools
import hashlib
import json
import marshal
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from autograd.compiling.tape import Applied, Tape
from autograd.rowcode import cache
from autograd.rowcode.machine import versions

__all__ = ["Kept", "keep", "kept", "name_of"]

SOURCES = ("*.py", "special/*.py", "rowcode/*", "compiling/*.py")  # of this package, on which machine code depends


class Kept(NamedTuple):
    """A program as it is kept."""

    code: bytes  # an object file
    text: str  # LLVM IR
    rows: int
    refused: int
    fixed: list[float]


def name_of(
    tape: Tape, roots: Sequence[int], sums: Sequence[Sequence[int]], parameters: int, *, exact: bool, single: bool
) -> str | None:
    """The name of a program; None if it is not kept, since nothing is or a row is a user's."""
    made_of = _made_of() if cache.folder() else None
    if made_of is None:
        return None
    end = 1 + max([*roots, *[place for places in sums for place in places]], default=-1)
    steps = tape.instructions[:end]
    if any(type(what) is Applied and not what.row.trusted for _, _, what in steps):
        return None
    written = [(kind, operands, _written(what) if type(what) is Applied else what) for kind, operands, what in steps]
    certain = [place in tape.certain for place in range(end)]
    whole = (made_of, written, certain, tuple(roots), tuple(map(tuple, sums)), parameters, exact, single, tape.is_shared)
    return hashlib.sha256(marshal.dumps(whole, 2)).hexdigest()  # the format in which equal things have equal bytes


def _written(applied: Applied) -> tuple[Any, ...]:
    return applied.row.__name__, sorted([(name, repr(x)) for name, x in applied.parameters.items()]), applied.active


@functools.cache
def _made_of() -> str | None:
    """A digest of what machine code depends on besides the tape; None where the sources of this package cannot be read."""
    found = hashlib.sha256(repr((versions(), sys.version_info[:3], sys.platform)).encode())
    try:
        home = Path(__file__).parent.parent
        for path in sorted([path for pattern in SOURCES for path in home.glob(pattern) if path.is_file()]):
            found.update(path.name.encode() + path.read_bytes())
    except OSError:
        return None
    return found.hexdigest()


def kept(name: str | None) -> Kept | None:
    """The program of this name, if it is there."""
    content = None if name is None else cache.read(name)
    if content is None:
        return None
    head, _, rest = content.partition(b"\n")
    facts = json.loads(head)
    size = facts.pop("size")
    return Kept(code=rest[:size], text=zlib.decompress(rest[size:]).decode(), **facts)


def keep(name: str, program: Kept) -> None:
    """Keep a program."""
    facts = {"size": len(program.code), "rows": program.rows, "refused": program.refused, "fixed": program.fixed}
    content = json.dumps(facts).encode() + b"\n" + program.code + zlib.compress(program.text.encode(), 1)
    cache.write(name, content)
