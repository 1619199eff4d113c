"""Initialisations: their distributions against the formulas, the order in which they draw, and what they are for."""

from __future__ import annotations

import copy
import math
import pickle
import random
import statistics

import pytest

from autograd import no_grad, op
from nn import MLP, Layer, Linear, Neuron, Perceptron, SettingError, init

N, M = 50, 30  # inputs and neurons of the layer whose weights are looked at
BOUNDS = {"xavier_uniform": math.sqrt(6 / (N + M)), "he_uniform": math.sqrt(6 / N), "uniform": 1.0}
DEVIATIONS = {
    "uniform": 1 / math.sqrt(3),
    "xavier_uniform": math.sqrt(2 / (N + M)),
    "xavier_normal": math.sqrt(2 / (N + M)),
    "he_uniform": math.sqrt(2 / N),
    "he_normal": math.sqrt(2 / N),
}


def weights(rule, nin=N, nout=M, seed=1):
    return [w.data for neuron in Layer(nin, nout, init=rule, seed=seed).neurons for w in neuron.w]


@pytest.mark.parametrize("name", DEVIATIONS)
def test_the_weights_have_mean_0_and_the_deviation_of_the_formula(name):
    drawn = [w for seed in range(10) for w in weights(name, seed=seed)]
    error = DEVIATIONS[name] / math.sqrt(len(drawn))  # of the mean; that of the deviation is smaller
    assert abs(statistics.fmean(drawn)) < 4 * error
    assert statistics.pstdev(drawn) == pytest.approx(DEVIATIONS[name], abs=4 * error)


@pytest.mark.parametrize("name", BOUNDS)
def test_a_uniform_rule_fills_its_interval_and_does_not_leave_it(name):
    drawn = weights(name)
    assert 0.99 * BOUNDS[name] < max(map(abs, drawn)) <= BOUNDS[name]


@pytest.mark.parametrize("name", ["xavier_normal", "he_normal"])
def test_a_normal_rule_has_two_thirds_of_its_weights_within_one_deviation(name):
    drawn = [w for seed in range(10) for w in weights(name, seed=seed)]
    assert statistics.fmean(abs(w) < DEVIATIONS[name] for w in drawn) == pytest.approx(0.6827, abs=0.015)


@pytest.mark.parametrize(("name", "same"), [("glorot_uniform", "xavier_uniform"), ("glorot_normal", "xavier_normal"),
                                            ("kaiming_uniform", "he_uniform"), ("kaiming_normal", "he_normal")])  # fmt: skip
def test_each_rule_has_the_names_of_both_its_authors_and_its_use(name, same):
    assert weights(name) == weights(same)


@pytest.mark.parametrize("kind", [init.XavierUniform, init.XavierNormal, init.HeUniform, init.HeNormal])
def test_a_gain_multiplies_the_weights(kind):
    assert weights(kind(3.0)) == pytest.approx([3.0 * w for w in weights(kind(1.0))], rel=1e-15)


def test_the_gains_are_those_of_pytorch():
    assert [init.gain(f) for f in ("linear", "sigmoid", "tanh", "relu", "selu")] == [1.0, 1.0, 5 / 3, math.sqrt(2), 0.75]
    assert init.gain("leaky_relu", 0.5) == math.sqrt(2 / 1.25)
    assert init.gain("leaky_relu") == math.sqrt(2 / 1.0001)
    with pytest.raises(SettingError, match="no gain is known for 'softmax'"):
        init.gain("softmax")


def test_an_operation_of_ones_own_has_the_gain_that_it_declares():
    op(lambda a: a, name="gained", doc="The same.", partials=(1.0,), gain=2)
    op(
        lambda a, *, negative_slope=0.5, scale=3.0: a, name="with_parameters", doc="The same.",
        partials=(lambda a, y, *, negative_slope, scale: 1.0,), gain=lambda *, negative_slope, scale: negative_slope + scale,
    )  # fmt: skip
    assert init.gain("gained") == 2.0
    assert init.gain("with_parameters", 0.25) == 3.25
    with pytest.raises(SettingError, match="relu, leaky_relu, selu, gained, with_parameters, or a number"):
        init.gain("softmax")


