"""The average of two good networks is bad: why networks do not learn by the perceptron's rule.

Each step of the perceptron's rule brings the weights nearer to every solution that classifies the examples with enough margin.
That needs solutions whose averages are solutions too: a convex region (región convexa). Is the average of two trained networks
a good network? And if not, which quantity does get better?
"""

from math import dist
from typing import Any

from demos.experiments import Try
from demos.names import name_error
from demos.page import Page
from nn import MLP, SGD
from nn.losses import squared_error
from nn.plot import loss_curves, network

INPUTS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
XOR, LINEAR = [0.0, 1.0, 1.0, 0.0], [0.0, 1.0, 2.0, 3.0]  # what the network learns, and what the linear neuron does
STEPS = 200

TRY = Try("Train the second network from another seed instead of swapping; 2, 8, 9 and 10 learn too. Is the average always bad?")


def main(page: Page) -> dict[str, Any]:
    first = MLP(2, [2, 1], activation="tanh", seed=1)
    history, states = train(first, XOR)
    second = swapped(first)
    middle = between(first, second, 0.5)
    page.say(
        """
        A network with two hidden neurons learns exclusive or. Swap its hidden neurons, each with its weights, and it is the
        same network with other weights; no learning could prefer one to the other. Then average the two, weight by weight.
        """
    )
    outputs = {name: outputs_of(model) for name, model in [("A", first), ("B", second), ("middle", middle)]}
    page.table(
        ["x", "target t", "network A", "B: A swapped", "weights halfway", "outputs halfway"],
        [
            [f"({x[0]:g}, {x[1]:g})", f"{t:g}", f"{a:.3f}", f"{b:.3f}", f"{m:.3f}", f"{(a + b) / 2:.3f}"]
            for x, t, a, b, m in zip(INPUTS, XOR, outputs["A"], outputs["B"], outputs["middle"], strict=True)
        ],
        "The mean of the outputs is as good as they are; the mean of the weights is a network of two equal hidden neurons.",
    )
    page.plot("networks", lambda *panels: pictures(panels, {"A": first, "B": second, "halfway": middle}),
              "Two good networks, and the bad one between them.", panels=3, size=(4.2, 3.2))  # fmt: skip

    E = squared_error([first(x) for x in INPUTS], XOR)
    name_error(E)
    E.zero_grad()
    E.backward()
    page.graph("graph", E, "The error of network A, neuron by neuron: move a weight, and see how near the hill is.", fold="neuron")

    one, other = MLP(2, [1], seed=1), MLP(2, [1], seed=2)
    for neuron in (one, other):
        train(neuron, LINEAR, steps=12)  # not to the end, so that they differ
    shares = [k / 40 for k in range(41)]
    hill = [error(between(first, second, s), XOR) for s in shares]
    valley = [error(between(one, other, s), LINEAR) for s in shares]
    page.plot("between", lambda left, right: chords(left, right, shares, hill, valley),
              "The error on the straight line from one set of weights to the other.", panels=2)  # fmt: skip
    page.say(
        f"""
        Between the two networks lies a hill: the error is {hill[0]:.0e} at A and at B, and {hill[20]:.3f} halfway. Between two
        linear neurons there is none: the error halfway is never above the mean of the two. So a rule that pulls the weights
        towards one solution has nothing to go by in a network.
        """
    )

    away = [dist(list(state.values()), list(second.state_dict().values())) for state in states]
    rows = [0, 5, 10, 20, 50, 60, 75, 100, STEPS]
    page.say("What can be watched are the outputs (salidas). They approach their targets, while the weights do not approach B:")
    page.table(
        ["step", *[f"y({a:g}, {b:g}), t = {t:g}" for (a, b), t in zip(INPUTS, XOR, strict=True)], "error E", "distance to B"],
        [[k, *[f"{y:.3f}" for y in history[k]], f"{squared_error(history[k], XOR):.5f}", f"{away[k]:.3f}"] for k in rows],
    )
    page.plot("outputs", lambda left, right: approach(left, right, history, away),
              "The outputs find their targets; the distance to an equally good network grows.", panels=2)  # fmt: skip
    return {"outputs": outputs, "hill": hill, "valley": valley, "history": history, "away": away}


def train(model, targets, steps=STEPS):
    """The outputs and the weights before every step and after the last."""
    optimizer, history, states = SGD(model.parameters(), lr=0.2), [outputs_of(model)], [model.state_dict()]
    for _ in range(steps):
        optimizer.zero_grad()
        squared_error([model(x) for x in INPUTS], targets).backward()
        optimizer.step()
        history.append(outputs_of(model))
        states.append(model.state_dict())
    return history, states


def swapped(model):
    """The same network with its two hidden neurons in the other order."""
    twin = MLP(2, [2, 1], activation="tanh")
    twin.load_state_dict(model.state_dict())
    twin.layers[0].neurons.reverse()
    twin.layers[1].neurons[0].w.reverse()
    return twin


def between(one, other, share):
    """A network with weights of the one and the other."""
    sizes = [len(layer.neurons) for layer in one.layers]
    mixed = MLP(2, sizes, activation="tanh")
    for w, a, b in zip(mixed.parameters(), one.parameters(), other.parameters(), strict=True):
        w.data = (1 - share) * a.data + share * b.data
    return mixed


def outputs_of(model):
    return [model(x).data for x in INPUTS]


def error(model, targets):
    return squared_error(outputs_of(model), targets)


def pictures(panels, models):
    for axes, (name, model) in zip(panels, models.items(), strict=True):
        network(model, values=True, ax=axes)
        axes.set_title(name, loc="center")


def chords(left, right, shares, hill, valley):
    left.plot(shares, hill)
    left.set(title="Networks: a hill between", xlabel="share of B", ylabel="error E")
    right.plot(shares, valley)
    right.plot([0, 1], [valley[0], valley[-1]], color="#888888", linewidth=1, linestyle=":")
    right.set(title="Linear neurons: never above the chord", xlabel="share of the second", ylabel="error E", ylim=(0, None))


def approach(left, right, history, away):
    loss_curves(
        {f"({a:g}, {b:g}) → {t:g}": [ys[i] for ys in history] for i, ((a, b), t) in enumerate(zip(INPUTS, XOR, strict=True))},
        log=False, ylabel="output y", ax=left,
    )  # fmt: skip
    left.set_title("The outputs approach their targets")
    loss_curves(away, log=False, ylabel="distance", ax=right)
    right.set_title("How far the weights are from B")
