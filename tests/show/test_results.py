"""Several results in one picture and on one page, opening a picture, and what a picture's options refuse."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import graphviz
import pytest
from examples import lecture

import autograd
from autograd import draw, draw_dot, explain, graph, no_grad, ops, quiz, record, to_dot, to_html
from autograd.errors import GraphSizeError, OperandError, OptionError, RenderError
from autograd.value import Value, toposort


def pair() -> tuple[Value, Value]:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    return a * b, a + b


def cards(dot: str) -> list[str]:
    return re.findall(r"^  (n\d+) \[", dot, re.M)


# --------------------------------------------------------------------------------------------------------- several results


def test_several_results_share_what_they_share_in_one_picture() -> None:
    y, z = pair()
    for dot in (to_dot([y, z]), to_dot((y, z)), to_dot(y, z), draw([y, z]).source, draw(y, z).source, draw_dot([y, z]).source):
        assert dot == to_dot([y, z])
        assert len(cards(dot)) == 4
        assert dot.count('BGCOLOR="#E8F5E9"') == 2  # both are results
    assert to_dot([y]) == to_dot(y) == to_dot([y, y])


def test_tape_explanation_and_quiz_of_several_results_are_those_of_their_sum() -> None:
    y, z = pair()
    a = y.operands[0]
    total = ops.sum([y, z])
    assert [step.formula() for step in record([y, z])] == [step.formula() for step in record(total)]
    assert record([y, z]).adjoint(a) == explain((y, z), a).gradient == 3.0 + 1.0
    assert quiz([y, z]).text() == quiz(total).text()
    assert record([y, y]).nodes[-1] is y
    for shown in (record, quiz, lambda root: explain(root, a)):
        with pytest.raises(OperandError, match="or a list of such nodes"):
            shown([])
        with no_grad(), pytest.raises(OperandError, match="call it outside"):
            shown([y, z])


def test_a_result_inside_another_is_a_result_too() -> None:
    y, _ = pair()
    z = y.tanh()
    assert to_dot([y, z]).count('BGCOLOR="#E8F5E9"') == 2
    assert cards(to_dot([z, y])) == cards(to_dot(z))


def test_each_result_says_whether_a_backward_has_been_there() -> None:
    y, z = pair()
    y.backward()
    lines = draw([y, z]).text.splitlines()
    assert [line.split("   ")[-1].strip() for line in lines] == ["grad 3", "grad 2", "grad 1", "no grad yet"]


def test_what_a_closed_gate_shut_off_from_every_result_has_the_grad_0() -> None:
    x = Value(-2.0, "x")
    y, z = (x * 3.0).relu(), x * 2.0
    y.backward()
    assert "v1 = x·3   data −6   grad 0" in re.sub(" {3,}", "   ", draw([y, z]).text)
    assert "v3 = x·2   data −4   no grad yet" in re.sub(" {3,}", "   ", draw([y, z]).text)


@pytest.mark.parametrize("reached", [(), (0,), (1,), (0, 1)])
def test_expanded_results_share_what_they_share_and_keep_their_gradients(reached: tuple[int, ...]) -> None:
    x = Value(0.5, "x")
    results = (ops.sigmoid(x), ops.softplus(x))
    for place in reached:
        results[place].backward()
    copies, _ = graph.expand_all(results)
    (leaf,) = [node for node in toposort(*copies) if node.op is None]
    assert leaf.grad == pytest.approx(x.grad, rel=1e-12)
    assert [copy.reached for copy in copies] == [result.reached for result in results]
    assert to_dot(*results, expand=True).count("<B>x</B>") == 1


def test_a_folded_picture_takes_several_results() -> None:
    import nn

    model = nn.MLP(2, [3, 2], seed=1)
    dot = to_dot(model([1.0, -2.0]), fold="layer")
    assert len(re.findall(r"^  b\d+ \[", dot, re.M)) == 2


def test_a_page_of_several_results_is_that_of_their_sum() -> None:
    y, z = pair()
    page = to_html([y, z])
    assert page.html == to_html(ops.sum([y, z])).html
    assert to_html([y]).html == to_html(y).html
    with no_grad(), pytest.raises(OperandError, match="under no_grad"):
        to_html([y, z])


@pytest.mark.parametrize("results", [[], (), [Value(1.0), 3.0], "abc", None, 5, {1: 2}, [[Value(1.0)]]])
@pytest.mark.parametrize("function", [draw, to_dot, draw_dot, to_html])
def test_what_is_no_result_is_refused(function: Callable[..., Any], results: Any) -> None:
    with pytest.raises(OperandError, match="or a list of such nodes, not"):
        function(results)


# ------------------------------------------------------------------------------------------------------------------ viewing


def test_a_picture_opens_in_the_platforms_viewer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(graphviz, "view", shown.append)
    path = draw_dot(lecture()).view()
    assert shown == [path]
    assert Path(path).read_text(encoding="utf-8").count("<svg") == 1
    assert draw(lecture()).view("L", tmp_path) == shown[-1] == str(tmp_path / "L.svg")
    assert [file.name for file in tmp_path.iterdir()] == ["L.svg"]


def test_without_a_viewer_the_error_says_where_the_picture_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def view(path: str) -> None:
        raise FileNotFoundError("xdg-open")

    monkeypatch.setattr(graphviz, "view", view)
    with pytest.raises(RenderError, match=re.escape(f"the picture is {tmp_path / 'L.svg'}")):
        draw(lecture()).view("L", tmp_path)
    assert (tmp_path / "L.svg").exists()


# ---------------------------------------------------------------------------------------------------------- wrong arguments

WRONG = [None, "a", object(), 0.5, [1], b"x", 10**400, float("nan"), {"a": 1}, {1, 2}, lambda label: 3]


@pytest.mark.parametrize("function", [draw, to_dot, to_html])
@pytest.mark.parametrize("option", ["names", "max_nodes", "max_edges", "fold", "expand", "rankdir"])
def test_a_wrong_option_is_refused_in_our_own_words(function: Callable[..., Any], option: str) -> None:
    y = ops.sigmoid(lecture())
    for wrong in (*WRONG, "abc", -1):
        with suppress(OptionError, GraphSizeError):  # any other error fails; names=None, expand="a", max_nodes=10**400 are taken
            function(y, **{option: wrong})


@pytest.mark.parametrize("wrong", ["abc", 5, ["x"], {1: 2}])
def test_names_are_refused_in_one_place(wrong: Any) -> None:
    messages = set()
    for function in (draw, to_dot, to_html, autograd.to_text, autograd.record):
        with pytest.raises(OptionError, match="give a mapping from names to nodes") as caught:
            function(lecture(), names=wrong)
        messages.add(str(caught.value))
    assert len(messages) == 1


@pytest.mark.parametrize("wrong", [object, 5, "", "../x", "a b"])
def test_what_is_no_format_is_refused_at_once(wrong: Any) -> None:
    with pytest.raises(OptionError, match="give one of svg, png, pdf"):
        draw_dot(lecture(), format=wrong)


@pytest.mark.parametrize("options", [{"only": "sigmoid"}, {"only": 5}, {"only": [1]}, {"names": "abc"}, {"names": {"x": 3}}])
def test_expand_refuses_what_it_cannot_open(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="expand: "):
        graph.expand(ops.sigmoid(Value(1.0)), **options)
    with pytest.raises(OperandError, match="expand takes the node"):
        graph.expand(5)  # type: ignore[arg-type]


def test_too_many_edges_are_refused_with_every_way_out() -> None:
    xs = [Value(float(place)) for place in range(40)]
    y = ops.sum([ops.sum(xs) for _ in range(10)])
    assert to_dot(y, max_edges=410)
    ways_out = r"more than 409 edges.*fold=.*expand=False.*draw\(node\).*max_edges=\.\.\. raises"
    for function in (draw, to_dot, to_html):
        with pytest.raises(GraphSizeError, match=ways_out):
            function(y, max_edges=409)


def test_a_refused_picture_costs_little() -> None:
    y = ops.sum([Value(1.0) for _ in range(100_000)])
    tracemalloc.start()
    try:
        with pytest.raises(GraphSizeError):
            to_html(y)
        assert tracemalloc.get_traced_memory()[1] < 10e6
    finally:
        tracemalloc.stop()
