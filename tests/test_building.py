"""Building and installing: a wheel with the node in C, a pure one where it cannot be built, the source distribution by itself.

Nothing is fetched: setuptools, pytest and hypothesis are those of this environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernels import compiler
from needed import unavailable

ROOT = Path(__file__).parents[1]
HEADERS = sysconfig.get_paths()["include"]
LEFT = shutil.ignore_patterns(".git", ".*_cache", ".venv", ".hypothesis", "build", "out", "__pycache__", "*.egg-info", "*.so")
SHOW = """
import autograd
x = autograd.Value(3.0)
(x * x).backward()
print(x.grad, *autograd.engine_info().values(), autograd.__file__)
"""

needs_no_lock = pytest.mark.skipif(
    bool(sysconfig.get_config_var("Py_GIL_DISABLED")), reason="a free-threaded Python is always pure"
)


def run(command: list[str], folder: Path, *, path: str = "", **settings: str) -> str:
    """What a command prints, with its packages looked for in this path."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("AUTOGRAD_", "PYTEST_"))}
    environment = {**kept, "PYTHONPATH": path, **settings}
    done = subprocess.run(command, cwd=folder, env=environment, stdout=-1, stderr=subprocess.STDOUT, encoding="utf-8", timeout=600)
    assert not done.returncode, done.stdout[-5000:]
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    folder = tmp_path_factory.mktemp("source")
    pytest.importorskip("setuptools", minversion="77")
    shutil.copytree(ROOT, folder / "copy", ignore=LEFT)
    build = f"from setuptools import build_meta; build_meta.build_sdist({str(folder)!r})"
    run([sys.executable, "-c", build], folder / "copy")
    (archive,) = folder.glob("*.tar.gz")
    shutil.unpack_archive(archive, folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


class Place:
    """A virtual environment with nothing but pip, and what this one has on the path of the commands that need it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
        except subprocess.CalledProcessError:
            unavailable("this Python cannot make a virtual environment with pip")
        self.bin = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = str(self.bin / "python")

    def install(self, source: Path, **settings: str) -> str:
        """Install by pip; what it prints."""
        options = ["--no-index", "--no-deps", "--no-build-isolation", "--no-cache-dir", "--disable-pip-version-check"]
        command = [self.python, "-m", "pip", "install", *options, str(source)]
        return run(command, self.folder, path=sysconfig.get_paths()["purelib"], **settings)

    def show(self) -> str:
        return run([self.python, "-c", SHOW], self.folder, PATH=str(self.bin))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    return Place(tmp_path / "environment")


@pytest.mark.thorough
@pytest.mark.skipif(os.name == "nt", reason="CC is for compilers of Unix")
def test_without_a_compiler_pip_installs_the_pure_engine_and_says_so(source: Path, place: Place) -> None:
    printed = place.install(source, CC="/bin/false")
    assert "Successfully installed" in printed
    assert "-0pure-" in printed  # in the name of the wheel, all that pip shows of a build
    shown = place.show()
    assert shown.startswith("6.0 pure the node in C was not built: ")
    assert "/bin/false" in shown


@pytest.mark.thorough
@needs_no_lock
def test_an_installed_wheel_runs_the_tests_of_the_engine_where_there_is_no_compiler(source: Path, place: Place) -> None:
    compiler()
    assert "-0pure-" not in place.install(source)
    assert place.show().startswith("6.0 native the node in C was built ")
    assert str(place.folder) in place.show()
    for name in ("tests", "conftest.py", "setup.cfg"):  # no package, so that the installed one is tested
        copy = shutil.copytree if (source / name).is_dir() else shutil.copy
        copy(source / name, place.folder / "lib" / name)
    command = [place.python, "tests/native/engine_part.py", "-q", "-k", "test_value.py or test_graph.py"]
    assert " passed" in run(command, place.folder / "lib", path=sysconfig.get_paths()["purelib"], PATH=str(place.bin), CI="")


@pytest.mark.thorough
@needs_no_lock
def test_the_source_distribution_builds_and_tests_itself(source: Path) -> None:
    compiler()
    run([sys.executable, "setup.py", "build_ext", "--inplace"], source)
    assert run([sys.executable, "-c", SHOW], source, path=str(source)).startswith("6.0 native ")
    part = ["tests/test_packaging.py", "tests/test_value.py", "tests/test_stubs.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "fast", *part]
    assert " passed" in run(command, source, path=str(source))


BUILD = """
import os, runpy, sys, sysconfig
sysconfig.get_config_vars()["Py_GIL_DISABLED"] = {free_threaded}
sys.argv = ["setup.py", "build_ext", "--build-lib", {folder!r}, "--build-temp", {folder!r}]
sys.path.insert(0, os.getcwd())
runpy.run_path("setup.py", run_name="__main__")
"""


@pytest.mark.thorough
@needs_no_lock
def test_a_free_threaded_python_is_left_pure_and_a_later_build_takes_the_reason_away(source: Path, tmp_path: Path) -> None:
    compiler()
    native = tmp_path / "autograd" / "native"
    printed = run([sys.executable, "-c", BUILD.format(free_threaded=1, folder=str(tmp_path))], source)
    reason = "it needs the interpreter's lock, and this Python is free-threaded"
    assert f"autograd: the engine is pure Python, since its node in C could not be built: {reason}" in printed
    assert [(file.name, file.read_text(encoding="utf-8")) for file in native.iterdir()] == [("unbuilt.txt", reason)]
    run([sys.executable, "-c", BUILD.format(free_threaded=0, folder=str(tmp_path))], source)
    assert [file.name.partition(".")[0] for file in native.iterdir() if file.suffix != ".o"] == ["_node"]


@needs_no_lock
@pytest.mark.skipif(sys.platform == "win32", reason="built by setup.py alone")
@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("-DPy_GIL_DISABLED", "a free-threaded Python runs the pure engine"),
        ("-DFLT_EVAL_METHOD=2", "more digits than a double has"),
    ],
)
def test_the_sources_refuse_a_python_or_a_processor_on_which_they_would_be_wrong(tmp_path: Path, setting: str, words: str) -> None:
    if not (Path(HEADERS) / "Python.h").exists():
        unavailable("the headers of this Python are not installed, so that the node in C cannot be compiled")
    (tmp_path / "float.h").write_text("", encoding="utf-8")  # its place is taken, for what it says of this processor
    source = str(ROOT / "autograd" / "native" / "node.c")
    command = [compiler(), "-std=c11", "-fsyntax-only", setting, "-I", str(tmp_path), "-I", HEADERS, source]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode
    assert words in done.stderr
