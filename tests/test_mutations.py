"""The checker is checked: every row is broken in every classic way, and the checks of test_ops must see each of them.

A mutant is a row whose value or one of whose partials is wrong: its sign, a factor of 2, a factor of 1 + 1e-7, operands
swapped, a term or a factor of the expression dropped, a tail replaced by 0 or cut off. The checks are those of test_ops at
the points of a row, with the answers kept: the known answers of golden.json, hundreds of digits at ordinary points and in the
tails, dual numbers, the complex step. A mutant that nowhere differs from the row is equivalent; those are listed, with why.
"""

from __future__ import annotations

import functools
import itertools
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import CodeType
from typing import Any, NamedTuple

import pytest
from oracles import BeyondReach, Lifted, complex_step_partial, dual_partial, real_partial, real_value, slopes_of
from test_ops import GOLDEN, ROWS, from_hex, operand_count, ordinary_points, parameters_of, ulps

from autograd import ops
from autograd.ops import TABLE, Op, op

pytestmark = pytest.mark.thorough

SLIGHTLY = 1 + 1e-7
TAILS = (0.75, 5.0, 20.0)
TINY = 1e-300
FAR = (0.8, 0.95, 6.25, 20.25, 25.75, 40.25)

# ------------------------------------------------------------------------------------------------------------ the checks

Verdict = Callable[[float], bool]


class Point(NamedTuple):
    """Operands, and the verdicts of the checks on a value and on partials there; a check that is beyond its oracle passes."""

    operands: tuple[float, ...]
    parameters: Mapping[str, Any]
    active: tuple[bool, ...]
    value_passes: Verdict
    partials_pass: tuple[Verdict, ...]


def within(known: Any, relative: float, absolute: float) -> Verdict:
    if abs(known) > sys.float_info.max:
        return lambda computed: computed == math.copysign(math.inf, known)
    return lambda computed: bool(abs(computed - known) <= relative * abs(known) + absolute)


def every(*verdicts: Verdict | None) -> Verdict:
    judges = [verdict for verdict in verdicts if verdict is not None]
    return lambda computed: all(judge(computed) for judge in judges)


def golden_points(row: Op) -> Iterator[Point]:
    for case in GOLDEN:
        if case["fn"] != row.__name__ or case["raises"]:
            continue
        parameters = {"condition" if name == "cond" else name: x for name, x in (case.get("params") or {}).items()}
        operands = tuple(map(from_hex, case["args_hex"]))
        wanted = case.get("diff_args") or range(len(operands))
        kinks = case.get("subdiff", []) if row.__name__ == "selu" else []

        def passes(known: float, between: Sequence[Any] = ()) -> Verdict:
            low, high = map(float, between or (known, known))
            return lambda computed: ulps(computed, known) <= 16 or low <= computed <= high

        partials = [passes(from_hex(text), kinks[i] if kinks else ()) for i, text in enumerate(case["grad_hex"][: len(wanted)])]
        active = tuple([i in wanted for i in range(len(operands))])
        yield Point(operands, row.complete(operands, parameters), active, passes(from_hex(case["value_hex"])), tuple(partials))


def judged_point(row: Op, operands: tuple[float, ...], parameters: Mapping[str, Any], *, far: bool) -> Point:
    """Near, a correctly rounded row is within a few units of 1; far out, within 1e-12 of itself, however small it is."""
    value, partial = (((1e-12, 1e-307), (1e-12, 1e-307)) if far else ((1e-15, 1e-15), (3e-15, 3e-15)))  # fmt: skip
    try:
        exact = real_value(row, operands, parameters)
        value_passes = every(None if exact is None else within(exact, *value))
        partials = [within(real_partial(row, operands, parameters, i), *partial) for i in range(len(operands))]
    except BeyondReach:
        value_passes, partials = every(), [every() for _ in operands]
    if not far:
        for i, exactly in enumerate(partials):
            dual, stepped = dual_partial(row, operands, parameters, i), complex_step_partial(row, operands, parameters, i)
            others = [None if known is None else within(known, 1e-11, 1e-12) for known in (dual, stepped)]
            partials[i] = every(exactly, *others)
    return Point(operands, parameters, (True,) * len(operands), value_passes, tuple(partials))


