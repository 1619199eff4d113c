"""Vanishing and exploding gradients: what is left of the error in the first layer.

The error goes back from layer to layer (lesson 13), and each layer multiplies it by a slope and by weights. After many layers, is
there anything left for the first one to learn from, and what decides it?
"""

from math import inf, log10, sqrt
from random import Random
from typing import Any

from autograd import Value, quiz, quiz_page, relu, sigmoid, tanh
from demos.experiments import ConstantError, Try, known
from demos.names import name_error
from demos.page import Page, filled, typeset
from nn import MLP, SGD
from nn.data import make_moons
from nn.init import HeUniform, Uniform, XavierUniform
from nn.losses import mse, squared_error
from nn.plot import loss_curves
from nn.train import health

DEPTH, WIDTH = 10, 8  # hidden layers, and neurons in each
EXAMPLES = 12
ACTIVATIONS = ("sigmoid", "tanh", "relu")
SMALL, LARGE = 0.1, 2.0  # the largest weight of the rules that do not look at the width
VANISHED, EXPLODED = 1e-2, 1e2  # the first layer's delta relative to the last one's
RATES = (0.05, 0.1, 0.2)  # at which relu neurons are trained
STEPS = 60
RULES = {
    filled("up to {size:g}", size=SMALL): Uniform(-SMALL, SMALL),
    "Xavier": XavierUniform(),
    "He": HeUniform(),
    filled("up to {size:g}", size=LARGE): Uniform(-LARGE, LARGE),
}

TRY = Try(
    "Make the network twice as deep, then only three layers deep. Which combinations still reach the first layer?",
    {"DEPTH": 20},
    {"DEPTH": 3},
    pictures=("map",),
)


def main(page: Page) -> dict[str, Any]:
    known("ACTIVATIONS", ACTIVATIONS, ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "softsign", "softplus"))
    if SMALL == LARGE:
        raise ConstantError(f"SMALL = LARGE = {SMALL:g}: two different sizes of weights are needed")
    predict(page)
    measured = {(activation, rule): measure(activation, RULES[rule]) for activation in ACTIVATIONS for rule in RULES}
    compare(page, measured)
    one_network(page)
    dying = dying_relus(page) if page.wants("slopes") else {}
    return {
        "ratios": {case: found["ratio"] for case, found in measured.items()},
        "verdicts": {case: verdict(found["ratio"]) for case, found in measured.items()},
        "deltas": {case: found["deltas"] for case, found in measured.items()},
        "dying": dying,
    }


def predict(page):
    """The quiz: three sigmoid neurons in a row, each where it is steepest."""
    x = Value(0.0, "x")
    h1 = sigmoid(x)
    z2 = h1 - 0.5
    h2 = sigmoid(z2)
    z3 = h2 - 0.5
    y = sigmoid(z3)
    for node, name in ((h1, "h1"), (z2, "z2"), (h2, "h2"), (z3, "z3"), (y, "y")):
        node.label = name
    page.play(
        "quiz",
        quiz_page(quiz(y, of=[z3, z2, x]), title="Three sigmoid neurons in a row, each at z = 0, where it is steepest"),
        "Predict first: the slope of a sigmoid is at most 1/4. What is left of it after three of them in a row?",
    )


# ------------------------------------------------------------------------------- depth, activation, initialisation


def measure(activation, rule):
    """The deltas of each layer, root mean square over neurons and examples, as `health` reports them."""
    rng = Random(1)
    X = [[rng.gauss(0.0, 1.0) for _ in range(WIDTH)] for _ in range(EXAMPLES)]
    model = MLP(WIDTH, [*[WIDTH] * DEPTH, 1], activation=activation, init=rule, seed=1)
    deltas = [layer.delta for layer in health(model, X).layers]
    weights = [w.data for layer in model.layers[:-1] for neuron in layer.neurons for w in neuron.w]
    spread = sqrt(WIDTH * sum(w * w for w in weights) / len(weights))
    return {"deltas": deltas, "ratio": deltas[0] / deltas[-1], "spread": spread}


def verdict(ratio):
    return "stopped" if not ratio else "vanishes" if ratio < VANISHED else "explodes" if ratio > EXPLODED else "arrives"


