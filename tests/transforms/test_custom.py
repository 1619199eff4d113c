"""Gradients changed on purpose: rules of the user's for whole functions, checkpoints."""

from __future__ import annotations

import copy
import gc
import math
import pickle
import sys
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd
from autograd import (
    OperandError,
    Value,
    check_grad,
    checkpoint,
    clamp,
    custom_jvp,
    custom_vjp,
    exp,
    grad,
    gradient,
    hessian,
    hvp,
    jvp,
    no_grad,
    nth_derivative,
    sin,
    tanh,
    taylor,
    toposort,
    value_and_grad,
)
from autograd.errors import ModeError, StaleGraphError
from nn import MLP

# ------------------------------------------------------------------------------------------------------------ custom_vjp


class Pair(NamedTuple):
    first: Any
    second: Any


@custom_vjp
def clipped(x: Any) -> Any:
    """The identity, whose adjoint is clipped."""
    return x


clipped.defvjp(lambda x: (x, None), lambda _, cotangent: (clamp(cotangent, -1.0, 1.0),))


def test_a_rule_is_called_with_the_adjoint() -> None:
    x = Value(2.0)
    (100.0 * clipped(x) + 0.0).backward()
    assert x.grad == 1.0
    x.zero_grad()
    (0.25 * clipped(x) - 0.5 * clipped(x)).backward()
    assert x.grad == -0.25
    assert grad(lambda x: 100.0 * clipped(x) * x)(2.0) == 1.0 + 200.0
    assert clipped(2.0) == 2.0
    y = clipped(x)
    (y * 0.5 + y * 0.6).backward()
    assert y.grad == 1.1
    assert x.grad == -0.25 + 1.0


def rotated(p: dict[str, Any], v: Any, scale: Any = 2.0, mode: str = "both") -> Any:
    c, s = p["c"], p["s"]
    return Pair(scale * (c * v[0] - s * v[1]), [scale * (s * v[0] + c * v[1]), p["c"] * 1.0])


def test_structures_go_in_and_out() -> None:
    calls = []

    @custom_vjp
    def rotate(p: dict[str, Any], v: Any, scale: Any = 2.0, mode: str = "both") -> Any:
        return rotated(p, v, scale, mode)

    def fwd(p: Any, v: Any, scale: Any = 2.0, mode: str = "both") -> Any:
        calls.append("fwd")
        return rotated(p, v, scale, mode), (p, v, scale)

    def bwd(residuals: Any, cotangent: Any) -> Any:
        calls.append("bwd")
        p, v, scale = residuals
        assert type(cotangent) is Pair
        a, (b, d) = cotangent
        by_c = scale * (a * v[0] + b * v[1]) + d
        by_s = scale * (b * v[0] - a * v[1])
        by_v = [scale * (a * p["c"] + b * p["s"]), scale * (b * p["c"] - a * p["s"])]
        return {"c": by_c, "s": by_s, "name": None}, by_v, None, None

    rotate.defvjp(fwd, bwd)
    p, v = {"c": 0.6, "s": 0.8, "name": "angle"}, [1.0, -2.0]

    def loss(f: Any) -> Any:
        def of(p: Any, v: Any) -> Any:
            y = f(p, v, mode="one")
            return y.first * y.second[0] + y.second[1] * y.first**2

        return of

    expected = value_and_grad(loss(rotated), (0, 1))(p, v)
    found = value_and_grad(loss(rotate), (0, 1))(p, v)
    assert found[0] == expected[0]
    assert found[1][0]["c"] == pytest.approx(expected[1][0]["c"], rel=1e-14)
    assert found[1][0]["s"] == pytest.approx(expected[1][0]["s"], rel=1e-14)
    assert found[1][1] == pytest.approx(expected[1][1], rel=1e-14)
    assert calls == ["fwd", "bwd"]  # once for all numbers of the value
    of_v = lambda f: lambda v: loss(f)(p, v)  # noqa: E731
    assert hessian(of_v(rotate))(v) == [pytest.approx(row, rel=1e-13) for row in hessian(of_v(rotated))(v)]
    # Only some of the arguments are nodes, and only some of the outputs are used.
    x = Value(-2.0)
    rotate(p, np.array([1.0, x], dtype=object)).first.backward()
    assert x.grad == pytest.approx(-1.6)
    x.zero_grad()
    rotate(p, [1.0, x]).second[1].backward()
    assert x.grad == 0.0


