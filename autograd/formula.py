"""Formulas: a graph, or a row's partial, written as one line of text, LaTeX or MathML, or as a program that runs.

    >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    >>> to_text((a * b + c) ** 2)
    '(a * b + c) ** 2'
    >>> to_latex(ops.exp(a) / (a + b))
    '\\\\frac{e^{a}}{a + b}'
    >>> d = a * b
    >>> to_text(d + ops.sin(d))                 # what is used twice is named once
    'v1 = a * b; v1 + sin(v1)'

Names come from labels, then from `names=locals()`, then v1, v2, ... Brackets stand only where the value would change without them,
to the bit: a + (b + c) keeps its own. `to_python` is backpropagation written out: a line for each node forward, then a
line for each edge backward. Run, it gives the value and the gradients that `backward` gives, to the bit.

One writer serves every language: `_Language.apply` says how an operation is written on operands already written, from the row's own
spelling; `_layout` reads from that spelling where brackets are needed. MathML is read off the LaTeX. Nothing recurses over a graph.
"""

from __future__ import annotations

import builtins
import functools
import html
import itertools
import keyword
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from autograd import ops
from autograd.errors import GraphSizeError, OperandError
from autograd.graph import is_larger
from autograd.ops import ATOM, CLOSED, POWER, PRODUCT, SUM, TABLE, UNARY, Op
from autograd.symbols import Condition, Symbol, symbolic
from autograd.value import PYTHON_OPERATORS, Value, toposort

__all__ = ["to_jax", "to_latex", "to_mathml", "to_python", "to_text", "to_torch"]

LIMIT = 1000  # nodes in one line
LONGEST = 100  # characters of a local derivative written out in a program; a longer one is computed by its row
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
    return "; ".join(_one_line(expression, names, _Text(), limit, "to_text"))


def to_latex(expression: Value | Symbol, names: Names = None, *, limit: int = LIMIT) -> str:
    """The formula in LaTeX's mathematics, without dollar signs; greek labels are letters, x1 has an index.

    >>> to_latex(Value(1.0, "alpha") * ops.sqrt(Value(2.0, "x1")))
    '\\\\alpha \\\\cdot \\\\sqrt{x_{1}}'
    """
    return r",\quad ".join(_one_line(expression, names, _Latex(), limit, "to_latex"))


def to_mathml(expression: Value | Symbol, names: Names = None, *, limit: int = LIMIT) -> str:
    """The formula as a MathML element, which every current browser shows without a script.

    >>> to_mathml(Value(1.0, "x") ** 2)
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><msup><mi>x</mi><mn>2</mn></msup></math>'
    """
    source = r",\quad ".join(_one_line(expression, names, _Latex(), limit, "to_mathml"))
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{_mathml(source)}</math>'


def to_python(root: Value, names: Names = None) -> str:
    """The staged program: forward, a line for each node; backward, a line for each edge, in the order of `backward`.

    The adjoint of x is called dx. A closed gate is an `if`: nothing flows through it, so its operand may stay CLOSED.

    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> program = to_python(a * b + a)
    >>> print(program)
    # leaves
    a = 2.0
    b = 3.0
    <BLANKLINE>
    # forward
    v1 = a * b
    v2 = v1 + a
    <BLANKLINE>
    # backward: each line adds what flows along one edge, the adjoint of the result times the local derivative
    da = db = dv1 = 0.0
    dv2 = 1.0
    # v2 = v1 + a
    dv1 += dv2
    da += dv2
    # v1 = a * b
    da += dv1 * b
    db += dv1 * a
    <BLANKLINE>
    >>> exec(program)
    >>> da, db
    (4.0, 2.0)
    """
    return _Program(root, names).source()


def to_torch(root: Value, names: Names = None) -> str:
    """The same computation for PyTorch, in double precision; after it, `leaf.grad` is the gradient.

    >>> a = Value(2.0, "a")
    >>> print(to_torch(a.tanh() * 3))
    import torch
    <BLANKLINE>
    torch.set_default_dtype(torch.float64)
    a = torch.tensor(2.0, requires_grad=True)
    <BLANKLINE>
    v1 = torch.tanh(a)
    v2 = v1 * 3
    v2.backward()
    <BLANKLINE>
    """
    order, named = _program_names(root, names, {"torch"})
    language = _Torch()
    leaves = [f"{named[leaf]} = torch.tensor({_exact_call(leaf.data)}, requires_grad=True)" for leaf in order if leaf.op is None]
    lines = [f"{named[node]} = {_staged(node, named, language).text}" for node in order if node.op is not None]
    header = ["import torch", "", "torch.set_default_dtype(torch.float64)", *leaves, ""]
    return "\n".join([*header, *lines, f"{named[root]}.backward()", ""])


