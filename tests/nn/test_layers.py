"""Neurons, layers and networks: what they compute, what they refuse, and that micrograd's scripts run on them."""

from __future__ import annotations

import math
import random
from math import cos, pi, sin

import pytest
from examples import same, within
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import slopes_of

import autograd
from autograd import Value, no_grad, ops, toposort
from nn import MLP, SGD, Layer, Linear, Neuron, Perceptron, Sequential, SettingError, ShapeError
from nn.losses import squared_error

ACTIVATIONS = [name for name, row in ops.TABLE.items() if len(row.operands) == 1 and not row.variadic and not row.required]
XS = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
YS = [1.0, -1.0, -1.0, 1.0]


def near(expected, rel=1e-12):
    return pytest.approx(expected, rel=rel, abs=0.0)


# --------------------------------------------------------------------------------------------------------------- the neuron


def test_the_logit_is_one_node_with_the_inputs_on_the_weights_edges_and_the_weights_on_the_inputs():
    neuron = Neuron(2, nonlin=False, seed=1)
    x = [Value(3.0), Value(-2.0)]
    z = neuron(x)
    assert z.op is ops.affine
    assert same(z.operands, *neuron.w, *x, neuron.b)
    assert z.partials == (3.0, -2.0, neuron.w[0].data, neuron.w[1].data, 1.0)
    assert z.data == near(neuron.w[0].data * 3.0 + neuron.w[1].data * -2.0)


def test_a_neuron_that_is_not_fused_builds_its_logit_product_by_product_from_the_bias():
    neuron = Neuron(2, nonlin=False, fused=False, seed=1)
    z = neuron([Value(3.0), Value(-2.0)])
    assert [node.op and node.op.__name__ for node in toposort(z)] == [None, None, None, "mul", "add", None, None, "mul", "add"]
    assert z.operands[0].operands[0] is neuron.b


@given(
    x=st.lists(st.floats(-1e3, 1e3) | st.sampled_from([0.0, -0.0, 1.0]), min_size=3, max_size=3),
    activation=st.sampled_from(["relu", "tanh", "sigmoid", "linear"]),
    seed=st.integers(0, 99),
)
@settings(max_examples=50, deadline=None)
def test_fused_or_not_a_network_has_the_same_value_and_gradients(x, activation, seed):
    pair = [MLP(3, [4, 2, 1], activation=[activation, activation, "linear"], fused=fused, seed=seed) for fused in (True, False)]
    inputs = [list(map(Value, x)) for _ in pair]
    for model, nodes in zip(pair, inputs, strict=True):
        for p in model.parameters()[2::3]:
            p.data += 0.5  # a bias of 0 would hide where it enters
        model(nodes).backward()
    fused, built = ([*model.parameters(), *nodes] for model, nodes in zip(pair, inputs, strict=True))
    scale = 1.0 + max(map(abs, x))
    assert pair[0](inputs[0]).data == pytest.approx(pair[1](inputs[1]).data, rel=1e-12, abs=1e-12 * scale)
    assert [node.grad for node in fused] == pytest.approx([node.grad for node in built], rel=1e-9, abs=1e-9 * scale)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_operation_of_one_operand_is_an_activation_by_its_name(name):
    neuron = Neuron(1, activation=name, rng=Constant(0.5))
    x = 2 * within(ops.TABLE[name], 0.4)
    expected = ops.TABLE[name](0.5 * x)
    y = neuron([x])
    assert y.data == expected
    assert y.op is ops.TABLE[name]
    assert Neuron(1, activation=ops.TABLE[name], rng=Constant(0.5))([x]).data == expected


class Constant(random.Random):
    """A source of weights that are all the same."""

    def __init__(self, weight):
        super().__init__()
        self.weight = weight

    def uniform(self, low, high):
        return self.weight


def test_an_activation_may_be_any_function_of_the_logit():
    neuron = Neuron(1, activation=lambda z: z * z, rng=Constant(3.0))
    y = neuron([2.0])
    y.backward()
    assert (y.data, neuron.w[0].grad) == (36.0, 2 * 6.0 * 2.0)


def test_a_parameter_of_an_activation_is_fixed_by_a_function():
    assert Neuron(1, activation=lambda z: autograd.ops.leaky_relu(z, negative_slope=0.5), rng=Constant(1.0))([-2.0]).data == -1.0


