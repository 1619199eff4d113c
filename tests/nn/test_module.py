"""Modules: how parameters are found, named, saved and shown."""

from __future__ import annotations

import abc
import copy
import gc
import json
import math
import pickle
import struct
import subprocess
import sys
import threading
import time
from collections import OrderedDict, namedtuple
from pathlib import Path

import pytest
from examples import same
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Value, zero_grad
from autograd.modes import live, replaced
from nn import MLP, Layer, Linear, Module, Neuron, Perceptron, Sequential, SettingError, StateError
from nn.module import in_mode, walk


class Bag(Module):
    """A module of whatever attributes it is given."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)


def names(module):
    return [name for name, _ in module.named_parameters()]


def bits(x):
    return struct.pack("<d", x)


# ------------------------------------------------------------------------------------------------------- finding and naming


def test_parameters_stand_in_the_order_of_definition_inside_lists_tuples_dicts_and_modules():
    a, b, c, d, e = map(Value, range(5))
    bag = Bag(z=a, pair=(b, [c]), table={"key": d, 7: e}, note="no parameter", count=3, nothing=None)
    assert same(bag.parameters(), a, b, c, d, e)
    assert names(bag) == ["z", "pair[0]", "pair[1][0]", "table['key']", "table[7]"]


def test_a_network_names_its_parameters_by_the_path_one_would_type():
    model = MLP(2, [3, 1], seed=1)
    by_name = dict(model.named_parameters())
    assert by_name["layers[0].neurons[2].w[1]"] is model.layers[0].neurons[2].w[1]
    assert by_name["layers[1].neurons[0].b"] is model.layers[1].neurons[0].b
    assert list(by_name)[:4] == [
        "layers[0].neurons[0].w[0]",
        "layers[0].neurons[0].w[1]",
        "layers[0].neurons[0].b",
        "layers[0].neurons[1].w[0]",
    ]
    assert len(by_name) == len(model.parameters()) == 3 * 3 + 4


def test_every_parameter_is_labelled_with_its_full_name():
    for module in (MLP(2, [3, 1]), Layer(2, 3), Neuron(2)):
        assert [p.label for p in module.parameters()] == names(module)


def test_a_label_of_ones_own_is_kept():
    model = Bag(rate=Value(1.0, "eta"), inner=Bag(rate=Value(2.0, "w"), other=Value(3.0)))
    assert [p.label for p in model.parameters()] == ["eta", "w", "inner.other"]


def test_a_shared_parameter_counts_once_under_its_first_name():
    w = Value(1.0)
    bag = Bag(encoder=Bag(w=w), decoder=Bag(w=w, b=Value(0.0)))
    assert names(bag) == ["encoder.w", "decoder.b"]
    assert len(bag.parameters()) == 2


def test_a_shared_module_counts_once():
    layer = Layer(2, 2)
    assert len(Bag(first=layer, second=layer).parameters()) == 6


def test_a_module_that_holds_itself_is_walked_once():
    bag = Bag(w=Value(1.0))
    bag.me = [bag]
    assert names(bag) == ["w"]


def test_a_result_kept_as_an_attribute_is_no_parameter():
    w = Value(2.0)
    bag = Bag(w=w, last=w * 3)
    assert same(bag.parameters(), w)


# What an attribute of a module may be: nodes and modules to share, containers of them, results, things without parameters.
SHARED = [Value(float(i), f"s{i}") for i in range(4)] + [Bag(w=Value(9.0), v=[Value(8.0)])]
ATOMS = st.sampled_from([*SHARED, None, 3, 2.5, "text", True, len, object(), {1, 2}])
FRESH = st.builds(lambda x: Value(x), st.just(1.0)) | st.builds(lambda x: Value(x) * 2, st.just(1.0))


def containers(inner):
    keys = st.sampled_from(["a", "b", 3])
    return (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(keys, inner, max_size=3)
        | st.dictionaries(st.sampled_from(["p", "q", "r"]), inner, max_size=3).map(lambda attributes: Bag(**attributes))
    )


@given(attributes=st.dictionaries(st.sampled_from("xyz"), st.recursive(ATOMS | FRESH, containers, max_leaves=12), max_size=3))
@settings(max_examples=200, deadline=None)
def test_parameters_are_the_named_parameters_without_their_names(attributes):
    module = Bag(**attributes)
    module.me = module  # a cycle
    named = [parameter for _, parameter in module.named_parameters()]
    assert list(map(id, module.parameters())) == list(map(id, named))
    assert all(parameter.is_leaf for parameter in named)


def as_named(module):
    """The parameters, which are the named ones, and the modules, which are those of the walk with names."""
    assert same(module.parameters(), *[parameter for _, parameter in module.named_parameters()])
    assert same(module.modules(), *[part for _, part in walk(module) if isinstance(part, Module)])
    return [parameter.data for parameter in module.parameters()]


def test_every_change_of_a_module_is_seen_at_once_from_the_root():
    shared = Value(7.0)
    inner = Bag(w=[Value(1.0)], result=shared * 2, table={"a": Value(2.0)})
    root = Bag(parts=[inner, (inner,)], last=Value(3.0))
    seen = [as_named(root)]
    for change in (
        lambda: setattr(inner, "b", Value(4.0)),
        lambda: inner.w.append(Value(5.0)),
        lambda: inner.w.insert(0, shared),
        lambda: inner.w.__setitem__(1, Value(6.0)),
        lambda: inner.table.update(b=Value(8.0)),
        lambda: inner.table.pop("a"),
        lambda: inner.__dict__.update(c=Value(9.0)),
        lambda: setattr(inner, "__dict__", {"only": Value(10.0), "shared": shared}),
        lambda: inner.only.__init__(11.0),
        lambda: setattr(inner, "only", shared * 3),
        lambda: inner.only.__init__(12.0),  # the result is a leaf now
        lambda: delattr(inner, "only"),
        lambda: root.parts.append([Bag(deep=Bag(w=Value(13.0)))]),
        lambda: setattr(root.parts[-1][0].deep, "w", Value(14.0)),
        lambda: setattr(root.parts[-1][0], "__class__", Module),
        lambda: root.parts.clear(),
        lambda: delattr(root, "last"),
    ):
        change()
        seen.append(as_named(root))
    assert seen == [
        [1, 2, 3], [1, 2, 4, 3], [1, 5, 2, 4, 3], [7, 1, 5, 2, 4, 3], [7, 6, 5, 2, 4, 3], [7, 6, 5, 2, 8, 4, 3],
        [7, 6, 5, 8, 4, 3], [7, 6, 5, 8, 4, 9, 3], [10, 7, 3], [11, 7, 3], [7, 3], [12, 7, 3], [7, 3], [7, 13, 3], [7, 14, 3],
        [7, 14, 3], [3], [],
    ]  # fmt: skip


class Backwards(list):
    def __iter__(self):
        return reversed(list(super().__iter__()))


class Guarded(Module):
    def __init__(self):
        self.w = Value(1.0)

    def __getattribute__(self, name):
        return {"v": Value(2.0)} if name == "__dict__" else super().__getattribute__(name)


class Elsewhere(Module):
    __dict__ = property(lambda self: {"w": Value(3.0)})


class Lenient(Module):
    def __getattr__(self, name):
        return Value(4.0)


class Pretender:
    __class__ = property(lambda self: list)

    def __iter__(self):
        return iter([Value(5.0)])


Pair = namedtuple("Pair", "a b")
KINDS = [type(f"Kind{i}", (Module,), {"__init__": lambda self, i=i: setattr(self, "w", Value(float(i)))}) for i in range(12)]


@pytest.mark.parametrize(
    ("thing", "found"),
    [
        (Backwards([Value(1.0), Value(2.0)]), [2, 1]),
        (Pair(Value(1.0), [Value(2.0)]), [1, 2]),
        (OrderedDict(a=Value(1.0)), [1]),
        (Guarded(), [2]),
        (Elsewhere(), [3]),
        (Lenient(), []),
        (Pretender(), [5]),
        ([Module, math, len, [].append, Bag().forward, object(), lambda: Value(1.0), 1, None, "a", 2j, (), {}], []),
        ([kind() for kind in KINDS], list(range(12))),
        ([Bag(w=[Value(float(i))]) for i in range(2000)], list(range(2000))),
    ],
    ids=["subclass of list", "named tuple", "ordered", "guarded", "property", "lenient", "pretender", "nothing", "kinds", "many"],
)
def test_parameters_are_found_in_whatever_python_takes_for_a_part(thing, found):
    bag = Bag(before=Value(-1.0), thing=thing, after=[Value(-2.0)])
    assert [parameter.data for parameter in bag.parameters()] == [-1, *found, -2]


def test_a_finalizer_that_changes_the_model_while_it_is_walked_is_harmless():
    class Last:
        def __init__(self, bag):
            self.bag, self.me = bag, self

        def __del__(self):
            self.bag.parts = [Bag(w=Value(1.0)) for _ in range(3)]
            self.bag.parameters()
            sum(p * p for p in self.bag.parameters()).backward()

    bag = Bag(parts=[Bag(w=Value(1.0)) for _ in range(3)])
    thresholds = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(200):
            Last(bag)
            assert [parameter.data for parameter in bag.parameters()] == [1.0] * 3
    finally:
        gc.set_threshold(*thresholds)
    assert gc.isenabled()


def test_parameters_of_a_deep_nest_are_found_without_recursion():
    nest = [Value(1.0)]
    for _ in range(10_000):
        nest = [nest]
    bag = Bag(nest=nest, last=Value(2.0))
    assert [parameter.data for parameter in bag.parameters()] == [1.0, 2.0]
    while nest:  # or Python itself would recurse in freeing it
        nest = nest.pop() if isinstance(nest, list) and len(nest) == 1 and isinstance(nest[0], list) else []


def test_asking_for_the_parameters_costs_about_what_micrograds_two_loops_cost():
    model = MLP(2, [16, 16, 1], seed=1)

    def micrograds():
        return [p for layer in model.layers for p in [p for neuron in layer.neurons for p in [*neuron.w, neuron.b]]]

    def seconds(function):
        start = time.perf_counter()
        for _ in range(20):
            function()
        return time.perf_counter() - start

    ratio = min(seconds(model.parameters) for _ in range(5)) / min(seconds(micrograds) for _ in range(5))
    assert ratio < 20  # it was 150 when each parameter was given its name


def test_a_subclass_need_not_call_the_constructor_of_its_base():
    class Line(Module):
        def __init__(self):
            self.slope = Value(2.0)

    assert Line().slope.label == "slope"


def test_a_model_may_be_an_abstract_class():
    class Model(Module, abc.ABC):
        @abc.abstractmethod
        def __call__(self, x): ...

    with pytest.raises(TypeError):
        Model()


def test_zero_grad_forgets_the_gradient_of_every_parameter():
    model = MLP(2, [3, 1], seed=1, activation=["tanh", "linear"])
    model([1.0, 2.0]).backward()
    assert all(p.reached for p in model.parameters())
    model.zero_grad()
    assert not any(p.reached for p in model.parameters())
    assert {p.grad for p in model.parameters()} == {0.0}


def test_zero_grad_asks_parameters_as_micrograd_does():
    w, hidden = Value(1.0), Value(2.0)

    class Micro(Module):
        def __init__(self):
            self.w, self.hidden = w, hidden

        def parameters(self):
            return [self.w]

    other = Bag(w=w, hidden=hidden)
    other.parameters = lambda: [hidden]
    for model, left in ((Micro(), (0.0, 5.0)), (other, (5.0, 0.0)), (Bag(w=w, hidden=hidden), (0.0, 0.0))):
        w.grad = hidden.grad = 5.0
        model.zero_grad()
        assert (w.grad, hidden.grad) == left


def test_zero_grad_of_a_module_is_that_of_the_engine_where_another_takes_its_place():
    bag = Bag(w=Value(1.0))
    bag.w.grad = 5.0
    with replaced({zero_grad: lambda nodes: None}):
        bag.zero_grad()
    assert bag.w.grad == 5.0
    bag.zero_grad()
    assert bag.w.grad == 0.0


# ------------------------------------------------------------------------------------------------------ calling, training


def test_a_module_with_forward_is_called_with_its_arguments():
    class Scaled(Module):
        def forward(self, x, *, by=2.0):
            return x * by

    assert (Scaled()(3.0), Scaled()(3.0, by=5.0), Scaled().forward(3.0)) == (6.0, 15.0, 6.0)


def test_a_layer_whose_forward_is_overridden_is_called_by_it():
    class Doubled(MLP):
        def forward(self, x):
            return super().forward(x) * 2

    assert Doubled(2, [3, 1], seed=1)([1.0, 2.0]).data == 2 * MLP(2, [3, 1], seed=1)([1.0, 2.0]).data


@pytest.mark.parametrize("model", [Neuron(2), Layer(2, 3), MLP(2, [1]), Sequential(Linear(2, 1)), Perceptron(2)], ids=repr)
def test_every_layer_of_ours_has_forward(model):
    plain = lambda y: [x.data if isinstance(x, Value) else x for x in (y if isinstance(y, list) else [y])]  # noqa: E731
    assert plain(model.forward([1.0, -2.0])) == plain(model([1.0, -2.0]))


def test_a_module_without_forward_says_what_to_write():
    with pytest.raises(NotImplementedError, match=r"Bag has no forward\(\); write `def forward\(self, x\):`"):
        Bag()(1.0)


def test_train_and_eval_reach_every_part_once_and_give_the_module():
    inner = MLP(2, [2, 1], seed=1)
    model = Bag(a=inner, parts=[{"k": (inner, Bag())}])
    model.me = model
    assert model.training
    assert [type(part).__name__ for part in model.modules()] == [
        "Bag", "MLP", "Layer", "Neuron", "Neuron", "Layer", "Neuron", "Bag",
    ]  # fmt: skip
    assert model.eval() is model
    assert not any(part.training for part in model.modules())
    assert model.train() is model
    assert all(part.training for part in model.modules())
    model.train(False)
    assert not inner.layers[1].neurons[0].training
    assert Bag().training
    with pytest.raises(SettingError, match="give True or False"):
        model.train("yes")


def test_a_block_has_its_mode_and_what_is_set_inside_stays():
    model = MLP(1, [2, 1], seed=1)
    model.layers[0].eval()
    with in_mode(model, training=False):
        assert not any(part.training for part in model.modules())
        with in_mode(model.layers[1], training=True):
            assert [part.training for part in model.modules()] == [False, False, False, False, True, True]
        model.layers[1].train()
        assert [part.training for part in model.modules()] == [False, False, False, False, True, True]
    assert [part.training for part in model.modules()] == [True, False, False, False, True, True]
    with in_mode(lambda x: x, training=False):
        pass


def test_the_engine_asks_for_no_mode_where_a_model_alone_is_in_one():
    model = MLP(1, [2, 1], seed=1)
    before = len(live)
    with in_mode(model, training=False):
        assert len(live) == before


def test_a_block_changes_the_mode_of_no_other_thread():
    model, seen = MLP(1, [1], seed=1), []
    with in_mode(model, training=False):
        thread = threading.Thread(target=lambda: seen.append(model.training))
        thread.start()
        thread.join()
    assert seen == [True]


# -------------------------------------------------------------------------------------------------------- saving and loading


@given(state=st.lists(st.floats() | st.sampled_from([0.0, -0.0, 5e-324, math.inf, -math.inf, math.nan]), min_size=5, max_size=5))
@settings(max_examples=30, deadline=None)
def test_a_state_survives_saving_and_loading_to_the_bit(tmp_path_factory, state):
    model, twin = MLP(1, [1, 1], seed=1), MLP(1, [1, 1], seed=2)
    path = tmp_path_factory.mktemp("state") / "model.json"
    numbers = [math.nan if math.isnan(x) else x for x in state]  # the sign and payload of a nan are not kept
    for p, x in zip(model.parameters(), numbers, strict=False):
        p.data = x
    model.save(path)
    assert twin.load(path) is twin
    assert [bits(p.data) for p in twin.parameters()] == [bits(p.data) for p in model.parameters()]


def test_a_state_dict_makes_a_twin_of_a_network_to_the_bit():
    model, twin = MLP(2, [4, 1], seed=1), MLP(2, [4, 1], seed=2)
    assert twin([0.3, -0.7]).data != model([0.3, -0.7]).data
    twin.load_state_dict(model.state_dict())
    assert twin([0.3, -0.7]).data == model([0.3, -0.7]).data
    assert twin.state_dict() == model.state_dict()


def test_a_state_dict_is_a_copy():
    model = MLP(1, [1])
    before = model.state_dict()
    model.parameters()[0].data += 1.0
    assert before["layers[0].neurons[0].w[0]"] == model.parameters()[0].data - 1.0


def test_a_saved_file_is_standard_json_of_names_and_numbers(tmp_path):
    model = Bag(a=Value(0.1), b=Value(-math.inf))
    model.save(tmp_path / "model.json")

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    assert json.loads((tmp_path / "model.json").read_text(), parse_constant=refuse) == {"a": 0.1, "b": "-inf"}


def without(state, name):
    return {key: x for key, x in state.items() if key != name}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: without(s, "layers[0].neurons[0].b"), r"missing: layers\[0\]\.neurons\[0\]\.b"),
        (lambda s: {**s, "layers[9].w": 1.0}, r"unexpected: layers\[9\]\.w"),
        (lambda s: {**without(s, "layers[0].neurons[0].b"), "bias": 1.0}, r"missing: .*\.b; unexpected: bias"),
        (lambda s: {**s, "layers[0].neurons[0].b": "0.5"}, r"layers\[0\]\.neurons\[0\]\.b .*'0\.5'"),
        (lambda s: {**s, "layers[0].neurons[0].b": None}, "None"),
        (lambda s: {**s, "layers[0].neurons[0].b": Value(1.0)}, "b cannot be loaded"),
        (lambda s: {**s, "layers[0].neurons[0].b": 10**400}, "largest float"),
        (lambda s: {}, r"missing: .*w\[0\], .*w\[1\], .*b"),
        (lambda s: list(s.items()), "not a list"),
    ],
    ids=["missing", "unexpected", "renamed", "text", "None", "node", "too large", "empty", "list"],
)
def test_a_state_that_does_not_fit_is_refused_by_name_and_changes_nothing(change, message):
    model = MLP(2, [1], seed=1)
    before = model.state_dict()
    state = change(dict.fromkeys(before, 7.0))
    with pytest.raises(StateError, match=message) as refusal:
        model.load_state_dict(state)
    assert isinstance(refusal.value, ValueError)
    assert model.state_dict() == before


@pytest.mark.parametrize("text", ["{", "[1, 2]", "3", '{"w": "half"}', '{"w": [1]}', '{"v": 1.0}'])
def test_a_file_that_is_no_saved_state_is_refused_and_changes_nothing(tmp_path, text):
    model = Bag(w=Value(1.0))
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(StateError):
        model.load(tmp_path / "model.json")
    assert model.w.data == 1.0


def test_loading_keeps_the_parameters_that_others_hold():
    model = MLP(2, [1], seed=1)
    held = model.parameters()
    model.load_state_dict(MLP(2, [1], seed=2).state_dict())
    assert same(model.parameters(), *held)


@pytest.mark.parametrize("twin_of", [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))], ids=["deepcopy", "pickle"])
def test_a_copied_or_pickled_network_computes_the_same_with_parameters_of_its_own(twin_of):
    model = MLP(2, [3, 1], activation=["tanh", "linear"], seed=1)
    twin = twin_of(model)
    assert twin([0.5, -1.0]).data == model([0.5, -1.0]).data
    assert names(twin) == names(model)
    assert not set(twin.parameters()) & set(model.parameters())
    twin([0.5, -1.0]).backward()
    assert not any(p.reached for p in model.parameters())


# ------------------------------------------------------------------------------------------------------------------- reading


def test_a_summary_is_a_table_of_shapes_activations_and_counts():
    assert MLP(2, [16, 16, 1]).summary().splitlines() == [
        "name       part   shape    activation  init            parameters",
        "layers[0]  Layer  2 → 16   relu        uniform(−1, 1)          48",
        "layers[1]  Layer  16 → 16  relu        uniform(−1, 1)         272",
        "layers[2]  Layer  16 → 1   linear      uniform(−1, 1)          17",
        "total                                                         337",
    ]


def test_a_summary_shows_loose_parameters_neurons_and_counts_what_is_shared_once():
    neuron = Neuron(2, activation="tanh")
    model = Bag(scale=Value(1.0), neuron=neuron, again=Bag(inner=[neuron, Layer(3, 2, nonlin=False, init="he_normal")]))
    neuron.b = model.scale
    lines = [line.split("  ") for line in model.summary().splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert cells[1:] == [
        ["scale", "Value", "1"],
        ["neuron", "Neuron", "2 → 1", "tanh", "uniform(−1, 1)", "2"],
        ["again.inner[1]", "Layer", "3 → 2", "linear", "he_normal", "8"],
        ["total", "11"],
    ]


def test_a_summary_of_one_layer_and_of_nothing_can_be_read():
    assert Layer(2, 3).summary().splitlines()[1].split() == ["(itself)", "Layer", "2", "→", "3", "relu", "uniform(−1,", "1)", "9"]
    assert Bag().summary().splitlines()[-1].split() == ["total", "0"]


def test_a_representation_is_short():
    assert repr(Bag(w=Value(1.0), v=[Value(2.0)])) == "Bag(2 parameters)"


# ----------------------------------------------------------------------------------------------------------------- importing


def test_another_project_called_autograd_is_refused_with_its_file_and_the_cure(tmp_path):
    (tmp_path / "autograd.py").write_text("def grad(f): ...\n")
    root = Path(__file__).resolve().parents[2]
    program = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(root)!r}]; import nn"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError")
    assert str(tmp_path / "autograd.py") in last
    assert "virtual environment" in last
