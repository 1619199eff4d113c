"""The delta rule derived: it is gradient descent, and the engine finds it by itself.

The delta rule (regla delta) shared out a bill's residual in proportion to the portions. Where does it come from, and what is
it for several bills?
"""

from math import copysign
from typing import Any

from autograd import Value, affine, dot, gradient, quiz, quiz_page
from autograd.ops import sum as total
from demos.experiments import Try, as_many
from demos.names import name_error
from demos.page import Page, filled, fraction
from nn import SGD

GOODS = ("coffee", "juice", "toast")
REAL_PRICES = (0.50, 1.50, 1.00)
WEEKS = [(5, 2, 3), (1, 4, 2), (2, 0, 5)]
ESTIMATE = 0.50  # of every price, to begin with
RATE = 1 / 64
SQUARES = True  # False: E = Σ |tⁿ − yⁿ|

TRY = Try(
    "Take E = Σ |tⁿ − yⁿ| instead of the squares. Which rule comes out? Does the step still depend on the size of the residual?",
    {"SQUARES": False},
    pictures=("descent",),
)

# The error as a formula: the parts that differ between squares and absolute values.
FORMULAS = (
    {"E": "½ Σₙ Eⁿ", "one": "(tⁿ − yⁿ)²", "half": "½ ", "slope": "−2 (tⁿ − yⁿ)", "pull": "(tⁿ − yⁿ)"}
    if SQUARES
    else {"E": "Σₙ Eⁿ", "one": "|tⁿ − yⁿ|", "half": "", "slope": "−sign(tⁿ − yⁿ)", "pull": "sign(tⁿ − yⁿ)"}
)


def main(page: Page) -> dict[str, Any]:
    as_many(GOODS=GOODS, REAL_PRICES=REAL_PRICES, **{f"week {n}": x for n, x in enumerate(WEEKS, 1)})
    prices = [Value(ESTIMATE, name) for name in GOODS]
    paid = [dot(REAL_PRICES, x) for x in WEEKS]
    bills = [dot(prices, x) for x in WEEKS]
    errors = [one_error(t - y) for t, y in zip(paid, bills, strict=True)]
    E = total(errors) / 2 if SQUARES else total(errors)
    E.backward()
    residuals = [t - y.data for t, y in zip(paid, bills, strict=True)]
    prediction(page)
    slopes = factors(page, prices, paid, bills, errors)

    pulls = [r if SQUARES else sign(r) for r in residuals]
    shares = [[-x[i] * pull for x, pull in zip(WEEKS, pulls, strict=True)] for i in range(len(GOODS))]
    gradients, steps = [sum(row) for row in shares], [-RATE * sum(row) for row in shares]
    engine = [w.grad for w in prices]
    loss = E.data
    SGD(prices, lr=RATE).step()
    moved = [w.data - ESTIMATE for w in prices]
    page.say("Together, and with a step downhill, they are the delta rule for several weeks:")
    page.formula(
        r"\frac{∂E}{∂wᵢ} = −Σₙ xᵢⁿ {pull},   Δwᵢ = −η \frac{∂E}{∂wᵢ} = η Σₙ xᵢⁿ {pull},   η = {rate}",
        pull=FORMULAS["pull"],
        rate=fraction(RATE),
    )
    page.table(
        [
            "",
            *[filled("week {n}", n=n) for n in range(1, len(WEEKS) + 1)],
            "their sum",
            "engine ∂E/∂w",
            "−η · sum",
            "engine's step",
        ],
        [
            [name, *[f"{s:z.2f}" for s in row], f"{g:z.2f}", f"{e:z.2f}", f"{step:+z.4f}", f"{m:+z.4f}"]
            for name, row, g, e, step, m in zip(GOODS, shares, gradients, engine, steps, moved, strict=True)
        ],
        filled("The share of each week is −xᵢⁿ {pull}: it pulls at every price that it has portions of.", pull=FORMULAS["pull"]),
    )
    after = error_at([w.data for w in prices], paid)
    page.say(
        "The step takes the error from {before:.2f} to {after:.2f}. The engine had E alone: it found the rule itself.",
        before=loss,
        after=after,
    )
    page.plot(
        "descent",
        lambda axes: descent(axes, paid, engine[0]),
        filled(
            "The error over the price of {name} alone. The slope of the tangent is ∂E/∂w, and the step is −η times it.",
            name=GOODS[0],
        ),
    )
    page.graph(
        "graph",
        one_price(paid),
        filled("The price of {name} alone, before the step: it acts on E through the bill of every week.", name=GOODS[0]),
        rankdir="BT",
    )
    page.plot("shares", lambda axes: bars(axes, shares), "The gradient is the sum of what each week asks for.")
    return {**slopes, "gradients": gradients, "engine": engine, "steps": steps, "moved": moved, "loss": loss, "after": after}


