"""What a row of the table is: `Op`, and its declaration `@op`.

A row says the value of the operation on floats (`value`), its local derivatives (`partials`), where it is defined (`domain`),
where a derivative is a convention (`kinks`), and how it is written. `autograd.ops` holds the rows; this module names none.

    >>> from autograd.ops import square
    >>> square(3.0), square.local_derivatives((3.0,), 9.0)
    (9.0, (6.0,))

The partials of the table are expressions over its own rows, so that one lambda gives numbers on floats, a graph on nodes and a
formula on symbols; `autograd.floats` has how they run on floats. Start reading at `Op`, then at `op` and `rule_of`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from types import FunctionType, MappingProxyType
from typing import Any, NamedTuple, final

from autograd import calls, refusals, signatures
from autograd.calls import NO_PARAMETERS
from autograd.declaration import checked_partial, checked_value, listed, refuse_malformed
from autograd.domain import REAL, Domain, number
from autograd.errors import DeclarationError, OperandError
from autograd.floats import FLOATS, OWN, on_floats, public_on_floats
from autograd.modes import REPLACEABLE, live, replacement
from autograd.signatures import REQUIRED, asks_active, operands_of, signature, takes_any_number
from autograd.text.numbers import short

__all__ = [
    "ATOM",
    "CLOSED",
    "POWER",
    "PRODUCT",
    "SUM",
    "TABLE",
    "UNARY",
    "Kink",
    "Loss",
    "Op",
    "escaped",
    "forget",
    "lookup",
    "op",
    "rule_of",
]

SUM, PRODUCT, UNARY, POWER, ATOM = range(1, 6)  # how tightly an operation binds when it is written down

TABLE: dict[str, Op] = {}
"""Every row by name, in the order of declaration."""


@final
class ClosedGate:
    """The class of `CLOSED`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "CLOSED"

    def __reduce__(self) -> str:
        return "CLOSED"


CLOSED = ClosedGate()
"""What a partial gives for a closed gate: nothing flows through it, not even 0 · inf. Everywhere else that is None."""


class Kink(NamedTuple):
    """Where a partial is a convention rather than a derivative, and which one."""

    where: str  # in words of the operands: "a = 0"
    convention: str  # what the partials are there
    points: tuple[tuple[float, ...], ...]  # operands at the kink, for tests that go there on purpose
    margin: Callable[..., float]  # a function of the operands, 0 at the kink
    jumps: bool = False  # whether the value itself jumps there, as floor's does
    moving: tuple[str, ...] = ()  # it is a kink only where one of these operands is differentiated; empty: any of them


class Loss(NamedTuple):
    """Where a row keeps fewer digits than the others: terms cancel, and the error is relative to them, not to the result."""

    where: str  # in words, with the bound that was measured
    order: int  # of the derivative, 0 for the value
    size: Callable[..., float]  # of the terms that cancel, a function of operands and parameters; 0 where none do


