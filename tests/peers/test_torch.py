"""Real PyTorch: models that leave and arrive, and the programs of graphs."""

from __future__ import annotations

import copy
import functools
import io
import math
import pickle
from typing import Any

import pytest
from every import every
from leaving import ACTIVATIONS, LOSSES, loss_and_gradients, model_of, numbers, outputs_of
from migrated import graphs, run

import nn
from autograd import OperandError, ops, softmax, to_torch, toposort
from nn import MLP, Layer, Linear, Neuron, Sequential

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore")]


def near(expected: Any, rel: float = 1e-12) -> Any:
    return pytest.approx(expected, rel=rel, abs=1e-15)


@every("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_outputs_losses_and_gradients_are_those_of_pytorch(activation: str, loss: str) -> None:
    import of_torch

    model = model_of(ACTIVATIONS[activation], LOSSES[loss])
    module = nn.to_torch(model)
    for found, expected in zip(of_torch.outputs(module).tolist(), numbers(outputs_of(model)), strict=True):
        assert found == near(expected)
    (found, gradients), (expected, ours) = of_torch.loss_and_gradients(loss, module), loss_and_gradients(loss, model)
    assert found == near(expected)
    assert gradients == near(ours, 1e-9 if activation == "digamma" else 1e-12)  # PyTorch knows no more of polygamma


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_model_that_left_comes_back_to_the_bit(activation: str) -> None:
    model = model_of(ACTIVATIONS[activation])
    back = nn.from_torch(nn.to_torch(model))
    assert back.state_dict() == model.state_dict()
    assert numbers(outputs_of(back)) == numbers(outputs_of(model))
    assert loss_and_gradients("mse", back) == loss_and_gradients("mse", model)


MODELS = {
    "MLP": MLP(2, [3, 2], seed=1),
    "Linear": Linear(2, 2, seed=1),
    "Neuron": Neuron(2, seed=1),
    "not fused": MLP(2, [3, 1], fused=False, seed=1),
    "softmax": Sequential(MLP(2, [3], activation=["tanh"], seed=1), lambda ys: softmax(ys)),
    "of one output": Sequential(Linear(2, 1, seed=1), lambda y: [y, y * y, 2 * y], Linear(3, 1, seed=2)),
    "with a parameter": MLP(2, [3, 1], activation=functools.partial(ops.leaky_relu, negative_slope=0.5), seed=1),
    "a choice": MLP(2, [3, 1], activation=lambda z: ops.where(z > 0.1, z * z + 0.1, lambda: 0.2 * z), seed=1),
    "nothing": MLP(2, [3, 1], activation=["tanh", lambda z: z], seed=1),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_computes_the_same(name: str, torch: Any) -> None:
    import of_torch

    model = MODELS[name]
    module, expected = nn.to_torch(model), outputs_of(model)
    found = of_torch.outputs(module)
    for each, ours in zip(found.tolist(), numbers(expected), strict=True):
        assert each == near(ours)
    found.square().sum().backward()
    model.zero_grad()
    ops.sum([y * y for each in expected for y in each]).backward()
    assert [*of_torch.gradients(module)] == near([p.grad for p in model.parameters()])
    for again in (pickle.loads(pickle.dumps(module)), copy.deepcopy(module)):
        assert torch.equal(of_torch.outputs(again), found)


def test_parameters_have_the_names_that_pytorch_gives_a_sequential(torch: Any) -> None:
    module = nn.to_torch(MLP(2, [3, 1], activation="tanh"))
    assert {name: tuple(p.shape) for name, p in module.named_parameters()} == {
        "0.weight": (3, 2), "0.bias": (3,), "2.weight": (1, 3), "2.bias": (1,),
    }  # fmt: skip
    assert {p.dtype for p in module.parameters()} == {torch.float64}
    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    file.seek(0)
    other = nn.to_torch(MLP(2, [3, 1], activation="tanh"))
    other.load_state_dict(torch.load(file))
    assert all(torch.equal(p, q) for p, q in zip(module.parameters(), other.parameters(), strict=True))


def test_a_layer_that_comes_again_is_one_module_and_comes_back_as_one_layer() -> None:
    layer = Layer(2, 2, activation="tanh", seed=2)
    module = nn.to_torch(Sequential(layer, layer))
    assert module[0] is module[2]
    back: Any = nn.from_torch(module)
    assert back[0] is back[1]
    assert len(back.parameters()) == 6


ARRIVALS = {
    "Sequential(Linear(2, 3), LeakyReLU(0.2), LeakyReLU(0.3), Sequential(Softplus(), Linear(3, 2)), Identity())": None,
    "Sequential(Linear(2, 3), Hardsigmoid(), Linear(3, 3), GELU('tanh'), Linear(3, 1), GELU())": None,
    "Sequential(Tanh(), ELU(0.5), Linear(2, 2))": None,
    "Linear(2, 2)": "Layer of [LinearNeuron(2), LinearNeuron(2)]",
    "ReLU6()": "Sequential of [relu6]",
    "Sequential(Linear(2, 1), CELU(2.0))": "Sequential of [Layer of [CeluNeuron(2)]]",
}


@pytest.mark.parametrize("source", ARRIVALS)
def test_a_module_of_pytorch_is_a_model_of_the_same_function(source: str, torch: Any) -> None:
    import of_torch

    torch.manual_seed(1)
    module = eval(source, vars(torch.nn).copy()).double()
    model = nn.from_torch(module)
    assert ARRIVALS[source] in (None, repr(model))
    for found, expected in zip(numbers(outputs_of(model)), of_torch.outputs(module).tolist(), strict=True):
        assert found == near(expected)


def test_numbers_of_single_precision_arrive_as_they_are(torch: Any) -> None:
    module = torch.nn.Linear(2, 1)
    assert [p.data for p in nn.from_torch(module).parameters()] == [*module.weight[0].tolist(), module.bias.item()]


REFUSED = {
    "Sequential(Linear(2, 3), Softplus(beta=2))": r"the module\[1\] is Softplus\(beta=2, .* which nn does not have; it has Linear",
    "Sequential(Linear(2, 3, bias=False))": r"the module\[0\] is Linear\(.*bias=False\), and every neuron of nn has a bias",
    "Sequential(Sequential(Conv1d(1, 1, 1)))": r"the module\[0\]\[0\] is Conv1d",
    "Dropout(0.5)": r"the module is Dropout\(p=0.5",
    "Hardtanh(0, 2)": r"the module is Hardtanh\(min_val=0, max_val=2\)",
    "GELU('none').forward": r"is no module of PyTorch",
    "Sequential()": r"the module is an empty Sequential",
}


@pytest.mark.parametrize("source", REFUSED)
def test_a_module_that_is_not_known_is_refused_by_its_place(source: str, torch: Any) -> None:
    with pytest.raises(OperandError, match=REFUSED[source]):
        nn.from_torch(eval(source, vars(torch.nn).copy()))


def test_a_function_of_ones_own_does_not_come_back() -> None:
    with pytest.raises(OperandError, match=r"(?s)the module\[1\] is Function\(.*which nn does not have"):
        nn.from_torch(nn.to_torch(MODELS["a choice"]))


def test_an_operation_that_pytorch_lacks_is_refused_by_its_layer() -> None:
    bare = ops.op(lambda a: a, name="bare_row", doc="A row with nothing for others.", partials=(1.0,))
    with pytest.raises(OperandError, match=r"layers\[0\]: bare_row has no counterpart in torch"):
        nn.to_torch(MLP(2, [1], activation=[bare]))


# ---------------------------------------------------------------------------------------------------------- programs of graphs


def close(x: float, y: float) -> bool:
    """To nine digits: PyTorch knows no more of polygamma."""
    return math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-12)


def test_programs_agree_on_published_functions_and_every_row(torch: Any) -> None:
    before = torch.get_default_dtype()
    for name, root in graphs():
        root.backward()
        source = to_torch(root)
        scope = run(source)
        assert close(scope[source.splitlines()[-1].split(".")[0]].item(), root.data), name
        leaves = [line.split(" = ")[0] for line in source.splitlines() if line.endswith("requires_grad=True)")]
        for leaf, written in zip([node for node in toposort(root) if node.op is None], leaves, strict=True):
            grad = scope[written].grad
            assert close(0.0 if grad is None else grad.item(), leaf.grad), (name, leaf.label)
    torch.set_default_dtype(before)
