"""Tests of the experiments: each is made, and its answer is true; constants are changed by literals alone."""

import ast
import re
from pathlib import Path

import pytest
from every import every
from lesson_runs import Unsaved, answer_of, run_of

from demos import __main__ as runner
from demos.experiments import ConstantError, Try, changed, constants, fitting, literal
from demos.gallery import experiment
from demos.lesson import lessons, named
from demos.page import Page
from demos.page import command as typed

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


def test_only_the_slope_of_f_vanishes_with_d():
    (changed,) = answer_of("chain_rule").outcomes
    assert {name: slope for name, (_, slope, _) in changed["slopes"].items()} == {"a": 6.0, "b": -4.0, "c": -2.0, "f": 0.0}
    assert "The slopes that vanish: ∂L/∂f." in answer_of("chain_rule").text


def test_a_third_hidden_layer_of_five_brings_weights_biases_and_paths():
    (changed,) = answer_of("layers").outcomes
    assert list(changed["counts"].values())[-1] == (4 * 2 + 3 * 4 + 5 * 3 + 5, 4 + 3 + 5 + 1, 4 * 3 * 5)
    assert "40 weights, 2 · 4 + 4 · 3 + 3 · 5 + 5 · 1, and 13 biases" in answer_of("layers").text
    assert len(changed["changed"]) == 4


def test_exclusive_or_needs_two_hidden_neurons():
    one, three = answer_of("xor").outcomes
    assert not one["learnt"]
    assert three["learnt"]
    assert "Not learnt with this number of hidden neurons: 1." in answer_of("xor").text
    assert "Learnt with this number of hidden neurons: 3." in answer_of("xor").text


def test_with_absolute_values_only_the_sign_of_a_residual_counts():
    (changed,) = answer_of("delta_rule").outcomes
    assert changed["engine"] == changed["gradients"] == [-8.0, -6.0, -10.0]  # −Σ x: every residual is positive
    assert changed["factors"] == ([-1.0] * 3, [-1.0] * 3)
    assert "only its sign" in answer_of("delta_rule").text


def test_with_one_week_the_bowl_is_a_gutter_along_the_prices_of_the_same_bill():
    (changed,) = answer_of("error_surface").outcomes
    assert changed["curvatures"] == pytest.approx((10.0, 0.0), abs=1e-12)
    assert 3 * changed["bottom"][0] + changed["bottom"][1] == pytest.approx(0.0, abs=1e-12)
    assert changed["heights"] == pytest.approx([0.0] * 5, abs=1e-20)
    assert "3 w₁ + 1 w₂ = 2.50 €" in answer_of("error_surface").text
    assert sum("<figure>" in block for block in answer_of("error_surface").html) == 2  # the bowl and its sections are drawn


def test_ten_times_the_portions_need_a_hundredth_of_the_rate():
    (changed,), usual = answer_of("learning_rate").outcomes, run_of("learning_rate").outcome
    assert usual["limit"] / changed["limit"] == pytest.approx(100.0, rel=1e-12)
    for name, outcome in changed["runs"].items():
        assert outcome["engine"] == pytest.approx(usual["runs"][name]["engine"], rel=1e-9, abs=1e-12)
    assert "rates must be 100 times smaller" in answer_of("learning_rate").text
    assert "learning diverges" in answer_of("learning_rate").text


def test_momentum_saves_most_where_learning_crawls_and_nothing_where_it_was_fast():
    (changed,), usual = answer_of("correlated_inputs").outcomes, run_of("correlated_inputs").outcome
    steps = {row["r"]: (before["steps"], row["steps"]) for before, row in zip(usual["rows"], changed["rows"], strict=True)}
    assert steps[0.99] == (688, 94)
    assert steps[0.0] == (1, 1)
    assert steps[0.5][1] > steps[0.5][0]
    assert "0.99 688 94 594" in answer_of("correlated_inputs").text


def test_at_a_large_rate_batch_learning_diverges_and_online_learning_does_not():
    (changed,) = answer_of("batch_online").outcomes
    assert changed["grown"] == ["batch"]
    assert changed["errors"]["online"][-1] < 1e-10
    assert "The error has grown in: batch." in answer_of("batch_online").text
    assert run_of("batch_online").outcome["grown"] == []


def test_the_average_of_two_networks_is_bad_as_the_table_says():
    hills = [found["is_hill"] for found in answer_of("averages").outcomes]
    halfway = [found["hill"][20] for found in answer_of("averages").outcomes]
    assert [height > 0.05 for height in halfway] == hills
    assert ("bad for every one" in answer_of("averages").text) == all(hills)


