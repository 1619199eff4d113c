"""Python's operators, bound to the rows of the table, for every number type: nodes, dual numbers, series, symbols.

A number type defines `__autograd_op__(op, operands, parameters)`, which applies a row to operands of which at least one is of that
type; it returns NotImplemented to leave the row to the type of another operand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from autograd.arrays import InArrays
from autograd.calls import NO_PARAMETERS
from autograd.comparisons import Compared
from autograd.errors import ModeError, OperandError
from autograd.modes import REPLACEABLE, live, replacement
from autograd.ops import TABLE, Op, number
from autograd.table import Methods

__all__ = ["PYTHON_OPERATORS", "Carrier", "Operators"]

Binary = Callable[[Any, Any], Any]

_NAMES = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "neg", "abs", "round", "trunc", "floor", "ceil")
PYTHON_OPERATORS: dict[str, Op] = {name: TABLE[{"truediv": "div", "floordiv": "floor_div"}.get(name, name)] for name in _NAMES}
"""The rows of Python's operators by the name of the special method, without its underscores."""


def _binary(op: Op, is_reflected: bool = False) -> Binary:
    """`a * b`, or reflected: `2 * b`, where Python asks b because a number on its left does not know it."""

    def method(self: Any, other: Any) -> Any:
        if type(other) is int:
            other = number(other)
        if (type(other) is type(self) or type(other) is float) and not live:
            return self.__autograd_op__(op, (other, self) if is_reflected else (self, other), NO_PARAMETERS)
        if live and (instead := replacement(method)) is not method:
            return instead(self, other)
        if getattr(other, "ndim", 0):
            return NotImplemented  # an array applies the operator to each of its elements
        return op.apply((other, self) if is_reflected else (self, other))

    REPLACEABLE.add(method)
    return method


def _both(name: str) -> tuple[Binary, Binary]:
    return _binary(PYTHON_OPERATORS[name]), _binary(PYTHON_OPERATORS[name], is_reflected=True)


def _unary(name: str) -> Callable[..., Any]:
    method: Callable[..., Any] = getattr(Methods, name)
    return method


class Operators(InArrays):
    """`x + y`, `2 / x`, `-x`: each applies one row of the table."""

    __slots__ = ()

    __add__, __radd__ = _both("add")
    __sub__, __rsub__ = _both("sub")
    __mul__, __rmul__ = _both("mul")
    __truediv__, __rtruediv__ = _both("truediv")
    __floordiv__, __rfloordiv__ = _both("floordiv")
    __mod__, __rmod__ = _both("mod")
    __pow__, __rpow__ = _both("pow")
    __iadd__ = _binary(PYTHON_OPERATORS["add"])  # as __add__, and a part that `modes.replaced` can replace alone

    __neg__, __abs__, __round__ = _unary("neg"), _unary("abs"), _unary("round")
    __trunc__, __floor__, __ceil__ = _unary("trunc"), _unary("floor"), _unary("ceil")

    def __pos__(self) -> Any:
        return self

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self


class Carrier(Operators, Compared):
    """A number that carries derivatives along and has the attributes of a node, so that a function of nodes takes it too.

    It has the data, methods and comparisons of a node, and keeps no graph: `op`, `operands` and `grad` are those of a leaf that
    nothing has reached. Methods that need a graph raise a ModeError.
    """

    __slots__ = ("_label",)

    @property
    def data(self) -> float:
        """The number alone, without its derivatives: a constant, as the `data` of a node is."""
        number = self.comparand()
        data = number if type(number) is float else getattr(number, "data", number)
        return data if hasattr(type(data), "__autograd_op__") else float(data)  # a germ answers for the number

    def item(self) -> float:
        """The number; the same as `.data`."""
        return self.data

    def detach(self) -> Any:
        """A number of the same data and kind through which no derivative flows."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """A name; it can be set, and is in no picture."""
        return getattr(self, "_label", "")

    @label.setter
    def label(self, label: str) -> None:
        self._label = label

    op = None
    is_leaf = True
    reached = False
    grad = 0.0
    operands: tuple[Any, ...] = ()
    arguments: tuple[Any, ...] = ()
    partials: tuple[float, ...] = ()
    edges: tuple[Any, ...] = ()
    parameters = NO_PARAMETERS
    _op = ""
    _prev: frozenset[Any] = frozenset()

    def zero_grad(self) -> None:
        """Nothing: there is no gradient to forget."""

    def backward(self, *_: Any, **__: Any) -> NoReturn:
        raise ModeError(self._without_graph("backward"))

    def _backward(self) -> NoReturn:
        raise ModeError(self._without_graph("_backward"))

    def explain(self, *_: Any, **__: Any) -> NoReturn:
        raise ModeError(self._without_graph("explain"))

    def register_hook(self, hook: Any) -> NoReturn:
        raise ModeError(self._without_graph("register_hook"))

    def _without_graph(self, asked: str) -> str:
        return (
            f"{asked} needs a graph, and {self!r} has none: the function runs in forward mode; take derivatives inside a function "
            "with grad, and change them in every mode with stop_gradient or custom_jvp"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self)}

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __bool__(self) -> NoReturn:
        raise OperandError(f"the truth of {self!r} is not defined; compare it, `x > 0`, or test `x.data`")

    def __float__(self) -> NoReturn:
        raise OperandError(
            f"{self!r} carries a derivative that a plain float would lose; use the functions of autograd, not those of math, or "
            "x.data for the number alone"
        )

    __int__ = __complex__ = __float__
