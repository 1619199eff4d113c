"""The delta rule derived: it is gradient descent, and the engine finds it by itself.

The delta rule (regla delta) shared out a bill's residual in proportion to the portions. Where does it come from, and what is
it for several bills?
"""

from copy import deepcopy
from typing import Any

from autograd import Value, dot, gradient
from autograd.ops import sum as total
from demos.experiments import Try
from demos.names import name_error
from demos.page import Page
from nn import SGD
from nn.losses import squared_error

GOODS = ("coffee", "juice", "toast")
REAL_PRICES = (0.50, 1.50, 1.00)
WEEKS = [(5, 2, 3), (1, 4, 2), (2, 0, 5)]
RATE = 1 / 64

TRY = Try(
    "Take E = Σ |tⁿ − yⁿ| instead of the squares. Which rule comes out, and what does the size of a residual count for in it?"
)


def main(page: Page) -> dict[str, Any]:
    prices = [Value(0.50, name) for name in GOODS]
    paid = [dot(REAL_PRICES, x) for x in WEEKS]
    bills = [dot(prices, x) for x in WEEKS]
    errors = [(t - y) ** 2 for t, y in zip(paid, bills, strict=True)]
    E = total(errors) / 2
    E.backward()
    page.say("The error is half the sum of the squared residuals, one for every week n:")
    page.formula("E = ½ Σₙ Eⁿ,   Eⁿ = (tⁿ − yⁿ)²,   yⁿ = Σᵢ wᵢ xᵢⁿ")
    page.say("A price wᵢ acts on E through every week's bill, so the chain rule is a sum over the weeks of two local derivatives:")
    page.formula("∂E/∂wᵢ = ½ Σₙ ∂yⁿ/∂wᵢ · dEⁿ/dyⁿ,   ∂yⁿ/∂wᵢ = xᵢⁿ,   dEⁿ/dyⁿ = −2 (tⁿ − yⁿ)")

    by_hand = [-2 * (t - y.data) for t, y in zip(paid, bills, strict=True)]
    by_engine = [gradient(error, y).data for error, y in zip(errors, bills, strict=True)]
    slopes = [[slope.data for slope in gradient(y, prices)] for y in bills]
    page.table(
        ["week n", "xⁿ", "tⁿ", "yⁿ", "−2 (tⁿ − yⁿ)", "engine dEⁿ/dyⁿ", "engine ∂yⁿ/∂w"],
        [
            [n, ", ".join(map(str, x)), f"{t:.2f} €", f"{y:.2f} €", f"{d:.2f}", f"{e:.2f}", ", ".join(f"{s:g}" for s in row)]
            for n, (x, t, y, d, e, row) in enumerate(zip(WEEKS, paid, bills, by_hand, by_engine, slopes, strict=True), 1)
        ],
        "Both factors, as the formula and as the engine has them.",
    )

    shares = [[-x[i] * (t - y.data) for x, t, y in zip(WEEKS, paid, bills, strict=True)] for i in range(len(GOODS))]
    gradients, steps = [sum(row) for row in shares], [-RATE * sum(row) for row in shares]
    engine = [w.grad for w in prices]
    before = [w.data for w in prices]
    loss = E.data
    for n, (y, error) in enumerate(zip(bills, errors, strict=True), 1):
        y.label, error.label = f"y{n}", f"E{n}"
    name_error(E)
    graph = deepcopy(E)  # the prices are about to change
    SGD(prices, lr=RATE).step()
    moved = [w.data - old for w, old in zip(prices, before, strict=True)]
    page.say("Together, and with a step downhill, they are the delta rule for several weeks:")
    page.formula("∂E/∂wᵢ = −Σₙ xᵢⁿ (tⁿ − yⁿ),   Δwᵢ = −η ∂E/∂wᵢ = η Σₙ xᵢⁿ (tⁿ − yⁿ),   η = 1/64")
    page.table(
        ["", *[f"week {n}" for n in range(1, len(WEEKS) + 1)], "−Σ x (t − y)", "engine ∂E/∂w", "η Σ x (t − y)", "engine's step"],
        [
            [name, *[f"{s:.2f}" for s in row], f"{g:.2f}", f"{e:.2f}", f"{step:+.4f}", f"{m:+.4f}"]
            for name, row, g, e, step, m in zip(GOODS, shares, gradients, engine, steps, moved, strict=True)
        ],
        "Every week pulls at every price that it has portions of.",
    )
    after = squared_error([dot(prices, x) for x in WEEKS], paid).data
    page.say(f"The step takes the error from {loss:.2f} to {after:.2f}. The engine had E alone: it found the rule itself.")
    page.graph("graph", graph, "The error before the step: every price acts on it through every week's bill.")
    page.plot("shares", lambda axes: bars(axes, shares), "The gradient is the sum of what each week asks for.")
    return {"factors": (by_hand, by_engine), "slopes": slopes, "gradients": gradients, "engine": engine, "steps": steps,
            "moved": moved, "loss": loss, "after": after}  # fmt: skip


def bars(axes, shares):
    width = 0.8 / len(WEEKS)
    for n in range(len(WEEKS)):
        places = [i + (n - (len(WEEKS) - 1) / 2) * width for i in range(len(GOODS))]
        axes.bar(
            places, [-row[n] for row in shares], width * 0.92, label=f"week {n + 1}", hatch=["", "//", ".."][n], edgecolor="white"
        )
    axes.set_xticks(range(len(GOODS)), GOODS)
    axes.set(title="What each week asks for: x (t − y)")
    axes.axhline(0, color="#888888", linewidth=1)
    axes.legend()
