"""Functions of Python as JavaScript: their source is found, parsed, and printed, statement by statement.

A name that is not local stands for what it is bound to now: another function is translated too, a number is a constant. What is
called, and under which name it stands in the page, the program says (`autograd.page.javascript`).

Start reading at `Translator`; `_Block` are the statements inside.
"""

from __future__ import annotations

import ast
import builtins
import linecache
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from autograd import ops
from autograd.ops import REQUIRED, Op
from autograd.page.expressions import (
    AND,
    ARITHMETIC,
    ATOM,
    BOOLEAN,
    CALL,
    COMPARISONS,
    EMPTY,
    FUNCTION,
    NUMBER,
    OR,
    RESERVED,
    TEXT,
    UNARY,
    UNKNOWN,
    Js,
    Untranslatable,
    annotated,
    arrow,
    binary,
    called,
    choice,
    display,
    element,
    is_list,
    join,
    kind_of,
    literal,
    record,
    spread,
    truth,
    unary,
)

if TYPE_CHECKING:
    from autograd.page.javascript import Program

CAUGHT = (ValueError, ZeroDivisionError, OverflowError)
NOTHING = object()  # what a local name stands for
T = TypeVar("T")

_Function = ast.FunctionDef | ast.Lambda


@cache
def _definitions(text: str) -> dict[int, list[_Function]]:
    """The functions that a file defines, by their first line."""
    found: dict[int, list[_Function]] = {}
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return found
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            lines = [node.lineno, *[decorator.lineno for decorator in getattr(node, "decorator_list", ())]]
            found.setdefault(min(lines), []).append(node)
    return found


def source_of(function: FunctionType) -> _Function | None:
    """The definition that the function was compiled from; None if its file is not to be had, or is no longer the same."""
    code = function.__code__
    candidates = _definitions("".join(linecache.getlines(code.co_filename, function.__globals__))).get(code.co_firstlineno, [])
    flags = code.co_flags & annotations.compiler_flag
    found = [node for node in candidates if _fingerprint(code) == _compiled(node, flags)]
    return found[0] if len(found) == 1 else None


def _fingerprint(code: CodeType) -> tuple[Any, ...]:
    """What two compilations of one source have in common: its names, and the places in the file."""
    return code.co_name, code.co_varnames, {place for place in code.co_positions() if place[2] is not None}


def _compiled(node: _Function, flags: int) -> tuple[Any, ...]:
    """The fingerprint of a definition compiled again."""
    statement: ast.stmt = node if isinstance(node, ast.FunctionDef) else ast.copy_location(ast.Expr(node), node)
    try:
        module = compile(ast.Module([statement], []), "", "exec", flags, dont_inherit=True)
    except SyntaxError:  # it cannot stand alone
        return ()
    name = node.name if isinstance(node, ast.FunctionDef) else "<lambda>"
    inside = [constant for constant in module.co_consts if isinstance(constant, CodeType) and constant.co_name == name]
    return _fingerprint(inside[-1]) if inside else ()


