"""The two moons: a network bends its boundary between two classes.

A hundred points lie in two interleaved half moons, and no straight line parts them. Can a few neurons find the curve that does?
"""

from math import inf
from typing import Any

from autograd import no_grad
from demos.experiments import Try
from demos.page import Page
from nn import MLP, SGD
from nn import page as film
from nn.data import make_moons
from nn.losses import hinge, l2

STEPS = 100
DECAY = 1e-4

TRY = Try("Give the network one hidden layer of 4 neurons, or none. How far does it get, and what does its boundary look like?")


def main(page: Page) -> dict[str, Any]:
    X, classes = make_moons(n_samples=100, noise=0.1, random_state=1)
    targets = [2 * c - 1 for c in classes]  # −1 and 1
    model = MLP(2, [16, 16, 1], seed=1337)
    parameters = model.parameters()
    page.say(
        f"""
        Two layers of 16 relu neurons and a linear one: {len(parameters)} weights and biases. The network gives each point a score,
        whose sign is the class. The hinge loss asks for more, a margin: only a score beyond 1 on the right side costs nothing.
        A little of every weight's square is added, so that weights stay small.
        """
    )
    page.formula("E = 1/n Σ max(0, 1 − tᵢ yᵢ) + λ Σ w²,   λ = 0.0001")

    optimizer = SGD(parameters, lr=1.0)
    losses, accuracies, rows = [], [], []
    for step in page.progress(range(STEPS + 1), "training"):
        scores = [model(x) for x in X]
        data_loss = hinge(scores, targets)
        loss = data_loss + l2(parameters, DECAY)
        losses.append(loss.data)
        accuracies.append(sum(t * y.data > 0 for t, y in zip(targets, scores, strict=True)) / len(X))
        optimizer.lr = 1.0 - 0.9 * step / STEPS
        if step % 10 == 0:
            rows.append([step, f"{optimizer.lr:.2f}", f"{loss:.4f}", f"{data_loss:.4f}", f"{accuracies[-1]:.0%}"])
        if step < STEPS:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    page.table(
        ["step", "rate η", "loss E", "of it hinge", "accuracy"],
        rows,
        "Gradient descent on all 100 points, with a rate that shrinks.",
    )
    first = accuracies.index(1.0) if 1.0 in accuracies else None
    page.say(f"After {first} steps every point is on its own side." if first else "Not every point is on its own side yet.")
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

    page.play(
        "film",
        film(MLP(2, [8, 8, 1], activation="tanh", seed=1), (X, classes), epochs=60, title="The two moons"),
        "the film of a smaller network's training, with the output of each neuron",
    )

    hardest = min(zip(X, targets, scores, strict=True), key=lambda example: example[1] * example[2].data)
    margin = flow(page, model, *hardest[:2])
    return {"accuracy": accuracies[-1], "loss": losses[-1], "first": first, "margin": margin, "losses": losses}


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
        f"""
        The most difficult point, ({x[0]:.2f}, {x[1]:.2f}), has the score {score:.2f} and should have {target:+d} or beyond. Its
        loss sends adjoints back through every layer; where a relu is closed, nothing passes.
        """
    )
    page.graph("layers", loss, "The gradient's way back, layer by layer.", fold="layer")

    small = MLP(2, [4, 4, 1], seed=14)
    score = small(x)
    score.label = "score"
    score.backward()
    page.graph("neurons", score, "A smaller network, neuron by neuron: the wider an edge, the more flows along it.", fold="neuron")

    neuron = next(neuron for neuron in model.layers[0].neurons if neuron(x) > 0)  # an open one
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
            *zip(*points, strict=True), c=colour, marker=marker, edgecolors="white", linewidths=0.8, s=42, label=f"class {c}"
        )
    axes.set(xlim=(-1.6, 2.6), ylim=(-1.2, 1.8), aspect="equal", xlabel="x₁", ylabel="x₂")
    axes.grid(False)
    axes.legend(loc="upper right")
