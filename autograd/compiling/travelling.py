"""A program without its function: the tapes that were traced, which can be pickled, and the function that they are.

    >>> import pickle
    >>> from autograd.compiling.program import compile
    >>> square = compile(lambda x: x * x)
    >>> square(3.0)
    9.0
    >>> pickle.loads(pickle.dumps(square))(4.0)  # a lambda cannot be pickled, and its tape can
    16.0

`autograd.compiling.replaying` runs a tape on nodes, where errors are raised, and on traced numbers, which record the same tape
where the program is loaded. Start reading at `Travelled`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from inspect import Parameter, Signature, signature
from typing import Any, NamedTuple, final

from autograd.compiling.replaying import Replay
from autograd.compiling.specialised import Specialised
from autograd.compiling.tape import Applied, Instruction
from autograd.errors import ModeError
from autograd.transforms.derived import qualified_name
from autograd.transforms.structures import flatten
from autograd.value import Value

__all__ = ["Travelled"]

Widths = tuple[int | None, ...]


class Recorded(NamedTuple):
    """What a traced function does for arguments of certain widths."""

    instructions: list[Instruction]
    certain: frozenset[int]  # the places of those that run whichever branch a choice takes
    roots: list[int]
    results: Any  # the structure that the function returns, with 0.0, 1.0, ... for the numbers at the roots

    def on(self, inputs: Sequence[Any], parameters: Sequence[Any]) -> Any:
        """What the function returns, of any kind of number."""
        replay = Replay(self.instructions, self.certain, inputs, parameters)
        made = replay.run(range(len(self.instructions)), self.roots)
        numbers, structure = flatten(self.results, int)
        return structure([made[k] for k in numbers])


@final
class Travelled:
    """The function of a program that was pickled: for every traced choice of widths its tape.

    Other widths need the function itself, which travels by its name if a module has it under that name.
    """

    def __init__(self, f: Callable[..., Any], parameters: Sequence[Value], traced: Mapping[Widths, Specialised]) -> None:
        before = f if type(f) is Travelled else None
        self.function: Callable[..., Any] | None = before.function if before else f if qualified_name(f) else None
        self.parameters = tuple(parameters)
        self.tapes: dict[Widths, Recorded] = {**(before.tapes if before else {}), **dict(map(_recorded, traced.values()))}
        self.__name__ = getattr(f, "__name__", type(f).__name__)
        with suppress(ValueError):  # of what is no Python function
            self.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in signature(f).parameters])
        if self.function is None and not self.tapes:
            why = "a program is pickled as its tapes, and it has none before its first call"
            raise ModeError(f"pickle of the program of {self.__name__}: {why}; call it once, or compile a function of a module")

    def __call__(self, *arguments: Any) -> Any:
        widths = tuple([len(x) if isinstance(x, (list, tuple)) else None for x in arguments])
        if widths in self.tapes:
            numbers = [x for argument in arguments for x in (argument if isinstance(argument, (list, tuple)) else [argument])]
            return self.tapes[widths].on(numbers, self.parameters)
        if self.function is None:
            known = " or ".join(map(_in_words, self.tapes))
            asked = f"the program of {self.__name__} was loaded without its function, for {known}, not for {_in_words(widths)}"
            raise ModeError(f"{asked}; call it so before it is pickled, or compile a function of a module")
        return self.function(*arguments)


def _in_words(widths: Widths) -> str:
    return "(" + ", ".join(["a number" if width is None else f"{width} numbers" for width in widths]) + ")"


def _recorded(traced: Specialised) -> tuple[Widths, Recorded]:
    """The instructions that the results depend on, with places counted anew."""
    tape = traced.tape
    order = sorted(tape.needed(traced.places))
    new = {place: k for k, place in enumerate(order)}
    instructions = []
    for place in order:
        kind, operands, what = tape.instructions[place]
        what = Applied(what.row, dict(what.parameters)) if type(what) is Applied else what
        instructions.append(Instruction(kind, tuple([new[x] for x in operands]), what))
    certain = frozenset([new[place] for place in order if place in tape.certain])
    results = traced.structure(map(float, range(len(traced.places))))
    return traced.widths, Recorded(instructions, certain, [new[place] for place in traced.places], results)
