"""Derivatives of functions: gradients, Jacobians, Hessians and products with them, of any order, in reverse and forward mode.

    >>> grad(lambda x: x**3)(2.0)                               # reverse mode: one sweep, all inputs
    12.0
    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))         # forward mode: one tangent along the whole computation
    (6.0, 3.0)
    >>> grad(grad(grad(lambda x: x**4)))(1.0)
    24.0
    >>> hessian(lambda v: v[0] ** 2 * v[1])([3.0, 5.0])
    [[10.0, 6.0], [6.0, 0.0]]

Arguments are numbers, or lists, tuples and dicts of them, nested as one likes; derivatives come back in the same structure.
Numbers in, numbers out; where the function's own value would be a node, because an argument is one or the function closes
over one, the derivative is a node too, so that no gradient is lost.
Nothing here reads or writes the `grad` of a node; calls nest and run in threads.

Reverse mode is `gradient`: the chain rule of `Value.backward`, with the rows' partials evaluated on nodes, so that the
result is a graph and can be differentiated again. Forward mode is `Dual`: the same partials on pairs (primal, tangent), and
`Series`: all orders in one pass. They keep apart what belongs to which call: a differentiated argument is always a node of
its own, and each forward pass has a level of its own, so the traps of perturbation confusion (Siskind and Pearlmutter, 2005)
do not close:

    >>> grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0)
    1.0

Start reading at `gradient`, then `Dual`; the calls that users make follow, and how arguments are taken apart comes last.
"""

from __future__ import annotations

import copy
import functools
import itertools
import math
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NoReturn, final

from autograd import ops
from autograd.errors import GraphSizeError, OperandError, StaleGraphError
from autograd.operators import Operators
from autograd.ops import CLOSED, Op, number
from autograd.value import Value, _mode, toposort

__all__ = [
    "Dual",
    "grad",
    "gradient",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "nth_derivative",
    "taylor",
    "value_and_grad",
    "vjp",
]

Function = Callable[..., Any]

_levels = itertools.count(1)  # each differentiation has its own; a later one is an inner one

# --------------------------------------------------------------------------------------------------- the graph of a gradient


def gradient(root: Value, wrt: Any, *, seed: Any = 1.0) -> Any:
    """∂root/∂x for every node x of `wrt`, as nodes: a graph to draw, explain and differentiate again.

    The result has the structure of `wrt`, one node or lists, tuples and dicts of them. It may be a node of the graph itself:
    ∂(x·y)/∂x is y. Where root does not depend on x, or only through closed gates, it is a leaf with data 0. No `grad` is
    touched. A graph whose leaves were set to other data since it was made is refused with a StaleGraphError.

    >>> x = Value(3.0, "x")
    >>> dy = gradient(x**3, x)
    >>> dy.data, gradient(dy, x).data
    (27.0, 18.0)
    """
    if type(root) is not Value:
        raise OperandError(f"gradient differentiates a node, not {root!r:.60}; for a function use grad")
    nodes, rebuild = _flatten(wrt, _node)
    return rebuild([_as_node(adjoint) for adjoint in _adjoints(root, nodes, _any(seed))])


def _adjoints(root: Value, nodes: Sequence[Value], seed: Any = 1.0) -> list[Any]:
    """∂root/∂x for every x of `nodes`: a node where it depends on one, a float where it is constant."""
    adjoints: dict[Value, Any] = {root: seed}
    for node in reversed(_between(nodes, root)):
        adjoint = adjoints.get(node)
        if adjoint is not None:
            for operand, partial in zip(node.operands, _partials_as_nodes(node), strict=True):
                if partial is not CLOSED:
                    contribution = _times(adjoint, partial)
                    adjoints[operand] = adjoints[operand] + contribution if operand in adjoints else contribution
    return [adjoints.get(node, 0.0) for node in nodes]


