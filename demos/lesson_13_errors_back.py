"""Errors propagated: each layer's errors come from those of the next.

The error's slope towards the output is known at once. How does it get from there to the hidden neurons, and to every weight?
"""

from itertools import pairwise
from typing import Any

from autograd import Value, affine, quiz, quiz_page, sigmoid, to_html
from demos.experiments import ConstantError, Try
from demos.names import name_error, outputs, subscript
from demos.page import Page, filled, typeset
from nn import MLP
from nn.losses import squared_error

INPUTS = (0.5, -1.0)
TARGETS = (1.0, 0.0)
HIDDEN = 3
MET = 0  # the first output neurons whose target is made equal to their output

TRY = Try(
    "Make the target of the first output neuron equal to its output. Which numbers of the tables become 0, and which only change?",
    {"MET": 1},
    pictures=("errors",),
)


def main(page: Page) -> dict[str, Any]:
    if not 0 <= MET <= len(TARGETS):
        raise ConstantError(f"MET = {MET}: a number of output neurons is needed, from 0 to {len(TARGETS)}")
    model = MLP(len(INPUTS), [HIDDEN, len(TARGETS)], activation=["sigmoid", "sigmoid"], seed=7)
    hidden, output = model.layers
    h = outputs(hidden, INPUTS)
    y = outputs(output, h)
    targets = [node.data if j < MET else t for j, (node, t) in enumerate(zip(y, TARGETS, strict=True))]
    error = squared_error(y, targets)
    for j, node in enumerate([*h, *y], 1):
        node.label, node.operands[0].label = f"y{j}", f"z{j}"
    name_error(error)
    error.backward()
    page.say(
        """
        The inputs are {x}. The hidden neurons have the numbers {hidden}, and the output neurons {outputs}, with the targets
        {targets}; all of them are sigmoid. Three formulas carry the error back. In every table the formula's number, in plain
        floats, is next to the engine's.
        """,
        x=", ".join(f"{x:g}" for x in INPUTS),
        hidden=", ".join(map(str, hidden_places())),
        outputs=", ".join(map(str, output_places())),
        targets=", ".join(f"{t:.4g}" for t in targets),
    )
    prediction(page)
    pairs: dict[str, Any] = {}
    pairs["output z"] = through_the_outputs(page, y, targets)
    pairs["hidden y"] = to_the_hidden_activities(page, output, h, formulas(pairs["output z"]))
    pairs["hidden z"] = through_the_hidden_neurons(page, h, formulas(pairs["hidden y"]))
    pairs["weights"] = to_the_weights(page, model, h, formulas(pairs["hidden z"]), formulas(pairs["output z"]))
    page.plot(
        "errors",
        lambda axes: paint(axes, model, h, y, pairs),
        filled(
            "The errors on their way back (orange): from every output neuron to hidden neuron 1, where they add up, and on to the "
            "inputs. Thin lines: the way forward. A dashed arrow carries nothing."
        ),
        size=(9.6, 1.6 + 1.5 * max(len(TARGETS), len(INPUTS))),
    )
    page.graph("network", error, "The same in the engine's graph, neuron by neuron.", fold="neuron")
    last = last_layer(h, output, targets)
    page.play(
        "outputs",
        to_html(last, title="The last layer"),
        "The last layer: what each of the hidden activities gets back is a sum over the output neurons.",
    )
    return {"pairs": pairs, "error": error.data}


def prediction(page):
    """The quiz: a hidden neuron that feeds two output neurons, both with the output 0.5 and targets 1 and 0."""
    y1 = Value(1.0, "y1")
    z = [affine([2.0], [y1], -2.0), affine([-1.0], [y1], 1.0)]
    y = [sigmoid(node) for node in z]
    for j, (logit, node) in enumerate(zip(z, y, strict=True), 4):
        logit.label, node.label = f"z{j}", f"y{j}"
    E = affine([-0.5, 0.5], y, 0.25)  # the tangent of the error at these outputs: its slopes are y − t
    E.label = "E"
    page.play(
        "quiz",
        quiz_page(quiz(E, of=[*z, y1]), title="Two outputs of 0.5, with the slopes −0.5 and 0.5: what comes back to y1?"),
        "Predict first: a hidden neuron y₁ feeds two output neurons, with the weights 2 and −1. What comes back to it?",
    )


def hidden_places():
    return range(1, HIDDEN + 1)


