"""The reverse sweep of a tape, appended to it: the chain rule, with the partials of the rows.

The adjoint of an instruction is the total of what flows back from its users; the users come in the order of a graph's sweep, the
reverse of the depth-first order from the result, so that every sum has the bits that `backward` gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

from autograd.compiling.garbage import uncollected
from autograd.compiling.rows import may_refuse
from autograd.compiling.tape import CHOOSE, CONSTANT, FLOW, ITEM, ROW, SEED, SLOPES, TOTAL, Applied, Tape
from autograd.compiling.tracing import Traced, chosen, place_of
from autograd.errors import AutogradError
from autograd.text.symbols import NOT_FOR_SYMBOLS

__all__ = ["append_sweep"]


@uncollected()
def append_sweep(
    tape: Tape, roots: Sequence[int], leaves: Sequence[int], *, exact: bool, adjoints: Sequence[int] = ()
) -> list[list[int]]:
    """For each leaf the places of what flows into its adjoint, in order; their sum from 0 is Σ adjoint · ∂root/∂leaf.

    The adjoints of the roots are at some places of the tape; by default each is the seed. `exact` takes every partial as its row
    computes it, to the bit. Otherwise partials are written out as expressions over rows, of which those that appear twice are
    computed once.
    """
    end = len(tape.instructions)
    moves = tape.dependent(leaves, end)
    flows: dict[int, list[int]] = {place: [] for place in leaves}
    for root, adjoint in zip(roots, adjoints or [tape.add(SEED)] * len(roots), strict=True):
        if moves[root]:
            flows.setdefault(root, []).append(adjoint)
    for place in reversed(depth_first(tape, roots, moves)):
        kind, operands, what = tape.instructions[place]
        if kind not in (ROW, CHOOSE) or place not in flows:
            continue
        adjoint = _total(tape, flows[place], exact=exact)
        if kind == CHOOSE:
            condition, a, b = operands
            zero = tape.constant(0.0)
            shares = [(a, chosen(tape, condition, (adjoint, zero))), (b, chosen(tape, condition, (zero, adjoint)))]
            pairs = [(operand, share) for operand, share in shares if moves[operand]]
        else:
            active = tuple([moves[x] for x in operands])
            moving = [x for x in operands if moves[x]]
            with nullcontext() if place in tape.certain else tape.branch():
                pairs = list(zip(moving, _shares(tape, place, what, active, adjoint, exact=exact), strict=True))
        for operand, share in pairs:
            flows.setdefault(operand, []).append(share)
    return [flows[leaf] for leaf in leaves]


def depth_first(tape: Tape, roots: Sequence[int], moves: Sequence[bool]) -> list[int]:
    """The order in which a graph's `toposort` finds the places that move: operands before users."""
    order: list[int] = []
    seen: set[int] = set()
    waiting: list[tuple[int, bool]] = [(root, False) for root in reversed(roots)]
    while waiting:
        place, is_ready = waiting.pop()
        if is_ready:
            order.append(place)
        elif place not in seen and moves[place]:
            seen.add(place)
            waiting.append((place, True))
            kind, operands, _ = tape.instructions[place]
            waiting += [(x, False) for x in reversed(operands[1:] if kind == CHOOSE else operands)]
    return order


def _total(tape: Tape, flows: Sequence[int], *, exact: bool) -> int:
    return flows[0] if len(flows) == 1 and not exact else tape.add(TOTAL, flows)


def _shares(tape: Tape, place: int, applied: Applied, active: tuple[bool, ...], adjoint: int, *, exact: bool) -> list[int]:
    """adjoint · partial for every active operand of the row at this place."""
    _, operands, _ = tape.instructions[place]
    partials = _written_out(tape, place, applied, active, exact=exact)
    if partials is None:
        slopes = tape.add(SLOPES, (*operands, place), Applied(applied.row, applied.parameters, active))
        return [tape.add(FLOW, (adjoint, tape.add(ITEM, (slopes,), k))) for k in range(sum(active))]
    return [_flow(tape, adjoint, partial) for partial in partials]


def _written_out(tape: Tape, place: int, applied: Applied, active: tuple[bool, ...], *, exact: bool) -> list[int] | None:
    """The places of the partials; no list if they are to be taken as the row computes them."""
    row, parameters, _ = applied
    _, operands, _ = tape.instructions[place]
    end = len(tape.instructions)
    try:
        given = tuple([Traced(tape, x) for x in operands])
        made = row.local_derivatives(given, Traced(tape, place), parameters, active)
        partials = [place_of(tape, x) for x in made]
    except (*NOT_FOR_SYMBOLS, AutogradError):
        return None
    if exact and len(tape.instructions) > end and any(tape.instructions[x].kind != CONSTANT for x in partials if x >= end):
        return None  # an expression over rows may round otherwise than the row's own slope on floats
    if place in tape.certain and any(_is_refusable(tape, x) for x in range(end, len(tape.instructions))):
        return None  # 0.5/y where y > 0: machine code runs both branches, and that of the slope raises in neither
    return partials


def _is_refusable(tape: Tape, place: int) -> bool:
    """True for a row in a branch that is perhaps not taken, where it could raise."""
    kind, _, what = tape.instructions[place]
    return kind == ROW and place not in tape.certain and may_refuse(what.row)


def _flow(tape: Tape, adjoint: int, partial: int) -> int:
    """adjoint · partial; a gate that is closed inside a choice stays closed, whatever the adjoint is."""
    kind, operands, what = tape.instructions[partial]
    if kind == CONSTANT and what is None:
        return tape.constant(0.0)
    if kind == CHOOSE:
        condition, a, b = operands
        with tape.branch():  # a partial that has no value in the branch that is not taken
            shares = [_flow(tape, adjoint, x) for x in (a, b)]
        return chosen(tape, condition, shares)
    if tape.number(partial) == 1.0:
        return adjoint
    return tape.add(FLOW, (adjoint, partial))
