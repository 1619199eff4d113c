"""The typed form of a function of numbers: expressions and statements that every printer knows.

The form of `a if a > 0 else 0.0` is

    >>> a = Name("a", FLOAT)
    >>> Choice(Binary(">", a, Number(0.0, FLOAT), TRUTH), a, Number(0.0, FLOAT), FLOAT).type
    'float'

A type is a word, or a tuple of types for a tuple of that length; "[float]" is an array of any length. A *gate* is a float or the
closed gate, the partial through which nothing flows; there is no arithmetic on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, dataclass_transform

TRUTH, WHOLE, FLOAT, GATE = "truth", "whole", "float", "gate"
SCALARS = (TRUTH, WHOLE, FLOAT, GATE)  # each holds those before it
ARRAY = "[float]"
Type = Any  # one of these words, or a tuple of types


class Unreadable(Exception):
    """Python that has no typed form; the message names the construct and its line."""


def array_of(element: Type) -> str:
    """The type of an array of such elements."""
    return f"[{element}]"


def element_of(array: Type) -> Any:
    """The type of an array's elements; None for an empty one."""
    return array[1:-1] or None


def is_array(type_: Type) -> bool:
    return isinstance(type_, str) and type_.startswith("[")


def joined(a: Type, b: Type) -> Type:
    """The narrowest type that holds both; an Unreadable if there is none."""
    if a == b or a is None or b is None:
        return b if a is None else a
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return tuple(joined(x, y) for x, y in zip(a, b, strict=True))
    if is_array(a) and is_array(b):
        return array_of(joined(element_of(a), element_of(b)))
    if a in SCALARS and b in SCALARS:
        return SCALARS[max(SCALARS.index(a), SCALARS.index(b))]
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


# fmt: off
class Number(Expression):        value: Any; type: Type                         # a constant
class Closed(Expression):        type: Type = GATE
class Name(Expression):          name: str; type: Type
class Table(Expression):         name: str; numbers: tuple[float, ...]; type: Type = ARRAY
class Unary(Expression):         sign: str; operand: Any; type: Type            # -, not, float
class Binary(Expression):        sign: str; left: Any; right: Any; type: Type   # + - * < <= > >= == !=, / by a constant
class Logic(Expression):         sign: str; parts: tuple[Any, ...]; type: Type = TRUTH  # and, or
class Choice(Expression):        condition: Any; a: Any; b: Any; type: Type
class Call(Expression):          function: Any; arguments: tuple[Any, ...]; type: Type  # of a Function or an Intrinsic
class Tuple(Expression):         parts: tuple[Any, ...]; type: Type
class Item(Expression):          of: Any; index: int; type: Type                # of a tuple
class Element(Expression):       of: Any; index: Any; type: Type                # of an array, counted from 0
class Length(Expression):        of: Any; type: Type = WHOLE
class Slice(Expression):         of: Any; low: Any; high: Any; type: Type       # an end may be None, or count from the end
class Join(Expression):          parts: tuple[Any, ...]; type: Type             # an array; arrays add their elements
class Comprehension(Expression): name: str; low: Any; high: Any; step: int; element: Any; condition: Any; type: Type

class Assign(Statement):         names: tuple[str, ...]; value: Any             # several names unpack a tuple
class Append(Statement):         name: str; value: Any
class SetElement(Statement):     of: Any; index: Any; value: Any
class If(Statement):             condition: Any; body: list[Any]; otherwise: list[Any]
class While(Statement):          condition: Any; body: list[Any]
class For(Statement):            name: str; low: Any; high: Any; step: int; body: list[Any]
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


def walk(thing: Any) -> Iterator[Any]:
    """Every expression and statement in one of them or in a list, itself first; not inside the functions that are called."""
    if isinstance(thing, (list, tuple)):
        for part in thing:
            yield from walk(part)
    elif is_dataclass(thing) and not isinstance(thing, Function):
        yield thing
        for part in fields(thing):
            yield from walk(getattr(thing, part.name))