def test_at_minus_forty_the_formula_keeps_its_digits_and_at_forty_it_has_none():
    (changed,) = answer_of("sigmoid").outcomes
    (_, low, engine_low, _), (_, high, engine_high, _) = changed["tail"]
    assert low == engine_low == engine_high > 0
    assert high == 0.0
    assert "the digits that matter were lost" in answer_of("sigmoid").text


def test_a_neuron_that_is_sure_and_wrong_hardly_learns():
    six, twelve = answer_of("study").outcomes
    assert six["weights"] == pytest.approx(run_of("study").outcome["weights"], rel=1e-6)
    assert 50 < next(step for step, error in enumerate(six["errors"]) if error < 2.0) < 200
    assert min(twelve["errors"]) > 4.9
    assert "(12, 0) 4.9999 not within 2000" in answer_of("study").text


def test_without_one_weight_half_of_the_paths_carry_nothing_and_the_others_do():
    (changed,) = answer_of("paths").outcomes
    assert [path for path, value in changed["paths"].items() if value == 0.0] == ["h₁ → k₁ → y₁ → E", "h₁ → k₁ → y₂ → E"]
    assert changed["engine"] == pytest.approx(changed["by_paths"], rel=1e-12)
    assert "h₁ still matters" in answer_of("paths").text


def test_a_target_that_is_met_sends_nothing_back_from_its_neuron():
    (changed,), usual = answer_of("errors_back").outcomes, run_of("errors_back").outcome["pairs"]
    assert changed["pairs"]["output z"][0] == (0.0, 0.0)
    assert changed["pairs"]["output z"][1] == usual["output z"][1]
    assert all(new != old != (0.0, 0.0) for new, old in zip(changed["pairs"]["hidden y"], usual["hidden y"], strict=True))
    assert "∂E/∂z₄ was −0.141391 and is 0.000000" in answer_of("errors_back").text


def test_without_the_slope_of_hidden_neurons_deltas_and_graph_disagree_and_the_page_says_so():
    (changed,) = answer_of("backpropagation").outcomes
    assert changed["apart in"] == ["layer 1", "layer 2", "layer 3"]
    assert 0 < changed["wrong"] < changed["neurons"]
    assert changed["done"] < len(run_of("backpropagation").outcome["curves"][0])
    assert "Deltas and graph now disagree in: layer 1, layer 2, layer 3." in answer_of("backpropagation").text
    assert run_of("backpropagation").outcome["wrong"] == 0


def test_biases_that_learn_make_the_error_smaller_than_fixed_ones_do():
    (changed,), usual = answer_of("worked_example").outcomes, run_of("worked_example").outcome
    for step in (100, 1000, 10_000):
        shown = f"{step} {usual['errors'][step]:.9f} {changed['errors'][step]:.9f}"
        assert changed["errors"][step] < usual["errors"][step]
        assert shown in answer_of("worked_example").text
    assert changed["errors"][0] == usual["errors"][0]


@pytest.mark.thorough
def test_the_moons_need_hidden_neurons():
    four, none = answer_of("moons").outcomes
    assert none["accuracy"] < 0.95
    assert none["accuracy"] <= four["accuracy"] <= 1.0
    assert f"none {none['accuracy']:.0%}" in answer_of("moons").text


@pytest.mark.thorough
def test_a_smaller_rate_is_no_cure_for_gradients_that_are_never_reset():
    (changed,) = answer_of("bugs").outcomes
    assert max(changed["wrong"]) > 4.9
    assert changed["right"][-1] < 3.0
    assert "A smaller rate makes the swing slower, not smaller." in answer_of("bugs").text


# ---------------------------------------------------------------------------------------------------------- all of them


@pytest.mark.parametrize("name", ["error_surface", "xor"])
def test_the_gallery_shows_what_to_type_and_what_happens_folded(name):
    (lesson,) = named([name])
    shown = experiment(lesson, answer_of(name).html)
    before, _, folded = shown.partition("<details>\n<summary>What happens</summary>")
    for change, command in zip(lesson.experiment.changes, lesson.commands(), strict=True):
        assert all(f"--set {constant}=" in command for constant in change)
        assert typed(command) in before
    assert folded.count("<figure>") == len(lesson.experiment.changes) * len(lesson.experiment.pictures)
    assert folded.count('<pre class="command"') == (0 if len(lesson.experiment.changes) == 1 else 2)  # which picture is whose


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_an_experiment_changes_constants_that_the_lesson_has_to_other_values(lesson):
    usual = lesson.constants
    assert lesson.experiment.changes
    assert callable(lesson.module.answer)
    for change in lesson.experiment.changes:
        for name, value in change.items():
            assert fitting(name, value, usual[name], (list, type(None), int, float), free=True) != usual[name]


