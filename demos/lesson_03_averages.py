"""The average of two good networks is bad: why networks do not learn by the perceptron's rule.

Each step of the perceptron's rule brings the weights nearer to every solution that classifies the examples with enough margin.
That needs solutions whose averages are solutions too: a convex region (región convexa). Is the average of two trained networks
a good network? And if not, which quantity does get better?
"""

from itertools import pairwise
from math import dist
from typing import Any

from autograd import Value, quiz, quiz_page
from autograd.ops import sum as total
from demos.experiments import Try, as_many, pairs
from demos.names import name_error, outputs
from demos.page import Page, filled
from nn import MLP, SGD, Perceptron
from nn.losses import squared_error
from nn.plot import loss_curves, network

EXAMPLES = [(0.5, 0), (1.0, 0), (2.0, 1), (3.0, 1)]  # of the perceptron: an input and its class
PASSES = 50  # of the perceptron over its examples; then it is given up
SOLUTION = (4.0, -6.0)  # w and b of a perceptron that classifies them with a margin
HIDDEN = 2
STEPS, RATE = 200, 0.2
SECOND_SEED: int | None = None  # of network B; None: it is network A with its hidden neurons swapped
LINEAR = [0.0, 1.0, 2.0, 3.0]  # what the linear neurons learn
INPUTS = [[float(a), float(b)] for a in (0, 1) for b in (0, 1)]
XOR = [float(a != b) for a, b in INPUTS]  # what the networks learn

TRY = Try(
    "Train the second network from another seed instead of swapping; 2, 8, 9 and 10 learn too. Is the average always bad?",
    {"SECOND_SEED": 2},
    {"SECOND_SEED": 8},
    {"SECOND_SEED": 9},
    {"SECOND_SEED": 10},
)


