"""Initialisations: from which distribution the weights of a neuron are drawn, so that signals neither fade nor explode.

An initialisation is a function of a generator and of the fans, the number n of inputs of the neuron and the number m of
neurons in its layer, that draws one weight. Any such function will do; those here are made with their settings:

    >>> import random
    >>> draw = XavierUniform(gain=gain("tanh"))
    >>> -1.0 < draw(random.Random(1), 10, 20) < 1.0
    True

Neuron, Layer and MLP take one as `init=`, or its name: "uniform" (micrograd's, the default), "xavier_uniform" and
"xavier_normal" (also "glorot_..."), "he_uniform" and "he_normal" (also "kaiming_..."), "zeros". A sum of n inputs of variance
1 has variance n·var(w): the rules choose var(w) so that the variance stays what it is, forward (n), or in both directions (n + m).
Biases start at 0.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

from autograd.errors import OperandError
from autograd.ops import TABLE, number
from autograd.text.numbers import short
from nn.errors import SettingError

__all__ = ["NAMES", "HeNormal", "HeUniform", "Initialisation", "Uniform", "XavierNormal", "XavierUniform", "Zeros", "gain"]

Initialisation = Callable[[random.Random, int, int], float]
"""From a generator, the number of inputs and the number of neurons side by side, to one weight."""


def gain(activation: str, negative_slope: float = 0.01) -> float:
    """By what an activation shrinks a signal, to be multiplied into the weights; PyTorch's `calculate_gain`.

    1 for linear and sigmoid, 5/3 for tanh, √2 for relu, √(2/(1 + slope²)) for leaky_relu, 3/4 for selu. Source: He et al.,
    2015, for the relus; the others are PyTorch's choice. Your own operation has one if its declaration gives it,
    `@op(..., gain=1.5)`.

    >>> gain("relu")
    1.4142135623730951
    """
    if activation == "linear":
        return 1.0
    row = TABLE.get(activation)
    if row is None or row.gain is None:
        known = ", ".join(["linear", *[row.__name__ for row in TABLE.values() if row.gain is not None]])
        raise SettingError(f"no gain is known for {activation!r}; take that of {known}, or a number")
    if not callable(row.gain):
        return float(row.gain)
    given = {"negative_slope": number(negative_slope)}
    return number(row.gain(**{name: given.get(name, default) for name, default in row.parameters.items()}))


class Zeros:
    """Every weight 0: for a perceptron. Hidden neurons that start alike stay alike; give those random weights."""

    def __call__(self, rng: random.Random, fan_in: int, fan_out: int) -> float:
        return 0.0

    def __repr__(self) -> str:
        return "zeros"


class Uniform:
    """Uniform on [low, high], whatever the fans; micrograd's is on [−1, 1]."""

    def __init__(self, low: float = -1.0, high: float = 1.0) -> None:
        self.low, self.high = number(low), number(high)
        if not -math.inf < self.low <= self.high < math.inf:
            raise SettingError(f"Uniform({low!r}, {high!r}): finite bounds are needed, low not above high")

    def __call__(self, rng: random.Random, fan_in: int, fan_out: int) -> float:
        return rng.uniform(self.low, self.high)

    def __repr__(self) -> str:
        return f"uniform({short(self.low)}, {short(self.high)})"


class _Scaled:
    """The part that the four rules share: a gain."""

    usual = 1.0  # the gain if none is given

    def __init__(self, gain: float | None = None) -> None:
        self.gain = self.usual if gain is None else number(gain)
        if not 0.0 < self.gain < math.inf:
            raise SettingError(f"gain = {gain!r}: a finite number above 0 is needed; gain('tanh') gives that of an activation")

    def __repr__(self) -> str:
        name = next(name for name, known in NAMES.items() if isinstance(self, type(known)))
        return name if self.gain == self.usual else f"{name}({short(self.gain)})"


class XavierUniform(_Scaled):
    """Uniform on [−a, a], a = gain·√(6/(n + m)). Source: Glorot and Bengio, Understanding the difficulty of training, 2010."""

    def __call__(self, rng: random.Random, fan_in: int, fan_out: int) -> float:
        bound = self.gain * math.sqrt(6.0 / (fan_in + fan_out))
        return rng.uniform(-bound, bound)


class XavierNormal(_Scaled):
    """Normal with mean 0 and σ = gain·√(2/(n + m)). Source: Glorot and Bengio, 2010."""

    def __call__(self, rng: random.Random, fan_in: int, fan_out: int) -> float:
        return rng.gauss(0.0, self.gain * math.sqrt(2.0 / (fan_in + fan_out)))


class HeUniform(_Scaled):
    """Uniform on [−a, a], a = gain·√(3/n), by default the gain of relu.

    Source: He et al., Delving deep into rectifiers, 2015.
    """

    usual = math.sqrt(2.0)

    def __call__(self, rng: random.Random, fan_in: int, fan_out: int) -> float:
        bound = self.gain * math.sqrt(3.0 / fan_in)
        return rng.uniform(-bound, bound)


class HeNormal(_Scaled):
    """Normal with mean 0 and σ = gain/√n, by default the gain of relu. Source: He et al., 2015."""

    usual = math.sqrt(2.0)

    def __call__(self, rng: random.Random, fan_in: int, fan_out: int) -> float:
        return rng.gauss(0.0, self.gain / math.sqrt(fan_in))


NAMES: dict[str, Any] = {
    "uniform": Uniform(),
    "xavier_uniform": XavierUniform(),
    "xavier_normal": XavierNormal(),
    "he_uniform": HeUniform(),
    "he_normal": HeNormal(),
    "zeros": Zeros(),
    "glorot_uniform": XavierUniform(),
    "glorot_normal": XavierNormal(),
    "kaiming_uniform": HeUniform(),
    "kaiming_normal": HeNormal(),
}
"""The initialisations that can be asked for by name."""


def of(init: Any) -> Initialisation:
    """The initialisation of that name, or the function itself."""
    if isinstance(init, str):
        if init not in NAMES:
            raise SettingError(f"init {init!r} is not known; take one of {', '.join(NAMES)}, or your own function (rng, n, m)")
        init = NAMES[init]
    if not callable(init):
        raise OperandError(f"init {init!r} cannot be called; give a name such as 'he_normal', or a function (rng, n, m) -> weight")
    function: Initialisation = init
    return function


def name_of(init: Any) -> str:
    """The name in a summary."""
    return str(init) if isinstance(init, Uniform | Zeros | _Scaled) else getattr(init, "__name__", type(init).__name__)
