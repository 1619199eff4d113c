"""Languages: what an operation looks like on operands already written. `write` folds a graph or an expression with one.

A `Language` is a printer: it writes names, numbers, choices and operations as a `Part`, which knows how tightly it binds, and puts
brackets around an operand that binds less tightly than its place needs. Two languages are here: TEXT, as Python writes it, and
BOOK, as books do, 8.5 − x². `autograd.text.latex` and `autograd.text.mathml` are two others, `autograd.text.programs` has those
of programs. Nothing recurses over a graph, and no
language reads what another has written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from numbers import Real
from typing import Any, NamedTuple

from autograd.calls import NO_PARAMETERS
from autograd.operation import ATOM, POWER, UNARY
from autograd.ops import Op
from autograd.text.numbers import MINUS, exact, is_whole, short
from autograd.text.symbols import NOT_FOR_SYMBOLS, Symbol, in_order, symbolic
from autograd.text.templates import OPEN, Group, Hole, Item, Template, template_of
from autograd.value import Value

__all__ = [
    "BOOK",
    "FRACTIONS",
    "SHORT",
    "TEXT",
    "Book",
    "Language",
    "Part",
    "Text",
    "applied",
    "in_circle",
    "in_full",
    "is_written_out",
    "public_call",
    "write",
]

FEW = 8  # products of a scalar product that are written out
OPERATORS = re.compile(r"[-+*/^=<>−×·⋅]")
BRACKETED = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")


class Part(NamedTuple):
    """Something written, and how tightly it binds."""

    text: Any  # a str; in MathML a tuple of elements
    level: int
    value: float | None = None  # of a number
    signed: bool = False  # whether it begins with a minus


class Line(str):
    """A formula that begins with a negative number, and the same with that in brackets, for the place after a sign."""

    guarded: str


def guardable(text: str, guarded: str) -> Line:
    line = Line(text)
    line.guarded = guarded
    return line


class Language:
    """How numbers, names, choices, operations and equations are written."""

    times: Any = " · "
    adds: Any = " += "  # as in Python
    equals: Any = " = "
    dots: Any = "…"  # in place of operands that are left out
    fractions: Mapping[float, Any] = {}  # what is written instead of 0.5, by a language that has it
    is_flat = True  # whether all is on one line, so that a quotient binds as a product does

    def name(self, name: str) -> Part:
        """A label such as "a + b" gets brackets as the formula would, unless it has its own."""
        return Part(name, OPEN if OPERATORS.search(BRACKETED.sub("", name)) else ATOM)

    def number(self, x: float) -> Part:
        """Whole numbers have no point: 2 * x has the value of 2.0 * x."""
        return Part(self.fractions[x], UNARY, x) if x in self.fractions else self.digits(exact(x), x)

    def constant(self, symbol: Any) -> Part:
        return self.closed() if symbol.is_closed else self.number(symbol.value)

    def closed(self) -> Part:
        """The local derivative of a closed gate."""
        return self.number(0.0)

    def digits(self, text: str, x: float) -> Part:
        """A number whose digits the caller has chosen: 1.235e5."""
        signed = text.startswith(("-", MINUS))
        return Part(text, UNARY if signed else ATOM, x, signed)

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        return Part(f"where({left.text} {relation} {right.text}, {a.text}, {b.text})", ATOM)

    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        raise NotImplementedError

    def parameter(self, x: Any) -> Any:
        """Numpy's numbers are written as Python's are."""
        return self.number(float(x)).text if isinstance(x, Real) and not isinstance(x, bool) else self.literal(x)

    def literal(self, x: Any) -> Any:
        """A parameter that is no number."""
        return repr(x)

    def template(self, op: Op) -> Template:
        return template_of(op.text)

    def bracketed(self, text: Any) -> Any:
        return f"({text})"

    def after_sign(self, part: Part) -> Any:
        """The part after a sign of operation, where it may need brackets however tightly it binds."""
        return self.bracketed(part.text) if self.is_odd(part) else part.text

    def joined(self, texts: Iterable[Any]) -> Any:
        """Texts that follow each other without a sign."""
        return "".join(texts)

    def words(self, text: str) -> Any:
        """Words in a formula."""
        return text

    def call(self, name: str, texts: Sequence[Any]) -> Any:
        return f"{name}({self.listed(texts)})"

    def derivative(self, above: Any, below: Any) -> Any:
        return f"∂{above}/∂{below}"

    def barred(self, name: str) -> Any:
        """The name with a bar over its first letter."""
        return f"{name[:1]}\u0304{name[1:]}"

    def listed(self, texts: Sequence[Any]) -> Any:
        return ", ".join(texts)

    def filled(self, template: Template, written: Mapping[str, Any]) -> Any:
        return template.filled(written)

    def definition(self, name: Any, text: Any) -> Any:
        return self.joined([name, self.equals, text])

    def repeats(self, op: Op) -> int:
        """How often a template has an operand: softsign is a / (1 + |a|) in LaTeX, so its operand is shared."""
        template = self.template(op)
        return max([1, *map(template.count, op.operands)])

    def spelled(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        """The row's own template, its operands in brackets where they need them."""
        template = self.template(op)
        if template.is_transparent and len(parts) == 1:
            return parts[0]
        written = {name: self.parameter(x) for name, x in parameters.items()}
        signed = template.items[0] in ("-", MINUS)
        if op.variadic:
            written[op.operands[0]] = self.listed([part.text for part in parts])
        else:
            for name, part in zip(op.operands, parts, strict=True):
                is_loose, is_after = part.level < template.least.get(name, OPEN), name in template.after_sign
                if name in template.exponents:
                    written[name] = self.exponent(part, is_loose)
                    continue
                written[name] = self.bracketed(part.text) if is_loose else self.after_sign(part) if is_after else part.text
                signed |= template.items[0] == Hole(name) and part.signed and written[name] == part.text
        return Part(self.filled(template, written), template.level, None, signed)

    def exponent(self, part: Part, is_loose: bool) -> Any:
        """The operand after a sign of power."""
        return self.bracketed(part.text) if is_loose else part.text

    def is_odd(self, part: Part) -> bool:
        """True if the part needs brackets after a sign of operation, however tightly it binds."""
        return False

    def decomposed(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        """The operation as its row's decomposition makes it, over the same operands."""
        assert op.decomposition is not None
        stand_ins = tuple([Symbol(f"_{i}") for i in range(len(parts))])
        whole = op.decomposition(stand_ins, **parameters) if op.variadic else op.decomposition(*stand_ins, **parameters)
        return write(in_order(symbolic(whole)), dict(zip(stand_ins, parts, strict=True)), self)


class Text(Language):
    """A formula on one line, as Python writes it."""

    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        if op.variadic:
            return Part(public_call(op, [part.text for part in parts], parameters, self.parameter), ATOM)
        return self.spelled(op, parts, parameters)


TEXT = Text()

BOOK_SIGNS = {"-": MINUS, "*": "·", "**": "", "%": "mod"}
TIGHT = ("*", "/", "**")  # signs with no space around them
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
RELATIONS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥"}
FRACTIONS = {0.25: "¼", 0.5: "½", 0.75: "¾"}


class Book(Text):
    """A formula on one line, as books write it: w·x + b, ½·(8.5 − x)², 2·(−3)."""

    fractions = FRACTIONS

    def digits(self, text: str, x: float) -> Part:
        part = super().digits(text.replace("-", MINUS), x)
        return part._replace(text=guardable(part.text, f"({part.text})")) if part.signed else part

    def after_sign(self, part: Part) -> Any:
        return part.text.guarded if isinstance(part.text, Line) else super().after_sign(part)

    def bracketed(self, text: Any) -> Any:
        return super().bracketed(str(text))

    def filled(self, template: Template, written: Mapping[str, Any]) -> Any:
        text, first = super().filled(template, written), template.items[0]
        if type(first) is not Hole or not isinstance(written[first.name], Line):
            return text
        return guardable(text, template.filled({**written, first.name: written[first.name].guarded}))

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        return super().choice(left, RELATIONS.get(relation, relation), right, a, b)

    def template(self, op: Op) -> Template:
        return _as_in_books(op.text)

    def exponent(self, part: Part, is_loose: bool) -> Any:
        if part.value is not None and is_whole(part.value):
            return exact(part.value).translate(RAISED)
        return f"^{self.bracketed(part.text) if part.level < POWER and part.value not in FRACTIONS else part.text}"

    def is_odd(self, part: Part) -> bool:
        return part.signed

    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        return self.decomposed(op, parts, parameters) if is_written_out(op, len(parts)) else super().apply(op, parts, parameters)


BOOK = Book()


@cache
def _as_in_books(source: str) -> Template:
    """A row's template of text with the signs of books."""
    template = template_of(source)
    return template._replace(items=_with_signs(template.items))


def _with_signs(items: Sequence[Item]) -> tuple[Item, ...]:
    made: list[Item] = []
    last: Item = ""
    for item in items:
        if type(item) is Group:
            made.append(item._replace(items=_with_signs(item.items)))
        elif not isinstance(item, str):
            made.append(item)
        elif item.isspace() and last in TIGHT:
            continue
        elif item in TIGHT:
            made[-1:] = [x for x in made[-1:] if not (isinstance(x, str) and x.isspace())]
            made.append(BOOK_SIGNS.get(item, item))
        else:
            made.append(item.translate(RAISED) if last == "**" else BOOK_SIGNS.get(item, item))
        last = item
    return tuple(made)


class Short(Book):
    """A formula whose numbers have four digits."""

    def number(self, x: float) -> Part:
        return super().number(x) if x in self.fractions else self.digits(short(x), x)


BLANK, SHORT = Part("□", ATOM), Short()


def in_circle(op: Op, arguments: Sequence[Any], parameters: Mapping[str, Any] = NO_PARAMETERS) -> str:
    """The text in a picture's circle: the row's symbol, or the operation with its constants and a box for each node.

    >>> from autograd import ops
    >>> in_circle(ops.mul, (Value(1.0), Value(2.0))), in_circle(ops.sub, (8.5, Value(1.0))), in_circle(ops.square, (Value(1.0),))
    ('·', '8.5 − □', '□²')
    """
    constants = [argument for argument in arguments if type(argument) is float]
    is_own_sign = len(arguments) == 1 and op.precedence != ATOM and op.symbol != op.__name__
    sign = BOOK_SIGNS.get(op.symbol, op.symbol)
    if op.variadic or (sign and not constants and not is_own_sign):
        return sign
    parts = [SHORT.number(x) if type(x) is float else BLANK for x in arguments]
    return str(SHORT.apply(op, parts, parameters).text)


def is_written_out(op: Op, count: int) -> bool:
    """Whether this operation on this number of operands is written as its decomposition: w·x as w1·x1 + w2·x2."""
    is_sum = op.variadic and op.arrange is not tuple and op.call is None and op.decomposition is not None
    return is_sum and 1 < count <= 2 * FEW + 1


# ------------------------------------------------------------------------------------------------------------------- the fold


def write(
    order: Sequence[Any],
    names: Mapping[Any, Part],
    language: Language,
    lines: list[Any] | None = None,
    shared: Collection[Any] = (),
) -> Part:
    """Write every node on what was written for its operands; a shared one becomes one of the lines, and from then on a name."""
    written: dict[Any, Part] = {}
    for node in order:
        if node.op is None:
            written[node] = language.constant(node) if type(node) is Symbol and node.value is not None else names[node]
            continue
        written[node] = applied(node, written, language)
        if node in shared and lines is not None:
            lines.append(language.definition(names[node].text, written[node].text))
            written[node] = names[node]
    return written[order[-1]]


def applied(node: Any, written: Mapping[Any, Part], language: Language) -> Part:
    """The operation that made the node, on operands already written: as names, or as numbers."""
    arguments = node.arguments if type(node) is Value else node.operands
    parts = [written[a] if a in written else language.number(a) for a in arguments]
    condition = node.condition if type(node) is Symbol else None
    if condition is not None:
        return language.choice(written[condition.left], condition.relation, written[condition.right], *parts)
    return language.apply(node.op, parts, dict(node.parameters))


def in_full(symbol: Symbol, language: Language = TEXT) -> Part:
    """The expression with what is shared written at each use."""
    order = in_order(symbol)
    return write(order, {part: language.name(part.name) for part in order if part.op is None and part.value is None}, language)


# -------------------------------------------------------------------------------------------------------------- public calls


def public_call(op: Op, operands: Sequence[str], parameters: Mapping[str, Any], write_one: Callable[[Any], str]) -> str:
    """The public call: dot([w1, w2], [x1, x2]), softmax([a, b], k=0), where(True, a, b); `write_one` writes a parameter."""
    for arguments, keywords in _candidates(op, tuple(operands), parameters):
        try:
            if _arranged(op, arguments, keywords) != (tuple(operands), dict(parameters)):
                continue
        except NOT_FOR_SYMBOLS:
            continue
        written = [f"[{', '.join(x)}]" if type(x) is tuple else x if x in operands else write_one(x) for x in arguments]
        return f"{op.__name__}({', '.join([*written, *[f'{name}={write_one(x)}' for name, x in keywords.items()]])})"
    given = ", ".join([f'"{name}": {write_one(x)}' for name, x in parameters.items()])
    return f"{op.__name__}.apply(({', '.join(operands)},){f', {{{given}}}' if given else ''})"


def _candidates(
    op: Op, operands: tuple[str, ...], parameters: Mapping[str, Any]
) -> Iterator[tuple[tuple[Any, ...], Mapping[str, Any]]]:
    """How a public function may take its operands: in order, as a sequence, as two, as two and one more."""
    half = len(operands) // 2
    if op.variadic:
        yield (operands,), parameters
        yield (operands[:half], operands[half:]), parameters
        yield (operands[:half], operands[half:-1], operands[-1]), parameters
    else:
        yield operands, parameters
        yield (*parameters.values(), *operands), {}


def _arranged(op: Op, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The operands and parameters of this public call."""
    if op.call is not None:
        return op.call(lambda operands, parameters: (operands, dict(parameters)), *arguments, **keywords)  # type: ignore[no-any-return]
    return arguments if op.arrange is None else op.arrange(*arguments), dict(keywords)
