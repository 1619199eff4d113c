"""The node of the graph, and backpropagation: the chain rule, applied to every edge once, from the result to the leaves.

A `Value` is data, never closures. When an operation runs, its node saves

    data       y, the number                          operands   the nodes it came from, in order, x*x listing x twice
    op         the row of the table                   partials   ∂y/∂operand, one number each, None for a closed gate

and that is all `backward()` needs. A worked example, L = (a·b + c) · f at a = 2, b = −3, c = 10, f = −2:

    >>> a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    >>> d = a * b + c
    >>> L = d * f
    >>> L.data, L.operands == (d, f), L.partials    # ∂L/∂d = f = −2,  ∂L/∂f = d = 4
    (-8.0, True, (-2.0, 4.0))
    >>> L.backward()                                # ∂L/∂a = ∂L/∂d · ∂d/∂(ab) · ∂(ab)/∂a = −2 · 1 · −3
    >>> a.grad, b.grad, c.grad, f.grad
    (6.0, -4.0, -2.0, 4.0)

Start reading at `backward`. `recorded` makes every node; `autograd.operation` says what a row is. This file names no operation
but those of Python's operators.
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial as bind
from itertools import compress, repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, final

from autograd import beside
from autograd.anomalies import check_made, refuse_anomaly, refused
from autograd.calls import NO_PARAMETERS
from autograd.comparisons import Compared
from autograd.errors import AutogradError, OperandError, ReadOnlyError
from autograd.modes import REPLACEABLE, is_recording, live, replaceable, replacement
from autograd.ops import TABLE, Op, number

__all__ = ["Value", "toposort", "zero_grad"]

UNREACHED = 0.0 * 1.0  # the adjoint of a node that no sweep has reached: an object of which this module alone knows

if TYPE_CHECKING:
    from autograd.rows import Methods
else:
    Methods = object  # the table gives a node its methods, below; rows.pyi has them for type checkers


@final
class Value(Compared, Methods):
    """A number that remembers how it was computed.

    `Value(2.0, label="a")` makes a leaf from anything that is a number without loss: int, bool, Fraction, Decimal, a numpy
    scalar. Operators, and the functions and methods named after the rows of the table, make the other nodes. A plain
    number on one side of an operation stays a constant: it is no node, has no gradient, and costs none.

    All six comparisons compare data, so that a function takes the branch it takes on floats; `hash` is identity, so that a set
    or a dictionary holds nodes. Compare nodes with `is` to ask whether they are the same one.
    """

    # Each is read by the name without its underscore; only `data`, `grad` and `label` can be set.
    __slots__ = ("__weakref__", "_arguments", "_grad", "_label", "_operands", "_parameters", "_partials", "_primal", "_row")

    _primal: float
    _grad: float
    _label: str
    _row: Op | None
    _operands: tuple[Value, ...]
    _partials: tuple[float | None, ...]
    _arguments: tuple[Any, ...]
    _parameters: Mapping[str, Any]

    def __init__(self, data: Any, label: str = "", _op: str = "", _children: Any = ()) -> None:
        if type(label) is not str or _op or _children:
            from autograd.migration import refuse_unless_label

            refuse_unless_label(label, _op, _children)
        self._primal = data if type(data) is float else number(data)
        self._grad = UNREACHED
        self._label = label
        self._row = None
        self._operands = self._partials = self._arguments = ()
        self._parameters = NO_PARAMETERS

    def __init_subclass__(cls) -> None:
        from autograd.migration import refuse_subclass

        refuse_subclass(cls.__name__)

    # ---------------------------------------------------------------------------------------------------- the chain rule

    @replaceable
    def backward(self, seed: float = 1.0, **options: Any) -> None:
        """Add seed · ∂self/∂leaf to the `grad` of every leaf that self depends on.

        The adjoint of a node is the sum over its users, ∂L/∂x = Σ ∂L/∂user · ∂user/∂x; users come before operands in the
        reversed topological order, so each node's sum is complete when its own turn comes. Leaves accumulate over calls,
        as in PyTorch; the adjoint of an interior node belongs to the last call.

        If anything raises on the way, Ctrl-C included, every gradient is as it was before the call. Threads may call
        backward at once on graphs that have no leaf in common; sums into one shared leaf can lose a contribution.

        >>> x = Value(3.0)
        >>> (x**4).backward()
        >>> x.grad
        108.0
        """
        if options:
            from autograd.migration import cure_of_options

            raise OperandError(cure_of_options(options))
        seed = number(seed)
        order = toposort(self)
        before = list(map(_grad_of, order))
        undo = map(_set_grad, order, before)
        try:
            for node in order:
                node._grad = UNREACHED
            self._grad += seed
            if beside.KEPT:
                beside.sweep(order)
            else:
                for node in reversed(order):
                    adjoint = node._grad
                    if adjoint is not UNREACHED:
                        for operand, partial in zip(node._operands, node._partials):  # noqa: B905  # equally long by construction
                            if partial is not None:
                                operand._grad += adjoint * partial
            if live:
                refuse_anomaly(order)
            for node, earlier in zip(order, before):  # noqa: B905  # one is made from the other
                if earlier is not UNREACHED and not node._operands:
                    node._grad += earlier
        except BaseException:
            exhaust(undo)
            raise

    def zero_grad(self) -> None:
        """Forget the gradients of every node that self depends on, as if no backward had been."""
        zero_grad(toposort(self))

    def register_hook(self, hook: Callable[[Any], Any]) -> beside.Handle:
        """Call hook(adjoint) in each sweep back, `backward` and `grad` alike, when the adjoint of this node is complete.

        What the hook returns replaces the adjoint, here and in all that flows on from it; None leaves it as it is. Where
        derivatives are differentiated again the adjoint is a node. Returns a handle: `remove()`, or the end of its `with`
        block, takes the hook back. A hook is kept beside the graph: it is not copied, pickled or printed with it.

        >>> x = Value(3.0)
        >>> y = x * x
        >>> handle = y.register_hook(lambda adjoint: 0.5 * adjoint)
        >>> (2.0 * y).backward()
        >>> y.grad, x.grad
        (1.0, 6.0)
        """
        return beside.hook(self, hook)

    # ------------------------------------------------------------------------------------------------------ data and grad

    @property
    def grad(self) -> float:
        """The adjoint ∂L/∂self of the last backward. May be set, on any node: backpropagation by hand."""
        return self._grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        self._grad = (grad if type(grad) is float else number(grad)) * 1.0  # another object than UNREACHED

    @property
    def data(self) -> float:
        """The number. A leaf's may be set; local derivatives that were saved before stay what they were."""
        return self._primal

    @data.setter
    def data(self, data: Any) -> None:
        if self._operands:
            _refuse_to_set("data", self)
        self._primal = data if type(data) is float else number(data)

    @property
    def label(self) -> str:
        """A name for pictures and messages; may be set."""
        return self._label

    @label.setter
    def label(self, label: Any) -> None:
        if not isinstance(label, str):
            raise OperandError(f"a label is a str, not {label!r:.60}")
        self._label = label

    def item(self) -> float:
        """The number, as in PyTorch; the same as `.data`."""
        return self._primal

    @property
    def is_leaf(self) -> bool:
        """Whether this node was made from a number and not by an operation on nodes, as in PyTorch."""
        return not self._operands

    def detach(self) -> Value:
        """A leaf with the same data, as in PyTorch: nothing flows from it to this node, in any mode.

        Inside a function that is differentiated it counts as a plain number, so that the derivative is one too.
        """
        leaf = Value(self._primal)
        if beside.LEVELS:
            beside.keep_level(leaf, [node for node in toposort(self) if not node._operands])
        return leaf

    @property
    def reached(self) -> bool:
        """Whether a backward has reached this node: `grad` is 0.0 before, but that zero was not computed."""
        return self._grad is not UNREACHED

    # ------------------------------------------------------------------------------------------- what made the node: read-only

    @property
    def op(self) -> Op | None:
        """The operation that made the node; None for a leaf."""
        return self._row

    @property
    def operands(self) -> tuple[Value, ...]:
        """The nodes it was applied to, in order and with multiplicity."""
        return self._operands

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What it was applied to, in order: nodes, and the numbers that stayed constants."""
        return self._arguments

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The keyword parameters of the operation: {"negative_slope": 0.01}."""
        return MappingProxyType(self._parameters) if self._parameters else NO_PARAMETERS

    @property
    def partials(self) -> tuple[float | None, ...]:
        """The local derivatives ∂self/∂operand, saved when the operation ran; None for a closed gate."""
        return self._partials

    @property
    def edges(self) -> tuple[tuple[Value, Any, float, bool], ...]:
        """For each operand: (operand, local derivative, contribution = adjoint · local derivative, whether the gate is open)."""
        pairs = zip(self._operands, self._partials, strict=True)
        return tuple([(x, p, self._grad * p if p is not None and self.reached else 0.0, p is not None) for x, p in pairs])

    # ---------------------------------------------------------------------------------------------- micrograd's own names

    @property
    def _prev(self) -> set[Value]:
        return set(self._operands)

    @property
    def _op(self) -> str:
        return self._row.caption(self._arguments) if self._row is not None else ""

    @property
    def _backward(self) -> Callable[[], None]:
        """One step of the chain rule by hand: `node._backward()` hands this node's `grad` on to its operands."""
        return self._hand_on

    @_backward.setter
    def _backward(self, closure: Any) -> NoReturn:
        from autograd.migration import cure_of_closure

        raise ReadOnlyError(cure_of_closure(closure, lambda thing: type(thing) is Value, self))

    def _hand_on(self) -> None:
        undo = restoring_gradients(self._operands)
        try:
            for operand, _, contribution, is_open in self.edges:
                if is_open:
                    operand._grad += contribution
        except BaseException:
            exhaust(undo)
            raise

    # -------------------------------------------------------------------------------------------------- making a new node

    @staticmethod
    def __autograd_op__(op: Op, operands: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        """Record one application of a row to operands of which at least one is a node; `Op.apply` calls this."""
        kinds = set(map(type, operands))
        if not _NODES_AND_FLOATS.issuperset(kinds):
            if any(hasattr(kind, "__autograd_op__") for kind in kinds if kind is not Value):
                return NotImplemented  # a number type built on top of nodes answers instead
            operands = tuple([operand if type(operand) is Value else number(operand) for operand in operands])
        if len(kinds) == 1:
            active, nodes, data = None, operands, tuple(map(_primal_of, operands))
        else:
            active = [type(operand) is Value for operand in operands]
            nodes = tuple(compress(operands, active))
            data = tuple([operand._primal if type(operand) is Value else operand for operand in operands])
        if parameters or not op.plain:
            parameters = op.complete(operands, parameters)
        row, is_recorded = (replacement(op), is_recording()) if live else (op, True)
        try:
            if is_recorded:
                y, partials = row.rule(data, active, parameters)
            else:
                y = row.value(data, **parameters) if op.variadic else row.value(*data, **parameters)
        except (AutogradError, ValueError, ArithmeticError) as error:
            raise refused(op, error, operands)  # noqa: B904  # it has its cause, if any
        return recorded(y, op, nodes, partials, operands, parameters) if is_recorded else _unrecorded(y, op, operands, parameters)

    # ---------------------------------------------------------------------------------------------------------- operators

    def _method_found(self, name: str) -> Callable[..., Value]:
        """A row declared by a user is a method too, `x.cube()`, and so are the rows under numpy's names, `x.arctan()`."""
        row = TABLE.get(name)
        if row is not None and row.call is None and not row.variadic:
            return bind(row, self)
        if not name.startswith("_"):
            from autograd.arrays import method

            found = method(name, self)
            if found is not None:
                return found
        raise AttributeError(f"'Value' object has no attribute {name!r}", name=name, obj=self)

    if not TYPE_CHECKING:
        __getattr__ = _method_found  # type checkers, which would take any name for a method then, have those of rows.pyi

    def __array_ufunc__(self, ufunc: Any, how: str, *inputs: Any, **options: Any) -> Any:
        """numpy's functions of a node: `np.exp(v)`, `np.maximum(v, w)`, `array * v`."""
        from autograd.arrays import answer

        return answer(ufunc, how, inputs, options)

    @replaceable
    def __repr__(self) -> str:
        return f"Value(data={self._primal!r}, grad={self._grad!r})"

    def __format__(self, spec: str) -> str:
        return format(self._primal, spec) if spec else repr(self)

    def __pos__(self) -> Value:
        return self

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    def comparand(self) -> float:
        """The number that comparisons look at."""
        return self._primal

    if TYPE_CHECKING:
        # bound by the package, from rooms that come after this one
        def explain(self, root: Value, **options: Any) -> Any: ...
        def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]: ...

    def __bool__(self) -> NoReturn:
        from autograd.migration import refuse_truth

        refuse_truth(self)

    def __float__(self) -> NoReturn:
        from autograd.migration import refuse_float

        refuse_float(self)

    __int__ = __complex__ = __float__


