"""What is asked of each oracle: one derivative of a function, by reverse mode and by methods that fail differently.

`examined` takes a function and a point apart into questions, one for each first or second derivative. A `Question` has the row
of the table (`Oracles`), and answers further ones where those do not suffice: the limits on each side, germs, declared kinks.

Functions are called on floats where they can be, so that what they compute on nodes is held against what they compute on floats.

Start reading at `examined`, then at `Question`.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.checking.complex_step import complex_slope
from autograd.checking.differences import EPSILON, Estimate, Side, central, limit_of_slopes, one_side, slope_near
from autograd.checking.kinks import Met, crosses_jumps, is_between_floats, kinks_met
from autograd.errors import OperandError
from autograd.ops import number
from autograd.transforms import grad, gradient, hessian, jvp
from autograd.transforms.germs import one_sided
from autograd.transforms.structures import flatten, refuse_no_function
from autograd.value import Value, exhaust, restoring_gradients, toposort, zero_grad

__all__ = ["FirstOrder", "Oracles", "Question", "SecondOrder", "examined"]

Function = Callable[[Sequence[Any]], Any]  # of the inputs in one list
REFUSALS = (ValueError, ArithmeticError)  # what a function raises outside its domain and beyond the floats
MOST_PAIRS = 8  # with more inputs, second derivatives are checked on and beside the diagonal only
GENERIC = (1.9, 0.914, 0.628, 1.37, 0.81, 1.13, 0.55, 1.61)  # no component 0, no ratio that a kink is likely to have


class Oracles(NamedTuple):
    """One derivative by every oracle; None where one does not apply."""

    name: str  # ∂f/∂x, ∂²f/∂x∂y
    at: float  # the input that is moved
    reverse: float
    forward: float | None
    complex_step: float | None
    differences: float | None
    error: float | None  # of the differences, by their own estimate
    rounding: float  # what rounding along the graph may do to the others
    kinks: tuple[str, ...]  # those within reach of the step, in words
    problem: str  # why there is no derivative in reverse mode, if it could not be computed
    scale: float = 0.0  # the size of the slopes near the point: a slope of 0 is known relative to this

    @property
    def size(self) -> float:
        """The sum of the sizes of the terms, one for each path, that the derivative is the sum of, times the longest path."""
        return self.rounding / (4.0 * EPSILON)


# ------------------------------------------------------------------------------------------------- taking the input apart


def examined(f: Callable[..., Any], x: tuple[Any, ...], order: int, asked: str) -> tuple[FirstOrder, list[Question]]:
    """The function as it is differentiated, and a question for each of its derivatives at x."""
    refuse_no_function(asked, f)
    if order not in (1, 2):
        raise OperandError(f"{asked}: order = {order!r}; derivatives of order 1 and 2 are checked")
    point, rebuild = flatten(x, lambda part: part.data if type(part) is Value else number(part))
    names = _names(f, x)

    def flat(inputs: Sequence[Any]) -> Any:
        y = f(*rebuild(list(inputs)))
        if isinstance(y, (Mapping, list, tuple)):
            raise OperandError(f"{asked} needs a function with one number as its value, not {type(y).__name__}; take each alone")
        return y if hasattr(type(y), "__autograd_op__") else number(y)

    first = FirstOrder(flat, point)
    questions = [Question(first, f"∂f/∂{name}", i) for i, name in enumerate(names)]
    if order == 2 and names:
        curvature = _Curvature(first)
        for i, j in itertools.combinations_with_replacement(range(len(names)), 2):
            if len(names) <= MOST_PAIRS or j - i <= 1:
                name = f"∂²f/∂{names[i]}²" if i == j else f"∂²f/∂{names[i]}∂{names[j]}"
                questions.append(Question(SecondOrder(curvature, i), name, j))
    return first, questions


def _names(f: Callable[..., Any], x: tuple[Any, ...]) -> list[str]:
    """A name for every number among the arguments: x, v[0], p['w']."""
    try:
        signature = inspect.signature(f).bind(*x).signature.parameters.values()
    except (TypeError, ValueError):
        signature = ()  # type: ignore[assignment]  # a builtin; a TypeError comes again, better said, from the call
    names = [p.name for p in signature if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][: len(x)]
    names += [f"x{i}" for i in range(len(names), len(x))] if len(x) > 1 else ["x"] * (len(x) - len(names))
    return [each for name, argument in zip(names, x, strict=True) for each in _names_in(name, argument)]


def _names_in(name: str, tree: Any) -> Iterator[str]:
    if isinstance(tree, Mapping):
        for key, part in tree.items():
            yield from _names_in(f"{name}[{key!r}]", part)
    elif isinstance(tree, (list, tuple)):
        for index, part in enumerate(tree):
            yield from _names_in(f"{name}[{index}]", part)
    elif dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        for field in dataclasses.fields(tree):
            yield from _names_in(f"{name}.{field.name}", getattr(tree, field.name))
    else:
        count = len(flatten(tree, lambda part: part)[0])
        yield from (name if count == 1 else f"{name}[{index}]" for index in range(count))


# ----------------------------------------------------------------------------------------------- what is differentiated


class FirstOrder:
    """f as what is differentiated: its graph at the point, and its derivatives by every mode."""

    order = 1

    def __init__(self, f: Function, point: list[float]) -> None:
        self.f, self.point = f, point
        self.leaves = [Value(x) for x in point]
        self.root = _as_node(f(self.leaves))
        self.graphs: tuple[Value, ...] = (self.root,)
        self.along: tuple[Value, ...] = ()  # what else is moved
        self.problem = ""
        self.faults: list[str] = []
        self.takes_floats = True  # False if f asks its arguments for what only a node has
        self.noise, self.rounding = _rounding(self.root, self.leaves)
        self.at_first = self._on_floats()
        self.again()
        self._compare_with_nodes()

    @functools.cached_property
    def reverse(self) -> list[float]:
        return _backward(self.root, self.leaves)

    def forward(self, i: int) -> float | None:
        y, slope = jvp(lambda *v: self.f(v), self.point, _unit(i, len(self.point)))
        if not self.faults and not self._is_same(_plain(y)):
            self._fault(
                f"f{self._at} is {_plain(y)!r} in forward mode and {self.root.data!r} on nodes, so they take different branches; "
                "let f ask for the numbers, not for the type, of its arguments"
            )
        return _plain(slope)

    def on_complex(self, inputs: Sequence[Any]) -> Any:
        return self.f(inputs)

    def value(self, inputs: Sequence[float]) -> float | None:
        """f elsewhere, on floats if it takes them; None where it has no value."""
        try:
            if self.takes_floats:
                try:
                    return _plain(self.f(inputs))
                except TypeError:  # a complex number, say, where a node would refuse
                    pass
            return _plain(self.f([Value(x) for x in inputs]))
        except REFUSALS:
            return None

    def germ(self, i: int, sign: float) -> list[float] | None:
        """f and its slope on one side, by germs."""
        found = one_sided(lambda *v: self.f(v), self.point, [sign * u for u in _unit(i, len(self.point))], 1)
        return None if found is None else [found[0], sign * found[1]]

    # ----------------------------------------------------------------------------------------- f on floats, and f once more

    def _on_floats(self) -> float:
        try:
            y = _plain(self.f(list(self.point)))
        except (AttributeError, TypeError):
            self.takes_floats = False
            return self.root.data
        except REFUSALS as error:
            self._fault(f"f{self._at} is {self.root.data!r} on a node, and raises {type(error).__name__} on floats: {error}")
            return self.root.data
        return y

    def _compare_with_nodes(self) -> None:
        if not self.faults and not self._is_same(self.at_first):
            self._fault(
                f"f{self._at} is {self.at_first!r} on floats and {self.root.data!r} on nodes, so they take different branches; "
                "compare with == and <, since a set, a dictionary and `is` take a node by identity"
            )

    def again(self) -> None:
        """Call f once more at the point: another number is a fault."""
        if not self.faults:
            try:
                y = _plain(self.f(list(self.point) if self.takes_floats else [Value(x) for x in self.point]))
            except REFUSALS as error:
                self._fault(
                    f"f{self._at} is {self.at_first!r} at first, and raises {type(error).__name__} when called again: {error}"
                )
                return
            if y != self.at_first and not (y != y and self.at_first != self.at_first):
                self._fault(
                    f"f{self._at} is {self.at_first!r} at first and {y!r} when called again, so it depends on more than its "
                    "arguments; let it keep no state, and seed its random numbers itself"
                )

    def _fault(self, words: str) -> None:
        if words not in self.faults:
            self.faults.append(words)

    def _is_same(self, y: float) -> bool:
        here = self.root.data
        return y == here or (y != y and here != here) or abs(y - here) <= 64.0 * (self.noise + EPSILON * abs(here))

    @property
    def _at(self) -> str:
        return f"({', '.join([repr(x) for x in self.point[:4]])}{', …' * (len(self.point) > 4)})"


class _Curvature:
    """The second derivatives of f at the point as the engine gives them, the graph of its gradient, and gradients nearby."""

    def __init__(self, first: FirstOrder) -> None:
        self.first, self.problem = first, ""
        try:
            self.roots = list(gradient(first.root, first.leaves))
            self.reverse = [list(map(_plain, row)) for row in hessian(lambda v: first.f(v))(list(first.point))]
        except (TypeError, *REFUSALS) as error:
            self.roots = [Value(math.nan) for _ in first.leaves]
            self.reverse = [[math.nan] * len(first.leaves) for _ in first.leaves]
            self.problem = f"{type(error).__name__}: {error}"
        self.slopes = functools.lru_cache(maxsize=None)(self._slopes)

    def _slopes(self, inputs: tuple[float, ...]) -> list[float] | None:
        try:
            return list(map(_plain, grad(lambda v: self.first.f(v))(list(inputs))))
        except REFUSALS:
            return None


class SecondOrder:
    """∂f/∂xᵢ as what is differentiated."""

    order = 2

    def __init__(self, curvature: _Curvature, i: int) -> None:
        first = curvature.first
        self.f, self.point, self.leaves, self.i, self.slopes = first.f, first.point, first.leaves, i, curvature.slopes
        self.first, self.problem, self.root, self.reverse = first, curvature.problem, curvature.roots[i], curvature.reverse[i]
        self.unit = _unit(i, len(self.point))
        self.graphs = (first.root, self.root)
        self.along = (self.leaves[i],)
        self.noise, self.rounding = _rounding(self.root, self.leaves)

    def _along(self, inputs: Sequence[Any]) -> Any:
        return jvp(lambda *v: self.f(v), inputs, self.unit)[1]

    def forward(self, j: int) -> float | None:
        return _plain(jvp(lambda *v: self._along(v), self.point, _unit(j, len(self.point)))[1])

    def on_complex(self, inputs: Sequence[Any]) -> Any:
        return self._along(inputs)

    def value(self, inputs: Sequence[float]) -> float | None:
        gradient_there = self.slopes(tuple(inputs))
        return None if gradient_there is None else gradient_there[self.i]

    def germ(self, j: int, sign: float) -> list[float] | None:
        found = one_sided(lambda *v: self._along(v), self.point, [sign * u for u in _unit(j, len(self.point))], 1)
        return None if found is None else [found[0], sign * found[1]]


# --------------------------------------------------------------------------------------------------------- one derivative


class Question:
    """One derivative: ∂/∂xᵢ of what is differentiated, by every oracle."""

    def __init__(self, of: FirstOrder | SecondOrder, name: str, i: int) -> None:
        self.of, self.name, self.i, self.x = of, name, i, of.point[i]

    @functools.cached_property
    def oracles(self) -> Oracles:
        """The row of the table."""
        of, i, x = self.of, self.i, self.x
        estimate = central(self.along, x, of.noise)
        reach = estimate.reach if estimate else 1e-6 * max(1.0, abs(x))
        if math.isfinite(of.root.data):
            forward, complex_step = _unless_refused(of.forward, i), complex_slope(of.on_complex, of.point, i)
        else:  # beside an infinity there is no derivative to compare
            forward, complex_step = None, None
        return Oracles(
            self.name, x, of.reverse[i], forward, complex_step, estimate.value if estimate else None,
            estimate.error if estimate else None, of.rounding[i], tuple(dict.fromkeys(met.words for met in self.kinks(reach))),
            of.problem, estimate.scale if estimate else 0.0,
        )  # fmt: skip

    def along(self, t: float) -> float | None:
        """What is differentiated, with this input elsewhere; None where it has no finite value."""
        return self._at(self.of.point, t)

    def _at(self, point: Sequence[float], t: float) -> float | None:
        if not math.isfinite(t) and t != self.x:
            return None
        y = self.of.value([*point[: self.i], t, *point[self.i + 1 :]])
        return y if y is not None and math.isfinite(y) else None

    @functools.cached_property
    def here(self) -> float | None:
        return self.along(self.x)

    @functools.cached_property
    def sides(self) -> tuple[Side, Side]:
        """What the values on the left and on the right say."""
        left, right = (one_side(self.along, self.x, self.of.noise, sign) for sign in (-1.0, 1.0))
        return left, right

    @functools.cached_property
    def germs(self) -> tuple[list[float] | None, ...]:
        """(value, slope) on the left and on the right, None where f is not defined there; empty where f has no series."""
        try:
            return tuple([self.of.germ(self.i, sign) for sign in (-1.0, 1.0)])
        except (AttributeError, TypeError, *REFUSALS):
            return ()

    def kinks(self, reach: float) -> list[Met]:
        """The declared kinks that moving this input by `reach` meets: those of f, else those of the graph of its gradient."""
        leaves = (self.of.leaves[self.i], *self.of.along)
        met = ([kink for leaf in leaves for kink in kinks_met([root], leaf, reach)] for root in self.of.graphs)
        return next(filter(None, met), [])

    @functools.cached_property
    def is_between_floats(self) -> bool:
        """Whether a declared jump lies too near for any float to be on one side of it alone."""
        return is_between_floats(self.of.graphs, self.of.leaves[self.i])

    def crosses_jumps(self, reach: float) -> bool:
        """Whether steps of this size cross several declared jumps."""
        return crosses_jumps(self.of.graphs, self.of.leaves[self.i], reach)

    def reverse_beside(self, sign: float) -> float | None:
        """∂f/∂xᵢ by reverse mode a little to the left or to the right; None where it has no value."""
        there = [x + sign * 2.0**-26 * max(1.0, abs(x)) * (k == self.i) for k, x in enumerate(self.of.point)]
        try:
            return _plain(grad(lambda v: self.of.f(v))(there)[self.i])
        except REFUSALS:
            return None

    @functools.cached_property
    def is_beyond_floats(self) -> bool:
        """Whether a local derivative in the graph is infinite: what comes of it is no fault of a rule."""
        return any(math.isinf(partial or 0.0) for root in self.of.graphs for node in toposort(root) for partial in node.partials)

    def limits_from_around(self) -> Iterator[tuple[Estimate | None, float, bool]]:
        """The limits of this derivative as the point is approached in generic directions, by differences off the point.

        For each direction the limit, ±inf if it grows without bound, and whether the function is defined in it at all.

        Along an axis the other inputs stay exactly at their kinks, if they have any; generic directions cross them.
        """
        point, count = self.of.point, len(self.of.point)
        for direction in _directions(count):

            def around(t: float, direction: Sequence[float] = direction) -> list[float]:
                return [x + t * d * max(1.0, abs(x)) for x, d in zip(point, direction, strict=True)]

            def slope(t: float, around: Callable[[float], list[float]] = around) -> Estimate | None:
                there = around(t)
                step = t / 16.0 * max(1.0, abs(point[self.i]))
                return slope_near(lambda s: self._at(there, s), there[self.i], step, self.of.noise)

            nearby = around(2.0**-10)
            yield *limit_of_slopes(slope), self._at(nearby, nearby[self.i]) is not None


def _directions(count: int) -> Iterator[list[float]]:
    """Directions with no component 0, each component the largest in one of them, in both senses."""
    sizes = (GENERIC * (count // len(GENERIC) + 1))[:count]
    for shift in range(min(count, 2)):
        turned = [sizes[(k + shift) % count] for k in range(count)]
        for signs in ((1.0, 1.0), (-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0)) if count > 1 else ((1.0,), (-1.0,)):
            yield [signs[k % len(signs)] * size for k, size in enumerate(turned)]


# --------------------------------------------------------------------------------------------------------------- numbers


def _backward(root: Value, leaves: list[Value]) -> list[float]:
    """∂root/∂leaf by `backward`; every node has the gradient that it had when this returns."""
    undo = restoring_gradients(toposort(root, *leaves))
    try:
        zero_grad(toposort(root, *leaves))
        root.backward()
        return [leaf.grad for leaf in leaves]
    finally:
        exhaust(undo)


def _unless_refused(mode: Callable[[int], float | None], i: int) -> float | None:
    """A derivative by forward mode; None where f asks of its argument what only a node has."""
    try:
        return mode(i)
    except (AttributeError, TypeError, *REFUSALS):
        return None


def _unit(i: int, count: int) -> list[float]:
    return [float(i == k) for k in range(count)]


def _as_node(y: Any) -> Value:
    return y if type(y) is Value else Value(y)


def _plain(y: Any) -> float:
    return y.data if type(y) is Value else number(y)


def _rounding(root: Value, leaves: Sequence[Value]) -> tuple[float, list[float]]:
    """How much rounding can do, to first order: to the value of root, and to its derivative by each leaf.

    Every node's value is off by about ε·|value|, which reaches root times |adjoint|; every path to a leaf contributes its
    product of partials, off by about ε for each factor.
    """
    order = toposort(root)
    adjoints, sizes, lengths = {root: 1.0}, {root: 1.0}, {root: 1.0}
    noise = 0.0
    for node in reversed(order):
        adjoint, size, length = adjoints.get(node), sizes.get(node, 0.0), lengths.get(node, 0.0)
        if adjoint is not None and node.operands:
            share = abs(adjoint * node.data)
            noise += share if math.isfinite(share) else 0.0
            for operand, partial, _, is_open in node.edges:
                if is_open:
                    adjoints[operand] = adjoints.get(operand, 0.0) + adjoint * partial
                    sizes[operand] = sizes.get(operand, 0.0) + size * abs(partial)
                    lengths[operand] = max(lengths.get(operand, 0.0), length + 1.0)
    bounds = [4.0 * EPSILON * lengths.get(leaf, 0.0) * sizes.get(leaf, 0.0) for leaf in leaves]
    return EPSILON * noise, [bound if math.isfinite(bound) else 0.0 for bound in bounds]
