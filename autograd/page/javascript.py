"""Rows of the table as JavaScript: what a row says of its value and its partials in Python is translated, never written again.

The source of each function is found, parsed, and printed as JavaScript, together with the functions that it calls:

    >>> from autograd import ops
    >>> script = operations([ops.softplus])
    >>> print(*[line for line in script.source.splitlines() if "softplus: row" in line])
      softplus: row("softplus", softplus, [(a, y) => sigmoid(a)]),

What is translated is the Python that functions of numbers are written in: arithmetic, choices, loops, sequences of numbers.
Whatever else is met is refused by name, and the row is then `missing`. Python's `math` and its operators are in `math.js`: they
raise where Python does. A function without a source, typed at a prompt, is run on symbols instead, and what it gives is printed.

Start reading at `operations`, then `Translator`.
"""

from __future__ import annotations

import ast
import builtins
import dis
import functools
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any, NamedTuple, TypeVar

from autograd import ops, special
from autograd.formula import in_order
from autograd.ops import REQUIRED, TABLE, Op
from autograd.page.document import resource
from autograd.page.expressions import (
    ARROW,
    ATOM,
    BOOLEAN,
    CALL,
    FUNCTION,
    NUMBER,
    OPERATORS,
    RELATION,
    RESERVED,
    UNKNOWN,
    Js,
    Untranslatable,
    annotated,
    arrow,
    binary,
    called,
    choice,
    copied,
    display,
    element,
    join,
    kind_of,
    literal,
    record,
    truth,
    unary,
    wrapped,
)
from autograd.page.translation import Translator, source_of
from autograd.symbols import Condition, Symbol, symbolic

__all__ = ["Script", "operations"]

HEADER = "// What each operation is worth, and its local derivatives, translated from Python, with what they need of its math."


class Script(NamedTuple):
    """What a page runs, and the rows that it cannot."""

    source: str  # defines OPERATIONS = {name: {value(xs, parameters), partials(xs, y, parameters, active), domain}}, CONDITIONS
    missing: dict[str, str]  # rows that could not be translated: name -> why


def operations(rows: Iterable[Op], conditions: Iterable[Sequence[Condition]] = ()) -> Script:
    """JavaScript that defines `OPERATIONS`, an object with these rows by name, and `CONDITIONS`.

    `value(xs, parameters)` is the row on numbers; it throws an Error whose name is that of Python's exception, where Python raises.
    `partials(xs, y, parameters, active)` has one number for each argument that is active, `null` for a closed gate. `domain` lists
    `{text, low, high}` for each operand. `CONDITIONS` has, for each of the sequences of conditions on arguments 0, 1, ... and the
    result y, an array of functions (xs, y) => whether the condition holds; they must be such as `is_translatable` accepts.
    """
    program = Program()
    entries, missing = [], {}
    for row in dict.fromkeys(rows):
        try:
            with program.undone_on_failure():
                entries.append(program.entry(row))
        except Untranslatable as reason:
            missing[row.__name__] = str(reason)
    asked = "\n".join(["const CONDITIONS = [", *(f"  {program.conditions(each)}," for each in conditions), "];"])
    body = "\n\n".join([*program.code.values(), "\n".join(["const OPERATIONS = {", *entries, "};"]), asked])
    opening, closing = "const [OPERATIONS, CONDITIONS] = (() => {", "return [OPERATIONS, CONDITIONS];"
    parts = [opening, HEADER, _pieces_for(body), "", body, closing, "})();", ""]
    return Script("\n".join(parts), missing)


@functools.lru_cache(maxsize=1024)
def is_translatable(condition: Condition) -> bool:
    """Whether `operations` can write the condition."""
    try:
        Program().question(condition)
    except Untranslatable:
        return False
    return True


# ------------------------------------------------------------------------------------------------------------- math.js, in pieces


