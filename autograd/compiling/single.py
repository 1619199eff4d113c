"""The sums of a program for a single example: kernels with the names and operands of those in `loops`, whose place they take."""

from __future__ import annotations

import functools

from autograd.compiling.loops import Code

__all__ = ["kernels_of_one"]


@functools.cache
def kernels_of_one() -> tuple[str, ...]:
    """The texts of the kernels."""
    return _products(), _row_sums()


def _products() -> str:
    """g[r·gr + c·gc] += d[r·ds]·x[c·xs]."""
    code = Code()
    with code.loop("0", "%m") as (r, _, _):
        d, line = code.number("%d", code.times(r, "%ds")), code.at("%g", code.times(r, "%gr"))
        with code.loop("0", "%n") as (c, _, _):
            x = code.number("%x", code.times(c, "%xs"))
            code.add_to(code.set(f"fmul double {d}, {x}"), line, code.times(c, "%gc"))
    return code.function(
        "define internal void @products(ptr noalias %d, i64 %ds, ptr noalias %x, i64 %xs, ptr noalias %g, i64 %gr, i64 %gc, "
        "i64 %m, i64 %n, i64 %count) noinline nounwind"
    )


def _row_sums() -> str:
    """g[targets[k]] += f[factors[k]]·w[rows[k]], for m of them."""
    code = Code()
    with code.loop("0", "%m") as (k, _, _):
        row, factor, target = [code.whole(table, k) for table in ("%rows", "%factors", "%targets")]
        code.add_to(code.set(f"fmul double {code.number('%f', factor)}, {code.number('%w', row)}"), "%g", target)
    return code.function(
        "define internal void @row_sums(ptr noalias %w, i64 %stride, ptr %rows, ptr noalias %f, ptr %factors, ptr noalias %g, "
        "ptr %targets, i64 %m, i64 %valid) noinline nounwind"
    )
