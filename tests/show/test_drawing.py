"""The picture of a graph: its DOT text, what it says of every node and edge, folding, opening, and the engines that draw it."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import time
from base64 import b64decode
from html import escape, unescape
from importlib.metadata import distributions
from pathlib import Path
from xml.etree import ElementTree

import pytest
from engines import AVAILABLE, each_engine, needs_engine, runs
from oracles import as_numbers

from autograd import Value, affine, sigmoid, toposort
from autograd.errors import GraphSizeError, OptionError, RenderError
from autograd.show.dot_text import dot_of, framed
from autograd.show.drawing import draw, draw_dot, to_dot
from autograd.show.marks import marks_of
from autograd.show.rendering import Drawing, render
from autograd.show.scale import IDLE, THICK
from autograd.show.scene import MARKED, MIXED, Frame, Scene, arrow_of, scene_of
from autograd.show.view import Flow, view_of
from autograd.text.numbers import short
from nn import MLP
from nn.losses import squared_error

ROOT = Path(__file__).resolve().parents[2]


IS_PURE_INSTALLED = any(distribution.name == "graphviz-pure" for distribution in distributions())  # whether or not it is found


def lecture():
    """L = (a·b + c) · f, with its nodes by label."""
    a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    e = a * b
    e.label = "e"
    d = e + c
    d.label = "d"
    result = d * f
    result.label = "L"
    return result


def lines_of(source, kind):
    """The lines of the DOT text with ids of one kind (n, o, r, e, b), by id."""
    return {match[1]: line for line in source.splitlines() if (match := re.search(rf"\[id=({kind}\w+)", line))}


def cells(line):
    """The texts in an HTML-like label."""
    return [unescape(text) for text in re.findall(r"<(?:FONT[^>]*|B)>([^<]*)<", line)]


def number(line, attribute):
    return float(re.search(rf"{attribute}=([\d.]+)", line)[1])


def network(*, penalty=False):
    """MLP(2, [2, 1]) on one input, by hand; the second neuron's gate is closed."""
    x = [Value(1.0, "x0"), Value(2.0, "x1")]

    def neuron(layer, index, xs, ws):
        name = f"layers[{layer}].neurons[{index}]"
        w = [Value(weight, f"{name}.w[{i}]") for i, weight in enumerate(ws)]
        return affine(w, xs, Value(0.5, f"{name}.b")), w

    first, w = neuron(0, 0, x, [1.0, -0.25])
    second, _ = neuron(0, 1, x, [-1.0, -1.0])
    y, _ = neuron(1, 0, [first.relu(), second.relu()], [2.0, 3.0])
    return y + 0.5 * sum(p * p for p in w) if penalty else y


