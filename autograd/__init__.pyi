# ruff: noqa: I001, RUF022  # in the order of the table
"""The public names of the package, with the types of rows and of `grad`.

Written by docs/stubs.py: change that, or the table, and run it again.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol, TypeVar, overload, type_check_only

from autograd import bugs as bugs
from autograd import checking as checking
from autograd import compiling as compiling
from autograd.show import drawing as drawing
from autograd import engine as engine
from autograd import errors as errors
from autograd import examiner as examiner
from autograd.show import explanation as explanation
from autograd import folding as folding
from autograd.text import formula as formula
from autograd import graph as graph
from autograd import mistakes as mistakes
from autograd import modes as modes
from autograd import ops as ops
from autograd import page as page
from autograd.text import programs as programs
from autograd.show import quizzes as quizzes
from autograd import show as show
from autograd.text import symbols as symbols
from autograd.show import tape as tape
from autograd import testing as testing
from autograd import text as text
from autograd import transforms as transforms
from autograd import value as value
from autograd.checking import Comparison as Comparison
from autograd.checking import Complex as Complex
from autograd.checking import GradientCheck as GradientCheck
from autograd.checking import GradientError as GradientError
from autograd.checking import Judgement as Judgement
from autograd.checking import Oracles as Oracles
from autograd.checking import StepSweep as StepSweep
from autograd.checking import check_grad as check_grad
from autograd.checking import compare_oracles as compare_oracles
from autograd.checking import step_sweep as step_sweep
from autograd.compiling import Buffers as Buffers
from autograd.compiling import Gradients as Gradients
from autograd.compiling import Program as Program
from autograd.compiling import compile as compile
from autograd.engine import engine_info as engine_info
from autograd.errors import AnomalyError as AnomalyError
from autograd.errors import AutogradError as AutogradError
from autograd.errors import DeclarationError as DeclarationError
from autograd.errors import DivisionError as DivisionError
from autograd.errors import DomainError as DomainError
from autograd.errors import GraphSizeError as GraphSizeError
from autograd.errors import MissingExtraError as MissingExtraError
from autograd.errors import ModeError as ModeError
from autograd.errors import OperandError as OperandError
from autograd.errors import OptionError as OptionError
from autograd.errors import RangeError as RangeError
from autograd.errors import ReadOnlyError as ReadOnlyError
from autograd.errors import RenderError as RenderError
from autograd.errors import SeriesError as SeriesError
from autograd.errors import StaleGraphError as StaleGraphError
from autograd.folding import families as families
from autograd.graph import expand as expand
from autograd.graph import leaves as leaves
from autograd.graph import replay as replay
from autograd.graph import trace as trace
from autograd.graph import users as users
from autograd.modes import detect_anomaly as detect_anomaly
from autograd.modes import enable_grad as enable_grad
from autograd.modes import no_grad as no_grad
from autograd.ops import CLOSED as CLOSED
from autograd.ops import Domain as Domain
from autograd.ops import Kink as Kink
from autograd.ops import Op as Op
from autograd.ops import TABLE as TABLE
from autograd.ops import cumsum as cumsum
from autograd.ops import divmod as divmod
from autograd.ops import forget as forget
from autograd.ops import lookup as lookup
from autograd.ops import number as number
from autograd.ops import op as op
from autograd.page import Page as Page
from autograd.page import quiz_page as quiz_page
from autograd.page import to_html as to_html
from autograd.page import to_widget as to_widget
from autograd.show.drawing import Drawing as Drawing
from autograd.show.drawing import draw as draw
from autograd.show.drawing import draw_dot as draw_dot
from autograd.show.drawing import to_dot as to_dot
from autograd.show.explanation import Explanation as Explanation
from autograd.show.explanation import explain as explain
from autograd.show.quizzes import Feedback as Feedback
from autograd.show.quizzes import Question as Question
from autograd.show.quizzes import Quiz as Quiz
from autograd.show.quizzes import quiz as quiz
from autograd.show.tape import Quantity as Quantity
from autograd.show.tape import Step as Step
from autograd.show.tape import Table as Table
from autograd.show.tape import Tape as Tape
from autograd.show.tape import record as record
from autograd.text.formula import to_latex as to_latex
from autograd.text.formula import to_mathml as to_mathml
from autograd.text.formula import to_text as to_text
from autograd.text.programs import to_jax as to_jax
from autograd.text.programs import to_python as to_python
from autograd.text.programs import to_sympy as to_sympy
from autograd.text.programs import to_torch as to_torch
from autograd.transforms import Dual as Dual
from autograd.transforms import checkpoint as checkpoint
from autograd.transforms import count_passes as count_passes
from autograd.transforms import custom_jvp as custom_jvp
from autograd.transforms import custom_vjp as custom_vjp
from autograd.transforms import gradient as gradient
from autograd.transforms import hessian as hessian
from autograd.transforms import hvp as hvp
from autograd.transforms import jacfwd as jacfwd
from autograd.transforms import jacobian as jacobian
from autograd.transforms import jacrev as jacrev
from autograd.transforms import jvp as jvp
from autograd.transforms import linearize as linearize
from autograd.transforms import nth_derivative as nth_derivative
from autograd.transforms import stop_gradient as stop_gradient
from autograd.transforms import taylor as taylor
from autograd.transforms import vjp as vjp
from autograd.transforms import vmap as vmap
from autograd.value import Value as Value
from autograd.value import toposort as toposort
from autograd.value import zero_grad as zero_grad
from autograd.rows import RowA as _RowA
from autograd.rows import RowAB as _RowAB
from autograd.rows import RowABCosines1Sines0Radii0 as _RowABCosines1Sines0Radii0
from autograd.rows import RowABN1 as _RowABN1
from autograd.rows import RowABOrMore as _RowABOrMore
from autograd.rows import RowABT as _RowABT
from autograd.rows import RowANdigits0 as _RowANdigits0
from autograd.rows import RowAOr2 as _RowAOr2
from autograd.rows import RowConditionAB as _RowConditionAB
from autograd.rows import RowP as _RowP
from autograd.rows import RowWsXs as _RowWsXs
from autograd.rows import RowWsXsB as _RowWsXsB
from autograd.rows import RowXAlpha10 as _RowXAlpha10
from autograd.rows import RowXDelta10 as _RowXDelta10
from autograd.rows import RowXLowHigh as _RowXLowHigh
from autograd.rows import RowXN as _RowXN
from autograd.rows import RowXN1 as _RowXN1
from autograd.rows import RowXNegativeSlope001 as _RowXNegativeSlope001
from autograd.rows import RowXY as _RowXY
from autograd.rows import RowXs as _RowXs
from autograd.rows import RowXsKNone as _RowXsKNone
from autograd.rows import RowXsTarget as _RowXsTarget
from autograd.rows import RowYX as _RowYX

__all__ = [
    "ops",
    "AnomalyError",
    "AutogradError",
    "DeclarationError",
    "DivisionError",
    "DomainError",
    "GraphSizeError",
    "MissingExtraError",
    "ModeError",
    "OperandError",
    "OptionError",
    "RangeError",
    "ReadOnlyError",
    "RenderError",
    "SeriesError",
    "StaleGraphError",
    "detect_anomaly",
    "enable_grad",
    "no_grad",
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
    "where",
    "add",
    "sub",
    "neg",
    "identity",
    "mul",
    "div",
    "square",
    "reciprocal",
    "sqrt",
    "cbrt",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "log1mexp",
    "logit",
    "exprel",
    "exprel_derivative",
    "xlogy",
    "sin",
    "cos",
    "tan",
    "degrees",
    "radians",
    "sinc",
    "sinc_derivative",
    "one_minus_square",
    "asin",
    "acos",
    "atan",
    "inverse_power_real",
    "inverse_power_imaginary",
    "atan2",
    "polar_power",
    "hypot",
    "sinh",
    "cosh",
    "sech",
    "tanh",
    "logcosh",
    "asinh",
    "acosh",
    "atanh",
    "sigmoid",
    "sigmoid_slope",
    "logsigmoid",
    "softplus",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "celu",
    "huber",
    "normal_pdf",
    "normal_pdf_derivative",
    "normal_cdf",
    "log_normal_cdf",
    "log_normal_cdf_derivative",
    "gelu",
    "gelu_slope",
    "gelu_tanh",
    "gelu_tanh_slope",
    "silu",
    "silu_slope",
    "mish",
    "mish_slope",
    "hardtanh",
    "relu6",
    "hardsigmoid",
    "hardswish",
    "softsign",
    "gaussian",
    "gaussian_derivative",
    "erf",
    "erfc",
    "erfinv",
    "erfinv_slope",
    "gamma",
    "lgamma",
    "digamma",
    "polygamma",
    "sign",
    "floor",
    "ceil",
    "trunc",
    "floor_div",
    "mod",
    "fmod",
    "copysign",
    "clamp",
    "lerp",
    "mean",
    "deviation",
    "var",
    "std",
    "prod",
    "norm",
    "max_of",
    "min_of",
    "dot",
    "affine",
    "exp_sub",
    "logsumexp",
    "share",
    "logaddexp",
    "softmax",
    "log_softmax",
    "cross_entropy",
    "Value",
    "toposort",
    "zero_grad",
    "engine_info",
    "Dual",
    "checkpoint",
    "count_passes",
    "custom_jvp",
    "custom_vjp",
    "grad",
    "gradient",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "linearize",
    "nth_derivative",
    "stop_gradient",
    "taylor",
    "value_and_grad",
    "vjp",
    "vmap",
    "expand",
    "leaves",
    "replay",
    "trace",
    "users",
    "families",
    "to_latex",
    "to_mathml",
    "to_text",
    "to_jax",
    "to_python",
    "to_sympy",
    "to_torch",
    "Drawing",
    "draw",
    "draw_dot",
    "to_dot",
    "Comparison",
    "Complex",
    "GradientCheck",
    "GradientError",
    "Judgement",
    "Oracles",
    "StepSweep",
    "check_grad",
    "compare_oracles",
    "step_sweep",
    "Quantity",
    "Step",
    "Table",
    "Tape",
    "record",
    "Explanation",
    "explain",
    "Feedback",
    "Question",
    "Quiz",
    "quiz",
    "Page",
    "quiz_page",
    "to_html",
    "to_widget",
    "Buffers",
    "Gradients",
    "Program",
]
__version__: str
where: _RowConditionAB
add: _RowAB
sub: _RowAB
neg: _RowA
identity: _RowA
mul: _RowAB
div: _RowAB
pow: _RowAB
square: _RowA
reciprocal: _RowA
sqrt: _RowA
cbrt: _RowA
exp: _RowA
exp2: _RowA
expm1: _RowA
log: _RowAOr2
log2: _RowA
log10: _RowA
log1p: _RowA
log1mexp: _RowA
logit: _RowP
exprel: _RowA
exprel_derivative: _RowXN1
xlogy: _RowXY
sin: _RowA
cos: _RowA
tan: _RowA
degrees: _RowA
radians: _RowA
sinc: _RowA
sinc_derivative: _RowXN1
one_minus_square: _RowA
asin: _RowA
acos: _RowA
atan: _RowA
inverse_power_real: _RowABN1
inverse_power_imaginary: _RowABN1
atan2: _RowYX
polar_power: _RowABCosines1Sines0Radii0
hypot: _RowAB
sinh: _RowA
cosh: _RowA
sech: _RowA
tanh: _RowA
logcosh: _RowA
asinh: _RowA
acosh: _RowA
atanh: _RowA
sigmoid: _RowA
sigmoid_slope: _RowA
logsigmoid: _RowA
softplus: _RowA
relu: _RowA
leaky_relu: _RowXNegativeSlope001
elu: _RowXAlpha10
selu: _RowA
celu: _RowXAlpha10
huber: _RowXDelta10
normal_pdf: _RowA
normal_pdf_derivative: _RowXN1
normal_cdf: _RowA
log_normal_cdf: _RowA
log_normal_cdf_derivative: _RowXN1
gelu: _RowA
gelu_slope: _RowA
gelu_tanh: _RowA
gelu_tanh_slope: _RowA
silu: _RowA
silu_slope: _RowA
mish: _RowA
mish_slope: _RowA
hardtanh: _RowA
relu6: _RowA
hardsigmoid: _RowA
hardswish: _RowA
softsign: _RowA
gaussian: _RowA
gaussian_derivative: _RowXN1
erf: _RowA
erfc: _RowA
erfinv: _RowP
erfinv_slope: _RowP
gamma: _RowA
lgamma: _RowA
digamma: _RowA
polygamma: _RowXN
abs: _RowA
sign: _RowA
floor: _RowA
ceil: _RowA
trunc: _RowA
round: _RowANdigits0
floor_div: _RowAB
mod: _RowAB
fmod: _RowAB
copysign: _RowAB
max: _RowABOrMore
min: _RowABOrMore
clamp: _RowXLowHigh
lerp: _RowABT
sum: _RowXs
mean: _RowXs
deviation: _RowXsKNone
var: _RowXs
std: _RowXs
prod: _RowXs
norm: _RowXs
max_of: _RowXs
min_of: _RowXs
dot: _RowWsXs
affine: _RowWsXsB
exp_sub: _RowAB
logsumexp: _RowXs
share: _RowAB
logaddexp: _RowAB
softmax: _RowXsKNone
log_softmax: _RowXsKNone
cross_entropy: _RowXsTarget

_T = TypeVar("_T")

@type_check_only
class _Gradient(Protocol):
    """The type of `grad(f)`: a function of f's arguments whose result has the structure of the first."""

    @overload
    def __call__(self, x: float, /, *rest: Any, **named: Any) -> float: ...
    @overload
    def __call__(self, x: _T, /, *rest: Any, **named: Any) -> _T: ...

@type_check_only
class _ValueAndGradient(Protocol):
    """The type of `value_and_grad(f)`: a function of f's arguments that returns f's value and the gradient."""

    @overload
    def __call__(self, x: float, /, *rest: Any, **named: Any) -> tuple[float, float]: ...
    @overload
    def __call__(self, x: _T, /, *rest: Any, **named: Any) -> tuple[Any, _T]: ...

@overload
def grad(f: Callable[..., Any], argnums: Literal[0] = 0, *, has_aux: Literal[False] = False) -> _Gradient: ...
@overload
def grad(f: Callable[..., Any], argnums: int, *, has_aux: Literal[False] = False) -> Callable[..., Any]: ...
@overload
def grad(f: Callable[..., Any], argnums: Sequence[int], *, has_aux: Literal[False] = False) -> Callable[..., tuple[Any, ...]]: ...
@overload
def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, *, has_aux: bool) -> Callable[..., tuple[Any, Any]]: ...
@overload
def value_and_grad(f: Callable[..., Any], argnums: Literal[0] = 0, *, has_aux: Literal[False] = False) -> _ValueAndGradient: ...
@overload
def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, *, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]: ...
