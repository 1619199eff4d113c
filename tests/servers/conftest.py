"""A notebook server for a test: started once, on a port that it chooses, for this machine alone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0  # seconds for a server to start on a busy machine


@pytest.fixture(scope="module")
def served() -> Iterator[Callable[..., str]]:
    """served(command, folder, address, **environment) starts the server in the folder and returns its address, as printed."""
    servers = []

    def served(command: list[str], folder: Path, address: str, **environment: str) -> str:
        log = folder / "server.log"
        with log.open("w") as output:
            surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
            options: dict[str, Any] = {"cwd": folder, "env": surroundings, "stdout": output, "stderr": output}
            server = subprocess.Popen([sys.executable, "-m", *command], start_new_session=True, **options)
        servers.append(server)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and server.poll() is None:
            found = re.search(address, log.read_text(encoding="utf-8", errors="replace"))
            if found:
                return found[0]
            time.sleep(0.1)
        raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))

    yield served
    for server in servers:
        os.killpg(server.pid, signal.SIGTERM)  # its kernels too
        server.wait(20)


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Any]]:
    """visit(address) opens a page of the server, which the tests of pages may not."""
    contexts = []

    def visit(address: str, width: int = 1366, height: int = 768) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()
