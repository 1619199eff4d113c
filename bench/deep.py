"""A chain of a million nodes: forward, backward, copied, pickled and freed, with the recursion limit as Python set it.

`python bench/deep.py` shows the same for micrograd, if it is installed, on a chain a hundred times shorter: it walks the graph
by recursion, so the chain may be no deeper than Python's stack.
"""

from __future__ import annotations

import copy
import gc
import importlib.util
import os
import pickle
import sys
import time
import weakref
from collections.abc import Callable
from typing import Any

DEPTH = 1_000_000
MICROGRADS_DEPTH = 10_000


def chain(x: Any, depth: int) -> Any:
    """x + x + … + x, each sum one node deeper; ∂/∂x = depth + 1."""
    y = x
    for _ in range(depth):
        y = y + x
    return y


def timed(what: str, action: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    outcome = action()
    print(f"  {what:<28}{time.perf_counter() - start:8.2f} s", flush=True)
    return outcome


def expect(holds: bool, problem: str) -> None:
    if not holds:
        raise SystemExit(f"bench/deep.py: {problem}")


def ours() -> None:
    from autograd import Value, toposort

    print(f"ours, {DEPTH:,} nodes:")
    limit = sys.getrecursionlimit()
    x = Value(1.0, "x")
    roots = [timed("forward", lambda: chain(x, DEPTH))]
    timed("backward", roots[0].backward)
    expect(roots[0].data == x.grad == DEPTH + 1.0, "the chain's value or gradient is wrong")
    print(f"  {'printed':<28}{roots[0]!r}")

    roots.append(timed("deepcopy", lambda: copy.deepcopy(roots[0])))
    written = timed("pickled", lambda: pickle.dumps(roots[0]))
    print(f"  {'the pickle':<28}{len(written) / 1e6:8.0f} MB")
    roots.append(timed("unpickled", lambda: pickle.loads(written)))
    for twin in roots[1:]:
        leaf = toposort(twin)[0]
        leaf.zero_grad()
        twin.backward()
        expect(leaf is not x and leaf.grad == DEPTH + 1.0, "a copy of the chain has another gradient")
    del twin, leaf

    gc.disable()  # reference counting alone
    graves = [weakref.ref(root) for root in roots]
    timed("all three freed", roots.clear)
    expect(all(grave() is None for grave in graves), "a chain is still alive")
    gc.enable()
    expect(sys.getrecursionlimit() == limit, "the recursion limit was changed")
    print(f"  {'recursion limit':<28}{limit:8} as before")


def micrograds() -> None:
    from micrograd.engine import Value  # type: ignore[import-untyped]  # it has no annotations

    print(f"micrograd, {MICROGRADS_DEPTH:,} nodes:")
    y = timed("forward", lambda: chain(Value(1.0), MICROGRADS_DEPTH))
    try:
        timed("backward", y.backward)
    except RecursionError as error:
        print(f"  {'backward':<28}RecursionError: {error}")


def main() -> None:
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    ours()
    if importlib.util.find_spec("micrograd") is None:
        print("micrograd is not installed: pip install micrograd, to see it beside")
    else:
        micrograds()


if __name__ == "__main__":
    main()
