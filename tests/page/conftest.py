"""A page of a graph, opened in the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd.page import to_html
from autograd.value import Value

Browse = Callable[..., Any]


@pytest.fixture
def opened(browse: Browse, tmp_path: Path) -> Browse:
    """opened(root, width=..., **options of to_html) is the page of the root, in the browser."""

    def opened(root: Value, hash: str = "", look: dict[str, Any] | None = None, **options: Any) -> Any:
        path = tmp_path / "page.html"
        to_html(root, path, **options)
        page = browse(path, **(look or {}))
        if hash:
            page.goto(path.as_uri() + hash)
        return page

    return opened
