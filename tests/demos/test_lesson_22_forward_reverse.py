"""What the lesson on forward and reverse mode claims."""

from math import cos

import pytest
from lesson_runs import answer_of, run_of

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def found():
    return run_of("forward_reverse").outcome


def test_both_directions_give_the_slopes_of_the_formula(found):
    assert found["forward"] == pytest.approx((3.0 + cos(2.0), 2.0), rel=1e-15)
    assert found["reverse"] == pytest.approx(found["forward"], rel=1e-15)


def test_a_jacobian_costs_a_pass_for_each_input_or_a_sweep_for_each_output(found):
    assert [(s["forward"], s["reverse"]) for s in found["shapes"]] == [(12, 1), (6, 3), (4, 4), (3, 6), (1, 12)]
    for shape in found["shapes"]:
        assert shape["edges"] == 5 * shape["n"] + 5 + 5 * shape["m"]  # into five sums, through five tanh, into each output
        assert shape["apart"] < 1e-14
    text = " ".join(run_of("forward_reverse").text.split())
    assert "12 1 70 12 840 1 70 reverse" in text
    assert "1 12 70 1 70 12 840 forward" in text
    assert "4 4 45 4 180 4 180 either" in text


def test_the_gradient_of_an_error_is_one_sweep_however_many_weights(found):
    assert [s["weights"] for s in found["sizes"]] == [4, 8, 16, 32, 64]
    for size in found["sizes"]:
        assert (size["forward"], size["reverse"]) == (size["weights"], 1)
        assert size["apart"] < 1e-12
        assert size["nodes"] > size["weights"]


def test_curvature_along_one_direction_takes_one_pass_and_the_hessian_one_for_each_weight(found):
    assert sum(found["hvp"]) < sum(found["hessian"])


def test_the_smaller_side_decides_and_the_answer_says_by_how_much(found):
    wide, tall = answer_of("forward_reverse").outcomes
    assert [(s["forward"], s["reverse"]) for s in (*wide["shapes"], *tall["shapes"])] == [(40, 1), (1, 40)]
    assert "40 → 1 40 1 reverse 40" in answer_of("forward_reverse").text
    assert "1 → 40 1 40 forward 40" in answer_of("forward_reverse").text
