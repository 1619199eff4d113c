"""The bug laboratory: classic mistakes of people who write an autodiff engine, each switched on in the real one, alone.

    >>> from autograd.value import Value
    >>> with overwrite:
    ...     x = Value(3.0)
    ...     y = x + x
    ...     y.backward()
    ...     print(x)
    Value(data=3.0, grad=1.0) under the bug 'overwrite'
    >>> y.backward()
    >>> x.grad                              # the engine is itself again, and adds 2 to the wrong 1
    3.0

A bug is a row below: what it is called, its story, the line as it was and as it became, the smallest program that shows it,
and what that gives rightly and wrongly. `demonstrate` runs the program both ways and `picture` draws the difference.

A bug is on inside its `with` block and nowhere else: there is no other switch, the end of the block restores the engine
whatever happened inside, two bugs at once are refused, and other threads keep the right engine. When no bug is on, nothing
of this is on any path: a block replaces attributes of the node and of rows, and puts the very same objects back.

Read `_propagate`, which is the engine's own backward in slow motion; then the sweeps after it, each with one line changed.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from inspect import cleandoc
from types import FunctionType, TracebackType
from typing import Any, NamedTuple

from autograd import ops
from autograd import value as nodes
from autograd.drawing import Drawing, draw, quoted
from autograd.errors import AutogradError
from autograd.ops import CLOSED, Op
from autograd.value import Value, toposort, zero_grad

__all__ = ["LABORATORY", "Bug", "Demonstration", "LaboratoryError", "active"]

Patch = tuple[Any, Any, Any]  # where, the attribute or key, what it becomes

ENOUGH = 100_000  # contributions after which a sweep along every path is stopped
RIGHT, WRONG, RIGHT_FRAME, WRONG_FRAME = "#CFE3F7", "#FFC9B0", "#0072B2", "#C04F00"  # cards that differ, and the frames


class LaboratoryError(AutogradError, RuntimeError):
    """A bug that cannot be switched on or off now."""


# ------------------------------------------------------------------------------------------------------ switching on and off


@dataclass(frozen=True, eq=False, repr=False)
class Bug:
    """One mistake, a context manager: `with LABORATORY["overwrite"]: ...` runs the block on an engine that makes it."""

    name: str
    title: str  # what is wrong, as the examiner names it
    story: str  # where it was made, and why it is tempting
    was: str  # the line as it should be,
    now: str  # and what it became
    program: str  # the smallest one that shows it; its result is y
    asked: str  # the expression that comes out differently
    right: Any
    wrong: Any  # a number, or the name of the exception
    switch: Callable[[], Iterable[Patch]] = field(repr=False)  # patches, each applied before the next is asked for
    pictured: str = ""  # the program to draw, if the smallest one makes no picture

    def __enter__(self) -> Bug:
        global _active
        with _lock:
            if _active is not None:
                raise LaboratoryError(
                    f"{self.name!r} cannot be switched on while {_active.name!r} is, here or in another thread; "
                    "leave its `with` block first"
                )
            with ExitStack() as patches:
                for holder, name, new in self.switch():
                    patches.callback(_put(holder, name, new))
                patches.callback(_put(Value, "__repr__", _here(_repr_under(self), Value.__repr__)))
                _restoring.append(patches.pop_all())
            _active = self
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        global _active
        with _lock:
            if _active is not self:
                raise LaboratoryError(f"{self.name!r} is not on; use it as `with bugs.{self.name}:`")
            _restoring.pop().close()
            _active = None

    def __repr__(self) -> str:
        return f"<bug {self.name}, {'ON' if _active is self else 'off'}: {self.title}>"

    def demonstrate(self) -> Demonstration:
        """Run the program on the engine as it is, then with the bug."""
        right, _ = _run(self.program, self.asked)
        with self:
            wrong, _ = _run(self.program, self.asked)
        return Demonstration(self.program, self.asked, right, wrong)

    def picture(self, *, rankdir: str = "LR", engine: str | None = None) -> Drawing:
        """Both graphs, the cards whose data or grad differ filled with colour."""
        return _picture(self, rankdir, engine)


class Demonstration(NamedTuple):
    """What a program gives rightly and wrongly; an exception is given by its name."""

    program: str
    asked: str
    right: Any
    wrong: Any

    def __str__(self) -> str:
        return f"{self.program}\n{self.asked}   right: {_written(self.right)}   wrong: {_written(self.wrong)}"


_lock = threading.Lock()
_active: Bug | None = None
_restoring: list[ExitStack] = []


def active() -> Bug | None:
    """The bug that is on, in whatever thread; None if the engine is as it should be."""
    return _active


_MISSING = object()


def _put(holder: Any, name: Any, new: Any) -> Callable[[], None]:
    """Replace an attribute, or an entry of a dict; the function that puts the very same thing back is returned."""
    if isinstance(holder, dict):
        entry = holder[name]
        holder[name] = new
        return lambda: holder.__setitem__(name, entry)
    old = vars(holder).get(name, _MISSING) if isinstance(holder, type) else getattr(holder, name)
    try:
        setattr(holder, name, new)
    except TypeError as error:
        raise LaboratoryError(f"the laboratory needs the node in Python, which can be changed: {error}") from None
    return lambda: delattr(holder, name) if old is _MISSING else setattr(holder, name, old)


def _here(wrong: Callable[..., Any], right: Callable[..., Any]) -> Callable[..., Any]:
    """The wrong function in this thread, the right one in all others."""
    owner = threading.get_ident()

    def chosen(*arguments: Any, **options: Any) -> Any:
        return (wrong if threading.get_ident() == owner else right)(*arguments, **options)

    return chosen


def _repr_under(bug: Bug) -> Callable[[Value], str]:
    return lambda node: f"Value(data={node.data!r}, grad={node.grad!r}) under the bug {bug.name!r}"


def _run(program: str, asked: str) -> tuple[Any, dict[str, Any]]:
    """The answer, an exception by its name, and the program's variables."""
    names: dict[str, Any] = {"Value": Value, "zero_grad": zero_grad}
    try:
        exec(program, names)
        return eval(asked, names), names
    except Exception as error:
        return type(error).__name__, names


