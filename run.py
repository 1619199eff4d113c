#!/usr/bin/env python3
"""The one command of this project, from a fresh clone to a result; it needs nothing but Python.

    python3 run.py demo [lesson ...]      run the lessons; pictures and a gallery appear in demos/out/index.html
    python3 run.py demo --list            which lessons there are
    python3 run.py notebooks [lesson ...] the same as executed Jupyter notebooks, in demos/out/notebooks; installs JupyterLab
    python3 run.py test [pytest args]     style, types, then every test: `test -k tanh` runs what is known of tanh
    python3 run.py test --fast            the same without browsers, notebooks, long and thorough tests: a minute an engine
    python3 run.py test long              every lesson in every form, and 20,000 graphs in C and in Python: half an hour
    python3 run.py test peers             models in the real PyTorch, JAX, ONNX and SymPy, which it installs: three minutes
    python3 run.py test notebooks         pages in real JupyterLab, marimo and nbconvert, which it installs: two minutes
    python3 run.py lint                   style, scripts and types alone
    python3 run.py bench NAME             measure, some beside other engines; no name lists them
    python3 run.py sanitize               the tests of the engine in C, under AddressSanitizer and valgrind: half an hour

The first run makes a virtual environment in .venv and installs what the project needs; later runs find it there, and it
is brought up to date when setup.cfg changes. The node in C is built again when its sources change. Every command runs in
the project's folder, wherever it is called from, and gives back the exit code of what it ran.
"""

import configparser
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.abspath(__file__))
WHAT_DECIDES = ("setup.cfg", "pyproject.toml")  # a change in one of these brings .venv up to date


class SetupError(Exception):
    """The environment could not be made; the message has the cure."""


def main(arguments: "list[str]") -> int:
    """Run one command; the result is the process's exit code."""
    # Annotations are quoted and the syntax is plain here, so that an old Python gets this sentence and not a SyntaxError.
    if sys.version_info < (3, 11):
        print(
            f"run.py: Python 3.11 or newer is needed, and this is {sys.version.split()[0]}: python3.12 run.py ...", file=sys.stderr
        )
        return 1
    command, rest = (arguments[0], arguments[1:]) if arguments else ("--help", [])
    if command in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    if command not in COMMANDS:
        print(f"run.py: there is no command {command!r}; choose from {', '.join(COMMANDS)}, or --help", file=sys.stderr)
        return 2
    try:
        return COMMANDS[command](rest)
    except SetupError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


# ---------------------------------------------------------------------------------------------------------------- commands


def demo(arguments: "list[str]") -> int:
    """The lessons, all or the named ones."""
    return run([ours(), "-m", "demos", *arguments])


def notebooks(arguments: "list[str]") -> int:
    """The lessons, all or the named ones, as Jupyter notebooks with their results."""
    return run([ours("lab"), "-m", "demos.notebooks", *arguments])


def lint(arguments: "list[str]") -> int:
    """Style, scripts and types; the exit code of the first check that failed."""
    return checks(LINT)


def test(arguments: "list[str]") -> int:
    """Style, types, every test with the node in C, those of the engine with the pure one too; the first exit code that is not 0.

    What takes long is tested alone: notebook servers, other libraries, all lessons in every form, thousands of graphs in C.
    """
    if arguments[:1] == ["peers"]:
        return peers(arguments[1:])
    if arguments[:1] == ["notebooks"]:
        return run([ours("servers"), "-m", "pytest", "-m", "server", "tests/servers", *arguments[1:]])
    if arguments[:1] == ["long"]:
        return run([ours(), "-m", "pytest", "-n", "auto", "-m", "long", "tests", *arguments[1:]])
    chosen = [argument for argument in arguments if argument != "--fast"]
    fast = ["-m", "fast"] if "--fast" in arguments else []
    side_by_side = [] if chosen else ["-n", "auto", "--dist", "worksteal"]  # goes on after a worker that a test has ended
    pytest = ["pytest", *side_by_side, *fast, *chosen]
    if engine() == "pure":
        return checks([*LINT, ("pure", pytest)])
    return checks([*LINT, ("native", pytest), ("pure", ["AUTOGRAD_PURE=1", *pytest, "--both-engines"])])


