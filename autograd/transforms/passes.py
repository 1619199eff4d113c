"""Counts of the passes that derivatives cost: forward passes, which carry a tangent, and reverse sweeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Passes:
    """The passes so far in a block of `count_passes`."""

    def __init__(self) -> None:
        self.forward = 0  # evaluations of a function on numbers with a tangent or a series
        self.reverse = 0  # sweeps through a graph, without the evaluation that records it

    def __repr__(self) -> str:
        return f"Passes(forward={self.forward}, reverse={self.reverse})"


_counting: ContextVar[tuple[Passes, ...]] = ContextVar("counting", default=())


@contextmanager
def count_passes() -> Iterator[Passes]:
    """Return a context that counts the passes of `jvp`, `grad`, `jacfwd`, `jacrev` and the other transforms in it.

    >>> from autograd import jacfwd, jacrev
    >>> f = lambda v: [v[0] * v[1], v[0] + v[1], v[1] ** 2]
    >>> with count_passes() as passes:
    ...     jacobian = jacfwd(f)([1.0, 2.0])
    >>> passes
    Passes(forward=2, reverse=0)
    >>> with count_passes() as passes:
    ...     assert jacrev(f)([1.0, 2.0]) == jacobian
    >>> passes
    Passes(forward=0, reverse=3)
    """
    passes = Passes()
    token = _counting.set((*_counting.get(), passes))
    try:
        yield passes
    finally:
        _counting.reset(token)


def count_forward() -> None:
    for passes in _counting.get():
        passes.forward += 1


def count_reverse() -> None:
    for passes in _counting.get():
        passes.reverse += 1
