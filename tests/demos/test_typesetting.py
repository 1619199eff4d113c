"""Formulas of lessons, written twice from one tree."""

from __future__ import annotations

from every import every

from demos.typesetting import Formula


@every(
    "case",
    [
        (r"\frac{∂E}{∂w_i} = -Σ_n x_i^n (t^n - y^n)", "∂E/∂wᵢ = −Σₙ xᵢⁿ (tⁿ − yⁿ)"),
        (r"\frac{e⁻ᶻ}{(1 + e⁻ᶻ)²} = \frac{1}{1 + e^{-z}} y", "e⁻ᶻ/(1 + e⁻ᶻ)² = 1/(1 + e⁻ᶻ) y"),
        (r"λ_{max} ≥ λ_{ij}, \sqrt{2E}", "λ_max ≥ λᵢⱼ, √(2E)"),
        (r"a < b,   \text{for every }i", "a < b,   for every i"),
        ("y = x\n  = z", "y = x\n  = z"),
    ],
)
def test_a_formula_is_readable_as_text(case: tuple[str, str]) -> None:
    assert Formula(case[0]).text == case[1]


@every(
    "case",
    [
        (r"\frac{1}{n}", "<mfrac><mn>1</mn><mi>n</mi></mfrac>"),
        ("xᵢⁿ", "<msubsup><mi>x</mi><mi>i</mi><mi>n</mi></msubsup>"),
        ("x_i^n", "<msubsup><mi>x</mi><mi>i</mi><mi>n</mi></msubsup>"),
        ("x^n_i", "<msubsup><mi>x</mi><mi>i</mi><mi>n</mi></msubsup>"),
        ("Σₙ", "<munder><mo>∑</mo><mi>n</mi></munder>"),
        ("Σ_i^n", "<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover>"),
        ("½ λ", "<mrow><mn>½</mn><mi>λ</mi></mrow>"),
        ("w ← b′", "<mrow><mi>w</mi><mo>←</mo><mi>b</mi><mo>′</mo></mrow>"),
        (r"\text{a < b}", "<mtext>a\xa0&lt;\xa0b</mtext>"),
        ("softmax", "<mi>softmax</mi>"),
    ],
)
def test_a_formula_is_typeset(case: tuple[str, str]) -> None:
    assert Formula(case[0]).mathml == f'<math display="block" xmlns="http://www.w3.org/1998/Math/MathML">{case[1]}</math>'


def test_a_bracket_is_no_higher_than_what_it_holds() -> None:
    assert r"<mrow><mo>(</mo><mi>w</mi><mo>)</mo></mrow>" in Formula(r"E(w) = Σₙ eₙ").mathml


def test_fields_are_sources_and_other_braces_are_the_notations() -> None:
    formula = Formula(r"\frac{η}{n} = {rate:.2f} {pull}", rate=1 / 3, pull="(tⁿ − y)")
    assert formula.text == "η/n = 0.33 (tⁿ − y)"
    assert "<mn>0.33</mn>" in formula.mathml
