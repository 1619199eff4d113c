"""Clusters of Dask for tests, made once a session: one in this process, and one of processes, a worker of which a test may kill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

__all__ = ["client", "processes"]


def connected(**options: Any) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    with LocalCluster(dashboard_address=":0", threads_per_worker=1, n_workers=2, **options) as cluster, Client(cluster) as made:
        yield made


@pytest.fixture(scope="session")
def client() -> Iterator[Any]:
    """Two workers that are threads of this process."""
    yield from connected(processes=False, protocol="inproc://")


@pytest.fixture(scope="session")
def processes() -> Iterator[Any]:
    """Two workers that are processes."""
    yield from connected(processes=True)
