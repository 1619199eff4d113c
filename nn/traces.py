"""A model of which one example is traced, and the two programs made of the trace: its outputs, and its reverse sweep.

    >>> from nn import Linear
    >>> model = Linear(1, 1, init="zeros")
    >>> examples = Examples([[1.0], [2.0]])
    >>> traced = Traced(model, examples, model.parameters(), exact=True)
    >>> traced.outputs(examples.columns([0, 1]), [2.0, 0.5])
    [[2.5, 4.5]]
    >>> traced.learned(examples.columns([0, 1]), [[1.0, 10.0]], [2.0, 0.5])  # of ∂E/∂y = 1 and 10 those by weight and bias
    [21.0, 11.0]

A trace holds for every example and every step, so the model must be a function of its inputs and parameters: a branch on a traced
number, random numbers, a number of a parameter that is read, and a node that was computed before are refused.
"""

from __future__ import annotations

import importlib.util
import math
import pickle
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from autograd import Value
from autograd.compiling.batches import Batches
from autograd.compiling.columns import Columns, columns_of
from autograd.compiling.compiled import Compiled, compiled
from autograd.compiling.frames import Frame, load
from autograd.compiling.interpreter import Interpreter, Run
from autograd.compiling.sweep import append_sweep
from autograd.compiling.tape import INPUT, PARAMETER, Tape
from autograd.compiling.tracing import Recording, trace
from autograd.errors import AutogradError, ModeError
from autograd.ops import Op
from autograd.transforms.structures import Structure, flatten, is_array
from autograd.undo import exhaust, restoring
from autograd.value import DATA
from nn.engines import Untraceable
from nn.module import Module, contents

__all__ = ["Examples", "Traced", "data_of_all", "runner", "traced"]

KNOWN = ("nn.layers", "nn.init")  # modules whose classes are functions of inputs and parameters
SCALES = (-1.0, 1e3, 1e-3)  # of the parameters, by which a model that reads their numbers betrays itself


class Examples:
    """Inputs of examples, each a number or a sequence of as many numbers, as columns."""

    def __init__(self, X: Sequence[Any]) -> None:
        if not is_array(X) and type(X) not in (list, tuple):
            raise Untraceable(f"X is a {type(X).__name__}, whose examples may change; a list, a tuple or an array is needed")
        try:
            self._all = columns_of([X])
            numbers, structure = flatten(X[0])
        except AutogradError as error:
            raise Untraceable(f"the examples do not have one shape: {error}") from error
        self.count = len(self._all.inputs)
        if len(numbers) != self.count or any(map(_is_node, numbers)):
            raise Untraceable(f"X[0] = {X[0]!r:.60} has more than numbers")
        self.argument = structure.argument(range(self.count))  # an example with the number of each input in its place
        self._seen = _rows(X)
        self._table: Any = None
        if importlib.util.find_spec("numpy") is not None:
            import numpy

            self._table = numpy.array(self._all.inputs, dtype=float).reshape(self.count, self._all.size)

    def is_like(self, X: Sequence[Any]) -> bool:
        """Whether these have the same numbers."""
        return _rows(X) == self._seen

    def columns(self, batch: Sequence[int]) -> Columns:
        """The columns of some examples."""
        if self._table is not None:
            rows = self._table if len(batch) == self._all.size and batch == range(len(batch)) else self._table[:, batch]
            return self._all._replace(inputs=list(rows), size=len(batch), has_arrays=True)
        return self._all._replace(inputs=[[column[i] for i in batch] for column in self._all.inputs], size=len(batch))


def _is_node(x: Any) -> bool:
    return type(x) is Value


def _rows(X: Sequence[Any]) -> list[Any]:
    return [list(x) if isinstance(x, Sequence) or is_array(x) else x for x in X]