def far_operands(row: Op) -> Iterator[tuple[float, ...]]:
    """One operand far out and the others ordinary, or all of them far out; all of them tiny; and a subnormal beside a small one."""
    count = operand_count(row)
    for (base,), x, sign in itertools.product([[*ordinary_points(row, 1, seed=12)]], FAR, (1, -1)):
        for i in range(count):
            yield (*base[:i], sign * x, *base[i + 1 :])
        if count > 1:
            orders = itertools.permutations(range(count)) if count <= 3 else (range(count), range(count)[::-1])
            yield from (tuple([sign * x * (1 + 0.01 * k) for k in order]) for order in orders)
    yield tuple([TINY * (3 + k) for k in range(count)])
    if row.variadic:
        yield tuple([5e-324 * (3 + 2 * k) for k in range(count)])  # where a length has lost its digits
    if count == 2:
        yield 4.41e-321, -2.101371582988645e-09


def parameter_sets(row: Op) -> Iterator[Mapping[str, Any]]:
    """The parameters of test_ops, and others of their kind: a condition that does not hold, a slope that is not 1."""
    parameters = parameters_of(row)
    yield parameters
    others = {name: not x if isinstance(x, bool) else x + 0.25 if isinstance(x, float) else x for name, x in parameters.items()}
    if others != parameters:
        yield others


@functools.cache
def points(row: Op) -> list[Point]:
    found = [*golden_points(row)]
    for parameters in parameter_sets(row):
        found += [judged_point(row, operands, parameters, far=False) for operands in ordinary_points(row, 6)]
        for operands in far_operands(row):
            margins = [kink.margin(operands) if row.variadic else kink.margin(*operands) for kink in row.kinks]
            if all(x in row.domain_of(i) for i, x in enumerate(operands)) and all(
                abs(margin) > 1e-3 * min(1, *map(abs, operands)) for margin in margins
            ):
                try:
                    row.evaluate(operands, parameters)
                except (ValueError, ZeroDivisionError, OverflowError):
                    continue
                found.append(judged_point(row, operands, parameters, far=True))
    return found


# ------------------------------------------------------------------------------------------------------------ the mutants

Answers = list[tuple[float, tuple[float, ...]]]  # value and partials at every point; a NaN where the mutant raises


def answers(row: Op) -> Answers:
    """The row as it is."""
    found = []
    for operands, parameters, active, *_ in points(row):
        y = row.evaluate(operands, parameters)
        found.append((y, tuple(slopes_of(row, operands, y, parameters, active))))
    return found


def place(point: Point, index: int) -> int | None:
    """The place of operand number `index` among the active ones."""
    return sum(point.active[:index]) if index < len(point.active) and point.active[index] else None


def with_partial(row: Op, index: int, change: Callable[[float, Point], float]) -> Answers:
    changed = []
    for point, (y, partials) in zip(points(row), answers(row), strict=True):
        at = place(point, index)
        changed.append((y, partials if at is None else (*partials[:at], change(partials[at], point), *partials[at + 1 :])))
    return changed


def with_value(row: Op, change: Callable[[float, Point], float]) -> Answers:
    return [(change(y, point), partials) for point, (y, partials) in zip(points(row), answers(row), strict=True)]


def swapped_operands(row: Op) -> Answers:
    """Every partial evaluated on the operands in the opposite order."""
    found = []
    for point, (y, _) in zip(points(row), answers(row), strict=True):
        backward = point.operands[::-1]
        try:
            partials = tuple(slopes_of(row, backward, y, point.parameters, (True,) * len(backward)))
        except (ValueError, ZeroDivisionError, OverflowError):
            partials = (math.nan,) * len(backward)
        found.append((y, tuple(itertools.compress(partials, point.active))))
    return found


def swapped_partials(row: Op) -> Answers:
    """The partials in the opposite order."""
    found = []
    for point, (y, _) in zip(points(row), answers(row), strict=True):
        partials = tuple(slopes_of(row, point.operands, y, point.parameters, (True,) * len(point.operands)))
        found.append((y, tuple(itertools.compress(partials[::-1], point.active))))
    return found