@functools.cache
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
    pieces = _pieces()
    needed, waiting = {"math", "python", "special"}, ["row", *re.findall(r"\b(?:math|python|special)\.\w+", source)]
    while waiting:
        name = waiting.pop()
        if name in pieces and name not in needed:
            needed.add(name)
            waiting += re.findall(r"\b(?:math|python|special)\.\w+|\b[a-z]\w*", pieces[name])
    return "\n\n".join([piece for name, piece in pieces.items() if name in needed])


def _counterpart(function: Any) -> str | None:
    """The name in math.js of a function of `math`, `operator`, the builtins, or of `special` where it has a version of its own."""
    for module, place in ((math, "math"), (builtins, "python"), (operator, "python"), (special, "special")):
        name = f"{place}.{getattr(function, '__name__', '')}"
        if name in _pieces() and getattr(module, name.partition(".")[2], None) is function:
            return name
    return None


BOOLEANS = {"python.all", "python.any", "math.isnan", "math.isinf", "math.isfinite"}
CONVERSIONS: dict[Any, Callable[[Js], Js]] = {
    float: lambda x: x if x.kind == NUMBER else called("Number", [x]),
    int: lambda x: called("math.trunc", [x]),
    bool: truth,
    len: lambda x: Js(f"{x.inside(CALL)}.length", CALL, NUMBER),
    tuple: copied,
    list: copied,
}
LISTS: dict[str, Callable[[list[str]], str]] = {  # the kind of what these give, from those of their arguments
    "python.range": lambda kinds: f"[{NUMBER}]",
    "python.enumerate": lambda kinds: f"[{join([NUMBER, element(kinds[0])])}]",
    "python.zip": lambda kinds: f"[[{join(map(element, kinds))}]]",
    "python.map": lambda kinds: f"[{kinds[0].removeprefix(FUNCTION + ' ')}]",
    "python.reversed": lambda kinds: kinds[0],
    "python.sorted": lambda kinds: kinds[0],
    "math.frexp": lambda kinds: f"[{NUMBER}]",
}
T = TypeVar("T")

# ------------------------------------------------------------------------------------------------------------------- the program