def peers(arguments: "list[str]") -> int:
    """Every model that leaves, and every program, in the real libraries; tests/data/peers.json has what these gave."""
    ours()  # builds the node in C, which the same Python loads there
    wanted = configparser.ConfigParser()
    wanted.read(os.path.join(ROOT, "setup.cfg"), encoding="utf-8")
    requirements = wanted["options.extras_require"]["peers"].split("\n")[1:]
    python = environment(os.path.join(ROOT, "build", "peers"), requirements, "\n".join(requirements))
    code = run([python, "-m", "pytest", "-m", "peer", "tests/peers", *(arguments or ["-n", "auto"])])
    return code or (0 if arguments else run([python, os.path.join("tests", "peers", "record.py")]))


def bench(arguments: "list[str]") -> int:
    """One benchmark; an engine that it compares with gets an environment in build/bench, made by the benchmark."""
    names = sorted(name[:-3] for name in os.listdir(os.path.join(ROOT, "bench")) if name.endswith(".py") and name[0] != "_")
    if not arguments or arguments[0] not in names:
        print(f"run.py: bench takes one of: {', '.join(names)}", file=sys.stderr)
        return 2
    print(f"The engine here is {engine()}.", file=sys.stderr, flush=True)
    return run([ours(), os.path.join(ROOT, "bench", arguments[0] + ".py"), *arguments[1:]])


def sanitize(arguments: "list[str]") -> int:
    """The tests of the engine on a node in C that is watched by sanitizers, and by valgrind."""
    return run([ours(), os.path.join(ROOT, "tests", "native", "sanitize.py"), *arguments])


COMMANDS = {"demo": demo, "test": test, "lint": lint, "notebooks": notebooks, "bench": bench, "sanitize": sanitize}
LINT = [
    ("style", ["ruff", "check", "."]),
    ("format", ["ruff", "format", "--check", "."]),
    ("scripts", ["oxlint", "--deny-warnings", "autograd", "nn", "demos"]),
    ("types", ["mypy"]),
]
PROGRAMS = ("oxlint",)  # these are no Python modules


def checks(steps: "list[tuple[str, list[str]]]") -> int:
    """Run every step, also after one failed, and print at the end how each went; a step may begin with VARIABLE=value."""
    python, outcomes = ours(), []
    for name, words in steps:
        print(f"── {name}: {' '.join(words)}", flush=True)
        settings = dict(word.split("=") for word in words[:1] if "=" in word)
        tool, *arguments = words[len(settings) :]
        program = shutil.which(tool, path=os.path.dirname(python))
        if tool in PROGRAMS and program is None:
            print(f"SKIPPED: {tool} has no build for this machine", flush=True)
            outcomes.append(("SKIPPED", name, 0, 0.0))
            continue
        start = time.perf_counter()
        command = [program, *arguments] if program and tool in PROGRAMS else [python, "-m", tool, *arguments]
        code = run(command, **settings)
        outcomes.append(("FAILED" if code else "passed", name, code, time.perf_counter() - start))
    print()
    for outcome, name, _, seconds in outcomes:
        print(f"{outcome:<8}{name:<8}{seconds:7.1f} s")
    return next((code for _, _, code, _ in outcomes if code), 0)


def run(command: "list[str]", **settings: str) -> int:
    """Run a program in the project's folder, with our packages to be imported from there; the result is its exit code."""
    paths = [ROOT, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **settings}
    if environment.pop("PYTHONDONTWRITEBYTECODE", None):  # kept beside no source, but kept: to compile all tests takes 12 seconds
        environment["PYTHONPYCACHEPREFIX"] = os.path.join(ROOT, ".venv", "compiled")
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            continue  # the program got it too, and ends in its own way
        return code if code >= 0 else 128 - code


# ------------------------------------------------------------------------------------------------------------- environments


def ours(extra: str = "") -> str:
    """The Python of .venv, where the project is installed with all its extras, and with one that `all` leaves out."""
    written = [ROOT]  # an editable install points at the folder: a clone that was moved installs again
    for name in WHAT_DECIDES:
        with open(os.path.join(ROOT, name), encoding="utf-8") as file:
            written.append(file.read())
    folder, reason = os.path.join(ROOT, ".venv"), "\n".join(written)
    python = environment(folder, ["--editable", ".[all]"], reason)
    if extra:
        environment(folder, ["--editable", f".[{extra}]"], reason, f"stamp-{extra}")
    build(python)
    return python


