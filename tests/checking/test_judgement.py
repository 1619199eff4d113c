"""The checker, checked: it sees a rule wrong by one part in a million, and leaves a right one in peace at the hardest points."""

from __future__ import annotations

import inspect
import math
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from oracles import slopes_of

from autograd import AutogradError, OperandError, Value, ops, toposort
from autograd.checking import GradientCheck, GradientError, check_grad, compare_oracles
from autograd.ops import TABLE, Kink, Op, op
from autograd.testing import random_expression
from autograd.transforms import gradient

ROWS = [pytest.param(row, id=name) for name, row in TABLE.items()]
HARD = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 1e-300, 5e-324, -5e-324, 1e300, -1e300, 1e-9, 1e10, 20.0, -40.0, 300.0, 700.0,
        -700.0, 1 + 1e-12, 1 - 1e-12, 1.4616321449683622, -37.5, 8.5, math.pi / 2, 170.0, 4.3e274, 750599937895.0)  # fmt: skip


def operands_of(row: Op) -> int:
    if not row.variadic:
        return len(row.operands)
    return 3 if row.arrange in (None, tuple) else 2 + len(inspect.signature(row.arrange).parameters)  # type: ignore[arg-type]


def applied(row: Op) -> Callable[..., Any]:
    parameters = {name: 1 if name in row.required else default for name, default in row.parameters.items()}
    return lambda *operands: row.apply(operands, parameters)


def has_value(f: Callable[..., Any], point: tuple[float, ...]) -> bool:
    try:
        return math.isfinite(f(*point))
    except (ValueError, ArithmeticError):
        return False


def hard_points(row: Op) -> Iterator[tuple[float, ...]]:
    count, rng = operands_of(row), random.Random(row.__name__)
    if count == 1:
        yield from ((x,) for x in HARD)
    else:
        yield from (tuple([rng.choice(HARD) for _ in range(count)]) for _ in range(40))


def ordinary_points(row: Op, many: int) -> Iterator[tuple[float, ...]]:
    rng = random.Random(row.__name__)
    f = applied(row)
    while many:
        point = tuple([rng.uniform(-3.0, 3.0) for _ in range(operands_of(row))])
        margins = [kink.margin(point) if row.variadic else kink.margin(*point) for kink in row.kinks if has_value(f, point)]
        if has_value(f, point) and all(abs(margin) > 1e-2 for margin in margins):
            many -= 1
            yield point


def wrong(check: GradientCheck) -> list[str]:
    return [entry.name for entry in check.entries if entry.verdict == "wrong"]


def verdicts_of(f: Callable[..., Any], *x: Any, order: int = 1) -> list[str]:
    return [entry.verdict for entry in check_grad(f, *x, order=order).entries]


# --------------------------------------------------------------------------------------------------- what must be seen


def mutant_of(row: Op) -> Op:
    """The row with every partial wrong by one part in a million."""

    def partials(operands: Any, y: Any, **parameters: Any) -> tuple[Any, ...]:
        return tuple([p * (1 + 1e-6) for p in slopes_of(row, operands, y, parameters)])

    return op(lambda xs: applied(row)(*xs), name="mutant", doc="Wrong.", partials=lambda xs, y: partials(xs, y))


@pytest.fixture(autouse=True)
def _leave_the_table_as_it_was() -> Iterator[None]:
    before = dict(TABLE)
    yield
    for name in set(TABLE) - set(before):
        del TABLE[name]


@pytest.mark.thorough
@pytest.mark.parametrize("row", [row for row in ROWS if not row.values[0].parameters])
def test_a_rule_wrong_by_one_part_in_a_million_is_seen_in_every_entry(row: Op) -> None:
    mutant = mutant_of(row)
    for point in ordinary_points(row, 6):
        for entry in check_grad(lambda *xs: mutant(xs), *point, order=1).entries:
            assert entry.verdict == "wrong" or entry.oracles.reverse == 0.0, entry


@pytest.mark.parametrize("factor", [1 + 1e-6, 1 - 1e-6, -1.0, 0.0, 2.0, math.inf, math.nan])
def test_a_users_wrong_rule_is_seen_inside_a_larger_function(factor: float) -> None:
    cube = op(lambda a: a * a * a, name="cube", doc="The cube.", partials=(lambda a, y: factor * 3 * ops.square(a),))
    check = check_grad(lambda x, y: ops.sin(cube(x) * y) + ops.exp(y), 0.7, 1.3, order=1)
    assert not check
    assert not check.ok
    assert check.worst is not None
    assert check.worst.name == "∂f/∂x"
    assert [entry.verdict for entry in check.entries] == ["wrong", "agree"]


