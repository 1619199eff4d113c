"""Backpropagation: the classical algorithm is the chain rule over the graph.

Books give the algorithm (algoritmo de propagación de errores) as formulas for layers of neurons. The engine knows no layer and
no neuron, just operations. Do the two give the same numbers, for every network?
"""

from math import cosh, exp, inf, isfinite, log1p, log10, tanh
from random import Random
from typing import Any

from autograd import Value, affine, quiz, quiz_page, sigmoid, square
from autograd.ops import sum as total
from demos.experiments import ConstantError, Try, as_many, known
from demos.names import name_error, subscript
from demos.page import Page, filled, typeset
from nn import MLP, SGD
from nn.losses import squared_error

AGREE = 1e-9  # a larger relative difference is no rounding

# An activation f, and its slope f' as a function of z.
ACTIVATIONS = {
    "linear":   (lambda z: z,                  lambda z: 1.0),
    "sigmoid":  (lambda z: 1 / (1 + exp(-z)),  lambda z: exp(-z) / (1 + exp(-z)) ** 2),
    "tanh":     (tanh,                         lambda z: 1 / cosh(z) ** 2),
    "softplus": (lambda z: log1p(exp(z)),      lambda z: 1 / (1 + exp(-z))),
    "relu":     (lambda z: max(z, 0.0),        lambda z: float(z > 0)),
}  # fmt: skip
LAYERS, KINDS = [4, 3, 3, 2], ["tanh", "softplus", "sigmoid", "linear"]
INPUTS, TARGETS = (0.5, -1.0, 2.0), (1.0, -1.0)
SHAPE = (len(INPUTS), LAYERS)
NETWORKS = 100
RATE, STEPS = 0.1, 200

HIDDEN_SLOPES = True  # False: a mistake, f'(z) is left out for the hidden neurons in `deltas`
SMALL = [2, 2]  # the neurons of each layer of the network whose deltas are drawn

TRY = Try(
    "Leave out f'(z) for the hidden neurons in `deltas`. Which rows of the table still agree, and does the network still learn?",
    {"HIDDEN_SLOPES": False},
    pictures=("training",),
)


def main(page: Page) -> dict[str, Any]:
    as_many(LAYERS=LAYERS, KINDS=KINDS)
    if LAYERS[-1] != len(TARGETS) or min(LAYERS) < 1 or min(SMALL) < 1:
        raise ConstantError(f"LAYERS = {LAYERS}: the last number is that of the targets, {len(TARGETS)}, and each is at least 1")
    known("KINDS", KINDS, ACTIVATIONS)
    return one_network(page) | signal_flow(page) | many_networks(page) | training(page)


# ------------------------------------------------------------- the classical algorithm: lists of floats, no engine inside


def forward(weights, kinds, x):
    """Every layer's sums z and activities y; a neuron's weights are a list that ends with its bias."""
    zs, ys = [], [list(x)]
    for layer, kind in zip(weights, kinds, strict=True):
        zs.append([sum(w * y for w, y in zip(neuron, [*ys[-1], 1.0], strict=True)) for neuron in layer])
        ys.append([ACTIVATIONS[kind][0](z) for z in zs[-1]])
    return zs, ys


def deltas(weights, kinds, zs, y, t, hidden_slopes=HIDDEN_SLOPES):
    """δ of every neuron, from the output layer back to the first hidden one."""
    slopes = [[ACTIVATIONS[kind][1](z) for z in layer] for kind, layer in zip(kinds, zs, strict=True)]
    found = [[slope * (yj - tj) for slope, yj, tj in zip(slopes[-1], y, t, strict=True)]]
    for k in reversed(range(len(zs) - 1)):
        back = [sum(d * neuron[j] for d, neuron in zip(found[0], weights[k + 1], strict=True)) for j in range(len(zs[k]))]
        found.insert(0, [(slope if hidden_slopes else 1.0) * error for slope, error in zip(slopes[k], back, strict=True)])
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
    first = sum(len(layer.neurons) for layer in model.layers[:-1]) + 1
    for j, node in enumerate(y, first):
        node.label = f"y{subscript(j)}"
    error = squared_error(y, t)
    name_error(error)
    error.backward()
    return [[z.grad for z in layer] for layer in sums], error


def both(model, kinds, x, t, hidden_slopes=HIDDEN_SLOPES):
    """(δ by the formulas, ∂E/∂z by the engine) for every neuron, layer by layer; and E."""
    weights = weights_of(model)
    zs, ys = forward(weights, kinds, x)
    by_engine, error = adjoints(model, x, t)
    by_formula = deltas(weights, kinds, zs, ys[-1], t, hidden_slopes)
    return [list(zip(*layers, strict=True)) for layers in zip(by_formula, by_engine, strict=True)], error


