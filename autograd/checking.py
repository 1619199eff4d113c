"""Derivatives checked against others that fail differently: forward mode, the complex step, extrapolated differences.

    >>> check_grad(lambda x: x * x + x, 3.0, order=1)
    derivative | at | reverse | forward | complex step | differences | ± error | verdict
    ∂f/∂x      | 3  | 7       | 7       | 7            | 7           | 3.9e-13 | agree

    reverse       ∂f/∂x by `backward`: what is checked
    forward       dual numbers, through the same rows: sees what `backward` accumulates wrongly, not a wrong rule
    complex step  Im f(x + ih)/h (Squire and Trapp, 1998): no rule of differentiation and no cancellation; f must be analytic
    differences   (f(x + h) − f(x − h))/2h, extrapolated to h = 0 (Richardson, 1911), with an error estimate (Ridders, 1982)

Two derivatives agree if their difference is explained by rounding along the graph and by the estimated error. A rule wrong
by one part in a million is told from a right one wherever the row says `agree`; where no oracle sees that sharply, it says
`unseen`. At a kink there is no derivative, only a convention, and the graph knows: an operation of the graph whose row
declares a kink within the reach of the step makes the verdict `kink`, and its convention is quoted.

Start reading at `check_grad`, then at `_differences`.
"""

from __future__ import annotations

import cmath
import functools
import importlib
import inspect
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, final

from autograd.errors import AutogradError, MissingExtraError, ModeError, OperandError
from autograd.graph import replay
from autograd.operators import Carrier
from autograd.ops import Op, number
from autograd.transforms import grad, gradient, jvp
from autograd.value import Value, exhaust, restoring_gradients, toposort, zero_grad

__all__ = [
    "Comparison",
    "GradientCheck",
    "GradientError",
    "Judgement",
    "Oracles",
    "StepSweep",
    "check_grad",
    "compare_oracles",
    "step_sweep",
]

Function = Callable[[Sequence[Any]], Any]  # of the inputs in one list
REFUSALS = (ValueError, ArithmeticError)  # what a function raises outside its domain and beyond the floats

EPSILON = 2.0**-52
TINY = 2.0**-1070  # a few of the smallest floats: what underflow does to a value
SHARP = 1e-6  # an oracle has seen a derivative if an error of this part of it would have been noticed
RTOL = 1e-8  # what derivatives may differ by, relative to the larger, besides the errors that are known
CAUTION = 8.0  # how much is made of an estimated error
MOST_PAIRS = 8  # with more inputs, second derivatives are checked on and beside the diagonal only


class GradientError(AutogradError, AssertionError):
    """A derivative that its oracles contradict; the message is the table, and names the worst entry."""


# ------------------------------------------------------------------------------------------------------------ what is found


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


class Judgement(NamedTuple):
    """What the oracles say of one derivative: `agree`, `unseen` (none saw it sharply), `kink` or `wrong`."""

    oracles: Oracles
    verdict: str
    excess: float  # the largest difference from reverse mode, over what is allowed: above 1 is wrong

    @property
    def name(self) -> str:
        return self.oracles.name


HEADINGS = ("derivative", "at", "reverse", "forward", "complex step", "differences", "± error")


