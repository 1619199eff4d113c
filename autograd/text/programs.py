"""Programs: backpropagation written out in Python, and a graph moved to PyTorch, JAX or SymPy.

`to_python` is the chain rule by hand: a line for each node forward, then a line for each edge backward, with comments. Run,
it gives the value and the gradients that `backward` gives, to the bit. `to_torch` and `to_jax` write the same computation
with the functions of those libraries, whose own conventions hold at a kink. `to_sympy` runs the lines for SymPy, and gives an
expression.

    >>> x = Value(3.0, "x")
    >>> print(to_python(x * x).partition("# backward")[0])
    # leaves
    x = 3.0
    <BLANKLINE>
    # forward
    v1 = x * x
    <BLANKLINE>
    <BLANKLINE>

Each language is a `Language` of `autograd.text.language`; `_Program` is the sweep.
"""

from __future__ import annotations

import builtins
import keyword
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd import ops
from autograd.beside import refuse_kept
from autograd.errors import GraphSizeError, MissingExtraError, OperandError, whole
from autograd.graph import is_larger, refuse_if_no_node
from autograd.network import network_of
from autograd.operation import ATOM, PRODUCT, SUM
from autograd.operators import PYTHON_OPERATORS
from autograd.ops import TABLE, Op
from autograd.text.formula import LIMIT, statements, to_text
from autograd.text.language import FRACTIONS, Language, Part, applied, public_call, write
from autograd.text.names import Names, named
from autograd.text.numbers import exact, is_whole
from autograd.text.symbols import Symbol, in_order, is_dense, partials_of
from autograd.text.templates import OPEN
from autograd.value import Value, toposort

__all__ = ["to_jax", "to_python", "to_sympy", "to_torch"]

FEW = 8  # operands of a dense row whose local derivatives are all written out
MOST = 1000  # operands of an operation that another library's program writes out
LONGEST = 100  # characters of a local derivative written out in a program; a longer one is computed by its row


# -------------------------------------------------------------------------------------------------------------- the public verbs


def to_python(root: Value, names: Names = None) -> str:
    """The staged program: forward, a line for each node; backward, a line for each edge, in the order of `backward`.

    The adjoint of x is called dx. A closed gate is an `if`: nothing flows through it, so its operand may stay None.

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
    order, named = _program_names("to_torch", root, names, {"torch"})
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
    order, named = _program_names("to_jax", root, names, {"jax", "jnp", "f", "value", "gradients"})
    language = _Jax()
    leaves = [node for node in order if node.op is None]
    header = ["import jax", "import jax.numpy as jnp", "", 'jax.config.update("jax_enable_x64", True)', "", ""]
    lines = [f"    {named[node]} = {_staged(node, named, language).text}" for node in order if node.op is not None]
    places = "0," if len(leaves) == 1 else ", ".join(map(str, range(len(leaves))))
    points = ", ".join(_exact_call(leaf.data) for leaf in leaves)
    function = [f"def f({', '.join(named[leaf] for leaf in leaves)}):", *lines, f"    return {named[root]}", "", ""]
    return "\n".join([*header, *function, f"value, gradients = jax.value_and_grad(f, argnums=({places}))({points})", ""])


def to_sympy(root: Value, names: Names = None, *, limit: int = LIMIT) -> Any:
    """Return the graph as an expression of SymPy (the extra `sympy`): its leaves are real symbols, its constants numbers.

    A symbol has the name of its leaf as in `to_python`; `expression.free_symbols` has them. An operation that SymPy lacks is
    written as its row's decomposition. Raises an OperandError for a row that has none, and a GraphSizeError for more than
    `limit` nodes. `to_sympy(x.sigmoid() * x**2 / 2)` is `x**2/(2*(1 + exp(-x)))`.
    """
    limit = whole("limit", limit, 1)
    if type(root) is Value and is_larger(root, limit):
        raise GraphSizeError(f"to_sympy: the graph has more than {limit} nodes, too many to read as one expression; give limit=")
    order, named = _program_names("to_sympy", root, names, {"sympy"})
    try:
        import sympy
    except ImportError:
        raise MissingExtraError("sympy", "sympy") from None
    language, scope = _Sympy(), dict[str, Any](sympy=sympy)
    for node in order:
        name = named[node]
        scope[name] = eval(_staged(node, named, language).text, scope) if node.op is not None else sympy.Symbol(name, real=True)
    return scope[named[root]]


def torch_name(op: Op) -> str:
    """Return PyTorch's function for a row, or the template of a call, as the row has it; "" if it has none."""
    return op.torch or _Torch().as_numpy(op)


