"""Evaluations on germs: the number of orders that one keeps, and its repetition with more orders if they do not suffice.

Start reading at `with_enough_orders`; `autograd.transforms.germs` defines germs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from autograd.errors import SeriesError

Exponent = Any  # int, Fraction, or math.inf for "no end"
ORDERS = (2, 5, 9, 14)  # orders beyond the derivative that a pass keeps; a later number is tried if an earlier one does not suffice
DEEPEST = 60  # levels of rows inside the partials of rows


class TooFewOrdersError(SeriesError):
    """The answer needs higher orders than the pass keeps."""


class Pass:
    """One evaluation on germs: the number of orders that it keeps at present, and the results of rows."""

    def __init__(self, order: int, is_last: bool = True) -> None:
        self.cap: Exponent = order
        self.is_last = is_last  # numbers that are equal to every order are equal
        self.known: dict[Any, tuple[Exponent, Any]] = {}
        self.depth = 0
        self.stopped = False  # True if the program used the data of a germ, without its derivatives
        self.jumped = False  # True if a row of the program, not of a partial, has another limit beside the point than value at it
        self.side = 1.0  # the side of the points inside the program on which its germs are
        self.points = 0  # their number so far

    @contextmanager
    def inside_a_partial(self, cap: Exponent) -> Iterator[None]:
        """Return a context in which germs keep the orders up to `cap`, one level deeper."""
        before, self.cap = self.cap, cap
        self.depth += 1
        if self.depth > DEEPEST:
            raise SeriesError("the partials of this row need ever more rows; there is no finite series")
        try:
            yield
        finally:
            self.cap = before
            self.depth -= 1


_running: ContextVar[Pass | None] = ContextVar("germs", default=None)
running: Callable[[], Pass | None] = _running.get
"""Return the evaluation on germs in this context, or None; derivatives in it use forward mode."""


def with_enough_orders(order: int, evaluate: Callable[[Pass], Any]) -> Any:
    """Return evaluate(pass), repeated with more orders if they do not suffice; raise a SeriesError if none do."""
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
