"""Neurons, layers of them, and networks of layers, with micrograd's signatures.

A neuron computes its logit z = Σ wᵢxᵢ + b, which is one node with ∂z/∂wᵢ = xᵢ and ∂z/∂xᵢ = wᵢ on its edges, and then its
activation f(z):

    >>> neuron = Neuron(2, activation="tanh", seed=1)
    >>> y = neuron([1.0, -2.0])
    >>> y.op, y.operands[0].op
    (<op tanh(a)>, <op affine(xs)>)

Weights are drawn from uniform(−1, 1), in order, and biases are 0, as in micrograd: a network with `seed=1337` has the weights
of micrograd's network after `random.seed(1337)`. `init=` names another rule, see `nn.init`. Without `seed=` or `rng=` they are
drawn from Python's global generator, as micrograd's are; with either, the global random state is neither read nor changed.

There is no dropout: `save` keeps parameters alone and not the state of a generator of masks, so a loaded network would go on
otherwise than the saved one. Use a penalty, `nn.losses.l2`, or weight decay.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from autograd import Value
from autograd.engine import in_c
from autograd.errors import OperandError
from autograd.ops import TABLE, Op, affine, number
from autograd.undo import exhaust, restoring
from autograd.value import DATA
from nn import init as _init
from nn.errors import SettingError, ShapeError
from nn.module import Module
from nn.outputs import data_of, sequence
from nn.settings import setting, whole

__all__ = ["MLP", "Layer", "Linear", "Neuron", "Perceptron", "Sequential"]

if TYPE_CHECKING:
    from autograd.rows import ActivationName

    class Outputs(Value, list[Value]):  # type: ignore[misc]  # no type has the number of outputs: a checker allows both
        """The outputs of a layer: the node of one neuron, or the list of the nodes of several."""
else:
    ActivationName, Outputs = str, Any
Activation = ActivationName | Op | Callable[[Any], Any] | None
"""A name in the table of operations or "linear"; a row of the table; or any function of the logit."""

Init = str | _init.Initialisation
"""A name from `nn.init`, or a function of (rng, number of inputs, number of neurons side by side) that draws one weight."""

Seed = int | float | str | bytes | None

# The fastest call of a row on one node.
_methods: dict[Any, Callable[[Value], Value]] = {
    row: getattr(Value, row.__name__) for row in TABLE.values() if len(row.operands) == 1 and hasattr(Value, row.__name__)
}
_ORDINARY = {Value, float}


class Neuron(Module):
    """f(Σ wᵢxᵢ + b); f is `activation` if given, else relu, or the identity if `nonlin` is false.

    `init` is the rule by which weights are drawn, `fan_out` the number of neurons on the same inputs, which some rules use.
    With `fused=False` the logit is computed as in micrograd, product by product, starting from b.
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        *,
        activation: Activation = None,
        init: Init = "uniform",
        fan_out: int = 1,
        fused: bool = True,
        rng: random.Random | None = None,
        seed: Seed = None,
    ) -> None:
        rng = _generator(rng, seed)
        self.init = _init.of(init)
        self.w = [Value(self.init(rng, nin, fan_out)) for _ in range(whole("nin", nin))]
        self.b = Value(0.0)
        self.activation = _activation(activation if activation is not None else "relu" if nonlin else "linear")
        self.fused = fused

    def forward(self, x: Any) -> Value | Any:
        if type(x) is not tuple:
            x = _inputs(x)
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
        """True if the neuron has an activation: micrograd's name."""
        return self.activation is not None

    def _in_summary(self) -> tuple[str, str, str]:
        return f"{len(self.w)} → 1", _name_of(self.activation), _init.name_of(self.init)

    def __repr__(self) -> str:
        name = self.activation.symbol if isinstance(self.activation, Op) else _name_of(self.activation)
        return f"{name if name[0].isupper() else name.title().replace('_', '')}Neuron({len(self.w)})"


class Layer(Module):
    """Neurons on the same inputs; options as for `Neuron`. One neuron returns its bare output, several a list."""

    def __init__(self, nin: int, nout: int, *, rng: random.Random | None = None, seed: Seed = None, **options: Any) -> None:
        rng = _generator(rng, seed)
        self.neurons = [Neuron(nin, fan_out=nout, rng=rng, **options) for _ in range(whole("nout", nout))]

    def forward(self, x: Any) -> Outputs:
        outputs: Any = _side_by_side and _side_by_side(self.neurons, x, _DEFINED)
        if outputs is None:
            x = _inputs(x)  # once for all neurons
            outputs = [neuron(x) for neuron in self.neurons]
            outputs = outputs[0] if len(outputs) == 1 else outputs
        return outputs  # type: ignore[no-any-return]

    def _in_summary(self) -> tuple[str, str, str]:
        activations = dict.fromkeys(_name_of(neuron.activation) for neuron in self.neurons)
        inits = dict.fromkeys(_init.name_of(neuron.init) for neuron in self.neurons)
        return f"{len(self.neurons[0].w)} → {len(self.neurons)}", ", ".join(activations), ", ".join(inits)

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(repr, self.neurons))}]"


