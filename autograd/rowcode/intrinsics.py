"""Functions that are not read but written once for each target: Python's `math`, its operators, a few builtins.

JavaScript calls an intrinsic `math.exp` or `python.divide` (`math.js`), C calls it `rows_exp` or `rows_divide` (`intrinsics.h`).
Both raise where Python raises, and round as Python does.
"""

from __future__ import annotations

import builtins
import math
import operator
from dataclasses import dataclass
from typing import Any

from autograd import special
from autograd.rowcode.form import ARRAY, FLOAT, TRUTH, WHOLE, Type

__all__ = ["INTRINSICS", "SIGNS", "Intrinsic", "intrinsic_of"]


@dataclass(frozen=True)
class Intrinsic:
    """A function that every target has."""

    name: str  # as JavaScript calls it
    parameters: tuple[Type, ...]
    type: Type
    raises: bool  # whether it may raise


def _family(names: str, parameters: tuple[Type, ...], result: Type, *, raises: bool) -> dict[str, Intrinsic]:
    return {name: Intrinsic(name, parameters, result, raises) for name in names.split()}


# fmt: off
INTRINSICS: dict[str, Intrinsic] = {
    **_family("math.sqrt math.exp math.exp2 math.expm1 math.log math.log2 math.log10 math.log1p math.sin math.cos math.tan "
              "math.asin math.acos math.sinh math.cosh math.acosh math.atanh math.gamma math.lgamma",
              (FLOAT,), FLOAT, raises=True),
    **_family("math.floor math.ceil math.trunc python.round", (FLOAT,), WHOLE, raises=True),
    **_family("math.cbrt math.atan math.tanh math.asinh math.erf math.erfc math.fabs math.ulp math.degrees math.radians",
              (FLOAT,), FLOAT, raises=False),
    **_family("math.pow math.fmod python.power python.divide python.modulo python.floor_divide",
              (FLOAT, FLOAT), FLOAT, raises=True),
    **_family("math.atan2 math.hypot math.copysign math.nextafter python.max python.min", (FLOAT, FLOAT), FLOAT, raises=False),
    **_family("math.frexp", (FLOAT,), (FLOAT, WHOLE), raises=False),
    **_family("special.exponentials_less_one", (ARRAY,), FLOAT, raises=True),
    **_family("math.isnan math.isinf math.isfinite", (FLOAT,), TRUTH, raises=False),
    **_family("math.ldexp python.round_to", (FLOAT, WHOLE), FLOAT, raises=True),
    **_family("math.factorial", (WHOLE,), FLOAT, raises=True),
    **_family("math.fsum", (ARRAY,), FLOAT, raises=True),
    **_family("math.prod python.sum python.largest python.smallest", (ARRAY,), FLOAT, raises=False),
    **_family("python.any python.all", ("[truth]",), TRUTH, raises=False),
    **_family("python.chosen", (TRUTH, FLOAT, FLOAT), FLOAT, raises=False),
    **_family("python.modulo_whole python.divide_whole", (WHOLE, WHOLE), WHOLE, raises=True),
}
SIGNS: dict[Any, str] = {  # functions that are written as a sign
    operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/", operator.pow: "**", builtins.pow: "**",
    operator.mod: "%", operator.floordiv: "//", operator.neg: "neg", operator.pos: "pos",
}
# fmt: on


def intrinsic_of(function: Any) -> Intrinsic | None:
    """The intrinsic for a function of `math` or a builtin, if there is one."""
    name = getattr(function, "__name__", "")
    if function in (builtins.abs, operator.abs):
        return INTRINSICS["math.fabs"]
    for module, place in ((math, "math"), (builtins, "python"), (special, "special")):
        if getattr(module, name, None) is function:
            return INTRINSICS.get(f"{place}.{name}")
    return None
