"""The element-wise steps of a program as functions in LLVM IR: loops over the members of blocks, straight code, long sums.

In a loop over members there is one over the lanes inside, of which LLVM makes vectors; of a single example, or where no input moves
a block, the members are what vectors are made of. The iterations touch different numbers, as the metadata say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby

from autograd.compiling.formulas import Formulas, divided, raises
from autograd.compiling.grouping import GATED, Block
from autograd.compiling.layout import Layout, Step, is_long
from autograd.compiling.loops import Code, Vectors
from autograd.compiling.refusals import Refusals
from autograd.compiling.tape import CONSTANT, SLOPES
from autograd.rowcode.llvm import number

__all__ = ["GIVEN", "PASSED", "WIDE", "Steps"]

GIVEN = "ptr noalias %f, ptr noalias %w, i64 %stride, i64 %count, ptr noalias %p"
WIDE = 'nounwind "prefer-vector-width"="512"'  # a function that becomes a part of its caller has the caller's width
PASSED = "ptr %f, ptr %w, i64 %stride, i64 %count, ptr %p"
APART = ", !llvm.access.group !0"  # of an access that no other iteration of its loop meets
TERMS = 4  # of a long sum that are added in one iteration

Slot = tuple[tuple[int, ...], int]  # one place a member, and which of the numbers there: a row has several partials
Term = tuple[tuple[int, ...], ...]  # one or two slots


class Steps:
    """The functions, and the tables and metadata that they need."""

    def __init__(self, layout: Layout, formulas: Formulas, *, exact: bool, single: bool, lanes: int, fused: bool) -> None:
        self.layout, self.formulas = layout, formulas
        self.exact, self.single, self.lanes, self.fused = exact, single, lanes, fused
        self.stride = "1" if single else "%stride"  # of a single example a row is one number
        self.tables: dict[tuple[int, ...], str] = {}
        self.metadata: list[str] = []

    def constants(self) -> list[str]:
        """The tables and the metadata."""
        lines = [
            f"{name} = private constant [{len(xs)} x i64] [{', '.join([f'i64 {x}' for x in xs])}]"
            for xs, name in self.tables.items()
        ]
        return [*lines, *self.metadata, "!0 = distinct !{}"]

    def table(self, numbers: Sequence[int]) -> str:
        """The name of a table of whole numbers."""
        return self.tables.setdefault(tuple(numbers), f"@table.of.{len(self.tables)}")

    def function(self, step: Step, name: str) -> str:
        """The function of a step."""
        code = Vectors(self.lanes, fused=self.fused)
        if is_long(step.blocks[0]):
            self._long(step.blocks[0], code)
        elif step.is_straight:
            self._straight(step, code)
        else:
            self._members(step, code)
        return code.function(f"define internal void {name}({GIVEN}) {WIDE}{' noinline' if step.is_straight else ''}")

    def repaired(self, block: Block, name: str) -> str:
        """The function that computes a block, which has lanes, where it is NaN."""
        step, code = Step(block), Vectors(self.lanes, fused=self.fused)
        error = code.place("i32")
        with code.loop("0", str(len(block.members))) as (r, _, _):
            lines, targets = self._lines(step, code, r, ""), self._targets(step, code, r)
            with code.loop("0", "%count") as (s, _, _):
                y = code.number(targets[id(block)][0], s)
                is_missing = code.set(f"fcmp uno double {y}, {y}")
                with code.loop("0", code.set(f"zext i1 {is_missing} to i64")):
                    self._refuse(step, code, self._lane(step, code, lines, targets, s, error), s)
        return code.function(f"define internal void {name}({GIVEN}) {WIDE}")

    # ------------------------------------------------------------------------------------------------------------- loops

    def _members(self, step: Step, code: Code) -> None:
        """A loop over the members of blocks, each of which reads the others member by member."""
        error, count = code.place("i32"), str(len(step.blocks[0].members))
        if self._has_lanes(step.blocks[0]):
            with code.loop("0", count) as (r, _, _):
                lines, targets = self._lines(step, code, r, ""), self._targets(step, code, r)
                with self._lanes(step, code) as s:
                    self._refuse(step, code, self._lane(step, code, lines, targets, s, error), s)
            return
        metadata, flags = self._apart(), [("i1", "false")] if any(map(raises, step.blocks)) else []
        with code.loop("0", count, 1, flags, metadata) as (r, refused, following):
            lines, targets = self._lines(step, code, r, APART), self._targets(step, code, r)
            flag = self._lane(step, code, lines, targets, "0", error)
            following += [code.set(f"or i1 {x}, {flag}") for x in refused]
        for x in refused:
            self._refuse_all(code, x)

    def _has_lanes(self, block: Block) -> bool:
        """Whether each member is a row of numbers."""
        return block.moves and not self.single

    def _apart(self) -> str:
        """The metadata of a new loop whose iterations touch different numbers."""
        k = len(self.metadata) + 1
        self.metadata.append(f'!{k} = distinct !{{!{k}, !{{!"llvm.loop.parallel_accesses", !0}}}}')
        return f", !llvm.loop !{k}"

    @contextmanager
    def _lanes(self, step: Step, code: Code) -> Iterator[str]:
        """A loop over the lanes, if there are any."""
        if not self._has_lanes(step.blocks[0]):
            yield "0"
            return
        with code.loop("0", "%count", metadata=self._apart()) as (s, _, _):
            yield s

    def _lines(self, step: Step, code: Code, r: str, end: str) -> dict[Slot, tuple[bool, str]]:
        """Of every slot from outside whether it moves, and the address of its r-th row, or its number."""
        lines: dict[Slot, tuple[bool, str]] = {}
        inside = {block.members for block in step.blocks}
        for block in step.blocks:
            for slot, offset in _slots(block):
                if (slot, offset) not in lines and slot not in inside:
                    lines[slot, offset] = self.line(code, slot, r, offset, end)
        return lines

    def line(self, code: Code, slot: Sequence[int], r: str, offset: int = 0, end: str = "") -> tuple[bool, str]:
        """Of the operands in a slot the address of the r-th row, or its number, which is the same in every lane."""
        constant = self._constant(slot)
        if constant is not None:
            return False, constant
        places = [self.layout.where[x] for x in slot]
        if any(place.moves for place in places):
            row = self.index(code, [self.layout.row_of(place) + offset for place in places], r, end)
            return True, code.at("%w", code.times(row, self.stride))
        address = code.at("%f", self.index(code, [place.number + offset for place in places], r, end))
        return False, code.set(f"load double, ptr {address}{end}")

    def _constant(self, slot: Sequence[int]) -> str | None:
        """The number that all of a slot are, as text."""
        kind, _, what = self.layout.tape.instructions[slot[0]]
        if kind != CONSTANT or any(x != slot[0] for x in slot):
            return None
        return number(0.0 if what is None else what)

    def index(self, code: Code, numbers: Sequence[int], r: str, end: str = "") -> str:
        """The r-th of some whole numbers."""
        first, step = numbers[0], numbers[1] - numbers[0] if len(numbers) > 1 else 0
        if list(numbers) == [first + step * k for k in range(len(numbers))]:
            return str(first) if step == 0 else code.set(f"add i64 {first}, {code.times(r, str(step))}")
        address = code.set(f"getelementptr i64, ptr {self.table(numbers)}, i64 {r}")
        return code.set(f"load i64, ptr {address}{end}")

    def _targets(self, step: Step, code: Code, r: str) -> dict[int, list[str]]:
        """Of every block that is kept the addresses of what a member gives."""
        found: dict[int, list[str]] = {}
        for block in step.blocks:
            if block.members[0] in self.layout.where:
                width = sum(block.what.active) if block.kind == SLOPES else 1
                first = code.set(f"add i64 {self.layout.where[block.members[0]].number}, {code.times(r, str(width))}")
                indices = [first, *[code.set(f"add i64 {first}, {k}") for k in range(1, width)]][:width]
                found[id(block)] = [code.at("%w", code.times(x, self.stride)) if block.moves else code.at("%f", x) for x in indices]
        return found

    def _lane(
        self,
        step: Step,
        code: Code,
        lines: dict[Slot, tuple[bool, str]],
        targets: dict[int, list[str]],
        s: str,
        error: str,
    ) -> str:
        """What the blocks of a step compute in one lane; returns whether a row refused the numbers."""
        made: dict[Slot, str] = {}
        for slot, (moves, text) in lines.items():
            made[slot] = code.set(f"load double, ptr {code.at(text, s)}{APART}") if moves else text
        refusals = Refusals(code, self.formulas, error, self._has_doubts(step))
        for block in step.blocks:
            slots = _slots(block)
            is_certain = block.members[0] in self.layout.tape.certain or id(block) in targets
            found = refusals.of(block, slots, [made[slot] for slot in slots], (block.members, 0), is_certain=is_certain)
            made[block.members, 0] = found[0] if found else ""
            for address, x in zip(targets.get(id(block), ()), found, strict=False):
                code.add(f"store double {x}, ptr {code.at(address, s)}{APART}")
        return refusals.flag()

    def _has_doubts(self, step: Step) -> bool:
        """Whether a row may refuse its numbers in a branch that is perhaps not taken."""
        return any(raises(block) and block.members[0] not in self.layout.tape.certain for block in step.blocks)

    def _refuse(self, step: Step, code: Code, flag: str, s: str) -> None:
        """Mark the example of this lane where the flag is set."""
        if any(map(raises, step.blocks)):
            address = code.at("%w", s)
            old = code.set(f"load double, ptr {address}{APART}")
            code.add(f"store double {code.set(f'select i1 {flag}, double 1.0, double {old}')}, ptr {address}{APART}")

    def _refuse_all(self, code: Code, flag: str) -> None:
        """Mark all examples where the flag is set."""
        address = code.at("%f", str(self.layout.refused))
        old = code.set(f"load double, ptr {address}")
        code.add(f"store double {code.set(f'select i1 {flag}, double 1.0, double {old}')}, ptr {address}")

    # ----------------------------------------------------------------------------------------------------- straight code

    def _straight(self, step: Step, code: Code) -> None:
        """Every member of every block by itself; what the step made, or read, it does not read again."""
        error = code.place("i32")
        made: dict[tuple[int, int], str] = {}
        with self._lanes(step, code) as s:
            refusals = Refusals(code, self.formulas, error, self._has_doubts(step))
            for block in step.blocks:
                offset = block.what if block.kind == GATED else 0
                for r, place in enumerate(block.members):
                    given, keys = [], []
                    for k, slot in enumerate(block.slots):
                        key = slot[r], offset if k == 1 else 0
                        if key not in made:
                            moves, text = self.line(code, slot[r : r + 1], "0", key[1], APART)
                            made[key] = code.set(f"load double, ptr {code.at(text, s)}{APART}") if moves else text
                        given.append(made[key])
                        keys.append(key)
                    is_certain = place in self.layout.tape.certain or place in self.layout.where
                    for k, x in enumerate(refusals.of(block, keys, given, (place, 0), is_certain=is_certain)):
                        made[place, k] = x
                        self._keep(code, place, k, x, s)
            if self._has_lanes(step.blocks[0]):
                self._refuse(step, code, refusals.flag(), s)
            elif any(map(raises, step.blocks)):
                self._refuse_all(code, refusals.flag())

    def _keep(self, code: Code, place: int, k: int, x: str, s: str) -> None:
        """Store a number where another step reads it, if one does."""
        where = self.layout.where.get(place)
        if where is not None:
            index = str(where.number + k)
            address = code.at("%w", code.times(index, self.stride), s) if where.moves else code.at("%f", index)
            code.add(f"store double {x}, ptr {address}{APART}")

    # --------------------------------------------------------------------------------------------------------- long sums

    def _long(self, block: Block, code: Vectors) -> None:
        """Sums of many products and of many numbers, as a loop over these for each member."""
        pairs, divisor = block.what if block.what is not None else (0, 1.0)
        terms: list[Term] = [block.slots[2 * k : 2 * k + 2] for k in range(pairs)]
        terms += [(slot,) for slot in block.slots[2 * pairs :]]
        if not self.exact:
            terms.sort(key=self._kind)  # those with factors of one kind are one loop
        parts = [list(part) for _, part in groupby(terms, self._kind)]
        with code.loop("0", str(len(block.members))) as (r, _, _):
            (target,) = self._targets(Step(block), code, r)[id(block)]
            if not self._has_lanes(block):
                total = number(0.0)
                for part in parts:
                    total = self._summed(code, part, r, total)
                code.add(f"store double {divided(code, total, divisor)}, ptr {target}")
                return
            code.add(f"call void @fill(ptr {target}, double 0.0, i64 %count)")
            for part in parts:
                self._added(code, part, r, target)
            if divisor != 1.0:
                with self._lanes(Step(block), code) as s:
                    code.add(f"store double {divided(code, code.number(target, s), divisor)}, ptr {code.at(target, s)}")

    def _kind(self, term: Term) -> tuple[bool, ...]:
        """Which factors of a term move."""
        return tuple([any(self.layout.where[x].moves for x in slot) for slot in term])

    def _numbers(self, part: Sequence[Term]) -> list[tuple[str, list[list[int]]]]:
        """For each factor of the terms the array that it is in, and its indices, a list for each member."""
        found = []
        for slots, moves in zip(zip(*part, strict=True), self._kind(part[0]), strict=True):
            where = [[self.layout.where[x] for x in slot] for slot in slots]
            columns = [[self.layout.row_of(x) if moves else x.number for x in column] for column in where]
            found.append(("%w" if moves else "%f", [list(row) for row in zip(*columns, strict=True)]))
        return found

    def _summed(self, code: Vectors, part: Sequence[Term], r: str, total: str) -> str:
        """The sum of some terms of one member and a number."""
        factors, n, done = self._numbers(part), len(part), 0
        if not self.exact and all(_even(numbers)[1:] == (True, 1) for _, numbers in factors):
            done = n - n % code.lanes
            with code.loop("0", str(done), code.lanes, [(code.t, "zeroinitializer")]) as (k, (sums,), following):
                a, *b = [code.load(code.at(base, self._index_of(code, xs, r, k))) for base, xs in factors]
                following.append(code.plus_product(a, b[0], sums) if b else code.set(f"fadd {code.t} {sums}, {a}"))
            total = code.set(f"fadd double {total}, {code.total(sums)}")
        whole = n - (n - done) % TERMS
        with code.loop(str(done), str(whole), TERMS, [("double", total)]) as (k, (total,), following):
            following.append(self._plus(code, factors, r, k, total, TERMS, ""))
        return self._plus(code, factors, r, str(whole), total, n - whole, "")

    def _added(self, code: Vectors, part: Sequence[Term], r: str, target: str) -> None:
        """Add some terms of one member to a row."""
        factors, n = self._numbers(part), len(part)
        whole = n - n % TERMS

        def add(k: str, count: int) -> None:
            with code.loop("0", "%count", metadata=self._apart()) as (s, _, _):
                address = code.at(target, s)
                old = code.set(f"load double, ptr {address}{APART}")
                code.add(f"store double {self._plus(code, factors, r, k, old, count, s)}, ptr {address}{APART}")

        with code.loop("0", str(whole), TERMS) as (k, _, _):
            add(k, TERMS)
        if n > whole:
            add(str(whole), n - whole)

    def _plus(
        self, code: Code, factors: Sequence[tuple[str, list[list[int]]]], r: str, k: str, total: str, count: int, s: str
    ) -> str:
        """A number and some terms, from the k-th on, in a lane."""
        for j in range(count):
            turn = code.set(f"add i64 {k}, {j}")
            given = []
            for base, numbers in factors:
                index = self._index_of(code, numbers, r, turn)
                address = (
                    code.at(base, code.times(index, self.stride), *([s] if s else [])) if base == "%w" else code.at(base, index)
                )
                given.append(code.set(f"load double, ptr {address}{APART}"))
            term = code.set(f"fmul double {given[0]}, {given[1]}") if len(given) == 2 else given[0]
            total = code.set(f"fadd double {total}, {term}")
        return total

    def _index_of(self, code: Code, numbers: list[list[int]], r: str, k: str) -> str:
        """The k-th index of the r-th member."""
        down, is_even, right = _even(numbers)
        if is_even:
            row = code.set(f"add i64 {numbers[0][0]}, {code.times(r, str(down))}")
            return code.set(f"add i64 {row}, {code.times(k, str(right))}")
        line = code.set(f"add i64 {k}, {code.times(r, str(len(numbers[0])))}")
        address = code.set(f"getelementptr i64, ptr {self.table([x for row in numbers for x in row])}, i64 {line}")
        return code.set(f"load i64, ptr {address}{APART}")


def _even(numbers: list[list[int]]) -> tuple[int, bool, int]:
    """The distance of the rows of a matrix, whether all distances are even, and the distance of its columns."""
    first = numbers[0][0]
    down = numbers[1][0] - first if len(numbers) > 1 else 0
    right = numbers[0][1] - first if len(numbers[0]) > 1 else 0
    n = len(numbers[0])
    is_even = all(row == [first + down * r + right * k for k in range(n)] for r, row in enumerate(numbers))
    return down, is_even, right


def _slots(block: Block) -> list[Slot]:
    """The slots of a block; the partials of a row are numbers after each other, of which a gate takes one."""
    return [(slot, block.what if block.kind == GATED and k == 1 else 0) for k, slot in enumerate(block.slots)]