@custom_vjp
def own_exp(x: Any) -> Any:
    return exp(x)


own_exp.defvjp(lambda x: (exp(x), exp(x)), lambda y, cotangent: (cotangent * y,))


def test_a_custom_vjp_is_differentiated_to_any_order_in_reverse_mode() -> None:
    f = lambda x: own_exp(x * x)  # noqa: E731
    g = lambda x: exp(x * x)  # noqa: E731
    for _ in range(4):
        assert f(0.5) == pytest.approx(g(0.5), rel=1e-14)
        f, g = grad(f), grad(g)
    assert hessian(lambda v: own_exp(v[0] * v[1]))([1.0, 0.5]) == [
        pytest.approx(row, rel=1e-14) for row in hessian(lambda v: exp(v[0] * v[1]))([1.0, 0.5])
    ]
    x = Value(0.5)
    y = own_exp(x)
    assert gradient(gradient(y, x), x).data == pytest.approx(math.exp(0.5))
    assert grad(lambda x: grad(lambda y: own_exp(x * y))(2.0))(0.5) == pytest.approx(2 * math.e)


def test_forward_mode_through_a_custom_vjp_is_refused_in_words() -> None:
    for call in (
        lambda: jvp(own_exp, (1.0,), (1.0,)),
        lambda: hvp(own_exp, (1.0,), (1.0,)),
        lambda: taylor(own_exp, 1.0, 2),
        lambda: nth_derivative(own_exp, 1)(1.0),
    ):
        with pytest.raises(ModeError, match=r"own_exp has a rule for reverse mode alone.*custom_jvp"):
            call()


def test_what_a_rule_gives_is_looked_at() -> None:
    def made(fwd: Any, bwd: Any) -> Any:
        @custom_vjp
        def f(x: Any) -> Any:
            return x * 1.0

        f.defvjp(fwd, bwd)
        return grad(f)

    closed_over = Value(2.0)
    cases: list[tuple[Any, Any, str]] = [
        (lambda x: x, lambda r, g: (g,), "fwd of f returns 1.0; let it return a pair"),
        (lambda x: (x, None), lambda r, g: g, "bwd of f returns 1.0; let it return a tuple"),
        (lambda x: (x, None), lambda r, g: (g, g), "bwd of f returns"),
        (lambda x: (x, None), lambda r, g: ([g],), "bwd of f returns"),
        (lambda x: (x, None), lambda r, g: ("g",), "a number is needed"),
        (lambda x: (x * closed_over, None), lambda r, g: (g,), "fwd of f uses a node that is not an argument; pass it to f"),
    ]
    for fwd, bwd, message in cases:
        with pytest.raises(OperandError, match=message):
            made(fwd, bwd)(1.0)
    with pytest.raises(OperandError, match=r"a custom_vjp without a rule; set it with f\.defvjp"):
        grad(named_f())(1.0)
    with pytest.raises(OperandError, match="custom_vjp takes a function first"):
        custom_vjp(3)  # type: ignore[arg-type]  # what is refused
    with pytest.raises(OperandError, match="defvjp takes a function first"):
        clipped.defvjp(None, None)  # type: ignore[arg-type]  # what is refused


def named_f() -> Any:
    @custom_vjp
    def f(x: Any) -> Any:
        return x

    return f


def test_a_rule_is_kept_beside_the_graph_and_what_would_lose_it_says_so() -> None:
    x = Value(0.5, "x")
    y = own_exp(x) * 2
    for call in (copy.deepcopy, pickle.dumps, autograd.replay, autograd.record, autograd.to_python, autograd.to_html):
        with pytest.raises(OperandError, match="own_exp has a rule of its own, which is kept beside the graph"):
            call(y)
    assert "own_exp" in autograd.to_text(y)
    autograd.draw(y).svg()
    y.backward()
    autograd.draw(y).svg()


def test_under_no_grad_and_on_plain_numbers_the_function_runs_as_it_is() -> None:
    with no_grad():
        assert own_exp(Value(0.0)).operands == ()
    assert type(own_exp(0.0)) is float


