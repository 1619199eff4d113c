"""One trace of a function, for arguments of certain widths: its tape, the sweeps over it, and the graph of nodes to fall back on.

A tape never decides alone that something went wrong: an example that a row refuses, or whose result is no finite number, is given
to the function itself, on nodes. It raises the error that it raises without `compile`, or gives the same inf or NaN.
"""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd.compiling.batches import Batches
from autograd.compiling.columns import Columns
from autograd.compiling.compiled import Compiled, compiled
from autograd.compiling.frames import Frame
from autograd.compiling.interpreter import Interpreter, Run
from autograd.compiling.sweep import append_sweep
from autograd.compiling.tape import INPUT, PARAMETER, TOTAL, Tape
from autograd.compiling.tracing import trace
from autograd.compiling.writing import written
from autograd.errors import AutogradError, OperandError, ours
from autograd.ops import Op
from autograd.transforms.structures import flatten
from autograd.undo import exhaust, restoring
from autograd.value import DATA, Value, sweep_apart, toposort

__all__ = ["Specialised", "Swept", "reduced", "seed_of"]


PATIENCE = 2  # how often an exact program runs in Python before it becomes machine code


def seed_of(row: Op, columns: Columns) -> float:
    """∂(reduced result)/∂(result of an example), where a row, `mean` or `sum`, reduces them."""
    return 1.0 if columns.is_single else row.local_derivatives((0.0,) * columns.size, 0.0)[0]


def reduced(row: Op, values: Sequence[float], columns: Columns) -> float:
    """The results of a batch, reduced by a row."""
    return values[0] if columns.is_single else row.evaluate(tuple(values), {})


class Swept(NamedTuple):
    """What a sweep over a batch finds."""

    values: Sequence[float]  # the result of each example
    inputs: list[Sequence[float]]  # ∂/∂input, a column for each
    parameters: list[float]  # ∂/∂parameter, summed over the examples


class Flows(NamedTuple):
    """A sweep on the tape, and what runs it."""

    inputs: list[int]  # the place of the adjoint of every input
    parameters: list[list[int]]  # for each parameter the places of what flows into it
    runner: Runner


class Runner:
    """What runs some places of a tape: machine code, or NumPy or, for what is exact, plain Python.

    What is exact has the same bits in Python, which runs it the first times, since its machine code takes longer to make.
    """

    def __init__(
        self, tape: Tape, roots: Sequence[int], sums: Sequence[Sequence[int]], parameters: int, *, exact: bool, threads: int
    ) -> None:
        self._threads = threads
        self._made = tape, roots, sums
        self._parameters, self._exact, self._runs = parameters, exact, 0
        self._plain: Any = None
        self._spare: list[Frame] = []  # the frame of the last run, unless it is in use
        self._printed: dict[bool, Compiled | None] = {}  # for batches, and for a single example
        self.compiled: Compiled | None = None  # what was asked for last

    def machine(self, count: int) -> Compiled | None:
        """The machine code for this number of examples, made at once if there can be one."""
        single = count == 1
        if single not in self._printed:
            self._printed[single] = compiled(*self._made, self._parameters, exact=self._exact, single=single)
        self.compiled = self._printed[single]
        return self.compiled

    def is_ready(self, count: int) -> bool:
        """Whether machine code runs this number of examples from now on."""
        return self._runs >= (PATIENCE if self._exact else 0) and self.machine(count) is not None

    def run(self, columns: Columns, parameters: Any, seed: float = 1.0) -> Run:
        """What a batch gives; parameters are numbers, or a tuple of nodes."""
        if self.is_ready(columns.size):
            return self._in_machine_code(columns, parameters, seed)
        self._runs += 1
        self._plain = self._plain or (Interpreter if self._exact else Batches)(*self._made)
        numbers = list(map(DATA.__get__, parameters)) if type(parameters) is tuple else parameters
        return self._plain.run(columns, numbers, seed)  # type: ignore[no-any-return]

    def _in_machine_code(self, columns: Columns, parameters: Any, seed: float) -> Run:
        try:
            frame = self._spare.pop()  # at once: another thread may want it too
        except IndexError:
            frame = None
        if frame is None or frame.count != columns.size:
            code = self.machine(columns.size)
            assert code is not None
            frame = Frame(code, len(columns.inputs), columns.size, threads=self._threads)
        made = frame.result(columns, parameters, seed)
        self._spare = [frame]
        return made


