"""The node in C over the life of a process: copies of the package, other interpreters, children, and the end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_native import WATCH, node, pytestmark  # noqa: F401  # a fixture, and when to skip

ROOT = Path(__file__).parents[2]
BEGIN = """
import atexit, importlib, os, pickle, sys, threading, weakref
import autograd
from autograd import Value, ops

def engine():
    return autograd.engine_info()["engine"]

x = Value(2.0)
y = (x * x + 3.0) * ops.sum([x, 1.0, x])
y.backward()
assert x.grad == 34.0, x.grad
"""


def ends_well(node: str, program: str, begin: str = BEGIN) -> str:  # noqa: F811
    """What the program prints; it must end by itself, without a word of complaint."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("AUTOGRAD_")}
    settings = {**kept, "AUTOGRAD_NATIVE": node, "PYTHONPATH": str(ROOT)}
    command = [*WATCH, sys.executable, "-c", begin + program]
    done = subprocess.run(command, env=settings, capture_output=True, encoding="utf-8", timeout=3000 if WATCH else 300)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_nodes_may_outlive_their_modules_and_die_in_any_order_at_the_end(node: str) -> None:  # noqa: F811
    printed = ends_well(node, """
class Late:
    def __del__(self, x=x, y=y, print=print):
        y.backward()
        print("late", x.grad)

def build():
    while True:
        z = ops.sum([x * 2.0] * 50)

cycle = [x, y, Late()]
cycle.append(cycle)
atexit.register(lambda: print("exit", (x + 1.0).data))
watched = weakref.ref(x, lambda _: print("gone"))
threading.Thread(target=build, daemon=True).start()
print(engine())
""")  # fmt: skip
    assert printed.splitlines()[:2] == ["native", "exit 3.0"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
def test_a_forked_child_has_nodes_that_are_not_its_parents(node: str) -> None:  # noqa: F811
    assert ends_well(node, """
child = os.fork()
y.backward()
if not child:
    del y
    os._exit(int(x.grad))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), x.grad)
""") == "68 68.0\n"  # fmt: skip


def test_a_package_that_is_imported_again_is_pure_and_leaves_the_first_one_alone(node: str) -> None:  # noqa: F811
    assert ends_well(node, """
importlib.reload(autograd.value)
assert engine() == "pure", autograd.engine_info()
first = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "autograd"}
import autograd
from autograd import sum, toposort
assert autograd.engine_info() == {"engine": "pure", "reason": "the node in C serves an earlier import of autograd in this process"}
a = autograd.Value(3.0)
(a * a).backward()
assert a.grad == 6.0
refused = 0
for mixed in (lambda: x + a, lambda: a + x, lambda: sum([a, x]), lambda: ops.sum([x, a]), lambda: toposort(x)):
    try:
        mixed()
    except (first["autograd"].AutogradError, autograd.AutogradError):
        refused += 1
y.backward()
print(refused, x.grad, type(pickle.loads(pickle.dumps(a))) is autograd.Value)
""") == "5 68.0 True\n"  # fmt: skip


INTERPRETERS = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
run = getattr(interpreters, "exec", None) or interpreters.run_string

def elsewhere(*kind):
    other = interpreters.create(*kind)
    failed = run(other, INSIDE)
    assert not failed, failed
    interpreters.destroy(other)
"""
INSIDE = """
import autograd
x = autograd.Value(3.0)
y = autograd.sum([x * x, x])
y.backward()
print(autograd.engine_info()["engine"], x.grad, flush=True)
"""


def test_other_interpreters_of_the_process_are_pure(node: str) -> None:  # noqa: F811
    program = "elsewhere()\ny.backward()\nprint(engine(), x.grad)\nelsewhere()"
    begin = f"{BEGIN}INSIDE = {INSIDE!r}{INTERPRETERS}"
    assert ends_well(node, program, begin).splitlines() == ["pure 7.0", "native 68.0", "pure 7.0"]


def test_an_interpreter_that_has_the_first_import_may_end(node: str) -> None:  # noqa: F811
    program = "elsewhere()\nelsewhere()\nexec(INSIDE)"
    answers = ["native 7.0", "pure 7.0", "pure 7.0"] if sys.version_info < (3, 12) else ["pure 7.0", "pure 7.0", "native 7.0"]
    assert ends_well(node, program, f"INSIDE = {INSIDE!r}{INTERPRETERS}").splitlines() == answers
    # from 3.12 on, an interpreter that has its own lock refuses such an extension