def test_check_grad_examines_rules_as_they_are() -> None:
    assert check_grad(lambda x: own_exp(x) * x, 0.5).ok
    assert check_grad(lambda x: own_exp(x) * abs(x), 0.5).ok
    assert check_grad(polar_area, [3.0, -4.0]).ok
    assert check_grad(lambda x: checkpoint(chain)(x), 0.3).ok
    assert not check_grad(lambda x: 3.0 * clipped(x), 2.0, order=1).ok
    held = Value(3.0)
    (held * held).backward()
    assert check_grad(lambda x: held * x, 2.0, order=1).ok
    assert held.grad == 6.0


def polar_area(v: Any) -> Any:
    return polar(v)["r"] ** 2 * polar(v)["angle"]


def test_custom_functions_are_pickled_by_their_names() -> None:
    assert pickle.loads(pickle.dumps(own_exp)) is own_exp
    assert pickle.loads(pickle.dumps(grad(own_exp)))(0.0) == 1.0
    assert (own_exp.__name__, clipped.__doc__) == ("own_exp", "The identity, whose adjoint is clipped.")
    assert repr(own_exp) == "<custom_vjp of own_exp>"


# ------------------------------------------------------------------------------------------------------------ custom_jvp


@custom_jvp
def polar(v: Any, name: Any = None) -> Any:
    return {"r": autograd.hypot(v[0], v[1]), "angle": autograd.atan2(v[1], v[0]), "name": name}


@polar.defjvp
def polar_rule(primals: Any, tangents: Any) -> Any:
    (v, name), (dv, _) = primals, tangents
    y = polar(v, name)
    r = y["r"]
    return y, {"r": (v[0] * dv[0] + v[1] * dv[1]) / r, "angle": (v[0] * dv[1] - v[1] * dv[0]) / (r * r), "name": None}


def plain_polar(v: Any) -> Any:
    return {"r": autograd.hypot(v[0], v[1]), "angle": autograd.atan2(v[1], v[0])}


POINT = [3.0, -4.0]


def area(f: Any) -> Any:
    return lambda v: f(v)["r"] ** 2 * f(v)["angle"] + f(v)["r"]


@pytest.mark.parametrize(
    "transform",
    [
        pytest.param(lambda f: grad(f)(POINT), id="grad"),
        pytest.param(lambda f: jvp(f, (POINT,), ([0.5, 2.0],)), id="jvp"),
        pytest.param(lambda f: jvp(f, (POINT,), ([0.0, 2.0],)), id="jvp along one"),
        pytest.param(lambda f: list(hessian(f)(POINT)), id="hessian"),
        pytest.param(lambda f: hvp(f, (POINT,), ([1.0, 2.0],))[0], id="hvp"),
        pytest.param(lambda f: jvp(grad(f), (POINT,), ([1.0, 2.0],))[1], id="jvp of grad"),
        pytest.param(lambda f: taylor(lambda t: f([3.0 + t, -4.0 + 2 * t]), 0.0, 3), id="taylor"),
        pytest.param(lambda f: grad(lambda s: jvp(f, ([s, -4.0],), ([1.0, s],))[1])(3.0), id="grad of jvp"),
        pytest.param(lambda f: jvp(lambda s: jvp(f, ([s, -4.0],), ([1.0, s],))[1], (3.0,), (1.0,)), id="jvp of jvp"),
    ],
)
def test_a_custom_jvp_has_every_mode_to_any_order(transform: Any) -> None:
    found, expected = transform(area(polar)), transform(area(plain_polar))
    flat = lambda tree: autograd.transforms.structures.flatten(tree)[0]  # noqa: E731
    assert flat(found) == pytest.approx(flat(expected), rel=1e-12)


