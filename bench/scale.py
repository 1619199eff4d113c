"""What Dask costs on this machine, and what a task can do in that time: the figures of docs/scale.md.

A cluster of one worker and one of two, each worker a process with one thread; times of the clock, medians. The workers share the
machine with the scheduler and with this process. A shard is what `fit(client=)` computes: outputs, loss, gradient.
"""

from __future__ import annotations

import os
import pickle
import random
import statistics
import sys
import time
from array import array
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from _beside import machine, write_results  # noqa: E402  # found now

from nn import MLP  # noqa: E402
from nn.data import make_moons  # noqa: E402
from nn.shards import Part  # noqa: E402
from nn.task import Task  # noqa: E402
from nn.train import sweep  # noqa: E402

TASKS, TURNS, TRIALS = 300, 30, 48
LARGEST = 5_000  # examples of a shard
LONGEST = 60  # seconds to wait for optimised machine code
NETWORKS = {"moons, 2 → 16 → 16 → 1": [16, 16, 1], "2 → 64 → 64 → 1": [64, 64, 1], "2 → 128 → 128 → 1": [128, 128, 1]}
X, Y = make_moons(100, noise=0.1, random_state=1)


def once(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def median(run: Callable[[], Any], turns: int = TURNS) -> float:
    return statistics.median([once(run) for _ in range(turns)])


def told(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The row, which is printed as soon as it is measured."""
    print(*row, file=sys.stderr, flush=True)
    return row


def table(heading: str, rows: Iterable[tuple[Any, ...]]) -> str:
    cells = [" | ".join([f"{x:.3g}" if type(x) is float else str(x) for x in row]) for row in rows]
    return "\n".join([f"| {heading} |", "|" + "---|" * (heading.count("|") + 1), *[f"| {line} |" for line in cells]])


# ------------------------------------------------------------------------------------------------------------------- tasks


def itself(x: Any) -> Any:
    return x


def build(hidden: int, seed: int) -> MLP:
    return MLP(2, [hidden, 1], activation="tanh", seed=seed)


def trials(client: Any) -> float:
    """Milliseconds a trial: 100 epochs on 100 points, on nodes."""
    options: dict[str, Any] = {"loss": "bce_with_logits", "epochs": 100, "engine": "eager", "client": client}
    return 1e3 * once(lambda: sweep(build, X, Y, settings={"hidden": [4, 8]}, seeds=range(TRIALS // 2), **options)) / TRIALS


def on_cluster(workers: int) -> list[float]:
    """Seconds until it is there; milliseconds a task of many, of one alone, of one with a vector; milliseconds a trial."""
    from distributed import Client, LocalCluster

    vector = array("d", [random.random() for _ in range(16_897)]).tobytes()
    start = time.perf_counter()
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0") as cluster, Client(cluster) as client:
        there = time.perf_counter() - start
        client.gather([client.submit(itself, k, pure=False) for k in range(8)])
        many = once(lambda: client.gather([client.submit(itself, k, pure=False) for k in range(TASKS)])) / TASKS
        alone = median(lambda: client.submit(itself, 0, pure=False).result())
        with_vector = median(lambda: client.submit(itself, vector, pure=False).result())
        trials(client)  # the workers import nn
        return [there, 1e3 * many, 1e3 * alone, 1e3 * with_vector, trials(client)]


# ---------------------------------------------------------------------------------------------------------------- programs


def of_program(layers: list[int], *, exact: bool) -> list[Any]:
    """Kilobytes; milliseconds of pickling and loading; seconds until the first gradient; milliseconds of a shard."""
    import numpy

    model = MLP(2, layers, seed=1)
    task = Task(model, *make_moons(LARGEST, noise=0.1, random_state=1), "bce_with_logits")
    numbers = [parameter.data for parameter in model.parameters()]
    made = Part(task, model.parameters(), exact=exact)
    data = pickle.dumps(made.pulled)
    writing, loading = median(lambda: pickle.dumps(made.pulled), 5), median(lambda: pickle.loads(data), 5)
    loaded = pickle.loads(pickle.dumps(made))
    first = once(lambda: loaded.branch(numbers, [numpy.arange(10)]))
    for _ in range(3):
        loaded.branch(numbers, [numpy.arange(10)])
    end = time.perf_counter() + LONGEST
    while loaded.pulled.stats["optimised_seconds"] is None and time.perf_counter() < end:
        time.sleep(0.1)
    shards = [1e3 * median(lambda n=n: loaded.branch(numbers, [numpy.arange(n)]), 5) for n in (100, 1_000, LARGEST)]
    return [len(data) / 1e3, 1e3 * writing, 1e3 * loading, first, *shards]


def main() -> None:
    here = told(("here", "", "", "", "", trials(None)))
    clusters = [told((f"{n} worker{'s' * (n > 1)}", *on_cluster(n))) for n in (1, 2)]
    heading = "cluster | start, s | task of many, ms | task alone, ms | task with 16,897 numbers, ms | trial of a sweep, ms"
    first = table(heading, [here, *clusters])
    heading = "program | pickled, kB | pickle, ms | load, ms | trace and compile, s | gradient of 100, ms | of 1,000 | of 5,000"
    rows = [told((name, *of_program(layers, exact=False))) for name, layers in NETWORKS.items()]
    (name, layers), *_ = NETWORKS.items()
    rows.insert(1, told((f"{name}, strict", *of_program(layers, exact=True))))
    notes = "A trial is 100 epochs on 100 points, 2 → 4 → 1 or 2 → 8 → 1, on nodes."
    write_results(__file__, f"{first}\n\n{notes}\n\n{table(heading, rows)}\n\n{os.cpu_count()} cores. {machine()}.")


if __name__ == "__main__":
    main()
