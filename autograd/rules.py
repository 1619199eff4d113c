"""What the chain rule does along one edge, in words and in symbols: add distributes, mul swaps, max routes.

    >>> from autograd import ops
    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> product, larger = a * b, ops.max(a, b)
    >>> rule(product, 0), slope(product, 0, {a: "a", b: "b", product: "d"})
    ('mul swaps: each operand gets the adjoint times the other', 'b')
    >>> rule(larger, 1), slope(larger, 1, {a: "a", b: "b", larger: "m"})
    ('max routes: the adjoint goes to the operand that was taken, not to this one', '0')

Both are told from the partials of the row, evaluated on symbols, so they hold for a row of one's own too; no operation is
named here. Where a partial chooses, what is written is the branch that holds at the node's own numbers.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping
from typing import Any

from autograd.formula import LATEX, OPEN, TEXT, TRIED, Language, Part, in_order, is_dense, size, write
from autograd.ops import ATOM, CLOSED, PRODUCT, Op
from autograd.symbols import Condition, Symbol, symbolic
from autograd.value import Value

__all__ = ["factor", "rule", "slope"]

LONGEST = 60  # characters of a local derivative that is written out
MOST = 64  # operands of a row whose partials all depend on all of them, as those of softmax do
RESULT = "y"
PROBES = (0.7310585786300049, -1.9, 3.3e-300, 7e300, -7e300)  # what is the operand itself, or constant, at these is so anywhere
RELATIONS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


# ------------------------------------------------------------------------------------------------------------------- in words


def rule(node: Value, slot: int) -> str:
    """What the chain rule does along the edge from `node` to its operand number `slot`, in one short sentence.

    It tells a gate that is open at the moment from one that is closed.

    >>> x = Value(3.0)
    >>> rule(x + 1, 0)
    'add distributes: every operand gets the adjoint as it is'
    """
    place = _place(node, slot)
    name = node.op.__name__ if node.op is not None else ""
    partial, is_open = node.partials[slot], node.edges[slot][3]
    partials = _partials(node)
    if partial != partial:
        return f"{name} has no slope here: its local derivative is NaN"
    if partials is None:
        return f"{name} scales: the adjoint times its local derivative" if is_open else f"{name} passes nothing: its gate is closed"
    if partials.has_gate:
        return f"{name} {_of_gate(len(node.arguments), partials[place], partial, is_open)}"
    return f"{name} {_of_slope(node, slot, place, partials)}"


def _of_gate(count: int, symbol: Symbol, partial: float, is_open: bool) -> str:
    if count == 1:
        if not _leaves(symbol) - {CLOSED}:
            return "passes nothing: its slope is 0 wherever it has one"
        passing = "the adjoint passes as it is" if partial == 1.0 else "the adjoint is scaled by its slope"
        return f"routes: its gate is open here, {passing}" if is_open else "routes: its gate is closed here, nothing passes"
    if is_open and partial != 1.0:
        is_tie = 0.5 in _leaves(symbol) and partial == 0.5
        return f"routes: {'at this tie the' if is_tie else 'this'} operand gets the adjoint times {partial:.4g}"
    return f"routes: the adjoint goes to the operand that was taken, {'this one' if is_open else 'not to this one'}"


def _of_slope(node: Value, slot: int, place: int, partials: Partials) -> str:
    count = len(node.arguments)
    constant = partials[place].value
    if constant is not None:
        return _of_constant(constant, [p.value for p in partials.values()])
    textbook = _textbook(node, place)
    now = _now(partials[place] if textbook is None else textbook, node, {})
    used = {symbol.name for symbol in in_order(now) if symbol.op is None and symbol.name}
    if not used:
        side = _chooses(partials[place]) and textbook is None
        return f"scales: the adjoint times {node.partials[slot]:.4g}{' on this side' if side else ', a constant'}"
    if now.op is None and now.name == RESULT:
        return "keeps: the local derivative is the result itself"
    if now.op is None and int(now.name) != place:
        is_same = node.arguments[int(now.name)] is node.operands[slot]
        if is_same:
            return "swaps: each operand gets the adjoint times the other, here the same node"
        return f"swaps: each {'operand' if count == 2 else 'factor'} gets the adjoint times the other"
    if used == {RESULT}:
        return "scales: the adjoint times its slope, which the result alone tells"
    return f"scales: the adjoint times its slope at the operand{'s' * (count > 1)}"


def _of_constant(own: float, others: list[float | None]) -> str:
    count = len(others)
    gets = "the adjoint as it is" if own == 1.0 else "the adjoint with its sign turned"
    if count == 1 and abs(own) == 1.0:
        return "passes the adjoint on as it is" if own == 1.0 else "turns the sign of the adjoint"
    if own == 1.0 and set(others) == {1.0}:
        return f"distributes: every operand gets {gets}"
    if abs(own) == 1.0 and {1.0, -1.0}.issuperset(others):
        return f"distributes: this operand gets {gets}"
    if abs(own) == 1.0:
        return f"{'adds' if own == 1.0 else 'subtracts'} this operand: it gets {gets}"
    if set(others) == {own} and own == 1 / count:
        return f"shares: each of its {count} operands gets 1/{count} of the adjoint"
    return f"scales: the adjoint times {own:.4g}, a constant"


# ----------------------------------------------------------------------------------------------------------------- in symbols


def slope(node: Value, slot: int, names: Mapping[Value, str], *, latex: bool = False) -> str:
    """The local derivative along the edge from `node` to its operand number `slot`, in the names of operands and result.

    In the form that books give, if the row has one, and at the node's own numbers: of a gate, the branch that holds. Numbers
    have four digits. What would be longer than LONGEST, or cannot be written, is called ∂node/∂operand.

    >>> x = Value(0.5)
    >>> slope(x.tanh(), 0, {x: "x"}), slope(x**3, 0, {x: "x"}), slope(x.relu(), 0, {x: "x"})
    ('1 - y ** 2', '3 * x ** 2', '1')
    """
    return _written(node, slot, names, LATEX if latex else TEXT).text


def factor(node: Value, slot: int, names: Mapping[Value, str], *, latex: bool = False) -> str:
    """The slope as it stands behind a sign of multiplication: in brackets where it needs them.

    >>> x = Value(0.5)
    >>> factor(x.tanh(), 0, {x: "x"}), factor(x.exp(), 0, {x: "x"})
    ('(1 - y ** 2)', 'y')
    """
    language = LATEX if latex else TEXT
    part = _written(node, slot, names, language)
    is_loose = part.level < PRODUCT or (part.level == PRODUCT and not latex)  # −2 · (1 / b) is easier to read than −2 · 1 / b
    is_signed = part.text.startswith("-") and (latex or not part.constant)
    return language.brackets.format(part.text) if is_loose or is_signed else part.text


def _written(node: Value, slot: int, names: Mapping[Value, str], language: Language) -> Part:
    place = _place(node, slot)
    symbol = _textbook(node, place)
    if symbol is None:
        partials = _partials(node)
        symbol = None if partials is None else partials[place]
    if symbol is not None:
        now = _now(symbol, node, names)
        if size(now) <= LONGEST:
            tree = _as_tree(now)
            if len(_in(TEXT, tree).text) <= LONGEST:
                return _in(language, tree)
    return Part(partial_of(names.get(node, RESULT), names.get(node.operands[slot], "x"), language), ATOM)


def partial_of(above: str, below: str, language: Language = TEXT) -> str:
    """∂above/∂below; a label that is a formula stands in brackets."""
    parts = [language.name(name) for name in (above, below)]
    y, x = [language.brackets.format(part.text) if part.level == OPEN else part.text for part in parts]
    return rf"\frac{{\partial {y}}}{{\partial {x}}}" if language is LATEX else f"∂{y}/∂{x}"


def _in(language: Language, tree: Symbol) -> Part:
    order = in_order(tree)
    return write(order, {symbol: language.name(symbol.name) for symbol in order if symbol.op is None}, language, [])


# ------------------------------------------------------------------------------------------------------- partials as symbols


def _place(node: Value, slot: int) -> int:
    """Which of the arguments, constants counted, operand number `slot` is."""
    places = [place for place, argument in enumerate(node.arguments) if type(argument) is Value]
    if not 0 <= slot < len(places):
        raise IndexError(f"{node!r} has {len(places)} operands; there is no slot {slot}")
    return places[slot]


class Partials(dict[int, Symbol]):
    """The local derivative for every place, over symbols named 0, 1, ... and y."""

    @functools.cached_property
    def has_gate(self) -> bool:
        """Whether one of them may be that of a closed gate."""
        return any(end.value is CLOSED for partial in self.values() for end in _ends(partial))


def _partials(node: Value) -> Partials | None:
    """Those of the node's row; None where they cannot be evaluated on symbols."""
    assert node.op is not None
    active = tuple([type(argument) is Value for argument in node.arguments]) if node.op.takes_active else None
    key = (node.op, len(node.arguments), active, tuple(node.parameters.items()))
    try:
        return _evaluated(*key)
    except TypeError:  # a parameter that has no hash
        return _evaluated.__wrapped__(*key)


