"""The functions that rows need, read from Python into the typed form, each once for the types that it is called with.

    >>> from autograd import ops
    >>> slope = Program().partials(ops.sigmoid)[0].function
    >>> [type(statement).__name__ for statement in slope.body], slope.type
    (['Assign', 'Return'], 'float')

Start reading at `Program.function`.
"""

from __future__ import annotations

import ast
import dis
import inspect
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from itertools import count
from types import CodeType, FunctionType
from typing import Any

from autograd.calls import NO_PARAMETERS
from autograd.ops import Op
from autograd.rowcode import form
from autograd.rowcode.algorithms import ALGORITHMS
from autograd.rowcode.form import ARRAY, FLOAT, TRUTH, WHOLE, Array, Call, Constant, Function, Name, Type, Unreadable
from autograd.rowcode.reading import Evaluator
from autograd.rowcode.source import Definition, source_of
from autograd.rowcode.statements import Reader
from autograd.rowcode.values import annotated, bare, choice, compare, is_nested, join, typed
from autograd.signatures import REQUIRED
from autograd.text.symbols import Condition, Symbol, partial_symbol


class Program:
    """The functions that were needed so far, each after those that it calls, unless they call each other.

    No function gets one of the names in `taken`; `substitutes` has the functions of Python that others are read in place of.
    """

    def __init__(
        self, taken: Collection[str] = (), substitutes: Mapping[Callable[..., Any], Callable[..., Any]] = ALGORITHMS
    ) -> None:
        self.functions: dict[Any, Function] = {}
        self.taken, self.substitutes = frozenset(taken), substitutes
        self.titles = {own: f"math_{known.__name__}" for known, own in substitutes.items() if known.__module__ == "math"}

    def function(
        self, function: Callable[..., Any], arguments: Sequence[Any], keywords: Mapping[str, Any] = NO_PARAMETERS, name: str = ""
    ) -> Call:
        """A call of the function with these arguments; the function is read for their types, if it was not yet."""
        assert isinstance(function, FunctionType)
        node = source_of(function)
        if node is None:
            raise Unreadable(f"the source of {function.__name__} is not to be had")
        scope, given, key = _bound(function, node, arguments, keywords)
        if key not in self.functions:
            title = self._unused(name or self.titles.get(function) or function.__name__.replace("<lambda>", "f").strip("_"))
            self.functions[key] = Function(title, [x for x, _ in given], annotated(getattr(node, "returns", None)))
            Reader(self, function, self.functions[key], scope).read(node)
            self.functions[key] = self.functions.pop(key)  # after those that it calls
        made = self.functions[key]
        return Call(made, tuple([argument for _, argument in given]), made.type)

    def _unused(self, wanted: str) -> str:
        taken = {*self.taken, *(function.name for function in self.functions.values())}
        return next(name for i in count(1) if (name := wanted if i == 1 else f"{wanted}_{i}") not in taken)

    def value(self, row: Op) -> Any:
        """The row's value, over the names that `operands_of` and `parameters_of` give."""
        return typed(self.row(row, operands_of(row), {p.name: p for p in parameters_of(row)}), FLOAT)

    def row(self, row: Op, operands: Sequence[Any], parameters: Mapping[str, Any]) -> Any:
        """The value of a row at these operands: read, or run on symbols, or else as its decomposition into other rows."""
        complete = {**{k: x for k, x in row.parameters.items() if x is not REQUIRED}, **parameters}
        try:
            return self._either(row, bare(row.value), operands, complete, row.__name__)
        except Unreadable:
            if row.decomposition is None:
                raise
            return self._either(row, row.decomposition, operands, complete, row.__name__)

    def _either(self, row: Op, function: Any, operands: Sequence[Any], keywords: Mapping[str, Any], title: str) -> Any:
        if not isinstance(function, FunctionType) or function in self.substitutes:
            return typed(Evaluator(self).call(function, *operands, **keywords))
        if source_of(function) is None:
            return recorded(self, row, function, operands, keywords)
        kept = dict(self.functions)
        try:
            return self.function(function, operands, keywords, title)
        except BaseException:
            self.functions = kept  # without those that were added before the error
            raise

    def partials(self, row: Op) -> list[Any]:
        """For each operand a float or an expression; for an n-ary row one expression for all of them."""
        keywords: dict[str, Any] = {**{p.name: p for p in parameters_of(row)}, "active": active_of(row)}
        operands = [*operands_of(row), result_of(row)]

        def read(partial: Any, title: str) -> Any:
            if type(partial) is float:
                return partial
            names = partial.__code__.co_varnames if isinstance(partial, FunctionType) else ()
            x = self._either(row, partial, operands, {k: x for k, x in keywords.items() if k in names}, title)
            function: Any = getattr(x, "function", None)
            own = [key for key, f in self.functions.items() if f is function and key[0] is partial]
            if not own or len(function.body) > 1 or tuple(function.parameters) != x.parts:
                return x
            del self.functions[own[0]]  # one expression needs no name
            return function.body[0].value

        if callable(row.partials):
            return [read(row.partials, f"slopes_of_{row.__name__}")]
        ends = [f"_{name}" for name in row.operands] if len(row.operands) > 1 else [""]
        return [read(partial, f"slope_of_{row.__name__}{end}") for partial, end in zip(row.partials, ends, strict=True)]


def operands_of(row: Op) -> list[Name]:
    """The operands of a row as typed names; an n-ary row has one array."""
    return [Name(row.operands[0], ARRAY)] if row.variadic else [Name(name, FLOAT) for name in row.operands]


def result_of(row: Op) -> Name:
    """The result of a row as a typed name."""
    return Name("result" if "y" in row.operands else "y", FLOAT)


