"""Tests of `nn.data`: scikit-learn's shapes, the construction itself, and that no randomness leaks."""

import math
import random

import pytest

from nn.data import make_moons
from nn.errors import SettingError


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
