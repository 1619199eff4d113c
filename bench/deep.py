"""Chains of 10³ to 10⁶ nodes in every scalar engine: what a node costs, and how deep each goes with Python's recursion limit.

`python bench/deep.py 7` goes to 10⁷. Ours is also copied, pickled and freed by reference counting alone, a million nodes deep.
"""

from __future__ import annotations

import copy
import gc
import json
import pickle
import statistics
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from _beside import environment_of, machine, python_of, seconds, write_results
from _engines import ENGINES, GRAPHS

DEPTH = 1_000_000
PHASES = ("forward", "backward", "freed")
REPEATED = 400_000  # nodes at least, so that short chains are timed as long as others


def chain(x: Any, depth: int) -> Any:
    """x + x + … + x, each sum one node deeper; ∂/∂x = depth + 1."""
    y = x
    for _ in range(depth):
        y = y + x
    return y


class Chain:
    """A chain, with the phases of `_workloads.Expressions`."""

    def __init__(self, engine: str, depth: int) -> None:
        self.engine, self.depth = ENGINES[engine][0](), depth

    def phases(self) -> Iterator[None]:
        x = self.engine.leaf(1.0)
        self.engine.begin([x])
        y = chain(x, self.depth)
        yield
        self.engine.backward(y)
        yield
        expect(self.engine.grad(x) == self.depth + 1.0, "the chain's gradient is wrong")
        del y
        yield


def costs(engine: str, depth: int) -> list[float]:
    """Nanoseconds a node of each phase, the median over some chains."""
    run: Any = Chain(engine, depth)
    repeated = [seconds(run) for _ in range(max(1 if depth >= DEPTH else 3, REPEATED // depth))]
    return [statistics.median(phase) / depth * 1e9 for phase in zip(*repeated, strict=True)]


def shown(engine: str, depth: int) -> str:
    """The costs in a process of their own, or how it ends."""
    command = [python_of(engine), __file__, engine, str(depth)]
    done = subprocess.run(command, env=environment_of(engine), capture_output=True, text=True)
    if done.returncode:
        message = done.stderr.strip().splitlines()[-1:] or [""]
        return "RecursionError" if "RecursionError" in message[0] else f"ended by signal {-done.returncode}"
    return " / ".join([f"{cost:.0f}" for cost in json.loads(done.stdout)])


def expect(holds: bool, problem: str) -> None:
    if not holds:
        raise SystemExit(f"bench/deep.py: {problem}")


def timed(what: str, action: Callable[[], Any], lines: list[str]) -> Any:
    start = time.process_time()
    outcome = action()
    lines.append(f"| {what} | {time.process_time() - start:.2f} |")
    return outcome


def copies_of_ours() -> str:
    """A table of the seconds that copies of a deep chain take."""
    from autograd import Value, toposort

    limit, lines = sys.getrecursionlimit(), [f"| ours, {DEPTH:,} nodes | seconds |", "|---|---|"]
    x = Value(1.0, "x")
    roots = [chain(x, DEPTH)]
    roots[0].backward()
    roots.append(timed("deepcopy", lambda: copy.deepcopy(roots[0]), lines))
    written = timed("pickled", lambda: pickle.dumps(roots[0]), lines)
    roots.append(timed("unpickled", lambda: pickle.loads(written), lines))
    for twin in roots[1:]:
        leaf = toposort(twin)[0]
        leaf.zero_grad()
        twin.backward()
        expect(leaf is not x and leaf.grad == DEPTH + 1.0, "a copy of the chain has another gradient")
    del twin, leaf

    gc.disable()  # reference counting alone
    graves = [weakref.ref(root) for root in roots]
    timed("all three freed", roots.clear, lines)
    expect(all(grave() is None for grave in graves), "a chain is still alive")
    expect(sys.getrecursionlimit() == limit, "the recursion limit was changed")
    return "\n".join(lines)


def main() -> None:
    depths = [10**power for power in range(3, int(sys.argv[1]) + 1 if len(sys.argv) == 2 else 7)]
    lines = [f"| engine | {' | '.join([f'{depth:,} nodes' for depth in depths])} |", "|---" * (len(depths) + 1) + "|"]
    for engine in GRAPHS:
        far = depths if engine == "ours" else [depth for depth in depths if depth <= DEPTH]
        lines.append(f"| {engine} | {' | '.join([shown(engine, depth) for depth in far])} |")
    text = "\n".join(lines)
    notes = f"{' / '.join(PHASES)} in nanoseconds a node, processor time.\n{machine()}."
    write_results(__file__, f"{text}\n\n{copies_of_ours()}\n\n{notes}")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(costs(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
