"""A program as JavaScript: a script that runs the tape over typed arrays, an example at a time, forward and in reverse.

    >>> text = script_of(lambda x, y: x * y + x, [0, 1], [])
    >>> print(text[text.index("    for (let k") : text.index("    for (let k = 0; k < 1")])
        for (let k = 0; k < 2; k++) memory[k] = inputs[2 * example + k];
        {
          const $0 = memory[0];
          const $1 = memory[1];
          const $2 = $0 * $1;
          memory[2] = $2 + $0;
        }
    <BLANKLINE>

The script defines one function, `makeProgram(most)`, which gives an object with room for `most` examples:

    parameters      Float64Array: the numbers that they have now; who trains writes here
    inputs          Float64Array, examples × k: the numbers of one example after the other, in the order of the arguments
    run(count)      computes the first `count` examples, else all, and returns the mean, or the sum, of their results
    values          Float64Array, examples × results
    gradient        Float64Array: the derivatives of the mean, or the sum, by the parameters
    inputGradient   Float64Array, examples × k: those by the inputs

Blocks of alike instructions are loops, so the text is short however wide the layers are. Where a row refuses an example, `run`
throws an Error that names both, with the name of Python's exception, and the arrays are as before. Where a branch refuses that
`where` takes as a function, the result is NaN if the branch is taken.

Start reading at `script_of`, then `Script.step`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from string import Template
from typing import Any

from autograd.compiling.grouping import GATED, LINEAR, Block, Grouping
from autograd.compiling.rows import SUBSTITUTES, may_refuse
from autograd.compiling.summing import matrices
from autograd.compiling.sweep import append_sweep
from autograd.compiling.tape import CHOOSE, COMPARE, CONSTANT, FLOW, INPUT, PARAMETER, ROW, SEED, SLOPES, TOTAL, Applied, Tape
from autograd.compiling.tracing import trace
from autograd.errors import OperandError
from autograd.ops import Op
from autograd.page.javascript import pieces, pieces_for
from autograd.rowcode.braces import ATOM
from autograd.rowcode.form import ARRAY, FLOAT, Name, Unreadable
from autograd.rowcode.javascript import RESERVED, Printer, literal
from autograd.rowcode.program import Program, active_of, operands_of, parameters_of, result_of
from autograd.rowcode.values import typed
from autograd.value import Value

__all__ = ["script_of"]

NAMES = "attempt closed count example found gradient inputs keep makeProgram memory most refusing run slopes sums times values"
OWN = set(re.findall(r"\w+", NAMES))  # of the script
LEAVES = (CONSTANT, INPUT, PARAMETER, SEED)
PART = 40  # steps in one function: an engine optimises no function of any length
INLINE = 6  # terms of a sum that are written out; more are a loop
SIGNS = {"==": "===", "!=": "!=="}


def script_of(
    f: Callable[..., Any],
    arguments: Sequence[Any],
    parameters: Sequence[Value],
    *,
    reduction: str = "mean",
    with_inputs: bool = False,
    with_numbers: bool = True,
) -> str:
    """The script of a function whose `arguments` are as `trace` takes them; an OperandError names a row without typed form.

    `with_inputs` asks for the derivatives by the inputs too, `with_numbers` for the parameters as they are now, which else are 0.
    """
    tape, results, _ = trace(f, arguments, parameters)
    inputs = [x for argument in arguments for x in (argument if isinstance(argument, list) else [argument])]
    leaves = [tape.add(INPUT, (), k) for k in (inputs if with_inputs and len(results) == 1 else [])]
    learned = [tape.add(PARAMETER, (), k) for k in range(len(parameters))]
    flows: list[list[int]] = [[] for _ in [*leaves, *learned]]
    if len(results) == 1:
        flows = append_sweep(tape, results, [*leaves, *learned], exact=False)
    columns = [tape.add(TOTAL, places) if places else tape.constant(0.0) for places in flows[: len(leaves)]]
    numbers = [node.data if with_numbers else 0.0 for node in parameters]
    script = Script(tape, results, columns, flows[len(leaves) :], numbers)
    return script.text(len(inputs), is_mean=reduction == "mean")


class Script:
    """The parts of a script. All numbers are in one array: first those that no input moves, the parameters before the others."""

    def __init__(
        self,
        tape: Tape,
        results: Sequence[int],
        columns: Sequence[int],
        sums: Sequence[Sequence[int]],
        parameters: Sequence[float],
    ) -> None:
        self.tape, self.results, self.columns, self.parameters = tape, results, columns, parameters
        flat = [place for places in sums for place in places]
        self.grouping = Grouping(tape, [*results, *columns], flat, gathers_slopes=True)
        self.moves = {place: block.moves for block in self.grouping.blocks for place in block.members}
        self.products = [(self.grouping.factors(place), k) for k, places in enumerate(sums) for place in places]
        self.steps = self._gathered()
        self.numbers: list[float] = [*parameters]  # of the array, as far as no input moves them
        self.size = len(parameters)
        self.where: dict[int, int] = {}  # of what is kept, its index in the array
        self._lay_out({*results, *columns, *[x for factors, _ in self.products for x in factors]})
        self.tables: dict[tuple[int, ...], str] = {}
        self.program = Program({*RESERVED, *pieces(), *OWN}, SUBSTITUTES)
        self.slopes: dict[Any, tuple[str, Applied, list[Any]]] = {}  # functions that give partials
        self.read: dict[int, Any] = {}  # by the id of a block the typed form of its row
        self.names = [self._named(step) for step in self.steps]
        self.printer = Printer({function.name for function in self.program.functions.values()} | set(pieces()) | OWN)
        # Whether a branch that is not taken may leave a NaN, which an adjoint of 0 stops.
        self.is_risky = any(self._may_fail(block) for step in self.steps for block in step)

    # ------------------------------------------------------------------------------------------------------------ the layout

    def _gathered(self) -> list[list[Block]]:
        """The blocks in steps: one follows another in its loop if it reads it member by member."""
        steps: list[list[Block]] = []
        for block in self.grouping.blocks:
            if block.kind in LEAVES:
                continue
            if steps and _joins(block, steps[-1]):
                steps[-1].append(block)
            else:
                steps.append([block])
        return steps

    def _lay_out(self, kept: set[int]) -> None:
        """An index for every place that is kept, or that another step reads; what no input moves comes first."""
        for step in self.steps:
            members = {place for block in step for place in block.members}
            kept |= {x for block in step for slot in (*block.slots, *block.matrix) for x in slot} - members
        for block in sorted(self.grouping.blocks, key=lambda block: block.moves):
            width = sum(block.what.active) if block.kind == SLOPES else 1
            for r, place in enumerate(block.members):
                if block.kind == PARAMETER:
                    self.where[place] = block.what[r]
                elif block.kind in LEAVES or not kept.isdisjoint(block.members):
                    self.where[place] = self.size
                    self.size += width
                    if not block.moves:
                        self.numbers += [(block.what[r] or 0.0) if block.kind == CONSTANT else 0.0] * width

    # -------------------------------------------------------------------------------------------------------------- reading

    def _named(self, step: Sequence[Block]) -> dict[Any, str]:
        """For the slots of a step, and what its blocks give, a name each; the rows are read for these names."""
        names: dict[Any, str] = {}
        for block in step:
            mine = [names.setdefault(slot, f"${len(names)}") for slot in _slots(block)]
            names[block.members, 0] = name = f"${len(names)}"
            if block.kind == ROW:
                self.read[id(block)] = self._value(block.what, [f"{name}s"] if block.what.row.variadic else mine)
            elif block.kind == SLOPES:
                self._partials(block.what)
        return names

    def _value(self, applied: Applied, names: Sequence[str]) -> Any:
        row, parameters, _ = applied
        given = [Name(name, ARRAY if row.variadic else FLOAT) for name in names]
        try:
            return typed(self.program.row(row, given, parameters), FLOAT)
        except Unreadable as reason:
            raise _refusal(row, reason) from None

    def _partials(self, applied: Applied) -> str:
        """The name of the function that gives the partials of a row's active operands."""
        row, _, active = applied
        key = id(row), active
        if key not in self.slopes:
            try:
                self.slopes[key] = f"slopes{len(self.slopes)}", applied, self.program.partials(row)
            except Unreadable as reason:
                raise _refusal(row, reason) from None
        return self.slopes[key][0]

    def _may_fail(self, block: Block) -> bool:
        """Whether its row may raise in a branch that is perhaps not taken."""
        is_row = block.kind in (ROW, SLOPES)
        return is_row and block.members[0] not in self.tape.certain and may_refuse(block.what.row)

    # ------------------------------------------------------------------------------------------------------------- indices

    def table(self, numbers: Sequence[int]) -> str:
        """The name of a table of whole numbers."""
        return self.tables.setdefault(tuple(numbers), f"TABLE{len(self.tables)}")

    def spot(self, place: int, offset: int = 0) -> int:
        """The index of a place in the array."""
        return self.where[place] + offset

    def index(self, numbers: Sequence[int], variable: str) -> str:
        """The number that the variable counts, as an expression."""
        first, step = numbers[0], numbers[1] - numbers[0] if len(numbers) > 1 else 0
        if any(x != first + k * step for k, x in enumerate(numbers)):
            return f"{self.table(numbers)}[{variable}]"
        return _sum(str(first) if first or not step else "", _times(step, variable))

    def index_of_two(self, matrix: Sequence[Sequence[int]], row: str, column: str) -> str:
        """The number in a row and a column that two variables count, as an expression."""
        first, width = matrix[0][0], len(matrix[0])
        down = matrix[1][0] - first if len(matrix) > 1 else 0
        right = matrix[0][1] - first if width > 1 else 0
        if any(x != first + r * down + c * right for r, each in enumerate(matrix) for c, x in enumerate(each)):
            start = _times(width if len(matrix) > 1 else 0, row)
            return f"{self.table([x for each in matrix for x in each])}[{_sum(start, column)}]"
        return _sum(str(first) if first or not (down or right) else "", _times(down, row), _times(right, column))

    # --------------------------------------------------------------------------------------------------------------- steps

    def step(self, step: Sequence[Block], names: dict[Any, str]) -> list[str]:
        """The lines of a step: what its blocks compute, for one member of them after the other."""
        count = len(step[0].members)
        lines: list[str] = []
        known: dict[Any, str] = {}  # the slots that have their names so far
        for block in step:
            if block.kind == SLOPES:
                lines += self._slopes(block)
                continue
            for slot, offset in _slots(block)[: 1 if block.kind == GATED else None] if block.kind not in (TOTAL, LINEAR) else ():
                if (slot, offset) not in known:
                    known[slot, offset] = names[slot, offset]
                    lines.append(f"const {names[slot, offset]} = memory[{self._member(slot)}];")
            if block.kind == ROW and block.what.row.variadic:
                lines.append(f"const {names[block.members, 0]}s = [{', '.join([known[slot] for slot in _slots(block)])}];")
            before, text = self._expression(block, known)
            lines += before
            if any(block.members in other.slots for other in step):
                known[block.members, 0] = name = names[block.members, 0]
                lines.append(f"const {name} = {text};")
                text = name
            if block.members[0] in self.where:
                lines.append(f"memory[{self._member(block.members)}] = {text};")
        return [f"for (let r = 0; r < {count}; r++) {{" if count > 1 else "{", *_inner(lines), "}"]

    def _member(self, slot: Sequence[int], offset: int = 0) -> str:
        """The index of the operand of member r."""
        return self.index([self.spot(place, offset) for place in slot], "r")

    def _expression(self, block: Block, known: dict[Any, str]) -> tuple[list[str], str]:
        """What a block gives for member r as an expression, and the lines before it."""
        kind, what = block.kind, block.what
        if kind in (TOTAL, LINEAR):
            return self._total(block, known)
        given = [known.get(slot, "") for slot in _slots(block)]
        if kind == ROW:
            return self._guarded(block, self.printer.text(self.read[id(block)]), "NaN")
        if kind == COMPARE:
            return [], f"{given[0]} {SIGNS.get(what, what)} {given[1]}"
        if kind == CHOOSE:
            return [], f"{given[0]} ? {given[1]} : {given[2]}"
        if kind == FLOW:
            return [], self._product(*given)
        assert kind == GATED
        index = self._member(block.slots[1], what)
        return [], f"closed[{index}] ? 0 : {self._product(given[0], f'memory[{index}]')}"

    def _slopes(self, block: Block) -> list[str]:
        """The lines that keep the partials of a row."""
        row, parameters, active = block.what
        *operands, y = [f"memory[{self._member(slot)}]" for slot in block.slots]
        given = [f"[{', '.join(operands)}]" if row.variadic else ", ".join(operands), y]
        given += [literal({**row.parameters, **parameters}[p.name]) for p in parameters_of(row)]
        given += [literal(list(active))] if row.variadic else map(literal, active) if row.takes_active else []
        call = f"{self._partials(block.what)}({', '.join(given)})"
        before, text = self._guarded(block, call, f"[{', '.join(['NaN'] * sum(active))}]")
        return [*before, f"keep({self._member(block.members)}, {text});"]

    def _guarded(self, block: Block, text: str, otherwise: str) -> tuple[list[str], str]:
        """An expression of a row, with the line before it that names a row that may raise; in a branch it gives `otherwise`."""
        row = block.what.row
        if self._may_fail(block):
            return [], f"attempt(() => {text}, {otherwise})"
        return [f"refusing = {literal(row.__name__)};"] if may_refuse(row) else [], text

    def _product(self, a: str, b: str) -> str:
        return f"times({a}, {b})" if self.is_risky else f"{a} * {b}"

    def _total(self, block: Block, known: dict[Any, str]) -> tuple[list[str], str]:
        """A sum of products of two and of single numbers, over a divisor."""
        is_row = self.tape.instructions[block.members[0]].kind == ROW
        pairs, single, divisor = _terms(block)
        before: list[str] = []
        texts: list[str] = []
        for terms in (pairs, single):
            written = [term for term in terms if len(terms) <= INLINE or any((slot, 0) in known for slot in term)]
            for term in written:
                factors = [known.get((slot, 0)) or f"memory[{self._member(slot)}]" for slot in term]
                texts.append(" * ".join(factors) if is_row or len(factors) == 1 else self._product(*factors))
            looped = terms if not written else [term for term in terms if term not in written]
            if looped:
                indices = [
                    self.index_of_two([[self.spot(x) for x in row] for row in zip(*slots, strict=True)], "r", "i")
                    for slots in zip(*looped, strict=True)
                ]
                factors = [f"memory[{index}]" for index in indices]
                text = " * ".join(factors) if is_row or len(factors) == 1 else self._product(*factors)
                name = f"sum{len(before)}"
                before += [f"let {name} = 0;", f"for (let i = 0; i < {len(looped)}; i++) {name} += {text};"]
                texts.append(name)
        total = " + ".join(texts) or "0"
        return before, total if divisor == 1.0 else f"({total}) / {literal(divisor)}"

    # ----------------------------------------------------------------------------------------------------------- the script

    def text(self, width: int, *, is_mean: bool) -> str:
        """The whole script, for this number of inputs of an example."""
        steps = list(zip(self.steps, self.names, strict=True))
        before = [self.step(step, names) for step, names in steps if not step[0].moves]
        inside = [self._taken(width), *[self.step(step, names) for step, names in steps if step[0].moves]]
        inside += [self._given("found", self.results), self._given("slopes", self.columns), self._added()]
        after = self._added_once()
        functions, calls = zip(*[_parts(name, lines) for name, lines in (("before", before), ("part", inside))], strict=True)
        slopes = [self._slopes_function(*each) for each in self.slopes.values()]
        printed = [self.printer.function(function) for function in self.program.functions.values()]
        tables = [f"const {name} = [{', '.join(map(str, numbers))}];" for numbers, name in self.tables.items()]
        called = pieces_for({"python.raise", *self.printer.called})
        code = "\n".join(_inner([line for lines in functions for line in lines]))
        fixed = self.numbers[len(self.parameters) :]
        setting = [f"memory.set([{', '.join(map(literal, fixed))}], {len(self.parameters)});"]
        setting += [f"parameters.set([{', '.join(map(literal, self.parameters))}]);"] if any(self.parameters) else []
        total = f"found.subarray(0, count).reduce((a, b) => a + b, 0){' / count' if is_mean else ''}"
        text = SCRIPT.substitute(
            head="\n".join([called, "", *self.printer.definitions(), *printed, *slopes, *tables]),
            size=self.size,
            setting="\n".join(_inner(setting)),
            counts=f"[{len(self.parameters)}, {width}, {len(self.results)}, {len(self.columns)}]",
            helpers="\n".join(
                [line for name, line in HELPERS.items() if f"{name}(" in code or (name == "closed" and "keep(" in code)]
            ),
            functions=code,
            before=calls[0],
            parts=calls[1],
            after="\n".join(_inner(_inner(after))),
            seed="".join([f"memory[{index}] = {'1 / count' if is_mean else '1'}" for index in self._leaves(SEED)]),
            reduced=total if len(self.results) == 1 else "undefined",
        )
        return re.sub(r"\n\s*\n", "\n", text)

    def _taken(self, width: int) -> list[str]:
        """The lines that take the inputs of an example."""
        numbers = [self.tape.instructions[place].what for place in self.where if self.tape.instructions[place].kind == INPUT]
        if not numbers:
            return []
        target, source = self.index(self._leaves(INPUT), "k"), self.index(numbers, "k")
        return [f"for (let k = 0; k < {len(numbers)}; k++) memory[{target}] = inputs[{_sum(_times(width, 'example'), source)}];"]

    def _leaves(self, kind: str) -> list[int]:
        """The indices of all leaves of a kind."""
        return [index for place, index in self.where.items() if self.tape.instructions[place].kind == kind]

    def _given(self, array: str, places: Sequence[int]) -> list[str]:
        """The lines that give numbers of an example to an array."""
        if not places:
            return []
        source = self.index([self.spot(place) for place in places], "k")
        target = _sum(_times(len(places), "example"), "k")
        return [f"for (let k = 0; k < {len(places)}; k++) {array}[{target}] = memory[{source}];"]

    def _added(self) -> list[str]:
        """The lines that add what an example gives to the sums over all of them."""
        lines: list[str] = []
        for rows, columns, targets in matrices(self._sums(2)):  # type: ignore[arg-type]
            d, x = self.index(rows, "r"), self.index(columns, "k")
            added = f"sums[{self.index_of_two(targets, 'r', 'k')}] += {self._product('d', f'memory[{x}]')};"
            lines += [f"for (let r = 0; r < {len(rows)}; r++) {{", f"  const d = memory[{d}];"]
            lines += [f"  for (let k = 0; k < {len(columns)}; k++) {added}", "}"]
        return [*lines, *self._added_singly(1, "")]

    def _added_once(self) -> list[str]:
        """The lines that add what is the same for every example."""
        return self._added_singly(0, "count * ")

    def _sums(self, moving: int) -> list[tuple[int, ...]]:
        """Products of which inputs move `moving` factors: the indices of the factors, those that move first, and the sum."""
        found = []
        for factors, k in self.products:
            if sum([self.moves[x] for x in factors]) == moving and (moving or self._has_share(factors)):
                found.append((*[self.where[x] for x in sorted(factors, key=lambda x: not self.moves[x])], k))
        return found

    def _has_share(self, factors: Sequence[int]) -> bool:
        """Whether the product is no constant 0."""
        return all(self.tape.number(x) != 0.0 for x in factors)

    def _added_singly(self, moving: int, before: str) -> list[str]:
        """The lines of loops over such products and numbers."""
        lines = []
        for width in (2, 3):  # the factors and the sum
            alike = [each for each in self._sums(moving) if len(each) == width]
            for run in _even(alike) if alike else []:
                *factors, sums = zip(*run, strict=True)
                given = [f"memory[{self.index(numbers, 'k')}]" for numbers in factors]
                product = self._product(*given) if len(given) == 2 else given[0]
                lines.append(f"for (let k = 0; k < {len(sums)}; k++) sums[{self.index(sums, 'k')}] += {before}{product};")
        return lines

    def _slopes_function(self, name: str, applied: Applied, partials: Sequence[Any]) -> str:
        """A function of operands, result and parameters that gives the partials of the active operands."""
        row, _, active = applied
        flags = active_of(row) if row.takes_active or row.variadic else ()
        arguments = [*operands_of(row), result_of(row), *parameters_of(row), *(flags if isinstance(flags, tuple) else [flags])]
        head = f"const {name} = ({self.printer.text(*arguments)}) =>"
        if row.variadic:
            (all_of_them,) = partials
            return f"{head} {self.printer.inside(all_of_them, ATOM)}.filter((_, i) => active[i]);"
        wanted = [partial for partial, is_active in zip(partials, active or (), strict=True) if is_active]
        return f"{head} [{', '.join([literal(x) if type(x) is float else self.printer.text(x) for x in wanted])}];"


