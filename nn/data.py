"""Data sets computed on the spot, with scikit-learn's names and shapes and no dependency; and a real one, handwritten digits.

Each function returns the points as a list of lists, X, and the targets, y: classes as whole numbers, or the totals of bills.
With `random_state=` the same call returns the same points on every machine; without it they differ from run to run. The global
random state is neither read nor changed.

    >>> X, y = make_moons(n_samples=4, shuffle=False)
    >>> [[round(coordinate, 3) for coordinate in point] for point in X], y
    ([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5], [2.0, 0.5]], [0, 0, 1, 1])

    make_bills     a linear neuron's task, with inputs of a given correlation
    make_lines     two classes that a straight line separates      make_xor       two classes that no straight line separates
    make_moons, make_circles, make_spirals   two classes with curved boundaries, of growing difficulty
    make_blobs     any number of round clouds                      load_digits    1797 pictures of 8 × 8 pixels

`train_test_split` holds out examples, `standardise` gives every column mean 0 and deviation 1.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from typing import Any, overload

from autograd.ops import number
from nn.errors import SettingError, ShapeError
from nn.settings import setting, whole

__all__ = ["load_digits", "make_bills", "make_blobs", "make_circles", "make_lines", "make_moons", "make_spirals", "make_xor"]
__all__ += ["standardise", "surroundings", "train_test_split"]

RandomState = int | random.Random | None
Points = list[list[float]]
Examples = tuple[Points, list[int]]
Sizes = int | tuple[int, int]  # the number of samples, divided between two classes, or one number for each

PORTIONS = 10  # the most of one dish in a week of make_bills


def make_bills(
    weeks: int, prices: Sequence[float], correlation: float = 0.0, rng: RandomState = None
) -> tuple[Points, list[float]]:
    """Return the portions of each dish eaten each week, and the weekly totals: t = Σ xᵢ · priceᵢ.

    Each dish has 0 to 10 portions a week, 5 on average. The numbers of any two dishes have the given correlation: with 0 they
    are independent, with 1 always equal, and the total cannot be divided. Each portion is a coin toss; with probability
    √correlation a dish copies a shared toss, which gives any two dishes that correlation.

    >>> make_bills(2, [0.5, 1.5, 1.0], correlation=1.0, rng=1)
    ([[6.0, 6.0, 6.0], [5.0, 5.0, 5.0]], [18.0, 15.0])
    """
    weeks = whole("weeks", weeks)
    prices = [number(price) for price in prices]
    if not prices:
        raise SettingError("prices = []: the price of at least one dish is needed, such as [0.5, 1.5, 1.0]")
    copying, generator = math.sqrt(setting("correlation", correlation, most=1.0)), _generator(rng)
    X = [_portions(len(prices), copying, generator) for _ in range(weeks)]
    return X, [math.fsum(map(operator.mul, x, prices)) for x in X]


def _portions(dishes: int, copying: float, rng: random.Random) -> list[float]:
    """Return the portions of one week; for each portion, a dish copies the shared toss with this probability."""
    counts = [0.0] * dishes
    for _ in range(PORTIONS):
        shared = rng.random() < 0.5
        for dish in range(dishes):
            own = rng.random() < 0.5
            counts[dish] += shared if rng.random() < copying else own
    return counts


def make_moons(
    n_samples: Sizes = 100, *, shuffle: bool = True, noise: float | None = None, random_state: RandomState = None
) -> Examples:
    """Two interleaving half circles: (cos t, sin t) is class 0, (1 − cos t, ½ − sin t) is class 1, t from 0 to π.

    One number of samples is divided between the two, a pair has one for each; `noise` is the standard deviation of what is
    added to each coordinate. The points are scikit-learn's; the noise and the order are those of Python's generator.
    """
    outer, inner = _two_sizes(n_samples, "moon")
    arms = (
        [[math.cos(t), math.sin(t)] for t in _spaced(0.0, math.pi, outer)],
        [[1 - math.cos(t), 0.5 - math.sin(t)] for t in _spaced(0.0, math.pi, inner)],
    )
    return _classes(arms, shuffle, noise, random_state)


def make_circles(
    n_samples: Sizes = 100,
    *,
    shuffle: bool = True,
    noise: float | None = None,
    random_state: RandomState = None,
    factor: float = 0.8,
) -> Examples:
    """A circle of radius 1, class 0, around one of radius `factor`, class 1; otherwise as `make_moons`.

    >>> make_circles(4, shuffle=False, factor=0.5)[1]
    [0, 0, 1, 1]
    """
    rings = zip((1.0, setting("factor", factor, below=1.0)), _two_sizes(n_samples, "circle"), strict=True)
    arms = [[[r * math.cos(t), r * math.sin(t)] for t in (2 * math.pi * i / n for i in range(n))] for r, n in rings]
    return _classes(arms, shuffle, noise, random_state)


def make_spirals(
    n_samples: Sizes = 100,
    *,
    shuffle: bool = True,
    noise: float | None = None,
    random_state: RandomState = None,
    turns: float = 1.5,
) -> Examples:
    """Two spirals inside each other (Lang and Witbrock, 1988), one turned by half a turn from the other.

    (r cos t, r sin t) is class 0 and its opposite class 1, with t from 0 to `turns` whole turns and r growing with it from
    0.1 to 1. Otherwise as `make_moons`.

    >>> X, y = make_spirals(20, shuffle=False)
    >>> X[0], X[10], y[0], y[10]
    ([0.1, 0.0], [-0.1, -0.0], 0, 1)
    """
    angle = 2 * math.pi * setting("turns", turns, most=100.0)
    arms: list[Points] = []
    for side, n in zip((1.0, -1.0), _two_sizes(n_samples, "spiral"), strict=True):
        polar = zip(_spaced(0.1, 1.0, n), _spaced(0.0, angle, n), strict=True)
        arms.append([[side * r * math.cos(t), side * r * math.sin(t)] for r, t in polar])
    return _classes(arms, shuffle, noise, random_state)


def make_lines(
    n_samples: Sizes = 100,
    *,
    shuffle: bool = True,
    noise: float | None = None,
    random_state: RandomState = None,
    slope: float = 1.0,
    gap: float = 1.0,
) -> Examples:
    """Two parallel lines of points, which a straight line between them separates: a single neuron can learn them.

    x goes from −1 to 1, and y is slope · x − gap/2 in class 0, slope · x + gap/2 in class 1. Otherwise as `make_moons`.

    >>> make_lines(4, shuffle=False)
    ([[-1.0, -1.5], [1.0, 0.5], [-1.0, -0.5], [1.0, 1.5]], [0, 0, 1, 1])
    """
    steepness, distance = number(slope), number(gap)
    sides = zip((-1.0, 1.0), _two_sizes(n_samples, "line"), strict=True)
    arms = [[[x, steepness * x + side * distance / 2] for x in _spaced(-1.0, 1.0, n)] for side, n in sides]
    return _classes(arms, shuffle, noise, random_state)


def make_xor(
    n_samples: int = 100, *, shuffle: bool = True, noise: float | None = None, random_state: RandomState = None
) -> Examples:
    """Exclusive or: the corners (0, 0), (0, 1), (1, 0), (1, 1) in turn, of class 1 where one coordinate alone is 1.

    Otherwise as `make_moons`; the class is the corner's, however far `noise` moves the point.

    >>> make_xor(4, shuffle=False)
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    corners = [(float(i >> 1 & 1), float(i & 1)) for i in range(whole("n_samples", n_samples))]
    return _finished([([a, b], int(a != b)) for a, b in corners], shuffle, noise, _generator(random_state))


