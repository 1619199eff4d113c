"""Values of expressions while they are read: typed expressions, and objects of Python that are known now.

A number, a tuple, a function that is known stays Python's; `typed` makes an expression of it where one is needed.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from autograd.declaration import as_declared
from autograd.operation import ClosedGate
from autograd.rowcode import form
from autograd.rowcode.form import FLOAT, GATE, TRUTH, WHOLE, Array, Constant, Operation, Type, Unreadable, joined


@dataclass(frozen=True)
class Range:
    """The turns of a loop: item(i) for i in range(count)."""

    count: Any
    item: Callable[[Any], Any]


@dataclass(frozen=True)
class Text:
    """A message: texts, and expressions whose numbers it shows."""

    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Spread:
    """The elements of an array in a tuple, `(*xs, 1.0)`."""

    array: Any


def is_known(x: Any) -> bool:
    """Whether x is an object of Python, with no typed expression in it."""
    return all(map(is_known, x)) if isinstance(x, (tuple, list)) else not isinstance(x, (form.Expression, Range, Text, Spread))


def is_fixed(x: Any) -> bool:
    """Whether x is a tuple or list of known length."""
    return isinstance(x, (tuple, list)) and not any(isinstance(part, Spread) for part in x)


def is_nested(x: Any) -> bool:
    """Whether x is a known tuple of tuples."""
    return isinstance(x, tuple) and bool(x) and is_known(x) and all(isinstance(row, tuple) for row in x)


def is_operation(x: Any, sign: str) -> bool:
    return isinstance(x, Operation) and x.sign == sign


def annotated(annotation: ast.expr | None) -> Type:
    """The type that an annotation names; None if it names none. `Any` in a sequence is what operands are: floats."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    if isinstance(annotation, ast.Name):
        return {"float": FLOAT, "int": WHOLE, "bool": TRUTH}.get(annotation.id)
    if not isinstance(annotation, ast.Subscript) or not isinstance(annotation.value, ast.Name):
        return None
    inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
    types = [FLOAT if isinstance(e, ast.Name) and e.id == "Any" else annotated(e) for e in inner]
    if annotation.value.id == "tuple" and not (len(inner) == 2 and isinstance(inner[1], ast.Constant)):
        return tuple(types) if None not in types else None
    known = annotation.value.id in ("tuple", "list", "Sequence", "Iterable") and isinstance(types[0], str)
    return Array(types[0]) if known else None


def typed(x: Any, wanted: Type = None) -> Any:
    """A typed expression of what was read, of the wanted type if one is named."""
    if isinstance(x, list) or (isinstance(x, tuple) and (isinstance(wanted, Array) or not is_fixed(x))):
        x = join(x)
    elif isinstance(x, tuple):
        parts = tuple(map(typed, x))
        x = Operation("tuple", parts, tuple([part.type for part in parts]))
    elif type(x) is ClosedGate:
        x = Constant(None, GATE)
    elif isinstance(x, (bool, int, float)):
        x = Constant(x, TRUTH if isinstance(x, bool) else WHOLE if isinstance(x, int) else FLOAT)
    if not isinstance(x, form.Expression):
        raise Unreadable(f"a {type(x).__name__.lower()} as a value")
    return x if wanted is None else converted(x, wanted)


def join(parts: Sequence[Any]) -> Any:
    """An array of these parts; a tuple of known numbers is a table."""
    if isinstance(parts, tuple) and parts and all(isinstance(part, (int, float)) for part in parts):
        return Constant(tuple(map(float, parts)), form.ARRAY)
    made = [typed(part.array if isinstance(part, Spread) else part) for part in parts]
    types = [part.type.element if isinstance(part.type, Array) else part.type for part in made]
    element = functools.reduce(joined, types, None) or FLOAT
    flat = [inner for part in made for inner in (part.parts if is_operation(part, "join") else (part,))]
    return Operation("join", tuple([p if isinstance(p.type, Array) else converted(p, element) for p in flat]), Array(element))


