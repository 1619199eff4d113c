"""The table: known answers, the independent oracles, and what each row promises about itself."""

from __future__ import annotations

import cmath
import inspect
import itertools
import json
import math
import os
import pickle
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import complex_step_partial, dual_partial, improves_on_math, real_partial, real_value

from autograd import (
    AutogradError,
    DeclarationError,
    DivisionError,
    DomainError,
    Dual,
    MissingExtraError,
    OperandError,
    Value,
    grad,
    jvp,
    no_grad,
    ops,
)
from autograd.ops import CLOSED, TABLE, Domain, Op, op
from autograd.symbols import Symbol

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


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in GOLDEN])
def test_golden_point_is_right_to_16_units_in_the_last_place(case: dict[str, Any]) -> None:
    if case["raises"]:
        with pytest.raises({e.__name__: e for e in (ValueError, ZeroDivisionError, OverflowError)}[case["raises"]]):
            apply_golden(case)
        return
    y, gradients = apply_golden(case)
    assert ulps(y, from_hex(case["value_hex"])) <= 16
    wanted = [from_hex(text) for text in case["grad_hex"]]
    for i, (gradient, known) in enumerate(zip(gradients, wanted[: len(gradients)], strict=True)):
        # At a kink any subgradient is an answer; which one we give is a promise of its own, tested with the conventions.
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
    """Three where the number is free; two pairs where the row takes two sequences, and what stands beside them."""
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
        for i, partial in enumerate(row.local_derivatives(point, y, parameters)):
            known = real_partial(row, point, parameters, i)
            assert abs(partial - known) <= 3e-15 * (1 + abs(known)), (point, i)


@pytest.mark.parametrize("row", ROWS)
def test_partials_agree_with_dual_numbers(row: Op) -> None:
    parameters = parameters_of(row)
    for point in ordinary_points(row, 20, seed=1):
        y = row.evaluate(point, parameters)
        for i, partial in enumerate(row.local_derivatives(point, y, parameters)):
            known = dual_partial(row, point, parameters, i)
            assert known is None or partial == pytest.approx(known, rel=1e-12, abs=1e-13), (point, i)