class Program:
    """The definitions that rows have needed so far, by what they define."""

    def __init__(self) -> None:
        self.code: dict[Any, str] = {}  # each stands behind those that it needs, unless it calls itself
        self.names: dict[Any, str] = {}
        self.kinds: dict[Any, str] = {}  # of what functions return
        self.used: set[str] = set()  # the names that the function in translation has used

    @contextmanager
    def undone_on_failure(self) -> Iterator[None]:
        """What a row that fails has added is taken back."""
        kept = [dict(part) for part in (self.code, self.names, self.kinds)]
        try:
            yield
        except BaseException:
            self.code, self.names, self.kinds = kept
            raise

    def name(self, key: Any, wanted: str, place: str = "") -> str:
        """A name of its own for what is to be defined."""
        taken = {*self.names.values(), *RESERVED, *_pieces()}
        names = (name for name in (wanted, f"{place}_{wanted}", *(f"{wanted}_{i}" for i in range(2, 10_000))))
        self.names[key] = next(name for name in names if name not in taken)
        return self.names[key]

    def constant(self, x: Any, name: str) -> Js:
        """A constant of a module: by its name, if it is more than a short number."""
        written = literal(x)
        if not re.search(r"\d{3}", written.text):
            return written
        key = name, written.text
        if key not in self.names:
            self.code[key] = "\n".join(wrapped(f"const {self.name(key, name)} = {written.text};"))
        self.used.add(self.names[key])
        return Js(self.names[key], ATOM, written.kind, written.text)

    def function(self, function: FunctionType, kinds: Mapping[str, str], hint: str = "") -> tuple[str, str]:
        """The name of a function of Python, translated for arguments of these kinds, and the kind of its result."""
        translator = Translator(self, function, kinds)
        key = translator.key
        if key not in self.names:
            code = function.__code__
            module = function.__globals__.get("__name__", "").rpartition(".")[2]
            name = self.name(key, (hint or "f") if code.co_name == "<lambda>" else code.co_name, module)
            self.kinds[key] = annotated(getattr(translator.node, "returns", None))
            self.code[key], self.kinds[key] = translator.definition(name)
        self.used.add(self.names[key])
        return self.names[key], self.kinds[key]

    # ------------------------------------------------------------------------------------------------------------ what is called

    def reference(self, function: Any, kinds: Sequence[str], hint: str = "", keywords: Mapping[str, str] = ops.NO_PARAMETERS) -> Js:
        """A function as a value, to be called with arguments of these kinds."""
        function = _bare(function)
        if sign := _found(function, OPERATORS):
            names = "ab"[: len(kinds)]
            return arrow(", ".join(names), _signed(sign, [Js(name, ATOM, NUMBER) for name in names]))
        counterpart = _counterpart(function)
        if counterpart:
            return Js(counterpart)
        if not isinstance(function, FunctionType):
            raise Untranslatable(f"{getattr(function, '__name__', function)!s:.60} has no counterpart in JavaScript")
        named = dict(zip(function.__code__.co_varnames, kinds, strict=False))
        return Js(self.function(function, {**named, **keywords}, hint)[0])

    def call(self, callee: Any, arguments: Sequence[Js], keywords: Mapping[str, Js]) -> Js:
        """A call of what Python calls."""
        row = next((row for row in TABLE.values() if row.on_floats is callee and (row.call or row.arrange)), None)
        if row is not None:
            return self.public_call(row, arguments, keywords)
        callee = _bare(callee)
        if (sign := _found(callee, OPERATORS)) and not keywords:
            return _signed(sign, arguments)
        if (conversion := _found(callee, CONVERSIONS)) and len(arguments) == 1 and not keywords:
            return conversion(arguments[0])
        name = _counterpart(callee)
        if name:
            return self.counterpart_call(name, arguments, keywords)
        if isinstance(callee, FunctionType):
            return self.python_call(callee, arguments, keywords)
        raise Untranslatable(f"a call of {getattr(callee, '__name__', callee)!s:.60}, which has no counterpart in JavaScript")

    def public_call(self, row: Op, arguments: Sequence[Js], keywords: Mapping[str, Js]) -> Js:
        """A call of a row whose arguments are not simply its operands."""
        if row.call is not None:
            apply = self.reference(row.value, _operand_kinds(row), row.__name__)
            if not row.variadic:
                apply = Js(f"(xs, parameters) => {apply.text}(...xs, parameters)", ARROW)
            return self.call(row.call, [apply, *arguments], keywords)
        return self.call(row.value, [self.call(row.arrange, arguments, {})], keywords)

    def counterpart_call(self, name: str, arguments: Sequence[Js], keywords: Mapping[str, Js]) -> Js:
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
        return called(name, given, kind)

    def python_call(self, function: FunctionType, arguments: Sequence[Js], keywords: Mapping[str, Js]) -> Js:
        code = function.__code__
        positional = code.co_varnames[: code.co_argcount]
        placed = dict(zip(positional, arguments, strict=False))
        given, named = list(arguments), {}
        for name, argument in keywords.items():
            if name in positional:
                given += [Js("undefined")] * (positional.index(name) + 1 - len(given))
                given[positional.index(name)] = argument
            else:
                named[name] = argument
        hint = next((row.__name__ for row in TABLE.values() if row.on_floats is function), "")
        name, kind = self.function(function, {name: argument.kind for name, argument in {**placed, **keywords}.items()}, hint)
        return called(name, [*given, *([record(named)] if named else [])], kind)

    # ------------------------------------------------------------------------------------------------------------------- rows

    def entry(self, row: Op) -> str:
        """The row in the object OPERATIONS."""
        value = self.value(row)
        options = {}
        if row.parameters:
            options["parameters"] = record({k: literal(v) for k, v in row.parameters.items() if v is not REQUIRED})
        if row.takes_active:
            options["active"] = literal(True)
        domains = [self.domain(domain) for domain in row.domain]
        if any(domain.text != "{}" for domain in domains):
            options["domain"] = display(domains)
        if row.restriction:
            options["restriction"] = literal(row.restriction)
        head = f"  {row.__name__}: row({literal(row.__name__).text}, {value.text}, "
        parts = [partial.text for partial in self.partials(row)]
        opening, closing = ("", "") if row.variadic else ("[", "]")
        end = f", {record(options).text})," if options else "),"
        line = f"{head}{opening}{', '.join(parts)}{closing}{end}"
        if len(line) < 121:
            return line
        lines = [f"    {part}," for part in parts] if opening else []
        return "\n".join([head + (opening or parts[0] + end), *lines, *([f"  ]{end}"] if opening else [])])

    def domain(self, domain: ops.Domain) -> Js:
        """A domain, without what it has in common with all the floats."""
        parts = {"text": literal(domain.text)} if domain.text != ops.REAL.text else {}
        parts |= {"low": literal(domain.low)} if domain.low > -math.inf else {}
        parts |= {"high": literal(domain.high)} if domain.high < math.inf else {}
        parts |= {"is_pole": self.arrow(domain.is_pole, [NUMBER])} if domain.is_pole else {}
        return record(parts)

    def first_of(self, *attempts: Callable[[], Js]) -> Js:
        """What the first attempt gives that succeeds; the reason of the first, if none does."""
        reasons = []
        for attempt in attempts:
            try:
                with self.undone_on_failure():
                    return attempt()
            except Untranslatable as reason:
                reasons.append(reason)
        raise reasons[0]

    def value(self, row: Op) -> Js:
        """The row's value: translated; without a source, as an expression in symbols; else as its decomposition into other rows."""
        kinds, keywords = _operand_kinds(row), _parameter_kinds(row)
        attempts = [
            lambda: self.reference(row.value, kinds, row.__name__, keywords),
            lambda: self.from_symbols(row, _bare(row.value)),
        ]
        if row.decomposition is not None:
            decomposition = ops._on_floats(row.decomposition)
            attempts += [
                lambda: self.reference(decomposition, kinds, row.__name__, keywords),
                lambda: self.from_symbols(row, decomposition),
            ]
        return self.first_of(*attempts)

    def partials(self, row: Op) -> list[Js]:
        return [self.partial(row, ops.as_declared(partial)) for partial in ([row._rebound] if row.variadic else row._rebound)]

    def partial(self, row: Op, partial: Any) -> Js:
        if type(partial) is float:
            return literal(partial)
        kinds = [*_operand_kinds(row), NUMBER]
        keywords = {**_parameter_kinds(row), "active": f"[{BOOLEAN}]"}
        return self.first_of(lambda: self.arrow(partial, kinds, keywords), lambda: self.from_symbols(row, partial, "y"))

    def arrow(self, function: Any, kinds: Sequence[str], keywords: Mapping[str, str] = ops.NO_PARAMETERS) -> Js:
        """A function where it is needed, if it is no more than an expression; else by its name."""
        if not isinstance(function, FunctionType) or function.__code__.co_name != "<lambda>":
            return self.reference(function, kinds, keywords=keywords)
        named = dict(zip(function.__code__.co_varnames, kinds, strict=False))
        return Translator(self, function, {**named, **keywords}).arrow()

    # ----------------------------------------------------------------------------------------------------------------- symbols

    def from_symbols(self, row: Op, function: Any, *more: str) -> Js:
        """The expression that the function of a row gives on symbols."""
        if row.variadic or row.takes_active:
            raise Untranslatable("the number of its operands is not known")
        if not isinstance(function, FunctionType) or source_of(function) or _asks_for_equality(function.__code__):
            raise Untranslatable("symbols are all different, whatever their numbers are")
        names = [*row.operands, *more]
        try:
            result = symbolic(function(*map(Symbol, names), **{name: Symbol(name) for name in row.parameters}))
            body = self.symbol(result)
        except Untranslatable:
            raise
        except Exception as error:
            raise Untranslatable(f"on symbols, {row.__name__} gives {type(error).__name__}: {error}") from None
        parameters = f", {{ {', '.join(row.parameters)} }}" if row.parameters else ""
        return arrow(", ".join(names) + parameters, body)

    def conditions(self, conditions: Sequence[Condition]) -> str:
        """An array of functions of arguments and result, one for each condition."""
        return f"[{', '.join(map(self.question, conditions))}]"

    def question(self, condition: Condition) -> str:
        named = {part.name for side in (condition.left, condition.right) for part in in_order(side) if part.op is None}
        last = max([int(name) for name in named if name.isdecimal()], default=-1)
        return f"([{', '.join(f'x{place}' for place in range(last + 1))}], y) => {self.condition(condition).text}"

    def condition(self, condition: Condition) -> Js:
        left, right = [self.symbol(side).inside(RELATION + 1) for side in (condition.left, condition.right)]
        return Js(f"{left} {condition.relation} {right}", RELATION, BOOLEAN)

    def symbol(self, symbol: Symbol) -> Js:
        if symbol.value is not None:
            return literal(symbol.value)
        if symbol.op is None:
            return Js(f"x{symbol.name}" if symbol.name.isdecimal() else symbol.name, ATOM, NUMBER)
        operands = [self.symbol(operand) for operand in symbol.operands]
        condition = symbol.parameters.get("condition")
        if isinstance(condition, Condition):
            return choice(self.condition(condition), *operands)
        keywords = {k: self.symbol(v) if isinstance(v, Symbol) else literal(v) for k, v in symbol.parameters.items()}
        if symbol.op.variadic:
            operands = [display(operands)]
        result = self.call(symbol.op.value, operands, keywords)
        if len(result.text) > 10_000:
            raise Untranslatable("its expression is too long")
        return result


