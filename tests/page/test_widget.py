"""The widget: leaves in Python and the numbers that a notebook sends and gets are the same; the page's side runs in the browser."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from examples import lecture

from autograd import Value, log, to_html, to_widget
from autograd.errors import MissingExtraError, OperandError, OptionError
from autograd.graph import leaves, recomputed
from autograd.page.document import script_of

pytest.importorskip("anywidget")

Browse = Callable[..., Any]


class Comm:
    """What carries messages to a notebook; here they are kept."""

    comm_id = "1"

    def __init__(self, **_: Any) -> None:
        self.sent: list[dict[str, Any]] = []

    def send(self, data: Any = None, **_: Any) -> None:
        self.sent.append(data)

    def close(self, **_: Any) -> None:
        pass

    def on_msg(self, callback: Any) -> None:
        self.arrived = callback


@pytest.fixture
def L() -> Value:
    return lecture()


@pytest.fixture(autouse=True)
def comm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comm.create_comm", Comm)


@pytest.fixture
def w(L: Value) -> Iterator[Any]:
    w = to_widget(L)
    yield w
    w.close()


def moved(w: Any, **values: Any) -> None:
    """A slider was moved: the message of a notebook, which has all the numbers."""
    state = {"values": {**dict(w.values), **values}}
    w._handle_msg({"content": {"data": {"method": "update", "state": state, "buffer_paths": []}}, "buffers": []})


def leaf(root: Value, name: str) -> Value:
    return next(node for node in leaves(root) if node.label == name)


def test_a_slider_that_moves_sets_the_leaf_and_the_result_follows(w: Any, L: Value) -> None:
    assert w.values == {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}
    heard: list[float] = []
    w.observe(lambda change: heard.append(w.root.data), "values")
    moved(w, a=5)
    assert leaf(L, "a").data == 5.0
    assert heard == [10.0]
    assert type(w.values["a"]) is float
    w.root.backward()
    assert leaf(L, "a").grad == 6.0  # the leaves of w.root are those of L
    assert w.root.grad == 1.0  # the same node until a number changes
    assert L.data == -8.0


def test_numbers_set_in_python_move_the_page(w: Any, L: Value) -> None:
    w.values = {"a": 7}
    assert leaf(L, "a").data == 7.0
    leaf(L, "b").data = 0.5
    assert w.values["b"] == -3.0
    w.refresh()
    (first, second) = [message["state"]["values"] for message in w.comm.sent]
    assert first == {"a": 7.0, "b": -3.0, "c": 10.0, "f": -2.0}
    assert second == {"a": 7.0, "b": 0.5, "c": 10.0, "f": -2.0}
    w.refresh()
    assert len(w.comm.sent) == 2  # nothing has changed


def test_a_number_that_json_lacks_arrives(w: Any, L: Value) -> None:
    moved(w, a={"float": "-inf"})
    assert leaf(L, "a").data == -math.inf
    leaf(L, "a").data = math.nan
    w.refresh()
    assert w.comm.sent[-1]["state"]["values"]["a"] == {"float": "nan"}
    assert math.isnan(w.values["a"])
    assert w.root is w.root  # nan has not become another number


def test_what_is_no_number_or_no_leaf_changes_nothing(w: Any, L: Value) -> None:
    with pytest.raises(OptionError, match="there is no leaf 'z'; give numbers for a, b, c, f"):
        w.values = {"a": 1, "z": 2}
    with pytest.raises(OperandError, match="a number is needed, not 'x'"):
        w.values = {"a": "x"}
    assert (w.values["a"], leaf(L, "a").data) == (2.0, 2.0)


def test_where_the_result_does_not_exist_the_leaf_is_set_all_the_same() -> None:
    a = Value(2.0, "a")
    w = to_widget(log(a))
    w.values = {"a": -1}
    assert a.data == -1.0
    with pytest.raises(ValueError, match=r"log\(-1.0\)"):
        _ = w.root
    w.values = {"a": math.e}
    assert w.root.data == 1.0
    w.close()


def test_the_widget_has_the_page_its_height_and_its_last_picture(L: Value) -> None:
    w = to_widget(L, height=300, fold=lambda label: "box" if label in ("a", "b") else None, title="T", rankdir="TB")
    page = to_html(L, height=300, fold=lambda label: "box" if label in ("a", "b") else None, title="T", rankdir="TB")
    assert w.html.replace("\n" + script_of("link.js"), "") == page.html
    assert (w.height, w.title) == (300, "T")
    ((data, _),) = [w._repr_mimebundle_()]
    assert data["text/html"] == page.still()
    assert "application/vnd.jupyter.widget-view+json" in data
    w.close()
    with pytest.raises(OptionError, match="height=0"):
        to_widget(L, height=0)


def test_nodes_without_labels_are_named_as_in_the_page() -> None:
    x, y = Value(1.0), Value(2.0)
    w = to_widget(x * y, names={"x": x})
    assert set(w.values) == {"x", "v1"}
    w.close()


def test_in_ipython_the_page_follows_at_the_end_of_each_cell(L: Value, monkeypatch: pytest.MonkeyPatch) -> None:
    called: dict[str, list[Any]] = {"post_run_cell": []}
    events = SimpleNamespace(register=lambda name, f: called[name].append(f), unregister=lambda name, f: called[name].remove(f))
    shell = SimpleNamespace(get_ipython=lambda: SimpleNamespace(events=events))
    monkeypatch.setitem(sys.modules, "IPython", shell)  # type: ignore[arg-type]
    w = to_widget(L)
    leaf(L, "a").data = 4.0
    for f in called["post_run_cell"]:
        f("the result of the cell")
    assert w.values["a"] == 4.0
    del f
    w.close()
    assert called == {"post_run_cell": []}


def test_without_anywidget_the_extra_is_named(L: Value, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd.page import widget

    widget._widget_class.cache_clear()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(MissingExtraError, match=r"scalar-autograd\[notebooks\]"):
        to_widget(L)


def test_a_graph_is_computed_again_on_its_own_leaves(L: Value) -> None:
    leaf(L, "c").data = 11.0
    again = recomputed(L)
    assert (L.data, again.data, again.label) == (-8.0, -10.0, "L")
    assert all(ours is theirs for ours, theirs in zip(leaves(again), leaves(L), strict=True))


# ----------------------------------------------------------------------------------------------------------- in the browser

# A notebook around the widget: a model that tells its listeners of a change, as anywidget's does, and what is saved.
NOTEBOOK = """<!DOCTYPE html><meta charset="utf-8"><div id="first"></div><div id="second"></div>
<script>
const state = {state}, saved = [], listeners = new Set();
const model = {{
  get: (name) => state[name],
  set(name, x) {{ state[name] = x; for (const listener of [...listeners]) listener(); }},
  save_changes: () => saved.push(structuredClone(state.values)),
  on: (name, listener) => listeners.add(listener),
  off: (name, listener) => listeners.delete(listener),
}};
{script}
const ends = ["first", "second"].map((id) => render({{ model, el: document.getElementById(id) }}));
</script>"""


@pytest.fixture
def notebook(w: Any, browse: Browse, tmp_path: Path) -> Any:
    state = {"html": w.html, "title": w.title, "height": w.height, "values": w.get_state("values")["values"]}
    script = w._esm.replace("export default { render };", "")
    text = json.dumps(state).replace("</", "<\\/")
    (tmp_path / "notebook.html").write_text(NOTEBOOK.format(state=text, script=script), encoding="utf-8")
    return browse(tmp_path / "notebook.html")


def number_in(page: Any, frame: int) -> Any:
    return page.frames[frame].evaluate("autograd.data('a')")


def test_a_page_in_a_widget_sends_numbers_and_takes_them(notebook: Any) -> None:
    first, second = notebook.frames[1:]
    first.get_by_label("a, as a number").fill("3.5")
    first.get_by_label("a, as a number").press("Enter")
    notebook.wait_for_function("saved.length === 1")
    assert notebook.evaluate("saved") == [{"a": 3.5, "b": -3, "c": 10, "f": -2}]
    second.wait_for_function("autograd.data('a') === 3.5")  # two views of one widget
    notebook.evaluate("model.set('values', { ...state.values, a: { float: 'inf' } })")
    for frame in (first, second):
        frame.wait_for_function("autograd.data('a') === Infinity")
        frame.wait_for_function("document.querySelector('.slider input[type=text]').value === 'inf'")
    assert notebook.evaluate("saved.length") == 1  # what comes from Python is not sent back
    first.evaluate("autograd.set('b', NaN)")
    notebook.wait_for_function("saved.length === 2")
    assert notebook.evaluate("saved[1]") == {"a": {"float": "inf"}, "b": {"float": "nan"}, "c": 10, "f": -2}


def test_a_view_opened_later_has_the_numbers_of_now_and_one_that_is_closed_listens_no_more(notebook: Any) -> None:
    notebook.evaluate("ends[0]()")
    notebook.evaluate("ends[1]()")
    assert notebook.evaluate("listeners.size") == 0
    view = "render({ model, el: document.getElementById('second') })"
    notebook.evaluate(f"model.set('values', {{ ...state.values, a: 8 }}); void {view}")
    later = notebook.wait_for_selector("#second iframe:nth-of-type(2)").content_frame()
    later.wait_for_function("autograd.data('a') === 8")
    assert notebook.evaluate("saved") == []
