"""What a row of the table is: `Op`, and its declaration `@op`.

A row has the value of the operation on floats (`value`), its local derivatives (`partials`), where it is defined (`domain`),
where a derivative is a convention (`kinks`), and how it is written. `autograd.ops` holds the rows; this module names none.

    >>> from autograd.ops import square
    >>> square(3.0), square.local_derivatives((3.0,), 9.0)
    (9.0, (6.0,))

The partials of the table are expressions over its rows: one lambda gives numbers on floats, a graph on nodes and a formula on
symbols. `autograd.floats` explains how they run on floats. Start reading at `Op`, then at `op` and `rule_of`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from itertools import compress
from types import FunctionType
from typing import Any, NamedTuple, final

from autograd import calls, refusals
from autograd.calls import NO_PARAMETERS
from autograd.declaration import checked_partial, checked_value, listed, refuse_malformed
from autograd.domain import REAL, Domain, number
from autograd.errors import OperandError
from autograd.floats import OWN, on_floats, public_on_floats
from autograd.modes import is_recording, live, replacement
from autograd.signatures import set_arguments
from autograd.table import TABLE, add_row, lookup
from autograd.text.numbers import exact

__all__ = [
    "ATOM",
    "CLOSED",
    "POWER",
    "PRODUCT",
    "SUM",
    "UNARY",
    "Kink",
    "Loss",
    "Op",
    "escaped",
    "op",
    "rule_of",
]

SUM, PRODUCT, UNARY, POWER, ATOM = range(1, 6)  # how tightly an operation binds when it is written down


@final
class ClosedGate:
    """The class of `CLOSED`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "CLOSED"

    def __reduce__(self) -> str:
        return "CLOSED"


CLOSED = ClosedGate()
"""A partial returns it for a closed gate: nothing flows through it, not even 0 · inf. Everywhere else that is None."""


class Kink(NamedTuple):
    """A place where a partial is a convention rather than a derivative."""

    where: str  # in words of the operands: "a = 0"
    convention: str  # what the partials are there
    points: tuple[tuple[float, ...], ...]  # operands at the kink, for tests
    margin: Callable[..., float]  # a function of the operands, 0 at the kink
    jumps: bool = False  # whether the value itself jumps there, as that of floor does
    moving: tuple[str, ...] = ()  # a kink only if one of these operands is differentiated; empty: any operand


class Loss(NamedTuple):
    """A place where terms cancel, so that the error is relative to them and not to the result."""

    where: str  # in words, with the bound that was measured
    order: int  # of the derivative, 0 for the value
    size: Callable[..., float]  # of the terms that cancel, a function of operands and parameters; 0 where none do


