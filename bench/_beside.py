"""Engines side by side: a process for each, in an environment that holds it, on one core, taking turns.

A worker makes its workload, prints the number that all engines must agree on, and then, for each line that it reads, the seconds of
processor time of some runs in a row. The parent asks one worker after the other, round by round, so that a ratio compares
neighbours in time, and writes a table and a plot to bench/results/.
"""

from __future__ import annotations

import datetime
import functools
import gc
import importlib
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from _engines import ENGINES  # noqa: E402  # found now

ROUNDS = 9
MEMORY = "memory\n"  # what a worker is asked instead of another turn
A_TURN, LEAST = 0.2, 3  # seconds, and runs, at least: a full collection comes once in a few runs, and is paid for by all


class Case(NamedTuple):
    """A workload, and the engines that it is for; the first is the one that others are compared with."""

    title: str
    engines: Sequence[str]
    workload: Callable[[str], Callable[[], Any]]
    collector: bool = True


Rounds = dict[str, list[list[float]]]
"""For each engine, for each round, the seconds of each phase."""

PEAKS: dict[tuple[str, str], float] = {}
"""The most memory that the process of a case and an engine had, MiB; NaN where the system does not say it."""


# --------------------------------------------------------------------------------------------------------------- one process


def work(case: Case, engine: str) -> None:
    """Answer the parent's questions about one engine."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    sys.setrecursionlimit(10**6)  # micrograd and microgpt's node recurse
    run = case.workload(engine)
    first = [run() for _ in range(2)]
    if not case.collector:
        gc.disable()
    times = max(LEAST, math.ceil(A_TURN / max(getattr(run, "calls", 1) * sum(seconds(run)), 1e-6)))
    print(json.dumps(first), flush=True)
    for line in sys.stdin:
        if line == MEMORY:
            print(json.dumps(peak()), flush=True)
            continue
        if not case.collector:
            gc.collect()  # else what is left of a turn is collected in the next, and paid for there
        print(json.dumps([statistics.mean(phase) for phase in zip(*(seconds(run) for _ in range(times)), strict=True)]), flush=True)


def peak() -> float:
    """The most memory of this process so far, MiB; what its parent had does not count, as it would in `resource`."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024
    except OSError:
        return math.nan


def seconds(run: Callable[[], Any]) -> list[float]:
    """The time of the phases of a run, of the processor: neighbours on a busy machine do not count."""
    calls = getattr(run, "calls", 1)
    marks = [time.process_time()]
    for _ in getattr(run, "phases", lambda: [run()])():
        marks.append(time.process_time())
    return [(end - start) / calls for start, end in pairwise(marks)]


# --------------------------------------------------------------------------------------------------------------- the parent


def python_of(engine: str) -> str:
    """The Python of an environment with that engine."""
    requirements = list(ENGINES[engine][1])
    if not requirements:
        return sys.executable
    run = importlib.import_module("run")
    return str(run.environment(str(HERE.parent / "build" / "bench" / requirements[-1]), requirements, "\n".join(requirements)))


def environment_of(engine: str) -> dict[str, str]:
    """The variables of a process with that engine; ends the program if that is ours and the node in C is not built."""
    path = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    settings = {"AUTOGRAD_PURE": "1" if engine == "ours, pure" else "", "AUTOGRAD_CACHE": "off"}  # every compilation is a cold one
    environment = {**os.environ, "PYTHONPATH": path, **settings}
    if engine == "ours" and (reason := why_pure(tuple(environment.items()))):
        cure = f"{Path(sys.executable).name} setup.py build_ext --inplace"
        raise SystemExit(f"bench: ours is the node in C, and here the engine is pure Python: {reason}. To build it: {cure}")
    return environment


@functools.cache
def why_pure(environment: tuple[tuple[str, str], ...]) -> str:
    """Why a process with these variables runs the pure engine; "" if it does not."""
    show = "import json, autograd; print(json.dumps(autograd.engine_info()))"
    done = subprocess.run([sys.executable, "-c", show], env=dict(environment), stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout)
    return "" if found["engine"] == "native" else str(found["reason"])


def ask(script: str, engine: str) -> float:
    """The number that `script ENGINE` prints."""
    command = [python_of(engine), script, engine]
    return float(subprocess.run(command, env=environment_of(engine), stdout=subprocess.PIPE, text=True, check=True).stdout)


