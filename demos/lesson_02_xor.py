"""Exclusive or: what no neuron learns alone, and why linear layers do not help.

One neuron learns "and" and learns "or". Exclusive or (one of two, but not both) has as many examples: why is it never learnt,
and what do hidden neurons (neuronas ocultas) change?
"""

from math import log
from random import Random
from typing import Any

from autograd import Value, no_grad, quiz, quiz_page, relu, sigmoid
from demos.experiments import Try, ranges
from demos.names import outputs
from demos.page import Page, filled, typeset
from nn import MLP, SGD
from nn import page as film
from nn.losses import bce_with_logits
from nn.plot import boundary_strip, decision_boundary, loss_curves

HIDDEN = 2
STEPS, RATE = 500, 1.0
LIMITS = ((-0.5, 1.5), (-0.5, 1.5))
INPUTS = [[float(a), float(b)] for a in (0, 1) for b in (0, 1)]
TARGETS = {
    "and": [int(a and b) for a, b in INPUTS],
    "or": [int(a or b) for a, b in INPUTS],
    "xor": [int(a != b) for a, b in INPUTS],
}
FILM = [*[step for step in (0, 40, 60, 80) if step < STEPS], STEPS]  # the steps whose boundaries are shown
NETWORK = filled("xor, {n} hidden neuron" if HIDDEN == 1 else "xor, {n} hidden neurons", n=HIDDEN)

TRY = Try(
    "Give the network with hidden neurons only one of them, then three. How many does exclusive or need?",
    {"HIDDEN": 1},
    {"HIDDEN": 3},
    pictures=("boundaries",),
)


def main(page: Page) -> dict[str, Any]:
    ranges(LIMITS=LIMITS)
    prediction(page)
    alone = {name: train(MLP(2, [1], seed=1), targets) for name, targets in TARGETS.items()}
    states: dict[str, Any] = {}
    runs = {
        **{filled("{task}, one neuron", task=name): run for name, run in alone.items()},
        "xor, three linear layers": train(MLP(2, [3, 3, 1], activation="linear", seed=1), TARGETS["xor"]),
        NETWORK: train(MLP(2, [HIDDEN, 1], activation="tanh", seed=1), TARGETS["xor"], states),
    }
    compare(page, runs)
    explain_the_failure(page, runs["xor, one neuron"])
    show_the_boundaries(page, runs, states)
    show_the_network(page, runs[NETWORK][0])
    page.plot("losses", lambda axes: curves(axes, runs), "The error of each, step by step.", size=(7.5, 3.2))
    found = {"outputs": {name: outputs for name, (_, _, outputs) in runs.items()},
             "losses": {name: losses[-1] for name, (_, losses, _) in runs.items()},
             "learnt": learnt(runs[NETWORK][2])}  # fmt: skip
    return found | with_a_feature(page) | collapse(page)


def prediction(page):
    """The quiz: exclusive or of 1 and 1 by two hidden neurons."""
    x1, x2 = Value(1.0, "x1"), Value(1.0, "x2")
    z1 = x1 + x2
    z2 = z1 - 1.0
    h1, h2 = relu(z1), relu(z2)
    y = h1 - 2.0 * h2
    for node, name in ((z1, "z1"), (z2, "z2"), (h1, "h1"), (h2, "h2"), (y.operands[1], "2 h2"), (y, "y")):
        node.label = name
    asked = [z2, h1, h2, y.operands[1], y]
    page.play(
        "quiz",
        quiz_page(quiz(y, "data", of=asked), title="Exclusive or of 1 and 1, from two hidden neurons"),
        "Predict first: two hidden neurons see x₁ + x₂. What are their outputs, and what is the output y?",
    )


def learnt(outputs):
    """True if every probability is on its side of ½, and not just beside it."""
    return all(abs(p - t) < 0.25 for p, t in zip(outputs, TARGETS["xor"], strict=True))


