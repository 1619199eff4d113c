"""How many digits a row keeps: its value and derivatives to order 4 against mpmath, at points that the row itself suggests.

Everything is found from the table, so that a new row is covered with no test edited: the reference is mpmath's function of the
row's name or the row's decomposition (`oracles.Real`), the points are of every size inside the domain, at its edges, beside
poles and kinks, and around the zeros of the value and of the slope, which are looked for.

The bar is `CONVENTIONS`: 16 units in the last place for a value, 64 for a first derivative, a part in 10¹² for orders 2 to 4. At
a root of a higher derivative the error is relative to the derivative nearby, the size of the terms that cancel there. Where a
row declares that it keeps less, `Op.losses`, the error is relative to what it names. `bench/digits.py` measures at more points.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import mpmath
from oracles import BeyondReach, Real, slopes_of

from autograd import nth_derivative
from autograd.ops import Op

ORDERS = 4
VALUE_ULPS, SLOPE_ULPS, HIGHER = 16.0, 64.0, 1e-12
SMALLEST, LARGEST = 2.0**-1074, mpmath.mpf(1.7976931348623157e308)

Point = tuple[float, ...]
Parameters = dict[str, Any]

# Central differences in h of the fourth, fourth, second and second order: {shift in h: weight}, divisor; for order 0 the value.
STENCILS: list[tuple[dict[int, int], int]] = [
    ({0: 1}, 1),
    ({-2: 1, -1: -8, 1: 8, 2: -1}, 12),
    ({-2: -1, -1: 16, 0: -30, 1: 16, 2: -1}, 12),
    ({-2: -1, -1: 2, 1: -2, 2: 1}, 2),
    ({-2: 1, -1: -4, 0: 6, 1: -4, 2: 1}, 1),
]
STEP_DIGITS = 14  # h is so many digits below the distance to the nearest singularity: differences right to 28 digits


# ------------------------------------------------------------------------------------------------------------- the reference


def room(row: Op, point: Sequence[Any], parameters: Parameters) -> Any:
    """A distance that no singularity is nearer than, about: to 0, to edges of the domain, to poles and kinks; 1 at most."""
    distances = [mpmath.mpf(1)]
    for i, x in enumerate(point):
        domain = row.domain_of(i)
        ends = (domain.low, math.nextafter(domain.low, -math.inf), domain.high, math.nextafter(domain.high, math.inf))  # or open
        edges = [mpmath.mpf(edge) for edge in ends if math.isfinite(edge) and abs(edge) < 1e300]
        whole = float(mpmath.nint(x))
        if domain.is_pole is not None and domain.is_pole(whole):
            edges.append(mpmath.mpf(whole))
        distances += [abs(x - edge) for edge in edges] + [abs(x)]
    if row.variadic and len(point) > 2:  # a sum of many is at a root anywhere, not near 0 alone
        distances = distances[:1]
    margins = [kink.margin(tuple(point)) if row.variadic else kink.margin(*point) for kink in row.kinks]
    distances += [mpmath.mpf(abs(float(margin))) for margin in margins]
    return min(distance for distance in distances if distance > 0)


def along(row: Op, point: Sequence[Any], parameters: Parameters, direction: Sequence[float], orders: int = ORDERS) -> list[Any]:
    """dᵏ/dtᵏ row(point + t·direction) at t = 0 for k = 0 … orders, to 18 digits; BeyondReach where no such number is found.

    Differences of ever more digits and ever smaller steps, until two agree: where the function is not smooth, none do.
    """
    with mpmath.workdps(50):
        depth = STEP_DIGITS - int(mpmath.log10(room(row, point, parameters)))
        size = int(max([abs(mpmath.log10(abs(x))) for x in point if x], default=0))
    used = orders * (depth + 6) + 60  # digits that differences lose, and those that are left
    digits, last = used + size, []
    for attempt in range(6):
        with mpmath.workdps(digits):
            found = differences(row, point, parameters, direction, mpmath.mpf(10) ** -(depth + attempt), orders)
        if last and all(agree(a, b, digits - used) for a, b in zip(found, last, strict=True)):
            return found
        last, digits = found, max(digits + 20, used + max(map(spare_for, found)))
    raise BeyondReach(f"{row.__name__} at {point}")


def spare_for(x: Any) -> int:
    """How many digits more it takes to see this beside 1; what is below the floats is 0."""
    return 720 if abs(x) < mpmath.mpf(10) ** -345 else max(0, int(-1.1 * mpmath.log10(abs(x)))) + 10


def agree(a: Any, b: Any, spare: int) -> bool:
    """Whether two results of different precision and step are the same, with digits to spare for so small a one beside 1."""
    if spare < spare_for(a):
        return False
    return bool(abs(a - b) <= mpmath.mpf("1e-18") * abs(a) or max(abs(a), abs(b)) < mpmath.mpf(10) ** -345)


def differences(
    row: Op, point: Sequence[Any], parameters: Parameters, direction: Sequence[float], step: Any, orders: int
) -> list[Any]:
    """The derivatives along the direction by differences with this step, at the present precision."""

    def value(shift: int) -> Any:
        moved = [Real(mpmath.mpf(x) + shift * step * d) for x, d in zip(point, direction, strict=True)]
        return row.apply(tuple(moved), parameters).x

    values = {shift: value(shift) for shift in ((-2, -1, 0, 1, 2) if orders else (0,))}
    return [
        mpmath.fsum(weight * values[shift] for shift, weight in weights.items()) / (divisor * step**k)
        for k, (weights, divisor) in enumerate(STENCILS[: orders + 1])
    ]


# ----------------------------------------------------------------------------------------------------------------- the bar


class Finding(NamedTuple):
    """One number of a row, and how far it is off in units of its bar: above 1 it is wrong."""

    row: str
    order: int
    point: Point
    parameters: Parameters
    direction: tuple[float, ...]
    computed: float
    known: Any
    error: float

    def __str__(self) -> str:
        given = "".join([f", {name}={value!r}" for name, value in self.parameters.items()])
        known = mpmath.nstr(self.known, 17)
        asked = f"order {self.order} of {self.row}{self.point}{given} along {self.direction}"
        return f"{self.error:9.3g} x bar  {asked}: {self.computed!r}, not {known}"


def distance(computed: float, known: Any, scale: Any, order: int, several: bool = False) -> float:
    """How far a number is off, in units of the bar for its order; `scale` is the size that the error is relative to."""
    if math.isnan(computed):  # where two slopes beyond the floats meet, their sum may be NaN
        return 0.0 if abs(known) >= LARGEST and order > 1 and several else math.inf
    if abs(known) >= LARGEST:
        slack = 1 - mpmath.mpf(HIGHER)
        return 0.0 if abs(computed) >= LARGEST * slack and (computed > 0) == (known > 0) else math.inf
    if math.isinf(computed):
        return 0.0 if abs(known) >= LARGEST * (1 - mpmath.mpf(HIGHER)) and (computed > 0) == (known > 0) else math.inf
    with mpmath.workdps(60):
        size = min(max(abs(known), abs(scale)), LARGEST)
        bar = HIGHER * size + 64 * SMALLEST if order > 1 else (VALUE_ULPS, SLOPE_ULPS)[order] * math.ulp(float(size))
        return float(abs(mpmath.mpf(computed) - known) / bar)


def nearby(row: Op, point: Point, parameters: Parameters, direction: Sequence[float]) -> list[Any]:
    """The size of the derivatives of every order a 32nd of the way to the nearest singularity: what cancels at a root of one."""
    with mpmath.workdps(50):
        away = room(row, point, parameters) / 32
        sizes = [mpmath.mpf(0)] * (ORDERS + 1)
        for sign in (-1, 1):
            moved = [mpmath.mpf(x) + sign * away * d for x, d in zip(point, direction, strict=True)]
            sizes = [max(a, abs(b)) for a, b in zip(sizes, along(row, moved, parameters, direction), strict=True)]
        return sizes


def judged(row: Op, point: Point, parameters: Parameters, direction: tuple[float, ...], orders: int = ORDERS) -> Iterator[Finding]:
    """Value and derivatives along a direction, each with its distance from the truth."""
    try:
        y = row.evaluate(point, parameters)
    except (ValueError, ZeroDivisionError, OverflowError):
        return
    known = along(row, point, parameters, direction, orders)
    moving = [d != 0.0 for d in direction]
    computed = [y, slopes_of(row, point, y, parameters, moving)[0] if sum(moving) == 1 else known[1]]
    computed += [nth_derivative(on_line(row, point, parameters, direction), k)(0.0) for k in range(2, orders + 1)]
    sizes: list[Any] = []
    for order, (number, exact) in enumerate(zip(computed, known, strict=True)):
        if order and abs(known[order - 1]) >= LARGEST:  # a derivative of what is no float
            return
        scale = allowed(row, point, parameters, order)
        error = distance(number, exact, scale, order, len(point) > 1)
        if error > 1 and order:
            sizes = sizes or nearby(row, point, parameters, direction)
            floor = sizes[order] * (1 if order > 1 else mpmath.mpf("1e-22"))  # what differences know of a root of the slope itself
            error = distance(number, exact, max(scale, floor), order, len(point) > 1)
        yield Finding(row.__name__, order, point, parameters, direction, number, exact, error)


def on_line(row: Op, point: Point, parameters: Parameters, direction: tuple[float, ...]) -> Callable[[Any], Any]:
    return lambda t: row.apply(tuple([x + d * t if d else x for x, d in zip(point, direction, strict=True)]), parameters)


def allowed(row: Op, point: Point, parameters: Parameters, order: int) -> float:
    """The size that the row's own statement of what it loses makes the error relative to; 0 where it loses nothing."""
    operands = (point,) if row.variadic else point
    return max([loss.size(*operands, **parameters) for loss in row.losses if loss.order == order], default=0.0)


