"""Formulas: a graph, or a row's partial, written as one line of text, LaTeX or MathML.

    >>> from autograd import ops
    >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    >>> to_text((a * b + c) ** 2)
    '(a * b + c) ** 2'
    >>> to_latex(ops.exp(a) / (a + b))
    '\\\\frac{e^{a}}{a + b}'
    >>> d = a * b
    >>> to_text(d + ops.sin(d))                 # what is used twice is named once
    'v1 = a * b; v1 + sin(v1)'

Names come from labels, then from `names=locals()`, then v1, v2, ... Brackets stand only where the value would change without them,
to the bit: a + (b + c) keeps its own.

One writer serves every language: `Language.apply` says how an operation is written on operands already written, from the row's own
spelling; `_layout` reads from that spelling where brackets are needed. MathML is read off the LaTeX. Nothing recurses over a
graph. The same writer writes programs, in `autograd.text.programs`.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

from autograd.errors import GraphSizeError, OptionError, whole
from autograd.graph import is_larger
from autograd.operation import ATOM, POWER, PRODUCT, SUM, UNARY
from autograd.ops import Op
from autograd.text.mathml import GREEK, from_latex
from autograd.text.numbers import exact
from autograd.text.symbols import Condition, Symbol, partial_symbol, symbolic
from autograd.value import Value, toposort

__all__ = ["to_latex", "to_mathml", "to_text"]

LIMIT = 1000  # nodes in one line
FEW = 8  # products of a scalar product that LaTeX writes out
OPEN = 0  # how tightly anything at all binds
TRIED = (TypeError, AttributeError, ArithmeticError, ValueError, LookupError)  # what a partial not made for symbols may raise

Names = Mapping[str, Any] | None


class Part(NamedTuple):
    """Something written, and how tightly it binds."""

    text: str
    level: int
    constant: bool = False


# -------------------------------------------------------------------------------------------------------------- the public verbs


def to_text(expression: Value | Symbol, names: Names = None, *, limit: int = LIMIT) -> str:
    """The formula on one line, as Python writes it; what is used more than once is named first, in front of a semicolon.

    >>> x = Value(3.0)
    >>> to_text(3 * x**2 - 4 * x + 5, locals())
    '3 * x ** 2 - 4 * x + 5'
    """
    return "; ".join(_one_line(expression, names, TEXT, limit, "to_text"))


def to_latex(expression: Value | Symbol, names: Names = None, *, limit: int = LIMIT) -> str:
    """The formula in LaTeX's mathematics, without dollar signs; greek labels are letters, x1 has an index.

    >>> to_latex(Value(1.0, "alpha") * Value(2.0, "x1").sqrt())
    '\\\\alpha \\\\cdot \\\\sqrt{x_{1}}'
    """
    return r",\quad ".join(_one_line(expression, names, LATEX, limit, "to_latex"))


def to_mathml(expression: Value | Symbol, names: Names = None, *, limit: int = LIMIT) -> str:
    """The formula as a MathML element, which every current browser shows without a script.

    >>> to_mathml(Value(1.0, "x") ** 2)
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><msup><mi>x</mi><mn>2</mn></msup></math>'
    """
    source = r",\quad ".join(_one_line(expression, names, LATEX, limit, "to_mathml"))
    return from_latex(source)


# ---------------------------------------------------------------------------------------------------------------------- names


def in_order(expression: Any) -> list[Any]:
    """The nodes of a graph, or the symbols of an expression with those of its conditions, operands first."""
    if type(expression) is Value:
        return list(toposort(expression))
    order: dict[Symbol, None] = {}
    waiting: list[tuple[Symbol, bool]] = [(symbolic(expression), False)]
    while waiting:
        symbol, is_ready = waiting.pop()
        if is_ready:
            order[symbol] = None
        elif symbol not in order:
            waiting.append((symbol, True))
            waiting += [(part, False) for part in reversed(_parts_of(symbol))]
    return list(order)


def _parts_of(node: Any) -> tuple[Any, ...]:
    if type(node) is Value:
        return node.operands
    condition = node.parameters.get("condition")
    return (condition.left, condition.right, *node.operands) if type(condition) is Condition else node.operands


def size(symbol: Symbol) -> int:
    """How many symbols the expression has when what is shared is written out."""
    sizes: dict[Symbol, int] = {}
    for part in in_order(symbol):
        sizes[part] = 1 + sum(sizes[operand] for operand in part.operands)
    return sizes[symbol]


def is_dense(op: Op, count: int, parameters: Mapping[str, Any]) -> bool:
    """Whether each partial of the operation on so many operands has all of them in it, as softmax's; told from fewer operands."""
    sizes = set()
    for few in (6 + count % 2, 12 + count % 2):
        operands = tuple([Symbol(str(place)) for place in range(few)])
        try:
            partials = op.local_derivatives(operands, Symbol("y"), parameters, [True] * few)
            sizes.add(max([size(partial_symbol(partial)) for partial in partials]))
        except TRIED:
            return True
    return len(sizes) > 1