# ---------------------------------------------------------------------------------------------------------- kinds of patches


def _method(name: str, wrong: Callable[..., Any], right: Callable[..., Any] | None = None) -> Callable[[], Iterator[Patch]]:
    """A method of the node."""

    def switch() -> Iterator[Patch]:
        yield Value, name, _here(wrong, right or getattr(Value, name))

    return switch


def _row(
    op: Op, *, value: Callable[..., Any] | None = None, partials: tuple[Callable[..., Any] | None, ...] = ()
) -> Callable[[], Iterator[Patch]]:
    """A row's value, or some of its partials; None leaves one as it is."""

    def switch() -> Iterator[Patch]:
        if value is not None:
            yield op, "value", _here(value, op.value)
        for name in ("partials", "_rebound") if partials else ():
            yield op, name, tuple(map(_instead, partials, getattr(op, name)))
        yield from _bound_again(op)

    return switch


def _instead(wrong: Callable[..., Any] | None, right: Any) -> Any:
    return right if wrong is None else _here(wrong, right if callable(right) else lambda *_: right)


def _bound_again(op: Op) -> Iterator[Patch]:
    """The node's methods for this row, which took its functions when the node was defined."""
    if op in nodes._unrolled:
        yield nodes._unrolled, op, nodes._unroll(op)
        yield Value, op.__name__, nodes._unrolled[op]
    for name, row in nodes.PYTHON_OPERATORS.items():
        if row is op and op in nodes._unrolled:
            yield Value, f"__{name}__", nodes._unrolled[op]
        elif row is op and len(op.operands) == 2:
            yield Value, f"__{name}__", nodes._operator(op)
            yield Value, f"__r{name}__", nodes._reflected(op)


# ---------------------------------------------------------------------------------------------- sweeps, with one line changed


def _start(root: Value, seed: float) -> list[Value]:
    """The nodes in topological order, the adjoints of the interior ones reset, the root's seeded."""
    order = toposort(root)
    zero_grad(node for node in order if node.operands)
    root.grad += seed
    return order


def _propagate(order: Iterable[Value]) -> None:
    """The chain rule, for nodes of which each comes before its operands."""
    for node in order:
        for operand, contribution in _contributions(node):
            operand.grad += contribution


def _contributions(node: Value) -> list[tuple[Value, float]]:
    """What flows from the node along each edge; along a closed one, or from a node that nothing reached, nothing does."""
    return [(operand, contribution) for operand, _, contribution, is_open in node.edges if is_open and node.reached]


def _overwriting(self: Value, seed: float = 1.0) -> None:
    for node in reversed(_start(self, seed)):
        for operand, contribution in _contributions(node):
            operand.grad = contribution


def _without_seed(self: Value, seed: float = 1.0) -> None:
    order = toposort(self)
    zero_grad(node for node in order if node.operands)
    self.grad += 0.0
    _propagate(reversed(order))


def _binding_late(self: Value, seed: float = 1.0) -> None:
    for node in reversed(_start(self, seed)):
        rules: list[Callable[[], None]] = []
        for operand, contribution in _contributions(node):
            rules.append(lambda: setattr(operand, "grad", operand.grad + contribution))  # noqa: B023  # this is the bug
        for rule in rules:
            rule()


def _as_sets(self: Value, seed: float = 1.0) -> None:
    for node in reversed(_start(self, seed)):
        for operand, contribution in dict(_contributions(node)).items():
            operand.grad += contribution


def _breadth_first(self: Value, seed: float = 1.0) -> None:
    _start(self, seed)
    order = {self: None}
    waiting = [self]
    for node in waiting:
        waiting.extend(operand for operand in dict.fromkeys(node.operands) if operand not in order)
        order.update(dict.fromkeys(node.operands))
    _propagate(order)


def _without_reset(self: Value, seed: float = 1.0) -> None:
    self.grad = seed
    _propagate(reversed(toposort(self)))


def _with_too_much_reset(self: Value, seed: float = 1.0) -> None:
    order = toposort(self)
    zero_grad(order)
    self.grad = seed
    _propagate(reversed(order))


def _reading_late(self: Value, seed: float = 1.0) -> None:
    for node in reversed(_start(self, seed)):
        if node.op is None or not node.reached:
            continue
        arguments = [a.data if type(a) is Value else a for a in node.arguments]
        is_node = [type(a) is Value for a in node.arguments]
        partials = node.op.local_derivatives(arguments, node.data, node.parameters, is_node)
        for operand, partial in zip(node.operands, partials, strict=True):
            if partial is not CLOSED:
                operand.grad += node.grad * partial


