"""Optimisers: they move parameters against their gradients; schedules, which change the learning rate; clipping.

An optimiser is a list of parameters, its settings as plain attributes (change `lr` between steps as you like), and one
method that a subclass writes: `change(index, parameter)`, the amount to subtract.

    >>> from autograd import Value
    >>> w = Value(1.0, "w")
    >>> optimizer = SGD([w], lr=0.1)
    >>> for _ in range(100):
    ...     loss = (w - 3.0) ** 2
    ...     optimizer.zero_grad()
    ...     loss.backward()
    ...     optimizer.step()
    >>> round(w.data, 6)
    3.0

The recurrences are PyTorch's, to the rounding, and so are the defaults but for the 0.01 of `SGD`. In the formulas p is a
parameter, g = ∂L/∂p + λp its gradient with weight decay λ, η the learning rate, t the number of the step from 1. A parameter
that no backward has reached has g = λp: decay and what is remembered still move it.

A schedule is any function from the number of steps taken to a learning rate:

    >>> scheduler = Scheduler(optimizer, LinearDecay(0.5, steps=4))
    >>> for _ in range(4):
    ...     scheduler.step()                        # after each optimizer.step(), or after each epoch
    ...     print(optimizer.lr)
    0.375
    0.25
    0.125
    0.0
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar

import autograd
from autograd import Value
from autograd.errors import AnomalyError, OperandError
from autograd.ops import number
from autograd.value import exhaust, restoring_data, restoring_gradients
from nn.errors import SettingError, StateError
from nn.schedules import (
    Constant,
    CosineDecay,
    ExponentialDecay,
    LinearDecay,
    MultiStepDecay,
    Schedule,
    StepDecay,
    WarmUp,
    checked_schedule,
)
from nn.settings import setting, within
from nn.states import MOST, real_number, shown, whole_number

__all__ = [
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Constant",
    "CosineDecay",
    "ExponentialDecay",
    "LinearDecay",
    "Momentum",
    "MultiStepDecay",
    "Nesterov",
    "Optimizer",
    "RMSProp",
    "Schedule",
    "Scheduler",
    "StepDecay",
    "WarmUp",
    "clip_grad_norm",
    "clip_grad_value",
    "optimizer_for",
]


Bounds = Mapping[str, Any]  # the keywords of `setting`
POSITIVE: Bounds = {"positive": True}
BELOW_1: Bounds = {"below": 1.0}
FROM_0: Bounds = {}


class Optimizer(ABC):
    """What all optimisers share: the parameters, `zero_grad`, `step`, and a state that resumes to the bit.

    A subclass names its settings, and the lists in which it remembers one number for each parameter.
    """

    settings: ClassVar[tuple[str, ...]] = ()
    memory: ClassVar[tuple[str, ...]] = ()
    bounds: ClassVar[Mapping[str, Bounds]] = {}  # of settings that must not be 0, or must be below a number; of memory from 0 on
    steps: int = 0  # how many were taken
    lr: float

    def __init__(self, parameters: Iterable[Value]) -> None:
        self.parameters = _leaves(parameters)
        for name in self.memory:
            setattr(self, name, [0.0] * len(self.parameters))

    def zero_grad(self) -> None:
        """Forget the gradients, before the next backward adds to them."""
        autograd.zero_grad(self.parameters)

    def step(self) -> None:
        """Move every parameter once; if anything raises on the way, Ctrl-C included, none has moved and nothing is remembered."""
        before = {"steps": self.steps, **{name: list(getattr(self, name)) for name in self.memory}}
        undo = chain(restoring_data(self.parameters), map(vars(self).update, [before]))
        try:
            self.steps += 1
            for index, parameter in enumerate(self.parameters):
                parameter.data -= self.change(index, parameter)
        except BaseException:
            exhaust(undo)
            raise

    @abstractmethod
    def change(self, index: int, parameter: Value) -> float:
        """What to subtract from parameter number `index`."""

    def state_dict(self) -> dict[str, Any]:
        """Settings, steps taken and what is remembered, as numbers and lists: with the parameters', all it takes to resume."""
        state: dict[str, Any] = {"optimizer": type(self).__name__, "steps": self.steps}
        for name in (*self.settings, *self.memory):
            held = getattr(self, name)
            state[name] = list(held) if isinstance(held, (list, tuple)) else held
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where `state_dict` was taken; if anything does not fit, a StateError and no change."""
        loaded = _checked_state(type(self).__name__, "optimizer", state, ("steps", *self.settings, *self.memory))
        for name in (*self.settings, *self.memory):
            held = getattr(self, name)
            bounds = self.bounds.get(name, {} if name in self.settings else None)
            loaded[name] = _like(held, loaded[name], f"{name} of this {type(self).__name__}", bounds)
        loaded["steps"] = _count_in_state(loaded["steps"])
        vars(self).update(loaded)

    def __repr__(self) -> str:
        settings = "".join([f", {name}={getattr(self, name)}" for name in self.settings])
        return f"{type(self).__name__}({len(self.parameters)} parameters{settings})"


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum μ as PyTorch has it (Sutskever et al., 2013):

        v ← μv + g,   p ← p − ηv

    Source: Robbins and Monro, 1951; the momentum, Polyak, 1964, whose v is ours times −η while η stays the same.
    """

    settings = ("lr", "momentum", "weight_decay")
    memory = ("velocities",)
    velocities: list[float]

    def __init__(self, params: Iterable[Value], lr: float = 0.01, momentum: float = 0.0, weight_decay: float = 0.0) -> None:
        super().__init__(params)
        self.lr = setting("lr", lr, positive=True)
        self.momentum = setting("momentum", momentum)
        self.weight_decay = setting("weight_decay", weight_decay)

    def change(self, index: int, parameter: Value) -> float:
        g: float = parameter.grad
        if self.weight_decay:
            g += self.weight_decay * parameter.data
        if self.momentum:
            g += self.momentum * self.velocities[index]
            self.velocities[index] = g
        return self.lr * g