# ------------------------------------------------------------------------------------------------------------------- walks


def toposort(*roots: Value) -> list[Value]:
    """Every node the roots depend on, operands before users; the order depends on the graph alone, and nothing recurses.

    >>> x = Value(2.0)
    >>> [node.data for node in toposort(x * x + x)]
    [2.0, 4.0, 6.0]
    """
    for root in roots:
        if type(root) is not Value:
            raise OperandError(f"a graph begins at the node that a computation ended in, not at {root!r:.60}; give a Value")
    return further_order(roots, set())


def further_order(roots: Iterable[Value], seen: set[Value]) -> list[Value]:
    """The order of those nodes that are not in `seen`, and of nothing behind it; they are added to it."""
    order: list[Value] = []
    for root in roots:
        path = [] if root in seen else [root]  # the nodes that wait for an operand,
        waiting = [iter(node._operands) for node in path]  # and for each of them the operands still to visit
        seen.add(root)
        while path:
            for operand in waiting[-1]:
                if operand not in seen:
                    seen.add(operand)
                    if operand._operands and not seen.issuperset(operand._operands):
                        path.append(operand)
                        waiting.append(iter(operand._operands))
                        break
                    order.append(operand)
            else:  # every operand of the last one stands in the order
                order.append(path.pop())
                waiting.pop()
    return order


