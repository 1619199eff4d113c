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

Read in this order: `Value.__autograd_op__`, which applies a row and records a node; `Value.backward`; then the two functions it
calls, `toposort` and `sweep`, the chain rule. A row, with its `rule` on floats, is defined in `autograd.operation`, which is the
next to read. `autograd.operators` has `a * b`, and `autograd.methods` the rest of what a node answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from types import MappingProxyType
from typing import Any, final

from autograd import beside, engine
from autograd.anomalies import checked_in_mode, refuse_anomaly, refused
from autograd.calls import NO_PARAMETERS
from autograd.errors import AutogradError, OperandError
from autograd.methods import NodeMethods, read_only, refuse
from autograd.mixed import taken_apart
from autograd.modes import live, replaceable
from autograd.ops import Op, number
from autograd.undo import exhaust, restoring, set_all

__all__ = ["Value", "toposort", "zero_grad"]


@final
class Value(NodeMethods):
    """A number that remembers how it was computed.

    `Value(2.0, label="a")` makes a leaf from anything that is a number without loss: int, bool, Fraction, Decimal, a numpy
    scalar. Operators, functions and methods make the other nodes. A plain number in an operation stays a constant.

    Comparisons compare data, so that a function takes the branch it takes on floats; `hash` is identity, so that a set
    holds nodes. Ask with `is` whether two nodes are the same.
    """

    __slots__ = ("__weakref__", "_data", "_grad", "_operands", "_partials", "_rest", "_row")

    def __init__(self, data: Any, label: str = "", _op: str = "", _children: Any = ()) -> None:
        if not isinstance(label, str) or _op or _children:
            refuse("unless_label", label, _op, _children)
        self._data: float = number(data)
        self._grad: float | None = None  # until a sweep reaches the node
        self._row: Op | None = None
        self._operands: tuple[Value, ...] = ()
        self._partials: tuple[float | None, ...] = ()
        self._rest = None  # see `recorded`
        if label:
            self.label = label

    @staticmethod
    def __autograd_op__(op: Op, arguments: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        """Apply a row to arguments of which at least one is a node: every operation on nodes, however written, ends here."""
        operands, active, data = arguments, None, []  # active: which of the arguments are operands; None, all of them
        for x in arguments:
            if type(x) is Value:
                data.append(x._data)
            elif (parts := taken_apart(Value, arguments)) is not None:  # there are constants
                arguments, operands, active, data = parts
                break
            else:
                return NotImplemented  # a number type that is made of nodes applies the row itself
        try:
            y, partials = (op.rule_now() if live else op.rule)(data, active, parameters)  # live: a mode is on somewhere
        except (AutogradError, ValueError, ArithmeticError) as error:
            raise refused(op, error, arguments)  # noqa: B904  # it has its cause, if any
        node = recorded(y, op, operands, partials, arguments, parameters)
        return checked_in_mode(node) if live else node

    @replaceable
    def backward(self, seed: float = 1.0, **options: Any) -> None:
        """Add seed · ∂self/∂leaf to the `grad` of every leaf that self depends on.

        Leaves accumulate over calls, as in PyTorch; the adjoint of an interior node belongs to the last call. If anything
        raises on the way, Ctrl-C included, every gradient stays as it was. Threads may call backward at once on graphs
        that have no leaf in common; sums into one shared leaf can lose a contribution.

        >>> x = Value(3.0)
        >>> (x**4).backward()
        >>> x.grad
        108.0
        """
        if options:
            refuse("options", options)
        order = toposort(self)
        undo = restoring(GRAD, order)
        try:
            earlier = [(node, node._grad) for node in order if node._grad is not None and not node._operands]
            for node in order:
                node._grad = None
            self._grad = 0.0 + number(seed)  # every sum of contributions starts at 0.0, so that −0.0 becomes 0.0
            (beside.sweep_grads if beside.KEPT else sweep)(order)
            if live:
                refuse_anomaly(order)
            for leaf, grad in earlier:
                leaf._grad = grad if leaf._grad is None else leaf._grad + grad
        except BaseException:
            exhaust(undo)
            raise

    def zero_grad(self) -> None:
        """Forget the gradients of all nodes that self depends on."""
        zero_grad(toposort(self))

    @property
    def data(self) -> float:
        """The number. A leaf's can be set; local derivatives that were saved before stay as they are."""
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        if self._operands:
            refuse("to_set", "data", self)
        self._data = data if type(data) is float else number(data)

    @property
    def grad(self) -> float:
        """The adjoint ∂L/∂self of the last backward, 0.0 before. It can be set on any node: backpropagation by hand."""
        return 0.0 if self._grad is None else self._grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        self._grad = grad if type(grad) is float else number(grad)

    @read_only
    def reached(self) -> bool:
        """Whether a backward has reached this node; before, its `grad` of 0.0 is not a computed number."""
        return self._grad is not None

    @read_only
    def op(self) -> Op | None:
        """The operation that made the node; None for a leaf."""
        return self._row

    @read_only
    def operands(self) -> tuple[Value, ...]:
        """The nodes it was applied to, in order; x*x has x twice."""
        return self._operands

    @read_only
    def partials(self) -> tuple[float | None, ...]:
        """The local derivatives ∂self/∂operand when the operation ran; None for a closed gate."""
        return self._partials


def recorded(y: float, op: Op | None, operands: Any, partials: Any, arguments: Any, parameters: Any = NO_PARAMETERS) -> Value:
    """The node y = op(arguments, parameters); `operands` are those of the arguments that are nodes."""
    node = object.__new__(Value)
    node._data = y
    node._grad = None
    node._row = op
    node._operands = operands
    node._partials = partials
    node._rest = None  # or (arguments, parameters, label), where there is more to know than the operands
    if arguments is not operands or parameters:
        node._rest = arguments, MappingProxyType(parameters) if parameters else NO_PARAMETERS, ""
    return node


DATA, GRAD = vars(Value)["_data"], vars(Value)["_grad"]  # the slots, for `undo`


# ------------------------------------------------------------------------------------------------------------- whole graphs


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
    """The topological order of what the roots depend on without passing a node in `seen`; adds these nodes to `seen`."""
    order: list[Value] = []
    for root in roots:
        stack: list[Value | None] = [root]
        while stack:
            node = stack.pop()
            if node is None:  # the operands of the node under it are in the order
                order.append(stack.pop())  # type: ignore[arg-type]
            elif node not in seen:
                seen.add(node)
                operands = node._operands
                if seen.issuperset(operands):  # all of them are in the order; a leaf has none
                    order.append(node)
                else:
                    stack += node, None
                    stack += operands[::-1]
    return order


def sweep(order: Sequence[Value]) -> None:
    """The chain rule, from the last node of a topological order to the first: ∂L/∂x = Σ ∂L/∂user · ∂user/∂x.

    The users of a node come before it in the reversed order, so its sum is complete when its own turn comes.
    """
    for node in reversed(order):
        adjoint = node._grad
        if adjoint is not None:
            for operand, partial in zip(node._operands, node._partials):  # noqa: B905  # equally long by construction
                if partial is not None:
                    so_far = operand._grad
                    operand._grad = (0.0 if so_far is None else so_far) + adjoint * partial


def sweep_apart(order: list[Value], wanted: list[Value]) -> list[float]:
    """∂y/∂x for each x of `wanted`, where y is the last node of a topological order; no `grad` is touched."""
    found = {order[-1]: 1.0}
    beside.sweep(order, found)
    return [found.get(node, 0.0) for node in wanted]


@replaceable
def zero_grad(nodes: Iterable[Value]) -> None:
    """Forget the gradients of these nodes, as if there had been no backward."""
    nodes = list(nodes) if isinstance(nodes, Iterable) else [nodes]
    for node in nodes:
        if type(node) is not Value:
            cure = "give a list of them, model.parameters()"
            raise OperandError(f"zero_grad forgets the gradients of nodes, and {node!r:.60} is none; {cure}")
    set_all(GRAD, nodes, repeat(None))


globals().update(engine.chosen(globals()))  # the same in C, where it was built: `autograd.engine` says when