@functools.lru_cache(maxsize=256)
def _evaluated(op: Op, count: int, active: tuple[bool, ...] | None, parameters: tuple[tuple[str, Any], ...]) -> Partials | None:
    if count > MOST and is_dense(op, count, dict(parameters)):
        return None
    places = [place for place in range(count) if active is None or active[place]]
    try:
        partials = op.local_derivatives(_placeholders(count), Symbol(RESULT), dict(parameters), active)
        return Partials(zip(places, map(symbolic, partials), strict=True))
    except TRIED:
        return None


@functools.lru_cache(maxsize=256)
def _placeholders(count: int) -> tuple[Symbol, ...]:
    return tuple([Symbol(str(place)) for place in range(count)])


def _textbook(node: Value, place: int) -> Symbol | None:
    op = node.op
    if op is None or op.textbook is None or op.variadic:
        return None
    try:
        return symbolic(op.textbook[place](*_placeholders(len(node.arguments)), Symbol(RESULT)))
    except TRIED:
        return None


def _chooses(symbol: Symbol) -> bool:
    return type(symbol.parameters.get("condition")) is Condition


def _ends(symbol: Symbol) -> Iterable[Symbol]:
    """What a choice, and the choices inside its branches, can come to."""
    waiting = [symbol]
    while waiting:
        last = waiting.pop()
        if _chooses(last):
            waiting += last.operands
        else:
            yield last