@final
class Op:
    """One row of the table, and the public function that applies it to numbers, nodes and symbols alike.

    On plain numbers it returns a float. If the type of an operand has a method `__autograd_op__(op, operands, parameters)`,
    it returns what that method returns: a node, a dual number, a symbol. `Op` knows none of those types.
    """

    __name__: str
    value: Callable[..., float]  # y on floats; raises as `math` does
    partials: tuple[Any, ...] | Callable[..., Sequence[Any]]  # ∂y/∂operand, one each; n-ary rows: one function for all
    operands: tuple[str, ...]  # names of the positional, differentiable arguments; n-ary rows: one name for all
    named: tuple[str, ...]  # those of them that the documentation names
    parameters: Mapping[str, Any]  # names and defaults of the keyword, fixed arguments
    required: tuple[str, ...]  # those of them that have no default
    domain: tuple[Domain, ...]  # one for each operand
    restriction: str  # what the operands must fulfil together
    kinks: tuple[Kink, ...]
    losses: tuple[Loss, ...]
    text: str  # how it is written, with <a> for operand a
    latex: str
    noun: str  # what a sentence calls it: "multiplication"; by default its name
    symbol: str  # the sign in its circle in a picture, as Python has it
    precedence: int
    numpy: tuple[str, ...]  # numpy's names of it; the first is that of PyTorch and JAX too, unless these are given
    torch: str  # a function of its operands, or a template as `text` is
    jax: str
    sympy: str
    onnx: str  # the operator of ONNX that is the same in double precision, where onnxruntime computes it so
    analytic: Callable[..., complex] | None  # y on complex numbers, up to a real number; None: Python's own, or unknown
    gain: float | Callable[..., float] | None  # of an activation, for initial weights; a function of the parameters
    textbook: tuple[Any, ...] | None  # the partials as books write them, if the accurate ones differ
    decomposition: Callable[..., Any] | None  # the same function over more primitive rows
    arrange: Callable[..., tuple[Any, ...]] | None  # the operands from the public arguments: a sequence, two of one length
    call: Callable[..., Any] | None  # the public call, if it does more than that; takes `apply` first
    overload: Callable[..., Any] | None  # the public call with another number of arguments: max(a, b, c), log(a, base)
    empty: float | None  # the value of an n-ary row on no operands; None where it has none
    native: bool  # a user's row that is compiled when it is declared
    names: tuple[str, ...]  # the public arguments, as keywords too: ("ws", "xs", "b") for affine
    count: int  # of names; −1 if `arrange` takes any number
    kinds: Mapping[str, str]  # "float" or "int" for each parameter that is checked
    variadic: bool
    takes_active: bool  # whether a partial asks which operands are nodes
    plain: bool  # n-ary without parameters: the sums and logits of networks
    bare: int  # the number of operands of a row that takes nothing else, −1 for other rows
    on_floats: Callable[..., Any]  # the public function on floats alone, with no dispatch
    listed: bool  # whether it is in the table
    trusted: bool  # whether it is in `ops`; a user's value and partials are checked each time they run
    rule: Callable[..., tuple[float, tuple[Any, ...]]]  # value and partials on floats; see `rule_of`
    _rebound: Any  # the partials on floats; a user's are checked

    def apply(self, operands: tuple[Any, ...], parameters: Mapping[str, Any] = NO_PARAMETERS) -> Any:
        """The operation on its operands in order, independent of the public signature."""
        if not operands and self.empty is not None:
            return self.empty
        if parameters or len(operands) != self.bare:
            parameters = self.complete(operands, parameters)
        asked: type = float
        for operand in operands:
            if type(operand) is not float and type(operand) is not asked:
                asked = type(operand)  # each handler sees all operands: of a row of weights the first one speaks for all
                handler = getattr(asked, "__autograd_op__", None)
                if handler is not None:
                    answer = handler(self, operands, parameters)
                    if answer is not NotImplemented:
                        return answer
        return self.evaluate(tuple(map(number, operands)), parameters)

    def evaluate(self, data: tuple[float, ...], parameters: Mapping[str, Any], labels: Sequence[str] = ()) -> float:
        """The value on floats; where `math` raises, the same exception with the operation, its operands and the cure."""
        row = replacement(self) if live else self
        try:
            return row.value(data, **parameters) if row.variadic else row.value(*data, **parameters)
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            raise self.refusal(error, data, labels) from None

    def rule_now(self) -> Callable[..., tuple[float, tuple[Any, ...]]]:
        """The rule to record with while a mode is on: the replacement's; under `no_grad` one that returns no partials."""
        row: Op = replacement(self)
        if is_recording():
            return row.rule
        if row.variadic:
            return lambda data, _, parameters: (row.value(tuple(data), **parameters), ())
        return lambda data, _, parameters: (row.value(*data, **parameters), ())

    def local_derivatives(
        self,
        operands: Sequence[Any],
        y: Any,
        parameters: Mapping[str, Any] = NO_PARAMETERS,
        active: Sequence[bool] | None = None,
    ) -> tuple[Any, ...]:
        """∂y/∂operand for every active operand (None: for all), as floats, nodes or symbols, as the operands are.

        None is a closed gate, through which nothing flows.
        """
        if live and (row := replacement(self)) is not self:
            return row.local_derivatives(operands, y, parameters, active)  # type: ignore[no-any-return]
        if type(y) is not float and self.trusted:
            made = self.slopes(self.partials, operands, y, parameters, active)
            return tuple([None if p is CLOSED else p for p in made])
        return self.slopes(self._rebound, operands, y, parameters, active)

    def slopes(
        self, partials: Any, operands: Sequence[Any], y: Any, parameters: Mapping[str, Any], active: Sequence[bool] | None
    ) -> tuple[Any, ...]:
        """These partials, the row's on floats or on other numbers, of every active operand."""
        if self.plain:
            return partials(operands, y) if active is None else tuple(compress(partials(operands, y), active))
        parameters = parameters or self.parameters
        if self.takes_active:
            parameters = {**parameters, "active": (True,) * len(operands) if active is None else tuple(active)}
        if self.variadic:
            every = partials(operands, y, **parameters)
            return every if active is None else tuple(compress(every, active))
        wanted = partials if active is None else compress(partials, active)
        return tuple([partial if type(partial) is float else partial(*operands, y, **parameters) for partial in wanted])

    def domain_of(self, index: int) -> Domain:
        """The domain of operand number `index`."""
        return self.domain[0 if self.variadic else index]

    def caption(self, arguments: Sequence[Any]) -> str:
        """What micrograd calls the operation: the symbol with the constants among the arguments, `**2`, `3-`, `max(0)`."""
        constants = [exact(argument) for argument in arguments if type(argument) is float]
        if not constants or self.variadic:
            return self.symbol
        if self.precedence == ATOM:
            return f"{self.symbol}({', '.join(constants)})"
        return self.symbol + constants[0] if type(arguments[-1]) is float else constants[0] + self.symbol

    def spell(self, operands: Mapping[str, str], *, latex: bool = False) -> str:
        """The operation written on operands already written: `mul.spell({"a": "x", "b": "y"})` is 'x * y'."""
        return re.sub(r"<(\w+)>", lambda match: operands[match[1]], self.latex if latex else self.text)

    __call__, complete = calls.call, calls.complete
    refusal, partial_refusal, misuse = refusals.refusal, refusals.partial_refusal, refusals.misuse

    def __repr__(self) -> str:
        return f"<op {self.__name__}({', '.join([*self.operands, *(f'{k}={v!r}' for k, v in self.parameters.items())])})>"

    def __reduce__(self) -> tuple[Any, ...]:
        if not self.listed:
            raise OperandError(f"{self.__name__} has a rule of its own, which is not pickled; compute the graph again instead")
        return lookup, (self.__name__,)


