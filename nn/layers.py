"""Neurons, layers of them, and networks of layers, with micrograd's signatures.

A neuron computes its logit z = Σ wᵢxᵢ + b, which is one node with ∂z/∂wᵢ = xᵢ and ∂z/∂xᵢ = wᵢ on its edges, and then its
activation f(z):

    >>> neuron = Neuron(2, activation="tanh", seed=1)
    >>> y = neuron([1.0, -2.0])
    >>> y.op, y.operands[0].op
    (<op tanh(a)>, <op affine(xs)>)

Weights are drawn from uniform(−1, 1), in order, and biases are 0, as in micrograd: a network made with `seed=1337` has the
weights that micrograd's has after `random.seed(1337)`. Without `seed=` or `rng=` they differ from run to run; the global
random state is neither read nor changed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd import Value
from autograd.errors import OperandError
from autograd.ops import TABLE, Op, affine, number
from nn.errors import SettingError, ShapeError
from nn.module import Module

__all__ = ["MLP", "Layer", "Neuron"]

Activation = str | Op | Callable[[Any], Any] | None
"""A name in the table of operations or "linear"; a row of the table; or any function of the logit."""

Seed = int | float | str | bytes | None

# The fastest way to apply a row to one node.
_methods: dict[Any, Callable[[Value], Value]] = {
    row: getattr(Value, row.__name__) for row in TABLE.values() if len(row.operands) == 1 and hasattr(Value, row.__name__)
}
_ORDINARY = {Value, float}


class Neuron(Module):
    """f(Σ wᵢxᵢ + b); f is relu, or nothing if `nonlin` is false, or what `activation` says.

    With `fused=False` the logit is built as micrograd builds it, product by product, starting from b.
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        *,
        activation: Activation = None,
        fused: bool = True,
        rng: random.Random | None = None,
        seed: Seed = None,
    ) -> None:
        rng = _generator(rng, seed)
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(_size("nin", nin))]
        self.b = Value(0.0)
        self.activation = _activation(activation if activation is not None else "relu" if nonlin else "linear")
        self.fused = fused

    def __call__(self, x: Any) -> Any:
        if type(x) is not tuple:
            x = _sequence(x)
        w = self.w
        if len(x) != len(w):
            raise ShapeError(f"a neuron of {len(w)} inputs got {len(x)}")
        z: Any
        if self.fused:
            z = affine.apply((*w, *x, self.b))
        else:
            z = self.b
            for wi, xi in zip(w, x, strict=True):
                z = z + wi * xi
        activation = self.activation
        if activation is None:
            return z
        return _methods.get(activation, activation)(z) if type(z) is Value else activation(z)

    @property
    def nonlin(self) -> bool:
        """Whether there is an activation, in micrograd's word."""
        return self.activation is not None

    def _in_summary(self) -> tuple[str, str]:
        return f"{len(self.w)} → 1", _name_of(self.activation)

    def __repr__(self) -> str:
        name = self.activation.symbol if isinstance(self.activation, Op) else _name_of(self.activation)
        return f"{name if name[0].isupper() else name.title().replace('_', '')}Neuron({len(self.w)})"


class Layer(Module):
    """Neurons side by side on the same inputs; options as for `Neuron`. One neuron gives its bare output, more a list."""

    def __init__(self, nin: int, nout: int, *, rng: random.Random | None = None, seed: Seed = None, **options: Any) -> None:
        rng = _generator(rng, seed)
        self.neurons = [Neuron(nin, rng=rng, **options) for _ in range(_size("nout", nout))]

    def __call__(self, x: Any) -> Any:
        x = _sequence(x)  # once, rather than in each neuron
        outputs = [neuron(x) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def _in_summary(self) -> tuple[str, str]:
        activations = dict.fromkeys(_name_of(neuron.activation) for neuron in self.neurons)
        return f"{len(self.neurons[0].w)} → {len(self.neurons)}", ", ".join(activations)

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(repr, self.neurons))}]"


class MLP(Module):
    """A multilayer perceptron: `nin` inputs and a layer for each number in `nouts`.

    One `activation` is that of every layer but the last, which stays linear; a list has one for each layer.

    >>> MLP(2, [2, 1], activation=["tanh", "sigmoid"])
    MLP of [Layer of [TanhNeuron(2), TanhNeuron(2)], Layer of [SigmoidNeuron(2)]]
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        *,
        activation: Activation | Sequence[Activation] = "relu",
        fused: bool = True,
        rng: random.Random | None = None,
        seed: Seed = None,
    ) -> None:
        rng = _generator(rng, seed)
        nouts = _sizes(nouts)
        activations = list(activation) if isinstance(activation, (list, tuple)) else [*[activation] * (len(nouts) - 1), "linear"]
        if len(activations) != len(nouts):
            raise SettingError(
                f"{len(nouts)} layers and {len(activations)} activations; give one for each, or one for all but the last"
            )
        self.layers = [
            Layer(n, nout, activation="linear" if f is None else f, fused=fused, rng=rng)
            for n, nout, f in zip([nin, *nouts], nouts, activations, strict=False)
        ]

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"


# ------------------------------------------------------------------------------------------------- what arguments may be


def _sequence(x: Any) -> tuple[Any, ...]:
    """The inputs as a tuple of nodes and floats; a bare one is a sequence of one."""
    inputs: tuple[Any, ...] = (x,) if type(x) is Value or not isinstance(x, Iterable) else tuple(x)
    if _ORDINARY.issuperset(map(type, inputs)):
        return inputs
    # A number type with its own way of computing answers for itself.
    return tuple([xi if hasattr(type(xi), "__autograd_op__") else number(xi) for xi in inputs])


def _size(name: str, n: Any) -> int:
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise SettingError(f"{name} = {n!r}: a whole number of at least 1 is needed")
    return n


def _sizes(nouts: Any) -> list[int]:
    if isinstance(nouts, (str, int)) or not isinstance(nouts, Iterable):
        raise SettingError(f"nouts = {nouts!r}: a list is needed, the number of neurons of each layer, such as [16, 16, 1]")
    sizes = [_size("nouts", n) for n in nouts]
    if not sizes:
        raise SettingError("nouts = []: at least one layer is needed")
    return sizes


def _generator(rng: random.Random | None, seed: Seed) -> random.Random:
    if rng is not None and seed is not None:
        raise SettingError("rng= and seed= were both given; one of them says where the weights come from")
    return random.Random(seed) if rng is None else rng


def _activation(activation: Any) -> Any:
    """The row, the function, or None for linear."""
    if activation == "linear":
        return None
    if isinstance(activation, str):
        if activation not in TABLE:
            raise SettingError(f"activation {activation!r} is no operation; {_CURE}")
        activation = TABLE[activation]
    if isinstance(activation, Op):
        if activation.variadic or len(activation.operands) != 1 or activation.required:
            raise SettingError(f"activation {activation!r} needs more than one operand; {_CURE}")
        return activation
    if not callable(activation):
        raise OperandError(f"activation {activation!r} cannot be called; {_CURE}")
    return activation


_CURE = "take the name of one, such as relu, tanh, sigmoid or linear, or a function of the logit"


def _name_of(activation: Any) -> str:
    return "linear" if activation is None else getattr(activation, "__name__", type(activation).__name__)
