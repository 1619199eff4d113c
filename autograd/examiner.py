"""The examiner: it runs small programs on somebody's engine, and names the mistakes it finds.

    >>> class Value:
    ...     def __init__(self, data, rules=()):
    ...         self.data, self.grad, self.rules = data, 0.0, rules
    ...     def __add__(self, other):
    ...         other = other if isinstance(other, Value) else Value(other)
    ...         return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])
    ...     __radd__ = __add__
    ...     def backward(self, adjoint=1.0):
    ...         self.grad = adjoint
    ...         for operand, partial in self.rules:
    ...             operand.backward(adjoint * partial)
    >>> examination = examine(Value, limit=0.1)
    >>> print(examination.findings[0])
    gradients overwritten instead of added
        x = Value(2.0)
        y = (x + 2.0) + (x + 5.0)
        y.backward()
        x.grad: expected 2.0, got 1.0
        A node's gradient is the sum over all of its users (the chain rule of several variables). Write += where the rule has
        =, and let gradients start at 0.

Any engine will do that has micrograd's manners: `make_value(number)` gives a node with `data`, `grad`, `backward()` and
Python's operators. What else it offers, such as `tanh` or `zero_grad`, is examined too; what it does not is no fault. Nothing
of this project is used: only the standard library, so that the file can be taken along and put before any engine.

How a mistake gets its name: a check has cases, each a program, a question and the right answer, and besides it wrong answers
that give the mistake away. A check that fails while one that it builds on fails too is not judged. The table is at the end.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import io
import json
import math
import multiprocessing
import re
import signal
import sys
import textwrap
import threading
import warnings
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final, NamedTuple

from autograd.errors import AutogradError

__all__ = ["EngineImportError", "Examination", "Finding", "examine", "examine_module", "main"]

LIMIT = 2.0  # seconds for one case
AGAIN = 0.1  # seconds until an engine that caught the end of its time is told again
PATIENCE = 20.0  # seconds beyond it after which a process that does not answer is ended
WIDTH = 118
GRAVE, SERIOUS, SLIGHT = 3, 2, 1  # points lost: wrong gradients in everyday use; a limit, or wrong now and then; at the edge


class EngineImportError(AutogradError, ImportError):
    """An engine that could not be imported."""


# ---------------------------------------------------------------------------------------------------------------- the result


@dataclass(frozen=True)
class Finding:
    """One mistake, with the smallest program that shows it."""

    name: str
    points: int  # lost by it
    program: str  # runnable, given the engine's class as Value
    asked: str  # the expression to look at afterwards
    expected: str
    got: str
    why: str

    def __str__(self) -> str:
        asked = f"{self.asked}: expected {self.expected}, got {self.got}"
        lines = [*self.program.splitlines(), asked, *textwrap.wrap(self.why, WIDTH)]
        return "\n".join([self.name, *("    " + line for line in lines)])


@dataclass(frozen=True)
class Examination:
    """What was found; `print` shows it, `to_json` is for machines, `exit_code` for the shell."""

    engine: str
    findings: tuple[Finding, ...]
    passed: tuple[str, ...]
    not_offered: tuple[str, ...]
    not_judged: tuple[tuple[str, str], ...]  # a check, and the mistake it may have failed for
    earned: int
    possible: int

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def score(self) -> float:
        """The points earned, of a hundred; what is not offered counts neither way, what is not judged earns nothing."""
        return round(100 * self.earned / self.possible, 1) if self.possible else 0.0

    @property
    def exit_code(self) -> int:
        """0 if nothing was found, else 1."""
        return 0 if self.ok else 1

    def to_json(self) -> str:
        """The whole of it as JSON."""
        document = {
            "engine": self.engine,
            "score": self.score,
            "points": {"earned": self.earned, "possible": self.possible},
            "findings": [vars(finding) for finding in self.findings],
            "passed": self.passed,
            "not_offered": self.not_offered,
            "not_judged": [{"check": check, "because": name} for check, name in self.not_judged],
        }
        return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)

    def __str__(self) -> str:
        points = f"{self.earned} of {self.possible} points"
        lines = [f"{self.engine}: {self.score:g} of 100 ({points}), {len(self.findings)} found, {len(self.passed)} checks passed"]
        for finding in self.findings:
            lines += ["", f"-{finding.points}  " + str(finding)]
        if self.not_judged:
            lines += ["", "not judged, since it may follow from what was found:"]
            lines += [f"    {check} ({name})" for check, name in self.not_judged]
        if self.not_offered:
            lines += ["", *textwrap.wrap(f"not offered: {', '.join(self.not_offered)}", WIDTH, subsequent_indent="    ")]
        return "\n".join(lines)


# ------------------------------------------------------------------------------------------------------- running one program


class Raised(NamedTuple):
    """The answer of a program that raised."""

    kind: type[BaseException]
    text: str

    def __str__(self) -> str:
        return f"{self.kind.__name__}: {self.text}"[:200] if self.text else self.kind.__name__


class _Hung:
    def __str__(self) -> str:
        return "no answer within the time limit"


HUNG: Final = _Hung()


class _Late(BaseException):
    """Raised in the engine's code when its time is over; no Exception, so that few engines catch it."""


