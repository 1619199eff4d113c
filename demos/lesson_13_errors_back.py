"""Errors propagated: each layer's errors come from those of the next.

The error's slope towards the output is known at once. How does it get from there to the hidden neurons, and to every weight?
"""

from typing import Any

from autograd import Value, affine, sigmoid
from demos.names import name_error
from demos.page import Page
from nn import MLP
from nn.losses import squared_error

INPUTS = (0.5, -1.0)
TARGETS = (1.0, 0.0)
HIDDEN = 3

TRY = "Make one target equal to its output. Which numbers of the tables become 0, and which only change?"


def main(page: Page) -> dict[str, Any]:
    model = MLP(len(INPUTS), [HIDDEN, len(TARGETS)], activation=["sigmoid", "sigmoid"], seed=7)
    hidden, output = model.layers
    h = hidden(INPUTS)
    y = output(h)
    error = squared_error(y, TARGETS)
    for j, node in enumerate([*h, *y], 1):
        node.label, node.operands[0].label = f"y{j}", f"z{j}"
    name_error(error)
    error.backward()
    page.say(
        f"""
        Two inputs, {HIDDEN} hidden neurons, numbered 1 to 3, and two output neurons, 4 and 5, all of them sigmoid. Three
        formulas carry the error back. In every table the formula's number, in plain floats, stands next to the engine's.
        """
    )

    page.say("First through the logistic function of each output neuron, from its activity to its sum:")
    page.formula("∂E/∂zⱼ = yⱼ(1 − yⱼ) ∂E/∂yⱼ,   and for the outputs  ∂E/∂yⱼ = −(tⱼ − yⱼ)")
    dE_dz = [-(t - node.data) * node.data * (1 - node.data) for t, node in zip(TARGETS, y, strict=True)]
    pairs = {"output z": show(page, "∂E/∂z{}", [4, 5], dE_dz, [node.operands[0].grad for node in y])}

    page.say("Then to the activity of a hidden neuron. It feeds both outputs, and so it answers for both: the sum over the paths.")
    page.formula("∂E/∂yᵢ = Σⱼ wᵢⱼ ∂E/∂zⱼ")
    weights = [[w.data for w in neuron.w] for neuron in output.neurons]
    dE_dy = [sum(weights[j][i] * dE_dz[j] for j in range(len(y))) for i in range(HIDDEN)]
    page.table(
        ["i", "wᵢ₄ · ∂E/∂z₄", "wᵢ₅ · ∂E/∂z₅", "their sum", "engine ∂E/∂yᵢ"],
        [
            [i + 1, *(f"{weights[j][i] * dE_dz[j]:.9f}" for j in range(2)), f"{dE_dy[i]:.9f}", f"{h[i].grad:.9f}"]
            for i in range(HIDDEN)
        ],
    )
    pairs["hidden y"] = list(zip(dE_dy, [node.grad for node in h], strict=True))

    page.say("The first formula again, one layer further back:")
    dE_dz_hidden = [node.data * (1 - node.data) * slope for node, slope in zip(h, dE_dy, strict=True)]
    pairs["hidden z"] = show(page, "∂E/∂z{}", [1, 2, 3], dE_dz_hidden, [node.operands[0].grad for node in h])

    page.say("And last to the weights: each gets the activity it carries, times the error it carries it to.")
    page.formula("∂E/∂wᵢⱼ = yᵢ ∂E/∂zⱼ,   in the first layer  xᵢ ∂E/∂zⱼ")
    rows, pairs["weights"] = [], []
    for layer, sources, deltas, first in (("x", INPUTS, dE_dz_hidden, 1), ("y", [node.data for node in h], dE_dz, HIDDEN + 1)):
        for j, neuron in enumerate((hidden if layer == "x" else output).neurons):
            for i, w in enumerate(neuron.w):
                by_hand = sources[i] * deltas[j]
                pairs["weights"].append((by_hand, w.grad))
                rows.append(
                    [f"{layer}{i + 1} → z{j + first}", f"{sources[i]:.6f}", f"{deltas[j]:.9f}", f"{by_hand:.9f}", f"{w.grad:.9f}"]
                )
    page.table(["weight", "activity", "∂E/∂zⱼ", "their product", "engine ∂E/∂wᵢⱼ"], rows)
    page.graph("network", error, "The errors on their way back, neuron by neuron.", fold="neuron")
    page.graph(
        "outputs",
        last_layer(h, output),
        "The sum over the paths: each of y₁, y₂, y₃ gets back wᵢ₄ ∂E/∂z₄ and wᵢ₅ ∂E/∂z₅.",
        rankdir="BT",
    )
    page.plot(
        "weights",
        lambda axes: paint(axes, [row[0] for row in rows], pairs["weights"]),
        "Formula and engine, weight by weight.",
        size=(8, 3.6),
    )
    return {"pairs": pairs, "error": error.data}


def show(page, name, places, formula, engine):
    """A table of the formula's numbers beside the engine's, and the pairs."""
    pairs = list(zip(formula, engine, strict=True))
    page.table(
        ["", "formula", "engine"],
        [[name.format("₀₁₂₃₄₅"[place]), f"{a:.9f}", f"{b:.9f}"] for place, (a, b) in zip(places, pairs, strict=True)],
    )
    return pairs


def last_layer(h, output):
    """The error as a function of the hidden activities alone: the weights are plain numbers here."""
    activities = [Value(node.data, node.label) for node in h]
    y = []
    for j, neuron in enumerate(output.neurons, HIDDEN + 1):
        z = affine([w.data for w in neuron.w], activities, neuron.b.data)
        y.append(sigmoid(z))
        z.label, y[-1].label = f"z{j}", f"y{j}"
    error = squared_error(y, TARGETS)
    name_error(error)
    error.backward()
    return error


def paint(axes, names, pairs):
    places = range(len(names))
    axes.bar(places, [a for a, _ in pairs], width=0.7, color="#9cc9e6", label="formula")
    axes.plot(places, [b for _, b in pairs], "o", color="#C04F00", label="engine")
    axes.axhline(0, color="#888888", linewidth=1)
    axes.set_xticks(places, names, rotation=35, ha="right")
    axes.set(ylabel="∂E/∂wᵢⱼ")
    axes.grid(False, axis="x")
    axes.legend()
