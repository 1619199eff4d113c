"""Backpropagation: the classical algorithm is the chain rule over the graph.

Books give the algorithm (algoritmo de propagación de errores) as formulas for layers of neurons. The engine knows no layer and
no neuron, just operations. Do the two give the same numbers, for every network?
"""

from math import cosh, exp, log1p, tanh
from random import Random
from typing import Any

from demos.experiments import Try
from demos.page import Page
from nn import MLP, SGD
from nn.losses import squared_error

# An activation f, and its slope f' as a function of z.
ACTIVATIONS = {
    "linear":   (lambda z: z,                  lambda z: 1.0),
    "sigmoid":  (lambda z: 1 / (1 + exp(-z)),  lambda z: exp(-z) / (1 + exp(-z)) ** 2),
    "tanh":     (tanh,                         lambda z: 1 / cosh(z) ** 2),
    "softplus": (lambda z: log1p(exp(z)),      lambda z: 1 / (1 + exp(-z))),
    "relu":     (lambda z: max(z, 0.0),        lambda z: float(z > 0)),
}  # fmt: skip
SHAPE, KINDS = (3, [4, 3, 3, 2]), ["tanh", "softplus", "sigmoid", "linear"]
NETWORKS = 100
RATE, STEPS = 0.1, 200

TRY = Try(
    "Leave out f'(z) for the hidden neurons in `deltas`. Which rows of the table still agree, and does the network still learn?"
)


def main(page: Page) -> dict[str, Any]:
    return one_network(page) | many_networks(page) | training(page)


# ------------------------------------------------------------- the classical algorithm: lists of floats, no engine inside


def forward(weights, kinds, x):
    """Every layer's sums z and activities y; a neuron's weights are a list that ends with its bias."""
    zs, ys = [], [list(x)]
    for layer, kind in zip(weights, kinds, strict=True):
        zs.append([sum(w * y for w, y in zip(neuron, [*ys[-1], 1.0], strict=True)) for neuron in layer])
        ys.append([ACTIVATIONS[kind][0](z) for z in zs[-1]])
    return zs, ys


def deltas(weights, kinds, zs, y, t):
    """δ of every neuron, from the output layer back to the first hidden one."""
    slopes = [[ACTIVATIONS[kind][1](z) for z in layer] for kind, layer in zip(kinds, zs, strict=True)]
    found = [[slope * (yj - tj) for slope, yj, tj in zip(slopes[-1], y, t, strict=True)]]
    for k in reversed(range(len(zs) - 1)):
        back = [sum(d * neuron[j] for d, neuron in zip(found[0], weights[k + 1], strict=True)) for j in range(len(zs[k]))]
        found.insert(0, [slope * error for slope, error in zip(slopes[k], back, strict=True)])
    return found


def update(weights, kinds, x, t):
    """One step, Δw = −η x δ, in place; the result is the error before it."""
    zs, ys = forward(weights, kinds, x)
    for layer, inputs, errors in zip(weights, ys, deltas(weights, kinds, zs, ys[-1], t), strict=False):
        for neuron, delta in zip(layer, errors, strict=True):
            neuron[:] = [w - RATE * delta * xi for w, xi in zip(neuron, [*inputs, 1.0], strict=True)]
    return sum((tj - yj) ** 2 for tj, yj in zip(t, ys[-1], strict=True)) / 2


# --------------------------------------------------------------------------------------------- the same with the engine


def weights_of(model):
    return [[[w.data for w in [*neuron.w, neuron.b]] for neuron in layer.neurons] for layer in model.layers]


def adjoints(model, x, t):
    """∂E/∂z of every neuron, layer by layer, from one backward; and E."""
    y, sums = list(x), []
    for layer in model.layers:
        y = [neuron(y) for neuron in layer.neurons]
        sums.append(
            [node if neuron.activation is None else node.operands[0] for neuron, node in zip(layer.neurons, y, strict=True)]
        )
    error = squared_error(y, t)
    error.label = "E"
    error.backward()
    return [[z.grad for z in layer] for layer in sums], error


def both(model, kinds, x, t):
    """(δ by the formulas, ∂E/∂z by the engine) for every neuron, layer by layer; and E."""
    weights = weights_of(model)
    zs, ys = forward(weights, kinds, x)
    by_engine, error = adjoints(model, x, t)
    by_formula = deltas(weights, kinds, zs, ys[-1], t)
    return [list(zip(*layers, strict=True)) for layers in zip(by_formula, by_engine, strict=True)], error


def difference(a, b):
    """The difference of two numbers, relative to the larger."""
    return abs(a - b) / max(abs(a), abs(b), 1e-300)


# ---------------------------------------------------------------------------------------------------------- the lesson


