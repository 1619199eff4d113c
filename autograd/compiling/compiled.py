"""A tape in machine code: printed as LLVM IR, and run on columns through arrays that are made once.

The first result comes of a quick compilation; the optimised one is made in a thread behind it and takes its place. Both give the
same bits.
"""

from __future__ import annotations

import ctypes
import importlib.util
import threading
import time
import weakref
from collections.abc import Sequence
from typing import Any

from autograd.compiling.columns import Columns
from autograd.compiling.interpreter import Run
from autograd.compiling.printing import Printed, Unsuited
from autograd.compiling.rows import SUBSTITUTES
from autograd.compiling.tape import Tape
from autograd.rowcode.form import Unreadable
from autograd.rowcode.kernels import SUBSTITUTES as EXACT
from autograd.rowcode.machine import Machine, features, is_there

__all__ = ["Compiled", "compiled"]

WIDEST = 112  # lanes of a tile: what a network of [128, 128] has then fits into the second cache
SOON = 3  # the call with which the optimised compilation begins
LONGEST = 150_000  # characters of code that is optimised, in some seconds; beyond, the time grows with the square of the length
ROOM = 1 << 16  # of the pool of arrays


def compiled(tape: Tape, roots: Sequence[int], sums: Sequence[Sequence[int]], parameters: int, *, exact: bool) -> Compiled | None:
    """The tape in machine code; None where llvmlite or numpy is missing, or the tape has what is not printed."""
    if not is_there() or importlib.util.find_spec("numpy") is None:
        return None
    try:
        return Compiled(tape, roots, sums, parameters, exact=exact)
    except (Unsuited, Unreadable):
        return None


class Compiled:
    """The instructions that some places of a tape depend on, in machine code."""

    def __init__(self, tape: Tape, roots: Sequence[int], sums: Sequence[Sequence[int]], parameters: int, *, exact: bool) -> None:
        import numpy

        start = time.perf_counter()
        lanes, fused = features()
        substitutes = EXACT if exact else SUBSTITUTES
        printed = Printed(tape, roots, sums, parameters, exact=exact, lanes=lanes, fused=fused, substitutes=substitutes)
        layout = printed.layout
        self.text, self.called_back = printed.text, printed.entries.called_back
        self.parameters, self.roots, self.rows = parameters, len(roots), layout.rows
        self.seed, self.refused = layout.seed, layout.refused
        self.fixed = numpy.array(layout.fixed)
        self.level = 1 if exact else 2  # what is exact has little that vectors would do
        self.sums = numpy.zeros(len(sums))
        self._numbers = numpy.empty(ROOM)
        self._pool = numpy.array([0, ROOM, self._numbers.ctypes.data], dtype=numpy.int64)
        self._work: Any = None
        self.print_seconds = time.perf_counter() - start
        start = time.perf_counter()
        self._use(Machine(self.text, 0))
        self.quick_seconds = time.perf_counter() - start
        self.seconds: float | None = None  # of the optimised compilation
        # Python waits for it at the end: LLVM would abort the process that ends while it works.
        self._thread = threading.Thread(target=_optimise, args=(weakref.ref(self), self.text, self.level))
        self._calls = 0

    def _use(self, machine: Machine) -> None:
        pointer, whole = ctypes.c_void_p, ctypes.c_int64
        types = [pointer, whole, pointer, pointer, whole, whole, pointer, pointer, pointer]
        self._entry = machine.function("run", None, *types), machine  # one assignment, since a thread makes it

    def wait(self) -> None:
        """Until the optimised code is there, if the program is not too long for it."""
        if len(self.text) > LONGEST:
            return
        if self._thread.ident is None:
            self._thread.start()
        self._thread.join()

    def run(self, columns: Columns, parameters: Sequence[float], seed: float = 1.0) -> Run:
        """The columns at the roots, the examples that a row refuses or that have no finite number, and the sums."""
        import numpy

        n = columns.size
        given = numpy.empty((max(len(columns.inputs), 1), n))
        for k, column in enumerate(columns.inputs):
            given[k] = column
        found = numpy.empty((self.roots + 1, n))
        self.call(given, n, parameters, seed, found)
        refused = (found[0] != 0.0) | ~numpy.isfinite(found[1:]).all(axis=0)
        if self.fixed[self.refused]:
            refused[:] = True
        return Run(list(found[1:]), numpy.flatnonzero(refused).tolist(), self.sums.tolist())

    def call(self, given: Any, n: int, parameters: Sequence[float], seed: float, found: Any) -> None:
        """Run on arrays: the inputs, a row for each; the refused examples and the results, a row for each."""
        self._calls += 1
        if self._calls == SOON and self._thread.ident is None and len(self.text) <= LONGEST:
            self._thread.start()
        most = min(WIDEST, -(-n // 16) * 16)
        stride = most + 8
        if self._work is None or self._work[1] < stride:
            self._work = _aligned(self.rows * stride), stride
        self.fixed[: self.parameters] = parameters
        self.fixed[self.seed] = seed
        self.fixed[self.refused] = 0.0
        self.sums[:] = 0.0
        self._entry[0](
            given.ctypes.data, n, self.fixed.ctypes.data, self._work[0].ctypes.data, stride, most,
            found.ctypes.data, self.sums.ctypes.data, self._pool.ctypes.data,
        )  # fmt: skip


def _optimise(owner: weakref.ref[Compiled], text: str, level: int) -> None:
    """Put the optimised code in the place of the quick one; the thread keeps no program alive."""
    start = time.perf_counter()
    machine = Machine(text, level)
    made = owner()
    if made is not None:
        made._use(machine)
        made.seconds = time.perf_counter() - start


def _aligned(count: int) -> Any:
    """An array of so many numbers that begins at a multiple of 64 bytes."""
    import numpy

    whole = numpy.zeros(count + 8)
    first = (-whole.ctypes.data // 8) % 8
    return whole[first : first + count]