def _joins(block: Block, step: Sequence[Block]) -> bool:
    """Whether a block can be computed in the loop of a step, member by member."""
    alone = (LINEAR, SLOPES)
    alike = len(block.members) == len(step[0].members) and block.moves == step[0].moves and len(step) < PART
    if not alike or block.kind in alone or step[0].kind in alone:
        return False
    made = {place for other in step for place in other.members}
    whole = [other.members for other in step]
    return all(slot in whole for slot in block.slots if not made.isdisjoint(slot))


def _slots(block: Block) -> list[tuple[tuple[int, ...], int]]:
    """The slots of a block; the partials of a row are numbers after each other, of which a gate takes one."""
    return [(slot, block.what if block.kind == GATED and k == 1 else 0) for k, slot in enumerate(block.slots)]


def _terms(block: Block) -> tuple[list[Any], list[Any], float]:
    """The pairs of slots that are multiplied, the single ones that are added to them, and the divisor."""
    if block.kind == LINEAR:
        count = len(block.members)
        pairs = [(tuple([row[i] for row in block.matrix]), (x,) * count) for i, x in enumerate(block.slots[0])]
        return pairs, [(slot,) for slot in block.slots[1:]], block.what
    count, divisor = block.what
    slots = block.slots
    return [(slots[2 * k], slots[2 * k + 1]) for k in range(count)], [(slot,) for slot in slots[2 * count :]], divisor


