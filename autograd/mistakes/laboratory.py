"""The bug laboratory: classic mistakes in autodiff engines, each made in our engine, alone, for a block.

    >>> from autograd.value import Value
    >>> with LABORATORY["overwrite"]:
    ...     x = Value(3.0)
    ...     y = x + x
    ...     y.backward()
    ...     print(x)
    Value(data=3.0, grad=1.0) under the bug 'overwrite'
    >>> y.backward()
    >>> x.grad                              # the engine is right again, and adds 2 to the wrong 1
    3.0

The catalogue describes each mistake: its story, the line before and after, the smallest program that shows it, and the two
answers. This module makes it: `PARTS` has the parts of the engine that are replaced, which are rows of the table, sweeps and
operators. `demonstrate` runs the program with and without the bug, and `picture` draws the difference.

A bug is a mode (`modes.replaced`): it is on inside its `with` block, in the thread or task that entered it, and no object of the
engine is changed. Two bugs at once are refused.

Start reading at `_propagate`, the chain rule of the engine's backward; then the sweeps after it, each with one line changed.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, NamedTuple

from autograd import ops
from autograd.anomalies import check_made
from autograd.errors import AutogradError
from autograd.mistakes.examiner.catalogue import MISTAKES, Mistake
from autograd.modes import Mode, replaced
from autograd.operators import Operators
from autograd.ops import Op, variant
from autograd.show.dot_text import framed
from autograd.show.rendering import Drawing
from autograd.show.scene import Card, Frame, Scene, as_table, scene_of
from autograd.show.view import view_of
from autograd.text.numbers import exact
from autograd.value import Value, toposort, zero_grad

__all__ = ["LABORATORY", "Bug", "Demonstration", "LaboratoryError", "active"]

ENOUGH = 100_000  # contributions after which a sweep along every path is stopped
RIGHT, WRONG, RIGHT_FRAME, WRONG_FRAME = "#CFE3F7", "#FFC9B0", "#0072B2", "#C04F00"  # colours of cards that differ, and of frames


class LaboratoryError(AutogradError, RuntimeError):
    """A bug cannot be switched on or off now."""


@dataclass(frozen=True, eq=False, repr=False)
class Bug(Mistake):
    """A mistake of the catalogue as a context manager: `with LABORATORY["overwrite"]: ...` runs the block on an engine with it."""

    parts: Mapping[Any, Any] = field(default_factory=dict)  # of the engine, with their replacements

    def __enter__(self) -> Bug:
        global _entered
        with _lock:
            on = active()
            if on is not None:
                raise LaboratoryError(
                    f"{self.name!r} cannot be switched on while {on.name!r} is, here or in another thread; "
                    "leave its `with` block first"
                )
            mode = replaced({Value.__repr__: self._repr_of, **self.parts})
            _entered = self, mode
            mode.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with _lock:
            if active() is not self:
                raise LaboratoryError(f"{self.name!r} is not on; use it as `with bugs.{self.name}:`")
            _entered[1].leave_by_hand()

    def _repr_of(self, node: Value) -> str:
        return f"Value(data={node.data!r}, grad={node.grad!r}) under the bug {self.name!r}"

    def __repr__(self) -> str:
        return f"<bug {self.name}, {'ON' if active() is self else 'off'}: {self.title}>"

    def demonstrate(self) -> Demonstration:
        """Run the program on the right engine, then with the bug."""
        right, _ = _run(self.program, self.asked)
        with self:
            wrong, _ = _run(self.program, self.asked)
        return Demonstration(self.program, self.asked, right, wrong)

    def picture(self, *, rankdir: str = "LR", engine: str | None = None) -> Drawing:
        """Draw both graphs, with coloured cards where data or grad differ."""
        answers, program = self.demonstrate(), self.pictured or self.program
        _, names = _run(program, "None")
        with self:
            _, wrong_names = _run(program, "None")
        right = _side("right", self.asked, answers.right, names, RIGHT)
        wrong = _side("with the bug", self.asked, answers.wrong, wrong_names, WRONG)
        frames = [
            Frame("wrong", wrong.caption, WRONG_FRAME, _coloured(wrong, right, WRONG).marked("w")),
            Frame("right", right.caption, RIGHT_FRAME, _coloured(right, wrong, RIGHT).marked("r")),
        ]
        text = "\n".join(f"{side.caption}\n{side.text}".rstrip() for side in (right, wrong))
        return Drawing(framed(frames, rankdir), text=text, engine=engine)


class Demonstration(NamedTuple):
    """A program's right answer and its answer with the bug; an exception is represented by its name."""

    program: str
    asked: str
    right: Any
    wrong: Any

    def __str__(self) -> str:
        return f"{self.program}\n{self.asked}   right: {_written(self.right)}   wrong: {_written(self.wrong)}"


