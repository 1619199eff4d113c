"""Optimisers, against recurrences worked out by hand in exact fractions and against PyTorch's recorded numbers."""

from __future__ import annotations

import copy
import importlib.util
import json
import math
import pickle
from fractions import Fraction
from pathlib import Path

import pytest

from autograd import Value
from autograd.errors import AnomalyError
from nn import MLP, SGD, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSProp, SettingError, StateError, optim
from nn.losses import mse
from nn.optim import Scheduler, clip_grad_norm, clip_grad_value

ROOT = Path(__file__).parents[2]
RECORDED = json.loads((ROOT / "tests" / "data" / "optimisers.json").read_text(encoding="utf-8"))
OPTIMISERS = [SGD, Momentum, Nesterov, AdaGrad, RMSProp, Adam, AdamW]


def path(gradients, start=1.0, **settings):
    """Where SGD takes one parameter on these gradients."""
    p = Value(start)
    optimizer = SGD([p], **settings)
    seen = []
    for g in gradients:
        optimizer.zero_grad()
        p.grad = g
        optimizer.step()
        seen.append(p.data)
    return seen


def pytorchs(gradients, start=1, lr=0, momentum=0, weight_decay=0):
    """The recurrence that PyTorch documents, in fractions."""
    p, v, seen = Fraction(start), None, []
    lr, momentum, weight_decay = (Fraction(str(x)) for x in (lr, momentum, weight_decay))
    for g in gradients:
        g = Fraction(str(g)) + weight_decay * p
        v = g if v is None else momentum * v + g
        p -= lr * v
        seen.append(float(p))
    return seen