def torch_function(ys: Sequence[Symbol], xs: Sequence[Symbol] = ()) -> str:
    """Return a function of a tensor as Python: with `xs` of the columns of its last axis, else of each of its numbers, named x.

    >>> print(torch_function([Symbol("x").sin() * 0.5]))
    def f(x):
        return torch.sin(x) * 0.5
    """
    lines = [f"{', '.join([x.name for x in xs])}, = x.unbind(-1)"] if xs else []
    for index, y in enumerate(ys):
        *shared, formula = statements(y, None, _TorchOfBatch(), asked="torch_function")
        lines += [*shared, f"{f'y{index} =' if xs else 'return'} {formula}"]
    if xs:
        lines.append(f"return torch.stack([{', '.join([f'y{index}' for index in range(len(ys))])}], -1)")
    return "\n    ".join(["def f(x):", *lines])


# ------------------------------------------------------------------------------------------------------- names and numbers


def _program_names(asked: str, root: Value, names: Names, taken: Iterable[str] = ()) -> tuple[list[Value], dict[Value, str]]:
    refuse_if_no_node(root, asked)
    order = toposort(root)
    refuse_kept(order, "a program")
    return order, named(order, names, known=network_of(order).names, legal=_identifier, taken=taken)


RESERVED = {*dir(builtins), *keyword.kwlist, "inf", "lookup", "math", "nan", "slope", "slopes"}


def _identifier(label: str) -> str:
    """A label as a name in a program: layers[0].w[1] is layers_0_w_1."""
    name = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", label)).strip("_")
    if not name.isidentifier():
        name = f"v_{name}" if f"v_{name}".isidentifier() else "v"
    return f"{name}_" if name in RESERVED or name in TABLE else name


def _with_point(number: str) -> str:
    return f"{number}.0" if number.lstrip("-").isdigit() else number


def _exact_call(x: float) -> str:
    return _with_point(exact(x)) if math.isfinite(x) else f'float("{x!r}")'


def _staged(node: Value, named: Mapping[Value, str], language: Language) -> Part:
    """One operation on names and numbers."""
    return applied(node, {operand: Part(named[operand], ATOM) for operand in node.operands}, language)


# -------------------------------------------------------------------------------------------------------------- the languages

WRITTEN_ALIKE = {row for row in PYTHON_OPERATORS.values() if "(" not in row.text}  # worth on floats what Python's operators are


class _Python(Language):
    def __init__(self) -> None:
        self.used: set[str] = set()

    def closed(self) -> Part:
        return Part("None", ATOM)

    def number(self, x: float) -> Part:
        if not math.isfinite(x):
            self.used.add("nan" if x != x else "inf")
        return super().number(x)

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        sides = [self.bracketed(part.text) if part.level < SUM else part.text for part in (a, left, right)]
        return Part(f"{sides[0]} if {sides[1]} {relation} {sides[2]} else {b.text}", OPEN)

    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        power = parts[1].value if op is ops.pow else 2.0
        if op in WRITTEN_ALIKE and power is not None and is_whole(power):  # else ** might give a complex root
            return parts[0] if power == 1.0 else self.spelled(op, parts, parameters)
        self.used.add(op.__name__)
        return Part(public_call(op, [part.text for part in parts], parameters, self.parameter), ATOM)

    def imports(self) -> list[str]:
        """The lines that the program begins with."""
        own = sorted(name for name in self.used if name in TABLE and getattr(ops, name, None) is not TABLE[name])
        constants = sorted(self.used & {"inf", "nan"})
        rows = sorted((self.used - set(own) - set(constants)) | ({"lookup"} if own else set()))
        lines = [f"from math import {', '.join(constants)}"] if constants else []
        lines += [f"from autograd.ops import {', '.join(rows)}"] if rows else []
        return [*lines, *[f'{name} = lookup("{name}")' for name in own]]


