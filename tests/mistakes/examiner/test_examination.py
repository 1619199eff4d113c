"""The examiner: our engine and a plain right one are found right, every bug is named, and nothing an engine does takes it down."""

from __future__ import annotations

import ast
import gc
import json
import math
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from functools import partial
from pathlib import Path

import micrograd.engine
import pytest

import autograd
from autograd import Value
from autograd.bugs import LABORATORY
from autograd.examiner import CHECKS, CRASH, MISSING, MISTAKES, WHY, EngineImportError, examine, examine_module, main
from autograd.mistakes.examiner import running
from autograd.mistakes.examiner.judging import REFUSED, is_the
from autograd.mistakes.examiner.reference import Value as Reference
from autograd.mistakes.examiner.reference import right_answer

pytestmark = pytest.mark.thorough

OURS = examine(Value)
MICROGRAD = examine(micrograd.engine.Value)


def names(examination):
    return [finding.name for finding in examination.findings]


class Plain:
    """A right engine that is not ours: rules as pairs of operand and number, and a loop with a list."""

    def __init__(self, data, edges=()):
        self.data, self.grad, self.edges = data, 0.0, tuple(edges)

    @classmethod
    def of(cls, x):
        return x if isinstance(x, cls) else cls(float(x))

    def __add__(self, other):
        other = self.of(other)
        return type(self)(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        other = self.of(other)
        return type(self)(self.data * other.data, [(self, other.data), (other, self.data)])

    def __truediv__(self, other):
        other = self.of(other)
        y = self.data / other.data
        return type(self)(y, [(self, 1 / other.data), (other, -y / other.data)])

    def __pow__(self, n):
        return type(self)(math.pow(self.data, n), [(self, n * math.pow(self.data, n - 1) if n else 0.0)])

    def __neg__(self):
        return type(self)(-self.data, [(self, -1.0)])

    def __sub__(self, other):
        return self + -self.of(other)

    def __rsub__(self, other):
        return self.of(other) - self

    def __rtruediv__(self, other):
        return self.of(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def order(self):
        order, seen, waiting = [], set(), [(self, False)]
        while waiting:
            node, done = waiting.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                waiting.append((node, True))
                waiting.extend((operand, False) for operand, _ in node.edges)
        return order

    def backward(self):
        order = self.order()
        for node in order:
            if node.edges:
                node.grad = 0.0
        self.grad += 1.0
        for node in reversed(order):
            for operand, slope in node.edges:
                operand.grad += slope * node.grad


# --------------------------------------------------------------------------------------------------------------- right engines


def test_our_engine_gets_a_perfect_score_in_everything_there_is():
    assert OURS.score == 100.0
    assert OURS.ok
    assert OURS.exit_code == 0
    assert OURS.passed == tuple(CHECKS)
    assert not OURS.not_offered
    assert not OURS.not_judged


def test_a_right_engine_that_offers_little_gets_a_perfect_score_too():
    examination = examine(Plain)
    assert names(examination) == []
    assert examination.score == 100.0
    assert {"zero_grad", "a ** b", "tanh", "relu", "abs"} <= set(examination.not_offered)


def test_functions_beside_the_class_are_examined_as_methods_are():
    def exp(x):
        return Plain(math.exp(x.data), [(x, math.exp(x.data))])

    def cos(x):
        return Plain(math.cos(x.data), [(x, math.sin(x.data))])

    examination = examine(Plain, functions={"exp": exp, "cos": cos})
    assert names(examination) == ["sign of cos' lost"]
    assert "y = cos(x)" in examination.findings[0].program
    assert "exp" in examination.passed
    assert "sin" in examination.not_offered


def test_any_function_that_makes_leaves_is_examined():
    assert examine(partial(Plain), name="partial").ok
    assert examine(lambda x: Plain(x)).score == 100.0


# ---------------------------------------------------------------------------------------------------- the laboratory, micrograd


@pytest.mark.thorough
@pytest.mark.parametrize("bug", LABORATORY.values(), ids=list(LABORATORY))
def test_every_bug_of_the_laboratory_is_named_and_nothing_else_is(bug):
    with bug:
        examination = examine(Value)
    assert names(examination) == [bug.title]
    assert examination.score < 100.0
    assert examination.exit_code == 1


# The faults that its source has, line by line, and nothing that it does right:
MICROGRADS_FAULTS = {
    "second backward compounds",  # backward sets the root's grad and resets none of those between
    "recursion at 1,000 nodes",  # build_topo calls itself
    "memory in reference cycles",  # out._backward is a closure that reads out.grad
    "data set after the forward pass changes the gradient",  # the closures read other.data when they run
    "x ** 0 has no derivative at 0",  # other * self.data**(other-1) is 0 * 0.0**-1
    "returns complex",  # self.data**other
    "x / y is not Python's x / y",  # self * other**-1
    "relu hides NaN",  # 0 if self.data < 0, and out.data > 0
}


def test_micrograd_gets_its_true_faults_and_no_false_ones():
    assert set(names(MICROGRAD)) == MICROGRADS_FAULTS
    assert len(MICROGRAD.findings) == len(MICROGRADS_FAULTS)
    assert not MICROGRAD.not_judged
    assert set(MICROGRAD.not_offered) >= {"zero_grad", "a ** b", "2 ** x", "exp", "log", "tanh", "sigmoid", "abs"}
    assert {"x * x", "order of the nodes", "many paths", "3 - x", "relu", "relu at 0", "equal numbers are two nodes"} <= set(
        MICROGRAD.passed
    )


@pytest.mark.parametrize("finding", MICROGRAD.findings, ids=lambda finding: finding.name)
def test_the_program_of_a_finding_runs_by_itself_and_shows_the_fault(finding):
    scope = {"Value": micrograd.engine.Value}
    try:
        exec(finding.program, scope)
        got = eval(finding.asked, scope)
    except (RecursionError, ZeroDivisionError) as error:
        got = f"{type(error).__name__}: {error}"
    finally:
        gc.enable()
    assert str(got if isinstance(got, str | complex) else float(got)) == finding.got
    assert finding.expected != finding.got


# ----------------------------------------------------------------------------------------------------------------- wrong engines


def test_two_mistakes_in_one_engine_are_both_named():
    class Twice(Plain):
        def __rsub__(self, other):
            return self - other

        def __pow__(self, n):
            return type(self)(self.data**n, [(self, self.data ** (n - 1))])

    assert names(examine(Twice)) == ["3 - x swapped", "power rule without its exponent"]


def test_what_may_follow_from_a_mistake_is_not_held_against_the_engine_twice():
    class Swapped(Plain):
        def __mul__(self, other):
            other = self.of(other)
            return type(self)(self.data * other.data, [(self, self.data), (other, other.data)])

        def __truediv__(self, other):
            return self * self.of(other) ** -1

    examination = examine(Swapped)
    assert names(examination) == ["product rule gives each operand itself"]
    assert ("a / b", "product rule gives each operand itself") in examination.not_judged
    assert "a / b" not in examination.passed


def test_the_lesson_of_a_missing_operator():
    class Adding:
        def __init__(self, data, edges=()):
            self.data, self.grad, self.edges = data, 0.0, edges

        def __add__(self, other):
            other = other if isinstance(other, Adding) else Adding(other)
            return Adding(self.data + other.data, [(self, 1.0), (other, 1.0)])

        order, backward = Plain.order, Plain.backward

    examination = examine(Adding)
    assert set(names(examination)) == {MISSING}
    assert [finding.program.splitlines()[-1] for finding in examination.findings] == [
        "y = 3.0 + x", "y = x * 3.0", "y = -x", "y = x ** 3"]  # fmt: skip
    assert "__rsub__" in examination.findings[0].why
    assert {"gradients add over users", "order of the nodes", "long chains"} <= set(examination.passed)


def test_an_engine_that_refuses_a_second_backward_is_not_at_fault():
    class Once(Plain):
        done = False

        def backward(self):
            if any(node.done for node in self.order()):
                raise RuntimeError("backward through the graph a second time")
            super().backward()
            for node in self.order():
                node.done = True

    examination = examine(Once)
    assert names(examination) == []
    assert "a second backward" in examination.not_offered


def test_an_engine_that_runs_out_of_stack_at_a_second_backward_has_not_refused_it():
    class Deeper(Plain):
        calls = 0

        def backward(self):
            self.calls += 1
            if self.calls > 1:
                raise RecursionError("maximum recursion depth exceeded")
            super().backward()

    assert names(examine(Deeper)) == ["second backward is wrong"]


@pytest.mark.thorough
def test_an_engine_that_keeps_every_node_is_told_apart_from_one_that_waits_for_the_collector():
    kept = []

    class Tape(Plain):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            kept.append(self)

    class Circle(Plain):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            self.rule = lambda: self.grad

    assert names(examine(Tape)) == ["graphs are never freed"]
    assert names(examine(Circle)) == ["memory in reference cycles"]


def test_an_engine_that_searches_a_list_is_told_that_its_time_is_quadratic():
    class Searching(Plain):
        def order(self):
            order, waiting = [], [(self, False)]
            while waiting:
                node, done = waiting.pop()
                if done:
                    if not any(node is other for other in order):
                        order.append(node)
                elif not any(node is other for other in order):
                    waiting.append((node, True))
                    waiting.extend((operand, False) for operand, _ in node.edges)
            return order

    assert "time grows with the square of a chain's length" in names(examine(Searching, limit=0.3))


def test_a_gradient_that_is_itself_a_node_is_read():
    class Higher(Plain):
        def backward(self):
            super().backward()
            for node in self.order():
                node.grad = Plain(node.grad)

    examination = examine(Higher)
    assert "backward reaches a leaf" in examination.passed
    assert "a + b" in examination.passed


# ------------------------------------------------------------------------------------------------- nothing takes the examiner down


class BadMessageError(Exception):
    def __str__(self):
        raise ValueError("no message")


def raiser(error):
    def backward(self):
        raise error

    return type("Raising", (Plain,), {"backward": backward})


@pytest.mark.parametrize(
    "error",
    [ValueError("no"), SystemExit(3), BadMessageError(), MemoryError(), RecursionError(), GeneratorExit(), AssertionError()],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_an_engine_that_raises_is_graded(error):
    examination = examine(raiser(error))
    assert names(examination) == ["backward does not reach the leaf"]
    assert type(error).__name__ in examination.findings[0].got
    assert "a + b" in examination.passed


def test_a_class_that_makes_nothing_is_graded():
    def make(x):
        raise OSError("no numbers today")

    examination = examine(make)
    assert names(examination) == ["does not hold its number"]
    assert examination.score == 0.0
    assert "OSError: no numbers today" in examination.findings[0].got


def test_an_engine_whose_answers_are_nothing_is_graded():
    class Nothing:
        def __init__(self, x):
            self.data, self.grad = None, None

    assert names(examine(Nothing)) == ["does not hold its number"]


def adds_itself(y):
    return len(y.edges) == 2 and y.edges[0][0] is y.edges[1][0]


class Endless(Plain):
    def backward(self):
        while adds_itself(self):
            pass
        super().backward()


class EndlessTwice(Plain):
    """It catches whatever is thrown at it, twice."""

    def backward(self):
        for _ in range(2):
            try:
                while adds_itself(self):
                    pass
            except BaseException:
                continue
        while adds_itself(self):
            pass
        super().backward()


@pytest.mark.thorough
@pytest.mark.parametrize("engine", [Endless, EndlessTwice])
def test_an_endless_loop_is_cut(engine):
    examination = examine(engine, limit=0.5)
    assert names(examination) == ["wrong where an operation uses a node twice"]
    assert examination.findings[0].got == "no answer within the time limit"
    assert "order of the nodes" in examination.passed


def test_an_engine_that_only_waits_is_cut_too():
    class Sleeping(Plain):
        def backward(self):
            if adds_itself(self):
                time.sleep(60)
            super().backward()

    examination = examine(Sleeping, limit=0.2)
    assert "wrong where an operation uses a node twice" in names(examination)


def test_a_signal_in_a_callback_of_the_collector_is_left_to_the_next_one():
    """An exception there would be lost, and a warning instead of a verdict."""
    rung = []

    def callback(phase, info):
        rung.append(running.ring(signal.SIGALRM, sys._getframe()))

    gc.callbacks.append(callback)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(callback)
    assert rung == [None, None]
    with pytest.raises(running.Late):
        running.ring(signal.SIGALRM, sys._getframe())


def test_an_endless_loop_is_cut_in_a_thread_too():
    found = []
    thread = threading.Thread(target=lambda: found.append(examine(Endless, limit=0.5)))
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert names(found[0]) == ["wrong where an operation uses a node twice"]
    assert found[0].findings[0].got == "no answer within the time limit"


def test_a_program_can_be_traced_after_a_limit_in_a_thread():
    """CPython 3.11 traces no further while it looks for an exception that was taken back."""
    program = """
import sys, threading
from autograd.mistakes.examiner import running
def limited():
    with running._limited(60.0):
        pass
    try:
        with running._limited(0.01):
            while True:
                pass
    except running.Late:
        print("late")
thread = threading.Thread(target=limited)
thread.start()
thread.join()
sys.settrace(lambda *_: None)
(lambda: print("traced"))()
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100, check=True)
    assert run.stdout.split() == ["late", "traced"]


def test_the_examiner_leaves_the_interpreter_as_it_was(capsys):
    class Rude(Plain):
        def backward(self):
            gc.disable()
            sys.setrecursionlimit(5000)
            print("hello", "there")
            print("hello", file=sys.stderr)
            super().backward()

    def state():
        clocks = [signal.getitimer(timer) for timer in (signal.ITIMER_REAL, signal.ITIMER_PROF)]
        handlers = [signal.getsignal(number) for number in (signal.SIGALRM, signal.SIGPROF)]
        return gc.isenabled(), sys.getrecursionlimit(), clocks, handlers

    before = state()
    assert examine(Rude).ok
    assert state() == before
    examine(Endless, limit=0.05)
    assert state() == before
    assert capsys.readouterr() == ("", "")


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    try:
        assert examine(Plain).ok
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_keyboard_interrupt_is_the_users():
    with pytest.raises(KeyboardInterrupt):
        examine(raiser(KeyboardInterrupt()))


# ------------------------------------------------------------------------------------------------ results, the command line


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


STUDENT = """
import math, os
from math import exp

print("loaded")

class Value:
    def __init__(self, data, edges=()):
        self.data, self.grad, self.edges = data, 0.0, edges
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])
    __radd__ = __add__
    def __neg__(self):
        {neg}
    def backward(self):
        self.grad = 1.0
        self.down()
    def down(self):
        for operand, slope in self.edges:
            operand.grad += slope
            operand.down()

def tanh(x):
    return Value(math.tanh(x.data), [(x, 1 - math.tanh(x.data) ** 2)])
"""


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


# ------------------------------------------------------------------------------------ marks are for right numbers alone


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


# ------------------------------------------------------------------------------------------------------------------ the table


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
