"""Tests of `nn.data`: scikit-learn's shapes, the construction itself, and that no randomness leaks."""

import hashlib
import math
import random
from itertools import pairwise
from pathlib import Path

import pytest

from nn.data import (
    load_digits,
    make_bills,
    make_blobs,
    make_circles,
    make_lines,
    make_moons,
    make_spirals,
    make_xor,
    standardise,
    surroundings,
    train_test_split,
)
from nn.errors import SettingError, ShapeError


def test_make_moons_gives_points_and_classes_of_the_asked_number():
    X, y = make_moons(n_samples=101, noise=0.1, random_state=1)
    assert len(X) == len(y) == 101
    assert all(len(point) == 2 for point in X)
    assert (y.count(0), y.count(1)) == (50, 51)  # scikit-learn gives the odd one to the inner moon
    assert make_moons((3, 5), random_state=0)[1].count(1) == 5


def test_moons_without_noise_are_the_two_half_circles():
    X, y = make_moons(n_samples=200, random_state=0)
    for (a, b), target in zip(X, y, strict=True):
        centre, side = ((0.0, 0.0), 1.0) if target == 0 else ((1.0, 0.5), -1.0)
        assert math.hypot(a - centre[0], b - centre[1]) == pytest.approx(1.0, rel=1e-14)
        assert side * (b - centre[1]) >= -1e-15


def test_unshuffled_moons_are_scikit_learns():
    # sklearn.datasets.make_moons(6, shuffle=False)[0], version 1.9.1
    X, y = make_moons(6, shuffle=False)
    expected = [[1, 0], [0, 1], [-1, 0], [0, 0.5], [1, -0.5], [2, 0.5]]
    assert [c for point in X for c in point] == pytest.approx([c for point in expected for c in point], abs=1e-15)
    assert y == [0, 0, 0, 1, 1, 1]


def test_the_same_random_state_gives_the_same_moons_and_another_gives_others():
    assert make_moons(50, noise=0.2, random_state=7) == make_moons(50, noise=0.2, random_state=random.Random(7))
    assert make_moons(50, noise=0.2, random_state=7) != make_moons(50, noise=0.2, random_state=8)
    assert make_moons(50, random_state=7) != make_moons(50, random_state=7, shuffle=False)


def test_noise_has_the_asked_standard_deviation():
    clean, _ = make_moons(2000, shuffle=False)
    noisy, _ = make_moons(2000, shuffle=False, noise=0.3, random_state=1)
    differences = [a - b for p, q in zip(noisy, clean, strict=True) for a, b in zip(p, q, strict=True)]
    # The deviation of 4000 samples lies within 4 standard errors, 0.3/√8000 each.
    assert math.sqrt(sum(d * d for d in differences) / len(differences)) == pytest.approx(0.3, abs=4 * 0.3 / math.sqrt(8000))


def test_making_moons_leaves_the_global_random_state_alone():
    random.seed(3)
    before = random.getstate()
    make_moons(20, noise=0.1)
    make_moons(20, noise=0.1, random_state=1)
    assert random.getstate() == before


@pytest.mark.parametrize("n_samples", [0, -1, 2.5, "ten", (1, 2, 3), (-1, 4), None])
def test_a_number_of_samples_that_makes_no_sense_is_refused(n_samples):
    with pytest.raises(SettingError, match="n_samples = "):
        make_moons(n_samples)


@pytest.mark.parametrize("noise", [-0.1, math.inf, math.nan])
def test_noise_that_makes_no_sense_is_refused(noise):
    with pytest.raises(SettingError, match="noise = "):
        make_moons(10, noise=noise)


# --------------------------------------------------------------------------------------------------------- the other sets


MAKERS = [make_moons, make_circles, make_spirals, make_lines, make_xor, make_blobs]
by_name = {"ids": lambda maker: maker.__name__}


