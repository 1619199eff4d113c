"""From a function of numbers to a tape: the function runs once, on numbers that note what is done to them.

    >>> from autograd import exp
    >>> tape, places, _ = trace(lambda x, y: exp(x) * y, [0, 1])
    >>> [instruction.kind for instruction in tape.instructions], places
    (['input', 'input', 'row', 'row'], [3])

A tape has one way through the function, so Python may not branch on a traced number; `where`, `relu`, `max` choose instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from types import FunctionType
from typing import Any, NoReturn, final

from autograd.compiling.garbage import uncollected
from autograd.compiling.tape import CHOOSE, COMPARE, INPUT, PARAMETER, RELATIONS, ROW, Applied, Tape
from autograd.errors import AutogradError, ModeError, ours
from autograd.modes import here
from autograd.operators import Operators
from autograd.ops import Op, number, pow
from autograd.transforms.structures import Structure, flatten, flatten_output
from autograd.value import Value, toposort

__all__ = ["Comparison", "Traced", "trace"]


def refuse(asked: str, cure: str, kind: Exception | None = None) -> NoReturn:
    message = f"{here()}: {asked} while the function is compiled, where numbers have no value yet; {cure}"
    raise ModeError(message) if kind is None else ours(kind, message)


_CHOOSE = "choose with where(condition, a, b), relu, max, min, abs or clamp, or leave this function uncompiled"
_ROWS = "use the functions of autograd, which take every kind of number"


@final
class Comparison:
    """left < right of traced numbers, or another of the six relations; `where` takes it."""

    __slots__ = ("place", "tape")

    def __init__(self, tape: Tape, place: int) -> None:
        self.tape, self.place = tape, place

    def __autograd_condition__(self, a: Any, b: Any) -> Any:
        """where(self, a, b); a branch that is a function counts only where it is chosen."""
        places = []
        for x in (a, b):
            with self.tape.branch() if type(x) is FunctionType else nullcontext():
                places.append(place_of(self.tape, x() if type(x) is FunctionType else x))
        return Traced(self.tape, chosen(self.tape, self.place, places))

    def __bool__(self) -> NoReturn:
        refuse("a branch on the comparison of traced numbers", _CHOOSE)


@final
class Traced(Operators):
    """A number of a function that is compiled: a place on its tape."""

    __slots__ = ("place", "tape")

    is_traced = True

    def __init__(self, tape: Tape, place: int) -> None:
        self.tape, self.place = tape, place

    @staticmethod
    def __autograd_op__(op: Op, operands: tuple[Any, ...], parameters: Mapping[str, Any]) -> Any:
        tape = operands[0].tape if type(operands[0]) is Traced else next(x.tape for x in operands if type(x) is Traced)
        return Traced(tape, applied(tape, op, [place_of(tape, x) for x in operands], op.complete(operands, parameters)))

    def _compared(self, relation: str, other: Any) -> Any:
        """A comparison, or its truth if both sides are constants."""
        operands = self.place, place_of(self.tape, other)
        a, b = map(self.tape.number, operands)
        if a is not None and b is not None:
            return RELATIONS[relation](a, b)
        return Comparison(self.tape, self.tape.add(COMPARE, operands, relation))

    def __lt__(self, other: Any) -> Any:
        return self._compared("<", other)

    def __le__(self, other: Any) -> Any:
        return self._compared("<=", other)

    def __gt__(self, other: Any) -> Any:
        return self._compared(">", other)

    def __ge__(self, other: Any) -> Any:
        return self._compared(">=", other)

    def __eq__(self, other: object) -> Any:
        return self._compared("==", other)

    def __ne__(self, other: object) -> Any:
        return self._compared("!=", other)

    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        refuse("the truth of a traced number", _CHOOSE)

    def __float__(self) -> NoReturn:
        refuse("float() of a traced number", _ROWS)

    __int__ = __complex__ = __index__ = __float__

    @property
    def data(self) -> NoReturn:
        """No number is known yet: an AttributeError."""
        refuse("`.data` of a traced number", _ROWS, AttributeError())

    @property
    def grad(self) -> NoReturn:
        """No number is known yet: an AttributeError."""
        refuse("`.grad` of a traced number", "ask the program, program.value_and_grad(...)", AttributeError())

    def item(self) -> NoReturn:
        """No number is known yet: a ModeError."""
        refuse("`.item()` of a traced number", _ROWS)

    detach = item

    def backward(self, *_: Any, **__: Any) -> NoReturn:
        """A program has its own: a ModeError."""
        refuse("`.backward()` of a traced number", "return the result, and call program.backward(...)")

    def __repr__(self) -> str:
        return f"<traced number {self.place}>"


class Parameters:
    """The nodes that a program learns, and their places on a tape."""

    def __init__(self, nodes: Iterable[Value]) -> None:
        self.nodes = tuple(nodes)
        self.numbers = {id(node): k for k, node in enumerate(self.nodes)}


class Recording(Tape):
    """A tape that knows the parameters while a function is traced."""

    def __init__(self, parameters: Parameters, *, is_shared: bool) -> None:
        super().__init__(is_shared=is_shared)
        self.parameters = parameters
        self.nodes: dict[int, tuple[Value, int]] = {}  # by id, each with its place; so they stay alive

    def place_of_node(self, node: Value) -> int:
        """The place of a parameter, or of what the function computed of parameters alone, which is a graph of nodes."""
        for each in toposort(node):
            if id(each) in self.nodes:
                continue
            if each.op is not None:
                operands = [self.nodes[id(x)][1] if type(x) is Value else self.constant(x) for x in each.arguments]
                self.nodes[id(each)] = each, applied(self, each.op, operands, each.parameters)
            elif id(each) in self.parameters.numbers:
                self.nodes[id(each)] = each, self.add(PARAMETER, (), self.parameters.numbers[id(each)])
            else:
                refuse(
                    f"the node {each!r:.60}, which is no parameter,", "add it to parameters=[...], or use x.data for its number now"
                )
        return self.nodes[id(node)][1]


def place_of(tape: Tape, x: Any) -> int:
    """The place of an operand: a traced number, a parameter, or a constant; None is a closed gate."""
    if type(x) is Traced:
        if x.tape is not tape:
            refuse("a number of another trace", "return what a function computes, and keep none of its numbers")
        return x.place
    if type(x) is Value and isinstance(tape, Recording):
        return tape.place_of_node(x)
    return tape.constant(None if x is None else number(x))


def chosen(tape: Tape, condition: int, branches: Sequence[int]) -> int:
    """A choice, or the branch itself if both are one."""
    a, b = branches
    return a if a == b else tape.add(CHOOSE, (condition, a, b))


def applied(tape: Tape, op: Op, operands: Sequence[int], parameters: Mapping[str, Any]) -> int:
    """The row at these places; a number if all of them are numbers and it has a value there."""
    numbers = [tape.number(place) for place in operands]
    if None not in numbers:
        try:
            return tape.constant(op.evaluate(tuple(numbers), parameters))  # type: ignore[arg-type]
        except AutogradError:
            pass  # in a branch that is perhaps never taken
    if op is pow and tape.is_shared and numbers[1] == 1.0:
        return operands[0]
    return tape.add(ROW, operands, Applied(op, parameters))


@uncollected()
def trace(
    f: Callable[..., Any], arguments: Sequence[Any], parameters: Iterable[Value] = (), *, is_shared: bool = True
) -> tuple[Recording, list[int], Structure]:
    """The tape of f, the places of its results, and their structure; the numbers in `arguments` say which input goes where."""
    tape = Recording(Parameters(parameters), is_shared=is_shared)

    def traced(k: Any) -> Traced:
        return Traced(tape, tape.add(INPUT, (), k))

    given = []
    for argument in arguments:
        numbers, structure = flatten(argument, lambda k: k)
        given.append(structure.argument(map(traced, map(int, numbers))))
    results, structure = flatten_output(f(*given))
    return tape, [place_of(tape, y) for y in results], structure
