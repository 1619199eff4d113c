"""The examiner's results, and its command: exit codes, files, engines that end the interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from examinations import MICROGRAD, MICROGRADS_FAULTS, STUDENT, names

import autograd
from autograd import Value
from autograd.bugs import LABORATORY
from autograd.examiner import CRASH, EngineImportError, examine, examine_module, main

pytestmark = pytest.mark.thorough


def test_the_result_as_json():
    document = json.loads(MICROGRAD.to_json())
    assert document["engine"] == "micrograd.engine:Value"
    assert document["score"] == MICROGRAD.score == pytest.approx(100 * MICROGRAD.earned / MICROGRAD.possible, abs=0.05)
    assert {finding["name"] for finding in document["findings"]} == MICROGRADS_FAULTS
    assert set(document["findings"][0]) == {"name", "points", "program", "asked", "expected", "got", "why"}
    assert document["points"]["possible"] - document["points"]["earned"] == sum(f["points"] for f in document["findings"])
    assert json.loads(MICROGRAD.to_json(), parse_constant=pytest.fail) == document  # no NaN, which JSON has not


def test_the_result_as_a_table():
    text = str(MICROGRAD)
    for finding in MICROGRAD.findings:
        assert finding.name in text
        assert f"    {finding.asked}: expected {finding.expected}, got {finding.got}" in text
    assert text.startswith(f"micrograd.engine:Value: {MICROGRAD.score:g} of 100")
    assert "not offered: zero_grad, " in text
    assert all(len(line) <= 132 for line in text.splitlines())
    with LABORATORY["product_swapped"]:
        assert "not judged, since it may follow from what was found:" in str(examine(Value))


def run(*arguments, **options):
    command = [sys.executable, "-m", "autograd.examine", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=Path(autograd.__file__).parent.parent, check=False, **options
    )


def test_the_exit_code_is_0_for_our_engine_and_1_for_micrograd(tmp_path):
    ours = run("autograd:Value", "--json", str(tmp_path / "ours.json"))
    assert (ours.returncode, ours.stderr) == (0, "")
    assert ours.stdout.startswith("autograd:Value: 100 of 100")
    assert json.loads((tmp_path / "ours.json").read_text(encoding="utf-8"))["findings"] == []
    other = run("micrograd.engine:Value", "--json", "-")
    assert (other.returncode, other.stderr) == (1, "")
    assert {finding["name"] for finding in json.loads(other.stdout)["findings"]} == MICROGRADS_FAULTS


@pytest.mark.parametrize(
    ("target", "message"),
    [("nowhere.engine:Value", "ModuleNotFoundError"), ("math:Value", "AttributeError"), ("math:pi", "is neither a class nor"),
     ("math", "names no engine"), ("broken.py:Value", "SystemExit: 7")],
)  # fmt: skip
def test_the_exit_code_is_2_where_there_is_no_engine(target, message, tmp_path, monkeypatch, capsys):
    (tmp_path / "broken.py").write_text("print('noise')\nraise SystemExit(7)\n")
    monkeypatch.chdir(tmp_path)
    assert main([target]) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""


def test_a_limit_of_no_time_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["autograd:Value", "--limit", "0"])
    assert ended.value.code == 2
    assert "give a time above 0" in capsys.readouterr().err


def test_a_file_is_examined_with_the_functions_it_defines_itself_and_not_those_it_imports(tmp_path):
    (tmp_path / "student.py").write_text(STUDENT.format(neg="return Value(-self.data, [(self, -1.0)])"))
    examination = examine_module(f"{tmp_path / 'student.py'}:Value", limit=0.2)
    assert "tanh' is 0 in the tail" in names(examination)
    assert "exp" in examination.not_offered
    assert "-a" in examination.passed


def test_an_engine_that_ends_the_interpreter_is_graded_all_the_same(tmp_path):
    (tmp_path / "student.py").write_text(STUDENT.format(neg="os.abort()"))
    examination = examine_module(f"{tmp_path / 'student.py'}:Value", limit=0.2)
    (crash,) = [finding for finding in examination.findings if finding.name == CRASH]
    assert crash.program == "x = Value(2.0)\ny = -x"
    assert "ended with code -6" in crash.got
    assert "tanh" in examination.passed


def test_an_engine_that_cannot_be_interrupted_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("autograd.mistakes.examiner.examination.PATIENCE", 1.0)
    blocked = "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGPROF})"
    stubborn = f"import signal\n        {blocked}\n        while True: pass"
    (tmp_path / "student.py").write_text(STUDENT.format(neg=stubborn))
    examination = examine_module(f"{tmp_path / 'student.py'}:Value", limit=0.05)
    (crash,) = [finding for finding in examination.findings if finding.name == CRASH]
    assert "did not answer" in crash.got
    assert "tanh" in examination.passed


def test_a_module_that_ends_the_interpreter_when_imported_is_no_engine(tmp_path):
    (tmp_path / "student.py").write_text("import os\nos.abort()\n")
    with pytest.raises(EngineImportError, match="the process that imported it ended"):
        examine_module(f"{tmp_path / 'student.py'}:Value")
