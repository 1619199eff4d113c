"""The two moons: a network bends its boundary between two classes.

Points lie in two interleaved half moons, and no straight line separates them. Can a few neurons find the curve that does?
"""

from math import inf
from typing import Any

from autograd import Value, affine, no_grad, quiz, quiz_page, relu
from demos.experiments import ConstantError, Try
from demos.page import Page, filled
from nn import MLP, SGD
from nn import page as film
from nn.data import make_moons
from nn.losses import hinge, l2

HIDDEN: list[int] = [16, 16]  # neurons of the hidden layers; [] for none
POINTS, NOISE = 100, 0.1
STEPS, RATE = 100, 1.0
DECAY = 1e-4

TRY = Try(
    "Give the network one hidden layer of 4 neurons, or none. How far does it get, and what does its boundary look like?",
    {"HIDDEN": [4]},
    {"HIDDEN": []},
    pictures=("boundary",),
)


def main(page: Page) -> dict[str, Any]:
    if min(HIDDEN, default=1) < 1:
        raise ConstantError(f"HIDDEN = {HIDDEN}: every hidden layer has at least one neuron")
    X, classes = make_moons(n_samples=POINTS, noise=NOISE, random_state=1)
    targets = [2 * c - 1 for c in classes]  # −1 and 1
    model = MLP(2, [*HIDDEN, 1], seed=1337)
    parameters = model.parameters()
    page.say(
        "The hidden layers have these numbers of relu neurons: {hidden}. With a linear output that makes {n} weights and biases."
        if HIDDEN
        else "There is no hidden layer, only a linear output: {n} weights and biases.",
        hidden=", ".join(map(str, HIDDEN)),
        n=len(parameters),
    )
    page.say(
        """
        The network gives each point a score, whose sign is the class. The hinge loss asks for more, a margin: only a score beyond 1
        on the right side costs nothing. A little of the square of every weight is added, so that weights stay small.
        """
    )
    page.formula(r"E = \frac{1}{n} Σ max(0, 1 − tᵢ yᵢ) + λ Σ w²,   λ = {decay:g}", decay=DECAY)

    prediction(page)
    optimizer = SGD(parameters, lr=RATE)
    losses, accuracies, rows = [], [], []
    for step in page.progress(range(STEPS + 1), "training"):
        scores = [model(x) for x in X]
        data_loss = hinge(scores, targets)
        loss = data_loss + l2(parameters, DECAY)
        losses.append(loss.data)
        accuracies.append(sum(t * y.data > 0 for t, y in zip(targets, scores, strict=True)) / len(X))
        optimizer.lr = RATE * (1.0 - 0.9 * step / STEPS)
        if step % 10 == 0:
            rows.append([step, f"{optimizer.lr:.2f}", f"{loss:.4f}", f"{data_loss:.4f}", f"{accuracies[-1]:.0%}"])
        if step < STEPS:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    page.table(
        ["step", "rate η", "loss E", "its hinge part", "accuracy"],
        rows,
        filled("Gradient descent on all {n} points, with a rate that shrinks.", n=POINTS),
    )
    first = accuracies.index(1.0) if 1.0 in accuracies else None
    page.say(
        "After {steps} steps every point is classified correctly for the first time. At the end {accuracy:.0%} are."
        if first is not None
        else "Not every point is classified correctly: at the end {accuracy:.0%} are.",
        steps=first,
        accuracy=accuracies[-1],
    )
    page.plot(
        "training",
        lambda left, right: curves(left, right, losses, accuracies),
        "Loss and accuracy, step by step.",
        panels=2,
        size=(5.5, 3.5),
    )
    page.plot(
        "boundary", lambda axes: boundary(axes, model, X, classes), "The learnt boundary. Dashed: the margins.", size=(7.5, 5.0)
    )

    if page.wants("film"):
        page.play(
            "film",
            film(MLP(2, [8, 8, 1], activation="tanh", seed=1), (X, classes), epochs=60, title="The two moons"),
            "the film of a smaller network's training, with the output of each neuron",
        )
    page.say(
        """
        The film shows how a network finds new features (características) of the points. Point at a neuron of the first layer: its
        output is one side of a line. A neuron of the second layer adds such lines up to a bent shape. Nobody told the neurons
        which lines to draw; each found its own, since that made the error smaller. "Train it here" starts the network from other
        weights: do its neurons find the same lines?
        """
    )

    hardest = min(zip(X, targets, scores, strict=True), key=lambda example: example[1] * example[2].data)
    margin = flow(page, model, *hardest[:2])
    return {"accuracy": accuracies[-1], "loss": losses[-1], "first": first, "margin": margin, "losses": losses}


