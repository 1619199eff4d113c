"""Optimisers, which move parameters against their gradients; schedules, which change the learning rate; gradient clipping.

An optimiser has a list of parameters, its settings as plain attributes (`lr` may be changed between steps), and one method
that a subclass writes: `change(index, parameter)`, the amount to subtract.

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

The recurrences are PyTorch's, to the rounding, and so are the defaults except the 0.01 of `SGD`. In the formulas p is a
parameter, g = ∂L/∂p + λp its gradient with weight decay λ, η the learning rate, t the number of the step, counted from 1. For
a parameter that no backward has reached, g = λp: weight decay and momentum still move it.

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
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, repeat
from typing import Any, ClassVar

import autograd
from autograd import Value
from autograd.engine import in_c
from autograd.errors import AnomalyError, OperandError
from autograd.ops import number
from autograd.undo import exhaust, restoring
from autograd.value import DATA, GRAD
from nn import schedules
from nn.errors import SettingError, StateError
from nn.schedules import Constant, CosineDecay, ExponentialDecay, LinearDecay, MultiStepDecay, Schedule, StepDecay, WarmUp
from nn.settings import setting
from nn.states import entries, real_number, real_numbers, shown, whole_number

__all__ = ["SGD", "AdaGrad", "Adam", "AdamW", "Momentum", "Nesterov", "Optimizer", "RMSProp", "optimizer_for"]
__all__ += ["Constant", "CosineDecay", "ExponentialDecay", "LinearDecay", "MultiStepDecay", "Schedule", "Scheduler", "StepDecay"]
__all__ += ["WarmUp", "clip_grad_norm", "clip_grad_value"]

Bounds = Mapping[str, Any]  # the keywords of `setting`
POSITIVE: Bounds = {"positive": True}
BELOW_1: Bounds = {"below": 1.0}
FROM_0: Bounds = {}


class Optimizer(ABC):
    """Base class of the optimisers: the parameters, `zero_grad`, `step`, and a state that resumes to the bit.

    A subclass names its settings, and the lists that hold one number for each parameter.
    """

    settings: ClassVar[tuple[str, ...]] = ()
    memory: ClassVar[tuple[str, ...]] = ()
    bounds: ClassVar[Mapping[str, Bounds]] = {}  # of settings that must not be 0, or must be below a number; of memory from 0 on
    steps: int = 0  # taken so far
    lr: float
    momentum: float
    weight_decay: float
    eps: float

    def __init__(self, parameters: Iterable[Value], **settings: Any) -> None:
        self.parameters = _leaves(parameters)
        for name, x in settings.items():
            setattr(self, name, setting(name, x, **(POSITIVE if name == "lr" else self.bounds.get(name, {}))))
        for name in self.memory:
            setattr(self, name, [0.0] * len(self.parameters))

    def zero_grad(self) -> None:
        """Reset the gradients, before the next backward adds to them."""
        autograd.zero_grad(self.parameters)

    def step(self) -> None:
        """Move every parameter once; if anything raises, Ctrl-C included, no parameter has moved and no memory has changed."""
        before = {"steps": self.steps, **{name: list(getattr(self, name)) for name in self.memory}}
        undo = chain(restoring(DATA, self.parameters), map(vars(self).update, [before]))
        try:
            self.steps += 1
            self._move()
        except BaseException:
            exhaust(undo)
            raise

    def _move(self) -> None:
        for index, parameter in enumerate(self.parameters):
            parameter.data -= self.change(index, parameter)

    @abstractmethod
    def change(self, index: int, parameter: Value) -> float:
        """Return the amount to subtract from parameter number `index`."""

    def state_dict(self) -> dict[str, Any]:
        """Return the settings, the steps taken and the memory, as numbers and lists."""
        state: dict[str, Any] = {"optimizer": type(self).__name__, "steps": self.steps}
        for name in (*self.settings, *self.memory):
            held = getattr(self, name)
            state[name] = list(held) if isinstance(held, (list, tuple)) else held
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from a state that `state_dict` returned; if an entry does not fit, raise a StateError and change nothing."""
        kind = type(self).__name__
        if isinstance(state, Mapping) and state.get("optimizer", kind) != kind:
            raise StateError(f"the state is of {shown(state['optimizer'])}, this is {kind}; load it into what it was taken from")
        names = (*self.settings, *self.memory)
        found = entries(state, ("optimizer", "steps", *names), f"the state of this {kind}")
        loaded = {name: self._checked(name, found[name]) for name in names}
        loaded["steps"] = whole_number(found["steps"], "steps")
        vars(self).update(loaded)

    def _checked(self, name: str, loaded: Any) -> Any:
        """Return the loaded entry in the form of the present one: a number, a list or pair of numbers, or a plain setting."""
        held, where = getattr(self, name), f"this {type(self).__name__}'s {name}"
        if held is None or isinstance(held, (bool, str)):
            if type(loaded) is not type(held):
                raise StateError(f"{where} is {held!r:.60} and cannot be {shown(loaded)}; load it into what it was taken from")
            return loaded
        several = isinstance(held, (list, tuple))
        numbers = real_numbers(loaded, where, len(held)) if several else [real_number(loaded, where)]
        for x in numbers:
            if name in self.settings or (name in self.bounds and x < 0.0):  # memory may be inf or nan, as a gradient may
                try:
                    setting(name, x, **self.bounds.get(name, {}))
                except SettingError as error:
                    raise StateError(f"{where} cannot be loaded: {error}") from None
        return type(held)(numbers) if several else numbers[0]

    def __repr__(self) -> str:
        settings = "".join([f", {name}={getattr(self, name)}" for name in self.settings])
        return f"{type(self).__name__}({len(self.parameters)} parameters{settings})"


