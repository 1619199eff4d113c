"""Rows as LLVM IR: every row of the table gives the bits that Python gives, and the same kind of error."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import pytest
from needed import unavailable
from points_of_rows import ROWS, attempt, partials, points_of

from autograd.ops import Op
from autograd.rowcode.entries import Entries
from autograd.rowcode.kernels import SUBSTITUTES
from autograd.rowcode.llvm import CLOSED
from autograd.rowcode.machine import Machine, is_there, whole

ERRORS = {1: ValueError, 2: ZeroDivisionError, 3: OverflowError}
ROOM = 100_000


class Run:
    """A function of a row in machine code, for operands in an array."""

    def __init__(self, row: Op, parameters: dict[str, Any], count: int, active: tuple[bool, ...] | None = None) -> None:
        entries = Entries(SUBSTITUTES)
        name = entries.value(row, parameters, count) if active is None else entries.slopes(row, parameters, active)
        self.width = 1 if active is None else sum(active)
        loads = [f"%g{i} = getelementptr double, ptr %xs, i64 {i}\n%x{i} = load double, ptr %g{i}" for i in range(count + 1)]
        given = [f"double %x{i}" for i in range(count)]
        if row.variadic:
            loads.append("%a = insertvalue { ptr, i64, i64 } undef, ptr %xs, 0")
            loads.append(f"%b = insertvalue {{ ptr, i64, i64 }} %a, i64 {count}, 1")
            loads.append(f"%c = insertvalue {{ ptr, i64, i64 }} %b, i64 {count}, 2")
            given = ["{ ptr, i64, i64 } %c"]
        both = ", ".join(["ptr %e", "ptr %p", *given])
        call = f"%y = call double {name}({both})\nstore double %y, ptr %out"
        if active is not None:
            call = f"call void {name}({both}, double %x{count}, ptr %out)"
        body = "\n".join([*loads, call, "ret void"])
        text = whole(f"define void @run(ptr %e, ptr %p, ptr %xs, ptr %out) {{\n{body}\n}}\n\n{entries.text()}")
        self.machine = Machine(text, 1)
        self.run = self.machine.function("run", None, *[ctypes.c_void_p] * 4)

    def __call__(self, xs: Sequence[float]) -> list[Any]:
        error, numbers, out = ctypes.c_int(0), (ctypes.c_double * ROOM)(), (ctypes.c_double * max(self.width, 1))()
        pool = (ctypes.c_uint64 * 3)(0, ROOM, ctypes.addressof(numbers))
        self.run(ctypes.byref(error), pool, (ctypes.c_double * len(xs))(*xs), out)
        if error.value:
            raise ERRORS[error.value]
        found = (ctypes.c_uint64 * max(self.width, 1)).from_buffer(out)
        return [None if f"0x{found[i]:016X}" == CLOSED else out[i] for i in range(self.width)]


@pytest.fixture(scope="module", autouse=True)
def needs_llvmlite() -> None:
    if not is_there():
        unavailable("no llvmlite: pip install scalar-autograd[compile]")


@pytest.mark.parametrize("row", ROWS)
def test_the_ir_of_a_row_is_python_to_the_bit(row: Op) -> None:
    """For the parameters, the number of operands and the nodes among them that occur most, since each combination is a module."""
    points = points_of(row)
    kinds: dict[Any, list[Any]] = {}
    for xs, parameters, active in points:
        kinds.setdefault((len(xs), repr(parameters), tuple(active)), []).append((xs, parameters, active))
    for (count, _, active), each in sorted(kinds.items(), key=lambda item: -len(item[1]))[:1]:
        value = Run(row, each[0][1], count)
        slopes = Run(row, each[0][1], count, active)
        for xs, parameters, _ in each:
            expected = attempt(lambda x, p: row.value(x, **p) if row.variadic else row.value(*x, **p), xs, parameters)
            assert attempt(lambda x, value=value: value(x)[0], xs) == expected, (xs, parameters)
            if not isinstance(expected, type):
                y = float(row.value(xs, **parameters) if row.variadic else row.value(*xs, **parameters))
                wanted = attempt(partials, row, xs, y, parameters, list(active))
                got = attempt(slopes, [*xs, y])
                assert got == wanted or (isinstance(got, type) and isinstance(wanted, type)), (xs, parameters, active)
