"""Which examples rows refuse: where a branch is perhaps not taken, an error counts only if the choice asks for the number.

A number that a row refuses in such a branch is 0 there, so that nothing comes of it where an adjoint is 0, and a truth says that it
is none. The truth goes on to what is computed of the number, through a choice only if its branch is taken; where a number is kept
for other steps, or certain to be needed, the example is refused.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from autograd.compiling.formulas import Formulas, raises
from autograd.compiling.grouping import GATED, Block
from autograd.compiling.loops import Code
from autograd.compiling.tape import CHOOSE, FLOW, TOTAL

__all__ = ["Refusals"]


class Refusals:
    """The numbers of a step in one lane, and whether they are refused; `error` is the address of the flag that rows set."""

    def __init__(self, code: Code, formulas: Formulas, error: str, has_doubts: bool) -> None:
        self.code, self.formulas, self.error = code, formulas, error
        self.doubt = code.place("i32") if has_doubts else ""  # of a row in a branch
        self._missing: dict[Hashable, str] = {}  # by number, whether it is none
        self._found: list[str] = []  # whether a number is none that is needed
        code.add(f"store i32 0, ptr {error}")

    def flag(self) -> str:
        """Whether the numbers are refused."""
        flag = self._is_set(self.error)
        for x in self._found:
            flag = self.code.set(f"or i1 {flag}, {x}")
        return flag

    def of(self, block: Block, keys: Sequence[Hashable], given: Sequence[str], key: Hashable, *, is_certain: bool) -> list[str]:
        """What a member of the block gives, of the numbers `given`, which have these keys; its own first one has `key`."""
        missing = self._inherited(block, [self._missing.get(x, "") for x in keys], given)
        if is_certain or not raises(block):
            found = self.formulas.of(self.code, block, given, self.error)
        else:
            self.code.add(f"store i32 0, ptr {self.doubt}")
            found = self.formulas.of(self.code, block, given, self.doubt)
            own = self._is_set(self.doubt)
            found = [self.code.set(f"select i1 {own}, double 0.0, double {x}") for x in found]
            missing = self._or(missing, own)
        if missing and is_certain:
            self._found.append(missing)
        elif missing:
            self._missing[key] = missing
        return found

    def _is_set(self, flag: str) -> str:
        return self.code.set(f"icmp ne i32 {self.code.set(f'load i32, ptr {flag}')}, 0")

    def _or(self, a: str, b: str) -> str:
        return self.code.set(f"or i1 {a}, {b}") if a and b else a or b

    def _inherited(self, block: Block, missing: Sequence[str], given: Sequence[str]) -> str:
        """Whether an operand that counts is none; empty if none can be."""
        if not any(missing):
            return ""
        if block.kind == CHOOSE:
            test = self.code.set(f"fcmp une double {given[0]}, 0.0")
            a, b = [x or "false" for x in missing[1:]]
            return self._or(missing[0], self.code.set(f"select i1 {test}, i1 {a}, i1 {b}"))
        pairs = block.what[0] if block.kind == TOTAL and block.what is not None else int(block.kind in (FLOW, GATED))
        found = ""
        for k in range(pairs):  # in a product the number counts if the other factor is not 0
            for one, other in ((2 * k, 2 * k + 1), (2 * k + 1, 2 * k)):
                if missing[one]:
                    counts = self._or(missing[other], self.code.set(f"fcmp une double {given[other]}, 0.0"))
                    found = self._or(found, self.code.set(f"and i1 {missing[one]}, {counts}"))
        for x in missing[2 * pairs :]:
            found = self._or(found, x)
        return found
