"""The machine code of a program: the quick one first, the optimised one behind it, and the end of Python meanwhile."""

from __future__ import annotations

import math
import subprocess
import sys
import threading

import pytest
from needed import unavailable

from autograd import compile, sin
from autograd.compiling import compiled
from autograd.rowcode.machine import is_there


@pytest.fixture(scope="module", autouse=True)
def needs_llvmlite() -> None:
    if not is_there():
        unavailable("no llvmlite: pip install scalar-autograd[compile]")


ENDING = """
from autograd import compile, sin
def chain(x):
    y = x
    for _ in range(100):
        y = sin(y) * x
    return y
program = compile(chain)
for _ in range(3):
    program.value_and_grad([0.5])
print(program.stats["optimised_seconds"])
"""


def test_python_ends_cleanly_while_code_is_optimised() -> None:
    done = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "None\n", "")


def test_a_program_too_long_to_optimise_keeps_its_quick_code(monkeypatch: pytest.MonkeyPatch) -> None:
    program = compile(lambda x: sin(x) * x)
    monkeypatch.setattr(compiled, "LONGEST", 10)
    batch = [0.1 * k for k in range(20)]
    for _ in range(2 * compiled.SOON):
        assert program.value_and_grad(batch)[0] == pytest.approx(sum(math.sin(x) * x for x in batch) / 20, rel=1e-12)
    assert (program.stats["backend"], program.stats["optimised_seconds"]) == ("llvm", None)
    assert not [thread for thread in threading.enumerate() if thread is not threading.main_thread() and "_optimise" in thread.name]


def test_tables_do_not_count_as_code() -> None:
    code = "define void @run() {\n  ret void\n}"
    assert compiled.length_of_code(f"{code}\n@table.of.0 = private constant [2 x i64] [i64 1, i64 2]\n") == len(code) - 2
