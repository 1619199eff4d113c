"""Operations on sequences: what their derivatives cost, and the digits that the cheap graphs keep."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

import autograd
from autograd import OperandError, Value, cross_entropy, hvp, jvp, log_softmax, logsumexp, ops, softmax, special, taylor, toposort
from autograd.ops import TABLE, Op
from autograd.ops import sum as total
from autograd.transforms import gradient

ONE_NUMBER: dict[str, Callable[[Any], Any]] = {
    "logsumexp": logsumexp,
    "cross_entropy": lambda xs: cross_entropy(xs, 1),
    "cross_entropy of the largest": lambda xs: cross_entropy(xs, 0),
    "softmax": lambda xs: softmax(xs, 1),
    "softmax of the largest": lambda xs: softmax(xs, 0),
    "log_softmax": lambda xs: log_softmax(xs, 1),
}


def logits(count: int, seed: int = 0) -> list[float]:
    """The largest comes first."""
    rng = random.Random(f"{count} {seed}")
    return sorted([rng.uniform(-3.0, 3.0) for _ in range(count)], reverse=True)


def edges(*roots: Value) -> int:
    return sum(len(node.operands) for node in toposort(*roots))


@pytest.fixture
def exponentials(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many exponentials of floats have been computed, in the last place of the list."""
    counted, plain = [0], special.exp_of_difference

    def counting(a: float, b: float) -> float:
        counted[-1] += 1
        return plain(a, b)

    special.probabilities.cache_clear()
    monkeypatch.setattr(special.exponentials, "exp_of_difference", counting)
    return counted


@pytest.mark.parametrize("f", ONE_NUMBER.values(), ids=ONE_NUMBER)
def test_the_graph_of_a_gradient_is_linear_in_the_operands(f: Callable[[Any], Any]) -> None:
    sizes = []
    for count in (100, 200, 400):
        xs = [Value(x) for x in logits(count)]
        first = gradient(f(xs), xs)
        second = gradient(first[1], xs)
        sizes.append((edges(*first), edges(*second)))
    for small, large in itertools.pairwise(sizes):
        assert all(b <= 2.1 * a for a, b in zip(small, large, strict=True)), sizes
    assert sizes[-1][0] <= 12 * 400


@pytest.mark.parametrize("xs", [logits(500), [2.0] * 500], ids=["different", "equal"])  # equal operands are no kink
@pytest.mark.parametrize("f", ONE_NUMBER.values(), ids=ONE_NUMBER)
def test_value_gradient_and_forward_mode_compute_each_exponential_a_few_times(
    f: Callable[[Any], Any], xs: list[float], exponentials: list[int]
) -> None:
    n = len(xs)
    along = [1.0] + [0.0] * (n - 1)
    for act in (
        lambda: f([Value(x) for x in xs]).backward(),
        lambda: autograd.grad(f)(xs),
        lambda: jvp(f, (xs,), (along,)),
        lambda: hvp(f, (xs,), (along,)),
        lambda: taylor(lambda t: f([t, *xs[1:]]), xs[0], 2),
    ):
        special.probabilities.cache_clear()
        exponentials.append(0)
        act()
        assert exponentials[-1] <= 12 * n
    assert any(exponentials)  # those of a node in C are not counted


def test_all_components_are_linear_in_their_edges(exponentials: list[int]) -> None:
    sizes = []
    for count in (10, 20, 40):
        exponentials.append(0)
        xs = [Value(x) for x in logits(count)]
        components = softmax(xs)
        assert exponentials[-1] <= 2 * count  # one vector of weights for all of them
        assert edges(*components) == count * count
        root = total([p * p for p in components])
        sizes.append(edges(*gradient(root, xs)))
    assert all(size <= 13 * count * count for size, count in zip(sizes, (10, 20, 40), strict=True)), sizes


