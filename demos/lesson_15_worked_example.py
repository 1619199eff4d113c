"""A worked example: every number of one step of backpropagation, and of ten thousand.

Matt Mazur worked out a network of two inputs, two hidden and two output neurons by hand. Does the engine get his numbers?
"""

from copy import deepcopy
from types import MappingProxyType
from typing import Any

from autograd import Value, affine, quiz, quiz_page, sigmoid, toposort
from demos.experiments import ConstantError, Try, pairs
from demos.names import name_error
from demos.page import Page, filled
from nn import SGD
from nn.losses import squared_error

# Matt Mazur, A Step by Step Backpropagation Example, 2015. His biases b1 and b2 stay what they are.
INPUTS, TARGETS = (0.05, 0.10), (0.01, 0.99)
WEIGHTS = (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)
BIASES = (0.35, 0.60)
RATE = 0.5
STEPS = 10_000
LEARN_BIASES = False

PRINTED = MappingProxyType({  # as he printed them
    "z h1": "0.3775", "y h1": "0.593269992", "y h2": "0.596884378",
    "z o1": "1.105905967", "y o1": "0.75136507", "y o2": "0.772928465",
    "E1": "0.274811083", "E2": "0.023560026", "E": "0.298371109",
    "δ o1": "0.138498562", "∂E/∂y h1": "0.036350306", "∂E/∂w1": "0.000438568", "∂E/∂w5": "0.082167041",
    "w1": "0.149780716", "w2": "0.19956143", "w3": "0.24975114", "w4": "0.29950229",
    "w5": "0.35891648", "w6": "0.408666186", "w7": "0.511301270", "w8": "0.561370121",
})  # fmt: skip

TRY = Try(
    "Let the two biases learn too. How much smaller is the error after 10 000 steps, and after 100?",
    {"LEARN_BIASES": True},
    pictures=("training",),
)


def main(page: Page) -> dict[str, Any]:
    pairs(INPUTS=INPUTS, TARGETS=TARGETS, BIASES=BIASES)
    if len(WEIGHTS) != 8:
        raise ConstantError(f"WEIGHTS has {len(WEIGHTS)} entries; 8 are needed, w1 to w8")
    w = [Value(a, f"w{i}") for i, a in enumerate(WEIGHTS, 1)]
    found = one_step(page, w)
    return found | many_steps(page, found["is_his"])


def network(w, biases=BIASES):
    """The error of the network with these eight weights, and the neurons: h1, h2, o1, o2."""
    h = [sigmoid(affine(w[i : i + 2], INPUTS, biases[0])) for i in (0, 2)]
    o = [sigmoid(affine(w[i : i + 2], h, biases[1])) for i in (4, 6)]
    return squared_error(o, TARGETS), [*h, *o]


