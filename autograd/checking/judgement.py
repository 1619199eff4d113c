"""The verdict on one derivative, and the table of all of them.

    agree     an oracle that shares nothing with the rows (complex step, differences) measured the derivative sharply, and agrees
    kink      a convention takes the place of a derivative, proved to be one: differences on each side measured the one-sided
              derivatives, they differ (or are infinite, or f jumps as its row declares), and the answer lies between them
    wrong     an oracle contradicts the derivative; at a kink: the one-sided derivatives agree on another number, or the answer
              lies outside them; f jumps and no row declares it; f on floats is not f on nodes; f called twice differs
    unseen    no outside oracle measured the derivative sharply: nothing is proved, so it is not ok

One-sided derivatives are judged by differences of the values of f on that side. Germs, which run the rows on one side of the
kink, must agree with them; alone they prove nothing, since a wrong row is wrong in them too.

Start reading at `judged`, then at `_beside_a_kink`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple, final

from autograd.checking.complex_step import error_of_complex_step
from autograd.checking.differences import SHARP, Estimate, Side
from autograd.checking.oracles import Oracles, Question
from autograd.errors import AutogradError
from autograd.text.numbers import scientific, short
from autograd.text.tables import aligned

__all__ = ["CURE", "Comparison", "GradientCheck", "GradientError", "Judgement", "judged"]

CAUTION = 8.0  # the factor by which estimated errors are enlarged
LEAST = 2.0**-1000
LARGE = 2.0**1023  # beyond it, steps on one side leave the floats
SMALL = 2.0**-1048  # below it, floats have fewer than half of their digits
VAGUE = 1e-2  # an oracle with a larger relative error contradicts nothing
ZERO = 1e-3  # a slope of 0 is measured sharply relative to this part of the slopes nearby, or of its terms
JUMP = 1e-10  # a smaller step, relative to f, is not a jump
CURE = (
    "check another point, or order=1 alone; where a row has a kink or jumps here, declare it: "
    "kinks=(Kink('a = 0', 'the convention', ((0.0,),), lambda a: a, jumps=True),)"
)


class GradientError(AutogradError, AssertionError):
    """Oracles contradict a derivative, or none of them measured it; the message is the table."""


class Judgement(NamedTuple):
    """The verdict on one derivative, `agree`, `kink`, `wrong` or `unseen`, and the reason where the table does not show it."""

    oracles: Oracles
    verdict: str
    excess: float  # the largest difference from reverse mode over the allowed one: above 1 is wrong
    reason: str = ""

    @property
    def name(self) -> str:
        return self.oracles.name


def judged(question: Question, rtol: float) -> Judgement:
    """Return the verdict by the oracles at the point if they suffice, else by those on each side of it."""
    row = question.oracles
    if row.problem:
        return Judgement(row, "wrong", math.inf, row.problem)
    excess, sharp = _compared(row, rtol)
    if excess <= 1.0 and "differences" in sharp:
        return Judgement(row, "agree", excess)
    return _beside_a_kink(question, rtol, excess, sharp)


def _compared(row: Oracles, rtol: float) -> tuple[float, set[str]]:
    """Return the largest difference over the allowed one, and the oracles that measured the derivative sharply and agree."""
    others = (
        ("forward", row.forward, 0.0),
        ("complex step", row.complex_step, error_of_complex_step(row.at)),
        ("differences", row.differences, row.error or 0.0),
    )
    excess, sharp = 0.0, set()
    for name, other, error in others:
        if other is not None and not (math.isinf(row.reverse) and error > SHARP * abs(other)):  # a slope beyond the floats
            allowed = rtol * max(abs(row.reverse), abs(other)) + row.rounding + CAUTION * error + LEAST
            by_this = _excess(row.reverse, other, allowed)
            is_beyond = row.reverse != row.reverse and math.isinf(other)  # NaN for a number beyond the floats
            if by_this > 1.0 and (is_beyond or error > VAGUE * max(abs(other), abs(row.reverse))):
                continue
            excess = max(excess, by_this)
            bar = SHARP * max(abs(row.reverse), ZERO * row.scale, ZERO * row.size)
            if by_this <= 1.0 and (allowed <= bar or row.reverse == other):
                sharp.add(name)
    return excess, sharp


def _excess(a: float, b: float, allowed: float) -> float:
    if a == b or (a != a and b != b):
        return 0.0
    return abs(a - b) / allowed if math.isfinite(a) and math.isfinite(b) and allowed else math.inf


def _beside_a_kink(question: Question, rtol: float, excess: float, sharp: set[str]) -> Judgement:
    """Return the verdict by the values of the function on each side of the point."""
    row, here = question.oracles, question.here
    is_first = question.of.order == 1

    def unseen(reason: str) -> Judgement:
        return Judgement(row, "unseen", excess, reason)

    if here is None and is_first:
        return unseen("the function is infinite or NaN here, so no oracle applies")
    germs = question.germs or (None, None)
    sides = [(side, germ) for side, germ in zip(question.sides, germs, strict=True) if side.is_defined]
    jumps = [here is not None and is_first and _jumps(question, side, here) for side, _ in sides]
    met = question.kinks(1e-6 * max(1.0, abs(row.at)))
    row = row._replace(kinks=tuple(dict.fromkeys(kink.words for kink in met)) or row.kinks)
    if any(jumps):
        if not any(kink.jumps for kink in met):
            return Judgement(row, "wrong", math.inf, _jump_in_words(row, here or 0.0, question.sides))
        continuous = [pair for pair, jump in zip(sides, jumps, strict=True) if not jump]
        sides = continuous or sides  # the derivative is that of the side of f(x)
    if not sides:
        return _undefined_around(question, row, excess, rtol)
    slopes = [side.slope for side, _ in sides]
    known = [slope for slope in slopes if slope is not None]
    if _is_coarse(question):
        return _without_sides(question, row, *_compared(row._replace(differences=None), rtol))
    reach = max([slope.reach for slope in known], default=0.0)
    if question.is_between_floats or (reach and question.crosses_jumps(reach)):
        return unseen("jumps lie between neighbouring floats or steps here, so no difference avoids them")
    if len(known) < len(slopes) or not all(map(functools.partial(_is_sharp, row), known)):
        return _without_sides(question, row, excess, sharp)
    contradiction = _contradicted_by_germs(question, row, sides, rtol) if is_first else ""
    if contradiction:
        return Judgement(row, "wrong", math.inf, contradiction)
    if here is None and math.isfinite(row.reverse):
        return unseen("the gradient is infinite or NaN here, so differences of it prove nothing")
    return _between(question, row, known, any(jumps), rtol)


def _between(question: Question, row: Oracles, known: list[Estimate], jumps: bool, rtol: float) -> Judgement:
    """Return the verdict if every side was measured sharply."""
    is_at_kink = question.kinks(1e-12 * max(1.0, abs(row.at))) or _steps(question)
    if question.of.order == 2 and len(question.of.point) > 1 and is_at_kink:
        known = _from_around(question) or known
    low, high = _ends(known)
    excess = _beyond(row, low, high, rtol)
    differ = low.value != high.value and not high.value - low.value <= _allowed(low, row, rtol) + _allowed(high, row, rtol)
    convention = differ or jumps or math.isinf(low.value) or math.isinf(high.value)
    found = _in_words(question, known)
    if row.reverse != row.reverse:
        if convention or question.here is None:  # the gradient is not finite there
            return _kink(row, 0.0, found)
        is_unseen = row.kinks or len(known) < 2 or question.is_beyond_floats
        verdict, excess = ("unseen", excess) if is_unseen else ("wrong", math.inf)
        return Judgement(row, verdict, excess, f"reverse mode returns NaN, where {found}")
    if not excess <= 1.0:
        if len(known) < 2 and len(question.of.point) > 1 and _is_between(row, _from_around(question), rtol):
            return _kink(row, 0.0, "the function is defined on one side only; it lies between the limits from around the point")
        return _outside(question, row, known, excess, found if convention or row.kinks else "")
    if row.forward is not None and row.forward == row.forward and question.of.order == 1:
        # Forward mode moves one input alone and may have another convention, but none outside the sides.
        outside = _beyond(row._replace(reverse=row.forward), low, high, rtol)
        if outside > 1.0:
            return Judgement(row, "wrong", outside, f"forward mode returns {short(row.forward, 12)}, where {found}")
    if convention or row.kinks or (question.of.order == 2 and _steps(question)):
        return _kink(row, excess, found)
    return Judgement(row, "agree", excess)


def _outside(question: Question, row: Oracles, known: list[Estimate], excess: float, found: str) -> Judgement:
    """Return the verdict on an answer outside the sides; an infinite one is wrong only if the rows next to it are finite."""
    germs = [germ[1] for germ in question.germs if germ is not None]
    is_ordinary = len(known) > 1 and not row.kinks and row.differences is not None
    if math.isinf(row.reverse) and not is_ordinary and not (germs and all(map(math.isfinite, germs))):
        return Judgement(row, "unseen", excess, f"it is infinite, where {found}, as far as steps show")
    if any(math.isinf(slope.value) and math.isfinite(row.reverse) and abs(row.reverse) > slope.largest for slope in known):
        return Judgement(row, "unseen", excess, f"{found}, as far as steps show")
    return Judgement(row, "wrong", excess, found and f"it does not lie between the sides: {found}")


def _without_sides(question: Question, row: Oracles, excess: float, sharp: set[str]) -> Judgement:
    """Return the verdict if differences did not measure every side sharply: away from kinks the complex step decides."""
    if not row.kinks and _is_smooth(question):
        if excess > 1.0:
            return Judgement(row, "wrong", excess)
        if "complex step" in sharp:
            return Judgement(row, "agree", excess)
    return Judgement(row, "unseen", excess, "differences do not measure it sharply on both sides")


def _is_smooth(question: Question) -> bool:
    """Return True if germs have the same value and slope on both sides, or if f has no series."""
    if len(question.germs) < 2:
        return True
    left, right = question.germs
    if left is None or right is None:
        return left is right
    return all(a == b or abs(a - b) <= 1e-9 * max(abs(a), abs(b)) for a, b in zip(left, right, strict=True))


def _undefined_around(question: Question, row: Oracles, excess: float, rtol: float) -> Judgement:
    """Return the verdict if f has no value on either side along this axis."""
    if row.reverse != row.reverse:
        return _kink(row, 0.0, "the function is not defined on either side, and reverse mode returns NaN")
    if _is_between(row, _from_around(question), rtol):
        return _kink(row, 0.0, "the function is not defined on either side; it is the limit from around the point")
    return Judgement(row, "unseen", excess, "the function is not defined on either side")


def _from_around(question: Question) -> list[Estimate]:
    """Return the limits in the generic directions in which f is defined; none if one of them was not measured.

    For an infinite answer one limit suffices: differences cannot detect the growth of a logarithm in every direction.
    """
    slopes = []
    for limit, is_defined in question.limits_from_around():
        if limit is not None:
            slopes.append(limit)
        elif is_defined and math.isfinite(question.oracles.reverse):
            return []
    return slopes


def _kink(row: Oracles, excess: float, found: str) -> Judgement:
    words = row.kinks or (f"the function itself at {short(row.at, 6)}",)
    return Judgement(row._replace(kinks=words), "kink", excess, found)


def _is_sharp(row: Oracles, slope: Estimate) -> bool:
    reverse = abs(row.reverse) if math.isfinite(row.reverse) else 0.0
    bar = SHARP * max(reverse, abs(slope.value), ZERO * slope.scale, ZERO * row.size) + LEAST
    is_constant = slope.value == slope.scale == 0.0 and not 0.0 < reverse <= CAUTION * slope.error
    return CAUTION * slope.error <= bar or slope.value == row.reverse or is_constant


def _allowed(slope: Estimate, row: Oracles, rtol: float) -> float:
    sizes = [abs(x) for x in (slope.value, row.reverse) if math.isfinite(x)]
    return rtol * max(sizes, default=0.0) + row.rounding + CAUTION * slope.error + LEAST


def _beyond(row: Oracles, low: Estimate, high: Estimate, rtol: float) -> float:
    """Return how far the answer lies outside [low, high], over the allowed difference."""
    below, above = low.value - row.reverse, row.reverse - high.value
    if below != below or above != above:  # the answer and the slope on its side are infinite
        return 0.0 if row.reverse in (low.value, high.value) else math.inf
    return max(below / _allowed(low, row, rtol), above / _allowed(high, row, rtol), 0.0)


def _is_between(row: Oracles, slopes: Sequence[Estimate], rtol: float) -> bool:
    return bool(slopes) and _beyond(row, *_ends(slopes), rtol) <= 1.0


def _ends(slopes: Sequence[Estimate]) -> tuple[Estimate, Estimate]:
    return min(slopes, key=lambda slope: slope.value), max(slopes, key=lambda slope: slope.value)


def _jumps(question: Question, side: Side, here: float) -> bool:
    """Return True if the limit on this side is not f(x), and rounding and the slope to the next float do not explain it."""
    if side.limit is None:
        return False
    gap = abs(side.limit.value - here)
    next_float = question.along(math.nextafter(question.x, math.inf if side is question.sides[1] else -math.inf))
    if next_float is None or abs(next_float - here) < abs(next_float - side.limit.value):  # the jump is nearer than any step
        return False
    to_next = abs(question.oracles.reverse) * math.ulp(question.x)
    explained = CAUTION * side.limit.error + 64.0 * (question.of.noise + (to_next if to_next == to_next else 0.0))
    return gap > explained + JUMP * max(abs(side.limit.value), abs(here)) + LEAST


def _is_coarse(question: Question) -> bool:
    """Return True if the step to the next float is too large to resolve the sides of the point: sin at 1e300, tan at π/2."""
    row = question.oracles
    slope = abs(row.reverse) if row.differences is None else min(abs(row.reverse), abs(row.differences))
    to_next = slope * max(math.ulp(question.x), *(side.nearest for side in question.sides))
    sizes = [max(abs(side.limit.value), side.limit.scale) for side in question.sides if side.limit is not None]
    is_at_end = abs(question.x) >= LARGE or 0.0 < abs(question.x) < SMALL
    return is_at_end or ZERO * max(abs(question.here or 0.0), *sizes, LEAST) < to_next < math.inf


def _steps(question: Question) -> bool:
    """Return True if the differentiated function has different limits on the two sides: the slope of relu does."""
    left, right = (side.limit for side in question.sides)
    if left is None or right is None:
        return False
    gap = abs(left.value - right.value)
    return gap > CAUTION * (left.error + right.error) + 64.0 * question.of.noise + JUMP * max(abs(left.value), abs(right.value))


def _contradicted_by_germs(question: Question, row: Oracles, sides: Sequence[tuple[Side, list[float] | None]], rtol: float) -> str:
    """Return in words the rows' derivative on one side, if it differs from that of differences there; else ''.

    If the rows have the same derivative on both sides, the kink is not at the point but nearer to it than any step.
    """
    slopes = {germ[1] for _, germ in sides if germ is not None}
    for side, germ in sides if len(slopes) > 1 else ():
        slope = side.slope
        if germ is not None and slope is not None and math.isfinite(germ[1]) and math.isfinite(slope.value):
            allowed = _allowed(slope, row, rtol) + rtol * abs(germ[1])
            beside = question.reverse_beside(1.0 if side is question.sides[1] else -1.0)
            is_confirmed = beside is not None and abs(beside - germ[1]) < abs(beside - slope.value)
            if is_confirmed and abs(germ[1] - slope.value) > allowed + ZERO * SHARP * slope.scale:
                ours, theirs = short(germ[1], 12), short(slope.value, 12)
                return f"next to the point the rows' derivative is {ours}, and that of differences {theirs}"
    return ""


def _in_words(question: Question, known: list[Estimate]) -> str:
    what = "the slope" if question.of.order == 1 else "the slope of the gradient"
    sides = [(side.slope, name) for side, name in zip(question.sides, ("left", "right"), strict=True)]
    own = [f"{short(slope.value + 0.0, 6)} from the {name}" for slope, name in sides if slope is not None]
    if not any(slope in known for slope, _ in sides):
        values = sorted([slope.value + 0.0 for slope in known])
        return f"{what} has limits from {short(values[0], 6)} to {short(values[-1], 6)} in the directions around"
    return f"{what} is {' and '.join(own)}"


def _jump_in_words(row: Oracles, here: float, sides: tuple[Side, Side]) -> str:
    named = zip(sides, ("left", "right"), strict=True)
    limits = [f"{short(side.limit.value + 0.0, 6)} from the {name}" for side, name in named if side.limit is not None]
    return f"the function jumps at {short(row.at, 6)}: it is {short(here, 6)} there, and its limit is {' and '.join(limits)}"


HEADINGS = ("derivative", "at", "reverse", "forward", "complex step", "differences", "± error")


def _columns(oracles: Oracles) -> tuple[str, ...]:
    derivatives = (oracles.reverse, oracles.forward, oracles.complex_step, oracles.differences)
    error = "" if oracles.error is None else scientific(oracles.error)
    return oracles.name, short(oracles.at, 6), *("n/a" if d is None else short(d, 12) for d in derivatives), error


@final
class Comparison:
    """The oracles of every derivative, side by side, without a judgement."""

    def __init__(self, rows: Sequence[Oracles]) -> None:
        self.rows = tuple(rows)

    def table(self) -> str:
        """Return the derivatives in rows, the oracles in columns, as text."""
        return "\n".join(aligned([HEADINGS, *map(_columns, self.rows)], " | "))

    __str__ = __repr__ = table


@final
class GradientCheck:
    """The result of `check_grad`: it prints as a table, and is true if it is ok, so that `assert check_grad(...)` is a test."""

    def __init__(self, entries: Sequence[Judgement], faults: Sequence[str] = ()) -> None:
        self.faults = tuple(faults)  # of the function: f on floats is not f on nodes, f called twice differs
        self.entries = tuple([entry._replace(verdict="wrong", excess=math.inf) for entry in entries] if faults else entries)

    @property
    def ok(self) -> bool:
        """True if an outside oracle agrees with each derivative, or proved it to be a convention."""
        return not self.faults and all(entry.verdict in ("agree", "kink") for entry in self.entries)

    def __bool__(self) -> bool:
        return self.ok

    @property
    def worst(self) -> Judgement | None:
        """The entry with the largest excess, apart from kinks; None if there are no inputs."""
        judged = [entry for entry in self.entries if entry.verdict != "kink"] or self.entries
        order = ("agree", "kink", "unseen", "wrong")
        return max(judged, key=lambda entry: (order.index(entry.verdict), entry.excess), default=None)

    @property
    def kinks(self) -> tuple[str, ...]:
        """The kinks at which the derivative is a convention, in words, each once."""
        words = [kink for entry in self.entries if entry.verdict == "kink" for kink in entry.oracles.kinks]
        return tuple(dict.fromkeys(words))

    def table(self) -> str:
        """Return the derivatives in rows, the oracles and the verdict in columns; below, the kinks and the reasons for verdicts."""
        rows = [(*_columns(entry.oracles), entry.verdict) for entry in self.entries]
        return "\n".join([*aligned([(*HEADINGS, "verdict"), *rows], " | "), *self._remarks()])

    def _remarks(self) -> Iterator[str]:
        for kink in self.kinks:
            yield f"kink: {kink}"
        for fault in self.faults:
            yield f"wrong: {fault}"
        for entry in self.entries:
            if entry.reason and not (self.faults and entry.verdict == "wrong"):
                yield f"{entry.verdict}: {entry.name}: {entry.reason}"
        if any(entry.verdict == "unseen" for entry in self.entries):
            yield f"unseen is not ok, since nothing is proved; {CURE}"
        if not self.faults and self.worst is not None and self.worst.verdict == "wrong" and not self.worst.reason:
            yield f"wrong: {self.worst.name}; compare the partials of the operations it goes through with their definition"

    __str__ = __repr__ = table
