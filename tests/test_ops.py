"""The table: known answers, the independent oracles, and what each row promises about itself."""

from __future__ import annotations

import inspect
import itertools
import json
import math
import random
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import pytest
from draws import drawn, tuples_of
from every import every
from hypothesis import given
from hypothesis import strategies as st
from oracles import as_numbers, complex_step_partial, dual_partial, improves_on_math, real_partial, real_value, slopes_of

from autograd import (
    Dual,
    OperandError,
    Value,
    jvp,
    ops,
)
from autograd.ops import TABLE, Op, op
from autograd.text.formula import to_text
from autograd.text.symbols import Symbol

DATA = Path(__file__).parent / "data"
GOLDEN = json.loads((DATA / "golden.json").read_text(encoding="utf-8"))["cases"]
PUBLISHED = json.loads((DATA / "published.json").read_text(encoding="utf-8"))["cases"]
ROWS = [pytest.param(row, id=name) for name, row in TABLE.items()]


def from_hex(text: str) -> float:
    return float(text) if text in ("nan", "inf", "-inf") else float.fromhex(text)


def ulps(computed: float, known: float) -> float:
    """The distance in units in the last place; 0 for two NaNs or equal infinities."""
    if math.isnan(known) or math.isnan(computed):
        return 0.0 if math.isnan(known) and math.isnan(computed) else math.inf
    return 0.0 if computed == known else abs(computed - known) / math.ulp(known) if math.isfinite(computed) else math.inf


# ------------------------------------------------------------------------------------------------------------ known answers


def apply_golden(case: dict[str, Any]) -> tuple[float, list[float]]:
    """Value and gradients of a golden point, through nodes and `backward`."""
    row = TABLE[case["fn"]]
    parameters = dict(case.get("params") or {})
    if "cond" in parameters:
        parameters = {"condition": parameters["cond"]}
    numbers = [from_hex(text) for text in case["args_hex"]]
    active = case.get("diff_args") or range(len(numbers))
    operands: list[Any] = [Value(x) if i in active else x for i, x in enumerate(numbers)]
    y = row.apply(tuple(operands), parameters)
    y.backward()
    return y.data, [operands[i].grad for i in active]


@pytest.mark.parametrize("name", sorted({case["fn"] for case in GOLDEN}))
def test_golden_points_are_right_to_16_units_in_the_last_place(name: str) -> None:
    every("case", [case for case in GOLDEN if case["fn"] == name], ids=lambda case: case["id"])(judge_golden)()


def judge_golden(case: dict[str, Any]) -> None:
    if case["raises"]:
        with pytest.raises({e.__name__: e for e in (ValueError, ZeroDivisionError, OverflowError)}[case["raises"]]):
            apply_golden(case)
        return
    y, gradients = apply_golden(case)
    assert ulps(y, from_hex(case["value_hex"])) <= 16
    wanted = [from_hex(text) for text in case["grad_hex"]]
    for i, (gradient, known) in enumerate(zip(gradients, wanted[: len(gradients)], strict=True)):
        # At a kink any subgradient is an answer; which one we give is a separate promise, tested with the conventions.
        low, high = map(float, case["subdiff"][i]) if case["fn"] == "selu" and "subdiff" in case else (known, known)
        assert ulps(gradient, known) <= 16 or low <= gradient <= high


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in PUBLISHED])
def test_published_function_has_its_published_value_and_gradient(case: dict[str, Any]) -> None:
    scope: dict[str, Any] = {}
    exec(case["source"], scope)
    x = [Value(from_hex(text), name) for text, name in zip(case["x_hex"], case["names"], strict=True)]
    y = scope["f"](x, SimpleNamespace(**TABLE, pi=math.pi))
    y.backward()
    assert abs(y.data - from_hex(case["value_hex"])) <= case["tol"]["value_abs"]
    for node, known in zip(x, case["grad_hex"], strict=True):
        assert abs(node.grad - from_hex(known)) <= case["tol"]["grad_abs"]


# ---------------------------------------------------------------------------------------------------- independent oracles


def parameters_of(row: Op) -> dict[str, Any]:
    """Parameters to try a row with: its defaults, a place among three operands, an order of differentiation."""
    tried = {"condition": True, "k": 1, "target": 1, "n": 1}
    return {name: tried.get(name, default) for name, default in row.parameters.items()}


