"""Reverse mode of functions: one sweep for all inputs, by the same chain rule as `Value.backward`.

    >>> grad(lambda x: x**3)(2.0)
    12.0

`gradient` gives graphs: the rows' partials are evaluated on nodes, so that the result can be differentiated again. The
functions below it take a function and return one; each call makes nodes of its arguments (`Variables`). Start reading at
`gradient`, then at `Variables`.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from autograd import ops
from autograd.beside import KEPT, rule_of, through_hooks
from autograd.beside import LEVELS as KEPT_LEVELS
from autograd.errors import OperandError, StaleGraphError
from autograd.modes import enable_grad, is_recording
from autograd.transforms.derived import returns_function
from autograd.transforms.forward import Dual, Tangents, jvp, points_and_tangents
from autograd.transforms.kinks import Marks, marks, nested, remember, resolved
from autograd.transforms.lifting import LEVELS, Forward, broken, is_kink, partials_again, plain, times
from autograd.transforms.orders import running
from autograd.transforms.passes import count_reverse
from autograd.transforms.structures import (
    Structure,
    flatten,
    flatten_argument,
    flatten_like,
    flatten_output,
    map_lifted,
    number_or_lifted,
    refuse_no_function,
    scalar,
)
from autograd.value import Value, sweep_apart, toposort

__all__ = ["grad", "gradient", "hessian", "hvp", "jacobian", "partials_now", "value_and_grad", "vjp"]

Function = Callable[..., Any]

# --------------------------------------------------------------------------------------------------- the graph of a gradient


def gradient(root: Value, wrt: Any, *, seed: Any = 1.0) -> Any:
    """∂root/∂x for every node x of `wrt`, as nodes: a graph to draw, explain and differentiate again.

    The result has the structure of `wrt`, one node or lists, tuples and dicts of them. It may be a node of the graph itself:
    ∂(x·y)/∂x is y. Where root does not depend on x, or only through closed gates, it is a leaf with data 0. No `grad` is
    touched. A graph whose leaves were set to other data since it was made is refused with a StaleGraphError.

    Where a row is at its kink, abs at 0, the result has the value that `backward` gives. Its own derivative there, by `gradient` or
    `backward`, is NaN: a graph knows one side only; `grad(grad(f))` and `hessian` look at both. A branch that was chosen before, by
    `if` or `where`, is part of the graph.

    >>> x = Value(3.0, "x")
    >>> dy = gradient(x**3, x)
    >>> dy.data, gradient(dy, x).data
    (27.0, 18.0)
    """
    if type(root) is not Value:
        raise OperandError(f"gradient differentiates a node, not {root!r:.60}; for a function use grad")
    nodes, rebuild = flatten(wrt, _node)
    adjoints = [as_node(adjoint) for adjoint in adjoints_of(root, nodes, number_or_lifted(seed))]
    at_kinks = _at_kinks(nodes, root)
    places = set(at_kinks)
    return rebuild([broken(adjoint, at_kinks) if x in places else adjoint for x, adjoint in zip(nodes, adjoints, strict=True)])


def _at_kinks(nodes: Sequence[Value], root: Value) -> list[Value]:
    """Those of the nodes that a row between them and the root depends on which is at its kink now."""
    kinked = set()
    for node in between(nodes, root):
        data = [plain(a) for a in node.arguments]
        if node.op is not None and node.op.kinks and is_kink(node.op, data, [type(a) is Value for a in node.arguments]):
            kinked.add(node)
    return [x for x in nodes if any(node in kinked for node in between([x], root))] if kinked else []


def adjoints_of(root: Value, nodes: Sequence[Value], seed: Any = 1.0) -> list[Any]:
    """∂root/∂x for every x of `nodes`: a node where it depends on one, a float where it is constant."""
    adjoints: dict[Value, Any] = {root: seed}
    order = between(nodes, root)
    sweep_as_nodes(order, adjoints)
    if KEPT:
        for node in set(nodes).intersection(adjoints).difference(order):  # leaves, which have no turn of their own
            adjoints[node] = through_hooks(node, adjoints[node], as_nodes=True)
    return [adjoints.get(node, 0.0) for node in nodes]


def sweep_as_nodes(order: Sequence[Value], adjoints: dict[Value, Any]) -> None:
    """The sweep back along a topological order, with every partial a graph; the adjoints are added to those given."""
    for node in reversed(order):
        adjoint = adjoints.get(node)
        if adjoint is not None:
            for operand, contribution in _contributions_as_nodes(node, adjoint, adjoints):
                adjoints[operand] = adjoints[operand] + contribution if operand in adjoints else contribution


def _contributions_as_nodes(node: Value, adjoint: Any, adjoints: dict[Value, Any]) -> Iterable[tuple[Value, Any]]:
    if KEPT:
        adjoint = adjoints[node] = through_hooks(node, adjoint, as_nodes=True)
        rule = rule_of(node)
        if rule is not None:
            return rule.contributions(adjoint, adjoints.get, as_nodes=True)
    if node.op is None:
        return ()
    pairs = zip(node.operands, _partials_as_nodes(node), strict=True)
    return [(operand, times(adjoint, partial)) for operand, partial in pairs if partial is not None]


def partials_now(node: Value, name: str = "") -> tuple[float | None, ...]:
    """The local derivatives on floats, from the operands' data now; they must be those saved when the operation ran."""
    assert node.op is not None
    data = tuple(map(plain, node.arguments))
    try:
        again = node.op.evaluate(data, node.parameters)
        numbers = node.op.local_derivatives(data, again, node.parameters, [type(a) is Value for a in node.arguments])
        pairs = zip((node.data, *node.partials), (again, *numbers), strict=True)
        is_same = all(saved == now or (saved != saved and now != now) for saved, now in pairs)
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
    return partials_again(node.op, node.arguments, node, node.parameters, [type(a) is Value for a in node.arguments], numbers)


