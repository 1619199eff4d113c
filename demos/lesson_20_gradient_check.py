"""Is my gradient right? Differences, their V, and a step that is not real.

A network with a wrong gradient still learns a little (lesson 17), so one has to measure. Move the input by h and see what the
function does: how small must h be, and is a smaller one always better?
"""

from math import cbrt, sqrt, ulp
from typing import Any

from autograd import Value, check_grad, exp, nth_derivative, quiz, quiz_page, relu, sin, step_sweep
from autograd.bugs import LABORATORY
from demos.experiments import Try, known
from demos.page import Page, filled

X: float = 1.0
OFFSET: float = 0.0  # a constant that is added to the function, and changes no slope
MISTAKES = ("overwrite", "product_swapped", "exp_as_power")  # of the bug laboratory
NEAR = 1e-4  # how far from the kink of relu a slope is measured
EPSILON = ulp(1.0)  # of floats: the distance of 1 from the next one

TRY = Try(
    "Add a million to the function: no slope changes. Where is the bottom of the V now, and how many digits are left?",
    {"OFFSET": 1e6},
    pictures=("v",),
)


def main(page: Page) -> dict[str, Any]:
    known("MISTAKES", MISTAKES, LABORATORY)
    draw_the_function(page)
    sweep = the_v(page)
    seen = mistakes_seen(page)
    verdicts = kinks(page)
    near = beside_a_kink(page)
    return {"sweep": sweep, "seen": seen, "verdicts": verdicts, "near": near}


def curve(x):
    return exp(x) * sin(x)


def f(x):
    return curve(x) + OFFSET


def draw_the_function(page):
    x = Value(X, "x")
    y = curve(x)
    y.label = "y"
    for node, name in zip(y.operands, ("eˣ", "sin x"), strict=True):
        node.label = name
    y.backward()
    page.say(
        "The function to be checked is f(x) = eˣ sin x + {offset:,.0f}; its graph, without the constant, at x = {x:g}:"
        if OFFSET
        else "The function to be checked is f(x) = eˣ sin x; its graph at x = {x:g}:",
        x=X,
        offset=OFFSET,
    )
    page.graph("graph", y, "Move x: the engine's slope follows at once. Is it right?")


# ---------------------------------------------------------------------------------------------------- the V


def the_v(page):
    """The errors of three ways to measure a slope, against the step, and the best step by the formula."""
    sweep = step_sweep(f, X)
    page.say("Three ways to measure the slope with a step h, and what they should miss it by:")
    page.formula(
        "\\text{forward difference}   \\frac{f(x + h) − f(x)}{h},   error ≈ \\frac{h}{2} |f″| + \\frac{2 ε|f|}{h}\n"
        "\\text{central difference}   \\frac{f(x + h) − f(x − h)}{2h},   error ≈ \\frac{h²}{6} |f‴| + \\frac{ε|f|}{h}\n"
        "\\text{complex step}   \\frac{\\text{Im }f(x + ih)}{h},   error ≈ \\frac{h²}{6} |f‴|"
    )
    page.table(
        ["h", "forward", "central", "complex step"],
        [[f"{row.step:.0e}", *map(written, row[1:])] for row in sweep.rows[::2]],
        filled("The error of each, relative to the engine's {slope:.12f}.", slope=sweep.derivative),
    )
    size, bend, twist = (abs(nth_derivative(f, n)(X)) for n in (0, 2, 3))
    formulas = {
        "forward": 2 * sqrt(EPSILON * size / bend) if bend else None,
        "central": cbrt(3 * EPSILON * size / twist) if twist else None,
        "complex_step": None,
    }
    best = {name: sweep.best(name) for name in formulas}
    page.say(
        """
        A difference has two errors. What the curve bends within h makes the first, and a smaller step makes it smaller. The other
        is rounding: f is known to one part in {digits:.0e}, and dividing by a small h makes that large. Together they are a V; its
        bottom is where they are about equally strong:
        """,
        digits=1 / EPSILON,
    )
    page.table(
        ["", "best h by the formula", "best h of the table", "error there", "right digits"],
        [
            [name.replace("_", " "), "the smaller the better" if name == "complex_step" else f"{at:.1e}" if at else "–",
             f"{best[name].step:.0e}", written(getattr(best[name], name)), digits(getattr(best[name], name))]
            for name, at in formulas.items()
        ],
    )  # fmt: skip
    page.say(
        """
        The complex step subtracts nothing: it asks for f at x + ih, and the imaginary part is h times the slope. It has no second
        branch, and needs a function of complex numbers.
        """
    )
    page.plot(
        "v",
        lambda axes: v(axes, sweep, formulas),
        "The error against the step: differences have a V, the complex step half of one. Dotted: the best steps by the formula.",
        size=(7.6, 4.2),
    )
    return {"derivative": sweep.derivative, "formulas": formulas,
            "best": {name: (row.step, getattr(row, name)) for name, row in best.items()}}  # fmt: skip