@pytest.mark.parametrize("row", ROWS)
def test_partials_agree_with_the_complex_step(row: Op) -> None:
    """Im f(x + ih)/h with h = 1e-200 has no cancellation; rows that choose or measure are not analytic and are left out."""
    parameters = parameters_of(row)
    for point in ordinary_points(row, 20, seed=2):
        y = row.evaluate(point, parameters)
        for i, partial in enumerate(row.local_derivatives(point, y, parameters)):
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
        for node, partial in zip(nodes, row.local_derivatives(point, y, parameters), strict=True):
            assert node.grad == pytest.approx(partial, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("row", [row for row in ROWS if row.values[0].textbook])
def test_textbook_partial_equals_the_accurate_one_at_ordinary_points(row: Op) -> None:
    assert row.textbook is not None
    for point in ordinary_points(row, 20, seed=4):
        y = row.evaluate(point, {})
        for book, partial in zip(row.textbook, row.local_derivatives(point, y), strict=True):
            assert book(*point, y) == pytest.approx(partial, rel=1e-11)


# ------------------------------------------------------------------------------------ what partials are: one expression


@pytest.mark.parametrize("row", ROWS)
def test_partials_evaluated_on_nodes_have_the_numbers_saved_on_floats(row: Op) -> None:
    parameters = parameters_of(row)
    for point in ordinary_points(row, 5, seed=5):
        nodes = tuple([Value(x) for x in point])
        y = row.apply(nodes, parameters)
        graph = row.local_derivatives(nodes, y, parameters)
        assert [getattr(p, "data", p) for p in graph] == pytest.approx(list(y.partials), rel=1e-13, abs=1e-300)


@pytest.mark.parametrize("row", ROWS)
def test_second_derivatives_through_the_row_agree_with_differences_of_the_first(row: Op) -> None:
    parameters = parameters_of(row)
    for point in ordinary_points(row, 3, seed=6):
        nodes = tuple([Value(x) for x in point])
        y = row.apply(nodes, parameters)
        for i, partial in enumerate(row.local_derivatives(nodes, y, parameters)):
            for node in nodes:
                node.zero_grad()
            if isinstance(partial, Value):
                partial.backward()
            for j, node in enumerate(nodes):
                h = 1e-5
                ahead, behind = (tuple([x + s * h * (j == k) for k, x in enumerate(point)]) for s in (1, -1))
                slopes = [row.local_derivatives(p, row.evaluate(p, parameters), parameters)[i] for p in (ahead, behind)]
                assert node.grad == pytest.approx((slopes[0] - slopes[1]) / (2 * h), rel=1e-5, abs=1e-6)


# --------------------------------------------------------------------------------------- what a row says about itself


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

    @given(FLOATS)
    def check(x: float) -> None:
        try:
            row.evaluate((x,), parameters)
        except OverflowError:
            assert x in row.domain[0] or math.isinf(x)
        except (ValueError, ZeroDivisionError):
            assert x not in row.domain[0]
        else:
            assert x in row.domain[0]

    check()


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

    @given(st.tuples(*[FLOATS] * len(row.operands)))
    def check(point: tuple[float, ...]) -> None:
        try:
            known = wanted(*point)
        except (ValueError, OverflowError) as error:
            refusals = (type(error), ZeroDivisionError) if row is ops.pow else (type(error),)
            with pytest.raises(refusals):
                row.evaluate(point, {})
        else:
            assert row.evaluate(point, {}).hex() == float(known).hex() or improves_on_math(row, point)

    check()


# ------------------------------------------------------------------------------------------------------- declaring a row


def test_a_users_operation_is_a_first_class_one() -> None:
    @op(partials=(lambda a, y, *, times: times * ops.cos(a),), latex=r"<times> \sin <a>")
    def times_sine(a: float, *, times: float = 2.0) -> float:
        """A multiple of the sine."""
        return times * math.sin(a)

    x = Value(0.5, "x")
    y = times_sine(x, times=3.0) + x.times_sine()
    y.backward()
    assert y.data == 3 * math.sin(0.5) + 2 * math.sin(0.5)
    assert x.grad == pytest.approx(5 * math.cos(0.5), rel=1e-15)
    assert times_sine(0.5) == 2 * math.sin(0.5)
    assert times_sine.spell({"a": "x", "times": "2"}, latex=True) == r"2 \sin x"
    del TABLE["times_sine"]


def test_a_row_may_be_declared_again_where_it_was_declared_but_not_elsewhere() -> None:
    for _ in range(2):
        op(lambda a: a, name="again", doc="The same.", partials=(1.0,))
    del TABLE["again"]
    with pytest.raises(DeclarationError, match="taken"):
        op(lambda a: a, name="exp", doc="Not the exponential.", partials=(1.0,))
    assert ops.exp(1.0) == math.e


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


@pytest.mark.parametrize("wrong", [*NO_NUMBERS, 0.5, "1"], ids=repr)
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


def test_a_users_parameter_is_checked_where_its_default_or_annotation_says_what_it_is() -> None:
    @op(partials=(lambda a, y, *, times, mode, place: times,))
    def scaled(a: float, *, times: float = 2.0, mode: str = "plain", place: int) -> float:
        """A multiple."""
        return times * a

    try:
        assert scaled.kinds == {"times": "float", "place": "int"}
        assert scaled(3.0, mode=None, place=1) == 6.0
        with pytest.raises(OperandError, match="times = 'x' is no number"):
            scaled(3.0, times="x", place=1)
        with pytest.raises(OperandError, match=r"place = 1\.5 is no whole number"):
            scaled(3.0, place=1.5)
    finally:
        del TABLE["scaled"]


def test_the_sum_of_nothing_is_0_and_what_has_no_value_on_nothing_is_refused() -> None:
    assert ops.sum([]) == ops.sum(xs=()) == 0.0
    assert type(ops.sum([])) is float
    for row in (ops.mean, ops.logsumexp):
        with pytest.raises(OperandError, match="at least one operand"):
            row([])


def sound(**changes: Any) -> dict[str, Any]:
    return {"name": "sound", "doc": "Sound.", "partials": (lambda a, y: 2 * a,), **changes}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"doc": ""}, "sentence", id="no documentation"),
        pytest.param({"name": ""}, "identifier", id="no name"),
        pytest.param({"partials": ()}, "need 1 partials|need 2 partials", id="too few partials"),
        pytest.param({"partials": (1.0, 2.0, 3.0)}, "partials", id="too many partials"),
        pytest.param({"partials": (lambda a: 1.0,)}, "must take", id="partial without y"),
        pytest.param({"partials": ("2*a",)}, "give a float", id="partial that is text"),
        pytest.param({"domain": (Domain("[0, 1]"), Domain("[0, 1]"))}, "one Domain", id="two domains for one operand"),
        pytest.param({"domain": "positive"}, "Domain", id="domain that is text"),
        pytest.param({"text": "f(<b>)"}, "operands and parameters are", id="unknown name in the text"),
        pytest.param({"latex": "f(<b>)"}, "operands and parameters are", id="unknown name in the LaTeX"),
        pytest.param({"textbook": (1.0, 2.0)}, "textbook", id="too many textbook partials"),
    ],
)
def test_a_row_that_is_incomplete_or_wrong_in_form_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DeclarationError, match=complaint):
        op(lambda a: a * a, **sound(**changes))
    assert "sound" not in TABLE


