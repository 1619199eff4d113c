"""The typed form run on many numbers at once with NumPy: every branch runs, and each number keeps what its own path gives.

    >>> import numpy
    >>> from autograd import ops
    >>> from autograd.rowcode.program import Program, operands_of
    >>> softplus = Program().value(ops.softplus)
    >>> Lanes().at({"a": numpy.array([-800.0, 0.0, 800.0])}, softplus).round(3).tolist()
    [0.0, 0.693, 800.0]

Whole numbers and truths are arrays too; an array of the form is a `Rows`. What would raise in Python marks its number
in `failed`, unless it is on a path that the number does not take. `Unsuited` says that a function needs more, such as a handler.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.ops import TABLE
from autograd.rowcode import form
from autograd.rowcode.form import Array, Call, Constant, Function, Intrinsic, Name, Operation

__all__ = ["Gate", "Lanes", "Unsuited"]


class Unsuited(Exception):
    """A function that many numbers at once cannot run."""


class Gate(NamedTuple):
    """Partials, and where their gate is closed."""

    partials: Any
    closed: Any


class Rows(NamedTuple):
    """An array for each of the numbers: its elements, of which only the first `count` are there."""

    elements: list[Any]
    count: Any


class Frame:
    """A function that is running: its names, which numbers are still in it, and what the others returned."""

    def __init__(self, names: dict[str, Any], mask: Any) -> None:
        self.names, self.mask = names, mask
        self.result: Any = None  # what those returned who did
        self.left: list[dict[str, Any]] = []  # for each loop that is running who left it by break, and who by continue


class Lanes:
    """A run of typed expressions; `failed` says for which numbers Python would raise."""

    def __init__(self) -> None:
        self.failed: Any = False

    def at(self, names: Mapping[str, Any], expression: Any) -> Any:
        """The expression where the names have these values."""
        import numpy

        with numpy.errstate(all="ignore"):
            return self.value(expression, Frame(dict(names), True))

    # ------------------------------------------------------------------------------------------------------- expressions

    def value(self, x: Any, frame: Frame) -> Any:
        """An expression for the numbers in the frame."""
        match x:
            case float() | int() | bool():
                return x
            case Constant():
                return Gate(0.0, True) if x.value is None else rows(x.value) if isinstance(x.type, Array) else x.value
            case Name():
                return frame.names[x.name]
            case Call():
                return self.called(x.function, [self.value(part, frame) for part in x.parts], frame)
            case form.Comprehension():
                return self.comprehension(x, frame)
            case Operation(sign="choose"):
                return self.choice(x, frame)
            case Operation():
                return self.operation(x, frame)
        raise Unsuited(type(x).__name__)

    def choice(self, x: Operation, frame: Frame) -> Any:
        """A choice: each branch for those that take it."""
        import numpy

        condition = self.value(x.parts[0], frame)
        if isinstance(condition, (bool, numpy.bool_)):
            return self.value(x.parts[1 if condition else 2], frame)
        outer, found = frame.mask, []
        for part, mask in zip(x.parts[1:], (condition, ~condition), strict=True):
            frame.mask = outer & mask
            found.append(self.value(part, frame))
        frame.mask = outer
        return merged(condition, *found)

    def operation(self, x: Operation, frame: Frame) -> Any:
        if x.sign in ("and", "or"):
            return functools.reduce(SIGNS[x.sign], [self.value(part, frame) for part in x.parts])
        parts = [self.value(part, frame) for part in x.parts]
        if x.sign in SIGNS:
            return SIGNS[x.sign](*parts)
        if x.sign == "tuple":
            return tuple(parts)
        if x.sign == "item":
            return parts[0][parts[1]]
        if x.sign == "element":
            return element(*parts)
        if x.sign == "length":
            return parts[0].count
        if x.sign == "join":
            return rows([y for part in parts for y in (part.elements if isinstance(part, Rows) else [part])])
        if x.sign == "slice":
            return rows(parts[0].elements[_index(parts[1]) : _index(parts[2]) if len(parts) > 2 else None])
        raise Unsuited(x.sign)

    def comprehension(self, x: form.Comprehension, frame: Frame) -> Rows:
        """The elements, and with a condition those of each number that fulfil it, in order."""
        import numpy

        outer, elements, kept = frame.mask, [], []
        count = self.value(x.count, frame)
        for turn in range(_most(count)):
            frame.names[x.name] = turn
            keep = turn < count
            frame.mask = outer & keep
            keep = keep if x.condition is None else keep & self.value(x.condition, frame)
            frame.mask = outer & keep
            elements.append(self.value(x.element, frame))
            kept.append(keep)
        frame.mask = outer
        if not any(isinstance(keep, numpy.ndarray) for keep in kept):
            return rows([y for y, keep in zip(elements, kept, strict=True) if keep])
        keeps = numpy.stack(numpy.broadcast_arrays(*kept))
        order = numpy.argsort(~keeps, axis=0, kind="stable")  # those that are kept come first
        stacked = numpy.stack(numpy.broadcast_arrays(*elements, keeps[0])[:-1])
        return Rows(list(numpy.take_along_axis(stacked, order, axis=0)), keeps.sum(axis=0))

    def called(self, function: Any, given: Sequence[Any], frame: Frame) -> Any:
        if isinstance(function, Function):
            if not _any(frame.mask):
                return _nothing(function.type)
            inner = Frame({p.name: x for p, x in zip(function.parameters, given, strict=True)}, frame.mask)
            self.block(function.body, inner)
            return inner.result
        y = intrinsic(function)(*given)
        if function.raises:
            self.fail(frame.mask & ~isfinite(y))
        return y

    def fail(self, where: Any) -> None:
        self.failed = self.failed | where

    # -------------------------------------------------------------------------------------------------------- statements

    def block(self, statements: Sequence[Any], frame: Frame) -> None:
        """The statements, for the numbers that are still in the frame."""
        for statement in statements:
            if frame.mask is False or not _any(frame.mask):
                return
            self.statement(statement, frame)

    def statement(self, s: Any, frame: Frame) -> None:
        match s:
            case form.Assign(names=(name,)):
                self.assign(name, self.value(s.value, frame), frame)
            case form.Assign():
                for name, x in zip(s.names, self.value(s.value, frame), strict=True):
                    self.assign(name, x, frame)
            case form.Append():
                frame.names[s.name] = appended(frame.names[s.name], self.value(s.value, frame), frame.mask)
            case form.If():
                self.branch(s, frame)
            case form.Return():
                y = self.value(s.value, frame)
                frame.result = y if frame.result is None or frame.mask is True else merged(frame.mask, y, frame.result)
                frame.mask = False
            case form.Raise():
                self.fail(frame.mask)
                frame.result = math.nan if frame.result is None else frame.result
                frame.mask = False
            case form.For():
                count = self.value(s.count, frame)
                self.loop(s.body, s.name, lambda turn: turn < count, frame)
            case form.While():
                self.loop(s.body, "", lambda _: self.value(s.condition, frame), frame)
            case form.Leave():
                frame.left[-1][s.word] = frame.left[-1][s.word] | frame.mask
                frame.mask = False
            case _:
                raise Unsuited(type(s).__name__)

    def loop(self, body: Sequence[Any], name: str, goes_on: Callable[[int], Any], frame: Frame) -> None:
        """A loop, of which `name` counts the turns. Who leaves goes on behind it, who returns does not."""
        frame.left.append({"break": False, "continue": False})
        done: Any = False
        for turn in itertools.count():
            takes = goes_on(turn)
            done = done | (frame.mask & ~numpy_truth(takes))
            frame.mask = frame.mask & takes
            if not _any(frame.mask):
                break
            if name:
                frame.names[name] = turn
            self.block(body, frame)
            frame.mask = frame.mask | frame.left[-1]["continue"]
            frame.left[-1]["continue"] = False
        frame.mask = frame.mask | done | frame.left.pop()["break"]

    def assign(self, name: str, x: Any, frame: Frame) -> None:
        old = frame.names.get(name)
        frame.names[name] = x if old is None or frame.mask is True else merged(frame.mask, x, old)

    def branch(self, s: form.If, frame: Frame) -> None:
        """Both branches, each for those that take it; who returned is in neither afterwards."""
        import numpy

        condition = self.value(s.condition, frame)
        if isinstance(condition, (bool, numpy.bool_)):
            self.block(s.body if condition else s.otherwise, frame)
            return
        outer, rest = frame.mask, []
        for body, mask in ((s.body, condition), (s.otherwise, ~condition)):
            frame.mask = outer & mask
            self.block(body, frame)
            rest.append(frame.mask)
        frame.mask = rest[0] | rest[1]


def _any(mask: Any) -> bool:
    import numpy

    return bool(numpy.any(mask))


def _nothing(type_: Any) -> Any:
    """A result of this type for nobody."""
    return tuple(map(_nothing, type_)) if isinstance(type_, tuple) else rows([]) if isinstance(type_, Array) else math.nan


def numpy_truth(x: Any) -> Any:
    """A truth that `~` negates."""
    import numpy

    return numpy.asarray(x, dtype=bool)


def rows(elements: Iterable[Any]) -> Rows:
    """An array with these elements for every number."""
    found = list(elements)
    return Rows(found, len(found))


def appended(array: Rows, x: Any, mask: Any) -> Rows:
    """The array with one more element for those in the mask."""
    elements = [*array.elements, math.nan]
    there = [merged(mask & numpy_truth(array.count == place), x, old) for place, old in enumerate(elements)]
    return Rows(there, array.count + numpy_truth(mask).astype(int))


def element(array: Rows, index: Any) -> Any:
    """The element with this index, which may differ from number to number."""
    import numpy

    if not isinstance(index, numpy.ndarray):
        return array.elements[int(index)]
    stacked = numpy.stack(numpy.broadcast_arrays(*array.elements, index)[:-1])
    places = numpy.clip(numpy.broadcast_to(index, stacked.shape[1:]), 0, len(stacked) - 1).astype(int)
    return numpy.take_along_axis(stacked, places[None], axis=0)[0]


def _most(count: Any) -> int:
    """The largest number of turns."""
    import numpy

    return int(numpy.max(count))


def _index(x: Any) -> int:
    """A whole number that is the same for all."""
    import numpy

    if isinstance(x, numpy.ndarray):
        raise Unsuited("an index that differs from number to number")
    return int(x)


def isfinite(y: Any) -> Any:
    import numpy

    return numpy.logical_and.reduce([numpy.isfinite(part) for part in y]) if isinstance(y, tuple) else numpy.isfinite(y)


def merged(mask: Any, a: Any, b: Any) -> Any:
    """a where the mask holds, else b."""
    import numpy

    if a is b or (isinstance(a, (int, float)) and isinstance(b, (int, float)) and a == b != 0):
        return a
    if isinstance(a, Gate) or isinstance(b, Gate):
        first, second = [x if isinstance(x, Gate) else Gate(x, False) for x in (a, b)]
        return Gate(*[numpy.where(mask, x, y) for x, y in zip(first, second, strict=True)])
    if isinstance(a, Rows):
        return Rows(
            [merged(mask, x, y) for x, y in itertools.zip_longest(a.elements, b.elements, fillvalue=math.nan)],
            merged(mask, a.count, b.count),
        )
    if isinstance(a, tuple):
        return tuple([merged(mask, x, y) for x, y in zip(a, b, strict=True)])
    return numpy.where(mask, a, b)


@functools.cache
def intrinsic(function: Intrinsic) -> Callable[..., Any]:
    """The function of numpy that does on arrays what an intrinsic does on numbers."""
    import numpy

    row = TABLE.get(function.own_name)
    found = getattr(numpy, row.numpy[0] if row is not None and row.numpy else function.own_name, None)
    return numpy.vectorize(getattr(math, function.own_name), otypes=[float]) if found is None else found


def _sign_functions() -> dict[str, Callable[..., Any]]:
    import operator

    def negated(x: Any) -> Any:
        return not x if isinstance(x, bool) else ~x

    return {
        "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "neg": operator.neg,
        "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
        "and": operator.and_, "or": operator.or_, "not": negated, "float": lambda x: x * 1.0,
    }  # fmt: skip


SIGNS = _sign_functions()
