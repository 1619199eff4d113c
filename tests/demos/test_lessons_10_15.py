"""What the lessons of rows 10 to 15 claim: the lecture's formula beside the engine's number, and a published example."""

import math
import re
from itertools import pairwise

import pytest
from lesson_runs import run_of

from autograd import Value
from demos import lesson_14_backpropagation as classical
from demos import lesson_15_worked_example as worked
from demos.lesson import named
from demos.lesson_11_study import RATE, step_by_hand
from demos.page import Page
from nn import SGD

pytestmark = pytest.mark.thorough

ROUNDING = {"rel": 1e-12, "abs": 1e-15}


def numbers(text):
    """Every number in a line of a table."""
    return [float(word.replace("−", "-")) for word in re.findall(r"[−-]?\d+\.?\d*(?:e[+-]?\d+)?", text)]


def line_of(name, beginning):
    """The numbers of the first line of a lesson's text that begins so."""
    return next(
        numbers(line.strip()[len(beginning) :]) for line in run_of(name).text.splitlines() if line.strip().startswith(beginning)
    )


# ------------------------------------------------------------------------------------------- row 10, the sigmoid neuron


def test_a_logits_slopes_are_the_inputs_and_the_weights():
    outcome = run_of("sigmoid").outcome
    assert outcome["z"] == 1.0
    assert outcome["dz_dw"] == [-1.0, -2.0, 1.0]  # the inputs
    assert outcome["dz_dx"] == [2.0, -3.0, -3.0]  # the weights


def test_the_logistic_functions_slope_is_y_times_one_minus_y():
    outcome = run_of("sigmoid").outcome
    assert outcome["y"] == pytest.approx(1 / (1 + math.exp(-1)), rel=1e-15)
    assert outcome["dy_dz"] == pytest.approx(0.19661193324148185, rel=1e-15)
    assert outcome["formula"] == pytest.approx(outcome["dy_dz"], rel=1e-15)


def test_the_derivation_multiplies_factor_by_factor():
    assert line_of("sigmoid", "c = 1 + b")[-2:] == [-0.534447, -0.534447]
    assert line_of("sigmoid", "b = exp(a)") == [0.367879, 1.0, 1.0, -0.534447]
    assert line_of("sigmoid", "a = −z")[-2:] == [0.367879, -0.196612]
    assert line_of("sigmoid", "z   ")[-1] == 0.196612
    assert "(1 + e⁻ᶻ)⁻¹" in run_of("sigmoid").text
    assert "e⁻ᶻ/(1 + e⁻ᶻ)²" in run_of("sigmoid").text


def test_a_neurons_slopes_have_both_factors():
    outcome = run_of("sigmoid").outcome
    assert outcome["dy_dw"] == pytest.approx(outcome["by_hand"], rel=1e-15)
    assert outcome["dy_dw"] == pytest.approx([-0.19661193324148185, -0.3932238664829637, 0.19661193324148185], rel=1e-15)


def test_in_the_tail_the_formula_is_zero_in_floats_and_the_engine_is_right():
    tail = {z: (formula, engine, true) for z, formula, engine, true in run_of("sigmoid").outcome["tail"]}
    for formula, engine, true in tail.values():
        assert engine == pytest.approx(true, rel=1e-14)
        assert engine > 0
        assert formula == pytest.approx(engine, rel=0.05) or formula == 0.0
    assert [z for z, row in tail.items() if row[0] == 0.0] == [37.0, 40.0, 100.0, 700.0]
    assert tail[40.0][1] == pytest.approx(4.248354255291589e-18, rel=1e-14)


# ------------------------------------------------------------------------------------ row 11, learning with a sigmoid neuron


def test_the_gradient_is_minus_the_sum_of_input_slope_and_residual():
    outcome = run_of("study").outcome
    assert outcome["formula"] == pytest.approx(outcome["engine"], **ROUNDING)
    assert outcome["engine"] == pytest.approx([1.1700697821863675, 1.7730502644807702], rel=1e-13)