SPREADS = {
    "equal": [1.5] * 5,
    "1e-8": [1.0, 1.0 + 1e-8, 1.0 - 1e-8, 1.0 + 3e-8],
    "ordinary": [0.3, -1.2, 2.0, 0.7],
    "40": [0.0, 40.0, 1.0],
    "300": [-150.0, 150.0, 0.25, 149.0],
    "far from 0": [1e6, 1e6 - 1.0, 1e6 - 30.0],
    "one": [2.0],
}


def known_hessian(f: Callable[[Any], Any], xs: list[float]) -> list[list[Any]]:
    """Of a function of mpmath's numbers, by central differences."""
    h, n = mpmath.mpf(10) ** -60, len(xs)

    def at(i: int, s: int, j: int, t: int) -> Any:
        return f([mpmath.mpf(x) + h * (s * (k == i) + t * (k == j)) for k, x in enumerate(xs)])

    signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    return [[sum(s * t * at(i, s, j, t) for s, t in signs) / (4 * h * h) for j in range(n)] for i in range(n)]


@pytest.mark.parametrize("xs", SPREADS.values(), ids=SPREADS)
@pytest.mark.parametrize("name", ["logsumexp", "softmax", "log_softmax", "cross_entropy"])
def test_second_derivatives_keep_their_digits_over_every_spread(name: str, xs: list[float]) -> None:
    def lse(xs: Any) -> Any:
        return mpmath.log(mpmath.fsum(map(mpmath.exp, xs)))

    for k in range(len(xs)):
        f: Callable[[Any], Any] = {
            "logsumexp": logsumexp,
            "softmax": lambda xs, k=k: softmax(xs, k),
            "log_softmax": lambda xs, k=k: log_softmax(xs, k),
            "cross_entropy": lambda xs, k=k: cross_entropy(xs, k),
        }[name]
        g: Callable[[Any], Any] = {
            "logsumexp": lse,
            "softmax": lambda xs, k=k: mpmath.exp(xs[k] - lse(xs)),
            "log_softmax": lambda xs, k=k: xs[k] - lse(xs),
            "cross_entropy": lambda xs, k=k: lse(xs) - xs[k],
        }[name]
        with mpmath.workdps(400):
            known = known_hessian(g, xs)
            p = [mpmath.exp(x - lse(list(map(mpmath.mpf, xs)))) for x in xs]
            for i, line in enumerate(autograd.hessian(f)(xs)):
                for j, entry in enumerate(line):
                    # relative; where softmax's own second derivative has a root, to the size of its terms
                    size = p[k] * p[i] * p[j] if name == "softmax" else abs(known[i][j])
                    assert abs(entry - known[i][j]) <= 1e-14 * max(abs(known[i][j]), size) + 1e-300, (k, i, j, entry)
        if name == "logsumexp":
            break


def test_log_softmax_has_the_logarithms_of_probabilities_that_underflow() -> None:
    xs = [Value(-800.0), Value(0.0)]
    y = log_softmax(xs)
    assert [component.data for component in y] == [-800.0, 0.0]
    y[0].backward()
    assert (xs[0].grad, xs[1].grad) == (1.0, -1.0)
    assert log_softmax([1.0, 1.0]) == (-math.log(2.0),) * 2
    assert log_softmax([1.0, 1.0], k=1) == -math.log(2.0)


def test_a_difference_of_exponents_keeps_the_digits_that_its_rounding_takes() -> None:
    for a, b in [(0.1, 640.7), (-700.3, 5.1), (1e-9, 3.0), (2.0, 1.0), (-math.inf, 1.0)]:
        with mpmath.workdps(60):
            known = mpmath.exp(mpmath.mpf(a) - mpmath.mpf(b)) if a > -math.inf else mpmath.mpf(0)
            assert abs(autograd.exp_sub(a, b) - known) <= 4 * math.ulp(float(known))


# ------------------------------------------------------------------------------------- products, lengths, deviations, extremes

