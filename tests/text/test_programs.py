"""Programs: `to_python` is `backward` to the bit; PyTorch and JAX are given the same computation with their own functions."""

from __future__ import annotations

import math
import operator
import random
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest
from every import every
from examples import CASES, ROWS, graph_of, operands_of, parameters_of, within
from migrated import run

from autograd import ops
from autograd.errors import GraphSizeError, MissingExtraError, OperandError
from autograd.ops import TABLE, Op
from autograd.text.formula import to_latex, to_mathml, to_text
from autograd.text.programs import to_jax, to_python, to_sympy, to_torch
from autograd.value import Value, toposort


def root_of(source: str) -> str:
    """The name of the root in a staged program: its adjoint is what the sweep starts from."""
    lines = source[source.index("# backward") :].splitlines()
    return next(line for line in lines if line.endswith(" = 1.0"))[1:].split()[0]


def assert_program_is_backward(root: Value, leaves: list[Value]) -> None:
    root.backward()
    source = to_python(root)
    scope = run(source)
    assert repr(scope[root_of(source)]) == repr(root.data), source
    used = set(toposort(root))
    for leaf in leaves:
        if leaf in used:
            assert repr(scope[f"d{leaf.label}"] * 1.0) == repr(leaf.grad), (leaf.label, source)


# --------------------------------------------------------------------------------------------------------------------- Python


@pytest.mark.parametrize("case", CASES)
def test_the_program_gives_value_and_gradients_to_the_bit(case: dict[str, Any]) -> None:
    assert_program_is_backward(*graph_of(case))


@every("start", [0.3, 1.25, -0.7, 0.0, 1.0])
@pytest.mark.parametrize("row", ROWS)
def test_the_program_of_every_row_is_its_backward_to_the_bit(row: Op, start: float) -> None:
    leaves = operands_of(row, lambda i: Value(start + 0.375 * i, f"x{i}"))
    try:
        root = row.apply(leaves, parameters_of(row))
    except (ValueError, ZeroDivisionError):
        return  # outside the domain
    assert_program_is_backward(root * root + leaves[0], list(leaves))


@pytest.mark.parametrize("row", ROWS)
def test_the_program_of_every_row_with_a_constant_is_its_backward_to_the_bit(row: Op) -> None:
    leaves = operands_of(row, lambda i: Value(1.25 + 0.375 * i, f"x{i}"))
    if len(leaves) > 1:
        mixed = (leaves[0], *[leaf.data for leaf in leaves[1:]])
        assert_program_is_backward(row.apply(mixed, parameters_of(row)), [leaves[0]])
        mixed = (*[leaf.data for leaf in leaves[:-1]], leaves[-1])
        assert_program_is_backward(row.apply(mixed, parameters_of(row)), [leaves[-1]])


NUMBERS = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.0,
    -3.0,
    math.nan,
    math.inf,
    -math.inf,
    5e-324,
    1e300,
    math.nextafter(1.0, 0.0),
    2.0**53,
    40.0,
]
LABELS = [
    *[""] * 6,
    "x",
    "x_2",
    "dx",
    "ddx",
    "d",
    "v1",
    "lambda",
    "print",
    "exp",
    "slope",
    "inf",
    "nan",
    "a*b",
    "w[0]",
    "λ",
    "1",
    "_",
    "ot",
]


def grown(rng: random.Random) -> Value:
    """A small graph of any rows, on ordinary and extreme numbers, with labels that are in each other's way."""

    def number() -> float:
        return rng.choice([rng.uniform(-3.0, 3.0), rng.choice(NUMBERS), float(rng.randint(-5, 5))])

    nodes = [Value(number(), rng.choice(LABELS)) for _ in range(rng.randint(1, 4))]
    rows = list(TABLE.values())
    for _ in range(rng.randint(1, 8)):
        row = rng.choice(rows)
        count = len(operands_of(row, float)) + (8 * rng.randint(0, 1) if row.variadic else 0)
        arguments = tuple([rng.choice(nodes) if rng.random() < 0.75 else number() for _ in range(count)])
        try:
            y = row.apply(
                arguments, parameters_of(row) | ({"condition": rng.random() < 0.5} if "condition" in row.parameters else {})
            )
        except (ValueError, ArithmeticError):
            continue
        if type(y) is Value:
            y.label = rng.choice(LABELS)
            nodes.append(y)
    return nodes[-1]


