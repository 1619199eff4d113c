"""Descents compared: five ways down the same stretched bowl.

Lesson 8 left a bowl in which gradient descent (descenso de gradiente) crawls. Momentum, Nesterov, Adam and Newton use more than
the slope at one place: what does each of them make of that bowl?
"""

from functools import cache
from math import hypot, sqrt
from typing import Any

from autograd import Value, dot, grad, hessian, quiz, quiz_page, square
from demos.experiments import ConstantError, Try
from demos.lesson_08_correlated_inputs import inputs
from demos.page import Page, filled
from nn import SGD, Adam
from nn.losses import squared_error
from nn.optim import Momentum, Nesterov
from nn.plot import error_surface, loss_curves, principal_axes

GOODS = ("juice", "toast")
REAL_PRICES = (1.50, 1.00)
CORRELATION = 0.95  # of the inputs: the bowl's curvatures are 1 + r and 1 − r
OTHERS = (0.5, 0.8, 0.9, 0.99, 0.999)  # for the table
ADAM_RATE = 0.1
NEARER = 1000.0  # how many times nearer to the minimum a descent has to come
MOST = 3000  # steps; then it is given up
SHOWN = 60  # steps in the picture of distances

TRY = Try(
    "Stretch the bowl far more, with r = 0.999. Then make it rounder, with r = 0.3. Which descent does not care?",
    {"CORRELATION": 0.999},
    {"CORRELATION": 0.3},
    pictures=("paths", "others"),
)


def main(page: Page) -> dict[str, Any]:
    for r in (CORRELATION, *OTHERS):
        if not 0 < r < 1:
            raise ConstantError(f"{r!r}: a correlation between 0 and 1 is needed; with 1 the bowl has no single minimum")
    predict(page)
    show_the_bowl(page)
    runs = descents(CORRELATION)
    explain(page, runs)
    draw_paths(page, runs)
    steps = compare(page, runs) if page.wants("distance") else {}
    return {"runs": {name: {key: run[key] for key in ("steps", "arrived", "settings")} for name, run in runs.items()},
            "paths": {name: run["path"] for name, run in runs.items()}, "steps": steps}  # fmt: skip


def predict(page):
    """The quiz: a step downhill is long where it is steep, and not where it is far."""
    p, q = Value(1.0, "p"), Value(3.0, "q")
    steep, flat = 5.0 * square(p), 0.5 * square(q)
    E = steep + flat
    E.label, steep.label, flat.label, steep.operands[0].label, flat.operands[0].label = "E", "5 p²", "½ q²", "p²", "q²"
    page.play(
        "quiz",
        quiz_page(quiz(E, of=[p, q]), title="E = 5 p² + ½ q²: which direction is steep, and which is far?"),
        "Predict first: the minimum is 1 away in p, and 3 away in q. How large are the two slopes?",
    )


def E(w, r):
    """The error of lesson 8: four weeks whose juice and toast have the correlation r."""
    X = inputs(r)
    return squared_error([dot(w, x) for x in X], [dot(REAL_PRICES, x) for x in X])


def show_the_bowl(page):
    p, q = Value(0.5, "p"), Value(0.5, "q")
    steep, flat = (1 + CORRELATION) / 2 * square(p), (1 - CORRELATION) / 2 * square(q)
    error = steep + flat
    for node, name in ((steep, "steep"), (flat, "flat"), (steep.operands[0], "p²"), (flat.operands[0], "q²"), (error, "E")):
        node.label = name
    error.backward()
    page.say(
        """
        Two prices are to be found, from weeks in which juice and toast have the correlation r = {r:g}. Along its axes, p where both
        prices rise together and q where one rises as the other falls, the error is
        """,
        r=CORRELATION,
    )
    page.formula(
        "E = ½ (1 + r) p² + ½ (1 − r) q²,   κ = \\frac{{1 + r}}{{1 − r}} = {kappa:.4g}", kappa=(1 + CORRELATION) / (1 - CORRELATION)
    )
    page.graph("graph", error, "The bowl along its axes: as far away in both, the slopes are very different.")


