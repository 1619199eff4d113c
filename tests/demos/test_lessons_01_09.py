"""Tests of lessons 1 to 9: what each one found, against the lecture's formulas worked out here without the engine."""

import contextlib
import io
import math
from fractions import Fraction
from itertools import pairwise
from random import Random
from types import SimpleNamespace

import pytest

from demos.lesson import named
from demos.page import Page

pytestmark = pytest.mark.thorough

NAMES = ["layers", "xor", "averages", "cafeteria", "delta_rule", "error_surface", "learning_rate", "correlated_inputs",
         "batch_online"]  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs a lesson the first time that a test asks for it."""
    folder, done = tmp_path_factory.mktemp("lessons"), {}

    def once(name):
        if name not in done:
            (lesson,) = named([name])
            text = io.StringIO()
            with contextlib.redirect_stdout(text):
                page = Page(folder / lesson.slug)
                found = lesson.run(page)
            done[name] = SimpleNamespace(found=found, text=" ".join(text.getvalue().split()), pictures=page.pictures, page=page)
        return done[name]

    return once


def matrix_of(X):
    return [[sum(x[i] * x[j] for x in X) for j in range(2)] for i in range(2)]


def half_squares(w, X, totals):
    return sum((t - sum(a * b for a, b in zip(w, x, strict=True))) ** 2 for x, t in zip(X, totals, strict=True)) / 2


def delta_rule(w, X, totals, rate):
    """One batch step, written from the lecture's formula."""
    residuals = [t - sum(a * b for a, b in zip(w, x, strict=True)) for x, t in zip(X, totals, strict=True)]
    return [wi + rate * sum(x[i] * r for x, r in zip(X, residuals, strict=True)) for i, wi in enumerate(w)]


# ------------------------------------------------------------------------------------------------------------- every lesson


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_shows_tables_and_pictures_and_spells_nothing_wrongly(run, name):
    page = run(name).page
    assert any("<table>" in block for block in page.html)
    assert run(name).pictures
    for picture in run(name).pictures:
        assert picture.read_text(encoding="utf-8").rstrip().endswith("</svg>")
    for slip in ("No picture", "nan", "None", "−0.00 ", "1 steps"):
        assert slip not in run(name).text, slip


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("layers", "xor", "averages")])
def test_from_row_four_on_the_formula_stands_beside_the_engine(run, name):
    assert "engine" in run(name).text
    assert any('class="formula"' in block for block in run(name).page.html)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("layers", ["red multicapa", "entradas", "neuronas ocultas", "salidas"]),
        ("xor", ["neuronas ocultas", "linealmente separables", "característica"]),
        ("averages", ["región convexa", "salidas"]),
        ("cafeteria", ["neurona lineal"]),
        ("delta_rule", ["regla delta"]),
        ("error_surface", ["superficie de error", "elipse"]),
        ("learning_rate", ["tasa de aprendizaje"]),
        ("correlated_inputs", ["correlación"]),
        ("batch_online", ["por lotes"]),
    ],
)
def test_the_lectures_words_are_given_in_spanish(run, name, words):
    (lesson,) = named([name])
    for word in words:
        assert word in lesson.question + run(name).text


@pytest.mark.parametrize("name", ["layers", "batch_online"])
def test_a_lesson_gives_the_same_numbers_and_pictures_again(run, name, tmp_path):
    (lesson,) = named([name])
    page = Page(tmp_path / lesson.slug)
    assert lesson.run(page) == run(name).found
    for picture in page.pictures:
        first = next(p for p in run(name).pictures if p.name == picture.name)
        assert picture.read_bytes() == first.read_bytes(), picture.name


# ------------------------------------------------------------------------------------------------------ multilayer networks


def test_layers_counts_weights_biases_and_ways(run):
    assert run("layers").found["counts"] == {
        "no hidden layer": (2, 1, 1),
        "one hidden layer of 3": (3 * 2 + 3, 3 + 1, 3),
        "deep: hidden layers of 4, 3": (4 * 2 + 3 * 4 + 3, 4 + 3 + 1, 12),
    }


def test_layers_feel_a_change_only_where_it_is_made_and_after(run):
    assert run("layers").found["changed"] == [[True, True, True], [False, True, True], [False, False, True]]


def test_layers_say_what_the_formula_gives(run):
    rng, x = Random(1), [1.0, -2.0]
    for depth, (size, outputs) in enumerate(zip([4, 3, 1], run("layers").found["outputs"], strict=True)):
        z = [sum(a * b for a, b in zip([rng.uniform(-1, 1) for _ in x], x, strict=True)) for _ in range(size)]
        x = z if depth == 2 else [1 / (1 + math.exp(-a)) for a in z]
        assert outputs == pytest.approx(x, rel=1e-13)