def operand_count(row: Op) -> int:
    """Three where the number is free; two pairs where the row takes two sequences, and the operands beside them."""
    if not row.variadic:
        return len(row.operands)
    return 3 if row.arrange is None or row.arrange is tuple else 2 + len(inspect.signature(row.arrange).parameters)


def ordinary_points(row: Op, count: int, seed: int = 0) -> Iterator[tuple[float, ...]]:
    """Operands inside the domain, of order one, where the row has a value and no kink is near."""
    rng = random.Random(f"{row.__name__} {seed}")
    found = 0
    while found < count:
        drawn = tuple([rng.uniform(-3.0, 3.0) for _ in range(operand_count(row))])
        if not all(x in row.domain_of(i) for i, x in enumerate(drawn)):
            continue
        try:
            row.evaluate(drawn, parameters_of(row))
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        margins = [kink.margin(drawn) if row.variadic else kink.margin(*drawn) for kink in row.kinks]
        if all(abs(margin) > 1e-3 for margin in margins):
            found += 1
            yield drawn


@pytest.mark.parametrize("row", ROWS)
def test_value_and_partials_agree_with_arithmetic_of_hundreds_of_digits(row: Op) -> None:
    parameters = parameters_of(row)
    for point in ordinary_points(row, 6):
        y = row.evaluate(point, parameters)
        exact = real_value(row, point, parameters)
        if exact is None:
            continue
        assert abs(y - exact) <= 1e-15 * (1 + abs(y))
        for i, partial in enumerate(slopes_of(row, point, y, parameters)):
            known = real_partial(row, point, parameters, i)
            assert abs(partial - known) <= 3e-15 * (1 + abs(known)), (point, i)


@pytest.mark.parametrize("row", ROWS)
def test_partials_agree_with_dual_numbers(row: Op) -> None:
    parameters = parameters_of(row)
    for point in ordinary_points(row, 20, seed=1):
        y = row.evaluate(point, parameters)
        for i, partial in enumerate(slopes_of(row, point, y, parameters)):
            known = dual_partial(row, point, parameters, i)
            assert known is None or partial == pytest.approx(known, rel=1e-12, abs=1e-13), (point, i)


@pytest.mark.parametrize("row", ROWS)
def test_partials_agree_with_the_complex_step(row: Op) -> None:
    """Im f(x + ih)/h with h = 1e-200 has no cancellation; rows that choose or measure are not analytic and are left out."""
    parameters = parameters_of(row)
    for point in ordinary_points(row, 20, seed=2):
        y = row.evaluate(point, parameters)
        for i, partial in enumerate(slopes_of(row, point, y, parameters)):
            known = complex_step_partial(row, point, parameters, i)
            assert known is None or partial == pytest.approx(known, rel=1e-11, abs=1e-12), (point, i)


def test_the_oracles_cover_the_table() -> None:
    """Each oracle passes over rows outside its reach without a word, so how many it judges is held here."""
    judged = {"real": 0, "dual": 0, "complex": 0}
    for row in TABLE.values():
        (point,) = ordinary_points(row, 1)
        judged["real"] += real_value(row, point, parameters_of(row)) is not None
        judged["dual"] += dual_partial(row, point, parameters_of(row), 0) is not None
        judged["complex"] += complex_step_partial(row, point, parameters_of(row), 0) is not None
    assert judged["real"] >= 71
    assert judged["dual"] >= 71
    assert judged["complex"] >= 54