def main(page: Page) -> dict[str, Any]:
    as_many(LINEAR=LINEAR, INPUTS=INPUTS)
    pairs(SOLUTION=SOLUTION)
    prediction(page)
    rule = perceptron(page)
    first = MLP(2, [HIDDEN, 1], activation="tanh", seed=1)
    history, states = train(first, XOR)
    second = swapped(first) if SECOND_SEED is None else MLP(2, [HIDDEN, 1], activation="tanh", seed=SECOND_SEED)
    if SECOND_SEED is not None:
        train(second, XOR)
    middle = between(first, second, 0.5)
    page.say(
        """
        A network learns exclusive or; the number of its hidden neurons is {n}. Swap its hidden neurons, each with its weights, and
        it is the same network with other weights. Both give the same outputs, so training has no reason to prefer one. Then
        average the two, weight by weight.
        """
        if SECOND_SEED is None
        else """
        Two networks learn exclusive or, each from other first weights; the number of their hidden neurons is {n}. Then average the
        two, weight by weight.
        """,
        n=HIDDEN,
    )
    results = {name: outputs_of(model) for name, model in [("A", first), ("B", second), ("middle", middle)]}
    page.table(
        [
            "x",
            "target t",
            "network A",
            "B: A swapped" if SECOND_SEED is None else filled("B: seed {seed}", seed=SECOND_SEED),
            "weights halfway",
            "outputs halfway",
        ],
        [
            [f"({x[0]:g}, {x[1]:g})", f"{t:g}", f"{a:.3f}", f"{b:.3f}", f"{m:.3f}", f"{(a + b) / 2:.3f}"]
            for x, t, a, b, m in zip(INPUTS, XOR, results["A"], results["B"], results["middle"], strict=True)
        ],
        "The error of the mean of the outputs is never above the mean of the errors. The mean of the weights has no such bound."
        if SECOND_SEED is not None or HIDDEN != 2
        else "The mean of the outputs is as good as they are; the mean of the weights is a network of two equal hidden neurons.",
    )
    page.plot("networks", lambda *panels: pictures(panels, {"A": first, "B": second, "halfway": middle}),
              "Two networks, and the one halfway between their weights.", panels=3, size=(3.3, 3.0))  # fmt: skip

    page.graph("graph", halfway(middle), "The network halfway, with one example: its hidden neurons are alike.", fold="neuron")

    one, other = MLP(2, [1], seed=1), MLP(2, [1], seed=2)
    for neuron in (one, other):
        train(neuron, LINEAR, steps=12)  # not to the end, so that they differ
    shares = [k / 40 for k in range(41)]
    hill = [error(between(first, second, s), XOR) for s in shares]
    valley = [error(between(one, other, s), LINEAR) for s in shares]
    page.plot("between", lambda left, right: chords(left, right, shares, hill, valley),
              "The error on the straight line from one set of weights to the other.", panels=2)  # fmt: skip
    high = hill[20] > 0.05 + max(hill[0], hill[-1])
    page.say(
        "Between the two networks lies a hill: the error is {first:.0e} at A, {second:.0e} at B, and {middle:.3f} halfway."
        if high
        else "Between the two networks lies no hill: the error is {first:.0e} at A, {second:.0e} at B, and {middle:.3f} halfway.",
        first=hill[0],
        second=hill[-1],
        middle=hill[20],
    )
    page.say(
        """
        Between two linear neurons there is never a hill: the error halfway is at most the mean of the two. For networks there is no
        such law, and a rule that needs one cannot be trusted.
        """
    )

    away = [dist(list(state.values()), list(second.state_dict().values())) for state in states]
    rows = [*[k for k in (0, 5, 10, 20, 50, 60, 75, 100) if k < STEPS], STEPS]
    page.say("What can be watched are the outputs (salidas). Learning brings them nearer to their targets:")
    page.table(
        ["step", *[f"y({a:g}, {b:g}), t = {t:g}" for (a, b), t in zip(INPUTS, XOR, strict=True)], "error E", "distance to B"],
        [[k, *[f"{y:.3f}" for y in history[k]], f"{squared_error(history[k], XOR):.5f}", f"{away[k]:.3f}"] for k in rows],
    )
    page.say(
        "The weights have gone away from those of B: the distance was {before:.3f} and is {after:.3f}."
        if away[-1] > away[0]
        else "The weights have come nearer to those of B: the distance was {before:.3f} and is {after:.3f}. No rule asked for it.",
        before=away[0],
        after=away[-1],
    )
    page.plot("outputs", lambda left, right: approach(left, right, history, away),
              "The outputs and their targets, and the distance of the weights from those of B.", panels=2)  # fmt: skip
    return {**rule, "is_hill": high, "outputs": results, "hill": hill, "valley": valley, "history": history, "away": away}


def prediction(page):
    """The quiz: a network, the same with its hidden neurons swapped, and the one halfway between them."""
    x, results = Value(3.0, "x"), []
    for name, weights in (("A", (1.0, -1.0)), ("B", (-1.0, 1.0)), ("M", (0.0, 0.0))):  # M: the mean of A and B
        h = [x * w for w in weights]
        y = h[0] * weights[0] + h[1] * weights[1]
        y.label = filled("y of {name}", name=name)
        for j, (node, term) in enumerate(zip(h, y.operands, strict=True), 1):
            node.label, term.label = filled("h{j} of {name}", j=j, name=name), f"v{name} h{j}"
        results.append(y)
    together = total(results)
    together.label = "sum"
    page.play(
        "quiz",
        quiz_page(quiz(together, "data", of=results), title="Two networks with swapped hidden neurons, and their average M"),
        "Predict first: networks A and B have the same two hidden neurons in another order. What is the output of their average?",
    )


