"""Models as modules of PyTorch, and back: `to_torch(model)`, `from_torch(module)` (the extra `torch`).

A layer becomes a `torch.nn.Linear` in double precision with the layer's numbers, and its activation the module that PyTorch
has for the row: `Tanh` for tanh, found by the name of the function that the row gives for PyTorch. A row without a module, or a
user's function, becomes a `Function`, a few lines of PyTorch. `run.py test peers` compares what PyTorch computes with us.
"""

from __future__ import annotations

import ast
import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from autograd import Value
from autograd.calls import NO_PARAMETERS
from autograd.errors import MissingExtraError, OperandError
from autograd.ops import TABLE, Op, lookup
from autograd.text.programs import torch_function, torch_name
from nn.layers import Layer, Linear, Sequential, has_one_operand
from nn.module import Module
from nn.stages import Each, Logits, Mixed, stages_of

__all__ = ["from_torch", "to_torch"]


def to_torch(model: Module) -> Any:
    """Return a `torch.nn.Sequential` of the same function, of batches: (examples, inputs) in, (examples, outputs) out, float64.

    Its parameters have the model's numbers: `0.weight` of shape (outputs, inputs) and `0.bias` for the first layer. A model of one
    layer without activation is a `torch.nn.Linear`. Raises an OperandError that names the part which cannot be written for PyTorch.
    `to_torch(MLP(2, [3, 1], activation="tanh"))` is

        Sequential(
          (0): Linear(in_features=2, out_features=3, bias=True)
          (1): Tanh()
          (2): Linear(in_features=3, out_features=1, bias=True)
        )
    """
    stages, torch = stages_of(model), _torch()
    made: dict[int, Any] = {}  # a layer that comes again is the same module
    for stage in stages:
        if id(stage) not in made:
            made[id(stage)] = _linear(torch, stage) if isinstance(stage, Logits) else _activation(torch, stage)
    modules = [made[id(stage)] for stage in stages]
    return modules[0] if len(modules) == 1 else torch.nn.Sequential(*modules)


def from_torch(module: Any) -> Module:
    """Return a `torch.nn.Sequential`, `Linear` or activation as a model of ours, with its parameters.

    A `Linear` and the activation after it become one `Layer`; a Sequential inside another stays inside. Raises an OperandError that
    names the module which is not known, by its place and settings. `from_torch(Sequential(Linear(2, 1), Tanh()))`, of PyTorch's, is
    our `Sequential of [Layer of [TanhNeuron(2)]]`.
    """
    torch = _torch()
    if not isinstance(module, torch.nn.Module):
        raise OperandError(f"{module!r:.60} is no module of PyTorch; give a torch.nn.Sequential, Linear or activation")
    part = _Arrival(torch).part("the module", module)
    return part if isinstance(part, Module) else Sequential(part)


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise MissingExtraError("torch", "torch") from None
    return torch


# ------------------------------------------------------------------------------------------------------------------- leaving


def _linear(torch: Any, logits: Logits) -> Any:
    linear = torch.nn.Linear(len(logits.weights[0]), len(logits.biases), dtype=torch.float64)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[w.data for w in row] for row in logits.weights], dtype=torch.float64))
        linear.bias.copy_(torch.tensor([b.data for b in logits.biases], dtype=torch.float64))
    return linear


def _activation(torch: Any, stage: Each | Mixed) -> Any:
    """Return PyTorch's module for a row, or a Function."""
    row = stage.row if isinstance(stage, Each) else None
    parameters = dict(stage.y.parameters) if isinstance(stage, Each) and row else {}
    if row and (found := _modules(torch).get(row)):
        kind, settings = found
        return kind(**{name: _setting(written, parameters) for name, written in settings.items()})
    try:
        source = torch_function([stage.y]) if isinstance(stage, Each) else torch_function(stage.ys, stage.xs)
        return _function_class()(source, row.__name__ if row else "", parameters)
    except OperandError as error:
        raise OperandError(f"{stage.name}: {error}") from None


_CALL = re.compile(r"torch\.(?:nn\.functional\.)?(\w+)(?:\(<\w+>((?:, \w+=[^,()]+)*)\))?")


def _modules(torch: Any) -> dict[Op, tuple[Any, dict[str, str]]]:
    """Return, for each row that PyTorch has a module for, its class and settings: {"negative_slope": "<negative_slope>"}.

    It is the class with the name of the function, in other letters: torch.nn.functional.leaky_relu is that of LeakyReLU.
    """
    classes, found = _classes(torch), {}
    for row in TABLE.values():
        call = _CALL.fullmatch(torch_name(row)) if has_one_operand(row) else None
        kind = classes.get(call[1].replace("_", "")) if call else None
        if call and kind:
            found[row] = kind, dict([setting.split("=") for setting in (call[2] or "").split(", ")[1:]])
    return found


def _classes(torch: Any) -> dict[str, Any]:
    kinds = {name.lower(): kind for name, kind in vars(torch.nn).items() if isinstance(kind, type)}
    return {name: kind for name, kind in kinds.items() if issubclass(kind, torch.nn.Module)}


def _setting(written: str, parameters: Mapping[str, Any]) -> Any:
    """Return a setting as a row writes it: a parameter, or a constant."""
    return parameters[written[1:-1]] if written.startswith("<") else ast.literal_eval(written)