def test_an_experiment_is_answered_where_the_lesson_is_the_lectures_and_not_with_other_constants(tmp_path):
    (lesson,) = named(["cafeteria"])
    twin = lesson.with_constants({"WEEKS": 3})
    assert twin.what_happens(run_of("cafeteria").page, {}) == []
    assert "<details>" not in experiment(twin, [])


# ------------------------------------------------------------------------------------------------------- any other constants

OTHERS = {  # what once ended in a traceback, or in a sentence that was false, and what is like it
    "chain_rule": [{"A": 0.0}],
    "layers": [{"SIZES": [[1]]}, {"SIZES": [[3], [1, 1, 2]], "X": [0.5]}, {"SIZES": [[1], [2, 1], [2, 2, 2, 2, 1]]}],
    "xor": [{"STEPS": 1}, {"HIDDEN": 1, "STEPS": 50}],
    "averages": [{"HIDDEN": 1}, {"HIDDEN": 3}, {"EXAMPLES": [(1.0, 0), (2.0, 1), (3.0, 0)]}, {"STEPS": 3}],
    "cafeteria": [
        {"GOODS": ("tea",), "REAL_PRICES": (2.0,), "FIRST_WEEK": (3,)},
        {"REAL_PRICES": (0.5, 0.5, 0.5)},
        {"WEEKS": 2},
        {"FIRST_WEEK": (0, 0, 0)},
    ],
    "delta_rule": [{"WEEKS": [(1, 0, 0)]}, {"WEEKS": [(1, 2, 3)] * 6}, {"SQUARES": False, "ESTIMATE": 5.0}],
    "error_surface": [{"WEEKS": [(0, 2)]}, {"WEEKS": [(3, 1)], "DIRECTION": (-1.0, 3.0)}, {"WEEKS": [(1, 0), (0, 1)]}],
    "learning_rate": [{"WEEKS": [(1, 0)]}, {"START": (0.5, 1.0)}, {"SHARES": {"one": 0.3}}],
    "correlated_inputs": [{"CORRELATIONS": (0.5,)}, {"NEARER": 2.0, "CORRELATIONS": (0.0, 0.3)}],
    "batch_online": [{"WEEKS": [(3, 1)]}, {"WEEKS": [(3, 1), (0, 2), (1, 1)]}, {"START": (0.5, 1.0)}, {"ROUNDS": 1}],
    "sigmoid": [{"INPUTS": (2.0,), "WEIGHTS": (0.5,)}, {"LOGITS": (-700.0, 0.5)}, {"Z": 30.0}],
    "study": [{"HOURS": (1.0, 2.0), "PASSED": (0, 0), "STEPS": 10}, {"HOURS": (1, 2, 3), "PASSED": (0, 0, 1)}],
    "paths": [{"INPUTS": (1.0, 0.0, 2.0)}, {"NEURONS": 1, "LAYERS": 2}, {"INPUTS": (0.0,)}],
    "errors_back": [{"HIDDEN": 1}, {"TARGETS": (1.0,)}, {"TARGETS": (0.1, 0.2, 0.3), "MET": 3}, {"HIDDEN": 12, "INPUTS": (1.0,)}],
    "backpropagation": [
        {"LAYERS": [2], "KINDS": ["sigmoid"]},
        {"LAYERS": [1, 1, 2], "KINDS": ["relu", "linear", "tanh"], "INPUTS": (1.0,), "SMALL": [1, 3, 1]},
        {"NETWORKS": 1, "STEPS": 1},
    ],
    "worked_example": [{"STEPS": 20, "RATE": 0.1}, {"STEPS": 5, "WEIGHTS": (0.1,) * 8, "LEARN_BIASES": True}],
    "moons": [{"HIDDEN": [1], "STEPS": 3}, {"HIDDEN": [], "STEPS": 1, "POINTS": 1}],
    "bugs": [{"HANDFUL": ("sub_sign",), "STEPS": 2}],
    "perceptron": [
        {"PLACES": [(1.0, 0.5)], "PASSES": 1},
        {"SLOPE": 3.0, "GAP": -2.0},
        {"SHOWN": 1},
    ],
    "gradient_check": [{"X": -2.0}, {"OFFSET": -3.0, "MISTAKES": ("overwrite",)}, {"X": 0.0, "NEAR": 1.0}],
    "vanishing_gradients": [
        {"DEPTH": 1, "WIDTH": 1, "RATES": (0.05,), "STEPS": 1},
        {"ACTIVATIONS": ("relu",), "DEPTH": 2, "STEPS": 1},
    ],
    "forward_reverse": [{"SHAPES": [(1, 1)], "HIDDEN": (1,)}, {"X1": 0.0, "X2": -1.0, "WIDTH": 1}],
    "descents": [{"CORRELATION": 0.01, "OTHERS": (0.5,)}, {"NEARER": 2.0, "MOST": 3, "OTHERS": (0.9,)}],
    "symmetry": [{"HIDDEN": 2, "STEPS": 2, "SEEDS": 1}, {"STEPS": 1, "SEEDS": 1, "SCALES": (0.5,), "EQUAL": -1.0}],
}


