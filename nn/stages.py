"""A model as stages for other libraries: logits, functions of each output, functions of all outputs; names alone, no graph.

`nn.torch_modules` and `nn.onnx_graph` write the same stages. An activation is traced on symbols, so a function that is made of
operations of the table is written with what the other library calls these.

    >>> from nn import MLP
    >>> [type(stage).__name__ for stage in stages_of(MLP(2, [3, 1], activation="tanh"))]
    ['Logits', 'Each', 'Logits']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from autograd import Value
from autograd.errors import OperandError
from autograd.ops import Op
from autograd.text.symbols import NOT_FOR_SYMBOLS, Symbol, in_order, symbolic
from nn.layers import MLP, Layer, Neuron, Sequential
from nn.module import Module
from nn.outputs import sequence

__all__ = ["Each", "Logits", "Mixed", "Stage", "stages_of"]


class Logits(NamedTuple):
    """zⱼ = Σᵢ wᵢⱼxᵢ + bⱼ."""

    name: str  # of the layer in the model
    weights: tuple[tuple[Value, ...], ...]  # those of a neuron after those of another
    biases: tuple[Value, ...]


class Each(NamedTuple):
    """A function of one number, applied to each output."""

    name: str
    x: Symbol
    y: Symbol

    @property
    def row(self) -> Op | None:
        """The row that is the function, with the parameters of `y`; None if it is made of several."""
        return self.y.op if len(self.y.operands) == 1 and self.y.operands[0] is self.x else None


class Mixed(NamedTuple):
    """A function of all outputs."""

    name: str
    xs: tuple[Symbol, ...]
    ys: tuple[Symbol, ...]


Stage = Logits | Each | Mixed


def stages_of(model: Any) -> list[Stage]:
    """Return the stages of a model in the order of computation; a layer that is used twice is the same stage twice.

    Raises an OperandError that names the part which is no layer of `nn`, cannot be traced, or shares a weight with another.
    """
    if not isinstance(model, Module):
        raise OperandError(f"{model!r:.60} is no model; give a module of nn, such as MLP(2, [3, 1])")
    stages = _Reader().stages("", model)
    owners: dict[Value, str] = {}
    for stage in {id(stage): stage for stage in stages if isinstance(stage, Logits)}.values():
        for parameter in (*[w for row in stage.weights for w in row], *stage.biases):
            if parameter in owners:
                raise OperandError(
                    f"{parameter.label or 'a weight'} is in {owners[parameter]} and again in {stage.name}; only a whole layer may "
                    "come again"
                )
            owners[parameter] = stage.name
    return stages


_KNOWN = "Linear, Layer, Neuron, MLP, Sequential, and functions without parameters"


class _Reader:
    """The stages of parts, and what the last of them gives."""

    def __init__(self) -> None:
        self.width = 0  # of the outputs so far, 0 before the first layer
        self.is_bare = False  # whether it is one output that is in no list
        self.known: dict[int, list[Stage]] = {}

    def stages(self, name: str, part: Any) -> list[Stage]:
        kind, forward = type(part), getattr(type(part), "forward", None)
        if isinstance(part, Module) and kind.__call__ is not Module.__call__:
            forward = None
        if forward in (MLP.forward, Sequential.forward):
            inner = [(f"{name}.layers[{index}]".lstrip("."), each) for index, each in enumerate(part.layers)]
            return [stage for path, each in inner for stage in self.stages(path, each)]
        if forward in (Layer.forward, Neuron.forward):
            return self.layer(name or kind.__name__.lower(), part, part.neurons if forward is Layer.forward else [part])
        if isinstance(part, Op):
            return [_each(name, part)]
        if isinstance(part, Module) and part.parameters():
            raise OperandError(f"{name or 'the model'} is a {kind.__name__}, which other libraries lack; take {_KNOWN}")
        return [self.mixed(name, part)]

    def layer(self, name: str, layer: Module, neurons: Sequence[Neuron]) -> list[Stage]:
        """Return the logits and the activation."""
        self.width, self.is_bare = len(neurons), len(neurons) == 1
        if id(layer) not in self.known:
            self.known[id(layer)] = [_logits(name, neurons), *_activations(name, neurons)]
        return self.known[id(layer)]

    def mixed(self, name: str, function: Callable[[Any], Any]) -> Stage:
        if not self.width:
            raise OperandError(f"{name or 'the model'}: how many inputs {function!r:.60} has is not known; begin with a layer")
        xs = tuple([Symbol(f"x{index}") for index in range(self.width)])
        found = _traced(name, function, xs[0] if self.is_bare else list(xs))
        ys = tuple([_dependent(name, y) for y in sequence(found)])
        self.width, self.is_bare = len(ys), isinstance(found, Symbol)
        return Mixed(name, xs, ys)


def _logits(name: str, neurons: Sequence[Neuron]) -> Logits:
    for neuron in neurons:
        if type(neuron).forward is not Neuron.forward:
            raise OperandError(f"{name}: a {type(neuron).__name__} computes otherwise than a Neuron, and is not exported")
        for parameter in (*neuron.w, neuron.b):
            if type(parameter) is not Value or parameter.op is not None:
                raise OperandError(f"{name}: the parameter {parameter!r:.60} is no leaf; make it Value(0.5)")
    if len({len(neuron.w) for neuron in neurons}) > 1:
        raise OperandError(f"{name}: its neurons have different numbers of inputs")
    return Logits(name, tuple([tuple(neuron.w) for neuron in neurons]), tuple([neuron.b for neuron in neurons]))


def _activations(name: str, neurons: Sequence[Neuron]) -> Iterator[Stage]:
    """Yield one stage where a neuron has an activation: of each output if all have the same."""
    activations = [neuron.activation for neuron in neurons]
    if all(activation is activations[0] for activation in activations):
        if activations[0] is not None:
            yield _each(name, activations[0])
        return
    xs = tuple([Symbol(f"x{index}") for index in range(len(neurons))])
    pairs = zip(activations, xs, strict=True)
    yield Mixed(name, xs, tuple([x if f is None else _dependent(name, _traced(name, f, x)) for f, x in pairs]))


def _each(name: str, function: Callable[[Any], Any]) -> Each:
    x = Symbol("x")
    return Each(name, x, _dependent(name, _traced(name, function, x)))


def _traced(name: str, function: Callable[[Any], Any], x: Any) -> Any:
    try:
        return function(x)
    except NOT_FOR_SYMBOLS as error:
        called = getattr(function, "__name__", repr(function))
        raise OperandError(f"{name}: {called:.60} cannot be traced ({error}); write it with operations of autograd") from error


def _dependent(name: str, y: Any) -> Symbol:
    try:
        symbol = symbolic(y)
    except TypeError:
        raise OperandError(f"{name}: {y!r:.60} is no number; a function gives one or a list of them") from None
    if not any(part.op is None and part.value is None for part in in_order(symbol)):
        raise OperandError(f"{name}: the output {symbol!r:.60} depends on no input")
    return symbol