def op(
    value: Callable[..., float] | None = None,
    /,
    *,
    partials: tuple[Any, ...] | Callable[..., Sequence[Any]],
    name: str = "",
    doc: str = "",
    domain: Domain | tuple[Domain, ...] = REAL,
    restriction: str = "",
    kinks: tuple[Kink, ...] = (),
    losses: tuple[Loss, ...] = (),
    text: str = "",
    latex: str = "",
    noun: str = "",
    symbol: str = "",
    precedence: int = ATOM,
    numpy: str | tuple[str, ...] = (),
    torch: str = "",
    jax: str = "",
    sympy: str = "",
    onnx: str = "",
    analytic: Callable[..., complex] | None = None,
    gain: float | Callable[..., float] | None = None,
    textbook: tuple[Any, ...] | None = None,
    decomposition: Callable[..., Any] | None = None,
    arrange: Callable[..., tuple[Any, ...]] | None = None,
    call: Callable[..., Any] | None = None,
    overload: Callable[..., Any] | None = None,
    empty: float | None = None,
    native: bool = False,
) -> Any:
    """Declare a row, as a call with the value first or as a decorator of the value; see the module's docstring.

    `partials` is a tuple with one function of (operands..., y) for each operand, or a float where it is constant. For an
    operation on any number of operands, `value` takes them as one tuple, and `partials` is one function of (operands, y)
    that returns a tuple. A keyword parameter of `value` is a parameter of the operation and is passed to the partials too; a
    partial with a keyword `active` gets the tuple of which operands are nodes.

    `doc`, by default the docstring of `value`, is a sentence that says what the operation is. It may name operands as `text` does,
    "<a> to the power <b>.": a step of a tape then says which operand is which.

    `noun` is how a sentence calls the operation, "multiplication", and `symbol` its sign in Python, "*".

    Facts for others are optional: `torch="torch.special.i0"`, `jax="jax.nn.elu(<x>, alpha=<alpha>)"`, `sympy="sympy.re"`,
    `onnx="Abs"`; `numpy="arctan"`, if PyTorch and JAX have it too; `analytic`, by which `check_grad` checks the partials;
    `gain`. Raises a DeclarationError for a row that is incomplete or contradicts itself.

    `native=True` compiles the row for the node in C, to the same bits, with the numbers that its functions see outside
    themselves now; where there is no compiler, or the engine is pure, a RuntimeWarning says so once, and the row runs in Python.
    What C cannot be printed of is a DeclarationError that names it.
    """
    given = {field: x for field, x in locals().items() if field not in ("value", "name", "doc")}
    if value is None:
        return lambda function: op(function, name=name, doc=doc, **given)
    row = Op()
    vars(row).update(given, trusted=OWN.is_loading, listed=True)
    if isinstance(partials, tuple):
        row.partials = partials = tuple([float(p) if type(p) is int else p for p in partials])
    row.value = value if row.trusted or not callable(value) else checked_value(value, row)
    row.__name__ = name or getattr(value, "__name__", "")
    row.__doc__ = (doc or (isinstance(value, FunctionType) and value.__doc__) or "").strip()
    set_arguments(row, value, listed(partials))
    row.named = tuple([operand for operand in row.operands if f"<{operand}>" in row.__doc__])
    for operand in row.named:
        row.__doc__ = row.__doc__.replace(f"<{operand}>", operand)
    row.domain = domain if isinstance(domain, tuple) else (domain,) * len(row.operands)
    row.numpy = (numpy,) if isinstance(numpy, str) else numpy
    row.noun, row.symbol = noun or row.__name__, symbol or row.__name__
    row.text, row.latex = text or _text_of(row), latex or _latex_of(row)
    refuse_malformed(row, TABLE)
    row.on_floats = public_on_floats(row)
    row._rebound = _rebound(row, listed(partials))
    row.rule = rule_of(row)
    if native:
        import_module("autograd.rowcode.library").compile_row(row)
    add_row(row)
    return row


