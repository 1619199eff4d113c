"""Tests of the columns of a folded network: which there are, and that every engine draws them in order."""

from __future__ import annotations

import re
import struct
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from engines import each_engine

from autograd import GraphSizeError, RenderError, Value, affine, draw, to_dot
from autograd.show import rendering
from autograd.show.columns import columns_of
from autograd.show.scene import scene_of
from autograd.show.view import view_of
from nn import MLP
from nn.losses import l2, squared_error

SVG = "{http://www.w3.org/2000/svg}"


def network(nin: int, nouts: list[int], activation: str = "tanh") -> tuple[list[Value], Any]:
    x = [Value(0.5 * i - 1.0, f"x{i}") for i in range(1, nin + 1)]
    return x, MLP(nin, nouts, activation=activation, seed=1)(x)


def places_of(svg: str) -> dict[str, tuple[float, float]]:
    """The middle of every card by its id."""
    found = {}
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        texts = [element for element in group.iter(f"{SVG}text") if group.get("class") == "node"]
        if texts:
            spots = [(float(text.get("x", 0)), float(text.get("y", 0))) for text in texts]
            found[group.get("id", "")] = (sum(x for x, _ in spots) / len(spots), sum(y for _, y in spots) / len(spots))
    return found


def test_a_column_is_a_layer_and_its_neurons_are_in_the_order_of_their_indices() -> None:
    x, y = network(3, [4, 4, 1])
    columns = columns_of(view_of(y, fold="neuron"))
    assert [column.head for column in columns] == ["inputs", "hidden 1 (4, tanh)", "hidden 2 (4, tanh)", "output (linear)"]
    assert columns[0].members == tuple(x)
    assert columns[1].members == tuple(f"layers[0].neurons[{j}]" for j in range(4))


def test_the_loss_with_its_penalty_is_one_box_in_the_last_column() -> None:
    x = [Value(1.0, "x")]
    model = MLP(1, [2, 1], seed=1)
    loss = squared_error([model(x)], [1.0]) + l2(model.parameters(), 0.1)
    loss.label = "E"
    view = view_of(loss, fold="neuron")
    assert [column.head for column in columns_of(view)] == ["inputs", "hidden 1 (2, relu)", "output (linear)", "loss"]
    assert [view.title(name) for name in view.families if "layers" not in name] == ["E"]
    assert set(view.nodes) - set(view.home) == set(x)


def test_one_operation_after_a_network_is_drawn_as_it_is() -> None:
    _, y = network(1, [2, 1])
    assert "loss" not in view_of(y * 2.0, fold="neuron").families


def test_layers_in_a_circle_have_no_columns() -> None:
    labels = [f"layers[{k}].neurons[0].w[0]" for k in range(2)]
    w = [Value(0.5, label) for label in labels]
    h: Any = Value(1.0, "x")
    for step in range(4):
        h = affine([w[step % 2]], [h], 0.0).tanh()
    assert columns_of(view_of(h, fold="neuron")) == []
    assert draw(h, fold="neuron").svg()


def test_two_towers_side_by_side_share_their_columns() -> None:
    w = [[Value(0.5, f"{tower}.layers[{k}].neurons[0].w[0]") for k in range(2)] for tower in ("left", "right")]
    outputs = []
    for first, second in w:
        outputs.append(affine([second], [affine([first], [Value(1.0, "x")], 0.0).tanh()], 0.0))
    columns = columns_of(view_of(outputs, fold="neuron"))
    assert [column.members for column in columns[1:]] == [
        ("left.layers[0].neurons[0]", "right.layers[0].neurons[0]"),
        ("left.layers[1].neurons[0]", "right.layers[1].neurons[0]"),
    ]


@each_engine
@pytest.mark.parametrize("rankdir", ["LR", "RL", "TB", "BT"])
@pytest.mark.parametrize("sizes", [[2, 1], [4, 4, 1]], ids=str)
def test_every_engine_draws_the_columns_in_order(engine: str, rankdir: str, sizes: list[int]) -> None:
    _, y = network(3, sizes)
    y.backward()
    places = places_of(draw(y, fold="neuron", rankdir=rankdir, engine=engine).svg())
    along = {"LR": lambda x, y: (x, y), "RL": lambda x, y: (-x, y), "TB": lambda x, y: (y, x), "BT": lambda x, y: (-y, x)}[rankdir]
    ends = []
    for rank in scene_of(view_of(y, fold="neuron")).ranks:
        spots = [along(*places[id]) for id in rank.cards]
        assert [across for _, across in spots] == sorted(across for _, across in spots)
        ends.append([spot[0] for spot in spots])
    assert all(max(before) < min(after) for before, after in pairwise(ends))


@each_engine
def test_a_network_of_33_neurons_fits_on_a_page(engine: str) -> None:
    _, y = network(2, [16, 16, 1])
    y.backward()
    width, height = struct.unpack(">II", draw(y, fold="neuron", engine=engine).png()[16:24])
    assert width <= 2000
    assert height <= 1600


def test_arrows_have_their_text_where_there_is_room_and_a_tooltip_where_there_is_none() -> None:
    few, many = [to_dot(network(3, sizes)[1], fold="neuron") for sizes in ([4, 1], [5, 1])]
    assert len(re.findall(r"\[id=e\w+, .*label=<", few)) == 16
    assert not re.findall(r"\[id=e\w+, .*label=<", many)
    assert len(re.findall(r'\[id=e\w+, .*tooltip="× [−-]?[\d.]+', many)) == 20
    assert "splines=line" in many
    assert "splines=line" not in few


def test_a_folded_picture_with_too_many_edges_says_what_to_do() -> None:
    _, y = network(2, [60, 60, 1])
    with pytest.raises(GraphSizeError, match=r"more than 3000 edges .*fold='layer'.*max_edges=\.\.\. raises"):
        to_dot(y, fold="neuron", max_edges=3000)
    assert to_dot(y, fold="layer", max_edges=3000)


def test_a_png_that_an_engine_clips_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    clipped = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 1956, 32_767)
    monkeypatch.setattr(rendering, "_engines", lambda engine: iter([("dot", lambda source, format: clipped)]))
    with pytest.raises(RenderError, match=r"1,956 × 32,767.*fold='layer'.*SVG"):
        draw(Value(1.0)).png()
    clipped = clipped[:20] + struct.pack(">I", 32_766)
    assert draw(Value(1.0)).png() == clipped


def test_a_crowd_has_two_lines_a_neuron_with_its_name_first() -> None:
    _, y = network(2, [16, 16, 1])
    y.backward()
    cards = {card.title: card for card in scene_of(view_of(y, fold="neuron")).cards}
    assert cards["y₁₇"].is_compact
    assert len(cards["y₁₇"].rows) == 2
    assert cards["y₁₇"].hint.startswith("layers[1].neurons[0]: 17 parameters")
    assert cards["x1"].is_compact
