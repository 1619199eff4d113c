"""Lines of LLVM IR with loops, and the kernels that compiled programs call: products of matrices, sums over examples.

Rows lie in memory one after the other, `stride` numbers apart, with a lane for each example; the lanes are a multiple of 16.
Kernels keep a block of results in registers: 8 or 4 rows by two vectors for a product, 4 by 4 or 4 by 2 sums over the examples.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from autograd.rowcode.llvm import Lines, number

__all__ = ["Code", "Vectors", "kernels"]

LANES = 16  # the number of lanes is a multiple of this
AT_ONCE = 8  # sums in a fixed order that run side by side


class Code(Lines):
    """The lines of a function."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []  # what is made once, when the function begins
        self.block = "entry"  # the label of the block that is written

    def begin(self, label: str) -> None:
        self.lines.append(f"{label}:")
        self.block = label

    def place(self, t: str) -> str:
        name = self.name("%v")
        self.stack.append(f"{name} = alloca {t}, align 64")
        return name

    def at(self, base: str, *index: str) -> str:
        """The address of a number of an array: the sum of some whole numbers after its beginning."""
        total, *others = [x for x in index if x != "0"] or ["0"]
        for x in others:
            total = self.set(f"add i64 {total}, {x}")
        return self.set(f"getelementptr double, ptr {base}, i64 {total}")

    def number(self, base: str, *index: str) -> str:
        """The number there."""
        return self.set(f"load double, ptr {self.at(base, *index)}")

    def add_to(self, x: str, base: str, *index: str) -> None:
        """Add x to the number there."""
        address = self.at(base, *index)
        old = self.set(f"load double, ptr {address}")
        self.add(f"store double {self.set(f'fadd double {old}, {x}')}, ptr {address}")

    def times(self, a: str, b: str) -> str:
        if "1" in (a, b):
            return a if b == "1" else b
        return self.set(f"mul i64 {a}, {b}")

    def whole(self, table: str, index: str) -> str:
        """The whole number of a table there."""
        return self.set(f"load i64, ptr {self.set(f'getelementptr i64, ptr {table}, i64 {index}')}")

    @contextmanager
    def loop(
        self, low: str, high: str, step: int | str = 1, carried: Sequence[tuple[str, str]] = (), metadata: str = ""
    ) -> Iterator[tuple[str, list[str], list[str]]]:
        """A loop from low to high: its index, the carried numbers, and the list that takes their next ones."""
        before, head, body, after = self.block, *[self.name(label) for label in ("head", "body", "after")]
        self.add(f"br label %{head}")
        self.begin(head)
        index, names = self.name("%i"), [self.name("%c") for _ in carried]
        first = len(self.lines)
        self.lines += [""] * (1 + len(names))
        test = self.set(f"icmp slt i64 {index}, {high}")
        self.add(f"br i1 {test}, label %{body}, label %{after}")
        self.begin(body)
        following: list[str] = []
        yield index, names, following
        incremented = self.set(f"add nsw i64 {index}, {step}")
        self.lines[first] = f"{index} = phi i64 [ {low}, %{before} ], [ {incremented}, %{self.block} ]"
        for k, ((t, start), name, x) in enumerate(zip(carried, names, following, strict=True)):
            self.lines[first + 1 + k] = f"{name} = phi {t} [ {start}, %{before} ], [ {x}, %{self.block} ]"
        self.add(f"br label %{head}{metadata}")
        self.begin(after)

    def function(self, head: str, result: str = "void") -> str:
        """The function with this head."""
        return "\n".join([f"{head} {{", "entry:", *[f"  {line}" for line in [*self.stack, *self.lines]], f"  ret {result}", "}"])