@pytest.mark.parametrize("row", [row for row in ROWS if row.values[0].decomposition])
def test_decomposition_is_the_same_function_with_the_same_derivative(row: Op) -> None:
    parameters = parameters_of(row)
    assert row.decomposition is not None
    for point in ordinary_points(row, 20, seed=3):
        y = row.evaluate(point, parameters)
        nodes = [Value(x) for x in point]
        inside = row.decomposition(nodes, **parameters) if row.variadic else row.decomposition(*nodes, **parameters)
        inside.backward()
        assert inside.data == pytest.approx(y, rel=1e-12, abs=1e-14)
        for node, partial in zip(nodes, slopes_of(row, point, y, parameters), strict=True):
            assert node.grad == pytest.approx(partial, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("row", [row for row in ROWS if row.values[0].textbook])
def test_textbook_partial_equals_the_accurate_one_at_ordinary_points(row: Op) -> None:
    assert row.textbook is not None
    for point in ordinary_points(row, 20, seed=4):
        y = row.evaluate(point, {})
        for book, partial in zip(row.textbook, slopes_of(row, point, y), strict=True):
            assert book(*point, y) == pytest.approx(partial, rel=1e-11)


# ------------------------------------------------------------------------------------ what partials are: one expression


@pytest.mark.parametrize("row", ROWS)
def test_partials_evaluated_on_nodes_have_the_numbers_saved_on_floats(row: Op) -> None:
    parameters = parameters_of(row)
    for point in ordinary_points(row, 5, seed=5):
        nodes = tuple([Value(x) for x in point])
        y = row.apply(nodes, parameters)
        graph = slopes_of(row, nodes, y, parameters)
        assert [getattr(p, "data", p) for p in graph] == pytest.approx(list(as_numbers(y.partials)), rel=1e-13, abs=1e-300)


@pytest.mark.parametrize("row", ROWS)
def test_second_derivatives_through_the_row_agree_with_differences_of_the_first(row: Op) -> None:
    parameters = parameters_of(row)
    for point in ordinary_points(row, 3, seed=6):
        nodes = tuple([Value(x) for x in point])
        y = row.apply(nodes, parameters)
        for i, partial in enumerate(slopes_of(row, nodes, y, parameters)):
            for node in nodes:
                node.zero_grad()
            if isinstance(partial, Value):
                partial.backward()
            for j, node in enumerate(nodes):
                h = 1e-5
                ahead, behind = (tuple([x + s * h * (j == k) for k, x in enumerate(point)]) for s in (1, -1))
                slopes = [slopes_of(row, p, row.evaluate(p, parameters), parameters)[i] for p in (ahead, behind)]
                assert node.grad == pytest.approx((slopes[0] - slopes[1]) / (2 * h), rel=1e-5, abs=1e-6)


# --------------------------------------------------------------------------------------- what a row declares


@pytest.mark.parametrize("row", ROWS)
def test_row_is_documented_and_spells_itself_on_its_own_operands(row: Op) -> None:
    names = {name: f"[{name}]" for name in (*row.operands, *row.parameters)}
    for written in (row.spell(names), row.spell(names, latex=True)):
        assert not re.search(r"<\w+>", written)
        assert any(f"[{name}]" in written for name in row.operands)
    assert row.__doc__.endswith(".")
    assert row.__doc__.isascii() or "�" not in row.__doc__


FLOATS = st.sampled_from([0.0, -0.0, 1.0, -1.0, 5e-324, 1e308, -1e308, math.inf, -math.inf]) | st.floats(allow_nan=False)


@pytest.mark.parametrize("row", [row for row in ROWS if len(row.values[0].operands) == 1 and not row.values[0].variadic])
def test_row_raises_a_domain_error_exactly_outside_its_domain(row: Op) -> None:
    parameters = parameters_of(row)

    def check(x: float) -> None:
        try:
            row.evaluate((x,), parameters)
        except OverflowError:
            assert x in row.domain[0] or math.isinf(x)
        except (ValueError, ZeroDivisionError):
            assert x not in row.domain[0]
        else:
            assert x in row.domain[0]

    every("x", drawn(FLOATS))(check)()


@pytest.mark.parametrize("row", [row for row in ROWS if row.values[0].kinks])
def test_kink_lies_where_the_row_says(row: Op) -> None:
    for kink in row.kinks:
        assert kink.where
        assert kink.convention
        for point in kink.points:
            margin = kink.margin(point) if row.variadic else kink.margin(*point)
            assert margin == 0
            row.evaluate(point, parameters_of(row))


@pytest.mark.parametrize("row", [row for row in ROWS if hasattr(math, row.id or "")])
def test_value_is_that_of_math_to_the_bit(row: Op) -> None:
    """Where `math` has the function; what is left to convention there is tested with the conventions."""
    if row.variadic or row in (ops.floor, ops.ceil, ops.trunc):
        return
    wanted = getattr(math, row.__name__)

    def check(point: tuple[float, ...]) -> None:
        try:
            known = wanted(*point)
        except (ValueError, OverflowError) as error:
            refusals = (type(error), ZeroDivisionError) if row is ops.pow else (type(error),)
            with pytest.raises(refusals):
                row.evaluate(point, {})
        else:
            assert row.evaluate(point, {}).hex() == float(known).hex() or improves_on_math(row, point)

    every("point", drawn(tuples_of(FLOATS, len(row.operands))))(check)()


# ------------------------------------------------------------------------------------------------------- declaring a row


def by_name(row: Op) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """A point of the row as its public call takes it: (arguments in order, the same by keyword)."""
    (point,) = ordinary_points(row, 1, seed=12)
    if row.arrange is None:
        return point, dict(zip(row.names, point, strict=True))
    if row.arrange is tuple:
        return (list(point),), {row.names[0]: list(point)}
    half = len(point) // 2
    arguments = (list(point[:half]), list(point[half : 2 * half]), *point[2 * half :])
    return arguments, dict(zip(row.names, arguments, strict=True))


def needed(row: Op) -> dict[str, Any]:
    return {name: value for name, value in parameters_of(row).items() if name in row.required}


@pytest.mark.parametrize("row", [row for row in ROWS if row.values[0].call is None])
def test_operands_may_be_given_by_keyword_in_any_order_and_on_every_path(row: Op) -> None:
    arguments, named = by_name(row)
    expected = row(*arguments, **needed(row))
    assert row(**named, **needed(row)) == row(**dict(reversed([*named.items()])), **needed(row)) == expected
    nodes = {name: [*map(Value, x)] if isinstance(x, list) else Value(x) for name, x in named.items()}
    by_keyword, in_order = row(**nodes, **needed(row)), row(*nodes.values(), **needed(row))
    assert (by_keyword.data, by_keyword.partials) == (in_order.data, in_order.partials) == (expected, in_order.partials)
    first, *rest = named.items()
    if row.arrange is None:
        method = getattr(Value(first[1]), row.__name__)
        assert method(**dict(rest), **needed(row)).data == expected
    with pytest.raises(TypeError, match=r"missing|needs"):
        row(**dict(rest), **needed(row))
    with pytest.raises(TypeError, match="nonsense"):
        row(**named, **needed(row), nonsense=1.0)
    with pytest.raises(TypeError, match=first[0]):
        row(*arguments, **dict([first]), **needed(row))


NO_NUMBERS = ["a", None, [1.0], 1j, b"1", {}]


@every("wrong", [*NO_NUMBERS, 0.5, "1"])
@pytest.mark.parametrize("row", [row for row in ROWS if row.values[0].kinds])
def test_a_parameter_that_is_no_number_is_refused_by_name_on_every_path(row: Op, wrong: Any) -> None:
    """At points where the value would never look at it, too."""
    (point,) = ordinary_points(row, 1, seed=13)
    for name, kind in row.kinds.items():
        if wrong == 0.5 and kind == "float":
            continue
        parameters = {**parameters_of(row), name: wrong}
        paths = [point, tuple(map(Value, point)), tuple([Dual(x, 1.0) for x in point]), tuple(map(Symbol, map(str, point)))]
        for operands in paths:
            with pytest.raises(OperandError, match=f"^{row.__name__}: {name} = .* is no (whole )?number; give it a"):
                row.apply(operands, parameters)


def test_numbers_of_other_types_are_parameters_too() -> None:
    assert ops.elu(-1.0, alpha=2) == ops.elu(-1.0, alpha=np.float64(2.0)) == ops.elu(-1.0, alpha=Fraction(2)) == ops.elu(-1.0, 2.0)
    assert ops.polygamma(1.5, n=np.int64(2)) == ops.polygamma(1.5, n=2)
    for row, parameters in [(ops.softmax, {"k": 0.5}), (ops.softmax, {"k": "a"}), (ops.cross_entropy, {"target": None})]:
        for xs in ([1.0, 2.0], [Value(1.0), 2.0]):
            with pytest.raises(OperandError, match="is no whole number"):
                row(xs, **parameters)
            with pytest.raises(OperandError, match="is no whole number"):
                row(xs, *parameters.values())


def test_the_sum_of_nothing_is_0_and_what_has_no_value_on_nothing_is_refused() -> None:
    assert ops.sum([]) == ops.sum(xs=()) == 0.0
    assert type(ops.sum([])) is float
    for row in (ops.mean, ops.logsumexp):
        with pytest.raises(OperandError, match="at least one operand"):
            row([])


def test_a_closed_gate_is_none_and_a_computed_zero_is_a_number() -> None:
    assert ops.relu.local_derivatives((-1.0,), 0.0) == (None,)
    assert ops.relu.local_derivatives((Value(-1.0),), Value(0.0)) == (None,)
    assert ops.mul.local_derivatives((0.0, 2.0), 0.0)[1] == 0.0


def test_where_on_functions_calls_the_branch_it_takes_and_no_other() -> None:
    assert ops.where(True, lambda: 1.0, lambda: 1 / 0) == 1.0
    assert ops.where(False, lambda: 1 / 0, 2.0) == 2.0


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=8), st.randoms())
def test_sums_do_not_depend_on_the_order_of_their_operands(xs: list[float], rng: random.Random) -> None:
    shuffled = rng.sample(xs, len(xs))
    assert ops.sum(xs) == ops.sum(shuffled)
    assert ops.mean(xs) == ops.mean(shuffled)


