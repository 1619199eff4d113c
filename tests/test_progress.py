"""The one progress bar: shown on a terminal for what takes longer than a second, and nowhere else."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import Any

import pytest

from autograd.errors import RenderError
from autograd.progress import bar, waiting, watched
from autograd.show import rendering

pytest.importorskip("tqdm")


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    """The module time for tqdm, whose time passes as fast as a test wants."""

    now = 100.0

    def __call__(self) -> float:
        Clock.now += 0.7
        return Clock.now


def terminal(monkeypatch: pytest.MonkeyPatch, clock: Any = None) -> Terminal:
    """A terminal in the place of stderr, in a test in which time passes fast."""
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr("tqdm.std.time", clock or Clock())
    return shown


def test_what_takes_longer_than_a_second_has_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = terminal(monkeypatch)
    assert list(watched(iter("abcd"), 4, "looking", "frame")) == list("abcd")
    assert "looking: 100%" in shown.getvalue()


def test_a_wait_shows_how_long_it_has_been(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = terminal(monkeypatch)
    with waiting("drawing") as tick:
        for _ in range(5):
            tick()
    assert "drawing: 00:0" in shown.getvalue()


def test_what_is_fast_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = terminal(monkeypatch, lambda: 100.0)
    assert list(watched(range(3), 3, "looking", "frame")) == [0, 1, 2]
    assert shown.getvalue().strip() == ""


def test_what_runs_without_a_terminal_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = terminal(monkeypatch)
    monkeypatch.setattr(shown, "isatty", lambda: False)
    assert list(watched(range(3), 3, "looking", "frame")) == [0, 1, 2]
    with waiting("drawing") as tick, bar(3, "training", "epoch", False) as move:
        tick()
        move("loss 1")
    assert shown.getvalue() == ""


def test_without_tqdm_the_results_come_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = terminal(monkeypatch)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert list(watched(range(3), 3, "looking", "frame")) == [0, 1, 2]
    assert shown.getvalue() == ""


def test_a_layout_that_takes_long_shows_it_and_a_dead_one_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = terminal(monkeypatch)
    program, pipe = "import time; time.sleep(0.2); print('picture')", subprocess.PIPE
    monkeypatch.setattr(rendering, "PAUSE", 0.02)
    with subprocess.Popen([sys.executable, "-c", program], stdout=pipe, stderr=pipe) as process:
        assert rendering.awaited(process) == (f"picture{os.linesep}".encode(), b"")
    assert "drawing: 00:0" in shown.getvalue()
    monkeypatch.setattr(rendering, "PATIENCE", 0.1)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdout=pipe, stderr=pipe) as process:
        with pytest.raises(RenderError, match="given up"):
            rendering.awaited(process)
        process.kill()
