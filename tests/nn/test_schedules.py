"""Tests of `nn.schedules`: learning rates against PyTorch's recorded ones, where schedules end, and what they refuse."""

import importlib.util
import json
import math
from pathlib import Path

import pytest

from nn import SettingError, optim
from nn import schedules as rules

ROOT = Path(__file__).parents[2]
RECORDED = json.loads((ROOT / "tests" / "data" / "optimisers.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def bench():
    """The script that recorded them: it holds the problem, and runs our side of it."""
    spec = importlib.util.spec_from_file_location("optimisers", ROOT / "bench" / "optimisers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def named(case):
    return f"{case['schedule']} {case['settings']}"


@pytest.mark.parametrize("case", RECORDED["schedules"], ids=named)
def test_a_schedule_gives_pytorchs_learning_rates(bench, case):
    assert bench.our_rates(case["schedule"], case["settings"]) == pytest.approx(case["rates"], rel=1e-12, abs=1e-17)


def test_a_schedule_that_has_ended_stays_where_it_is():
    for schedule, end in [(rules.CosineDecay(0.7, 4, end=0.25), 0.25), (rules.LinearDecay(0.7, 4, end=0.1), 0.1)]:
        assert [schedule(step) for step in (4, 5, 1000)] == [end] * 3


def test_a_warm_up_hands_over_to_another_schedule():
    schedule = rules.WarmUp(2, then=rules.StepDecay(2.0, 2, 0.5), start=0.5)
    assert [schedule(step) for step in range(7)] == [1.0, 1.5, 2.0, 2.0, 1.0, 1.0, 0.5]


def test_a_schedule_that_is_none_is_refused():
    with pytest.raises(TypeError, match=r"then = 0\.5"):
        rules.WarmUp(3, then=0.5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: rules.StepDecay(0.1, 0),
        lambda: rules.StepDecay(0.1, 2.5),
        lambda: rules.StepDecay(0.1, 2, -0.1),
        lambda: rules.MultiStepDecay(0.1, [3, 0]),
        lambda: rules.ExponentialDecay(0.1, math.nan),
        lambda: rules.LinearDecay(0.1, True),
        lambda: rules.CosineDecay(0.1, 5, end=-1),
        lambda: rules.WarmUp(-1, rules.Constant(0.1)),
        lambda: rules.Constant(math.inf),
        lambda: rules.CosineDecay(-0.1, 5),
    ],
)
def test_settings_that_make_no_sense_are_refused(make):
    with pytest.raises(SettingError, match="is needed"):
        make()


def test_schedules_are_equal_by_their_settings_and_show_them():
    assert rules.StepDecay(0.1, 3) == rules.StepDecay(0.1, 3) != rules.StepDecay(0.1, 4)
    assert len({rules.Constant(0.5), rules.Constant(0.5), rules.LinearDecay(0.5, 2)}) == 2
    assert repr(rules.LinearDecay(0.5, 2)) == "LinearDecay(lr=0.5, steps=2, end=0.0)"


def test_every_schedule_is_a_name_of_the_optimisers_too():
    for name in set(rules.__all__) - {"checked_schedule"}:
        assert getattr(optim, name) is getattr(rules, name)
