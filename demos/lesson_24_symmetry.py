"""Initialisation and symmetry: neurons that start alike stay alike.

Why do weights begin as random numbers, and not all at 0, or all at the same good value? And does it matter how large they are?
"""

from math import nan
from statistics import median
from typing import Any

import nn
from autograd import Value, quiz, quiz_page, square, tanh
from demos.experiments import ConstantError, Try
from demos.page import Page, filled
from nn import MLP, SGD
from nn.init import Uniform
from nn.losses import bce_with_logits
from nn.outputs import flattened
from nn.plot import loss_curves

HIDDEN = 3
EQUAL: float = 0.5  # every weight of the first network
JITTER: float = 0.0  # by how much its weights differ from that
RANDOM = 0.5  # the largest weight of the second network
STEPS, RATE = 300, 1.0
SEED = 1
SCALES = (0.001, 0.01, 0.1, 0.5, 2.0, 8.0, 32.0)  # largest weights of the networks that are compared
SEEDS = 8  # networks for each of them
LEARNT = 0.1  # the error below which exclusive or is learnt
INPUTS = [[float(a), float(b)] for a in (0, 1) for b in (0, 1)]
TARGETS = [int(a != b) for a, b in INPUTS]

TRY = Try(
    "Disturb the equal weights by a hundredth. Then make them all 0. What becomes of the symmetry, and of the error?",
    {"JITTER": 0.01},
    {"EQUAL": 0.0},
    pictures=("weights",),
)


def main(page: Page) -> dict[str, Any]:
    if HIDDEN < 2:
        raise ConstantError(f"HIDDEN = {HIDDEN}: at least two neurons are needed, or there is no symmetry between them")
    if JITTER < 0:
        raise ConstantError(f"JITTER = {JITTER!r}: a number from 0 on is needed")
    predict(page)
    equal = train(Uniform(EQUAL - JITTER, EQUAL + JITTER))
    different = train(Uniform(-RANDOM, RANDOM))
    one = show_symmetry(page, equal, different)
    scales = compare_scales(page) if page.wants("scales") else {}
    return {"equal": in_short(equal), "different": in_short(different), "one": one, "scales": scales}


def predict(page):
    """The quiz: two hidden neurons with the same weights."""
    x = Value(1.0, "x")
    u = [Value(0.0, f"u{j}") for j in (1, 2)]
    a = [Value(0.5, f"a{j}") for j in (1, 2)]
    z = [weight * x for weight in u]
    h = [tanh(node) for node in z]
    terms = [weight * node for weight, node in zip(a, h, strict=True)]
    y = terms[0] + terms[1]
    r = 1.0 - y
    s = square(r)
    E = 0.5 * s
    for j in range(2):
        z[j].label, h[j].label, terms[j].label = f"z{j + 1}", f"h{j + 1}", f"a{j + 1} h{j + 1}"
    y.label, r.label, s.label, E.label = "y", "1 − y", "(1 − y)²", "E"
    page.play(
        "quiz",
        quiz_page(quiz(E, of=[*u, *a]), title="Two hidden neurons with the same weights: h = tanh(u x), y = a1 h1 + a2 h2, t = 1"),
        "Predict first: two hidden neurons have the same weights. Which slopes do u1 and u2 get, and a1 and a2?",
    )


def train(init, seed=SEED):
    """The model, its error at each step, and the weights of its hidden neurons at each step."""
    model = MLP(2, [HIDDEN, 1], activation="tanh", init=init, seed=seed)
    optimizer, errors, weights = SGD(model.parameters(), lr=RATE), [], []
    for _ in range(STEPS):
        weights.append([[w.data for w in neuron.w] for neuron in model.layers[0].neurons])
        loss = bce_with_logits([model(x) for x in INPUTS], TARGETS)
        errors.append(loss.data)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return {"model": model, "errors": errors, "weights": weights}


def apart(weights):
    """The largest difference between the weights of two hidden neurons."""
    return max(max(column) - min(column) for column in zip(*weights, strict=True))


def in_short(run):
    """What the tests and the answer need of a run."""
    return {"errors": run["errors"], "apart": [apart(weights) for weights in run["weights"]], "learnt": run["errors"][-1] < LEARNT}


