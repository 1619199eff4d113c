"""Every float through every row: what Python's `math` answers, to the bit, or the exception it raises.

Loops over the table: a row is held against the function of its name in `math`, else in `operator`. Named here are only the
places where the two conventions of Python itself part: floor and ceil of NaN, and 0.0 to a negative power, where `math.pow`
raises a ValueError and `**` a ZeroDivisionError.
"""

from __future__ import annotations

import inspect
import math
import operator
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import as_numbers, improves_on_math

from autograd import AutogradError, Value
from autograd.ops import TABLE, Op

pytestmark = pytest.mark.thorough

ROWS = [pytest.param(row, id=name) for name, row in TABLE.items()]
REFUSALS = (ValueError, ZeroDivisionError, OverflowError)
OPERATORS = {"div": "truediv", "floor_div": "floordiv"}  # where `operator` has another name

SPECIAL = [
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, math.nan, math.inf, -math.inf, 5e-324, -5e-324, 2.2250738585072014e-308,
    -2.225073858507201e-308, 1.7976931348623157e308, -1.7976931348623157e308, math.nextafter(1.0, 2.0), math.nextafter(1.0, 0.0),
    math.nextafter(-1.0, 0.0), math.pi, -math.pi / 2, 709.782712893384, 709.7827128933841, 710.0, -745.13, 170.6, 171.7, 1e16,
    -1e16, 2.0**53,
]  # fmt: skip


def of_bits(bits: int) -> float:
    """The float with these 64 bits: every float, NaNs with payloads among them, is as likely as any other."""
    return float(struct.unpack("<d", struct.pack("<Q", bits))[0])


FLOATS = st.sampled_from(SPECIAL) | st.floats() | st.integers(0, 2**64 - 1).map(of_bits) | st.floats(-30.0, 30.0)


def parameters_of(row: Op) -> dict[str, Any]:
    return {name: 1 if name in row.required else default for name, default in row.parameters.items()}


def operands_of(row: Op) -> Any:
    """A strategy of operands: as many as the row takes."""
    if not row.variadic:
        return st.tuples(*[FLOATS] * len(row.operands))
    if row.arrange in (None, tuple):
        return st.lists(FLOATS, min_size=2, max_size=5).map(tuple)
    beside = len(inspect.signature(row.arrange).parameters) - 2  # type: ignore[arg-type]  # not None here
    return st.integers(1, 3).flatmap(lambda pairs: st.tuples(*[FLOATS] * (2 * pairs + beside)))


def reference_of(row: Op) -> Callable[..., Any] | None:
    """Python's own function for the row, if it has one that takes the same operands."""
    if row.variadic or row.parameters:
        return None
    name = row.__name__
    return getattr(math, name, None) or getattr(operator, OPERATORS.get(name, name), None)


def outcome(function: Callable[..., Any], operands: tuple[Any, ...]) -> Any:
    """The bits of the answer, or the type of the exception: the most special built-in one."""
    try:
        answer = function(*operands)
    except REFUSALS as error:
        return next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
    return bits_of(answer)


def bits_of(x: Any) -> str:
    assert type(x) is float, f"{x!r} is no float"
    return "nan" if math.isnan(x) else x.hex()


def by_convention(row: Op, operands: tuple[float, ...], answer: Any) -> Any:
    """Python's answer where it has two, or one of another type."""
    if row.__name__ in ("floor", "ceil", "trunc") and math.isnan(operands[0]):
        return "nan"
    if row.__name__ == "pow" and operands[0] == 0.0 and answer is ValueError:
        return ZeroDivisionError
    return answer


REFERRED = [row for row in ROWS if reference_of(row.values[0])]


def test_python_has_an_answer_for_half_of_the_table() -> None:
    assert len(REFERRED) >= 36
    assert {"sin", "pow", "gamma", "atan2", "div", "abs", "floor", "cbrt"} <= {row.id for row in REFERRED}


@pytest.mark.parametrize("row", REFERRED)
def test_every_float_gives_pythons_answer_to_the_bit_or_its_exception(row: Op) -> None:
    reference = reference_of(row)
    assert reference is not None

    def python(*operands: float) -> float:
        return float(reference(*operands))

    @settings(max_examples=120, database=None)
    @given(operands_of(row))
    def check(operands: tuple[float, ...]) -> None:
        expected = by_convention(row, operands, outcome(python, operands))
        assert outcome(row, operands) == expected or improves_on_math(row, operands)
        assert outcome(lambda *xs: row(*map(Value, xs)).data, operands) == outcome(row, operands)

    check()


@pytest.mark.parametrize("row", REFERRED)
def test_every_special_float_gives_pythons_answer(row: Op) -> None:
    """All of them and all pairs, none left to chance."""
    reference = reference_of(row)
    assert reference is not None
    every = [(x,) for x in SPECIAL] if len(row.operands) == 1 else [(x, y) for x in SPECIAL for y in SPECIAL]
    for operands in every:
        expected = by_convention(row, operands, outcome(lambda *xs: float(reference(*xs)), operands))
        assert outcome(row, operands) == expected or improves_on_math(row, operands), operands


@pytest.mark.parametrize("row", ROWS)
def test_numbers_and_nodes_and_a_mixture_give_the_same_bits_or_the_same_exception(row: Op) -> None:
    """Nothing but a ValueError, a ZeroDivisionError or an OverflowError is ever raised, and each is ours as well."""
    parameters = parameters_of(row)

    @settings(max_examples=40, database=None)
    @given(operands_of(row), st.data())
    def check(operands: tuple[float, ...], data: st.DataObject) -> None:
        expected = outcome(lambda *xs: row.apply(xs, parameters), operands)
        are_nodes = data.draw(st.lists(st.booleans(), min_size=len(operands), max_size=len(operands)).filter(any))
        mixed = tuple([Value(x) if is_node else x for x, is_node in zip(operands, are_nodes, strict=True)])
        assert outcome(lambda *xs: row.apply(xs, parameters).data, mixed) == expected
        if isinstance(expected, type):
            with pytest.raises(AutogradError, match=row.__name__):
                row.apply(mixed, parameters)

    check()


@pytest.mark.parametrize("row", ROWS)
def test_where_a_row_has_a_value_its_partials_are_floats(row: Op) -> None:
    parameters = parameters_of(row)

    @settings(max_examples=40, database=None)
    @given(operands_of(row))
    def check(operands: tuple[float, ...]) -> None:
        nodes = tuple(map(Value, operands))
        try:
            y = row.apply(nodes, parameters)
        except REFUSALS:
            return
        assert [type(partial) for partial in as_numbers(y.partials)] == [float] * len(nodes)
        y.backward()
        assert all(type(node.grad) is float for node in nodes)

    check()


@pytest.mark.parametrize(
    "row", [row for row in ROWS if not reference_of(row.values[0]) and "condition" not in row.values[0].parameters]
)
def test_nan_in_any_place_gives_nan(row: Op) -> None:
    """Where `math` is no reference."""
    parameters = parameters_of(row)

    @settings(max_examples=30, database=None)
    @given(operands_of(row), st.integers(0, 9))
    def check(operands: tuple[float, ...], place: int) -> None:
        place %= len(operands)
        with_nan = (*operands[:place], math.nan, *operands[place + 1 :])
        try:
            y = row.apply(with_nan, parameters)
        except ValueError:  # another operand is outside its domain
            assert any(x not in row.domain_of(i) for i, x in enumerate(with_nan)) or row.restriction
        else:
            assert math.isnan(y), with_nan

    check()