@final
class Op:
    """One row of the table, and the public function that applies it to numbers, nodes and symbols alike.

    Calling it on plain numbers gives a float; if an operand's type has a method `__autograd_op__(op, operands, parameters)`,
    that type answers (a node records itself, a symbol prints itself). `Op` knows none of those types.
    """

    __name__: str
    value: Callable[..., float]  # y on floats; raises as `math` does
    partials: tuple[Any, ...] | Callable[..., Sequence[Any]]  # ∂y/∂operand, one each; n-ary rows: one function for all
    operands: tuple[str, ...]  # names of the positional, differentiable arguments; n-ary rows: one name for all
    parameters: Mapping[str, Any]  # names and defaults of the keyword, fixed arguments
    required: tuple[str, ...]  # those of them that have no default
    domain: tuple[Domain, ...]  # one for each operand
    restriction: str  # what the operands must fulfil together
    kinks: tuple[Kink, ...]
    losses: tuple[Loss, ...]
    text: str  # how it is written, <a> standing for operand a
    latex: str
    symbol: str  # what its circle in a picture says
    precedence: int
    textbook: tuple[Any, ...] | None  # the partials as books write them, where the accurate ones are not these
    decomposition: Callable[..., Any] | None  # the same function over more primitive rows
    arrange: Callable[..., tuple[Any, ...]] | None  # the operands from the public arguments: a sequence, two of one length
    call: Callable[..., Any] | None  # all of a public call that is more than that, given `apply`
    overload: Callable[..., Any] | None  # the public call with another number of arguments: max(a, b, c), log(a, base)
    empty: float | None  # the value of an n-ary row on no operands; None where it has none
    names: tuple[str, ...]  # names of the public arguments, which may be given by keyword: ("ws", "xs", "b") for affine
    count: int  # how many these are; −1 if `arrange` takes any number
    kinds: Mapping[str, str]  # what a parameter must be: "float" or "int"; a parameter without a kind is not checked
    variadic: bool
    takes_active: bool  # whether a partial asks which operands are nodes
    plain: bool  # whether it is n-ary without parameters: the sums and logits that networks are made of
    on_floats: Callable[..., Any]  # the public function on floats alone, with no dispatch
    listed: bool  # whether it is in the table
    trusted: bool  # whether it is a row of this table; a user's own value and partials are checked each time they run
    rule: Callable[..., tuple[float, tuple[Any, ...]]]  # rule(data, active, parameters): value and partials, on floats
    _rebound: Any  # the partials, their names bound to functions of floats; a user's own, checked

    def apply(self, operands: tuple[Any, ...], parameters: Mapping[str, Any] = NO_PARAMETERS) -> Any:
        """The operation on its operands in order, whatever the public signature is."""
        for operand in operands:
            if type(operand) is not float:
                handler = getattr(type(operand), "__autograd_op__", None)
                if handler is not None:
                    answer = handler(self, operands, parameters)
                    if answer is not NotImplemented:
                        return answer
        if not operands and self.empty is not None:
            return self.empty
        return self.evaluate(tuple(map(number, operands)), self.complete(operands, parameters))

    def evaluate(self, data: tuple[float, ...], parameters: Mapping[str, Any], labels: Sequence[str] = ()) -> float:
        """The value on floats; where `math` raises, the same exception with the operation, its operands and the cure."""
        row = replacement(self) if live else self
        try:
            return row.value(data, **parameters) if self.variadic else row.value(*data, **parameters)
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            raise self.refusal(error, data, labels) from None

    def local_derivatives(
        self,
        operands: Sequence[Any],
        y: Any,
        parameters: Mapping[str, Any] = NO_PARAMETERS,
        active: Sequence[bool] | None = None,
    ) -> tuple[Any, ...]:
        """∂y/∂operand for every active operand (all, if not said), in whatever the operands are: floats, nodes, symbols.

        None for a closed gate, through which nothing flows.
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
        """What a picture's circle says: the symbol with the constants among the arguments, `**2`, `3-`, `max(0)`."""
        constants = [short(argument) for argument in arguments if type(argument) is float]
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
    symbol: str = "",
    precedence: int = ATOM,
    textbook: tuple[Any, ...] | None = None,
    decomposition: Callable[..., Any] | None = None,
    arrange: Callable[..., tuple[Any, ...]] | None = None,
    call: Callable[..., Any] | None = None,
    overload: Callable[..., Any] | None = None,
    empty: float | None = None,
) -> Any:
    """Declare a row, as a call with the value first or as a decorator of the value; see the module's docstring.

    `partials` is a tuple with one function of (operands..., y) for each operand, or a float where it is constant. For an
    operation on any number of operands, `value` takes them as one tuple, and `partials` is one function of (operands, y)
    that gives a tuple. A keyword parameter of
    `value` is a parameter of the operation and reaches the partials too; a partial that asks for `active` learns which
    operands are nodes. What is incomplete or contradicts itself is refused with a DeclarationError.
    """
    if value is None:
        return lambda function: op(
            function, partials=partials, name=name, doc=doc, domain=domain, restriction=restriction, kinks=kinks, losses=losses,
            text=text, latex=latex, symbol=symbol, precedence=precedence, textbook=textbook, decomposition=decomposition,
            arrange=arrange, call=call, overload=overload, empty=empty,
        )  # fmt: skip
    if isinstance(partials, tuple):
        partials = tuple([float(p) if type(p) is int else p for p in partials])
    row = Op()
    row.trusted = OWN.is_loading
    row.value = value if row.trusted or not callable(value) else checked_value(value, row)
    row.partials, row.call, row.decomposition = partials, call, decomposition
    row.__name__ = name or getattr(value, "__name__", "")
    row.__doc__ = (doc or (isinstance(value, FunctionType) and value.__doc__) or "").strip()
    row.variadic = callable(partials)
    row.arrange = arrange or (tuple if row.variadic else None)
    row.overload, row.empty = overload, empty
    functions = [p for p in listed(partials) if type(p) is not float]
    row.parameters = MappingProxyType(signature(value)[1]) if isinstance(value, FunctionType) else NO_PARAMETERS
    row.required = tuple([name for name, default in row.parameters.items() if default is REQUIRED])
    row.operands = operands_of(value, functions, row.variadic, 1 if callable(partials) else len(partials))
    row.kinds = signatures.kinds(value, row.parameters)
    row.names = row.operands if row.arrange in (None, tuple) else tuple(signature(row.arrange)[0])
    row.count = -1 if takes_any_number(row.arrange) else len(row.names)
    row.takes_active = any(map(asks_active, functions))
    row.plain = row.variadic and not row.parameters and not row.takes_active
    row.domain = domain if isinstance(domain, tuple) else (domain,) * len(row.operands)
    row.kinks, row.losses, row.restriction, row.precedence, row.textbook = kinks, losses, restriction, precedence, textbook
    row.symbol = symbol or row.__name__
    arguments = ", ".join([*(f"<{name}>" for name in row.operands), *(f"{name}=<{name}>" for name in row.parameters)])
    row.text = text or f"{row.__name__}({arguments})"
    row.latex = latex or rf"\operatorname{{{escaped(row.__name__)}}}\left({_latex_of(row)}\right)"
    refuse_malformed(row, TABLE)
    # The table's own expressions run on floats with no dispatch: the same code, its names bound to functions of floats.
    row.on_floats = public_on_floats(row)
    FLOATS[row.__name__] = row.on_floats
    named = [(p, f"the partial with respect to {name}") for p, name in zip(listed(partials), row.operands, strict=True)]
    rebound = tuple(
        [on_floats(p) if row.trusted or type(p) is float else checked_partial(p, row, name, CLOSED) for p, name in named]
    )
    row._rebound = rebound[0] if row.variadic else rebound
    row.rule = rule_of(row)
    row.listed = True
    TABLE[row.__name__] = row
    REPLACEABLE.add(row)
    return row


