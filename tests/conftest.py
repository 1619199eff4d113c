"""How random tests are drawn, and how pages are opened.

The examples are the same on every run, unless HYPOTHESIS_PROFILE=thorough asks for new ones: a red test is then red for whoever
changed something, not for whoever happened to run it.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from browser import CURE, browse, chromium  # noqa: F401  # fixtures
from clusters import client, in_this_process, processes  # noqa: F401  # fixtures
from hypothesis import HealthCheck, settings

collect_ignore = ["native/users_rows.py"]  # declares operations: a program that test_native.py runs

settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


class Alarm:
    """Real signals that raise KeyboardInterrupt while `armed`. Setting that to False is no call, so no signal can come first.

    On a busy machine the kernel may hand a signal to a thread of numpy's instead of the main one, and CPython 3.11 then never
    looks at it. So the timer rings again, though an alarm without an interval raises only once.
    """

    AGAIN = 0.01
    armed = False
    once = True

    def __call__(self, first: float, interval: float = 0.0) -> None:
        """Ring after so many seconds, then at that interval."""
        self.armed, self.once = True, not interval
        signal.setitimer(signal.ITIMER_REAL, first, interval or self.AGAIN)

    def ring(self, *_: Any) -> None:
        if self.armed:
            self.armed = not self.once
            raise KeyboardInterrupt
        signal.setitimer(signal.ITIMER_REAL, 0)  # rings faster than a slow machine handles them would let nothing else run


@pytest.fixture
def alarm() -> Iterator[Alarm]:
    if not hasattr(signal, "setitimer"):
        pytest.skip("this platform has no timer that sends signals")
    alarm = Alarm()
    before = signal.signal(signal.SIGALRM, alarm.ring)
    gc.disable()  # what a finaliser raises is lost, and is not what is tested
    yield alarm
    gc.enable()
    alarm.armed = False
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly that no page was tried, where there is no browser."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "no browser" in str(report.longrepr)]
    if skipped:
        terminalreporter.section("PAGES NOT TESTED", red=True)
        terminalreporter.line(f"{len(skipped)} tests of pages need Chromium or Chrome and did not run. To enable them: {CURE}")