def converted(x: Any, wanted: Type) -> Any:
    """The expression as one of the wanted type."""
    if x.type == wanted or (wanted == GATE and x.type == FLOAT):
        return x
    if is_operation(x, "choose"):
        condition, *branches = x.parts
        return Operation("choose", (condition, *[converted(branch, wanted) for branch in branches]), wanted)
    if wanted in (FLOAT, GATE) and x.type in (WHOLE, TRUTH):
        return Constant(float(x.value), FLOAT) if isinstance(x, Constant) else Operation("float", (x,), FLOAT)
    if wanted == WHOLE and x.type == TRUTH:
        return Operation("choose", (x, Constant(1, WHOLE), Constant(0, WHOLE)), WHOLE)
    if is_operation(x, "tuple") and isinstance(wanted, tuple) and len(wanted) == len(x.parts):
        return Operation("tuple", tuple(map(converted, x.parts, wanted)), wanted)
    if isinstance(wanted, Array) and isinstance(x.type, tuple):
        return converted(join(list(items(x, len(x.type)))), wanted)
    if isinstance(wanted, Array) and isinstance(x.type, Array) and joined(x.type, wanted) == wanted:
        return Operation("join", (x,), wanted)
    raise Unreadable(f"{x.type} where {wanted} is needed")


def items(x: Any, count: int) -> Sequence[Any]:
    """The entries of a tuple of known length."""
    if is_fixed(x) and len(x) == count:
        return x  # type: ignore[no-any-return]  # a tuple or list
    if isinstance(getattr(x, "type", None), tuple) and len(x.type) == count:
        return x.parts if is_operation(x, "tuple") else [Operation("item", (x, typed(i)), x.type[i]) for i in range(count)]
    raise Unreadable(f"an unpacking into {count}")


def element(array: Any, index: Any) -> Any:
    return Operation("element", (array, typed(index, WHOLE)), array.type.element)


def length(x: Any) -> Any:
    return len(x.value) if isinstance(x, Constant) else Operation("length", (x,), WHOLE)


def truth(x: Any) -> Any:
    """x as a condition: 0 is false in Python, and so is an empty array."""
    if is_known(x):
        return bool(x)
    x = typed(x)
    if isinstance(x.type, Array):
        return compare(">", length(x), 0)
    return x if x.type == TRUTH else compare("!=", x, 0)


def numbers(sign: str, a: Any, b: Any) -> tuple[Any, Any]:
    """Two typed operands of one type; an Unreadable unless they are numbers."""
    a, b = typed(a), typed(b)
    if not {a.type, b.type} <= {FLOAT, WHOLE, TRUTH}:
        raise Unreadable(f"{a.type} {sign} {b.type}")
    wanted = a.type if a.type == b.type else FLOAT
    return converted(a, wanted), converted(b, wanted)


def compare(sign: str, a: Any, b: Any) -> Any:
    """a sign b, a truth."""
    return Operation(sign, numbers(sign, a, b), TRUTH)


def choice(condition: Any, a: Any, b: Any) -> Any:
    """a if condition else b, both of one type."""
    if is_known(condition):
        return a if condition else b
    a, b = typed(a), typed(b)
    wanted = joined(a.type, b.type)
    return Operation("choose", (condition, converted(a, wanted), converted(b, wanted)), wanted)


def called(function: form.Intrinsic, *arguments: Any) -> Any:
    """A call of an intrinsic."""
    if len(arguments) != len(function.parameters):
        raise Unreadable(f"{function.name} of {len(arguments)} arguments")
    return form.Call(function, tuple(map(typed, arguments, function.parameters)), function.type)


def bare(function: Any) -> Any:
    """The function inside a cache, or inside the check of a user's value; the one that takes an expression's place on floats."""
    while isinstance(function, functools._lru_cache_wrapper) or as_declared(function) is not function:
        function = function.__wrapped__
    return bare(function.on_floats) if isinstance(function, FunctionType) and hasattr(function, "on_floats") else function
