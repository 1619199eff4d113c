"""The checks of @op: that a row is complete, and that a user's functions return what they promise each time they run.

The argument `row` is the operation, an `Op`.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from numbers import Complex
from types import FunctionType
from typing import Any

from autograd.domain import Domain, number, plain
from autograd.errors import AutogradError, DeclarationError, ours
from autograd.refusals import PartialFailure, asked_of
from autograd.signatures import REQUIRED, signature

__all__ = ["as_declared", "checked_partial", "checked_value", "home_of", "is_expression", "listed", "refuse_malformed"]


def refuse_malformed(row: Any, table: Mapping[str, Any]) -> None:
    """Raise a DeclarationError with the first problem of the row and its cure."""
    problem = next(_problems(row, table), None)
    if problem is not None:
        raise DeclarationError(f"@op {row.__name__ or '(no name)'}: {problem}")


def _problems(row: Any, table: Mapping[str, Any]) -> Iterator[str]:
    names, count = ", ".join(row.operands), len(row.operands)
    if not row.__name__.isidentifier():
        yield f"the name {row.__name__!r} is not an identifier; give name='...'"
    if row.__name__ in table and home_of(table[row.__name__]) != home_of(row):
        yield "this name is taken by another operation; choose another"
    if not row.__doc__:
        yield "a sentence that says what it is, is missing; write a docstring or give doc='...'"
    if not callable(row.value):
        yield f"the value {row.value!r} is not a function of floats"
    if isinstance(row.partials, tuple):
        if len(row.partials) != count:
            yield f"{count} operands ({names}) need {count} partials, not {len(row.partials)}"
        for name, partial in zip(row.operands, row.partials, strict=True):
            if type(partial) is not float:
                yield from (f"the partial with respect to {name} {wrong}" for wrong in _wrong_with(partial, row))
    elif count != 1:
        yield "an operation on any number of operands is written def f(xs) with partials=lambda xs, y: (...)"
    if len(row.domain) != count or not all(isinstance(domain, Domain) for domain in row.domain):
        yield f"the domain must be one Domain, or one for each of {names}"
    if row.textbook is not None and len(row.textbook) != count:
        yield f"textbook partials must be as many as the operands ({names})"
    for name, default in row.parameters.items():
        yield from _wrong_default(name, default)
    known = {*row.operands, *row.parameters}
    for field in (row.text, row.latex, row.torch, row.jax, row.sympy):
        for unknown in sorted(set(re.findall(r"<(\w+)>", field)) - known):
            yield f"the spelling {field!r} names <{unknown}>, but the operands and parameters are {', '.join(sorted(known))}"
    yield from _wrong_elsewhere(row, table)


def _wrong_default(name: str, default: Any) -> Iterator[str]:
    try:
        plain(default if default is not REQUIRED else None, name)
    except AutogradError as error:
        yield str(error)


def _wrong_elsewhere(row: Any, table: Mapping[str, Any]) -> Iterator[str]:
    """The problems of what a row says for other libraries, the complex step and initialisations."""
    for name in row.numpy:
        if not (isinstance(name, str) and name.isidentifier()):
            yield f"numpy={name!r} is not the name of a function; give it without np."
        elif not row.trusted and any(name in other.numpy for other in table.values() if other.__name__ != row.__name__):
            yield f"numpy={name!r} is another operation already; choose another"
    if row.onnx and not (isinstance(row.onnx, str) and row.onnx.isidentifier()):
        yield f"onnx={row.onnx!r} is not the name of an operator; give one such as 'Abs'"
    for field in ("torch", "jax", "sympy"):
        spelling = getattr(row, field)
        if spelling and not (row.trusted or is_expression(spelling)):
            yield f"{field}={spelling!r} is no expression; give a function, 'torch.tanh', or a template, 'torch.pow(<a>, 2)'"
    if row.analytic is not None and not callable(row.analytic):
        yield f"analytic={row.analytic!r} is not a function of complex numbers"
    elif isinstance(row.analytic, FunctionType):
        positional, keywords = signature(row.analytic)
        if len(positional) != len(row.operands) or set(keywords) != set(row.parameters):
            wanted, got = ", ".join([*row.operands, *row.parameters]), ", ".join([*positional, *keywords])
            yield f"analytic must take ({wanted}), not ({got}); parameters are keywords, behind a *"
    if isinstance(row.gain, FunctionType):
        positional, keywords = signature(row.gain)
        if positional or set(keywords) != set(row.parameters):
            yield f"gain must be a function of the parameters ({', '.join(row.parameters)}) as keywords, or a number"
    elif row.gain is not None and not (isinstance(row.gain, (int, float)) and 0.0 < row.gain < math.inf):
        yield f"gain={row.gain!r} is not a finite number above 0, nor a function of the parameters"


def is_expression(spelling: str) -> bool:
    """True if Python can read the spelling, with a name in the place of each operand and parameter."""
    try:
        compile(re.sub(r"<(\w+)>", r"\1", spelling), "a spelling", "eval")
    except SyntaxError:
        return False
    return True


def _wrong_with(partial: Any, row: Any) -> Iterator[str]:
    wanted = [*row.operands, "y"]
    if not callable(partial):
        yield f"is {partial!r}; give a float, or a function of ({', '.join([*wanted, *row.parameters])})"
        return
    positional, keywords = signature(partial)
    if len(positional) != len(wanted) or set(keywords) - {"active"} != set(row.parameters):
        got = ", ".join([*positional, *keywords])
        yield f"must take ({', '.join([*wanted, *row.parameters])}), not ({got}); parameters are keywords, behind a *"


def home_of(row: Any) -> str:
    """The module that declared the row; it may declare the name again, as a notebook's cell does, another module may not."""
    functions = [as_declared(row.value), *listed(row.partials)]
    return next((_module_of_function(f) for f in functions if isinstance(f, FunctionType)), __name__)


