"""The table of operations: an operation is one row, and everything else reads rows.

A row has the operation's value on floats (`value`), its local derivatives (`partials`), where it is defined
(`domain`), where a derivative is a convention (`kinks`), and how it is written. The idea that makes one row enough:

    *partials are ordinary expressions over the table's own operations.*

tanh, say, has ∂y/∂a = sech²(a). On floats that is a number, saved in the node when tanh runs. On nodes
the same lambda builds another graph, so a derivative can be differentiated again. On symbols it prints itself.

    >>> tanh(0.5)
    0.46211715726000974
    >>> tanh.local_derivatives((0.5,), tanh(0.5))
    (0.7864477329659274,)

Your own operation is declared the same way, in one place, and is then checked, drawn and differentiated like these:

    >>> @op(partials=(lambda a, y: 3 * square(a),), latex="<a>^3")
    ... def cube(a):
    ...     "The cube."
    ...     return a * a * a
    >>> cube(2.0), cube.local_derivatives((2.0,), 8.0)
    (8.0, (12.0,))

`autograd.operation` says what a row is. Conventions here: a, b operands, y the result. A partial has no Python `if` on
operands: `where` chooses, lazily if a branch is a lambda, so that the choice can be printed and compiled too.
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from types import FunctionType
from typing import TYPE_CHECKING, Any

from autograd import analytic, sequences, special
from autograd.domain import FINITE, NONNEGATIVE, NONZERO, POSITIVE, REAL
from autograd.domain import Domain as Domain
from autograd.domain import number as number
from autograd.errors import DivisionError, DomainError, OperandError
from autograd.floats import FLOATS, begin_table, end_table, expression, expression_or
from autograd.operation import ATOM, POWER, PRODUCT, SUM, UNARY
from autograd.operation import CLOSED as CLOSED
from autograd.operation import Kink as Kink
from autograd.operation import Loss as Loss
from autograd.operation import Op as Op
from autograd.operation import op as op
from autograd.special import INF, LN2, LOG2E, LOG10E, NAN, TWO_OVER_SQRT_PI
from autograd.table import TABLE as TABLE
from autograd.table import forget as forget
from autograd.table import lookup as lookup
from autograd.variants import variant as variant

begin_table(globals())


def _chosen(condition: Any, a: Any, b: Any) -> Any:
    branch = a if condition else b
    return branch() if type(branch) is FunctionType else branch


def _where(apply: Callable[..., Any], condition: Any, a: Any, b: Any) -> Any:
    """where(condition, a, b): lazy if a branch is a function, as partials use it; else a row with two operands."""
    handler = getattr(type(condition), "__autograd_condition__", None)
    if handler is not None:
        return handler(condition, *[None if branch is CLOSED else branch for branch in (a, b)])
    if isinstance(a, FunctionType) or isinstance(b, FunctionType) or a is CLOSED or b is CLOSED:
        return _chosen(condition, a, b)
    return apply((a, b), {"condition": bool(condition)})


# ------------------------------------------------------------------------------------------------------------ arithmetic
# Read a row downward: name and value, then one partial for each operand, then how it is written.

where: Op = op(
    lambda a, b, *, condition: a if condition else b,
    name="where", noun="the choice", doc="<a> where the condition holds, else <b>; nothing flows into the branch not taken.",
    partials=(lambda a, b, y, *, condition: 1.0 if condition else CLOSED,
              lambda a, b, y, *, condition: CLOSED if condition else 1.0),
    text="where(<condition>, <a>, <b>)", latex=r"\begin{cases}<a> & \text{if <condition>}\\<b> & \text{otherwise}\end{cases}",
    call=_where, analytic=lambda a, b, *, condition: a if condition else b,
)  # fmt: skip
FLOATS["where"] = _chosen


def _number_of(x: Any) -> Any:
    """Return the number of an operand, None for a symbol."""
    return x if type(x) is float else getattr(x, "data", None)


@expression_or(builtins.abs)
def _size(x: Any) -> Any:
    """|x| for a comparison of sizes: a number, which has no kink at 0; of a symbol an expression."""
    size = _number_of(x)
    return abs(x) if size is None else builtins.abs(size)


add: Op = op(
    operator.add, name="add", noun="addition", doc="The sum of two.", symbol="+", precedence=SUM,
    partials=(1.0, 1.0),
    text="<a> + <b>", latex="<a> + <b>", onnx="Add",
)  # fmt: skip
sub: Op = op(
    operator.sub, name="sub", noun="subtraction", doc="The difference of two.", symbol="-", precedence=SUM,
    partials=(1.0, -1.0),
    text="<a> - <b>", latex="<a> - <b>", numpy="subtract", onnx="Sub",
)  # fmt: skip
neg: Op = op(
    operator.neg, name="neg", noun="negation", doc="The opposite.", symbol="-", precedence=UNARY,
    partials=(lambda a, y: -1.0,),
    text="-<a>", latex="-<a>", numpy="negative", onnx="Neg",
)  # fmt: skip
identity: Op = op(
    operator.pos, name="identity", noun="the identity", doc="The operand itself, in a new node.", symbol="=",
    partials=(1.0,),
    text="<a>", latex="<a>", precedence=ATOM, numpy=("positive", "conjugate"), torch="torch.clone", jax="(+<a>)",
    sympy="(+<a>)", onnx="Identity",
)  # fmt: skip
mul: Op = op(
    operator.mul, name="mul", noun="multiplication", doc="The product of two.", symbol="*", precedence=PRODUCT,
    partials=(lambda a, b, y: b,
              lambda a, b, y: a),
    text="<a> * <b>", latex=r"<a> \cdot <b>", numpy="multiply", onnx="Mul",
)  # fmt: skip
div: Op = op(
    special.quotient, name="div", noun="division", doc="The quotient of two.", symbol="/", precedence=PRODUCT,
    partials=(lambda a, b, y: 1 / b,  # beside 0 y is subnormal, and has lost digits
              lambda a, b, y: where(_size(y) > 1e-290, -(y / b), lambda: -(a * 2.0**62 / b / (b * 2.0**62)))),
    textbook=(lambda a, b, y: 1 / b, lambda a, b, y: -a / square(b)),
    domain=(REAL, NONZERO), text="<a> / <b>", latex=r"\frac{<a>}{<b>}",
    numpy=("divide", "true_divide"), analytic=operator.truediv, onnx="Div",
)  # fmt: skip


def _power_slope_of_floats(a: float, b: float, y: float) -> Any:
    return b * math.pow(a, b - 1) if b >= 1 else _low_power_slope(a, b, y)


@expression_or(_power_slope_of_floats)
def _power_slope(a: Any, b: Any, y: Any) -> Any:
    """b·aᵇ⁻¹; where b − 1 would round (b < ½) the quotient (b·y)/a; 0 for b = 0 even at a = 0; +inf at 0 for 0 < b < 1."""
    return where(b >= 1, lambda: b * pow(a, b - 1), lambda: _low_power_slope(a, b, y))


@expression
def _low_power_slope(a: Any, b: Any, y: Any) -> Any:
    """b < 1."""
    return where(b > 0, lambda: _root_slope(a, b, y), lambda: _pole_slope(a, b, y))


@expression
def _root_slope(a: Any, b: Any, y: Any) -> Any:
    """0 < b < 1."""
    exact = lambda: b * pow(a, b - 1)
    small = lambda: where(abs(a) > 1, lambda: where(abs(a) < INF, lambda: b * y / a, exact), lambda: _quotient(a, b, y))
    return where(abs(a) <= 0, lambda: INF * (1 - y), lambda: where(b >= 0.5, exact, small))


@expression
def _quotient(a: Any, b: Any, y: Any) -> Any:
    """b·y/a for |a| ≤ 1, in the order in which nothing overflows, nor in derivatives, but the result."""
    return where(abs(a) > 1e-300, lambda: y * (b / a), lambda: b * y / a)


@expression
def _pole_slope(a: Any, b: Any, y: Any) -> Any:
    """b ≤ 0, or NaN; 0 at b = 0, where its own slope in b is 1/a; at a = 0 only b = −inf has a value below."""
    at_zero = lambda: where(abs(a) > 1e-300, lambda: b * (y / a), 0.0)
    below_zero = lambda: where(abs(y) > 1e-290, lambda: y * (b / a), lambda: _small_pole_slope(a, b))
    return where(b >= 0, at_zero, lambda: where(abs(a) <= 0, lambda: b, below_zero))


@expression
def _small_pole_slope(a: Any, b: Any) -> Any:
    """b·aᵇ⁻¹ in two halves, where aᵇ has lost digits."""
    return where(a > 0, lambda: pow(a, b / 2) * (b * pow(a, b / 2) / a), lambda: b * pow(a, b) / a)


@expression
def _exponent_slope(a: Any, b: Any, y: Any) -> Any:
    """aᵇ·log a; in two halves where aᵇ underflows; 0 at a = 0; NaN below 0, where aᵇ is defined for whole b only."""
    return where(a > 0, lambda: where(abs(y) > 1e-290, lambda: y * log(a), lambda: _small_slope(a, b)), lambda: _edge_slope(a, b))


@expression
def _edge_slope(a: Any, b: Any) -> Any:
    return where(a >= 0, lambda: where(b <= b, 0.0, NAN), NAN)


@expression
def _small_slope(a: Any, b: Any) -> Any:
    """In factors that do not underflow, nor do those of its slope in a, aᵇ⁻¹·(1 + b·log a)."""
    return where(a < 1, lambda: pow(a, b - 1) * log(a) * a, lambda: pow(a, b / 2) * (pow(a, b / 2) * log(a)))


pow: Op = op(
    special.power, name="pow", noun="the power", doc="<a> to the power <b>.", symbol="**", precedence=POWER,
    partials=(_power_slope, _exponent_slope),
    textbook=(lambda a, b, y: b * pow(a, b - 1), lambda a, b, y: y * log(a)),
    restriction="a negative base takes a whole exponent, and 0 none below 0; shift the base, or take abs(base)",
    kinks=(Kink("a = 0, b = 0", "0, 0", ((0.0, 0.0), (-0.0, 0.0)), lambda a, b: math.hypot(a, b), jumps=True),
           Kink("a = 0, 0 < b < 1", "+inf, 0", ((0.0, 0.5), (-0.0, 0.25)), lambda a, b: a if b < 1 else 1.0),
           Kink("a < 0", "exact in a, NaN in b", ((-2.0, 3.0), (-2.0, 0.0)), lambda a, b: max(a, 0.0), moving=("b",))),
    text="<a> ** <b>", latex="{<a>}^{<b>}", numpy=("power", "float_power"), analytic=analytic.power, onnx="Pow",
)  # fmt: skip
square: Op = op(
    lambda a: a * a, name="square", noun="the square", doc="The square.", symbol="**2", precedence=POWER,
    partials=(lambda a, y: 2 * a,),
    text="<a> ** 2", latex="{<a>}^2", decomposition=lambda a: a * a, numpy="square",
)  # fmt: skip
reciprocal: Op = op(
    special.reciprocal, name="reciprocal", noun="the reciprocal", doc="One over the operand.", symbol="1/", precedence=PRODUCT,
    partials=(lambda a, y: -(y * y),),
    textbook=(lambda a, y: -1 / square(a),),
    domain=NONZERO, text="1 / <a>", latex=r"\frac{1}{<a>}", decomposition=lambda a: 1 / a, numpy="reciprocal",
    onnx="Reciprocal",
)  # fmt: skip

# -------------------------------------------------------------------------------------------- roots, exponentials, logarithms

sqrt: Op = op(
    math.sqrt, name="sqrt", noun="the square root", doc="The square root.",
    partials=(lambda a, y: where(y <= 0, lambda: INF * (1 - y), lambda: 0.5 / y),),
    textbook=(lambda a, y: 1 / (2 * sqrt(a)),),
    domain=NONNEGATIVE, latex=r"\sqrt{<a>}", kinks=(Kink("a = 0", "+inf", ((0.0,), (-0.0,)), lambda a: a),),
    numpy="sqrt", sympy="sympy.sqrt", onnx="Sqrt",
)  # fmt: skip
cbrt: Op = op(
    math.cbrt, name="cbrt", noun="the cube root", doc="The cube root, of negative numbers too.",
    partials=(lambda a, y: where(abs(y) <= 0, lambda: INF * (1 - abs(y)), lambda: 1 / (3 * y) / y),),
    textbook=(lambda a, y: 1 / (3 * square(y)),),
    latex=r"\sqrt[3]{<a>}", kinks=(Kink("a = 0", "+inf", ((0.0,), (-0.0,)), lambda a: a),),
    numpy="cbrt", torch="(torch.sign(<a>) * torch.abs(<a>) ** (1 / 3))", analytic=analytic.cube_root,
    sympy="sympy.real_root(<a>, 3)",
)  # fmt: skip
exp: Op = op(
    math.exp, name="exp", noun="the exponential", doc="e to the power of the operand.",
    partials=(lambda a, y: y,),
    latex="e^{<a>}", numpy="exp", sympy="sympy.exp", onnx="Exp",
)  # fmt: skip
exp2: Op = op(
    math.exp2, name="exp2", doc="2 to the power of the operand.",
    partials=(lambda a, y: y * LN2,),
    latex="2^{<a>}", decomposition=lambda a: exp(a * LN2),
    numpy="exp2", sympy="(2 ** <a>)",
)  # fmt: skip
expm1: Op = op(
    math.expm1, name="expm1", doc="exp(<a>) − 1, accurate near 0.",
    partials=(lambda a, y: exp(a),),
    latex="e^{<a>} - 1", precedence=SUM, text="expm1(<a>)",
    decomposition=lambda a: exp(a) - 1, numpy="expm1", analytic=analytic.expm1,
)  # fmt: skip


def _log_to_base(a: Any, base: Any) -> Any:
    """log(a)/log(base), as math.log(a, base)."""
    try:
        return log(a) / log(base)
    except ZeroDivisionError:
        raise DivisionError(f"log({a!r:.60}, {base!r:.60}): every power of the base 1 is 1; give another base") from None


log: Op = op(
    math.log, name="log", noun="the logarithm", doc="The natural logarithm; log(<a>, base) is log(<a>)/log(base).",
    partials=(lambda a, y: 1 / a,),
    domain=POSITIVE, latex=r"\ln\left(<a>\right)", overload=_log_to_base, numpy="log", sympy="sympy.log", onnx="Log",
)  # fmt: skip
log2: Op = op(
    math.log2, name="log2", doc="The logarithm to base 2.",
    partials=(lambda a, y: LOG2E / a,),
    domain=POSITIVE, latex=r"\log_2\left(<a>\right)", decomposition=lambda a: log(a) * LOG2E, numpy="log2",
    sympy="sympy.log(<a>, 2)",
)  # fmt: skip
log10: Op = op(
    math.log10, name="log10", doc="The logarithm to base 10.",
    partials=(lambda a, y: LOG10E / a,),
    domain=POSITIVE, latex=r"\log_{10}\left(<a>\right)", decomposition=lambda a: log(a) * LOG10E, numpy="log10",
    sympy="sympy.log(<a>, 10)",
)  # fmt: skip
log1p: Op = op(
    math.log1p, name="log1p", doc="log(1 + <a>), accurate near 0.",
    partials=(lambda a, y: 1 / (1 + a),),
    domain=Domain("(-1, inf]"), latex=r"\ln\left(1 + <a>\right)", decomposition=lambda a: log(1 + a),
    numpy="log1p", analytic=analytic.log1p,
)  # fmt: skip
log1mexp: Op = op(
    special.log1mexp, name="log1mexp",
    doc="log(1 − eᵃ) for <a> < 0, accurate near 0 and far left; others have −<a> as its operand.",
    partials=(lambda a, y: exp(a) / expm1(a),),
    textbook=(lambda a, y: -exp(a) / (1 - exp(a)),),
    domain=Domain("[-inf, 0)"), latex=r"\ln\left(1 - e^{<a>}\right)", decomposition=lambda a: log(1 - exp(a)),
)  # fmt: skip


@expression
def _odds(p: Any) -> Any:
    """1/(p(1 − p)) as 1/p + 1/(1 − p), which keeps its digits in every order near 0 and 1."""
    return reciprocal(p) + reciprocal(1 - p)


@expression
def _middle_odds(p: Any) -> Any:
    """1/(p(1 − p)) as 4/(1 − u²), u = 2p − 1, which keeps them about ½."""
    return 4 / one_minus_square(2 * p - 1)


logit: Op = op(
    special.logit, name="logit", doc="The logarithm of the odds, log(<p>/(1 − <p>)), the inverse of sigmoid.",
    partials=(lambda p, y: where(p > 0.25, lambda: where(p < 0.75, lambda: _middle_odds(p), lambda: _odds(p)), lambda: _odds(p)),),
    textbook=(lambda p, y: 1 / (p * (1 - p)),),
    domain=Domain("(0, 1)"), decomposition=lambda p: log(p / (1 - p)),
    torch="torch.logit", jax="jax.scipy.special.logit",
)  # fmt: skip


def _exprel_derivative(x: Any, n: int) -> Any:
    """By x·Eₙ = eˣ − n·Eₙ₋₁, and at 0 by the first two terms of its series."""

    def upward() -> Any:
        total = exprel(x)
        for k in range(1, n + 1):
            total = (exp(x) - k * total) / x
        return total

    return where(abs(x) > 0, upward, lambda: 1 / (n + 1) + x / (n + 2))


exprel: Op = op(
    special.exprel, name="exprel", doc="(eᵃ − 1)/<a>, and 1 at 0, where the quotient has no value.",
    partials=(lambda a, y: exprel_derivative(a, n=1),),
    textbook=(lambda a, y: (exp(a) - y) / a,),
    latex=r"\operatorname{exprel}\left(<a>\right)",
    decomposition=lambda a: where(abs(a) > 0, lambda: (exp(a) - 1) / a, lambda: 1 + a / 2),
)  # fmt: skip
exprel_derivative: Op = op(
    special.exprel_derivative, name="exprel_derivative", doc="The n-th derivative of exprel, ∫ tⁿeˣᵗdt from 0 to 1.",
    partials=(lambda x, y, *, n: exprel_derivative(x, n=n + 1),),
    latex=r"\operatorname{exprel}^{(<n>)}\left(<x>\right)", decomposition=lambda x, *, n: _exprel_derivative(x, n),
)  # fmt: skip
xlogy: Op = op(
    special.xlogy, name="xlogy", doc="<x>·log <y>, and 0 at <x> = <y> = 0.",
    partials=(lambda x, y, z: where(y <= 0, lambda: -INF * exp(-y), lambda: log(y)),
              lambda x, y, z: where(y <= 0, lambda: cbrt(x), lambda: x / y)),
    domain=(REAL, NONNEGATIVE), restriction="log(0) is needed unless x is 0 too; keep y above 0",
    kinks=(Kink("x = y = 0", "−inf, 0", ((0.0, 0.0),), lambda x, y: math.hypot(x, y)),),
    latex=r"<x> \ln\left(<y>\right)", decomposition=lambda x, y: x * log(y),
    torch="torch.xlogy", jax="jax.scipy.special.xlogy",
)  # fmt: skip

# ------------------------------------------------------------------------------------------- trigonometric and hyperbolic

sin: Op = op(
    math.sin, name="sin", doc="The sine, of an angle in radians.",
    partials=(lambda a, y: cos(a),),
    domain=FINITE, latex=r"\sin\left(<a>\right)", numpy="sin", sympy="sympy.sin", onnx="Sin",
)  # fmt: skip
cos: Op = op(
    math.cos, name="cos", doc="The cosine, of an angle in radians.",
    partials=(lambda a, y: -sin(a),),
    domain=FINITE, latex=r"\cos\left(<a>\right)", numpy="cos", sympy="sympy.cos", onnx="Cos",
)  # fmt: skip
tan: Op = op(
    math.tan, name="tan", doc="The tangent, of an angle in radians.",
    partials=(lambda a, y: 1 + square(y),),
    domain=FINITE, latex=r"\tan\left(<a>\right)", decomposition=lambda a: sin(a) / cos(a),
    numpy="tan", sympy="sympy.tan",
)  # fmt: skip
degrees: Op = op(
    math.degrees, name="degrees", doc="An angle in radians, in degrees.",
    partials=(special.DEGREES_IN_A_RADIAN,), decomposition=lambda a: a * special.DEGREES_IN_A_RADIAN, numpy="rad2deg",
)  # fmt: skip
radians: Op = op(
    math.radians, name="radians", doc="An angle in degrees, in radians.",
    partials=(special.RADIANS_IN_A_DEGREE,), decomposition=lambda a: a * special.RADIANS_IN_A_DEGREE, numpy="deg2rad",
)  # fmt: skip


def _sinc_loss(x: float, n: int) -> float:
    """The size of sinc⁽ⁿ⁾ about x, where its roots are not known."""
    return 0.0 if builtins.abs(x) < (13.0 if n == 1 else 0.5) else math.pi ** (n - 1) / builtins.abs(x)


def _sinc_derivative(x: Any, n: int) -> Any:
    """By x·Dₙ = πⁿ⁻¹·sin⁽ⁿ⁾(πx) − n·Dₙ₋₁, and at 0 by the first two terms of its series."""

    def upward() -> Any:
        total, s, c = sinc(x), sin(math.pi * x), cos(math.pi * x)
        for k in range(1, n + 1):
            s, c = c, -s
            total = (s - k * total) / x
            s, c = math.pi * s, math.pi * c
        return total

    def at_zero() -> Any:
        signs = (1, 0, -1, 0)
        total = signs[n % 4] / (n + 1) + math.pi * x * signs[(n + 1) % 4] / (n + 2)
        for _ in range(n):
            total = math.pi * total
        return total

    return where(abs(x) > 0, upward, at_zero)


_TOO_DENSE = Kink(
    "|a| ≥ 2⁵²", "that of the real function, whose waves are shorter than the steps between floats",
    (), lambda a: 0.0 if builtins.abs(a) >= 2.0**52 else 1.0, jumps=True,  # so that checks call it unseen, which it is
)  # fmt: skip
sinc: Op = op(
    special.sinc, name="sinc", doc="sin(π<a>)/(π<a>), and 1 at 0: numpy's sinc, with zeros at whole numbers.",
    partials=(lambda a, y: sinc_derivative(a, n=1),),
    textbook=(lambda a, y: (cos(math.pi * a) - y) / a,),
    losses=(Loss("slope from ±13 on, near its roots: 64 units of 1/a", 1, lambda a: _sinc_loss(a, 1)),), kinks=(_TOO_DENSE,),
    decomposition=lambda a: where(abs(a) > 0, lambda: sin(math.pi * a) / (math.pi * a), lambda: 1 + 0 * a),
    numpy="sinc",
)  # fmt: skip
sinc_derivative: Op = op(
    special.sinc_derivative, name="sinc_derivative", doc="The n-th derivative of sinc.",
    partials=(lambda x, y, *, n: sinc_derivative(x, n=n + 1),),
    losses=(Loss("near its roots, but those of n = 1 below 13: 16 units of πⁿ⁻¹/x", 0, lambda x, *, n: _sinc_loss(x, n)),
            Loss("slope near its roots: 64 units of πⁿ/x", 1, lambda x, *, n: _sinc_loss(x, n + 1))),
    kinks=(_TOO_DENSE,),
    latex=r"\operatorname{sinc}^{(<n>)}\left(<x>\right)", decomposition=lambda x, *, n: _sinc_derivative(x, n),
)  # fmt: skip
one_minus_square: Op = op(
    lambda a: (1 - a) * (1 + a), name="one_minus_square", doc="1 − <a>², accurate near ±1, where the square would round.",
    partials=(lambda a, y: -2 * a,),
    text="(1 - <a>) * (1 + <a>)", latex=r"\left(1 - <a>\right) \left(1 + <a>\right)", precedence=PRODUCT,
    decomposition=lambda a: 1 - square(a),
)  # fmt: skip
asin: Op = op(
    math.asin, name="asin", doc="The arc sine, in radians.",
    # the infinite slope is written so that its own derivatives are its limits
    partials=(lambda a, y: where(_size(a) >= 1, lambda: INF * square(y), lambda: 1 / sqrt(one_minus_square(a))),),
    textbook=(lambda a, y: 1 / sqrt(1 - square(a)),),
    domain=Domain("[-1, 1]"), latex=r"\arcsin\left(<a>\right)",
    kinks=(Kink("a = ±1", "+inf", ((1.0,), (-1.0,)), lambda a: builtins.abs(a) - 1),),
    numpy="arcsin", sympy="sympy.asin",
)  # fmt: skip
acos: Op = op(
    math.acos, name="acos", doc="The arc cosine, in radians.",
    partials=(lambda a, y: where(_size(a) >= 1, lambda: -INF * square(asin(a)), lambda: -1 / sqrt(one_minus_square(a))),),
    textbook=(lambda a, y: -1 / sqrt(1 - square(a)),),
    domain=Domain("[-1, 1]"), latex=r"\arccos\left(<a>\right)",
    kinks=(Kink("a = ±1", "−inf", ((1.0,), (-1.0,)), lambda a: builtins.abs(a) - 1),),
    numpy="arccos", sympy="sympy.acos",
)  # fmt: skip
atan: Op = op(
    math.atan, name="atan", doc="The arc tangent, in radians.",
    partials=(lambda a, y: where(_size(a) < 1e8, lambda: 1 / (1 + square(a)), lambda: square(1 / a)),),  # a² overflows
    textbook=(lambda a, y: 1 / (1 + square(a)),),
    latex=r"\arctan\left(<a>\right)", numpy="arctan", sympy="sympy.atan",
)  # fmt: skip


def _power_of_inverse(a: Any, b: Any, n: int) -> tuple[Any, Any]:
    """(a + ib)⁻ⁿ by multiplications: its real and its imaginary part."""
    real, imaginary, length = 1.0, 0.0, square(a) + square(b)
    for _ in range(n):
        real, imaginary = (real * a + imaginary * b) / length, (imaginary * a - real * b) / length
    return real, imaginary


_NOWHERE = Kink("a = b = 0", "not defined", (), lambda a, b: math.hypot(a, b))
# The slopes of atan2 are the parts of 1/(x + iy). As rows they are closed under differentiation, (z⁻ⁿ)′ = −n·z⁻ⁿ⁻¹, so that no
# order divides by a square that overflows, and mixed derivatives are the same in any order.
inverse_power_real: Op = op(
    special.inverse_power_real, name="inverse_power_real",
    doc="The real part of (<a> + ib)⁻ⁿ; for n = 1 it is <a>/(<a>² + <b>²).",
    partials=(lambda a, b, y, *, n: -n * inverse_power_real(a, b, n=n + 1),
              lambda a, b, y, *, n: n * inverse_power_imaginary(a, b, n=n + 1)),
    kinks=(_NOWHERE,), latex=r"\operatorname{Re}\left(<a> + i\,<b>\right)^{-<n>}",
    decomposition=lambda a, b, *, n: _power_of_inverse(a, b, n)[0],
)  # fmt: skip
inverse_power_imaginary: Op = op(
    special.inverse_power_imaginary, name="inverse_power_imaginary",
    doc="The imaginary part of (<a> + ib)⁻ⁿ; for n = 1 it is −<b>/(<a>² + <b>²).",
    partials=(lambda a, b, y, *, n: -n * inverse_power_imaginary(a, b, n=n + 1),
              lambda a, b, y, *, n: -n * inverse_power_real(a, b, n=n + 1)),
    kinks=(_NOWHERE,), latex=r"\operatorname{Im}\left(<a> + i\,<b>\right)^{-<n>}",
    decomposition=lambda a, b, *, n: _power_of_inverse(a, b, n)[1],
)  # fmt: skip
atan2: Op = op(
    math.atan2, name="atan2", doc="The angle, in radians, of the point <x> to the right and <y> above.",
    partials=(lambda y, x, angle: where(max(abs(x), abs(y)) <= 0, NAN, lambda: inverse_power_real(x, y, n=1)),
              lambda y, x, angle: where(max(abs(x), abs(y)) <= 0, NAN, lambda: inverse_power_imaginary(x, y, n=1))),
    textbook=(lambda y, x, angle: x / (square(x) + square(y)), lambda y, x, angle: -y / (square(x) + square(y))),
    kinks=(Kink("y = x = 0", "NaN, NaN", ((0.0, 0.0),), lambda y, x: math.hypot(y, x), jumps=True),
           Kink("y = 0, x < 0", "those of the side it is on", (), lambda y, x: y if x < 0 else 1.0, jumps=True)),
    latex=r"\operatorname{atan2}\left(<y>, <x>\right)", numpy="arctan2", analytic=analytic.angle, sympy="sympy.atan2",
)  # fmt: skip


@expression
def _polar_slope(a: Any, b: Any, cosines: int, sines: int, radii: int) -> Any:
    """∂/∂a of cosⁱθ·sinʲθ/rᵐ: i·cosⁱ⁻¹θ·sinʲ⁺²θ/rᵐ⁺¹ − (j + m)·cosⁱ⁺¹θ·sinʲθ/rᵐ⁺¹."""
    if cosines == 0:
        return -(sines + radii) * polar_power(a, b, cosines=1, sines=sines, radii=radii + 1)
    rise = cosines * polar_power(a, b, cosines=cosines - 1, sines=sines + 2, radii=radii + 1)
    if sines + radii == 0:
        return rise
    return rise - (sines + radii) * polar_power(a, b, cosines=cosines + 1, sines=sines, radii=radii + 1)


@expression
def _polar_swapped(a: Any, b: Any, cosines: int, sines: int, radii: int) -> Any:
    """∂/∂b, the same with the two axes exchanged."""
    if sines == 0:
        return -(cosines + radii) * polar_power(a, b, cosines=cosines, sines=1, radii=radii + 1)
    rise = sines * polar_power(a, b, cosines=cosines + 2, sines=sines - 1, radii=radii + 1)
    if cosines + radii == 0:
        return rise
    return rise - (cosines + radii) * polar_power(a, b, cosines=cosines, sines=sines + 1, radii=radii + 1)


def _polar_decomposed(a: Any, b: Any, cosines: int, sines: int, radii: int) -> Any:
    total, radius = 1.0, sqrt(square(a) + square(b))
    for factor in [a / radius] * cosines + [b / radius] * sines + [1 / radius] * radii:
        total = total * factor
    return total


# The slopes of hypot are cos θ and sin θ. This row is closed under differentiation, and no r² under- or overflows on its way.
polar_power: Op = op(
    special.polar_power,
    name="polar_power", doc="cosⁱθ·sinʲθ/rᵐ for the point at the angle θ and the distance r: powers of <a>/r, <b>/r and 1/r.",
    partials=(lambda a, b, y, *, cosines, sines, radii: _polar_slope(a, b, cosines, sines, radii),
              lambda a, b, y, *, cosines, sines, radii: _polar_swapped(a, b, cosines, sines, radii)),
    kinks=(_NOWHERE,), latex=r"\frac{\cos^{<cosines>} \sin^{<sines>}}{r^{<radii>}}\left(<a>, <b>\right)",
    decomposition=lambda a, b, *, cosines, sines, radii: _polar_decomposed(a, b, cosines, sines, radii),
)  # fmt: skip
hypot: Op = op(
    math.hypot, name="hypot", noun="the length", doc="The length of the hypotenuse, √(<a>² + <b>²).",
    partials=(lambda a, b, y: where(y <= 0, 0.0, lambda: polar_power(a, b, cosines=1, sines=0, radii=0)),
              lambda a, b, y: where(y <= 0, 0.0, lambda: polar_power(a, b, cosines=0, sines=1, radii=0))),
    textbook=(lambda a, b, y: a / y, lambda a, b, y: b / y),
    kinks=(Kink("a = b = 0", "0, 0", ((0.0, 0.0), (-0.0, 0.0)), lambda a, b: math.hypot(a, b)),),
    latex=r"\sqrt{<a>^2 + <b>^2}", decomposition=lambda a, b: sqrt(square(a) + square(b)),
    numpy="hypot",
)  # fmt: skip
sinh: Op = op(
    math.sinh, name="sinh", doc="The hyperbolic sine.",
    partials=(lambda a, y: cosh(a),),
    latex=r"\sinh\left(<a>\right)", decomposition=lambda a: (exp(a) - exp(-a)) / 2, numpy="sinh", sympy="sympy.sinh",
)  # fmt: skip
cosh: Op = op(
    math.cosh, name="cosh", doc="The hyperbolic cosine.",
    partials=(lambda a, y: sinh(a),),
    latex=r"\cosh\left(<a>\right)", decomposition=lambda a: (exp(a) + exp(-a)) / 2, numpy="cosh", sympy="sympy.cosh",
)  # fmt: skip
sech: Op = op(
    special.sech, name="sech", doc="The hyperbolic secant, 1/cosh(<a>).",
    partials=(lambda a, y: -y * tanh(a),),
    latex=r"\operatorname{sech}\left(<a>\right)", decomposition=lambda a: 2 / (exp(a) + exp(-a)), sympy="sympy.sech",
)  # fmt: skip
tanh: Op = op(
    math.tanh, name="tanh", doc="The hyperbolic tangent.",
    partials=(lambda a, y: square(sech(a)),),  # 1 − y² is 0 beyond ±19
    textbook=(lambda a, y: 1 - square(y),),
    latex=r"\tanh\left(<a>\right)", decomposition=lambda a: (exp(a) - exp(-a)) / (exp(a) + exp(-a)),
    numpy="tanh", gain=5 / 3, sympy="sympy.tanh", onnx="Tanh",
)  # fmt: skip
logcosh: Op = op(
    special.logcosh, name="logcosh", doc="log cosh(<a>): about <a>²/2 near 0 and |<a>| − log 2 far out.",
    partials=(lambda a, y: tanh(a),),
    latex=r"\ln\cosh\left(<a>\right)", decomposition=lambda a: log(cosh(a)),
    torch="(torch.logaddexp(<a>, -<a>) - 0.6931471805599453)", jax="(jnp.logaddexp(<a>, -<a>) - 0.6931471805599453)",
)  # fmt: skip
asinh: Op = op(
    math.asinh, name="asinh", doc="The inverse hyperbolic sine.",
    partials=(lambda a, y: 1 / hypot(1, a),),
    textbook=(lambda a, y: 1 / sqrt(1 + square(a)),),
    latex=r"\operatorname{arsinh}\left(<a>\right)", numpy="arcsinh", sympy="sympy.asinh",
)  # fmt: skip
acosh: Op = op(
    math.acosh, name="acosh", doc="The inverse hyperbolic cosine.",
    partials=(lambda a, y: where(a <= 1, lambda: INF * (1 - y), lambda: 1 / (sqrt(a - 1) * sqrt(a + 1))),),
    textbook=(lambda a, y: 1 / sqrt(square(a) - 1),),
    domain=Domain("[1, inf]"), latex=r"\operatorname{arcosh}\left(<a>\right)",
    kinks=(Kink("a = 1", "+inf", ((1.0,),), lambda a: a - 1),), decomposition=lambda a: log(a + sqrt(a - 1) * sqrt(a + 1)),
    numpy="arccosh", sympy="sympy.acosh",
)  # fmt: skip
atanh: Op = op(
    math.atanh, name="atanh", doc="The inverse hyperbolic tangent.",
    partials=(lambda a, y: 1 / one_minus_square(a),),
    textbook=(lambda a, y: 1 / (1 - square(a)),),
    domain=Domain("(-1, 1)"), latex=r"\operatorname{artanh}\left(<a>\right)", decomposition=lambda a: log((1 + a) / (1 - a)) / 2,
    numpy="arctanh", sympy="sympy.atanh",
)  # fmt: skip

# ------------------------------------------------------------------------------------------------------------ activations

sigmoid: Op = op(
    special.sigmoid, name="sigmoid", doc="The logistic function, 1/(1 + e⁻ᵃ).",
    partials=(lambda a, y: sigmoid_slope(a),),  # y(1 − y) is 0 beyond 37, and not the same to the bit on both sides
    textbook=(lambda a, y: y * (1 - y),),
    latex=r"\sigma\left(<a>\right)", decomposition=lambda a: 1 / (1 + exp(-a)),
    torch="torch.sigmoid", jax="jax.nn.sigmoid", analytic=analytic.sigmoid, gain=1.0, onnx="Sigmoid",
)  # fmt: skip
sigmoid_slope: Op = op(
    special.sigmoid_slope, name="sigmoid_slope", doc="The derivative of sigmoid, sigmoid(<a>)·sigmoid(−<a>).",
    partials=(lambda a, y: -y * tanh(a / 2),),  # sigmoid(−a) − sigmoid(a) would cancel near 0
    textbook=(lambda a, y: y * (1 - 2 * sigmoid(a)),),
    decomposition=lambda a: sigmoid(a) * sigmoid(-a),
)  # fmt: skip
logsigmoid: Op = op(
    lambda a: -special.softplus(-a), name="logsigmoid", doc="The logarithm of the logistic function.",
    partials=(lambda a, y: sigmoid(-a),),
    latex=r"\ln\sigma\left(<a>\right)", decomposition=lambda a: -log(1 + exp(-a)),
    torch="torch.nn.functional.logsigmoid", jax="jax.nn.log_sigmoid",
)  # fmt: skip
softplus: Op = op(
    special.softplus, name="softplus", doc="log(1 + exp(<a>)), a smooth relu.",
    partials=(lambda a, y: sigmoid(a),),
    decomposition=lambda a: log(1 + exp(a)),
    torch="torch.nn.functional.softplus(<a>, threshold=50)", jax="jax.nn.softplus",
)  # fmt: skip
relu: Op = op(
    special.relu, name="relu", doc="The rectified linear unit: the operand above 0, else 0.", symbol="ReLU",
    partials=(lambda a, y: where(a > 0, 1.0, where(a <= 0, CLOSED, NAN)),),
    kinks=(Kink("a = 0", "0", ((0.0,), (-0.0,)), lambda a: a),),
    decomposition=lambda a: max(a, 0.0),
    torch="torch.relu", jax="jax.nn.relu", gain=special.SQRT2, onnx="Relu",
)  # fmt: skip


def _nearest_to_zero(low: float, high: float) -> float:
    """The subgradient of least norm among those between two slopes."""
    return special.between(0.0, builtins.min(low, high), builtins.max(low, high))


leaky_relu: Op = op(
    lambda x, *, negative_slope=0.01: x if x > 0 else negative_slope * x,
    name="leaky_relu", doc="The operand above 0, a small multiple of it below.",
    partials=(lambda x, y, *, negative_slope: where(x > 0, 1.0, lambda: where(
        x < 0, negative_slope, lambda: where(x <= 0, _nearest_to_zero(negative_slope, 1.0), NAN))),),
    kinks=(Kink("x = 0", "the slope of the smaller side", ((0.0,), (-0.0,)), lambda x: x),),
    decomposition=lambda x, *, negative_slope: where(x > 0, x, negative_slope * x),
    torch="torch.nn.functional.leaky_relu(<x>, negative_slope=<negative_slope>)",
    jax="jax.nn.leaky_relu(<x>, negative_slope=<negative_slope>)",
    gain=lambda *, negative_slope: math.sqrt(2 / (1 + negative_slope**2)),
)  # fmt: skip
elu: Op = op(
    lambda x, *, alpha=1.0: x if x > 0 else alpha * math.expm1(x),
    name="elu", doc="The exponential linear unit: the operand above 0, α(eˣ − 1) below.",
    partials=(lambda x, y, *, alpha: where(x > 0, 1.0, lambda: where(
        x < 0, lambda: alpha * exp(x), lambda: where(x <= 0, _nearest_to_zero(alpha, 1.0), NAN))),),
    kinks=(Kink("x = 0", "the slope of the smaller side", ((0.0,), (-0.0,)), lambda x: x),),
    decomposition=lambda x, *, alpha: where(x > 0, lambda: x, lambda: alpha * (exp(x) - 1)),
    torch="torch.nn.functional.elu(<x>, alpha=<alpha>)", jax="jax.nn.elu(<x>, alpha=<alpha>)",
)  # fmt: skip
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543773
selu: Op = op(
    lambda a: SELU_SCALE * a if a > 0 else SELU_SCALE * SELU_ALPHA * math.expm1(a),
    name="selu", doc="The self-normalising exponential linear unit, λ·elu(<a>, α) with λ = 1.0507, α = 1.6733.",
    partials=(lambda a, y: where(a > 0, SELU_SCALE, lambda: SELU_SCALE * SELU_ALPHA * exp(a)),),
    kinks=(Kink("a = 0", "λα", ((0.0,), (-0.0,)), lambda a: a),),
    decomposition=lambda a: where(a > 0, lambda: SELU_SCALE * a, lambda: SELU_SCALE * SELU_ALPHA * (exp(a) - 1)),
    torch="torch.nn.functional.selu", jax="jax.nn.selu", gain=0.75,
)  # fmt: skip
celu: Op = op(
    special.celu, name="celu", doc="The continuously differentiable elu: the operand above 0, α(exp(<x>/α) − 1) below.",
    partials=(lambda x, y, *, alpha: where(x > 0, 1.0, lambda: exp(x / alpha)),),
    losses=(Loss("slope: the rounding of x/α counts x/α times", 1, lambda x, *, alpha: _celu_loss(x / alpha)),),
    decomposition=lambda x, *, alpha: where(x > 0, lambda: x, lambda: alpha * (exp(x / alpha) - 1)),
    torch="torch.nn.functional.celu(<x>, alpha=<alpha>)", jax="jax.nn.celu(<x>, alpha=<alpha>)",
)  # fmt: skip


def _celu_loss(x: float) -> float:
    return math.exp(x) * builtins.max(1.0, -x / 64) if x < 0 else 1.0


huber: Op = op(
    special.huber, name="huber", doc="Huber's loss of a residual: <x>²/2 within ±δ, δ(|<x>| − δ/2) beyond.",
    partials=(lambda x, y, *, delta: where(x > delta, lambda: delta, lambda: where(x < -delta, lambda: -delta, lambda: x)),),
    decomposition=lambda x, *, delta: where(abs(x) <= delta, lambda: square(x) / 2, lambda: delta * (abs(x) - delta / 2)),
    torch='torch.nn.functional.huber_loss(<x>, torch.zeros_like(<x>), reduction="none", delta=<delta>)',
)  # fmt: skip


@expression
def _polynomial(a: Any, n: int, scale: float) -> Any:
    """The polynomial beside φ in φ⁽ⁿ⁾, for scale 1, or beside e^−a² in its n-th derivative, for scale 2, by the recurrence."""
    before, total = 0.0, 1.0
    for k in range(n):
        before, total = total, -scale * (a * total + k * before)
    return total


normal_pdf: Op = op(
    special.normal_pdf, name="normal_pdf", doc="The density of the standard normal distribution, φ.",
    partials=(lambda a, y: normal_pdf_derivative(a, n=1),),
    textbook=(lambda a, y: -a * y,),
    latex=r"\varphi\left(<a>\right)", decomposition=lambda a: exp(-square(a) / 2) * special.INV_SQRT_2PI,
)  # fmt: skip
normal_pdf_derivative: Op = op(
    special.normal_pdf_derivative, name="normal_pdf_derivative", doc="The n-th derivative of normal_pdf, φ⁽ⁿ⁾.",
    partials=(lambda x, y, *, n: normal_pdf_derivative(x, n=n + 1),),
    latex=r"\varphi^{(<n>)}\left(<x>\right)", decomposition=lambda x, *, n: _polynomial(x, n, 1.0) * normal_pdf(x),
)  # fmt: skip
normal_cdf: Op = op(
    special.normal_cdf, name="normal_cdf", doc="The distribution function of the standard normal distribution, Φ.",
    partials=(lambda a, y: normal_pdf(a),),
    latex=r"\Phi\left(<a>\right)", decomposition=lambda a: (1 + erf(a / special.SQRT2)) / 2,
)  # fmt: skip
log_normal_cdf: Op = op(
    special.log_normal_cdf, name="log_normal_cdf", doc="log Φ(<a>), accurate where Φ itself is 0 or 1 as a float.",
    partials=(lambda a, y: log_normal_cdf_derivative(a, n=1),),
    textbook=(lambda a, y: normal_pdf(a) / normal_cdf(a),),
    latex=r"\ln\Phi\left(<a>\right)", decomposition=lambda a: log(normal_cdf(a)),
    torch="torch.special.log_ndtr", jax="jax.scipy.special.log_ndtr",
)  # fmt: skip


def _log_normal_cdf_derivative(x: Any, n: int) -> Any:
    """By λ′ = −λ² − xλ and its derivatives, λ = φ/Φ."""
    slopes = [exp(-square(x) / 2 - log_normal_cdf(x)) * special.INV_SQRT_2PI]
    for k in range(n - 1):
        products = [math.comb(k, j) * slopes[j] * slopes[k - j] for j in range(k + 1)]
        slopes.append(-x * slopes[k] - (k * slopes[k - 1] if k else 0) - sum(products))
    return slopes[n - 1]


def _log_normal_cdf_loss(x: float, n: int) -> float:
    slope = special.log_normal_cdf_derivative(x, n=1)
    return slope * builtins.max(1.0, x) ** (n - 1) * math.factorial(n) if n > 2 and x > -1 else 0.0


log_normal_cdf_derivative: Op = op(
    special.log_normal_cdf_derivative, name="log_normal_cdf_derivative", doc="The n-th derivative of log_normal_cdf, n from 1 on.",
    partials=(lambda x, y, *, n: log_normal_cdf_derivative(x, n=n + 1),),
    losses=(Loss("for n > 2, right of −1: 16 units of n!·xⁿ⁻¹·φ/Φ", 0, lambda x, *, n: _log_normal_cdf_loss(x, n)),
            Loss("slope, for n > 1, right of −1: 64 units of (n + 1)!·xⁿ·φ/Φ", 1, lambda x, *, n: _log_normal_cdf_loss(x, n + 1))),
    latex=r"\left(\ln\Phi\right)^{(<n>)}\left(<x>\right)", decomposition=lambda x, *, n: _log_normal_cdf_derivative(x, n),
)  # fmt: skip
gelu: Op = op(
    special.gelu, name="gelu", doc="The Gaussian error linear unit, <a>·Φ(<a>).",
    partials=(lambda a, y: gelu_slope(a),),
    textbook=(lambda a, y: normal_cdf(a) + a * normal_pdf(a),),
    decomposition=lambda a: a * normal_cdf(a),
    torch="torch.nn.functional.gelu", jax="jax.nn.gelu(<a>, approximate=False)",
)  # fmt: skip
gelu_slope: Op = op(
    special.gelu_slope, name="gelu_slope", doc="The derivative of gelu, Φ(<a>) + <a>·φ(<a>), accurate near its root −0.75.",
    partials=(lambda a, y: normal_pdf(a) - normal_pdf_derivative(a, n=2),),  # φ·(2 − a²) would cancel again in its own derivatives
    losses=(Loss("slope near ±√2, its root: 64 units of φ(a)", 1, special.normal_pdf),),
    textbook=(lambda a, y: normal_pdf(a) * (2 - square(a)),),
    decomposition=lambda a: normal_cdf(a) + a * normal_pdf(a),
)  # fmt: skip
gelu_tanh: Op = op(
    special.gelu_tanh, name="gelu_tanh", doc="The tanh approximation of gelu.",
    partials=(lambda a, y: gelu_tanh_slope(a),),
    decomposition=lambda a: a / 2 * (1 + tanh(_gelu_u(a))),
    torch='torch.nn.functional.gelu(<a>, approximate="tanh")', jax="jax.nn.gelu(<a>, approximate=True)",
)  # fmt: skip


@expression
def _gelu_u(a: Any) -> Any:
    """The argument of tanh in gelu_tanh, u = √(2/π)·(a + 0.044715a³)."""
    return special.SQRT_2_OVER_PI * a * (1 + special.GELU_CUBIC * square(a))


@expression
def _gelu_u_slope(a: Any) -> Any:
    return special.SQRT_2_OVER_PI * (1 + special.GELU_CUBIC * square(a) * 3)


@expression
def _gelu_tanh_curvature(a: Any) -> Any:
    """sech²u·(u′ + a·(u″/2 − u′²·tanh u)), the factor sech u in front twice, so that what it multiplies keeps its digits."""
    u, slope = _gelu_u(a), _gelu_u_slope(a)
    bend = 3 * special.SQRT_2_OVER_PI * special.GELU_CUBIC * a
    return sech(u) * (sech(u) * (slope + a * (bend - square(slope) * tanh(u))))


def _gelu_tanh_loss(a: float) -> float:
    if not builtins.abs(a) < 40:
        return 0.0
    u, slope = FLOATS["_gelu_u"](a), FLOATS["_gelu_u_slope"](a)
    return float(special.sech(u) * (special.sech(u) * slope * builtins.max(1.0, builtins.abs(u * a * slope))))


gelu_tanh_slope: Op = op(
    special.gelu_tanh_slope, name="gelu_tanh_slope", doc="The derivative of gelu_tanh, accurate near its root −0.75.",
    partials=(lambda a, y: where(_size(a) < 40, lambda: _gelu_tanh_curvature(a), lambda: 0 * y),),
    losses=(Loss("slope: the rounding of u counts 2u times; near its roots, of the larger term", 1, lambda a: _gelu_tanh_loss(a)),),
    decomposition=lambda a: (1 + tanh(_gelu_u(a)) + a * square(sech(_gelu_u(a))) * _gelu_u_slope(a)) / 2,
)  # fmt: skip
silu: Op = op(
    special.silu, name="silu", doc="The sigmoid linear unit (swish), <a>·sigmoid(<a>).",
    partials=(lambda a, y: silu_slope(a),),
    textbook=(lambda a, y: sigmoid(a) * (1 + a * (1 - sigmoid(a))),),
    decomposition=lambda a: a * sigmoid(a),
    torch="torch.nn.functional.silu", jax="jax.nn.silu",
)  # fmt: skip


@expression
def _silu_curvature(a: Any) -> Any:
    """sigmoid′(a)·(2 − a·tanh(a/2)), the factor sech(a/2) in front twice, so that what it multiplies keeps its digits."""
    return sech(a / 2) * (sech(a / 2) * (2 - a * tanh(a / 2))) / 4


silu_slope: Op = op(
    special.silu_slope, name="silu_slope", doc="The derivative of silu, accurate near its root −1.28.",
    partials=(lambda a, y: where(_size(a) < 800, lambda: _silu_curvature(a), lambda: 0 * y),),
    losses=(Loss("slope near ±2.4, its roots: 64 units of 2·sigmoid′(a)", 1, lambda a: 2 * special.sigmoid_slope(a)),),
    decomposition=lambda a: sigmoid(a) * (1 + a * sigmoid(-a)),
)  # fmt: skip
mish: Op = op(
    special.mish, name="mish", doc="<a>·tanh(softplus(<a>)).",
    partials=(lambda a, y: mish_slope(a),),
    textbook=(lambda a, y: tanh(softplus(a)) + a * (1 - square(tanh(softplus(a)))) * sigmoid(a),),
    decomposition=lambda a: a * tanh(softplus(a)),
    torch="torch.nn.functional.mish", jax="jax.nn.mish",
)  # fmt: skip


@expression
def _mish_curvature(a: Any, s: Any) -> Any:
    """The derivative of tanh(s) + silu(a)·sech²(s), s = softplus(a), the factor sech s in front twice."""
    return sech(s) * (sech(s) * (sigmoid(a) + silu_slope(a) - 2 * silu(a) * tanh(s) * sigmoid(a)))


mish_slope: Op = op(
    special.mish_slope, name="mish_slope", doc="The derivative of mish, accurate near its root −1.19.",
    partials=(lambda a, y: where(_size(a) < 800, lambda: _mish_curvature(a, softplus(a)), lambda: 0 * y),),
    losses=(Loss("slope near −2.26 and 1.49, its roots: 64 units of sigmoid′(a)", 1, special.sigmoid_slope),),
    decomposition=lambda a: tanh(softplus(a)) + silu(a) * square(sech(softplus(a))),
)  # fmt: skip
hardtanh: Op = op(
    lambda a: special.between(a, -1.0, 1.0), name="hardtanh", doc="The operand kept within [−1, 1].",
    partials=(lambda a, y: where(_size(a) < 1, 1.0, lambda: where(_size(a) >= 1, CLOSED, NAN)),),
    kinks=(Kink("a = ±1", "0", ((1.0,), (-1.0,)), lambda a: builtins.abs(a) - 1),),
    decomposition=lambda a: clamp(a, -1.0, 1.0),
    torch="torch.nn.functional.hardtanh", jax="jax.nn.hard_tanh",
)  # fmt: skip
relu6: Op = op(
    lambda a: special.between(a, 0.0, 6.0), name="relu6", doc="The operand kept within [0, 6].",
    partials=(lambda a, y: where(a > 0, lambda: where(a < 6, 1.0, CLOSED), lambda: where(a <= 0, CLOSED, NAN)),),
    kinks=(Kink("a = 0, a = 6", "0", ((0.0,), (6.0,)), lambda a: a if a < 3 else a - 6),),
    decomposition=lambda a: clamp(a, 0.0, 6.0),
    torch="torch.nn.functional.relu6", jax="jax.nn.relu6",
)  # fmt: skip
hardsigmoid: Op = op(
    lambda a: special.between(a + 3.0, 0.0, 6.0) / 6.0, name="hardsigmoid",
    doc="A sigmoid of three straight pieces: <a>/6 + ½, kept within [0, 1].",
    partials=(lambda a, y: where(_size(a) < 3, 1 / 6, lambda: where(_size(a) >= 3, CLOSED, NAN)),),
    kinks=(Kink("a = ±3", "0", ((3.0,), (-3.0,)), lambda a: builtins.abs(a) - 3),),
    decomposition=lambda a: clamp(a + 3, 0.0, 6.0) / 6, jax="jax.nn.hard_sigmoid",
)  # fmt: skip
hardswish: Op = op(
    special.hardswish, name="hardswish", doc="<a>·hardsigmoid(<a>), a silu without exponentials.",
    partials=(lambda a, y: where(a < 3, lambda: where(a > -3, lambda: (2 * a + 3) / 6, CLOSED), lambda: where(a >= 3, 1.0, NAN)),),
    kinks=(Kink("a = −3", "0", ((-3.0,),), lambda a: a + 3), Kink("a = 3", "1", ((3.0,),), lambda a: a - 3)),
    decomposition=lambda a: a * clamp(a + 3, 0.0, 6.0) / 6,
    torch="torch.nn.functional.hardswish", jax="jax.nn.hard_swish",
)  # fmt: skip
softsign: Op = op(
    special.softsign, name="softsign", doc="<a>/(1 + |<a>|).",
    partials=(lambda a, y: square(1 / (1 + abs(a))),),
    latex=r"\frac{<a>}{1 + \left|<a>\right|}", decomposition=lambda a: a / (1 + abs(a)),
    torch="torch.nn.functional.softsign", jax="jax.nn.soft_sign",
)  # fmt: skip

# ------------------------------------------------------------------------------------------------------ special functions

gaussian: Op = op(
    special.gaussian, name="gaussian", doc="The bell curve, exp(−<a>²).",
    partials=(lambda a, y: gaussian_derivative(a, n=1),),
    textbook=(lambda a, y: -2 * a * y,),
    latex="e^{-<a>^2}", decomposition=lambda a: exp(-square(a)),
)  # fmt: skip
gaussian_derivative: Op = op(
    special.gaussian_derivative, name="gaussian_derivative", doc="The n-th derivative of gaussian, exp(−<x>²).",
    partials=(lambda x, y, *, n: gaussian_derivative(x, n=n + 1),),
    latex=r"\operatorname{gaussian}^{(<n>)}\left(<x>\right)",
    decomposition=lambda x, *, n: _polynomial(x, n, 2.0) * gaussian(x),
)  # fmt: skip
erf: Op = op(
    math.erf, name="erf", doc="The error function.",
    partials=(lambda a, y: TWO_OVER_SQRT_PI * gaussian(a),),
    textbook=(lambda a, y: TWO_OVER_SQRT_PI * exp(-square(a)),),
    torch="torch.erf", jax="jax.scipy.special.erf", analytic=analytic.erf, sympy="sympy.erf",
)  # fmt: skip
erfc: Op = op(
    math.erfc, name="erfc", doc="The complementary error function, 1 − erf(<a>), accurate for large <a>.",
    partials=(lambda a, y: -TWO_OVER_SQRT_PI * gaussian(a),),
    textbook=(lambda a, y: -TWO_OVER_SQRT_PI * exp(-square(a)),),
    decomposition=lambda a: 1 - erf(a),
    torch="torch.erfc", jax="jax.scipy.special.erfc", analytic=analytic.erfc, sympy="sympy.erfc",
)  # fmt: skip
erfinv: Op = op(
    special.erfinv, name="erfinv", doc="The inverse of erf.",
    partials=(lambda p, y: erfinv_slope(p),),
    textbook=(lambda p, y: special.HALF_SQRT_PI * exp(square(y)),),
    domain=Domain("(-1, 1)"), latex=r"\operatorname{erf}^{-1}\left(<p>\right)",
    torch="torch.erfinv", jax="jax.scipy.special.erfinv", sympy="sympy.erfinv",
)  # fmt: skip
erfinv_slope: Op = op(
    special.erfinv_slope, name="erfinv_slope", doc="The derivative of erfinv, √π/2·exp(erfinv(<p>)²), accurate near ±1.",
    partials=(lambda p, y: 2 * erfinv(p) * square(y),),
    domain=Domain("(-1, 1)"), decomposition=lambda p: special.HALF_SQRT_PI * exp(square(erfinv(p))),
)  # fmt: skip


def _is_whole_and_not_positive(x: float) -> bool:
    return x <= 0.0 and x == math.floor(x)


_POLES: dict[str, Any] = {"poles": "0, −1, −2, …", "is_pole": _is_whole_and_not_positive}


def _digamma_loss(a: float) -> float:
    """The size of ψ(1 − a), which π·cot(πa) cancels near a root of digamma; at those from −12 on nothing is lost."""
    return math.log(-a) if a < -12 else 0.0


gamma: Op = op(
    math.gamma, name="gamma", doc="The gamma function, (<a> − 1)! for whole <a>.",
    partials=(lambda a, y: y * digamma(a),),
    losses=(Loss("left of −12, as digamma", 1, lambda a: builtins.abs(math.gamma(a)) * _digamma_loss(a)),),
    domain=Domain("(-inf, inf]", **_POLES), latex=r"\Gamma\left(<a>\right)",
    torch="(torch.exp(torch.lgamma(<a>)) * torch.where((<a> > 0) | (torch.floor(<a>) % 2 == 0), 1.0, -1.0))",
    jax="jax.scipy.special.gamma",
    sympy="sympy.gamma",
)  # fmt: skip
lgamma: Op = op(
    special.lgamma, name="lgamma",
    doc="The logarithm of |gamma(<a>)|; near its zeros from −12 on it keeps the digits that math.lgamma loses.",
    partials=(lambda a, y: where(a <= -INF, NAN, lambda: digamma(a)),),
    losses=(Loss("left of −12 as math.lgamma: 16 units of a·log(−a)", 0, lambda a: a * -math.log(-a) if a < -12 else 0.0),
            Loss("left of −12, as digamma", 1, _digamma_loss)),
    domain=Domain("[-inf, inf]", poles="0, −1, −2, …", is_pole=lambda x: x > -INF and _is_whole_and_not_positive(x)),
    latex=r"\ln\left|\Gamma\left(<a>\right)\right|", torch="torch.lgamma", jax="jax.scipy.special.gammaln",
    sympy="sympy.log(sympy.Abs(sympy.gamma(<a>)))",
)  # fmt: skip
digamma: Op = op(
    special.digamma, name="digamma", doc="The derivative of lgamma.",
    partials=(lambda a, y: polygamma(a, n=1),),
    losses=(Loss("left of −12, near a root: 16 units of ψ(1 − a)", 0, _digamma_loss),),
    domain=Domain("(-inf, inf]", **_POLES), latex=r"\psi\left(<a>\right)",
    torch="torch.digamma", jax="jax.scipy.special.digamma", sympy="sympy.digamma",
)  # fmt: skip


def _reflected(x: float, n: int) -> float:
    return builtins.abs(special.polygamma(1.0 - x, n=n)) if x < (-12 if n == 0 else 0) else 0.0


polygamma: Op = op(
    special.polygamma, name="polygamma", doc="The n-th derivative of digamma.",
    partials=(lambda x, y, *, n: polygamma(x, n=n + 1),),
    losses=(Loss("left of 0, near a root: 16 units of ψ⁽ⁿ⁾(1 − x)", 0, lambda x, *, n: _reflected(x, n)),
            Loss("left of 0, near a root: 64 units of ψ⁽ⁿ⁺¹⁾(1 − x)", 1, lambda x, *, n: _reflected(x, n + 1))),
    domain=Domain("(-inf, inf]", **_POLES), latex=r"\psi^{(<n>)}\left(<x>\right)",
    torch="torch.polygamma(<n>, <x>)", jax="jax.scipy.special.polygamma(<n>, <x>)", sympy="sympy.polygamma(<n>, <x>)",
)  # fmt: skip

# --------------------------------------------------------------------------------------------- absolute value, steps, choices

abs: Op = op(
    operator.abs, name="abs", noun="the absolute value", doc="The absolute value.",
    partials=(lambda a, y: sign(a),),
    kinks=(Kink("a = 0", "0", ((0.0,), (-0.0,)), lambda a: a),),
    latex=r"\left|<a>\right|", numpy=("abs", "absolute", "fabs"), analytic=lambda a: -a if a.real < 0.0 else a,
    sympy="sympy.Abs", onnx="Abs",
)  # fmt: skip
sign: Op = op(
    special.sign, name="sign", noun="the sign", doc="−1, 0 or 1.",
    partials=(lambda a, y: where(a <= a, CLOSED, NAN),),
    kinks=(Kink("a = 0", "0", ((0.0,), (-0.0,)), lambda a: a, jumps=True),),
    numpy="sign", analytic=analytic.level, sympy="sympy.sign", onnx="Sign",
)  # fmt: skip
floor: Op = op(
    special.floor, name="floor", doc="The largest whole number not above the operand.",
    partials=(lambda a, y: where(a <= a, CLOSED, NAN),),
    domain=FINITE, kinks=(Kink("a whole", "0", ((0.0,), (2.0,)), lambda a: a - round(a), jumps=True),),
    latex=r"\left\lfloor <a> \right\rfloor", numpy="floor", analytic=analytic.level, sympy="sympy.floor", onnx="Floor",
)  # fmt: skip
ceil: Op = op(
    special.ceil, name="ceil", doc="The smallest whole number not below the operand.",
    partials=(lambda a, y: where(a <= a, CLOSED, NAN),),
    domain=FINITE, kinks=(Kink("a whole", "0", ((0.0,), (2.0,)), lambda a: a - round(a), jumps=True),),
    latex=r"\left\lceil <a> \right\rceil", numpy="ceil", analytic=analytic.level, sympy="sympy.ceiling", onnx="Ceil",
)  # fmt: skip
trunc: Op = op(
    special.trunc, name="trunc", doc="The operand without its fraction: the whole number next to it on the side of 0.",
    partials=(lambda a, y: where(a <= a, CLOSED, NAN),),
    domain=FINITE, kinks=(Kink("a whole, not 0", "0", ((2.0,), (-1.0,)), lambda a: special.to_a_step(a, 1.0), jumps=True),),
    decomposition=lambda a: where(a > 0, lambda: floor(a), lambda: ceil(a)),
    numpy="trunc",
)  # fmt: skip
round: Op = op(
    special.rounded, name="round", doc="The operand rounded to that many digits behind the point, half to even, as Python rounds.",
    partials=(lambda a, y, *, ndigits: where(a <= a, CLOSED, NAN),),
    domain=FINITE, kinks=(Kink("a half-way", "0", ((0.5,), (-2.5,)), lambda a: special.to_a_multiple(a - 0.5, 1.0), jumps=True),),
    numpy="rint", torch="torch.round(<a>, decimals=<ndigits>)", jax="jnp.round(<a>, <ndigits>)",
)  # fmt: skip
floor_div: Op = op(
    operator.floordiv, name="floor_div", noun="whole division", symbol="//",
    doc="The quotient rounded down to a whole number, Python's //.",
    partials=(lambda a, b, y: where(y < INF, CLOSED, lambda: where(y <= y, CLOSED, NAN)),
              lambda a, b, y: where(y < INF, CLOSED, lambda: where(y <= y, CLOSED, NAN))),
    domain=(REAL, NONZERO), precedence=PRODUCT, text="<a> // <b>", latex=r"\left\lfloor \frac{<a>}{<b>} \right\rfloor",
    kinks=(Kink("a/b whole", "0, 0", ((4.0, 2.0),), lambda a, b: special.to_a_multiple(a, b), jumps=True),),
    decomposition=lambda a, b: floor(a / b),
    numpy="floor_divide", torch='torch.div(<a>, <b>, rounding_mode="floor")',
)  # fmt: skip
mod: Op = op(
    operator.mod, name="mod", noun="the remainder", symbol="%",
    doc="What a division with a whole quotient leaves, of <b>'s sign: Python's %, <a> − <b>·⌊<a>/<b>⌋.",
    partials=(lambda a, b, y: where(y < INF, 1.0, lambda: where(y <= y, 1.0, NAN)),
              lambda a, b, y: -floor_div(a, b)),
    domain=(REAL, NONZERO), text="<a> % <b>", latex=r"<a> \bmod <b>", precedence=PRODUCT,
    kinks=(Kink("a/b whole", "1, −⌊a/b⌋", ((4.0, 2.0),), lambda a, b: special.to_a_multiple(a, b), jumps=True),),
    decomposition=lambda a, b: a - b * floor(a / b),
    numpy="remainder", sympy="sympy.Mod",
)  # fmt: skip
fmod: Op = op(
    math.fmod, name="fmod", doc="What a division with a whole quotient leaves, of <a>'s sign: C's fmod, <a> − <b>·trunc(<a>/<b>).",
    partials=(lambda a, b, y: where(y < INF, 1.0, lambda: where(y <= y, 1.0, NAN)),
              lambda a, b, y: where(abs(b) > 0, lambda: -(sign(a) * sign(b) * floor_div(abs(a), abs(b))), NAN)),
    domain=(FINITE, NONZERO),
    kinks=(Kink("a/b whole, not 0", "1, −trunc(a/b)", ((4.0, 2.0),), lambda a, b: special.to_a_step(a, b), jumps=True),),
    decomposition=lambda a, b: a - b * trunc(a / b),
    numpy="fmod",
)  # fmt: skip
copysign: Op = op(
    math.copysign, name="copysign", doc="The size of <a> with the sign of <b>.",
    partials=(lambda a, b, y: sign(a) * copysign(1.0, b),
              lambda a, b, y: CLOSED),
    kinks=(Kink("a = 0", "0, 0", ((0.0, 1.0), (-0.0, -2.0)), lambda a, b: a, moving=("a",)),
           Kink("b = 0", "those of the side of its sign", ((1.0, 0.0), (-2.0, -0.0)), lambda a, b: b, jumps=True, moving=("b",))),
    decomposition=lambda a, b: where(b > 0, lambda: abs(a), lambda: -abs(a)),
    numpy="copysign",
)  # fmt: skip


def cumsum(xs: Iterable[Any]) -> tuple[Any, ...]:
    """The sums of the first one, two, ... numbers, each rounded once: a node with one edge for each number it adds.

    >>> cumsum([1.0, 2.0, 4.0])
    (1.0, 3.0, 7.0)
    """
    if isinstance(xs, (str, bytes, bytearray)) or not hasattr(type(xs), "__iter__"):
        raise OperandError(f"cumsum takes a list of numbers and nodes, not {xs!r:.60}; put the operands in one, [a, b]")
    xs = tuple(xs)
    return tuple([sum(xs[:count]) for count in range(1, len(xs) + 1)])


def divmod(a: Any, b: Any) -> tuple[Any, Any]:
    """(a // b, a % b), as Python's divmod: the quotient rounded down, and what it leaves.

    >>> divmod(7.5, 2.0)
    (3.0, 1.5)
    """
    return floor_div(a, b), mod(a, b)


@expression
def _share(a: Any, b: Any, active: Sequence[bool]) -> Any:
    """The partial of max(a, b) in a: all, nothing, or at a tie half if both are nodes; NaN where a is."""
    at_tie_or_nan = lambda: where(a <= b, 0.5 if builtins.all(active) else CLOSED, lambda: where(a <= a, CLOSED, NAN))
    return where(a > b, 1.0, lambda: where(a < b, CLOSED, at_tie_or_nan))


_TIE = Kink("a = b", "½ and ½; 0 if one is a constant", ((1.0, 1.0), (0.0, -0.0)), lambda a, b: a - b)
max: Op = op(
    special.larger, name="max", noun="the maximum", doc="The larger of two.",
    partials=(lambda a, b, y, *, active: _share(a, b, active),
              lambda a, b, y, *, active: _share(b, a, active)),
    kinks=(_TIE,), latex=r"\max\left(<a>, <b>\right)", overload=lambda *xs: _extreme(max, max_of, xs),
    numpy="maximum", analytic=lambda a, b: a if a.real > b.real else b, sympy="sympy.Max", onnx="Max",
)  # fmt: skip
min: Op = op(
    special.smaller, name="min", noun="the minimum", doc="The smaller of two.",
    partials=(lambda a, b, y, *, active: _share(-a, -b, active),
              lambda a, b, y, *, active: _share(-b, -a, active)),
    kinks=(_TIE,), latex=r"\min\left(<a>, <b>\right)", overload=lambda *xs: _extreme(min, min_of, xs),
    numpy="minimum", analytic=lambda a, b: a if a.real < b.real else b, sympy="sympy.Min", onnx="Min",
)  # fmt: skip


def _extreme(of_two: Op, of_many: Op, arguments: tuple[Any, ...]) -> Any:
    """max(a, b, c) and max([a, b, c]): the row of two operands or the one of any number."""
    if len(arguments) != 1:
        return of_many(arguments)
    (xs,) = arguments
    if isinstance(xs, (float, int)) or hasattr(type(xs), "__autograd_op__"):
        raise OperandError(f"{of_two.__name__} takes 2 operands ({', '.join(of_two.names)}), or more, or a list of them, not 1")
    if isinstance(xs, (list, tuple)) and len(xs) == 2:
        return of_two(*xs)
    return of_many(xs)


@expression
def _inside_share(x: Any, low: Any, high: Any, active: Sequence[bool]) -> Any:
    """The partial of clamp in x: the share of x in max(x, low), through min(·, high)."""
    return where(x > low, lambda: _room(-x, -high, (active[0], active[2])), lambda: _at_low(x, low, high, active))


@expression
def _at_low(x: Any, low: Any, high: Any, active: Sequence[bool]) -> Any:
    return where(low < high, lambda: _room(x, low, (active[0], active[1])), lambda: where(x <= x, CLOSED, NAN))


@expression
def _room(x: Any, low: Any, active: Sequence[bool]) -> Any:
    """The share of x in max(x, low), where −inf as a constant is no bound: relu(x) and clamp(x, 0, inf) agree at inf too."""
    unbounded = lambda: where(x > low, 1.0, lambda: where(x <= low, 0.5 if builtins.all(active) else 1.0, NAN))
    return where(low <= -INF, unbounded, lambda: _share(x, low, active))


clamp: Op = op(
    lambda x, low, high: special.between(x, low, high), name="clamp", doc="The operand kept within [<low>, <high>].",
    partials=(lambda x, low, high, y, *, active: _inside_share(x, low, high, active),
              lambda x, low, high, y, *, active: where(x <= x, lambda: _share(low, x, (active[0], active[1])), CLOSED),
              lambda x, low, high, y, *, active: where(x <= x, lambda: _share(-high, -x, (active[0], active[2])), CLOSED)),
    restriction="low must not be above high",
    kinks=(Kink("x = low", "½ and ½; 0 if low is a constant", ((-1.0, -1.0, 1.0),), lambda x, low, high: x - low),
           Kink("x = high", "½ and ½; 0 if high is a constant", ((1.0, -1.0, 1.0),), lambda x, low, high: x - high),
           Kink("low = high", "those of the side that x is on", ((0.0, 1.0, 1.0),), lambda x, low, high: high - low)),
    latex=r"\operatorname{clamp}\left(<x>, <low>, <high>\right)",
    decomposition=lambda x, low, high: min(max(x, low), high),
    numpy="clip", torch="torch.clamp",
)  # fmt: skip
lerp: Op = op(
    special.lerp, name="lerp", doc="The number at <t> of the way from <a> to <b>, (1 − <t>)·<a> + <t>·<b>, rounded once.",
    partials=(lambda a, b, t, y: 1 - t,
              lambda a, b, t, y: t,
              lambda a, b, t, y: where(t <= t, lambda: b - a, NAN)),
    textbook=(lambda a, b, t, y: 1 - t, lambda a, b, t, y: t, lambda a, b, t, y: b - a),
    decomposition=lambda a, b, t: a + t * (b - a),
    torch="torch.lerp",
)  # fmt: skip

# ------------------------------------------------------------------------------------------------ any number of operands
# One node each, however many operands: that is how the mathematics is written, and it makes everything faster.

sum: Op = op(
    special.exact_sum, name="sum", noun="the sum", doc="The sum of a sequence, rounded once.",
    partials=lambda xs, y: (1.0,) * len(xs), empty=0.0,
    latex=r"\sum\left(<xs>\right)", decomposition=lambda xs: _chain(add, xs), onnx="Sum",
)  # fmt: skip
mean: Op = op(
    special.exact_mean, name="mean", noun="the mean", doc="The arithmetic mean of a sequence.",
    partials=lambda xs, y: (1 / len(xs),) * len(xs),
    latex=r"\operatorname{mean}\left(<xs>\right)", decomposition=lambda xs: sum(xs) / len(xs),
)  # fmt: skip


@expression
def _variance_slopes(xs: Sequence[Any], n: int) -> tuple[Any, ...]:
    return tuple([d * (2 / n) for d in _deviations(xs)])


@expression_or(sequences.deviation_slopes)
def _deviation_slopes(xs: Sequence[Any], y: Any) -> tuple[Any, ...]:
    """(xᵢ − m)/(n·y), a slope of least norm, 0, where all are equal."""
    return tuple([where(y <= 0, 0.0, lambda i=i: _deviation_slope(xs, i, y)) for i in range(len(xs))])


def _deviation_slope(xs: Sequence[Any], i: int, y: Any) -> Any:
    """(xᵢ − m)/(n·y), with d = xᵢ − m; where d dominates, by n·y² = n/(n − 1)·d² + Σ eⱼ², eⱼ the deviations of the others."""
    n, size = len(xs), _number_of(y)
    if size is not None and size < 1e-70:  # of operands, and their deviations, that may be subnormal
        xs = [x * 2.0**200 for x in xs]
        y = std(xs)
    d = deviation(xs, i)
    if size is None or _is_safe_quotient(d, math.sqrt(n - 1) * _number_of(y), size):
        return d / n / y
    others = deviation([x for j, x in enumerate(xs) if j != i])
    return math.sqrt(n - 1) / n * _cosine(math.sqrt(n / (n - 1)) * d, others)


@expression_or(sequences.deviations)
def _deviations(xs: Sequence[Any]) -> Sequence[Any]:
    """xᵢ − m for each i, by rows with the digits that xᵢ − mean(xs) loses where it is small."""
    return deviation(xs)  # type: ignore[no-any-return]  # a tuple, since no k is given


@expression
def _unless_nan(slope: float, y: Any) -> Any:
    return where(y <= y, slope, NAN)


def _deviation_call(apply: Callable[..., Any], xs: Iterable[Any], k: int | None = None) -> Any:
    return _components("deviation", apply, tuple(xs), k)


deviation: Op = op(
    sequences.deviation, name="deviation", doc="x_k − m, m the mean of a sequence, a node for each k.",
    partials=lambda xs, y, *, k: tuple([_unless_nan((1 if i == k else 0) - 1 / len(xs), y) for i in range(len(xs))]),
    latex=r"\left(<xs>\right)_{<k>} - \operatorname{mean}", call=_deviation_call,
    decomposition=lambda xs, k: xs[k] - mean(xs),
)  # fmt: skip
var: Op = op(
    sequences.variance, name="var", doc="The variance of a sequence, Σ (xᵢ − m)²/n with its mean m.",
    partials=lambda xs, y: _variance_slopes(xs, len(xs)),
    decomposition=lambda xs: mean([square(x - mean(xs)) for x in xs]),
)  # fmt: skip
std: Op = op(
    sequences.standard_deviation, name="std", doc="The standard deviation of a sequence, √(Σ (xᵢ − m)²/n) with its mean m.",
    partials=lambda xs, y: _deviation_slopes(xs, y),
    kinks=(Kink("all equal", "0", ((1.0, 1.0, 1.0), (2.0, 2.0)), lambda xs: sequences.standard_deviation(tuple(xs))),),
    decomposition=lambda xs: sqrt(mean([square(x - mean(xs)) for x in xs])),
)  # fmt: skip


@expression_or(sequences.products_of_others)
def _products_of_others(xs: Sequence[Any]) -> Sequence[Any]:
    return tuple([prod((*xs[:i], *xs[i + 1 :])) for i in range(len(xs))])


prod: Op = op(
    sequences.product, name="prod", noun="the product", doc="The product of a sequence; of nothing 1.", empty=1.0,
    partials=lambda xs, y: _products_of_others(xs),
    latex=r"\prod\left(<xs>\right)", decomposition=lambda xs: _chain(mul, xs),
)  # fmt: skip


@expression
def _norm_slope(xs: Sequence[Any], i: int, y: Any) -> Any:
    """xᵢ/y; 0 where every operand is; rescaled where y has lost digits or overflowed; its limit where one is infinite."""
    usual = lambda: where(y < INF, lambda: _part_of_norm(xs, i, y), lambda: _far_norm_slope(xs, i))
    return where(y < 1e-290, lambda: where(y <= 0, 0.0, lambda: _scaled_norm_slope(xs, i, 2.0**200)), usual)


def _part_on_floats(xs: Sequence[float], i: int, y: float) -> float:
    return xs[i] / y


@expression_or(_part_on_floats)
def _part_of_norm(xs: Sequence[Any], i: int, y: Any) -> Any:
    """xᵢ/y, whose derivatives cancel, as 1 − (xᵢ/y)² does, where xᵢ dominates, and overflow far from 1."""
    size = _number_of(y)
    if size is None or _is_safe_quotient(xs[i], size, size):
        return xs[i] / y
    return _cosine(xs[i], [x for j, x in enumerate(xs) if j != i])


def _is_safe_quotient(x: Any, length: float, size: float) -> bool:
    """Whether derivatives of x/length keep their digits; those of higher order overflow below a size of 1e-290 in any form."""
    part = builtins.abs(_number_of(x)) / length
    return (1e-70 < size < 1e70 or size < 1e-290) and (part <= 0.0 or 1e-200 < part < 0.7)


def _cosine(x: Any, others: Sequence[Any]) -> Any:
    """x/norm([x, *others]), in the form that keeps the digits of derivatives.

    The length of the others has no derivative where they are all 0; beside a larger x, each is taken alone.
    """
    rest = norm(others)
    # Either form is right; less than 1, since no number of orders shows that two series are equal, as those of d and −d are.
    if type(rest) is float or (1 - 2.0**-20) * builtins.abs(_number_of(x)) <= rest.data:
        return polar_power(x, rest, cosines=1, sines=0, radii=0)
    return sign(x) / norm([1.0, *[other / x for other in others]])


@expression
def _scaled_norm_slope(xs: Sequence[Any], i: int, s: float) -> Any:
    scaled = [x * s for x in xs]
    return _part_of_norm(scaled, i, norm(scaled))


@expression
def _far_norm_slope(xs: Sequence[Any], i: int) -> Any:
    infinite = sum([where(abs(x) >= INF, 1.0, 0.0) for x in xs])
    finite = lambda: _scaled_norm_slope(xs, i, 2.0**-64)
    return where(abs(xs[i]) >= INF, lambda: where(infinite > 1, NAN, lambda: sign(xs[i])), finite)


norm: Op = op(
    sequences.norm, name="norm", noun="the norm", doc="The Euclidean length of a sequence, √Σ xᵢ²; of nothing 0.", empty=0.0,
    partials=lambda xs, y: tuple([_norm_slope(xs, i, y) for i in range(len(xs))]),
    kinks=(Kink("every operand 0", "0", ((0.0, 0.0, 0.0), (-0.0, 0.0, 0.0)), lambda xs: sequences.norm(xs)),),
    decomposition=lambda xs: sqrt(sum([square(x) for x in xs])),
)  # fmt: skip


def _shares_on_floats(xs: Sequence[float], active: Sequence[bool]) -> tuple[float, ...]:
    """1/k for each of k largest that are equal; nothing if one of them is a constant."""
    top = sequences.largest(xs)  # type: ignore[arg-type]  # a tuple
    ties = [1.0 if x >= top else 0.0 for x in xs]
    fixed = special.exact_sum([0.0 if on else tie for tie, on in zip(ties, active, strict=True)])
    share = CLOSED if fixed > 0.0 else 1.0 / special.exact_sum(ties) if top == top else NAN
    return tuple([CLOSED if x < top else share for x in xs])  # type: ignore[misc]  # a gate is no float


@expression_or(_shares_on_floats)
def _shares(xs: Sequence[Any], active: Sequence[bool]) -> tuple[Any, ...]:
    """The partials of the largest of xs. Numbers are compared, not operands: an operand that is the largest is no kink."""
    numbers = tuple(map(_number_of, xs))
    if all(number_now is not None for number_now in numbers):
        return _shares_on_floats(numbers, active)
    top = max_of(xs)
    ties = [where(x >= top, 1.0, 0.0) for x in xs]
    fixed = sum([0.0, *[tie for tie, on in zip(ties, active, strict=True) if not on]])
    share = where(fixed > 0, CLOSED, where(top <= top, 1 / sum(ties), NAN))
    return tuple([where(x < top, CLOSED, share) for x in xs])


_SEVERAL = ("several are the extreme", "1/k for each of k; 0 if one of them is a constant")

max_of: Op = op(
    sequences.largest, name="max_of", noun="the maximum", doc="The largest of a sequence.", symbol="max",
    partials=lambda xs, y, *, active: _shares(xs, active),
    kinks=(Kink(*_SEVERAL, ((1.0, 1.0, -2.0, 1.0), (0.0, -0.0, 0.0)), lambda xs: sequences.gap(xs)),),
    latex=r"\max\left(<xs>\right)", decomposition=lambda xs: _chain(max, xs),
    torch="torch.amax(torch.stack([<xs>]), 0)", jax="jnp.max(jnp.stack([<xs>]))", sympy="sympy.Max", onnx="Max",
)  # fmt: skip
min_of: Op = op(
    sequences.smallest, name="min_of", noun="the minimum", doc="The smallest of a sequence.", symbol="min",
    partials=lambda xs, y, *, active: _shares(tuple([-x for x in xs]), active),
    kinks=(Kink(*_SEVERAL, ((1.0, 1.0, 2.0, 1.0), (0.0, -0.0, 0.0)), lambda xs: sequences.gap([-x for x in xs])),),
    latex=r"\min\left(<xs>\right)", decomposition=lambda xs: _chain(min, xs),
    torch="torch.amin(torch.stack([<xs>]), 0)", jax="jnp.min(jnp.stack([<xs>]))", sympy="sympy.Min", onnx="Min",
)  # fmt: skip


def _chain(operation: Op, xs: Sequence[Any]) -> Any:
    """xs joined by an operation of two operands, from left to right."""
    total = xs[0]
    for x in xs[1:]:
        total = operation(total, x)
    return total


def _pairs(ws: Iterable[Any], xs: Iterable[Any]) -> tuple[Any, ...]:
    ws, xs = tuple(ws), tuple(xs)
    if len(ws) != len(xs) or not ws:
        raise OperandError(f"two sequences of the same length are needed, not {len(ws)} and {len(xs)} numbers")
    return ws + xs


def _pairs_and_bias(ws: Iterable[Any], xs: Iterable[Any], b: Any) -> tuple[Any, ...]:
    return (*_pairs(ws, xs), b)


def _halves(operands: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    half = len(operands) // 2
    return operands[:half], operands[half : 2 * half]


_ROUNDED_PRODUCTS = Loss(
    "value where products cancel: 16 units of the largest product", 0,
    lambda xs: builtins.max(map(builtins.abs, map(operator.mul, *_halves(xs)))),
)  # fmt: skip
dot: Op = op(
    special.dot, name="dot", noun="the scalar product", symbol="w·x",
    doc="The scalar product of two sequences, Σ wᵢxᵢ; ∂/∂wᵢ = xᵢ and ∂/∂xᵢ = wᵢ.",
    partials=lambda xs, y: xs[len(xs) // 2 :] + xs[: len(xs) // 2],
    losses=(_ROUNDED_PRODUCTS,),
    latex=r"\mathbf{w}\cdot\mathbf{x}\left(<xs>\right)",
    arrange=_pairs,
    decomposition=lambda xs: _chain(add, tuple(map(mul, *_halves(xs)))),
)  # fmt: skip
affine: Op = op(
    special.affine, name="affine", noun="the weighted sum", symbol="w·x + b",
    doc="A neuron's logit z = Σ wᵢxᵢ + b in one node; ∂z/∂wᵢ = xᵢ, ∂z/∂xᵢ = wᵢ, ∂z/∂b = 1.",
    partials=lambda xs, y: xs[len(xs) // 2 : -1] + xs[: len(xs) // 2] + (1.0,),
    losses=(_ROUNDED_PRODUCTS,),
    latex=r"\mathbf{w}\cdot\mathbf{x} + b\left(<xs>\right)",
    arrange=_pairs_and_bias,
    decomposition=lambda xs: _chain(add, (xs[-1], *map(mul, *_halves(xs)))),
)  # fmt: skip
exp_sub: Op = op(
    special.exp_of_difference, name="exp_sub", doc="exp(<a> − <b>), with the rounding error of <a> − <b> put back.",
    partials=(lambda a, b, y: y,
              lambda a, b, y: -y),
    kinks=(Kink("a = b = ±inf", "1, −1, as if they were equal numbers", ((INF, INF), (-INF, -INF)),
                lambda a, b: 0.0 if a == b and math.isinf(a) else 1.0),),
    latex="e^{<a> - <b>}", decomposition=lambda a, b: exp(a - b),
)  # fmt: skip


@expression_or(special.probabilities)
def _probabilities(xs: Sequence[Any]) -> Sequence[Any]:
    """softmax(xs), every component, from n exponentials and one sum: n rows of softmax would hold n² edges.

    The largest operand's own exponential is the constant 1, so that no 1 − p is formed where p is nearly 1. Symbols, which
    have no size, keep the row. Numbers are compared, not operands: equal operands are no kink here. Two operands have the row
    that keeps its digits where they are nearly equal.
    """
    numbers = tuple(map(_number_of, xs))
    if any(number_now is None for number_now in numbers):
        return softmax(xs)  # type: ignore[no-any-return]  # a tuple, since no k is given
    if len(xs) == 2:
        return share(xs[0], xs[1]), share(xs[1], xs[0])
    top = special.place_of_largest(numbers)
    weights = [exp_sub(x, xs[top]) for x in xs]
    weights[top] = 1.0 if numbers[top] == numbers[top] else NAN
    total = sum(weights)
    return tuple([weight / total for weight in weights])


logsumexp: Op = op(
    special.logsumexp, name="logsumexp", doc="log Σ exp(xᵢ), a smooth maximum of a sequence.",
    partials=lambda xs, y: _probabilities(xs),
    kinks=(Kink("every operand −inf", "equal weights", ((-INF, -INF),), lambda xs: 0.0 if builtins.max(xs) == -INF else 1.0),),
    decomposition=lambda xs: log(sum([exp(x) for x in xs])),
    torch="torch.logsumexp(torch.stack([<xs>]), 0)", jax="jax.scipy.special.logsumexp(jnp.stack([<xs>]))",
)  # fmt: skip


share: Op = op(
    lambda a, b: special.softmax((a, b), k=0), name="share", doc="eᵃ/(eᵃ + eᵇ), the share of <a> in the two: sigmoid(<a> − <b>).",
    # p·(1 − p) would cancel in its own derivatives where a and b are nearly equal
    partials=(lambda a, b, y: sigmoid_slope(a - b),
              lambda a, b, y: -sigmoid_slope(a - b)),
    textbook=(lambda a, b, y: y * (1 - y), lambda a, b, y: -y * (1 - y)),
    losses=(Loss("slope: the rounding of a − b counts, 1e-13 of it at most", 1, lambda a, b: _share_loss(a, b)),),
    kinks=(Kink("a = b = −inf", "NaN", ((-INF, -INF),), lambda a, b: 0.0 if a == b == -INF else 1.0),),
    latex=r"\frac{e^{<a>}}{e^{<a>} + e^{<b>}}", decomposition=lambda a, b: exp(a) / (exp(a) + exp(b)),
)  # fmt: skip


def _share_loss(a: float, b: float) -> float:
    return special.sigmoid_slope(a - b) * builtins.max(1.0, builtins.abs(a - b) / 64)


logaddexp: Op = op(
    lambda a, b: special.logsumexp((a, b)), name="logaddexp", doc="log(eᵃ + eᵇ).",
    partials=(lambda a, b, y: share(a, b),
              lambda a, b, y: share(b, a)),
    textbook=(lambda a, b, y: exp(a - y), lambda a, b, y: exp(b - y)),
    kinks=(Kink("a = b = −inf", "½ and ½", ((-INF, -INF),), lambda a, b: 0.0 if a == b == -INF else 1.0),),
    latex=r"\ln\left(e^{<a>} + e^{<b>}\right)", decomposition=lambda a, b: log(exp(a) + exp(b)),
    numpy="logaddexp",
)  # fmt: skip


@expression
def _others(p: Sequence[Any], k: int) -> Any:
    """1 − p_k, as the sum of the other probabilities: 1 − p_k itself is 0 once p_k rounds to 1."""
    return sum((*p[:k], *p[k + 1 :], 0 * p[k]))


@expression_or(special.complement)
def _complement(p: Sequence[Any], k: int) -> Any:
    """1 − p_k. Where p_k is at most ½ this form keeps its digits, and its derivatives keep theirs; beyond, the others' sum does."""
    number_now = _number_of(p[k])
    return 1 - p[k] if number_now is not None and number_now <= 0.5 else _others(p, k)


@expression
def _softmax_slopes(p: Sequence[Any], k: int) -> tuple[Any, ...]:
    opposite = -p[k]
    return tuple([p[k] * _complement(p, k) if i == k else opposite * p[i] for i in range(len(p))])


@expression
def _softmax_slopes_of_two(a: Any, b: Any, p: Sequence[Any], k: int) -> tuple[Any, ...]:
    """±p₀p₁, near each other as sigmoid′(a − b): p₀p₁ cancels in its own derivatives where the two are nearly equal."""
    slope = where(abs(a - b) < 8, lambda: sigmoid_slope(a - b), lambda: p[0] * p[1])
    return (slope, -slope) if k == 0 else (-slope, slope)


@expression
def _cross_entropy_slopes(p: Sequence[Any], target: int) -> tuple[Any, ...]:
    return tuple([-_complement(p, target) if i == target else p[i] for i in range(len(p))])


def _place(name: str, xs: Sequence[Any], k: int) -> int:
    k = operator.index(k)
    if not 0 <= k < len(xs):
        raise DomainError(f"{name} of {len(xs)} numbers has no component {k}; count from 0 to {len(xs) - 1}")
    return k


def _components(name: str, apply: Callable[..., Any], xs: tuple[Any, ...], k: int | None) -> Any:
    """Component k, or all of them as a tuple."""
    places = range(len(xs)) if k is None else [_place(name, xs, k)]
    found = tuple([apply(xs, {"k": place}) for place in places])
    return found if k is None else found[0]


def _softmax_call(apply: Callable[..., Any], xs: Iterable[Any], k: int | None = None) -> Any:
    return _components("softmax", apply, tuple(xs), k)


def _log_softmax_call(apply: Callable[..., Any], xs: Iterable[Any], k: int | None = None) -> Any:
    return _components("log_softmax", apply, tuple(xs), k)


def _cross_entropy_call(apply: Callable[..., Any], xs: Iterable[Any], target: int) -> Any:
    xs = tuple(xs)
    return apply(xs, {"target": _place("cross_entropy", xs, target)})


softmax: Op = op(
    special.softmax, name="softmax", doc="exp(x_k)/Σ exp(xᵢ): the probabilities of a sequence of logits, a node for each k.",
    partials=lambda xs, y, *, k: (
        _softmax_slopes_of_two(xs[0], xs[1], _probabilities(xs), k) if len(xs) == 2 else _softmax_slopes(_probabilities(xs), k)),
    latex=r"\operatorname{softmax}\left(<xs>\right)_{<k>}", call=_softmax_call,
    decomposition=lambda xs, k: exp(xs[k]) / sum([exp(x) for x in xs]),
    torch="torch.softmax(torch.stack([<xs>]), 0)[<k>]", jax="jax.nn.softmax(jnp.stack([<xs>]))[<k>]",
)  # fmt: skip
log_softmax: Op = op(
    special.log_softmax, name="log_softmax", doc="x_k − log Σ exp(xᵢ), the logarithms of softmax, a node for each k.",
    partials=lambda xs, y, *, k: tuple([-slope for slope in _cross_entropy_slopes(_probabilities(xs), k)]),
    latex=r"\ln\operatorname{softmax}\left(<xs>\right)_{<k>}", call=_log_softmax_call,
    decomposition=lambda xs, k: xs[k] - logsumexp(xs),
    torch="torch.log_softmax(torch.stack([<xs>]), 0)[<k>]", jax="jax.nn.log_softmax(jnp.stack([<xs>]))[<k>]",
)  # fmt: skip
cross_entropy: Op = op(
    special.cross_entropy, name="cross_entropy", doc="−log softmax(xs)[target]: the loss of a classifier with these logits.",
    partials=lambda xs, y, *, target: _cross_entropy_slopes(_probabilities(xs), target),
    latex=r"-\ln\operatorname{softmax}\left(<xs>\right)_{<target>}", call=_cross_entropy_call,
    decomposition=lambda xs, target: logsumexp(xs) - xs[target],
    torch="(-torch.log_softmax(torch.stack([<xs>]), 0)[<target>])", jax="(-jax.nn.log_softmax(jnp.stack([<xs>]))[<target>])",
)  # fmt: skip

end_table()

if not TYPE_CHECKING:  # a type checker cannot read this list, and sees every name without it
    # A star import leaves Python's own abs, max, min, pow and sum alone: import those five by name.
    __all__ = [
        "CLOSED",
        "TABLE",
        "cumsum",
        "Domain",
        "Kink",
        "Op",
        "forget",
        "lookup",
        "number",
        "op",
        *(n for n in TABLE if not hasattr(builtins, n)),
    ]
