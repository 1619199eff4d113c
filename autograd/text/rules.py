"""What the chain rule does along one edge, in words and in symbols: addition distributes, multiplication swaps.

    >>> from autograd import ops
    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> product, larger = a * b, ops.max(a, b)
    >>> str(rule(product, 0)), slope(product, 0, {a: "a", b: "b", product: "d"}).text
    ('Multiplication swaps: each operand gets the adjoint times the other', 'b')
    >>> str(rule(larger, 1)), slope(larger, 1, {a: "a", b: "b", larger: "m"}).text
    ('The maximum routes: the adjoint goes to the operand that was taken, not to this one', '0')

Both are read from the partials of the row, evaluated on symbols, so a user's row has them too; no operation is named here. Where
a partial chooses, the branch that holds at the node's own numbers is written.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.operation import ATOM, PRODUCT
from autograd.ops import Op
from autograd.text.language import BOOK, Language, Part, in_full
from autograd.text.numbers import rounded, short
from autograd.text.symbols import NOT_FOR_SYMBOLS, RESULT, Condition, Symbol, in_order, is_dense, partials_of, places, size
from autograd.text.templates import OPEN
from autograd.value import Value

__all__ = ["NO_SLOPE", "UNKNOWN", "Case", "Rule", "Slope", "cases", "loose", "opening", "partial_of", "rule", "slope"]

LONGEST = 60  # characters of a local derivative that is written out
MOST = 16  # operands of a row whose partials all depend on all of them, as those of softmax do
MANY = 24  # cases of an edge that are distinguished
PROBES = (0.7310585786300049, -1.9, 3.3e-300, 7e300, -7e300)  # what is the operand itself, or constant, at these is so anywhere
RELATIONS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


# ---------------------------------------------------------------------------------------------------------------------- cases


class Case(NamedTuple):
    """One outcome of the choices in an edge's local derivative: the conditions that lead to it, and whether each holds."""

    asked: tuple[tuple[Condition, bool], ...]
    is_open: bool  # False where it ends at a closed gate
    is_loose: bool = False  # whether nothing but `is_open` is known


OPEN_OR_CLOSED = [Case((), True, True), Case((), False, True)]
Decide = Callable[[Condition], bool | None]


def cases(node: Value, slot: int) -> list[Case]:
    """Return every case of the edge from `node` to its operand number `slot`, for all operands; read from the row's partial.

    The conditions are about symbols named by the places of the arguments, 0, 1, ..., and y, the result. Of a row that cannot be
    evaluated on symbols, or that has more than MANY cases, only open and closed are distinguished.

    >>> x = Value(3.0)
    >>> [(case.asked, case.is_open) for case in cases(x.relu(), 0)]
    [(((0 > 0.0, True),), True), (((0 > 0.0, False), (0 <= 0.0, True)), False), (((0 > 0.0, False), (0 <= 0.0, False)), True)]
    """
    place = _place(node, slot)
    partials = _partials(node)
    if partials is None:
        return OPEN_OR_CLOSED
    return partials.cases(place, _textbook(node, place))


def loose(every: Sequence[Case]) -> list[Case]:
    """Return the cases of an edge that distinguish only open and closed."""
    return OPEN_OR_CLOSED if any(not case.is_open for case in every) else OPEN_OR_CLOSED[:1]


def _paths(roots: Sequence[Symbol]) -> Iterator[dict[Condition, bool]]:
    """Every way to decide the conditions of expressions: each condition that is met, and whether it holds."""
    waiting: list[dict[Condition, bool]] = [{}]
    while waiting:
        path = waiting.pop()
        open_question = next((condition for condition in _met(roots, path) if condition not in path), None)
        if open_question is None:
            yield path
        else:
            waiting += [path | {open_question: False}, path | {open_question: True}]


def _met(roots: Sequence[Symbol], path: Mapping[Condition, bool]) -> Iterator[Condition]:
    """The conditions that decide what the expressions are, as far as they are decided."""
    seen, waiting = set[Symbol](), list(reversed(roots))
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        condition = part.condition
        if condition is None:
            waiting += reversed(part.operands)
            continue
        yield condition
        if condition in path:
            waiting += [part.operands[0 if path[condition] else 1], condition.right, condition.left]


def _end(symbol: Symbol, holds: Decide) -> Symbol:
    """What the choice comes to; the choice itself where a condition is not decided."""
    while symbol.condition is not None:
        answer = holds(symbol.condition)
        if answer is None:
            return symbol
        symbol = symbol.operands[0 if answer else 1]
    return symbol


# ------------------------------------------------------------------------------------------------------------------- in words


