"""The node in C, put together with the parts that stay Python's: `class_and_functions` gives what replaces the pure ones.

`autograd.value` is the definition; `node.c` does the same, faster, and asks Python wherever anything is unusual: anomalies are
detected, a hook is registered, a row is a user's, a kernel raised, a number is no float. So there is one semantics, and one text
of each error.
This package imports nothing: `autograd.value` hands it its own parts.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

__all__ = ["class_and_functions"]


def class_and_functions(node: Any, pure: Mapping[str, Any], rows: Iterable[Any]) -> dict[str, Any]:
    """The names of `autograd.value` that C replaces, made of the extension module `node` and of the module's pure names."""
    value = _class(node, pure)
    for row in rows:
        _learn(node, value, row)
    pure["Op"].__call__ = node.shortcut(pure["Op"].__call__, None)
    attributes = vars(value)
    return {
        "Value": value,
        "DATA": attributes["_data"],
        "GRAD": attributes["_grad"],
        "recorded": node.recorded,
        "further_order": node.further_order,
        "sweep": node.sweep,
        "toposort": _toposort(node, pure["toposort"]),
        "sweep_apart": _sweep_apart(node, pure),
        "zero_grad": _zero_grad(node, pure),
    }


def _learn(node: Any, value: Any, row: Any) -> None:
    """Give a row its kernel, and its method, of all number types, a shortcut to it for nodes."""
    assert row.trusted, row
    takes_more = row.variadic or row.arrange or row.call or row.required
    node.learn(row, row.__name__, tuple(row.parameters), None if takes_more else dict(row.parameters))
    for base in value.__mro__:
        if not takes_more and row.__name__ in vars(base):
            setattr(base, row.__name__, node.shortcut(vars(base)[row.__name__], row))


def _class(node: Any, pure: Mapping[str, Any]) -> Any:
    """The class: C's attributes and operators, the pure class's methods and texts."""
    own = pure["Value"]
    docs = {name: getattr(own, name).__doc__ for name in dir(own) if isinstance(getattr(own, name), property)}
    apply = vars(own)["__autograd_op__"]
    parts = {
        "refuse": pure["refuse"],
        "refuse_label": own.label.fset,
        "number": pure["number"],
        "live": pure["live"],
        "apply": apply.__func__,
        "NO_PARAMETERS": pure["NO_PARAMETERS"],
        "MappingProxyType": MappingProxyType,
        **pure["VARIABLES"],
    }
    value = node.make(own.__base__, docs, parts)
    backward = _backward(node, pure, own.backward)
    value.__init__ = _init(node, pure, own.__init__)
    for name, thing in {**vars(own), "backward": backward}.items():
        if name not in vars(value) or name in ("__doc__", "__module__"):
            setattr(value, name, thing)
    return value


def _init(node: Any, pure: Mapping[str, Any], own: Any) -> Any:
    refuse, number = pure["refuse"], pure["number"]

    @functools.wraps(own)
    def __init__(self: Any, data: Any, label: str = "", _op: str = "", _children: Any = ()) -> None:
        if not isinstance(label, str) or _op or _children:
            refuse("unless_label", label, _op, _children)
        node.reset(self, number(data), label)

    return __init__


def _backward(node: Any, pure: Mapping[str, Any], own: Any) -> Any:
    live, number, replaceable, is_in_python = pure["live"], pure["number"], pure["replaceable"], node.is_in_python
    kept, in_python, in_c = pure["beside"].KEPT, own.__wrapped__, node.backward

    def backward(self: Any, seed: float = 1.0, **options: Any) -> None:
        if options or kept or (live and is_in_python()):
            in_python(self, seed, **options)
        else:
            in_c(self, 0.0 + number(seed))

    return replaceable(functools.wraps(in_python)(backward))


def _toposort(node: Any, own: Any) -> Any:
    @functools.wraps(own)
    def toposort(*roots: Any) -> Any:
        order = node.order(roots)
        return own(*roots) if order is None else order  # which refuses

    return toposort


def _sweep_apart(node: Any, pure: Mapping[str, Any]) -> Any:
    own, kept = pure["sweep_apart"], pure["beside"].KEPT

    @functools.wraps(own)
    def sweep_apart(order: Any, wanted: Any) -> Any:
        found = None if kept else node.adjoints(order, wanted)
        return own(order, wanted) if found is None else found

    return sweep_apart


def _zero_grad(node: Any, pure: Mapping[str, Any]) -> Any:
    in_python = pure["zero_grad"].__wrapped__

    def zero_grad(nodes: Any) -> None:
        listed = list(nodes) if isinstance(nodes, Iterable) else [nodes]
        if not node.forget(listed):
            in_python(listed)

    return pure["replaceable"](functools.wraps(in_python)(zero_grad))
