"""Data sets made on the spot, with scikit-learn's names and shapes and no dependency; and one real one, handwritten digits.

Each gives the points as a list of lists, X, and what is to be learnt of them, y: classes as whole numbers, or the totals of
bills. With `random_state=` the same call gives the same points anywhere; without it they differ from run to run. The global
random state is neither read nor changed.

    >>> X, y = make_moons(n_samples=4, shuffle=False)
    >>> [[round(coordinate, 3) for coordinate in point] for point in X], y
    ([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5], [2.0, 0.5]], [0, 0, 1, 1])

    make_bills     a linear neuron's task, with inputs as correlated as one likes
    make_lines     two classes that a straight line parts             make_xor       two classes that none does
    make_moons, make_circles, make_spirals   two classes with curved boundaries, of growing difficulty
    make_blobs     any number of round clouds                         load_digits    1797 pictures of 8 × 8 pixels

`train_test_split` puts examples aside, `standardise` gives every column mean 0 and deviation 1.
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

__all__ = [
    "load_digits",
    "make_bills",
    "make_blobs",
    "make_circles",
    "make_lines",
    "make_moons",
    "make_spirals",
    "make_xor",
    "standardise",
    "surroundings",
    "train_test_split",
]

RandomState = int | random.Random | None
Points = list[list[float]]

PORTIONS = 10  # of each thing, at most, in one of make_bills' weeks


# ------------------------------------------------------------------------------------------------------------- regression


def make_bills(
    weeks: int, prices: Sequence[float], correlation: float = 0.0, rng: RandomState = None
) -> tuple[list[list[float]], list[float]]:
    """What was had each week, and only the total of the bill: t = Σ xᵢ · priceᵢ.

    Of each thing 0 to 10 portions a week, 5 on average. The numbers of any two things have the given correlation: 0, each is
    chosen for itself; 1, always as many of the one as of the other, and the bill cannot be split. It arises portion by
    portion, of which two things share the toss of a coin with that probability.

    >>> make_bills(2, [0.5, 1.5, 1.0], correlation=1.0, rng=1)
    ([[6.0, 6.0, 6.0], [5.0, 5.0, 5.0]], [18.0, 15.0])
    """
    weeks = _whole("weeks", weeks, 1)
    prices = [number(price) for price in prices]
    if not prices:
        raise SettingError("prices = []: the price of at least one thing is needed, such as [0.5, 1.5, 1.0]")
    share = _within("correlation", correlation, 0.0, 1.0)
    generator = _generator(rng)
    X = [_portions(len(prices), math.sqrt(share), generator) for _ in range(weeks)]
    return X, [math.fsum(map(operator.mul, x, prices)) for x in X]


def _portions(things: int, loyalty: float, rng: random.Random) -> list[float]:
    """A week: for every portion one coin for all; each thing follows it with this probability, else its own."""
    counts = [0.0] * things
    for _ in range(PORTIONS):
        common = rng.random() < 0.5
        for thing in range(things):
            own = rng.random() < 0.5
            counts[thing] += common if rng.random() < loyalty else own
    return counts


# ------------------------------------------------------------------------------------------------------- two classes in a plane


def make_moons(
    n_samples: int | tuple[int, int] = 100,
    *,
    shuffle: bool = True,
    noise: float | None = None,
    random_state: RandomState = None,
) -> tuple[Points, list[int]]:
    """Two interleaving half circles: (cos t, sin t) is class 0, (1 − cos t, ½ − sin t) is class 1, t from 0 to π.

    One number of samples is divided between the two, a pair has one for each; `noise` is the standard deviation of what is
    added to each coordinate. The points are scikit-learn's; the noise and the order are those of Python's generator.
    """
    outer, inner = _two_sizes(n_samples, "moon")
    return _dealt(
        [
            [[math.cos(t), math.sin(t)] for t in _spaced(0.0, math.pi, outer)],
            [[1 - math.cos(t), 0.5 - math.sin(t)] for t in _spaced(0.0, math.pi, inner)],
        ],
        shuffle,
        noise,
        random_state,
    )


def make_circles(
    n_samples: int | tuple[int, int] = 100,
    *,
    shuffle: bool = True,
    noise: float | None = None,
    random_state: RandomState = None,
    factor: float = 0.8,
) -> tuple[Points, list[int]]:
    """A circle of radius 1, class 0, around one of radius `factor`, class 1; otherwise as `make_moons`.

    >>> make_circles(4, shuffle=False, factor=0.5)[1]
    [0, 0, 1, 1]
    """
    outer, inner = _two_sizes(n_samples, "circle")
    radius = _within("factor", factor, 0.0, 1.0)
    if radius == 1.0:
        raise SettingError("factor = 1.0: the circles would be one; a number below 1 is needed")
    return _dealt(
        [
            [[r * math.cos(t), r * math.sin(t)] for t in (2 * math.pi * i / n for i in range(n))]
            for r, n in ((1.0, outer), (radius, inner))
        ],
        shuffle,
        noise,
        random_state,
    )


def make_spirals(
    n_samples: int | tuple[int, int] = 100,
    *,
    shuffle: bool = True,
    noise: float | None = None,
    random_state: RandomState = None,
    turns: float = 1.5,
) -> tuple[Points, list[int]]:
    """Two spirals inside each other (Lang and Witbrock, 1988), the one turned by half a turn from the other.

    (r cos t, r sin t) is class 0 and its opposite class 1, with t from 0 to `turns` whole turns and r growing with it from
    0.1 to 1. Otherwise as `make_moons`.

    >>> X, y = make_spirals(20, shuffle=False)
    >>> X[0], X[10], y[0], y[10]
    ([0.1, 0.0], [-0.1, -0.0], 0, 1)
    """
    sizes = _two_sizes(n_samples, "spiral")
    angle = 2 * math.pi * _within("turns", turns, 0.0, 100.0)
    arms: list[Points] = []
    for side, n in zip((1.0, -1.0), sizes, strict=True):
        radii = _spaced(0.1, 1.0, n)
        arms.append([[side * r * math.cos(t), side * r * math.sin(t)] for r, t in zip(radii, _spaced(0.0, angle, n), strict=True)])
    return _dealt(arms, shuffle, noise, random_state)


def make_lines(
    n_samples: int | tuple[int, int] = 100,
    *,
    shuffle: bool = True,
    noise: float | None = None,
    random_state: RandomState = None,
    slope: float = 1.0,
    gap: float = 1.0,
) -> tuple[Points, list[int]]:
    """Two parallel lines of points, which a straight line between them parts: what a single neuron can learn.

    x goes from −1 to 1, and y is slope · x − gap/2 in class 0, slope · x + gap/2 in class 1. Otherwise as `make_moons`.

    >>> make_lines(4, shuffle=False)
    ([[-1.0, -1.5], [1.0, 0.5], [-1.0, -0.5], [1.0, 1.5]], [0, 0, 1, 1])
    """
    sizes = _two_sizes(n_samples, "line")
    steepness, distance = number(slope), number(gap)
    return _dealt(
        [
            [[x, steepness * x + side * distance / 2] for x in _spaced(-1.0, 1.0, n)]
            for side, n in zip((-1.0, 1.0), sizes, strict=True)
        ],
        shuffle,
        noise,
        random_state,
    )


def make_xor(
    n_samples: int = 100, *, shuffle: bool = True, noise: float | None = None, random_state: RandomState = None
) -> tuple[Points, list[int]]:
    """Exclusive or: the corners (0, 0), (0, 1), (1, 0), (1, 1) in turn, of class 1 where one coordinate alone is 1.

    Otherwise as `make_moons`; the class is the corner's, however far `noise` carries the point.

    >>> make_xor(4, shuffle=False)
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    corners = [(float(i >> 1 & 1), float(i & 1)) for i in range(_whole("n_samples", n_samples, 1))]
    return _finished([([a, b], int(a != b)) for a, b in corners], shuffle, noise, _generator(random_state))