@replaceable
def zero_grad(nodes: Iterable[Value]) -> None:
    """Forget the gradients of these nodes, as if no backward had been."""
    nodes = list(nodes) if isinstance(nodes, Iterable) else [nodes]
    if not _NODES.issuperset(map(type, nodes)):
        wrong = next(node for node in nodes if type(node) is not Value)
        raise OperandError(
            f"zero_grad forgets the gradients of nodes, and {wrong!r:.60} is none; give a list of them, model.parameters()"
        )
    exhaust(map(_set_grad, nodes, repeat(UNREACHED)))


exhaust = deque[None](maxlen=0).extend
"""Go through an iterator. If it is made of C functions alone, no interrupt can divide it: signals wait for Python code."""


def restoring_data(leaves: Sequence[Value]) -> Iterator[None]:
    """An iterator that puts the data of these leaves back to what they are now, once `exhaust` goes through it."""
    return map(_set_primal, leaves, list(map(_primal_of, leaves)))


def restoring_gradients(nodes: Sequence[Value]) -> Iterator[None]:
    """An iterator that puts the gradients of these nodes back to what they are now, once `exhaust` goes through it."""
    return map(_set_grad, nodes, list(map(_grad_of, nodes)))


def recorded(
    y: float,
    op: Op,
    operands: tuple[Value, ...],
    partials: tuple[float | None, ...],
    arguments: tuple[Any, ...],
    parameters: Mapping[str, Any] = NO_PARAMETERS,
) -> Value:
    """The node y = op(arguments, parameters); `operands` are those of the arguments that are nodes."""
    node = _new(Value)
    node._primal = y
    node._grad = UNREACHED
    node._partials = partials
    node._arguments = arguments
    node._label = ""
    node._row = op
    node._operands = operands
    node._parameters = parameters
    if live:
        check_made(node)
    return node


