"""Languages: what an operation looks like on operands already written. `write` folds a graph or an expression with one.

A `Language` is a printer: it writes names, numbers, choices and operations as a `Part`, which knows how tightly it binds, and puts
brackets around an operand that binds less tightly than its place needs. Text is the language here; `autograd.text.latex` and
`autograd.text.mathml` are two others, `autograd.text.programs` has those of programs. Nothing recurses over a graph, and no
language reads what another has written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

from autograd.operation import ATOM, UNARY
from autograd.ops import Op
from autograd.text.numbers import exact
from autograd.text.symbols import NOT_FOR_SYMBOLS, Symbol, in_order, symbolic
from autograd.text.templates import OPEN, Hole, Template, template_of
from autograd.value import Value

__all__ = ["TEXT", "Language", "Part", "Text", "applied", "in_full", "public_call", "write"]

OPERATORS = re.compile(r"[-+*/^=<>−×·⋅]")
BRACKETED = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")


class Part(NamedTuple):
    """Something written, and how tightly it binds."""

    text: Any  # a str; in MathML a tuple of elements
    level: int
    value: float | None = None  # of a number
    signed: bool = False  # whether it begins with a minus


class Language:
    """How numbers, names, choices, operations and equations are written."""

    times: Any = " · "
    adds: Any = " += "  # as in Python
    equals: Any = " = "
    dots: Any = "…"  # in place of operands that are left out
    is_flat = True  # whether all is on one line, so that a quotient binds as a product does

    def name(self, name: str) -> Part:
        """A label such as "a + b" gets brackets as the formula would, unless it has its own."""
        return Part(name, OPEN if OPERATORS.search(BRACKETED.sub("", name)) else ATOM)

    def number(self, x: float) -> Part:
        """Whole numbers have no point: 2 * x has the value of 2.0 * x."""
        return self.digits(exact(x), x)

    def constant(self, symbol: Any) -> Part:
        return self.closed() if symbol.is_closed else self.number(symbol.value)

    def closed(self) -> Part:
        """The local derivative of a closed gate."""
        return self.number(0.0)

    def digits(self, text: str, x: float) -> Part:
        """A number whose digits the caller has chosen: 1.235e5."""
        signed = text.startswith("-")
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
        signed = template.items[0] == "-"
        if op.variadic:
            written[op.operands[0]] = self.listed([part.text for part in parts])
        else:
            for name, part in zip(op.operands, parts, strict=True):
                is_loose, is_after = part.level < template.least.get(name, OPEN), name in template.after_sign
                written[name] = self.bracketed(part.text) if is_loose else self.after_sign(part) if is_after else part.text
                signed |= template.items[0] == Hole(name) and part.signed and written[name] == part.text
        return Part(self.filled(template, written), template.level, None, signed)

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
