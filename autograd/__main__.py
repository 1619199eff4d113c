"""The command line: an expression and its numbers in; its value, its gradients, and how the chain rule finds them out.

    python -m autograd "relu(a*b + c)" a=2 b=-3 c=10
    python -m autograd "d = a*b; d + sin(d)" a=0.5 b=2 --latex - --python steps.py

The expression is read, never executed: numbers, names, + - * / **, comparisons inside `where`, and the operations of the
table, nothing else. What cannot be read is pointed at. Exit codes: 0 all is well, 1 the mathematics or the drawing failed,
2 the command was not understood.
"""

from __future__ import annotations

import argparse
import ast
import functools
import keyword
import math
import os
import re
import sys
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, TextIO

from autograd import chains, files
from autograd.errors import AutogradError
from autograd.ops import TABLE
from autograd.show.explanation import explain
from autograd.show.tape import record
from autograd.text.formula import to_latex, to_text
from autograd.text.numbers import short
from autograd.text.programs import to_python
from autograd.text.tables import aligned, columns
from autograd.text.terminal import has, plain, say
from autograd.value import Value, toposort

FAILED, MISUSED = 1, 2  # exit codes
LONGEST = 10_000  # characters of an expression
AROUND = 50  # characters on either side of a mistake that are shown
DEEPEST = 100  # brackets and calls inside each other
LARGEST = 60  # nodes of a graph that is explained without being asked
CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan}
OPERATORS: Mapping[type, str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.USub: "neg",
}  # fmt: skip
RELATIONS: Mapping[type, Callable[[Any, Any], bool]] = {
    ast.Lt: lambda a, b: a < b, ast.LtE: lambda a, b: a <= b, ast.Gt: lambda a, b: a > b, ast.GtE: lambda a, b: a >= b,
}  # fmt: skip


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
        """The last statement's value; those before it give names: `d = a*b; d + sin(d)`."""
        if len(self.source) > LONGEST:
            raise Refusal(
                f"the expression has {len(self.source)} characters; the command line takes {LONGEST}, write a program instead"
            )
        statements = self._statements()
        if not statements or not isinstance(statements[-1], ast.Expr):
            raise Refusal(
                "the expression has no value; end it with a formula, such as a*b + c", self.source or " ", len(self.source)
            )
        for statement in statements[:-1]:
            self._name(statement)
        return self.evaluate(statements[-1].value, DEEPEST)

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
            raise Refusal(f"the expression cannot be read: {error.msg}", self.source or " ", column) from None
        except RecursionError:
            problem = f"more than {DEEPEST} brackets inside each other; name parts in front: d = a*b; d + 1"
            raise Refusal(f"the expression cannot be read: {problem}") from None

    def _name(self, statement: ast.stmt) -> None:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1 or not isinstance(statement.targets[0], ast.Name):
            self.refuse(statement, "only assignments may precede a semicolon, for example d = a*b")
        name = statement.targets[0].id
        value = self.evaluate(statement.value, DEEPEST)
        if isinstance(value, Value) and not value.label:
            value.label = name
        self.variables[name] = value
        self.used.add(name)

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
                self.refuse(node, "only numbers, names, + - * / **, and the operations of the table are understood")

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
                self.refuse(link, "only numbers, names, + - * / **, and the operations of the table are understood")
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
            name = node.func.id if isinstance(node.func, ast.Name) else "this"
            self.refuse(node, f"{name} is no operation of the table; python -m autograd --help lists them")
        row = TABLE[node.func.id]
        arguments = [self.evaluate(argument, depth) for argument in node.args]
        parameters = {}
        for named in node.keywords:
            if named.arg is None:
                self.refuse(named, "stars are not understood; write the operands")
            value = self.evaluate(named.value, depth)
            parameters[named.arg] = int(value) if isinstance(value, float) and value.is_integer() else value
        return self.computed(node, lambda: row(*arguments, **parameters))

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
    if not isinstance(root, Value):
        raise Refusal("the expression is not one number; choose one, softmax([a, b], k=0), or take their sum", reader.source, 0)
    return root


