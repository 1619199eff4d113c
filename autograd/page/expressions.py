"""Expressions of JavaScript as they are put together from Python's: each with its precedence, and the kind of thing it is.

`+` joins tuples in Python and not in JavaScript, an empty tuple is false there and an empty array true here, and True is a number:
so what is written depends on the kinds of what it is written for.

    >>> a, b, xs = Js("a", kind=NUMBER), Js("b", kind=NUMBER), Js("xs", kind="[number]")
    >>> binary(ast.Mult(), a, binary(ast.Add(), a, b)).text, binary(ast.Add(), xs, display([a])).text, truth(xs).text
    ('a * (a + b)', '[...xs, a]', 'xs.length > 0')
"""

from __future__ import annotations

import ast
import builtins
import math
import operator
import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from autograd.ops import CLOSED

NUMBER, BOOLEAN, TEXT, FUNCTION, UNKNOWN = "number", "boolean", "text", "function", "unknown"
EMPTY = ""  # a sequence of numbers is "[number]", an empty one "[]"

ARROW, CHOICE, OR, AND, EQUALITY, RELATION, SUM, PRODUCT, UNARY, CALL, ATOM = range(11)  # how tightly they bind
COMPARISONS: dict[type[ast.cmpop], tuple[str, int]] = {
    ast.Lt: ("<", RELATION), ast.LtE: ("<=", RELATION), ast.Gt: (">", RELATION), ast.GtE: (">=", RELATION),
    ast.Eq: ("===", EQUALITY), ast.NotEq: ("!==", EQUALITY), ast.Is: ("===", EQUALITY), ast.IsNot: ("!==", EQUALITY),
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], tuple[str, int]] = {ast.Add: ("+", SUM), ast.Sub: ("-", SUM), ast.Mult: ("*", PRODUCT)}
CALLED: dict[type[ast.operator], str] = {
    ast.Div: "python.divide", ast.Pow: "python.power", ast.Mod: "python.modulo", ast.FloorDiv: "python.floor_divide",
}  # fmt: skip
OPERATORS: dict[Any, ast.operator | ast.unaryop] = {
    operator.add: ast.Add(), operator.sub: ast.Sub(), operator.mul: ast.Mult(), operator.truediv: ast.Div(),
    operator.pow: ast.Pow(), builtins.pow: ast.Pow(), operator.mod: ast.Mod(), operator.floordiv: ast.FloorDiv(),
    operator.neg: ast.USub(), operator.pos: ast.UAdd(),
}  # fmt: skip
RESERVED = set(
    re.findall(
        r"\w+",
        """arguments await break case catch class const continue debugger default delete do else enum eval export extends false
        finally for function if implements import in instanceof interface let new null package private protected public return
        static super switch this throw true try typeof undefined var void while with yield Array Error Infinity Math NaN Number
        Object error math python row OPERATIONS""",
    )
)


class Untranslatable(Exception):
    """Python that has no counterpart here; the message names it and its line."""


class Js(NamedTuple):
    """An expression of JavaScript."""

    text: str
    precedence: int = ATOM
    kind: str = UNKNOWN
    constant: str = ""  # the number that a name stands for

    def inside(self, precedence: int) -> str:
        """As it is written where something binds that tightly."""
        return self.text if self.precedence >= precedence else f"({self.text})"


def is_list(kind: str) -> bool:
    return kind.startswith("[")


def element(kind: str) -> str:
    """The kind of a sequence's elements."""
    return kind[1:-1] if is_list(kind) else UNKNOWN


def join(kinds: Iterable[str]) -> str:
    """What all of them are."""
    found = {kind for kind in kinds if kind != EMPTY}
    if len(found) > 1:
        found -= {"[]"}
    return found.pop() if len(found) == 1 else UNKNOWN if found else EMPTY


def annotated(annotation: ast.expr | None) -> str:
    text = ast.unparse(annotation) if annotation else ""
    text = text.strip("'\"")
    if text in ("float", "int"):
        return NUMBER
    if text == "bool":
        return BOOLEAN
    found = re.fullmatch(r"(?:tuple|list|Sequence|Iterable)\[(.*)\]", text)
    if found is None:
        return UNKNOWN
    elements = ast.parse(found[1], mode="eval").body
    inner = elements.elts if isinstance(elements, ast.Tuple) else [elements]
    # Any stands for what operands are, and here they are floats.
    parts = [NUMBER if ast.unparse(e) == "Any" else annotated(e) for e in inner if ast.unparse(e) != "..."]
    return f"[{join(parts)}]"


def kind_of(x: Any) -> str:
    if isinstance(x, bool):
        return BOOLEAN
    if isinstance(x, (int, float)):
        return NUMBER
    return f"[{join(map(kind_of, x))}]" if isinstance(x, (tuple, list)) else UNKNOWN