class Translator:
    """One function of Python, for arguments of certain kinds."""

    def __init__(self, program: Program, function: FunctionType, kinds: Mapping[str, str]) -> None:
        self.program, self.function = program, function
        node = source_of(function)
        if node is None:
            raise Untranslatable(f"the source of {function.__name__} is not to be had")
        self.node = node
        self.scopes: list[dict[str, str]] = [{}]  # kinds of local names, innermost last
        self.renamed: set[str] = set()
        self.locals: set[str] = set()
        usual = {name: kind_of(value) for name, value in _defaults_of(function).items()}
        self.arguments = {  # their kinds: what is not annotated is what it is called with
            a.arg: annotated(a.annotation) if annotated(a.annotation) != UNKNOWN else {**usual, **kinds}.get(a.arg, UNKNOWN)
            for a in _arguments(node.args)
        }
        closure = [id(cell.cell_contents) for cell in function.__closure__ or ()]
        defaults = repr((function.__defaults__, function.__kwdefaults__))
        self.key = (function.__code__, id(function.__globals__), *closure, defaults, *self.arguments.items())

    # --------------------------------------------------------------------------------------------------------- whole functions

    def definition(self, name: str) -> tuple[str, str]:
        """The function with a name, and the kind of what it returns."""
        parameters, lines, kind = self.without_clashes(lambda: self.define(self.node, self.defaults(), self.arguments))
        return "\n".join([f"function {name}({parameters}) {{", *lines, "}"]), kind

    def arrow(self) -> Js:
        """The lambda without one."""
        node = self.node
        assert isinstance(node, ast.Lambda)
        return self.without_clashes(lambda: self.lambda_(node, self.defaults(), self.arguments))

    def without_clashes(self, translate: Callable[[], T]) -> T:
        """Once more with other local names, where a name of the page would be hidden by one of Python's."""
        outer, self.program.used = self.program.used, set()
        result = translate()
        self.renamed = self.program.used & self.locals
        if self.renamed:
            self.scopes = [{}]
            result = translate()
        self.program.used = outer
        return result

    def defaults(self) -> dict[str, Js]:
        return {name: literal(value) for name, value in _defaults_of(self.function).items()}

    def define(self, node: _Function, defaults: Mapping[str, Js], kinds: Mapping[str, str]) -> tuple[str, list[str], str]:
        """A function's parameters, its lines, and the kind of what it returns."""
        self.scopes.append(dict(kinds))
        parameters = self.parameters(node.args, defaults)
        body: list[ast.stmt] = node.body if isinstance(node, ast.FunctionDef) else [ast.copy_location(ast.Return(node.body), node)]
        block = _Block(self, body, set(kinds))
        lines = [f"  {line}" for line in block.lines()]
        self.scopes.pop()
        promised = annotated(getattr(node, "returns", None))
        return parameters, lines, promised if promised != UNKNOWN else join(block.returned)

    def lambda_(self, node: ast.Lambda, defaults: Mapping[str, Js], kinds: Mapping[str, str]) -> Js:
        self.scopes.append(dict(kinds))
        result = arrow(self.parameters(node.args, defaults), self.expression(node.body))
        self.scopes.pop()
        return result

    def parameters(self, arguments: ast.arguments, defaults: Mapping[str, Js]) -> str:
        """The parameters of a function; those that Python takes by keyword are one object behind the others."""
        if arguments.kwarg or (arguments.vararg and arguments.kwonlyargs):
            self.refuse(arguments.kwarg or arguments.vararg, "arguments that are taken by any keyword")
        for argument in _arguments(arguments):
            self.bind(argument.arg, self.scopes[-1].get(argument.arg, UNKNOWN))

        def written(argument: ast.arg) -> str:
            name = self.local(argument.arg)
            return f"{name} = {defaults[argument.arg].text}" if argument.arg in defaults else name

        parts = [written(argument) for argument in arguments.posonlyargs + arguments.args]
        if arguments.vararg:
            parts.append(f"...{self.local(arguments.vararg.arg)}")
        if arguments.kwonlyargs:
            named = ", ".join(
                [written(a) if self.local(a.arg) == a.arg else f"{a.arg}: {written(a)}" for a in arguments.kwonlyargs]
            )
            optional = all(a.arg in defaults for a in arguments.kwonlyargs)
            parts.append(f"{{ {named} }}{' = {}' if optional else ''}")
        return ", ".join(parts)

    def refuse(self, node: Any, what: str) -> NoReturn:
        line = getattr(node, "lineno", self.function.__code__.co_firstlineno)
        raise Untranslatable(f"{what}, in line {line} of {Path(self.function.__code__.co_filename).name}")

    # ------------------------------------------------------------------------------------------------------------------- names

    def bind(self, name: str, kind: str) -> None:
        """A local name is given something of this kind."""
        scope = self.scopes[-1]
        scope[name] = kind if scope.get(name) in (None, UNKNOWN, "[]", "[unknown]") else join([scope[name], kind])
        self.locals.add(self.local(name))

    def local(self, name: str) -> str:
        return f"{name}_" if name in self.renamed or name in RESERVED else name

    def scope_of(self, name: str) -> dict[str, str] | None:
        return next((scope for scope in reversed(self.scopes) if name in scope), None)

    def static(self, node: ast.expr) -> Any:
        """What an expression stands for if it is no local name: a function, a module, a constant."""
        if isinstance(node, ast.Name) and self.scope_of(node.id) is None:
            function = self.function
            if node.id in function.__code__.co_freevars:
                cells = function.__closure__ or ()
                return _on_floats(cells[function.__code__.co_freevars.index(node.id)].cell_contents)
            return _on_floats(function.__globals__.get(node.id, getattr(builtins, node.id, NOTHING)))
        if isinstance(node, ast.Attribute):
            return _on_floats(getattr(self.static(node.value), node.attr, NOTHING))
        return NOTHING

    def named(self, node: ast.expr, name: str) -> Js:
        x = self.static(node)
        if x is NOTHING:
            self.refuse(node, f"the name {ast.unparse(node)}")
        return self.program.reference(x, [NUMBER, NUMBER]) if callable(x) else self.program.constant(x, name)

    # ------------------------------------------------------------------------------------------------------------- expressions

    def expression(self, node: ast.expr) -> Js:
        method = getattr(self, f"on_{type(node).__name__}", None)
        if method is None:
            self.refuse(node, f"{ast.unparse(node)!r:.60}, of a kind that is not translated ({type(node).__name__})")
        try:
            result: Js = method(node)
        except Untranslatable as reason:
            if ", in line " in str(reason):
                raise
            self.refuse(node, str(reason))
        return result

    def condition(self, node: ast.expr) -> Js:
        """An expression of which only the truth is asked."""
        if isinstance(node, ast.BoolOp):
            parts = [self.condition(value) for value in node.values]
            precedence, sign = (AND, " && ") if isinstance(node.op, ast.And) else (OR, " || ")
            return Js(sign.join([part.inside(precedence) for part in parts]), precedence, BOOLEAN)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Js(f"!{self.condition(node.operand).inside(UNARY)}", UNARY, BOOLEAN)
        return truth(self.expression(node))

    def on_Constant(self, node: ast.Constant) -> Js:
        return literal(node.value)

    def on_Name(self, node: ast.Name) -> Js:
        scope = self.scope_of(node.id)
        return self.named(node, node.id) if scope is None else Js(self.local(node.id), ATOM, scope[node.id] or UNKNOWN)

    def on_Attribute(self, node: ast.Attribute) -> Js:
        return self.named(node, node.attr)

    def on_Tuple(self, node: ast.Tuple | ast.List) -> Js:
        return display([self.expression(part) for part in node.elts])

    on_List = on_Tuple

    def on_Starred(self, node: ast.Starred) -> Js:
        return spread(self.expression(node.value))

    def on_Dict(self, node: ast.Dict) -> Js:
        keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        if not all(isinstance(key, str) and key.isidentifier() for key in keys):
            self.refuse(node, "a dictionary whose keys are not names")
        return record({str(key): self.expression(value) for key, value in zip(keys, node.values, strict=True)})

    def on_JoinedStr(self, node: ast.JoinedStr) -> Js:
        text = ""
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                if part.format_spec is not None:
                    self.refuse(node, "a format")
                inner = self.expression(part.value)
                text += f"${{{inner.text if inner.kind == TEXT or part.conversion != ord('r') else f'python.repr({inner.text})'}}}"
            else:
                assert isinstance(part, ast.Constant)
                text += literal(part.value).text[1:-1].replace('\\"', '"').replace("`", "\\`").replace("${", "\\${")
        return Js(f"`{text}`", ATOM, TEXT)

    def on_UnaryOp(self, node: ast.UnaryOp) -> Js:
        if isinstance(node.op, ast.Not):
            return self.condition(node)
        return self.folded(node) or unary(node.op, self.expression(node.operand))

    def on_BinOp(self, node: ast.BinOp) -> Js:
        return self.folded(node) or binary(node.op, self.expression(node.left), self.expression(node.right))

    def folded(self, node: ast.expr) -> Js | None:
        """Arithmetic of numbers alone, done here: 2.0**200."""
        parts = [*ast.walk(node)]
        if not all(isinstance(n, (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)) for n in parts):
            return None
        try:
            return literal(eval(compile(ast.Expression(node), "", "eval"), {}))
        except (ArithmeticError, TypeError):  # where it runs, it raises
            return None

    def on_BoolOp(self, node: ast.BoolOp) -> Js:
        *parts, result = [self.expression(value) for value in node.values]
        if all(part.kind == BOOLEAN for part in [*parts, result]):
            return self.condition(node)
        for part in reversed(parts):  # the last that is evaluated is the result
            result = choice(truth(part), *((result, part) if isinstance(node.op, ast.And) else (part, result)))
        return result

    def on_Compare(self, node: ast.Compare) -> Js:
        terms = [self.expression(term) for term in (node.left, *node.comparators)]
        if any(is_list(term.kind) for term in terms):
            self.refuse(node, "a comparison of sequences")
        links = []
        for left, sign, right in zip(terms, node.ops, terms[1:], strict=False):
            if type(sign) not in COMPARISONS:
                self.refuse(node, f"the comparison {type(sign).__name__}")
            text, precedence = COMPARISONS[type(sign)]
            if BOOLEAN in (left.kind, right.kind) and isinstance(sign, (ast.Eq, ast.NotEq)):
                text = text[:2]  # True == 1
            links.append(Js(f"{left.inside(precedence + 1)} {text} {right.inside(precedence + 1)}", precedence, BOOLEAN))
        return links[0] if len(links) == 1 else Js(" && ".join([link.inside(AND + 1) for link in links]), AND, BOOLEAN)

    def on_IfExp(self, node: ast.IfExp) -> Js:
        return choice(self.condition(node.test), self.expression(node.body), self.expression(node.orelse))

    def on_Lambda(self, node: ast.Lambda) -> Js:
        return self.lambda_(node, self.inner_defaults(node.args), {a.arg: annotated(a.annotation) for a in _arguments(node.args)})

    def inner_defaults(self, arguments: ast.arguments) -> dict[str, Js]:
        positional = arguments.posonlyargs + arguments.args
        values = dict(
            zip([a.arg for a in positional[len(positional) - len(arguments.defaults) :]], arguments.defaults, strict=True)
        )
        values |= {a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None}
        return {name: self.expression(value) for name, value in values.items()}

    def on_Subscript(self, node: ast.Subscript) -> Js:
        xs = self.expression(node.value)
        if isinstance(node.slice, ast.Slice):
            return self.sliced(xs, node.slice)
        index = self.expression(node.slice)
        if index.text.isdigit():
            return Js(f"{xs.inside(CALL)}[{index.text}]", CALL, element(xs.kind))
        return Js(f"{xs.inside(CALL)}.at({index.text})", CALL, element(xs.kind))  # which counts from the end as Python does

    def sliced(self, xs: Js, bounds: ast.Slice) -> Js:
        kind = xs.kind if is_list(xs.kind) else f"[{UNKNOWN}]"
        if bounds.step is not None:
            if ast.unparse(bounds) != "::-1":
                self.refuse(bounds, "a slice with a step")
            return called("python.reversed", [xs], kind)
        ends = [self.expression(end).text for end in (bounds.lower or ast.Constant(0), bounds.upper) if end is not None]
        return Js(f"{xs.inside(CALL)}.slice({', '.join(ends)})", CALL, kind)

    def on_ListComp(self, node: ast.ListComp | ast.GeneratorExp) -> Js:
        self.scopes.append({})
        first, *others = node.generators
        text = self.generator(first)
        inner = self.on_ListComp(ast.copy_location(ast.ListComp(node.elt, others), node)) if others else self.expression(node.elt)
        target = self.assigned(first.target)
        self.scopes.pop()
        kind = inner.kind if others else f"[{inner.kind}]"
        if not others and inner.text == target:
            return Js(text, CALL, kind)
        return Js(f"{text}.{'flatMap' if others else 'map'}({arrow(target, inner).text})", CALL, kind)

    on_GeneratorExp = on_ListComp

    def generator(self, generator: ast.comprehension) -> str:
        """What a comprehension goes over, its target bound."""
        outer = self.scopes.pop()
        xs = self.expression(generator.iter)
        self.scopes.append(outer)
        self.bind_target(generator.target, generator.iter, xs.kind)
        text = xs.inside(CALL)
        for test in generator.ifs:
            text += f".filter({arrow(self.assigned(generator.target), self.condition(test)).text})"
        return text

    def assigned(self, target: ast.expr) -> str:
        """The left side of an assignment."""
        if isinstance(target, ast.Name):
            return self.local(target.id)
        if isinstance(target, (ast.Tuple, ast.List)):
            return f"[{', '.join([self.assigned(part) for part in target.elts])}]"
        if isinstance(target, ast.Starred):
            return f"...{self.assigned(target.value)}"
        if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice):
            xs, index = self.expression(target.value).inside(CALL), self.expression(target.slice).text
            return f"{xs}[{index}]" if index.isdigit() else f"{xs}[python.place({xs}, {index})]"
        self.refuse(target, f"an assignment to {ast.unparse(target)}")

    def bind_target(self, target: ast.expr, iterated: ast.expr, kind: str) -> None:
        """The names that a loop gives the elements of something of that kind."""
        if isinstance(target, ast.Tuple) and isinstance(iterated, ast.Call) and self.static(iterated.func) is enumerate:
            self.bind_to(target.elts[0], NUMBER)
            self.bind_to(target.elts[1], element(self.expression(iterated.args[0]).kind))
            return
        self.bind_to(target, element(kind))

    def bind_to(self, target: ast.expr, kind: str) -> None:
        """The names of an assignment's left side, for a right side of that kind."""
        if isinstance(target, ast.Name):
            self.bind(target.id, kind)
        elif isinstance(target, ast.Starred):
            self.bind_to(target.value, kind)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for part in target.elts:
                self.bind_to(part, kind if isinstance(part, ast.Starred) else element(kind))

    # ------------------------------------------------------------------------------------------------------------------- calls

    def on_Call(self, node: ast.Call) -> Js:
        callee = self.static(node.func)
        if callee is NOTHING:
            return self.local_call(node)
        if callee is ops._chosen and len(node.args) == 3:
            return self.chosen(*node.args)
        if any(keyword.arg is None for keyword in node.keywords):
            self.refuse(node, "a call with ** arguments")
        arguments = [self.expression(argument) for argument in node.args]
        return self.program.call(callee, arguments, {str(k.arg): self.expression(k.value) for k in node.keywords})

    def local_call(self, node: ast.Call) -> Js:
        """A call of a local function, or the one method that is known."""
        arguments = [self.expression(argument) for argument in node.args]
        if isinstance(node.func, ast.Attribute) and node.func.attr == "append" and isinstance(node.func.value, ast.Name):
            name = node.func.value.id
            scope = self.scope_of(name)
            if scope is not None and scope[name] == "[]":
                scope[name] = f"[{arguments[0].kind}]"
            return called(f"{self.expression(node.func.value).text}.push", arguments)
        if node.keywords or isinstance(node.func, ast.Attribute):
            self.refuse(node, f"the call {ast.unparse(node)!r:.60}")
        function = self.expression(node.func)
        return called(function.inside(CALL), arguments, function.kind.removeprefix(FUNCTION + " "))

    def chosen(self, test: ast.expr, a: ast.expr, b: ast.expr) -> Js:
        """where(test, a, b): a branch that is a function runs only if it is chosen."""
        if self.is_plain(a) and self.is_plain(b):
            return choice(self.condition(test), self.branch(a), self.branch(b))
        # A branch that is no function is evaluated in any case, and may raise.
        return called("python.chosen", [self.condition(test), self.expression(a), self.expression(b)], UNKNOWN)

    def is_plain(self, branch: ast.expr) -> bool:
        """Whether it is the same to evaluate the branch first, or only if it is chosen."""
        if isinstance(branch, ast.Name):
            scope = self.scope_of(branch.id)
            return scope is None or scope[branch.id] != UNKNOWN
        if isinstance(branch, ast.Call) and self.static(branch.func) is ops._chosen and len(branch.args) == 3:
            return all(map(self.is_plain, branch.args[1:])) and isinstance(branch.args[0], ast.Compare)
        if isinstance(branch, ast.UnaryOp):
            return self.is_plain(branch.operand)
        return isinstance(branch, (ast.Lambda, ast.Constant, ast.Attribute))

    def branch(self, branch: ast.expr) -> Js:
        if isinstance(branch, ast.Lambda) and not _arguments(branch.args):
            return self.expression(branch.body)
        result = self.expression(branch)
        if isinstance(branch, ast.Name) and (result.kind.startswith(FUNCTION) or isinstance(self.static(branch), FunctionType)):
            return called(result.text, [], result.kind.removeprefix(FUNCTION + " "))
        return result


