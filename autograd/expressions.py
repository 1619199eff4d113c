"""Expressions as text, read into graphs: what the command line and documents take, `L = (a*b + c)*f` with its numbers.

    >>> from autograd.value import Value
    >>> graph("L = a*b + c", {"a": Value(2.0, "a"), "b": Value(-3.0, "b"), "c": Value(10.0, "c")})
    Value(data=4.0, grad=0.0)

The text is read, never executed: numbers, names, + - * / **, comparisons inside `where`, and the operations of the table, nothing
else. What cannot be read is a `Refusal`, which points at its place and says what to write.
"""

from __future__ import annotations

import ast
import difflib
import functools
import keyword
import math
import re
import unicodedata
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from autograd import chains
from autograd.errors import AutogradError
from autograd.ops import TABLE
from autograd.table import NUMPY
from autograd.text.numbers import short
from autograd.text.tables import columns
from autograd.text.terminal import has, plain
from autograd.value import Value

__all__ = ["CONSTANTS", "FAILED", "MISUSED", "Boxes", "Refusal", "assigned", "boxes_of", "graph", "result"]

Boxes = dict[Value, str]
"""The box that each leaf is drawn in, for a picture's `fold=`."""

FAILED, MISUSED = 1, 2  # exit codes
LONGEST = 10_000  # characters of an expression
AROUND = 50  # characters on either side of a mistake that are shown
DEEPEST = 100  # brackets and calls inside each other
CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan}
OPERATORS: Mapping[type, str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.USub: "neg",
}  # fmt: skip
RELATIONS: Mapping[type, Callable[[Any, Any], bool]] = {
    ast.Lt: lambda a, b: a < b, ast.LtE: lambda a, b: a <= b, ast.Gt: lambda a, b: a > b, ast.GtE: lambda a, b: a >= b,
}  # fmt: skip
SIGNS = {"×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "−": "-", "–": "-", "²": "**2", "³": "**3", "√": "sqrt(...)"}
"""What is written for signs of the books."""


class Refusal(Exception):
    """What could not be read or computed, its place in the expression, and the exit code."""

    def __init__(self, message: str, source: str = "", column: int = 0, code: int = MISUSED) -> None:
        super().__init__(message)
        self.source, self.column, self.code = source, column, code

    def shown(self, encoding: str) -> str:
        """The message, and where there is a source, that part of it which the caret below points at."""
        message = f"error: {self}"
        if not self.source:
            return message
        start, end = max(0, self.column - AROUND), self.column + AROUND
        before = "…" * (start > 0) + self.source[start : self.column]
        after = self.source[self.column : end] + "…" * (end < len(self.source))
        if not has(encoding, f"{message}{before}{after}"):  # letters that are spelt out move the caret
            message, before, after = [plain(part, encoding) for part in (message, before, after)]
        return f"{message}\n  {before}{after}\n  {' ' * columns(before)}^"


class Reader:
    """An expression turned into a graph, node by node of its syntax; only what is listed here is understood."""

    def __init__(self, source: str, variables: Mapping[str, Any]) -> None:
        self.source = re.sub(r"\s", " ", source).strip()  # on one line, where a column is a column
        self.variables = dict(variables)
        self.used: set[str] = set()

    def read(self) -> Any:
        """The last statement's value; assignments give names: `d = a*b; L = d + sin(d)`."""
        if len(self.source) > LONGEST:
            raise Refusal(
                f"the expression has {len(self.source)} characters; the command line takes {LONGEST}, write a program instead"
            )
        statements = self._statements()
        if not statements or not isinstance(statements[-1], ast.Expr | ast.Assign):
            raise Refusal(
                "the expression has no value; end it with a formula, such as a*b + c", self.source or " ", len(self.source)
            )
        for statement in statements[:-1]:
            self._name(statement)
        last = statements[-1]
        return self.evaluate(last.value, DEEPEST) if isinstance(last, ast.Expr) else self._name(last)

    def _statements(self) -> list[ast.stmt]:
        for character in self.source:
            if character == "\0" or "\ud800" <= character <= "\udfff":
                raise Refusal(f"the expression cannot be read: {character!a} is no character of a text; leave it out")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # 1if is odd, and refused below
                try:
                    return ast.parse(self.source).body
                except (RecursionError, MemoryError):
                    return chains.statements(self.source)
        except SyntaxError as error:
            column = max(0, min((error.offset or 1) - 1, len(self.source)))
            raise Refusal(f"the expression cannot be read: {self._cure(error.msg, column)}", self.source or " ", column) from None
        except RecursionError:
            problem = f"more than {DEEPEST} brackets inside each other; name parts in front: d = a*b; d + 1"
            raise Refusal(f"the expression cannot be read: {problem}") from None

    def _cure(self, message: str, column: int) -> str:
        """Python's message on what it cannot read; where one can guess what was meant, what to write instead."""
        before, after = self.source[:column].rstrip(), self.source[column:]
        if (sign := after[:1]) in SIGNS:
            return f"{sign} is written {SIGNS[sign]}"
        if message.startswith("cannot assign"):
            return "only a name may precede =, for example L = a*b"
        if after.startswith("|"):
            return "the absolute value is written abs(a)"
        number = re.search(r"\d[\d.]*$", before + after[:1] if after[:1].isdecimal() else before)
        name = re.match(r"\w+", self.source[number.end() :]) if number else re.match(r"\w+", after)
        if number and name and name[0][0].isalpha():
            return f"a product is written with *: {number[0]}*{name[0]}"
        word = re.search(r"\w+$", before)
        if name and word and word[0] in TABLE:
            return f"operands are written in brackets: {word[0]}({name[0]})"
        if name and re.search(r"[\w)]$", before):
            return f"an operation is missing before {name[0]}; a product is written with *"
        return message

    def _name(self, statement: ast.stmt) -> Any:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1 or not isinstance(statement.targets[0], ast.Name):
            self.refuse(statement, "only assignments may precede a semicolon, for example d = a*b")
        name = statement.targets[0].id
        value = self.evaluate(statement.value, DEEPEST)
        if isinstance(value, Value) and not value.label:
            value.label = name
        self.variables[name] = value
        self.used.add(name)
        return value

    def column(self, node: ast.AST) -> int:
        """Where the syntax begins, in characters; Python counts bytes."""
        return len(self.source.encode()[: getattr(node, "col_offset", 0)].decode(errors="ignore"))

    def refuse(self, node: ast.AST, message: str, code: int = MISUSED) -> NoReturn:
        raise Refusal(message, self.source, self.column(node), code)

    def evaluate(self, node: ast.expr, depth: int) -> Any:
        """A node, a float, a list of them, or the truth of a comparison."""
        if isinstance(node, ast.BinOp) and isinstance(node.left, ast.BinOp):
            return self._chain(node, depth)
        if depth == 0:
            self.refuse(node, f"more than {DEEPEST} brackets inside each other; name parts in front: d = a*b; d + 1")
        match node:
            case ast.Constant(value=int() | float() as x) if not isinstance(x, bool):
                return self.computed(node, lambda: TABLE["identity"](x))
            case ast.Constant(value=bool() as truth):
                return truth
            case ast.Name():
                return self.named(node)
            case ast.BinOp(op=operator) if type(operator) in OPERATORS:
                pair = (self.number(node.left, depth), self.number(node.right, depth))
                return self.computed(node, lambda: TABLE[OPERATORS[type(operator)]](*pair))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.number(node.operand, depth - 1)
            case ast.UnaryOp(op=ast.USub()):
                x = self.number(node.operand, depth - 1)
                return self.computed(node, lambda: TABLE["neg"](x))
            case ast.Compare(left=left, ops=[relation], comparators=[right]) if type(relation) in RELATIONS:
                return RELATIONS[type(relation)](self.number(left, depth - 1), self.number(right, depth - 1))
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return [self.number(element, depth - 1) for element in elements]
            case ast.Call():
                return self.call(node, depth - 1)
            case _:
                self.refuse(node, self._understood(node))

    def _understood(self, node: ast.AST) -> str:
        """What is understood, or what to write for a sign of other languages."""
        match node:
            case ast.BinOp(op=ast.BitXor()):
                return f"the power is written **: {self.source.replace('^', '**') if len(self.source) <= AROUND else 'a**2'}"
            case ast.Constant(value=complex() as x):
                return f"a product is written with *: {x.imag:g}*j"
            case ast.Attribute(value=owner, attr=attr) if attr in TABLE:
                return f"operands are written in brackets: {attr}({ast.unparse(owner)})"
        return "only numbers, names, + - * / **, and the operations of the table are understood"

    def _chain(self, node: ast.BinOp, depth: int) -> Any:
        """a + b + c + ..., however long."""
        links: list[ast.BinOp] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp):
            links.append(first)
            first = first.left
        total = self.number(first, depth - 1)
        for link in reversed(links):
            operation = OPERATORS.get(type(link.op))
            if operation is None:
                self.refuse(link, self._understood(link))
            pair = (total, self.number(link.right, depth - 1))
            total = self.computed(link, functools.partial(TABLE[operation], *pair))
        return total

    def number(self, node: ast.expr, depth: int) -> Any:
        value = self.evaluate(node, depth)
        if isinstance(value, bool) or not isinstance(value, Value | float):
            self.refuse(node, "a number is needed here; a list belongs inside sum, mean or dot, a comparison inside where")
        return value

    def named(self, node: ast.Name) -> Any:
        if node.id in self.variables:
            self.used.add(node.id)
            return self.variables[node.id]
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        if node.id in TABLE:
            self.refuse(node, f"{node.id} is an operation; give it operands, {node.id}({', '.join(TABLE[node.id].operands)})")
        self.refuse(node, f"{node.id} has no value; give it one after the expression: {node.id}=2")

    def call(self, node: ast.Call, depth: int) -> Any:
        if not isinstance(node.func, ast.Name) or node.func.id not in TABLE:
            self.refuse(node, self._no_operation(node))
        row = TABLE[node.func.id]
        arguments = [self.evaluate(argument, depth) for argument in node.args]
        parameters = {}
        for named in node.keywords:
            if named.arg is None:
                self.refuse(named, "stars are not understood; write the operands")
            value = self.evaluate(named.value, depth)
            parameters[named.arg] = int(value) if isinstance(value, float) and value.is_integer() else value
        return self.computed(node, lambda: row(*arguments, **parameters))

    def _no_operation(self, call: ast.Call) -> str:
        """What to write for a call of what is no operation: x.tanh(), math.sin(x), arctan(x), 2(a + b)."""
        written = ", ".join(map(ast.unparse, call.args))
        match call.func:
            case ast.Attribute(value=owner, attr=attr):
                name = attr
                if isinstance(owner, ast.Name) and owner.id not in self.variables:  # a module
                    operands = written
                else:
                    operands = ", ".join(filter(None, [ast.unparse(owner), written]))
            case ast.Name(id=name) if name not in self.variables:
                operands = written
            case ast.Name() | ast.Constant() | ast.BinOp() if len(call.args) == 1:
                return f"a product is written with *: {ast.unparse(ast.BinOp(call.func, ast.Mult(), call.args[0]))}"
            case _:
                return "this is no operation of the table; python -m autograd --help lists them"
        near = [name] if name in TABLE else [row.__name__ for row in [NUMPY.get(name)] if row]
        near = near or ["log"] * (name == "ln") or difflib.get_close_matches(name, TABLE, 1)
        cure = f"write {near[0]}({operands})" if near else "python -m autograd --help lists them"
        return f"{ast.unparse(call.func)} is no operation of the table; {cure}"

    def computed(self, node: ast.AST, operation: Callable[[], Any]) -> Any:
        """The result; where the mathematics refuses, its message, pointing at the operation."""
        try:
            return operation()
        except (AutogradError, TypeError, IndexError) as error:
            self.refuse(node, str(error), MISUSED if isinstance(error, TypeError | IndexError) else FAILED)


