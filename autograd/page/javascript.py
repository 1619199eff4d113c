"""Rows of the table as JavaScript: what a row says of its value and its partials in Python is translated, never written again.

The source of each function is found, parsed, and printed as JavaScript, together with the functions that it calls:

    >>> from autograd import ops
    >>> script = operations([ops.sigmoid])
    >>> print(script.source[script.source.index("  sigmoid: "):])
      sigmoid: row("sigmoid", sigmoid, [(a, y) => y * sigmoid(-a)]),
    };
    return OPERATIONS;
    })();
    <BLANKLINE>

What is translated is the Python that functions of numbers are written in: arithmetic, choices, loops, sequences of numbers.
Whatever else is met is refused by name, and the row is then `missing`. Python's `math` and its operators are in `math.js`: they
raise where Python does. A function without a source, typed at a prompt, is run on symbols instead, and what it gives is printed.

Start reading at `operations`, then `_Translator`.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import dis
import inspect
import linecache
import math
import operator
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple, NoReturn, TypeVar

from autograd import ops
from autograd.ops import CLOSED, REQUIRED, TABLE, Op
from autograd.page.document import resource
from autograd.symbols import Condition, Symbol, symbolic

__all__ = ["Script", "operations"]


class Script(NamedTuple):
    """What a page runs, and the rows that it cannot."""

    source: str  # defines OPERATIONS = {name: {value(xs, parameters), partials(xs, y, parameters, active), domain}}
    missing: dict[str, str]  # rows that could not be translated: name -> why


def operations(rows: Iterable[Op]) -> Script:
    """JavaScript that defines `OPERATIONS`, an object with these rows by name.

    `value(xs, parameters)` is the row on numbers; it throws an Error whose name is that of Python's exception, where Python raises.
    `partials(xs, y, parameters, active)` has one number for each argument that is active, `null` for a closed gate. `domain` lists
    `{text, low, high}` for each operand.
    """
    program = _Program()
    entries, missing = [], {}
    for row in dict.fromkeys(rows):
        try:
            with program.undone_on_failure():
                entries.append(program.entry(row))
        except Untranslatable as reason:
            missing[row.__name__] = str(reason)
    body = "\n\n".join([*program.code.values(), "\n".join(["const OPERATIONS = {", *entries, "};"])])
    return Script(f"const OPERATIONS = (() => {{\n{_pieces_for(body)}\n\n{body}\nreturn OPERATIONS;\n}})();\n", missing)


class Untranslatable(Exception):
    """Python that has no counterpart here; the message names it and its line."""


# ------------------------------------------------------------------------------------------------------------- math.js, in pieces


@cache
def _pieces() -> dict[str, str]:
    """math.js by what each piece defines."""
    pieces = {}
    for piece in resource("math.js").strip().split("\n\n"):
        found = re.search(r"^(?:const )?([\w.]+) = ", piece, re.MULTILINE)
        if found:
            pieces[found[1]] = piece
    return pieces


def _pieces_for(source: str) -> str:
    """The pieces that the source names, and those that these name, in the order of the file."""
    pieces, needed, waiting = _pieces(), {"math", "python"}, [source]
    while waiting:
        text = waiting.pop()
        for name in set(re.findall(r"\b(?:math|python)\.\w+|\b[a-z_]\w*", text)) & pieces.keys() - needed:
            needed.add(name)
            waiting.append(pieces[name])
    return "\n\n".join([piece for name, piece in pieces.items() if name in needed])


def _counterpart(function: Any) -> str | None:
    """The name in math.js of a function of `math`, `operator` or the builtins."""
    for module, place in ((math, "math"), (builtins, "python"), (operator, "python")):
        name = f"{place}.{getattr(function, '__name__', '')}"
        if name in _pieces() and getattr(module, name.partition(".")[2], None) is function:
            return name
    return None


# ------------------------------------------------------------------------------------------------------------ kinds, expressions
# `+` joins tuples in Python and not in JavaScript, an empty tuple is false, and True is no number: so every expression has a kind.

NUMBER, BOOLEAN, TEXT, FUNCTION, UNKNOWN = "number", "boolean", "text", "function", "unknown"
EMPTY = ""  # a sequence of numbers is "[number]", an empty one "[]"

ARROW, CHOICE, OR, AND, EQUALITY, RELATION, SUM, PRODUCT, UNARY, CALL, ATOM = range(11)  # how tightly they bind
COMPARISONS: dict[type[ast.cmpop], tuple[str, int]] = {
    ast.Lt: ("<", RELATION), ast.LtE: ("<=", RELATION), ast.Gt: (">", RELATION), ast.GtE: (">=", RELATION),
    ast.Eq: ("===", EQUALITY), ast.NotEq: ("!==", EQUALITY), ast.Is: ("===", EQUALITY), ast.IsNot: ("!==", EQUALITY),
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], tuple[str, int]] = {ast.Add: ("+", SUM), ast.Sub: ("-", SUM), ast.Mult: ("*", PRODUCT)}
CALLED: dict[type[ast.operator], str] = {
    ast.Div: "python.divide", ast.Pow: "python.power", ast.Mod: "python.modulo", ast.FloorDiv: "python.floor_divide",
}  # fmt: skip
OPERATORS: dict[Any, ast.operator | ast.unaryop] = {
    operator.add: ast.Add(), operator.sub: ast.Sub(), operator.mul: ast.Mult(), operator.truediv: ast.Div(),
    operator.pow: ast.Pow(), builtins.pow: ast.Pow(), operator.mod: ast.Mod(), operator.floordiv: ast.FloorDiv(),
    operator.neg: ast.USub(), operator.pos: ast.UAdd(),
}  # fmt: skip
NUMERIC = [{NUMBER}, {BOOLEAN}, {NUMBER, BOOLEAN}, {NUMBER, UNKNOWN}, {BOOLEAN, UNKNOWN}]
BOOLEANS = {"python.all", "python.any", "math.isnan", "math.isinf", "math.isfinite"}
CAUGHT = (ValueError, ZeroDivisionError, OverflowError)
RESERVED = set(
    re.findall(
        r"\w+",
        """arguments await break case catch class const continue debugger default delete do else enum eval export extends false
        finally for function if implements import in instanceof interface let new null package private protected public return
        static super switch this throw true try typeof undefined var void while with yield Array Error Infinity Math NaN Number
        Object error math python row OPERATIONS""",
    )
)
NOTHING = object()
T = TypeVar("T")


class _Js(NamedTuple):
    """An expression of JavaScript."""

    text: str
    precedence: int = ATOM
    kind: str = UNKNOWN

    def inside(self, precedence: int) -> str:
        """As it is written where something binds that tightly."""
        return self.text if self.precedence >= precedence else f"({self.text})"


def _is_list(kind: str) -> bool:
    return kind.startswith("[")


def _element(kind: str) -> str:
    return kind[1:-1] if kind.startswith("[") else UNKNOWN


def _join(kinds: Iterable[str]) -> str:
    """What all of them are."""
    found = {kind for kind in kinds if kind != EMPTY}
    if len(found) > 1:
        found -= {"[]"}
    return found.pop() if len(found) == 1 else UNKNOWN if found else EMPTY


def _annotated(annotation: ast.expr | None) -> str:
    text = ast.unparse(annotation) if annotation else ""
    text = text.strip("'\"")
    if text in ("float", "int"):
        return NUMBER
    if text == "bool":
        return BOOLEAN
    found = re.fullmatch(r"(?:tuple|list|Sequence|Iterable)\[(.*)\]", text)
    if found is None:
        return UNKNOWN
    elements = ast.parse(found[1], mode="eval").body
    inner = elements.elts if isinstance(elements, ast.Tuple) else [elements]
    # Any stands for what operands are, and here they are floats.
    parts = [NUMBER if ast.unparse(e) == "Any" else _annotated(e) for e in inner if ast.unparse(e) != "..."]
    return f"[{_join(parts)}]"


def _kind_of(x: Any) -> str:
    if isinstance(x, bool):
        return BOOLEAN
    if isinstance(x, (int, float)):
        return NUMBER
    return f"[{_join(map(_kind_of, x))}]" if isinstance(x, (tuple, list)) else UNKNOWN


def _literal(x: Any) -> _Js:
    """A constant of Python."""
    if x is CLOSED or x is None:
        return _Js("null", kind=UNKNOWN if x is None else NUMBER)
    if isinstance(x, bool):
        return _Js(str(x).lower(), kind=BOOLEAN)
    if isinstance(x, (int, float)):
        if x != x or math.isinf(x):
            return _Js("NaN" if x != x else "Infinity" if x > 0 else "-Infinity", ATOM if x != x or x > 0 else UNARY, NUMBER)
        text = repr(float(x) if isinstance(x, float) else int(x)).removesuffix(".0")
        text = re.sub(r"e([+-])0+", r"e\1", text).replace("e+", "e")
        return _Js(text, UNARY if text.startswith("-") else ATOM, NUMBER)
    if isinstance(x, str):
        return _Js('"' + x.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("<", "\\u003c") + '"', ATOM, TEXT)
    if isinstance(x, (tuple, list)):
        return _Js(f"[{', '.join([_literal(element).text for element in x])}]", kind=_kind_of(x))
    raise Untranslatable(f"a constant of type {type(x).__name__}")


# -------------------------------------------------------------------------------------------------------------- finding the source

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


def _source_of(function: FunctionType) -> _Function | None:
    """The definition that the function was compiled from; None if its file is not to be had, or is no longer the same."""
    code = function.__code__
    candidates = _definitions("".join(linecache.getlines(code.co_filename, function.__globals__))).get(code.co_firstlineno, [])
    flags = code.co_flags & __future__.annotations.compiler_flag
    found = [node for node in candidates if _fingerprint(code) == _compiled(node, flags)]
    return found[0] if len(found) == 1 else None


def _fingerprint(code: CodeType) -> tuple[Any, ...]:
    """What two compilations of one source have in common: its names, and the places in the file."""
    return code.co_name, code.co_varnames, {place for place in code.co_positions() if place[2] is not None}


def _compiled(node: _Function, flags: int) -> tuple[Any, ...]:
    """The fingerprint of a definition compiled again."""
    statement: ast.stmt = node if isinstance(node, ast.FunctionDef) else ast.copy_location(ast.Expr(node), node)
    module = compile(ast.Module([statement], []), "", "exec", flags, dont_inherit=True)
    name = node.name if isinstance(node, ast.FunctionDef) else "<lambda>"
    inside = [constant for constant in module.co_consts if isinstance(constant, CodeType) and constant.co_name == name]
    return _fingerprint(inside[-1])


def _asks_for_equality(code: CodeType) -> bool:
    """Whether code compares with == or the like, which on symbols is never true and raises nothing."""
    for step in dis.get_instructions(code):
        if step.opname in ("CONTAINS_OP", "IS_OP") or (step.opname == "COMPARE_OP" and re.search("[=!]=", step.argrepr)):
            return True
    return any(_asks_for_equality(constant) for constant in code.co_consts if isinstance(constant, CodeType))


# ------------------------------------------------------------------------------------------------------------------- the program


class _Program:
    """The definitions that rows have needed so far, by what they define."""

    def __init__(self) -> None:
        self.code: dict[Any, str] = {}  # each stands behind those that it needs, unless it calls itself
        self.names: dict[Any, str] = {}
        self.kinds: dict[Any, str] = {}  # of what functions return
        self.literals: dict[str, str] = {}  # of constants, by name
        self.used: set[str] = set()  # the names that the function in translation has used

    @contextmanager
    def undone_on_failure(self) -> Iterator[None]:
        """What a row that fails has added is taken back."""
        kept = [dict(part) for part in (self.code, self.names, self.kinds, self.literals)]
        try:
            yield
        except BaseException:
            self.code, self.names, self.kinds, self.literals = kept
            raise

    def name(self, key: Any, wanted: str, place: str = "") -> str:
        """A name of its own for what is to be defined."""
        taken = {*self.names.values(), *RESERVED, *_pieces()}
        names = (name for name in (wanted, f"{place}_{wanted}", *(f"{wanted}_{i}" for i in range(2, 10_000))))
        self.names[key] = next(name for name in names if name not in taken)
        return self.names[key]

    def constant(self, x: Any, name: str) -> _Js:
        """A constant of a module: by its name, if it is more than a short number."""
        literal = _literal(x)
        if not re.search(r"\d{3}", literal.text):
            return literal
        key = name, literal.text
        if key not in self.names:
            self.literals[self.name(key, name)] = literal.text
            self.code[key] = "\n".join(_wrapped(f"const {self.names[key]} = {literal.text};"))
        self.used.add(self.names[key])
        return _Js(self.names[key], ATOM, literal.kind)

    def function(self, function: FunctionType, kinds: Mapping[str, str], hint: str = "") -> tuple[str, str]:
        """The name of a function of Python, translated for arguments of these kinds, and the kind of its result."""
        translator = _Translator(self, function, kinds)
        key = translator.key
        if key not in self.names:
            module = function.__globals__.get("__name__", "").rpartition(".")[2]
            name = self.name(key, (hint or "f") if function.__name__ == "<lambda>" else function.__name__, module)
            self.kinds[key] = _annotated(getattr(translator.node, "returns", None))
            self.code[key], self.kinds[key] = translator.definition(name)
        self.used.add(self.names[key])
        return self.names[key], self.kinds[key]

    # ------------------------------------------------------------------------------------------------------------ what is called

    def callable(self, function: Any, kinds: Sequence[str], hint: str = "", keywords: Mapping[str, str] = ops.NO_PARAMETERS) -> _Js:
        """A function as a value, to be called with arguments of these kinds."""
        function = inspect.unwrap(function)
        if function in OPERATORS:
            names = [_Js(name, ATOM, NUMBER) for name in "ab"[: len(kinds)]]
            return _arrow(", ".join("ab"[: len(kinds)]), self.operator(OPERATORS[function], names))
        counterpart = _counterpart(function)
        if counterpart:
            return _Js(counterpart)
        if not isinstance(function, FunctionType):
            raise Untranslatable(f"{getattr(function, '__name__', function)!s:.60} has no counterpart in JavaScript")
        named = dict(zip(function.__code__.co_varnames, kinds, strict=False))
        return _Js(self.function(function, {**named, **keywords}, hint)[0])

    def call(self, callee: Any, arguments: Sequence[_Js], keywords: Mapping[str, _Js]) -> _Js:
        """A call of what Python calls."""
        callee = ops._FLOATS.get(callee.__name__, callee) if isinstance(callee, Op) else callee
        row = next((row for row in TABLE.values() if row.on_floats is callee and (row.call or row.arrange)), None)
        if row is not None:
            return self.public_call(row, arguments, keywords)
        callee = inspect.unwrap(callee)
        if callee in OPERATORS and not keywords:
            return self.operator(OPERATORS[callee], arguments)
        if callee in CONVERSIONS and len(arguments) == 1 and not keywords:
            return CONVERSIONS[callee](arguments[0])
        name = _counterpart(callee)
        if name:
            return self.counterpart_call(name, arguments, keywords)
        if isinstance(callee, FunctionType):
            return self.python_call(callee, arguments, keywords)
        raise Untranslatable(f"a call of {getattr(callee, '__name__', callee)!s:.60}, which has no counterpart in JavaScript")

    def public_call(self, row: Op, arguments: Sequence[_Js], keywords: Mapping[str, _Js]) -> _Js:
        """A call of a row whose arguments are not simply its operands."""
        if row.call is not None:
            apply = self.callable(row.value, _operand_kinds(row), row.__name__)
            if not row.variadic:
                apply = _Js(f"(xs, parameters) => {apply.text}(...xs, parameters)", ARROW)
            return self.call(row.call, [apply, *arguments], keywords)
        return self.call(row.value, [self.call(row.arrange, arguments, {})], keywords)

    def counterpart_call(self, name: str, arguments: Sequence[_Js], keywords: Mapping[str, _Js]) -> _Js:
        """A call of a function of math.js, where arguments by keyword stand in their places."""
        taken = re.search(r" = \((.*?)\) =>", _pieces()[name])
        parameters = [part.partition(" = ")[0] for part in taken[1].split(", ")] if taken else ["...all"]
        given, named = list(arguments), {k: v for k, v in keywords.items() if (k, v.text) != ("strict", "false")}
        while len(given) < len(parameters) and parameters[len(given)] in named:
            given.append(named.pop(parameters[len(given)]))
        if named or (len(given) > len(parameters) and not parameters[-1].startswith("...")):
            raise Untranslatable(f"these arguments of {name.partition('.')[2]}")
        kind = BOOLEAN if name in BOOLEANS else NUMBER
        if name in LISTS:
            kind = LISTS[name]([argument.kind for argument in arguments])
        return _called(name, given, kind)

    def python_call(self, function: FunctionType, arguments: Sequence[_Js], keywords: Mapping[str, _Js]) -> _Js:
        code = function.__code__
        positional = code.co_varnames[: code.co_argcount]
        placed = dict(zip(positional, arguments, strict=False))
        given, named = list(arguments), {}
        for name, argument in keywords.items():
            if name in positional:
                given += [_Js("undefined")] * (positional.index(name) + 1 - len(given))
                given[positional.index(name)] = argument
            else:
                named[name] = argument
        name, kind = self.function(function, {name: argument.kind for name, argument in {**placed, **keywords}.items()})
        return _called(name, [*given, *([_object(named)] if named else [])], kind)

    # -------------------------------------------------------------------------------------------------------------- arithmetic

    def operator(self, sign: ast.operator | ast.unaryop, operands: Sequence[_Js]) -> _Js:
        """A sign of Python between, or before, its operands."""
        if isinstance(sign, ast.unaryop):
            return self.unary(sign, operands[0])
        left, right = operands
        if isinstance(sign, ast.Add) and _is_list(left.kind) and _is_list(right.kind):
            return _display([_spread(left), _spread(right)])
        if isinstance(sign, ast.Mult) and (_is_list(left.kind) or _is_list(right.kind)):
            pair = operands if _is_list(left.kind) else (right, left)
            return _called("python.repeat", pair, pair[0].kind)
        if isinstance(sign, (ast.Add, ast.Mult)) and {left.kind, right.kind} not in NUMERIC:
            raise Untranslatable(f"whether {left.text} and {right.text} are numbers, or sequences, is not known")
        divisor = self.literals.get(right.text, right.text)
        if isinstance(sign, ast.Div) and re.fullmatch(r"-?[\d.]*[1-9][\d.]*(e-?\d+)?", divisor):
            return _Js(f"{left.inside(PRODUCT)} / {right.inside(PRODUCT + 1)}", PRODUCT, NUMBER)
        if type(sign) in CALLED:
            return _called(CALLED[type(sign)], operands, NUMBER)
        if type(sign) not in ARITHMETIC:
            raise Untranslatable(f"the operator {type(sign).__name__}")
        text, precedence = ARITHMETIC[type(sign)]
        written = right.inside(precedence + 1)
        return _Js(f"{left.inside(precedence)} {text} {f'({written})' if written.startswith('-') else written}", precedence, NUMBER)

    def unary(self, sign: ast.unaryop, operand: _Js) -> _Js:
        if isinstance(sign, ast.USub):
            written = operand.inside(UNARY)
            return _Js(f"-({written})" if written.startswith("-") else f"-{written}", UNARY, NUMBER)
        if isinstance(sign, ast.UAdd):
            return operand
        raise Untranslatable(f"the operator {type(sign).__name__}")

    # ------------------------------------------------------------------------------------------------------------------- rows

    def entry(self, row: Op) -> str:
        """The row in the object OPERATIONS."""
        value = self.value(row)
        options = {}
        if row.parameters:
            options["parameters"] = _object({k: _literal(v) for k, v in row.parameters.items() if v is not REQUIRED})
        if row.takes_active:
            options["active"] = _literal(True)
        domains = [self.domain(domain) for domain in row.domain]
        if any(domain.text != "{}" for domain in domains):
            options["domain"] = _display(domains)
        if row.restriction:
            options["restriction"] = _literal(row.restriction)
        head = f"  {row.__name__}: row({_literal(row.__name__).text}, {value.text}, "
        parts = [partial.text for partial in self.partials(row)]
        opening, closing = ("", "") if row.variadic else ("[", "]")
        end = f", {_object(options).text})," if options else "),"
        line = f"{head}{opening}{', '.join(parts)}{closing}{end}"
        if len(line) < 121:
            return line
        lines = [f"    {part}," for part in parts] if opening else []
        return "\n".join([head + (opening or parts[0] + end), *lines, *([f"  ]{end}"] if opening else [])])

    def domain(self, domain: ops.Domain) -> _Js:
        """A domain, without what it has in common with all the floats."""
        parts = {"text": _literal(domain.text)} if domain.text != ops.REAL.text else {}
        parts |= {"low": _literal(domain.low)} if domain.low > -math.inf else {}
        parts |= {"high": _literal(domain.high)} if domain.high < math.inf else {}
        parts |= {"is_pole": self.arrow(domain.is_pole, [NUMBER])} if domain.is_pole else {}
        return _object(parts)

    def first_of(self, *attempts: Callable[[], _Js]) -> _Js:
        """What the first attempt gives that succeeds; the reason of the first, if none does."""
        reasons = []
        for attempt in attempts:
            try:
                with self.undone_on_failure():
                    return attempt()
            except Untranslatable as reason:
                reasons.append(reason)
        raise reasons[0]

    def value(self, row: Op) -> _Js:
        """The row's value: translated; without a source, as an expression in symbols; else as its decomposition into other rows."""
        kinds, keywords = _operand_kinds(row), _parameter_kinds(row)
        attempts = [
            lambda: self.callable(row.value, kinds, row.__name__, keywords),
            lambda: self.from_symbols(row, inspect.unwrap(row.value)),
        ]
        if row.decomposition is not None:
            decomposition = ops._on_floats(row.decomposition)
            attempts += [
                lambda: self.callable(decomposition, kinds, row.__name__, keywords),
                lambda: self.from_symbols(row, decomposition),
            ]
        return self.first_of(*attempts)

    def partials(self, row: Op) -> list[_Js]:
        return [self.partial(row, partial) for partial in ([row._rebound] if row.variadic else row._rebound)]

    def partial(self, row: Op, partial: Any) -> _Js:
        if type(partial) is float:
            return _literal(partial)
        kinds = [*_operand_kinds(row), NUMBER]
        keywords = {**_parameter_kinds(row), "active": f"[{BOOLEAN}]"}
        return self.first_of(lambda: self.arrow(partial, kinds, keywords), lambda: self.from_symbols(row, partial, "y"))

    def arrow(self, function: Any, kinds: Sequence[str], keywords: Mapping[str, str] = ops.NO_PARAMETERS) -> _Js:
        """A function where it is needed, if it is no more than an expression; else by its name."""
        if not isinstance(function, FunctionType) or function.__name__ != "<lambda>":
            return self.callable(function, kinds, keywords=keywords)
        named = dict(zip(function.__code__.co_varnames, kinds, strict=False))
        return _Translator(self, function, {**named, **keywords}).arrow()

    # ----------------------------------------------------------------------------------------------------------------- symbols

    def from_symbols(self, row: Op, function: Any, *more: str) -> _Js:
        """The expression that the function of a row gives on symbols."""
        if row.variadic or row.takes_active:
            raise Untranslatable("the number of its operands is not known")
        if not isinstance(function, FunctionType) or _source_of(function) or _asks_for_equality(function.__code__):
            raise Untranslatable("symbols are all different, whatever their numbers are")
        names = [*row.operands, *more]
        try:
            result = symbolic(function(*map(Symbol, names), **{name: Symbol(name) for name in row.parameters}))
        except Exception as error:
            raise Untranslatable(f"on symbols, {row.__name__} gives {type(error).__name__}: {error}") from None
        parameters = f", {{ {', '.join(row.parameters)} }}" if row.parameters else ""
        return _arrow(", ".join(names) + parameters, self.symbol(result))

    def symbol(self, symbol: Symbol) -> _Js:
        if symbol.value is not None:
            return _literal(symbol.value)
        if symbol.op is None:
            return _Js(symbol.name, ATOM, NUMBER)
        operands = [self.symbol(operand) for operand in symbol.operands]
        condition = symbol.parameters.get("condition")
        if isinstance(condition, Condition):
            sides = [self.symbol(side).inside(RELATION + 1) for side in (condition.left, condition.right)]
            return _choice(_Js(f"{sides[0]} {condition.relation} {sides[1]}", RELATION, BOOLEAN), *operands)
        keywords = {k: self.symbol(v) if isinstance(v, Symbol) else _literal(v) for k, v in symbol.parameters.items()}
        if symbol.op.variadic:
            operands = [_display(operands)]
        result = self.call(inspect.unwrap(symbol.op.value), operands, keywords)
        if len(result.text) > 10_000:
            raise Untranslatable("its expression is too long")
        return result


