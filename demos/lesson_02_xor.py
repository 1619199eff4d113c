"""Exclusive or: what no neuron learns alone, and why linear layers do not help.

One neuron learns "and" and learns "or". Exclusive or (one of two, but not both) has as many examples: why is it never learnt,
and what do hidden neurons (neuronas ocultas) change?
"""

from random import Random
from typing import Any

from autograd import Value, no_grad, sigmoid
from demos.experiments import Try
from demos.page import Page
from nn import MLP, SGD
from nn import page as film
from nn.losses import bce_with_logits
from nn.plot import boundary_strip, decision_boundary, loss_curves

INPUTS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
TARGETS = {"and": [0, 0, 0, 1], "or": [0, 1, 1, 1], "xor": [0, 1, 1, 0]}
STEPS = 500
LIMITS = ((-0.5, 1.5), (-0.5, 1.5))
FILM = (0, 40, 60, 80, STEPS)  # the steps whose boundaries are shown

TRY = Try("Give the network with hidden neurons only one of them, then three. How many does exclusive or need?")


def main(page: Page) -> dict[str, Any]:
    alone = {name: train(MLP(2, [1], seed=1), targets) for name, targets in TARGETS.items()}
    states: dict[str, Any] = {}
    runs = {
        **{f"{name}, one neuron": run for name, run in alone.items()},
        "xor, three linear layers": train(MLP(2, [3, 3, 1], activation="linear", seed=1), TARGETS["xor"]),
        "xor, two hidden neurons": train(MLP(2, [2, 1], activation="tanh", seed=1), TARGETS["xor"], states),
    }
    compare(page, runs)
    explain_the_failure(page)
    show_the_boundaries(page, runs, states)
    show_the_network(page, runs["xor, two hidden neurons"][0])
    page.plot(
        "losses",
        lambda axes: curves(axes, runs),
        "One neuron gets no further than ½, and linear layers no further than one neuron.",
        size=(7.5, 3.2),
    )
    return {"outputs": {name: outputs for name, (_, _, outputs) in runs.items()},
            "losses": {name: losses[-1] for name, (_, losses, _) in runs.items()}, **collapse(page)}  # fmt: skip


def compare(page, runs):
    page.table(
        ["trained on", *[f"({a:g}, {b:g})" for a, b in INPUTS], "error at the end"],
        [[name, *[f"{p:.3f}" for p in outputs], f"{losses[-1]:.4f}"] for name, (_, losses, outputs) in runs.items()],
        f"The output of each for the four inputs after {STEPS} steps: the probability of a 1.",
    )


def explain_the_failure(page):
    page.say(
        """
        For exclusive or the neuron outputs ½ for every input, and its error stays at log 2 = 0.6931. No rule of learning could do
        better, since no weights solve the problem. A neuron answers 1 where w₁x₁ + w₂x₂ + b > 0, and so it would need
        """
    )
    page.formula("b ≤ 0,   w₂ + b > 0,   w₁ + b > 0,   w₁ + w₂ + b ≤ 0")
    page.say(
        """
        The sum of the second and the third is w₁ + w₂ + 2b > 0, that of the first and the last w₁ + w₂ + 2b ≤ 0: a contradiction.
        The hidden neurons see the inputs first, and a line separates their outputs.
        """
    )


def show_the_boundaries(page, runs, states):
    page.plot(
        "boundaries",
        lambda *panels: boundaries(panels, runs),
        "One neuron draws a line, and no line separates exclusive or; two hidden neurons draw a band.",
        panels=3,
        size=(4.0, 3.8),
    )
    hidden = runs["xor, two hidden neurons"][0]
    page.plot(
        "film",
        lambda *frames: boundary_strip(hidden, states, INPUTS, TARGETS["xor"], limits=LIMITS, resolution=40, ax=frames),
        "How the two hidden neurons found it. Dashed: where the network is three quarters sure, at z = ±1.",
        panels=len(FILM),
        size=(2.6, 2.9),
        play=film(
            MLP(2, [2, 1], activation="tanh", seed=1),
            (INPUTS, TARGETS["xor"]),
            epochs=STEPS,
            loss="bce_with_logits",
            optimizer=lambda w: SGD(w, lr=1.0),
            title="Exclusive or",
        ),
    )


def show_the_network(page, model):
    p = answer(model, [Value(1.0, "x1"), Value(0.0, "x2")])
    p.zero_grad()
    p.backward()
    page.graph("graph", p, "The network that has learnt it: move the inputs, and watch the probability p of a 1.")


def train(model, targets, states=None):
    """Return the model, its error at each step, and its final probabilities; put its weights at the film's steps in `states`."""
    states = {} if states is None else states
    optimizer, losses = SGD(model.parameters(), lr=1.0), []
    for step in range(STEPS):
        if step in FILM:
            states[f"step {step}"] = model.state_dict()
        loss = bce_with_logits([model(x) for x in INPUTS], targets)
        losses.append(loss.data)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    states[f"step {STEPS}"] = model.state_dict()
    return model, losses, [sigmoid(model(x).data) for x in INPUTS]


def answer(model, x):
    """The probability of a 1, its graph in the lecture's names: hidden neurons 1 and 2, output neuron 3, wᵢⱼ from i to j."""
    h = model.layers[0](x)
    z = model.layers[1](h)
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
    page.say("The linear layers did not help, since a matrix of a matrix is a matrix. Three linear layers and their product:")
    page.formula(f"y = W₃(W₂(W₁x + b₁) + b₂) + b₃ = ({a:g}) x₁ + ({b:g}) x₂ + ({c:g})".replace("-", "−"))
    page.table(
        ["x₁", "x₂", "three layers", "one matrix", "difference"],
        [[x1, x2, f"{y:.6f}", f"{z:.6f}", f"{y - z:g}"] for x1, x2, y, z in rows],
        f"{len(model.parameters())} parameters can do no more than 3. A layer must be nonlinear: it needs an activation.",
    )
    return {"differences": [y - z for _, _, y, z in rows], "matrix": (a, b, c)}


def curves(axes, runs):
    loss_curves({name: losses for name, (_, losses, _) in runs.items()}, ylabel="error", ax=axes)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def boundaries(panels, runs):
    shown = {"or, one neuron": "or", "xor, one neuron": "xor", "xor, two hidden neurons": "xor"}
    for axes, (name, task) in zip(panels, shown.items(), strict=True):
        decision_boundary(runs[name][0], INPUTS, TARGETS[task], margin=None, limits=LIMITS, resolution=40, ax=axes)
        axes.set_title(name)
        axes.get_legend().remove()
    panels[-1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
