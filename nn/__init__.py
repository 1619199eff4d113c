"""Neural networks in which every parameter is a node: micrograd's modules, with names, losses and optimisers.

    >>> from nn import MLP, SGD, losses
    >>> model = MLP(2, [4, 1], seed=1)
    >>> model
    MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2), ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(4)]]
    >>> optimizer = SGD(model.parameters(), lr=0.1)
    >>> before = losses.squared_error(model([1.0, -2.0]), 0.5)
    >>> before.backward()
    >>> optimizer.step()
    >>> losses.squared_error(model([1.0, -2.0]), 0.5) < before
    True

Start reading at `nn.layers`, then `nn.module`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

import autograd

if not (hasattr(autograd, "Value") and hasattr(autograd, "ops")):
    raise ImportError(
        f"nn needs the package `autograd` that comes with it, but found another project of that name: {autograd.__file__}; "
        "install this one in a separate virtual environment (python3 -m venv .venv), without that project",
        name="autograd",
        path=autograd.__file__,
    )

from nn import deltas, errors, init, losses, optim
from nn.errors import ForwardError, SettingError, ShapeError, StateError
from nn.layers import MLP, Layer, Linear, Neuron, Perceptron, Sequential
from nn.module import Module
from nn.optim import SGD, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSProp

__all__ = ["MLP", "Ensemble", "Layer", "Linear", "Module", "Neuron", "Perceptron", "Sequential", "draw", "page"]
__all__ += ["from_torch", "to_onnx", "to_torch"]
__all__ += ["SGD", "AdaGrad", "Adam", "AdamW", "Momentum", "Nesterov", "RMSProp"]
__all__ += ["ForwardError", "SettingError", "ShapeError", "StateError"]
__all__ += ["deltas", "errors", "init", "losses", "optim"]

# These modules are imported at their first use, so that importing nn stays fast.
MODULES = [
    "checkpoint",
    "classes",
    "data",
    "diagram",
    "ensembles",
    "families",
    "film",
    "health",
    "history",
    "onnx_graph",
    "outputs",
]
MODULES += ["outputs", "plot", "stages", "sweeps", "task", "torch_modules", "train"]

FUNCTIONS = {"Ensemble": "nn.ensembles", "draw": "nn.diagram", "page": "nn.film", "to_onnx": "nn.onnx_graph"}
FUNCTIONS |= {"from_torch": "nn.torch_modules", "to_torch": "nn.torch_modules"}

if TYPE_CHECKING:
    from nn import checkpoint, classes, data, diagram, ensembles, families, film, health, history, onnx_graph, outputs  # noqa: F401
    from nn import plot, stages, sweeps, task, torch_modules, train  # noqa: F401  # isort: skip
    from nn.diagram import draw
    from nn.ensembles import Ensemble
    from nn.film import page
    from nn.onnx_graph import to_onnx
    from nn.torch_modules import from_torch, to_torch
else:

    def __getattr__(name):
        if name in MODULES:
            return import_module(f"nn.{name}")
        if name in FUNCTIONS:
            return getattr(import_module(FUNCTIONS[name]), name)
        raise AttributeError(f"module 'nn' has no attribute {name!r}")


def __dir__() -> list[str]:
    loaded = ("layers", "module", "schedules", "settings", "states")
    return sorted({*__all__, *MODULES, *loaded})
