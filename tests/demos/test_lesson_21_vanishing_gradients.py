"""What the lesson on vanishing gradients claims."""

from itertools import pairwise
from math import prod

import pytest
from lesson_runs import answer_of, run_of

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def found():
    return run_of("vanishing_gradients").outcome


def test_the_gradient_of_sigmoids_vanishes_and_that_of_relus_depends_on_the_weights(found):
    verdicts = found["verdicts"]
    assert {verdicts[case] for case in verdicts if case[0] == "sigmoid"} == {"vanishes"}
    assert [verdicts["relu", rule] for rule in ("up to 0.1", "He", "up to 2")] == ["vanishes", "arrives", "explodes"]
    assert verdicts["tanh", "Xavier"] == "arrives"
    assert found["ratios"]["sigmoid", "Xavier"] < 1e-6
    assert found["ratios"]["relu", "up to 2"] > 100


def test_a_ratio_is_the_product_of_the_factors_of_the_layers(found):
    for case, deltas in found["deltas"].items():
        assert len(deltas) == 11
        assert found["ratios"][case] == pytest.approx(prod(a / b for a, b in pairwise(deltas)), rel=1e-12)


def test_relus_die_at_a_large_rate_and_leaky_ones_never(found):
    assert found["dying"][0.05, "relu"] == 0
    assert found["dying"][0.2, "relu"] == 5
    assert {dead for (_, activation), dead in found["dying"].items() if activation == "leaky_relu"} == {0}
    assert "At η = 0.2 no example opens 5 of the 12 relu neurons" in " ".join(run_of("vanishing_gradients").text.split())


def test_deeper_networks_lose_more_and_shallow_ones_less(found):
    deep, shallow = answer_of("vanishing_gradients").outcomes
    arriving = [list(each["verdicts"].values()).count("arrives") for each in (shallow, found, deep)]
    assert arriving == sorted(arriving, reverse=True)
    assert arriving[0] > arriving[2]
    assert f"3 layers: the gradient arrives in {arriving[0]} of 12" in answer_of("vanishing_gradients").text
