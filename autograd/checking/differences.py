"""Derivatives from values alone: differences extrapolated to step 0, with an estimate of their own error.

    >>> slope = central(lambda x: x**3, 2.0, noise=0.0)
    >>> abs(slope.value - 12.0) <= slope.error < 1e-9
    True
    >>> right = one_side(abs, 0.0, noise=0.0, sign=1.0)
    >>> right.slope.value, right.limit.value
    (1.0, 0.0)

The error of a central difference is a series in h². With steps h and h/4, (16·D(h/4) − D(h))/15 has no term in h², and so on, as
in Romberg's integration: a tableau whose neighbours differ by about the error (Richardson, 1911; Ridders, 1982). One-sided
differences have a series in h. Noise in g is divided by h.

The result is the entry of the tableau with the smallest error that smaller steps do not contradict: neighbours may agree by
accident, or because a kink or a pole lies within all of their steps.

Start reading at `central`, then at `one_side`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

__all__ = ["EPSILON", "SHARP", "TINY", "Estimate", "Side", "central", "limit_of_slopes", "one_side", "slope_near"]

Along = Callable[[float], float | None]  # a function of one number; None where it has no finite value

EPSILON = 2.0**-52
TINY = 2.0**-1070  # a few of the smallest floats: the error by underflow
SHARP = 1e-6  # an oracle is sharp if it would detect a relative error of this size
RATIO = 4.0  # between one step and the next; a power of two, so that x ± h is exact for most x
MOST_STEPS, MOST_COLUMNS = 48, 7
FINE = 2.0**-44  # steps go down to this part of x in spite of rounding, to detect what happens near x
LASTING = 8  # the number of steps over which differences must grow for their limit to be infinite


class Estimate(NamedTuple):
    """A number by extrapolation, the error estimated for it, and the largest step it depends on."""

    value: float  # ±inf for quotients that grow without bound
    error: float = 0.0
    reach: float = 0.0
    scale: float = 0.0  # the size of the slopes near x: a slope of 0 is known relative to this
    largest: float = 0.0  # of the quotients, in size, for the slope of one side


class Side(NamedTuple):
    """The limit and slope of g on one side of x, by values on that side without g(x)."""

    is_defined: bool  # True if g has values arbitrarily near x on this side
    limit: Estimate | None  # of g
    slope: Estimate | None  # of the difference quotients
    nearest: float  # the smallest step


class _Row(NamedTuple):
    step: float
    columns: list[float]  # the sample itself, then the extrapolated ones
    errors: list[float]
    roundoff: float
    gap: float  # between the slopes on the two sides


class _Sample(NamedTuple):
    step: float
    value: float
    roundoff: float
    gap: float = 0.0


def central(g: Along, x: float, noise: float) -> Estimate | None:
    """Estimate g′(x) by central differences extrapolated to step 0; by one-sided ones where g is not defined on both sides.

    Return None if the estimate does not settle, if the slopes on the two sides do not approach each other, or if g jumps
    between x and the next float.
    """
    here = g(x)
    if here is None:
        return None
    for ahead, behind in ((1.0, -1.0), (1.0, 0.0), (0.0, -1.0)):
        rows = _tableau(_quotients(g, x, here, noise, ahead, behind), RATIO**2 if ahead and behind else RATIO)
        if rows:
            estimate = _smallest_uncontradicted(rows)
            return None if estimate is None or _leaps(g, x, here, noise, estimate.value) else estimate
    return None


def one_side(g: Along, x: float, noise: float, sign: float) -> Side:
    """Estimate the limit and the slope of g on one side of x (sign = 1.0: above), from values on that side alone.

    The quotients are (g(x + h) − g(x + h/4))/(h − h/4), which a jump at x does not change.
    """
    values = list(_values(g, x, noise, sign))
    quotients = list(_quotients(g, x, 0.0, noise, sign, sign / RATIO))
    slope = _limit(quotients)
    growing = 0.0 if slope is not None and slope.error <= SHARP * abs(slope.value) else _growth(quotients)
    if growing:
        slope = Estimate(growing)
    elif slope is not None and x == 0.0 and _is_contradicted_nearer(g, noise, sign, slope):
        slope = None
    largest = max((abs(sample.value) for sample in quotients), default=0.0)
    slope = slope and slope._replace(largest=largest)
    return Side(bool(values), _limit(values), slope, values[-1].step if values else 0.0)


def _is_contradicted_nearer(g: Along, noise: float, sign: float, slope: Estimate) -> bool:
    """Return True if g has another slope at steps from 0 far smaller than the extrapolated ones."""
    for step in (2.0**-150, 2.0**-250):  # smaller ones would underflow in a power of x
        high, low = g(sign * step), g(sign * step / RATIO)
        if high is not None and low is not None:
            roundoff = 2.0 * (noise + EPSILON * max(abs(high), abs(low)) + TINY) / step
            if abs((high - low) / (sign * 0.75 * step) - slope.value) > 8.0 * (slope.error + roundoff) + SHARP * abs(slope.value):
                return True
    return False


def slope_near(g: Along, x: float, step: float, noise: float) -> Estimate | None:
    """Estimate g′(x) by three central differences, with this step and smaller ones; None unless they agree within 1 %."""
    samples = []
    for h in _steps_from(step, 3):
        above, below = g(x + h), g(x - h)
        if above is None or below is None:
            return None
        slope = (above - below) / ((x + h) - (x - h)) if x + h > x - h else math.nan
        samples.append(_Sample(h, slope, 2.0 * (noise + EPSILON * (max(abs(above), abs(below)) + abs(x * slope)) + TINY) / h))
    row = _tableau(samples, RATIO**2)[-1]
    error, value = min(zip(row.errors, row.columns, strict=True))
    if not error <= max(0.01 * abs(value), 100.0 * row.roundoff):
        return None
    return Estimate(value, error, step, abs(row.columns[0]))


def limit_of_slopes(slopes: Callable[[float], Estimate | None]) -> Estimate | None:
    """Return the limit of the estimates slopes(t) for t → 0+, ±inf if they grow without bound; None if unknown."""
    samples = []
    for step in _steps_from(2.0**-4, 11):
        estimate = slopes(step)
        if estimate is not None:
            samples.append(_Sample(step, estimate.value, estimate.error))
        elif samples:  # too near for differences
            break
    growing = _growth(samples)
    return Estimate(growing) if growing else _limit(samples)


def _quotients(g: Along, x: float, here: float, noise: float, ahead: float, behind: float) -> Iterator[_Sample]:
    """Yield difference quotients between x + ahead·h and x + behind·h for decreasing h."""
    samples: list[_Sample] = []
    for step in _steps(x):
        high, low = x + ahead * step, x + behind * step
        above, below = g(high), g(low)
        if above is None or below is None:  # larger steps were beyond a gap in the domain
            samples.clear()
            continue
        if abs(high - low) < 0.5 * step or (behind and low == x) or len(samples) == MOST_STEPS:
            break
        slope = (above - below) / (high - low)
        if not math.isfinite(slope):  # the slope overflows
            samples.clear()
            break
        gap = abs((above - here) / (high - x) - (here - below) / (x - low)) if low < x < high else 0.0
        # A function of floats has an error of a few ulps of its value, and that of an ulp of its operand.
        roundoff = 2.0 * (noise + EPSILON * max(abs(above), abs(below)) + abs(x * (EPSILON * slope)) + TINY) / step
        samples.append(_Sample(step, slope, roundoff, gap))
        if roundoff > 1e-3 * abs(slope) and step <= FINE * (abs(x) or 1.0):
            break
    return iter(samples)


def _values(g: Along, x: float, noise: float, sign: float) -> Iterator[_Sample]:
    samples: list[_Sample] = []
    for step in _steps(x):
        at = x + sign * step
        y = g(at)
        if y is None:
            samples.clear()
        elif at == x or len(samples) == MOST_STEPS:
            break
        else:
            samples.append(_Sample(step, y, 2.0 * (noise + EPSILON * abs(y) + TINY)))
    return iter(samples)


def _leaps(g: Along, x: float, here: float, noise: float, slope: float) -> bool:
    """Return True if slope and rounding do not explain the change of g to the next float: sin(1e300) leaps."""
    neighbours = [g(math.nextafter(x, side)) for side in (-math.inf, math.inf)]
    explained = 64.0 * (noise + EPSILON * abs(here) + TINY) + 4.0 * abs(slope) * math.ulp(x)
    return any(abs(y - here) > explained for y in neighbours if y is not None)


def _steps(x: float) -> Iterator[float]:
    """Yield decreasing powers of two from a tenth of x, or of 1; for tiny x, a second time from x."""
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


def _tableau(samples: Iterable[_Sample], base: float) -> list[_Row]:
    rows: list[_Row] = []
    for step, value, roundoff, gap in samples:
        columns, errors = [value], [math.inf]
        if rows:
            before = rows[-1].columns
            errors = [abs(value - before[0]) + roundoff]
            for j, coarser in enumerate(before[:MOST_COLUMNS]):
                columns.append(columns[j] + (columns[j] - coarser) / (base ** (j + 1) - 1.0))
                nearest = [columns[j], coarser, *before[j + 1 : j + 2]]
                errors.append(max(abs(columns[-1] - other) for other in nearest) + roundoff)
        rows.append(_Row(step, columns, errors, roundoff, gap))
    return rows


def _limit(samples: Sequence[_Sample]) -> Estimate | None:
    """Extrapolate samples with a series in h to step 0; None if they converge too slowly or contradict each other."""
    return None if _is_slow(samples) else _smallest_uncontradicted(_tableau(samples, RATIO))


def _smallest_uncontradicted(rows: Sequence[_Row]) -> Estimate | None:
    usual = sorted([max(abs(row.columns[0]), row.gap) for row in rows])  # its upper quartile ignores a few large steps
    candidates = sorted((error, i, j) for i, row in enumerate(rows) for j, error in enumerate(row.errors) if error < math.inf)
    for error, i, j in candidates:
        value = rows[i].columns[j]
        coarsest = rows[min(i - j, i - 1)]
        is_smooth = all(row.gap <= max(0.5 * coarsest.gap, 4.0 * row.roundoff) for row in rows[i:])
        has_settled = error <= max(0.1 * abs(value), 100.0 * rows[i].roundoff, SHARP * abs(rows[0].columns[0]))
        slacks = [(row, 2.0 * error + 0.5 * row.errors[0] + row.roundoff) for row in rows[i + 1 :]]
        if is_smooth and has_settled and not any(abs(row.columns[0] - value) > slack for row, slack in slacks):
            return Estimate(value, error, coarsest.step, usual[3 * len(rows) // 4])
    return None


def _changes(samples: Sequence[_Sample]) -> list[float]:
    """Return the last changes from a sample to the next that rounding leaves known within 1 %."""
    pairs = itertools.pairwise(samples)
    known = [b.value - a.value for a, b in pairs if abs(b.value - a.value) > 100.0 * (a.roundoff + b.roundoff)]
    return known[-LASTING:]


def _ratios(samples: Sequence[_Sample]) -> list[float]:
    """Return the ratio of each change to the one before; none if too few are known."""
    changes = _changes(samples)
    return [b / a for a, b in itertools.pairwise(changes)] if len(changes) == LASTING else []


def _is_slow(samples: Sequence[_Sample]) -> bool:
    """Return True if the samples change by nearly the same amount at each step, as a logarithm does: no power of h fits."""
    ratios = _ratios(samples)
    return bool(ratios) and all(abs(ratio) > 0.85 for ratio in ratios)


def _growth(samples: Sequence[_Sample]) -> float:
    """Return ±inf if the samples change in one direction by no less each time, down to the smallest steps; else 0."""
    ratios = _ratios(samples)
    return math.copysign(math.inf, _changes(samples)[-1]) if ratios and all(ratio > 0.97 for ratio in ratios) else 0.0