def compare(page, measured):
    page.say(
        """
        A network of {depth} hidden layers with {width} neurons each. The delta of a neuron is ∂E/∂z; going back, a layer
        multiplies by the slope f′ of its neurons and by weights:
        """,
        depth=DEPTH,
        width=WIDTH,
    )
    page.formula("δᵢ = f′(zᵢ) Σⱼ wᵢⱼ δⱼ\n\\text{factor of a layer of }n ≈ |f′| \\sqrt{n\\text{ var }w}")
    page.table(
        ["activation", "weights", "√(n var w)", "factor of a layer", "δ first / δ last", ""],
        [
            [activation, rule, f"{found['spread']:.2f}", f"{found['ratio'] ** (1 / DEPTH):.3f}", f"{found['ratio']:.1e}",
             verdict(found["ratio"])]
            for (activation, rule), found in measured.items()
        ],
        filled("Measured: sizes of the deltas, root mean square over {n} examples.", n=EXAMPLES),
    )  # fmt: skip
    vanished = [case for case, found in measured.items() if verdict(found["ratio"]) in ("vanishes", "stopped")]
    exploded = [case for case, found in measured.items() if verdict(found["ratio"]) == "explodes"]
    page.say(
        """
        The gradient vanishes (desvanecimiento del gradiente) on its way to the first layer in {vanished} of {all} combinations, and
        explodes in {exploded}. The factor need not be far from 1, since it enters {depth} times. The slope of a sigmoid is never
        above 1/4, so the weights would have to make up for it. The rules of Xavier and He choose var w from n so that the
        factor is near 1, He for relu, which closes about half of its gates, Xavier for tanh.
        """,
        vanished=len(vanished),
        exploded=len(exploded),
        all=len(measured),
        depth=DEPTH,
    )
    page.plot(
        "map",
        lambda axes: chart(axes, measured),
        "The size of the first layer's delta relative to the last one's: purple vanishes, orange explodes.",
        size=(7.4, 1.3 + 0.75 * len(ACTIVATIONS)),
    )
    page.plot(
        "flow",
        lambda axes: flow(axes, measured),
        "Going back, from right to left: on a logarithmic axis each layer's factor is a slope.",
        size=(7.6, 4.0),
    )


def chart(axes, measured):
    """A tile for each combination, with its power of ten."""
    powers = {case: max(-15.0, log10(found["ratio"]) if found["ratio"] else -inf) for case, found in measured.items()}
    lines = [[powers[activation, rule] for rule in RULES] for activation in ACTIVATIONS]
    axes.imshow(lines, cmap="PuOr_r", vmin=-10, vmax=10, aspect="auto", interpolation="nearest")
    for (activation, rule), found in measured.items():
        place = list(RULES).index(rule), ACTIVATIONS.index(activation)
        is_dark = abs(powers[activation, rule]) > 6
        text = typeset(filled("{verdict}\n{ratio:.0e}", ratio=found["ratio"], verdict=verdict(found["ratio"])))
        axes.text(*place, text, ha="center", va="center", fontsize=12, color="white" if is_dark else "#222222")
    axes.set_xticks(range(len(RULES)), list(RULES))
    axes.set_yticks(range(len(ACTIVATIONS)), ACTIVATIONS)
    axes.set(xlabel="weights", title=filled("δ of the first layer / δ of the last, {depth} hidden layers", depth=DEPTH))
    axes.grid(False)
    axes.tick_params(length=0)


def flow(axes, measured):
    first, last = ACTIVATIONS[0], ACTIVATIONS[-1]
    small, _, _, large = RULES
    chosen = dict.fromkeys(
        [(first, "Xavier"), *((each, "Xavier") for each in ACTIVATIONS), (last, "He"), (last, small), (last, large)]
    )
    loss_curves(
        {f"{activation}, {rule}": measured[activation, rule]["deltas"] for activation, rule in chosen},
        xlabel="layer, from the input to the output",
        ylabel="size of δ",
        ax=axes,
    )
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


# ------------------------------------------------------------------------------------------------ one network, seen


