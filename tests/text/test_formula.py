"""Formulas: text evaluates to the graph's value, to the bit; LaTeX and MathML are well formed."""

from __future__ import annotations

import re
from typing import Any
from xml.dom import minidom
from xml.etree import ElementTree

import pytest
from examples import CASES, ROWS, graph_of, operands_of, parameters_of

from autograd import ops
from autograd.errors import OptionError
from autograd.ops import TABLE, Op
from autograd.text.formula import to_latex, to_mathml, to_text
from autograd.text.names import named
from autograd.text.symbols import Symbol, is_dense, partials_of
from autograd.value import Value, toposort

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


def test_a_choice_between_unequal_numbers_has_their_sign() -> None:
    a, b = Symbol("a"), Symbol("b")
    assert "<mi>a</mi><mo>≠</mo><mi>b</mi>" in to_mathml(ops.where(a != b, a, b))


def test_a_scalar_product_of_less_than_a_pair_is_a_call() -> None:
    assert to_latex(ops.dot.apply((Value(1.0, "a"),))) == r"\mathbf{w}\cdot\mathbf{x}\left(a\right)"


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


def test_what_cannot_be_seen_in_a_label_is_left_out() -> None:
    x = Value(1.0, "\x1b[31mx\x00\u202e") * Value(2.0, "\x07")
    assert to_text(x) == "[31mx * v1"
    minidom.parseString(to_mathml(x))


def test_a_limit_that_is_no_number_is_refused() -> None:
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