class _ByFormula(Optimizer):
    """An optimiser whose step is a function of numbers, the same for each parameter, which also runs in C.

    `formula(p, g, *memory, *constants)` returns the amount to subtract from a parameter p with the gradient g, and the parameter's
    new memory. docs/kernels.py prints each of `FORMULAS` for the node in C, where one call moves all parameters.
    """

    formula: ClassVar[Callable[..., tuple[float, ...]]]
    in_step: ClassVar[Callable[..., tuple[float, ...]] | None] = None  # of t and the settings, what the formula takes of them

    def constants(self, t: int) -> tuple[float, ...]:
        """Return what the formula takes after the memory in step t."""
        numbers = self.numbers()
        return numbers if self.in_step is None else self.in_step(t, *numbers)

    def numbers(self) -> tuple[float, ...]:
        """Return the settings one after the other, the learning rate first."""
        held = [getattr(self, name) for name in self.settings]
        return tuple([x for each in held for x in (each if isinstance(each, tuple) else (each,))])

    def change(self, index: int, parameter: Value) -> float:
        memory = [getattr(self, name) for name in self.memory]
        kept = [numbers[index] for numbers in memory]
        change, *kept = self.formula(parameter.data, parameter.grad, *kept, *self.constants(self.steps))
        for numbers, x in zip(memory, kept, strict=True):
            numbers[index] = x
        return change

    def step(self) -> None:
        """Move every parameter once, as `Optimizer.step` does."""
        name, t = FORMULAS.get(self.formula), self.steps + 1
        in_c = name and _update_in_c and self._is_plain()
        if not (in_c and _update_in_c(name, self.parameters, vars(self), self.memory, self.constants(t), t)):
            super().step()

    def _move(self) -> None:
        if not self._is_plain():
            super()._move()
            return
        parameters, memory = self.parameters, [getattr(self, name) for name in self.memory]
        numbers = [[p.data for p in parameters], [p.grad for p in parameters], *memory]
        made = list(map(self.formula, *numbers, *map(repeat, self.constants(self.steps))))
        for parameter, (change, *_) in zip(parameters, made, strict=True):
            parameter.data -= change
        for place, kept in enumerate(memory, 1):
            kept[:] = [x[place] for x in made]

    def _is_plain(self) -> bool:
        """Return True if the formula decides alone: a subclass may have another `change`."""
        return getattr(self.change, "__func__", None) is _ByFormula.change


class SGD(_ByFormula):
    """Stochastic gradient descent, with momentum μ as PyTorch has it (Sutskever et al., 2013):

        v ← μv + g,   p ← p − ηv

    Source: Robbins and Monro, 1951; the momentum, Polyak, 1964, whose v is ours times −η while η stays the same.
    """

    settings = ("lr", "momentum", "weight_decay")
    memory = ("velocities",)
    velocities: list[float]

    def __init__(self, params: Iterable[Value], lr: float = 0.01, momentum: float = 0.0, weight_decay: float = 0.0) -> None:
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay)

    @staticmethod
    def formula(p: float, g: float, v: float, lr: float, momentum: float, weight_decay: float) -> tuple[float, float]:
        if weight_decay:
            g += weight_decay * p
        if momentum:
            g += momentum * v
            v = g
        return lr * g, v


