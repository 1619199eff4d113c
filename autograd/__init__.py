"""A scalar autodiff engine: backpropagation is the chain rule over the graph.

    >>> from autograd import Value, exp
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> z = x * y + exp(x)
    >>> z.backward()
    >>> x.grad, y.grad                      # ∂z/∂x = y + eˣ, ∂z/∂y = x
    (10.38905609893065, 2.0)

Start reading at `autograd.value`, then `autograd.ops`.
"""

from autograd import errors, ops
from autograd.errors import *  # noqa: F403  # errors.__all__ is the list
from autograd.ops import *  # noqa: F403  # every row of the table, by its name
from autograd.value import Value, detect_anomaly, no_grad, toposort, zero_grad

# Not in __all__, so that a star import leaves Python's own alone.
abs, max, min, pow, sum = ops.abs, ops.max, ops.min, ops.pow, ops.sum

__all__ = ["Value", "detect_anomaly", "errors", "no_grad", "ops", "toposort", "zero_grad", *errors.__all__, *ops.__all__]
__version__ = "0.1.0"