# --------------------------------------------------------------------------------------------------- five descents


def start_of(r):
    """As in lesson 8: both axes contribute equally to the error."""
    (steep, u), (flat, v) = principal_axes([[1.0, r], [r, 1.0]])
    return [m + 0.5 * (a / sqrt(steep) + b / sqrt(flat)) for m, a, b in zip(REAL_PRICES, u, v, strict=True)]


def away(w):
    return hypot(w[0] - REAL_PRICES[0], w[1] - REAL_PRICES[1])


def descents(r):
    """Each descent with the settings that are best for these curvatures, from the same start."""
    L, l = 1 + r, 1 - r  # noqa: E741
    root_L, root_l = sqrt(L), sqrt(l)
    settings = {
        "SGD": (SGD, {"lr": 2 / (L + l)}),
        "Momentum": (Momentum, {"lr": 4 / (root_L + root_l) ** 2, "momentum": ((root_L - root_l) / (root_L + root_l)) ** 2}),
        "Nesterov": (Nesterov, {"lr": 1 / L, "momentum": (root_L - root_l) / (root_L + root_l)}),
        "Adam": (Adam, {"lr": ADAM_RATE}),
    }
    runs = {name: descend(kind, options, r) for name, (kind, options) in settings.items()}
    runs["Newton"] = newton(r)
    return runs


def descend(kind, options, r):
    start = start_of(r)
    prices = [Value(w, name) for w, name in zip(start, GOODS, strict=True)]
    optimizer, path = kind(prices, **options), [start]
    while away(path[-1]) > away(start) / NEARER and len(path) <= MOST:
        optimizer.zero_grad()
        E(prices, r).backward()
        optimizer.step()
        path.append([w.data for w in prices])
    return finished(path, options)


def newton(r):
    """Newton's step: w ← w − H⁻¹ ∇E, with the curvatures H and the slopes from the engine."""
    w = start_of(r)
    path = [w]
    while away(path[-1]) > away(path[0]) / NEARER and len(path) <= MOST:
        (a, b), (c, d) = hessian(lambda v: E(v, r))(w)
        g1, g2 = grad(lambda v: E(v, r))(w)
        det = a * d - b * c
        w = [w[0] - (d * g1 - b * g2) / det, w[1] - (a * g2 - c * g1) / det]
        path.append(w)
    return finished(path, {})


def finished(path, settings):
    return {"path": path, "steps": len(path) - 1, "arrived": away(path[-1]) <= away(path[0]) / NEARER, "settings": settings}


def taken(run):
    return str(run["steps"]) if run["arrived"] else filled("> {n}", n=MOST)


def explain(page, runs):
    page.formula(
        "\\text{SGD}   w ← w − η g\n"
        "\\text{Momentum}   v ← β v + g,   w ← w − η v\n"
        "\\text{Nesterov}   v ← β v + g,   w ← w − η (g + β v)\n"
        "\\text{Adam}   w ← w − η \\frac{m}{\\sqrt{s}}\n"
        "\\text{Newton}   w ← w − H⁻¹ g"
    )
    page.table(
        ["", "η", "β", "steps", "asks for"],
        [
            [name, f"{run['settings']['lr']:.4f}" if "lr" in run["settings"] else "",
             f"{run['settings']['momentum']:.4f}" if "momentum" in run["settings"] else "", taken(run),
             "the slope" if name != "Newton" else "slope and curvature"]
            for name, run in runs.items()
        ],
        filled("Steps until the distance to the minimum is {nearer:g} times smaller; each with the best η and β for this bowl, "
               "but Adam.", nearer=NEARER),
    )  # fmt: skip
    page.say(
        """
        Momentum adds up the small steps along the flat direction, and those across it, which change their sign, cancel. Nesterov
        looks one step ahead and swings less. Adam keeps running means m of the slopes and s of their squares, and so divides each
        component by its own size; that would round an ellipse along the axes, but this one lies across them. Newton divides by the
        curvature itself: in a bowl its first step ends at the minimum, and the price is the Hessian, n² numbers for n weights
        (lesson 22 counts what it costs).
        """
    )
    slow = runs["SGD"]["steps"]
    quick = min(("Momentum", "Nesterov"), key=lambda name: runs[name]["steps"])
    page.say(
        "Without momentum it takes {sgd} steps, and {name} takes {steps}, {times:.1f} times fewer."
        if runs[quick]["steps"] < slow
        else "Without momentum it takes {sgd} steps, and {name} takes {steps}: here momentum saves nothing.",
        sgd=taken(runs["SGD"]),
        name=quick,
        steps=taken(runs[quick]),
        times=slow / runs[quick]["steps"],
    )


