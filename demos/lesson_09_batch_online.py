"""Batch against online: one step for all the bills, or one for each.

Batch learning (por lotes) adds up the errors of all bills before it takes a step; online learning takes a step after every bill.
How do their paths differ, and when are they the same?
"""

from itertools import pairwise
from math import acos, degrees, dist, hypot
from typing import Any

from autograd import Value, dot
from demos.experiments import Try
from demos.names import name_error
from demos.page import Page
from nn import SGD
from nn.losses import squared_error
from nn.plot import error_surface, loss_curves

REAL_PRICES = (0.50, 1.00)
WEEKS = [(3, 1), (1, 2)]
TOTALS = [dot(REAL_PRICES, x) for x in WEEKS]
START: tuple[float, ...] = (0.00, 2.00)
RATE, ROUNDS = 0.09, 30

TRY = Try("Give both η = 0.16. Which of the two diverges, and what protects the other?")


def main(page: Page) -> dict[str, Any]:
    page.say(
        """
        Two bills, two unknown prices: 3 coffees and 1 toast were 2.50 €, 1 coffee and 2 toasts were 2.50 €. Each bill alone is a
        line of prices that explain it, and the real prices are where the lines cross.
        """
    )
    page.formula("batch:   Δw = η Σₙ xⁿ (tⁿ − yⁿ)          online:   Δw = η xⁿ (tⁿ − yⁿ), for one n after the other")
    paths = {"batch": learn(RATE, ROUNDS, online=False), "online": learn(RATE, ROUNDS, online=True)}
    rows, slants = [], []
    for k in range(4):
        x = WEEKS[k % 2]
        before, after = paths["online"][k : k + 2]
        formula = [RATE * xi * (TOTALS[k % 2] - dot(before, x)) for xi in x]
        engine = [b - a for a, b in zip(before, after, strict=True)]
        slants.append(abs(engine[0] * x[1] - engine[1] * x[0]) / hypot(*engine) / hypot(*x))
        rows.append([k + 1, f"{x[0]} and {x[1]}", pair(formula), pair(engine), pair(after)])
    page.table(["online step", "coffee and toast", "η x (t − y)", "engine's step", "prices"], rows)
    page.say(
        """
        An online step is a multiple of x, perpendicular to the line of its bill: towards that line, without regard to
        the other bill. So online learning zig-zags between the lines, while batch learning goes down the gradient of the whole
        error.
        """
    )
    w = [Value(price, name) for name, price in zip(("coffee", "toast"), START, strict=True)]
    error = E(w)
    name_error(error)
    error.backward()
    page.graph("graph", error, "Both bills on one graph: each changes a price along one path, and batch learning takes the sum.")
    page.plot("surface", lambda axes: surface(axes, paths), "Both paths on one error surface. Dotted: the lines of the two bills.",
              size=(7.0, 5.2))  # fmt: skip

    turns = {name: bends(path) for name, path in paths.items()}
    rounds = {"batch": paths["batch"], "online": paths["online"][:: len(WEEKS)]}
    errors = {name: [E(w) for w in path] for name, path in rounds.items()}
    page.table(
        ["", "after 1 round", "5 rounds", "10 rounds", f"{ROUNDS} rounds", "mean bend of its path"],
        [[name, *[f"{errors[name][k]:.2e}" for k in (1, 5, 10, ROUNDS)], f"{turns[name]:.1f}°"] for name in paths],
        "The error after as many looks at the bills: a round is one step of batch learning, or one online step for each bill.",
    )
    page.plot("errors", lambda axes: loss_curves(errors, xlabel="rounds", ax=axes), "The error, round by round.")
    return {"paths": paths, "slants": slants, "turns": turns, "errors": errors, **small_steps(page)}


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
    for rate in (0.08, 0.04, 0.02, 0.01):
        apart.append((rate, dist(learn(rate, 1, online=False)[-1], learn(rate, 1, online=True)[-1])))
    page.say(
        """
        For small steps the two are the same. The second online step sees prices that the first has moved; that is all the
        difference after one round, and it shrinks as η²:
        """
    )
    first, second = WEEKS
    formulas = [rate**2 * hypot(*second) * dot(first, second) * abs(TOTALS[0] - dot(START, first)) for rate, _ in apart]
    page.table(
        ["η", "η² |x²| (x¹·x²) |t¹ − y¹|", "engine's prices apart"],
        [[rate, f"{formula:.6f} €", f"{d:.6f} €"] for (rate, d), formula in zip(apart, formulas, strict=True)],
    )
    return {"apart": apart, "formulas": formulas}


def E(prices):
    return squared_error([dot(prices, x) for x in WEEKS], TOTALS)


def bends(path):
    """The mean angle between a step and the next."""
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(path)]
    cosines = [(p[0] * q[0] + p[1] * q[1]) / hypot(*p) / hypot(*q) for p, q in pairwise(steps)]
    return sum(degrees(acos(max(-1.0, min(1.0, c)))) for c in cosines) / len(cosines)


def pair(numbers):
    return ", ".join(f"{x:.4f}" for x in numbers)


def surface(axes, paths):
    error_surface(
        lambda *w: E(w), ((-0.3, 1.3), (0.4, 2.2)), trajectories=paths, minimum=REAL_PRICES, names=("coffee €", "toast €"), ax=axes
    )
    for (a, b), t in zip(WEEKS, TOTALS, strict=True):
        axes.axline(REAL_PRICES, slope=-a / b, color="#222222", linewidth=1, linestyle=":", label=f"{a} w₁ + {b} w₂ = {t:.2f} €")
    axes.set_aspect("equal")  # so that right angles are right angles
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