class Rule(NamedTuple):
    """What the chain rule does along one edge: two templates, and their fields."""

    brief: str  # without the reason, for a list of the rules along a path; {op} is the operation's noun
    whole: str  # {Op} is the same at the beginning of a sentence
    fields: Mapping[str, str] = {}

    def __str__(self) -> str:
        return self.whole.format_map(self.fields)


UNKNOWN = Rule("", "")
NO_SLOPE = Rule("{op} has no slope here", "{Op} has no slope here: its local derivative is NaN")
# A row whose partials cannot be evaluated on symbols.
OPEN_UNREAD = Rule("{op} scales", "{Op} scales: the adjoint times its local derivative")
CLOSED_UNREAD = Rule("{op} passes nothing", "{Op} passes nothing: its gate is closed")
# A row with a gate, of one operand or of several.
FLAT = Rule("{op} passes nothing", "{Op} passes nothing: its slope is 0 wherever it has one")
PASSED = Rule("{op} routes", "{Op} routes: its gate is open here, the adjoint passes as it is")
SCALED = Rule("{op} routes", "{Op} routes: its gate is open here, the adjoint is scaled by its slope")
STOPPED = Rule("{op} routes", "{Op} routes: its gate is closed here, nothing passes")
TAKEN_BY_SLOPE = Rule("{op} routes", "{Op} routes: this operand gets the adjoint times its slope")
TAKEN_BY_NUMBER = Rule("{op} routes", "{Op} routes: this operand gets the adjoint times {number}")
TIED = Rule("{op} routes", "{Op} routes: at this tie the operand gets the adjoint times {number}")
TAKEN = Rule("{op} routes", "{Op} routes: the adjoint goes to the operand that was taken, this one")
NOT_TAKEN = Rule("{op} routes", "{Op} routes: the adjoint goes to the operand that was taken, not to this one")
# Local derivatives that are constants for all operands.
PASSES = Rule("{op} passes the adjoint on as it is", "{Op} passes the adjoint on as it is")
TURNS = Rule("{op} turns the sign of the adjoint", "{Op} turns the sign of the adjoint")
DISTRIBUTES = Rule("{op} distributes", "{Op} distributes: every operand gets the adjoint as it is")
DISTRIBUTES_PLUS = Rule("{op} distributes", "{Op} distributes: this operand gets the adjoint as it is")
DISTRIBUTES_MINUS = Rule("{op} distributes", "{Op} distributes: this operand gets the adjoint with its sign turned")
ADDS = Rule("{op} adds this operand", "{Op} adds this operand: it gets the adjoint as it is")
SUBTRACTS = Rule("{op} subtracts this operand", "{Op} subtracts this operand: it gets the adjoint with its sign turned")
SHARES = Rule("{op} shares", "{Op} shares: each of its {count} operands gets 1/{count} of the adjoint")
# Local derivatives that depend on operands or result.
BY_CONSTANT = Rule("{op} scales", "{Op} scales: the adjoint times {number}, a constant")
ON_THIS_SIDE = Rule("{op} scales", "{Op} scales: the adjoint times {number} on this side")
KEEPS = Rule("{op} keeps", "{Op} keeps: the local derivative is the result itself")
SWAPS = Rule("{op} swaps", "{Op} swaps: each operand gets the adjoint times the other")
SWAPS_ITSELF = Rule("{op} swaps", "{Op} swaps: each operand gets the adjoint times the other, here the same node")
SWAPS_FACTORS = Rule("{op} swaps", "{Op} swaps: each factor gets the adjoint times the other")
BY_RESULT = Rule("{op} scales", "{Op} scales: the adjoint times its slope, which depends on the result alone")
AT_OPERAND = Rule("{op} scales", "{Op} scales: the adjoint times its slope at the operand")
AT_OPERANDS = Rule("{op} scales", "{Op} scales: the adjoint times its slope at the operands")


def rule(node: Value, slot: int, case: Case | None = None) -> Rule:
    """Return what the chain rule does along the edge from `node` to its operand number `slot`, at the moment or in a case.

    A gate that is open has another rule than one that is closed. UNKNOWN in a case of which too little is known.

    >>> x = Value(3.0)
    >>> print(rule(x + 1, 0))
    Addition distributes: every operand gets the adjoint as it is
    """
    place = _place(node, slot)
    assert node.op is not None
    partials = _partials(node)
    if partials is not None and case is not None and case.is_loose:
        return UNKNOWN
    found, number = _rule(node, slot, place, partials, case)
    noun, count = node.op.noun, len(partials or ())
    return found._replace(fields={"op": noun, "Op": opening(node.op), "number": short(number), "count": str(count)})