def _answer(names: Mapping[str, Any], program: str, asked: str, limit: float) -> Any:
    """What `asked` is worth after the program: whatever the engine does, this returns."""
    collecting, depth = gc.isenabled(), sys.getrecursionlimit()
    silence = io.StringIO()
    try:
        with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scope = dict(names)
            with _limited(limit):
                exec(program, scope)
                return _plain(eval(asked, scope))
    except _Late:
        return HUNG
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        try:
            return Raised(type(error), str(error))
        except Exception:  # even its message is broken
            return Raised(type(error), "")
    finally:
        sys.setrecursionlimit(depth)
        (gc.enable if collecting else gc.disable)()


def _plain(answer: Any) -> Any:
    """The answer in Python's own types, as far as it is a number; a complex one stays complex."""
    if isinstance(answer, tuple):
        return tuple(map(_plain, answer))
    if isinstance(answer, str | complex) or answer is None:
        return answer
    if hasattr(answer, "grad") and hasattr(answer, "data"):  # a gradient that is a node itself
        answer = answer.data
    return float(answer)


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise _Late in the block when the time is over, and again and again until it ends: some engines catch everything."""
    in_main = threading.current_thread() is threading.main_thread()
    stop = _by_signal(seconds) if in_main and hasattr(signal, "setitimer") else _by_thread(seconds)
    try:
        yield
    finally:
        while True:
            try:
                stop()
                break
            except _Late:  # rang just now
                continue


def _by_signal(seconds: float) -> Callable[[], None]:
    """By the processor's time, so that a busy machine does no engine wrong; one that only waits is cut a little later."""

    def ring(_: int, frame: FrameType | None) -> None:
        callbacks = {getattr(callback, "__code__", None) for callback in gc.callbacks}
        while frame is not None and frame.f_code not in callbacks:
            frame = frame.f_back
        if frame is None:  # else it would be lost in a callback of the collector; the clock rings again
            raise _Late

    clocks = [(signal.SIGPROF, signal.ITIMER_PROF, seconds), (signal.SIGALRM, signal.ITIMER_REAL, 5 * seconds)]
    before = [(number, timer, signal.signal(number, ring), signal.setitimer(timer, time, AGAIN)) for number, timer, time in clocks]

    def stop() -> None:
        for _, timer, _, _ in before:
            signal.setitimer(timer, 0)
        for number, timer, handler, remaining in before:
            signal.signal(number, handler)
            signal.setitimer(timer, *remaining)

    return stop


def _by_thread(seconds: float) -> Callable[[], None]:
    """The same where there is no such signal; it cannot interrupt a call into C."""
    over, thread = threading.Event(), ctypes.c_ulong(threading.get_ident())
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def watch() -> None:
        wait = seconds
        while not over.wait(wait):
            raise_in(thread, ctypes.py_object(_Late))
            wait = AGAIN

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()

    def stop() -> None:
        over.set()
        watcher.join()
        raise_in(thread, None)

    return stop


# ---------------------------------------------------------------------------------------------------------------- one check


class Case(NamedTuple):
    """A program, a question, the right answer, and the wrong ones that are known."""

    program: str
    asked: str
    expected: Any
    known: Mapping[Any, str] = {}  # a wrong answer, or the type of one or of an exception: the mistake it gives away
    tolerance: float = 1e-9  # relative
    may_refuse: bool = False  # an exception is as good an answer


class Check(NamedTuple):
    """Cases in order of size; the first that fails is the finding."""

    name: str  # of the finding, if the wrong answer is none of the known ones
    points: int
    cases: Sequence[Case]
    after: Sequence[str] = ()  # the checks that this one builds on
    needs: str = ""  # what an engine need not offer
    refusals: tuple[type[BaseException], ...] = ()  # exceptions that say that it does not


class Outcome(NamedTuple):
    """What came of one check."""

    state: str  # "passed", "failed" or "not offered"
    name: str = ""
    program: str = ""
    asked: str = ""
    expected: str = ""
    got: str = ""


class Engine(NamedTuple):
    """What is examined: the names a program sees, and what it may ask for."""

    names: Mapping[str, Any]
    offers: Callable[[str], bool]


REFUSED: Final = "an error, or nan"
NOT_OFFERED = (TypeError, AttributeError, AssertionError, NotImplementedError)


def _engine(make_value: Callable[[float], Any], functions: Mapping[str, Any]) -> Engine:
    def offers(name: str) -> bool:
        return name in functions or _answer({"Value": make_value}, "x = Value(0.5)", f"float(hasattr(x, {name!r}))", LIMIT) == 1.0

    return Engine({"math": math, **functions, "Value": make_value}, offers)


def _try(check: Check, engine: Engine, limit: float) -> Outcome:
    if check.needs and not engine.offers(check.needs):
        return Outcome("not offered")
    for case in check.cases:
        program = case.program
        if check.needs in engine.names:  # a function: tanh(x) for x.tanh()
            program = re.sub(rf"(\w+)\.{check.needs}\(\)", rf"{check.needs}(\1)", program)
        got = _answer(engine.names, program, case.asked, limit)
        if isinstance(got, Raised) and issubclass(got.kind, check.refusals) and not issubclass(got.kind, RecursionError):
            return Outcome("not offered")
        if not _is_right(got, case):
            usual = MISSING if _lacks_operator(got) else check.name
            name = next((name for wrong, name in case.known.items() if _is(got, wrong, case.tolerance)), usual)
            return Outcome("failed", name, program, case.asked, str(case.expected), str(got))
    return Outcome("passed")


def _lacks_operator(got: Any) -> bool:
    return isinstance(got, Raised) and got.kind is TypeError and got.text.startswith(("unsupported operand", "bad operand"))


