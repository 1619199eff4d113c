"""The functions that loops run on vectors: within 4 ulp of the true value, at every size and at every edge."""

from __future__ import annotations

import ctypes
import math
import random
from collections.abc import Callable

import mpmath
import pytest
from needed import unavailable

from autograd.rowcode.machine import Machine, is_there, vectorised, whole

ULPS = 4.0
LN2 = math.log(2.0)
LOOP = """
define void @run(ptr noalias %x, ptr noalias %y, i64 %n) {{
entry:
  br label %body
body:
  %i = phi i64 [ 0, %entry ], [ %next, %body ]
  %x.i = getelementptr double, ptr %x, i64 %i
  %given = load double, ptr %x.i
  %made = call double @vector.{}(double %given)
  %y.i = getelementptr double, ptr %y, i64 %i
  store double %made, ptr %y.i
  %next = add nsw i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %body, label %after
after:
  ret void
}}
"""


@pytest.fixture(scope="module", autouse=True)
def needs_llvmlite() -> None:
    if not is_there():
        unavailable("no llvmlite: pip install scalar-autograd[compile]")


def near(x: float, rng: random.Random) -> float:
    """A number within a few units in the last place."""
    return x * (1.0 + rng.randint(-4, 4) * 2.0**-52)


DRAWS: dict[str, list[Callable[[random.Random], float]]] = {
    "exp": [
        lambda rng: rng.uniform(-745.2, 709.8),
        lambda rng: rng.uniform(-745.2, -708.0),  # the result is subnormal
        lambda rng: rng.choice([-1.0, 1.0]) * 2.0 ** rng.uniform(-1074.0, 9.4),
        lambda rng: near((rng.randint(-1074, 1023) + 0.5) * LN2, rng),  # between two powers of two
    ],
    "tanh": [
        lambda rng: rng.uniform(-23.0, 23.0),
        lambda rng: rng.uniform(-0.5, 0.5),
        lambda rng: rng.choice([-1.0, 1.0]) * 2.0 ** rng.uniform(-1074.0, 1023.9),
        lambda rng: near((rng.randint(-32, 32) + 0.5) * LN2 / 2.0, rng),
    ],
    "log": [
        lambda rng: 2.0 ** rng.uniform(-1074.0, 1023.9),
        lambda rng: 1.0 + rng.choice([-1.0, 1.0]) * 2.0 ** rng.uniform(-52.0, -2.0),
        lambda rng: rng.uniform(0.5, 2.0),
        lambda rng: near(math.sqrt(0.5) * 2.0 ** rng.randint(-1021, 1023), rng),  # where 1 + f is cut
    ],
    "exp2": [
        lambda rng: rng.uniform(-1075.0, 1024.0),
        lambda rng: rng.randint(-1075, 1023) + 0.5 + rng.uniform(-1e-9, 1e-9),
        lambda rng: rng.choice([-1.0, 1.0]) * 2.0 ** rng.uniform(-1074.0, 10.0),
        lambda rng: float(rng.randint(-1074, 1023)),
    ],
    "expm1": [
        lambda rng: rng.uniform(-60.0, 709.7),
        lambda rng: rng.uniform(-2.0, 2.0),
        lambda rng: rng.choice([-1.0, 1.0]) * 2.0 ** rng.uniform(-1074.0, 9.4),
        lambda rng: near((rng.randint(-90, 1023) + 0.5) * LN2, rng),
    ],
    "sinh": [
        lambda rng: rng.uniform(-710.4, 710.4),
        lambda rng: rng.uniform(-2.0, 2.0),
        lambda rng: rng.choice([-1.0, 1.0]) * rng.uniform(0.95, 1.05),  # between two formulas
        lambda rng: rng.choice([-1.0, 1.0]) * 2.0 ** rng.uniform(-1074.0, 9.4),
    ],
    "cosh": [
        lambda rng: rng.uniform(-710.4, 710.4),
        lambda rng: rng.uniform(-2.0, 2.0),
        lambda rng: near((rng.randint(0, 1023) + 0.5) * LN2, rng),
    ],
    "erfc": [
        lambda rng: rng.uniform(-6.5, 27.3),
        lambda rng: rng.uniform(26.0, 27.3),  # the result is subnormal
        lambda rng: rng.choice([-1.0, 1.0]) * rng.uniform(0.4, 0.6),
        lambda rng: rng.choice([-1.0, 1.0]) * 2.0 ** rng.uniform(-1074.0, 4.7),
    ],
    "erf": [
        lambda rng: rng.uniform(-6.5, 6.5),
        lambda rng: rng.choice([-1.0, 1.0]) * rng.uniform(0.9, 1.1),  # between two formulas
        lambda rng: rng.choice([-1.0, 1.0]) * 2.0 ** rng.uniform(-1074.0, 1023.9),
    ],
    "log1p": [
        lambda rng: 2.0 ** rng.uniform(-1074.0, 1023.9),
        lambda rng: -(2.0 ** rng.uniform(-1074.0, 0.0)),
        lambda rng: rng.uniform(-1.0, 1.0),
        lambda rng: rng.uniform(-1.0, 1.0) * 2.0 ** rng.randint(-56, -48),  # 1 + x is rounded much
    ],
}
TURNS: list[Callable[[random.Random], float]] = [
    lambda rng: rng.uniform(-8.0, 8.0),
    lambda rng: rng.choice([-1.0, 1.0]) * 2.0 ** rng.uniform(-1074.0, 40.0),
    lambda rng: near(rng.randint(-(2**20), 2**20) * math.pi / 2.0, rng),  # zeros and extrema
    lambda rng: near(rng.randint(-(2**40), 2**40) * math.pi / 2.0, rng) / 2.0,
    lambda rng: near((2 * rng.randint(-200, 200) + 1) * math.pi / 4.0, rng),  # between two quarters
]
DRAWS |= dict.fromkeys(("log2", "log10"), DRAWS["log"])
TURNING = ("sin", "cos", "tan")
FUSED = (*TURNING, "erfc")  # they are for machines that multiply and add at once
DRAWS |= dict.fromkeys(TURNING, TURNS)
EDGES = [0.0, 5e-324, 2.0**-1022, 1.0, 22.0, 709.782712893384, 709.782712893385, 745.0, 746.0, 2.0**1023, math.inf]