# ---------------------------------------------------------------------------------------------------------------- more classes


def make_blobs(
    n_samples: int | Sequence[int] = 100,
    n_features: int = 2,
    *,
    centers: int | Sequence[Sequence[float]] | None = None,
    cluster_std: float | Sequence[float] = 1.0,
    center_box: tuple[float, float] = (-10.0, 10.0),
    shuffle: bool = True,
    random_state: RandomState = None,
) -> tuple[Points, list[int]]:
    """Round clouds of normally distributed points, each a class of its own.

    `centers` is how many there are, at random places of `center_box`, or where they are: 3 if it is not given. One number of
    samples is divided between them, a list has one for each; likewise `cluster_std`, the standard deviation.

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
            raise SettingError(f"centers = {centers!r:.60}: a list of points of one length is needed, or how many there are")
    else:
        low, high = map(number, center_box)
        n_features = _whole("n_features", n_features, 1)
        places = [[rng.uniform(low, high) for _ in range(n_features)] for _ in range(_whole("centers", centers, 1))]
    n = len(places)
    sizes = [_whole("n_samples", m, 0) for m in _each("n_samples", n_samples, n)]
    if not isinstance(n_samples, Sequence):
        total = _whole("n_samples", n_samples, 1)
        sizes = [total // n + (index < total % n) for index in range(n)]
    if not sum(sizes):
        raise SettingError(f"n_samples = {n_samples!r}: at least one point is needed")
    spreads = [_within("cluster_std", spread, 0.0, math.inf) for spread in _each("cluster_std", cluster_std, n)]
    examples = [
        ([rng.gauss(coordinate, spread) for coordinate in place], target)
        for target, (place, size, spread) in enumerate(zip(places, sizes, spreads, strict=True))
        for _ in range(size)
    ]
    return _finished(examples, shuffle, None, rng)


def load_digits(*, n_class: int = 10) -> tuple[Points, list[int]]:
    """Handwritten digits: 1797 pictures of 8 × 8 pixels, each from 0 (paper) to 16 (ink), row by row; and which digit each is.

    `n_class` keeps the digits below it. The test set of UCI's "Optical Recognition of Handwritten Digits" (Alpaydin and
    Kaynak, 1998; CC BY 4.0), as scikit-learn has it and in its order; `digits.md` beside the file has the particulars.

    >>> X, y = load_digits()
    >>> len(X), len(X[0]), y[:10]
    (1797, 64, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    limit = _whole("n_class", n_class, 1)
    X: Points = []
    y: list[int] = []
    for line in resources.files("nn").joinpath("digits.txt").read_text(encoding="ascii").splitlines():
        target, pixels = line.split()
        if int(target) < limit:
            X.append([float(_PIXELS.index(pixel)) for pixel in pixels])
            y.append(int(target))
    return X, y


_PIXELS = "0123456789abcdefg"  # one sign for each of the 17 shades in digits.txt


# --------------------------------------------------------------------------------------------------------- before the training


def train_test_split(
    *sequences: Sequence[Any],
    test_size: float | int | None = None,
    train_size: float | int | None = None,
    random_state: RandomState = None,
    shuffle: bool = True,
    stratify: Sequence[Any] | None = None,
) -> list[Any]:
    """Each sequence in two, one part to learn from and one to be examined on: X_train, X_test, y_train, y_test for (X, y).

    A size is a part of the whole, as 0.25, or a number of examples; a quarter is put aside if none is given. With
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
            raise SettingError("stratify= needs shuffle=True: the order is not kept")
        kept, aside = _stratified(stratify, train, test, _generator(random_state))
    elif shuffle:
        _generator(random_state).shuffle(order)
        aside, kept = order[:test], order[test : test + train]
    else:
        kept, aside = order[:train], order[train : train + test]
    return [[sequence[index] for index in part] for sequence in sequences for part in (kept, aside)]


def _split_sizes(n: int, test_size: Any, train_size: Any) -> tuple[int, int]:
    def count(name: str, size: Any, rounded: Callable[[float], int]) -> int:
        if isinstance(size, float):
            if not 0.0 < size < 1.0:
                raise SettingError(f"{name} = {size!r}: a part between 0 and 1 is needed, or a number of examples")
            return rounded(size * n)
        return _whole(name, size, 1)

    if test_size is None and train_size is None:
        test_size = 0.25
    test = None if test_size is None else count("test_size", test_size, math.ceil)
    train = None if train_size is None else count("train_size", train_size, math.floor)
    test = n - train if test is None and train is not None else test or 0
    train = n - test if train is None else train
    if train < 1 or test < 1 or train + test > n:
        raise SettingError(f"{n} examples cannot be split into {train} to learn from and {test} put aside; take other sizes")
    return train, test


def _stratified(classes: Sequence[Any], train: int, test: int, rng: random.Random) -> tuple[list[int], list[int]]:
    """The places of both parts, each class divided in proportion; what proportion leaves over goes to the largest remainders."""
    places: dict[Any, list[int]] = {}
    for place, target in enumerate(classes):
        places.setdefault(target, []).append(place)
    for group in places.values():
        rng.shuffle(group)
    sizes = [len(group) for group in places.values()]
    of_test = _apportioned(test, sizes)
    of_train = _apportioned(train, [size - used for size, used in zip(sizes, of_test, strict=True)])
    kept: list[int] = []
    aside: list[int] = []
    for group, m, k in zip(places.values(), of_test, of_train, strict=True):
        aside += group[:m]
        kept += group[m : m + k]
    rng.shuffle(kept)
    rng.shuffle(aside)
    return kept, aside


def _apportioned(total: int, sizes: list[int]) -> list[int]:
    """`total` divided in proportion to the sizes, in whole numbers."""
    whole = sum(sizes)
    shares = [total * size // whole for size in sizes]
    remainders = sorted(range(len(sizes)), key=lambda index: (-(total * sizes[index] % whole), index))
    for index in remainders[: total - sum(shares)]:
        shares[index] += 1
    return shares


@overload
def standardise(X: Sequence[Sequence[float]], /) -> Points: ...
@overload
def standardise(X: Sequence[Sequence[float]], /, *others: Sequence[Sequence[float]]) -> tuple[Points, ...]: ...
def standardise(X: Sequence[Sequence[float]], /, *others: Sequence[Sequence[float]]) -> Points | tuple[Points, ...]:
    """Every column with mean 0 and standard deviation 1, (x − mean)/deviation; a column that never changes becomes 0.

    Others are moved and scaled as the first is, by *its* means and deviations: X_train, X_test = standardise(X_train, X_test).

    >>> standardise([[1.0, 7.0], [3.0, 7.0]], [[5.0, 8.0]])
    ([[-1.0, 0.0], [1.0, 0.0]], [[3.0, 1.0]])
    """
    tables = [[[number(x) for x in row] for row in table] for table in (X, *others)]
    if not tables[0] or not tables[0][0]:
        raise ShapeError("standardise: there are no numbers; at least one row of at least one column is needed")
    width = len(tables[0][0])
    for table in tables:
        for index, row in enumerate(table):
            if len(row) != width:
                raise ShapeError(f"standardise: row {index} has {len(row)} columns and the first {width}; all need the same")
    n = len(tables[0])
    columns = []  # (mean, deviation) of each
    for column in zip(*tables[0], strict=True):
        if min(column) == max(column):  # though rounding might give it a deviation
            columns.append((column[0], 1.0))
        else:
            mean = math.fsum(column) / n
            columns.append((mean, math.sqrt(math.fsum((x - mean) ** 2 for x in column) / n)))
    moved = [
        [[(x - mean) / deviation for x, (mean, deviation) in zip(row, columns, strict=True)] for row in table] for table in tables
    ]
    return tuple(moved) if others else moved[0]


# -------------------------------------------------------------------------------------------------------------- what they share


def _dealt(classes: Sequence[Points], shuffle: bool, noise: float | None, random_state: RandomState) -> tuple[Points, list[int]]:
    """The points of class 0, class 1, ... as examples."""
    examples = [(point, target) for target, points in enumerate(classes) for point in points]
    return _finished(examples, shuffle, noise, _generator(random_state))


def _finished(
    examples: list[tuple[list[float], int]], shuffle: bool, noise: float | None, rng: random.Random
) -> tuple[Points, list[int]]:
    """The examples in random order, with noise, as X and y."""
    if shuffle:
        rng.shuffle(examples)
    X, y = [point for point, _ in examples], [target for _, target in examples]
    if noise is not None:
        spread = number(noise)
        if not 0.0 <= spread < math.inf:
            raise SettingError(f"noise = {noise!r}: a finite number of at least 0 is needed, or None")
        X = [[coordinate + rng.gauss(0.0, spread) for coordinate in point] for point in X]
    return X, y


def surroundings(X: Sequence[Sequence[float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    """The rectangle of points in the plane, with room around it: its limits from left to right and from below to above."""
    sides = []
    for column in zip(*X, strict=True):
        low, high = min(column), max(column)
        room = 0.25 * (high - low) or 1.0
        sides.append((low - room, high + room))
    if len(sides) != 2:
        raise ShapeError(f"points of {len(sides)} coordinates; a boundary is drawn in the plane")
    return sides[0], sides[1]


def _two_sizes(n_samples: Any, what: str) -> tuple[int, int]:
    try:
        if isinstance(n_samples, tuple):
            outer, inner = map(operator.index, n_samples)
        else:
            n = operator.index(n_samples)
            outer, inner = n // 2, n - n // 2
    except (TypeError, ValueError):
        raise SettingError(f"n_samples = {n_samples!r}: a whole number is needed, or a pair, one for each {what}") from None
    if outer < 0 or inner < 0 or outer + inner == 0:
        raise SettingError(f"n_samples = {n_samples!r}: at least one point is needed, and no negative number")
    return outer, inner


def _spaced(first: float, last: float, n: int) -> list[float]:
    """n numbers from the first to the last, both included; one alone is the first."""
    return [first + (last - first) * i / (n - 1) for i in range(n)] if n > 1 else [first] * n


def _each(name: str, setting: Any, n: int) -> list[Any]:
    """One for all as a list, or a list of the right length."""
    if isinstance(setting, str) or not isinstance(setting, Iterable):
        return [setting] * n
    settings = list(setting)
    if len(settings) != n:
        raise SettingError(f"{name} = {setting!r:.60}: one for all is needed, or a list of {n}, one for each center")
    return settings


def _generator(random_state: RandomState) -> random.Random:
    return random_state if isinstance(random_state, random.Random) else random.Random(random_state)


def _whole(name: str, n: Any, least: int) -> int:
    try:
        whole = operator.index(n)
    except TypeError:
        raise SettingError(f"{name} = {n!r}: a whole number is needed") from None
    if whole < least:
        raise SettingError(f"{name} = {n!r}: a whole number of at least {least} is needed")
    return whole


def _within(name: str, x: Any, low: float, high: float) -> float:
    setting = number(x)
    if not low <= setting <= high or math.isinf(setting):
        raise SettingError(f"{name} = {x!r}: a finite number from {low} to {high} is needed")
    return setting
