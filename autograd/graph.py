"""Walks over the graph of a result: what it is made of, who uses what, the same graph again on other numbers, or opened up.

    >>> from autograd.value import Value
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> z = x * y + x
    >>> nodes, edges = trace(z)
    >>> len(nodes), len(edges), [leaf.label for leaf in leaves(z)]
    (4, 4, ['x', 'y'])
    >>> replay(z, {x: 5.0}).data
    20.0

Everything here is built on `toposort`, goes through a graph of a million nodes as well as through one of four, and never
recurses. `replay` is the idea to read first: a node knows its operation, arguments and parameters, so the graph is its own
recipe. `expand` replays too, but serves composite operations as what their rows say they are made of.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from autograd import ops
from autograd.beside import refuse_kept
from autograd.errors import OperandError, OptionError
from autograd.ops import Op
from autograd.value import Value, toposort, zero_grad

__all__ = ["expand", "leaves", "replay", "trace", "users"]

DEEPEST = 16  # levels of decomposition inside each other; gelu -> normal_cdf -> erf has two


def trace(root: Value) -> tuple[set[Value], set[tuple[Value, Value]]]:
    """The set of nodes the root depends on, and the set of (operand, node) pairs among them, as micrograd gives them."""
    nodes = toposort(root)
    return set(nodes), {(operand, node) for node in nodes for operand in node.operands}


def leaves(root: Value) -> list[Value]:
    """The leaves the root depends on, in topological order."""
    return [node for node in toposort(root) if not node.operands]


def users(*roots: Value) -> dict[Value, list[tuple[Value, int]]]:
    """For every node the roots depend on, who uses it and as which operand: x*x uses x twice, as 0 and as 1."""
    order = toposort(*roots)
    found: dict[Value, list[tuple[Value, int]]] = {node: [] for node in order}
    for node in order:
        for index, operand in enumerate(node.operands):
            found[operand].append((node, index))
    return found


def slots(user: Value, operand: Value) -> list[int]:
    """The places at which a node uses this operand: x*x uses x at 0 and 1."""
    return [slot for slot, other in enumerate(user.operands) if other is operand]


def refuse_if_no_node(root: Any, asked: str) -> None:
    """Raise an OperandError unless this is a node."""
    if type(root) is not Value:
        raise OperandError(f"{asked} takes the node that a computation ended in, not {root!r:.60}")


def results_of(root: Any, asked: str) -> tuple[Value, ...]:
    """The node, or the nodes of a list, each once; raise an OperandError for anything else."""
    if type(root) is Value:
        return (root,)
    if not isinstance(root, list | tuple) or not root or any(type(node) is not Value for node in root):
        raise OperandError(f"{asked} takes the node that a computation ended in, or a list of such nodes, not {root!r:.60}")
    return tuple(dict.fromkeys(root))


def total_of(root: Any, asked: str) -> Value:
    """The node, or the sum of several, whose gradient is the sum of theirs; raise an OperandError for anything else."""
    results = results_of(root, asked)
    if len(results) == 1:
        return results[0]
    total: Value = ops.sum(results)
    if not total.operands:
        raise OperandError(f"{asked} of several results takes their sum, and under no_grad() nothing is recorded; call it outside")
    return total


def is_larger(root: Value | Sequence[Value], limit: int) -> bool:
    """Whether the root, or several, depend on more than `limit` nodes, themselves included; looks at no more than needed."""
    waiting = [root] if type(root) is Value else list(root)
    seen = set(waiting)
    while waiting and len(seen) <= limit:
        for operand in waiting.pop().operands:
            if operand not in seen:
                seen.add(operand)
                waiting.append(operand)
    return len(seen) > limit


# ------------------------------------------------------------------------------------------------------------------ replay


def replay(root: Value, data: Mapping[Value, Any] | None = None) -> Value:
    """The same graph computed again, on new leaves: those in `data` with the number given there, the others with their own.

    The operations run as they were recorded: a branch that Python's `if` or the condition of `where` chose stays chosen.
    Labels are kept, the original is left alone, and no backward has reached the copy.
    """
    data = data or {}
    order = toposort(root)
    refuse_kept(order, "replay")
    unknown = set(data).difference(leaf for leaf in order if not leaf.operands)
    if unknown:
        raise OperandError(
            f"replay: {unknown.pop()!r:.80} is not a leaf of this graph; give numbers for leaves only (graph.leaves lists them)"
        )
    image: dict[Value, Value] = {}
    for node in order:
        image[node] = Value(data.get(node, node.data), node.label) if node.op is None else _again(node, image, node.label)
    return image[root]


def recomputed(root: Value) -> Value:
    """The same graph computed again on its own leaves, as their data are now; else as `replay`."""
    order = toposort(root)
    refuse_kept(order, "recomputed")
    image: dict[Value, Value] = {}
    for node in order:
        image[node] = node if node.op is None else _again(node, image, node.label)
    return image[root]


def _again(node: Value, image: Mapping[Value, Value], label: str) -> Value:
    assert node.op is not None
    copy: Value = node.op.apply(_arguments(node, image), node.parameters)
    copy.label = label
    return copy


def _arguments(node: Value, image: Mapping[Value, Value]) -> tuple[Any, ...]:
    return tuple([image[argument] if type(argument) is Value else argument for argument in node.arguments])


# ------------------------------------------------------------------------------------------------------------------ expand


def expand(root: Value, only: Collection[str] | None = None, names: Mapping[Value, str] | None = None) -> Value:
    """A copy of the graph in which composite operations are opened: sigmoid(a) becomes 1 / (1 + exp(-a)), node by node.

    All of them, as deep as rows have a decomposition, or `only` the operations named. A node stays whole where its
    decomposition, run on floats, does not give the derivative of the row (beyond overflow or cancellation, at a tie): the
    gradients in the copy are those of the original. If the root was reached by a backward, so is the copy, from the same
    seed; what no backward had reached stays so. Labels are kept; `names` has more of them, for nodes of the original.

    >>> from autograd.ops import sigmoid
    >>> [node.op.symbol for node in toposort(expand(sigmoid(Value(0.5)))) if node.op]
    ['-', 'exp', '+', '/']
    """
    refuse_if_no_node(root, "expand")
    return expand_all([root], only, names)[0][0]


def expand_all(
    roots: Sequence[Value], only: Collection[str] | None = None, names: Mapping[Value, str] | None = None
) -> tuple[tuple[Value, ...], dict[Value, Value]]:
    """What `expand` does, for several results at once: what they share, their copies share.

    Returned with the copies: for every node of their graph the original that it is a copy or a part of.
    """
    if isinstance(only, str) or not (only is None or (isinstance(only, Collection) and all(isinstance(x, str) for x in only))):
        raise OptionError(f"expand: only={only!r:.60}; give a collection of names of operations, such as ['sigmoid']")
    if not (names is None or (isinstance(names, Mapping) and all(isinstance(name, str) for name in names.values()))):
        raise OptionError(f"expand: names={names!r:.60}; give a mapping from nodes to names")
    copies, origin = tuple(roots), {node: node for node in toposort(*roots)}
    refuse_kept(origin, "expand")
    for _ in range(DEEPEST):
        copies, origin, opened = _open(copies, origin, only, names or {})
        if not opened:
            break
    for root, copy in zip(roots, copies, strict=True):
        if root.reached:
            copy.backward(root.grad)
    zero_grad([node for node, original in origin.items() if not original.reached])
    return copies, origin


def _open(
    roots: Sequence[Value], origin: Mapping[Value, Value], only: Collection[str] | None, names: Mapping[Value, str]
) -> tuple[tuple[Value, ...], dict[Value, Value], bool]:
    """One level: the copies, for each of their nodes the original that it replaces or is inside, and whether anything opened."""
    image: dict[Value, Value] = {}
    origins: dict[Value, Value] = {}
    opened = False
    for node in toposort(*roots):
        label = node.label or names.get(node, "")
        if node.op is None:
            image[node] = Value(node.data, label)
        else:
            whole = _again(node, image, label)
            if not whole.operands:
                raise OperandError("expand builds a graph, and under no_grad() none is recorded; call it outside")
            image[node] = _inside(whole) if node.op.decomposition and (only is None or node.op.__name__ in only) else whole
            opened = opened or image[node] is not whole
        for part in _down_to(image[node], set(_arguments(node, image))):
            origins[part] = origin[node]
    return tuple([image[root] for root in roots]), origins, opened


def _inside(whole: Value) -> Value:
    """The decomposition of this node over the same arguments; the node itself where that does not compute the same."""
    assert whole.op is not None
    stand_ins = tuple([Value(argument.data) if type(argument) is Value else argument for argument in whole.arguments])
    try:
        rehearsal = _decompose(whole.op, stand_ins, whole.parameters)
        if type(rehearsal) is not Value or not rehearsal.operands:
            return whole
        rehearsal.backward()
    except (ArithmeticError, ValueError):
        return whole
    expected = (whole.data, *[partial or 0.0 for partial in whole.partials])
    found = (rehearsal.data, *(argument.grad for argument in stand_ins if type(argument) is Value))
    if not all(map(_agree, expected, found)):
        return whole
    piece: Value = _decompose(whole.op, whole.arguments, whole.parameters)
    piece.label = whole.label
    return piece


def _decompose(op: Op, arguments: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
    assert op.decomposition is not None
    return op.decomposition(arguments, **parameters) if op.variadic else op.decomposition(*arguments, **parameters)


def _agree(x: float, y: float) -> bool:
    return math.isclose(x, y, rel_tol=1e-6, abs_tol=1e-9) or (x != x and y != y)


def _down_to(top: Value, boundary: set[Any]) -> list[Value]:
    """The nodes from `top` down, those in the boundary and beyond left out."""
    found, waiting = {top: None}, [top]
    while waiting:
        for operand in waiting.pop().operands:
            if operand not in boundary and operand not in found:
                found[operand] = None
                waiting.append(operand)
    return list(found)
