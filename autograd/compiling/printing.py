"""A grouped tape as LLVM IR: one function a step, `tiles`, which calls them for one tile of examples after the other, and `run`.

`steps` prints the element-wise steps. A program for a single example has rows of one number, and no tiles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from autograd.compiling.formulas import Formulas, raises
from autograd.compiling.garbage import uncollected
from autograd.compiling.grouping import CERTIFIED, LINEAR, Block, Grouping
from autograd.compiling.layout import Layout, Step
from autograd.compiling.loops import Code, kernels
from autograd.compiling.single import kernels_of_one
from autograd.compiling.steps import GIVEN, PASSED, WIDE, Steps
from autograd.compiling.summing import Sums
from autograd.compiling.tape import ROW, TOTAL, Tape
from autograd.rowcode.entries import Entries
from autograd.rowcode.llvm import number
from autograd.rowcode.machine import vectorised, whole

__all__ = ["ADDRESSES", "BLOCK", "Printed"]

INSTRUCTIONS = 400  # of `tiles` in one function: so LLVM takes time in proportion
ADDRESSES = ("inputs", "fixed", "work", "results", "start", "sums", "partial", "pool")
BLOCK = (
    *ADDRESSES,
    "apart",
    "first",
    "end",
    "stride",
    "most",
    "between",
    "shard",
    "seed",
    "divisor",
)  # what `run` is given, 8 bytes each


class Printed:
    """The text of a program, and what its caller must know: the layout."""

    @uncollected()
    def __init__(
        self,
        tape: Tape,
        roots: Sequence[int],
        sums: Sequence[Sequence[int]],
        parameters: int,
        *,
        exact: bool,
        lanes: int,
        fused: bool,
        single: bool,
        substitutes: Mapping[Callable[..., Any], Callable[..., Any]],
    ) -> None:
        self.tape, self.exact = tape, exact
        self.single = single
        flat = [place for places in sums for place in places]
        self.grouping = Grouping(tape, roots, flat, exact=exact, gathers_slopes=True, single=single, certifies=exact and not single)
        factors = [x for place in flat for x in self.grouping.factors(place)]
        self.layout = Layout(tape, self.grouping, [*roots, *factors], parameters)
        self.entries = Entries(substitutes)
        self.formulas = Formulas(self.entries)
        self.steps = Steps(self.layout, self.formulas, exact=exact, single=single, lanes=lanes, fused=fused)
        self.functions: list[str] = []
        before, inside = Code(), Code()
        for step in self.layout.steps:
            self._step(step, inside if step.blocks[0].moves else before)
        self.totals = Sums(self.layout, self.grouping, sums, exact=exact, table=self.steps.table)
        self.roots = [self.layout.row_of(self.layout.where[root]) for root in roots]
        after = Code()
        self.totals.print(inside, after)
        self.results = len(roots)
        self.may_refuse = any(raises(block) for block in self.grouping.blocks)
        self.functions += [self._tiles(before, inside, after), self._run()]
        others = [*kernels(lanes, fused=fused), *(kernels_of_one() if single else ()), *(() if exact else vectorised(fused=fused))]
        self.text = whole("\n\n".join([*self.functions, self.entries.text(), *self.steps.constants()]), others)

    def _step(self, step: Step, calls: Code) -> None:
        block = step.blocks[0]
        if block.kind == LINEAR and block.moves:
            self._linear(block, calls)
            return
        if block.kind == CERTIFIED:
            self._certified(block, calls)
            return
        name = f"@step.{len(self.functions)}"
        self.functions.append(self.steps.function(Step(_as_total(block)) if block.kind == LINEAR else step, name))
        calls.add(f"call void {name}({PASSED})")

    # ---------------------------------------------------------------------------------------------------------- matrices

    def _linear(self, block: Block, calls: Code) -> None:
        """A matrix of fixed numbers times rows, and what is added to each row of it."""
        added = list(block.slots[1:])
        bias = next((slot for slot in added if self._even(slot)), None)
        if bias is not None:
            added.remove(bias)
        self._product("matrix", block, block.slots[0], bias, calls)
        if added or block.what != 1.0:
            rest = Block(TOTAL, (0, block.what), block.members, (block.members, *added), True)
            self._in_place(rest, calls)

    def _certified(self, block: Block, calls: Code) -> None:
        """The same, with sums that are rounded once: where that is not certain, as the row has it."""
        as_row = block._replace(kind=ROW)
        name = f"@step.{len(self.functions)}"
        if self._even(block.slots[-1]):
            self._product("certified", block, block.inputs, block.slots[-1], calls)
            self.functions.append(self.steps.repaired(as_row, name))
        else:
            self.functions.append(self.steps.function(Step(as_row), name))
        calls.add(f"call void {name}({PASSED})")

    def _even(self, slot: Sequence[int]) -> bool:
        """Whether these are numbers in `fixed` at even distances."""
        indices = [self.layout.where[place].number for place in slot]
        step = indices[1] - indices[0] if len(slot) > 1 else 0
        moves = any(self.layout.where[place].moves for place in slot)
        return not moves and indices == [indices[0] + step * k for k in range(len(slot))]

    def _product(self, kernel: str, block: Block, inputs: Sequence[int], bias: Sequence[int] | None, calls: Code) -> None:
        """The call of a kernel that multiplies the matrix of a block with rows, and adds numbers at even distances."""
        layout, m, n = self.layout, len(block.members), len(inputs)
        a = self._packed([[layout.where[x].number for x in row] for row in block.matrix], calls)
        x = self._rows([layout.row_of(layout.where[place]) for place in inputs], calls)
        places = [layout.where[place].number for place in bias or ()] or [layout.zero]
        b, bs = places[0], places[1] - places[0] if len(places) > 1 else 0
        y = layout.where[block.members[0]].number
        calls.add(
            f"call void @{kernel}(ptr {calls.at('%f', str(a[0]))}, i64 {a[1]}, i64 {a[2]}, ptr {calls.at('%f', str(b))}, i64 {bs}, "
            f"ptr {self._row(calls, x[0])}, i64 {calls.times(str(x[1]), '%stride')}, "
            f"ptr {self._row(calls, y)}, i64 %stride, i64 {m}, i64 {n}, i64 %count)"
        )

    def _in_place(self, rest: Block, calls: Code) -> None:
        """What is added to the rows of a product, and their division."""
        code, name = Code(), f"@step.{len(self.functions)}"
        with code.loop("0", str(len(rest.members))) as (r, _, _):
            lines = [self.steps.line(code, slot, r) for slot in rest.slots]
            with code.loop("0", "%count") as (s, _, _):
                given = [code.number(text, s) if moves else text for moves, text in lines]
                code.add(f"store double {self.formulas.total(code, rest, given)}, ptr {code.at(lines[0][1], s)}")
        self.functions.append(code.function(f"define internal void {name}({GIVEN}) {WIDE}"))
        calls.add(f"call void {name}({PASSED})")

    def _row(self, code: Code, row: int | str) -> str:
        return code.at("%w", code.times(str(row), "%stride"))

    def _packed(self, matrix: Sequence[Sequence[int]], calls: Code) -> tuple[int, int, int]:
        """Where a matrix begins in `fixed`, and the distances of its rows and columns; it is copied if they are not even."""
        m, n = len(matrix), len(matrix[0])
        first = matrix[0][0]
        rs, cs = matrix[1][0] - first if m > 1 else 0, matrix[0][1] - first if n > 1 else 0
        if all(x == first + r * rs + i * cs for r, row in enumerate(matrix) for i, x in enumerate(row)):
            return first, rs, cs
        new = self.layout.new_fixed(m * n)
        self._copied("%f", [x for row in matrix for x in row], new, calls, "1", "1")
        return new, n, 1

    def _rows(self, rows: Sequence[int], calls: Code) -> tuple[int, int]:
        """The first of some rows and their distance; they are copied if it is not even."""
        first, step = rows[0], rows[1] - rows[0] if len(rows) > 1 else 0
        if list(rows) == [first + step * k for k in range(len(rows))]:
            return first, step
        new = self.layout.new_rows(len(rows))
        self._copied("%w", rows, new, calls, "%stride", "%count")
        return new, 1

    def _copied(self, base: str, numbers: Sequence[int], new: int, calls: Code, stride: str, count: str) -> None:
        code, name = Code(), f"@step.{len(self.functions)}"
        with code.loop("0", str(len(numbers))) as (r, _, _):
            source = code.at(base, code.times(self.steps.index(code, numbers, r), stride))
            target = code.at(base, code.times(code.set(f"add i64 {new}, {r}"), stride))
            with code.loop("0", count) as (s, _, _):
                code.add(f"store double {code.number(source, s)}, ptr {code.at(target, s)}")
        self.functions.append(code.function(f"define internal void {name}({GIVEN}) nounwind"))
        calls.add(f"call void {name}({PASSED})")

    # --------------------------------------------------------------------------------------------------------------- run

    def _tiles(self, before: Code, inside: Code, after: Code) -> str:
        """tiles(...): examples in tiles of `most` lanes, the last ones first."""
        code, layout = Code(), self.layout
        apart, between = ("1", "1") if self.single else ("%apart", "%between")
        code.lines += self._cut(before.lines, "before", PASSED, GIVEN)
        filled = code.set("add i64 %n, %most")
        less = code.set(f"sub i64 {filled}, 1")
        tiles = code.set(f"sdiv i64 {less}, %most")
        with code.loop("0", tiles) as (k, _, _):
            turn = code.set(f"sub i64 {code.set(f'sub i64 {tiles}, 1')}, {k}")
            start = code.times(turn, "%most")
            left = code.set(f"sub i64 %n, {start}")
            fits = code.set(f"icmp slt i64 {left}, %most")
            valid = code.set(f"select i1 {fits}, i64 {left}, i64 %most")
            count = "1" if self.single else code.set(f"and i64 {code.set(f'add i64 {valid}, 15')}, -16")
            if self.may_refuse:
                code.add(f"call void @clear(ptr %w, i64 %stride, i64 1, i64 0, i64 {count})")
            for number_, row in _each(code, layout.inputs):
                source = code.at("%in", code.times(number_, apart), start)
                self._copy(code, source, self._row(code, row), valid, count)
            for index, row in _each(code, layout.spread.items()):
                code.add(f"call void @fill(ptr {self._row(code, row)}, double {code.number('%f', index)}, i64 {count})")
            passed = f"ptr %f, ptr %w, i64 %stride, i64 {count}, ptr %p"
            body = self._cut(inside.lines, "inside", PASSED + ", i64 %valid, ptr %g", GIVEN + ", i64 %valid, ptr noalias %g")
            code.lines += [x.replace(PASSED, passed).replace("%valid", valid) for x in body]
            for k_, row in _each(code, enumerate([0, *self.roots])):
                target = code.at("%out", code.times(k_, between), start)
                self._copy(code, self._row(code, row), target, valid, valid)
        given = GIVEN + ", i64 %valid, ptr noalias %g"
        code.lines += [x.replace("%valid", "%n") for x in self._cut(after.lines, "after", PASSED + ", i64 %valid, ptr %g", given)]
        return code.function(
            "define internal void @tiles(ptr noalias %in, i64 %apart, i64 %n, ptr noalias %f, ptr noalias %w, i64 %stride, "
            "i64 %most, ptr noalias %out, i64 %between, ptr noalias %g, ptr noalias %p) nounwind"
        ).replace("entry:", "entry:\n  %count = add i64 0, 1", 1)

    def _run(self) -> str:
        """run(block): the examples of a block, and what their first results, divided, add up to; NaN unless all went well.

        Each shard of the batch has separate sums, and these are added one after the other: so threads give the same bits.
        """
        code, layout, count = Code(), self.layout, self.totals.count
        for k, name in enumerate(BLOCK):
            t = "double" if name in ("seed", "divisor") else "ptr" if name in ADDRESSES else "i64"
            code.add(f"%{name} = load {t}, ptr {code.at('%block', str(k))}")
        n = code.set("sub i64 %end, %first")
        code.add(f"store double %seed, ptr {code.at('%fixed', str(layout.seed))}")
        code.add(f"store double 0.0, ptr {code.at('%fixed', str(layout.refused))}")
        if count:
            code.add(f"call void @copy(ptr %start, ptr %sums, i64 {count}, i64 {count})")
        is_one = code.set(f"icmp sle i64 {n}, %shard")
        target = code.set(f"select i1 {is_one}, ptr %sums, ptr %partial")
        apart = code.set(f"select i1 {is_one}, i64 0, i64 {count}")  # sums of a shard that are not those of all
        with code.loop("%first", "%end", "%shard", [("double", "0.0")]) as (at, (total,), following):
            left = code.set(f"sub i64 %end, {at}")
            fits = code.set(f"icmp slt i64 {left}, %shard")
            here = code.set(f"select i1 {fits}, i64 {left}, i64 %shard")
            code.add(f"call void @clear(ptr {target}, i64 0, i64 1, i64 0, i64 {apart})")
            code.add(
                f"call void @tiles(ptr {code.at('%inputs', at)}, i64 %apart, i64 {here}, ptr %fixed, ptr %work, i64 %stride, "
                f"i64 %most, ptr {code.at('%results', at)}, i64 %between, ptr {target}, ptr %pool)"
            )
            code.add(f"call void @added(ptr %partial, ptr %sums, i64 {apart})")
            first = code.at("%results", "%between", at) if self.results else ""
            mine = code.set(f"call double @summed(ptr {first}, i64 {here})") if self.results else "0.0"
            following.append(code.set(f"fadd double {total}, {mine}"))
        bad = code.set(f"call double @unfinite(ptr %sums, i64 {count})")
        results = code.at("%results", "%first")
        rows, length = (1, str(self.results - 1)) if self.single else (self.results - 1, n)
        with code.loop("0", str(rows if self.results > 1 else 0), 1, [("double", bad)]) as (row, (bad,), following):
            line = code.times(code.set(f"add i64 {row}, 2"), "1" if self.single else "%between")
            found = code.set(f"call double @unfinite(ptr {code.at(results, line)}, i64 {length})")
            following.append(code.set(f"fadd double {bad}, {found}"))
        if self.may_refuse:
            flags = [code.set(f"call double @summed(ptr {results}, i64 {n})"), code.number("%fixed", str(layout.refused))]
            for x in flags:  # 0/0 where an example was refused
                test = code.set(f"fcmp une double {x}, 0.0")
                bad = code.set(f"select i1 {test}, double {number(math.nan)}, double {bad}")
        bad = code.set(f"fadd double {bad}, {code.set(f'fdiv double {total}, %divisor')}")
        return code.function("define double @run(ptr %block) nounwind", f"double {bad}")

    def _copy(self, code: Code, source: str, target: str, valid: str, count: str) -> None:
        """Copy a row, and its last number into the lanes that have no example."""
        if self.single:
            code.add(f"store double {code.set(f'load double, ptr {source}')}, ptr {target}")
        else:
            code.add(f"call void @copy(ptr {source}, ptr {target}, i64 {valid}, i64 {count})")

    def _cut(self, lines: Sequence[str], name: str, passed: str, given: str) -> list[str]:
        """Calls of functions of so many instructions, which have these lines; a cut comes after a call."""
        parts: list[list[str]] = [[]]
        for line in lines:
            parts[-1].append(line)
            if len(parts[-1]) >= INSTRUCTIONS and line.startswith("call void"):
                parts.append([])
        calls = []
        for k, part in enumerate(parts):
            if part:
                made = Code()
                made.lines = part
                self.functions.append(made.function(f"define internal void @{name}.{k}({given}) noinline {WIDE}"))
                calls.append(f"call void @{name}.{k}({passed})")
        return calls


def _each(code: Code, pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    """The pairs as text; of those that follow each other, number by number, one loop is made."""
    runs: list[list[int]] = []
    for a, b in pairs:
        if runs and (a, b) == (runs[-1][0] + runs[-1][2], runs[-1][1] + runs[-1][2]):
            runs[-1][2] += 1
        else:
            runs.append([a, b, 1])
    for a, b, count in runs:
        with code.loop("0", str(count)) as (k, _, _):
            yield code.set(f"add i64 {k}, {a}"), code.set(f"add i64 {k}, {b}")


def _as_total(block: Block) -> Block:
    """A matrix times numbers that no input moves, as sums of products."""
    n = len(block.slots[0])
    pairs = [
        slot for i in range(n) for slot in (tuple([row[i] for row in block.matrix]), (block.slots[0][i],) * len(block.members))
    ]
    return Block(TOTAL, (n, block.what), block.members, (*pairs, *block.slots[1:]), False)