def to_jax(root: Value, names: Names = None) -> str:
    """The same computation for JAX, in double precision: a function of the leaves, then `value` and `gradients`.

    >>> a = Value(2.0, "a")
    >>> print(to_jax(a.tanh() * 3))
    import jax
    import jax.numpy as jnp
    <BLANKLINE>
    jax.config.update("jax_enable_x64", True)
    <BLANKLINE>
    <BLANKLINE>
    def f(a):
        v1 = jnp.tanh(a)
        v2 = v1 * 3
        return v2
    <BLANKLINE>
    <BLANKLINE>
    value, gradients = jax.value_and_grad(f, argnums=(0,))(2.0)
    <BLANKLINE>
    """
    order, named = _program_names(root, names, {"jax", "jnp", "f", "value", "gradients"})
    language = _Jax()
    leaves = [node for node in order if node.op is None]
    header = ["import jax", "import jax.numpy as jnp", "", 'jax.config.update("jax_enable_x64", True)', "", ""]
    lines = [f"    {named[node]} = {_staged(node, named, language).text}" for node in order if node.op is not None]
    places = "0," if len(leaves) == 1 else ", ".join(map(str, range(len(leaves))))
    points = ", ".join(_exact_call(leaf.data) for leaf in leaves)
    function = [f"def f({', '.join(named[leaf] for leaf in leaves)}):", *lines, f"    return {named[root]}", "", ""]
    return "\n".join([*header, *function, f"value, gradients = jax.value_and_grad(f, argnums=({places}))({points})", ""])


def _with_point(number: str) -> str:
    return f"{number}.0" if number.lstrip("-").isdigit() else number


def _exact_call(x: float) -> str:
    return repr(x) if math.isfinite(x) else f'float("{x!r}")'


# ---------------------------------------------------------------------------------------------------------------------- names


def _order(expression: Any) -> list[Any]:
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


def named(nodes: Iterable[Value], names: Names = None) -> dict[Value, str]:
    """A name for every one of these nodes, as they stand in a formula: its label, else its name in `names`, else v1, v2, ...

    A name that is taken gets a number, x and x_2; whatever a label holds, it is not made a name of Python's.

    >>> x, y = Value(1.0, "x"), Value(2.0)
    >>> list(named([x, y, x * y], {"y": y}).values())
    ['x', 'y', 'v1']
    """
    return _named(nodes, names, str)


def _named(nodes: Iterable[Any], names: Names, legal: Callable[[str], str], taken: Iterable[str] = ()) -> dict[Any, str]:
    """A name for each: its label, else its name in `names`, else v1, v2, ...; no name twice."""
    found = {node: name for name, node in reversed(list((names or {}).items())) if type(node) is Value and not name.startswith("_")}
    nodes, chosen, used = list(nodes), {}, dict.fromkeys(taken, 1)
    for node in nodes:
        label = node.name if type(node) is Symbol else " ".join(node.label.split()) or found.get(node, "")
        if label:
            chosen[node] = legal(label) if type(node) is Symbol else _unused(legal(label), used)
            used.setdefault(chosen[node], 1)
    count = 0
    for node in nodes:
        if node not in chosen:
            count += 1
            while legal(f"v{count}") in used:
                count += 1
            chosen[node] = legal(f"v{count}")
    return chosen


def _unused(name: str, used: dict[str, int]) -> str:
    unused = name
    while unused in used:
        used[name] += 1
        unused = f"{name}_{used[name]}"
    used[unused] = 1
    return unused


RESERVED = {*TABLE, *dir(builtins), *keyword.kwlist, "CLOSED", "inf", "lookup", "math", "nan", "slope", "slopes"}


def _identifier(label: str) -> str:
    """A label as a name in a program: layers[0].w[1] is layers_0_w_1."""
    name = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", label)).strip("_")
    if not name.isidentifier():
        name = f"v_{name}" if f"v_{name}".isidentifier() else "v"
    return f"{name}_" if name in RESERVED else name


