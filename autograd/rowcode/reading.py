"""The expressions of one function of Python, read into the typed form: Python itself evaluates them, on typed operands.

Names, closures, lambdas, starred arguments and keywords mean what they mean in Python. Only what a typed expression cannot answer
(an operator, a condition, an element, a call, a loop) is asked of the reader, which is `$` in the expression that is evaluated:
`a * b if a > 0 else f(b)` as `$.chosen($.compared((">",), a, 0), lambda: $.binary("*", a, b), lambda: $.call(f, b))`.
What is known is computed now; what cannot be read is refused by name. Builtins are in `LIBRARY`; `statements` has the rest.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, NoReturn

from autograd import ops
from autograd.ops import Op
from autograd.rowcode import algorithms, form, values
from autograd.rowcode.form import FLOAT, TRUTH, WHOLE, Array, Assign, Comprehension, Constant, Name, Operation, Unreadable
from autograd.rowcode.intrinsics import CHOSEN, INTRINSICS, ROUND_TO, SIGNS
from autograd.rowcode.values import Range, Spread, called, choice, compare, is_fixed, is_known, items, join, length, truth, typed

if TYPE_CHECKING:
    from autograd.rowcode.program import Program

SIGN_OF: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Mod: "%", ast.FloorDiv: "//", ast.Lt: "<",
    ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not", ast.In: "in",
    ast.And: "and", ast.Or: "or",
}  # fmt: skip
FOLDED: dict[str, Callable[[Any, Any], Any]] = {
    **{sign: function for function, sign in SIGNS.items()}, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge, "==": operator.eq, "!=": operator.ne, "is": operator.is_, "is not": operator.is_not,
}  # fmt: skip

ZERO = Constant(0, WHOLE)


class Retyped(Exception):
    """A local variable needs a wider type; the function is read once more."""


PLAIN = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.Constant, ast.Name, ast.Attribute, ast.Tuple,
         ast.List, ast.Dict, ast.Lambda, ast.arguments, ast.arg, ast.keyword, ast.Slice, ast.FormattedValue)  # fmt: skip
"""Syntax that means on typed expressions what it means in Python."""


def _ask(method: str, *arguments: Any, keywords: Sequence[ast.keyword] = ()) -> ast.Call:
    """`$.method(arguments)`; an argument that is no syntax is a constant."""
    given = [x if isinstance(x, ast.AST) else ast.Constant(x) for x in arguments]
    return ast.Call(ast.Attribute(ast.Name("$", ast.Load()), method, ast.Load()), given, list(keywords))  # type: ignore[arg-type]


def _later(node: ast.expr) -> ast.Lambda:
    return ast.Lambda(ast.arguments([], [], None, [], [], None, []), node)


def _asked(node: Any) -> Any:
    """A copy of the syntax of an expression, with what the reader must answer written as calls of the reader."""
    if not isinstance(node, ast.AST):
        return list(map(_asked, node)) if isinstance(node, list) else node
    made: Any = type(node)(**{name: _asked(part) for name, part in ast.iter_fields(node)})
    match made:
        case ast.BinOp() if type(made.op) in SIGN_OF:
            return _ask("binary", SIGN_OF[type(made.op)], made.left, made.right)
        case ast.UnaryOp(op=ast.UAdd()):
            return made.operand
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            return _ask("negative" if isinstance(made.op, ast.USub) else "no", made.operand)
        case ast.BoolOp():
            return _ask("logic", SIGN_OF[type(made.op)], *map(_later, made.values))
        case ast.Compare() if all(type(sign) in SIGN_OF for sign in made.ops):
            return _ask("compared", tuple([SIGN_OF[type(sign)] for sign in made.ops]), made.left, *made.comparators)
        case ast.IfExp():
            return _ask("chosen", made.test, _later(made.body), _later(made.orelse))
        case ast.Call():
            return _ask("call", made.func, *made.args, keywords=made.keywords)
        case ast.Starred():
            return ast.Starred(_ask("spread", made.value), ast.Load())
        case ast.Subscript(slice=ast.Slice() as part):
            return _ask("part", made.value, part.lower, part.upper, part.step)
        case ast.Subscript():
            return _ask("element", made.value, made.slice)
        case ast.JoinedStr() if any(isinstance(part, ast.FormattedValue) and part.format_spec for part in made.values):
            return _ask("refuse", "a format")
        case ast.JoinedStr():
            return _ask("text", *[part.value if isinstance(part, ast.FormattedValue) else part for part in made.values])
        case ast.comprehension():
            made.iter = _ask("each", made.iter, getattr(made.target, "id", ""))
            made.ifs = [_ask("kept", test) for test in made.ifs]
            return made
        case ast.ListComp() | ast.GeneratorExp():
            return _ask("collected", _later(ast.ListComp(made.elt, made.generators)))
    return made if isinstance(made, PLAIN) else _ask("refuse", f"{ast.unparse(node)!r:.60} ({type(node).__name__})")


@lru_cache(maxsize=8192)
def _compiled(node: ast.expr) -> CodeType:
    return compile(ast.fix_missing_locations(ast.Expression(_asked(node))), "<row>", "eval")


class Evaluator:
    """Evaluates the expressions of one function, for arguments of certain types."""

    def __init__(self, program: Program, function: FunctionType | None = None) -> None:
        self.program = program
        self.names: dict[str, Any] = {**function.__globals__, "$": self} if function else {}  # all but the local ones
        if function and function.__closure__:
            cells = zip(function.__code__.co_freevars, function.__closure__, strict=True)
            self.names |= {name: cell.cell_contents for name, cell in cells}
        self.scope: dict[str, Any] = {}
        self.types: dict[str, Any] = {}  # of parameters and local variables
        self.stored: list[str] = []  # every name that the function's own statements bind, as often as they do
        self.before: list[Assign] = []  # what the statement that is being read needs first
        self.inside = 0  # how many choices and loops the expression that is being read is in
        self.loops: list[tuple[str, Range, list[Any]]] = []  # of the comprehension that is being read: index, range, conditions
        self.indices: set[str] = set()  # of all loops that the expression is in

    def expression(self, node: ast.expr) -> Any:
        """Return the value of an expression: typed, or known now."""
        return eval(_compiled(node), self.scope)

    def refuse(self, what: str) -> NoReturn:
        raise Unreadable(what)

    def branch(self, read: Callable[[], Any]) -> Any:
        """Read a part that does not run in every case, or runs more than once."""
        self.inside += 1
        found = read()
        self.inside -= 1
        return found

    # --------------------------------------------------------------------------------------------------------------- operators

    def binary(self, sign: str, a: Any, b: Any) -> Any:
        """a sign b, for typed expressions and for what is known."""
        if is_known(a) and is_known(b):
            try:
                return FOLDED[sign](a, b)
            except (ArithmeticError, TypeError):  # where it runs, it raises
                pass
        if sign == "*" and isinstance(a, (tuple, list)) and not is_known(b):  # (x,) * n
            (part,) = a
            return self.array(Range(b, lambda i: part))
        if sign == "*" and isinstance(a, (tuple, list)):
            return a * b
        parts = [self.spread(x) if isinstance(getattr(x, "type", None), Array) else x for x in (a, b)]
        if sign == "+" and any(isinstance(x, (tuple, list)) for x in parts):
            return (tuple if isinstance(a, tuple) else list)([part for x in parts for part in x])
        a, b = values.numbers(sign, a, b)
        if a.type == WHOLE and sign == "//":
            return called(INTRINSICS[math.floor], self.binary("/", a, b))  # exact below 2⁵³
        if (sign in ("+", "-") and b == ZERO) or (sign == "+" and a == ZERO):
            return a if b == ZERO else b
        wanted = WHOLE if a.type == WHOLE and sign not in ("/", "**") else FLOAT
        a, b = typed(a, wanted), typed(b, wanted)
        if (sign, wanted) in algorithms.OPERATORS:
            return self.program.function(algorithms.OPERATORS[sign, wanted], [a, b])
        if sign == "/" and not (isinstance(b, Constant) and b.value != 0.0):
            return called(INTRINSICS[operator.truediv], a, b)
        return Operation(sign, (a, b), wanted)

    def negative(self, x: Any) -> Any:
        """−x."""
        if is_known(x):
            return -x
        x = typed(x, WHOLE if x.type == WHOLE else FLOAT)
        return Operation("neg", (x,), x.type)

    def no(self, x: Any) -> Any:
        condition = truth(x)
        return not condition if is_known(condition) else Operation("not", (condition,), TRUTH)

    def logic(self, sign: str, *thunks: Callable[[], Any]) -> Any:
        """a and b, a or b: the last that is evaluated is the result."""
        parts: list[Any] = []
        for thunk in thunks:
            parts.append(self.branch(thunk))
            known = truth(parts[-1])
            if known is (sign == "or"):  # it decides: what follows is not evaluated
                break
            if known is (sign == "and") and thunk is not thunks[-1]:
                parts.pop()
        if len(parts) > 1 and all(isinstance(p, bool) or getattr(p, "type", 0) == TRUTH for p in parts):
            return Operation(sign, tuple(map(typed, parts)), TRUTH)
        *before, result = parts
        for part in reversed(before):
            result = choice(truth(part), *((result, part) if sign == "and" else (part, result)))
        return result

    def compared(self, signs: Sequence[str], *terms: Any) -> Any:
        links = [self.link(a, sign, b) for a, sign, b in zip(terms, signs, terms[1:], strict=False)]
        asked = [x for x in links if not is_known(x)]
        if not asked or not all(x for x in links if is_known(x)):
            return all(links)
        return asked[0] if len(asked) == 1 else Operation("and", tuple(asked), TRUTH)

    def link(self, a: Any, sign: str, b: Any) -> Any:
        """One comparison of a chain."""
        if sign == "in":
            return Operation("or", tuple([typed(self.link(a, "==", part)) for part in items(b, len(b))]), TRUTH)
        if is_known(a) and is_known(b):
            return FOLDED[sign](a, b)
        return sign == "is not" if sign in ("is", "is not") else compare(sign, a, b)

    def chosen(self, test: Any, a: Callable[[], Any], b: Callable[[], Any]) -> Any:
        condition = truth(test)
        if is_known(condition):
            return a() if condition else b()
        return choice(condition, self.branch(a), self.branch(b))

    # -------------------------------------------------------------------------------------------------------------- sequences

    def element(self, of: Any, index: Any) -> Any:
        if is_known(index) and (isinstance(of, dict) or is_fixed(of)):
            return of[index]
        if is_known(index) and isinstance(getattr(of, "type", None), tuple):
            return items(of, len(of.type))[index]
        if values.is_nested(of):  # a table of tables: the rows of all of them are one table
            starts = Constant(tuple([float(sum(map(len, of[:i]))) for i in range(len(of) + 1)]), form.Array(WHOLE))
            first, end = values.element(starts, index), values.element(starts, self.binary("+", index, 1))
            rows = self.iterable(tuple([row for table in of for row in table]))
            return Range(self.binary("-", end, first), lambda i: rows.item(self.binary("+", first, i)))
        array = self.array(of)
        if is_known(index) and isinstance(array, Constant):
            return array.value[index]
        return values.element(array, self.binary("-", length(array), -index) if is_known(index) and index < 0 else index)

    def part(self, of: Any, low: Any, high: Any, step: Any) -> Any:
        """of[low:high:step]."""
        if step == -1 and low is None is high:
            return self.array(self.call(reversed, of))
        if step is not None:
            raise Unreadable("a slice with a step")
        if is_fixed(of) and is_known((low, high)):
            return of[low:high]
        array = self.array(of)
        ends = [typed(0 if low is None else low, WHOLE), *([] if high is None else [typed(high, WHOLE)])]
        return Operation("slice", (array, *ends), array.type)

    def spread(self, x: Any) -> Any:
        """The parts that `*x` adds to a tuple or to arguments."""
        if isinstance(x, (tuple, list)):
            return x
        return items(x, len(x.type)) if isinstance(getattr(x, "type", None), tuple) else (Spread(self.array(x)),)

    def text(self, *parts: Any) -> Any:
        return "".join(map(str, parts)) if is_known(parts) else values.Text(parts)

    def array(self, x: Any) -> Any:
        """x as an array: a tuple's parts, or what an iterator gives."""
        if isinstance(x, Range):
            name = self.fresh("i")
            made = typed(x.item(Name(name, WHOLE)))
            self.indices.discard(name)
            return Comprehension(name, typed(x.count, WHOLE), made, None, form.Array(made.type))
        made = join(x) if isinstance(x, (tuple, list)) else typed(x)
        made = join(list(items(made, len(made.type)))) if isinstance(made.type, tuple) else made
        if not isinstance(made.type, Array):
            raise Unreadable(f"{made.type} where an array is needed")
        return made

    def under_a_name(self, array: Any) -> Any:
        """The array, if it would be computed for every element; not where a statement would come too early."""
        if self.inside or isinstance(array, (Name, Constant)):
            return array
        name = self.fresh("xs")
        self.local(name, array.type)
        self.before.append(Assign((name,), array))
        return self.scope[name]

    def local(self, name: str, type_: Any) -> Any:
        """The type of a local variable, widened if it must hold this too."""
        known = self.types.get(name)
        self.types[name] = form.joined(known, type_)
        self.scope[name] = Name(name, self.types[name])
        if known not in (None, self.types[name]):
            raise Retyped
        return self.types[name]

    def fresh(self, wanted: str) -> str:
        """A name for an index or an array that is not in use."""
        taken = {*self.types, *self.stored, *self.indices}
        letters = "jklmn" if wanted == "i" else ""
        name: str = next(name for name in (wanted, *letters, *[f"{wanted}_{n}" for n in range(2, 99)]) if name not in taken)
        self.indices.add(name)
        return name

    def iterable(self, x: Any) -> Range:
        """A Range over anything that can be gone over."""
        if isinstance(x, Range):
            return x
        if values.is_nested(x):
            columns = [join(column) for column in zip(*x, strict=True)]
            return Range(len(x), lambda i: tuple([values.element(column, i) for column in columns]))
        array = self.under_a_name(self.array(x))
        return Range(length(array), lambda i: values.element(array, i))

    def each(self, x: Any, wanted: str) -> Iterator[Any]:
        """Yield one element, whose index has a name: Python's own loop takes a single turn."""
        over = self.iterable(x)
        name = self.fresh(wanted if wanted and self.counts(over) else "i")
        self.loops.append((name, over, []))
        self.inside += 1  # what follows is read once and runs for every element
        yield over.item(Name(name, WHOLE))

    def counts(self, over: Range) -> bool:
        """Whether a Range gives its own indices."""
        probe = Name("", WHOLE)
        return over.item(probe) is probe

    def kept(self, test: Any) -> bool:
        """Note the condition of a comprehension; False, which skips the element, if it is known not to hold."""
        condition = truth(test)
        if is_known(condition):
            return bool(condition)
        self.loops[-1][2].append(condition)
        return True

    def collected(self, read: Callable[[], list[Any]]) -> Any:
        """Return the array of a comprehension: the elements of every turn of the first loop; those of further loops are joined."""
        outer, inside, self.loops = self.loops, self.inside, []
        found, loops = read(), self.loops
        self.loops, self.inside = outer, inside
        self.indices -= {name for name, _, _ in loops}
        if not found:
            return ()
        made = typed(found[0])
        if made.type not in form.SCALARS:
            raise Unreadable(f"an array of {made.type}")
        type_ = form.Array(made.type)
        for name, over, tests in reversed(loops):
            condition = Operation("and", tuple(tests), TRUTH) if len(tests) > 1 else tests[0] if tests else None
            made = Comprehension(name, typed(over.count, WHOLE), made, condition, type_)
        return made

    # ------------------------------------------------------------------------------------------------------------------ calls

    def call(self, function: Any, *arguments: Any, **keywords: Any) -> Any:
        """A call of an object of Python."""
        if any(isinstance(x, Spread) for x in arguments):
            raise Unreadable("a starred argument of unknown length")
        if getattr(function, "__func__", None) is Op.apply:
            (operands, parameters), row = arguments, function.__self__
            one_each = is_fixed(operands) and not row.variadic
            return self.program.row(row, list(operands) if one_each else [self.array(operands)], parameters)
        if isinstance(function, Op):
            return self.row(function, arguments, keywords)
        function = values.bare(function)
        function = self.program.substitutes.get(function, function)
        reader = getattr(function, "__globals__", {}).get("$")
        if reader not in (None, self):
            raise Unreadable("a call of a function inside another function")
        if reader:  # a lambda inside this function is read where it is called
            return self.branch(lambda: function(*arguments, **keywords))
        if function in LIBRARY:
            return LIBRARY[function](self, *arguments, **keywords)
        if function in SIGNS and len(arguments) == 2:
            return self.binary(SIGNS[function], *arguments)
        given = [self.array(x) if isinstance(x, Range) else x for x in arguments]
        if function in INTRINSICS and not keywords:
            return called(INTRINSICS[function], *given)
        if isinstance(function, FunctionType):
            return self.program.function(function, given, keywords)
        raise Unreadable(f"a call of {getattr(function, '__name__', function)!s:.60}")

    def where(self, test: Any, *branches: Any) -> Any:
        """where(test, a, b): a branch that is a function is evaluated only if it is chosen."""
        read = [(lambda x=x: self.call(x)) if isinstance(x, FunctionType) else (lambda x=x: x) for x in branches]
        if any(not isinstance(x, FunctionType) and form.may_raise(x) for x in branches):  # it is evaluated in any case
            return called(CHOSEN, truth(test), *map(self.branch, read))
        return self.chosen(test, *read)

    def row(self, row: Op, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
        """A call of a row, on floats."""
        if row is ops.where and len(arguments) == 3:
            return self.where(*arguments)
        if row.call is not None:
            return self.program.function(values.bare(row.call), [row.apply, *arguments], keywords)
        if row.variadic:
            arranged = arguments[0] if row.arrange in (None, tuple) else self.call(row.arrange, *arguments)
            return self.program.row(row, [self.array(arranged)], keywords)
        operands, more = arguments[: len(row.operands)], arguments[len(row.operands) :]
        return self.program.row(row, operands, {**dict(zip(row.parameters, more, strict=False)), **keywords})


# ------------------------------------------------------------- builtins that are computed while a function is read


def _range(reader: Evaluator, *bounds: Any) -> Range:
    low, high, step = (0, bounds[0], 1) if len(bounds) == 1 else (*bounds, 1)[:3]
    if not is_known(step):
        raise Unreadable("a range whose step is not known")
    binary, way = reader.binary, 1 if step > 0 else -1
    distance = binary("-", high, low) if step > 0 else binary("-", low, high)
    count = distance if step == way else binary("//", binary("+", distance, way * step - 1), way * step)
    return Range(count, lambda i: binary("+" if step > 0 else "-", low, i if step == way else binary("*", way * step, i)))


def _zip(reader: Evaluator, *sequences: Any, strict: bool = False) -> Range:
    ranges = [reader.iterable(x) for x in sequences]
    least = ranges[0].count
    for count in [over.count for over in ranges[1:]]:
        least = least if strict or count == least else choice(compare("<", count, least), count, least)
    return Range(least, lambda i: tuple([over.item(i) for over in ranges]))


def _enumerate(reader: Evaluator, x: Any, start: Any = 0) -> Range:
    over = reader.iterable(x)
    return Range(over.count, lambda i: (reader.binary("+", start, i), over.item(i)))


def _reversed(reader: Evaluator, x: Any) -> Range:
    over = reader.iterable(x)
    last = reader.binary("-", over.count, 1)
    return Range(over.count, lambda i: over.item(reader.binary("-", last, i)))


def _map(reader: Evaluator, function: Any, *sequences: Any) -> Range:
    over = _zip(reader, *sequences)
    return Range(over.count, lambda i: reader.call(function, *over.item(i)))


def _int(reader: Evaluator, x: Any) -> Any:
    return int(x) if is_known(x) else x if x.type == WHOLE else called(INTRINSICS[math.trunc], x)


def _sequence(reader: Evaluator, x: Any = ()) -> Any:
    return x if isinstance(x, (tuple, list)) else reader.array(x)


def _max(reader: Evaluator, *xs: Any) -> Any:
    if is_known(xs):
        return max(*xs)
    if len(xs) == 1 and not is_fixed(xs[0]):
        return reader.program.function(algorithms.greatest, [reader.array(xs[0])])
    best, *others = xs[0] if len(xs) == 1 else xs
    for other in others:
        best = reader.program.function(algorithms.greater, [best, other])
    return best


def _min(reader: Evaluator, *xs: Any) -> Any:
    if len(xs) == 1 and not is_fixed(xs[0]):
        return reader.negative(_max(reader, _map(reader, operator.neg, xs[0])))
    return reader.negative(_max(reader, *[reader.negative(x) for x in (xs[0] if len(xs) == 1 else xs)]))


def _quantified(reader: Evaluator, x: Any, sign: str) -> Any:
    if is_fixed(x):
        return reader.logic(sign, *[lambda part=part: typed(truth(part)) for part in x])
    over = reader.iterable(x)
    truths = reader.array(Range(over.count, lambda i: typed(truth(over.item(i)))))
    count = reader.program.function(algorithms.count_of, [truths])
    return compare(">", count, 0) if sign == "or" else compare("==", count, over.count)


LIBRARY: dict[Any, Callable[..., Any]] = {
    range: _range, zip: _zip, enumerate: _enumerate, reversed: _reversed, map: _map, tuple: _sequence, list: _sequence,
    iter: _sequence, int: _int, min: _min, max: _max, operator.neg: Evaluator.negative,
    float: lambda reader, x: float(x) if is_known(x) else typed(x, FLOAT),
    bool: lambda reader, x: truth(x),
    len: lambda reader, x: len(x) if is_fixed(x) else length(reader.array(x)),
    round: lambda reader, x, *digits: called(ROUND_TO if digits else INTRINSICS[round], x, *digits),
    operator.index: lambda reader, x: x,
    operator.pos: lambda reader, x: x,
    any: lambda reader, x: _quantified(reader, x, "or"),
    all: lambda reader, x: _quantified(reader, x, "and"),
}  # fmt: skip
"""By the builtin of Python: a function of the reader and the arguments."""