def partials_now(node: Value, name: str = "") -> tuple[float, ...]:
    """The local derivatives on floats, from the operands' data now; they must be those saved when the operation ran."""
    assert node.op is not None
    data = tuple(map(_plain, node.arguments))
    try:
        again = node.op.evaluate(data, node.parameters)
        numbers = node.op.local_derivatives(data, again, node.parameters, [type(a) is Value for a in node.arguments])
        pairs = zip((node.data, *node.partials), (again, *numbers), strict=True)
        is_same = all(saved == now or (math.isnan(saved) and math.isnan(now)) for saved, now in pairs)
    except (ValueError, ArithmeticError):  # it could be computed once
        is_same = False
    if not is_same:
        raise StaleGraphError(
            f"{name and f'{name}: '}{node.op.__name__} was computed as {node.data!r}, and its operands have other data now: "
            "a leaf was set since; compute the graph again"
        )
    return numbers


def _partials_as_nodes(node: Value) -> tuple[Any, ...]:
    """The row's partials at this node as graphs."""
    assert node.op is not None
    numbers = partials_now(node)
    return _partials(node.op, node.arguments, node, node.parameters, [type(a) is Value for a in node.arguments], numbers)


def _partials(
    op: Op,
    operands: tuple[Any, ...],
    y: Any,
    parameters: Mapping[str, Any],
    active: list[bool],
    numbers: Sequence[float] | None = None,
) -> tuple[Any, ...]:
    """The row's partials, to be differentiated again; `numbers` are what they are on floats, where that is known.

    A gate that is closed on floats is closed. Where a partial is infinite by a convention, sqrt'(0) = +inf, or NaN, it is so
    at that point and not around it: its own derivative must not be the 0 of a constant, and is NaN.
    """
    partials = op.local_derivatives(operands, y, parameters, active)
    if type(y) is float:
        return partials
    if numbers is None:
        numbers = op.local_derivatives(tuple(map(_plain, operands)), _plain(y), parameters, active)
    pairs = zip(partials, numbers, strict=True)
    return tuple([CLOSED if n is CLOSED else _broken(p, operands) if _breaks(p, n, operands) else p for p, n in pairs])


def _breaks(partial: Any, number_now: float, operands: tuple[Any, ...]) -> bool:
    """Whether it is NaN, or a constant infinity that is not simply the other factor of a product."""
    if type(partial) is not float:
        return math.isnan(number_now)
    return not math.isfinite(partial) and not any(partial is operand for operand in operands)


def _broken(partial: Any, operands: tuple[Any, ...]) -> Any:
    """The partial plus 0 for every operand x that moves, written √(0·atan x), of which no derivative exists."""
    zeros = [ops.sqrt(0.0 * ops.atan(x)) for x in operands if _is_lifted(x)]
    return functools.reduce(ops.add, zeros, partial)


def _plain(x: Any) -> float:
    """The number that a node or a forward number stands for."""
    while isinstance(x, _Forward):
        x = x.primal
    return x.data if type(x) is Value else x


def _between(nodes: Sequence[Value], root: Value) -> list[Value]:
    """The nodes through which root depends on `nodes`, in topological order; the rest would be work for nothing."""
    reached = set(nodes)
    order = []
    for node in toposort(root):
        if any(operand in reached for operand in node.operands):
            reached.add(node)
            order.append(node)
    return order


def _times(adjoint: Any, partial: Any) -> Any:
    """adjoint · partial, without a node for a factor 1."""
    if type(partial) is float and partial == 1.0:
        return adjoint
    if type(adjoint) is float and adjoint == 1.0:
        return partial
    return adjoint * partial


def _as_node(x: Any) -> Value:
    return x if type(x) is Value else Value(x)


def _node(x: Any) -> Value:
    if type(x) is not Value:
        raise OperandError(f"gradient is taken with respect to nodes, not {x!r:.60}; for a function of numbers use grad")
    return x


# ------------------------------------------------------------------------------------------------------------ forward mode


