"""Hidden neurons: an error depends on one of them along several paths.

Nobody sets a target for a hidden neuron (neurona oculta). Can we still compute how the error changes when its activity does?
"""

from itertools import product
from math import prod
from typing import Any

from autograd import Value, quiz, quiz_page, toposort
from demos.experiments import Try, pairs
from demos.names import name_error
from demos.page import Page, filled, typeset
from nn import MLP
from nn.losses import squared_error

INPUTS = (1.0, -0.5)
TARGETS = (1.0, 0.0)
NUDGE = 1e-6
WEIGHT: float | None = None  # from h₁ to k₁; None: as it was drawn
NEURONS, LAYERS = 4, 8  # of the networks whose paths are counted

TRY = Try(
    "Set the weight from h₁ to k₁ to 0. Which rows of the first table become 0, and does h₁ still matter?",
    {"WEIGHT": 0.0},
    pictures=("paths",),
)


def main(page: Page) -> dict[str, Any]:
    pairs(TARGETS=TARGETS)
    h, k, y, w_hk, w_ky, error = network()
    error.backward()
    page.say(
        """
        The inputs are {x}. Two layers of two hidden neurons, h and k, and two outputs y follow, all of them sigmoid. Nobody says
        what h and k should do: to learn their weights is to learn new features (características) of the inputs. The activity of
        h₁ reaches the error E through k₁ or k₂, and from there through y₁ or y₂: four paths. Along a path the chain rule
        multiplies, and where paths join it adds:
        """,
        x=", ".join(f"{x:g}" for x in INPUTS),
    )
    page.formula(r"\frac{∂E}{∂h₁} = Σ_{\text{paths}} w · k(1 − k) · w′ · y(1 − y) · −(t − y)")

    prediction(page)
    rows, contributions = [], {}
    for a, b in product(range(2), range(2)):
        factors = [w_hk[a], k[a].data * (1 - k[a].data), w_ky[b][a], y[b].data * (1 - y[b].data), -(TARGETS[b] - y[b].data)]
        stops = ("h₁", f"k{'₁₂'[a]}", f"y{'₁₂'[b]}", "E")
        contributions[stops] = prod(factors)
        rows.append([" → ".join(stops), *(f"{factor:.4f}" for factor in factors), f"{contributions[stops]:.8f}"])
    by_paths = sum(contributions.values())
    page.table(["path", "w", "k(1 − k)", "w′", "y(1 − y)", "−(t − y)", "product"], rows)

    up, down = (network(nudge)[-1].data for nudge in (NUDGE, -NUDGE))
    measured = (up - down) / (2 * NUDGE)
    page.table(
        ["∂E/∂h₁", ""],
        [
            ["the sum over the paths", f"{by_paths:.12f}"],
            ["the engine's number", f"{h[0].grad:.12f}"],
            [filled("measured: h₁ more, or less, by {nudge:g}", nudge=NUDGE), f"{measured:.8f}"],
        ],
    )
    page.plot(
        "paths",
        lambda axes: paint_paths(axes, contributions),
        "The four paths from h₁ to the error; the wider, the more.",
        size=(7.2, 3.6),
    )
    page.graph(
        "network",
        error,
        "What flows back through the whole network: the sweep crosses each edge once.",
        fold="neuron",
        rankdir="BT",
    )

    nudges = [step / 40 - h[0].data for step in range(41)]  # from an activity of 0 to one of 1
    curve = [network(nudge)[-1].data for nudge in nudges]
    page.plot(
        "nudge",
        lambda axes: paint_nudge(axes, h[0], error, nudges, curve),
        "How the error changes when the activity of h₁ does: the slope at the dot is ∂E/∂h₁.",
    )
    return {
        "paths": {" → ".join(stops): value for stops, value in contributions.items()},
        "by_paths": by_paths,
        "engine": h[0].grad,
        "measured": measured,
    } | deeper(page)


def prediction(page):
    """The quiz: four paths from h to E, with whole numbers on the edges."""
    h = Value(1.0, "h")
    k1, k2 = 2.0 * h, -h
    y1, y2 = 3.0 * k1 + k2, 4.0 * k2 - k1
    E = y1 + 2.0 * y2
    parts = ((k1, "k1"), (k2, "k2"), (y1, "y1"), (y2, "y2"), (E, "E"), (y1.operands[0], "3 k1"), (y2.operands[0], "4 k2"))
    for node, name in (*parts, (E.operands[1], "2 y2")):
        node.label = name
    page.play(
        "quiz",
        quiz_page(quiz(E, of=[y2, k1, k2, h]), title="Four paths lead from h to E: multiply along each, add where they join"),
        "Predict first: four paths from h to E, with whole numbers on their edges. What is ∂E/∂h?",
    )


