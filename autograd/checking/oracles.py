"""The oracles: one derivative of a function by reverse mode, and by methods that fail differently.

`examined` returns a `Question` for each first or second derivative of a function at a point. A question has the row of the
table (`Oracles`), and computes more where the row does not suffice: the limits on each side, germs, declared kinks.

Functions are called on floats where possible, so that their values on nodes can be compared with those on floats.

Start reading at `examined`, then at `Question`.
"""

from __future__ import annotations

import contextlib
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
from autograd.transforms.structures import flatten, is_constant, opened, refuse_no_function
from autograd.undo import exhaust, restoring
from autograd.value import GRAD, Value, toposort, zero_grad

__all__ = ["FirstOrder", "Oracles", "Question", "SecondOrder", "examined"]

Function = Callable[[Sequence[Any]], Any]  # of the inputs in one list
REFUSALS = (ValueError, ArithmeticError)  # raised outside the domain of a function and beyond the floats
MOST_PAIRS = 8  # with more inputs, second derivatives are checked on and next to the diagonal only
GENERIC = (1.9, 0.914, 0.628, 1.37, 0.81, 1.13, 0.55, 1.61)  # no component 0, no ratio that a kink is likely to have


class Oracles(NamedTuple):
    """One derivative by every oracle; None for an oracle that does not apply."""

    name: str  # ∂f/∂x, ∂²f/∂x∂y
    at: float  # the value of the input
    reverse: float
    forward: float | None
    complex_step: float | None
    differences: float | None
    error: float | None  # of the differences, by their own estimate
    rounding: float  # a bound on the rounding error of the others, along the graph
    kinks: tuple[str, ...]  # those within reach of the step, in words
    problem: str  # the error of reverse mode, if it raised one
    scale: float = 0.0  # the size of the slopes near the point: a slope of 0 is known relative to this

    @property
    def size(self) -> float:
        """The sum of the sizes of the terms of the derivative, one for each path, times the length of the longest path."""
        return self.rounding / (4.0 * EPSILON)


def examined(f: Callable[..., Any], x: tuple[Any, ...], order: int, asked: str) -> tuple[FirstOrder, list[Question]]:
    """Return the function as it is differentiated, and a question for each of its derivatives at x."""
    refuse_no_function(asked, f)
    if order not in (1, 2):
        raise OperandError(f"{asked}: order = {order!r}; derivatives of order 1 and 2 are checked")
    point, rebuild = flatten(x, lambda part: part.data if type(part) is Value else number(part))
    names = _names(f, x)

    def flat(inputs: Sequence[Any]) -> Any:
        y = f(*rebuild(list(inputs)))
        if isinstance(y, (Mapping, list, tuple)):
            raise OperandError(f"{asked} needs a function with one number as its value, not {type(y).__name__}; check each alone")
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
    """Return a name for every number among the arguments: x, v[0], p['w']."""
    try:
        signature = inspect.signature(f).bind(*x).signature.parameters.values()
    except (TypeError, ValueError):
        signature = ()  # type: ignore[assignment]  # a builtin; the call raises a better TypeError
    names = [p.name for p in signature if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][: len(x)]
    names += [f"x{i}" for i in range(len(names), len(x))] if len(x) > 1 else ["x"] * (len(x) - len(names))
    return [each for name, argument in zip(names, x, strict=True) for each in _names_in(name, argument)]


def _names_in(name: str, tree: Any) -> Iterator[str]:
    container = opened(tree)
    if container is not None:
        for key, part in container.entries:
            yield from _names_in(name + key, part)
    elif not is_constant(tree):
        yield name


