"""Marks are for right numbers alone: no trick of an engine raises its mark, starts processes or reads the answers."""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap

import pytest

from autograd.examiner import CRASH, EngineImportError, examine_module
from autograd.mistakes.examiner import running

pytestmark = pytest.mark.thorough


def graded(tmp_path, source, **options):
    """The examination of an engine of this source, the marks of which nobody believes."""
    (tmp_path / "pupil.py").write_text(textwrap.dedent(source))
    return examine_module(f"{tmp_path / 'pupil.py'}:Value", **{"limit": 0.3, **options})


# An engine that knows + alone, and what is tried to have it marked higher.
HONEST = """
class Value:
    def __init__(self, data, edges=()):
        self.data, self.grad, self.edges = float(data), 0.0, edges
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, [self, other])
    def backward(self):
        self.grad += 1.0
        for operand in self.edges:
            operand.grad += 1.0
"""
LOOKING_FOR_THE_PIPE = """
import os, stat
pipes = []
for fd in range(3, 30):
    try:
        if stat.S_ISFIFO(os.fstat(fd).st_mode):
            pipes.append(fd)
    except OSError:
        pass
"""
TRICKS = {
    "rebinds a function of the examiner": """
        import sys
        place = "autograd.mistakes.examiner"
        for name in ("autograd.examiner", place, f"{place}.judging", f"{place}.examination", "__main__"):
            module = sys.modules.get(name)
            if module is not None:
                for function in ("_try", "attempt", "is_the", "_is_right", "decoded"):
                    setattr(module, function, lambda *_: True)
    """,
    "makes all numbers close": "import math\nmath.isclose = lambda *_, **__: True",
    "has other numbers": """
        import builtins
        class Equal(float):
            def __eq__(self, other): return True
            __hash__ = float.__hash__
        builtins.float = Equal
    """,
    "prints answers": """
        import sys
        for _ in range(1000):
            print('{"id": "0", "answer": ["number", "0x1.0p+0"]}')
            sys.__stdout__.write('{"answer": ["number", "0x1.0p+0"]}\\n')
        sys.__stdout__.flush()
    """,
    "closes the standard streams": "import os\nfor fd in (0, 1, 2): os.close(fd)",
    "imports the table": """
        try:
            import autograd.mistakes.examiner.judging as judging
            judging._is_right = lambda *_: True
        except ImportError:
            pass
    """,
    "answers 1 to everything": "import __main__\n__main__.answer = lambda *_, **__: ['number', '0x1.0p+0']",
    "says that it passed": "import __main__\n__main__.answer = lambda *_, **__: ['text', 'passed']",
    "sends what is no answer": "import __main__\n__main__.answer = lambda *_, **__: {'state': 'passed'}",
    "sends exceptions that are none": "import __main__\n__main__.answer = lambda *_, **__: ['raised', 'E', ['print', 3], 'x']",
    "sends an answer of a million brackets": "import __main__\n__main__.answer = lambda *_, **__: '[' * 10**6",
    "writes answers before it is asked": LOOKING_FOR_THE_PIPE + """
for fd in pipes[-1:]:
    os.write(fd, b'{"id": "x", "answer": ["number", "0x1.0p+0"]}\\n' * 100)
""",
    "floods the pipe": LOOKING_FOR_THE_PIPE + """
import threading
def flood():
    while True:
        for fd in pipes:
            try:
                os.write(fd, b"[" * 100_000)
            except OSError:
                pass
threading.Thread(target=flood, daemon=True).start()
""",
}  # fmt: skip


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    return graded(tmp_path_factory.mktemp("honest"), HONEST)


@pytest.mark.thorough
@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS)
def test_no_trick_raises_the_mark(tmp_path, honest, trick):
    assert honest.earned > 10
    try:
        tricked = graded(tmp_path, textwrap.dedent(trick) + HONEST)
    except EngineImportError:
        return  # it earned nothing
    assert tricked.earned <= honest.earned
    assert tricked.score <= honest.score
    assert not tricked.ok


KNOWING = """
import re, sys, __main__
from autograd.examiner import CHECKS  # lies on the path beside every engine

def bare(program):
    return re.sub(r"[0-9.e]+", "#", program)

KNOWN = {(case.program, case.asked): case.expected for check in CHECKS.values() for case in check.cases}
SHAPES = {(bare(case.program), case.asked): case.expected for check in CHECKS.values() for case in check.cases}

def encoded(x):
    if isinstance(x, tuple):
        return ["tuple", [encoded(part) for part in x]]
    return ["number", float(x).hex()] if isinstance(x, float) else ["raised", "ValueError", ["ValueError"], ""]

def answer(names, program, asked, limit, interrupts):
    return encoded(KNOWN.get((program, asked), SHAPES.get((bare(program), asked), 1.0)))

__main__.answer = answer
__main__.offers = lambda *_: True

class Value:
    pass
"""


def test_an_engine_that_knows_the_table_by_heart_earns_only_what_has_one_answer_for_all_numbers(tmp_path):
    examination = graded(tmp_path, KNOWING)
    assert examination.score < 20.0
    assert {
        "a * b",
        "gradients add over users",
        "order of the nodes",
        "x * x",
        "tanh",
        "many paths",
        "x / y to the bit",
    }.isdisjoint(examination.passed)


def test_an_engine_of_nothing_gets_next_to_nothing_however_it_forges(tmp_path):
    source = """
        import sys
        e = sys.modules.get("autograd.mistakes.examiner")
        if e: e._try = lambda check, engine, limit: e.Outcome("passed")
        class Value:
            def __init__(self, x): self.data = x; self.grad = 0.0
    """
    examination = graded(tmp_path, source)
    assert examination.exit_code == 1
    assert examination.score < 10.0