_lock = threading.Lock()
_entered: tuple[Bug | None, Mode] = None, replaced({})  # the bug entered last; it is on while its mode is


def active() -> Bug | None:
    """Return the bug that is on, in any thread; None if the engine is right."""
    bug, mode = _entered
    return bug if mode.is_on_by_hand() else None


def _run(program: str, asked: str) -> tuple[Any, dict[str, Any]]:
    """Return the answer, or the name of the exception, and the program's variables."""
    names: dict[str, Any] = {"Value": Value, "zero_grad": zero_grad}
    try:
        exec(program, names)
        return eval(asked, names), names
    except Exception as error:
        return type(error).__name__, names


def _start(root: Value, seed: float) -> list[Value]:
    """Return the nodes, users before operands, with the adjoints of interior nodes reset and the root's seeded."""
    return _started(toposort(root), root, seed)


def _started(order: list[Value], root: Value, seed: float) -> list[Value]:
    zero_grad(node for node in order if node.operands)
    root.grad += seed
    return order[::-1]


def _propagate(order: Iterable[Value]) -> None:
    """Apply the chain rule to nodes of which each comes before its operands."""
    for node in order:
        for operand, contribution in _contributions(node):
            operand.grad += contribution


def _contributions(node: Value) -> list[tuple[Value, float]]:
    """Return the contribution along each open edge of the node; none if the sweep has not reached the node."""
    return [(operand, contribution) for operand, _, contribution, is_open in node.edges if is_open and node.reached]


def _overwriting(root: Value, seed: float = 1.0) -> None:
    for node in _start(root, seed):
        for operand, contribution in _contributions(node):
            operand.grad = contribution


def _without_seed(root: Value, seed: float = 1.0) -> None:
    _propagate(_start(root, 0.0))


def _binding_late(root: Value, seed: float = 1.0) -> None:
    for node in _start(root, seed):
        rules: list[Callable[[], None]] = []
        for operand, contribution in _contributions(node):
            rules.append(lambda: setattr(operand, "grad", operand.grad + contribution))  # noqa: B023  # this is the bug
        for rule in rules:
            rule()


def _as_sets(root: Value, seed: float = 1.0) -> None:
    for node in _start(root, seed):
        for operand, contribution in dict(_contributions(node)).items():
            operand.grad += contribution


def _breadth_first(root: Value, seed: float = 1.0) -> None:
    _start(root, seed)
    order = {root: None}
    waiting = [root]
    for node in waiting:
        waiting.extend(operand for operand in dict.fromkeys(node.operands) if operand not in order)
        order.update(dict.fromkeys(node.operands))
    _propagate(order)


def _without_reset(root: Value, seed: float = 1.0) -> None:
    root.grad = seed
    _propagate(reversed(toposort(root)))


def _with_too_much_reset(root: Value, seed: float = 1.0) -> None:
    order = toposort(root)
    zero_grad(order)
    root.grad = seed
    _propagate(reversed(order))


def _equal_by_data(root: Value, seed: float = 1.0) -> None:
    order: list[Value] = []
    seen = {root.data}  # where nodes hash and compare by their data, a set of nodes is a set of numbers
    path, waiting = [root], [iter(root.operands)]
    while path:
        operand = next(waiting[-1], None)
        if operand is None:
            order.append(path.pop())
            waiting.pop()
        elif operand.data not in seen:
            seen.add(operand.data)
            path.append(operand)
            waiting.append(iter(operand.operands))
    _propagate(_started(order, root, seed))