def test_the_rule_is_what_is_used() -> None:
    @custom_jvp
    def through(x: Any) -> Any:
        return autograd.floor(x)

    through.defjvp(lambda primals, tangents: (through(*primals), 3.0 * tangents[0]))
    x = Value(2.5)
    through(x).backward()
    assert x.grad == grad(through)(2.5) == jvp(through, (2.5,), (1.0,))[1] == taylor(through, 2.5, 1)[1] == 3.0
    assert jvp(through, (2.5,), (1.0,))[0] == through(2.5) == 2.0
    y = through(x)
    assert (y.partials, y.op.symbol) == ((3.0,), "through")
    assert copy.deepcopy(y).partials == (3.0,)
    assert autograd.replay(y, {x: 7.5}).data == 7.0
    with pytest.raises(OperandError, match="through has a rule of its own, which is not pickled"):
        pickle.dumps(y)


def test_what_a_custom_jvp_gives_is_looked_at() -> None:
    closed_over = Value(2.0)
    for rule, message in (
        (lambda p, t: p[0], "the rule of f returns .* let it return a pair"),
        (lambda p, t: (p[0], [1.0]), "the tangent is"),
        (lambda p, t: (p[0], t[0] * closed_over), "the rule of f uses a node that is not an argument"),
    ):

        @custom_jvp
        def f(x: Any) -> Any:
            return x * 1.0

        with pytest.raises(OperandError, match="a custom_jvp without a rule"):
            grad(f)(1.0)
        f.defjvp(rule)
        with pytest.raises(OperandError, match=message):
            grad(f)(1.0)
    with pytest.raises(OperandError, match=r"has keyword-only arguments \(k\)"):
        grad(keyword_only())(1.0)


def keyword_only() -> Any:
    @custom_jvp
    def f(x: Any, *, k: int = 1) -> Any:
        return x

    return lambda x: f(x, k=2)


# ------------------------------------------------------------------------------------------------------------ checkpoint


def chain(x: Any, n: int = 30) -> Any:
    for k in range(n):
        x = tanh(x * 1.01 + 0.01 * k)
    return x


CHECKPOINTED: dict[str, tuple[Any, Any]] = {
    "a chain": (chain, lambda x: checkpoint(chain)(x)),
    "nested": (lambda x: chain(chain(x)), lambda x: checkpoint(lambda y: checkpoint(chain)(checkpoint(chain)(y)))(x)),
    "several": (lambda x: chain(chain(x)), lambda x: checkpoint(chain)(checkpoint(chain)(x))),
    "several results": (
        lambda x: sin(x) * exp(x) + x,
        lambda x: (lambda d: d["a"] * d["b"][0] + d["c"])(checkpoint(lambda y: {"a": sin(y), "b": [exp(y), "s"], "c": y})(x)),
    ),
    "the argument itself": (lambda x: x * x, lambda x: x * checkpoint(lambda y: y)(x)),
    "used twice": (lambda x: sin(x) ** 2 + x, lambda x: (lambda y: y * y + x)(checkpoint(sin)(x))),
    "closed over": (lambda x: sin(x * x) * x, lambda x: (lambda w: checkpoint(lambda y: sin(w) * y)(x))(x * x)),
    "no argument": (lambda x: sin(x * x), lambda x: checkpoint(lambda: sin(x * x))()),
    "keywords": (lambda x: 3 * sin(x), lambda x: checkpoint(lambda y, k: k * sin(y))(y=x, k=3)),
    "a constant": (lambda x: x + 2.0, lambda x: x + checkpoint(lambda y: 2.0)(x)),
}


@pytest.mark.parametrize("name", CHECKPOINTED)
def test_a_checkpoint_changes_no_derivative(name: str) -> None:
    f, g = CHECKPOINTED[name]
    x, y = Value(0.3), Value(0.3)
    f(x).backward()
    g(y).backward()
    assert y.grad == pytest.approx(x.grad, rel=1e-14)
    assert g(0.3) == f(0.3)
    assert value_and_grad(g)(0.3) == (f(0.3), pytest.approx(x.grad, rel=1e-14))
    assert type(grad(g)(0.3)) is float
    assert jvp(g, (0.3,), (1.0,)) == jvp(f, (0.3,), (1.0,))
    assert grad(grad(g))(0.3) == pytest.approx(grad(grad(f))(0.3), rel=1e-12)
    assert hvp(g, (0.3,), (1.0,)) == pytest.approx(hvp(f, (0.3,), (1.0,)), rel=1e-12)
    assert jvp(grad(g), (0.3,), (1.0,))[1] == pytest.approx(grad(grad(f))(0.3), rel=1e-12)
    assert taylor(g, 0.3, 2) == taylor(f, 0.3, 2)