# ----------------------------------------------------------------------------------------------------------------- the writer


def _one_line(expression: Value | Symbol, names: Names, language: _Language, limit: int, asked: str) -> list[str]:
    """The definitions of what is shared, then the formula."""
    if type(expression) is Value and is_larger(expression, limit):
        _refuse_larger(asked, limit)
    order = _order(expression)
    if len(order) > limit:
        _refuse_larger(asked, limit)
    uses = dict.fromkeys(order, 0)
    for node in order:
        for part in _parts_of(node):
            uses[part] += 1
    leaves = [node for node in order if node.op is None and not _is_number(node)]
    shared = [node for node in order if node.op is not None and uses[node] > 1]
    named = {node: language.name(name) for node, name in _named([*leaves, *shared], names, str).items()}
    lines: list[str] = []
    written = _write(order, named, language, lines, set(shared))
    return [*lines, written.text]


def _refuse_larger(asked: str, limit: int) -> None:
    raise GraphSizeError(
        f"{asked}: the graph has more than {limit} nodes, too many for one line; give limit=, or take to_python, a line a node"
    )


def _is_number(node: Any) -> bool:
    return type(node) is Symbol and node.value is not None


def _write(
    order: Sequence[Any],
    named: Mapping[Any, str],
    language: _Language,
    lines: list[str] | None = None,
    shared: Iterable[Any] = (),
    known: Mapping[Any, Part] | None = None,
) -> Part:
    """Write every node on what was written for its operands; a shared one becomes a line, and from then on a name."""
    written: dict[Any, Part] = dict(known or {})
    for node in order:
        if node in written:
            continue
        if node.op is None:
            written[node] = language.number(node.value) if _is_number(node) else Part(named[node], ATOM)
            continue
        written[node] = _applied(node, written, language)
        if lines is not None and node in shared:
            lines.append(f"{named[node]} = {written[node].text}")
            written[node] = Part(named[node], ATOM)
    return written[order[-1]]


def _applied(node: Any, written: Mapping[Any, Part], language: _Language) -> Part:
    arguments = node.arguments if type(node) is Value else node.operands
    parts = [written[a] if a in written else language.number(a) for a in arguments]
    parameters = dict(node.parameters)
    condition = parameters.get("condition")
    if type(condition) is Condition:
        return language.choice(written[condition.left], condition.relation, written[condition.right], *parts)
    return language.apply(node.op, parts, parameters)


def _staged(node: Value, named: Mapping[Value, str], language: _Language) -> Part:
    """One operation on names and numbers."""
    assert node.op is not None
    parts = [Part(named[a], ATOM) if type(a) is Value else language.number(a) for a in node.arguments]
    return language.apply(node.op, parts, dict(node.parameters))


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


class _Language:
    """How numbers, names, choices and operations are written; below, text, LaTeX and the three kinds of program."""

    brackets = "({})"

    def name(self, name: str) -> str:
        return name

    def number(self, x: float) -> Part:
        """Whole numbers without a point: 2 * x is worth what 2.0 * x is."""
        is_whole = abs(x) < 1e16 and x == int(x) and not (x == 0.0 and math.copysign(1.0, x) < 0)  # −0.0 keeps its point
        text = str(int(x)) if is_whole else repr(x)
        return Part(text, UNARY if text.startswith("-") else ATOM, True)

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        return Part(f"where({left.text} {relation} {right.text}, {a.text}, {b.text})", ATOM)

    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        raise NotImplementedError

    def parameter(self, x: Any) -> str:
        return self.number(x).text if type(x) is float else repr(x)

    def spelled(self, op: Op, template: str, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        """The row's own spelling, with brackets where it needs them."""
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
        order = _order(symbolic(whole))
        return _write(order, {}, self, known=dict(zip(stand_ins, parts, strict=True)))


def _call(op: Op, parts: Sequence[str], parameters: Sequence[str]) -> str:
    """The public call: dot([w1, w2], [x1, x2]), softmax([a, b], k=0), where(True, a, b)."""
    if not op.variadic:
        first = [parameter.partition("=")[2] for parameter in parameters] if op.call else []  # where(condition, a, b)
        return f"{op.__name__}({', '.join([*first, *parts] if first else [*parts, *parameters])})"
    for arguments in _arrangements(op, parts):
        return f"{op.__name__}({', '.join([*arguments, *parameters])})"
    return f"{op.__name__}.apply(({', '.join(parts)},))"


def _arrangements(op: Op, parts: Sequence[str]) -> Iterator[list[str]]:
    """How the public function takes these operands: a sequence, two, or two and one more."""
    half = len(parts) // 2
    ways = [(tuple(parts),), (tuple(parts[:half]), tuple(parts[half:])), (tuple(parts[:half]), tuple(parts[half:-1]), parts[-1])]
    for way in ways if op.arrange is not tuple else ways[:1]:
        try:
            if op.arrange is None or op.arrange(*way) == tuple(parts):
                yield [f"[{', '.join(piece)}]" if type(piece) is tuple else str(piece) for piece in way]
        except TRIED:
            continue


class _Text(_Language):
    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        if op.variadic:
            given = [f"{name}={self.parameter(x)}" for name, x in parameters.items()]
            return Part(_call(op, [part.text for part in parts], given), ATOM)
        return self.spelled(op, op.text, parts, parameters)


GREEK = re.findall(
    r"\w+",
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega",
)
RELATIONS = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}


