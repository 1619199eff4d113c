"""Functions of scalars as programs over whole batches: traced once, with the reverse sweep that the rows give.

    >>> from autograd import Value
    >>> w = Value(2.0, "w")
    >>> program = compile(lambda x, t: (w * x - t) ** 2, parameters=[w])
    >>> program([1.0, 2.0, 3.0], [2.0, 4.0, 5.0])  # one result for each example
    [0.0, 0.0, 1.0]
    >>> print(program.source)
    v1 = mul(w, x)
    v2 = sub(v1, t)
    v3 = pow(v2, 2)
    result = v3
    >>> program.backward([1.0, 2.0, 3.0], [2.0, 4.0, 5.0]), w.grad  # their mean, and ∂mean/∂w = 2·(6 − 5)·3/3
    (0.3333333333333333, 2.0)

Start reading at `Program`; `autograd.compiling.tape` says what a tape is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, final

from autograd import ops
from autograd.compiling.buffers import Buffers
from autograd.compiling.columns import Columns, as_given, columns_of, is_array
from autograd.compiling.pools import Held, Pool
from autograd.compiling.replaying import nodes_at
from autograd.compiling.specialised import Specialised, reduced, seed_of
from autograd.compiling.travelling import Travelled
from autograd.errors import OperandError, OptionError, whole
from autograd.ops import Op
from autograd.transforms.structures import refuse_no_function
from autograd.undo import set_all
from autograd.value import GRAD, Value

__all__ = ["Gradients", "Program", "compile"]

REDUCTIONS: dict[str, Op] = {"mean": ops.mean, "sum": ops.sum}


class Gradients(NamedTuple):
    """What `value_and_grad` gives: derivatives of the reduced result."""

    inputs: tuple[Any, ...]  # for each argument of the function a column, as the argument is
    parameters: Any  # for each parameter a number: a list, or an array if an argument is one


def compile(
    f: Callable[..., Any] | None = None,
    /,
    *,
    parameters: Iterable[Value] = (),
    strict: bool = False,
    reduction: str = "mean",
    threads: int = 1,
) -> Any:
    """A `Program` of a function of scalars; a decorator too, `@compile(parameters=model.parameters())`.

    `f` takes the numbers of one example, each argument a number or a list of numbers, and returns a number, or lists of them.
    Leaves that it uses besides are its `parameters`. It runs once on numbers without values: a Python branch on them raises a
    ModeError, as do `float(x)` and `x.data`; choose with `where`, `relu`, `max`. What it asks of a parameter alone, whether it is
    positive for example, it asks then and never again.

    `reduction`, "mean" or "sum", is what `backward` and `value_and_grad` do with the results of a batch. `strict` gives the bits of
    the graph of nodes; the default sums in the order that is fastest, n terms to within n·2⁻⁵³·Σ|terms|, and takes
    exponentials, logarithms, sin, cos, tan, sinh, cosh, tanh, erf and erfc on vectors, to within 4 ulp. The machine code is kept on
    disk (`autograd.rowcode.cache`).

    `threads` share a long batch that machine code runs. Its parts, of 224 examples or a 64th of all, have separate sums, which
    are added one after the other, whatever the number of threads: so every number of threads, 1 too, gives the same bits.
    """
    if f is None:
        return lambda function: compile(function, parameters=parameters, strict=strict, reduction=reduction, threads=threads)
    return Program(f, parameters, strict=strict, reduction=reduction, threads=threads)


@final
class Program:
    """A function of scalars, ready to run on columns: for each argument a number, a column of numbers, or a column of rows.

    A column is a list or a one-dimensional array with a number for each example; a table of rows, a list of lists or an array of
    shape (examples, k), gives an argument that is a list of k numbers; a plain number is the same for all examples. Results are
    arrays if an argument is one, lists if none is, and numbers if all arguments are.

    A program is pickled as its tapes, its parameters and its settings, and compiled again where it is loaded. A function travels
    by its name if a module has it under that name; any other stays behind. The loaded program then takes arguments as those that
    were traced before, and raises what a row raises; an error that only the function itself knows is NaN, as on the tape.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        parameters: Iterable[Value] = (),
        *,
        strict: bool = False,
        reduction: str = "mean",
        threads: int = 1,
    ) -> None:
        refuse_no_function("compile", f)
        if reduction not in REDUCTIONS:
            raise OptionError(f"reduction={reduction!r}: give one of {', '.join(REDUCTIONS)}")
        self.f, self.strict, self.reduction, self.threads = f, strict, reduction, whole("threads", threads, 1)
        if strict and self.threads > 1:
            raise OptionError("strict=True adds from the last example to the first, in one thread; leave out threads=, or strict=")
        self.parameters = tuple(parameters)
        seen: set[Value] = set()
        for place, node in enumerate(self.parameters):
            if type(node) is not Value or node.operands:
                raise OperandError(f"parameters[{place}] is {node!r:.60}; give leaves, as model.parameters() does")
            if node in seen:
                raise OperandError(f"parameters[{place}], {node!r:.60}, is there twice; give each leaf once")
            seen.add(node)
        self._traced: dict[Any, Specialised] = {}
        self._last: Specialised | None = None
        self._columns: Columns | None = None  # of the last call
        self._pool = Pool(self._own_buffers)

    # ---------------------------------------------------------------------------------------------------------- running

    def __call__(self, *arguments: Any) -> Any:
        """The results for each example, in the structure that the function returns."""
        columns, traced = self._prepared(arguments)
        found = traced.results(columns)
        return traced.structure([as_given(column, columns) for column in found])

    def value_and_grad(self, *arguments: Any) -> tuple[float, Gradients]:
        """The mean (or the sum) of the results, and its derivatives with respect to the arguments and the parameters."""
        held = self._held(arguments, with_inputs=True)
        if held is None:
            columns, value, inputs, learned = self._swept(arguments, self._data(), with_inputs=True)
            parts = columns.arranged([as_given(column, columns) for column in inputs])
            return value, Gradients(parts, as_given(learned, columns) if columns.has_arrays else learned)
        held.buffers.load()
        value = held.buffers()
        found = value, _copied(held.buffers, as_arrays=any(map(is_array, arguments)))
        held.others.append(held)
        return found

    def backward(self, *arguments: Any) -> float:
        """Add the derivatives to the `grad` of the parameters, all or none; return the mean (or the sum) of the results."""
        held = self._held(arguments, with_inputs=False)
        if held is None:
            _, value, _, learned = self._swept(arguments, self._data(), with_inputs=False)
            grads = [grad if not node.reached else node.grad + grad for node, grad in zip(self.parameters, learned, strict=True)]
            set_all(GRAD, self.parameters, grads)
            return value
        held.buffers.load()
        value = held.buffers()
        held.buffers.accumulate()
        held.others.append(held)
        return value

    def objective(self, x: Sequence[float], *arguments: Any) -> tuple[float, Any]:
        """The value and its gradient at x, as `scipy.optimize.minimize(program.objective, x0, args=..., jac=True)` asks for them.

        x takes the place of the parameters, which stay as they are; of a program without any it is the first argument, one list.
        """
        import numpy

        at = numpy.asarray(x, dtype=float)
        if self.parameters and at.shape != (len(self.parameters),):
            raise OperandError(f"x has the shape {at.shape}; give {len(self.parameters)} numbers, one for each parameter")
        with_inputs = not self.parameters
        arguments = (at[None, :], *arguments) if with_inputs else arguments
        held = self._held(arguments, with_inputs=with_inputs)
        if held is None:
            _, value, inputs, learned = self._swept(arguments, () if with_inputs else at.tolist(), with_inputs=with_inputs)
            return value, numpy.array([column[0] for column in inputs[: at.size]] if with_inputs else learned, dtype=float)
        if not with_inputs:
            held.buffers.parameters[:] = at
        value = held.buffers()
        gradient = (held.buffers.input_gradients[0][0] if with_inputs else held.buffers.gradient).copy()
        held.others.append(held)
        return value, gradient

    def buffers(self, *arguments: Any, with_inputs: bool = False, like: Buffers | None = None) -> Buffers:
        """Arrays that hold these arguments, the parameters' data, and what a sweep over them gives: for many calls in a row.

        A call of the buffers allocates and copies nothing. `with_inputs` asks for the derivatives of the inputs too. `like` are
        buffers whose parameters and gradient these are to share, for a last batch that is smaller, for example.
        """
        columns, traced = self._prepared(arguments)
        return Buffers(traced, columns, self._data(), REDUCTIONS[self.reduction], with_inputs=with_inputs, like=like)

    # ------------------------------------------------------------------------------------------------------- what it is

    @property
    def graph(self) -> Any:
        """What the function returns, as nodes: the program that was traced last, at the first example of the last call.

        `draw_dot(program.graph)`, `page`, `explain` and `backward` take it. Its leaves are new nodes, labelled as arguments
        and parameters are; before any call the arguments are 1, and `replay` gives the same graph at other numbers.
        """
        traced = self._latest()
        first = [1.0] * traced.inputs if self._columns is None else self._columns.first()
        inputs = list(map(Value, first, self._names_of_inputs()))
        parameters = list(map(Value, self._data(), self._names_of_parameters()))
        return traced.structure(nodes_at(traced.tape, traced.places, inputs, parameters))

    @property
    def source(self) -> str:
        """The tape as text, as it was traced last; an argument that was not traced yet is taken to be a number."""
        return self._latest().written(self._names_of_inputs(), self._names_of_parameters())

    @property
    def llvm(self) -> str:
        """The program that was traced last as LLVM IR, as far as it ran; empty where NumPy or plain Python runs it."""
        return self._latest().llvm()

    @property
    def javascript(self) -> str:
        """The program that was traced last as a script for a browser or Node: it defines `makeProgram(most)`, which gives an object
        with room for that number of examples, {parameters, inputs, values, gradient, inputGradient, run}.

        `run(count)` computes the examples of `inputs` and their derivatives, and returns their mean or sum; all numbers are in
        Float64Arrays. It agrees with the program to 1e-12, and is as short for wide layers as for narrow ones.
        """
        traced = self._latest()
        options: dict[str, Any] = {"reduction": self.reduction, "with_inputs": True}
        from autograd.compiling.scripting import script_of  # which loads all that pages are made of

        return script_of(self.f, traced.arguments, self.parameters, **options)

    @property
    def stats(self) -> dict[str, Any]:
        """How the program that was traced last was made: its instructions, the seconds that tracing and compilation took (the
        optimised one comes after the third run; None before), what runs it, and the rows that call Python back."""
        return self._latest().stats()

    def __repr__(self) -> str:
        name = getattr(self.f, "__name__", repr(self.f))
        return f"<program of {name}, {len(self.parameters)} parameters{', strict' if self.strict else ''}>"

    def __copy__(self) -> Program:
        return Program(self.f, self.parameters, strict=self.strict, reduction=self.reduction, threads=self.threads)

    def __reduce__(self) -> tuple[Any, ...]:
        settings = self.strict, self.reduction, self.threads
        return _loaded, (Travelled(self.f, self.parameters, self._traced), self.parameters, *settings)

    # ---------------------------------------------------------------------------------------------------------- details

    def _data(self) -> list[float]:
        return [node.data for node in self.parameters]

    def _prepared(self, arguments: Sequence[Any]) -> tuple[Columns, Specialised]:
        columns = columns_of(arguments)
        traced = self._specialised(columns.widths)
        self._columns = columns
        return columns, traced

    def _specialised(self, widths: tuple[int | None, ...]) -> Specialised:
        if widths not in self._traced:
            self._traced[widths] = Specialised(self.f, widths, self.parameters, strict=self.strict, threads=self.threads)
        self._last = self._traced[widths]
        return self._last

    def _latest(self) -> Specialised:
        return self._last or self._specialised((None,) * len(self._arguments()))

    def _arguments(self) -> list[str]:
        return list(inspect.signature(self.f).parameters)

    def _names_of_parameters(self) -> list[str]:
        return [node.label or f"p{k}" for k, node in enumerate(self.parameters)]

    def _names_of_inputs(self) -> list[str]:
        names = self._arguments()
        pairs = [(names[place] if place < len(names) else f"x{place}", width) for place, width in enumerate(self._latest().widths)]
        return [x for name, width in pairs for x in ([name] if width is None else [f"{name}[{j}]" for j in range(width)])]

    def _held(self, arguments: tuple[Any, ...], *, with_inputs: bool) -> Held | None:
        """Buffers that hold these arguments; None where no machine code runs the sweep."""
        held = self._pool.held(arguments, with_inputs=with_inputs)
        if held is not None:
            self._last, self._columns = held.buffers.traced, held.buffers.columns
        return held

    def _own_buffers(self, columns: Columns, with_inputs: bool) -> Buffers | None:
        traced = self._specialised(columns.widths)
        if not traced.runner(with_inputs=with_inputs).is_ready(columns.size):
            return None
        return Buffers(traced, columns, self._data(), REDUCTIONS[self.reduction], with_inputs=with_inputs)

    def _swept(
        self, arguments: Sequence[Any], parameters: Sequence[float], *, with_inputs: bool
    ) -> tuple[Columns, float, list[Any], list[Any]]:
        """The columns, the reduced result, the derivatives of every input, and those of the parameters."""
        columns, traced = self._prepared(arguments)
        row = REDUCTIONS[self.reduction]
        values, inputs, learned = traced.sweep(columns, parameters, seed_of(row, columns), with_inputs=with_inputs)
        return columns, reduced(row, [float(x) for x in values], columns), inputs, learned


def _copied(buffers: Buffers, *, as_arrays: bool) -> Gradients:
    """Copies of what the buffers hold, as arrays, or as lists, or as numbers if all arguments are numbers."""
    inputs, learned = buffers.input_gradients, buffers.gradient
    if as_arrays:
        return Gradients(tuple([x.copy() for x in inputs]), learned.copy())
    single = buffers.columns.is_single
    return Gradients(tuple([float(x[0]) if single else x.tolist() for x in inputs]), learned.tolist())


def _loaded(f: Travelled, parameters: tuple[Value, ...], strict: bool, reduction: str, threads: int) -> Program:
    return Program(f, parameters, strict=strict, reduction=reduction, threads=threads)
