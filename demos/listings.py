"""A lesson's file as steps: pieces of its functions, each with what it shows, for the gallery and the notebooks.

A function that takes the page speaks on it. Its body is cut after each statement that shows something, a table, a picture, a
listing; what it says before belongs to what is shown. A function that does not speak is a helper: it is beside the first step
that uses it.

    >>> program = Program('A = 1\\n\\n\\ndef main(page):\\n    page.say("one")\\n    page.table([], [])\\n    page.say("two")\\n')
    >>> [(step.function, step.first, step.last) for step in program.steps]
    [('main', 4, 6), ('main', 7, 7)]
"""

from __future__ import annotations

import ast
import bisect
import io
import keyword
import re
import tokenize
from collections.abc import Iterable, Iterator
from functools import cached_property
from html import escape
from typing import NamedTuple

__all__ = ["Program", "Step", "is_docstring", "is_spoken", "shows"]

SAYS = {"say", "formula", "progress", "wants"}  # methods of a page after which a step goes on
LONGEST = 44  # characters of a paragraph in the code of a step, which is beside the paragraph itself
Statement = ast.stmt
Function = ast.FunctionDef


class Step(NamedTuple):
    """Lines of a function, from its first statement that belongs to the step to the last."""

    function: str
    first: int
    last: int
    doc: str  # the first sentence of the function's docstring, at its first step


class Program:
    """The source of a lesson, read once."""

    def __init__(self, source: str) -> None:
        self.source, self.tree = source, ast.parse(source)
        self.definitions = {node.name: node for node in self.tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}

    @cached_property
    def speakers(self) -> dict[str, Function]:
        """The functions that show something on the page they take."""
        functions = {name: node for name, node in self.definitions.items() if isinstance(node, Function)}
        return {name: node for name, node in functions.items() if name != "answer" and any(map(is_spoken, node.body))}

    @cached_property
    def steps(self) -> list[Step]:
        """The steps of all functions that speak, in the order of the file."""
        return [step for function in self.speakers.values() for step in _steps_of(function)]

    def step_at(self, line: int) -> Step | None:
        """The step in which a line is."""
        place = bisect.bisect_right([step.first for step in self.steps], line) - 1
        return self.steps[place] if place >= 0 and line <= self.steps[place].last else None

    @property
    def beginning(self) -> list[tuple[int, int]]:
        """The lines of the constants: what is neither docstring, import, experiment nor definition."""
        return [_lines_of(node) for node in self.tree.body if not is_docstring(node) and not self._is_apart(node)]

    def _is_apart(self, node: Statement) -> bool:
        return isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef) or "TRY" in assigned(node)

    @property
    def imports(self) -> list[tuple[int, int]]:
        """The lines of the imports."""
        return [_lines_of(node) for node in self.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]

    def helpers(self, ranges: Iterable[tuple[int, int]]) -> list[str]:
        """The definitions that these lines use and that do not speak, and those that they use, in the order of use."""
        used, waiting = list[str](), [name for first, last in ranges for name in self._names(first, last)]
        while waiting:
            name = waiting.pop(0)
            if name in self.definitions and name not in self.speakers and name not in used:
                used.append(name)
                waiting += self._names(*_lines_of(self.definitions[name]))
        return used

    def _names(self, first: int, last: int) -> list[str]:
        names = (node for node in ast.walk(self.tree) if isinstance(node, ast.Name))
        return [node.id for node in sorted(names, key=lambda x: (x.lineno, x.col_offset)) if first <= node.lineno <= last]

    @cached_property
    def _lines(self) -> list[str]:
        return self.source.splitlines()

    def lines_of(self, name: str) -> tuple[int, int]:
        """The lines of a definition."""
        return _lines_of(self.definitions[name])

    def text(self, first: int, last: int) -> str:
        """These lines as they are in the file."""
        return "\n".join(self._lines[first - 1 : last])

    # -------------------------------------------------------------------------------------------------------------- as HTML

    def html(self, ranges: Iterable[tuple[int, int]]) -> str:
        """The lines, a blank line between two ranges: coloured, with what is said on the page cut short.

        Each line is an element, so that one that is too wide goes on further to the right than it began.
        """
        parts = ["".join(map(_line, self._coloured(first, last).splitlines())) for first, last in ranges]
        return _line("").join(parts)

    def _coloured(self, first: int, last: int) -> str:
        """The lines as HTML with a class for each kind of token; a text of several lines is coloured line by line."""
        out, row, column = list[str](), first, 0
        for (row_0, column_0), (row_1, column_1), kind, text in self._spans:
            if row_0 < first or row_1 > last:
                continue
            out.append(escape(self._between(row, column, row_0, column_0), quote=False))
            lines = (text if text is not None else self._between(row_0, column_0, row_1, column_1)).split("\n")
            out.append("\n".join(f'<span class="{kind}">{escape(line, quote=False)}</span>' for line in lines))
            row, column = row_1, column_1
        out.append(escape(self._between(row, column, last, len(self._lines[last - 1])), quote=False))
        return "".join(out)

    def _between(self, row: int, column: int, row_1: int, column_1: int) -> str:
        lines = self._lines[row - 1 : row_1]
        lines[-1] = lines[-1][:column_1]
        lines[0] = lines[0][column:]
        return "\n".join(lines)

    @cached_property
    def _spans(self) -> list[tuple[tuple[int, int], tuple[int, int], str, str | None]]:
        """Where something is coloured, how, and the text in its place if it is cut short."""
        spans = list[tuple[tuple[int, int], tuple[int, int], str, str | None]]()
        for token in tokenize.generate_tokens(io.StringIO(self.source).readline):
            kind = _kind(token)
            if kind:
                short = _short(token.string) if token.start in self._said else None
                spans.append((token.start, token.end, kind, short))
        return spans

    @cached_property
    def _said(self) -> set[tuple[int, int]]:
        """Where the texts begin that `page.say` gets."""
        calls = (node for node in ast.walk(self.tree) if isinstance(node, ast.Call) and _method(node) == "say" and node.args)
        texts = [x for call in calls for x in ast.walk(call.args[0]) if isinstance(x, ast.Constant) and isinstance(x.value, str)]
        bytes_before = ((x.lineno, self._lines[x.lineno - 1].encode()[: x.col_offset]) for x in texts)
        return {(line, len(before.decode())) for line, before in bytes_before}


