"""The error surface: a parabolic bowl, and its horizontal sections are ellipses.

Two prices are unknown, that of coffee and that of toast. Over every pair of estimates lies an error: what shape is the surface
(superficie de error), and what does the engine know of it?
"""

from math import cos, pi, sin, sqrt
from typing import Any

from autograd import Value, dot, grad, hessian, nth_derivative, quiz, quiz_page, square
from autograd.ops import sum as total
from demos.experiments import Try, pairs, ranges, some
from demos.names import name_error
from demos.page import Page, filled
from nn.losses import squared_error
from nn.plot import bowl, error_surface, principal_axes

GOODS = ("coffee", "toast")
REAL_PRICES = (0.50, 1.00)
WEEKS = [(3, 1), (1, 2), (2, 2)]
LIMITS = ((-1.0, 2.0), (-1.0, 3.0))
HEIGHT = 2.0
DIRECTION = (2.0, 1.0)  # of the vertical section, from (0, 0)

TRY = Try(
    "Take the last two weeks away. What becomes of the bowl, and which pairs of prices are then at its bottom?",
    {"WEEKS": [(3, 1)]},
    pictures=("bowl", "sections"),
)


def main(page: Page) -> dict[str, Any]:
    pairs(GOODS=GOODS, REAL_PRICES=REAL_PRICES, DIRECTION=DIRECTION)
    ranges(LIMITS=LIMITS)
    pairs(**{f"week {n}": x for n, x in enumerate(WEEKS, 1)})
    some(WEEKS=WEEKS, DIRECTION=DIRECTION)
    page.formula("E(w) = ½ Σₙ (tⁿ − yⁿ)² = ½ (w − w*)ᵀ H (w − w*),   H = Σₙ xⁿ (xⁿ)ᵀ")
    prediction(page)
    page.plot(
        "bowl",
        lambda axes: bowl(E, LIMITS, minimum=REAL_PRICES, names=axis_names(), ax=axes),
        "The error over two prices. The dot is its lowest place, above the real prices (star).",
        size=(7.4, 5.4),
    )
    error = E(*[Value(0.0, name) for name in GOODS])
    name_error(error)
    error.backward()
    page.graph("graph", error, "A place on the surface: move the two prices, and find the bottom, where both slopes are 0.")
    return curvature(page) | parabolas(page) | sections(page)


def prediction(page):
    """The quiz: the error at once, twice and three times the distance from the minimum."""
    s = Value(1.0, "s")
    places = [s, 2.0 * s, -3.0 * s]
    errors = [2.0 * square(place) for place in places]
    for n, (place, error) in enumerate(zip(places, errors, strict=True), 1):
        place.label = place.label or f"s{n}"
        error.label, error.operands[0].label = f"E{n}", f"{place.label}²"
    together = total(errors)
    together.label = "sum"
    asked = [*[error.operands[0] for error in errors[1:]], *errors[1:]]
    page.play(
        "quiz",
        quiz_page(quiz(together, "data", of=asked), title="Twice as far from the minimum, three times as far: which error?"),
        "Predict first: at the distance s the error is E1. What is it twice as far, and three times as far on the other side?",
    )


def E(first, second):
    """The error of these two prices."""
    return squared_error([dot((first, second), x) for x in WEEKS], [dot(REAL_PRICES, x) for x in WEEKS])


def axis_names():
    return tuple(f"{name} €" for name in GOODS)


def curvature(page):
    """H from the formula, and the engine's second derivatives, here and there."""
    H = [[sum(float(x[i] * x[j]) for x in WEEKS) for j in range(2)] for i in range(2)]
    places = [(0.5, 0.5), (-1.0, 3.0), (20.0, -7.0)]
    found = [hessian(lambda w: E(*w))(list(place)) for place in places]
    page.say("H is the curvature, the second derivatives ∂²E/∂wᵢ∂wⱼ. In a bowl of this kind it is the same everywhere:")
    page.table(
        ["", "∂²E/∂w₁²", "∂²E/∂w₁∂w₂", "∂²E/∂w₂²"],
        [["formula Σ x xᵀ", *[f"{h:g}" for h in (H[0][0], H[0][1], H[1][1])]]]
        + [
            [filled("engine at ({a:g}, {b:g})", a=a, b=b), *[f"{h:g}" for h in (h[0][0], h[0][1], h[1][1])]]
            for (a, b), h in zip(places, found, strict=True)
        ],
        filled("w₁ is the price of {first}, w₂ that of {second}.", first=GOODS[0], second=GOODS[1]),
    )
    return {"H": H, "hessians": found, "gradient_at_minimum": grad(lambda w: E(*w))(list(REAL_PRICES))}


