"""A lesson as cells of a notebook: its `main` unrolled, a step a cell, with text between.

The body of `main` becomes cells, cut where the gallery's steps end. A call `f(page, ...)` of a function that speaks on the page
becomes the cells of its body, if the names in it clash with none around it; else f is defined and called. Docstrings are headings,
comments before a step and paragraphs without a number in them are text. Helpers are defined before the step that uses them.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from demos.listings import Program, assigned, is_docstring, shows

__all__ = ["Cell", "cells_of"]

Function = ast.FunctionDef
SCOPES = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
CONDITIONAL = (ast.IfExp, ast.BoolOp, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Cell(NamedTuple):
    """Text, or statements."""

    is_code: bool
    text: str


STEP = Cell(True, "")  # here a step ends


def cells_of(source: str) -> list[Cell]:
    """The cells of a lesson: they need `page`, and leave what `main` returns as `outcome`."""
    unroller = _Unroller(Program(source))
    return list(_merged(unroller.cells()))


class _Unroller:
    def __init__(self, program: Program) -> None:
        self.program, self.defined = program, set[str]()
        constants = {name for node in program.tree.body if not isinstance(node, SCOPES) for name in assigned(node)}
        self.public = set(program.definitions) | constants

    def cells(self) -> Iterator[Cell]:
        program, main = self.program, self.program.speakers.get("main")
        for ranges in (program.imports, program.beginning):
            if ranges:
                yield Cell(True, "\n".join(program.text(*lines) for lines in ranges))
                yield STEP
        yield from self._helpers(program.beginning)
        if main is not None and self._is_straight(main, set()):
            yield from self._body(main, "outcome", {*map(_name, main.args.args)})
        else:
            yield from self._definition("main")
            yield Cell(True, "outcome = main(page)")

    def _helpers(self, ranges: Sequence[tuple[int, int]]) -> Iterator[Cell]:
        """The definitions that these lines need, once each."""
        for name in reversed(self.program.helpers(ranges)):
            yield from self._definition(name)

    def _definition(self, name: str) -> Iterator[Cell]:
        """A definition after those that it needs, of functions that speak too."""
        if name in self.defined:
            return
        self.defined.add(name)
        lines = self.program.lines_of(name)
        used = {x.id for x in ast.walk(self.program.definitions[name]) if isinstance(x, ast.Name)}
        for other in self.program.definitions:
            if other in used:
                yield from self._definition(other)
        yield Cell(True, self.program.text(*lines))

    def _body(self, function: Function, result: str, around: set[str]) -> Iterator[Cell]:
        """The statements of a function as cells; what it returns gets the name `result`."""
        yield from _heading(function)
        around = around | _local(function)
        end = function.body[0].lineno - 1
        for statement in function.body:
            assert statement.end_lineno is not None
            first, end = end + 1, statement.end_lineno
            if is_docstring(statement):
                continue
            text = textwrap.dedent(self.program.text(first, end)).strip("\n")
            comment, text = _comment_before(text)
            if comment:
                yield Cell(False, comment)
            said = _said(statement)
            if said:
                yield Cell(False, said)
                continue
            yield from self._helpers([(statement.lineno, end)])
            for call in self._calls(statement, text):
                name, function = f"{_called(call)}_found", self.program.speakers[_called(call)]
                text = text.replace(self._text(call), name)
                if self._fits(call, around):
                    yield from self._parameters(call)
                    yield from self._body(function, name, around)
                else:
                    yield from _heading(function)
                    yield from self._definition(function.name)
                    yield Cell(True, self._text(call) if isinstance(statement, ast.Expr) else f"{name} = {self._text(call)}")
                yield STEP
            for other in self.program.speakers:
                if re.search(rf"\b{other}\(", text):
                    yield from self._definition(other)
            if isinstance(statement, ast.Return):
                text = re.sub(r"^return\b", f"{result} =", text)
            if not re.fullmatch(r"\w+_found", text):
                yield Cell(True, text)
            if shows(statement):
                yield STEP

    def _parameters(self, call: ast.Call) -> Iterator[Cell]:
        """The values of what a function takes, but where a name has its own value."""
        names = map(_name, self.program.speakers[_called(call)].args.args)
        values = [ast.unparse(argument) for argument in call.args]
        lines = [f"{name} = {value}" for name, value in zip(names, values, strict=True) if name != value]
        if lines:
            yield Cell(True, "\n".join(lines))

    def _calls(self, statement: ast.stmt, text: str) -> list[ast.Call]:
        """The calls in a statement that can be made before it, in their order: all of those that speak, or none."""
        calls = [x for x in ast.walk(statement) if isinstance(x, ast.Call) and _called(x) in self.program.speakers]
        hidden = {id(x) for node in ast.walk(statement) if isinstance(node, CONDITIONAL) for x in ast.walk(node)}
        can = isinstance(statement, ast.Expr | ast.Assign | ast.Return) and all(
            id(call) not in hidden and text.count(self._text(call)) == 1 and self._uses(_called(call)) == 1 for call in calls
        )
        return sorted(calls, key=lambda call: (call.lineno, call.col_offset)) if can else []

    def _text(self, node: ast.expr) -> str:
        """The source of an expression, as it is in a cell."""
        code = ast.get_source_segment(self.program.source, node) or ""
        return textwrap.dedent(" " * node.col_offset + code).strip()

    def _uses(self, name: str) -> int:
        return sum(isinstance(x, ast.Name) and x.id == name for x in ast.walk(self.program.tree))

    def _fits(self, call: ast.Call, around: set[str]) -> bool:
        """True if the body of what is called may be in the place of the call: no name in it has another meaning here."""
        function = self.program.speakers[_called(call)]
        if call.keywords or len(call.args) != len(function.args.args):
            return False
        new = {_name(name) for name, x in zip(function.args.args, call.args, strict=True) if ast.unparse(x) != _name(name)}
        return not new & around and self._is_straight(function, around)

    def _is_straight(self, function: Function, around: set[str]) -> bool:
        """True if nothing in it returns early, and its names mean nothing else here."""
        nested = {
            id(x) for node in ast.walk(function) if isinstance(node, Function) and node is not function for x in ast.walk(node)
        }
        early = [x for x in ast.walk(function) if isinstance(x, ast.Return) and x is not function.body[-1] and id(x) not in nested]
        arguments = function.args
        plain = not (arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults)
        local = _local(function)
        names = {*map(_name, arguments.args)}
        shared = local & around
        return plain and not early and not shared and not (local | names) & (self.public - {"main"})


def _merged(cells: Iterator[Cell]) -> Iterator[Cell]:
    """The cells; the statements of a step are one cell, after the definitions that they need."""
    waiting = ""
    for cell in cells:
        if cell.is_code and re.match(r"(@|def |class )", cell.text):
            yield cell
        elif cell.is_code and cell.text:
            waiting = f"{waiting}\n{cell.text}" if waiting else cell.text
        else:
            if waiting:
                yield Cell(True, waiting)
            waiting = ""
            if cell.text:
                yield cell
    if waiting:
        yield Cell(True, waiting)


def _heading(function: Function) -> Iterator[Cell]:
    """The first paragraph of its docstring; a step ends before it."""
    doc = (ast.get_docstring(function) or "").partition("\n\n")[0]
    yield Cell(False, f"## {_in_markdown(' '.join(doc.split()).rstrip('.'))}") if doc else STEP


def _local(function: Function) -> set[str]:
    """The names that the function's own statements give a value to; those within a comprehension are its own."""
    found, waiting = set[str](), list[ast.AST](function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if not isinstance(node, SCOPES):
            waiting += ast.iter_child_nodes(node)
    return found


def _name(argument: ast.arg) -> str:
    return argument.arg


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _said(statement: ast.stmt) -> str:
    """The text of `page.say("...")` that has no field, as Markdown; else ""."""
    match statement:
        case ast.Expr(
            ast.Call(func=ast.Attribute(value=ast.Name(id="page"), attr="say"), args=[ast.Constant(value=str(text))], keywords=[])
        ):
            paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text.strip())]
            return "\n\n".join(map(_in_markdown, paragraphs))
    return ""


def _in_markdown(text: str) -> str:
    """The text with a backslash before what Markdown would read, but in code."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if place % 2 else re.sub(r"[*_<$\[\]|#\\]", r"\\\g<0>", part) for place, part in enumerate(parts))


def _comment_before(text: str) -> tuple[str, str]:
    """The lines of comment with which the text begins, as a paragraph, and the rest."""
    lines = text.splitlines()
    count = next((n for n, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    comment = " ".join(line.removeprefix("#").strip() for line in lines[:count] if line.strip())
    return _in_markdown(comment), "\n".join(lines[count:])
