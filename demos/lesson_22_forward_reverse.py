"""Forward or reverse: two directions through one graph, and what each costs.

The chain rule can be followed from the inputs on, or from the output back. Both give the same numbers. Why do networks learn
backwards, and is there anything that is cheaper forwards?
"""

from math import cos, sin
from typing import Any

from autograd import Value, count_passes, dot, grad, hessian, hvp, jacfwd, jacrev, jvp, quiz, quiz_page, tanh, toposort
from autograd import sin as sine
from demos.experiments import ConstantError, Try, pairs
from demos.page import Page, filled
from nn.losses import squared_error

X1: float = 2.0
X2: float = 3.0
SHAPES = [(12, 1), (6, 3), (4, 4), (3, 6), (1, 12)]  # numbers of inputs and outputs
WIDTH = 5  # hidden neurons between them
HIDDEN = (1, 2, 4, 8, 16)  # neurons of the networks whose error is differentiated
INPUTS = [(a, b) for a in (0.0, 1.0) for b in (0.0, 1.0)]
TARGETS = [float(a != b) for a, b in INPUTS]

TRY = Try(
    "Give the function 40 inputs and one output, then one input and 40 outputs. Which direction is cheaper, and how many times?",
    {"SHAPES": [(40, 1)]},
    {"SHAPES": [(1, 40)]},
    pictures=("costs",),
)


def main(page: Page) -> dict[str, Any]:
    pairs(**{filled("shape {n}", n=n): shape for n, shape in enumerate(SHAPES, 1)})
    if min(map(min, SHAPES)) < 1 or min(HIDDEN) < 1:
        raise ConstantError(f"SHAPES = {SHAPES!r}, HIDDEN = {HIDDEN!r}: whole numbers from 1 on are needed")
    predict(page)
    both = one_graph(page)
    shapes = [count(n, m) for n, m in SHAPES]
    show_shapes(page, shapes)
    sizes = learning(page)
    draw_costs(page, shapes, sizes)
    second = second_derivatives(page)
    return {**both, "shapes": shapes, "sizes": sizes, **second}


def predict(page):
    """The quiz: one sweep back, and every slope is known."""
    a, b, c = Value(2.0, "a"), Value(3.0, "b"), Value(4.0, "c")
    d = a * b
    y = d * c
    d.label, y.label = "d", "y"
    page.play(
        "quiz",
        quiz_page(quiz(y, of=[d, a, b, c]), title="y = a b c: one sweep back, three slopes"),
        "Predict first: y = a b c. One sweep back gives the slopes for a, b and c. What are they?",
    )


# ------------------------------------------------------------------------------------------------ the same graph, twice


def parts(x1, x2):
    """All that is computed on the way to y = x₁x₂ + sin x₁, and y."""
    product, wave = x1 * x2, sine(x1)
    return [x1, x2, product, wave, product + wave]


def one_graph(page):
    """Tangents forward, adjoints backward, on every node."""
    nodes = parts(Value(X1, "x1"), Value(X2, "x2"))
    for node, name in zip(nodes[2:], ("x1 x2", "sin x1", "y"), strict=True):
        node.label = name
    nodes[-1].backward()
    (values, first), (_, second) = (jvp(parts, (X1, X2), seed) for seed in ((1.0, 0.0), (0.0, 1.0)))
    page.say(
        """
        Forward mode asks of every node: how much do you change with x₁? It starts with 1 at x₁ and 0 at every other input, and
        carries a tangent along with each value: `jvp`. For x₂ it has to start again. Reverse mode asks of every node: how much does
        y change with you? It starts with 1 at y, and goes back: `backward`.
        """
    )
    page.table(
        ["node", "value", "forward, x₁: ∂node/∂x₁", "forward, x₂: ∂node/∂x₂", "reverse: ∂y/∂node"],
        [
            [node.label, f"{value:.4f}", f"{a:.4f}", f"{b:.4f}", f"{node.grad:.4f}"]
            for node, value, a, b in zip(nodes, values, first, second, strict=True)
        ],
        "Forward columns are filled downwards, the reverse one upwards.",
    )
    page.say(
        """
        The last row of the forward columns is ∂y/∂x₁ = {a:.4f} and ∂y/∂x₂ = {b:.4f}; the first two rows of the reverse column
        are {c:.4f} and {d:.4f}, the same numbers from a single sweep.
        """,
        a=first[-1],
        b=second[-1],
        c=nodes[0].grad,
        d=nodes[1].grad,
    )
    page.graph("graph", nodes[-1], "One sweep back has reached both inputs.")
    return {"forward": (first[-1], second[-1]), "reverse": (nodes[0].grad, nodes[1].grad)}