def assigned(arguments: Sequence[str]) -> dict[str, Value]:
    """Leaves from `name=number`, with the name as label; a number may be written 1e-3, pi/2 or -inf."""
    leaves: dict[str, Value] = {}
    for argument in arguments:
        name, equals, written = argument.partition("=")
        name = unicodedata.normalize("NFKC", name.strip())  # as the names of the expression are read
        if not equals or not name.isidentifier():
            raise Refusal("after the expression come its numbers, written name=number", argument, 0)
        if keyword.iskeyword(name):
            raise Refusal(
                f"{name} is a word of Python's, which no expression can name; choose another, such as {name}_", argument, 0
            )
        if name in leaves:
            raise Refusal(f"{name} is given twice", argument, 0)
        leaves[name] = Value(_number_of(name, written, argument), name)
    return leaves


def _number_of(name: str, written: str, argument: str) -> float:
    start = len(argument) - len(written.lstrip())
    try:
        x = Reader(written, {}).read()
    except Refusal as refusal:
        if refusal.code == FAILED:  # log(-1)
            raise Refusal(str(refusal), argument, start + refusal.column, FAILED) from None
        x, start = None, start + refusal.column
    if not isinstance(x, float):
        raise Refusal(f"{name} needs a number, such as {name}=2, {name}=1e-3 or {name}=pi/2", argument, start)
    return x


