"""A tape in machine code: printed as LLVM IR, and run on columns through arrays that are made once.

The first result comes of a quick compilation; the optimised one is made in a thread behind it and takes its place. Both give the
same bits.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import threading
import time
import weakref
from collections.abc import Callable, Collection, Sequence

from autograd.compiling.keeping import Kept, keep, kept, name_of
from autograd.compiling.printing import Printed
from autograd.compiling.rows import SUBSTITUTES
from autograd.compiling.tape import Tape
from autograd.engine import in_c
from autograd.rowcode.form import Unreadable
from autograd.rowcode.kernels import SUBSTITUTES as EXACT
from autograd.rowcode.machine import Machine, features, is_there

__all__ = ["Compiled", "compiled"]

SOON = 3  # the call with which the optimised compilation begins
LONGEST = 1_000_000  # characters of code that is optimised, in some seconds
FASTER = 4  # how much faster LLVM optimises straight code on numbers than loops over lanes


def compiled(
    tape: Tape, roots: Sequence[int], sums: Sequence[Sequence[int]], parameters: int, *, exact: bool, single: bool = False
) -> Compiled | None:
    """The tape in machine code; None where llvmlite or numpy is missing, or the tape has what is not printed."""
    if not is_there() or importlib.util.find_spec("numpy") is None:
        return None
    try:
        return Compiled(tape, roots, sums, parameters, exact=exact, single=single)
    except Unreadable:
        return None


class Compiled:
    """The instructions that some places of a tape depend on, in machine code: for batches, or for a single example."""

    def __init__(
        self,
        tape: Tape,
        roots: Sequence[int],
        sums: Sequence[Sequence[int]],
        parameters: int,
        *,
        exact: bool,
        single: bool = False,
    ) -> None:
        import numpy

        self.single = single
        self.called_back: Collection[str] = ()
        self.parameters, self.roots, self.sums = parameters, len(roots), len(sums)
        self.has_shards = not exact  # what is exact adds from the last example to the first
        self.level = 1 if exact else 2  # what is exact has little that vectors would do
        self._calls = 0
        start = time.perf_counter()
        name = name_of(tape, roots, sums, parameters, exact=exact, single=single)
        program = kept(name)
        is_new = program is None
        if program is None:
            lanes, fused = features()
            substitutes = EXACT if exact else SUBSTITUTES
            printed = Printed(
                tape, roots, sums, parameters, exact=exact, single=single, lanes=lanes, fused=fused, substitutes=substitutes
            )
            layout = printed.layout
            program = Kept(b"", printed.text, layout.rows, layout.refused, layout.fixed)
            self.called_back = printed.entries.called_back
            name = None if self.called_back else name  # what Python does is at another address in each process
        self.text, self.rows, self.refused, self.fixed = program.text, program.rows, program.refused, numpy.array(program.fixed)
        self.print_seconds = time.perf_counter() - start
        start = time.perf_counter()
        self._use(Machine(self.text, 0, program.code))
        self.quick_seconds = time.perf_counter() - start
        self.seconds: float | None = None if is_new else 0.0  # of the optimised compilation
        # Python waits for it at the end: LLVM would abort the process that ends while it works.
        self._thread = threading.Thread(target=_optimise, args=(weakref.ref(self), program, self.level, name))

    def _use(self, machine: Machine) -> None:
        self._entry = entry(machine), machine  # one assignment, since a thread makes it

    def begin(self) -> bool:
        """Begin the optimised compilation, unless it began before; False for a program that is too long for it."""
        if self.seconds is None and length_of_code(self.text) > LONGEST * (FASTER if self.single else 1):
            return False
        if self.seconds is None and self._thread.ident is None:
            self._thread.start()
        return True

    def wait(self) -> None:
        """Until the optimised code is there, if the program is not too long for it."""
        if self.begin() and self._thread.ident is not None:
            self._thread.join()

    def __call__(self, block: int, is_long: bool) -> float:
        """Run on a block of arrays, whose address this is."""
        if self._calls <= SOON:
            self._calls += 1
            if self._calls == SOON:
                self.begin()
        current = self._entry  # its machine stays while it runs, whatever a thread puts in its place
        return current[0](block, is_long)


def length_of_code(text: str) -> int:
    """The characters of LLVM IR but those of tables, which take no time."""
    return sum([len(line) for line in text.splitlines() if not line.startswith("@table")])


def entry(machine: Machine) -> Callable[[int, bool], float]:
    """The machine code as a function of the address of a block; others run meanwhile if it takes long."""
    address = machine.address("run")
    native = in_c("run_code")
    if native is not None:
        return functools.partial(native, address)
    short, long = [made(ctypes.c_double, ctypes.c_void_p)(address) for made in (ctypes.PYFUNCTYPE, ctypes.CFUNCTYPE)]
    return lambda block, is_long: (long if is_long else short)(block)


def _optimise(owner: weakref.ref[Compiled], program: Kept, level: int, name: str | None) -> None:
    """Put the optimised code in the place of the quick one, and keep it; the thread keeps no program alive."""
    start = time.perf_counter()
    machine = Machine(program.text, level)
    made = owner()
    if made is not None:
        made._use(machine)
        made.seconds = time.perf_counter() - start
    del made
    if name is not None:
        keep(name, program._replace(code=machine.code))