def along(s):
    """The error at this place of the vertical section."""
    return E(DIRECTION[0] * s, DIRECTION[1] * s)


def parabolas(page):
    """A walk straight across: the third derivative is 0, so every cut downwards is a parabola."""
    rows = []
    for s in (-0.5, 0.0, 0.5, 1.0):
        rows.append([s, *[nth_derivative(along, n)(s) for n in range(4)]])
    page.say(
        """
        Cut downwards along any straight line, here from (0, 0) along ({a:g}, {b:g}), the bowl shows a parabola: d²E/ds² is the
        same everywhere, and d³E/ds³ is 0.
        """
        if rows[0][3]
        else """
        Cut downwards from (0, 0) along ({a:g}, {b:g}), this surface shows a straight line: d²E/ds² is 0. Along any direction in
        which a bill changes it is a parabola.
        """,
        a=DIRECTION[0],
        b=DIRECTION[1],
    )
    page.table(["s", "E", "dE/ds", "d²E/ds²", "d³E/ds³"], [[f"{x:g}" for x in row] for row in rows])
    page.plot(
        "cut",
        lambda left, right: cut(left, right, rows),
        "The vertical section. Left: where it cuts, seen from above. Right: the parabola, and its tangent at four places.",
        panels=2,
        size=(5.4, 4.0),
    )
    return {"third": [row[-1] for row in rows], "second": [row[-2] for row in rows]}


def cut(left, right, rows):
    """The line of the section on the surface, and the error along it."""
    error_surface(E, LIMITS, names=axis_names(), ax=left)
    reach = [k / 50 for k in range(-40, 81)]
    left.plot([DIRECTION[0] * s for s in reach], [DIRECTION[1] * s for s in reach], color="#D55E00")
    left.set(xlim=LIMITS[0], ylim=LIMITS[1], title="The cut, from above")
    heights = [along(s) for s in reach]
    right.plot(reach, heights, color="#D55E00")
    for s, e, slope, *_ in rows:
        right.plot([s - 0.2, s + 0.2], [e - 0.2 * slope, e + 0.2 * slope], "--", color="#0072B2", linewidth=1.5)
        right.plot(s, e, "o", color="#0072B2", markersize=5)
    right.set(title="The error along it", xlabel="s", ylabel="E")


def sections(page):
    """Horizontal sections: ellipses, or where no bill depends on one direction, pairs of parallel lines."""
    steep, flat = principal_axes(hessian(lambda w: E(*w))(list(REAL_PRICES)))
    if flat[0] < 1e-9 * steep[0]:
        return gutter(page, steep, flat)
    short, long = sqrt(2 * HEIGHT / steep[0]), sqrt(2 * HEIGHT / flat[0])
    page.say(
        """
        Cut level at E = {height:g} it shows an ellipse (elipse) around the real prices. Its axes are the directions in which H
        only stretches: the steep one, where the curvature is λ = {steep:.3f}, is short, and the flat one, λ = {flat:.3f},
        is long.
        """
        if steep[0] > flat[0] * (1 + 1e-9)
        else """
        Cut level at E = {height:g} it shows an ellipse (elipse) around the real prices. Here it is a circle: the curvature is
        λ = {steep:.3f} in every direction.
        """,
        height=HEIGHT,
        steep=steep[0],
        flat=flat[0],
    )
    page.formula(r"\text{half axes }\sqrt{\frac{2E}{λ}}:   {short:.3f}\text{ € and }{long:.3f}\text{ €}", short=short, long=long)
    rows = []
    for degrees in range(0, 360, 45):
        p, q = short * cos(degrees * pi / 180), long * sin(degrees * pi / 180)
        w = [real + p * a + q * b for real, a, b in zip(REAL_PRICES, steep[1], flat[1], strict=True)]
        rows.append((degrees, *w, E(*w)))
    page.table(["angle", *GOODS, "engine E"], [[f"{d}°", f"{c:.3f} €", f"{t:.3f} €", f"{e:.12f}"] for d, c, t, e in rows])
    page.plot("sections", lambda axes: level(axes, steep, flat), "The bowl from above: its sections are ellipses.",
              size=(6.6, 5.0))  # fmt: skip
    return {"curvatures": (steep[0], flat[0]), "heights": [row[-1] for row in rows], "bottom": None}


