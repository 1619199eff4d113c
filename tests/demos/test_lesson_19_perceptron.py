"""What the lesson on the perceptron claims, worked out here without the engine."""

from itertools import pairwise
from math import hypot

import pytest
from lesson_runs import answer_of, run_of

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def found():
    return run_of("perceptron").outcome


def rule(examples, passes):
    """The path of the weights, by the rule alone."""
    w, path = (0.0, 0.0), [(0.0, 0.0)]
    for _ in range(passes):
        for (x1, x2), t in examples:
            if (w[0] * x1 + w[1] * x2 >= 0) != t:
                w = (w[0] + (2 * t - 1) * x1, w[1] + (2 * t - 1) * x2)
                path.append(w)
    return path


def test_the_rule_goes_its_path_and_ends_where_every_example_is_right(found):
    assert found["path"] == rule(found["examples"], 10)
    assert found["converged"]
    w1, w2 = found["path"][-1]
    assert all((w1 * x1 + w2 * x2 >= 0) == t for (x1, x2), t in found["examples"])


def test_each_mistake_does_what_the_bound_needs_and_the_rule_stays_within_it(found):
    for k, (along, long) in enumerate(zip(found["along"], found["long"], strict=True)):
        assert k * found["margin"] <= along + 1e-12
        assert long <= found["R"] * k**0.5 + 1e-12
    assert found["R"] == pytest.approx(max(hypot(*x) for x, _ in found["examples"]))
    assert 0 < len(found["path"]) - 1 <= found["bound"] == pytest.approx((found["R"] / found["margin"]) ** 2)
    assert all(b > a for a, b in pairwise(found["along"]))


def test_sums_of_solutions_are_solutions(found):
    assert found["mixes"]["good"] == found["mixes"]["tried"] > 100
    assert 0 < found["mixes"]["solutions"] < 1800  # less than half of all directions


def test_the_rule_is_the_step_down_the_slope_of_its_error(found):
    for by_rule, by_engine in found["gradient"]:
        assert by_rule == pytest.approx(by_engine, rel=1e-14)
        assert by_rule != 0.0


def test_and_and_or_are_learnt_and_exclusive_or_repeats_itself(found):
    assert found["mistakes"]["and"] == [2, 3, 3, 2, 1, *[0] * 7]
    assert found["mistakes"]["or"][-1] == 0
    assert all(found["mistakes"]["exclusive or"])
    assert found["cycles"] == {"and": None, "or": None, "exclusive or": (2, 3)}
    assert "after pass 3 the weights and the bias are (−1, 0, 0), as they were after pass 2" in " ".join(
        run_of("perceptron").text.split()
    )


def test_nearer_classes_cost_more_mistakes_and_overlapping_ones_have_no_bound(found):
    near, over = answer_of("perceptron").outcomes
    assert near["bound"] > found["bound"]
    assert len(near["path"]) > len(found["path"])
    assert near["converged"]
    assert over["bound"] is None
    assert not over["converged"]
    assert over["margin"] < 0
    assert "−0.3 −0.212 none 133 given up" in answer_of("perceptron").text
    assert "Every run with a bound has stayed below it" in answer_of("perceptron").text
