"""The header of the native engine: it is current, the same in every run, and says of each row what the row says of itself."""

from __future__ import annotations

import ctypes
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from kernels import HEADER, MAY_RAISE, Kernels, compiler

from autograd import ops
from autograd.ops import CLOSED, TABLE, Op, op
from autograd.rowcode.kernels import header, kernel_source

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Kernels:
    return Kernels([], tmp_path_factory.mktemp("kernels"), compiler())


def test_the_header_is_what_the_script_writes() -> None:
    assert HEADER.read_text(encoding="utf-8") == header(TABLE.values()), "run `python docs/kernels.py`: the table has changed"


def test_the_header_is_the_same_text_in_every_run() -> None:
    run = "from autograd.rowcode.kernels import header; from autograd.ops import TABLE; print(header(TABLE.values()))"
    texts = [
        subprocess.run([sys.executable, "-c", run], env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
                       capture_output=True, text=True, check=True, encoding="utf-8").stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert texts[0] == texts[1]
    assert texts[0].count("active, double *partials) {\n") == len(TABLE)


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
        lambda a, *, by=2.0: a * by, name="scaled", doc="A multiple, of positive numbers.",
        partials=(lambda a, y, *, by: ops.where(a > 0, by, CLOSED),),
    )  # fmt: skip
    (tmp_path / "own.c").write_text(kernel_source(row), encoding="utf-8")
    subprocess.run([compiler(), "-Wall", "-Werror", "-shared", "-fPIC", "own.c", "-o", "own.so", "-lm"], cwd=tmp_path, check=True)
    library = ctypes.CDLL(str(tmp_path / "own.so"))
    library.rows_own.restype = ctypes.POINTER(ctypes.c_char_p)
    assert library.rows_own()[0] == b"scaled"
