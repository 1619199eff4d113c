"""Batch against online: one step for all the bills, or one for each.

Batch learning (por lotes) adds up the errors of all bills before it takes a step; online learning takes a step after every bill.
How do their paths differ, and when are they the same?
"""

from itertools import pairwise
from math import acos, degrees, dist, hypot
from typing import Any

from autograd import Value, affine, dot, quiz, quiz_page
from demos.experiments import Try, pairs, some
from demos.names import name_error
from demos.page import Page, filled
from nn import SGD
from nn.losses import squared_error
from nn.plot import error_surface, loss_curves, principal_axes

GOODS = ("coffee", "toast")
REAL_PRICES = (0.50, 1.00)
WEEKS = [(3, 1), (1, 2)]
TOTALS = [dot(REAL_PRICES, x) for x in WEEKS]
START: tuple[float, ...] = (0.00, 2.00)
RATE, ROUNDS = 0.09, 30
RATES = (0.08, 0.04, 0.02, 0.01)  # for one round each

TRY = Try(
    "Give both η = 0.16. Which of the two diverges, and what protects the other?",
    {"RATE": 0.16},
    pictures=("errors",),
)


def main(page: Page) -> dict[str, Any]:
    pairs(GOODS=GOODS, REAL_PRICES=REAL_PRICES, START=START, **{f"week {n}": x for n, x in enumerate(WEEKS, 1)})
    for x in WEEKS:
        some(WEEKS=[x])
    page.say(
        """
        Bills, and two unknown prices w₁ and w₂: {bills}. Each bill alone is a line of prices that explain it, and the real prices
        are where the lines cross.
        """,
        bills=", ".join(equation(x, t) for x, t in zip(WEEKS, TOTALS, strict=True)),
    )
    page.formula(
        "\\text{batch:}   Δw = η Σₙ xⁿ (tⁿ − yⁿ)\n"
        "\\text{online:}   Δw = η xⁿ (tⁿ − yⁿ),   \\text{for one }n\\text{ after the other}"
    )
    prediction(page)
    paths = {"batch": learn(RATE, ROUNDS, online=False), "online": learn(RATE, ROUNDS, online=True)}
    rows, slants = [], []
    for k in range(min(4, len(paths["online"]) - 1)):
        x = WEEKS[k % len(WEEKS)]
        before, after = paths["online"][k : k + 2]
        formula = [RATE * xi * (TOTALS[k % len(WEEKS)] - dot(before, x)) for xi in x]
        engine = [b - a for a, b in zip(before, after, strict=True)]
        slants.append(abs(engine[0] * x[1] - engine[1] * x[0]) / (hypot(*engine) or 1.0) / hypot(*x))
        rows.append([k + 1, f"{x[0]}, {x[1]}", pair(formula), pair(engine), pair(after)])
    page.table(["online step", ", ".join(GOODS), "η x (t − y)", "engine's step", "prices"], rows)
    page.say(
        """
        An online step is a multiple of x, perpendicular to the line of its bill: towards that line, without regard to
        the other bill. So online learning zig-zags between the lines, while batch learning goes down the gradient of the whole
        error.
        """
    )
    w = [Value(price, name) for name, price in zip(GOODS, START, strict=True)]
    error = E(w)
    name_error(error)
    error.backward()
    page.graph("graph", error, "All bills on one graph: each changes a price along one path, and batch learning takes the sum.")
    page.plot("surface", lambda axes: surface(axes, paths), "Both paths on one error surface. Dotted: the line of each bill.",
              size=(7.0, 5.2))  # fmt: skip

    turns = {name: bends(path) for name, path in paths.items()}
    rounds = {"batch": paths["batch"], "online": paths["online"][:: len(WEEKS)]}
    errors = {name: [E(w) for w in path] for name, path in rounds.items()}
    page.table(
        [
            "",
            *[filled("E after {k} rounds" if k > 1 else "E after {k} round", k=k) for k in shown_rounds()],
            "mean angle between consecutive steps",
        ],
        [[name, *[f"{errors[name][k]:.2e}" for k in shown_rounds()], f"{turns[name]:.1f}°"] for name in paths],
        "The error after the same number of passes over the bills: a round is one batch step, or one online step for each bill.",
    )
    page.plot("errors", lambda axes: loss_curves(errors, xlabel="rounds", ax=axes), "The error, round by round.")
    grown = [name for name in paths if not errors[name][-1] <= errors[name][0]]
    if grown:
        page.say("The error has grown, and learning diverges: {names}. The rate is too large.", names=", ".join(grown))
    return {"grown": grown, "paths": paths, "slants": slants, "turns": turns, "errors": errors, **small_steps(page)}


