"""The bug laboratory: one line is wrong, and nothing complains.

An engine with a mistake still runs, and its networks still learn a little. What does a mistake look like, and which test sees it?
"""

from itertools import pairwise
from typing import Any

from autograd import Value, quiz, quiz_page, square, to_text
from autograd.bugs import LABORATORY
from autograd.examiner import examine
from demos.experiments import Try, known
from demos.page import Page, filled
from demos.why import why_add, why_order, why_zero_grad
from nn import SGD

HANDFUL = ("overwrite", "set_of_operands", "wrong_order", "stale_interior", "tanh_tail")
STEPS = 30
RATE = 0.1

TRY = Try(
    "Is a smaller learning rate a cure for gradients that are never reset? Take η = 0.01, and 100 steps.",
    {"RATE": 0.01, "STEPS": 100},
    pictures=("zero_grad",),
)


def main(page: Page) -> dict[str, Any]:
    known("HANDFUL", HANDFUL, LABORATORY)
    prediction(page)
    shown = a_handful(page)
    three_questions(page)
    blind = tests_that_see_nothing(page)
    paths = a_forgotten_zero_grad(page)
    return {"shown": shown, "blind": blind, **paths, **(the_examiner(page) if page.wants("examiner") else {})}


def prediction(page):
    """The quiz: a node with two users, whose contributions are added."""
    x = Value(3.0, "x")
    y = x * 5.0 + square(x)
    y.label, y.operands[0].label, y.operands[1].label = "y", "5 x", "x²"
    page.play(
        "quiz",
        quiz_page(quiz(y, of=[x]), title="y = 5x + x²: what comes back to x, which is used twice?"),
        "Predict first: x is used twice. What is dy/dx, and what would it be if the last contribution replaced the first?",
    )


def a_handful(page):
    """The smallest program for each of a few bugs, with its two results and two graphs."""
    page.say(
        """
        The laboratory knows {n} classic mistakes. Each can be switched on in the engine itself, alone, for the length of a with
        block, and the graphs below were made like that. Cards that differ are filled. Each arrow shows the correct contribution for
        the gradient at its head. A card whose outgoing arrows do not add up to its gradient is where to look first.
        """,
        n=len(LABORATORY),
    )
    shown = {}
    for name in HANDFUL:
        bug = LABORATORY[name]
        answers = bug.demonstrate()
        page.say("The bug {name}: {title}. {story}", name=name, title=bug.title, story=bug.story)
        page.listing(bug.program)
        page.table(
            ["", "the line", bug.asked],
            [["right", bug.was, written(answers.right)], ["wrong", bug.now or "(left out)", written(answers.wrong)]],
        )
        caption = filled(
            "{asked} is {wrong} instead of {right}.", asked=bug.asked, wrong=written(answers.wrong), right=written(answers.right)
        )
        if page.wants(name):
            page.figure(name, bug.picture(), caption)
        shown[name] = (answers.right, answers.wrong)
    names = variables(LABORATORY["overwrite"].program)
    for part in names["y"].operands:
        part.label = to_text(part, names)
    page.graph("graph", names["y"], "The program of the bug overwrite, without the bug: both contributions arrive.", names=names)
    return shown


def three_questions(page):
    """A page for each of the questions that are asked most."""
    page.say("Three lines of every engine make the reader ask why. Each page goes through a small program with and without them:")
    page.play("why_topological_order", why_order(), "Why topological order? Nodes that pass on their gradient too early.")
    page.play("why_add", why_add(), "Why +=? Contributions that are replaced.")
    page.play("why_zero_grad", why_zero_grad(RATE, STEPS), "Why zero_grad? Steps that follow old slopes.")


def blind_tests():
    """A first test for some bugs: the bug, a program, and what it asks."""
    return (
        ("overwrite", "x = Value(3.0)\ny = x * 5.0 + 2.0\ny.backward()", "x.grad"),
        ("wrong_order", "x = Value(3.0)\ny = x * 2.0 + x * 5.0\ny.backward()", "x.grad"),
        ("product_swapped", "x = Value(3.0)\ny = x * x\ny.backward()", "x.grad"),
        ("quotient_numerator", "x = Value(4.0)\ny = 1.0 / x\ny.backward()", "x.grad"),
        ("swapped_pow", "x = Value(4.0)\ny = 2.0 ** x", "y.data"),
        ("sub_sign", "x = Value(1.0)\ny = (x - 3.0) ** 2\ny.backward()", "x.grad"),
    )


