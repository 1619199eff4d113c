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
Nothing here reads or writes the `grad` of a node, or any state that another call could see: calls nest and run in threads.

Reverse mode is `gradient`: the chain rule of `Value.backward`, with the rows' partials evaluated on nodes, so that the
result is a graph and can be differentiated again. Forward mode is `Dual`: the same partials on pairs (primal, tangent). Both
keep apart what belongs to which call: a differentiated argument is always a node of its own (`identity`), and each `jvp` has
its own level of dual numbers, so the traps of perturbation confusion (Siskind and Pearlmutter, 2005) do not close:

    >>> grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0)
    1.0
"""

from __future__ import annotations

import functools
import itertools
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, final

from autograd import ops
from autograd.errors import GraphSizeError, OperandError, StaleGraphError
from autograd.ops import CLOSED, Op, number
from autograd.value import PYTHON_OPERATORS, Value, toposort

__all__ = ["Dual", "grad", "gradient", "hessian", "hvp", "jacobian", "jvp", "nth_derivative", "taylor", "value_and_grad", "vjp"]

Function = Callable[..., Any]

# --------------------------------------------------------------------------------------------------- the graph of a gradient


def gradient(root: Value, wrt: Any, *, seed: Any = 1.0) -> Any:
    """∂root/∂x for every node x of `wrt`, as nodes: a graph to draw, explain and differentiate again.

    The result has the structure of `wrt`, one node or lists, tuples and dicts of them. Where root does not depend on x, or
    only through closed gates, the derivative is a leaf with data 0. No `grad` is touched. A graph whose leaves were set to
    other data since it was made is refused with a StaleGraphError: its values belong to the old data.

    >>> x = Value(3.0, "x")
    >>> dy = gradient(x**3, x)
    >>> dy.data, gradient(dy, x).data
    (27.0, 18.0)
    """
    if type(root) is not Value:
        raise OperandError(f"gradient differentiates a node, not {root!r:.60}; for a function use grad")
    nodes, rebuild = _flatten(wrt, _node)
    adjoints: dict[Value, Any] = {root: seed}
    for node in reversed(_between(nodes, root)):
        adjoint = adjoints.get(node)
        if adjoint is not None:
            for operand, partial in zip(node.operands, _partials_as_nodes(node), strict=True):
                if partial is not CLOSED:
                    contribution = _times(adjoint, partial)
                    adjoints[operand] = adjoints[operand] + contribution if operand in adjoints else contribution
    return rebuild([_as_node(adjoints.get(node, 0.0)) for node in nodes])


def _partials_as_nodes(node: Value) -> tuple[Any, ...]:
    assert node.op is not None
    arguments = node.arguments
    data = tuple([a.data if type(a) is Value else a for a in arguments])
    again = node.op.evaluate(data, node.parameters)
    if again != node.data and not (math.isnan(again) and math.isnan(node.data)):
        raise StaleGraphError(
            f"{node.op.__name__} was computed as {node.data!r}, but its operands now give {again!r}: "
            "the data of a leaf was set since; compute the graph again"
        )
    return node.op.local_derivatives(arguments, node, node.parameters, [type(a) is Value for a in arguments])


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


# ---------------------------------------------------------------------------------------------------------- dual numbers


@final
class Dual:
    """A number with a tangent, primal + tangent·ε with ε² = 0: forward mode over the rows of the table.

    A row's value is computed on the primals, and the tangent is Σ ∂y/∂operand · tangent, with the row's own partials. The
    parts may be floats, nodes, or dual numbers of an older level, which is how derivatives nest.

    >>> from autograd import sin
    >>> y = sin(Dual(0.0, 1.0))
    >>> y.primal, y.tangent
    (0.0, 1.0)
    """

    __slots__ = ("level", "primal", "tangent")

    def __init__(self, primal: Any, tangent: Any, level: int = 0) -> None:
        self.primal, self.tangent, self.level = primal, tangent, level

    @staticmethod
    def __autograd_op__(op: Op, operands: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        level = max([operand.level for operand in operands if type(operand) is Dual])
        mine = [type(operand) is Dual and operand.level == level for operand in operands]
        primals = tuple([x.primal if on else x if _is_lifted(x) else number(x) for x, on in zip(operands, mine, strict=True)])
        parameters = op.complete(operands, parameters)
        y = op.apply(primals, parameters)
        tangent = None
        partials = op.local_derivatives(primals, y, parameters, mine)
        for operand, partial in zip(itertools.compress(operands, mine), partials, strict=True):
            if partial is not CLOSED and operand.tangent is not None:
                contribution = _times(operand.tangent, partial)
                tangent = contribution if tangent is None else tangent + contribution
        return Dual(y, tangent, level)

    def __lt__(self, other: Any) -> bool:
        return bool(self.primal < _primal(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.primal <= _primal(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.primal > _primal(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.primal >= _primal(other))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        row = ops.TABLE.get(name)
        if row is None or row.call is not None or row.variadic:
            raise AttributeError(f"'Dual' object has no attribute {name!r}", name=name, obj=self)
        return functools.partial(row, self)

    def __bool__(self) -> NoReturn:
        raise OperandError(f"the truth of {self!r} is not defined; compare it, `x > 0`")

    def __float__(self) -> NoReturn:
        raise OperandError(
            f"{self!r} has a tangent that a plain float would lose; use the functions of autograd, not those of math"
        )

    __int__ = __complex__ = __float__

    def __repr__(self) -> str:
        return f"Dual(primal={self.primal!r}, tangent={self.tangent!r})"

    if TYPE_CHECKING:  # bound below, from the table

        def __add__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...
        def __pow__(self, other: Any) -> Any: ...
        def __radd__(self, other: Any) -> Any: ...
        def __rsub__(self, other: Any) -> Any: ...
        def __rmul__(self, other: Any) -> Any: ...
        def __rtruediv__(self, other: Any) -> Any: ...
        def __rpow__(self, other: Any) -> Any: ...
        def __neg__(self) -> Any: ...
        def __abs__(self) -> Any: ...


def _is_lifted(x: Any) -> bool:
    return hasattr(type(x), "__autograd_op__")


def _primal(x: Any) -> Any:
    return x.primal if type(x) is Dual else x


for _dunder, _op in PYTHON_OPERATORS.items():
    if len(_op.operands) == 1:
        setattr(Dual, f"__{_dunder}__", lambda self, op=_op: op(self))
    else:
        setattr(Dual, f"__{_dunder}__", lambda self, other, op=_op: op(self, other))
        setattr(Dual, f"__r{_dunder}__", lambda self, other, op=_op: op(other, self))

# ---------------------------------------------------------------------------------------------------------- reverse mode


def grad(f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False) -> Function:
    """The function that gives ∂f/∂x for the argument number `argnums`, or a tuple of them for several.

    f gives a number, or with `has_aux` a pair (number, anything), and then so does the gradient: (∂f/∂x, anything).
    Keyword arguments reach f and are not differentiated.

    >>> grad(lambda p: p["w"] * 3 + p["b"] ** 2)({"w": 2.0, "b": 5.0})
    {'w': 3.0, 'b': 10.0}
    """
    with_value = value_and_grad(f, argnums, has_aux=has_aux)

    @functools.wraps(f)
    def gradient_of_f(*args: Any, **kwargs: Any) -> Any:
        value, derivative = with_value(*args, **kwargs)
        return (derivative, value[1]) if has_aux else derivative

    return gradient_of_f


def value_and_grad(f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False) -> Function:
    """The function that gives (f(x), ∂f/∂x); with `has_aux` ((f(x), aux), ∂f/∂x). See `grad`.

    >>> value_and_grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
    (6.0, (3.0, 2.0))
    """

    @functools.wraps(f)
    def value_and_gradient_of_f(*args: Any, **kwargs: Any) -> Any:
        with _Differentiation(args, argnums) as inputs:
            result = f(*inputs.arguments, **kwargs)
            value, aux = _with_aux(result) if has_aux else (result, None)
            value, derivatives = inputs.pull(_scalar(value, "grad", "jacobian"), 1.0)
        return ((value, aux) if has_aux else value), derivatives

    return value_and_gradient_of_f


def vjp(f: Function, *primals: Any) -> tuple[Any, Function]:
    """(f(x), pullback): the pullback takes a cotangent v, of the structure of f(x), to vᵀJ, a tuple with one for each argument.

    >>> y, pullback = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> y, pullback([1.0, 10.0])
    ([6.0, 5.0], (13.0, 12.0))
    """
    with _Differentiation(primals, range(len(primals))) as inputs:
        outputs, rebuild = _flatten(f(*inputs.arguments), _any)

    def pullback(cotangent: Any) -> Any:
        seeds, _ = _flatten(cotangent, _any)
        if len(seeds) != len(outputs):
            raise OperandError(f"the cotangent has {len(seeds)} numbers and the function's value {len(outputs)}; give one for each")
        total = functools.reduce(ops.add, [ops.mul(seed, y) for seed, y in zip(seeds, outputs, strict=True)], 0.0)
        return inputs.pull(total, 1.0)[1]

    return rebuild([inputs.plain(y) for y in outputs]), pullback


def jacobian(f: Function, argnums: int = 0) -> Function:
    """The function that gives ∂fᵢ/∂xⱼ: for a list of outputs a list, each entry with the structure of the argument.

    One reverse sweep for each output.

    >>> jacobian(lambda v: [v[0] * v[1], v[0] ** 2])([2.0, 3.0])
    [[3.0, 2.0], [4.0, 0.0]]
    """

    @functools.wraps(f)
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        with _Differentiation(args, argnums) as inputs:
            outputs, rebuild = _flatten(f(*inputs.arguments, **kwargs), _any)
            return rebuild([inputs.pull(y, 1.0)[1] for y in outputs])

    return jacobian_of_f


def hessian(f: Function, argnums: int = 0) -> Function:
    """The function that gives ∂²f/∂xᵢ∂xⱼ, the Jacobian of the gradient, in the argument's structure twice over.

    The graph of the gradient is built once and swept once for each variable.
    """
    return jacobian(grad(f, argnums), argnums)


# ---------------------------------------------------------------------------------------------------------- forward mode

_levels = itertools.count(1)


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """(f(x), J·t): the value and the derivative along the tangents, both of the structure of f(x), in one forward pass.

    A tangent of exactly 0 moves nothing: an infinite slope in its direction does not make a NaN.
    """
    if len(primals) != len(tangents):
        raise OperandError(f"{len(primals)} primals and {len(tangents)} tangents; give a tangent for each")
    level = next(_levels)
    at, rebuild = _flatten(list(primals), _any)
    along, _ = _flatten(list(tangents), _any)
    if len(at) != len(along):
        raise OperandError(f"the primals have {len(at)} numbers and the tangents {len(along)}; give one for each")
    duals = [x if type(t) is float and t == 0.0 else Dual(x, t, level) for x, t in zip(at, along, strict=True)]
    outputs, rebuild_outputs = _flatten(f(*rebuild(duals)), _any)

    def part(y: Any, name: str) -> Any:
        if type(y) is Dual and y.level == level:
            y = getattr(y, name)
            return 0.0 if y is None else y
        return y if name == "primal" else 0.0

    return rebuild_outputs([part(y, "primal") for y in outputs]), rebuild_outputs([part(y, "tangent") for y in outputs])


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """H·t for every argument, as a tuple: the gradient of the derivative along t. The Hessian itself is never built.

    >>> hvp(lambda v: v[0] ** 2 * v[1], ([3.0, 5.0],), ([1.0, 0.0],))
    ([10.0, 6.0],)
    """
    return grad(lambda *x: jvp(f, x, tangents)[1], tuple(range(len(primals))))(*primals)


def nth_derivative(f: Function, n: int) -> Function:
    """dⁿf/dxⁿ of a function of one number, by dual numbers of dual numbers: 2ⁿ times the work of f.

    >>> [nth_derivative(lambda x: x**5, n)(1.0) for n in range(5)]
    [1.0, 5.0, 20.0, 60.0, 120.0]
    """
    if n < 0 or n > 16:
        raise GraphSizeError(f"nth_derivative: n = {n}; orders from 0 to 16 are reasonable")
    if n == 0:
        return lambda x: f(x)
    return nth_derivative(lambda x: jvp(f, (x,), (1.0,))[1], n - 1)


def taylor(f: Function, x: float, n: int) -> list[float]:
    """The coefficients f⁽ᵏ⁾(x)/k! for k = 0 … n, of the powers (t − x)ᵏ.

    >>> from autograd import exp
    >>> taylor(exp, 0.0, 3)
    [1.0, 1.0, 0.5, 0.16666666666666666]
    """
    return [nth_derivative(f, k)(x) / math.factorial(k) for k in range(n + 1)]


# ------------------------------------------------------------------------------------------------ one call's own variables


class _Outer(threading.local):
    """The nodes that enclosing differentiations of this thread differentiate by, innermost last."""

    nodes: tuple[frozenset[Value], ...] = ()


_outer = _Outer()


class _Differentiation:
    """The arguments of one call, the chosen ones as nodes of their own.

    A plain number becomes a leaf, a node another node that depends on it, a dual number one whose primal is such a node. The
    derivative is a plain number again unless it depends on the variables of an enclosing call, or the argument was a node.
    """

    def __init__(self, args: Sequence[Any], argnums: int | Sequence[int]) -> None:
        self.single = isinstance(argnums, int)
        places = [argnums] if isinstance(argnums, int) else list(argnums)
        for place in places:
            if not -len(args) <= place < len(args):
                raise OperandError(f"argnums = {place}, and there are {len(args)} arguments; count from 0 to {len(args) - 1}")
        self.arguments = list(args)
        self.variables: list[list[Value]] = []
        self.rebuilds: list[Callable[[list[Any]], Any]] = []
        self.graph = False
        for place in places:
            numbers, rebuild = _flatten(args[place], _any)
            self.variables.append([])
            self.arguments[place] = rebuild([self._own(x) for x in numbers])
            self.rebuilds.append(rebuild)

    def _own(self, x: Any) -> Any:
        if type(x) is Dual:
            return Dual(self._own(x.primal), x.tangent, x.level)
        self.graph |= type(x) is Value
        variable = ops.identity(x) if type(x) is Value else Value(x)
        self.variables[-1].append(variable)
        return variable

    def __enter__(self) -> _Differentiation:
        self.before = _outer.nodes
        _outer.nodes = (*self.before, frozenset(itertools.chain(*self.variables)))
        return self

    def __exit__(self, *_: object) -> None:
        _outer.nodes = self.before

    def pull(self, y: Any, seed: Any) -> tuple[Any, Any]:
        """The plain value of y, and the derivatives with respect to the chosen arguments, in their structure."""
        flat = self._derivatives(y, seed)
        parts = iter(flat)
        derivatives = tuple(
            [rebuild([next(parts) for _ in own]) for own, rebuild in zip(self.variables, self.rebuilds, strict=True)]
        )
        return self.plain(y), derivatives[0] if self.single else derivatives

    def _derivatives(self, y: Any, seed: Any) -> list[Any]:
        wrt = list(itertools.chain(*self.variables))
        if type(y) is Dual:  # (u + u̇ε)′ = u′ + u̇′ε
            of_tangent = [None] * len(wrt) if y.tangent is None else self._derivatives(y.tangent, seed)
            pairs = zip(self._derivatives(y.primal, seed), of_tangent, strict=True)
            return [Dual(primal, tangent, y.level) for primal, tangent in pairs]
        if type(y) is not Value:
            return [0.0] * len(wrt)
        if self._differentiable(y):
            return list(gradient(y, wrt, seed=seed))
        return _sweep(y, wrt)

    def _differentiable(self, y: Value) -> bool:
        """Whether derivatives of y must stay graphs: an enclosing call may differentiate them."""
        outer = frozenset().union(*self.before)
        return self.graph or (bool(outer) and not outer.isdisjoint(toposort(y)))

    def plain(self, y: Any) -> Any:
        """The function's value without what only this call needed."""
        if type(y) is Dual:
            return Dual(self.plain(y.primal), None if y.tangent is None else self.plain(y.tangent), y.level)
        return y.data if type(y) is Value and not self._differentiable(y) else y


