"""20,000 nodes, forward and backward, in every scalar engine: a long sum, a random graph, the garbage collector on and off.

micrograd's nodes are cycles (node → closure → node), which only the collector can free; ours are freed by reference counting.
"""

from __future__ import annotations

from collections.abc import Callable

from _beside import Case, main
from _engines import ENGINES
from _workloads import Recipe, expressions, random_recipe, sum_recipe

SCALAR = [engine for engine in ENGINES if engine != "PyTorch"]


def case(title: str, recipe: Callable[[int], Recipe], *, collector: bool) -> Case:
    return Case(title, SCALAR, lambda engine: expressions(ENGINES[engine][0](), recipe), collector)


CASES = {
    "sum": case("long sum", sum_recipe, collector=True),
    "sum-off": case("long sum, collector off", sum_recipe, collector=False),
    "graph": case("random graph", random_recipe, collector=True),
    "graph-off": case("random graph, collector off", random_recipe, collector=False),
}

if __name__ == "__main__":
    main(__file__, CASES)