def prediction(page):
    """The quiz: one price, two bills and η = 0.1; a step is η x (t − y)."""
    w = Value(0.0, "w")
    first, second = affine([-2.0], [w], 4.0), 2.0 - w
    once = affine([1.0, 0.2], [w, first], 0.0)
    online, batch = (
        affine([0.9], [once], 0.2),
        affine([1.0, 0.2, 0.1], [w, first, second], 0.0),
    )  # w1 + 0.1 (2 − w1) is 0.9 w1 + 0.2
    together = online + batch
    names = ("t1 − y1", "t2 − y2", "w1", "w online", "w batch", "sum")
    for node, name in zip((first, second, once, online, batch, together), names, strict=True):
        node.label = name
    asked = quiz(together, "data", of=[once, online, batch])
    page.play(
        "quiz",
        quiz_page(asked, title="η = 0.1, the bills x = 2, t = 4 and x = 1, t = 2, from w = 0"),
        "Predict first: the same two bills, online and in one batch. Do both learners have the same price afterwards?",
    )


def shown_rounds():
    return [*[k for k in (1, 5, 10) if k < ROUNDS], ROUNDS]


def equation(x, t):
    return f"{x[0]} w₁ + {x[1]} w₂ = {t:.2f} €"


def learn(rate, rounds, *, online):
    """The prices at the start and after every step."""
    prices = [Value(w) for w in START]
    optimizer, way = SGD(prices, lr=rate), [START]
    batches = [[n] for n in range(len(WEEKS))] if online else [list(range(len(WEEKS)))]
    for _ in range(rounds):
        for batch in batches:
            optimizer.zero_grad()
            squared_error([dot(prices, WEEKS[n]) for n in batch], [TOTALS[n] for n in batch]).backward()
            optimizer.step()
            way.append(tuple(w.data for w in prices))
    return way


def small_steps(page):
    """One round of each with ever smaller rates."""
    apart = []
    for rate in RATES:
        apart.append((rate, dist(learn(rate, 1, online=False)[-1], learn(rate, 1, online=True)[-1])))
    page.say(
        """
        For small steps the two are the same. Each online step after the first sees prices that the steps before have moved; that
        is all the difference after one round, and it shrinks as η²:
        """
    )
    formulas = []
    if len(WEEKS) == 2:  # with more bills the formula has more terms
        first, second = WEEKS
        formulas = [rate**2 * hypot(*second) * abs(dot(first, second) * (TOTALS[0] - dot(START, first))) for rate, _ in apart]
    page.table(
        ["η", *["η² |x²| |x¹·x²| |t¹ − y¹|"] * bool(formulas), "engine's prices apart"],
        [[rate, *[f"{formula:.6f} €" for formula in formulas[k : k + 1]], f"{d:.6f} €"] for k, (rate, d) in enumerate(apart)],
    )
    return {"apart": apart, "formulas": formulas}


def E(prices):
    return squared_error([dot(prices, x) for x in WEEKS], TOTALS)


def bends(path):
    """The mean angle between a step and the next."""
    steps = [step for a, b in pairwise(path) if any(step := (b[0] - a[0], b[1] - a[1]))]
    cosines = [(p[0] * q[0] + p[1] * q[1]) / hypot(*p) / hypot(*q) for p, q in pairwise(steps)]
    return sum(degrees(acos(max(-1.0, min(1.0, c)))) for c in cosines) / max(1, len(cosines))


def pair(numbers):
    return ", ".join(f"{x:.4f}" for x in numbers)


def surface(axes, paths):
    error_surface(
        lambda *w: E(w),
        ((-0.3, 1.3), (0.4, 2.2)),
        trajectories=paths,
        minimum=REAL_PRICES,
        names=(f"{GOODS[0]} €", f"{GOODS[1]} €"),
        ax=axes,
    )
    for (a, b), t in zip(WEEKS, TOTALS, strict=True):
        there = (REAL_PRICES[0] + b, REAL_PRICES[1] - a)
        axes.axline(REAL_PRICES, there, color="#222222", linewidth=1, linestyle=":", label=equation((a, b), t))
    axes.set_aspect("equal")  # so that right angles are right angles
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def answer(page, _usual, changed):
    (a, b), (_, d) = [[sum(x[i] * x[j] for x in WEEKS) for j in range(2)] for i in range(2)]
    steep = principal_axes([[a, b], [b, d]])[0][0]
    rate = TRY.changes[0]["RATE"]
    page.say("The error has grown in: {grown}.", grown=", ".join(changed["grown"]) or "neither of them")
    page.say(
        """
        A batch step adds up both bills and meets the curvature of the whole error, {steep:.2f}: beyond η = 2/{steep:.2f} =
        {limit:.4f} it overshoots more and more, and {rate:g} is beyond. An online step meets one bill at a time, of curvature
        |x|², which is {ones} here. Its limit is {online:.4f}, so the smaller curvature of each bill protects it.
        """,
        steep=steep,
        limit=2 / steep,
        rate=rate,
        ones=", ".join(f"{dot(x, x):g}" for x in WEEKS),
        online=2 / max(dot(x, x) for x in WEEKS),
    )