class Momentum(SGD):
    """Gradient descent with momentum, as `SGD`, of μ = 0.9 unless said otherwise: v ← μv + g, p ← p − ηv (Polyak, 1964)."""

    def __init__(self, params: Iterable[Value], lr: float = 0.01, momentum: float = 0.9, weight_decay: float = 0.0) -> None:
        super().__init__(params, lr, momentum, weight_decay)


class Nesterov(Momentum):
    """Momentum that looks ahead: v ← μv + g, p ← p − η(g + μv), PyTorch's `nesterov=True`.

    Source: Nesterov, 1983, in the form of Sutskever et al., On the importance of initialization and momentum, 2013, with
    the parameters where their look-ahead is.
    """

    def change(self, index: int, parameter: Value) -> float:
        g: float = parameter.grad
        if self.weight_decay:
            g += self.weight_decay * parameter.data
        velocity = self.velocities[index] = self.momentum * self.velocities[index] + g
        return self.lr * (g + self.momentum * velocity)


class AdaGrad(Optimizer):
    """A learning rate for each parameter, which falls with the squares of its gradients:

        s ← s + g²,   p ← p − η/(1 + (t − 1)κ) · g/(√s + ε)

    `lr_decay` is κ. Source: Duchi, Hazan and Singer, Adaptive subgradient methods, 2011.
    """

    settings = ("lr", "lr_decay", "weight_decay", "eps")
    memory = ("squares",)
    bounds: ClassVar[Mapping[str, Bounds]] = {"eps": POSITIVE, "squares": FROM_0}
    squares: list[float]

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 0.01,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(params)
        self.lr = setting("lr", lr, positive=True)
        self.lr_decay = setting("lr_decay", lr_decay)
        self.weight_decay = setting("weight_decay", weight_decay)
        self.eps = setting("eps", eps, **self.bounds["eps"])
        self.squares = [setting("initial_accumulator_value", initial_accumulator_value)] * len(self.parameters)

    def change(self, index: int, parameter: Value) -> float:
        g = parameter.grad + self.weight_decay * parameter.data
        square = self.squares[index] = self.squares[index] + g * g
        return self.lr / (1.0 + (self.steps - 1) * self.lr_decay) * g / (math.sqrt(square) + self.eps)


