"""The learning rate: too small creeps, too large overshoots.

Every step goes downhill, by η times the gradient. How large may the learning rate (tasa de aprendizaje) η be? And how near to
the minimum does learning come if the bills contradict each other?
"""

from math import dist
from random import Random
from typing import Any

from autograd import Value, dot, hessian, quiz, quiz_page
from autograd.ops import sum as total
from demos.experiments import ConstantError, Try, pairs, some
from demos.names import name_error
from demos.page import Page, filled
from nn import SGD
from nn.losses import squared_error
from nn.plot import error_surface, loss_curves, principal_axes

GOODS = ("coffee", "toast")
REAL_PRICES = (0.50, 1.00)
WEEKS = [(3, 1), (1, 2), (2, 2)]
START = (1.60, 1.40)
STEPS = 40
SHARES = {"too small": 0.05, "right": 0.5, "nearly too large": 0.95, "on the limit": 1.0, "too large": 1.05}  # of the limit
RATES = (0.04, 0.02, 0.01, 0.005, 0.0025)  # of learning bill by bill, where the bills contradict each other

TRY = Try(
    "Multiply all portions by 10, as if the prices were for a tenth of a cup. Which learning rates work after this change, and "
    "why do the old ones fail?",
    {"WEEKS": [(30, 10), (10, 20), (20, 20)]},
    pictures=("curves",),
)


def main(page: Page) -> dict[str, Any]:
    pairs(GOODS=GOODS, REAL_PRICES=REAL_PRICES, START=START, **{f"week {n}": x for n, x in enumerate(WEEKS, 1)})
    some(WEEKS=WEEKS)
    prediction(page)
    (steep, direction), (flat, _) = principal_axes(hessian(lambda w: E(w))(list(START)))
    limit = 2 / steep
    page.say(
        """
        On the error surface of these bills the steepest curvature is λ = {steep:.3f}. In that direction a step multiplies the
        distance from the minimum by 1 − ηλ: towards it if that is small, to the other side if it is negative, and further away if
        it is below −1. The limit is therefore
        """,
        steep=steep,
    )
    page.formula(r"|1 − ηλ| = 1   \text{at}   η = \frac{2}{λ_{max}} = {limit:.4g}", limit=limit)

    runs, rows = {}, []
    for name, share in SHARES.items():
        rate = share * limit
        path, errors = descend(rate)
        first, second = [sum((a - b) * d for a, b, d in zip(w, REAL_PRICES, direction, strict=True)) for w in path[:2]]
        runs[name] = {"rate": rate, "path": path, "errors": errors, "formula": 1 - rate * steep,
                      "engine": second / first if first else None}  # fmt: skip
        rows.append([name, f"{rate:.4g}", f"{1 - rate * steep:+z.4f}", f"{second / first:+z.4f}" if first else "–"]
                    + [f"{errors[k]:.2g}" if errors[k] < 1e4 else f"{errors[k]:.1e}" for k in shown_steps()])  # fmt: skip
    page.table(["", "η", "1 − ηλmax", "engine", *[filled("E after {k}", k=k) for k in shown_steps()]], rows,
               "The column after the formula: by how much the engine's first step multiplied the distance.")  # fmt: skip
    w = [Value(price, name) for name, price in zip(GOODS, START, strict=True)]
    error = E(w)
    name_error(error)
    error.backward()
    page.graph("graph", error, "The start: take a step yourself, of η times the slope, with the sliders of the two prices.")
    page.plot("curves", lambda axes: curves(axes, runs), "The error from the same start, with each learning rate.", size=(7.5, 3.6))
    page.plot("paths", lambda *panels: paths(panels, runs), "The paths of the prices.", panels=len(shown(runs)), size=(4.3, 4.0))
    return {"limit": limit, "runs": runs, "flat": flat, **nearness(page)}


def prediction(page):
    """The quiz: the distance from the minimum after one step, with four learning rates."""
    d = Value(1.0, "d")
    slope = 2.0 * d
    after = [d - rate * slope for rate in (0.25, 0.5, 1.0, 1.25)]
    together = total(after)
    slope.label, together.label = "slope", "sum"
    for n, node in enumerate(after, 1):
        node.label, node.operands[1].label = f"d{n}", filled("step {n}", n=n)
    page.play(
        "quiz",
        quiz_page(quiz(together, "data", of=after), title="The distance d from the minimum after a step: η = 0.25, 0.5, 1, 1.25"),
        "Predict first: where does one step lead with each of four learning rates? Which of them is on the limit?",
    )


