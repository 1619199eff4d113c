"""The benchmarks: every engine computes the same, by the same workload."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import types
from pathlib import Path

import numpy
import pytest
from needed import unavailable

from autograd.rowcode.machine import is_there

sys.path.append(str(Path(__file__).parent.parent / "bench"))
engines, workloads, beside, compilers, eager, model, compiled = map(
    importlib.import_module, ("_engines", "_workloads", "_beside", "_compilers", "eager", "model", "compile")
)


def made(engine):
    return engines.ENGINES[engine][0]()


@pytest.mark.parametrize("recipe", [workloads.random_recipe, workloads.sum_recipe])
@pytest.mark.parametrize("engine", ["microgpt's node", "micrograd"])
def test_expressions_have_one_result(recipe, engine):
    """The other engines are in separate environments."""
    expected = workloads.Expressions(made("ours"), recipe)()
    assert workloads.Expressions(made(engine), recipe)() == pytest.approx(expected, rel=1e-12)
    value, gradient = workloads.Expressions(made("plain floats"), recipe)()
    assert value == expected[0]
    assert gradient != gradient


def test_a_step_on_the_moons_is_the_same_by_layers_and_by_nodes():
    by_layers, by_nodes = workloads.moons_step_of_ours(), workloads.moons_step(made("ours"))
    for _ in range(2):
        assert by_layers() == pytest.approx(by_nodes(), rel=1e-12)


def test_engines_that_disagree_are_refused():
    case = beside.Case("a case", ("ours", "micrograd"), made)
    beside.refuse_difference(case, {"ours": [1.0, 2.0], "micrograd": [1.0, 2.0 + 1e-12]})
    beside.refuse_difference(case, {"ours": [[1.0, 2.0]], "plain floats": [[1.0, float("nan")]]})
    with pytest.raises(SystemExit, match=r"a case: ours gives \[1.0, 2.0\], micrograd \[1.0, 2.1\]"):
        beside.refuse_difference(case, {"ours": [1.0, 2.0], "micrograd": [1.0, 2.1]})
    with pytest.raises(SystemExit, match="not the same computation"):
        beside.refuse_difference(case, {"ours": [[1.0, 2.0]], "plain floats": [[1.1, float("nan")]]})


def test_a_pure_engine_is_not_measured_as_the_node_in_c(monkeypatch):
    monkeypatch.setenv("AUTOGRAD_NATIVE", "/none/_node.so")
    with pytest.raises(
        SystemExit, match=r"ours is the node in C, and here the engine is pure Python: the node in C cannot be loaded"
    ):
        beside.environment_of("ours")
    assert beside.environment_of("ours, pure")["AUTOGRAD_PURE"] == "1"
    assert beside.environment_of("ours, pure")["AUTOGRAD_CACHE"] == "off"


ROUNDS = {"ours": [[0.001], [0.002], [0.003]], "other": [[0.001, 0.001], [0.005, 0.001], [0.003, 0.0]]}


def test_numbers_are_short_and_have_no_powers_of_ten():
    assert [beside.short(x) for x in (0.8912, 56.34, 388.6, 3834.2)] == ["0.891", "56.3", "389", "3,834"]


def test_a_table_has_the_ratios_of_neighbours_in_time():
    lines = beside.table([(beside.Case("a case", (), made), ROUNDS)]).splitlines()
    assert lines[2:] == ["| a case | ours | 2 | 1 to 3 | 1 | 1 to 1 |", "| a case | other | 3 | 2 to 6 | 2 | 1 to 3 |"]


def test_the_cost_of_an_engine_is_what_is_over_the_loop_on_floats():
    rounds = {"ours": [[40e-6, 20e-6, 20e-6]] * 3, "plain floats": [[39e-6, 0.0, 1e-6]] * 3}
    lines = eager.net([(eager.CASES["sum"], rounds)]).splitlines()
    assert lines[2:] == ["| long sum | ours | 2 | 1 | 1 | 1.00 | 0.50 |", "| long sum | plain floats | 2 | 0 | 0 | 0.00 | 0.03 |"]


def test_a_process_knows_the_most_memory_that_it_had():
    """In a process that had less before than it is given here."""
    program = (
        "import sys; sys.path.insert(0, 'bench'); import _beside as beside; before = beside.peak(); "
        "kept = bytearray(64 << 20); kept[::4096] = b'x' * len(kept[::4096]); "
        "sys.exit(beside.peak() < before + 32)"  # it is NaN where the system does not say it
    )
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parent.parent, check=True)


def test_what_is_timed_is_each_phase_of_a_run():
    run = workloads.Expressions(made("ours"), workloads.sum_recipe)
    assert [seconds > 0.0 for seconds in beside.seconds(run)] == [True] * len(run.PHASES)
    assert len(beside.seconds(lambda: None)) == 1


def test_a_run_of_many_calls_is_timed_for_each_of_them(monkeypatch):
    run = compiled.Calls(lambda: None, lambda _: [])
    run.calls, clock = 4, iter([1.0, 3.0])
    monkeypatch.setattr(beside.time, "process_time", lambda: next(clock))
    assert beside.seconds(run) == [0.5]


@pytest.fixture
def at_once(monkeypatch):
    """The first code of a program, which gives the same bits as the optimised one; what makes it, and blocked.c, is there."""
    if shutil.which("cc") is None or not is_there():
        unavailable("no C compiler or no llvmlite: install gcc or clang, and pip install scalar-autograd[compile]")
    monkeypatch.setattr(compiled, "settle", lambda program, engine, call: call())


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("count", [3, 130])  # less than a tile of examples, and more
def test_a_network_has_one_loss_and_gradient_on_nodes_compiled_and_in_c(count):
    sizes = [2, 9, 5, 1]  # blocks of neurons and what is left of them
    expected = compiled.network_on_nodes(sizes, count)()
    assert len(expected) == 1 + 9 * 3 + 5 * 10 + 6
    for engine in ("blocked C", "compile") if count == 3 else ("blocked C",):
        assert compiled.network(sizes, count)(engine)() == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("name", compilers.FUNCTIONS)
def test_a_function_has_one_value_and_gradient_on_nodes_compiled_in_c_and_by_hand(name):
    expected = compiled.function_on_nodes(name, 6)()
    for engine in ("blocked C", "compile", "ordinary call"):
        assert compiled.function(name, 6)(engine)() == pytest.approx(expected, rel=1e-9)
    x, gradient = numpy.array(compiled.start_of(6)), numpy.zeros(6)
    assert compilers.FUNCTIONS[name].by_hand(x, gradient) == pytest.approx(expected[0], rel=1e-12)
    assert gradient.tolist() == pytest.approx(expected[1:], rel=1e-9)
    assert compilers.FUNCTIONS[name].array(x, 6) == pytest.approx(expected[0], rel=1e-12)


def test_what_runs_a_measured_program_is_what_its_name_says():
    program = types.SimpleNamespace(stats={"backend": "numpy"})
    compiled.settle(program, "compile, NumPy", lambda: None)
    with pytest.raises(SystemExit, match="compile is measured with llvm, and here numpy runs it"):
        compiled.settle(program, "compile", lambda: None)


def test_times_over_blocked_c_are_of_neighbours_in_time_beside_the_memory_of_each_process(monkeypatch):
    monkeypatch.setitem(beside.PEAKS, ("a case", "compile"), 123.4)
    rounds = {"compile": [[0.003], [0.008], [0.006]], "blocked C": [[0.002], [0.004], [0.003]]}
    assert compiled.over_c([(beside.Case("a case", (), made), rounds)]).splitlines()[2:] == [
        "| a case | compile | 2 | 1.5 to 2 | 123 |",
        "| a case | blocked C | 1 | 1 to 1 | nan |",
    ]


@pytest.mark.filterwarnings("ignore:@op fourth_power. native=True, but")
def test_what_is_measured_of_a_model_runs_and_is_beside_another(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    measured = model.measured()
    outputs = {name: run() for name, (run, _) in measured.items()}
    assert {base for _, base in measured.values()} <= set(measured)
    assert [y.data for y in outputs["forward"]] == [y.data for y in outputs["forward under no_grad"]]
    assert outputs["plain floats"] == pytest.approx([y.data for y in outputs["forward"]], rel=1e-12)
    assert outputs["a row of a user's"][0].data == outputs["the row with native=True"][0].data == 1.5**4
