"""Work on the workers of a Dask cluster: many small items a task, results as they come.

A task costs milliseconds, whatever it does; so one task has as many items as take about half a second, and longer where there are
more than a hundred threads. A worker that dies loses
nothing: Dask gives its tasks to another one. Start reading at `streamed`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple

from autograd.errors import MissingExtraError
from nn.errors import SettingError

__all__ = ["Outcome", "refuse_no_client", "streamed"]

SECONDS = 0.5  # of work in a task: a hundred times what the task costs
RATE = 200  # tasks a second, which a scheduler hands out with ease; it is one process, however many workers there are
AHEAD = 2  # tasks for each thread, so that none waits for the next one


class Outcome(NamedTuple):
    """What became of an item."""

    item: Any
    result: Any  # None if the workers that had the item died
    error: str


def refuse_no_client(client: Any) -> None:
    """Raise a SettingError if this is no client of Dask, a MissingExtraError if there is no Dask."""
    try:
        from distributed import Client
    except ImportError:
        raise MissingExtraError("distributed", "distributed") from None
    if not isinstance(client, Client) or client.asynchronous:
        raise SettingError(f"client = {client!r:.60}: give a distributed.Client, such as Client(LocalCluster())")


def streamed(client: Any, work: Callable[[Any], Any], items: Sequence[Any]) -> Generator[Outcome]:
    """Yield work(item) for each item as it is done, in any order; `work` travels once to each worker, and raises nothing.

    An item whose workers die again and again is tried alone, and then yielded with an error. Whoever closes the iterator cancels
    the tasks that are not done.
    """
    from distributed import KilledWorker, as_completed

    waiting = list(reversed(items))
    kept = client.submit(_itself, _Kept(work), pure=False)  # a task and not scattered data: a dead worker's copy is made again
    tasks: dict[Any, list[Any]] = {}
    queue = as_completed(raise_errors=False)
    seconds = done = 0.0

    def submit(chunk: list[Any]) -> None:
        future = client.submit(_done, kept, chunk, pure=False)
        tasks[future] = chunk
        queue.add(future)

    def fill() -> None:
        threads = max(1, sum(client.ncores().values())) if waiting else 0
        work, most = max(SECONDS, threads / RATE), AHEAD * threads
        while waiting and len(tasks) < most:
            count = min(-(-len(waiting) // most), max(1, int(work * done / seconds))) if done else 1
            submit([waiting.pop() for _ in range(count)])

    try:
        fill()
        while tasks:
            future = next(queue)
            chunk = tasks.pop(future)
            error = future.exception() if future.status == "error" else None
            if isinstance(error, KilledWorker) and len(chunk) > 1:
                for item in chunk:
                    submit([item])
                continue
            if isinstance(error, KilledWorker):
                yield Outcome(chunk[0], None, "KilledWorker: every worker that ran it died, perhaps for lack of memory")
            else:
                results, took = future.result()
                seconds, done = seconds + took, done + len(chunk)
                yield from [Outcome(item, result, "") for item, result in zip(chunk, results, strict=True)]
            fill()
    finally:
        client.cancel([*tasks, kept])


class _Kept(NamedTuple):
    """A function as one object, into which Dask does not look."""

    work: Callable[[Any], Any]


def _itself(kept: _Kept) -> _Kept:
    return kept


def _done(kept: _Kept, chunk: Sequence[Any]) -> tuple[list[Any], float]:
    """The results of the items, and the seconds that they took."""
    start = time.perf_counter()
    return [kept.work(item) for item in chunk], time.perf_counter() - start