class RMSProp(Optimizer):
    """The gradient over the root of a running mean of its square, with momentum μ if wanted:

        s ← αs + (1 − α)g²,   v ← μv + g/(√s + ε),   p ← p − ηv

    Source: Tieleman and Hinton, Lecture 6.5 of Neural networks for machine learning, 2012.
    """

    settings = ("lr", "alpha", "eps", "weight_decay", "momentum")
    memory = ("squares", "velocities")
    bounds: ClassVar[Mapping[str, Bounds]] = {"eps": POSITIVE, "alpha": BELOW_1, "squares": FROM_0}
    squares: list[float]
    velocities: list[float]

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ) -> None:
        super().__init__(params)
        self.lr = setting("lr", lr, positive=True)
        self.alpha = setting("alpha", alpha, **self.bounds["alpha"])
        self.eps = setting("eps", eps, **self.bounds["eps"])
        self.weight_decay = setting("weight_decay", weight_decay)
        self.momentum = setting("momentum", momentum)

    def change(self, index: int, parameter: Value) -> float:
        g = parameter.grad + self.weight_decay * parameter.data
        square = self.squares[index] = self.alpha * self.squares[index] + (1.0 - self.alpha) * g * g
        velocity = self.velocities[index] = self.momentum * self.velocities[index] + g / (math.sqrt(square) + self.eps)
        return self.lr * velocity


class Adam(Optimizer):
    """Running means of the gradient and of its square, both without the bias of their start at 0:

        m ← β₁m + (1 − β₁)g,   s ← β₂s + (1 − β₂)g²,   p ← p − η m/(1 − β₁ᵗ) / (√(s/(1 − β₂ᵗ)) + ε)

    Source: Kingma and Ba, Adam: a method for stochastic optimization, 2015.
    """

    settings = ("lr", "betas", "eps", "weight_decay")
    memory = ("means", "squares")
    bounds: ClassVar[Mapping[str, Bounds]] = {"eps": POSITIVE, "betas": BELOW_1, "squares": FROM_0}
    means: list[float]
    squares: list[float]

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params)
        self.lr = setting("lr", lr, positive=True)
        self.betas = _pair_of_betas(betas)
        self.eps = setting("eps", eps, **self.bounds["eps"])
        self.weight_decay = setting("weight_decay", weight_decay)

    def change(self, index: int, parameter: Value) -> float:
        return self._move(index, parameter.grad + self.weight_decay * parameter.data)

    def _move(self, index: int, g: float) -> float:
        (beta1, beta2), t = self.betas, self.steps
        mean = self.means[index] = beta1 * self.means[index] + (1.0 - beta1) * g
        square = self.squares[index] = beta2 * self.squares[index] + (1.0 - beta2) * g * g
        return self.lr * (mean / (1.0 - beta1**t)) / (math.sqrt(square / (1.0 - beta2**t)) + self.eps)


