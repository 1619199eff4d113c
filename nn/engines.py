"""The engines of `fit`, and which one runs: graphs of nodes, or a program that is compiled from the model.

eager     graphs of nodes
strict    a compiled program, with the bits of the graphs: machine code through llvmlite, plain Python without it
fast      a compiled program that adds in the order that is fastest, and so ends in other last digits
auto      strict where the model can be traced, llvmlite is there, and the training is so long that compilation pays; else eager
"""

from __future__ import annotations

import math
from importlib.util import find_spec
from typing import TYPE_CHECKING

from autograd.engine import engine_info
from autograd.errors import MissingExtraError
from nn.errors import SettingError
from nn.optim import Optimizer
from nn.task import Task

if TYPE_CHECKING:
    from nn.gradients import Compiled

__all__ = ["ENGINES", "Untraceable", "compiled_for"]

ENGINES = ("auto", "eager", "strict", "fast")
PAYS = {"pure": 4e6, "native": math.inf}
"""For each engine of nodes the passes of examples times parameters from which compilation pays: some ten seconds in pure Python.
Nodes in C take about as long as exact machine code."""


class Untraceable(SettingError):
    """A model or a loss that cannot be compiled; the message says why."""


def compiled_for(engine: str, task: Task, optimiser: Optimizer, held_out: Task | None, passes: int) -> Compiled | None:
    """Return what computes the gradients of a training, in which examples are passed so often; None for graphs of nodes."""
    if engine not in ENGINES:
        raise SettingError(f"engine = {engine!r:.60}: give one of {', '.join(ENGINES)}")
    has_machine, has_numpy = [find_spec(name) is not None for name in ("llvmlite", "numpy")]
    if engine == "fast" and not has_numpy:
        raise MissingExtraError("numpy", "compile")
    pays = has_machine and has_numpy and passes * len(optimiser.parameters) >= PAYS[engine_info()["engine"]]
    if engine == "eager" or (engine == "auto" and not pays):
        return None
    from nn.gradients import Compiled  # most trainings are short, and need no compiler

    try:
        return Compiled(task, optimiser, held_out, exact=engine != "fast", in_machine_code=engine == "auto")
    except Untraceable as error:
        if engine == "auto":
            return None
        raise SettingError(f"engine = {engine!r}: {error}; take engine='eager'") from error