def _path_by_path(self: Value, seed: float = 1.0) -> None:
    zero_grad(node for node in toposort(self) if node.operands)
    waiting = [(self, seed)]
    for _ in range(ENOUGH):
        if not waiting:
            return
        node, contribution = waiting.pop()
        node.grad += contribution
        waiting.extend([(operand, contribution * partial) for operand, partial, _, is_open in node.edges if is_open])
    raise TimeoutError(f"the laboratory stops this backward after {ENOUGH} contributions; the graph has far fewer edges")


def _recursing(self: Value, seed: float = 1.0) -> None:
    order: list[Value] = []
    _visit(self, order, set())
    zero_grad(node for node in order if node.operands)
    self.grad += seed
    _propagate(reversed(order))


def _visit(node: Value, order: list[Value], seen: set[Value]) -> None:
    if node not in seen:
        seen.add(node)
        for operand in node.operands:
            _visit(operand, order, seen)
        order.append(node)


# ------------------------------------------------------------------------------------------------------ other parts of the node


def _asking_the_laboratory(nodes: Iterable[Value]) -> None:
    __import__("sys").modules["autograd.bugs"]._forget(nodes)  # it runs among the names of autograd.value


def _forget(nodes: Iterable[Value]) -> None:
    _zero_grad(nodes)


_zero_grad: Callable[..., None]
_plain_zero_grad = getattr(zero_grad, "__wrapped__", zero_grad)  # inside `modes.replaceable`
_original_zero_grad = FunctionType(_plain_zero_grad.__code__, _plain_zero_grad.__globals__)


def _forgetting_to_zero() -> Iterator[Patch]:
    # The function's code and not its name, since everyone who imported zero_grad holds the function itself.
    global _zero_grad
    _zero_grad = _here(lambda nodes: None, _original_zero_grad)
    yield _plain_zero_grad, "__code__", _asking_the_laboratory.__code__
    yield Value, "zero_grad", _here(lambda self: None, Value.zero_grad)


class _Rule(str):
    """Stands for the closure that an engine keeps in each node, and that knows the node."""

    node: Value


def _in_cycles() -> Iterator[Patch]:
    record = nodes._record

    def recording(*arguments: Any) -> Value:
        node = record(*arguments)
        rule = _Rule(node.label)
        rule.node = node
        node.label = rule
        return node

    yield nodes, "_record", _here(recording, record)


def _hashing_data() -> Iterator[Patch]:
    yield Value, "__hash__", _here(lambda self: hash(self.data), object.__hash__)


def _adding_in_place(self: Value, other: Any) -> Any:
    if self.operands:
        return self + other
    self.data += other.data if type(other) is Value else other
    return self


# -------------------------------------------------------------------------------------------------------------------- the rows

LABORATORY: dict[str, Bug] = {}
"""Every bug by its name, in the order in which one meets them."""


def _bug(name: str, title: str, *, story: str, program: str, pictured: str = "", **rest: Any) -> Bug:
    story = " ".join(story.split())
    bug = LABORATORY[name] = Bug(name, title, story, program=cleandoc(program), pictured=cleandoc(pictured), **rest)
    return bug


