"""Examining: the checks run on an engine, in this process or in a separate one, and the marks that follow."""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import SystemRandom
from typing import Any

from . import running
from .catalogue import CRASH, WHY
from .checks import CHECKS
from .judging import REFUSED, Engine, EngineEndedError, attempt, decoded
from .results import EngineImportError, Examination, Finding, Outcome

__all__ = ["LIMIT", "MEMORY", "examine", "examine_module"]

LIMIT = 2.0  # seconds for one case
PATIENCE = 20.0  # seconds beyond it after which a process that does not answer is killed
MEMORY = 4 * 2**30  # bytes of address space for the engine's process
LONGEST = 2**16  # bytes of one line of an answer


def examine(
    make_value: Callable[[float], Any], *, functions: Mapping[str, Any] | None = None, limit: float = LIMIT, name: str = ""
) -> Examination:
    """Examine the engine whose leaves are made by `make_value(number)`, in this process: for code that you trust.

    `functions` are those it offers besides methods, by name: {"tanh": engine.tanh}. A case is cut off after `limit` seconds. The
    engine's exceptions, output and endless loops are caught; a crash of the interpreter is not, and an engine could change the
    examiner on purpose. `examine_module` keeps them apart.
    """
    engine = _Here(make_value, functions or {}, limit)
    own_name = f"{getattr(make_value, '__module__', '?')}:{getattr(make_value, '__qualname__', repr(make_value))}"
    return _conclude(name or own_name, _outcomes(lambda: engine))


class _Here(Engine):
    """An engine in this process."""

    def __init__(self, make_value: Callable[[float], Any], functions: Mapping[str, Any], limit: float) -> None:
        self.names, self.functions, self.limit = {"math": math, **functions, "Value": make_value}, list(functions), limit

    def answer(self, program: str, asked: str) -> list[Any]:
        return running.answer(self.names, program, asked, self.limit)

    def offers(self, name: str) -> bool:
        return running.offers(self.names, name, LIMIT)


def _outcomes(start: Callable[[], Engine]) -> dict[str, Outcome]:
    """Return the outcome of every check by its key; after a crash the engine is started again."""
    outcomes: dict[str, Outcome] = {}
    engine = start()
    for key, check in CHECKS.items():
        failed = [key for key, outcome in outcomes.items() if outcome.state == "failed"]
        outcomes[key] = attempt(check, engine, SystemRandom(), failed)
        if outcomes[key].name == CRASH:
            engine.end()
            engine = start()
    return outcomes


def _conclude(engine: str, outcomes: Mapping[str, Outcome], **more: Any) -> Examination:
    """Return the examination, without findings that may follow from a failure of an earlier check that theirs builds on."""
    causes: dict[str, str] = {}  # for every check that failed, the mistake that caused it
    findings, not_judged = [], []
    for key, outcome in outcomes.items():
        may_refuse = any(case.may_refuse or case.expected is REFUSED for case in CHECKS[key].cases)
        cause = next((causes[earlier] for earlier in _foundations(key) if earlier in causes), "")
        if outcome.state == "failed" and not cause:
            causes[key] = outcome.name
            _, name, program, asked, expected, got = outcome
            findings.append(Finding(name, CHECKS[key].points, program, asked, expected, got, WHY[name]))
        elif outcome.state == "failed" or (outcome.state == "passed" and cause and may_refuse):
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
        **more,
    )


def _foundations(key: str) -> Iterator[str]:
    """Yield every check that this one builds on, directly or not."""
    for earlier in CHECKS[key].after:
        yield from _foundations(earlier)
        yield earlier


def examine_module(target: str, *, limit: float = LIMIT, memory: int = MEMORY) -> Examination:
    """Examine `module:Class` (or `path/file.py:Class`) in a separate process, which this one does not trust.

    That process runs small programs and sends numbers. The right answers and the tolerances are here, where the engine is never
    imported; each check is repeated with numbers drawn at random, whose right answers are computed after the engine's answer. So
    only right numbers earn marks, however the engine's code produced them. The process has at most `memory` bytes, a bounded
    processor time and a bounded number of processes, as far as the platform can limit them (`Examination.unlimited`); it and its
    group are killed at the end of the examination.

    It is no sandbox: the code runs with your rights, can read your files and use the network. Nor can it tell who computed the
    numbers: an engine that calls another one gets that one's marks. `Examination.imported` has the packages that the process
    reports to have loaded.
    """
    place, _, name = target.rpartition(":")
    if not place or not name:
        raise EngineImportError(f"{target!r} names no engine; give module:Class, such as micrograd.engine:Value")
    started: list[_There] = []

    def start() -> _There:
        started.append(_There(target, limit, memory))
        return started[-1]

    imported = ""
    try:
        outcomes = _outcomes(start)
        with contextlib.suppress(EngineEndedError):
            imported = started[-1].imported()
    finally:
        if started:
            started[-1].end()
    return _conclude(target, outcomes, imported=imported, unlimited=tuple(started[-1].unlimited))


