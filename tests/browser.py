"""Headless Chromium for the tests of pages: each is opened from file://, and may neither complain nor ask the network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from needed import unavailable

CURE = "sudo apt install chromium, or CHROMIUM=/path/to/chrome python3 run.py test"
FLAGS = [
    "--no-sandbox",  # root, as in a container, has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def binary() -> str | None:
    """The Chromium or Chrome that is to be driven."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, started once; without one the test is skipped, but not in continuous integration, where it fails."""
    found = binary()
    if found is None:
        unavailable(f"no browser: {CURE}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Any) -> Iterator[Callable[..., Any]]:
    """browse(path, width=1280, height=800, **context) opens a page; at the end it must have logged and requested nothing."""
    contexts, complaints = [], []

    def browse(path: Path | str, *, width: int = 1280, height: int = 800, **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        address = Path(path).resolve().as_uri()
        page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                complaints.append(request.url) if not request.url.startswith((address, "data:", "blob:", "about:")) else None
            ),
        )
        page.goto(address)
        return page

    yield browse
    for context in contexts:
        context.close()
    assert not complaints