def between(nodes: Sequence[Value], root: Value) -> list[Value]:
    """The nodes through which root depends on `nodes`, in topological order; the rest would be work for nothing."""
    reached = set(nodes)
    order = []
    for node in toposort(root):
        if any(operand in reached for operand in node.operands):
            reached.add(node)
            order.append(node)
    return order


def as_node(x: Any) -> Value:
    return x if type(x) is Value else Value(x)


def _node(x: Any) -> Value:
    if type(x) is not Value:
        raise OperandError(f"gradient is taken with respect to nodes, not {x!r:.60}; for a function of numbers use grad")
    return x


# ------------------------------------------------------------------------------------------------------------ reverse mode


@returns_function
def grad(f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False) -> Function:
    """The function that gives ∂f/∂x for the argument number `argnums`, or a tuple of them for several.

    f gives a number, or with `has_aux` a pair (number, anything), and then so does the gradient: (∂f/∂x, anything).
    Keyword arguments reach f and are not differentiated; negative argnums count from the end.

    >>> grad(lambda p: p["w"] * 3 + p["b"] ** 2)({"w": 2.0, "b": 5.0})
    {'w': 3.0, 'b': 10.0}

    Arguments that were not chosen are constants, and at a kink the minimum-norm subgradient is over the chosen ones alone. Where
    two arguments of max tie, a partial therefore depends on which others were asked for:

    >>> grad(ops.max)(1.0, 1.0), grad(ops.max, (0, 1))(1.0, 1.0)
    (0.0, (0.5, 0.5))
    """
    with_value = _value_and_grad("grad", f, argnums, has_aux)

    @functools.wraps(f)
    def gradient_of_f(*args: Any, **kwargs: Any) -> Any:
        value, derivative = with_value(*args, **kwargs)
        return (derivative, value[1]) if has_aux else derivative

    return gradient_of_f


@returns_function
def value_and_grad(f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False) -> Function:
    """The function that gives (f(x), ∂f/∂x); with `has_aux` ((f(x), anything), ∂f/∂x). See `grad`.

    >>> value_and_grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
    (6.0, (3.0, 2.0))
    """
    return _value_and_grad("value_and_grad", f, argnums, has_aux)