@pytest.mark.long
@pytest.mark.parametrize("name", OTHERS)
def test_a_lesson_runs_with_other_constants_and_prints_no_nonsense(name, tmp_path, capsys):
    (lesson,) = named([name])
    for place, change in enumerate(OTHERS[name]):
        lesson.with_constants(change).run(Unsaved(tmp_path / str(place)))
        said = capsys.readouterr().out
        assert not re.search(r"\bnan\b|\bNone\b|\binf\b|[{}]", said), change


@every(
    "case",
    [
        ("cafeteria", {"FIRST_WEEK": (1, 2)}, "GOODS has 3 entries and FIRST_WEEK has 2"),
        ("error_surface", {"WEEKS": [(0, 0)]}, "nothing but zeros"),
        ("error_surface", {"LIMITS": ((1.0, 0.0), (0.0, 1.0))}, "a lower and a higher number"),
        ("learning_rate", {"RATES": (0.5,)}, "needs rates below"),
        ("learning_rate", {"GOODS": ("tea",)}, "two are needed"),
        ("correlated_inputs", {"CORRELATIONS": (1.0,)}, "below 1"),
        ("correlated_inputs", {"MOMENTUM": 1.5}, "from 0 to below 1"),
        ("backpropagation", {"KINDS": ["tanh", "sine", "tanh", "linear"]}, "'sine', which is not known here"),
        ("backpropagation", {"LAYERS": [4, 3, 3, 5]}, "the last number is that of the targets"),
        ("bugs", {"HANDFUL": ("typo",)}, "'typo', which is not known here"),
        ("batch_online", {"RATE": 1e30}, "beyond what a float can hold"),
        ("batch_online", {"REAL_PRICES": (0.5,)}, "these constants do not fit together: two sequences of the same length"),
    ],
)
def test_constants_that_do_not_fit_are_refused_with_the_cure(case, tmp_path):
    name, change, reason = case
    (lesson,) = named([name])
    with pytest.raises(ConstantError, match=reason):
        lesson.with_constants(change).run(Page(tmp_path / "lesson", only=()))


def test_constants_can_be_changed_one_after_the_other():
    twin = named(["batch_online"])[0].with_constants({"RATE": 0.01}).with_constants({"ROUNDS": 3})
    assert (twin.module.RATE, twin.module.ROUNDS) == (0.01, 3)


# ------------------------------------------------------------------------------------------------- sentences are whole templates


def pieced_together(tree):
    """The texts with words and numbers in one expression, other than those of errors: a translation could not replace them."""
    errors = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Raise) for part in ast.walk(node)}
    checks = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("as_many", "pairs")
        for part in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in errors | checks:
            continue
        if isinstance(node, ast.JoinedStr):
            words = " ".join(part.value for part in node.values if isinstance(part, ast.Constant))
            found += [ast.unparse(node)] * bool(re.search("[a-z]{3}", words))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "say" and isinstance(node.args[0], ast.BinOp):
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_what_a_person_reads_is_one_template_with_named_fields(lesson):
    assert pieced_together(ast.parse(Path(lesson.module.__file__).read_text(encoding="utf-8"))) == []


def test_a_sentence_made_of_pieces_is_seen():
    seen = "page.say(f'after {n} steps')\npage.say('a' + b)\nraise ConstantError(f'the value {x}')\nf'{x:.2f} €'"
    assert sorted(pieced_together(ast.parse(seen))) == ["f'after {n} steps'", "page.say('a' + b)"]


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


def test_a_constant_whose_type_is_annotated_is_free():
    (lesson,) = named(["chain_rule"])
    assert lesson.with_constants({"A": -1}).module.A == -1.0
    with pytest.raises(ConstantError, match="NUDGE = -1: a number above 0"):
        lesson.with_constants({"NUDGE": -1})
    assert named(["moons"])[0].with_constants({"HIDDEN": []}).module.HIDDEN == []
    assert named(["digits"])[0].with_constants({"EXAMPLES": 5}).with_constants({"EXAMPLES": None}).module.EXAMPLES is None


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