def graph(source: str, leaves: Mapping[str, Value]) -> Value:
    """The root of the expression over these leaves."""
    reader = Reader(source, leaves)
    root = reader.read()
    unused = [name for name in leaves if name not in reader.used]
    if unused:
        raise Refusal(
            f"{unused[0]} does not occur in the expression {reader.source}", f"{unused[0]}={short(leaves[unused[0]].data)}"
        )
    if isinstance(root, float):
        raise Refusal("the expression is a constant; a derivative needs a name: a*2 with a=3", reader.source, 0)
    if isinstance(root, bool):
        cure = "inside where it chooses between two numbers: where(a < b, a, 2*b)"
        raise Refusal(f"the expression is true or false, and has no derivative; {cure}", reader.source, 0)
    if not isinstance(root, Value):
        raise Refusal("the expression is not one number; choose one, softmax([a, b], k=0), or take their sum", reader.source, 0)
    return root


def result(source: str, numbers: Sequence[str]) -> tuple[Value, dict[str, Value], str]:
    """The root after `backward`, its leaves, and its name in the expression; a root without a name is labelled y."""
    leaves = assigned(numbers)
    root = graph(source, leaves)
    name = root.label
    if not name and "y" not in leaves:
        root.label = "y"
    root.backward()
    return root, leaves, name


def boxes_of(given: Sequence[str], leaves: Mapping[str, Value]) -> Boxes:
    """The box of each leaf, from texts such as neuron=w,b."""
    boxes: Boxes = {}
    for text in given:
        box, equals, names = text.strip().partition("=")
        members = [name.strip() for name in names.split(",")]
        unknown = next((name for name in members if name not in leaves), None)
        if not (box and equals) or unknown is not None:
            raise Refusal(f"a fold is written box=name,name with names of the expression: {', '.join(leaves)}", text, len(box) + 1)
        boxes.update({leaves[name]: box for name in members})
    return boxes
