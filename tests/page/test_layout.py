"""The layout of a page: nothing lies on anything else, with an engine and without."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from examples import baydin, lecture
from pages import chain, data_of, network

from autograd.page import layout
from autograd.show.dot_text import DIRECTIONS
from autograd.value import Value

Browse = Callable[..., Any]


@pytest.mark.parametrize("rankdir", DIRECTIONS)
@pytest.mark.parametrize(
    "make", [lecture, baydin, lambda: network([4, 1]), lambda: chain(60)], ids=["lecture", "baydin", "network", "chain"]
)
def test_without_an_engine_nothing_lies_on_anything_else(
    make: Callable[[], Value], rankdir: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRAD_ENGINE", "none")
    assert_apart(data_of(make(), rankdir=rankdir))


def test_an_engine_places_the_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout._Layers, "layout", lambda self: pytest.fail("an engine is installed with the tests"))
    assert_apart(data_of(baydin()))


def assert_apart(data: dict[str, Any]) -> None:
    """No two boxes overlap, all lie within the picture, and every arrow has its curve and its text."""
    picture = data["picture"]
    places = [box["at"] for box in (*picture["cards"], *picture["circles"])]
    for index, (x, y, width, height) in enumerate(places):
        assert width / 2 <= x <= picture["size"][0] - width / 2
        assert height / 2 <= y <= picture["size"][1] - height / 2
        for u, v, other_width, other_height in places[:index]:
            assert abs(x - u) >= (width + other_width) / 2 or abs(y - v) >= (height + other_height) / 2
    for arrow in picture["arrows"]:
        assert re.fullmatch(r"M-?\d+,-?\d+(C( ?-?\d+,-?\d+)+)+", arrow["path"])
        assert arrow["label"]


def test_own_layout_keeps_the_edges_of_a_square_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_ENGINE", "none")
    x = Value(3.0, "x")
    first, second = data_of(x * x)["picture"]["arrows"]
    assert abs(first["label"][1] - second["label"][1]) >= 30