class _Latex(_Language):
    brackets = r"\left({}\right)"

    def name(self, name: str) -> str:
        match = re.fullmatch(r"([^\W\d_]+)_?(\d+)", name)
        base, index = (match[1], f"_{{{match[2]}}}") if match else (name, "")
        if base in GREEK:
            return rf"\{base}{index}"
        if len(base) == 1 and base.isalpha():
            return base + index
        escaped = re.sub(r"[#$%&_]", r"\\\g<0>", base.translate(str.maketrans("{}\\^~", "()/’-")))
        return rf"\mathrm{{{escaped}}}{index}"

    def number(self, x: float) -> Part:
        if not math.isfinite(x):
            return Part(r"\mathrm{NaN}" if x != x else r"\infty" if x > 0 else r"-\infty", UNARY if x < 0 else ATOM, True)
        text, level, _ = super().number(x)
        if "e" not in text:
            return Part(text, level, True)
        mantissa, exponent = text.split("e")
        power = f"10^{{{int(exponent)}}}"
        return Part(power if mantissa == "1" else rf"{mantissa} \cdot {power}", POWER if mantissa == "1" else PRODUCT, True)

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        condition = f"{left.text} {RELATIONS[relation]} {right.text}"
        return Part(rf"\begin{{cases}}{a.text} & \text{{if }} {condition}\\{b.text} & \text{{otherwise}}\end{{cases}}", OPEN)

    def minus_is_odd(self, part: Part) -> bool:
        return part.text.startswith("-")

    def parameter(self, x: Any) -> str:
        return str(x).lower() if type(x) is bool else super().parameter(x)

    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        if op.variadic and op.arrange is not tuple and op.call is None and op.decomposition and len(parts) <= 2 * FEW + 1:
            return self.decomposed(op, parts, parameters)  # w·x written out: w1·x1 + w2·x2
        template = re.sub(r"\\text\{([^{}<>]*)<(\w+)>\}", r"\\text{\1}<\2>", op.latex)
        part = self.spelled(op, template, parts, parameters)
        return part._replace(level=OPEN) if part.text.startswith(r"\begin") else part


WRITTEN_ALIKE = {row for row in PYTHON_OPERATORS.values() if "(" not in row.text}  # worth on floats what Python's operators are


class _Python(_Language):
    def __init__(self) -> None:
        self.used: set[str] = set()

    def number(self, x: float) -> Part:
        if x is CLOSED:
            self.used.add("CLOSED")
            return Part("CLOSED", ATOM, True)
        if not math.isfinite(x):
            self.used.add("nan" if x != x else "inf")
        return super().number(x)

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        sides = [self.brackets.format(part.text) if part.level < SUM else part.text for part in (a, left, right)]
        return Part(f"{sides[0]} if {sides[1]} {relation} {sides[2]} else {b.text}", OPEN)

    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        if op in WRITTEN_ALIKE and (op is not ops.pow or re.fullmatch(r"-?\d+", parts[1].text)):  # no complex roots
            return parts[0] if op is ops.pow and parts[1].text == "1" else self.spelled(op, op.text, parts, parameters)
        self.used.add(op.__name__)
        given = [f"{name}={self.parameter(x)}" for name, x in parameters.items()]
        return Part(_call(op, [part.text for part in parts], given), ATOM)

    def imports(self) -> list[str]:
        """The lines that the program begins with."""
        own = sorted(name for name in self.used if name in TABLE and getattr(ops, name, None) is not TABLE[name])
        constants = sorted(self.used & {"inf", "nan"})
        rows = sorted((self.used - set(own) - set(constants)) | ({"lookup"} if own else set()))
        lines = [f"from math import {', '.join(constants)}"] if constants else []
        lines += [f"from autograd.ops import {', '.join(rows)}"] if rows else []
        return [*lines, *[f'{name} = lookup("{name}")' for name in own]]


