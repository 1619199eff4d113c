"""What the tests of modes share: a coroutine that is run, the place of a line."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor


def in_a_loop(coroutine):
    """Return the result of the coroutine, from a loop in a thread: in this one a test of pages may have left its loop running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def next_line():
    """Return the caller's file and the line after the caller's, as messages write them."""
    caller = sys._getframe(1)
    return f"{caller.f_code.co_filename}:{caller.f_lineno + 1}"