def written(measured):
    """A relative error as it is shown."""
    return "–" if measured is None else f"{measured:.1e}" if measured else "0"


def digits(measured):
    """How many decimal digits are right with this relative error."""
    return next((n for n in range(15, -1, -1) if measured < 10.0**-n), 0)


def v(axes, sweep, formulas):
    sweep.plot(axes)
    for line in axes.get_lines():
        line.set_linewidth(1.8)
    for name, at in formulas.items():
        if at:
            axes.axvline(at, color={"forward": "#0072B2", "central": "#E69F00"}[name], linewidth=1.2, linestyle=":")
    axes.set(
        title="Too large, and too small", xlabel="step h  (small steps at the left)", ylabel="relative error", ylim=(1e-17, 10)
    )
    axes.annotate("rounding", (1e-14, 2e-3), ha="left", va="bottom", fontsize=11, color="#555555", rotation=-22)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


# -------------------------------------------------------------------------------------------- who sees a mistake


def mistakes_seen(page):
    """The check on the engine as it is, and with some mistakes of the laboratory."""
    page.say(
        """
        The engine's check takes no single step but a row of them, extrapolates to h = 0, and estimates its own error. It asks
        everyone who can know: `check_grad(f, {x:g}, order=1)`.
        """,
        x=X,
    )
    page.listing(str(check_grad(f, X, order=1)))
    page.say("And with a mistake in the engine, switched on for a moment? Marked with *: what disagrees with the reverse sweep.")
    rows, seen = [], {}
    for name in (None, *MISTAKES):
        if name:
            with LABORATORY[name]:
                (entry,) = check_grad(f, X, order=1).entries
        else:
            (entry,) = check_grad(f, X, order=1).entries
        oracles = entry.oracles
        others = {"forward mode": oracles.forward, "complex step": oracles.complex_step, "differences": oracles.differences}
        against = [which for which, slope in others.items() if differs(slope, oracles.reverse)]
        rows.append([LABORATORY[name].title if name else "no mistake", f"{oracles.reverse:.6f}",
                     *[marked(slope, which in against) for which, slope in others.items()], entry.verdict])  # fmt: skip
        seen[name or "none"] = (entry.verdict, against)
    page.table(["the mistake", "reverse sweep", "forward mode", "complex step", "differences", "verdict"], rows)
    blind = [LABORATORY[name].title for name in MISTAKES if seen[name][1] and "forward mode" not in seen[name][1]]
    page.say(
        """
        Forward mode runs through the same rows of the table of operations, so it agrees with a row that is wrong, here with:
        {blind}. It sees what is wrong in the sweep. The complex step and differences share nothing with the rows, and see both.
        """
        if blind
        else "Forward mode runs through the same rows of the table of operations; it sees what is wrong in the sweep alone.",
        blind="; ".join(blind),
    )
    return seen


def differs(slope, reverse):
    return slope is not None and abs(slope - reverse) > 1e-6 * max(1.0, abs(reverse))


def marked(slope, is_against):
    return "–" if slope is None else filled("{slope:.6f} {mark}", slope=slope, mark="*" if is_against else " ").rstrip()


# ---------------------------------------------------------------------------------------------------------- kinks


def flat(x):
    """0 for every x, and made of two kinks."""
    return abs(x) + x - 2 * relu(x)


def squared(x):
    return relu(x) ** 2


def jump(x):
    return x if x < 0 else x + 1