def _operand_kinds(row: Op) -> list[str]:
    return [f"[{NUMBER}]"] if row.variadic else [NUMBER] * len(row.operands)


def _parameter_kinds(row: Op) -> dict[str, str]:
    """What is known of the parameters by their defaults; the value's annotations say the rest."""
    source = _source_of(row.value) if isinstance(row.value, FunctionType) else None
    said = {argument.arg: _annotated(argument.annotation) for argument in source.args.kwonlyargs} if source else {}
    return {name: said.get(name, UNKNOWN) if default is REQUIRED else _kind_of(default) for name, default in row.parameters.items()}


# ----------------------------------------------------------------------------------------------------------- pieces of expressions


def _called(name: str, arguments: Iterable[_Js], kind: str = NUMBER) -> _Js:
    return _Js(f"{name}({', '.join([argument.text for argument in arguments])})", CALL, kind)


def _arrow(parameters: str, body: _Js) -> _Js:
    text = f"({body.text})" if body.text.startswith("{") else body.text
    return _Js(f"({parameters}) => {text}", ARROW, f"{FUNCTION} {body.kind}")


def _object(parts: Mapping[str, _Js]) -> _Js:
    written = [name if part.text == name else f"{name}: {part.text}" for name, part in parts.items()]
    return _Js(f"{{ {', '.join(written)} }}" if written else "{}")