class FirstOrder:
    """f as a function to differentiate: its graph at the point, and its derivatives by every mode."""

    order = 1

    def __init__(self, f: Function, point: list[float]) -> None:
        self.f, self.point = f, point
        self.leaves = [Value(x) for x in point]
        y = f(self.leaves)
        self.root = y if type(y) is Value else Value(y)
        self.graphs: tuple[Value, ...] = (self.root,)
        self.along: tuple[Value, ...] = ()  # other leaves that move
        self.problem = ""
        self.faults: list[str] = []
        self.takes_floats = True  # False if f needs attributes that only a node has
        self.noise, self.rounding = _rounding(self.root, self.leaves)
        self.at_first = self._on_floats()
        self.again()
        self._compare(
            self.at_first, "on floats", "compare with == and <, since a set, a dictionary and `is` take a node by identity"
        )

    @functools.cached_property
    def reverse(self) -> list[float]:
        return _backward(self.root, self.leaves)

    def forward(self, i: int) -> float | None:
        y, slope = jvp(lambda *v: self.f(v), self.point, _unit(i, len(self.point)))
        self._compare(_plain(y), "in forward mode", "let f depend on the numbers, not on the type, of its arguments")
        return _plain(slope)

    def value(self, inputs: Sequence[float]) -> float | None:
        """Return f at other inputs, on floats if it takes them; None where it has no value."""
        try:
            if self.takes_floats:
                try:
                    return _plain(self.f(inputs))
                except TypeError:  # a complex number, for example, where a node raises
                    pass
            return _plain(self.f([Value(x) for x in inputs]))
        except REFUSALS:
            return None

    def _on_floats(self) -> float:
        try:
            return _plain(self.f(list(self.point)))
        except (AttributeError, TypeError):
            self.takes_floats = False
        except REFUSALS as error:
            self.faults.append(f"f{self._at} is {self.root.data!r} on a node, and raises {type(error).__name__} on floats: {error}")
        return self.root.data

    def _compare(self, y: float, where: str, cure: str) -> None:
        here = self.root.data
        is_same = y == here or (y != y and here != here) or abs(y - here) <= 64.0 * (self.noise + EPSILON * abs(here))
        if not self.faults and not is_same:
            self.faults.append(f"f{self._at} is {y!r} {where} and {here!r} on nodes, so they take different branches; {cure}")

    def again(self) -> None:
        """Call f once more at the point; a different number is a fault."""
        if self.faults:
            return
        try:
            y = _plain(self.f(list(self.point) if self.takes_floats else [Value(x) for x in self.point]))
        except REFUSALS as error:
            self.faults.append(
                f"f{self._at} is {self.at_first!r} at first, and raises {type(error).__name__} when called again: {error}"
            )
            return
        if y != self.at_first and not (y != y and self.at_first != self.at_first):
            self.faults.append(
                f"f{self._at} is {self.at_first!r} at first and {y!r} when called again, so it depends on more than its "
                "arguments; let it keep no state, and seed its random numbers itself"
            )

    @property
    def _at(self) -> str:
        return f"({', '.join([repr(x) for x in self.point[:4]])}{', …' * (len(self.point) > 4)})"


class _Curvature:
    """The engine's second derivatives of f at the point, the graph of its gradient, and gradients at other points."""

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
    """∂f/∂xᵢ as a function to differentiate."""

    order = 2

    def __init__(self, curvature: _Curvature, i: int) -> None:
        first, unit = curvature.first, _unit(i, len(curvature.first.point))
        self.f: Function = lambda inputs: jvp(lambda *v: first.f(v), inputs, unit)[1]
        self.point, self.leaves, self.i, self.slopes = first.point, first.leaves, i, curvature.slopes
        self.problem, self.root, self.reverse = curvature.problem, curvature.roots[i], curvature.reverse[i]
        self.graphs = (first.root, self.root)
        self.along = (self.leaves[i],)
        self.noise, self.rounding = _rounding(self.root, self.leaves)

    def forward(self, j: int) -> float | None:
        return _plain(jvp(lambda *v: self.f(v), self.point, _unit(j, len(self.point)))[1])

    def value(self, inputs: Sequence[float]) -> float | None:
        gradient_there = self.slopes(tuple(inputs))
        return None if gradient_there is None else gradient_there[self.i]


