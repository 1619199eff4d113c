"""Python's operators, and the rows of the table as methods, for the number types that answer `__autograd_op__`.

A node has its own, unrolled for speed; dual numbers, series, complex steps and symbols take these.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from autograd.calls import NO_PARAMETERS
from autograd.comparisons import Compared
from autograd.errors import ModeError, OperandError
from autograd.ops import TABLE
from autograd.value import PYTHON_OPERATORS

__all__ = ["Carrier", "Operators"]


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
        if row is not None and row.call is None and not row.variadic:
            return functools.partial(row, self)
        if not name.startswith("_"):
            from autograd.arrays import method

            found = method(name, self)
            if found is not None:
                return found
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def __array_ufunc__(self, ufunc: Any, how: str, *inputs: Any, **options: Any) -> Any:
        """numpy's functions of this number: `np.exp(x)`, `array * x`."""
        from autograd.arrays import answer

        return answer(ufunc, how, inputs, options)

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


class Carrier(Operators, Compared):
    """What a number that carries derivatives along answers in the place of a node, so that a function of nodes takes it too.

    It has the data, methods and comparisons of a node, and keeps no graph: `op`, `operands` and `grad` are those of a leaf that
    nothing has reached. What only a sweep back through a graph could answer is refused.
    """

    __slots__ = ("_label",)

    @property
    def data(self) -> float:
        """The number alone, without its derivatives: a constant, as the `data` of a node is."""
        number = self.comparand()
        data = number if type(number) is float else getattr(number, "data", number)
        return data if hasattr(type(data), "__autograd_op__") else float(data)  # a germ stands for the number

    def item(self) -> float:
        """The number; the same as `.data`."""
        return self.data

    def detach(self) -> Any:
        """A number of the same data and kind through which no derivative flows."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """A name, which may be set; a number that is no node is in no picture."""
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


setattr(Operators, "__iadd__", lambda self, other, op=TABLE["add"]: op(self, other))  # noqa: B010  # as a node has it
for _dunder, _op in PYTHON_OPERATORS.items():
    if len(_op.operands) == 1:
        setattr(Operators, f"__{_dunder}__", lambda self, *parameters, op=_op: op(self, *parameters))
    else:
        setattr(Operators, f"__{_dunder}__", lambda self, other, op=_op: op(self, other))
        setattr(Operators, f"__r{_dunder}__", lambda self, other, op=_op: op(other, self))