# ---------------------------------------------------------------------------------------------------------------------- output


def report(root: Value, leaves: Mapping[str, Value], *, brief: bool, heading: Callable[[str], str]) -> Iterator[str]:
    """What is printed, line by line."""
    short = len(toposort(root)) <= LARGEST
    formula = to_text(root) if short else root.label or "the expression"
    yield f"{formula} = {root.data!r}"
    yield ""
    yield heading("gradients")
    yield from aligned([(name, f"= {leaf.data!r}  ", f"∂/∂{name}", f"= {leaf.grad!r}") for name, leaf in leaves.items()], " ")
    if brief or not short:
        return
    yield ""
    yield heading("tape")
    yield str(record(root).table())
    for leaf in leaves.values():
        first, _, rest = str(explain(root, leaf)).partition("\n")
        yield ""
        yield heading(first)
        yield rest


def colourful(stream: TextIO) -> bool:
    """Return whether to write in bold: on a terminal, unless NO_COLOR is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write(text: str, path: str) -> None:
    """Into the file, making the folders above it, or for - onto the screen."""
    if path == "-":
        say(text)
    else:
        files.write(path, text + "\n" * (not text.endswith("\n")))


def write_svg(root: Value, path: str) -> None:
    from autograd.show.drawing import draw

    write(draw(root).svg(), path)


def write_html(root: Value, path: str) -> None:
    from autograd.page import to_html

    if path == "-":
        raise Refusal("a page is too long for the screen; give --html a file")
    to_html(root, path)


WRITERS: Mapping[str, tuple[Callable[[Value, str], None], str]] = {
    "svg": (write_svg, "the picture"),
    "html": (write_html, "the page to play with"),
    "latex": (lambda root, path: write(to_latex(root), path), "the formula in LaTeX"),
    "python": (lambda root, path: write(to_python(root), path), "backpropagation written out as a program"),
}


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(
        prog="python -m autograd",
        description="The value and the gradients of an expression, and how the chain rule finds them.",
        epilog=f"Operations: {', '.join(TABLE)}. Constants: {', '.join(CONSTANTS)}.",
    )
    arguments.add_argument("expression", help='such as "relu(a*b + c)", or "d = a*b; d + sin(d)"')
    arguments.add_argument("numbers", nargs="*", metavar="name=number", help="the value of each name, such as a=2 b=-3")
    for name, (_, what) in WRITERS.items():
        arguments.add_argument(f"--{name}", metavar="FILE", help=f"write {what} to FILE" + (" (- prints it)" * (name != "html")))
    arguments.add_argument("--brief", action="store_true", help="print the value and the gradients alone")
    return arguments


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is returned."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # A formula may begin with a minus: a blank before it distinguishes it from an option.
    given = [argument if re.match(r"(?!-)|-$|-h$|--$|--[a-z]{3}", argument) else f" {argument}" for argument in given]
    options = parser().parse_intermixed_args(given)
    try:
        leaves = assigned(options.numbers)
        root = graph(options.expression, leaves)
        if not root.label and "y" not in leaves:
            root.label = "y"
        root.backward()
        bold = colourful(sys.stdout)
        for line in report(root, leaves, brief=options.brief, heading=lambda title: f"\x1b[1m{title}\x1b[0m" if bold else title):
            say(line)
        for name, (writer, _) in WRITERS.items():
            if getattr(options, name) is not None:
                writer(root, getattr(options, name))
    except Refusal as refusal:
        say(refusal.shown(sys.stderr.encoding or "utf-8"), sys.stderr)
        return refusal.code
    except BrokenPipeError:  # whoever reads has seen enough, as head has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (AutogradError, OSError) as error:
        say(f"error: {error}", sys.stderr)
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
