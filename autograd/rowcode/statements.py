"""The statements of one function of Python, read into the typed form. Start reading at `Reader.read`."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

from autograd.rowcode import form
from autograd.rowcode.form import WHOLE, Array, Constant, Function, Name, Operation, Unreadable, joined
from autograd.rowcode.reading import SIGN_OF, Evaluator, Retyped
from autograd.rowcode.source import Definition
from autograd.rowcode.values import Range, Text, annotated, converted, is_known, items, truth, typed

if TYPE_CHECKING:
    from autograd.rowcode.program import Program

CAUGHT = (ValueError, ZeroDivisionError, OverflowError)  # what `math` raises


class Reader(Evaluator):
    """One function of Python, for arguments of certain types."""

    def __init__(self, program: Program, python: FunctionType, made: Function, arguments: Mapping[str, Any]) -> None:
        super().__init__(program, python)
        self.made, self.arguments, self.file = made, arguments, Path(python.__code__.co_filename).name
        self.types = {parameter.name: parameter.type for parameter in made.parameters}
        self.returned: Any = made.type
        self.body: Sequence[ast.stmt] = ()

    def read(self, node: Definition) -> None:
        """Fill in the body, the type and the local variables of the function."""
        body = node.body if isinstance(node, ast.FunctionDef) else [ast.copy_location(ast.Return(node.body), node)]
        self.body, self.stored = body, _bindings(body)
        self.scope = {**self.names, **self.arguments}
        self.returned, self.before, self.inside, self.indices = self.made.type, [], 0, set()
        try:
            self.made.body = self.block(body)
        except Retyped:
            return self.read(node)
        self.made.type = self.returned
        for part in form.walk(self.made.body):
            if isinstance(part, form.Return):
                part.value = converted(part.value, self.returned)
        given = {parameter.name for parameter in self.made.parameters}
        self.made.locals = {name: type_ for name, type_ in self.types.items() if name not in given}

    def block(self, statements: Sequence[ast.stmt]) -> list[Any]:
        """The statements in the typed form; what is refused is refused with its line."""
        outer, lines = self.before, list[Any]()
        for statement in statements:
            self.before, where = [], f"line {statement.lineno} of {self.file}"
            try:
                made = self.step(statement)
            except Unreadable as reason:
                reason.where = reason.where or where
                raise
            except (ArithmeticError, AttributeError, LookupError, NameError, TypeError, ValueError) as error:
                raise Unreadable(f"{ast.unparse(statement)!r:.60} ({type(error).__name__}: {error})", where) from error
            lines += [*self.before, *made]
        self.before = outer
        return lines

    def step(self, node: Any) -> list[Any]:
        """A statement in the typed form; what is known or bound once may need none."""
        match node:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                return []
            case ast.Break() | ast.Continue():
                return [form.Leave("break" if isinstance(node, ast.Break) else "continue")]
            case ast.Return(value=ast.expr() as result):
                read = self.expression(result)
                value = self.array(read) if isinstance(read, Range) or isinstance(self.made.type, Array) else typed(read)
                self.returned = joined(self.returned, value.type)
                return [form.Return(value)]
            case ast.Raise(exc=ast.Call(func=raised, args=[message])):
                return self.error(self.expression(raised), self.expression(message))
            case ast.Raise(exc=ast.Call(func=raised, args=[]) | raised):
                return self.error(self.expression(raised) if raised else None, "")
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=array, attr="append"), args=[value])):
                of, part = self.expression(array), typed(self.expression(value))
                if not (isinstance(of, Name) and isinstance(of.type, Array)):
                    raise Unreadable("a list that is not the function's")
                self.local(of.name, Array(joined(of.type.element, part.type)))
                return [form.Append(of.name, part)]
            case ast.FunctionDef(body=[ast.Return(value=ast.expr() as value)]):
                self.scope[node.name] = self.expression(ast.copy_location(ast.Lambda(node.args, value), node))
                return []
            case ast.Assign(targets=[target]):
                return self.assign(target, self.expression(node.value))
            case ast.AnnAssign(value=ast.expr() as result):
                wanted, value = annotated(node.annotation), self.expression(result)
                return self.assign(node.target, value if wanted is None else typed(value, wanted))
            case ast.AugAssign() if type(node.op) in SIGN_OF:
                old = copy.copy(node.target)
                old.ctx = ast.Load()
                sign = SIGN_OF[type(node.op)]
                return self.assign(node.target, self.binary(sign, self.expression(old), self.expression(node.value)))
            case ast.If():
                condition = truth(self.expression(node.test))
                if is_known(condition):
                    return self.block(node.body if condition else node.orelse)
                return [form.If(condition, self.block(node.body), self.block(node.orelse))]
            case ast.While(orelse=[]):
                condition = typed(truth(self.branch(lambda: self.expression(node.test))))
                return [form.While(condition, self.block(node.body))]
            case ast.For(orelse=[]):
                return self.loop(node)
            case ast.Try(orelse=[], finalbody=[]) if not any(handler.name for handler in node.handlers):
                return self.attempt(node)
        raise Unreadable(f"the statement {ast.unparse(node)!r:.60}")

    def error(self, raised: Any, message: Any) -> list[Any]:
        if not isinstance(raised, type) or not issubclass(raised, Exception):
            raise Unreadable("this raise")
        name = next(c.__name__ for c in raised.__mro__ if c.__module__ == "builtins")
        return [form.Raise(name, message.parts if isinstance(message, Text) else (str(message),))]

    def attempt(self, node: ast.Try) -> list[Any]:
        body, handlers = self.block(node.body), []
        for handler in node.handlers:
            caught = self.expression(handler.type) if handler.type else Exception
            handlers.append((tuple([c.__name__ for c in CAUGHT if issubclass(c, caught)]), self.block(handler.body)))
        return [form.Try(body, handlers)]

    def loop(self, node: ast.For) -> list[Any]:
        over = self.iterable(self.expression(node.iter))
        wanted = node.target.id if isinstance(node.target, ast.Name) else ""
        is_local = self.stored.count(wanted) == 1 and _reads(self.body).count(wanted) == _reads([node]).count(wanted)
        is_plain = is_local and self.counts(over)
        name = wanted if is_plain else self.fresh("i")
        self.scope[name] = index = Name(name, WHOLE)
        count, element = typed(over.count, WHOLE), over.item(index)
        if {part.name for part in form.walk((count, element)) if isinstance(part, Name)} & {*_bindings(node.body)} - {name}:
            raise Unreadable("a loop over what it changes")
        head = [] if is_plain else self.assign(node.target, element)
        return [form.For(name, count, [*head, *self.block(node.body)])]

    # ----------------------------------------------------------------------------------------------------------- assignments

    def assign(self, target: ast.expr, value: Any) -> list[Any]:
        """The statements that give a target its value; what is known and bound once needs none."""
        if isinstance(target, ast.Name):
            is_lasting = isinstance(value, Constant) or (value in self.made.parameters and value.name not in self.stored)
            if self.stored.count(target.id) == 1 and (is_lasting or (is_known(value) and not isinstance(value, list))):
                self.scope[target.id] = value
                return []
            made = self.array(value) if isinstance(value, Range) else typed(value)
            return [form.Assign((target.id,), converted(made, self.local(target.id, made.type)))]
        if isinstance(target, ast.Subscript):
            of, index = self.expression(target.value), self.expression(target.slice)
            if not (isinstance(of, Name) and isinstance(of.type, Array)):
                raise Unreadable("an assignment to an element of this")
            return [form.SetElement(of.name, self.element(of, index).parts[1], typed(value, of.type.element))]
        if not isinstance(target, ast.Tuple):
            raise Unreadable(f"the target {ast.unparse(target)}")
        return self.unpack(target.elts, value)

    def unpack(self, targets: Sequence[ast.expr], value: Any) -> list[Any]:
        """The statements that give several targets the parts of a value."""
        if isinstance(targets[-1], ast.Starred):  # first, *others = xs
            array, first = self.under_a_name(self.array(value)), targets[:-1]
            rest = Operation("slice", (array, typed(len(first))), array.type)
            parts: Sequence[Any] = [*[self.element(array, i) for i in range(len(first))], rest]
            return [s for e, part in zip([*first, targets[-1].value], parts, strict=True) for s in self.assign(e, part)]
        parts = items(value, len(targets))
        names = [node.id for e in targets for node in ast.walk(e) if isinstance(node, ast.Name)]
        is_flat = len(names) == len(targets) and all(isinstance(e, ast.Name) for e in targets)
        read = [(i, part.name) for i, x in enumerate(parts) for part in form.walk(x) if isinstance(part, Name)]
        is_crossed = any(name in (names[:i] if is_flat else names) for i, name in read)  # a, b = b, a
        if not is_flat and (is_crossed or any(not isinstance(e, (ast.Name, ast.Tuple)) for e in targets)):
            raise Unreadable("an assignment to targets that are read at once")
        if not is_flat or (isinstance(value, (tuple, list)) and not is_crossed):
            return [s for e, part in zip(targets, parts, strict=True) for s in self.assign(e, part)]
        types = tuple([self.local(name, typed(part).type) for name, part in zip(names, parts, strict=True)])
        return [form.Assign(tuple(names), typed(value, types))]


def _reads(body: Sequence[ast.AST]) -> list[str]:
    """Every name that statements read, as often as they do."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    return [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]


def _bindings(body: Sequence[ast.AST]) -> list[str]:
    """Every name that a function's own statements bind, as often as they do."""
    found, waiting = [], list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
        if not isinstance(node, (ast.Lambda, ast.ListComp, ast.GeneratorExp)):
            waiting += ast.iter_child_nodes(node)
    return found