def _unrecorded(y: float, op: Op, arguments: tuple[Any, ...], parameters: Mapping[str, Any]) -> Value:
    """The result as a leaf, under no_grad."""
    recorded(y, op, (), (), arguments, parameters)  # which detect_anomaly looks at
    return Value(y)


_new = object.__new__
_primal_of, _grad_of = operator.attrgetter("_primal"), operator.attrgetter("_grad")
_set_primal, _set_grad = vars(Value)["_primal"].__set__, vars(Value)["_grad"].__set__
_NODES, _NODES_AND_FLOATS = {Value}, {Value, float}


# ------------------------------------------------------------------------- operators, methods and properties, bound to the class


def _method(op: Op) -> Callable[..., Any]:
    """`x.exp()`, `x.clamp(low, high)`: the row as a method of its first operand."""

    def method(self: Value, *operands: Any, **parameters: Any) -> Any:
        return op(self, *operands, **parameters)

    method.__name__, method.__qualname__, method.__doc__ = op.__name__, f"Value.{op.__name__}", op.__doc__
    return method


def _operator(op: Op, is_reflected: bool = False) -> Callable[[Value, Any], Any]:
    """`a * b` with a node on the left; reflected, `2 - b` with a node on the right of a number."""
    active = (False, True) if is_reflected else (True, False)

    def method(self: Value, other: Any) -> Any:
        kind = type(other)
        if live or (kind is not Value and kind is not float and kind is not int):
            return _generally(method, self, other, op, (other, self) if is_reflected else (self, other))
        try:
            if kind is Value:
                operands = (self, other)
                y, partials = op.rule((self._primal, other._primal))
                return recorded(y, op, operands, partials, operands)
            x = number(other)
            arguments, data = ((x, self), (x, self._primal)) if is_reflected else ((self, x), (self._primal, x))
            y, partials = op.rule(data, active)
        except (ValueError, ArithmeticError):
            return op.apply((other, self) if is_reflected else (self, other))  # which says what was asked
        return recorded(y, op, (self,), partials, arguments)

    REPLACEABLE.add(method)
    return method