class _Migrated(_Language):
    """A program for another library: its function of the row's name where it has one, else what the row is made of."""

    library = ""
    functions: Mapping[str, str]

    def number(self, x: float) -> Part:
        part = super().number(x)
        return part if math.isfinite(x) else Part(_exact_call(x), ATOM, True)

    def operand(self, part: Part) -> str:
        return part.text

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        a, b = (Part(self.operand(part), ATOM) for part in (a, b))
        sides = [self.brackets.format(part.text) if part.level < SUM else part.text for part in (left, right)]
        return Part(f"{self.library}.where({sides[0]} {relation} {sides[1]}, {a.text}, {b.text})", ATOM)

    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        if op is ops.where:
            return parts[0 if parameters["condition"] else 1]
        if op in WRITTEN_ALIKE:
            return self.spelled(op, op.text, parts, parameters)
        template = self.functions.get(op.__name__)
        if template is not None:
            texts = [self.operand(part) for part in parts]
            return Part(template.format(*texts, all=", ".join(texts), **parameters), ATOM)
        if op.decomposition is None:
            raise OperandError(f"{op.__name__} has no counterpart in {self.library}; give the row a decomposition")
        return self.decomposed(op, parts, parameters)


def _functions(prefixed: Mapping[str, str], **others: str) -> dict[str, str]:
    """From a prefix with the names of unary and binary functions behind it, and templates for the rest."""
    found = {}
    for prefix, rows in prefixed.items():
        for row in rows.split():
            name, _, theirs = row.partition("=")
            found[name] = f"{prefix}.{theirs or name}({{all}})"
    return {**found, **others}


ALIKE = (
    "abs exp exp2 expm1 log log2 log10 log1p sqrt square reciprocal sin cos tan asin=arcsin acos=arccos atan=arctan atan2=arctan2 "
    "sinh cosh tanh asinh=arcsinh acosh=arccosh atanh=arctanh hypot sign floor ceil logaddexp max=maximum min=minimum"
)


class _Torch(_Migrated):
    library = "torch"
    functions = _functions(
        {
            "torch": f"{ALIKE} sigmoid relu erf erfc lgamma digamma xlogy clamp identity=clone",
            "torch.nn.functional": "elu selu gelu silu mish hardtanh softsign logsigmoid",
        },
        elu="torch.nn.functional.elu({0}, alpha={alpha!r})",
        leaky_relu="torch.nn.functional.leaky_relu({0}, negative_slope={negative_slope!r})",
        gelu_tanh='torch.nn.functional.gelu({0}, approximate="tanh")',
        softplus="torch.logaddexp({0}, torch.tensor(0.0))",
        cbrt="(torch.sign({0}) * torch.abs({0}) ** (1 / 3))",
        gamma="(torch.exp(torch.lgamma({0})) * torch.where(({0} > 0) | (torch.floor({0}) % 2 == 0), 1.0, -1.0))",
        polygamma="torch.polygamma({n}, {0})",
        logsumexp="torch.logsumexp(torch.stack([{all}]), 0)",
        softmax="torch.softmax(torch.stack([{all}]), 0)[{k}]",
        cross_entropy="(-torch.log_softmax(torch.stack([{all}]), 0)[{target}])",
    )

    def operand(self, part: Part) -> str:
        return f"torch.tensor({_with_point(part.text)})" if part.constant else part.text