def gutter(page, steep, flat):
    """The sections of a bowl that is level in one direction."""
    (a, b), reach = flat[1], sqrt(2 * HEIGHT / steep[0])
    page.say(
        """
        One curvature is λ = {steep:.3f}, the other is 0: along the direction ({a:.3f}, {b:.3f}) no bill changes, and so the error
        does not. The bowl is a gutter, level along that direction. Cut level at E = {height:g} it shows two parallel lines,
        {reach:.3f} € on either side of its bottom. Every pair of prices on the bottom has the error 0, not just the real ones:
        """,
        steep=steep[0],
        a=a,
        b=b,
        height=HEIGHT,
        reach=reach,
    )
    bottom = [(REAL_PRICES[0] + s * a, REAL_PRICES[1] + s * b) for s in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    page.table([*GOODS, "engine E"], [[f"{c:.3f} €", f"{t:.3f} €", f"{E(c, t):.12f}"] for c, t in bottom])
    page.plot(
        "sections",
        lambda axes: parallel(axes, steep[1], flat[1], reach),
        "The surface from above: its sections are pairs of parallel lines.",
        size=(6.6, 5.0),
    )
    return {"curvatures": (steep[0], flat[0]), "heights": [E(*w) for w in bottom], "bottom": (a, b)}


def parallel(axes, across, along, reach):
    """The lines of a section, and the bottom of the gutter between them."""
    error_surface(E, LIMITS, minimum=REAL_PRICES, names=axis_names(), ax=axes)
    far = 2 * max(high - low for low, high in LIMITS)
    for shift, style, name in (
        (0.0, "-", "bottom, E = 0"),
        (reach, "--", filled("section at E = {height:g}", height=HEIGHT)),
        (-reach, "--", None),
    ):
        ends = [[m + shift * x + t * d for t in (-far, far)] for m, x, d in zip(REAL_PRICES, across, along, strict=True)]
        axes.plot(*ends, color="#0072B2" if shift else "#D55E00", linestyle=style, label=name)
    axes.set(xlim=LIMITS[0], ylim=LIMITS[1])
    axes.set_aspect("equal")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def level(axes, steep, flat):
    error_surface(E, LIMITS, minimum=REAL_PRICES, names=axis_names(), ax=axes)
    for (curvature, direction), style, name in (
        (steep, "-", "steep axis at E = {height:g}"),
        (flat, "--", "flat axis at E = {height:g}"),
    ):
        length = sqrt(2 * HEIGHT / curvature)
        ends = [[m - length * d, m + length * d] for m, d in zip(REAL_PRICES, direction, strict=True)]
        axes.plot(*ends, color="#D55E00", linestyle=style, label=filled(name, height=HEIGHT))
    turn = [2 * pi * k / 100 for k in range(101)]
    short, long = sqrt(2 * HEIGHT / steep[0]), sqrt(2 * HEIGHT / flat[0])
    axes.plot(
        *[
            [m + short * cos(t) * a + long * sin(t) * b for t in turn]
            for m, a, b in zip(REAL_PRICES, steep[1], flat[1], strict=True)
        ],
        color="#0072B2",
        label=filled("section at E = {height:g}", height=HEIGHT),
    )
    axes.set_aspect("equal")  # so that right angles are right angles
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def answer(page, _usual, changed):
    x1, x2 = TRY.changes[0]["WEEKS"][0]
    a, b = changed["bottom"]
    page.say(
        """
        The bowl becomes a gutter: its curvature is {flat:g} along the direction ({a:.3f}, {b:.3f}). All prices with
        {x1} w₁ + {x2} w₂ = {bill:.2f} € are at its bottom, since they explain the only bill. Between them the bill cannot decide.
        """,
        flat=round(changed["curvatures"][1], 9),
        a=a,
        b=b,
        x1=x1,
        x2=x2,
        bill=REAL_PRICES[0] * x1 + REAL_PRICES[1] * x2,
    )
