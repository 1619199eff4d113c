"""Nested arguments: the numbers in lists, tuples and dicts, taken out and put back in the same structure.

Start reading at `flatten`.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autograd.errors import OperandError
from autograd.ops import number

__all__ = ["flatten", "flatten_like", "is_lifted", "map_lifted", "number_or_lifted", "output", "refuse_no_function", "scalar"]


def flatten(tree: Any, leaf: Callable[[Any], Any]) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """The numbers in nested lists, tuples and dicts, and the function that puts others in their places."""
    if not isinstance(tree, (Mapping, list, tuple)):
        return [leaf(tree)], lambda values: values[0]
    make = _maker(tree)
    parts = [flatten(part, leaf) for part in _entries(tree)]
    ends = list(itertools.accumulate([len(values) for values, _ in parts]))

    def rebuild(values: list[Any]) -> Any:
        return make([part[1](values[start:end]) for part, start, end in zip(parts, [0, *ends], ends, strict=False)])

    return [value for values, _ in parts for value in values], rebuild


def flatten_like(tree: Any, model: Any, this: str, that: str) -> list[Any]:
    """The numbers of a tree in the order of another one, whose structure it must have."""
    if isinstance(model, Mapping):
        if not isinstance(tree, Mapping) or tree.keys() != model.keys():
            raise OperandError(f"{this} {tree!r:.60}, and {that} {model!r:.60}; give a dict with the same keys")
        pairs = [(tree[key], model[key]) for key in model]
    elif isinstance(model, (list, tuple)):
        if not isinstance(tree, (list, tuple)) or len(tree) != len(model):
            raise OperandError(f"{this} {tree!r:.60}, and {that} {model!r:.60}; give a sequence of length {len(model)}")
        pairs = list(zip(tree, model, strict=True))
    elif isinstance(tree, (Mapping, list, tuple)):
        raise OperandError(f"{this} {tree!r:.60}, and {that} {model!r:.60}; give one number")
    else:
        return [number_or_lifted(tree)]
    return [x for part, like in pairs for x in flatten_like(part, like, this, that)]


def map_lifted(function: Callable[[Any], Any], tree: Any) -> Any:
    """The function on every node and forward number in nested lists, tuples and dicts; anything else as it is."""
    if isinstance(tree, (Mapping, list, tuple)):
        return _maker(tree)([map_lifted(function, part) for part in _entries(tree)])
    return function(tree) if is_lifted(tree) else tree


def _entries(tree: Any) -> Iterable[Any]:
    return tree.values() if isinstance(tree, Mapping) else tree


def _maker(tree: Any) -> Callable[[list[Any]], Any]:
    """What makes a container like this one of other contents."""
    if isinstance(tree, dict):

        def make(values: list[Any]) -> Any:
            made = copy.copy(tree)  # an OrderedDict or a dict of the user's own stays one
            made.update(zip(tree, values, strict=True))
            return made

        return make
    if isinstance(tree, Mapping):
        return lambda values: dict(zip(tree, values, strict=True))
    if hasattr(tree, "_fields"):  # a namedtuple
        return lambda values: type(tree)(*values)
    return tuple if isinstance(tree, tuple) else list


def is_lifted(x: Any) -> bool:
    return hasattr(type(x), "__autograd_op__")


def number_or_lifted(x: Any) -> Any:
    return x if is_lifted(x) else number(x)


def output(y: Any) -> Any:
    if y is None:
        raise OperandError("the function gives None; let it return a number, or lists, tuples and dicts of them")
    return number_or_lifted(y)


def scalar(y: Any, name: str, instead: str = "") -> Any:
    if isinstance(y, (Mapping, list, tuple)):
        raise OperandError(f"{name} needs one number, not {y!r:.60} of type {type(y).__name__}{instead}")
    return output(y)


def refuse_no_function(name: str, f: Any) -> None:
    if not callable(f):
        raise OperandError(f"{name} takes a function first, not {f!r:.60}; give f itself, not its value f(x)")
