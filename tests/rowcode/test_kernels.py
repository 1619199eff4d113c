"""The header of the native engine: it is current, the same in every run, and says of each row what the row says of itself."""

from __future__ import annotations

import ctypes
import math
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kernels import HEADER, MAY_RAISE, Entry, Kernels, compiler

from autograd import ops
from autograd.ops import CLOSED, TABLE, Op, op
from autograd.rowcode.form import Unreadable
from autograd.rowcode.kernels import header, kernel_source
from nn.optim import FORMULAS

ROOT = Path(__file__).parents[2]


def test_the_header_is_what_the_script_writes() -> None:
    text = header(TABLE.values(), FORMULAS.items())
    assert HEADER.read_text(encoding="utf-8") == text, "run `python docs/kernels.py`: a row or a formula has changed"


def test_the_header_is_the_same_text_in_every_run() -> None:
    names = "from autograd.rowcode.kernels import header; from autograd.ops import TABLE; from nn.optim import FORMULAS"
    run = f"{names}; print(header(TABLE.values(), FORMULAS.items()))"
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)}
    text = subprocess.run(
        [sys.executable, "-c", run], env=environment, capture_output=True, text=True, check=True, encoding="utf-8"
    ).stdout
    assert text == HEADER.read_text(encoding="utf-8") + "\n"  # which another run has written
    assert text.count("active, double *partials) {\n") == len(TABLE)


def test_the_table_of_kernels_has_the_rows_in_their_order(kernels: Kernels) -> None:
    size = 48  # bytes of an entry: a name, two numbers, flags, four kernels
    first = ctypes.addressof(kernels.entry(next(iter(TABLE.values()))).contents)
    for place, (name, row) in enumerate(TABLE.items()):
        entry = kernels.entry(row).contents
        assert entry.name == name.encode()
        assert entry.arity == (-1 if row.variadic else len(row.operands))
        assert entry.parameters == len(row.parameters)
        assert entry.flags & 1 == row.takes_active
        assert ctypes.addressof(entry) == first + place * max(size, ctypes.sizeof(entry) + 4 * ctypes.sizeof(ctypes.c_void_p))


def test_only_rows_that_may_raise_need_a_look_at_the_flag(kernels: Kernels) -> None:
    quiet = {row for row in TABLE.values() if not kernels.entry(row).contents.flags & MAY_RAISE}
    assert {ops.add, ops.sub, ops.mul, ops.neg, ops.relu, ops.abs, ops.square, ops.max} <= quiet
    assert not {ops.div, ops.exp, ops.log, ops.pow, ops.sum, ops.gamma} & quiet


@pytest.mark.parametrize("row", [ops.sum, ops.dot, ops.affine, ops.max_of, ops.logsumexp], ids=lambda row: row.__name__)
def test_no_truths_ask_for_the_partials_of_all_operands(kernels: Kernels, row: Op) -> None:
    rng = random.Random(row.__name__)
    for n in (3, 5, 2001):  # the last does not fit into the beginning of the pool
        xs = tuple([round(rng.uniform(-3.0, 3.0), 1) for _ in range(n - (row is ops.dot))])
        y, partials = row.rule(xs)
        assert kernels.rule(row, xs, {}, None) == kernels.rule(row, xs, {}, [True] * len(xs)) == (y, list(partials))


def test_an_error_leaves_the_pool_empty_and_the_next_call_is_right(kernels: Kernels) -> None:
    with pytest.raises(ValueError, match="digamma raises"):
        kernels.value(ops.digamma, (-1.0,), {})
    assert kernels.value(ops.digamma, (1.5,), {}) == ops.digamma(1.5)


def test_the_source_of_a_users_row_needs_no_other_file(tmp_path: Path) -> None:
    row = op(
        lambda a, *, by=2.0: a * by if a > 0 else math.log(a), name="scaled", doc="A multiple, of positive numbers.",
        partials=(lambda a, y, *, by: ops.where(a > 0, by, CLOSED),),
    )  # fmt: skip
    (tmp_path / "own.c").write_text(kernel_source(row), encoding="utf-8")
    subprocess.run([compiler(), "-Wall", "-Werror", "-shared", "-fPIC", "own.c", "-o", "own.so", "-lm"], cwd=tmp_path, check=True)
    library = ctypes.CDLL(str(tmp_path / "own.so"))
    numbers = ctypes.POINTER(ctypes.c_double)
    rule = ctypes.CFUNCTYPE(ctypes.c_double, numbers, numbers, ctypes.c_uint, numbers)
    library.rows_own.restype = ctypes.POINTER(type("Own", (ctypes.Structure,), {"_fields_": [
        *Entry._fields_, ("value", ctypes.c_void_p), ("rule", rule)]}))  # fmt: skip
    entry, a, partials = library.rows_own().contents, ctypes.c_double(3.0), ctypes.c_double()
    assert (entry.name, entry.arity, entry.parameters, entry.flags) == (b"scaled", 1, 1, MAY_RAISE)
    y = entry.rule(ctypes.byref(a), ctypes.byref(ctypes.c_double(5.0)), 1, ctypes.byref(partials))
    assert (y, partials.value, library.rows_own_error()) == (15.0, 5.0, 0)
    entry.rule(ctypes.byref(ctypes.c_double(-3.0)), ctypes.byref(ctypes.c_double(5.0)), 1, ctypes.byref(partials))
    assert (library.rows_own_error() != 0, library.rows_own_error()) == (True, False)


def test_a_row_whose_partial_is_no_number_has_no_kernel() -> None:
    row = op(lambda a: a, name="paired", doc="A pair for a slope.", partials=(lambda a, y: (a, y),))
    with pytest.raises(Unreadable, match="where gate is needed"):
        kernel_source(row)


def test_threads_share_neither_errors_nor_memory(kernels: Kernels) -> None:
    xs = tuple([0.1 * i for i in range(2001)])  # ctypes lets the other threads run meanwhile
    expected = ops.logsumexp.value(xs)

    def work(place: int) -> None:
        for _ in range(200):
            if place % 2:
                with pytest.raises(ValueError, match="log raises"):
                    kernels.value(ops.log, (-1.0,), {})
            else:
                assert kernels.value(ops.logsumexp, xs, {}) == expected

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
