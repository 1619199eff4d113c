"""Error messages about nodes: with their labels, and under `detect_anomaly` with the lines that made them.

`check_made` checks each new node while a mode is on, `refuse_anomaly` the adjoints of a sweep; `refused` adds the labels of the
operands to an error of a row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from autograd.beside import rule_of
from autograd.errors import AnomalyError, AutogradError
from autograd.modes import here, is_recording, is_watched, origins, replaceable

__all__ = ["check_made", "checked_in_mode", "refuse_anomaly", "refused"]

NOT_FINITE = "backward: {0}: the adjoint {adjoint!r} is not finite; keep the operand away from this point"
FLOW = (
    "backward: {0}: adjoint {adjoint!r} × local derivative {partial!r} = {contribution!r} would flow to {1}; "
    "keep the operand away from this point"
)


def refused(op: Any, error: Exception, operands: Sequence[Any]) -> Exception:
    """The exception for an error that the row's value or a partial raised on these operands, nodes and floats."""
    labels = ["" if type(operand) is float else _named(operand) for operand in operands]
    failure = error.failure if isinstance(error, AutogradError) else None
    if failure is not None:
        found, cause = op.partial_refusal(failure, labels), failure.error
    elif isinstance(error, (ValueError, ArithmeticError)):
        data = tuple([operand if type(operand) is float else operand.data for operand in operands])
        found, cause = op.refusal(error, data, labels), None
    else:
        return error
    found.__cause__ = cause
    return found  # type: ignore[no-any-return]  # an operation is Any here


@replaceable
def check_made(node: Any) -> None:
    """Under `detect_anomaly`, store the place that made the node, and raise an AnomalyError if its data is inf or NaN."""
    known = origins()
    if known is not None:
        known[node] = here()
        if not math.isfinite(node.data):
            raise _anomaly("forward: {0}: the value is not finite; look at the operands", node)


def checked_in_mode(node: Any) -> Any:
    """A node made while a mode is on, after `check_made`; under `no_grad` a leaf in its place."""
    if is_watched():
        check_made(node)
    return node if is_recording() else type(node)(node.data)


def refuse_anomaly(order: Sequence[Any]) -> None:
    """Under `detect_anomaly`, raise an AnomalyError for the first edge of the sweep whose contribution is not finite."""
    problem = next(_anomalies(order), None) if origins() is not None else None
    if problem is not None:
        raise problem


def _anomalies(order: Sequence[Any]) -> Iterator[AnomalyError]:
    for node in reversed(order):
        if not math.isfinite(node.grad):
            yield _anomaly(NOT_FINITE, node, adjoint=node.grad)
        for operand, partial, contribution, is_open in node.edges if rule_of(node) is None else ():
            if is_open and not math.isfinite(contribution):
                yield _anomaly(FLOW, node, operand, adjoint=node.grad, partial=partial, contribution=contribution)


def _anomaly(template: str, *nodes: Any, **numbers: float) -> AnomalyError:
    anomaly = AnomalyError(template.format(*map(_in_full, nodes), **numbers))
    anomaly.brief = template.format(*map(_in_brief, nodes), **numbers)
    return anomaly


def _origin(node: Any) -> str | None:
    known = origins()
    return known.get(node) if known is not None else None


def _named(node: Any) -> str:
    """The label for an error message, with the place that made the node if it is known."""
    origin = _origin(node)
    return f"{node.label or ('operand' if origin else '')}{f' (made at {origin})' if origin else ''}"


def _in_full(node: Any) -> str:
    """The node in an anomaly's message, with its place."""
    origin = _origin(node)
    return _in_brief(node) + (f", made at {origin}" if origin else "")


def _in_brief(node: Any) -> str:
    """The node in an anomaly's message: label, operation, operands, data."""
    operands = ", ".join([repr(a) if type(a) is float else f"{_equals(a)}{a.data!r}" for a in node.arguments])
    made = f"{node.op.__name__}({operands})" if node.op is not None else "leaf"
    return f"{_equals(node)}{made} = {node.data!r}"


def _equals(node: Any) -> str:
    return f"{node.label} = " if node.label else ""