def test_what_is_right_in_value_but_not_an_expression_is_seen_at_second_order_only() -> None:
    frozen = op(lambda a: a * a * a, name="frozen", doc="The cube, with a slope that forgets its operand.",
                partials=(lambda a, y: 3.0 * getattr(a, "data", a) ** 2,))  # fmt: skip
    assert check_grad(frozen, 2.0, order=1).ok
    assert [entry.verdict for entry in check_grad(frozen, 2.0).entries] == ["agree", "wrong"]


def test_a_partial_that_works_on_floats_alone_is_named_at_second_order() -> None:
    sine = op(math.sin, name="sine", doc="The sine.", partials=(lambda a, y: math.cos(a),))
    assert check_grad(sine, 2.0, order=1).ok
    check = check_grad(sine, 2.0)
    assert not check.ok
    assert "OperandError" in str(check)


def test_a_backward_that_overwrites_is_told_from_forward_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    def overwriting(self: Value) -> None:
        self.grad = 1.0
        for node in reversed(toposort(self)):
            for operand, partial, _, _ in node.edges:
                operand.grad = node.grad * partial

    assert check_grad(lambda x: x * x, 3.0).ok
    monkeypatch.setattr(Value, "backward", overwriting)
    (entry,) = check_grad(lambda x: x * x, 3.0, order=1).entries
    assert (entry.verdict, entry.oracles.reverse, entry.oracles.forward) == ("wrong", 3.0, 6.0)


# ------------------------------------------------------------------------------------------------ what must not alarm


@pytest.mark.thorough
@pytest.mark.parametrize("row", ROWS)
def test_a_right_rule_raises_no_alarm_at_the_hardest_points(row: Op) -> None:
    """At the ends of the floats much is unseen, since no difference can be taken there; nothing is wrong."""
    f, verdicts = applied(row), []
    for point in hard_points(row):
        if has_value(f, point):
            check = check_grad(f, *point)
            assert not wrong(check), f"{row.__name__}{point}\n{check}"
            verdicts += [entry.verdict for entry in check.entries]
    assert verdicts.count("unseen") <= 0.4 * len(verdicts)


@pytest.mark.thorough
@pytest.mark.parametrize("row", ROWS)
def test_a_right_rule_agrees_to_second_order_at_ordinary_points(row: Op) -> None:
    """Nothing is unseen there, also where a derivative is 0."""
    for point in ordinary_points(row, 4):
        check = check_grad(applied(row), *point)
        assert {entry.verdict for entry in check.entries} == {"agree"}, (point, check)


def test_hardly_anything_is_unseen_in_drawn_expressions() -> None:
    """And nothing is wrong, except where `backward` composes the conventions of several kinks."""
    verdicts = []
    for seed in range(150):
        expression = random_expression(random.Random(seed), max_nodes=8, sharing=seed % 2 == 0)
        verdicts += [entry.verdict for entry in check_grad(expression, *expression.point).entries]
    assert verdicts.count("wrong") == 0
    assert verdicts.count("unseen") <= 0.02 * len(verdicts)
    assert len(verdicts) > 500


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        pytest.param(ops.sigmoid, 40.0, 4.248354255291589e-18, id="sigmoid in its tail"),
        pytest.param(ops.tanh, 20.0, 1.6993417021166355e-17, id="tanh in its tail"),
        pytest.param(ops.erfc, 10.0, -4.197656514416411e-44, id="erfc in its tail"),
        pytest.param(lambda x: ops.exp(x) / 1e300, 700.0, 1.0142320547350045e304 / 1e300, id="a large exponential"),
        pytest.param(lambda x: ops.log1p(x) ** -1.0, 1e-10, -1e20, id="log1p beside zero"),
        pytest.param(lambda x: ops.sin(1e8 * x), 0.0, 1e8, id="a fast wave"),
        pytest.param(lambda x: (x - 1.0) ** 7, 1.001, 7e-18, id="a flat spot"),
    ],
)
def test_slopes_that_lose_digits_elsewhere_are_agreed_on(f: Callable[..., Any], x: float, slope: float) -> None:
    (entry,) = check_grad(f, x, order=1).entries
    assert entry.verdict == "agree"
    assert entry.oracles.reverse == pytest.approx(slope, rel=1e-6)


# --------------------------------------------------------------------------------------------------------------- kinks