def test_a_sum_may_overflow_on_its_way_and_still_be_right() -> None:
    assert ops.sum([1e308, 1e308, -1e308, -1e308, 1.0]) == pytest.approx(0.0, abs=1.0)
    assert ops.sum([1e308, 1e308, -1e308]) == 1e308
    assert ops.sum([1e308, 1e308]) == math.inf
    assert ops.mean([1.7e308, 1.7e308]) == 1.7e308
    assert math.isnan(ops.sum([math.inf, -math.inf]))


def test_mpmath_is_precise_enough_to_judge() -> None:
    """The oracle itself: e^−700 beside 1 is seen, and a wrong slope by one part in a million is not excused."""
    known = real_partial(ops.softplus, (-700.0,), {}, 0)
    assert abs(known / mpmath.exp(-700) - 1) < 1e-300 or abs(known - mpmath.exp(-700)) < mpmath.mpf("1e-600")
    wrong = op(lambda a: a * a, name="wrong", doc="Wrong by one part in a million.", partials=(lambda a, y: 2.000002 * a,),
               decomposition=lambda a: a * a)  # fmt: skip
    partial = slopes_of(wrong, (1.5,), 2.25)[0]
    assert abs(partial - real_partial(wrong, (1.5,), {}, 0)) > 1e-6
    del TABLE["wrong"]