def output_places():
    return range(HIDDEN + 1, HIDDEN + 1 + len(TARGETS))


def formulas(pairs):
    """The formula's number of each pair of formula and engine."""
    return [by_hand for by_hand, _ in pairs]


def through_the_outputs(page, y, targets):
    page.say("First through the logistic function of each output neuron, from its activity to its sum:")
    page.formula(r"\frac{∂E}{∂zⱼ} = yⱼ(1 − yⱼ) \frac{∂E}{∂yⱼ},   \text{and for the outputs }\frac{∂E}{∂yⱼ} = −(tⱼ − yⱼ)")
    dE_dz = [-(t - node.data) * node.data * (1 - node.data) for t, node in zip(targets, y, strict=True)]
    return show(page, "∂E/∂z", output_places(), dE_dz, [node.operands[0].grad for node in y])


def to_the_hidden_activities(page, output, h, dE_dz):
    page.say(
        """
        Then to the activity of a hidden neuron. It feeds every output neuron, so its derivative is a sum over all of them: the sum
        over the paths.
        """
    )
    page.formula(r"\frac{∂E}{∂yᵢ} = Σⱼ wᵢⱼ \frac{∂E}{∂zⱼ}")
    weights = [[w.data for w in neuron.w] for neuron in output.neurons]
    terms = [[weights[j][i] * dE_dz[j] for j in range(len(dE_dz))] for i in range(HIDDEN)]
    pairs = [(sum(along), node.grad) for along, node in zip(terms, h, strict=True)]
    page.table(
        ["i", *[f"wᵢ{subscript(j)} · ∂E/∂z{subscript(j)}" for j in output_places()], "their sum", "engine ∂E/∂yᵢ"],
        [[i + 1, *(f"{x:.9f}" for x in (*terms[i], *pair))] for i, pair in enumerate(pairs)],
    )
    return pairs


def through_the_hidden_neurons(page, h, dE_dy):
    page.say("The first formula again, one layer further back:")
    dE_dz = [node.data * (1 - node.data) * slope for node, slope in zip(h, dE_dy, strict=True)]
    return show(page, "∂E/∂z", hidden_places(), dE_dz, [node.operands[0].grad for node in h])


def to_the_weights(page, model, h, dE_dz_hidden, dE_dz):
    page.say("Last to the weights: the derivative for a weight is the activity at its input times ∂E/∂z at its output.")
    page.formula(r"\frac{∂E}{∂wᵢⱼ} = yᵢ \frac{∂E}{∂zⱼ},   \text{in the first layer }xᵢ \frac{∂E}{∂zⱼ}")
    hidden, output = model.layers
    rows, pairs = [], []
    sides = (("x", hidden, INPUTS, dE_dz_hidden, 1), ("y", output, [node.data for node in h], dE_dz, HIDDEN + 1))
    for letter, layer, activities, slopes, first in sides:
        for j, neuron in enumerate(layer.neurons):
            for i, w in enumerate(neuron.w):
                pairs.append((activities[i] * slopes[j], w.grad))
                name = f"{letter}{i + 1} → z{j + first}"
                rows.append([name, f"{activities[i]:.6f}", *(f"{x:.9f}" for x in (slopes[j], *pairs[-1]))])
    page.table(["weight", "activity", "∂E/∂zⱼ", "their product", "engine ∂E/∂wᵢⱼ"], rows)
    return pairs


def show(page, name, places, formula, engine):
    """Show a table of the formula's numbers next to the engine's, and return the pairs."""
    pairs = list(zip(formula, engine, strict=True))
    page.table(
        ["", "formula", "engine"],
        [[name + subscript(place), f"{a:.9f}", f"{b:.9f}"] for place, (a, b) in zip(places, pairs, strict=True)],
    )
    return pairs


def last_layer(h, output, targets):
    """Return the error as a function of the hidden activities alone: the weights are plain numbers here."""
    activities = [Value(node.data, node.label) for node in h]
    y = []
    for j, neuron in enumerate(output.neurons, HIDDEN + 1):
        z = affine([w.data for w in neuron.w], activities, neuron.b.data)
        y.append(sigmoid(z))
        z.label, y[-1].label = f"z{j}", f"y{j}"
    error = squared_error(y, targets)
    name_error(error)
    error.backward()
    return error


# ------------------------------------------------------------------------------------- the lecture's drawing: x → h → y, and back