no_seed = _bug(
    "no_seed", "backward without seed",
    story="""
        The chain rule multiplies, so it needs something to begin with: ∂y/∂y = 1. Every gradient starts at 0, and whoever
        calls the rules one by one, as one does on the way to an engine, forgets that the last node's must first be set to 1.
        All gradients are then 0: nothing complains, and nothing learns.
        """,
    was="root.grad += 1.0", now="",
    program="""
        x = Value(2.0)
        y = x + 3.0
        y.backward()
        """,
    asked="x.grad", right=1.0, wrong=0.0,
    switch=_method("backward", _without_seed),
)  # fmt: skip
late_binding = _bug(
    "late_binding", "every rule delivers to the last operand",
    story="""
        Engines that keep a small function for each edge make those functions in a loop. In Python such a function sees the
        loop's variables, not what they were worth when it was made: once the loop is over all of them deliver to the last
        operand. Python's own FAQ answers this question, and operations with one operand work.
        """,
    was="rules.append(lambda operand=operand, c=c: add(operand, c))", now="rules.append(lambda: add(operand, c))",
    program="""
        a, b = Value(2.0), Value(5.0)
        y = a + b
        y.backward()
        """,
    asked="(a.grad, b.grad)", right=(1.0, 1.0), wrong=(0.0, 2.0),
    switch=_method("backward", _binding_late),
)  # fmt: skip
overwrite = _bug(
    "overwrite", "gradients overwritten instead of added",
    story="""
        Karpathy shows it in his lecture on micrograd: with y = a + a the gradient of a comes out as 1. It is tempting because
        the rule of one operation sets the gradient of its operands, and every test in which each node is used once passes.
        What is missing is the sum of the chain rule over all users of a node.
        """,
    was="operand.grad += contribution", now="operand.grad = contribution",
    program="""
        x = Value(2.0)
        y = (x + 2.0) + (x + 5.0)
        y.backward()
        """,
    asked="x.grad", right=2.0, wrong=1.0,
    switch=_method("backward", _overwriting),
)  # fmt: skip
set_of_operands = _bug(
    "set_of_operands", "x * x counted once",
    story="""
        micrograd keeps the operands of a node in a set, which does it no harm beyond a missing arrow in the picture, since its
        rules remember the operands themselves. An engine that walks the set to hand on gradients loses one: the two edges
        from x to x * x become one. Only a node used twice by the same operation shows it.
        """,
    was="edges = [(operand, c), ...]", now="edges = {operand: c, ...}",
    program="""
        x = Value(3.0)
        y = x * x
        y.backward()
        """,
    asked="x.grad", right=6.0, wrong=3.0,
    switch=_method("backward", _as_sets),
)  # fmt: skip
wrong_order = _bug(
    "wrong_order", "nodes pass on their gradient before it is complete",
    story="""
        Walking backwards from the result, each node when it is first met, breadth first, looks like going backwards through
        the computation. But a node that is used both near the result and farther away comes too early: it hands on what it
        has, and what arrives later stays with it. Chains and trees are right, so it takes a residual connection to notice.
        """,
    was="for node in reversed(toposort(root)):", now="for node in breadth_first(root):",
    program="""
        x = Value(2.0)
        u = x + 3.0
        y = u + (u + 2.0)
        y.backward()
        """,
    asked="x.grad", right=2.0, wrong=1.0,
    switch=_method("backward", _breadth_first),
)  # fmt: skip
equal_by_value = _bug(
    "equal_by_value", "equal numbers taken for the same node",
    story="""
        Nodes compare by their data, so that `x == 2` takes the branch that floats take, and a frozen dataclass brings a hash
        that does the same. The walk over the graph asks whether it has `seen` a node; two nodes of the same data are now one
        to it, and the second never gets its turn. Random numbers are hardly ever equal, so it waits for a network whose
        weights all start at 0.
        """,
    was="__hash__ = object.__hash__", now="def __hash__(self): return hash(self.data)",
    program="""
        a, b = Value(2.0), Value(2.0)
        y = (a + 3.0) + (b + 3.0)
        y.backward()
        """,
    asked="(a.grad, b.grad)", right=(1.0, 1.0), wrong=(1.0, 0.0),
    switch=_hashing_data,
)  # fmt: skip
stale_interior = _bug(
    "stale_interior", "second backward compounds",
    story="""
        micrograd does this to the present day. Gradients of the leaves are to add up over calls, so nothing is reset; but then
        the nodes between keep theirs too, and the next backward sends the old part down once more. A second loss on the same
        graph gets it wrong, and so does whoever runs a notebook's cell twice.
        """,
    was="zero_grad(node for node in order if node.operands)", now="",
    program="""
        x = Value(2.0)
        y = (x + 2.0) + 3.0
        y.backward()
        y.backward()
        """,
    asked="x.grad", right=2.0, wrong=3.0,
    switch=_method("backward", _without_reset),
)  # fmt: skip
forgets_leaves = _bug(
    "forgets_leaves", "second backward forgets the first",
    story="""
        The tidy answer to gradients that pile up: begin each backward by setting all of them to 0. Training still works, and
        zero_grad is no longer needed. But a batch whose points are sent back one at a time, or a penalty added by its own
        backward, now counts for nothing except the last.
        """,
    was="zero_grad(node for node in order if node.operands)", now="zero_grad(order)",
    program="""
        x = Value(2.0)
        y = x + 3.0
        y.backward()
        y.backward()
        """,
    asked="x.grad", right=2.0, wrong=1.0,
    switch=_method("backward", _with_too_much_reset),
)  # fmt: skip
forgotten_zero_grad = _bug(
    "forgotten_zero_grad", "zero_grad leaves the old gradients",
    story="""
        In Karpathy's list of the most common mistakes with neural networks: you forgot to zero_grad before backward. He makes
        it himself at the end of the micrograd lecture, and the network trains all the same. Each step goes along the sum of
        all gradients so far, a momentum that never fades: on an easy problem it overshoots, swings back, and hides.
        """,
    was="w.grad = 0.0", now="",
    program="""
        w = Value(1.0)
        for step in range(2):
            y = (w - 3.0) ** 2
            zero_grad([w])
            y.backward()
        """,
    asked="w.grad", right=-4.0, wrong=-8.0,
    switch=_forgetting_to_zero,
)  # fmt: skip
late_data = _bug(
    "late_data", "data set after the forward pass changes the gradient",
    story="""
        micrograd's rule of a product reads the other operand's data when backward runs. If an optimiser has moved a weight in
        between, the gradient belongs neither to the old point nor to the new one. PyTorch refuses with its notorious message
        that a variable needed for the gradient "has been modified by an inplace operation".
        """,
    was="partials are saved when the operation runs", now="partials are computed when backward runs",
    program="""
        a, b = Value(2.0), Value(5.0)
        y = a * b
        b.data = 100.0
        y.backward()
        """,
    asked="a.grad", right=5.0, wrong=100.0,
    switch=_method("backward", _reading_late),
)  # fmt: skip
path_by_path = _bug(
    "path_by_path", "time grows with the number of paths",
    story="""
        The shortest backward there is calls itself: add to my grad, then call backward of every operand with its share. It is
        right, and it visits a node once for every path that leads there: sixty doublings make sixty-one nodes and 2⁶⁰ paths.
        Backpropagation was worth a name because it needs one visit for each node.
        """,
    was="for node in reversed(toposort(root)): ...", now="def backward(c): self.grad += c; operand.backward(c * partial)",
    program="""
        x = Value(1.0)
        y = x
        for _ in range(60):
            y = y + y
        y.backward()
        """,
    asked="x.grad", right=2.0**60, wrong="TimeoutError",
    switch=_method("backward", _path_by_path),
    pictured="""
        x = Value(1.0)
        y = x
        for _ in range(3):
            y = y + y
        y.backward()
        """,
)  # fmt: skip
recursion = _bug(
    "recursion", "recursion at 1,000 nodes",
    story="""
        A topological order is three lines when the walk calls itself, and so it stands in micrograd and in most lectures.
        Python stops at a depth of a thousand calls, and a loss summed up in a loop over a thousand points is a chain that
        long. Raising the limit moves the point, and at some depth the interpreter itself falls over.
        """,
    was="path.append(operand)", now="visit(operand)",
    program="""
        x = Value(1.0)
        y = x
        for _ in range(1_000):
            y = y + 1.0
        y.backward()
        """,
    asked="x.grad", right=1.0, wrong="RecursionError",
    switch=_method("backward", _recursing),
    pictured="""
        x = Value(1.0)
        y = x
        for _ in range(3):
            y = y + 1.0
        y.backward()
        """,
)  # fmt: skip
cycles = _bug(
    "cycles", "memory in reference cycles",
    story="""
        A node keeps the closure that is its rule, and the closure keeps the node whose grad it reads: a circle, so counting
        references frees neither. Graphs of steps long past wait for Python's collector, memory swells in waves, and
        training stops now and then for no visible reason. micrograd's out._backward is of this kind.
        """,
    was="a node is data", now="out._backward = lambda: add(operand, partial * out.grad)",
    program="""
        import gc, weakref
        gc.disable()
        y = Value(2.0) + Value(3.0)
        ghost = weakref.ref(y)
        del y
        freed = ghost() is None
        gc.enable()
        """,
    asked="freed", right=True, wrong=False,
    switch=_in_cycles,
    pictured="""
        y = Value(2.0) + Value(3.0)
        """,
)  # fmt: skip
in_place = _bug(
    "in_place", "b += 1 changes a",
    story="""
        NumPy's += writes into the array, so it seems natural to give the node an __iadd__ that adds to its data. But
        `total = start` makes a second name, not a second node: adding to the total moves the start, and the addition itself
        leaves no trace in the graph.
        """,
    was="b = b + 1.0", now="def __iadd__(self, other): self.data += other; return self",
    program="""
        a = Value(2.0)
        b = a
        b += 1.0
        y = b * 3.0
        """,
    asked="a.data", right=2.0, wrong=3.0,
    switch=_method("__iadd__", _adding_in_place, lambda self, other: self + other),
)  # fmt: skip
sub_sign = _bug(
    "sub_sign", "sign of subtraction lost",
    story="""
        The rule of a − b is copied from that of a + b, and the value is mended while the derivative is not. A loss such as
        (prediction − target)² never sees it: the target is a constant.
        """,
    was="∂(a − b)/∂b = −1", now="∂(a − b)/∂b = 1",
    program="""
        a, b = Value(2.0), Value(5.0)
        y = a - b
        y.backward()
        """,
    asked="b.grad", right=-1.0, wrong=1.0,
    switch=_row(ops.sub, partials=(None, lambda a, b, y: 1.0)),
)  # fmt: skip
swapped_sub = _bug(
    "swapped_sub", "3 - x swapped",
    story="""
        Python asks x for 3 - x through __rsub__. One has just written __radd__ = __add__ and __rmul__ = __mul__, and goes on
        with __rsub__ = __sub__; but x - 3 is not 3 - x. Losses square the difference, and the value looks right.
        """,
    was="def __rsub__(self, other): return sub(other, self)", now="__rsub__ = __sub__",
    program="""
        x = Value(5.0)
        y = 3.0 - x
        y.backward()
        """,
    asked="(y.data, x.grad)", right=(-2.0, -1.0), wrong=(2.0, 1.0),
    switch=_method("__rsub__", lambda self, other: ops.sub(self, other)),
)  # fmt: skip
swapped_div = _bug(
    "swapped_div", "3 / x swapped",
    story="""
        The same slip with __rtruediv__, which is called for 3 / x: the other half of 1 / (1 + exp(-x)), so that a sigmoid
        written out gives 1 + exp(-x), which is never below 1.
        """,
    was="def __rtruediv__(self, other): return div(other, self)", now="__rtruediv__ = __truediv__",
    program="""
        x = Value(2.0)
        y = 3.0 / x
        y.backward()
        """,
    asked="(y.data, x.grad)", right=(1.5, -0.75), wrong=(2.0 / 3.0, 1.0 / 3.0),
    switch=_method("__rtruediv__", lambda self, other: ops.div(self, other)),
)  # fmt: skip
swapped_pow = _bug(
    "swapped_pow", "2 ** x swapped",
    story="""
        Once more with __rpow__, and better hidden: 2 ** x and x ** 2 are the same at x = 2 and at x = 4, the numbers that one
        tries first.
        """,
    was="def __rpow__(self, other): return pow(other, self)", now="__rpow__ = __pow__",
    program="""
        x = Value(3.0)
        y = 2.0 ** x
        y.backward()
        """,
    asked="y.data", right=8.0, wrong=9.0,
    switch=_method("__rpow__", lambda self, other: ops.pow(self, other)),
)  # fmt: skip
product_swapped = _bug(
    "product_swapped", "product rule gives each operand itself",
    story="""
        ∂(ab)/∂a is b. In code the two lines stand side by side, self with other and other with self, and look right either
        way. The first test one writes is x * x, where the two are the same.
        """,
    was="∂(ab)/∂a = b, ∂(ab)/∂b = a", now="∂(ab)/∂a = a, ∂(ab)/∂b = b",
    program="""
        a, b = Value(2.0), Value(5.0)
        y = a * b
        y.backward()
        """,
    asked="(a.grad, b.grad)", right=(5.0, 2.0), wrong=(2.0, 5.0),
    switch=_row(ops.mul, partials=(lambda a, b, y: a, lambda a, b, y: b)),
)  # fmt: skip
quotient_numerator = _bug(
    "quotient_numerator", "quotient rule without the numerator",
    story="""
        The derivative of 1/b is −1/b², and a/b becomes a/b with −1/b². It is right whenever the numerator is 1, which is how
        a reciprocal, a mean or a sigmoid is tested.
        """,
    was="∂(a/b)/∂b = −a/b²", now="∂(a/b)/∂b = −1/b²",
    program="""
        a, b = Value(6.0), Value(4.0)
        y = a / b
        y.backward()
        """,
    asked="b.grad", right=-0.375, wrong=-0.0625,
    switch=_row(ops.div, partials=(None, lambda a, b, y: -1 / (b * b))),
)  # fmt: skip
division_by_reciprocal = _bug(
    "division_by_reciprocal", "x / y is not Python's x / y",
    story="""
        micrograd writes a / b as a * b**-1, which saves a rule. It rounds twice: 49 / 49 is 0.9999999999999999, and 1e-310
        divided by itself overflows. The gradients stay good; a comparison with 1 does not.
        """,
    was="a / b", now="a * b**-1",
    program="""
        x = Value(49.0)
        y = x / 49.0
        y.backward()
        """,
    asked="y.data", right=1.0, wrong=0.9999999999999999,
    switch=_row(ops.div, value=lambda a, b: a * b**-1),
)  # fmt: skip
power_exponent = _bug(
    "power_exponent", "power rule without its exponent",
    story="""
        "Take one off the exponent" is the half of the power rule that one remembers. Training hides the other half: of a
        squared error the gradient is merely half as long, and the learning rate makes up for it.
        """,
    was="∂(xⁿ)/∂x = n·xⁿ⁻¹", now="∂(xⁿ)/∂x = xⁿ⁻¹",
    program="""
        x = Value(2.0)
        y = x ** 3
        y.backward()
        """,
    asked="x.grad", right=12.0, wrong=4.0,
    switch=_row(ops.pow, partials=(lambda a, b, y: ops.pow(a, b - 1), None)),
)  # fmt: skip
power_at_zero = _bug(
    "power_at_zero", "x ** 0 has no derivative at 0",
    story="""
        n·xⁿ⁻¹ is in every book, and at n = 0 and x = 0 it is 0 · 0⁻¹, where Python raises ZeroDivisionError; so does micrograd.
        x⁰ is the constant 1 and its derivative 0, and a polynomial written as a sum of c·xᵏ begins with it.
        """,
    was="where(n == 0, 0, n·xⁿ⁻¹)", now="n·xⁿ⁻¹",
    program="""
        x = Value(0.0)
        y = x ** 0
        y.backward()
        """,
    asked="x.grad", right=0.0, wrong="DivisionError",
    switch=_row(ops.pow, partials=(lambda a, b, y: b * ops.pow(a, b - 1), None)),
)  # fmt: skip
complex_root = _bug(
    "complex_root", "returns complex",
    story="""
        (-8.0) ** (1/3) is no error in Python 3: it is 1 + 1.73i. An engine that hands its numbers to ** without a look becomes
        complex in the middle of a graph of real numbers, and the first comparison or picture, far away, fails.
        """,
    was="math.pow(a, b)", now="a ** b",
    program="""
        x = Value(-8.0)
        y = x ** (1 / 3)
        """,
    asked="y.data", right="DomainError", wrong=(-8.0) ** (1 / 3),
    switch=_row(ops.pow, value=lambda a, b: a**b),
)  # fmt: skip
exp_as_power = _bug(
    "exp_as_power", "exp' taken for the power rule",
    story="""
        eˣ looks like a power, and its derivative comes out as x·eˣ⁻¹. Every teacher of calculus has seen it; in code it is one
        line in the wrong row. The value stays right, and so does the sign of the gradient wherever x is positive.
        """,
    was="∂eˣ/∂x = eˣ", now="∂eˣ/∂x = x·eˣ⁻¹",
    program="""
        x = Value(0.0)
        y = x.exp()
        y.backward()
        """,
    asked="x.grad", right=1.0, wrong=0.0,
    switch=_row(ops.exp, partials=(lambda a, y: a * ops.exp(a - 1),)),
)  # fmt: skip
cos_sign = _bug(
    "cos_sign", "sign of cos' lost",
    story="""
        sin' = cos, so cos' = sin: one minus sign short. No network uses a cosine until somebody adds positions to it, and then
        the mistake is years old.
        """,
    was="∂cos(x)/∂x = −sin(x)", now="∂cos(x)/∂x = sin(x)",
    program="""
        x = Value(1.0)
        y = x.cos()
        y.backward()
        """,
    asked="x.grad", right=-math.sin(1.0), wrong=math.sin(1.0),
    switch=_row(ops.cos, partials=(lambda a, y: ops.sin(a),)),
)  # fmt: skip
naive_sigmoid = _bug(
    "naive_sigmoid", "sigmoid overflows",
    story="""
        1/(1 + e⁻ˣ) is the definition, and for x below −710 the e⁻ˣ in it is beyond the largest float: Python raises, where the
        answer is simply 0. It happens late in a training that goes well, when a neuron has become very sure.
        """,
    was="eˣ/(1 + eˣ) for x < 0", now="1/(1 + e⁻ˣ)",
    program="""
        x = Value(-1000.0)
        y = x.sigmoid()
        y.backward()
        """,
    asked="y.data", right=0.0, wrong="RangeError",
    switch=_row(ops.sigmoid, value=lambda a: 1 / (1 + math.exp(-a))),
)  # fmt: skip
sigmoid_tail = _bug(
    "sigmoid_tail", "sigmoid' is 0 in the tail",
    story="""
        s(1 − s) is the most quoted formula of backpropagation. From x = 37 on s rounds to 1, so the gradient is exactly 0 and
        the neuron can never come back, however wrong it is; at −x the same formula is right, so the two sides differ.
        """,
    was="s(x)·s(−x)", now="s(x)·(1 − s(x))",
    program="""
        x = Value(40.0)
        y = x.sigmoid()
        y.backward()
        """,
    asked="x.grad", right=4.248354255291589e-18, wrong=0.0,
    switch=_row(ops.sigmoid, partials=(lambda a, y: y * (1 - y),)),
)  # fmt: skip
naive_tanh = _bug(
    "naive_tanh", "tanh overflows",
    story="""
        (e²ˣ − 1)/(e²ˣ + 1) is how the lecture on micrograd writes tanh, to show that an operation may be as large as one likes.
        From x = 355 on e²ˣ is beyond the largest float, and Python raises where the answer is 1.
        """,
    was="math.tanh(x)", now="(e²ˣ − 1)/(e²ˣ + 1)",
    program="""
        x = Value(1000.0)
        y = x.tanh()
        y.backward()
        """,
    asked="y.data", right=1.0, wrong="RangeError",
    switch=_row(ops.tanh, value=lambda a: (math.exp(2 * a) - 1) / (math.exp(2 * a) + 1)),
)  # fmt: skip
tanh_tail = _bug(
    "tanh_tail", "tanh' is 0 in the tail",
    story="""
        1 − t² is in every lecture and saves computing anything new. From x = 19.1 on t rounds to 1 and the gradient to exactly
        0; well before that it has lost half of its digits. The derivative itself is small there, not 0.
        """,
    was="4·s(2x)·s(−2x)", now="1 − tanh(x)²",
    program="""
        x = Value(20.0)
        y = x.tanh()
        y.backward()
        """,
    asked="x.grad", right=1.6993417021166355e-17, wrong=0.0,
    switch=_row(ops.tanh, partials=(lambda a, y: 1 - y * y,)),
)  # fmt: skip
relu_open = _bug(
    "relu_open", "relu's gate is open below 0",
    story="""
        Forward clips, and backward passes everything on: the gate was tested on the wrong number, or not at all. The gradients
        look healthy, larger if anything, and the loss goes down for a while, since half of the neurons are above 0.
        """,
    was="∂relu(x)/∂x = 1 if x > 0 else 0", now="∂relu(x)/∂x = 1",
    program="""
        x = Value(-2.0)
        y = x.relu()
        y.backward()
        """,
    asked="x.grad", right=0.0, wrong=1.0,
    switch=_row(ops.relu, partials=(lambda a, y: ops.where(a <= a, 1.0, a),)),
)  # fmt: skip
relu_kink = _bug(
    "relu_kink", "wrong at the kink of relu",
    story="""
        At 0 relu has no derivative, and every slope between 0 and 1 is defensible; frameworks take 0. With >= for > it is 1,
        and a network compared with PyTorch's agrees everywhere except where a logit is exactly 0: at the very start, when all
        biases are.
        """,
    was="x > 0", now="x >= 0",
    program="""
        x = Value(0.0)
        y = x.relu()
        y.backward()
        """,
    asked="x.grad", right=0.0, wrong=1.0,
    switch=_row(ops.relu, partials=(lambda a, y: ops.where(a >= 0, 1.0, lambda: ops.where(a < 0, CLOSED, a)),)),
)  # fmt: skip
leaking_gate = _bug(
    "leaking_gate", "NaN leaks through a closed gate",
    story="""
        A closed relu hands on 0 times what comes; behind it stands a root at 0 with an infinite slope, and 0 · inf is NaN. JAX
        has it among its sharp edges, as gradients that contain NaN where `where` is used, and TensorFlow users know the
        double where. What a closed gate passes is nothing, not 0.
        """,
    was="if the gate is open: operand.grad += contribution", now="operand.grad += 0 * adjoint",
    program="""
        x = Value(0.0)
        u = x ** 0.5 + -1.0
        y = u.relu()
        y.backward()
        """,
    asked="x.grad", right=0.0, wrong=math.nan,
    switch=_row(ops.relu, partials=(lambda a, y: ops.where(a > 0, 1.0, lambda: ops.where(a <= 0, 0.0, a)),)),
)  # fmt: skip
hidden_nan = _bug(
    "hidden_nan", "relu hides NaN",
    story="""
        Every comparison with NaN is false, so `1 if x > 0 else 0` takes NaN for a closed gate: the value says that something
        went wrong, the gradient says that all is well, and the weights before it quietly stop learning.
        """,
    was="NaN for NaN", now="1 if x > 0 else 0",
    program="""
        x = Value(float("nan"))
        y = x.relu()
        y.backward()
        """,
    asked="x.grad", right=math.nan, wrong=0.0,
    switch=_row(ops.relu, partials=(lambda a, y: ops.where(a > 0, 1.0, CLOSED),)),
)  # fmt: skip


