"""Models leave for a stand-in of PyTorch, whose modules are as recorded; what PyTorch computed of them is what ours compute.

`run.py test peers` asks PyTorch itself, and wrote tests/data/peers.json.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import pickle
import sys
import textwrap
import types

import pytest
from leaving import ACTIVATIONS, LOSSES, loss_and_gradients, model_of, numbers, outputs_of, recorded

from autograd import MissingExtraError, OperandError, ops, softmax
from nn import MLP, Layer, Linear, Sequential, from_torch, to_torch
from nn.onnx_graph import graph_of

RECORDED = recorded()


class Tensor(list):
    def copy_(self, other):
        self[:] = other

    def tolist(self):
        return list(self)


class StandIn:
    """A module of PyTorch: its settings are attributes."""

    def __init__(self, *given, **named):
        bound = inspect.signature(type(self)).bind(*given, **named)
        bound.apply_defaults()
        self.settings = dict(bound.arguments)
        vars(self).update(self.settings)

    def __setstate__(self, state):
        vars(self).update(state)

    def extra_repr(self):
        return ", ".join([f"{name}={x!r}" for name, x in self.settings.items() if name != "inplace" and x is not None])

    def __repr__(self):
        said = self.extra_repr()
        if "\n" in said:
            said = "\n" + textwrap.indent(said, "  ") + "\n"
        return f"{type(self).__name__}({said})"


class OfLinear(StandIn):
    def __init__(self, in_features, out_features, bias=True, dtype=None):
        self.settings = {"in_features": in_features, "out_features": out_features, "bias": bias}
        self.in_features, self.out_features, self.dtype = in_features, out_features, dtype
        self.weight, self.bias = Tensor([[0.5] * in_features] * out_features), Tensor([0.25] * out_features) if bias else None


class OfSequential(StandIn):
    def __init__(self, *modules):
        self.modules, self.settings = modules, {}

    def __iter__(self):
        return iter(self.modules)


class Module(StandIn):
    """What a module of one's own is derived from."""

    def __init__(self):
        self.settings = {}


def module_of(name, defaults):
    parameters = [inspect.Parameter(key, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=x) for key, x in defaults.items()]
    return type(name, (Module,), {"__init__": StandIn.__init__, "__signature__": inspect.Signature(parameters)})


MODULES = {name: module_of(name, defaults) for name, defaults in RECORDED["modules"].items()}
LINEAR, SEQUENTIAL = (type(name, (kind, Module), {}) for name, kind in (("Linear", OfLinear), ("Sequential", OfSequential)))
TORCH = types.SimpleNamespace(
    nn=types.SimpleNamespace(Module=Module, Linear=LINEAR, Sequential=SEQUENTIAL, **MODULES),
    float64="float64", tensor=lambda x, dtype: x, no_grad=contextlib.nullcontext,
)  # fmt: skip


@pytest.fixture(autouse=True)
def torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", TORCH)
    return TORCH.nn


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_leaves_as_the_module_that_pytorch_was_asked_of_and_comes_back_to_the_bit(activation):
    model = model_of(ACTIVATIONS[activation])
    module = to_torch(model)
    first, function, last = module
    assert repr(function) == RECORDED["activations"][activation]["module"]
    assert (first.weight, first.dtype) == ([[w.data for w in neuron.w] for neuron in model[0].neurons], "float64")
    assert last.bias == [neuron.b.data for neuron in model[1].neurons]
    back = from_torch(module)
    assert back.state_dict() == model.state_dict()
    assert numbers(outputs_of(back)) == numbers(outputs_of(model))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_outputs_and_gradients_are_those_that_pytorch_gave(activation):
    model, given = model_of(ACTIVATIONS[activation]), RECORDED["activations"][activation]
    for found, expected in zip(numbers(outputs_of(model)), given["outputs"], strict=True):
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-15)
    loss, gradients = loss_and_gradients("mse", model)
    assert loss == pytest.approx(given["loss"], rel=1e-12)
    known = 1e-9 if activation == "digamma" else 1e-12  # PyTorch knows no more of polygamma
    assert gradients == pytest.approx(given["gradients"], rel=known, abs=1e-15)
    assert given["onnx"] is None or given["onnx"] == [node.operator for node in graph_of(model).nodes]


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_and_their_gradients_are_those_that_pytorch_gave(loss):
    found, gradients = loss_and_gradients(loss, model_of(ops.tanh, LOSSES[loss]))
    assert found == pytest.approx(RECORDED["losses"][loss]["loss"], rel=1e-12)
    assert gradients == pytest.approx(RECORDED["losses"][loss]["gradients"], rel=1e-12, abs=1e-15)


