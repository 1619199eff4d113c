"""Losses: one number that measures how wrong the outputs are, and whose gradient shows how to improve them.

Outputs y and targets t are sequences of one length, or one of each; outputs are nodes or numbers. Except for the lecture's
`squared_error`, a loss is the mean over the examples. The targets of a classification are constants: nodes count as their data.
A loss raises a ShapeError for lengths that differ or are 0, a DomainError for a target outside its domain.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd import Value, ops
from autograd.errors import DomainError, OperandError
from autograd.ops import dot, log, log1p, mean, number, relu, sigmoid, softmax, softplus, square, where
from nn.errors import SettingError, ShapeError
from nn.outputs import data_of, is_traced, sequence
from nn.settings import setting

Loss = str | Callable[[Any, Any], Any]
"""The name of a loss of this module, or a function of outputs and targets."""

NAN = math.nan

__all__ = ["bce", "bce_with_logits", "cross_entropy", "hinge", "huber", "l2", "mae", "mse", "squared_error"]
"""Each but `l2` is a loss of (outputs, targets)."""


def squared_error(outputs: Any, targets: Any) -> Any:
    """E = ½ Σ (tᵢ − yᵢ)², so that ∂E/∂yᵢ = −(tᵢ − yᵢ): the error of the delta rule (Widrow and Hoff, 1960).

    >>> squared_error([5.0], [8.5])
    6.125
    """
    return 0.5 * ops.sum([square(t - y) for y, t in _pairs("squared_error", outputs, targets)])


def mse(outputs: Any, targets: Any) -> Any:
    """The mean squared error, 1/n Σ (yᵢ − tᵢ)²; ∂/∂yᵢ = 2 (yᵢ − tᵢ)/n.

    >>> mse([1.0, 2.0], [0.0, 4.0])
    2.5
    """
    return mean([square(y - t) for y, t in _pairs("mse", outputs, targets)])


def mae(outputs: Any, targets: Any) -> Any:
    """The mean absolute error, 1/n Σ |yᵢ − tᵢ|; ∂/∂yᵢ = sign(yᵢ − tᵢ)/n, and 0 where yᵢ = tᵢ. Source: Laplace, 1774.

    >>> mae([1.0, 2.0], [0.0, 4.0])
    1.5
    """
    return mean([ops.abs(y - t) for y, t in _pairs("mae", outputs, targets)])


def huber(outputs: Any, targets: Any, delta: float = 1.0) -> Any:
    """1/n Σ ½r² for residuals r = y − t up to δ, δ(|r| − ½δ) beyond: an outlier has at most the slope δ.

    ∂/∂yᵢ = max(−δ, min(δ, rᵢ))/n. Source: Huber, Robust estimation of a location parameter, 1964.

    >>> huber([0.5, 3.0], [0.0, 0.0])
    1.3125
    """
    limit = setting("delta", delta, positive=True)
    residuals = [y - t for y, t in _pairs("huber", outputs, targets)]
    return mean([_huber(r, limit) for r in residuals])


def _huber(r: Any, limit: float) -> Any:
    size = ops.abs(r)
    return where(size > limit, lambda: limit * (size - 0.5 * limit), lambda: 0.5 * square(r))


def hinge(outputs: Any, targets: Any) -> Any:
    """1/n Σ max(0, 1 − tᵢyᵢ) for targets −1 and 1: no loss beyond the margin (Vapnik, 1995); ∂/∂yᵢ = −tᵢ/n inside it, else 0.

    >>> hinge([0.5, -2.0], [1, -1])
    0.25
    """
    pairs = _pairs("hinge", outputs, targets, constant=True)
    for index, (_, t) in enumerate(pairs):
        if type(t) is float and t != 1.0 and t != -1.0:
            raise DomainError(f"hinge: targets[{index}] = {t!r} is neither -1 nor 1; 2 * t - 1 makes these of 0 and 1")
    return mean([relu(1.0 - (t if type(t) is float else _sign(t)) * y) for y, t in pairs])


def _sign(t: Any) -> Any:
    """Return a target that has no value yet; where it is neither −1 nor 1, NaN, which the compiled program looks into."""
    return where(t == 1.0, 1.0, where(t == -1.0, -1.0, NAN))


def bce(outputs: Any, targets: Any) -> Any:
    """Binary cross-entropy of probabilities, −1/n Σ tᵢ log yᵢ + (1 − tᵢ) log(1 − yᵢ), for yᵢ and tᵢ in [0, 1].

    ∂/∂yᵢ = (yᵢ − tᵢ)/(n yᵢ(1 − yᵢ)). An output of 0 or 1 is allowed where it is right. For outputs of a sigmoid,
    `bce_with_logits` keeps its digits where this one loses them. Source: Goodfellow, Bengio and Courville, Deep Learning,
    6.2.2.2.

    >>> bce([0.5], [1.0])
    0.6931471805599453
    """
    pairs = _pairs("bce", outputs, targets, constant=True)
    for index, (y, t) in enumerate(pairs):
        p = data_of(y)
        _refuse_outside_unit_interval("bce", f"targets[{index}]", t)
        _refuse_outside_unit_interval("bce", f"outputs[{index}]", p)
        if type(p) is type(t) is float and ((p == 0.0 and t > 0.0) or (p == 1.0 and t < 1.0)):
            raise DomainError(
                f"bce: outputs[{index}] = {p!r} is certain and wrong, an infinite loss; use bce_with_logits on the logit"
            )
    return -mean([_log_likelihood(y, _probability(t)) for y, t in pairs])


def _log_likelihood(p: Any, t: Any) -> Any:
    """Return t·log p + (1 − t)·log(1 − p), without a term whose factor is 0."""
    either = lambda: t * log(p) + (1.0 - t) * log1p(-p)  # noqa: E731  # the branches of `where` are functions
    return where(t == 1.0, lambda: log(p), lambda: where(t == 0.0, lambda: log1p(-p), either))


def bce_with_logits(outputs: Any, targets: Any) -> Any:
    """Binary cross-entropy of logits, 1/n Σ softplus(zᵢ) − tᵢzᵢ, for tᵢ in [0, 1]; ∂/∂zᵢ = (sigmoid(zᵢ) − tᵢ)/n.

    Equal to `bce` of sigmoid(z), and accurate for every z: for t = 1 it is softplus(−z), where nothing cancels.
    Source: Goodfellow, Bengio and Courville, Deep Learning, 6.2.2.2.

    >>> bce_with_logits([0.0, 1000.0, -1000.0], [1, 1, 0])
    0.23104906018664842
    """
    pairs = _pairs("bce_with_logits", outputs, targets, constant=True)
    for index, (_, t) in enumerate(pairs):
        _refuse_outside_unit_interval("bce_with_logits", f"targets[{index}]", t)
    return mean([_of_logit(z, _probability(t)) for z, t in pairs])


def _of_logit(z: Any, t: Any) -> Any:
    between = lambda: softplus(z) - t * z  # noqa: E731
    return where(t == 1.0, lambda: softplus(-z), lambda: where(t == 0.0, lambda: softplus(z), between))


def cross_entropy(logits: Sequence[Any], target: int) -> Any:
    """−log softmax(z)[target] for one example, from the logits z of its classes and the index of the right one.

    ∂/∂zⱼ = softmax(z)ⱼ − [j = target]. One node, which never overflows. Source: Bridle, 1990; Goodfellow, Bengio and
    Courville, Deep Learning, 6.2.2.3.

    >>> cross_entropy([0.0, 0.0], 1)
    0.6931471805599453
    """
    zs = sequence(logits)
    if not zs:
        raise ShapeError("cross_entropy: there are no logits; one for each class is needed")
    if is_traced(target):
        chosen: Any = NAN
        for k in reversed(range(len(zs))):
            chosen = where(target == float(k), ops.cross_entropy(zs, k), chosen)
        return chosen
    try:
        target = operator.index(target)
    except TypeError:
        raise OperandError(
            f"cross_entropy: target {target!r} is no index; give the place of the right class, counted from 0"
        ) from None
    return ops.cross_entropy(zs, target)


def l2(parameters: Iterable[Value], strength: float) -> Any:
    """The penalty λ Σ pᵢ², one node besides the factor; ∂/∂pᵢ = 2λpᵢ. Added to a loss, it keeps weights small.

    >>> l2([Value(3.0), Value(4.0)], 0.1).data
    2.5
    """
    parameters = tuple(parameters)
    return number(strength) * dot(parameters, parameters)


def slopes(loss: str | Callable[..., Any], outputs: Any, targets: Any) -> list[float]:
    """Return ∂E/∂yᵢ of a loss of this module for each output, by the formula in its docstring, on plain numbers.

    The deltas of `nn.deltas` use nothing else of a loss. Raises the errors of the loss itself, and a SettingError for a loss
    without a formula here.

    >>> slopes("squared_error", [5.0], [8.5])
    [-3.5]
    """
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", "")
    if name not in _SLOPES or (not isinstance(loss, str) and loss is not globals()[name]):
        raise SettingError(f"the slope of {loss!r} is not known; take one of {', '.join(_SLOPES)}, or give your own ∂E/∂y")
    ys = [data_of(y) for y in sequence(outputs)]
    globals()[name](ys, targets)  # raises the loss's own errors
    if name == "cross_entropy":
        right = operator.index(targets)
        # For the right class p − 1 cancels; −Σ of the others keeps its digits.
        ps = softmax(ys)
        rest = -ops.sum([p for j, p in enumerate(ps) if j != right]) if len(ps) > 1 else 0.0
        return [rest if j == right else p for j, p in enumerate(ps)]
    n = len(ys)
    return [_SLOPES[name](y, data_of(t), n) for y, t in zip(ys, sequence(targets), strict=True)]


_SLOPES: dict[str, Callable[[float, float, int], float]] = {
    "squared_error": lambda y, t, n: -(t - y),
    "mse": lambda y, t, n: 2.0 * (y - t) / n,
    "mae": lambda y, t, n: ops.sign(y - t) / n,
    "huber": lambda y, t, n: max(-1.0, min(1.0, y - t)) / n,
    "hinge": lambda y, t, n: -t / n if t * y < 1.0 else 0.0,
    "bce": lambda y, t, n: (-t / y if t == 1.0 else 1.0 / (1.0 - y) if t == 0.0 else (y - t) / (y * (1.0 - y))) / n,
    "bce_with_logits": lambda z, t, n: (-sigmoid(-z) if t == 1.0 else sigmoid(z) if t == 0.0 else sigmoid(z) - t) / n,
    "cross_entropy": lambda z, t, n: 0.0,  # depends on all outputs: see above
}


def loss_function(loss: Loss) -> Callable[[Any, Any], Any]:
    """Return the loss of that name in this module, or the given function; raise a SettingError for anything else."""
    if isinstance(loss, str):
        known = [name for name in __all__ if name != "l2"]
        if loss not in known:
            raise SettingError(f"loss {loss!r} is not known; take one of {', '.join(known)}, or a function of outputs and targets")
        return globals()[loss]  # type: ignore[no-any-return]  # a function of this module
    if not callable(loss):
        raise SettingError(f"loss {loss!r:.60} cannot be called; take the name of one in nn.losses, or a function")
    return loss


def _pairs(loss: str, outputs: Any, targets: Any, *, constant: bool = False) -> list[tuple[Any, Any]]:
    """Return each output with its target, a plain number if `constant`."""
    ys, ts = sequence(outputs), sequence(targets)
    if len(ys) != len(ts):
        raise ShapeError(f"{loss}: {len(ys)} outputs and {len(ts)} targets; each output needs its target")
    if not ys:
        raise ShapeError(f"{loss}: there are no outputs; at least one is needed")
    return list(zip(ys, map(data_of, ts) if constant else ts, strict=True))


def _refuse_outside_unit_interval(loss: str, name: str, x: Any) -> None:
    if type(x) is float and not 0.0 <= x <= 1.0:
        raise DomainError(f"{loss}: {name} = {x!r} is outside [0, 1]; it is a probability")


def _probability(t: Any) -> Any:
    """Return a target; of one that has no value yet NaN outside [0, 1], which the compiled program looks into."""
    return where(t >= 0.0, where(t <= 1.0, t, NAN), NAN) if is_traced(t) else t
