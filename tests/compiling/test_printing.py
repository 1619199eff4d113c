"""Programs in machine code: what NumPy and the interpreter give, for batches of every size, however the blocks are laid out."""

from __future__ import annotations

import math
import random
import re
import struct
from itertools import product
from typing import Any

import numpy
import pytest
from needed import unavailable

import nn.losses
from autograd import Value, abs, compile, cross_entropy, erf, exp, log, max, ops, relu, sigmoid, sin, softmax, sum, tanh, where
from autograd.compiling import specialised
from autograd.compiling.batches import Batches
from autograd.compiling.columns import columns_of
from autograd.compiling.compiled import Compiled
from autograd.compiling.frames import Frame
from autograd.compiling.interpreter import Interpreter
from autograd.compiling.printing import Printed
from autograd.compiling.rows import SUBSTITUTES
from autograd.rowcode.machine import is_there
from nn import MLP


@pytest.fixture(scope="module", autouse=True)
def needs_llvmlite() -> None:
    if not is_there():
        unavailable("no llvmlite: pip install scalar-autograd[compile]")


W = [Value(0.3 * k - 0.7) for k in range(6)]
FUNCTIONS: dict[str, tuple[Any, list[Value]]] = {
    "products with any rows": (lambda x, y: W[0] * x + W[5] * y + W[2] * x * y + W[0] * W[1] + W[3], W),
    "softmax": (lambda x, y: softmax([W[0] * x, W[1] * y, W[2]])[1] * W[4], W),
    "two ways to a sum": (lambda x, y: exp(W[0] * x) * W[0] + W[0] * y * y, W),
    "no input": (lambda x, y: 0.0 * x + sum([w * w for w in W]) * tanh(W[1]), W),
    "sum of many": (lambda x, y: sum([W[k % 6] * (x if k % 2 else W[k % 5]) * y + W[k % 4] * x for k in range(31)]) / 31.0, W),
    "sums of many": (  # of one shape
        lambda x, y: sum([sin(sum([W[k % 6] * x + W[(k + j) % 6] * W[j] + y for k in range(26)])) for j in range(4)]) * y,
        W,
    ),
    "powers": (lambda x, y: (x**2 + W[0]) ** 3 * y**4 + (W[2] * W[2] + 0.5) ** 1.5 * x**1, W),
    "choices": (lambda x, y: where(x > W[0], sigmoid(y) * x, W[1] * y) + relu(x * y) * max(x, W[2]) + abs(y), W),
    "a long chain": (lambda x, y: chain(x, y, 300), W),
    "mixed rows": (lambda x, y: sum([tanh(W[0] * x), tanh(W[1]), tanh(W[2] * y), 3.0]) * W[3], W),
}


def chain(x: Any, y: Any, length: int) -> Any:
    """A program whose every step needs the one before."""
    for k in range(length):
        x = 0.5 * sin(x) + W[k % 6] * y
        y = 0.9 * y + 0.1 * x * (x if k % 7 else W[0])
    return x


def both(
    f: Any, parameters: list[Value], columns: Any, *, exact: bool, waits: bool = True, single: bool = False
) -> tuple[Any, Any, Compiled]:
    """What the reference gives, and what machine code gives; the same bits when it is optimised."""
    program = compile(f, parameters=parameters, strict=exact)
    traced = program._specialised(columns.widths)
    flows = traced._swept(with_inputs=True)
    roots, data = [traced.places[0], *flows.inputs], [w.data for w in parameters]
    reference = (Interpreter if exact else Batches)(traced.tape, roots, flows.parameters).run(columns, data, 0.5)
    made = Compiled(traced.tape, roots, flows.parameters, len(parameters), exact=exact, single=single)
    frame = Frame(made, len(columns.inputs), columns.size)
    quick = frame.result(columns, data, 0.5)
    if waits:
        made.wait()
        optimised = frame.result(columns, data, 0.5)
        assert [list(x) for x in quick.found] == [list(x) for x in optimised.found]
        assert quick.sums == optimised.sums
    return reference, quick, made


