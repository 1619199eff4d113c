"""Clusters of Dask for tests, made once a file: one in this process, and one of processes, a worker of which a test may kill."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from typing import Any

import pytest

__all__ = ["client", "in_this_process", "processes"]


def connected(**options: Any) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    with LocalCluster(dashboard_address=":0", threads_per_worker=1, n_workers=2, **options) as cluster, Client(cluster) as made:
        yield made


@pytest.fixture(scope="module")
def in_this_process() -> Iterator[Any]:
    """Two workers that are threads of this process."""
    yield from connected(processes=False, protocol="inproc://")


@pytest.fixture
def client(in_this_process: Any) -> Iterator[Any]:
    """The two, which have nothing left when the test ends: workers let go of results a little later than the client does."""
    yield in_this_process
    end = time.monotonic() + 10.0
    while any(in_this_process.run(lambda dask_worker: len(dask_worker.data)).values()):
        assert time.monotonic() < end, "the workers keep what nobody has a future of"
        gc.collect()  # a future in a cycle is let go of then


@pytest.fixture(scope="module")
def processes() -> Iterator[Any]:
    """Two workers that are processes."""
    yield from connected(processes=True)