def rule_of(row: Op) -> Callable[..., tuple[float, tuple[Any, ...]]]:
    """The one function that applies the row to floats: rule(data, active=None, parameters) gives y and its partials.

    `active` says which operands have a partial; None, all of them. The commonest shapes have a function without loops.
    """
    value, partials = row.value, row._rebound

    def general(data: Any, active: Any = None, parameters: Mapping[str, Any] = NO_PARAMETERS) -> tuple[float, tuple[Any, ...]]:
        y = value(data, **parameters) if row.variadic else value(*data, **parameters)
        return y, row.slopes(partials, data, y, parameters, active)

    def plain(data: Any, active: Any = None, _: Any = None) -> tuple[float, tuple[Any, ...]]:
        y = value(data)
        every = partials(data, y)
        return y, every if active is None else tuple(compress(every, active))

    def constant(data: Any, active: Any = None, _: Any = None) -> tuple[float, tuple[Any, ...]]:
        return value(*data), partials if active is None else tuple(compress(partials, active))

    def of_one(data: Any, active: Any = None, _: Any = None) -> tuple[float, tuple[Any, ...]]:
        (a,) = data
        y = value(a)
        return y, (by_a(a, y),)

    def of_two(data: Any, active: Any = None, _: Any = None) -> tuple[float, tuple[Any, ...]]:
        a, b = data
        y = value(a, b)
        if active is None:
            return y, (by_a(a, b, y), by_b(a, b, y))
        return y, (by_a(a, b, y),) if active[0] else (by_b(a, b, y),)

    if row.plain:
        return plain
    if row.parameters or row.takes_active or row.variadic:
        return general
    if all(type(p) is float for p in partials):
        return constant
    functions = [(lambda *_, slope=p: slope) if type(p) is float else p for p in partials]
    if len(functions) == 1:
        (by_a,) = functions
        return of_one
    if len(functions) == 2:
        by_a, by_b = functions
        return of_two
    return general


def lookup(name: str) -> Op:
    """The row of that name; a pickled graph finds its operations again through this."""
    try:
        return TABLE[name]
    except KeyError:
        raise DeclarationError(
            f"no operation is called {name!r}; declare it with @op before loading a graph that uses it"
        ) from None


def forget(operation: Op | str) -> None:
    """Take an operation that was declared with @op, or the one of that name, out of the table again.

    Graphs that were made with it stay as they are; its name is free, and no method of a node any more. The rows of the table
    itself are needed by one another, and stay.

    >>> @op(partials=(3.0,))
    ... def thrice(a):
    ...     "Three times a."
    ...     return 3 * a
    >>> "thrice" in TABLE
    True
    >>> forget(thrice)
    >>> "thrice" in TABLE
    False
    """
    name = operation.__name__ if isinstance(operation, Op) else operation
    row = lookup(name) if isinstance(name, str) else None
    if row is None or (isinstance(operation, Op) and row is not operation):
        raise DeclarationError(f"{operation!r:.60} is no operation of the table; give one that @op declared, or its name")
    if row.trusted:
        raise DeclarationError(f"{name!r} is an operation of the table's own, and stays; only what @op declared can be forgotten")
    del TABLE[name]
    REPLACEABLE.discard(row)
    FLOATS.pop(name, None)
    if name in OWN.names:
        FLOATS[name] = OWN.names[name]  # what the table's own expressions mean by it


def _latex_of(row: Op) -> str:
    """The operands and parameters as a call has them: a, k = 2."""
    shown = {name: name if len(name) == 1 else rf"\mathrm{{{escaped(name)}}}" for name in row.parameters}
    return ", ".join([*(f"<{name}>" for name in row.operands), *(f"{shown[name]} = <{name}>" for name in row.parameters)])


def escaped(name: str) -> str:
    return name.replace("_", r"\_")