def test_the_sound_row_of_that_test_is_accepted() -> None:
    assert op(lambda a: a * a, **sound())(3.0) == 9.0
    del TABLE["sound"]


def test_a_users_value_that_is_no_float_never_enters_a_graph() -> None:
    complex_root = op(lambda a: cmath.sqrt(a), name="complex_root", doc="Wrong.", partials=(1.0,))
    with pytest.raises(TypeError, match="complex"):
        complex_root(Value(-1.0))
    del TABLE["complex_root"]


@pytest.fixture
def declare() -> Iterator[Callable[..., Op]]:
    """Declares a row for one test."""
    known = set(TABLE)
    yield lambda value, partials, **rest: op(value, partials=partials, **{"name": "declared", "doc": "Of a test.", **rest})
    for name in set(TABLE) - known:
        del TABLE[name]


def recorded_state(*nodes: Value) -> list[tuple[float, float, bool]]:
    return [(node.data, node.grad, node.reached) for node in nodes]


NO_SLOPES = [None, "x", "1.0", 1j, [1.0], (1.0,), Value(2.0), ..., np.array([1.0, 2.0]), math.sin, 10**400]


@pytest.mark.parametrize("wrong", NO_SLOPES, ids=lambda wrong: f"{type(wrong).__name__} {wrong!r:.12}")
@pytest.mark.parametrize("form", ["one operand", "second of two", "one of many", "one of many beside a constant"])
def test_a_partial_that_is_no_number_is_refused_when_the_operation_runs(declare: Callable[..., Op], wrong: Any, form: str) -> None:
    many = declare(lambda xs: math.fsum(xs), lambda xs, y: [1.0] * (len(xs) - 1) + [wrong], name="many")
    two = declare(lambda a, b: a + b, (1.0, lambda a, b, y: wrong), name="two")
    one = declare(lambda a: a, (lambda a, y: wrong,), name="one")
    x, z = Value(1.0, "x"), Value(2.0, "z")
    (x * 5 + z * 7).backward()
    before = recorded_state(x, z)
    call, operand, name = {
        "one operand": (lambda: one(z), "a", "one"),
        "second of two": (lambda: two(x, z), "b", "two"),
        "one of many": (lambda: many([x, z]), "partial 2 of 2", "many"),
        "one of many beside a constant": (lambda: many([x, 3.0, z]), "partial 3 of 3", "many"),
    }[form]
    with pytest.raises(TypeError, match=rf"^{name}\(.*z = 2\.0.*{operand}.* is .*; return a float") as refusal:
        call()
    assert isinstance(refusal.value, AutogradError)
    assert recorded_state(x, z) == before
    with no_grad():
        assert call().operands == ()  # the value alone needs no partial


