"""The reverse sweep: a slope whose branches may raise is the row's own, so that the program becomes machine code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from needed import unavailable

from autograd import Value, compile, reciprocal, sqrt, sum
from autograd.rowcode.machine import is_there

ROOTS: dict[str, Callable[[Any], Any]] = {
    "sqrt": sqrt,
    "1 / r": lambda r: 1.0 / r,
    "1 / sqrt": lambda r: 1.0 / sqrt(r),
    "r ** -0.5": lambda r: r**-0.5,
    "sqrt of reciprocal": lambda r: sqrt(reciprocal(r)),
}


@pytest.mark.parametrize("name", ROOTS)
def test_a_program_with_roots_and_quotients_is_machine_code_and_has_the_gradients_of_a_graph(name: str) -> None:
    if not is_there():
        unavailable("no llvmlite: pip install scalar-autograd[compile]")

    def energy(x: Any, y: Any, z: Any) -> Any:
        return sum([ROOTS[name]((a - b) ** 2 + 0.01) for a, b in ((x, y), (y, z), (x, z))])

    program, leaves = compile(energy, reduction="sum"), [Value(0.5), Value(-1.0), Value(2.0)]
    value, gradients = program.value_and_grad(*[[leaf.data, 3.0] for leaf in leaves])
    energy(*leaves).backward()
    assert program.stats["backend"] == "llvm"
    assert [column[0] for column in gradients.inputs] == pytest.approx([leaf.grad for leaf in leaves], rel=1e-12)
    assert value == pytest.approx(energy(*leaves).data + energy(3.0, 3.0, 3.0), rel=1e-12)
