"""What PyTorch computes of a model of ours: outputs, losses and gradients in our order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from leaving import LOSSES, POINTS
from torch.nn import functional

LOSSES_OF_TORCH = {
    "squared_error": lambda y, t: 0.5 * ((t - y) ** 2).sum(),
    "mse": functional.mse_loss,
    "mae": functional.l1_loss,
    "huber": functional.huber_loss,
    "hinge": lambda y, t: torch.relu(1 - t * y).mean(),
    "bce": functional.binary_cross_entropy,
    "bce_with_logits": functional.binary_cross_entropy_with_logits,
    "cross_entropy": functional.cross_entropy,
}


def outputs(module: Any, points: list[list[float]] = POINTS) -> Any:
    return module(torch.tensor(points, dtype=torch.float64))


def loss_and_gradients(name: str, module: Any) -> tuple[float, list[float]]:
    found = outputs(module)
    if name == "cross_entropy":
        loss = LOSSES_OF_TORCH[name](found, torch.tensor(LOSSES[name].targets))
    else:
        loss = LOSSES_OF_TORCH[name](found[:, 0], torch.tensor(LOSSES[name].targets, dtype=torch.float64))
    module.zero_grad()
    loss.backward()
    return loss.item(), [*gradients(module)]


def gradients(module: Any) -> Iterator[float]:
    """The gradients neuron by neuron, the weights and then the bias, as `parameters()` of ours."""
    for part in module.modules():
        if isinstance(part, torch.nn.Linear):
            for weights, bias in zip(part.weight.grad.tolist(), part.bias.grad.tolist(), strict=True):
                yield from (*weights, bias)
