"""Derivatives of functions: gradients, Jacobians, Hessians and products with them, of any order, in reverse and forward mode.

    >>> grad(lambda x: x**3)(2.0)                               # reverse mode: one sweep, all inputs
    12.0
    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))         # forward mode: one tangent along the whole computation
    (6.0, 3.0)
    >>> grad(grad(grad(lambda x: x**4)))(1.0)
    24.0
    >>> hessian(lambda v: v[0] ** 2 * v[1])([3.0, 5.0])
    [[10.0, 6.0], [6.0, 0.0]]

Arguments are numbers, or nested lists, tuples, dicts, dataclasses and numpy arrays of them; derivatives have the same structure.
None, strings and truth values in it are constants and are not changed; an int is a number. Derivatives are numbers; where the
function's own value would be a node, because an argument is one or the function closes over one, the derivative is a node too, so
that no gradient is lost. Nothing here reads or writes the `grad` of a node; calls can be nested and run in threads.

Reverse mode is `gradient`: the chain rule of `Value.backward`, with the rows' partials evaluated on nodes, so that the
result is a graph and can be differentiated again. Forward mode is `Dual`: the same partials on pairs (primal, tangent), and
`Series`: all orders in one pass. Each call has separate nodes for its arguments, and each forward pass a separate level, so there
is no perturbation confusion (Siskind and Pearlmutter, 2005):

    >>> grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0)
    1.0

Start reading at `reverse.gradient`, then at `forward.Dual`; `structures` flattens nested arguments.
"""

from autograd.transforms.custom import checkpoint, custom_jvp, custom_vjp, stop_gradient
from autograd.transforms.forward import Dual, jvp, nth_derivative, taylor
from autograd.transforms.maps import jacfwd, jacrev, linearize, vmap
from autograd.transforms.passes import count_passes
from autograd.transforms.reverse import grad, gradient, hessian, hvp, jacobian, value_and_grad, vjp

__all__ = ["Dual", "checkpoint", "count_passes", "custom_jvp", "custom_vjp", "grad", "gradient", "hessian", "hvp", "jacfwd"]
__all__ += ["jacobian", "jacrev", "jvp", "linearize", "nth_derivative", "stop_gradient", "taylor", "value_and_grad", "vjp", "vmap"]