def one_network(page):
    """A small network of sigmoids, folded to its layers: the strip above has the size of each layer's gradient."""
    model = MLP(2, [3] * 5 + [1], activation="sigmoid", init="xavier_uniform", seed=3)
    error = squared_error([model([0.5, -1.0])], [1.0])
    name_error(error)
    error.backward()
    sizes = [sqrt(sum(p.grad**2 for p in layer.parameters())) for layer in model.layers]
    page.say(
        """
        The same in one picture, for a smaller network of sigmoid neurons, folded to its layers. The strip has the size of
        each layer's gradient: {first:.1e} in the first layer and {last:.1e} in the last, {times:,.0f} times as much.
        """,
        first=sizes[0],
        last=sizes[-1],
        times=sizes[-1] / sizes[0],
    )
    page.graph(
        "layers",
        error,
        "The strip shows ‖grad‖ of each layer, on a logarithmic scale: going back, it shrinks.",
        fold="layer",
        rankdir="BT",
    )


# ------------------------------------------------------------------------------------------------------ dying relu


def dying_relus(page):
    """Training with larger and larger rates: relus that no example opens any more, and leaky ones, which cannot die."""
    X, classes = make_moons(n_samples=40, noise=0.1, random_state=1)
    targets = [2 * c - 1 for c in classes]
    rows, found = [], {}
    for rate in RATES:
        for activation in ("relu", "leaky_relu"):
            model = MLP(2, [12, 1], activation=activation, init="he_uniform", seed=1)
            optimizer = SGD(model.parameters(), lr=rate)
            for _ in range(STEPS):
                loss = mse([model(x) for x in X], targets)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            dead = len(health(model, X, targets).layers[0].dead)
            rows.append([f"{rate:g}", activation, f"{loss.data:.3f}", dead])
            found[rate, activation] = dead
    page.say(
        """
        There is another way to stop a gradient. Where z is below 0, relu is 0 and so is its slope. A step that is too large can
        move a neuron so far that no example opens it any more: it is dead, since no gradient comes to change it. Here networks
        of 12 hidden neurons learn the two moons:
        """
    )
    page.table(["rate η", "activation", filled("error after {n} steps", n=STEPS), "dead neurons"], rows)
    worst = max(RATES, key=lambda rate: found[rate, "relu"])
    page.say(
        """
        At η = {rate:g} no example opens {dead} of the 12 relu neurons. leaky_relu keeps a small slope below 0, and its gates never
        close. `nn.train.health(model, X, y)` reports dead and saturated neurons, and deltas that vanish or explode, of any network.
        """
        if found[worst, "relu"]
        else "At none of these rates has a relu neuron died. `nn.train.health(model, X, y)` would report it.",
        rate=worst,
        dead=found[worst, "relu"],
    )
    page.plot(
        "slopes",
        lambda axes: slopes(axes),
        "The slopes: a sigmoid passes at most a quarter of what comes, tanh and relu up to all of it, and a closed relu nothing.",
        size=(6.4, 3.2),
    )
    return found


def slopes(axes):
    reach = [-5 + k / 20 for k in range(201)]
    for function, name, style in ((sigmoid, "sigmoid", "-"), (tanh, "tanh", "--"), (relu, "relu", "-.")):
        values = []
        for z in reach:
            node = Value(z)
            function(node).backward()
            values.append(node.grad)
        axes.plot(reach, values, style, label=name)
    axes.axhline(0.25, color="#888888", linewidth=1, linestyle=":")
    axes.set(xlabel="z", ylabel="slope f′(z)", ylim=(-0.05, 1.1), yticks=[0, 0.25, 0.5, 0.75, 1.0])
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def answer(page, usual, *others):
    depths = [DEPTH, *(change["DEPTH"] for change in TRY.changes)]
    found = dict(zip(depths, (usual, *others), strict=True))
    page.table(
        ["activation", "weights", *[filled("{n} layers", n=depth) for depth in sorted(found)]],
        [[*case, *[f"{found[depth]['ratios'][case]:.0e} {found[depth]['verdicts'][case]}" for depth in sorted(found)]]
         for case in usual["ratios"]],
    )  # fmt: skip
    for depth in sorted(found):
        page.say(
            "{depth} layers: the gradient arrives in {n} of {all} combinations.",
            depth=depth,
            n=list(found[depth]["verdicts"].values()).count("arrives"),
            all=len(usual["ratios"]),
        )
