"""The node in C, put together with the parts that stay Python's: `class_and_functions` gives what replaces the pure ones.

`autograd.value` is the definition; `node.c` does the same, faster, and asks Python wherever anything is unusual: anomalies are
detected, a hook is registered, a row is a user's, a kernel raised, a number is no float. So there is one semantics, and one text
of each error.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from autograd.beside import KEPT
from autograd.calls import NO_PARAMETERS
from autograd.methods import refuse
from autograd.modes import VARIABLES, live, replaceable
from autograd.ops import TABLE, Op, number

__all__ = ["class_and_functions"]


def class_and_functions(node: Any, pure: Mapping[str, Any]) -> dict[str, Any]:
    """The names of `autograd.value` that C replaces, made of the extension module `node` and of the module's pure names."""
    value = _class(node, pure["Value"])
    for row in TABLE.values():
        _learn(node, value, row)
    Op.__call__ = node.shortcut(Op.__call__, None)  # type: ignore[method-assign]
    attributes = vars(value)
    return {
        "Value": value,
        "DATA": attributes["_data"],
        "GRAD": attributes["_grad"],
        "recorded": node.recorded,
        "further_order": node.further_order,
        "sweep": node.sweep,
        "toposort": _toposort(node, pure["toposort"]),
        "sweep_apart": _sweep_apart(node, pure["sweep_apart"]),
        "zero_grad": _zero_grad(node, pure["zero_grad"]),
    }


def _learn(node: Any, value: Any, row: Any) -> None:
    """Give a row its kernel, and its method, of all number types, a shortcut to it for nodes."""
    assert row.trusted, row
    takes_more = row.variadic or row.arrange or row.call or row.required
    node.learn(row, row.__name__, tuple(row.parameters), None if takes_more else dict(row.parameters))
    for base in value.__mro__:
        if not takes_more and row.__name__ in vars(base):
            setattr(base, row.__name__, node.shortcut(vars(base)[row.__name__], row))


def _class(node: Any, own: Any) -> Any:
    """The class: C's attributes and operators, the methods and texts of the pure class, `own`."""
    docs = {name: getattr(own, name).__doc__ for name in dir(own) if isinstance(getattr(own, name), property)}
    apply = vars(own)["__autograd_op__"]
    parts = {
        "refuse": refuse,
        "refuse_label": own.label.fset,
        "number": number,
        "live": live,
        "apply": apply.__func__,
        "NO_PARAMETERS": NO_PARAMETERS,
        "MappingProxyType": MappingProxyType,
        **VARIABLES,
    }
    value = node.make(own.__base__, docs, parts)
    backward = _backward(node, own.backward)
    value.__init__ = _init(node, own.__init__)
    for name, thing in {**vars(own), "backward": backward}.items():
        if name not in vars(value) or name in ("__doc__", "__module__"):
            setattr(value, name, thing)
    return value


def _init(node: Any, own: Any) -> Any:
    @functools.wraps(own)
    def __init__(self: Any, data: Any, label: str = "", _op: str = "", _children: Any = ()) -> None:
        if not isinstance(label, str) or _op or _children:
            refuse("unless_label", label, _op, _children)
        node.reset(self, number(data), label)

    return __init__


def _backward(node: Any, own: Any) -> Any:
    in_python, in_c, is_in_python = own.__wrapped__, node.backward, node.is_in_python

    def backward(self: Any, seed: float = 1.0, **options: Any) -> None:
        if options or KEPT or (live and is_in_python()):
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


def _sweep_apart(node: Any, own: Any) -> Any:
    @functools.wraps(own)
    def sweep_apart(order: Any, wanted: Any) -> Any:
        found = None if KEPT else node.adjoints(tuple(order), tuple(wanted))
        return own(order, wanted) if found is None else found

    return sweep_apart


def _zero_grad(node: Any, own: Any) -> Any:
    in_python = own.__wrapped__

    def zero_grad(nodes: Any) -> None:
        if type(nodes) is not list:
            nodes = list(nodes) if isinstance(nodes, Iterable) else [nodes]
        if not node.forget(nodes):
            in_python(nodes)

    return replaceable(functools.wraps(in_python)(zero_grad))