@pytest.mark.parametrize(
    ("settings", "by_hand"),
    [
        ({"lr": 0.1}, [0.95, 0.97, 0.96]),
        ({"lr": 0.1, "momentum": 0.9}, [0.95, 0.925, 0.8925]),
        ({"lr": 0.1, "weight_decay": 0.01}, [0.949, 0.968051, 0.957082949]),
        ({"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}, [0.949, 0.922151, 0.887064749]),
    ],
    ids=["plain", "momentum", "decay", "both"],
)
def test_sgd_takes_the_path_worked_out_by_hand(settings, by_hand):
    gradients = [0.5, -0.2, 0.1]
    assert path(gradients, **settings) == pytest.approx(by_hand, rel=1e-14)
    assert pytorchs(gradients, **settings) == pytest.approx(by_hand, rel=1e-14)


def test_sgd_follows_pytorchs_recurrence_for_many_steps():
    gradients = [((7 * k) % 11 - 5) / 10 for k in range(50)]
    settings = {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.02}
    assert path(gradients, **settings) == pytest.approx(pytorchs(gradients, **settings), rel=1e-12)


def test_momentum_carries_on_where_the_gradient_is_zero():
    assert path([1.0, 0.0, 0.0], lr=1.0, momentum=0.5) == [0.0, -0.5, -0.75]


def test_each_parameter_has_a_momentum_of_its_own():
    a, b = Value(0.0), Value(0.0)
    optimizer = SGD([a, b], lr=1.0, momentum=0.5)
    a.grad, b.grad = 1.0, -2.0
    optimizer.step()
    optimizer.zero_grad()
    optimizer.step()
    assert (a.data, b.data) == (-1.5, 3.0)


def test_the_first_step_on_the_cafeteria_is_that_of_the_delta_rule():
    prices, portions = [Value(0.5) for _ in range(3)], [5, 2, 3]
    optimizer = SGD(prices, lr=1 / 35)
    (0.5 * (8.5 - sum(x * w for x, w in zip(portions, prices, strict=True))) ** 2).backward()
    optimizer.step()
    assert [w.data for w in prices] == pytest.approx([1.0, 0.7, 0.8], rel=1e-15)


def test_settings_may_change_between_steps():
    p = Value(0.0)
    optimizer = SGD([p], lr=1.0)
    for lr in (1.0, 0.5):
        optimizer.lr = lr
        p.grad = 1.0
        optimizer.step()
    assert p.data == -1.5


def test_the_default_is_a_hundredth_of_the_gradient():
    assert path([1.0]) == [0.99]


def test_zero_grad_forgets_the_gradients_of_its_parameters_alone():
    p, q = Value(1.0), Value(1.0)
    p.grad = q.grad = 3.0
    SGD([p]).zero_grad()
    assert (p.grad, q.grad) == (0.0, 3.0)
    assert not p.reached


def test_sgd_moves_nothing_but_its_parameters_and_keeps_their_gradients():
    p, q = Value(1.0), Value(1.0)
    p.grad = q.grad = 3.0
    SGD([p], lr=0.5).step()
    assert (p.data, q.data) == (-0.5, 1.0)
    assert p.grad == 3.0


def test_training_a_network_lowers_its_loss():
    model = MLP(1, [8, 1], activation="tanh", seed=1)
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9)
    xs = [-1.0 + k / 5 for k in range(11)]
    losses = []
    for _ in range(200):
        loss = mse([model([x]) for x in xs], [x * x for x in xs])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
    assert losses[-1] < 0.01 < losses[0]


def test_parameters_may_come_from_a_generator():
    p = Value(1.0)
    optimizer = SGD(parameter for parameter in [p])
    assert optimizer.parameters == [p]


@pytest.mark.parametrize("name", ["lr", "momentum", "weight_decay"])
@pytest.mark.parametrize("setting", [-0.1, float("nan"), float("inf")])
def test_a_setting_that_makes_no_sense_is_refused_by_name(name, setting):
    with pytest.raises(SettingError, match=f"{name} = "):
        SGD([Value(1.0)], **{name: setting})


def test_a_learning_rate_of_zero_is_refused_and_text_too():
    with pytest.raises(ValueError, match="lr = 0: a finite number above 0"):
        SGD([Value(1.0)], lr=0)
    with pytest.raises(TypeError):
        SGD([Value(1.0)], lr="0.1")


def test_what_cannot_be_optimised_is_refused():
    p = Value(1.0)
    with pytest.raises(ValueError, match="no parameters"):
        SGD([])
    with pytest.raises(TypeError, match=r"write \[parameter\]"):
        SGD(p)
    with pytest.raises(TypeError, match="not a leaf"):
        SGD([p * 2])
    with pytest.raises(TypeError, match="not a node"):
        SGD([1.0])
    with pytest.raises(ValueError, match="twice"):
        SGD([p, p])


def test_the_representation_shows_the_settings():
    assert repr(SGD([Value(1.0)], lr=0.5)) == "SGD(1 parameters, lr=0.5, momentum=0.0, weight_decay=0.0)"


# ------------------------------------------------------------------------------------------- PyTorch's numbers, as recorded


@pytest.fixture(scope="module")
def bench():
    """The script that recorded them: it holds the problem, and runs our side of it."""
    spec = importlib.util.spec_from_file_location("optimisers", ROOT / "bench" / "optimisers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def named(case):
    return f"{case.get('optimizer') or case.get('schedule') or case.get('function')} {case.get('settings', case.get('limit'))}"


def near(expected):
    return pytest.approx(expected, rel=1e-12, abs=0.0)


@pytest.mark.parametrize("case", RECORDED["trajectories"], ids=named)
def test_an_optimiser_takes_pytorchs_trajectory(bench, case):
    ours = bench.our_path(case["optimizer"], case["settings"])
    assert len(ours) == len(bench.SEEN) == 6
    for seen, recorded in zip(ours, case["path"], strict=True):
        assert seen == near(recorded)


def test_the_recorded_trajectories_tell_every_optimiser_and_setting_apart(bench):
    """A recurrence that forgot a setting would take the path of another case; no two of them are near each other."""
    assert {case["optimizer"] for case in RECORDED["trajectories"]} == {kind.__name__ for kind in OPTIMISERS}
    ends = [case["path"][-1] for case in RECORDED["trajectories"]]
    assert all(bench.difference(a, b) > 1e-4 for index, a in enumerate(ends) for b in ends[:index])
    for kind in OPTIMISERS:
        cases = [case["settings"] for case in RECORDED["trajectories"] if case["optimizer"] == kind.__name__]
        assert set().union(*cases) >= set(kind.settings) - {"lr", "momentum", "weight_decay"}


@pytest.mark.parametrize("case", RECORDED["clipping"], ids=named)
def test_clipping_leaves_pytorchs_gradients(bench, case):
    assert bench.our_clipping(case["function"], case["limit"]) == near(case["gradients"])


# ------------------------------------------------------------------------------------------------------ each optimiser alone


def moved(kind, gradients, **settings):
    p = Value(1.0)
    optimizer = kind([p], **settings)
    for g in gradients:
        p.grad = g
        optimizer.step()
    return p.data - 1.0


@pytest.mark.parametrize(
    ("kind", "settings", "by_hand"),
    [
        (Momentum, {"lr": 0.5}, -0.5 * (1.0 + (0.9 - 2.0))),
        (Nesterov, {"lr": 0.5, "momentum": 0.5}, -0.5 * (1.0 + 0.5 * 1.0) - 0.5 * (-2.0 + 0.5 * (0.5 - 2.0))),
        (AdaGrad, {"lr": 0.5, "eps": 1e-300}, -0.5 * (1.0 - 2.0 / math.sqrt(5.0))),
        (RMSProp, {"lr": 0.5, "alpha": 0.5, "eps": 1e-300}, -0.5 * (1.0 / math.sqrt(0.5) - 2.0 / math.sqrt(2.25))),
        (Adam, {"lr": 0.5, "betas": (0.5, 0.5), "eps": 1e-300}, -0.5 * (1.0 - 1.0 / math.sqrt(3.0))),
    ],
)
def test_two_steps_worked_out_by_hand(kind, settings, by_hand):
    assert moved(kind, [1.0, -2.0], **settings) == pytest.approx(by_hand, rel=1e-13)


@pytest.mark.parametrize("kind", [Adam, AdamW])
@pytest.mark.parametrize("g", [1e-3, -1.0, 1e6])
def test_the_first_step_of_adam_has_the_length_of_the_learning_rate(kind, g):
    options = {"weight_decay": 0.0}
    assert moved(kind, [g], lr=0.25, **options) == pytest.approx(math.copysign(0.25, -g), rel=2e-5)


def test_the_decay_of_adamw_knows_nothing_of_the_gradients_size():
    assert [moved(AdamW, [0.0], lr=0.5, weight_decay=0.5), moved(Adam, [0.0], lr=0.5, weight_decay=0.5)] == [
        -0.25,
        pytest.approx(-0.5, rel=1e-7),
    ]


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_every_optimiser_learns_a_parabola_and_moves_each_parameter_alone(kind):
    w, still = Value(1.0), Value(5.0)
    optimizer = kind([w, still], lr=0.05, weight_decay=0.0)
    for _ in range(2000):
        optimizer.zero_grad()
        ((w - 3.0) ** 2).backward()
        optimizer.step()
    assert w.data == pytest.approx(3.0, abs=0.06)
    assert still.data == 5.0


@pytest.mark.parametrize("kind", OPTIMISERS)
@pytest.mark.parametrize("g", [math.nan, math.inf, 1e200])
def test_an_extreme_gradient_raises_nothing_and_a_nan_shows(kind, g):
    result = moved(kind, [g], lr=0.1)
    assert math.isnan(result) == math.isnan(g) or g == math.inf


# ------------------------------------------------------------------------------------------------------- states and resuming


def trained(optimizer, model, steps):
    for _ in range(steps):
        loss = mse([model([x]) for x in (-1.0, 0.25, 0.5)], [1.0, 0.0, 0.25])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return [p.data.hex() for p in model.parameters()]


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_a_state_that_went_through_json_resumes_to_the_bit(kind):
    model, twin = (MLP(1, [3, 1], activation="tanh", seed=seed) for seed in (1, 2))
    optimizer = kind(model.parameters(), lr=0.03, weight_decay=0.01)
    trained(optimizer, model, 7)
    saved = json.loads(json.dumps([model.state_dict(), optimizer.state_dict()]))
    expected = trained(optimizer, model, 5)
    resumed = kind(twin.parameters())
    twin.load_state_dict(saved[0])
    resumed.load_state_dict(saved[1])
    assert trained(resumed, twin, 5) == expected
    assert resumed.state_dict() == optimizer.state_dict()


def test_a_state_is_a_copy():
    optimizer = Momentum([Value(1.0)], lr=1.0)
    state = optimizer.state_dict()
    optimizer.parameters[0].grad = 1.0
    optimizer.step()
    assert state["velocities"] == [0.0]
    optimizer.load_state_dict(state)
    optimizer.step()
    assert state["velocities"] == [0.0]


@pytest.mark.parametrize("twin_of", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))], ids=["deepcopy", "pickle"])
def test_a_model_is_copied_with_the_optimiser_that_moves_it(twin_of):
    model = MLP(1, [3, 1], activation="tanh", seed=1)
    optimizer = Adam(model.parameters(), lr=0.1)
    trained(optimizer, model, 3)
    twin, twins = twin_of((model, optimizer))
    assert trained(twins, twin, 3) == trained(optimizer, model, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"optimizer": "AdamW"}, "of 'AdamW', this is Adam"),
        ({"means": [0.0]}, r"this Adam's means is \[0.0\]: a list of 2 numbers"),
        ({"means": [0.0, "1"]}, "this Adam's means\\[1\\] cannot be loaded"),
        ({"means": None}, "this Adam's means is None: a list of 2 numbers"),
        ({"betas": [0.9]}, "this Adam's betas is .*: a list of 2 numbers"),
        ({"lr": -1.0}, "this Adam's lr cannot be loaded: lr = -1.0: a finite number"),
        ({"lr": math.nan}, "this Adam's lr cannot be loaded: lr = nan"),
        ({"steps": 1.5}, "steps is 1.5: a whole number"),
        ({"steps": -1}, "steps is -1"),
        ({"momentum": 0.5}, "unexpected: momentum"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(change, message):
    optimizer = Adam([Value(1.0), Value(2.0)])
    before = optimizer.state_dict()
    with pytest.raises(StateError, match=message):
        optimizer.load_state_dict({**before, "means": [5.0, 5.0], **change})
    assert optimizer.state_dict() == before


def test_a_state_with_something_missing_or_of_another_kind_is_refused():
    optimizer = Adam([Value(1.0)])
    state = optimizer.state_dict()
    del state["squares"]
    with pytest.raises(StateError, match="missing: squares"):
        optimizer.load_state_dict(state)
    with pytest.raises(StateError, match="is a dict, not a list"):
        optimizer.load_state_dict([1.0])


def test_an_optimiser_of_ones_own_needs_one_method_and_its_memory_is_saved():
    class Sign(optim.Optimizer):
        settings = ("lr",)
        memory = ("turns",)

        def __init__(self, params, lr):
            super().__init__(params)
            self.lr = lr

        def change(self, index, parameter):
            self.turns[index] += 1.0
            return math.copysign(self.lr, parameter.grad)

    p = Value(1.0)
    optimizer = Sign([p], 0.25)
    p.grad = -3.0
    optimizer.step()
    assert p.data == 1.25
    assert optimizer.state_dict() == {"optimizer": "Sign", "steps": 1, "lr": 0.25, "turns": [1.0]}
    assert repr(optimizer) == "Sign(1 parameters, lr=0.25)"


# ----------------------------------------------------------------------------------------------------------------- schedules


def test_a_scheduler_resumes_where_its_state_was_taken():
    def make():
        return Scheduler(SGD([Value(1.0)], lr=7.0), optim.WarmUp(3, then=optim.CosineDecay(0.3, 10)))

    one, two = make(), make()
    assert one.optimizer.lr == near(0.03)
    for _ in range(5):
        one.step()
    two.load_state_dict(json.loads(json.dumps(one.state_dict())))
    assert two.optimizer.lr == one.optimizer.lr == one.schedule(5)
    two.step()
    assert two.optimizer.lr == one.schedule(6)
    with pytest.raises(StateError, match="missing: steps"):
        two.load_state_dict({})
    assert two.steps == 6


def test_a_schedule_may_be_any_function_and_is_held_to_a_sensible_rate():
    optimizer = SGD([Value(1.0)], lr=7.0)
    scheduler = Scheduler(optimizer, lambda step: 1.0 / (1 + step) - (step > 2))
    scheduler.step()
    assert optimizer.lr == 0.5
    scheduler.step()
    with pytest.raises(SettingError, match=r"-0.75 at step 3"):
        scheduler.step()
    with pytest.raises(TypeError, match=r"schedule = 0\.5: .* CosineDecay"):
        Scheduler(optimizer, 0.5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Adam([Value(1.0)], betas=(0.9, 1.0)),
        lambda: Adam([Value(1.0)], betas=0.9),
        lambda: Adam([Value(1.0)], eps=0),
        lambda: RMSProp([Value(1.0)], alpha=1),
        lambda: AdaGrad([Value(1.0)], lr_decay=-1),
        lambda: clip_grad_norm([Value(1.0)], 0),
        lambda: clip_grad_value([Value(1.0)], math.nan),
    ],
)
def test_settings_of_optimisers_and_clipping_that_make_no_sense_are_refused(make):
    with pytest.raises(SettingError, match="is needed"):
        make()


