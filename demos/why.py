"""Pages on three lines of every engine: why topological order, why +=, why zero_grad; each shows what goes wrong without it.

Such a page goes step by step through the same computation twice, as it should be and with the mistake. All its numbers are
computed by the engine, or from the engine's local derivatives; the last step has what the mistake of `autograd.bugs` gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

from autograd.bugs import LABORATORY
from autograd.errors import MissingExtraError, RenderError
from autograd.page import Page
from autograd.page.document import document
from autograd.show.drawing import draw
from autograd.text.numbers import short
from autograd.value import Value, toposort
from demos.page import filled, marked_up
from nn import SGD

__all__ = ["why_add", "why_order", "why_zero_grad"]

STYLE = """
main { max-width: 52rem; margin: 0 auto; padding: 1.2rem 1rem 2rem; }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 .6rem; }
p { margin: .5rem 0; }
pre { margin: .7rem 0; padding: .6rem .9rem; background: var(--soft); border-radius: .4rem; overflow-x: auto;
  font: .9rem/1.5 ui-monospace, Menlo, "DejaVu Sans Mono", Consolas, monospace; }
figure { margin: .7rem 0; overflow-x: auto; }
figure svg { display: block; background: #fff; }
.transport { gap: .6rem; margin: .8rem 0 .4rem; }
table { width: 100%; font-size: 1rem; margin: .6rem 0; }
th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
th:first-child { text-align: left; }
thead th { color: var(--faint); font-weight: 600; vertical-align: bottom; }
td { font-family: ui-monospace, Menlo, "DejaVu Sans Mono", Consolas, monospace; }
td.apart { color: var(--negative); font-weight: 700; }
td.apart::after { content: " \\2260"; }
#said { min-height: 4.5em; }
@media screen and (prefers-color-scheme: dark) { figure svg { filter: invert(.92) hue-rotate(180deg); background: #fff; } }
"""

SCRIPT = """
const [slider, said, rows] = [byId("step"), byId("said"), byId("rows")];
function show() {
  const step = DATA.steps[slider.value];
  said.replaceChildren(...step.said.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
  rows.replaceChildren(...DATA.names.map((name, i) => {
    const row = document.createElement("tr");
    row.append(Object.assign(document.createElement("th"), { scope: "row", textContent: name }));
    for (const side of ["right", "wrong"]) row.append(Object.assign(document.createElement("td"), { textContent: step[side][i] }));
    if (step.right[i] !== step.wrong[i]) row.lastChild.className = "apart";
    return row;
  }));
  slider.setAttribute("aria-valuetext", step.said[0]);
  byId("back").disabled = slider.value === slider.min;
  byId("on").disabled = slider.value === slider.max;
}
function move(by) { slider.value = Number(slider.value) + by; show(); }
byId("back").addEventListener("click", () => move(-1));
byId("on").addEventListener("click", () => move(1));
slider.addEventListener("input", show);
addEventListener("keydown", (event) => {
  const by = { ArrowRight: 1, ArrowLeft: -1, Home: -DATA.steps.length, End: DATA.steps.length }[event.key];
  if (by === undefined || event.target === slider || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  move(by);
});
show();
"""


class Step(NamedTuple):
    """One moment of both computations: what happens, and the numbers of the right one and of the wrong one."""

    said: Sequence[str]
    right: Sequence[float]
    wrong: Sequence[float]


def why_order() -> Page:
    """A node that passes on its gradient before all of it has arrived."""
    x = Value(2.0, "x")
    u = x + 3.0
    v = u + 2.0
    y = u * v
    _name(u=u, v=v, y=y)
    right, wrong = toposort(y)[::-1], _breadth_first(y)
    steps = [
        Step([filled("In topological order: {a}", a=a), filled("As the walk first meets them: {b}", b=b)], one, other)
        for (a, one), (b, other) in zip(_sweep(right, adds=True), _sweep(wrong, adds=True), strict=True)
    ]
    answer = filled(
        """
        A node may pass its gradient on when all of its users have passed theirs on to it, and not before. u is used by y and by v.
        In topological order, backwards {right}, u comes after both. A walk that visits each node when it first meets it goes
        {wrong}: u passes on {early} before the contribution of v has arrived, and x gets {bad} instead of {good}.
        """,
        right=" → ".join(node.label or "" for node in right),
        wrong=" → ".join(node.label or "" for node in wrong),
        early=short(steps[-1].wrong[0]),
        bad=short(steps[-1].wrong[0]),
        good=short(steps[-1].right[0]),
    )
    program = _program("wrong_order", "u = x + 3\nv = u + 2\ny = u * v")
    heads = ("gradient", "topological order", "first met, first visited")
    return _page("Why topological order?", answer, program, y, heads, [node.label or "" for node in toposort(y)], steps)


def why_add() -> Page:
    """A node with two users, whose second contribution replaces the first."""
    x = Value(2.0, "x")
    a, b = x + 2.0, x + 5.0
    y = a * b
    _name(a=a, b=b, y=y)
    order = toposort(y)[::-1]
    steps = [
        Step([filled("With +=: {a}", a=said), filled("With =: the same number replaces what was there.")], one, other)
        for (said, one), (_, other) in zip(_sweep(order, adds=True), _sweep(order, adds=False), strict=True)
    ]
    answer = filled(
        """
        x acts on y along two paths, through a and through b, and the chain rule adds what comes back along both:
        dy/dx = ∂y/∂a + ∂y/∂b = {first} + {second} = {good}. With = in place of += the last contribution replaces the others, and
        dy/dx is {bad}. Where each node is used once, the two are the same, so that most tests see nothing.
        """,
        first=short(a.grad),
        second=short(b.grad),
        good=short(steps[-1].right[0]),
        bad=short(steps[-1].wrong[0]),
    )
    program = _program("overwrite", "a = x + 2\nb = x + 5\ny = a * b")
    return _page("Why +=?", answer, program, y, ("gradient", "+=", "="), [node.label or "" for node in toposort(y)], steps)


def why_zero_grad(rate: float, steps: int) -> Page:
    """Gradient descent on (w − 3)², with gradients that are reset before each step, and with gradients that are not."""
    right = list(_descent(rate, steps))
    with LABORATORY["forgotten_zero_grad"]:
        wrong = list(_descent(rate, steps))
    told = [_of_descent(k, *pair) for k, pair in enumerate(zip(right, wrong, strict=True), 1)]
    answer = filled(
        """
        backward() adds to the gradients of the leaves, so that several losses can share them. Before the next step they must be
        reset. Here w is to find 3, with E = (w − 3)² and η = {rate:g}. Reset before each step, w is {good} after {n} steps. Never
        reset, each step follows the sum of all slopes so far: w goes as far as {far}, and is {bad} after {n} steps.
        """,
        rate=rate,
        n=steps - 1,
        good=short(right[-1][0]),
        bad=short(wrong[-1][0]),
        far=short(max(w for w, _ in wrong)),
    )
    E = (Value(1.0, "w") - 3.0) ** 2
    _name(E=E, **{"w − 3": E.operands[0]})
    E.backward()
    program = _program("forgotten_zero_grad", "optimizer.zero_grad()\nE = (w - 3) ** 2\nE.backward()\noptimizer.step()")
    return _page("Why zero_grad?", answer, program, E, ("", "reset", "never reset"), ["w", "w.grad"], told)


def _of_descent(k: int, right: tuple[float, float], wrong: tuple[float, float]) -> Step:
    (w, slope), (other, used) = right, wrong
    return Step(
        [
            filled("Step {k}: the slope at w = {w} is {slope}, and so is w.grad.", k=k, w=short(w), slope=short(slope)),
            filled(
                "Never reset: the slope at w = {w} is {slope}, but w.grad has {used}, the sum of all slopes so far.",
                w=short(other),
                slope=short(2.0 * (other - 3.0)),
                used=short(used),
            ),
        ],
        right,
        wrong,
    )


def _program(bug: str, program: str) -> str:
    """The program, and the line of the engine in question as it is and as the mistake has it."""
    entry = LABORATORY[bug]
    mistaken = filled("# the mistake:  {line}", line=entry.now or "(left out)")
    return f"{program}\n\n{entry.was}\n{mistaken}"


def _name(**nodes: Value) -> None:
    for name, node in nodes.items():
        node.label = name


def _breadth_first(root: Value) -> list[Value]:
    """The nodes in the order in which a walk from the root, level by level, first meets them."""
    met = [root]
    for node in met:
        met += [operand for operand in dict.fromkeys(node.operands) if all(operand is not other for other in met)]
    return met


def _sweep(order: Sequence[Value], *, adds: bool) -> Iterator[tuple[str, list[float]]]:
    """What each edge brings, node by node in this order, and the gradients then; those of the right sweep stay in the graph."""
    grads: dict[Value, float] = dict.fromkeys(order, 0.0)
    grads[order[0]] = 1.0
    numbers = toposort(order[0])
    yield filled("{y} has the gradient 1.", y=order[0].label), [grads[node] for node in numbers]
    for node in order:
        for operand, partial in zip(node.operands, node.partials, strict=True):
            contribution = grads[node] * (partial or 0.0)
            grads[operand] = grads[operand] + contribution if adds else contribution
            fields = {"node": node.label, "operand": operand.label, "grad": short(grads[node]), "partial": short(partial or 0.0)}
            said = filled("{node} → {operand}: {grad} · {partial} = {contribution}.", contribution=short(contribution), **fields)
            yield said, [grads[each] for each in numbers]
    if adds:
        for node in order:
            node.grad = grads[node]


def _descent(rate: float, steps: int) -> Iterator[tuple[float, float]]:
    """w before each step, and the gradient that the step follows."""
    w = Value(1.0, "w")
    optimizer = SGD([w], lr=rate)
    for _ in range(steps):
        E = (w - 3.0) ** 2
        optimizer.zero_grad()
        E.backward()
        yield w.data, w.grad
        optimizer.step()


def _page(
    question: str, answer: str, program: str, root: Value, heads: Sequence[str], names: Sequence[str], steps: Sequence[Step]
) -> Page:
    """The page of a question: its answer, the program, the graph, and both computations step by step."""
    try:
        picture = draw(root, legend=False).svg()
    except (RenderError, MissingExtraError):  # no engine here
        picture = ""
    body = f"""<main>
<h1>{escape(question)}</h1>
<p>{marked_up(" ".join(answer.split()))}</p>
<pre tabindex="0" role="group" aria-label="Program">{escape(program)}</pre>
<figure tabindex="0" aria-label="Graph">{picture[picture.find("<svg") :]}</figure>
<div class="transport"><button id="back">←</button>
<input type="range" id="step" min="0" max="{len(steps) - 1}" value="0" style="flex: 1" aria-label="Step">
<button id="on">→</button></div>
<div id="said" aria-live="polite"></div>
<table><thead><tr>{"".join(f'<th scope="col">{escape(head)}</th>' if head else "<td></td>" for head in heads)}</tr></thead>
<tbody id="rows"></tbody></table>
</main>"""
    written: Mapping[str, object] = {
        "names": list(names),
        "steps": [
            {"said": list(said), "right": list(map(short, right)), "wrong": list(map(short, wrong))} for said, right, wrong in steps
        ],
    }
    lines = [" | ".join([name, short(right), short(wrong)]) for name, right, wrong in zip(names, *steps[-1][1:], strict=True)]
    text = "\n".join([" ".join(answer.split()), " | ".join(heads), *lines])
    return Page(document(question, body, style=STYLE, script=SCRIPT, data=written), title=question, text=text)