def difference(a, b):
    """The difference of two numbers, relative to the larger."""
    return abs(a - b) / max(abs(a), abs(b), 1e-300)


# ---------------------------------------------------------------------------------------------------------- the lesson


def one_network(page):
    model = MLP(*SHAPE, activation=KINDS, seed=14)
    pairs, error = both(model, KINDS, INPUTS, TARGETS)
    page.say(
        """
        δ is short for ∂E/∂z of a neuron: j counts the neurons of layer k, p those of the next one. For any activation f and any
        number of layers:
        """
    )
    page.formula(
        "\\text{output neuron:}   δⱼᵏ = f′(zⱼᵏ) (yⱼ − tⱼ)\n"
        "\\text{hidden neuron:}   δⱼᵏ = f′(zⱼᵏ) Σₚ δₚᵏ⁺¹ wₚⱼᵏ⁺¹\n"
        "\\text{every weight:}   Δwᵢⱼᵏ = −η xᵢᵏ δⱼᵏ"
    )
    prediction(page)
    page.say(
        """
        These lines are the functions `deltas` and `update` of this lesson, on lists of floats. The layers of this network have
        {sizes} neurons, with the activations {kinds}. The engine has run `backward()` on its graph.
        """,
        sizes=", ".join(map(str, LAYERS)),
        kinds=", ".join(KINDS),
    )
    rows = [
        [
            filled("layer {k}, neuron {j}", k=k + 1, j=j + 1),
            kind,
            f"{a:.15f}",
            f"{b:.15f}",
            f"{difference(a, b):.0e}" if a != b else "0",
        ]
        for k, (kind, layer) in enumerate(zip(KINDS, pairs, strict=True))
        for j, (a, b) in enumerate(layer)
    ]
    page.table(
        ["neuron", "f", "δ by the formulas", "engine ∂E/∂z", "relative difference"],
        rows,
        "For a network of yours, `compare_with_graph(model, x, t)` of `nn.deltas` prints such a table.",
    )
    page.graph("network", error, "The engine's graph, folded into layers, of which it knows nothing.", fold="layer", rankdir="BT")
    apart = [filled("layer {k}", k=k) for k, layer in enumerate(pairs, 1) if any(difference(a, b) > AGREE for a, b in layer)]
    if apart:
        page.say("Deltas and graph disagree in: {layers}.", layers=", ".join(apart))
    return {"pairs": [pair for layer in pairs for pair in layer], "apart in": apart}


def prediction(page):
    """The quiz: the deltas of a sigmoid neuron, whose sum is 0, and of the two linear output neurons after it."""
    z1 = Value(0.0, "z1")
    y1 = sigmoid(z1)
    errors = [affine([4.0], [y1], -1.0), affine([-2.0], [y1], -1.0)]  # y − t of a linear neuron, whose target is 1
    squares = [square(error) for error in errors]
    E = total(squares) / 2.0
    y1.label, E.operands[0].label, E.label = "y1", "sum", "E"
    for j, (error, squared) in enumerate(zip(errors, squares, strict=True), 2):
        error.label, squared.label = f"y{j} − t{j}", f"(y{j} − t{j})²"
    page.play(
        "quiz",
        quiz_page(
            quiz(E, of=[*errors, z1]), title="The deltas of two linear output neurons, and of the sigmoid neuron before them"
        ),
        "Predict first: a sigmoid neuron feeds two linear ones, with the weights 4 and −2. Which δ has each, by the formulas?",
    )


def signal_flow(page):
    """A small network with its deltas and the changes of its weights, drawn."""
    model = MLP(2, SMALL, activation="sigmoid", seed=4)
    kinds = [*["sigmoid"] * (len(SMALL) - 1), "linear"]
    weights, x, t = weights_of(model), (1.0, -0.5), [1.0 - j % 2 for j in range(SMALL[-1])]
    zs, ys = forward(weights, kinds, x)
    found = deltas(weights, kinds, zs, ys[-1], t)
    page.plot(
        "flow",
        lambda axes: paint_flow(axes, weights, ys, found, t),
        filled(
            "Signals forward, errors back: y and δ at every neuron of a small network, and on every line the change of its weight, "
            "Δw = −η x δ, with η = {rate:g}. The errors y − t enter at the right.",
            rate=RATE,
        ),
        size=(2.2 + 3.4 * len(SMALL), 1.0 + 1.7 * max(2, *SMALL)),
    )
    return {"flow": found}


