"""The engines that the benchmarks compare, each with the same few functions, and what pip installs for it.

Forms that every engine has: + and * of nodes, `relu`, a leaf, its gradient. A process has one engine only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any


class Slots:
    """A node of slots and tuples, as in Karpathy's microgpt: data, grad, and the local gradients, saved when the operation runs."""

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


class Engine:
    """A scalar engine with micrograd's names."""

    def __init__(self, node: Callable[[float], Any]) -> None:
        self.leaf = node
        self.relu: Callable[[Any], Any] = lambda node: node.relu()

    def constant(self, x: float) -> Any:
        return x

    def begin(self, leaves: Sequence[Any]) -> None:
        """Called with the leaves before each evaluation."""
        for leaf in leaves:
            leaf.grad = 0.0

    def data(self, node: Any) -> float:
        return float(node.data)

    def grad(self, node: Any) -> float:
        return float(node.grad)

    def backward(self, node: Any) -> None:
        node.backward()

    def step(self, parameters: list[Any], lr: float) -> list[Any]:
        """A step of descent, and the parameters for the next evaluation."""
        for p in parameters:
            p.data -= lr * p.grad
        return parameters


def ours() -> Engine:
    from autograd import Value

    return Engine(Value)


def microgpt() -> Engine:
    return Engine(Slots)


def micrograd() -> Engine:
    from micrograd.engine import Value  # type: ignore[import-untyped]  # it has no annotations

    def exp(x: Any) -> Any:
        y = Value(math.exp(x.data), (x,), "exp")

        def backward() -> None:
            x.grad += y.data * y.grad

        y._backward = backward
        return y

    def log(x: Any) -> Any:
        y = Value(math.log(x.data), (x,), "log")

        def backward() -> None:
            x.grad += y.grad / x.data

        y._backward = backward
        return y

    Value.exp, Value.log = exp, log  # micrograd has neither
    return Engine(Value)


class Floats(Engine):
    """Plain floats in the same loop, which no engine can be faster than: no graph and no gradients."""

    def __init__(self) -> None:
        super().__init__(float)
        self.relu = lambda x: x if x > 0.0 else 0.0

    def begin(self, leaves: Sequence[Any]) -> None: ...

    def backward(self, node: Any) -> None: ...

    def data(self, node: float) -> float:
        return node

    def grad(self, node: float) -> float:
        return math.nan


def propgrad() -> Engine:
    from propgrad.engine import Value  # type: ignore[import-not-found]  # in its own environment

    return Engine(Value)


class Nanograd(Engine):
    """Nodes in C++, by pybind11."""

    def __init__(self) -> None:
        from nanograd_bgriebel import Value  # type: ignore[import-not-found]  # in its own environment

        super().__init__(Value)

    def backward(self, node: Any) -> None:
        node.backwards()


class Minigrad(Engine):
    """A node in C, which takes no plain numbers beside nodes, and gives one reference to None away with each leaf."""

    def __init__(self) -> None:
        import ctypes

        from minigrad.engine import Value  # type: ignore[import-not-found]  # in its own environment

        ctypes.c_ssize_t.from_address(id(None)).value += 1 << 40  # else Python ends when the last is gone
        super().__init__(Value)

    def constant(self, x: float) -> Any:
        return self.leaf(x)


class Xad(Engine):
    """A tape in C++: the leaves are registered anew for each evaluation, and cannot be set."""

    def __init__(self) -> None:
        from xad import adj_1st  # type: ignore[import-not-found]  # in its own environment

        self.tape = adj_1st.Tape()
        self.tape.activate()
        super().__init__(adj_1st.Real)
        self.relu = lambda node: node * (1.0 if node.getValue() > 0 else 0.0)  # it has no relu

    def begin(self, leaves: Sequence[Any]) -> None:
        self.tape.clearAll()
        for leaf in leaves:
            self.tape.registerInput(leaf)
        self.tape.newRecording()

    def data(self, node: Any) -> float:
        return float(node.getValue())

    def grad(self, node: Any) -> float:
        return float(node.getDerivative())

    def backward(self, node: Any) -> None:
        self.tape.registerOutput(node)
        node.setDerivative(1.0)
        self.tape.computeAdjoints()

    def step(self, parameters: list[Any], lr: float) -> list[Any]:
        return [self.leaf(p.getValue() - lr * p.getDerivative()) for p in parameters]


# "ours, pure" is ours in a process with AUTOGRAD_PURE=1.
ENGINES: dict[str, tuple[Callable[[], Engine], tuple[str, ...]]] = {
    "ours": (ours, ()),
    "ours, pure": (ours, ()),
    "microgpt's node": (microgpt, ()),
    "micrograd": (micrograd, ("micrograd==0.1.0",)),
    "propgrad": (propgrad, ("propgrad==0.1.1",)),  # the newest of many that are written like micrograd
    "minigrad": (Minigrad, ("setuptools", "minigrad==0.0.6")),
    "nanograd": (Nanograd, ("nanograd-bgriebel==0.1.4",)),
    "xad": (Xad, ("xad==1.5.2",)),
    "plain floats": (Floats, ()),
}
GRAPHS = [engine for engine in ENGINES if engine != "plain floats"]
"""The scalar engines."""

# Those that compute with whole arrays, and our compiled programs, which are made by a benchmark itself.
ENGINES |= {
    "PyTorch": (lambda: Engine(float), ("numpy>=2,<3", "torch==2.13.0")),
    "PyTorch, compiled": (lambda: Engine(float), ("numpy>=2,<3", "torch==2.13.0")),
    "JAX": (lambda: Engine(float), ("numpy>=2,<3", "jax==0.10.2")),
    "PyTensor": (lambda: Engine(float), ("numpy>=2,<3", "pytensor==3.0.7")),
    "CasADi": (lambda: Engine(float), ("numpy>=2,<3", "casadi==3.8.2")),
    "CasADi, C": (lambda: Engine(float), ("numpy>=2,<3", "casadi==3.8.2")),
    "numba": (lambda: Engine(float), ("numpy>=2,<3", "numba==0.68.1")),
    "blocked C": (lambda: Engine(float), ()),
    "compile": (ours, ()),
    "compile, strict": (ours, ()),
    "ordinary call": (ours, ()),
    "compile, NumPy": (ours, ("numpy==2.4.6",)),  # an environment without llvmlite
}