AT_EDGES: dict[str, tuple[dict[float, float], float]] = {  # with the value at −0
    "exp": ({0.0: 1.0, 710.0: math.inf, 1.7e308: math.inf, math.inf: math.inf, -746.0: 0.0, -1.7e308: 0.0, -math.inf: 0.0}, 1.0),
    "tanh": ({0.0: 0.0, 22.5: 1.0, 1.7e308: 1.0, math.inf: 1.0, -math.inf: -1.0, 5e-324: 5e-324, -5e-324: -5e-324}, -0.0),
    "log1p": ({0.0: 0.0, 5e-324: 5e-324, -5e-324: -5e-324, -1.0: -math.inf, -1.5: math.nan, math.inf: math.inf}, -0.0),
    "erf": ({0.0: 0.0, 5e-324: 5e-324, -5e-324: -5e-324, 6.5: 1.0, 1.7e308: 1.0, math.inf: 1.0, -math.inf: -1.0}, -0.0),
    "sin": ({0.0: 0.0, 5e-324: 5e-324, -5e-324: -5e-324, 2.0**41: math.nan, math.inf: math.nan, -math.inf: math.nan}, -0.0),
    "cos": ({0.0: 1.0, 5e-324: 1.0, -1e-20: 1.0, -(2.0**41): math.nan, math.inf: math.nan, -math.inf: math.nan}, 1.0),
    "tan": ({0.0: 0.0, 5e-324: 5e-324, -5e-324: -5e-324, 2.0**41: math.nan, math.inf: math.nan, -math.inf: math.nan}, -0.0),
    "exp2": ({0.0: 1.0, 3.0: 8.0, 1024.0: math.inf, 1.7e308: math.inf, math.inf: math.inf, -1076.0: 0.0, -math.inf: 0.0}, 1.0),
    "expm1": ({0.0: 0.0, 5e-324: 5e-324, -5e-324: -5e-324, 710.0: math.inf, math.inf: math.inf, -1e3: -1.0, -math.inf: -1.0}, -0.0),
    "sinh": ({0.0: 0.0, 5e-324: 5e-324, -5e-324: -5e-324, 711.0: math.inf, math.inf: math.inf, -1.7e308: -math.inf}, -0.0),
    "cosh": ({0.0: 1.0, 5e-324: 1.0, 711.0: math.inf, -711.0: math.inf, math.inf: math.inf, -math.inf: math.inf}, 1.0),
    "erfc": ({0.0: 1.0, 5e-324: 1.0, 27.5: 0.0, 1.7e308: 0.0, math.inf: 0.0, -7.0: 2.0, -math.inf: 2.0}, 1.0),
    "log2": ({0.0: -math.inf, 1.0: 0.0, 5e-324: -1074.0, 8.0: 3.0, math.inf: math.inf, -1.0: math.nan}, -math.inf),
    "log10": ({0.0: -math.inf, 1.0: 0.0, 10.0: 1.0, 1000.0: 3.0, 1e22: 22.0, math.inf: math.inf, -1.0: math.nan}, -math.inf),
    "log": ({0.0: -math.inf, 1.0: 0.0, math.inf: math.inf, -5e-324: math.nan, -1.0: math.nan, -math.inf: math.nan}, -math.inf),
}


