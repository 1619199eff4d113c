"""A grouped tape as LLVM IR: one function a step, `tiles`, which calls them for one tile of examples after the other, and `run`.

A loop over the members of a block has a loop over the lanes inside, of which LLVM makes vectors: its iterations touch different
numbers, as the metadata say. Rows are called through `rowcode.entries`, and become a part of the loop where they are straight code.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd.compiling.grouping import GATED, LINEAR, Block, Grouping
from autograd.compiling.layout import Layout, Step, Where
from autograd.compiling.loops import Code, kernels
from autograd.compiling.rows import may_refuse
from autograd.compiling.summing import Sums
from autograd.compiling.tape import CHOOSE, COMPARE, FLOW, ROW, SLOPES, TOTAL, Tape
from autograd.rowcode.entries import Entries
from autograd.rowcode.llvm import ARRAY_TYPE, CLOSED, RELATIONS, number
from autograd.rowcode.machine import vectorised, whole

__all__ = ["ADDRESSES", "BLOCK", "Printed", "Unsuited"]

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
GIVEN = "ptr noalias %f, ptr noalias %w, i64 %stride, i64 %count, ptr noalias %p"
WIDE = 'nounwind "prefer-vector-width"="512"'  # a function that becomes a part of its caller has the caller's width
PASSED = "ptr %f, ptr %w, i64 %stride, i64 %count, ptr %p"


class Unsuited(Exception):
    """A program that is not printed; the message names the reason."""


class Printed:
    """The text of a program, and what its caller must know: the layout."""

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
        substitutes: Mapping[Callable[..., Any], Callable[..., Any]],
    ) -> None:
        self.tape, self.exact = tape, exact
        flat = [place for places in sums for place in places]
        self.grouping = Grouping(tape, roots, flat, exact=exact, gathers_slopes=True)
        for block in self.grouping.blocks:
            if block.kind in (ROW, SLOPES) and block.members[0] not in tape.certain and may_refuse(block.what.row):
                raise Unsuited(f"{block.what.row.__name__} may raise in a branch that is perhaps not taken")
        factors = [x for place in flat for x in self.grouping.factors(place)]
        self.layout = Layout(tape, self.grouping, [*roots, *factors], parameters)
        self.entries = Entries(substitutes)
        self.functions: list[str] = []
        self.metadata: list[str] = []
        self.tables: dict[tuple[int, ...], str] = {}
        self.may_refuse = False  # whether a row may refuse an example
        before, inside = Code(), Code()
        for step in self.layout.steps:
            self._step(step, inside if step.blocks[0].moves else before)
        self.totals = Sums(self.layout, self.grouping, sums, exact=exact, table=self.table)
        self.roots = [self.layout.row_of(self.layout.where[root]) for root in roots]
        after = Code()
        self.totals.print(inside, after)
        self.results = len(roots)
        self.functions += [self._tiles(before, inside, after), self._run()]
        others = [*kernels(lanes, fused=fused), *(() if exact else vectorised(fused=fused))]
        self.text = whole("\n\n".join([*self.functions, self.entries.text(), *self._constants()]), others)

    def table(self, numbers: Sequence[int]) -> str:
        """The name of a table of whole numbers."""
        return self.tables.setdefault(tuple(numbers), f"@table.of.{len(self.tables)}")

    def _constants(self) -> list[str]:
        lines = [
            f"{name} = private constant [{len(xs)} x i64] [{', '.join([f'i64 {x}' for x in xs])}]"
            for xs, name in self.tables.items()
        ]
        return [*lines, *self.metadata, "!0 = distinct !{}"]

    # ------------------------------------------------------------------------------------------------------------- steps

    def _step(self, step: Step, calls: Code) -> None:
        name = f"@step.{len(self.functions)}"
        block = step.blocks[0]
        if block.kind == LINEAR and block.moves:
            self._linear(block, calls)
            return
        if block.kind == LINEAR:
            step = Step(_as_total(block))
        code = Code()
        self._members(step, code)
        self.functions.append(code.function(f"define internal void {name}({GIVEN}) {WIDE}"))
        calls.add(f"call void {name}({PASSED})")

    def _members(self, step: Step, code: Code) -> None:
        """The loops of a step: over its members, and over the lanes."""
        count, moves = len(step.blocks[0].members), step.blocks[0].moves
        error = code.place("i32")
        loop = len(self.metadata) + 1
        with code.loop("0", str(count)) as (r, _, _):
            lines: dict[Any, tuple[bool, str]] = {}  # of every slot from outside whether it moves, and its address or its number
            inside = {block.members for block in step.blocks}
            for block in step.blocks:
                for slot, offset in _slots(block):
                    if (slot, offset) not in lines and slot not in inside:
                        lines[slot, offset] = self._line(code, [self.layout.where[x] for x in slot], r, offset)
            targets = {id(block): self._target(code, block, r) for block in step.blocks if block.members[0] in self.layout.where}
            if not moves:
                self._lane(step, code, lines, targets, "0", error, "")
                return
            self.metadata.append(f'!{loop} = distinct !{{!{loop}, !{{!"llvm.loop.parallel_accesses", !0}}}}')
            with code.loop("0", "%count", metadata=f", !llvm.loop !{loop}") as (s, _, _):
                self._lane(step, code, lines, targets, s, error, ", !llvm.access.group !0")

    def _line(self, code: Code, places: Sequence[Where], r: str, offset: int = 0) -> tuple[bool, str]:
        """Of the operands in a slot the address of the r-th row, or its number, which is the same in every lane."""
        if any(place.moves for place in places):
            row = self._index(code, [self.layout.row_of(place) + offset for place in places], r)
            return True, code.at("%w", code.times(row, "%stride"))
        return False, code.number("%f", self._index(code, [place.number + offset for place in places], r))

    def _index(self, code: Code, numbers: Sequence[int], r: str) -> str:
        """The r-th of some whole numbers."""
        first, step = numbers[0], numbers[1] - numbers[0] if len(numbers) > 1 else 0
        if list(numbers) == [first + step * k for k in range(len(numbers))]:
            return str(first) if step == 0 else code.set(f"add i64 {first}, {code.times(r, str(step))}")
        address = code.set(f"getelementptr i64, ptr {self.table(numbers)}, i64 {r}")
        return code.set(f"load i64, ptr {address}")

    def _target(self, code: Code, block: Block, r: str) -> list[str]:
        """The addresses of what a member gives."""
        width = sum(block.what.active) if block.kind == SLOPES else 1
        first = self.layout.where[block.members[0]].number
        index = code.set(f"add i64 {first}, {code.times(r, str(width))}")
        numbers = [index, *[code.set(f"add i64 {index}, {k}") for k in range(1, width)]]
        return [code.at("%w", code.times(x, "%stride")) if block.moves else code.at("%f", x) for x in numbers[:width]]

    def _lane(
        self,
        step: Step,
        code: Code,
        lines: dict[Any, tuple[bool, str]],
        targets: dict[int, list[str]],
        s: str,
        error: str,
        end: str,
    ) -> None:
        """What the blocks of a step compute in one lane."""
        made: dict[Any, str] = {}
        for slot, (moves, text) in lines.items():
            made[slot] = code.set(f"load double, ptr {code.at(text, s)}{end}") if moves else text
        raises = any(block.kind in (ROW, SLOPES) and may_refuse(block.what.row) for block in step.blocks)
        self.may_refuse |= raises
        code.add(f"store i32 0, ptr {error}")
        for block in step.blocks:
            found = self._value(code, block, [made[slot] for slot in _slots(block)], error)
            made[block.members, 0] = found[0] if found else ""
            for address, x in zip(targets.get(id(block), ()), found, strict=False):
                code.add(f"store double {x}, ptr {code.at(address, s)}{end}")
        if raises:
            flag = code.set(f"icmp ne i32 {code.set(f'load i32, ptr {error}')}, 0")
            if end:
                old = code.set(f"load double, ptr {code.at('%w', s)}{end}")
                code.add(f"store double {code.set(f'select i1 {flag}, double 1.0, double {old}')}, ptr {code.at('%w', s)}{end}")
            else:  # no example has it: all are refused
                address = code.at("%f", str(self.layout.refused))
                old = code.number("%f", str(self.layout.refused))
                code.add(f"store double {code.set(f'select i1 {flag}, double 1.0, double {old}')}, ptr {address}")

    def _value(self, code: Code, block: Block, given: list[str], error: str) -> list[str]:
        """The numbers that a block gives, of its operands."""
        kind, what = block.kind, block.what
        if kind == ROW:
            name = self.entries.value(what.row, what.parameters, len(given))
            return [code.set(f"call double {name}({self._arguments(code, what.row, given, error)})")]
        if kind == SLOPES:
            *operands, y = given
            name, width = self.entries.slopes(what.row, what.parameters, what.active), sum(what.active)
            out = code.place(f"[{width} x double]")
            code.add(f"call void {name}({self._arguments(code, what.row, operands, error)}, double {y}, ptr {out})")
            return [code.number(out, str(k)) for k in range(width)]
        if kind == COMPARE:
            return [code.set(f"uitofp i1 {code.set(f'fcmp {RELATIONS[what]} double {given[0]}, {given[1]}')} to double")]
        if kind == CHOOSE:
            test = code.set(f"fcmp une double {given[0]}, 0.0")
            return [code.set(f"select i1 {test}, double {given[1]}, double {given[2]}")]
        if kind == FLOW:
            return [code.set(f"fmul double {given[0]}, {given[1]}")]
        if kind == GATED:
            pattern = code.set(f"bitcast double {given[1]} to i64")
            closed = code.set(f"icmp eq i64 {pattern}, {int(CLOSED, 16)}")
            return [code.set(f"select i1 {closed}, double 0.0, double {code.set(f'fmul double {given[0]}, {given[1]}')}")]
        assert kind == TOTAL
        return [self._total(code, block, given)]

    def _arguments(self, code: Code, row: Any, given: Sequence[str], error: str) -> str:
        both = [f"ptr {error}", "ptr %p"]
        if not row.variadic:
            return ", ".join([*both, *[f"double {x}" for x in given]])
        numbers = code.place(f"[{max(len(given), 1)} x double]")
        code.add("store i64 0, ptr %p")  # the pool is empty again
        for k, x in enumerate(given):
            code.add(f"store double {x}, ptr {code.at(numbers, str(k))}")
        array = code.set(f"insertvalue {ARRAY_TYPE} undef, ptr {numbers}, 0")
        for part in (1, 2):
            array = code.set(f"insertvalue {ARRAY_TYPE} {array}, i64 {len(given)}, {part}")
        return ", ".join([*both, f"{ARRAY_TYPE} {array}"])

    def _total(self, code: Code, block: Block, given: Sequence[str]) -> str:
        """The products of pairs of slots, and the other slots, added up from 0."""
        pairs, divisor = block.what if block.what is not None else (0, 1.0)
        terms = [code.set(f"fmul double {given[2 * k]}, {given[2 * k + 1]}") for k in range(pairs)] + list(given[2 * pairs :])
        total = number(0.0)
        for x in terms:
            total = code.set(f"fadd double {total}, {x}")
        return total if divisor == 1.0 else code.set(f"fdiv double {total}, {number(divisor)}")

    # ---------------------------------------------------------------------------------------------------------- matrices

    def _linear(self, block: Block, calls: Code) -> None:
        """A matrix of fixed numbers times rows, and what is added to each row of it."""
        layout, m, n = self.layout, len(block.members), len(block.slots[0])
        a = self._packed([[layout.where[x].number for x in row] for row in block.matrix], calls)
        x = self._rows([layout.row_of(layout.where[place]) for place in block.slots[0]], calls)
        added = list(block.slots[1:])
        b, bs = layout.zero, 0
        for slot in added:
            indices = [layout.where[place].number for place in slot]
            step = indices[1] - indices[0] if m > 1 else 0
            if not any(layout.where[place].moves for place in slot) and indices == [indices[0] + step * k for k in range(m)]:
                b, bs = indices[0], step
                added.remove(slot)
                break
        y = layout.where[block.members[0]].number
        calls.add(
            f"call void @matrix(ptr {calls.at('%f', str(a[0]))}, i64 {a[1]}, i64 {a[2]}, ptr {calls.at('%f', str(b))}, i64 {bs}, "
            f"ptr {self._row(calls, x[0])}, i64 {calls.times(str(x[1]), '%stride')}, "
            f"ptr {self._row(calls, y)}, i64 %stride, i64 {m}, i64 {n}, i64 %count)"
        )
        if added or block.what != 1.0:
            rest = Block(TOTAL, (0, block.what), block.members, (block.members, *added), True)
            self._in_place(rest, calls)

    def _in_place(self, rest: Block, calls: Code) -> None:
        """What is added to the rows of a product, and their division."""
        code, name = Code(), f"@step.{len(self.functions)}"
        with code.loop("0", str(len(rest.members))) as (r, _, _):
            lines = [self._line(code, [self.layout.where[x] for x in slot], r) for slot in rest.slots]
            with code.loop("0", "%count") as (s, _, _):
                given = [code.number(text, s) if moves else text for moves, text in lines]
                code.add(f"store double {self._total(code, rest, given)}, ptr {code.at(lines[0][1], s)}")
        self.functions.append(code.function(f"define internal void {name}({GIVEN}) {WIDE}"))
        calls.add(f"call void {name}({PASSED})")

    def _row(self, code: Code, row: int) -> str:
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
            source = code.at(base, code.times(self._index(code, numbers, r), stride))
            target = code.at(base, code.times(code.set(f"add i64 {new}, {r}"), stride))
            with code.loop("0", count) as (s, _, _):
                code.add(f"store double {code.number(source, s)}, ptr {code.at(target, s)}")
        self.functions.append(code.function(f"define internal void {name}({GIVEN}) nounwind"))
        calls.add(f"call void {name}({PASSED})")

    # --------------------------------------------------------------------------------------------------------------- run

    def _tiles(self, before: Code, inside: Code, after: Code) -> str:
        """tiles(...): examples in tiles of `most` lanes, the last ones first."""
        code, layout = Code(), self.layout
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
            count = code.set(f"and i64 {code.set(f'add i64 {valid}, 15')}, -16")
            if self.may_refuse:
                code.add(f"call void @clear(ptr %w, i64 %stride, i64 1, i64 0, i64 {count})")
            for number_, row in layout.inputs:
                source = code.at("%in", code.times(str(number_), "%apart"), start)
                code.add(f"call void @copy(ptr {source}, ptr {self._row(code, row)}, i64 {valid}, i64 {count})")
            for index, row in layout.spread.items():
                code.add(f"call void @fill(ptr {self._row(code, row)}, double {code.number('%f', str(index))}, i64 {count})")
            passed = f"ptr %f, ptr %w, i64 %stride, i64 {count}, ptr %p"
            body = self._cut(inside.lines, "inside", PASSED + ", i64 %valid, ptr %g", GIVEN + ", i64 %valid, ptr noalias %g")
            code.lines += [x.replace(PASSED, passed).replace("%valid", valid) for x in body]
            for k_, row in enumerate([0, *self.roots]):
                if row or self.may_refuse:
                    target = code.at("%out", code.times(str(k_), "%between"), start)
                    code.add(f"call void @copy(ptr {self._row(code, row)}, ptr {target}, i64 {valid}, i64 {valid})")
        given = GIVEN + ", i64 %valid, ptr noalias %g"
        code.lines += [x.replace("%valid", "%n") for x in self._cut(after.lines, "after", PASSED + ", i64 %valid, ptr %g", given)]
        return code.function(
            "define internal void @tiles(ptr noalias %in, i64 %apart, i64 %n, ptr noalias %f, ptr noalias %w, i64 %stride, "
            "i64 %most, ptr noalias %out, i64 %between, ptr noalias %g, ptr noalias %p) nounwind"
        ).replace("entry:", "entry:\n  %count = add i64 0, 1", 1)

    def _run(self) -> str:
        """run(block): the examples of a block, and what their first results, divided, add up to; NaN unless all went well.

        Shards of the batch have sums of their own, which are added one after the other: so threads give the same bits.
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
        with code.loop("2", str(self.results + 1), 1, [("double", bad)]) as (row, (bad,), following):
            found = code.set(f"call double @unfinite(ptr {code.at(results, code.times(row, '%between'))}, i64 {n})")
            following.append(code.set(f"fadd double {bad}, {found}"))
        if self.may_refuse:
            flags = [code.set(f"call double @summed(ptr {results}, i64 {n})"), code.number("%fixed", str(layout.refused))]
            for x in flags:  # 0/0 where an example was refused
                test = code.set(f"fcmp une double {x}, 0.0")
                bad = code.set(f"select i1 {test}, double {number(math.nan)}, double {bad}")
        bad = code.set(f"fadd double {bad}, {code.set(f'fdiv double {total}, %divisor')}")
        return code.function("define double @run(ptr %block) nounwind", f"double {bad}")

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


def _slots(block: Block) -> list[tuple[tuple[int, ...], int]]:
    """The slots of a block; the partials of a row are numbers after each other, of which a gate takes one."""
    return [(slot, block.what if block.kind == GATED and k == 1 else 0) for k, slot in enumerate(block.slots)]


def _as_total(block: Block) -> Block:
    """A matrix times numbers that no input moves, as sums of products."""
    n = len(block.slots[0])
    pairs = [
        slot for i in range(n) for slot in (tuple([row[i] for row in block.matrix]), (block.slots[0][i],) * len(block.members))
    ]
    return Block(TOTAL, (n, block.what), block.members, (*pairs, *block.slots[1:]), False)
