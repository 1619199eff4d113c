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
from autograd import Value, cross_entropy, hvp, jvp, log_softmax, logsumexp, softmax, special, taylor, toposort
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
    monkeypatch.setattr(special, "exp_of_difference", counting)
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
        assert 0 < exponentials[-1] <= 12 * n


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