def named(
    nodes: Iterable[Any], names: Names = None, *, legal: Callable[[str], str] = str, taken: Iterable[str] = ()
) -> dict[Any, str]:
    """A name for every one of these nodes, as formulas have it: its label, else its name in `names`, else v1, v2, ...

    A name that is taken gets a number, x and x_2. `legal` makes a name of the language at hand of a label; else it stays as
    it is, whatever it holds. Two symbols of one name are the same thing and keep it.

    >>> x, y = Value(1.0, "x"), Value(2.0)
    >>> list(named([x, y, x * y], {"y": y}).values())
    ['x', 'y', 'v1']
    """
    found = found_names(names)
    nodes, chosen, used = list(nodes), {}, dict.fromkeys(taken, 1)
    for own_name in (_label, lambda node: found.get(node, "")):  # a label is taken by nothing but another label
        for node in nodes:
            name = "" if node in chosen else own_name(node)
            if name:
                chosen[node] = legal(name) if type(node) is Symbol else _unused(legal(name), used)
                used.setdefault(chosen[node], 1)
    count = 0
    for node in nodes:
        if node not in chosen:
            count += 1
            while legal(f"v{count}") in used:
                count += 1
            chosen[node] = legal(f"v{count}")
    return {node: chosen[node] for node in nodes}


def found_names(names: Names) -> dict[Value, str]:
    """The nodes among the values of `names`; of two names the first, and none that begins with an underscore.

    Raises an OptionError for what is no mapping from names.
    """
    if names is not None and not (isinstance(names, Mapping) and all(isinstance(name, str) for name in names)):
        raise OptionError(f"names={names!r:.60}: give a mapping from names to nodes, such as names=locals()")
    pairs = reversed(list((names or {}).items()))
    return {node: name for name, node in pairs if type(node) is Value and not name.startswith("_")}


def _label(node: Any) -> str:
    """The label on one line, without what cannot be seen: a control character would be obeyed by a terminal."""
    if type(node) is Symbol:
        return node.name
    label = " ".join(node.label.split())
    return label if label.isprintable() else "".join(filter(str.isprintable, label))


def _unused(name: str, used: dict[str, int]) -> str:
    unused = name
    while unused in used:
        used[name] += 1
        unused = f"{name}_{used[name]}"
    used[unused] = 1
    return unused


# ----------------------------------------------------------------------------------------------------------------- the writer


def _one_line(expression: Value | Symbol, names: Names, language: Language, limit: int, asked: str) -> list[str]:
    """The definitions of what is shared, then the formula."""
    limit = whole("limit", limit, 1)
    if type(expression) is Value and is_larger(expression, limit):
        _refuse_larger(asked, limit)
    order = in_order(expression)
    if len(order) > limit:
        _refuse_larger(asked, limit)
    uses = dict.fromkeys(order, 0)
    for node in order:
        for part in _parts_of(node):
            uses[part] += language.repeats(node.op)
    leaves = [node for node in order if node.op is None and not _is_number(node)]
    shared = [node for node in order if node.op is not None and uses[node] > 1]
    known = {node: language.name(name) for node, name in named([*leaves, *shared], names).items()}
    lines: list[str] = []
    written = write(order, known, language, lines, set(shared))
    return [*lines, written.text]


def _refuse_larger(asked: str, limit: int) -> None:
    raise GraphSizeError(
        f"{asked}: the graph has more than {limit} nodes, too many for one line; give limit=, or take to_python, a line a node"
    )


def _is_number(node: Any) -> bool:
    return type(node) is Symbol and node.value is not None


