"""The node of the graph, and backpropagation: the chain rule, applied to every edge once, from the result to the leaves.

A `Value` is data, never closures. When an operation runs, its node saves

    data       y, the number                          operands   the nodes it came from, in order, x*x listing x twice
    op         the row of the table                   partials   ∂y/∂operand, one number for each of them

and that is all `backward()` needs. A worked example, L = (a·b + c) · f at a = 2, b = −3, c = 10, f = −2:

    >>> a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    >>> d = a * b + c
    >>> L = d * f
    >>> L.data, L.operands == (d, f), L.partials    # ∂L/∂d = f = −2,  ∂L/∂f = d = 4
    (-8.0, True, (-2.0, 4.0))
    >>> L.backward()                                # ∂L/∂a = ∂L/∂d · ∂d/∂(ab) · ∂(ab)/∂a = −2 · 1 · −3
    >>> a.grad, b.grad, c.grad, f.grad
    (6.0, -4.0, -2.0, 4.0)

Start reading at `backward`; `_record` makes every node. Which number type a partial is evaluated on, and so all that the
operations mean, stands in `autograd.ops`; this file names no operation but those behind Python's operators.
"""

from __future__ import annotations

import math
import operator
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextvars import ContextVar
from functools import partial as bind
from itertools import compress, repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, final

from autograd import beside
from autograd.beside import KEPT, Handle, rule_of, through_hooks
from autograd.errors import AnomalyError, AutogradError, OperandError, ReadOnlyError
from autograd.modes import REPLACEABLE, here, is_recording, live, origins, replaceable, replacement
from autograd.operation import NO_PARAMETERS
from autograd.ops import TABLE, Op, number
from autograd.weak import WeakByIdentity

__all__ = ["Value", "toposort", "zero_grad"]

UNREACHED = float("0")  # the adjoint of a node that no backward has reached; an identity that the sweep alone knows


if TYPE_CHECKING:
    from autograd.rows import Methods
else:
    Methods = object  # the table gives a node its methods, below; rows.pyi has them for type checkers