def active_of(row: Op) -> Any:
    """Which operands are nodes: a truth for each, or an array of truths."""
    return Name("active", Array(TRUTH)) if row.variadic else tuple([Name(f"active_{i}", TRUTH) for i in range(len(row.operands))])


def parameters_of(row: Op) -> list[Name]:
    """The keyword parameters of a row as typed names; the value's annotation decides, else the default."""
    node = source_of(bare(row.value)) if isinstance(bare(row.value), FunctionType) else None
    types = {a.arg: annotated(a.annotation) for a in node.args.kwonlyargs} if node else {}
    for name, default in row.parameters.items():
        if isinstance(default, str):
            raise Unreadable(f"the parameter {name} is a text")
        is_truth = isinstance(default, bool) or name == "condition"
        types[name] = types.get(name) or (TRUTH if is_truth else WHOLE if isinstance(default, int) else FLOAT)
    return [Name(name, types[name]) for name in row.parameters]


def _bound(
    function: FunctionType, node: Definition, arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> tuple[dict[str, Any], list[tuple[Name, Any]], Any]:
    """The scope of a call, the arguments that are passed at run time, and the key under which the function is kept."""
    try:
        bound = inspect.signature(function, follow_wrapped=False).bind(*arguments, **keywords)
    except TypeError as error:
        raise Unreadable(f"the arguments of {function.__name__}: {error}") from None
    bound.apply_defaults()
    annotations = {a.arg: annotated(a.annotation) for a in ast.iter_child_nodes(node.args) if isinstance(a, ast.arg)}
    given: list[tuple[Name, Any]] = []
    key: list[Any] = [function]
    scope = {name: _parameter(name, x, annotations[name], given, key) for name, x in bound.arguments.items()}
    return scope, given, tuple(key)


def _parameter(name: str, argument: Any, wanted: Type, given: list[tuple[Name, Any]], key: list[Any]) -> Any:
    """Return a parameter as the function sees it: its name, or a known object that the function is specialised for."""
    is_flat = isinstance(argument, tuple) and all(isinstance(part, (Name, Constant, float, int)) for part in argument)
    if is_flat and wanted in (None, Array(TRUTH)):
        return tuple([_parameter(f"{name}_{i}", part, None, given, key) for i, part in enumerate(argument)])
    if is_nested(argument) or not isinstance(argument, (form.Expression, tuple, list, bool, int, float)):
        if not isinstance(argument, Hashable):
            raise Unreadable(f"a {type(argument).__name__} as the argument {name}")
        key.append((name, argument))
        return argument
    passed = typed(argument, wanted)
    key.append((name, passed.type))
    given.append((Name(name, passed.type), passed))
    return given[-1][0]


# ---------------------------------------------------------------------------------------------------------- the second door
# A function whose source is not to be had is run on symbols, and the expression that it gives is taken. It must have a fixed
# number of operands and choose with `where` alone. Code that compares for equality or catches exceptions is refused, since on
# symbols it would take one way without an error.

LONGEST = 400  # operations of an expression


def recorded(program: Program, row: Op, function: Any, operands: Sequence[Any], parameters: Mapping[str, Any]) -> Any:
    """The typed expression that a function of the row gives on these operands."""
    if row.variadic or row.takes_active or not isinstance(function, FunctionType) or _misleads(function.__code__):
        raise Unreadable(f"the source of {function.__name__} is not to be had")
    names = [f"operand {i}" for i in range(len(operands))]
    known = dict(zip(names, operands, strict=True)) | dict(parameters)
    try:
        result = partial_symbol(function(*map(Symbol, names), **{name: Symbol(name) for name in parameters}))
    except Exception as error:
        reason = f"on symbols it gives {type(error).__name__}: {error}"
        raise Unreadable(f"the source of {function.__name__} is not to be had, and {reason}") from None
    return expression_of(program, result, known, iter(range(LONGEST)))


def expression_of(program: Program, symbol: Symbol, known: Mapping[str, Any], turns: Iterator[int]) -> Any:
    """A symbol as a typed expression over the names that are known, with at most so many operations as there are turns."""
    if next(turns, None) is None:
        raise Unreadable("an expression that is too long")
    if symbol.is_closed:
        return Constant(None, form.GATE)
    if symbol.op is None:
        return typed(symbol.value if symbol.value is not None else known.get(symbol.name, Name(symbol.name, FLOAT)))
    inner = [expression_of(program, operand, known, turns) for operand in symbol.operands]
    condition = symbol.parameters.get("condition")
    if isinstance(condition, Condition):
        return choice(condition_of(program, condition, known, turns), *inner)
    given = {k: expression_of(program, v, known, turns) if isinstance(v, Symbol) else v for k, v in symbol.parameters.items()}
    return typed(program.row(symbol.op, [join(inner)] if symbol.op.variadic else inner, given))


def condition_of(program: Program, condition: Condition, known: Mapping[str, Any], turns: Iterator[int] | None = None) -> Any:
    """A condition on symbols as a truth over the names that are known."""
    turns = iter(range(LONGEST)) if turns is None else turns
    return compare(condition.relation, *[expression_of(program, x, known, turns) for x in (condition.left, condition.right)])


def _misleads(code: CodeType) -> bool:
    """Whether code compares for equality or catches exceptions, which symbols cannot answer."""
    steps = [(step.opname, step.argrepr) for step in dis.get_instructions(code)]
    misleading = any(
        name in ("CONTAINS_OP", "IS_OP") or (name == "COMPARE_OP" and sign[:2] in ("==", "!=")) for name, sign in steps
    )
    return misleading or bool(code.co_exceptiontable) or any(_misleads(c) for c in code.co_consts if isinstance(c, CodeType))
