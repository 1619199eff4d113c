"""Rows of the table as a script: `OPERATIONS` computes in a page what the rows compute in Python.

    >>> from autograd import ops
    >>> script = operations([ops.softplus])
    >>> print(*[line for line in script.source.splitlines() if "softplus: row" in line])
      softplus: row("softplus", softplus, [(a, y) => sigmoid(a)]),

`autograd.rowcode` reads the rows and prints them; what Python's `math` has of the platform is in `math.js`, and a script holds the
pieces of it that its rows need. A row that cannot be read is `missing`, with the reason.
"""

from __future__ import annotations

import functools
import inspect
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd import ops
from autograd.domain import REAL
from autograd.operation import Kink
from autograd.ops import Op
from autograd.page.document import resource
from autograd.rowcode.algorithms import ALGORITHMS, fine_log
from autograd.rowcode.form import FLOAT, TRUTH, WHOLE, Call, Name, Unreadable
from autograd.rowcode.javascript import RESERVED, Printer, literal
from autograd.rowcode.program import Program, active_of, condition_of, operands_of, parameters_of, result_of
from autograd.rowcode.values import bare
from autograd.signatures import REQUIRED
from autograd.text.symbols import Condition, in_order

__all__ = ["SUBSTITUTES", "Script", "functions", "is_readable", "operations", "pieces", "pieces_for"]

HEADER = "// The value of each operation and its local derivatives, printed from Python, with what they need of its math."

SUBSTITUTES = {**ALGORITHMS, fine_log: fine_log}  # a browser's log is not as accurate as Python's


class Script(NamedTuple):
    """The script of a page, and the rows that it lacks."""

    source: (
        str  # defines OPERATIONS = {name: {value(xs, parameters), partials(xs, y, parameters, active), domain, kinks}}, CONDITIONS
    )
    missing: dict[str, str]  # rows that could not be read: name -> why


def operations(rows: Iterable[Op], conditions: Iterable[Sequence[Condition]] = ()) -> Script:
    """JavaScript that defines `OPERATIONS`, an object with these rows by name, and `CONDITIONS`.

    `value(xs, parameters)` is the row on numbers; it throws an Error whose name is that of Python's exception, where Python raises.
    `partials(xs, y, parameters, active)` has one number for each argument that is active, `null` for a closed gate. `domain` lists
    `{text, low, high}` for each operand, `kinks` the places where a partial is a convention. `CONDITIONS` has, for each of the
    sequences of conditions on arguments 0, 1, ... and the result y, an array of functions (xs, y) => whether the condition holds;
    they must be such as `is_readable` accepts.
    """
    program, read, missing = Program({*RESERVED, *pieces()}, SUBSTITUTES), {}, {}
    for row in dict.fromkeys(rows):
        before = dict(program.functions)
        try:
            poles = [program.function(bare(d.is_pole), [Name("x", FLOAT)]) if d.is_pole else None for d in row.domain]
            read[row] = program.value(row), program.partials(row), poles, _margins(program, row)
        except Unreadable as reason:
            program.functions, missing[row.__name__] = before, str(reason)
    asked = [[_question(program, condition) for condition in each] for each in conditions]
    printer = Printer({*(function.name for function in program.functions.values()), *pieces()})
    entries = [_entry(printer, row, *parts) for row, parts in read.items()]
    questions = [f"  [{', '.join(f'([{names}], y) => {printer.text(x)}' for names, x in each)}]," for each in asked]
    printed = [printer.function(function) for function in program.functions.values()]
    tables = ["\n".join(["const OPERATIONS = {", *entries, "};"]), "\n".join(["const CONDITIONS = [", *questions, "];"])]
    body = [HEADER, pieces_for({"row", *printer.called}), "", "\n\n".join([*printer.definitions(), *printed, *tables])]
    return Script(_module("[OPERATIONS, CONDITIONS]", body), missing)


def functions(name: str, wanted: Iterable[Callable[..., Any]]) -> str:
    """JavaScript that defines `name`, an object with these functions; their annotations have the types of their arguments.

    >>> def half(x: float) -> float:
    ...     return x / 2.0
    >>> print(functions("NUMBERS", [half]))  # doctest: +ELLIPSIS
    const NUMBERS = (() => {
    ...
    function half(x) {
      return x / 2;
    }
    const NUMBERS = { half };
    return NUMBERS;
    })();
    <BLANKLINE>
    """
    program = Program({*RESERVED, *pieces()}, SUBSTITUTES)
    calls = [program.function(function, _arguments(function)) for function in wanted]
    printer = Printer({*(function.name for function in program.functions.values()), *pieces()})
    printed = [printer.function(function) for function in program.functions.values()]
    table = f"const {name} = {{ {', '.join(call.function.name for call in calls)} }};"
    return _module(name, [pieces_for(printer.called), *printer.definitions(), *printed, table])


def _arguments(function: Callable[..., Any]) -> list[Name]:
    types = {"float": FLOAT, "int": WHOLE, "bool": TRUTH}
    return [Name(p.name, types[p.annotation]) for p in inspect.signature(function).parameters.values()]


def _module(names: str, body: Sequence[str]) -> str:
    """A script that defines these names and no others."""
    return "\n".join([f"const {names} = (() => {{", *body, f"return {names};", "})();", ""])


@functools.lru_cache(maxsize=1024)
def is_readable(condition: Condition) -> bool:
    """Whether `operations` can write the condition."""
    try:
        _question(Program(), condition)
    except Unreadable:
        return False
    return True