def test_the_chain_of_one_student_multiplies_what_comes_back_by_one_factor_at_each_step():
    outcome = run_of("study").outcome
    assert outcome["chain"][-1] == 1.0
    for before, factor, after in zip(outcome["chain"], outcome["slopes"], outcome["chain"][1:], strict=False):
        assert before == pytest.approx(factor * after, rel=1e-14)


def test_engine_and_formula_learn_the_same_weights():
    outcome = run_of("study").outcome
    assert outcome["weights"] == pytest.approx(outcome["by_hand"], rel=1e-11)
    assert outcome["weights"] == pytest.approx([-3.2964156723, 1.1990680905], rel=1e-9)
    assert outcome["half"] == pytest.approx(2.749148, rel=1e-6)
    assert outcome["right"] == 16
    assert outcome["errors"][0] == 2.5  # ½ · 20 · ¼
    assert outcome["errors"][-1] == pytest.approx(1.3452, abs=5e-5)


def test_the_learnt_weights_are_where_the_gradient_ends():
    w = run_of("study").outcome["weights"]
    assert [(after - before) / RATE for before, after in zip(w, step_by_hand(w), strict=True)] == pytest.approx([0, 0], abs=1e-9)


# ------------------------------------------------------------------------------------------------ row 12, several paths


def test_the_sum_over_the_paths_is_the_gradient():
    outcome = run_of("paths").outcome
    assert len(outcome["paths"]) == 4
    assert len(set(outcome["paths"].values())) == 4
    assert outcome["by_paths"] == pytest.approx(sum(outcome["paths"].values()), rel=1e-15)
    assert outcome["engine"] == pytest.approx(outcome["by_paths"], rel=1e-13)
    assert outcome["engine"] == pytest.approx(outcome["measured"], rel=1e-7)
    assert not any(math.isclose(path, outcome["engine"], rel_tol=0.1) for path in outcome["paths"].values())  # none alone will do


def test_every_path_is_the_product_of_its_factors_as_printed():
    for path, value in run_of("paths").outcome["paths"].items():
        *factors, result = line_of("paths", path)
        assert result == pytest.approx(value, abs=1e-8)
        assert math.prod(factors) == pytest.approx(value, rel=2e-3)  # the factors are printed with four digits


def test_paths_multiply_and_edges_add_up():
    counts = run_of("paths").outcome["counts"]
    assert [paths for _, paths, _ in counts] == [4**layers for layers, _, _ in counts]
    assert {b[2] - a[2] for a, b in pairwise(counts)} == {40}


# ------------------------------------------------------------------------------------------ row 13, errors propagated


@pytest.mark.parametrize(("what", "count"), [("output z", 2), ("hidden y", 3), ("hidden z", 3), ("weights", 12)])
def test_each_formula_gives_the_engines_number(what, count):
    pairs = run_of("errors_back").outcome["pairs"][what]
    assert len(pairs) == count
    for formula, engine in pairs:
        assert formula != 0.0
        assert formula == pytest.approx(engine, **ROUNDING)


def test_a_hidden_neuron_answers_for_both_outputs():
    for place in "123":
        row = next(
            numbers(line)
            for line in run_of("errors_back").text.splitlines()
            if line.startswith(f"  {place}   ") and len(numbers(line)) == 5
        )
        assert row[1] + row[2] == pytest.approx(row[3], abs=2e-9)
        assert row[3] == row[4]


# ---------------------------------------------------------------------------- row 14, the algorithm and the chain rule


def test_deltas_are_the_engines_adjoints_for_a_deep_network_of_several_activations():
    pairs = run_of("backpropagation").outcome["pairs"]
    assert len(pairs) == sum(classical.SHAPE[1])
    assert len(set(classical.KINDS)) == len(classical.KINDS) == 4
    for delta, adjoint in pairs:
        assert delta != 0.0
        assert delta == pytest.approx(adjoint, rel=1e-12)


def test_deltas_are_adjoints_for_a_hundred_random_networks():
    outcome = run_of("backpropagation").outcome
    assert outcome["neurons"] > 500
    assert outcome["worst"] < 1e-11


def test_training_either_way_gives_the_same_weights():
    outcome = run_of("backpropagation").outcome
    assert outcome["apart"] < 1e-12
    by_formulas, by_engine = outcome["curves"]
    assert by_formulas == pytest.approx(by_engine, rel=1e-10)
    assert by_engine[-1] < by_engine[0] / 20


