"""Two hundred thousand random expressions: reverse mode against forward mode, and against the complex step where it applies.

    python bench/thorough.py                       200,000 expressions of up to 20 operations, every row of the table
    python bench/thorough.py --count 1000 --seed 5

Each expression is drawn by a generator of its own seed, trees and graphs with sharing in turn, at a point with 0, ±1 and ±2 on
purpose. One direction t moves all its leaves at once: reverse mode gives Σ ∂f/∂xᵢ·tᵢ, forward mode the same in one pass, the
complex step Im f(x + iht)/h. They may differ by rounding, which is bounded along the graph: 4ε for each operation on the
longest path, times the sum over all paths of |products of local derivatives|. A point at a kink is compared in the two
modes, which share the convention, and not with the complex step, which has none. Exit code 1 if anything disagrees.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import sys
import time
from collections import Counter
from typing import Any

SIDE = 2.0**-80  # of the complex step, relative to the leaf
RTOL = 1e-8


def along(expression: Any, direction: list[float]) -> tuple[float, float, Any]:
    """The derivative in reverse mode, the bound on its rounding, and the nodes."""
    from autograd import toposort

    nodes = expression.nodes()
    leaves, root = nodes[: len(expression.point)], nodes[-1]
    root.backward()
    sizes, lengths = {root: 1.0}, {root: 1}
    for node in reversed(toposort(root)):
        for operand, partial, _, is_open in node.edges:
            if is_open and node in sizes:
                sizes[operand] = sizes.get(operand, 0.0) + sizes[node] * abs(partial)
                lengths[operand] = max(lengths.get(operand, 0), lengths[node] + 1)
    derivative = sum(leaf.grad * t for leaf, t in zip(leaves, direction, strict=True))
    rounding = sum(4.0 * 2.0**-52 * lengths.get(x, 0) * sizes.get(x, 0.0) * abs(t) for x, t in zip(leaves, direction, strict=True))
    return derivative, rounding, nodes


def is_at_kink(node: Any) -> bool:
    """Whether the local derivatives of this node are a convention."""
    if node.op is None or not node.op.kinks:
        return False
    data = tuple([getattr(argument, "data", argument) for argument in node.arguments])
    return any(abs(kink.margin(data) if node.op.variadic else kink.margin(*data)) < 1e-9 for kink in node.op.kinks)


def by_complex_step(expression: Any, direction: list[float]) -> float | None:
    from autograd.checking import Complex

    leaves = [Complex(complex(x, SIDE * t)) for x, t in zip(expression.point, direction, strict=True)]
    try:
        y = expression(*leaves)
    except (TypeError, ValueError, ArithmeticError):  # a row that is not analytic, or beyond the floats
        return None
    slope = y.z.imag / SIDE if type(y) is Complex else 0.0
    return slope if math.isfinite(slope) else None


def agree(a: float, b: float, rounding: float) -> bool:
    if not math.isfinite(a) or not math.isfinite(b):
        return not math.isfinite(a) and not math.isfinite(b)
    return abs(a - b) <= RTOL * max(abs(a), abs(b)) + rounding + SIDE


def main() -> int:
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from autograd.testing import random_expression
    from autograd.transforms import jvp

    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--count", type=int, default=200_000)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--nodes", type=int, default=20)
    options = arguments.parse_args()

    seen: Counter[str] = Counter()
    start = time.perf_counter()
    for number in range(options.seed, options.seed + options.count):
        rng = random.Random(number)
        expression = random_expression(rng, max_nodes=options.nodes, sharing=number % 2 == 0)
        direction = [rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1.5) for _ in expression.point]
        reverse, rounding, nodes = along(expression, direction)
        forward = jvp(lambda *x, f=expression: f(*x), expression.point, direction)[1]
        answers = {"forward mode": forward}
        if math.isfinite(reverse) and not any(map(is_at_kink, nodes)):
            slope = by_complex_step(expression, direction)
            if slope is not None:
                answers["complex step"] = slope
        seen["operations"] += len(expression.steps)
        seen["not finite"] += not math.isfinite(reverse)
        seen["zero"] += reverse == 0.0
        for name, answer in answers.items():
            seen[name] += 1
            if not agree(reverse, answer, rounding):
                seen["disagreements"] += 1
                print(f"--- seed {number}: reverse mode {reverse!r}, {name} {answer!r}, rounding {rounding:.1e}\n{expression}")
    elapsed = time.perf_counter() - start
    average = seen["operations"] / options.count
    print(f"{options.count:,} expressions of {average:.1f} operations on average, seeds from {options.seed}")
    for name in ("forward mode", "complex step", "not finite", "zero", "disagreements"):
        print(f"  {name:<14}{seen[name]:>9,}")
    print(f"  {elapsed:.0f} s")
    return 1 if seen["disagreements"] else 0


if __name__ == "__main__":
    sys.exit(main())