def _generally(method: Callable[[Value, Any], Any], self: Value, other: Any, op: Op, operands: tuple[Any, Any]) -> Any:
    """method(self, other), which applies op to the operands, while a mode is on or where `other` is neither node nor float."""
    if live and (instead := replacement(method)) is not method:
        return instead(self, other)
    if getattr(other, "ndim", 0) or (type(other) is not Value and hasattr(type(other), "__autograd_op__")):
        return NotImplemented  # an array maps itself over its elements; another number type knows what to do with nodes
    return op.apply(operands)


def _refuse_to_set(name: str, node: Value, _: Any = None) -> NoReturn:
    from autograd.migration import refuse_to_set

    refuse_to_set(name, node)


for _op in TABLE.values():
    if _op.call is None and not _op.variadic:
        setattr(Value, _op.__name__, _method(_op))
PYTHON_OPERATORS = {
    **{name: TABLE[name] for name in ("add", "sub", "mul", "mod", "pow", "neg", "abs", "round", "trunc", "floor", "ceil")},
    "truediv": TABLE["div"],
    "floordiv": TABLE["floor_div"],
}
"""Python's operators by the name of their special method, without the underscores."""
for _name, _op in PYTHON_OPERATORS.items():
    if len(_op.operands) == 1:
        setattr(Value, f"__{_name}__", _method(_op))
    else:
        setattr(Value, f"__{_name}__", _operator(_op))
        setattr(Value, f"__r{_name}__", _operator(_op, is_reflected=True))
setattr(Value, "__iadd__", _operator(TABLE["add"]))  # noqa: B010  # as __add__, and a part that can be replaced alone

# The same properties with a getter in C, so that reading one in a loop costs nearly what an attribute costs.
_SLOTS = {
    **{"data": "_primal", "grad": "_grad", "label": "_label", "op": "_row", "operands": "_operands"},
    **{"arguments": "_arguments", "partials": "_partials"},
}
for _name in (*_SLOTS, "parameters", "edges", "reached", "is_leaf", "_prev", "_op"):
    _read = vars(Value)[_name]
    _get = operator.attrgetter(_SLOTS[_name]) if _name in _SLOTS else _read.fget
    setattr(Value, _name, property(_get, _read.fset or bind(_refuse_to_set, _name), None, _read.__doc__))
