"""Examples that hypothesis draws once a run, for all cases that try the same: to draw one costs more than to judge it."""

from __future__ import annotations

import functools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st


@functools.cache
def drawn(strategy: st.SearchStrategy[Any], many: int = 0) -> list[Any]:
    """Return that many examples, by default as many as a test of hypothesis tries; a strategy is known by its identity."""
    examples: list[Any] = []

    @settings(max_examples=many or settings().max_examples, database=None)
    @given(strategy)
    def collect(example: Any) -> None:
        examples.append(example)

    collect()
    return examples


@functools.cache
def tuples_of(strategy: st.SearchStrategy[Any], length: int) -> st.SearchStrategy[Any]:
    """Return the one strategy of tuples of that length, so that `drawn` knows it again."""
    return st.tuples(*[strategy] * length)