def _is_right(got: Any, case: Case) -> bool:
    if case.may_refuse and isinstance(got, Raised):
        return not issubclass(got.kind, RecursionError)
    if case.expected is REFUSED:
        return isinstance(got, Raised) or (isinstance(got, float) and got != got)
    return _is(got, case.expected, case.tolerance)


def _is(got: Any, expected: Any, tolerance: float) -> bool:
    """Whether an answer is that number, tuple of numbers, text, or of that type."""
    if isinstance(expected, type):
        return isinstance(got, expected) or (isinstance(got, Raised) and issubclass(got.kind, expected))
    if isinstance(expected, tuple):
        return (
            type(got) is tuple
            and len(got) == len(expected)
            and all(_is(x, y, tolerance) for x, y in zip(got, expected, strict=True))
        )
    if not isinstance(expected, float) or not isinstance(got, float):
        return got is expected or (isinstance(got, str) and got == expected)
    return math.isclose(got, expected, rel_tol=tolerance) or (got != got and expected != expected)


# ----------------------------------------------------------------------------------------------------------- the examination


def examine(
    make_value: Callable[[float], Any], *, functions: Mapping[str, Any] | None = None, limit: float = LIMIT, name: str = ""
) -> Examination:
    """Examine the engine whose leaves are made by `make_value(number)`.

    `functions` are those it offers beside methods, by name: {"tanh": engine.tanh}. A case is cut off after `limit` seconds.
    The engine's exceptions, output and endless loops are caught; what brings the interpreter itself down is not, and for
    that there is `examine_module`.
    """
    engine = _engine(make_value, functions or {})
    outcomes = {key: _try(check, engine, limit) for key, check in CHECKS.items()}
    own_name = f"{getattr(make_value, '__module__', '?')}:{getattr(make_value, '__qualname__', repr(make_value))}"
    return _conclude(name or own_name, outcomes)


def _conclude(engine: str, outcomes: Mapping[str, Outcome]) -> Examination:
    """Findings, less those that may follow from a failure of what their check builds on."""
    causes: dict[str, str] = {}  # of every check that failed, the mistake at the root of it
    findings, not_judged = [], []
    for key, outcome in outcomes.items():
        cause = next((causes[earlier] for earlier in _foundations(key) if earlier in causes), "")
        if outcome.state == "failed" and not cause:
            causes[key] = outcome.name
            _, name, program, asked, expected, got = outcome
            findings.append(Finding(name, CHECKS[key].points, program, asked, expected, got, WHY[name]))
        elif outcome.state == "failed" or (outcome.state == "passed" and cause and _is_passed_by_refusing(CHECKS[key])):
            causes[key] = cause
            not_judged.append((key, cause))
    offered = [key for key, outcome in outcomes.items() if outcome.state != "not offered"]
    passed = [key for key in offered if key not in causes]
    return Examination(
        engine,
        tuple(findings),
        tuple(passed),
        tuple(key for key in outcomes if key not in offered),
        tuple(not_judged),
        sum(CHECKS[key].points for key in passed),
        sum(CHECKS[key].points for key in offered),
    )


def _is_passed_by_refusing(check: Check) -> bool:
    return any(case.may_refuse or case.expected is REFUSED for case in check.cases)


def _foundations(key: str) -> Iterator[str]:
    """Every check that this one builds on, however indirectly."""
    for earlier in CHECKS[key].after:
        yield from _foundations(earlier)
        yield earlier


# ------------------------------------------------------------------------------------------------- in a process of its own


def examine_module(target: str, *, limit: float = LIMIT) -> Examination:
    """Examine `module:Class` (or `path/file.py:Class`) in a process of its own, which even a crash of Python does not spoil."""
    outcomes: dict[str, Outcome] = {}
    context = multiprocessing.get_context("spawn")
    while len(outcomes) < len(CHECKS):
        left = [key for key in CHECKS if key not in outcomes]
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_examine_here, args=(target, limit, left, theirs), daemon=True)
        process.start()
        theirs.close()
        running = ""
        try:
            for _ in range(2 * len(left)):
                if not ours.poll(PATIENCE + 10 * limit):
                    break
                key, outcome = ours.recv()
                if not key:
                    raise EngineImportError(outcome)
                running = key
                if outcome is not None:
                    outcomes[key] = outcome
        except EOFError:
            pass
        finally:
            process.join(1.0)
            process.kill()
            process.join()
            ours.close()
        if not running:
            raise EngineImportError(f"{target!r}: the process that imported it ended, or did not answer")
        if running not in outcomes:
            program, asked, expected = CHECKS[running].cases[0][:3]
            got = f"the process ended with code {process.exitcode}, or did not answer"
            outcomes[running] = Outcome("failed", CRASH, program, asked, str(expected), got)
    return _conclude(target, {key: outcomes[key] for key in CHECKS})


def _examine_here(target: str, limit: float, keys: Iterable[str], answers: Any) -> None:
    """Send (key, None) before each check and (key, outcome) after it; ("", reason) if there is no engine."""
    try:
        engine = _engine(*_found(target))
    except EngineImportError as error:
        answers.send(("", str(error)))
        return
    for key in keys:
        answers.send((key, None))
        answers.send((key, _try(CHECKS[key], engine, limit)))