def test_xor_is_not_learnt_without_hidden_neurons_and_learnt_with_them(run):
    found = run("xor").found
    assert [round(p) for p in found["outputs"]["and, one neuron"]] == [0, 0, 0, 1]
    assert [round(p) for p in found["outputs"]["or, one neuron"]] == [0, 1, 1, 1]
    for name in ("xor, one neuron", "xor, three linear layers"):
        assert found["outputs"][name] == pytest.approx([0.5] * 4, abs=1e-4)
        assert found["losses"][name] == pytest.approx(math.log(2), rel=1e-7)
    assert found["outputs"]["xor, 2 hidden neurons"] == pytest.approx([0, 1, 1, 0], abs=0.02)
    assert found["losses"]["xor, 2 hidden neurons"] < 0.01
    assert "0.6931" in run("xor").text
    assert found["learnt"]
    assert [round(p) for p in found["feature"]] == [0, 1, 1, 0]  # one neuron that also gets the product of its inputs


def test_a_linear_stack_is_one_matrix_to_the_bit(run):
    found, rng = run("xor").found, Random(2)
    assert found["differences"] == [0.0] * 6
    columns, offset = [[Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]], [Fraction(0), Fraction(0)]
    for nin, nout in ((2, 3), (3, 3), (3, 1)):
        rows = [[Fraction(rng.randint(-16, 16), 8) for _ in range(nin + 1)] for _ in range(nout)]  # the bias comes last
        columns = [[sum(w * c for w, c in zip(row[:-1], column, strict=True)) for row in rows] for column in columns]
        offset = [sum(w * o for w, o in zip(row[:-1], offset, strict=True)) + row[-1] for row in rows]
    assert found["matrix"] == (columns[0][0], columns[1][0], offset[0])


def test_the_perceptrons_rule_converges_on_separable_examples_and_never_on_exclusive_or(run):
    found, rule, w, b = run("averages").found, [(0.0, 0.0)], 0.0, 0.0
    assert found["converged"]
    for _ in range(20):
        for x, t in [(0.5, 0), (1.0, 0), (2.0, 1), (3.0, 1)]:
            if (mistake := t - float(w * x + b >= 0)) != 0:
                w, b = w + mistake * x, b + mistake
                rule.append((w, b))
    assert found["path"] == rule
    assert found["nearer"]
    assert found["mistakes"]["and"][-1] == 0
    assert min(found["mistakes"]["exclusive or"]) > 0
    assert "multilayer perceptron" in run("averages").text


def test_the_average_of_two_good_networks_is_bad(run):
    found = run("averages").found
    assert found["outputs"]["A"] == pytest.approx([0, 1, 1, 0], abs=1e-4)
    assert found["outputs"]["B"] == pytest.approx(found["outputs"]["A"], abs=1e-14)
    assert max(abs(y - t) for y, t in zip(found["outputs"]["middle"], [0, 1, 1, 0], strict=True)) > 0.8
    hill = found["hill"]
    assert hill[0] == pytest.approx(hill[-1], rel=1e-9)
    assert hill[0] < 1e-8
    assert hill[20] == max(hill) > 1.0
    assert hill == pytest.approx(hill[::-1], rel=1e-6, abs=1e-12)  # A to B is as B to A


def test_between_two_linear_neurons_there_is_no_hill(run):
    valley = run("averages").found["valley"]
    assert valley[0] > 1.01 * valley[-1] > 0
    for k, height in enumerate(valley):
        assert height <= valley[0] + (valley[-1] - valley[0]) * k / 40 + 1e-15
    assert valley[20] < 0.99 * (valley[0] + valley[-1]) / 2


def test_outputs_approach_their_targets_while_the_weights_go_away_from_a_solution(run):
    found = run("averages").found
    errors = [half_squares([1.0], [(y,) for y in ys], [0, 1, 1, 0]) for ys in found["history"]]
    assert errors[0] > 0.9
    assert errors[-1] < 1e-8
    assert all(b < a for a, b in pairwise(errors[100:]))
    assert found["away"][-1] > found["away"][50] + 0.5
    assert found["away"][-1] > found["away"][0]


# ---------------------------------------------------------------------------------------------------------- linear neuron


def test_the_delta_rules_factors_and_steps_are_the_engines(run):
    found = run("delta_rule").found
    assert found["factors"] == ([-7.0, -10.0, -5.0], [-7.0, -10.0, -5.0])
    assert found["slopes"] == [[5.0, 2.0, 3.0], [1.0, 4.0, 2.0], [2.0, 0.0, 5.0]]
    assert found["gradients"] == found["engine"] == [-27.5, -27.0, -33.0]
    assert found["steps"] == found["moved"] == [27.5 / 64, 27.0 / 64, 33.0 / 64]


def test_the_delta_rule_lowers_the_error_as_the_formula_says(run):
    found, weeks, paid = run("delta_rule").found, [(5, 2, 3), (1, 4, 2), (2, 0, 5)], [8.5, 8.5, 6.0]
    assert found["loss"] == half_squares([0.5] * 3, weeks, paid) == 21.75
    assert found["after"] == half_squares(delta_rule([0.5] * 3, weeks, paid, 1 / 64), weeks, paid)
    assert found["after"] < found["loss"] / 8


def test_the_bowl_has_one_curvature_everywhere_and_its_minimum_at_the_real_prices(run):
    found = run("error_surface").found
    assert found["H"] == matrix_of([(3, 1), (1, 2), (2, 2)]) == [[14, 9], [9, 9]]
    assert found["hessians"] == [found["H"]] * 3
    assert found["gradient_at_minimum"] == [0.0, 0.0]
    assert found["second"] == [4 * 14 + 4 * 9 + 9] * 4
    assert found["third"] == [0.0] * 4


