"""Bytes a node in every scalar engine: what a process grows by while it makes a random graph and runs its backward."""

from __future__ import annotations

import gc
import sys
from typing import Any

from _beside import ask, machine, write_results
from _engines import ENGINES, GRAPHS
from _workloads import N_NODES, forward, random_recipe

COPIES = 20  # of the graph, so that what else a process takes is little beside them


def resident() -> int:
    """Bytes of this process in memory."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


def bytes_a_node(engine: str) -> float:
    made, recipe = ENGINES[engine][0](), random_recipe(1)

    def root() -> Any:
        """The last node, which all others are reached from."""
        nodes = forward(made, recipe)
        made.backward(nodes[-1])
        return nodes[-1]

    roots = [root()]  # warms up
    gc.collect()
    before = resident()
    roots += [root() for _ in range(COPIES)]
    gc.collect()
    return (resident() - before) / (COPIES * N_NODES)


def main() -> None:
    lines = ["| engine | bytes a node |", "|---|---|"]
    engines = [engine for engine in GRAPHS if engine != "xad"]  # its tape is cleared for each graph
    lines += [f"| {engine} | {ask(__file__, engine):.0f} |" for engine in engines]
    graphs = f"{COPIES} random graphs of {N_NODES:,} nodes with their gradients"
    write_results(__file__, "\n".join(lines) + f"\n\nGrowth of a process by {graphs}.\n{machine()}.")


if __name__ == "__main__":
    sys.setrecursionlimit(10**6)  # micrograd recurses
    if len(sys.argv) == 2:
        print(bytes_a_node(sys.argv[1]))
    else:
        main()
