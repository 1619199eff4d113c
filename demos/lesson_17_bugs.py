"""The bug laboratory: one line is wrong, and nothing complains.

An engine with a mistake still runs, and its networks still learn a little. What does a mistake look like, and which test sees it?
"""

from typing import Any

from autograd import Value, to_text
from autograd.bugs import LABORATORY
from autograd.examiner import examine
from demos.experiments import Try
from demos.page import Page
from nn import SGD

HANDFUL = ("overwrite", "set_of_operands", "wrong_order", "stale_interior", "tanh_tail")
BLIND = (
    ("overwrite", "x = Value(3.0)\ny = x * 5.0 + 2.0\ny.backward()", "x.grad"),
    ("wrong_order", "x = Value(3.0)\ny = x * 2.0 + x * 5.0\ny.backward()", "x.grad"),
    ("product_swapped", "x = Value(3.0)\ny = x * x\ny.backward()", "x.grad"),
    ("quotient_numerator", "x = Value(4.0)\ny = 1.0 / x\ny.backward()", "x.grad"),
    ("swapped_pow", "x = Value(4.0)\ny = 2.0 ** x", "y.data"),
    ("sub_sign", "x = Value(1.0)\ny = (x - 3.0) ** 2\ny.backward()", "x.grad"),
)
STEPS = 30
RATE = 0.1

TRY = Try("Write your own engine in forty lines, and let the examiner look at it: python -m autograd.examine my_engine.py:Value")


def main(page: Page) -> dict[str, Any]:
    shown = a_handful(page)
    blind = tests_that_see_nothing(page)
    paths = a_forgotten_zero_grad(page)
    return {"shown": shown, "blind": blind, **paths, **the_examiner(page)}


def a_handful(page):
    """The smallest program for each of a few bugs, with its two results and two graphs."""
    page.say(
        f"""
        The laboratory knows {len(LABORATORY)} classic mistakes. Each can be switched on in the engine itself, alone, for the
        length of a with block, and the graphs below were made like that. Cards that differ are filled. The number on an arrow
        is what it should bring, given the grad at its head: where the arrows that leave a card do not add up to its grad, look
        there first.
        """
    )
    shown = {}
    for name in HANDFUL:
        bug = LABORATORY[name]
        answers = bug.demonstrate()
        page.say(f"The bug {name!r}: {bug.title}. {bug.story}")
        page.formula(bug.program)
        page.table(
            ["", "the line", bug.asked],
            [["right", bug.was, written(answers.right)], ["wrong", bug.now or "(left out)", written(answers.wrong)]],
        )
        page.figure(name, bug.picture(), f"{bug.asked} is {written(answers.wrong)} instead of {written(answers.right)}.")
        shown[name] = (answers.right, answers.wrong)
    names = variables(LABORATORY[HANDFUL[0]].program)
    for part in names["y"].operands:
        part.label = to_text(part, names)
    page.graph("graph", names["y"], "The first program without its bug: both contributions arrive.", names=names)
    return shown


def tests_that_see_nothing(page):
    """A first test for some bugs, and that it passes all the same."""
    page.say("Why did nobody notice? Because the first test that comes to mind gives the same number with the bug as without:")
    rows, blind = [], {}
    for name, program, asked in BLIND:
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
        f"""
        {bug.story} Here w is to find 3, starting at 1, with E = (w − 3)² and η = {RATE}. Without zero_grad the step is along
        the sum of all gradients so far, as if on a slope without friction: it swings through 3 and out again.
        """
    )
    page.table(
        ["step", "w", "w, never reset"],
        [[step, f"{right[step]:.4f}", f"{wrong[step]:.4f}"] for step in (0, 1, 2, 3, 5, 8, 10, 20, STEPS)],
    )

    def paint(axes):
        axes.plot(right, marker="o", markersize=3.5, label="zero_grad before each backward")
        axes.plot(wrong, marker="o", markersize=3.5, label="forgotten")
        axes.axhline(3.0, color="#888888", linewidth=1, linestyle=":")
        axes.set(title="The weight that is to find 3", xlabel="step", ylabel="w", ylim=(0.5, 6.0))
        axes.legend(loc="upper left", ncols=2)

    page.plot("zero_grad", paint, "With gradients that are never reset, the weight swings for ever.")
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
    """Every bug in turn, and the findings of an examiner that does not know which one it is."""
    page.say(
        """
        The examiner does not know the laboratory, or this engine. It runs small programs on whatever has data, grad, backward
        and operators, and finds out from the wrong answers what went wrong. Here it gets this engine with each of the bugs
        in turn:
        """
    )
    clean = examine(Value)
    rows, named = [["none", "nothing found", clean.score]], {}
    for name, bug in LABORATORY.items():
        with bug:
            examination = examine(Value)
        named[name] = [finding.name for finding in examination.findings]
        rows.append([name, "; ".join(named[name]), examination.score])
    page.table(["bug", "what the examiner finds", "score"], rows)
    right = sum(found == [LABORATORY[name].title] for name, found in named.items())
    page.say(f"It names {right} of {len(LABORATORY)} and blames no engine for more than its one mistake.")
    return {"named": named, "clean": clean.score}


def written(result):
    if isinstance(result, tuple):
        return f"({', '.join(map(written, result))})"
    return result if isinstance(result, str) else f"{result:.4g}"
