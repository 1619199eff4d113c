"""Nested arguments: the numbers in lists, dicts, arrays and records, taken out and put back in the same structure.

    >>> numbers, structure = flatten({"w": [1, 2.0], "bias": None, "activation": "relu"})
    >>> numbers, structure([10.0, 20.0])
    ([1.0, 2.0], {'w': [10.0, 20.0], 'bias': None, 'activation': 'relu'})

A structure is a list, tuple, named tuple, deque, mapping, dataclass or numpy array, of numbers or structures. None, strings, bytes
and truth values in it are constants and stay where they are; an int is a number. Start reading at `flatten`, then at `opened`.
"""

from __future__ import annotations

import copy
import dataclasses
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, final

from autograd.errors import OperandError
from autograd.ops import number

__all__ = [
    "Structure",
    "flatten",
    "flatten_argument",
    "flatten_like",
    "flatten_once",
    "flatten_output",
    "is_array",
    "is_constant",
    "is_lifted",
    "is_opaque",
    "map_lifted",
    "number_or_lifted",
    "opened",
    "output",
    "refuse_no_function",
    "scalar",
    "stack",
]

Make = Callable[[list[Any]], Any]

# ------------------------------------------------------------------------------------------------------------ what is inside


class _Opened(NamedTuple):
    """A container taken apart."""

    entries: Sequence[tuple[str, Any]]  # how each part is written after the container, and the part
    make: Make  # another container of this kind, of other parts: a value or a derivative
    remake: Make  # the same as an argument of a function: a record runs its own __post_init__ again


def is_lifted(x: Any) -> bool:
    return hasattr(type(x), "__autograd_op__")


def is_constant(x: Any) -> bool:
    """Whether this is a constant of a structure: None, a string, bytes or a truth value, or an array of these."""
    if x is None or isinstance(x, (str, bytes, bool)):
        return True
    return is_array(x, with_scalars=True) and x.dtype.kind in "bSU"


def number_or_lifted(x: Any) -> Any:
    return x if is_lifted(x) else number(x)


def is_array(x: Any, *, with_scalars: bool = False) -> bool:
    numpy = sys.modules.get("numpy")  # whoever has an array has imported it
    return numpy is not None and isinstance(x, (numpy.ndarray, numpy.generic) if with_scalars else numpy.ndarray)


def opened(x: Any) -> _Opened | None:
    """The container taken apart; None for anything else."""
    if isinstance(x, Mapping):
        return _opened_evenly([(f"[{key!r:.60}]", part) for key, part in x.items()], _dict_like(x))
    if isinstance(x, (list, tuple)):
        fields = getattr(x, "_fields", None)
        if fields is not None and hasattr(x, "_make"):  # a named tuple
            return _opened_evenly([(f".{name}", part) for name, part in zip(fields, x, strict=True)], x._make)
        return _opened_evenly(_in_order(x), tuple if isinstance(x, tuple) else list)
    if isinstance(x, deque):
        return _opened_evenly(_in_order(x), lambda parts: deque(parts, x.maxlen))
    if is_array(x):
        return _opened_evenly(_places(x), _array_like(x))
    if dataclasses.is_dataclass(x) and not isinstance(x, type):
        return _opened_record(x)
    return None


def _opened_evenly(entries: Sequence[tuple[str, Any]], make: Make) -> _Opened:
    return _Opened(entries, make, make)


def _in_order(xs: Iterable[Any]) -> list[tuple[str, Any]]:
    return [(f"[{place}]", part) for place, part in enumerate(xs)]


def _dict_like(x: Mapping[Any, Any]) -> Make:
    def make(parts: list[Any]) -> Any:
        pairs = zip(x, parts, strict=True)
        if not isinstance(x, dict):
            return dict(pairs)
        made = copy.copy(x)  # an OrderedDict or a dict of the user's own stays one
        made.update(pairs)
        return made

    return make


def _places(x: Any) -> list[tuple[str, Any]]:
    """The elements of an array in order."""
    if x.ndim == 1:
        return _in_order(x.tolist())
    import numpy

    pairs = zip(numpy.ndindex(x.shape), x.ravel().tolist(), strict=True)
    return [(f"[{', '.join(map(str, place))}]", part) for place, part in pairs]


def _array_like(x: Any) -> Make:
    """An array of this shape: float64 if every part is a number, with further axes if all are arrays of one shape, else objects."""
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
    """A dataclass, by the fields that its constructor takes; the other ones are its own affair."""
    names = [field.name for field in dataclasses.fields(x) if field.init]

    def make(parts: list[Any]) -> Any:
        made = copy.copy(x)
        for name, part in zip(names, parts, strict=True):
            object.__setattr__(made, name, part)  # frozen ones too
        return made

    def remake(parts: list[Any]) -> Any:
        """What __post_init__ computes from the fields depends on them."""
        try:
            return dataclasses.replace(x, **dict(zip(names, parts, strict=True)))
        except ValueError as error:  # an InitVar without a default
            raise OperandError(f"a {type(x).__name__} cannot be made again from its fields: {error}; give a dict") from error

    entries = [(f".{name}", getattr(x, name)) for name in names]
    return _Opened(entries, make, remake if hasattr(x, "__post_init__") else make)


