"""Learning with a sigmoid neuron: the delta rule with one more factor.

Twenty students report how many hours they studied and whether they passed. Can a neuron learn the chance to pass, and what does
its rule add to that of the linear neuron?
"""

from math import exp, log
from typing import Any

from autograd import Value, dot, quiz, quiz_page, sigmoid, to_html
from demos.experiments import Try, as_many, pairs
from demos.names import name_error
from demos.page import Page, filled, typeset
from nn import SGD
from nn.losses import squared_error

# The example of the article "Logistic regression" in Wikipedia.
HOURS = (0.5, 0.75, 1, 1.25, 1.5, 1.75, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 4, 4.25, 4.5, 4.75, 5, 5.5)
PASSED = (0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1)
STUDENTS = [(1.0, hours) for hours in HOURS]  # the input 1 has the bias as its weight
RATE = 0.3
STEPS = 2000
START = (0.0, 0.0)
PLACE = (0.0, 0.5)  # the weights at which the gradient is computed by hand

TRY = Try(
    "Start from w = (6, 0), then from w = (12, 0): the neuron is sure that everybody passes. How many steps until it learns, and "
    "what holds it back?",
    {"START": (6.0, 0.0)},
    {"START": (12.0, 0.0)},
)


def main(page: Page) -> dict[str, Any]:
    as_many(HOURS=HOURS, PASSED=PASSED)
    pairs(START=START, PLACE=PLACE)
    prediction(page)
    return one_step(page) | training(page)


def prediction(page):
    """The quiz: two students who failed; the neuron is undecided about one and sure that the other passes."""
    z = [Value(0.0, "z1"), Value(log(99.0), "z2")]
    y = [sigmoid(node) for node in z]
    E = squared_error(y, [0.0, 0.0])
    name_error(E)
    page.play(
        "quiz",
        quiz_page(quiz(E, ["partials", "grads"], of=z), title="Both students failed, t = 0: which error teaches the neuron more?"),
        "Predict first: y₁ = 0.5 and y₂ = 0.99, and both should be 0. Which z is pushed harder?",
    )


def one_step(page):
    """∂E/∂w by the lecture's formula and by the engine."""
    w = [Value(a, f"w{i}") for i, a in enumerate(PLACE)]
    outputs = [sigmoid(dot(w, x)) for x in STUDENTS]
    error = squared_error(outputs, PASSED)
    error.backward()
    rows = []
    for hours, t, output in zip(HOURS, PASSED, outputs, strict=True):
        y = output.data
        rows.append([hours, t, y, t - y, y * (1 - y), y * (1 - y) * (t - y), hours * y * (1 - y) * (t - y)])
    formula = [-sum(row[-2] for row in rows), -sum(row[-1] for row in rows)]

    page.say(
        """
        The hours are x₁, and x₀ = 1 for everybody, so that w₀ is the bias; t is 1 for those who passed. With E = ½ Σ (t − y)²
        the chain rule has one more link than for the linear neuron, the slope of the logistic function:
        """
    )
    page.formula(r"\frac{∂E}{∂wᵢ} = Σₙ \frac{∂yⁿ}{∂wᵢ} · \frac{∂E}{∂yⁿ} = −Σₙ xᵢⁿ yⁿ(1 − yⁿ)(tⁿ − yⁿ)")
    page.table(
        ["hours x₁", "t", "y", "t − y", "y(1 − y)", "y(1 − y)(t − y)", "x₁ y(1 − y)(t − y)"],
        [[f"{row[0]:g}", row[1], *(f"{a:.4f}" for a in row[2:])] for row in rows[::3]],
        filled("Every third of the {n} students, at w = ({w0:g}, {w1:g}).", n=len(rows), w0=PLACE[0], w1=PLACE[1]),
    )
    page.table(
        ["", "−Σ over all, by the formula", "engine ∂E/∂w"],
        [[f"w{'₀₁'[i]}", f"{hand:.12f}", f"{weight.grad:.12f}"] for i, (hand, weight) in enumerate(zip(formula, w, strict=True))],
    )

    engine = [weight.grad for weight in w]
    student = PASSED.index(1) if 1 in PASSED else 0
    output = sigmoid(dot(w, STUDENTS[student]))
    residual = PASSED[student] - output
    squared = residual**2
    one = squared / 2
    output.label, output.operands[0].label, residual.label, squared.label, one.label = "y", "z", "t − y", "(t − y)²", "E"
    one.zero_grad()
    one.backward()
    caption = filled(
        "One student, with {hours:g} hours and t = {t:g}: the error on its way back to w₁. The factor in blue is the new one.",
        hours=HOURS[student],
        t=PASSED[student],
    )
    nodes = [w[1], output.operands[0], output, one]
    slopes = [HOURS[student], output.data * (1 - output.data), -residual.data]
    graph = to_html(one, title=filled("One student, with t = {t:g}", t=PASSED[student]))
    page.plot("student", lambda axes: chain(axes, nodes, slopes), caption, size=(9.4, 2.6), play=graph)
    return {"formula": formula, "engine": engine, "slopes": slopes, "chain": [node.grad for node in nodes]}