def test_the_program_of_a_random_graph_has_every_number_of_it_to_the_bit() -> None:
    for seed in range(600):
        root = grown(random.Random(seed))
        root.backward()
        source = to_python(root)
        scope = run(source)
        names = [line.split(" = ")[0] for line in source.partition("# backward")[0].splitlines() if " = " in line]
        order = toposort(root)
        nodes = [node for node in order if node.op is None] + [node for node in order if node.op is not None]
        for node, name in zip(nodes, names, strict=True):
            found = scope[name], scope.get(f"d{name}")
            assert repr(found[0]) == repr(node.data), (seed, name, source)
            if "_" not in name and f"d{name}" not in names and f"d{name}" not in TABLE:  # else the adjoint has another name
                assert repr(found[1] or 0.0) == repr(node.grad or 0.0), (seed, name, source)  # None where nothing flows


def test_nothing_flows_through_a_closed_gate_of_the_program() -> None:
    x = Value(0.0, "x")
    root = ops.relu(ops.sqrt(x) - 1) + x  # sqrt'(0) is inf, and 0 · inf would be nan
    assert_program_is_backward(root, [x])
    assert run(to_python(root))["dx"] == 1.0


def test_a_program_made_at_one_point_is_right_at_another() -> None:
    x = Value(-2.0, "x")
    source = to_python(ops.relu(x * 3) * x).replace("x = -2.0", "x = 2.0")
    assert run(source)["dx"] == 12.0


def test_the_staged_program_reads_as_backpropagation_by_hand() -> None:
    w, x = Value(2.0, "w"), Value(-1.0, "x")
    h = ops.tanh(w * x)
    h.label = "h"
    assert to_python(h) == (
        "from autograd.ops import sech, square, tanh\n"
        "\n"
        "# leaves\n"
        "w = 2.0\n"
        "x = -1.0\n"
        "\n"
        "# forward\n"
        "v1 = w * x\n"
        "h = tanh(v1)\n"
        "\n"
        "# backward: each line adds what flows along one edge, the adjoint of the result times the local derivative\n"
        "dw = dx = dv1 = 0.0\n"
        "dh = 1.0\n"
        "# h = tanh(v1); in books dh/dv1 = 1 - h ** 2\n"
        "dv1 += dh * square(sech(v1))\n"
        "# v1 = w * x\n"
        "dw += dv1 * x\n"
        "dx += dv1 * w\n"
    )


def test_a_local_derivative_too_long_to_read_is_computed_by_its_row() -> None:
    source = to_python(ops.mish_slope(Value(1.0, "x")))
    assert "slopes = mish_slope.local_derivatives((x,), v1)" in source


def test_labels_become_names_that_a_program_can_have() -> None:
    labels = ["layers[0].w[1]", "lambda", "exp", "None", "2x", "x", "x", "dx", "slope", "ﬁ", "fi", "!"]
    leaves = [Value(1.0 + i, label) for i, label in enumerate(labels)]
    root = ops.sum(leaves) * leaves[0]
    root.backward()
    source = to_python(root)
    lines = source[source.index("# leaves") :].splitlines()[1 : len(labels) + 1]
    names = [line.split(" = ")[0] for line in lines]
    assert names[:6] == ["layers_0_w_1", "lambda_", "exp_", "None_", "v_2x", "x"]
    assert len(set(names)) == len(labels)
    scope = run(source)
    assert [scope[name] for name in names] == [leaf.data for leaf in leaves]
    assert scope["dlayers_0_w_1"] == leaves[0].grad


def test_a_row_of_ones_own_is_looked_up_by_the_program() -> None:
    square = ops.square

    @ops.op(partials=(lambda a, y: 3 * a * a if a > 0 else 3 * square(a),), name="cube_with_if")  # an `if` that symbols cannot take
    def cube(a: float) -> float:
        """The cube."""
        return a * a * a

    try:
        x = Value(2.0, "x")
        root = cube(x) + x
        assert 'cube_with_if = lookup("cube_with_if")' in to_python(root)
        assert_program_is_backward(root, [x])
        with pytest.raises(OperandError, match="cube_with_if has no counterpart in torch; give the row a decomposition"):
            to_torch(root)
    finally:
        del TABLE["cube_with_if"]


def test_a_label_may_be_the_name_of_a_row_of_ones_own() -> None:
    @ops.op(partials=(lambda a, y: 2.0 * a,), name="own_square")
    def own_square(a: float) -> float:
        """The square."""
        return a * a

    try:
        root = own_square(Value(3.0, "own_square"))
        root.label = "root"
        root.backward()
        assert run(to_python(root))["down_square"] == 6.0
    finally:
        del TABLE["own_square"]


