"""Higher derivatives at kinks: the limits from each side are compared, and a convention is kept if it lies between them.

|x|² at 0 has the convention |x|′ = 0 in its program, and so a second derivative 0, but the true one is 2 on both sides:

    >>> from autograd import abs, grad, relu
    >>> grad(grad(lambda x: abs(x) ** 2))(0.0), grad(grad(relu))(0.0)
    (2.0, 0.0)

A call differentiates as usual, and then checks whether a kink was met: by a row in a second derivative, or by a comparison of
equal numbers (`MET`). If so, and if no variables of an enclosing call are involved, it runs again for each of several directions
d, on the germs of x + t·d (`autograd.transforms.germs`), and `between` decides. Otherwise it costs a few look-ups.

The directions are generic, with no component 0 and no two in a simple ratio: along an axis the other variables are constant, and
their kinks stay kinks. One variable has two directions in all; of several variables they are a sample. Start at `resolved`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd.beside import LEVELS as KEPT_LEVELS
from autograd.comparisons import MET, meet_kink
from autograd.errors import DomainError, SeriesError
from autograd.transforms.germs import Germ, beside, derivatives_of, line
from autograd.transforms.lifting import broken, plain
from autograd.transforms.orders import Pass, TooFewOrdersError, running, with_enough_orders
from autograd.transforms.structures import is_lifted
from autograd.value import Value, toposort

SAME = 1e-9  # the relative difference up to which limits are equal
NEGLIGIBLE = 1e-14  # of the largest limit of a call: the rounding error of a sum that is 0
INSIDE = (1.0, -1.0, 2.3, -2.3)  # the distances by which points at which the program itself differentiates are moved
MOST_VARIABLES = 8  # for more, one generic direction and its opposite

Marks = tuple[object, object]
marks: Callable[[], Marks] = MET.get
"""Return the kink and the derivative that this context met last; if they change, there may be something to resolve."""


def nested() -> None:
    """Note that a derivative was taken inside another call's function, whose derivative is then a higher one."""
    MET.set((MET.get()[0], object()))


def remember(before: Marks, after: Marks) -> None:
    """Meet again the kinks and derivatives between two marks, for a call that continues that computation."""
    if after[0] is not before[0]:
        meet_kink()
    if after[1] is not before[1]:
        nested()


def resolved(
    found: list[Any],
    before: Marks,
    numbers: list[Any],
    again: Callable[[Sequence[Any]], list[Any]],
    *,
    values: Sequence[Any],
    level: int,
    is_higher: bool = False,
    is_symmetric: bool = False,
    order: int = 0,
    function: Callable[[Any], Any] | None = None,
) -> list[Any]:
    """Return the derivatives `found` at these numbers, corrected if they are higher derivatives at a kink.

    `again` returns the derivatives for germs. `values` are the values of the function, and `level` is that of the call: numbers
    that depend on variables of an earlier call are left to that call. If the derivatives are those of order 1 to `order` of a
    `function` of one number, they are read from its own germ, which is faster.
    """
    pass_ = running()
    if pass_ is not None and any(map(is_lifted, [*values, *found])):
        if all(map(is_lifted, numbers)):
            return found  # the outer variables move
        return again([x if is_lifted(x) else beside(pass_, x) for x in numbers])
    kink, derivative = marks()
    if kink is before[0] or (derivative is before[1] and not is_higher):
        return found
    if any(_is_of_an_earlier_call(y, level) for y in (*numbers, *values, *found)):
        return found
    MET.set((before[0], derivative))
    point = [plain(x) for x in numbers]
    if not all(map(math.isfinite, point)):
        return found

    def evaluate(pass_: Pass, moved: list[Germ]) -> list[Any]:
        if function is None:
            return again(moved)
        backward = moved[0].terms[1, 0] < 0.0  # dx = −dt
        derivatives = derivatives_of(pass_, function(*moved), order)
        if pass_.stopped:  # a part of the function does not move along the germ
            return again(moved)
        return [-y if backward and k % 2 else y for k, y in enumerate(derivatives)][1:]

    now = answers(evaluate, point, [plain(y) for y in found], order=order, is_symmetric=is_symmetric)
    return [_in_place_of(y, x) for y, x in zip(found, now, strict=True)]


def _is_of_an_earlier_call(y: Any, level: int) -> bool:
    """Return True if the number depends on a variable of an enclosing call, which resolves its kinks."""
    if type(y) is Value:
        return any(0 < KEPT_LEVELS.get(node, 0) < level for node in toposort(y) if not node.operands)
    return is_lifted(y)