class Question:
    """One derivative, ∂/∂xᵢ of f or of ∂f/∂xⱼ, by every oracle."""

    def __init__(self, of: FirstOrder | SecondOrder, name: str, i: int) -> None:
        self.of, self.name, self.i, self.x = of, name, i, of.point[i]

    @functools.cached_property
    def oracles(self) -> Oracles:
        """The row of the table."""
        of, i, x = self.of, self.i, self.x
        estimate = central(self.along, x, of.noise)
        reach = estimate.reach if estimate else 1e-6 * max(1.0, abs(x))
        forward = complex_step = None
        if math.isfinite(of.root.data):  # at an infinity there is no derivative to compare
            with contextlib.suppress(AttributeError, TypeError, *REFUSALS):  # f may need attributes that only a node has
                forward = of.forward(i)
            complex_step = complex_slope(of.f, of.point, i)
        return Oracles(
            self.name, x, of.reverse[i], forward, complex_step, estimate.value if estimate else None,
            estimate.error if estimate else None, of.rounding[i], tuple(dict.fromkeys(met.words for met in self.kinks(reach))),
            of.problem, estimate.scale if estimate else 0.0,
        )  # fmt: skip

    def along(self, t: float) -> float | None:
        """Return the differentiated function with this input at t; None where it has no finite value."""
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
        """The limits and slopes on the left and on the right, by values alone."""
        left, right = (one_side(self.along, self.x, self.of.noise, sign) for sign in (-1.0, 1.0))
        return left, right

    @functools.cached_property
    def germs(self) -> tuple[list[float] | None, ...]:
        """(value, slope) on the left and on the right, None where f is not defined there; empty where f has no series."""
        found: list[list[float] | None] = []
        try:
            for sign in (-1.0, 1.0):
                direction = [sign * u for u in _unit(self.i, len(self.of.point))]
                germ = one_sided(lambda *v: self.of.f(v), self.of.point, direction, 1)
                found.append(None if germ is None else [germ[0], sign * germ[1]])
        except (AttributeError, TypeError, *REFUSALS):
            return ()
        return tuple(found)

    def kinks(self, reach: float) -> list[Met]:
        """Return the declared kinks within `reach` of this input: those of f, else those of the graph of its gradient."""
        leaves = (self.of.leaves[self.i], *self.of.along)
        met = ([kink for leaf in leaves for kink in kinks_met([root], leaf, reach)] for root in self.of.graphs)
        return next(filter(None, met), [])

    @functools.cached_property
    def is_between_floats(self) -> bool:
        """True if a declared jump is so near that no float lies on one side of it alone."""
        return is_between_floats(self.of.graphs, self.of.leaves[self.i])

    def crosses_jumps(self, reach: float) -> bool:
        """Return True if steps of this size cross several declared jumps."""
        return crosses_jumps(self.of.graphs, self.of.leaves[self.i], reach)

    def reverse_beside(self, sign: float) -> float | None:
        """Return ∂f/∂xᵢ by reverse mode a little to the left or to the right; None where it has no value."""
        there = [x + sign * 2.0**-26 * max(1.0, abs(x)) * (k == self.i) for k, x in enumerate(self.of.point)]
        try:
            return _plain(grad(lambda v: self.of.f(v))(there)[self.i])
        except REFUSALS:
            return None

    @functools.cached_property
    def is_beyond_floats(self) -> bool:
        """True if a local derivative in the graph is infinite: its consequences are no fault of a rule."""
        return any(math.isinf(partial or 0.0) for root in self.of.graphs for node in toposort(root) for partial in node.partials)

    def limits_from_around(self) -> Iterator[tuple[Estimate | None, bool]]:
        """Yield the limits of this derivative as generic directions approach the point, by differences off the point.

        For each direction: the limit, None if unknown, and whether the function is defined in that direction.
        Along an axis the other inputs stay exactly at their kinks, if they have any; generic directions leave them.
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
            yield limit_of_slopes(slope), self._at(nearby, nearby[self.i]) is not None


def _directions(count: int) -> Iterator[list[float]]:
    """Yield directions and their opposites, with no component 0, each component the largest in one of them."""
    sizes = (GENERIC * (count // len(GENERIC) + 1))[:count]
    for shift in range(min(count, 2)):
        turned = [sizes[(k + shift) % count] for k in range(count)]
        for signs in ((1.0, 1.0), (-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0)) if count > 1 else ((1.0,), (-1.0,)):
            yield [signs[k % len(signs)] * size for k, size in enumerate(turned)]


def _backward(root: Value, leaves: list[Value]) -> list[float]:
    """Return ∂root/∂leaf by `backward`, and restore every gradient."""
    undo = restoring(GRAD, toposort(root, *leaves))
    try:
        zero_grad(toposort(root, *leaves))
        root.backward()
        return [leaf.grad for leaf in leaves]
    finally:
        exhaust(undo)


def _unit(i: int, count: int) -> list[float]:
    return [float(i == k) for k in range(count)]


def _plain(y: Any) -> float:
    return y.data if type(y) is Value else number(y)


def _rounding(root: Value, leaves: Sequence[Value]) -> tuple[float, list[float]]:
    """Return bounds, to first order, on the rounding error of the value of root, and of its derivative by each leaf.

    Every node's value has an error of about ε·|value|, which contributes ε·|value|·|adjoint| to root; every path to a leaf
    contributes its product of partials, with a relative error of about ε for each factor.
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