@pytest.mark.parametrize("count", [117, 1], ids=["batch", "single"])
@pytest.mark.parametrize("exact", [False, True], ids=["default", "exact"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_machine_code_gives_what_the_reference_gives(name: str, exact: bool, count: int) -> None:
    rng = random.Random(name)
    f, parameters = FUNCTIONS[name]
    columns = columns_of([numpy.array([rng.uniform(-2, 2) for _ in range(count)]) for _ in range(2)])
    reference, made, _ = both(f, parameters, columns, exact=exact, single=count == 1, waits=name != "a long chain")
    assert reference.refused == made.refused == []
    if exact:
        assert [list(x) for x in made.found] == [list(x) for x in reference.found]
        assert made.sums == reference.sums
    else:
        numpy.testing.assert_allclose(made.found, reference.found, rtol=1e-12, atol=1e-14)
        numpy.testing.assert_allclose(made.sums, reference.sums, rtol=1e-12, atol=1e-12)


def test_a_network_of_any_width_over_a_batch_of_any_size() -> None:
    """Widths that fill no block of a kernel, and tiles that are not full; the text is about as long for every width."""
    lengths = []
    for width, size in ((3, 1), (13, 130), (32, 16)):
        rng = random.Random(width)
        model = MLP(2, [width, width + 1, 1], seed=1)
        parameters = list(model.parameters())
        points = numpy.array([[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(size)])
        columns = columns_of([points, numpy.array([rng.choice([-1.0, 1.0]) for _ in range(size)])])
        f = lambda x, t, model=model: nn.losses.hinge(model(x), t)  # noqa: E731
        reference, made, code = both(f, parameters, columns, exact=False, waits=width == 3)
        numpy.testing.assert_allclose(made.found, reference.found, rtol=1e-12, atol=1e-14)
        numpy.testing.assert_allclose(made.sums, reference.sums, rtol=1e-12, atol=1e-12)
        lengths.append(len(code.text))
    assert lengths[2] < 1.3 * lengths[0]


BRANCHES: dict[str, Any] = {  # each with no number in the branch that is not taken, for half of the examples
    "value": lambda x, y: where(x > 0.0, lambda: log(x) * y, lambda: x * y),
    "chain": lambda x, y: where(x > 0.0, lambda: ops.sqrt(x + log(x + 1.0)) / x, lambda: y * x) * tanh(y),
    "inside": lambda x, y: where(x > 0.0, lambda: where(log(x) > -1.0, lambda: ops.sqrt(log(x) + 1.0), lambda: y * x), lambda: y),
    "sum": lambda x, y: where(x < 0.0, lambda: y, lambda: sum([log(x), 1.0 / x, y * ops.sqrt(x)])),
    "slope": lambda x, y: ops.sqrt(abs(x)) * ops.atan(y) + ops.elu(x) + ops.selu(y),
}


APART = ("chain", "inside", "sum")  # what a branch computes is kept from one step to another


@pytest.mark.parametrize("single", [False, True], ids=["batch", "single"])
@pytest.mark.parametrize("name", BRANCHES)
def test_a_branch_that_is_not_taken_refuses_few_examples(name: str, single: bool) -> None:
    rng = random.Random(name)
    for _ in range(4 if single else 1):
        columns = columns_of([numpy.array([rng.uniform(-3.0, 3.0) for _ in range(1 if single else 40)]) for _ in range(2)])
        exactly, strict, _ = both(BRANCHES[name], [], columns, exact=True, waits=False, single=single)
        reference, made, _ = both(BRANCHES[name], [], columns, exact=False, waits=False, single=single)
        assert set(made.refused) <= set(reference.refused if name in APART else ())
        for found, close in ((made, 1e-12), (strict, 0.0)):  # what it refuses nodes compute
            right = [i for i in range(columns.size) if i not in found.refused]
            given, wanted = [numpy.array(run.found)[:, right] for run in (found, exactly)]
            numpy.testing.assert_allclose(given, wanted, rtol=close, atol=close / 100)


@pytest.mark.parametrize("strict", [False, True], ids=["default", "strict"])
def test_a_branch_that_is_taken_refuses_what_its_rows_refuse(strict: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specialised, "PATIENCE", 0)
    program = compile(lambda x: where(x > 0.0, lambda: where(log(x - 1.0) > 0.0, 1.0, x), lambda: x * x), strict=strict)
    assert program([-2.0, 2.0, 4.0]) == [4.0, 2.0, 1.0]
    assert program.stats["backend"] == "llvm"
    with pytest.raises(ValueError, match=r"example 1: log\(-0.5\)"):
        program([-2.0, 0.5, 4.0])


def test_a_program_says_what_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    program = compile(lambda x: exp(x) * x)
    program([0.0, 1.0])
    assert program.stats["backend"] == "llvm"
    assert program.stats["called_back"] == []
    assert "define double @run(" in program.llvm
    monkeypatch.setattr(specialised, "PATIENCE", 1)
    program = compile(lambda x: exp(x) * x, strict=True)
    first = program([0.0, 1.0])
    assert (program.stats["backend"], program.llvm) == ("python", "")
    assert program([0.0, 1.0]) == first
    assert program.stats["backend"] == "llvm"


SMOOTH: dict[str, Any] = {
    "exp": lambda x, y: exp(x - y),
    "log": lambda x, y: log(x * x + y * y),
    "tanh": lambda x, y: tanh(x * y - 0.3),
    "sigmoid": lambda x, y: sigmoid(2.0 * x + y),
    "erf": lambda x, y: erf(x + 0.5 * y),
    "sin": lambda x, y: sin(3.0 * x) * sin(y),
    "tan": lambda x, y: ops.tan(x) + ops.tan(0.1 * y),
    "exp2": lambda x, y: ops.exp2(x * y) + ops.exp2(-x),
    "expm1": lambda x, y: ops.expm1(x - y) + ops.expm1(0.01 * y),
    "sinh": lambda x, y: ops.sinh(x) * ops.sinh(0.1 * y),
    "cosh": lambda x, y: ops.cosh(x) + ops.cosh(0.1 * y),
    "erfc": lambda x, y: ops.erfc(x - 0.5 * y),
    "log2": lambda x, y: ops.log2(x * x + 1.0) * ops.log2(y * y + 2.0),
    "log10": lambda x, y: ops.log10(x * x + 1.0) * ops.log10(y * y + 2.0),
    "softmax": lambda x, y: cross_entropy([x, y, 0.5 * x], 1),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_functions_on_vectors_agree_with_strict(name: str) -> None:
    """Value and gradients of the default to 10⁻¹² of strict ones, which call libm; the default calls it for none of them."""
    rng = random.Random(name)
    columns = columns_of([numpy.array([rng.uniform(-6, 6) for _ in range(1000)]) for _ in range(2)])
    reference, _, strict = both(SMOOTH[name], [], columns, exact=True, waits=False)
    _, made, code = both(SMOOTH[name], [], columns, exact=False)
    numpy.testing.assert_allclose(made.found, reference.found, rtol=1e-12, atol=0.0)
    of_libm = re.compile(r"@libm\.(exp|exp2|expm1|log|log1p|log2|log10|tanh|sinh|cosh|sin|cos|tan|erf|erfc)\(")
    assert of_libm.search(strict.text)
    assert not of_libm.search(code.text)


@pytest.mark.parametrize(("f", "x", "error"), [(exp, 710.0, OverflowError), (log, 0.0, ValueError), (log, -1.0, ValueError)])
def test_a_function_on_vectors_refuses_what_the_row_refuses(f: Any, x: float, error: type[Exception]) -> None:
    program = compile(lambda x: f(x))
    for _ in range(2):
        with pytest.raises(error) as found:
            program([0.5, 1.0, x, 2.0])
        with pytest.raises(error) as eager:
            f(Value(x))
        assert str(eager.value) in str(found.value)


def test_the_functions_that_steps_become_part_of_have_their_width() -> None:
    """Else LLVM makes vectors of half the width where a machine has wider ones."""
    program = compile(lambda x: exp(x) * x)
    program([0.0, 1.0])
    steps = re.findall(r"define internal void @(?:step|inside|before)\S*\(.*", program.llvm)
    assert any("@inside" in step for step in steps)
    assert all('"prefer-vector-width"="512"' in step for step in steps)


def test_an_angle_beyond_the_reach_of_vectors_runs_on_nodes() -> None:
    program = compile(lambda x: sin(x))
    assert program([1.0, 1e15])[1] == math.sin(1e15)
    assert program.value_and_grad([1e15])[1].inputs[0] == [math.cos(1e15)]


def rosenbrock(v: Any) -> Any:
    return sum([100.0 * (v[i + 1] - v[i] ** 2) ** 2 + (1.0 - v[i]) ** 2 for i in range(len(v) - 1)])


def test_alike_terms_of_one_example_are_loops_whatever_their_number() -> None:
    """The text is as long for 40 terms as for 400; value and gradient are those of the interpreter."""
    lengths = []
    for count in (41, 401):
        rng = random.Random(count)
        columns = columns_of([numpy.array([[rng.uniform(-2, 2) for _ in range(count)]])])
        reference, made, code = both(rosenbrock, [], columns, exact=False, single=True, waits=count == 41)
        numpy.testing.assert_allclose(made.found, reference.found, rtol=1e-12, atol=1e-9)
        lengths.append(len(re.sub(r"@table.*", "", code.text)))
    assert lengths[1] < 1.02 * lengths[0]


@pytest.mark.parametrize("single", [False, True], ids=["batch", "single"])
def test_straight_code_is_cut_into_functions(single: bool) -> None:
    """Ten times the steps are ten times the functions, none of them longer."""
    counts = []
    for length in (100, 1000):
        columns = columns_of([numpy.full(1 if single else 20, 0.5)] * 2)
        traced = compile(lambda x, y, length=length: chain(x, y, length), parameters=W)._specialised(columns.widths)
        flows = traced._swept(with_inputs=True)
        roots = [*traced.places, *flows.inputs]
        options = {"exact": False, "lanes": 4, "fused": True, "single": single, "substitutes": SUBSTITUTES}
        printed = Printed(traced.tape, roots, flows.parameters, len(W), **options)
        functions = re.findall(r"^define internal void @step\.\d+.*?^}", printed.text, re.MULTILINE | re.DOTALL)
        assert max(map(len, functions)) < 60_000
        counts.append(len(functions))
    assert 7 < counts[1] / counts[0] < 12


def test_one_parameters_array_serves_a_batch_and_a_single_example() -> None:
    w = Value(2.0)
    program = compile(lambda x: (w * x) ** 2, parameters=[w])
    batch = program.buffers([1.0, 2.0])
    single = program.buffers([3.0], like=batch)
    batch.parameters[:] = 0.5
    assert (batch(), single()) == (0.625, 2.25)
    assert single.gradient.tolist() == [9.0]


HARD = [1.0, -1.0, 2.0**-53, 3.0 * 2.0**-54, -0.0, 1e-320, 1e308, math.inf, math.nan]


def test_sums_that_are_hard_to_round_are_rounded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ties, cancellation, subnormal numbers, overflow: a lane whose rounding is not certain is computed as the graph does it."""
    monkeypatch.setattr(specialised, "PATIENCE", 0)
    model = MLP(3, [2, 1], seed=1, activation=["linear", "linear"])
    for p, x in zip(model.parameters(), [1.0, 1.0, 1.0, 0.0, 1.0, 2.0**-53, -1.0, 2.0**-53, 1.0, 1.0, -0.0], strict=True):
        p.data = x
    points = list(product(HARD, repeat=3))
    program = compile(lambda v: model.layers[0](v), parameters=list(model.parameters()), strict=True)
    found = program(numpy.array(points))
    assert "call void @certified(" in program.llvm
    for point, *ys in zip(points, *found, strict=True):
        for y, expected in zip(ys, model.layers[0](list(point)), strict=True):
            assert struct.pack("<d", y) == struct.pack("<d", expected.data) or (y != y and expected.data != expected.data), point