def _bare(function: Any) -> Any:
    """The function inside a cache, or inside the promise to give a float that a user's value is held to."""
    while isinstance(function, functools._lru_cache_wrapper) or ops.as_declared(function) is not function:
        function = function.__wrapped__
    return function


def _found(function: Any, table: Mapping[Any, T]) -> T | None:
    """What the table has for the function, which need not be hashable."""
    return next((entry for known, entry in table.items() if known is function), None)


def _signed(sign: ast.operator | ast.unaryop, operands: Sequence[Js]) -> Js:
    return unary(sign, *operands) if isinstance(sign, ast.unaryop) else binary(sign, *operands)


def _operand_kinds(row: Op) -> list[str]:
    return [f"[{NUMBER}]"] if row.variadic else [NUMBER] * len(row.operands)


def _parameter_kinds(row: Op) -> dict[str, str]:
    """What is known of the parameters by their defaults; the value's annotations say the rest."""
    source = source_of(value) if isinstance(value := _bare(row.value), FunctionType) else None
    said = {argument.arg: annotated(argument.annotation) for argument in source.args.kwonlyargs} if source else {}
    return {name: said.get(name, UNKNOWN) if default is REQUIRED else kind_of(default) for name, default in row.parameters.items()}


def _asks_for_equality(code: CodeType) -> bool:
    """Whether code compares with == or the like, which on symbols is never true and raises nothing."""
    for step in dis.get_instructions(code):
        if step.opname in ("CONTAINS_OP", "IS_OP") or (step.opname == "COMPARE_OP" and re.search("[=!]=", step.argrepr)):
            return True
    return any(_asks_for_equality(constant) for constant in code.co_consts if isinstance(constant, CodeType))