def one_network(page):
    model = MLP(*SHAPE, activation=KINDS, seed=14)
    pairs, error = both(model, KINDS, (0.5, -1.0, 2.0), (1.0, -1.0))
    page.say(
        """
        δ is short for ∂E/∂z of a neuron: j counts the neurons of layer k, p those of the next one. For any activation f and any
        number of layers:
        """
    )
    page.formula(
        "output neuron:  δⱼᵏ = f′(zⱼᵏ) (yⱼ − tⱼ)\nhidden neuron:  δⱼᵏ = f′(zⱼᵏ) Σₚ δₚᵏ⁺¹ wₚⱼᵏ⁺¹\nevery weight:  Δwᵢⱼᵏ = −η xᵢᵏ δⱼᵏ"
    )
    page.say(
        f"""
        These lines are the functions `deltas` and `update` of this lesson, on lists of floats. Here is a network of four
        layers, with {", ".join(KINDS[:-1])} and {KINDS[-1]} neurons. The engine has run `backward()` on its graph.
        """
    )
    rows = [
        [f"layers[{k}].neurons[{j}]", kind, f"{a:.15f}", f"{b:.15f}", f"{difference(a, b):.0e}" if a != b else "0"]
        for k, (kind, layer) in enumerate(zip(KINDS, pairs, strict=True))
        for j, (a, b) in enumerate(layer)
    ]
    page.table(
        ["neuron", "f", "δ by the formulas", "engine ∂E/∂z", "relative difference"],
        rows,
        "For a network of yours, `compare_with_graph(model, x, t)` of `nn.deltas` prints such a table.",
    )
    page.graph("network", error, "The engine's way back, folded into layers, of which it knows nothing.", fold="layer")
    return {"pairs": [pair for layer in pairs for pair in layer]}


def many_networks(page):
    """Random shapes, activations, weights, inputs and targets."""
    rng = Random(2)
    points, differences = [], []
    for _ in range(NETWORKS):
        nin, nouts = rng.randint(1, 5), [rng.randint(1, 5) for _ in range(rng.randint(1, 6))]
        kinds = [rng.choice(list(ACTIVATIONS)) for _ in nouts]
        x, t = [rng.gauss(0, 1) for _ in range(nin)], [rng.gauss(0, 1) for _ in range(nouts[-1])]
        pairs, _ = both(MLP(nin, nouts, activation=kinds, rng=rng), kinds, x, t)
        points += [pair for layer in pairs for pair in layer]
    differences = [difference(a, b) for a, b in points]
    page.say(
        f"""
        One network may be luck. {NETWORKS} networks, each with one to six layers of one to five neurons, activations, weights,
        inputs and targets drawn at random, have {len(points)} neurons together. The largest relative difference of all is
        {max(differences):.0e}, at a δ whose terms nearly cancel: rounding, and nothing else. Backpropagation is the
        chain rule over the graph.
        """
    )
    page.plot(
        "agreement",
        lambda left, right: paint_agreement(left, right, points, differences),
        f"Every neuron of {NETWORKS} random networks: δ by the formulas against the engine's ∂E/∂z.",
        panels=2,
    )
    return {"neurons": len(points), "worst": max(differences)}


def training(page):
    """Online training twice from the same weights: with the formulas alone, and with the engine alone."""
    rng = Random(3)
    X = [[rng.uniform(-1, 1) for _ in range(3)] for _ in range(5)]
    T = [[x[0] * x[1], max(x)] for x in X]
    model = MLP(*SHAPE, activation=KINDS, seed=5)
    weights, optimizer = weights_of(model), SGD(model.parameters(), lr=RATE)
    curves: tuple[list[float], list[float]] = ([], [])
    for _ in page.progress(range(STEPS), "training"):
        curves[0].append(sum(update(weights, KINDS, x, t) for x, t in zip(X, T, strict=True)))
        total = 0.0
        for x, t in zip(X, T, strict=True):
            optimizer.zero_grad()
            total += adjoints(model, x, t)[1].data
            optimizer.step()
        curves[1].append(total)
    apart = max(
        abs(a - b)
        for one, two in zip(weights, weights_of(model), strict=True)
        for neurons in zip(one, two, strict=True)
        for a, b in zip(*neurons, strict=True)
    )
    page.say(f"And training, {STEPS} times over five examples, online, from the same weights but each with its own gradients:")
    page.table(
        ["epoch", "E with the formulas", "E with the engine"],
        [[epoch + 1, *(f"{curve[epoch]:.12f}" for curve in curves)] for epoch in (0, 1, 9, 99, STEPS - 1)],
        f"After the last epoch the weights differ by {apart:.0e} at most.",
    )
    page.plot("training", lambda axes: paint_training(axes, curves), "Two trainings that share nothing but the mathematics.")
    return {"apart": apart, "curves": curves}


def paint_agreement(left, right, points, differences):
    shown = [(abs(a), abs(b)) for a, b in points if a and b]
    left.loglog(*zip(*shown, strict=True), ".", markersize=5, alpha=0.5)
    left.set(title="The same number", xlabel="|δ| by the formulas", ylabel="|∂E/∂z| by the engine")
    units = [min(d / 2**-52, 10.0) for d in differences]
    right.hist(units, bins=[k / 2 for k in range(21)])
    right.set(title="How far apart (10: or more)", xlabel="relative difference, in units of 2⁻⁵²", ylabel="neurons", yscale="log")


def paint_training(axes, curves):
    axes.semilogy(curves[0], linewidth=5, alpha=0.4, label="formulas")
    axes.semilogy(curves[1], "--", color="#C04F00", linewidth=1.8, label="engine")
    axes.set(xlabel="epoch", ylabel="E")
    axes.legend()