def write(
    order: Sequence[Any],
    names: Mapping[Any, Part],
    language: Language,
    lines: list[str],
    shared: Collection[Any] = (),
) -> Part:
    """Write every node on what was written for its operands; a shared one becomes a line, and from then on a name."""
    written: dict[Any, Part] = {}
    for node in order:
        if node.op is None:
            written[node] = language.constant(node) if _is_number(node) else names[node]
            continue
        written[node] = applied(node, written, language)
        if node in shared:
            lines.append(f"{names[node].text} = {written[node].text}")
            written[node] = names[node]
    return written[order[-1]]


def applied(node: Any, written: Mapping[Any, Part], language: Language) -> Part:
    """The operation that made the node, on operands already written: as names, or as numbers."""
    arguments = node.arguments if type(node) is Value else node.operands
    parts = [written[a] if a in written else language.number(a) for a in arguments]
    parameters = dict(node.parameters)
    condition = parameters.get("condition")
    if type(condition) is Condition:
        return language.choice(written[condition.left], condition.relation, written[condition.right], *parts)
    return language.apply(node.op, parts, parameters)


class Layout(NamedTuple):
    """What the spelling of an operation says about brackets."""

    outer: int  # how tightly the whole binds
    least: dict[str, int]  # how tightly each operand must bind to stand without brackets
    behind: set[str]  # operands behind a sign of operation, where LaTeX writes no minus
    alone: str  # the operand that is all there is


TOKENS = re.compile(
    r"<\w+>|\*\*|\\left(?:\\[a-z]+|.)|\\right(?:\\[a-z]+|.)|\\begin\{cases\}|\\end\{cases\}|\\text\{[^{}]*\}|\\operatorname\{[^{}]*\}"
    r"|\\math(?:bf|rm)\{[^{}]*\}|\\\\|\\[A-Za-z]+|\\.|."
)
SEPARATORS = {",", "&", r"\\"}
OPERATORS = re.compile(r"[-+*/^=<>−×·⋅]")
BRACKETED = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")
SIGNS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, r"\cdot": PRODUCT, "**": POWER, "^": POWER}


@functools.cache
def _layout(template: str) -> Layout:
    """Where a spelling needs brackets: a group that holds nothing but the operand needs none, a power's base nearly always."""
    layout = Layout(ATOM, {}, set(), "")
    stack: list[list[str]] = [[]]
    for token in TOKENS.findall(template):
        if token.isspace():
            continue
        if token in ("{", "(", "[") or token.startswith((r"\left", r"\begin")):
            stack.append([])
        elif token in ("}", ")", "]") or token.startswith((r"\right", r"\end")):
            group = stack.pop()
            _read_group(group, layout)
            only = len(group) == 1 and group[0].startswith("<") and token == "}"
            stack[-1].append("{" + group[0] if only else "{}" if token == "}" else "()")
        else:
            stack[-1].append(token)
    outer = _read_group(stack[0], layout)
    alone = stack[0][0][1:-1] if len(stack[0]) == 1 and stack[0][0].startswith("<") else ""
    return layout._replace(outer=outer, alone=alone)


def _read_group(tokens: list[str], layout: Layout) -> int:
    """Note what each operand in this group needs; how tightly the group's last part binds."""
    level = ATOM
    segment: list[str] = []
    for token in [*tokens, ","]:
        if token in SEPARATORS:
            level = _read_segment(segment, layout)
            segment = []
        else:
            segment.append(token)
    return level


def _read_segment(tokens: list[str], layout: Layout) -> int:
    slots = [token.startswith(("<", "{<")) for token in tokens]
    levels = [SIGNS[token] if i else UNARY for i, token in enumerate(tokens) if token in SIGNS]
    for before, after in itertools.pairwise(tokens):
        if before.startswith("<") and after.startswith("\\") and after not in SIGNS:
            levels.append(PRODUCT)  # one behind the other
    for before, sign, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if before.startswith("<") and after.startswith("<") and sign not in SIGNS and not sign.isalnum() and sign != "_":
            levels.append(PRODUCT)  # a sign of one's own, a @ b
    if r"\frac" in tokens and not levels:
        levels.append(POWER)  # stands in a product as it is, but not under an exponent
    level = min(levels, default=ATOM)
    for i, token in enumerate(tokens):
        if not slots[i]:
            continue
        name = token.strip("{<>")
        if tokens[i + 1 : i + 2] and tokens[i + 1] in ("^", "**"):
            need = ATOM
        elif token.startswith("{") or len(tokens) == 1:
            need = OPEN
        elif i and tokens[i - 1] == "**":
            need = UNARY
        else:
            need = level if i == 0 or level == UNARY else level + 1
        layout.least[name] = max(need, layout.least.get(name, OPEN))
        if i and need:
            layout.behind.add(name)
    return level


