"""Rules for every test and documented example: the table of operations stays as it was, no node in C is left, each test is fast or
slow, and those of the engine have the name of the one that runs in their ids. `run.py test` runs these twice."""

from __future__ import annotations

import builtins
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd import engine_info
from autograd.engine import in_c
from autograd.modes import VARIABLES
from autograd.ops import TABLE, forget

os.environ["AUTOGRAD_CACHE"] = "off"  # of compiled programs: tests neither depend on what this user has, nor add to it


@pytest.fixture(autouse=True)
def the_table_stays_as_it_is() -> Iterator[None]:
    """Take back the operations that a test or an example declares: whoever runs next walks the table."""
    before = dict(TABLE)
    yield
    for name in [name for name in TABLE if name not in before]:
        forget(name)
    TABLE.update(before)  # what was declared anew, or taken out


@pytest.fixture(scope="module", autouse=True)
def what_is_there_already_is_not_collected() -> None:
    """Leave what earlier files of tests keep, such as all sources as trees, out of garbage collection: it took seconds a test."""
    gc.collect()
    gc.freeze()


BEFORE_COLLECTION = set(TABLE)


def pytest_collection_finish() -> None:
    """Leave the collected tests out of garbage collection: each full one would go through all thirteen thousand of them."""
    if declared := set(TABLE) - BEFORE_COLLECTION:
        raise pytest.UsageError(f"a file of tests declares operations when it is imported: {', '.join(sorted(declared))}")
    gc.collect()
    gc.freeze()


LIVING = in_c("living")  # how many nodes and blocks there are in C; None in the pure engine, where the interpreter counts
EARLIER = pytest.StashKey[Any]()
STAYING = {
    "test_what_would_put_nodes_into_an_array_of_floats_is_refused": "numpy keeps whatever np.add.reduce refused",
    "test_a_hook_on_a_leaf_sees_this_sweep_alone": "the hook keeps adjoints that depend on its own node",
}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    item.stash[EARLIER] = LIVING() if LIVING else {}
    yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """No test leaves a node in C behind, nor a block: nothing but their count would tell."""
    yield
    if not LIVING or LIVING() == item.stash[EARLIER]:
        return
    getattr(item, "funcargs", {}).clear()
    for module, names in ((sys, ("last_exc", "last_value", "last_traceback")), (builtins, ("_",))):  # of a failure, of an example
        for name in names:
            vars(module).pop(name, None)
    for variable in VARIABLES.values():  # a context has the settings of its last block until the next one begins
        variable.set(())
    more: dict[str, int] = {}
    for _ in range(3):  # a cycle that only a dead node held, such as the row of one call, is found the next time
        gc.collect()
        more = {name: count - item.stash[EARLIER][name] for name, count in LIVING().items()}
        if max(more.values()) <= 0:
            return
    if not item.name.startswith(tuple(STAYING)):
        pytest.fail(f"these stay behind: {more}")


SLOW = ("browser", "long", "notebook", "peer", "server", "thorough")
SLOW_FIXTURES = {"chromium": "browser", "notebook": "notebook", "gallery": "thorough", "processes": "thorough"}


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
    "demos", "native", "page", "peers", "rowcode", "servers", "test_architecture.py", "test_bench.py", "test_building.py",
    "test_documents.py", "test_packaging.py", "test_stubs.py",
)))  # fmt: skip
"""The places of tests that run once: what they try is written, drawn or built, or runs each engine in separate processes."""


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
