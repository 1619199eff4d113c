"""Threads that run the shards of a batch, each on separate arrays; the interpreter's lock is released meanwhile.

A shard is a fixed part of the batch, whatever the number of threads, and the sums of the shards are added in their order, as
one thread adds them: so every number of threads gives the same bits.
"""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

__all__ = ["WIDEST", "Crew", "shard_of"]

WIDEST = 112  # lanes of a tile: what a network of [128, 128] has then fits into the second cache
TILES = 2  # of a shard, at least
SHARDS = 64  # at most


def shard_of(count: int) -> int:
    """How many of these examples are a shard: whole tiles."""
    tiles = -(-count // WIDEST)
    return WIDEST * max(TILES, -(-tiles // SHARDS))


@functools.cache
def executor(threads: int) -> ThreadPoolExecutor:
    """Threads, of this number, which wait for work."""
    return ThreadPoolExecutor(threads, thread_name_prefix="autograd")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=executor.cache_clear)  # a fork has no thread but one


class Crew:
    """The threads of one frame: `run` does what one thread would do."""

    def __init__(self, members: list[Callable[[int, int, Any], float]], count: int, shard: int, sums: int) -> None:
        import numpy

        self._members = members  # functions that run the examples from one to another, on arrays that no other member has
        self._shards = [(first, min(first + shard, count)) for first in range(0, count, shard)]
        self._partial = numpy.zeros((len(self._shards), sums))

    def run(self, start: Any, sums: Any) -> float:
        """Run every shard; set the sums to `start` and those of the shards, and return what their first results add up to."""
        totals = [math.nan] * len(self._shards)
        waiting = list(range(len(self._shards)))[::-1]

        def work(member: Callable[[int, int, Any], float]) -> None:
            while waiting:
                try:
                    k = waiting.pop()
                except IndexError:  # another took the last
                    return
                totals[k] = member(*self._shards[k], self._partial[k])

        others = [executor(len(self._members) - 1).submit(work, member) for member in self._members[1:]]
        try:
            work(self._members[0])
        finally:
            wait(others)  # even if Ctrl-C interrupts: they write into arrays of the frame
        for each in others:
            each.result()
        sums[:] = start
        total = 0.0
        for mine, part in zip(totals, self._partial, strict=True):
            sums += part
            total += mine
        return total