def network(nudge=0.0):
    """The same network every time, with the activity of h₁ changed by a nudge: h, k, y, the weights between them, and E."""
    model = MLP(len(INPUTS), [2, 2, 2], activation=["sigmoid"] * 3, seed=3)
    for w in model.parameters():
        w.data *= 4  # so that the error bends
    if WEIGHT is not None:
        model.layers[1].neurons[0].w[0].data = WEIGHT
    h = model.layers[0](INPUTS)
    k = model.layers[1]([h[0] + nudge, h[1]] if nudge else h)
    y = model.layers[2](k)
    error = squared_error(y, TARGETS)
    for name, layer in (("h", h), ("k", k), ("y", y)):
        for i, node in enumerate(layer, 1):
            node.label, node.operands[0].label = f"{name}{i}", f"z {name}{i}"
    name_error(error)
    w_hk = [neuron.w[0].data for neuron in model.layers[1].neurons]  # from h₁ to each k
    w_ky = [[w.data for w in neuron.w] for neuron in model.layers[2].neurons]
    return h, k, y, w_hk, w_ky, error


def deeper(page):
    """Paths multiply with every layer; edges only add up."""
    counts = []
    for layers in range(1, LAYERS + 1):
        x = Value(1.0)
        y = MLP(1, [NEURONS] * layers + [1], activation="sigmoid", seed=1)([x])
        counts.append((layers, paths(x, y), sum(len(node.operands) for node in toposort(y))))
    page.say(
        """
        Adding up path by path would not do for long: each further layer of {n} neurons has {n} times as many. The engine goes
        over every edge once, because it adds at each node what comes back along all its edges before it goes on. That is the
        whole trick of backpropagation.
        """,
        n=NEURONS,
    )
    page.table([filled("hidden layers of {n}", n=NEURONS), "paths from input to output", "edges, each gone over once"], counts)
    return {"counts": counts}


def paths(x, y):
    """The number of paths from x to y: the same sweep as backward, with every local derivative 1."""
    found = dict.fromkeys(toposort(y), 0) | {y: 1}
    for node in reversed(toposort(y)):
        for operand in node.operands:
            found[operand] += found[node]
    return found[x]


def paint_paths(axes, contributions):
    places = {"h₁": (0, 0.5), "k₁": (1, 1), "k₂": (1, 0), "y₁": (2, 1), "y₂": (2, 0), "E": (3, 0.5)}
    largest = max(map(abs, contributions.values())) or 1.0
    for index, (stops, value) in enumerate(contributions.items()):
        shift = 0.035 * (index - 1.5)
        axes.plot(
            [places[stop][0] for stop in stops],
            [places[stop][1] + shift for stop in stops],
            linewidth=1 + 6 * abs(value) / largest,
            solid_joinstyle="round",
            alpha=0.85,
            label=typeset(f"{' → '.join(stops)}   {value:+.6f}"),
        )
    for name, place in places.items():
        axes.plot(*place, "o", markersize=30, color="white", markeredgecolor="#555555", zorder=3)
        axes.annotate(name, place, ha="center", va="center", fontsize=13, zorder=4)
    axes.set(xlim=(-0.3, 3.3), ylim=(-0.25, 1.25))
    axes.axis("off")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def paint_nudge(axes, h, error, nudges, curve):
    activities = [h.data + nudge for nudge in nudges]
    axes.plot(activities, curve, label="the error, computed again")
    axes.plot(
        activities, [error.data + h.grad * nudge for nudge in nudges], "--", linewidth=1.5, label="slope: the engine's ∂E/∂h₁"
    )
    axes.plot(h.data, error.data, "o", color="C3", markersize=7, zorder=3)
    axes.set(xlabel="activity of h₁", ylabel="E")
    axes.legend()


def answer(page, usual, changed):
    zero = [path for path, value in changed["paths"].items() if value == 0.0]
    page.say("These rows become 0: {zero}.", zero=", ".join(zero) or "none")
    page.say(
        "h₁ still matters, along the other paths: ∂E/∂h₁ was {before:.6f} and is now {after:.6f}."
        if changed["engine"]
        else "h₁ does not matter any more: ∂E/∂h₁ was {before:.6f} and is now {after:.6f}.",
        before=usual["engine"],
        after=changed["engine"],
    )
