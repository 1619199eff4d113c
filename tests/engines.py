"""The layout engines that run here, for tests that try each of them."""

from __future__ import annotations

import os

import pytest

from autograd.errors import RenderError
from autograd.show.rendering import ENGINES, render


def runs(engine: str, format: str = "svg") -> bool:
    try:
        render("digraph { a }", format, engine)
    except RenderError:
        return False
    return True


AVAILABLE = [engine for engine in ENGINES if runs(engine)]
needs_engine = pytest.mark.skipif(  # in continuous integration the test runs all the same, and fails
    not AVAILABLE and not os.environ.get("CI"), reason="no layout engine; pip install graphviz-pure, or install Graphviz"
)
each_engine = pytest.mark.parametrize("engine", AVAILABLE or [pytest.param("", marks=needs_engine)])