def _value_and_grad(name: str, f: Function, argnums: int | Sequence[int], has_aux: bool) -> Function:
    refuse_no_function(name, f)
    argnums = places_of(name, argnums)

    @functools.wraps(f)
    def value_and_gradient_of_f(*args: Any, **kwargs: Any) -> Any:
        before, inputs = marks(), Variables(name, args, argnums)
        with inputs.recorded():
            result = f(*inputs.arguments, **kwargs)
            y, aux = _with_aux(name, result) if has_aux else (result, None)
            y = scalar(y, name, "; for several outputs use jacobian")
            derivatives = inputs.derivatives(y)
        if inputs.on_germs or marks()[0] is not before[0]:
            again = _without_value(functools.partial(value_and_gradient_of_f, **kwargs))
            derivatives = inputs.resolved(derivatives, before, args, again, [y])
        if inputs.is_nested:
            nested()
        return ((inputs.plain(y), map_lifted(inputs.plain, aux)) if has_aux else inputs.plain(y)), derivatives

    return value_and_gradient_of_f


def vjp(f: Function, *primals: Any) -> tuple[Any, Function]:
    """(f(x), pullback): the pullback takes a cotangent v, of the structure of f(x), to vᵀJ, a tuple with one for each argument.

    An entry of v that is exactly 0 pulls nothing back: an infinite slope of that output does not make a NaN.

    >>> y, pullback = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> y, pullback([1.0, 10.0])
    ([6.0, 5.0], (13.0, 12.0))
    """
    refuse_no_function("vjp", f)
    before, inputs = marks(), Variables("vjp", primals, range(len(primals)))
    with inputs.recorded():
        outputs, rebuild = flatten_output(f(*inputs.arguments))
    met = marks()

    def pullback(cotangent: Any) -> Any:
        now = marks()
        remember(before, met)
        seeds = flatten_like(cotangent, rebuild(outputs), "vjp: the cotangent is", "the function's value")
        with inputs.recorded():
            weighted = [ops.mul(v, y) for v, y in zip(seeds, outputs, strict=True) if type(v) is not float or v != 0.0]
            derivatives = inputs.derivatives(functools.reduce(ops.add, weighted, 0.0))
        if inputs.on_germs or marks()[0] is not now[0]:
            derivatives = inputs.resolved(derivatives, now, primals, lambda *moved: vjp(f, *moved)[1](cotangent), outputs)
        if inputs.is_nested:
            nested()
        return derivatives

    return rebuild([inputs.plain(y) for y in outputs]), pullback


@returns_function
def jacobian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The function that gives ∂fᵢ/∂xⱼ: the structure of f(x), and in the place of each output that of the argument.

    One reverse sweep for each output. With several argnums each output's place holds a tuple, one entry for each of them.

    >>> jacobian(lambda v: [v[0] * v[1], v[0] ** 2])([2.0, 3.0])
    [[3.0, 2.0], [4.0, 0.0]]
    """
    return _jacobian("jacobian", f, argnums)


def _jacobian(name: str, f: Function, argnums: int | Sequence[int], is_symmetric: bool = False) -> Function:
    refuse_no_function(name, f)
    argnums = places_of(name, argnums)

    @functools.wraps(f)
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        before, inputs = marks(), Variables(name, args, argnums)
        with inputs.recorded():
            outputs, rebuild = flatten_output(f(*inputs.arguments, **kwargs))
            derivatives = rebuild([inputs.derivatives(y) for y in outputs])
        if inputs.on_germs or marks()[0] is not before[0]:
            again = functools.partial(jacobian_of_f, **kwargs)
            derivatives = inputs.resolved(derivatives, before, args, again, outputs, is_symmetric)
        if inputs.is_nested:
            nested()
        return derivatives

    return jacobian_of_f


@returns_function
def hessian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The function that gives ∂²f/∂xᵢ∂xⱼ, the Jacobian of the gradient: the argument's structure twice over.

    The graph of the gradient is built once and swept once for each variable.

    >>> hessian(lambda x, y: x**2 * y, argnums=(0, 1))(3.0, 5.0)
    ((10.0, 6.0), (6.0, 0.0))
    """
    return _jacobian("hessian", _without_value(_value_and_grad("hessian", f, argnums, False)), argnums, True)


