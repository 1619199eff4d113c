"""Tests of the packaging and of run.py: what is declared exists, and one command is enough. None needs the network."""

import ast
import fnmatch
import functools
import os
import re
import stat
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest
from sources import tree_of

import autograd
import run
from autograd.errors import DISTRIBUTION, MissingExtraError

ROOT = Path(__file__).parent.parent
SETUP = ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")
EXTRAS = dict(SETUP["options.extras_require"])
PACKAGES = SETUP["options"]["packages"].split()
ROOMS = ("autograd", "nn", "demos")


def names_in(requirements):
    """The distributions of a list of requirements."""
    return {re.match(r"[\w-]+", line)[0].lower() for line in requirements.strip().splitlines()}


@functools.cache
def sources():
    """Every Python file of the project's packages, parsed."""
    return [(path, tree_of(path)) for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def imported(tree):
    """The top-level names of all that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


# ----------------------------------------------------------------------------------------------------------- metadata


def test_the_distribution_has_the_name_that_the_error_messages_give():
    assert SETUP["metadata"]["name"] == DISTRIBUTION != "autograd"


def test_the_version_is_read_from_the_package():
    assert SETUP["metadata"]["version"] == "attr: autograd.__version__"
    assert re.fullmatch(r"\d+\.\d+\.\d+", autograd.__version__)


def test_every_package_is_listed_and_exists():
    there = {".".join(path.parent.relative_to(ROOT).parts) for room in ROOMS for path in (ROOT / room).rglob("__init__.py")}
    assert set(PACKAGES) == there


def test_package_data_is_there():
    for package, patterns in SETUP["options.package_data"].items():
        for pattern in patterns.split():
            assert list((ROOT / package.replace(".", "/")).glob(pattern)), f"{package}: {pattern}"


def test_data_that_a_package_reads_is_installed_with_its_source_and_licence():
    assert {"digits.txt", "digits.md"} <= set(SETUP["options.package_data"]["nn"].split())


def test_the_licence_is_the_one_declared():
    assert SETUP["metadata"]["license_expression"] == "MIT"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License\n")


def test_pyproject_holds_only_the_build_system_and_how_wheels_are_built_and_tested():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert list(settings) == ["build-system", "tool"]
    assert list(settings["tool"]) == ["cibuildwheel"]
    wheels = settings["tool"]["cibuildwheel"]
    assert all((ROOT / name).exists() for name in wheels["test-sources"])
    assert (ROOT / wheels["test-command"].split()[1]).exists()
    assert set(wheels["test-requires"].split()) <= names_in(EXTRAS["dev"])


# -------------------------------------------------------------------------------------------------------------- extras


def test_all_is_every_other_extra():
    (listed,) = re.fullmatch(r"\s*scalar-autograd\[(.*)\]\s*", EXTRAS["all"]).groups()
    others = {"lab", "servers", "onnx", "peers", "sympy", "torch"}  # they are large, and SymPy asks for an older mpmath than `dev`
    assert set(listed.split(",")) == set(EXTRAS) - {"all", *others}
    assert names_in(EXTRAS["lab"]) < names_in(EXTRAS["servers"])
    assert names_in(EXTRAS["onnx"]) | names_in(EXTRAS["sympy"]) | names_in(EXTRAS["torch"]) < names_in(EXTRAS["peers"])


def test_every_extra_that_an_error_message_names_installs_the_library_it_lacks():
    calls = [
        (path.name, [argument.value for argument in node.args])
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "MissingExtraError"
    ]
    assert calls
    for file, (library, extra) in calls:
        assert extra in EXTRAS, f"{file}: the extra {extra!r} of {library}"
        assert library.lower() in names_in(EXTRAS[extra]), f"{file}: {library} is not in the extra {extra!r}"
    assert "pip install 'scalar-autograd[plot]'" in str(MissingExtraError("matplotlib", "plot"))


def test_no_error_message_sends_a_user_to_the_developers_tools():
    """What a user lacks is one library; the extra that brings it brings no linter, no browser and no peers."""
    assert names_in(EXTRAS["testing"]) == {"hypothesis"}
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "MissingExtraError":
                assert node.args[1].value not in ("dev", "all"), path.name


def test_every_library_that_is_imported_is_declared():
    declared = names_in(SETUP["options"]["install_requires"]).union(*(names_in(lines) for lines in EXTRAS.values()))
    known = {name.replace("-", "_") for name in declared} | set(sys.stdlib_module_names) | set(ROOMS)
    known |= {"cycler", "docutils", "traitlets"}  # of the interfaces of matplotlib, Sphinx, anywidget, and among their requirements
    known |= {"PIL"}  # the package that pillow installs
    known |= {"pygraphviz", "IPython"}  # used if they happen to be there
    unknown = {(path.name, name) for path, tree in sources() for name in imported(tree)}
    assert {(file, name) for file, name in unknown if name not in known} == set()


def test_every_requirement_says_from_which_version_to_which():
    for lines in [SETUP["options"]["install_requires"], *(lines for extra, lines in EXTRAS.items() if extra != "all")]:
        for line in lines.strip().splitlines():
            assert re.fullmatch(r"[\w-]+ >=[\d.]+,<[\d.]+(; platform_machine in .+)?", line), line


def test_no_test_asks_the_network():
    asking = {"requests", "urllib", "http", "socket", "ftplib"}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if any(name in path.read_text(encoding="utf-8") for name in asking):  # to parse them all takes a second
            assert not asking & set(imported(tree_of(path))), path.name


# ------------------------------------------------------------------------------------------------- the source distribution

SOURCES = (".ci", "autograd", "bench", "demos", "docs", "nn", "tests")  # folders of a checkout; others are made by programs


def tree():
    """Every file of a checkout that is no product of a program, by its path from the root."""
    loose = [path for path in ROOT.iterdir() if path.is_file() and not path.is_symlink()]
    inside = [path for folder in SOURCES for path in (ROOT / folder).rglob("*") if path.is_file()]
    paths = [path.relative_to(ROOT).as_posix() for path in (*loose, *inside)]
    return {
        path for path in paths if not re.search(r"\.(pyc|so|pyd)$|^\.git$|^\.coverage|^PKG-INFO$|unbuilt\.txt$|^demos/out/", path)
    }


def distributed():
    """Those of them that a source distribution has: what setup.cfg names as packages and data, and what MANIFEST.in adds."""
    found = {path for path in tree() for package in PACKAGES if re.fullmatch(package.replace(".", "/") + r"/[^/]*\.py", path)}
    for package, patterns in SETUP["options.package_data"].items():
        for pattern in patterns.split():
            found |= {path.relative_to(ROOT).as_posix() for path in (ROOT / package.replace(".", "/")).glob(pattern)}
    for line in (ROOT / "MANIFEST.in").read_text(encoding="utf-8").splitlines():
        directive, _, rest = line.partition(" ")
        if directive == "include":
            found |= {path for path in tree() for pattern in rest.split() if "/" not in path and fnmatch.fnmatch(path, pattern)}
        elif directive == "graft":
            found |= {path for path in tree() if path.startswith(f"{rest}/")}
        elif directive == "global-exclude":
            found -= {path for path in found for pattern in rest.split() if fnmatch.fnmatch(Path(path).name, pattern)}
        else:
            assert not directive or directive == "#", f"MANIFEST.in: this test knows no {directive}"
    return found


def test_the_source_distribution_has_every_file_of_the_project():
    assert tree() - distributed() == set()


def test_the_source_distribution_has_what_its_tests_and_its_readme_need():
    there = distributed()
    assert {"tests/conftest.py", "tests/oracles.py", "tests/data/golden.json", "conftest.py", "run.py", "setup.cfg"} <= there
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    linked = {link for link in re.findall(r"\]\(([^)#]+)\)", readme) if "://" not in link}
    assert linked
    assert {link for link in linked if link.rstrip("/") not in there and not any(p.startswith(link) for p in there)} == set()
    for path in sorted((ROOT / "tests").rglob("*.py")):  # a test's own helpers
        for name in re.findall(r"^(?:from|import) (\w+)", path.read_text(encoding="utf-8"), re.M):
            assert not (ROOT / "tests" / f"{name}.py").exists() or f"tests/{name}.py" in there


# -------------------------------------------------------------------------------------------------------------- run.py


@pytest.fixture
def recorded(monkeypatch):
    """The programs that run.py would start, none of which is; each call's answer may be set."""
    calls, answers = [], {}

    def quietly(command):
        calls.append(command)
        answer = next((answer for word, answer in answers.items() if word in command), (0, ""))
        return answer(command) if callable(answer) else answer

    monkeypatch.setattr(run, "quietly", quietly)
    monkeypatch.setattr(run.shutil, "which", lambda name: None)
    return calls, answers


def test_run_imports_the_standard_library_alone():
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"))
    assert set(imported(tree)) <= set(sys.stdlib_module_names)


def test_help_names_every_command(capsys):
    assert run.main(["--help"]) == run.main([]) == 0
    said = capsys.readouterr().out
    for command in run.COMMANDS:
        assert f"run.py {command}" in said


def test_an_unknown_command_is_refused_with_the_known_ones(capsys):
    assert run.main(["dmeo"]) == 2
    assert "no command 'dmeo'; choose from demo, test" in capsys.readouterr().err


def test_an_old_python_is_told_which_one_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    assert run.main(["demo"]) == 1
    oldest = re.search(r">=([\d.]+)", SETUP["options"]["python_requires"])[1]
    assert f"Python {oldest} or newer is needed" in capsys.readouterr().err


def test_run_has_a_syntax_that_an_old_python_reads():
    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 7))


