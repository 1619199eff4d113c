"""Expressions with chains that are too long for Python's own parser, read without recursion along the chain.

`ast.parse` recurses once for each + of x + x + ..., and gives up at about 3,000. `statements` gives the same syntax tree, by
precedence climbing: a chain is a loop, and only brackets recurse. It knows what the command line knows: assignments in front
of semicolons, + - * / ** and the comparisons, names, numbers, calls, lists and tuples.

    >>> (statement,) = statements("x - 2*y")
    >>> ast.unparse(statement)
    'x - 2 * y'
"""

from __future__ import annotations

import ast
import io
import tokenize
import unicodedata
from typing import Any

BINARY: dict[str, tuple[int, type[ast.operator]]] = {
    "+": (2, ast.Add), "-": (2, ast.Sub), "*": (3, ast.Mult), "/": (3, ast.Div), "**": (5, ast.Pow),
}  # fmt: skip
RELATIONS: dict[str, type[ast.cmpop]] = {"<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE}
RELATION, SIGN, POWER = 1, 4, 5  # how tightly they bind
SIGNS: dict[str, type[ast.unaryop]] = {"+": ast.UAdd, "-": ast.USub}
NAMES = {"True": True, "False": False, "None": None}


def statements(source: str) -> list[ast.stmt]:
    """The statements of the source; a SyntaxError where it is no such expression, a RecursionError for too many brackets."""
    return _Reader(source).statements()


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        lines = io.StringIO(source).readline
        try:
            tokens = [token for token in tokenize.generate_tokens(lines) if token.type not in (tokenize.NEWLINE, tokenize.NL)]
        except tokenize.TokenError as error:
            raise SyntaxError(error.args[0]) from None
        self.tokens = iter(tokens)
        self.token = next(self.tokens)

    def at(self, *texts: str) -> bool:
        return self.token.type == tokenize.OP and self.token.string in texts

    def taken(self) -> str:
        """The text of this token; go on to the next."""
        text = self.token.string
        self.token = next(self.tokens)
        return text

    def expect(self, text: str) -> None:
        if not self.at(text):
            self.refuse()
        self.taken()

    def refuse(self) -> Any:
        raise SyntaxError("invalid syntax", ("", 1, self.token.start[1] + 1, self.source))

    def place(self) -> dict[str, int]:
        """Where this token is, in bytes, as `ast` counts."""
        return {"lineno": 1, "col_offset": len(self.source[: self.token.start[1]].encode())}

    def statements(self) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        while self.token.type != tokenize.ENDMARKER:
            place = self.place()
            value = self.expression(RELATION)
            if isinstance(value, ast.Name) and self.at("="):
                self.taken()
                value.ctx = ast.Store()
                found.append(ast.Assign(targets=[value], value=self.expression(RELATION), type_comment=None, **place))
            else:
                found.append(ast.Expr(value=value, **place))
            if self.token.type != tokenize.ENDMARKER:
                self.expect(";")
        return found

    def expression(self, least: int) -> ast.expr:
        """The operators from here on that bind at least so tightly, with their operands."""
        place = self.place()
        left = self.signed()
        while self.token.type == tokenize.OP:
            text = self.token.string
            binds, kind = BINARY.get(text, (0, ast.Add))
            if text in RELATIONS and least <= RELATION:
                self.taken()
                right = self.expression(RELATION + 1)
                left = ast.Compare(left=left, ops=[RELATIONS[text]()], comparators=[right], **place)
            elif binds >= max(least, 1):
                self.taken()
                right = self.expression(SIGN if binds == POWER else binds + 1)  # a power groups to the right
                left = ast.BinOp(left=left, op=kind(), right=right, **place)
            else:
                break
        return left

    def signed(self) -> ast.expr:
        """An operand with its signs, which bind less tightly than a power: -x**2 is -(x**2)."""
        signs = []
        while self.at("+", "-"):
            place = self.place()
            signs.append((SIGNS[self.taken()], place))
        operand = self.expression(POWER) if signs else self.operand()
        for sign, place in reversed(signs):
            operand = ast.UnaryOp(op=sign(), operand=operand, **place)
        return operand

    def operand(self) -> ast.expr:
        place = self.place()
        if self.token.type == tokenize.NUMBER:
            return ast.Constant(value=ast.literal_eval(self.taken()), kind=None, **place)
        if self.token.type == tokenize.NAME:
            name = unicodedata.normalize("NFKC", self.taken())  # as Python reads names
            if name in NAMES:
                return ast.Constant(value=NAMES[name], kind=None, **place)
            operand: ast.expr = ast.Name(id=name, ctx=ast.Load(), **place)
            while self.at("("):
                self.taken()
                operand = self.call(operand, place)
            return operand
        if self.at("("):
            self.taken()
            elements, is_tuple = self.elements(")")
            return ast.Tuple(elts=elements, ctx=ast.Load(), **place) if is_tuple else elements[0]
        if self.at("["):
            self.taken()
            return ast.List(elts=self.elements("]")[0], ctx=ast.Load(), **place)
        return self.refuse()  # type: ignore[no-any-return]  # it never returns

    def elements(self, closing: str) -> tuple[list[ast.expr], bool]:
        """What is between brackets, and whether there is a comma, which makes a tuple."""
        elements: list[ast.expr] = []
        has_comma = self.at(closing)
        while not self.at(closing):
            elements.append(self.expression(RELATION))
            if not self.at(closing):
                self.expect(",")
                has_comma = True
        self.taken()
        return elements, has_comma

    def call(self, function: ast.expr, place: dict[str, int]) -> ast.Call:
        arguments: list[ast.expr] = []
        keywords: list[ast.keyword] = []
        while not self.at(")"):
            argument = self.expression(RELATION)
            if isinstance(argument, ast.Name) and self.at("="):
                self.taken()
                keywords.append(ast.keyword(arg=argument.id, value=self.expression(RELATION), **place))
            elif keywords:
                self.refuse()
            else:
                arguments.append(argument)
            if not self.at(")"):
                self.expect(",")
        self.taken()
        return ast.Call(func=function, args=arguments, keywords=keywords, **place)