def _in_place_of(y: Any, now: float) -> Any:
    """Return the number as a plain one, or as a node on the user's leaves it depends on, with unknown derivatives."""
    if type(y) is not Value:
        return now
    return broken(y if y.data == now else now, [leaf for leaf in toposort(y) if not leaf.operands and math.isfinite(leaf.data)])


def answers(
    evaluate: Callable[[Pass, list[Germ]], list[Any]],
    point: Sequence[float],
    present: Sequence[float],
    *,
    order: int = 0,
    is_symmetric: bool = False,
) -> list[float]:
    """Return the result of `between` for each number of the program, from its limits in every direction in which it is defined."""
    sides = _sides(evaluate, point, present, order)
    scale = max([abs(x) for side in sides for x in side if x is not None and math.isfinite(x)], default=0.0)
    columns = [[side[i] for side in sides] for i in range(len(present))]
    present = list(present)
    if is_symmetric:
        n = math.isqrt(len(present))
        for i, j in itertools.combinations(range(n), 2):
            one, other = i * n + j, j * n + i
            columns[one] = columns[other] = columns[one] + columns[other]
            if abs(present[one] - present[other]) > SAME * max(abs(present[one]), abs(present[other])):
                present[one] = present[other] = min(present[one], present[other], key=abs)
    return [between(column, x, scale) for column, x in zip(columns, present, strict=True)]


def between(limits: Sequence[float | None], present: float, scale: float = 0.0) -> float:
    """Return the derivative at a point with these one-sided limits, where `present` is the derivative by the conventions.

    It is their common value; else the convention if it lies between them; else the number between them nearest to 0; NaN between
    −inf and +inf. If some limits are unknown, it is the convention, unless that is infinite.

    >>> between([2.0, 2.0], 0.0), between([-2.0, 2.0], 0.0), between([1.0, 2.0], 0.0), between([1.0, math.inf], 3.0)
    (2.0, 0.0, 1.0, 3.0)
    """
    known = [x for x in limits if x is not None]
    if not known or len(known) < len(limits):
        return present if math.isfinite(present) else math.nan
    low, high = min(known), max(known)
    if low == -math.inf and high == math.inf:
        return math.nan
    slack = max(SAME * min(abs(low), abs(high)), NEGLIGIBLE * scale) if math.isfinite(low) and math.isfinite(high) else 0.0
    if low - slack <= present <= high + slack:
        return present
    if high - low <= slack or low == high:
        return min(low, high, key=abs)
    return min(max(low, 0.0), high)


def _sides(
    evaluate: Callable[[Pass, list[Germ]], list[Any]], point: Sequence[float], present: Sequence[float], order: int
) -> list[list[float | None]]:
    """Return the limits in every direction in which the program is defined; [] if one of them has no series.

    Where a row jumps, a present answer of NaN is kept: a discontinuous function has no derivative.
    """
    sides: list[list[float | None]] = []
    for direction in directions(len(point)):
        for side in INSIDE:
            last = Pass(0)

            def limits(pass_: Pass, direction: list[float] = direction, side: float = side) -> list[float | None]:
                nonlocal last
                last, pass_.side = pass_, side
                return [_limit(pass_, y) for y in evaluate(pass_, line(pass_, point, direction))]

            try:
                found = with_enough_orders(order, limits)
                sides.append([None if last.jumped and math.isnan(x) else y for x, y in zip(present, found, strict=True)])
            except (DomainError, ZeroDivisionError):
                pass  # not defined on this side
            except Exception:  # f does not work with germs, but did with nodes
                return []
            if not last.points:
                break
    return sides


def _limit(pass_: Pass, y: Any) -> float | None:
    if type(y) is not Germ:
        y = plain(y)
        return y if math.isfinite(y) else None
    try:
        return y.limit()
    except SeriesError as error:
        if isinstance(error, TooFewOrdersError) and not pass_.is_last:
            raise
        return None


def directions(n: int) -> Iterator[list[float]]:
    """Yield generic directions in n dimensions: both of a line; two in each quadrant of a plane; else a sample.

    >>> [len(list(directions(n))) for n in (1, 2, 3, 9)]
    [2, 8, 12, 2]
    """
    sizes = [1.9 * (i + 1.0) ** -1.0557 for i in range(n)] if n > 1 else [1.0]
    if n == 1 or n > MOST_VARIABLES:
        yield sizes
        yield [-x for x in sizes]
        return
    patterns = itertools.product((1.0, -1.0), repeat=2) if n == 2 else [(s, s * u) for s in (1.0, -1.0) for u in (1.0, -1.0)]
    for first, second in patterns:
        for shift in range(n):
            yield [x * (second if i % 2 else first) for i, x in enumerate(sizes[shift:] + sizes[:shift])]
