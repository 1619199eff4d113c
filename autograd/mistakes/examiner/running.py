"""Running a program on an engine, in this process or as the script of another one, and saying in plain text what came of it.

Run as a script this file is the process in which an engine is examined. It reads questions, one line of JSON each, runs them
on the engine and writes answers. It imports nothing but the standard library: the right answers are not in this process, only
the one that asks knows them, and that one never imports the engine.

    {"program": "x = Value(2.0)\\ny = x * x\\ny.backward()", "asked": "x.grad"}   is answered by   ["number", "0x1.0p+2"]

Before any code of the engine runs, the process limits its memory, processor time, file sizes and number of processes as far as
the platform can, and says what it could not limit.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import io
import json
import math
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

__all__ = ["Late", "answer", "by_signal", "offers", "serve"]

AGAIN = 0.1  # seconds until an engine that caught the end of its time is told again
LARGEST_FILE = 2**26  # bytes
FORKS = 64  # processes and threads that an engine may have beside those that its user has already
LONGEST = 200  # characters of an exception's message


class Late(BaseException):
    """Raised in the engine's code when its time is over; no Exception, so that few engines catch it."""


# ------------------------------------------------------------------------------------------------------- running one program


def answer(names: Mapping[str, Any], program: str, asked: str, limit: float, *, interrupts: bool = True) -> list[Any]:
    """What `asked` is after the program, in words and texts alone: whatever the engine does, this returns.

    `interrupts` says whether a KeyboardInterrupt is the user's, and raised; else it is the engine's, and an answer.
    """
    collecting, depth = gc.isenabled(), sys.getrecursionlimit()
    silence = io.StringIO()
    try:
        with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scope = dict(names)
            with _limited(limit):
                exec(program, scope)
                return _plain(eval(asked, scope))
    except Late:
        return ["hung"]
    except BaseException as error:
        if interrupts and isinstance(error, KeyboardInterrupt):
            raise
        return _raised(error)
    finally:
        sys.setrecursionlimit(depth)
        (gc.enable if collecting else gc.disable)()


def offers(names: Mapping[str, Any], name: str, limit: float) -> bool:
    """Whether a leaf of the engine has this attribute."""
    return answer(names, "x = Value(0.5)", f"float(hasattr(x, {name!r}))", limit, interrupts=False) == ["number", (1.0).hex()]


def _plain(x: Any) -> list[Any]:
    """The answer as far as it is a number; a complex one stays complex."""
    if isinstance(x, tuple):
        return ["tuple", [_plain(part) for part in x]]
    if isinstance(x, str):
        return ["text", str(x)]
    if isinstance(x, complex):
        return ["complex", str(complex(x))]
    if x is None:
        return ["none"]
    if hasattr(x, "grad") and hasattr(x, "data"):  # a gradient that is a node itself
        return _plain(x.data)
    return ["number", float.hex(float(x))]


def _raised(error: BaseException) -> list[Any]:
    """The exception's name, those of the built-in classes it belongs to, and its message."""
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
    try:
        text = str(error)[:LONGEST]
    except BaseException:  # even its message is broken
        text = ""
    return ["raised", str(type(error).__name__)[:LONGEST], kinds, text]


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise Late in the block when the time is over, and again and again until it ends: some engines catch everything."""
    in_main = threading.current_thread() is threading.main_thread()
    stop = by_signal(seconds) if in_main and hasattr(signal, "setitimer") else _by_thread(seconds)
    try:
        yield
    finally:
        while True:
            try:
                stop()
                break
            except Late:  # rang just now
                continue


def by_signal(seconds: float) -> Callable[[], None]:
    """By the processor's time, so that a busy machine does no engine wrong; one that only waits is cut a little later."""

    def ring(_: int, frame: FrameType | None) -> None:
        callbacks = {getattr(callback, "__code__", None) for callback in gc.callbacks}
        while frame is not None and frame.f_code not in callbacks:
            frame = frame.f_back
        if frame is None:  # else it would be lost in a callback of the collector; the clock rings again
            raise Late

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
            raise_in(thread, ctypes.py_object(Late))
            wait = AGAIN

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()

    def stop() -> None:
        over.set()
        watcher.join()
        (lambda: None)()  # a call raises what is still pending; taking it back would leave CPython 3.11 looking for it for ever

    return stop


# ------------------------------------------------------------------------------------------------- the process of an engine


