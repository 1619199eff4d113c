"""Runs a program on an engine, in this process or as the script of another process, and returns the answer as plain text.

As a script, this file is the process in which an engine is examined: it reads questions, one line of JSON each, runs them on the
engine and writes answers. It imports the standard library alone, and has no right answers: only the process that asks has them,
and that one never imports the engine.

    {"program": "x = Value(2.0)\\ny = x * x\\ny.backward()", "asked": "x.grad"}   is answered by   ["number", "0x1.0p+2"]

Before any code of the engine runs, the process limits its memory, processor time, file sizes and number of processes as far as
the platform can, and reports what it could not limit.
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
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

__all__ = ["Late", "answer", "offers", "ring", "serve"]

AGAIN = 0.1  # seconds until an engine that caught Late is interrupted again
LARGEST_FILE = 2**26  # bytes
FORKS = 64  # processes and threads that an engine may have besides those that its user has already
LONGEST = 200  # characters of an exception's message


class Late(BaseException):
    """Raised in the engine's code when its time is over; not an Exception, so that few engines catch it."""


def answer(names: Mapping[str, Any], program: str, asked: str, limit: float, *, interrupts: bool = True) -> list[Any]:
    """Return the value of `asked` after the program as lists of strings, for every behaviour of the engine.

    With `interrupts`, a KeyboardInterrupt is the user's and is raised; without, it is the engine's and an answer.
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
    """Return True if a leaf of the engine has this attribute."""
    return answer(names, "x = Value(0.5)", f"float(hasattr(x, {name!r}))", limit, interrupts=False) == ["number", (1.0).hex()]


def _plain(x: Any) -> list[Any]:
    """Return the answer as its kind and its text; a node counts as its data, a complex number stays complex."""
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
    """Return the exception's name, the names of its built-in classes, and its message."""
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
    try:
        text = str(error)[:LONGEST]
    except BaseException:  # its __str__ raises
        text = ""
    return ["raised", str(type(error).__name__)[:LONGEST], kinds, text]


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise Late in the block when its time is over, and again until it ends, since some engines catch everything.

    The time is the processor's, so that a busy machine is not held against an engine; a block that waits has five times as much.
    Outside the main thread, or without signals, a call into C is not interrupted.
    """
    thread, over = threading.get_ident(), threading.Event()
    by_signal = threading.current_thread() is threading.main_thread() and hasattr(signal, "pthread_kill")
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    busy, latest = time.process_time() + seconds, time.monotonic() + 5 * seconds

    def watch() -> None:
        while not over.wait(min(AGAIN, seconds / 4)):
            if time.process_time() > busy or time.monotonic() > latest:
                if by_signal:
                    signal.pthread_kill(thread, signal.SIGALRM)
                else:
                    raise_in(ctypes.c_ulong(thread), ctypes.py_object(Late))

    before = signal.signal(signal.SIGALRM, ring) if by_signal else None
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        while True:
            try:
                over.set()
                watcher.join()
                (lambda: None)()  # a call raises a pending Late; CPython 3.11 would keep looking for one that was withdrawn
                if by_signal:
                    signal.signal(signal.SIGALRM, before)
                break
            except Late:  # it was raised here
                continue


def ring(_: int, frame: FrameType | None) -> None:
    """Raise Late, unless a callback of the collector is running, where it would be lost; the signal comes again."""
    callbacks = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    while frame is not None and frame.f_code not in callbacks:
        frame = frame.f_back
    if frame is None:
        raise Late


def serve() -> None:
    """Answer the questions on the standard input until it ends. The engine's own output is discarded."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)

    def send(message: Any) -> None:
        answers.write(json.dumps(message).encode() + b"\n")
        answers.flush()

    first = json.loads(questions.readline())
    sys.path[:] = first["path"]
    unlimited = _limit(first["memory"], first["seconds"])
    _forbid_processes()
    send({"unlimited": unlimited})
    before = set(sys.modules)
    try:
        engine, own = _found(first["target"], first["needs"])
    except _NoEngineError as error:
        send({"failed": str(error)[: 5 * LONGEST]})
        return
    names = {"math": math, **own, "Value": engine}
    send({"functions": sorted(own)})
    for line in questions:
        question = json.loads(line)
        if "offers" in question:
            found: Any = offers(names, question["offers"], question["limit"])
        elif "imported" in question:
            found = _imported(first["target"], before)
        else:
            found = answer(names, question["program"], question["asked"], question["limit"], interrupts=False)
        send({"id": question["id"], "answer": found})