# ---------------------------------------------------------------------------------------------------------- apart and together


@final
class Structure:
    """What puts numbers in the places of those that were taken out: a program for a stack, so that nothing recurses."""

    __slots__ = ("steps",)

    def __init__(self, steps: list[Any]) -> None:
        self.steps = steps  # _NUMBER, a _Constant, or (how many parts, container opened)

    def __call__(self, values: Iterable[Any]) -> Any:
        """The structure with these values in it: results and derivatives."""
        return self._made(values, lambda opened: opened.make)

    def argument(self, values: Iterable[Any]) -> Any:
        """The structure with these values in it, for a function to take: dataclasses run their __post_init__."""
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
    of: int  # its id


def flatten(
    tree: Any, leaf: Callable[[Any], Any] = number_or_lifted, fixed: Callable[[Any], bool] = is_constant
) -> tuple[list[Any], Structure]:
    """The numbers of a structure in order, each as `leaf` has it, and what puts others in their places.

    What is `fixed` inside a container is a constant. An error of `leaf` gives the place in the structure. A structure that holds
    itself is refused with an OperandError.
    """
    if type(tree) is float:
        return [leaf(tree)], _ONE
    numbers: list[Any] = []
    steps: list[Any] = []
    inside: set[int] = set()  # the containers that the walk is in
    waiting: list[tuple[Any, Any]] = [(tree, None)]  # what is still to visit, with its path: (that of the container, own key)
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
                raise OperandError(
                    f"at {_written(path)}: a {type(part).__name__} that holds itself; give numbers in finite structures"
                )
            inside.add(id(part))
            waiting.append((_Close(inside_of, id(part)), None))
            waiting += [(inner, (path, key)) for key, inner in reversed(inside_of.entries)]
    return numbers, Structure(steps)


def flatten_argument(name: str, place: int, tree: Any, *, is_chosen: bool = False) -> tuple[list[Any], Structure]:
    """The numbers of one argument of a function; an error says which. One that is a constant has none, unless it was chosen."""
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
    """The numbers of a tree in the order of another one, whose structure it must have.

    A sequence serves for one of another kind, nested sequences for an array. Where the model has a constant, the tree has the same
    one, None or 0.
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
            if not (part is None or part is like or (_is_number(part) and part == 0) or _is_same(part, like)):
                raise OperandError(f"{this} {part!r:.60} in the place of the constant {like!r:.60}; give None")
        elif not is_lifted(part) and opened(part) is not None and getattr(part, "ndim", 1) != 0:
            raise OperandError(f"{this} {part!r:.60}, and {that} {like!r:.60}; give one number")
        else:
            numbers.append(number_or_lifted(part))
    return numbers


def flatten_once(tree: Any, model: Any) -> list[Any]:
    """The parts of a container in the order of another one, which it must match."""
    taken = opened(model)
    assert taken is not None
    parts = _parts_like(tree, model, taken)
    if parts is None:
        raise OperandError(f"a function gives {tree!r:.60} after {model!r:.60}; let it always give the same structure")
    return parts


def stack(values: list[Any]) -> Any:
    """The values as an array: of float64, or of objects if nodes are among them."""
    import numpy

    return numpy.array(values, dtype=object if any(map(is_lifted, flatten(values, lambda x: x)[0])) else None)


def _is_same(a: Any, b: Any) -> bool:
    """Whether two constants are equal."""
    return type(a) is type(b) and (a.tolist() == b.tolist() if is_array(a) else bool(a == b))


def _parts_like(part: Any, like: Any, taken: _Opened) -> list[Any] | None:
    """The parts of a container that is to match another one; None if it does not."""
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
    """The function on every node and forward number in a structure of anything; what holds none of them is returned as it is."""
    if is_lifted(tree):
        return function(tree)
    if is_opaque(tree):
        return tree
    parts, structure = flatten(tree, lambda x: x, is_opaque)
    if not any(map(is_lifted, parts)):
        return tree
    return structure([function(part) if is_lifted(part) else part for part in parts])


def is_opaque(x: Any) -> bool:
    """Whether there cannot be a node inside: an array of plain numbers keeps its type."""
    return is_array(x) and x.dtype != object


# --------------------------------------------------------------------------------------------------------- a function's result


def output(y: Any) -> Any:
    if y is None:
        raise OperandError("the function gives None; let it return a number, or lists, tuples and dicts of them")
    return number_or_lifted(y)


def flatten_output(y: Any) -> tuple[list[Any], Structure]:
    """The numbers of what a function gives, and the structure of their derivatives."""
    return flatten(y, output)


def scalar(y: Any, name: str, instead: str = "") -> Any:
    """The one number that a function gives."""
    if is_array(y) and y.ndim == 0:
        y = y.item()
    if not is_lifted(y) and opened(y) is not None:
        raise OperandError(f"{name} needs one number, not {y!r:.60} of type {type(y).__name__}{instead}")
    return output(y)


def refuse_no_function(name: str, f: Any) -> None:
    if not callable(f):
        raise OperandError(f"{name} takes a function first, not {f!r:.60}; give f itself, not its value f(x)")
