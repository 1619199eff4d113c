"""Formulas: what is written is worth what the graph is worth, to the bit, in every language that runs."""

from __future__ import annotations

import importlib.util
import json
import math
import random
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.dom import minidom
from xml.etree import ElementTree

import pytest
from every import every
from examples import within

from autograd import ops
from autograd.errors import GraphSizeError, OperandError, OptionError
from autograd.ops import TABLE, Op
from autograd.text.formula import to_latex, to_mathml, to_text
from autograd.text.names import named
from autograd.text.programs import to_jax, to_python, to_torch
from autograd.text.symbols import Symbol, is_dense, partials_of
from autograd.value import Value, toposort

PUBLISHED = json.loads((Path(__file__).parents[1] / "data" / "published.json").read_text(encoding="utf-8"))["cases"]
CASES = [pytest.param(case, id=case["name"]) for case in PUBLISHED]
ROWS = [pytest.param(row, id=name) for name, row in list(TABLE.items())]
FREE = {"condition": True, "k": 1, "target": 0, "n": 1}


def graph_of(case: dict[str, Any]) -> tuple[Value, list[Value]]:
    scope: dict[str, Any] = {}
    exec(case["source"], scope)
    x = [Value(float.fromhex(text), name) for text, name in zip(case["x_hex"], case["names"], strict=True)]
    return scope["f"](x, SimpleNamespace(**TABLE, pi=math.pi)), x


def operands_of(row: Op, make: Any) -> tuple[Any, ...]:
    count = len(row.operands) if not row.variadic else 5 if row.__name__ == "affine" else 4
    return tuple([make(i) for i in range(count)])


def parameters_of(row: Op) -> dict[str, Any]:
    return {name: FREE.get(name, default) for name, default in row.parameters.items()}