def _display(elements: Iterable[_Js]) -> _Js:
    elements = list(elements)
    return _Js(f"[{', '.join([e.text for e in elements])}]", ATOM, f"[{_join([e.kind for e in elements])}]")


def _spread(xs: _Js) -> _Js:
    """The elements of xs, in a call or in a display."""
    is_display = xs.precedence == ATOM and xs.text.startswith("[")
    return _Js(xs.text[1:-1] if is_display else f"...{xs.inside(CHOICE)}", ARROW, _element(xs.kind))


def _choice(condition: _Js, a: _Js, b: _Js) -> _Js:
    """condition ? a : b."""
    return _Js(f"{condition.inside(OR)} ? {a.inside(OR)} : {b.inside(CHOICE)}", CHOICE, _join([a.kind, b.kind]))


def _wrapped(line: str) -> list[str]:
    """A long list over several lines."""
    if len(line) < 121:
        return [line]
    head, inner = line.split("[", 1)
    inner, end = inner.rsplit("]", 1)
    return [f"{head}[", *[f"  {part}" for part in textwrap.wrap(inner, 116)], f"]{end}"]


def _truth(x: _Js) -> _Js:
    """x as a condition: 0 is false in Python, and so is an empty sequence, but not NaN."""
    if x.kind == BOOLEAN:
        return x
    if x.kind == NUMBER:
        return _Js(f"{x.inside(EQUALITY + 1)} !== 0", EQUALITY, BOOLEAN)
    if _is_list(x.kind):
        return _Js(f"{x.inside(CALL)}.length > 0", RELATION, BOOLEAN)
    return _called("python.truth", [x], BOOLEAN)


