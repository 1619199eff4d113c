"""Handwritten digits: an engine of scalars learns to read.

1797 digits written by hand, 64 grey pixels each: real data, and nobody can list the pixels that make an 8. Can a network that
computes number by number find out in a minute?
"""

import math
import time
from typing import Any

from autograd import Value, cross_entropy, log, quiz, quiz_page, softmax
from demos.experiments import ConstantError, Try
from demos.page import Page, filled
from nn import MLP, Adam
from nn.data import load_digits, train_test_split
from nn.optim import LinearDecay
from nn.train import confusion, fit, predict

EPOCHS, RATE = 12, 0.02
EXAMPLES: int | None = None  # None: all there are
HIDDEN = 16

TRY = Try(
    "Take 4 hidden neurons. Then learn from a hundred examples only, more often. Which accuracy suffers in each case, and why?",
    {"HIDDEN": 4},
    {"EXAMPLES": 100, "EPOCHS": 60},
    pictures=("learning",),
)


def main(page: Page) -> dict[str, Any]:
    if EXAMPLES is not None and EXAMPLES < 1:
        raise ConstantError(f"EXAMPLES = {EXAMPLES}: at least one is needed, or None for all")
    pictures, digits = load_digits()
    inputs = [[pixel / 16 for pixel in picture] for picture in pictures]
    X, X_test, y, y_test = train_test_split(inputs, digits, test_size=0.25, random_state=1, stratify=digits)
    X, y = X[:EXAMPLES], y[:EXAMPLES]
    model = MLP(64, [HIDDEN, 10], activation="tanh", seed=1)
    page.say(
        """
        {n} of the pictures are for training; {held_out}, a quarter of all, are held out, and the network never learns from them. It
        has 64 inputs, {hidden} hidden tanh neurons and an output z for each digit: {parameters} weights and biases. The largest
        output is the answer; softmax makes probabilities of all ten, and the loss is −log of the probability of the right digit.
        """,
        n=len(X),
        held_out=len(X_test),
        hidden=HIDDEN,
        parameters=len(model.parameters()),
    )
    page.formula(r"E = −\frac{1}{n} Σ log softmax(z)ₜ,   \frac{∂E}{∂zⱼ} = \frac{softmax(z)ⱼ − [j = t]}{n}")
    prediction(page)
    hidden = model.layers[0].neurons
    before = [[w.data for w in neuron.w] for neuron in hidden]
    history = learn(page, model, X, y, (X_test, y_test))
    counts = compare(page, model, X_test, y_test)
    show_the_last_step(page, model, X_test[0], y_test[0])
    wrong = show_answers(page, X_test, y_test, predict(model, X_test))
    changes = [[w.data - old for w, old in zip(n.w, weights, strict=True)] for n, weights in zip(hidden, before, strict=True)]
    page.plot(
        "weights",
        lambda axes: detectors(axes, changes),
        "What each hidden neuron has learnt: how its weights changed. Purple: ink here now excites it more; orange: less.",
        size=(9.0, 1.1 * -(-HIDDEN // 8)),
    )
    accuracy = history.validation_accuracies[-1]
    return {
        "accuracy": accuracy,
        "trained": history.accuracies[-1],
        "confusion": counts,
        "losses": history.losses,
        "passes": EPOCHS * len(X),
        "wrong": wrong,
    }


def prediction(page):
    """The quiz: three classes with the probabilities 0.7, 0.2 and 0.1; the second is right."""
    z = [Value(math.log(p), f"z{k}") for k, p in enumerate((7.0, 2.0, 1.0))]
    p = softmax(z)[1]
    E = -log(p)
    p.label, E.label, E.operands[0].label = "p1", "E", "log p1"
    page.play(
        "quiz",
        quiz_page(quiz(E, of=[p, *z]), title="Three outputs, the second of them right, with the probability 0.2"),
        "Predict first: the probabilities are 0.7, 0.2 and 0.1, and the second answer is right. How is each output pushed?",
    )


def learn(page, model, X, y, held_out):
    """Train the model, show how its loss and accuracy develop, and return the history."""
    start = time.perf_counter()
    history = fit(
        model,
        X,
        y,
        loss="cross_entropy",
        optimizer=Adam(model.parameters(), lr=RATE),
        schedule=LinearDecay(RATE, EPOCHS),
        epochs=EPOCHS,
        batch_size=32,
        validation=held_out,
        seed=1,
    )
    seconds, passes = time.perf_counter() - start, EPOCHS * len(X)
    losses, accuracies = history.validation_losses, history.validation_accuracies
    page.table(
        ["epoch", "rate η", "loss", "right", "loss, held out", "right, held out"],
        [
            [epoch + 1, f"{rate:.4f}", f"{loss:.3f}", f"{right:.1%}", f"{losses[epoch]:.3f}", f"{accuracies[epoch]:.1%}"]
            for epoch, (rate, loss, right) in enumerate(zip(history.rates, history.losses, history.accuracies, strict=True))
        ],
        "In each epoch every example is seen once, 32 in a step.",
    )
    page.say(
        """
        That makes {passes} passes forward and backward in {seconds:.0f} s, number by number: about {speed:.0f} a second. The budget
        of this lesson is a minute, so that it also suits a slower machine. With hours instead of a minute, use more neurons. Of the
        held-out digits {right:.1%} are read correctly; guessing reads 10%.
        """,
        passes=passes,
        seconds=seconds,
        speed=passes / seconds,
        right=accuracies[-1],
    )
    page.plot("learning", lambda left, right: curves(left, right, history), "How the network learns to read.", panels=2)
    return history


def compare(page, model, X_test, y_test):
    """Show which digits are taken for which, and return the counts."""
    table = confusion(model, X_test, y_test)
    rows = [
        [name, *[count or "" for count in row], f"{row[int(name)]}/{sum(row)}"]
        for name, row in zip(table.classes, table.counts, strict=True)
    ]
    page.table(["written", *table.classes, "right"], rows, "Held-out digits: the digit written (row), and the answer (column).")
    return table.counts


def show_the_last_step(page, model, picture, digit):
    logits = [Value(z.data, f"z{k}") for k, z in enumerate(model(picture))]
    loss = cross_entropy(logits, digit)
    loss.label = "E"
    loss.backward()
    page.graph(
        "graph",
        loss,
        filled("The last step for one picture, a {digit}: raise an output, and see which way the loss pushes it.", digit=digit),
    )


def show_answers(page, X_test, y_test, named):
    """Show right and wrong answers, and return how many are wrong."""
    right = [index for index, digit in enumerate(y_test) if named[index] == digit]
    wrong = [index for index, digit in enumerate(y_test) if named[index] != digit]
    chosen = [*right[:10], *wrong[:20]]
    page.plot(
        "answers",
        lambda axes: gallery(axes, [X_test[i] for i in chosen], [(y_test[i], named[i]) for i in chosen]),
        filled(
            "Held out: first {right} that are read correctly, then {shown} of the {wrong} that are not.",
            right=len(right[:10]),
            shown=min(len(wrong), 20),
            wrong=len(wrong),
        ),
        size=(9.6, 1.2 * -(-len(chosen) // 10)),
    )
    return len(wrong)


def curves(left, right, history):
    epochs = range(1, len(history) + 1)
    left.semilogy(epochs, history.losses, marker="o", markersize=4, label="training")
    left.semilogy(epochs, history.validation_losses, marker="s", markersize=4, label="held out")
    left.set(title="Loss", xlabel="epoch")
    left.legend()
    right.plot(epochs, [100 * share for share in history.accuracies], marker="o", markersize=4, label="training")
    right.plot(epochs, [100 * share for share in history.validation_accuracies], marker="s", markersize=4, label="held out")
    right.set(title="Read correctly", xlabel="epoch", ylabel="%")
    right.legend(loc="lower right")


def gallery(axes, pictures, answers):
    """Draw the pictures in rows of ten, each above its digit and, if it is wrong, the answer."""
    for place, (picture, (digit, name)) in enumerate(zip(pictures, answers, strict=True)):
        tile(axes, picture, place % 10, -1.2 * (place // 10), cmap="Greys", vmin=0, vmax=1)
        is_right = digit == name
        text, colour = (
            (f"{digit}", "#333333") if is_right else (filled("{digit}, read as {name}", digit=digit, name=name), "#B04A00")
        )
        column, row = place % 10, place // 10
        axes.text(column + 0.42, -1.2 * row - 0.02, text, ha="center", va="top", fontsize=10, color=colour)
    blank(axes, 10, 1.2 * -(-len(pictures) // 10))


def detectors(axes, neurons):
    limit = max(abs(w) for weights in neurons for w in weights)
    for place, weights in enumerate(neurons):
        tile(axes, weights, place % 8, -0.9 * (place // 8), cmap="PuOr", vmin=-limit, vmax=limit)
    blank(axes, 8, 0.9 * -(-len(neurons) // 8) + 0.1)


def tile(axes, picture, across, up, **colours):
    """Draw one picture of 8 × 8 pixels at its place, with a frame."""
    lines = [picture[start : start + 8] for start in range(0, 64, 8)]
    axes.imshow(lines, extent=(across, across + 0.84, up, up + 0.84), interpolation="nearest", **colours)
    axes.plot([across, across + 0.84, across + 0.84, across, across], [up, up, up + 0.84, up + 0.84, up], c="#bbbbbb", lw=0.8)


def blank(axes, columns, height):
    axes.set(xlim=(-0.05, columns - 0.1), ylim=(0.9 - height, 0.9), aspect="equal")
    axes.axis("off")


def answer(page, usual, few_neurons, few_examples):
    rows = (("the lesson's", usual), ("4 hidden neurons", few_neurons), ("100 examples", few_examples))
    page.table(
        ["", "right, training", "right, held out"],
        [[name, f"{found['trained']:.1%}", f"{found['accuracy']:.1%}"] for name, found in rows],
    )
    page.say(
        """
        With few neurons both accuracies suffer: the network cannot even learn the digits that it sees. With few examples the digits
        that it sees are learnt, and only the held-out ones suffer: it has seen too few ways to write a digit.
        """
        if few_examples["trained"] > few_neurons["trained"] and few_examples["accuracy"] < usual["accuracy"]
        else "The table has both accuracies of each network."
    )