def _module_of_function(function: Any) -> str:
    return getattr(function, "__module__", None) or ""


def listed(partials: tuple[Any, ...] | Callable[..., Sequence[Any]]) -> tuple[Any, ...]:
    """The partials one by one; for an n-ary row the one function that returns them all."""
    return (partials,) if callable(partials) else partials


def checked_value(value: Callable[..., Any], row: Any) -> Callable[..., float]:
    """A user's value, checked each time to return a number."""

    def checked(*operands: Any, **parameters: Any) -> float:
        try:
            y = value(*operands, **parameters)
        except (ValueError, ZeroDivisionError, OverflowError):
            raise  # as the table's own values do: `refusal` puts it into words, with labels
        except Exception as error:
            asked = asked_of(row, operands[0] if row.variadic else operands)
            raise ours(error, f"{asked}: its value raised {type(error).__name__}: {error}; mend the function") from error
        if type(y) is float:
            return y
        try:
            return number(y)
        except AutogradError as error:
            asked = asked_of(row, operands[0] if row.variadic else operands)
            raise ours(error, f"{asked}: its value is {y!r:.60}; return one number") from None

    return _as_declared(checked, value)


def checked_partial(partial: Callable[..., Any], row: Any, wrt: str, closed: object) -> Callable[..., Any]:
    """A user's partial, checked each time to return a number or `closed`; for an n-ary row, one of these for each operand."""

    def checked(*arguments: Any, **parameters: Any) -> Any:
        operands = arguments[0] if row.variadic else arguments[:-1]
        try:
            answer = partial(*arguments, **parameters)
            if row.variadic:
                answer = answer if type(answer) is tuple else _in_order(answer)
        except Exception as error:
            name = "a partial" if row.variadic else wrt
            cure = "mend the partial"
            if isinstance(error, (ArithmeticError, ValueError)):
                cure = (
                    "give the limit there, where(condition, limit, lambda: formula), or compute under no_grad() "
                    "if the value alone is needed"
                )
            problem = f"{name} raised {type(error).__name__}: {error}; {cure}"
            raise row.partial_refusal(PartialFailure(tuple(operands), problem, error)) from error
        if not row.variadic:
            return answer if type(answer) is float else slope(answer, wrt, operands, arguments[-1])
        if len(answer) != len(operands):
            problem = (
                f"its partials are {len(answer)} and its operands {len(operands)}; give a tuple with one partial for each operand"
            )
            raise row.partial_refusal(PartialFailure(tuple(operands), problem, None))
        y = arguments[-1]
        return tuple([
            p if type(p) is float else slope(p, f"partial {k} of {len(answer)}", operands, y) for k, p in enumerate(answer, 1)
        ])  # fmt: skip

    def slope(answer: Any, name: str, operands: Sequence[Any], y: Any) -> Any:
        """The partial as a float, None for a closed gate; where it was evaluated on nodes or symbols, it may be one of these."""
        if answer is closed:
            return None
        if type(y) is not float and (hasattr(type(answer), "__autograd_op__") or isinstance(answer, Complex)):
            return answer
        try:
            return number(answer)
        except AutogradError:
            problem = f"{name} is {answer!r:.60} of type {type(answer).__name__}; return a float"
            raise row.partial_refusal(PartialFailure(tuple(operands), problem, None)) from None

    return _as_declared(checked, partial)


def _in_order(partials: Any) -> tuple[Any, ...]:
    if isinstance(partials, (str, bytes, bytearray, set, frozenset, Mapping)):
        raise TypeError(f"the partials are {partials!r:.60}, not a tuple")
    return tuple(partials)


def _as_declared(checked: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    functools.update_wrapper(checked, function)
    checked.as_declared = function  # type: ignore[attr-defined]  # a function takes attributes
    return checked


def as_declared(function: Any) -> Any:
    """A user's value or partial without the check, for readers of its source."""
    return getattr(function, "as_declared", function)