def build(python: str) -> None:
    """Build the node in C, unless that was done with these sources; where it fails, `engine_info` and the tests say why."""
    sources = ["setup.py", "autograd/engine.py", *(f"autograd/{name}/*.[ch]" for name in ("native", "rowcode"))]
    digest = hashlib.sha256()
    for path in sorted(path for source in sources for path in glob.glob(os.path.join(ROOT, source))):
        with open(path, "rb") as file:
            digest.update(file.read())
    stamp = os.path.join(ROOT, ".venv", "node")
    if read(stamp) != digest.hexdigest():
        print("Building the node in C ...", file=sys.stderr, flush=True)
        quietly([python, "setup.py", "build_ext", "--inplace", "--force"])
        if not os.path.exists(os.path.join(ROOT, "autograd", "native", "unbuilt.txt")):
            with open(stamp, "w", encoding="utf-8") as file:
                file.write(digest.hexdigest())


def engine() -> str:
    """The engine that runs if nothing else is asked for, "native" or "pure"."""
    return quietly([ours(), "-c", "import autograd; print(autograd.engine_info()['engine'])"])[1]


def environment(folder: str, requirements: "list[str]", reason: str, mark: str = "stamp") -> str:
    """The Python of a virtual environment that holds the requirements; made, or made again, when the reason changes.

    A file in it, `mark`, has the last reason.
    """
    python = os.path.join(folder, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
    stamp, wanted = os.path.join(folder, mark), hashlib.sha256(reason.encode()).hexdigest()
    if read(stamp) == wanted and os.path.exists(python):
        return python
    name = os.path.relpath(folder, ROOT)
    print(f"Setting up {name} (once; about half a minute with a fast network) ...", file=sys.stderr, flush=True)
    start = time.perf_counter()
    if os.path.exists(stamp):
        os.remove(stamp)  # an installation that is interrupted begins again
    uv = shutil.which("uv")
    if not (uv and install_with_uv(uv, folder, python, requirements)):
        install_with_pip(folder, python, requirements)
    with open(stamp, "w", encoding="utf-8") as file:
        file.write(wanted)
    print(f"{name} is ready, {time.perf_counter() - start:.0f} s\n", file=sys.stderr, flush=True)
    return python


def install_with_uv(uv: str, folder: str, python: str, requirements: "list[str]") -> bool:
    """True if uv succeeds; else pip tries, and its message is the one to read."""
    base = getattr(sys, "_base_executable", sys.executable)
    make = [] if os.path.exists(python) else [[uv, "venv", "--quiet", "--clear", "--python", base, folder]]
    return not any(quietly(command)[0] for command in [*make, [uv, "pip", "install", "--quiet", "--python", python, *requirements]])


def install_with_pip(folder: str, python: str, requirements: "list[str]") -> None:
    """Make the environment with the standard library's venv, and install with its pip."""
    if quietly([python, "-m", "pip", "--version"])[0]:  # no environment, a broken one, or one of uv's, which has no pip
        base = getattr(sys, "_base_executable", sys.executable)
        code, output = quietly([base, "-m", "venv", "--clear", folder])
        if code:
            raise SetupError(
                f"{output}\n\nA virtual environment could not be made in {folder}. "
                "On Debian and Ubuntu: sudo apt install python3-venv; anywhere: install uv. Then run this again."
            )
    code, output = quietly([python, "-m", "pip", "install", "--disable-pip-version-check", *requirements])
    if code:
        last = "\n".join(output.splitlines()[-12:])
        raise SetupError(
            f"{last}\n\nThe packages could not be installed. Is there a network? Behind a proxy, set HTTPS_PROXY; with a mirror, "
            "PIP_INDEX_URL. Then run this again: nothing half-done is kept."
        )


def quietly(command: "list[str]") -> "tuple[int, str]":
    """The exit code of a program and what it said, which is shown only when that matters."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace"
        )
    except OSError as error:
        return 1, str(error)
    return done.returncode, done.stdout.strip()


def read(path: str) -> "str | None":
    """The text of a file, or None if there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
