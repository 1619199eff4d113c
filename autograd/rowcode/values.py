"""What an expression of Python may be while it is read, typed or known now, and the arithmetic on both.

Start reading at `typed`, which makes a typed expression of any of them.
"""

from __future__ import annotations

import ast
import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from autograd.declaration import as_declared
from autograd.operation import ClosedGate
from autograd.ops import Op
from autograd.rowcode import form
from autograd.rowcode.form import FLOAT, GATE, TRUTH, WHOLE, Number, Type, Unreadable, array_of, element_of, is_array, joined
from autograd.rowcode.intrinsics import INTRINSICS, Intrinsic

FOLDED: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow, "%": operator.mod,
    "//": operator.floordiv, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq,
    "!=": operator.ne, "is": operator.is_, "is not": operator.is_not,
}  # fmt: skip


@dataclass(frozen=True)
class Static:
    """An object that is known now: a function, a module, a number, None."""

    value: Any


@dataclass(frozen=True)
class Parts:
    """A tuple of known length."""

    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Range:
    """What a loop goes over: bind(i) for i in range(low, high, step)."""

    low: Any
    high: Any
    step: int
    bind: Callable[[Any], Any]


@dataclass(frozen=True)
class Local:
    """A lambda inside a function, read where it is called."""

    node: ast.Lambda
    scope: Mapping[str, Any]


@dataclass(frozen=True)
class Text:
    """A message: texts, and expressions whose numbers it shows."""

    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Record:
    """A dict with known names."""

    entries: Mapping[str, Any]


@dataclass(frozen=True)
class Apply:
    """The first argument of a row's `call`: the row on its operands in order."""

    row: Op


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
    return array_of(types[0]) if known else None


def typed(x: Any, wanted: Type = None) -> Any:
    """A typed expression of what was read, of the wanted type if one is named."""
    if isinstance(x, Static):
        x = _literal(x.value)
    if isinstance(x, Parts):
        parts = tuple(map(typed, x.parts))
        x = join(parts) if is_array(wanted) else form.Tuple(parts, tuple(part.type for part in parts))
    if not isinstance(x, form.Expression):
        raise Unreadable(f"a {type(x).__name__.lower()} as a value")
    return x if wanted is None else converted(x, wanted)


def _literal(x: Any) -> Any:
    if type(x) is ClosedGate:
        return form.Closed()
    if isinstance(x, (bool, int, float)):
        return Number(x, TRUTH if isinstance(x, bool) else WHOLE if isinstance(x, int) else FLOAT)
    if isinstance(x, (tuple, list)):
        numbers = x and all(isinstance(n, (int, float)) for n in x)
        return form.Table("", tuple(map(float, x))) if numbers else Parts(tuple(map(Static, x)))
    raise Unreadable(f"{x!r:.40} as a number")


def converted(x: Any, wanted: Type) -> Any:
    """The expression as one of the wanted type."""
    if x.type == wanted or (wanted == GATE and x.type == FLOAT):
        return x
    if isinstance(x, form.Choice):
        return form.Choice(x.condition, converted(x.a, wanted), converted(x.b, wanted), wanted)
    if wanted in (FLOAT, GATE) and x.type in (WHOLE, TRUTH):
        return Number(float(x.value), FLOAT) if isinstance(x, Number) else form.Unary("float", x, FLOAT)
    if isinstance(x, form.Tuple) and isinstance(wanted, tuple) and len(wanted) == len(x.parts):
        return form.Tuple(tuple(converted(p, t) for p, t in zip(x.parts, wanted, strict=True)), wanted)
    if is_array(wanted) and (isinstance(x, form.Tuple) or (is_array(x.type) and joined(x.type, wanted) == wanted)):
        return form.Join(x.parts if isinstance(x, form.Tuple) else (x,), wanted)
    if wanted == WHOLE and x.type == TRUTH:
        return form.Choice(x, Number(1, WHOLE), Number(0, WHOLE), WHOLE)
    raise Unreadable(f"{x.type} where {wanted} is needed")


def truth(x: Any) -> Any:
    """x as a condition: 0 is false in Python, and so is an empty array."""
    if isinstance(x, (Static, Parts)):
        return Static(bool(x.value if isinstance(x, Static) else x.parts))
    x = typed(x)
    if x.type == TRUTH:
        return x
    if is_array(x.type):
        return form.Binary(">", form.Length(x), Number(0, WHOLE), TRUTH)
    return compare("!=", x, Number(0, WHOLE))


def items(x: Any, count: int) -> list[Any]:
    """The entries of a tuple of known length."""
    if isinstance(x, Static) and isinstance(x.value, (tuple, list)) and len(x.value) == count:
        return [Static(value) for value in x.value]
    if isinstance(x, (Parts, form.Tuple)) and len(x.parts) == count:
        return list(x.parts)
    if isinstance(getattr(x, "type", None), tuple) and len(x.type) == count:
        return [form.Item(x, i, x.type[i]) for i in range(count)]
    raise Unreadable(f"an unpacking into {count}")


