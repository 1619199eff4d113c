"""Arguments of an operation that are nodes and plain numbers mixed: a number is a constant, through which no derivative flows."""

from __future__ import annotations

from itertools import compress
from typing import Any

from autograd.ops import number

__all__ = ["taken_apart"]


def taken_apart(node_type: type, arguments: tuple[Any, ...]) -> Any:
    """The arguments, with floats for the numbers among them; the nodes among them; which of them are nodes; the data of all.

    None if an argument is of another number type that takes operations, which may be made of nodes. Raises for what is no number.
    """
    if len(arguments) == 2:  # of an operator, for which this is the commonest case
        a, b = arguments
        if type(b) is float:
            return arguments, (a,), (True, False), (a.data, b)
        if type(a) is float:
            return arguments, (b,), (False, True), (a, b.data)
    if any(hasattr(type(x), "__autograd_op__") for x in arguments if type(x) is not node_type):
        return None
    active = [type(x) is node_type for x in arguments]
    floats: Any = tuple([x if is_node else number(x) for x, is_node in zip(arguments, active, strict=True)])
    data = [x.data if is_node else x for x, is_node in zip(floats, active, strict=True)]
    return floats, tuple(compress(floats, active)), active, data
