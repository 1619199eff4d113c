"""Nested arguments: the numbers in lists, dicts, arrays and records, extracted and put back in the same structure.

    >>> numbers, structure = flatten({"w": [1, 2.0], "bias": None, "activation": "relu"})
    >>> numbers, structure([10.0, 20.0])
    ([1.0, 2.0], {'w': [10.0, 20.0], 'bias': None, 'activation': 'relu'})

A structure is a list, tuple, named tuple, deque, mapping, dataclass or numpy array, of numbers or structures. None, strings, bytes
and truth values in it are constants and are not changed; an int is a number. Start reading at `flatten`, then at `opened`.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, final

from autograd.errors import OperandError
from autograd.ops import number

Make = Callable[[list[Any]], Any]


class _Opened(NamedTuple):
    """The parts of a container, and functions that make another container of its kind."""

    entries: Sequence[tuple[str, Any]]  # each part with its index or attribute, as written after the container
    make: Make  # makes a value or a derivative, of other parts
    remake: Make  # makes an argument of a function: a record runs its __post_init__ again


def is_lifted(x: Any) -> bool:
    """Return True for nodes, forward numbers, and other number types that rows accept."""
    return hasattr(type(x), "__autograd_op__")


def is_constant(x: Any) -> bool:
    """Return True for a constant of a structure: None, a string, bytes, a truth value, or an array of these."""
    if x is None or isinstance(x, (str, bytes, bool)):
        return True
    return is_array(x, with_scalars=True) and x.dtype.kind in "bSU"


def number_or_lifted(x: Any) -> Any:
    return x if is_lifted(x) else number(x)


def is_array(x: Any, *, with_scalars: bool = False) -> bool:
    numpy = sys.modules.get("numpy")  # there is no array before it is imported
    return numpy is not None and isinstance(x, (numpy.ndarray, numpy.generic) if with_scalars else numpy.ndarray)


def opened(x: Any) -> _Opened | None:
    """Return the parts of a container; None for anything else."""
    make: Make
    if isinstance(x, Mapping):
        entries, make = [(f"[{key!r:.60}]", part) for key, part in x.items()], _dict_like(x)
    elif isinstance(x, tuple) and hasattr(x, "_make") and hasattr(x, "_fields"):
        entries, make = [(f".{name}", part) for name, part in zip(x._fields, x, strict=True)], x._make
    elif isinstance(x, (list, tuple, deque)):
        entries = [(f"[{place}]", part) for place, part in enumerate(x)]
        make = functools.partial(deque, maxlen=x.maxlen) if isinstance(x, deque) else tuple if isinstance(x, tuple) else list
    elif is_array(x):
        entries, make = _places(x), _array_like(x)
    elif dataclasses.is_dataclass(x) and not isinstance(x, type):
        return _opened_record(x)
    else:
        return None
    return _Opened(entries, make, make)


def _dict_like(x: Mapping[Any, Any]) -> Make:
    def make(parts: list[Any]) -> Any:
        pairs = zip(x, parts, strict=True)
        if not isinstance(x, dict):
            return dict(pairs)
        made = copy.copy(x)  # keeps the class of an OrderedDict, for example
        made.update(pairs)
        return made

    return make


def _places(x: Any) -> list[tuple[str, Any]]:
    """Return the elements of an array in order, with their indices."""
    import numpy

    places = range(x.size) if x.ndim == 1 else (", ".join(map(str, place)) for place in numpy.ndindex(x.shape))
    return [(f"[{place}]", part) for place, part in zip(places, x.ravel().tolist(), strict=True)]


def _array_like(x: Any) -> Make:
    """Return a maker of arrays of this shape: float64 for numbers, with more axes for arrays of one shape, else of objects."""
    import numpy

    def make(parts: list[Any]) -> Any:
        shapes = {part.shape if is_array(part) else () if _is_number(part) else None for part in parts}
        if len(shapes) <= 1 and None not in shapes:
            inner = shapes.pop() if shapes else ()
            kind = object if any(is_array(part) and part.dtype == object for part in parts) else float
            return numpy.array(parts, dtype=kind).reshape(x.shape + inner)
        made = numpy.empty(len(parts), dtype=object)
        for place, part in enumerate(parts):
            made[place] = part
        return made.reshape(x.shape)

    return make


def _is_number(x: Any) -> bool:
    return isinstance(x, (float, int)) and not isinstance(x, bool)


def _opened_record(x: Any) -> _Opened:
    """Return the parts of a dataclass: the fields that its constructor takes."""
    names = [field.name for field in dataclasses.fields(x) if field.init]

    def make(parts: list[Any]) -> Any:
        made = copy.copy(x)
        for name, part in zip(names, parts, strict=True):
            object.__setattr__(made, name, part)  # of a frozen dataclass too
        return made

    def remake(parts: list[Any]) -> Any:
        try:
            return dataclasses.replace(x, **dict(zip(names, parts, strict=True)))
        except (TypeError, ValueError) as error:  # an InitVar without a default; before Python 3.13 a ValueError
            raise OperandError(f"a {type(x).__name__} cannot be made from its fields: {error}; give a dict") from error

    entries = [(f".{name}", getattr(x, name)) for name in names]
    return _Opened(entries, make, remake if hasattr(x, "__post_init__") else make)


@final
class Structure:
    """Puts numbers in the places of the extracted ones: a program for a stack, so that nothing recurses."""

    __slots__ = ("steps",)

    def __init__(self, steps: list[Any]) -> None:
        self.steps = steps  # _NUMBER, a _Constant, or an _Opened container, after the steps of its parts

    def __call__(self, values: Iterable[Any]) -> Any:
        """Return the structure with these values: a result or a derivative."""
        return self._made(values, lambda opened: opened.make)

    def argument(self, values: Iterable[Any]) -> Any:
        """Return the structure with these values as an argument of a function: dataclasses run their __post_init__."""
        return self._made(values, lambda opened: opened.remake)

    def _made(self, values: Iterable[Any], maker: Callable[[_Opened], Make]) -> Any:
        given, stack = iter(values), []
        for step in self.steps:
            if step is _NUMBER:
                stack.append(next(given))
            elif type(step) is _Constant:
                stack.append(step.value)
            else:
                parts = stack[len(stack) - len(step.entries) :]
                del stack[len(stack) - len(step.entries) :]
                stack.append(maker(step)(parts))
        return stack.pop()


class _Constant(NamedTuple):
    value: Any


_NUMBER = object()
_ONE = Structure([_NUMBER])


class _Close(NamedTuple):
    """The end of a container on the walk."""

    opened: _Opened
    of: int  # the container's id


def flatten(
    tree: Any, leaf: Callable[[Any], Any] = number_or_lifted, fixed: Callable[[Any], bool] = is_constant
) -> tuple[list[Any], Structure]:
    """Return the numbers of a structure in order, each converted by `leaf`, and the structure without them.

    Parts of a container for which `fixed` is true are constants. The message of an OperandError of `leaf` has the place in the
    structure. A structure that contains itself raises an OperandError.
    """
    if type(tree) is float:
        return [leaf(tree)], _ONE
    numbers: list[Any] = []
    steps: list[Any] = []
    inside: set[int] = set()  # the containers that the walk is in
    waiting: list[tuple[Any, Any]] = [(tree, None)]  # parts to visit, each with its path: (path of the container, key)
    while waiting:
        part, path = waiting.pop()
        if type(part) is _Close:
            steps.append(part.opened)
            inside.discard(part.of)
        elif path is not None and type(part) is not float and fixed(part):
            steps.append(_Constant(part))
        elif type(part) is float or is_lifted(part) or (inside_of := opened(part)) is None:
            try:
                numbers.append(leaf(part))
            except OperandError as error:
                if path is None:
                    raise
                raise OperandError(f"at {_written(path)}: {error}") from None
            steps.append(_NUMBER)
        else:
            if id(part) in inside:
                raise OperandError(f"at {_written(path)}: a {type(part).__name__} contains itself; give a finite structure")
            inside.add(id(part))
            waiting.append((_Close(inside_of, id(part)), None))
            waiting += [(inner, (path, key)) for key, inner in reversed(inside_of.entries)]
    return numbers, Structure(steps)


def flatten_argument(name: str, place: int, tree: Any, *, is_chosen: bool = False) -> tuple[list[Any], Structure]:
    """Return the numbers of argument number `place` of a function; a constant has none, unless it `is_chosen`."""
    if not is_chosen and is_constant(tree):
        return [], Structure([_Constant(tree)])
    try:
        return flatten(tree)
    except OperandError as error:
        raise OperandError(f"{name}, argument {place}: {error}") from None


def _written(path: Any) -> str:
    keys = []
    while path is not None:
        path, key = path
        keys.append(key)
    return "".join(reversed(keys))


def flatten_like(tree: Any, model: Any, this: str, that: str) -> list[Any]:
    """Return the numbers of a tree in the order of a model, whose structure it must have.

    A sequence may take the place of another kind of sequence, nested sequences that of an array. In the place of a constant the
    tree has the same constant, None or 0.
    """
    numbers: list[Any] = []
    waiting = [(tree, model)]
    while waiting:
        part, like = waiting.pop()
        taken = None if type(like) is float or is_lifted(like) or is_constant(like) else opened(like)
        if taken is not None:
            parts = _parts_like(part, like, taken)
            if parts is None:
                raise OperandError(f"{this} {part!r:.60}, and {that} {like!r:.60}; give {_cure(like, taken)}")
            waiting += reversed(list(zip(parts, [entry for _, entry in taken.entries], strict=True)))
        elif is_constant(like) and like is not model:
            is_same = type(part) is type(like) and (part.tolist() == like.tolist() if is_array(part) else bool(part == like))
            if not (part is None or part is like or (_is_number(part) and part == 0) or is_same):
                raise OperandError(f"{this} {part!r:.60} in the place of the constant {like!r:.60}; give None")
        elif not is_lifted(part) and opened(part) is not None and getattr(part, "ndim", 1) != 0:
            raise OperandError(f"{this} {part!r:.60}, and {that} {like!r:.60}; give one number")
        else:
            numbers.append(number_or_lifted(part))
    return numbers


def flatten_once(tree: Any, model: Any) -> list[Any]:
    """Return the parts of a container in the order of a model, which it must match."""
    taken = opened(model)
    assert taken is not None
    parts = _parts_like(tree, model, taken)
    if parts is None:
        raise OperandError(f"a function returns {tree!r:.60} after {model!r:.60}; let it always return the same structure")
    return parts


def stack(values: list[Any]) -> Any:
    """Return the values as an array, of float64, or of objects if they contain nodes."""
    import numpy

    return numpy.array(values, dtype=object if any(map(is_lifted, flatten(values, lambda x: x)[0])) else None)


def _parts_like(part: Any, like: Any, taken: _Opened) -> list[Any] | None:
    """Return the parts of a container in the order of another one; None if it does not match."""
    if isinstance(like, Mapping):
        if not isinstance(part, Mapping) or part.keys() != like.keys():
            return None
        return [part[key] for key in like]
    if is_array(like) and like.ndim != 1:
        import numpy

        parts = numpy.array(part, dtype=object)
        return parts.ravel().tolist() if parts.shape == like.shape else None
    if _is_sequence(like):
        if not _is_sequence(part) or len(part) != len(taken.entries):
            return None
        return part.tolist() if is_array(part) and part.ndim == 1 else list(part)
    if type(part) is not type(like):  # a dataclass
        return None
    mine = opened(part)
    return [entry for _, entry in mine.entries] if mine is not None else None


def _is_sequence(x: Any) -> bool:
    return isinstance(x, (list, tuple, deque)) or (is_array(x) and x.ndim > 0)


def _cure(like: Any, taken: _Opened) -> str:
    if isinstance(like, Mapping):
        return "a dict with the same keys"
    if is_array(like) and like.ndim != 1:
        return f"an array of shape {like.shape}"
    return f"a sequence of length {len(taken.entries)}" if _is_sequence(like) else f"a {type(like).__name__}"


def map_lifted(function: Callable[[Any], Any], tree: Any) -> Any:
    """Apply the function to every node and forward number in any structure; one without them is returned unchanged."""
    if is_lifted(tree):
        return function(tree)
    if is_opaque(tree):
        return tree
    parts, structure = flatten(tree, lambda x: x, is_opaque)
    if not any(map(is_lifted, parts)):
        return tree
    return structure([function(part) if is_lifted(part) else part for part in parts])


def is_opaque(x: Any) -> bool:
    """Return True for an array that cannot contain a node; it keeps its type."""
    return is_array(x) and x.dtype != object


def output(y: Any) -> Any:
    """Return one number of a function's result, a plain one as a float."""
    if y is None:
        raise OperandError("the function returns None; let it return a number, or lists, tuples and dicts of them")
    return number_or_lifted(y)


def flatten_output(y: Any) -> tuple[list[Any], Structure]:
    """Return the numbers of a function's result, and the structure of their derivatives."""
    return flatten(y, output)


def scalar(y: Any, name: str, instead: str = "") -> Any:
    """Return the single number that a function returned."""
    if is_array(y) and y.ndim == 0:
        y = y.item()
    if not is_lifted(y) and opened(y) is not None:
        raise OperandError(f"{name} needs one number, not {y!r:.60} of type {type(y).__name__}{instead}")
    return output(y)


def refuse_no_function(name: str, f: Any) -> None:
    """Raise an OperandError unless f can be called."""
    if not callable(f):
        raise OperandError(f"{name} takes a function first, not {f!r:.60}; give f itself, not its value f(x)")
