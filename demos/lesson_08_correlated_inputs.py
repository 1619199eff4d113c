"""Correlated inputs: always juice with toast, and the bill is hard to split.

If juice and toast always come together, a learner soon knows what the two cost together, and hardly what each of them costs.
How does the correlation (correlación) of the inputs stretch the ellipses, and how many more steps does learning take?
"""

from functools import partial
from math import acos, asin, ceil, degrees, hypot, log, sqrt
from typing import Any

from autograd import Value, dot, hessian, quiz, quiz_page, square
from demos.experiments import ConstantError, Try, pairs
from demos.names import name_error
from demos.page import Page, filled
from nn import SGD
from nn.data import make_bills
from nn.losses import squared_error
from nn.plot import ellipses, error_surface, principal_axes

GOODS = ("juice", "toast")
REAL_PRICES = (1.50, 1.00)
CORRELATIONS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
NEARER = 1000.0  # how many times nearer to the real prices learning has to come
MOMENTUM = 0.0
ESTIMATE = 0.50  # of both prices, where they always come together
MOST = 20_000  # steps; then learning is given up

TRY = Try(
    "Learn with a momentum of 0.9. At r = 0.99, how many steps are saved, and at r = 0?",
    {"MOMENTUM": 0.9},
    pictures=("paths",),
)


def main(page: Page) -> dict[str, Any]:
    pairs(GOODS=GOODS, REAL_PRICES=REAL_PRICES)
    for r in CORRELATIONS:
        if not 0 <= r < 1:
            raise ConstantError(
                f"CORRELATIONS has {r!r}: a number from 0 to below 1 is needed; with 1 the prices cannot be told apart"
            )
    if not 0 <= MOMENTUM < 1:
        raise ConstantError(f"MOMENTUM = {MOMENTUM!r}: a number from 0 to below 1 is needed")
    if NEARER <= 1:
        raise ConstantError(f"NEARER = {NEARER!r}: a number above 1 is needed")
    page.say(
        """
        Four weeks, with more or less juice and toast than usual, so that the two have the correlation r. The curvature of the
        error is then 1 + r where both prices rise together, for there the bills change, and 1 − r where the one rises as the
        other falls, for there they hardly do. From these two follows everything:
        """
    )
    prediction(page)
    page.formula(
        "\\text{condition number:}   κ = \\frac{λ_{max}}{λ_{min}} = \\frac{1 + r}{1 − r}\n"
        "\\text{angle between downhill and the way to the minimum:}   \\sin α = \\frac{κ − 1}{κ + 1} = r\n"
        "\\text{distance after a step of the best rate }η = \\frac{2}{λ_{max} + λ_{min}}: r\\text{ times the one before}"
    )
    rows = [measure(r) for r in CORRELATIONS]
    by_formula = filled("log {nearer:g} / log 1/r", nearer=NEARER)
    page.table(
        ["r", "(1 + r)/(1 − r)", "engine κ", "asin r", "engine α", by_formula, "engine's steps"],
        [
            [f"{row['r']:g}", f"{row['kappa_formula']:.2f}", f"{row['kappa']:.2f}", f"{row['angle_formula']:.2f}°",
             f"{row['angle']:.2f}°", row["steps_formula"], row["steps"] if row["arrived"] else f"> {MOST}"]
            for row in rows
        ],
        filled(
            "Start where both directions contribute equally; stop when the distance to the real prices is {nearer:g} times "
            "smaller.",
            nearer=NEARER,
        ),
    )  # fmt: skip
    page.say(
        """
        With strong correlation the direction downhill is nearly perpendicular to the way to the minimum, and learning crawls. A
        smaller rate makes it worse, and a larger one overshoots in the steep direction.
        """
        if not MOMENTUM
        else """
        The formula for the steps is that of learning without momentum. Here every step also keeps {momentum:g} of the step before.
        """,
        momentum=MOMENTUM,
    )
    error = E([Value(1.0, name) for name in GOODS], inputs(0.9))
    name_error(error)
    error.backward()
    page.graph("graph", error, "The error at r = 0.9: raise one price and lower the other as much, and it hardly changes.")
    page.plot("ellipses", lambda axes: stretched(axes, rows), "The sections at one height: the more correlated, the longer.",
              size=(5.4, 4.4))  # fmt: skip
    page.plot(
        "paths",
        lambda left, right: paths(left, right, rows),
        "The same rule with two correlations: its path, and the straight way (dotted).",
        panels=2,
        size=(5.0, 4.4),
    )
    return {"rows": [{key: row[key] for key in row if key != "path"} for row in rows], **together(page)}


