"""An examination for platforms that mark homework: Gradescope's results.json, and JUnit XML for everything else.

Both take the EngineImportError of an engine that cannot be imported too: it has no marks.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any, NamedTuple

from .checks import CHECKS
from .results import EngineImportError, Examination

__all__ = ["to_gradescope", "to_junit"]

Result = Examination | EngineImportError


class _Line(NamedTuple):
    """One check of a report."""

    name: str
    state: str  # "passed", "failed", "not judged" or "not offered"
    points: int
    text: str = ""
    summary: str = ""


def _lines(examination: Examination) -> Iterator[_Line]:
    """Yield what was found first, then what was not judged, what passed, and what was not offered."""
    others = {*examination.passed, *examination.not_offered, *(key for key, _ in examination.not_judged)}
    for key, finding in zip([key for key in CHECKS if key not in others], examination.findings, strict=True):
        summary = f"{finding.asked}: expected {finding.expected}, got {finding.got}"
        yield _Line(f"{key}: {finding.name}", "failed", finding.points, str(finding), summary)
    for key, cause in examination.not_judged:
        yield _Line(key, "not judged", CHECKS[key].points, f"not judged, since it may follow from: {cause}")
    for key in examination.passed:
        yield _Line(key, "passed", CHECKS[key].points)
    for key in examination.not_offered:
        yield _Line(key, "not offered", 0, "not offered by this engine; it costs nothing")


def to_gradescope(result: Result) -> str:
    """Return the text of Gradescope's results.json: the score is of 100, each test shows the points of its check."""
    if isinstance(result, EngineImportError):
        return _json({"score": 0.0, "output": str(result), "output_format": "text", "tests": []})
    tests = [
        {
            "name": line.name,
            "status": "passed" if line.state == "passed" else "failed",
            "score": line.points * (line.state == "passed"),
            "max_score": line.points,
            "output": line.text,
            "output_format": "text",
        }
        for line in _lines(result)
        if line.state != "not offered"
    ]
    output = str(result).partition("\n")[0]
    if result.not_offered:
        output += f"\nnot offered, which costs nothing: {', '.join(result.not_offered)}"
    return _json({"score": result.score, "output": output, "output_format": "text", "tests": tests})


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_junit(result: Result) -> str:
    """Return JUnit XML: a failure for each finding; what was not judged or not offered is skipped."""
    if isinstance(result, EngineImportError):
        engine, lines = "engine", [_Line("import", "error", 0, str(result), str(result).partition("\n")[0])]
    else:
        engine, lines = result.engine, list(_lines(result))
    counts = {"tests": len(lines)}
    for name, states in (("failures", ("failed",)), ("errors", ("error",)), ("skipped", ("not judged", "not offered"))):
        counts[name] = sum(line.state in states for line in lines)
    suite = ET.Element("testsuite", {"name": _xml(engine), **{name: str(count) for name, count in counts.items()}})
    for line in lines:
        case = ET.SubElement(suite, "testcase", classname=_xml(engine), name=_xml(line.name))
        if line.state in ("failed", "error"):
            kind = "failure" if line.state == "failed" else "error"
            ET.SubElement(case, kind, message=_xml(line.summary), type=_xml(line.name)).text = _xml(line.text)
        elif line.state != "passed":
            ET.SubElement(case, "skipped", message=_xml(line.text))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _xml(text: str) -> str:
    """The text without what XML cannot hold, which an engine's exception may have in its message."""
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)
