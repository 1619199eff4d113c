"""Errors propagated: each layer's errors come from those of the next.

The error's slope towards the output is known at once. How does it get from there to the hidden neurons, and to every weight?
"""

from typing import Any

from autograd import Value, affine, sigmoid
from demos.experiments import Try
from demos.names import name_error
from demos.page import Page
from nn import MLP
from nn.losses import squared_error

INPUTS = (0.5, -1.0)
TARGETS = (1.0, 0.0)
HIDDEN = 3

TRY = Try("Make one target equal to its output. Which numbers of the tables become 0, and which only change?")


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
        formulas carry the error back. In every table the formula's number, in plain floats, is next to the engine's.
        """
    )
    pairs: dict[str, Any] = {}
    pairs["output z"] = through_the_outputs(page, y)
    pairs["hidden y"] = to_the_hidden_activities(page, output, h, formulas(pairs["output z"]))
    pairs["hidden z"] = through_the_hidden_neurons(page, h, formulas(pairs["hidden y"]))
    names, pairs["weights"] = to_the_weights(page, model, h, formulas(pairs["hidden z"]), formulas(pairs["output z"]))
    page.graph("network", error, "The errors on their way back, neuron by neuron.", fold="neuron")
    page.graph(
        "outputs",
        last_layer(h, output),
        "The sum over the paths: each of y₁, y₂, y₃ gets back wᵢ₄ ∂E/∂z₄ and wᵢ₅ ∂E/∂z₅.",
        rankdir="BT",
    )
    page.plot("weights", lambda axes: paint(axes, names, pairs["weights"]), "Formula and engine, weight by weight.", size=(8, 3.6))
    return {"pairs": pairs, "error": error.data}


def formulas(pairs):
    """The formula's number of each pair of formula and engine."""
    return [by_hand for by_hand, _ in pairs]


def through_the_outputs(page, y):
    page.say("First through the logistic function of each output neuron, from its activity to its sum:")
    page.formula("∂E/∂zⱼ = yⱼ(1 − yⱼ) ∂E/∂yⱼ,   and for the outputs  ∂E/∂yⱼ = −(tⱼ − yⱼ)")
    dE_dz = [-(t - node.data) * node.data * (1 - node.data) for t, node in zip(TARGETS, y, strict=True)]
    return show(page, "∂E/∂z{}", [4, 5], dE_dz, [node.operands[0].grad for node in y])


def to_the_hidden_activities(page, output, h, dE_dz):
    page.say("Then to the activity of a hidden neuron. It feeds both outputs, and so both errors reach it: the sum over the paths.")
    page.formula("∂E/∂yᵢ = Σⱼ wᵢⱼ ∂E/∂zⱼ")
    weights = [[w.data for w in neuron.w] for neuron in output.neurons]
    terms = [[weights[j][i] * dE_dz[j] for j in range(len(dE_dz))] for i in range(HIDDEN)]
    pairs = [(sum(along), node.grad) for along, node in zip(terms, h, strict=True)]
    page.table(
        ["i", "wᵢ₄ · ∂E/∂z₄", "wᵢ₅ · ∂E/∂z₅", "their sum", "engine ∂E/∂yᵢ"],
        [[i + 1, *(f"{x:.9f}" for x in (*terms[i], *pair))] for i, pair in enumerate(pairs)],
    )
    return pairs


def through_the_hidden_neurons(page, h, dE_dy):
    page.say("The first formula again, one layer further back:")
    dE_dz = [node.data * (1 - node.data) * slope for node, slope in zip(h, dE_dy, strict=True)]
    return show(page, "∂E/∂z{}", [1, 2, 3], dE_dz, [node.operands[0].grad for node in h])


def to_the_weights(page, model, h, dE_dz_hidden, dE_dz):
    page.say("Last to the weights: the slope of each is the activity it carries, times the error at its neuron.")
    page.formula("∂E/∂wᵢⱼ = yᵢ ∂E/∂zⱼ,   in the first layer  xᵢ ∂E/∂zⱼ")
    hidden, output = model.layers
    names, rows, pairs = [], [], []
    sides = (("x", hidden, INPUTS, dE_dz_hidden, 1), ("y", output, [node.data for node in h], dE_dz, HIDDEN + 1))
    for letter, layer, activities, slopes, first in sides:
        for j, neuron in enumerate(layer.neurons):
            for i, w in enumerate(neuron.w):
                names.append(f"{letter}{i + 1} → z{j + first}")
                pairs.append((activities[i] * slopes[j], w.grad))
                rows.append([names[-1], f"{activities[i]:.6f}", *(f"{x:.9f}" for x in (slopes[j], *pairs[-1]))])
    page.table(["weight", "activity", "∂E/∂zⱼ", "their product", "engine ∂E/∂wᵢⱼ"], rows)
    return names, pairs


def show(page, name, places, formula, engine):
    """Show a table of the formula's numbers next to the engine's, and return the pairs."""
    pairs = list(zip(formula, engine, strict=True))
    page.table(
        ["", "formula", "engine"],
        [[name.format("₀₁₂₃₄₅"[place]), f"{a:.9f}", f"{b:.9f}"] for place, (a, b) in zip(places, pairs, strict=True)],
    )
    return pairs


def last_layer(h, output):
    """Return the error as a function of the hidden activities alone: the weights are plain numbers here."""
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
