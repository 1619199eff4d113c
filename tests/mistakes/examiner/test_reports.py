"""The examiner's reports: Gradescope's results.json and JUnit XML, read by what their specifications say."""

from __future__ import annotations

import dataclasses
import json
from typing import Any
from xml.dom import minidom

import pytest
from examinations import MICROGRAD, MICROGRADS_FAULTS, STUDENT

from autograd.examiner import CHECKS, EngineImportError, examine, main, to_gradescope, to_junit
from autograd.mistakes.examiner.results import Examination, Finding

pytestmark = pytest.mark.thorough

# Fields of results.json and of its tests in Gradescope's specification, with their types.
FIELDS = {"score": float, "output": str, "output_format": str, "tests": list}
TEST = {"name": str, "status": str, "score": int, "max_score": int, "output": str, "output_format": str}


def read_gradescope(text: str) -> dict[str, Any]:
    document = json.loads(text, parse_constant=pytest.fail)
    assert {name: type(value) for name, value in document.items()} == FIELDS
    for test in document["tests"]:
        assert {name: type(value) for name, value in test.items()} == TEST
        assert test["status"] in ("passed", "failed")
    assert document["output_format"] == "text"
    return document


def read_junit(text: str) -> tuple[Any, dict[str, list[Any]]]:
    """The suite, and its cases by what they contain."""
    root = minidom.parseString(text.encode()).documentElement
    assert root.tagName == "testsuites"
    (suite,) = root.getElementsByTagName("testsuite")
    found: dict[str, list[Any]] = {"tests": [], "failures": [], "errors": [], "skipped": []}
    for case in suite.getElementsByTagName("testcase"):
        found["tests"].append(case)
        for counted, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            found[counted] += [case] * len(case.getElementsByTagName(tag))
    assert {name: int(suite.getAttribute(name)) for name in found} == {name: len(cases) for name, cases in found.items()}
    return suite, found


def test_gradescope_shows_the_score_and_every_check_with_its_points():
    document = read_gradescope(to_gradescope(MICROGRAD))
    assert document["score"] == MICROGRAD.score
    assert document["output"].startswith(f"micrograd.engine:Value: {MICROGRAD.score:g} of 100")
    assert "not offered, which costs nothing: zero_grad" in document["output"]
    tests = document["tests"]
    assert sum(test["score"] for test in tests) == MICROGRAD.earned
    assert sum(test["max_score"] for test in tests) == MICROGRAD.possible
    assert len({test["name"] for test in tests}) == len(tests)
    failed = [test for test in tests if test["status"] == "failed"]
    assert {test["name"].partition(": ")[2] for test in failed} == MICROGRADS_FAULTS
    for test, finding in zip(failed, MICROGRAD.findings, strict=True):
        assert (test["output"], test["score"], test["max_score"]) == (str(finding), 0, finding.points)
        assert test["name"].partition(": ")[0] in CHECKS


def test_what_is_not_judged_earns_nothing_and_says_why():
    class Value:
        def __init__(self, data):
            self.data, self.grad = data, 0.0

    examination = examine(Value, limit=0.1)
    document = read_gradescope(to_gradescope(examination))
    tests = {test["name"]: test for test in document["tests"]}
    assert examination.not_judged
    for key, cause in examination.not_judged:
        assert tests[key] == {
            "name": key, "status": "failed", "score": 0, "max_score": CHECKS[key].points,
            "output": f"not judged, since it may follow from: {cause}", "output_format": "text",
        }  # fmt: skip
    assert sum(test["max_score"] for test in document["tests"]) == examination.possible
    _, cases = read_junit(to_junit(examination))
    assert len(cases["skipped"]) == len(examination.not_judged) + len(examination.not_offered)


def test_junit_has_a_case_for_every_check_and_a_failure_for_every_finding():
    suite, cases = read_junit(to_junit(MICROGRAD))
    assert suite.getAttribute("name") == "micrograd.engine:Value"
    assert len(cases["tests"]) == len(CHECKS)
    assert {case.getAttribute("name").partition(": ")[2] for case in cases["failures"]} == MICROGRADS_FAULTS
    for case, finding in zip(cases["failures"], MICROGRAD.findings, strict=True):
        (failure,) = case.getElementsByTagName("failure")
        assert failure.getAttribute("message") == f"{finding.asked}: expected {finding.expected}, got {finding.got}"
        assert failure.firstChild.data == str(finding)


def test_signs_that_xml_lacks_are_replaced():
    finding = Finding("<wrong>", 1, "x = Value(2.0)", "x.data", "1", "ValueError: \x00\x1b[1m & \ud800", "why")
    examination: Examination = dataclasses.replace(MICROGRAD, findings=(finding, *MICROGRAD.findings[1:]))
    _, cases = read_junit(to_junit(examination))
    assert cases["failures"][0].getElementsByTagName("failure")[0].getAttribute("message").endswith("got ValueError: ??[1m & ?")


def test_the_command_writes_both_where_there_is_an_engine_and_where_there_is_none(tmp_path, monkeypatch, capsys):
    (tmp_path / "student.py").write_text(STUDENT.format(neg="return Value(-self.data, [(self, 1.0)])"))
    monkeypatch.chdir(tmp_path)
    assert main(["student.py:Value", "--limit", "0.2", "--gradescope", "results.json", "--junit", "results.xml"]) == 1
    tests = {test["name"]: test["status"] for test in read_gradescope((tmp_path / "results.json").read_text())["tests"]}
    assert (tests["-a: wrong sign or derivative of -a"], tests["a + b"]) == ("failed", "passed")
    assert read_junit((tmp_path / "results.xml").read_text())[1]["failures"]
    assert main(["nowhere:Value", "--gradescope", "results.json", "--junit", "results.xml"]) == 2
    document = read_gradescope((tmp_path / "results.json").read_text())
    assert (document["score"], document["tests"]) == (0.0, [])
    assert "ModuleNotFoundError" in document["output"]
    _, cases = read_junit((tmp_path / "results.xml").read_text())
    assert len(cases["errors"]) == len(cases["tests"]) == 1


def test_an_engine_that_cannot_be_imported_has_no_marks():
    error = EngineImportError("student:Value cannot be imported\nSyntaxError")
    assert read_gradescope(to_gradescope(error))["output"] == str(error)
    assert read_junit(to_junit(error))[0].getAttribute("name") == "engine"
