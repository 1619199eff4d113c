"""Rules for every test and documented example: the table of operations stays as it was, and each test is fast or slow."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from autograd.ops import TABLE, forget


@pytest.fixture(autouse=True)
def the_table_stays_as_it_is() -> Iterator[None]:
    """Take back the operations that a test or an example declares: whoever runs next walks the table."""
    before = dict(TABLE)
    yield
    for name in [name for name in TABLE if name not in before]:
        forget(name)
    TABLE.update(before)  # what was declared anew, or taken out


def pytest_collection_finish() -> None:
    """Leave the collected tests out of garbage collection: each full one would go through all thirteen thousand of them."""
    gc.collect()
    gc.freeze()


SLOW = ("browser", "notebook", "thorough")
SLOW_FIXTURES = {"chromium": "browser", "notebook": "notebook", "gallery": "thorough"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes a slow fixture, and mark `fast` every test that has no mark of slow ones: a new test is fast."""
    for item in items:
        for fixture in SLOW_FIXTURES.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(SLOW_FIXTURES[fixture])
        if not any(map(item.get_closest_marker, SLOW)):
            item.add_marker("fast")
