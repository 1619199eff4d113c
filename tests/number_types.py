"""Every number type of ours that takes part in a user's function, made from a float."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.checking import Complex
from autograd.transforms.forward import Dual, Pass, Series
from autograd.value import Value

FORWARD: dict[str, Callable[[float], Any]] = {
    "dual": lambda x: Dual(x, 1.0, 1),
    "dual of nodes": lambda x: Dual(Value(x), Value(1.0), 1),
    "dual of duals": lambda x: Dual(Dual(x, 1.0, 1), Dual(1.0, None, 1), 2),
    "series": lambda x: Series([x, 1.0, 0.0], Pass(2)),
    "series of nodes": lambda x: Series([Value(x), 1.0, 0.0], Pass(2)),
}
NUMBERS: dict[str, Callable[[float], Any]] = {"node": Value, **FORWARD, "complex step": lambda x: Complex(complex(x, 1e-200))}
