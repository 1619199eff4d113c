"""The progress of work that takes longer than a second: a bar, if tqdm is installed and a terminal or a notebook can show it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from autograd.errors import MissingExtraError

__all__ = ["bar", "waiting", "watched"]

T = TypeVar("T")
Move = Callable[[str], None]  # one step further; the text is written after the bar


@contextmanager
def bar(total: int | None, what: str, unit: str, progress: bool | None = None, *, done: int = 0, **options: Any) -> Iterator[Move]:
    """A context with a function to call after each step, which moves the bar if there is one.

    progress   True or False; None: a bar where one can be shown. True without tqdm is a MissingExtraError
    options    of tqdm: `delay=1` hides the bar for a second
    """
    tqdm = _tqdm(progress)
    if tqdm is None:
        yield lambda text: None
        return
    with tqdm(total=total, initial=done, desc=what, unit=unit, leave=False, **options) as shown:

        def move(text: str) -> None:
            if text:
                shown.set_postfix_str(text, refresh=False)
            shown.update()

        yield move


def watched(results: Iterable[T], total: int, what: str, unit: str) -> Iterator[T]:
    """Yield the results, with a bar if they take more than a second."""
    with bar(total, what, unit, delay=1) as move:
        for result in results:
            yield result
            move("")


@contextmanager
def waiting(what: str) -> Iterator[Callable[[], None]]:
    """A context with a function to call now and then during a wait, which shows how long it has been after a second."""
    with bar(None, what, "", delay=1, bar_format="{desc}: {elapsed}", mininterval=0.0) as move:
        yield lambda: move("")


def _tqdm(progress: bool | None) -> Any:
    """The bar of tqdm for the place where this runs; None where no bar is wanted or shown."""
    if progress is False or (progress is None and not (sys.stderr.isatty() or "ipykernel" in sys.modules)):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a notebook without widgets has a bar of text, and a warning
            from tqdm.auto import tqdm
    except ImportError:
        if progress:
            raise MissingExtraError("tqdm", "progress") from None
        return None
    return tqdm
