"""In a minute: an expression, its graph, and the chain rule along every edge.

The engine has computed L = (a·b + c)·f. How does it know what a change of a does to L, and can it show how it knows?
"""

from typing import Any

from autograd import Value, explain, quiz, quiz_page, record, replay, to_html, to_python
from demos.experiments import Try
from demos.page import Page, filled

A: float = 2.0
B: float = -3.0
C: float = 10.0
F: float = -2.0
NUDGE = 0.001

TRY = Try(
    "In the page, or here, make c so large that the sum d is 0. Which of the four slopes vanishes, and why just that one?",
    {"C": 6.0},
)


def main(page: Page) -> dict[str, Any]:
    a, b, c, f = Value(A, "a"), Value(B, "b"), Value(C, "c"), Value(F, "f")
    e = a * b
    d = e + c
    L = d * f
    e.label, d.label, L.label = "e", "d", "L"
    L.backward()
    page.play("quiz", quiz_page(quiz(L, seed=3)), "Predict first: a quiz on this graph, with hints.")
    page.play("graph", to_html(L, title="L = (a·b + c)·f"), "on a separate page", embedded=True)
    page.say(
        """
        Every operation is a node that keeps its local derivatives, one for each edge. Backpropagation multiplies along the edges,
        from L back to the leaves, and adds where paths meet: that is the chain rule. Play it, step by step; then move a slider,
        and everything is computed again.
        """
    )
    slopes = {x.label: (x.data, x.grad, (replay(L, {x: x.data + NUDGE}).data - L.data) / NUDGE) for x in (a, b, c, f)}
    page.table(
        ["", "value", "∂L/∂ by the engine", "measured"],
        [[name, value, slope, f"{measured:.4f}"] for name, (value, slope, measured) in slopes.items()],
        filled("Measured: how much L grows when that number alone grows by {nudge:g}, divided by {nudge:g}.", nudge=NUDGE),
    )
    page.say("What the page plays is the tape: downwards the values, and upwards what flows back.")
    page.listing(str(record(L).table()))
    explanation = explain(L, a)
    page.say("Any slope can be asked for its reasons, `explain(L, a)`:")
    page.listing(str(explanation))
    page.say("And all of it can be written out as a program of plain numbers, `to_python(L)`, equal to the last bit:")
    page.listing(to_python(L))
    return {"slopes": slopes, "by_users": explanation.by_users, "by_paths": explanation.by_paths, "d": d.data}


def answer(page, _usual, changed):
    page.say(
        """
        The sum is now d = {d:g}. The slopes that vanish: {zero}. The local derivative of L = d·f with respect to f is d, and with
        respect to d it is f. So ∂L/∂f vanishes with d; the other three slopes have f as a factor, and d is in none of them.
        """,
        d=changed["d"],
        zero=", ".join(f"∂L/∂{name}" for name, (_, slope, _) in changed["slopes"].items() if slope == 0.0),
    )