class _Block:
    """The statements of a function's body."""

    def __init__(self, translator: Translator, body: list[ast.stmt], parameters: set[str]) -> None:
        self.translator, self.body = translator, body
        self.returned: list[str] = []
        self.declared: dict[ast.stmt, set[str]] = {}  # the names that a statement declares
        self.hoisted: list[str] = []  # those that no statement can
        own = list(_own(body))
        self.bindings = [node.id for node in own if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
        self.bindings += [node.name for node in own if isinstance(node, ast.FunctionDef)]
        for name in dict.fromkeys(self.bindings):
            if name not in parameters:
                self.place(name, body)

    def place(self, name: str, block: list[ast.stmt]) -> None:
        """Find the statement that declares the name: the first that has it, if the name is of use behind it only."""
        having = [statement for statement in block if _occurs(name, [statement])]
        if isinstance(having[0], ast.FunctionDef) and having[0].name == name and self.bindings.count(name) == 1:
            self.declared[having[0]] = {name}
            return
        loops = [loop for statement in having for loop in _loops_over(name, statement)]
        if loops and not _occurs(name, block, but=loops):
            for loop in loops:
                self.declared.setdefault(loop, set()).add(name)
            return
        first = having[0]
        if isinstance(first, (ast.Assign, ast.AnnAssign)) and first.value and not _occurs(name, [first.value]):
            targets = first.targets if isinstance(first, ast.Assign) else [first.target]
            if any(_occurs(name, [t]) for t in targets) and not any(isinstance(t, ast.Subscript) for t in targets):
                self.declared.setdefault(first, set()).add(name)
                return
        if len(having) == 1 and not isinstance(first, ast.FunctionDef):
            headers = [getattr(first, field) for field in ("test", "iter", "target") if hasattr(first, field)]
            inner = [b for b in _blocks(first) if _occurs(name, b)]
            if len(inner) == 1 and not _occurs(name, headers):
                self.place(name, inner[0])
                return
        self.hoisted.append(name)

    def lines(self) -> list[str]:
        scope = self.translator.scopes[-1]
        for name in self.bindings:
            if name not in scope:
                scope[name] = EMPTY
        lines = self.block(self.body)
        return [*([f"let {', '.join(map(self.translator.local, self.hoisted))};"] if self.hoisted else []), *lines]

    def block(self, statements: Iterable[ast.stmt]) -> list[str]:
        lines = []
        for statement in statements:
            method = getattr(self, f"on_{type(statement).__name__}", None)
            if method is None:
                self.translator.refuse(statement, f"a statement that is not translated ({type(statement).__name__})")
            try:
                lines += method(statement)
            except Untranslatable as reason:
                if ", in line " in str(reason):
                    raise
                self.translator.refuse(statement, str(reason))
        return lines

    def braced(self, head: str, statements: Iterable[ast.stmt]) -> list[str]:
        return [f"{head} {{", *[f"  {line}" for line in self.block(statements)], "}"]

    def on_Pass(self, node: ast.Pass) -> list[str]:
        return []

    def on_Break(self, node: ast.Break) -> list[str]:
        return ["break;"]

    def on_Continue(self, node: ast.Continue) -> list[str]:
        return ["continue;"]

    def on_Return(self, node: ast.Return) -> list[str]:
        if node.value is None:
            return ["return null;"]
        value = self.translator.expression(node.value)
        self.returned.append(value.kind)
        return [f"return {value.text};"]

    def on_Expr(self, node: ast.Expr) -> list[str]:
        return [] if isinstance(node.value, ast.Constant) else [f"{self.translator.expression(node.value).text};"]

    def on_Assign(self, node: ast.Assign) -> list[str]:
        if len(node.targets) > 1:
            self.translator.refuse(node, "an assignment to several targets")
        return self.assign(node, node.targets[0], node.value)

    def on_AnnAssign(self, node: ast.AnnAssign) -> list[str]:
        return self.assign(node, node.target, node.value, annotated(node.annotation)) if node.value else []

    def assign(self, node: ast.stmt, target: ast.expr, value: ast.expr, kind: str = UNKNOWN) -> list[str]:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            pairs = list(zip(target.elts, value.elts, strict=True))
            names = [part.id if isinstance(part, ast.Name) else "" for part in target.elts]
            if all(names) and not any(_occurs(names[i], [v for _, v in pairs[i + 1 :]]) for i in range(len(pairs))):
                return [line for part, v in pairs for line in self.assign(node, part, v)]
        result = self.translator.expression(value)
        self.translator.bind_to(target, kind if kind != UNKNOWN else result.kind)
        names = [n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
        new = [name for name in names if name in self.declared.get(node, ())]
        keyword = ""
        if new and len(new) == len(names):
            keyword = "const " if all(self.bindings.count(name) == 1 for name in new) else "let "
        before = [f"let {', '.join(map(self.translator.local, new))};"] if new and not keyword else []
        return [*before, f"{keyword}{self.translator.assigned(target)} = {result.text};"]

    def is_changed(self, names: list[str], body: Iterable[ast.stmt]) -> bool:
        return any(isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store) and n.id in names for n in _own(body))

    def on_AugAssign(self, node: ast.AugAssign) -> list[str]:
        target = self.translator.assigned(node.target)
        old = self.translator.expression(_loaded(node.target))
        result = binary(node.op, old, self.translator.expression(node.value))
        self.translator.bind_to(node.target, result.kind)
        sign = ARITHMETIC.get(type(node.op), ("", 0))[0]
        short = f"{old.text} {sign} "
        if sign and result.text.startswith(short):
            right = self.translator.expression(node.value)
            return [f"{target} {sign}= {right.text};"]
        return [f"{target} = {result.text};"]

    def on_If(self, node: ast.If) -> list[str]:
        lines = self.braced(f"if ({self.translator.condition(node.test).text})", node.body)
        if not node.orelse:
            if len(lines) == 3 and re.match(r"  (?!const|let|if|for|while)", lines[1]) and len(lines[0] + lines[1]) < 120:
                return [f"{lines[0][:-2]} {lines[1].strip()}"]
            return lines
        if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
            rest = self.on_If(node.orelse[0])
            return [*lines[:-1], f"}} else {rest[0]}", *rest[1:]]
        return [*lines[:-1], *self.braced("} else", node.orelse)]

    def on_While(self, node: ast.While) -> list[str]:
        if node.orelse:
            self.translator.refuse(node, "else behind a loop")
        return self.braced(f"while ({self.translator.condition(node.test).text})", node.body)

    def on_For(self, node: ast.For) -> list[str]:
        if node.orelse:
            self.translator.refuse(node, "else behind a loop")
        xs = self.translator.expression(node.iter)
        self.translator.bind_target(node.target, node.iter, xs.kind)
        names = [n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)]
        keyword = "" if node not in self.declared else "let " if self.is_changed(names, node.body) else "const "
        return self.braced(f"for ({keyword}{self.translator.assigned(node.target)} of {xs.text})", node.body)

    def on_FunctionDef(self, node: ast.FunctionDef) -> list[str]:
        translator = self.translator
        kinds = {a.arg: annotated(a.annotation) for a in _arguments(node.args)}
        translator.bind(node.name, UNKNOWN)
        parameters, lines, kind = translator.define(node, translator.inner_defaults(node.args), kinds)
        translator.bind(node.name, f"{FUNCTION} {kind}")
        keyword = "const " if node in self.declared else ""
        return [f"{keyword}{translator.local(node.name)} = ({parameters}) => {{", *lines, "};"]

    def on_Raise(self, node: ast.Raise) -> list[str]:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        kind = self.translator.static(raised) if raised else NOTHING
        if not isinstance(kind, type) or not issubclass(kind, Exception):
            self.translator.refuse(node, "this raise")
        name = next(c.__name__ for c in kind.__mro__ if c.__module__ == "builtins")
        arguments = node.exc.args if isinstance(node.exc, ast.Call) else []
        message = self.translator.expression(arguments[0]).text if arguments else '""'
        return [f'python.raise("{name}", {message});']

    def on_Try(self, node: ast.Try) -> list[str]:
        if node.orelse or node.finalbody:
            self.translator.refuse(node, "else or finally behind try")
        lines = self.braced("try", node.body)
        lines[-1] = "} catch (error) {"
        head = "if"
        for handler in node.handlers:
            if handler.name:
                self.translator.refuse(handler, "a name for an exception")
            caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
            classes = tuple([self.translator.static(c) for c in caught]) or (Exception,)
            if not all(isinstance(c, type) for c in classes):
                self.translator.refuse(handler, "this except")
            names = [c.__name__ for c in CAUGHT if issubclass(c, classes)]
            test = " || ".join([f'error.name === "{name}"' for name in names])
            inner = self.braced(f"{head} ({test})", handler.body)
            lines += [f"  {line}" for line in inner[:-1]]
            head = "} else if"
        return [*lines, "  } else throw error;", "}"]