def test_notebook_servers_are_installed_where_they_are_asked_for(monkeypatch):
    installed, started = [], []
    monkeypatch.setattr(run, "environment", lambda folder, requirements, *_: installed.append(requirements[-1]) or "python")
    monkeypatch.setattr(run, "build", lambda python: None)
    monkeypatch.setattr(run, "run", lambda command: started.append(command[1:]) or 0)
    assert run.main(["demo"]) == run.main(["notebooks", "4"]) == run.main(["test", "notebooks", "-k", "rotated"]) == 0
    assert installed == [".[all]", ".[all]", ".[lab]", ".[all]", ".[servers]"]
    assert started[1:] == [["-m", "demos.notebooks", "4"], ["-m", "pytest", "-m", "server", "tests/servers", "-k", "rotated"]]


def test_the_real_libraries_are_installed_beside_and_what_they_gave_is_written_when_all_tests_pass(monkeypatch):
    installed, started, codes = [], [], iter([0, 0, 3, 0])
    monkeypatch.setattr(run, "environment", lambda folder, requirements, *_: installed.append((folder, requirements)) or folder)
    monkeypatch.setattr(run, "build", lambda python: None)
    monkeypatch.setattr(run, "run", lambda command: started.append(command[1:]) or next(codes))
    assert run.main(["test", "peers"]) == 0
    folder, requirements = installed[1]
    assert (Path(folder), requirements) == (ROOT / "build" / "peers", EXTRAS["peers"].strip().splitlines())
    record = [os.path.join("tests", "peers", "record.py")]
    assert started == [["-m", "pytest", "-m", "peer", "tests/peers", "-n", "auto"], record]
    assert run.main(["test", "peers"]) == 3  # what failed is not written
    assert run.main(["test", "peers", "-k", "tanh"]) == 0
    assert record not in started[2:]