def prediction(page):
    """The quiz: one juice and one toast cost 2.50; two wrong estimates, of which one gives the right bill."""
    errors, asked = [], []
    for n, estimate in enumerate(((2.0, 0.5), (1.0, 0.5)), 1):
        w = [Value(price, f"{name} {n}") for name, price in zip(("juice", "toast"), estimate, strict=True)]
        y = w[0] + w[1]
        residual = 2.5 - y
        squared = square(residual)
        y.label, residual.label, squared.label = f"y{n}", f"t − y{n}", f"(t − y{n})²"
        errors.append(0.5 * squared)
        errors[-1].label = f"E{n}"
        asked += w
    E = errors[0] + errors[1]
    E.label = "E"
    page.play(
        "quiz",
        quiz_page(quiz(E, of=asked), title="A juice and a toast cost 2.50 together, really 1.50 and 1.00"),
        "Predict first: two pairs of wrong prices, one bill for a juice and a toast. Which prices are corrected?",
    )


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
    optimizer = SGD(prices, lr=2 / (steep + flat), momentum=MOMENTUM)
    path, angle = [start], None
    while away(path[-1]) > away(start) / NEARER * (1 + 1e-9) and len(path) <= MOST:
        optimizer.zero_grad()
        E(prices, X).backward()
        if angle is None:
            way = [m - w.data for m, w in zip(REAL_PRICES, prices, strict=True)]
            cosine = -sum(a * w.grad for a, w in zip(way, prices, strict=True)) / hypot(*way) / hypot(*[w.grad for w in prices])
            angle = degrees(acos(min(1.0, cosine)))
        optimizer.step()
        path.append([w.data for w in prices])
    return {"r": r, "kappa": steep / flat, "kappa_formula": (1 + r) / (1 - r), "angle": angle, "angle_formula": degrees(asin(r)),
            "steps": len(path) - 1, "steps_formula": ceil(log(NEARER) / log(1 / r) - 1e-6) if r else 1, "path": path,
            "arrived": away(path[-1]) <= away(start) / NEARER * (1 + 1e-9)}  # fmt: skip


def away(w):
    return hypot(w[0] - REAL_PRICES[0], w[1] - REAL_PRICES[1])


def together(page):
    """Correlation 1: the bills are right, and the prices need not be."""
    X, totals = make_bills(20, REAL_PRICES, correlation=1.0, rng=1)
    prices = [Value(ESTIMATE, name) for name in GOODS]
    optimizer = SGD(prices, lr=0.001)
    for _ in range(100):
        optimizer.zero_grad()
        squared_error([dot(prices, x) for x in X], totals).backward()
        optimizer.step()
    residual = max(abs(dot(prices, x).data - t) for x, t in zip(X, totals, strict=True))
    first, second = [w.data for w in prices]
    page.say(
        """
        And with r = 1, always as many of the one as of the other? From {estimate:.2f} € each, learning ends at {first:.2f} € and
        {second:.2f} €; the real prices are {real1:.2f} € and {real2:.2f} €. The largest residual of a bill is {residual:.2f} €,
        since a bill shows only what the two cost together: {both:.2f} € as learnt, {really:.2f} € in truth. No step changes the
        difference of the prices, since no bill depends on it.
        """,
        estimate=ESTIMATE,
        first=first,
        second=second,
        real1=REAL_PRICES[0],
        real2=REAL_PRICES[1],
        residual=residual,
        both=first + second,
        really=sum(REAL_PRICES),
    )
    return {"together": (first, second), "residual": residual}


def stretched(axes, rows):
    chosen = [row["r"] for row in rows if row["r"] < 0.99] or [row["r"] for row in rows]
    ellipses(
        {f"r = {r:g}": [[1.0, r], [r, 1.0]] for r in chosen},
        minimum=REAL_PRICES,
        height=0.05,
        names=axis_names(),
        ax=axes,
    )


def axis_names():
    return tuple(f"{name} €" for name in GOODS)


def E_at(X, first, second):
    return E((first, second), X)


def paths(left, right, rows):
    r_right = min((row["r"] for row in rows), key=lambda r: abs(r - 0.9))
    for axes, r in ((left, rows[0]["r"]), (right, r_right)):
        path = next(row["path"] for row in rows if row["r"] == r)
        error_surface(
            partial(E_at, inputs(r)),
            ((0.0, 3.0), (-0.5, 2.5)),
            trajectories={"1 step" if len(path) == 2 else filled("{n} steps", n=len(path) - 1): path},
            minimum=REAL_PRICES,
            names=axis_names(),
            ax=axes,
        )
        axes.plot(*zip(path[0], REAL_PRICES, strict=True), color="#D55E00", linestyle=":", label="the way to it")
        axes.legend(frameon=True, facecolor="white", edgecolor="none")
        axes.set_aspect("equal")
        axes.set_title(f"r = {r:g}")


def answer(page, usual, changed):
    before, after = ({row["r"]: row["steps"] for row in found["rows"]} for found in (usual, changed))
    page.table(
        ["r", "steps without momentum", "steps with momentum", "saved"],
        [[f"{r:g}", before[r], after[r], before[r] - after[r]] for r in before],
    )
    page.say(
        """
        Momentum adds up small steps in the same direction: it helps most where learning crawls. Where learning was fast, it
        overshoots and has to come back; at r = {r:g} a single step leads to the minimum either way, since the first step has no
        step before it.
        """,
        r=CORRELATIONS[0],
    )