# --------------------------------------------------------------------------------------------------------- pictures


def draw_paths(page, runs):
    names = list(runs)
    surface = cache(lambda a, b: E((a, b), CORRELATION))  # five panels show the same places of it
    page.plot(
        "paths",
        lambda *panels: paths(panels, surface, runs, names[:3]),
        "The first of them, from the same start (hollow): the slope alone zigzags and creeps, momentum swings through.",
        panels=3,
        size=(4.0, 3.9),
    )
    page.plot(
        "others",
        lambda *panels: paths(panels, surface, runs, names[3:]),
        "Adam first steps as far in one price as in the other, however steep; Newton goes straight to the minimum.",
        panels=2,
        size=(4.0, 3.9),
    )
    page.plot(
        "distance",
        lambda axes: distances(axes, runs),
        "The distance to the minimum, on a logarithmic axis: a straight line is a factor for each step.",
        size=(7.4, 3.8),
    )


def paths(panels, surface, runs, names):
    far = 1.15 * max(max(abs(w[0] - REAL_PRICES[0]), abs(w[1] - REAL_PRICES[1])) for run in runs.values() for w in run["path"])
    across, up = ((m - far, m + far) for m in REAL_PRICES)
    for axes, name in zip(panels, names, strict=True):
        error_surface(
            surface,
            (across, up),
            trajectories={name: runs[name]["path"]},
            minimum=REAL_PRICES,
            names=(f"{GOODS[0]} €", f"{GOODS[1]} €"),
            resolution=50,
            ax=axes,
        )
        axes.get_legend().remove()
        axes.set_aspect("equal")
        axes.set_title(filled("{name}: {steps} steps", name=name, steps=taken(runs[name])))


def distances(axes, runs):
    loss_curves(
        {name: [away(w) for w in run["path"][: SHOWN + 1]] for name, run in runs.items()}, ylabel="distance to the minimum", ax=axes
    )
    start = away(runs["SGD"]["path"][0])
    axes.set_ylim(start / NEARER / 2, 2 * start)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def compare(page, runs):
    """The steps for other correlations: SGD grows like κ, momentum like its root, Newton not at all."""
    steps = {r: {name: (run["steps"], run["arrived"]) for name, run in descents(r).items()} for r in OTHERS}
    page.table(
        ["r", "κ", *runs],
        [
            [f"{r:g}", f"{(1 + r) / (1 - r):.0f}", *[str(n) if arrived else filled("> {n}", n=MOST) for n, arrived in row.values()]]
            for r, row in steps.items()
        ],
        "Steps for other correlations: those of SGD grow like κ, those of momentum like √κ; Newton always needs one.",
    )
    return {r: {name: n for name, (n, _) in row.items()} for r, row in steps.items()}


def answer(page, usual, *others):
    found = {
        r: each["runs"] for r, each in zip([CORRELATION, *(c["CORRELATION"] for c in TRY.changes)], (usual, *others), strict=True)
    }
    page.table(
        ["r", *usual["runs"]],
        [[f"{r:g}", *[taken(run) for run in found[r].values()]] for r in sorted(found)],
        "Steps to the minimum.",
    )
    same = [name for name in usual["runs"] if len({found[r][name]["steps"] for r in found}) == 1]
    page.say("As many steps in every bowl: {names}.", names=", ".join(same) or "none")
