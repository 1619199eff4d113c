"""20,000 nodes, forward and backward, in every scalar engine: a long sum, a random graph, the garbage collector on and off.

micrograd's nodes are cycles (node → closure → node), which only the collector can free; ours are freed by reference counting.
Beside them the same loop runs on plain floats: what is over that is the engine's own cost.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from _beside import Case, Rounds, main
from _engines import ENGINES, GRAPHS
from _workloads import N_NODES, Expressions, Recipe, random_recipe, sum_recipe

LOOP = "plain floats"


def case(title: str, recipe: Callable[[int], Recipe], *, collector: bool) -> Case:
    return Case(title, [*GRAPHS, LOOP], lambda engine: Expressions(ENGINES[engine][0](), recipe), collector)


CASES = {
    "sum": case("long sum", sum_recipe, collector=True),
    "sum-off": case("long sum, collector off", sum_recipe, collector=False),
    "graph": case("random graph", random_recipe, collector=True),
    "graph-off": case("random graph, collector off", random_recipe, collector=False),
}


def net(measured: Sequence[tuple[Case, Rounds]]) -> str:
    """Nanoseconds a node of each phase, and how much the whole is over the loop on plain floats, in times of that loop."""
    head = [
        "",
        "engine",
        *[f"{phase}, ns a node" for phase in Expressions.PHASES],
        "net of the loop, over the loop",
        "freed, over the loop",
    ]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for made, rounds in measured:
        loops = list(map(sum, rounds[LOOP]))
        for engine, taken in rounds.items():
            phases = [f"{statistics.median(phase) / N_NODES * 1e9:.0f}" for phase in zip(*taken, strict=True)]
            ratios = [
                statistics.median(of(phases) / loop for phases, loop in zip(taken, loops, strict=True))
                for of in (sum, lambda phases: phases[-1])
            ]
            lines.append(f"| {made.title} | {engine} | {' | '.join(phases)} | {ratios[0] - 1:.2f} | {ratios[1]:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main(__file__, CASES, net)
