"""The perceptron: a rule without a slope, and when it ends.

A perceptron (perceptrón) learns only from its mistakes, and no gradient is needed. Two classes of points lie on two sides of a
line: does the rule find such a line, after how many mistakes, and what does it do where there is none?
"""

from itertools import combinations, cycle
from math import cos, hypot, pi, sin, sqrt
from typing import Any

from autograd import Value, dot, quiz, quiz_page, relu
from demos.experiments import Try
from demos.page import Page, filled, typeset
from nn import Perceptron

GAP: float = 0.4  # how far the nearest examples of each class are from the line between the classes
PLACES = [(-1.6, 0.0), (0.9, 0.5), (-0.4, 1.0), (2.0, 0.2)]  # of the examples of a class: along the line, and beyond the gap
SLOPE = 0.5  # of the line, which goes through (0, 0)
PASSES = 40  # of the rule over the examples; then it is given up
CORNERS = [(a, b) for a in (0.0, 1.0) for b in (0.0, 1.0)]
TASKS = {
    "and": [int(a and b) for a, b in CORNERS],
    "or": [int(a or b) for a, b in CORNERS],
    "exclusive or": [int(a != b) for a, b in CORNERS],
}
SHOWN = 12  # passes over the corners

TRY = Try(
    "Bring the two classes nearer to each other, then let them overlap. How many mistakes does the rule make in each case?",
    {"GAP": 0.05},
    {"GAP": -0.3},
    pictures=("planes",),
)


def main(page: Page) -> dict[str, Any]:
    examples = two_classes()
    run = learn(examples)
    show_the_rule(page, run)
    best = widest(examples)
    bound = show_the_bound(page, examples, run, best)
    mixes = show_the_region(page, examples, run, best)
    gradient = show_the_slope(page, examples, best[0])
    corners = show_the_corners(page)
    return {"examples": examples, "path": run["path"], "converged": run["converged"], "margin": best[1], **bound,
            "mixes": mixes, "gradient": gradient, **corners}  # fmt: skip


def two_classes():
    """The examples, each an input and its class: 1 above the line, 0 below."""
    long = hypot(1.0, SLOPE)
    (a, b), (c, d) = (1 / long, SLOPE / long), (-SLOPE / long, 1 / long)  # along the line, and away from it
    return [
        ((side * (s * a + (GAP + beyond) * c), side * (s * b + (GAP + beyond) * d)), int(side > 0))
        for s, beyond in PLACES
        for side in (1, -1)
    ]


def learn(examples):
    """The rule, mistake by mistake, with b = 0: two weights then say all, and can be drawn in a plane."""
    neuron, path, passes, converged = Perceptron(2), [(0.0, 0.0)], 0, False
    wrong: list[Any] = []
    while not converged and passes < PASSES:
        passes, before = passes + 1, len(path)
        for x, t in examples:
            if not neuron.learn(x, t):
                neuron.b.data = 0.0
                path.append((neuron.w[0].data, neuron.w[1].data))
                wrong.append((x, t))
        converged = len(path) == before
    return {"path": path, "wrong": wrong, "passes": passes, "converged": converged}


def show_the_rule(page, run):
    page.say(
        """
        The neuron outputs y = 1 if w₁x₁ + w₂x₂ ≥ 0, and else 0; its bias is left at 0 here. A right output changes nothing. After a
        mistake the input is added to the weights, or subtracted from them:
        """
    )
    page.formula("w ← w + (t − y) x")
    page.table(
        ["mistake", "x", "t", "y", "w after it"],
        [
            [k, "({:.2f}, {:.2f})".format(*x), t, 1 - t, "({:.2f}, {:.2f})".format(*w)]
            for k, ((x, t), w) in list(enumerate(zip(run["wrong"], run["path"][1:], strict=True), 1))[:10]
        ],
    )
    page.say(
        "After {n} mistakes the weights are ({a:.2f}, {b:.2f}), and the pass that follows has no mistake: the rule has ended."
        if run["converged"]
        else "After {n} mistakes in {passes} passes the weights are ({a:.2f}, {b:.2f}), and no pass was without a mistake.",
        n=len(run["wrong"]),
        passes=run["passes"],
        a=run["path"][-1][0],
        b=run["path"][-1][1],
    )


def is_right(w, example):
    (x1, x2), t = example
    return (w[0] * x1 + w[1] * x2 >= 0) == bool(t)


def solves(w, examples):
    return all(is_right(w, example) for example in examples)


