"""Correlated inputs: always juice with toast, and the bill is hard to split.

Who takes toast whenever he takes juice learns quickly what the two cost together, and hardly what each costs. How does the
correlation (correlación) of the inputs stretch the ellipses, and how many steps does it cost?
"""

from functools import partial
from math import acos, asin, ceil, degrees, hypot, log, sqrt
from typing import Any

from autograd import Value, dot, hessian
from demos.experiments import Try
from demos.names import name_error
from demos.page import Page
from nn import SGD
from nn.data import make_bills
from nn.losses import squared_error
from nn.plot import ellipses, error_surface, principal_axes

REAL_PRICES = (1.50, 1.00)
CORRELATIONS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
NEARER = 1000  # how many times nearer to the real prices learning has to come

TRY = Try("Learn with SGD(prices, lr=rate, momentum=0.9). At r = 0.99, how many steps are saved, and at r = 0?")


def main(page: Page) -> dict[str, Any]:
    page.say(
        """
        Four weeks, with more or less juice and toast than usual, so that the two have the correlation r. The curvature of the
        error is then 1 + r where both prices rise together, for there the bills change, and 1 − r where the one rises as the
        other falls, for there they hardly do. From these two follows everything:
        """
    )
    page.formula(
        "condition number κ = λmax/λmin = (1 + r)/(1 − r)\n"
        "angle between downhill and the way to the minimum, sin α = (κ − 1)/(κ + 1) = r\n"
        "distance after a step of the best rate η = 2/(λmax + λmin): r times the one before"
    )
    rows = [measure(r) for r in CORRELATIONS]
    page.table(
        ["r", "(1 + r)/(1 − r)", "engine κ", "asin r", "engine α", "log 1000 / log 1/r", "engine's steps"],
        [
            [f"{row['r']:g}", f"{row['kappa_formula']:.2f}", f"{row['kappa']:.2f}", f"{row['angle_formula']:.2f}°",
             f"{row['angle']:.2f}°", row["steps_formula"], row["steps"]]
            for row in rows
        ],
        f"From where both directions count alike, until the prices are {NEARER} times nearer.",
    )  # fmt: skip
    page.say(
        """
        With strong correlation downhill is nearly perpendicular to the way to the minimum, and learning crawls. A smaller
        rate makes it worse, and a larger one overshoots in the steep direction.
        """
    )
    error = E([Value(1.0, "juice"), Value(1.0, "toast")], inputs(0.9))
    name_error(error)
    error.backward()
    page.graph("graph", error, "The error at r = 0.9: raise juice and lower toast as much, and it hardly changes.")
    page.plot("ellipses", lambda axes: stretched(axes, rows), "The sections at one height: the more correlated, the longer.",
              size=(5.4, 4.4))  # fmt: skip
    page.plot("paths", lambda left, right: paths(left, right, rows), "The same rule: straight there, or to and fro on the way.",
              panels=2, size=(5.0, 4.4))  # fmt: skip
    return {"rows": [{key: row[key] for key in row if key != "path"} for row in rows], **together(page)}


def inputs(r):
    """Four weeks of juice and toast, relative to the usual, of correlation r and variance 1."""
    other = sqrt((1 - r) * (1 + r))
    return [(a / 2, (r * a + other * b) / 2) for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]


def E(prices, X):
    return squared_error([dot(prices, x) for x in X], [dot(REAL_PRICES, x) for x in X])


def measure(r):
    """The engine's results: curvatures, the angle at the start, the steps it takes."""
    X = inputs(r)
    (steep, u), (flat, v) = principal_axes(hessian(lambda w: E(w, X))(list(REAL_PRICES)))
    start = [m + 0.5 * (a / sqrt(steep) + b / sqrt(flat)) for m, a, b in zip(REAL_PRICES, u, v, strict=True)]
    prices = [Value(w) for w in start]
    optimizer = SGD(prices, lr=2 / (steep + flat))
    path, angle = [start], None
    while away(path[-1]) > away(start) / NEARER * (1 + 1e-9):
        optimizer.zero_grad()
        E(prices, X).backward()
        if angle is None:
            way = [m - w.data for m, w in zip(REAL_PRICES, prices, strict=True)]
            cosine = -sum(a * w.grad for a, w in zip(way, prices, strict=True)) / hypot(*way) / hypot(*[w.grad for w in prices])
            angle = degrees(acos(min(1.0, cosine)))
        optimizer.step()
        path.append([w.data for w in prices])
    return {"r": r, "kappa": steep / flat, "kappa_formula": (1 + r) / (1 - r), "angle": angle, "angle_formula": degrees(asin(r)),
            "steps": len(path) - 1, "steps_formula": ceil(log(NEARER) / log(1 / r) - 1e-6) if r else 1, "path": path}  # fmt: skip


def away(w):
    return hypot(w[0] - REAL_PRICES[0], w[1] - REAL_PRICES[1])


def together(page):
    """Correlation 1: the bills are right, and the prices need not be."""
    X, totals = make_bills(20, REAL_PRICES, correlation=1.0, rng=1)
    prices = [Value(0.50, name) for name in ("juice", "toast")]
    optimizer = SGD(prices, lr=0.001)
    for _ in range(100):
        optimizer.zero_grad()
        squared_error([dot(prices, x) for x in X], totals).backward()
        optimizer.step()
    residual = max(abs(dot(prices, x).data - t) for x, t in zip(X, totals, strict=True))
    juice, toast = [w.data for w in prices]
    page.say(
        f"""
        And with r = 1, always as many juices as toasts? From 0.50 € each, learning ends at {juice:.2f} € and {toast:.2f} €, not at
        1.50 € and 1.00 €; yet every bill is right, for {juice + toast:.2f} € is what the two cost together. No step changes the
        difference of the prices, since no bill depends on it.
        """
    )
    return {"together": (juice, toast), "residual": residual}


def stretched(axes, rows):
    chosen = [row["r"] for row in rows if row["r"] < 0.99]
    ellipses(
        {f"r = {r:g}": [[1.0, r], [r, 1.0]] for r in chosen},
        minimum=REAL_PRICES,
        height=0.05,
        names=("juice €", "toast €"),
        ax=axes,
    )


def E_at(X, juice, toast):
    return E((juice, toast), X)


def paths(left, right, rows):
    for axes, r in ((left, 0.0), (right, 0.9)):
        path = next(row["path"] for row in rows if row["r"] == r)
        error_surface(
            partial(E_at, inputs(r)),
            ((0.0, 3.0), (-0.5, 2.5)),
            trajectories={"1 step" if len(path) == 2 else f"{len(path) - 1} steps": path},
            minimum=REAL_PRICES,
            names=("juice €", "toast €"),
            ax=axes,
        )
        axes.plot(*zip(path[0], REAL_PRICES, strict=True), color="#D55E00", linestyle=":", label="the way to it")
        axes.legend(frameon=True, facecolor="white", edgecolor="none")
        axes.set_aspect("equal")
        axes.set_title(f"r = {r:g}")