def _found(target: str) -> tuple[Callable[[float], Any], dict[str, Any]]:
    """The class that the target names, and the functions that its module defines for operations."""
    place, _, name = target.rpartition(":")
    if not place or not name:
        raise EngineImportError(f"{target!r} names no engine; give module:Class, such as micrograd.engine:Value")
    if place.endswith(".py"):
        sys.path.insert(0, str(Path(place).resolve().parent))
        place = Path(place).stem
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            module = importlib.import_module(place)
        engine = getattr(module, name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise EngineImportError(f"{target!r} could not be imported: {type(error).__name__}: {error}") from error
    if not callable(engine):
        raise EngineImportError(f"{target!r} is no class and no function: {engine!r:.60}")
    needed = {check.needs for check in CHECKS.values() if check.needs}
    own = {key: f for key in needed if callable(f := getattr(module, key, None)) and getattr(f, "__module__", "") == place}
    return engine, own


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: 0 if nothing was found, 1 if something was, 2 if the engine could not be imported."""
    parser = ArgumentParser(prog="python -m autograd.examine", description="Examine an autodiff engine and name its mistakes.")
    parser.add_argument("engine", metavar="module:Class", help="what makes a leaf from a number; path/file.py:Class works too")
    parser.add_argument("--json", metavar="FILE", help="write the result as JSON; - for the standard output, instead of the table")
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="SECONDS", help=f"time for one case (default {LIMIT:g})")
    options = parser.parse_args(arguments)
    if not options.limit > 0:
        parser.error(f"--limit {options.limit:g}: give a time above 0")
    try:
        examination = examine_module(options.engine, limit=options.limit)
    except EngineImportError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json == "-":
        print(examination.to_json())
    else:
        print(examination)
    if options.json not in (None, "-"):
        Path(options.json).write_text(examination.to_json() + "\n", encoding="utf-8")
    return examination.exit_code


# ------------------------------------------------------------------------------------------------------------------- the table


def _program(expression: str, at: Mapping[str, float]) -> str:
    leaves = [f"{name} = Value({x!r})" for name, x in at.items()]
    return "\n".join([*leaves, f"y = {expression}"])


def data(expression: str, expected: Any, known: Mapping[Any, str] | None = None, tolerance: float = 1e-9, **at: float) -> Case:
    """What the expression is worth."""
    return Case(_program(expression, at), "y.data", expected, known or {}, tolerance)


def grad(expression: str, *expected: float, known: Mapping[Any, str] | None = None, may_refuse: bool = False, **at: float) -> Case:
    """Its derivatives with respect to the leaves."""
    asked = ", ".join(f"{name}.grad" for name in at)
    many = len(at) > 1
    program = _program(expression, at) + "\ny.backward()"
    return Case(program, f"({asked})" if many else asked, expected if many else expected[0], known or {}, 1e-9, may_refuse)


def _function(name: str, x: float, y: float, slope: float, known: Mapping[Any, str] | None = None) -> Check:
    """A function that may be offered: its value and derivative at an ordinary point."""
    cases = (data(f"x.{name}()", y, x=x), grad(f"x.{name}()", slope, known=known, x=x))
    return Check(f"wrong {name}", GRAVE, cases, (REACHES,), name)


def _explanations(text: str) -> dict[str, str]:
    """By name: a line that is not indented, and the lines below it."""
    found = re.findall(r"^(\S.*)\n((?: .*\n)+)", text, re.MULTILINE)
    return {name: " ".join(explanation.split()) for name, explanation in found}


CRASH = "brings the interpreter down"
MISSING = "an operator is missing"
HOLDS, FRESH, REACHES, EDGES = "holds a number", "a new node's grad is 0", "backward reaches a leaf", "reaches every operand"
USERS, TWICE_USED, ORDER, IDENTITY = "gradients add over users", "x * x", "order of the nodes", "equal numbers are two nodes"
SECOND, ZEROED, SAVED, PATHS = "a second backward", "zero_grad", "data changed after forward", "many paths"
DEEP, MEMORY, IN_PLACE = "long chains", "memory", "b += 1"
NEG, ADD, SUB, MUL, DIV, POW = "-a", "a + b", "a - b", "a * b", "a / b", "x ** n"
RADD, RSUB, RMUL, RDIV = "3 + x", "3 - x", "3 * x", "3 / x"
QUOTIENT, POW_ZERO, ROOT, POWER, RPOW = "x / y to the bit", "x ** 0 at 0", "roots of negative numbers", "a ** b", "2 ** x"
RELU, KINK, LEAK, NAN = "relu", "relu at 0", "a closed gate", "relu of nan"

_E, _LN2 = math.e, math.log(2.0)

CHECKS: dict[str, Check] = {
    HOLDS: Check("does not hold its number", GRAVE, [Case("x = Value(2.0)", "x.data", 2.0)]),
    FRESH: Check("a new node has a gradient", SLIGHT, [Case("x = Value(2.0)", "x.grad", 0.0)], [HOLDS]),
    REACHES: Check("backward does not reach the leaf", GRAVE, [
        Case("x = Value(2.0)\ny = x + 3.0\ny.backward()", "(y.grad, x.grad)", (1.0, 1.0), {(0.0, 0.0): "backward without seed"}),
    ], [HOLDS]),
    ADD: Check("wrong sum", GRAVE, [
        data("x + 3.0", 5.0, x=2.0), data("a + b", 7.0, a=2.0, b=5.0),
    ], [HOLDS]),
    EDGES: Check("backward does not reach every operand", GRAVE, [
        grad("a + b", 1.0, 1.0, known={(0.0, 2.0): "every rule delivers to the last operand"}, a=2.0, b=5.0),
    ], [ADD, REACHES]),
    RADD: Check("wrong 3 + x", GRAVE, [
        data("3.0 + x", 5.0, x=2.0), grad("3.0 + x", 1.0, x=2.0), data("sum([a, b])", 7.0, a=2.0, b=5.0),
    ], [ADD, REACHES]),
    USERS: Check("a node with two users gets a wrong gradient", GRAVE, [
        grad("(x + 2.0) + (x + 5.0)", 2.0, known={1.0: "gradients overwritten instead of added"}, x=2.0),
    ], [EDGES]),
    MUL: Check("wrong product", GRAVE, [
        data("x * 3.0", 6.0, x=2.0), data("a * b", 10.0, a=2.0, b=5.0),
        grad("a * b", 5.0, 2.0, known={(2.0, 5.0): "product rule gives each operand itself"}, a=2.0, b=5.0),
        grad("x * 3.0", 3.0, x=2.0),
    ], [EDGES]),
    RMUL: Check("wrong 3 * x", GRAVE, [data("3.0 * x", 6.0, x=2.0), grad("3.0 * x", 3.0, x=2.0)], [MUL]),
    TWICE_USED: Check("wrong where an operation uses a node twice", GRAVE, [
        grad("x + x", 2.0, known={1.0: "x * x counted once"}, x=3.0),
        grad("x * x", 6.0, known={3.0: "x * x counted once"}, x=3.0),
    ], [USERS, MUL]),
    ORDER: Check("nodes pass on their gradient before it is complete", GRAVE, [
        Case("x = Value(2.0)\nu = x + 3.0\ny = u + (u + 2.0)\ny.backward()", "x.grad", 2.0),
        Case("x = Value(2.0)\nu = x + 3.0\ny = (u + 2.0) + u\ny.backward()", "x.grad", 2.0),
        Case("x = Value(2.0)\nu = x + 3.0\nv = u + 1.0\nw = v + u\ny = w + (w + v)\ny.backward()", "x.grad", 5.0),
    ], [USERS]),
    IDENTITY: Check("equal numbers taken for the same node", GRAVE, [
        grad("(a + 3.0) + (b + 3.0)", 1.0, 1.0, a=2.0, b=2.0),
    ], [USERS]),
    SECOND: Check("second backward is wrong", GRAVE, [
        Case("x = Value(2.0)\ny = x + 3.0\ny.backward()\ny.backward()", "x.grad", 2.0,
             {1.0: "second backward forgets the first", 3.0: "second backward compounds"}),
        Case("x = Value(2.0)\ny = (x + 2.0) + 3.0\ny.backward()\ny.backward()", "x.grad", 2.0,
             {3.0: "second backward compounds", 4.0: "second backward compounds"}),
        Case("x = Value(2.0)\nu = x + 2.0\ny = u + 3.0\nz = u + 5.0\ny.backward()\nz.backward()", "x.grad", 2.0,
             {3.0: "second backward compounds"}),
    ], [USERS], refusals=(RuntimeError,)),
    ZEROED: Check("zero_grad leaves the old gradients", GRAVE, [
        Case("x = Value(2.0)\ny = x + 3.0\ny.backward()\nfor node in (x, y):\n    node.zero_grad()\ny.backward()", "x.grad", 1.0),
    ], [USERS], "zero_grad"),
    PATHS: Check("wrong where there are many paths", SERIOUS, [
        Case("x = Value(1.0)\ny = x\nfor _ in range(60):\n    y = y + y\ny.backward()", "x.grad", 2.0**60,
             {_Hung: "time grows with the number of paths", TimeoutError: "time grows with the number of paths"}),
    ], [TWICE_USED, ORDER]),
    DEEP: Check("wrong at the end of a long chain", SERIOUS, [
        Case("x = Value(1.0)\ny = x\nfor _ in range(1_000):\n    y = y + 1.0\ny.backward()", "x.grad", 1.0,
             {RecursionError: "recursion at 1,000 nodes"}),
        Case("x = Value(1.0)\ny = x\nfor _ in range(10_000):\n    y = y + 1.0\ny.backward()", "x.grad", 1.0,
             {RecursionError: "recursion at 10,000 nodes", _Hung: "time grows with the square of a chain's length"}),
    ], [REACHES]),
    MEMORY: Check("memory in reference cycles", SERIOUS, [
        Case("import gc, weakref\ngc.disable()\ny = Value(2.0) + Value(3.0)\nghost = weakref.ref(y)\ndel y\n"
             "freed = 'at once' if ghost() is None else 'by the collector' if gc.collect() and ghost() is None else 'never'\n"
             "gc.enable()", "freed", "at once", {"never": "graphs are never freed"}),
        Case("import gc, weakref\ngc.disable()\ny = Value(2.0) + Value(3.0)\ny.backward()\nghost = weakref.ref(y)\ndel y\n"
             "freed = 'at once' if ghost() is None else 'by the collector' if gc.collect() and ghost() is None else 'never'\n"
             "gc.enable()", "freed", "at once", {"never": "graphs are never freed"}),
    ], [ADD, REACHES], refusals=(TypeError,)),
    IN_PLACE: Check("b += 1 changes a", SERIOUS, [Case("a = Value(2.0)\nb = a\nb += 1.0", "a.data", 2.0)], [ADD]),
    NEG: Check("wrong sign or derivative of -a", GRAVE, [data("-x", -2.0, x=2.0), grad("-x", -1.0, x=2.0)], [REACHES]),
    SAVED: Check("data set after the forward pass changes the gradient", SLIGHT, [
        Case("a, b = Value(2.0), Value(5.0)\ny = a * b\nb.data = 100.0\ny.backward()", "a.grad", 5.0, may_refuse=True),
    ], [MUL]),
    SUB: Check("wrong difference", GRAVE, [
        data("a - b", -3.0, a=2.0, b=5.0), data("x - 3.0", 2.0, x=5.0),
        grad("a - b", 1.0, -1.0, known={(1.0, 1.0): "sign of subtraction lost"}, a=2.0, b=5.0),
    ], [EDGES, NEG]),
    RSUB: Check("wrong 3 - x", GRAVE, [data("3.0 - x", -2.0, {2.0: "3 - x swapped"}, x=5.0), grad("3.0 - x", -1.0, x=5.0)], [SUB]),
    POW: Check("wrong power", GRAVE, [
        data("x ** 3", 8.0, x=2.0), grad("x ** 3", 12.0, known={4.0: "power rule without its exponent"}, x=2.0),
        data("x ** -1", 0.25, x=4.0), grad("x ** -1", -0.0625, x=4.0), grad("x ** 0.5", 0.25, x=4.0), grad("x ** 1", 1.0, x=0.0),
    ], [REACHES]),
    POW_ZERO: Check("x ** 0 has no derivative at 0", SLIGHT, [grad("x ** 0", 0.0, x=0.0)], [POW]),
    ROOT: Check("roots of negative numbers are made up", SERIOUS, [
        data("x ** (1 / 3)", REFUSED, {complex: "returns complex"}, x=-8.0),
    ], [POW]),
    DIV: Check("wrong quotient", GRAVE, [
        data("a / b", 1.5, a=6.0, b=4.0), data("x / 4.0", 1.5, x=6.0),
        grad("a / b", 0.25, -0.375, known={(0.25, -0.0625): "quotient rule without the numerator"}, a=6.0, b=4.0),
    ], [EDGES, MUL, POW]),
    QUOTIENT: Check("x / y is not Python's x / y", SLIGHT, [
        data("x / 49.0", 1.0, tolerance=0.0, x=49.0), data("a / b", 1.0, tolerance=0.0, a=49.0, b=49.0),
        data("a / b", 1.0, tolerance=0.0, a=1e-310, b=1e-310),
    ], [DIV]),
    RDIV: Check("wrong 3 / x", GRAVE, [
        data("3.0 / x", 1.5, {2 / 3: "3 / x swapped"}, x=2.0), grad("3.0 / x", -0.75, x=2.0),
    ], [DIV]),
    POWER: Check("wrong power of two nodes", GRAVE, [
        data("a ** b", 8.0, a=2.0, b=3.0), grad("a ** b", 12.0, 8.0 * _LN2, a=2.0, b=3.0),
    ], [EDGES, POW], refusals=NOT_OFFERED),
    RPOW: Check("wrong 2 ** x", GRAVE, [
        data("2.0 ** x", 8.0, {9.0: "2 ** x swapped"}, x=3.0), grad("2.0 ** x", 8.0 * _LN2, x=3.0),
    ], [REACHES], refusals=NOT_OFFERED),
    "exp": _function("exp", 1.5, _E**1.5, _E**1.5, {1.5 * _E**0.5: "exp' taken for the power rule"}),
    "log": _function("log", 4.0, math.log(4.0), 0.25),
    "sqrt": _function("sqrt", 4.0, 2.0, 0.25),
    "sin": _function("sin", 1.0, math.sin(1.0), math.cos(1.0), {-math.cos(1.0): "wrong sign of sin'"}),
    "cos": _function("cos", 1.0, math.cos(1.0), -math.sin(1.0), {math.sin(1.0): "sign of cos' lost"}),
    "sigmoid": _function("sigmoid", 0.5, 0.6224593312018546, 0.2350037122015945),
    "sigmoid far out": Check("sigmoid overflows", SERIOUS, [
        data("x.sigmoid()", 0.0, x=-1000.0), data("x.sigmoid()", 1.0, x=1000.0),
    ], ["sigmoid"], "sigmoid"),
    "sigmoid' far out": Check("wrong sigmoid' in the tail", SLIGHT, [
        grad("x.sigmoid()", 4.248354255291589e-18, known={0.0: "sigmoid' is 0 in the tail"}, x=40.0),
        grad("x.sigmoid()", 4.248354255291589e-18, known={0.0: "sigmoid' is 0 in the tail"}, x=-40.0),
    ], ["sigmoid"], "sigmoid"),
    "tanh": _function("tanh", 0.5, 0.46211715726000975, 0.7864477329659274),
    "tanh far out": Check("tanh overflows", SERIOUS, [
        data("x.tanh()", 1.0, x=1000.0), data("x.tanh()", -1.0, x=-1000.0),
    ], ["tanh"], "tanh"),
    "tanh' far out": Check("wrong tanh' in the tail", SLIGHT, [
        grad("x.tanh()", 1.6993417021166355e-17, known={0.0: "tanh' is 0 in the tail"}, x=20.0),
        grad("x.tanh()", 1.6993417021166355e-17, known={0.0: "tanh' is 0 in the tail"}, x=-20.0),
    ], ["tanh"], "tanh"),
    "softplus": _function("softplus", 0.5, 0.9740769841801067, 0.6224593312018546),
    "softplus far out": Check("softplus overflows", SERIOUS, [data("x.softplus()", 1000.0, x=1000.0)], ["softplus"], "softplus"),
    RELU: Check("wrong relu", GRAVE, [
        data("x.relu()", 3.0, x=3.0), data("x.relu()", 0.0, x=-2.0), grad("x.relu()", 1.0, x=3.0),
        grad("x.relu()", 0.0, known={1.0: "relu's gate is open below 0"}, x=-2.0),
    ], [REACHES], "relu"),
    KINK: Check("wrong at the kink of relu", SLIGHT, [grad("x.relu()", 0.0, x=0.0)], [RELU], "relu"),
    LEAK: Check("NaN leaks through a closed gate", SLIGHT, [
        Case("x = Value(0.0)\nu = x ** 0.5 + -1.0\ny = u.relu()\ny.backward()", "x.grad", 0.0, may_refuse=True),
    ], [RELU, POW, EDGES], "relu"),
    NAN: Check("relu hides NaN", SLIGHT, [
        Case("x = Value(float('nan'))\ny = x.relu()\ny.backward()", "x.grad", math.nan, may_refuse=True),
    ], [RELU], "relu"),
    "abs": Check("wrong abs", GRAVE, [data("abs(x)", 3.0, x=-3.0), grad("abs(x)", -1.0, x=-3.0), grad("abs(x)", 1.0, x=3.0)],
                 [REACHES], "__abs__"),
    "abs at 0": Check("wrong at the kink of abs", SLIGHT, [grad("abs(x)", 0.0, x=0.0)], ["abs"], "__abs__"),
}  # fmt: skip
"""Every check by what it looks at, simple things first."""

WHY: dict[str, str] = _explanations(f"""
{CRASH}
    Python itself ended, most likely because the recursion limit was raised and the stack ran out. Replace recursion by a loop
    over a list.
{MISSING}
    The four operations, ** and the minus sign are the least an engine has. Python asks the node on the left for __sub__, and a
    node on the right of a plain number for __rsub__; + * / ** have names of the same kind.
does not hold its number
    A leaf keeps the number it was made of in `data`.
a new node has a gradient
    No backward has been yet, so nothing has flowed: grad starts at 0, and every backward adds to it.
backward does not reach the leaf
    y = x + 3 has ∂y/∂y = 1 and ∂y/∂x = 1. backward sets the first and hands it on to x.
backward without seed
    The chain rule multiplies, so it needs something to begin with: ∂y/∂y = 1. Set the root's grad to 1 before the first rule
    runs; all else is 0 times something.
wrong sum
    + works for two nodes, and for a node and a number.
wrong 3 + x
    A number may stand on the left of a node: that is __radd__. Python's sum needs it too, since it begins with the int 0.
backward does not reach every operand
    Both ∂(a + b)/∂a and ∂(a + b)/∂b are 1.
every rule delivers to the last operand
    A function made in a loop sees the loop's variables as they are when it runs, after the loop. Bind them when it is made:
    lambda operand=operand: ..., or keep data instead of functions.
a node with two users gets a wrong gradient
    ∂y/∂x is the sum over the users of x: ∂y/∂user · ∂user/∂x.
gradients overwritten instead of added
    A node's gradient is the sum over all of its users (the chain rule of several variables). Write += where the rule has =, and
    let gradients start at 0.
x * x counted once
    x stands twice in x * x, so two contributions flow to it. A set of operands, or a dict by operand, keeps one: keep a tuple.
wrong where an operation uses a node twice
    Each use of a node is an edge of its own, and the contributions of all edges add.
nodes pass on their gradient before it is complete
    A node's turn comes when all of its users have had theirs. Sort topologically, operands before users, and go through that
    order backwards; breadth first or first met is not enough.
equal numbers taken for the same node
    Two nodes of equal data are two nodes. If == compares data, `in` and sets do so too: leave == and hash as identity, or
    remember id(node).
second backward is wrong
    Leaves add up over calls: twice the same backward is twice the gradient.
second backward compounds
    Leaves add up over calls, but what is between belongs to one call: if it keeps its old gradient, that is sent down once
    more. Reset the grad of every node that is no leaf before the sweep.
second backward forgets the first
    Leaves add up over calls, so that a batch can be sent back point by point. Reset only the nodes between; leaves are reset by
    whoever trains.
zero_grad leaves the old gradients
    After zero_grad the next backward starts from nothing. If old gradients stay, every step of a training goes along the sum of
    all steps so far.
wrong where there are many paths
    Sixty doublings give a derivative of 2⁶⁰, exactly.
time grows with the number of paths
    Sixty doublings are sixty-one nodes and 2⁶⁰ paths. Visit every node once, in topological order, instead of every path:
    remember which nodes were seen.
wrong at the end of a long chain
    A sum in a loop is a chain of as many nodes; its derivative is 1.
recursion at 1,000 nodes
    Python stops at about a thousand calls inside each other, and a loss summed over a thousand points is that deep. Walk the
    graph with a list of your own instead of recursion.
recursion at 10,000 nodes
    A raised recursion limit only moves the end. Walk the graph with a list of your own.
time grows with the square of a chain's length
    Looking for a node in a list takes as long as the list is: remember the nodes that were seen in a set, by identity.
memory in reference cycles
    A node that holds a closure, which holds the node, is not freed when the last name goes: memory grows until the collector
    comes. Let the closure not name its own node, or keep numbers instead of closures.
graphs are never freed
    Something global, a tape or a cache, keeps every node there ever was. Hold nodes only from their users.
b += 1 changes a
    b and a were two names of one node; b += 1 is to give b a new one. Leave __iadd__ out.
wrong sign or derivative of -a
    ∂(−a)/∂a is −1.
wrong product
    ∂(ab)/∂a = b and ∂(ab)/∂b = a, where a or b may be a plain number.
wrong 3 * x
    A number may stand on the left of a node: that is __rmul__, and ∂(3x)/∂x = 3.
product rule gives each operand itself
    ∂(ab)/∂a is b, the other one. x * x cannot tell the difference.
data set after the forward pass changes the gradient
    The rule reads data when backward runs. If it was set in between, the gradient belongs to no point at all: save what the
    rule needs when the operation runs, or refuse.
wrong difference
    a − b works for nodes and numbers on either side, with derivatives 1 and −1.
sign of subtraction lost
    ∂(a − b)/∂b is −1. The value knows the sign; the rule was copied from +.
wrong 3 - x
    ∂(3 − x)/∂x is −1.
3 - x swapped
    For 3 - x Python calls x.__rsub__(3), and the operands have changed places: it is 3 minus self, not self minus 3.
wrong power
    ∂xⁿ/∂x = n·xⁿ⁻¹, for negative and fractional n too.
power rule without its exponent
    ∂xⁿ/∂x is n·xⁿ⁻¹; the factor n is missing.
x ** 0 has no derivative at 0
    x⁰ is the constant 1, so its derivative is 0, but n·xⁿ⁻¹ is 0 · 0⁻¹ there. Return 0 for n = 0.
roots of negative numbers are made up
    A negative number has no real power 1/3 as Python understands it: raise ValueError.
returns complex
    Python's ** leaves the real numbers for a negative base with a fractional exponent. Use math.pow, which raises.
wrong quotient
    ∂(a/b)/∂a = 1/b and ∂(a/b)/∂b = −a/b².
quotient rule without the numerator
    ∂(a/b)/∂b is −a/b²; −1/b² is right for a = 1 only.
x / y is not Python's x / y
    a · b⁻¹ rounds twice, and b⁻¹ can overflow where the quotient is harmless. Divide.
wrong 3 / x
    ∂(3/x)/∂x = −3/x².
3 / x swapped
    For 3 / x Python calls x.__rtruediv__(3): it is 3 over self, not self over 3.
wrong power of two nodes
    ∂aᵇ/∂a = b·aᵇ⁻¹ and ∂aᵇ/∂b = aᵇ·ln a.
wrong 2 ** x
    ∂2ˣ/∂x = 2ˣ·ln 2.
2 ** x swapped
    For 2 ** x Python calls x.__rpow__(2): the base is the number.
exp' taken for the power rule
    eˣ is its own derivative; x·eˣ⁻¹ is what the power rule would give, and x is no constant.
wrong sign of sin'
    sin' = cos.
sign of cos' lost
    cos' = −sin.
sigmoid overflows
    1/(1 + e⁻ˣ) needs e⁻ˣ, which is beyond the largest float for x < −709. For negative x use eˣ/(1 + eˣ).
sigmoid' is 0 in the tail
    s(1 − s) is 0 once s rounds to 1, from x = 37 on, and a neuron there never learns again. s(x)·s(−x) is the same and stays
    accurate.
wrong sigmoid' in the tail
    s(1 − s) loses its digits as s comes near 1; s(x)·s(−x) does not.
tanh overflows
    (e²ˣ − 1)/(e²ˣ + 1) needs e²ˣ, which is beyond the largest float for x > 354. Use math.tanh.
tanh' is 0 in the tail
    1 − t² is 0 once t rounds to 1, from x = 19.1 on. 4·s(2x)·s(−2x) is the same and stays accurate.
wrong tanh' in the tail
    1 − t² loses its digits as t comes near 1; 4·s(2x)·s(−2x) does not.
softplus overflows
    log(1 + eˣ) needs eˣ. For positive x use x + log1p(e⁻ˣ).
wrong relu
    relu(x) is x above 0 and 0 below; its derivative is 1 above and 0 below.
relu's gate is open below 0
    Below 0 relu is constant, so nothing flows through it: test the operand, or the result, not the gradient.
wrong at the kink of relu
    At 0 relu has no derivative; the convention, PyTorch's too, is 0. Write > and not >=.
NaN leaks through a closed gate
    Behind a closed relu stands an infinite derivative, and 0 · inf is NaN. A closed gate passes nothing: skip the contribution
    instead of multiplying by 0.
relu hides NaN
    Comparisons with NaN are false, so NaN looks like a closed gate and the gradient like an honest 0. Pass NaN on.
wrong abs
    ∂|x|/∂x is the sign of x.
wrong at the kink of abs
    At 0 the convention is 0, the smallest slope between −1 and 1.
wrong exp
    The value is that of Python's exp, and ∂exp(x)/∂x = eˣ.
wrong log
    The value is that of Python's log, and ∂log(x)/∂x = 1/x.
wrong sqrt
    The value is that of Python's sqrt, and ∂sqrt(x)/∂x = 1/(2√x).
wrong sin
    The value is that of Python's sin, and ∂sin(x)/∂x = cos x.
wrong cos
    The value is that of Python's cos, and ∂cos(x)/∂x = −sin x.
wrong tanh
    The value is that of Python's tanh, and ∂tanh(x)/∂x = 1 − tanh² x.
wrong sigmoid
    s(x) = 1/(1 + e⁻ˣ), and s' = s(1 − s).
wrong softplus
    softplus(x) = log(1 + eˣ), and its derivative is the sigmoid.
""")
"""What a finding teaches, by its name."""
