"""Feed-forward networks: layers of neurons without feedback.

A network (red multicapa) computes layer after layer, from the inputs (entradas) over hidden neurons (neuronas ocultas) to the
outputs (salidas). What does each layer see, how many weights lie between two of them, and what makes a network deep?
"""

from math import prod
from typing import Any

from autograd import Value, quiz, quiz_page
from autograd.ops import sum as total
from demos.experiments import Try
from demos.names import outputs
from demos.page import Page, filled, typeset
from nn import MLP
from nn.plot import network

X = [1.0, -2.0]
SIZES = [[1], [3, 1], [4, 3, 1]]  # the neurons of each layer after the inputs; the last network is looked at in detail

TRY = Try(
    "Give the deep network a third hidden layer of 5 neurons: how many weights and biases has it then? Count first, then run.",
    {"SIZES": [[1], [3, 1], [4, 3, 5, 1]]},
    pictures=("networks",),
)


def main(page: Page) -> dict[str, Any]:
    networks = {name_of(sizes): MLP(len(X), sizes, activation="sigmoid", seed=1) for sizes in SIZES}
    page.say(
        """
        Every neuron takes the outputs of the whole layer before it, weighs and adds them, and puts the sum through its
        activation. With more than one hidden layer the network is called deep.
        """
    )
    prediction(page)
    page.plot("networks", pictures, "Every line is a weight.", panels=len(SIZES), size=(4.2, 3.2))
    counts = {name: count(model) for name, model in networks.items()}
    sizes = SIZES[-1]
    page.table(
        ["network", "sizes", "weights", "biases", "paths from an input to the outputs"],
        [[name, " → ".join(map(str, [len(X), *each])), *counts[name]] for (name, each) in zip(networks, SIZES, strict=False)],
        filled(
            "A path leads through one neuron of every layer, so the numbers multiply: {product} = {paths} in the last network.",
            product=" · ".join(map(str, sizes)),
            paths=prod(sizes),
        ),
    )
    last = networks[name_of(sizes)]
    return {"counts": counts, "changed": one_way(page, last), **flow(page, last)}


def prediction(page):
    """The quiz: where every weight is 1 and nothing else happens, a slope is the number of paths."""
    x = Value(1.0, "x")
    h = [x * 1.0 for _ in range(3)]
    k = [total(h) for _ in range(2)]
    y = total(k)
    for name, layer in (("h", h), ("k", k), ("y", [y])):
        for j, node in enumerate(layer, 1):
            node.label = f"{name}{j}" if len(layer) > 1 else name
    page.play(
        "quiz",
        quiz_page(quiz(y, of=[k[0], h[0], x]), title="Every weight is 1: how many paths lead from k1, from h1 and from x to y?"),
        "Predict first: in a network of linear neurons, all weights 1, what are the slopes of y? They count paths.",
    )


def name_of(sizes):
    """What a network of these sizes is called."""
    hidden = ", ".join(map(str, sizes[:-1]))
    if not hidden:
        return "no hidden layer" if sizes == [1] else filled("no hidden layer, {n} outputs", n=sizes[-1])
    return filled("deep: hidden layers of {hidden}" if len(sizes) > 2 else "one hidden layer of {hidden}", hidden=hidden)


def layers_of(model):
    """The names of the layers after the inputs."""
    return [*[filled("hidden {k}", k=k) for k in range(1, len(model.layers))], "output"]


def count(model):
    """The weights, the biases, and the number of paths from one input to the outputs."""
    weights = sum(len(neuron.w) for layer in model.layers for neuron in layer.neurons)
    sizes = [len(layer.neurons) for layer in model.layers]
    return weights, sum(sizes), prod(sizes)


def forward(model, x):
    """The outputs of every layer, as numbers."""
    found = []
    for layer in model.layers:
        x = outputs(layer, x)
        found.append([y.data for y in x])
    return found


def one_way(page, model):
    """Change one weight in each layer, and see which layers' outputs change."""
    before, changed = forward(model, X), []
    for layer in model.layers:
        w = layer.neurons[0].w[next((i for i, x in enumerate(X) if x), 0)] if layer is model.layers[0] else layer.neurons[0].w[0]
        kept, w.data = w.data, w.data + 1.0
        changed.append([now != then for now, then in zip(forward(model, X), before, strict=True)])
        w.data = kept
    page.say("Without feedback, a change in a layer reaches that layer and those after it, never those before it:")
    names = layers_of(model)
    page.table(
        ["a weight changed in", *[filled("output of {name}", name=name) for name in names]],
        [[name, *["changed" if new else "the same" for new in row]] for name, row in zip(names, changed, strict=True)],
    )
    return changed


def flow(page, model):
    """The last network as a graph, for one example."""
    found = forward(model, X)
    kinds = [*["sigmoid"] * (len(found) - 1), "linear"]
    page.table(
        ["layer", filled("the outputs of its neurons for x = ({x})", x=listed(X, "g"))],
        [["input", listed(X, "g")]]
        + [[f"{name} ({kind})", listed(ys, ".4f")] for name, kind, ys in zip(layers_of(model), kinds, found, strict=True)],
    )
    x: Any = X
    for layer in model.layers:
        x = outputs(layer, x)
    for j, node in enumerate(x, 1):
        node.label = "y" if len(x) == 1 else f"y{j}"
    y = x[0] if len(x) == 1 else total(x)
    y.label = y.label or "sum"
    y.backward()
    page.graph(
        "graph",
        y,
        "The last network as the engine recorded it, a box for each layer: the values go forward, to the right.",
        fold="layer",
    )
    return {"outputs": found}


def listed(numbers, form):
    return ", ".join(typeset(f"{x:{form}}") for x in numbers)


def pictures(*panels):
    for axes, sizes in zip(panels, SIZES, strict=True):
        network([len(X), *sizes], ax=axes)
        axes.set_title(name_of(sizes), loc="center")


def answer(page, usual, changed):
    (before, after), sizes = ([list(found["counts"].values())[-1] for found in (usual, changed)], TRY.changes[0]["SIZES"][-1])
    page.say(
        """
        The network has {weights} weights, {products}, and {biases} biases, one for each neuron after the inputs. Before, it had
        {weights_before} and {biases_before}. The paths from an input to the output were {paths_before} and are now {paths}.
        """,
        weights=after[0],
        products=" + ".join(f"{m} · {n}" for m, n in zip([len(X), *sizes], sizes, strict=False)),
        biases=after[1],
        weights_before=before[0],
        biases_before=before[1],
        paths_before=before[2],
        paths=after[2],
    )