def run(source: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(source, scope)
    return scope


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
    for _ in range(20_000):
        y = y + x
    for write in (to_python, to_torch, to_jax):
        assert write(y).count("+ x") >= 20_000
    for inline in (to_text, to_latex, to_mathml):
        with pytest.raises(GraphSizeError, match=r"more than 1000 nodes.*to_python"):
            inline(y)


# ----------------------------------------------------------------------------------------------------------------------- text


@pytest.mark.parametrize("case", [case for case in CASES if "chain 5000" not in str(case.id)])
def test_the_text_evaluates_to_the_value_to_the_bit(case: dict[str, Any]) -> None:
    root, leaves = graph_of(case)
    *definitions, formula = to_text(root).split("; ")
    scope: dict[str, Any] = {**TABLE, **{leaf.label: leaf.data for leaf in leaves}}
    for definition in definitions:
        exec(definition, scope)
    assert eval(formula, scope) == root.data


def test_brackets_stand_only_where_the_value_needs_them() -> None:
    a, b, c = (Value(float(i), name) for i, name in enumerate("abc", 1))
    written = {
        "a + b + c": (a + b) + c,
        "a + (b + c)": a + (b + c),
        "a - (b - c)": a - (b - c),
        "a * b / c": (a * b) / c,
        "a * (b / c)": a * (b / c),
        "(a + b) * c": (a + b) * c,
        "-(a + b)": -(a + b),
        "-a * b": -a * b,
        "-(a * b)": -(a * b),
        "(-a) ** 2": (-a) ** 2,
        "-a ** 2": -(a**2),
        "(a ** b) ** c": (a**b) ** c,
        "a ** b ** c": a ** (b**c),
        "a ** -b": a**-b,
        "a * -3": a * -3.0,
        "(a + b) * c - -0.0": ops.identity(a + b) * c - -0.0,
        "exp(a + b)": ops.exp(a + b),
        "expm1(a) * b": ops.expm1(a) * b,
        "dot([a, b], [c, 2]) + affine([a], [b], c)": ops.dot([a, b], [c, 2.0]) + ops.affine([a], [b], c),
        "softmax([a, b], k=1)": ops.softmax([a, b])[1],
        "where(True, a, b)": ops.where(True, a, b),
        "leaky_relu(a, negative_slope=0.01)": ops.leaky_relu(a),
    }
    assert {to_text(node): text for text, node in written.items()} == {text: text for text in written}


def test_what_is_shared_is_named_once() -> None:
    a = Value(0.5, "a")
    d = a * a
    e = ops.exp(d) + d
    assert to_text(e * e) == "v1 = a * a; v2 = exp(v1) + v1; v2 * v2"
    e.label = "e"
    assert to_text(e * e) == "v1 = a * a; e = exp(v1) + v1; e * e"
    assert to_latex(e * e) == r"v_{1} = a \cdot a,\quad e = e^{v_{1}} + v_{1},\quad e \cdot e"


def test_what_a_spelling_repeats_is_named_once_too() -> None:
    x = Value(0.5, "x")
    y = x
    for _ in range(60):  # written out, 2⁶⁰ letters
        y = ops.softsign(y)
    assert to_latex(ops.softsign(ops.softsign(x))) == (
        r"v_{1} = \frac{x}{1 + \left|x\right|},\quad \frac{v_{1}}{1 + \left|v_{1}\right|}"
    )
    assert to_latex(y).count("frac") == 60


def test_a_label_that_is_a_formula_itself_is_bracketed_like_one() -> None:
    a, b = Value(2.0, "a+b"), Value(3.0, "(c*d)")
    assert to_text(a**2 * b + a) == "(a+b) ** 2 * (c*d) + (a+b)"
    assert to_text(ops.exp(a) * Value(1.0, "layers[-1].w'")) == "exp(a+b) * layers[-1].w'"
    assert to_latex(a**2) == r"{\left(\mathrm{a+b}\right)}^{2}"


def test_names_come_from_labels_then_from_names_then_are_numbered() -> None:
    labelled, local, neither, second = Value(1.0, "x"), Value(2.0), Value(3.0), Value(4.0)
    names = {"labelled": labelled, "local": local, "again": local, "_private": neither, "number": 3}
    assert to_text(labelled * local + neither * second, names) == "x * local + v1 * v2"
    assert to_text(Value(1.0, "x") + Value(2.0, "x") + Value(3.0, "v1") + Value(4.0)) == "x + x_2 + v1 + v2"
    local_first = {"x": Value(1.0)}
    assert to_text(local_first["x"] + Value(2.0, "x"), local_first) == "x_2 + x"  # the label was there first


def test_every_node_has_a_name_of_its_own() -> None:
    x = Value(1.0, "x")
    y = x * x + Value(2.0, "x")
    assert list(named(toposort(y)).values()) == ["x", "v1", "x_2", "v2"]
    assert list(named(toposort(y), {"y": y}).values()) == ["x", "v1", "x_2", "y"]


def test_a_partial_of_a_row_is_written_too() -> None:
    a, y = Symbol("a"), Symbol("y")
    assert to_text(partials_of(ops.sigmoid, (a,), y, textbook=True)[0]) == "y * (1 - y)"
    assert to_text(partials_of(ops.relu)[0]) == "where(a > 0, 1, where(a <= 0, 0, nan))"
    assert to_text(partials_of(ops.mul)[0]) == "b"
    assert to_latex(partials_of(ops.asin, textbook=True)[0]) == r"\frac{1}{\sqrt{1 - {a}^2}}"


# ------------------------------------------------------------------------------------------------------------ LaTeX and MathML


def test_latex_has_brackets_where_mathematics_needs_them() -> None:
    a, b = Value(1.0, "a"), Value(2.0, "b")
    written = {
        r"\frac{a + b}{b}": (a + b) / b,
        r"{\left(\frac{a}{b}\right)}^{2}": (a / b) ** 2,
        r"{\left(e^{a}\right)}^2": ops.square(ops.exp(a)),
        r"{a}^{a + b}": a ** (a + b),
        r"a \cdot \left(-b\right)": a * -b,
        r"-\left(-a\right)": ops.neg(-a),
        r"a - \left(-3\right)": a - -3.0,
        r"\left(e^{a} - 1\right) \cdot b": ops.expm1(a) * b,
        r"\ln\left(a + b\right)": ops.log(a + b),
        r"\left(a + b\right) \ln\left(b\right)": ops.xlogy(a + b, b),
        r"a \cdot b + b \cdot a": ops.dot([a, b], [b, a]),
        r"10^{-8} \cdot a": 1e-8 * a,
        r"\sqrt{\left(a + b\right)^2 + 0^2} + b": ops.hypot(a + b, 0.0) + b,
    }
    assert {to_latex(node): text for text, node in written.items()} == {text: text for text in written}


def test_latex_writes_names_as_mathematics() -> None:
    names = {"x": "x", "x1": "x_{1}", "w_12": "w_{12}", "theta": r"\theta", "Gamma2": r"\Gamma_{2}", "loss": r"\mathrm{loss}"}
    names |= {"a_b{": r"\mathrm{a\_b\{}", "layers[0].w[1]": r"\mathrm{layers[0].w[1]}", "λ": "λ"}
    assert {name: to_latex(Value(1.0, name)) for name in names} == names


@pytest.mark.parametrize("row", ROWS)
def test_every_row_and_partial_is_well_formed_mathml(row: Op) -> None:
    symbols = operands_of(row, lambda i: Symbol(f"x{i}"))
    for symbol in (row.apply(symbols, parameters_of(row)), *partials_of(row, symbols, parameters=parameters_of(row))):
        source = to_mathml(symbol)
        texts = [node.data for element in minidom.parseString(source).getElementsByTagName("*") for node in element.childNodes
                 if node.nodeType == node.TEXT_NODE]  # fmt: skip
        assert not [text for text in texts if any(mark in text for mark in "\\{}") and text != "{"], source


def test_mathml_of_a_known_formula() -> None:
    a, b = Value(1.0, "a"), Value(2.0, "b&")
    assert to_mathml(ops.sqrt(a) / (1 + b)).removeprefix('<math xmlns="http://www.w3.org/1998/Math/MathML">') == (
        "<mfrac><msqrt><mi>a</mi></msqrt><mrow><mn>1</mn><mo>+</mo><mi>b&amp;</mi></mrow></mfrac></math>"
    )
    assert "<mroot><mi>a</mi><mn>3</mn></mroot>" in to_mathml(ops.cbrt(a))
    assert "<msub><mi>α</mi><mn>1</mn></msub>" in to_mathml(Value(0.0, "alpha1"))
    assert to_mathml(partials_of(ops.relu)[0]).count("<mtable>") == 2
    space = '<mspace width="0.17em"/>'
    assert f"<mi>a</mi>{space}<mi>ln</mi><mrow><mo>(</mo>" in to_mathml(ops.xlogy(a, b))
    assert f"<mi>ln</mi>{space}<mi>σ</mi><mrow>" in to_mathml(ops.logsigmoid(a))
    assert space not in to_mathml(ops.log(a) ** 2 + ops.sin(a) * a + ops.softmax([a, b], 0))


# ------------------------------------------------------------------------------------------------------------- other libraries

torch_is_missing = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed: pip install torch runs what to_torch writes"
)
jax_is_missing = pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="JAX is not installed: pip install jax runs what to_jax writes"
)


