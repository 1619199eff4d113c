"""Python's operators, and the rows of the table as methods, for the number types that answer `__autograd_op__`.

A node has its own, unrolled for speed; dual numbers, series, complex steps and symbols take these.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd.ops import TABLE
from autograd.value import PYTHON_OPERATORS, compared

__all__ = ["Compared", "Operators"]


class Operators:
    """`x + y`, `2 / x`, `-x` and `x.exp()`: each is the row of that name, applied."""

    __slots__ = ()

    def __pos__(self) -> Any:
        return self

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        row = TABLE.get(name)
        if row is None or row.call is not None or row.variadic:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        return functools.partial(row, self)

    if TYPE_CHECKING:  # bound below, from the table

        def __add__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...
        def __floordiv__(self, other: Any) -> Any: ...
        def __mod__(self, other: Any) -> Any: ...
        def __pow__(self, other: Any) -> Any: ...
        def __radd__(self, other: Any) -> Any: ...
        def __rsub__(self, other: Any) -> Any: ...
        def __rmul__(self, other: Any) -> Any: ...
        def __rtruediv__(self, other: Any) -> Any: ...
        def __rfloordiv__(self, other: Any) -> Any: ...
        def __rmod__(self, other: Any) -> Any: ...
        def __rpow__(self, other: Any) -> Any: ...
        def __neg__(self) -> Any: ...
        def __abs__(self) -> Any: ...
        def __round__(self, ndigits: int = 0) -> Any: ...
        def __trunc__(self) -> Any: ...
        def __floor__(self) -> Any: ...
        def __ceil__(self) -> Any: ...


class Compared:
    """The six comparisons by data, and identity as the hash, as a node has them."""

    __slots__ = ()

    def comparand(self) -> Any:
        """The number that comparisons look at: a float, or a number of an older level."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return compared(operator.eq, self.comparand(), _comparand(other))

    def __ne__(self, other: object) -> bool:
        return compared(operator.ne, self.comparand(), _comparand(other))

    def __lt__(self, other: Any) -> bool:
        return compared(operator.lt, self.comparand(), _comparand(other))

    def __le__(self, other: Any) -> bool:
        return compared(operator.le, self.comparand(), _comparand(other))

    def __gt__(self, other: Any) -> bool:
        return compared(operator.gt, self.comparand(), _comparand(other))

    def __ge__(self, other: Any) -> bool:
        return compared(operator.ge, self.comparand(), _comparand(other))

    __hash__ = object.__hash__


def _comparand(other: Any) -> Any:
    return other.comparand() if isinstance(other, Compared) else other


for _dunder, _op in PYTHON_OPERATORS.items():
    if len(_op.operands) == 1:
        setattr(Operators, f"__{_dunder}__", lambda self, *parameters, op=_op: op(self, *parameters))
    else:
        setattr(Operators, f"__{_dunder}__", lambda self, other, op=_op: op(self, other))
        setattr(Operators, f"__r{_dunder}__", lambda self, other, op=_op: op(other, self))
