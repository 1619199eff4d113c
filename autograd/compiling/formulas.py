"""What alike instructions compute of their operands, as lines of LLVM IR: in a loop, or in straight code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.compiling.grouping import GATED, Block
from autograd.compiling.loops import Code
from autograd.compiling.rows import may_refuse
from autograd.compiling.tape import CHOOSE, COMPARE, FLOW, ROW, SLOPES, TOTAL
from autograd.rowcode.entries import Entries
from autograd.rowcode.llvm import ARRAY_TYPE, CLOSED, RELATIONS, number

__all__ = ["Formulas", "raises"]


def raises(block: Block) -> bool:
    """Whether a row of the block refuses some numbers."""
    return block.kind in (ROW, SLOPES) and may_refuse(block.what.row)


class Formulas:
    """The numbers of a block, row by row; `entries` are the functions that it calls."""

    def __init__(self, entries: Entries) -> None:
        self.entries = entries

    def of(self, code: Code, block: Block, given: Sequence[str], error: str) -> list[str]:
        """The numbers that a member of the block gives, of its operands; an error sets the flag at that address."""
        kind, what = block.kind, block.what
        if kind == ROW:
            sign = self.entries.sign(what.row)
            if sign:
                return [code.set(f"{sign} double {', '.join(given)}")]
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
        return [self.total(code, block, given)]

    def total(self, code: Code, block: Block, given: Sequence[str]) -> str:
        """The products of pairs of slots, and the other slots, added up from 0."""
        pairs, divisor = block.what if block.what is not None else (0, 1.0)
        terms = [code.set(f"fmul double {given[2 * k]}, {given[2 * k + 1]}") for k in range(pairs)] + list(given[2 * pairs :])
        total = number(0.0)
        for x in terms:
            total = code.set(f"fadd double {total}, {x}")
        return divided(code, total, divisor)

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


def divided(code: Code, total: str, divisor: float) -> str:
    """The sum over its divisor."""
    return total if divisor == 1.0 else code.set(f"fdiv double {total}, {number(divisor)}")