@pytest.mark.parametrize(("nonlin", "z", "y"), [(True, -1.0, 0.0), (True, 2.0, 2.0), (False, -1.0, -1.0)])
def test_nonlin_means_relu_or_linear_as_in_micrograd(nonlin, z, y):
    neuron = Neuron(1, nonlin, rng=Constant(1.0))
    assert neuron([z]).data == y
    assert neuron.nonlin is nonlin


def test_weights_may_be_replaced_as_a_student_does():
    neuron = Neuron(2, nonlin=False)
    neuron.w, neuron.b = [Value(2.0), Value(3.0)], Value(1.0)
    assert neuron([10.0, 100.0]).data == 321.0
    neuron.w[1] = Value(0.0)
    assert neuron([10.0, 100.0]).data == 21.0


@pytest.mark.parametrize("fused", [True, False])
def test_inputs_that_are_plain_numbers_are_constants_and_mix_with_nodes(fused):
    neuron = Neuron(2, nonlin=False, fused=fused, seed=1)
    x = Value(2.0)
    z = neuron([x, 3])
    z.backward()
    leaves = [node for node in toposort(z) if not node.operands]
    assert set(leaves) == {x, *neuron.parameters()}
    assert x.grad == neuron.w[0].data
    assert (neuron.w[0].grad, neuron.w[1].grad, neuron.b.grad) == (2.0, 3.0, 1.0)


@pytest.mark.parametrize("inputs", [(1, 2), [1.0, 2.0], iter([1.0, 2.0]), range(1, 3), (x for x in (1.0, 2.0))])
def test_inputs_are_any_sequence_of_numbers(inputs):
    assert MLP(2, [3, 1], seed=1)(inputs).data == MLP(2, [3, 1], seed=1)([1.0, 2.0]).data


def test_inputs_may_be_a_row_of_a_numpy_array():
    numpy = pytest.importorskip("numpy")
    assert Layer(2, 1, seed=1)(numpy.array([1.0, 2.0])).data == Layer(2, 1, seed=1)([1.0, 2.0]).data


def test_one_input_may_come_bare():
    layer = Layer(1, 2, seed=1)
    assert [y.data for y in layer(2.0)] == [y.data for y in layer([2.0])]
    assert MLP(2, [1, 1], seed=1)([1.0, 2.0]).data == MLP(2, [1, 1], seed=1)((1.0, 2.0)).data


def test_under_no_grad_a_network_gives_its_value_without_a_graph():
    model = MLP(2, [3, 1], seed=1)
    with no_grad():
        y = model([1.0, 2.0])
    assert (y.data, y.operands) == (model([1.0, 2.0]).data, ())


# ------------------------------------------------------------------------------------------------------ layers and networks


def test_one_neuron_gives_a_bare_node_and_more_a_list():
    assert type(Layer(2, 1)([1.0, 2.0])) is Value
    assert [type(y) for y in Layer(2, 3)([1.0, 2.0])] == [Value] * 3
    assert isinstance(Layer(2, 3)([1.0, 2.0]), list)


def test_the_last_layer_is_linear_and_the_others_are_not():
    model = MLP(2, [3, 2, 1])
    assert [[neuron.nonlin for neuron in layer.neurons] for layer in model.layers] == [[True] * 3, [True] * 2, [False]]


def test_activations_are_given_for_all_hidden_layers_or_for_each_layer():
    def of(model):
        return [layer.neurons[0].activation for layer in model.layers]

    assert of(MLP(2, [3, 2, 1], activation="tanh")) == [ops.tanh, ops.tanh, None]
    assert of(MLP(2, [3, 2, 1], activation=["tanh", None, "sigmoid"])) == [ops.tanh, None, ops.sigmoid]
    assert of(MLP(2, [3, 1], activation="linear")) == [None, None]
    assert of(MLP(2, [3, 1], activation=None)) == [None, None]


def test_a_layer_calls_its_neurons_so_a_neuron_of_ones_own_is_heard():
    class Stubborn(Neuron):
        def __call__(self, x):
            return Value(42.0)

    layer = Layer(2, 2)
    layer.neurons[1] = Stubborn(2)
    assert layer([1.0, 2.0])[1].data == 42.0


