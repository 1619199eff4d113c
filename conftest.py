"""What every test and every documented example leaves behind: the table of operations as it was."""

from __future__ import annotations

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