@functools.cache
def _function_class() -> Any:
    """Return the class `Function`: made when PyTorch is there, and found by pickle under its name in this module."""
    torch = _torch()

    class Function(torch.nn.Module):  # type: ignore[misc,name-defined]  # its base is known to PyTorch alone
        """A function of a batch, as lines of Python; `row` is the name of the row that it is, if it is one."""

        def __init__(self, source: str, row: str = "", settings: Mapping[str, Any] = NO_PARAMETERS) -> None:
            super().__init__()
            self.source, self.row, self.settings = source, row, dict(settings)
            self.function = _defined(source)

        def forward(self, x: Any) -> Any:
            return self.function(x)

        def extra_repr(self) -> str:
            return str(self.source)

        def __getstate__(self) -> dict[str, Any]:
            return {name: x for name, x in vars(self).items() if name != "function"}

        def __setstate__(self, state: dict[str, Any]) -> None:
            super().__setstate__(state)
            self.function = _defined(self.source)

    Function.__qualname__ = "Function"
    return Function


def _defined(source: str) -> Any:
    scope = {"torch": _torch()}
    exec(source, scope)
    return scope["f"]


if not TYPE_CHECKING:

    def __getattr__(name):
        if name == "Function":
            return _function_class()
        raise AttributeError(f"module 'nn.torch_modules' has no attribute {name!r}")


# ------------------------------------------------------------------------------------------------------------------ arriving


class _Arrival:
    """The parts of a module; what comes again in it is the same part, and a weight is one Value."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.layers: dict[tuple[int, int], Layer] = {}
        self.parameters: dict[int, tuple[list[list[Value]], list[Value]]] = {}

    def part(self, place: str, module: Any) -> Any:
        if type(module) is self.torch.nn.Sequential:
            return self.sequential(place, list(module))
        if type(module) is self.torch.nn.Linear:
            return self.layer(place, module, None)
        function = self.activation(module)
        if function is None:
            known = sorted({kind.__name__ for kind, _, _ in self.activations()})
            raise OperandError(f"{place} is {module!r:.200}, which nn does not have; it has Linear, Sequential, {', '.join(known)}")
        return function if isinstance(function, Op) else ForEach(function)

    def sequential(self, place: str, modules: list[Any]) -> Sequential:
        """Return the parts in sequence; an activation after a Linear is the layer's."""
        if not modules:
            raise OperandError(f"{place} is an empty Sequential; a model has a part at least")
        parts, rest = [], list(enumerate(modules))
        while rest:
            index, module = rest.pop(0)
            if type(module) is self.torch.nn.Linear:
                function = self.activation(rest[0][1]) if rest else None
                parts.append(self.layer(f"{place}[{index}]", module, None if function is None else rest.pop(0)[1]))
            else:
                parts.append(self.part(f"{place}[{index}]", module))
        return Sequential(*parts)

    def layer(self, place: str, linear: Any, activation: Any) -> Layer:
        """Return a layer with the numbers of a Linear and a module's activation."""
        if linear.bias is None:
            raise OperandError(f"{place} is {linear!r}, and every neuron of nn has a bias; make it with bias=True, and zeros")
        made = self.layers.get((id(linear), id(activation)))
        if made is None:
            shape = linear.in_features, linear.out_features
            if activation is None:
                made = Linear(*shape, init="zeros")
            else:
                made = Layer(*shape, activation=self.activation(activation), init="zeros")
            if id(linear) not in self.parameters:
                rows, biases = linear.weight.tolist(), linear.bias.tolist()
                self.parameters[id(linear)] = [[Value(w) for w in row] for row in rows], [Value(b) for b in biases]
            for neuron, w, b in zip(made.neurons, *self.parameters[id(linear)], strict=True):
                neuron.w, neuron.b = w, b
            self.layers[id(linear), id(activation)] = made
        return made

    def activation(self, module: Any) -> Callable[[Any], Any] | None:
        """Return the row that a module is, with its parameters where these are not the row's defaults; None for no activation."""
        if type(module) is _function_class() and module.row:
            return _with_parameters(lookup(module.row), module.settings)
        for kind, settings, row in self.activations():
            if type(module) is kind and (parameters := _parameters(module, settings)) is not None:
                return _with_parameters(row, parameters)
        return None

    def activations(self) -> Iterator[tuple[Any, dict[str, str], Op]]:
        """Yield classes with the settings and the row of each: of the row's function, else of its name, with default settings."""
        for row, (kind, settings) in _modules(self.torch).items():
            yield kind, settings, row
        classes = _classes(self.torch)
        for name, row in TABLE.items():
            if has_one_operand(row) and (kind := classes.get(name.replace("_", ""))):
                yield kind, {}, row


def _parameters(module: Any, settings: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the parameters of the row that a module with these settings is; None if another setting is not the row's."""
    parameters = {}
    for name, written in settings.items():
        if written.startswith("<"):
            parameters[written[1:-1]] = getattr(module, name)
        elif getattr(module, name) != ast.literal_eval(written):
            return None
    for name, taken in inspect.signature(type(module)).parameters.items():
        if name not in (*settings, "inplace") and getattr(module, name, taken.default) != taken.default:
            return None
    return parameters


def _with_parameters(row: Op, parameters: Mapping[str, Any]) -> Callable[[Any], Any]:
    changed = {name: x for name, x in parameters.items() if x != row.parameters[name]}
    return functools.partial(row, **changed) if changed else row


class ForEach:
    """A function applied to each output, as a part of a Sequential."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def __repr__(self) -> str:
        return f"ForEach({self.function!r})"

    def __call__(self, x: Any) -> Any:
        return [self.function(xi) for xi in x] if isinstance(x, Iterable) else self.function(x)
