"""The catalogue of mistakes, read from `catalogue.toml`, and the lesson of each finding."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["CRASH", "MISSING", "MISTAKES", "WHY", "Mistake"]

CRASH = "brings the interpreter down"
MISSING = "an operator is missing"


@dataclass(frozen=True, eq=False, repr=False)
class Mistake:
    """One mistake; the head of catalogue.toml explains the fields."""

    name: str
    title: str
    story: str
    was: str
    now: str
    program: str
    asked: str
    right: Any
    wrong: Any
    why: str
    pictured: str = ""


def _paragraph(text: str) -> str:
    return " ".join(text.split())


def _answer(written: Any) -> Any:
    """Return a number, a tuple of them, or the name of an exception; TOML has no tuples and no complex numbers."""
    if isinstance(written, list):
        return tuple(written)
    return complex(written) if isinstance(written, str) and not written.isidentifier() else written


def _mistake(name: str, entry: dict[str, Any]) -> Mistake:
    fields = {"name": name, **entry}
    for keys, read in ((("program", "pictured"), str.strip), (("story", "why"), _paragraph), (("right", "wrong"), _answer)):
        fields.update({key: read(fields[key]) for key in keys if key in fields})
    return Mistake(**fields)


_FILE = tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))

MISTAKES: dict[str, Mistake] = {name: _mistake(name, entry) for name, entry in _FILE["mistakes"].items()}
"""Every mistake by its name, in the order of a course."""

WHY: dict[str, str] = {
    **{mistake.title: mistake.why for mistake in MISTAKES.values()},
    **{name: _paragraph(why) for name, why in _FILE["findings"].items()},
}
"""The lesson of each finding, by its name."""