def _reading_late(root: Value, seed: float = 1.0) -> None:
    for node in _start(root, seed):
        if node.op is None or not node.reached:
            continue
        arguments = [a.data if type(a) is Value else a for a in node.arguments]
        is_node = [type(a) is Value for a in node.arguments]
        partials = node.op.local_derivatives(arguments, node.data, node.parameters, is_node)
        for operand, partial in zip(node.operands, partials, strict=True):
            if partial is not None:
                operand.grad += node.grad * partial


def _path_by_path(root: Value, seed: float = 1.0) -> None:
    zero_grad(node for node in toposort(root) if node.operands)
    waiting = [(root, seed)]
    for _ in range(ENOUGH):
        if not waiting:
            return
        node, contribution = waiting.pop()
        node.grad += contribution
        waiting.extend([(operand, contribution * partial) for operand, partial, _, is_open in node.edges if is_open])
    raise TimeoutError(f"the laboratory stops this backward after {ENOUGH} contributions; the graph has far fewer edges")


def _recursing(root: Value, seed: float = 1.0) -> None:
    order: list[Value] = []
    _visit(root, order, set())
    _propagate(_started(order, root, seed))


def _visit(node: Value, order: list[Value], seen: set[Value]) -> None:
    if node not in seen:
        seen.add(node)
        for operand in node.operands:
            _visit(operand, order, seen)
        order.append(node)


def _put_in_a_cycle(node: Value) -> None:
    """Refer to the node from a reference cycle, as the closure does that many engines keep in a node."""
    rule: list[Any] = [node]
    rule.append(rule)