def one_step(page, w):
    error, neurons = network(w)
    names = ["h1", "h2", "o1", "o2"]
    for name, y in zip(names, neurons, strict=True):
        y.label, y.operands[0].label = name, f"z {name}"
    name_error(error)
    error.backward()
    before = deepcopy(error)  # the weights are about to change
    slopes = [a.grad for a in w]
    by_hand = formulas(w)
    engine = {"E": error.data}
    for name, y in zip(names, neurons, strict=True):
        engine |= {f"z {name}": y.operands[0].data, f"y {name}": y.data, f"∂E/∂y {name}": y.grad, f"δ {name}": y.operands[0].grad}
    engine |= {f"E{j}": squared_error(y.data, t) for j, (y, t) in enumerate(zip(neurons[2:], TARGETS, strict=True), 1)}
    engine |= {f"∂E/∂{a.label}": a.grad for a in w}
    SGD(w, lr=RATE).step()
    engine |= {a.label: a.data for a in w}
    after = network(w)[0].data
    is_his = all(abs(engine[name] - float(printed)) < 1e-4 for name, printed in PRINTED.items())

    def compare(heading, wanted):
        page.table(
            [heading, "formula", "engine", *["printed by Mazur"] * is_his],
            [[name, f"{by_hand[name]:.12f}", f"{engine[name]:.12f}", *[PRINTED.get(name, "")] * is_his] for name in wanted],
        )

    page.say(
        """
        The inputs are {inputs}, the targets {targets}. The hidden neurons h₁ (weights w₁, w₂) and h₂ (w₃, w₄) have the bias
        {bias1:.2f}, the outputs o₁ (w₅, w₆) and o₂ (w₇, w₈) the bias {bias2:.2f}; all four are sigmoid. First forward:
        """,
        inputs=", ".join(f"{x:.2f}" for x in INPUTS),
        targets=", ".join(f"{t:.2f}" for t in TARGETS),
        bias1=BIASES[0],
        bias2=BIASES[1],
    )
    page.play(
        "quiz",
        quiz_page(
            quiz(before, of=asked_about(before)),
            title="The whole network: a delta, a hidden activity, two weights",
        ),
        "Predict first: work out four slopes of this network by hand, with hints.",
    )
    page.formula(r"z = Σ wᵢxᵢ + b,   y = \frac{1}{1 + e⁻ᶻ},   E = ½ Σ (t − y)²")
    compare("forward", [f"{sort} {name}" for name in names for sort in "zy"] + ["E1", "E2", "E"])
    page.say("Then back: first the outputs, and from their δ those of the hidden neurons, a sum over both outputs:")
    page.formula(
        "\\text{output neuron:}   δ = y(1 − y)(y − t)\n"
        "\\text{hidden neuron:}   δ = y(1 − y) \\frac{∂E}{∂y},   \\frac{∂E}{∂y} = Σ w δ"
    )
    compare("back", ["∂E/∂y o1", "∂E/∂y o2", "δ o1", "δ o2", "∂E/∂y h1", "∂E/∂y h2", "δ h1", "δ h2"])
    page.say("A weight's slope is its input times the δ of its neuron, ∂E/∂w = x δ:")
    compare("slopes", [f"∂E/∂w{i}" for i in range(1, 9)])
    page.say("And the step, w − η ∂E/∂w with η = {rate:g}, all eight at once:", rate=RATE)
    compare("new weights", [f"w{i}" for i in range(1, 9)])
    page.say("With the new weights the error is {after:.8f}; it was {before:.8f}.", after=after, before=error.data)
    if is_his:
        page.say(
            """
            The article prints 0.291027924 here, a misprint from the seventh digit on; its own new weights give {after:.9f}.
            """,
            after=after,
        )
    page.graph(
        "network",
        before,
        "The whole network, before the step: each neuron's z and y, each weight, and what flows back.",
        rankdir="BT",
    )
    return {"engine": engine, "by_hand": by_hand, "slopes": slopes, "after": after, "is_his": is_his}


def asked_about(E):
    """The nodes of the quiz: from the output's side to the input's."""
    return [node for node in toposort(E) if node.label in ("z o1", "h1", "w5", "w1")]