def literal(x: Any) -> Js:
    """A constant of Python."""
    if x is CLOSED or x is None:
        return Js("null", kind=UNKNOWN if x is None else NUMBER)
    if isinstance(x, bool):
        return Js(str(x).lower(), kind=BOOLEAN)
    if isinstance(x, (int, float)):
        if x != x or math.isinf(x):
            return Js("NaN" if x != x else "Infinity" if x > 0 else "-Infinity", ATOM if x != x or x > 0 else UNARY, NUMBER)
        text = repr(float(x) if isinstance(x, float) else int(x)).removesuffix(".0")
        text = re.sub(r"e([+-])0+", r"e\1", text).replace("e+", "e")
        return Js(text, UNARY if text.startswith("-") else ATOM, NUMBER)
    if isinstance(x, str):
        return Js('"' + x.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("<", "\\u003c") + '"', ATOM, TEXT)
    if isinstance(x, (tuple, list)):
        return Js(f"[{', '.join([literal(element).text for element in x])}]", kind=kind_of(x))
    raise Untranslatable(f"a constant of type {type(x).__name__}")


def binary(sign: ast.operator, left: Js, right: Js) -> Js:
    """left sign right; what Python raises for, a function of math.js computes."""
    if isinstance(sign, ast.Add) and is_list(left.kind) and is_list(right.kind):
        return display([spread(left), spread(right)])
    if isinstance(sign, ast.Mult) and (is_list(left.kind) or is_list(right.kind)):
        xs, count = (left, right) if is_list(left.kind) else (right, left)
        return called("python.repeat", [xs, count], xs.kind)
    known = sum(x.kind in (NUMBER, BOOLEAN) for x in (left, right))
    if known < {ast.Add: 1, ast.Mult: 2}.get(type(sign), 0):  # a number is added to a number, but may repeat a sequence
        return called("python.add" if isinstance(sign, ast.Add) else "python.multiply", [left, right], UNKNOWN)
    if isinstance(sign, ast.Div) and re.fullmatch(r"-?[\d.]*[1-9][\d.]*(e-?\d+)?", right.constant or right.text):
        return Js(f"{left.inside(PRODUCT)} / {right.inside(PRODUCT + 1)}", PRODUCT, NUMBER)
    if type(sign) in CALLED:
        return called(CALLED[type(sign)], [left, right])
    if type(sign) not in ARITHMETIC:
        raise Untranslatable(f"the operator {type(sign).__name__}")
    text, precedence = ARITHMETIC[type(sign)]
    written = right.inside(precedence + 1)
    return Js(f"{left.inside(precedence)} {text} {f'({written})' if written.startswith('-') else written}", precedence, NUMBER)


def unary(sign: ast.unaryop, operand: Js) -> Js:
    """sign operand."""
    if isinstance(sign, ast.UAdd):
        return operand
    if not isinstance(sign, ast.USub):
        raise Untranslatable(f"the operator {type(sign).__name__}")
    written = operand.inside(UNARY)
    return Js(f"-({written})" if written.startswith("-") else f"-{written}", UNARY, NUMBER)


def called(name: str, arguments: Iterable[Js], kind: str = NUMBER) -> Js:
    return Js(f"{name}({', '.join([argument.text for argument in arguments])})", CALL, kind)


def arrow(parameters: str, body: Js) -> Js:
    text = f"({body.text})" if body.text.startswith("{") else body.text
    return Js(f"({parameters}) => {text}", ARROW, f"{FUNCTION} {body.kind}")


def record(parts: Mapping[str, Js]) -> Js:
    written = [name if part.text == name else f"{name}: {part.text}" for name, part in parts.items()]
    return Js(f"{{ {', '.join(written)} }}" if written else "{}")


def display(elements: Iterable[Js]) -> Js:
    elements = list(elements)
    return Js(f"[{', '.join([e.text for e in elements])}]", ATOM, f"[{join([e.kind for e in elements])}]")


def spread(xs: Js) -> Js:
    """The elements of xs, in a call or in a display."""
    is_display = xs.precedence == ATOM and xs.text.startswith("[")
    return Js(xs.text[1:-1] if is_display else f"...{xs.inside(CHOICE)}", ARROW, element(xs.kind))


def choice(condition: Js, a: Js, b: Js) -> Js:
    """condition ? a : b."""
    return Js(f"{condition.inside(OR)} ? {a.inside(OR)} : {b.inside(CHOICE)}", CHOICE, join([a.kind, b.kind]))


def wrapped(line: str) -> list[str]:
    """A long list over several lines."""
    if len(line) < 121:
        return [line]
    head, inner = line.split("[", 1)
    inner, end = inner.rsplit("]", 1)
    return [f"{head}[", *[f"  {part}" for part in textwrap.wrap(inner, 116)], f"]{end}"]


def truth(x: Js) -> Js:
    """x as a condition: 0 is false in Python, and so is an empty sequence, but not NaN."""
    if x.kind == BOOLEAN:
        return x
    if x.kind == NUMBER:
        return Js(f"{x.inside(EQUALITY + 1)} !== 0", EQUALITY, BOOLEAN)
    if is_list(x.kind):
        return Js(f"{x.inside(CALL)}.length > 0", RELATION, BOOLEAN)
    return called("python.truth", [x], BOOLEAN)


def copied(x: Js) -> Js:
    fresh = not re.fullmatch(r"\w+", x.text)
    return x if fresh else Js(f"[...{x.text}]", ATOM, x.kind if is_list(x.kind) else f"[{UNKNOWN}]")
