"""A scalar autodiff engine: backpropagation is the chain rule over the graph.

    >>> from autograd import Value, exp
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> z = x * y + exp(x)
    >>> z.backward()
    >>> x.grad, y.grad                      # ∂z/∂x = y + eˣ, ∂z/∂y = x
    (10.38905609893065, 2.0)

Start reading at `autograd.value`, then `autograd.ops`. ARCHITECTURE.md shows the whole house.
"""

from importlib import import_module
from typing import Any

from autograd import errors, modes, ops, value
from autograd.errors import *  # noqa: F403
from autograd.modes import *  # noqa: F403
from autograd.ops import *  # noqa: F403  # every row of the table, by its name
from autograd.value import *  # noqa: F403

# Not in __all__, so that a star import leaves Python's own alone.
BUILTINS = ("abs", "compile", "divmod", "max", "min", "pow", "round", "sum")
abs, divmod, max, min, pow, round, sum = ops.abs, ops.divmod, ops.max, ops.min, ops.pow, ops.round, ops.sum

__version__ = "0.1.0"

# Names that the first line of a program seldom needs: the module of each is imported when it is first asked for, so that importing
# the package stays fast. Type checkers read __init__.pyi, which docs/stubs.py writes.
NAMES = {
    "engine": "engine_info",
    "transforms": "Dual checkpoint count_passes custom_jvp custom_vjp grad gradient hessian hvp jacfwd jacobian jacrev jvp "
    "linearize nth_derivative stop_gradient taylor value_and_grad vjp vmap",
    "graph": "expand leaves replay trace users",
    "folding": "families",
    "text.formula": "to_latex to_mathml to_text",
    "text.programs": "to_jax to_python to_sympy to_torch",
    "show.drawing": "Drawing draw draw_dot to_dot",
    "checking": "Comparison Complex GradientCheck GradientError Judgement Oracles StepSweep check_grad compare_oracles step_sweep",
    "show.tape": "Quantity Step Table Tape record",
    "show.explanation": "Explanation explain",
    "show.quizzes": "Feedback Question Quiz quiz",
    "page": "Page quiz_page to_html to_widget",
    "compiling": "Buffers Gradients Program compile",
}
HOMES = {name: module for module, names in NAMES.items() for name in names.split()}
MODULES = {
    path.rpartition(".")[2]: path for path in (*NAMES, "text", "text.symbols", "show", "testing", "mistakes", "bugs", "examiner")
}

__all__ = ["ops", *errors.__all__, *modes.__all__, *ops.__all__, *value.__all__, *(name for name in HOMES if name not in BUILTINS)]


def __getattr__(name: str) -> Any:
    if name in MODULES:
        return import_module(f"autograd.{MODULES[name]}")
    if name in HOMES:
        return getattr(import_module(f"autograd.{HOMES[name]}"), name)
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *BUILTINS, *MODULES, "errors", "modes", "value"})