class Momentum(SGD):
    """Gradient descent with momentum, `SGD` with μ = 0.9 by default: v ← μv + g, p ← p − ηv (Polyak, 1964)."""

    def __init__(self, params: Iterable[Value], lr: float = 0.01, momentum: float = 0.9, weight_decay: float = 0.0) -> None:
        super().__init__(params, lr, momentum, weight_decay)


class Nesterov(Momentum):
    """Momentum that looks ahead: v ← μv + g, p ← p − η(g + μv), PyTorch's `nesterov=True`.

    Source: Nesterov, 1983, in the form of Sutskever et al., On the importance of initialization and momentum, 2013, with
    the parameters where their look-ahead is.
    """

    @staticmethod
    def formula(p: float, g: float, v: float, lr: float, momentum: float, weight_decay: float) -> tuple[float, float]:
        if weight_decay:
            g += weight_decay * p
        v = momentum * v + g
        return lr * (g + momentum * v), v


class AdaGrad(_ByFormula):
    """A learning rate for each parameter, which falls as the squares of its gradients add up:

        s ← s + g²,   p ← p − η/(1 + (t − 1)κ) · g/(√s + ε)

    `lr_decay` is κ. Source: Duchi, Hazan and Singer, Adaptive subgradient methods, 2011.
    """

    settings = ("lr", "lr_decay", "weight_decay", "eps")
    memory = ("squares",)
    bounds: ClassVar[Mapping[str, Bounds]] = {"eps": POSITIVE, "squares": FROM_0}
    squares: list[float]
    lr_decay: float

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 0.01,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(params, lr=lr, lr_decay=lr_decay, weight_decay=weight_decay, eps=eps)
        self.squares = [setting("initial_accumulator_value", initial_accumulator_value)] * len(self.parameters)

    @staticmethod
    def in_step(t: float, lr: float, lr_decay: float, weight_decay: float, eps: float) -> tuple[float, float, float]:
        return lr / (1.0 + (t - 1) * lr_decay), weight_decay, eps

    @staticmethod
    def formula(p: float, g: float, s: float, rate: float, weight_decay: float, eps: float) -> tuple[float, float]:
        g += weight_decay * p
        s += g * g
        return rate * g / (math.sqrt(s) + eps), s


class RMSProp(_ByFormula):
    """The gradient over the root of a running mean of its square, with optional momentum μ:

        s ← αs + (1 − α)g²,   v ← μv + g/(√s + ε),   p ← p − ηv

    Source: Tieleman and Hinton, Lecture 6.5 of Neural networks for machine learning, 2012.
    """

    settings = ("lr", "alpha", "eps", "weight_decay", "momentum")
    memory = ("squares", "velocities")
    bounds: ClassVar[Mapping[str, Bounds]] = {"eps": POSITIVE, "alpha": BELOW_1, "squares": FROM_0}
    squares: list[float]
    velocities: list[float]
    alpha: float

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum)

    @staticmethod
    def formula(
        p: float, g: float, s: float, v: float, lr: float, alpha: float, eps: float, weight_decay: float, momentum: float
    ) -> tuple[float, float, float]:
        g += weight_decay * p
        s = alpha * s + (1.0 - alpha) * g * g
        v = momentum * v + g / (math.sqrt(s) + eps)
        return lr * v, s, v


