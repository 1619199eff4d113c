"""A graph built, shared, changed, copied and swept in any order, beside a model that adds up every path by hand.

The model has no engine code: a node of it is what it was worth, and the slope towards each operand, written here. A gradient
is the sum over all paths of the products of the slopes on them, found by plain recursion; closed gates are no path.
"""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, precondition, rule

from autograd import Value, no_grad, ops, toposort, zero_grad

MOST_PATHS = 150  # below a node, so that recursion over paths stays quick
LARGEST = 1e4

Slopes = tuple[tuple[float, bool], ...]  # towards each operand: ∂y/∂operand, and whether the gate is open


class Twin:
    """One node of the model, and the engine's node that it models."""

    def __init__(self, node: Value, data: float, edges: list[tuple[Twin, float, bool]]) -> None:
        self.node, self.data, self.edges = node, data, edges
        self.grad, self.reached, self.size = 0.0, False, 0.0  # size: what rounding is measured by

    @property
    def is_leaf(self) -> bool:
        return not self.edges

    def paths(self) -> int:
        return sum(operand.paths() for operand, _, _ in self.edges) if self.edges else 1

    def below(self) -> list[Twin]:
        """Itself and all it depends on, each once."""
        found = {id(self): self}
        for operand, _, _ in self.edges:
            found.update((id(twin), twin) for twin in operand.below())
        return list(found.values())


def along_every_path(twin: Twin, product: float, totals: dict[int, list[float]]) -> None:
    """Note the product of slopes at every node that an open path leads to."""
    totals.setdefault(id(twin), []).append(product)
    for operand, slope, is_open in twin.edges:
        if is_open:
            along_every_path(operand, product * slope, totals)


def _share(a: float, b: float) -> tuple[float, bool]:
    """∂max/∂a: all, nothing, or half at a tie."""
    return (1.0, True) if a > b else (0.5, True) if a == b else (0.0, False)


# The value of an operation and its slopes, written here once more: closed gates where nothing may flow.
MODEL: dict[str, tuple[int, Callable[..., float], Callable[..., Slopes]]] = {
    "add": (2, lambda a, b: a + b, lambda a, b: ((1.0, True), (1.0, True))),
    "sub": (2, lambda a, b: a - b, lambda a, b: ((1.0, True), (-1.0, True))),
    "mul": (2, lambda a, b: a * b, lambda a, b: ((b, True), (a, True))),
    "max": (2, lambda a, b: a if a > b else b, lambda a, b: (_share(a, b), _share(b, a))),
    "neg": (1, lambda a: -a, lambda a: ((-1.0, True),)),
    "square": (1, lambda a: a * a, lambda a: ((2 * a, True),)),
    "relu": (1, lambda a: a if a > 0 else 0.0, lambda a: ((1.0, True) if a > 0 else (0.0, False),)),
    "abs": (1, lambda a: a if a > 0 else -a, lambda a: ((math.copysign(1.0, a), True) if a else (0.0, True),)),
    "sin": (1, math.sin, lambda a: ((math.cos(a), True),)),
    "floor": (1, lambda a: float(math.floor(a)), lambda a: ((0.0, False),)),
}  # fmt: skip
NAMES = st.sampled_from(sorted(MODEL))
NUMBERS = st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5]) | st.floats(-3.0, 3.0)