def paint(axes, model, h, y, pairs):
    """The way forward as thin lines; backwards, as arrows, what each carries to hidden neuron 1 and from it to the inputs."""
    hidden, output = model.layers
    columns = [column(0.0, len(INPUTS)), column(3.2, HIDDEN), column(7.2, len(TARGETS))]
    for tails, heads in pairwise(columns):
        for tail in tails:
            for head in heads:
                axes.plot(*zip(tail, head, strict=True), color="#C8CED6", linewidth=1, zorder=1)
    dE_dz, here = formulas(pairs["output z"]), columns[1][0]
    for place, w, slope, (x, up) in zip(output_places(), (n.w[0].data for n in output.neurons), dE_dz, columns[2], strict=False):
        term = filled("w₁{j} ∂E/∂z{j} = {number:.4f}", j=subscript(place), number=w * slope)
        back(axes, (x, up), here, term, w * slope)
    for place, node, slope, (x, up) in zip(output_places(), y, dE_dz, columns[2], strict=True):
        note = filled("∂E/∂y{j} = {dy:.4f}\n∂E/∂z{j} = {dz:.4f}", j=subscript(place), dy=node.grad + 0.0, dz=slope + 0.0)
        axes.annotate(typeset(note), (x, up), (24, 0), textcoords="offset points", va="center", fontsize=11)
    dz = formulas(pairs["hidden z"])[0]
    for i, (w, (x, up)) in enumerate(zip(hidden.neurons[0].w, columns[0], strict=True)):
        back(axes, here, (x, up), filled("∂E/∂w{i}₁ = {number:.4f}", i=subscript(i + 1), number=w.grad + 0.0), w.grad)
    total = filled("∂E/∂y₁ = {dy:.4f} (the sum)\n∂E/∂z₁ = {dz:.4f}", dy=h[0].grad + 0.0, dz=dz + 0.0)
    axes.annotate(typeset(total), here, (0, 24), textcoords="offset points", ha="center", fontsize=11)
    names = [
        [f"x{subscript(i + 1)}" for i in range(len(INPUTS))],
        *[[f"y{subscript(j)}" for j in js] for js in (hidden_places(), output_places())],
    ]
    for places, labels in zip(columns, names, strict=True):
        for place, name in zip(places, labels, strict=True):
            axes.plot(*place, "o", markersize=30, color="white", markeredgecolor="#555555", zorder=3)
            axes.annotate(name, place, ha="center", va="center", fontsize=12, zorder=4)
    top = max(len(INPUTS), HIDDEN, len(TARGETS)) / 2
    axes.set(xlim=(-0.5, 9.4), ylim=(-top - 0.1, top + 0.35))
    axes.axis("off")


def column(across, n):
    return [(across, (n - 1) / 2 - i) for i in range(n)]


def back(axes, start, end, text, number):
    """An arrow of the error, with what it carries beside it."""
    colour, line = ("#B04A00", "-") if number else ("#888888", "--")
    arrow = {"arrowstyle": "-|>", "color": colour, "linestyle": line, "linewidth": 1.8, "shrinkA": 17, "shrinkB": 17}
    axes.annotate("", end, start, arrowprops=arrow, zorder=2)
    middle = [0.45 * a + 0.55 * b for a, b in zip(start, end, strict=True)]
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    axes.annotate(typeset(text), middle, ha="center", va="center", fontsize=11, color=colour, bbox=box, zorder=3)


def answer(page, usual, changed):
    place = HIDDEN + 1
    before, after = (found["pairs"] for found in (usual, changed))
    same = [i for i, (old, new) in enumerate(zip(before["output z"], after["output z"], strict=True)) if old == new]
    page.say(
        """
        ∂E/∂z{j} was {before:.6f} and is {after:.6f}. So is every product that contains it: its column in the second table, and the
        slopes of the weights that end at neuron {place}. The other output neurons keep theirs: {same}. What only changes are
        the sums of the hidden neurons, for example ∂E/∂y₁, from {sum_before:.6f} to {sum_after:.6f}, and the slopes behind them.
        """,
        j=subscript(place),
        place=place,
        before=before["output z"][0][0],
        after=abs(after["output z"][0][0]),
        same=", ".join(f"∂E/∂z{subscript(HIDDEN + 1 + i)}" for i in same) or "none",
        sum_before=before["hidden y"][0][0],
        sum_after=after["hidden y"][0][0],
    )
