"""A training step of MLP(2, [16, 16, 1]) on 100 points of the moons: forward, hinge loss and weight decay, backward, descent."""

from __future__ import annotations

from collections.abc import Callable

from _beside import Case, main
from _engines import ENGINES, GRAPHS
from _workloads import moons_step, moons_step_of_ours, moons_step_of_pytorch


def step(engine: str) -> Callable[[], float]:
    made = ENGINES[engine][0]()
    if engine.startswith("ours"):
        return moons_step_of_ours()
    return moons_step_of_pytorch() if engine == "PyTorch" else moons_step(made)


CASES = {"moons": Case("training step on the moons", [*GRAPHS, "PyTorch"], step)}

if __name__ == "__main__":
    main(__file__, CASES)