class _Jax(_Migrated):
    library = "jnp"
    functions = _functions(
        {
            "jnp": f"{ALIKE} cbrt",
            "jax.nn": "sigmoid relu softplus selu silu mish hardtanh=hard_tanh softsign=soft_sign logsigmoid=log_sigmoid",
            "jax.scipy.special": "erf erfc gamma lgamma=gammaln digamma xlogy",
        },
        identity="(+{0})",
        clamp="jnp.clip({0}, {1}, {2})",
        elu="jax.nn.elu({0}, alpha={alpha!r})",
        leaky_relu="jax.nn.leaky_relu({0}, negative_slope={negative_slope!r})",
        gelu="jax.nn.gelu({0}, approximate=False)",
        gelu_tanh="jax.nn.gelu({0}, approximate=True)",
        polygamma="jax.scipy.special.polygamma({n}, {0})",
        logsumexp="jax.scipy.special.logsumexp(jnp.stack([{all}]))",
        softmax="jax.nn.softmax(jnp.stack([{all}]))[{k}]",
        cross_entropy="(-jax.nn.log_softmax(jnp.stack([{all}]))[{target}])",
    )

    def operand(self, part: Part) -> str:
        return _with_point(part.text) if part.constant else part.text


# ---------------------------------------------------------------------------------------------------------- the staged program


def _program_names(root: Value, names: Names, taken: Iterable[str] = ()) -> tuple[list[Value], dict[Value, str]]:
    order = toposort(root)
    return order, _named(order, names, _identifier, taken)


class Slope(NamedTuple):
    """The local derivative of one edge as a program has it."""

    text: str
    level: int
    may_close: bool
    is_closed: bool = False