def _copied(x: _Js) -> _Js:
    fresh = not re.fullmatch(r"\w+", x.text)
    return x if fresh else _Js(f"[...{x.text}]", ATOM, x.kind if _is_list(x.kind) else f"[{UNKNOWN}]")


CONVERSIONS: dict[Any, Callable[[_Js], _Js]] = {
    float: lambda x: x if x.kind == NUMBER else _called("Number", [x]),
    int: lambda x: _called("math.trunc", [x]),
    bool: _truth,
    len: lambda x: _Js(f"{x.inside(CALL)}.length", CALL, NUMBER),
    tuple: _copied,
    list: _copied,
}
LISTS: dict[str, Callable[[list[str]], str]] = {  # the kind of what these give, from those of their arguments
    "python.range": lambda kinds: f"[{NUMBER}]",
    "python.enumerate": lambda kinds: f"[{_join([NUMBER, _element(kinds[0])])}]",
    "python.zip": lambda kinds: f"[[{_join(map(_element, kinds))}]]",
    "python.map": lambda kinds: f"[{kinds[0].removeprefix(FUNCTION + ' ')}]",
    "python.reversed": lambda kinds: kinds[0],
    "python.sorted": lambda kinds: kinds[0],
}

# -------------------------------------------------------------------------------------------------------------- the translation


