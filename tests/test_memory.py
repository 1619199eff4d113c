"""Graphs of a million nodes, and training that goes on: what is built is freed, and no step keeps anything.

Each program runs in a separate process, on the engine of this run, so that other tests' memory is not counted.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BEGIN = """
import copy, gc, pickle, resource, sys
from autograd import Value, sum, engine_info, grad
from autograd.engine import in_c

def living():
    gc.collect()
    in_python = [thing for thing in gc.get_objects() if type(thing) is Value]
    return in_c("living")() if in_c("living") else len(in_python)

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
"""


def prints(program: str) -> str:
    """What a program prints after BEGIN, on the engine of this run."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", BEGIN + program]
    done = subprocess.run(command, env=settings, capture_output=True, encoding="utf-8", timeout=280)
    assert not done.returncode, done.stderr[-3000:]
    return done.stdout


@pytest.mark.thorough
@pytest.mark.parametrize("again", ["copy.deepcopy([x, y])", "pickle.loads(pickle.dumps([x, y]))"], ids=["copied", "pickled"])
@pytest.mark.parametrize(
    ("built", "total"),
    [("y = x\nfor _ in range(1_000_000):\n    y = y + x", 1_000_001.0), ("y = sum([x + 0.0 for _ in range(1_000_000)])", 1e6)],
    ids=["chain", "sum"],
)
def test_a_million_nodes_are_built_swept_copied_or_pickled_and_freed(built: str, total: float, again: str) -> None:
    printed = prints(f"""
before = living()
x = Value(1.0)
{built}
y.backward()
x2, y2 = {again}
x2.grad = 0.0
y2.backward(2.0)
answers = (y.data, x.grad), (y2.data, x2.grad)
del x, y, x2, y2
assert living() == before, (living(), before)
print(*answers)
""")
    assert printed == f"{(total, total)} {(total, 2 * total)}\n"


TRAINING = {
    "operators": "loss = ((w * x + b).tanh() - y) ** 2 + abs(w) * 0.001",
    "a network": "loss = (model([x, y]) - y) ** 2",
    "copies": "loss = pickle.loads(pickle.dumps(copy.deepcopy((w * x - b) ** 2)))",
    "derivatives": "loss = (w * grad(lambda v: v**3)(x) - b) ** 2",
}


@pytest.mark.thorough
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="this platform does not say what is resident")
@pytest.mark.parametrize("loss", TRAINING.values(), ids=TRAINING)
def test_resident_memory_is_flat_over_ten_thousand_steps(loss: str) -> None:
    printed = prints(f"""
from nn import MLP
from nn.optim import SGD
w, b, model = Value(0.5), Value(0.1), MLP(2, [3, 1], seed=1)
optimiser = SGD([w, b, *model.parameters()], lr=0.001)

def steps(count):
    for step in range(count):
        x, y = step % 7 / 7, step % 5 / 5
        {loss}
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    gc.collect()

steps(2_000)
before = resident()
steps(10_000)
print(resident() - before)
""")
    assert int(printed) < 500_000  # 50 bytes a step; a node has 88 and more
