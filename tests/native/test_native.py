"""The node in C beside the pure one, which defines it: the same numbers, errors and pickles, and nothing that stays or breaks.

A process runs one engine. The tests compile the node from its present source.
"""

from __future__ import annotations

import os
import pickle
import re
import shlex
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kernels import compiler
from needed import unavailable

import autograd

ROOT = Path(__file__).parents[2]
FLAGS = ("-O1", "-std=c11", "-Wall", "-Wextra", "-Wno-unused", "-Wno-missing-field-initializers", "-Wno-cast-function-type")
WATCH = shlex.split(os.environ.get("AUTOGRAD_WATCH", ""))  # what programs with the node in C run under; see sanitize.py
FEWER = 10 if WATCH else 1  # such programs are slow
HEADERS = sysconfig.get_paths()["include"]

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or bool(sysconfig.get_config_var("Py_GIL_DISABLED")), reason="built by setup.py alone"
)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of the extension module, built without a warning; the one that runs already, if AUTOGRAD_NATIVE names it."""
    if os.sep in os.environ.get("AUTOGRAD_NATIVE", ""):
        return os.environ["AUTOGRAD_NATIVE"]
    if not (Path(HEADERS) / "Python.h").exists():
        unavailable("the headers of this Python are not installed, so that the node in C cannot be compiled")
    path = tmp_path_factory.mktemp("native") / "_node.so"
    source = str(ROOT / "autograd" / "native" / "node.c")
    shared = ("-bundle", "-undefined", "dynamic_lookup") if sys.platform == "darwin" else ("-shared",)
    command = [compiler(), *FLAGS, "-Werror", "-ffp-contract=off", *shared, "-fPIC", "-I", HEADERS, source, "-o", str(path), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert not done.returncode, done.stderr
    return str(path)


def said(program: list[str], **settings: str) -> str:
    """What a program prints, with one of the engines."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("AUTOGRAD_")}
    done = subprocess.run(
        [*(WATCH if "AUTOGRAD_NATIVE" in settings else ()), sys.executable, *program],
        env={**kept, "PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        encoding="utf-8",
    )
    assert not done.returncode, done.stderr[-3000:]
    return done.stdout


def on_both(node: str, program: list[str]) -> tuple[list[str], list[str]]:
    return said(program, AUTOGRAD_PURE="1").splitlines(), said(program, AUTOGRAD_NATIVE=node).splitlines()


def test_every_number_every_error_and_every_order_is_that_of_the_pure_engine(node: str) -> None:
    pure, native = on_both(node, [str(Path(__file__).with_name("outcomes.py")), "1", str(60 // FEWER), str(40 // FEWER)])
    assert len(pure) > 5000 // FEWER
    assert [pair for pair in zip(pure, native, strict=True) if pair[0] != pair[1]] == []


def test_nodes_that_share_operands_are_those_of_the_pure_engine(node: str) -> None:
    pure, native = on_both(node, [str(Path(__file__).with_name("networks.py")), "1", str(60 // FEWER)])
    assert len(pure) > 20_000 // FEWER
    assert [pair for pair in zip(pure, native, strict=True) if pair[0] != pair[1]] == []


@pytest.mark.parametrize("seed", [2, *[pytest.param(seed, marks=pytest.mark.long) for seed in range(3, 22)]])
@pytest.mark.parametrize("program", [("outcomes.py", "1000", "100"), ("networks.py", "60")], ids=lambda program: program[0])
def test_every_row_at_2000_points_and_20_000_graphs_are_those_of_the_pure_engine(
    node: str, program: tuple[str, ...], seed: int
) -> None:
    name, *counts = program
    pure, native = on_both(node, [str(Path(__file__).with_name(name)), str(seed), *counts])
    assert [pair for pair in zip(pure, native, strict=True) if pair[0] != pair[1]] == []


def test_a_user_sees_the_same_names_texts_errors_pickles_and_lives_of_nodes(node: str) -> None:
    pure, native = on_both(node, [str(Path(__file__).with_name("surface.py"))])
    assert len(pure) > 300
    assert [pair for pair in zip(pure, native, strict=True) if pair[0] != pair[1]] == []


WRITE = (
    "import pickle, sys; from autograd import Value, sum; x = Value(0.1, 'x'); y = (x * 3).tanh(); z = sum([x, y, 2]); z.backward()"
)
READ = (
    "import pickle; from autograd import toposort; z = pickle.load(open({!r}, 'rb')); z.backward(); "
    "print([(repr(n), n.label, n.op) for n in toposort(z)])"
)


def test_a_pickle_of_one_engine_is_read_by_the_other(node: str, tmp_path: Path) -> None:
    printed = []
    for place, setting in enumerate([{"AUTOGRAD_PURE": "1"}, {"AUTOGRAD_NATIVE": node}]):
        path = tmp_path / f"{place}.pickle"
        said(["-c", f"{WRITE}; pickle.dump(z, open({str(path)!r}, 'wb'))"], **setting)
        printed += [
            said(["-c", READ.format(str(path))], **reader) for reader in ({"AUTOGRAD_PURE": "1"}, {"AUTOGRAD_NATIVE": node})
        ]
    assert len(set(printed)) == 1
    assert (tmp_path / "0.pickle").read_bytes() == (tmp_path / "1.pickle").read_bytes()
    assert pickle.loads((tmp_path / "1.pickle").read_bytes()).label == ""


def test_the_engine_of_this_run_is_in_c_where_there_is_a_compiler() -> None:
    found = autograd.engine_info()
    if found["engine"] == "pure" and os.environ.get("AUTOGRAD_PURE", "") in ("", "0"):
        unavailable(found["reason"])


def test_the_engine_says_which_it_is_and_why(node: str) -> None:
    show = ["-c", "import autograd; print(*autograd.engine_info().values(), autograd.Value.__module__)"]
    assert said(show, AUTOGRAD_NATIVE=node) == "native the node in C was built autograd.value\n"
    assert said(show, AUTOGRAD_NATIVE=node, AUTOGRAD_PURE="1") == "pure AUTOGRAD_PURE is set autograd.value\n"
    assert said(show, AUTOGRAD_NATIVE=node, AUTOGRAD_PURE="0").startswith("native ")
    assert said(show, AUTOGRAD_NATIVE="/none/_node.so").startswith("pure the node in C cannot be loaded: ")


RUNS_NO_PYTHON = """
import math, sys
from autograd import Value, ops
x, y, called = Value(0.5), Value(2.0), []
plain = {
    "a method": lambda: x.tanh(), "a method of two": lambda: x.add(y), "a function": lambda: ops.tanh(x),
    "a function of two": lambda: ops.add(2, x), "a parameter's default": lambda: x.leaky_relu(), "three": lambda: x.clamp(0.0, y),
    "operators": lambda: (x + y - 1) * 2.0 / -y, "comparisons": lambda: (x > 0, x < y, 1 >= x, x != y, x <= x),
    "numbers": lambda: (x.data, x.grad, setattr(x, "data", 0.5), setattr(x, "grad", 0.0)),
}
for name, compute in plain.items():
    sys.setprofile(lambda frame, event, _: called.append(f"{name}: {frame.f_code.co_name}") if event == "call" else None)
    compute()
    sys.setprofile(None)
print([each for each in called if not each.endswith("<lambda>")])
"""


def test_plain_calls_of_rows_operators_and_comparisons_run_no_python(node: str) -> None:
    assert said(["-c", RUNS_NO_PYTHON], AUTOGRAD_NATIVE=node) == "[]\n"
    assert "'a method: method'" in said(["-c", RUNS_NO_PYTHON], AUTOGRAD_PURE="1")


def test_a_network_of_plain_layers_runs_no_python_between_its_neurons(node: str) -> None:
    show = """
import sys
from autograd import no_grad
from nn import MLP
model, called = MLP(2, [3, 3, 1]), []
def run():
    model([0.5, 1.0]), model.layers[0]((0.5, 1.0))
run()
with no_grad():
    run()
    sys.setprofile(lambda frame, event, _: called.append(frame.f_code.co_name) if event == "call" else None)
    run()
sys.setprofile(None)
print(*called)
"""
    assert said(["-c", show], AUTOGRAD_NATIVE=node) == "run __call__ forward __call__ forward\n"


def test_a_node_is_80_bytes(node: str) -> None:
    show = "import sys; from autograd import Value; print(sys.modules['autograd.value'].recorded.__self__.living()['bytes'])"
    assert int(said(["-c", show], AUTOGRAD_NATIVE=node)) == 80


LIVING = """
import gc, math, sys, threading, weakref
gc.disable()
import autograd, nn
from autograd import Value, ops, grad, hessian, custom_vjp, checkpoint, no_grad
node = sys.modules["autograd.value"].recorded.__self__

def living():
    found = node.living()
    return found["nodes"], found["blocks"]

before = living()
"""


def leaves_nothing(node: str, program: str) -> None:
    assert (
        said(["-c", f"{LIVING}{program}\nassert living() == before, (living(), before)\nprint('done')"], AUTOGRAD_NATIVE=node)
        == "done\n"
    )


def test_a_million_deep_chain_and_a_million_leaves_are_built_swept_copied_and_freed(node: str) -> None:
    leaves_nothing(node, """
import copy
x = y = Value(1.0)
for _ in range(1_000_000):
    y = y + x
y.backward()
assert x.grad == 1_000_001.0
z = copy.deepcopy(y)
del y, z, x, _
xs = [Value(1.0) for _ in range(1_000_000)]
y = ops.sum(xs)
y.backward()
assert xs[-1].grad == 1.0 and y.data == 1e6
y = ops.dot(xs, xs)
y.backward()
assert xs[-1].grad == 3.0 and y.data == 1e6
del xs, y
x, w = Value(1.0), [Value(0.5), Value(0.25)]
y = x
for _ in range(300_000):
    y = ops.max([y, ops.affine(w, [y, 1.0], 0.0), x])
    y = ops.affine(w, [y, y], x)
y.backward()
assert math.isfinite(x.grad)
z = copy.deepcopy(y)
del w, x, y, z, _
""")  # fmt: skip


def test_operands_are_kept_once_for_all_nodes_that_were_made_of_them(node: str) -> None:
    leaves_nothing(node, """
def blocks():
    return living()[1] - before[1]

ws, xs = [Value(0.5), Value(1.5)], [Value(2.0) * 1.0, 3.0]
nodes = [ops.affine(ws, xs, 0.25) for _ in range(5)] + [ops.dot(ws, xs), ops.dot(xs, xs), ops.sum(ws), *ops.softmax(xs)]
assert blocks() == 2, blocks()
ws[1].data = 1.0
nodes += [ops.affine(ws, xs, 0.25), ops.affine(ws, xs, 0.25)]
assert blocks() == 4, blocks()
del nodes, ws, xs
model = nn.MLP(2, [3, 1])
losses = [model([0.1 * i, 0.5]) for i in range(10)]
assert blocks() == 4 + 2 * 10, blocks()
nn.SGD(model.parameters()).step()
losses.append(model([0.1, 0.5]))
assert blocks() == 4 + 2 * 10 + 4 + 2, blocks()
del model, losses
""")  # fmt: skip


def test_whatever_is_computed_refused_or_interrupted_nothing_stays(node: str) -> None:
    leaves_nothing(node, """
def work():
    x, y = Value(0.5, "x"), Value(-1.5)
    for row in (ops.add, ops.mul, ops.pow, ops.div, ops.atan2, ops.leaky_relu, ops.clamp, ops.where, ops.sum, ops.affine, ops.log):
        for arguments in ((x,), (x, y), (x, 2), (x, y, 1.0), ([x, y, 2],), ([x], [y], 3), (x, 0.0), (y,), (x, "a"), (10**400, x)):
            try:
                made = row(*arguments)
                made.backward()
                made.edges, made.operands, made.partials, made.arguments, made.parameters, made.label
                made.grad = "a"
            except (ArithmeticError, AttributeError, TypeError, ValueError):
                pass
    layer = [ops.affine([x, y], (2.0, x), y).tanh() for _ in range(3)]
    x.__init__(3.0, "y")
    layer += [ops.affine([x, y], (2.0, x), y), ops.softmax(layer)[0], ops.dot(layer, layer)]
    layer[-1].backward()
    layer[1].__init__(1.0)
    layer[0].operands[0].backward()
    model = nn.MLP(2, [3, 2], activation=["leaky_relu", "exp"])
    for inputs in ([x, 2], (x, y), [1.0, -1.0], [1.0], [1.0, "a"], [1e308, 1e308], x):
        try:
            autograd.sum(model(inputs)).backward()
            with no_grad():
                model(inputs)
        except (ArithmeticError, AttributeError, TypeError, ValueError):
            pass
    made = x * y
    made.__init__(2.0)
    for bad in ((), (1, 2), (1.0, "a", "+"), (None,)):
        try:
            Value(*bad)
        except TypeError:
            pass
    grad(lambda v: v[0] * v[1])([1.0, 2.0]), hessian(lambda v: v**3)(2.0)
    with no_grad():
        x * y
    z = x * y
    with z.register_hook(lambda adjoint: adjoint):
        z.backward()
    checkpoint(lambda a: a * a)(x).backward()
    try:
        type("Sub", (Value,), {})
    except TypeError:
        pass

work()
before = living()
for _ in range(3):
    work()
""")  # fmt: skip


def test_weak_references_and_their_callbacks_see_a_node_go(node: str) -> None:
    leaves_nothing(node, """
gone = []
x = Value(1.0)
chain = [x]
for _ in range(1000):
    chain.append(chain[-1] * 2.0)
references = [weakref.ref(n, lambda r: gone.append(Value(2.0) * 3.0)) for n in chain]
last = chain[-1]
del chain
assert references[0]() is x
del last
assert references[0]() is x and len(gone) == 1000 and references[500]() is None
del x
assert len(gone) == 1001
del references, gone
""")  # fmt: skip


def test_threads_build_sweep_and_free_side_by_side(node: str) -> None:
    leaves_nothing(node, """
sys.setswitchinterval(1e-6)
wrong = []

def work(seed):
    for turn in range(200):
        x = Value(float(seed))
        y = x
        for _ in range(50):
            y = y + x * 2.0
        y.backward()
        if x.grad != 101.0 or grad(lambda v: v * v)(float(seed)) != 2.0 * seed:
            wrong.append((seed, turn))

threads = [threading.Thread(target=work, args=(seed,)) for seed in range(1, 9)]
[t.start() for t in threads]
[t.join() for t in threads]
assert not wrong
""")  # fmt: skip


def test_memory_is_flat_over_ten_thousand_steps(node: str) -> None:
    leaves_nothing(node, """
import tracemalloc
ws = [Value(0.1 * i) for i in range(10)]

def step():
    loss = (ops.affine(ws, [1.0] * 10, 0.5).tanh() - 0.5) ** 2
    for w in ws:
        w.grad = 0.0
    loss.backward()
    for w in ws:
        w.data -= 0.01 * w.grad

tracemalloc.start()
for _ in range(3_000):  # more tuples than the interpreter keeps for reuse
    step()
first = tracemalloc.get_traced_memory()[0]
for _ in range(10_000):
    step()
assert tracemalloc.get_traced_memory()[0] - first < 20_000
tracemalloc.stop()
del ws
""")  # fmt: skip


def test_the_parameters_of_a_model_are_found_in_c(node: str) -> None:
    program = """
from collections import OrderedDict
from autograd.engine import in_c
from nn import MLP, Module
model, metaclass = MLP(2, [3, 1]), type(Module)
for name in ("modules_in", "leaves_in"):
    find = in_c(name)
    print(len(find(model, metaclass)), len(find(model, metaclass)), find([], metaclass), find(OrderedDict(), metaclass))
forget = in_c("forget_in")
print(*[forget(root, metaclass, Module.parameters) for root in (model, OrderedDict())], forget(model, metaclass, MLP.forward))
"""
    assert said(["-c", program], AUTOGRAD_NATIVE=node) == "7 7 [] None\n13 13 [] None\nTrue False False\n"


def test_a_walk_whose_signal_handler_walks_over_the_same_graph_or_changes_it_begins_again(node: str) -> None:
    leaves_nothing(node, """
import signal
from autograd import toposort
from autograd.value import sweep_apart

def ring(*_):
    global sweeps
    y.backward()
    sweeps += 1
    if changing:
        hidden.pop().__init__(1.0)

signal.signal(signal.SIGALRM, ring)
for changing in (False, True):
    xs = [Value(1.0) for _ in range(60_000)]
    hidden = [(x * 1.0 + x) * 1.0 for x in xs]
    y = ops.sum(hidden)
    order, sweeps, inner = toposort(y), 0, 0
    for k in range(60):
        signal.setitimer(signal.ITIMER_REAL, 1e-4 * 1.12**k)
        done, kept = sweeps, len(hidden)
        if k % 3 == 0:
            y.backward()
            sweeps += 1
        elif k % 3 == 1:
            assert len(toposort(y)) in (60_001 + 3 * kept, 60_001 + 3 * len(hidden))
        else:
            assert sweep_apart(order, [order[-1], y, xs[0]]) == [1.0, 1.0, 2.0]
        signal.setitimer(signal.ITIMER_REAL, 0)
        inner += sweeps - done - (k % 3 == 0)
    assert inner > 10, inner
    assert {x.grad for x in xs[:30_000]} == {2.0 * sweeps}
del xs, hidden, y, order
""")  # fmt: skip


def test_optimisers_step_in_c_and_leave_nothing(node: str) -> None:
    leaves_nothing(node, """
import nn
leaves = [Value(float(i)) for i in range(100)]
kinds = [nn.SGD, nn.Momentum, nn.Nesterov, nn.AdaGrad, nn.RMSProp, nn.Adam, nn.AdamW]
optimizers = [kind(leaves) for kind in kinds]
in_c, answers = nn.optim._update_in_c, []
nn.optim._update_in_c = lambda *arguments: answers.append(in_c(*arguments)) or answers[-1]

def steps():
    for optimizer in optimizers:
        for memory in optimizer.memory:
            getattr(optimizer, memory)[:] = [0.5 + i for i in range(100)]  # floats that nothing else holds
        optimizer.step()
        getattr(optimizer, optimizer.memory[0])[-1] = -1.0
        try:
            optimizer.step()
        except ValueError:
            assert optimizer.steps % 2
            optimizer.steps += 1
    answered = answers[:]
    answers.clear()
    return answered

assert steps() == [True] * 6 + [True, False] + [True, False] + [True] * 4, steps()
blocks = sys.getallocatedblocks()
for _ in range(100):
    steps()
assert abs(sys.getallocatedblocks() - blocks) < 200, sys.getallocatedblocks() - blocks
del leaves, optimizers, kinds
""")  # fmt: skip


# ------------------------------------------------------------------------------------------------ rows that a user declares

USERS_ROWS = str(Path(__file__).with_name("users_rows.py"))
DECLARE = """
import warnings
from autograd import Value, op

def declared(power):
    @op(partials=(lambda a, y: power * a ** (power - 1.0),), name=f"power_{int(power)}", native=True)
    def row(a):
        "A power."
        return a ** power
    return row

with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    cube, fourth = declared(3.0), declared(4.0)
cube.rule = fourth.rule = None  # what Python would call
"""


def cached(folder: Path) -> list[Path]:
    return sorted((folder / "scalar-autograd").iterdir())


def test_compiled_rows_answer_as_their_python_functions_do(node: str, tmp_path: Path) -> None:
    pure = said(["-W", "ignore", USERS_ROWS, "1"], AUTOGRAD_PURE="1").splitlines()
    native = said([USERS_ROWS, "1"], AUTOGRAD_NATIVE=node, XDG_CACHE_HOME=str(tmp_path)).splitlines()
    assert len(pure) > 4000
    assert [pair for pair in zip(pure, native, strict=True) if pair[0] != pair[1]] == []
    assert len(cached(tmp_path)) == 9


def test_a_compiled_row_is_kept_for_the_next_process_and_its_functions_are_not_called(node: str, tmp_path: Path) -> None:
    use = "\nx = Value(2.0)\ny = cube(x) + x.power_4()\ny.backward()\nprint(y.data, x.grad, said)"
    home = {"AUTOGRAD_NATIVE": node, "XDG_CACHE_HOME": str(tmp_path)}
    assert said(["-W", "error", "-c", DECLARE + use], **home) == "24.0 44.0 []\n"
    kept = {path: path.stat().st_ino for path in cached(tmp_path)}
    assert len(kept) == 2
    assert all(path.stat().st_mode & 0o077 == 0 for path in [*kept, tmp_path / "scalar-autograd"])
    assert said(["-c", DECLARE + use], **home) == "24.0 44.0 []\n"
    assert {path: path.stat().st_ino for path in cached(tmp_path)} == kept


def test_half_a_library_and_one_that_others_may_write_are_built_again(node: str, tmp_path: Path) -> None:
    use, home = "\nprint(cube(Value(2.0)).data, said)", {"AUTOGRAD_NATIVE": node, "XDG_CACHE_HOME": str(tmp_path)}
    said(["-c", DECLARE + use], **home)
    first, second = cached(tmp_path)
    whole = first.read_bytes()
    first.write_bytes(whole[: len(whole) // 2])
    second.chmod(0o770)
    assert said(["-c", DECLARE + use], **home) == "8.0 []\n"
    assert (first.read_bytes(), second.stat().st_mode & 0o077) == (whole, 0)
    folder = tmp_path / "scalar-autograd"
    folder.chmod(0o777)
    for path in cached(tmp_path):
        path.unlink()
    assert said(["-c", DECLARE + use], **home) == "8.0 []\n"  # built in a folder of the process
    assert cached(tmp_path) == []
    folder.rmdir()
    folder.symlink_to(tmp_path)
    assert said(["-c", DECLARE + use], **home) == "8.0 []\n"
    assert list(tmp_path.iterdir()) == [folder]


def test_several_processes_may_compile_the_same_rows_at_once(node: str, tmp_path: Path) -> None:
    home = {"AUTOGRAD_NATIVE": node, "XDG_CACHE_HOME": str(tmp_path)}
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda _: said(["-c", f"{DECLARE}\nprint(fourth(Value(2.0)).data, said)"], **home), range(4))
        assert set(answers) == {"16.0 []\n"}
    assert len(cached(tmp_path)) == 2


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"PATH": "/none", "CC": ""}, "there is no C compiler: install gcc or clang"),
        ({"CC": "none -O1"}, "there is no C compiler 'none', which CC names: install gcc or clang"),
        ({"CC": "false"}, "false failed: "),
        ({"AUTOGRAD_PURE": "1"}, "the engine is pure Python (AUTOGRAD_PURE is set)"),
    ],
    ids=["no compiler", "no such compiler", "a compiler that fails", "pure"],
)
def test_a_row_that_cannot_be_compiled_runs_its_functions_and_says_so_once(
    node: str, tmp_path: Path, settings: dict[str, str], reason: str
) -> None:
    program = DECLARE.replace("cube.rule = fourth.rule = None", "") + (
        "\nprint(cube(Value(2.0)).data, len(said), said[0].category.__name__, said[0].message)"
    )
    answer = said(["-c", program], **{"AUTOGRAD_NATIVE": node, "XDG_CACHE_HOME": str(tmp_path), **settings})
    assert answer.startswith("8.0 1 RuntimeWarning @op power_3: native=True, but ")
    assert reason in answer
    assert answer.endswith("; such rows run their Python functions, to the same bits\n")


def test_a_row_of_which_c_cannot_be_printed_is_refused_by_the_name_of_what_cannot(node: str, tmp_path: Path) -> None:
    program = """
from autograd import op
from autograd.ops import TABLE
def looked_up(a):
    "A table."
    return {1.0: 2.0}.get(a, a)
try:
    op(looked_up, partials=(1.0,), native=True)
except TypeError as error:
    print(type(error).__name__, error, "looked_up" in TABLE)
"""
    path = tmp_path / "refused.py"
    path.write_text(program, encoding="utf-8")
    pure, native = on_both(node, [str(path)])
    assert pure == native
    assert re.fullmatch(
        r"DeclarationError @op looked_up: native=True, and C cannot be printed of .*get.*, in line 6 of refused.py; "
        r"write it another way, or leave out native=True False",
        native[0],
    )
