"""Tests of the experiments: each is made, and its answer is true; constants are changed by literals alone."""

import pytest
from every import every
from lesson_runs import EACH, answer_of, run_of

from demos import __main__ as runner
from demos.experiments import ConstantError, Try, changed, constants, fitting, literal
from demos.gallery import experiment
from demos.lesson import lessons, named

pytestmark = pytest.mark.thorough


def constants_of(name):
    (lesson,) = named([name])
    return lesson.constants


# ------------------------------------------------------------------------------------------------------- what they find out


def test_without_coffee_no_estimate_gets_worse_and_juice_with_toast_have_one_price_together():
    other, together = answer_of("cafeteria").outcomes
    assert other["worse"] == []
    assert "no estimate got worse" in answer_of("cafeteria").text
    assert together["right"] == ["coffee"]
    assert together["prices"] == pytest.approx([0.5, 1.25, 1.25], abs=0.005)
    assert together["solved"] is None
    assert "end at 1.25 € and 1.25 €, which is 2.50 € for both together" in answer_of("cafeteria").text


# ---------------------------------------------------------------------------------------------------------- all of them


@pytest.mark.parametrize("lesson", EACH)
def test_the_gallery_shows_what_to_type_and_what_happens_folded(lesson):
    shown = experiment(lesson, answer_of(lesson.name).html)
    for change, command in zip(lesson.experiment.changes, lesson.commands(), strict=True):
        options = [f"--set {name}=" for name in change]
        assert all(option in command for option in options)
        assert shown.count('<pre class="command">') >= len(lesson.experiment.changes)
    assert ("<details>" in shown) == bool(lesson.experiment.changes)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_an_experiment_changes_constants_that_the_lesson_has_to_other_values(lesson):
    usual = lesson.constants
    for change in lesson.experiment.changes:
        for name, value in change.items():
            assert fitting(name, value, usual[name], (list, type(None), int)) != usual[name]


def test_an_experiment_is_answered_where_the_lesson_is_the_lectures_and_not_with_other_constants(tmp_path):
    (lesson,) = named(["cafeteria"])
    twin = lesson.with_constants({"WEEKS": 3})
    assert twin.what_happens(run_of("cafeteria").page, {}) == []
    assert "<details>" not in experiment(twin, [])


# ------------------------------------------------------------------------------------------------------- changing a constant


def test_a_constant_is_changed_where_it_is_written_and_what_follows_from_it_too():
    (lesson,) = named(["batch_online"])
    twin = lesson.with_constants({"WEEKS": [[2, 2], [0, 4]], "RATE": 1})
    assert (twin.module.WEEKS, twin.module.RATE) == ([(2, 2), (0, 4)], 1.0)
    assert twin.module.TOTALS == [3.0, 4.0]  # computed from WEEKS
    assert lesson.module.WEEKS == [(3, 1), (1, 2)]  # as it was
    assert lesson.constants["RATE"] == 0.09


def test_a_value_computed_from_other_names_is_no_constant():
    assert "TOTALS" not in constants_of("batch_online")
    assert "ACTIVATIONS" not in constants_of("backpropagation")
    assert "TRY" not in constants_of("cafeteria")


def test_a_value_is_a_literal_and_is_never_run():
    assert literal("RATE=0.5") == ("RATE", 0.5)
    assert literal("WEEKS = [(3, 1)]") == ("WEEKS", [(3, 1)])
    for text in ("RATE=__import__('os')", "RATE=1/35", "RATE=x", "RATE=", "RATE=(", "RATE=" + "(" * 500):
        with pytest.raises(ConstantError, match="RATE takes a number, a text in quotes, or a list"):
            literal(text)
    with pytest.raises(ConstantError, match="write a name, = and a literal"):
        literal("RATE")


@every(
    "case",
    [
        (3, 80, 3),
        (3, 0.5, 3.0),
        ([1, 2], (0.5, 1.0), (1.0, 2.0)),
        ([(1, 2)], [(3, 1), (1, 2)], [(1, 2)]),
        ({"a": [1]}, {"and": [0, 0]}, {"a": [1]}),
        ((2, [3]), (3, [4, 3]), (2, [3])),
        (-0.5, 0.0, -0.5),
        ((0.5, 1), (0, 1), None),
        ("tea", 80, None),
        (True, 80, None),
        (1, False, None),
        (0.5, 80, None),
        ([], (1, 2), None),
        ("", "x", None),
        (float("inf"), 0.5, None),
        (10**400, 0.5, None),
        ([1, "x"], (1, 2), None),
        ((2, 3), (3, [4, 3]), None),
        (0, 80, None),
        (-1.0, 0.5, None),
    ],
)
def test_a_value_fits_if_it_is_of_the_usual_kind(case):
    value, usual, expected = case
    if expected is None:
        with pytest.raises(ConstantError, match=r"^X = .*; give one like |X = .*a number above 0"):
            fitting("X", value, usual)
    else:
        found = fitting("X", value, usual)
        assert found == expected
        assert type(found) is type(expected)


def test_a_wrong_name_is_refused_with_the_right_ones(capsys, tmp_path):
    with pytest.raises(SystemExit) as ending:
        runner.main(["4", "--out", str(tmp_path), "--set", "WEEK=3"])
    assert ending.value.code == 2
    said = capsys.readouterr().err
    assert "no constant 'WEEK'" in said
    for name in constants(named(["4"])[0].module):
        assert name in said


def test_constants_are_set_for_one_lesson(capsys, tmp_path):
    with pytest.raises(SystemExit):
        runner.main(["4", "5", "--out", str(tmp_path), "--set", "RATE=0.1"])
    assert "--set is for one lesson, and 2 are chosen" in capsys.readouterr().err


def test_a_lesson_with_other_constants_shows_them_and_what_comes_of_them(capsys, tmp_path):
    options = ["4", "--out", str(tmp_path), "--set", "GOODS=('tea', 'cake')", "--set", "REAL_PRICES=(1, 2)", "--set"]
    assert runner.main([*options, "FIRST_WEEK=(2, 1)"]) == 0
    said = capsys.readouterr().out
    assert '--set REAL_PRICES="(1, 2)"' in said
    assert "portions of the first week are tea 2, cake 1" in said
    assert "these estimates got worse" not in said
    assert runner.main([*options, "FIRST_WEEK=(2, 1, 3)"]) == 1
    assert "GOODS has 2 entries and FIRST_WEEK has 3; give each as many" in capsys.readouterr().err


def test_an_experiment_has_its_question_its_changes_and_its_pictures():
    trial = Try("What if?", {"A": 1}, {"A": 2}, pictures=("curve",))
    assert (trial.question, trial.changes, trial.pictures) == ("What if?", ({"A": 1}, {"A": 2}), ("curve",))


def test_a_lessons_file_run_again_is_another_module():
    (lesson,) = named(["delta_rule"])
    assert changed(lesson.module, {}) is not lesson.module