@pytest.mark.parametrize("count", [0, 1, 3], ids=lambda count: f"{count} for 2")
@pytest.mark.parametrize("form", [tuple, list, np.array, iter], ids=lambda form: form.__name__)
def test_as_many_partials_as_operands_are_needed_when_the_operation_runs(
    declare: Callable[..., Op], count: int, form: Callable[..., Any]
) -> None:
    few = declare(lambda xs: math.fsum(xs), lambda xs, y: form([1.0] * count))
    for operands in ([Value(1.0), Value(2.0, "b")], [5.0, Value(2.0, "b")]):
        with pytest.raises(DeclarationError, match=rf"b = 2\.0: its partials are {count} and its operands 2; give a tuple"):
            few(operands)
    with pytest.raises(DeclarationError, match="its operands 2"):
        grad(lambda a, b: few([a, b]))(1.0, 2.0)
    right = declare(lambda xs: math.fsum(xs), lambda xs, y: form([1.0] * len(xs)), name="right")
    assert grad(lambda a, b: right([a, 3.0, b]), argnums=(0, 1))(1.0, 2.0) == (1.0, 1.0)


@pytest.mark.parametrize("wrong", [5.0, {1.0: 2.0, 3.0: 4.0}, {1.0, 2.0}, None, "ab"], ids=repr)
def test_partials_that_are_in_no_order_are_refused(declare: Callable[..., Op], wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"^declared\(1\.0, 2\.0\): a partial raised TypeError"):
        declare(lambda xs: math.fsum(xs), lambda xs, y: wrong)([Value(1.0), Value(2.0)])


class Unusual(ArithmeticError):
    pass


RAISED = [
    ZeroDivisionError("z"), ValueError("v"), OverflowError("o"), TypeError("t"), KeyError("k"), NameError("n"), RecursionError("r"),
    AssertionError(), UnicodeDecodeError("ascii", b"", 0, 1, "u"), FileNotFoundError(2, "f"), Unusual("u"), DomainError("d"),
    MissingExtraError("library", "extra"),
]  # fmt: skip


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_an_error_inside_a_partial_is_of_ours_and_of_its_builtin_class_and_names_the_operation(
    declare: Callable[..., Op], error: Exception
) -> None:
    def fails(a: Any, y: Any) -> float:
        raise error

    row = declare(lambda a: 2 * a, (fails,))
    builtin = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins" and "Unicode" not in kind.__name__)
    x = Value(3.0, "x")
    for call, label in ((lambda: row(x), "x = 3.0: "), (lambda: grad(row)(3.0), ""), (lambda: jvp(row, (3.0,), (1.0,)), "")):
        with pytest.raises(builtin) as refusal:
            call()
        assert isinstance(refusal.value, AutogradError)
        assert str(refusal.value).startswith(f"declared(3.0): {label}the partial with respect to a raised {type(error).__name__}")
        assert refusal.value.__cause__ is error  # its traceback shows the line of the partial
        assert type(pickle.loads(pickle.dumps(refusal.value))) is type(refusal.value)
    with no_grad():
        assert row(x).data == row(3.0) == 6.0


def test_a_removable_singularity_in_a_partial_is_refused_with_the_cure(declare: Callable[..., Op]) -> None:
    row = declare(math.sqrt, (lambda a, y: 1 / (2 * y),))
    with pytest.raises(ZeroDivisionError, match=r"^declared\(0\.0\): z = 0\.0: .*respect to a .*where\(.*no_grad\(\)"):
        row(Value(0.0, "z"))
    cured = declare(math.sqrt, (lambda a, y: ops.where(y <= 0, math.inf, lambda: 1 / (2 * y)),), name="cured")
    assert cured(Value(0.0)).partials == (math.inf,)
    assert grad(grad(cured))(4.0) == -1 / 32


def test_an_error_in_a_partial_on_nodes_names_the_users_operation(declare: Callable[..., Op]) -> None:
    row = declare(lambda a: a * a, (lambda a, y: 2 * math.fabs(a),))
    with pytest.raises(TypeError, match=r"^declared\(Value.*the partial with respect to a raised OperandError"):
        grad(grad(row))(3.0)


