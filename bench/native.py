"""The node in C beside the pure one: each engine in a process of its own, alternating, in processor time, equal results first.

`python bench/native.py` needs the node built in place, `python setup.py build_ext --inplace`, and nothing else. A figure is the
median of the rounds, with the least and the greatest; a ratio is that of the medians.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [ROOT, os.path.dirname(os.path.abspath(__file__))]

ENGINES: dict[str, dict[str, str]] = {"pure": {"AUTOGRAD_PURE": "1"}, "native": {"AUTOGRAD_NATIVE": "1"}}
ROUNDS = 7
NODES = 20_000


# ------------------------------------------------------------------------------------------- what is timed, in one engine's process


def floats() -> Callable[[], Any]:
    """The loop of the random graph on plain floats: what no engine can go below."""
    from eager import recipe

    leaves, steps = recipe(1)

    def run() -> float:
        xs = list(leaves)
        for kind, i, j in steps:
            xs.append(xs[i] + xs[j] if kind == "+" else xs[i] * xs[j] if kind == "*" else max(0.0, xs[i]))
        return xs[-1]

    return run


def random_graph() -> Callable[[], Any]:
    from eager import N_LEAVES, evaluate, recipe

    from autograd import Value

    leaves, steps = recipe(1)

    def run() -> float:
        nodes = evaluate(Value, leaves, steps)
        nodes[-1].backward()
        return float(sum(leaf.grad for leaf in nodes[:N_LEAVES]))

    return run


def long_sum() -> Callable[[], Any]:
    from autograd import Value

    leaves = [Value(0.001 * i) for i in range(1000)]

    def run() -> float:
        y = leaves[0]
        for _ in range(NODES // 1000):
            for leaf in leaves:
                y = y + leaf
        for leaf in leaves:
            leaf.grad = 0.0
        y.backward()
        return float(sum(leaf.grad for leaf in leaves))

    return run


def moons() -> Callable[[], Any]:
    import eager

    return eager.our_step(*eager.moons(1))


def microgpt() -> Callable[[], Any]:
    import core

    from autograd import Value

    return core.gpt_step(Value)


def rosenbrock_grad() -> Callable[[], Any]:
    import core

    return core.by_grad(core.rosenbrock, core.POINT)


WORK = {f.__name__: f for f in (floats, random_graph, long_sum, moons, microgpt, rosenbrock_grad)}


def worker() -> None:
    """Answer each line, the name of a task, with its time in seconds and its result; first, how many bytes a node takes."""
    tasks = {name: make() for name, make in WORK.items()}
    for line in sys.stdin:
        name = line.strip()
        if name == "bytes":
            answer: Any = [bytes_a_node(), 0.0]
        else:
            began = time.process_time()
            result = tasks[name]()
            answer = [time.process_time() - began, result]
        print(json.dumps(answer), flush=True)


def bytes_a_node() -> float:
    import tracemalloc

    from autograd import Value

    x = y = Value(1.0)
    y = sum([x] * 70_000, y)  # what lies about free is used up
    tracemalloc.start()
    z = Value(1.0)
    for _ in range(NODES):
        z = z + x
    taken = tracemalloc.get_traced_memory()[0] / NODES
    tracemalloc.stop()
    return taken


# --------------------------------------------------------------------------------------------------------------- beside each other


def main() -> None:
    workers = {name: started(setting) for name, setting in ENGINES.items()}
    print(f"{'':16s}" + "".join(f"{name:>34s}" for name in ENGINES) + f"{'pure / native':>16s}")
    print(f"{'bytes a node':16s}" + "".join(f"{asked(worker, 'bytes')[0]:34.0f}" for worker in workers.values()))
    for name in WORK:
        results = {engine: asked(worker, name)[1] for engine, worker in workers.items()}
        assert len({repr(x) for x in results.values()}) == 1, (name, results)
        times: dict[str, list[float]] = {engine: [] for engine in ENGINES}
        for _ in range(ROUNDS):
            for engine, worker in workers.items():
                times[engine].append(1e3 * asked(worker, name)[0])
        medians = [statistics.median(times[engine]) for engine in ENGINES]
        shown = "".join(f"{m:14.3f} ms [{min(t):.3f}-{max(t):.3f}]".rjust(34) for m, t in zip(medians, times.values(), strict=True))
        print(f"{name:16s}{shown}{medians[0] / medians[1]:16.1f}")


def started(setting: dict[str, str]) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AUTOGRAD_")}
    command = [sys.executable, os.path.abspath(__file__), "worker"]
    return subprocess.Popen(command, env={**environment, **setting}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def asked(process: subprocess.Popen[str], name: str) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    print(name, file=process.stdin, flush=True)
    return json.loads(process.stdout.readline())


if __name__ == "__main__":
    worker() if sys.argv[1:] == ["worker"] else main()
