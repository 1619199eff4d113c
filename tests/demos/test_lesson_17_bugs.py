"""What the lesson on the bug laboratory claims."""

import math

import pytest
from lesson_runs import run_of

from autograd.bugs import LABORATORY, active
from demos.lesson_17_bugs import HANDFUL

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def lesson():
    run = run_of("bugs")
    return run.outcome, run.page


def test_each_bug_of_the_handful_comes_out_wrong_as_the_laboratory_says(lesson):
    outcome, _ = lesson
    assert outcome["shown"] == {
        "overwrite": (2.0, 1.0),
        "set_of_operands": (6.0, 3.0),
        "wrong_order": (2.0, 1.0),
        "stale_interior": (2.0, 3.0),
        "tanh_tail": (pytest.approx(1 / math.cosh(20.0) ** 2, rel=1e-12), 0.0),
    }


def test_the_first_tests_that_come_to_mind_see_nothing(lesson):
    outcome, _ = lesson
    assert outcome["blind"] == {
        "overwrite": (5.0, 5.0),
        "wrong_order": (7.0, 7.0),
        "product_swapped": (6.0, 6.0),
        "quotient_numerator": (-0.0625, -0.0625),
        "swapped_pow": (16.0, 16.0),
        "sub_sign": (-4.0, -4.0),
    }


def test_a_forgotten_zero_grad_swings_for_ever_and_the_right_loop_arrives(lesson):
    outcome, _ = lesson
    right, wrong = outcome["right"], outcome["wrong"]
    assert right == pytest.approx([3 - 2 * 0.8**step for step in range(31)], rel=1e-12)
    place, momentum, expected = 1.0, 0.0, [1.0]
    for _ in range(30):
        momentum += 2 * (place - 3)
        place -= 0.1 * momentum
        expected.append(place)
    assert wrong == pytest.approx(expected, rel=1e-9)
    assert max(wrong[20:]) > 4.5
    assert min(wrong[10:]) < 1.5


def test_the_examiner_names_each_of_the_handful_and_gives_the_engine_a_perfect_score(lesson):
    outcome, _ = lesson
    assert outcome["named"] == {name: [LABORATORY[name].title] for name in HANDFUL}
    assert outcome["clean"] == 100.0
    assert active() is None


def test_the_page_has_a_picture_of_every_difference_and_says_how_many_are_named(lesson):
    _, page = lesson
    assert {"overwrite", "set_of_operands", "wrong_order", "stale_interior", "tanh_tail"} <= {path.stem for path in page.pictures}
    text = "".join(page.html)
    assert f"It names {len(HANDFUL)} of these {len(HANDFUL)} mistakes" in text
    for title in ("Gradients overwritten instead of added", "x * x counted once", "second backward compounds"):
        assert title.lower() in text.lower()