def show_symmetry(page, equal, different):
    start = MLP(2, [HIDDEN, 1], activation="tanh", init=Uniform(EQUAL - JITTER, EQUAL + JITTER), seed=SEED)
    page.say(
        """
        A network of {n} hidden neurons is to learn exclusive or. First every weight is {equal:g}. The neurons of the hidden layer
        then get the same inputs, give the same outputs, and get back the same δ. So they take the same step, and are the same
        again:
        """
        if not JITTER
        else """
        A network of {n} hidden neurons is to learn exclusive or. First every weight is {equal:g}, give or take {jitter:g}. The
        neurons of the hidden layer then get the same inputs, give almost the same outputs, and get back almost the same δ:
        """,
        n=HIDDEN,
        equal=EQUAL,
        jitter=JITTER,
    )
    page.formula("δⱼ = f′(zⱼ) aⱼ δ,   Δwᵢⱼ = −η xᵢ δⱼ:   \\text{nothing depends on }j")
    page.figure(
        "circles",
        nn.draw(start, [1.0, 0.0], 1.0, style="circles"),
        "The first network at its start, for the input (1, 0) and the target 1: below each neuron its δ.",
    )
    page.table(
        ["step", "equal start: neurons differ by", "error", "random start: neurons differ by", "error"],
        [
            [step, f"{apart(equal['weights'][step]):.3g}", f"{equal['errors'][step]:.4f}",
             f"{apart(different['weights'][step]):.3g}", f"{different['errors'][step]:.4f}"]
            for step in [*[k for k in (0, 1, 10, 50, 100, 200) if k < STEPS - 1], STEPS - 1]
        ],
        "The largest difference between a weight of one hidden neuron and the same weight of another.",
    )  # fmt: skip
    last = apart(equal["weights"][-1])
    page.say(
        """
        After {steps} steps the neurons of the first network still differ by {apart:g}: its {n} hidden neurons are one, {n} times.
        And one neuron does not solve exclusive or (lesson 2): the error is still {error:.4f}. The second network starts from
        random weights up to {random:g}; its neurons become different, and its error is {other:.4f}.
        """
        if last == 0.0
        else """
        After {steps} steps the neurons of the first network differ by {apart:.3g}, and its error is {error:.4f}. A difference that
        was there at the start, however small, can grow. The second network starts from random weights up to {random:g}, and its
        error is {other:.4f}.
        """,
        steps=STEPS - 1,
        apart=last,
        n=HIDDEN,
        error=equal["errors"][-1],
        random=RANDOM,
        other=different["errors"][-1],
    )
    page.plot(
        "weights",
        lambda left, right: lines(left, right, equal, different),
        "The first weight of each hidden neuron, step by step. Left: neurons that start alike are one line.",
        panels=2,
        size=(4.9, 3.6),
    )
    model = different["model"]
    z = model(INPUTS[1])
    z.label = "z"
    model.zero_grad()
    z.backward()
    page.graph(
        "graph", z, "The second network after learning, and its output z for (0, 1): each neuron has its part.", fold="neuron"
    )
    return single(page, equal) if last == 0.0 else {}


def single(page, equal):
    """A network of one hidden neuron, with the weights of all of them together, gives the same outputs."""
    many, one = equal["model"], MLP(2, [1, 1], activation="tanh", seed=SEED)
    hidden, output = many.layers[0].neurons[0], many.layers[1].neurons[0]
    pairs = [*zip(one.layers[0].neurons[0].w, hidden.w, strict=True), (one.layers[0].neurons[0].b, hidden.b),
             (one.layers[1].neurons[0].b, output.b)]  # fmt: skip
    for own, other in pairs:
        own.data = other.data
    one.layers[1].neurons[0].w[0].data = sum(w.data for w in output.w)
    outputs = [(many(x).data, one(x).data) for x in INPUTS]
    page.table(
        ["x", "many equal neurons", "one neuron"],
        [["({:g}, {:g})".format(*x), f"{a:.9f}", f"{b:.9f}"] for x, (a, b) in zip(INPUTS, outputs, strict=True)],
        filled("Outputs z of the first network, and of one with a single hidden neuron, whose output weight is {n} times as large.",
               n=HIDDEN),
    )  # fmt: skip
    return {"outputs": outputs}


def lines(left, right, equal, different):
    for axes, run, title in ((left, equal, "Nearly equal start" if JITTER else "Equal start"), (right, different, "Random start")):
        for j in range(HIDDEN):
            path = [weights[j][0] for weights in run["weights"]]
            axes.plot(path, ("-", "--", ":")[j % 3], linewidth=4.5 - 1.5 * (j % 3), label=filled("neuron {n}", n=j + 1))
        axes.set(
            title=filled("{title}: error {error:.3f}", title=title, error=run["errors"][-1]), xlabel="step", ylabel="first weight"
        )
        axes.margins(y=0.15)
    left.legend(loc="lower right")