def perceptron(page):
    """The perceptron's rule on examples that a number separates, and on exclusive or."""
    page.say(
        """
        The perceptron (perceptrón) outputs 1 if wx + b ≥ 0, and else 0. Its rule changes the weights after each mistake, and only
        then. Here it learns to tell small inputs from large ones: {examples}.
        """,
        examples=", ".join(f"{x:g} → {t}" for x, t in EXAMPLES),
    )
    page.formula(r"\text{after a mistake:}   w ← w + (t - y) x,   b ← b + (t - y)")
    neuron, path, epochs, converged = Perceptron(1), [(0.0, 0.0)], 0, False
    while not converged and epochs < PASSES:
        epochs, mistakes = epochs + 1, len(path)
        for x, t in EXAMPLES:
            if not neuron.learn([x], t):
                path.append((neuron.w[0].data, neuron.b.data))
        converged = len(path) == mistakes
    away = [dist(place, SOLUTION) for place in path]
    page.table(
        ["mistake", "w", "b", "distance to ({:g}, {:g})".format(*SOLUTION)],
        [[k, f"{w:g}", f"{b:g}", f"{far:.4f}"] for k, ((w, b), far) in list(enumerate(zip(path, away, strict=True)))[:12]],
    )
    page.say(
        "After {n} mistakes there are no more: the rule has found a solution, in {epochs} passes over the examples."
        if converged
        else "After {n} mistakes in {epochs} passes the rule has found no solution: no number separates these examples.",
        n=len(path) - 1,
        epochs=epochs,
    )
    nearer = all(b < a for a, b in pairwise(away))
    page.say(
        "Each mistake has brought the weights nearer to the solution above, which classifies the examples with a margin."
        if nearer
        else "Not every mistake has brought the weights nearer to those above, which do not classify the examples with a margin."
    )
    page.say(
        """
        The rule needs nothing else, since the solutions are a convex region (región convexa): the average of two of them is one
        too. Each example excludes the weights on one side of a line, and what is left of the plane is such a region, if anything
        is left. If a line, or here a number, separates the classes, the examples are called linearly separable (linealmente
        separables), and the rule ends. For exclusive or nothing is left, and the rule never ends:
        """
    )
    page.plot(
        "region",
        lambda axes: region(axes, path, converged),
        "The weights that classify every example (shaded), and the path of the rule. Each dotted line belongs to one example.",
        size=(6.4, 4.4),
    )
    tasks = {"and": [a * b for a, b in INPUTS], "exclusive or": XOR}
    runs = {name: Perceptron(2).fit(INPUTS, targets, epochs=12) for name, targets in tasks.items()}
    page.table(
        ["mistakes in pass", *map(str, range(1, 13))],
        [[name, *run.mistakes, *[""] * (12 - len(run.mistakes))] for name, run in runs.items()],
    )
    page.say(
        """
        That argument does not hold for networks with hidden neurons, since the average of two solutions may be none. So a
        network does not learn by the perceptron's rule, and the usual name "multilayer perceptron" is not correct, though it is
        usual.
        """
    )
    return {"path": path, "converged": converged, "nearer": nearer, "mistakes": {name: run.mistakes for name, run in runs.items()}}


def region(axes, path, converged):
    """The plane of w and b: the weights that classify every example, and where the rule goes."""
    places = [*path, SOLUTION]
    (left, right), (low, high) = [(min(side) - 1.0, max(side) + 1.0) for side in zip(*places, strict=True)]
    across, up = ([a + (b - a) * k / 200 for k in range(201)] for a, b in ((left, right), (low, high)))
    fits = [[float(all((w * x + b >= 0) == t for x, t in EXAMPLES)) for w in across] for b in up]
    if 0 < sum(map(sum, fits)) < 201 * 201:
        axes.contourf(across, up, fits, levels=[0.5, 1.5], colors=["#CFE4F3"])
    for x, _ in EXAMPLES:
        axes.axline((0, 0), (1, -x), color="#888888", linewidth=1, linestyle=":")
    axes.plot(*zip(*path, strict=True), "-o", color="#D55E00", linewidth=1.5, markersize=4, label="the rule, mistake by mistake")
    axes.plot(*SOLUTION, "s", color="#0072B2", markersize=8, label="the solution of the table")
    if converged:
        ends = list(zip(path[-1], SOLUTION, strict=True))
        axes.plot(*ends, "--", color="#0072B2", linewidth=1.2)
        axes.plot(*[sum(pair) / 2 for pair in ends], "*", color="#0072B2", markersize=12, label="average of two solutions")
    axes.set(xlim=(left, right), ylim=(low, high), xlabel="w", ylabel="b")
    axes.grid(False)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def train(model, targets, steps=STEPS):
    """The outputs and the weights before every step and after the last."""
    optimizer, history, states = SGD(model.parameters(), lr=RATE), [outputs_of(model)], [model.state_dict()]
    for _ in range(steps):
        optimizer.zero_grad()
        squared_error([model(x) for x in INPUTS], targets).backward()
        optimizer.step()
        history.append(outputs_of(model))
        states.append(model.state_dict())
    return history, states