def test_a_parameter_is_written_as_a_number_whatever_type_it_has() -> None:
    class Float64(float):
        """As numpy's: a float whose repr is no number."""

        def __repr__(self) -> str:
            return f"np.float64({float(self)!r})"

    root = ops.leaky_relu(Value(-2.0, "x"), negative_slope=Float64(0.25))
    root.backward()
    for source in (to_python(root), to_torch(root), to_jax(root)):
        assert "v1 = " in source
        assert "np." not in source
    assert run(to_python(root))["dx"] == 0.25
    assert to_text(root) == "leaky_relu(x, negative_slope=0.25)"
    assert "alpha=float(" in to_torch(ops.elu(Value(1.0), alpha=math.inf))


def test_a_public_call_is_written_as_the_function_takes_it() -> None:
    @ops.op(partials=lambda xs, y, *, p: (p,) * len(xs), name="own_norm", arrange=lambda *xs: tuple(xs))
    def own_norm(xs: tuple[float, ...], *, p: float) -> float:
        """p times the sum."""
        return p * sum(xs)

    try:
        a, b = Value(1.0, "a"), Value(2.0, "b")
        assert to_text(own_norm(a, b, a, p=2.0)) == 'own_norm.apply((a, b, a,), {"p": 2})'
        assert to_text(ops.where(False, a, b)) == "where(False, a, b)"
        assert to_text(ops.cross_entropy([a, b], 1)) == "cross_entropy([a, b], target=1)"
        assert to_text(ops.affine([a, b], [b, 2.0], 3.0)) == "affine([a, b], [b, 2], 3)"
    finally:
        del TABLE["own_norm"]


def test_a_long_chain_is_a_long_program_and_no_recursion() -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(5_000):
        y = y + x
    for write in (to_python, to_torch, to_jax):
        assert write(y).count("+ x") >= 5_000
    for inline in (to_text, to_latex, to_mathml):
        with pytest.raises(GraphSizeError, match=r"more than 1000 nodes.*to_python"):
            inline(y)


# ---------------------------------------------------------------------------------------------------------------------- SymPy


def piecewise(*branches: tuple[float, bool]) -> float:
    return next(value for value, condition in branches if condition)


RELATIONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne}
FLOATS = {**vars(math)} | {name: TABLE[name] for name in ("digamma", "erfinv", "sech", "sign")}
FLOATS |= {"Abs": abs, "Max": max, "Min": min, "Mod": operator.mod, "ceiling": math.ceil, "real_root": lambda a, n: math.cbrt(a)}
FLOATS |= {"polygamma": lambda n, x: ops.polygamma(x, n=n), "Integer": int, "Rational": float, "Float": float}
FLOATS |= {"Rel": lambda a, b, relation: RELATIONS[relation](a, b), "Piecewise": piecewise}
# SymPy's objects, which `run.py test peers` tries, with numbers in their place.


