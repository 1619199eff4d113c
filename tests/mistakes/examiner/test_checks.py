"""The table of checks: its answers, its reference, and the folder that runs alone where it is copied."""

from __future__ import annotations

import ast
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from examinations import MICROGRAD, STUDENT, names

from autograd.examiner import CHECKS, CRASH, MISSING, MISTAKES, WHY, examine
from autograd.mistakes.examiner import running
from autograd.mistakes.examiner.judging import REFUSED, is_the
from autograd.mistakes.examiner.reference import Value as Reference
from autograd.mistakes.examiner.reference import right_answer

pytestmark = pytest.mark.thorough


def test_a_check_builds_on_earlier_ones():
    keys = list(CHECKS)
    for key, check in CHECKS.items():
        assert all(keys.index(earlier) < keys.index(key) for earlier in check.after), key


def test_every_finding_has_an_explanation_and_every_explanation_a_finding():
    found = {CRASH, MISSING}
    for check in CHECKS.values():
        found.add(check.name)
        found.update(name for case in check.cases for name in case.known.values())
    assert set(WHY) == found
    assert all(text.endswith(".") and len(text) < 300 for text in WHY.values())
    assert {mistake.title for mistake in MISTAKES.values()} <= found


@pytest.mark.parametrize("key", CHECKS)
def test_no_known_wrong_answer_is_the_right_one(key):
    for case in CHECKS[key].cases:
        assert not any(is_the(case.expected, wrong, case.tolerance) for wrong in case.known)


@pytest.mark.parametrize("key", CHECKS)
def test_the_reference_gives_the_right_answer_of_every_case(key):
    for case in CHECKS[key].cases:
        if case.expected is REFUSED or isinstance(case.expected, str):
            continue
        assert is_the(right_answer(case.program, case.asked), case.expected, max(case.tolerance, 1e-15)), case


@pytest.mark.thorough
def test_the_reference_passes_its_own_examination_however_often_it_is_drawn():
    for _ in range(5):
        assert examine(Reference).score == 100.0


@pytest.mark.thorough
def test_programs_are_drawn_with_other_numbers_and_structures_and_have_answers_of_their_own():
    drawn = {
        check.cases[0].program
        for _ in range(20)
        for check in CHECKS.values()
        for case in check.cases
        if case.draw is not None
        for check in [check._replace(cases=[case._replace(program=case.draw(random))])]
    }
    assert len(drawn) > 100
    answers = {str(right_answer(program, "x.grad")) for program in drawn if "x = " in program and "zero" not in program}
    assert len(answers) > 20


FOLDER = Path(running.__file__).parent


def test_the_examiner_imports_the_standard_library_and_its_own_folder_alone():
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level <= 1, path
                if node.level:
                    assert path.stem != "running", "the engine's process has no right answer in it"
                    assert node.module is None or (FOLDER / f"{node.module}.py").exists(), path
                names = [] if node.level else [node.module]
            else:
                continue
            assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names, path


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A folder with nothing but a copy of the examiner's."""
    place = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(FOLDER, place / "examiner", ignore=shutil.ignore_patterns("__pycache__"))
    return place


def in_the_copy(place, *arguments):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)


def test_the_examiners_folder_runs_alone_where_it_is_copied(copied):
    script = """
import json, sys
from examiner import examine, examine_module
import micrograd.engine
found = [examine(micrograd.engine.Value), examine_module("micrograd.engine:Value")]
ours = [name for name in sys.modules if name.partition(".")[0] in ("autograd", "nn", "demos")]
print(json.dumps([[[finding.name for finding in examination.findings], examination.score] for examination in found] + [ours]))
"""
    done = in_the_copy(copied, "-c", script)
    assert (done.returncode, done.stderr) == (0, "")
    expected = [names(MICROGRAD), MICROGRAD.score]
    assert json.loads(done.stdout) == [expected, expected, []]


def test_the_copied_folder_is_a_command(copied):
    (copied / "student.py").write_text(STUDENT.format(neg="return Value(-self.data, [(self, -1.0)])"))
    done = in_the_copy(copied, "-m", "examiner", "student.py:Value", "--limit", "0.2", "--json", "result.json")
    assert (done.returncode, done.stderr) == (1, "")
    assert MISTAKES["tanh_tail"].title in done.stdout
    written = json.loads((copied / "result.json").read_text(encoding="utf-8"))
    assert "-a" in written["passed"]
    helped = in_the_copy(copied, "-m", "examiner", "--help")
    assert helped.stdout.startswith("usage: python -m examiner ")
    nothing = in_the_copy(copied, "-m", "examiner", "nowhere:Value")
    assert (nothing.returncode, nothing.stdout) == (2, "")
