"""One function of Python, read into the typed form: a small partial evaluator over its syntax tree.

Names that are not local are resolved to what they are bound to now, and what is known is computed now; operands stay symbolic.
A choice (`where`, `if` in an expression) keeps both branches. What cannot be read is refused by name and line.

Start reading at `Reader.read`, then at `Reader.expression`.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, NoReturn

from autograd import ops
from autograd.ops import Op
from autograd.rowcode import form
from autograd.rowcode.form import (
    SCALARS,
    TRUTH,
    WHOLE,
    Function,
    Name,
    Number,
    Unreadable,
    array_of,
    element_of,
    is_array,
    joined,
)
from autograd.rowcode.intrinsics import INTRINSICS, SIGNS, intrinsic_of
from autograd.rowcode.source import Definition
from autograd.rowcode.values import (
    FOLDED,
    Apply,
    Local,
    Parts,
    Range,
    Record,
    Static,
    Text,
    annotated,
    bare,
    binary,
    bindings,
    called,
    choice,
    compare,
    converted,
    counts,
    is_nested,
    items,
    join,
    may_raise,
    negative,
    rows_of,
    truth,
    typed,
)  # fmt: skip

if TYPE_CHECKING:
    from autograd.rowcode.program import Program

__all__ = ["Reader"]

SIGN_OF: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Mod: "%", ast.FloorDiv: "//", ast.Lt: "<",
    ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
CAUGHT = (ValueError, ZeroDivisionError, OverflowError)  # what `math` raises
ZERO = Number(0, WHOLE)


class _Retyped(Exception):
    """A local variable needs a wider type; the function is read once more."""


class Reader:
    """One function of Python, for arguments of certain types."""

    def __init__(
        self, program: Program, python: Any, node: Definition | None, made: Function, arguments: Mapping[str, Any]
    ) -> None:
        self.program, self.python, self.node, self.made, self.arguments = program, python, node, made, arguments
        self.scope = dict(arguments)  # local names: typed names, or what is known of them
        self.types = {parameter.name: parameter.type for parameter in made.parameters}  # of parameters and local variables
        self.stored: list[str] = []  # every name that the function's own statements bind, as often as they do
        self.returned: Any = made.type
        self.before: list[form.Assign] = []  # what the statement that is being read needs first
        self.inside = 0  # how many choices and loops the expression that is being read is in

    def read(self) -> None:
        """Fill in the body, the type and the local variables of the function."""
        node = self.node
        assert node is not None
        body = node.body if isinstance(node, ast.FunctionDef) else [ast.copy_location(ast.Return(node.body), node)]
        self.stored = bindings(body)
        while True:
            self.scope, self.returned, self.before, self.inside = dict(self.arguments), self.made.type, [], 0
            try:
                self.made.body = self.block(body)
                break
            except _Retyped:
                continue
        self.made.type = self.returned
        for part in form.walk(self.made.body):
            if isinstance(part, form.Return):
                part.value = converted(part.value, self.returned)
        given = {parameter.name for parameter in self.made.parameters}
        self.made.locals = {name: type_ for name, type_ in self.types.items() if name not in given}

    def refuse(self, node: ast.AST, what: str) -> NoReturn:
        """Raise the Unreadable that names the construct and its line."""
        code = self.python.__code__
        raise Unreadable(f"{what}, in line {getattr(node, 'lineno', code.co_firstlineno)} of {Path(code.co_filename).name}")

    def visit(self, node: ast.AST, kind: str) -> Any:
        """What the method for this kind of node gives; whatever is refused inside is refused with its line."""
        method = getattr(self, f"{kind}_{type(node).__name__}", None)
        if method is None:
            self.refuse(node, f"{ast.unparse(node)!r:.60} ({type(node).__name__})")
        try:
            return method(node)
        except Unreadable as reason:
            if ", in line " in str(reason):
                raise
            self.refuse(node, str(reason))

    # ------------------------------------------------------------------------------------------------------------ expressions

    def expression(self, node: ast.expr) -> Any:
        """What the expression is: typed, or known now."""
        return self.visit(node, "on")

    def condition(self, node: ast.expr) -> Any:
        """The truth of an expression."""
        return truth(self.expression(node))

    def branch(self, node: ast.expr) -> Any:
        """An expression that is not evaluated in any case, or more than once."""
        self.inside += 1
        read = self.expression(node)
        self.inside -= 1
        return read

    def on_Constant(self, node: ast.Constant) -> Any:
        return Static(node.value)

    def on_Name(self, node: ast.Name) -> Any:
        if node.id in self.scope:
            return self.scope[node.id]
        code = self.python.__code__
        if node.id in code.co_freevars:
            return Static(self.python.__closure__[code.co_freevars.index(node.id)].cell_contents)
        if node.id not in self.python.__globals__ and not hasattr(builtins, node.id):
            self.refuse(node, f"the name {node.id}")
        found = self.python.__globals__.get(node.id, getattr(builtins, node.id, None))
        if isinstance(found, tuple) and found and all(isinstance(x, (int, float)) for x in found):
            return form.Table(node.id.strip("_"), tuple(map(float, found)))
        return Static(found)

    def on_Attribute(self, node: ast.Attribute) -> Any:
        of = self.expression(node.value)
        if not isinstance(of, Static) or not hasattr(of.value, node.attr):
            self.refuse(node, f"the name {ast.unparse(node)}")
        return Static(getattr(of.value, node.attr))

    def on_Tuple(self, node: ast.Tuple) -> Any:
        parts = [(isinstance(p, ast.Starred), self.expression(p.value if isinstance(p, ast.Starred) else p)) for p in node.elts]
        parts = [
            (on, Parts(tuple(items(x, len(x.type)))) if on and isinstance(getattr(x, "type", 0), tuple) else x) for on, x in parts
        ]
        if all(isinstance(p, Parts) for starred, p in parts if starred):
            return Parts(tuple(x for starred, p in parts for x in (p.parts if starred else (p,))))
        return join([self.array(p) if starred else typed(p) for starred, p in parts])

    def on_List(self, node: ast.List) -> Any:
        made = self.on_Tuple(ast.copy_location(ast.Tuple(node.elts, node.ctx), node))
        return join([typed(part) for part in made.parts]) if isinstance(made, Parts) else made

    def on_Dict(self, node: ast.Dict) -> Any:
        return Record({self.expression(k).value: self.expression(v) for k, v in zip(node.keys, node.values, strict=True) if k})

    def on_JoinedStr(self, node: ast.JoinedStr) -> Any:
        if any(isinstance(part, ast.FormattedValue) and part.format_spec for part in node.values):
            self.refuse(node, "a format")
        parts = [self.expression(part.value if isinstance(part, ast.FormattedValue) else part) for part in node.values]
        return Text(tuple([str(part.value) if isinstance(part, Static) else typed(part) for part in parts]))

    def on_UnaryOp(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not):
            condition = self.condition(node.operand)
            return Static(not condition.value) if isinstance(condition, Static) else form.Unary("not", condition, TRUTH)
        if not isinstance(node.op, (ast.USub, ast.UAdd)):
            self.refuse(node, f"the operator {type(node.op).__name__}")
        operand = self.expression(node.operand)
        return negative(operand) if isinstance(node.op, ast.USub) else operand

    def on_BinOp(self, node: ast.BinOp) -> Any:
        return binary(self.sign(node.op), self.expression(node.left), self.expression(node.right))

    def sign(self, node: ast.AST) -> str:
        return SIGN_OF.get(type(node)) or self.refuse(node, f"the operator {type(node).__name__}")

    def on_BoolOp(self, node: ast.BoolOp) -> Any:
        is_and, parts = isinstance(node.op, ast.And), list[Any]()
        for value in node.values:
            part = self.branch(value)
            known = truth(part)
            if not isinstance(known, Static) or known.value is not is_and or (value is node.values[-1] and not parts):
                parts.append(part)
            if isinstance(known, Static) and known.value is not is_and:  # it decides: what follows is not evaluated
                break
        if len(parts) == 1:
            return parts[0]
        if all(isinstance(p, Static) or p.type == TRUTH for p in parts):
            return form.Logic("and" if is_and else "or", tuple(map(typed, parts)))
        *before, result = parts
        for part in reversed(before):  # the last that is evaluated is the result
            result = choice(truth(part), *((result, part) if is_and else (part, result)))
        return result

    def on_Compare(self, node: ast.Compare) -> Any:
        terms = [self.expression(term) for term in (node.left, *node.comparators)]
        links = [self.link(a, sign, b) for a, sign, b in zip(terms, node.ops, terms[1:], strict=False)]
        if any(isinstance(x, Static) and not x.value for x in links):
            return Static(False)
        links = [x for x in links if not isinstance(x, Static)]
        return Static(True) if not links else links[0] if len(links) == 1 else form.Logic("and", tuple(links))

    def link(self, a: Any, sign: ast.cmpop, b: Any) -> Any:
        """One comparison of a chain."""
        if isinstance(sign, ast.In):
            return form.Logic(
                "or", tuple(typed(self.link(a, ast.Eq(), b_i)) for b_i in items(b, len(getattr(b, "parts", b.value))))
            )
        word = self.sign(sign)
        if isinstance(a, Static) and isinstance(b, Static):
            return Static(FOLDED[word](a.value, b.value))
        return Static(word == "is not") if word in ("is", "is not") else compare(word, typed(a), typed(b))

    def on_IfExp(self, node: ast.IfExp) -> Any:
        condition = self.condition(node.test)
        if isinstance(condition, Static):
            return self.expression(node.body if condition.value else node.orelse)
        return choice(condition, self.branch(node.body), self.branch(node.orelse))

    def on_Lambda(self, node: ast.Lambda) -> Any:
        return Local(node, dict(self.scope))

    def on_Subscript(self, node: ast.Subscript) -> Any:
        of = self.expression(node.value)
        if not isinstance(node.slice, ast.Slice):
            return self.element(of, self.expression(node.slice))
        step = self.expression(node.slice.step) if node.slice.step else None
        if step == Static(-1) and node.slice.lower is node.slice.upper is None:
            return self.array(self.dispatch(reversed, [of], {}))
        if step is not None:
            self.refuse(node, "a slice with a step")
        ends = [None if e is None else self.expression(e) for e in (node.slice.lower, node.slice.upper)]
        if isinstance(of, (Static, Parts)) and all(e is None or isinstance(e, Static) for e in ends):
            part = slice(*[e and e.value for e in ends])
            return Parts(of.parts[part]) if isinstance(of, Parts) else Static(of.value[part])
        array = self.array(of)
        low, high = [None if e is None else typed(e, WHOLE) for e in ends]
        return form.Slice(array, low, high, array.type)

    def element(self, of: Any, index: Any) -> Any:
        if isinstance(index, Static):
            if isinstance(of, Static):
                return Static(of.value[index.value])
            if isinstance(of, Parts):
                return of.parts[index.value]
            if isinstance(of, form.Table):
                return Static(of.numbers[index.value])
            if isinstance(of.type, tuple):
                return form.Item(of, index.value % len(of.type), of.type[index.value])
            if index.value < 0:
                index = binary("-", form.Length(of), negative(index))
        if isinstance(of, Static) and is_nested(of.value):
            ends = tuple(float(sum(map(len, of.value[:i]))) for i in range(len(of.value) + 1))
            low, high = [form.Element(form.Table("", ends, array_of(WHOLE)), binary("+", index, Static(i)), WHOLE) for i in (0, 1)]
            return rows_of([row for rows in of.value for row in rows], low, high)
        array = self.array(of)
        return form.Element(array, typed(index, WHOLE), element_of(array.type))

    def array(self, x: Any) -> Any:
        """x as an array: a tuple's parts, or what an iterator gives."""
        if isinstance(x, Range):
            name = self.fresh("i")
            element = typed(x.bind(Name(name, WHOLE)))
            return form.Comprehension(name, x.low, x.high, x.step, element, None, array_of(element.type))
        if isinstance(x, Parts) and x.parts and all(isinstance(p, Static) for p in x.parts):
            x = Static(tuple(p.value for p in x.parts))
        made = typed(x)
        if isinstance(made.type, tuple):
            return join(items(made, len(made.type)))
        if not is_array(made.type):
            raise Unreadable(f"{made.type} where an array is needed")
        return made

    def kept(self, array: Any) -> Any:
        """The array under a name, if it would be computed for every element; not where a statement would come too early."""
        if self.inside or isinstance(array, (Name, form.Table)):
            return array
        name = self.fresh("xs")
        self.local(name, array.type)
        self.before.append(form.Assign((name,), array))
        return self.scope[name]

    def fresh(self, wanted: str) -> str:
        """A name for an index that is not in use."""
        taken = {*self.scope, *self.types, *self.stored}
        more = "jklmn" if wanted == "i" else ()
        name: str = next(name for name in (wanted, *more, *(f"{wanted}_{n}" for n in range(2, 999))) if name not in taken)
        self.scope[name] = Name(name, WHOLE)
        return name

    def on_ListComp(self, node: ast.ListComp | ast.GeneratorExp) -> Any:
        kept, generator = dict(self.scope), node.generators[0]
        over = self.iterable(self.expression(generator.iter))
        self.inside += 1
        made = self.comprehension(over, node.generators, node.elt)
        self.inside -= 1
        self.scope = kept
        return made

    def comprehension(self, over: Range, generators: Sequence[ast.comprehension], elt: ast.expr) -> Any:
        """The elements for every turn of the first loop; those of further loops are joined."""
        generator, *others = generators
        is_plain = isinstance(generator.target, ast.Name) and counts(over)
        name = self.fresh(generator.target.id if is_plain else "i")  # type: ignore[attr-defined]  # a name, if it counts
        self.bind(generator.target, over.bind(Name(name, WHOLE)))
        tests = [x for x in map(self.condition, generator.ifs) if x != Static(True)]
        condition = form.Logic("and", tuple(map(typed, tests))) if len(tests) > 1 else typed(tests[0]) if tests else None
        inner = self.iterable(self.expression(others[0].iter)) if others else None
        element = self.comprehension(inner, others, elt) if inner else typed(self.expression(elt))
        if not others and element.type not in SCALARS:
            raise Unreadable(f"an array of {element.type}")
        array = element.type if others else array_of(element.type)
        return form.Comprehension(name, over.low, over.high, over.step, element, condition, array)

    on_GeneratorExp = on_ListComp

    def bind(self, target: ast.expr, value: Any) -> None:
        """Give names to the parts of what a comprehension is at."""
        if isinstance(target, ast.Name):
            self.scope[target.id] = value
            return
        if not isinstance(target, ast.Tuple):
            self.refuse(target, f"the target {ast.unparse(target)}")
        for part, item in zip(target.elts, items(value, len(target.elts)), strict=True):
            self.bind(part, item)

    def iterable(self, x: Any) -> Range:
        """A Range over anything that can be gone over."""
        if isinstance(x, Range):
            return x
        if isinstance(x, Static) and is_nested(x.value):
            return rows_of(x.value, Number(0, WHOLE), Number(len(x.value), WHOLE))
        array = self.kept(self.array(x))
        size = Number(len(array.numbers), WHOLE) if isinstance(array, form.Table) else form.Length(array)
        return Range(ZERO, size, 1, lambda i: form.Element(array, i, element_of(array.type)))

    def counted(self, x: Any) -> Range:
        """The same from 0 in steps of 1."""
        over = self.iterable(x)
        if over.low == ZERO and over.step == 1:
            return over
        if over.step not in (1, -1):
            raise Unreadable("an iterator over steps other than 1 and -1")
        sign, ends = ("+", (over.high, over.low)) if over.step == 1 else ("-", (over.low, over.high))
        return Range(ZERO, typed(binary("-", *ends)), 1, lambda i: over.bind(binary(sign, over.low, i)))

    # ------------------------------------------------------------------------------------------------------------------ calls

    def on_Call(self, node: ast.Call) -> Any:
        function = self.expression(node.func)
        if isinstance(function, Static) and function.value is ops.where and len(node.args) == 3:
            return self.chosen(*node.args)
        arguments: list[Any] = []
        for argument in node.args:
            inner = self.expression(argument.value if isinstance(argument, ast.Starred) else argument)
            if isinstance(argument, ast.Starred) and not isinstance(inner, Parts):
                self.refuse(node, "a starred argument of unknown length")
            arguments += inner.parts if isinstance(argument, ast.Starred) else [inner]
        keywords: dict[str, Any] = {}
        for keyword in node.keywords:
            inner = self.expression(keyword.value)
            if keyword.arg is None and not isinstance(inner, Record):
                self.refuse(node, "keywords that are not known")
            keywords |= {keyword.arg: inner} if keyword.arg else dict(inner.entries)
        if isinstance(function, Local):
            return self.inlined(function, arguments)
        if isinstance(function, Apply):
            operands, parameters = arguments
            one_each = isinstance(operands, Parts) and not function.row.variadic
            return self.program.row(function.row, list(operands.parts) if one_each else [self.array(operands)], parameters.entries)
        if not isinstance(function, Static):
            self.refuse(node, f"a call of {ast.unparse(node.func)}")
        return self.dispatch(function.value, arguments, keywords)

    def inlined(self, function: Local, arguments: Sequence[Any]) -> Any:
        """The body of a local lambda, for these arguments."""
        spec = function.node.args
        names, missing = [a.arg for a in spec.args], len(spec.args) - len(arguments)
        if not 0 <= missing <= len(spec.defaults):
            self.refuse(function.node, "the arguments of this lambda")
        arguments = [*arguments, *[self.expression(e) for e in spec.defaults[len(spec.defaults) - missing :]]]
        kept, self.scope = self.scope, {**function.scope, **self.scope, **dict(zip(names, arguments, strict=True))}
        try:
            return self.branch(function.node.body)
        finally:
            self.scope = kept

    def chosen(self, test: ast.expr, *branches: ast.expr) -> Any:
        """where(test, a, b): a branch that is a function is evaluated only if it is chosen."""
        condition, read = self.condition(test), [self.expression(branch) for branch in branches]
        parts = [self.inlined(x, []) if isinstance(x, Local) else x for x in read]
        if any(not isinstance(x, Local) and may_raise(x) for x in read):  # it is evaluated in any case
            return called(INTRINSICS["python.chosen"], condition, *parts)
        return choice(condition, *parts)

    def dispatch(self, function: Any, arguments: list[Any], keywords: Mapping[str, Any]) -> Any:
        """A call of an object of Python."""
        if isinstance(function, Op):
            return self.row(function, arguments, keywords)
        from autograd.rowcode.library import LIBRARY

        function = bare(function)
        sign = next((sign for known, sign in SIGNS.items() if known is function), None)
        if sign is not None and not keywords:
            return binary(sign, *arguments) if len(arguments) == 2 else negative(*arguments) if sign == "neg" else arguments[0]
        known = next((method for known, method in LIBRARY.items() if known is function), None)
        if known is not None:
            return known(self, *arguments, **keywords)
        intrinsic = intrinsic_of(function)
        if intrinsic is not None and not keywords and len(arguments) == len(intrinsic.parameters):
            return called(
                intrinsic, *[self.array(x) if is_array(t) else x for x, t in zip(arguments, intrinsic.parameters, strict=True)]
            )
        if isinstance(function, FunctionType):
            return self.program.function(function, arguments, keywords)
        raise Unreadable(f"a call of {getattr(function, '__name__', function)!s:.60}")

    def row(self, row: Op, arguments: list[Any], keywords: Mapping[str, Any]) -> Any:
        """A call of a row, on floats."""
        if row.call is not None:
            return self.program.function(bare(row.call), [Apply(row), *arguments], keywords)
        if row.variadic:
            arranged = arguments[0] if row.arrange in (None, tuple) else self.dispatch(row.arrange, arguments, {})
            return self.program.row(row, [self.array(arranged)], keywords)
        operands, more = arguments[: len(row.operands)], arguments[len(row.operands) :]
        return self.program.row(row, operands, {**dict(zip(row.parameters, more, strict=False)), **keywords})

    # -------------------------------------------------------------------------------------------------------------- statements

    def block(self, statements: Sequence[ast.stmt]) -> list[Any]:
        """The statements in the typed form."""
        outer, lines = self.before, list[Any]()
        for statement in statements:
            self.before = []
            made = self.visit(statement, "do")
            lines += [*self.before, *made]
        self.before = outer
        return lines

    def do_Pass(self, node: ast.Pass) -> list[Any]:
        return []

    def do_Break(self, node: ast.Break | ast.Continue) -> list[Any]:
        return [form.Leave("break" if isinstance(node, ast.Break) else "continue")]

    do_Continue = do_Break

    def do_Return(self, node: ast.Return) -> list[Any]:
        if node.value is None:
            self.refuse(node, "a return without a value")
        read = self.expression(node.value)
        value = self.array(read) if isinstance(read, Range) or is_array(self.made.type) else typed(read)
        self.returned = joined(self.returned, value.type)
        return [form.Return(value)]

    def do_Expr(self, node: ast.Expr) -> list[Any]:
        call = node.value
        if isinstance(call, ast.Constant):
            return []
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "append"):
            self.refuse(node, f"the statement {ast.unparse(node)!r:.40}")
        of, value = self.expression(call.func.value), typed(self.expression(call.args[0]))
        self.local(of.name, array_of(joined(element_of(of.type), value.type)))
        return [form.Append(of.name, value)]

    def do_Assign(self, node: ast.Assign) -> list[Any]:
        if len(node.targets) > 1:
            self.refuse(node, "an assignment to several targets")
        return self.assign(node.targets[0], self.expression(node.value))

    def do_AnnAssign(self, node: ast.AnnAssign) -> list[Any]:
        value = self.expression(node.value) if node.value else self.refuse(node, "a name without a value")
        wanted = annotated(node.annotation)
        return self.assign(node.target, value if wanted is None else typed(value, wanted))

    def do_AugAssign(self, node: ast.AugAssign) -> list[Any]:
        old = self.expression(ast.parse(ast.unparse(node.target), mode="eval").body)
        return self.assign(node.target, binary(self.sign(node.op), old, self.expression(node.value)))

    def assign(self, target: ast.expr, value: Any) -> list[Any]:
        """The statements that give a target its value; what is known and bound once needs none."""
        if isinstance(target, ast.Name):
            if self.stored.count(target.id) == 1 and isinstance(value, (Static, Local, Name, form.Table)):
                self.scope[target.id] = value
                return []
            made = self.array(value) if isinstance(value, Range) else typed(value)
            return [form.Assign((target.id,), converted(made, self.local(target.id, made.type)))]
        if isinstance(target, ast.Subscript):
            of = self.expression(target.value)
            if not (isinstance(of, Name) and is_array(of.type)):
                self.refuse(target, "an assignment to an element of this")
            return [form.SetElement(of, self.element(of, self.expression(target.slice)).index, typed(value, element_of(of.type)))]
        if isinstance(target, ast.Tuple) and isinstance(target.elts[-1], ast.Starred):  # first, *others = xs
            array, *before = self.kept(self.array(value)), *target.elts[:-1]
            pairs = [(e, self.element(array, Static(i))) for i, e in enumerate(before)]
            pairs.append((target.elts[-1].value, form.Slice(array, Number(len(before), WHOLE), None, array.type)))
            return [s for e, part in pairs for s in self.assign(e, part)]
        if isinstance(target, ast.Tuple) and any(isinstance(e, ast.Tuple) for e in target.elts):
            return [s for e, part in zip(target.elts, items(value, len(target.elts)), strict=True) for s in self.assign(e, part)]
        names = [e.id for e in getattr(target, "elts", []) if isinstance(e, ast.Name)]
        if not isinstance(target, ast.Tuple) or len(names) < len(target.elts):
            self.refuse(target, f"the target {ast.unparse(target)}")
        parts = items(value, len(names))
        value = Parts(tuple(parts)) if isinstance(value, Static) else value
        later = [part for i, name in enumerate(names) for part in form.walk(parts[i + 1 :]) if part == self.scope.get(name)]
        if isinstance(value, Parts) and not later:  # unless a, b = b, a
            return [s for e, part in zip(target.elts, parts, strict=True) for s in self.assign(e, part)]
        types = tuple(self.local(name, typed(part).type) for name, part in zip(names, parts, strict=True))
        return [form.Assign(tuple(names), typed(value, types))]

    def local(self, name: str, type_: Any) -> Any:
        """The type of a local variable, widened if it must hold this too."""
        known = self.types.get(name)
        self.types[name] = joined(known, type_)
        self.scope[name] = Name(name, self.types[name])
        if known not in (None, self.types[name]):
            raise _Retyped
        return self.types[name]

    def do_If(self, node: ast.If) -> list[Any]:
        condition = self.condition(node.test)
        if isinstance(condition, Static):
            return self.block(node.body if condition.value else node.orelse)
        return [form.If(condition, self.block(node.body), self.block(node.orelse))]

    def do_While(self, node: ast.While) -> list[Any]:
        if node.orelse:
            self.refuse(node, "else after a loop")
        return [form.While(typed(truth(self.branch(node.test))), self.block(node.body))]

    def do_For(self, node: ast.For) -> list[Any]:
        if node.orelse:
            self.refuse(node, "else after a loop")
        over = self.iterable(self.expression(node.iter))
        plain = isinstance(node.target, ast.Name) and counts(over) and self.stored.count(node.target.id) == 1
        name = node.target.id if plain else self.fresh("i")  # type: ignore[attr-defined]  # a name, if it is plain
        self.types[name], self.scope[name] = WHOLE, Name(name, WHOLE)
        head = [] if plain else self.each(node.target, over.bind(Name(name, WHOLE)))
        return [form.For(name, over.low, over.high, over.step, [*head, *self.block(node.body)])]

    def each(self, target: ast.expr, value: Any) -> list[Any]:
        """The statements that give a loop's targets their values."""
        if isinstance(target, ast.Tuple) and isinstance(value, Parts):
            return [s for e, part in zip(target.elts, value.parts, strict=True) for s in self.each(e, part)]
        return self.assign(target, value)

    def do_Raise(self, node: ast.Raise) -> list[Any]:
        raised = self.expression(node.exc.func if isinstance(node.exc, ast.Call) else node.exc) if node.exc else Static(None)
        if not isinstance(raised.value, type) or not issubclass(raised.value, Exception):
            self.refuse(node, "this raise")
        message = self.expression(node.exc.args[0]) if isinstance(node.exc, ast.Call) and node.exc.args else Static("")
        name = next(c.__name__ for c in raised.value.__mro__ if c.__module__ == "builtins")
        return [form.Raise(name, message.parts if isinstance(message, Text) else (str(message.value),))]

    def do_FunctionDef(self, node: ast.FunctionDef) -> list[Any]:
        if len(node.body) > 1 or not isinstance(node.body[0], ast.Return) or node.body[0].value is None:
            self.refuse(node, "a function inside a function that is more than one return")
        self.scope[node.name] = Local(ast.copy_location(ast.Lambda(node.args, node.body[0].value), node), dict(self.scope))
        return []

    def do_Try(self, node: ast.Try) -> list[Any]:
        if node.orelse or node.finalbody or any(handler.name for handler in node.handlers):
            self.refuse(node, "else, finally or a name for an exception")
        body, handlers = self.block(node.body), []
        for handler in node.handlers:
            caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
            classes = tuple(self.expression(c).value for c in caught) or (Exception,)
            handlers.append((tuple(c.__name__ for c in CAUGHT if issubclass(c, classes)), self.block(handler.body)))
        return [form.Try(body, handlers)]