def cut_value(row: Op, index: int, beyond: float, side: int) -> Answers:
    """The value as if the operand went no further."""

    def change(y: float, point: Point) -> float:
        if index >= len(point.operands) or not side * point.operands[index] > beyond:
            return y
        nearer = (*point.operands[:index], side * beyond, *point.operands[index + 1 :])
        try:
            return row.evaluate(nearer, point.parameters)
        except (ValueError, ZeroDivisionError, OverflowError):
            return math.nan

    return with_value(row, change)


class Dropping(Lifted):
    """A number on which a partial runs as written, except for one operation, which gives one of its two operands."""

    def __init__(self, x: float, run: DroppingRun) -> None:
        self.x, self.run = x, run

    @classmethod
    def __autograd_op__(cls, op: Op, operands: Sequence[Any], parameters: Mapping[str, Any]) -> Any:
        run = next(x.run for x in operands if isinstance(x, Dropping))
        if op.__name__ in ("add", "sub", "mul", "div"):
            where = operation_in_progress()
            run.met[where] = op.__name__
            if where == run.dropped:
                kept = operands[run.kept]
                return kept if isinstance(kept, Dropping) else Dropping(float(kept), run)
        return Dropping(op.apply(tuple([x.x if isinstance(x, Dropping) else x for x in operands]), parameters), run)

    def size(self) -> float:
        return self.x

    @property
    def data(self) -> float:
        return self.x

    def __pow__(self, other: Any) -> Any:
        return ops.pow(self, other)

    def __abs__(self) -> Any:
        return ops.abs(self)


Where = tuple[CodeType, int]


class DroppingRun:
    """Which operation is dropped and which operand it gives; and the operations that were met."""

    def __init__(self, dropped: Where | None = None, kept: int = 0) -> None:
        self.dropped, self.kept = dropped, kept
        self.met: dict[Where, str] = {}


def operation_in_progress() -> Where:
    """The place in the code of the expression that is being evaluated."""
    frame: Any = sys._getframe(2)
    while frame.f_code in (Op.__call__.__code__, Op.apply.__code__) or frame.f_code.co_filename == sys.modules["oracles"].__file__:
        frame = frame.f_back
    return frame.f_code, frame.f_lasti


def partials_on(run: DroppingRun, row: Op, point: Point, y: float) -> tuple[float, ...]:
    operands = tuple([Dropping(x, run) for x in point.operands])
    try:
        partials = slopes_of(row, operands, Dropping(y, run), point.parameters, point.active)
    except (ValueError, ZeroDivisionError, OverflowError):
        return (math.nan,) * sum(point.active)
    return tuple([p.x if isinstance(p, Dropping) else p for p in partials])


def dropped_term(row: Op, run: DroppingRun) -> Answers:
    return [(y, partials_on(run, row, point, y)) for point, (y, _) in zip(points(row), answers(row), strict=True)]


def operations(row: Op) -> dict[Where, str]:
    """The sums and products that make the partials where they are finite; how infinite ones go on is for higher orders."""
    met: dict[Where, str] = {}
    for point, (y, _) in zip(points(row), answers(row), strict=True):
        run = DroppingRun()
        if all(map(math.isfinite, partials_on(run, row, point, y))):
            met.update(run.met)
    return met


def mutants(row: Op) -> Iterator[tuple[str, Answers]]:
    """The name of each mutant, and what it answers."""
    count = operand_count(row)
    names = row.operands if not row.variadic else [f"{row.operands[0]}[{i}]" for i in range(count)]
    yield "value: sign", with_value(row, lambda y, _: -y)
    yield "value: offset", with_value(row, lambda y, _: y + 1e-6)
    yield "value: slightly large", with_value(row, lambda y, _: y * SLIGHTLY)
    for i, name in enumerate(names):
        yield f"d{name}: sign", with_partial(row, i, lambda p, _: -p)
        yield f"d{name}: double", with_partial(row, i, lambda p, _: 2 * p)
        yield f"d{name}: slightly large", with_partial(row, i, lambda p, _: p * SLIGHTLY)
        yield f"d{name}: zero", with_partial(row, i, lambda p, _: 0.0)
        for beyond, side in itertools.product(TAILS, (1, -1)):
            if any(side * point.operands[i] > beyond for point in points(row) if len(point.operands) > i):
                tail = f"{name} {'>' if side > 0 else '<'} {side * beyond:g}"

                def gone(p: float, point: Point, i: int = i, beyond: float = beyond, side: int = side) -> float:
                    return 0.0 if side * point.operands[i] > beyond else p

                yield f"d{name}: 0 for {tail}", with_partial(row, i, gone)
                yield f"value: cut off for {tail}", cut_value(row, i, beyond, side)
    if count > 1:
        yield "partials: operands swapped", swapped_operands(row)
        yield "partials: swapped", swapped_partials(row)
    for number, (where, operation) in enumerate(operations(row).items(), 1):
        for kept in (0, 1):
            name = f"partials: operation {number}, {operation}, gives its {'second' if kept else 'first'} operand"
            yield name, dropped_term(row, DroppingRun(where, kept))