def test_a_network_that_is_not_fused_has_no_node_of_many_operands():
    assert {node.op for node in toposort(MLP(2, [3, 1], fused=False)([1.0, 2.0]))} == {None, ops.mul, ops.add, ops.relu}
    assert {node.op for node in toposort(MLP(2, [3, 1])([1.0, 2.0]))} == {None, ops.affine, ops.relu}


class Dual:
    """A number with its derivative along one direction, which answers for itself where operations are applied to it."""

    def __init__(self, data, tangent=0.0):
        self.data, self.tangent = data, tangent

    @staticmethod
    def __autograd_op__(op, operands, parameters):
        data = tuple([float(getattr(operand, "data", operand)) for operand in operands])
        y = op.evaluate(data, parameters)
        partials = slopes_of(op, data, y, parameters)
        return Dual(y, sum(p * getattr(operand, "tangent", 0.0) for p, operand in zip(partials, operands, strict=True)))


def test_a_number_type_of_ones_own_passes_through_a_network():
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    x = [Value(0.5), Value(-2.0)]
    model(x).backward()
    y = model([Dual(0.5, 1.0), -2])
    assert y.data == model(x).data
    assert y.tangent == near(x[0].grad)


def test_representations_are_those_of_micrograd():
    assert repr(MLP(3, [2, 1])) == "MLP of [Layer of [ReLUNeuron(3), ReLUNeuron(3)], Layer of [LinearNeuron(2)]]"
    assert repr(Neuron(3, activation="leaky_relu")) == "LeakyReluNeuron(3)"


# -------------------------------------------------------------------------------------------------------------------- seeds


def test_a_seed_makes_the_same_network_again_and_another_seed_another():
    assert MLP(2, [3, 1], seed=1).state_dict() == MLP(2, [3, 1], seed=1).state_dict()
    assert MLP(2, [3, 1], seed=1).state_dict() == MLP(2, [3, 1], rng=random.Random(1)).state_dict()
    assert MLP(2, [3, 1], seed=1).state_dict() != MLP(2, [3, 1], seed=2).state_dict()
    assert MLP(2, [3, 1]).state_dict() != MLP(2, [3, 1]).state_dict()


def test_the_neurons_of_a_seeded_layer_differ():
    weights = [p.data for neuron in Layer(2, 5, seed=1).neurons for p in neuron.w]
    assert len(set(weights)) == 10
    assert all(-1.0 <= w <= 1.0 for w in weights)


MAKERS = {
    "Neuron": lambda **options: Neuron(3, **options),
    "Layer": lambda **options: Layer(3, 2, **options),
    "Linear": lambda **options: Linear(3, 2, **options),
    "MLP": lambda **options: MLP(3, [4, 4, 1], **options),
    "Perceptron": lambda **options: Perceptron(3, init="uniform", **options),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_with_a_seed_or_a_generator_the_global_random_state_is_neither_read_nor_changed(make):
    random.seed(5)
    before = random.getstate()
    made = [make(seed=1).state_dict(), make(rng=random.Random(1)).state_dict()]
    assert random.getstate() == before
    random.seed(6)
    assert [make(seed=1).state_dict(), make(rng=random.Random(1)).state_dict()] == made


@pytest.mark.parametrize("init", ["uniform", "he_uniform", "xavier_normal"])
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_without_one_the_weights_are_drawn_from_pythons_generator_as_a_seed_draws_them(make, init):
    options = {} if make is MAKERS["Perceptron"] else {"init": init}
    random.seed(1337)
    drawn = make(**options).state_dict()
    after = random.getstate()
    assert drawn == make(seed=1337, **options).state_dict()
    assert random.getstate() == after


def test_a_micrograd_script_that_seeds_python_has_micrograds_weights():
    micrograd = pytest.importorskip("micrograd.nn")
    random.seed(1337)
    theirs = [p.data for network in (micrograd.MLP(2, [16, 16, 1]), micrograd.Neuron(3)) for p in network.parameters()]
    random.seed(1337)
    assert [p.data for network in (MLP(2, [16, 16, 1]), Neuron(3)) for p in network.parameters()] == theirs


def test_biases_start_at_zero():
    assert {neuron.b.data for layer in MLP(2, [3, 1]).layers for neuron in layer.neurons} == {0.0}


# ------------------------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    "make", [Neuron, lambda nin: Neuron(nin, fused=False), lambda nin: Layer(nin, 4), lambda nin: MLP(nin, [4, 1])]
)
@pytest.mark.parametrize(
    "given", [[], [1.0], [1.0, 2.0, 3.0, 4.0], 1.0, Value(1.0)], ids=["none", "one", "four", "bare", "bare node"]
)
def test_inputs_of_the_wrong_length_are_refused_naming_expected_and_got(make, given):
    got = len(given) if isinstance(given, list) else 1
    with pytest.raises(ShapeError, match=f"3 inputs got {got}$") as refusal:
        make(3)(given)
    assert isinstance(refusal.value, ValueError)
    assert isinstance(refusal.value, TypeError)