def serve() -> None:
    """Answer the questions on the standard input until it ends. The engine may print: its output goes nowhere."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)

    def say(message: Any) -> None:
        answers.write(json.dumps(message).encode() + b"\n")
        answers.flush()

    first = json.loads(questions.readline())
    sys.path[:] = first["path"]
    unlimited = _limit(first["memory"], first["seconds"])
    _forbid_processes()
    say({"unlimited": unlimited})
    before = set(sys.modules)
    try:
        engine, own = _found(first["target"], first["needs"])
    except _NoEngineError as error:
        say({"failed": str(error)[: 5 * LONGEST]})
        return
    names = {"math": math, **own, "Value": engine}
    say({"functions": sorted(own)})
    for line in questions:
        question = json.loads(line)
        if "offers" in question:
            found: Any = offers(names, question["offers"], question["limit"])
        elif "imported" in question:
            found = _imported(first["target"], before)
        else:
            found = answer(names, question["program"], question["asked"], question["limit"], interrupts=False)
        say({"id": question["id"], "answer": found})


def _limit(memory: int, seconds: int) -> list[str]:
    """Limit this process and those it starts; what could not be limited."""
    try:
        import resource
    except ImportError:
        return ["memory", "processor time", "size of files", FORKED_IN_C]
    limits = [
        ("memory", "RLIMIT_AS", memory),
        ("processor time", "RLIMIT_CPU", seconds),
        ("size of files", "RLIMIT_FSIZE", LARGEST_FILE),
        (FORKED_IN_C, "RLIMIT_NPROC", _processes() + FORKS),
        ("", "RLIMIT_CORE", 0),
    ]
    unlimited = []
    for what, name, most in limits:
        try:
            limit = getattr(resource, name)
            hard = resource.getrlimit(limit)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(limit, (most, most))
        except (AttributeError, ValueError, OSError):
            unlimited.append(what)
    if sys.platform == "darwin":
        unlimited.append("memory")  # the limit can be set there and is not kept
    if sys.platform != "linux" or os.geteuid() == 0:
        unlimited.append(FORKED_IN_C)  # elsewhere they cannot be counted; the superuser may have any number
    return [what for what in dict.fromkeys(unlimited) if what]


def _forbid_processes() -> None:
    """From now on no process is started by Python's own means, or by C's through ctypes; an audit hook cannot be taken away."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in STARTING or (event == "ctypes.dlsym" and arguments[-1] in FORKING):
            refused()

    def refused(*_: Any) -> None:
        raise PermissionError("an engine that is examined may not start processes")

    with contextlib.suppress(ImportError):
        setattr(importlib.import_module("_posixsubprocess"), "fork_exec", refused)  # noqa: B010  # it tells no audit hook
    sys.addaudithook(refuse)


FORKED_IN_C = "processes that are started by no means of Python's own"
STARTING = {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn", "subprocess.Popen"}
FORKING = {"clone", "clone3", "fork", "forkpty", "popen", "posix_spawn", "posix_spawnp", "syscall", "system", "vfork"}


def _processes() -> int:
    """How many processes and threads this user has, on Linux."""
    count = 0
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if place.stat().st_uid == os.getuid():
                count += len(os.listdir(place / "task"))
    return count


class _NoEngineError(Exception):
    """The target could not be imported."""


def _found(target: str, needed: Sequence[str]) -> tuple[Callable[[float], Any], dict[str, Any]]:
    """The class that the target names, and the functions of these names that its module defines itself."""
    place, _, name = target.rpartition(":")
    if place.endswith(".py"):
        sys.path.insert(0, str(Path(place).resolve().parent))
        place = Path(place).stem
    try:
        module = importlib.import_module(place)
        engine = getattr(module, name)
        if not callable(engine):
            raise _NoEngineError(f"{target!r} is no class and no function: {engine!r:.60}")
        own = {key: f for key in needed if callable(f := getattr(module, key, None)) and getattr(f, "__module__", "") == place}
    except _NoEngineError:
        raise
    except BaseException as error:
        _, kind, _, text = _raised(error)
        raise _NoEngineError(f"{target!r} could not be imported: {kind}: {text}") from None
    return engine, own


def _imported(target: str, before: set[str]) -> list[Any]:
    """The packages loaded since then, but for the standard library's and the engine's own."""
    place = target.rpartition(":")[0]
    own = Path(place).stem if place.endswith(".py") else place.partition(".")[0]
    packages = {name.partition(".")[0] for name in list(sys.modules) if isinstance(name, str) and name not in before}
    found = sorted(name for name in packages - {*sys.stdlib_module_names, own} if not name.startswith("_"))
    return ["text", ", ".join(found)[: 5 * LONGEST]]


if __name__ == "__main__":
    serve()