class Outcome(NamedTuple):
    killed: int
    survivors: list[str]
    equivalent: list[str]


def same(computed: float, original: float) -> bool:
    return computed == original or (math.isnan(computed) and math.isnan(original))


def is_seen(row: Op, found: Answers) -> bool:
    """True if one of the checks fails at one of the points."""
    for point, (y, partials) in zip(points(row), found, strict=True):
        verdicts = zip(point.partials_pass, partials, strict=True)
        if not point.value_passes(y) or not all(passes(partial) for passes, partial in verdicts):
            return True
    return False


@functools.cache
def outcome(row: Op) -> Outcome:
    original = answers(row)
    flat = [x for y, partials in original for x in (y, *partials)]
    killed, survivors, equivalent = 0, [], []
    for name, found in mutants(row):
        if all(map(same, [x for y, partials in found for x in (y, *partials)], flat)):
            equivalent.append(name)
        elif is_seen(row, found):
            killed += 1
        else:
            survivors.append(name)
    return Outcome(killed, survivors, equivalent)


# ------------------------------------------------------------------------------------------------- what cannot be distinguished


LEFT, RIGHT = ("< -0.75", "< -5", "< -20"), ("> 0.75", "> 5", "> 20")


def tails(what: str, *ends: str, of: str = "a") -> list[str]:
    """Mutants of tails by their ends: '> 5' is both 'da: 0 for a > 5' and 'value: cut off for a > 5'."""
    return [f"{kind} for {of} {end}" for kind in {"both": ("da: 0", "value: cut off")}.get(what, (what,)) for end in ends]


def flat(of: str) -> list[str]:
    """The mutants of a partial that is 0 everywhere, but for the one that forgets NaN."""
    return [f"d{of}: sign", f"d{of}: double", f"d{of}: slightly large", *tails(f"d{of}: 0", *LEFT, *RIGHT, of=of)]


EQUIVALENT: list[tuple[str, tuple[str, ...], list[str]]] = [
    ("the partials are constants", ("add", "sub", "sum", "mean", "where"), ["partials: operands swapped"]),
    ("and the same for every operand", ("add", "sum", "mean"), ["partials: swapped"]),
    ("the function is a constant there", ("relu",), tails("both", *LEFT)),
    ("the function is a constant there", ("hardtanh", "hardsigmoid"), tails("both", *LEFT[1:], *RIGHT[1:])),
    ("the function is a constant there", ("relu6",), [*tails("both", *LEFT, "> 20"), "da: 0 for a > 5"]),
    ("the function is a constant there", ("hardswish",), tails("both", *LEFT[1:])),
    ("the function is a constant there", ("sign",), tails("value: cut off", *LEFT, *RIGHT)),
    ("its partial is 0 wherever it has one", ("sign", "floor", "ceil", "trunc", "round", "floor_div"), flat("a")),
    ("and no known answer has a NaN for it", ("sign", "trunc", "round", "floor_div"), ["da: zero"]),
    ("its partial is 0 wherever it has one", ("floor_div", "copysign"), [*flat("b"), "db: zero"]),
    ("both partials are 0", ("floor_div",), ["partials: operands swapped", "partials: swapped"]),
    ("its partial is symmetric in the signs", ("copysign",), ["partials: operands swapped"]),
    ("the size of b has no influence", ("copysign",), tails("value: cut off", *LEFT, *RIGHT, of="b")),
    ("the function rounds to 1 or −1 there", ("tanh", "erf"), tails("value: cut off", "> 20", "< -20")),
    ("the function rounds to 1 there", ("normal_cdf",), tails("value: cut off", "> 20")),
    ("the function rounds to 2 there", ("erfc",), tails("value: cut off", "< -20")),
    *[("it is 0 · p, which is 0 for every number p", (name,), [f"partials: operation {place}, mul, gives its first operand"])
      for name, place in (("softmax", 7), ("log_softmax", 3), ("cross_entropy", 1))],
    ("the partials are constants", ("deviation",), ["partials: operands swapped"]),
    ("and for k = 1 of 3 the same from either end", ("deviation",), ["partials: swapped"]),
    ("the partials need y alone", ("exp_sub",), ["partials: operands swapped"]),
    ("its partial is even in a − b", ("share",), ["partials: operands swapped"]),
    ("either of two formulas serves, each in its place", ("softmax",),
     [f"partials: operation 5, sub, gives its {which} operand" for which in ("first", "second")]),
    ("the function rounds to 1 there", ("gelu_slope", "gelu_tanh_slope", "mish_slope"), tails("value: cut off", "> 20")),
    ("it is 0 · y beyond ±40", ("gelu_tanh_slope",), ["partials: operation 16, mul, gives its first operand"]),
    ("the factor n or i is 1", ("inverse_power_real",), ["partials: operation 2, mul, gives its second operand"]),
    ("the factor n or i is 1", ("polar_power",), ["partials: operation 1, mul, gives its second operand"]),
]  # fmt: skip
"""The mutants that are no mutants: why, of which rows, and which."""