# --------------------------------------------------------------------------------------------- inputs and outputs counted


def network(n, m):
    """A function of n inputs and m outputs: a layer of tanh neurons, and a linear one, with weights that are plain numbers."""
    inner = [[cos(3 * i + j) for i in range(n)] for j in range(WIDTH)]
    outer = [[sin(5 * i + 2 * j) for i in range(WIDTH)] for j in range(m)]

    def f(x):
        hidden = [tanh(dot(weights, x)) for weights in inner]
        return [dot(weights, hidden) for weights in outer]

    return f


def edges_of(outputs):
    return sum(len(node.operands) for node in toposort(*outputs))


def count(n, m):
    """Passes of both modes for the whole Jacobian, and the edges that they cross."""
    f, x = network(n, m), [0.1 * i for i in range(n)]
    edges = edges_of(f([Value(xi) for xi in x]))
    with count_passes() as passes:
        forward = jacfwd(f)(x)
        reverse = jacrev(f)(x)
    apart = max(abs(a - b) for one, other in zip(forward, reverse, strict=True) for a, b in zip(one, other, strict=True))
    return {"n": n, "m": m, "edges": edges, "forward": passes.forward, "reverse": passes.reverse, "apart": apart}


def cheaper(n, m):
    return "reverse" if m < n else "forward" if n < m else "either"


def show_shapes(page, shapes):
    page.say(
        """
        Each pass crosses an edge at most once. A forward pass gives one column of the Jacobian (how all outputs change with
        one input), a reverse sweep one row (how one output changes with all inputs). Counted, for functions of n inputs and m
        outputs with {width} neurons between them:
        """,
        width=WIDTH,
    )
    page.formula("\\text{forward: }n\\text{ passes of all edges}\n\\text{reverse: }m\\text{ sweeps over all edges}")
    page.table(
        ["n", "m", "edges", "forward passes", "passes × edges", "reverse sweeps", "sweeps × edges", "cheaper"],
        [
            [s["n"], s["m"], s["edges"], s["forward"], s["forward"] * s["edges"], s["reverse"], s["reverse"] * s["edges"],
             cheaper(s["forward"], s["reverse"])]
            for s in shapes
        ],
        filled("The two Jacobians differ by at most {apart:.0e}.", apart=max(s["apart"] for s in shapes)),
    )  # fmt: skip


def error(v):
    """The error of a network on exclusive or, as a function of its weights alone: four for each hidden neuron."""
    neurons = [v[place : place + 4] for place in range(0, len(v), 4)]
    outputs = [sum(d * tanh(a * x1 + b * x2 + c) for a, b, c, d in neurons) for x1, x2 in INPUTS]
    return squared_error(outputs, TARGETS)


def weights_of(hidden):
    return [cos(k) for k in range(4 * hidden)]


