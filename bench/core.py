"""The pure engine beside a node like the one of Karpathy's microgpt: what a row of the table costs over plain slots.

`python bench/core.py` needs nothing but this project. Both run in one process, alternating, in processor time; a ratio compares
neighbours in time. The collector is on, as users run it.
"""

from __future__ import annotations

import gc
import math
import os
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from eager import N_LEAVES, evaluate, recipe

import autograd
from autograd import Value, grad, jvp
from autograd import ops as rows

ROUNDS = 15


class Slots:
    """A node of slots and tuples: data, grad, the nodes it came from and the local gradients, saved when the operation runs."""

    __slots__ = ("_children", "_local_grads", "data", "grad")

    def __init__(self, data: float, children: tuple[Any, ...] = (), local_grads: tuple[float, ...] = ()) -> None:
        self.data, self.grad, self._children, self._local_grads = data, 0.0, children, local_grads

    def __add__(self, other: Any) -> Slots:
        other = other if isinstance(other, Slots) else Slots(other)
        return Slots(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> Slots:
        other = other if isinstance(other, Slots) else Slots(other)
        return Slots(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, other: float) -> Slots:
        return Slots(self.data**other, (self,), (other * self.data ** (other - 1),))

    def exp(self) -> Slots:
        return Slots(math.exp(self.data), (self,), (math.exp(self.data),))

    def log(self) -> Slots:
        return Slots(math.log(self.data), (self,), (1 / self.data,))

    def relu(self) -> Slots:
        return Slots(max(0, self.data), (self,), (float(self.data > 0),))

    def __neg__(self) -> Slots:
        return self * -1

    def __sub__(self, other: Any) -> Slots:
        return self + (-other)

    def __truediv__(self, other: Any) -> Slots:
        return self * other**-1

    __radd__, __rmul__ = __add__, __mul__

    def backward(self) -> None:
        order: list[Slots] = []
        seen: set[Slots] = set()

        def build(node: Slots) -> None:
            if node not in seen:
                seen.add(node)
                for child in node._children:
                    build(child)
                order.append(node)

        build(self)
        self.grad = 1.0
        for node in reversed(order):
            for child, local_grad in zip(node._children, node._local_grads):  # noqa: B905  # as there
                child.grad += local_grad * node.grad


# -------------------------------------------------------------------------------------------------------------- what is timed


def graph(node: type) -> Callable[[], float]:
    leaves, steps = recipe(1)

    def run() -> float:
        nodes = evaluate(node, leaves, steps)
        nodes[-1].backward()
        return float(sum(leaf.grad for leaf in nodes[:N_LEAVES]))

    return run


def gpt_step(node: type) -> Callable[[], float]:
    """One training step of a transformer of one layer, 16 channels, 4 heads, on 8 letters: scalar code throughout."""
    rng, width, heads, letters = random.Random(42), 16, 4, 27

    def matrix(rows: int, columns: int) -> list[list[Any]]:
        return [[node(rng.gauss(0, 0.08)) for _ in range(columns)] for _ in range(rows)]

    weights = {name: matrix(letters, width) for name in ("letter", "head")} | {"place": matrix(16, width)}
    weights |= {name: matrix(width, width) for name in "qkvo"} | {"up": matrix(4 * width, width), "down": matrix(width, 4 * width)}
    parameters = [p for m in weights.values() for row in m for p in row]
    tokens = [26, 12, 0, 17, 8, 4, 11, 0, 26]

    def total(terms: Iterable[Any]) -> Any:
        first, *others = terms
        for term in others:
            first = first + term
        return first

    def dot(a: list[Any], b: list[Any]) -> Any:
        return total(x * y for x, y in zip(a, b, strict=True))

    def linear(x: list[Any], w: list[list[Any]]) -> list[Any]:
        return [dot(row, x) for row in w]

    def softmax(z: list[Any]) -> list[Any]:
        most = max(v.data for v in z)
        e = [(v - most).exp() for v in z]
        whole = total(e)
        return [v / whole for v in e]

    def normalised(x: list[Any]) -> list[Any]:
        scale = (total(v * v for v in x) * (1.0 / len(x)) + 1e-5) ** -0.5
        return [v * scale for v in x]

    def letter(token: int, place: int, keys: list[Any], values: list[Any]) -> list[Any]:
        x = normalised([a + b for a, b in zip(weights["letter"][token], weights["place"][place], strict=True)])
        z = normalised(x)
        q, k, v = (linear(z, weights[name]) for name in "qkv")
        keys.append(k)
        values.append(v)
        out, size = [], width // heads
        for h in range(0, width, size):
            shares = softmax([dot(q[h : h + size], k[h : h + size]) * size**-0.5 for k in keys])
            out += [dot(shares, [v[h + j] for v in values]) for j in range(size)]
        x = [a + b for a, b in zip(linear(out, weights["o"]), x, strict=True)]
        up = [a.relu() for a in linear(normalised(x), weights["up"])]
        return linear([a + b for a, b in zip(linear(up, weights["down"]), x, strict=True)], weights["head"])

    def run() -> float:
        keys: list[Any] = []
        values: list[Any] = []
        losses = []
        for place in range(len(tokens) - 1):
            shares = softmax(letter(tokens[place], place, keys, values))
            losses.append(-shares[tokens[place + 1]].log())
        loss = total(losses) * (1.0 / len(losses))
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data -= 0.01 * p.grad
        return float(loss.data)

    return run


def update(node: type) -> Callable[[], float]:
    parameters = [node(0.5) for _ in range(20_000)]

    def run() -> float:
        for p in parameters:
            p.data -= 0.1 * p.grad
            p.grad = 0.0
        return float(parameters[0].data)

    return run


def repeated(operation: Callable[[Any, Any], Any]) -> Callable[[], float]:
    a, b = Value(1.5), Value(-0.5)

    def run() -> float:
        for _ in range(20_000):
            made = operation(a, b)
        return float(made.data)

    return run


def rosenbrock(v: Any) -> Any:
    return autograd.sum([100.0 * (v[i + 1] - v[i] ** 2) ** 2 + (1.0 - v[i]) ** 2 for i in range(len(v) - 1)])


def on_graph(v: Any) -> Any:
    nodes = list(v)
    for kind, i, j in STEPS:
        nodes.append(nodes[i] + nodes[j] if kind == "+" else nodes[i] * nodes[j] if kind == "*" else nodes[i].relu())
    return nodes[-1]


LEAVES, STEPS = recipe(1)
POINT = [0.1 * i - 1.0 for i in range(30)]


def by_hand(f: Callable[[Any], Any], point: list[float]) -> Callable[[], float]:
    def run() -> float:
        leaves = [Value(x) for x in point]
        f(leaves).backward()
        return float(sum(leaf.grad for leaf in leaves))

    return run


def by_grad(f: Callable[[Any], Any], point: list[float]) -> Callable[[], float]:
    derivative = grad(f)
    return lambda: float(sum(derivative(point)))


def by_jvp(f: Callable[[Any], Any], point: list[float]) -> Callable[[], float]:
    return lambda: float(jvp(f, (point,), ([1.0] * len(point),))[1])


# ---------------------------------------------------------------------------------------------------------------- the ratios

PAIRS: dict[str, tuple[Callable[[], float], Callable[[], float]]] = {
    "20,000 nodes, forward and backward": (graph(Value), graph(Slots)),
    "a step of scalar microgpt": (gpt_step(Value), gpt_step(Slots)),
    "p.data -= lr * p.grad; p.grad = 0": (update(Value), update(Slots)),
    "add(a, b) over a + b": (repeated(rows.add), repeated(lambda a, b: a + b)),
    "a**2 over a*b": (repeated(lambda a, b: a**2), repeated(lambda a, b: a * b)),
    "grad(f) over backward by hand, Rosenbrock-30": (by_grad(rosenbrock, POINT), by_hand(rosenbrock, POINT)),
    "grad(f) over backward by hand, 20,000 nodes": (by_grad(on_graph, LEAVES), by_hand(on_graph, LEAVES)),
    "jvp over grad, Rosenbrock-30": (by_jvp(rosenbrock, POINT), by_grad(rosenbrock, POINT)),
    "jvp over grad, 20,000 nodes": (by_jvp(on_graph, LEAVES), by_grad(on_graph, LEAVES)),
}
AGREE = {"20,000 nodes, forward and backward", "a step of scalar microgpt"}


def seconds(run: Callable[[], float], times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - start) / times


def ratio(name: str) -> str:
    first, second = PAIRS[name]
    one, other = first(), second()
    if name in AGREE and abs(one - other) > 1e-9 * abs(other):
        raise SystemExit(f"{name}: the two disagree, {one!r} and {other!r}: this is not the same computation")
    times = max(1, round(0.05 / max(seconds(second, 1), 1e-9)))
    found = sorted(seconds(first, times) / seconds(second, times) for _ in range(ROUNDS))
    return f"{name:<48}{statistics.median(found):>7.2f} ×   {found[0]:.2f} to {found[-1]:.2f}"


def flatness() -> str:
    """Nanoseconds a node of a chain, forward and backward, from 10³ to 10⁶ nodes."""
    costs = []
    for count in (1_000, 10_000, 100_000, 1_000_000):
        gc.collect()
        best = math.inf
        for _ in range(max(1, min(20, 200_000 // count))):
            start = time.process_time()
            y = c = Value(1.0)
            for _ in range(count):
                y = y + c
            y.backward()
            best = min(best, time.process_time() - start)
        costs.append(best / count * 1e9)
    listed = ", ".join([f"{cost:.0f}" for cost in costs])
    return f"a node of a chain of 10³, 10⁴, 10⁵, 10⁶: {listed} ns; {max(costs) / min(costs):.2f} × at most"


def bytes_a_node() -> str:
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    nodes = evaluate(Value, LEAVES, STEPS)
    nodes[-1].backward()
    size = (tracemalloc.get_traced_memory()[0] - before) / len(nodes)
    tracemalloc.stop()
    return f"{size:.0f} bytes a node, after forward and backward"


def main() -> None:
    sys.setrecursionlimit(10**6)  # microgpt's node recurses
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for name in PAIRS:
        print(ratio(name), flush=True)
    print(flatness(), bytes_a_node(), sep="\n")


if __name__ == "__main__":
    main()