def prediction(page):
    """The quiz: a point of class 1 with too small a score; one of the two hidden neurons is closed."""
    x = Value(1.0, "x1")
    z = [-2.0 * x, 3.0 * x]
    h = [relu(node) for node in z]
    y = affine([2.0, 0.1], h, 0.0)
    missing = 1.0 - y
    E = relu(missing)
    y.label, missing.label, E.label = "y", "1 − y", "E"
    for j, (logit, node) in enumerate(zip(z, h, strict=True), 1):
        logit.label, node.label = f"z{j}", f"h{j}"
    page.play(
        "quiz",
        quiz_page(quiz(E, of=[y, *z, x]), title="The hinge loss of one point, and two relu neurons"),
        "Predict first: a point has the score 0.3 and t = 1. What passes back through each of two relu neurons?",
    )


def flow(page, model, x, target):
    """The flow back from one point's loss, through the network and through one neuron."""
    model.zero_grad()
    score = model(x)
    score.label, margin = "score", score.data * target
    loss = hinge(score, target)
    node = loss
    for name in ("E", "max(0, 1 - ty)", "1 - ty", "ty"):  # from the loss back to the score
        node.label, (node,) = name, node.operands
    loss.backward()
    page.say(
        """
        The most difficult point, ({x1:.2f}, {x2:.2f}), has the score {score:.2f} and should have {target:+d} or beyond. Its loss
        sends adjoints back through every layer; where a relu is closed, nothing passes.
        """,
        x1=x[0],
        x2=x[1],
        score=score.data,
        target=target,
    )
    page.graph("layers", loss, "The path of the gradient, layer by layer.", fold="layer", rankdir="BT")

    small = MLP(2, [4, 4, 1], seed=14)
    score = small(x)
    score.label = "score"
    score.backward()
    page.graph("neurons", score, "A smaller network, neuron by neuron: the wider an edge, the more flows along it.", fold="neuron")

    if not HIDDEN:
        return margin
    neurons = model.layers[0].neurons
    neuron = next((neuron for neuron in neurons if neuron(x) > 0), neurons[0])  # an open one, if there is one
    activity = neuron(x)
    for node, name in zip([*neuron.w, neuron.b, activity.operands[0], activity], ["w1", "w2", "b", "z", "y"], strict=True):
        node.label = name
    neuron.zero_grad()
    activity.backward()
    page.graph("neuron", activity, "Inside one neuron: the logit z = w·x + b, and then relu.")
    return margin


def curves(left, right, losses, accuracies):
    left.semilogy(losses)
    left.set(title="Loss", xlabel="step")
    right.plot([100 * accuracy for accuracy in accuracies], color="C2")
    right.set(title="Accuracy", xlabel="step", ylabel="%")


def boundary(axes, model, X, classes):
    across, up = [-1.6 + 0.05 * i for i in range(85)], [-1.2 + 0.05 * i for i in range(61)]
    with no_grad():
        scores = [[model([a, b]).data for a in across] for b in up]
    axes.contourf(across, up, scores, levels=[-inf, -1, 0, 1, inf], colors=["#f4cf86", "#fbeccb", "#dcecf6", "#a9cfe8"])
    axes.contour(across, up, scores, levels=[-1, 0, 1], colors="#444444", linewidths=[1, 2, 1], linestyles=["--", "-", "--"])
    for c, (colour, marker) in enumerate([("#B56A00", "o"), ("#0072B2", "s")]):
        points = [x for x, actual in zip(X, classes, strict=True) if actual == c]
        axes.scatter(
            [x[0] for x in points],
            [x[1] for x in points],
            c=colour,
            marker=marker,
            edgecolors="white",
            linewidths=0.8,
            s=42,
            label=filled("class {c}", c=c),
        )
    axes.set(xlim=(-1.6, 2.6), ylim=(-1.2, 1.8), aspect="equal", xlabel="x₁", ylabel="x₂")
    axes.grid(False)
    axes.legend(loc="upper right")


def answer(page, usual, *others):
    names = [HIDDEN, *[change["HIDDEN"] for change in TRY.changes]]
    page.table(
        ["hidden layers", "accuracy", "loss E"],
        [
            [", ".join(map(str, hidden)) or "none", f"{found['accuracy']:.0%}", f"{found['loss']:.4f}"]
            for hidden, found in zip(names, (usual, *others), strict=True)
        ],
    )
    page.say(
        """
        Without a hidden layer the boundary is a straight line, and no line separates the moons. With relu neurons in one hidden
        layer the boundary is made of straight pieces, with a bend for each neuron that takes part.
        """
    )