@pytest.mark.parametrize("given", [["1.0", 2.0], [None, 2.0], [[1.0], 2.0], "ab", [1j, 2.0]])
def test_inputs_that_are_no_numbers_are_refused(given):
    with pytest.raises(TypeError):
        MLP(2, [2, 1])(given)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Neuron(0),
        lambda: Neuron(-1),
        lambda: Neuron(2.0),
        lambda: Neuron(True),
        lambda: Layer(2, 0),
        lambda: MLP(2, []),
        lambda: MLP(2, 3),
        lambda: MLP(2, "16"),
        lambda: MLP(2, [3, 0]),
        lambda: MLP(0, [3]),
        lambda: MLP(2, [3, 1], activation=["relu"]),
        lambda: MLP(2, [3, 1], activation=["relu", "relu", "relu"]),
        lambda: Neuron(2, activation="rleu"),
        lambda: Neuron(2, activation="mul"),
        lambda: Neuron(2, activation="softmax"),
        lambda: Neuron(2, activation="polygamma"),
        lambda: Neuron(2, seed=1, rng=random.Random(1)),
    ],
)
def test_settings_that_make_no_sense_are_refused(make):
    with pytest.raises(SettingError):
        make()


def test_an_unknown_activation_is_named_with_the_cure():
    with pytest.raises(SettingError, match=r"'rleu' is no operation; take .* relu, tanh"):
        MLP(2, [3, 1], activation="rleu")
    with pytest.raises(TypeError, match="3 cannot be called"):
        Neuron(2, activation=3)


# ----------------------------------------------------------------------------------------------------- Linear, Sequential


def test_a_linear_layer_is_a_layer_without_activation():
    layer = Linear(2, 3, seed=1)
    assert isinstance(layer, Layer)
    assert [neuron.activation for neuron in layer.neurons] == [None] * 3
    assert [p.data for p in layer.parameters()] == [p.data for p in Layer(2, 3, nonlin=False, seed=1).parameters()]


def test_a_sequence_of_layers_computes_what_a_network_does():
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    by_parts = Sequential(Linear(2, 3), autograd.tanh, Linear(3, 1))
    for theirs, ours in zip(by_parts.parameters(), model.parameters(), strict=True):
        theirs.data = ours.data
    x = [0.5, -1.5]
    model(x).backward()
    by_parts(x).backward()
    assert by_parts(x).data == model(x).data
    assert [p.grad for p in by_parts.parameters()] == [p.grad for p in model.parameters()]


def test_the_parts_of_a_sequence_are_modules_rows_and_functions():
    model = Sequential(Linear(2, 2, seed=1), ops.sigmoid, lambda ys: ys[0] * ys[1], autograd.log)
    y = model([1.0, 2.0])
    a, b = (autograd.sigmoid(z).data for z in model[0]([1.0, 2.0]))
    assert y.data == near(math.log(a * b))
    assert len(model) == 4
    assert next(name for name, _ in model.named_parameters()) == "layers[0].neurons[0].w[0]"
    assert len(model.parameters()) == 6
    assert model.summary().splitlines()[1].split()[:2] == ["layers[0]", "Linear"]
    assert repr(Sequential(Linear(1, 1), ops.tanh)) == "Sequential of [Layer of [LinearNeuron(1)], tanh]"


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: Sequential(), SettingError),
        (lambda: Sequential(ops.mul), SettingError),
        (lambda: Sequential(ops.softmax), SettingError),
        (lambda: Sequential(Linear(1, 1), "tanh"), TypeError),
        (lambda: Sequential([Linear(1, 1)]), TypeError),
    ],
)
def test_a_part_that_cannot_be_one_is_refused(make, error):
    with pytest.raises(error):
        make()