def chain(axes, nodes, slopes):
    """w₁, z, y and E in a row: the values below, and above what has come back, one factor at a time."""
    names, factors = ("w₁", "z", "y", "E"), ("x₁", "y(1 − y)", "−(t − y)")
    letters = ("∂E/∂w₁", "∂E/∂z", "∂E/∂y", "∂E/∂E")
    for k, (node, name, letter) in enumerate(zip(nodes, names, letters, strict=True)):
        axes.plot(3 * k, 0, "o", markersize=34, color="white", markeredgecolor="#555555", zorder=3)
        axes.annotate(name, (3 * k, 0), ha="center", va="center", fontsize=13, zorder=4)
        axes.annotate(typeset(f"{node.data:.4f}"), (3 * k, -0.72), ha="center", va="center", fontsize=12, color="#555555")
        axes.annotate(typeset(f"{letter} = {node.grad:.4f}"), (3 * k, 0.75), ha="center", va="center", fontsize=12, color="#B04A00")
    for k, (factor, slope) in enumerate(zip(factors, slopes, strict=True)):
        colour = "#0072B2" if k == 1 else "#555555"
        arrow = {"arrowstyle": "-|>", "color": "#B04A00", "linewidth": 2, "shrinkA": 19, "shrinkB": 19}
        axes.annotate("", (3 * k, 0), (3 * k + 3, 0), arrowprops=arrow)
        axes.annotate(typeset(f"× {factor} = {slope:.4f}"), (3 * k + 1.5, 0.2), ha="center", fontsize=12, color=colour,
                      fontweight="bold" if k == 1 else "normal")  # fmt: skip
    axes.set(xlim=(-1.0, 10.0), ylim=(-1.0, 1.05))
    axes.axis("off")


def training(page):
    """Many steps, by the engine and by the formula alone."""
    w = [Value(a, f"w{i}") for i, a in enumerate(START)]
    optimizer = SGD(w, lr=RATE)
    by_hand = list(START)
    errors, rows = [], []
    for step in page.progress(range(STEPS + 1), "training"):
        error = squared_error([sigmoid(dot(w, x)) for x in STUDENTS], PASSED)
        errors.append(error.data)
        if step in (0, 1, 10, 100, 500, 1000, STEPS):
            rows.append([step, f"{error:.4f}", *(f"{a:z.6f}" for pair in zip(w, by_hand, strict=True) for a in pair)])
        if step < STEPS:
            optimizer.zero_grad()
            error.backward()
            optimizer.step()
            by_hand = step_by_hand(by_hand)
    learnt = [a.data for a in w]
    half = -learnt[0] / learnt[1] if learnt[1] else None
    right = sum((sigmoid(learnt[0] + learnt[1] * hours) > 0.5) == t for hours, t in zip(HOURS, PASSED, strict=True))
    page.say(
        "Both methods of computing the gradient, each with its own weights, {steps} steps with η = {rate:g}:",
        steps=STEPS,
        rate=RATE,
    )
    page.table(["step", "E", "w₀ engine", "w₀ formula", "w₁ engine", "w₁ formula"], rows)
    page.say(
        "The neuron outputs 0.5 at {half:.2f} hours, and its answer is right for {right} of {n} students."
        if half is not None
        else "The output of the neuron does not depend on the hours, and its answer is right for {right} of {n} students.",
        half=half,
        right=right,
        n=len(HOURS),
    )
    if not separable():
        page.say("Some studied much and failed, or little and passed: no limit of hours is right for everybody.")
    page.say(
        """
        The new factor has a price. Where a neuron is sure and wrong, y(1 − y) is almost 0, and so is the step: the more it has to
        learn, the less it does. The picture on the right shows it for t = 1. A loss made for probabilities, the cross-entropy,
        has 1/(y(1 − y)) in its slope; the two cancel, and t − y is left.
        """
    )
    page.plot("learnt", lambda left, right: paint(left, right, learnt), "What the neuron learnt, and where it could not.", panels=2)
    return {"weights": learnt, "by_hand": by_hand, "half": half, "right": right, "errors": errors}


