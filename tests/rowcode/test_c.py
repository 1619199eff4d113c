"""Rows as code: what is read from Python says in C what it says in Python, to the bit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kernels import Kernels, compiler
from points_of_rows import EXTREMES, ROWS, attempt, bits, partials, points_of

from autograd import ops
from autograd.ops import CLOSED, TABLE, Op, op
from autograd.rowcode.form import FLOAT, Constant, Function, Name, Operation, Return, Unreadable
from autograd.rowcode.program import Program


@pytest.fixture(autouse=True)
def the_table_as_it_was() -> Iterator[None]:
    rows = dict(TABLE)
    yield
    TABLE.clear()
    TABLE.update(rows)


@pytest.mark.parametrize("row", ROWS)
def test_the_printed_c_of_a_row_is_python_to_the_bit(row: Op, kernels: Kernels) -> None:
    compared = 0
    for xs, parameters, active in points_of(row):
        expected = attempt(lambda x, p: row.value(x, **p) if row.variadic else row.value(*x, **p), xs, parameters)
        assert attempt(kernels.value, row, xs, parameters) == expected, (xs, parameters)
        if not isinstance(expected, type):
            y = float(row.value(xs, **parameters) if row.variadic else row.value(*xs, **parameters))
            slopes = attempt(partials, row, xs, y, parameters, active)
            got = attempt(kernels.partials, row, xs, y, parameters, active)
            assert got == slopes or (isinstance(got, type) and isinstance(slopes, type)), (xs, parameters, active)
            compared += 1
    assert compared > 20


CANCELLING = [
    (-1.0, math.log1p(-math.exp(-1.0))), (-math.log(2.0), -math.log(2.0)), (-22.3, -2e-10), (-1e-300, -700.0), (-5e-324, -745.0),
    (-0.4586751453870819, -1.0), (-30.0, -9.357622968840175e-14), (-1e-8, -18.420680743952367),
]  # fmt: skip


@pytest.mark.parametrize("operands", CANCELLING)
def test_the_printed_c_cancels_in_whole_numbers_as_python_does(operands: tuple[float, float], kernels: Kernels) -> None:
    for row, xs in ((ops.logaddexp, operands), (ops.logsumexp, operands), (ops.logsumexp, (*operands, -800.0))):
        expected = row.value(xs) if row.variadic else row.value(*xs)
        assert bits(kernels.value(row, xs, {})) == bits(expected)


# ---------------------------------------------------------------------------------------------------------------- what is read


def read(function: Any, *names: str) -> Function:
    return Program().function(function, [Name(name, FLOAT) for name in names]).function


def test_a_function_is_read_once_for_the_types_that_it_is_called_with() -> None:
    program = Program()
    for row in (ops.sigmoid, ops.silu, ops.softplus):
        program.value(row)
        program.partials(row)
    assert [f.name for f in program.functions.values()].count("sigmoid") == 1


def test_a_choice_keeps_both_branches_and_what_is_known_is_decided_now() -> None:
    width = 2.0

    def chosen(a: float) -> float:
        return a * width**3 if a > 0 else (0.0 if width > 1 else a)

    (statement,) = read(chosen, "a").body
    assert isinstance(statement, Return)
    condition, a, b = statement.value.parts
    assert statement.value.sign == "choose"
    assert condition == Operation(">", (Name("a", FLOAT), Constant(0.0, FLOAT)), "truth")
    assert a.parts[1] == Constant(8.0, FLOAT)
    assert b == Constant(0.0, FLOAT)


KEPT: list[float] = []


def looked_up(a: float) -> float:
    return {1.0: 2.0}[a] + len({a})


def kept(a: float) -> float:
    KEPT.append(a)
    return a


def unpacked(a: float) -> float:
    b, c = (a, a, a)  # type: ignore[misc]  # three for two
    return b + c


def undefined(a: float) -> float:
    return a + nowhere  # type: ignore[name-defined]  # noqa: F821


def ended(a: float) -> float:
    for _ in range(2):
        a += 1.0
    else:
        a += 2.0
    return a


def applied(function: Any, a: float) -> float:
    return function(a) + 1.0  # type: ignore[no-any-return]  # a float


def passed(a: float) -> float:
    b = 2.0 * a
    return applied(lambda x: x * b, a)


def swapped(a: float) -> float:
    xs = [a, 2.0 * a]
    xs[0], xs[1] = xs[1], xs[0]
    return xs[0]


def shrinking(a: float) -> float:
    n = 4
    for i in range(n):
        n -= 1
        a += i
    return a


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (shrinking, "a loop over what it changes"),
        (looked_up, "a dict as a value"),
        (kept, "a list that is not the function's"),
        (unpacked, "an unpacking into 2"),
        (undefined, "name 'nowhere' is not defined"),
        (ended, "the statement 'for _ in range"),
        (swapped, "an assignment to targets that are read at once"),
        (passed, "a call of a function inside another function"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name_and_line(function: Any, reason: str) -> None:
    with pytest.raises(Unreadable, match=rf"{reason}.*, in line \d+ of test_c.py"):
        read(function, "a")
    assert KEPT == []


def test_a_closed_gate_takes_part_in_no_arithmetic() -> None:
    row = op(
        lambda a: a, name="gated", doc="A gate in a sum.", partials=(lambda a, y: ops.where(a > 0, CLOSED, 1.0) + 1.0,)
    )  # fmt: skip
    with pytest.raises(Unreadable, match=r"gate \+"):
        Program().partials(row)


def after_loops(a: float) -> float:
    last, total = 0, 0.0
    for i in range(4):
        last = i
        total += a / (i + 1)
    for x in (a, 2.0 * a, 3.0 * a):
        before = x
    return total + 10.0 * last + 100.0 * i + before


def test_the_index_and_the_variables_of_a_loop_keep_their_last_values(tmp_path: Path) -> None:
    row = op(after_loops, doc="Names of loops, after them.", partials=(1.0,))
    kernels = Kernels([row], tmp_path, compiler())
    for a in (0.3, -7.0):
        assert kernels.value(row, (a,), {}) == after_loops(a)


def spanned(a: float, b: float) -> float:
    return max(a, b) - min(a, b, 1.0) + 100.0 * max([a, *(x * b for x in (a, b))]) + 1e4 * min(x - b for x in (a, b, 0.5))


def test_the_least_is_found_as_the_opposite_of_the_greatest(tmp_path: Path) -> None:
    row = op(spanned, doc="Extremes of two and of several.", partials=(1.0, 1.0))
    kernels = Kernels([row], tmp_path, compiler())
    for xs in [(a, b) for a in EXTREMES for b in EXTREMES]:
        assert attempt(kernels.value, row, xs, {}) == attempt(spanned, *xs), xs


def test_a_local_variable_is_widened_where_it_holds_a_float_later() -> None:
    def widened(a: float) -> float:
        total = 0
        for k in range(3):
            total = total + k * a
        return total

    assert read(widened, "a").locals["total"] == FLOAT