class Specialised:
    """A traced function."""

    def __init__(
        self, f: Callable[..., Any], widths: Sequence[int | None], parameters: Sequence[Value], *, strict: bool, threads: int = 1
    ) -> None:
        self.threads = threads
        self.f, self.widths, self.parameters = f, tuple(widths), parameters
        self.arguments: list[Any] = []
        self.inputs = 0
        for width in widths:
            self.arguments.append(self.inputs if width is None else list(range(self.inputs, self.inputs + width)))
            self.inputs += 1 if width is None else width
        self.is_exact = strict or importlib.util.find_spec("numpy") is None
        start = time.process_time()
        self.tape, self.places, self.structure = trace(f, self.arguments, parameters, is_shared=not self.is_exact)
        self.seconds = time.process_time() - start
        self._results: Any = None
        self._flows: dict[bool, Flows] = {}

    def _runner(self, roots: Sequence[int], sums: Sequence[Sequence[int]] = ()) -> Any:
        return Runner(self.tape, roots, sums, len(self.parameters), exact=self.is_exact, threads=self.threads)

    def results(self, columns: Columns) -> list[Any]:
        """The columns of results."""
        self._results = self._results or self._runner(self.places)
        found, refused, _ = self._results.run(columns, tuple(self.parameters))
        examples = columns.examples() if refused else []
        for i in refused:
            for column, y in zip(found, self._on_nodes(i, columns, examples[i]), strict=True):
                column[i] = y.data if type(y) is Value else y
        return found  # type: ignore[no-any-return]

    def sweep(self, columns: Columns, parameters: Sequence[float], seed: float, *, with_inputs: bool) -> Swept:
        """The derivatives of the sum of the results times the seed, with respect to the inputs, if wanted, and the parameters."""
        (values, *inputs), refused, learned = self.runner(with_inputs=with_inputs).run(columns, parameters, seed)
        if refused or not all(map(math.isfinite, learned)):
            return self.on_nodes(columns, parameters, seed, with_inputs=with_inputs)
        return Swept(values, inputs, learned)

    def runner(self, *, with_inputs: bool) -> Runner:
        """What runs the sweep, with the derivatives of the inputs or without."""
        flows = self._flows.get(with_inputs) or self._swept(with_inputs=with_inputs)
        return flows.runner

    def _swept(self, *, with_inputs: bool) -> Flows:
        """The sweep, appended to the tape."""
        if len(self.places) != 1:
            raise OperandError(f"the function returns {len(self.places)} numbers; return the one to differentiate")
        tape = self.tape
        inputs = [tape.add(INPUT, (), k) for k in range(self.inputs if with_inputs else 0)]
        learned = [tape.add(PARAMETER, (), k) for k in range(len(self.parameters))]
        found = append_sweep(tape, self.places, [*inputs, *learned], exact=self.is_exact)
        columns = [tape.add(TOTAL, places) if places else tape.constant(0.0) for places in found[: len(inputs)]]
        made = Flows(columns, found[len(inputs) :], self._runner([self.places[0], *columns], found[len(inputs) :]))
        self._flows[with_inputs] = made
        return made

    # ---------------------------------------------------------------------------------------------------------- on nodes

    def _on_nodes(self, i: int, columns: Columns, numbers: Sequence[Any]) -> list[Any]:
        """The results of the function itself for example number i; the message of an error says which example it was."""
        try:
            y = self.f(*[numbers[x] if type(x) is int else [numbers[k] for k in x] for x in self.arguments])
        except AutogradError as error:
            if columns.is_single:
                raise
            raise ours(error, f"example {i}: {error}") from error.__cause__
        return flatten(y, lambda part: part)[0]

    def on_nodes(self, columns: Columns, parameters: Sequence[float], seed: float, *, with_inputs: bool) -> Swept:
        """`sweep` by graphs of nodes, one for each example, from the last to the first as the graph of all of them is swept."""
        values = [0.0] * columns.size
        inputs: list[Sequence[float]] = [[0.0] * columns.size for _ in range(self.inputs if with_inputs else 0)]
        learned = [0.0] * len(self.parameters)
        undo = restoring(DATA, self.parameters)
        try:
            for node, data in zip(self.parameters, parameters, strict=True):
                node.data = data
            for i, example in reversed(list(enumerate(columns.examples()))):
                leaves = list(map(Value, example)) if with_inputs else list(example)
                (y,) = self._on_nodes(i, columns, leaves)
                if type(y) is not Value:
                    values[i] = y
                    continue
                values[i] = y.data
                found = sweep_apart(toposort(y), [*leaves, *self.parameters] if with_inputs else list(self.parameters))
                for column in inputs:
                    column[i] = seed * found.pop(0)  # type: ignore[index]
                learned = [total + seed * x for total, x in zip(learned, found, strict=True)]
        finally:
            exhaust(undo)
        return Swept(values, inputs, learned)

    # ------------------------------------------------------------------------------------------------------- what it is

    def written(self, inputs: Sequence[str], parameters: Sequence[str]) -> str:
        """The tape as text, with the sweeps that were asked for."""
        results = {"result" if len(self.places) == 1 else f"result[{k}]": [place] for k, place in enumerate(self.places)}
        for flows in self._flows.values():
            results |= {f"d_{name}": [place] for name, place in zip(inputs, flows.inputs, strict=False)}
            results |= {f"d_{name}": places for name, places in zip(parameters, flows.parameters, strict=True)}
        return written(self.tape, inputs, parameters, results)

    def runners(self) -> list[Runner]:
        """What ran so far: the results, the sweeps."""
        return [runner for runner in [self._results, *[flows.runner for flows in self._flows.values()]] if runner is not None]

    def llvm(self) -> str:
        """The text of the machine code that runs, of the results and of the sweeps."""
        return "\n".join([made.text for runner in self.runners() if (made := runner.compiled) is not None])

    def stats(self) -> dict[str, Any]:
        """The numbers of instructions, the seconds of trace and compilation, what runs it, and the rows that call Python back."""
        found: dict[str, Any] = {
            "instructions": len(self.tape.needed(self.places)),
            "with_sweep": len(self.tape.needed(range(len(self.tape.instructions)))),
            "trace_seconds": self.seconds,
            "backend": "python" if self.is_exact else "numpy",
        }
        made = [runner.compiled for runner in self.runners() if runner.compiled is not None]
        if made:
            called_back = sorted({name for each in made for name in each.called_back})
            quick = sum([each.quick_seconds for each in made])
            optimised = [each.seconds for each in made]
            found |= {"backend": "llvm", "print_seconds": sum([each.print_seconds for each in made]), "quick_seconds": quick}
            found |= {"optimised_seconds": None if None in optimised else math.fsum([x for x in optimised if x is not None])}
            found |= {"called_back": called_back}
        return found