# ----------------------------------------------------------------------------------------------------------- the perceptron

CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]]


@pytest.mark.parametrize("targets", [[0, 0, 0, 1], [0, 1, 1, 1], [1, 1, 1, 0], [0, 0, 1, 1], [0, 1, 0, 0], [1, 1, 1, 1]])
def test_a_perceptron_learns_what_a_line_separates(targets):
    perceptron = Perceptron(2).fit(CORNERS, targets)
    assert perceptron.converged
    assert perceptron.predict(CORNERS) == targets
    assert perceptron.mistakes.index(0) == len(perceptron.mistakes) - 1  # and stops there


def test_a_perceptron_never_learns_exclusive_or_and_its_weights_cycle():
    perceptron = Perceptron(2).fit(CORNERS, [0, 1, 1, 0], epochs=50)
    assert not perceptron.converged
    assert len(perceptron.mistakes) == 50
    assert min(perceptron.mistakes) > 0
    assert max(abs(p.data) for p in perceptron.parameters()) <= 3.0


def test_the_rule_adds_the_example_after_a_mistake_and_does_nothing_else():
    perceptron = Perceptron(2)
    assert perceptron([3.0, -2.0]) == 1.0  # 0 ≥ 0
    assert perceptron.learn([3.0, -2.0], 0) is False
    assert [p.data for p in perceptron.parameters()] == [-3.0, 2.0, -1.0]
    assert perceptron.learn([3.0, -2.0], 0) is True
    assert [p.data for p in perceptron.parameters()] == [-3.0, 2.0, -1.0]
    assert perceptron.learn([1.0, 0.0], 1, lr=0.5) is False
    assert [p.data for p in perceptron.parameters()] == [-2.5, 2.0, -0.5]


@given(seed=st.integers(0, 10_000), nin=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_a_perceptron_makes_no_more_mistakes_than_novikoffs_bound(seed, nin):
    rng = random.Random(seed)
    direction = [rng.gauss(0, 1) for _ in range(nin + 1)]
    length = math.hypot(*direction)
    X, y, margin, radius = [], [], math.inf, 0.0
    while len(X) < 20:
        x = [rng.uniform(-1, 1) for _ in range(nin)]
        distance = sum(d * xi for d, xi in zip(direction, [*x, 1.0], strict=True)) / length
        if abs(distance) > 0.1:
            X.append(x)
            y.append(float(distance > 0))
            margin, radius = min(margin, abs(distance)), max(radius, math.hypot(*x, 1.0))
    perceptron = Perceptron(nin).fit(X, y, epochs=1000)
    assert perceptron.converged
    assert perceptron.predict(X) == y
    assert sum(perceptron.mistakes) <= (radius / margin) ** 2


def test_the_output_of_a_perceptron_is_a_plain_number_and_its_weights_are_saved_like_any():
    perceptron, twin = Perceptron(2, init="uniform", seed=1), Perceptron(2)
    assert type(perceptron([Value(1.0), 2])) is float
    assert perceptron.w[0].data != 0.0
    twin.load_state_dict(perceptron.state_dict())
    assert twin.state_dict() == perceptron.state_dict()
    assert list(twin.state_dict()) == ["w[0]", "w[1]", "b"]
    assert repr(twin) == "Perceptron(2)"


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda p: p([1.0]), "2 inputs got 1"),
        (lambda p: p.learn([1.0, 2.0], -1), r"\(t \+ 1\) / 2"),
        *[(lambda p, lr=lr: p.learn([1.0, 2.0], 0, lr=lr), f"lr = {lr}") for lr in (0.0, -1.0, math.inf, math.nan)],
        *[(lambda p, lr=lr: p.fit([[1.0, 2.0]], [0], lr=lr), f"lr = {lr}") for lr in (0.0, -1.0, math.inf, math.nan)],
        (lambda p: p.fit([[1.0, 2.0]], [1, 0]), "1 examples and 2 targets"),
        (lambda p: p.fit([], []), "0 examples"),
        (lambda p: p.fit([[1.0, 2.0]], [1], epochs=0), "epochs = 0"),
    ],
)
def test_a_perceptron_refuses_what_it_cannot_learn_from(use, message):
    perceptron = Perceptron(2)
    with pytest.raises(ValueError, match=message):
        use(perceptron)
    assert [p.data for p in perceptron.parameters()] == [0.0, 0.0, 0.0]