class _Forward(Operators):
    """What numbers that carry derivatives along have in common: comparisons by the primal, and no truth."""

    __slots__ = ("level", "primal")

    level: int
    primal: Any

    def parts(self) -> list[Any]:
        """The numbers this one is made of; None for a part that nothing moved, a zero through which nothing flows."""
        raise NotImplementedError

    def of_parts(self, parts: Sequence[Any]) -> Any:
        """Another number like this one, of other parts."""
        raise NotImplementedError

    def __lt__(self, other: Any) -> bool:
        return bool(self.primal < _primal(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.primal <= _primal(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.primal > _primal(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.primal >= _primal(other))

    def __bool__(self) -> NoReturn:
        raise OperandError(f"the truth of {self!r} is not defined; compare it, `x > 0`")

    def __float__(self) -> NoReturn:
        raise OperandError(
            f"{self!r} carries a derivative that a plain float would lose; use the functions of autograd, not those of math"
        )

    __int__ = __complex__ = __float__


@final
class Dual(_Forward):
    """A number with a tangent, primal + tangent·ε with ε² = 0: forward mode over the rows of the table.

    A row's value is computed on the primals, and the tangent is Σ ∂y/∂operand · tangent, with the row's own partials. The
    parts may be floats, nodes, or forward numbers of an older level, which is how derivatives nest; the tangent is None where
    nothing moves, behind a closed gate.

    >>> from autograd import exp
    >>> exp(Dual(0.0, 3.0))
    Dual(primal=1.0, tangent=3.0)
    """

    __slots__ = ("tangent",)

    def __init__(self, primal: Any, tangent: Any, level: int = 0) -> None:
        self.primal, self.tangent, self.level = primal, tangent, level

    @staticmethod
    def __autograd_op__(op: Op, operands: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        operands, mine = _innermost(operands)
        if not all(type(operand) is Dual for operand in itertools.compress(operands, mine)):
            return NotImplemented
        primals = tuple([x.primal if on else x for x, on in zip(operands, mine, strict=True)])
        parameters = op.complete(operands, parameters)
        y = op.apply(primals, parameters)
        partials = _partials(op, primals, y, parameters, mine)
        tangent = None
        for operand, partial in zip(itertools.compress(operands, mine), partials, strict=True):
            if partial is not CLOSED and operand.tangent is not None:
                contribution = _times(operand.tangent, partial)
                tangent = contribution if tangent is None else tangent + contribution
        return Dual(y, tangent, operands[mine.index(True)].level)

    def parts(self) -> list[Any]:
        return [self.primal, self.tangent]

    def of_parts(self, parts: Sequence[Any]) -> Dual:
        primal, tangent = parts
        return Dual(primal, tangent, self.level)

    def __repr__(self) -> str:
        return f"Dual(primal={self.primal!r}, tangent={self.tangent!r})"


@final
class Series(_Forward):
    """A number as it moves with t: its derivatives by t at one point, of every order up to the one asked for, in one pass.

    y = op(x) moves by y′ = p·x′, p = ∂y/∂x the row's partial on series, so by Leibniz's rule

        y⁽ᵏ⁾ = Σ C(k−1, j) p⁽ʲ⁾ x⁽ᵏ⁻ʲ⁾,  j = 0 … k−1,

    which asks p for lower orders only. p may use y, as exp does, and other rows; so a derivative is computed when it is asked
    for. Orders cost their square, where dual numbers of dual numbers double with each. `taylor` and `nth_derivative` use it.
    """

    __slots__ = ("known", "pass_", "terms")

    def __init__(self, known: list[Any], pass_: _Pass, terms: Callable[[Series], list[tuple[Any, Any]]] | None = None) -> None:
        self.known, self.primal = known, known[0]  # the derivatives of order 0, 1, …, as far as they were asked for
        self.pass_, self.level = pass_, pass_.level
        self.terms: Any = terms  # [(operand, partial)], or the function that finds them; None where nothing more moves

    @staticmethod
    def __autograd_op__(op: Op, operands: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        operands, mine = _innermost(operands)
        if not all(type(operand) is Series for operand in itertools.compress(operands, mine)):
            return NotImplemented
        pass_ = operands[mine.index(True)].pass_
        parameters = op.complete(operands, parameters)

        def terms(y: Series) -> list[tuple[Any, Any]]:
            partials = _partials(op, operands, y, parameters, mine)
            pairs = zip(itertools.compress(operands, mine), partials, strict=True)
            return [(operand, partial) for operand, partial in pairs if partial is not CLOSED]

        def record() -> Series:
            primals = tuple([x.primal if on else x for x, on in zip(operands, mine, strict=True)])
            return Series([op.apply(primals, parameters)], pass_, terms)

        if pass_.inner is not None:  # an operation inside a partial: computed as far as it is asked for, and once
            key = (op, tuple([x if isinstance(x, _Forward) else repr(x) for x in operands]), repr(sorted(parameters.items())))
            if key not in pass_.inner:
                pass_.inner[key] = record()
            return pass_.inner[key]
        pass_.inner = {}
        try:
            y = record()
            y.derivative(pass_.order)
        finally:
            pass_.inner = None
        y.terms = None
        return y

    def derivative(self, k: int) -> Any:
        """dᵏ/dtᵏ; None for a zero that nothing moved."""
        while len(self.known) <= k:
            if callable(self.terms):
                self.terms = self.terms(self)
            self.known.append(self._next(len(self.known)))
        return self.known[k]

    def _next(self, k: int) -> Any:
        total = None
        for x, partial in self.terms or ():
            own = type(partial) is Series and partial.level == self.level
            for j in range(k) if own else (0,):
                moved = x.derivative(k - j)
                slope = None if moved is None else partial.derivative(j) if own else partial
                if slope is not None:
                    term = _times(_times(moved, slope), float(math.comb(k - 1, j)))
                    total = term if total is None else total + term
        return total

    def parts(self) -> list[Any]:
        return [self.derivative(k) for k in range(self.pass_.order + 1)]

    def of_parts(self, parts: Sequence[Any]) -> Series:
        return Series(list(parts), self.pass_)

    def __repr__(self) -> str:
        return f"Series({', '.join([repr(0.0 if part is None else part) for part in self.parts()])})"


class _Pass:
    """One pass of series: its level, how many orders it carries, and the operations inside the partials of the current one."""

    def __init__(self, order: int) -> None:
        self.level, self.order = next(_levels), order
        self.inner: dict[Any, Series] | None = None


def _innermost(operands: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[bool]]:
    """The operands, plain numbers as floats, and which of them move in the innermost pass among them."""
    level = max([operand.level for operand in operands if isinstance(operand, _Forward)])
    mine = [isinstance(operand, _Forward) and operand.level == level for operand in operands]
    return tuple([operand if _is_lifted(operand) else number(operand) for operand in operands]), mine


def _primal(x: Any) -> Any:
    return x.primal if isinstance(x, _Forward) else x


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """(f(x), J·t): the value and the derivative along the tangents, both of the structure of f(x), in one forward pass.

    A primal and a tangent for each argument of f. A tangent of exactly 0 moves nothing: an infinite slope in its direction
    does not make a NaN.

    >>> jvp(lambda v, s: [v[0] * s, v[1] / s], ([1.0, 2.0], 4.0), ([1.0, 0.0], 0.5))
    ([4.0, 0.5], [4.5, -0.0625])
    """
    _refuse_no_function("jvp", f)
    at, along, rebuild = _points_and_tangents("jvp", primals, tangents)
    level = next(_levels)
    duals = [x if type(t) is float and t == 0.0 else Dual(x, t, level) for x, t in zip(at, along, strict=True)]
    outputs, rebuild_outputs = _flatten(f(*rebuild(duals)), _output)
    pairs = [y.parts() if isinstance(y, _Forward) and y.level == level else [y, None] for y in outputs]
    values, derivatives = [y for y, _ in pairs], [0.0 if t is None else t for _, t in pairs]
    return rebuild_outputs(values), rebuild_outputs(derivatives)


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """H·t for every argument, as a tuple: the gradient of the derivative along t. The Hessian itself is never built.

    >>> hvp(lambda v: v[0] ** 2 * v[1], ([3.0, 5.0],), ([1.0, 0.0],))
    ([10.0, 6.0],)
    """
    _refuse_no_function("hvp", f)
    _points_and_tangents("hvp", primals, tangents)
    along = grad(lambda *x: _scalar(jvp(f, x, tangents)[1], "hvp"), tuple(range(len(primals))))
    return along(*primals)


def nth_derivative(f: Function, n: int) -> Function:
    """The function that gives dⁿf/dxⁿ of a function of one number, in one forward pass.

    >>> [nth_derivative(lambda x: x**5, n)(1.0) for n in range(5)]
    [1.0, 5.0, 20.0, 60.0, 120.0]
    """
    _refuse_no_function("nth_derivative", f)
    n = _order("nth_derivative", n)

    @functools.wraps(f)
    def derivative_of_f(x: Any) -> Any:
        return _derivatives_along(f, x, n, "nth_derivative")[n]

    return derivative_of_f


def taylor(f: Function, x: Any, n: int) -> list[Any]:
    """The coefficients f⁽ᵏ⁾(x)/k! for k = 0 … n, of the powers (t − x)ᵏ, in one forward pass.

    >>> from autograd import exp
    >>> taylor(exp, 0.0, 3)
    [1.0, 1.0, 0.5, 0.16666666666666666]
    """
    _refuse_no_function("taylor", f)
    derivatives = _derivatives_along(f, x, _order("taylor", n), "taylor")
    return [*derivatives[:2], *(y / math.factorial(k) for k, y in enumerate(derivatives[2:], 2))]


def _derivatives_along(f: Function, x: Any, n: int, name: str) -> list[Any]:
    """f and its derivatives of order 1 … n by its one argument."""
    pass_ = _Pass(n)
    y = _scalar(f(Series([_scalar(x, name), 1.0], pass_)), name)
    parts = y.parts() if type(y) is Series and y.level == pass_.level else [y]
    return [0.0 if part is None else part for part in (*parts, *[None] * n)][: n + 1]


_HIGHEST_ORDER = 64


def _order(name: str, n: Any) -> int:
    if not hasattr(type(n), "__index__") or isinstance(n, bool):
        raise OperandError(f"{name}: the order n = {n!r:.60} is not a whole number; give 0, 1, 2, …")
    if not 0 <= n <= _HIGHEST_ORDER:
        raise GraphSizeError(f"{name}: n = {n}; orders from 0 to {_HIGHEST_ORDER} are supported")
    return int(n)


def _points_and_tangents(name: str, primals: Any, tangents: Any) -> tuple[list[Any], list[Any], Callable[[list[Any]], Any]]:
    """The numbers of both in the same order, and what puts them back into the structure of the arguments."""
    for given, what in ((primals, "primals"), (tangents, "tangents")):
        if not isinstance(given, (list, tuple)):
            raise OperandError(f"{name}: {what} = {given!r:.60}; give a tuple with one entry for each argument, ({given!r:.20},)")
    at, rebuild = _flatten(list(primals), _any)
    return at, _flatten_like(list(tangents), list(primals), f"{name}: the tangents are", "the primals"), rebuild


# ------------------------------------------------------------------------------------------------------------ reverse mode


def grad(f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False) -> Function:
    """The function that gives ∂f/∂x for the argument number `argnums`, or a tuple of them for several.

    f gives a number, or with `has_aux` a pair (number, anything), and then so does the gradient: (∂f/∂x, anything).
    Keyword arguments reach f and are not differentiated; negative argnums count from the end.

    >>> grad(lambda p: p["w"] * 3 + p["b"] ** 2)({"w": 2.0, "b": 5.0})
    {'w': 3.0, 'b': 10.0}
    """
    with_value = _value_and_grad("grad", f, argnums, has_aux)

    @functools.wraps(f)
    def gradient_of_f(*args: Any, **kwargs: Any) -> Any:
        value, derivative = with_value(*args, **kwargs)
        return (derivative, value[1]) if has_aux else derivative

    return gradient_of_f


def value_and_grad(f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False) -> Function:
    """The function that gives (f(x), ∂f/∂x); with `has_aux` ((f(x), anything), ∂f/∂x). See `grad`.

    >>> value_and_grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
    (6.0, (3.0, 2.0))
    """
    return _value_and_grad("value_and_grad", f, argnums, has_aux)


def _value_and_grad(name: str, f: Function, argnums: int | Sequence[int], has_aux: bool) -> Function:
    _refuse_no_function(name, f)
    argnums = _places(name, argnums)

    @functools.wraps(f)
    def value_and_gradient_of_f(*args: Any, **kwargs: Any) -> Any:
        inputs = _Variables(name, args, argnums)
        with inputs.recorded():
            result = f(*inputs.arguments, **kwargs)
            y, aux = _with_aux(name, result) if has_aux else (result, None)
            y = _scalar(y, name, "; for several outputs use jacobian")
            derivatives = inputs.derivatives(y)
        return ((inputs.plain(y), _map(inputs.plain, aux)) if has_aux else inputs.plain(y)), derivatives

    return value_and_gradient_of_f


def vjp(f: Function, *primals: Any) -> tuple[Any, Function]:
    """(f(x), pullback): the pullback takes a cotangent v, of the structure of f(x), to vᵀJ, a tuple with one for each argument.

    An entry of v that is exactly 0 pulls nothing back: an infinite slope of that output does not make a NaN.

    >>> y, pullback = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> y, pullback([1.0, 10.0])
    ([6.0, 5.0], (13.0, 12.0))
    """
    _refuse_no_function("vjp", f)
    inputs = _Variables("vjp", primals, range(len(primals)))
    with inputs.recorded():
        outputs, rebuild = _flatten(f(*inputs.arguments), _output)

    def pullback(cotangent: Any) -> Any:
        seeds = _flatten_like(cotangent, rebuild(outputs), "vjp: the cotangent is", "the function's value")
        with inputs.recorded():
            weighted = [ops.mul(v, y) for v, y in zip(seeds, outputs, strict=True) if type(v) is not float or v != 0.0]
            return inputs.derivatives(functools.reduce(ops.add, weighted, 0.0))

    return rebuild([inputs.plain(y) for y in outputs]), pullback


def jacobian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The function that gives ∂fᵢ/∂xⱼ: the structure of f(x), and in the place of each output that of the argument.

    One reverse sweep for each output. With several argnums each output's place holds a tuple, one entry for each of them.

    >>> jacobian(lambda v: [v[0] * v[1], v[0] ** 2])([2.0, 3.0])
    [[3.0, 2.0], [4.0, 0.0]]
    """
    return _jacobian("jacobian", f, argnums)


def _jacobian(name: str, f: Function, argnums: int | Sequence[int]) -> Function:
    _refuse_no_function(name, f)
    argnums = _places(name, argnums)

    @functools.wraps(f)
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        inputs = _Variables(name, args, argnums)
        with inputs.recorded():
            outputs, rebuild = _flatten(f(*inputs.arguments, **kwargs), _output)
            return rebuild([inputs.derivatives(y) for y in outputs])

    return jacobian_of_f


def hessian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The function that gives ∂²f/∂xᵢ∂xⱼ, the Jacobian of the gradient: the argument's structure twice over.

    The graph of the gradient is built once and swept once for each variable.

    >>> hessian(lambda x, y: x**2 * y, argnums=(0, 1))(3.0, 5.0)
    ((10.0, 6.0), (6.0, 0.0))
    """
    return _jacobian("hessian", _without_value(_value_and_grad("hessian", f, argnums, False)), argnums)


def _without_value(with_value: Function) -> Function:
    @functools.wraps(with_value)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        return with_value(*args, **kwargs)[1]

    return derivative


# ------------------------------------------------------------------------------------------------ one call's own variables


_level_of: weakref.WeakKeyDictionary[Value, int] = weakref.WeakKeyDictionary()
"""The leaves that stand for plain numbers, each with the level of its call: an inner call has a later one."""


class _Variables:
    """The arguments of one call, the numbers of the chosen ones as nodes of their own.

    A plain number becomes a leaf, a node another node that depends on it, a forward number one whose primal is such a node.
    What f computes depends on these alone, unless an argument was a node or f closes over one, perhaps the variable of an
    enclosing call; then derivatives are graphs, else plain numbers. Under no_grad they are always plain.
    """

    def __init__(self, name: str, args: Sequence[Any], argnums: int | Sequence[int]) -> None:
        self.single = isinstance(argnums, int)
        places = _own_places(name, argnums, len(args))
        self.recording = bool(ops.identity(Value(0.0)).operands)  # not under no_grad
        self.level = next(_levels)
        self.arguments = list(args)
        self.nodes: list[Value] = []
        self.given: list[bool] = []  # which of them came as nodes
        self.forward = False
        trees = []
        for place in places:
            try:
                numbers, rebuild = _flatten(args[place], _any)
            except OperandError as error:
                raise OperandError(f"{name}, argument {place}: {error}") from None
            self.arguments[place] = rebuild([self._own(x) for x in numbers])
            trees.append(args[place])
        _, self.rebuild = _flatten(trees[0] if self.single else tuple(trees), _any)

    def _own(self, x: Any) -> Any:
        if isinstance(x, _Forward):
            primal, *moved = x.parts()
            return x.of_parts([self._own(primal), *moved])
        if type(x) is Value:
            with self.recorded():
                variable = ops.identity(x)
        else:
            variable = Value(x)
            _level_of[variable] = self.level
        self.nodes.append(variable)
        self.given.append(type(x) is Value)
        return variable

    def recorded(self) -> AbstractContextManager[None]:
        """A context in which operations make nodes even if the call stands under no_grad."""
        return nullcontext() if self.recording else _mode(recording=True)

    def derivatives(self, y: Any) -> Any:
        """∂y/∂variable in the structure of the chosen arguments: a node for a variable that came as a node."""
        parts = zip(self._derivatives(y), self.nodes, self.given, strict=True)
        return self.rebuild([self._constant(part, node) if given else part for part, node, given in parts])

    def _constant(self, derivative: Any, node: Value) -> Any:
        """A derivative that came out as a plain number, as a node that hangs on the variable by a closed gate."""
        if type(derivative) is not float:
            return derivative
        return ops.where(True, derivative, node.operands[0]) if self.recording else Value(derivative)

    def _derivatives(self, y: Any) -> list[Any]:
        if isinstance(y, _Forward):  # (u + u̇ε)′ = u′ + u̇′ε
            columns = zip(*[self._derivatives(part) for part in y.parts()], strict=True)
            return [y.of_parts(column) for column in columns]
        if type(y) is not Value:
            return [0.0] * len(self.nodes)
        order = toposort(y)
        return _adjoints(y, self.nodes) if self._depends_on_more(order) else _sweep(order, self.nodes)

    def _depends_on_more(self, order: list[Value]) -> bool:
        """Whether derivatives must stay graphs: a leaf of the user's, or of an enclosing call, went into them."""
        return self.recording and any(_level_of.get(node, 0) < self.level for node in order if not node.operands)

    def plain(self, y: Any) -> Any:
        """The function's value without what only this call needed."""
        if isinstance(y, _Forward):
            return y.of_parts([self.plain(part) for part in y.parts()])
        if type(y) is not Value or self._depends_on_more(toposort(y)):
            return y
        return Value(y.data) if any(self.given) else y.data


def _sweep(order: list[Value], wrt: list[Value]) -> list[float]:
    """`Value.backward` of the last node of a topological order, with the adjoints in a dictionary of its own."""
    adjoints = {order[-1]: 1.0}
    for node in reversed(order):
        adjoint = adjoints.get(node)
        if adjoint is not None:
            for operand, partial, _, is_open in node.edges:
                if is_open:
                    adjoints[operand] = adjoints.get(operand, 0.0) + adjoint * partial
    return [adjoints.get(node, 0.0) for node in wrt]


def _places(name: str, argnums: Any) -> int | tuple[int, ...]:
    """argnums as a number or a tuple of numbers; what is neither is refused before the function is ever called."""
    places = argnums if isinstance(argnums, (list, tuple, range)) else [argnums]
    for place in places:
        if not hasattr(type(place), "__index__") or isinstance(place, bool):
            raise OperandError(f"{name}: argnums = {argnums!r:.60}; give the number of an argument, or a tuple of numbers")
    return tuple(map(int, places)) if places is argnums else int(argnums)


def _own_places(name: str, argnums: int | Sequence[int], count: int) -> list[int]:
    """The chosen arguments, counted from 0."""
    places = [argnums] if isinstance(argnums, int) else list(argnums)
    for place in places:
        if not -count <= place < count:
            cure = f"count from 0 to {count - 1}" if count else "differentiated arguments are positional"
            raise OperandError(f"{name}: argnums = {place}, but {count} positional arguments were given; {cure}")
    own = [place % count for place in places]
    if len(set(own)) < len(own):
        raise OperandError(f"{name}: argnums = {tuple(places)} name an argument twice; name each once")
    return own


# -------------------------------------------------------------------------------------------------------------- structures


def _flatten(tree: Any, leaf: Callable[[Any], Any]) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """The numbers in nested lists, tuples and dicts, and the function that puts others in their places."""
    if not isinstance(tree, (Mapping, list, tuple)):
        return [leaf(tree)], lambda values: values[0]
    make = _maker(tree)
    parts = [_flatten(part, leaf) for part in _entries(tree)]
    ends = list(itertools.accumulate([len(values) for values, _ in parts]))

    def rebuild(values: list[Any]) -> Any:
        return make([part[1](values[start:end]) for part, start, end in zip(parts, [0, *ends], ends, strict=False)])

    return [value for values, _ in parts for value in values], rebuild


def _flatten_like(tree: Any, model: Any, this: str, that: str) -> list[Any]:
    """The numbers of a tree in the order of another one, whose structure it must have."""
    if isinstance(model, Mapping):
        if not isinstance(tree, Mapping) or tree.keys() != model.keys():
            raise OperandError(f"{this} {tree!r:.60}, and {that} {model!r:.60}; give a dict with the same keys")
        pairs = [(tree[key], model[key]) for key in model]
    elif isinstance(model, (list, tuple)):
        if not isinstance(tree, (list, tuple)) or len(tree) != len(model):
            raise OperandError(f"{this} {tree!r:.60}, and {that} {model!r:.60}; give a sequence of length {len(model)}")
        pairs = list(zip(tree, model, strict=True))
    elif isinstance(tree, (Mapping, list, tuple)):
        raise OperandError(f"{this} {tree!r:.60}, and {that} {model!r:.60}; give one number")
    else:
        return [_any(tree)]
    return [x for part, like in pairs for x in _flatten_like(part, like, this, that)]


def _map(function: Callable[[Any], Any], tree: Any) -> Any:
    """The function on every node and forward number in nested lists, tuples and dicts; anything else as it is."""
    if isinstance(tree, (Mapping, list, tuple)):
        return _maker(tree)([_map(function, part) for part in _entries(tree)])
    return function(tree) if _is_lifted(tree) else tree


def _entries(tree: Any) -> Iterable[Any]:
    return tree.values() if isinstance(tree, Mapping) else tree


def _maker(tree: Any) -> Callable[[list[Any]], Any]:
    """What makes a container like this one of other contents."""
    if isinstance(tree, dict):

        def make(values: list[Any]) -> Any:
            made = copy.copy(tree)  # an OrderedDict or a dict of the user's own stays one
            made.update(zip(tree, values, strict=True))
            return made

        return make
    if isinstance(tree, Mapping):
        return lambda values: dict(zip(tree, values, strict=True))
    if hasattr(tree, "_fields"):  # a namedtuple
        return lambda values: type(tree)(*values)
    return tuple if isinstance(tree, tuple) else list


def _is_lifted(x: Any) -> bool:
    return hasattr(type(x), "__autograd_op__")


def _any(x: Any) -> Any:
    return x if _is_lifted(x) else number(x)


def _output(y: Any) -> Any:
    if y is None:
        raise OperandError("the function gives None; let it return a number, or lists, tuples and dicts of them")
    return _any(y)


def _scalar(y: Any, name: str, instead: str = "") -> Any:
    if isinstance(y, (Mapping, list, tuple)):
        raise OperandError(f"{name} needs one number, not {y!r:.60} of type {type(y).__name__}{instead}")
    return _output(y)


def _with_aux(name: str, result: Any) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise OperandError(f"{name} with has_aux needs a function that gives a pair (number, anything), not {result!r:.60}")
    return result


def _refuse_no_function(name: str, f: Any) -> None:
    if not callable(f):
        raise OperandError(f"{name} takes a function first, not {f!r:.60}; give f itself, not its value f(x)")