def paint_flow(axes, weights, ys, found, t):
    """The neurons layer by layer; beside a line, nearer to the neuron where it ends, the change of its weight."""
    columns = [[(3.4 * k, 1.7 * ((len(layer) - 1) / 2 - i)) for i in range(len(layer))] for k, layer in enumerate(ys)]
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    for k in range(len(weights)):
        for j, head in enumerate(columns[k + 1]):
            for i, tail in enumerate(columns[k]):
                change = -RATE * ys[k][i] * found[k][j]
                colour = "#0072B2" if change >= 0 else "#B04A00"
                axes.plot(
                    *zip(tail, head, strict=True), color=colour, linestyle="-" if change >= 0 else "--", linewidth=1.4, zorder=1
                )
                spot = [a + (0.4 if (i + j) % 2 else 0.66) * (b - a) for a, b in zip(tail, head, strict=True)]
                axes.text(
                    *spot, typeset(f"Δw = {change:+.4f}"), color=colour, ha="center", va="center", fontsize=11, bbox=box, zorder=2
                )
            axes.plot(*head, "o", markersize=26, color="white", markeredgecolor="#555555", zorder=3)
            note = typeset(f"y = {ys[k + 1][j]:.4f}\nδ = {found[k][j]:.4f}")
            axes.annotate(note, head, (0, 21), textcoords="offset points", ha="center", fontsize=11, bbox=box, zorder=4)
            axes.annotate(f"{j + 1}", head, ha="center", va="center", fontsize=12, zorder=4)
    for i, place in enumerate(columns[0]):
        axes.plot(*place, "s", markersize=30, color="white", markeredgecolor="#555555", zorder=3)
        axes.annotate(f"{ys[0][i]:g}".replace("-", "−"), place, ha="center", va="center", fontsize=11, zorder=4)
    for j, (across, up) in enumerate(columns[-1]):
        axes.annotate("", (across + 0.25, up), (across + 1.2, up), arrowprops={"arrowstyle": "-|>", "color": "#222222"})
        axes.annotate(typeset(f"y − t = {ys[-1][j] - t[j]:.4f}"), (across + 1.25, up), va="center", fontsize=11)
    high = max(up for column in columns for _, up in column)
    axes.set(xlim=(-0.5, columns[-1][0][0] + 2.6), ylim=(-high - 0.5, high + 0.9))
    axes.axis("off")


def many_networks(page):
    """Random shapes, activations, weights, inputs and targets."""
    rng = Random(2)
    points, mistaken = [], []  # the pairs of every neuron, and those without f′(z) in the hidden neurons
    for _ in range(NETWORKS):
        nin, nouts = rng.randint(1, 5), [rng.randint(1, 5) for _ in range(rng.randint(1, 6))]
        kinds = [rng.choice(list(ACTIVATIONS)) for _ in nouts]
        x, t = [rng.gauss(0, 1) for _ in range(nin)], [rng.gauss(0, 1) for _ in range(nouts[-1])]
        model = MLP(nin, nouts, activation=kinds, rng=rng)
        points += [pair for layer in both(model, kinds, x, t)[0] for pair in layer]
        mistaken += [pair for layer in both(model, kinds, x, t, hidden_slopes=False)[0] for pair in layer]
    differences = [difference(a, b) for a, b in points]
    wrong = sum(d > AGREE for d in differences)
    page.say(
        """
        One network may be luck. {networks} networks, each with one to six layers of one to five neurons, activations, weights,
        inputs and targets drawn at random, have {n} neurons together. The largest relative difference of all is {largest:.0e}, at
        a δ whose terms nearly cancel: rounding, and nothing else. Backpropagation is the chain rule over the graph.
        """
        if not wrong
        else """
        In {networks} networks, each with one to six layers of one to five neurons, activations, weights, inputs and targets drawn
        at random, there are {n} neurons. Deltas and graph disagree at {wrong} of them; the largest relative difference is
        {largest:.0e}. That is no rounding: one of the two is not the chain rule.
        """,
        networks=NETWORKS,
        n=len(points),
        wrong=wrong,
        largest=max(differences),
    )
    page.plot(
        "agreement",
        lambda axes: paint_agreement(axes, differences, [difference(a, b) for a, b in mistaken]),
        filled(
            "Every neuron of {n} random networks: in how many digits δ and the engine's ∂E/∂z agree, and in how many they would if "
            "f′(z) were forgotten in the hidden neurons.",
            n=NETWORKS,
        ),
        size=(7.2, 3.4),
    )
    return {"neurons": len(points), "worst": max(differences), "wrong": wrong}


