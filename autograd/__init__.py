"""A scalar autodiff engine: backpropagation is the chain rule over the graph.

    >>> from autograd import Value, exp
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> z = x * y + exp(x)
    >>> z.backward()
    >>> x.grad, y.grad                      # ∂z/∂x = y + eˣ, ∂z/∂y = x
    (10.38905609893065, 2.0)

Start reading at `autograd.value`, then `autograd.ops`. ARCHITECTURE.md shows the whole house.
"""

from typing import TYPE_CHECKING

from autograd import checking, drawing, errors, functional, graph, ops, value
from autograd.checking import *  # noqa: F403
from autograd.drawing import *  # noqa: F403
from autograd.errors import *  # noqa: F403
from autograd.functional import *  # noqa: F403
from autograd.graph import *  # noqa: F403
from autograd.ops import *  # noqa: F403  # every row of the table, by its name
from autograd.value import *  # noqa: F403

# Not in __all__, so that a star import leaves Python's own alone.
abs, max, min, pow, sum = ops.abs, ops.max, ops.min, ops.pow, ops.sum

__version__ = "0.1.0"
if not TYPE_CHECKING:  # each room says what it makes public; a type checker sees it through the star imports
    __all__ = ["ops", *(name for room in (value, ops, functional, graph, drawing, checking, errors) for name in room.__all__)]
