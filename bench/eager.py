"""The engine against micrograd, both in pure Python: the same expressions and the same training step, timed side by side.

`python bench/eager.py` needs micrograd installed beside this project. Each engine runs in a process of its own, so that the
garbage of one does not tax the other; runs alternate, and a ratio compares neighbours in time. Two settings: the garbage
collector on, as users run it, and off. micrograd's nodes are cycles (node → closure → node), which only the collector can
free; ours are freed by reference counting, so most of what the first setting shows is the collector at work.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from math import cos, pi, sin
from typing import Any

ENGINES = ("ours", "micrograd")
N_NODES, N_LEAVES = 20_000, 200
N_POINTS = 100


# ------------------------------------------------------------------------------------- the expressions: + * relu, with sharing


def recipe(seed: int) -> tuple[list[float], list[tuple[str, int, int]]]:
    """Leaves, and operations on the numbers of earlier nodes; every node is used, many of them several times.

    All choices are made here, outside the timing. Data stay of ordinary size: where they would grow, the other operand is a leaf.
    """
    rng = random.Random(seed)
    leaves = [rng.uniform(-2.0, 2.0) for _ in range(N_LEAVES)]
    data, unused, steps = list(leaves), list(range(N_LEAVES)), []
    while len(data) < N_NODES:
        joining = N_NODES - len(data) < len(unused)  # the last nodes add up what is not used yet
        i = unused.pop(rng.randrange(len(unused)))
        j = unused.pop() if joining else rng.randrange(max(0, len(data) - 2_000), len(data))
        kind = "+" if joining else rng.choice("++**r")
        if not joining and max(abs(data[i] * data[j]), abs(data[i] + data[j])) > 100.0:
            j = rng.randrange(N_LEAVES)
        steps.append((kind, i, j))
        unused.append(len(data))
        data.append(data[i] + data[j] if kind == "+" else data[i] * data[j] if kind == "*" else max(data[i], 0.0))
    return leaves, steps


def sum_recipe(seed: int) -> tuple[list[float], list[tuple[str, int, int]]]:
    """Σ relu(xᵢxⱼ + x_k), the shape of a loss: totals of 200 terms each (micrograd recurses), then the sum of the totals."""
    rng = random.Random(seed)
    leaves = [rng.uniform(-2.0, 2.0) for _ in range(N_LEAVES)]
    steps: list[tuple[str, int, int]] = []
    totals = [0]
    while N_LEAVES + len(steps) + len(totals) < N_NODES - 4:
        i, j, k = (rng.randrange(N_LEAVES) for _ in range(3))
        place = N_LEAVES + len(steps)
        steps += [("*", i, j), ("+", place, k), ("r", place + 1, 0), ("+", totals[-1], place + 2)]
        totals[-1] = place + 3
        if len(steps) % 800 == 0:
            totals.append(0)
    for total in totals[:-1]:
        steps.append(("+", total, N_LEAVES + len(steps) - 1))
    return leaves, steps


def evaluate(Value: Any, leaves: list[float], steps: list[tuple[str, int, int]]) -> list[Any]:
    nodes = [Value(leaf) for leaf in leaves]
    for kind, i, j in steps:
        if kind == "+":
            nodes.append(nodes[i] + nodes[j])
        elif kind == "*":
            nodes.append(nodes[i] * nodes[j])
        else:
            nodes.append(nodes[i].relu())
    return nodes


def expressions(engine: str, make: Callable[[int], tuple[list[float], list[tuple[str, int, int]]]]) -> Callable[[], float]:
    Value = value_of(engine)
    leaves, steps = make(1)

    def run() -> float:
        nodes = evaluate(Value, leaves, steps)
        nodes[-1].backward()
        return float(sum(leaf.grad for leaf in nodes[:N_LEAVES]))

    return run


# ------------------------------------------------------------------------------------------------------- the training step


def moons(seed: int) -> tuple[list[tuple[float, float]], list[int]]:
    """Two interleaved half circles with a little noise, and the class of each point, −1 or 1."""
    rng = random.Random(seed)
    points, targets = [], []
    for index in range(N_POINTS):
        angle = pi * rng.random()
        x, y = (cos(angle), sin(angle)) if index % 2 else (1.0 - cos(angle), 0.5 - sin(angle))
        points.append((x + rng.gauss(0.0, 0.1), y + rng.gauss(0.0, 0.1)))
        targets.append(2 * (index % 2) - 1)
    return points, targets


def training_step(engine: str) -> Callable[[], float]:
    points, targets = moons(seed=1)
    return our_step(points, targets) if engine == "ours" else micrograds_step(points, targets)


def our_step(points: list[tuple[float, float]], targets: list[int]) -> Callable[[], float]:
    import nn
    from nn.losses import hinge, l2

    model = nn.MLP(2, [16, 16, 1], seed=1)
    optimizer = nn.SGD(model.parameters(), lr=0.1)

    def step() -> float:
        loss = hinge([model(x) for x in points], targets) + l2(model.parameters(), 1e-4)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.data)

    return step


def micrograds_step(points: list[tuple[float, float]], targets: list[int]) -> Callable[[], float]:
    """The step of micrograd's own demo."""
    from micrograd.engine import Value  # type: ignore[import-untyped]  # it has no annotations
    from micrograd.nn import MLP  # type: ignore[import-untyped]

    random.seed(1)  # micrograd draws its weights from here
    model = MLP(2, [16, 16, 1])

    def step() -> float:
        scores = [model(list(map(Value, x))) for x in points]
        losses = [(1 + -target * score).relu() for score, target in zip(scores, targets, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
        return float(loss.data)

    return step


# --------------------------------------------------------------------------------------------------------------- one process

CASES: dict[str, Callable[[str], Callable[[], float]]] = {
    "long sum": lambda engine: expressions(engine, sum_recipe),
    "random graph": lambda engine: expressions(engine, recipe),
    "training step": training_step,
}
REPETITIONS = {"long sum": 10, "random graph": 10, "training step": 4}  # in a row; the first warms up and is not counted


def value_of(engine: str) -> Any:
    return importlib.import_module("autograd" if engine == "ours" else "micrograd.engine").Value


def child(case: str, engine: str, collector: str) -> None:
    """Print, as JSON, the seconds of each repetition and a number that both engines must agree on."""
    run, seconds, outcome = CASES[case](engine), [], 0.0
    if collector == "off":
        gc.disable()
    for _ in range(REPETITIONS[case]):
        if collector == "off":
            gc.collect()
        start = time.process_time()  # of the processor: neighbours on a busy machine do not count
        outcome = run()
        seconds.append(time.process_time() - start)
    print(json.dumps({"seconds": seconds[1:], "outcome": outcome}))


def bytes_per_node() -> None:
    """Print the memory of one of our nodes after forward and backward: the node, its numbers, its tuples."""
    import tracemalloc

    Value = value_of("ours")
    leaves, steps = recipe(seed=1)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    root = evaluate(Value, leaves, steps)[-1]
    root.backward()
    print(json.dumps((tracemalloc.get_traced_memory()[0] - before) / N_NODES))


# --------------------------------------------------------------------------------------------------------------- the parent


def measure(*arguments: str) -> Any:
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    completed = subprocess.run(
        [sys.executable, os.path.abspath(__file__), *arguments],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(completed.stdout)


def compare(case: str, collector: str, rounds: int) -> str:
    """One line of the table: milliseconds of both engines, the median of the rounds, and the ratio: median, least, greatest."""
    # The mean of the repetitions, not their median: a full collection comes once in a few of them, and is paid for by all.
    means: dict[str, list[float]] = {engine: [] for engine in ENGINES}
    outcomes = {}
    for index in range(rounds):
        for engine in ENGINES if index % 2 else reversed(ENGINES):
            measured = measure(case, engine, collector)
            means[engine].append(statistics.fmean(measured["seconds"]))
            outcomes[engine] = measured["outcome"]
    ours, theirs = (outcomes[engine] for engine in ENGINES)
    if abs(ours - theirs) > 1e-9 * max(1.0, abs(ours)):
        raise SystemExit(f"{case}: the engines disagree, {ours!r} and {theirs!r}: this is not the same computation")
    ratios = [theirs / ours for ours, theirs in zip(*means.values(), strict=True)]
    times = "".join(f"{1e3 * statistics.median(means[engine]):>10.1f} ms" for engine in ENGINES)
    return f"{case:<14} {collector:>9}{times}{statistics.median(ratios):>9.1f} ×   {min(ratios):.1f} to {max(ratios):.1f}"


def main() -> None:
    print(f"{'':14} {'collector':>9}{'ours':>13}{'micrograd':>13}{'ratio':>11}   least to greatest", flush=True)
    for case, rounds in (("long sum", 7), ("random graph", 7), ("training step", 5)):
        for collector in ("on", "off"):
            print(compare(case, collector, rounds), flush=True)
    print(
        f"\nlong sum, random graph: {N_NODES:,} nodes of + * relu, forward, backward; {measure('bytes'):.0f} bytes a node of ours"
    )
    print(f"training step: MLP(2, [16, 16, 1]) on {N_POINTS} moons, hinge loss + L2: forward, zero_grad, backward, SGD")


if __name__ == "__main__":
    if len(sys.argv) == 4:
        child(*sys.argv[1:])
    elif sys.argv[1:] == ["bytes"]:
        bytes_per_node()
    else:
        main()