def graphs() -> list[tuple[str, Value]]:
    """The published functions, and every row at an ordinary point."""
    found = [(case["name"], graph_of(case)[0]) for case in PUBLISHED if case["name"] != "chain 5000 adds"]
    for name, row in TABLE.items():
        start = within(row, 0.3)
        leaves = operands_of(row, lambda i, start=start: Value(start + 0.17 * i, f"x{i}"))
        found.append((name, row.apply(leaves, parameters_of(row))))
    return found


def close(x: float, y: float) -> bool:
    """To nine digits: torch knows no more of polygamma."""
    return math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-12)


@torch_is_missing
@pytest.mark.filterwarnings("ignore")
def test_torch_agrees_on_published_functions_and_every_row() -> None:
    for name, root in graphs():
        root.backward()
        source = to_torch(root)
        scope = run(source)
        assert close(scope[source.splitlines()[-1].split(".")[0]].item(), root.data), name
        names = [line.split(" = ")[0] for line in source.splitlines() if line.endswith("requires_grad=True)")]
        for leaf, written in zip([node for node in toposort(root) if node.op is None], names, strict=True):
            grad = scope[written].grad
            assert close(0.0 if grad is None else grad.item(), leaf.grad), (name, leaf.label)


@jax_is_missing
def test_jax_agrees_on_published_functions_and_every_row() -> None:
    for name, root in graphs():
        root.backward()
        scope = run(to_jax(root))
        assert close(float(scope["value"]), root.data), name
        for leaf, grad in zip([node for node in toposort(root) if node.op is None], scope["gradients"], strict=True):
            assert close(float(grad), leaf.grad), (name, leaf.label)


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


def test_what_cannot_be_seen_in_a_label_is_left_out() -> None:
    x = Value(1.0, "\x1b[31mx\x00\u202e") * Value(2.0, "\x07")
    assert to_text(x) == "[31mx * v1"
    minidom.parseString(to_mathml(x))


@pytest.mark.parametrize("write", [to_python, to_torch, to_jax], ids=lambda write: write.__name__)
def test_a_program_of_what_is_no_node_is_refused(write: Callable[[Any], str]) -> None:
    with pytest.raises(OperandError, match=f"{write.__name__} takes the node that a computation ended in, not 2.0"):
        write(2.0)
    with pytest.raises(OptionError, match="limit='x': give a whole number, 1 or more"):
        to_text(Value(1.0), limit="x")  # type: ignore[arg-type]