def test_the_gradients_of_interior_nodes_are_complete() -> None:
    x = Value(0.5)
    w = x * x
    (checkpoint(lambda y: sin(w) * y)(x) + w).backward()
    z = Value(0.5)
    v = z * z
    (sin(v) * z + v).backward()
    assert (w.grad, x.grad) == (v.grad, z.grad)


def test_parameters_of_a_model_get_their_gradients() -> None:
    model, plain = MLP(2, [4, 4, 1], seed=1), MLP(2, [4, 4, 1], seed=1)
    x = [Value(0.5), Value(-1.0)]
    hidden = checkpoint(lambda layer, xs: layer(xs))
    y: Any = x
    for layer in model.layers:
        y = hidden(layer, y)
    (y if isinstance(y, Value) else y[0]).backward()
    plain([0.5, -1.0]).backward()
    assert [p.grad for p in model.parameters()] == pytest.approx([p.grad for p in plain.parameters()], rel=1e-14)


def alive() -> int:
    return sum(type(thing) is Value for thing in gc.get_objects()) if gc.is_tracked(Value(1.0)) else -1


@pytest.mark.thorough
def test_memory_falls_to_the_roots() -> None:
    n = 40
    whole = chain(Value(0.3), n * n)
    step = checkpoint(lambda x: chain(x, n))
    x = y = Value(0.3)
    largest = 0

    def counting(x: Any) -> Any:
        nonlocal largest
        z = chain(x, n)
        largest = max(largest, alive())
        return z

    for _ in range(n):
        y = step(y)
    assert len(toposort(whole)) == 3 * n * n + 1 == 4801
    assert len(toposort(y)) == n + 1
    del whole
    before = alive()
    counted = checkpoint(counting)
    z = x
    for _ in range(n):
        z = counted(z)
    z.backward()
    assert largest - before < 8 * n
    y.backward()


def test_a_value_that_does_not_come_again_is_refused() -> None:
    x = Value(0.5)
    y = checkpoint(sin)(x * 1.0)
    z = checkpoint(lambda a: sin(a * x))(2.0)
    x.data = 0.7
    with pytest.raises(StaleGraphError, match="when it is computed again: a leaf was set since"):
        z.backward()
    y.backward()  # its own argument is what it was
    x.zero_grad()
    draws = iter([1.0, 2.0])
    random = checkpoint(lambda a: a * next(draws))(Value(3.0))
    with pytest.raises(StaleGraphError, match="is not deterministic"):
        random.backward()


def test_nodes_that_the_function_lets_out_do_no_harm() -> None:
    kept: list[Value] = []

    def f(x: Any) -> Any:
        h = sin(x)
        kept.append(h)
        return h * h * weight

    weight, x = Value(2.0), Value(0.5)
    checkpoint(f)(x).backward()
    assert x.grad == pytest.approx(2 * math.sin(1.0), rel=1e-14)
    assert weight.grad == pytest.approx(math.sin(0.5) ** 2)


def test_a_checkpoint_under_no_grad_keeps_nothing() -> None:
    with no_grad():
        assert checkpoint(chain)(Value(0.3)).operands == ()


def test_nothing_recurses_in_long_chains_of_checkpoints() -> None:
    y = x = Value(0.3)
    step = checkpoint(lambda v: v * 1.0 + 0.0)
    for _ in range(3 * sys.getrecursionlimit()):
        y = step(y)
    y.backward()
    assert x.grad == 1.0


def test_adjoints_that_are_infinite_or_nan_stay_what_they_are() -> None:
    x = Value(0.0)
    checkpoint(autograd.sqrt)(x).backward()
    assert x.grad == math.inf
    with autograd.detect_anomaly(), pytest.raises(autograd.AnomalyError):
        checkpoint(lambda v: autograd.sqrt(v) * 2)(Value(0.0)).backward()
    with autograd.detect_anomaly():
        z = Value(1.0)
        (checkpoint(lambda v: [v * v, v])(z)[0] + own_exp(z)).backward()
