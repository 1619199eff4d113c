"""The definition of a function, found in the file that it was compiled from."""

from __future__ import annotations
import __future__

import ast
import linecache
from functools import cache, lru_cache
from types import CodeType, FunctionType
from typing import Any

Definition = ast.FunctionDef | ast.Lambda


@lru_cache(maxsize=1024)
def source_of(function: FunctionType) -> Definition | None:
    """The definition that the function was compiled from; None if the file is missing, or is no longer the same."""
    code = function.__code__
    candidates = _definitions("".join(linecache.getlines(code.co_filename, function.__globals__))).get(code.co_firstlineno, [])
    flags = code.co_flags & __future__.annotations.compiler_flag
    found = [node for node in candidates if _fingerprint(code) == _compiled(node, flags)]
    return found[0] if len(found) == 1 else None


@cache
def _definitions(text: str) -> dict[int, list[Definition]]:
    """The functions that a file defines, by their first line."""
    found: dict[int, list[Definition]] = {}
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return found
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            lines = [node.lineno, *[decorator.lineno for decorator in getattr(node, "decorator_list", ())]]
            found.setdefault(min(lines), []).append(node)
    return found


def _fingerprint(code: CodeType) -> tuple[Any, ...]:
    """Return the names of a function and its places in the file, which are the same if the source is compiled again."""
    return code.co_name, code.co_varnames, {place for place in code.co_positions() if place[2] is not None}


def _compiled(node: Definition, flags: int) -> tuple[Any, ...]:
    """The fingerprint of a definition compiled again."""
    statement: ast.stmt = node if isinstance(node, ast.FunctionDef) else ast.copy_location(ast.Expr(node), node)
    try:
        module = compile(ast.Module([statement], []), "", "exec", flags, dont_inherit=True)
    except SyntaxError:  # it cannot stand alone
        return ()
    name = node.name if isinstance(node, ast.FunctionDef) else "<lambda>"
    inside = [constant for constant in module.co_consts if isinstance(constant, CodeType) and constant.co_name == name]
    return _fingerprint(inside[-1]) if inside else ()