# ------------------------------------------------------------------------------------------------------------------ clipping


def test_clipping_keeps_the_direction_returns_the_norm_before_and_reaches_nobody():
    a, b, unreached = Value(0.0), Value(0.0), Value(0.0)
    a.grad, b.grad = 3e200, -4e200
    assert clip_grad_norm([a, b, unreached], 5.0) == near(5e200)
    assert (a.grad, b.grad) == (near(3.0), near(-4.0))
    assert not unreached.reached
    assert clip_grad_norm([a, b], 6.0) == near(5.0)
    assert (a.grad, b.grad) == (near(3.0), near(-4.0))


def test_a_gradient_that_is_not_finite_is_refused_by_name_and_nothing_is_clipped():
    a, b = Value(0.0, "a"), Value(0.0, "b")
    a.grad, b.grad = 100.0, math.nan
    for clip in (clip_grad_norm, clip_grad_value):
        with pytest.raises(AnomalyError, match="gradient of b is nan"):
            clip([a, b], 1.0)
    assert a.grad == 100.0
    b.grad = -math.inf
    with pytest.raises(FloatingPointError, match="-inf"):
        clip_grad_norm([a, b], 1.0)
    clip_grad_value([a, b], 1.0)
    assert (a.grad, b.grad) == (1.0, -1.0)