def binary(sign: str, a: Any, b: Any) -> Any:
    """a sign b, for typed expressions and for what is known."""
    if isinstance(a, Static) and isinstance(b, Static):
        try:
            return Static(FOLDED[sign](a.value, b.value))
        except (ArithmeticError, TypeError):  # where it runs, it raises
            pass
    if sign == "+" and isinstance(a, Parts) and isinstance(b, Parts):
        return Parts(a.parts + b.parts)
    if sign == "*" and isinstance(a, Parts) and isinstance(b, Static):
        return Parts(a.parts * b.value)
    a, b = typed(a), typed(b)
    if sign == "+" and (is_array(a.type) or is_array(b.type)):
        return join([part for x in (a, b) for part in (x.parts if isinstance(x, form.Tuple) else (x,))])
    if sign == "*" and isinstance(a, (form.Tuple, form.Join)) and len(a.parts) == 1:  # (x,) * n
        return form.Comprehension("_", Number(0, WHOLE), b, 1, a.parts[0], None, array_of(a.parts[0].type))
    if not {a.type, b.type} <= {FLOAT, WHOLE, TRUTH}:
        raise Unreadable(f"{a.type} {sign} {b.type}")
    if a.type == b.type == WHOLE and sign not in ("/", "**"):
        if isinstance(a, Number) and isinstance(b, Number) and b.value:
            return Number(FOLDED[sign](a.value, b.value), WHOLE)
        names = {"%": "modulo_whole", "//": "divide_whole"}
        return called(INTRINSICS[f"python.{names[sign]}"], a, b) if sign in names else form.Binary(sign, a, b, WHOLE)
    a, b = converted(a, FLOAT), converted(b, FLOAT)
    if sign in "+-*" or (sign == "/" and isinstance(b, Number) and b.value != 0.0):
        return form.Binary(sign, a, b, FLOAT)
    return called(INTRINSICS["python." + {"/": "divide", "**": "power", "%": "modulo", "//": "floor_divide"}[sign]], a, b)


def negative(x: Any) -> Any:
    """−x."""
    if isinstance(x, (Static, Number)):
        return Static(-x.value)
    x = typed(x)
    if x.type not in (FLOAT, WHOLE):
        raise Unreadable(f"-{x.type}")
    return form.Unary("-", x, x.type)


def compare(sign: str, a: Any, b: Any) -> Any:
    """a sign b, a truth."""
    if not {a.type, b.type} <= {FLOAT, WHOLE, TRUTH}:
        raise Unreadable(f"{a.type} {sign} {b.type}")
    if a.type != b.type:
        a, b = converted(a, FLOAT), converted(b, FLOAT)
    return form.Binary(sign, a, b, TRUTH)


def choice(condition: Any, a: Any, b: Any) -> Any:
    """a if condition else b, both of one type."""
    if isinstance(condition, Static):
        return a if condition.value else b
    a, b = typed(a), typed(b)
    wanted = joined(a.type, b.type)
    return form.Choice(condition, converted(a, wanted), converted(b, wanted), wanted)


def called(function: Intrinsic, *arguments: Any) -> Any:
    """A call of an intrinsic."""
    return form.Call(function, tuple(typed(x, t) for x, t in zip(arguments, function.parameters, strict=True)), function.type)


def join(parts: Any) -> form.Join:
    """An array of these parts; arrays among them add their elements."""
    element: Any = None
    for part in parts:
        element = joined(element, element_of(part.type) if is_array(part.type) else part.type)
    wanted = element or FLOAT
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, form.Join) else (part,))]
    return form.Join(tuple(p if is_array(p.type) else converted(p, wanted) for p in flat), array_of(wanted))


def may_raise(x: Any, inside: frozenset[Any] = frozenset()) -> bool:
    """Whether evaluating it may raise; a function that calls itself may."""
    for part in form.walk(x):
        if isinstance(part, form.Raise):
            return True
        if isinstance(part, form.Call):
            f = part.function
            if f.raises if isinstance(f, Intrinsic) else f in inside or may_raise(f.body, inside | {f}):
                return True
    return False


def bare(function: Any) -> Any:
    """The function inside a cache, or inside the check of a user's value; the one that takes an expression's place on floats."""
    while isinstance(function, functools._lru_cache_wrapper) or as_declared(function) is not function:
        function = function.__wrapped__
    if isinstance(function, FunctionType) and hasattr(function, "on_floats"):
        return bare(function.on_floats)
    return function


def is_nested(x: Any) -> bool:
    """Whether x is a tuple of tuples."""
    return isinstance(x, tuple) and bool(x) and all(isinstance(row, tuple) for row in x)


def rows_of(rows: Sequence[tuple[float, ...]], low: Any, high: Any) -> Range:
    """A Range over the rows of a table from low to high: each column is an array."""
    columns = [form.Table("", tuple(map(float, column))) for column in zip(*rows, strict=True)]
    return Range(low, high, 1, lambda i: Parts(tuple(form.Element(column, i, FLOAT) for column in columns)))


def counts(over: Range) -> bool:
    """Whether a Range gives its own indices."""
    probe = form.Name("", WHOLE)
    return over.bind(probe) is probe


def bindings(body: Sequence[ast.AST]) -> list[str]:
    """Every name that a function's own statements bind, as often as they do."""
    found, waiting = [], list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
        if not isinstance(node, (ast.Lambda, ast.ListComp, ast.GeneratorExp)):
            waiting += ast.iter_child_nodes(node)
    return found