class AdamW(Adam):
    """Adam with the decay beside it instead of in the gradient: p ← p − ηλp − (the step of Adam, with g = ∂L/∂p).

    Source: Loshchilov and Hutter, Decoupled weight decay regularization, 2019.
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def change(self, index: int, parameter: Value) -> float:
        return self.lr * self.weight_decay * parameter.data + self._move(index, parameter.grad)


class Scheduler:
    """Sets the learning rate of an optimiser by a schedule: at once for step 0, and on each `step()` for the next."""

    def __init__(self, optimizer: Optimizer, schedule: Schedule) -> None:
        self.optimizer = optimizer
        self.schedule = checked_schedule("schedule", schedule)
        self.steps = 0
        self.optimizer.lr = self._rate(0)

    def step(self) -> None:
        """Set the learning rate for the next step."""
        steps = self.steps + 1
        self.optimizer.lr, self.steps = self._rate(steps), steps

    def _rate(self, step: int) -> float:
        lr = number(self.schedule(step))
        if not 0.0 <= lr < math.inf:
            raise SettingError(f"{self.schedule!r} gives {lr!r} at step {step}: a finite learning rate of at least 0 is needed")
        return lr

    def state_dict(self) -> dict[str, Any]:
        """The steps taken: enough to resume with the same schedule."""
        return {"steps": self.steps}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where `state_dict` was taken, and set the learning rate; a StateError and no change if it does not fit."""
        steps = _count_in_state(_checked_state("Scheduler", "", state, ("steps",))["steps"])
        try:
            lr = self._rate(steps)
        except Exception as error:  # the schedule is the user's, and was never asked for this step
            raise StateError(f"the steps taken cannot be {steps}, where the schedule fails: {error}") from error
        self.steps, self.optimizer.lr = steps, lr

    def __repr__(self) -> str:
        return f"Scheduler({self.optimizer!r}, {self.schedule!r}, steps={self.steps})"


def optimizer_for(model: Any, optimizer: Any) -> Optimizer:
    """The optimiser asked for: one made already, or what a function makes of the parameters; SGD with η = 0.1 for None."""
    if optimizer is None:
        return SGD(model.parameters(), lr=0.1)
    made = optimizer if isinstance(optimizer, Optimizer) else optimizer(model.parameters()) if callable(optimizer) else None
    if not isinstance(made, Optimizer):
        raise SettingError(
            f"optimizer {optimizer!r:.60} is none; give SGD(model.parameters(), lr=0.1), or lambda parameters: SGD(parameters)"
        )
    return made


# ---------------------------------------------------------------------------------------------------------------- clipping


def clip_grad_norm(parameters: Iterable[Value], max_norm: float) -> float:
    """Shorten the gradient to the length c if it is longer, g ← g · min(1, c/(‖g‖ + 10⁻⁶)), and return ‖g‖ as it was.

    The norm is over all parameters together. Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent
    neural networks, 2013; the 10⁻⁶ is PyTorch's. A gradient that is not finite has no direction to keep: an AnomalyError
    names its parameter, and nothing is changed.

    >>> a, b = Value(0.0), Value(0.0)
    >>> a.grad, b.grad = 30.0, 40.0
    >>> clip_grad_norm([a, b], 5.0), round(a.grad, 6), round(b.grad, 6)
    (50.0, 3.0, 4.0)
    """
    limit = setting("max_norm", max_norm, positive=True)
    leaves = _with_finite_gradients("clip_grad_norm", parameters)
    norm = math.hypot(*[leaf.grad for leaf in leaves])
    factor = limit / (norm + 1e-6)
    if factor < 1.0:
        _set_gradients([leaf for leaf in leaves if leaf.reached], lambda grad: grad * factor)
    return norm


def clip_grad_value(parameters: Iterable[Value], limit: float) -> None:
    """Bring every gradient into [−c, c]: g ← max(−c, min(c, g)); a gradient of nan is refused as by `clip_grad_norm`."""
    limit = setting("limit", limit, positive=True)
    leaves = _with_finite_gradients("clip_grad_value", parameters, infinite=True)
    _set_gradients([leaf for leaf in leaves if abs(leaf.grad) > limit], lambda grad: math.copysign(limit, grad))


def _set_gradients(leaves: list[Value], change: Callable[[float], float]) -> None:
    """Change the gradients of all of them or, after an interrupt, of none."""
    undo = restoring_gradients(leaves)
    try:
        for leaf in leaves:
            leaf.grad = change(leaf.grad)
    except BaseException:
        exhaust(undo)
        raise


