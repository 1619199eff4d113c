"""What a model costs beside its backward: its parameters, zero_grad, a step of each optimiser; inference beside plain floats.

`python bench/model.py` needs nothing but this project. The model is MLP(2, [16, 16, 1]) on the 100 points of the moons. Each engine
has a process; there, all is measured in turns, in processor time, and a ratio compares neighbours in time.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from statistics import median
from typing import Any

from _beside import ROUNDS, environment_of, machine, write_results
from _workloads import moons

import nn
from autograd import Value, no_grad, op
from autograd.table import forget
from nn.losses import hinge, l2

OPTIMISERS = ("SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "AdamW")
POINTS, TARGETS = moons()


def score(layers: list[Any], inputs: Any) -> float:
    """The output of the network on plain floats."""
    for place, layer in enumerate(layers):
        outputs = []
        for weights, total in layer:
            for w, x in zip(weights, inputs, strict=True):
                total = total + w * x
            outputs.append(total if place == len(layers) - 1 or total > 0.0 else 0.0)
        inputs = outputs
    return float(inputs[0])


def inference(model: Any) -> list[Any]:
    with no_grad():
        return [model(x) for x in POINTS]


def fourth_power(**options: Any) -> Callable[[Any], Any]:
    row = op(lambda a: a**4, name="fourth_power", doc="The fourth power.", partials=(lambda a, y: 4 * a**3,), **options)
    forget(row)
    return row  # type: ignore[no-any-return]  # it is called as the function is


def measured() -> dict[str, tuple[Callable[[], Any], str]]:
    """What is timed, and the name of what it is compared with."""
    model = nn.MLP(2, [16, 16, 1], seed=1)  # which steps of 1e-300 leave as it is
    layers = [[([w.data for w in neuron.w], neuron.b.data) for neuron in layer.neurons] for layer in model.layers]
    loss = hinge([model(x) for x in POINTS], TARGETS) + l2(model.parameters(), 1e-4)
    loss.backward()
    for x, y in zip(POINTS, inference(model), strict=True):
        assert math.isclose(score(layers, x), y.data, rel_tol=1e-12)
    x, ours, python = Value(1.5), fourth_power(native=True), fourth_power()
    return {
        "backward": (loss.backward, "backward"),
        "parameters()": (model.parameters, "backward"),
        "zero_grad()": (model.zero_grad, "backward"),
        **{f"{name}.step()": (getattr(nn, name)(model.parameters(), lr=1e-300).step, "backward") for name in OPTIMISERS},
        "plain floats": (lambda: [score(layers, x) for x in POINTS], "plain floats"),
        "forward": (lambda: [model(x) for x in POINTS], "plain floats"),
        "forward under no_grad": (lambda: inference(model), "plain floats"),
        "a row of a user's": (lambda: [python(x) for _ in range(1000)], "a row of a user's"),
        "the row with native=True": (lambda: [ours(x) for _ in range(1000)], "a row of a user's"),
    }


def seconds(run: Callable[[], Any], times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - start) / times


def work() -> None:
    """Print the seconds of each, round by round."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    warnings.simplefilter("ignore")  # the pure engine says that it compiles no rows
    cases = {name: run for name, (run, _) in measured().items()}
    times = {name: max(3, int(0.02 / seconds(run, 3))) for name, run in cases.items()}
    print(json.dumps([{name: seconds(run, times[name]) for name, run in cases.items()} for _ in range(ROUNDS)]))


def main() -> None:
    lines = ["| engine | what | µs | beside | ratio | least to greatest |", "|---|---|---|---|---|---|"]
    for engine in ("ours", "ours, pure"):
        done = subprocess.run(
            [sys.executable, __file__, "work"], env=environment_of(engine), stdout=subprocess.PIPE, text=True, check=True
        )
        rounds = json.loads(done.stdout)
        for name, (_, base) in measured().items():
            ratios = sorted(taken[name] / taken[base] for taken in rounds)
            middle = 1e6 * median(taken[name] for taken in rounds)
            lines.append(
                f"| {engine} | {name} | {middle:.3g} | {base} | {median(ratios):.3g} | {ratios[0]:.3g} to {ratios[-1]:.3g} |"
            )
    write_results(__file__, "\n".join(lines) + f"\n\n{machine()}.")


if __name__ == "__main__":
    work() if sys.argv[1:] == ["work"] else main()