class _Program:
    """`to_python` at work: names, then the lines forward and backward."""

    def __init__(self, root: Value, names: Names) -> None:
        self.root, self.language = root, _Python()
        self.order, self.names = _program_names(root, names)
        adjoints = {node: Value(0.0, f"d{name}") for node, name in self.names.items()}
        taken = {*self.names.values(), *RESERVED}
        named = _named(adjoints.values(), None, _identifier, taken)
        self.adjoints = {node: named[adjoint] for node, adjoint in adjoints.items()}
        self.certain = {root}  # the nodes that some way without a gate leads to: something always flows to them

    def source(self) -> str:
        leaves = [f"{self.names[leaf]} = {self._exact(leaf.data)}" for leaf in self.order if leaf.op is None]
        forward = [f"{self.names[node]} = {self._forward(node)}" for node in self.order if node.op is not None]
        sweep: list[str] = []
        for node in reversed(self.order):
            if node.op is not None:
                sweep += self._step(node)
        backward = [
            "# backward: each line adds what flows along one edge, the adjoint of the result times the local derivative",
            *self._beginnings(),
            *sweep,
        ]
        blocks = [self.language.imports(), ["# leaves", *leaves], ["# forward", *forward] if forward else [], backward]
        return "\n\n".join(["\n".join(block) for block in blocks if block]) + "\n"

    def _exact(self, x: float) -> str:
        self.language.number(x * 1.0)  # notes what must be imported
        return repr(x)

    def _forward(self, node: Value) -> str:
        return _staged(node, self.names, self.language).text

    def _beginnings(self) -> list[str]:
        """The adjoints before the sweep: CLOSED where perhaps nothing will flow, so that nothing is handed on from there."""
        zero = [self.adjoints[n] for n in self.order if n is not self.root and (n in self.certain or n.op is None)]
        perhaps = [self.adjoints[n] for n in self.order if n not in self.certain and n.op is not None]
        if perhaps:
            self.language.used.add("CLOSED")
        lines = [*_chained(zero, "0.0"), *_chained(perhaps, "CLOSED")]
        return [*lines, f"{self.adjoints[self.root]} = 1.0"]

    def _step(self, node: Value) -> list[str]:
        """What flows from one node along each of its edges."""
        assert node.op is not None
        adjoint, slopes, lines = self.adjoints[node], self._slopes(node), []
        if slopes is None:
            slopes = [Slope(f"slopes[{i}]", ATOM, True) for i in range(len(node.operands))]
            lines.append(f"slopes = {self._computed(node)}")
        for operand, slope in zip(node.operands, slopes, strict=True):
            target = self.adjoints[operand]
            if slope.is_closed:
                lines.append(f"# a closed gate: nothing flows to {self.names[operand]}")
                continue
            if node in self.certain and not slope.may_close:
                self.certain.add(operand)
            if slope.may_close:
                self.language.used.add("CLOSED")
                text = slope.text
                if not text.startswith("slopes["):
                    lines.append(f"slope = {text}")
                    text = "slope"
                lines += [f"if {text} is not CLOSED:", f"    {target} += {adjoint} * {text}"]
            else:
                lines.append(self._contribution(target, adjoint, slope))
        comment = f"# {self.names[node]} = {self._forward(node)}{self._textbook(node)}"
        if node in self.certain:
            return [comment, *lines]
        self.language.used.add("CLOSED")
        idle = ["pass"] if all(line.startswith("#") for line in lines) else []
        return [comment, f"if {adjoint} is not CLOSED:", *[f"    {line}" for line in [*lines, *idle]]]

    @staticmethod
    def _contribution(target: str, adjoint: str, slope: Slope) -> str:
        if slope.text in ("1", "-1"):
            return f"{target} {'+' if slope.text == '1' else '-'}= {adjoint}"
        return f"{target} += {adjoint} * " + (f"({slope.text})" if slope.level <= PRODUCT else slope.text)

    def _slopes(self, node: Value) -> list[Slope] | None:
        """The local derivatives written out; None where the row must compute them, for length or because it cannot be printed."""
        assert node.op is not None
        if len(node.operands) > FEW and not node.op.plain:
            return None
        symbols = {operand: Symbol(self.names[operand]) for operand in node.operands}
        arguments = tuple([symbols.get(a, a) if type(a) is Value else a for a in node.arguments])
        active = [type(a) is Value for a in node.arguments]
        before = set(self.language.used)
        try:
            partials = node.op.local_derivatives(arguments, Symbol(self.names[node]), node.parameters, active)
            slopes = [self._slope(symbolic(partial)) for partial in partials]
        except TRIED:
            slopes = None
        if slopes is None or any(len(slope.text) > LONGEST for slope in slopes):
            self.language.used = before
            return None
        return slopes

    def _slope(self, partial: Symbol) -> Slope:
        order = _order(partial)
        named = {symbol: symbol.name for symbol in order if symbol.op is None}
        part = _write(order, named, self.language)
        may_close = any(symbol.value is CLOSED for symbol in order)
        return Slope(part.text, part.level, may_close, partial.value is CLOSED)

    def _computed(self, node: Value) -> str:
        """The call that computes the local derivatives."""
        assert node.op is not None
        self.language.used.add(node.op.__name__)
        arguments = [self.names[a] if type(a) is Value else self._exact(a) for a in node.arguments]
        given = [f"({', '.join(arguments)}{',' if len(arguments) == 1 else ''})", self.names[node]]
        active = [type(a) is Value for a in node.arguments]
        if node.parameters or not all(active):
            pairs = ", ".join([f'"{name}": {self._parameter(x)}' for name, x in node.parameters.items()])
            given.append(f"{{{pairs}}}")
        if not all(active):
            given.append(repr(active))
        return f"{node.op.__name__}.local_derivatives({', '.join(given)})"

    def _parameter(self, x: Any) -> str:
        return self._exact(x) if type(x) is float else repr(x)

    def _textbook(self, node: Value) -> str:
        """The local derivatives as books write them, where the accurate ones are not these."""
        op = node.op
        if op is None or op.textbook is None or len(node.operands) != len(node.arguments):
            return ""
        operands = [Symbol(self.names[operand]) for operand in node.operands]
        pairs = zip(node.operands, op.textbook, strict=True)
        written = []
        for operand, partial in pairs:
            slope = symbolic(partial(*operands, Symbol(self.names[node])))
            written.append(f"{self.adjoints[node]}/{self.adjoints[operand]} = {to_text(slope)}")
        return f"; in books {', '.join(written)}"


def _chained(names: Sequence[str], value: str) -> list[str]:
    """a = b = c = value, ten to a line."""
    return [" = ".join([*names[i : i + 10], value]) for i in range(0, len(names), 10)]


# --------------------------------------------------------------------------------------------------------------------- MathML

LATEX_TOKENS = re.compile(
    r"\\(?:left|right)(?:\\[a-z]+|.)|\\(?:begin|end)\{cases\}|\\text\{[^{}]*\}|\\(?:operatorname|mathrm|mathbf)\{(?:\\.|[^{}\\])*\}"
    r"|\\sqrt\[\w+\]|\\\\|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|."
)


def _case(letter: str) -> str:
    return "SMALL" if letter[0].islower() else "CAPITAL"