def compare_scales(page):
    """How often and how soon exclusive or is learnt, from random weights of each size."""
    found: dict[float, Any] = {}
    for scale in SCALES:
        runs = [train(Uniform(-scale, scale), seed) for seed in range(1, SEEDS + 1)]
        soon = [next((k for k, e in enumerate(run["errors"]) if e < LEARNT), None) for run in runs]
        first = MLP(2, [HIDDEN, 1], activation="tanh", init=Uniform(-scale, scale), seed=SEED)
        slopes = [1 - h.data**2 for x in INPUTS for h in flattened([first.layers[0](x)])]
        done = [step for step in soon if step is not None]
        found[scale] = {"learnt": len(done), "steps": median(done) if done else None, "errors": runs[0]["errors"],
                        "slope": sum(slopes) / len(slopes)}  # fmt: skip
    page.say(
        """
        Random is not enough: how large the weights are matters too. From weights that are nearly 0 the neurons are nearly alike,
        and the slope for each weight, which has another weight as a factor, is nearly 0. With very large weights tanh is flat for
        many inputs: its slope 1 − h² is nearly 0 there. Lesson 21 shows the same in deep networks, and rules for a good size.
        """
    )
    page.table(
        ["weights up to", "mean slope 1 − h²", filled("learnt, of {n}", n=SEEDS), "steps, median"],
        [
            [f"{scale:g}", f"{row['slope']:.3f}", row["learnt"], "–" if row["steps"] is None else f"{row['steps']:g}"]
            for scale, row in found.items()
        ],
        filled("Learnt: the error is below {least:g} within {steps} steps.", least=LEARNT, steps=STEPS),
    )
    most = max(row["learnt"] for row in found.values())
    best = [scale for scale, row in found.items() if row["learnt"] == most]
    page.say(
        "Most often it was learnt from weights up to {best}: {most} times of {all}.",
        best=" or ".join(f"{scale:g}" for scale in best),
        most=most,
        all=SEEDS,
    )
    page.plot(
        "scales",
        lambda left, right: scales(left, right, found),
        "Left: the error of one network for each size of weights. Right: how many of the networks learn.",
        panels=2,
        size=(5.2, 3.8),
    )
    return {scale: (row["learnt"], row["steps"]) for scale, row in found.items()}


def scales(left, right, found):
    chosen = list(found)[:: max(1, (len(found) + 1) // 4)]
    loss_curves({filled("up to {size:g}", size=scale): found[scale]["errors"] for scale in chosen}, ax=left)
    left.set_ylim(1e-5, None)
    left.legend(loc="lower left", ncols=2)
    left.set_title("The error, seed 1")
    places = range(len(found))
    right.bar(places, [row["learnt"] for row in found.values()], color="#0072B2")
    right.set_xticks(list(places), [f"{scale:g}" for scale in found])
    right.set(title=filled("Learnt, of {n}", n=SEEDS), xlabel="weights up to", ylim=(0, SEEDS))
    right.yaxis.get_major_locator().set_params(integer=True)
    right.grid(False, axis="x")


def answer(page, usual, *others):
    names = ["as they were", *[", ".join(f"{name} = {value:g}" for name, value in change.items()) for change in TRY.changes]]
    found = [each["equal"] for each in (usual, *others)]
    page.table(
        ["weights", "neurons differ at first by", "at the end by", "error at the end"],
        [[name, f"{each['apart'][0]:.3g}", f"{each['apart'][-1]:.3g}", f"{each['errors'][-1]:.4f}"]
         for name, each in zip(names, found, strict=True)],
    )  # fmt: skip
    disturbed, zero = found[1:]
    page.say(
        "The small difference has grown {times:.0f} times: the symmetry was there, but not stable."
        if disturbed["apart"][-1] > disturbed["apart"][0] > 0
        else "The small difference has not grown.",
        times=disturbed["apart"][-1] / (disturbed["apart"][0] or nan),
    )
    page.say(
        "From weights that are all 0 nothing is learnt: the outputs of the hidden neurons are 0, and so is what comes back to them."
        if zero["errors"][-1] == zero["errors"][0]
        else "From weights that are all 0 the error has changed from {first:.4f} to {last:.4f}.",
        first=zero["errors"][0],
        last=zero["errors"][-1],
    )