@pytest.mark.parametrize("maker", MAKERS, **by_name)
def test_every_set_is_the_same_for_the_same_random_state_and_touches_no_global_one(maker):
    random.seed(3)
    before = random.getstate()
    assert maker(30, random_state=7) == maker(30, random_state=random.Random(7))
    assert maker(30, random_state=7) != maker(30, random_state=8)
    maker(30)
    assert random.getstate() == before


@pytest.mark.parametrize("maker", MAKERS, **by_name)
def test_every_set_has_the_asked_number_of_points_and_classes_of_equal_size(maker):
    X, y = maker(24, random_state=1)
    assert len(X) == len(y) == 24
    assert all(type(point) is list and all(type(c) is float for c in point) for point in X)
    assert len({y.count(target) for target in set(y)}) == 1


@pytest.mark.parametrize("maker", MAKERS, **by_name)
@pytest.mark.parametrize("n_samples", [0, -1, 2.5, "ten"])
def test_every_set_refuses_a_number_of_points_that_makes_no_sense(maker, n_samples):
    with pytest.raises(SettingError, match="n_samples = "):
        maker(n_samples)


@pytest.mark.parametrize("maker", [make_circles, make_spirals, make_lines, make_xor], **by_name)
def test_noise_moves_the_points_and_not_the_classes(maker):
    clean, y = maker(40, shuffle=False)
    noisy, same = maker(40, shuffle=False, noise=0.05, random_state=1)
    assert same == y
    distances = [math.dist(p, q) for p, q in zip(clean, noisy, strict=True)]
    assert 0 < min(distances) < max(distances) < 0.05 * 6
    with pytest.raises(SettingError, match="noise = "):
        maker(10, noise=-1.0)


def test_unshuffled_circles_are_scikit_learns():
    # sklearn.datasets.make_circles(6, shuffle=False, factor=0.5)[0], version 1.9.1
    X, y = make_circles(6, shuffle=False, factor=0.5)
    h = math.sqrt(3) / 2
    expected = [[1, 0], [-0.5, h], [-0.5, -h], [0.5, 0], [-0.25, h / 2], [-0.25, -h / 2]]
    assert [c for point in X for c in point] == pytest.approx([c for point in expected for c in point], abs=1e-15)
    assert y == [0, 0, 0, 1, 1, 1]
    for factor in (1.0, -0.1, math.nan):
        with pytest.raises(SettingError, match="factor = "):
            make_circles(10, factor=factor)


def test_the_spirals_are_opposite_and_go_round_as_often_as_asked():
    X, y = make_spirals(400, shuffle=False, turns=2.0)
    assert [[-a, -b] for a, b in X[:200]] == X[200:]
    radii = [math.hypot(a, b) for a, b in X[:200]]
    assert radii == sorted(radii)
    assert (radii[0], radii[-1]) == pytest.approx((0.1, 1.0), rel=1e-14)
    downwards = sum(p[1] > 0 >= q[1] for p, q in pairwise(X[:200]))
    assert downwards == 2
    assert y == [0] * 200 + [1] * 200