class Vectors(Code):
    """Lines of a kernel on vectors of so many lanes."""

    def __init__(self, lanes: int, *, fused: bool) -> None:
        super().__init__()
        self.lanes, self.t = lanes, f"<{lanes} x double>"
        self.product = "fma" if fused else "fmuladd"

    def splat(self, x: str) -> str:
        one = self.set(f"insertelement {self.t} poison, double {x}, i64 0")
        return self.set(f"shufflevector {self.t} {one}, {self.t} poison, <{self.lanes} x i32> zeroinitializer")

    def load(self, address: str) -> str:
        return self.set(f"load {self.t}, ptr {address}, align 8")

    def store(self, x: str, address: str) -> None:
        self.add(f"store {self.t} {x}, ptr {address}, align 8")

    def plus_product(self, a: str, b: str, c: str) -> str:
        name = f"@llvm.{self.product}.v{self.lanes}f64"
        return self.set(f"call {self.t} {name}({self.t} {a}, {self.t} {b}, {self.t} {c})")

    def sum_over(self, base: str, count: str, term: Callable[[str, str], str] = lambda _, x: x) -> str:
        """Σ term(x[s]) over s < count: on vectors, then what is left one by one; a term has a type and a number of it."""
        whole = self.set(f"and i64 {count}, {-self.lanes}")
        with self.loop("0", whole, self.lanes, [(self.t, "zeroinitializer")]) as (s, (sums,), following):
            following.append(self.set(f"fadd {self.t} {sums}, {term(self.t, self.load(self.at(base, s)))}"))
        with self.loop(whole, count, 1, [("double", self.total(sums))]) as (s, (sum_,), following):
            following.append(self.set(f"fadd double {sum_}, {term('double', self.number(base, s))}"))
        return sum_

    def total(self, x: str) -> str:
        return self.set(f"call reassoc double @llvm.vector.reduce.fadd.v{self.lanes}f64(double -0.0, {self.t} {x})")


@functools.cache
def kernels(lanes: int, *, fused: bool) -> tuple[str, ...]:
    """The texts of the kernels for vectors of so many lanes."""
    t = f"<{lanes} x double>"
    return (
        f"declare {t} @llvm.{'fma' if fused else 'fmuladd'}.v{lanes}f64({t}, {t}, {t})",
        f"declare {t} @llvm.fabs.v{lanes}f64({t})",
        f"declare double @llvm.vector.reduce.fadd.v{lanes}f64(double, {t})",
        _matrix(Vectors(lanes, fused=fused)),
        _certified(Vectors(lanes, fused=fused)),
        _products(Vectors(lanes, fused=fused)),
        _row_sums(Vectors(lanes, fused=fused)),
        *[_summed(name, Vectors(lanes, fused=fused)) for name in ("summed", "unfinite")],
        *map(_copying, ("copy", "clear", "fill")),
        _added(),
        _scattered(),
        _fixed_sums(),
        _ordered(),
        _ordered_alone(),
    )


def _matrix(code: Vectors) -> str:
    """y[r] = b[r·bs] + Σᵢ a[r·rs + i·cs]·x[i] for all lanes."""
    rows = (8, 4, 1) if code.lanes == 8 else (4, 1)
    width = str(code.lanes)
    with code.loop("0", "%count", 2 * code.lanes) as (s, _, _):
        low = "0"
        for size in rows:
            high = "%m" if size == 1 else code.set(f"and i64 %m, {-size}")
            with code.loop(low, high, size) as (r, _, _):
                each = [code.set(f"add i64 {r}, {q}") for q in range(size)]
                starts = [code.splat(code.number("%b", code.times(x, "%bs"))) for x in each]
                lines = [code.at("%a", code.times(x, "%rs")) for x in each]
                with code.loop("0", "%n", 1, [(code.t, x) for x in starts for _ in range(2)]) as (i, sums, following):
                    address = code.at("%x", code.times(i, "%xs"), s)
                    xs = [code.load(address), code.load(code.at(address, width))]
                    column = code.times(i, "%cs")
                    for q in range(size):
                        w = code.splat(code.number(lines[q], column))
                        following += [code.plus_product(w, x, sums[2 * q + k]) for k, x in enumerate(xs)]
                for q in range(size):
                    address = code.at("%y", code.times(each[q], "%ys"), s)
                    code.store(sums[2 * q], address)
                    code.store(sums[2 * q + 1], code.at(address, width))
            low = high
    return code.function(
        "define internal void @matrix(ptr noalias %a, i64 %rs, i64 %cs, ptr noalias %b, i64 %bs, ptr noalias %x, i64 %xs, "
        "ptr noalias %y, i64 %ys, i64 %m, i64 %n, i64 %count) noinline nounwind"
    )