def _with_finite_gradients(caller: str, parameters: Iterable[Value], *, infinite: bool = False) -> list[Value]:
    leaves = _leaves(parameters)
    for index, leaf in enumerate(leaves):
        if math.isnan(leaf.grad) or (math.isinf(leaf.grad) and not infinite):
            raise AnomalyError(
                f"{caller}: the gradient of {leaf.label or f'parameter number {index}'} is {leaf.grad!r}; "
                "run the step under detect_anomaly() to see which operation made it, or lower the learning rate"
            )
    return leaves


# ------------------------------------------------------------------------------------------------- what arguments may be


def _leaves(parameters: Iterable[Value]) -> list[Value]:
    if isinstance(parameters, Value):
        raise OperandError("an optimiser takes a list of parameters; write [parameter] for one")
    leaves = list(parameters)
    if not leaves:
        raise SettingError("there are no parameters to optimise; give model.parameters()")
    for parameter in leaves:
        if not isinstance(parameter, Value):
            raise OperandError(f"{parameter!r:.60} is not a node, so it cannot be optimised; wrap it, Value({parameter!r:.60})")
        if parameter.operands:
            raise OperandError(f"{parameter!r} is the result of {parameter.op!r}, not a leaf; optimise what it was computed from")
    if len(set(leaves)) < len(leaves):
        raise SettingError("a parameter is given twice, and would be moved twice; give each once, as model.parameters() does")
    return leaves


def _pair_of_betas(betas: Any) -> tuple[float, float]:
    try:
        beta1, beta2 = betas
    except (TypeError, ValueError):
        raise SettingError(f"betas = {betas!r}: a pair is needed, such as (0.9, 0.999)") from None
    return setting("betas[0]", beta1, **BELOW_1), setting("betas[1]", beta2, **BELOW_1)


# ------------------------------------------------------------------------------------------------------ what states may be


def _checked_state(owner: str, kind: str, state: Any, names: Sequence[str]) -> dict[str, Any]:
    """The entries of the state by name, if they are just those named."""
    if not isinstance(state, Mapping):
        raise StateError(f"a state is a dict, not a {type(state).__name__}; state_dict() gives one")
    if kind and state.get(kind) != owner:
        raise StateError(f"the state is of {shown(state.get(kind))}, this is {owner}; load it into what it was taken from")
    wanted, given = set(names), set(state) - {kind}
    if wanted != given:
        wrong = ", ".join([*(f"no {name}" for name in sorted(wanted - given)), *sorted(map(repr, given - wanted))])
        raise StateError(f"not a state of this {owner} ({wrong}); give what its state_dict() gave")
    return {name: state[name] for name in names}


def _like(held: Any, loaded: Any, name: str, bounds: Bounds | None) -> Any:
    """What was loaded, in the form of what is held: a number, as many of them in a list or a tuple, or another plain setting."""
    if held is None or isinstance(held, (bool, str)):
        if type(loaded) is not type(held):
            raise StateError(
                f"the {name} is {held!r:.60} and cannot be {shown(loaded)}; load the state into what it was taken from"
            )
        return loaded
    several = isinstance(held, (list, tuple))
    if several and (not isinstance(loaded, (list, tuple)) or len(loaded) != len(held)):
        raise StateError(f"the {name} are {len(held)} numbers, not {shown(loaded)}; load the state into what it was taken from")
    numbers = [real_number(x, f"the {name}") for x in (loaded if several else [loaded])]
    is_setting = not isinstance(held, list)
    for x in numbers if bounds is not None else []:
        try:
            if is_setting or x < 0.0:  # memory may be inf or nan, if a gradient was
                setting(name, x, **(bounds or {}))
        except SettingError:
            raise StateError(
                f"the {name} cannot be {shown(loaded)}: finite numbers {within(**(bounds or {}))} are needed"
            ) from None
    return type(held)(numbers) if several else numbers[0]


def _count_in_state(n: Any) -> int:
    try:
        return whole_number(n, "steps")
    except StateError:
        raise StateError(f"the steps taken cannot be {shown(n)}; a whole number from 0 to {MOST} is needed") from None