def _defaults_of(function: FunctionType) -> dict[str, Any]:
    """The parameters that have a default, with it."""
    positional = function.__code__.co_varnames[: function.__code__.co_argcount]
    values = function.__defaults__ or ()
    found = {**dict(zip(positional[len(positional) - len(values) :], values, strict=True)), **(function.__kwdefaults__ or {})}
    return {name: value for name, value in found.items() if value is not REQUIRED}


def _on_floats(x: Any) -> Any:
    """What a name of the table stands for where it is given floats: the row's function, not the row."""
    return ops._FLOATS[x.__name__] if isinstance(x, Op) else x


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    more = [argument for argument in (arguments.vararg,) if argument]
    return [*arguments.posonlyargs, *arguments.args, *more, *arguments.kwonlyargs]


def _own(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every node of a function's own scope: not inside the functions and comprehensions that it holds."""
    waiting = list(body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.GeneratorExp)):
            waiting[:0] = ast.iter_child_nodes(node)


def _occurs(name: str, nodes: Iterable[ast.AST], but: Sequence[ast.AST] = ()) -> bool:
    """Whether the name, and not another of an inner scope, occurs in the nodes, apart from some that are inside them."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node in but:
            continue
        if getattr(node, "id", None) == name or (isinstance(node, ast.FunctionDef) and node.name == name):
            return True
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)) and any(_occurs(name, [g.target]) for g in node.generators):
            waiting.append(node.generators[0].iter)
        elif not isinstance(node, (ast.FunctionDef, ast.Lambda)) or name not in [a.arg for a in _arguments(node.args)]:
            waiting += ast.iter_child_nodes(node)
    return False


def _loops_over(name: str, statement: ast.stmt) -> list[ast.For]:
    """The outermost loops that give the name its values."""
    if isinstance(statement, ast.For) and _occurs(name, [statement.target]) and not _occurs(name, [statement.iter]):
        return [statement]
    return [loop for block in _blocks(statement) for inner in block for loop in _loops_over(name, inner)]


def _blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    """The blocks inside a statement."""
    found = [getattr(statement, field, []) for field in ("body", "orelse", "finalbody")]
    return [*found, *[handler.body for handler in getattr(statement, "handlers", [])]]


def _loaded(target: ast.expr) -> ast.expr:
    """The target of an assignment, to be read."""
    return ast.parse(ast.unparse(target), mode="eval").body
