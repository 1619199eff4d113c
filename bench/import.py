"""Seconds that a first line takes: `import autograd` beside other engines, in processes that do nothing else."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from resource import RUSAGE_CHILDREN, getrusage

from _beside import ROUNDS, environment_of, machine, python_of, write_results

MODULES = {
    "ours": "autograd",
    "ours, pure": "autograd",
    "micrograd": "micrograd.engine",
    "minigrad": "minigrad.engine",
    "nanograd": "nanograd_bgriebel",
    "xad": "xad.adj_1st",
    "PyTorch": "torch",
}


def seconds(engine: str, line: str) -> tuple[float, float]:
    """Processor time and time of the clock of a process that runs a line."""
    before, start = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([python_of(engine), "-c", line], env=environment_of(engine), check=True)
    after = getrusage(RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, time.perf_counter() - start


def main() -> None:
    lines = ["| import | processor, ms | clock, ms |", "|---|---|---|"]
    taken: dict[str, list[tuple[float, float]]] = {engine: [] for engine in MODULES}
    for _ in range(ROUNDS + 1):
        for engine, module in MODULES.items():
            with_it, bare = seconds(engine, f"import {module}"), seconds(engine, "pass")
            taken[engine].append((with_it[0] - bare[0], with_it[1] - bare[1]))
    for engine, times in taken.items():
        used, clock = (1e3 * statistics.median(column) for column in zip(*times[1:], strict=True))  # the first writes .pyc files
        lines.append(f"| {engine}: `{MODULES[engine]}` | {used:.0f} | {clock:.0f} |")
    write_results(__file__, "\n".join(lines) + f"\n\nMedians, less those of Python itself.\n{machine()}.")


if __name__ == "__main__":
    sys.exit(main())