def started(script: str, name: str, engine: str) -> Any:
    command = [python_of(engine), script, name, engine]
    return subprocess.Popen(command, env=environment_of(engine), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def answer(worker: Any, engine: str) -> Any:
    line = worker.stdout.readline()
    if not line:
        raise SystemExit(f"{engine} ended without an answer; its message is above")
    return json.loads(line)


def asked(worker: Any, engine: str, line: str) -> Any:
    """What a worker answers to a line."""
    worker.stdin.write(line)
    worker.stdin.flush()
    return answer(worker, engine)


def turns(script: str, name: str, case: Case) -> Rounds:
    """The seconds of each engine; their first results are equal."""
    workers = {engine: started(script, name, engine) for engine in case.engines}
    try:
        results = {engine: answer(worker, engine) for engine, worker in workers.items()}
        refuse_difference(case, results)
        rounds: Rounds = {engine: [] for engine in workers}
        for index in range(ROUNDS):
            for engine in list(workers)[:: 1 if index % 2 else -1]:
                rounds[engine].append(asked(workers[engine], engine, "go\n"))
        PEAKS.update({(case.title, engine): asked(worker, engine, MEMORY) for engine, worker in workers.items()})
        return rounds
    finally:
        for worker in workers.values():
            worker.kill()
            worker.communicate()


def refuse_difference(case: Case, results: dict[str, Any]) -> None:
    (engine, known), *others = results.items()
    for other, found in others:
        if any(abs(x - y) > 1e-9 * max(1.0, abs(x)) for x, y in zip(numbers(known), numbers(found), strict=True)):
            raise SystemExit(
                f"{case.title}: {engine} gives {known!s:.200}, {other} {found!s:.200}: this is not the same computation"
            )


def numbers(results: Any) -> list[float]:
    """The numbers in lists of lists, in order."""
    return [x for each in results for x in numbers(each)] if isinstance(results, list) else [results]


def over(taken: list[list[float]], base: list[list[float]]) -> list[float]:
    """The ratios of two engines, round by round, least first."""
    return sorted(sum(x) / sum(y) for x, y in zip(taken, base, strict=True))


def short(x: float) -> str:
    """Three digits at least, and never a power of ten."""
    return f"{x:,.0f}" if x >= 1000 else f"{x:.3g}"


def table(cases: Sequence[tuple[Case, Rounds]]) -> str:
    """Milliseconds, and times those of the first engine: the median of the rounds, the least and the greatest."""
    first = next(iter(cases[0][1]))
    lines = [f"| | engine | ms | least to greatest | over {first} | least to greatest |", "|---|---|---|---|---|---|"]
    for case, rounds in cases:
        base = next(iter(rounds.values()))
        for engine, taken in rounds.items():
            columns = [1e3 * x for x in sorted(map(sum, taken))], over(taken, base)
            shown = [f"{short(statistics.median(column))} | {short(column[0])} to {short(column[-1])}" for column in columns]
            lines.append(f"| {case.title} | {engine} | {' | '.join(shown)} |")
    return "\n".join(lines)


def plot(cases: Sequence[tuple[Case, Rounds]], path: Path) -> None:
    """Bars of the times over the first engine, on a logarithmic scale."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    count = sum(len(rounds) for _, rounds in cases)
    figure, axes = pyplot.subplots(len(cases), 1, figsize=(7, 0.6 * len(cases) + 0.4 * count), squeeze=False)
    for (case, rounds), (axis,) in zip(cases, axes, strict=True):
        base = next(iter(rounds.values()))
        ratios = [statistics.median(over(taken, base)) for taken in rounds.values()]
        bars = axis.barh(list(rounds), ratios, color=["#1f77b4", *["#9aa5b1"] * (len(ratios) - 1)])
        axis.bar_label(bars, [f"{short(ratio)} ×" for ratio in ratios], padding=3)
        axis.set_xscale("log")
        axis.set_xlim(min(1.0, *ratios) / 2, 4 * max(ratios))
        axis.invert_yaxis()
        axis.set_title(case.title, loc="left", fontsize="medium")
        axis.spines[["top", "right"]].set_visible(False)
    axes[-1][0].set_xlabel(f"time over {next(iter(cases[0][1]))}, less is faster")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def machine() -> str:
    """What was measured where: processor, Python, day."""
    name = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            name = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), name)
    day = datetime.datetime.now(datetime.UTC).date()
    return f"{name}, one core; CPython {platform.python_version()}, {platform.system()}; ours is the node in C; {day}"


def write_results(script: str, text: str) -> Path:
    """Print a text, and write it to bench/results/NAME.md; return the folder."""
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    print(text)
    (folder / f"{Path(script).stem}.md").write_text(text + "\n", encoding="utf-8")
    return folder


def main(script: str, cases: dict[str, Case], more: Callable[[Sequence[tuple[Case, Rounds]]], str] = lambda _: "") -> None:
    """Measure the cases; `script` is the file that calls this, which is each worker's program too. `more` is a further table."""
    if len(sys.argv) == 3:
        work(cases[sys.argv[1]], sys.argv[2])
        return
    measured = [(case, turns(script, name, case)) for name, case in cases.items()]
    notes = f"Processor time; {ROUNDS} rounds, engines taking turns.\n{machine()}."
    folder = write_results(script, "\n\n".join(filter(None, [table(measured), more(measured), notes])))
    plot(measured, folder / f"{Path(script).stem}.svg")