def opening(op: Op) -> str:
    """Return the operation's noun as a sentence begins with it; the name of a function stays as it is."""
    return op.noun if op.noun == op.__name__ else op.noun[0].upper() + op.noun[1:]


def _rule(node: Value, slot: int, place: int, partials: Partials | None, case: Case | None) -> tuple[Rule, float]:
    """The rule, and the number in it, or NaN."""
    partial = node.partials[slot]
    is_open = partial is not None if case is None else case.is_open
    if case is None and partial != partial:
        return NO_SLOPE, math.nan
    if partials is None:
        return OPEN_UNREAD if is_open else CLOSED_UNREAD, math.nan
    decide = _decider(node, case)
    end = _end(partials[place], decide)
    if end.value is not None and end.value != end.value:
        return NO_SLOPE, math.nan
    if partials.has_gate:
        constant = _settled(end, node, {}, decide)[1]
        return _of_gate(len(node.arguments), partials[place], constant, is_open), math.nan if constant is None else constant
    constant = partials[place].value
    if constant is not None:
        return _of_constant(constant, partials.constants, len(partials)), constant
    return _of_slope(node, slot, place, partials[place], decide)


def _of_gate(count: int, symbol: Symbol, constant: float | None, is_open: bool) -> Rule:
    """The rule of a row with a gate; `constant` is the local derivative where that does not depend on operands."""
    if count == 1 and not _leaves(symbol) - {0.0}:
        return FLAT
    if not is_open:
        return STOPPED if count == 1 else NOT_TAKEN
    if count == 1:
        return PASSED if constant == 1.0 else SCALED
    if constant is None:
        return TAKEN_BY_SLOPE
    if constant == 1.0:
        return TAKEN
    return TIED if constant == 0.5 and 0.5 in _leaves(symbol) else TAKEN_BY_NUMBER


def _of_constant(own: float, all_of_them: set[float | None], count: int) -> Rule:
    if abs(own) == 1.0:
        is_plus = own == 1.0
        if count == 1:
            return PASSES if is_plus else TURNS
        if all_of_them == {1.0}:
            return DISTRIBUTES
        if all_of_them <= {1.0, -1.0}:
            return DISTRIBUTES_PLUS if is_plus else DISTRIBUTES_MINUS
        return ADDS if is_plus else SUBTRACTS
    return SHARES if all_of_them == {own} and own == 1 / count else BY_CONSTANT


def _of_slope(node: Value, slot: int, place: int, partial: Symbol, decide: Decide) -> tuple[Rule, float]:
    count, textbook = len(node.arguments), _textbook(node, place)
    now, number = _settled(partial if textbook is None else textbook, node, {}, decide)
    used = {symbol.name for symbol in in_order(now) if symbol.op is None and symbol.name}
    if not used and number is not None:
        return ON_THIS_SIDE if partial.condition is not None and textbook is None else BY_CONSTANT, number
    if now.op is None and now.name == RESULT:
        return KEEPS, math.nan
    if now.place is not None and now.place != place:
        is_itself = node.arguments[now.place] is node.operands[slot]
        return SWAPS_ITSELF if is_itself else SWAPS if count == 2 else SWAPS_FACTORS, math.nan
    return BY_RESULT if used == {RESULT} else AT_OPERAND if count == 1 else AT_OPERANDS, math.nan


# ----------------------------------------------------------------------------------------------------------------- in symbols


class Slope(NamedTuple):
    """A local derivative as it is written."""

    text: Any  # as the language writes it
    factor: Any  # after a sign of multiplication: in brackets where it needs them
    is_symbolic: bool  # False for a number, and for ∂y/∂x where there is nothing better


def slope(node: Value, slot: int, names: Mapping[Value, str], language: Language = BOOK, case: Case | None = None) -> Slope:
    """Return the local derivative along the edge from `node` to its operand number `slot`, in the names of operands and result.

    In the form that books give, if the row has one, and at the node's own numbers, or in that case: of a gate, the branch that
    holds. Numbers have four digits. What would be longer than LONGEST, or cannot be written, is called ∂node/∂operand.

    >>> x = Value(0.5)
    >>> slope(x.tanh(), 0, {x: "x"}), slope(x.relu(), 0, {x: "x"}).text
    (Slope(text='1 − y²', factor='(1 − y²)', is_symbolic=True), '1')
    """
    part = _written(node, slot, language, names, case)
    is_symbolic = part is not None and part.value is None
    if part is None:
        part = Part(partial_of(names.get(node, RESULT), names.get(node.operands[slot], "x"), language), ATOM)
    # −2 · (1 / b) is easier to read than −2 · 1 / b
    is_loose = part.level < PRODUCT or (part.level == PRODUCT and language.is_flat)
    is_signed = part.signed and (part.value is None or language.is_odd(part))
    factor = language.bracketed(part.text) if is_loose or is_signed else part.text
    return Slope(part.text, factor, is_symbolic)