@pytest.mark.parametrize("wrong", [None, "x", 1j, [1.0], Value(2.0)], ids=repr)
def test_a_users_value_that_is_no_number_names_the_operation(declare: Callable[..., Op], wrong: Any) -> None:
    row, many = declare(lambda a: wrong, (1.0,)), declare(lambda xs: wrong, lambda xs, y: (1.0,), name="many")
    for call in (lambda: row(Value(1.0)), lambda: row(1.0), lambda: many([Value(1.0)]), lambda: many([1.0])):
        with pytest.raises(TypeError, match=r"^(declared|many)\(1\.0\): its value is .*; return one number"):
            call()


def test_what_a_users_value_raises_names_the_operation(declare: Callable[..., Op]) -> None:
    row = declare(lambda a: a.size, (1.0,))
    with pytest.raises(AttributeError, match=r"^declared\(1\.0\): its value raised AttributeError: .*'size'") as refusal:
        row(Value(1.0))
    assert isinstance(refusal.value, AutogradError)


def test_a_library_function_declared_by_a_user_is_held_to_its_promise_too(declare: Callable[..., Op]) -> None:
    assert declare(math.floor, (0.0,))(Value(2.5)).data.hex() == (2.0).hex()  # it gives an int
    with pytest.raises(TypeError, match="its value is"):
        declare(math.modf, (1.0,))(Value(2.5))


def test_a_closed_gate_and_any_number_pass_a_users_partial(declare: Callable[..., Op]) -> None:
    for slope, saved in ((True, 1.0), (3, 3.0), (np.float64(2.5), 2.5), (Fraction(1, 4), 0.25), (math.inf, math.inf)):
        (partial,) = declare(lambda a: a, (_giving(slope),))(Value(1.0)).partials
        assert (type(partial), partial) == (float, saved)
    gate = declare(lambda a: a, (_giving(ops.CLOSED),))(Value(1.0))
    assert gate.edges[0][3] is False


def _giving(slope: Any) -> Callable[..., Any]:
    return lambda a, y: slope


CALLS = {
    "sum(5)": (lambda: ops.sum(5), r"^sum is called sum\(xs\) with a list .*'int'.*\[a, b\]"),
    "mean(None)": (lambda: ops.mean(None), r"^mean is called mean\(xs\) with a list .*'NoneType'"),
    "sum(bytes)": (lambda: ops.sum(b"ab"), r"^sum is called sum\(xs\) with a list .*bytes"),
    "sum(dict)": (lambda: ops.sum({1.0: 2.0}), r"^sum is called sum\(xs\) with a list .*mappings"),
    "dot(x, bytes)": (lambda: ops.dot([Value(1.0)], b"a"), r"^dot is called dot\(ws, xs\) with a list .*bytes"),
    "dot(x, x)": (lambda: ops.dot(Value(1.0), Value(1.0)), r"^dot is called dot\(ws, xs\) with a list .*'Value'"),
    "logsumexp(x)": (lambda: ops.logsumexp(Value(1.0)), r"^logsumexp is called logsumexp\(xs\) with a list .*'Value'"),
    "softmax(5)": (lambda: ops.softmax(5), r"^softmax is called softmax\(xs, k\) with a list .*'int'"),
    "softmax(bytes)": (lambda: ops.softmax(b"ab"), r"^softmax is called .*bytes"),
    "sum(a, b)": (lambda: ops.sum(1.0, 2.0), r"^sum is called sum\(xs\): not with 2 arguments"),
    "dot(x)": (lambda: ops.dot([1.0]), r"^dot is called dot\(ws, xs\): missing .*'xs'"),
    "where()": (lambda: ops.where(), r"^where is called where\(condition, a, b\): missing"),
    "where(1, 2, 3, 4)": (lambda: ops.where(True, 1.0, 2.0, 3.0), "^where is called .*: not with 4 arguments"),
}