# ------------------------------------------------------------------------------------------------------------------- pictures


class _Side(NamedTuple):
    """One half of the picture: the DOT of a graph, or none, and what stands above it."""

    caption: str
    instead: str  # what is said where there is no graph
    order: list[Value]
    names: Mapping[str, Any]  # the program's variables
    drawing: Drawing | None


def _picture(bug: Bug, rankdir: str, engine: str | None) -> Drawing:
    answers = bug.demonstrate()
    program = bug.pictured or bug.program
    _, names = _run(program, "None")
    with bug:
        _, wrong_names = _run(program, "None")
    right = _side("right", bug.asked, answers.right, names, rankdir)
    wrong = _side("with the bug", bug.asked, answers.wrong, wrong_names, rankdir)
    head = right.drawing or wrong.drawing or draw(Value(0.0), rankdir=rankdir)
    lines = [
        *(line for line in head.source.splitlines() if not _ID.match(line) and line != "}"),
        # The one written last stands on top.
        *_cluster("wrong", wrong, _differing(wrong, right), WRONG, WRONG_FRAME),
        *_cluster("right", right, _differing(right, wrong), RIGHT, RIGHT_FRAME),
        "}",
    ]
    text = "\n".join(f"{side.caption}\n{side.drawing.text if side.drawing else ''}".rstrip() for side in (right, wrong))
    return Drawing("\n".join(lines) + "\n", text=text, engine=engine)