def test_lines_are_parted_by_the_line_between_them_and_xor_by_none():
    X, y = make_lines(50, slope=2.0, gap=0.5, random_state=1)
    assert all((b > 2.0 * a) == target for (a, b), target in zip(X, y, strict=True))
    assert [abs(b - 2.0 * a) for a, b in X] == pytest.approx([0.25] * 50)
    X, y = make_xor(8, shuffle=False)
    assert X[:4] == X[4:] == [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    assert y == [0, 1, 1, 0] * 2


def test_blobs_lie_around_their_centers_with_the_asked_deviation():
    places = [[0.0, 5.0, 1.0], [10.0, -5.0, 2.0]]
    X, y = make_blobs(4000, centers=places, cluster_std=[0.5, 2.0], random_state=1)
    for target, (place, spread) in enumerate(zip(places, [0.5, 2.0], strict=True)):
        points = [point for point, actual in zip(X, y, strict=True) if actual == target]
        for centre, column in zip(place, zip(*points, strict=True), strict=True):
            mean = math.fsum(column) / 2000
            assert mean == pytest.approx(centre, abs=4 * spread / math.sqrt(2000))
            deviation = math.sqrt(math.fsum((x - mean) ** 2 for x in column) / 2000)
            assert deviation == pytest.approx(spread, abs=4 * spread / math.sqrt(4000))


def test_blobs_are_as_many_as_asked_inside_the_box():
    assert sorted(set(make_blobs(30, random_state=1)[1])) == [0, 1, 2]
    assert [make_blobs(11, centers=4, random_state=1)[1].count(c) for c in range(4)] == [3, 3, 3, 2]  # as scikit-learn
    assert make_blobs([2, 5], n_features=3, shuffle=False, random_state=1)[1] == [0] * 2 + [1] * 5
    X, _ = make_blobs(50, n_features=3, centers=5, cluster_std=0.0, center_box=(2.0, 3.0), random_state=1)
    assert all(len(point) == 3 and all(2.0 <= c <= 3.0 for c in point) for point in X)
    for options in ({"centers": []}, {"centers": [[0, 0], [1]]}, {"cluster_std": -1.0}, {"cluster_std": [1, 1]}, {"centers": 0}):
        with pytest.raises(SettingError):
            make_blobs(10, **options)


# ---------------------------------------------------------------------------------------------------------------- bills


def test_a_bill_is_the_sum_of_its_portions_times_their_prices():
    prices = [0.5, 1.5, 1.0]
    X, y = make_bills(20, prices, 0.3, random.Random(1))
    assert all(set(x) <= set(map(float, range(11))) for x in X)
    assert y == [sum(q * p for q, p in zip(x, prices, strict=True)) for x in X]  # exact in halves
    assert (X, y) == make_bills(20, prices, correlation=0.3, rng=1)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9, 1.0])
def test_the_portions_of_any_two_things_have_the_asked_correlation(correlation):
    n = 6000
    X, _ = make_bills(n, [1.0, 2.0, 3.0], correlation, rng=5)
    columns = [[x - 5.0 for x in column] for column in zip(*X, strict=True)]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        covariance = sum(p * q for p, q in zip(columns[a], columns[b], strict=True)) / n
        found = covariance / math.sqrt(sum(p * p for p in columns[a]) / n * sum(q * q for q in columns[b]) / n)
        # The standard error of a correlation r is (1 − r²)/√n.
        assert found == pytest.approx(correlation, abs=4 * (1 - correlation**2) / math.sqrt(n) + 1e-12)


@pytest.mark.parametrize("arguments", [(0, [1.0]), (2.5, [1.0]), (3, []), (3, [1.0], 1.1), (3, [1.0], -0.1), (3, [1.0], math.nan)])
def test_bills_that_make_no_sense_are_refused(arguments):
    with pytest.raises(SettingError):
        make_bills(*arguments)


# ----------------------------------------------------------------------------------------------------------- before training


@pytest.mark.parametrize(
    ("n", "sizes", "expected"),
    [
        (10, {}, (7, 3)),
        (11, {}, (8, 3)),
        (10, {"test_size": 0.33}, (6, 4)),
        (10, {"train_size": 0.35}, (3, 7)),
        (10, {"test_size": 3}, (7, 3)),
        (10, {"test_size": 0.2, "train_size": 0.5}, (5, 2)),
        (10, {"train_size": 4}, (4, 6)),
    ],
)
def test_a_split_has_scikit_learns_sizes(n, sizes, expected):
    train, aside = train_test_split(list(range(n)), random_state=1, **sizes)
    assert (len(train), len(aside)) == expected
    assert len(set(train) | set(aside)) == sum(expected)


def test_a_split_keeps_inputs_with_their_targets_and_every_example_once():
    X, y = [[i] for i in range(40)], [str(i) for i in range(40)]
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=3)
    assert [str(x[0]) for x in X_train + X_test] == y_train + y_test
    assert sorted(y_train + y_test) == sorted(y)
    assert y_train != y[:30]
    assert train_test_split(X, y, random_state=3) == train_test_split(X, y, random_state=random.Random(3))
    assert train_test_split(y, shuffle=False) == [y[:30], y[30:]]