@pytest.mark.parametrize(("call", "said"), CALLS.values(), ids=CALLS)
def test_a_call_that_does_not_fit_shows_how_the_operation_is_called(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(TypeError, match=said) as refusal:
        call()
    assert isinstance(refusal.value, AutogradError)


def test_an_error_inside_a_generator_of_operands_is_the_cause_of_the_refusal() -> None:
    with pytest.raises(TypeError, match="has no len") as refusal:
        ops.sum(len(x) for x in [1.0])  # type: ignore[arg-type]  # that is the mistake
    assert type(refusal.value.__cause__) is TypeError


def test_a_type_error_inside_a_lazy_branch_stays_the_users_own() -> None:
    with pytest.raises(TypeError, match=r"has no len\(\)"):
        ops.where(True, lambda: len(5), 1.0)  # type: ignore[arg-type]  # that is the mistake


def test_a_message_lists_a_few_of_many_operands() -> None:
    with pytest.raises(DivisionError) as refusal:
        Value(1.0) / 0.0
    assert str(refusal.value).startswith("div(1.0, 0.0)")
    with pytest.raises(ValueError, match=r"^logsumexp\(0\.0, 1\.0, ") as long:
        raise ops.logsumexp.refusal(ValueError("too many"), tuple(map(float, range(10_000))), [f"x{i}" for i in range(10_000)])
    assert len(str(long.value)) < 400
    assert "9999.0" in str(long.value)


@pytest.mark.parametrize("text", ["0, 1", "(0,1)", "[a, b]", ""])
def test_a_domain_that_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises((DeclarationError, ValueError)):
        Domain(text)


def test_parameters_that_do_not_fit_are_named() -> None:
    with pytest.raises(TypeError, match="no parameter slope; it has negative_slope"):
        ops.leaky_relu(1.0, slope=0.2)
    with pytest.raises(TypeError, match="1 operands"):
        ops.relu(1.0, 2.0)
    with pytest.raises(TypeError, match="needs the parameter n"):
        ops.polygamma(1.0)
    with pytest.raises(TypeError, match="same length are needed, not 1 and 2"):
        ops.dot([1.0], [1.0, 2.0])
    with pytest.raises(TypeError, match="'b'"):
        ops.affine([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(TypeError, match="empty"):
        ops.mean([])
    with pytest.raises(ValueError, match="no component 3"):
        ops.softmax([1.0, 2.0], 3)


def test_a_closed_gate_is_a_zero_told_by_identity() -> None:
    assert CLOSED == 0.0
    assert ops.relu.local_derivatives((-1.0,), 0.0)[0] is CLOSED
    assert ops.mul.local_derivatives((0.0, 2.0), 0.0)[1] is not CLOSED


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
    partial = wrong.local_derivatives((1.5,), 2.25)[0]
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
        assert all(isinstance(partial, float) for partial in row.local_derivatives(point, y, parameters)), point


def test_a_declared_operation_is_forgotten_by_itself_or_by_its_name_and_the_tables_own_stay():
    @op(partials=(2.0,))
    def twice_here(a):
        "Twice a."
        return 2 * a

    x = Value(3.0)
    y = twice_here(x)
    ops.forget(twice_here)
    assert "twice_here" not in TABLE
    with pytest.raises(AttributeError):
        x.twice_here()
    y.backward()
    assert (y.data, x.grad) == (6.0, 2.0)
    for gone in (twice_here, "twice_here", "nothing", None, 3):
        with pytest.raises(ops.DeclarationError):
            ops.forget(gone)
    again = op(lambda a: 2 * a, partials=(2.0,), name="twice_here", doc="Twice a.")
    with pytest.raises(ops.DeclarationError, match="no operation of the table"):
        ops.forget(twice_here)  # another of its name is there now
    ops.forget("twice_here")
    assert again not in TABLE.values()
    for own in ("tanh", TABLE["add"]):
        with pytest.raises(ops.DeclarationError, match="stays"):
            ops.forget(own)
    assert TABLE["tanh"](0.5) == math.tanh(0.5)


def test_an_operation_left_in_the_table_by_a_test_is_taken_out_after_it(tmp_path):
    """The next test that walks the table would call it, in whatever order the two run."""
    root = Path(ops.__file__).parent.parent
    (tmp_path / "conftest.py").write_text((root / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "test_left.py").write_text(
        "from autograd import TABLE, op\n\n"
        "def test_first():\n"
        "    op(lambda a: missing, partials=(1.0,), name='left_behind', doc='It calls what is not there.')\n"
        "    del TABLE['tanh']\n\n"
        "def test_second():\n"
        "    assert 'left_behind' not in TABLE\n"
        "    assert 'tanh' in TABLE\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    run = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(root)}, check=False
    )
    assert run.returncode == 0, run.stdout