# -------------------------------------------------------------------------------------------------------------- the languages


class Language:
    """How numbers, names, choices and operations are written; below, text, LaTeX and the three kinds of program."""

    brackets = "({})"

    def name(self, name: str) -> Part:
        """A label such as "a + b" is put in brackets as the formula would be; those it has of its own are whole."""
        return Part(name, OPEN if OPERATORS.search(BRACKETED.sub("", name)) else ATOM)

    def number(self, x: float) -> Part:
        """Whole numbers without a point: 2 * x is worth what 2.0 * x is."""
        return self.digits(exact(x))

    def constant(self, symbol: Any) -> Part:
        return self.closed() if symbol.is_closed else self.number(symbol.value)

    def closed(self) -> Part:
        """A closed gate, as a local derivative has it."""
        return self.number(0.0)

    def digits(self, text: str) -> Part:
        """A number whose digits are chosen: 1.235e5."""
        return Part(text, UNARY if text.startswith("-") else ATOM, True)

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        return Part(f"where({left.text} {relation} {right.text}, {a.text}, {b.text})", ATOM)

    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        raise NotImplementedError

    def parameter(self, x: Any) -> str:
        """Of numpy's numbers, as of Python's, the digits alone."""
        return self.number(float(x)).text if isinstance(x, Real) and not isinstance(x, bool) else repr(x)

    def template(self, op: Op) -> str:
        return op.text

    def repeats(self, op: Op) -> int:
        """How often a spelling has an operand: softsign is a / (1 + |a|) in LaTeX, and its operand is shared."""
        return max([1, *[self.template(op).count(f"<{name}>") for name in op.operands]])

    def spelled(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        """The row's own spelling, with brackets where it needs them."""
        template = self.template(op)
        layout = _layout(template)
        if layout.alone and len(parts) == 1:
            return parts[0]
        written = {name: self.parameter(x) for name, x in parameters.items()}
        if op.variadic:
            written[op.operands[0]] = ", ".join([part.text for part in parts])
        else:
            for name, part in zip(op.operands, parts, strict=True):
                needed = part.level < layout.least.get(name, OPEN) or (name in layout.behind and self.minus_is_odd(part))
                written[name] = self.brackets.format(part.text) if needed else part.text
        return Part(re.sub(r"<(\w+)>", lambda match: written[match[1]], template), layout.outer)

    def minus_is_odd(self, part: Part) -> bool:
        return False

    def decomposed(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        """The operation as its row says it is made, over the same operands."""
        assert op.decomposition is not None
        stand_ins = tuple([Symbol(f"_{i}") for i in range(len(parts))])
        whole = op.decomposition(stand_ins, **parameters) if op.variadic else op.decomposition(*stand_ins, **parameters)
        order = in_order(symbolic(whole))
        return write(order, dict(zip(stand_ins, parts, strict=True)), self, [])


def public_call(op: Op, operands: Sequence[str], parameters: Mapping[str, Any], write_one: Callable[[Any], str]) -> str:
    """The public call: dot([w1, w2], [x1, x2]), softmax([a, b], k=0), where(True, a, b); `write_one` writes a parameter."""
    for arguments, keywords in _ways(op, tuple(operands), parameters):
        try:
            if _asked(op, arguments, keywords) != (tuple(operands), dict(parameters)):
                continue
        except TRIED:
            continue
        written = [f"[{', '.join(x)}]" if type(x) is tuple else x if x in operands else write_one(x) for x in arguments]
        return f"{op.__name__}({', '.join([*written, *[f'{name}={write_one(x)}' for name, x in keywords.items()]])})"
    given = ", ".join([f'"{name}": {write_one(x)}' for name, x in parameters.items()])
    return f"{op.__name__}.apply(({', '.join(operands)},){f', {{{given}}}' if given else ''})"


def _ways(op: Op, operands: tuple[str, ...], parameters: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], Mapping[str, Any]]]:
    """How a public function may take its operands: in order, as a sequence, as two, as two and one more."""
    half = len(operands) // 2
    if op.variadic:
        yield (operands,), parameters
        yield (operands[:half], operands[half:]), parameters
        yield (operands[:half], operands[half:-1], operands[-1]), parameters
    else:
        yield operands, parameters
        yield (*parameters.values(), *operands), {}