def _even(rows: Sequence[tuple[int, ...]]) -> list[Sequence[tuple[int, ...]]]:
    """The rows in runs in which each number grows evenly; one run of all of them, if there are too many for loops."""
    runs: list[list[tuple[int, ...]]] = []
    for row in rows:
        last = runs[-1] if runs else []
        if len(last) > 1 and any(c - b != b - a for a, b, c in zip(last[-2], last[-1], row, strict=True)):
            last = []
        if last:
            last.append(row)
        else:
            runs.append([row])
    return [rows] if len(runs) > PART else list(runs)


def _parts(name: str, steps: Sequence[Sequence[str]]) -> tuple[list[str], str]:
    """Functions with the lines of some steps each, and their calls."""
    lines: list[str] = []
    calls: list[str] = []
    for first in range(0, len(steps), PART):
        calls.append(f"{name}{len(calls)}();")
        inside = [line for step in steps[first : first + PART] for line in step]
        lines += [f"const {calls[-1].removesuffix('();')} = () => {{", *_inner(inside), "};"]
    return lines, " ".join(calls)


def _inner(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _times(factor: int, x: str) -> str:
    return "" if factor == 0 else x if factor == 1 else f"{factor} * {x}"


def _sum(*terms: str) -> str:
    return " + ".join([term for term in terms if term]).replace("+ -", "- ") or "0"


def _refusal(row: Op, reason: Exception) -> OperandError:
    return OperandError(
        f"{row.__name__} cannot be written as JavaScript: {reason}; write its value and partials with what rows use"
    )


HELPERS = {
    "keep": "  const closed = new Uint8Array(memory.length); // 1 where a partial is a closed gate, through which nothing flows\n"
    "  const keep = (first, ps) => ps.forEach((p, k) => ((memory[first + k] = p), (closed[first + k] = p === null)));",
    "attempt": "  const attempt = (f, otherwise) => { try { return f(); } catch { return otherwise; } }; // in a branch",
    "times": "  const times = (a, b) => ((a === 0 && b !== b) || (b === 0 && a !== a) ? 0 : a * b); // NaN: of a branch not taken",
}
SCRIPT = Template("""\
// Values and gradients of a function over a batch of examples, printed from Python. makeProgram(most) has room for `most`.
const makeProgram = (() => {
$head

return (most) => {
  const memory = new Float64Array($size);
  const [learned, width, results, columns] = $counts;
  const parameters = memory.subarray(0, learned);
$setting
  const inputs = new Float64Array(most * width);
  const [values, found] = [0, 1].map(() => new Float64Array(most * results));
  const [inputGradient, slopes] = [0, 1].map(() => new Float64Array(most * columns));
  const [gradient, sums] = [0, 1].map(() => new Float64Array(learned));
  let example = 0;
  let refusing = ""; // the row that may throw
$helpers
$functions
  const run = (count = most) => {
    if (!Number.isInteger(count) || count < 1 || count > most) {
      throw new RangeError(`run($${count}): give a whole number of examples, from 1 to $${most}`);
    }
    $seed;
    sums.fill(0);
    example = -1;
    try {
      $before
      for (example = 0; example < count; example++) { $parts }
    } catch (error) {
      python.raise(error.name, `$${example < 0 ? "" : `example $${example}: `}$${refusing}: $${error.message}`);
    }
$after
    values.set(found.subarray(0, count * results));
    inputGradient.set(slopes.subarray(0, count * columns));
    gradient.set(sums);
    return $reduced;
  };
  return { parameters, inputs, values, gradient, inputGradient, run };
};
})();
""")
