"""What the lesson on checking gradients claims, worked out here without the engine."""

from math import cbrt, cos, exp, sin, sqrt

import pytest
from lesson_runs import answer_of, run_of

pytestmark = pytest.mark.thorough

EPSILON = 2.0**-52


@pytest.fixture(scope="module")
def found():
    return run_of("gradient_check").outcome


def test_the_slope_is_right_and_the_formulas_name_the_bottom_of_each_v(found):
    sweep, e, s, c = found["sweep"], exp(1.0), sin(1.0), cos(1.0)
    assert sweep["derivative"] == pytest.approx(e * (s + c), rel=1e-15)
    assert sweep["formulas"]["forward"] == pytest.approx(2 * sqrt(EPSILON * s / (2 * c)), rel=1e-12)  # f″ = 2eˣ cos x
    assert sweep["formulas"]["central"] == pytest.approx(cbrt(3 * EPSILON * s / abs(2 * (c - s))), rel=1e-12)
    for name in ("forward", "central"):
        assert sweep["formulas"][name] / 10 < sweep["best"][name][0] < 10 * sweep["formulas"][name]
    assert sweep["best"]["forward"][1] > 100 * sweep["best"]["central"][1] > 100 * sweep["best"]["complex_step"][1]


def test_forward_mode_sees_a_wrong_sweep_and_agrees_with_a_wrong_row(found):
    everyone = ["forward mode", "complex step", "differences"]
    assert found["seen"] == {
        "none": ("agree", []),
        "overwrite": ("wrong", everyone),
        "product_swapped": ("wrong", everyone[1:]),
        "exp_as_power": ("wrong", everyone[1:]),
    }


def test_a_kink_is_proved_and_a_sum_of_conventions_is_called_wrong(found):
    assert found["verdicts"] == {
        "|x|": (0.0, "kink"),
        "relu(x)": (0.0, "kink"),
        "relu(x)²": (0.0, "agree"),
        "|x| + x − 2 relu(x)": (1.0, "wrong"),
        "a jump": (1.0, "wrong"),
    }


def test_a_step_across_a_kink_measures_a_mean_of_both_sides(found):
    assert found["near"]["narrow"] == pytest.approx(1.0, abs=1e-12)
    assert found["near"]["wide"] == pytest.approx((1e-4 + 0.1) / 0.2, rel=1e-9)
    assert "0.5005 with h = 1e-01" in " ".join(run_of("gradient_check").text.split())


def test_a_large_constant_costs_differences_their_digits_and_the_complex_step_none(found):
    (changed,) = answer_of("gradient_check").outcomes
    before, after = found["sweep"]["best"], changed["sweep"]["best"]
    for name in ("forward", "central"):
        assert after[name][1] > 100 * before[name][1]
        assert after[name][0] > before[name][0]
    assert after["complex_step"][1] < 1e-15
    assert "The complex step loses nothing" in answer_of("gradient_check").text