def test_a_stratified_split_gives_every_class_its_share():
    y = [0] * 40 + [1] * 20 + [2] * 12
    train, aside = train_test_split(y, test_size=0.25, stratify=y, random_state=1)
    assert [aside.count(c) for c in range(3)] == [10, 5, 3]
    assert [train.count(c) for c in range(3)] == [30, 15, 9]
    uneven = [0] * 5 + [1] * 5 + [2] * 3  # shares that are no whole numbers
    train, aside, y_train, y_aside = train_test_split(range(13), uneven, test_size=4, stratify=uneven, random_state=1)
    assert sorted(train + aside) == list(range(13))
    assert [uneven[place] for place in train + aside] == y_train + y_aside
    assert sorted(map(y_aside.count, range(3))) == [1, 1, 2]


@pytest.mark.parametrize("sizes", [{"test_size": 1.5}, {"test_size": 0}, {"test_size": 10}, {"test_size": 6, "train_size": 5}])
def test_a_split_that_makes_no_sense_is_refused(sizes):
    with pytest.raises(SettingError):
        train_test_split(list(range(10)), **sizes)
    with pytest.raises(ShapeError, match="10 and 9"):
        train_test_split(list(range(10)), list(range(9)))
    with pytest.raises(SettingError, match="nothing to split"):
        train_test_split()


def test_standardised_columns_have_mean_0_and_deviation_1():
    rng = random.Random(1)
    X = [[rng.gauss(1e6, 3.0), rng.uniform(0, 1e-6), 0.1] for _ in range(200)]
    for column in list(zip(*standardise(X), strict=True))[:2]:
        assert math.fsum(column) / 200 == pytest.approx(0.0, abs=1e-9)
        assert math.fsum(x * x for x in column) / 200 == pytest.approx(1.0, rel=1e-9)
    assert {row[2] for row in standardise(X)} == {0.0}


def test_others_are_standardised_by_the_firsts_numbers():
    train, aside = standardise([[0.0], [2.0]], [[5.0], [1.0]])
    assert (train, aside) == ([[-1.0], [1.0]], [[4.0], [0.0]])
    with pytest.raises(ShapeError, match="row 1"):
        standardise([[1.0, 2.0], [1.0]])
    with pytest.raises(ShapeError, match="no numbers"):
        standardise([])


# --------------------------------------------------------------------------------------------------------------- digits


def test_the_digits_are_scikit_learns_to_the_pixel():
    X, y = load_digits()
    # of sklearn.datasets.load_digits(), version 1.9.1: the pixels as bytes, then the targets
    pixels = bytes(int(pixel) for picture in X for pixel in picture)
    digest = hashlib.sha256(pixels + bytes(y)).hexdigest()
    assert digest == "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"
    assert X[0][:16] == [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0]
    assert [y.count(digit) for digit in range(10)] == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_fewer_classes_are_the_first_ones():
    X, y = load_digits(n_class=2)
    assert len(X) == len(y) == 360  # as scikit-learn
    assert set(y) == {0, 1}
    with pytest.raises(SettingError, match="n_class = 0"):
        load_digits(n_class=0)


def test_the_digits_come_with_their_source_and_licence():
    text = (Path(__file__).parents[2] / "nn" / "digits.md").read_text(encoding="utf-8")
    for needed in ("UCI", "CC BY 4.0", "scikit-learn", "BSD", "Alpaydin"):
        assert needed in text


def test_the_surroundings_of_points_are_their_rectangle_and_a_quarter_more():
    assert surroundings([(0.0, 5.0), (4.0, 5.0), (2.0, 5.0)]) == ((-1.0, 5.0), (4.0, 6.0))
    with pytest.raises(ShapeError, match="points of 3 coordinates"):
        surroundings([(1.0, 2.0, 3.0)])
