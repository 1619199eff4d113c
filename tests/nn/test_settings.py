"""Tests of `nn.settings`: numbers within bounds, or an error with the name of the setting."""

import math

import pytest

from nn.errors import SettingError
from nn.settings import setting, whole


@pytest.mark.parametrize(
    ("x", "bounds", "words"),
    [
        (-0.5, {}, "of at least 0 is"),
        (math.nan, {}, "of at least 0 is"),
        (math.inf, {}, "finite"),
        (0.0, {"positive": True}, "above 0 is"),
        (1.0, {"below": 1.0}, "of at least 0 and below 1 is"),
    ],
)
def test_a_number_out_of_bounds_is_refused_by_name(x, bounds, words):
    with pytest.raises(SettingError, match=f"eta = {x}: .*{words}"):
        setting("eta", x, **bounds)


def test_a_number_within_bounds_is_a_float():
    assert [setting("eta", x) for x in (0, 0.5, 3)] == [0.0, 0.5, 3.0]
    assert type(setting("eta", 3)) is float


@pytest.mark.parametrize(("n", "least"), [(0, 1), (1, 2), (True, 1), (2.0, 1), ("3", 1), (-1, 0)])
def test_what_is_no_whole_number_of_that_size_is_refused(n, least):
    with pytest.raises(SettingError, match=f"epochs = .*at least {least}"):
        whole("epochs", n, least)


def test_a_whole_number_stays_itself():
    assert [whole("epochs", n, 0) for n in (0, 1, 10**20)] == [0, 1, 10**20]