def _steps_of(function: Function) -> Iterator[Step]:
    """Cut a function: after what shows something, and after a call of another function that speaks."""
    body = function.body[is_docstring(function.body[0]) :]
    doc = (ast.get_docstring(function) or "").partition("\n\n")[0].partition(". ")[0]
    ends = [statement for statement in body if shows(statement)]
    spoken = [statement for statement in body if is_spoken(statement)]
    if spoken and (not ends or spoken[-1] is not ends[-1]):
        ends.append(body[-1])
    else:
        ends[-1] = body[-1]  # what comes after the last, a return, belongs to it
    first = _lines_of(function)[0]
    for statement in ends:
        last = _lines_of(statement)[1]
        yield Step(function.name, first, last, " ".join(doc.split()).rstrip("."))
        first, doc = last + 1, ""


def is_docstring(statement: Statement) -> bool:
    """True for a text that is a statement."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str)


def is_spoken(statement: Statement) -> bool:
    """True if something in it writes on the page, or gives the page to a function."""
    return any(_method(call) not in (None, "wants", "progress") for call in _calls(statement)) or _gives_page(statement)


def shows(statement: Statement) -> bool:
    """True if it shows more than words: a table, a picture, a page; or gives the page to a function, which may."""
    return any(_method(call) not in (None, *SAYS) for call in _calls(statement)) or _gives_page(statement)


def _gives_page(statement: Statement) -> bool:
    return any(isinstance(x, ast.Name) and x.id == "page" for call in _calls(statement) for x in call.args)


def _calls(statement: Statement) -> list[ast.Call]:
    return [node for node in ast.walk(statement) if isinstance(node, ast.Call)]


def _method(call: ast.Call) -> str | None:
    """The method of the page that is called, if it is one."""
    function = call.func
    of_page = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "page"
    return function.attr if isinstance(function, ast.Attribute) and of_page else None


def assigned(node: ast.AST) -> set[str]:
    """The names that a statement, or a part of one, gives a value to."""
    return {x.id for x in ast.walk(node) if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Store)}


def _lines_of(node: ast.AST) -> tuple[int, int]:
    """The first and the last line of a statement, with its decorators."""
    assert isinstance(node, Statement)
    assert node.end_lineno is not None
    above = [each.lineno for each in getattr(node, "decorator_list", [])]
    return min([node.lineno, *above]), node.end_lineno


def _kind(token: tokenize.TokenInfo) -> str:
    """How a token is coloured, or ""."""
    if token.type == tokenize.NAME:
        return "keyword" if keyword.iskeyword(token.string) else ""
    return {tokenize.STRING: "string", tokenize.COMMENT: "comment", tokenize.NUMBER: "numeral"}.get(token.type, "")


def _short(literal: str) -> str:
    """The literal of a text, cut short, on one line."""
    text = " ".join(literal.strip("\"'").split())
    if len(text) <= LONGEST:
        return f'"{text}"'
    return f'"{text[:LONGEST].rpartition(" ")[0]} …"'


def _line(html: str) -> str:
    indent = len(html) - len(html.lstrip(" "))
    if not indent and html.startswith('<span class="string"> '):
        indent = len(re.sub("<[^>]*>", "", html)) - len(re.sub("<[^>]*>", "", html).lstrip(" "))
    return f'<span class="line" style="--indent: {indent}">{html}\n</span>'