class _Complex(Operators):
    """A node of an engine that has become complex: computations go on with it, until an operation needs an order or `math`."""

    def __init__(self, data: complex) -> None:
        self.data, self.grad = data, 0.0

    @staticmethod
    def __autograd_op__(op: Op, operands: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        return _Complex(op.evaluate(tuple([x.data if type(x) in (Value, _Complex) else x for x in operands]), parameters))


def _power_unchecked(self: Value, other: Any) -> Any:
    y = self.data ** (other.data if type(other) is Value else other)
    return _Complex(y) if type(y) is complex else ops.pow(self, other)


def _adding_in_place(self: Value, other: Any) -> Any:
    if self.operands:
        return self + other
    self.data += other.data if type(other) is Value else other
    return self


def _row(row: Op, **wrong: Any) -> dict[Op, Op]:
    return {row: variant(row, **wrong)}


PARTS: dict[str, Mapping[Any, Any]] = {
    "no_seed": {Value.backward: _without_seed},
    "late_binding": {Value.backward: _binding_late},
    "overwrite": {Value.backward: _overwriting},
    "set_of_operands": {Value.backward: _as_sets},
    "wrong_order": {Value.backward: _breadth_first},
    "equal_by_value": {Value.backward: _equal_by_data},
    "stale_interior": {Value.backward: _without_reset},
    "forgets_leaves": {Value.backward: _with_too_much_reset},
    "forgotten_zero_grad": {zero_grad: lambda nodes: None},
    "late_data": {Value.backward: _reading_late},
    "path_by_path": {Value.backward: _path_by_path},
    "recursion": {Value.backward: _recursing},
    "cycles": {check_made: _put_in_a_cycle},
    "in_place": {Value.__iadd__: _adding_in_place},
    "sub_sign": _row(ops.sub, partials=(None, lambda a, b, y: 1.0)),
    "swapped_sub": {Value.__rsub__: lambda self, other: ops.sub(self, other)},
    "swapped_div": {Value.__rtruediv__: lambda self, other: ops.div(self, other)},
    "swapped_pow": {Value.__rpow__: lambda self, other: ops.pow(self, other)},
    "product_swapped": _row(ops.mul, partials=(lambda a, b, y: a, lambda a, b, y: b)),
    "quotient_numerator": _row(ops.div, partials=(None, lambda a, b, y: -1 / (b * b))),
    "division_by_reciprocal": _row(ops.div, value=lambda a, b: a * b**-1),
    "power_exponent": _row(ops.pow, partials=(lambda a, b, y: ops.pow(a, b - 1), None)),
    "power_at_zero": _row(ops.pow, partials=(lambda a, b, y: b * ops.pow(a, b - 1), None)),
    "complex_root": {Value.__pow__: _power_unchecked},
    "exp_as_power": _row(ops.exp, partials=(lambda a, y: a * ops.exp(a - 1),)),
    "cos_sign": _row(ops.cos, partials=(lambda a, y: ops.sin(a),)),
    "naive_sigmoid": _row(ops.sigmoid, value=lambda a: 1 / (1 + math.exp(-a))),
    "sigmoid_tail": _row(ops.sigmoid, partials=(lambda a, y: y * (1 - y),)),
    "naive_tanh": _row(ops.tanh, value=lambda a: (math.exp(2 * a) - 1) / (math.exp(2 * a) + 1)),
    "tanh_tail": _row(ops.tanh, partials=(lambda a, y: 1 - y * y,)),
    "relu_open": _row(ops.relu, partials=(lambda a, y: ops.where(a <= a, 1.0, a),)),
    "relu_kink": _row(ops.relu, partials=(lambda a, y: ops.where(a >= 0, 1.0, lambda: ops.where(a < 0, ops.CLOSED, a)),)),
    "leaking_gate": _row(ops.relu, partials=(lambda a, y: ops.where(a > 0, 1.0, lambda: ops.where(a <= 0, 0.0, a)),)),
    "hidden_nan": _row(ops.relu, partials=(lambda a, y: ops.where(a > 0, 1.0, ops.CLOSED),)),
}
"""The replaced parts of the engine for each mistake, by its name."""

LABORATORY: dict[str, Bug] = {name: Bug(**vars(mistake), parts=PARTS[name]) for name, mistake in MISTAKES.items()}
"""Every bug by its name, in the order of the catalogue."""


def __getattr__(name: str) -> Bug:
    """`laboratory.overwrite` is `LABORATORY["overwrite"]`."""
    if name in LABORATORY:
        return LABORATORY[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)


class _Side(NamedTuple):
    """One half of the picture: the graph after a run of the program."""

    caption: str
    order: list[Value]  # empty if there is no graph to draw
    names: Mapping[str, Any]  # the program's variables
    text: str  # the graph as a table
    scene: Scene  # or the answer alone, as a card


def _side(title: str, asked: str, answer: Any, names: Mapping[str, Any], fill: str) -> _Side:
    root = names.get("y")
    caption = f"{title}: {answer}" if isinstance(answer, str) else f"{title}: {asked} is {_written(answer)}"
    order = toposort(root) if type(root) is Value and not isinstance(answer, str) else []
    if not order:  # an exception, or a complex number
        return _Side(caption, [], names, "", Scene([Card("n", _written(answer), [], fill, caption)], [], []))
    view = view_of(order[-1], names)
    scene = scene_of(view)
    return _Side(caption, order, names, as_table(view, scene), scene)


def _coloured(side: _Side, other: _Side, fill: str) -> Scene:
    """Return the side's scene with this colour in the cards of nodes that differ from the other graph's."""
    if not side.order or not other.order:
        return side.scene
    partners: dict[Value, Any] = {}
    if len(side.order) == len(other.order):
        partners.update(zip(side.order, other.order, strict=True))
    else:  # the bug makes another graph: nodes are compared by their names
        for name, node in side.names.items():
            if type(node) is Value:
                partners.setdefault(node, other.names.get(name))
    pairs = zip(side.order, side.scene.cards, strict=True)
    cards = [card if _agree(node, partners.get(node)) else card._replace(fill=fill) for node, card in pairs]
    return side.scene._replace(cards=cards)


def _agree(node: Value, partner: Value | None) -> bool:
    pairs = [] if partner is None else [(node.data, partner.data), (node.grad, partner.grad)]
    return bool(pairs) and all(x == y or (x != x and y != y) for x, y in pairs)


def _written(answer: Any) -> str:
    """Return an answer as text: 2 for 2.0, all digits otherwise."""
    if isinstance(answer, tuple):
        return f"({', '.join(map(_written, answer))})"
    if isinstance(answer, complex):
        return f"{answer:.3g}"
    return exact(answer) if isinstance(answer, float) else str(answer)