def _without_value(with_value: Function) -> Function:
    @functools.wraps(with_value)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        return with_value(*args, **kwargs)[1]

    return derivative


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """H·t for every argument, as a tuple: the gradient of the derivative along t. The Hessian itself is never built.

    >>> hvp(lambda v: v[0] ** 2 * v[1], ([3.0, 5.0],), ([1.0, 0.0],))
    ([10.0, 6.0],)
    """
    refuse_no_function("hvp", f)
    points_and_tangents("hvp", primals, tangents)
    along = grad(lambda *x: scalar(jvp(f, x, tangents)[1], "hvp"), tuple(range(len(primals))))
    return along(*primals)


# ------------------------------------------------------------------------------------------------ one call's own variables


_OF_ALL = ("vjp", "linearize")  # what takes the arguments themselves differentiates all of them, and constants are among them


class Variables:
    """The arguments of one call, the numbers of the chosen ones as nodes of their own.

    A plain number becomes a leaf, a node another node that depends on it, a forward number one whose primal is such a node.
    What f computes depends on these alone, unless an argument was a node or f closes over one, perhaps the variable of an
    enclosing call; then derivatives are graphs, else plain numbers. Under no_grad they are always plain.
    """

    def __init__(self, name: str, args: Sequence[Any], argnums: int | Sequence[int]) -> None:
        self.single = isinstance(argnums, int)
        places = chosen_places(name, argnums, len(args))
        self.recording = is_recording()
        self.level = next(LEVELS)
        self.arguments = list(args)
        self.last: tuple[Value, list[Value], bool] | None = None  # of `_sorted`
        self.nodes: list[Value] = []
        self.given: list[bool] = []  # which of them came as nodes
        self.on_germs = running() is not None  # a node holds a float: on germs a forward pass carries all tangents
        self.is_nested = False  # whether derivatives come out as graphs or forward numbers
        self.places = places
        self.numbers: list[Any] = []  # those of the chosen arguments, as they came
        self.parts: list[tuple[Structure, int]] = []  # the structure of each chosen argument, and how many numbers are in it
        for place in places:
            numbers, structure = flatten_argument(name, place, args[place], is_chosen=name not in _OF_ALL)
            self.arguments[place] = structure.argument([self._own(x) for x in numbers])
            self.parts.append((structure, len(numbers)))
            self.numbers += numbers

    def _own(self, x: Any) -> Any:
        if self.on_germs:
            self.given.append(False)
            return Dual(x, Tangents({len(self.given) - 1: 1.0}), self.level)
        if isinstance(x, Forward):
            self.is_nested = True
            primal, *moved = x.parts()
            return x.of_parts([self._own(primal), *moved])
        if type(x) is Value:
            self.is_nested = True
            with self.recorded():
                variable = ops.identity(x)
        else:
            variable = Value(x)
            KEPT_LEVELS[variable] = self.level
        self.nodes.append(variable)
        self.given.append(type(x) is Value)
        return variable

    def recorded(self) -> AbstractContextManager[None]:
        """A context in which operations make nodes even if the call stands under no_grad."""
        return nullcontext() if self.recording else enable_grad()

    def derivatives(self, y: Any) -> Any:
        """∂y/∂variable in the structure of the chosen arguments: a node for a variable that came as a node."""
        count_reverse()
        if self.on_germs:
            numbers = iter(self._tangents(y))
        else:
            parts = zip(self._derivatives(y), self.nodes, self.given, strict=True)
            numbers = iter([self._constant(part, node) if given else part for part, node, given in parts])
        chosen = tuple([structure(itertools.islice(numbers, count)) for structure, count in self.parts])
        return chosen[0] if self.single else chosen

    def resolved(
        self, found: Any, before: Marks, args: Sequence[Any], again: Function, ys: Sequence[Any], is_symmetric: bool = False
    ) -> Any:
        """The derivatives `found`, set right at a kink; `again` gives them for other arguments, `ys` are the function's values."""

        def at(moved: Sequence[Any]) -> list[Any]:
            arguments, numbers = list(args), iter(moved)
            for place, (structure, count) in zip(self.places, self.parts, strict=True):
                arguments[place] = structure.argument(itertools.islice(numbers, count))
            return flatten(again(*arguments))[0]

        outputs, rebuild = flatten(found)
        values = [self.plain(y) for y in ys]
        return rebuild(resolved(outputs, before, self.numbers, at, values=values, level=self.level, is_symmetric=is_symmetric))

    def _tangents(self, y: Any) -> list[Any]:
        moved = y.tangent if type(y) is Dual and y.level == self.level else None
        by_variable = {} if moved is None else moved.by_variable
        return [by_variable.get(i, 0.0) for i in range(len(self.given))]

    def _constant(self, derivative: Any, node: Value) -> Any:
        """A derivative that came out as a plain number, as a node that hangs on the variable by a closed gate."""
        if type(derivative) is not float:
            return derivative
        return ops.where(True, derivative, node.operands[0]) if self.recording else Value(derivative)

    def _derivatives(self, y: Any) -> list[Any]:
        if isinstance(y, Forward):  # (u + u̇ε)′ = u′ + u̇′ε
            self.is_nested = True
            columns = zip(*[self._derivatives(part) for part in y.parts()], strict=True)
            return [y.of_parts(column) for column in columns]
        if type(y) is not Value:
            return [0.0] * len(self.nodes)
        order, stays_graph = self._sorted(y)
        if stays_graph:
            self.is_nested = True
            return adjoints_of(y, self.nodes)
        return sweep_apart(order, self.nodes)

    def _sorted(self, y: Value) -> tuple[list[Value], bool]:
        """The graph of y in topological order, and whether derivatives of y must stay graphs; kept for the last y asked for."""
        if self.last is None or self.last[0] is not y:
            order = toposort(y)
            self.last = y, order, self._depends_on_more(order)
        return self.last[1:]

    def _depends_on_more(self, order: list[Value]) -> bool:
        """Whether derivatives must stay graphs: a leaf of the user's, or of an enclosing call, went into them."""
        leaves = [node for node in order if not node.operands] if self.recording else []
        return any(KEPT_LEVELS.get(leaf, 0) < self.level for leaf in leaves)

    def must_stay_graphs(self, outputs: Sequence[Any], order: list[Value]) -> bool:
        """Whether derivatives of these cannot be plain numbers: an argument or an output is lifted, or a leaf of someone else's."""
        is_lifted_in = self.on_germs or self.is_nested
        return is_lifted_in or any(isinstance(y, Forward) for y in outputs) or self._depends_on_more(order)

    def plain(self, y: Any) -> Any:
        """The function's value without what only this call needed."""
        if self.on_germs:
            return y.primal if type(y) is Dual and y.level == self.level else y
        if isinstance(y, Forward):
            return y.of_parts([self.plain(part) for part in y.parts()])
        if type(y) is not Value or self._sorted(y)[1]:
            return y
        return Value(y.data) if any(self.given) else y.data


def places_of(name: str, argnums: Any) -> int | tuple[int, ...]:
    """argnums as a number or a tuple of numbers; what is neither is refused before the function is ever called."""
    places = argnums if isinstance(argnums, (list, tuple, range)) else [argnums]
    for place in places:
        if not hasattr(type(place), "__index__") or isinstance(place, bool):
            raise OperandError(f"{name}: argnums = {argnums!r:.60}; give the number of an argument, or a tuple of numbers")
    return tuple(map(int, places)) if places is argnums else int(argnums)


def chosen_places(name: str, argnums: int | Sequence[int], count: int) -> list[int]:
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


def _with_aux(name: str, result: Any) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise OperandError(f"{name} with has_aux needs a function that gives a pair (number, anything), not {result!r:.60}")
    return result
