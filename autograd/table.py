"""The table of operations: every row by its name, and as a method of the number types.

`autograd.ops` declares the rows; a program's own `@op` adds more, and `forget` takes those out again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.calls import NO_PARAMETERS
from autograd.errors import DeclarationError, OperandError
from autograd.floats import FLOATS, OWN
from autograd.modes import REPLACEABLE

__all__ = ["NUMPY", "TABLE", "Methods", "NumpyMethods", "add_row", "forget", "lookup"]

TABLE: dict[str, Any] = {}
"""Every row by name, in the order of declaration."""

NUMPY: dict[str, Any] = {}
"""Every row by the names of its function in numpy, as the rows give them."""


class Methods:
    """The rows as methods, `x.exp()`: the base class of all number types. `add_row` adds a method, `forget` removes it."""

    __slots__ = ()


class NumpyMethods(Methods):
    """The rows under numpy's names, `x.arctan()`, which numpy calls on every element of an array of nodes."""

    __slots__ = ()


def add_row(row: Any) -> None:
    """Put the row into the table; with a fixed number of operands it also becomes a method of its first operand."""
    if row.__name__ in TABLE:
        _forget_numpys_names(TABLE[row.__name__])
    TABLE[row.__name__] = row
    NUMPY.update(dict.fromkeys(row.numpy, row))
    REPLACEABLE.add(row)
    FLOATS[row.__name__] = row.on_floats
    if row.call is None and not row.variadic:
        setattr(Methods, row.__name__, _method_of(row))
        for name in row.numpy:
            if name != row.__name__:
                setattr(NumpyMethods, name, _numpys_method_of(name, row))


def _method_of(row: Any) -> Callable[..., Any]:
    """`x.exp()`, `x.clamp(low, high)`: the row applied to x and the other operands."""
    takes_self_alone = row.bare == 1

    def method(self: Any, *operands: Any, **parameters: Any) -> Any:
        if takes_self_alone and not operands and not parameters:
            return self.__autograd_op__(row, (self,), NO_PARAMETERS)
        return row(self, *operands, **parameters)

    method.__name__, method.__qualname__, method.__doc__ = row.__name__, f"Methods.{row.__name__}", row.__doc__
    return method


def _numpys_method_of(name: str, row: Any) -> Callable[..., Any]:
    def method(self: Any, *operands: Any, out: Any = None) -> Any:
        if out is not None:
            raise OperandError(f"{name} of a node gives a new node; leave out=... away")
        return row(self, *operands)

    return method


def _forget_numpys_names(row: Any) -> None:
    for name in row.numpy:
        del NUMPY[name]
        if name in vars(NumpyMethods):
            delattr(NumpyMethods, name)


def lookup(name: str) -> Any:
    """The row of that name; a pickled graph finds its operations by it. Raises a DeclarationError for an unknown name."""
    try:
        return TABLE[name]
    except KeyError:
        raise DeclarationError(
            f"no operation is called {name!r}; declare it with @op before loading a graph that uses it"
        ) from None


def forget(operation: Any) -> None:
    """Remove an operation that was declared with @op, given as itself or by name, from the table.

    Graphs that use it stay valid; its name is free again and no longer a method of a node. The rows of the table itself need
    one another and cannot be removed.

    >>> from autograd.ops import op
    >>> @op(partials=(3.0,))
    ... def thrice(a):
    ...     "Three times a."
    ...     return 3 * a
    >>> "thrice" in TABLE
    True
    >>> forget(thrice)
    >>> "thrice" in TABLE
    False
    """
    name = operation if isinstance(operation, str) else getattr(operation, "__name__", "")
    if isinstance(operation, str):
        operation = lookup(name)
    if name not in TABLE or TABLE[name] is not operation:
        raise DeclarationError(f"{operation!r:.60} is no operation of the table; give one that @op declared, or its name")
    if operation.trusted:
        raise DeclarationError(f"{name!r} is an operation of the table itself and stays; only what @op declared can be forgotten")
    del TABLE[name]
    _forget_numpys_names(operation)
    REPLACEABLE.discard(operation)
    FLOATS.pop(name, None)
    if name in OWN.names:
        FLOATS[name] = OWN.names[name]  # the meaning that the table's own expressions give it
    if name in vars(Methods):
        delattr(Methods, name)