def _limit(memory: int, seconds: int) -> list[str]:
    """Limit this process and those it starts; return what could not be limited."""
    limits = {
        "memory": ("RLIMIT_AS", memory),
        "processor time": ("RLIMIT_CPU", seconds),
        "size of files": ("RLIMIT_FSIZE", LARGEST_FILE),
        FORKED_IN_C: ("RLIMIT_NPROC", _processes() + FORKS),
        "": ("RLIMIT_CORE", 0),
    }
    unlimited = []
    for what, (name, most) in limits.items():
        try:
            import resource

            limit = getattr(resource, name)
            hard = resource.getrlimit(limit)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(limit, (most, most))
        except (ImportError, AttributeError, ValueError, OSError):
            unlimited.append(what)
    if sys.platform == "darwin":
        unlimited.append("memory")  # the limit can be set but has no effect
    if sys.platform != "linux" or os.geteuid() == 0:
        unlimited.append(FORKED_IN_C)  # they cannot be counted elsewhere; the superuser has no limit
    return [what for what in dict.fromkeys(unlimited) if what]


def _forbid_processes() -> None:
    """Refuse every start of a process by Python's own functions, or by C's through ctypes; an audit hook cannot be removed."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in STARTING or (event == "ctypes.dlsym" and arguments[-1] in FORKING):
            refused()

    def refused(*_: Any) -> None:
        raise PermissionError("an engine that is examined may not start processes")

    with contextlib.suppress(ImportError):
        setattr(importlib.import_module("_posixsubprocess"), "fork_exec", refused)  # noqa: B010  # it calls no audit hook
    sys.addaudithook(refuse)


FORKED_IN_C = "processes started otherwise than by Python"
STARTING = {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn", "subprocess.Popen"}
FORKING = {"clone", "clone3", "fork", "forkpty", "popen", "posix_spawn", "posix_spawnp", "syscall", "system", "vfork"}


def _processes() -> int:
    """Return how many processes and threads this user has, on Linux."""
    count = 0
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if place.stat().st_uid == os.getuid():
                count += len(os.listdir(place / "task"))
    return count


class _NoEngineError(Exception):
    """The target could not be imported."""


def _found(target: str, needed: Sequence[str]) -> tuple[Callable[[float], Any], dict[str, Any]]:
    """Return the class that the target names, and those of the needed functions that its own module defines."""
    place, _, name = target.rpartition(":")
    if place.endswith(".py"):
        sys.path.insert(0, str(Path(place).resolve().parent))
        place = Path(place).stem
    try:
        module = importlib.import_module(place)
        engine = getattr(module, name)
        if not callable(engine):
            raise _NoEngineError(f"{target!r} is neither a class nor a function: {engine!r:.60}")
        own = {key: f for key in needed if callable(f := getattr(module, key, None)) and getattr(f, "__module__", "") == place}
    except _NoEngineError:
        raise
    except BaseException as error:
        _, kind, _, text = _raised(error)
        raise _NoEngineError(f"{target!r} could not be imported: {kind}: {text}") from None
    return engine, own


def _imported(target: str, before: set[str]) -> list[Any]:
    """Return the packages loaded since then, except the standard library's and the engine's own."""
    place = target.rpartition(":")[0]
    own = Path(place).stem if place.endswith(".py") else place.partition(".")[0]
    packages = {name.partition(".")[0] for name in list(sys.modules) if isinstance(name, str) and name not in before}
    found = sorted(name for name in packages - {*sys.stdlib_module_names, own} if not name.startswith("_"))
    return ["text", ", ".join(found)[: 5 * LONGEST]]


if __name__ == "__main__":
    serve()