EXACT: dict[str, Callable[[Any], Any]] = {
    "prod": mpmath.fprod,
    "norm": lambda xs: mpmath.sqrt(mpmath.fsum([x * x for x in xs])),
    "var": lambda xs: mpmath.fsum([(x - mpmath.fsum(xs) / len(xs)) ** 2 for x in xs]) / len(xs),
    "std": lambda xs: mpmath.sqrt(EXACT["var"](xs)),
    "deviation": lambda xs: xs[1] - mpmath.fsum(xs) / len(xs),
    "max_of": max,
    "min_of": min,
}
HARD = {
    "ordinary": [0.3, -1.2, 2.0, 0.7],
    "two": [3.0, 4.0],
    "large": [1e200, -3e200, 2e199],
    "tiny": [1e-200, 3e-201, -2e-200],
    "subnormal": [5e-324, 1e-310, -3e-315],
    "one dominates": [1e8, 1.0, -2.0, 0.5],
    "far from 0": [1e8 + 1.0, 1e8 + 2.0, 1e8 + 4.5],
    "beside each other": [1.0, 1.0 + 2.0**-52, 1.0 - 2.0**-53],
    "an outlier first": [-1e8, 1.0, 1.5, 2.0],
    "product of extremes": [1e300, 1e300, 1e-300, 1e-299],
    "long": [1.0 + 0.01 * k for k in range(60)],
}


def parameters_of(row: Op) -> dict[str, Any]:
    return {"k": 1} if row.required else {}


def known_gradient(f: Callable[[Any], Any], xs: list[float]) -> list[Any]:
    """Of a function of mpmath's numbers, to some hundred digits."""
    found = []
    for i, x in enumerate(xs):
        h = mpmath.mpf(10) ** -150 * (abs(mpmath.mpf(x)) + mpmath.mpf(10) ** -330)
        ahead, before = ([mpmath.mpf(a) + sign * h * (k == i) for k, a in enumerate(xs)] for sign in (1, -1))
        found.append((f(ahead) - f(before)) / (2 * h))
    return found


def off_by(computed: float, known: Any) -> float:
    if abs(known) > mpmath.mpf(1.7976931348623157e308):
        return 0.0 if computed == math.copysign(math.inf, known) else math.inf
    return float(abs(computed - known) / math.ulp(float(known)))


@pytest.mark.parametrize("xs", HARD.values(), ids=HARD)
@pytest.mark.parametrize("name", EXACT)
def test_value_and_slopes_keep_their_digits_at_hard_points(name: str, xs: list[float]) -> None:
    row = TABLE[name]
    nodes = [Value(x) for x in xs]
    y = row.apply(tuple(nodes), parameters_of(row))
    y.backward()
    with mpmath.workdps(1500):
        exact = [mpmath.mpf(x) for x in xs]
        assert off_by(y.data, EXACT[name](exact)) <= 4
        for node, known in zip(nodes, known_gradient(EXACT[name], xs), strict=True):
            # a quotient of subnormal numbers has as many digits as its smallest operand
            assert off_by(node.grad, known) <= (64 if min(map(abs, xs)) > 1e-307 else 2.0**52), (node.data, node.grad)


ORDERS = {"ordinary", "two", "one dominates", "far from 0", "an outlier first"}


@pytest.mark.parametrize("xs", [HARD[name] for name in sorted(ORDERS)], ids=sorted(ORDERS))
@pytest.mark.parametrize("name", ["prod", "norm", "var", "std"])
def test_orders_2_to_4_along_a_line_keep_their_digits(name: str, xs: list[float]) -> None:
    """Relative to the largest term: the derivative of the same order of that term alone."""
    for i, x in enumerate(xs):
        found = taylor(lambda t, i=i: TABLE[name]([*xs[:i], t, *xs[i + 1 :]]), x, 4)
        with mpmath.workdps(300):
            known = mpmath.taylor(lambda t, i=i: EXACT[name]([*map(mpmath.mpf, xs[:i]), t, *map(mpmath.mpf, xs[i + 1 :])]), x, 4)
            for k in (2, 3, 4):
                assert abs(found[k] - known[k]) <= 1e-12 * abs(known[k]), (i, k)


