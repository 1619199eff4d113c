"""Marks on folded neurons and layers, and the strip of layers: in a page as in a picture, wherever the sliders are."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from typing import Any

import pytest
from pages import shown

from autograd import graph
from autograd.show.marks import marks_of
from autograd.show.scene import scene_of
from autograd.show.view import view_of
from autograd.text.numbers import short
from autograd.value import Value
from nn import MLP
from nn.losses import squared_error

Browse = Callable[..., Any]

BOXES = """boxes => Object.fromEntries(boxes.map((box) =>
  [cardOf.get(box).name, [cardOf.get(box).mark ?? "", box.ariaLabel, box.matches(".marked")]]))"""
STRIP = """columns => columns.map((column) =>
  [column.querySelector(".name").textContent, column.children[1].textContent, column.querySelector("b").offsetHeight])"""


def marks(page: Any) -> dict[str, str]:
    found: dict[str, tuple[str, str, bool]] = page.eval_on_selector_all(".card.box", BOXES)
    assert all(is_marked == bool(mark) and mark in label for mark, label, is_marked in found.values())
    return {name: mark for name, (mark, _, _) in found.items() if mark}


def strip(page: Any) -> list[tuple[str, str, float]]:
    found: list[tuple[str, str, float]] = page.eval_on_selector_all("#layers .layer", STRIP)
    return found


def deep(activation: str, penalty: float = 0.0) -> Value:
    model = MLP(2, [3, 3, 3, 1], activation=activation, seed=5)
    outputs = [model([Value(x, f"x{i}"), Value(-2.0 * x, f"t{i}")]) for i, x in enumerate((1.0, -0.5))]
    loss: Value = squared_error(outputs, [0.5, -1.0])
    return loss + penalty * sum(p * p for p in model.parameters()) if penalty else loss


@pytest.mark.parametrize(
    ("activation", "fold", "penalty"),
    [("relu", "neuron", 0.0), ("tanh", "layer", 0.0), ("sigmoid", "neuron", 0.01), ("elu", "layer", 0.1)],
)
def test_a_page_marks_what_a_picture_marks_wherever_the_sliders_are(
    activation: str, fold: str, penalty: float, opened: Browse
) -> None:
    root, rng = deep(activation, penalty), random.Random(3)
    page = opened(root, fold=fold)
    leaves = [node for node in view_of(root).nodes if node.op is None]
    names, seen = [leaf.label for leaf in leaves], set[str]()
    for size in (0.0, 1e-3, 1.0, 3.0, 10.0, 30.0, 300.0, 1e200):
        numbers = [rng.uniform(-size, size) for _ in leaves]
        page.evaluate("moves => moves.forEach(([name, x]) => autograd.set(name, x))", list(zip(names, numbers, strict=True)))
        again = graph.replay(root, dict(zip(leaves, numbers, strict=True)))
        again.backward()
        view = view_of(again, fold=fold)
        heads = {layer.title: layer.head for layer in view.network.layers}
        expected = marks_of(view)
        seen.update(mark.split()[0] for mark in expected.values())
        assert marks(page) == expected, size
        assert [row[:2] for row in strip(page)] == [[heads[title], short(norm)] for title, norm in scene_of(view).layers]
    assert len(seen) > 1
    page.keyboard.press("Home")
    assert (marks(page), {norm for _, norm, _ in strip(page)}) == ({}, {""})


def test_the_strip_of_a_deep_network_of_sigmoids_reads_monotone(opened: Browse) -> None:
    model = MLP(2, [4, 4, 4, 4, 4, 1], activation="sigmoid", seed=5)
    y = model([Value(1.0, "x1"), Value(-2.0, "x2")])
    for look in ({}, {"width": 390, "height": 844}):
        page = opened(y, fold="layer", look=look)
        norms, heights = [float(norm) for _, norm, _ in strip(page)], [height for _, _, height in strip(page)]
        assert len(norms) == 6
        assert (norms, heights) == (sorted(norms), sorted(heights))
        assert heights[0] <= heights[-1] / 2
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    read = page.locator("#layers").get_attribute("aria-label")
    assert read.startswith("Norm of the gradient of each layer: hidden 1 (4, sigmoid) ")
    assert not opened(y).locator("#layers").is_visible()


def test_two_symmetric_examples_do_not_cancel(opened: Browse) -> None:
    model = MLP(1, [2, 1], activation="tanh", seed=1)
    root = squared_error([model([x]) for x in (-1.0, 1.0)], [0.0, 0.0])
    page = opened(root, fold="neuron")
    root.backward()
    bundles = [arrow for arrow in scene_of(view_of(root, fold="neuron")).arrows if len(arrow.edges) == 2]
    assert len(bundles) > 1
    for arrow in bundles:
        assert arrow.flow
        assert shown(page, arrow.id, "flow") == f"norm {short(abs(arrow.flow))}"


def test_the_size_of_a_gradient_is_the_root_mean_square(opened: Browse) -> None:
    root = deep("tanh")
    page = opened(root, fold="layer")
    root.backward()
    for name, family in view_of(root, fold="layer").families.items():
        size = page.evaluate("name => sizeOf([...cardOf.values()].find((card) => card.name === name).outputs)", name)
        assert size == pytest.approx(statistics.fmean([node.grad**2 for node in family.outputs]) ** 0.5)


def test_the_steps_and_the_strip_have_short_names_with_the_path_as_a_hint(opened: Browse) -> None:
    page = opened(deep("tanh"), fold="layer")
    said = page.evaluate("steps.map((step) => stated(step).words)")
    assert any(words.startswith("hidden 1 (3, tanh) computes: ") for words in said)
    assert any(words.startswith("Back through hidden 2 (3, tanh): ") for words in said)
    assert not any("layers[" in words for words in said)
    assert page.locator("#layers .layer").first.get_attribute("title") == "layers[0]"