def test_a_model_of_one_layer_is_a_linear_and_one_that_comes_again_is_one_module(torch):
    assert type(to_torch(Linear(2, 3))) is torch.Linear
    layer = Layer(2, 2, activation="tanh", seed=2)
    first, tanh, again, _ = module = to_torch(Sequential(layer, layer))
    assert (first is again, type(tanh)) == (True, torch.Tanh)
    back = from_torch(module)
    assert back[0] is back[1]


def test_settings_leave_and_arrive():
    leaky = to_torch(MLP(2, [3, 1], activation=functools.partial(ops.leaky_relu, negative_slope=0.5)))
    assert repr([*leaky][1]) == "LeakyReLU(negative_slope=0.5)"
    activation = from_torch(leaky)[0].neurons[0].activation
    assert (activation.func, activation.keywords) == (ops.leaky_relu, {"negative_slope": 0.5})
    assert repr(from_torch(leaky)[0]) == "Layer of [LeakyReluNeuron(2), LeakyReluNeuron(2), LeakyReluNeuron(2)]"


def test_a_function_leaves_as_lines_which_a_pickle_keeps_and_does_not_come_back():
    module = to_torch(Sequential(Linear(2, 2, seed=1), lambda ys: softmax(ys)))
    function = pickle.loads(pickle.dumps([*module][1]))
    assert function.source == (
        "def f(x):\n"
        "    x0, x1, = x.unbind(-1)\n"
        "    y0 = torch.softmax(torch.stack([x0, x1]), 0)[0]\n"
        "    y1 = torch.softmax(torch.stack([x0, x1]), 0)[1]\n"
        "    return torch.stack([y0, y1], -1)"
    )
    assert callable(function.function)
    with pytest.raises(OperandError, match=r"(?s)the module\[1\] is Function\(.*which nn does not have; it has Linear, Seq"):
        from_torch(module)


def test_activations_that_follow_no_linear_are_parts(torch):
    inner = torch.Sequential(torch.Softplus(), torch.Linear(2, 1))
    model = from_torch(torch.Sequential(torch.LeakyReLU(0.25), torch.Linear(2, 2), torch.Tanh(), torch.ReLU6(), inner))
    assert [type(part).__name__ for part in model.layers] == ["ForEach", "Layer", "Op", "Sequential"]
    assert model[0]([-4.0, 8.0]) == [-1.0, 8.0]
    assert model[0](-4.0) == -1.0
    assert from_torch(torch.GELU("tanh")).layers == [ops.gelu_tanh]
    assert from_torch(torch.Identity()).layers == [ops.identity]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda torch: torch.Sequential(torch.Linear(2, 3), torch.Softplus(2.0)), r"module\[1\] is Softplus\(beta=2.0, thres"),
        (lambda torch: torch.Sequential(torch.Linear(2, 3, False)), r"module\[0\] is Linear\(.*bias=False\), and every neuron"),
        (lambda torch: torch.Sequential(torch.Sequential(torch.Dropout())), r"module\[0\]\[0\] is Dropout\(p=0.5\)"),
        (lambda torch: torch.Hardtanh(0, 2), r"the module is Hardtanh\(min_val=0, max_val=2\)"),
        (lambda torch: torch.Sequential(), r"the module is an empty Sequential"),
        (lambda torch: [], r"\[\] is no module of PyTorch"),
    ],
)
def test_a_module_that_is_not_known_is_refused_by_its_place(make, message, torch):
    with pytest.raises(OperandError, match=message):
        from_torch(make(torch))


def test_an_operation_that_pytorch_lacks_is_refused_by_its_layer():
    bare = ops.op(lambda a: a, name="bare_row", doc="A row with nothing for others.", partials=(1.0,))
    with pytest.raises(OperandError, match=r"layers\[0\]: bare_row has no counterpart in torch"):
        to_torch(MLP(2, [1], activation=[bare]))


@pytest.mark.parametrize("verb", [lambda: to_torch(Linear(2, 1)), lambda: from_torch(None)])
def test_without_pytorch_the_error_names_the_extra(verb, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"needs torch.*scalar-autograd\[torch\]"):
        verb()