# ------------------------------------------------------------------------------------------------------------- the gate


@pytest.mark.parametrize("row", ROWS)
def test_the_checks_pass_the_row_as_it_is(row: Op) -> None:
    assert not is_seen(row, answers(row))


@pytest.mark.parametrize("row", ROWS)
def test_the_checks_see_every_mutant(row: Op) -> None:
    assert outcome(row).survivors == []
    assert outcome(row).killed + len(outcome(row).equivalent) >= 10


@pytest.mark.parametrize("row", ROWS)
def test_the_mutants_that_are_the_row_itself_are_those_listed(row: Op) -> None:
    listed = [mutant for _, rows, found in EQUIVALENT if row.__name__ in rows for mutant in found]
    assert sorted(outcome(row).equivalent) == sorted(listed)


def test_the_kill_rate_is_100_percent() -> None:
    """Printed; `pytest -rP -k kill_rate` shows it."""
    outcomes = [outcome(row) for row in TABLE.values()]
    killed = sum(found.killed for found in outcomes)
    survivors = sum(len(found.survivors) for found in outcomes)
    equivalent = sum(len(found.equivalent) for found in outcomes)
    rate = 100 * killed / (killed + survivors)
    summary = (
        f"{killed + survivors} mutants of {len(outcomes)} rows, {killed} killed: kill rate {rate:.6g} % ({equivalent} equivalent)"
    )
    print(summary)
    assert rate == 100, summary


def test_a_users_row_goes_through_the_gate_with_no_word_about_it_here() -> None:
    cube = op(
        lambda a: a * a * a,
        name="cube",
        doc="The cube.",
        partials=(lambda a, y: 3 * ops.square(a),),
        decomposition=lambda a: a * a * a,
    )
    try:
        found = outcome(cube)
        assert (found.survivors, found.equivalent) == ([], [])
        assert found.killed >= 20
    finally:
        del TABLE["cube"]


def test_a_row_wrong_by_a_part_in_ten_million_is_seen_as_it_is() -> None:
    wrong = op(lambda a: a * a, name="wrong", doc="Wrong.", partials=(lambda a, y: 2.0000002 * a,), decomposition=lambda a: a * a)
    try:
        assert is_seen(wrong, answers(wrong))
    finally:
        del TABLE["wrong"]


def test_checks_that_are_too_loose_let_mutants_live(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate itself: where only ordinary points are judged, a tail may be lost."""
    near = [point for point in points(ops.softplus) if all(abs(x) < 5 for x in point.operands)]
    monkeypatch.setattr(sys.modules[__name__], "points", lambda row: near)
    assert is_seen(ops.softplus, with_partial(ops.softplus, 0, lambda p, _: p * SLIGHTLY))
    assert not is_seen(ops.softplus, with_partial(ops.softplus, 0, lambda p, point: p if point.operands[0] > -5 else 0.0))