def _certified(code: Vectors) -> str:
    """y[r] = b[r·bs] + Σᵢ a[r·rs + i·cs]·x[i], rounded once, in each lane where that is certain; NaN in the others.

    `quick_fsum` in `rowcode.algorithms` says why: the sum, the sum of its errors, and a bound of what that one loses.
    """
    t, zero = code.t, (code.t, "zeroinitializer")

    def two_sum(a: str, b: str) -> tuple[str, str]:
        total = code.set(f"fadd {t} {a}, {b}")
        back = code.set(f"fsub {t} {total}, {a}")
        first = code.set(f"fsub {t} {a}, {code.set(f'fsub {t} {total}, {back}')}")
        return total, code.set(f"fadd {t} {first}, {code.set(f'fsub {t} {b}, {back}')}")

    def size(x: str) -> str:
        return code.set(f"call {t} @llvm.fabs.v{code.lanes}f64({t} {x})")

    def added(sums: Sequence[str], x: str) -> list[str]:
        high, error = two_sum(sums[0], x)
        low, lost = two_sum(sums[1], error)
        return [high, low, code.set(f"fadd {t} {sums[2]}, {size(lost)}")]

    def scaled(x: str, factor: float) -> str:
        return code.set(f"fmul {t} {x}, {code.splat(number(factor))}")

    def certain(sums: Sequence[str]) -> str:
        high, rest = two_sum(sums[0], sums[1])
        slack = code.set(f"fadd {t} {scaled(sums[2], 2.0)}, {scaled(size(rest), 2.0**-51)}")
        is_lost = code.set(f"fcmp ogt {t} {sums[2]}, zeroinitializer")
        slack = code.set(f"select <{code.lanes} x i1> {is_lost}, {t} {slack}, {t} {sums[2]}")
        for sign in ("fsub", "fadd"):
            bound = code.set(f"fadd {t} {high}, {code.set(f'{sign} {t} {rest}, {slack}')}")
            same = code.set(f"fcmp oeq {t} {bound}, {high}")
            high = code.set(f"select <{code.lanes} x i1> {same}, {t} {high}, {t} {code.splat(number(math.nan))}")
        return high

    with code.loop("0", "%m") as (r, _, _), code.loop("0", "%count", 2 * code.lanes) as (s, _, _):
        line = code.at("%a", code.times(r, "%rs"))
        with code.loop("0", "%n", 1, [zero] * 6) as (i, sums, following):
            w = code.splat(code.number(line, code.times(i, "%cs")))
            address = code.at("%x", code.times(i, "%xs"), s)
            for half in range(2):
                x = code.load(code.at(address, str(half * code.lanes)))
                following += added(sums[3 * half : 3 * half + 3], code.set(f"fmul {t} {w}, {x}"))
        bias = code.splat(code.number("%b", code.times(r, "%bs")))
        for half in range(2):
            whole = added(sums[3 * half : 3 * half + 3], bias)
            code.store(certain(whole), code.at("%y", code.times(r, "%ys"), s, str(half * code.lanes)))
    return code.function(
        "define internal void @certified(ptr noalias %a, i64 %rs, i64 %cs, ptr noalias %b, i64 %bs, ptr noalias %x, i64 %xs, "
        "ptr noalias %y, i64 %ys, i64 %m, i64 %n, i64 %count) noinline nounwind"
    )


