"""numpy's functions on nodes and on numbers that carry derivatives: `np.arctan(v)`, `np.maximum(v, w)`, `array * v`.

numpy calls `__array_ufunc__` of the first operand that is no array; `answer` finds the row of the function and applies it,
element by element if there are arrays. On an array of nodes alone numpy calls a method of each element, `v.arctan()`,
which `InArrays` has. A row gives numpy's names of its function, where they are others than its own.

    >>> import numpy as np
    >>> from autograd.value import Value
    >>> x = Value(0.5, "x")
    >>> np.arctan2(x, np.array([1.0, 2.0]))[1].op
    <op atan2(y, x)>
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from autograd import ops
from autograd.errors import OperandError
from autograd.ops import TABLE, Op, number
from autograd.table import NUMPY, NumpyMethods

__all__ = ["InArrays", "answer", "row_of"]

RELATIONS = {"less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge", "equal": "eq", "not_equal": "ne"}
PREDICATES: Mapping[str, Callable[..., Any]] = {
    **{name: functools.partial(lambda relation, a, b: relation(_plain(a), _plain(b)), getattr(operator, short))
       for name, short in RELATIONS.items()},
    **{name: functools.partial(lambda ask, x: ask(x.data), getattr(math, name)) for name in ("isnan", "isinf", "isfinite")},
}  # fmt: skip
"""Functions that ask about data and have no derivative."""


def row_of(name: str) -> Op | None:
    """The row of numpy's function of this name; None if the table has none."""
    row = NUMPY.get(name) or TABLE.get(name)
    return None if row is None or row.call is not None or row.variadic else row


class InArrays(NumpyMethods):
    """The methods that numpy calls on numbers: `__array_ufunc__`, and rows under numpy's names on elements, `x.arctan()`."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: Any, how: str, *inputs: Any, **options: Any) -> Any:
        """numpy's functions of this number: `np.exp(x)`, `np.maximum(x, y)`, `array * x`."""
        return answer(ufunc, how, inputs, options)


def answer(ufunc: Any, how: str, inputs: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """ufunc(*inputs), of which at least one is no array: a node, an object array of nodes, or for a comparison the truth."""
    name = ufunc.__name__
    function: Any = PREDICATES.get(name) or (ops.divmod if name == "divmod" else row_of(name))
    if how != "__call__":
        raise OperandError(f"np.{name}.{how} of a node is not defined; put the nodes into an array, np.array([v, w])")
    if function is None:
        raise OperandError(
            f"np.{name} of a node: no row of the table is this function; write it with those that are (autograd.ops.TABLE "
            f"lists them), or take the number alone, np.{name}(v.data)"
        )
    if options.get("where", True) is not True or options.get("dtype") not in (None, object):
        raise OperandError(f"np.{name} of a node takes neither where= nor dtype=; choose with autograd.where, and keep objects")
    results = _element_by_element(function, inputs, ufunc.nout, is_truth=name in PREDICATES)
    if options.get("out") is None:
        return results if ufunc.nout > 1 else results[0]
    for array, result in zip(options["out"], results, strict=True):
        if not _holds_objects(array):
            raise OperandError(
                f"np.{name} of a node into an array of type {array.dtype} would lose its gradient; "
                "write a = a * v, not a *= v, or make the array with dtype=object"
            )
        array[...] = result
    return options["out"] if ufunc.nout > 1 else options["out"][0]


def _element_by_element(function: Callable[..., Any], inputs: tuple[Any, ...], count: int, *, is_truth: bool) -> tuple[Any, ...]:
    """The results of the function, `count` of them; arrays if one of the inputs is an array or a list."""
    if not any(isinstance(x, (list, tuple)) or getattr(x, "ndim", 0) for x in inputs):
        numbers = [x[()] if _holds_objects(x) else x for x in inputs]  # an array without an axis
        result = function(*numbers)
        return result if count > 1 else (result,)
    import numpy as np  # it is loaded: numpy called

    arrays = []
    for x in inputs:
        if hasattr(type(x), "__autograd_op__"):
            array = np.empty((), object)
            array[()] = x  # numpy would ask x for its length
        else:
            array = np.asarray(x, object)
        arrays.append(array)
    with np.errstate(all="ignore"):  # the row raises its own errors
        made = np.frompyfunc(function, len(arrays), count)(*arrays)
    results = made if count > 1 else (made,)
    return tuple([result.astype(bool) for result in results]) if is_truth else results


def _holds_objects(x: Any) -> bool:
    return getattr(getattr(x, "dtype", None), "kind", "") == "O"


def _plain(x: Any) -> Any:
    """A number of numpy's as Python's, whose comparisons do not come back to numpy."""
    if not hasattr(x, "dtype"):
        return x
    item = x.item()
    return number(item) if hasattr(item, "dtype") else item  # a long double has no other form