def directions():
    """3600 weights of length 1, all around."""
    return [(cos(2 * pi * k / 3600), sin(2 * pi * k / 3600)) for k in range(3600)]


def margin(w, examples):
    """The least distance of an example from the line of w, negative if it is on the wrong side."""
    return min((2 * t - 1) * (w[0] * x[0] + w[1] * x[1]) / hypot(*w) for x, t in examples)


def widest(examples):
    """The direction, of 3600, with the largest margin; and that margin."""
    best = max(directions(), key=lambda w: margin(w, examples))
    return best, margin(best, examples)


def show_the_bound(page, examples, run, best):
    """Why it ends: along u the weights grow with every mistake, and their length cannot keep up."""
    u, gap = best
    R = max(hypot(*x) for x, _ in examples)
    path = run["path"]
    along, long = [w[0] * u[0] + w[1] * u[1] for w in path], [hypot(*w) for w in path]
    if gap <= 0:
        page.say(
            """
            No line through (0, 0) separates these classes: the best direction, u = ({a:.3f}, {b:.3f}), leaves an example {gap:.3f}
            on the wrong side of its line. The classes are not linearly separable (linealmente separables) without a bias, and no
            bound holds for the number of mistakes.
            """,
            a=u[0],
            b=u[1],
            gap=-gap,
        )
        return {"bound": None, "along": along, "long": long, "R": R}
    bound = (R / gap) ** 2
    page.say(
        """
        A line separates the classes: they are linearly separable (linealmente separables). The direction u = ({a:.3f}, {b:.3f})
        has the largest margin (margen): every example is at least γ = {gap:.3f} on its side of the line. The longest
        input is R = {R:.3f}. Each mistake then makes w·u grow by at least γ. And it makes ‖w‖² grow by at most R², since x was on
        the wrong side of w. As w·u is never more than ‖w‖, the number k of mistakes is bounded:
        """,
        a=u[0],
        b=u[1],
        gap=gap,
        R=R,
    )
    page.formula(r"k γ ≤ w·u ≤ ‖w‖ ≤ \sqrt{k} R,   \text{and so}   k ≤ (R/γ)² = {bound:.1f}", bound=bound)
    page.say("The rule has made {n} mistakes. No learning rate had to be chosen: it would only scale w.", n=len(path) - 1)
    page.plot(
        "bound",
        lambda axes: squeeze(axes, along, long, gap, R),
        "Why the rule ends: w·u is above the one line, ‖w‖ below the other curve, and beyond their crossing there is no room.",
        size=(7.0, 3.8),
    )
    return {"bound": bound, "along": along, "long": long, "R": R}


