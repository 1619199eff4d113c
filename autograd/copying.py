"""Copies and pickles of graphs, of a million nodes too: in topological order, each operand before its users, without recursion.

Sharing is kept: in `copy.deepcopy((x, y))`, or in a pickled list, y still depends on that x. Operations are pickled by name.

    >>> import copy
    >>> from autograd.value import Value
    >>> x = Value(3.0, "x")
    >>> other_x, other_y = copy.deepcopy((x, x * x))
    >>> other_y.operands[0] is other_x, other_x is x
    (True, False)

Python's `copy` and `pickle` call `copied`, `deep_copied` and `reduced` through methods of the node. Start reading at `deep_copied`.
"""

from __future__ import annotations

import threading
import weakref
from typing import Any

from autograd.beside import refuse_kept
from autograd.calls import NO_PARAMETERS
from autograd.value import Value, further_order, recorded

__all__ = ["copied", "deep_copied", "reduced"]


class _Thread(threading.local):
    ledger: weakref.ref[_Ledger] | None = None  # what is known of the pickle being written


_thread = _Thread()


def copied(node: Value) -> Value:
    """Another node with the same operands."""
    return _restore(*_state(node))


def deep_copied(root: Value, memo: dict[Any, Any]) -> Value:
    """The same graph of other nodes."""
    known: set[Value] = memo.setdefault("autograd.Value", set())  # many roots in a container cost no more than one
    for node in further_order([root], known):
        if id(node) not in memo:
            data, grad, label, op, operands, partials, arguments, parameters = _state(node)
            operands = tuple([memo[id(operand)] for operand in operands])
            if arguments is not None:
                arguments = tuple([memo[id(a)] if type(a) is Value else a for a in arguments])
            memo[id(node)] = _restore(data, grad, label, op, operands, partials, arguments, parameters)
    return memo[id(root)]  # type: ignore[no-any-return]


def reduced(node: Value) -> tuple[Any, ...]:
    """The pickle of a node: the list of the nodes that are not in the pickle yet, whose last element it is."""
    ledger = _thread.ledger() if _thread.ledger is not None else None
    if not node.operands or (ledger is not None and ledger.expects(node)):
        return _restore, _state(node)  # its operands are in the pickle already
    ledger = ledger or _Ledger()
    _thread.ledger = weakref.ref(ledger)
    listing = _Listing(ledger, node)
    return _last, (ledger, listing, _Closing(listing))


def _state(node: Value) -> tuple[Any, ...]:
    """All that a node holds, with None for what is as usual."""
    refuse_kept((node,), "a copy or pickle of this graph")
    grad = node.grad if node.reached else None
    arguments = None if len(node.arguments) == len(node.operands) else node.arguments
    return node.data, grad, node.label, node.op, node.operands, node.partials, arguments, dict(node.parameters) or None


def _restore(
    data: float, grad: float | None, label: str, op: Any, operands: Any, partials: Any, arguments: Any, parameters: Any
) -> Value:
    node = recorded(data, op, operands, partials, operands if arguments is None else arguments, parameters or NO_PARAMETERS)
    node.label = label
    if grad is not None:
        node.grad = grad
    return node


class _Ledger:
    """Per-pickler record of the nodes already written; the pickler's memo owns it.

    A graph is pickled as a list in topological order, so that the operands of each node are in the pickle before it. While
    the list is written, its nodes are written as they are, each in its turn; any other node starts another list. Nodes
    of an earlier list are not listed again: the pickle's memo keeps the sharing.
    """

    def __init__(self) -> None:
        self.written: set[Value] = set()
        self.places: dict[Value, int] = {}  # in the list being written
        self.reached = -1
        self.owned = self.foreign = False

    def __reduce__(self) -> tuple[Any, ...]:
        self.foreign = self.owned  # a second pickler, or a memo that was emptied: it needs its own ledger
        self.owned = True
        return str, ()

    def expects(self, node: Value) -> bool:
        """True if it is the node's turn. A record that a failed pickler left heals: its operands come too late."""
        place = self.places.get(node, -1)
        if place <= self.reached:
            return False
        self.reached = place
        return True

    def order(self, root: Value) -> list[Value]:
        if self.places or root in self.written:  # the list before was never closed
            self.written.clear()
        order = further_order([root], self.written)
        self.places = {node: place for place, node in enumerate(order)}
        self.reached = -1
        return order


class _Listing:
    def __init__(self, ledger: _Ledger, root: Value) -> None:
        self.ledger, self.root = ledger, root

    def __reduce__(self) -> tuple[Any, ...]:
        if self.ledger.foreign:
            self.ledger.foreign = False
            self.ledger = _Ledger()
            self.ledger.owned = True
        _thread.ledger = weakref.ref(self.ledger)
        return list, (), None, iter(self.ledger.order(self.root))


class _Closing:
    def __init__(self, listing: _Listing) -> None:
        self.listing = listing

    def __reduce__(self) -> tuple[Any, ...]:
        self.listing.ledger.places = {}
        return str, ()


def _last(opening: str, order: list[Value], closing: str) -> Value:
    return order[-1]