def separable():
    """True if a number of hours separates those who passed from those who failed."""
    passed, failed = ([hours for hours, t in zip(HOURS, PASSED, strict=True) if bool(t) is side] for side in (True, False))
    return not passed or not failed or max(failed) < min(passed) or max(passed) < min(failed)


def step_by_hand(w):
    """Δwᵢ = η Σ xᵢ y(1 − y)(t − y), in plain floats: no graph, no engine."""
    change = [0.0, 0.0]
    for x, t in zip(STUDENTS, PASSED, strict=True):
        y = 1 / (1 + exp(-(w[0] * x[0] + w[1] * x[1])))
        for i in range(2):
            change[i] += x[i] * y * (1 - y) * (t - y)
    return [w[i] + RATE * change[i] for i in range(2)]


def paint(left, right, w):
    across = [k / 20 for k in range(121)]
    left.plot(across, [sigmoid(w[0] + w[1] * hours) for hours in across], label="the neuron's y")
    left.plot(HOURS, PASSED, "o", color="C1", markersize=6, label="students")
    if w[1] and 0 <= -w[0] / w[1] <= 6:
        left.axvline(-w[0] / w[1], color="#888888", linewidth=1, linestyle=":")
    left.set(title="Chance to pass", xlabel="hours", ylabel="y")
    left.legend(loc="center right")
    logits = [-8 + k / 10 for k in range(141)]
    right.plot(logits, [sigmoid(z) * sigmoid(-z) * sigmoid(-z) for z in logits], label="½(t − y)²: y(1 − y)(t − y)")
    right.plot(logits, [sigmoid(-z) for z in logits], color="C1", label="cross-entropy: t − y")
    right.annotate("sure and wrong:\nno step", (-6.5, 0.02), (0, 26), textcoords="offset points", ha="center", color="#555555")
    right.set(title="How far z is pushed, for t = 1", xlabel="z", ylabel="−∂E/∂z")
    right.legend(loc="upper right", bbox_to_anchor=(1.0, 0.92))


def answer(page, usual, *others):
    rows = []
    for start, found in zip((START, *[change["START"] for change in TRY.changes]), (usual, *others), strict=True):
        errors = found["errors"]
        learnt = next((step for step, error in enumerate(errors) if error < 2.0), None)
        rows.append(
            [
                f"({start[0]:g}, {start[1]:g})",
                f"{errors[0]:.4f}",
                filled("not within {n}", n=STEPS) if learnt is None else learnt,
                f"{errors[-1]:.4f}",
            ]
        )
    page.table(["start w", "E at first", "steps until E < 2", "E at the end"], rows)
    y = sigmoid(TRY.changes[-1]["START"][0])
    page.say(
        """
        From w = (12, 0) every output is {y:.7f}. The residual of those who failed is nearly −1, but y(1 − y) is {slope:.1e}, and so
        is the step: a neuron that is sure and wrong hardly learns.
        """,
        y=y,
        slope=y * (1 - y),
    )
