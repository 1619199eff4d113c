"""A tape as text, one line an instruction: what `Program.source` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograd.compiling.tape import (
    CHOOSE,
    COMPARE,
    CONSTANT,
    FLOW,
    INPUT,
    ITEM,
    PARAMETER,
    ROW,
    SEED,
    SLOPES,
    Applied,
    Instruction,
    Tape,
)
from autograd.text.numbers import short

__all__ = ["written"]


def written(tape: Tape, inputs: Sequence[str], parameters: Sequence[str], results: Mapping[str, Sequence[int]]) -> str:
    """The instructions that the results depend on; each result is a name and the places whose sum it is."""
    names: dict[int, str] = {}
    lines: list[str] = []
    for place in sorted(tape.needed([x for places in results.values() for x in places])):
        step = tape.instructions[place]
        kind, _, what = step
        if kind in (INPUT, PARAMETER):
            names[place] = (inputs if kind == INPUT else parameters)[what]
        elif kind == SEED:
            names[place] = "seed"
        elif kind == CONSTANT:
            names[place] = "closed" if what is None else short(what)
        else:
            names[place] = f"v{len(lines) + 1}"
            lines.append(f"{names[place]} = {_right_side(step, [names[x] for x in step.operands])}")
    lines += [f"{name} = {' + '.join([names[x] for x in places]) or '0'}" for name, places in results.items()]
    return "\n".join(lines)


def _right_side(step: Instruction, given: Sequence[str]) -> str:
    kind, _, what = step
    if kind == ROW:
        return _call(what.row.__name__, what, given)
    if kind == SLOPES:
        return _call(f"slopes_of_{what.row.__name__}", what, given)
    if kind == COMPARE:
        return f"{given[0]} {what} {given[1]}"
    if kind == CHOOSE:
        return f"where({', '.join(given)})"
    if kind == ITEM:
        return f"{given[0]}[{what}]"
    return (" * " if kind == FLOW else " + ").join(given)


def _call(name: str, applied: Applied, given: Sequence[str]) -> str:
    options = [f"{key}={x!r}" for key, x in applied.parameters.items()]
    return f"{name}({', '.join([*given, *options])})"
