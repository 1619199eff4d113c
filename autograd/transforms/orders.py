"""Evaluations on germs: how many orders one carries, and another one with more where they do not suffice.

Start reading at `with_enough_orders`; `autograd.transforms.germs` says what a germ is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from autograd.errors import SeriesError

__all__ = ["Exponent", "Pass", "TooFewOrdersError", "running", "with_enough_orders"]

Exponent = Any  # int, Fraction, or math.inf for "no end"
ORDERS = (2, 5, 9, 14)  # orders beyond the wanted derivative that a pass carries; the next is tried where one does not suffice
DEEPEST = 60  # rows inside the partials of rows


class TooFewOrdersError(SeriesError):
    """The answer needs higher orders than the pass carries."""


class Pass:
    """One evaluation on germs: how many orders are kept at the moment, and the rows already computed in it."""

    def __init__(self, order: int, is_last: bool = True) -> None:
        self.cap: Exponent = order
        self.is_last = is_last  # a tie that no order resolves is one
        self.known: dict[Any, tuple[Exponent, Any]] = {}
        self.depth = 0
        self.stopped = False  # whether the program took the number alone of a germ, without its derivatives
        self.jumped = False  # whether a row of the program, not of a partial, had another value beside the point than at it
        self.side = 1.0  # on which side of the points inside the program its germs are put
        self.points = 0  # how many there were

    @contextmanager
    def inside_a_partial(self, cap: Exponent) -> Iterator[None]:
        """A context in which germs keep the orders up to `cap`, one row deeper."""
        before, self.cap = self.cap, cap
        self.depth += 1
        if self.depth > DEEPEST:
            raise SeriesError("the partials of this row lead to ever more rows; there is no series of finite length")
        try:
            yield
        finally:
            self.cap = before
            self.depth -= 1


_running: ContextVar[Pass | None] = ContextVar("germs", default=None)


running: Callable[[], Pass | None] = _running.get
"""The evaluation on germs that runs in this context, or None; derivatives are taken in forward mode in it."""


def with_enough_orders(order: int, evaluate: Callable[[Pass], Any]) -> Any:
    """evaluate(pass), again with more orders where they do not suffice; a SeriesError where none do."""
    for more in ORDERS:
        token = _running.set(pass_ := Pass(order + more, more == ORDERS[-1]))
        try:
            return evaluate(pass_)
        except TooFewOrdersError:
            if more == ORDERS[-1]:
                raise
        finally:
            _running.reset(token)
    raise AssertionError