@pytest.mark.thorough
@pytest.mark.parametrize("row", [row for row in ROWS if row.values[0].kinks])
def test_a_rows_own_kink_is_reported_and_raises_no_alarm(row: Op) -> None:
    halved = {name: default / 2 for name, default in row.parameters.items() if type(default) is float}  # elu is smooth for α = 1
    f = (lambda *operands: row.apply(operands, halved)) if halved else applied(row)
    points = [point for kink in row.kinks for point in kink.points if has_value(f, point)]
    for point in points:
        check = check_grad(f, *point)  # celu bends in its second derivative alone
        if not all(map(math.isfinite, point)) or "between neighbouring floats" in str(check):
            assert not wrong(check)  # there is no number to take a difference with
            continue
        assert check.ok, (point, check)
        assert any(words.startswith(row.__name__) for words in check.kinks), (point, check)
        assert "kink" in {entry.verdict for entry in check.entries}


@pytest.mark.parametrize(
    ("f", "x", "named"),
    [
        pytest.param(lambda x: ops.relu(x - 1.0) * 3.0, 1.0, "relu at a = 0", id="inside"),
        pytest.param(lambda x: ops.relu(x - 1.0) + x, 1.0 + 2e-16, "relu at a = 0", id="within the step"),
        pytest.param(lambda x: ops.max(x, 2.0 - x), 1.0, "max at a = b", id="a tie"),
        pytest.param(lambda x: ops.floor(x / 3.0), 6.0, "floor at a whole", id="a step"),
    ],
)
def test_a_kink_inside_a_function_is_found_in_its_graph(f: Callable[..., Any], x: float, named: str) -> None:
    check = check_grad(f, x, order=1)
    assert check.ok
    assert named in " ".join(check.kinks)
    assert f"kink: {named}" in str(check)
    assert [entry.verdict for entry in check.entries] == ["kink"]


@pytest.mark.parametrize("distance", [1e-9, -1e-6, 1e-3])
def test_beside_a_kink_differences_take_smaller_steps_and_agree(distance: float) -> None:
    (entry,) = check_grad(lambda x: ops.abs(x) + 1.0, distance, order=1).entries
    assert (entry.verdict, entry.oracles.kinks) == ("agree", ())


def test_a_kink_of_one_input_is_not_laid_to_another() -> None:
    check = check_grad(lambda x, y: ops.abs(x) * 2.0 + ops.sin(y), 0.0, 0.0, order=1)
    assert [entry.verdict for entry in check.entries] == ["kink", "agree"]


def test_a_kink_of_one_input_does_not_excuse_a_wrong_rule_of_another() -> None:
    wrong = op(lambda a: 2.0 * a, name="wrong", doc="Twice.", partials=(2.000002,))
    check = check_grad(lambda x, y: wrong(x) + ops.sqrt(y), 1.0, 0.0, order=1)
    assert [entry.verdict for entry in check.entries] == ["wrong", "kink"]


def test_a_region_of_convention_does_not_excuse_a_wrong_rule_behind_it() -> None:
    """x**3 below 0 is marked in the table (NaN in the exponent), and is no kink in x."""
    wrong = op(lambda a: 2.0 * a, name="wrong", doc="Twice.", partials=(2.000002,))
    check = check_grad(lambda x: wrong(x**3), -2.0, order=1)
    assert (check.ok, check.kinks) == (False, ())


# ----------------------------------------------------------------------------------- kinks are proved, or they are no excuse


@pytest.mark.parametrize(
    ("f", "x", "verdict"),
    [
        pytest.param(lambda x: ops.abs(x) + x - 2.0 * ops.relu(x), 0.0, "wrong", id="the function is 0"),
        pytest.param(lambda x: ops.relu(x) - ops.relu(-x), 0.0, "wrong", id="the function is x"),
        pytest.param(lambda x: ops.max(x, 0.0) + ops.min(x, 0.0), 0.0, "wrong", id="the function is x, by max and min"),
        pytest.param(lambda x: x**x, 0.0, "wrong", id="the limit of the slope is -inf"),
        pytest.param(lambda x: 3.0 * x if x == 1.0 else x * x + 2.0, 1.0, "wrong", id="a branch for one point"),
        pytest.param(lambda x: ops.where(x > 0.0, x, -2.0 * x), 0.0, "kink", id="a kink of the function itself"),
        pytest.param(lambda x: ops.hypot(x, x), 0.0, "kink", id="hypot"),
        pytest.param(lambda x: ops.max(ops.max(x, 2.0 * x), 3.0 * x), 0.0, "kink", id="three at once"),
        pytest.param(lambda x: ops.max(0.3 * x * x, 3.0 * (0.1 * x * x)), 1.2, "agree", id="a tie up to rounding"),
        pytest.param(ops.sqrt, 0.0, "kink", id="an infinite slope"),
        pytest.param(lambda x: ops.sqrt(x) ** 2.0, 0.0, "unseen", id="NaN where the slope is 1"),
        pytest.param(lambda x: ops.sqrt(x - x), 6.0, "unseen", id="NaN where the slope is 0"),
        pytest.param(lambda x: ops.max(ops.exp(x), 1.0 + x), 0.0, "agree", id="two curves that touch"),
    ],
)
def test_at_a_kink_the_answer_must_lie_between_the_sides_and_be_them_where_they_agree(
    f: Callable[..., Any], x: float, verdict: str
) -> None:
    check = check_grad(f, x, order=1)
    assert [entry.verdict for entry in check.entries] == [verdict], check
    assert check.ok == (verdict in ("agree", "kink"))


