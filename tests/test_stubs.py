"""The types that users see: the stubs are current, agree with what runs, and tell right programs from wrong ones."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import autograd
from autograd import Value
from autograd.ops import TABLE, Op

ROOT = Path(__file__).parent.parent
PROGRAM = ROOT / "tests" / "data" / "typed.txt"


@pytest.fixture(scope="module")
def stubs() -> ModuleType:
    """The script that writes them."""
    spec = importlib.util.spec_from_file_location("stubs", ROOT / "docs" / "stubs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["stubs"] = module
    spec.loader.exec_module(module)
    return module


def test_the_stubs_are_what_the_script_writes(stubs: ModuleType) -> None:
    for path, text in stubs.STUBS.items():
        assert path.read_text(encoding="utf-8") == text(), f"run `python docs/stubs.py`: {path.name} is not of this table"


def test_no_other_module_has_a_stub(stubs: ModuleType) -> None:
    """A stub hides the module beside it, whose code would be checked no more."""
    written = {path for package in ("autograd", "nn", "demos") for path in (ROOT / package).rglob("*.pyi")}
    assert written == set(stubs.STUBS)
    assert not (ROOT / "autograd" / "rows.py").exists()


@pytest.mark.parametrize("name", TABLE)
def test_a_row_can_be_called_as_its_stub_says(stubs: ModuleType, name: str) -> None:
    """In order and by name, as a function and as a method, on numbers and on nodes."""
    row = TABLE[name]
    place = next(x for x in (0.5, 1.5, -0.5, -1.5) if all(x in domain for domain in row.domain))
    settings: dict[str, Any] = {"float": 1, "int": 1, "object": True, "int | None": 0}

    def given(make: Any) -> dict[str, Any]:
        operands = {stubs.SCALAR: make(place), stubs.SEQUENCE: [make(place), make(place + 0.25)]}
        return {a.name: operands[a.type] if a.is_operand else settings[a.type] for a in stubs.arguments_of(row)}

    for kind in (float, Value):
        assert type(row(*given(kind).values())) is type(row(**given(kind))) is kind
    if hasattr(Value, name):
        (_, x), *rest = given(Value).items()
        assert type(getattr(x, name)(**dict(rest))) is Value
        assert type(getattr(x, name)(*dict(rest).values())) is Value


@pytest.mark.thorough
def test_stubtest_finds_the_package_as_its_stub_says() -> None:
    """A row is an `Op`; the stub has the class of those called alike, which only type checkers know."""
    script = (
        "from mypy import stubtest\n"
        "from mypy.options import Options\n"
        "options = Options()\n"
        "options.incremental, options.ignore_missing_imports = False, True\n"
        "for module in stubtest.build_stubs(['autograd'], options, find_submodules=False):\n"
        "    for error in stubtest.test_module(module):\n"
        "        print(error.get_description(concise=True).strip())\n"
    )
    report = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rows = {name for name in dir(autograd) if isinstance(getattr(autograd, name), Op)}
    assert set(report.splitlines()) == {f"autograd.{row} variable differs from runtime type {Op.__module__}.Op" for row in rows}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """The complaints of mypy about the user's program, by line."""
    elsewhere = tmp_path_factory.mktemp("typed")
    (elsewhere / "program.py").write_text(PROGRAM.read_text(encoding="utf-8"), encoding="utf-8")
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--follow-imports=silent",
            "--hide-error-context",
            "--no-error-summary",
            "program.py",
        ],
        cwd=elsewhere,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not run.stderr, run.stderr
    found: dict[int, str] = {}
    for line in run.stdout.splitlines():
        match = re.fullmatch(r"program\.py:(\d+): (?:note: Revealed type is \"(.*)\"|error: .*\[([a-z-]+)\])", line)
        if match:
            found[int(match[1])] = re.sub(r"\b[a-z_.]+\.(?=[A-Z])", "", match[2]) if match[2] else f"! {match[3]}"
    return found


@pytest.mark.thorough
def test_mypy_knows_the_types_of_a_users_program_and_refuses_what_is_wrong(checked: dict[int, str]) -> None:
    expected: dict[int, str] = {}
    for number, line in enumerate(PROGRAM.read_text(encoding="utf-8").splitlines(), 1):
        if match := re.search(r"  # (?:-> (.*)|(! .*))$", line):
            expected[number] = match[1] or match[2]
    assert len(expected) > 50
    assert checked == expected