class Engine(RuleBasedStateMachine):
    """Every rule does the same to the engine and to the model; the invariant compares all that was ever made."""

    twins = Bundle("twins")
    labels: ClassVar[list[str]] = ["", "x", "w"]

    def __init__(self) -> None:
        super().__init__()
        self.made: list[Twin] = []

    def keep(self, twin: Twin) -> Twin:
        self.made.append(twin)
        return twin

    @initialize(target=twins, numbers=st.lists(NUMBERS, min_size=2, max_size=3))
    def begin(self, numbers: list[float]) -> Any:
        return multiple(*[self.keep(Twin(Value(x), x, [])) for x in numbers])

    @rule(target=twins, x=NUMBERS, label=st.sampled_from(labels))
    def make_a_leaf(self, x: float, label: str) -> Twin:
        return self.keep(Twin(Value(x, label), x, []))

    # ---------------------------------------------------------------------------------------------------- building

    @rule(target=twins, name=NAMES, a=twins, b=twins)
    def apply(self, name: str, a: Twin, b: Twin) -> Any:
        count, value, slopes = MODEL[name]
        operands = [a, b][:count]
        return self.record([a, b][:count], value, slopes, lambda: getattr(ops, name)(*[twin.node for twin in operands]))

    @rule(target=twins, name=NAMES, a=twins)
    def apply_to_one_node_twice(self, name: str, a: Twin) -> Any:
        return self.apply(name, a, a)

    @rule(target=twins, a=twins, constant=NUMBERS, turned=st.booleans())
    def multiply_by_a_constant(self, a: Twin, constant: float, turned: bool) -> Any:
        build = (lambda: constant * a.node) if turned else (lambda: a.node * constant)
        return self.record([a], lambda x: x * constant, lambda x: ((constant, True),), build)

    @rule(target=twins, a=twins, b=twins, c=twins)
    def dot(self, a: Twin, b: Twin, c: Twin) -> Any:
        """a·b + c·a in one node, with a in two places."""
        build = lambda: ops.dot([a.node, c.node], [b.node, a.node])  # noqa: E731  # named, it reads better
        pairs = [a, c, b, a]
        return self.record(
            pairs, lambda w, v, x, y: w * x + v * y, lambda w, v, x, y: ((x, True), (y, True), (w, True), (v, True)), build
        )

    def record(
        self, operands: list[Twin], value: Callable[..., float], slopes: Callable[..., Slopes], build: Callable[[], Value]
    ) -> Any:
        data = [twin.data for twin in operands]
        y = value(*data)
        if abs(y) > LARGEST or sum(twin.paths() for twin in operands) > MOST_PATHS:
            return multiple()
        edges = [(twin, *slope) for twin, slope in zip(operands, slopes(*data), strict=True)]
        twin = Twin(build(), y, edges)
        return self.keep(twin)

    @rule(target=twins, a=twins, b=twins)
    def build_without_a_graph(self, a: Twin, b: Twin) -> Any:
        with no_grad():
            node = a.node * b.node
        return self.keep(Twin(node, a.data * b.data, [])) if abs(a.data * b.data) <= LARGEST else multiple()

    # ------------------------------------------------------------------------------------------------------ sweeping

    @rule(root=twins, seed=st.sampled_from([1.0, 2.0, -0.5, 0.0]) | st.floats(-2.0, 2.0))
    def backward(self, root: Twin, seed: float) -> None:
        root.node.backward(seed)
        totals: dict[int, list[float]] = {}
        along_every_path(root, seed, totals)
        for twin in root.below():
            if not twin.is_leaf:
                twin.grad, twin.reached, twin.size = 0.0, False, 0.0
            if id(twin) in totals:
                twin.grad += math.fsum(totals[id(twin)])
                twin.size += math.fsum(map(abs, totals[id(twin)]))
                twin.reached = True

    @rule(root=twins)
    def backward_twice_and_back_to_the_same(self, root: Twin) -> None:
        """A reset and a repetition give the same bits: what follows finds no trace of it but in the graph of the root."""
        self.zero_grad(root)
        self.backward(root, 1.0)
        once = [twin.node.grad for twin in root.below()]
        self.zero_grad(root)
        self.backward(root, 1.0)
        assert [twin.node.grad for twin in root.below()] == once

    @rule(root=twins)
    def zero_grad(self, root: Twin) -> None:
        root.node.zero_grad()
        for twin in root.below():
            twin.grad, twin.reached, twin.size = 0.0, False, 0.0

    @rule(some=st.lists(twins, max_size=3))
    def zero_the_grad_of_some(self, some: list[Twin]) -> None:
        zero_grad([twin.node for twin in some])
        for twin in some:
            twin.grad, twin.reached, twin.size = 0.0, False, 0.0

    @rule(twin=twins, x=NUMBERS)
    def set_a_grad_by_hand(self, twin: Twin, x: float) -> None:
        twin.node.grad = x
        twin.grad, twin.reached, twin.size = x, True, abs(x)

    @rule(twin=twins)
    def one_step_by_hand(self, twin: Twin) -> None:
        twin.node._backward()
        adjoint = twin.grad
        for operand, slope, is_open in twin.edges:
            if is_open:
                operand.grad += adjoint * slope
                operand.size += abs(adjoint * slope) + twin.size * abs(slope)
                operand.reached = True

    # ------------------------------------------------------------------------------------------------------ changing

    @rule(twin=twins, x=NUMBERS)
    def set_the_data_of_a_leaf(self, twin: Twin, x: float) -> None:
        """What was made of it before keeps its numbers and its slopes."""
        if twin.is_leaf:
            twin.node.data = twin.data = x
        else:
            try:
                twin.node.data = x
            except AttributeError:
                return
            raise AssertionError("the data of an interior node was set")

    @rule(target=twins, root=twins, way=st.sampled_from([copy.deepcopy, lambda node: pickle.loads(pickle.dumps(node))]))
    def copy_a_graph(self, root: Twin, way: Callable[[Value], Value]) -> Any:
        """The copy is a separate graph with the same gradients; every part of it goes on living."""
        node = way(root.node)
        image = {id(old): new for old, new in zip(toposort(root.node), toposort(node), strict=True)}
        copies: dict[int, Twin] = {}
        for twin in sorted(root.below(), key=lambda twin: len(twin.below())):
            edges = [(copies[id(operand)], slope, is_open) for operand, slope, is_open in twin.edges]
            copies[id(twin)] = Twin(image[id(twin.node)], twin.data, edges)
            copies[id(twin)].grad, copies[id(twin)].reached, copies[id(twin)].size = twin.grad, twin.reached, twin.size
        assert not {id(twin.node) for twin in copies.values()} & {id(twin.node) for twin in self.made}
        return multiple(*[self.keep(twin) for twin in copies.values()])

    @rule(target=twins, twin=twins)
    def copy_one_node(self, twin: Twin) -> Any:
        """A shallow copy hangs on the same operands."""
        made = Twin(copy.copy(twin.node), twin.data, list(twin.edges))
        made.grad, made.reached, made.size = twin.grad, twin.reached, twin.size
        return self.keep(made)

    @precondition(lambda self: len(self.made) > 12)
    @rule(twin=consumes(twins))
    def let_go_of_a_node(self, twin: Twin) -> None:
        """Whoever uses it keeps it alive."""
        self.made.remove(twin)

    # ----------------------------------------------------------------------------------------------------- comparing

    @invariant()
    def everything_is_as_in_the_model(self) -> None:
        for twin in self.made:
            node = twin.node
            assert node.data == twin.data or math.isclose(node.data, twin.data, rel_tol=1e-13, abs_tol=1e-13)
            assert node.reached == twin.reached
            assert abs(node.grad - twin.grad) <= 1e-12 * (twin.size + abs(twin.grad))
            assert [operand for operand, _, _, _ in node.edges] == [operand.node for operand, _, _ in twin.edges]
            assert [is_open for _, _, _, is_open in node.edges] == [is_open for _, _, is_open in twin.edges]


TestEngine = Engine.TestCase
TestEngine.settings = settings(max_examples=150, stateful_step_count=30, database=None, deadline=None)