def _written(node: Value, slot: int, language: Language, names: Mapping[Value, str], case: Case | None) -> Part | None:
    """The slope; None where it cannot be written or is too long."""
    place, partials = _place(node, slot), _partials(node)
    symbol = _textbook(node, place)
    if symbol is None and partials is not None:
        symbol = partials[place]
    if symbol is None or (case is not None and case.is_loose):
        return None
    now, _ = _settled(symbol, node, names, _decider(node, case))
    if size(now) > LONGEST:
        return None
    tree = _as_tree(now)
    return in_full(tree, language) if len(in_full(tree).text) <= LONGEST else None


def partial_of(above: str, below: str, language: Language = BOOK) -> Any:
    """∂above/∂below; a label that is a formula is in brackets."""
    parts = [language.name(name) for name in (above, below)]
    y, x = [language.bracketed(part.text) if part.level == OPEN else part.text for part in parts]
    return language.derivative(y, x)


# ------------------------------------------------------------------------------------------------------- partials as symbols


def _place(node: Value, slot: int) -> int:
    """Which of the arguments, constants counted, operand number `slot` is."""
    if len(node.arguments) == len(node.operands) > slot >= 0:
        return slot
    places = [place for place, argument in enumerate(node.arguments) if type(argument) is Value]
    if not 0 <= slot < len(places):
        raise IndexError(f"{node!r} has {len(places)} operands; there is no slot {slot}")
    return places[slot]


class Partials(dict[int, Symbol]):
    """The local derivative for every place, over symbols named 0, 1, ... and y."""

    @functools.cached_property
    def has_gate(self) -> bool:
        """Whether one of them may be that of a closed gate."""
        return any(end.is_closed for partial in self.values() for end in _ends(partial))

    @functools.cached_property
    def constants(self) -> set[float | None]:
        """The constants among them, and None if there are others."""
        return {partial.value for partial in self.values()}

    def cases(self, place: int, textbook: Symbol | None) -> list[Case]:
        """Those of the local derivative at that place."""
        if place not in self._cases:
            paths = list(itertools.islice(_paths([self[place], *([] if textbook is None else [textbook])]), MANY + 1))
            ends = [_end(self[place], path.__getitem__) for path in paths]
            found = [Case(tuple(path.items()), not end.is_closed) for path, end in zip(paths, ends, strict=True)]
            may_close = any(end.is_closed for end in _ends(self[place]))
            self._cases[place] = found if len(found) <= MANY else OPEN_OR_CLOSED if may_close else OPEN_OR_CLOSED[:1]
        return self._cases[place]

    @functools.cached_property
    def _cases(self) -> dict[int, list[Case]]:
        return {}


def _partials(node: Value) -> Partials | None:
    """Those of the node's row; None where they cannot be evaluated on symbols."""
    assert node.op is not None
    active = tuple([type(argument) is Value for argument in node.arguments]) if node.op.takes_active else None
    return _evaluated(node.op, len(node.arguments), active, tuple(node.parameters.items()))


@functools.lru_cache(maxsize=256)
def _evaluated(op: Op, count: int, active: tuple[bool, ...] | None, parameters: tuple[tuple[str, Any], ...]) -> Partials | None:
    if count > MOST and is_dense(op, count, dict(parameters)):
        return None
    partials = partials_of(op, places(count), None, dict(parameters), active)
    wanted = [place for place in range(count) if active is None or active[place]]
    return None if partials is None else Partials(zip(wanted, partials, strict=True))


def _textbook(node: Value, place: int) -> Symbol | None:
    op = node.op
    if op is None or op.textbook is None or op.variadic:
        return None
    written = _textbook_of(op, len(node.arguments))
    return None if written is None else written[place]


@functools.lru_cache(maxsize=256)
def _textbook_of(op: Op, count: int) -> tuple[Symbol, ...] | None:
    return partials_of(op, places(count), textbook=True)


def _ends(symbol: Symbol) -> Iterable[Symbol]:
    """What a choice, and the choices inside its branches, can come to."""
    waiting = [symbol]
    while waiting:
        last = waiting.pop()
        if last.condition is not None:
            waiting += last.operands
        else:
            yield last