@pytest.mark.parametrize("arguments", [[], ["no-such"], ["_private"], ["../run"]])
def test_bench_without_a_benchmark_says_which_there_are(arguments, capsys):
    assert run.main(["bench", *arguments]) == 2
    assert "eager" in capsys.readouterr().err


@pytest.fixture
def made(monkeypatch):
    """An environment that is there, in which the node in C was built."""
    monkeypatch.setattr(run, "environment", lambda *arguments: "python")
    monkeypatch.setattr(run, "build", lambda python: None)
    monkeypatch.setattr(run, "engine", lambda: "native")


def test_arguments_and_exit_codes_pass_through(made, monkeypatch):
    started = []
    monkeypatch.setattr(run, "run", lambda command: started.append(command) or 3)
    assert run.main(["demo", "4", "--out", "x y"]) == 3
    assert started.pop() == ["python", "-m", "demos", "4", "--out", "x y"]
    assert run.main(["notebooks", "4"]) == 3
    assert started.pop() == ["python", "-m", "demos.notebooks", "4"]
    assert run.main(["bench", "eager", "--quick"]) == 3
    assert started.pop() == ["python", str(ROOT / "bench" / "eager.py"), "--quick"]
    assert run.main(["sanitize", "address"]) == 3
    assert started.pop() == ["python", str(ROOT / "tests" / "native" / "sanitize.py"), "address"]


