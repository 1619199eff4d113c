"""The sigmoid neuron: its slope can be read off its output, y(1 − y).

A neuron weighs its inputs and squeezes the sum into the interval from 0 to 1. How does its output change with a weight, with
an input, with the sum?
"""

from decimal import Decimal
from math import log
from typing import Any

from autograd import Value, dot, exp, quiz, quiz_page, sigmoid
from demos.experiments import Try, as_many
from demos.page import Page, filled

INPUTS = (-1.0, -2.0, 1.0)  # the last one is 1, so that its weight is the bias
WEIGHTS = (2.0, -3.0, -3.0)
Z: float = 1.0  # where the derivation is followed
LOGITS = (0.0, 2.0, 5.0, 10.0, 20.0, 30.0, 36.0, 37.0, 40.0, 100.0, 700.0)

TRY = Try(
    "Give z = −40 a row in the last table. Why does y(1 − y) lose all its digits at 40, and none at −40?",
    {"LOGITS": (-40.0, 40.0)},
)


def main(page: Page) -> dict[str, Any]:
    as_many(INPUTS=INPUTS, WEIGHTS=WEIGHTS)
    prediction(page)
    return logit(page) | slope(page) | whole(page) | tail(page)


def prediction(page):
    """The quiz: a neuron whose output is 0.8."""
    w, x = Value(log(4.0) / 2.0, "w"), Value(2.0, "x")
    z = w * x
    y = sigmoid(z)
    L = 5.0 * y
    z.label, y.label, L.label = "z", "y", "L"
    page.play(
        "quiz",
        quiz_page(quiz(L, ["partials", "grads"], of=[z, w]), title="The output of a neuron is 0.8: what is its slope?"),
        "Predict first: the output is y = 0.8. The slope dy/dz can be read off it; what is it, and what is it for the weight?",
    )


def logit(page):
    """The sum z, and its two sorts of local derivatives."""
    w = [Value(a, f"w{i}") for i, a in enumerate(WEIGHTS, 1)]
    x = [Value(a, f"x{i}") for i, a in enumerate(INPUTS, 1)]
    z = dot(w, x)
    z.backward()
    page.say("First the sum z, the logit. It is linear: its derivative for a weight is the input, and for an input the weight:")
    page.formula(r"z = Σ xᵢwᵢ,   \frac{∂z}{∂wᵢ} = xᵢ,   \frac{∂z}{∂xᵢ} = wᵢ")
    page.table(
        ["i", "xᵢ", "engine ∂z/∂wᵢ", "wᵢ", "engine ∂z/∂xᵢ"],
        [[i, xi.data, wi.grad, wi.data, xi.grad] for i, (wi, xi) in enumerate(zip(w, x, strict=True), 1)],
        filled(
            "The last input is 1, so that its weight is the bias. The sum is z = {z:g}."
            if INPUTS[-1] == 1
            else "The sum is z = {z:g}.",
            z=z.data,
        ),
    )
    return {"z": z.data, "dz_dw": [wi.grad for wi in w], "dz_dx": [xi.grad for xi in x]}


def slope(page):
    """dy/dz in the small steps that the derivation takes."""
    y = opened()
    (c,) = y.operands
    (b,) = c.operands
    (a,) = b.operands
    (z,) = a.operands
    formula = y.data * (1 - y.data)
    page.say(
        "Then the logistic function. Its derivative, as one writes it by hand, goes through three functions one inside the other:"
    )
    page.formula(
        "y = \\frac{1}{1 + e⁻ᶻ} = (1 + e⁻ᶻ)⁻¹\n"
        "\\frac{dy}{dz} = −(1 + e⁻ᶻ)⁻² · e⁻ᶻ · (−1) = \\frac{e⁻ᶻ}{(1 + e⁻ᶻ)²}\n"
        "      = \\frac{1}{1 + e⁻ᶻ} · \\frac{e⁻ᶻ}{1 + e⁻ᶻ} = y(1 − y)"
    )
    page.say("The last step is the one to look at twice. The second factor is 1 − y, since 1 can be added and taken away above:")
    page.formula(r"\frac{e⁻ᶻ}{1 + e⁻ᶻ} = \frac{(1 + e⁻ᶻ) − 1}{1 + e⁻ᶻ} = 1 − \frac{1}{1 + e⁻ᶻ} = 1 − y")
    page.say("The engine goes the same way back from y to z, one factor at each step:")
    steps = [("c = 1 + b", c, y, "−1/c²"), ("b = exp(a)", b, c, "1"), ("a = −z", a, b, "b"), ("z", z, a, "−1")]
    page.table(
        ["node", "its value", "factor", "its number", "dy/d node"],
        [["y = 1/c", f"{y:.6f}", "", "", f"{y.grad:.6f}"]]
        + [[name, f"{node:.6f}", factor, f"{user.partials[0]:.6f}", f"{node.grad:.6f}"] for name, node, user, factor in steps],
        "Each number of the last column is the one above it, times the factor.",
    )
    page.say(
        "By the formula, y(1 − y) = {y:.6f} · {rest:.6f} = {formula:.6f}, and the second factor from above is b/c = {factor:.6f}.",
        y=y.data,
        rest=1 - y.data,
        formula=formula,
        factor=b.data / c.data,
    )
    return {"y": y.data, "dy_dz": z.grad, "formula": formula}