SIGN_OF = {
    r"\cdot": "⋅",
    r"\le": "≤",
    r"\ge": "≥",
    "-": "−",
    r"\sum": "∑",
    "<": "&lt;",
    ">": "&gt;",
    ",": ",",
    "=": "=",
    "+": "+",
    "/": "/",
}
DELIMITER = {r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉"}
LETTER = {rf"\{name}": unicodedata.lookup(f"GREEK {_case(name)} LETTER {name.replace('ambda', 'amda')}") for name in GREEK}
LETTER |= {r"\varphi": "φ", r"\infty": "∞"}


class _Row:
    """A group being read: the elements so far, and the constructions that still wait for theirs."""

    def __init__(self, opening: str = "") -> None:
        self.opening = opening
        self.elements: list[str] = []
        self.waiting: list[tuple[str, int, list[str]]] = []

    def take(self, element: str) -> None:
        while self.waiting:
            tag, count, arguments = self.waiting[-1]
            arguments.append(element)
            if len(arguments) < count:
                return
            self.waiting.pop()
            element = f"<{tag}>{''.join(reversed(arguments) if tag == 'mroot' else arguments)}</{tag}>"
        self.elements.append(element)

    def expect(self, tag: str, count: int, *arguments: str) -> None:
        self.waiting.append((tag, count, list(arguments)))

    def closed(self) -> str:
        return self.elements[0] if len(self.elements) == 1 else f"<mrow>{''.join(self.elements)}</mrow>"


def _mathml(latex: str) -> str:
    """The LaTeX that rows are spelled in, as MathML, with a stack instead of recursion."""
    stack = [_Row()]
    for token in LATEX_TOKENS.findall(latex):
        top = stack[-1]
        if token.isspace():
            continue
        if token == "{":
            stack.append(_Row())
        elif token == "}":
            stack.pop()
            stack[-1].take(top.closed())
        elif token.startswith(r"\left"):
            stack.append(_Row(token.removeprefix(r"\left")))
        elif token.startswith(r"\right"):
            stack.pop()
            fences = [f"<mo>{DELIMITER.get(mark, mark)}</mo>" for mark in (top.opening, token.removeprefix(r"\right"))]
            stack[-1].take(f"<mrow>{fences[0]}{''.join(top.elements)}{fences[1]}</mrow>")
        elif token == r"\begin{cases}":
            stack.append(_Row())
            top = stack[-1]
            top.elements.append("<mtr><mtd>")
        elif token == "&":
            top.elements.append("</mtd><mtd>")
        elif token == r"\\":
            top.elements.append("</mtd></mtr><mtr><mtd>")
        elif token == r"\end{cases}":
            stack.pop()
            stack[-1].take(f"<mrow><mo>{{</mo><mtable>{''.join(top.elements)}</mtd></mtr></mtable></mrow>")
        elif token in ("^", "_"):
            _script(top, "msup" if token == "^" else "msub")
        elif token == r"\frac":
            top.expect("mfrac", 2)
        elif token == r"\sqrt":
            top.expect("msqrt", 1)
        elif token.startswith(r"\sqrt["):
            top.expect("mroot", 2, f"<mn>{token[6:-1]}</mn>")
        else:
            top.take(_element(token))
    return stack[0].closed()


def _script(row: _Row, tag: str) -> None:
    base = row.elements.pop() if row.elements and not row.waiting else "<mrow></mrow>"
    row.expect(tag, 2, base)


def _element(token: str) -> str:
    if token[0].isdigit():
        return f"<mn>{token}</mn>"
    if token in SIGN_OF:
        return f"<mo>{SIGN_OF[token]}</mo>"
    if token == r"\quad":
        return '<mspace width="1em"/>'
    if token in LETTER:
        return f"<mi>{LETTER[token]}</mi>"
    named = re.fullmatch(r"\\(text|operatorname|mathrm|mathbf)\{(.*)\}", token)
    if named:
        content = html.escape(re.sub(r"\\(.)", r"\1", named[2]), quote=False)
        if named[1] == "text":
            return f"<mtext>{content.replace(' ', chr(160))}</mtext>"
        return f'<mi mathvariant="bold">{content}</mi>' if named[1] == "mathbf" else f"<mi>{content}</mi>"
    return f"<mi>{html.escape(token.removeprefix(chr(92)), quote=False)}</mi>"