@pytest.mark.parametrize(
    "xs", [(0.3, -1.2, 2.0, 0.7), (5.0, 1.0, 1.0), (1.0, 1e8, 1.0 + 1e-9), (3e-120, 3e-120, 5e-120), (2.0, -1e3)]
)
@pytest.mark.parametrize("name", ["norm", "std"])
def test_mixed_derivatives_keep_their_digits_where_others_are_equal_and_where_one_dominates(
    name: str, xs: tuple[float, ...]
) -> None:
    """Of orders 2 and 3, relative to y¹⁻ᵏ, the size of their terms."""
    second = autograd.hessian(TABLE[name])(list(xs))
    third = autograd.grad(lambda v: autograd.grad(lambda u: autograd.grad(TABLE[name])(u)[0])(v)[-1])(list(xs))
    with mpmath.workdps(200):
        exact = [mpmath.mpf(x) for x in xs]
        size = EXACT[name](exact)

        def known(*orders: int) -> Any:
            return mpmath.diff(lambda *point: EXACT[name](list(point)), exact, orders)

        def along(*places: int) -> tuple[int, ...]:
            return tuple([places.count(k) for k in range(len(xs))])

        for i, j in itertools.product(range(len(xs)), repeat=2):
            assert abs(second[i][j] - known(*along(i, j))) <= 1e-13 / size, (i, j)
        for k in range(len(xs)):
            assert abs(third[k] - known(*along(0, len(xs) - 1, k))) <= 1e-12 / size**2, k


def test_std_and_its_slopes_neither_overflow_nor_lose_digits_at_the_ends_of_the_floats() -> None:
    big, tiny = 1.7e308, 5e-324
    assert autograd.grad(ops.std)([big, -big]) == [0.5, -0.5]
    assert ops.std([big, -big]) == pytest.approx(big, rel=4e-16)
    assert ops.std([big, -big, -big]) == pytest.approx(math.sqrt(8 / 9) * big, rel=1e-15)
    assert ops.std([tiny, tiny, 2 * tiny]) == tiny  # 0 would mean that all are equal
    assert autograd.grad(ops.std)([tiny, tiny, 2 * tiny]) == pytest.approx(autograd.grad(ops.std)([1.0, 1.0, 2.0]), rel=1e-15)
    assert autograd.grad(lambda v: autograd.grad(ops.std)(v)[1])([3e-160, 2e-160, 1e-160]) == pytest.approx(
        [1 / 3 / math.sqrt(6) * 1e160 * sign for sign in (-1, 2, -1)], rel=1e-13
    )