def kinks(page):
    """At a kink there is no derivative: what the check says of it."""
    page.say(
        """
        At a kink there is no derivative, and a difference across it is a mean of both sides. The engine gives a number all the
        same, by a convention of each operation. The check proves by measuring that it is a kink: it takes differences on each
        side alone, and the number has to lie between them.
        """
    )
    functions: dict[str, Any] = {"|x|": abs, "relu(x)": relu, "relu(x)²": squared, "|x| + x − 2 relu(x)": flat, "a jump": jump}
    rows, verdicts = [], {}
    for name, function in functions.items():
        (entry,) = check_grad(function, 0.0, order=1).entries
        verdicts[name] = (entry.oracles.reverse, entry.verdict)
        rows.append([name, f"{entry.oracles.reverse:g}", entry.verdict, entry.reason or "both sides agree with the engine"])
    page.table(["f at x = 0", "engine", "verdict", "measured"], rows, "The last function is x below 0, and x + 1 from there on.")
    page.say(
        """
        relu(x)² has no kink left: both sides have the slope 0. The fourth is 0 for every x, and yet its slope comes out as
        {slope:g}: every row keeps its convention, and none knows of the others. Any engine that multiplies along edges does this at
        such a point, and the check says so.
        """,
        slope=verdicts["|x| + x − 2 relu(x)"][0],
    )
    x = Value(0.0, "x")
    size, gate = abs(x), relu(x)
    total, double = size + x, 2 * gate
    y = total - double
    for node, label in ((size, "|x|"), (gate, "relu x"), (total, "|x| + x"), (double, "2 relu x"), (y, "y")):
        node.label = label
    page.play(
        "quiz",
        quiz_page(quiz(y, of=[x]), title="At x = 0, y = |x| + x − 2 relu(x), and y is 0 for every x"),
        "Predict first: abs and relu have slope 0 at 0 by convention. Which slope does the chain rule make of them?",
    )
    return verdicts


def beside_a_kink(page):
    """Near a kink a step that is too large reaches across it."""
    steps = [NEAR * 10 ** (k / 20) for k in range(-60, 61)]
    slopes = [(relu(NEAR + h) - relu(NEAR - h)) / (2 * h) for h in steps]
    wide, narrow = slopes[-1], slopes[0]
    page.say(
        """
        Beside a kink there is a derivative, but a large step reaches across. At x = {near:g} the slope of relu is 1. A central
        difference measures {narrow:.4f} with h = {small:.0e}, and {wide:.4f} with h = {large:.0e}.
        """,
        near=NEAR,
        narrow=narrow,
        wide=wide,
        small=steps[0],
        large=steps[-1],
    )
    page.plot(
        "kink",
        lambda left, right: across(left, right, steps, slopes),
        "Left: a difference that reaches across the kink of relu. Right: the slope that is measured, against the step.",
        panels=2,
        size=(4.8, 3.6),
    )
    return {"narrow": narrow, "wide": wide}


def across(left, right, steps, slopes):
    reach = [NEAR * k / 10 for k in range(-40, 51)]
    left.plot(reach, [relu(x) for x in reach], label="relu")
    ends = (NEAR - 3 * NEAR, NEAR + 3 * NEAR)
    left.plot(ends, [relu(x) for x in ends], "--o", markersize=5, label="across")
    left.plot(NEAR, NEAR, "o", color="#222222", markersize=7)
    left.set(title="A step of 3 times the distance", xlabel="x", xticks=[0, NEAR], xticklabels=["0", "x"], yticks=[0])
    left.legend()
    right.semilogx(steps, slopes)
    right.axhline(1.0, color="#888888", linewidth=1, linestyle=":")
    right.axvline(NEAR, color="#D55E00", linewidth=1.5, linestyle="--", label="distance of the kink")
    right.set(title="The measured slope", xlabel="step h", ylabel="slope", ylim=(0.4, 1.1))
    right.legend(loc="lower left")


def answer(page, usual, changed):
    before, after = usual["sweep"]["best"], changed["sweep"]["best"]
    rows = []
    for name, (step, missed) in before.items():
        new_step, new_missed = after[name]
        lost = digits(missed) - digits(new_missed)
        rows.append([name.replace("_", " "), f"{step:.0e}", written(missed), f"{new_step:.0e}", written(new_missed), lost])
    page.table(["", "best h", "error there", "best h with the constant", "error there", "digits lost"], rows)
    page.say(
        """
        The large constant takes up the first digits of f, and fewer are left for what changes. Rounding grows, and its branch, the
        left one, moves to larger steps. The complex step loses nothing: a real constant has no imaginary part.
        """
        if digits(after["complex_step"][1]) == digits(before["complex_step"][1])
        else "Rounding has grown, and its branch, the left one, has moved."
    )
