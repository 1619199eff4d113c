"""What the lesson on initialisation and symmetry claims."""

import pytest
from lesson_runs import answer_of, run_of

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def found():
    return run_of("symmetry").outcome


def test_neurons_that_start_alike_stay_alike_to_the_bit_and_do_not_learn_exclusive_or(found):
    assert set(found["equal"]["apart"]) == {0.0}
    assert not found["equal"]["learnt"]
    assert found["equal"]["errors"][-1] > 0.45
    assert found["equal"]["errors"][-1] < found["equal"]["errors"][0]  # it learns what one neuron can


def test_equal_neurons_give_what_one_of_them_gives(found):
    for many, one in found["one"]["outputs"]:
        assert many == pytest.approx(one, rel=1e-12)


def test_random_weights_break_the_symmetry_and_learn(found):
    apart = found["different"]["apart"]
    assert 0 < apart[0] < 1 < apart[-1]
    assert found["different"]["learnt"]
    assert found["different"]["errors"][-1] < 0.02


def test_too_small_weights_never_learn_in_time_and_too_large_ones_less_often(found):
    learnt = {scale: n for scale, (n, _) in found["scales"].items()}
    assert (learnt[0.001], learnt[0.01], learnt[0.5], learnt[2.0]) == (0, 0, 8, 8)
    assert learnt[32.0] < learnt[8.0] < 8
    assert found["scales"][2.0][1] < found["scales"][0.5][1]
    assert "Most often it was learnt from weights up to 0.5 or 2: 8 times of 8." in " ".join(run_of("symmetry").text.split())


def test_a_small_difference_grows_and_weights_of_zero_learn_nothing(found):
    disturbed, zero = (each["equal"] for each in answer_of("symmetry").outcomes)
    assert 0 < disturbed["apart"][0] <= 0.02
    assert disturbed["apart"][-1] > 10 * disturbed["apart"][0]
    assert set(zero["errors"]) == {zero["errors"][0]}
    assert "From weights that are all 0 nothing is learnt" in answer_of("symmetry").text
    assert "The small difference has grown" in answer_of("symmetry").text
