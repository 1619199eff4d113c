"""Tests of `autograd.compiling.keeping`: a kept program is what would be compiled, and nothing else ever takes its place."""

import os
import subprocess
import sys

import numpy
import pytest

from autograd import Value, compile, exp, op, tanh
from autograd.compiling import compiled, keeping
from autograd.compiling.tracing import trace
from autograd.ops import TABLE
from autograd.rowcode import cache

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no machine code")
X = numpy.linspace(-1.0, 2.0, 21)


@pytest.fixture
def place(tmp_path, monkeypatch):
    tmp_path.chmod(0o700)
    monkeypatch.setenv("AUTOGRAD_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


def curve(f=lambda x, w: w * tanh(x) + exp(-x), **options):
    w = Value(0.7, "w")
    return compile(lambda x: f(x, w), parameters=[w], **options)


def run(program):
    """The results, after the optimised code is there."""
    program(X)
    (runner,) = program._latest().runners()
    runner.machine(len(X)).wait()
    return program(X).tolist()


def names(place):
    return sorted(path.stem for path in place.iterdir())


@pytest.mark.parametrize("strict", [False, True])
def test_a_kept_program_is_neither_printed_nor_compiled(strict, place, monkeypatch):
    first = curve(strict=strict)
    expected = run(first)
    assert len(names(place)) == 1
    texts = []
    monkeypatch.setattr(compiled, "Printed", None)
    monkeypatch.setattr(compiled, "Machine", lambda text, level, code=b"": texts.append(code) or Machine(text, level, code))
    again = curve(strict=strict)
    assert run(again) == expected
    assert all(texts)
    assert len(texts) == 1
    assert again.llvm == first.llvm
    assert again.stats["backend"] == "llvm"


Machine = compiled.Machine


def name(f=lambda x, y: x * y + exp(x), roots=None, sums=(), parameters=1, exact=False, single=False):
    tape, places, _ = trace(f, [0, 1])
    return keeping.name_of(tape, places if roots is None else roots, sums, parameters, exact=exact, single=single)


def test_the_name_says_all_that_a_program_is_made_of(place, monkeypatch):
    found = [
        name(),
        name(lambda x, y: y * x + exp(x)),
        name(lambda x, y: x * y + exp(x) + 1.0),
        name(lambda x, y: x * y + exp(x) + 2.0),
        name(lambda x, y: x * y + exp(x) + 0.0),
        name(lambda x, y: x * y + exp(x) + -0.0),
        name(lambda x, y: (x * y).leaky_relu(negative_slope=0.1)),
        name(lambda x, y: (x * y).leaky_relu(negative_slope=0.2)),
        name(roots=[0]),
        name(single=True),
        name(roots=[], sums=[[0], [1]]),
        name(roots=[], sums=[[0, 1]]),
        name(parameters=2),
        name(exact=True),
    ]
    for versions in (("other", "cpu", "+avx", "(15, 0, 0)", "0.50"), ("other", "cpu", "+avx", "(14, 0, 0)", "0.50")):
        keeping._made_of.cache_clear()
        monkeypatch.setattr(keeping, "versions", lambda versions=versions: versions)
        found.append(name())
    keeping._made_of.cache_clear()
    monkeypatch.setattr(keeping, "SOURCES", ("*.py",))
    found.append(name())
    keeping._made_of.cache_clear()
    assert len(set(found)) == len(found)
    assert None not in found


def test_a_program_with_a_users_row_is_not_kept(place):
    @op(partials=(lambda x, y: 2.0 * x,))
    def doubled_square(x: float) -> float:
        """The square of a number."""
        return x * x

    assert "doubled_square" in TABLE
    program = curve(lambda x, w: w * doubled_square(x))
    assert run(program) == (0.7 * (X * X)).tolist()
    assert not names(place)


@pytest.mark.parametrize("damage", [lambda b: b"x" * len(b)])
def test_a_damaged_program_is_made_again(damage, place):
    expected = run(curve())
    (path,) = place.iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert run(curve()) == expected
    assert cache.read(path.stem) is not None


def test_nothing_is_kept_where_it_is_not_safe(place, monkeypatch):
    run(curve())
    place.chmod(0o777)
    assert name() is None
    assert keeping.kept("a") is None
    place.chmod(0o700)
    assert name() is not None
    monkeypatch.setenv("AUTOGRAD_CACHE", "off")
    assert name() is None


def test_processes_may_compile_one_program_at_once(place):
    program = """
import numpy
from autograd import Value, compile, exp, tanh
w = Value(0.7, "w")
program = compile(lambda x: w * tanh(x) + exp(-x), parameters=[w])
X = numpy.linspace(-1.0, 2.0, 21)
program(X)
program._latest().runners()[0].machine(2).wait()
print(program(X).tolist())
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = [subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=-1, text=True) for _ in range(2)]
    found = {process.communicate()[0] for process in running}
    assert found == {f"{run(curve())}\n"}
    assert len(names(place)) == 1  # the name is the same in every process