@final
class Value(Methods):
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
            _refuse_unless_label(label, _op, _children)
        self._primal = data if type(data) is float else number(data)
        self._grad = UNREACHED
        self._label = label
        self._row = None
        self._operands = self._arguments = ()
        self._parameters = NO_PARAMETERS
        self._partials = ()

    def __init_subclass__(cls) -> None:
        raise OperandError(
            f"Value cannot be subclassed, as {cls.__name__} would be: operations make nodes of the class Value itself, and a "
            "result would lose what the subclass adds; write functions of nodes, or declare an operation with @op"
        )

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
            if KEPT:
                _sweep_with_what_is_kept(order)
            else:
                for node in reversed(order):
                    adjoint = node._grad
                    if adjoint is not UNREACHED:
                        for operand, partial in zip(node._operands, node._partials):  # noqa: B905  # equally long by construction
                            if partial is not None:
                                operand._grad += adjoint * partial
            if live:
                _refuse_anomaly(order)
            for node, earlier in zip(order, before):  # noqa: B905  # one is made from the other
                if earlier is not UNREACHED and not node._operands:
                    node._grad += earlier
        except BaseException:
            exhaust(undo)
            raise

    def zero_grad(self) -> None:
        """Forget the gradients of every node that self depends on, as if no backward had been."""
        zero_grad(toposort(self))

    def register_hook(self, hook: Callable[[Any], Any]) -> Handle:
        """Call hook(adjoint) in each sweep back, `backward` and `grad` alike, when the adjoint of this node is complete.

        What the hook returns takes the place of the adjoint, here and in all that flows on from it; None leaves it as it is.
        Where derivatives are differentiated again the adjoint is a node. The result is a handle with a method `remove()`, and
        may stand in a `with` statement. A hook is kept beside the graph: it is not copied, pickled or printed with it.

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
        return self._grad * 1.0  # never the object UNREACHED itself

    @grad.setter
    def grad(self, grad: Any) -> None:
        self._grad = number(grad)

    @property
    def data(self) -> float:
        """The number. A leaf's may be set; local derivatives that were saved before stay what they were."""
        return self._primal

    @data.setter
    def data(self, data: Any) -> None:
        if self._operands:
            raise ReadOnlyError(
                f"the data of {_described(self)} came from {self.op!r} and is read-only; set the data of a leaf and compute again"
            )
        self._primal = number(data)

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
        if level_of:
            level = max([level_of.get(node, 0) for node in toposort(self) if not node.operands])
            if level:
                level_of[leaf] = level
        return leaf

    @property
    def reached(self) -> bool:
        """Whether a backward has reached this node: `grad` is 0.0 before, but that zero was not computed."""
        return self._grad is not UNREACHED

    @property
    def edges(self) -> tuple[tuple[Value, Any, float, bool], ...]:
        """For each operand: (operand, local derivative, contribution = adjoint · local derivative, whether the gate is open).

        The local derivative of a closed gate is None, and nothing flows there.
        """
        return tuple(
            [
                (
                    operand,
                    partial,
                    0.0 if partial is None or not self.reached else self._grad * partial,
                    partial is not None,
                )
                for operand, partial in zip(self._operands, self._partials, strict=True)
            ]
        )

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
        """Record one application of a row to operands of which at least one is a node; `ops.Op.apply` calls this."""
        if len(operands) == 1 and op in _unrolled and not parameters and not live:
            return _unrolled[op](*operands)
        nodes, active, data = operands, None, None
        if type(operands[len(operands) // 2]) is Value:  # a guess that costs little: all of them may be nodes
            try:
                data = tuple(map(_primal_of, operands))
            except AttributeError:
                data = None
        if data is None:
            if not _NODES_AND_FLOATS.issuperset(map(type, operands)):
                if any(hasattr(type(operand), "__autograd_op__") for operand in operands if type(operand) is not Value):
                    return NotImplemented  # a number type built on top of nodes answers instead
                operands = tuple([operand if type(operand) is Value else number(operand) for operand in operands])
            active = [type(operand) is Value for operand in operands]
            nodes = tuple(compress(operands, active))
            data = tuple([operand._primal if type(operand) is Value else operand for operand in operands])
        value = replacement(op).value if live else op.value
        try:
            if op.plain and not parameters:
                y = value(data)
            else:
                parameters = op.complete(operands, parameters)
                y = value(data, **parameters) if op.variadic else value(*data, **parameters)
        except _REFUSALS as error:
            raise op.refusal(error, data, [_named(a) if type(a) is Value else "" for a in operands]) from None
        if live and not is_recording():
            return _unrecorded(y, op, operands, parameters)
        try:
            partials = op.local_derivatives(data, y, parameters, active)
        except AutogradError as error:
            if error.failure is None:
                raise
            labels = [_named(a) if type(a) is Value else "" for a in operands]
            raise op.partial_refusal(error.failure, labels) from error.failure.error
        node = _record(y, op, nodes, partials, operands, parameters)
        if live:
            check_made(node)
        return node

    # ---------------------------------------------------------------------------------------------------------- operators

    def __pos__(self) -> Value:
        return self

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    def __eq__(self, other: object) -> bool:
        return compared(operator.eq, self._primal, other._primal if type(other) is Value else other)

    def __ne__(self, other: object) -> bool:
        return compared(operator.ne, self._primal, other._primal if type(other) is Value else other)

    def __lt__(self, other: Any) -> bool:
        return compared(operator.lt, self._primal, other._primal if type(other) is Value else other)

    def __le__(self, other: Any) -> bool:
        if other is self:  # how a row asks for NaN: no choice between two sides
            return bool(self._primal == self._primal)
        return compared(operator.le, self._primal, other._primal if type(other) is Value else other)

    def __gt__(self, other: Any) -> bool:
        return compared(operator.gt, self._primal, other._primal if type(other) is Value else other)

    def __ge__(self, other: Any) -> bool:
        if other is self:  # how a row asks for NaN: no choice between two sides
            return bool(self._primal == self._primal)
        return compared(operator.ge, self._primal, other._primal if type(other) is Value else other)

    __hash__ = object.__hash__  # identity: sets and dictionaries hold nodes, equal data or not

    if TYPE_CHECKING:
        # bound by the package, from rooms that come after this one
        def explain(self, root: Value, **options: Any) -> Any: ...
        def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]: ...

    # ------------------------------------------------------------------------------------- what would lose a gradient

    def __bool__(self) -> NoReturn:
        raise OperandError(f"the truth of {_described(self)} is not defined; compare it, `v > 0`, or test `v.data`")

    def __float__(self) -> NoReturn:
        raise OperandError(
            f"{_described(self)} is a node, and a plain float would lose its gradient; give v.data where the number alone is "
            "needed, as in math.isnan(v.data) or '%.2f' % v.data, and use the operations of autograd for the others: "
            "autograd.sin(v), autograd.sum(vs), as autograd.ops.TABLE lists them"
        )

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


def _sweep_with_what_is_kept(order: list[Value]) -> None:
    """The sweep of `backward` where hooks or rules are kept beside nodes."""

    def adjoint_of(node: Value) -> float | None:
        return None if node._grad is UNREACHED else node._grad

    for node in reversed(order):
        if node._grad is UNREACHED:
            continue
        adjoint = node._grad = through_hooks(node, node._grad)
        rule = rule_of(node)
        if rule is not None:
            for operand, contribution in rule.contributions(adjoint, adjoint_of, as_nodes=False):
                operand._grad += contribution
        else:
            for operand, partial in zip(node.operands, node._partials, strict=True):
                if partial is not None:
                    operand._grad += adjoint * partial


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


def _record(
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
    return node


def recorded(
    y: float, op: Op, operands: tuple[Value, ...], partials: tuple[float | None, ...], arguments: tuple[Any, ...]
) -> Value:
    """The node y = op(arguments), for who computes values and partials without the row."""
    node = _record(y, op, operands, partials, arguments)
    if live:
        check_made(node)
    return node


_new = object.__new__
_primal_of, _grad_of = operator.attrgetter("_primal"), operator.attrgetter("_grad")
_set_primal, _set_grad = vars(Value)["_primal"].__set__, vars(Value)["_grad"].__set__
_NODES, _NODES_AND_FLOATS = {Value}, {Value, float}


def _refusing(name: str) -> Callable[[Value, Any], NoReturn]:
    def refuse(self: Value, _: Any) -> NoReturn:
        raise ReadOnlyError(
            f"the {name} of {_described(self)} cannot be set: a graph is what was computed; apply an operation instead"
        )

    return refuse


# The same properties with a getter in C, so that reading one in a loop costs nearly what an attribute costs.
for _name, _slot in {
    "data": "_primal",
    "label": "_label",
    "op": "_row",
    "operands": "_operands",
    "arguments": "_arguments",
}.items():
    _read = vars(Value)[_name]
    setattr(Value, _name, property(operator.attrgetter(_slot), _read.fset or _refusing(_name), None, _read.__doc__))
for _name in ("parameters", "partials", "edges", "reached", "is_leaf", "_prev", "_op"):
    setattr(Value, _name, vars(Value)[_name].setter(_refusing(_name)))


def _refuse_unless_label(label: Any, name: Any, children: Any) -> None:
    """Refuse a second argument that is no label; and `Value(t, (self,), "tanh")`, with what to write in its place."""
    if isinstance(label, (tuple, list, set, frozenset)):
        children = label
    if not name and not children:
        if not isinstance(label, str):
            raise OperandError(f"a label is a str, not {label!r:.60}; Value(data, label='x') makes a leaf")
        return
    from autograd.migration import cure_of_hand_made_node

    raise OperandError(cure_of_hand_made_node(str(name), len(children) if isinstance(children, Sized) and children else 1))


def _described(node: Value) -> str:
    return node.label or f"Value(data={node._primal!r})"


level_of: WeakByIdentity[Value, int] = WeakByIdentity()
"""The leaves that are plain numbers in a function that is being differentiated, each with the level of that call: an inner one has
a later level."""

MET: ContextVar[tuple[object, object]] = ContextVar("met", default=(None, None))
"""What this thread or task met last: a kink, and a derivative inside another call's function. A kink is a point where a program may
branch: equal numbers in a comparison, or the kink of a row in a second derivative. Each time it is another object, so that a call
sees by comparing before and after what it met."""


def meet_kink() -> None:
    MET.set((object(), MET.get()[1]))


def compared(relation: Callable[[Any, Any], Any], a: Any, b: Any) -> bool:
    """relation(a, b) of two numbers, as Python has it for floats; every comparison of a node or a dual number ends here."""
    try:
        if isinstance(b, (float, int)) and a == b:
            meet_kink()
        return relation(a, b)  # type: ignore[no-any-return]  # an array answers with an array
    except TypeError:
        raise OperandError(
            f"{b!r:.60} of type {type(b).__name__} has no order; a node is compared with nodes and plain numbers"
        ) from None


# ----------------------------------------------------------------------------------- operators and methods, from the table
# What `op.apply` does for any row and any operands, unrolled for the commonest: one node, two nodes, a node and a float.

_REFUSALS = (ValueError, ZeroDivisionError, OverflowError)


def _unroll(op: Op) -> Callable[..., Any]:
    """y = op(x) for a row of one operand."""
    value, (partial,) = op.value, op.functions_on_floats()

    def method(self: Value, *more: Any) -> Any:
        if more or live:  # too many, or log(x, base); or a mode is on somewhere
            return op(self, *more)
        a = self._primal
        try:
            y = value(a)
        except _REFUSALS as error:
            raise op.refusal(error, (a,), (_named(self),)) from None
        operands = (self,)
        return _record(y, op, operands, (partial(a, y),), operands)

    return _titled(method, op)


def _titled(method: Callable[..., Any], op: Op) -> Callable[..., Any]:
    method.__name__, method.__qualname__, method.__doc__ = op.__name__, f"Value.{op.__name__}", op.__doc__
    return method


def _method(op: Op) -> Callable[..., Any]:
    """`x.exp()`, `x.clamp(low, high)`: the row as a method of its first operand."""
    if op in _unrolled:
        return _unrolled[op]

    def method(self: Value, *operands: Any, **parameters: Any) -> Any:
        return op(self, *operands, **parameters)

    return _titled(method, op)


def _operator(op: Op) -> Callable[[Value, Any], Any]:
    """`a * b` with a node on the left."""
    value, (by_a, by_b) = op.value, op.functions_on_floats()
    constant: Any = op.partials if all(type(partial) is float for partial in op.partials) else None  # type: ignore[union-attr]  # a tuple here

    def method(self: Value, other: Any) -> Any:
        kind = type(other)
        if live or (kind is not Value and kind is not float and kind is not int):
            return _generally(method, self, other, op, (self, other))
        a = self._primal
        b = other._primal if kind is Value else number(other)
        try:
            y = value(a, b)
        except _REFUSALS:
            return op.apply((self, other))
        if kind is Value:
            operands = (self, other)
            return _record(y, op, operands, constant or (by_a(a, b, y), by_b(a, b, y)), operands)
        return _record(y, op, (self,), (by_a(a, b, y),), (self, b))

    REPLACEABLE.add(method)
    return method


def _reflected(op: Op) -> Callable[[Value, Any], Any]:
    """`2 - b`: a node on the right of a plain number."""
    value, (_, by_b) = op.value, op.functions_on_floats()

    def method(self: Value, other: Any) -> Any:
        kind = type(other)
        if live or (kind is not float and kind is not int):
            return _generally(method, self, other, op, (other, self))
        a, b = number(other), self._primal
        try:
            y = value(a, b)
        except _REFUSALS:
            return op.apply((other, self))
        return _record(y, op, (self,), (by_b(a, b, y),), (a, self))

    REPLACEABLE.add(method)
    return method


def _generally(method: Callable[[Value, Any], Any], self: Value, other: Any, op: Op, operands: tuple[Any, Any]) -> Any:
    """method(self, other), which applies op to the operands, while a mode is on or where `other` is neither node nor float."""
    if live and (instead := replacement(method)) is not method:
        return instead(self, other)
    if getattr(other, "ndim", 0) or (type(other) is not Value and hasattr(type(other), "__autograd_op__")):
        return NotImplemented  # an array maps itself over its elements; another number type knows what to do with nodes
    return op.apply(operands)


_unrolled = {op: _unroll(op) for op in TABLE.values() if len(op.operands) == 1 and not op.variadic and not op.parameters}
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
        setattr(Value, f"__r{_name}__", _reflected(_op))
setattr(Value, "__iadd__", _operator(TABLE["add"]))  # noqa: B010  # as __add__, and a part that can be replaced alone


# -------------------------------------------------------------------------------------------------------------- anomalies


def _named(node: Value) -> str:
    """The label for an error message, with the place the node was made if that is known."""
    known = origins()
    origin = known.get(node) if known is not None else None
    return f"{node.label or ('operand' if origin else '')}{f' (made at {origin})' if origin else ''}"


def _in_full(node: Value) -> str:
    """The node for an anomaly's message: what it is, of what, and where it was made."""
    operands = ", ".join(
        f"{a.label + ' = ' if a.label else ''}{a._primal!r}" if type(a) is Value else repr(a) for a in node.arguments
    )
    made = f"{node.op.__name__}({operands})" if node.op is not None else "leaf"
    known = origins()
    origin = known.get(node) if known is not None else None
    return f"{_equals(node)}{made} = {node._primal!r}" + (f", made at {origin}" if origin else "")


def _equals(node: Value) -> str:
    return f"{node.label} = " if node.label else ""


def _unrecorded(y: float, op: Op, arguments: tuple[Any, ...], parameters: Mapping[str, Any]) -> Value:
    """The result as a leaf, under no_grad."""
    if origins() is not None:
        check_made(_record(y, op, (), (), arguments, parameters))
    return Value(y)


@replaceable
def check_made(node: Value) -> None:
    """Called with each node made while a mode is on; if anomalies are detected, note its place and refuse inf and NaN."""
    known = origins()
    if known is not None:
        known[node] = here()
        if not math.isfinite(node._primal):
            raise AnomalyError(f"forward: {_in_full(node)}: the value is not finite; look at the operands")


def _refuse_anomaly(order: list[Value]) -> None:
    """Raise if an adjoint is not finite, naming the first edge of the sweep that made it so."""
    problem = next(_anomalies(order), None) if origins() is not None else None
    if problem is not None:
        raise AnomalyError(f"backward: {problem}; keep the operand away from this point")


def _anomalies(order: list[Value]) -> Iterator[str]:
    for node in reversed(order):
        if not math.isfinite(node._grad):
            yield f"{_in_full(node)}: the adjoint {node._grad!r} is not finite"
        for operand, partial, contribution, is_open in node.edges if rule_of(node) is None else ():
            if is_open and not math.isfinite(contribution):
                flow = f"adjoint {node._grad!r} × local derivative {partial!r} = {contribution!r}"
                yield f"{_in_full(node)}: {flow} would flow to {_in_full(operand)}"