# -------------------------------------------------------------------------------------------------------------- the points

TINY = (1e-8, 1e-300, 1e-17, 1e-310, 1e-160, 1e-320, SMALLEST)  # every other one, where there is no time for all
LARGE = (20.0, 37.25, 300.5, 700.0, 744.0, 1e5, 1e10, 1e100, 1e300)
ORDINARY = (0.3, 0.9, 1.0, 1.7, 3.1, 6.5, 12.3)


def inside(row: Op, point: Point, parameters: Parameters) -> bool:
    """Whether the row has a value there, finite operands, and no kink."""
    if not all(math.isfinite(x) and x in row.domain_of(i) for i, x in enumerate(point)):
        return False
    if any((kink.margin(point) if row.variadic else kink.margin(*point)) == 0 for kink in row.kinks):
        return False
    try:
        return math.isfinite(row.evaluate(point, parameters))
    except (ValueError, ZeroDivisionError, OverflowError):
        return False


def one_operand_points(row: Op, parameters: Parameters, thorough: bool = False) -> list[float]:
    """Ordinary numbers, tiny ones, tails, edges of the domain and poles, and the neighbourhoods of zeros of value and slope."""
    rng = random.Random(row.__name__)
    points = [sign * x for x in (*ORDINARY, *(TINY if thorough else TINY[::2]), *LARGE) for sign in (1.0, -1.0)]
    domain = row.domain[0]
    for edge in (domain.low, domain.high):
        if math.isfinite(edge) and abs(edge) < 1e300:
            points += [edge + sign * 10.0**-k for sign in (1, -1) for k in (1, 3, 6, 9, 12, 15)]
            points += [math.nextafter(edge, math.inf), math.nextafter(edge, -math.inf)]
    if domain.is_pole is not None:
        depths = (1, 3, 6, 9, 12) if thorough else (1, 9)
        points += [pole + sign * 10.0**-k for pole in (-1.0, -5.0, -11.0) for sign in (1, -1) for k in depths]
    found = zeros(row, parameters)
    for zero in found if thorough else found[:: len(found) // 8 + 1]:
        points += [zero, math.nextafter(zero, math.inf), math.nextafter(zero, -math.inf)]
        points += [zero * (1 + sign * 10.0**-k) for sign in (1, -1) for k in ((2, 4, 8, 12) if thorough else (4,))]
    if thorough:
        for _ in range(60):
            sign = rng.choice((1.0, -1.0))
            points += [rng.uniform(-4, 4), rng.uniform(-40, 40), rng.uniform(-750, 750)]
            points += [
                sign * 10.0 ** rng.uniform(-320, 308),
                sign * 10.0 ** rng.uniform(-20, 1),
                sign * (1 - 10.0 ** rng.uniform(-16, 0)),
            ]
    return [x for x in dict.fromkeys(points) if inside(row, (x,), parameters)]


def zeros(row: Op, parameters: Parameters) -> list[float]:
    """Where the value or the slope changes its sign, between −13 and 13, to the last bit."""

    def value(x: float) -> float:
        try:
            return row.evaluate((x,), parameters)
        except (ValueError, ZeroDivisionError, OverflowError):
            return math.nan

    def slope(x: float) -> float:
        y = value(x)
        return y if math.isnan(y) else slopes_of(row, (x,), y, parameters)[0]

    found = []
    grid = sorted(
        {k / 16 + 1e-3 for k in range(-208, 208)} | {whole + d for whole in range(-13, 3) for d in (1e-10, -1e-10, 1e-6, -1e-6)}
    )
    for f in (value, slope):
        for low, high in itertools.pairwise(grid):
            below, above = f(low), f(high)
            if math.isfinite(below) and math.isfinite(above) and below * above < 0:
                zero = bisected(f, low, high)
                if abs(f(zero)) < 1e-3 * max(abs(below), abs(above)):  # and no pole, and no jump
                    found.append(zero)
    return found


def bisected(f: Callable[[float], float], low: float, high: float) -> float:
    rises = f(high) > 0
    while low < (middle := low + (high - low) / 2) < high:
        low, high = (low, middle) if (f(middle) > 0) == rises else (middle, high)
    return low


def several_operand_points(row: Op, count: int, parameters: Parameters, thorough: bool = False) -> list[Point]:
    """Ordinary points, operands of very different sizes, nearly equal ones, and those at which the value nearly vanishes."""
    rng = random.Random(row.__name__)
    sizes = (1.0, 1e-8, 1e-17, 1e-160, 3e-155, 1e-300, SMALLEST, 1e5, 1e100, 1e300, 20.0, 300.0)
    points: list[Point] = []
    for _ in range(100 if thorough else 8):
        points.append(tuple([rng.uniform(-3, 3) for _ in range(count)]))
        points.append(tuple([rng.choice((1, -1)) * rng.choice(sizes) * rng.uniform(0.5, 2) for _ in range(count)]))
        x = rng.uniform(-3, 3) * rng.choice(sizes)
        points.append(tuple([x * (1 + rng.choice((0, 1e-9, -1e-12)) * i) for i in range(count)]))
        points.append(tuple([1e-9 * i * rng.choice((1, 1e-8)) for i in range(1, count + 1)]))
    for point in points[: (80 if thorough else 16) : 4]:  # the last operand moved to where the value changes its sign
        zero = zero_of_last(row, point, parameters)
        points += [(*point[:-1], x) for x in zero]
    return [point for point in dict.fromkeys(points) if inside(row, point, parameters)]


def zero_of_last(row: Op, point: Point, parameters: Parameters) -> list[float]:
    def value(x: float) -> float:
        try:
            return row.evaluate((*point[:-1], x), parameters)
        except (ValueError, ZeroDivisionError, OverflowError):
            return math.nan

    for low, high in ((-8.0, 0.0), (0.0, 8.0), (-8.0, 8.0)):
        if value(low) * value(high) < 0:
            zero = bisected(value, low, high)
            if abs(value(zero)) < 1e-3 * max(abs(value(low)), abs(value(high))):
                return [zero, math.nextafter(zero, math.inf), zero + 1e-9]
    return []


def directions(row: Op, point: Point) -> list[tuple[float, ...]]:
    """Each operand alone; of two or three that are no sequence, and of moderate size, all together too, for mixed derivatives."""
    count = len(point)
    units = [tuple([float(i == j) for j in range(count)]) for i in range(count)]
    if count == 1 or row.variadic or not all(1e-20 < abs(x) < 1e20 for x in point):
        return units
    return [*units, tuple([1.0 if i % 2 == 0 else -0.75 for i in range(count)])]


def findings(row: Op, parameters: Parameters, count: int, thorough: bool = False) -> Iterator[Finding]:
    """Everything that is measured of a row."""
    if count == 1:
        points = [(x,) for x in one_operand_points(row, parameters, thorough)]
    else:
        points = several_operand_points(row, count, parameters, thorough)
    for point in points:
        nearest = min(map(abs, point))
        for direction in directions(row, point):
            try:
                yield from judged(row, point, parameters, direction, ORDERS if thorough or nearest > 1e-200 else 1)
            except BeyondReach:
                continue