def shown_steps():
    """After how many steps the table shows the error."""
    return [*[k for k in (0, 1, 5, 20) if k < STEPS], STEPS]


def shown(runs):
    """The learning rates whose paths are drawn."""
    return [name for name in ("too small", "right", "too large") if name in runs] or list(runs)[:3]


def E(prices, weeks=WEEKS, totals=None):
    return squared_error([dot(prices, x) for x in weeks], totals or [dot(REAL_PRICES, x) for x in weeks])


def descend(rate):
    """The prices and the error before every step and after the last."""
    prices = [Value(w) for w in START]
    optimizer, path, errors = SGD(prices, lr=rate), [], []
    for _ in range(STEPS + 1):
        error = E(prices)
        path.append([w.data for w in prices])
        errors.append(error.data)
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
    return path, errors


def nearness(page):
    """Bills that no prices explain: learning bill by bill stays in motion, in a region as small as η."""
    rng = Random(3)
    weeks = [(rng.randint(0, 4), rng.randint(0, 4)) for _ in range(10)]
    totals = [dot(REAL_PRICES, x) + rng.choice([-0.5, 0.0, 0.5]) for x in weeks]
    best = [Value(0.0), Value(0.0)]
    (steep, _), _ = principal_axes(hessian(lambda w: E(w, weeks, totals))([0.0, 0.0]))
    optimizer = SGD(best, lr=1 / steep)
    for _ in range(200):
        optimizer.zero_grad()
        E(best, weeks, totals).backward()
        optimizer.step()
    centre = [w.data for w in best]
    page.say(
        """
        Now ten bills, of which some are 50 cents too high or too low: no prices explain them all. The least error is at
        ({first:.3f} €, {second:.3f} €). Learning bill by bill, each bill pulls towards prices that explain it alone, and the prices
        never rest; but the smaller η is, the nearer they stay, and with η small enough they come as near as one wants:
        """,
        first=centre[0],
        second=centre[1],
    )
    largest = 2 / max(dot(x, x) for x in weeks)
    if max(RATES) >= largest:
        raise ConstantError(f"RATES has {max(RATES):g}: with these bills learning bill by bill needs rates below {largest:g}")
    rows = []
    for rate in RATES:
        prices = [Value(w) for w in centre]
        optimizer = SGD(prices, lr=rate)
        for _ in range(max(10, round(2 / rate))):
            away = []
            for x, t in zip(weeks, totals, strict=True):
                optimizer.zero_grad()
                squared_error(dot(prices, x), t).backward()
                optimizer.step()
                away.append(dist([w.data for w in prices], centre))
        rows.append((rate, max(away)))
    page.table(
        ["η", "farthest from the least error, in the last round"],
        [[f"{rate:g}", filled("{far:.2f} cents", far=100 * far)] for rate, far in rows],
    )
    return {"nearness": rows}


def curves(axes, runs):
    loss_curves({f"{name}, η = {run['rate']:.3g}": run["errors"] for name, run in runs.items()}, ax=axes)
    first = E(START) or 1.0
    axes.set_ylim(first / 1e7, first * 1e4)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def paths(panels, runs):
    for axes, name in zip(panels, shown(runs), strict=True):
        path = runs[name]["path"][: 7 if abs(runs[name]["formula"]) > 1 else 13]
        error_surface(E_at, ((-1.4, 2.4), (-0.6, 2.6)), trajectories={name: path}, minimum=REAL_PRICES, names=axis_names(), ax=axes)
        axes.set_aspect("equal")
        axes.set_title(f"{name}: η = {runs[name]['rate']:.3g}")
        axes.get_legend().remove()


def axis_names():
    return tuple(f"{name} €" for name in GOODS)


def E_at(first, second):
    return E((first, second))


def answer(page, usual, changed):
    old = usual["runs"]
    page.say(
        """
        The curvature grows with the square of the portions: ten times the portions are a hundred times the curvature. The limit
        was η = {before:.4g} and is now {after:.4g}, so rates must be {times:.0f} times smaller; the same shares of the limit work
        as before. With the rate that was right, {right:.4g}, a step now multiplies the distance by {factor:.4g}: learning diverges.
        """,
        before=usual["limit"],
        after=changed["limit"],
        times=usual["limit"] / changed["limit"],
        right=old["right"]["rate"],
        factor=1 - 2 * old["right"]["rate"] / changed["limit"],
    )