def learning(page):
    """The gradient of one error: as many forward passes as there are weights, or a single sweep."""
    sizes = []
    for hidden in HIDDEN:
        v = weights_of(hidden)
        nodes = [Value(w) for w in v]
        graph = toposort(error(nodes))
        with count_passes() as passes:
            forward, reverse = jacfwd(error)(v), grad(error)(v)
        apart = max(abs(a - b) for a, b in zip(forward, reverse, strict=True))
        edges = sum(len(node.operands) for node in graph)
        sizes.append({"weights": len(v), "nodes": len(graph), "edges": edges, "forward": passes.forward,
                      "reverse": passes.reverse, "apart": apart})  # fmt: skip
    last = sizes[-1]
    page.say(
        """
        Learning is the extreme case: one error, and as many inputs as there are weights. That is why networks learn backwards. For
        the error of a network on exclusive or:
        """
    )
    page.table(
        ["weights", "edges", "forward passes", "passes × edges", "reverse sweeps", "sweeps × edges", "nodes kept"],
        [
            [s["weights"], s["edges"], s["forward"], s["forward"] * s["edges"], s["reverse"], s["reverse"] * s["edges"], s["nodes"]]
            for s in sizes
        ],
    )
    page.say(
        """
        With {weights} weights the forward way takes {times} times as many passes. The price of going back is memory: the sweep
        needs the local derivatives of every edge, so all {nodes} nodes are kept until it is over. A forward pass keeps nothing that
        it has passed.
        """,
        weights=last["weights"],
        times=last["forward"] // last["reverse"],
        nodes=last["nodes"],
    )
    return sizes


def draw_costs(page, shapes, sizes):
    page.plot(
        "costs",
        lambda left, right: costs(left, right, shapes, sizes),
        "The cost, passes × edges. Left: the whole Jacobian, for n inputs → m outputs. Right: the gradient of one error.",
        panels=2,
        size=(5.2, 3.8),
    )


def costs(left, right, shapes, sizes):
    places = range(len(shapes))
    left.barh([p + 0.2 for p in places], [s["forward"] * s["edges"] for s in shapes], 0.38, label="forward", color="#E69F00")
    left.barh([p - 0.2 for p in places], [s["reverse"] * s["edges"] for s in shapes], 0.38, label="reverse", color="#0072B2")
    left.set_yticks(list(places), [f"{s['n']} → {s['m']}" for s in shapes])
    left.set(title="A Jacobian: count the smaller side", xlabel="passes × edges")
    left.invert_yaxis()
    left.grid(False, axis="y")
    left.legend()
    across = [s["weights"] for s in sizes]
    right.loglog(across, [s["forward"] * s["edges"] for s in sizes], "-o", label="forward", color="#E69F00")
    right.loglog(across, [s["reverse"] * s["edges"] for s in sizes], "-s", label="reverse", color="#0072B2")
    right.set(title="A gradient: one sweep", xlabel="weights", ylabel="passes × edges")
    right.set_xticks(across, list(map(str, across)), minor=False)
    right.set_xticks([], minor=True)
    right.legend()


def second_derivatives(page):
    """Both directions together: curvature along one direction, without the whole Hessian."""
    v = weights_of(HIDDEN[0])
    direction = [1.0, *[0.0] * (len(v) - 1)]
    with count_passes() as product:
        (along,) = hvp(error, (v,), (direction,))
    with count_passes() as whole:
        H = hessian(error)(v)
    page.say(
        """
        The two can be combined: a forward pass through a reverse sweep gives the curvature along one direction, `hvp`, in {f}
        forward and {r} reverse. The whole Hessian of these {n} weights takes {wf} forward and {wr} reverse; its first row
        differs by {apart:.0e}.
        """,
        f=product.forward,
        r=product.reverse,
        wf=whole.forward,
        wr=whole.reverse,
        n=len(v),
        apart=max(abs(a - b) for a, b in zip(along, H[0], strict=True)),
    )
    return {"hvp": (product.forward, product.reverse), "hessian": (whole.forward, whole.reverse)}


def answer(page, usual, *others):
    found = [shape for each in (usual, *others) for shape in each["shapes"]]
    page.table(
        ["n → m", "forward passes", "reverse sweeps", "cheaper", "times"],
        [
            [f"{s['n']} → {s['m']}", s["forward"], s["reverse"], cheaper(s["forward"], s["reverse"]),
             f"{max(s['forward'], s['reverse']) / min(s['forward'], s['reverse']):g}"]
            for s in found
        ],
    )  # fmt: skip
    page.say("What counts is the smaller of n and m: forward mode costs n passes, reverse mode m.")