def compare(page, runs):
    page.table(
        ["trained on", *[f"({a:g}, {b:g})" for a, b in INPUTS], "error at the end"],
        [[name, *[f"{p:.3f}" for p in outputs], f"{losses[-1]:.4f}"] for name, (_, losses, outputs) in runs.items()],
        filled("The output of each for the four inputs after {steps} steps: the probability of a 1.", steps=STEPS),
    )


def explain_the_failure(page, run):
    page.say(
        """
        For exclusive or the outputs of the neuron are {outputs}, and its error is {error:.4f}; the best that it can reach is ½
        for every input, with the error log 2 = {best:.4f}. No rule of learning could do better, since no weights solve the
        problem: the examples are not linearly separable (linealmente separables). A neuron answers 1 where w₁x₁ + w₂x₂ + b > 0,
        and so it would need
        """,
        outputs=", ".join(f"{p:.3f}" for p in run[2]),
        error=run[1][-1],
        best=log(2),
    )
    page.formula("b ≤ 0,   w₂ + b > 0,   w₁ + b > 0,   w₁ + w₂ + b ≤ 0")
    page.say(
        """
        The sum of the second and the third is w₁ + w₂ + 2b > 0, that of the first and the last w₁ + w₂ + 2b ≤ 0: a contradiction.
        Hidden neurons see the inputs first; if their outputs are linearly separable, the output neuron needs no more.
        """
    )


def show_the_boundaries(page, runs, states):
    page.plot(
        "boundaries",
        lambda *panels: boundaries(panels, runs),
        "One neuron draws a line, and no line separates exclusive or; hidden neurons can bend the boundary.",
        panels=3,
        size=(4.0, 3.8),
    )
    if not page.wants("film"):
        return
    hidden = runs[NETWORK][0]
    page.plot(
        "film",
        lambda *frames: boundary_strip(hidden, states, INPUTS, TARGETS["xor"], limits=LIMITS, resolution=40, ax=frames),
        "The network with hidden neurons on its way. Dashed: where it is three quarters sure, at z = ±1.",
        panels=len(FILM),
        size=(2.6, 2.9),
        play=film(
            MLP(2, [HIDDEN, 1], activation="tanh", seed=1),
            (INPUTS, TARGETS["xor"]),
            epochs=STEPS,
            loss="bce_with_logits",
            optimizer=lambda w: SGD(w, lr=RATE),
            title="Exclusive or",
        ),
    )


def show_the_network(page, model):
    p = probability(model, [Value(1.0, "x1"), Value(0.0, "x2")])
    p.zero_grad()
    p.backward()
    page.graph("graph", p, "The network with hidden neurons, trained: move the inputs, and watch the probability p of a 1.")


def train(model, targets, states=None, inputs=INPUTS):
    """Return the model, its error at each step, and its final probabilities; put its weights at the film's steps in `states`."""
    states = {} if states is None else states
    optimizer, losses = SGD(model.parameters(), lr=RATE), []
    for step in range(STEPS):
        if step in FILM:
            states[filled("step {k}", k=step)] = model.state_dict()
        loss = bce_with_logits([model(x) for x in inputs], targets)
        losses.append(loss.data)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    states[filled("step {k}", k=STEPS)] = model.state_dict()
    return model, losses, [sigmoid(model(x).data) for x in inputs]


def probability(model, x):
    """The probability of a 1, its graph in the lecture's names: hidden neurons first, then the output; wᵢⱼ goes from i to j."""
    h = outputs(model.layers[0], x)
    (z,) = outputs(model.layers[1], h)
    p = sigmoid(z)
    p.label = "p"
    neurons = [*model.layers[0].neurons, *model.layers[1].neurons]
    for j, (neuron, logit) in enumerate(zip(neurons, [*[y.operands[0] for y in h], z], strict=True), 1):
        logit.label, neuron.b.label = f"z{j}", f"b{j}"
        for i, w in enumerate(neuron.w, 1):
            w.label = f"w{i}{j}"
    for j, y in enumerate(h, 1):
        y.label = f"h{j}"
    return p