class _Translator:
    """One function of Python, for arguments of certain kinds."""

    def __init__(self, program: _Program, function: FunctionType, kinds: Mapping[str, str]) -> None:
        self.program, self.function = program, function
        node = _source_of(function)
        if node is None:
            raise Untranslatable(f"the source of {function.__name__} is not to be had")
        self.node = node
        self.scopes: list[dict[str, str]] = [{}]  # kinds of local names, innermost last
        self.renamed: set[str] = set()
        self.locals: set[str] = set()
        self.arguments = {
            a.arg: _kind_of_argument(_annotated(a.annotation), kinds.get(a.arg, UNKNOWN)) for a in _arguments(node.args)
        }
        closure = [id(cell.cell_contents) for cell in function.__closure__ or ()]
        defaults = repr((function.__defaults__, function.__kwdefaults__))
        self.key = (function.__code__, id(function.__globals__), *closure, defaults, *self.arguments.items())

    # --------------------------------------------------------------------------------------------------------- whole functions

    def definition(self, name: str) -> tuple[str, str]:
        """The function with a name, and the kind of what it returns."""
        parameters, lines, kind = self.without_clashes(lambda: self.define(self.node, self.defaults(), self.arguments))
        return "\n".join([f"function {name}({parameters}) {{", *lines, "}"]), kind

    def arrow(self) -> _Js:
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

    def defaults(self) -> dict[str, _Js]:
        function = self.function
        positional = function.__code__.co_varnames[: function.__code__.co_argcount]
        values = function.__defaults__ or ()
        found = {**dict(zip(positional[len(positional) - len(values) :], values, strict=True)), **(function.__kwdefaults__ or {})}
        return {name: _literal(value) for name, value in found.items() if value is not REQUIRED}

    def define(self, node: _Function, defaults: Mapping[str, _Js], kinds: Mapping[str, str]) -> tuple[str, list[str], str]:
        """A function's parameters, its lines, and the kind of what it returns."""
        self.scopes.append(dict(kinds))
        parameters = self.parameters(node.args, defaults)
        body: list[ast.stmt] = node.body if isinstance(node, ast.FunctionDef) else [ast.copy_location(ast.Return(node.body), node)]
        block = _Block(self, body, set(kinds))
        lines = [f"  {line}" for line in block.lines()]
        self.scopes.pop()
        annotated = _annotated(getattr(node, "returns", None))
        return parameters, lines, annotated if annotated != UNKNOWN else _join(block.returned)

    def lambda_(self, node: ast.Lambda, defaults: Mapping[str, _Js], kinds: Mapping[str, str]) -> _Js:
        self.scopes.append(dict(kinds))
        result = _arrow(self.parameters(node.args, defaults), self.expression(node.body))
        self.scopes.pop()
        return result

    def parameters(self, arguments: ast.arguments, defaults: Mapping[str, _Js]) -> str:
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
        scope[name] = kind if scope.get(name) in (None, UNKNOWN, "[]", "[unknown]") else _join([scope[name], kind])
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
                return cells[function.__code__.co_freevars.index(node.id)].cell_contents
            return function.__globals__.get(node.id, getattr(builtins, node.id, NOTHING))
        if isinstance(node, ast.Attribute):
            return getattr(self.static(node.value), node.attr, NOTHING)
        return NOTHING

    def named(self, node: ast.expr, name: str) -> _Js:
        x = self.static(node)
        if x is NOTHING:
            self.refuse(node, f"the name {ast.unparse(node)}")
        if callable(x):
            row = ops._FLOATS.get(x.__name__) if isinstance(x, Op) else x
            return self.program.callable(row, [NUMBER, NUMBER])
        return self.program.constant(x, name)

    # ------------------------------------------------------------------------------------------------------------- expressions

    def expression(self, node: ast.expr) -> _Js:
        method = getattr(self, f"on_{type(node).__name__}", None)
        if method is None:
            self.refuse(node, f"{ast.unparse(node)!r:.60}, of a kind that is not translated ({type(node).__name__})")
        try:
            result: _Js = method(node)
        except Untranslatable as reason:
            if ", in line " in str(reason):
                raise
            self.refuse(node, str(reason))
        return result

    def condition(self, node: ast.expr) -> _Js:
        """An expression of which only the truth is asked."""
        if isinstance(node, ast.BoolOp):
            parts = [self.condition(value) for value in node.values]
            precedence, sign = (AND, " && ") if isinstance(node.op, ast.And) else (OR, " || ")
            return _Js(sign.join([part.inside(precedence) for part in parts]), precedence, BOOLEAN)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return _Js(f"!{self.condition(node.operand).inside(UNARY)}", UNARY, BOOLEAN)
        return _truth(self.expression(node))

    def on_Constant(self, node: ast.Constant) -> _Js:
        return _literal(node.value)

    def on_Name(self, node: ast.Name) -> _Js:
        scope = self.scope_of(node.id)
        return self.named(node, node.id) if scope is None else _Js(self.local(node.id), ATOM, scope[node.id])

    def on_Attribute(self, node: ast.Attribute) -> _Js:
        return self.named(node, node.attr)

    def on_Tuple(self, node: ast.Tuple | ast.List) -> _Js:
        return _display([self.expression(element) for element in node.elts])

    on_List = on_Tuple

    def on_Starred(self, node: ast.Starred) -> _Js:
        return _spread(self.expression(node.value))

    def on_Dict(self, node: ast.Dict) -> _Js:
        keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        if not all(isinstance(key, str) and key.isidentifier() for key in keys):
            self.refuse(node, "a dictionary whose keys are not names")
        return _object({str(key): self.expression(value) for key, value in zip(keys, node.values, strict=True)})

    def on_JoinedStr(self, node: ast.JoinedStr) -> _Js:
        text = ""
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                if part.format_spec is not None:
                    self.refuse(node, "a format")
                inner = self.expression(part.value)
                text += f"${{{inner.text if inner.kind == TEXT or part.conversion != ord('r') else f'python.repr({inner.text})'}}}"
            else:
                assert isinstance(part, ast.Constant)
                text += _literal(part.value).text[1:-1].replace('\\"', '"').replace("`", "\\`").replace("${", "\\${")
        return _Js(f"`{text}`", ATOM, TEXT)

    def on_UnaryOp(self, node: ast.UnaryOp) -> _Js:
        if isinstance(node.op, ast.Not):
            return self.condition(node)
        return self.folded(node) or self.program.unary(node.op, self.expression(node.operand))

    def on_BinOp(self, node: ast.BinOp) -> _Js:
        return self.folded(node) or self.program.operator(node.op, [self.expression(node.left), self.expression(node.right)])

    def folded(self, node: ast.expr) -> _Js | None:
        """Arithmetic of numbers alone, done here: 2.0**200."""
        parts = [*ast.walk(node)]
        if not all(isinstance(n, (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)) for n in parts):
            return None
        try:
            return _literal(eval(compile(ast.Expression(node), "", "eval"), {}))
        except ArithmeticError:  # where it runs, it raises
            return None

    def on_BoolOp(self, node: ast.BoolOp) -> _Js:
        *parts, result = [self.expression(value) for value in node.values]
        if all(part.kind == BOOLEAN for part in [*parts, result]):
            return self.condition(node)
        for part in reversed(parts):  # the last that is evaluated is the result
            result = _choice(_truth(part), *((result, part) if isinstance(node.op, ast.And) else (part, result)))
        return result

    def on_Compare(self, node: ast.Compare) -> _Js:
        terms = [self.expression(term) for term in (node.left, *node.comparators)]
        if any(_is_list(term.kind) for term in terms):
            self.refuse(node, "a comparison of sequences")
        middle = [term for term in terms[1:-1] if not re.fullmatch(r"-?[\w.]+", term.text)]
        if middle:
            self.refuse(node, f"a chain of comparisons around {middle[0].text}")
        links = []
        for left, sign, right in zip(terms, node.ops, terms[1:], strict=False):
            if type(sign) not in COMPARISONS:
                self.refuse(node, f"the comparison {type(sign).__name__}")
            text, precedence = COMPARISONS[type(sign)]
            if BOOLEAN in (left.kind, right.kind) and isinstance(sign, (ast.Eq, ast.NotEq)):
                text = text[:2]  # True == 1
            links.append(_Js(f"{left.inside(precedence + 1)} {text} {right.inside(precedence + 1)}", precedence, BOOLEAN))
        return links[0] if len(links) == 1 else _Js(" && ".join([link.inside(AND + 1) for link in links]), AND, BOOLEAN)

    def on_IfExp(self, node: ast.IfExp) -> _Js:
        return _choice(self.condition(node.test), self.expression(node.body), self.expression(node.orelse))

    def on_Lambda(self, node: ast.Lambda) -> _Js:
        return self.lambda_(node, self.inner_defaults(node.args), {a.arg: _annotated(a.annotation) for a in _arguments(node.args)})

    def inner_defaults(self, arguments: ast.arguments) -> dict[str, _Js]:
        positional = arguments.posonlyargs + arguments.args
        values = dict(
            zip([a.arg for a in positional[len(positional) - len(arguments.defaults) :]], arguments.defaults, strict=True)
        )
        values |= {a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None}
        return {name: self.expression(value) for name, value in values.items()}

    def on_Subscript(self, node: ast.Subscript) -> _Js:
        xs = self.expression(node.value)
        if isinstance(node.slice, ast.Slice):
            return self.sliced(xs, node.slice)
        index = self.expression(node.slice)
        if index.text.isdigit():
            return _Js(f"{xs.inside(CALL)}[{index.text}]", CALL, _element(xs.kind))
        return _Js(f"{xs.inside(CALL)}.at({index.text})", CALL, _element(xs.kind))  # which counts from the end as Python does

    def sliced(self, xs: _Js, bounds: ast.Slice) -> _Js:
        kind = xs.kind if _is_list(xs.kind) else f"[{UNKNOWN}]"
        if bounds.step is not None:
            if ast.unparse(bounds) != "::-1":
                self.refuse(bounds, "a slice with a step")
            return _called("python.reversed", [xs], kind)
        ends = [self.expression(end).text for end in (bounds.lower or ast.Constant(0), bounds.upper) if end is not None]
        return _Js(f"{xs.inside(CALL)}.slice({', '.join(ends)})", CALL, kind)

    def on_ListComp(self, node: ast.ListComp | ast.GeneratorExp) -> _Js:
        self.scopes.append({})
        first, *others = node.generators
        text = self.generator(first)
        inner = self.on_ListComp(ast.copy_location(ast.ListComp(node.elt, others), node)) if others else self.expression(node.elt)
        target = self.assigned(first.target)
        self.scopes.pop()
        kind = inner.kind if others else f"[{inner.kind}]"
        if not others and inner.text == target:
            return _Js(text, CALL, kind)
        return _Js(f"{text}.{'flatMap' if others else 'map'}({_arrow(target, inner).text})", CALL, kind)

    on_GeneratorExp = on_ListComp

    def generator(self, generator: ast.comprehension) -> str:
        """What a comprehension goes over, its target bound."""
        outer = self.scopes.pop()
        xs = self.expression(generator.iter)
        self.scopes.append(outer)
        self.bind_target(generator.target, generator.iter, xs.kind)
        text = xs.inside(CALL)
        for test in generator.ifs:
            text += f".filter({_arrow(self.assigned(generator.target), self.condition(test)).text})"
        return text

    def assigned(self, target: ast.expr) -> str:
        """The left side of an assignment."""
        if isinstance(target, ast.Name):
            return self.local(target.id)
        if isinstance(target, (ast.Tuple, ast.List)):
            return f"[{', '.join([self.assigned(element) for element in target.elts])}]"
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
            self.bind_to(target.elts[1], _element(self.expression(iterated.args[0]).kind))
            return
        self.bind_to(target, _element(kind))

    def bind_to(self, target: ast.expr, kind: str) -> None:
        """The names of an assignment's left side, for a right side of that kind."""
        if isinstance(target, ast.Name):
            self.bind(target.id, kind)
        elif isinstance(target, ast.Starred):
            self.bind_to(target.value, kind)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                starred = isinstance(element, ast.Starred)
                self.bind_to(element, kind if starred else _element(kind))

    # ------------------------------------------------------------------------------------------------------------------- calls

    def on_Call(self, node: ast.Call) -> _Js:
        callee = self.static(node.func)
        if callee is NOTHING:
            return self.local_call(node)
        if isinstance(callee, Op):
            callee = ops._FLOATS.get(callee.__name__, callee)
        if callee is ops._chosen and len(node.args) == 3:
            return self.chosen(*node.args)
        if any(keyword.arg is None for keyword in node.keywords):
            self.refuse(node, "a call with ** arguments")
        arguments = [self.expression(argument) for argument in node.args]
        return self.program.call(callee, arguments, {str(k.arg): self.expression(k.value) for k in node.keywords})

    def local_call(self, node: ast.Call) -> _Js:
        """A call of a local function, or the one method that is known."""
        arguments = [self.expression(argument) for argument in node.args]
        if isinstance(node.func, ast.Attribute) and node.func.attr == "append" and isinstance(node.func.value, ast.Name):
            name = node.func.value.id
            scope = self.scope_of(name)
            if scope is not None and scope[name] == "[]":
                scope[name] = f"[{arguments[0].kind}]"
            return _called(f"{self.expression(node.func.value).text}.push", arguments)
        if node.keywords or isinstance(node.func, ast.Attribute):
            self.refuse(node, f"the call {ast.unparse(node)!r:.60}")
        function = self.expression(node.func)
        return _called(function.inside(CALL), arguments, function.kind.removeprefix(FUNCTION + " "))

    def chosen(self, test: ast.expr, a: ast.expr, b: ast.expr) -> _Js:
        """where(test, a, b): a branch that is a function runs only if it is chosen."""
        if self.is_plain(a) and self.is_plain(b):
            return _choice(self.condition(test), self.branch(a), self.branch(b))
        # A branch that is no function is evaluated in any case, and may raise.
        return _called("python.chosen", [self.condition(test), self.expression(a), self.expression(b)], UNKNOWN)

    def is_plain(self, branch: ast.expr) -> bool:
        """Whether it is the same to evaluate the branch first, or only if it is chosen."""
        if isinstance(branch, ast.Name):
            scope = self.scope_of(branch.id)
            return scope is None or scope[branch.id] != UNKNOWN
        if isinstance(branch, ast.Call) and self.static(branch.func) in (ops.where, ops._chosen) and len(branch.args) == 3:
            return all(map(self.is_plain, branch.args[1:])) and isinstance(branch.args[0], ast.Compare)
        if isinstance(branch, ast.UnaryOp):
            return self.is_plain(branch.operand)
        return isinstance(branch, (ast.Lambda, ast.Constant, ast.Attribute))

    def branch(self, branch: ast.expr) -> _Js:
        if isinstance(branch, ast.Lambda) and not _arguments(branch.args):
            return self.expression(branch.body)
        result = self.expression(branch)
        if isinstance(branch, ast.Name) and (result.kind.startswith(FUNCTION) or isinstance(self.static(branch), FunctionType)):
            return _called(result.text, [], result.kind.removeprefix(FUNCTION + " "))
        return result


class _Block:
    """The statements of a function's body."""

    def __init__(self, translator: _Translator, body: list[ast.stmt], parameters: set[str]) -> None:
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
        return self.assign(node, node.target, node.value, _annotated(node.annotation)) if node.value else []

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
        result = self.translator.program.operator(node.op, [old, self.translator.expression(node.value)])
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
        kinds = {a.arg: _annotated(a.annotation) for a in _arguments(node.args)}
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
            names = [c.__name__ for c in CAUGHT if issubclass(c, classes)]
            test = " || ".join([f'error.name === "{name}"' for name in names])
            inner = self.braced(f"{head} ({test})", handler.body)
            lines += [f"  {line}" for line in inner[:-1]]
            head = "} else if"
        return [*lines, "  } else throw error;", "}"]


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    more = [argument for argument in (arguments.vararg,) if argument]
    return [*arguments.posonlyargs, *arguments.args, *more, *arguments.kwonlyargs]


def _kind_of_argument(annotated: str, given: str) -> str:
    """By its annotation; what is not annotated is what it is called with."""
    return given if annotated == UNKNOWN else annotated


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