def prediction(page):
    """The quiz: one price in three bills, of which one is already too high."""
    w = Value(1.0, "w")
    bills = [w * x for x in (5.0, 1.0, 2.0)]
    errors = [one_error(t - y) for t, y in zip((8.0, 3.0, 1.0), bills, strict=True)]
    E = total(errors) / 2 if SQUARES else total(errors)
    named(E, bills, errors)
    page.play(
        "quiz",
        quiz_page(quiz(E, of=[*bills, w]), title="One price w in three bills: which way does each bill pull, and all together?"),
        "Predict first: one price w is in three bills. What does each bill ask for, and what is their sum, ∂E/∂w?",
    )


def factors(page, prices, paid, bills, errors):
    """The two factors of the chain rule, for every week."""
    page.say(
        "The error is half the sum of the squared residuals, one for every week n:"
        if SQUARES
        else "The error is the sum of the absolute residuals, one for every week n:"
    )
    page.formula("E = {E},   Eⁿ = {one},   yⁿ = Σᵢ wᵢ xᵢⁿ", E=FORMULAS["E"], one=FORMULAS["one"])
    page.say("A price wᵢ acts on E through every week's bill, so the chain rule is a sum over the weeks of two local derivatives:")
    page.formula(
        r"\frac{∂E}{∂wᵢ} = {half}Σₙ \frac{∂yⁿ}{∂wᵢ} · \frac{dEⁿ}{dyⁿ},   \frac{∂yⁿ}{∂wᵢ} = xᵢⁿ,   \frac{dEⁿ}{dyⁿ} = {slope}",
        half=FORMULAS["half"],
        slope=FORMULAS["slope"],
    )
    residuals = [t - y.data for t, y in zip(paid, bills, strict=True)]
    by_hand = [-2 * r if SQUARES else -sign(r) for r in residuals]
    by_engine = [gradient(error, y).data for error, y in zip(errors, bills, strict=True)]
    slopes = [[slope.data for slope in gradient(y, prices)] for y in bills]
    page.table(
        ["week n", "xⁿ", "tⁿ", "yⁿ", FORMULAS["slope"], "engine dEⁿ/dyⁿ", "engine ∂yⁿ/∂w"],
        [
            [n, ", ".join(map(str, x)), f"{t:.2f} €", f"{y:.2f} €", f"{d:z.2f}", f"{e:z.2f}", ", ".join(f"{s:g}" for s in row)]
            for n, (x, t, y, d, e, row) in enumerate(zip(WEEKS, paid, bills, by_hand, by_engine, slopes, strict=True), 1)
        ],
        "Both factors, as the formula and as the engine has them.",
    )
    return {"factors": (by_hand, by_engine), "slopes": slopes}


def one_error(residual):
    return residual**2 if SQUARES else abs(residual)


def sign(x):
    return copysign(1.0, x) if x else 0.0


def error_at(prices, paid):
    """E of these prices, as a number."""
    errors = [one_error(t - dot(prices, x)) for x, t in zip(WEEKS, paid, strict=True)]
    return sum(errors) / (2 if SQUARES else 1)