def training(page):
    """Online training twice from the same weights: with the formulas alone, and with the engine alone."""
    rng = Random(3)
    X = [[rng.uniform(-1, 1) for _ in INPUTS] for _ in range(5)]
    T = [[max(x) if j % 2 else x[0] * x[1 % len(x)] for j in range(len(TARGETS))] for x in X]
    model = MLP(*SHAPE, activation=KINDS, seed=5)
    weights, optimizer = weights_of(model), SGD(model.parameters(), lr=RATE)
    curves: tuple[list[float], list[float]] = ([], [])
    apart: list[float] = []  # the largest difference of two weights after each epoch
    for _ in page.progress(range(STEPS), "training"):
        try:
            curves[0].append(sum(update(weights, KINDS, x, t) for x, t in zip(X, T, strict=True)))
        except OverflowError:
            curves[0].append(inf)
        if not isfinite(curves[0][-1]):
            curves[0].pop()
            break
        total = 0.0
        for x, t in zip(X, T, strict=True):
            optimizer.zero_grad()
            total += adjoints(model, x, t)[1].data
            optimizer.step()
        curves[1].append(total)
        apart.append(largest_difference(weights, weights_of(model)))
    done, last = len(curves[0]), largest_difference(weights, weights_of(model))
    page.say(
        "And training, {steps} times over five examples, online, from the same weights but each with its own gradients:",
        steps=STEPS,
    )
    page.table(
        ["epoch", "E with the formulas", "E with the engine"],
        [[epoch, *(f"{curve[epoch - 1]:.12g}" for curve in curves)] for epoch in sorted({1, 2, 10, 100, done}) if epoch <= done],
        filled(
            "After the last epoch the weights differ by {apart:.0e} at most.", apart=largest_difference(weights, weights_of(model))
        ),
    )
    if done < STEPS:
        page.say(
            "In epoch {epoch} the numbers of the formulas grow beyond what a float can hold: that training ends.", epoch=done + 1
        )
    if done:
        page.plot(
            "training",
            lambda left, right: paint_training(left, right, curves, apart),
            "Both trainings from the same weights: the errors, and how far apart the weights are.",
            panels=2,
        )
    return {"apart": last, "curves": curves, "done": done}


def largest_difference(weights, others):
    """Of two networks' weights, each a list of layers of neurons."""
    return max(
        abs(a - b)
        for one, two in zip(weights, others, strict=True)
        for neurons in zip(one, two, strict=True)
        for a, b in zip(*neurons, strict=True)
    )


def paint_agreement(axes, differences, mistaken):
    """In how many digits two numbers agree, neuron by neuron; with the mistake beside it."""
    for shift, name, found in ((-0.2, "the formulas above", differences), (0.2, "f′(z) forgotten in hidden neurons", mistaken)):
        digits = [min(16, max(0, int(-log10(d)))) if d else 16 for d in found]
        places = range(17)
        counts = [digits.count(k) for k in places]
        hatch = "" if shift < 0 else "//"
        axes.bar([k + shift for k in places], counts, width=0.4, label=name, hatch=hatch, edgecolor="white")
    axes.set(xlabel="digits in which δ and ∂E/∂z agree", ylabel="neurons", xticks=range(0, 17, 2))
    axes.legend(loc="upper center")


def paint_training(left, right, curves, apart):
    """The error of the formulas as a line, that of the engine as dots on it; and how far apart their weights are."""
    left.semilogy(range(1, len(curves[0]) + 1), curves[0], label="formulas")
    shown = range(0, len(curves[1]), max(1, len(curves[1]) // 20))
    left.semilogy([k + 1 for k in shown], [curves[1][k] for k in shown], "o", color="C1", markersize=6, label="engine")
    left.set(title="The error", xlabel="epoch", ylabel="E")
    left.legend()
    right.semilogy(range(1, len(apart) + 1), [max(d, 1e-17) for d in apart], color="C2")
    right.set(title="The largest difference of two weights", xlabel="epoch", ylim=(1e-17, max(10.0, *apart)))
    right.axhline(2**-52, color="#888888", linewidth=1, linestyle=":")
    right.annotate("the last digit of a float near 1", (0.98, 2**-52), (0, 24), xycoords=("axes fraction", "data"),
                   textcoords="offset points", ha="right", color="#555555")  # fmt: skip


def answer(page, usual, changed):
    (start, end), (_, right) = ((curve[0], curve[-1]) for curve in (changed["curves"][0], usual["curves"][0]))
    page.say(
        """
        Deltas and graph now disagree in: {layers}. The output layer still agrees, since its δ has no hidden slope in it; so do the
        neurons of linear layers, whose slope is 1. In the random networks {wrong} of {n} neurons disagree.
        """,
        layers=", ".join(changed["apart in"]),
        wrong=changed["wrong"],
        n=changed["neurons"],
    )
    broken = changed["done"] < STEPS
    page.say(
        "Training with these deltas breaks off after {done} epochs, since the numbers grow beyond what a float can hold; with the "
        "right ones E comes to {right:.4g}."
        if broken
        else "Training with these deltas takes E from {start:.4g} to {end:.4g}, with the right ones to {right:.4g}.",
        start=start,
        end=end,
        done=changed["done"],
        right=right,
    )
    if not broken and end < start:
        page.say("It still learns, and that is why such a mistake can stay unseen.")