def formulas(weights):
    """The same numbers from the lecture's formulas in plain floats."""
    w = [None, *(a.data for a in weights)]  # counted from 1, as in the text
    n: dict[str, float] = {}
    for name, (i, bias) in {"h1": (1, BIASES[0]), "h2": (3, BIASES[0]), "o1": (5, BIASES[1]), "o2": (7, BIASES[1])}.items():
        one, two = INPUTS if name[0] == "h" else (n["y h1"], n["y h2"])
        n[f"z {name}"] = w[i] * one + w[i + 1] * two + bias
        n[f"y {name}"] = sigmoid(n[f"z {name}"])
    for j, t in enumerate(TARGETS, 1):
        y = n[f"y o{j}"]
        n[f"E{j}"] = (t - y) ** 2 / 2
        n[f"∂E/∂y o{j}"] = y - t
        n[f"δ o{j}"] = y * (1 - y) * (y - t)
    n["E"] = n["E1"] + n["E2"]
    for j in (1, 2):
        y = n[f"y h{j}"]
        n[f"∂E/∂y h{j}"] = w[4 + j] * n["δ o1"] + w[6 + j] * n["δ o2"]
        n[f"δ h{j}"] = y * (1 - y) * n[f"∂E/∂y h{j}"]
    for i in range(1, 9):
        neuron = ("h1", "h2", "o1", "o2")[(i - 1) // 2]
        x = INPUTS[(i - 1) % 2] if i < 5 else n[f"y h{2 - i % 2}"]
        n[f"∂E/∂w{i}"] = x * n[f"δ {neuron}"]
    n |= {f"w{i}": w[i] - RATE * n[f"∂E/∂w{i}"] for i in range(1, 9)}
    return n


def many_steps(page, is_his):
    """From the first step to the last."""
    w, biases = ([Value(a) for a in numbers] for numbers in (WEIGHTS, BIASES))
    optimizer = SGD([*w, *biases] if LEARN_BIASES else w, lr=RATE)
    errors, outputs, rows = [], [], []
    for step in page.progress(range(STEPS + 1), "training"):
        error, neurons = network(w, biases if LEARN_BIASES else BIASES)
        errors.append(error.data)
        outputs.append([y.data for y in neurons[2:]])
        if step in (1, 10, 100, 1000, STEPS):
            rows.append([step, f"{error:.9f}", *(f"{y:.9f}" for y in outputs[-1])])
        if step < STEPS:
            optimizer.zero_grad()
            error.backward()
            optimizer.step()
    page.say(
        "One step changes little. The error and the outputs after more steps; the targets are {targets}:",
        targets=", ".join(f"{t:.2f}" for t in TARGETS),
    )
    as_printed = is_his and not LEARN_BIASES and len(errors) > 9_999 and f"{errors[9_999]:.10f}" == "0.0000351085"
    page.table(
        ["steps", "E", "o₁", "o₂"],
        rows,
        "The article prints E = 0.0000351085, which is our error after 9 999 steps, in the 10 000th pass. It prints the outputs "
        "0.015912196 and 0.984065734, which lie between ours after 10 002 and after 10 003 steps."
        if as_printed
        else "",
    )
    page.plot(
        "training",
        lambda left, right: paint(left, right, errors, outputs),
        "The error and the outputs, step by step; dotted: the targets.",
        panels=2,
    )
    return {"errors": errors, "outputs": outputs[-1]}


def paint(left, right, errors, outputs):
    left.loglog(range(1, len(errors)), errors[1:])
    left.set(title="The error", xlabel="steps", ylabel="E")
    for j, (t, colour) in enumerate(zip(TARGETS, ("C0", "C1"), strict=True)):
        right.semilogx(range(1, len(outputs)), [y[j] for y in outputs[1:]], color=colour)
        right.axhline(t, color=colour, linewidth=1, linestyle=":")
        right.annotate(
            filled("{name}, target {t}", name="o₁o₂"[2 * j : 2 * j + 2], t=t),
            (1.2, t),
            (0, 5 if j == 0 else -14),
            textcoords="offset points",
            color=colour,
        )
    right.set(title="The outputs, and their targets", xlabel="steps", ylabel="y")


def answer(page, usual, changed):
    places = [k for k in (100, 1000, 10_000) if k < len(usual["errors"])]
    page.table(
        ["steps", "E, fixed biases", "E, biases that learn", "the first divided by the second"],
        [
            [k, f"{usual['errors'][k]:.9f}", f"{changed['errors'][k]:.9f}", f"{usual['errors'][k] / changed['errors'][k]:.2f}"]
            for k in places
        ],
    )
    page.say(
        "A bias is a weight whose input is always 1, and its δ is that of its neuron: here two neurons share each, and their δ add."
    )