class TestDotText:
    def test_two_builds_of_one_expression_give_the_same_bytes(self):
        texts = []
        for _ in range(2):
            result = lecture()
            result.backward()
            texts.append(to_dot(result))
        assert texts[0] == texts[1]

    def test_the_text_does_not_depend_on_hashes(self):
        code = (
            "import sys; from test_drawing import network; from autograd.show.drawing import to_dot; "
            "y = network(penalty=True); y.backward(); "
            "sys.stdout.buffer.write(''.join([to_dot(y, fold=fold) for fold in (None, 'neuron', 'layer')]).encode())"
        )
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        outputs = {
            subprocess.run(
                [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, env={**environment, "PYTHONHASHSEED": seed}
            ).stdout
            for seed in ("0", "1", "4242")
        }
        assert len(outputs) == 1

    def test_drawing_changes_nothing_in_the_graph(self):
        result = lecture()
        result.backward()
        before = [(node.data, node.grad, node.label, node.reached) for node in toposort(result)]
        draw(result, expand=True, fold="layer", names={"other": result})
        assert [(node.data, node.grad, node.label, node.reached) for node in toposort(result)] == before

    def test_every_node_has_a_card_with_label_data_and_grad(self):
        result = lecture()
        result.backward()
        shown = [cells(line) for line in lines_of(to_dot(result), "n").values()]
        expected = [[node.label, "data", short(node.data), "grad", short(node.grad)] for node in toposort(result)]
        assert shown == expected

    def test_a_node_no_backward_has_reached_says_so(self):
        source = to_dot(lecture())
        assert source.count(">no grad yet<") == 7
        assert "= " not in " ".join(text for line in lines_of(source, "e").values() for text in cells(line))

    def test_after_zero_grad_the_leaves_say_so_again(self):
        x = Value(3.0, "x")
        y = x * x
        y.backward()
        x.zero_grad()
        cards = lines_of(to_dot(y), "n")
        assert "no grad yet" in cells(cards["n0"])
        assert "no grad yet" not in cells(cards["n1"])

    def test_the_circle_says_the_operation_with_its_constants(self):
        x = Value(3.0, "x")
        source = to_dot((2.0 - x**2).relu())
        assert [re.search(r'label="([^"]*)"', line)[1] for line in lines_of(source, "o").values()] == ["□²", "2 − □", "ReLU"]

    def test_every_edge_shows_the_local_derivative_and_the_contribution(self):
        x, y = Value(1.5, "x"), Value(-2.5, "y")
        result = (x * y + x.sin()) / y
        result.backward(3.0)
        edges = lines_of(to_dot(result), "e")
        for index, node in enumerate(toposort(result)):
            for slot, partial in enumerate(as_numbers(node.partials)):
                assert cells(edges[f"e{index}_{slot}"]) == [f"× {short(partial)}", f"= {short(node.grad * partial)}"]

    def test_a_square_draws_two_edges(self):
        x = Value(3.0, "x")
        source = to_dot(x * x)
        assert re.findall(r"(\w+) -> (\w+)", source) == [("o1", "n1"), ("n0", "o1"), ("n0", "o1")]
        assert set(lines_of(source, "e")) == {"e1_0", "e1_1"}

    def test_a_closed_gate_is_dashed_and_says_so(self):
        x = Value(-1.0, "x")
        y = x.relu() + x
        y.backward()
        edges = lines_of(to_dot(y), "e")
        assert "style=dashed" in edges["e1_0"]
        assert cells(edges["e1_0"]) == ["× 0", "closed"]
        assert not any("style=dashed" in line for id, line in edges.items() if id != "e1_0")

    def test_behind_a_closed_gate_the_grad_is_0_once_a_backward_has_been(self):
        x = Value(-1.0, "x")
        y = x.relu()
        assert cells(lines_of(to_dot(y), "n")["n0"]) == ["x", "data", "−1", "grad", "no grad yet"]
        y.backward()
        assert cells(lines_of(to_dot(y), "n")["n0"]) == ["x", "data", "−1", "grad", "0"]

    def test_a_backward_by_hand_is_shown_as_far_as_it_came(self):
        x = Value(2.0, "x")
        y = (x + 1.0) * 3.0
        y.grad = 1.0
        y._backward()
        shown = [cells(line)[-1] for line in lines_of(to_dot(y), "n").values()]
        assert shown == ["no grad yet", "3", "1"]

    def test_a_computed_zero_is_dashed_too_but_is_no_closed_gate(self):
        x = Value(0.0, "x")
        y = x * 0.0
        y.backward()
        (edge,) = lines_of(to_dot(y), "e").values()
        assert "style=dashed" in edge
        assert cells(edge) == ["× 0", "= 0"]

    def test_more_flow_is_never_thinner(self):
        weights = [0.0, 1e-12, 1e-3, 0.5, -1.0, 2.0, -50.0]
        xs = [Value(1.0, f"x{i}") for i in range(len(weights))]
        y = affine(weights, xs, 0.0)
        y.backward()
        widths = [number(line, "penwidth") for line in lines_of(to_dot(y), "e").values()]
        assert widths == sorted(widths)
        assert (widths[0], widths[-1]) == (IDLE, THICK)
        assert len(set(widths)) == 7

    def test_the_colour_is_the_sign_of_the_flow(self):
        xs = [Value(1.0, f"x{i}") for i in range(4)]
        y = affine([2.0, 7.0, -3.0, 0.0], xs, 0.0)
        y.backward()
        colours = [re.search(r'color="(#\w+)"', line)[1] for line in lines_of(to_dot(y), "e").values()]
        assert colours[0] == colours[1]
        assert len(set(colours)) == 3

    def test_numbers_that_are_not_finite_are_shown_and_break_nothing(self):
        x = Value(1.0, "x")
        y = (x * math.inf) * 0.0 + x
        y.backward()
        edges = lines_of(to_dot(y), "e")
        assert cells(edges["e1_0"]) == ["× inf", "= nan"]
        assert number(edges["e1_0"], "penwidth") == THICK

    @pytest.mark.parametrize(
        ("x", "text"),
        [
            (2.0, "2"), (-0.0, "−0"), (0.0, "0"), (1 / 3, "0.3333"), (1e-9, "1e−9"), (-1.23456e-7, "−1.235e−7"), (12345.0, "12345"),
            (123456.7, "1.235e5"), (1e300, "1e300"), (math.nan, "nan"), (-math.inf, "−inf"), (5e-324, "4.941e−324"), (0.99999, "1"),
        ],
    )  # fmt: skip
    def test_numbers_are_short(self, x, text):
        assert short(x) == text

    def test_names_label_what_has_no_label(self):
        a, b = Value(1.0, "a"), Value(2.0)
        c = a * b
        cards = lines_of(to_dot(c, names={"_": c, "other": a, "b": b, "c": c, "also_c": c, "n": 3}), "n")
        assert [cells(line)[0] for line in cards.values()] == ["a", "b", "c"]

    @pytest.mark.parametrize("rankdir", ["LR", "RL", "TB", "BT"])
    def test_the_direction_is_chosen_by_rankdir(self, rankdir):
        assert f"rankdir={rankdir}" in to_dot(lecture(), rankdir=rankdir)

    def test_an_unknown_direction_names_the_known_ones(self):
        with pytest.raises(ValueError, match="LR, RL, TB, BT"):
            to_dot(lecture(), rankdir="left")

    def test_the_legend_explains_what_occurs_and_can_be_left_out(self):
        result = lecture()
        legend = "local derivative"
        assert legend in to_dot(result)
        assert "contribution" not in to_dot(result)
        result.backward()
        assert "contribution" in to_dot(result)
        assert "dashed" not in to_dot(result)
        assert legend not in to_dot(result, legend=False)

    def test_a_leaf_alone_is_a_picture(self):
        assert cells(lines_of(to_dot(Value(1.0, "x")), "n")["n0"]) == ["x", "data", "1", "grad", "no grad yet"]


LABELS = ['say "x"', "<b>bold</b>", "a & b &lt;", "back\\slash\\N\\", "two\nlines\tand\x00more", "größe 損失 ∂L/∂x", "]>;}{|", "'"]


class TestEscaping:
    @pytest.mark.parametrize("label", LABELS)
    def test_a_label_stands_on_one_line_of_the_text(self, label):
        plain = to_dot(Value(1.0, "x") * 2.0)
        assert len(to_dot(Value(1.0, label) * 2.0).splitlines()) == len(plain.splitlines())

    @each_engine
    @pytest.mark.parametrize("label", LABELS)
    def test_a_label_is_drawn_as_it_is(self, label, engine):
        tree = ElementTree.fromstring(draw(Value(1.0, label), engine=engine).svg())
        expected = "".join(c for c in " ".join(label.split()) if c.isprintable())
        assert expected in [element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")]
        titles = [element.get("{http://www.w3.org/1999/xlink}title") for element in tree.iter("{http://www.w3.org/2000/svg}a")]
        assert titles == [f"{expected}: data = 1.0, no grad yet"]

    def test_a_long_label_is_shortened_on_the_card_and_whole_in_the_hint(self):
        label = "x" * 30 + "y" * 30
        line = lines_of(to_dot(Value(1.0, label)), "n")["n0"]
        assert len(cells(line)[0]) == 40
        assert f'tooltip="{label}: data' in line


class TestSize:
    def test_a_graph_that_is_too_large_is_refused_with_the_ways_out(self):
        y = Value(1.0)
        for _ in range(10):
            y = y + 1.0
        assert to_dot(y, max_nodes=11)
        with pytest.raises(GraphSizeError, match=r"more than 10 nodes.*fold=.*max_nodes="):
            to_dot(y, max_nodes=10)

    @pytest.mark.thorough
    def test_a_million_nodes_are_refused_at_once(self):
        limit = sys.getrecursionlimit()
        y = Value(1.0)
        for _ in range(1_000_000):
            y = y + 1.0
        started = time.perf_counter()
        for options in ({}, {"expand": True}):
            with pytest.raises(GraphSizeError):
                draw(y, **options)
        assert time.perf_counter() - started < 0.5
        with pytest.raises(GraphSizeError):
            to_dot(y, fold="layer")
        assert sys.getrecursionlimit() == limit

    def test_few_nodes_with_very_many_edges_are_refused_too(self):
        x = Value(1.0)
        with pytest.raises(GraphSizeError, match="edges"):
            to_dot(affine([x] * 5000, [x] * 5000, 0.0))

    def test_folding_brings_a_large_network_under_the_limit(self):
        assert to_dot(network(), fold="layer", max_nodes=4)
        with pytest.raises(GraphSizeError):
            to_dot(network(), fold="layer", max_nodes=3)

    def test_what_expand_adds_counts(self):
        y = sigmoid(Value(0.5))
        assert to_dot(y, max_nodes=2)
        with pytest.raises(GraphSizeError):
            to_dot(y, max_nodes=2, expand=True)


class TestFolding:
    def test_a_box_for_every_neuron_says_value_adjoint_and_parameters(self):
        y = network()
        y.backward()
        source = to_dot(y, fold="neuron")
        boxes = {cells(line)[0]: cells(line)[1:] for line in lines_of(source, "b").values()}
        norm = math.hypot(2.0, 4.0, 2.0)  # ∂y/∂w = 2·x, ∂y/∂b = 2
        assert boxes["y₁"] == ["data", "1", "grad", "2", "3 parameters", f"|grad| {short(norm)}"]
        assert boxes["y₂"] == ["dead: 1 of 1 gates closed", "data", "0", "grad", "3", "3 parameters", "|grad| 0"]
        assert boxes["out"] == [
            "data",
            "2.5",
            "grad",
            "1",
            "3 parameters",
            f"|grad| {short(math.hypot(1.0, 0.0, 1.0))}",
        ]
        assert all(f'tooltip="{path}: 3 parameters' in source for path in ("layers[0].neurons[0]", "layers[1].neurons[0]"))
        assert [cells(line)[0] for line in lines_of(source, "n").values()] == ["x0", "x1"]
        assert not lines_of(source, "o")

    def test_a_box_for_every_layer_lists_its_outputs(self):
        y = network()
        y.backward()
        boxes = [cells(line) for line in lines_of(to_dot(y, fold="layer"), "b").values()]
        assert ["hidden 1 (2, relu)", "data 1", "grad 2", "data 0", "grad 3", "6 parameters"] in [box[:-1] for box in boxes]

    def test_the_flow_between_boxes_is_the_norm_over_their_edges(self):
        y = network()
        y.backward()
        edges = {
            (match[1], match[2]): cells(line)
            for line in to_dot(y, fold="layer").splitlines()
            if (match := re.match(r"  (\w+) -> (\w+) \[id=e", line))
        }
        hidden = {operand for operand in y.operands if operand.op}
        size = math.hypot(*[contribution for operand, _, contribution, _ in y.edges if operand in hidden])
        assert edges[("b1", "b0")] == [
            "2 edges",
            f"norm {short(size)}",
        ]  # numbered in topological order: the last layer's weights come first
        inputs = [  # the second neuron's gate is closed, so that nothing comes from it
            f"norm {short(abs(contribution))}"
            for node in toposort(y)
            for operand, _, contribution, _ in node.edges
            if operand.label in ("x0", "x1") and contribution
        ]
        assert sorted(texts[1] for ends, texts in edges.items() if ends[1] == "b1") == sorted(inputs)

    def test_a_deep_network_of_sigmoids_reads_monotone_as_its_gradients_are(self):
        model = MLP(2, [4, 4, 4, 4, 4, 1], activation="sigmoid", seed=5)
        y = model([1.0, -2.0])
        y.backward()
        view = view_of(y, fold="layer")
        arrows = scene_of(view).arrows
        name_of = {f"b{index}": name for index, name in enumerate(view.families)}
        flows = [abs(arrow.flow) for arrow in sorted(arrows, key=lambda arrow: name_of[arrow.head])]
        norms = [math.hypot(*[p.grad for p in layer.parameters()]) for layer in model.layers]
        assert norms == sorted(norms)
        assert len(flows) == 5
        assert flows == sorted(flows)

    @each_engine
    @pytest.mark.parametrize("fold", ["neuron", "layer"])
    def test_a_strip_above_a_network_has_the_norm_of_every_layers_gradient(self, fold, engine):
        model = MLP(2, [2, 2, 2, 1], activation="sigmoid", seed=5)
        for parameter in model.layers[3].parameters():
            parameter.data *= 0.5
        y = model([1.0, -2.0])
        assert scene_of(view_of(y, fold=fold)).layers == []
        assert "strip" not in to_dot(y, fold=fold)
        y.backward()
        titles = ["hidden 1", "hidden 2", "hidden 3", "output"]
        norms = {
            title: math.hypot(*[p.grad for p in layer.parameters()]) for title, layer in zip(titles, model.layers, strict=True)
        }
        assert [name for name, _ in scene_of(view_of(y, fold=fold)).layers] == list(norms)
        assert dict(scene_of(view_of(y, fold=fold)).layers) == pytest.approx(norms)
        source = to_dot(y, fold=fold)
        strip = source.partition("cluster_strip")[2] if fold == "layer" else "".join(lines_of(source, "h").values())
        heights = [int(height) for height in re.findall(r'HEIGHT="(\d+)" WIDTH', strip)]
        assert len(heights) == 4
        assert heights == sorted(set(heights))  # each is higher than the one before: they are logarithms, and none is lost
        texts = [element.text for element in ElementTree.fromstring(draw(y, fold=fold, engine=engine).svg()).iter() if element.text]
        assert {short(norm) for norm in norms.values()} <= set(" ".join(texts).split())
        assert len([text for text in texts if text.startswith("‖grad‖")]) == (1 if fold == "layer" else 4)
        assert "strip" not in to_dot(y)

    def test_a_layer_without_gradient_has_no_bar(self):
        scene = Scene([], [], [], [("first", 0.0), ("second", 2.0)])
        strip = dot_of(scene, "LR", legend=True)
        assert re.findall(r'HEIGHT="(\d+)" WIDTH', strip) == ["40"]

    def test_two_symmetric_examples_do_not_cancel_and_have_no_sign(self):
        model = MLP(1, [2, 1], activation="tanh", seed=1)
        loss = squared_error([model([x]) for x in (-1.0, 1.0)], [0.0, 0.0])
        loss.backward()
        view = view_of(loss, fold="neuron")
        grads = {name: math.hypot(*[node.grad for node in family.outputs]) for name, family in view.families.items()}
        names = ["layers[0].neurons[0]", "layers[0].neurons[1]", "layers[1].neurons[0]"]
        source = to_dot(loss, fold="neuron")
        bundles = [line for line in lines_of(source, "e_b").values() if "2 edges" in line]
        assert sorted(cells(line)[1] for line in bundles) == sorted(f"norm {short(grads[name])}" for name in names)
        assert all(f'color="{MIXED}"' in line for line in bundles)
        assert ("norm of" in source, "of both signs" in source) == (True, True)

    @pytest.mark.parametrize(
        ("contributions", "flow", "is_mixed"),
        [
            ([3.0, 4.0], 5.0, False), ([-3.0, -4.0], -5.0, False), ([3.0, -4.0], 5.0, True), ([0.0, -4.0], -4.0, False),
            ([None, None], None, False), ([0.0, -0.0], 0.0, False), ([-1.0, math.inf], math.inf, False),
        ],
    )  # fmt: skip
    def test_a_bundle_has_the_norm_and_the_sign_that_all_share(self, contributions, flow, is_mixed):
        arrow = arrow_of("e", "b0", "b1", [((2, slot), Flow(1.0, x, True)) for slot, x in enumerate(contributions)])
        assert (arrow.flow, arrow.is_mixed) == (flow, is_mixed)
        assert arrow.below == ("" if flow is None else f"norm {short(abs(flow))}")

    @pytest.mark.parametrize("fold", ["neuron", "layer"])
    @pytest.mark.parametrize(
        ("activation", "bias", "mark"),
        [
            ("relu", -50.0, "dead: {0} of {0} gates closed"),
            ("sigmoid", -50.0, "saturated: {0} of {0} slopes flat"),
            ("tanh", 50.0, "saturated: {0} of {0} slopes flat"),
            ("tanh", 0.0, ""),
        ],
    )
    def test_a_box_says_what_keeps_it_from_learning(self, fold, activation, bias, mark):
        model = MLP(2, [2, 1], activation=activation, seed=1)
        loss = squared_error([model([x, -x]) for x in (-1.0, 0.5, 1.0)], [0.0, 0.0, 0.0])
        assert marks_of(view_of(loss, fold=fold)) == {}
        for neuron in model.layers[0].neurons:
            neuron.b.data = bias
        loss = squared_error([model([x, -x]) for x in (-1.0, 0.5, 1.0)], [0.0, 0.0, 0.0])
        names = ["layers[0]"] if fold == "layer" else ["layers[0].neurons[0]", "layers[0].neurons[1]"]
        titles = [f"hidden 1 (2, {activation})"] if fold == "layer" else ["y₁", "y₂"]
        expected = {name: mark.format(6 // len(names)) for name in names if mark}
        assert marks_of(view_of(loss, fold=fold)) == expected
        loss.backward()
        boxes = {cells(line)[0]: line for line in lines_of(to_dot(loss, fold=fold), "b").values()}
        marked = dict(zip(titles, expected.values(), strict=bool(mark)))
        assert {title for title, line in boxes.items() if cells(line)[1] == marked.get(title)} == set(marked)
        assert {title for title, line in boxes.items() if f'COLOR="{MARKED}" BGCOLOR' in line} == set(marked)
        assert draw(loss, fold=fold).text.count(mark.format(6 // len(names))) >= len(expected)

    @pytest.mark.parametrize(("weight", "mark"), [(1e4, "exploding gradient"), (1e-4, "vanishing gradient"), (1.0, None)])
    def test_a_box_says_that_the_gradient_explodes_or_vanishes_before_it(self, weight, mark):
        model = MLP(1, [1, 1, 1], activation="identity", seed=1)
        for layer in model.layers:
            for neuron in layer.neurons:
                neuron.w[0].data = weight
        y = model([1.0])
        assert marks_of(view_of(y, fold="neuron")) == {}
        y.backward()
        marks = marks_of(view_of(y, fold="neuron"))
        assert marks == ({f"layers[{i}].neurons[0]": mark for i in range(2)} if mark else {})

    def test_before_backward_a_box_says_that_there_is_no_grad_yet(self):
        boxes = lines_of(to_dot(network(), fold="neuron"), "b").values()
        assert all(cells(line).count("no grad yet") == 2 for line in boxes)

    def test_many_outputs_are_summed_up(self):
        w, b = Value(2.0, "layers[0].neurons[0].w[0]"), Value(0.0, "layers[0].neurons[0].b")
        loss = Value(0.0)
        for index in range(12):
            loss = loss + affine([w], [Value(float(index))], b) * 2.0
        loss.backward()
        box, _ = lines_of(to_dot(loss, fold="layer"), "b").values()
        assert cells(box)[1:5] == ["12 outputs", "0 to 22", "grad", "2 to 2"]

    def test_a_penalty_has_a_box_of_its_own(self):
        y = network(penalty=True)
        y.backward()
        boxes = [cells(line) for line in lines_of(to_dot(y, fold="layer"), "b").values()]
        assert ["penalty", "data", short(0.5 * (1.0 + 0.0625)), "grad", "1"] in boxes

    def test_an_unknown_fold_names_the_known_ones(self):
        with pytest.raises(ValueError, match="'neuron', 'layer'"):
            to_dot(network(), fold="module")


class TestExpand:
    def test_a_composite_node_is_opened(self):
        x = Value(0.5, "x")
        y = sigmoid(x)
        y.backward()
        circles = [re.search(r' label="([^"]*)"', line)[1] for line in lines_of(to_dot(y, expand=True), "o").values()]
        assert circles == ["−□", "exp", "1 + □", "1/□"]
        assert cells(lines_of(to_dot(y, expand=True), "n")["n0"]) == ["x", "data", "0.5", "grad", short(x.grad)]

    def test_operations_to_open_are_named(self):
        x = Value(0.5, "x")
        y = sigmoid(x).relu()
        for only in ("relu", ["relu"], {"relu"}):
            circles = [re.search(r' label="([^"]*)"', line)[1] for line in lines_of(to_dot(y, expand=only), "o").values()]
            assert circles[0] == sigmoid.symbol
            assert circles[1] != "ReLU"

    def test_names_reach_what_was_opened(self):
        x = Value(0.5)
        y = sigmoid(x)
        cards = lines_of(to_dot(y, expand=True, names={"x": x, "y": y}), "n")
        assert (cells(cards["n0"])[0], cells(cards["n4"])[0]) == ("x", "y")


class TestDrawing:
    def test_source_is_what_to_dot_gives(self):
        result = lecture()
        assert draw(result).source == str(draw(result)) == to_dot(result)

    def test_text_is_the_graph_as_a_table(self):
        result = lecture()
        result.backward()
        assert draw(result).text.splitlines()[-1].split() == ["L", "=", "d·f", "data", "−8", "grad", "1"]

    def test_the_table_of_a_folded_graph_has_a_line_for_each_box(self):
        lines = draw(network(), fold="layer").text.splitlines()
        assert [line.split()[0] for line in lines] == ["x0", "x1", "layers[1]:", "layers[0]:"]

    @pytest.mark.parametrize("suffix", [".dot", ".gv"])
    def test_dot_text_is_saved_without_an_engine(self, tmp_path, suffix):
        path = draw(lecture(), engine="none").save(tmp_path / "deep" / f"L{suffix}")
        assert path.read_text(encoding="utf-8") == to_dot(lecture())

    @pytest.mark.parametrize("name", ["L.bmp", "L", "L.svgz"])
    def test_another_suffix_names_the_known_ones(self, tmp_path, name):
        with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf, \.tikz, \.tex, \.dot, \.gv"):
            draw(lecture()).save(tmp_path / name)

    @each_engine
    def test_svg_is_saved_with_every_id_of_the_text(self, tmp_path, engine):
        result = lecture()
        result.backward()
        drawing = draw(result, engine=engine)
        path = drawing.save(str(tmp_path / "L.SVG"))
        ids = {element.get("id") for element in ElementTree.parse(path).iter()}
        assert set(re.findall(r"\[id=(\w+)", drawing.source)) <= ids
        assert drawing.svg().startswith("<svg")
        assert "Courier" not in drawing.svg()

    @each_engine
    def test_png_is_saved(self, tmp_path, engine):
        path = draw(lecture(), engine=engine).save(tmp_path / "L.png")
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.read_bytes() == draw(lecture(), engine=engine).png()

    @pytest.mark.skipif(not runs(None, "pdf"), reason="PDF needs Graphviz itself")
    def test_pdf_is_saved(self, tmp_path):
        assert draw(lecture()).save(tmp_path / "L.pdf").read_bytes().startswith(b"%PDF")

    @pytest.mark.skipif("graphviz-pure" not in AVAILABLE, reason="pip install graphviz-pure")
    def test_a_format_that_an_engine_does_not_write_is_refused_with_those_that_it_writes(self):
        with pytest.raises(RenderError, match=r"SVG, PNG and PDF, not eps.*Graphviz itself"):
            draw(lecture(), engine="graphviz-pure").pipe("eps")

    def test_an_engine_without_pdf_puts_its_png_on_a_page_of_the_same_size(self):
        drawing = draw(lecture(), engine="graphviz-pure")
        (width, height) = re.search(rb"MediaBox \[0 0 (\S+) (\S+)\]", drawing.pipe("pdf")).groups()
        points = re.search(r'width="(\d+)pt" height="(\d+)pt"', drawing.svg()).groups()
        assert [float(width), float(height)] == pytest.approx([float(x) for x in points], abs=2)

    @needs_engine
    def test_render_writes_what_graphviz_writes(self, tmp_path):
        drawing = draw_dot(lecture(), "png", "TB")
        assert drawing.format == "png"
        assert "rankdir=TB" in drawing.source
        path = drawing.render("gout", directory=tmp_path)
        assert path == str(tmp_path / "gout.png")
        assert (tmp_path / "gout").read_text(encoding="utf-8") == drawing.source
        assert drawing.render(tmp_path / "clean", cleanup=True, format="svg") == str(tmp_path / "clean.svg")
        assert not (tmp_path / "clean").exists()

    @needs_engine
    def test_a_notebook_gets_an_image_svg_and_a_table(self):
        drawing = draw(lecture())
        bundle = drawing._repr_mimebundle_(include=None, exclude=None)
        assert set(bundle) == {"text/html", "image/svg+xml", "text/plain"}
        assert bundle["image/svg+xml"].startswith("<svg")
        assert bundle["text/html"] == drawing.image()
        assert f'alt="{escape(drawing.text)}"' in bundle["text/html"]
        held = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', bundle["text/html"])
        assert b64decode(held[1]).decode() == bundle["image/svg+xml"]
        assert bundle["text/plain"].splitlines()[-1].startswith("L = d·f")
        assert not hasattr(Drawing, "_repr_html_")

    @each_engine
    def test_every_direction_fold_and_expansion_can_be_laid_out(self, engine):
        y = network(penalty=True)
        y.backward()
        for options in ({}, {"fold": "neuron"}, {"fold": "layer", "rankdir": "TB"}, {"expand": True, "rankdir": "RL"}):
            assert draw(y, engine=engine, **options).svg().startswith("<svg")

    @each_engine
    def test_no_two_texts_of_the_lecture_picture_overlap(self, engine):
        result = lecture()
        result.backward()
        tree = ElementTree.fromstring(draw(result, engine=engine).svg())
        boxes = []
        for text in tree.iter("{http://www.w3.org/2000/svg}text"):
            x, y, size = float(text.get("x")), float(text.get("y")), float(text.get("font-size"))
            width = 0.6 * size * len(text.text)
            left = x - width / 2 if text.get("text-anchor") == "middle" else x
            boxes.append((left, left + width, y - 0.7 * size, y))
        clashes = [
            (a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]
        ]
        assert len(boxes) > 40
        assert not clashes


class TestEngines:
    def test_without_an_engine_saving_says_what_to_install(self, tmp_path, monkeypatch):
        monkeypatch.setenv("AUTOGRAD_ENGINE", "none")
        with pytest.raises(RenderError, match=re.escape("pip install 'scalar-autograd[render]'")):
            draw(lecture()).save(tmp_path / "L.svg")
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize(("engine", "cure"), [("none", "pip install"), ("no-such-engine", "graphviz-pure")])
    def test_without_an_engine_a_notebook_gets_text_and_a_hint(self, monkeypatch, engine, cure):
        monkeypatch.setenv("AUTOGRAD_ENGINE", engine)
        bundle = draw(lecture())._repr_mimebundle_()
        assert set(bundle) == {"text/plain"}
        drawing = draw(lecture())
        assert bundle["text/plain"].startswith(f"{drawing.text}\n\nNo picture here: ")
        assert cure in bundle["text/plain"]

    def test_an_unknown_engine_names_the_known_ones(self):
        with pytest.raises(RenderError, match="dot, graphviz-pure, pygraphviz"):
            draw(lecture(), engine="neato").svg()

    @pytest.mark.skipif(not IS_PURE_INSTALLED, reason="pip install graphviz-pure")
    def test_the_pip_installed_engine_is_found_without_a_path(self, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))
        assert draw(lecture()).svg().startswith("<svg")

    @pytest.mark.skipif(os.name == "nt", reason="a shell script")
    @pytest.mark.parametrize(
        "script",
        ["exit 1", 'test "$1" = -V || { echo broken >&2; exit 3; }', 'test "$1" = -V', 'test "$1" = -V && exit 1; echo "<svg"'],
    )
    def test_a_dot_that_does_not_work_is_passed_over(self, monkeypatch, tmp_path, script):
        broken = tmp_path / "dot"
        broken.write_text(f"#!/bin/sh\n{script}\n")
        broken.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.defpath}")
        with pytest.raises(RenderError):
            render("digraph { a }", "svg", "dot")
        if "graphviz-pure" in AVAILABLE:
            assert b"<svg" in render("digraph { a }", "svg")

    @each_engine
    def test_what_an_engine_says_is_passed_on(self, engine):
        with pytest.raises(RenderError, match=f"{engine}: "):
            render("digraph {", "svg", engine)

    def test_importing_drawing_imports_no_engine(self):
        code = (
            "import sys; before = set(sys.modules); import autograd.show.drawing; "
            "print(*({'graphviz', 'subprocess', 'pygraphviz'} & (set(sys.modules) - before)))"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
        assert done.stdout.strip() == ""


def test_scenes_in_frames_keep_their_lines_and_get_a_mark_before_every_id():
    x = Value(2.0, "x")
    y = x * x
    y.backward()
    scene = scene_of(view_of(y))
    alone = dot_of(scene, "TB", legend=True)
    both = framed([Frame(name, f"the {name}", "#123456", scene.marked(name[0])) for name in ("wrong", "right")], "TB")
    assert "rankdir=TB" in both
    assert both.count("on an edge:") == alone.count("on an edge:") == 1
    inside = [line for line in alone.splitlines() if "[id=" in line]
    for name in ("wrong", "right"):
        ids = re.compile(r"\b([nore]\d+(_\d+)?)(?= \[id=| -> |,)")
        assert [ids.sub(rf"{name[0]}\1", line) for line in inside] == re.findall(rf"^  {name[0]}.*\[id=.*", both, re.MULTILINE)
        assert f'subgraph cluster_{name} {{\n  graph [label="the {name}"' in both
    with pytest.raises(OptionError, match="rankdir"):
        framed([], "sideways")
