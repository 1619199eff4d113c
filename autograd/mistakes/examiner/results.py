"""The result of an examination: findings, marks, and what could not be judged or limited."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["EngineImportError", "Examination", "Finding", "Outcome"]

WIDTH = 118


class EngineImportError(ImportError):
    """The engine cannot be imported."""


@dataclass(frozen=True)
class Finding:
    """One mistake, with the smallest program that shows it."""

    name: str
    points: int  # lost for it
    program: str  # runnable, given the engine's class as Value
    asked: str  # the expression to look at afterwards
    expected: str
    got: str
    why: str

    def __str__(self) -> str:
        asked = f"{self.asked}: expected {self.expected}, got {self.got}"
        lines = [*self.program.splitlines(), asked, *textwrap.wrap(self.why, WIDTH)]
        return "\n".join([self.name, *("    " + line for line in lines)])


@dataclass(frozen=True)
class Examination:
    """The result; `print` shows it as text, `to_json` is for programs, `exit_code` for the shell."""

    engine: str
    findings: tuple[Finding, ...]
    passed: tuple[str, ...]
    not_offered: tuple[str, ...]
    not_judged: tuple[tuple[str, str], ...]  # a check, and the mistake that may have made it fail
    earned: int
    possible: int
    imported: str = ""  # the packages that the engine's process reports to have loaded
    unlimited: tuple[str, ...] = ()  # what could not be limited for that process on this platform

    @property
    def ok(self) -> bool:
        """True if there are no findings."""
        return not self.findings

    @property
    def score(self) -> float:
        """The points earned, of a hundred; checks not offered do not count, checks not judged earn nothing."""
        return round(100 * self.earned / self.possible, 1) if self.possible else 0.0

    @property
    def exit_code(self) -> int:
        """0 if there are no findings, else 1."""
        return int(not self.ok)

    def to_json(self) -> str:
        """Return the result as JSON."""
        document = {
            "engine": self.engine,
            "score": self.score,
            "points": {"earned": self.earned, "possible": self.possible},
            "findings": [vars(finding) for finding in self.findings],
            "passed": self.passed,
            "not_offered": self.not_offered,
            "not_judged": [{"check": check, "because": name} for check, name in self.not_judged],
            "imported": self.imported,
            "unlimited": self.unlimited,
        }
        return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)

    def __str__(self) -> str:
        points = f"{self.earned} of {self.possible} points"
        lines = [f"{self.engine}: {self.score:g} of 100 ({points}), {len(self.findings)} found, {len(self.passed)} checks passed"]
        for finding in self.findings:
            lines += ["", f"-{finding.points}  " + str(finding)]
        if self.not_judged:
            lines += ["", "not judged, since it may follow from what was found:"]
            lines += [f"    {check} ({name})" for check, name in self.not_judged]
        for title, text in (
            ("not offered", ", ".join(self.not_offered)),
            ("other packages that the engine loaded", self.imported),
            ("not limited on this machine", ", ".join(self.unlimited)),
        ):
            if text:
                lines += ["", *textwrap.wrap(f"{title}: {text}", WIDTH, subsequent_indent="    ")]
        return "\n".join(lines)


class Outcome(NamedTuple):
    """The outcome of one check."""

    state: str  # "passed", "failed" or "not offered"
    name: str = ""
    program: str = ""
    asked: str = ""
    expected: str = ""
    got: str = ""