def _margins(program: Program, row: Op) -> list[tuple[Kink, str]]:
    """The kinks of a row whose margins can be read, each with the name of the function that is 0 there."""
    found = []
    for kink in row.kinks:
        before = dict(program.functions)
        try:
            found.append((kink, program.function(bare(kink.margin), operands_of(row), name="margin").function.name))
        except Unreadable:
            program.functions = before
    return found


def _question(program: Program, condition: Condition) -> tuple[str, Any]:
    """The arguments that a condition asks for, x0, x1, ..., and its truth."""
    parts = [part for side in (condition.left, condition.right) for part in in_order(side)]
    leaves = [part for part in parts if part.op is None and part.value is None]
    known = {leaf.name: Name(leaf.name if leaf.place is None else f"x{leaf.place}", FLOAT) for leaf in leaves}
    last = max([leaf.place for leaf in leaves if leaf.place is not None], default=-1)
    return ", ".join([f"x{place}" for place in range(last + 1)]), condition_of(program, condition, known)


def _entry(
    printer: Printer, row: Op, value: Any, partials: Sequence[Any], poles: Sequence[Any], kinks: Sequence[tuple[Kink, str]]
) -> str:
    """The row in the object OPERATIONS."""
    operands, parameters = [p.name for p in operands_of(row)], [p.name for p in parameters_of(row)]
    keywords = [*parameters, *(["active" if row.variadic else active_of(row)] if row.takes_active else [])]
    written = [_arrow(printer, [*operands, result_of(row).name], keywords, partial) for partial in partials]
    options = {}
    if row.parameters:
        options["parameters"] = _record({k: literal(v) for k, v in row.parameters.items() if v is not REQUIRED})
    if row.takes_active:
        options["active"] = "true"
    domains = [_domain(domain, pole) for domain, pole in zip(row.domain, poles, strict=True)]
    if any(domain != "{}" for domain in domains):
        options["domain"] = f"[{', '.join(domains)}]"
    if row.restriction:
        options["restriction"] = literal(row.restriction)
    if kinks:
        options["kinks"] = f"[{', '.join([_kink(kink, margin, row) for kink, margin in kinks])}]"
    end = f", {_record(options)})," if options else "),"
    head = f"  {row.__name__}: row({literal(row.__name__)}, {_arrow(printer, operands, parameters, value)}, "
    slopes = written[0] if row.variadic else f"[{', '.join(written)}]"
    if row.variadic or len(head + slopes + end) < 121:
        return f"{head}{slopes}{end}"
    return "\n".join([f"{head}[", *[f"    {slope}," for slope in written], f"  ]{end}"])


def _arrow(printer: Printer, operands: Sequence[str], keywords: Sequence[Any], x: Any) -> str:
    """A function of these operands, and of an object of keywords: by its name, if it is no more than one."""
    if type(x) is float:
        return literal(x)
    if isinstance(x, Call) and not keywords and [getattr(part, "name", "") for part in x.parts] == list(operands):
        return printer.callee(x.function)
    named = [f"active: [{printer.text(*name)}]" if isinstance(name, tuple) else name for name in keywords]
    named = [name if printer.name(name) == name else f"{name}: {printer.name(name)}" for name in named]
    places = ", ".join([*map(printer.name, operands), *([f"{{ {', '.join(named)} }}"] if keywords else [])])
    return f"({places}) => {printer.text(x)}"


def _domain(domain: ops.Domain, pole: Any) -> str:
    """A domain, without what it has in common with all the floats."""
    parts = {"text": literal(domain.text)} if domain.text != REAL.text else {}
    parts |= {"low": literal(domain.low)} if domain.low > -math.inf else {}
    parts |= {"high": literal(domain.high)} if domain.high < math.inf else {}
    return _record(parts | ({"is_pole": pole.function.name} if pole else {}))


def _kink(kink: Kink, margin: str, row: Op) -> str:
    """A kink: where it is, in words, what the partials are there, its margin, the operands that it is about, if not all."""
    parts = {"where": literal(kink.where), "convention": literal(kink.convention), "margin": margin}
    parts |= {"jumps": "true"} if kink.jumps else {}
    moving = ", ".join([str(row.operands.index(name)) for name in kink.moving])
    return _record(parts | ({"moving": f"[{moving}]"} if moving else {}))


def _record(parts: Mapping[str, str]) -> str:
    return f"{{ {', '.join(f'{name}: {part}' for name, part in parts.items())} }}" if parts else "{}"


# ------------------------------------------------------------------------------------------------------------- math.js, in pieces


@functools.cache
def pieces() -> dict[str, str]:
    """math.js by what each piece defines: a definition begins a line, and its comment is above it."""
    found = re.finditer(r"(?:^//.*\n)*^(?:const )?([\w.]+) = .*(?:\n(?:[ }]|\]).*)*", resource("math.js"), re.MULTILINE)
    return {piece[1]: piece[0] for piece in found}


def pieces_for(called: Iterable[str]) -> str:
    """The pieces that a script calls, and those that these name, in the order of the file."""
    found = pieces()
    needed, waiting = {"math", "python"}, list(called)
    while waiting:
        name = waiting.pop()
        if name in found and name not in needed:
            needed.add(name)
            waiting += re.findall(r"\b(?:math|python)\.\w+|\b[a-z]\w*", found[name])
    return "\n\n".join([piece for name, piece in found.items() if name in needed])