HARD = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -2.0,
    5e-324,
    1e-300,
    -1e300,
    1.7976931348623157e308,
    math.inf,
    -math.inf,
    math.nan,
    40.0,
    -745.0,
    2.5,
]


@pytest.mark.parametrize("row", ROWS)
def test_wherever_a_row_has_a_value_its_partials_are_numbers(row: Op) -> None:
    """A partial that raised would take the forward pass down with it."""
    parameters, count = parameters_of(row), operand_count(row)
    for point in itertools.product(HARD[:: 1 if count < 3 else 3], repeat=count):
        try:
            y = row.evaluate(point, parameters)
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        assert all(isinstance(partial, float) for partial in slopes_of(row, point, y, parameters)), point


def test_log_takes_a_base_as_math_has_it() -> None:
    for a, base in ((8.0, 2.0), (8, 2), (0.1, 10.0), (5.0, 0.5), (1e300, 7.0)):
        assert ops.log(a, base) == ops.log(a, base=base) == ops.log(base=base, a=a) == math.log(a, base)
        x, b = Value(float(a)), Value(float(base))
        for y in (ops.log(x, b), x.log(b)):
            y.backward()
            assert y.data == math.log(a, base)
        assert x.grad == pytest.approx(2 / (a * math.log(base)), rel=1e-15)
        assert b.grad == pytest.approx(-2 * math.log(a) / (base * math.log(base) ** 2), rel=1e-15)
        assert jvp(ops.log, (float(a), float(base)), (1.0, 0.0))[1] == pytest.approx(1 / (a * math.log(base)), rel=1e-15)
    assert str(to_text(ops.log(Symbol("x"), Symbol("b")))) == "log(x) / log(b)"
    for a, base in ((8.0, 1.0), (Value(8.0), 1.0), (8.0, Value(1.0))):
        with pytest.raises(ZeroDivisionError, match=r"^log\(.*8\.0.*1\.0.*\): every power of the base 1 is 1"):
            ops.log(a, base)
    for a, base in ((8.0, -2.0), (0.0, 2.0), (8.0, 0.0)):
        with pytest.raises(ValueError, match=r"log.*outside"):
            ops.log(a, base)
    for wrong in ((), (1.0, 2.0, 3.0)):
        with pytest.raises(OperandError, match=f"not {len(wrong)}"):
            ops.log(*wrong)
    with pytest.raises(OperandError, match="no parameter nonsense"):
        ops.log(8.0, 2.0, nonsense=1.0)