def with_a_feature(page):
    """One neuron that also gets the product of the inputs."""
    examples = [[a, b, a * b] for a, b in INPUTS]
    _, losses, outputs = train(MLP(3, [1], seed=1), TARGETS["xor"], inputs=examples)
    page.say(
        """
        One neuron is enough if somebody gives it the right feature (característica) of the inputs. With x₁x₂ as a third input its
        outputs are {outputs} after {steps} steps, and the error has come down to {error:.4f}. But finding features by hand is
        tedious, and every task needs others. Hidden neurons learn their own: to learn the weights of a hidden neuron is to learn a
        new feature, and nobody says which.
        """,
        outputs=", ".join(f"{p:.3f}" for p in outputs),
        steps=STEPS,
        error=losses[-1],
    )
    return {"feature": outputs}


def collapse(page):
    """Three linear layers are one matrix: W = W₃W₂W₁."""
    rng = Random(2)
    model = MLP(2, [3, 3, 1], activation="linear", seed=2)
    for parameter in model.parameters():
        parameter.data = rng.randint(-16, 16) / 8  # eighths, so that nothing is rounded and equal means equal to the bit
    matrix, offset = [[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]
    for layer in model.layers:
        weights, biases = [[w.data for w in n.w] for n in layer.neurons], [n.b.data for n in layer.neurons]
        offset = [sum(w * o for w, o in zip(row, offset, strict=True)) + b for row, b in zip(weights, biases, strict=True)]
        matrix = [[sum(w * column for w, column in zip(row, m, strict=True)) for m in zip(*matrix, strict=True)] for row in weights]
    ((a, b),), (c,) = matrix, offset
    rows = []
    for x1, x2 in [*INPUTS, [2.5, -0.75], [-3.0, 8.0]]:
        with no_grad():
            rows.append((x1, x2, model([x1, x2]).data, a * x1 + b * x2 + c))
    page.say("The linear layers did not help, since a product of matrices is a matrix. Three linear layers and their product:")
    page.formula(
        "y = W₃(W₂(W₁x + b₁) + b₂) + b₃ = ({a}) x₁ + ({b}) x₂ + ({c})",
        a=typeset(f"{a:g}"),
        b=typeset(f"{b:g}"),
        c=typeset(f"{c:g}"),
    )
    page.table(
        ["x₁", "x₂", "three layers", "one matrix", "difference"],
        [[x1, x2, f"{y:.6f}", f"{z:.6f}", f"{y - z:g}"] for x1, x2, y, z in rows],
        filled(
            "These layers have {n} parameters but compute only what 3 parameters can. A layer needs a non-linear activation.",
            n=len(model.parameters()),
        ),
    )
    return {"differences": [y - z for _, _, y, z in rows], "matrix": (a, b, c)}


def curves(axes, runs):
    loss_curves({name: losses for name, (_, losses, _) in runs.items()}, ylabel="error", ax=axes)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def boundaries(panels, runs):
    shown = {"or, one neuron": "or", "xor, one neuron": "xor", NETWORK: "xor"}
    for axes, (name, task) in zip(panels, shown.items(), strict=True):
        decision_boundary(runs[name][0], INPUTS, TARGETS[task], margin=None, limits=LIMITS, resolution=40, ax=axes)
        axes.set_title(name)
        axes.get_legend().remove()
    panels[-1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def answer(page, usual, *others):
    for change, found in ((None, usual), *zip(TRY.changes, others, strict=True)):
        n = change["HIDDEN"] if change else HIDDEN
        outputs = found["outputs"][list(found["outputs"])[-1]]
        page.say(
            "Learnt with this number of hidden neurons: {n}. The outputs are {outputs}."
            if found["learnt"]
            else "Not learnt with this number of hidden neurons: {n}. The outputs are {outputs}.",
            n=n,
            outputs=", ".join(f"{p:.3f}" for p in outputs),
        )
    page.say(
        """
        One hidden neuron passes on one number that depends on one weighted sum of the inputs, and so the boundaries are parallel
        lines on which that sum is the same. With tanh, which always rises, there is only one such line. Two neurons have two.
        """
    )