class _There(Engine):
    """An engine in a separate process, which runs `running.py` as a script and shares only two pipes with this one."""

    def __init__(self, target: str, limit: float, memory: int) -> None:
        self.limit = limit
        self.process = subprocess.Popen(
            [sys.executable, "-I", running.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            needs = sorted({check.needs for check in CHECKS.values() if check.needs})
            seconds = math.ceil(120 + 2 * len(CHECKS) * limit)
            self._send({"target": target, "path": sys.path, "needs": needs, "memory": memory, "seconds": seconds})
            self.unlimited = self._listed("unlimited")
            self.functions = self._listed("functions")
        except EngineEndedError as error:
            self.end()
            raise EngineImportError(f"{target!r}: the process that imported it ended, or did not answer ({error})") from None
        except BaseException:
            self.end()
            raise

    def answer(self, program: str, asked: str) -> list[Any]:
        found = self._ask({"program": program, "asked": asked})
        if not isinstance(found, list):
            raise EngineEndedError("its process wrote an invalid answer")
        return found

    def offers(self, name: str) -> bool:
        return self._ask({"offers": name}) is True

    def imported(self) -> str:
        """Return the packages that the process reports to have loaded."""
        return str(decoded(self._ask({"imported": True})))

    def growth(self, program: str) -> int | None:
        """Return the growth that the operating system reports, if it does; the process itself is not asked."""
        before = self._peak()
        if before is None or decoded(self.answer(program, "0.0")) != 0.0:
            return None
        after = self._peak()
        return None if after is None else after - before

    def _peak(self) -> int | None:
        """Return the largest memory that the process has had."""
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return 1024 * int(line.split()[1])
        return None

    def end(self) -> None:
        """Kill the process and its group."""
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()

    def _ask(self, question: Mapping[str, Any]) -> Any:
        """Return the answer to this question; kill a process that writes anything else."""
        number = secrets.token_hex(8)
        self._send({**question, "id": number, "limit": self.limit})
        reply = self._received()
        if not isinstance(reply, dict) or reply.get("id") != number or "answer" not in reply:
            raise EngineEndedError("its process wrote an answer to no question")
        return reply["answer"]

    def _listed(self, what: str) -> list[str]:
        reply = self._received()
        if isinstance(reply, dict) and set(reply) == {"failed"}:
            raise EngineImportError(str(reply["failed"]))
        found = reply.get(what) if isinstance(reply, dict) else None
        if not isinstance(found, list) or not all(isinstance(part, str) for part in found):
            raise EngineEndedError("its process wrote an invalid answer")
        return found

    def _send(self, question: Any) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(question).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            raise EngineEndedError(self._how_it_ended()) from None

    def _received(self) -> Any:
        until, line = time.monotonic() + PATIENCE + 10 * self.limit, None
        while line is None:
            is_over = self.process.poll() is not None or time.monotonic() > until
            try:
                line = self.lines.get(timeout=0.2)
            except queue.Empty:
                line = b"" if is_over else None
        if not line:
            raise EngineEndedError(self._how_it_ended())
        try:
            return json.loads(line)
        except (ValueError, RecursionError):
            raise EngineEndedError("its process wrote an invalid answer") from None

    def _how_it_ended(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return f"the process ended with code {self.process.wait(1.0)}"
        return "the process did not answer"

    def _read(self) -> None:
        """Queue each line, and an empty one at the end."""
        assert self.process.stdout is not None
        with contextlib.suppress(OSError, ValueError):  # the pipe was closed
            while (line := self.process.stdout.readline(LONGEST)) and self.lines.qsize() < 16:  # more than was asked for
                self.lines.put(line)
        self.lines.put(b"")