class _Migrated(Language):
    """A program for another library: its function as the row names it, else what the row is made of."""

    library = ""  # the module that has numpy's functions
    field = ""  # of the row, with its spelling in this library

    def number(self, x: float) -> Part:
        part = super().number(x)
        return part if math.isfinite(x) else Part(_exact_call(x), ATOM, x)

    def operand(self, part: Part) -> str:
        return str(part.text)

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        a, b = (Part(self.operand(part), ATOM) for part in (a, b))
        sides = [self.bracketed(part.text) if part.level < SUM else part.text for part in (left, right)]
        return Part(f"{self.library}.where({sides[0]} {relation} {sides[1]}, {a.text}, {b.text})", ATOM)

    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        if op is ops.where:
            taken = parts[0 if parameters["condition"] else 1]
            if taken.value is None:
                return taken
            return self.chosen(Part(str(parameters["condition"]), ATOM, 1.0), parts, taken)
        own = getattr(op, self.field)
        if not own and op in WRITTEN_ALIKE:
            return self.spelled(op, parts, parameters)
        if spelling := own or self.as_numpy(op):
            return self.called(spelling, op, parts, parameters)
        if op.decomposition is None:
            raise OperandError(f"{op.__name__} has no counterpart in {self.library}; give the row a decomposition")
        if len(parts) > MOST:
            raise GraphSizeError(
                f"{op.__name__} of {len(parts)} operands, written out for {self.library}, is a line that Python cannot read; "
                f"add up parts of {MOST} at most"
            )
        return self.decomposed(op, parts, parameters)

    def chosen(self, condition: Part, parts: Sequence[Part], taken: Part) -> Part:
        """A choice that is made already, of a number: the library asks for a node all the same."""
        return Part(f"{self.library}.where({', '.join(map(self.operand, [condition, *parts]))})", ATOM)

    def as_numpy(self, op: Op) -> str:
        """The function by numpy's name, where the library has those; "" for none."""
        return f"{self.library}.{op.numpy[0]}" if op.numpy else ""

    def called(self, spelling: str, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        """A function of the operands, or a template with operands and parameters in its holes."""
        texts = [self.operand(part) for part in parts]
        written = {name: self.parameter(x) for name, x in parameters.items()}
        written |= {op.operands[0]: ", ".join(texts)} if op.variadic else dict(zip(op.operands, texts, strict=True))
        filled = re.sub(r"<(\w+)>", lambda hole: written[hole[1]], spelling)
        return Part(filled if "(" in spelling else f"{spelling}({', '.join(texts)})", ATOM)


class _Torch(_Migrated):
    library = "torch"
    field = "torch"

    def operand(self, part: Part) -> str:
        return f"torch.tensor({_with_point(part.text)})" if part.value is not None else part.text


class _TorchOfBatch(_Torch):
    """Numbers beside tensors of double precision, whatever PyTorch's default is."""

    def operand(self, part: Part) -> str:
        return f"{super().operand(part)[:-1]}, dtype=torch.float64)" if part.value is not None else part.text


class _Jax(_Migrated):
    library = "jnp"
    field = "jax"

    def operand(self, part: Part) -> str:
        return _with_point(part.text) if part.value is not None else part.text


class _Sympy(_Migrated):
    """SymPy's functions have other names, and its numbers are objects: 1 / 3 of Python's would be rounded."""

    library = "sympy"
    field = "sympy"
    fractions = {sign * x: f"sympy.Rational({sign * x})" for x in FRACTIONS for sign in (1, -1)}  # noqa: RUF012  # as in the base class

    def number(self, x: float) -> Part:
        if x in self.fractions:
            return Part(self.fractions[x], ATOM, x)
        return Part(f"sympy.Integer({int(x)})" if is_whole(x) else f"sympy.Float({_exact_call(x)})", ATOM, x)

    def parameter(self, x: Any) -> Any:
        return self.literal(x)

    def as_numpy(self, op: Op) -> str:
        return ""

    def chosen(self, condition: Part, parts: Sequence[Part], taken: Part) -> Part:
        return taken

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        held = f'sympy.Rel({left.text}, {right.text}, "{relation}")'
        return Part(f"sympy.Piecewise(({a.text}, {held}), ({b.text}, True))", ATOM)


# ---------------------------------------------------------------------------------------------------------- the staged program


class Slope(NamedTuple):
    """The local derivative of one edge in a program."""

    part: Part
    may_close: bool  # whether the program must ask if it is None
    is_closed: bool = False  # always
    is_computed: bool = False  # whether a line before has computed it, so that `part` is its name


class _Program:
    """`to_python` at work: names, then the lines forward and backward."""

    def __init__(self, root: Value, names: Names) -> None:
        self.root, self.language = root, _Python()
        self.order, self.names = _program_names("to_python", root, names)
        adjoints = {node: Value(0.0, f"d{name}") for node, name in self.names.items()}
        unique = named(adjoints.values(), legal=_identifier, taken=self.names.values())
        self.adjoints = {node: unique[adjoint] for node, adjoint in adjoints.items()}
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
        self.language.number(x)  # notes what must be imported
        return _with_point(exact(x))

    def _forward(self, node: Value) -> str:
        return str(_staged(node, self.names, self.language).text)

    def _beginnings(self) -> list[str]:
        """The adjoints before the sweep: None where perhaps nothing will flow, so that nothing is handed on from there."""
        zero = [self.adjoints[n] for n in self.order if n is not self.root and (n in self.certain or n.op is None)]
        perhaps = [self.adjoints[n] for n in self.order if n not in self.certain and n.op is not None]
        lines = [*_chained(zero, "0.0"), *_chained(perhaps, "None")]
        return [*lines, f"{self.adjoints[self.root]} = 1.0"]

    def _step(self, node: Value) -> list[str]:
        """The lines for what flows from one node along each of its edges."""
        slopes = self._slopes(node)
        statements: list[str] = []
        remarks = [f"# {self.names[node]} = {self._forward(node)}{self._textbook(node)}"]
        lines: list[str] = []
        if slopes is None:
            slopes = [Slope(Part(f"slopes[{i}]", ATOM), True, is_computed=True) for i in range(len(node.operands))]
            statements.append(f"slopes = {self._computed(node)}")
            lines += statements
        for operand, slope in zip(node.operands, slopes, strict=True):
            if slope.is_closed:
                lines.append(f"# a closed gate: nothing flows to {self.names[operand]}")
            else:
                statements = self._flow(node, operand, slope)
                lines += statements
        if node in self.certain:
            return [*remarks, *lines]
        idle = [] if statements else ["pass"]
        return [*remarks, f"if {self.adjoints[node]} is not None:", *[f"    {line}" for line in [*lines, *idle]]]

    def _flow(self, node: Value, operand: Value, slope: Slope) -> list[str]:
        """The lines that add to the operand's adjoint, if the gate is open."""
        if node in self.certain and not slope.may_close:
            self.certain.add(operand)
        if not slope.may_close:
            return [self._contribution(node, operand, slope.part)]
        part = slope.part if slope.is_computed else Part("slope", ATOM)
        known = [] if slope.is_computed else [f"slope = {slope.part.text}"]
        return [*known, f"if {part.text} is not None:", f"    {self._contribution(node, operand, part)}"]

    def _contribution(self, node: Value, operand: Value, slope: Part) -> str:
        target, adjoint = self.adjoints[operand], self.adjoints[node]
        sign, factor = "+", f" * ({slope.text})" if slope.level <= PRODUCT else f" * {slope.text}"
        if slope.value in (1.0, -1.0):
            sign, factor = "+" if slope.value == 1.0 else "-", ""
        is_begun = operand in self.certain or operand.op is None  # else its adjoint may still be None
        return f"{target} {sign}= {adjoint}{factor}" if is_begun else f"{target} = ({target} or 0.0) {sign} {adjoint}{factor}"

    def _slopes(self, node: Value) -> list[Slope] | None:
        """The local derivatives written out; None where the row must compute them, for length or because it cannot be printed."""
        assert node.op is not None
        if len(node.operands) > FEW and is_dense(node.op, len(node.arguments), node.parameters):
            return None
        symbols = {operand: Symbol(self.names[operand]) for operand in node.operands}
        arguments = tuple([symbols.get(a, a) if type(a) is Value else a for a in node.arguments])
        active = [type(a) is Value for a in node.arguments]
        before = set(self.language.used)
        partials = partials_of(node.op, arguments, Symbol(self.names[node]), node.parameters, active)
        slopes = None if partials is None else list(map(self._slope, partials))
        if slopes is None or any(len(slope.part.text) > LONGEST for slope in slopes):
            self.language.used = before
            return None
        return slopes

    def _slope(self, partial: Symbol) -> Slope:
        order = in_order(partial)
        part = write(order, {symbol: Part(symbol.name, ATOM) for symbol in order if symbol.op is None}, self.language)
        return Slope(part, any(symbol.is_closed for symbol in order), partial.is_closed)

    def _computed(self, node: Value) -> str:
        """The call that computes the local derivatives."""
        assert node.op is not None
        self.language.used.add(node.op.__name__)
        arguments = [self.names[a] if type(a) is Value else self._exact(a) for a in node.arguments]
        given = [f"({', '.join(arguments)}{',' if len(arguments) == 1 else ''})", self.names[node]]
        active = [type(a) is Value for a in node.arguments]
        if node.parameters or not all(active):
            pairs = ", ".join([f'"{name}": {self.language.parameter(x)}' for name, x in node.parameters.items()])
            given.append(f"{{{pairs}}}")
        if not all(active):
            given.append(repr(active))
        return f"{node.op.__name__}.local_derivatives({', '.join(given)})"

    def _textbook(self, node: Value) -> str:
        """The local derivatives as books write them, where the accurate ones are not these."""
        op = node.op
        if op is None or op.textbook is None or len(node.operands) != len(node.arguments):
            return ""
        operands = [Symbol(self.names[operand]) for operand in node.operands]
        slopes = partials_of(op, operands, Symbol(self.names[node]), textbook=True) or ()
        pairs = zip(node.operands, slopes, strict=True)
        written = [f"{self.adjoints[node]}/{self.adjoints[operand]} = {to_text(slope)}" for operand, slope in pairs]
        return f"; in books {', '.join(written)}"


def _chained(names: Sequence[str], value: str) -> list[str]:
    """a = b = c = value, ten to a line."""
    return [" = ".join([*names[i : i + 10], value]) for i in range(0, len(names), 10)]
