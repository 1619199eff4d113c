"""A small right engine, which computes the answers to questions with numbers that the examiner has just drawn.

It supports the programs of the checks in the plainest way: each node has its operands with one number for each, the local
derivative, or None for a closed gate; backward visits the nodes in reversed topological order.

    >>> right_answer("x = Value(3.0)\\ny = x * x\\ny.backward()", "x.grad")
    6.0
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

__all__ = ["Value", "right_answer"]


def right_answer(program: str, asked: str) -> Any:
    """Return the value of `asked` after the program, which must be one of the examiner's own."""
    scope: dict[str, Any] = {"Value": Value, "math": math}
    exec(program, scope)
    return eval(asked, scope)


class Value:
    """A number, its operands with their local derivatives, and its gradient."""

    def __init__(self, data: float, edges: Iterable[tuple[Value, float | None]] = ()) -> None:
        self.data, self.grad, self.edges = float(data), 0.0, tuple(edges)

    def backward(self) -> None:
        """Add the derivatives of this node to the gradients of the leaves."""
        order = self._order()
        for node in order:
            if node.edges:
                node.grad = 0.0
        self.grad += 1.0
        reached = {id(self)}
        for node in reversed(order):
            for operand, slope in node.edges:
                if slope is not None and id(node) in reached:
                    operand.grad += slope * node.grad
                    reached.add(id(operand))

    def _order(self) -> list[Value]:
        order: list[Value] = []
        seen: set[int] = set()
        waiting = [(self, False)]
        while waiting:
            node, is_done = waiting.pop()
            if is_done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                waiting.append((node, True))
                waiting.extend((operand, False) for operand, _ in node.edges)
        return order

    def zero_grad(self) -> None:
        self.grad = 0.0

    def __add__(self, other: Any) -> Value:
        b = _value(other)
        return Value(self.data + b.data, [(self, 1.0), (b, 1.0)])

    def __sub__(self, other: Any) -> Value:
        b = _value(other)
        return Value(self.data - b.data, [(self, 1.0), (b, -1.0)])

    def __mul__(self, other: Any) -> Value:
        b = _value(other)
        return Value(self.data * b.data, [(self, b.data), (b, self.data)])

    def __truediv__(self, other: Any) -> Value:
        b = _value(other)
        y = self.data / b.data
        return Value(y, [(self, 1 / b.data), (b, -y / b.data)])

    def __pow__(self, other: Any) -> Value:
        if not isinstance(other, Value):
            is_upright = self.data == 0.0 and 0 < other < 1
            slope = math.inf if is_upright else other * math.pow(self.data, other - 1) if other else 0.0
            return Value(math.pow(self.data, other), [(self, slope)])
        y = math.pow(self.data, other.data)
        return Value(y, [(self, other.data * math.pow(self.data, other.data - 1)), (other, y * math.log(self.data))])

    def __rsub__(self, other: Any) -> Value:
        return _value(other) - self

    def __rtruediv__(self, other: Any) -> Value:
        return _value(other) / self

    def __rpow__(self, other: Any) -> Value:
        return _value(other) ** self

    def __neg__(self) -> Value:
        return Value(-self.data, [(self, -1.0)])

    def __abs__(self) -> Value:
        return Value(abs(self.data), [(self, math.copysign(1.0, self.data) if self.data else 0.0)])

    __radd__, __rmul__ = __add__, __mul__

    def exp(self) -> Value:
        y = math.exp(self.data)
        return Value(y, [(self, y)])

    def log(self) -> Value:
        return Value(math.log(self.data), [(self, 1 / self.data)])

    def sqrt(self) -> Value:
        y = math.sqrt(self.data)
        return Value(y, [(self, 0.5 / y)])

    def sin(self) -> Value:
        return Value(math.sin(self.data), [(self, math.cos(self.data))])

    def cos(self) -> Value:
        return Value(math.cos(self.data), [(self, -math.sin(self.data))])

    def sigmoid(self) -> Value:
        return Value(_sigmoid(self.data), [(self, _sigmoid(self.data) * _sigmoid(-self.data))])

    def tanh(self) -> Value:
        x = self.data
        return Value(math.tanh(x), [(self, 4 * _sigmoid(2 * x) * _sigmoid(-2 * x))])

    def softplus(self) -> Value:
        x = self.data
        return Value(max(x, 0.0) + math.log1p(math.exp(-abs(x))), [(self, _sigmoid(x))])

    def relu(self) -> Value:
        x = self.data
        return Value(x if x != x else max(x, 0.0), [(self, x if x != x else 1.0 if x > 0 else None)])


def _value(x: Any) -> Value:
    return x if isinstance(x, Value) else Value(x)


def _sigmoid(x: float) -> float:
    e = math.exp(-abs(x))
    return 1 / (1 + e) if x >= 0 else e / (1 + e)