def _asked(op: Op, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The operands and parameters that this public call comes down to."""
    if op.call is not None:
        return op.call(lambda operands, parameters: (operands, dict(parameters)), *arguments, **keywords)  # type: ignore[no-any-return]
    return arguments if op.arrange is None else op.arrange(*arguments), dict(keywords)


class _Text(Language):
    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        if op.variadic:
            return Part(public_call(op, [part.text for part in parts], parameters, self.parameter), ATOM)
        return self.spelled(op, parts, parameters)


LOWERED = str.maketrans("₋₀₁₂₃₄₅₆₇₈₉", "-0123456789", "_")
BEYOND = {"nan": r"\mathrm{NaN}", "inf": r"\infty", "-inf": r"-\infty"}
RELATIONS = {"==": "=", "!=": r"\ne", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}


# Signs that LaTeX's mathematics has under a name of its own only; an accent over a blank is the sign alone.
NAMED_SIGNS = {"\\": r"\backslash", "^": r"\hat{\ }", "~": r"\tilde{\ }"}


def _is_prose(letter: str) -> bool:
    """Whether the letter belongs to text and not to mathematics: é and 日, but neither x nor α, ∂ or ℓ."""
    code = ord(letter)
    is_letter = unicodedata.category(letter)[0] in "LM"
    return is_letter and code > 127 and not (0x370 <= code < 0x400 or 0x2100 <= code < 0x2150 or 0x1D400 <= code < 0x1D800)


def _kind(letter: str) -> str:
    return letter if letter in NAMED_SIGNS else "text" if _is_prose(letter) else "mathrm"


def _piece(kind: str, letters: str) -> str:
    """Letters of one kind; each is shown as it is, none as another."""
    if kind in NAMED_SIGNS:
        return NAMED_SIGNS[kind] * len(letters)
    escaped = re.sub(r"[#$%&_{} ]", r"\\\g<0>", letters) if kind == "mathrm" else letters
    return rf"\{kind}{{{escaped}}}"


class _Latex(Language):
    brackets = r"\left({}\right)"

    def name(self, name: str) -> Part:
        return super().name(name)._replace(text=self._letters(name))

    @staticmethod
    def _letters(name: str) -> str:
        """x1 and x₁ have an index, greek is greek, and a word stands upright."""
        match = re.fullmatch(r"([^\W\d_₀-₉]+)(_?\d+|₋?[₀-₉]+)", name)
        base, index = (match[1], f"_{{{match[2].translate(LOWERED)}}}") if match else (name, "")
        if base in GREEK:
            return rf"\{base}{index}"
        if len(base) == 1 and base.isalpha() and not _is_prose(base):
            return base + index
        pieces = [_piece(kind, "".join(letters)) for kind, letters in itertools.groupby(base, _kind)]
        whole = "".join(pieces)
        return f"{whole}{index}" if len(pieces) == 1 else f"{{{whole}}}{index}"

    def digits(self, text: str) -> Part:
        if text in BEYOND:
            return super().digits(text)._replace(text=BEYOND[text])
        match = re.fullmatch(r"(-?[\d.]+)e([-+]?\d+)", text)
        if match is None:
            return super().digits(text)
        power = f"10^{{{int(match[2])}}}"
        return Part(power, POWER, True) if match[1] == "1" else Part(rf"{match[1]} \cdot {power}", PRODUCT, True)

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        condition = f"{left.text} {RELATIONS[relation]} {right.text}"
        return Part(rf"\begin{{cases}}{a.text} & \text{{if }} {condition}\\{b.text} & \text{{otherwise}}\end{{cases}}", OPEN)

    def template(self, op: Op) -> str:
        return re.sub(r"\\text\{([^{}<>]*)<(\w+)>\}", r"\\text{\1}<\2>", op.latex)

    def minus_is_odd(self, part: Part) -> bool:
        return part.text.startswith("-")

    def parameter(self, x: Any) -> str:
        return rf"\text{{{str(x).lower()}}}" if type(x) is bool else super().parameter(x)

    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        if op.variadic and op.arrange is not tuple and op.call is None and op.decomposition and len(parts) <= 2 * FEW + 1:
            return self.decomposed(op, parts, parameters)  # w·x written out: w1·x1 + w2·x2
        part = self.spelled(op, parts, parameters)
        return part._replace(level=OPEN) if part.text.startswith(r"\begin") else part


TEXT, LATEX = _Text(), _Latex()