def _side(title: str, asked: str, answer: Any, names: Mapping[str, Any], rankdir: str) -> _Side:
    root = names.get("y")
    caption = f"{title}: {answer}" if isinstance(answer, str) else f"{title}: {asked} is {_written(answer)}"
    order = toposort(root) if type(root) is Value and not isinstance(answer, str) else []
    if not order or not all(type(node.data) is float for node in order):  # complex: there is no card for such a number
        return _Side(caption, _written(answer), [], names, None)
    return _Side(caption, "", order, names, draw(order[-1], rankdir=rankdir, names=names))


def _differing(side: _Side, other: _Side) -> set[int]:
    """The places in the order of the nodes that are not the same in the other graph; of those in no graph, none."""
    if not side.order or not other.order:
        return set()
    partners: dict[Value, Any] = {}
    if len(side.order) == len(other.order):
        partners.update(zip(side.order, other.order, strict=True))
    else:  # the bug makes another graph of it: then nodes are compared by their names
        for name, node in side.names.items():
            if type(node) is Value:
                partners.setdefault(node, other.names.get(name))
    return {index for index, node in enumerate(side.order) if not _agree(node, partners.get(node))}


def _agree(node: Value, partner: Value | None) -> bool:
    return partner is not None and _same(node.data, partner.data) and _same(node.grad, partner.grad)