def make_blobs(
    n_samples: int | Sequence[int] = 100,
    n_features: int = 2,
    *,
    centers: int | Sequence[Sequence[float]] | None = None,
    cluster_std: float | Sequence[float] = 1.0,
    center_box: tuple[float, float] = (-10.0, 10.0),
    shuffle: bool = True,
    random_state: RandomState = None,
) -> Examples:
    """Round clouds of normally distributed points, one cloud for each class.

    `centers` is the number of clouds, at random places of `center_box`, or a list of their centers: 3 clouds by default. One
    number of samples is divided between them, a list has one for each; likewise `cluster_std`, the standard deviation.

    >>> X, y = make_blobs([2, 1], centers=[[0, 0], [5, 5]], cluster_std=0.0, shuffle=False)
    >>> X, y
    ([[0.0, 0.0], [0.0, 0.0], [5.0, 5.0]], [0, 0, 1])
    """
    rng = _generator(random_state)
    if centers is None:
        centers = len(n_samples) if isinstance(n_samples, Sequence) else 3
    places: Points
    if isinstance(centers, Sequence):
        places = [[number(coordinate) for coordinate in place] for place in centers]
        if not places or len(set(map(len, places))) > 1 or not places[0]:
            raise SettingError(f"centers = {centers!r:.60}: a list of points of one length is needed, or the number of clouds")
    else:
        low, high = map(number, center_box)
        n_features = whole("n_features", n_features)
        places = [[rng.uniform(low, high) for _ in range(n_features)] for _ in range(whole("centers", centers))]
    n = len(places)
    if isinstance(n_samples, Sequence):
        sizes = [whole("n_samples", m, 0) for m in _each("n_samples", n_samples, n)]
    else:
        total = whole("n_samples", n_samples)
        sizes = [total // n + (index < total % n) for index in range(n)]
    if not sum(sizes):
        raise SettingError(f"n_samples = {n_samples!r}: at least one point is needed")
    spreads = [setting("cluster_std", spread) for spread in _each("cluster_std", cluster_std, n)]
    examples = [
        ([rng.gauss(coordinate, spread) for coordinate in place], target)
        for target, (place, size, spread) in enumerate(zip(places, sizes, spreads, strict=True))
        for _ in range(size)
    ]
    return _finished(examples, shuffle, None, rng)


def load_digits(*, n_class: int = 10) -> Examples:
    """Handwritten digits: 1797 pictures of 8 × 8 pixels, each from 0 (paper) to 16 (ink), row by row; and the digit of each.

    Only digits below `n_class` are returned. The test set of UCI's "Optical Recognition of Handwritten Digits" (Alpaydin and
    Kaynak, 1998; CC BY 4.0), as scikit-learn has it and in its order; `digits.md` beside the file has the details.

    >>> X, y = load_digits()
    >>> len(X), len(X[0]), y[:10]
    (1797, 64, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    limit = whole("n_class", n_class)
    X: Points = []
    y: list[int] = []
    for line in resources.files("nn").joinpath("digits.txt").read_text(encoding="ascii").splitlines():
        target, pixels = line.split()
        if int(target) < limit:
            X.append([float(_PIXELS.index(pixel)) for pixel in pixels])
            y.append(int(target))
    return X, y


_PIXELS = "0123456789abcdefg"  # one character for each of the 17 shades in digits.txt


def train_test_split(
    *sequences: Sequence[Any],
    test_size: float | int | None = None,
    train_size: float | int | None = None,
    random_state: RandomState = None,
    shuffle: bool = True,
    stratify: Sequence[Any] | None = None,
) -> list[Any]:
    """Split each sequence into a part for training and a held-out part: X_train, X_test, y_train, y_test for (X, y).

    A size is a fraction of the whole, as 0.25, or a number of examples; a quarter is held out by default. With
    `stratify=y` every class has the same share in both parts. The sizes are scikit-learn's.

    >>> train_test_split([1, 2, 3, 4], "abcd", shuffle=False)
    [[1, 2, 3], [4], ['a', 'b', 'c'], ['d']]
    """
    if not sequences:
        raise SettingError("there is nothing to split; give the inputs and the targets, train_test_split(X, y)")
    n = len(sequences[0])
    for sequence in (*sequences[1:], *([] if stratify is None else [stratify])):
        if len(sequence) != n:
            raise ShapeError(f"sequences of {n} and {len(sequence)} examples; each input needs its target")
    train, test = _split_sizes(n, test_size, train_size)
    order = list(range(n))
    if stratify is not None:
        if not shuffle:
            raise SettingError("stratify= needs shuffle=True, since it does not keep the order")
        kept, held_out = _stratified(stratify, train, test, _generator(random_state))
    elif shuffle:
        _generator(random_state).shuffle(order)
        held_out, kept = order[:test], order[test : test + train]
    else:
        kept, held_out = order[:train], order[train : train + test]
    return [[sequence[index] for index in part] for sequence in sequences for part in (kept, held_out)]


def _split_sizes(n: int, test_size: Any, train_size: Any) -> tuple[int, int]:
    """Return the sizes of the training part and of the held-out part."""

    def count(name: str, size: Any, rounded: Callable[[float], int]) -> int:
        if isinstance(size, float):
            if not 0.0 < size < 1.0:
                raise SettingError(f"{name} = {size!r}: a fraction between 0 and 1 is needed, or a number of examples")
            return rounded(size * n)
        return whole(name, size)

    if test_size is None and train_size is None:
        test_size = 0.25
    test = None if test_size is None else count("test_size", test_size, math.ceil)
    train = None if train_size is None else count("train_size", train_size, math.floor)
    test = n - train if test is None and train is not None else test or 0
    train = n - test if train is None else train
    if train < 1 or test < 1 or train + test > n:
        raise SettingError(f"{n} examples cannot be split into {train} for training and {test} held out; take other sizes")
    return train, test


def _stratified(classes: Sequence[Any], train: int, test: int, rng: random.Random) -> tuple[list[int], list[int]]:
    """Return the places of both parts. Each class is divided in proportion, rounded by largest remainders."""
    places: dict[Any, list[int]] = {}
    for place, target in enumerate(classes):
        places.setdefault(target, []).append(place)
    for group in places.values():
        rng.shuffle(group)
    sizes = [len(group) for group in places.values()]
    of_test = _apportioned(test, sizes)
    of_train = _apportioned(train, [size - used for size, used in zip(sizes, of_test, strict=True)])
    kept: list[int] = []
    held_out: list[int] = []
    for group, m, k in zip(places.values(), of_test, of_train, strict=True):
        held_out += group[:m]
        kept += group[m : m + k]
    rng.shuffle(kept)
    rng.shuffle(held_out)
    return kept, held_out


def _apportioned(total: int, sizes: list[int]) -> list[int]:
    """Divide `total` in proportion to the sizes, in whole numbers."""
    shares = [total * size // sum(sizes) for size in sizes]
    remainders = sorted(range(len(sizes)), key=lambda index: (-(total * sizes[index] % sum(sizes)), index))
    for index in remainders[: total - sum(shares)]:
        shares[index] += 1
    return shares


@overload
def standardise(X: Sequence[Sequence[float]], /) -> Points: ...
@overload
def standardise(X: Sequence[Sequence[float]], /, *others: Sequence[Sequence[float]]) -> tuple[Points, ...]: ...
def standardise(X: Sequence[Sequence[float]], /, *others: Sequence[Sequence[float]]) -> Points | tuple[Points, ...]:
    """Scale every column to mean 0 and standard deviation 1, (x − mean)/deviation; a constant column becomes 0.

    Others are shifted and scaled by the means and deviations of the *first*: X_train, X_test = standardise(X_train, X_test).

    >>> standardise([[1.0, 7.0], [3.0, 7.0]], [[5.0, 8.0]])
    ([[-1.0, 0.0], [1.0, 0.0]], [[3.0, 1.0]])
    """
    tables = [[[number(x) for x in row] for row in table] for table in (X, *others)]
    if not tables[0] or not tables[0][0]:
        raise ShapeError("standardise: there are no numbers; give at least one row and one column")
    width = len(tables[0][0])
    for table in tables:
        for index, row in enumerate(table):
            if len(row) != width:
                raise ShapeError(f"standardise: row {index} has {len(row)} columns and the first {width}; all need the same")
    n = len(tables[0])
    columns = []  # (mean, deviation) of each
    for column in zip(*tables[0], strict=True):
        if min(column) == max(column):  # rounding might give it a deviation
            columns.append((column[0], 1.0))
        else:
            mean = math.fsum(column) / n
            columns.append((mean, math.sqrt(math.fsum((x - mean) ** 2 for x in column) / n)))
    moved = [
        [[(x - mean) / deviation for x, (mean, deviation) in zip(row, columns, strict=True)] for row in table] for table in tables
    ]
    return tuple(moved) if others else moved[0]


def _classes(arms: Iterable[Points], shuffle: bool, noise: float | None, random_state: RandomState) -> Examples:
    """Return the points of class 0, class 1, ... as X and y."""
    examples = [(point, target) for target, points in enumerate(arms) for point in points]
    return _finished(examples, shuffle, noise, _generator(random_state))


def _finished(examples: list[tuple[list[float], int]], shuffle: bool, noise: float | None, rng: random.Random) -> Examples:
    """Return the examples in random order, with noise, as X and y."""
    if shuffle:
        rng.shuffle(examples)
    X, y = [point for point, _ in examples], [target for _, target in examples]
    if noise is not None:
        spread = setting("noise", noise)
        X = [[coordinate + rng.gauss(0.0, spread) for coordinate in point] for point in X]
    return X, y


def surroundings(X: Sequence[Sequence[float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the limits (left, right), (bottom, top) of the rectangle around points in the plane, with a margin of a quarter."""
    sides = []
    for column in zip(*X, strict=True):
        low, high = min(column), max(column)
        room = 0.25 * (high - low) or 1.0
        sides.append((low - room, high + room))
    if len(sides) != 2:
        raise ShapeError(f"points of {len(sides)} coordinates; a boundary is drawn in the plane")
    return sides[0], sides[1]


def _two_sizes(n_samples: Any, what: str) -> tuple[int, int]:
    if not isinstance(n_samples, tuple):
        n = whole("n_samples", n_samples)
        return n // 2, n - n // 2
    sizes = [whole("n_samples", n, 0) for n in n_samples]
    if len(sizes) != 2 or not any(sizes):
        raise SettingError(f"n_samples = {n_samples!r}: a pair is needed with one number for each {what}, not both 0")
    return sizes[0], sizes[1]


def _spaced(first: float, last: float, n: int) -> list[float]:
    """n numbers from the first to the last, both included; one alone is the first."""
    return [first + (last - first) * i / (n - 1) for i in range(n)] if n > 1 else [first] * n


def _each(name: str, setting: Any, n: int) -> list[Any]:
    """One setting repeated for all n centers, or a list of the right length."""
    if isinstance(setting, str) or not isinstance(setting, Iterable):
        return [setting] * n
    settings = list(setting)
    if len(settings) != n:
        raise SettingError(f"{name} = {setting!r:.60}: one number for all is needed, or a list of {n}, one for each center")
    return settings


def _generator(random_state: RandomState) -> random.Random:
    return random_state if isinstance(random_state, random.Random) else random.Random(random_state)