def test_a_product_has_its_slopes_through_zeros() -> None:
    for xs, slopes in {(2.0, 0.0, 3.0): (0.0, 6.0, 0.0), (0.0, 0.0, 3.0): (0.0, 0.0, 0.0), (0.0,): (1.0,)}.items():
        assert autograd.grad(ops.prod)(list(xs)) == list(slopes)
    assert autograd.hessian(ops.prod)([0.0, 0.0, 3.0]) == [[0.0, 3.0, 0.0], [3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    assert ops.prod([1e200, 1e200]) == math.inf
    assert math.copysign(1.0, ops.prod([-0.0, 3.0])) == -1.0
    assert math.isnan(ops.prod([0.0, math.inf]))


def test_what_has_a_value_on_nothing_has_the_neutral_one() -> None:
    assert (ops.sum([]), ops.prod([]), ops.norm([]), ops.cumsum([])) == (0.0, 1.0, 0.0, ())
    for row in (ops.mean, ops.var, ops.std, ops.max_of, ops.logsumexp, ops.max):
        with pytest.raises(OperandError, match="at least one operand"):
            row([])


@pytest.mark.parametrize(("function", "sign"), [(ops.max, 1.0), (ops.min, -1.0)], ids=["max", "min"])
def test_a_tie_of_k_nodes_gives_each_its_share(function: Any, sign: float) -> None:
    def slopes(*operands: Any) -> list[float]:
        listed = operands[0] if isinstance(operands[0], list) else operands
        nodes = [x for x in listed if isinstance(x, Value)]
        for node in nodes:
            node.zero_grad()
        function(*operands).backward()
        return [node.grad for node in nodes]

    a, b, c, d = (Value(sign * x) for x in (2.0, 2.0, 2.0, 1.0))
    assert slopes(a, b, c, d) == slopes([a, b, c, d]) == [1 / 3, 1 / 3, 1 / 3, 0.0]
    assert slopes(a, d, b) == [0.5, 0.0, 0.5]
    assert slopes(a, b, 2.0 * sign, d) == [0.0, 0.0, 0.0]  # a constant at the tie: the subgradient of least norm
    assert slopes(a, d, 1.0 * sign) == [1.0, 0.0]
    assert slopes([a]) == [1.0]
    assert slopes(a, a, d) == [1.0, 1.0, 0.0]  # the same node twice
    assert not function(a, d, d).edges[1][3]  # a closed gate
    y = function(Value(math.nan), a, d)
    y.backward()
    assert math.isnan(y.data)
    assert all(math.isnan(partial) for partial in y.partials)


@pytest.mark.parametrize("function", [ops.max, ops.min], ids=["max", "min"])
def test_two_operands_stay_the_row_of_two(function: Op) -> None:
    a, b = Value(1.0), Value(2.0)
    assert function(a, b).op is function([a, b]).op is function(a, b=b).op is function
    assert function(a, b, 3.0).op is TABLE[f"{function.__name__}_of"]
    assert function(1.0, 2.0, 3.0) == function(iter([3.0, 2.0, 1.0])) == {ops.max: 3.0, ops.min: 1.0}[function]
    assert a.max(b, 3.0).data == 3.0
    for wrong in ((), (a,), (1.0,), ("ab",), ([],), (b"ab",)):
        with pytest.raises(OperandError):
            function(*wrong)
    with pytest.raises(OperandError, match="key"):
        function([1.0, 2.0], key=abs)


def test_cumsum_gives_every_partial_sum_rounded_once() -> None:
    xs = [Value(x) for x in (1e16, 1.0, -1e16)]
    sums = ops.cumsum(xs)
    assert [y.data for y in sums] == [1e16, 1e16, 1.0]
    total(sums).backward()
    assert [x.grad for x in xs] == [3.0, 2.0, 1.0]
    assert ops.cumsum(iter([1.0, 2.0])) == (1.0, 3.0)
    for wrong in (5.0, "ab", xs[0], None):
        with pytest.raises(OperandError, match="cumsum takes a list"):
            ops.cumsum(wrong)


@pytest.mark.parametrize("row", [ops.std, ops.norm], ids=["std", "norm"])
def test_the_slope_of_least_norm_is_0_where_all_slopes_meet(row: Op) -> None:
    xs = [Value(0.0), Value(-0.0), Value(0.0)]
    y = row(xs)
    y.backward()
    assert (y.data, [x.grad for x in xs]) == (0.0, [0.0, 0.0, 0.0])
    assert autograd.hessian(lambda v: row(v) ** 2)([0.0, 0.0])[0][0] == pytest.approx(2.0 if row is ops.norm else 0.5)


def test_infinite_operands_have_the_limits() -> None:
    inf = math.inf
    assert autograd.value_and_grad(ops.norm)([3.0, -inf, 1.0]) == (inf, [0.0, -1.0, 0.0])
    assert all(math.isnan(slope) for slope in autograd.grad(ops.norm)([inf, inf]))
    assert (ops.var([1.0, inf]), ops.std([1.0, -inf])) == (inf, inf)
    assert math.isnan(ops.var([inf, inf]))
    assert autograd.grad(ops.max)([1.0, inf, 2.0]) == [0.0, 1.0, 0.0]
    assert autograd.grad(ops.norm)([1e308, 1e308, 1e308, 1e308]) == [0.5] * 4  # where the length overflows