def test_a_section_of_the_bowl_is_the_ellipse_of_the_formula(run):
    found = run("error_surface").found
    assert found["curvatures"] == pytest.approx(((23 + math.sqrt(349)) / 2, (23 - math.sqrt(349)) / 2), rel=1e-14)
    assert found["heights"] == pytest.approx([2.0] * 8, rel=1e-13)


def test_the_steepest_curvature_sets_the_limit_of_the_learning_rate(run):
    found = run("learning_rate").found
    steep = (23 + math.sqrt(349)) / 2
    assert found["limit"] == pytest.approx(2 / steep, rel=1e-14)
    runs = found["runs"]
    for outcome in runs.values():
        assert outcome["formula"] == pytest.approx(1 - outcome["rate"] * steep, abs=1e-14)
        assert outcome["engine"] == pytest.approx(outcome["formula"], abs=1e-13)
    ends = {name: outcome["errors"][-1] / outcome["errors"][0] for name, outcome in runs.items()}
    assert ends["too small"] > 1e-3 > ends["nearly too large"] > 1e-5 > ends["right"]
    assert 0.9 < ends["on the limit"] < 1.0
    assert ends["too large"] > 1000
    assert all(b < a for a, b in pairwise(runs["right"]["errors"]))
    assert all(b > a for a, b in pairwise(runs["too large"]["errors"]))


def test_every_learning_rate_takes_the_formulas_path(run):
    X = [(3, 1), (1, 2), (2, 2)]
    totals = [0.5 * a + b for a, b in X]
    for outcome in run("learning_rate").found["runs"].values():
        w = [1.6, 1.4]
        for here, error in zip(outcome["path"], outcome["errors"], strict=True):
            assert here == pytest.approx(w, rel=1e-9)
            assert error == pytest.approx(half_squares(w, X, totals), rel=1e-7, abs=1e-15)
            w = delta_rule(w, X, totals, outcome["rate"])


def test_half_the_learning_rate_comes_twice_as_near_where_bills_contradict_each_other(run):
    rows = run("learning_rate").found["nearness"]
    assert [rate for rate, _ in rows] == [0.04, 0.02, 0.01, 0.005, 0.0025]
    for (_, far), (_, near) in pairwise(rows):
        assert 1.6 < far / near < 2.4
    assert rows[-1][1] < 0.01


def test_correlation_sets_condition_angle_and_steps(run):
    rows = run("correlated_inputs").found["rows"]
    assert [row["r"] for row in rows] == [0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999]
    for row in rows:
        r = row["r"]
        assert row["kappa"] == pytest.approx((1 + r) / (1 - r), rel=1e-9)
        assert row["angle"] == pytest.approx(math.degrees(math.asin(r)), abs=1e-5)
        assert row["steps"] == row["steps_formula"] == (math.ceil(math.log(1000) / -math.log(r)) if r else 1)
    assert [row["steps"] for row in rows] == [1, 10, 31, 66, 135, 688, 6905]
    assert rows[-1]["angle"] > 87


def test_always_juice_with_toast_gives_right_bills_and_wrong_prices(run):
    found = run("correlated_inputs").found
    assert found["together"] == pytest.approx((1.25, 1.25), rel=1e-9)
    assert found["residual"] < 1e-9


def test_batch_and_online_take_the_formulas_paths(run):
    paths, X, totals, rate = run("batch_online").found["paths"], [(3, 1), (1, 2)], [2.5, 2.5], 0.09
    batch = online = (0.0, 2.0)
    for here in paths["batch"]:
        assert here == pytest.approx(batch, rel=1e-10)
        batch = delta_rule(batch, X, totals, rate)
    for k, here in enumerate(paths["online"]):
        assert here == pytest.approx(online, rel=1e-10)
        online = delta_rule(online, X[k % 2 : k % 2 + 1], totals[k % 2 : k % 2 + 1], rate)
    assert (len(paths["batch"]), len(paths["online"])) == (31, 61)


def test_online_zig_zags_perpendicular_to_the_bills_and_batch_hardly_bends(run):
    found = run("batch_online").found
    assert max(found["slants"]) < 1e-13
    assert found["turns"]["online"] == pytest.approx(135.0, abs=1e-6)  # (3, 1) and (1, 2) are 45° apart
    assert found["turns"]["batch"] < 3
    for path in found["paths"].values():
        assert path[-1] == pytest.approx((0.5, 1.0), abs=0.01)
    assert found["errors"]["online"][-1] < found["errors"]["batch"][-1] < 1e-4


def test_a_round_of_small_online_steps_is_a_batch_step_but_for_the_square_of_the_rate(run):
    found = run("batch_online").found
    for (rate, apart), formula in zip(found["apart"], found["formulas"], strict=True):
        assert apart == pytest.approx(rate**2 * math.sqrt(5) * 5 * 0.5, rel=1e-9)
        assert formula == pytest.approx(apart, rel=1e-9)
