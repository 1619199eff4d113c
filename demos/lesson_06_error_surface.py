"""The error surface: a parabolic bowl, and its horizontal sections are ellipses.

Two prices are unknown, that of coffee and that of toast. Over every pair of guesses lies an error: what shape is the surface
(superficie de error), and what does the engine know of it?
"""

from math import cos, pi, sin, sqrt
from typing import Any

from autograd import Value, dot, grad, hessian, nth_derivative
from demos.experiments import Try
from demos.names import name_error
from demos.page import Page
from nn.losses import squared_error
from nn.plot import bowl, error_surface, principal_axes

REAL_PRICES = (0.50, 1.00)
WEEKS = [(3, 1), (1, 2), (2, 2)]
LIMITS = ((-1.0, 2.0), (-1.0, 3.0))
HEIGHT = 2.0

TRY = Try("Take the last two weeks away. What becomes of the bowl, and which pairs of prices are then at its bottom?")


def main(page: Page) -> dict[str, Any]:
    page.formula("E(w) = ½ Σₙ (tⁿ − yⁿ)² = ½ (w − w*)ᵀ H (w − w*),   H = Σₙ xⁿ (xⁿ)ᵀ")
    page.plot("bowl", lambda axes: bowl(E, LIMITS, names=("coffee €", "toast €"), ax=axes), "The error over two prices.",
              size=(6.4, 5.0))  # fmt: skip
    error = E(Value(0.0, "coffee"), Value(0.0, "toast"))
    name_error(error)
    error.backward()
    page.graph("graph", error, "A place on the surface: move the two prices, and find the bottom, where both slopes are 0.")
    return curvature(page) | parabolas(page) | sections(page)


def E(coffee, toast):
    """The error of these two prices."""
    return squared_error([dot((coffee, toast), x) for x in WEEKS], [dot(REAL_PRICES, x) for x in WEEKS])


def curvature(page):
    """H from the formula, and the engine's second derivatives, here and there."""
    H = [[sum(float(x[i] * x[j]) for x in WEEKS) for j in range(2)] for i in range(2)]
    places = [(0.5, 0.5), (-1.0, 3.0), (20.0, -7.0)]
    found = [hessian(lambda w: E(*w))(list(place)) for place in places]
    page.say("H is the curvature, the second derivatives ∂²E/∂wᵢ∂wⱼ. In a bowl of this kind it is the same everywhere:")
    page.table(
        ["", "∂²E/∂c²", "∂²E/∂c∂t", "∂²E/∂t²"],
        [["formula Σ x xᵀ", *[f"{h:g}" for h in (H[0][0], H[0][1], H[1][1])]]]
        + [
            [f"engine at ({a:g}, {b:g})", *[f"{h:g}" for h in (h[0][0], h[0][1], h[1][1])]]
            for (a, b), h in zip(places, found, strict=True)
        ],
        "c and t are the prices of coffee and of toast.",
    )
    return {"H": H, "hessians": found, "gradient_at_minimum": grad(lambda w: E(*w))(list(REAL_PRICES))}


def parabolas(page):
    """A walk straight across: the third derivative is 0, so every cut downwards is a parabola."""
    page.say("Cut downwards along any straight line, here from (0, 0) along (2, 1), the bowl shows a parabola:")
    rows = []
    for s in (-0.5, 0.0, 0.5, 1.0):
        rows.append([s, *[nth_derivative(lambda s: E(2 * s, 1 * s), n)(s) for n in range(4)]])
    page.table(["s", "E", "dE/ds", "d²E/ds²", "d³E/ds³"], [[f"{x:g}" for x in row] for row in rows])
    return {"third": [row[-1] for row in rows], "second": [row[-2] for row in rows]}


def sections(page):
    """Points of an ellipse with the formula's half axes, and the engine's error at each of them."""
    steep, flat = principal_axes(hessian(lambda w: E(*w))(list(REAL_PRICES)))
    short, long = sqrt(2 * HEIGHT / steep[0]), sqrt(2 * HEIGHT / flat[0])
    page.say(
        f"""
        Cut level at E = {HEIGHT:g} it shows an ellipse (elipse) around the real prices. Its axes are the directions in which H
        only stretches: the steep one, where the curvature is λ = {steep[0]:.3f}, is short, and the flat one, λ = {flat[0]:.3f},
        is long.
        """
    )
    page.formula("half axes √(2E/λ):   " + f"{short:.3f} € and {long:.3f} €")
    rows = []
    for degrees in range(0, 360, 45):
        p, q = short * cos(degrees * pi / 180), long * sin(degrees * pi / 180)
        w = [real + p * a + q * b for real, a, b in zip(REAL_PRICES, steep[1], flat[1], strict=True)]
        rows.append((degrees, *w, E(*w)))
    page.table(
        ["angle", "coffee", "toast", "engine E"], [[f"{d}°", f"{c:.3f} €", f"{t:.3f} €", f"{e:.12f}"] for d, c, t, e in rows]
    )
    page.plot("sections", lambda axes: level(axes, steep, flat), "The bowl from above: its sections are ellipses.",
              size=(6.6, 5.0))  # fmt: skip
    return {"curvatures": (steep[0], flat[0]), "heights": [row[-1] for row in rows]}


def level(axes, steep, flat):
    error_surface(E, LIMITS, minimum=REAL_PRICES, names=("coffee €", "toast €"), ax=axes)
    for (curvature, direction), style, name in ((steep, "-", "steep"), (flat, "--", "flat")):
        length = sqrt(2 * HEIGHT / curvature)
        ends = [[m - length * d, m + length * d] for m, d in zip(REAL_PRICES, direction, strict=True)]
        axes.plot(*ends, color="#D55E00", linestyle=style, label=f"{name} axis at E = {HEIGHT:g}")
    turn = [2 * pi * k / 100 for k in range(101)]
    short, long = sqrt(2 * HEIGHT / steep[0]), sqrt(2 * HEIGHT / flat[0])
    axes.plot(
        *[
            [m + short * cos(t) * a + long * sin(t) * b for t in turn]
            for m, a, b in zip(REAL_PRICES, steep[1], flat[1], strict=True)
        ],
        color="#0072B2",
        label=f"section at E = {HEIGHT:g}",
    )
    axes.set_aspect("equal")  # so that right angles are right angles
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