@pytest.fixture
def floats_for_sympy(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The numbers of leaves by their names."""
    numbers: dict[str, float] = {}
    stand_in = types.SimpleNamespace(Symbol=lambda name, real: numbers[name], **FLOATS)
    monkeypatch.setitem(sys.modules, "sympy", stand_in)  # type: ignore[arg-type]  # what an import finds
    return numbers


@pytest.mark.parametrize("row", ROWS)
def test_the_expression_of_every_row_has_its_value(row: Op, floats_for_sympy: dict[str, float]) -> None:
    start = within(row, 0.3)
    leaves = operands_of(row, lambda i: Value(start + 0.17 * i, f"x{i}"))
    root = row.apply(leaves, parameters_of(row))
    floats_for_sympy |= {leaf.label: leaf.data for leaf in leaves}
    if row is ops.round:
        with pytest.raises(OperandError, match="round has no counterpart in sympy"):
            to_sympy(root)
    else:
        assert to_sympy(root) == pytest.approx(root.data, rel=1e-9)


def test_an_expression_has_exact_numbers_and_both_branches(floats_for_sympy: dict[str, float]) -> None:
    x = floats_for_sympy["x"] = 2.0
    assert to_sympy(ops.relu(0.1 * Value(x, "x")) - 0.5) == 0.1 * x - 0.5
    x2 = Value(x, "x")
    assert to_sympy(ops.where(False, x2, 3.0) + x2) == 5.0
    assert to_sympy(ops.leaky_relu(Value(-1.0, "x"), negative_slope=0.5)) == 2.0  # x is negative in the graph alone


def test_what_is_no_expression_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Value(1.0, "x")
    monkeypatch.setitem(sys.modules, "sympy", None)  # type: ignore[arg-type]  # an import of it fails
    with pytest.raises(MissingExtraError, match=r"needs sympy.*scalar-autograd\[sympy\]"):
        to_sympy(x)


def test_a_graph_too_large_for_an_expression_is_refused(floats_for_sympy: dict[str, float]) -> None:
    x, floats_for_sympy["x"] = Value(1.0, "x"), 1.0
    assert to_sympy(x + x, limit=2) == 2.0
    with pytest.raises(GraphSizeError, match="to_sympy: the graph has more than 1 nodes"):
        to_sympy(x + x, limit=1)


# ------------------------------------------------------------------------------------------------------------ both libraries


def body(source: str) -> list[str]:
    """The forward lines of a program."""
    return [line.strip().split(" = ", 1)[1] for line in source.splitlines() if line.strip().startswith("v1 = ")]


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_a_program_in_both_libraries(row: Op) -> None:
    start = within(row, 1.3)
    root = row.apply(operands_of(row, lambda i: Value(start + 0.1 * i, f"x{i}")), parameters_of(row))
    for source in (to_torch(root), to_jax(root)):
        compile(source, "program", "exec")
        assert "x0" in body(source)[0], source


def test_rows_are_mapped_by_name_and_else_by_what_they_are_made_of() -> None:
    a, b = Value(1.0, "a"), Value(2.0, "b")
    expected = {
        ops.max(a, 3.0): ("torch.maximum(a, torch.tensor(3.0))", "jnp.maximum(a, 3.0)"),
        ops.sigmoid(a): ("torch.sigmoid(a)", "jax.nn.sigmoid(a)"),
        ops.gaussian(a): ("torch.exp(-torch.square(a))", "jnp.exp(-jnp.square(a))"),
        ops.affine([a], [b], 0.5): ("0.5 + a * b", "0.5 + a * b"),
        ops.sum([a, b, a]): ("a + b + a", "a + b + a"),
        ops.softmax([a, b])[1]: ("torch.softmax(torch.stack([a, b]), 0)[1]", "jax.nn.softmax(jnp.stack([a, b]))[1]"),
        ops.where(False, a, b): ("b", "b"),
        ops.where(True, 3.0, b): ("torch.where(torch.tensor(True), torch.tensor(3.0), b)", "jnp.where(True, 3.0, b)"),
    }
    for node, (torch, jax) in expected.items():
        assert (body(to_torch(node))[0], body(to_jax(node))[0]) == (torch, jax)


@pytest.mark.parametrize("write", [to_python, to_torch, to_jax, to_sympy], ids=lambda write: write.__name__)
def test_a_program_of_what_is_no_node_is_refused(write: Callable[[Any], str]) -> None:
    with pytest.raises(OperandError, match=f"{write.__name__} takes the node that a computation ended in, not 2.0"):
        write(2.0)


@pytest.mark.parametrize("write", [to_torch, to_jax], ids=lambda write: write.__name__)
def test_a_line_that_python_could_not_read_is_refused(write: Callable[[Value], str]) -> None:
    xs = [Value(float(i)) for i in range(1001)]
    compile(write(ops.sum(xs[1:])), "program", "exec")
    compile(write(ops.softmax(xs, k=0)), "program", "exec")  # a list is read however long
    with pytest.raises(GraphSizeError, match=r"sum of 1001 operands, written out for .*; add up parts of 1000 at most"):
        write(ops.sum(xs))


def test_a_row_of_ones_own_is_spelled_as_it_says_or_by_numpys_name() -> None:
    a, b = Value(1.0, "a"), Value(2.0, "b")
    bessel = ops.op(
        lambda a: a, name="bessel_zero", doc="I₀.", partials=(1.0,), torch="torch.special.i0", jax="jax.scipy.special.i0(<a>)"
    )
    add_in_bits = ops.op(lambda a, b: a, name="add_in_bits", doc="Sum.", partials=(1.0, 1.0), numpy="logaddexp2")
    scaled = ops.op(
        lambda a, *, times=2.0: a, name="scaled_twice", doc="Scaled.", partials=(lambda a, y, *, times: times,),
        torch="torch.mul(<a>, <times>)", decomposition=lambda a, *, times: a * times,
    )  # fmt: skip
    expected = {
        bessel(a): ("torch.special.i0(a)", "jax.scipy.special.i0(a)"),
        add_in_bits(a, 1.0): ("torch.logaddexp2(a, torch.tensor(1.0))", "jnp.logaddexp2(a, 1.0)"),
        scaled(b, times=3.0): ("torch.mul(b, 3)", "b * 3"),
    }
    for node, (torch, jax) in expected.items():
        assert (body(to_torch(node))[0], body(to_jax(node))[0]) == (torch, jax)