def test_the_default_is_micrograds_and_draws_as_it_does():
    rng = random.Random(1337)
    expected = [rng.uniform(-1, 1) for _ in range(N * M)]
    assert weights("uniform", seed=1337) == expected
    assert [w.data for n in Layer(N, M, seed=1337).neurons for w in n.w] == expected
    assert [w.data for n in Layer(N, M, seed=1337, init=init.Uniform()).neurons for w in n.w] == expected


def test_uniform_takes_bounds_and_zeros_are_zeros():
    drawn = weights(init.Uniform(2.0, 3.0))
    assert 2.0 <= min(drawn) < 2.05
    assert 2.95 < max(drawn) <= 3.0
    assert set(weights("zeros")) == {0.0}


def test_a_rule_of_ones_own_gets_the_generator_and_both_fans():
    seen = []

    def rule(rng, fan_in, fan_out):
        seen.append((type(rng), fan_in, fan_out))
        return 0.25

    MLP(3, [4, 2], init=rule)
    assert seen == [(random.Random, 3, 4)] * 12 + [(random.Random, 4, 2)] * 8
    Neuron(5, init=rule)
    assert seen[-1][1:] == (5, 1)


def test_a_network_takes_one_rule_or_one_for_each_layer_and_biases_stay_0():
    model = MLP(2, [3, 1], init=["zeros", lambda rng, n, m: 7.0])
    assert {w.data for neuron in model.layers[0].neurons for w in neuron.w} == {0.0}
    assert [w.data for w in model.layers[1].neurons[0].w] == [7.0] * 3
    assert {neuron.b.data for layer in MLP(2, [3, 1], init="he_normal").layers for neuron in layer.neurons} == {0.0}


@pytest.mark.parametrize("name", init.NAMES)
def test_the_same_seed_draws_the_same_weights_and_the_global_state_is_left_alone(name):
    before = random.getstate()
    assert weights(name) == weights(name)
    assert random.getstate() == before


def test_a_deep_relu_network_keeps_its_signal_with_he_and_loses_or_blows_it_up_without():
    def last_activity(rule):
        model = MLP(30, [30] * 8, activation=["relu"] * 8, init=rule, seed=1)
        rng = random.Random(2)
        with no_grad():
            outputs = [y.data for _ in range(4) for y in model([rng.gauss(0, 1) for _ in range(30)])]
        return math.sqrt(statistics.fmean(y * y for y in outputs))

    assert 0.2 < last_activity("he_normal") < 5.0
    assert last_activity("uniform") > 50.0
    assert last_activity(init.XavierNormal(0.5)) < 0.05


def test_a_summary_says_how_the_weights_were_drawn():
    model = MLP(2, [3, 1], init=[init.XavierUniform(init.gain("tanh")), "kaiming_normal"])
    assert [line.split()[6:-1] for line in model.summary().splitlines()[1:3]] == [["xavier_uniform(1.667)"], ["he_normal"]]
    assert "uniform(0, 0.5)" in Linear(2, 2, init=init.Uniform(0, 0.5)).summary()
    assert "rule" in Linear(2, 2, init=rule).summary()
    assert "zeros" in Perceptron(2).summary()


def rule(rng, fan_in, fan_out):
    return 0.5


@pytest.mark.parametrize("name", init.NAMES)
def test_a_network_is_copied_and_pickled_with_its_rule(name):
    model = MLP(2, [2, 1], init=name, seed=1)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin.summary() == model.summary()
        assert twin.state_dict() == model.state_dict()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Neuron(2, init="he"),
        lambda: MLP(2, [2, 1], init=["zeros"]),
        lambda: init.Uniform(1.0, 0.0),
        lambda: init.Uniform(-math.inf, 0.0),
        lambda: init.Uniform(0.0, math.nan),
        lambda: init.HeNormal(0.0),
        lambda: init.XavierUniform(-1.0),
        lambda: init.XavierNormal(math.inf),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(make):
    with pytest.raises(SettingError):
        make()


def test_a_rule_that_cannot_be_called_is_a_type_error_with_the_cure():
    with pytest.raises(TypeError, match=r"init 0.5 cannot be called; .*'he_normal'"):
        Layer(2, 2, init=0.5)
