"""What the README shows of other libraries, in a block of `py`, since those of `python` are run without them."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_documents import DOCUMENTS, Block, blocks, run

pytestmark = pytest.mark.peer

BLOCKS = [block for document in DOCUMENTS for block in blocks(document, "py")]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_with_other_libraries_prints_what_is_printed_below_it(block: Block, tmp_path: Path) -> None:
    assert run(["-"], block.code, tmp_path) == (block.output, "")