def test_a_sign_of_ones_own_binds_as_a_product() -> None:
    @ops.op(partials=(lambda a, b, y: b, lambda a, b, y: a), text="<a> @ <b>", latex=r"<a> \star <b>")
    def star(a: float, b: float) -> float:
        """The product."""
        return a * b

    try:
        a, b, c = (Value(1.0, name) for name in "abc")
        products = [star(a, b) * c, star(a * b, c), star(a, b * c), star(a, star(b, c)), c - star(a + b, c), star(a, b) ** c]
        assert [to_text(product) for product in products] == [
            "a @ b * c", "a * b @ c", "a @ (b * c)", "a @ (b @ c)", "c - (a + b) @ c", "(a @ b) ** c",
        ]  # fmt: skip
        assert to_latex(products[2]) == r"a \star \left(b \cdot c\right)"
    finally:
        del TABLE["star"]


def test_a_row_that_says_nothing_of_latex_shows_its_parameters_too() -> None:
    @ops.op(partials=(lambda x_1, y, *, k, big_one: k * big_one,))
    def my_scale(x_1: float, *, k: float = 2.0, big_one: float = 1.0) -> float:
        """A multiple."""
        return k * big_one * x_1

    try:
        node = my_scale(Value(1.0, "a"), k=3.0)
        assert to_latex(node) == r"\operatorname{my\_scale}\left(a, k = 3, \mathrm{big\_one} = 1\right)"
        assert "<mi>my_scale</mi>" in to_mathml(node)
    finally:
        del TABLE["my_scale"]


def test_partials_that_hold_every_operand_are_told_from_those_that_do_not() -> None:
    rows = [row for row in TABLE.values() if row.variadic]
    dense = {row.__name__ for row in rows if is_dense(row, 100, dict.fromkeys(row.required, 0))}
    of_all = {"logsumexp", "softmax", "log_softmax", "cross_entropy", "prod", "norm", "var", "std", "max_of", "min_of"}
    assert dense == of_all


@pytest.mark.parametrize("write", [to_torch, to_jax], ids=lambda write: write.__name__)
def test_a_line_that_python_could_not_read_is_refused(write: Callable[[Value], str]) -> None:
    xs = [Value(float(i)) for i in range(1001)]
    compile(write(ops.sum(xs[1:])), "program", "exec")
    compile(write(ops.softmax(xs, k=0)), "program", "exec")  # a list is read however long
    with pytest.raises(GraphSizeError, match=r"sum of 1001 operands, written out for .*; add up parts of 1000 at most"):
        write(ops.sum(xs))


PRINTABLE = [chr(code) for code in range(33, 127)]


@pytest.mark.parametrize(
    "label", [*PRINTABLE, "x^2", "{a}", "C:\\dir", "~x", "é", "año_1", "日本", "😀", "a b", "50%", "a&b", "^^", "∂a", "ℓ", "α1"]
)
def test_no_sign_of_a_label_becomes_another(label):
    x, y = Value(1.0, label), Value(2.0, "y")
    latex = to_latex(x * y).partition(r" \cdot ")[0].replace(r"\left(", "").replace(r"\right)", "")
    shown = latex
    for command, sign in ((r"\hat{\ }", "^"), (r"\tilde{\ }", "~"), (r"\backslash", "\\")):
        shown = shown.replace(command, f"<{ord(sign)}>")
    shown = re.sub(r"\\(?:mathrm|text)\{((?:\\.|[^{}\\])*)\}", r"\1", shown)  # the commands
    shown = re.sub(r"_\{(\d+)\}", r"\1", shown)  # the index
    shown = re.sub(r"(?<!\\)[{}]", "", shown)  # groups
    shown = re.sub(r"\\(.)", r"\1", shown)  # what is escaped
    shown = re.sub(r"<(\d+)>", lambda code: chr(int(code[1])), shown)
    assert shown in (label, f"({label})", label.replace("_1", "1"))  # an index is written low
    written = ElementTree.fromstring(to_mathml(x * y))
    assert label.replace("_", "").replace(" ", "") in "".join(written.itertext()).replace("_", "").replace("\xa0", "").replace(
        " ", ""
    )


def test_letters_that_are_no_mathematics_are_text() -> None:
    x = Value(1.0, "é")
    names = {
        "é": r"\text{é}",
        "日本": r"\text{日本}",
        "año_1": r"{\mathrm{a}\text{ñ}\mathrm{o}}_{1}",
        "α": "α",
        "∂a": r"\mathrm{∂a}",
    }
    for label, written in names.items():
        x.label = label
        assert to_latex(x) == written