def tests_that_see_nothing(page):
    """A first test for some bugs, and that it passes all the same."""
    page.say("Why did nobody notice? Because the first test that comes to mind gives the same number with the bug as without:")
    rows, blind = [], {}
    for name, program, asked in blind_tests():
        bug = LABORATORY[name]
        right = result(program, asked)
        with bug:
            wrong = result(program, asked)
        blind[name] = (right, wrong)
        rows.append([name, ", ".join(program.splitlines()[:2]), asked, written(right), written(wrong)])
    page.table(["bug", "a test that sees nothing", "asked", "right", "with the bug"], rows)
    page.say(
        """
        So a test wants numbers that are all different, nodes on both sides, a node with two users, and one path that is
        longer than another.
        """
    )
    return blind


def variables(program):
    names = {"Value": Value}
    exec(program, names)
    return names


def result(program, asked):
    return eval(asked, variables(program))


def a_forgotten_zero_grad(page):
    """Gradient descent on (w − 3)², with gradients reset before each step and without."""
    bug = LABORATORY["forgotten_zero_grad"]
    right = descent()
    with bug:
        wrong = descent()
    page.say(
        """
        {story} Here w is to find 3, starting at 1, with E = (w − 3)² and η = {rate:g}. Without zero_grad the step is along the sum
        of all gradients so far, as if on a slope without friction.
        """,
        story=bug.story,
        rate=RATE,
    )
    page.table(
        ["step", "w", "w, never reset"],
        [[k, f"{right[k]:.4g}", f"{wrong[k]:.4g}"] for k in [*[k for k in (0, 1, 2, 3, 5, 8, 10, 20, 50) if k < STEPS], STEPS]],
    )
    crossed = sum((a < 3) != (b < 3) for a, b in pairwise(wrong))
    page.say(
        "It passes 3 in {n} of {steps} steps and does not stay there: it goes from {low:.3g} to {high:.3g}."
        if crossed
        else "In {steps} steps it has not come to 3 yet: it goes from {low:.3g} to {high:.3g}.",
        n=crossed,
        steps=STEPS,
        low=min(wrong),
        high=max(wrong),
    )

    def paint(axes):
        axes.plot(right, marker="o", markersize=3.5, label="zero_grad before each backward")
        axes.plot(wrong, marker="o", markersize=3.5, label="forgotten")
        axes.axhline(3.0, color="#888888", linewidth=1, linestyle=":")
        axes.set(title="The weight that is to find 3", xlabel="step", ylabel="w", ylim=(0.5, max(6.0, 1.2 * max(wrong))))
        axes.legend(loc="upper left", ncols=2)

    page.plot(
        "zero_grad", paint, "The weight with gradients that are reset before each step, and with gradients that are never reset."
    )
    return {"right": right, "wrong": wrong}


def descent():
    w = Value(1.0, "w")
    optimizer = SGD([w], lr=RATE)
    places = [w.data]
    for _ in range(STEPS):
        loss = (w - 3.0) ** 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        places.append(w.data)
    return places


def the_examiner(page):
    """Each of the handful, and the findings of an examiner that does not know which one it is."""
    page.say(
        """
        The examiner does not know the laboratory, or this engine. It runs small programs on whatever has data, grad, backward
        and operators, and finds out from the wrong answers what went wrong. Here it gets this engine without a bug, and then with
        each of the bugs from above:
        """
    )
    clean = examine(Value)
    rows, named = [["none", "nothing found", clean.score]], {}
    for name in HANDFUL:
        with LABORATORY[name]:
            examination = examine(Value)
        named[name] = [finding.name for finding in examination.findings]
        rows.append([name, "; ".join(named[name]), examination.score])
    page.table(["bug", "what the examiner finds", "score"], rows)
    right = sum(found == [LABORATORY[name].title] for name, found in named.items())
    page.say(
        """
        It names {right} of these {n} mistakes. To examine an engine of your own, forty lines in a file, type
        `python -m autograd.examine my_engine.py:Value`; of the {all} mistakes it knows it says which yours has.
        """,
        right=right,
        n=len(HANDFUL),
        all=len(LABORATORY),
    )
    return {"named": named, "clean": clean.score}


def written(result):
    if isinstance(result, tuple):
        return f"({', '.join(map(written, result))})"
    return result if isinstance(result, str) else f"{result:.4g}"


def answer(page, usual, changed):
    ranges = [(min(found["wrong"]), max(found["wrong"])) for found in (usual, changed)]
    page.say(
        """
        No: never reset, w goes from {low:.3g} to {high:.3g}; with the larger rate it went from {low_before:.3g} to
        {high_before:.3g}. A smaller rate makes the swing slower, not smaller. Reset before each step, w comes to {right:.3g} in as
        many steps.
        """
        if ranges[1][1] > 3.5
        else "w goes from {low:.3g} to {high:.3g}; with the larger rate it went from {low_before:.3g} to {high_before:.3g}.",
        low=ranges[1][0],
        high=ranges[1][1],
        low_before=ranges[0][0],
        high_before=ranges[0][1],
        right=changed["right"][-1],
    )