def one_price(paid):
    """The error as a function of the first price alone; the others are plain numbers here."""
    w = Value(ESTIMATE, GOODS[0])
    bills = [affine([x[0]], [w], ESTIMATE * sum(x[1:])) for x in WEEKS]
    errors = [one_error(t - y) for t, y in zip(paid, bills, strict=True)]
    E = total(errors) / 2 if SQUARES else total(errors)
    E.backward()
    return named(E, bills, errors)


def named(E, bills, errors):
    """The error, its graph in the lecture's names."""
    for n, (y, error) in enumerate(zip(bills, errors, strict=True), 1):
        y.label, error.label = f"y{n}", f"E{n}"
        error.operands[0].label = f"t{n} − y{n}"
    if SQUARES:
        name_error(E)
    E.label = "E"
    return E


def descent(axes, paid, slope):
    """E over the first price, the tangent at the estimate, and the step down."""
    rest = [ESTIMATE] * (len(GOODS) - 1)
    step = -RATE * slope
    here, there = error_at([ESTIMATE, *rest], paid), error_at([ESTIMATE + step, *rest], paid)
    reach = 2.2 * abs(step) or 1.0
    across = [ESTIMATE + reach * (k / 60 - 1) for k in range(121)]
    axes.plot(across, [error_at([w, *rest], paid) for w in across], label="E(w)")
    ends = [ESTIMATE - 0.6 * reach, ESTIMATE + 0.6 * reach]
    axes.plot(ends, [here + slope * (w - ESTIMATE) for w in ends], "--", color="C3", linewidth=1.5, label="tangent, slope ∂E/∂w")
    axes.plot([ESTIMATE, ESTIMATE + step], [here, there], "o", color="C3", markersize=7, zorder=3)
    low = min(here, there, *[here + slope * (w - ESTIMATE) for w in ends]) - 0.12 * abs(slope * reach)
    axes.annotate("", (ESTIMATE + step, low), (ESTIMATE, low), arrowprops={"arrowstyle": "->", "color": "#222222"})
    axes.annotate("Δw = −η ∂E/∂w", (ESTIMATE + step / 2, low), (0, 5), textcoords="offset points", ha="center")
    for w, height in ((ESTIMATE, here), (ESTIMATE + step, there)):
        axes.plot([w, w], [low, height], color="#888888", linewidth=1, linestyle=":")
    axes.set(xlabel=filled("w, the price of {name} in €", name=GOODS[0]), ylabel="E")
    axes.legend()


def bars(axes, shares):
    width = 0.8 / len(WEEKS)
    for n in range(len(WEEKS)):
        places = [i + (n - (len(WEEKS) - 1) / 2) * width for i in range(len(GOODS))]
        axes.bar(
            places,
            [-row[n] for row in shares],
            width * 0.92,
            label=filled("week {n}", n=n + 1),
            hatch=["", "//", "..", "xx"][n % 4],
            edgecolor="white",
        )
    axes.set_xticks(range(len(GOODS)), GOODS)
    axes.set(title="What each week asks for" if len(WEEKS) > 1 else "What the week asks for")
    axes.axhline(0, color="#888888", linewidth=1)
    axes.legend()


def answer(page, usual, changed):
    page.formula("Δwᵢ = η Σₙ xᵢⁿ sign(tⁿ − yⁿ)")
    page.table(
        ["", *GOODS],
        [
            ["Σ, squares", *[f"{-g:z.2f}" for g in usual["engine"]]],
            ["Σ, absolute values", *[f"{-g:z.2f}" for g in changed["engine"]]],
        ],
    )
    page.say(
        """
        The size of a residual no longer counts, only its sign: a bill that is wrong by a cent pulls as much as one that is wrong by
        ten euros. So learning does not slow down near the minimum, and overshoots it unless η becomes smaller. For the same
        reason a single bill that is far off cannot pull the prices away from all the others.
        """
    )
