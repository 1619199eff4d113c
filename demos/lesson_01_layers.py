"""Feed-forward networks: layers of neurons, and nothing flows back.

A network (red multicapa) computes layer after layer, from the inputs (entradas) over hidden neurons (neuronas ocultas) to the
outputs (salidas). What does each layer see, how many weights lie between two of them, and what makes a network deep?
"""

from typing import Any

from demos.experiments import Try
from demos.page import Page
from nn import MLP
from nn.plot import network

X = [1.0, -2.0]
SIZES = {"no hidden layer": [1], "one hidden layer": [3, 1], "two: a deep network": [4, 3, 1]}

TRY = Try(
    "Give the deep network a third hidden layer of 5 neurons: how many weights and biases has it then? Count first, then run."
)


def main(page: Page) -> dict[str, Any]:
    networks = {name: MLP(2, sizes, activation="sigmoid", seed=1) for name, sizes in SIZES.items()}
    page.say(
        """
        Every neuron takes the outputs of the whole layer before it, weighs and adds them, and puts the sum through its
        activation. With more than one hidden layer the network is called deep.
        """
    )
    page.plot("networks", lambda *panels: pictures(panels), "Every line is a weight.", panels=3, size=(4.2, 3.2))
    counts = {name: count(model) for name, model in networks.items()}
    page.table(
        ["network", "sizes", "weights", "biases", "paths from an input to the output"],
        [[name, " → ".join(map(str, [2, *SIZES[name]])), *counts[name]] for name in networks],
        "A path leads through one neuron of every layer, so the numbers multiply: 4 · 3 · 1 = 12 in the deep network.",
    )
    deep = networks["two: a deep network"]
    return {"counts": counts, "changed": one_way(page, deep), **flow(page, deep)}


def count(model):
    """The weights, the biases, and the number of paths from one input to the output."""
    weights = sum(len(neuron.w) for layer in model.layers for neuron in layer.neurons)
    biases = sum(len(layer.neurons) for layer in model.layers)
    paths = 1
    for layer in model.layers:
        paths *= len(layer.neurons)
    return weights, biases, paths


def forward(model, x):
    """The outputs of every layer, as numbers."""
    outputs = []
    for layer in model.layers:
        x = layer(x)
        outputs.append([y.data for y in x] if isinstance(x, list) else [x.data])
    return outputs


def one_way(page, model):
    """Change one weight in each layer, and see which layers' outputs change."""
    before, changed = forward(model, X), []
    for layer in model.layers:
        w = layer.neurons[0].w[0]
        kept, w.data = w.data, w.data + 1.0
        changed.append([now != then for now, then in zip(forward(model, X), before, strict=True)])
        w.data = kept
    page.say("Without feedback, a change in a layer reaches that layer and those after it, never those before it:")
    names = ["hidden 1", "hidden 2", "output"]
    page.table(
        ["a weight changed in", *[f"output of {name}" for name in names]],
        [[name, *["changed" if new else "the same" for new in row]] for name, row in zip(names, changed, strict=True)],
    )
    return changed


def flow(page, model):
    """The deep network as a graph, for one example."""
    outputs = forward(model, X)
    page.table(
        ["layer", "the outputs of its neurons for x = (1, −2)"],
        [["input", "1, −2"]]
        + [
            [name, ", ".join(f"{y:.4f}" for y in ys)]
            for name, ys in zip(["hidden 1 (sigmoid)", "hidden 2 (sigmoid)", "output (linear)"], outputs, strict=True)
        ],
    )
    y = model(X)
    y.label = "y"
    y.backward()
    page.graph(
        "graph",
        y,
        "The deep network as the engine recorded it, a box for each layer: forward to the right, slopes back.",
        fold="layer",
    )
    return {"outputs": outputs}


def pictures(panels):
    for axes, (name, sizes) in zip(panels, SIZES.items(), strict=True):
        network([2, *sizes], ax=axes)
        axes.set_title(name, loc="center")