def _sweep(root: Value, wrt: list[Value]) -> list[float]:
    """`Value.backward` with the adjoints in a dictionary of its own."""
    adjoints = {root: 1.0}
    for node in reversed(toposort(root)):
        adjoint = adjoints.get(node)
        if adjoint is not None:
            for operand, partial, _, is_open in node.edges:
                if is_open:
                    adjoints[operand] = adjoints.get(operand, 0.0) + adjoint * partial
    return [adjoints.get(node, 0.0) for node in wrt]


# -------------------------------------------------------------------------------------------------------------- structures


def _flatten(tree: Any, leaf: Callable[[Any], Any]) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """The numbers in nested lists, tuples and dicts, and the function that puts others in their places."""
    if not isinstance(tree, (Mapping, list, tuple)):
        return [leaf(tree)], lambda values: values[0]
    make = _maker(tree)
    parts = [_flatten(part, leaf) for part in (tree.values() if isinstance(tree, Mapping) else tree)]
    sizes = [len(values) for values, _ in parts]
    starts = [0, *itertools.accumulate(sizes)]

    def rebuild(values: list[Any]) -> Any:
        return make([part[1](values[start : start + size]) for part, start, size in zip(parts, starts, sizes, strict=False)])

    return [value for values, _ in parts for value in values], rebuild


def _maker(tree: Any) -> Callable[[list[Any]], Any]:
    """What makes a container like this one of other contents."""
    if isinstance(tree, Mapping):
        return lambda values: dict(zip(tree, values, strict=True))
    if hasattr(tree, "_fields"):  # a namedtuple
        return lambda values: type(tree)(*values)
    return tuple if isinstance(tree, tuple) else list


def _any(x: Any) -> Any:
    return x if _is_lifted(x) else number(x)


def _scalar(y: Any, name: str, instead: str) -> Any:
    if isinstance(y, (Mapping, list, tuple)):
        raise OperandError(f"{name} needs a function with one number as its value, not {type(y).__name__}; use {instead}")
    return _any(y)


def _with_aux(result: Any) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise OperandError("with has_aux the function gives a pair (number, anything)")
    return result