def _columns(oracles: Oracles) -> tuple[str, ...]:
    derivatives = (oracles.reverse, oracles.forward, oracles.complex_step, oracles.differences)
    error = "" if oracles.error is None else f"{oracles.error:.1e}"
    return oracles.name, f"{oracles.at:.6g}", *("n/a" if d is None else f"{d:.12g}" for d in derivatives), error


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    lines = (" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (headings, *rows))
    return "\n".join(line.rstrip() for line in lines)


@final
class Comparison:
    """The oracles of every derivative, side by side, without a judgement: what `compare_oracles` gives."""

    def __init__(self, rows: Sequence[Oracles]) -> None:
        self.rows = tuple(rows)

    def table(self) -> str:
        """The derivatives in rows, the oracles in columns, as text."""
        return _table(HEADINGS, [_columns(row) for row in self.rows])

    __str__ = __repr__ = table


@final
class GradientCheck:
    """What `check_grad` found: a table when printed, true if nothing is wrong, so that `assert check_grad(...)` is a test."""

    def __init__(self, entries: Sequence[Judgement]) -> None:
        self.entries = tuple(entries)

    @property
    def ok(self) -> bool:
        """Whether no oracle contradicts a derivative. Kinks and what no oracle saw are not contradictions."""
        return not any(entry.verdict == "wrong" for entry in self.entries)

    def __bool__(self) -> bool:
        return self.ok

    @property
    def worst(self) -> Judgement | None:
        """The entry furthest beyond, or nearest to, what is allowed, kinks aside; None if there are no inputs."""
        judged = [entry for entry in self.entries if entry.verdict != "kink"] or self.entries
        return max(judged, key=lambda entry: (entry.verdict == "wrong", entry.excess), default=None)

    @property
    def kinks(self) -> tuple[str, ...]:
        """Where the function has no derivative but a convention, in words, each once."""
        words = [kink for entry in self.entries if entry.verdict == "kink" for kink in entry.oracles.kinks]
        return tuple(dict.fromkeys(words))

    def table(self) -> str:
        """The derivatives in rows, the oracles in columns, the verdict last; below it the kinks, and what is wrong."""
        rows = [(*_columns(entry.oracles), entry.verdict) for entry in self.entries]
        return "\n".join([_table((*HEADINGS, "verdict"), rows), *self._remarks()])

    def _remarks(self) -> Iterator[str]:
        for kink in self.kinks:
            yield f"kink: {kink}"
        for entry in self.entries:
            if entry.oracles.problem:
                yield f"{entry.name}: {entry.oracles.problem}"
        if not self.ok and self.worst is not None:
            yield f"wrong: {self.worst.name}; compare the partials of the operations it goes through with their definition"

    __str__ = __repr__ = table


# ------------------------------------------------------------------------------------------------------------------ public


def check_grad(f: Callable[..., Any], *x: Any, order: int = 2, rtol: float = RTOL, raise_exception: bool = False) -> GradientCheck:
    """Check the derivatives of f at x, of first and (with order=2) second order, against every oracle that applies.

    Arguments are numbers, or lists, tuples and dicts of them, as for `grad`; f gives one number. `rtol` is what derivatives
    may differ by beyond rounding and the oracles' own errors. With `raise_exception`, what is wrong raises a GradientError.

    >>> check_grad(lambda v: v[0] * v[1], [2.0, 3.0]).ok
    True
    >>> check_grad(abs, 0.0, order=1).kinks
    ('abs at a = 0; the derivative there is 0 by convention',)
    """
    check = GradientCheck([_judged(oracles, rtol) for oracles in _examined(f, x, order, "check_grad")])
    if raise_exception and not check.ok:
        raise GradientError(f"a derivative of {_name_of(f)} is contradicted by its oracles:\n{check}")
    return check


def compare_oracles(f: Callable[..., Any], *x: Any, order: int = 1) -> Comparison:
    """The derivatives of f at x by reverse mode, forward mode, complex step and differences, side by side.

    >>> (row,) = compare_oracles(lambda x: x**3, 2.0).rows
    >>> row.reverse, row.forward, round(row.complex_step, 9), round(row.differences, 9)
    (12.0, 12.0, 12.0, 12.0)
    """
    return Comparison(list(_examined(f, x, order, "compare_oracles")))


def _name_of(f: Any) -> str:
    return getattr(f, "__name__", None) or type(f).__name__


def _judged(row: Oracles, rtol: float) -> Judgement:
    others = (
        ("forward", row.forward, 0.0),
        ("complex step", row.complex_step, _error_of_complex_step(row.at)),
        ("differences", row.differences, row.error or 0.0),
    )
    excess, sharp = 0.0, set()
    for name, other, error in others:
        if other is not None and not (math.isinf(row.reverse) and error > SHARP * abs(other)):  # a slope beyond the floats
            allowed = rtol * max(abs(row.reverse), abs(other)) + row.rounding + CAUTION * error + 2.0**-1000
            excess = max(excess, _excess(row.reverse, other, allowed))
            if allowed <= SHARP * abs(row.reverse) or row.reverse == other:
                sharp.add(name)
    is_wrong = bool(row.problem) or not excess <= 1.0
    if row.kinks and (is_wrong or "differences" not in sharp):  # where differences agree sharply, the kink is not in this direction
        return Judgement(row, "kink", excess)
    return Judgement(row, "wrong" if is_wrong else "agree" if sharp - {"forward"} else "unseen", excess)


def _excess(a: float, b: float, allowed: float) -> float:
    if a == b or (a != a and b != b):
        return 0.0
    if not math.isfinite(a) or not math.isfinite(b):
        return math.inf
    return abs(a - b) / allowed if allowed else math.inf


# ------------------------------------------------------------------------------------------------------- the oracles, asked


def _examined(f: Callable[..., Any], x: tuple[Any, ...], order: int, asked: str) -> Iterator[Oracles]:
    if order not in (1, 2):
        raise OperandError(f"{asked}: order = {order!r}; derivatives of order 1 and 2 are checked")
    names, point = _named(f, x)

    def flat(inputs: Sequence[Any]) -> Any:
        y = f(*_rebuilt(x, iter(inputs)))
        if isinstance(y, (Mapping, list, tuple)):
            raise OperandError(f"{asked} needs a function with one number as its value, not {type(y).__name__}; take each alone")
        return y if hasattr(type(y), "__autograd_op__") else number(y)

    first = _FirstOrder(flat, point)
    for i, name in enumerate(names):
        yield _asked(first, f"∂f/∂{name}", i)
    if order == 2:
        slopes = functools.lru_cache(maxsize=None)(lambda inputs: _gradient_or_none(flat, inputs))
        for i, j in itertools.combinations_with_replacement(range(len(names)), 2):
            if len(names) <= MOST_PAIRS or j - i <= 1:
                name = f"∂²f/∂{names[i]}²" if i == j else f"∂²f/∂{names[i]}∂{names[j]}"
                yield _asked(_SecondOrder(first, i, slopes), name, j)


def _named(f: Callable[..., Any], x: tuple[Any, ...]) -> tuple[list[str], list[float]]:
    """Every number among the arguments with its name: x, v[0], p['w']."""
    try:
        signature = inspect.signature(f).bind(*x).signature.parameters.values()
    except (TypeError, ValueError):
        signature = ()  # type: ignore[assignment]  # a builtin; a TypeError comes again, better said, from the call
    names = [p.name for p in signature if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][: len(x)]
    names += [f"x{i}" for i in range(len(names), len(x))] if len(x) > 1 else ["x"] * (len(x) - len(names))
    pairs = [pair for name, argument in zip(names, x, strict=True) for pair in _numbers(name, argument)]
    return [name for name, _ in pairs], [value for _, value in pairs]


def _numbers(name: str, tree: Any) -> Iterator[tuple[str, float]]:
    if isinstance(tree, Mapping):
        for key, part in tree.items():
            yield from _numbers(f"{name}[{key!r}]", part)
    elif isinstance(tree, (list, tuple)):
        for index, part in enumerate(tree):
            yield from _numbers(f"{name}[{index}]", part)
    else:
        yield name, tree.data if type(tree) is Value else number(tree)


def _rebuilt(tree: Any, numbers: Iterator[Any]) -> Any:
    if isinstance(tree, Mapping):
        return {key: _rebuilt(part, numbers) for key, part in tree.items()}
    if isinstance(tree, (list, tuple)):
        parts = [_rebuilt(part, numbers) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return next(numbers)


class _FirstOrder:
    """f as what is differentiated: its graph at the point, and its derivative by every mode."""

    def __init__(self, f: Function, point: list[float]) -> None:
        self.f, self.point = f, point
        self.leaves = [Value(x) for x in point]
        self.root = _as_node(f(self.leaves))
        self.graphs: tuple[Value, ...] = (self.root,)
        self.along: tuple[Value, ...] = ()  # what else is moved
        self.reverse = _backward(self.root, self.leaves)

    def derivative(self, i: int) -> tuple[float, str]:
        return self.reverse[i], ""

    def forward(self, i: int) -> float | None:
        return _plain(jvp(lambda *v: self.f(v), self.point, _unit(i, len(self.point)))[1])

    def on_complex(self, inputs: Sequence[Any]) -> Any:
        return self.f(inputs)

    def value(self, inputs: Sequence[float]) -> float | None:
        try:
            return _plain(self.f([Value(x) for x in inputs]))
        except REFUSALS:
            return None


class _SecondOrder:
    """∂f/∂xᵢ as what is differentiated."""

    def __init__(self, first: _FirstOrder, i: int, slopes: Callable[[tuple[float, ...]], list[float] | None]) -> None:
        self.f, self.point, self.leaves, self.i, self.slopes = first.f, first.point, first.leaves, i, slopes
        self.unit = _unit(i, len(self.point))
        self.problem = ""
        try:
            self.root: Value = gradient(first.root, self.leaves)[i]
            self.reverse = [node.data for node in gradient(self.root, self.leaves)]
        except (TypeError, *REFUSALS) as error:
            self.root = Value(math.nan)
            self.reverse = [math.nan] * len(self.point)
            self.problem = f"{type(error).__name__}: {error}"
        self.graphs = (first.root, self.root)
        self.along = (self.leaves[i],)

    def derivative(self, j: int) -> tuple[float, str]:
        return self.reverse[j], self.problem

    def _along(self, inputs: Sequence[Any]) -> Any:
        return jvp(lambda *v: self.f(v), inputs, self.unit)[1]

    def forward(self, j: int) -> float | None:
        return _plain(jvp(lambda *v: self._along(v), self.point, _unit(j, len(self.point)))[1])

    def on_complex(self, inputs: Sequence[Any]) -> Any:
        return self._along(inputs)

    def value(self, inputs: Sequence[float]) -> float | None:
        gradient_there = self.slopes(tuple(inputs))
        return None if gradient_there is None else gradient_there[self.i]


def _asked(order: _FirstOrder | _SecondOrder, name: str, i: int) -> Oracles:
    """The derivative with respect to input i by every oracle."""
    x = order.point[i]
    reverse, problem = order.derivative(i)
    noise, rounding = _rounding(order.root, order.leaves)

    def along(t: float) -> float | None:
        y = order.value([*order.point[:i], t, *order.point[i + 1 :]])
        return y if y is not None and math.isfinite(y) else None

    estimate = _differences(along, x, noise)
    reach = estimate.reach if estimate else 1e-6 * max(1.0, abs(x))
    kinks = [kink for leaf in (order.leaves[i], *order.along) for kink in _kinks_near(order.graphs, leaf, reach)]
    if math.isfinite(order.root.data):
        forward, complex_step = _unless_refused(order.forward, i), _complex_step(order.on_complex, order.point, i)
    else:  # beside an infinity there is no derivative to compare
        forward, complex_step = None, None
    return Oracles(
        name, x, reverse, forward, complex_step, estimate.value if estimate else None, estimate.error if estimate else None,
        rounding[i], tuple(dict.fromkeys(kinks)), problem,
    )  # fmt: skip


def _backward(root: Value, leaves: list[Value]) -> list[float]:
    """∂root/∂leaf by `backward`; every node has the gradient that it had when this returns."""
    undo = restoring_gradients(toposort(root, *leaves))
    try:
        zero_grad(toposort(root, *leaves))
        root.backward()
        return [leaf.grad for leaf in leaves]
    finally:
        exhaust(undo)


def _gradient_or_none(f: Function, inputs: tuple[float, ...]) -> list[float] | None:
    try:
        return list(map(_plain, grad(f)(list(inputs))))
    except REFUSALS:
        return None


def _unless_refused(mode: Callable[[int], float | None], i: int) -> float | None:
    """A derivative by forward mode; None where f asks of its argument what only a node has, such as `.data`."""
    try:
        return mode(i)
    except (AttributeError, ModeError, *REFUSALS):
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


# ------------------------------------------------------------------------------------------------------------------- kinks


WHOLE = 2.0**52  # from here on every float is a whole number, and no step leaves it


class _Margin(NamedTuple):
    """How far a node is from a kink of its row; 0 at the kink."""

    words: str
    size: float
    inescapable: bool  # its convention is infinite or NaN, or no float near its operands is off the kink


def _kinks_near(roots: Sequence[Value], leaf: Value, reach: float) -> Iterator[str]:
    """The kinks of the graph that moving the leaf by `reach` meets, in words.

    A margin of 0 that the step cannot move is a region, not a point (a negative base), or belongs to what does not depend
    on this leaf; it counts only where it is inescapable.
    """
    for root in roots:
        here = _margins(root, leaf)
        if here:
            moved = [_moved(root, leaf, sign * reach) for sign in (1.0, -1.0)]
            there = [_margins(*graph) for graph in moved if graph is not None]
            for place, (words, margin, inescapable) in enumerate(here):
                shifts = [abs(margins[place].size - margin) for margins in there]
                is_met = any(abs(margin) <= shift > 0.0 for shift in shifts)
                if is_met or (margin == 0.0 and (inescapable or len(there) < len(moved))):
                    yield words


def _moved(root: Value, leaf: Value, step: float) -> tuple[Value, Value] | None:
    """The graph again with the leaf elsewhere, and the leaf there."""
    try:
        again = replay(root, {leaf: leaf.data + step})
    except (OperandError, *REFUSALS):  # a function with a rule of its own is not run again
        return None
    place = next(place for place, node in enumerate(toposort(root)) if node is leaf)
    return again, toposort(again)[place]


def _margins(root: Value, leaf: Value) -> list[_Margin]:
    """Of every node that depends on the leaf and whose row has a kink."""
    margins: list[_Margin] = []
    dependent = {leaf}
    for node in toposort(root):
        if not dependent.isdisjoint(node.operands):
            assert node.op is not None
            dependent.add(node)
            data = tuple([a.data if type(a) is Value else a for a in node.arguments])
            inescapable = not all(map(math.isfinite, node.partials)) or min(map(abs, data)) >= WHOLE
            for kink in node.op.kinks:
                words = f"{node.op.__name__} at {kink.where}; the derivative there is {kink.convention} by convention"
                size = kink.margin(data) if node.op.variadic else kink.margin(*data)
                margins.append(_Margin(words, size, inescapable or kink.jumps))
    return margins


# -------------------------------------------------------------------------------------------------------------- differences


class Estimate(NamedTuple):
    """A derivative by differences, the error they estimate for it, and the largest step it rests on."""

    value: float
    error: float
    reach: float


RATIO = 4.0  # between one step and the next; a power of two, so that x ± h is exact for most x
MOST_STEPS, MOST_COLUMNS = 48, 7


def _differences(g: Callable[[float], float | None], x: float, noise: float) -> Estimate | None:
    """g′(x) by central differences extrapolated to step 0; one-sided where g is not defined on both sides; None if nowhere.

    The error of a central difference is a series in h². From steps h and h/4, (16·D(h/4) − D(h))/15 has none in h² left,
    and so on, as in Romberg's integration: a tableau whose neighbours differ by about the error. Noise in g is divided by h.

    Of all entries of the tableau the one of smallest error is taken that smaller steps do not contradict: neighbours may
    agree by accident, or because a kink or a pole lies within all of their steps. Where the slopes on the two sides do not
    approach each other, or g leaps from x to the very next float, there is no derivative to estimate, and the answer is None.
    """
    here = g(x)
    if here is None:
        return None
    for ahead, behind in ((1.0, -1.0), (1.0, 0.0), (0.0, -1.0)):
        rows = _tableau(g, x, here, noise, ahead, behind)
        if rows:
            estimate = _smallest_uncontradicted(rows)
            return None if estimate is None or _leaps(g, x, here, noise, estimate.value) else estimate
    return None


def _leaps(g: Callable[[float], float | None], x: float, here: float, noise: float, slope: float) -> bool:
    """Whether g changes to the next float by more than the slope and rounding explain: sin(1e300) does."""
    neighbours = [g(math.nextafter(x, side)) for side in (-math.inf, math.inf)]
    explained = 64.0 * (noise + abs(slope) * math.ulp(x) + EPSILON * abs(here) + TINY)
    return any(abs(y - here) > explained for y in neighbours if y is not None)


class _Row(NamedTuple):
    step: float
    columns: list[float]  # the difference itself, then the extrapolated ones
    errors: list[float]
    roundoff: float
    gap: float  # between the slopes on the two sides


def _tableau(g: Callable[[float], float | None], x: float, here: float, noise: float, ahead: float, behind: float) -> list[_Row]:
    base = RATIO**2 if ahead and behind else RATIO
    rows: list[_Row] = []
    for step in _steps(x):
        high, low = x + ahead * step, x + behind * step
        above, below = g(high), g(low)
        if above is None or below is None:  # what larger steps found lies beyond a gap in the domain
            rows.clear()
            continue
        if high - low < 0.5 * step or len(rows) == MOST_STEPS:
            break
        slope = (above - below) / (high - low)
        gap = abs((above - here) / (high - x) - (here - below) / (x - low)) if ahead and behind and low < x < high else 0.0
        # A function of floats is off by a few ulps of its value, and as if its operand were off by an ulp.
        roundoff = 2.0 * (noise + EPSILON * (max(abs(above), abs(below)) + abs(x * slope)) + TINY) / step
        columns, errors = [slope], [math.inf]
        if rows:
            before = rows[-1].columns
            errors = [abs(slope - before[0]) + roundoff]
            for j, coarser in enumerate(before[:MOST_COLUMNS]):
                columns.append(columns[j] + (columns[j] - coarser) / (base ** (j + 1) - 1.0))
                nearest = [columns[j], coarser, *before[j + 1 : j + 2]]
                errors.append(max(abs(columns[-1] - other) for other in nearest) + roundoff)
        rows.append(_Row(step, columns, errors, roundoff, gap))
        if len(rows) > MOST_COLUMNS and roundoff > 1e-3 * abs(slope):
            break
    return rows


def _smallest_uncontradicted(rows: Sequence[_Row]) -> Estimate | None:
    candidates = sorted((error, i, j) for i, row in enumerate(rows) for j, error in enumerate(row.errors) if error < math.inf)
    for error, i, j in candidates:
        value = rows[i].columns[j]
        coarsest = rows[min(i - j, i - 1)]
        is_smooth = all(row.gap <= max(0.5 * coarsest.gap, 4.0 * row.roundoff) for row in rows[i:])
        has_settled = error <= max(0.1 * abs(value), 100.0 * rows[i].roundoff, SHARP * abs(rows[0].columns[0]))
        if is_smooth and has_settled and not any(_contradicts(row, value, error) for row in rows[i + 1 :]):
            return Estimate(value, error, coarsest.step)
    return None


def _contradicts(row: _Row, value: float, error: float) -> bool:
    return abs(row.columns[0] - value) > 2.0 * error + 0.5 * row.errors[0] + row.roundoff


def _steps(x: float) -> Iterator[float]:
    """Powers of two downward from a tenth of x, or of 1; when they are below x at once, for x tiny, from x again."""
    step = 2.0 ** (math.frexp(0.1 * max(1.0, abs(x)))[1] - 1)
    for _ in range(16):
        yield step
        step /= RATIO
    if 0.0 < abs(x) < step:
        yield from _steps_from(step, 8)
        step = 2.0 ** max(math.frexp(0.1 * abs(x))[1] - 1, -1070)
    yield from _steps_from(step, MOST_STEPS)


def _steps_from(step: float, count: int) -> Iterator[float]:
    for _ in range(count):
        if step > 0.0:
            yield step
        step /= RATIO


# ------------------------------------------------------------------------------------------------------------- complex step


class NotAnalytic(TypeError):
    """An operation that the complex step cannot go through."""


@final
class Complex(Carrier):
    """A complex number as an operand of the table's rows, for the complex step: x + ih with h so small that h² is nothing.

    The real part is always the row's own value; only the imaginary part, the derivative, comes from the rule here, or from
    the row's decomposition where that has kept its digits. Rows that choose (max, abs, floor) are analytic on each side of
    their kink, and choose by the real part.
    """

    __slots__ = ("z",)

    def __init__(self, z: complex) -> None:
        self.z = complex(z)

    @staticmethod
    def __autograd_op__(op: Op, operands: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        if any(hasattr(type(x), "__autograd_op__") for x in operands if type(x) not in (Complex, Value)):
            return NotImplemented  # dual numbers over complex ones: the complex step of a derivative
        parameters = op.complete(operands, parameters)
        zs = [x.z if type(x) is Complex else complex(x.data if type(x) is Value else number(x)) for x in operands]
        data = tuple([z.real for z in zs])
        y = op.evaluate(data, parameters)
        rule = RULES.get(op.__name__)
        if rule is not None:
            return Complex(complex(y, _not_underflown(op, (y, *data), rule(*zs, **parameters).imag)))
        if op.decomposition is None:
            raise NotAnalytic(f"{op.__name__} has neither a complex rule nor a decomposition")
        lifted = tuple(map(Complex, zs))
        inside = op.decomposition(lifted, **parameters) if op.variadic else op.decomposition(*lifted, **parameters)
        if type(inside) is not Complex:
            return Complex(complex(y))
        moved = max(abs(z.imag / (z.real or 1.0)) for z in zs)
        if not math.isclose(inside.z.real, y, rel_tol=1e-10) or abs(inside.z.imag) < 1e-5 * moved * abs(y):
            raise NotAnalytic(f"the decomposition of {op.__name__} has lost digits here")
        return Complex(complex(y, inside.z.imag))

    def comparand(self) -> float:
        return self.z.real

    def detach(self) -> Complex:
        return Complex(complex(self.z.real))

    def __repr__(self) -> str:
        return f"Complex({self.z!r})"


def _not_underflown(op: Op, numbers: Sequence[float], imaginary: float) -> float:
    if 0.0 < abs(imaginary) < 2.0**-960 or (imaginary == 0.0 and any(0.0 < abs(x) < 2.0**-900 for x in numbers)):
        raise NotAnalytic(f"the step of {op.__name__} is lost below the smallest float")
    return imaginary


def _power(a: complex, b: complex) -> complex:
    if a.real < 0.0:
        if b.imag:
            raise NotAnalytic("a negative base has no power near a whole exponent")
        return (-1.0 if b.real % 2.0 else 1.0) * _power(-a, b)
    return cmath.exp(b * cmath.log(a)) if a else 0j


def _cube_root(a: complex) -> complex:
    return -_cube_root(-a) if a.real < 0.0 else _power(a, 1 / 3 + 0j)


def _angle(y: complex, x: complex) -> complex:
    """Up to a constant: the arc tangent of the smaller ratio."""
    return cmath.atan(y / x) if abs(x.real) > abs(y.real) else -cmath.atan(x / y)


def _erfc(a: complex) -> complex:
    """Below 2 by Σ 2ⁿa²ⁿ⁺¹/(1·3·…·(2n+1)), above by Laplace's continued fraction 1/(a + ½/(a + 1/(a + 3⁄2/…)))."""
    if a.real < 0.0:
        return 2.0 - _erfc(-a)
    if a.real < 2.0:
        total = term = a
        for n in range(1, 60):
            term *= 2.0 * a * a / (2 * n + 1)
            total += term
        return 1.0 - 2.0 / math.sqrt(math.pi) * cmath.exp(-a * a) * total
    fraction = a
    for k in range(120, 0, -1):
        fraction = a + 0.5 * k / fraction
    return cmath.exp(-a * a) / (math.sqrt(math.pi) * fraction)


# Only the imaginary part of what a rule gives is used.
RULES: dict[str, Callable[..., complex]] = {
    "where": lambda a, b, *, condition: a if condition else b,
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "neg": lambda a: -a,
    "identity": lambda a: a,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": _power,
    "cbrt": _cube_root,
    "expm1": cmath.exp,
    "sigmoid": lambda a: 1.0 / (1.0 + cmath.exp(-a)),
    "log1p": lambda a: cmath.log(1.0 + a),
    "atan2": _angle,
    "erf": lambda a: -_erfc(a),
    "erfc": _erfc,
    "abs": lambda a: -a if a.real < 0.0 else a,
    "sign": lambda a: 0j,
    "floor": lambda a: 0j,
    "ceil": lambda a: 0j,
    "max": lambda a, b: a if a.real > b.real else b,
    "min": lambda a, b: a if a.real < b.real else b,
    **{name: getattr(cmath, name) for name in ("sqrt", "exp", "log", "log10", "sin", "cos", "tan", "asin", "acos", "atan")},
    **{name: getattr(cmath, name) for name in ("sinh", "cosh", "tanh", "asinh", "acosh", "atanh")},
}


def _imaginary_step(x: float) -> float:
    """h for the complex step at x: so small that h² is nothing beside x² and 1, so large that h times a small slope is a number."""
    return 2.0**-80 * min(abs(x), 2.0**40) if x else 2.0**-200


def _error_of_complex_step(x: float) -> float:
    """Slopes smaller than this may be lost: below the smallest float, or beside h²·f‴(x)/6."""
    h = max(_imaginary_step(x), 2.0**-1000)
    return 2.0**-1000 / h + (h * h if x else h)


def _complex_step(f: Function, point: Sequence[float], i: int) -> float | None:
    """Im f(x + ih)/h: f(x + ih) = f(x) + ih·f′(x) − h²f″(x)/2 …, so no two numbers are subtracted (Squire and Trapp, 1998)."""
    return _complex_slope(f, point, i, _imaginary_step(point[i]))


def _complex_slope(f: Function, point: Sequence[float], i: int, h: float) -> float | None:
    if not 2.0**-1000 < h < math.inf:
        return None
    try:
        y = f([Complex(complex(x, h)) if k == i else x for k, x in enumerate(point)])
    except (AttributeError, TypeError, *REFUSALS):  # beyond the rules here, or beyond the floats
        return None
    slope: float = y.z.imag / h if type(y) is Complex else 0.0
    return slope if math.isfinite(slope) else None


# --------------------------------------------------------------------------------------------------------------- step sweep


class Sweep(NamedTuple):
    """The relative errors at one step; None where f has no value, or the complex step does not apply."""

    step: float
    forward: float | None  # (f(x + h) − f(x))/h
    central: float | None  # (f(x + h) − f(x − h))/2h
    complex_step: float | None  # Im f(x + ih)/h


@final
class StepSweep:
    """Error against step size: what `step_sweep` gives, with `.table()` and `.plot()`."""

    def __init__(self, derivative: float, rows: Sequence[Sweep]) -> None:
        self.derivative, self.rows = derivative, tuple(rows)

    def best(self, name: str) -> Sweep:
        """The row of smallest error of one way: 'forward', 'central' or 'complex_step'."""
        measured = [row for row in self.rows if getattr(row, name) is not None]
        if not measured:
            raise OperandError(f"best({name!r}): that way gives no derivative here; see .table() for those that do")
        best: Sweep = min(measured, key=lambda row: getattr(row, name))
        return best

    def table(self) -> str:
        """One row for each step, the relative errors in columns."""
        headings = ("step h", "forward difference", "central difference", "complex step")
        return _table(headings, [(f"{row.step:.0e}", *("n/a" if e is None else f"{e:.1e}" for e in row[1:])) for row in self.rows])

    __str__ = __repr__ = table

    def plot(self, ax: Any = None) -> Any:
        """The V-curves, on logarithmic axes of matplotlib; gives the axes back. An error of 0 is drawn at 10⁻¹⁷."""
        if ax is None:
            try:
                pyplot = importlib.import_module("matplotlib.pyplot")
            except ImportError:
                raise MissingExtraError("matplotlib", "plot") from None
            ax = pyplot.subplots()[1]
        for name, marker in (("forward", "o"), ("central", "s"), ("complex_step", "^")):
            points = [(row.step, max(error, 1e-17)) for row in self.rows if (error := getattr(row, name)) is not None]
            if points:
                steps, errors = zip(*points, strict=True)
                ax.loglog(steps, errors, marker=marker, markersize=4, label=name.replace("_", " "))
        ax.set_xlabel("step h")
        ax.set_ylabel("relative error of the derivative")
        ax.legend()
        return ax


def step_sweep(f: Callable[..., Any], x: float, steps: Sequence[float] | None = None) -> StepSweep:
    """The error of forward difference, central difference and complex step, relative to the derivative in reverse mode.

    A smaller step cuts the series of f shorter, and divides the rounding error of f by a smaller number: the errors of the
    differences fall like h and h², then rise like ε/h, a V whose lowest point lies near h = √ε and h = ∛ε. The complex step
    subtracts nothing and has no right arm. `steps` are 10⁰ … 10⁻¹⁶ if not given.

    >>> from autograd.ops import exp
    >>> sweep = step_sweep(exp, 1.0)
    >>> [sweep.best(name).step for name in ("forward", "central")]
    [1e-08, 1e-05]
    """
    order = _FirstOrder(lambda inputs: f(*inputs), [number(x)])
    derivative = order.reverse[0]
    unit = abs(derivative) or 1.0
    here = order.value([order.point[0]])
    rows = []
    for step in steps or [10.0**-k for k in range(17)]:
        at = order.point[0]
        above, below = order.value([at + step]), order.value([at - step])
        by_complex = _complex_slope(order.on_complex, order.point, 0, step)
        slopes = (
            None if above is None or here is None else (above - here) / step,
            None if above is None or below is None else (above - below) / (2.0 * step),
            by_complex,
        )
        rows.append(Sweep(step, *(None if slope is None else abs(slope - derivative) / unit for slope in slopes)))
    return StepSweep(derivative, rows)
