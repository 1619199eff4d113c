"""The typed form of a function of numbers: five kinds of expressions and ten of statements, which every printer knows.

One row on its way. The value of relu in Python is `return x if x > 0.0 or x != x else 0.0`; here with the test of NaN left out:

    >>> from autograd.rowcode.c import Printer as C
    >>> from autograd.rowcode.javascript import Printer as JavaScript
    >>> from autograd.rowcode.program import Program
    >>> def relu(x: float) -> float:
    ...     return x if x > 0.0 else 0.0
    >>> relu = Program().function(relu, [Name("x", FLOAT)]).function

Its form, a choice of a name and a constant, each with its type:

    >>> print(relu.body)  # doctest: +NORMALIZE_WHITESPACE
    [Return(value=Operation(sign='choose',
        parts=(Operation(sign='>', parts=(Name(name='x', type='float'), Constant(value=0.0, type='float')), type='truth'),
               Name(name='x', type='float'), Constant(value=0.0, type='float')),
        type='float'))]

The two printers print:

    >>> print(C().function(relu))
    static double row_relu(double x_) {
        return x_ > 0.0 ? x_ : 0.0;
    }
    >>> print(JavaScript().function(relu))
    function relu(x) {
      return x > 0 ? x : 0;
    }

A type is a word, or a tuple of types for a tuple of that length, or an `Array` of any length. A *gate* is a float or the
closed gate, the partial through which nothing flows; there is no arithmetic on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, dataclass_transform

TRUTH, WHOLE, FLOAT, GATE = "truth", "whole", "float", "gate"
SCALARS = (TRUTH, WHOLE, FLOAT, GATE)  # each holds those before it
Type = Any  # one of these words, an Array, or a tuple of types


class Unreadable(Exception):
    """Python that has no typed form; the message names the construct and its line."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(what)
        self.what, self.where = what, where

    def __str__(self) -> str:
        return f"{self.what}, in {self.where}" if self.where else self.what


@dataclass(frozen=True)
class Array:
    """The type of an array of such elements."""

    element: Type

    def __str__(self) -> str:
        return f"[{self.element}]"


ARRAY = Array(FLOAT)


def joined(a: Type, b: Type) -> Type:
    """The narrowest type that holds both; None holds nothing. An Unreadable if there is none."""
    if a == b or a is None or b is None:
        return b if a is None else a
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return tuple(map(joined, a, b))
    if isinstance(a, Array) and isinstance(b, Array):
        return Array(joined(a.element, b.element))
    if a in SCALARS and b in SCALARS:
        return max(a, b, key=SCALARS.index)
    raise Unreadable(f"one name for two types, {a} and {b}")


@dataclass_transform(frozen_default=True)
class Expression:
    """A part of a function that has a type."""

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)


@dataclass_transform()
class Statement:
    """A step of a function."""

    def __init_subclass__(cls) -> None:
        dataclass(cls)


# The signs of operations: + - * and neg on floats or whole numbers, / by a constant; < <= > >= == != ; and, or, not; choose, of
# a condition and two branches; float, of a whole number or a truth; tuple, and item, which takes one out; of arrays join, in which
# arrays add their elements, slice with one or two ends, which may count from the end, element and length.


# fmt: off
class Constant(Expression):      value: Any; type: Type                         # a number, a closed gate (None), an array (a tuple)
class Name(Expression):          name: str; type: Type
class Operation(Expression):     sign: str; parts: tuple[Any, ...]; type: Type
class Call(Expression):          function: Any; parts: tuple[Any, ...]; type: Type  # of a Function or an Intrinsic
class Comprehension(Expression): name: str; count: Any; element: Any; condition: Any; type: Type  # for name from 0 to count

class Assign(Statement):         names: tuple[str, ...]; value: Any             # several names unpack a tuple
class Append(Statement):         name: str; value: Any
class SetElement(Statement):     name: str; index: Any; value: Any
class If(Statement):             condition: Any; body: list[Any]; otherwise: list[Any]
class While(Statement):          condition: Any; body: list[Any]
class For(Statement):            name: str; count: Any; body: list[Any]
class Leave(Statement):          word: str                                      # break, continue
class Return(Statement):         value: Any
class Raise(Statement):          kind: str; message: tuple[Any, ...]            # texts and expressions
class Try(Statement):            body: list[Any]; handlers: list[tuple[tuple[str, ...], list[Any]]]
# fmt: on


@dataclass(eq=False)
class Function:
    """One function of Python, for arguments of certain types."""

    name: str
    parameters: list[Name]
    type: Type
    body: list[Any] = field(default_factory=list)
    locals: dict[str, Type] = field(default_factory=dict)


@dataclass(frozen=True)
class Intrinsic:
    """A function that every target has."""

    place: str
    own_name: str
    parameters: tuple[Type, ...]
    type: Type
    raises: bool  # whether it may raise

    @property
    def name(self) -> str:
        """As JavaScript calls it."""
        return f"{self.place}.{self.own_name}"


def walk(thing: Any) -> Iterator[Any]:
    """Every expression and statement in one of them or in a list, itself first; not inside the functions that are called."""
    if isinstance(thing, (list, tuple)):
        for part in thing:
            yield from walk(part)
    elif is_dataclass(thing) and not isinstance(thing, (Function, Intrinsic, Array)):
        yield thing
        for part in fields(thing):
            yield from walk(getattr(thing, part.name))


def makes_array(parts: Iterable[Any]) -> bool:
    """Whether one of these expressions and statements makes a new array or a longer one."""
    return any(isinstance(x, (Comprehension, Append)) or (isinstance(x, Operation) and x.sign == "join") for x in parts)


def reached(thing: Any) -> Iterator[Any]:
    """Every part of it, and of the functions that it calls, each of which is gone through once."""
    waiting, seen = [thing], set[Function]()
    while waiting:
        for part in walk(waiting.pop()):
            yield part
            if isinstance(part, Call) and isinstance(part.function, Function) and part.function not in seen:
                seen.add(part.function)
                waiting.append(part.function.body)


def may_raise(thing: Any) -> bool:
    """Whether evaluating it may raise in Python; a function that is not yet read may."""
    calls = [part.function for part in reached(thing) if isinstance(part, Call)]
    is_raised = any(f.raises if isinstance(f, Intrinsic) else not f.body for f in calls)
    return is_raised or any(isinstance(part, Raise) for part in reached(thing))