def whole(page):
    """z and y together: the chain rule for one neuron."""
    w = [Value(a, f"w{i}") for i, a in enumerate(WEIGHTS, 1)]
    x = [Value(a, f"x{i}") for i, a in enumerate(INPUTS, 1)]
    z = dot(w, x)
    y = sigmoid(z)
    z.label, y.label = "z", "y"
    y.backward()
    by_hand = [xi.data * y.data * (1 - y.data) for xi in x]
    page.say("Both together are the neuron, and the chain rule multiplies:")
    page.formula(r"\frac{∂y}{∂wᵢ} = xᵢ y(1 − y),   \frac{∂y}{∂xᵢ} = wᵢ y(1 − y)")
    page.table(
        ["i", "xᵢ y(1 − y)", "engine ∂y/∂wᵢ", "wᵢ y(1 − y)", "engine ∂y/∂xᵢ"],
        [
            [i, *(f"{g:.6f}" for g in (hand, wi.grad, wi.data * y.data * (1 - y.data), xi.grad))]
            for i, (hand, wi, xi) in enumerate(zip(by_hand, w, x, strict=True), 1)
        ],
    )
    page.graph("neuron", y, "The neuron: its output's adjoint 1 passes y(1 − y), and then each input or weight.")
    page.graph("opened", opened(), "The logistic function opened: the derivation, step by step.", rankdir="BT")
    return {"by_hand": by_hand, "dy_dw": [wi.grad for wi in w]}


def opened():
    """The logistic function in its steps, named as in the table of the derivation."""
    z = Value(Z, "z")
    a = -z
    b = exp(a)
    c = 1 + b
    y = 1 / c
    a.label, b.label, c.label, y.label = "a", "b", "c", "y"
    y.backward()
    return y


def tail(page):
    """Logits at which the formula runs out of digits."""
    rows, shown = [], []
    for number in LOGITS:
        z = Value(number)
        y = sigmoid(z)
        y.backward()
        e = Decimal(-number).exp()
        rows.append((number, y.data * (1 - y.data), z.grad, float(e / (1 + e) ** 2)))
        shown.append([f"{number:g}", f"{y.data:.17g}", *(f"{slope:.6g}" for slope in rows[-1][1:])])
    page.say(
        """
        On paper the two are equal. In a computer's floats y is exactly 1 from z = {first} on, and y(1 − y) is then 0: a neuron
        whose output is 1 could never learn again. The engine uses y · 1/(1 + eᶻ), which is the same function and keeps its digits.
        The last column is e⁻ᶻ/(1 + e⁻ᶻ)² in decimal arithmetic with 28 digits.
        """,
        first=next(z for z in range(1000) if sigmoid(float(z)) == 1.0),
    )
    page.table(["z", "y", "y(1 − y)", "engine dy/dz", "true dy/dz"], shown)
    page.plot("slopes", paint, "The logistic function, and how its slope falls on the way to z = 60.", panels=2)
    return {"tail": rows}


def paint(left, right):
    across = [-8 + k / 10 for k in range(161)]
    left.plot(across, [sigmoid(z) for z in across], label="y")
    left.plot(across, [sigmoid(z) * sigmoid(-z) for z in across], label="dy/dz = y(1 − y)")
    left.set(title="The logistic function and its slope", xlabel="z")
    left.legend(loc="upper left")
    far = list(range(61))
    right.semilogy(far, [sigmoid(z) * sigmoid(-z) for z in far], label="engine", color="C1")
    formula = [(z, slope) for z in far if (slope := sigmoid(z) * (1 - sigmoid(z)))]
    right.semilogy(*zip(*formula, strict=True), "o", markersize=4, color="C0", label="y(1 − y) in floats")
    right.axvline(formula[-1][0] + 1, color="#888888", linewidth=1, linestyle=":")
    right.annotate("from here on 0", (formula[-1][0] + 1, 1e-3), (6, 0), textcoords="offset points", color="#555555")
    right.set(title="The slope in the tail", xlabel="z", ylabel="dy/dz")
    right.legend(loc="lower left")


def answer(page, _usual, changed):
    (_, low, engine_low, _), (_, high, engine_high, _) = changed["tail"]
    page.table(
        ["z", "y(1 − y)", "engine dy/dz"],
        [
            [f"{z:g}", f"{a:.6g}", f"{b:.6g}"]
            for z, a, b in zip(TRY.changes[0]["LOGITS"], (low, high), (engine_low, engine_high), strict=True)
        ],
    )
    page.say(
        """
        At z = −40 the output y is a tiny number with all its digits, and 1 − y is 1 in floats: their product is right. At z = 40
        the output is so near to 1 that the float is 1, and 1 − y is 0: the digits that matter were lost before the subtraction.
        """
        if high == 0.0 and low == engine_low
        else "The two columns differ at z = 40, and agree at z = −40, in this computer's floats."
    )