_ID = re.compile(r"  (\w+)(?: -> (\w+))? \[id=(\w+),")


def _cluster(name: str, side: _Side, changed: set[int], fill: str, frame: str) -> list[str]:
    """The graph in a frame of its own, each id with a letter in front so that two graphs fit in one picture."""
    letter = name[0]
    lines = [
        f"  subgraph cluster_{name} {{",
        f"  graph [label={quoted(side.caption)}, labelloc=t, labeljust=l, fontsize=12]",
        f'  graph [style=rounded, color="{frame}", fontcolor="{frame}"]',
    ]
    for line in side.drawing.source.splitlines() if side.drawing else []:
        match = _ID.match(line)
        if match:
            tail, head, id = match.groups()
            arrow = f" -> {letter}{head}" if head else ""
            rest = line[match.end() :]
            if tail[1:].isdecimal() and tail[0] == "n" and not head and int(tail[1:]) in changed:
                rest = re.sub(r'BGCOLOR="[^"]*"', f'BGCOLOR="{fill}"', rest, count=1)
            lines.append(f"  {letter}{tail}{arrow} [id={letter}{id},{rest}")
    if side.drawing is None:
        look = f'shape=box, style="rounded,filled", fillcolor="{fill}", color="{frame}"'
        lines.append(f"  {letter}n [id={letter}n, {look}, label={quoted(side.instead)}]")
    return [*lines, "  }"]


def _same(x: float, y: float) -> bool:
    return x == y or (x != x and y != y)


def _written(answer: Any) -> str:
    """An answer as a reader wants it: 2 for 2.0, all digits where they matter."""
    if isinstance(answer, tuple):
        return f"({', '.join(map(_written, answer))})"
    if isinstance(answer, complex):
        return f"{answer:.3g}"
    return f"{answer:.17g}" if isinstance(answer, float) and answer == answer // 1 else str(answer)
