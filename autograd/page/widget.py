"""The page as a widget of a notebook: a slider in the page and `leaf.data` in Python are one number. It needs anywidget.

    a, b = Value(2.0, "a"), Value(-3.0, "b")
    w = to_widget(a * b)     # the last line of a cell shows it
    w.values                 # {"a": 2.0, "b": -3.0}: where the sliders are, which is also a.data and b.data
    w.values = {"a": 5}      # moves the slider; so does a.data = 5, when the cell ends, or at w.refresh()
    w.root                   # a * b computed again from the leaves as they are now; w.root.backward() fills their gradients
    w.observe(lambda change: print(w.root.data), "values")  # called whenever a slider moves

The page itself is that of `to_html`, with `link.js`; `widget.js` is what the notebook runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from autograd.errors import MissingExtraError, OptionError
from autograd.graph import recomputed
from autograd.ops import number
from autograd.page.document import Page, resource
from autograd.page.scene import number as written
from autograd.value import Value

if TYPE_CHECKING:
    from anywidget import AnyWidget

__all__ = ["widget_of"]


def widget_of(page: Page, root: Value, leaves: Mapping[str, Value]) -> AnyWidget:
    """Return the widget of a page that has `link.js`; `leaves` are the leaves of its graph by their names there."""
    widget: AnyWidget = _widget_class()(page, root, leaves)
    return widget


@cache
def _widget_class() -> Any:
    """The class of widgets, whose base is in an optional library."""
    try:
        import anywidget
        from traitlets import Dict, Int, Unicode, observe, validate
    except ImportError:
        raise MissingExtraError("anywidget", "notebooks") from None

    class Widget(anywidget.AnyWidget):
        """A page whose leaves are those of Python; `values` are their numbers by name."""

        _esm = resource("widget.js")
        html = Unicode().tag(sync=True)
        title = Unicode().tag(sync=True)
        height = Int().tag(sync=True)
        values = Dict().tag(
            sync=True,
            to_json=lambda values, widget: {name: written(x) for name, x in values.items()},
            from_json=lambda values, widget: {name: _read(x) for name, x in values.items()},
        )

        def __init__(self, page: Page, root: Value, leaves: Mapping[str, Value]) -> None:
            self._page, self._leaves = page, dict(leaves)
            self._computed = root, self._bits()
            super().__init__(html=page.html, title=page.title, height=page.height, values=self._numbers())
            self._shell = _shell()
            if self._shell:
                self._shell.events.register("post_run_cell", self.refresh)

        @property
        def root(self) -> Value:
            """The result of the graph, computed again if a leaf has changed; its leaves are the same nodes."""
            root, before = self._computed
            now = self._bits()
            if now != before:
                self._computed = recomputed(root), now
            return self._computed[0]

        def refresh(self, *_: Any) -> None:
            """Move the page to the numbers that the leaves have in Python; at the end of every cell this happens by itself."""
            self.values = self._numbers()

        def close(self) -> None:
            if self._shell:
                self._shell.events.unregister("post_run_cell", self.refresh)
                self._shell = None
            super().close()

        @validate("values")
        def _all_values(self, proposal: Any) -> dict[str, float]:
            given = proposal["value"]
            for name in given:
                if name not in self._leaves:
                    raise OptionError(f"values: there is no leaf {name!r:.60}; give numbers for {', '.join(self._leaves)}")
            return {**self._numbers(), **{name: number(x) for name, x in given.items()}}

        @observe("values")
        def _set_leaves(self, change: Any) -> None:
            for name, x in change["new"].items():
                self._leaves[name].data = x

        def _numbers(self) -> dict[str, float]:
            return {name: leaf.data for name, leaf in self._leaves.items()}

        def _bits(self) -> list[str]:
            """The numbers of the leaves such that nan is nan, and -0.0 not 0.0."""
            return [leaf.data.hex() for leaf in self._leaves.values()]

        def _repr_mimebundle_(self, **options: Any) -> Any:
            """Beside the widget the page's last picture, for a notebook that is not trusted or whose kernel has ended."""
            bundle = super()._repr_mimebundle_(**options)
            first = bundle[0] if isinstance(bundle, tuple) else bundle
            if first:
                first["text/html"] = self._page.still()
            return bundle

    return Widget


def _read(x: Any) -> float:
    return float(x["float"] if isinstance(x, dict) else x)


def _shell() -> Any:
    """IPython, if it runs this program, or None."""
    import sys

    ipython = sys.modules.get("IPython")
    return ipython and ipython.get_ipython()
