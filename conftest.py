"""Rules for every test and documented example: the table of operations stays as it was, each test is fast or slow, and those of the
engine have the name of the one that runs in their ids. `run.py test` runs these twice."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd import engine_info
from autograd.ops import TABLE, forget


@pytest.fixture(autouse=True)
def the_table_stays_as_it_is() -> Iterator[None]:
    """Take back the operations that a test or an example declares: whoever runs next walks the table."""
    before = dict(TABLE)
    yield
    for name in [name for name in TABLE if name not in before]:
        forget(name)
    TABLE.update(before)  # what was declared anew, or taken out


def pytest_collection_finish() -> None:
    """Leave the collected tests out of garbage collection: each full one would go through all thirteen thousand of them."""
    gc.collect()
    gc.freeze()


SLOW = ("browser", "notebook", "thorough")
SLOW_FIXTURES = {"chromium": "browser", "notebook": "notebook", "gallery": "thorough"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what takes a slow fixture, and mark `fast` every test that has no mark of slow ones: a new test is fast."""
    for item in items:
        for fixture in SLOW_FIXTURES.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(SLOW_FIXTURES[fixture])
        if not any(map(item.get_closest_marker, SLOW)):
            item.add_marker("fast")
    if config.option.both_engines:
        config.hook.pytest_deselected(items=[item for item in items if not is_of_the_engine(item.path)])
        items[:] = [item for item in items if is_of_the_engine(item.path)]


# --------------------------------------------------------------------------------------------------------- one suite, two engines

ROOT = Path(__file__).parent
ONE_ENGINE = ("demos", "docs", *(f"tests/{name}" for name in (
    "demos", "native", "page", "rowcode", "test_architecture.py", "test_bench.py", "test_building.py", "test_documents.py",
    "test_packaging.py", "test_stubs.py",
)))  # fmt: skip
"""The places of tests that run once: what they try is written, drawn or built, or runs either engine in processes of its own."""


def is_of_the_engine(path: Path) -> bool:
    return not path.relative_to(ROOT).as_posix().startswith(ONE_ENGINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--both-engines", action="store_true", help="run those tests alone that are run with each of the two engines")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Put the engine's name into the test's id."""
    if is_of_the_engine(metafunc.definition.path):
        metafunc.fixturenames.append("running_engine")
        metafunc.parametrize("running_engine", [engine_info()["engine"]])


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if session.config.option.both_engines and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK  # all that was asked for runs once


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly that the node in C was not tried, unless that is asked for."""
    found = engine_info()
    if found["engine"] == "pure" and os.environ.get("AUTOGRAD_PURE", "") in ("", "0"):
        terminalreporter.section("NODE IN C NOT TESTED", red=True)
        terminalreporter.line(f"{found['reason']}. To build it: python setup.py build_ext --inplace")