def test_deltas_without_the_slope_of_hidden_neurons_would_be_seen(monkeypatch):
    """The experiment that the lesson invites to: only the output layer still agrees."""
    linear = classical.ACTIVATIONS["linear"][1]
    blunt = {kind: (f, slope if kind == "linear" else linear) for kind, (f, slope) in classical.ACTIVATIONS.items()}
    monkeypatch.setattr(classical, "ACTIVATIONS", blunt)
    pairs, _ = classical.both(
        classical.MLP(*classical.SHAPE, activation=classical.KINDS, seed=14), classical.KINDS, (1, 2, 3), (1, 0)
    )
    apart = [max(classical.difference(a, b) for a, b in layer) for layer in pairs]
    assert apart[-1] < 1e-12
    assert min(apart[:-1]) > 0.01


# ------------------------------------------------------------------------------------------------ row 15, the worked example


@pytest.mark.parametrize("name", worked.PRINTED)
def test_engine_and_formulas_give_every_number_that_mazur_printed(name):
    outcome = run_of("worked_example").outcome
    digits = len(worked.PRINTED[name].partition(".")[2])
    for number in (outcome["engine"][name], outcome["by_hand"][name]):
        assert number == pytest.approx(float(worked.PRINTED[name]), rel=0, abs=0.6 * 10**-digits)


def test_mazurs_headline_numbers():
    outcome = run_of("worked_example").outcome
    engine = outcome["engine"]
    assert f"{engine['y o1']:.8f}" == "0.75136507"
    assert f"{engine['y o2']:.9f}" == "0.772928465"
    assert f"{engine['E']:.9f}" == "0.298371109"
    assert f"{engine['w5']:.8f}" == "0.35891648"
    assert f"{outcome['after']:.8f}" == "0.29102777"  # not the article's 0.291027924


def test_formulas_and_engine_agree_on_every_number_of_the_worked_example():
    outcome = run_of("worked_example").outcome
    assert outcome["by_hand"].keys() == outcome["engine"].keys()
    assert len(outcome["engine"]) == 4 * 4 + 3 + 8 + 8  # four numbers of each neuron, E1, E2, E, slopes, weights
    for name, number in outcome["engine"].items():
        assert number == pytest.approx(outcome["by_hand"][name], **ROUNDING), name


def test_every_number_of_the_worked_example_is_shown():
    text = run_of("worked_example").text
    engine = run_of("worked_example").outcome["engine"]
    for name in ("z h1", "y h2", "z o1", "y o2", "E1", "E2", "E", "δ o1", "δ o2", "δ h1", "δ h2",
                 *(f"∂E/∂w{i}" for i in range(1, 9)), *(f"w{i}" for i in range(1, 9))):  # fmt: skip
        assert f"{engine[name]:.12f}".replace("-", "−") in text, name
    assert "0.29102777" in text


def test_ten_thousand_steps_bring_the_outputs_near_their_targets():
    outcome = run_of("worked_example").outcome
    errors = outcome["errors"]
    assert len(errors) == 10_001
    assert f"{errors[9_999]:.10f}" == "0.0000351085"  # as the article prints it
    assert all(later < earlier for earlier, later in pairwise(errors))


def test_mazurs_last_outputs_lie_between_two_later_passes():
    w = [Value(a) for a in worked.WEIGHTS]
    optimizer, outputs = SGD(w, lr=worked.RATE), []
    for _ in range(10_004):
        error, neurons = worked.network(w)
        outputs.append([y.data for y in neurons[2:]])
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
    (first, second), (later_first, later_second) = outputs[10_002:10_004]  # after so many steps
    assert later_first < 0.015912196 < first
    assert second < 0.984065734 < later_second


# -------------------------------------------------------------------------------------------------------- all of them


@pytest.mark.parametrize("name", ["sigmoid", "study", "paths", "errors_back"])
def test_a_lesson_says_the_same_again(name, tmp_path, capsys):
    (lesson,) = named([name])
    assert repr(lesson.run(Page(tmp_path / lesson.slug))) == repr(run_of(name).outcome)