class Traced:
    """A traced model; `exact` gives the bits of graphs of nodes, whoever runs it."""

    def __init__(
        self, model: Module, examples: Examples, parameters: Sequence[Value], *, exact: bool, with_sweep: bool = True
    ) -> None:
        self._count, self._parameters, self._exact = examples.count, parameters, exact
        self.tape, self.places, self.structure = traced(model, model, [examples.argument], parameters, is_shared=not exact)
        self._written = list(self.tape.instructions)
        self._outputs: Any = None
        self._sweep: Any = None
        if with_sweep:
            self._append_sweep()

    def _append_sweep(self) -> None:
        learned = [self.tape.add(PARAMETER, (), k) for k in range(len(self._parameters))]
        moves = self.tape.dependent(learned, len(self.tape.instructions))
        self.moves = [moves[place] for place in self.places]  # whether an output has a gradient
        roots = [place for place in self.places if moves[place]]
        for k, root in enumerate(roots):
            others = roots[k + 1 :] + roots[:k]
            if self.tape.instructions[root].kind == PARAMETER or not self.tape.needed([root]).isdisjoint(others):
                raise Untraceable("an output of the model is a parameter, or a part of another output")
        adjoints = [self.tape.add(INPUT, (), self._count + k) for k in range(len(roots))]
        exact = self._exact
        self._flows = append_sweep(self.tape, roots, learned, exact=exact, adjoints=adjoints) if roots else [[] for _ in learned]
        self.used = list(map(bool, self._flows))

    def prepare(self) -> None:
        """Begin to make the optimised machine code of both programs."""
        self._outputs, self._sweep = self._runner(self.places), self._runner([], self._flows)
        if not all(isinstance(made, InFrames) and made.code.begin() for made in (self._outputs, self._sweep)):
            raise Untraceable("it has a row that is not printed as machine code, or is too long")

    def is_ready(self) -> bool:
        """Whether the optimised machine code is there."""
        return self._outputs.code.seconds is not None and self._sweep.code.seconds is not None

    def wait(self) -> None:
        """Until the optimised machine code is there."""
        self._outputs.code.wait()
        self._sweep.code.wait()

    def is_like(self, other: Traced) -> bool:
        """Whether the other trace is of the same function."""
        return (self._written, self.places) == (other._written, other.places)

    def outputs(self, given: Columns, numbers: Sequence[float]) -> list[list[float]] | None:
        """A column for each output; None where a row raises or a number is not finite."""
        self._outputs = self._outputs or self._runner(self.places)
        run = self._outputs.run(given, numbers)
        return None if run.refused else [list(map(float, column)) for column in run.found]

    def learned(
        self, given: Columns, slopes: Sequence[Any], numbers: Sequence[float], start: Sequence[float] | None = None
    ) -> list[float] | None:
        """For each parameter what flows into it, added to `start`, where the slopes ∂E/∂y of the outputs that move are these."""
        self._sweep = self._sweep or self._runner([], self._flows)
        run: Run = self._sweep.run(given._replace(inputs=[*given.inputs, *slopes]), numbers, start=start)
        return run.sums if not run.refused and all(map(math.isfinite, run.sums)) else None

    def _runner(self, roots: Sequence[int], sums: Sequence[Sequence[int]] = ()) -> Any:
        return runner(self.tape, roots, sums, len(self._parameters), exact=self._exact)


def runner(tape: Tape, roots: Sequence[int], sums: Sequence[Sequence[int]], parameters: int, *, exact: bool) -> Any:
    """Machine code; without it plain Python for what is exact, else NumPy."""
    made = compiled(tape, roots, sums, parameters, exact=exact)
    return InFrames(made) if made else (Interpreter if exact else Batches)(tape, roots, sums)


def data_of_all(runner: Any, parameters: Sequence[Value]) -> Sequence[Any]:
    """The parameters as this runner takes them: machine code reads nodes itself."""
    return tuple(parameters) if type(runner) is InFrames else [parameter.data for parameter in parameters]


