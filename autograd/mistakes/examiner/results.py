"""What came of an examination: the findings, the marks, and what could not be judged or limited."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["EngineImportError", "Examination", "Finding", "Outcome"]

WIDTH = 118


class EngineImportError(ImportError):
    """An engine that could not be imported."""


@dataclass(frozen=True)
class Finding:
    """One mistake, with the smallest program that shows it."""

    name: str
    points: int  # lost by it
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
    """What was found; `print` shows it, `to_json` is for machines, `exit_code` for the shell."""

    engine: str
    findings: tuple[Finding, ...]
    passed: tuple[str, ...]
    not_offered: tuple[str, ...]
    not_judged: tuple[tuple[str, str], ...]  # a check, and the mistake it may have failed for
    earned: int
    possible: int
    imported: str = ""  # the packages that the engine's process loaded, as that process says
    unlimited: tuple[str, ...] = ()  # what could not be limited for that process on this platform

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def score(self) -> float:
        """The points earned, of a hundred; what is not offered counts neither way, what is not judged earns nothing."""
        return round(100 * self.earned / self.possible, 1) if self.possible else 0.0

    @property
    def exit_code(self) -> int:
        """0 if nothing was found, else 1."""
        return 0 if self.ok else 1

    def to_json(self) -> str:
        """The whole of it as JSON."""
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
    """What came of one check."""

    state: str  # "passed", "failed" or "not offered"
    name: str = ""
    program: str = ""
    asked: str = ""
    expected: str = ""
    got: str = ""
