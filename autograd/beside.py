"""Data kept beside a graph: hooks on nodes, and rules of whole functions, which the reverse sweep calls with the adjoint.

A node is data, so this module keeps what a user attaches to it, as long as the node lives. It is not copied, pickled or printed
with the graph; a function that would lose it calls `refuse_kept`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, final

from autograd.errors import OperandError
from autograd.ops import number
from autograd.weak import WeakByIdentity

__all__ = [
    *("KEPT", "LEVELS", "Handle", "Rule", "hook", "keep_level", "keep_rule", "refuse_kept", "rule_of", "sweep"),
    *("sweep_grads", "through_hooks"),
]

Contributions = Iterable[tuple[Any, Any]]  # (operand, what flows to it)


class Rule:
    """How the adjoint of a node flows to its operands, where that is not adjoint · local derivative."""

    name: str  # of the user's function

    def contributions(self, adjoint: Any, adjoint_of: Callable[[Any], Any], *, as_nodes: bool) -> Contributions:
        """The contributions to the operands; `adjoint_of` returns the adjoint of another node, None if it was not reached.

        With `as_nodes` the adjoints may be nodes; the contributions are then graphs over them and the operands.
        """
        raise NotImplementedError


class _Kept:
    __slots__ = ("hooks", "rule")

    def __init__(self) -> None:
        self.hooks: dict[Handle, Callable[[Any], Any]] = {}
        self.rule: Rule | None = None


KEPT: WeakByIdentity[Any, _Kept] = WeakByIdentity()


def _kept(node: Any) -> _Kept:
    kept = KEPT.get(node)
    if kept is None:
        KEPT[node] = kept = _Kept()
    return kept


@final
class Handle:
    """A registered hook; `remove()`, or the end of its `with` block, removes it."""

    __slots__ = ("_kept",)

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept

    def remove(self) -> None:
        """Remove the hook; a second call does nothing."""
        self._kept.hooks.pop(self, None)

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def hook(node: Any, function: Callable[[Any], Any]) -> Handle:
    """Register function(adjoint), which every sweep calls when the adjoint of the node is complete."""
    if not callable(function):
        raise OperandError(f"register_hook takes a function of the adjoint, not {function!r:.60}")
    kept = _kept(node)
    handle = Handle(kept)
    kept.hooks[handle] = function
    return handle


def keep_rule(node: Any, rule: Rule) -> None:
    _kept(node).rule = rule


def rule_of(node: Any) -> Rule | None:
    kept = KEPT.get(node)
    return None if kept is None else kept.rule


def through_hooks(node: Any, adjoint: Any, *, as_nodes: bool = False) -> Any:
    """The adjoint after the node's hooks, each of which may replace it, in the order of registration."""
    kept = KEPT.get(node)
    for function in tuple(kept.hooks.values()) if kept is not None else ():
        answer = function(adjoint)
        if answer is not None:
            adjoint = answer if as_nodes and hasattr(type(answer), "__autograd_op__") else number(answer)
    return adjoint


def sweep(order: Sequence[Any], adjoints: dict[Any, float]) -> None:
    """The reverse sweep along a topological order, with hooks and rules; adds the adjoints to those given."""
    is_kept = bool(KEPT)
    for node in reversed(order):
        adjoint = adjoints.get(node)
        if adjoint is None:
            continue
        rule = None
        if is_kept:
            adjoint = adjoints[node] = through_hooks(node, adjoint)
            rule = rule_of(node)
        if rule is None:
            for operand, partial in zip(node.operands, node.partials):  # noqa: B905  # of one length; to check it takes long
                if partial is not None:
                    adjoints[operand] = adjoints.get(operand, 0.0) + adjoint * partial
        else:
            for operand, contribution in rule.contributions(adjoint, adjoints.get, as_nodes=False):
                adjoints[operand] = adjoints.get(operand, 0.0) + contribution


def sweep_grads(order: Sequence[Any]) -> None:
    """The same sweep, from the gradient of the last node to those of the others."""
    adjoints = {order[-1]: order[-1].grad}
    sweep(order, adjoints)
    for node, adjoint in adjoints.items():
        node.grad = adjoint


LEVELS: WeakByIdentity[Any, int] = WeakByIdentity()
"""The level of each leaf that is a plain number in a function that is being differentiated; an inner call has a higher level."""


def keep_level(leaf: Any, nodes: Iterable[Any]) -> None:
    """Give the leaf the latest level among these nodes."""
    level = max([LEVELS.get(node, 0) for node in nodes])
    if level:
        LEVELS[leaf] = level


def refuse_kept(nodes: Iterable[Any], asked: str) -> None:
    """Raise an OperandError if one of the nodes has a hook or a rule, which the operation `asked` would lose."""
    for problem in _problems(nodes) if KEPT else ():
        raise OperandError(f"{asked}: {problem}")


def _problems(nodes: Iterable[Any]) -> Iterator[str]:
    for node in nodes:
        kept = KEPT.get(node)
        if kept is not None and kept.rule is not None:
            yield f"{kept.rule.name} has a rule of its own, which is kept beside the graph and not in it; leave its node out"
        elif kept is not None and kept.hooks:
            yield f"{node.label or repr(node)} has a hook, which is kept beside the graph and not in it; remove it with its handle"
