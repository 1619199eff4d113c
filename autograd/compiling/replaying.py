"""A tape as a graph of nodes again, at some numbers: what `Program.graph` gives to drawings, pages and explanations.

>>> from autograd.compiling.tracing import trace
>>> tape, places, _ = trace(lambda x: x * x + x, [0])
>>> (y,) = nodes_at(tape, places, [Value(3.0, "x")])
>>> y.data, [node.op for node in y.operands[0].operands], y.operands[1].label
(12.0, [None, None], 'x')
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import ops
from autograd.compiling.interpreter import Failed
from autograd.compiling.tape import CHOOSE, COMPARE, CONSTANT, INPUT, PARAMETER, RELATIONS, Tape
from autograd.errors import AutogradError
from autograd.value import Value

__all__ = ["nodes_at"]


def nodes_at(tape: Tape, roots: Sequence[int], inputs: Sequence[Value], parameters: Sequence[Value] = ()) -> list[Value]:
    """The nodes at the roots, computed from these leaves; raises what a row raises there.

    What a branch alone asks for, given to `where` as a function, is part of the graph only where the branch is taken.
    """
    leaves = {INPUT: inputs, PARAMETER: parameters}
    made: dict[int, Any] = {}
    for place in sorted(tape.needed(roots)):
        kind, operands, what = tape.instructions[place]
        given = [made[x] for x in operands]
        if kind in leaves:
            made[place] = leaves[kind][what]
        elif kind == CONSTANT:
            made[place] = what
        elif kind == CHOOSE and type(given[0]) is bool:
            chosen = given[1] if given[0] else given[2]
            is_lazy = not tape.certain.issuperset(operands[1:])
            made[place] = chosen if is_lazy else ops.where(*given)
        else:
            failed = [x for x in given if type(x) is Failed]
            made[place] = failed[0] if failed else _computed(kind, what, given, is_certain=place in tape.certain)
    for root in roots:
        if type(made[root]) is Failed:
            raise made[root].error
    return [made[root] if type(made[root]) is Value else Value(made[root]) for root in roots]


def _computed(kind: str, what: Any, given: Sequence[Any], *, is_certain: bool) -> Any:
    """What a comparison or a row gives; the error, if it raises in a branch that is perhaps not taken."""
    try:
        return RELATIONS[what](*given) if kind == COMPARE else what.row.apply(tuple(given), what.parameters)
    except (AutogradError, ValueError, ArithmeticError) as error:
        if is_certain:
            raise
        return Failed(error)