class Linear(Layer):
    """A layer without activation, named as in PyTorch: zⱼ = Σᵢ wᵢⱼxᵢ + bⱼ."""

    def __init__(self, nin: int, nout: int, *, rng: random.Random | None = None, seed: Seed = None, **options: Any) -> None:
        super().__init__(nin, nout, rng=rng, seed=seed, activation="linear", **options)


# What C does as it is defined here, in these classes; None where the pure engine runs.
_side_by_side, _in_sequence = in_c("side_by_side"), in_c("in_sequence")
_DEFINED = (Neuron, Neuron.forward, Layer, Layer.forward, Linear, Linear.forward, Module.__call__)


class MLP(Module):
    """A network of layers: `nin` inputs and a layer for each number in `nouts`.

    Its usual name is multilayer perceptron, though its neurons are no perceptrons: these have a step, and learn by another rule.

    One `activation` is for every layer but the last, which is linear; a list has one for each layer. One `init` is for every
    layer; a list has one for each.

    >>> MLP(2, [2, 1], activation=["tanh", "sigmoid"])
    MLP of [Layer of [TanhNeuron(2), TanhNeuron(2)], Layer of [SigmoidNeuron(2)]]
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        *,
        activation: Activation | Sequence[Activation] | list[str] | tuple[str, ...] = "relu",
        init: Init | Sequence[Init] = "uniform",
        fused: bool = True,
        rng: random.Random | None = None,
        seed: Seed = None,
    ) -> None:
        rng = _generator(rng, seed)
        nouts = _sizes(nouts)
        activations = list(activation) if isinstance(activation, (list, tuple)) else [*[activation] * (len(nouts) - 1), "linear"]
        inits = list(init) if isinstance(init, (list, tuple)) else [init] * len(nouts)
        for settings, what, all_ in ((activations, "activations", "all but the last"), (inits, "initialisations", "all")):
            if len(settings) != len(nouts):
                raise SettingError(f"{len(nouts)} layers and {len(settings)} {what}; give one for each, or one for {all_}")
        self.layers = [
            Layer(n, nout, activation="linear" if f is None else f, init=rule, fused=fused, rng=rng)
            for n, nout, f, rule in zip([nin, *nouts], nouts, activations, inits, strict=False)
        ]

    def forward(self, x: Any) -> Outputs:
        if _in_sequence:
            return _in_sequence(self.layers, x, _DEFINED)  # type: ignore[no-any-return]
        for layer in self.layers:
            x = layer(x)
        return x  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"


class Sequential(Module):
    """Parts in sequence: the outputs of one are the inputs of the next.

    A part is a module, a row of the table with one operand, which is applied to each output, or any function of the outputs.

    >>> from autograd import tanh
    >>> Sequential(Linear(2, 3), tanh, Linear(3, 1))
    Sequential of [Layer of [LinearNeuron(2), LinearNeuron(2), LinearNeuron(2)], tanh, Layer of [LinearNeuron(3)]]
    """

    def __init__(self, *layers: Any) -> None:
        if not layers:
            raise SettingError("there are no parts; give at least one, as in Sequential(Linear(2, 3), tanh, Linear(3, 1))")
        for part in layers:
            if isinstance(part, Op) and not has_one_operand(part):
                raise SettingError(f"{part!r} needs more than one operand; give a function of the outputs, or a row of one operand")
            if not callable(part):
                raise OperandError(f"{part!r:.60} cannot be called; a part is a module, a row of the table, or a function")
        self.layers = list(layers)

    def forward(self, x: Any) -> Any:
        for part in self.layers:
            x = [part(xi) for xi in x] if isinstance(part, Op) and isinstance(x, Iterable) else part(x)
        return x

    def __getitem__(self, index: int) -> Any:
        return self.layers[index]

    def __len__(self) -> int:
        return len(self.layers)

    def __repr__(self) -> str:
        return f"Sequential of [{', '.join(_name_of(p) if not isinstance(p, Module) else repr(p) for p in self.layers)}]"


class Perceptron(Module):
    """A threshold unit and its rule: y = 1 if Σ wᵢxᵢ + b ≥ 0, else 0; after a mistake w ← w + η(t − y)x, b ← b + η(t − y).

    The output is a step, whose derivative is 0: no gradient flows, so the output is a plain number and the rule uses none.
    If a line (a plane) separates the classes by a margin γ and no (x, 1) is longer than R, the rule makes at most (R/γ)²
    mistakes, starting at 0; if no line does, as for exclusive or, it never ends.
    Source: Rosenblatt, The perceptron, 1958; the bound, Novikoff, 1962.

    >>> both = Perceptron(2).fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1])
    >>> both.predict([[0, 0], [0, 1], [1, 0], [1, 1]]), both.mistakes
    ([0.0, 0.0, 0.0, 1.0], [2, 3, 3, 2, 1, 0])
    """

    def __init__(self, nin: int, *, init: Init = "zeros", rng: random.Random | None = None, seed: Seed = None) -> None:
        rng = _generator(rng, seed)
        self.init = _init.of(init)
        self.w = [Value(self.init(rng, nin, 1)) for _ in range(whole("nin", nin))]
        self.b = Value(0.0)
        self.mistakes: list[int] = []  # in each epoch of the last `fit`

    def forward(self, x: Any) -> float:
        return float(affine([w.data for w in self.w], self._inputs(x), self.b.data) >= 0.0)

    def learn(self, x: Any, t: float, lr: float = 1.0) -> bool:
        """Apply the rule once; return True if the output was right, in which case nothing changes."""
        if t != 0.0 and t != 1.0:
            raise SettingError(f"target {t!r}: a perceptron learns 0 and 1; (t + 1) / 2 makes these of -1 and 1")
        rate, inputs, error = setting("lr", lr, positive=True), self._inputs(x), t - self(x)
        if error:
            undo = restoring(DATA, [*self.w, self.b])
            try:
                for w, xi in zip(self.w, inputs, strict=True):
                    w.data += rate * error * xi
                self.b.data += rate * error
            except BaseException:
                exhaust(undo)
                raise
        return not error

    def fit(self, X: Iterable[Any], y: Iterable[float], *, epochs: int = 100, lr: float = 1.0) -> Perceptron:
        """Learn every example in each epoch, until an epoch has no mistake, for at most `epochs` epochs."""
        X, y = list(X), list(y)
        if len(X) != len(y) or not X:
            raise ShapeError(f"{len(X)} examples and {len(y)} targets; give at least one example, and a target for each")
        self.mistakes = []
        for _ in range(whole("epochs", epochs)):
            self.mistakes.append(sum(not self.learn(x, t, lr) for x, t in zip(X, y, strict=True)))
            if not self.mistakes[-1]:
                break
        return self

    def predict(self, X: Iterable[Any]) -> list[float]:
        """Return the class of each example, 0.0 or 1.0."""
        return [self(x) for x in X]

    @property
    def converged(self) -> bool:
        """True if the last epoch of `fit` had no mistake."""
        return bool(self.mistakes) and not self.mistakes[-1]

    def _inputs(self, x: Any) -> list[float]:
        inputs = [data_of(xi) for xi in _inputs(x)]
        if len(inputs) != len(self.w):
            raise ShapeError(f"a perceptron of {len(self.w)} inputs got {len(inputs)}")
        return inputs

    def _in_summary(self) -> tuple[str, str, str]:
        return f"{len(self.w)} → 1", "threshold", _init.name_of(self.init)

    def __repr__(self) -> str:
        return f"Perceptron({len(self.w)})"


def _inputs(x: Any) -> tuple[Any, ...]:
    """Return the inputs as a tuple of nodes, floats and numbers of other number types; a bare number is a sequence of one."""
    inputs = sequence(x)
    if _ORDINARY.issuperset(map(type, inputs)):
        return inputs
    return tuple([xi if hasattr(type(xi), "__autograd_op__") else number(xi) for xi in inputs])


def _sizes(nouts: Any) -> list[int]:
    if isinstance(nouts, (str, int)) or not isinstance(nouts, Iterable):
        raise SettingError(f"nouts = {nouts!r}: a list with the number of neurons of each layer is needed, such as [16, 16, 1]")
    sizes = [whole("nouts", n) for n in nouts]
    if not sizes:
        raise SettingError("nouts = []: at least one layer is needed")
    return sizes


def _generator(rng: random.Random | None, seed: Seed) -> random.Random:
    if rng is not None and seed is not None:
        raise SettingError("rng= and seed= were both given; give one of them")
    return rng or (_GLOBAL if seed is None else random.Random(seed))


_GLOBAL: random.Random = getattr(random.random, "__self__")  # noqa: B009  # what random.seed() seeds; unknown to type checkers


def _activation(activation: Any) -> Any:
    """Return the row of that name, the row or function itself, or None for linear."""
    if activation == "linear":
        return None
    found = TABLE.get(activation) if isinstance(activation, str) else activation
    if isinstance(found, Op) and not has_one_operand(found):
        raise SettingError(f"activation {found!r} needs more than one operand; {_CURE}")
    if found is None:
        raise SettingError(f"activation {activation!r} is no operation; {_CURE}")
    if not callable(found):
        raise OperandError(f"activation {activation!r} cannot be called; {_CURE}")
    return found


_CURE = "take the name of one, such as relu, tanh, sigmoid or linear, or a function of the logit"


def has_one_operand(row: Op) -> bool:
    """True if the row can be applied to one number: it has one operand and no parameter without a default."""
    return not row.variadic and len(row.operands) == 1 and not row.required


def _name_of(activation: Any) -> str:
    activation = getattr(activation, "func", activation)  # that of functools.partial
    return "linear" if activation is None else getattr(activation, "__name__", type(activation).__name__)