TRUE: dict[str, Callable[[mpmath.mpf], mpmath.mpf]] = {  # what mpmath calls otherwise
    "exp2": lambda x: mpmath.power(2, x),
    "log2": lambda x: mpmath.log(x, 2),
}


def on_vectors(name: str, xs: list[float], *, fused: bool, level: int) -> list[float]:
    """The function in a loop over all numbers."""
    machine = Machine(whole(LOOP.format(name), vectorised(fused=fused)), level)
    given, made = (ctypes.c_double * len(xs))(*xs), (ctypes.c_double * len(xs))()
    machine.function("run", None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)(given, made, len(xs))
    return list(made)


def error_of(y: float, true: mpmath.mpf) -> float:
    """How many units in the last place a number is away from the true value; infinity is right where that rounds to it."""
    if math.isinf(float(true)) or math.isinf(y):
        return 0.0 if y == float(true) else math.inf
    return float(abs(mpmath.mpf(y) - true) / math.ulp(float(true)))


@pytest.mark.parametrize(
    ("name", "fused"), [(name, fused) for name in DRAWS for fused in (True, False) if fused or name not in FUSED]
)
def test_a_function_on_vectors_is_within_4_ulp(name: str, fused: bool) -> None:
    """Also where the machine cannot multiply and add at once; the quick compilation gives the same bits."""
    rng = random.Random(name)
    xs = [draw(rng) for draw in DRAWS[name] for _ in range(700)]
    xs += [x for x in EDGES if 0.0 < x < (2.0**40 if name in TURNING else math.inf)]
    made = on_vectors(name, xs, fused=fused, level=2)
    assert made == on_vectors(name, xs, fused=fused, level=0)
    with mpmath.workprec(180):
        errors = [error_of(y, TRUE.get(name, getattr(mpmath, name, None))(mpmath.mpf(x))) for x, y in zip(xs, made, strict=True)]
    worst = max(range(len(xs)), key=errors.__getitem__)
    assert errors[worst] <= ULPS, (xs[worst], made[worst])


@pytest.mark.parametrize("name", DRAWS)
def test_an_edge_gives_what_libm_gives(name: str) -> None:
    """Signed zeros, infinities, NaN; where Python's `math` raises, the infinity or the NaN that libm returns."""
    edges, zero = AT_EDGES[name]
    xs, wanted = [*edges, -0.0, math.nan], [*edges.values(), zero, math.nan]  # 0.0 and −0.0 are one key
    for level in (0, 2):
        made = on_vectors(name, xs, fused=True, level=level)
        assert list(map(repr, made)) == list(map(repr, wanted)), level
