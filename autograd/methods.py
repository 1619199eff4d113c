"""What a node answers beyond the chain rule: Python's protocols, hooks, and the names of PyTorch, micrograd and notebooks.

`autograd.value` has the node itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from autograd import beside
from autograd.calls import NO_PARAMETERS
from autograd.comparisons import Compared
from autograd.errors import OperandError
from autograd.modes import replaceable
from autograd.undo import set_all

if TYPE_CHECKING:
    from builtins import property as read_only

    from autograd.rows import Methods as Operators
else:
    from autograd.operators import Operators

    class read_only(property):
        """A property that cannot be set; the error says what to do instead."""

        def __set__(self, node: Any, value: Any) -> NoReturn:
            refuse("to_set", self.fget.__name__, node)


__all__ = ["NodeMethods", "read_only", "refuse"]

SHOWN = 60  # nodes of the largest graph that a notebook draws without being asked


def refuse(what: str, *about: Any) -> NoReturn:
    """Raise the error of `migration.refuse_<what>`; that module is imported only when it is needed."""
    getattr(import_module("autograd.migration"), f"refuse_{what}")(*about)
    raise AssertionError(what)


class NodeMethods(Operators, Compared):
    """The base class of `Value`: operators, a method for each row, and what this module's docstring lists."""

    __slots__ = ()

    data: float
    grad: float
    _grad: Any
    _rest: tuple[tuple[Any, ...], Mapping[str, Any], str] | None  # arguments, parameters, label; None if the operands are all

    def __init_subclass__(cls) -> None:
        if NodeMethods not in cls.__bases__:
            refuse("subclass", cls.__name__)

    def comparand(self) -> float:
        """The number that comparisons look at."""
        return self.data

    @read_only
    def arguments(self: Any) -> tuple[Any, ...]:
        """The operands and the constants, in order."""
        arguments: tuple[Any, ...] = self.operands if self._rest is None else self._rest[0]
        return arguments

    @read_only
    def parameters(self) -> Mapping[str, Any]:
        """The keyword parameters of the operation: {"negative_slope": 0.01}."""
        return NO_PARAMETERS if self._rest is None else self._rest[1]

    @property
    def label(self) -> str:
        """A name for pictures and messages; it can be set."""
        return "" if self._rest is None else self._rest[2]

    @label.setter
    def label(self: Any, label: Any) -> None:
        if not isinstance(label, str):
            raise OperandError(f"a label is a str, not {label!r:.60}")
        self._rest = (self.arguments, self.parameters, str.__str__(label))  # what a subclass of str adds could refer to the node

    @read_only
    def edges(self: Any) -> tuple[tuple[Any, Any, float, bool], ...]:
        """For each operand: (operand, local derivative, contribution = adjoint · local derivative, is the gate open)."""
        reached, grad, pairs = self.reached, self.grad, zip(self.operands, self.partials, strict=True)
        return tuple([(x, p, grad * p if reached and p is not None else 0.0, p is not None) for x, p in pairs])

    # ----------------------------------------------------------------------------------------------------------- PyTorch

    def item(self) -> float:
        """The number, as in PyTorch; the same as `.data`."""
        return self.data

    def detach(self) -> Any:
        """A leaf with the same data, as in PyTorch; a function that is differentiated sees it as a plain number."""
        leaf = type(self)(self.data)  # type: ignore[call-arg]
        if beside.LEVELS:
            beside.keep_level(leaf, import_module("autograd.value").toposort(self))
        return leaf

    @read_only
    def is_leaf(self: Any) -> bool:
        """Whether this node was made from a number and not by an operation on nodes, as in PyTorch."""
        return not self.operands

    def register_hook(self, hook: Callable[[Any], Any]) -> beside.Handle:
        """Call hook(adjoint) in each reverse sweep, of `backward` and `grad` alike, once the adjoint of this node is complete.

        The value that the hook returns replaces the adjoint, here and in all that flows on from it; None keeps it. Where
        derivatives are differentiated again the adjoint is a node. Returns a handle: `remove()`, or the end of its `with`
        block, takes the hook back. A hook is kept beside the graph: it is not copied, pickled or printed with it.

        >>> from autograd.value import Value
        >>> x = Value(3.0)
        >>> y = x * x
        >>> handle = y.register_hook(lambda adjoint: 0.5 * adjoint)
        >>> (2.0 * y).backward()
        >>> y.grad, x.grad
        (1.0, 6.0)
        """
        return beside.hook(self, hook)

    # --------------------------------------------------------------------------------------------------------- micrograd

    @read_only
    def _prev(self: Any) -> set[Any]:
        return set(self.operands)

    @read_only
    def _op(self: Any) -> str:
        return self.op.caption(self.arguments) if self.op is not None else ""

    @property
    def _backward(self) -> Callable[[], None]:
        """One step of the chain rule by hand: `node._backward()` passes this node's `grad` on to its operands."""
        return self._hand_on

    @_backward.setter
    def _backward(self, closure: Any) -> NoReturn:
        refuse("closure", closure, self)

    def _hand_on(self: Any) -> None:
        grads: dict[Any, float] = {}
        for operand, _, contribution, is_open in self.edges:
            if is_open:
                grads[operand] = grads.get(operand, operand.grad) + contribution
        set_all(type(self)._grad, grads, grads.values())

    # ------------------------------------------------------------------------------------------------------------ Python

    @replaceable
    def __repr__(self) -> str:
        return f"Value(data={self.data!r}, grad={self.grad!r})"

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __bool__(self) -> NoReturn:
        refuse("truth", self)

    def __float__(self) -> NoReturn:
        refuse("float", self)

    __int__ = __complex__ = __float__

    def __copy__(self) -> Any:
        return import_module("autograd.copying").copied(self)

    def __deepcopy__(self, memo: dict[Any, Any]) -> Any:
        return import_module("autograd.copying").deep_copied(self, memo)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return import_module("autograd.copying").reduced(self)

    # ---------------------------------------------------------------- explanations and pictures; like copies, from later rooms

    def explain(self, root: Any, **options: Any) -> Any:
        """Why ∂root/∂self is what it is, in words, symbols and numbers: `autograd.explain(root, self, ...)`."""
        return import_module("autograd.show.explanation").explain(root, self, **options)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """In a notebook a node is the picture of its graph, while that is readable; as text it is always its short self."""
        is_large = import_module("autograd.graph").is_larger(self, SHOWN)
        picture = {} if is_large else import_module("autograd.show.drawing").draw(self)._repr_mimebundle_()
        return {**picture, "text/plain": repr(self)}