def test_a_program_runs_in_the_projects_folder_and_its_exit_code_comes_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    paths = [str(ROOT), str(ROOT), "elsewhere"]
    check = f"import os, sys; found = [os.getcwd(), *os.environ['PYTHONPATH'].split(os.pathsep)]; sys.exit(7 * (found == {paths}))"
    assert run.run([sys.executable, "-c", check]) == 7
    assert run.run([sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"]) != 0


def test_compiled_files_are_kept_and_none_beside_the_source_of_those_who_want_none_there(monkeypatch):
    folder = os.path.join(ROOT, ".venv", "compiled")
    check = f"import sys; sys.exit(7 * (not sys.dont_write_bytecode and sys.pycache_prefix == {folder!r}))"
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert run.run([sys.executable, "-c", check]) == 7
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)  # which `run.py test` has set, where files are wanted elsewhere
    assert run.run([sys.executable, "-c", check]) == 0


@pytest.mark.parametrize("failing", ["ruff", "mypy", "pytest"])
def test_test_runs_every_check_and_fails_if_any_does(failing, made, monkeypatch, capsys):
    started = []
    monkeypatch.setattr(
        run, "run", lambda command, **settings: started.append([*settings, *command[2:]]) or (4 if failing in command else 0)
    )
    assert run.main(["test", "-k", "tanh"]) == 4
    pytest = ["pytest", "-k", "tanh"]
    assert started == [
        *(["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]),
        *(pytest, ["AUTOGRAD_PURE", *pytest, "--both-engines"]),
    ]
    out = capsys.readouterr().out
    assert "FAILED" in out
    assert "SKIPPED: oxlint has no build for this machine" in out


def test_the_linter_of_scripts_runs_where_it_is_installed(tmp_path, monkeypatch):
    started = []
    program = tmp_path / "oxlint"
    program.touch(mode=0o755)
    monkeypatch.setattr(run, "ours", lambda: str(tmp_path / "python"))
    monkeypatch.setattr(run, "run", lambda command: started.append(command) or 0)
    assert run.main(["lint"]) == 0
    assert [str(program), "--deny-warnings", "autograd", "nn", "demos"] in started


def test_fast_deselects_what_is_slow_and_runs_side_by_side(made, monkeypatch):
    started = []
    monkeypatch.setattr(run, "engine", lambda: "pure")  # all tests run once where there is no other engine
    monkeypatch.setattr(run, "run", lambda command: started.append(command[2:]) or 0)
    for arguments in (["--fast"], ["-k", "tanh", "--fast"], []):
        assert run.main(["test", *arguments]) == 0
    commands = [command for command in started if command[0] == "pytest"]
    side_by_side = ["-n", "auto", "--dist", "worksteal"]
    assert commands == [["pytest", *side_by_side, "-m", "fast"], ["pytest", "-m", "fast", "-k", "tanh"], ["pytest", *side_by_side]]


def test_the_node_in_c_is_built_again_when_its_sources_change_or_it_failed(tmp_path, monkeypatch, recorded):
    calls, answers = recorded
    unbuilt = tmp_path / "autograd" / "native" / "unbuilt.txt"
    for source in (unbuilt.with_name("node.h"), tmp_path / "autograd" / "rowcode" / "intrinsics.h", tmp_path / ".venv" / "python"):
        source.parent.mkdir(parents=True)
        source.touch()
    monkeypatch.setattr(run, "ROOT", str(tmp_path))

    def builds():
        before = len(calls)
        run.build("python")
        return len(calls) - before

    assert [builds(), builds()] == [1, 0]
    answers["build_ext"] = lambda command: (0, unbuilt.write_text("no compiler"))
    unbuilt.with_name("node.h").write_text("changed")
    assert [builds(), builds()] == [1, 1]
    answers["build_ext"] = lambda command: (0, unbuilt.unlink())
    assert [builds(), builds()] == [1, 0]
    assert calls[-1] == ["python", "setup.py", "build_ext", "--inplace", "--force"]


def test_the_place_of_a_test_decides_whether_it_runs_with_each_engine():
    def collected(*places):
        command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "--both-engines", *places]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
        assert not done.returncode, done.stdout  # nothing to run is no failure
        return done.stdout

    name = f"[{autograd.engine_info()['engine']}]"
    both = collected("tests/test_beside.py", "tests/test_stubs.py")
    assert name in both
    assert "test_stubs" not in both
    assert name not in collected("tests/test_stubs.py")


def test_every_test_is_fast_or_has_a_mark_of_slow_ones(request):
    """The tests of this run; setup.cfg declares the marks, and a test without another mark gets fast."""
    (*slow, fast) = [line.partition(":")[0] for line in SETUP["tool:pytest"]["markers"].strip().splitlines()]
    assert (fast, slow) == ("fast", ["browser", "notebook", "server", "peer", "long", "thorough"])
    for item in request.session.items:
        marks = {mark.name for mark in item.iter_markers()}
        fixtures = set(getattr(item, "fixturenames", ()))
        assert ("fast" in marks) is not bool(marks & set(slow)), item.nodeid
        assert ("browser" in marks) is ("chromium" in fixtures), item.nodeid
        assert ("notebook" in marks) is ("notebook" in fixtures), item.nodeid


@pytest.mark.thorough
def test_a_test_that_hangs_is_ended_by_name(tmp_path):
    (tmp_path / "test_it.py").write_text("import time\n\ndef test_sleeps(): time.sleep(60)\n\ndef test_runs(): pass\n")
    options = [
        "-c",
        str(ROOT / "setup.cfg"),
        "--rootdir",
        str(tmp_path),
        "-n",
        "1",
        "--dist",
        "worksteal",
        "-p",
        "no:cacheprovider",
    ]
    limits = ["-o", "faulthandler_timeout=2"]
    command = [sys.executable, "-m", "pytest", *options, *limits, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=60)
    assert re.search(r"worker 'gw\d' crashed while running 'test_it.py::test_sleeps'", done.stdout), done.stdout
    assert "1 failed, 1 passed" in done.stdout
    assert 'test_it.py", line 3 in test_sleeps' in done.stderr  # the stack, with the place


def test_an_environment_is_made_once_and_again_when_the_reason_changes(tmp_path, recorded, capsys):
    calls, _ = recorded
    folder = tmp_path / "env"

    def make(reason):
        before = len(calls)
        python = run.environment(str(folder), ["thing"], reason)
        Path(python).parent.mkdir(parents=True, exist_ok=True)
        Path(python).touch()
        return len(calls) - before

    folder.mkdir()
    assert make("one") > 0
    assert make("one") == 0
    assert make("two") > 0
    assert make("two") == 0
    next(folder.rglob("python*")).unlink()  # the Python it was made with is gone
    assert make("two") > 0
    assert "is ready" in capsys.readouterr().err


def test_a_change_in_setup_cfg_or_a_move_makes_the_environment_again(tmp_path, monkeypatch):
    reasons = []
    monkeypatch.setattr(run, "environment", lambda folder, requirements, reason: reasons.append(reason))
    monkeypatch.setattr(run, "build", lambda python: None)
    for change in ("", "\n# changed"):
        for name in ("here", "there"):
            place = tmp_path / name
            place.mkdir(exist_ok=True)
            (place / "setup.cfg").write_text("[metadata]" + change)
            (place / "pyproject.toml").write_text("[build-system]")
            monkeypatch.setattr(run, "ROOT", str(place))
            run.ours()
    assert len(set(reasons)) == 4


def test_a_failed_installation_says_why_and_is_not_taken_for_done(tmp_path, recorded, monkeypatch, capsys):
    _, answers = recorded
    answers["install"] = (1, "ERROR: No matching distribution found for thing")
    with pytest.raises(run.SetupError, match=r"No matching distribution[\s\S]*Is there a network\?"):
        run.environment(str(tmp_path), ["thing"], "reason")
    assert not (tmp_path / "stamp").exists()
    (tmp_path / "stamp").write_text("of an installation that worked")
    with pytest.raises(run.SetupError):
        run.environment(str(tmp_path), ["thing"], "reason")
    assert not (tmp_path / "stamp").exists()  # what it vouched for may be half replaced
    monkeypatch.setitem(run.COMMANDS, "demo", lambda arguments: run.environment(str(tmp_path), ["thing"], "reason"))
    assert run.main(["demo"]) == 1
    assert "run.py: ERROR: No matching distribution" in capsys.readouterr().err


def test_a_python_without_venv_is_told_what_to_install(tmp_path, recorded):
    _, answers = recorded
    answers["--version"] = answers["venv"] = (1, "ensurepip is not available")
    with pytest.raises(run.SetupError, match="apt install python3-venv"):
        run.environment(str(tmp_path), ["thing"], "reason")


@pytest.mark.parametrize("works", [True, False])
def test_uv_is_used_where_it_is_and_pip_where_it_fails(tmp_path, recorded, monkeypatch, works):
    calls, answers = recorded
    monkeypatch.setattr(run.shutil, "which", lambda name: "/bin/uv")
    answers["/bin/uv"] = (0 if works else 1, "")
    run.environment(str(tmp_path), ["thing"], "reason")
    assert calls[0][:2] == ["/bin/uv", "venv"]
    assert any("pip" in call and "-m" in call for call in calls) is not works


def test_what_continuous_integration_runs_is_the_test_command():
    script = ROOT / ".ci" / "run"
    lines = [line for line in script.read_text(encoding="utf-8").splitlines() if line and not line.startswith(("#", "set", "cd"))]
    packages = {"chromium", "pandoc", "ffmpeg", "texlive-latex-base", "texlive-pictures"}  # without one its tests fail there
    assert packages <= set(lines[1].split())
    condition = "if ! type chromium pandoc ffmpeg pdflatex &>/dev/null; then"
    assert [lines[0], *lines[2:]] == [condition, "fi", 'exec python3 run.py test "$@"']
    assert os.name == "nt" or script.stat().st_mode & stat.S_IXUSR


def test_the_lessons_start_without_run_py():
    done = subprocess.run([sys.executable, "-m", "demos", "--list"], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stderr
    assert "cafeteria" in done.stdout
