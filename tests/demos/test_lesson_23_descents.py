"""What the lesson on descents claims, against the recurrences written out here."""

from itertools import pairwise
from math import hypot, sqrt

import pytest
from lesson_runs import answer_of, run_of

pytestmark = pytest.mark.thorough

R, MINIMUM = 0.95, (1.5, 1.0)


@pytest.fixture(scope="module")
def found():
    return run_of("descents").outcome


def slope(w):
    a, b = w[0] - MINIMUM[0], w[1] - MINIMUM[1]
    return [a + R * b, R * a + b]


def by_hand(start, steps, lr, momentum, ahead=False):
    w, v, path = list(start), [0.0, 0.0], [list(start)]
    for _ in range(steps):
        g = slope(w)
        v = [momentum * vi + gi for vi, gi in zip(v, g, strict=True)]
        w = [wi - lr * (gi + momentum * vi if ahead else vi) for wi, gi, vi in zip(w, g, v, strict=True)]
        path.append(list(w))
    return path


def test_sgd_momentum_and_nesterov_go_the_paths_of_their_formulas(found):
    start = found["paths"]["SGD"][0]
    root_L, root_l = sqrt(1 + R), sqrt(1 - R)
    settings = {
        "SGD": (1.0, 0.0),
        "Momentum": (4 / (root_L + root_l) ** 2, ((root_L - root_l) / (root_L + root_l)) ** 2),
        "Nesterov": (1 / (1 + R), (root_L - root_l) / (root_L + root_l)),
    }
    for name, (lr, momentum) in settings.items():
        run = found["runs"][name]
        expected = by_hand(start, run["steps"], lr, momentum, ahead=name == "Nesterov")
        for place, other in zip(found["paths"][name], expected, strict=True):
            assert place == pytest.approx(other, abs=1e-12)


def test_every_descent_arrives_and_newton_in_one_step(found):
    assert all(run["arrived"] for run in found["runs"].values())
    assert found["paths"]["Newton"][1] == pytest.approx(MINIMUM, abs=1e-12)
    steps = {name: run["steps"] for name, run in found["runs"].items()}
    assert steps["Newton"] == 1 < steps["Momentum"] < steps["Nesterov"] < steps["SGD"]
    for path in found["paths"].values():
        assert path[0] == found["paths"]["SGD"][0]
        assert hypot(path[-1][0] - 1.5, path[-1][1] - 1.0) < 1e-3 * hypot(path[0][0] - 1.5, path[0][1] - 1.0)


def test_adam_steps_as_far_in_both_prices_at_first(found):
    first, second = found["paths"]["Adam"][:2]
    assert [abs(b - a) for a, b in zip(first, second, strict=True)] == pytest.approx([0.1, 0.1], rel=1e-6)


def test_steps_of_sgd_grow_like_the_condition_and_those_of_momentum_like_its_root(found):
    for low, high in pairwise((0.9, 0.99)):
        kappa = (1 + high) / (1 - high) / ((1 + low) / (1 - low))
        assert found["steps"][high]["SGD"] / found["steps"][low]["SGD"] == pytest.approx(kappa, rel=0.1)
        assert found["steps"][high]["Momentum"] / found["steps"][low]["Momentum"] == pytest.approx(sqrt(kappa), rel=0.1)
    assert {row["Newton"] for row in found["steps"].values()} == {1}


def test_only_newton_does_not_care_how_long_the_bowl_is(found):
    stretched, round_one = (each["runs"] for each in answer_of("descents").outcomes)
    assert not stretched["SGD"]["arrived"]
    assert round_one["SGD"]["steps"] < found["runs"]["SGD"]["steps"]
    assert "As many steps in every bowl: Newton" in answer_of("descents").text
    assert "> 3000" in answer_of("descents").text