def _rebound(row: Op, partials: Sequence[Any]) -> Any:
    """The partials as they run on floats; a user's are checked each time."""
    named = [(p, f"the partial with respect to {operand}") for p, operand in zip(partials, row.operands, strict=True)]
    trusted = row.trusted
    made = [on_floats(p) if trusted or type(p) is float else checked_partial(p, row, name, CLOSED) for p, name in named]
    return made[0] if row.variadic else tuple(made)


def rule_of(row: Op) -> Callable[..., tuple[float, tuple[Any, ...]]]:
    """The one function that applies the row to floats: rule(data, active=None, parameters) returns y and its partials.

    `active` marks the operands that have a partial; None marks all of them. The commonest rows have a function without loops.
    """
    value, partials = row.value, row._rebound

    def general(data: Any, active: Any = None, parameters: Mapping[str, Any] = NO_PARAMETERS) -> tuple[float, tuple[Any, ...]]:
        data = tuple(data)
        y = value(data, **parameters) if row.variadic else value(*data, **parameters)
        return y, row.slopes(partials, data, y, parameters, active)

    def constant(data: Any, active: Any = None, _: Any = None) -> tuple[float, tuple[Any, ...]]:
        return value(*data), partials if active is None else tuple(compress(partials, active))

    def of_one(data: Any, active: Any = None, _: Any = None) -> tuple[float, tuple[Any, ...]]:
        (a,) = data
        y = value(a)
        return y, (partials[0](a, y),)

    def of_two(data: Any, active: Any = None, _: Any = None) -> tuple[float, tuple[Any, ...]]:
        a, b = data
        y = value(a, b)
        if active is None:
            return y, (partials[0](a, b, y), partials[1](a, b, y))
        return y, (partials[0](a, b, y),) if active[0] else (partials[1](a, b, y),)

    if row.parameters or row.takes_active or row.variadic:
        return general
    constants = [type(partial) is float for partial in partials]
    if all(constants):
        return constant
    return general if any(constants) else {1: of_one, 2: of_two}.get(len(partials), general)


def _text_of(row: Op) -> str:
    arguments = [*(f"<{name}>" for name in row.operands), *(f"{name}=<{name}>" for name in row.parameters)]
    return f"{row.__name__}({', '.join(arguments)})"


def _latex_of(row: Op) -> str:
    """The row as a call: f(a, k = 2)."""
    shown = {name: name if len(name) == 1 else rf"\mathrm{{{escaped(name)}}}" for name in row.parameters}
    arguments = [*(f"<{name}>" for name in row.operands), *(f"{shown[name]} = <{name}>" for name in row.parameters)]
    return rf"\operatorname{{{escaped(row.__name__)}}}\left({', '.join(arguments)}\right)"


def escaped(name: str) -> str:
    return name.replace("_", r"\_")