@pytest.mark.parametrize("slope", [0.0, 1.0, 2.0, -1.0, 1.5, math.inf])
def test_a_convention_outside_the_two_sides_is_wrong(slope: float) -> None:
    bent = op(lambda a: 2.0 * a if a > 0 else a, name="bent", doc="2a or a.",
              partials=(lambda a, y: ops.where(a > 0, 2.0, lambda: ops.where(a < 0, 1.0, slope)),),
              kinks=(Kink("a = 0", "some", ((0.0,),), lambda a: a),))  # fmt: skip
    assert verdicts_of(bent, 0.0) == ["kink" if 1.0 <= slope <= 2.0 else "wrong"]


@pytest.mark.parametrize("factor", [1.0, 1 + 1e-6, 1.1])
def test_a_rule_wrong_beside_a_kink_is_seen_at_the_kink(factor: float) -> None:
    bent = op(lambda a: 2.0 * a if a > 0 else a, name="bent", doc="2a or a.",
              partials=(lambda a, y: ops.where(a > 0, 2.0 * factor, lambda: ops.where(a < 0, 1.0, 1.5)),))  # fmt: skip
    assert verdicts_of(bent, 0.0) == ["kink" if factor == 1.0 else "wrong"]


@pytest.mark.parametrize(("curvature", "verdict"), [(0.0, "wrong"), (1.0, "wrong"), (2.0, "agree"), (2.0 + 1e-5, "wrong")])
@pytest.mark.parametrize(
    "f", [lambda x: ops.abs(-x * x), lambda x: ops.relu(x * x), lambda x: ops.max(x * x, 0.0), lambda x: ops.abs(x) ** 2.0]
)
def test_a_wrong_curvature_where_kinks_cancel_is_seen(
    f: Callable[..., Any], curvature: float, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograd.checking.oracles.hessian", lambda f: lambda x: [[curvature]])
    assert verdicts_of(f, 0.0, order=2)[1] == verdict


def test_curvatures_at_kinks_are_those_of_the_sides() -> None:
    for f in (lambda x: ops.abs(-x * x), lambda x: ops.relu(x * x), lambda x: ops.cos(ops.abs(x)), ops.relu, ops.abs):
        check = check_grad(f, 0.0)
        assert check.ok, check
    for g, point in ((ops.hypot, (0.0, 0.0)), (lambda x, y: ops.max(x * x, y * y), (0.0, 0.0)), (ops.pow, (0.0, 1.0))):
        assert check_grad(g, *point).ok


def test_along_an_axis_alone_a_second_derivative_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """∂²hypot/∂a² along the axis b = 0 is 0, and in every other direction it grows without bound."""
    monkeypatch.setattr("autograd.checking.oracles.hessian", lambda f: lambda x: [[0.0, 0.0], [0.0, 0.0]])
    assert "wrong" in verdicts_of(ops.hypot, 0.0, 0.0, order=2)


# ---------------------------------------------------------------------------------------------------------------- jumps


@pytest.mark.parametrize(
    ("f", "x"),
    [
        pytest.param(lambda x: x if x < 1.0 else x + 1.0, 1.0, id="on the right"),
        pytest.param(lambda x: x if x <= 1.0 else x + 1.0, 1.0, id="on the left"),
        pytest.param(lambda x: 10.0 * x if x == 2.0 else x * x, 2.0, id="at one point"),
        pytest.param(lambda x: x + 1e-6 * (x >= 1.0), 1.0, id="a small one"),
        pytest.param(lambda x: 1e6 * (x if x < 1.0 else x + 1e-3), 1.0, id="at a large scale"),
    ],
)
def test_a_jump_that_no_row_declares_is_wrong_and_named(f: Callable[..., Any], x: float) -> None:
    check = check_grad(f, x, order=1)
    assert wrong(check) == ["∂f/∂x"]
    assert f"the function jumps at {x:g}" in str(check)


def stepped(*, jumps: bool = True, slope: float = 0.0) -> Op:
    kinks = (Kink("a half-way", "0", ((0.5,),), lambda a: a - math.floor(a) - 0.5, jumps=jumps),)
    row: Op = op(lambda a: float(round(a)), name="stepped", doc="Rounded.", partials=(slope,), kinks=kinks)
    return row


@pytest.mark.parametrize("x", [0.5, 1.5, -0.5, 2.5])
def test_a_declared_jump_is_judged_on_the_side_that_the_value_belongs_to(x: float) -> None:
    assert verdicts_of(stepped(), x) == ["kink"]
    assert verdicts_of(stepped(slope=1.0), x) == ["wrong"]
    check = check_grad(stepped(jumps=False), x, order=1)
    assert wrong(check) == ["∂f/∂x"]
    assert "jumps" in str(check)


@pytest.mark.parametrize(("row", "points"), [(ops.floor, [(2.0,)]), (ops.sign, [(0.0,)]), (ops.ceil, [(-3.0,)])])
def test_the_tables_own_jumps_are_declared(row: Op, points: list[tuple[float, ...]]) -> None:
    for point in points:
        assert verdicts_of(row, *point) == ["kink"]
        assert verdicts_of(lambda x: row(x) * 3.0 + x, *point) == ["kink"]


def test_where_a_jump_lies_between_neighbouring_floats_nothing_is_proved() -> None:
    check = check_grad(stepped(), 1e300, order=1)
    assert [entry.verdict for entry in check.entries] == ["unseen"]
    assert not check.ok
    assert "jumps lie between neighbouring floats" in str(check)
    assert "jumps=True" in str(check)  # what to do


# ------------------------------------------------------------------------------------- f must be one function of its arguments


def test_what_f_computes_on_floats_must_be_what_it_computes_on_nodes() -> None:
    check = check_grad(lambda x: 3.0 * x if x in {0.0, 1.0} else 5.0 * x, 1.0, order=1)
    assert not check.ok
    assert "3.0 on floats and 5.0 on nodes" in str(check)
    by_type = check_grad(lambda x: x * x if isinstance(x, Value) else 2.0 * x, 3.0, order=1)
    assert "6.0 on floats and 9.0 on nodes" in str(by_type)
    raising = check_grad(lambda x: x * x if isinstance(x, Value) else math.log(-x), 3.0, order=1)
    assert "raises ValueError on floats" in str(raising)
    assert check_grad(lambda x: {0.0: x, 2.0: 7.0 * x}.get(3.0, 2.0 * x), 2.0, order=1).ok
    assert check_grad(lambda x: x.sin() + x.data * 0.0 + x, 2.0, order=1).ok  # floats have no such method: no comparison


def test_a_function_that_is_not_one_is_found_and_the_two_numbers_are_named() -> None:
    check = check_grad(lambda x: x * random.random(), 1.0)
    assert not check.ok
    assert set(wrong(check)) == {"∂f/∂x", "∂²f/∂x²"}
    assert "when called again" in str(check)
    calls: list[float] = []

    def counting(x: Any) -> Any:
        calls.append(0.0)
        return x * (1.0 + (len(calls) > 20))

    assert not check_grad(counting, 1.0, order=1).ok
    with pytest.raises(GradientError, match="at first and"):
        check_grad(lambda x: x + random.random(), 1.0, raise_exception=True)


def test_a_loop_that_stops_early_on_floats_is_seen() -> None:
    def product(xs: Any) -> Any:
        p = 1.0
        for x in xs:
            p = p * x
            if p == 0.0:
                break
        return p

    assert "∂f/∂xs[1]" in wrong(check_grad(product, [2.0, 0.0, 3.0]))


@pytest.mark.parametrize("check", [check_grad, compare_oracles])
@pytest.mark.parametrize("f", [None, "a", 3.0, Value(2.0)])
def test_what_is_no_function_is_refused_in_our_own_words(check: Callable[..., Any], f: Any) -> None:
    with pytest.raises(OperandError, match=rf"{check.__name__} takes a function first"):
        check(f, 1.0)


def test_lists_that_hold_themselves_are_refused() -> None:
    xs: list[Any] = [1.0]
    xs.append(xs)
    with pytest.raises(AutogradError):
        check_grad(lambda v: v[0], xs)


def test_unseen_is_not_ok_and_says_what_to_do() -> None:
    check = check_grad(lambda x: 1.0 + 1e-20 * ops.lgamma(x), 2.5, order=1)
    assert [entry.verdict for entry in check.entries] == ["unseen"]
    assert not check
    assert check.worst is not None
    assert check.worst.verdict == "unseen"
    assert "unseen is not ok" in str(check)
    with pytest.raises(GradientError, match="seen by no oracle"):
        check_grad(lambda x: 1.0 + 1e-20 * ops.lgamma(x), 2.5, order=1, raise_exception=True)


# ----------------------------------------------------------------------------------------------------------- arguments


class Pair(NamedTuple):
    a: float
    b: float


def test_arguments_are_numbers_lists_tuples_and_dicts_and_entries_bear_their_names() -> None:
    def f(x: Any, layer: Any, pair: Any) -> Any:
        return x * layer["w"][0] + layer["w"][1] ** 2 + pair.a * pair.b

    check = check_grad(f, 2, {"w": [3.0, 4.0]}, Pair(5.0, 6.0), order=1)
    assert {entry.name: entry.oracles.reverse for entry in check.entries} == {
        "∂f/∂x": 3.0, "∂f/∂layer['w'][0]": 2.0, "∂f/∂layer['w'][1]": 8.0, "∂f/∂pair.a": 6.0, "∂f/∂pair.b": 5.0,
    }  # fmt: skip
    assert check.ok


def test_second_derivatives_are_checked_for_every_pair_and_beside_the_diagonal_only_where_inputs_are_many() -> None:
    names = [entry.name for entry in check_grad(lambda x, y: x * x * y, 2.0, 3.0).entries]
    assert names == ["∂f/∂x", "∂f/∂y", "∂²f/∂x²", "∂²f/∂x∂y", "∂²f/∂y²"]
    many = check_grad(lambda v: ops.dot(v, v), [1.0] * 9).entries
    assert len(many) == 9 + 9 + 8


def test_a_constant_function_and_one_without_inputs_are_checked_too() -> None:
    assert check_grad(lambda x: 2.0, 1.0).ok
    nothing = check_grad(lambda v: 2.0, [])
    assert (nothing.ok, nothing.worst, nothing.entries) == (True, None, ())


def test_what_is_no_function_of_numbers_to_a_number_is_refused() -> None:
    with pytest.raises(TypeError, match=r"one number as its value, not list"):
        check_grad(lambda x: [x, x], 1.0)
    with pytest.raises(TypeError, match=r"order = 3"):
        check_grad(ops.sin, 1.0, order=3)
    with pytest.raises(TypeError, match=r"a number is needed"):
        check_grad(ops.sin, "1")
    with pytest.raises(ValueError, match=r"log\(-1.0\)"):
        check_grad(ops.log, -1.0)


def test_gradients_of_nodes_that_the_function_holds_on_to_are_left_alone() -> None:
    w = Value(3.0, "w")
    (w * w).backward()
    assert check_grad(lambda x: ops.sin(x * w), 0.5).ok
    assert w.grad == 6.0


def test_a_wrong_derivative_raises_if_asked_to_and_the_message_is_the_table() -> None:
    wrong = op(lambda a: 2.0 * a, name="wrong", doc="Twice.", partials=(3.0,))
    with pytest.raises(GradientError, match=r"(?s)of wrong is contradicted.*reverse.*∂f/∂x.*\nwrong: ∂f/∂x") as caught:
        check_grad(wrong, 1.0, raise_exception=True)
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, AutogradError)


# ---------------------------------------------------------------------------------------------------------- one by one


def test_a_check_is_the_same_on_every_run() -> None:
    assert str(check_grad(ops.gelu, 0.3)) == str(check_grad(ops.gelu, 0.3))


def test_the_slope_of_a_power_still_depends_on_the_exponent_where_it_is_0() -> None:
    """∂(aᵇ)/∂a is 0 at b = 0, but ∂²(aᵇ)/∂a∂b is 1/a there."""
    assert check_grad(ops.pow, 1.5, 0.0).ok


def test_a_closed_gate_stays_closed_in_the_graph_of_a_gradient() -> None:
    x = Value(0.0)
    assert gradient(ops.floor(ops.sqrt(x)), x).data == 0.0