def swapped(model):
    """The same network with its two hidden neurons in the other order."""
    twin = MLP(2, [HIDDEN, 1], activation="tanh", seed=0)
    twin.load_state_dict(model.state_dict())
    twin.layers[0].neurons.reverse()
    twin.layers[1].neurons[0].w.reverse()
    return twin


def between(one, other, share):
    """A network with weights of the one and the other."""
    sizes = [len(layer.neurons) for layer in one.layers]
    mixed = MLP(2, sizes, activation="tanh", seed=0)
    for w, a, b in zip(mixed.parameters(), one.parameters(), other.parameters(), strict=True):
        w.data = (1 - share) * a.data + share * b.data
    return mixed


def outputs_of(model):
    return [model(x).data for x in INPUTS]


def error(model, targets):
    return squared_error(outputs_of(model), targets)


def halfway(model):
    """The error of this network for the first example whose target is 1, in the lecture's names."""
    x, t = next(((x, t) for x, t in zip(INPUTS, XOR, strict=True) if t), (INPUTS[0], XOR[0]))
    h = outputs(model.layers[0], x)
    (y,) = outputs(model.layers[1], h)
    for j, node in enumerate(h, 1):
        node.label = f"h{j}"
    y.label = "y"
    E = squared_error(y, t)
    name_error(E)
    E.zero_grad()
    E.backward()
    return E


def pictures(panels, models):
    for axes, (name, model) in zip(panels, models.items(), strict=True):
        network(model, values=True, ax=axes)
        axes.set_title(name, loc="center")


def chords(left, right, shares, hill, valley):
    left.plot(shares, hill)
    left.set(title="Between two networks", xlabel="share of B", ylabel="error E")
    right.plot(shares, valley)
    right.plot([0, 1], [valley[0], valley[-1]], color="#888888", linewidth=1, linestyle=":")
    right.set(title="Linear neurons: never above the chord", xlabel="share of the second", ylabel="error E", ylim=(0, None))


def approach(left, right, history, away):
    loss_curves(
        {f"({a:g}, {b:g}) → {t:g}": [ys[i] for ys in history] for i, ((a, b), t) in enumerate(zip(INPUTS, XOR, strict=True))},
        log=False, ylabel="output y", ax=left,
    )  # fmt: skip
    left.set_title("The outputs")
    loss_curves(away, log=False, ylabel="distance", ax=right)
    right.set_title("How far the weights are from B")


def answer(page, usual, *others):
    names = ["swapped", *[str(change["SECOND_SEED"]) for change in TRY.changes]]
    found = list(zip(names, (usual, *others), strict=True))
    page.table(
        ["second network", "error at A", "error at B", "error halfway"],
        [[name, f"{each['hill'][0]:.0e}", f"{each['hill'][-1]:.0e}", f"{each['hill'][20]:.3f}"] for name, each in found],
    )
    good = [name for name, each in found if not each["is_hill"]]
    page.say(
        "The average is bad for every one of these seeds."
        if not good
        else "The average is not always bad: between A and these second networks there is no hill: {good}.",
        good=", ".join(good),
    )
