"""Functions that are not read but written once for each target: what its own library has, raising where Python raises.

JavaScript calls an intrinsic `math.exp` or `python.divide` (`math.js`), C calls it `rows_exp` or `rows_divide` (`intrinsics.h`);
a function of `math` that never raises is libm's own, `atan`. `algorithms` has what no target's library has.
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from typing import Any

from autograd.rowcode.form import FLOAT, TRUTH, WHOLE, Intrinsic, Type


def _family(module: Any, names: str, parameters: tuple[Type, ...], result: Type, *, raises: bool) -> dict[Any, Intrinsic]:
    place = module.__name__.removeprefix("autograd.").replace("builtins", "python")
    return {getattr(module, name): Intrinsic(place, name, parameters, result, raises) for name in names.split()}


# fmt: off
INTRINSICS: dict[Callable[..., Any], Intrinsic] = {
    **_family(math, "sqrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos sinh cosh acosh atanh",
              (FLOAT,), FLOAT, raises=True),
    **_family(math, "floor ceil trunc", (FLOAT,), WHOLE, raises=True),
    **_family(builtins, "round", (FLOAT,), WHOLE, raises=True),
    **_family(math, "cbrt atan tanh asinh erf erfc fabs", (FLOAT,), FLOAT, raises=False),
    **_family(math, "pow fmod", (FLOAT, FLOAT), FLOAT, raises=True),
    **_family(math, "atan2 copysign nextafter", (FLOAT, FLOAT), FLOAT, raises=False),
    **_family(math, "frexp", (FLOAT,), (FLOAT, WHOLE), raises=False),
    **_family(math, "ldexp", (FLOAT, WHOLE), FLOAT, raises=True),
    **_family(math, "isnan isinf isfinite", (FLOAT,), TRUTH, raises=False),
    operator.truediv: Intrinsic("python", "divide", (FLOAT, FLOAT), FLOAT, True),
}
INTRINSICS[builtins.abs] = INTRINSICS[operator.abs] = INTRINSICS[math.fabs]
ROUND_TO = Intrinsic("python", "round_to", (FLOAT, WHOLE), FLOAT, True)
CHOSEN = Intrinsic("python", "chosen", (TRUTH, FLOAT, FLOAT), FLOAT, False)  # a choice that evaluates both branches
SIGNS: dict[Callable[..., Any], str] = {  # functions that are written as a sign
    operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/", operator.pow: "**", builtins.pow: "**",
    operator.mod: "%", operator.floordiv: "//",
}
# fmt: on