def _leaves(symbol: Symbol) -> set[float | Symbol]:
    """The ends, constants as numbers; NaN, which means no slope at all, left out."""
    return {end if end.value is None else end.value for end in _ends(symbol) if end.value is None or end.value == end.value}


# ------------------------------------------------------------------------------------------------- at the node's own numbers


def _decider(node: Value, case: Case | None) -> Decide:
    """Return what decides a condition: that case, or the node's own numbers; its answer is None where they do not decide."""
    if case is not None:
        return dict(case.asked).get
    known: dict[Symbol, float | None] = {}

    def number_of(symbol: Symbol) -> float | None:
        if symbol not in known:
            for part in in_order(symbol):
                if part not in known:
                    known[part] = _number_of(part, node, known, decide)
        return known[symbol]

    def decide(condition: Condition) -> bool | None:
        left, right = number_of(condition.left), number_of(condition.right)
        return None if left is None or right is None else RELATIONS[condition.relation](left, right)

    return decide


def _number_of(part: Symbol, node: Value, known: Mapping[Symbol, float | None], decide: Decide) -> float | None:
    if part.op is None:
        return _put_in(part, node, {})[1]
    if part.condition is not None:
        answer = decide(part.condition)
        return None if answer is None else known[part.operands[0 if answer else 1]]
    return _value(part.op, [known[operand] for operand in part.operands], part.parameters)


def _settled(symbol: Symbol, node: Value, names: Mapping[Value, str], decide: Decide) -> tuple[Symbol, float | None]:
    """The expression with constants and names put in, choices made, and no needless operations; its number, if it is constant."""
    written: dict[Symbol, Symbol] = {}
    numbers: dict[Symbol, float | None] = {}
    for part in in_order(symbol):
        if part.op is None:
            written[part], numbers[part] = _put_in(part, node, names)
            continue
        operands = [written[operand] for operand in part.operands]
        condition = part.condition
        if condition is not None:
            answer = decide(condition)
            if answer is not None:
                taken = part.operands[0 if answer else 1]
                written[part], numbers[part] = written[taken], numbers[taken]
                continue
            condition = Condition(written[condition.left], condition.relation, written[condition.right])
            written[part] = Symbol(op=part.op, operands=tuple(operands), parameters={"condition": condition})
            numbers[part] = None
            continue
        numbers[part] = _value(part.op, [numbers[operand] for operand in part.operands], part.parameters)
        written[part] = _applied(part.op, operands, part.parameters, numbers[part])
    whole = written[symbol]
    is_constant = whole.value is None and all(part.op is not None or not part.name for part in in_order(whole))
    return whole, numbers[symbol] if is_constant else whole.value


def _put_in(part: Symbol, node: Value, names: Mapping[Value, str]) -> tuple[Symbol, float | None]:
    if part.value is not None:
        return part, part.value
    if part.name == RESULT:
        return Symbol(names.get(node, RESULT)), node.data
    assert part.place is not None
    argument = node.arguments[part.place]
    if type(argument) is Value:
        return Symbol(names.get(argument, part.name), place=part.place), argument.data
    return Symbol(value=argument), argument


def _applied(op: Op, operands: list[Symbol], parameters: Mapping[str, Any], number: float | None) -> Symbol:
    """The operation on these: as a number where that is no longer or it is constant, as its operand where it changes nothing."""
    whole = Symbol(op=op, operands=tuple(operands), parameters=parameters)
    unknown = [operand for operand in operands if operand.value is None]
    if not unknown and number is not None and len(repr(number)) <= len(repr(whole)):
        return Symbol(value=number)
    if len(unknown) == 1:
        tried = [_value(op, [x if o is unknown[0] else o.value for o in operands], parameters) for x in PROBES]
        if tried == list(PROBES):
            return unknown[0]
        if tried[0] is not None and len(set(tried)) == 1:  # x ** 0
            return Symbol(value=tried[0])
    return whole


def _value(op: Op, operands: list[float | None], parameters: Mapping[str, Any]) -> float | None:
    """The operation on floats; None where an operand is unknown, or the point outside the domain."""
    if any(x is None for x in operands):
        return None
    try:
        return op.value(tuple(operands), **parameters) if op.variadic else op.value(*operands, **parameters)
    except NOT_FOR_SYMBOLS:
        return None


def _as_tree(symbol: Symbol) -> Symbol:
    """The expression with nothing shared, so that it is written in one piece; it is no deeper than LONGEST."""
    if symbol.op is None:
        return symbol if symbol.value is None else Symbol(value=rounded(symbol.value))
    return Symbol(op=symbol.op, operands=tuple(map(_as_tree, symbol.operands)), parameters=symbol.parameters)
