"""The page: strange graphs, refusals, its size, and what Python gets of it."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from examples import baydin, lecture
from pages import chain, data_of, network, numbers, shown

from autograd import ops
from autograd.errors import GraphSizeError, StaleGraphError
from autograd.ops import TABLE, op
from autograd.page import to_html
from autograd.value import Value, toposort

Browse = Callable[..., Any]


# ------------------------------------------------------------------------------------------------ refusals and strange graphs


def test_where_an_operation_refuses_the_page_says_why_and_recovers(opened: Browse) -> None:
    page = opened(baydin())
    page.evaluate("autograd.set('x1', -1)")
    assert page.evaluate("autograd.message('v1')") == "log(-1.0): -1.0 is outside (0, inf); keep the operand inside"
    assert "log(-1.0): -1.0 is outside (0, inf)" in page.locator("#words").text_content()
    assert page.locator("#picture .message", has_text="log(-1.0)").count() == 1
    assert "refused" in page.locator("#n1").get_attribute("class")
    assert [shown(page, id, "data") for id in ("n1", "n3", "n6")] == ["—", "−5", "—"]
    assert shown(page, "n0", "grad") == "—"
    assert page.evaluate("autograd.grad('x1')") is None
    page.evaluate("autograd.set('x1', 2)")
    assert shown(page, "n0", "grad") == "5.5"
    assert page.evaluate("autograd.message('v1')") == ""


def test_parameters_that_were_recorded_stay_and_the_page_says_so(opened: Browse) -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    page = opened(ops.where(a < b, a, b) * 2.0)
    assert "where" in page.locator("#remark").text_content()
    page.evaluate("autograd.set('a', 5)")
    assert page.evaluate("autograd.data('v2')") == 10


def test_a_row_that_cannot_be_translated_rests_its_sliders(opened: Browse) -> None:
    table = dict(TABLE)
    try:

        @op(partials=(lambda a, y: float(str(1.0)),), name="told")
        def told(a: float) -> float:
            "The operand, by way of its digits."
            return float(str(a))

        page = opened(told(Value(2.0, "a")) * 3.0)
    finally:
        TABLE.clear()
        TABLE.update(table)
    assert "told" in page.locator("#remark").text_content()
    assert page.get_by_label("a", exact=True).is_disabled()
    assert (shown(page, "n2", "data"), shown(page, "n0", "grad")) == ("6", "3")


def test_labels_are_text_whatever_they_hold(opened: Browse) -> None:
    strange = ['</script><b id="x">', 'a & "b" <c>\'', "<!--", "{{}} ${x}", "ß∂/∂ü"]
    leaves = [Value(float(place + 1), label) for place, label in enumerate(strange)]
    root = ops.sum(leaves) * 2.0
    page = opened(root, title="<i>&amp;</i>")
    assert page.title() == "<i>&amp;</i>"
    assert page.locator("b#x").count() == 0
    for place, label in enumerate(strange):
        assert page.locator(f"#n{place} .title").text_content() == label
    page.evaluate("steps.forEach((_, k) => autograd.goto(k)); byId('tape').open = true; drawTape()")
    for place in range(5):
        page.evaluate("i => pin(nodes[i])", place)
    assert page.locator("b#x").count() == 0


def test_a_leaf_alone_has_a_page(opened: Browse) -> None:
    page = opened(Value(2.0, "a"))
    assert (shown(page, "n0", "data"), shown(page, "n0", "grad")) == ("2", "1")
    page.evaluate("autograd.goto(0); autograd.step(); autograd.set('a', 4)")
    assert shown(page, "n0", "data") == "4"
    assert page.locator("h1").text_content() == "a"


def test_numbers_that_are_not_finite_are_shown(opened: Browse) -> None:
    x = Value(1e200, "x")
    page = opened(x * x - x * x)
    assert shown(page, "n3", "data") == "nan"
    assert numbers(page, "data")[1] == math.inf


def test_constants_are_arguments_and_have_no_slider(opened: Browse) -> None:
    root = (3.0 - Value(2.0, "x")) ** 2.0
    page = opened(root)
    page.evaluate("autograd.set('x', 7)")
    assert page.evaluate("autograd.data(2)") == 16
    assert page.locator(".slider").count() == 1


# ------------------------------------------------------------------------------------------------------------ size and limits


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert to_html(network([3, 1])).html == to_html(network([3, 1])).html


def doubled() -> Value:
    """Every node is used twice, so that there are twice as many edges as nodes."""
    x = Value(1.0, "x")
    for _ in range(59):
        x = x + x
    return x


def with_long_labels() -> Value:
    """A name of forty letters on every node."""
    inputs = [Value(0.1 * place, f"the_encoder.blocks[3].attention.weight[{place}]") for place in range(20)]
    y = inputs[0]
    for place, x in enumerate(inputs[1:]):
        y = y * x
        y.label = f"the_encoder.blocks[3].attention.product[{place}]"
        y = y.tanh()
        y.label = f"the_encoder.blocks[3].attention.activation[{place}]"
    return y


@pytest.mark.parametrize(
    "make", [lambda: chain(60), lambda: network([8, 1]), doubled, with_long_labels], ids=["chain", "network", "doubled", "labels"]
)
def test_a_page_of_sixty_nodes_is_small(make: Callable[[], Value]) -> None:
    assert 50 <= len(toposort(make())) <= 60
    whole, empty = [len(gzip.compress(to_html(root).html.encode())) for root in (make(), Value(1.0, "x"))]
    assert whole < 60_000
    assert whole - empty < 15_000  # what the graph adds to a page of one node


CHANGES = """() => {
  const watcher = new MutationObserver(() => {});
  watcher.observe(document.body, { subtree: true, childList: true, characterData: true });
  return (action) => { watcher.takeRecords(); action(); return watcher.takeRecords().length; }; }"""


def test_a_step_of_a_large_graph_rewrites_only_what_it_changes(opened: Browse) -> None:
    page = opened(chain(500))
    page.evaluate(f"void (window.changes = ({CHANGES})())")
    page.evaluate("autograd.goto(autograd.state.turn + 50)")
    assert 0 < page.evaluate("changes(autograd.step)") < 30
    assert page.evaluate("changes(() => autograd.set('x7', autograd.data('x7')))") < 30
    assert page.evaluate("changes(() => autograd.set('x7', 3))") > 5  # of what is in view


def test_too_large_a_graph_is_refused() -> None:
    with pytest.raises(GraphSizeError, match="more than 30 nodes"):
        to_html(chain(40), max_nodes=30)


def test_a_graph_whose_leaves_were_set_since_is_refused() -> None:
    x = Value(2.0, "x")
    y = x * x
    x.data = 3.0
    with pytest.raises(StaleGraphError):
        to_html(y)


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="rankdir='up'"):
        to_html(lecture(), rankdir="up")


# ------------------------------------------------------------------------------------------------------------------ in Python


def test_a_page_has_a_title_and_a_text() -> None:
    page = to_html(lecture())
    assert page.title == "L = (a·b + c)·f"
    assert page.text.splitlines()[-1] == "L = d·f      data −8   no grad yet"
    assert str(page) == page.text


def test_a_heading_defines_what_is_shared_before_the_result(opened: Browse) -> None:
    d = Value(2.0, "a") * Value(-3.0, "b")
    root = d + ops.sin(d)
    root.label = "L"
    page = opened(root)
    assert page.title() == "v1 = a·b; L = v1 + sin(v1)"
    assert page.locator("h1 math").all_text_contents() == ["v1=a⋅b,L=v1+sin(v1)"]


def test_names_and_expanded_operations_reach_the_page() -> None:
    x = Value(0.5)
    data = data_of(x.sigmoid(), names={"x": x}, expand=True)
    assert [node["name"] for node in data["nodes"]] == ["x", "v1", "v2", "v3", "v4"]
    assert [node.get("op") for node in data["nodes"]] == [None, "neg", "exp", "add", "div"]


def test_a_page_in_a_notebook_plays_in_a_frame_of_its_own(browse: Browse, tmp_path: Path) -> None:
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html>{to_html(lecture())._repr_html_()}")
    frame = browse(path).frame_locator("iframe")
    frame.get_by_role("button", name="A step back").click()
    assert frame.locator("#count").text_content() == "11 / 12"


def test_many_steps_write_few_characters() -> None:
    data = data_of(network([3, 1]))
    said = json.dumps([data["steps"], data["templates"]], ensure_ascii=False)
    assert len(gzip.compress(said.encode())) < 65 * len(data["steps"])


def test_a_label_that_is_a_formula_stands_in_brackets_in_the_result(opened: Browse) -> None:
    a = Value(2.0, "a")
    total = a + 1.0
    total.label = "a + 1"
    page = opened(total)
    assert page.evaluate("autograd.state.formula") == "a + 1 = 3, ∂(a + 1)/∂a = 1"
