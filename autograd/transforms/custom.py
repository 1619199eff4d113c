"""Gradients that are changed on purpose: stopped, or given by rules of the user's.

>>> from autograd import grad, jvp
>>> f = lambda x: x * stop_gradient(x)
>>> grad(f)(3.0), jvp(f, (3.0,), (1.0,))
(3.0, (9.0, 3.0))
"""

from __future__ import annotations

from typing import Any

from autograd.transforms.structures import map_lifted

__all__ = ["stop_gradient"]


def stop_gradient(x: Any) -> Any:
    """x as a constant: the same numbers, through which no derivative flows, of any order, in reverse and forward mode.

    x is a number or a structure of anything; what holds no derivative is returned as it is. The same as `x.detach()` for one node.

    >>> from autograd import Value
    >>> x, y = Value(2.0), Value(3.0)
    >>> z = x * stop_gradient({"y": y})["y"]
    >>> z.backward()
    >>> x.grad, y.grad
    (3.0, 0.0)
    """
    return map_lifted(lambda number: number.detach(), x)