def _products(code: Vectors) -> str:
    """g[r·gr + c·gc] += Σₛ d[r][s]·x[c][s], over all lanes."""
    low = "0"
    for rows in (4, 1):
        high = "%m" if rows == 1 else code.set("and i64 %m, -4")
        with code.loop(low, high, rows) as (r, _, _):
            left = "0"
            for columns in (4, 1) if code.lanes == 8 else (2, 1):  # as many as there are registers for
                right = "%n" if columns == 1 else code.set(f"and i64 %n, {-columns}")
                with code.loop(left, right, columns) as (c, _, _):
                    ds = [code.at("%d", code.times(code.set(f"add i64 {r}, {q}"), "%ds")) for q in range(rows)]
                    xs = [code.at("%x", code.times(code.set(f"add i64 {c}, {q}"), "%xs")) for q in range(columns)]
                    zeros = [(code.t, "zeroinitializer")] * (rows * columns)
                    with code.loop("0", "%count", code.lanes, zeros) as (s, sums, following):
                        a, b = [[code.load(code.at(x, s)) for x in each] for each in (ds, xs)]
                        following += [code.plus_product(a[q // columns], b[q % columns], x) for q, x in enumerate(sums)]
                    for q, x in enumerate(sums):
                        row = code.times(code.set(f"add i64 {r}, {q // columns}"), "%gr")
                        column = code.times(code.set(f"add i64 {c}, {q % columns}"), "%gc")
                        code.add_to(code.total(x), "%g", row, column)
                left = right
        low = high
    return code.function(
        "define internal void @products(ptr noalias %d, i64 %ds, ptr noalias %x, i64 %xs, ptr noalias %g, i64 %gr, i64 %gc, "
        "i64 %m, i64 %n, i64 %count) noinline nounwind"
    )


def _row_sums(code: Vectors) -> str:
    """g[targets[k]] += f[factors[k]]·Σₛ w[rows[k]][s], for m of them; lanes from `valid` on do not count."""
    with code.loop("0", "%m") as (k, _, _):
        row, factor, target = [code.whole(table, k) for table in ("%rows", "%factors", "%targets")]
        sum_ = code.sum_over(code.at("%w", code.times(row, "%stride")), "%valid")
        code.add_to(code.set(f"fmul double {sum_}, {code.number('%f', factor)}"), "%g", target)
    return code.function(
        "define internal void @row_sums(ptr noalias %w, i64 %stride, ptr %rows, ptr noalias %f, ptr %factors, ptr noalias %g, "
        "ptr %targets, i64 %m, i64 %valid) noinline nounwind"
    )


def _summed(name: str, code: Vectors) -> str:
    """summed: Σ x[s] over all s < n. unfinite: Σ 0·x[s], which is 0 if all are finite, else NaN."""

    def term(t: str, x: str) -> str:
        return x if name == "summed" else code.set(f"fmul {t} {x}, {'0.0' if t == 'double' else 'zeroinitializer'}")

    sum_ = code.sum_over("%x", "%n", term)
    return code.function(f"define internal double @{name}(ptr %x, i64 %n) noinline nounwind", f"double {sum_}")


def _copying(name: str) -> str:
    """fill: y[s] = x for all s < n. copy: y[s] = x[s] for all s < n, and the last of them from there to `count`.

    clear: y[s] = 0 from n to `count` in m rows.
    """
    code = Code()
    if name == "copy":
        with code.loop("0", "%n") as (s, _, _):
            code.add(f"store double {code.number('%x', s)}, ptr {code.at('%y', s)}")
        last = code.number("%x", code.set("sub i64 %n, 1"))
        with code.loop("%n", "%count") as (s, _, _):
            code.add(f"store double {last}, ptr {code.at('%y', s)}")
        return code.function("define internal void @copy(ptr noalias %x, ptr noalias %y, i64 %n, i64 %count) nounwind")
    if name == "fill":
        with code.loop("0", "%count") as (s, _, _):
            code.add(f"store double %x, ptr {code.at('%y', s)}")
        return code.function("define internal void @fill(ptr %y, double %x, i64 %count) nounwind")
    with code.loop("0", "%m") as (r, _, _), code.loop("%n", "%count") as (s, _, _):
        code.add(f"store double 0.0, ptr {code.at('%y', code.times(r, '%stride'), s)}")
    return code.function("define internal void @clear(ptr %y, i64 %stride, i64 %m, i64 %n, i64 %count) nounwind")


def _added() -> str:
    """g[k] += x[k], for n of them."""
    code = Code()
    with code.loop("0", "%n") as (k, _, _):
        code.add_to(code.number("%x", k), "%g", k)
    return code.function("define internal void @added(ptr noalias %x, ptr noalias %g, i64 %n) nounwind")


def _scattered() -> str:
    """g[targets[k]] += x[k], for n of them."""
    code = Code()
    with code.loop("0", "%n") as (k, _, _):
        code.add_to(code.number("%x", k), "%g", code.whole("%targets", k))
    return code.function("define internal void @scattered(ptr noalias %x, ptr %targets, ptr noalias %g, i64 %n) nounwind")


def _fixed_sums() -> str:
    """g[targets[k]] += n·f[a[k]]·f[b[k]], for m of them."""
    code = Code()
    count = code.set("sitofp i64 %n to double")
    with code.loop("0", "%m") as (k, _, _):
        first = code.set(f"fmul double {count}, {code.number('%f', code.whole('%a', k))}")
        code.add_to(code.set(f"fmul double {first}, {code.number('%f', code.whole('%b', k))}"), "%g", code.whole("%targets", k))
    return code.function(
        "define internal void @fixed_sums(ptr noalias %f, ptr %a, ptr %b, ptr noalias %g, ptr %targets, i64 %m, i64 %n) nounwind"
    )


def _ordered() -> str:
    """g[targets[k]] += w[rows[j]][s]·w[others[j]][s], for s from the last lane to the first, and for each s for j from starts[k]
    to starts[k + 1]."""
    code = Code()
    with code.loop("0", "%m") as (k, _, _):
        low, high = code.whole("%starts", k), code.whole("%starts", code.set(f"add i64 {k}, 1"))
        target = code.at("%g", code.whole("%targets", k))
        with code.loop("0", "%valid", 1, [("double", code.number(target))]) as (turn, (outer,), sums):
            s = code.set(f"sub i64 {code.set('sub i64 %valid, 1')}, {turn}")
            with code.loop(low, high, 1, [("double", outer)]) as (j, (inner,), following):
                a, b = [code.number("%w", code.times(code.whole(table, j), "%stride"), s) for table in ("%rows", "%others")]
                following.append(code.set(f"fadd double {inner}, {code.set(f'fmul double {a}, {b}')}"))
            sums.append(inner)
        code.add(f"store double {outer}, ptr {target}")
    return code.function(
        "define internal void @ordered(ptr noalias %w, i64 %stride, ptr %rows, ptr %others, ptr %starts, "
        "ptr noalias %g, ptr %targets, i64 %m, i64 %valid) nounwind"
    )


def _ordered_alone() -> str:
    """`ordered` with one j for each k: AT_ONCE sums at once, since each waits for its last addition."""
    code = Code()
    low = "0"
    for many in (AT_ONCE, 1):
        high = "%m" if many == 1 else code.set(f"and i64 %m, {-many}")
        with code.loop(low, high, many) as (k, _, _):
            places = [code.set(f"add i64 {k}, {q}") for q in range(many)]
            lines = [
                [code.at("%w", code.times(code.whole(table, place), "%stride")) for table in ("%rows", "%others")]
                for place in places
            ]
            targets = [code.at("%g", code.whole("%targets", place)) for place in places]
            with code.loop("0", "%valid", 1, [("double", code.number(target)) for target in targets]) as (turn, sums, following):
                s = code.set(f"sub i64 {code.set('sub i64 %valid, 1')}, {turn}")
                products = [code.set(f"fmul double {code.number(a, s)}, {code.number(b, s)}") for a, b in lines]
                following += [code.set(f"fadd double {x}, {product}") for x, product in zip(sums, products, strict=True)]
            for x, target in zip(sums, targets, strict=True):
                code.add(f"store double {x}, ptr {target}")
        low = high
    return code.function(
        "define internal void @ordered_alone(ptr noalias %w, i64 %stride, ptr %rows, ptr %others, "
        "ptr noalias %g, ptr %targets, i64 %m, i64 %valid) nounwind"
    )
