"""The sums over all examples that a program gives, as LLVM IR: blocks of products of rows, single rows, and numbers that are fixed.

Products of each row of one list with each row of another are one matrix of sums. In exact mode every sum is added from the last
example to the first, each flow in the order of a graph's sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

from autograd.compiling.grouping import Grouping
from autograd.compiling.layout import Layout, Where
from autograd.compiling.loops import Code

__all__ = ["Sums", "matrices"]

Single = tuple[int, int, int]  # a row or a number, a factor in `fixed`, the sum


class Sums:
    """What is to be added to which sum."""

    def __init__(
        self,
        layout: Layout,
        grouping: Grouping,
        sums: Sequence[Sequence[int]],
        *,
        exact: bool,
        table: Callable[[Sequence[int]], str],
    ) -> None:
        self.layout, self.table, self.count = layout, table, len(sums)
        self.ordered: list[list[tuple[int, ...]]] | None = None  # for each sum pairs of rows
        self.singles: list[Single] = []
        self.fixed: list[Single] = []
        self.products: list[tuple[int, int, int]] = []  # two rows and the sum
        if exact:
            self.ordered = [[self._pair(grouping.factors(place)) for place in places] for places in sums]
            return
        for target, places in enumerate(sums):
            for place in places:
                found = sorted([layout.where[x] for x in grouping.factors(place)], key=lambda where: not where.moves)
                moving = [where.number for where in found if where.moves]
                factor = [where.number for where in found if not where.moves]
                if len(moving) == 2:
                    self.products.append((moving[0], moving[1], target))
                elif moving:
                    self.singles.append((moving[0], *(factor or [layout.one]), target))  # type: ignore[arg-type]
                else:
                    self.fixed.append((factor[0], *(factor[1:] or [layout.one]), target))  # type: ignore[arg-type]
        self.scratch = 0
        self.blocks = matrices(self.products)
        for rows, columns, targets in self.blocks:
            if _even([targets[r][c] for r in range(len(rows)) for c in range(len(columns))], len(columns)) is None:
                self.scratch = max(self.scratch, len(rows) * len(columns))

    def print(self, inside: Code, after: Code) -> None:
        """Write the calls for a tile, and those after all tiles."""
        if self.ordered is not None:
            self._in_order(self.ordered, inside)
            return
        scratch = self.layout.new_fixed(self.scratch)
        cleared: set[int] = set()
        for rows_, columns, targets in self.blocks:
            self._block(rows_, columns, targets, scratch, cleared, inside)
        if self.singles:
            a, b, c = [self.table(x) for x in zip(*self.singles, strict=True)]
            call = f"ptr %w, i64 %stride, ptr {a}, ptr %f, ptr {b}, ptr %g, ptr {c}, i64 {len(self.singles)}, i64 %valid"
            inside.add(f"call void @row_sums({call})")
        if self.fixed:
            a, b, c = [self.table(x) for x in zip(*self.fixed, strict=True)]
            after.add(f"call void @fixed_sums(ptr %f, ptr {a}, ptr {b}, ptr %g, ptr {c}, i64 {len(self.fixed)}, i64 %valid)")

    def _pair(self, factors: Sequence[int]) -> tuple[int, ...]:
        """The rows of two factors, or of one and of ones, times which a number keeps its bits."""
        rows = [self.layout.row_of(self.layout.where[x]) for x in factors]
        return (*rows, self.layout.row_of(Where(False, self.layout.one)))[:2]

    def _in_order(self, sums: Sequence[Sequence[tuple[int, ...]]], code: Code) -> None:
        alone = [k for k, pairs in enumerate(sums) if len(pairs) == 1]
        several = [k for k, pairs in enumerate(sums) if len(pairs) > 1]
        for name, targets in (("ordered_alone", alone), ("ordered", several)):
            if targets:
                tables = [self.table(x) for x in zip(*[pair for k in targets for pair in sums[k]], strict=True)]
                if targets is several:
                    tables.append(self.table([0, *accumulate([len(sums[k]) for k in several])]))
                given = ", ".join([f"ptr {x}" for x in [*tables, "%g", self.table(targets)]])
                code.add(f"call void @{name}(ptr %w, i64 %stride, {given}, i64 {len(targets)}, i64 %valid)")

    def _block(
        self, rows: Sequence[int], columns: Sequence[int], targets: list[list[int]], scratch: int, cleared: set[int], code: Code
    ) -> None:
        for d, many in _runs(rows):
            step = d[1]
            for x, others in _runs(columns):
                part = [targets[r][c] for r in many for c in others]
                even = _even(part, len(others))
                fresh = [rows[r] for r in many if rows[r] not in cleared]
                if fresh:
                    cleared.update(fresh)
                    for row in fresh if abs(step) != 1 else [min(rows[r] for r in many)]:
                        count = 1 if abs(step) != 1 else len(many)
                        line = code.at("%w", code.times(str(row), "%stride"))
                        code.add(f"call void @clear(ptr {line}, i64 %stride, i64 {count}, i64 %valid, i64 %count)")
                first, gr, gc = even or (scratch, len(others), 1)
                if not even:
                    code.add(f"call void @clear(ptr {code.at('%f', str(first))}, i64 0, i64 1, i64 0, i64 {len(part)})")
                given = [
                    f"ptr {code.at('%w', code.times(str(start), '%stride'))}, i64 {code.times(str(gap), '%stride')}"
                    for start, gap in (d, x)
                ]
                base = code.at("%g" if even else "%f", str(first))
                sizes = f"i64 {gr}, i64 {gc}, i64 {len(many)}, i64 {len(others)}, i64 %count"
                code.add(f"call void @products({', '.join(given)}, ptr {base}, {sizes})")
                if not even:
                    code.add(
                        f"call void @scattered(ptr {code.at('%f', str(first))}, ptr {self.table(part)}, ptr %g, i64 {len(part)})"
                    )


def matrices(products: Sequence[tuple[int, int, int]]) -> list[tuple[list[int], list[int], list[list[int]]]]:
    """Products of rows as matrices: rows, columns, and for each pair of them the number of its sum; each product is in one."""
    rounds: list[dict[int, dict[int, int]]] = []
    turn: dict[tuple[int, int], int] = {}
    for a, b, target in products:
        k = turn[a, b] = turn.get((a, b), -1) + 1
        if k == len(rounds):
            rounds.append({})
        rounds[k].setdefault(a, {})[b] = target
    blocks = []
    for each in rounds:
        alike: dict[tuple[int, ...], list[int]] = {}
        for a, targets in each.items():
            alike.setdefault(tuple(sorted(targets)), []).append(a)
        for columns, rows in alike.items():
            rows.sort()
            blocks.append((rows, list(columns), [[each[a][b] for b in columns] for a in rows]))
    return blocks


def _runs(rows: Sequence[int]) -> list[tuple[tuple[int, int], list[int]]]:
    """The rows in pieces of even distance: the first row and the distance, and which of the rows they are."""
    found: list[tuple[tuple[int, int], list[int]]] = []
    k = 0
    while k < len(rows):
        step = rows[k + 1] - rows[k] if k + 1 < len(rows) else 1
        last = k
        while last + 1 < len(rows) and rows[last + 1] - rows[last] == step:
            last += 1
        found.append(((rows[k], step), list(range(k, last + 1))))
        k = last + 1
    return found


def _even(numbers: Sequence[int], width: int) -> tuple[int, int, int] | None:
    """The first number of a matrix and the distances of its rows and columns, if they are even."""
    first = numbers[0]
    down = numbers[width] - first if len(numbers) > width else 0
    right = numbers[1] - first if width > 1 else 0
    if all(x == first + (k // width) * down + (k % width) * right for k, x in enumerate(numbers)):
        return first, down, right
    return None