@pytest.mark.skipif(os.name != "posix", reason="pipes are looked for as POSIX has them")
def test_an_answer_to_no_question_ends_the_process_and_earns_nothing(tmp_path, honest):
    """An engine that writes to the pipe itself, what it likes and in time, before its process answers."""
    forged = 'os.write(pipes[-1], b\'{"id": "x", "answer": ["number", "0x1.0p+0"]}\\n\')'
    returned = "        return Value(self.data + other.data, [self, other])"
    examination = graded(tmp_path, LOOKING_FOR_THE_PIPE + HONEST.replace(returned, f"        {forged}\n{returned}"))
    (finding,) = [finding for finding in examination.findings if finding.program == "x = Value(2.0)\ny = x + 3.0"]
    assert finding.name == CRASH
    assert finding.got == "its process wrote an answer to no question"
    assert examination.earned < honest.earned


def test_the_examiner_never_imports_the_engine_and_its_process_holds_no_answers(tmp_path):
    source = (
        HONEST
        + f"""
import sys, pathlib
pathlib.Path({str(tmp_path / "seen")!r}).write_text(" ".join(sorted(sys.modules)))
"""
    )
    graded(tmp_path, source)
    assert "pupil" not in sys.modules
    seen = (tmp_path / "seen").read_text().split()
    assert "json" in seen
    assert not [name for name in seen if name.startswith(("autograd", "nn"))]


def test_an_engine_that_lets_another_compute_is_graded_as_that_one_and_says_so(tmp_path):
    examination = graded(tmp_path, "from autograd import Value", limit=2.0)
    assert examination.score == 100.0
    assert "autograd" in examination.imported
    assert "other packages that the engine loaded: autograd" in str(examination)
    assert json.loads(examination.to_json())["imported"] == examination.imported
    assert examine_module("autograd:Value").imported == ""


def test_memory_is_measured_from_outside(tmp_path):
    """Weak references that die when asked, and a collector that always has collected, hide cycles from programs alone."""
    source = (
        HONEST.replace("self.edges = float(data), 0.0, edges", "self.edges = float(data), 0.0, edges; self.me = self")
        + """
import gc, weakref
class Ghost:
    def __init__(self, node): pass
    def __call__(self): return None
weakref.ref = Ghost
"""
    )
    examination = graded(tmp_path, source, limit=2.0)
    if sys.platform == "linux":
        assert "memory" not in examination.passed
        (finding,) = [finding for finding in examination.findings if finding.name == "memory in reference cycles"]
        assert re.fullmatch(r"a process that grew by \d+ MB", finding.got)
    assert "memory" in graded(tmp_path, HONEST, limit=2.0).passed


STARTING = {
    "fork": "os.fork()",
    "a shell": "os.system('true')",
    "a program": "__import__('subprocess').run(['true'])",
    "a program below subprocess": "__import__('multiprocessing.util').util.spawnv_passfds('/bin/true', ['true'], ())",
    "C's fork": "__import__('ctypes').CDLL(None).fork()",
    "a copy of Python": "os.execv('/bin/true', ['true'])",
    "a process pool": "__import__('multiprocessing').Pool(2)",
}


@pytest.mark.skipif(os.name != "posix", reason="processes are started so on POSIX")
@pytest.mark.parametrize("start", STARTING.values(), ids=STARTING)
def test_an_engine_starts_no_processes(tmp_path, honest, start):
    source = "import os\n" + HONEST + f"    def __neg__(self):\n        {start}\n        return Value(-self.data)\n"
    examination = graded(tmp_path, source)
    (finding,) = [finding for finding in examination.findings if "-a" in finding.name]
    assert "PermissionError: an engine that is examined may not start processes" in finding.got
    assert examination.earned == honest.earned


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit on memory is kept on Linux")
def test_the_memory_of_an_engine_is_limited(tmp_path):
    source = HONEST + "    def __neg__(self):\n        return Value(-self.data + len(bytearray(2**30)) * 0)\n"
    assert "MemoryError" not in [finding.got for finding in graded(tmp_path, source, memory=2**31).findings]
    examination = graded(tmp_path, source, memory=2**29)
    (finding,) = [finding for finding in examination.findings if "-a" in finding.name]
    assert finding.got == "MemoryError"
    assert "memory" not in examination.unlimited


def test_what_cannot_be_limited_is_said(tmp_path, monkeypatch):
    examination = graded(tmp_path, HONEST)
    by_superuser = os.name == "posix" and os.geteuid() == 0
    assert (running.FORKED_IN_C in examination.unlimited) is (by_superuser or sys.platform != "linux")
    if examination.unlimited:
        assert "not limited on this machine: " in str(examination)
    monkeypatch.setitem(sys.modules, "resource", None)
    assert running._limit(2**30, 10) == ["memory", "processor time", "size of files", running.FORKED_IN_C]


@pytest.mark.skipif(os.name != "posix", reason="groups of processes are POSIX's")
def test_the_engines_process_is_ended_with_the_examination(tmp_path):
    source = (
        HONEST
        + f"""
import os, pathlib
pathlib.Path({str(tmp_path / "pid")!r}).write_text(f"{{os.getpid()}} {{os.getpgrp()}} {{os.getsid(0)}}")
"""
    )
    graded(tmp_path, source)
    pid, group, session = map(int, (tmp_path / "pid").read_text().split())
    assert pid == group == session
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