def test_a_hidden_layer_learns_the_exclusive_or_that_a_perceptron_cannot():
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    optimizer = SGD(model.parameters(), lr=0.1)
    for _ in range(150):
        loss = squared_error([model(x) for x in CORNERS], [0, 1, 1, 0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert [round(model(x).data) for x in CORNERS] == [0, 1, 1, 0]


# ----------------------------------------------------------------------------- micrograd's own programs; its numbers recorded


def test_a_neuron_network_and_training_loop_written_for_micrograd_give_its_numbers():
    n = MLP(3, [4, 4, 1], seed=1337)  # after random.seed(1337) micrograd has the same weights
    assert [p.data for p in n.parameters()][:4] == [0.23550571390294128, 0.06653114721000164, -0.26830328150124894, 0.0]
    assert len(n.parameters()) == 41
    assert [n(x).data for x in XS] == near([4.000271647734554, 1.6539934680939266, 0.268518064900208, 1.8818997132161885])
    losses = []
    for step in range(20):
        ypred = [n(x) for x in XS]
        loss = sum((yout - ygt) ** 2 for ygt, yout in zip(YS, ypred, strict=True))
        for p in n.parameters():
            p.grad = 0
        loss.backward()
        if step == 0:
            assert [p.grad for p in n.parameters()][:3] == near([19.69764253983007, 9.592071178955901, -3.3905605510840293])
        for p in n.parameters():
            p.data += -0.01 * p.grad
        losses.append(loss.data)
    assert [losses[0], losses[1], losses[-1]] == near([18.432196474034008, 3.0303889145680563, 0.5678298498717962], rel=1e-10)
    assert [n(x).data for x in XS] == near(
        [1.1772892988740529, -0.4905968366299062, -0.8285352007864479, 0.5486253112472965], rel=1e-10
    )


@pytest.mark.parametrize("fused", [True, False])
def test_the_training_of_micrograds_demo_gives_its_losses(fused):
    half = [pi * k / 9 for k in range(10)]
    X = [(cos(a), sin(a)) for a in half] + [(1 - cos(a), 0.5 - sin(a)) for a in half]
    y = [-1] * 10 + [1] * 10
    model = MLP(2, [16, 16, 1], fused=fused, seed=1337)

    def loss():
        inputs = [list(map(Value, xrow)) for xrow in X]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        reg_loss = 1e-4 * sum(p * p for p in model.parameters())
        return data_loss + reg_loss

    seen = []
    for k in range(20):
        total_loss = loss()
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad
        seen.append(total_loss.data)
    expected = {
        0: 0.907348411565892,
        1: 1.6557411550266987,
        5: 0.40517407250570026,
        10: 0.2914011868062392,
        19: 0.20978302367567186,
    }
    assert {k: seen[k] for k in expected} == near(expected, rel=1e-9)


def test_the_same_program_gives_the_same_bits():
    def run():
        model = MLP(2, [5, 1], activation="tanh", seed=3)
        model([0.1, -0.9]).backward()
        return [p.grad.hex() for p in model.parameters()]

    assert run() == run()
    assert all(math.isfinite(float.fromhex(x)) for x in run())


@pytest.mark.parametrize("lr", [math.inf, -math.inf, math.nan, 0.0, -1.0])
def test_a_perceptron_refuses_a_learning_rate_that_is_not_finite_and_above_0(lr: float) -> None:
    perceptron = Perceptron(2)
    before = perceptron.state_dict()
    with pytest.raises(SettingError, match="lr = "):
        perceptron.learn([1.0, -1.0], 0.0, lr)
    assert perceptron.state_dict() == before