class InFrames:
    """Machine code, with a frame for each number of examples that it ran on."""

    def __init__(self, code: Compiled) -> None:
        self.code = code
        self._frames: dict[int, Frame] = {}

    def run(self, columns: Columns, parameters: Sequence[Any], seed: float = 1.0, start: Sequence[float] | None = None) -> Run:
        """What a batch gives; if anything is refused, all examples are."""
        frame = self._frames.get(columns.size)
        if frame is None:
            like = next(iter(self._frames.values()), None)
            frame = self._frames[columns.size] = Frame(self.code, len(columns.inputs), columns.size, like)
        for row, column in zip(frame.given, columns.inputs, strict=True):
            row[:] = column
        load(frame.parameters, frame.parameters_at, parameters)
        frame.seed(seed, start=start)
        refused = [] if math.isfinite(frame.run()) else list(range(columns.size))
        return Run(frame.found[1:].tolist(), refused, frame.sums.tolist())


def traced(
    model: Module, function: Callable[..., Any], arguments: Sequence[Any], parameters: Sequence[Value], *, is_shared: bool
) -> tuple[Recording, list[int], Structure]:
    """The tape of a function that calls the model, the places of its results, and their structure.

    Generators of random numbers stay as they are.
    """
    generators = list(_generators(model))
    before = [pickle.dumps(read()) for read, _ in generators]  # a state may be a view of what changes
    is_random = False
    try:
        found = trace(function, arguments, parameters, is_shared=is_shared)
        is_random = any(pickle.dumps(read()) != state for (read, _), state in zip(generators, before, strict=True))
        if not is_random and not _is_known(model):
            _refuse_changes(model, function, arguments, parameters, found)
    except Untraceable:
        raise
    except Exception as error:  # of the user's model
        raise Untraceable(f"{type(model).__name__} cannot be traced: {error}") from error
    finally:
        for (_, write), state in zip(generators, before, strict=True):
            write(pickle.loads(state))  # written above
    if is_random:
        raise Untraceable(f"{type(model).__name__} draws random numbers, others for each example")
    return found


def _generators(model: Module) -> Iterator[tuple[Callable[[], Any], Callable[[Any], Any]]]:
    """For each generator of random numbers that the model may use what reads its state, and what sets it."""
    yield random.getstate, random.setstate
    numpy = sys.modules.get("numpy.random")
    if numpy is not None:
        yield numpy.get_state, numpy.set_state
    for _, thing in contents(model):
        if isinstance(thing, random.Random):
            yield thing.getstate, thing.setstate
        elif numpy is not None and isinstance(thing, numpy.Generator):
            yield partial(getattr, thing.bit_generator, "state"), partial(setattr, thing.bit_generator, "state")


def _is_known(model: Module) -> bool:
    """Whether all parts of the model are of this package, and their activations rows of the table."""
    parts = [thing for _, thing in contents(model) if isinstance(thing, Module) or (callable(thing) and type(thing) is not Value)]
    return all(type(part) is Op or type(part).__module__ in KNOWN for part in parts)


def _refuse_changes(
    model: Module,
    function: Callable[..., Any],
    arguments: Sequence[Any],
    parameters: Sequence[Value],
    found: tuple[Recording, list[int], Structure],
) -> None:
    """Refuse a model that is not the same function with other parameters, or that uses a node that was there before."""
    tape, places, _ = found
    data = [parameter.data for parameter in parameters]
    undo = restoring(DATA, parameters)
    try:
        for scale in (1.0, *SCALES):
            for parameter, x in zip(parameters, data, strict=True):
                parameter.data = scale * x
            try:
                again, others, _ = trace(function, arguments, parameters, is_shared=tape.is_shared)
            except ModeError:
                raise
            except (AutogradError, ArithmeticError, ValueError):
                continue  # a row of parameters alone has no value there
            if (again.instructions, others) != (tape.instructions, places):
                raise Untraceable(f"{type(model).__name__} changes from call to call, or reads a parameter's number")
            kept = [node for node, _ in again.nodes.values() if node.operands and id(node) in tape.nodes]
            if kept:
                raise Untraceable(f"{type(model).__name__} uses {kept[0]!r:.60}, which was computed before")
    finally:
        exhaust(undo)
