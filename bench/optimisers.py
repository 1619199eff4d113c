"""The optimisers, schedules and clipping against PyTorch's, in double precision: the same problem, step by step.

`python bench/optimisers.py` needs PyTorch (2.13.0 made the numbers that are here). It prints the largest difference from ours
and writes PyTorch's numbers into tests/data/optimisers.json, which the tests compare with, so that they do without PyTorch.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from functools import partial as bind
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "tests" / "data" / "optimisers.json"
sys.path.insert(0, str(ROOT))

from autograd import Value  # noqa: E402  # found through the line above
from nn import optim  # noqa: E402

# A bowl with slopes from 1 to 50 and a twist: L = Σ c(w − a)² + w₀w₁w₂/10 + w₃⁴, and w₄ is not in it.
CURVATURES, CENTRES, START = (0.5, 3.0, 25.0, 1.0), (1.0, -2.0, 0.5, 0.0), (2.0, 1.0, -1.0, 0.75, 3.0)
SEEN = (1, 2, 3, 10, 30, 100)  # the steps after which the parameters are recorded; none has come near 0, where digits cancel

# Our optimiser and its settings; PyTorch's, where its name or a setting is another.
CASES: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("SGD", {"lr": 0.01}, "SGD", {}),
    ("SGD", {"lr": 0.01, "weight_decay": 0.1}, "SGD", {}),
    ("SGD", {"lr": 0.01, "momentum": 0.5, "weight_decay": 0.1}, "SGD", {}),
    ("Momentum", {"lr": 0.004}, "SGD", {"momentum": 0.9}),
    ("Nesterov", {"lr": 0.004}, "SGD", {"momentum": 0.9, "nesterov": True}),
    ("Nesterov", {"lr": 0.004, "momentum": 0.7, "weight_decay": 0.2}, "SGD", {"nesterov": True}),
    ("AdaGrad", {}, "Adagrad", {}),
    (
        "AdaGrad",
        {"lr": 0.3, "lr_decay": 0.02, "weight_decay": 0.1, "initial_accumulator_value": 0.4, "eps": 1e-3},
        "Adagrad",
        {},
    ),
    ("RMSProp", {}, "RMSprop", {}),
    ("RMSProp", {"lr": 0.004, "alpha": 0.8, "weight_decay": 0.1, "eps": 1e-3}, "RMSprop", {}),
    ("RMSProp", {"lr": 0.005, "momentum": 0.6}, "RMSprop", {}),
    ("Adam", {}, "Adam", {}),
    ("Adam", {"lr": 0.1, "betas": [0.7, 0.95], "eps": 1e-3, "weight_decay": 0.1}, "Adam", {}),
    ("AdamW", {}, "AdamW", {}),
    ("AdamW", {"lr": 0.1, "betas": [0.7, 0.95], "eps": 1e-3, "weight_decay": 0.3}, "AdamW", {}),
]

# Our schedule with its settings, and PyTorch's scheduler with its own, of an optimiser whose first learning rate is 0.8.
LR, EPOCHS = 0.8, 14
SCHEDULES: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("Constant", {"lr": 0.2}, "ConstantLR", {"factor": 0.25, "total_iters": 100}),
    ("StepDecay", {"lr": LR, "every": 3, "factor": 0.5}, "StepLR", {"step_size": 3, "gamma": 0.5}),
    ("StepDecay", {"lr": LR, "every": 5}, "StepLR", {"step_size": 5}),
    (
        "MultiStepDecay",
        {"lr": LR, "milestones": [2, 7, 9], "factor": 0.3},
        "MultiStepLR",
        {"milestones": [2, 7, 9], "gamma": 0.3},
    ),
    ("ExponentialDecay", {"lr": LR, "factor": 0.9}, "ExponentialLR", {"gamma": 0.9}),
    ("LinearDecay", {"lr": LR, "steps": 10}, "LinearLR", {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 10}),
    (
        "LinearDecay",
        {"lr": 0.2, "steps": 4, "end": 0.6},
        "LinearLR",
        {"start_factor": 0.25, "end_factor": 0.75, "total_iters": 4},
    ),
    ("CosineDecay", {"lr": LR, "steps": 14}, "CosineAnnealingLR", {"T_max": 14}),
    ("CosineDecay", {"lr": LR, "steps": 14, "end": 0.1}, "CosineAnnealingLR", {"T_max": 14, "eta_min": 0.1}),
]
WARM_UP = {"steps": 4, "start": 0.2}  # and then an exponential decay by 0.9

CLIPPING = [("clip_grad_norm", 1.0), ("clip_grad_norm", 9.0), ("clip_grad_norm", 50.0), ("clip_grad_value", 2.5)]
GRADIENTS = [3.0, -4.0, 0.0, 7.5, -0.001]


def problem(w: Any) -> Any:
    bowl = sum(c * (wi - a) ** 2 for c, a, wi in zip(CURVATURES, CENTRES, w, strict=False))
    return bowl + 0.1 * w[0] * w[1] * w[2] + w[3] ** 4


def walk(parameters: list[Any], optimizer: Any, reading: Callable[[Any], float]) -> list[list[float]]:
    """The parameters after the steps that are recorded."""
    path = []
    for step in range(1, max(SEEN) + 1):
        optimizer.zero_grad()
        loss = problem(parameters) + 0.0 * parameters[4]  # which so has a gradient, 0, for PyTorch too
        loss.backward()
        optimizer.step()
        if step in SEEN:
            path.append([reading(p) for p in parameters])
    return path


def our_path(name: str, settings: dict[str, Any]) -> list[list[float]]:
    parameters = [Value(x) for x in START]
    return walk(parameters, getattr(optim, name)(parameters, **settings), lambda p: float(p.data))


def our_rates(name: str, settings: dict[str, Any]) -> list[float]:
    if name == "WarmUp":
        settings = {**settings, "then": optim.ExponentialDecay(LR, 0.9)}
    optimizer = optim.SGD([Value(0.0)], lr=LR)
    scheduler, rates = optim.Scheduler(optimizer, getattr(optim, name)(**settings)), []
    for _ in range(EPOCHS):
        rates.append(optimizer.lr)
        scheduler.step()
    return rates


def our_clipping(name: str, limit: float) -> list[float]:
    parameters = [Value(0.0) for _ in GRADIENTS]
    for p, g in zip(parameters, GRADIENTS, strict=True):
        p.grad = g
    getattr(optim, name)(parameters, limit)
    return [p.grad for p in parameters]


def record() -> dict[str, Any]:
    """PyTorch's numbers."""
    import torch  # type: ignore[import-not-found]  # no part of the project

    torch.set_default_dtype(torch.float64)

    def path(name: str, settings: dict[str, Any]) -> list[list[float]]:
        parameters = [torch.tensor(x, requires_grad=True) for x in START]
        return walk(parameters, getattr(torch.optim, name)(parameters, **settings), lambda p: p.item())

    schedulers = torch.optim.lr_scheduler

    def warm_up(optimizer: Any) -> Any:
        ramp = schedulers.LinearLR(optimizer, start_factor=WARM_UP["start"], total_iters=WARM_UP["steps"])
        decay = schedulers.ExponentialLR(optimizer, gamma=0.9)
        return schedulers.SequentialLR(optimizer, [ramp, decay], milestones=[WARM_UP["steps"]])

    def rates(make: Callable[[Any], Any]) -> list[float]:
        optimizer = torch.optim.SGD([torch.tensor(0.0, requires_grad=True)], lr=LR)
        scheduler, seen = make(optimizer), []
        for _ in range(EPOCHS):
            seen.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            scheduler.step()
        return seen

    def clipping(name: str, limit: float) -> list[float]:
        parameters = [torch.tensor(0.0, requires_grad=True) for _ in GRADIENTS]
        for p, g in zip(parameters, GRADIENTS, strict=True):
            p.grad = torch.tensor(g)
        getattr(torch.nn.utils, f"{name}_")(parameters, limit)
        return [p.grad.item() for p in parameters]

    return {
        "source": f"PyTorch {torch.__version__}, by bench/optimisers.py",
        "trajectories": [
            {"optimizer": name, "settings": settings, "path": path(theirs, {**settings, **changed})}
            for name, settings, theirs, changed in CASES
        ],
        "schedules": [
            {"schedule": name, "settings": settings, "rates": rates(bind(getattr(schedulers, theirs), **their_settings))}
            for name, settings, theirs, their_settings in SCHEDULES
        ]
        + [{"schedule": "WarmUp", "settings": WARM_UP, "rates": rates(warm_up)}],
        "clipping": [{"function": name, "limit": limit, "gradients": clipping(name, limit)} for name, limit in CLIPPING],
    }


def difference(ours: Any, theirs: Any) -> float:
    """The largest relative difference of two lists, however deep."""
    if isinstance(ours, list):
        return max(difference(a, b) for a, b in zip(ours, theirs, strict=True))
    return 0.0 if ours == theirs else abs(ours - theirs) / max(abs(ours), abs(theirs), math.ulp(0.0))


def main() -> None:
    recorded = record()
    for case in recorded["trajectories"]:
        name, settings = case["optimizer"], case["settings"]
        print(f"{difference(our_path(name, settings), case['path']):8.1e}  {name} {settings}")
    for case in recorded["schedules"]:
        name, settings = case["schedule"], case["settings"]
        print(f"{difference(our_rates(name, settings), case['rates']):8.1e}  {name} {settings}")
    for case in recorded["clipping"]:
        name, limit = case["function"], case["limit"]
        print(f"{difference(our_clipping(name, limit), case['gradients']):8.1e}  {name} {limit}")
    RECORD.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")
    print(f"\nthe largest relative difference from {recorded['source']}; its numbers are in {RECORD.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
