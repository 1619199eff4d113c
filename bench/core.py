"""The pure engine beside a node like the one of Karpathy's microgpt: what a row of the table costs over plain slots.

`python bench/core.py` needs nothing but this project. Both run in one process, alternating, in processor time; a ratio compares
neighbours in time. The collector is on, as users run it: it has run before each measurement, which is then long enough for full
collections, so that each node pays for its own garbage alone. microgpt's sort is a closure that refers to itself, and so its
graphs are cycles, which only a full collection frees.
"""

from __future__ import annotations

import gc
import math
import os
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from _engines import Engine, Slots
from _workloads import Expressions, forward, gpt_step, random_recipe

import autograd
from autograd import Value, grad, jvp
from autograd import ops as rows

ROUNDS = 9


# -------------------------------------------------------------------------------------------------------------- what is timed


def gradients(node: type) -> Callable[[], float]:
    run = Expressions(Engine(node), random_recipe)
    return lambda: run()[1]


def update(node: type) -> Callable[[], float]:
    parameters = [node(0.5) for _ in range(20_000)]

    def run() -> float:
        for p in parameters:
            p.data -= 0.1 * p.grad
            p.grad = 0.0
        return float(parameters[0].data)

    return run


def repeated(operation: Callable[[Any, Any], Any]) -> Callable[[], float]:
    a, b = Value(1.5), Value(-0.5)

    def run() -> float:
        for _ in range(20_000):
            made = operation(a, b)
        return float(made.data)

    return run


def rosenbrock(v: Any) -> Any:
    return autograd.sum([100.0 * (v[i + 1] - v[i] ** 2) ** 2 + (1.0 - v[i]) ** 2 for i in range(len(v) - 1)])


def on_graph(v: Any) -> Any:
    nodes = list(v)
    for kind, i, j in STEPS:
        nodes.append(nodes[i] + nodes[j] if kind == "+" else nodes[i] * nodes[j] if kind == "*" else nodes[i].relu())
    return nodes[-1]


LEAVES, STEPS = random_recipe(1)
POINT = [0.1 * i - 1.0 for i in range(30)]


def by_hand(f: Callable[[Any], Any], point: list[float]) -> Callable[[], float]:
    def run() -> float:
        leaves = [Value(x) for x in point]
        f(leaves).backward()
        return float(sum(leaf.grad for leaf in leaves))

    return run


def by_grad(f: Callable[[Any], Any], point: list[float]) -> Callable[[], float]:
    derivative = grad(f)
    return lambda: float(sum(derivative(point)))


def by_jvp(f: Callable[[Any], Any], point: list[float]) -> Callable[[], float]:
    return lambda: float(jvp(f, (point,), ([1.0] * len(point),))[1])


# ---------------------------------------------------------------------------------------------------------------- the ratios

PAIRS: dict[str, tuple[Callable[[], float], Callable[[], float]]] = {
    "20,000 nodes, forward and backward": (gradients(Value), gradients(Slots)),
    "a step of scalar microgpt": (gpt_step(Value), gpt_step(Slots)),
    "p.data -= lr * p.grad; p.grad = 0": (update(Value), update(Slots)),
    "add(a, b) over a + b": (repeated(rows.add), repeated(lambda a, b: a + b)),
    "a**2 over a*b": (repeated(lambda a, b: a**2), repeated(lambda a, b: a * b)),
    "grad(f) over backward by hand, Rosenbrock-30": (by_grad(rosenbrock, POINT), by_hand(rosenbrock, POINT)),
    "grad(f) over backward by hand, 20,000 nodes": (by_grad(on_graph, LEAVES), by_hand(on_graph, LEAVES)),
    "jvp over grad, Rosenbrock-30": (by_jvp(rosenbrock, POINT), by_grad(rosenbrock, POINT)),
    "jvp over grad, 20,000 nodes": (by_jvp(on_graph, LEAVES), by_grad(on_graph, LEAVES)),
}
AGREE = {"20,000 nodes, forward and backward", "a step of scalar microgpt"}


def seconds(run: Callable[[], float], times: int) -> float:
    gc.collect()
    start = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - start) / times


def ratio(name: str) -> str:
    first, second = PAIRS[name]
    one, other = first(), second()
    if name in AGREE and abs(one - other) > 1e-9 * abs(other):
        raise SystemExit(f"{name}: the two disagree, {one!r} and {other!r}: this is not the same computation")
    times = max(5, round(0.4 / max(seconds(second, 1), 1e-9)))
    found = sorted(seconds(first, times) / seconds(second, times) for _ in range(ROUNDS))
    return f"{name:<48}{statistics.median(found):>7.2f} ×   {found[0]:.2f} to {found[-1]:.2f}"


def flatness() -> str:
    """Nanoseconds a node of a chain, forward and backward, from 10³ to 10⁶ nodes."""
    costs = []
    for count in (1_000, 10_000, 100_000, 1_000_000):
        gc.collect()
        best = math.inf
        for _ in range(max(1, min(20, 200_000 // count))):
            start = time.process_time()
            y = c = Value(1.0)
            for _ in range(count):
                y = y + c
            y.backward()
            best = min(best, time.process_time() - start)
        costs.append(best / count * 1e9)
    listed = ", ".join([f"{cost:.0f}" for cost in costs])
    return f"a node of a chain of 10³, 10⁴, 10⁵, 10⁶: {listed} ns; {max(costs) / min(costs):.2f} × at most"


def bytes_a_node() -> str:
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    nodes = forward(Engine(Value), (LEAVES, STEPS))
    nodes[-1].backward()
    size = (tracemalloc.get_traced_memory()[0] - before) / len(nodes)
    tracemalloc.stop()
    return f"{size:.0f} bytes a node, after forward and backward"


def main() -> None:
    sys.setrecursionlimit(10**6)  # microgpt's node recurses
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for name in PAIRS:
        print(ratio(name), flush=True)
    print(flatness(), bytes_a_node(), sep="\n")


if __name__ == "__main__":
    main()