def _leaves(symbol: Symbol) -> set[float | Symbol]:
    """The ends, constants as numbers; NaN, which stands for no slope at all, left out."""
    return {end if end.value is None else end.value for end in _ends(symbol) if end.value is None or end.value == end.value}


# ------------------------------------------------------------------------------------------------- at the node's own numbers


def _now(symbol: Symbol, node: Value, names: Mapping[Value, str]) -> Symbol:
    """The expression with constants and names put in, choices made at the node's own numbers, and no needless operations."""
    written: dict[Symbol, Symbol] = {}
    worth: dict[Symbol, float | None] = {}
    for part in in_order(symbol):
        if part.op is None:
            written[part], worth[part] = _put_in(part, node, names)
            continue
        operands = [written[operand] for operand in part.operands]
        condition = part.parameters.get("condition")
        if type(condition) is Condition:
            left, right = worth[condition.left], worth[condition.right]
            if left is not None and right is not None:
                taken = part.operands[0 if RELATIONS[condition.relation](left, right) else 1]
                written[part], worth[part] = written[taken], worth[taken]
                continue
            condition = Condition(written[condition.left], condition.relation, written[condition.right])
            written[part] = Symbol(op=part.op, operands=tuple(operands), parameters={"condition": condition})
            worth[part] = None
            continue
        worth[part] = _value(part.op, [worth[operand] for operand in part.operands], part.parameters)
        written[part] = _applied(part.op, operands, part.parameters, worth[part])
    return written[symbol]


def _put_in(part: Symbol, node: Value, names: Mapping[Value, str]) -> tuple[Symbol, float | None]:
    if part.value is not None:
        return part, part.value
    if part.name == RESULT:
        return Symbol(names.get(node, RESULT)), node.data
    argument = node.arguments[int(part.name)]
    if type(argument) is Value:
        return Symbol(names.get(argument, part.name)), argument.data
    return Symbol(value=argument), argument


def _applied(op: Op, operands: list[Symbol], parameters: Mapping[str, Any], worth: float | None) -> Symbol:
    """The operation on these: as a number where that is no longer or it is constant, as its operand where it changes nothing."""
    whole = Symbol(op=op, operands=tuple(operands), parameters=parameters)
    unknown = [operand for operand in operands if operand.value is None]
    if not unknown and worth is not None and len(repr(worth)) <= len(repr(whole)):
        return Symbol(value=worth)
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
    except TRIED:
        return None


def _as_tree(symbol: Symbol) -> Symbol:
    """The expression with nothing shared, so that it is written in one piece; it is no deeper than LONGEST."""
    if symbol.op is None:
        return symbol if symbol.value is None else Symbol(value=_rounded(symbol.value))
    return Symbol(op=symbol.op, operands=tuple(map(_as_tree, symbol.operands)), parameters=symbol.parameters)


def _rounded(x: float) -> float:
    """As pictures have it: in four digits, a whole number up to a million in full."""
    return x if abs(x) < 1e6 and x == int(x) else float(f"{x:.4g}")