class Adam(_ByFormula):
    """Running means of the gradient and of its square, both corrected for their start at 0:

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
        super().__init__(params, lr=lr, eps=eps, weight_decay=weight_decay)
        self.betas = _pair_of_betas(betas)

    @staticmethod
    def in_step(t: float, lr: float, b1: float, b2: float, eps: float, decay: float) -> tuple[float, ...]:
        return lr, b1, b2, 1.0 - b1**t, 1.0 - b2**t, eps, decay

    @staticmethod
    def formula(
        p: float, g: float, m: float, s: float, lr: float, b1: float, b2: float, c1: float, c2: float, eps: float, decay: float
    ) -> tuple[float, float, float]:
        return _by_means(g + decay * p, m, s, lr, b1, b2, c1, c2, eps)


def _by_means(
    g: float, m: float, s: float, lr: float, b1: float, b2: float, c1: float, c2: float, eps: float
) -> tuple[float, float, float]:
    """The step of Adam; c1 and c2 are 1 − β₁ᵗ and 1 − β₂ᵗ."""
    m = b1 * m + (1.0 - b1) * g
    s = b2 * s + (1.0 - b2) * g * g
    return lr * (m / c1) / (math.sqrt(s / c2) + eps), m, s


class AdamW(Adam):
    """Adam with weight decay outside the gradient: p ← p − ηλp − (the step of Adam, with g = ∂L/∂p).

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

    @staticmethod
    def formula(
        p: float, g: float, m: float, s: float, lr: float, b1: float, b2: float, c1: float, c2: float, eps: float, decay: float
    ) -> tuple[float, float, float]:
        change, m, s = _by_means(g, m, s, lr, b1, b2, c1, c2, eps)
        return lr * decay * p + change, m, s


FORMULAS: dict[Callable[..., tuple[float, ...]], str] = {
    kind.formula: kind.__name__ for kind in (SGD, Nesterov, AdaGrad, RMSProp, Adam, AdamW)
}
_update_in_c = in_c("update")


def plain_rule(optimizer: Optimizer) -> _ByFormula | None:
    """Return the optimiser if its `formula`, `in_step`, numbers and memory are all of its step, as in those of this module."""
    is_plain = isinstance(optimizer, _ByFormula) and optimizer.formula in FORMULAS and type(optimizer).__module__ == __name__
    return optimizer if is_plain else None  # type: ignore[return-value]


class Scheduler:
    """Set the learning rate of an optimiser by a schedule: at construction for step 0, on each `step()` for the next."""

    def __init__(self, optimizer: Optimizer, schedule: Schedule) -> None:
        self.optimizer = optimizer
        self.schedule = schedules.checked_schedule("schedule", schedule)
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
        """Return the number of steps taken, which is enough to resume with the same schedule."""
        return {"steps": self.steps}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from a state that `state_dict` returned, and set the learning rate; if it does not fit, raise a StateError."""
        steps = whole_number(entries(state, ("steps",), "the state of this Scheduler")["steps"], "steps")
        try:
            lr = self._rate(steps)
        except Exception as error:  # the schedule is the user's
            raise StateError(f"steps is {steps}, where the schedule fails: {error}") from error
        self.steps, self.optimizer.lr = steps, lr

    def __repr__(self) -> str:
        return f"Scheduler({self.optimizer!r}, {self.schedule!r}, steps={self.steps})"


def optimizer_for(model: Any, optimizer: Any) -> Optimizer:
    """Return the given optimiser, or the one that a given function makes of the parameters, or SGD with η = 0.1 for None."""
    if optimizer is None:
        return SGD(model.parameters(), lr=0.1)
    made = optimizer if isinstance(optimizer, Optimizer) else optimizer(model.parameters()) if callable(optimizer) else None
    if not isinstance(made, Optimizer):
        raise SettingError(
            f"optimizer = {optimizer!r:.60}: an optimiser is needed, SGD(model.parameters(), lr=0.1), or a function such as SGD"
        )
    return made


def clip_grad_norm(parameters: Iterable[Value], max_norm: float) -> float:
    """Shorten the gradient to length c if it is longer, g ← g · min(1, c/(‖g‖ + 10⁻⁶)), and return ‖g‖ from before.

    The norm is over all parameters together. Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent
    neural networks, 2013; the 10⁻⁶ is PyTorch's. For a gradient that is not finite, raise an AnomalyError that names its
    parameter, and change nothing.

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
    """Clip every gradient to [−c, c]: g ← max(−c, min(c, g)). For a gradient of nan, raise as `clip_grad_norm` does."""
    limit = setting("limit", limit, positive=True)
    leaves = _with_finite_gradients("clip_grad_value", parameters, infinite=True)
    _set_gradients([leaf for leaf in leaves if abs(leaf.grad) > limit], lambda grad: math.copysign(limit, grad))


def _set_gradients(leaves: list[Value], change: Callable[[float], float]) -> None:
    """Change all of the gradients or, after an interrupt, none."""
    undo = restoring(GRAD, leaves)
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


def _leaves(parameters: Iterable[Value]) -> list[Value]:
    """Return the parameters as a list; raise unless they are leaves, each given once."""
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