def squeeze(axes, along, long, gap, R):
    last = (R / gap) ** 2
    ks = [1.15 * last * i / 100 for i in range(101)]
    axes.fill_between(ks, [gap * k for k in ks], [R * sqrt(k) for k in ks], where=[gap * k <= R * sqrt(k) for k in ks],
                      color="#DCECF6")  # fmt: skip
    axes.plot(ks, [R * sqrt(k) for k in ks], "--", label="√k R, the most for ‖w‖")
    axes.plot(long, "-o", markersize=4, label="‖w‖")
    axes.plot(along, "-s", markersize=4, label="w·u")
    axes.plot(ks, [gap * k for k in ks], "--", label="k γ, the least for w·u")
    axes.axvline(last, color="#888888", linewidth=1, linestyle=":")
    axes.set(xlabel="mistake k", xlim=(0, ks[-1]), ylim=(0, None), title=filled("No more than {n:.1f} mistakes", n=last))
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def show_the_region(page, examples, run, best):
    """The solutions are a cone: of two of them every mixture is one. Return how many of the tried mixtures are."""
    page.say(
        """
        In the plane of inputs a pair of weights is a line. In the plane of weights (right) an example is a line through (0, 0): one
        side classifies it correctly. What is correct for all examples is the part of the plane that is left, and it is convex: the
        average of two solutions is a solution. Lesson 3 shows this for one input and a bias, and that networks do not have it.
        """
    )
    page.plot(
        "planes",
        lambda left, right: planes(left, right, examples, run, best),
        filled(
            "Left: the examples, and the line of the rule after each mistake, the last one dark. Right: the weights that classify "
            "every example (shaded), and the rule's path to them."
            if best[1] > 0
            else "Left: the examples, and the line of the rule after each of the last mistakes. Right: the path of the weights; "
            "none classify every example."
        ),
        panels=2,
        size=(4.8, 4.4),
    )
    solutions = [w for w in directions() if solves(w, examples)]
    few = solutions[:: max(1, len(solutions) // 20)]
    pairs = list(combinations(few, 2))
    good = sum(solves([a + b for a, b in zip(*pair, strict=True)], examples) for pair in pairs)
    if pairs:
        page.say("Of {n} sums of two solutions, {good} are solutions.", n=len(pairs), good=good)
    return {"solutions": len(solutions), "tried": len(pairs), "good": good}


def planes(left, right, examples, run, best):
    reach = 1.25 * max(max(map(abs, x)) for x, _ in examples)
    recent = run["path"][1:][-8:]
    for place, w in enumerate(recent, 1):
        is_last = place == len(recent)
        shade = "#222222" if is_last else f"{0.9 - 0.5 * place / len(recent):.2f}"
        left.axline((0, 0), (-w[1], w[0]), color=shade, linewidth=2.2 if is_last else 1.2)
    for t, colour, marker in ((1, "#0072B2", "s"), (0, "#B56A00", "o")):
        points = [x for x, actual in examples if actual == t]
        left.plot(*zip(*points, strict=True), marker, color=colour, markersize=8, label=filled("class {t}", t=t))
    left.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="x₁", ylabel="x₂", title="Inputs: w is a line", aspect="equal")
    left.legend(loc="lower right", frameon=True, facecolor="white", edgecolor="none")
    far = 1.2 * max(max(map(abs, w)) for w in run["path"])
    steps = [-far + 2 * far * k / 160 for k in range(161)]
    fits = [[float(solves((a, b), examples)) for a in steps] for b in steps]
    if best[1] > 0:
        right.contourf(steps, steps, fits, levels=[0.5, 1.5], colors=["#CFE4F3"])
    for x, _ in examples:
        right.axline((0, 0), (-x[1], x[0]), color="#999999", linewidth=1, linestyle=":")
    width, size = (1.5, 4) if len(run["path"]) < 30 else (0.5, 2.5)
    right.plot(*zip(*run["path"], strict=True), "-o", color="#D55E00", linewidth=width, markersize=size)
    right.plot(*run["path"][-1], "o", color="#222222", markersize=8)
    right.set(xlim=(-far, far), ylim=(-far, far), xlabel="w₁", ylabel="w₂", title="Weights: x is a line", aspect="equal")
    right.grid(False)


def show_the_slope(page, examples, u):
    """The rule is a step down a slope after all: that of max(0, −sz)."""
    away = (-u[0], -u[1])
    x, t = max(examples, key=lambda example: (2 * example[1] - 1) * (u[0] * example[0][0] + u[1] * example[0][1]))
    w = [Value(weight, f"w{i}") for i, weight in enumerate(away, 1)]
    z = dot(w, [Value(value, f"x{i}") for i, value in enumerate(x, 1)])
    wrongness = (1 - 2 * t) * z
    error = relu(wrongness)
    z.label, wrongness.label, error.label = "z", "−sz", "E"
    error.backward()
    neuron = Perceptron(2)
    for own, weight in zip(neuron.w, away, strict=True):
        own.data = weight
    neuron.learn(x, t)
    changes = [own.data - weight for own, weight in zip(neuron.w, away, strict=True)]
    page.say(
        """
        The output is a step, whose derivative is 0, so no gradient flows through it. But the rule is a step down another error, the
        distance by which z is on the wrong side. With s = 1 for class 1 and s = −1 for class 0 that is
        """
    )
    page.formula(r"E = max(0, −s z),   \frac{∂E}{∂wᵢ} = −s xᵢ \text{ after a mistake, and 0 else}")
    page.play(
        "quiz",
        quiz_page(quiz(error, of=w), title="One mistake of the perceptron: which slopes reach its weights?"),
        "Predict first: an example on the wrong side. Which slopes does its error send back to w1 and w2?",
    )
    page.table(
        ["", "x", "Δw by the rule", "engine −∂E/∂w"],
        [[f"w{'₁₂'[i]}", f"{x[i]:.4f}", f"{changes[i]:.4f}", f"{-w[i].grad:.4f}"] for i in range(2)],
        typeset(
            filled("An example of class {t}, and weights that point away from u: ({a:.3f}, {b:.3f}).", t=t, a=away[0], b=away[1])
        ),
    )
    page.graph("graph", error, "The error that the rule descends. Turn the weights until E is 0: from there on no slope is left.")
    return list(zip(changes, [-weight.grad for weight in w], strict=True))


def show_the_corners(page):
    """And, or, exclusive or: two are learnt, and one repeats itself."""
    runs = {}
    for name, targets in TASKS.items():
        neuron, mistakes, states = Perceptron(2), [], [(0.0, 0.0, 0.0)]
        for _ in range(SHOWN):
            mistakes.append(sum(not neuron.learn(x, t) for x, t in zip(CORNERS, targets, strict=True)))
            states.append((neuron.w[0].data, neuron.w[1].data, neuron.b.data))
        runs[name] = {"mistakes": mistakes, "states": states, "cycle": cycle_of(states, mistakes)}
    page.say("Now with a bias, and inputs that are 0 or 1. The mistakes of the rule in each pass over the four examples:")
    page.table(
        ["pass", *map(str, range(1, SHOWN + 1))],
        [[name, *run["mistakes"]] for name, run in runs.items()],
    )
    for name, run in runs.items():
        if run["cycle"]:
            page.say(
                """
                {name}: after pass {again} the weights and the bias are ({a:g}, {b:g}, {c:g}), as they were after pass {first}. The
                rule knows nothing but these three numbers, and so it repeats itself from there on.
                """,
                name=name.capitalize(),
                first=run["cycle"][0],
                again=run["cycle"][1],
                a=run["states"][run["cycle"][1]][0],
                b=run["states"][run["cycle"][1]][1],
                c=run["states"][run["cycle"][1]][2],
            )
    page.say(
        """
        For exclusive or the picture shows why no rule could do better: the two diagonals cross. Both have the same middle, and so,
        for any weights, the two z at the ends have the same mean on both diagonals; it would have to be below 0 on one of them
        alone. Two classes are linearly separable just if the shapes that they span do not meet. Lesson 2 shows the same as four
        inequalities, and that hidden neurons solve it.
        """
    )
    page.plot(
        "corners",
        lambda left, right: corners(left, right, runs),
        "Left: the classes of exclusive or, and what each spans. Right: the mistakes, pass by pass.",
        panels=2,
        size=(4.6, 3.8),
    )
    return {"mistakes": {name: run["mistakes"] for name, run in runs.items()},
            "cycles": {name: run["cycle"] for name, run in runs.items()}}  # fmt: skip


def cycle_of(states, mistakes):
    """Two passes after which the weights are the same, with mistakes in between; None if there are none."""
    for again, state in enumerate(states):
        first = states.index(state)
        if first < again and any(mistakes[first:again]):
            return first, again
    return None


def corners(left, right, runs):
    for t, colour, marker in ((1, "#0072B2", "s"), (0, "#B56A00", "o")):
        points = [x for x, actual in zip(CORNERS, TASKS["exclusive or"], strict=True) if actual == t]
        left.plot(*zip(*points, strict=True), "-", marker=marker, color=colour, markersize=11, linewidth=3,
                  label=filled("class {t}", t=t))  # fmt: skip
    left.set(xlim=(-0.35, 1.35), ylim=(-0.35, 1.35), xlabel="x₁", ylabel="x₂", title="The spans meet", aspect="equal")
    left.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    for (name, run), (style, marker) in zip(runs.items(), cycle([("-", "o"), ("--", "s"), ("-.", "^")])):
        right.plot(range(1, SHOWN + 1), run["mistakes"], style, marker=marker, markersize=5, label=name)
    right.set(title="Mistakes in a pass", xlabel="pass", ylabel="mistakes", ylim=(-0.2, None))
    right.yaxis.get_major_locator().set_params(integer=True)
    right.legend()


def answer(page, usual, *others):
    rows = [(GAP, usual), *((change["GAP"], found) for change, found in zip(TRY.changes, others, strict=True))]
    page.table(
        ["GAP", "margin γ", "bound (R/γ)²", "mistakes", ""],
        [
            [f"{gap:g}", f"{found['margin']:.3f}", f"{found['bound']:.1f}" if found["bound"] else "none", len(found["path"]) - 1,
             "ended" if found["converged"] else "given up"]
            for gap, found in rows
        ],
    )  # fmt: skip
    below = all(len(found["path"]) - 1 <= found["bound"] for _, found in rows if found["bound"])
    page.say(
        """
        Every run with a bound has stayed below it. The bound grows with the square of 1/γ: the nearer the classes, the more
        mistakes the rule may make. Where the classes overlap there is no bound.
        """
        if below
        else "A run has made more mistakes than its bound allows, and that cannot be: look for a mistake in the program."
    )
