"""The examiner: our engine and a plain right one are found right, every bug is named, and nothing an engine does takes it down."""

from __future__ import annotations

import gc
import math
import signal
import subprocess
import sys
import threading
import time
from functools import partial

import micrograd.engine
import pytest
from examinations import MICROGRAD, MICROGRADS_FAULTS, names

from autograd import Value
from autograd.bugs import LABORATORY
from autograd.examiner import CHECKS, MISSING, examine
from autograd.mistakes.examiner import running

pytestmark = pytest.mark.thorough

OURS = examine(Value)


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
